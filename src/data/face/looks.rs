//! What the networks see of a picture, and what they say of it: squares of a picture become tensors' numbers, and numbers
//! become faces in the picture's pixels. Which squares are looked at, and which face is meant, is decided in `finder`.

use image::RgbImage;

use crate::data::resample::{self, Border, Map};

use super::blaze::{self, Detection};
use super::finder::{BATCH, Face};
use super::mesh::{self, Mesh};
use super::network::Array;
use super::tensors::Runner;

/// Samples a pixel each way for what networks see.
const SAMPLES: usize = 4;
/// The mouth may lie this far from straight below the eyes (cosine of 60 degrees); beyond it a face does not stand
/// upright.
const UPRIGHT: f32 = 0.5;

/// A picture as the detector first sees it, kept for a look at it from other sides.
pub fn small(picture: &RgbImage) -> RgbImage {
    let values = resample::sample(picture, &whole(picture), (blaze::SIDE, blaze::SIDE), Border::Black, SAMPLES);
    let side = blaze::SIDE as u32;
    RgbImage::from_fn(side, side, |x, y| {
        let at = (y * side + x) as usize * 3;
        image::Rgb([0, 1, 2].map(|c| (values[at + c] + 0.5) as u8))
    })
}

/// The square about the middle of the picture that holds all of it.
pub fn whole(picture: &RgbImage) -> Map {
    let (w, h) = (picture.width() as f32, picture.height() as f32);
    Map::square([w / 2.0, h / 2.0], w.max(h), 0.0, blaze::SIDE)
}

/// A square about a box, `factor` as long as its longer side.
pub fn about(at: [f32; 4], factor: f32) -> Map {
    let middle = [at[0] + at[2] / 2.0, at[1] + at[3] / 2.0];
    Map::square(middle, (at[2].max(at[3]) * factor).max(1.0), 0.0, blaze::SIDE)
}

/// Squares that cover the picture: as long as its shorter side, then of half that length, each half over the next.
pub fn parts(picture: &RgbImage) -> Vec<Map> {
    let (w, h) = (picture.width() as f32, picture.height() as f32);
    let mut all = Vec::new();
    for side in [w.min(h), w.min(h) / 2.0] {
        if side == w.max(h) {
            // That is the whole picture, which has been looked at.
            continue;
        }
        let steps = |length: f32| ((length - side) / (side / 2.0)).ceil().max(0.0) as usize;
        let (across, down) = (steps(w), steps(h));
        let middle = |i: usize, n: usize, length: f32| {
            side / 2.0 + if n == 0 { (length - side) / 2.0 } else { (length - side) * i as f32 / n as f32 }
        };
        for j in 0..=down {
            for i in 0..=across {
                all.push(Map::square([middle(i, across, w), middle(j, down, h)], side, 0.0, blaze::SIDE));
            }
        }
    }
    all
}

/// Runs the detector on every square; the upright faces of each, best first.
pub fn detect(blaze: &Runner, looks: &[(&RgbImage, Map)]) -> Result<Vec<Vec<Face>>, String> {
    let mut out = Vec::new();
    for looks in looks.chunks(BATCH) {
        // -1 … 1, black beyond the border.
        let input = planes(looks, blaze::SIDE, Border::Black, |v| v / 127.5 - 1.0);
        let arrays = blaze.run(&input, [looks.len(), 3, blaze::SIDE, blaze::SIDE])?;
        let [fine_scores, coarse_scores, fine_boxes, coarse_boxes] = arrays.as_slice() else {
            return Err("the detector has other outputs than it should".to_owned());
        };
        for (i, (_, map)) in looks.iter().enumerate() {
            let of = |array: &Array| {
                let each = array.values.len() / looks.len();
                i * each..(i + 1) * each
            };
            let faces = blaze::faces(
                [&fine_scores.values[of(fine_scores)], &coarse_scores.values[of(coarse_scores)]],
                [&fine_boxes.values[of(fine_boxes)], &coarse_boxes.values[of(coarse_boxes)]],
            );
            out.push(faces.iter().map(|d| in_picture(d, map)).filter(stands).map(|f| f.0).collect());
        }
    }
    Ok(out)
}

/// A detection in the picture's pixels, with the middle of its mouth. Squares of the detector are never turned.
fn in_picture(d: &Detection, map: &Map) -> (Face, [f32; 2]) {
    let side = blaze::SIDE as f32;
    let place = |p: [f32; 2]| map.old(p.map(|c| c * side));
    let [left, top] = place([d.at[0], d.at[1]]);
    let length = side * map.across[0];
    let at = [left, top, d.at[2] * length, d.at[3] * length];
    let [a, b, _, mouth, ..] = d.points.map(place);
    (Face { at, confidence: d.score, eyes: Some([a, b]), five: None, corners: None, mesh: None }, mouth)
}

/// Whether a face's mouth is below its eyes.
fn stands((face, mouth): &(Face, [f32; 2])) -> bool {
    let Some([a, b]) = face.eyes else { return false };
    let (x, y) = (mouth[0] - f32::midpoint(a[0], b[0]), mouth[1] - f32::midpoint(a[1], b[1]));
    y > UPRIGHT * x.hypot(y)
}

pub fn landmarks(mesh: &Runner, looks: &[(&RgbImage, Map)]) -> Result<Vec<Mesh>, String> {
    let mut out = Vec::new();
    for looks in looks.chunks(BATCH) {
        let input = planes(looks, mesh::SIDE, Border::Nearest, |v| v / 255.0);
        let arrays = mesh.run(&input, [looks.len(), 3, mesh::SIDE, mesh::SIDE])?;
        let [presence, numbers] = arrays.as_slice() else {
            return Err("the mesh has other outputs than it should".to_owned());
        };
        let each = mesh::POINTS * 3;
        for (i, (_, map)) in looks.iter().enumerate() {
            out.push(Mesh::new(presence.values[i], &numbers.values[i * each..(i + 1) * each], map));
        }
    }
    Ok(out)
}

/// What the squares show, as planes of red, green and blue.
fn planes(looks: &[(&RgbImage, Map)], side: usize, border: Border, value: fn(f32) -> f32) -> Vec<f32> {
    let mut input = vec![0.0; looks.len() * 3 * side * side];
    for ((picture, map), planes) in looks.iter().zip(input.chunks_exact_mut(3 * side * side)) {
        let values = resample::sample(picture, map, (side, side), border, SAMPLES);
        for (i, pixel) in values.chunks_exact(3).enumerate() {
            for c in 0..3 {
                planes[c * side * side + i] = value(pixel[c]);
            }
        }
    }
    input
}
