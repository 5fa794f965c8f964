//! `metafas data protocol`: who is in which part, as published, over what is on this disk.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use metafas::data::dataset::{self, Found, FoundClip, Membership};
use metafas::data::protocol::{Protocol, Whole};
use metafas::data::{Footage, Label, Split};
use serde_json::{Value, json};

use super::Failure;
use super::out::{say, say_json};

/// Arguments of `metafas data protocol`.
#[derive(Args)]
pub struct ProtocolArgs {
    /// Folders of data sets, or one that holds them, then the protocol: as oulu_npu/1, siw_m/7, replay_attack/print or
    /// mico/OCI-M.
    #[arg(num_args = 2.., required = true, value_names = ["ROOT", "NAME"])]
    roots_and_name: Vec<PathBuf>,
    /// The fold, where a protocol has several.
    #[arg(long, default_value_t = 1)]
    fold: u32,
    /// Across sets: what a whole set is.
    #[arg(long, value_enum, default_value_t = WholeSet::EveryVideo)]
    whole_set: WholeSet,
    /// Replay-Attack: attacks under one support alone; the same as -fixed or -hand after the protocol's name.
    #[arg(long, value_enum)]
    support: Option<Support>,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum WholeSet {
    /// Every video but enrolment, as Meta Pattern has it.
    EveryVideo,
    /// Without dev and devel parts, as SSDG has it.
    NoDev,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Support {
    /// On a tripod.
    Fixed,
    /// By hand.
    Hand,
}

pub fn protocol(args: &ProtocolArgs) -> Result<ExitCode, Failure> {
    let input = |e: &dyn std::fmt::Display| Failure::Input(e.to_string());
    let Some((name, roots)) = args.roots_and_name.split_last() else {
        return Err(Failure::Input("data protocol: give a folder and a protocol".to_owned()));
    };
    let mut name = name.display().to_string();
    if let Some(support) = args.support {
        name += if support == Support::Fixed { "-fixed" } else { "-hand" };
    }
    let whole = if args.whole_set == WholeSet::NoDev { Whole::NoDev } else { Whole::EveryVideo };
    let protocol = Protocol::parse(&name, args.fold, whole).map_err(|e| input(&e))?;
    let opened: Vec<Vec<Found>> =
        roots.iter().map(|root| dataset::open_all(root)).collect::<Result<_, _>>().map_err(|e| input(&e))?;
    let found = opened.concat();
    let members = dataset::membership(&found, &protocol).map_err(|e| input(&e))?;
    if args.json { say_json(&json_of(args, &protocol, &found, &members)) } else { say(&table(&protocol, &members)) }
}

const SPLITS: [Split; 3] = [Split::Train, Split::Dev, Split::Test];

fn json_of(args: &ProtocolArgs, protocol: &Protocol, found: &[Found], members: &Membership) -> Value {
    let clip = |c: &FoundClip| {
        let Footage::Video(file) = &c.source.footage else { return Value::Null };
        let mut entry = json!({
            "path": c.info.path,
            "label": c.info.label,
            "species": c.info.species,
            "subject": c.info.subject,
            "domain": c.source.domain,
            "file": file.display().to_string(),
        });
        if !c.info.lists.is_empty() {
            entry["lists"] = json!(c.info.lists);
        }
        entry
    };
    let part = |split| members.clips.iter().filter(|(_, s)| *s == split).map(|(c, _)| clip(c)).collect::<Vec<_>>();
    let held_out: Vec<&str> = members.held_out.iter().map(|i| members.clips[*i].0.info.path.as_str()).collect();
    let needed = protocol.sets();
    let sets: Vec<Value> = found
        .iter()
        .filter(|f| needed.contains(&f.set))
        .map(|f| {
            json!({
                "title": f.title(),
                "version": f.version(),
                "origin": f.origin,
                "root": f.root.display().to_string(),
                "complete": f.is_whole(),
            })
        })
        .collect();
    json!({
        "protocol": protocol.name(),
        "title": protocol.title(),
        "fold": args.fold,
        "folds": protocol.folds(),
        "whole_set": if args.whole_set == WholeSet::NoDev { "no_dev" } else { "every_video" },
        "sets": sets,
        "train": part(Split::Train),
        "dev": part(Split::Dev),
        "test": part(Split::Test),
        "held_out": held_out,
        "problems": members.problems,
    })
}

fn table(protocol: &Protocol, members: &Membership) -> String {
    let mut lines = vec![format!("{protocol}: {}", protocol.title()), String::new()];
    lines.push(format!("{:<6} {:>7} {:>7} {:>9}  attacks", "part", "live", "attack", "subjects"));
    for split in SPLITS {
        let clips: Vec<&FoundClip> = members.clips.iter().filter(|(_, s)| *s == split).map(|(c, _)| *c).collect();
        let live = clips.iter().filter(|c| c.info.label == Label::Live).count();
        let subjects: BTreeSet<&str> =
            clips.iter().map(|c| c.info.subject.as_str()).filter(|s| !s.is_empty()).collect();
        let subjects = if subjects.is_empty() { "-".to_owned() } else { subjects.len().to_string() };
        let attacks: BTreeSet<&str> =
            clips.iter().filter(|c| c.info.label == Label::Spoof).map(|c| c.info.species.as_str()).collect();
        let counted = |s: &&str| format!("{} {s}", clips.iter().filter(|c| c.info.species == **s).count());
        let attacks = attacks.iter().map(counted).collect::<Vec<_>>().join(", ");
        let split = split.to_string();
        let line = format!("{split:<6} {live:>7} {:>7} {subjects:>9}  {attacks}", clips.len() - live);
        lines.push(line.trim_end().to_owned());
    }
    if !members.held_out.is_empty() {
        let n = members.held_out.len();
        lines.push(format!(
            "\nThe protocol has no part to choose thresholds on: a run holds {n} of the training clips out for that: \
             a fifth of its subjects, of its clips where subjects are not known."
        ));
    }
    if !members.problems.is_empty() {
        lines.extend(["", "To know:"].map(str::to_owned));
        for problem in &members.problems {
            lines.push(format!("  - {problem}"));
        }
    }
    lines.extend(["", "The clips themselves are listed with --json.", ""].map(str::to_owned));
    lines.join("\n")
}
