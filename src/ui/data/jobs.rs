//! What the data pane has done by threads of their own, and what comes back.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::clips::{Clips, Whence};
use super::fit::Fit;
use super::look::Look;
use super::root::RootId;
use super::{Choice, LookKey, MatrixKey, Opened, Over, PackKey};
use crate::config::DataConfig;
use crate::data::builtin::Scale;
use crate::data::dataset::Report;
use crate::data::import::{Import, Preview, Thumbnail};
use crate::data::manifest::LiveIs;
use crate::data::pack::PackProgress;
use crate::data::protocol::{Matrix, Offer};
use crate::engine::PackJob;

/// One thing to do.
#[derive(Debug, Clone)]
pub enum DataJob {
    /// Look what a folder or file is.
    Open {
        /// Its root.
        root: RootId,
        /// The folder or file.
        path: PathBuf,
        /// Where the pictures of its lists are, if a person said so.
        pictures: Option<PathBuf>,
    },
    /// List the clips of the built-in benchmark.
    Builtin {
        /// Its size.
        scale: Scale,
        /// Seed of its people.
        seed: u64,
    },
    /// Show an import with another polarity.
    Preview {
        /// Its root.
        root: RootId,
        /// The import.
        import: Arc<Import>,
        /// Which number means live.
        choice: LiveIs,
    },
    /// Load a face of an import's preview.
    Face {
        /// Its root.
        root: RootId,
        /// Of which preview.
        generation: u64,
        /// Its place among the faces.
        place: usize,
        /// What to load.
        thumbnail: Box<Thumbnail>,
        /// The cache folder.
        cache: PathBuf,
    },
    /// Write the manifest of an import.
    Write {
        /// Its root.
        root: RootId,
        /// The import.
        import: Arc<Import>,
        /// Which number means live.
        choice: Option<LiveIs>,
        /// The file, which must not exist yet.
        out: PathBuf,
    },
    /// Look at a clip.
    Look {
        /// Which, and how.
        key: LookKey,
        /// Where it comes from.
        whence: Whence,
        /// Size and seed of the benchmark.
        builtin: (Scale, u64),
        /// The cache folder.
        cache: PathBuf,
    },
    /// Count a protocol's clips.
    Matrix {
        /// Over what, and which protocol.
        key: MatrixKey,
        /// Sets on disk that may be used.
        found: Vec<Arc<Report>>,
    },
    /// Try all protocols.
    Unusable {
        /// Over what.
        over: Over,
        /// The protocols.
        offers: Vec<Offer>,
        /// Sets on disk that may be used.
        found: Vec<Arc<Report>>,
    },
    /// Look at the data of the next run.
    Fit {
        /// Its configuration.
        data: Box<DataConfig>,
        /// What is known of roots.
        version: u64,
        /// Sets on disk that may be used.
        found: Vec<Arc<Report>>,
        /// The cache folder.
        cache: PathBuf,
    },
    /// Count the clips whose faces are cut already.
    Packed {
        /// Of what.
        key: PackKey,
        /// Name for packs and folder.
        of: (String, PathBuf),
        /// The clips.
        clips: Arc<Clips>,
        /// The cache folder.
        cache: PathBuf,
    },
    /// Cut faces.
    Pack {
        /// Of which root.
        root: RootId,
        /// What to cut.
        job: PackJob,
        /// The cache folder.
        cache: PathBuf,
        /// Raised to stop it.
        stop: Arc<AtomicBool>,
    },
}

/// What a root was found to be.
#[derive(Debug)]
pub enum Opening {
    /// Published sets.
    Sets(Vec<Opened>),
    /// Something to import, its preview, and its clips if it is known which are live.
    Import(Arc<Import>, Arc<Preview>, Option<Arc<Clips>>),
    /// A session folder.
    Session,
    /// Nothing that is known here, in a sentence.
    Nothing(String),
    /// Not there, in a sentence.
    Gone(String),
}

/// Faces that were cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackTold {
    /// How many.
    pub faces: usize,
    /// Out of how many clips.
    pub clips: usize,
    /// Clips without a face.
    pub without_face: Vec<String>,
    /// Clips that could not be read, with the reason.
    pub unreadable: Vec<(String, String)>,
    /// What was passed over when lists were read, a sentence each.
    pub problems: Vec<String>,
}

/// Why faces were not cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackTrouble {
    /// A person stopped it; what was cut is kept.
    Stopped,
    /// A sentence, and whether cutting anew would help.
    Failed(String, bool),
}

/// What became of a job.
#[derive(Debug)]
pub enum DataDone {
    /// A root was looked at.
    Opened(RootId, Box<Opening>),
    /// The built-in clips were listed.
    Builtin(Scale, u64, Arc<Clips>),
    /// An import was shown anew.
    Previewed(RootId, Arc<Preview>, Option<Arc<Clips>>),
    /// A face of a preview: root, preview, place.
    Face(RootId, u64, usize, Result<Arc<Vec<u8>>, String>),
    /// A manifest was written, with so many clips.
    Written(RootId, Result<(PathBuf, usize), String>),
    /// A clip was looked at.
    Looked(LookKey, Result<Arc<Look>, String>),
    /// A protocol was counted.
    Matrix(MatrixKey, Result<Arc<Matrix>, String>),
    /// All protocols were tried.
    Unusable(Over, BTreeMap<String, String>),
    /// The data of the next run were looked at.
    Fit(Box<DataConfig>, u64, Box<Fit>),
    /// Packed clips were counted, of all.
    Packed(PackKey, Result<(usize, usize), String>),
    /// So far faces are cut, of this set.
    Packing(String, PackProgress),
    /// Cutting has ended.
    PackEnd(RootId, Result<PackTold, PackTrouble>),
}

/// A protocol as the configuration names it.
pub fn protocol_config(choice: &Choice) -> DataConfig {
    DataConfig {
        protocol: choice.name.clone(),
        fold: choice.fold,
        whole_set: super::whole_set(choice.whole),
        ..DataConfig::default()
    }
}
