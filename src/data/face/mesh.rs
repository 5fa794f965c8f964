//! MediaPipe's face mesh: 468 landmarks in space from a square about a face whose eyes lie level, and the triangles
//! between them.

use crate::data::resample::Map;

use super::canonical;
use super::network::{self, Network};

/// Side of the network's input in pixels; its values are 0 … 1.
pub const SIDE: usize = 192;
/// Landmarks of a face.
pub const POINTS: usize = canonical::POINTS;
/// The square is this much larger than the box of the face.
const MARGIN: f32 = 1.5;
/// Outer corner of the eye at the left of the picture, and of the one at its right.
pub const OUTER_CORNERS: [usize; 2] = [33, 263];
/// Corners and lids of both eyes, whose means are the eyes' middles.
const EYES: [[usize; 4]; 2] = [[33, 133, 159, 145], [362, 263, 386, 374]];
const NOSE: usize = 1;
const MOUTH: [usize; 2] = [61, 291];

/// A face's landmarks in a picture: x and y in pixels from the upper left corner, z in pixels of the same size, smaller
/// towards the camera, 0 about the head's middle.
#[derive(Debug, Clone, PartialEq)]
pub struct Mesh {
    /// [`POINTS`] of them, in MediaPipe's order.
    pub points: Vec<[f32; 3]>,
    /// How sure the network is that the square shows a face, 0 to 1.
    pub presence: f32,
}

/// The network with its weights; outputs are presence and landmarks.
pub fn network() -> Result<Network, String> {
    let weights = include_bytes!("../../../assets/face/face_landmark.safetensors");
    let list = include_str!("../../../assets/face/face_landmark.json");
    network::converted(weights, list, &[210, 213])
}

/// The square to look at for a face that fills the box `at` and whose eyes (left and right in the picture) are there.
pub fn square(at: [f32; 4], eyes: [[f32; 2]; 2]) -> Map {
    let middle = [at[0] + at[2] / 2.0, at[1] + at[3] / 2.0];
    let [a, b] = eyes;
    let angle = (b[1] - a[1]).atan2(b[0] - a[0]);
    Map::square(middle, at[2].max(at[3]) * MARGIN, angle, SIDE)
}

impl Mesh {
    /// From the network's numbers for the square of `map`.
    pub fn new(presence: f32, numbers: &[f32], map: &Map) -> Self {
        let scale = map.across[0].hypot(map.across[1]);
        let point = |p: &[f32; 3]| {
            let [x, y] = map.old([p[0], p[1]]);
            [x, y, p[2] * scale]
        };
        let points = numbers.as_chunks().0.iter().map(point).collect();
        Self { points, presence: 1.0 / (1.0 + (-presence).exp()) }
    }

    fn flat(&self, i: usize) -> [f32; 2] {
        [self.points[i][0], self.points[i][1]]
    }

    fn mean(&self, all: &[usize]) -> [f32; 2] {
        [0, 1].map(|k| all.iter().map(|i| self.points[*i][k]).sum::<f32>() / all.len() as f32)
    }

    /// The box about all landmarks: left, top, width, height.
    pub fn bounds(&self) -> [f32; 4] {
        let of = |k: usize, pick: fn(f32, f32) -> f32, start: f32| self.points.iter().map(|p| p[k]).fold(start, pick);
        let (left, top) = (of(0, f32::min, f32::MAX), of(1, f32::min, f32::MAX));
        [left, top, of(0, f32::max, f32::MIN) - left, of(1, f32::max, f32::MIN) - top]
    }

    /// Outer corners of the eyes, left and right in the picture.
    pub fn outer_corners(&self) -> [[f32; 2]; 2] {
        OUTER_CORNERS.map(|i| self.flat(i))
    }

    /// Eyes, tip of the nose, corners of the mouth; left in the picture first.
    pub fn five(&self) -> [[f32; 2]; 5] {
        let [a, b] = EYES.map(|eye| self.mean(&eye));
        let [c, d] = MOUTH.map(|i| self.flat(i));
        [a, b, self.flat(NOSE), c, d]
    }
}
