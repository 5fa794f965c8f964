//! `metafas scores`: score files from one form into another.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use metafas::eval::{EvalError, Polarity, ScoreForm, ScoreSet};
use serde_json::json;

use super::Failure;
use super::out::{note, say, say_json};

/// Arguments of `metafas scores`.
#[derive(Args)]
pub struct ScoresArgs {
    #[command(subcommand)]
    what: Scores,
}

#[derive(Subcommand)]
enum Scores {
    /// Writes a score file in bob's PAD table, in four columns or in two, high = bona fide.
    #[command(after_help = "Example: metafas scores convert theirs.txt ours.csv --to bob --polarity spoof_high")]
    Convert(ConvertArgs),
}

/// Arguments of `metafas scores convert`.
#[derive(Args)]
struct ConvertArgs {
    /// The file to read, in any of the three forms.
    from: PathBuf,
    /// The file to write; what stands there is replaced.
    out: PathBuf,
    /// bob, 4col (`claimed_id` `real_id` `test_label` score) or 2col (1 or -1, score).
    #[arg(long)]
    to: String,
    /// Polarity of the file that is read: `live_high` or `spoof_high`.
    #[arg(long, default_value = "live_high")]
    polarity: String,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// `metafas scores`.
pub fn scores(args: &ScoresArgs) -> Result<ExitCode, Failure> {
    let Scores::Convert(args) = &args.what;
    let input = |e: EvalError| Failure::Input(e.to_string());
    let form: ScoreForm = args.to.parse().map_err(input)?;
    let polarity: Polarity = args.polarity.parse().map_err(input)?;
    let set = ScoreSet::read(&args.from, polarity).map_err(input)?;
    let lost = set.save_as(form, &args.out).map_err(input)?;
    let (rows, out) = (set.scores.len(), args.out.display().to_string());
    if args.json {
        return say_json(&json!({ "out": out, "form": form.to_string(), "rows": rows, "lost": lost }));
    }
    if !lost.is_empty() {
        note(format_args!("note: {form} has no place for {}", lost.join(", ")));
    }
    say(&format!("{rows} scores in {out}, high = bona fide\n"))
}
