//! Finding faces in pictures: the detector looks at the whole picture, at parts of it where the whole shows nothing, and
//! once more at the place it found; the mesh then looks at what was found.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use image::RgbImage;

use crate::data::resample::Map;

use super::blaze;
use super::looks::{about, detect, landmarks, parts, whole};
use super::mesh::{self, Mesh};
use super::mtcnn::{self, Mtcnn};
use super::network::Network;
use super::tensors::Runner;

/// A face in a picture; places in pixels from the upper left corner, left in the picture first.
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// Left, top, width, height.
    pub at: [f32; 4],
    /// How sure the finder is, 0 to 1; 1 for what came with the set.
    pub confidence: f32,
    /// The middles of both eyes.
    pub eyes: Option<[[f32; 2]; 2]>,
    /// Eyes, tip of the nose, corners of the mouth.
    pub five: Option<[[f32; 2]; 5]>,
    /// Outer corners of both eyes.
    pub corners: Option<[[f32; 2]; 2]>,
    /// Its landmarks in space.
    pub mesh: Option<Mesh>,
}

/// What is known of a face before it is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Hint {
    /// Nothing: the largest face is meant.
    Nothing,
    /// It fills this box (left, top, width, height).
    Box([f32; 4]),
    /// Its eyes are here.
    Eyes([[f32; 2]; 2]),
}

/// Pictures are given to a network in batches of at most so many, always the same ones for the same clip.
pub const BATCH: usize = 8;
/// A face at least fills this part of the square's side when it is looked at closely.
const CLOSE: f32 = 0.5;
/// A face of less than this part of the picture's longer side is looked at closely.
const SMALL: f32 = 0.35;
/// A mesh counts from this presence on. MediaPipe follows faces from 0.5 on; on the blurred small faces of the built-in
/// benchmark landmarks of a presence from 0.1 to 0.5 lie as well as those from 0.5 to 0.9, below 0.1 they do not.
pub const PRESENT: f32 = 0.1;
/// Overlap from which on a face is the one that was hinted at.
const HINTED: f32 = 0.2;

/// Who finds faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum FinderKind {
    /// MediaPipe's short-range detector, and its mesh for eyes, nose and mouth.
    #[default]
    MediaPipe,
    /// MTCNN for boxes and five points, with weights that the user has put in place; MediaPipe's mesh for the rest.
    Mtcnn,
}

impl FinderKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::MediaPipe, Self::Mtcnn];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::MediaPipe => "mediapipe",
            Self::Mtcnn => "mtcnn",
        }
    }

    /// The finder called `name`; the error lists both names.
    pub fn parse(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|f| f.name() == name);
        found.ok_or_else(|| {
            format!("there is no face finder `{name}`; there are {}", Self::ALL.map(Self::name).join(", "))
        })
    }
}

/// Networks for one thread.
struct Nets {
    blaze: Runner,
    mesh: Runner,
    mtcnn: Option<Mtcnn>,
}

/// Finds faces; shared by threads, each of which gets networks of its own when it calls.
pub struct Finder {
    blaze: Network,
    mesh: Network,
    mtcnn: Option<mtcnn::Weights>,
    free: Mutex<Vec<Nets>>,
}

impl Finder {
    /// Reads the embedded networks, and MTCNN's from where the user has put them (in the cache folder `cache`, or where
    /// METAFAS_MTCNN says). The error, a sentence, says what to do.
    pub fn new(kind: FinderKind, cache: &Path) -> Result<Self, String> {
        let mtcnn = match kind {
            FinderKind::MediaPipe => None,
            FinderKind::Mtcnn => Some(mtcnn::Weights::find(cache)?),
        };
        Ok(Self { blaze: blaze::network()?, mesh: mesh::network()?, mtcnn, free: Mutex::default() })
    }

    /// Rules and weights that shape what is found, for identities of packs.
    pub fn identity(&self) -> String {
        let finder = match &self.mtcnn {
            None => "blazeface-short 1".to_owned(),
            Some(weights) => format!("mtcnn 1 ({})", weights.name),
        };
        format!("{finder} + facemesh-468 1")
    }

    fn with<T>(&self, work: impl FnOnce(&Nets) -> Result<T, String>) -> Result<T, String> {
        let lock = || self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let free = lock().pop();
        let nets = match free {
            Some(nets) => nets,
            None => Nets {
                blaze: Runner::new(&self.blaze)?,
                mesh: Runner::new(&self.mesh)?,
                mtcnn: self.mtcnn.as_ref().map(mtcnn::Weights::load).transpose()?,
            },
        };
        let result = work(&nets);
        lock().push(nets);
        result
    }

