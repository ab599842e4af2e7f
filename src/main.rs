//! Hands the arguments to `cli` and turns its answer into an exit code.

use std::process::ExitCode;

/// See `Cargo.toml` for why it is not the C library's.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    ExitCode::from(ecocd::cli::run(std::env::args_os()))
}
