//! A piece of printed paper before part of the face: the shown person's eyes before the eyes, or their mouth before the
//! mouth, held on with tape.

use crate::rng::{self, Stream};

use super::super::math::{V3, smooth, v3};
use super::super::noise::{fbm, noise};
use super::disguise::{Coat, Craft, Disguise, Mesh};
use super::guise::{Workshop, bare_faced};
use super::photo::{PAPER, Photo};
use super::wrap::Wrap;
use super::{chance, pick};

#[derive(Debug)]
struct Piece {
    photo: Photo,
    /// What part of the face the paper's middle shows.
    centre: [f32; 2],
    half: [f32; 2],
    zoom: f32,
    round: f32,
    border: f32,
    ragged: f32,
    gloss: f32,
    tape: V3,
    seed: u32,
}

/// The shown person's eyes.
pub fn eyes(shop: &Workshop<'_>, rng: &mut Stream) -> Disguise {
    let half = [pick(rng, (0.54, 0.74)), pick(rng, (0.15, 0.26))];
    let at = [pick(rng, (-0.03, 0.03)), pick(rng, (0.0, 0.06))];
    piece(shop, at, half, false, rng)
}

/// The shown person's mouth.
pub fn mouth(shop: &Workshop<'_>, rng: &mut Stream) -> Disguise {
    let large = chance(rng, 0.4);
    let half = if large {
        [pick(rng, (0.42, 0.55)), pick(rng, (0.26, 0.32))]
    } else {
        [pick(rng, (0.33, 0.44)), pick(rng, (0.14, 0.19))]
    };
    let at = [pick(rng, (-0.03, 0.03)), if large { -0.78 } else { -0.68 } + pick(rng, (-0.02, 0.02))];
    piece(shop, at, half, true, rng)
}

fn piece(shop: &Workshop<'_>, at: [f32; 2], half: [f32; 2], mouth: bool, rng: &mut Stream) -> Disguise {
    let photo = Photo::new(shop, rng);
    let wrap = Wrap::new(shop.model, shop.anatomy, shop.wearer);
    let turn = pick(rng, (-0.09, 0.09));
    let bend = pick(rng, (0.08, 0.50));
    let sheet = wrap.sheet((at[0], at[1]), half, turn, bend);
    let seed = rng::index(rng, 1 << 24) as u32;
    let mut meshes = vec![sheet];
    if chance(rng, 0.65) {
        for side in [-1.0, 1.0] {
            let tape = strip(&wrap, at, half, (turn, bend), side * (half[0] - 0.02), pick(rng, (-0.4, 0.4)));
            meshes.push(tape);
        }
    }
    let piece = Piece {
        photo,
        centre: at,
        half,
        zoom: pick(rng, (0.92, 1.10)),
        round: pick(rng, (0.0, 0.12)),
        border: if chance(rng, 0.5) { pick(rng, (0.0, 0.05)) } else { 0.0 },
        ragged: if chance(rng, 0.35) { 0.05 } else { 0.008 },
        gloss: pick(rng, (0.0, 0.7)),
        tape: if chance(rng, 0.5) { v3(0.62, 0.56, 0.40) } else { v3(0.70, 0.69, 0.66) },
        seed,
    };
    let mut who = shop.wearer.clone();
    if mouth {
        bare_faced(&mut who);
    } else {
        who.glasses = None;
    }
    let damping = if mouth { 0.3 } else { 0.9 };
    Disguise { damping, meshes, craft: Box::new(piece), ..Disguise::bare(who) }
}

/// A strip of tape over the sheet's side, down to the skin.
fn strip(wrap: &Wrap, at: [f32; 2], half: [f32; 2], (turn, bend): (f32, f32), x: f32, tilt: f32) -> Mesh {
    let form = wrap.form(1);
    let sheet = wrap.sheet((at[0], at[1]), half, turn, bend);
    let front = sheet.points.iter().map(|p| p.z).fold(f32::MIN, f32::max);
    let (s, c) = turn.sin_cos();
    let side = x.signum();
    Mesh::grid(10, 2, |i, j| {
        let along = (i - 0.4) * 0.30;
        let a = x + side * along;
        let b = (j - 0.5) * 0.11 + tilt * along;
        let on_sheet =
            v3(wrap.middle.x + at[0] + c * a - s * b, wrap.height(at[1]) + s * a + c * b, front - bend * a * a + 0.008);
        // Beyond the paper it lies on the skin.
        let u = wrap.middle.x + at[0] + a;
        let v = wrap.compared(on_sheet.y).clamp(-1.2, 0.8);
        let (mut best, mut on_skin) = (f32::MAX, on_sheet);
        for k in 0..40 {
            let p = wrap.point(&form, side * (0.2 + 0.025 * k as f32), v, 0.015);
            if (p.x - u).abs() < best {
                (best, on_skin) = ((p.x - u).abs(), p);
            }
        }
        on_skin.y = on_sheet.y;
        let off = smooth(0.02, 0.12, along);
        (on_sheet.mix(on_skin, off), v3(along, (j - 0.5) * 0.11, 0.0))
    })
}

impl Craft for Piece {
    fn edge(&self, mesh: usize, place: V3) -> f32 {
        if mesh > 0 {
            return 1.0;
        }
        let (x, y) = (place.x.abs() - self.half[0] + self.round, place.y.abs() - self.half[1] + self.round);
        let corner = x.max(0.0).hypot(y.max(0.0)) + x.max(y).min(0.0) - self.round;
        let p = v3(place.x, place.y, 0.0);
        -corner - 0.02 + self.ragged * (fbm(p * 9.0, 3, self.seed) - 0.3)
    }

    fn coat(&self, mesh: usize, place: V3) -> Coat {
        let p = v3(place.x, place.y, 0.0);
        if mesh > 0 {
            let wrinkle = noise(v3(p.x * 50.0, p.y * 9.0, 0.0), self.seed);
            let mut tape = Coat::new(self.tape * (1.0 + 0.1 * wrinkle), 0.35, 0.5);
            tape.bend = v3(0.15 * wrinkle, 0.0, 0.0);
            return tape;
        }
        let edge = self.edge(mesh, place);
        let (u, v) = (self.centre[0] + place.x * self.zoom, self.centre[1] + place.y * self.zoom);
        let mut albedo = self.photo.at(u, v);
        if edge < self.border {
            albedo = PAPER;
        }
        // Torn edges show the paper's white core.
        let core = if self.ragged > 0.02 { 0.022 } else { 0.007 };
        albedo = albedo.mix(PAPER, smooth(core, core * 0.4, edge));
        let fibre = 1.0 + 0.06 * noise(p * 60.0, self.seed);
        let wave = |k: u32| noise(p * 5.0, self.seed ^ k);
        Coat { through: 0.08, bend: v3(wave(1), wave(2), 0.0) * 0.12, ..Coat::new(albedo * fibre, self.gloss, 0.55) }
    }
}
