//! `metafas figure`: one publication figure, without a window.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use metafas::report::{self, FaceChoice, FigureRequest, ReportError};
use metafas::sweep::SweepFolder;

use super::Failure;
use super::out::{note, say};

/// Arguments of `metafas figure`.
#[derive(Args)]
pub struct FigureArgs {
    /// Session folders; a sweep's folder stands for all its finished runs.
    #[arg(required = true)]
    sessions: Vec<PathBuf>,
    /// maps, ablation, patterns, curves, roc, det, faces or gamma.
    #[arg(long)]
    kind: String,
    /// The file to write: its ending, .svg, .pdf or .png, says the format. Beside it a .json says what it shows.
    #[arg(long)]
    out: PathBuf,
    /// Pixels an inch of a PNG.
    #[arg(long, default_value_t = 300)]
    dpi: u32,
    /// ieee1 (3.5 in), ieee2 (7.16 in) or millimetres.
    #[arg(long, default_value = "ieee1")]
    width: String,
    /// viridis, `paper_blue_red` or grey.
    #[arg(long, default_value = "viridis")]
    colormap: String,
    /// Counted iteration of the maps; the last that has any if absent.
    #[arg(long)]
    iteration: Option<u64>,
    /// Which faces, by their places among those that there are, as 0,3,5; all if absent.
    #[arg(long, value_delimiter = ',')]
    faces: Option<Vec<usize>>,
    /// faces, roc, det: judge at this threshold instead of the run's own, high = spoof; it counts as an oracle.
    #[arg(long, allow_negative_numbers = true)]
    threshold: Option<f64>,
    /// faces: only those that are `live_accepted`, `spoof_rejected`, `live_rejected` or `spoof_accepted`.
    #[arg(long)]
    outcome: Option<String>,
    /// faces: only those with these words in clip, subject or species.
    #[arg(long)]
    words: Option<String>,
    /// maps: the difference of the teacher and its momentum teacher too.
    #[arg(long)]
    difference: bool,
}

impl From<ReportError> for Failure {
    fn from(e: ReportError) -> Self {
        if e.is_input() { Self::Input(e.to_string()) } else { Self::Work(e.to_string()) }
    }
}

/// `metafas figure`.
pub fn figure(args: FigureArgs) -> Result<ExitCode, Failure> {
    let wrong = |option: &str| {
        let option = option.to_owned();
        move |e: String| Failure::Input(format!("--{option} {e}"))
    };
    let request = FigureRequest {
        kind: args.kind.parse().map_err(wrong("kind"))?,
        width: args.width.parse().map_err(wrong("width"))?,
        colormap: args.colormap.parse().map_err(wrong("colormap"))?,
        sessions: sessions_of(&args.sessions)?,
        out: args.out,
        dpi: args.dpi,
        iteration: args.iteration,
        faces: args.faces,
        choice: FaceChoice {
            threshold: args.threshold,
            outcome: args.outcome.map(|o| o.parse()).transpose().map_err(wrong("outcome"))?,
            words: args.words.unwrap_or_default(),
            ..FaceChoice::default()
        },
        difference: args.difference,
    };
    let written = report::write(&request)?;
    for warning in &written.warnings {
        note(format_args!("note: {warning}"));
    }
    let files = [&written.figure, &written.sidecar].map(|p| p.display().to_string());
    say(&format!("{}; written: {}\n", written.notes.join(" "), files.join(", ")))
}

/// Session folders, with the finished runs of a sweep in the place of its folder.
pub(super) fn sessions_of(folders: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = vec![];
    for folder in folders {
        if folder.join("run.toml").is_file() || !folder.join("sweep.toml").is_file() {
            all.push(folder.clone());
            continue;
        }
        let sweep = SweepFolder::open(folder)?;
        let finished = sweep.finished();
        if finished.is_empty() {
            return Err(Failure::Input(format!("no run of the sweep is finished: {}", folder.display())));
        }
        tell_missing(folder, sweep.cases.len() - finished.len());
        all.extend(finished);
    }
    Ok(all)
}

fn tell_missing(folder: &Path, missing: usize) {
    if missing > 0 {
        note(format_args!("{missing} runs of the sweep are not finished and are left out: {}", folder.display()));
    }
}
