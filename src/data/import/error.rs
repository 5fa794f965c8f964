//! What can go wrong before anything is imported, each in one sentence.

use thiserror::Error;

use crate::data::manifest::{ManifestError, WriteError};

use super::Layout;

/// Why nothing was found, or nothing can come of it.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The root cannot be opened.
    #[error("{root} cannot be read ({source}); check the path")]
    Root {
        /// The path as given.
        root: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// No layout fits.
    #[error(
        "{root} is in no layout that is known here ({files} files, {pictures} pictures, {videos} videos); write a \
         manifest (docs/data.md shows one), or sort the files into folders live/ and spoof/"
    )]
    Unknown {
        /// The path as given.
        root: String,
        /// Files below it.
        files: usize,
        /// Pictures among them.
        pictures: usize,
        /// Videos among them.
        videos: usize,
    },
    /// The layout that was asked for is not there.
    #[error("{root} does not hold {layout}; leave out --as to have it recognised")]
    NotThis {
        /// The path as given.
        root: String,
        /// What was asked for.
        layout: Layout,
    },
    /// The manifest has faults.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A person must say which number means live.
    #[error("{root}: which label means live must be said with --polarity live=0 or live=1: {why}")]
    Ask {
        /// The path as given.
        root: String,
        /// Why it is not known.
        why: String,
    },
    /// It is recognised, but there is nothing to use.
    #[error("{root} holds {layout}, but {what}")]
    Nothing {
        /// The path as given.
        root: String,
        /// The layout.
        layout: Layout,
        /// What is missing and what to do.
        what: String,
    },
    /// The manifest could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}
