//! Evaluation: score files in and out, thresholds and where they come from, error rates with intervals, frames and
//! videos. Pure arithmetic on scores; knows no networks, pictures or windows. [`measure`] is what a command line
//! calls; [`Ranked`] answers a window's questions (rates at a threshold that moves, the points of a curve).

mod beta;
mod correlation;
mod doubts;
mod edges;
mod error;
mod intervals;
mod levels;
mod localise;
mod makers;
mod measure;
mod missing;
mod ranked;
mod rates;
mod read;
mod repeats;
mod scores;
mod shared;
mod species;
mod spread;
#[cfg(test)]
mod testing;
mod thresholds;
mod write;

pub use correlation::Correlation;
pub use doubts::{Chosen, NamedSet, doubts};
pub use error::EvalError;
pub use intervals::{Interval, clopper_pearson};
pub use levels::{Fusion, Level, fuse_frames};
pub use localise::{HALF, Lies, Localisation, map_against_mask, pixel_auc, pixel_precision};
pub use makers::{MapMaker, MapNumber};
pub use measure::{
    BpcerAtApcer, Intervals, Metrics, MetricsRequest, SELECTION_UNKNOWN, Source, TprAtFpr, measure, measure_telling,
};
pub use missing::MissingScores;
pub use ranked::Ranked;
pub use rates::{Count, Rates};
pub use scores::{FramesPerVideo, Polarity, Score, ScoreSet, UNNAMED_SPECIES};
pub use spread::{Spread, detectable};
pub use thresholds::{OperatingPoint, Rule};
pub use write::ScoreForm;
