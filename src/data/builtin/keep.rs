//! Putting files in place so that readers see the old one, none, or the whole new one, whoever else is writing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::BuiltinError;

/// Writes `bytes` aside under a name of its own, then puts them in place; makes the folder where it is missing.
pub fn keep(path: &Path, bytes: &[u8]) -> Result<(), BuiltinError> {
    let write = || -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let aside = aside(path);
        let written = fs::write(&aside, bytes).and_then(|()| fs::rename(&aside, path));
        if written.is_err() {
            // Whatever was written is of no use; that it cannot be removed either changes nothing.
            let _ignored = fs::remove_file(&aside);
        }
        written
    };
    write().map_err(|source| BuiltinError::File { path: path.to_owned(), source })
}

/// A name beside `path` that no other process or thread uses.
fn aside(path: &Path) -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    path.with_extension(format!("{}-{number}.part", std::process::id()))
}
