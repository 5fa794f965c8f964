//! What the window knows of data: the roots that a person named, what each is, the clips in view, the protocol in view,
//! faces being cut. Plain data: `handle`, `answers` and `settle` alone change it, `work` reads disks on threads of its
//! own. What it looks like is in `views::data`.

mod answers;
mod clips;
mod command;
mod fit;
mod handle;
mod jobs;
mod look;
mod root;
mod settle;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::config::{Benchmark, DataConfig, WholeSet};
use crate::data::builtin::Scale;
use crate::data::pack::PackProgress;
use crate::data::protocol::{Matrix, Whole};

pub use clips::{ClipRow, Clips, Filter, Whence, label_word};
pub use command::DataCommand;
pub use fit::Fit;
pub use jobs::{DataDone, DataJob, PackTold, PackTrouble};
pub use look::{Look, LookFrame};
pub use root::{Imported, Opened, Root, RootId, RootState, for_window, short};
pub use work::{DataWorker, FACE};

/// What is in view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Shown {
    /// The built-in benchmark.
    #[default]
    Builtin,
    /// A root, and which of its sets.
    Root(RootId, usize),
}

/// The pages of the pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Page {
    /// What it is, and what is missing.
    #[default]
    Overview,
    /// Its clips.
    Clips,
    /// A protocol as a table.
    Protocol,
}

/// A protocol to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its name, as `oulu_npu/1`.
    pub name: String,
    /// The fold, from 1.
    pub fold: u32,
    /// Across sets: what counts as a whole set.
    pub whole: Whole,
}

/// What a protocol is laid over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Over {
    /// The built-in benchmark of this size.
    Builtin(Scale),
    /// Sets on disk, as they were known at this count of changes.
    Disk(u64),
}

/// What is drawn into the frames of a clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// Boxes and eyes that came with the set.
    pub given: bool,
    /// The region that is cut out.
    pub region: bool,
    /// What the detector finds by itself; it is asked only then.
    pub detected: bool,
}

/// The clips in view.
#[derive(Debug)]
pub struct Browse {
    /// Which are listed.
    pub filter: Filter,
    /// Their numbers.
    pub hits: Vec<u32>,
    /// The clip that is looked at, by number.
    pub picked: Option<usize>,
    /// Which of its frames is shown large.
    pub frame: usize,
    /// What is drawn into frames.
    pub drawn: Drawn,
    /// Its frames, once they have come.
    pub look: Option<(LookKey, Looked)>,
    /// What is being read: one clip at a time, so that going through a list fast costs little.
    looking: Option<LookKey>,
    /// Whether the list shall show the clip that is looked at.
    pub reveal: bool,
}

impl Default for Browse {
    fn default() -> Self {
        Self {
            filter: Filter::default(),
            hits: vec![],
            picked: None,
            frame: 0,
            drawn: Drawn { given: true, region: true, detected: false },
            look: None,
            looking: None,
            reveal: false,
        }
    }
}

/// How faces are cut.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cutting {
    /// Name of the preset.
    pub crop: String,
    /// Name of the finder.
    pub finder: &'static str,
    /// Frames a clip; 0 for the preset's.
    pub frames: u32,
}

impl Cutting {
    /// As the next run has it.
    pub fn of(data: &DataConfig) -> Self {
        Self { crop: data.crop.clone(), finder: data.finder.name(), frames: data.frames }
    }
}

/// Frames of a clip, or why there are none.
pub type Looked = Result<Arc<Look>, String>;

/// A clip, looked at in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookKey {
    /// Whose clip.
    pub shown: Shown,
    /// Its number.
    pub row: usize,
    /// What was known of roots, or the size and seed of the benchmark.
    pub version: u64,
    /// How it is cut; nothing for built-in clips.
    pub cut: Option<Cutting>,
    /// Whether the detector is asked.
    pub detect: bool,
}

/// How many clips of something are packed already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackKey {
    /// Of what.
    pub shown: Shown,
    /// What was known of roots.
    pub version: u64,
    /// How many times packs were written from this window.
    pub packs: u64,
    /// How faces are cut.
    pub cut: Cutting,
}

/// Clips that are packed, of all; or why that cannot be told.
pub type PackCount = Result<(usize, usize), String>;

/// Faces are being cut.
#[derive(Debug, Clone)]
pub struct Packing {
    /// Of which root.
    pub root: RootId,
    /// The set's name.
    pub title: String,
    /// How far it is.
    pub progress: PackProgress,
    /// Raised to stop it.
    pub stop: Arc<AtomicBool>,
    /// Whether it was asked to stop.
    pub stopping: bool,
}

/// The built-in benchmark in view.
#[derive(Debug)]
pub struct BuiltinView {
    /// Its size.
    pub scale: Scale,
    /// Its clips with size and seed, once they have been listed.
    pub clips: Option<(Scale, u64, Arc<Clips>)>,
}

/// A protocol with what it is laid over.
pub type MatrixKey = (Over, Choice);
/// Why protocols cannot be used, by their names.
pub type Reasons = Arc<BTreeMap<String, String>>;
/// A protocol as a table, or why it cannot be used.
pub type Counted = Result<Arc<Matrix>, String>;

