//! Arguments and exit codes: 0 done, 1 the work failed, 2 the arguments or the input are wrong. Results go to stdout
//! (one JSON object with `--json`), everything else to stderr.

mod data;
mod features;
mod figure;
mod import;
mod inspect;
mod loader;
mod out;
mod pack;
mod paper;
mod protocol;
mod run;
mod scores;
mod signals;
mod sweep;
mod table;
mod teller;
mod tools;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use metafas::config::{BnTest, ConfigError, FaceFinder, HyperMode, Level, MissingFaces, ScoredBy, VideoRule};
use metafas::engine::{self, EngineError};
use metafas::{cache_folder, config_folder, device, panics, ui};

use out::note;

/// An interactive workbench for face anti-spoofing: train and see MT-FAS.
#[derive(Parser)]
#[command(name = "metafas", version, about, after_help = "Example: metafas train --preset demo --out sessions/first")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Opens the workbench.
    #[command(after_help = "Example: metafas gui sessions/demo")]
    Gui(GuiArgs),
    /// Does a whole run without a window: pretraining, bi-level training, detector, evaluation.
    #[command(after_help = "Example: metafas train --preset demo --set bilevel.gamma=0.99 --out sessions/gamma99")]
    Train(TrainArgs),
    /// Goes on with a session, to the same bytes as an unbroken run.
    #[command(after_help = "Example: metafas resume sessions/first --iterations 600")]
    Resume(ResumeArgs),
    /// Scores the dev and test parts with a session's detector and sums them up.
    #[command(after_help = "Example: metafas evaluate sessions/first --threshold dev_eer --json")]
    Evaluate(EvaluateArgs),
    /// Metrics of any score file.
    #[command(after_help = "Example: metafas metrics --test test.csv --dev dev.csv --threshold dev_eer")]
    Metrics(tools::MetricsArgs),
    /// Score files in other forms.
    #[command(after_help = "Example: metafas scores convert scores/test.csv test.txt --to 4col")]
    Scores(scores::ScoresArgs),
    /// Hand-made maps of a face: ColorLBP, albedo, depth and reflectance from shading.
    #[command(after_help = "Example: metafas features reflectance face.png reflectance.png")]
    Features(features::FeaturesArgs),
    /// The MT-FAS hypergradient of a stored case, compared with the stored one.
    #[command(after_help = "Example: metafas hypergradient case.safetensors --mode jvp_exact_hvp --json")]
    Hypergradient(tools::HypergradientArgs),
    /// Measures speed and memory.
    #[command(after_help = "Example: metafas bench bilevel --size 256 --m 20 --n 10 --k 2 --mode jvp_gn --iters 3")]
    Bench(tools::BenchArgs),
    /// Data sets: opens the published ones, imports other layouts, writes the built-in one.
    #[command(after_help = "Example: metafas data synth --out synthetic --benchmark mini")]
    Data(data::DataArgs),
    /// What the papers report, cell by cell, and which rows can be run here.
    #[command(after_help = "Example: metafas paper mt_fas/1")]
    Paper(paper::PaperArgs),
    /// Many runs that belong together: seeds, folds, ablations, curves.
    #[command(after_help = "Example: metafas sweep plan mt_fas_fig7 --out sweeps/fig7")]
    Sweep(sweep::SweepArgs),
    /// One publication figure of sessions, as SVG, PDF or PNG.
    #[command(after_help = "Example: metafas figure sessions/demo --kind maps --out maps.pdf --width ieee2")]
    Figure(figure::FigureArgs),
    /// One table of sessions: results, species, settings or cost, as LaTeX, CSV or Markdown.
    #[command(after_help = "Example: metafas table sessions/demo --kind results --format latex --paper")]
    Table(table::TableArgs),
    /// Every network's layer table.
    #[command(after_help = "Example: metafas nets light16 --size 256")]
    Nets(tools::NetsArgs),
}

/// Arguments of `metafas gui`.
#[derive(Args, Default)]
struct GuiArgs {
    /// Session folders to open.
    sessions: Vec<PathBuf>,
    /// What draws the window: glow (OpenGL) or wgpu.
    #[arg(long, default_value = "glow")]
    renderer: String,
}

