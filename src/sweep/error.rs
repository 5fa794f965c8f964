//! What can go wrong with a sweep, each as one sentence, or one line a problem where a plan has many.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::session::SessionError;

/// A sweep that cannot be read, planned or run.
#[derive(Debug, Error)]
pub enum SweepError {
    /// Neither a file nor the name of a sweep that comes with the program.
    #[error(
        "there is no file and no built-in sweep '{given}'; built-in ones are {}; `metafas sweep list` says what each is",
        .known.join(", ")
    )]
    Unknown {
        /// What was asked for.
        given: String,
        /// Names there are.
        known: Vec<&'static str>,
    },
    /// Not TOML, an unknown key, or a value of the wrong kind.
    #[error("{origin}: {message}")]
    Invalid {
        /// The file or built-in sweep.
        origin: String,
        /// What is wrong, in one line.
        message: String,
    },
    /// Cases that cannot be run as they are written, all of them.
    #[error("{origin}: the sweep cannot be planned:\n  {}", .problems.join("\n  "))]
    Problems {
        /// The file or built-in sweep.
        origin: String,
        /// A sentence each, with the cases it is about.
        problems: Vec<String>,
    },
    /// The folder holds something that is not this sweep.
    #[error("{message}; choose another folder: {}", path.display())]
    Taken {
        /// What is there.
        message: String,
        /// The folder.
        path: PathBuf,
    },
    /// No sweep in the folder.
    #[error("this is no sweep folder, it has no {missing}; make one with `metafas sweep plan`: {}", path.display())]
    NotASweep {
        /// The file that is not there.
        missing: &'static str,
        /// The folder.
        path: PathBuf,
    },
    /// A file of the folder that is not what its name says.
    #[error("{message}: {}", path.display())]
    Corrupt {
        /// What is wrong with it.
        message: String,
        /// The file.
        path: PathBuf,
    },
    /// A part of a sweep's folder that leads elsewhere.
    #[error(
        "a part of the sweep is a symbolic link, and running the sweep would change files elsewhere; put the file or \
         folder itself there: {}", .0.display()
    )]
    Linked(PathBuf),
    /// A case beyond the last one.
    #[error("there is no case {index}; the sweep has {count}, from 0 to {}", count - 1)]
    NoSuchCase {
        /// What was asked for.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// Another number of threads than the sweep's runs have had.
    #[error(
        "runs of this sweep use {recorded} threads each, as its first `run` decided, and {asked} would change their bytes; \
         leave --threads out, or plan into another folder"
    )]
    Threads {
        /// What the runs have used.
        recorded: usize,
        /// What was asked for now.
        asked: usize,
    },
    /// The system refused.
    #[error("cannot {what}: {error}: {}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        error: std::io::Error,
        /// The file, folder or program.
        path: PathBuf,
    },
    /// A session of the sweep that cannot be read or written.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl SweepError {
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { what, error, path }
    }

    pub(super) fn corrupt(path: &Path, message: impl Into<String>) -> Self {
        Self::Corrupt { message: message.into(), path: path.to_owned() }
    }

    /// Whether the user's input is at fault (exit code 2), not the work (exit code 1).
    pub fn is_input(&self) -> bool {
        match self {
            // A file that is there and cannot be understood is the user's.
            Self::Io { error, .. } => error.kind() == std::io::ErrorKind::InvalidData,
            Self::Session(_) => false,
            _ => true,
        }
    }
}
