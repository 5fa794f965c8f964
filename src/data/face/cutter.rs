//! From a clip to its cut faces: frames come from `footage`, places from the set's own files or from the finder, regions
//! from the preset, and depth from what was supplied or from the mesh.
//!
//! Bona fide and attack clips go through the very same steps up to the pixels of a face; only depth depends on the
//! label. Otherwise a detector would learn how faces were cut instead of what they show.

use std::mem;
use std::path::Path;

use image::RgbImage;

use crate::data::footage::{self, Frame, FrameChoice, Reader};
use crate::data::{CutFace, Cuts, Cutter, DEPTH_SIDE, Label, SourceClip, Turn, dataset::marks};

use super::examine::Seen;
use super::finder::{BATCH, Face, Finder, FinderKind, Hint};
use super::given::Given;
use super::preset::{self, Preset};
use super::turns::{self, Memory};
use super::{depth, supplied};

/// What to cut, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutSettings {
    /// Which region of the picture.
    pub preset: Preset,
    /// Side of the faces in pixels.
    pub side: usize,
    /// The frames that are looked at.
    pub frames: FrameChoice,
    /// Who finds faces where the set's files do not tell.
    pub finder: FinderKind,
    /// Whether bona fide faces get a depth map, and attacks one of zeros.
    pub depth: bool,
}

impl From<Preset> for CutSettings {
    /// The preset's own size and frames, with depth.
    fn from(preset: Preset) -> Self {
        Self { preset, side: preset.side(), frames: preset.frames(), finder: FinderKind::default(), depth: true }
    }
}

impl Default for CutSettings {
    fn default() -> Self {
        Preset::default().into()
    }
}

/// The [`Cutter`] of real faces. One is shared by all threads; each thread that calls [`Cutter::cut`] works on a clip of
/// its own, with one ffmpeg of one thread beside it.
pub struct FaceCutter {
    settings: CutSettings,
    reader: Reader,
    pub(super) finder: Finder,
    memory: Memory,
}

impl FaceCutter {
    /// A cutter; `cache` is the cache folder, in which turns of clips are kept and an ffmpeg may lie. An error, one
    /// plain sentence, if the settings make no sense or the finder's weights are not there.
    pub fn new(settings: CutSettings, cache: &Path) -> Result<Self, String> {
        if !(16..=2048).contains(&settings.side) {
            return Err(format!("faces of {} pixels a side cannot be cut; choose 16 to 2048", settings.side));
        }
        let finder = Finder::new(settings.finder, cache)?;
        Ok(Self { settings, reader: Reader::new(cache), finder, memory: Memory::new(cache) })
    }
}

impl Cutter for FaceCutter {
    fn side(&self) -> usize {
        self.settings.side
    }

    fn identity(&self) -> String {
        let CutSettings { preset, side, frames, depth, .. } = &self.settings;
        let depth = if *depth { format!("mesh {}", depth::VERSION) } else { "none".to_owned() };
        format!(
            "faces 1; preset {} {}; side {side}; frames {frames}; finder {}; depth {depth}; footage {}",
            preset.name(),
            preset.version(),
            self.finder.identity(),
            footage::VERSION
        )
    }

    fn cut(&self, clip: &SourceClip) -> Result<Cuts, String> {
        Ok(self.look(clip, false)?.0)
    }
}

impl FaceCutter {
    /// The faces of `clip`, and, if `keep` says so, what was seen in its frames.
    pub(super) fn look(&self, clip: &SourceClip, keep: bool) -> Result<(Cuts, Vec<Seen>), String> {
        let mut cuts = Cuts::default();
        let preset = if clip.cropped { Preset::Plain } else { self.settings.preset };
        let given = match clip.marks.as_ref().filter(|_| preset != Preset::Plain).map(marks::read) {
            Some(Ok(located)) => Given::new(located),
            Some(Err(words)) => {
                cuts.remarks.push(format!("{words}; faces are looked for instead"));
                Given::default()
            }
            None => Given::default(),
        };
        let seen = keep.then(Vec::new);
        let mut job = Job { cutter: self, clip, preset, given, turn: None, cuts, seen };
        let mut waiting = Vec::new();
        let mut done = Ok(());
        let reading = self.reader.read(clip, &self.settings.frames, &mut |frame| {
            waiting.push(frame);
            if waiting.len() == BATCH && done.is_ok() {
                done = job.look_at(mem::take(&mut waiting));
            }
        });
        let reading = reading.map_err(|e| e.to_string())?;
        done?;
        job.look_at(waiting)?;
        let Job { given, mut cuts, seen, .. } = job;
        cuts.frames = reading.frames;
        cuts.remarks.extend(given.remarks());
        cuts.remarks.extend(reading.remarks);
        Ok((cuts, seen.unwrap_or_default()))
    }
}

/// The cutting of one clip.
struct Job<'a> {
    cutter: &'a FaceCutter,
    clip: &'a SourceClip,
    preset: Preset,
    given: Given,
    /// What is needed on top of container and list; known from the first frames on.
    turn: Option<Turn>,
    cuts: Cuts,
    /// What was seen in frames, where somebody wants to look at it.
    seen: Option<Vec<Seen>>,
}