/// Arguments of `metafas train`.
#[derive(Args)]
struct TrainArgs {
    /// Where settings start from: demo, laptop or paper.
    #[arg(long, default_value = "demo")]
    preset: String,
    /// A TOML file of settings, or a session's run.toml.
    #[arg(long)]
    config: Option<PathBuf>,
    /// A row of a paper's table, as "mt_fas/6 FAS-DR(MT w/o pre)": its settings at the preset's size, over --config.
    #[arg(long, value_name = "TABLE METHOD")]
    row: Option<String>,
    /// One setting by its dotted key, as bilevel.gamma=0.99; may be given many times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Number of bi-level iterations.
    #[arg(long)]
    iterations: Option<u64>,
    /// Seed of every random stream.
    #[arg(long)]
    seed: Option<u64>,
    /// auto, cpu or cuda:0.
    #[arg(long)]
    device: Option<String>,
    /// fp32, tf32 or bf16.
    #[arg(long)]
    precision: Option<String>,
    /// Threads; 0 = all cores.
    #[arg(long)]
    threads: Option<usize>,
    /// The session folder to make.
    #[arg(long)]
    out: PathBuf,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// Arguments of `metafas resume`.
#[derive(Args)]
struct ResumeArgs {
    /// The session folder.
    session: PathBuf,
    /// Number of bi-level iterations to go on to; the run's own target if absent. With more than a finished run has, its detector is
    /// trained anew.
    #[arg(long)]
    iterations: Option<u64>,
    /// Number of iterations to train the detector to, no fewer than its own. A finished detector goes on from where it ended.
    #[arg(long, value_name = "N")]
    detector_iterations: Option<u64>,
    /// Agrees to delete finished work after that iteration: with fewer iterations than a finished run has, its rows, maps,
    /// checkpoints and trained detector.
    #[arg(long, requires = "iterations")]
    discard_later: bool,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// Arguments of `metafas evaluate`.
#[derive(Args)]
struct EvaluateArgs {
    /// The session folder.
    session: PathBuf,
    /// `last`, or the counted iteration of a checkpoint.
    #[arg(long, default_value = "last")]
    checkpoint: String,
    /// `dev_eer`, `train_eer`, `test_eer`, `min_hter` or fixed:X; the run's own rule if absent.
    #[arg(long)]
    threshold: Option<String>,
    /// How a video's frames become one score: mean, median, or max, that of the frame most like an attack; as the run has
    /// it if absent.
    #[arg(long, value_parser = parse_video, value_name = "RULE")]
    video: Option<VideoRule>,
    /// What becomes of clips without a face: drop leaves them out, reject counts each as rejected; as the run has it if
    /// absent.
    #[arg(long, value_parser = parse_missing, value_name = "POLICY")]
    missing_faces: Option<MissingFaces>,
    /// Whether videos or frames are scored: video or frame. If absent, as in the run.
    #[arg(long, value_parser = parse_level)]
    level: Option<Level>,
    /// Statistics of batch norms: running, batch or trained. If absent, as in the run.
    #[arg(long, value_parser = parse_bn, value_name = "RULE")]
    bn_test: Option<BnTest>,
    /// Which outputs make the score: authors, map, class or both. If absent, as in the run.
    #[arg(long, value_parser = parse_scored_by, value_name = "OUTPUT")]
    scored_by: Option<ScoredBy>,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// How a command ended, if not well.
enum Failure {
    /// The arguments or the input are wrong.
    Input(String),
    /// The work failed.
    Work(String),
    /// A signal ended it; the sentence says how to go on.
    Stopped(String),
}

impl From<EngineError> for Failure {
    fn from(e: EngineError) -> Self {
        if e.is_input() { Self::Input(e.to_string()) } else { Self::Work(e.to_string()) }
    }
}

impl From<ConfigError> for Failure {
    fn from(e: ConfigError) -> Self {
        Self::Input(e.to_string())
    }
}

/// Runs the command line.
pub fn main() -> ExitCode {
    panics::keep_places();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("METAFAS_LOG"))
        .with_writer(|| out::Log)
        .init();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(said) => return help(&said),
    };
    // Whatever panics ends in a sentence: a command that ends without a word leaves nothing to go by.
    let outcome = catch_unwind(AssertUnwindSafe(|| run_command(cli)))
        .unwrap_or_else(|payload| Err(Failure::Work(panics::cause(&*payload).sentence())));
    match outcome {
        Ok(code) => code,
        Err(Failure::Input(sentence)) => {
            note(format_args!("metafas: {sentence}"));
            ExitCode::from(2)
        }
        Err(Failure::Work(sentence) | Failure::Stopped(sentence)) => {
            note(format_args!("metafas: {sentence}"));
            signals::exit_code().unwrap_or(ExitCode::FAILURE)
        }
    }
}

/// Help and version go to stdout, arguments that are wrong to stderr, both as clap words them.
fn help(said: &clap::Error) -> ExitCode {
    match said.print() {
        Err(e) if !said.use_stderr() && e.kind() != std::io::ErrorKind::BrokenPipe => {
            note(format_args!("metafas: the help cannot be written to the standard output: {e}"));
            ExitCode::FAILURE
        }
        _ => u8::try_from(said.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
    }
}

fn run_command(cli: Cli) -> Result<ExitCode, Failure> {
    match cli.command.unwrap_or(Command::Gui(GuiArgs { renderer: "glow".to_owned(), sessions: vec![] })) {
        Command::Gui(args) => gui(args),
        Command::Train(args) => run::train(args),
        Command::Resume(args) => run::resume(&args),
        Command::Evaluate(args) => run::evaluate(&args),
        Command::Metrics(args) => tools::metrics(&args),
        Command::Scores(args) => scores::scores(&args),
        Command::Features(args) => features::features(&args),
        Command::Hypergradient(args) => tools::hypergradient(&args),
        Command::Bench(args) => tools::bench(&args),
        Command::Data(args) => data::data(&args),
        Command::Paper(args) => paper::paper(&args),
        Command::Sweep(args) => sweep::sweep(args),
        Command::Figure(args) => figure::figure(args),
        Command::Table(args) => table::table(&args),
        Command::Nets(args) => tools::nets(&args),
    }
}

fn gui(args: GuiArgs) -> Result<ExitCode, Failure> {
    let GuiArgs { sessions, renderer } = args;
    let renderer = match renderer.as_str() {
        "glow" => ui::Renderer::Glow,
        "wgpu" => ui::Renderer::Wgpu,
        other => return Err(Failure::Input(format!("--renderer {other}: there are glow and wgpu"))),
    };
    for session in &sessions {
        metafas::session::Session::open(session).map_err(|e| Failure::Input(e.to_string()))?;
    }
    let options = ui::UiOptions {
        renderer,
        open: sessions,
        cache: cache_folder(),
        config: config_folder(),
        sessions: PathBuf::from("sessions"),
        device: device::describe(),
        spawn: Arc::new(engine::spawn),
        controls: std::env::var_os("METAFAS_CONTROLS").filter(|name| !name.is_empty()).map(PathBuf::from),
    };
    ui::run(&options).map_err(|e| Failure::Work(e.to_string()))?;
    Ok(ExitCode::SUCCESS)
}

fn finder_of(name: &str) -> Result<FaceFinder, Failure> {
    name.parse().map_err(|e: String| Failure::Input(format!("--finder {e}")))
}

fn parse_video(text: &str) -> Result<VideoRule, String> {
    text.parse()
}

fn parse_level(text: &str) -> Result<Level, String> {
    text.parse()
}

fn parse_bn(text: &str) -> Result<BnTest, String> {
    text.parse()
}

fn parse_scored_by(text: &str) -> Result<ScoredBy, String> {
    text.parse()
}

fn parse_missing(text: &str) -> Result<MissingFaces, String> {
    text.parse()
}

fn parse_mode(text: &str) -> Result<HyperMode, String> {
    text.parse()
}
