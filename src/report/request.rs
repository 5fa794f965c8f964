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
}

impl FigureKind {
    /// All kinds.
    pub const ALL: [Self; 8] =
        [Self::Maps, Self::Ablation, Self::Patterns, Self::Curves, Self::Roc, Self::Det, Self::Faces, Self::Gamma];

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
        }
    }

    /// Whether it is of one run alone.
    pub fn of_one(self) -> bool {
        matches!(self, Self::Maps | Self::Patterns | Self::Faces)
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
        }
    }
}
