//! From a clip to its cut faces: frames come from `footage`, places from the set's own files or from the finder, regions
//! from the preset, and depth from what was supplied or from the mesh.
//!
//! Bona fide and attack clips go through the very same steps up to the pixels of a face; only depth depends on the
//! label. Otherwise a detector would learn how faces were cut instead of what they show.

use std::path::Path;

use image::RgbImage;

use crate::data::footage::{self, FootageError, Frame, FrameChoice, Reader};
use crate::data::{CutFace, Cuts, Cutter, DEPTH_SIDE, Label, SourceClip, Turn, dataset::marks};

use super::crop::Crop;
use super::examine::Seen;
use super::finder::{BATCH, Face, Finder, Hint, small};
use super::preset::{self, Preset};
use super::turns::{self, Memory};
use super::{depth, finder, given::Given, supplied};

/// What to cut, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutSettings {
    /// Which region of the picture.
    pub preset: Preset,
    /// Side of the faces in pixels.
    pub side: usize,
    /// The frames that are looked at.
    pub frames: FrameChoice,
    /// Whether bona fide faces get a depth map, and attacks one of zeros.
    pub depth: bool,
}

impl From<Preset> for CutSettings {
    /// The preset's own size and frames, with depth.
    fn from(preset: Preset) -> Self {
        Self { preset, side: preset.side(), frames: preset.frames(), depth: true }
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
    /// plain sentence, if the settings make no sense.
    pub fn new(settings: CutSettings, cache: &Path) -> Result<Self, String> {
        if !(16..=2048).contains(&settings.side) {
            return Err(format!("faces of {} pixels a side cannot be cut; choose 16 to 2048", settings.side));
        }
        Ok(Self { settings, reader: Reader::new(cache), finder: Finder::new()?, memory: Memory::new(cache) })
    }

    /// One look at all frames of a clip; `seen` takes down what was seen in each.
    fn pass(
        &self,
        clip: &SourceClip,
        given: &Given,
        turn: Turn,
        cuts: &mut Cuts,
        mut seen: Option<&mut Vec<Seen>>,
    ) -> Result<Look, String> {
        let mut look = Look::default();
        let mut waiting: Vec<Frame> = Vec::new();
        let mut failed = None;
        let mut work = |frames: &mut Vec<Frame>| {
            if failed.is_none() {
                failed = self.batch(clip, given, frames, &mut look, cuts, seen.as_deref_mut()).err();
            }
            frames.clear();
        };
        let reading = self.reader.read(clip, &self.settings.frames, turn, &mut |frame| {
            waiting.push(frame);
            if waiting.len() == BATCH {
                work(&mut waiting);
            }
        });
        work(&mut waiting);
        let reading = reading.map_err(|e: FootageError| e.to_string())?;
        if let Some(error) = failed {
            return Err(error);
        }
        cuts.frames = reading.frames;
        cuts.remarks.extend(reading.remarks);
        Ok(look)
    }

    /// Cuts the faces out of some frames.
    fn batch(
        &self,
        clip: &SourceClip,
        given: &Given,
        frames: &[Frame],
        look: &mut Look,
        cuts: &mut Cuts,
        mut seen: Option<&mut Vec<Seen>>,
    ) -> Result<(), String> {
        let preset = if clip.cropped { Preset::Plain } else { self.settings.preset };
        let supplied = |frame: &Frame| clip.depth.get(frame.number as usize).and_then(Option::as_deref);
        let wants_mesh = |frame: &Frame| {
            self.settings.depth && clip.label == Label::Live && supplied(frame).is_none()
        };
        // Who has a box and needs no more is not looked for.
        let known: Vec<Option<Face>> = frames.iter().map(|f| given.face(f)).collect();
        let enough = |frame: &Frame, known: &Option<Face>| match preset {
            Preset::Plain => !wants_mesh(frame),
            preset => known.as_ref().is_some_and(|k| k.has_box()) && !preset.aligns() && !wants_mesh(frame),
        };
        let sought: Vec<usize> = (0..frames.len()).filter(|i| !enough(&frames[*i], &known[*i])).collect();
        let asked: Vec<(&RgbImage, Hint)> = sought
            .iter()
            .map(|i| (&frames[*i].picture, known[*i].as_ref().map_or(Hint::Nothing, Face::hint)))
            .collect();
        let mut faces: Vec<Option<Face>> = known.clone();
        for (i, found) in sought.into_iter().zip(self.finder.find(&asked)?) {
            // Only what shapes the crop may have the clip turned: attacks are not looked at for depth's sake.
            let shapes = preset.aligns() || !known[i].as_ref().is_some_and(Face::has_box);
            if shapes && preset != Preset::Plain {
                look.tried += 1;
                match &found {
                    Some(_) => look.found += 1,
                    None => look.small.push(small(&frames[i].picture)),
                }
            }
            faces[i] = match (faces[i].take(), found) {
                // The set's own box counts, what was found adds eyes to it.
                (Some(known), Some(found)) => Some(known.with(found)),
                (known, found) => found.or(known.map(Face::boxed)),
            };
        }
        let mut closely: Vec<(&RgbImage, &mut Face)> = frames
            .iter()
            .zip(&mut faces)
            .filter(|(frame, _)| preset.aligns() || wants_mesh(frame))
            .filter_map(|(frame, face)| Some((&frame.picture, face.as_mut()?)))
            .collect();
        self.finder.look_closely(&mut closely)?;
        for ((frame, face), known) in frames.iter().zip(faces).zip(&known) {
            let crop = match (&face, preset) {
                (_, Preset::Plain) => Some(preset::whole(&frame.picture)),
                (Some(face), preset) => preset.crop(face, &frame.picture, self.settings.side),
                (None, _) => None,
            };
            if let Some(seen) = seen.as_deref_mut() {
                seen.push(Seen::new(frame, known.as_ref(), face.as_ref(), crop.as_ref()));
            }
            let Some(crop) = crop else {
                cuts.without_face.push(frame.number);
                continue;
            };
            let map = match (self.settings.depth, clip.label) {
                (false, _) => None,
                (true, Label::Spoof) => Some(vec![0; DEPTH_SIDE * DEPTH_SIDE]),
                (true, Label::Live) => depth_of(frame, face.as_ref(), &crop, supplied(frame), &mut cuts.remarks),
            };
            let (at, confidence) = match &face {
                Some(face) if preset != Preset::Plain => (face.at, face.confidence),
                _ => (whole(&frame.picture), 1.0),
            };
            let rgb = crop.rgb(&frame.picture, self.settings.side);
            cuts.faces.push(CutFace { frame: frame.number, rgb, depth: map, at, confidence });
        }
        Ok(())
    }
}

/// The supplied map if there is one that can be read, else the mesh's if there is a mesh.
fn depth_of(
    frame: &Frame,
    face: Option<&Face>,
    crop: &Crop,
    supplied: Option<&Path>,
    remarks: &mut Vec<String>,
) -> Option<Vec<u8>> {
    match supplied.map(|path| supplied::map(path, crop, &frame.picture)) {
        Some(Ok(map)) => return Some(map),
        Some(Err(words)) => remarks.push(words),
        None => {}
    }
    let mesh = face?.mesh.as_ref()?;
    Some(depth::map(mesh, |p| crop.place(p), DEPTH_SIDE))
}

/// All of a picture, as a box.
fn whole(picture: &RgbImage) -> [f32; 4] {
    [0.0, 0.0, picture.width() as f32, picture.height() as f32]
}

/// What one look at a clip brought.
#[derive(Default)]
struct Look {
    /// Frames in which a face was looked for, and those of them in which one was found.
    tried: usize,
    found: usize,
    /// Small copies of the others.
    small: Vec<RgbImage>,
}

impl Cutter for FaceCutter {
    fn side(&self) -> usize {
        self.settings.side
    }