    /// The face in each picture, without its mesh.
    pub fn find(&self, pictures: &[(&RgbImage, Hint)]) -> Result<Vec<Option<Face>>, String> {
        self.with(|nets| {
            if let Some(mtcnn) = &nets.mtcnn {
                return pictures.iter().map(|(p, hint)| Ok(chosen(mtcnn.faces(p)?, *hint))).collect();
            }
            let firsts: Vec<Map> = pictures.iter().map(|(p, hint)| first_look(p, *hint)).collect();
            let looks: Vec<(&RgbImage, Map)> = pictures.iter().zip(&firsts).map(|((p, _), m)| (*p, *m)).collect();
            let seen = detect(&nets.blaze, &looks)?;
            let mut found: Vec<Option<Face>> =
                seen.into_iter().zip(pictures).map(|(faces, (_, hint))| chosen(faces, *hint)).collect();
            // Small faces are lost where a whole picture becomes 128 pixels: its parts are looked at one by one.
            for (face, (picture, hint)) in found.iter_mut().zip(pictures) {
                // Who has a box looks there alone.
                if face.is_none() && !matches!(hint, Hint::Box(_)) {
                    let parts: Vec<(&RgbImage, Map)> = parts(picture).into_iter().map(|m| (*picture, m)).collect();
                    *face = chosen(detect(&nets.blaze, &parts)?.into_iter().flatten().collect(), *hint);
                }
            }
            // A closer look at small ones, whose places are known to a pixel of 128 otherwise.
            let again: Vec<(usize, Map)> = found
                .iter()
                .zip(pictures)
                .enumerate()
                .filter_map(|(i, (face, (picture, hint)))| {
                    let face = face.as_ref()?;
                    let seen = picture.width().max(picture.height()) as f32;
                    let small = face.at[2].max(face.at[3]) < SMALL * seen && !matches!(hint, Hint::Box(_));
                    small.then(|| (i, about(face.at, 1.0 / CLOSE)))
                })
                .collect();
            let looks: Vec<(&RgbImage, Map)> = again.iter().map(|(i, map)| (pictures[*i].0, *map)).collect();
            for ((i, _), faces) in again.into_iter().zip(detect(&nets.blaze, &looks)?) {
                let Some(coarse) = &found[i] else { continue };
                if let Some(fine) = chosen(faces, Hint::Box(coarse.at)) {
                    found[i] = Some(fine);
                }
            }
            Ok(found)
        })
    }

    /// Adds to each face its mesh and what that tells of eyes, nose and mouth. Faces that the mesh does not see keep
    /// what they had.
    pub fn look_closely(&self, faces: &mut [(&RgbImage, &mut Face)]) -> Result<(), String> {
        self.with(|nets| {
            let maps: Vec<(usize, Map)> = faces
                .iter()
                .enumerate()
                .filter_map(|(i, (_, face))| face.eyes.map(|eyes| (i, mesh::square(face.at, eyes))))
                .collect();
            let looks: Vec<(&RgbImage, Map)> = maps.iter().map(|(i, map)| (faces[*i].0, *map)).collect();
            for ((i, _), mesh) in maps.iter().zip(landmarks(&nets.mesh, &looks)?) {
                if mesh.presence >= PRESENT {
                    let face = &mut *faces[*i].1;
                    // Who has found five points already keeps them.
                    let five = *face.five.get_or_insert_with(|| mesh.five());
                    face.eyes = Some([five[0], five[1]]);
                    face.corners = Some(mesh.outer_corners());
                    face.mesh = Some(mesh);
                }
            }
            Ok(())
        })
    }

    /// The score of the best upright face in each of these small pictures (as [`small`] makes them); 0 without one.
    pub fn best(&self, pictures: &[RgbImage]) -> Result<Vec<f32>, String> {
        self.with(|nets| {
            let looks: Vec<(&RgbImage, Map)> = pictures.iter().map(|p| (p, whole(p))).collect();
            let best = |faces: Vec<Face>| faces.iter().map(|f| f.confidence).fold(0.0, f32::max);
            Ok(detect(&nets.blaze, &looks)?.into_iter().map(best).collect())
        })
    }
}

fn first_look(picture: &RgbImage, hint: Hint) -> Map {
    match hint {
        Hint::Nothing | Hint::Eyes(_) => whole(picture),
        Hint::Box(at) => about(at, 1.0 / CLOSE),
    }
}

/// The one that the hint means; without a hint the largest.
fn chosen(faces: Vec<Face>, hint: Hint) -> Option<Face> {
    let area = |face: &Face| face.at[2] * face.at[3];
    match hint {
        Hint::Nothing => faces.into_iter().max_by(|a, b| area(a).total_cmp(&area(b))),
        Hint::Box(at) => {
            let common = |face: &Face| blaze::overlap(face.at, at);
            faces.into_iter().filter(|f| common(f) >= HINTED).max_by(|a, b| common(a).total_cmp(&common(b)))
        }
        Hint::Eyes(known) => {
            let apart = (known[1][0] - known[0][0]).hypot(known[1][1] - known[0][1]);
            let error = |face: &Face| {
                let Some(eyes) = face.eyes else { return f32::MAX };
                (0..2).map(|i| (eyes[i][0] - known[i][0]).hypot(eyes[i][1] - known[i][1])).fold(0.0, f32::max)
            };
            faces.into_iter().filter(|f| error(f) < apart).min_by(|a, b| error(a).total_cmp(&error(b)))
        }
    }
}
