//! MTCNN: three small networks, each looking closer at what the one before let through. Its weights are not shipped, for
//! their licence is disputed; whoever has them puts `mtcnn.safetensors` into the cache folder, or names the file in
//! METAFAS_MTCNN. docs/faces.md says how it is made from the package facenet-pytorch.
//!
//! Thresholds, steps of the pyramid and the ways boxes are merged are those of the authors' release. Two things differ:
//! faces of less than a twelfth of the picture's shorter side are not looked for, and candidates are read with their
//! exact borders instead of whole pixels.

mod weights;

use image::RgbImage;

use crate::data::resample::{self, Border, Map, Rect};

use super::finder::Face;
use super::tensors::Runner;

pub use weights::Weights;

/// The smallest face that the first network sees, in its input's pixels.
const CELL: f32 = 12.0;
/// From one level of the pyramid to the next.
const STEP: f32 = 0.709;
/// What each network must be sure of.
const SURE: [f32; 3] = [0.6, 0.7, 0.7];
/// The least face in pixels, and as a part of the shorter side.
const LEAST: f32 = 20.0;
const LEAST_PART: f32 = 1.0 / 12.0;
/// Inputs of the second and the third network.
const SIDES: [usize; 2] = [24, 48];
/// Candidates a batch.
const BATCH: usize = 128;
/// Samples a pixel each way, at most.
const SAMPLES: usize = 4;

/// The three networks, for one thread.
pub struct Mtcnn([Runner; 3]);

/// A candidate: left, top, right, bottom in pixels, and how sure a network is of it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Candidate {
    at: [f32; 4],
    sure: f32,
}

impl Candidate {
    /// Its borders moved by these parts of its own width and height.
    fn corrected(self, by: [f32; 4]) -> Self {
        let (w, h) = (self.at[2] - self.at[0], self.at[3] - self.at[1]);
        let at = [0, 1, 2, 3].map(|i| self.at[i] + by[i] * if i % 2 == 0 { w } else { h });
        Self { at, ..self }
    }

    /// The square about its middle that is as long as its longer side.
    fn squared(self) -> Self {
        let [l, t, r, b] = self.at;
        let half = (r - l).max(b - t) / 2.0;
        let (x, y) = (f32::midpoint(l, r), f32::midpoint(t, b));
        Self { at: [x - half, y - half, x + half, y + half], ..self }
    }

    fn area(&self) -> f32 {
        (self.at[2] - self.at[0]).max(0.0) * (self.at[3] - self.at[1]).max(0.0)
    }

    fn common(&self, other: &Self) -> f32 {
        let side = |i: usize| (self.at[i + 2].min(other.at[i + 2]) - self.at[i].max(other.at[i])).max(0.0);
        side(0) * side(1)
    }
}

/// Places of the candidates that stay, surest first: others that overlap them by more than `most` go. The overlap is
/// measured against the union, or against the smaller one.
fn kept(all: &[Candidate], most: f32, against_smaller: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..all.len()).filter(|i| all[*i].at.iter().all(|c| c.is_finite())).collect();
    order.sort_by(|a, b| all[*b].sure.total_cmp(&all[*a].sure).then(a.cmp(b)));
    let mut stay: Vec<usize> = Vec::new();
    for i in order {
        let (a, clear) = (&all[i], |b: &usize| {
            let b = &all[*b];
            let common = all[i].common(b);
            let whole = if against_smaller { all[i].area().min(b.area()) } else { all[i].area() + b.area() - common };
            common <= most * whole
        });
        if a.area() > 0.0 && stay.iter().all(clear) {
            stay.push(i);
        }
    }
    stay
}

impl Mtcnn {
    /// All faces in a picture, surest first, with their five points.
    pub fn faces(&self, picture: &RgbImage) -> Result<Vec<Face>, String> {
        let candidates = self.propose(picture)?;
        let (outputs, candidates) = self.look(1, picture, &candidates)?;
        // Corrections go with their candidates through the merging.
        let stay = kept(&candidates, 0.7, false);
        let refined: Vec<Candidate> = stay.iter().map(|i| candidates[*i].corrected(outputs[*i].0).squared()).collect();
        let (outputs, candidates) = self.look(2, picture, &refined)?;
        let boxes: Vec<Candidate> = candidates.iter().zip(&outputs).map(|(c, (by, _))| c.corrected(*by)).collect();
        let face = |i: usize| {
            let [l, t, r, b] = boxes[i].at;
            // Points are parts of the square that the network saw.
            let [x, y, x2, y2] = candidates[i].at;
            let points = &outputs[i].1;
            let five = [0, 1, 2, 3, 4].map(|k| [x + points[k] * (x2 - x), y + points[k + 5] * (y2 - y)]);
            let at = [l, t, r - l, b - t];
            let eyes = Some([five[0], five[1]]);
            Face { at, confidence: boxes[i].sure, eyes, five: Some(five), corners: None, mesh: None }
        };
        Ok(kept(&boxes, 0.7, true).into_iter().map(face).collect())
    }

