//! The command line of the workbench. No logic: arguments are read here, and handed to the library.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
