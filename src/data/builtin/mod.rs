//! The built-in benchmark as data sets: which clips each miniature has, the tree of files it is kept in (laid out like
//! the real sets), and its way into memory. How a frame is drawn is in `synth`; protocols are in `protocol`.

mod crop;
pub mod gallery;
mod keep;
mod lists;
mod load;
mod matrix;
mod plan;
mod scale;
mod sheet;
mod synth_c;
mod synth_i;
mod synth_m;
mod synth_o;
mod synth_w;
mod synth_y;
mod tree;
mod truth;
mod work;
mod write;

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::synth::SynthError;

use super::protocol::ProtocolError;

pub use load::{Wanted, face, load};
pub use matrix::{matrix, unusable};
pub use plan::{Planned, Summary, clips_of, offers, summary};
pub use scale::Scale;
pub use tree::{Maps, Stored, Tree, is_synthetic};
pub use truth::{FrameTruth, Truth};
pub use write::write;

/// How far the making of a set has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Frames that are ready.
    pub done: usize,
    /// Frames of the whole set.
    pub total: usize,
    /// Frames among the ready ones that had been made before.
    pub found: usize,
}

/// What the listener of [`Progress`] wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continue {
    /// Go on.
    Yes,
    /// Stop as soon as possible.
    Stop,
}

/// Why there is no set.
#[derive(Debug, Error)]
pub enum BuiltinError {
    /// The protocol does not exist or does not fit.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// The listener said stop. What was finished is kept and will be found again.
    #[error("the making of the built-in faces was stopped")]
    Stopped,
    /// The renderer cannot start.
    #[error(transparent)]
    Synth(#[from] SynthError),
    /// The worker threads cannot be started.
    #[error("the threads for the built-in faces cannot be started")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// A file cannot be written or read back.
    #[error(
        "cannot write {path}: {source}; rendered faces are kept in the cache folder: set METAFAS_CACHE to one that can be \
         written and has room"
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder holds another benchmark, which would be mixed up or written over.
    #[error("{folder} holds {there}, not {wanted}; choose another folder")]
    Taken {
        /// The folder.
        folder: PathBuf,
        /// What is there.
        there: String,
        /// What was to be written.
        wanted: String,
    },
    /// A file that was just written does not read back.
    #[error("{path} does not read back: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl BuiltinError {
    /// Whether what was asked for is wrong, and not the work on it.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Protocol(_) | Self::Taken { .. } => true,
            Self::Stopped | Self::Synth(_) | Self::Threads(_) | Self::File { .. } | Self::Unreadable { .. } => false,
        }
    }
}
