//! `cargo xtask`: set-up and chores of the workbench. One command, one file; this one only knows their names.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for developers, which may end where its terminal does"
)]

mod bench;
mod cache;
mod cargo;
mod cases;
mod doctor;
mod drive;
mod ffmpeg;
mod jobs;
mod libtorch;
mod local_config;
mod pack_assets;
mod peer;
mod pins;
mod pip;
mod run;
mod sample;
mod setup;
mod shell;
mod system;
mod test;
mod unpack;
mod window;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  setup [--cpu|--cuda] [--peer]  libtorch, ffmpeg, system packages and .cargo/local.toml, so that plain cargo works;
                                 --peer: a Python with PyTorch too, for the benches that compare with it
  run [ARG…]                     what a window needs, a release build, then `metafas gui ARG…`
  test                           all checks: format, lints, tests, windows on a private screen, a short training run
  drive [JOB]                    the window on a private screen, driven by mouse and keys through a person's job (inspect,
                                 step, export; all of them if none is named); pictures in target/ci
  cases [--quick] [WORD…]        inputs that once crashed the program, lost work or misled, each with a verdict; --quick:
                                 those that take seconds; WORD: those with this word in their name
  bench [ARG…]                   `cargo bench ARG…`, with the peer's Python when there is one
  doctor                         what is there, what is missing; exit code 0 when `run` would work
  sample                         makes the shipped session sessions/demo afresh
  pack-assets [--out FOLDER]     makes the built-in faces' assets afresh from their source packages
  help                           this text

Everything fetched lies in $METAFAS_CACHE, else in `metafas` in the user's cache folder. docs/setup.md says more.";

/// What was typed makes no sense: exit code 2, without a chain of causes.
#[derive(Debug)]
struct Usage(String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; `cargo xtask help` lists the commands", self.0)
    }
}

impl std::error::Error for Usage {}

/// An error of usage with this sentence.
fn usage(sentence: impl Into<String>) -> anyhow::Error {
    Usage(sentence.into()).into()
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}

fn dispatch(args: &[String]) -> anyhow::Result<ExitCode> {
    let Some((command, rest)) = args.split_first() else {
        return Err(usage("no command given"));
    };
    match command.as_str() {
        "setup" => setup::run(rest)?,
        "run" => return run::run(rest),
        "test" => test::run(rest)?,
        "drive" => drive::run(rest)?,
        "cases" => cases::run(rest)?,
        "bench" => bench::run(rest)?,
        "doctor" => return doctor::run(rest),
        "sample" => sample::run(rest)?,
        "pack-assets" => pack_assets::run(rest)?,
        "help" | "--help" | "-h" => println!("{HELP}"),
        other => return Err(usage(format!("there is no command `{other}`"))),
    }
    Ok(ExitCode::SUCCESS)
}

/// For commands without arguments.
fn no_arguments(command: &str, args: &[String]) -> anyhow::Result<()> {
    match args.first() {
        None => Ok(()),
        Some(first) => Err(usage(format!("`{command}` takes no arguments, not `{first}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(String::from).collect()
    }

    #[test]
    fn wrong_arguments_are_errors_of_usage() {
        for line in
            ["", "sett", "test --fast", "doctor all", "sample 3", "setup --gpu", "setup --cpu --cuda", "drive away"]
        {
            let error = dispatch(&words(line)).unwrap_err();
            assert!(error.is::<Usage>(), "{line}: {error}");
        }
    }

    #[test]
    fn help_names_every_command() {
        for command in ["setup", "run", "test", "drive", "cases", "bench", "doctor", "sample"] {
            assert!(HELP.contains(&format!("\n  {command} ")), "{command}");
        }
    }
}
