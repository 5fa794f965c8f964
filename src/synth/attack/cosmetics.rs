//! Cosmetics on the wearer's skin: everyday ones, and foundation, contour and a wig that bring a face towards another
//! person's. Paint is put on per place of the neutral head, so that it follows the face.

use crate::rng::{self, Stream};

use super::super::hairline;
use super::super::identity::{HairStyle, Identity};
use super::super::math::{V3, bell, mix, smooth, v3};
use super::super::noise::noise;
use super::super::skin::{EYE, MOUTH, Surface, skin_colour};
use super::disguise::{Craft, Disguise, Spot};
use super::guise::{Workshop, bare_faced};
use super::pick;

/// What cosmetics are on a face, each from 0 to 1.
#[derive(Debug, Clone)]
struct Cosmetics {
    /// An even coat of this colour.
    base: V3,
    foundation: f32,
    lips: V3,
    lipstick: f32,
    /// Gloss of the lips against skin.
    wet: f32,
    shadow: V3,
    eye_shadow: f32,
    liner: f32,
    wing: f32,
    blush: V3,
    rouge: f32,
    contour: f32,
    highlight: f32,
    brow: V3,
    brows: f32,
    like: Identity,
    seed: u32,
}

impl Cosmetics {
    fn draw(shop: &Workshop<'_>, who: &Identity, strength: f32, rng: &mut Stream) -> Self {
        let mut amount = |low: f32, high: f32| pick(rng, (low, high)) * strength;
        let (foundation, lipstick, eye_shadow) = (amount(0.35, 1.0), amount(0.4, 1.1), amount(0.3, 1.1));
        let (liner, wing, rouge) = (amount(0.3, 1.1), amount(0.0, 1.0), amount(0.2, 1.0));
        let (contour, highlight, brows) = (amount(0.1, 0.9), amount(0.0, 0.8), amount(0.2, 0.9));
        let lips = [
            v3(0.42, 0.03, 0.05),
            v3(0.45, 0.12, 0.14),
            v3(0.25, 0.02, 0.06),
            v3(0.50, 0.16, 0.18),
            v3(0.30, 0.10, 0.07),
        ];
        let shades = [
            v3(0.10, 0.05, 0.03),
            v3(0.05, 0.04, 0.05),
            v3(0.20, 0.09, 0.16),
            v3(0.06, 0.13, 0.24),
            v3(0.30, 0.17, 0.06),
            v3(0.05, 0.16, 0.12),
        ];
        let base = skin_colour((who.melanin + pick(rng, (-0.08, 0.03))).clamp(0.02, 0.95), 0.35);
        Self {
            base: base * v3(1.0, pick(rng, (0.97, 1.03)), pick(rng, (0.92, 1.04))),
            foundation,
            lips: lips[rng::index(rng, lips.len())].mix(base, 0.15),
            lipstick: lipstick.min(1.0),
            wet: pick(rng, (0.4, 2.4)),
            shadow: shades[rng::index(rng, shades.len())].mix(base, 0.2),
            eye_shadow: eye_shadow.min(1.0),
            liner: liner.min(1.0),
            wing,
            blush: v3(0.48, 0.15, 0.15).mix(base, 0.2),
            rouge,
            contour,
            highlight,
            brow: who.hair_colour.mix(v3(0.03, 0.018, 0.012), 0.5),
            brows,
            like: who.clone(),
            seed: shop.wearer.salt(301),
        }
    }

