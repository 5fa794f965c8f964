//! What can be asked for: kinds of figures, kinds of files, and everything else that shapes one.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::Colormap;
use super::figure::Width;

/// What a figure shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FigureKind {
    /// Watched faces with all their maps.
    Maps,
    /// One map of every watched face, a run a column (MT-FAS Fig. 10).
    Ablation,
    /// Hand-made and learnt patterns of the watched faces (Meta Pattern Fig. 5).
    Patterns,
    /// Losses over iterations.
    Curves,
    /// Receiver operating characteristic on the test part.
    Roc,
    /// Detection error trade-off on the test part.
    Det,
    /// Watched faces that were classified rightly and wrongly (MT-FAS Fig. 11).
    Faces,
    /// Errors over the momentum gamma (MT-FAS Fig. 7).
    Gamma,
    /// Errors over the one number in which runs differ (Meta Pattern Fig. 9).
    Over,
    /// Rates of methods beside each other, a group a protocol (`RFMetaFAS` Fig. 5, Meta Pattern Figs. 6 to 8).
    Bars,
    /// Scored attacks with the mask of their material and the maps beside it (MT-FAS Fig. 1).
    Localise,
}

impl FigureKind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::Maps,
        Self::Ablation,
        Self::Patterns,
        Self::Curves,
        Self::Roc,
        Self::Det,
        Self::Faces,
        Self::Gamma,
        Self::Over,
        Self::Bars,
        Self::Localise,
    ];

    /// Name on the command line and in side-cars.
    pub fn name(self) -> &'static str {
        match self {
            Self::Maps => "maps",
            Self::Ablation => "ablation",
            Self::Patterns => "patterns",
            Self::Curves => "curves",
            Self::Roc => "roc",
            Self::Det => "det",
            Self::Faces => "faces",
            Self::Gamma => "gamma",
            Self::Over => "over",
            Self::Bars => "bars",
            Self::Localise => "localise",
        }
    }

    /// Whether it is of one run alone.
    pub fn of_one(self) -> bool {
        matches!(self, Self::Maps | Self::Patterns | Self::Faces | Self::Localise)
    }
}

impl FromStr for FigureKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|k| k.name() == text).ok_or_else(|| format!("'{text}' is none of {names}"))
    }
}

/// A kind of file, by its ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Vectors, with the typeface inside.
    Svg,
    /// Vectors, for LaTeX.
    Pdf,
    /// Pixels at a given resolution.
    Png,
}

impl Format {
    /// The format that the file's name asks for.
    pub fn of(path: &Path) -> Result<Self, String> {
        match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("svg") => Ok(Self::Svg),
            Some("pdf") => Ok(Self::Pdf),
            Some("png") => Ok(Self::Png),
            _ => Err(format!("a figure's file ends in .svg, .pdf or .png: {}", path.display())),
        }
    }

    /// How files of this format begin.
    pub(super) fn beginnings(self) -> &'static [&'static [u8]] {
        match self {
            Self::Svg => &[b"<svg", b"<?xml", b"<!--", b"<!DOCTYPE svg"],
            Self::Pdf => &[b"%PDF"],
            Self::Png => &[b"\x89PNG"],
        }
    }
}

/// One figure, as `metafas figure` and the window ask for it.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureRequest {
    /// The session folders, in the order they are shown in.
    pub sessions: Vec<PathBuf>,
    /// What to show.
    pub kind: FigureKind,
    /// The file to write; its ending says the format.
    pub out: PathBuf,
    /// Pixels an inch, for PNG; 30 to 2,400.
    pub dpi: u32,
    /// How wide.
    pub width: Width,
    /// Colours of maps.
    pub colormap: Colormap,
    /// Counted iteration of the maps; the last that has any if absent.
    pub iteration: Option<u64>,
    /// Which watched faces, by their place; all if absent.
    pub faces: Option<Vec<usize>>,
    /// Figures of scores: the threshold and which of the scored faces.
    pub choice: FaceChoice,
    /// Maps: whether the difference of the teacher and its momentum teacher is shown too.
    pub difference: bool,
}

/// Which scored faces are shown and how they are judged, where that is not all of them at the run's own threshold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FaceChoice {
    /// In the polarity of the run's results, high = spoof; the run's own if absent.
    pub threshold: Option<f64>,
    /// How they were judged; all if absent.
    pub outcome: Option<Outcome>,
    /// Those alone that the threshold judges otherwise than the run's own.
    pub flipped: bool,
    /// Words that clip, subject or species must contain, in any case.
    pub words: String,
    /// Scores from this to that, in the polarity of the threshold.
    pub scores: Option<(f64, f64)>,
}

impl FaceChoice {
    /// Whether some faces are left out.
    pub fn is_filter(&self) -> bool {
        self.outcome.is_some() || self.flipped || !self.words.trim().is_empty() || self.scores.is_some()
    }
}

/// How a face was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Live, accepted as live.
    LiveAccepted,
    /// An attack, rejected.
    SpoofRejected,
    /// Live, rejected: what BPCER counts.
    LiveRejected,
    /// An attack, accepted as live: what APCER counts.
    SpoofAccepted,
}

impl Outcome {
    /// All of them, right decisions first.
    pub const ALL: [Self; 4] = [Self::LiveAccepted, Self::SpoofRejected, Self::LiveRejected, Self::SpoofAccepted];

    /// Of a face that is live or not and was accepted as live or not.
    pub fn of(live: bool, accepted: bool) -> Self {
        match (live, accepted) {
            (true, true) => Self::LiveAccepted,
            (false, false) => Self::SpoofRejected,
            (true, false) => Self::LiveRejected,
            (false, true) => Self::SpoofAccepted,
        }
    }

    /// Name on the command line and in side-cars.
    pub fn name(self) -> &'static str {
        match self {
            Self::LiveAccepted => "live_accepted",
            Self::SpoofRejected => "spoof_rejected",
            Self::LiveRejected => "live_rejected",
            Self::SpoofAccepted => "spoof_accepted",
        }
    }
}

impl FromStr for Outcome {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|o| o.name() == text).ok_or_else(|| format!("'{text}' is none of {names}"))
    }
}

impl FigureRequest {
    /// `kind` of `sessions` into `out`, one column wide, 300 dots an inch, all watched faces at the last iteration.
    pub fn new(sessions: Vec<PathBuf>, kind: FigureKind, out: &Path) -> Self {
        Self {
            sessions,
            kind,
            out: out.to_owned(),
            dpi: 300,
            width: Width::default(),
            colormap: Colormap::default(),
            iteration: None,
            faces: None,
            choice: FaceChoice::default(),
            difference: false,
        }
    }
}
