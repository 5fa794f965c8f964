//! What can be wrong with score files and with a request for metrics. Every message says what, where and what to do.

use thiserror::Error;

/// Why no metrics could be given. All of these are mistakes in the input, not failures of the program.
#[derive(Debug, Error)]
pub enum EvalError {
    /// A file could not be opened, read or written.
    #[error("{file}: {source}; check the path and its permissions")]
    Io {
        /// The file's path.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// One line of a score file cannot be used.
    #[error("{file}, line {line}: {what}")]
    Line {
        /// The file's path.
        file: String,
        /// Line number, from 1.
        line: u64,
        /// What is wrong with it and what to do.
        what: String,
    },
    /// A set of scores as a whole cannot be used.
    #[error("{set}: {what}")]
    Set {
        /// Path or name of the set.
        set: String,
        /// What is wrong with it and what to do.
        what: String,
    },
    /// The request does not fit together or an argument is not understood.
    #[error("{0}")]
    Request(String),
}

impl EvalError {
    pub(super) fn set(set: &str, what: impl Into<String>) -> Self {
        Self::Set { set: set.to_owned(), what: what.into() }
    }
}
