//! Sweeps as a user runs them, with the real binary: planned, run several at a time, killed, gone on with, failed and
//! tried again, summed up; and every case with the bytes of an ordinary run.
#![expect(clippy::unwrap_used, reason = "helpers of a test fail loudly")]

#[path = "support/program.rs"]
mod program;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use metafas::sweep::SweepFolder;
use program::{metafas, run};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_mins(5);

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn fine(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Settings of a run of a second or two.
const TINY: &[(&str, &str)] = &[
    ("data.size", "32"),
    ("data.benchmark", "\"tiny\""),
    ("data.protocol", "\"oulu_npu/4\""),
    ("teacher.width", "4"),
    ("surrogate.width", "4"),
    ("detector.width", "2"),
    ("detector.iterations", "4"),
    ("detector.batch", "4"),
    ("pretrain.iterations", "3"),
    ("bilevel.iterations", "3"),
    ("bilevel.m", "3"),
    ("bilevel.n", "2"),
    ("calibrate.batches", "2"),
    ("watch.samples", "4"),
    ("checkpoint.every", "2"),
    ("compute.device", "\"cpu\""),
];

/// A folder with a sweep file of tiny runs, and `rest` for what differs.
struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn new(more: &[(&str, &str)], rest: &str) -> Self {
        let bench = Self { dir: tempfile::tempdir().unwrap() };
        bench.write(more, rest);
        bench
    }

    fn write(&self, more: &[(&str, &str)], rest: &str) {
        let mut text = "name = \"tiny\"\npreset = \"demo\"\n[set]\n".to_owned();
        for (key, value) in TINY.iter().filter(|(k, _)| !more.iter().any(|(m, _)| m == k)).chain(more) {
            writeln!(text, "\"{key}\" = {value}").unwrap();
        }
        std::fs::write(self.dir.path().join("sweep.toml"), text + rest).unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    fn out(&self) -> String {
        self.path("out")
    }

    fn plan(&self) -> SweepFolder {
        fine(&["sweep", "plan", &self.path("sweep.toml"), "--out", &self.out()]);
        SweepFolder::open(Path::new(&self.out())).unwrap()
    }

    fn status(&self) -> Value {
        serde_json::from_str(&fine(&["sweep", "status", &self.out(), "--json"])).unwrap()
    }

    fn states(&self) -> Vec<String> {
        let status = self.status();
        status["cases"].as_array().unwrap().iter().map(|c| c["state"].as_str().unwrap().to_owned()).collect()
    }

    fn file(&self, case: usize, name: &str) -> PathBuf {
        let folder = SweepFolder::open(Path::new(&self.out())).unwrap();
        folder.session_path(&folder.cases[case]).join(name)
    }

    /// Waits until the case has trained a little.
    fn wait_for(&self, case: usize, pool: &mut Child) {
        let (file, begun) = (self.file(case, "metrics.jsonl"), Instant::now());
        while !std::fs::read(&file).is_ok_and(|b| b.len() > 1500) {
            assert!(begun.elapsed() < PATIENCE, "case {case} begins");
            assert!(pool.try_wait().unwrap().is_none(), "the pool goes on");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn rows(path: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let head = reader.headers().unwrap().clone();
    let row = |r: Result<csv::StringRecord, _>| {
        head.iter().map(str::to_owned).zip(r.unwrap().iter().map(str::to_owned)).collect()
    };
    reader.records().map(row).collect()
}

fn signal(pid: u64, name: &str) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
}

#[test]
fn a_sweep_runs_to_the_bytes_of_ordinary_runs_and_is_summed_up() {
    let bench = Bench::new(&[("compute.threads", "1")], "[grid]\n\"bilevel.gamma\" = [0.9, 0.99]\nseed = [0, 1]\n");
    let folder = bench.plan();
    assert_eq!(bench.states(), ["planned"; 4]);
    let before: Vec<_> = ["sweep.toml", "cases.jsonl"].map(|n| std::fs::read(folder.path().join(n)).unwrap()).into();
    bench.plan();
    let after: Vec<_> = ["sweep.toml", "cases.jsonl"].map(|n| std::fs::read(folder.path().join(n)).unwrap()).into();
    assert!(before == after && std::fs::read_dir(folder.path()).unwrap().count() == 2, "planning writes two files");

    // Three of four, so that one is missing.
    let one = fine(&["sweep", "case", &bench.out(), "3"]);
    assert!(one.contains("case 0003 (gamma 0.99, seed 1): finished"), "{one}");
    let output = fine(&["sweep", "collect", &bench.out()]);
    assert!(output.contains("4 cases, 3 missing"), "{output}");
    let seed_0 = |rows: &[std::collections::BTreeMap<String, String>]| rows[2].clone();
    let row = seed_0(&rows(&bench.path("out/results.csv")));
    assert_eq!((row["state"].as_str(), row["acer_max"].as_str()), ("planned", ""), "missing, not zero");
    let half = rows(&bench.path("out/summary.csv"));
    let half = half.iter().find(|r| r["metric"] == "auc" && r["bilevel.gamma"] == "0.99").unwrap();
    assert_eq!((half["cases"].as_str(), half["missing"].as_str(), half["n"].as_str()), ("2", "1", "1"));
    assert_eq!((half["std_sample"].as_str(), half["ci95_low"].as_str()), ("", ""), "one value has no spread");
    let markdown = std::fs::read_to_string(bench.path("out/summary.md")).unwrap();
    assert!(markdown.contains("- 0000 (gamma 0.9, seed 0), planned") && markdown.contains("missing"), "{markdown}");

    let third = std::fs::read(bench.file(3, "status.json")).unwrap();
    let ran = run(&["sweep", "run", &bench.out(), "--jobs", "2"]);
    assert!(ran.status.success(), "{}", said(&ran));
    assert!(said(&ran).contains("4 of 4 done, 0 failed"), "{}", said(&ran));
    assert_eq!(bench.states(), ["finished"; 4]);
    assert_eq!(std::fs::read(bench.file(3, "status.json")).unwrap(), third, "what is done is left alone");

    // The same settings by `metafas train`: the same bytes.
    let alone = bench.path("alone");
    let sets = TINY.iter().map(|(k, v)| format!("{k}={v}")).chain(["bilevel.gamma=0.9".to_owned()]);
    let sets: Vec<String> = sets.flat_map(|s| ["--set".to_owned(), s]).collect();
    let mut args = vec!["train", "--preset", "demo", "--seed", "1", "--threads", "1", "--out", &alone, "--json"];
    args.extend(sets.iter().map(String::as_str));
    fine(&args);
    for name in ["metrics.jsonl", "run.toml", "scores/test.csv", "scores/results.json"] {
        let theirs = std::fs::read(Path::new(&alone).join(name)).unwrap();
        assert!(std::fs::read(bench.file(1, name)).unwrap() == theirs, "{name}");
    }

    // Status has the promised keys, and collect the numbers of the sessions.
    let status = bench.status();
    let case = &status["cases"][1];
    assert_eq!(
        (case["id"].as_str(), case["state"].as_str(), case["iteration"].as_u64()),
        (Some("0001"), Some("finished"), Some(3))
    );
    assert_eq!(
        (case["results"]["origin"].as_str(), status["counts"]["finished"].as_u64()),
        (Some("synthetic"), Some(4))
    );
    assert!(fine(&["sweep", "status", &bench.out()]).contains("synthetic"));
    fine(&["sweep", "collect", &bench.out()]);
    let results = rows(&bench.path("out/results.csv"));
    let own: Value = serde_json::from_slice(&std::fs::read(bench.file(1, "scores/results.json")).unwrap()).unwrap();
    assert_eq!(results[1]["auc"].parse::<f64>().unwrap(), own["auc"].as_f64().unwrap());
    for key in ["threshold_rule", "level", "origin", "fingerprint"] {
        assert_eq!(results[1][key], own[key].as_str().unwrap(), "{key}");
    }
    assert_eq!((results[1]["seed"].as_str(), results[1]["bilevel.gamma"].as_str()), ("1", "0.9"));
    let last = std::fs::read_to_string(bench.file(1, "metrics.jsonl")).unwrap();
    let l_v =
        last.lines().filter_map(|l| serde_json::from_str::<Value>(l).unwrap()["l_v"].as_f64()).next_back().unwrap();
    assert_eq!(results[1]["l_v"].parse::<f64>().unwrap(), l_v);
    let markdown = std::fs::read_to_string(bench.path("out/summary.md")).unwrap();
    assert!(markdown.starts_with("# tiny: synthetic data"), "{markdown}");
}

#[test]
fn the_summary_is_the_one_by_hand() {
    let bench = Bench::new(&[], "[grid]\nseed = [0, 1, 2, 3]\n");
    bench.plan();
    let ran = run(&["sweep", "run", &bench.out(), "--jobs", "2", "--threads", "1"]);
    assert!(ran.status.success(), "{}", said(&ran));
    // Numbers chosen so that the spread can be done by hand; the rest of results.json stays.
    for (case, auc) in [0.5, 0.6, 0.8, 0.9].iter().enumerate() {
        let file = bench.file(case, "scores/results.json");
        let mut results: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        results["auc"] = (*auc).into();
        results["acer_max"] = if case == 0 { Value::Null } else { 0.25.into() };
        std::fs::write(&file, results.to_string()).unwrap();
    }
    fine(&["sweep", "collect", &bench.out()]);
    let summary = rows(&bench.path("out/summary.csv"));
    let find = |metric: &str| summary.iter().find(|r| r["metric"] == metric).unwrap();
    let number = |metric: &str, key: &str| find(metric)[key].parse::<f64>().unwrap();
    assert_eq!(
        (find("auc")["over"].as_str(), find("auc")["n"].as_str(), find("auc")["origin"].as_str()),
        ("seed", "4", "synthetic")
    );
    // Deviations -0.2, -0.1, 0.1, 0.2: squares 0.1 in all; t of 3 degrees of freedom 3.182446305 (any table).
    let (population, sample) = ((0.1_f64 / 4.0).sqrt(), (0.1_f64 / 3.0).sqrt());
    for (key, value) in [
        ("mean", 0.7),
        ("std_population", population),
        ("std_sample", sample),
        ("ci95_low", 0.7 - 3.182_446_305 * sample / 2.0),
        ("ci95_high", 0.7 + 3.182_446_305 * sample / 2.0),
    ] {
        assert!((number("auc", key) - value).abs() < 1e-9, "{key}: {}", number("auc", key));
    }
    assert_eq!((find("acer_max")["n"].as_str(), number("acer_max", "mean")), ("3", 0.25), "undefined is not zero");
    let markdown = std::fs::read_to_string(bench.path("out/summary.md")).unwrap();
    assert!(markdown.contains("70.00 ± 18.26 / 15.81 [40.95, 99.05]"), "{markdown}");
}

#[cfg(unix)]
#[test]
fn a_killed_case_goes_on_and_a_stopped_pool_leaves_nothing_running() {
    let bench = Bench::new(&[("bilevel.iterations", "400")], "[grid]\nseed = [0, 1]\n");
    bench.plan();
    let pool = |jobs: &str| {
        let mut command = metafas(&["sweep", "run", &bench.out(), "--jobs", jobs, "--threads", "1"]);
        command.stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut first = pool("2");
    bench.wait_for(0, &mut first);
    // Another pool on the same folder does not touch what the first is at.
    let status: Value = serde_json::from_slice(&std::fs::read(bench.file(0, "status.json")).unwrap()).unwrap();
    let busy = run(&["sweep", "case", &bench.out(), "0"]);
    assert_eq!(busy.status.code(), Some(1));
    assert!(said(&busy).contains("left alone: another process of this sweep is at it"), "{}", said(&busy));
    let other = pool("2").wait_with_output().unwrap();
    assert!(other.status.success() && said(&other).contains("case 0000 (seed 0) was left alone"), "{}", said(&other));
    signal(status["pid"].as_u64().unwrap(), "-KILL");
    let output = first.wait_with_output().unwrap();
    let told = said(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("case 0000 (seed 0) can go on: its process ended early (signal: 9"), "{told}");
    assert_eq!(bench.states(), ["stale", "finished"]);
    let rows_before = std::fs::read_to_string(bench.file(0, "metrics.jsonl")).unwrap();

    let mut second = pool("1");
    let begun = Instant::now();
    while std::fs::read_to_string(bench.file(0, "metrics.jsonl")).is_ok_and(|t| t == rows_before) {
        assert!(begun.elapsed() < PATIENCE && second.try_wait().unwrap().is_none(), "the case goes on");
        std::thread::sleep(Duration::from_millis(5));
    }
    signal(u64::from(second.id()), "-INT");
    let output = second.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    let state = bench.states().remove(0);
    assert!(state == "stopped" || state == "finished", "{state}");

    let third = pool("2").wait_with_output().unwrap();
    assert!(third.status.success(), "{}", said(&third));
    assert_eq!(bench.states(), ["finished", "finished"]);
    // Killed, stopped and gone on with: the bytes of a run that was not.
    let alone = Bench::new(&[("bilevel.iterations", "400")], "[grid]\nseed = [0]\n");
    alone.plan();
    fine(&["sweep", "case", &alone.out(), "0", "--threads", "1"]);
    for name in ["metrics.jsonl", "scores/test.csv"] {
        assert!(std::fs::read(bench.file(0, name)).unwrap() == std::fs::read(alone.file(0, name)).unwrap(), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn children_stop_when_their_pool_is_killed() {
    let bench = Bench::new(&[("bilevel.iterations", "100000")], "");
    bench.plan();
    let mut pool = metafas(&["sweep", "run", &bench.out(), "--threads", "1"]).stderr(Stdio::null()).spawn().unwrap();
    bench.wait_for(0, &mut pool);
    assert_eq!(bench.states(), ["running"]);
    signal(u64::from(pool.id()), "-KILL");
    pool.wait().unwrap();
    let begun = Instant::now();
    while bench.states() != ["stopped"] {
        assert!(begun.elapsed() < PATIENCE, "the child stops: {:?}", bench.states());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_failing_case_is_listed_and_tried_again_alone() {
    let dir = tempfile::tempdir().unwrap();
    let faces = dir.path().join("faces").display().to_string();
    let variants = format!(
        "[[variant]]\nname = \"built in\"\n[[variant]]\nname = \"folder\"\nset = {{ \"data.source\" = \"folder\", \"data.root\" = {faces:?} }}\n"
    );
    let bench = Bench::new(&[], &variants);
    bench.plan();
    let ran = run(&["sweep", "run", &bench.out(), "--jobs", "2", "--threads", "1"]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(said(&ran).contains("case 0001 (folder) failed: ") && said(&ran).contains("--retry"), "{}", said(&ran));
    assert_eq!(bench.states(), ["finished", "failed"]);
    let status = bench.status();
    assert!(status["cases"][1]["error"].as_str().unwrap().contains("faces"), "{status}");

    let log = std::fs::read(bench.path("out/work/0001.log")).unwrap();
    let again = run(&["sweep", "run", &bench.out()]);
    assert_eq!(again.status.code(), Some(1), "it is still listed");
    assert!(said(&again).contains("case 0001 (folder) failed: "), "{}", said(&again));
    assert_eq!(std::fs::read(bench.path("out/work/0001.log")).unwrap(), log, "and was not tried");

    for (i, class) in ["live", "spoof"].iter().flat_map(|c| [*c; 40]).enumerate() {
        let place = Path::new(&faces).join(class);
        std::fs::create_dir_all(&place).unwrap();
        let picture = image::RgbImage::from_fn(32, 32, |x, y| image::Rgb([x as u8 * 8, y as u8 * 8, i as u8]));
        picture.save(place.join(format!("{i}.png"))).unwrap();
    }
    let done = std::fs::read(bench.file(0, "status.json")).unwrap();
    let retried = run(&["sweep", "run", &bench.out(), "--retry"]);
    assert!(retried.status.success(), "{}", said(&retried));
    assert_eq!(bench.states(), ["finished", "finished"]);
    assert_eq!(std::fs::read(bench.file(0, "status.json")).unwrap(), done, "the other case is left alone");
    // Faces of two origins in one sweep are never called by one.
    fine(&["sweep", "collect", &bench.out()]);
    let markdown = std::fs::read_to_string(bench.path("out/summary.md")).unwrap();
    assert!(markdown.starts_with("# tiny: real and synthetic data"), "{markdown}");
}

#[test]
fn wrong_input_is_exit_code_2_and_says_what_to_do() {
    let bench = Bench::new(&[("bilevel.gama", "1"), ("data.size", "60")], "[grid]\n\"bilevel.gamma\" = [0.9, 2]\n");
    let (file, out) = (bench.path("sweep.toml"), bench.out());
    let output = run(&["sweep", "plan", &file, "--out", &out]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("all cases: ") && said(&output).contains("gama"), "{}", said(&output));
    assert!(!Path::new(&out).exists(), "nothing is written");
    bench.write(&[("data.size", "60")], "[grid]\n\"bilevel.gamma\" = [0.9, 2]\n");
    let told = said(&run(&["sweep", "plan", &file, "--out", &out]));
    assert!(told.contains("all cases: data.size: 60") && told.contains("case (gamma 2): bilevel.gamma: 2"), "{told}");
    bench.write(&[], "");
    bench.plan();
    for (args, words) in [
        (vec!["sweep", "plan", "fig99", "--out", &out], "mt_fas_fig7"),
        (vec!["sweep", "plan", "mt_fas_fig7", "--out", &out], "holds another sweep, 'tiny'"),
        (vec!["sweep", "run", "nowhere"], "no built-in sweep 'nowhere'; built-in ones are mt_fas_table1"),
        (vec!["sweep", "status", "nowhere"], "metafas sweep plan"),
        (vec!["sweep", "premise", "nowhere"], "metafas sweep plan"),
        (vec!["sweep", "run", &out, "--seeds", "3"], "is planned already"),
        (vec!["sweep", "plan", &file, "--out", &out, "--preset", "paper"], "says its preset itself"),
        (vec!["sweep", "plan", "table6", "--out", &out, "--set", "seed=1"], "--only seed="),
        (vec!["sweep", "plan", "mt_fas_table1", "--out", &out, "--only", "variant"], "KEY=VALUE"),
        (vec!["sweep", "case", &out, "1"], "there is no case 1; the sweep has 1, from 0 to 0"),
        (vec!["sweep", "run", &out, "--jobs", "0"], "--jobs"),
        (vec!["sweep", "status", &file], "no sweep folder"),
    ] {
        let output = run(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", said(&output));
        assert!(said(&output).contains(words), "{args:?}: {}", said(&output));
        assert!(output.stdout.is_empty(), "{args:?}");
    }
    let list = fine(&["sweep", "list"]);
    assert!(list.contains("mt_fas_fig7") && list.contains("(35 cases)"), "{list}");
    assert!(list.contains("mt_fas_table1") && list.contains("(56 cases)"), "{list}");
}
