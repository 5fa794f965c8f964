//! `cargo xtask bench`: the release benches, beside the peer when its Python is there.

use crate::{cargo, libtorch, peer, shell, system};
use anyhow::Result;

pub(crate) fn run(args: &[String]) -> Result<()> {
    system::install("build the program", system::BUILD)?;
    let libtorch = libtorch::ensure()?;
    let mut command = cargo::cargo(Some(&libtorch))?;
    command.arg("bench");
    // The first word names a bench; what follows is for it.
    match args.split_first() {
        Some((name, rest)) if !name.starts_with('-') => {
            let rest = rest.strip_prefix(&["--".to_owned()]).unwrap_or(rest);
            command.args(["--bench", name]).arg("--").args(rest);
        }
        _ => {
            command.args(args);
        }
    }
    match peer::peer_python() {
        Some(python) => {
            eprintln!("the peer's Python: {}", python.display());
            command.env(peer::VARIABLE, python);
        }
        None => eprintln!("no peer's Python: what compares with PyTorch is left out (`cargo xtask setup --peer`)"),
    }
    shell::run(&mut command)
}
