//! The files of a pack's folder: its description, its lock, and segments that are only ever added to.
//!
//! ```text
//! pack.json      format, side of the faces, who cut them; written once, by rename
//! index.jsonl    a line a clip, appended after its bytes are safe
//! NNNNNN.faces   segments: the clips' bytes; every builder begins segments of its own
//! lock           held by the one builder at work
//! at-NN/         smaller copies, folders of the same kind
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::PackError;
use super::index::{self, Entry, Index, Outcome, Stored};
use crate::disk;

/// Version of the folder's layout and of every byte in it.
pub const FORMAT: u64 = 1;

const HEADER: &str = "pack.json";
const LOCK: &str = "lock";
/// A new segment begins beyond so many bytes.
const SEGMENT: u64 = 1 << 30;
/// Bytes that may wait to be made safe together.
const WAITING: u64 = 64 << 20;
/// Clips begin at multiples of this.
const ALIGN: u64 = 64;

/// What a pack's faces have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the layout.
    pub format: u64,
    /// Side of the faces in pixels.
    pub side: usize,
    /// Everything besides the clips that shapes the faces.
    pub identity: String,
}

impl Header {
    /// The description of the pack in `folder`; `None` where there is no folder, or an empty one.
    pub fn read(folder: &Path) -> Result<Option<Self>, PackError> {
        let path = folder.join(HEADER);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return if holds_other_files(folder)? { Err(PackError::Taken(folder.to_owned())) } else { Ok(None) };
            }
            Err(source) => return Err(PackError::File { what: "read", path, source }),
        };
        let damaged = |reason: String| PackError::Damaged { folder: folder.to_owned(), reason };
        let value: serde_json::Value =
            serde_json::from_slice(&text).map_err(|e| damaged(format!("is not readable ({e})")))?;
        // The number first: the rest of another format may look different.
        let there = value["format"].as_u64().ok_or_else(|| damaged("has no format".to_owned()))?;
        if there != FORMAT {
            return Err(PackError::Format { folder: folder.to_owned(), there, wanted: FORMAT });
        }
        let header: Self = serde_json::from_value(value).map_err(|e| damaged(format!("is not readable ({e})")))?;
        // Larger ones than any crop gives; also keeps sizes in bytes far from overflowing.
        if !(1..=4096).contains(&header.side) {
            return Err(damaged(format!("says that faces are {0} x {0} pixels", header.side)));
        }
        Ok(Some(header))
    }

    /// An error unless a pack described by this one can give what `wanted` describes.
    pub fn fits(&self, wanted: &Self, folder: &Path) -> Result<(), PackError> {
        if (self.side, &self.identity) == (wanted.side, &wanted.identity) {
            return Ok(());
        }
        let words = |h: &Self| {
            if self.side == wanted.side { h.identity.clone() } else { format!("{}, {} pixels", h.identity, h.side) }
        };
        Err(PackError::Identity { folder: folder.to_owned(), there: words(self), wanted: words(wanted) })
    }

    fn write(&self, folder: &Path) -> Result<(), PackError> {
        let path = folder.join(HEADER);
        let write = || disk::replace(&path, &serde_json::to_vec_pretty(self)?);
        write().map_err(PackError::io("write", &path))
    }
}

/// Makes the names in a folder safe, where the system can.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn is_segment(name: &str) -> Option<u32> {
    name.strip_suffix(".faces").filter(|n| n.len() == 6)?.parse().ok()
}

fn names(folder: &Path) -> Result<Vec<String>, PackError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(PackError::File { what: "look into", path: folder.to_owned(), source }),
    };
    let mut names: Vec<String> =
        entries.filter_map(Result::ok).map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

/// Whether anything lies in `folder` that a builder killed before it wrote the description would not have left.
fn holds_other_files(folder: &Path) -> Result<bool, PackError> {
    Ok(names(folder)?.iter().any(|n| n != LOCK && n != "pack.json.part" && !disk::is_unfinished(n)))
}

/// The segment `number` of `folder`.
pub fn segment_path(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number:06}.faces"))
}

/// The right to build. Given back when it is dropped, or when the process dies.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Opens the lock file of `folder`, which is made where it is missing.
    pub fn open(folder: &Path) -> Result<Self, PackError> {
        fs::create_dir_all(folder).map_err(PackError::io("make the folder", folder))?;
        let path = folder.join(LOCK);
        disk::lock_file(&path).map(Self).map_err(PackError::io("write", &path))
    }

    /// Takes the right if nobody has it.
    pub fn try_take(&self, folder: &Path) -> Result<bool, PackError> {
        match self.0.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(source)) => Err(PackError::Lock { path: folder.join(LOCK), source }),
        }
    }
}

/// Removes what a pack's folder holds, smaller copies included; the lock stays, as its holder is at work.
pub fn clear(folder: &Path) -> Result<(), PackError> {
    // The index first: without it, nothing points into segments that may be half gone.
    let all = names(folder)?;
    let ours =
        |n: &&String| *n == HEADER || *n == "pack.json.part" || disk::is_unfinished(n) || is_segment(n).is_some();
    let files =
        std::iter::once(index::FILE.to_owned()).filter(|n| all.contains(n)).chain(all.iter().filter(ours).cloned());
    for name in files {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(PackError::io("remove", &path))?;
    }
    for name in all.iter().filter(|n| n.strip_prefix("at-").is_some_and(|s| s.parse::<usize>().is_ok())) {
        let path = folder.join(name);
        remove_copy(&path)?;
    }
    Ok(())
}

