//! A clip to look at: some of its frames with what the set's files say of them, what the preset cuts out and what the
//! detector finds by itself. Frames go the very way they go when faces are packed, so what is seen is what a run gets.

use image::RgbImage;

use crate::data::footage::Frame;
use crate::data::{CutFace, SourceClip, Turn};

use super::crop::Crop;
use super::cutter::FaceCutter;
use super::finder::{Face, Hint};

/// What was seen in a frame. Places are in pixels of the upright picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The frame's number in its clip, from 0.
    pub frame: u32,
    /// The upright picture.
    pub picture: RgbImage,
    /// How the stored picture was turned to stand upright.
    pub turned: Turn,
    /// The box that came with the set: left, top, width, height.
    pub given_box: Option<[f32; 4]>,
    /// The eyes that came with the set, left in the picture first.
    pub given_eyes: Option<[[f32; 2]; 2]>,
    /// The box that the face was cut by, whoever gave it.
    pub used: Option<[f32; 4]>,
    /// Corners of the region that was cut out, clockwise from the face's upper left.
    pub region: Option<[[f32; 2]; 4]>,
    /// The box that the detector finds in the whole picture, and how sure it is, 0 to 1; looked for if asked.
    pub detected: Option<([f32; 4], f32)>,
}

impl Seen {
    pub(super) fn new(frame: &Frame, given: Option<&Face>, used: Option<&Face>, crop: Option<&Crop>) -> Self {
        let sized = |at: [f32; 4]| (at[2] > 0.0 && at[3] > 0.0).then_some(at);
        Self {
            frame: frame.number,
            picture: frame.picture.clone(),
            turned: frame.turned,
            given_box: given.and_then(|g| sized(g.at)),
            given_eyes: given.and_then(|g| g.eyes),
            used: used.and_then(|f| sized(f.at)),
            region: crop.map(Crop::corners),
            detected: None,
        }
    }
}

/// Frames of a clip, looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Examined {
    /// The frames.
    pub frames: Vec<Seen>,
    /// The faces that were cut out of them.
    pub faces: Vec<CutFace>,
    /// How many frames the clip has, as far as that is known.
    pub count: Option<u32>,
    /// What a person should know, in plain sentences.
    pub remarks: Vec<String>,
}

impl FaceCutter {
    /// The frames of `clip` that the settings choose, with what is in them; `detect` also asks the detector what it finds
    /// in each by itself. An error, one plain sentence, if the clip cannot be read at all.
    pub fn examine(&self, clip: &SourceClip, detect: bool) -> Result<Examined, String> {
        let (cuts, mut frames) = self.look(clip, true)?;
        if detect {
            let asked: Vec<(&RgbImage, Hint)> = frames.iter().map(|f| (&f.picture, Hint::Nothing)).collect();
            let found = self.finder.find(&asked)?;
            for (frame, face) in frames.iter_mut().zip(found) {
                frame.detected = face.map(|f| (f.at, f.confidence));
            }
        }
        Ok(Examined { frames, faces: cuts.faces, count: cuts.frames, remarks: cuts.remarks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::builtin::{Scale, Tree, clips_of};
    use crate::data::face::{CutSettings, Preset};
    use crate::data::footage::FrameChoice;
    use crate::data::{Cutter as _, Footage, Label, Marks, SetName};

    #[test]
    fn what_is_seen_is_what_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::cached(folder.path(), Scale::Tiny, 0);
        let planned = clips_of(SetName::MsuMfsd, Scale::Tiny, 0).into_iter().find(|c| c.clip.upside_down).unwrap();
        let (stored, _) = tree.ensure(&planned).unwrap();
        let truth = stored.truth.frames[0].face_box;
        let clip = SourceClip {
            domain: "SynthM".to_owned(),
            path: planned.info.path.clone(),
            label: Label::Live,
            species: "live".to_owned(),
            subject: String::new(),
            camera: String::new(),
            session: String::new(),
            footage: Footage::Video(tree.video_path(&planned)),
            marks: Some(Marks::Boxes(vec![Some(truth.map(|v| v as i32))])),
            turn_if_unmarked: Turn::None,
            cropped: false,
            depth: vec![],
        };
        let settings = CutSettings { frames: FrameChoice::Even(3), depth: false, ..Preset::Cdcn.into() };
        let cutter = FaceCutter::new(settings, folder.path()).unwrap();
        let examined = cutter.examine(&clip, true).unwrap();
        assert_eq!((examined.frames.len(), examined.count), (1, Some(1)), "tiny clips have one frame");
        assert_eq!(examined.faces, cutter.cut(&clip).unwrap().faces);
        let seen = &examined.frames[0];
        assert_eq!(seen.turned, Turn::Half, "its container says that it lies upside down");
        let given = truth.map(|v| v as i32 as f32);
        assert_eq!((seen.given_box, seen.used), (Some(given), Some(given)));
        // CDCN's region: the box 1.3 as large, here inside the picture or clipped to it.
        let [a, _, c, _] = seen.region.unwrap();
        let (w, h) = (seen.picture.width() as f32, seen.picture.height() as f32);
        let middle = given[0] + given[2] / 2.0;
        assert!((a[0] - (middle - 0.65 * given[2]).max(0.0)).abs() < 0.01);
        assert!((c[0] - (middle + 0.65 * given[2]).min(w)).abs() < 0.01 && c[1] <= h);
        // The detector finds the same face by itself.
        let (at, sure) = seen.detected.unwrap();
        let apart = (at[0] + at[2] / 2.0 - middle).abs();
        assert!(apart < 0.4 * given[2] && sure > 0.5, "{at:?} {given:?}");
    }
}
