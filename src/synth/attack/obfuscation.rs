//! Theatrical paint that hides who is under it: age, wounds, clowns, skulls, camouflage, fields of colour, with putty on
//! the nose and false beards. Paint is put on per place of the neutral head, so that it follows the face.

use crate::rng::{self, Stream};

use super::super::math::{V3, bell, mix, smooth, v3};
use super::super::noise::{fbm, noise};
use super::super::skin::{EYE, MOUTH, Surface, skin_colour};
use super::disguise::{Craft, Disguise, Spot};
use super::guise::{Workshop, bare_faced};
use super::{chance, pick};

/// How a face is hidden under paint.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Paint {
    Aged,
    Bruised,
    Clown,
    Skull,
    Camouflage,
    Dazzle,
    Undead,
    Mask,
}

#[derive(Debug)]
struct Obfuscation {
    paint: Paint,
    strength: f32,
    base: V3,
    tones: [V3; 3],
    turn: f32,
    cells: f32,
    skin: V3,
    seed: u32,
}

/// Painted so as not to be known.
pub fn make(shop: &Workshop<'_>, rng: &mut Stream) -> Disguise {
    use Paint::{Aged, Bruised, Camouflage, Clown, Dazzle, Mask, Skull, Undead};
    let paint = [Aged, Aged, Bruised, Clown, Skull, Camouflage, Dazzle, Undead, Mask][rng::index(rng, 9)];
    let mut who = shop.wearer.clone();
    who.glasses = None;
    let sign = |rng: &mut Stream| if chance(rng, 0.5) { "incr" } else { "decr" };
    // Putty on the nose, padding in the cheeks.
    for (name, most) in [
        ("nose/nose-scale-horiz", 0.7),
        ("nose/nose-hump", 0.8),
        ("nose/nose-scale-depth", 0.5),
        ("chin/chin-width", 0.5),
        ("cheek/l-cheek-volume", 0.6),
    ] {
        let (name, weight) = (format!("{name}-{}", sign(rng)), pick(rng, (0.2, most)));
        who.weights.push((name.replace("/l-", "/r-"), if name.contains("/l-") { weight } else { 0.0 }));
        who.weights.push((name, weight));
    }
    if paint == Aged {
        who.age = 74.0;
        who.hair_colour = who.hair_colour.mix(V3::splat(0.38), pick(rng, (0.5, 0.95)));
        who.tired = 1.0;
    }
    if !who.female && matches!(paint, Aged | Bruised | Mask) && chance(rng, 0.6) {
        // A false beard.
        (who.beard, who.moustache) = (pick(rng, (0.12, 0.3)), true);
    } else if matches!(paint, Clown | Skull | Dazzle) {
        bare_faced(&mut who);
    }
    let bright =
        [v3(0.36, 0.04, 0.04), v3(0.06, 0.10, 0.30), v3(0.07, 0.20, 0.08), v3(0.48, 0.34, 0.06), v3(0.22, 0.07, 0.22)];
    let first = rng::index(rng, bright.len());
    let tones = match paint {
        Camouflage => [v3(0.045, 0.065, 0.02), v3(0.13, 0.09, 0.04), v3(0.012, 0.013, 0.01)],
        Dazzle => [V3::splat(0.012), V3::splat(0.70), bright[first]],
        _ => [bright[first], bright[(first + 1) % bright.len()], bright[(first + 3) % bright.len()]],
    };
    let white = V3::splat(pick(rng, (0.55, 0.74)));
    let base = match paint {
        Clown | Skull => white,
        Undead => v3(0.20, 0.23, 0.16) * pick(rng, (0.7, 1.3)),
        Mask => bright[first],
        _ => skin_colour(who.melanin, 0.3) * pick(rng, (0.85, 1.1)),
    };
    let craft = Obfuscation {
        paint,
        strength: pick(rng, (0.7, 1.0)),
        base,
        tones,
        turn: pick(rng, (-0.6, 0.6)),
        cells: pick(rng, (2.2, 4.0)),
        skin: skin_colour(who.melanin, who.redness),
        seed: rng::index(rng, 1 << 24) as u32,
    };
    Disguise { craft: Box::new(craft), damping: 0.9, ..Disguise::bare(who) }
}

