//! Presentation attacks. Flat media are held before the camera instead of a face: each makes light from the attacker's
//! photograph, the surroundings and its own physics, which the camera then takes like any other scene. Disguises are
//! worn, and drawn with the head that wears them.

mod cosmetics;
pub mod disguise;
pub mod flat;
mod funny_eye;
pub mod guise;
mod half_mask;
mod hands;
mod mannequin;
mod obfuscation;
mod paper_glasses;
mod paper_mask;
mod partial_paper;
mod photo;
pub mod print;
pub mod replay;
mod sheet;
mod silicone;
#[cfg(test)]
mod tests;
mod transparent;
mod wrap;

use crate::rng::{self, Stream};

use super::camera::Framing;
use super::light::Lighting;
use super::math::V3;
use super::scene::Picture;
use super::tuning::Range;

/// A photograph of a live face that an attack shows.
#[derive(Debug, Clone)]
pub struct Source {
    /// Pixels a side.
    pub side: usize,
    /// Its sRGB bytes.
    pub rgb: Vec<u8>,
    /// Eyes, nose and corners of the mouth, and the face's box, in parts of its side.
    pub landmarks: [[f32; 2]; 5],
    pub face: [f32; 4],
}

impl Source {
    /// The point between the eyes.
    fn eyes(&self) -> [f32; 2] {
        let [a, b, ..] = self.landmarks;
        [(a[0] + b[0]) * 0.5, (a[1] + b[1]) * 0.5]
    }
}

/// The attacker as the camera sees them before the medium is put between.
#[derive(Debug)]
pub struct Behind {
    /// Their light; any number of samples.
    pub picture: Picture,
    /// By sample of the picture: is somebody there, and not the background? Empty where nobody is.
    pub solid: Vec<bool>,
    /// As a source's, in parts of the side.
    pub landmarks: [[f32; 2]; 5],
    pub face: [f32; 4],
}

/// Where and when an attack takes place.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub light: &'a Lighting<'a>,
    pub framing: &'a Framing,
    /// What is behind the medium: at least the background.
    pub behind: &'a Behind,
    /// Samples a side, pixels a side.
    pub side: usize,
    pub size: usize,
    /// From the clip's beginning.
    pub seconds: f32,
}

/// What an attack shows the camera.
#[derive(Debug, Clone)]
pub struct Presented {
    pub picture: Picture,
    /// By sample: is the medium there?
    pub medium: Vec<bool>,
    /// Of the shown face, in parts of the picture's side.
    pub landmarks: [[f32; 2]; 5],
    pub face: [f32; 4],
    /// By pixel: the medium's normal and its albedo (for a display what it shows); nothing beside it.
    pub surface: Vec<Option<(V3, V3)>>,
}

impl Presented {
    /// The scene before anything is held into it.
    fn before(place: &Place<'_>, held: &sheet::Held, source: &Source) -> Self {
        let side = place.side;
        let from = &place.behind.picture;
        let light = if from.side == side {
            from.light.clone()
        } else {
            // What is behind is out of focus or has samples finer than pixels: the nearest will do.
            let near: Vec<usize> = (0..side).map(|i| (2 * i + 1) * from.side / (2 * side)).collect();
            let rows = near.iter().map(|y| &from.light[y * from.side..][..from.side]);
            rows.flat_map(|row| near.iter().map(|x| row[*x])).collect()
        };
        Self {
            picture: Picture { side, light },
            medium: vec![false; side * side],
            landmarks: source.landmarks.map(|p| held.picture(p)),
            face: held.boxed(source.face),
            surface: vec![None; place.size * place.size],
        }
    }
}

/// A random number from `range`, evenly by octave.
fn octave(rng: &mut Stream, range: Range) -> f32 {
    pick(rng, (range.0.ln(), range.1.ln())).exp()
}

fn pick(rng: &mut Stream, range: Range) -> f32 {
    rng::between(rng, f64::from(range.0), f64::from(range.1)) as f32
}

fn chance(rng: &mut Stream, part: f32) -> bool {
    rng::uniform(rng) < f64::from(part)
}
