//! From clips on disk to a pack of their faces: whatever a cutter cuts out is kept, once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::files::{FORMAT, Finished, Header, segment_path};
use super::index::{About, Entry, FaceLine, Index, Outcome, Stored};
use super::progress::Teller;
use super::shrink::shrink;
use super::stamp::{Stamp, content_key};
use super::store::{Job, ensure};
use super::{PackError, Piece, Segment, digest};
use crate::data::{CutFace, Cuts, Cutter, DEPTH_SIDE, SourceClip};

/// Bytes of a packed depth map.
pub const DEPTH_BYTES: usize = DEPTH_SIDE * DEPTH_SIDE;

/// What shall be in a pack.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The pack's folder; made where it is missing.
    pub folder: &'a Path,
    /// The set's folder: files in it are known by their path from there, so that it may be moved.
    pub root: &'a Path,
    /// The clips. Others that are in the pack already stay.
    pub clips: &'a [SourceClip],
    /// Who cuts the faces out.
    pub cutter: &'a dyn Cutter,
    /// Whether stale clips, or a pack cut in another way, are packed anew; else they are an error.
    pub rebuild: bool,
    /// Threads; at least one. The faces do not depend on it.
    pub threads: usize,
}

/// A pack whose clips are all there, but for those that could not be read.
#[derive(Debug)]
pub struct Pack {
    /// Its folder.
    pub folder: PathBuf,
    /// Side of its faces in pixels.
    pub side: usize,
    /// How they were cut, as one line.
    pub identity: String,
    /// Hash over the format, the cutter and the clips that were asked for, with sizes and times of their files.
    pub key: String,
    index: Index,
    /// Clips whose files cannot even be looked at, with the reason.
    gone: BTreeMap<String, String>,
}

/// The name of a clip in packs, scores and reports.
pub fn clip_name(clip: &SourceClip) -> String {
    format!("{}/{}", clip.domain, clip.path)
}

/// Packs what is missing of the wanted clips. Many threads cut; of several builders one works and the others wait for
/// it; what is finished stays when it is stopped or killed.
pub fn build(wanted: &Wanted<'_>, tell: Teller<'_>) -> Result<Pack, PackError> {
    let Wanted { folder, root, clips, cutter, rebuild, threads } = *wanted;
    let header = Header { format: FORMAT, side: cutter.side(), identity: cutter.identity() };
    let mut gone = BTreeMap::new();
    let mut jobs = Vec::with_capacity(clips.len());
    for clip in clips {
        match Stamp::of(clip, root) {
            Ok(stamp) => jobs.push(Job { clip: clip_name(clip), stamp, source: Some(clip) }),
            Err(why) => drop(gone.insert(clip_name(clip), why)),
        }
    }
    let make = |i: usize| {
        let job: &Job<'_> = &jobs[i];
        let entry = |outcome, about| Entry { clip: job.clip.clone(), stamp: job.stamp.clone(), about, outcome };
        let failed = |why: String| Finished { entry: entry(Outcome::Failed(why), None), bytes: Vec::new() };
        let Some(clip) = job.source else { return failed("there is no such clip".to_owned()) };
        match cutter.cut(clip).and_then(|cuts| assemble(cuts, cutter.side())) {
            Ok((stored, bytes)) => Finished { entry: entry(Outcome::Cut(stored), Some(about(clip))), bytes },
            Err(why) => failed(why),
        }
    };
    let index = ensure(folder, &header, &jobs, rebuild, threads, &make, tell)?;
    let key = content_key(&header.identity, jobs.iter().map(|j| (j.clip.as_str(), &j.stamp)));
    let Header { side, identity, .. } = header;
    Ok(Pack { folder: folder.to_owned(), side, identity, key, index, gone })
}

/// The pack in `folder` as it lies there, without its sources; an error where there is none.
pub fn open(folder: &Path) -> Result<Pack, PackError> {
    let header = Header::read(folder)?.ok_or_else(|| PackError::Absent(folder.to_owned()))?;
    let index = Index::read(folder)?;
    for entry in index.entries.values() {
        if let Outcome::Cut(stored) = &entry.outcome
            && !stored.is_whole(header.side)
        {
            return Err(PackError::Index { folder: folder.to_owned(), clip: entry.clip.clone() });
        }
    }
    let key = content_key(&header.identity, index.entries.values().map(|e| (e.clip.as_str(), &e.stamp)));
    let Header { side, identity, .. } = header;
    Ok(Pack { folder: folder.to_owned(), side, identity, key, index, gone: BTreeMap::new() })
}

fn about(clip: &SourceClip) -> About {
    About {
        domain: clip.domain.clone(),
        path: clip.path.clone(),
        label: clip.label,
        species: clip.species.clone(),
        subject: clip.subject.clone(),
        camera: clip.camera.clone(),
        session: clip.session.clone(),
        supplied_depth: clip.depth.iter().any(Option::is_some),
    }
}

