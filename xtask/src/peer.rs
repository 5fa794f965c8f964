//! The peer: a Python with PyTorch, which the benches run the same work on.

use crate::pins::{LIBTORCH_VERSION, PEER_PACKAGES};
use crate::{cache, pip, shell, system};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The variable that tells the benches where that Python is.
pub(crate) const VARIABLE: &str = "METAFAS_PEER_PYTHON";

/// The peer's Python: the one that the variable names, else ours if it was set up.
pub(crate) fn peer_python() -> Option<PathBuf> {
    if let Some(own) = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        return Some(own.into());
    }
    let folder = cache::folder().ok()?.join("peer");
    let python = folder.join("bin/python");
    (fs::read_to_string(folder.join(STAMP)).is_ok_and(|text| text == stamp()) && python.exists()).then_some(python)
}

/// Written last; holds what was asked for.
const STAMP: &str = "metafas-ready.txt";

fn stamp() -> String {
    format!("torch=={LIBTORCH_VERSION}\n{}\n", PEER_PACKAGES.join("\n"))
}

/// Makes it, if it is not there, and gives its path.
pub(crate) fn ensure() -> Result<PathBuf> {
    if let Some(python) = peer_python() {
        return Ok(python);
    }
    pip::require("PyTorch", "set METAFAS_PEER_PYTHON to a Python of your own that has it")?;
    system::install("make a Python of its own for the peer", system::PEER)?;
    let base = cache::folder()?;
    let _lock = cache::lock(&base)?;
    cache::require_room(&base, 6_500_000_000)?;
    let folder = base.join("peer");
    eprintln!("making the peer's Python: 2 GB to download, 3.6 GB on disk, in {}", folder.display());
    // A virtual environment holds its own path, so it cannot be made aside; the stamp tells a whole one.
    cache::remove(&folder)?;
    shell::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    let python = folder.join("bin/python");
    let install = ["-m", "pip", "install", "--no-cache-dir", "--only-binary=:all:"];
    pip::run(Command::new(&python).args(install).args(PEER_PACKAGES), "the peer's packages")?;
    let torch = format!("torch=={LIBTORCH_VERSION}");
    pip::run(Command::new(&python).args(install).args(["--no-deps", &torch]), &torch)?;
    let Some(version) = shell::ask(&python.to_string_lossy(), &["-c", PROBE]) else {
        bail!("the peer's Python in {} cannot do a convolution; remove that folder and try again", folder.display());
    };
    eprintln!("the peer has PyTorch {version}");
    let path = folder.join(STAMP);
    fs::write(&path, stamp()).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(python)
}

/// What the benches ask of it: convolution, second-order gradients, safetensors.
const PROBE: &str = "
import torch, numpy, safetensors.torch
x = torch.randn(1, 3, 8, 8, requires_grad=True)
w = torch.randn(4, 3, 3, 3, requires_grad=True)
g, = torch.autograd.grad(torch.conv2d(x, w).square().sum(), w, create_graph=True)
torch.autograd.grad(g.square().sum(), x)
print(torch.__version__)";