    /// The first network over a pyramid of the picture.
    fn propose(&self, picture: &RgbImage) -> Result<Vec<Candidate>, String> {
        let (w, h) = (picture.width() as f32, picture.height() as f32);
        let least = LEAST.max(w.min(h) * LEAST_PART);
        let mut scale = CELL / least;
        let mut all = Vec::new();
        while w.min(h) * scale >= CELL {
            let (columns, rows) = ((w * scale + 1.0) as usize, (h * scale + 1.0) as usize);
            let whole = Rect { left: 0.0, top: 0.0, width: w, height: h };
            let shape = (picture.width() as usize, picture.height() as usize);
            let small = resample::cut(picture.as_raw(), shape, 3, whole, (columns, rows));
            let input: Vec<f32> =
                (0..3).flat_map(|c| small.iter().skip(c).step_by(3).map(|v| value(f32::from(*v)))).collect();
            let out = self.0[0].run(&input, [1, 3, rows, columns])?;
            let [sure, by] = out.as_slice() else { return Err("the first network has other outputs".to_owned()) };
            let (across, area) = (sure.shape[3], sure.shape[2] * sure.shape[3]);
            let mut level = Vec::new();
            for cell in 0..area {
                let s = sure.values[area + cell];
                if s >= SURE[0] {
                    let corner = [cell % across, cell / across].map(|i| i as f32 * 2.0 / scale);
                    let side = CELL / scale;
                    let at = [corner[0], corner[1], corner[0] + side, corner[1] + side];
                    let by = [0, 1, 2, 3].map(|k| by.values[k * area + cell]);
                    level.push((Candidate { at, sure: s }, by));
                }
            }
            let boxes: Vec<Candidate> = level.iter().map(|l| l.0).collect();
            all.extend(kept(&boxes, 0.5, false).into_iter().map(|i| level[i]));
            scale *= STEP;
        }
        let boxes: Vec<Candidate> = all.iter().map(|l| l.0).collect();
        let stay = kept(&boxes, 0.7, false);
        Ok(stay.into_iter().map(|i| all[i].0.corrected(all[i].1).squared()).collect())
    }

    /// The second or third network at every candidate; corrections and points of those it is sure of.
    #[expect(clippy::type_complexity, reason = "two lists that belong together, used once")]
    fn look(
        &self,
        number: usize,
        picture: &RgbImage,
        candidates: &[Candidate],
    ) -> Result<(Vec<([f32; 4], Vec<f32>)>, Vec<Candidate>), String> {
        let side = SIDES[number - 1];
        let (mut outputs, mut passed) = (Vec::new(), Vec::new());
        for batch in candidates.chunks(BATCH) {
            let mut input = Vec::with_capacity(batch.len() * 3 * side * side);
            for c in batch {
                let [l, t, r, b] = c.at;
                let map = Map::square([f32::midpoint(l, r), f32::midpoint(t, b)], r - l, 0.0, side);
                let seen = resample::sample(picture, &map, (side, side), Border::Black, SAMPLES);
                input
                    .extend((0..3).flat_map(|c| seen.iter().skip(c).step_by(3).map(|v| value(*v)).collect::<Vec<_>>()));
            }
            let out = self.0[number].run(&input, [batch.len(), 3, side, side])?;
            for (i, c) in batch.iter().enumerate() {
                let s = out[0].values[i * 2 + 1];
                if s > SURE[number] {
                    let by = [0, 1, 2, 3].map(|k| out[1].values[i * 4 + k]);
                    let points = out.get(2).map_or(vec![], |p| p.values[i * 10..i * 10 + 10].to_vec());
                    outputs.push((by, points));
                    passed.push(Candidate { sure: s, ..*c });
                }
            }
        }
        Ok((outputs, passed))
    }
}

/// A byte as the networks see it.
fn value(byte: f32) -> f32 {
    (byte - 127.5) / 128.0
}

#[cfg(test)]
mod tests;