/// A clip's faces as bytes: pixels in turn, then depth maps.
fn assemble(cuts: Cuts, side: usize) -> Result<(Stored, Vec<u8>), String> {
    let Cuts { faces, without_face, frames, remarks } = cuts;
    let area = side * side * 3;
    let mut bytes = Vec::with_capacity(faces.len() * (area + DEPTH_BYTES));
    for face in &faces {
        if face.rgb.len() != area || face.depth.as_ref().is_some_and(|d| d.len() != DEPTH_BYTES) {
            return Err(format!(
                "the face in frame {} has the wrong size; this is a mistake of the program",
                face.frame
            ));
        }
        bytes.extend_from_slice(&face.rgb);
    }
    for depth in faces.iter().filter_map(|f| f.depth.as_ref()) {
        bytes.extend_from_slice(depth);
    }
    let line = |face: &CutFace| FaceLine {
        frame: face.frame,
        // JSON has no words for numbers that are none.
        at: face.at.map(|v| if v.is_finite() { v } else { 0.0 }),
        confidence: if face.confidence.is_finite() { face.confidence } else { 0.0 },
        depth: face.depth.is_some(),
    };
    let stored = Stored {
        segment: 0,
        at: 0,
        length: bytes.len() as u64,
        sha256: digest(&bytes),
        faces: faces.iter().map(line).collect(),
        without_face,
        frames,
        remarks,
    };
    Ok((stored, bytes))
}

impl Pack {
    /// What became of a clip, by its name; `None` where the pack has never heard of it.
    pub fn outcome(&self, clip: &str) -> Option<Result<&Stored, &str>> {
        if let Some(why) = self.gone.get(clip) {
            return Some(Err(why));
        }
        match &self.index.entries.get(clip)?.outcome {
            Outcome::Cut(stored) => Some(Ok(stored)),
            Outcome::Failed(why) => Some(Err(why)),
        }
    }

    /// Every clip in the pack with what is known of it, by name.
    pub fn clips(&self) -> impl Iterator<Item = (&About, &Stored)> {
        self.index.entries.values().filter_map(|e| match (&e.about, &e.outcome) {
            (Some(about), Outcome::Cut(stored)) => Some((about, stored)),
            _ => None,
        })
    }

    /// Clips that could not be read, with the reason, by name.
    pub fn failures(&self) -> Vec<(&str, &str)> {
        let failed = self.index.entries.values().filter_map(|e| match &e.outcome {
            Outcome::Failed(why) => Some((e.clip.as_str(), why.as_str())),
            Outcome::Cut(_) => None,
        });
        self.gone.iter().map(|(clip, why)| (clip.as_str(), why.as_str())).chain(failed).collect()
    }

    /// Smaller copies of the faces of `clips`, made where they are missing, in a folder within the pack's: the index
    /// there, in which clips have their names.
    pub(super) fn shrunk(
        &self,
        clips: &[(&str, &Stored)],
        side: usize,
        threads: usize,
        tell: Teller<'_>,
    ) -> Result<(PathBuf, Index), PackError> {
        if side > self.side {
            return Err(PackError::TooLarge { wanted: side, there: self.side });
        }
        let folder = self.folder.join(format!("at-{side}"));
        let header = Header { format: FORMAT, side, identity: "means over areas of the pack's faces".to_owned() };
        let segments = open_segments(&self.folder, clips.iter().map(|(_, s)| *s))?;
        let job = |(clip, stored): &(&str, &Stored)| {
            let stamp = Stamp::of_content(&stored.sha256);
            Job { clip: (*clip).to_owned(), stamp, source: None }
        };
        let jobs: Vec<Job<'_>> = clips.iter().map(job).collect();
        let (large, small) = (self.side * self.side * 3, side * side * 3);
        let make = |i: usize| {
            let (clip, stored) = clips[i];
            let stamp = jobs[i].stamp.clone();
            let entry = |outcome| Entry { clip: clip.to_owned(), stamp, about: None, outcome };
            let mut face = vec![0; large];
            let mut bytes = Vec::with_capacity(stored.faces.len() * small);
            for k in 0..stored.faces.len() {
                // The index was found whole when it was read, so this does not overflow.
                let start = stored.at + (k * large) as u64;
                let read = segments.get(&stored.segment).map(|segment| segment.read(start, &mut face));
                if !matches!(read, Some(Ok(()))) {
                    let why = format!("the bytes of {clip} are missing from the pack");
                    return Finished { entry: entry(Outcome::Failed(why)), bytes: Vec::new() };
                }
                bytes.extend(shrink(&face, self.side, side, 3));
            }
            let (length, sha256) = (bytes.len() as u64, digest(&bytes));
            let faces = stored.faces.iter().map(|f| FaceLine { depth: false, ..f.clone() }).collect();
            let stored = Stored {
                segment: 0,
                at: 0,
                length,
                sha256,
                faces,
                without_face: Vec::new(),
                frames: None,
                remarks: Vec::new(),
            };
            Finished { entry: entry(Outcome::Cut(stored)), bytes }
        };
        // Copies that do not fit are made anew unasked: they hold nothing that the pack does not.
        let index = ensure(&folder, &header, &jobs, true, threads, &make, tell)?;
        Ok((folder, index))
    }
}

/// Opens the segments of `clips`, each up to where the last of them ends. What is read of a clip is compared with its sum first.
pub(super) fn open_segments<'a>(
    folder: &Path,
    clips: impl Iterator<Item = &'a Stored>,
) -> Result<BTreeMap<u32, Segment>, PackError> {
    let mut wanted: BTreeMap<u32, Vec<Piece>> = BTreeMap::new();
    for stored in clips.filter(|s| s.length > 0) {
        let piece = Piece::new(stored.at, stored.length, &stored.sha256);
        wanted.entry(stored.segment).or_default().push(piece);
    }
    let open = |(number, pieces): (u32, Vec<Piece>)| {
        let path = segment_path(folder, number);
        Segment::open(&path, pieces)
            .map(|segment| (number, segment))
            .map_err(|source| PackError::Segment { path, source })
    };
    wanted.into_iter().map(open).collect()
}
