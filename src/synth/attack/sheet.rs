//! The shape of a flat medium in space: how it is bent, tilted and held, where each of its places falls in the picture
//! and how the room lights it there. Knows nothing of inks and displays.
//!
//! Lengths are parts of the picture's side at the medium. Places on the medium are parts of the shown photograph's
//! side (0 to 1 on the photograph, beyond on its border).

use std::f32::consts::TAU;

use crate::rng::{self, Stream};

use super::super::camera::Framing;
use super::super::light::Lighting;
use super::super::math::{Rotation, V3, v3};
use super::super::noise::noise;
use super::super::raster::triangle;
use super::{Source, pick};

/// Cells of the mesh a side.
const CELLS: usize = 20;

/// Slow motion of something held by hand: three waves an axis.
#[derive(Debug, Clone, Copy)]
pub struct Sway([[f32; 3]; 3]);

impl Sway {
    /// Draws a motion of about `amount` in its unit.
    pub fn draw(amount: f32, rng: &mut Stream) -> Self {
        let mut wave = |f: f32, part: f32| [pick(rng, (0.6, 1.5)) * f, pick(rng, (0.0, TAU)), amount * part];
        Self([wave(0.35, 0.8), wave(0.9, 0.5), wave(2.3, 0.18)])
    }

    /// Where it is at `seconds`.
    pub fn at(&self, seconds: f32) -> f32 {
        self.0.iter().map(|[f, phase, amount]| amount * (seconds * f * TAU + phase).sin()).sum()
    }
}

/// How a medium is shaped and held during one clip.
#[derive(Debug, Clone, Copy)]
pub struct Sheet {
    /// Bend over the photograph's width in radians, how it differs along the bend's axis, the axis's direction.
    pub bend: f32,
    pub cone: f32,
    pub axis: f32,
    /// Unevenness of its surface: how far normals stray.
    pub wrinkle: f32,
    /// Yaw, pitch and roll.
    pub tilt: [f32; 3],
    /// Motion of bend, yaw, pitch, roll and both shifts; nothing where it stands fixed.
    pub sway: Option<[Sway; 6]>,
    /// The edges in places on the medium: left, top, right, bottom.
    pub edges: [f32; 4],
    /// Seeds the unevenness.
    pub seed: u32,
}

impl Sheet {
    /// A flat sheet with `edges`, tilted a little at random, moving if it is held by `hand`.
    pub fn flat(edges: [f32; 4], tilt: f32, hand: bool, rng: &mut Stream) -> Self {
        let mut bell = |s: f32| (f64::from(s) * rng::normal(rng).clamp(-2.0, 2.0)) as f32;
        let tilt = [bell(tilt), bell(tilt), bell(tilt * 0.35)];
        let amounts = [0.12, 0.05, 0.05, 0.025, 0.012, 0.012];
        let sway = hand.then(|| amounts.map(|a| Sway::draw(a, rng)));
        Self { bend: 0.0, cone: 0.0, axis: 0.0, wrinkle: 0.0, tilt, sway, edges, seed: rng::index(rng, 1 << 24) as u32 }
    }

    /// The sheet at `seconds`, so that the face of `source` fills `framing`.
    pub fn hold(&self, source: &Source, framing: &Framing, seconds: f32) -> Held {
        let [bend, yaw, pitch, roll, across, up] =
            self.sway.as_ref().map_or([0.0; 6], |s| [0, 1, 2, 3, 4, 5].map(|k| s[k].at(seconds)));
        let eyes = source.eyes();
        let length = (source.face[1] + source.face[3] - eyes[1]).max(0.05);
        let bend = self.bend * (1.0 + bend);
        Held {
            sheet: *self,
            bend,
            turn: Rotation::new(self.tilt[0] + yaw, self.tilt[1] + pitch, self.tilt[2] + roll),
            origin: eyes,
            zoom: framing.face / length,
            centre: [framing.eyes[0] + across, framing.eyes[1] + up],
            // A face is about 1.2 decimetres from the eyes to the chin.
            focal: (framing.distance / 1.2 * framing.face).max(1.2),
        }
    }
}

/// A sheet at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    sheet: Sheet,
    bend: f32,
    turn: Rotation,
    /// The place on the medium that stays where the eyes belong.
    origin: [f32; 2],
    /// Size of the photograph in the picture.
    pub zoom: f32,
    centre: [f32; 2],
    focal: f32,
}

