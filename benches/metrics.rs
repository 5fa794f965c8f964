//! Metrics of a million scores against a script of numpy, scipy and scikit-learn (`peer_metrics.py`), in one run: rounds
//! in which each takes its turn in a fresh process. Reading the file, all point metrics with Clopper and Pearson's
//! intervals, and the bootstrap over subjects are timed apart. `cargo xtask bench metrics`.
//!
//! The peer runs where `METAFAS_PEER_PYTHON`, or else `python3`, has scikit-learn.
#![expect(clippy::print_stdout, reason = "a bench's result is what it prints")]
#![expect(clippy::expect_used, reason = "a bench that cannot go on ends with the reason")]

use std::env;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use metafas::eval::{Level, MetricsRequest, Polarity, Rule, ScoreSet, Source, measure};
use metafas::rng::{Streams, uniform};
use serde_json::{Value, json};

const ROUNDS: usize = 3;
const ROWS: usize = 1_000_000;
const SUBJECTS: usize = 2_000;
/// Frames of a video; rows of one video follow each other.
const FRAMES: usize = 10;
/// Draws the bootstrap has by default, and those that are enough to time the peer's.
const DRAWS: usize = 1000;
const PEER_DRAWS: usize = 3;

/// Half bona fide, half attacks of five species; sums of three uniform numbers, attacks lower.
fn write(path: &Path) {
    let mut rng = Streams::new(0).stream("bench", 0);
    let mut out = BufWriter::new(std::fs::File::create(path).expect("a file beside the build"));
    writeln!(out, "claimed_id,test_label,is_bonafide,attack_type,sample_n,score").expect("room on the disk");
    for row in 0..ROWS {
        let (video, frame) = (row / FRAMES, row % FRAMES);
        let live = video % 2 == 0;
        let kind = if live { String::new() } else { format!("species{}", video % 5) };
        let sum: f64 = (0..3).map(|_| uniform(&mut rng)).sum();
        let score = sum + if live { 0.8 } else { 0.0 };
        let word = if live { "True" } else { "False" };
        writeln!(out, "{},{video},{word},{kind},{frame},{score:?}", video % SUBJECTS).expect("room on the disk");
    }
}

/// One process's work.
fn child(path: &Path) {
    let begin = Instant::now();
    let set = ScoreSet::read(path, Polarity::LiveHigh).expect("it was just written");
    let read = begin.elapsed().as_secs_f64();
    let timed = |level, draws| {
        let level = Some(level);
        let begin = Instant::now();
        let metrics =
            measure(&MetricsRequest { level, draws, ..MetricsRequest::new(Source::Set(&set), Rule::TestEer) })
                .expect("both classes are there");
        (begin.elapsed().as_secs_f64(), metrics)
    };
    let (seconds, metrics) = timed(Level::Frame, 0);
    let (videos, _) = timed(Level::Video, 0);
    let (with_draws, _) = timed(Level::Frame, DRAWS);
    let bootstrap = with_draws - seconds;
    println!(
        "{}",
        json!({"read": read, "seconds": seconds, "videos": videos, "bootstrap": bootstrap, "auc": metrics.auc, "eer": metrics.eer})
    );
}

fn run(mut command: Command) -> Option<Value> {
    let output = command.stderr(Stdio::inherit()).output().ok()?;
    serde_json::from_slice(&output.stdout).ok()
}

fn median(all: &[Value], key: &str) -> f64 {
    let mut values: Vec<f64> = all.iter().map(|v| v[key].as_f64().unwrap_or(f64::NAN)).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The Python that has what the peer imports, if there is one.
fn peer_python() -> Option<String> {
    let named = env::var("METAFAS_PEER_PYTHON").ok().filter(|name| !name.is_empty());
    let works = |python: &String| {
        let mut probe = Command::new(python);
        probe.args(["-c", "import numpy, scipy, sklearn"]).stdout(Stdio::null()).stderr(Stdio::null());
        probe.status().is_ok_and(|s| s.success())
    };
    named.into_iter().chain(["python3".to_owned()]).find(works)
}

fn main() {
    let mut args = env::args().skip(1);
    if args.next().as_deref() == Some("--child") {
        child(Path::new(&args.next().expect("a child is told its file")));
        return;
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("million_scores.csv");
    write(&path);
    let python = peer_python();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peer_metrics.py");
    let (mut ours, mut peers) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut command = Command::new(env::current_exe().expect("this program has a path"));
        command.arg("--child").arg(&path);
        ours.extend(run(command));
        if let Some(python) = &python {
            let mut command = Command::new(python);
            command.arg(&script).arg(&path).arg(PEER_DRAWS.to_string());
            peers.extend(run(command));
        }
    }
    std::fs::remove_file(&path).ok();
    assert_eq!(ours.len(), ROUNDS, "every round of ours works");
    println!("{ROWS} scores of {SUBJECTS} subjects, five species, medians of {ROUNDS} rounds");
    let [read, seconds, videos, bootstrap] = ["read", "seconds", "videos", "bootstrap"].map(|key| median(&ours, key));
    println!("  reading the file                       {read:>8.3} s");
    println!("  all point metrics, exact intervals     {seconds:>8.3} s  ({videos:.3} s as videos of {FRAMES} frames)");
    println!("  bootstrap by subject, {DRAWS} draws       {bootstrap:>8.3} s");
    if peers.is_empty() {
        println!("no Python with numpy, scipy and scikit-learn: nothing to compare with");
        return;
    }
    let [peer_read, peer_seconds, peer_draw] = ["read", "seconds", "draw"].map(|key| median(&peers, key));
    println!("numpy, scipy, scikit-learn: {peer_read:.3} s, {peer_seconds:.3} s, {peer_draw:.3} s a draw");
    for key in ["auc", "eer"] {
        let off = (median(&ours, key) - median(&peers, key)).abs();
        println!("  {key}: {:.6}, apart by {off:.1e}", median(&ours, key));
    }
    let draw = bootstrap / DRAWS as f64;
    let ratios = [read / peer_read, seconds / peer_seconds, draw / peer_draw];
    println!("ours take {:.3}, {:.3} and {:.4} times as long", ratios[0], ratios[1], ratios[2]);
}
