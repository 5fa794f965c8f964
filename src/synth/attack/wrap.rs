//! The face as something to put things on: its surface round an upright axis, with coordinates in which every face has
//! its eyes, nose, mouth and chin at the same places. Shells are grids over it; flat sheets are laid before it.

use super::super::figure::{Anatomy, Figure, Moment};
use super::super::head::HeadModel;
use super::super::identity::Identity;
use super::super::math::{V3, curve, v3};
use super::super::raster::triangle;
use super::super::skin::{EYE, MOUTH};
use super::disguise::Mesh;

/// Heights of eyes, nose tip, mouth and chin over the eyes, by which faces are compared.
pub const HEIGHTS: [f32; 4] = [0.0, -0.375, -0.654, -1.08];
/// Half the distance of the eyes.
pub const APART: f32 = EYE[0];

/// Cells a side of the map, and what it reaches over.
const SIDE: usize = 96;
const WIDEST: f32 = 1.9;
const BELOW: f32 = 1.7;
const ABOVE: f32 = 1.1;

/// One person's face without expression.
#[derive(Debug)]
pub struct Wrap {
    pub figure: Figure,
    /// Between the eyes.
    pub middle: V3,
    axis_z: f32,
    /// Angle of an eye about the axis.
    eye: f32,
    /// Heights of eyes, nose tip, mouth, chin.
    heights: [f32; 4],
    radius: Vec<f32>,
}

/// A map of radii, smoothed for one kind of shell.
#[derive(Debug)]
pub struct Form(Vec<f32>);

impl Wrap {
    /// Measures `who`'s face.
    pub fn new(model: &HeadModel, anatomy: &Anatomy, who: &Identity) -> Self {
        let figure = Figure::new(model, anatomy, &who.shape(model), &Moment::default(), &[]);
        let middle = figure.between_eyes();
        let axis_z = middle.z - 0.72;
        let nearest = |target: V3| {
            let far = |p: &V3| (*p - target).dot(*p - target);
            let all = anatomy.rest.iter().enumerate();
            all.min_by(|a, b| far(a.1).total_cmp(&far(b.1))).map_or(0, |(i, _)| i)
        };
        let at = |target: V3| figure.fine[nearest(target)];
        let heights = [middle.y, at(v3(0.0, 6.909, 1.68)).y, at(MOUTH).y, at(v3(0.0, 6.2, 1.45)).y];
        let e = figure.eyes[1].centre;
        let eye = ((e.x - middle.x) / (e.z + 0.1 - axis_z)).atan();
        let mut out = Self { middle, axis_z, eye, heights, radius: Vec::new(), figure };
        out.radius = out.measure(anatomy);
        out
    }

    fn measure(&self, anatomy: &Anatomy) -> Vec<f32> {
        let cell = |p: &V3| {
            let (x, z) = (p.x - self.middle.x, p.z - self.axis_z);
            let column = (x.atan2(z) / WIDEST * 0.5 + 0.5) * SIDE as f32;
            let row = (self.middle.y + ABOVE - p.y) / (ABOVE + BELOW) * SIDE as f32;
            v3(column, row, x.hypot(z))
        };
        let placed: Vec<V3> = self.figure.fine.iter().map(cell).collect();
        let mut radius = vec![0.0_f32; SIDE * SIDE];
        for q in &anatomy.skin.quads {
            let hidden = |v: &u32| {
                let i = *v as usize;
                anatomy.ears[i] > 0.3 || anatomy.mouth[i] > 0.5 || anatomy.rest[i].z < -0.3 || anatomy.rest[i].y < 5.6
            };
            if q.iter().any(hidden) {
                continue;
            }
            let p = q.map(|v| placed[v as usize]);
            // At the back of the head the angle jumps from one end to the other.
            if p.iter().any(|c| (c.x - p[0].x).abs() > SIDE as f32 * 0.25) {
                continue;
            }
            for (b, c) in [(1, 2), (2, 3)] {
                triangle(p[0], p[b], p[c], SIDE, SIDE, |i, _, _, r| radius[i] = radius[i].max(r));
            }
        }
        // Eye openings and what the ears leave are closed from beside.
        for _ in 0..8 {
            let old = radius.clone();
            for (i, r) in radius.iter_mut().enumerate().filter(|r| *r.1 == 0.0) {
                let (x, y) = (i % SIDE, i / SIDE);
                let beside =
                    [(x.max(1) - 1, y), ((x + 1).min(SIDE - 1), y), (x, y.max(1) - 1), (x, (y + 1).min(SIDE - 1))];
                let (mut sum, mut n) = (0.0, 0.0);
                for (a, b) in beside {
                    if old[b * SIDE + a] > 0.0 {
                        (sum, n) = (sum + old[b * SIDE + a], n + 1.0);
                    }
                }
                *r = if n > 0.0 { sum / n } else { 0.0 };
            }
        }
        radius.iter_mut().filter(|r| **r == 0.0).for_each(|r| *r = 0.8);
        radius
    }

