//! `metafas data inspect`: a set on disk against what was published, as a table or as JSON.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use metafas::data::dataset::{self, Count, Report};
use metafas::data::{Label, SetName};
use serde_json::{Map, Value, json};

use super::Failure;
use super::out::{say, say_json};

/// How many lines of a list are shown to people; scripts get all of them.
const SHOWN: usize = 5;

/// Arguments of `metafas data inspect`.
#[derive(Args)]
pub struct InspectArgs {
    /// The folder that the set was unpacked to; the one above it or a folder of it will do.
    root: PathBuf,
    /// Which set it must be: oulu_npu, casia_fasd, replay_attack, msu_mfsd, rose_youtu, siw_m or siw_mv2.
    #[arg(long = "as", value_name = "NAME")]
    as_: Option<String>,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

pub fn inspect(args: &InspectArgs) -> Result<ExitCode, Failure> {
    let set = args.as_.as_deref().map(set_of).transpose()?;
    let report = dataset::inspect(&args.root, set).map_err(|e| Failure::Input(e.to_string()))?;
    if args.json { say_json(&json_of(&report)) } else { say(&table(&report)) }
}

/// The set called `name`.
fn set_of(name: &str) -> Result<SetName, Failure> {
    let known = SetName::ALL.map(SetName::name).join(", ");
    SetName::parse(name).ok_or_else(|| Failure::Input(format!("--as {name}: there are {known}")))
}

fn json_of(report: &Report) -> Value {
    let found = &report.found;
    let parts = report.parts();
    let count = |c: &Count| json!({"live": c.live, "attack": c.attack});
    let by_part = |of: &dyn Fn(&(&'static str, Count, Count)) -> Value| -> Map<String, Value> {
        parts.iter().map(|p| (p.0.to_owned(), of(p))).collect()
    };
    let sum = |of: &dyn Fn(&(&'static str, Count, Count)) -> Count| {
        let all = parts.iter().map(of);
        count(&all.fold(Count::default(), |a, b| Count { live: a.live + b.live, attack: a.attack + b.attack }))
    };
    let species = by_part(&|part| {
        let rows = report.rows.iter().filter(|r| r.part == part.0);
        rows.map(|r| (r.species.clone(), json!({"found": r.found, "expected": r.expected})))
            .collect::<Map<_, _>>()
            .into()
    });
    // Version 2 of SiW-M is the same set's other edition.
    let set = if found.set == SetName::SiwMv2 { SetName::SiwM } else { found.set };
    json!({
        "dataset": set.name(),
        "title": found.title(),
        "version": found.version(),
        "origin": found.origin,
        "root": found.root.display().to_string(),
        "complete": found.is_whole(),
        "banner": found.banner(),
        "found": by_part(&|p| count(&p.1)),
        "expected": by_part(&|p| count(&p.2)),
        "total": {"found": sum(&|p| p.1), "expected": sum(&|p| p.2)},
        "species": species,
        "enrolment": report.enrolment.map(|(here, all)| json!({"found": here, "expected": all})),
        "marks": report.marks.map(|(kind, clips)| json!({"kind": kind, "clips": clips})),
        "lists": found.lists,
        "missing": found.missing,
        "extra": found.extra,
        "empty": report.empty,
        "problems": found.problems,
    })
}

fn table(report: &Report) -> String {
    let found = &report.found;
    let (here, all) = found.share();
    let whole = if found.is_whole() { "complete" } else { "a partial copy" };
    let first = format!("{}, {whole}: {here} of {all} clips in {}", found.title(), found.root.display());
    let mut lines = vec![first, String::new()];
    let width = report.rows.iter().map(|r| r.species.len()).max().unwrap_or(0).max("species".len());
    lines.push(format!("{:<6} {:<width$} {:>7} {:>9}", "part", "species", "found", "published"));
    let mut last = "";
    for row in &report.rows {
        let part = if row.part == last { "" } else { row.part };
        last = row.part;
        let mark = if row.found == row.expected { "" } else { "  *" };
        lines.push(format!("{part:<6} {:<width$} {:>7} {:>9}{mark}", row.species, row.found, row.expected));
    }
    for (label, name) in [(Label::Live, "live"), (Label::Spoof, "attacks")] {
        let of_class = report.rows.iter().filter(|r| r.label == label);
        let (here, all) = of_class.fold((0, 0), |(a, b), r| (a + r.found, b + r.expected));
        let part = if label == Label::Live { "all" } else { "" };
        lines.push(format!("{part:<6} {name:<width$} {here:>7} {all:>9}"));
    }
    lines.push(String::new());
    if let Some((here, all)) = report.enrolment {
        lines.push(format!("enrolment, never scored: {here} of {all} clips"));
    }
    if let Some((kind, clips)) = report.marks {
        lines.push(format!("{kind}: for {clips} of {} clips", found.clips.len()));
    }
    if !found.lists.is_empty() {
        lines.push(format!("lists read: {}", found.lists.len()));
    }
    for (what, list) in [("missing", &found.missing), ("extra", &found.extra), ("without a byte", &report.empty)] {
        if !list.is_empty() {
            lines.push(format!("{what}: {}", list.len()));
            for path in list.iter().take(SHOWN) {
                lines.push(format!("    {path}"));
            }
            if list.len() > SHOWN {
                lines.push(format!("    … and {} more, with --json", list.len() - SHOWN));
            }
        }
    }
    if !found.problems.is_empty() {
        lines.extend(["", "To know:"].map(str::to_owned));
        for problem in &found.problems {
            lines.push(format!("  - {problem}"));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}
