//! A segment file of a pack, open for reading. Faces are read when they are wanted, by position, and not mapped into
//! memory: a mapped file that becomes shorter, or a disk that fails, ends the process by a signal, which nobody can turn
//! into a sentence. The system's page cache keeps what is read often, as it does for mapped files.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

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

/// A segment file, up to where the last clip that is wanted of it ends.
#[derive(Debug)]
pub struct Segment {
    file: File,
    path: PathBuf,
    length: u64,
}

impl Segment {
    /// Opens the first `length` bytes of the file; an error of kind `UnexpectedEof` where it is shorter.
    pub fn open(path: &Path, length: u64) -> io::Result<Self> {
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
        Ok(Self { file: File::open(path)?, path: path.to_owned(), length })
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
        read_at(&self.file, to, at).map_err(|e| {
            let reason = match e.kind() {
                io::ErrorKind::UnexpectedEof => "the file ends before them".to_owned(),
                _ => e.to_string(),
            };
            FacesLost { path: self.path.clone(), reason }
        })
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
        assert_eq!(Segment::open(&path, 11).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let segment = Segment::open(&path, 10).unwrap();
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
        assert!(Segment::open(folder.path(), 0).is_err(), "a folder is no segment");
    }
}
