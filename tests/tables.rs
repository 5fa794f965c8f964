//! The papers' tables as a user runs them: one command each, from settings to summary, at a size of seconds.
#![expect(clippy::unwrap_used, reason = "helpers of a test fail loudly")]

#[path = "support/program.rs"]
mod program;
#[path = "support/same_bytes.rs"]
mod same_bytes;

use std::path::Path;

use metafas::config::Preset;
use metafas::data::Label;
use metafas::session::{MapKind, MapSet, Session, WatchedFaces};
use metafas::sweep::{self, SweepFolder};
use program::run;
use same_bytes::assert_same;

/// Every stage a step or two, faces as small as any network takes.
const SETS: [&str; 16] = [
    "pretrain.iterations=2",
    "data.benchmark=tiny",
    "data.size=32",
    "teacher.width=4",
    "surrogate.width=4",
    "detector.iterations=2",
    "detector.batch=4",
    "rival.iterations=2",
    "rival.width=2",
    "rival.batch=4",
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
    let cost = std::fs::read_to_string(out.join("cost.md")).unwrap();
    let row = cost.lines().find(|l| l.starts_with("| FAS-DR(Depth) |")).unwrap();
    let cells: Vec<&str> = row.split(" | ").collect();
    // No teacher; the detector's iterations took some time; the paper's cells of that row.
    assert_eq!((&cells[2..5], &cells[8..]), (&["–"; 3][..], &["/", "/", "280G |"][..]), "{row}");
    assert!(cells[7].parse::<f64>().is_ok(), "{row}");

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

#[test]
fn figure_6_shows_what_two_detectors_look_at_on_the_same_faces() {
    let dir = tempfile::tempdir().unwrap();
    let spec = sweep::find_spec("rf_fig6", Preset::Demo).unwrap();
    // Batches are this test's.
    let mut small = spec.clone();
    small.variant.iter_mut().for_each(|v| v.set.retain(|key, _| key != "detector.batch"));
    let file = dir.path().join("rf_fig6.toml");
    std::fs::write(&file, toml::to_string(&small).unwrap()).unwrap();
    let out = dir.path().join("out");
    table(file.to_str().unwrap(), &out, &[]);
    let folder = SweepFolder::open(&out).unwrap();
    let seen: Vec<(WatchedFaces, MapSet)> = folder
        .cases
        .iter()
        .map(|case| {
            let session = Session::open(&folder.session_path(case)).unwrap();
            let last = *session.map_iterations().last().unwrap();
            (session.watched().unwrap(), MapSet::read(&session.map_file(last)).unwrap())
        })
        .collect();
    let [(faces, of_cnn), (same, of_ours)] = &seen[..] else { panic!("{} runs", seen.len()) };
    assert_eq!(faces, same, "the same faces in the same order");
    let attacks = faces.faces.iter().filter(|f| f.label == Label::Spoof).count();
    assert!(attacks * 2 > faces.faces.len(), "{attacks} attacks");
    assert_eq!((of_cnn.side, of_ours.side), (4, 4), "an eighth of the picture's side");
    for (a, b) in of_cnn.samples.iter().zip(&of_ours.samples) {
        let [a, b] = [a, b].map(|sample| sample.get(MapKind::Attention).unwrap());
        assert!(a.iter().chain(b).all(|v| v.is_finite()) && a != b);
    }
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
            // Every network with everything is started in the window's own test.
            if ["data.protocol", "data.fold", "detector.network"].contains(&key.as_str()) {
                more.extend(["--only".to_owned(), format!("{key}={}", first.to_string().trim_matches('"'))]);
            }
        }
        // What a row has of its own is left out where this test's settings are to hold: the smallest benchmark has few faces.
        let mut small = spec.clone();
        for variant in &mut small.variant {
            variant.set.retain(|key, _| key != "detector.batch" && key != "detector.iterations");
            for (key, most) in
                [("bilevel.iterations", 3), ("pretrain.iterations", 3), ("bilevel.m", 3), ("bilevel.n", 2)]
            {
                if let Some(toml::Value::Integer(own)) = variant.set.get_mut(key) {
                    *own = most.min(*own);
                }
            }
        }
        let file = dir.path().join(format!("{name}.toml"));
        std::fs::write(&file, toml::to_string(&small).unwrap()).unwrap();
        let given = if small == spec { name } else { file.to_str().unwrap() };
        // DTN's tree wants larger faces.
        if name == "mt_fas_table2" {
            more.extend(["--set".to_owned(), "data.size=64".to_owned()]);
        }
        // Its larger batches want more faces than the smallest SynthC has.
        if name == "mt_fas_why" {
            more.extend(["--set".to_owned(), "data.protocol=oulu_npu/1".to_owned()]);
        }
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let out = dir.path().join(name);
        table(given, &out, &more);
        let folder = SweepFolder::open(&out).unwrap();
        let collected = sweep::collect(&folder).unwrap();
        let values = |key: &str| spec.grid.get(key).map_or(1, |g| g.as_array().unwrap().len());
        let numbers = ["bilevel.gamma", "detector.supervision", "meta_pattern.k"].map(values);
        let rows = numbers.into_iter().fold(spec.variant.len(), usize::max);
        assert_eq!(collected.findings.len(), rows, "{name}");
        for finding in &collected.findings {
            assert!(!finding.is_missing(), "{name} {}: {}", finding.case.title, finding.note);
            assert_eq!(finding.results["origin"], "synthetic", "{name}");
        }
    }
}
