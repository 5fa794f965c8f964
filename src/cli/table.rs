//! `metafas table`: one table of sessions.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use metafas::replace_named;
use metafas::report::{self, TableRequest};

use super::Failure;
use super::figure::sessions_of;
use super::out::{say, say_document};

/// Arguments of `metafas table`.
#[derive(Args)]
pub struct TableArgs {
    /// Session folders; a sweep's folder stands for all its finished runs.
    #[arg(required = true)]
    sessions: Vec<PathBuf>,
    /// results, species, maps, config or cost.
    #[arg(long)]
    kind: String,
    /// latex (booktabs), csv or md.
    #[arg(long, default_value = "md")]
    format: String,
    /// The rows that the papers report for the same protocol, marked as printed.
    #[arg(long)]
    paper: bool,
    /// The file to write, in the place of stdout.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// `metafas table`.
pub fn table(args: &TableArgs) -> Result<ExitCode, Failure> {
    let wrong = |option: &'static str| move |e: String| Failure::Input(format!("--{option} {e}"));
    let request = TableRequest {
        kind: args.kind.parse().map_err(wrong("kind"))?,
        format: args.format.parse().map_err(wrong("format"))?,
        sessions: sessions_of(&args.sessions)?,
        paper: args.paper,
    };
    if let Some(out) = &args.out {
        report::writable(out)?;
    }
    let text = report::table(&request)?;
    let Some(out) = &args.out else { return say_document(&text) };
    replace_named(out, text.as_bytes()).map_err(|e| Failure::Work(format!("cannot write: {e}: {}", out.display())))?;
    say(&format!("written: {}\n", out.display()))
}
