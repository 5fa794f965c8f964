//! Display heads: a person's form in one piece of plastic, brows, lips and eyes painted on, bald, with a moulded or a
//! loose wig. Nothing moves.

use crate::rng::{self, Stream};

use super::super::hairline;
use super::super::identity::{HairStyle, Identity};
use super::super::math::{V3, bell, smooth, v3};
use super::super::noise::fbm;
use super::super::skin::{EYE, MOUTH, Surface, skin_colour};
use super::disguise::{Craft, Disguise, Eyeballs, Spot};
use super::guise::{Workshop, bare_faced};
use super::{chance, pick};

#[derive(Debug)]
struct Mannequin {
    plastic: V3,
    gloss: f32,
    /// How strongly features are painted.
    painted: f32,
    brow: V3,
    lips: V3,
    shadow: V3,
    /// Hair moulded with the head and painted.
    moulded: Option<V3>,
    seam: bool,
    dust: f32,
    like: Identity,
    seed: u32,
}

/// Makes one.
pub fn make(shop: &Workshop<'_>, rng: &mut Stream) -> Disguise {
    let mut who = shop.shown.clone();
    bare_faced(&mut who);
    who.glasses = None;
    let mut like = who.clone();
    like.brow = 0.7;
    who.brow = 0.0;
    let wig = chance(rng, 0.35);
    let moulded = !wig && chance(rng, 0.25);
    if !wig || matches!(who.hair, HairStyle::Bald | HairStyle::Buzz | HairStyle::Ring) {
        who.hair = if wig { if who.female { HairStyle::Bob } else { HairStyle::SidePart } } else { HairStyle::Bald };
    }
    who.hair_colour = who.hair_colour * pick(rng, (0.8, 1.3));
    // Most stand as a bare bust; some are dressed.
    if chance(rng, 0.6) {
        who.neckline = [2.0, 0.0];
    }
    let flesh = skin_colour((shop.shown.melanin * pick(rng, (0.6, 1.1))).clamp(0.05, 0.9), 0.4);
    let abstract_colours = [v3(0.74, 0.73, 0.71), v3(0.03, 0.03, 0.032), v3(0.36, 0.35, 0.34), v3(0.62, 0.52, 0.40)];
    let plain = chance(rng, 0.2);
    let plastic = if plain {
        abstract_colours[rng::index(rng, 4)] * pick(rng, (0.85, 1.05))
    } else {
        flesh * v3(pick(rng, (1.0, 1.25)), pick(rng, (0.88, 1.04)), pick(rng, (0.76, 1.06)))
    };
    let painted = if plain && chance(rng, 0.7) { 0.0 } else { pick(rng, (0.6, 1.0)) };
    let craft = Mannequin {
        plastic,
        gloss: pick(rng, (0.3, 2.6)),
        painted,
        brow: v3(0.05, 0.03, 0.02) * pick(rng, (0.5, 2.0)),
        lips: if who.female { v3(pick(rng, (0.4, 0.62)), 0.09, 0.11) } else { plastic * v3(0.85, 0.58, 0.55) },
        shadow: if who.female { v3(0.28, 0.22, 0.34) } else { plastic * 0.7 },
        moulded: moulded.then_some(like.hair_colour),
        seam: chance(rng, 0.4),
        dust: pick(rng, (0.0, 0.08)),
        like,
        seed: rng::index(rng, 1 << 24) as u32,
    };
    let eyeballs = if painted == 0.0 {
        Eyeballs::Blank(plastic)
    } else if chance(rng, 0.3) {
        Eyeballs::Real
    } else {
        Eyeballs::Painted
    };
    Disguise { damping: 0.0, still: true, wig: true, eyeballs, craft: Box::new(craft), ..Disguise::bare(who) }
}

impl Craft for Mannequin {
    fn paint(&self, spot: &Spot, surface: &mut Surface) -> f32 {
        let p = spot.rest;
        let ax = p.x.abs();
        let front = smooth(0.6, 1.0, p.z);
        let mut albedo = self.plastic * (1.0 + self.dust * fbm(p * 5.0, 3, self.seed));
        let (ex, ey) = (ax - EYE[0], p.y - EYE[1]);
        let lid = bell((ex / 0.19).hypot((ey - 0.075) / 0.075)) * front;
        albedo = albedo.mix(self.shadow, 0.5 * self.painted * lid);
        let line = bell(((ex / 0.165).hypot(ey / 0.082) - 0.92) / 0.13) * front * smooth(-0.03, 0.02, ey);
        albedo = albedo.mix(V3::splat(0.01), 0.9 * self.painted * line);
        let brow = smooth(0.25, 0.5, hairline::brow_density(p, &self.like));
        albedo = albedo.mix(self.brow, self.painted * brow);
        let lips = smooth(0.35, 0.6, spot.lips);
        albedo = albedo.mix(self.lips, self.painted * lips);
        let between = bell((p.y - MOUTH.y + 0.012 - 0.02 * ax) / 0.012) * smooth(0.3, 0.26, ax) * front;
        albedo = albedo * (1.0 - 0.45 * between);
        let mut gloss = self.gloss * (1.0 + 0.6 * lips * self.painted);
        if let Some(hair) = self.moulded {
            let cap = smooth(0.4, 0.6, hairline::scalp_density(p, &self.like));
            let waves = 1.0 + 0.35 * ((p.x * 34.0 + 5.0 * fbm(p * 4.0, 2, self.seed)).sin());
            albedo = albedo.mix(hair * waves, cap);
            gloss = gloss.max(cap);
        }
        if self.seam {
            let seam = bell((p.z - 0.18 - 0.05 * p.y.sin()) / 0.008);
            albedo = albedo * (1.0 - 0.5 * seam);
        }
        *surface =
            Surface { albedo: albedo.map(|a| a.clamp(0.004, 0.9)), gloss, depth: 0.12, grain: 0.0, stubble: 0.0 };
        1.0
    }
}
