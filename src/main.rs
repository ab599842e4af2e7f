//! Hands the arguments to `cli` and turns its answer into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(ecocd::cli::run(std::env::args_os()))
}
