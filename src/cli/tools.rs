//! Small commands: networks, metrics, stored cases, measurements.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use metafas::bench::{BilevelOptions, Precision, bilevel};
use metafas::config::{HyperMode, Network};
use metafas::eval::{Fusion, Level, Metrics, MetricsRequest, MissingScores, Polarity, Rule, Source, measure_telling};
use metafas::methods::mt_fas::stored_case::{self, CasePrecision};
use metafas::nets::NetShape;
use serde_json::json;

use super::out::{clear_progress, note, progress, say, say_json};
use super::{Failure, parse_mode};

/// Arguments of `metafas metrics`.
#[derive(Args)]
pub struct MetricsArgs {
    /// Scores that are reported on: bob's PAD CSV, 4-column or 2-column text.
    #[arg(long)]
    test: PathBuf,
    /// Scores that `dev_eer` chooses its threshold on.
    #[arg(long)]
    dev: Option<PathBuf>,
    /// Scores that `train_eer` chooses its threshold on.
    #[arg(long)]
    train: Option<PathBuf>,
    /// `dev_eer`, `train_eer`, `test_eer`, `min_hter` or fixed:X.
    #[arg(long)]
    threshold: String,
    /// video or frame.
    #[arg(long)]
    level: Option<String>,
    /// How a video's frames become one score: mean, median, or max, that of the frame most like an attack.
    #[arg(long, default_value = "mean")]
    video: String,
    /// Rows without a score (NaN, empty): drop leaves them out, reject counts each presentation without any score as
    /// rejected. A file that has such rows is refused without this.
    #[arg(long, value_name = "drop|reject")]
    missing_scores: Option<String>,
    /// `live_high` or `spoof_high`.
    #[arg(long, default_value = "live_high")]
    polarity: String,
    /// Draws of the bootstrap by subject, from which the intervals of ACER, HTER, EER and AUC come; 0 leaves them out.
    #[arg(long, default_value_t = 1000)]
    draws: usize,
    /// Seed of the bootstrap.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How the checkpoint that gave the scores was chosen, to be kept with the numbers.
    #[arg(long, value_name = "TEXT")]
    selection: Option<String>,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// `metafas metrics`.
pub fn metrics(args: &MetricsArgs) -> Result<ExitCode, Failure> {
    let input = |e: metafas::eval::EvalError| Failure::Input(e.to_string());
    let rule: Rule = args.threshold.parse().map_err(input)?;
    let mut request = MetricsRequest::new(Source::File(&args.test), rule);
    request.dev = args.dev.as_deref().map(Source::File);
    request.train = args.train.as_deref().map(Source::File);
    request.polarity = args.polarity.parse::<Polarity>().map_err(input)?;
    request.level = args.level.as_deref().map(str::parse::<Level>).transpose().map_err(input)?;
    request.video = args.video.parse::<Fusion>().map_err(input)?;
    if let Some(policy) = &args.missing_scores {
        request.missing = policy.parse::<MissingScores>().map_err(input)?;
    }
    (request.draws, request.seed) = (args.draws, args.seed);
    let progress = Progress::new();
    let mut metrics = measure_telling(&request, &|done, all| progress.tell(done, all)).map_err(input)?;
    progress.end();
    if let Some(selection) = &args.selection {
        metrics.checkpoint_selection.clone_from(selection);
    }
    let value = serde_json::to_value(&metrics).map_err(|e| Failure::Work(e.to_string()))?;
    if args.json {
        return say_json(&value);
    }
    for warning in &metrics.warnings {
        note(format_args!("note: {warning}"));
    }
    let oracle = if metrics.oracle { ", oracle: chosen on the test set" } else { "" };
    let mut lines = vec![];
    lines.push(format!("threshold {} ({}{oracle})", threshold_words(&metrics), metrics.threshold_rule));
    for key in ["apcer_max", "apcer_pooled", "bpcer", "acer_max", "acer_pooled", "hter", "eer", "auc"] {
        let ci = &value["ci"][key];
        lines.push(match (value[key].as_f64(), ci[0].as_f64(), ci[1].as_f64()) {
            (Some(v), Some(low), Some(high)) => format!("{key:13} {v:.4}  [{low:.4}, {high:.4}]"),
            (Some(v), ..) => format!("{key:13} {v:.4}"),
            (None, ..) => format!("{key:13} undefined"),
        });
    }
    lines.extend(species_lines(&metrics));
    lines.extend(point_lines(&metrics));
    let (live, attacks) = (metrics.n_live, metrics.n_attack);
    lines.push(format!("{live} live, {attacks} attack presentations ({})", presentation(&metrics)));
    let scores = &metrics.scores_fingerprint[..12];
    lines.push(format!("checkpoint selection {}; scores {scores}", metrics.checkpoint_selection));
    say(&(lines.join("\n") + "\n"))
}

/// The threshold, in words where it is infinite.
fn threshold_words(metrics: &Metrics) -> String {
    let accepts = match (metrics.threshold_infinite, metrics.polarity) {
        (None, _) => return metrics.threshold.to_string(),
        (Some(end), Polarity::LiveHigh) => end == "-inf",
        (Some(end), Polarity::SpoofHigh) => end == "inf",
    };
    let what = if accepts { "accepts every face that has a score" } else { "rejects every face" };
    format!("{} that {what}", metrics.threshold)
}

fn rate_and_interval(rate: Option<f64>, interval: Option<[f64; 2]>) -> String {
    let interval = interval.map(|[low, high]| format!("  [{low:.4}, {high:.4}]")).unwrap_or_default();
    rate.map_or_else(|| "undefined".to_owned(), |v| format!("{v:.4}{interval}"))
}

/// APCER of each species, where there are several; the worst is marked.
fn species_lines(metrics: &Metrics) -> Vec<String> {
    if metrics.apcer.len() < 2 {
        return vec![];
    }
    let line = |(species, rate): (&String, &Option<f64>)| {
        let interval = metrics.ci.apcer.get(species).copied().flatten();
        let worst = if metrics.worst_species.as_ref() == Some(species) { "  worst" } else { "" };
        format!("apcer {species}: {}{worst}", rate_and_interval(*rate, interval))
    };
    metrics.apcer.iter().map(line).collect()
}

/// Points of the curve of the test set: oracles, all of them.
fn point_lines(metrics: &Metrics) -> Vec<String> {
    let mut lines = vec![];
    for p in &metrics.tpr_at_fpr {
        let why = p.note.as_ref().map_or_else(|| "oracle".to_owned(), |note| format!("oracle; {note}"));
        lines.push(format!("TPR at FPR <= {}: {} ({why})", p.fpr_at_most, rate_and_interval(p.tpr, p.ci)));
    }
    for p in &metrics.bpcer_at_apcer {
        let apcer = p.apcer_at_most;
        lines.push(format!("{}, BPCER at APCER <= {apcer}: {} (oracle)", p.name, rate_and_interval(p.bpcer, p.ci)));
    }
    lines
}

/// What one presentation is.
fn presentation(metrics: &Metrics) -> String {
    let frames =
        metrics.frames_per_video.map(|f| format!(", {} to {} frames a video, median {}", f.min, f.max, f.median));
    let frames = frames.unwrap_or_default();
    match metrics.video_rule {
        Some(rule) => format!("level video, {rule} of frames{frames}"),
        None => format!("level frame{frames}"),
    }
}

/// How far the bootstrap is, on a terminal's stderr alone.
struct Progress(bool);

impl Progress {
    fn new() -> Self {
        Self(std::io::stderr().is_terminal())
    }