/// Everything that the data pane shows.
#[derive(Debug)]
pub struct DataView {
    /// The roots, in the order in which they were named.
    pub roots: Vec<Root>,
    /// What is in view.
    pub shown: Shown,
    /// On which page.
    pub page: Page,
    /// What stands in the field for a path.
    pub typed: String,
    /// Why that could not be added.
    pub trouble: Option<String>,
    /// The built-in benchmark.
    pub builtin: BuiltinView,
    /// The clips in view.
    pub browse: Browse,
    /// The protocol in view.
    pub choice: Choice,
    /// As a table, once it has been counted.
    pub matrix: Option<(MatrixKey, Counted)>,
    /// Protocols that cannot be used, with the reason, by what they would be laid over.
    pub unusable: BTreeMap<Over, Reasons>,
    /// What the next run's configuration makes of its data.
    pub fit: Option<(DataConfig, u64, Fit)>,
    /// Clips whose faces are cut already, of all.
    pub packed: Option<(PackKey, PackCount)>,
    /// Faces that are being cut.
    pub packing: Option<Packing>,
    /// What became of cutting, by root.
    pub pack_ends: BTreeMap<RootId, Result<PackTold, PackTrouble>>,
    /// Raised whenever what is known of roots changes.
    pub version: u64,
    /// Raised whenever packs were written.
    pub packs: u64,
    /// Whether the pane can be seen; what nobody sees is not looked at.
    pub visible: bool,
    next_root: u32,
    asked: Asked,
}

/// What was asked for and has not come: each once at a time.
#[derive(Debug, Default)]
struct Asked {
    root: Option<RootId>,
    builtin: bool,
    matrix: bool,
    unusable: bool,
    fit: bool,
    packed: bool,
}

impl Default for DataView {
    fn default() -> Self {
        let data = DataConfig::default();
        Self {
            roots: vec![],
            shown: Shown::Builtin,
            page: Page::Overview,
            typed: String::new(),
            trouble: None,
            builtin: BuiltinView { scale: Scale::Mini, clips: None },
            browse: Browse::default(),
            choice: Choice { name: data.protocol, fold: data.fold, whole: Whole::EveryVideo },
            matrix: None,
            unusable: BTreeMap::new(),
            fit: None,
            packed: None,
            packing: None,
            pack_ends: BTreeMap::new(),
            version: 0,
            packs: 0,
            visible: false,
            next_root: 1,
            asked: Asked::default(),
        }
    }
}

impl DataView {
    /// The root called `id`.
    pub fn root(&self, id: RootId) -> Option<&Root> {
        self.roots.iter().find(|r| r.id == id)
    }

    fn root_mut(&mut self, id: RootId) -> Option<&mut Root> {
        self.roots.iter_mut().find(|r| r.id == id)
    }

    /// The root in view.
    pub fn shown_root(&self) -> Option<&Root> {
        match self.shown {
            Shown::Builtin => None,
            Shown::Root(id, _) => self.root(id),
        }
    }

    /// The set in view.
    pub fn shown_set(&self) -> Option<&Opened> {
        match self.shown {
            Shown::Builtin => None,
            Shown::Root(id, entry) => self.root(id)?.sets().get(entry),
        }
    }

    /// The clips of what is in view, once they are known.
    pub fn clips(&self) -> Option<&Arc<Clips>> {
        match self.shown {
            Shown::Builtin => self.builtin.clips.as_ref().map(|c| &c.2),
            Shown::Root(id, entry) => match &self.root(id)?.state {
                RootState::Sets(sets) => sets.get(entry).map(|s| &s.clips),
                RootState::Import(import) => import.clips.as_ref(),
                _ => None,
            },
        }
    }

    /// The clip that is looked at.
    pub fn picked(&self) -> Option<(usize, &ClipRow)> {
        let number = self.browse.picked?;
        Some((number, self.clips()?.rows.get(number)?))
    }

    /// The sets that runs and protocols may use, with their roots.
    pub fn used_sets(&self) -> impl Iterator<Item = (&Root, &Opened)> {
        self.roots.iter().filter(|r| r.used).flat_map(|r| r.sets().iter().map(move |s| (r, s)))
    }

    /// What the protocol in view is laid over.
    pub fn over(&self) -> Over {
        match self.shown {
            Shown::Builtin => Over::Builtin(self.builtin.scale),
            Shown::Root(..) => Over::Disk(self.version),
        }
    }

    /// The table of the protocol in view, once it has been counted for just that.
    pub fn shown_matrix(&self) -> Option<&Counted> {
        let (key, matrix) = self.matrix.as_ref()?;
        (*key == (self.over(), self.choice.clone())).then_some(matrix)
    }

    /// Manifests that runs can read as they are.
    pub fn manifests(&self) -> impl Iterator<Item = &Root> {
        self.roots.iter().filter(|r| matches!(&r.state, RootState::Import(i) if i.is_ready()))
    }

    /// Whether anything is still being looked at.
    pub fn is_looking(&self) -> bool {
        self.roots.iter().any(|r| matches!(r.state, RootState::Waiting))
    }
}

/// The configuration's word for a convention.
pub fn whole_set(whole: Whole) -> WholeSet {
    match whole {
        Whole::EveryVideo => WholeSet::EveryVideo,
        Whole::NoDev => WholeSet::NoDev,
    }
}

/// The configuration's word for a size.
pub fn benchmark(scale: Scale) -> Benchmark {
    match scale {
        Scale::Tiny => Benchmark::Tiny,
        Scale::Mini => Benchmark::Mini,
        Scale::Full => Benchmark::Full,
    }
}
