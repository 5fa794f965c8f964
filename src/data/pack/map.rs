//! A file's bytes in memory without reading them first. This is the one place of `data` that needs `unsafe`; what makes
//! it sound is how packs are written, which `segment` and `store` see to.
#![expect(unsafe_code, reason = "mapping a file is unsafe; the invariant that makes it sound stands below")]

use std::fs::File;
use std::io;
use std::path::Path;

use memmap2::{Mmap, MmapOptions};

/// The first bytes of a segment file, mapped read-only.
///
/// Invariant: packs are append-only. A segment is created by one builder, which only ever adds bytes at its end; nobody
/// writes over bytes that an index line points to, and nobody makes a segment shorter. Removing a file leaves its
/// mappings as they are. Whoever edits a pack's files with other programs while a run reads them breaks this.
#[derive(Debug)]
pub struct Map(Mmap);

impl Map {
    /// Maps the first `length` bytes of the file; an error of kind `UnexpectedEof` where it is shorter.
    pub fn open(path: &Path, length: u64) -> io::Result<Self> {
        let file = File::open(path)?;
        if file.metadata()?.len() < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let length = usize::try_from(length).map_err(io::Error::other)?;
        // SAFETY: by the invariant above, the mapped bytes neither change nor go away while they are mapped: `length`
        // ends where the last indexed clip ends, and those bytes were written and synced before they were indexed.
        let map = unsafe { MmapOptions::new().len(length).map(&file)? };
        Ok(Self(map))
    }

    /// Tells the system that these bytes will be wanted soon, so that it reads them before they are touched.
    pub fn will_need(&self, start: usize, length: usize) {
        #[cfg(unix)]
        {
            // Advice only: where the system does not take it, bytes come when they are touched.
            let _advice = self.0.advise_range(memmap2::Advice::WillNeed, start, length);
        }
        #[cfg(not(unix))]
        let _unused = (start, length);
    }

    /// The mapped bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_shows_the_files_bytes_and_outlives_the_file_and_what_is_appended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"some bytes").unwrap();
        let map = Map::open(&path, 4).unwrap();
        assert_eq!(Map::open(&path, 11).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        io::Write::write_all(&mut file, b" and more").unwrap();
        map.will_need(0, 4);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(map.bytes(), b"some");
    }
}
