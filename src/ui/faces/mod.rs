//! What the faces pane knows: the scored test part of the run in view, the threshold as a person moved it, and which faces
//! are shown in which order. What is computed of scores is computed by `eval`.

mod handle;
mod judged;
mod listing;

use std::path::PathBuf;
use std::sync::Arc;

pub use judged::{Judged, JudgedFace, judge};
pub use listing::{FaceSort, Listing, Verdict, listed};

/// Which curve stands beside the faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ScorePlot {
    /// How many faces have which score.
    #[default]
    Histogram,
    /// Detected attacks against rejected live faces.
    Roc,
    /// Both errors on normal deviate axes.
    Det,
}

impl ScorePlot {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Histogram, Self::Roc, Self::Det];

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Histogram => "Histogram",
            Self::Roc => "ROC",
            Self::Det => "DET",
        }
    }
}

/// Which faces are shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FaceFilter {
    /// How they were judged; `None` for all.
    pub verdict: Option<Verdict>,
    /// Those alone that the moved threshold judges otherwise.
    pub flipped: bool,
    /// Words that their clip, subject or species must contain.
    pub words: String,
    /// Scores from this to that.
    pub scores: Option<(f64, f64)>,
}

/// What a person can ask of the faces pane.
#[derive(Debug, Clone, PartialEq)]
pub enum FacesCommand {
    /// Reads the scores of the run in view.
    Read,
    /// Moves the threshold; `None` for the run's own.
    Threshold(Option<f64>),
    /// Shows other faces.
    Filter(FaceFilter),
    /// Sorts by something; the same again turns the order round.
    Sort(FaceSort),
    /// Shows another curve.
    Plot(ScorePlot),
    /// Whether teacher's and detector's maps stand beside the faces.
    Maps(bool),
    /// Looks at a face closely, by its place among all.
    Pick(Option<usize>),
}

/// The pane's state.
#[derive(Debug, Default)]
pub struct FacesView {
    /// The scored test part, and the folder it is of.
    pub judged: Option<(PathBuf, Result<Arc<Judged>, String>)>,
    /// The moved threshold, high = spoof; `None` for the run's own.
    pub threshold: Option<f64>,
    /// Which faces are shown.
    pub filter: FaceFilter,
    /// In which order.
    pub sort: FaceSort,
    /// Whether from the end.
    pub reversed: bool,
    /// Which curve stands beside them.
    pub plot: ScorePlot,
    /// Whether maps stand beside the faces.
    pub maps: bool,
    /// The face that is looked at closely.
    pub picked: Option<usize>,
    /// Of which results scores were read or are being read: those of another evaluation are read anew.
    asked: Option<(PathBuf, String)>,
    reading: bool,
}

impl FacesView {
    /// Whether the scores of `folder`, whose results have `fingerprint`, are still to be read.
    pub fn wants(&self, folder: &std::path::Path, fingerprint: &str) -> bool {
        !self.reading && self.asked.as_ref().is_none_or(|(f, of)| f != folder || of != fingerprint)
    }

    /// The scored part of the run in `folder`.
    pub fn of(&self, folder: &std::path::Path) -> Option<&Result<Arc<Judged>, String>> {
        self.judged.as_ref().filter(|(of, _)| of == folder).map(|(_, judged)| judged)
    }
}

/// What tells one evaluation's results from another's.
pub fn fingerprint(results: &serde_json::Value) -> String {
    ["scores_fingerprint", "threshold", "level", "video_rule"].map(|key| results[key].to_string()).join(" ")
}
