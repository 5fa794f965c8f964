//! From packs to a set of faces that training draws from: bytes stay where they are, only names are brought together.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::build::{DEPTH_BYTES, Pack, clip_name, open_segments};
use super::index::{Index, Outcome, Stored};
use super::progress::Teller;
use super::{PackError, Segment, hex};
use crate::data::pixels::{Pixels, Place};
use crate::data::{DEPTH_SIDE, DepthOrigin, FaceInfo, FaceSet, Label, Maps, Origin, SourceClip, Split};

/// Sentences of one kind that are told in full.
const TOLD: usize = 3;

/// A pack with the clips that are wanted of it.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// The pack, in which all of them have been asked for.
    pub pack: &'a Pack,
    /// The clips with their parts of the protocol, in the order that faces shall have.
    pub clips: &'a [(SourceClip, Split)],
}

/// A set of faces, and the clips that gave none.
#[derive(Debug)]
pub struct Loaded {
    /// The faces, in the files of their packs.
    pub set: FaceSet,
    /// Names of clips that could not be read, with the reason.
    pub unreadable: Vec<(String, String)>,
    /// Clips in which no face was found.
    pub without_face: Vec<Faceless>,
}

/// A clip in which no face was found, as far as scores are about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faceless {
    /// Its name, as faces have theirs in [`FaceInfo::clip`].
    pub clip: String,
    /// Live or spoof.
    pub label: Label,
    /// Attack species; empty for live clips.
    pub species: String,
    /// Who is seen.
    pub subject: String,
    /// Part of the protocol.
    pub split: Split,
}

/// One pack's faces as they are brought together.
struct Source<'a> {
    pack: &'a Pack,
    /// Names and places of the clips that have faces.
    clips: Vec<(String, &'a Stored, &'a SourceClip, Split)>,
    small: Option<(BTreeMap<u32, Segment>, Index)>,
}

/// The faces of `parts`, `size` pixels a side; smaller copies are made first where they are missing. Order and
/// fingerprint depend on the clips and their faces alone, not on how or when packs were built.
pub fn face_set(
    name: String,
    origin: Origin,
    parts: &[Part<'_>],
    size: usize,
    threads: usize,
    tell: Teller<'_>,
) -> Result<Loaded, PackError> {
    let mut lost = Lost::default();
    let mut sources = Vec::new();
    for part in parts {
        sources.push(gather(part, size, threads, &mut lost, tell)?);
    }
    let asked = parts.iter().map(|p| p.clips.len()).sum();
    if sources.iter().all(|s| s.clips.is_empty()) {
        return Err(PackError::NoFaces { clips: asked, first: lost.first() });
    }
    let mut faces = Vec::new();
    let (mut rgb, mut depth) = (Vec::new(), Vec::new());
    let mut files: Vec<Segment> = Vec::new();
    let mut hash = Sha256::new();
    hash.update(format!("metafas packed faces {}\n{size}\n", super::FORMAT));
    let (mut supplied, mut mesh) = (false, false);
    for Source { pack, clips, small } in sources {
        let segments = open_segments(&pack.folder, clips.iter().map(|c| c.1))?;
        let large: BTreeMap<u32, u32> = numbered(segments, &mut files);
        let (small_numbers, small_index) = match small {
            Some((segments, index)) => (numbered(segments, &mut files), Some(index)),
            None => (BTreeMap::new(), None),
        };
        let each_large = (pack.side * pack.side * 3) as u64;
        for (clip, stored, source, split) in clips {
            let (file, from, each) = match small_index.as_ref().and_then(|i| cut_of(i, &clip)) {
                Some(copy) => (small_numbers.get(&copy.segment), copy.at, (size * size * 3) as u64),
                None => (large.get(&stored.segment), stored.at, each_large),
            };
            let depth_file = large.get(&stored.segment);
            let mut depth_at = stored.at + stored.faces.len() as u64 * each_large;
            part_of_hash(&mut hash, &[&clip, &stored.sha256]);
            for (k, line) in stored.faces.iter().enumerate() {
                rgb.push(file.map(|&file| Place { file, at: from + k as u64 * each }));
                let here = line.depth.then_some(depth_at);
                depth.push(here.and_then(|at| depth_file.map(|&file| Place { file, at })));
                depth_at += if line.depth { DEPTH_BYTES as u64 } else { 0 };
                let info = FaceInfo {
                    key: format!("{clip}/{:04}", line.frame),
                    clip: clip.clone(),
                    domain: source.domain.clone(),
                    label: source.label,
                    species: source.species.clone(),
                    subject: source.subject.clone(),
                    camera: source.camera.clone(),
                    session: source.session.clone(),
                    split,
                };
                let FaceInfo { key, domain, species, subject, camera, session, .. } = &info;
                part_of_hash(&mut hash, &[key, domain, species, subject, camera, session, &split.to_string()]);
                hash.update([u8::from(info.label == Label::Spoof)]);
                if line.depth && info.label == Label::Live {
                    if source.depth.iter().any(Option::is_some) { supplied = true } else { mesh = true }
                }
                faces.push(info);
            }
        }
    }
    let without_depth = faces.iter().zip(&depth).filter(|(f, d)| f.label == Label::Live && d.is_none()).count();
    let depth_origin = match (supplied, mesh) {
        (false, false) => DepthOrigin::None,
        (true, false) => DepthOrigin::Supplied,
        (false, true) => DepthOrigin::Mesh,
        (true, true) => DepthOrigin::SuppliedAndMesh,
    };
    let mut problems = lost.sentences();
    if depth_origin != DepthOrigin::None && without_depth > 0 {
        problems.push(format!("{without_depth} live faces have no depth map"));
    }
    let files: std::sync::Arc<[Segment]> = files.into();
    let depth = (depth_origin != DepthOrigin::None).then(|| {
        let pixels = Pixels::in_files(std::sync::Arc::clone(&files), depth, DEPTH_BYTES);
        Maps { side: DEPTH_SIDE, pixels }
    });
    let set = FaceSet {
        name,
        origin,
        size,
        faces,
        rgb: Pixels::in_files(files, rgb, size * size * 3),
        depth,
        depth_origin,
        mask: None,
        fingerprint: hex(&hash.finalize()),
        problems,
    };
    Ok(Loaded { set, unreadable: lost.unreadable, without_face: lost.without_face })
}

/// The clips of a part that have faces, with smaller copies where they are wanted.
fn gather<'a>(
    part: &Part<'a>,
    size: usize,
    threads: usize,
    lost: &mut Lost,
    tell: Teller<'_>,
) -> Result<Source<'a>, PackError> {
    let mut clips = Vec::with_capacity(part.clips.len());
    for (source, split) in part.clips {
        let clip = clip_name(source);
        match part.pack.outcome(&clip) {
            Some(Ok(stored)) => {
                lost.remarks.extend(stored.remarks.iter().map(|r| format!("{clip}: {r}")));
                if stored.faces.is_empty() {
                    lost.without_face.push(Faceless {
                        clip,
                        label: source.label,
                        species: source.species.clone(),
                        subject: source.subject.clone(),
                        split: *split,
                    });
                } else {
                    clips.push((clip, stored, source, *split));
                }
            }
            Some(Err(why)) => lost.unreadable.push((clip, why.to_owned())),
            None => lost.unreadable.push((clip, "it is not in the pack".to_owned())),
        }
    }
    let small = if size == part.pack.side {
        None
    } else {
        let wanted: Vec<(&str, &Stored)> = clips.iter().map(|(clip, stored, ..)| (clip.as_str(), *stored)).collect();
        let (folder, index) = part.pack.shrunk(&wanted, size, threads, tell)?;
        let of = |(clip, _): &(&str, &Stored)| match index.entries.get(*clip).map(|e| &e.outcome) {
            Some(Outcome::Cut(copy)) => Ok(copy),
            Some(Outcome::Failed(why)) => Err(PackError::Damaged { folder: folder.clone(), reason: why.clone() }),
            None => Err(PackError::Damaged { folder: folder.clone(), reason: format!("lacks {clip}") }),
        };
        let copies = wanted.iter().map(of).collect::<Result<Vec<_>, _>>()?;
        let segments = open_segments(&folder, copies.into_iter())?;
        Some((segments, index))
    };
    Ok(Source { pack: part.pack, clips, small })
}