impl Job<'_> {
    /// Cuts the faces out of some frames, at most [`BATCH`].
    fn look_at(&mut self, frames: Vec<Frame>) -> Result<(), String> {
        let turn = match self.turn {
            Some(turn) => turn,
            None => self.find_turn(&frames)?,
        };
        self.turn = Some(turn);
        let frames: Vec<Frame> = frames.into_iter().map(|f| f.turned_by(turn)).collect();
        let maps: Vec<Option<RgbImage>> = frames.iter().map(|f| self.supplied(f)).collect();
        let faces = self.find(&frames, &maps)?;
        for ((frame, face), map) in frames.iter().zip(faces).zip(maps) {
            self.keep(frame, face.as_ref(), map.as_ref());
        }
        Ok(())
    }

    /// The turn that the clip needs, remembered or found in its first frames; told in a remark.
    fn find_turn(&mut self, frames: &[Frame]) -> Result<Turn, String> {
        // Only frames whose crops depend on what is found: where the set's boxes count, nothing is turned.
        let depends =
            |frame: &&Frame| self.preset.aligns() || !self.given.face(frame).as_ref().is_some_and(Face::has_box);
        let pictures: Vec<&RgbImage> = frames.iter().filter(depends).map(|f| &f.picture).collect();
        if self.preset == Preset::Plain || pictures.is_empty() {
            return Ok(Turn::None);
        }
        let memory = &self.cutter.memory;
        let (turn, remark) = if let Some(turn) = memory.recall(self.clip) {
            (turn, format!("{}, as was found before", footage::turn_words(turn)))
        } else if let Some(better) = turns::search(&self.cutter.finder, &pictures)? {
            let words = footage::turn_words(better.turn);
            let scores = format!("{:.2} against {:.2}", better.score, better.before);
            let noted = match memory.keep(self.clip, better.turn) {
                Ok(()) => String::new(),
                Err(e) => format!("; this could not be noted for the next time: {e}"),
            };
            (better.turn, format!("{words}: only so its faces stand upright ({scores}){noted}"))
        } else {
            return Ok(Turn::None);
        };
        self.cuts.remarks.push(remark);
        Ok(turn)
    }

    /// Whether its faces get depth that is more than zeros.
    fn has_depth(&self) -> bool {
        self.cutter.settings.depth && self.clip.label == Label::Live
    }

    /// The depth map that came with a frame, where it is of use; one that cannot be read is told of.
    fn supplied(&mut self, frame: &Frame) -> Option<RgbImage> {
        let path = self.clip.depth.get(frame.number as usize)?.as_deref().filter(|_| self.has_depth())?;
        supplied::open(path).map_err(|words| self.cuts.remarks.push(words)).ok()
    }

    /// The face of each frame with all that the preset and depth need to know of it; `maps` are the depth maps that are
    /// there already.
    fn find(&self, frames: &[Frame], maps: &[Option<RgbImage>]) -> Result<Vec<Option<Face>>, String> {
        let wants_mesh = |i: usize| self.has_depth() && maps[i].is_none();
        let mut faces: Vec<Option<Face>> = frames.iter().map(|f| self.given.face(f)).collect();
        // Who has a box and needs no more is not looked for.
        let enough = |i: usize| {
            let place = self.preset == Preset::Plain || faces[i].as_ref().is_some_and(Face::has_box);
            place && !self.preset.aligns() && !wants_mesh(i)
        };
        let sought: Vec<usize> = (0..frames.len()).filter(|i| !enough(*i)).collect();
        let asked: Vec<(&RgbImage, Hint)> = sought
            .iter()
            .map(|i| (&frames[*i].picture, faces[*i].as_ref().map_or(Hint::Nothing, Face::hint)))
            .collect();
        let found = self.cutter.finder.find(&asked)?;
        for (i, found) in sought.into_iter().zip(found) {
            faces[i] = match (faces[i].take(), found) {
                // The set's own box counts, what was found adds eyes to it.
                (Some(known), Some(found)) => Some(known.with(found)),
                (known, found) => found.or(known.map(Face::boxed)),
            };
        }
        let mut closely: Vec<(&RgbImage, &mut Face)> = frames
            .iter()
            .zip(&mut faces)
            .enumerate()
            .filter(|(i, _)| self.preset.aligns() || wants_mesh(*i))
            .filter_map(|(_, (frame, face))| Some((&frame.picture, face.as_mut()?)))
            .collect();
        self.cutter.finder.look_closely(&mut closely)?;
        Ok(faces)
    }

    /// Cuts one face out and keeps it, or notes that there is none.
    fn keep(&mut self, frame: &Frame, face: Option<&Face>, map: Option<&RgbImage>) {
        let CutSettings { side, depth, .. } = self.cutter.settings;
        let picture = &frame.picture;
        let plain = self.preset == Preset::Plain;
        let crop = match face {
            _ if plain => Some(preset::whole(picture)),
            Some(face) => self.preset.crop(face, picture, side),
            None => None,
        };
        if let Some(seen) = &mut self.seen {
            seen.push(Seen::new(frame, self.given.face(frame).as_ref(), face, crop.as_ref()));
        }
        let Some(crop) = crop else {
            self.cuts.without_face.push(frame.number);
            return;
        };
        let depth = match self.clip.label {
            _ if !depth => None,
            Label::Spoof => Some(vec![0; DEPTH_SIDE * DEPTH_SIDE]),
            Label::Live => match (map, face.and_then(|f| f.mesh.as_ref())) {
                (Some(map), _) => Some(supplied::cut(map, &crop, picture)),
                (None, Some(mesh)) => Some(depth::map(mesh, |p| crop.place(p), DEPTH_SIDE)),
                (None, None) => None,
            },
        };
        let (at, confidence) = match face {
            Some(face) if !plain => (face.at, face.confidence),
            _ => ([0.0, 0.0, picture.width() as f32, picture.height() as f32], 1.0),
        };
        let rgb = crop.rgb(picture, side);
        self.cuts.faces.push(CutFace { frame: frame.number, rgb, depth, at, confidence });
    }
}
