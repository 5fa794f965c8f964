//! `cargo xtask sample`: makes the shipped session, which a newcomer opens first, from nothing.

use crate::{cache, cargo, libtorch, no_arguments, shell, system};
use anyhow::{Result, bail};
use std::process::Command;

/// What a clone may carry.
const LIMIT: u64 = 7_000_000;

pub(crate) fn run(args: &[String]) -> Result<()> {
    no_arguments("sample", args)?;
    system::install("build the program", system::BUILD)?;
    let libtorch = libtorch::ensure()?;
    let program = cargo::release(&libtorch)?;
    let root = cargo::root()?;
    let folder = root.join("sessions/demo");
    cache::remove(&folder)?;
    // Relative, so that the session holds no path of this machine.
    let train = ["train", "--preset", "demo", "--seed", "0", "--out", "sessions/demo"];
    // Few checkpoints: they are most of a session's bytes.
    let few = ["--set", "checkpoint.every=1050"];
    shell::run(Command::new(program).args(train).args(few).current_dir(&root))?;
    let size = cache::size_of(&folder);
    println!("sessions/demo: {}", shell::size(size));
    if size > LIMIT {
        bail!("sessions/demo is {}, and a clone may carry {} of it", shell::size(size), shell::size(LIMIT));
    }
    Ok(())
}