impl Craft for Obfuscation {
    fn paint(&self, spot: &Spot, surface: &mut Surface) -> f32 {
        let p = spot.rest;
        if p.z < 0.2 || p.y < 5.95 {
            return 0.0;
        }
        let uneven = 0.10 * fbm(p * 7.0, 2, self.seed);
        let jaw = smooth(6.02, 6.22, p.y + 0.25 * smooth(0.6, 1.4, p.z) + uneven);
        let face = jaw * smooth(0.30, 0.62, p.z + uneven) * smooth(8.05, 7.93, p.y + uneven) * (1.0 - spot.mouth);
        let ax = p.x.abs();
        let (ex, ey) = (ax - EYE[0], p.y - EYE[1]);
        let front = smooth(0.6, 1.0, p.z);
        let rub = 1.0 + 0.16 * fbm(p * 13.0, 3, self.seed ^ 1);
        let (colour, cover) = match self.paint {
            Paint::Aged => self.aged(p, ax, ey, front, surface.albedo),
            Paint::Bruised => self.bruised(p, front),
            Paint::Clown => {
                let mut c = self.base;
                let diamond = (ex.abs() / 0.13 + ey.abs() / 0.34 - 1.0) * 0.13;
                c = c.mix(self.tones[0], smooth(0.015, -0.015, diamond));
                c = c.mix(v3(0.45, 0.02, 0.02), smooth(0.24, 0.20, (p - v3(0.0, 6.92, 1.64)).length()));
                let y = p.y - MOUTH.y - 0.35 * ax * ax;
                c = c.mix(v3(0.42, 0.02, 0.03), smooth(1.05, 0.95, (ax / 0.46).hypot(y / 0.17)));
                let cheek = (ax - 0.52).hypot(p.y - 6.92);
                (c.mix(v3(0.55, 0.12, 0.12), 0.6 * smooth(0.17, 0.12, cheek)), 1.0)
            }
            Paint::Skull => {
                let mut dark = smooth(1.1, 0.92, (ex / 0.24).hypot((ey - 0.02) / 0.20));
                let nose = (ax / 0.11).hypot((p.y - 6.96) / 0.15);
                dark = dark.max(smooth(1.1, 0.9, nose));
                let hollow = bell((p.y - 6.74 - 0.3 * (ax - 0.4)) / 0.10) * smooth(0.34, 0.50, ax);
                dark = dark.max(0.85 * hollow);
                let teeth = (((p.x * 15.0).fract().abs() - 0.5).abs() - 0.36) / 0.1;
                let band = smooth(0.13, 0.10, (p.y - MOUTH.y).abs()) * smooth(0.46, 0.42, ax);
                dark = dark.max(band * smooth(0.0, 1.0, teeth)).max(band * bell((p.y - MOUTH.y + 0.01) / 0.014));
                (self.base.mix(V3::splat(0.012), dark * front), 1.0)
            }
            Paint::Camouflage => {
                let q = v3(p.x + self.turn * p.y, p.y - self.turn * p.x, p.z) * self.cells;
                let (a, b) = (fbm(q, 3, self.seed), fbm(q, 3, self.seed ^ 0x77));
                let c = if a > 0.10 {
                    self.tones[0]
                } else if b > 0.06 {
                    self.tones[1]
                } else if a + b < -0.22 {
                    self.tones[2]
                } else {
                    self.tones[0].mix(self.tones[1], 0.5) * 1.6
                };
                (c, 1.0)
            }
            Paint::Dazzle => {
                // Blocks that run across the features.
                let (s, c) = self.turn.sin_cos();
                let (x, y) = (c * p.x + s * (p.y - 7.0), c * (p.y - 7.0) - s * p.x);
                let cell = |k: f32| (x * k + 0.37).floor() + 2.0 * (y * k * 0.8 + 0.21).floor();
                let n = (cell(self.cells) as i32).rem_euclid(5);
                match n {
                    0 => (self.tones[0], 1.0),
                    2 => (self.tones[1], 1.0),
                    3 => (self.tones[2], 1.0),
                    _ => (surface.albedo, 0.0),
                }
            }
            Paint::Undead => {
                let socket = bell((ex / 0.22).hypot((ey + 0.02) / 0.17)) * front;
                let hollow = bell((p.y - 6.76 - 0.3 * (ax - 0.4)) / 0.12) * smooth(0.30, 0.5, ax);
                let veins = smooth(0.03, 0.0, noise(p * v3(9.0, 6.0, 6.0), self.seed).abs()) * 0.35;
                let mut c = self.base.mix(v3(0.035, 0.02, 0.025), (0.85 * socket + 0.6 * hollow + veins).min(0.95));
                let run = smooth(0.12, 0.26, noise(v3(p.x * 16.0, 2.0, 0.0), self.seed ^ 9)) * smooth(6.66, 6.60, p.y);
                let blood = (run + 0.9 * smooth(0.3, 0.8, spot.lips)).min(1.0) * smooth(0.36, 0.28, ax) * front;
                c = c.mix(v3(0.16, 0.008, 0.008), blood);
                (c, 1.0)
            }
            Paint::Mask => {
                // A painted half mask or fields in two colours with a pale line between.
                let line = p.y - 7.02 + 0.20 * (ax * 9.0).sin() * 0.3 - 0.25 * self.turn * p.x;
                let c = if line > 0.0 { self.tones[0] } else { self.tones[1] };
                let c = c.mix(V3::splat(0.65), bell(line / 0.018));
                let round = bell(((ex / 0.22).hypot(ey / 0.17) - 1.0) / 0.14);
                (c.mix(V3::splat(0.65), 0.8 * round * front), 1.0)
            }
        };
        let cover = cover * face * self.strength;
        let lash = smooth(0.75, 0.95, (ex / 0.15).hypot(ey / 0.072));
        let cover = cover * mix(0.4, 1.0, lash);
        // Paint lies on hair too, but thinner.
        surface.albedo = surface.albedo.mix(colour * rub, cover).map(|a| a.clamp(0.004, 0.9));
        surface.gloss *= 1.0 - 0.5 * cover;
        surface.depth *= 1.0 - 0.5 * cover;
        surface.stubble *= 1.0 - 0.6 * cover;
        // Paint of one's own skin's colour is there all the same.
        cover
    }
}

