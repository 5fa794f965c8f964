//! Presentation attacks: what is held before the camera instead of a face. One file a species; each makes light from
//! the attacker's photograph, the surroundings and its own physics, which the camera then takes like any other scene.

pub mod disguise;
mod funny_eye;
pub mod guise;
mod half_mask;
mod makeup;
mod mannequin;
mod paper_glasses;
mod paper_mask;
mod partial_paper;
mod photo;
pub mod print;
pub mod replay;
mod silicone;
#[cfg(test)]
mod tests;
mod transparent;
mod wrap;

use crate::rng::{self, Stream};

use super::math::{V3, v3};
use super::scene::Picture;
use super::tuning::{PERSPECTIVE, Range, SOURCE_MARGIN, TILT};

/// What an attack shows the camera.
#[derive(Debug, Clone)]
pub struct Presented {
    pub picture: Picture,
    /// By sample: is the medium there?
    pub medium: Vec<bool>,
}

/// How the flat medium lies in the picture. Places are parts of the side from the middle.
#[derive(Debug, Clone, Copy)]
struct Sheet {
    turn: (f32, f32),
    perspective: [f32; 2],
    zoom: f32,
    shift: [f32; 2],
}

impl Sheet {
    fn draw(rng: &mut Stream) -> Self {
        let mut bell = |s: f32| (f64::from(s) * rng::normal(rng).clamp(-2.0, 2.0)) as f32;
        Self {
            turn: bell(TILT).sin_cos(),
            perspective: [bell(PERSPECTIVE), bell(PERSPECTIVE)],
            zoom: SOURCE_MARGIN * (1.0 + bell(0.015)),
            shift: [bell(0.012), bell(0.012)],
        }
    }

    /// The place on the medium, in parts of the picture's side from its middle.
    fn place(&self, u: f32, v: f32) -> [f32; 2] {
        let (s, c) = self.turn;
        let w = 1.0 + self.perspective[0] * u + self.perspective[1] * v;
        let (u, v) = ((u - self.shift[0]) / w, (v - self.shift[1]) / w);
        [c * u - s * v, s * u + c * v]
    }
}

/// A random number from `range`, evenly by octave.
fn octave(rng: &mut Stream, range: Range) -> f32 {
    pick(rng, (range.0.ln(), range.1.ln())).exp()
}

fn pick(rng: &mut Stream, range: Range) -> f32 {
    rng::between(rng, f64::from(range.0), f64::from(range.1)) as f32
}

/// Values on a coarse grid over the picture, read smoothly: light that changes slowly.
struct Field {
    values: Vec<V3>,
}

impl Field {
    const SIDE: usize = 17;

    /// `f` at places in parts of the side from the middle.
    fn new(f: impl Fn(f32, f32) -> V3) -> Self {
        let at = |i: usize| i as f32 / (Self::SIDE - 1) as f32 - 0.5;
        let values = (0..Self::SIDE * Self::SIDE).map(|i| f(at(i % Self::SIDE), at(i / Self::SIDE))).collect();
        Self { values }
    }

    fn at(&self, u: f32, v: f32) -> V3 {
        let last = (Self::SIDE - 1) as f32;
        let (x, y) = (((u + 0.5) * last).clamp(0.0, last - 1e-3), ((v + 0.5) * last).clamp(0.0, last - 1e-3));
        let (i, j) = (x as usize, y as usize);
        let (a, b) = (x - i as f32, y - j as f32);
        let cell = |dx: usize, dy: usize| self.values[(j + dy) * Self::SIDE + i + dx];
        cell(0, 0).mix(cell(1, 0), a).mix(cell(0, 1).mix(cell(1, 1), a), b)
    }
}

/// From a place on the picture towards the camera.
fn to_camera(u: f32, v: f32) -> V3 {
    v3(-0.35 * u, 0.35 * v, 1.0).unit()
}