    fn identity(&self) -> String {
        let CutSettings { preset, side, frames, depth } = &self.settings;
        let depth = if *depth { format!("mesh {}", depth::VERSION) } else { "none".to_owned() };
        format!(
            "faces 1; preset {} {}; side {side}; frames {frames}; finder {}; depth {depth}; footage {}",
            preset.name(),
            preset.version(),
            finder::VERSION,
            footage::VERSION
        )
    }

    fn cut(&self, clip: &SourceClip) -> Result<Cuts, String> {
        self.look(clip, None)
    }
}

impl FaceCutter {
    /// The faces of `clip`; `seen` takes down what was seen on the way.
    pub(super) fn look(&self, clip: &SourceClip, mut seen: Option<&mut Vec<Seen>>) -> Result<Cuts, String> {
        let mut remarks = Vec::new();
        let given = match clip.marks.as_ref().filter(|_| !clip.cropped).map(marks::read) {
            Some(Ok(located)) => Given::new(located),
            Some(Err(words)) => {
                remarks.push(format!("{words}; faces are looked for instead"));
                Given::default()
            }
            None => Given::default(),
        };
        let remembered = if clip.cropped { None } else { self.memory.recall(clip) };
        let mut cuts = Cuts::default();
        let look = self.pass(clip, &given, remembered.unwrap_or_default(), &mut cuts, seen.as_deref_mut())?;
        if let Some(turn) = remembered {
            remarks.push(format!("{}, as faces were found before", footage::turn_words(turn)));
        } else if look.tried > 0 && look.found * turns::ONE_IN < look.tried && !look.small.is_empty() {
            if let Some((turn, count)) = turns::search(&self.finder, &look.small, look.found, look.tried)? {
                let (found, tried) = (look.found, look.tried);
                let words = footage::turn_words(turn);
                remarks.push(format!("{words}: faces show in {count} of {tried} frames so, in {found} otherwise"));
                cuts = Cuts::default();
                if let Some(seen) = seen.as_deref_mut() {
                    seen.clear();
                }
                self.pass(clip, &given, turn, &mut cuts, seen)?;
                if let Err(e) = self.memory.keep(clip, turn) {
                    remarks.push(format!("this could not be noted for the next time: {e}"));
                }
            }
        }
        remarks.extend(given.remarks());
        remarks.append(&mut cuts.remarks);
        cuts.remarks = remarks;
        Ok(cuts)
    }
}
