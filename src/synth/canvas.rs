//! The picture under work: a pinhole camera that places points, and for every sample the nearest part of the scene. No
//! light.

use super::figure::{Anatomy, Eye};
use super::math::{V3, v3};
use super::raster::triangle;

/// A pinhole camera that looks along -z.
#[derive(Debug, Clone, Copy)]
pub struct Pinhole {
    pub at: V3,
    pub focal: f32,
    pub centre: [f32; 2],
    /// Sine and cosine of the camera's turn about its axis.
    pub roll: (f32, f32),
}

impl Pinhole {
    /// Picture place, and distance from the camera.
    pub fn project(&self, p: V3) -> V3 {
        let z = (self.at.z - p.z).max(0.1);
        let scale = self.focal / z;
        let (x, y) = ((p.x - self.at.x) * scale, (self.at.y - p.y) * scale);
        let (s, c) = self.roll;
        v3(self.centre[0] + c * x - s * y, self.centre[1] + s * x + c * y, z)
    }
}

/// What each sample shows.
pub struct Canvas {
    pub side: usize,
    /// Distance from the camera; infinite where nothing is.
    pub z: Vec<f32>,
    /// Triangle in the order of filling; [`NOTHING`] where nothing is.
    pub id: Vec<u32>,
    /// Weights of the triangle's second and third corner.
    pub b: Vec<[f32; 2]>,
}

/// No triangle.
pub const NOTHING: u32 = u32::MAX;

impl Canvas {
    pub fn new(side: usize) -> Self {
        let n = side * side;
        Self { side, z: vec![f32::INFINITY; n], id: vec![NOTHING; n], b: vec![[0.0; 2]; n] }
    }

    /// Fills in skin, eyeballs, teeth and tongue, in this order, two triangles a quad.
    pub fn fill(&mut self, camera: &Pinhole, anatomy: &Anatomy, skin: &[V3], eyes: &[Eye; 2], coarse: &[V3]) {
        let mut id = 0;
        let place = |p: &V3| camera.project(*p);
        let skin: Vec<V3> = skin.iter().map(place).collect();
        self.quads(&skin, anatomy.skin.quads.iter().copied(), &mut id);
        for eye in eyes {
            let ball = &anatomy.ball;
            let points: Vec<V3> = ball.iter().map(|d| place(&(eye.centre + eye_axes(eye, *d) * eye.radius))).collect();
            self.quads(&points, anatomy.ball_quads.iter().copied(), &mut id);
        }
        let points: Vec<V3> = coarse.iter().map(place).collect();
        self.quads(&points, anatomy.inner.iter().map(|q| q.0), &mut id);
    }

    fn quads(&mut self, points: &[V3], quads: impl Iterator<Item = [u32; 4]>, id: &mut u32) {
        let side = self.side;
        for q in quads {
            let p = q.map(|v| points[v as usize]);
            for (b, c) in [(1, 2), (2, 3)] {
                let now = *id;
                *id += 1;
                // Seen from behind: turned the other way round on the picture, whose y runs down.
                if (p[b].x - p[0].x) * (p[c].y - p[0].y) - (p[b].y - p[0].y) * (p[c].x - p[0].x) > 0.0 {
                    continue;
                }
                let (zs, ids, bs) = (&mut self.z, &mut self.id, &mut self.b);
                triangle(p[0], p[b], p[c], side, side, |i, b1, b2, z| {
                    if z < zs[i] {
                        zs[i] = z;
                        ids[i] = now;
                        bs[i] = [b1, b2];
                    }
                });
            }
        }
    }
}

/// A direction of the unit ball, whose pole is z, turned so that the pole looks along the gaze.
pub fn eye_axes(eye: &Eye, d: V3) -> V3 {
    let side = v3(0.0, 1.0, 0.0).cross(eye.gaze).unit();
    let up = eye.gaze.cross(side);
    side * d.x + up * d.y + eye.gaze * d.z
}