fn cut_of<'a>(index: &'a Index, clip: &str) -> Option<&'a Stored> {
    match &index.entries.get(clip)?.outcome {
        Outcome::Cut(stored) => Some(stored),
        Outcome::Failed(_) => None,
    }
}

/// Adds `segments` to the files of the set; which number each got.
fn numbered(segments: BTreeMap<u32, Segment>, files: &mut Vec<Segment>) -> BTreeMap<u32, u32> {
    let add = |(number, segment)| {
        files.push(segment);
        (number, files.len() as u32 - 1)
    };
    segments.into_iter().map(add).collect()
}

/// Every part led by its length, so that no two lists run together to the same bytes.
fn part_of_hash(hash: &mut Sha256, parts: &[&str]) {
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
}

/// What is told of clips that gave no faces.
#[derive(Default)]
struct Lost {
    unreadable: Vec<(String, String)>,
    without_face: Vec<Faceless>,
    remarks: Vec<String>,
}

impl Lost {
    fn first(&self) -> String {
        match (self.unreadable.first(), self.without_face.first()) {
            (Some((_, why)), _) => why.clone(),
            (None, Some(Faceless { clip, .. })) => format!("no face was found in {clip}"),
            (None, None) => "there are no clips".to_owned(),
        }
    }

    fn sentences(&self) -> Vec<String> {
        let mut out = Vec::new();
        if !self.unreadable.is_empty() {
            out.push(format!("{} clips could not be read and are left out:", self.unreadable.len()));
            out.extend(self.unreadable.iter().take(TOLD).map(|(clip, why)| format!("{clip}: {why}")));
        }
        if !self.without_face.is_empty() {
            let names = self.without_face.iter().take(TOLD).map(|f| f.clip.as_str()).collect::<Vec<_>>().join(", ");
            let more = if self.without_face.len() > TOLD { ", …" } else { "" };
            out.push(format!("{} clips showed no face and give none: {names}{more}", self.without_face.len()));
        }
        out.extend(self.remarks.iter().take(TOLD).cloned());
        if self.remarks.len() > TOLD {
            out.push(format!("the packs have {} more remarks of this kind", self.remarks.len() - TOLD));
        }
        out
    }
}