    fn tell(&self, done: usize, all: usize) {
        if self.0 && (done.is_multiple_of(20) || done == all) {
            progress(&format!("bootstrap {done}/{all}"), true);
        }
    }

    fn end(&self) {
        if self.0 {
            clear_progress();
        }
    }
}

/// Arguments of `metafas hypergradient`.
#[derive(Args)]
pub struct HypergradientArgs {
    /// The stored case.
    case: PathBuf,
    /// `exact_db`, `jvp_exact_hvp`, `jvp_gn`, `fd` or truncated.
    #[arg(long, value_parser = parse_mode)]
    mode: HyperMode,
    /// fp32 or fp64; the file's own if absent.
    #[arg(long)]
    precision: Option<String>,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// Arguments of `metafas bench`.
#[derive(Args)]
pub struct BenchArgs {
    #[command(subcommand)]
    what: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// Time and peak memory of one bi-level iteration on random input, network Light-16.
    #[command(after_help = "Example: metafas bench bilevel --size 256 --m 20 --n 10 --k 2 --mode jvp_gn --iters 3")]
    Bilevel(BilevelArgs),
    /// Faces a second from videos, from pictures and from a pack, beside what memory allows.
    #[command(after_help = "Example: metafas bench loader synthetic")]
    Loader(super::loader::LoaderArgs),
}

/// Arguments of `metafas bench bilevel`.
#[derive(Args)]
struct BilevelArgs {
    /// Side of the pictures.
    #[arg(long, default_value_t = 256)]
    size: i64,
    /// M: live and as many spoof faces of the inner batch.
    #[arg(long, default_value_t = 20)]
    m: i64,
    /// N: live and as many spoof faces of the validation batch.
    #[arg(long, default_value_t = 10)]
    n: i64,
    /// Inner steps.
    #[arg(long, default_value_t = 2)]
    k: usize,
    /// `exact_db`, `jvp_exact_hvp`, `jvp_gn`, `fd` or truncated.
    #[arg(long, value_parser = parse_mode, default_value = "jvp_exact_hvp")]
    mode: HyperMode,
    /// fp32, tf32, bf16 or fp64.
    #[arg(long, default_value = "fp32")]
    precision: String,
    /// Threads; 0 = all cores.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Timed iterations.
    #[arg(long, default_value_t = 3)]
    iters: usize,
    /// cpu or cuda:0.
    #[arg(long, default_value = "cpu")]
    device: String,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// Arguments of `metafas nets`.
#[derive(Args)]
pub struct NetsArgs {
    /// One network's name, as light16; all if absent.
    name: Option<String>,
    /// Side of the pictures.
    #[arg(long, default_value_t = 256)]
    size: i64,
    /// One JSON list on stdout.
    #[arg(long)]
    json: bool,
}

/// `metafas nets`.
pub fn nets(args: &NetsArgs) -> Result<ExitCode, Failure> {
    if args.size < 8 || args.size % 8 != 0 {
        return Err(Failure::Input(format!("--size {}: the side of a picture is a multiple of 8", args.size)));
    }
    let sized = |network: Network, width: i64| {
        network.graph(NetShape { size: args.size, channels: network.paper_channels(), ..NetShape::new(width) })
    };
    let fits = |n: &&Network| match n {
        Network::Dtn => args.size >= 64,
        Network::BinaryCnn => args.size >= 16,
        Network::Hfn => args.size % 32 == 0,
        _ => true,
    };
    let mut all: Vec<_> = Network::ALL.iter().filter(fits).map(|n| sized(*n, n.paper_width())).collect();
    all.extend([32, 64].map(|width| sized(Network::FasDr, width)));
    let names: Vec<String> = all.iter().map(|g| g.name.clone()).collect();
    if let Some(name) = &args.name {
        all.retain(|g| g.name == *name);
        if all.is_empty() {
            return Err(Failure::Input(format!("there is no network '{name}'; there are {}", names.join(", "))));
        }
    }
    if args.json {
        let list: Vec<_> = all
            .iter()
            .map(|g| {
                json!({
                    "name": g.name,
                    "source": g.source,
                    "params": g.param_count(),
                    "gflop_per_image": g.gflop_per_image(args.size),
                    "layers": g.layers(args.size),
                })
            })
            .collect();
        return say_json(&list);
    }
    let mut lines = vec![];
    for g in &all {
        lines.push(format!(
            "{} ({}): {} parameters, {:.4} GFLOP a picture of {}x{}",
            g.name,
            g.source,
            g.param_count(),
            g.gflop_per_image(args.size),
            args.size,
            args.size
        ));
        for row in g.layers(args.size) {
            lines.push(format!(
                "  {:20} {:32} {:4} x {:3} x {:3}  {:8} params  {:8.4} GFLOP",
                row.name, row.kind, row.channels, row.side, row.side, row.params, row.gflop
            ));
        }
    }
    say(&(lines.join("\n") + "\n"))
}

/// `metafas hypergradient`.
pub fn hypergradient(args: &HypergradientArgs) -> Result<ExitCode, Failure> {
    let precision = match args.precision.as_deref() {
        None => None,
        Some("fp32") => Some(CasePrecision::Fp32),
        Some("fp64") => Some(CasePrecision::Fp64),
        Some(other) => return Err(Failure::Input(format!("--precision {other}: it is fp32 or fp64"))),
    };
    let report = stored_case::check(&args.case, args.mode, precision).map_err(|e| Failure::Input(e.to_string()))?;
    if !report.l_v.is_finite() || !report.norm.is_finite() {
        return Err(Failure::Work(format!(
            "the hypergradient is not finite (L_v {}, norm {}); alpha may be too large: {}",
            report.l_v,
            report.norm,
            args.case.display()
        )));
    }
    if args.json {
        say_json(&report)
    } else {
        say(&format!(
            "{}: L_v {:.9}, |h| {:.9e}, relative error {:.3e}, cosine {:.9}\n",
            args.mode, report.l_v, report.norm, report.relative_error, report.cosine
        ))
    }
}

/// `metafas bench`.
pub fn bench(args: &BenchArgs) -> Result<ExitCode, Failure> {
    match &args.what {
        Bench::Bilevel(args) => bench_bilevel(args),
        Bench::Loader(args) => super::loader::bench(args),
    }
}

fn bench_bilevel(args: &BilevelArgs) -> Result<ExitCode, Failure> {
    let precision = args.precision.as_str();
    let precision = Precision::ALL
        .into_iter()
        .find(|p| p.name() == precision)
        .ok_or_else(|| Failure::Input(format!("--precision {precision}: it is one of fp32, tf32, bf16, fp64")))?;
    let device = metafas::device::parse(&args.device).map_err(|e| Failure::Input(e.to_string()))?;
    let options = BilevelOptions {
        size: args.size,
        m: args.m,
        n: args.n,
        k: args.k,
        mode: args.mode,
        precision,
        threads: (args.threads > 0).then_some(args.threads),
        iters: args.iters,
        device,
        ..BilevelOptions::default()
    };
    let report = bilevel(&options).map_err(|e| Failure::Input(e.to_string()))?;
    if args.json {
        say_json(&report)
    } else {
        say(&format!(
            "{} at {}x{}, M = {}, N = {}, K = {}: {:.3} s an iteration, {:.0} MiB\n",
            args.mode,
            args.size,
            args.size,
            args.m,
            args.n,
            args.k,
            report.seconds_per_iteration,
            report.peak_rss_mib.max(report.peak_gpu_mib)
        ))
    }
}
