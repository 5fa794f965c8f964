//! Writing so that a reader, or a power cut, never meets half a file.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use super::SessionError;

/// Writes `bytes` beside `path`, flushes them to disk and renames over `path`.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), SessionError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let aside = path.with_file_name(name);
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&aside, path)
    };
    write().map_err(SessionError::io("write", path))
}

/// Reads a whole file.
pub fn read(path: &Path) -> Result<Vec<u8>, SessionError> {
    fs::read(path).map_err(SessionError::io("read", path))
}

/// The numbers NNNNNN of the files `NNNNNN.safetensors` in `folder`, ascending; none where there is no folder.
pub fn numbered(folder: &Path) -> Vec<u64> {
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    let number = |e: fs::DirEntry| e.file_name().to_str()?.strip_suffix(".safetensors")?.parse().ok();
    let mut all: Vec<u64> = entries.filter_map(Result::ok).filter_map(number).collect();
    all.sort_unstable();
    all
}
