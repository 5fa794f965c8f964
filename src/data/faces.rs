//! The one form in which faces reach training: cropped pictures of one size, as bytes in memory or in files, each
//! with what is known of it. Where they came from (folders, videos, the built-in renderer) is settled before; batches, labels and
//! splits are read from here. No tensors.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::pack::FacesLost;
use super::pixels::Pixels;

/// Bona fide or attack. The internal number is 1 for spoof, 0 for live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// A bona fide presentation.
    Live,
    /// A presentation attack of any species.
    Spoof,
}

impl Label {
    /// 1 for spoof, 0 for live.
    pub fn value(self) -> f32 {
        match self {
            Self::Live => 0.0,
            Self::Spoof => 1.0,
        }
    }
}

/// Which part of the data a face belongs to. Subjects never stand in two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Networks learn from it.
    Train,
    /// Thresholds are chosen on it.
    Dev,
    /// Results are reported on it.
    Test,
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Train => "train",
            Self::Dev => "dev",
            Self::Test => "test",
        })
    }
}

/// What is known of one picture besides its pixels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaceInfo {
    /// Path-like name, unique in its set: relative path, or identity/clip/frame of the built-in data.
    pub key: String,
    /// The video the frame belongs to; frames of one clip are averaged for video-level scores.
    pub clip: String,
    /// The data set or recording domain; empty where there is only one.
    #[serde(default)]
    pub domain: String,
    /// Bona fide or attack.
    pub label: Label,
    /// Attack species ("print", "replay", …); "live" for bona fide faces, "spoof" where nothing more is known.
    pub species: String,
    /// Whose face; empty where unknown.
    pub subject: String,
    /// The camera; empty where unknown.
    pub camera: String,
    /// The recording session; empty where unknown.
    pub session: String,
    /// Train, dev or test.
    pub split: Split,
}

/// Real pictures, or pictures made by a program. Decides which numbers may stand beside which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Rendered by the built-in generator.
    Synthetic,
    /// Photographs or videos from the user's disk.
    Real,
}

/// Where facial depth comes from. It stands in every report that depth has shaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepthOrigin {
    /// There is none.
    #[default]
    None,
    /// Rendered with the pictures.
    Exact,
    /// Maps that came with the clips.
    Supplied,
    /// A face mesh fitted to the pictures by the program.
    Mesh,
    /// Supplied for some faces, a fitted mesh for others.
    SuppliedAndMesh,
}

impl DepthOrigin {
    /// In words, for reports; empty where there is no depth.
    pub fn words(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Exact => "exact",
            Self::Supplied => "supplied",
            Self::Mesh => "mesh pseudo-depth",
            Self::SuppliedAndMesh => "supplied, mesh pseudo-depth where none was",
        }
    }
}

/// Why a face's pixels cannot be read.
#[derive(Debug, Error)]
pub enum PixelsError {
    /// Their file cannot be read.
    #[error(transparent)]
    Lost(#[from] FacesLost),
    /// There is no picture of that size.
    #[error("the data hold no picture of the face {0}; pack or load them anew")]
    NoPicture(String),
}

/// One map a face: one byte a pixel, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Maps {
    /// Side in pixels.
    pub side: usize,
    /// `side * side` bytes a face; absent for faces that have no map.
    pub pixels: Pixels,
}

/// A set of faces. Pictures and maps run in the order of `faces`, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceSet {
    /// Name for reports: "built-in faces" or the folder's name.
    pub name: String,
    /// Rendered or real.
    pub origin: Origin,
    /// Side of every picture in pixels.
    pub size: usize,
    /// One entry a face, in the order of pictures and maps.
    pub faces: Vec<FaceInfo>,
    /// sRGB bytes, `size * size * 3` a face.
    pub rgb: Pixels,
    /// Facial depth, 255 nearest, 0 background and attacks. Absent for sets that bring none.
    pub depth: Option<Maps>,
    /// Where that depth comes from.
    pub depth_origin: DepthOrigin,
    /// 255 where the attack's material is, 0 elsewhere. Absent where unknown.
    pub mask: Option<Maps>,
    /// Hash over names, labels and pixels (of packs: over the checksums of their clips), for run.toml.
    pub fingerprint: String,
    /// Things the user should know, in plain sentences: files that could not be read, subjects that may overlap.
    pub problems: Vec<String>,
}