impl Held {
    /// The point in space (the picture's plane at 0, y up) and the normal at a place on the medium.
    fn point(&self, place: [f32; 2]) -> (V3, V3) {
        let (a, b) = ((place[0] - self.origin[0]) * self.zoom, (self.origin[1] - place[1]) * self.zoom);
        let (sin, cos) = self.sheet.axis.sin_cos();
        let (s, t) = (a * cos + b * sin, b * cos - a * sin);
        let k = self.bend / self.zoom * (1.0 + self.sheet.cone * t / self.zoom);
        let (s, z, turned) =
            if k.abs() < 1e-4 { (s, 0.0, 0.0) } else { ((k * s).sin() / k, ((k * s).cos() - 1.0) / k, k * s) };
        let bent = v3(s * cos - t * sin, s * sin + t * cos, z);
        let mut normal = v3(turned.sin() * cos, turned.sin() * sin, turned.cos());
        if self.sheet.wrinkle > 0.0 {
            let at = |k: f32| v3(place[0] * 4.0, place[1] * 4.0, k);
            normal += v3(noise(at(0.3), self.sheet.seed), noise(at(7.3), self.sheet.seed), 0.0) * self.sheet.wrinkle;
        }
        (self.turn.apply(bent), self.turn.apply(normal.unit()))
    }

    /// Where a point in space falls, in parts of the picture's side from its top left corner.
    fn see(&self, p: V3) -> [f32; 2] {
        let w = self.focal / (self.focal - p.z).max(0.2);
        [self.centre[0] + p.x * w, self.centre[1] - p.y * w]
    }

    /// Where a place on the medium falls, in parts of the picture's side.
    pub fn picture(&self, place: [f32; 2]) -> [f32; 2] {
        self.see(self.point(place).0)
    }

    /// The box round four places on the medium, as the picture sees their middle sides.
    pub fn boxed(&self, [x, y, w, h]: [f32; 4]) -> [f32; 4] {
        let c = [[x, y], [x + w, y], [x + w, y + h], [x, y + h]].map(|p| self.picture(p));
        let (left, right) = ((c[0][0] + c[3][0]) * 0.5, (c[1][0] + c[2][0]) * 0.5);
        let (top, bottom) = ((c[0][1] + c[1][1]) * 0.5, (c[2][1] + c[3][1]) * 0.5);
        [left, top, right - left, bottom - top]
    }

    /// The sheet's corners in the picture: top left, top right, bottom right, bottom left.
    #[cfg(test)]
    pub fn corners(&self) -> [[f32; 2]; 4] {
        let [l, t, r, b] = self.sheet.edges;
        [[l, t], [r, t], [r, b], [l, b]].map(|p| self.picture(p))
    }

    /// The sheet's mesh, lit by `light`; `mirror` is what its surface reflects towards the camera from a direction.
    pub fn mesh(&self, light: &Lighting<'_>, mirror: impl Fn(V3) -> V3) -> Mesh {
        let [left, top, right, bottom] = self.sheet.edges;
        let part = |i: usize| i as f32 / CELLS as f32;
        let knots = (0..(CELLS + 1) * (CELLS + 1)).map(|i| {
            let (x, y) = (part(i % (CELLS + 1)), part(i / (CELLS + 1)));
            let place = [left + (right - left) * x, top + (bottom - top) * y];
            let (at, normal) = self.point(place);
            let to_camera = (v3(0.0, 0.0, self.focal) - at).unit();
            // Grazing surfaces mirror more.
            let grazing = (1.0 - normal.dot(to_camera).clamp(0.0, 1.0)).powi(5);
            let shine = mirror(to_camera.reflect(normal)) * (1.0 + 15.0 * grazing);
            Knot { at: self.see(at), place, normal, diffuse: light.open(normal), shine }
        });
        Mesh { knots: knots.collect() }
    }
}

/// One point of the mesh.
#[derive(Debug, Clone, Copy)]
struct Knot {
    at: [f32; 2],
    place: [f32; 2],
    normal: V3,
    diffuse: V3,
    shine: V3,
}

/// A place on the medium as one sample of the picture sees it.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    pub place: [f32; 2],
    pub normal: V3,
    /// Irradiance over pi, and mirrored light.
    pub diffuse: V3,
    pub shine: V3,
}

/// A sheet in the picture.
#[derive(Debug, Clone)]
pub struct Mesh {
    knots: Vec<Knot>,
}

