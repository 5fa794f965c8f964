//! Half masks: a rigid, smooth shell over the upper face, the lower face or one side of it, with a rolled rim.

use std::f32::consts::TAU;

use crate::rng::{self, Stream};

use super::super::math::{V3, bell, mix, smooth, v3};
use super::super::noise::{fbm, noise};
use super::disguise::{Coat, Craft, Disguise};
use super::guise::{Workshop, bare_faced};
use super::wrap::{APART, Wrap, oval};
use super::{chance, pick};

/// Which part of the face is covered.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Cut {
    /// Forehead to nose, with eye holes.
    Upper,
    /// Nose to chin.
    Lower,
    /// One side, from forehead to cheek, with one eye hole.
    Side(f32),
}

#[derive(Debug)]
struct HalfMask {
    cut: Cut,
    top: f32,
    wide: f32,
    hole: [f32; 2],
    slant: f32,
    /// The mask does not sit exactly where it was meant to.
    off: [f32; 2],
    colour: V3,
    trim: V3,
    trimmed: bool,
    gloss: f32,
    rough: f32,
    metal: bool,
    bumps: f32,
    mouth: Mouth,
    strap: Option<V3>,
    seed: u32,
}

/// What is on a lower mask where the mouth is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mouth {
    Nothing,
    Lips(V3),
    Grin,
    Slits,
}

/// Makes one.
pub fn make(shop: &Workshop<'_>, rng: &mut Stream) -> Disguise {
    let cut = match rng::index(rng, 8) {
        0..4 => Cut::Upper,
        4..7 => Cut::Lower,
        _ => Cut::Side(if chance(rng, 0.5) { 1.0 } else { -1.0 }),
    };
    let skin = super::super::skin::skin_colour(shop.shown.melanin, shop.shown.redness);
    let latex = chance(rng, 0.35);
    let paints = [
        v3(0.72, 0.71, 0.68),
        v3(0.018, 0.018, 0.02),
        v3(0.42, 0.025, 0.03),
        v3(0.55, 0.36, 0.10),
        v3(0.05, 0.07, 0.28),
        v3(0.10, 0.26, 0.07),
        v3(0.22, 0.04, 0.24),
        v3(0.45, 0.45, 0.47),
    ];
    let chosen = rng::index(rng, paints.len());
    let colour = if latex { skin * pick(rng, (0.8, 1.15)) * v3(1.0, 0.93, 0.88) } else { paints[chosen] };
    let metal = !latex && (chosen == 3 || chosen == 7) && chance(rng, 0.8);
    let colour = colour * pick(rng, (0.8, 1.1));
    let mouth = match rng::index(rng, 5) {
        0 => Mouth::Nothing,
        1 | 2 => Mouth::Lips(v3(pick(rng, (0.35, 0.6)), 0.06, 0.07)),
        3 => Mouth::Grin,
        _ => Mouth::Slits,
    };
    let mask = HalfMask {
        cut,
        top: pick(rng, (0.36, 0.74)),
        wide: pick(rng, (0.70, 0.86)),
        hole: [pick(rng, (0.15, 0.19)), pick(rng, (0.075, 0.105))],
        slant: pick(rng, (-0.05, 0.25)),
        off: [pick(rng, (-0.025, 0.025)), pick(rng, (-0.03, 0.03))],
        colour,
        trim: if chance(rng, 0.5) { v3(0.50, 0.34, 0.10) } else { paints[rng::index(rng, paints.len())] },
        trimmed: !latex && chance(rng, 0.55),
        gloss: if latex { pick(rng, (0.4, 0.9)) } else { pick(rng, (0.6, 1.5)) },
        rough: if latex { pick(rng, (0.45, 0.7)) } else { pick(rng, (0.08, 0.45)) },
        metal,
        bumps: if latex { pick(rng, (0.1, 0.3)) } else { pick(rng, (0.0, 0.06)) },
        mouth,
        strap: chance(rng, 0.6).then(|| V3::splat(pick(rng, (0.01, 0.06)))),
        seed: rng::index(rng, 1 << 24) as u32,
    };
    let wrap = Wrap::new(shop.model, shop.anatomy, shop.wearer);
    let form = wrap.form(if latex { 1 } else { 2 });
    let brow = if mask.cut == Cut::Lower { 0.0 } else { pick(rng, (0.0, 0.06)) };
    let ridge = |u: f32, v: f32| brow * bell((v - 0.2 - 0.1 * u.abs()) / 0.1) * bell((u.abs() - APART) / 0.25);
    let v = if mask.cut == Cut::Lower { (-1.35, 0.0) } else { (-0.75, 0.85) };
    let over = pick(rng, (0.045, 0.075));
    let shell = wrap.shell(&form, ((-1.0, 1.0), v), (60, 48), |u, v| over + ridge(u, v));
    let mut who = shop.wearer.clone();
    who.glasses = None;
    let lower = mask.cut == Cut::Lower;
    if lower {
        bare_faced(&mut who);
    }
    let mut meshes = vec![shell];
    if mask.strap.is_some() {
        meshes.push(wrap.shell(&form, ((-1.5, 1.5), (-0.75, 0.4)), (40, 24), |_, _| 0.03));
    }
    Disguise { damping: if lower { 0.15 } else { 0.8 }, meshes, craft: Box::new(mask), ..Disguise::bare(who) }
}

impl HalfMask {
    /// Distance from the hole of the eye on `side`.
    fn eye(&self, u: f32, v: f32, side: f32) -> f32 {
        let (x, y) = (u * side - APART, v - 0.01 - self.slant * (u * side - APART));
        // Almond: pointed at its ends.
        let lift = self.hole[1] * (1.0 - 0.35 * (x / self.hole[0]).powi(2));
        oval(x, y, self.hole[0], lift.max(0.02))
    }
}

