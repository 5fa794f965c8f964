//! The papers' tables as a user runs them: one command each, from settings to summary, at a size of seconds.
#![expect(clippy::unwrap_used, reason = "helpers of a test fail loudly")]

#[path = "support/program.rs"]
mod program;
#[path = "support/same_bytes.rs"]
mod same_bytes;

use std::path::Path;

use metafas::config::Preset;
use metafas::sweep::{self, SweepFolder};
use program::run;
use same_bytes::assert_same;

/// Every stage a step or two, faces as small as any network takes.
const SETS: [&str; 15] = [
    "pretrain.iterations=2",
    "data.benchmark=tiny",
    "data.size=32",
    "teacher.width=4",
    "surrogate.width=4",
    "detector.iterations=2",
    "detector.batch=4",
    "rival.iterations=2",
    "rival.width=2",
    "bilevel.iterations=2",
    "bilevel.m=2",
    "bilevel.n=1",
    "calibrate.batches=1",
    "watch.samples=4",
    "compute.device=cpu",
];

fn fine(args: &[&str]) -> String {
    let output = run(args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {said}");
    said
}

/// `sweep run NAME --out OUT` with small runs and `more`.
fn table(name: &str, out: &Path, more: &[&str]) -> String {
    let mut args = vec!["sweep", "run", name, "--out", out.to_str().unwrap(), "--jobs", "2", "--seeds", "1"];
    let given: Vec<&str> = more.iter().copied().filter(|m| *m != "--set").collect();
    for set in SETS.iter().filter(|s| !given.iter().any(|g| g.split('=').next() == s.split('=').next())) {
        args.extend(["--set", set]);
    }
    args.extend(more);
    fine(&args)
}

#[test]
fn a_row_of_a_table_is_the_run_of_that_row_and_the_same_command_again_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("table");
    let rows = ["--only", "variant=FAS-DR(Depth)", "--only", "variant=FAS-DR(MT w/o adapt)"];
    let said = table("table6", &out, &rows);
    assert!(said.contains("2 cases planned in") && said.contains("summary.md"), "{said}");
    let summary = std::fs::read_to_string(out.join("summary.md")).unwrap();
    assert!(summary.contains("| FAS-DR(MT w/o adapt) |") && summary.contains("one value"), "{summary}");

    let alone = dir.path().join("alone");
    let row = "mt_fas/6 FAS-DR(MT w/o adapt)";
    let mut train = vec!["train", "--row", row, "--threads", "1"];
    for set in SETS {
        train.extend(["--set", set]);
    }
    train.extend(["--out", alone.to_str().unwrap()]);
    fine(&train);
    let folder = SweepFolder::open(&out).unwrap();
    let case = folder.cases.iter().find(|c| c.variant.as_deref() == Some("FAS-DR(MT w/o adapt)")).unwrap();
    assert_same(&folder.session_path(case), &alone);
    assert!(table("table6", &out, &rows).contains("2 cases, as planned before"));
}

/// Every row of every table, under one protocol and one fold of it, and every point of the curve.
#[test]
fn every_row_of_every_table_runs_to_its_numbers() {
    let dir = tempfile::tempdir().unwrap();
    for name in sweep::names() {
        let spec = sweep::find_spec(name, Preset::Demo).unwrap();
        let mut more = vec![];
        for (key, values) in &spec.grid {
            let first = values.as_array().unwrap()[0].clone();
            if key == "data.protocol" || key == "data.fold" {
                more.extend(["--only".to_owned(), format!("{key}={}", first.to_string().trim_matches('"'))]);
            }
        }
        // Batches that a row has of its own must do with as many faces as the smallest benchmark has.
        let mut small = spec.clone();
        for variant in &mut small.variant {
            variant.set.remove("detector.batch");
        }
        let file = dir.path().join(format!("{name}.toml"));
        std::fs::write(&file, toml::to_string(&small).unwrap()).unwrap();
        let given = if small == spec { name } else { file.to_str().unwrap() };
        // DTN's tree wants larger faces.
        if name == "mt_fas_table2" {
            more.extend(["--set".to_owned(), "data.size=64".to_owned()]);
        }
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let out = dir.path().join(name);
        table(given, &out, &more);
        let folder = SweepFolder::open(&out).unwrap();
        let collected = sweep::collect(&folder).unwrap();
        let rows = spec.variant.len().max(spec.grid.get("bilevel.gamma").map_or(1, |g| g.as_array().unwrap().len()));
        assert_eq!(collected.findings.len(), rows, "{name}");
        for finding in &collected.findings {
            assert!(!finding.is_missing(), "{name} {}: {}", finding.case.title, finding.note);
            assert_eq!(finding.results["origin"], "synthetic", "{name}");
        }
    }
}