impl FaceSet {
    /// The pixels of face `i`: `size * size * 3` sRGB bytes, read now where they lie in a file.
    pub fn rgb_of(&self, i: usize) -> Result<Cow<'_, [u8]>, PixelsError> {
        let pixels = self.rgb.get(i)?.filter(|pixels| pixels.len() == self.size * self.size * 3);
        pixels.ok_or_else(|| PixelsError::NoPicture(self.faces.get(i).map_or_else(String::new, |f| f.key.clone())))
    }

    /// The depth map of face `i`, where it has one.
    pub fn depth_of(&self, i: usize) -> Result<Option<Cow<'_, [u8]>>, PixelsError> {
        let Some(depth) = &self.depth else { return Ok(None) };
        Ok(depth.pixels.get(i)?)
    }

    /// Indices of the faces in `split` with `label`, in order.
    pub fn indices(&self, split: Split, label: Label) -> Vec<usize> {
        let wanted = |(i, f): (usize, &FaceInfo)| (f.split == split && f.label == label).then_some(i);
        self.faces.iter().enumerate().filter_map(wanted).collect()
    }

    /// How many faces are live and how many are spoofs in `split`.
    pub fn count(&self, split: Split) -> (usize, usize) {
        (self.indices(split, Label::Live).len(), self.indices(split, Label::Spoof).len())
    }

    /// SHA-256, in hexadecimal, over everything training can see: size, what is known of each face, pixels, depth and
    /// masks. Name, origin and problems do not enter: a folder that is moved keeps its fingerprint.
    pub fn compute_fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        // Every part is led by its length, so that no two sets run together to the same bytes.
        let mut part = |pieces: &mut dyn Iterator<Item = &[u8]>, length: usize| {
            hash.update((length as u64).to_le_bytes());
            pieces.for_each(|p| hash.update(p));
        };
        let mut one = |bytes: &[u8]| part(&mut std::iter::once(bytes), bytes.len());
        one(b"metafas faces 1");
        one(&(self.size as u64).to_le_bytes());
        one(&(self.faces.len() as u64).to_le_bytes());
        for f in &self.faces {
            for text in [&f.key, &f.clip, &f.domain, &f.species, &f.subject, &f.camera, &f.session] {
                one(text.as_bytes());
            }
            one(&[u8::from(f.label == Label::Spoof)]);
            one(f.split.to_string().as_bytes());
        }
        let maps = [self.depth.as_ref(), self.mask.as_ref()].map(|m| m.map(|m| &m.pixels));
        for pixels in [Some(&self.rgb), maps[0], maps[1]] {
            let Some(pixels) = pixels else {
                part(&mut std::iter::empty(), 0);
                continue;
            };
            let there: Vec<Cow<'_, [u8]>> = pixels.iter().filter_map(Result::ok).flatten().collect();
            part(&mut there.iter().map(AsRef::as_ref), there.iter().map(|bytes| bytes.len()).sum());
        }
        let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
        hash.finalize().into_iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> FaceSet {
        let face = |key: &str, label| FaceInfo {
            key: key.to_owned(),
            clip: key.to_owned(),
            domain: String::new(),
            label,
            species: String::new(),
            subject: "ab".to_owned(),
            camera: "c".to_owned(),
            session: String::new(),
            split: Split::Train,
        };
        FaceSet {
            name: "a".to_owned(),
            origin: Origin::Real,
            size: 1,
            faces: vec![face("1", Label::Live), face("2", Label::Spoof)],
            rgb: Pixels::owned(vec![1, 2, 3, 4, 5, 6], 3),
            depth: None,
            depth_origin: DepthOrigin::None,
            mask: None,
            fingerprint: String::new(),
            problems: vec![],
        }
    }

    #[test]
    fn the_fingerprint_sees_what_training_sees_and_nothing_else() {
        let first = set().compute_fingerprint();
        assert_eq!(first.len(), 64);
        let changed = |change: fn(&mut FaceSet)| {
            let mut other = set();
            change(&mut other);
            other.compute_fingerprint()
        };
        assert_eq!(changed(|s| s.name = "b".to_owned()), first);
        assert_eq!(changed(|s| s.problems.push("p".to_owned())), first);
        let others = [
            changed(|s| s.rgb = Pixels::owned(vec![1, 2, 3, 4, 5, 7], 3)),
            changed(|s| s.faces[0].label = Label::Spoof),
            changed(|s| s.faces[0].split = Split::Dev),
            changed(|s| (s.faces[0].subject, s.faces[0].camera) = ("a".to_owned(), "bc".to_owned())),
            changed(|s| s.depth = Some(Maps { side: 1, pixels: Pixels::owned(vec![0, 0], 1) })),
            changed(|s| s.mask = Some(Maps { side: 1, pixels: Pixels::owned(vec![0, 0], 1) })),
        ];
        for (i, fingerprint) in others.iter().enumerate() {
            assert!(*fingerprint != first && !others[i + 1..].contains(fingerprint), "change {i} is not seen");
        }
    }

    #[test]
    fn pixels_and_indices_follow_the_faces() {
        let set = set();
        assert_eq!(*set.rgb_of(1).unwrap(), [4, 5, 6]);
        assert!(set.rgb_of(2).unwrap_err().to_string().contains("picture"));
        assert_eq!(set.indices(Split::Train, Label::Spoof), [1]);
        assert_eq!((set.count(Split::Train), set.count(Split::Dev)), ((1, 1), (0, 0)));
    }
}