    /// The face's form with what is narrower than `wide` cells rounded off outwards.
    pub fn form(&self, wide: usize) -> Form {
        let widest = pass(&pass(&self.radius, wide, true, true), wide, false, true);
        let soft = |map: &[f32]| pass(&pass(map, wide, true, false), wide, false, false);
        let soft = soft(&soft(&widest));
        Form(soft.iter().zip(&self.radius).map(|(s, r)| s.max(*r)).collect())
    }

    /// Height in the head of a height `v` that is compared between faces.
    pub fn height(&self, v: f32) -> f32 {
        if v > 0.0 {
            return self.heights[0] + v;
        }
        let knots = [3, 2, 1, 0].map(|k| (HEIGHTS[k], self.heights[k]));
        if v < HEIGHTS[3] { self.heights[3] + v - HEIGHTS[3] } else { curve(&knots, v) }
    }

    /// The height `v`, as compared between faces, of a height in the head.
    pub fn compared(&self, y: f32) -> f32 {
        if y > self.heights[0] {
            return y - self.heights[0];
        }
        let knots = [3, 2, 1, 0].map(|k| (self.heights[k], HEIGHTS[k]));
        if y < self.heights[3] { HEIGHTS[3] + y - self.heights[3] } else { curve(&knots, y) }
    }

    /// The angle about the axis at which `u` is: eyes are at plus and minus [`APART`].
    pub fn angle(&self, u: f32) -> f32 {
        u / APART * self.eye
    }

    /// A point of the form, `over` decimetres above it.
    pub fn point(&self, form: &Form, u: f32, v: f32, over: f32) -> V3 {
        let (angle, y) = (self.angle(u), self.height(v));
        let x = ((angle / WIDEST * 0.5 + 0.5) * SIDE as f32 - 0.5).clamp(0.0, SIDE as f32 - 1.001);
        let row = (self.middle.y + ABOVE - y) / (ABOVE + BELOW) * SIDE as f32;
        let row = (row - 0.5).clamp(0.0, SIDE as f32 - 1.001);
        let (i, j) = (x as usize, row as usize);
        let (a, b) = (x - i as f32, row - j as f32);
        let cell = |dx: usize, dy: usize| form.0[(j + dy) * SIDE + i + dx];
        let top = cell(0, 0) * (1.0 - a) + cell(1, 0) * a;
        let bottom = cell(0, 1) * (1.0 - a) + cell(1, 1) * a;
        let r = top * (1.0 - b) + bottom * b + over;
        v3(self.middle.x + r * angle.sin(), y, self.axis_z + r * angle.cos())
    }

    /// A shell over `u` and `v`; `over` says how far it stands off the form. Its places are (u, v).
    pub fn shell(
        &self,
        form: &Form,
        (u, v): ((f32, f32), (f32, f32)),
        cells: (usize, usize),
        over: impl Fn(f32, f32) -> f32,
    ) -> Mesh {
        Mesh::grid(cells.0, cells.1, |s, t| {
            let (u, v) = (u.0 + (u.1 - u.0) * s, v.1 + (v.0 - v.1) * t);
            (self.point(form, u, v, over(u, v)), v3(u, v, 0.0))
        })
    }

