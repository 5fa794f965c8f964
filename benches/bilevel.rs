//! Time and peak memory of one bi-level iteration, every mode, against the same iteration in plain PyTorch
//! (`peer_bilevel.py`), in one run: rounds in which each takes its turn in a fresh process, since peak memory is a whole
//! process's and since a busy machine is then busy for all of them. Medians over the rounds.
//!
//! `cargo bench --bench bilevel` takes small pictures; `-- --full` the paper's (256 x 256, M 20, N 10, K 2), minutes
//! long. The peer runs where `METAFAS_PEER_PYTHON`, or else `python3`, has PyTorch 2.11.
#![expect(clippy::print_stdout, reason = "a bench's result is what it prints")]

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use metafas::bench::{BilevelOptions, bilevel};
use metafas::methods::mt_fas::hypergradient::Mode;
use serde_json::Value;

/// Seconds and MiB of one run.
#[derive(Clone, Copy)]
struct Cost {
    seconds: f64,
    mib: f64,
}

struct Plan {
    size: i64,
    m: i64,
    n: i64,
    iters: usize,
    rounds: usize,
}

const SMALL: Plan = Plan { size: 64, m: 8, n: 4, iters: 5, rounds: 3 };
const FULL: Plan = Plan { size: 256, m: 20, n: 10, iters: 1, rounds: 3 };
const K: usize = 2;
const THREADS: usize = 2;

fn cost(mut command: Command) -> Option<Cost> {
    let output = command.stderr(Stdio::inherit()).output().ok()?;
    let report: Value = serde_json::from_slice(&output.stdout).ok()?;
    Some(Cost { seconds: report["seconds_per_iteration"].as_f64()?, mib: report["peak_rss_mib"].as_f64()? })
}

fn ours(plan: &Plan, mode: Mode) -> Option<Cost> {
    let mut command = Command::new(env::current_exe().ok()?);
    command.args(["--child", mode.name()]);
    command.args([plan.size, plan.m, plan.n, plan.iters as i64].map(|v| v.to_string()));
    cost(command)
}

fn peer(plan: &Plan, python: &str) -> Option<Cost> {
    let mut command = Command::new(python);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peer_bilevel.py"));
    for (flag, value) in [("--size", plan.size), ("--m", plan.m), ("--n", plan.n), ("--iters", plan.iters as i64)] {
        command.args([flag, &value.to_string()]);
    }
    command.args(["--k", &K.to_string(), "--threads", &THREADS.to_string()]);
    cost(command)
}

/// The Python with the peer's PyTorch, if there is one.
fn peer_python() -> Option<String> {
    let python = env::var("METAFAS_PEER_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let question = "import torch; assert torch.__version__.startswith('2.11.')";
    let asked = Command::new(&python).args(["-c", question]).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success()).then_some(python)
}

/// `--child MODE SIZE M N ITERS`: one measurement in this process.
#[expect(clippy::expect_used, reason = "the parent is this program, and a broken promise of its own should be loud")]
fn child(args: &[String]) {
    let number = |i: usize| args[i].parse::<i64>().expect("a number, as written by the parent");
    let mode = Mode::ALL.iter().copied().find(|m| m.name() == args[0]).expect("a mode's name");
    let options = BilevelOptions {
        size: number(1),
        m: number(2),
        n: number(3),
        k: K,
        mode,
        threads: Some(THREADS),
        iters: number(4) as usize,
        ..BilevelOptions::default()
    };
    let report = bilevel(&options).expect("sizes are those of a plan");
    println!("{}", serde_json::to_string(&report).expect("plain numbers"));
}

fn median(costs: &[Cost]) -> Cost {
    let middle = |of: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Cost { seconds: middle(|c| c.seconds), mib: middle(|c| c.mib) }
}

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    if args.first().is_some_and(|a| a == "--child") {
        return child(&args[1..]);
    }
    let full = args.iter().any(|a| a == "--full") || env::var_os("METAFAS_BENCH_FULL").is_some();
    let plan = if full { FULL } else { SMALL };
    println!(
        "{0} x {0}, M {1}, N {2}, K {K}, {THREADS} threads, medians of {3}",
        plan.size, plan.m, plan.n, plan.rounds
    );
    let python = peer_python();
    if python.is_none() {
        println!("peer absent: set METAFAS_PEER_PYTHON to a Python with PyTorch 2.11");
    }
    // The unrolled oracle costs what the peer costs; at full size it would only lengthen the run.
    let modes: Vec<Mode> = Mode::ALL.iter().copied().filter(|&m| !(full && m == Mode::ExactDb)).collect();
    let mut found: Vec<Vec<Cost>> = modes.iter().map(|_| vec![]).collect();
    let mut theirs: Vec<Cost> = vec![];
    for _ in 0..plan.rounds {
        theirs.extend(python.as_deref().and_then(|p| peer(&plan, p)));
        for (mode, costs) in modes.iter().zip(&mut found) {
            costs.extend(ours(&plan, *mode));
        }
    }
    let reference = (!theirs.is_empty()).then(|| median(&theirs));
    if let Some(Cost { seconds, mib }) = reference {
        println!("{:<14} {seconds:>9.3} s {mib:>8.0} MiB", "peer");
    }
    for (mode, costs) in modes.iter().zip(&found).filter(|(_, costs)| !costs.is_empty()) {
        let Cost { seconds, mib } = median(costs);
        let against = reference.map_or(String::new(), |r| {
            format!("  {:>5.1} times as fast, {:>3.0} % of the memory", r.seconds / seconds, 100.0 * mib / r.mib)
        });
        println!("{:<14} {seconds:>9.3} s {mib:>8.0} MiB{against}", mode.name());
    }
}
