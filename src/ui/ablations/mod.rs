//! What the ablations pane knows: which sweep is chosen, how far its runs are, what they came to, and the maps of one run of
//! every variant. A sweep runs in processes of its own, as `metafas sweep run` has it, and can be left to them.

mod handle;
mod work;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub(super) use work::do_sweep_job;
pub use work::{Curve, CurvePoint, PROTOCOL, SweepDone, SweepJob, SweepLook, VariantMaps};

use crate::config::Preset;
use crate::session::MapKind;
use crate::sweep::{CaseState, PoolProgress};

/// What is shown of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AblationPage {
    /// Rates of every variant, beside what the paper reports.
    #[default]
    Table,
    /// Maps of the same faces, a column a variant.
    Maps,
    /// A rate against the one setting that varies.
    Curve,
    /// A rate of every variant, bars beside each other.
    Bars,
    /// All runs and how far each is.
    Runs,
}

impl AblationPage {
    /// All pages, in order.
    pub const ALL: [Self; 5] = [Self::Table, Self::Bars, Self::Curve, Self::Maps, Self::Runs];

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Table => "Table",
            Self::Maps => "Maps",
            Self::Curve => "Curve",
            Self::Bars => "Bars",
            Self::Runs => "Runs",
        }
    }
}

/// What a person can ask of the ablations pane.
#[derive(Debug, Clone, PartialEq)]
pub enum AblationCommand {
    /// Chooses a sweep by its name.
    Choose(String),
    /// At which size it is planned.
    Preset(Preset),
    /// With how many seeds it is planned.
    Seeds(u32),
    /// Turns to a page.
    Turn(AblationPage),
    /// Which kind of map.
    Kind(MapKind),
    /// Which rate is drawn.
    Metric(&'static str),
    /// How many runs at a time.
    Jobs(usize),
    /// Plans it, if it is not, and does all runs that are left.
    Run,
    /// Stops; runs can go on later.
    Stop,
    /// Looks how far it is.
    Look,
}

/// A sweep that this window runs.
#[derive(Debug)]
pub struct RunningSweep {
    /// Its folder.
    pub folder: PathBuf,
    /// Set to stop it.
    pub stop: Arc<AtomicBool>,
    /// How far it is, as told last.
    pub progress: PoolProgress,
}

/// The pane's state.
#[derive(Debug)]
pub struct Ablations {
    /// The chosen sweep; empty before one is.
    pub chosen: String,
    /// At which size it is planned.
    pub preset: Preset,
    /// With how many seeds it is planned, where not with its own.
    pub seeds: Option<u32>,
    /// What is shown.
    pub page: AblationPage,
    /// Which kind of map.
    pub kind: MapKind,
    /// Which rate is drawn: a key of results.json.
    pub metric: &'static str,
    /// How many runs at a time.
    pub jobs: usize,
    /// What is known of the chosen sweep.
    pub look: Option<Arc<SweepLook>>,
    /// The sweep that this window runs.
    pub running: Option<RunningSweep>,
    looking: bool,
    looked: Option<f64>,
}

impl Default for Ablations {
    fn default() -> Self {
        Self {
            chosen: String::new(),
            preset: Preset::Demo,
            seeds: None,
            page: AblationPage::default(),
            kind: MapKind::Teacher,
            metric: "acer_max",
            jobs: 1,
            look: None,
            running: None,
            looking: false,
            looked: None,
        }
    }
}

/// Seconds between looks at a sweep in view, and at one of which every run is finished.
const AGAIN: f64 = 5.0;
const AGAIN_DONE: f64 = 60.0;

impl Ablations {
    /// Whether it is time to look how far the chosen sweep is.
    pub fn wants(&self, now: f64) -> bool {
        let done = self.look.as_ref().is_some_and(|look| look.count(CaseState::Finished) == look.cases.len());
        let again = if done { AGAIN_DONE } else { AGAIN };
        !self.chosen.is_empty() && !self.looking && self.looked.is_none_or(|then| now - then > again)
    }

    /// Forgets what is known of the chosen sweep.
    pub(super) fn forget(&mut self) {
        (self.look, self.looked) = (None, None);
    }

    /// Whether the chosen sweep is run by this window.
    pub fn runs_here(&self, folder: &std::path::Path) -> bool {
        self.running.as_ref().is_some_and(|running| running.folder == folder)
    }
}
