//! `cargo xtask run`: what a window needs, a release build, the workbench.

use crate::{cargo, libtorch, system};
use anyhow::{Context, Result};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

pub(crate) fn run(args: &[String]) -> Result<ExitCode> {
    if !has_display() {
        eprintln!(
            "xtask: there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set), so the workbench cannot open; \
             training needs none: cargo run --release -- train --preset demo --out sessions/first"
        );
        return Ok(ExitCode::FAILURE);
    }
    system::install("build the program", system::BUILD)?;
    system::install("open a window", system::WINDOW)?;
    let libtorch = libtorch::ensure()?;
    let program = cargo::release(&libtorch)?;
    let error = Command::new(&program).arg("gui").args(args).exec();
    Err(error).with_context(|| format!("{} cannot be started", program.display()))
}

/// Whether there is a screen to open a window on.
pub(crate) fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