    /// Paints; gives the strongest of the coats.
    fn put(&self, spot: &Spot, surface: &mut Surface) -> f32 {
        let p = spot.rest;
        if p.z < 0.3 || p.y < 6.0 {
            return 0.0;
        }
        let ax = p.x.abs();
        let front = smooth(0.6, 1.0, p.z);
        // The face up to the hairline and along the jaw; brushes leave it uneven.
        let brush = 0.06 * noise(p * 6.0, self.seed);
        let jaw = smooth(6.10, 6.30, p.y + 0.20 * smooth(0.6, 1.4, p.z) + brush);
        let face = jaw * smooth(0.35, 0.75, p.z + brush) * smooth(8.02, 7.88, p.y + brush) * (1.0 - spot.mouth);
        let mut albedo = surface.albedo;
        let hair = smooth(0.15, 0.5, hairline::brow_density(p, &self.like));
        let skin = face * (1.0 - spot.lips);
        let coat = self.foundation * skin;
        albedo = albedo.mix(self.base, 0.88 * coat * (1.0 - 0.7 * hair));
        let matte = 1.0 - 0.45 * coat;
        // Shade below the cheekbones, beside the nose, along the jaw; light on their ridges.
        let line = 6.82 + 0.34 * (ax - 0.35);
        let hollow = bell((p.y - line) / 0.07) * smooth(0.28, 0.48, ax) * smooth(0.95, 0.75, ax);
        let nose = bell((ax - 0.105) / 0.035) * bell((p.y - 7.08) / 0.16) * front;
        let under = bell((p.y - 6.27) / 0.09) * smooth(0.3, 0.6, ax);
        let shade = self.contour * (hollow + 0.8 * nose + 0.7 * under).min(1.0) * front;
        albedo = albedo * (V3::ONE - v3(0.42, 0.52, 0.56) * shade);
        let ridge = bell((p.y - line - 0.15) / 0.05) * smooth(0.3, 0.45, ax) * smooth(0.75, 0.6, ax)
            + bell(p.x / 0.03) * bell((p.y - 7.08) / 0.15);
        albedo = albedo.mix(V3::splat(0.75).mix(self.base, 0.5), 0.45 * self.highlight * ridge.min(1.0) * front);
        let apple = bell((ax - 0.46) / 0.19) * bell((p.y - 6.97 - 0.25 * (ax - 0.45)) / 0.12) * front;
        let rouge = self.rouge * apple;
        albedo = albedo.mix(self.blush, 0.62 * rouge);
        // Lids: shadow up to the crease, a line along the lashes, drawn out to a wing.
        let (ex, ey) = (ax - EYE[0], p.y - EYE[1]);
        let lid = bell(((ex - 0.02) / 0.21).hypot((ey - 0.07) / 0.085)) * smooth(-0.02, 0.03, ey) * front;
        let lower = bell(((ex / 0.17).hypot((ey + 0.05) / 0.05) - 0.6) / 0.4) * smooth(0.02, -0.02, ey) * front * 0.4;
        let eye_shadow = self.eye_shadow * (lid + lower).min(1.0);
        albedo = albedo.mix(self.shadow, 0.9 * eye_shadow);
        let d = (ex / 0.165).hypot(ey / 0.080);
        let upper =
            bell((d - 0.92) / 0.12) * smooth(-0.02, 0.015, ey) + 0.5 * bell((d - 0.9) / 0.10) * smooth(0.0, -0.02, ey);
        let wing = bell((ey - 0.015 - 0.45 * (ex - 0.14)) / 0.014)
            * smooth(0.12, 0.15, ex)
            * smooth(0.24, 0.20, ex)
            * self.wing;
        let liner = (self.liner * (upper + wing) * front).min(1.0);
        albedo = albedo.mix(V3::splat(0.012), 0.92 * liner);
        albedo = albedo.mix(self.brow, 0.7 * self.brows * hair);
        let lip = self.lipstick * smooth(0.2, 0.6, spot.lips);
        let seam = 1.0 - 0.5 * bell((p.y - MOUTH.y + 0.012 - 0.02 * ax) / 0.014);
        albedo = albedo.mix(self.lips * seam, 0.92 * lip);
        surface.albedo = albedo.map(|a| a.clamp(0.004, 0.9));
        surface.gloss = surface.gloss * mix(matte, 1.0, spot.lips) * mix(1.0, self.wet, lip)
            + 0.8 * self.highlight * ridge.min(1.0) * front * face;
        surface.depth *= 1.0 - 0.35 * coat;
        surface.stubble *= 1.0 - 0.6 * coat;
        surface.grain *= 1.0 - 0.35 * coat;
        [coat, shade, rouge, eye_shadow, liner, lip].into_iter().fold(0.0, f32::max)
    }
}

#[derive(Debug)]
struct Made {
    cosmetics: Cosmetics,
    /// Strength from which a place counts as made up.
    least: f32,
}

impl Craft for Made {
    fn paint(&self, spot: &Spot, surface: &mut Surface) -> f32 {
        self.cosmetics.put(spot, surface) * 0.5 / self.least
    }
}

/// Everyday to heavy cosmetics.
pub fn cosmetic(shop: &Workshop<'_>, rng: &mut Stream) -> Disguise {
    let mut who = shop.wearer.clone();
    let strength = pick(rng, (0.45, 1.15));
    let cosmetics = Cosmetics::draw(shop, &who, strength, rng);
    if who.beard < 0.12 {
        bare_faced(&mut who);
    }
    Disguise { craft: Box::new(Made { cosmetics, least: 0.18 }), ..Disguise::bare(who) }
}

/// Painted, shaded and bewigged towards the shown person.
pub fn impersonation(shop: &Workshop<'_>, rng: &mut Stream) -> Disguise {
    let shown = shop.shown;
    let part = pick(rng, (0.25, 0.5));
    let mut who = shop.wearer.clone();
    who.female = shown.female;
    // A wig, false hair and the shown person's glasses.
    who.hair = if shown.hair == HairStyle::Bald { HairStyle::Buzz } else { shown.hair };
    who.hair_colour = shown.hair_colour * pick(rng, (0.8, 1.3));
    who.receding = shown.receding * 0.5;
    who.parting = shown.parting;
    who.brow = shown.brow;
    (who.beard, who.moustache) = (shown.beard, shown.moustache);
    who.lip_colour = shown.lip_colour;
    who.glasses = shown.glasses;
    who.tired = 0.2;
    who.stubble *= 0.3;
    who.weights = blend(&shop.wearer.weights, &shown.weights, part);
    let mut cosmetics = Cosmetics::draw(shop, shown, pick(rng, (0.8, 1.1)), rng);
    cosmetics.foundation = pick(rng, (0.85, 1.0));
    cosmetics.contour = pick(rng, (0.5, 1.0));
    if !shown.female {
        // A man is painted without colours on lips and lids.
        cosmetics.lips = cosmetics.base * shown.lip_colour;
        cosmetics.shadow = cosmetics.base * 0.55;
        cosmetics.eye_shadow *= 0.5;
        cosmetics.wing = 0.0;
        cosmetics.liner *= 0.5;
        cosmetics.rouge *= 0.5;
        cosmetics.wet = 0.7;
    }
    Disguise { craft: Box::new(Made { cosmetics, least: 0.2 }), damping: 0.8, ..Disguise::bare(who) }
}

/// Weights part of the way from one person to another.
fn blend(from: &[(String, f32)], to: &[(String, f32)], part: f32) -> Vec<(String, f32)> {
    let scaled = |all: &[(String, f32)], by: f32| all.iter().map(|(n, w)| (n.clone(), w * by)).collect::<Vec<_>>();
    let mut out = scaled(from, 1.0 - part);
    out.extend(scaled(to, part));
    out
}
