//! What the loader is measured on: faces cut out of clips, a pack of them that is too large for any cache, the same faces
//! as picture files.

use std::path::Path;
use std::time::{Duration, Instant};

use image::{ExtendedColorType, ImageEncoder as _, codecs::png::PngEncoder};
use rayon::prelude::*;

use super::LoaderError;
use crate::data::pack::{self, Pack, Part};
use crate::data::{
    Continue, CutFace, Cuts, Cutter, FaceSet, Footage, Label, Origin, SourceClip, Split, Turn, load_folder,
};

/// A pack is filled up with copies to so many faces, so that it lies in memory and not in the processor's cache.
pub const FILL: usize = 2048;
/// Faces of a clip of copies.
const EACH: usize = 16;

/// Cuts clips until time is up; the faces, and how many a second.
pub fn cut_for_a_while(
    clips: &[SourceClip],
    cutter: &dyn Cutter,
    time: Duration,
) -> Result<(Vec<CutFace>, f64), LoaderError> {
    let began = Instant::now();
    let one = |clip: &SourceClip| (began.elapsed() < time).then(|| cutter.cut(clip));
    let all: Vec<Result<Cuts, String>> = clips.par_iter().with_max_len(1).filter_map(one).collect();
    let seconds = began.elapsed().as_secs_f64();
    let first = all.first().map(|r| r.as_ref().err().cloned().unwrap_or_else(|| "no face was found in it".to_owned()));
    let clips = all.len();
    let faces: Vec<CutFace> = all.into_iter().filter_map(Result::ok).flat_map(|c| c.faces).collect();
    if faces.is_empty() {
        return Err(LoaderError::NoFaces { clips, first: first.unwrap_or_else(|| "there are none".to_owned()) });
    }
    let rate = faces.len() as f64 / seconds;
    Ok((faces, rate))
}

pub fn face(rgb: Vec<u8>) -> CutFace {
    CutFace { frame: 0, rgb, depth: None, at: [0.0; 4], confidence: 1.0 }
}

/// Gives faces over and over.
struct Copies {
    faces: Vec<CutFace>,
    side: usize,
}

impl Cutter for Copies {
    fn side(&self) -> usize {
        self.side
    }

    fn identity(&self) -> String {
        "copies for a measurement".to_owned()
    }

    fn cut(&self, clip: &SourceClip) -> Result<Cuts, String> {
        let first: usize = clip.path.parse().map_err(|_not_a_number| "no number".to_owned())?;
        let copy = |i: usize| {
            let CutFace { rgb, at, confidence, .. } = self.faces[(first + i) % self.faces.len()].clone();
            CutFace { frame: i as u32, rgb, depth: None, at, confidence }
        };
        Ok(Cuts { faces: (0..EACH).map(copy).collect(), ..Cuts::default() })
    }
}

/// A pack of at least [`FILL`] faces, as a set.
pub fn filled(folder: &Path, faces: Vec<CutFace>, side: usize, threads: usize) -> Result<FaceSet, LoaderError> {
    let clip = |i: usize| SourceClip {
        domain: "copies".to_owned(),
        path: (i * EACH).to_string(),
        label: if i.is_multiple_of(2) { Label::Live } else { Label::Spoof },
        species: String::new(),
        subject: String::new(),
        camera: String::new(),
        session: String::new(),
        footage: Footage::Pictures(Vec::new()),
        marks: None,
        turn_if_unmarked: Turn::None,
        cropped: true,
        depth: Vec::new(),
    };
    let clips: Vec<SourceClip> = (0..FILL.max(faces.len()).div_ceil(EACH)).map(clip).collect();
    let cutter = Copies { faces, side };
    let wanted = pack::Wanted { folder, root: folder, clips: &clips, cutter: &cutter, rebuild: true, threads };
    let pack = pack::build(&wanted, &|_| Continue::Yes)?;
    set_of(&pack, clips, threads)
}

/// All faces of a pack, live ones and attacks in turn, so that both can be drawn.
pub fn from_pack(pack: &Pack, threads: usize) -> Result<FaceSet, LoaderError> {
    let clip = |(about, _): (&pack::About, &pack::Stored)| SourceClip {
        domain: about.domain.clone(),
        path: about.path.clone(),
        label: about.label,
        species: about.species.clone(),
        subject: about.subject.clone(),
        camera: about.camera.clone(),
        session: about.session.clone(),
        footage: Footage::Pictures(Vec::new()),
        marks: None,
        turn_if_unmarked: Turn::None,
        cropped: true,
        depth: Vec::new(),
    };
    set_of(pack, pack.clips().map(clip).collect(), threads)
}

fn set_of(pack: &Pack, clips: Vec<SourceClip>, threads: usize) -> Result<FaceSet, LoaderError> {
    let clips: Vec<(SourceClip, Split)> = clips.into_iter().map(|c| (c, Split::Train)).collect();
    let parts = [Part { pack, clips: &clips }];
    let loaded = pack::face_set("measured".to_owned(), Origin::Real, &parts, pack.side, threads, &|_| Continue::Yes)?;
    Ok(loaded.set)
}

/// Some of the faces as pictures in a folder, read back as a run reads such a folder.
pub fn from_pictures(set: &FaceSet, folder: &Path) -> Result<f64, LoaderError> {
    let count = set.faces.len().min(256);
    let side = set.size as u32;
    let write = |i: usize| -> Result<(), LoaderError> {
        let class = if i.is_multiple_of(2) { "live" } else { "spoof" };
        let path = folder.join("train").join(class).join(format!("{i}.png"));
        let put = || -> std::io::Result<()> {
            std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
            let mut bytes = Vec::new();
            let face = set.rgb_of(i).map_err(std::io::Error::other)?;
            PngEncoder::new(&mut bytes)
                .write_image(&face, side, side, ExtendedColorType::Rgb8)
                .map_err(std::io::Error::other)?;
            std::fs::write(&path, bytes)
        };
        put().map_err(|source| LoaderError::File { path: path.clone(), source })
    };
    (0..count).into_par_iter().map(write).collect::<Result<(), _>>()?;
    let began = Instant::now();
    let read = load_folder(folder, set.size, &|_, _| std::ops::ControlFlow::Continue(()))?;
    Ok(read.faces.len() as f64 / began.elapsed().as_secs_f64())
}