impl Mesh {
    /// Calls `put` with every sample of a picture with `side` samples that the sheet covers.
    pub fn each(&self, side: usize, mut put: impl FnMut(usize, &Seen)) {
        let n = CELLS + 1;
        for y in 0..CELLS {
            for x in 0..CELLS {
                let k = [y * n + x, y * n + x + 1, (y + 1) * n + x + 1, (y + 1) * n + x];
                let p = k.map(|i| v3(self.knots[i].at[0], self.knots[i].at[1], 0.0) * side as f32);
                for (b, c) in [(1, 2), (2, 3)] {
                    // Bent away so far that it shows its back.
                    if (p[b].x - p[0].x) * (p[c].y - p[0].y) - (p[b].y - p[0].y) * (p[c].x - p[0].x) < 0.0 {
                        continue;
                    }
                    let (ka, kb, kc) = (&self.knots[k[0]], &self.knots[k[b]], &self.knots[k[c]]);
                    let mix = |u: V3, v: V3, w: V3, s: f32, t: f32| u + (v - u) * s + (w - u) * t;
                    let line = |i: usize, s: f32, t: f32| {
                        ka.place[i] + (kb.place[i] - ka.place[i]) * s + (kc.place[i] - ka.place[i]) * t
                    };
                    triangle(p[0], p[b], p[c], side, side, |i, s, t, _| {
                        let seen = Seen {
                            place: [line(0, s, t), line(1, s, t)],
                            normal: mix(ka.normal, kb.normal, kc.normal, s, t),
                            diffuse: mix(ka.diffuse, kb.diffuse, kc.diffuse, s, t),
                            shine: mix(ka.shine, kb.shine, kc.shine, s, t),
                        };
                        put(i, &seen);
                    });
                }
            }
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::super::Behind;
    use super::*;
    use crate::rng::Streams;
    use crate::synth::assets;
    use crate::synth::light::Environment;
    use crate::synth::scene::Picture;

    pub fn source() -> Source {
        let landmarks = [[0.40, 0.42], [0.60, 0.42], [0.5, 0.53], [0.43, 0.64], [0.57, 0.64]];
        Source { side: 8, rgb: vec![128; 192], landmarks, face: [0.27, 0.25, 0.46, 0.55] }
    }

    pub fn studio() -> Environment {
        let (name, bytes) = assets::ENVIRONMENTS.iter().find(|e| e.0 == "studio").unwrap();
        Environment::read(name, bytes).unwrap()
    }

    pub fn behind() -> Behind {
        let source = source();
        let picture = Picture { side: 2, light: vec![V3::splat(0.2); 4] };
        Behind { picture, solid: Vec::new(), landmarks: source.landmarks, face: source.face }
    }

    pub fn framing() -> Framing {
        Framing { eyes: [0.52, 0.41], face: 0.45, distance: 6.0 }
    }

    #[test]
    fn the_face_stands_where_the_camera_wants_it() {
        let rng = &mut Streams::new(4).stream("t", 0);
        let mut sheet = Sheet::flat([-0.05, -0.05, 1.05, 1.05], 0.2, false, rng);
        for bend in [0.0, 0.8] {
            sheet.bend = bend;
            let held = sheet.hold(&source(), &framing(), 3.0);
            let eyes = held.picture(source().eyes());
            assert!((eyes[0] - 0.52).hypot(eyes[1] - 0.41) < 1e-4);
            let chin = held.picture([0.5, 0.80]);
            assert!(((chin[1] - eyes[1]) / 0.45 - 1.0).abs() < 0.2, "{chin:?}");
        }
    }

    #[test]
    fn what_is_held_moves_and_what_stands_does_not() {
        for hand in [false, true] {
            let rng = &mut Streams::new(5).stream("t", 0);
            let sheet = Sheet::flat([0.0, 0.0, 1.0, 1.0], 0.1, hand, rng);
            let at = |seconds: f32| sheet.hold(&source(), &framing(), seconds).picture([0.1, 0.1]);
            let apart = (at(0.0)[0] - at(0.8)[0]).hypot(at(0.0)[1] - at(0.8)[1]);
            assert_eq!(apart > 1e-3, hand, "{apart}");
            assert!(apart < 0.1);
        }
    }

    #[test]
    fn bent_sheets_turn_away_from_their_middle() {
        let rng = &mut Streams::new(6).stream("t", 0);
        let sheet = Sheet { bend: 1.0, ..Sheet::flat([0.0, 0.0, 1.0, 1.0], 0.0, false, rng) };
        let held = sheet.hold(&source(), &framing(), 0.0);
        let (left, right) = (held.point([0.1, 0.5]), held.point([0.9, 0.5]));
        assert!(left.1.x < -0.2 && right.1.x > 0.2);
        assert!(left.0.z < -0.01 && right.0.z < -0.01);
    }
}