    /// A sheet of `half` width and height, turned by `turn` in its plane and bent about an upright axis by `bend` (a
    /// decimetre back a square decimetre), just before the face at (u, v). Its places are decimetres from its middle.
    pub fn sheet(&self, (u, v): (f32, f32), half: [f32; 2], turn: f32, bend: f32) -> Mesh {
        let centre = [self.middle.x + u, self.height(v)];
        let (s, c) = turn.sin_cos();
        let mut front = f32::MIN;
        for p in &self.figure.fine {
            let (dx, dy) = (p.x - centre[0], p.y - centre[1]);
            let (a, b) = (c * dx + s * dy, c * dy - s * dx);
            if a.abs() < half[0] && b.abs() < half[1] {
                front = front.max(p.z + bend * a * a);
            }
        }
        Mesh::grid(20, 8, |i, j| {
            let (a, b) = ((2.0 * i - 1.0) * half[0], (1.0 - 2.0 * j) * half[1]);
            let point = v3(centre[0] + c * a - s * b, centre[1] + s * a + c * b, front + 0.025 - bend * a * a);
            (point, v3(a, b, 0.0))
        })
    }
}

/// Distance from an oval of half width `a` and half height `b` about the origin, negative inside; near enough for edges.
pub fn oval(x: f32, y: f32, a: f32, b: f32) -> f32 {
    let f = (x / a).hypot(y / b);
    let slope = (x / (a * a)).hypot(y / (b * b)) / f.max(1e-3);
    (f - 1.0) / slope.max(1e-3)
}

/// Greatest value or mean within `wide` cells along rows or columns.
fn pass(map: &[f32], wide: usize, along: bool, most: bool) -> Vec<f32> {
    let step = if along { 1 } else { SIDE };
    (0..map.len())
        .map(|i| {
            let at = if along { i % SIDE } else { i / SIDE };
            let (low, high) = (at.saturating_sub(wide), (at + wide).min(SIDE - 1));
            let all = (low..=high).map(|k| map[i - at * step + k * step]);
            if most { all.fold(0.0, f32::max) } else { all.sum::<f32>() / (high - low + 1) as f32 }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;
    use crate::synth::assets;

    #[test]
    fn shells_stand_outside_the_skin() {
        let model = HeadModel::read(assets::HEAD_MODEL).unwrap();
        let anatomy = Anatomy::new(&model).unwrap();
        for person in 0..4 {
            let wrap = Wrap::new(&model, &anatomy, &Identity::draw(&model, Streams::new(5), person));
            for wide in [1, 2] {
                let form = wrap.form(wide);
                let front = |i: &usize| anatomy.rest[*i].z > 0.7 && (6.3..8.0).contains(&anatomy.rest[*i].y);
                for i in (0..anatomy.rest.len()).filter(front).filter(|i| anatomy.mouth[*i] < 0.5) {
                    let p = wrap.figure.fine[i];
                    let u = (p.x - wrap.middle.x).atan2(p.z - wrap.axis_z) / wrap.eye * APART;
                    let q = wrap.point(&form, u, wrap.compared(p.y), 0.045);
                    let radius = |p: V3| (p.x - wrap.middle.x).hypot(p.z - wrap.axis_z);
                    assert!((q.y - p.y).abs() < 1e-3);
                    assert!(radius(q) > radius(p) - 0.015, "{:?}: {} {}", anatomy.rest[i], radius(q), radius(p));
                }
            }
        }
    }

    #[test]
    fn a_sheet_lies_before_all_that_it_covers() {
        let model = HeadModel::read(assets::HEAD_MODEL).unwrap();
        let anatomy = Anatomy::new(&model).unwrap();
        let wrap = Wrap::new(&model, &anatomy, &Identity::draw(&model, Streams::new(5), 1));
        let sheet = wrap.sheet((0.0, 0.02), [0.6, 0.2], 0.05, 0.3);
        let (low, high) = sheet.points.iter().fold((f32::MAX, f32::MIN), |(a, b), p| (a.min(p.z), b.max(p.z)));
        assert!(low > wrap.middle.z && high - low > 0.09, "{low} {high}");
        assert!(sheet.normals.iter().all(|n| n.z.abs() > 0.8));
    }
}
