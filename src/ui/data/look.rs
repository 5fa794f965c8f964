//! One clip to look at: a few frames, small enough for the screen, with places as fractions of the picture.

use std::path::Path;

use image::RgbImage;
use image::imageops::thumbnail;

use super::Cutting;
use crate::data::builtin::{self, Tree};
use crate::data::face::{CutSettings, Examined, FaceCutter, FinderKind, Preset, Seen};
use crate::data::footage::{FrameChoice, Reader};
use crate::data::{Cutter as _, Footage, SourceClip, Turn, pack};

/// Frames that are shown of a clip.
pub const FRAMES: u32 = 6;
/// Longest side of a frame on the screen, in pixels.
const LONGEST: u32 = 800;
/// Side of the faces of built-in clips, in pixels.
const FACE: usize = 128;

/// Frames of a clip.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The frames.
    pub frames: Vec<LookFrame>,
    /// How many the clip has, as far as that is known.
    pub count: Option<u32>,
    /// Where its pictures are.
    pub file: String,
    /// Bytes of its first file.
    pub bytes: Option<u64>,
    /// What a person should know, in plain sentences.
    pub remarks: Vec<String>,
}

/// A frame. Places are fractions of the picture, from its upper left corner.
#[derive(Debug, Clone, PartialEq)]
pub struct LookFrame {
    /// Its number in the clip, from 0.
    pub number: u32,
    /// Pixels across and down, as they come out of the file.
    pub full: [u32; 2],
    /// Pixels across and down, as they are shown.
    pub size: [usize; 2],
    /// sRGB bytes.
    pub rgb: Vec<u8>,
    /// How the stored picture was turned to stand upright.
    pub turned: Turn,
    /// The box that came with the clip: left, top, width, height.
    pub given_box: Option<[f32; 4]>,
    /// The eyes that came with the clip.
    pub given_eyes: Option<[[f32; 2]; 2]>,
    /// Corners of the region that is cut out.
    pub region: Option<[[f32; 2]; 4]>,
    /// What the detector finds by itself, and how sure it is.
    pub detected: Option<([f32; 4], f32)>,
    /// The face that is cut out: its side in pixels and its sRGB bytes.
    pub face: Option<(usize, Vec<u8>)>,
}

/// Where the pictures are, for people, and how many bytes the first file has.
fn place(clip: &SourceClip) -> (String, Option<u64>) {
    let first = pack::first_file(clip);
    let bytes = first.and_then(|p| std::fs::metadata(p).ok()).map(|m| m.len());
    let name = match &clip.footage {
        Footage::Video(path) => path.display().to_string(),
        Footage::Zip { archive, .. } => archive.display().to_string(),
        Footage::Pictures(all) => match (all.as_slice(), first.and_then(Path::parent)) {
            ([one], _) => one.display().to_string(),
            (_, Some(folder)) => folder.display().to_string(),
            _ => String::new(),
        },
    };
    (name, bytes)
}

fn frame(seen: &Seen, face: Option<(usize, Vec<u8>)>) -> LookFrame {
    let (w, h) = seen.picture.dimensions();
    let part = |[x, y]: [f32; 2]| [x / w.max(1) as f32, y / h.max(1) as f32];
    let parts = |[x, y, bw, bh]: [f32; 4]| {
        let ([x, y], [bw, bh]) = (part([x, y]), part([bw, bh]));
        [x, y, bw, bh]
    };
    let shown = shrunk(&seen.picture);
    LookFrame {
        number: seen.frame,
        full: [w, h],
        size: [shown.width() as usize, shown.height() as usize],
        rgb: shown.into_raw(),
        turned: seen.turned,
        given_box: seen.given_box.map(parts),
        given_eyes: seen.given_eyes.map(|eyes| eyes.map(part)),
        region: seen.region.map(|corners| corners.map(part)),
        detected: seen.detected.map(|(at, sure)| (parts(at), sure)),
        face,
    }
}

fn shrunk(picture: &RgbImage) -> RgbImage {
    let (w, h) = picture.dimensions();
    if w.max(h) <= LONGEST {
        return picture.clone();
    }
    let scale = f64::from(LONGEST) / f64::from(w.max(h));
    let side = |n: u32| ((f64::from(n) * scale).round() as u32).max(1);
    thumbnail(picture, side(w), side(h))
}

/// A cutter whose frames are those of a look. It cuts no depth: that changes no picture and takes its time.
pub fn cutter(cut: &Cutting, cache: &Path) -> Result<FaceCutter, String> {
    let preset = Preset::parse(&cut.crop)?;
    let finder = FinderKind::parse(cut.finder)?;
    FaceCutter::new(CutSettings { frames: FrameChoice::Even(FRAMES), depth: false, finder, ..preset.into() }, cache)
}

/// A clip on disk, as `cutter` cuts it.
pub fn on_disk(clip: &SourceClip, cutter: &FaceCutter, detect: bool) -> Result<Look, String> {
    let Examined { frames, faces, count, remarks } = cutter.examine(clip, detect)?;
    let face = |n: u32| faces.iter().find(|f| f.frame == n).map(|f| (cutter.side(), f.rgb.clone()));
    let (file, bytes) = place(clip);
    Ok(Look { frames: frames.iter().map(|f| frame(f, face(f.frame))).collect(), count, file, bytes, remarks })
}

/// A built-in clip, with its face as runs on built-in data have it; made first where it is missing.
pub fn built_in(planned: &builtin::Planned, tree: &Tree, reader: &Reader) -> Result<Look, String> {
    tree.claim().map_err(|e| e.to_string())?;
    let (stored, _) = tree.ensure(planned).map_err(|e| e.to_string())?;
    let video = tree.video_path(planned);
    let clip = SourceClip {
        domain: planned.info.set.synthetic().to_owned(),
        path: planned.info.path.clone(),
        label: planned.info.label,
        species: planned.info.species.clone(),
        subject: planned.info.subject.clone(),
        camera: planned.info.camera.clone(),
        session: planned.info.session.clone(),
        footage: Footage::Video(video),
        marks: None,
        turn_if_unmarked: Turn::None,
        cropped: false,
        depth: vec![],
    };
    let mut frames = vec![];
    let reading = reader.read(&clip, &FrameChoice::Even(FRAMES), &mut |f| {
        let truth = stored.truth.frames.get(f.number as usize);
        let seen = Seen {
            frame: f.number,
            picture: f.picture,
            turned: f.turned,
            given_box: truth.map(|t| t.face_box),
            // The person's right eye is left in the picture.
            given_eyes: truth.map(|t| [t.landmarks[0], t.landmarks[1]]),
            used: None,
            region: None,
            detected: None,
        };
        let face = builtin::face(&stored, f.number as usize, FACE).ok().map(|rgb| (FACE, rgb));
        frames.push(frame(&seen, face));
    });
    let reading = reading.map_err(|e| e.to_string())?;
    let (file, bytes) = place(&clip);
    Ok(Look { frames, count: reading.frames, file, bytes, remarks: reading.remarks })
}
