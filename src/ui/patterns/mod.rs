//! What the patterns pane knows: which faces are picked, their hand-made maps once they have come, and how they are shown.

mod handle;
mod trained;
mod work;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::data::Label;
use crate::features::{ColorLbp, HandMade};
use crate::session::WatchedFaces;

/// Learned Meta Patterns of a run's watched faces.
pub use crate::session::Pictures as LearnedPatterns;
pub use trained::{Trained, trained};
pub use work::PatternRow;
pub(super) use work::{PatternJob, PatternSheet};

/// What a person can ask of the patterns pane.
#[derive(Debug, Clone, PartialEq)]
pub enum PatternsCommand {
    /// Has maps made of the faces that are wanted now.
    Make,
    /// What stands in the field for a picture's path.
    Type(String),
    /// Shows this picture file too.
    Add(PathBuf),
    /// Takes a picture file away.
    Remove(PathBuf),
    /// Shows or hides a face, by its name.
    Pick(String, bool),
    /// Which ColorLBP.
    Lbp(ColorLbp),
    /// Whether each map is stretched to the colours there are.
    Stretch(bool),
    /// Points at a pixel; `pin` keeps it when the pointer leaves.
    Point {
        /// The pixel.
        probe: Option<PatternProbe>,
        /// Whether it stays.
        pin: bool,
    },
    /// What stands in the field for the file that pictures are written to.
    TypeOut(String),
    /// A file that the person agreed to replace.
    ChooseOut(PathBuf),
    /// Writes what is shown.
    Export,
}

/// One pixel of one face's picture, shown in all its maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatternProbe {
    /// Which row.
    pub row: usize,
    /// Row of the picture, from the top.
    pub y: usize,
    /// Column of the picture, from the left.
    pub x: usize,
}

/// What a column shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PatternColumn {
    /// The picture itself.
    Rgb,
    /// A hand-made map.
    Made(HandMade),
    /// Facial depth, as the run's data bring it.
    FacialDepth,
    /// The learned Meta Pattern.
    Learned,
}

impl PatternColumn {
    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Rgb => "RGB",
            Self::Made(map) => map.title(),
            Self::FacialDepth => "Facial depth",
            Self::Learned => "Meta Pattern",
        }
    }

    /// One sentence about it.
    pub fn help(self) -> &'static str {
        match self {
            Self::Rgb => "The face as networks see it, before it is augmented",
            Self::Made(HandMade::ColorLbp) => "Which of a pixel's eight neighbours are no darker, as bits, a channel",
            Self::Made(HandMade::Albedo) => "Brightness of the surface, the light taken out, a channel",
            Self::Made(HandMade::Depth) => {
                "What the shading tells of the shape, a channel: no facial depth, since a flat print of a face has it too"
            }
            Self::Made(HandMade::Reflectance) => "How much light the shape throws back, a channel",
            Self::FacialDepth => "What detectors under depth learn: the shape of a live face, nothing on an attack",
            Self::Learned => "What the extractor makes of the face at the shown iteration, 0 to 1 a channel",
        }
    }
}

/// What maps were made of, or are wanted of.
#[derive(Debug, Clone, Default)]
struct Wanted {
    watched: Option<Arc<WatchedFaces>>,
    files: Vec<PathBuf>,
    lbp: ColorLbp,
}

impl Wanted {
    fn is(&self, other: &Self) -> bool {
        let same = match (&self.watched, &other.watched) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        same && self.files == other.files && self.lbp == other.lbp
    }
}

/// A face whose maps were made, or the name of one of which they could not be, and why.
pub type MadeRow = Result<Arc<PatternRow>, (String, String)>;

/// The pane's state.
#[derive(Debug, Default)]
pub struct Patterns {
    /// What is typed as the path of a picture.
    pub typed: String,
    /// Picture files that are shown besides the watched faces.
    pub files: Vec<PathBuf>,
    /// Names of faces that are not shown.
    pub hidden: BTreeSet<String>,
    /// Which ColorLBP.
    pub lbp: ColorLbp,
    /// Whether each map is stretched to the colours there are; as stored otherwise.
    pub stretch: bool,
    /// The pixel that is pointed at, and whether it stays.
    pub probe: Option<PatternProbe>,
    /// Whether it stays when the pointer leaves.
    pub pinned: bool,
    /// Whether it is pointed at in a map of another pane.
    pub pointed_elsewhere: bool,
    /// What was made, watched faces first.
    pub rows: Vec<MadeRow>,
    /// Raised when rows change.
    pub generation: u64,
    /// Where pictures are written to.
    pub out: String,
    /// Whether a picture is being written.
    pub writing: bool,
    /// The file that may be replaced: chosen in a dialog that asked, or written by this pane before.
    agreed: Option<PathBuf>,
    made: Option<Wanted>,
    asked: Option<Wanted>,
}

impl Patterns {
    fn wanted(&self, watched: Option<&Arc<WatchedFaces>>) -> Wanted {
        Wanted { watched: watched.cloned(), files: self.files.clone(), lbp: self.lbp }
    }

    /// Whether maps have to be made for these watched faces, and are not being made.
    pub fn wants(&self, watched: Option<&Arc<WatchedFaces>>) -> bool {
        let wanted = self.wanted(watched);
        self.asked.is_none() && !self.made.as_ref().is_some_and(|made| made.is(&wanted))
    }

    /// Whether maps are being made.
    pub fn is_making(&self) -> bool {
        self.asked.is_some()
    }

    /// Rows that are shown, with their numbers.
    pub fn shown(&self) -> impl Iterator<Item = (usize, &Arc<PatternRow>)> {
        let made = self.rows.iter().enumerate().filter_map(|(i, row)| Some((i, row.as_ref().ok()?)));
        made.filter(|(_, row)| !self.hidden.contains(&row.name))
    }

    /// The columns that the shown rows can fill; `learned` where the run in view has learned patterns.
    pub fn columns(&self, learned: bool) -> Vec<PatternColumn> {
        let depth = self.shown().any(|(_, row)| row.depth.is_some());
        let made = HandMade::ALL.into_iter().map(PatternColumn::Made);
        let more = [(PatternColumn::FacialDepth, depth), (PatternColumn::Learned, learned)];
        let more = more.into_iter().filter_map(|(column, there)| there.then_some(column));
        std::iter::once(PatternColumn::Rgb).chain(made).chain(more).collect()
    }
}

/// The sentence with the raw values of a pixel of `row` in all `columns`.
pub fn pattern_text(
    row: &PatternRow,
    probe: PatternProbe,
    columns: &[PatternColumn],
    learned: Option<&LearnedPatterns>,
) -> String {
    let part = |&column: &PatternColumn| {
        let values = row.values(column, learned, (probe.y, probe.x))?;
        Some(format!("{} {}", column.title(), values.join(" ")))
    };
    let parts: Vec<String> = columns.iter().filter_map(part).collect();
    format!("{} · row {}, column {} · {}", row.name, probe.y, probe.x, parts.join(" · "))
}

/// The word that a row stands under.
pub(super) fn kind_of(row: &PatternRow) -> &str {
    match row.label {
        Some(Label::Live) => "live",
        Some(Label::Spoof) => &row.species,
        None => "picture file",
    }
}
