//! Hands the arguments to `cli` and turns its answer into an exit code.

use std::process::ExitCode;

/// The C library's keeps what many sessions had for ever; this one gives it back to the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(ecocd::cli::run(std::env::args_os()))
}
