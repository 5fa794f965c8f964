//! A researcher's own data as a CSV file: which pictures and videos there are, which are live, who is seen and which
//! part of the data each belongs to. Reading gives clips and problems, writing gives the same file back. The pictures
//! themselves are named, never copied or opened here. What the layouts of other programs look like is in `import`.

mod clips;
mod columns;
mod places;
mod split;
mod table;
#[cfg(test)]
pub(in crate::data) mod testing;
#[cfg(test)]
mod tests;
mod told;
mod words;
mod write;

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::{SourceClip, Split};

pub use columns::Row;
pub(in crate::data) use places::natural;
pub use places::{PICTURE_FORMATS, PICTURES};
pub(in crate::data) use places::{is_other_picture, is_picture, is_video, is_zip, list_zip, other_sentence};
pub(in crate::data) use split::{HELD_OUT, a_fifth, shared_out};
pub use table::{Table, is_manifest, parse};
pub(in crate::data) use told::Told;
pub use words::{LiveIs, RawLabel};
pub use write::{WriteError, Written, write};

/// Faults that are told one by one; the rest is counted.
const TOLD: usize = 20;

/// Why a manifest gave no clips. Every fault has its line and what to do.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// The file cannot be read.
    #[error("{path} cannot be read ({source}); check the path")]
    Read {
        /// The manifest.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Lines that contradict the format or each other.
    #[error("{path} has {count}:{told}", count = count(faults.len()), told = told(faults))]
    Faults {
        /// The manifest.
        path: String,
        /// One sentence each, with the line.
        faults: Vec<String>,
    },
    /// Labels are numbers and nothing says what they mean.
    #[error(
        "{path} has numbers for labels ({counts}) and nothing says which of them means live; give --polarity live=0 or \
         live=1, or put the line `# polarity: live=0` or `# polarity: live=1` on top of the file"
    )]
    Polarity {
        /// The manifest.
        path: String,
        /// How often each number occurs.
        counts: String,
    },
    /// Nothing it names is there.
    #[error(
        "none of the {count} files that {path} names are there; the first: {first}. Paths count from the folder of the \
         manifest"
    )]
    NothingThere {
        /// The manifest.
        path: String,
        /// Files named.
        count: usize,
        /// The first of them.
        first: String,
    },
}

fn count(n: usize) -> String {
    if n == 1 { "a fault".to_owned() } else { format!("{n} faults") }
}

fn told(faults: &[String]) -> String {
    let more = faults.len().saturating_sub(TOLD);
    let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    faults.iter().take(TOLD).flat_map(|f| ["\n  ", f]).chain([more.as_str()]).collect()
}

/// Clips with their parts, and what a person should know, in plain sentences.
pub type Sources = (Vec<(SourceClip, Split)>, Vec<String>);

/// The clips of the manifest at `path` with their parts, in the order of the file, and what a person should know, in
/// plain sentences. Rows of one clip become one [`SourceClip`]. Files that are not there are counted and left out.
/// Without splits in the file, clips are split 70/15/15 by a hash of the subject (of the clip where it has none). With
/// splits but no dev part, every fifth training subject is held out for it.
pub fn sources(path: &Path) -> Result<Sources, ManifestError> {
    sources_as(path, None)
}

/// As [`sources`], where `polarity` says what numeric labels mean. It goes before what the file says.
pub fn sources_as(path: &Path, polarity: Option<LiveIs>) -> Result<Sources, ManifestError> {
    let table = read(path)?;
    let (clips, mut problems) = clips(path, &table, polarity)?;
    let faults_of = |faults| ManifestError::Faults { path: path.display().to_string(), faults };
    let split = split::settle(&clips, &mut problems).map_err(faults_of)?;
    Ok((clips.into_iter().map(|c| c.clip).zip(split).collect(), problems))
}

/// The rows of the manifest at `path`.
pub fn read(path: &Path) -> Result<Table, ManifestError> {
    let name = path.display().to_string();
    let bytes = crate::disk::read(path, crate::disk::LARGEST_LIST)
        .map_err(|source| ManifestError::Read { path: name.clone(), source })?;
    parse(&bytes).map_err(|faults| ManifestError::Faults { path: name, faults })
}

/// A clip with the split that the file gives, before anything is split by hash or held out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The clip.
    pub clip: SourceClip,
    /// Its part, as the file has it.
    pub split: Option<Split>,
    /// The line of its first row, from 1.
    pub line: u64,
    /// Whether it is a picture that names no clip: nothing says which others are of the same video.
    pub alone: bool,
}

/// The clips that `table`, read from the file at `path`, names.
pub fn clips(
    path: &Path,
    table: &Table,
    polarity: Option<LiveIs>,
) -> Result<(Vec<Listed>, Vec<String>), ManifestError> {
    let name = path.display().to_string();
    let mut problems = table.remarks.clone();
    let live_is = match (polarity, table.polarity) {
        (Some(asked), Some(written)) if asked != written => {
            problems.push(format!("The file says {written}, but {asked} was asked for and is obeyed."));
            Some(asked)
        }
        (asked, written) => asked.or(written),
    };
    let counts = table.numbers();
    if live_is.is_none() && !counts.is_empty() {
        let counts: Vec<String> = counts.iter().map(|(value, n)| format!("{value}: {n} rows")).collect();
        return Err(ManifestError::Polarity { path: name, counts: counts.join(", ") });
    }
    let base = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let base = if base.as_os_str().is_empty() { PathBuf::from(".") } else { base };
    clips::gather(&name, &base, table, live_is, problems)
}
