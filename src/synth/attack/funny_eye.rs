//! Novelty glasses: a coloured plastic frame whose lenses are printed or bulging eyes or spirals, sometimes with a
//! rubber nose and a moustache.

use std::f32::consts::{PI, TAU};

use crate::rng::{self, Stream};

use super::super::math::{V3, mix, smooth, v3};
use super::super::noise::{fbm, noise};
use super::disguise::{Coat, Craft, Disguise, Mesh};
use super::guise::{Workshop, bare_faced};
use super::wrap::Wrap;
use super::{chance, pick};

/// What the lenses show.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Lens {
    /// A bulging eyeball with veins.
    Ball,
    /// A printed eye with lids.
    Printed,
    /// A spiral.
    Spiral,
    /// Rings of two colours.
    Rings,
}

/// What each mesh is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Piece {
    Lens(f32),
    Frame,
    Nose,
    Hair,
}

#[derive(Debug)]
struct FunnyEye {
    lens: Lens,
    pieces: Vec<Piece>,
    frame: V3,
    iris: V3,
    second: V3,
    /// Where the pupils look, in parts of the lens; a squint makes the sides differ.
    look: [[f32; 2]; 2],
    lid: f32,
    rough: f32,
    nose: V3,
    hair: V3,
    seed: u32,
}

