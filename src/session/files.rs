//! Writing so that a reader, or a power cut, never meets half a file.

use std::fs::{self, File};
use std::path::Path;

use super::SessionError;
use crate::disk;

/// Writes `bytes` beside `path`, flushes them to disk and renames over `path`. A link there is replaced, not followed.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), SessionError> {
    disk::replace(path, bytes).map_err(SessionError::io("write", path))
}

/// Opens a log for appending; never through a link.
pub fn append(path: &Path) -> Result<File, SessionError> {
    disk::append(path).map_err(SessionError::io("append to", path))
}

/// Reads a whole file of tensors, or of anything that is smaller.
pub fn read(path: &Path) -> Result<Vec<u8>, SessionError> {
    disk::read(path, disk::LARGEST_TENSORS).map_err(SessionError::io("read", path))
}

/// Reads a file of settings.
pub fn read_text(path: &Path) -> Result<String, SessionError> {
    disk::read_text(path, disk::LARGEST_TEXT).map_err(SessionError::io("read", path))
}

/// The numbers NNNNNN of the files `NNNNNN.safetensors` in `folder`, ascending; none where there is no folder.
pub fn numbered(folder: &Path) -> Vec<u64> {
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    let number = |e: fs::DirEntry| e.file_name().to_str()?.strip_suffix(".safetensors")?.parse().ok();
    let mut all: Vec<u64> = entries.filter_map(Result::ok).filter_map(number).collect();
    all.sort_unstable();
    all
}
