//! `cargo xtask test`: all checks, in the order of how soon they fail. The first failure ends it.

use crate::libtorch::{self, Libtorch};
use crate::{cache, cargo, cases, ffmpeg, jobs, no_arguments, shell, system, window};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// What makes the demo short: it has to go through every stage, not to learn.
const SHORT: [&str; 14] = [
    "--iterations",
    "4",
    "--seed",
    "0",
    "--set",
    "pretrain.iterations=10",
    "--set",
    "detector.iterations=10",
    "--set",
    "data.benchmark=tiny",
    "--set",
    // The smallest set that has as many live faces as pretraining draws at once.
    "data.protocol=oulu_npu/1",
    "--set",
    "calibrate.batches=5",
];

type Step<'a> = (&'a str, Box<dyn Fn() -> Result<()> + 'a>);

pub(crate) fn run(args: &[String]) -> Result<()> {
    no_arguments("test", args)?;
    let start = Instant::now();
    headline("set-up");
    system::install("build the program", system::BUILD)?;
    system::install("open a window", system::WINDOW)?;
    system::install("run the tests", system::TEST)?;
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if !cargo::has(subcommand) {
            bail!("`cargo {subcommand}` does not work; run: rustup component add {component}");
        }
    }
    let libtorch = libtorch::ensure()?;
    ffmpeg::ensure()?;
    let out = cargo::target()?.join("ci");
    let steps = steps(&libtorch, &out);
    for (index, (what, step)) in steps.iter().enumerate() {
        headline(&format!("{} of {}: {what}", index + 1, steps.len()));
        let begun = Instant::now();
        let took = || shell::duration(begun.elapsed());
        step().with_context(|| format!("check {} of {} ({what}) failed after {}", index + 1, steps.len(), took()))?;
        eprintln!("good, {}", took());
    }
    println!("all {} checks are good, {}", steps.len(), shell::duration(start.elapsed()));
    Ok(())
}

fn headline(text: &str) {
    eprintln!("\n== {text}");
}

fn steps<'a>(libtorch: &'a Libtorch, out: &'a Path) -> Vec<Step<'a>> {
    let cargo_step = move |args: &'static [&'static str]| {
        Box::new(move || shell::run(cargo::cargo(Some(libtorch))?.args(args))) as Box<dyn Fn() -> Result<()>>
    };
    vec![
        ("format", cargo_step(&["fmt", "--all", "--check"])),
        ("lints", cargo_step(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
        ("build", Box::new(move || cargo::debug(libtorch).map(drop))),
        ("tests", cargo_step(&["test", "--workspace"])),
        ("cases that once failed", Box::new(move || cases::quick(&cargo::debug(libtorch)?))),
        ("a window on a private screen", Box::new(move || window::check(&cargo::debug(libtorch)?, out))),
        ("a person's three jobs in a window", Box::new(move || jobs::all(&cargo::debug(libtorch)?, out))),
        ("a short training run", Box::new(move || demo(&cargo::debug(libtorch)?, out))),
    ]
}

/// A run of all stages without a window; what it says on stdout is the JSON object that scripts rely on.
fn demo(program: &Path, out: &Path) -> Result<()> {
    let session = out.join("demo");
    cache::remove(&session)?;
    let mut command = Command::new(program);
    command.args(["train", "--preset", "demo"]).args(SHORT).arg("--out").arg(&session).arg("--json");
    let text = shell::stdout(&mut command)?;
    finished(&text)?;
    let status = session.join("status.json");
    let text = std::fs::read_to_string(&status).with_context(|| format!("{} cannot be read", status.display()))?;
    finished(&text).with_context(|| format!("in {}", status.display()))
}

fn finished(text: &str) -> Result<()> {
    let value: Value =
        serde_json::from_str(text.trim()).with_context(|| format!("this is not one JSON object: {text}"))?;
    match value.get("state").and_then(Value::as_str) {
        Some("finished") => Ok(()),
        Some(state) => bail!("the run ended in state `{state}` instead of `finished`: {value}"),
        None => bail!("there is no `state` in {value}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_finished_run_counts() {
        finished("{\"state\": \"finished\", \"iteration\": 2}\n").unwrap();
        for text in ["", "{}", "{\"state\": \"paused_nan\"}", "log\n{\"state\": \"finished\"}"] {
            assert!(finished(text).is_err(), "{text}");
        }
    }
}
