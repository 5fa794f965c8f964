//! Putting files in place so that readers see the old one, none, or the whole new one, whoever else is writing.

use std::fs;
use std::io;
use std::path::Path;

use super::BuiltinError;
use crate::disk;

/// Writes `bytes` aside under a name of its own, then puts them in place; makes the folder where it is missing.
pub fn keep(path: &Path, bytes: &[u8]) -> Result<(), BuiltinError> {
    let write = || -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        disk::replace(path, bytes)
    };
    write().map_err(|source| BuiltinError::File { path: path.to_owned(), source })
}
