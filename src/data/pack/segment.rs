//! A segment file of a pack, open for reading. Faces are read when they are wanted, by position, and not mapped into
//! memory: a mapped file that becomes shorter, or a disk that fails, ends the process by a signal, which nobody can turn
//! into a sentence. The system's page cache keeps what is read often, as it does for mapped files.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::hex;

/// Bytes of a face that cannot be read any more.
#[derive(Debug, Error)]
#[error(
    "the faces in {} cannot be read: {reason}; the file was changed or its disk failed. Put the file back or delete it, \
     then resume: faces that are missing from a pack are cut again",
    path.display(),
)]
pub struct FacesLost {
    path: PathBuf,
    reason: String,
}

/// Bytes of a segment that were packed together, with the sum they had then.
#[derive(Debug)]
pub struct Piece {
    at: u64,
    length: u64,
    sha256: String,
    /// Whether the bytes had this sum when they were read first.
    checked: AtomicBool,
}

impl Piece {
    /// The `length` bytes that begin at `at`; their SHA-256 is `sha256`.
    pub fn new(at: u64, length: u64, sha256: &str) -> Self {
        Self { at, length, sha256: sha256.to_owned(), checked: AtomicBool::new(false) }
    }

    fn end(&self) -> u64 {
        self.at.saturating_add(self.length)
    }
}

/// A segment file, up to where the last clip that is wanted of it ends. The bytes of a clip are compared with its sum when they are first
/// read: bytes that changed on a disk would be learnt from as noise, under the fingerprint of the good ones.
#[derive(Debug)]
pub struct Segment {
    file: File,
    path: PathBuf,
    length: u64,
    /// In order of their places.
    pieces: Vec<Piece>,
}

impl Segment {
    /// Opens the file for reading `pieces`; an error of kind `UnexpectedEof` where it ends before the last of them does.
    pub fn open(path: &Path, mut pieces: Vec<Piece>) -> io::Result<Self> {
        let length = pieces.iter().map(Piece::end).max().unwrap_or(0);
        pieces.sort_by_key(|piece| piece.at);
        let found = path.metadata()?;
        if !found.is_file() {
            return Err(io::Error::other("this is no ordinary file"));
        }
        if found.len() < length {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("it has {} bytes, and its index says {length}", found.len()),
            ));
        }
        Ok(Self { file: File::open(path)?, path: path.to_owned(), length, pieces })
    }

    /// How many bytes may be read.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Tells the system that these bytes will be wanted soon, so that it reads them meanwhile.
    #[cfg_attr(target_os = "linux", expect(unsafe_code, reason = "std has no word for advice on files"))]
    pub fn will_need(&self, at: u64, length: usize) {
        #[cfg(target_os = "linux")]
        {
            use std::os::fd::AsRawFd as _;
            // SAFETY: the descriptor is open as long as `self.file` is, and the call reads and writes no memory. Advice
            // only: where the system does not take it, bytes come when they are read.
            let _advice = unsafe {
                libc::posix_fadvise(self.file.as_raw_fd(), at as i64, length as i64, libc::POSIX_FADV_WILLNEED)
            };
        }
        #[cfg(not(target_os = "linux"))]
        let _unused = (at, length);
    }

    /// Fills `to` with the bytes from `at` on.
    pub fn read(&self, at: u64, to: &mut [u8]) -> Result<(), FacesLost> {
        let after = self.pieces.partition_point(|piece| piece.at <= at);
        if let Some(piece) = after.checked_sub(1).map(|i| &self.pieces[i]).filter(|piece| at < piece.end())
            && !piece.checked.load(Ordering::Relaxed)
        {
            self.check(piece)?;
        }
        self.take(at, to)
    }

    fn take(&self, at: u64, to: &mut [u8]) -> Result<(), FacesLost> {
        read_at(&self.file, to, at).map_err(|e| {
            let reason = match e.kind() {
                io::ErrorKind::UnexpectedEof => "the file ends before them".to_owned(),
                _ => e.to_string(),
            };
            FacesLost { path: self.path.clone(), reason }
        })
    }

    fn check(&self, piece: &Piece) -> Result<(), FacesLost> {
        /// Bytes that are read at a time.
        const CHUNK: u64 = 1 << 20;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; piece.length.min(CHUNK) as usize];
        let mut done = 0;
        while done < piece.length {
            let part = &mut buffer[..(piece.length - done).min(CHUNK) as usize];
            self.take(piece.at + done, part)?;
            hash.update(&*part);
            done += part.len() as u64;
        }
        if hex(&hash.finalize()) != piece.sha256 {
            let reason = "they are not those that were packed, as their sum says".to_owned();
            return Err(FacesLost { path: self.path.clone(), reason });
        }
        piece.checked.store(true, Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(unix)]
fn read_at(file: &File, to: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, to, at)
}

#[cfg(windows)]
fn read_at(file: &File, mut to: &mut [u8], mut at: u64) -> io::Result<()> {
    while !to.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, to, at)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => (to, at) = (&mut to[n..], at + n as u64),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_that_shrinks_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"some bytes").unwrap();
        let piece = |length| vec![Piece::new(0, length, &hex(&Sha256::digest(b"some bytes")))];
        assert_eq!(Segment::open(&path, piece(11)).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let segment = Segment::open(&path, piece(10)).unwrap();
        let mut four = [0; 4];
        segment.will_need(5, 4);
        segment.read(5, &mut four).unwrap();
        assert_eq!(&four, b"byte");
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(6).unwrap();
        let lost = segment.read(5, &mut four).unwrap_err().to_string();
        assert!(lost.contains("/a cannot be read: the file ends before them;"), "{lost}");
        // A file that is removed stays readable for whoever has it open.
        std::fs::remove_file(&path).unwrap();
        segment.read(0, &mut four).unwrap();
        assert_eq!(&four, b"some");
        assert!(Segment::open(folder.path(), vec![]).is_err(), "a folder is no segment");
    }

    #[test]
    fn bytes_that_changed_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"onetwo").unwrap();
        let pieces =
            || [("two", 3), ("one", 0)].map(|(word, at)| Piece::new(at, 3, &hex(&Sha256::digest(word)))).into();
        let mut byte = [0];
        Segment::open(&path, pieces()).unwrap().read(4, &mut byte).unwrap();
        assert_eq!(&byte, b"w");
        std::fs::write(&path, b"onetWo").unwrap();
        let changed = Segment::open(&path, pieces()).unwrap();
        changed.read(2, &mut byte).unwrap();
        let lost = changed.read(3, &mut byte).unwrap_err().to_string();
        assert!(lost.contains("not those that were packed"), "{lost}");
    }
}
