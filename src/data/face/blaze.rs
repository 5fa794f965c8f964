//! The short-range face detector of MediaPipe (BlazeFace): anchors, what the network's numbers mean, and how detections
//! of one face become one. Places are fractions of the square that the network saw.

use super::network::{self, Network};

/// Side of the network's input in pixels; its values are -1 … 1.
pub const SIDE: usize = 128;
/// Two scales of anchors: cells a side, anchors a cell.
const GRIDS: [(usize, usize); 2] = [(16, 2), (8, 6)];
/// Numbers a box: middle, size, six points.
const NUMBERS: usize = 16;
/// Scores are the logistic function of this much at most.
const CLIP: f32 = 100.0;
/// MediaPipe's thresholds: the least score, and the overlap of boxes that count as one face.
const LEAST: f32 = 0.5;
const SAME: f32 = 0.3;

/// A face in the square.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// Left, top, width, height.
    pub at: [f32; 4],
    /// Eye at the left of the picture, eye at its right, tip of the nose, middle of the mouth, both ears.
    pub points: [[f32; 2]; 6],
    /// 0 to 1.
    pub score: f32,
}

/// The network with its weights; outputs are scores and boxes of both scales.
pub fn network() -> Result<Network, String> {
    let weights = include_bytes!("../../../assets/face/face_detection_short_range.safetensors");
    let list = include_str!("../../../assets/face/face_detection_short_range.json");
    network::converted(weights, list, &[160, 163, 166, 169])
}

/// The faces that the outputs for one picture tell of: `scores` and `boxes` of both scales, channels x rows x columns.
pub fn faces(scores: [&[f32]; 2], boxes: [&[f32]; 2]) -> Vec<Detection> {
    let mut all = Vec::new();
    for (((cells, each), scores), boxes) in GRIDS.into_iter().zip(scores).zip(boxes) {
        let area = cells * cells;
        for cell in 0..area {
            for k in 0..each {
                let score = logistic(scores[k * area + cell]);
                if score < LEAST {
                    continue;
                }
                // Boxes are offsets from the cell's middle, in pixels of the input.
                let middle = [cell % cells, cell / cells].map(|i| (i as f32 + 0.5) / cells as f32);
                let number = |n: usize| boxes[(k * NUMBERS + n) * area + cell] / SIDE as f32;
                let place = |n: usize| [middle[0] + number(n), middle[1] + number(n + 1)];
                let ([x, y], w, h) = (place(0), number(2), number(3));
                let points = [4, 6, 8, 10, 12, 14].map(place);
                all.push(Detection { at: [x - w / 2.0, y - h / 2.0, w, h], points, score });
            }
        }
    }
    merged(all)
}

fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x.clamp(-CLIP, CLIP)).exp())
}

/// Detections that overlap the best one become one with it: the mean of all, weighted by their scores. Best first.
fn merged(mut all: Vec<Detection>) -> Vec<Detection> {
    // A box that is none overlaps nothing, not even itself.
    all.retain(|d| d.at.iter().all(|c| c.is_finite()) && d.at[2] > 0.0 && d.at[3] > 0.0);
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut faces = Vec::new();
    while let Some(best) = all.first().copied() {
        let (same, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|d| overlap(d.at, best.at) > SAME);
        all = others;
        let total: f32 = same.iter().map(|d| d.score).sum();
        let mean = |of: &dyn Fn(&Detection) -> f32| same.iter().map(|d| d.score * of(d)).sum::<f32>() / total;
        let at = [0, 1, 2, 3].map(|i| mean(&|d| d.at[i]));
        let points = [0, 1, 2, 3, 4, 5].map(|p| [0, 1].map(|i| mean(&|d| d.points[p][i])));
        faces.push(Detection { at, points, score: best.score });
    }
    faces
}

/// Intersection over union of two boxes (left, top, width, height).
pub fn overlap(a: [f32; 4], b: [f32; 4]) -> f32 {
    let common = |i: usize| ((a[i] + a[i + 2]).min(b[i] + b[i + 2]) - a[i].max(b[i])).max(0.0);
    let both = common(0) * common(1);
    let union = a[2] * a[3] + b[2] * b[3] - both;
    if union > 0.0 { both / union } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs() -> ([Vec<f32>; 2], [Vec<f32>; 2]) {
        let of = |(cells, each): (usize, usize), per: usize, value: f32| vec![value; cells * cells * each * per];
        (GRIDS.map(|g| of(g, 1, -50.0)), GRIDS.map(|g| of(g, NUMBERS, 0.0)))
    }

    fn read(scores: &[Vec<f32>; 2], boxes: &[Vec<f32>; 2]) -> Vec<Detection> {
        faces([&scores[0], &scores[1]], [&boxes[0], &boxes[1]])
    }

    #[test]
    fn numbers_are_read_from_their_cell_and_anchor() {
        let (mut scores, mut boxes) = outputs();
        assert!(read(&scores, &boxes).is_empty());
        // Row 3, column 5 of the coarse scale, its second anchor.
        let (cell, k) = (3 * 8 + 5, 1);
        scores[1][k * 64 + cell] = 2.0;
        let mut set = |n: usize, value: f32| boxes[1][(k * NUMBERS + n) * 64 + cell] = value;
        set(0, 12.8);
        set(1, -12.8);
        set(2, 64.0);
        set(3, 32.0);
        set(4, 6.4);
        set(15, 1.28);
        let found = read(&scores, &boxes);
        let middle = [5.5 / 8.0, 3.5 / 8.0];
        assert_eq!(found.len(), 1);
        let near = |a: f32, b: f32| assert!((a - b).abs() < 1e-5, "{a} {b}");
        near(found[0].score, 0.880_797);
        near(found[0].at[0], middle[0] + 0.1 - 0.25);
        near(found[0].at[1], middle[1] - 0.1 - 0.125);
        near(found[0].points[0][0], middle[0] + 0.05);
        near(found[0].points[5][1], middle[1] + 0.01);
    }

    #[test]
    fn detections_of_one_face_become_their_weighted_mean() {
        let one = |left: f32, score: f32| Detection { at: [left, 0.0, 1.0, 1.0], points: [[left, 0.5]; 6], score };
        let faces = merged(vec![one(0.4, 0.6), one(0.0, 0.9), one(5.0, 0.7), one(f32::NAN, 0.5)]);
        assert_eq!(faces.len(), 2);
        assert!((faces[0].at[0] - 0.16).abs() < 1e-6 && faces[0].score == 0.9);
        assert_eq!(faces[1].at[0], 5.0);
        assert_eq!(overlap([0.0, 0.0, 2.0, 2.0], [1.0, 0.0, 2.0, 2.0]), 1.0 / 3.0);
        assert_eq!(overlap([0.0; 4], [0.0; 4]), 0.0);
    }
}