/// Makes them.
pub fn make(shop: &Workshop<'_>, rng: &mut Stream) -> Disguise {
    let wrap = Wrap::new(shop.model, shop.anatomy, shop.wearer);
    let lens = [Lens::Ball, Lens::Ball, Lens::Printed, Lens::Spiral, Lens::Rings][rng::index(rng, 5)];
    let size = pick(rng, (0.24, 0.31));
    let bulge = match lens {
        Lens::Ball => pick(rng, (0.45, 0.85)),
        _ => pick(rng, (0.03, 0.15)),
    };
    let bright = |rng: &mut Stream| {
        [
            v3(0.55, 0.03, 0.03),
            v3(0.02, 0.02, 0.022),
            v3(0.60, 0.42, 0.03),
            v3(0.05, 0.10, 0.45),
            v3(0.05, 0.33, 0.08),
            v3(0.55, 0.08, 0.30),
            v3(0.65, 0.64, 0.62),
        ][rng::index(rng, 7)]
    };
    let front = wrap.sheet((0.0, 0.0), [0.55, 0.2], 0.0, 0.25);
    let z = front.points.iter().map(|p| p.z).fold(f32::MIN, f32::max);
    let rim = pick(rng, (0.022, 0.045));
    let (mut meshes, mut pieces) = (Vec::new(), Vec::new());
    let apart = (wrap.figure.eyes[1].centre.x - wrap.figure.eyes[0].centre.x) * 0.5;
    let apart = apart.max(size + 0.015);
    let centre = |side: f32| v3(wrap.middle.x + side * apart, wrap.height(-0.01), z - 0.25 * apart * apart);
    for side in [-1.0_f32, 1.0] {
        let c = centre(side);
        // A cap: from its middle out.
        meshes.push(Mesh::grid(28, 10, |s, t| {
            let (sin, cos) = (s * TAU).sin_cos();
            let r = t * size;
            let high = bulge * size * (1.0 - t * t).max(0.0).sqrt();
            let swing = -0.22 * side * sin_of(cos, r);
            (c + v3(cos * r, sin * r, high + swing), v3(cos * t, sin * t, 0.0))
        }));
        pieces.push(Piece::Lens(side));
        let ring = |k: f32| {
            let (sin, cos) = (k * TAU).sin_cos();
            c + v3(cos * size, sin * size, -0.22 * side * sin_of(cos, size) + 0.01)
        };
        meshes.push(tube((40, rim), v3(0.0, 0.0, 1.0), ring));
        pieces.push(Piece::Frame);
        let hinge = c + v3(side * size, 0.04, -0.22 * size);
        let ear = v3(side * 0.87, wrap.middle.y + 0.02, wrap.middle.z - 1.15);
        meshes.push(tube((8, rim * 0.8), v3(0.0, 1.0, 0.0), |k| {
            hinge.mix(ear, k) + v3(side * 0.22 * k * (1.0 - k), 0.0, 0.0)
        }));
        pieces.push(Piece::Frame);
    }
    let (a, b) = (centre(-1.0) + v3(size, 0.03, 0.0), centre(1.0) + v3(-size, 0.03, 0.0));
    meshes.push(tube((6, rim), v3(0.0, 0.0, 1.0), |k| a.mix(b, k) + v3(0.0, 0.03 * (k * PI).sin(), 0.02)));
    pieces.push(Piece::Frame);

    let mut who = shop.wearer.clone();
    who.glasses = None;
    if chance(rng, 0.3) {
        let tip =
            wrap.figure.fine.iter().fold(wrap.middle, |a, p| if p.z > a.z && p.y < wrap.middle.y { *p } else { a });
        let big = pick(rng, (0.9, 1.25));
        meshes.push(blob(tip + v3(0.0, 0.10, 0.0), v3(0.20, 0.30, 0.20) * big, 0.35));
        pieces.push(Piece::Nose);
        if chance(rng, 0.6) {
            bare_faced(&mut who);
            let lip = v3(wrap.middle.x, wrap.height(-0.50), tip.z - 0.08);
            for side in [-1.0, 1.0] {
                meshes.push(blob(lip + v3(side * 0.14, -0.01, -0.02), v3(0.20, 0.075, 0.09), 0.0));
                pieces.push(Piece::Hair);
                meshes.push(blob(centre(side) + v3(0.0, size + 0.05, -0.02), v3(0.24, 0.055, 0.06), 0.0));
                pieces.push(Piece::Hair);
            }
        }
    }
    let skin = super::super::skin::skin_colour(mix(0.1, 0.5, pick(rng, (0.0, 1.0))), 1.0);
    let squint = pick(rng, (-0.25, 0.3));
    let gaze = [pick(rng, (-0.15, 0.15)), pick(rng, (-0.15, 0.15))];
    let craft = FunnyEye {
        lens,
        pieces,
        frame: bright(rng),
        iris: [v3(0.05, 0.12, 0.40), v3(0.04, 0.25, 0.07), v3(0.16, 0.07, 0.02), v3(0.01, 0.01, 0.01)]
            [rng::index(rng, 4)],
        second: bright(rng),
        look: [[gaze[0] + squint, gaze[1]], [gaze[0] - squint, gaze[1]]],
        lid: pick(rng, (0.1, 0.65)),
        rough: pick(rng, (0.12, 0.4)),
        nose: skin * v3(1.1, 0.85, 0.8),
        hair: V3::splat(pick(rng, (0.008, 0.03))),
        seed: rng::index(rng, 1 << 24) as u32,
    };
    Disguise { damping: 0.9, meshes, craft: Box::new(craft), ..Disguise::bare(who) }
}

/// How far out a point of a lens lies: what the lenses' turn towards the sides of the face follows.
fn sin_of(cos: f32, r: f32) -> f32 {
    cos * r
}

/// A tube of `half` thickness along a line in `n` steps; `across` lies across all of it.
fn tube((n, half): (usize, f32), across: V3, line: impl Fn(f32) -> V3) -> Mesh {
    Mesh::grid(n, 8, |s, t| {
        let along = (line((s + 0.01).min(1.0)) - line((s - 0.01).max(0.0))).unit();
        let a = along.cross(across).unit();
        let b = along.cross(a);
        let (sin, cos) = (t * TAU).sin_cos();
        (line(s) + a * (cos * half) + b * (sin * half), v3(s, t, 0.0))
    })
}

