//! Pixels of many faces, all of one size: owned bytes, or places in mapped files. Whoever reads them does not see which.

use std::fmt;
use std::sync::Arc;

use super::pack::Map;

/// Where one record lies in a mapped file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which of the files.
    pub file: u32,
    /// Offset of its first byte.
    pub at: usize,
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
    Mapped { files: Arc<[Map]>, places: Vec<Option<Place>> },
}

impl Pixels {
    /// Records of `each` bytes (at least 1), one after the other; bytes beyond the last whole one are not seen.
    pub fn owned(bytes: Vec<u8>, each: usize) -> Self {
        Self { each: each.max(1), store: Store::Owned(bytes) }
    }

    /// Records of `each` bytes in mapped files. A place outside its file is as good as none.
    pub fn mapped(files: Arc<[Map]>, mut places: Vec<Option<Place>>, each: usize) -> Self {
        let each = each.max(1);
        for place in &mut places {
            let fits = |p: &Place| {
                let file = files.get(p.file as usize).map_or(0, |f| f.bytes().len());
                p.at.checked_add(each).is_some_and(|end| end <= file)
            };
            *place = place.filter(fits);
        }
        Self { each, store: Store::Mapped { files, places } }
    }

    /// How many records there are, absent ones included.
    pub fn len(&self) -> usize {
        match &self.store {
            Store::Owned(bytes) => bytes.len() / self.each,
            Store::Mapped { places, .. } => places.len(),
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

    /// Record `i`, without a copy; `None` where it is absent.
    pub fn get(&self, i: usize) -> Option<&[u8]> {
        match &self.store {
            Store::Owned(bytes) => bytes.get(i * self.each..(i + 1) * self.each),
            Store::Mapped { files, places } => {
                let place = (*places.get(i)?)?;
                files.get(place.file as usize)?.bytes().get(place.at..place.at + self.each)
            }
        }
    }

    /// Whether reading a record may have to wait for a disk.
    pub fn is_mapped(&self) -> bool {
        matches!(self.store, Store::Mapped { .. })
    }

    /// Tells the system that record `i` will be wanted soon. Nothing to do for owned bytes.
    pub fn will_need(&self, i: usize) {
        if let Store::Mapped { files, places } = &self.store
            && let Some(Some(place)) = places.get(i)
            && let Some(file) = files.get(place.file as usize)
        {
            file.will_need(place.at, self.each);
        }
    }

    /// All records in turn.
    pub fn iter(&self) -> impl Iterator<Item = Option<&[u8]>> {
        (0..self.len()).map(|i| self.get(i))
    }
}

/// Equal where all records are, wherever they lie.
impl PartialEq for Pixels {
    fn eq(&self, other: &Self) -> bool {
        self.each == other.each && self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.store {
            Store::Owned(_) => "owned",
            Store::Mapped { .. } => "mapped",
        };
        write!(f, "Pixels({} records of {} bytes, {kind})", self.len(), self.each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owned_and_mapped_records_read_alike() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"abcdefgh").unwrap();
        let files: Arc<[Map]> = vec![Map::open(&path, 8).unwrap()].into();
        let place = |at| Some(Place { file: 0, at });
        let mapped = Pixels::mapped(Arc::clone(&files), vec![place(3), place(0)], 3);
        assert_eq!((mapped.len(), mapped.get(0), mapped.get(1)), (2, Some(&b"def"[..]), Some(&b"abc"[..])));
        assert_eq!(mapped, Pixels::owned(b"defabc".to_vec(), 3));
        assert_ne!(mapped, Pixels::owned(b"abcdef".to_vec(), 3));
        // Outside the file, in no file, overflowing, absent: none of them can be read.
        let places = vec![place(6), Some(Place { file: 1, at: 0 }), place(usize::MAX), None];
        let outside = Pixels::mapped(files, places, 3);
        assert!((0..5).all(|i| outside.get(i).is_none()) && outside.len() == 4);
    }
}
