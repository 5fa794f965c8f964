//! What can go wrong with a pack, each as one sentence that says where and what to do.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a pack cannot be built or used.
#[derive(Debug, Error)]
pub enum PackError {
    /// A file of the pack cannot be read or written.
    #[error("cannot {what} {}: {source}", path.display())]
    File {
        /// "read", "write", …
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The bytes of faces are not what the index says.
    #[error(
        "the faces in {} cannot be read: {source}; pack them anew with {}",
        path.display(),
        command(path.parent().unwrap_or(path))
    )]
    Segment {
        /// The segment file.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The folder holds something else.
    #[error("{} is not empty and holds no pack of faces; name an empty or a new folder", .0.display())]
    Taken(PathBuf),
    /// There is no pack.
    #[error("{} holds no pack of faces; `metafas data pack` makes one", .0.display())]
    Absent(PathBuf),
    /// The pack's description cannot be read.
    #[error("the pack in {} is damaged: pack.json {reason}; {} packs it anew", folder.display(), command(folder))]
    Damaged {
        /// The pack.
        folder: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A line of its index is wrong.
    #[error(
        "the pack in {} is damaged: index.jsonl gives {clip} other bytes than its faces need; {} packs it anew",
        folder.display(),
        command(folder)
    )]
    Index {
        /// The pack.
        folder: PathBuf,
        /// The clip of that line.
        clip: String,
    },
    /// Another version of the program wrote it.
    #[error(
        "the pack in {} has format {there}, this program reads format {wanted}; name another folder, or pack it anew \
         with {}",
        folder.display(),
        command(folder)
    )]
    Format {
        /// The pack.
        folder: PathBuf,
        /// Its format.
        there: u64,
        /// The format of this program.
        wanted: u64,
    },
    /// Its faces were cut in another way.
    #[error(
        "the pack in {} was cut by [{there}], and [{wanted}] is asked for; name another folder, or pack it anew with {}",
        folder.display(),
        command(folder)
    )]
    Identity {
        /// The pack.
        folder: PathBuf,
        /// How it was cut.
        there: String,
        /// How it is wanted.
        wanted: String,
    },
    /// Sources changed after their faces were packed.
    #[error(
        "the pack in {} is stale: {first}{}; put the old files back, or cut what changed anew with {}",
        folder.display(),
        others(*more),
        command(folder)
    )]
    Stale {
        /// The pack.
        folder: PathBuf,
        /// Which file changed, and how.
        first: String,
        /// How many more clips there are of which the same holds.
        more: usize,
    },
    /// The folder's file system has no locks, so that two builders could not be kept apart.
    #[error(
        "{} cannot be locked ({source}); put the pack on another disk, where METAFAS_CACHE or --out points to",
        path.display()
    )]
    Lock {
        /// The file that should be locked.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Nothing that was asked for is there.
    #[error("none of the {clips} clips gave a face; the first one: {first}")]
    NoFaces {
        /// Clips asked for.
        clips: usize,
        /// What became of the first.
        first: String,
    },
    /// Smaller faces can be made, larger ones cannot.
    #[error("faces of {wanted} x {wanted} pixels are asked for, and the crop gives {there} x {there}; lower data.size")]
    TooLarge {
        /// Side asked for.
        wanted: usize,
        /// Side of the packed faces.
        there: usize,
    },
    /// Worker threads cannot be started.
    #[error("worker threads cannot be started: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// Asked to stop.
    #[error("packing was stopped; the same command goes on from here")]
    Stopped,
}

impl PackError {
    /// Wraps what the system said of a file.
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { what, path, source }
    }

    /// Whether the cause is what the user asked for or has on disk, not the machine.
    pub fn is_input(&self) -> bool {
        !matches!(self, Self::File { .. } | Self::Threads(_) | Self::Stopped)
    }
}

/// What packs anew.
fn command(folder: &Path) -> String {
    format!("`metafas data pack ROOT --out {} --rebuild`", folder.display())
}

fn others(more: usize) -> String {
    match more {
        0 => String::new(),
        1 => ", and another clip with it".to_owned(),
        n => format!(", and {n} more clips with it"),
    }
}
