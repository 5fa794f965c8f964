//! Time and peak memory of `inspect` on whole copies of all six sets (12,253 clips, 19,000 files), against a script that
//! walks the same folders and matches names with regular expressions (`peer_inspect.py`), in one run: rounds in which
//! each takes its turn in a fresh process. The files lie in memory, so a disk's own slowness is in neither.
//! `cargo xtask bench inspect`.
#![expect(clippy::print_stdout, reason = "a bench's result is what it prints")]
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a bench that cannot go on ends with the reason")]

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use metafas::data::dataset::{inspect, open};
use serde_json::{Value, json};

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../tests/real_layouts/trees.rs"]
mod trees;

const ROUNDS: usize = 5;

/// Peak memory of this process in MiB, as Linux counts it; 0 elsewhere.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// One process's work: everything that `inspect` does for each set, and what it holds of them at the end.
fn child() {
    let before = peak();
    let mut sets = serde_json::Map::new();
    let mut clips = 0;
    let begin = Instant::now();
    for set in trees::SETS {
        let one = Instant::now();
        let report = inspect(&trees::whole(set), None).expect("the tree is whole");
        assert!(report.found.is_whole() && report.found.problems.is_empty());
        clips += report.found.clips.len();
        sets.insert(set.to_owned(), json!(one.elapsed().as_secs_f64()));
    }
    let seconds = begin.elapsed().as_secs_f64();
    let walked = Instant::now();
    let kept: Vec<_> =
        trees::SETS.iter().map(|set| open(&trees::whole(set), None).expect("it was just there")).collect();
    let open_seconds = walked.elapsed().as_secs_f64();
    std::hint::black_box(&kept);
    println!(
        "{}",
        json!({"seconds": seconds, "open": open_seconds, "sets": sets, "clips": clips, "peak_mib": peak(), "before_mib": before})
    );
}

fn run(mut command: Command) -> Option<Value> {
    let output = command.stderr(Stdio::inherit()).output().ok()?;
    serde_json::from_slice(&output.stdout).ok()
}

fn median(all: &[Value], of: impl Fn(&Value) -> f64) -> f64 {
    let mut values: Vec<f64> = all.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    if env::args().any(|a| a == "--child") {
        child();
        return;
    }
    let root = trees::all();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peer_inspect.py");
    let (mut ours, mut peers) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut command = Command::new(env::current_exe().expect("this program has a path"));
        command.arg("--child");
        ours.extend(run(command));
        let mut command = Command::new("python3");
        command.arg(&script).arg(root);
        peers.extend(run(command));
    }
    assert_eq!(ours.len(), ROUNDS, "every round of inspect works");
    let get = |key: &'static str| move |v: &Value| v[key].as_f64().unwrap_or(0.0);
    println!("whole copies of all six sets, {} clips, medians of {ROUNDS} rounds", ours[0]["clips"]);
    for set in trees::SETS {
        println!("  {set:<14} {:>7.3} s", median(&ours, |v| v["sets"][set].as_f64().unwrap_or(0.0)));
    }
    let seconds = median(&ours, get("seconds"));
    let (before, after) = (median(&ours, get("before_mib")), median(&ours, get("peak_mib")));
    println!(
        "  {:<14} {seconds:>7.3} s  (without asking files for their size {:.3} s)",
        "all",
        median(&ours, get("open"))
    );
    println!("  peak memory with all six held: {after:.0} MiB, of which {before:.0} MiB before anything was read");
    if peers.is_empty() {
        println!("no python3: nothing to compare with");
        return;
    }
    let (theirs, memory) = (median(&peers, get("seconds")), median(&peers, get("peak_mib")));
    println!("os.walk and regular expressions in Python, counts alone: {theirs:.3} s, {memory:.0} MiB");
    println!("  clips it counted: {} (enrolment apart: {})", peers[0]["clips"], 12_253 - 100);
    println!("inspect takes {:.2} times as long", seconds / theirs);
}
