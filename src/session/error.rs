//! What can go wrong with a session folder, each as one sentence that names the file last.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// A session folder that cannot be written or read.
#[derive(Debug, Error)]
pub enum SessionError {
    /// The system refused.
    #[error("cannot {what}: {error}: {}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        error: std::io::Error,
        /// The file or folder.
        path: PathBuf,
    },
    /// There is something in the folder already.
    #[error("the folder for the run is not empty; choose another one, or resume it with `metafas resume`: {}", .0.display())]
    NotEmpty(PathBuf),
    /// No run.toml.
    #[error("this is no session folder, it has no run.toml: {}", .0.display())]
    NotASession(PathBuf),
    /// Written by a later version.
    #[error("the session has format {format} and this program reads up to {known}; open it with the version that wrote it: {}", path.display())]
    Newer {
        /// Format found.
        format: i64,
        /// Format known.
        known: i64,
        /// run.toml.
        path: PathBuf,
    },
    /// A file that is not what its name says.
    #[error("{message}: {}", path.display())]
    Corrupt {
        /// What is wrong with it.
        message: String,
        /// The file.
        path: PathBuf,
    },
}

impl SessionError {
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { what, error, path }
    }

    pub(super) fn corrupt(path: &Path, message: impl Into<String>) -> Self {
        Self::Corrupt { message: message.into(), path: path.to_owned() }
    }
}
