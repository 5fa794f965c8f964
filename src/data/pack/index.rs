//! The index of a pack: one line a clip, led by a checksum, only ever appended. Of several lines about one clip the last
//! one holds; a line that was torn by a kill or damaged on disk is passed over, and its clip is cut again.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::build::DEPTH_BYTES;
use super::stamp::Stamp;
use super::{PackError, digest};
use crate::data::Label;
use crate::disk;

/// The index' file name.
pub const FILE: &str = "index.jsonl";

/// Digits of a line's checksum.
const DIGITS: usize = 16;

/// Where a face was in its clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaceLine {
    /// The picture's number in its clip, from 0.
    pub frame: u32,
    /// Left, top, width, height in the upright picture, in pixels.
    pub at: [f32; 4],
    /// How sure the finder was, 0 to 1.
    pub confidence: f32,
    /// Whether a depth map is stored with it.
    pub depth: bool,
}

/// Where a clip's bytes are: all faces' pixels in turn, then the depth maps of those that have one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// Number of the segment file.
    pub segment: u32,
    /// Offset of the first byte.
    pub at: u64,
    /// How many bytes.
    pub length: u64,
    /// SHA-256 of those bytes.
    pub sha256: String,
    /// The faces, in order of their frames.
    pub faces: Vec<FaceLine>,
    /// Frames that were looked at and showed no face.
    #[serde(default)]
    pub without_face: Vec<u32>,
    /// How many frames the clip has, as far as known.
    #[serde(default)]
    pub frames: Option<u32>,
    /// What a person should know of it.
    #[serde(default)]
    pub remarks: Vec<String>,
}

impl Stored {
    /// Whether the clip has as many bytes as its faces need, `side` pixels a side, and no place overflows. Lines of an
    /// index are checked against accidents alone, so numbers in them may be anything.
    pub fn is_whole(&self, side: usize) -> bool {
        let depth = self.faces.iter().filter(|f| f.depth).count() as u64;
        let needed = (side as u64)
            .checked_pow(2)
            .and_then(|area| area.checked_mul(3)?.checked_mul(self.faces.len() as u64))
            .and_then(|faces| faces.checked_add(depth.checked_mul(DEPTH_BYTES as u64)?));
        needed == Some(self.length) && self.at.checked_add(self.length).is_some_and(|end| i64::try_from(end).is_ok())
    }
}

/// What became of a clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was cut; perhaps no face was found.
    Cut(Stored),
    /// It could not be read: why, in one sentence.
    Failed(String),
}

/// What is known of a clip, for whoever reads a pack without its set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Where it comes from.
    pub domain: String,
    /// Path relative to the set's root.
    pub path: String,
    /// Bona fide or attack.
    pub label: Label,
    /// Attack species.
    pub species: String,
    /// The person; empty where unknown.
    pub subject: String,
    /// The camera; empty where unknown.
    pub camera: String,
    /// The recording session; empty where unknown.
    pub session: String,
    /// Whether depth maps came with it.
    pub supplied_depth: bool,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Unique name of the clip: domain and path.
    pub clip: String,
    /// What it was made from.
    pub stamp: Stamp,
    /// What it shows; absent in smaller copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// What became of it.
    pub outcome: Outcome,
}

impl Entry {
    /// The line, with its end.
    pub fn line(&self) -> Result<String, serde_json::Error> {
        let text = serde_json::to_string(self)?;
        Ok(format!("{} {text}\n", &digest(text.as_bytes())[..DIGITS]))
    }

    fn parse(line: &[u8]) -> Option<Self> {
        let (sum, text) = line.split_at_checked(DIGITS)?;
        let text = text.strip_prefix(b" ")?;
        (digest(text).as_bytes()[..DIGITS] == *sum).then(|| serde_json::from_slice(text).ok())?
    }
}

/// The last whole line of every clip.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Index {
    /// By the clips' names.
    pub entries: BTreeMap<String, Entry>,
    /// Above every number of a segment that any line has ever named.
    pub segments: u32,
}

impl Index {
    /// Reads the index in `folder`; empty where there is none.
    pub fn read(folder: &Path) -> Result<Self, PackError> {
        let path = folder.join(FILE);
        match disk::read(&path, disk::LARGEST_LOG) {
            Ok(bytes) => Ok(Self::parse(&bytes)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(PackError::File { what: "read", path, source }),
        }
    }

    fn parse(bytes: &[u8]) -> Self {
        let mut all = Self::default();
        let mut rest = bytes;
        // What follows the last line's end was torn.
        while let Some(end) = rest.iter().position(|b| *b == b'\n') {
            if let Some(entry) = Entry::parse(&rest[..end]) {
                if let Outcome::Cut(stored) = &entry.outcome {
                    all.segments = all.segments.max(stored.segment.saturating_add(1));
                }
                all.entries.insert(entry.clip.clone(), entry);
            }
            rest = &rest[end + 1..];
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(clip: &str, outcome: Outcome) -> Entry {
        Entry { clip: clip.to_owned(), stamp: Stamp::of_content("x"), about: None, outcome }
    }

    fn cut(at: u64) -> Outcome {
        let face = FaceLine { frame: 7, at: [1.5, 2.0, 3.25, 4.0], confidence: 0.9, depth: true };
        Outcome::Cut(Stored {
            segment: 2,
            at,
            length: 10,
            sha256: "ab".to_owned(),
            faces: vec![face],
            without_face: vec![1],
            frames: Some(9),
            remarks: vec!["turned by \"hand\"\n".to_owned()],
        })
    }

    #[test]
    fn a_clip_has_the_bytes_of_its_faces() {
        let Outcome::Cut(mut stored) = cut(64) else { panic!("cut") };
        assert!(!stored.is_whole(8), "ten bytes are too few");
        stored.length = 8 * 8 * 3 + DEPTH_BYTES as u64;
        assert!(stored.is_whole(8) && !stored.is_whole(9) && !stored.is_whole(usize::MAX));
        stored.at = u64::MAX - 5;
        assert!(!stored.is_whole(8), "its place overflows");
    }

    proptest! {
        #[test]
        fn any_beginning_of_an_index_gives_its_whole_lines(length in 0_usize..4000, damage in 0_usize..4000, value: u8) {
            let entries = [entry("a", cut(0)), entry("b", Outcome::Failed("no".to_owned())), entry("a", cut(64)), entry("c", cut(8))];
            let lines: Vec<String> = entries.iter().map(|e| e.line().unwrap()).collect();
            let text = lines.concat().into_bytes();
            let length = length % (text.len() + 1);
            let mut expected = BTreeMap::new();
            let mut end = 0;
            for (entry, line) in entries.iter().zip(&lines) {
                end += line.len();
                if end <= length {
                    expected.insert(entry.clip.clone(), entry.clone());
                }
            }
            prop_assert_eq!(Index::parse(&text[..length]).entries, expected);
            // A byte that is not what it was loses its line (or two lines, where it was a line's end), never more, and
            // never gives another entry.
            let mut bad = text;
            let place = damage % bad.len();
            prop_assume!(bad[place] != value);
            bad[place] = value;
            for (_, found) in Index::parse(&bad).entries {
                prop_assert!(entries.contains(&found));
            }
        }
    }
}