impl Craft for HalfMask {
    fn edge(&self, mesh: usize, place: V3) -> f32 {
        let (u, v) = (place.x - self.off[0], place.y - self.off[1]);
        let a = u.abs();
        if mesh == 1 {
            // The strap runs back from where the shell ends.
            let at = if self.cut == Cut::Lower { -0.35 } else { 0.05 };
            return (0.028 - (v - at - 0.10 * (a - self.wide)).abs()).min(a - self.wide + 0.08);
        }
        match self.cut {
            Cut::Upper => {
                let below = v + 0.26 + 0.16 * bell(u / 0.17) - 0.22 * smooth(0.35, 0.85, a);
                let above = self.top - 0.35 * smooth(0.3, 0.9, a) - v;
                let hole = self.eye(u, v, if u < 0.0 { -1.0 } else { 1.0 });
                below.min(above).min(self.wide - a).min(hole)
            }
            Cut::Lower => {
                let above = -0.12 - 0.22 * smooth(0.06, 0.40, a) + 0.10 * smooth(0.5, 0.9, a) - v;
                let below = v + 1.22 - 0.45 * smooth(0.25, 0.85, a);
                let nostril = oval(a - 0.055, v + 0.455, 0.022, 0.014);
                above.min(below).min(self.wide - a).min(nostril)
            }
            Cut::Side(side) => {
                let (x, hole) = (u * side, self.eye(u, v, side));
                let inner = x + 0.02 + 0.05 * bell((v + 0.25) / 0.12) - 0.10 * smooth(-0.3, -0.6, v);
                let below = v + 0.62 - 0.3 * smooth(0.3, 0.8, x);
                inner.min(below).min(self.top - v).min(self.wide - a).min(hole)
            }
        }
    }

    fn coat(&self, mesh: usize, place: V3) -> Coat {
        if mesh == 1 {
            let weave = 1.0 + 0.4 * noise(v3(place.x * 70.0, place.y * 70.0, 0.0), self.seed);
            return Coat::new(self.strap.unwrap_or(V3::splat(0.03)) * weave, 0.1, 0.9);
        }
        let edge = self.edge(mesh, place);
        let (u, v) = (place.x - self.off[0], place.y - self.off[1]);
        let p = v3(u, v, 0.0);
        let worn = 1.0 + 0.10 * fbm(p * 6.0, 3, self.seed);
        let mut coat = Coat::new(self.colour * worn, self.gloss, self.rough);
        if self.trimmed && edge < 0.05 {
            coat.albedo = self.trim;
        }
        if self.cut == Cut::Lower {
            self.paint_mouth(&mut coat, u, v);
        }
        // The rim is rolled: it turns away from the middle of the shell.
        if edge < 0.03 {
            let h = 0.006;
            let gradient = v3(
                self.edge(mesh, place + v3(h, 0.0, 0.0)) - edge,
                self.edge(mesh, place + v3(0.0, h, 0.0)) - edge,
                0.0,
            );
            coat.bend = gradient.unit() * -mix(1.3, 0.0, edge / 0.03);
            coat.albedo = coat.albedo * mix(0.75, 1.0, edge / 0.03);
        }
        if self.bumps > 0.0 {
            let bump = |k: u32| noise(p * 14.0, self.seed ^ k) + 0.6 * noise(p * 40.0, self.seed ^ k);
            coat.bend += v3(bump(3), bump(7), 0.0) * self.bumps;
        }
        if self.metal {
            // Metal paint mirrors in its own colour; grey mirrors do here.
            coat.gloss *= 5.0;
            coat.rough = coat.rough.max(0.35);
            coat.albedo = coat.albedo * 0.75;
        }
        coat
    }
}

impl HalfMask {
    fn paint_mouth(&self, coat: &mut Coat, u: f32, v: f32) {
        let y = v + 0.66;
        match self.mouth {
            Mouth::Nothing => {}
            Mouth::Lips(red) => {
                let lips = (u / 0.26).hypot((y - 0.03 * (u * 14.0).cos() * bell(u / 0.15)) / 0.085);
                coat.albedo = coat.albedo.mix(red, smooth(1.0, 0.9, lips));
                coat.albedo = coat.albedo * (1.0 - 0.75 * bell(y / 0.012) * smooth(0.26, 0.2, u.abs()));
            }
            Mouth::Grin => {
                let mid = y - 0.5 * u * u;
                let inside = smooth(1.0, 0.92, (u / 0.42).hypot(mid / 0.13));
                let tooth = ((u * 13.0).fract() - 0.5).abs() * 2.0;
                let gap = smooth(0.9, 0.98, tooth).max(bell(mid / 0.012));
                let teeth = v3(0.62, 0.58, 0.46) * (1.0 - 0.9 * gap);
                coat.albedo = coat.albedo.mix(teeth, inside);
                let rim = bell(((u / 0.42).hypot(mid / 0.13) - 1.0) / 0.10);
                coat.albedo = coat.albedo.mix(v3(0.02, 0.008, 0.008), 0.9 * rim);
            }
            Mouth::Slits => {
                let part = ((u + 0.5) * 11.0).fract();
                let slit =
                    smooth(0.18, 0.12, (part - 0.5).abs()) * smooth(0.11, 0.09, y.abs()) * smooth(0.32, 0.3, u.abs());
                coat.albedo = coat.albedo * (1.0 - 0.93 * slit);
                coat.gloss *= 1.0 - 0.9 * slit;
                coat.bend += v3((part * TAU).sin() * 0.3 * smooth(0.13, 0.11, y.abs()), 0.0, 0.0);
            }
        }
    }
}
