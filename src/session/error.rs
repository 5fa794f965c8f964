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
    /// Another process writes it.
    #[error(
        "the session is being written by another process ({}); wait until it is done, or stop it: {}",
        holder.as_ref().map_or_else(|| "unknown".to_owned(), ToString::to_string),
        folder.display()
    )]
    Busy {
        /// The session's folder.
        folder: PathBuf,
        /// The process, where it is known.
        holder: Option<super::Holder>,
    },
    /// The folder was there and is not any more.
    #[error("the session folder was deleted or moved: {}", .0.display())]
    Gone(PathBuf),
    /// A part of a session that is going to be written leads elsewhere.
    #[error(
        "a part of the session is a symbolic link, and writing the session would change files elsewhere; put the file or \
         folder itself there: {}", .0.display()
    )]
    Linked(PathBuf),
    /// No run.toml.
    #[error("this is no session folder, it has no run.toml (`metafas train --out` begins one): {}", .0.display())]
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
    /// Whether it says that the system failed at work, and not that what was asked for is wrong.
    pub fn is_failure(&self) -> bool {
        use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull, WriteZero};
        match self {
            Self::Io { error, .. } => {
                let full = matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge | WriteZero);
                full || error.kind() == ReadOnlyFilesystem || error.raw_os_error() == Some(libc::EIO)
            }
            Self::Gone(_) => true,
            _ => false,
        }
    }

    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { what, error, path }
    }

    pub(super) fn corrupt(path: &Path, message: impl Into<String>) -> Self {
        Self::Corrupt { message: message.into(), path: path.to_owned() }
    }
}
