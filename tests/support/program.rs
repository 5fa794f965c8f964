//! The real program, with a cache of the tests' own.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// The program with `args`, not started yet.
pub fn metafas(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_metafas"));
    command.args(args).stdin(Stdio::null());
    command.env("METAFAS_CACHE", PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cache"));
    command
}

/// What became of it.
pub fn run(args: &[&str]) -> Output {
    metafas(args).output().unwrap()
}