/// An ellipsoid, narrower above by `taper`.
fn blob(centre: V3, half: V3, taper: f32) -> Mesh {
    Mesh::grid(20, 12, |s, t| {
        let ((sin, cos), (st, ct)) = ((s * TAU).sin_cos(), (t * PI).sin_cos());
        let thin = 1.0 - taper * (0.5 + 0.5 * ct);
        let d = v3(sin * st * thin, ct, cos * st * thin);
        (centre + d * half, d)
    })
}

impl Craft for FunnyEye {
    fn coat(&self, mesh: usize, place: V3) -> Coat {
        match self.pieces.get(mesh) {
            Some(Piece::Lens(side)) => self.eye(place, *side),
            Some(Piece::Nose) => {
                let mut coat = Coat::new(self.nose * (1.0 + 0.15 * fbm(place * 3.0, 2, self.seed)), 0.7, 0.4);
                let hole = ((place.x.abs() - 0.42) / 0.2).hypot((place.y + 0.86) / 0.1);
                coat.albedo = coat.albedo * mix(0.12, 1.0, smooth(0.7, 1.1, hole));
                coat
            }
            Some(Piece::Hair) => {
                let strands = noise(v3(place.x * 26.0, place.y * 6.0, place.z * 6.0), self.seed);
                let mut coat = Coat::new(self.hair * (1.0 + 1.4 * strands), 0.5, 0.6);
                coat.bend = v3(strands * 0.7, strands * 0.3, 0.0);
                coat
            }
            // Sharp mirrors on so thin a tube would only sparkle.
            _ => Coat::new(self.frame, 1.0, self.rough.max(0.32)),
        }
    }
}

impl FunnyEye {
    fn eye(&self, place: V3, side: f32) -> Coat {
        let look = self.look[usize::from(side > 0.0)];
        let r = place.x.hypot(place.y);
        let white = v3(0.72, 0.71, 0.68);
        let mut coat = Coat::new(white, 1.1, self.rough);
        match self.lens {
            Lens::Ball | Lens::Printed => {
                let d = (place.x - look[0]).hypot(place.y - look[1]);
                let vein = noise(v3(place.x * 5.0, place.y * 16.0, side), self.seed).abs();
                let veins = smooth(0.05, 0.0, vein) * smooth(0.5, 0.9, r);
                coat.albedo = white.mix(v3(0.5, 0.03, 0.03), 0.8 * veins);
                let size = if self.lens == Lens::Ball { 0.42 } else { 0.5 };
                let fibre = 1.0 + 0.6 * noise(v3(place.x * 12.0, place.y * 12.0, 4.0), self.seed);
                coat.albedo = coat.albedo.mix(self.iris * fibre, smooth(size + 0.03, size - 0.03, d));
                coat.albedo = coat.albedo.mix(V3::splat(0.008), smooth(0.24, 0.20, d));
                let spot = (place.x - look[0] + 0.12).hypot(place.y - look[1] - 0.14);
                coat.albedo = coat.albedo.mix(V3::splat(0.75), smooth(0.10, 0.07, spot));
                if self.lens == Lens::Printed {
                    // Lids above and below, and a printed line.
                    let upper = self.lid - 0.5 * place.x * place.x - place.y;
                    let lower = place.y + 0.75 - 0.5 * place.x * place.x;
                    let lid = upper.min(lower);
                    coat.albedo = coat.albedo.mix(self.nose, smooth(0.02, -0.02, lid));
                    coat.albedo = coat.albedo * (1.0 - 0.9 * smooth(0.05, 0.02, lid.abs()));
                }
            }
            Lens::Spiral => {
                let turn = place.y.atan2(place.x) / TAU + r * 2.4;
                let t = ((turn - turn.floor()) - 0.5).abs();
                coat.albedo = white.mix(self.second * 0.6, smooth(0.23, 0.27, t));
            }
            Lens::Rings => {
                let t = ((r * 3.0).fract() - 0.5).abs();
                coat.albedo = white.mix(self.second * 0.6, smooth(0.23, 0.27, t));
                coat.albedo = coat.albedo.mix(V3::splat(0.01), smooth(0.2, 0.17, r));
            }
        }
        coat
    }
}