/// Removes a smaller copy; what no pack holds stays, and is an error. Of a link the link alone is removed.
fn remove_copy(path: &Path) -> Result<(), PackError> {
    if path.is_symlink() {
        return fs::remove_file(path).map_err(PackError::io("remove", path));
    }
    clear(path)?;
    match fs::remove_file(path.join(LOCK)) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(PackError::io("remove", path)(e)),
        _ => {}
    }
    fs::remove_dir(path).map_err(PackError::io("remove", path))
}

/// Describes the pack in `folder` where it is not described yet.
pub fn describe(folder: &Path, header: &Header) -> Result<(), PackError> {
    match Header::read(folder)? {
        Some(there) => there.fits(header, folder),
        None => header.write(folder),
    }
}

/// A clip's bytes and what is written of it.
pub struct Finished {
    /// Its line; where its bytes are is filled in by the writer.
    pub entry: Entry,
    /// Its faces' pixels, then their depth maps.
    pub bytes: Vec<u8>,
}

/// Adds clips to a pack: bytes first, then, when they are safe, their lines. Only the holder of the lock has one.
pub struct Writer<'a> {
    folder: &'a Path,
    /// Numbers below this one are or were taken by segments.
    first: u32,
    index: File,
    segment: Option<(u32, File, u64)>,
    waiting: Vec<Entry>,
    waiting_bytes: u64,
    last_flush: std::time::Instant,
}

impl<'a> Writer<'a> {
    /// A writer that begins segments of its own. No number that the index speaks of comes again, even where its file is
    /// lost: an old line must never find another segment's bytes.
    pub fn new(folder: &'a Path, known: &Index) -> Result<Self, PackError> {
        let path = folder.join(index::FILE);
        let open = || -> io::Result<File> {
            if path.is_symlink() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a symbolic link"));
            }
            let mut file = OpenOptions::new().create(true).append(true).read(true).open(&path)?;
            // A torn last line is closed off, so that the next one begins on its own.
            if file.seek(SeekFrom::End(0))? > 0 {
                file.seek(SeekFrom::End(-1))?;
                let mut last = [0];
                file.read_exact(&mut last)?;
                if last != *b"\n" {
                    file.write_all(b"\n")?;
                }
            }
            Ok(file)
        };
        let index = open().map_err(PackError::io("write", &path))?;
        let last_flush = std::time::Instant::now();
        Ok(Self {
            folder,
            first: known.segments,
            index,
            segment: None,
            waiting: Vec::new(),
            waiting_bytes: 0,
            last_flush,
        })
    }

    /// Adds a clip; it is in the pack after the next [`Writer::flush`].
    pub fn add(&mut self, finished: Finished) -> Result<(), PackError> {
        let Finished { mut entry, bytes } = finished;
        if let Outcome::Cut(stored) = &mut entry.outcome {
            self.append(stored, &bytes)?;
        }
        self.waiting.push(entry);
        self.waiting_bytes += bytes.len() as u64;
        if self.waiting_bytes >= WAITING || self.last_flush.elapsed().as_secs_f64() >= 1.0 {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn append(&mut self, stored: &mut Stored, bytes: &[u8]) -> Result<(), PackError> {
        if self.segment.as_ref().is_some_and(|(_, _, length)| *length >= SEGMENT) {
            self.flush()?;
            self.segment = None;
        }
        if self.segment.is_none() {
            self.segment = Some(self.begin()?);
        }
        let folder = self.folder;
        let Some((number, file, length)) = &mut self.segment else { return Ok(()) };
        let pad = length.next_multiple_of(ALIGN) - *length;
        let write = |file: &mut File| -> io::Result<()> {
            file.write_all(&[0; ALIGN as usize][..pad as usize])?;
            file.write_all(bytes)
        };
        write(file).map_err(PackError::io("write", &segment_path(folder, *number)))?;
        (stored.segment, stored.at, stored.length) = (*number, *length + pad, bytes.len() as u64);
        *length += pad + bytes.len() as u64;
        Ok(())
    }

    /// A segment that nobody else has, numbered after all others.
    fn begin(&self) -> Result<(u32, File, u64), PackError> {
        let there = names(self.folder)?.iter().filter_map(|n| is_segment(n)).max().map_or(0, |n| n + 1);
        let mut number = there.max(self.first);
        loop {
            let path = segment_path(self.folder, number);
            match OpenOptions::new().create_new(true).append(true).open(&path) {
                Ok(file) => {
                    sync_folder(self.folder).map_err(PackError::io("write", self.folder))?;
                    return Ok((number, file, 0));
                }
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(source) => return Err(PackError::File { what: "write", path, source }),
            }
        }
    }

    /// Makes the bytes of waiting clips safe, then writes their lines.
    pub fn flush(&mut self) -> Result<(), PackError> {
        self.last_flush = std::time::Instant::now();
        self.waiting_bytes = 0;
        if self.waiting.is_empty() {
            return Ok(());
        }
        if let Some((number, file, _)) = &self.segment {
            file.sync_data().map_err(PackError::io("write", &segment_path(self.folder, *number)))?;
        }
        let path = self.folder.join(index::FILE);
        let mut text = String::new();
        for entry in self.waiting.drain(..) {
            text += &entry.line().map_err(|e| PackError::io("write", &path)(e.into()))?;
        }
        self.index.write_all(text.as_bytes()).map_err(PackError::io("write", &path))
    }

    /// Writes what waits, and makes the index safe.
    pub fn close(mut self) -> Result<(), PackError> {
        self.flush()?;
        self.index.sync_data().map_err(PackError::io("write", &self.folder.join(index::FILE)))
    }
}
