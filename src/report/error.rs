//! What can go wrong with a figure or a table, each as one sentence.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::eval::EvalError;
use crate::session::SessionError;

/// A figure or table that cannot be made.
#[derive(Debug, Error)]
pub enum ReportError {
    /// What was asked for cannot be, or the sessions do not hold what it takes: a whole sentence.
    #[error("{0}")]
    Wrong(String),
    /// A session that cannot be read.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A score file that cannot be read.
    #[error(transparent)]
    Scores(#[from] EvalError),
    /// The picture could not be made of its description.
    #[error("the figure cannot be drawn: {0}")]
    Drawing(String),
    /// The system refused.
    #[error("cannot write: {error}: {}", path.display())]
    Io {
        /// What the system said.
        error: std::io::Error,
        /// The file.
        path: PathBuf,
    },
}

impl ReportError {
    pub(super) fn wrong(sentence: impl Into<String>) -> Self {
        Self::Wrong(sentence.into())
    }

    /// About the session in `path`.
    pub(super) fn lacks(path: &Path, what: &str) -> Self {
        Self::Wrong(format!("{what}: {}", path.display()))
    }

    /// Whether the user's input is at fault (exit code 2), not the work (exit code 1).
    pub fn is_input(&self) -> bool {
        matches!(self, Self::Wrong(_) | Self::Session(_) | Self::Scores(_))
    }
}
