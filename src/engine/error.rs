//! What can stop a run, each as one sentence.

use thiserror::Error;

use crate::config::ConfigError;
use crate::data::dataset::DatasetError;
use crate::data::manifest::ManifestError;
use crate::data::pack::PackError;
use crate::data::protocol::ProtocolError;
use crate::data::{BuiltinError, FolderError, PixelsError, TooFewFaces};
use crate::device::DeviceError;
use crate::eval::EvalError;
use crate::methods::meta_pattern::TrunkError;
use crate::session::SessionError;

/// Why a run cannot start or go on.
#[derive(Debug, Error)]
pub enum EngineError {
    /// A configuration that cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A session folder that cannot be written or read.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A device that is not there.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// Built-in faces that cannot be made.
    #[error(transparent)]
    Builtin(BuiltinError),
    /// A folder of pictures that cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Data sets that cannot be opened, or a protocol that cannot be laid over them.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A list of clips that cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A protocol or fold that does not exist.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// Faces that cannot be packed.
    #[error(transparent)]
    Pack(PackError),
    /// Pixels that cannot be read any more.
    #[error(transparent)]
    Pixels(#[from] PixelsError),
    /// Too few faces for a batch.
    #[error(transparent)]
    Sampler(#[from] TooFewFaces),
    /// Several things at once that keep a run from starting.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Several(Vec<Self>),
    /// Scores that cannot be measured or written.
    #[error(transparent)]
    Eval(#[from] EvalError),
    /// A checkpoint of another run, or damaged.
    #[error("{0}")]
    Checkpoint(String),
    /// Weights that HFN cannot start from.
    #[error(transparent)]
    Trunk(#[from] TrunkError),
    /// A command that makes no sense now.
    #[error("{0}")]
    Refused(String),
    /// libtorch gave up.
    #[error("libtorch failed: {0}")]
    Torch(String),
    /// A fault of this program.
    #[error("{0}")]
    Fault(String),
    /// The device has no memory left.
    #[error(
        "the device has no memory left for this step; the session is kept: resume it with smaller bilevel.m and \
         bilevel.n, a smaller data.size, or hypergradient mode jvp_gn ({0})"
    )]
    OutOfMemory(String),
    /// A person asked to stop while something long was under way.
    #[error("stopped")]
    Stopped,
}

impl From<PackError> for EngineError {
    fn from(e: PackError) -> Self {
        if matches!(e, PackError::Stopped) { Self::Stopped } else { Self::Pack(e) }
    }
}

impl From<BuiltinError> for EngineError {
    fn from(e: BuiltinError) -> Self {
        if matches!(e, BuiltinError::Stopped) { Self::Stopped } else { Self::Builtin(e) }
    }
}

impl EngineError {
    /// All of `problems` as one error, each once.
    pub(super) fn none_of(mut problems: Vec<Self>) -> Result<(), Self> {
        let mut met: Vec<String> = vec![];
        problems.retain(|problem| {
            let sentence = problem.to_string();
            let new = !met.contains(&sentence);
            met.push(sentence);
            new
        });
        match problems.len() {
            0 => Ok(()),
            1 => problems.pop().map_or(Ok(()), Err),
            _ => Err(Self::Several(problems)),
        }
    }

    /// Whether the user's input is at fault (exit code 2), not the work (exit code 1).
    pub fn is_input(&self) -> bool {
        match self {
            Self::Pack(e) => e.is_input(),
            Self::Session(e) => !e.is_failure(),
            Self::Several(all) => all.iter().all(Self::is_input),
            Self::Builtin(e) => e.is_input(),
            Self::Pixels(_) | Self::Torch(_) | Self::Fault(_) | Self::OutOfMemory(_) | Self::Stopped => false,
            Self::Config(_)
            | Self::Device(_)
            | Self::Folder(_)
            | Self::Dataset(_)
            | Self::Manifest(_)
            | Self::Protocol(_)
            | Self::Sampler(_)
            | Self::Eval(_)
            | Self::Checkpoint(_)
            | Self::Trunk(_)
            | Self::Refused(_) => true,
        }
    }
}
