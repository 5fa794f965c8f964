//! What is behind the person, out of focus: a wall of light worked out once a clip. The person is drawn before it
//! elsewhere.

use super::light::Lighting;
use super::math::{V3, v3};
use super::noise::floor;
use super::scene::Shake;

/// Kinds of backdrops.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Backdrop {
    /// The blurred surroundings themselves.
    Surroundings,
}

/// A backdrop as light, somewhat larger than the picture.
#[derive(Debug)]
pub struct Wall {
    side: usize,
    light: Vec<V3>,
}

/// How much more than the picture a wall shows to every side, as a part of the picture's side.
const MARGIN: f32 = 0.12;

impl Wall {
    /// The light of `backdrop` behind a picture of `pixels` pixels.
    pub fn new(backdrop: &Backdrop, light: &Lighting<'_>, pixels: usize) -> Self {
        let side = match backdrop {
            Backdrop::Surroundings => 48,
        };
        let _ = pixels;
        let place = |i: usize| ((i as f32 + 0.5) / side as f32 - 0.5) * (1.0 + 2.0 * MARGIN);
        let texels = (0..side * side).map(|i| {
            let (u, v) = (place(i % side), -place(i / side));
            light.soft(v3(u * 1.1, v * 1.1 - 0.05, -1.0).unit())
        });
        Self { side, light: texels.collect() }
    }

    /// Light behind sample (`x`, `y`) of `samples` a side, seen from a camera off its place by `shake`.
    pub fn at(&self, x: usize, y: usize, samples: usize, shake: &Shake) -> V3 {
        let place = |i: usize, k: usize| ((i as f32 + 0.5) / samples as f32 - 0.5 - shake.shift[k]) / shake.zoom;
        let (u, v) = (place(x, 0), place(y, 1));
        let (u, v) = (u + shake.roll * v, v - shake.roll * u);
        let scale = self.side as f32 / (1.0 + 2.0 * MARGIN);
        let last = (self.side - 1) as f32;
        let texel = |t: f32| (t * scale + self.side as f32 * 0.5 - 0.5).clamp(0.0, last);
        let (x, y) = (texel(u), texel(v));
        let (i, j) = (floor(x) as usize, floor(y) as usize);
        let (i1, j1) = ((i + 1).min(self.side - 1), (j + 1).min(self.side - 1));
        let (a, b) = (x - i as f32, y - j as f32);
        let row = |j: usize| self.light[j * self.side + i].mix(self.light[j * self.side + i1], a);
        row(j).mix(row(j1), b)
    }
}
