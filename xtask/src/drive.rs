//! `cargo xtask drive`: a person's jobs in a window on a private screen, all or one, for their pictures or to see them fail.

use crate::{cargo, jobs, libtorch, system, usage};
use anyhow::Result;

pub(crate) fn run(args: &[String]) -> Result<()> {
    let job = match args {
        [] => None,
        [name] => Some(jobs::find(name).ok_or_else(|| usage(format!("there is no job `{name}`")))?),
        [_, second, ..] => return Err(usage(format!("one job at a time, not `{second}` too"))),
    };
    system::install("build the program", system::BUILD)?;
    system::install("open a window", system::WINDOW)?;
    system::install("have a private screen", system::TEST)?;
    let program = cargo::debug(&libtorch::ensure()?)?;
    let out = cargo::target()?.join("ci");
    job.map_or_else(|| jobs::all(&program, &out), |job| job.done(&program, &out))
}