impl Obfuscation {
    fn aged(&self, p: V3, ax: f32, ey: f32, front: f32, skin: V3) -> (V3, f32) {
        let wobble = 0.03 * noise(p * 4.0, self.seed);
        let lines = |x: f32, per: f32| {
            let t = (x * per).fract() - 0.5;
            bell(t / 0.11)
        };
        let brow = lines(p.y + wobble + 0.10 * ax * ax + 20.0, 11.0)
            * smooth(7.52, 7.60, p.y)
            * smooth(7.9, 7.78, p.y)
            * smooth(0.48, 0.34, ax);
        let (cx, cy) = (ax - 0.44, ey);
        let fan = lines(cy.atan2(cx) + 20.0, 2.6)
            * smooth(0.02, 0.05, cx)
            * smooth(0.24, 0.12, cx.hypot(cy))
            * smooth(0.14, 0.08, cy.abs());
        let fold_x = 0.20 + (6.98 - p.y) * 0.42;
        let fold = bell((ax - fold_x - wobble) / 0.022) * smooth(6.50, 6.62, p.y) * smooth(7.02, 6.92, p.y);
        let bag = bell((ey + 0.16 - 0.35 * (ax - EYE[0]).powi(2)) / 0.016) * smooth(0.17, 0.12, (ax - EYE[0]).abs());
        let lip = lines(p.x + 20.0, 17.0)
            * smooth(0.15, 0.10, (p.y - MOUTH.y).abs())
            * smooth(0.04, 0.07, (p.y - MOUTH.y).abs())
            * smooth(0.26, 0.2, ax);
        let jowl = bell((p.y - 6.40 - 0.2 * (ax - 0.35)) / 0.02) * smooth(0.26, 0.34, ax) * smooth(0.6, 0.5, ax);
        let frown = bell((ax - 0.05) / 0.012) * bell((p.y - 7.46) / 0.06);
        let dark = (brow + fan + fold + bag + 0.7 * lip + jowl + frown).min(1.0) * front;
        // Light strokes beside the dark ones make them look deep.
        let hollow = bell((ax - 0.52) / 0.13) * bell((p.y - 6.72) / 0.12) * front
            + bell((ax - 0.66) / 0.09) * bell((p.y - 7.5) / 0.12);
        let spots = smooth(0.22, 0.32, noise(p * 14.0, self.seed ^ 4));
        let pale = skin.mix(V3::splat(skin.luminance()), 0.35) * 1.12;
        let c = pale * (1.0 - 0.45 * hollow) * (1.0 - 0.30 * spots);
        (c.mix(self.skin * v3(0.22, 0.15, 0.13), 0.85 * dark), 1.0)
    }

    fn bruised(&self, p: V3, front: f32) -> (V3, f32) {
        let eye = if self.turn > 0.0 { 1.0 } else { -1.0 };
        let (x, y) = (p.x * eye - EYE[0], p.y - EYE[1]);
        let black_eye = bell((x / 0.24).hypot((y + 0.04) / 0.19)) * front;
        let patch = smooth(0.0, 0.45, fbm(p * 2.6, 3, self.seed ^ 2));
        let bruise = black_eye.max(0.9 * patch * front);
        let core = smooth(0.25, 1.0, bruise + 0.3 * fbm(p * 8.0, 2, self.seed));
        let edge = self.base.mix(v3(0.27, 0.20, 0.09), smooth(0.1, 0.35, bruise));
        let mut c = edge.mix(v3(0.14, 0.05, 0.085), core);
        // Gashes with a raised pale rim.
        let mut cover = smooth(0.08, 0.3, bruise).max(0.55);
        for k in 0..3 {
            let angle = self.turn * 2.0 + 1.3 * k as f32;
            let (s, cs) = angle.sin_cos();
            let (ox, oy) = (0.42 * (angle * 1.7).sin(), 7.05 + 0.42 * (angle * 2.3).cos());
            let (a, b) = (cs * (p.x - ox) + s * (p.y - oy), cs * (p.y - oy) - s * (p.x - ox));
            let b = b + 0.02 * noise(p * 20.0, self.seed ^ k);
            let long = smooth(0.22, 0.14, a.abs()) * front;
            c = c.mix(v3(0.55, 0.36, 0.30), 0.6 * bell(b / 0.04) * long);
            c = c.mix(v3(0.13, 0.008, 0.01), bell(b / 0.017) * long);
            cover = cover.max(long * bell(b / 0.04));
        }
        (c, cover)
    }
}
