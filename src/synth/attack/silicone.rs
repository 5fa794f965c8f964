//! Silicone masks: a soft shell over the whole head in the form of the shown person, thicker than skin, evenly coloured
//! and oily, with the wearer's own eyes lying back in dark-rimmed holes.

use crate::rng::{self, Stream};

use super::super::identity::HairStyle;
use super::super::math::{V3, bell, mix, smooth, v3};
use super::super::noise::{fbm, noise};
use super::super::skin::{EYE, MOUTH, Surface, skin_colour};
use super::super::subdivide::normals;
use super::disguise::{Craft, Disguise, Spot};
use super::guise::{Workshop, bare_faced};
use super::pick;
use super::wrap::Wrap;

#[derive(Debug)]
struct Silicone {
    colour: V3,
    /// The wearer's neck.
    skin: V3,
    /// Height of the mask's lower edge on the neutral head.
    hem: f32,
    gloss: f32,
    evenness: f32,
    blush: f32,
    lips: V3,
    rim: f32,
    folds: f32,
    seed: u32,
}

/// Makes one.
pub fn make(shop: &Workshop<'_>, rng: &mut Stream) -> Disguise {
    let mut who = shop.shown.clone();
    bare_faced(&mut who);
    who.glasses = None;
    who.iris = shop.wearer.iris;
    who.cloth = shop.wearer.cloth;
    who.neckline = [pick(rng, (5.62, 5.95)), pick(rng, (0.0, 0.25))];
    match rng::index(rng, 5) {
        // Bare, or with a wig; some keep only punched brows.
        0 | 1 => who.hair = HairStyle::Bald,
        2 if who.hair == HairStyle::Bald => who.hair = HairStyle::Crop,
        _ => {}
    }
    who.brow *= pick(rng, (0.25, 0.9));
    let colour = skin_colour((who.melanin + pick(rng, (-0.12, 0.12))).clamp(0.03, 0.95), pick(rng, (0.2, 1.0)));
    let tint = v3(pick(rng, (0.96, 1.10)), pick(rng, (0.92, 1.04)), pick(rng, (0.82, 1.02)));
    let mask = Silicone {
        colour: colour * tint,
        skin: skin_colour(shop.wearer.melanin, shop.wearer.redness),
        hem: pick(rng, (5.80, 6.02)),
        gloss: pick(rng, (1.1, 2.4)),
        evenness: pick(rng, (0.75, 0.97)),
        blush: pick(rng, (0.0, 0.35)),
        lips: v3(pick(rng, (0.78, 1.0)), pick(rng, (0.45, 0.7)), pick(rng, (0.45, 0.7))),
        rim: pick(rng, (0.45, 0.95)),
        folds: pick(rng, (0.3, 1.0)),
        seed: rng::index(rng, 1 << 24) as u32,
    };
    let thick = pick(rng, (0.015, 0.045));
    let offsets = swell(shop, &who, thick, mask.folds, mask.seed);
    Disguise {
        damping: pick(rng, (0.1, 0.35)),
        offsets,
        wig: true,
        recess: pick(rng, (0.015, 0.04)),
        craft: Box::new(mask),
        ..Disguise::bare(who)
    }
}

/// Offsets that thicken the head and lay its neck in folds.
fn swell(shop: &Workshop<'_>, who: &super::super::identity::Identity, thick: f32, folds: f32, seed: u32) -> Vec<V3> {
    let wrap = Wrap::new(shop.model, shop.anatomy, who);
    let coarse = &wrap.figure.coarse;
    let all = normals(coarse, &shop.anatomy.skin.coarse);
    let offset = |i: usize| {
        let p = shop.model.points[i];
        let (ex, ey) = (p.x.abs() - EYE[0], p.y - EYE[1]);
        let open = smooth(0.8, 1.6, (ex / 0.16).hypot(ey / 0.09))
            * smooth(0.5, 1.3, (p.x / 0.25).hypot((p.y - MOUTH.y) / 0.09));
        let neck = bell((p.y - 6.02) / 0.2) * smooth(6.35, 6.15, p.y - 0.12 * p.z);
        let fold = 0.035 * folds * neck * ((p.y + 0.08 * noise(p * 3.0, seed)) * 46.0).sin();
        let loose = 0.03 * fbm(p * 2.5, 2, seed ^ 5) * open;
        all[i] * (thick * open + fold + loose)
    };
    (0..coarse.len()).map(|i| if all[i].length() > 0.5 { offset(i) } else { V3::ZERO }).collect()
}

impl Craft for Silicone {
    fn paint(&self, spot: &Spot, surface: &mut Surface) -> f32 {
        let p = spot.rest;
        let hem = p.y - self.hem - 0.05 * noise(p * 4.0, self.seed);
        if hem < 0.0 {
            surface.albedo = surface.albedo.mix(self.skin, 0.9) * mix(0.45, 1.0, smooth(0.0, -0.04, hem));
            return 0.0;
        }
        let front = smooth(0.6, 1.0, p.z);
        let ax = p.x.abs();
        let mottle = 1.0 + 0.07 * fbm(p * 4.0, 2, self.seed) + 0.04 * noise(p * 26.0, self.seed ^ 3);
        let cheek = bell((ax - 0.42) / 0.22) * bell((p.y - 6.95) / 0.2) * front;
        let blush = v3(1.0, 1.0 - 0.35 * self.blush * cheek, 1.0 - 0.3 * self.blush * cheek);
        let mut even = self.colour * blush * mottle;
        even = even.mix(self.colour * self.lips, 0.8 * smooth(0.2, 0.8, spot.lips));
        surface.albedo = surface.albedo.mix(even, self.evenness);
        // Holes round the eyes: a dark rim, thick lids.
        let (ex, ey) = (ax - EYE[0], p.y - EYE[1]);
        let d = (ex / 0.160).hypot(ey / 0.078);
        let rim = bell((d - 0.86) / 0.24) * front;
        surface.albedo = surface.albedo * (1.0 - self.rim * rim);
        let mouth = bell((p.y - MOUTH.y + 0.012) / 0.014) * smooth(0.30, 0.26, ax) * front;
        surface.albedo = surface.albedo * (1.0 - 0.8 * mouth) * (1.0 - 0.8 * spot.mouth);
        // The hem stands off the neck.
        surface.albedo = surface.albedo * mix(1.12, 1.0, smooth(0.0, 0.03, hem));
        surface.gloss = self.gloss * (0.8 + 0.4 * noise(p * 5.0, self.seed ^ 9));
        surface.grain = 0.12;
        surface.stubble = 0.0;
        surface.depth = 0.8;
        1.0
    }
}
