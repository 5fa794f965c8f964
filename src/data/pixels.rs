//! Pixels of many faces, all of one size: owned bytes, or places in files. Whoever reads them does not see which.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::pack::{FacesLost, Segment};

/// Where one record lies in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which of the files.
    pub file: u32,
    /// Offset of its first byte.
    pub at: u64,
}

/// Equally long records of bytes, some of which may be absent.
#[derive(Clone)]
pub struct Pixels {
    each: usize,
    store: Store,
}

#[derive(Clone)]
enum Store {
    Owned(Vec<u8>),
    InFiles { files: Arc<[Segment]>, places: Vec<Option<Place>> },
}

impl Pixels {
    /// Records of `each` bytes (at least 1), one after the other; bytes beyond the last whole one are not seen.
    pub fn owned(bytes: Vec<u8>, each: usize) -> Self {
        Self { each: each.max(1), store: Store::Owned(bytes) }
    }

    /// Records of `each` bytes in files. A place outside its file is as good as none.
    pub fn in_files(files: Arc<[Segment]>, mut places: Vec<Option<Place>>, each: usize) -> Self {
        let each = each.max(1);
        for place in &mut places {
            let fits = |p: &Place| {
                let length = files.get(p.file as usize).map_or(0, Segment::length);
                p.at.checked_add(each as u64).is_some_and(|end| end <= length)
            };
            *place = place.filter(fits);
        }
        Self { each, store: Store::InFiles { files, places } }
    }

    /// How many records there are, absent ones included.
    pub fn len(&self) -> usize {
        match &self.store {
            Store::Owned(bytes) => bytes.len() / self.each,
            Store::InFiles { places, .. } => places.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of one record.
    pub fn each(&self) -> usize {
        self.each
    }

    /// Record `i`, read now where it lies in a file; `None` where it is absent.
    pub fn get(&self, i: usize) -> Result<Option<Cow<'_, [u8]>>, FacesLost> {
        let (files, places) = match &self.store {
            Store::Owned(bytes) => {
                let range = i.checked_mul(self.each).and_then(|from| Some(from..from.checked_add(self.each)?));
                return Ok(range.and_then(|range| bytes.get(range)).map(Cow::Borrowed));
            }
            Store::InFiles { files, places } => (files, places),
        };
        let Some(Some(place)) = places.get(i) else { return Ok(None) };
        let Some(file) = files.get(place.file as usize) else { return Ok(None) };
        let mut bytes = vec![0; self.each];
        file.read(place.at, &mut bytes)?;
        Ok(Some(Cow::Owned(bytes)))
    }

    /// Whether record `i` is there, without reading it.
    pub fn has(&self, i: usize) -> bool {
        match &self.store {
            Store::Owned(_) => i < self.len(),
            Store::InFiles { places, .. } => places.get(i).is_some_and(Option::is_some),
        }
    }

    /// Whether reading a record may have to wait for a disk.
    pub fn is_in_files(&self) -> bool {
        matches!(self.store, Store::InFiles { .. })
    }

    /// Tells the system that record `i` will be wanted soon. Nothing to do for owned bytes.
    pub fn will_need(&self, i: usize) {
        if let Store::InFiles { files, places } = &self.store
            && let Some(Some(place)) = places.get(i)
            && let Some(file) = files.get(place.file as usize)
        {
            file.will_need(place.at, self.each);
        }
    }

    /// All records in turn.
    pub fn iter(&self) -> impl Iterator<Item = Result<Option<Cow<'_, [u8]>>, FacesLost>> {
        (0..self.len()).map(|i| self.get(i))
    }
}

/// Equal where all records are, wherever they lie; records that cannot be read are equal to none.
impl PartialEq for Pixels {
    fn eq(&self, other: &Self) -> bool {
        let same = |i| matches!((self.get(i), other.get(i)), (Ok(a), Ok(b)) if a == b);
        self.each == other.each && self.len() == other.len() && (0..self.len()).all(same)
    }
}

impl fmt::Debug for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.store {
            Store::Owned(_) => "owned",
            Store::InFiles { .. } => "in files",
        };
        write!(f, "Pixels({} records of {} bytes, {kind})", self.len(), self.each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::pack::Piece;

    #[test]
    fn owned_records_and_those_in_files_read_alike() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"abcdefgh").unwrap();
        let piece = Piece::new(0, 8, "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab");
        let files: Arc<[Segment]> = vec![Segment::open(&path, vec![piece]).unwrap()].into();
        let place = |at| Some(Place { file: 0, at });
        let read = Pixels::in_files(Arc::clone(&files), vec![place(3), place(0)], 3);
        assert_eq!(read.len(), 2);
        assert_eq!(read.get(0).unwrap().as_deref(), Some(&b"def"[..]));
        assert_eq!(read.get(1).unwrap().as_deref(), Some(&b"abc"[..]));
        assert_eq!(read, Pixels::owned(b"defabc".to_vec(), 3));
        assert_ne!(read, Pixels::owned(b"abcdef".to_vec(), 3));
        // Outside the file, in no file, overflowing, absent: none of them can be read.
        let places = vec![place(6), Some(Place { file: 1, at: 0 }), place(u64::MAX), None];
        let outside = Pixels::in_files(files, places, 3);
        assert!((0..5).all(|i| outside.get(i).unwrap().is_none() && !outside.has(i)) && outside.len() == 4);
        // A file that became shorter is an error, not a signal.
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(4).unwrap();
        assert!(read.get(0).is_err() && read.get(1).is_ok());
    }
}
