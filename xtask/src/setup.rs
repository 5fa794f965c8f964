//! `cargo xtask setup`: everything that a build needs, once.

use crate::libtorch::{self, Libtorch, Variant};
use crate::{ffmpeg, peer, system, usage};
use anyhow::Result;

pub(crate) fn run(args: &[String]) -> Result<()> {
    let (mut variant, mut with_peer) = (None, false);
    for arg in args {
        let wanted = match arg.as_str() {
            "--cpu" => Variant::Cpu,
            "--cuda" => Variant::Cuda,
            "--peer" => {
                with_peer = true;
                continue;
            }
            other => return Err(usage(format!("`setup` knows --cpu, --cuda and --peer, not `{other}`"))),
        };
        if variant.replace(wanted).is_some_and(|before| before != wanted) {
            return Err(usage("`setup` takes --cpu or --cuda, not both"));
        }
    }
    system::install("build the program", system::BUILD)?;
    if let Some(Libtorch::Own(which)) = libtorch::own()? {
        eprintln!("libtorch: your own, {which}; nothing fetched, .cargo/local.toml left as it is");
    } else {
        let variant = variant.unwrap_or_else(Variant::of_this_machine);
        if let Libtorch::Ours(folder) = libtorch::fetch(variant)? {
            eprintln!("libtorch: {} build in {}; plain `cargo build` finds it", variant.name(), folder.display());
        }
    }
    match ffmpeg::ensure() {
        Ok(program) => eprintln!("ffmpeg: {}", program.display()),
        // Building and training on the built-in data need none.
        Err(error) => eprintln!("ffmpeg: none, so videos of data sets cannot be read yet: {error:#}"),
    }
    if with_peer {
        // The one line on stdout, for scripts.
        println!("{}", peer::ensure()?.display());
    }
    Ok(())
}
