//! What the compare pane knows: which sessions are picked, how the list is sorted and filtered, and what is shown of them.
//! Picked sessions are open beside the run in view, so that their rows and maps are read like any run's.

mod handle;
mod listing;

use std::path::PathBuf;

pub use listing::{Listed, SortBy, group_title, listed};

use crate::session::MapKind;

/// What is shown of the picked sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ComparePage {
    /// Rates over seeds, beside what papers report.
    #[default]
    Rates,
    /// Settings that differ.
    Settings,
    /// One number over the iterations.
    Curves,
    /// Maps of two of them.
    Maps,
}

impl ComparePage {
    /// All pages, in order.
    pub const ALL: [Self; 4] = [Self::Rates, Self::Settings, Self::Curves, Self::Maps];

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Rates => "Rates",
            Self::Settings => "Settings that differ",
            Self::Curves => "Curves",
            Self::Maps => "Maps",
        }
    }
}

/// How the maps of two runs are laid together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Together {
    /// Side by side, with their difference.
    #[default]
    Difference,
    /// One over the other, up to a line that can be moved.
    Swipe,
    /// One after the other.
    Blink,
}

impl Together {
    /// All ways, in order.
    pub const ALL: [Self; 3] = [Self::Difference, Self::Swipe, Self::Blink];

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Difference => "Difference A − B",
            Self::Swipe => "Swipe",
            Self::Blink => "Blink",
        }
    }
}

/// One of the two sides whose maps are laid together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Side {
    /// The session; `None` for the first, or second, that is picked.
    pub folder: Option<PathBuf>,
    /// Its stored iteration; `None` for the newest.
    pub iteration: Option<u64>,
}

/// What a person can ask of the compare pane.
#[derive(Debug, Clone, PartialEq)]
pub enum CompareCommand {
    /// Shows sessions with this in their names or settings.
    Filter(String),
    /// Sorts by a column; the same again turns the order round.
    Sort(SortBy),
    /// Picks a session, or no longer.
    Pick(PathBuf, bool),
    /// Picks none.
    Clear,
    /// Turns to a page.
    Turn(ComparePage),
    /// Which number is drawn.
    Metric(String),
    /// Whether runs that differ in their seeds alone are one line with a band.
    Bands(bool),
    /// Which kind of map.
    Kind(MapKind),
    /// How maps are laid together.
    Together(Together),
    /// Where the line between the two lies, 0 to 1.
    Swipe(f32),
    /// What the first (0) or second (1) side shows.
    Side(usize, Side),
    /// What stands in the field for a folder.
    Type(String),
    /// Looks for sessions in this folder too.
    AddShelf(PathBuf),
}

/// The pane's state.
#[derive(Debug)]
pub struct Compare {
    /// What names or settings must contain.
    pub filter: String,
    /// What the list is sorted by.
    pub sort: SortBy,
    /// Whether from the end.
    pub reversed: bool,
    /// Picked sessions, in the order they were picked.
    pub picked: Vec<PathBuf>,
    /// What is shown of them.
    pub page: ComparePage,
    /// The number that is drawn; empty for the first there is.
    pub metric: String,
    /// Whether every run is a line of its own, whatever it differs in.
    pub single_lines: bool,
    /// Which kind of map.
    pub kind: Option<MapKind>,
    /// How maps are laid together.
    pub together: Together,
    /// Where the line between the two lies, 0 to 1.
    pub swipe: f32,
    /// The two sides.
    pub sides: [Side; 2],
    /// What stands in the field for a folder.
    pub typed: String,
    /// Runs that were opened for this pane alone.
    opened: Vec<PathBuf>,
}

impl Default for Compare {
    fn default() -> Self {
        Self {
            filter: String::new(),
            sort: SortBy::default(),
            reversed: false,
            picked: vec![],
            page: ComparePage::default(),
            metric: String::new(),
            single_lines: false,
            kind: None,
            together: Together::default(),
            swipe: 0.5,
            sides: [Side::default(), Side::default()],
            typed: String::new(),
            opened: vec![],
        }
    }
}

impl Compare {
    /// The session that a side shows.
    pub fn side_folder(&self, side: usize) -> Option<&PathBuf> {
        let own = self.sides[side].folder.as_ref().filter(|f| self.picked.contains(f));
        own.or_else(|| self.picked.get(side)).or_else(|| self.picked.first())
    }
}
