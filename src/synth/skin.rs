//! The colour and gloss of skin, lips, scalp and clothes. Broad features are painted at the points of the fine mesh,
//! fine grain at every shaded sample. Places are in coordinates of the neutral head, so that everything follows the
//! face; lengths in decimetres.

use super::figure::Anatomy;
use super::hairline;
use super::identity::{HairStyle, Identity};
use super::math::{V3, bell, mix, smooth, v3};
use super::noise::{fbm, noise};

/// Landmarks of the neutral head.
pub const EYE: [f32; 2] = [0.308, 7.284];
/// Centre of the mouth.
pub const MOUTH: V3 = v3(0.0, 6.63, 1.57);
const NOSE: V3 = v3(0.0, 6.91, 1.66);

/// The surface at one point.
#[derive(Debug, Clone, Copy)]
pub struct Surface {
    pub albedo: V3,
    /// Strength of the gloss; 1 is ordinary skin.
    pub gloss: f32,
    /// 0 none (cloth) to 1 skin: light that comes out beside where it went in.
    pub depth: f32,
    /// Height of the grain.
    pub grain: f32,
    /// Density of shaved hair.
    pub stubble: f32,
}

/// Skin albedo for melanin 0 to 1, measured skins' order of lightness.
pub fn skin_colour(melanin: f32, redness: f32) -> V3 {
    let knots = [
        (0.0, v3(0.70, 0.48, 0.385)),
        (0.2, v3(0.62, 0.405, 0.305)),
        (0.4, v3(0.46, 0.275, 0.185)),
        (0.65, v3(0.26, 0.140, 0.086)),
        (1.0, v3(0.085, 0.045, 0.029)),
    ];
    let channel = |f: fn(V3) -> f32| super::math::curve(&knots.map(|k| (k.0, f(k.1))), melanin);
    let base = v3(channel(|c| c.x), channel(|c| c.y), channel(|c| c.z));
    base * v3(1.0 + 0.04 * redness, 1.0 - 0.09 * redness, 1.0 - 0.08 * redness)
}

/// Colours every point of the fine mesh for one person.
pub fn paint(anatomy: &Anatomy, who: &Identity) -> Vec<Surface> {
    let base = skin_colour(who.melanin, who.redness);
    let blood = 1.0 - 0.65 * who.melanin;
    let lips = base * who.lip_colour;
    let shorn = matches!(who.hair, HairStyle::Bald);
    (0..anatomy.rest.len())
        .map(|i| {
            let p = anatomy.rest[i];
            let ax = p.x.abs();
            let front = smooth(0.6, 1.0, p.z);
            // What is behind the ears or under the clothes is never looked at closely.
            if p.z < -0.3 && p.y < 6.3 {
                return Surface { albedo: base, gloss: who.shine * 0.65, depth: 1.0, grain: 1.0, stubble: 0.0 };
            }
            let blotch = fbm(p * 3.0, 3, who.salt(0)) * 0.10 + fbm(p * 11.0, 2, who.salt(7)) * 0.08;
            let mut albedo = base * (1.0 + who.blotches * blotch);
            // Blood close below the surface: cheeks, nose, ears, chin.
            let cheek = bell((ax - 0.45) / 0.24) * bell((p.y - 6.93) / 0.22) * front;
            let nose = bell((p - NOSE).length() / 0.17);
            let chin = bell((p - v3(0.0, 6.285, 1.48)).length() / 0.2);
            let flushed = cheek + nose + chin > 0.01;
            let patchy = if flushed { 0.75 + 1.2 * noise(p * 5.0, who.salt(11)) } else { 0.0 };
            let flush = ((0.8 * cheek + 1.0 * nose + 0.35 * chin) * patchy + 0.55 * anatomy.ears[i])
                * blood
                * mix(0.45, 1.0, who.redness);
            albedo = albedo * v3(1.0 + 0.08 * flush, 1.0 - 0.17 * flush, 1.0 - 0.15 * flush);
            // Round the eyes the skin is thin: darker, bluish; lids a little pink at the rim.
            let (ex, ey) = (ax - EYE[0], p.y - EYE[1]);
            let socket = bell((ex / 0.24).hypot((ey + 0.03) / 0.17)) * front;
            let under = bell((ex + 0.03) / 0.17) * bell((ey + 0.17) / 0.075) * front;
            let dark = 0.32 * socket + who.tired * 0.9 * under;
            albedo = albedo * v3(1.0 - 0.20 * dark, 1.0 - 0.25 * dark, 1.0 - 0.20 * dark);
            let rim = bell((ex / 0.155).hypot(ey / 0.075)) * front;
            albedo = albedo * v3(1.0 - 0.10 * rim, 1.0 - 0.28 * rim, 1.0 - 0.26 * rim);
            // Folds beside nose and mouth darken with age.
            let fold_x = 0.24 + (6.95 - p.y) * 0.28;
            let fold = bell((ax - fold_x) / 0.035) * smooth(6.52, 6.68, p.y) * smooth(7.0, 6.88, p.y) * front;
            albedo = albedo * (1.0 - (0.05 + 0.11 * smooth(30.0, 70.0, who.age)) * fold);
            // Lips.
            let l = anatomy.lips[i];
            if l > 0.0 {
                let lip = lips * (1.0 + 0.35 * noise(v3(p.x * 46.0, p.y * 7.0, p.z * 12.0), who.salt(3)));
                albedo = albedo.mix(lip, 0.85 * smooth(0.15, 0.85, l));
            }
            let seam = bell((p.y - MOUTH.y + 0.012 - 0.02 * ax) / 0.016) * smooth(0.34, 0.28, ax) * front;
            albedo = albedo * (1.0 - 0.5 * seam);
            let inside = anatomy.mouth[i];
            albedo = albedo.mix(v3(0.16, 0.04, 0.035), inside);
            // Shaved beard and shorn scalp: dots at every sample, a tint here.
            let beard = hairline::beard_density(p, who, 0.0) * (1.0 - l);
            let scalp = hairline::scalp_density(p, who) * (1.0 - anatomy.ears[i]);
            let tint = (0.38 * who.stubble * beard).max(if shorn { 0.30 * scalp } else { 0.92 * scalp });
            let shade = who.hair_colour * 0.7 + base * v3(0.05, 0.06, 0.075);
            albedo = albedo.mix(shade, tint);
            let brow = hairline::brow_density(p, who);
            albedo = albedo.mix(who.brow_colour + base * 0.10, (0.75 * brow * (0.5 + 0.5 * who.brow)).min(0.8));
            let zone = bell(ax / 0.22) * smooth(6.85, 6.95, p.y) * front + nose;
            Surface {
                albedo: albedo.map(|a| a.clamp(0.004, 0.9)),
                gloss: (who.shine * (0.65 + 0.5 * zone) * (1.0 + 0.5 * noise(p * 8.0, who.salt(8))))
                    * mix(1.0, 1.5, l)
                    * (1.0 - 0.7 * scalp * tint)
                    * (1.0 - inside),
                depth: 1.0 - 0.8 * tint,
                grain: (1.0 - 0.6 * l) * mix(0.8, 1.3, smooth(25.0, 70.0, who.age)),
                stubble: (who.stubble * beard).max(if shorn { 0.35 * scalp } else { 0.0 }),
            }
        })
        .collect()
}

/// Bend of the normal by lines of age: across the forehead, beside and under the eyes.
fn lines(p: V3, who: &Identity) -> V3 {
    let ax = p.x.abs();
    let wander = noise(p * 4.0, who.salt(63));
    let forehead = smooth(7.60, 7.68, p.y) * smooth(7.96, 7.86, p.y) * smooth(0.48, 0.34, ax);
    let level = ((p.y * 82.0) + 7.0 * wander).sin() * forehead * smooth(-0.3, 0.1, wander);
    let (dx, dy) = (ax - 0.44, p.y - EYE[1]);
    let beside = bell((ax - 0.53) / 0.06) * bell(dy / 0.10);
    let fan = ((dy / (dx + 0.06).max(0.03)) * 11.0 + 3.0 * wander).sin() * beside;
    let under = bell((ax - 0.30) / 0.14) * bell((dy + 0.17) / 0.05);
    let bags = ((dy + 0.4 * (ax - 0.3) * (ax - 0.3)) * 95.0).sin() * under;
    v3(0.0, 0.20 * level + 0.22 * fan + 0.12 * bags, 0.0) * who.lines
}

/// Grain at one sample: changed albedo and the bend of the normal. `fine` is 0 where the picture is too coarse to show
/// pores, 1 where it is not.
pub fn grain(p: V3, surface: &Surface, who: &Identity, fine: f32) -> (V3, V3) {
    let mut albedo = surface.albedo;
    if surface.depth > 0.0 {
        albedo = albedo * (1.0 + 0.13 * noise(p * 33.0, who.salt(31)) * surface.depth);
        if who.freckles > 0.0 && p.z > 0.9 && p.y > 6.6 && p.y < 7.8 {
            let spot = smooth(0.22, 0.42, noise(p * 36.0, who.salt(41)) + 0.35 * noise(p * 5.0, who.salt(42)));
            let middle = smooth(0.75, 0.2, p.x.abs()) * smooth(6.65, 6.95, p.y) * smooth(7.7, 7.2, p.y);
            albedo = albedo * (V3::ONE - v3(0.16, 0.27, 0.32) * (spot * who.freckles * middle));
        }
        // A few moles, and spots where blood shows.
        let spot = noise(p * 9.0, who.salt(43));
        albedo = albedo * (1.0 - 0.45 * smooth(0.468, 0.482, spot));
        let sore = smooth(-0.455, -0.48, spot) * who.blotches;
        albedo = albedo * (V3::ONE - v3(0.02, 0.22, 0.20) * sore);
        if surface.stubble > 0.02 {
            let dots = smooth(0.02, 0.30, noise(p * 125.0, who.salt(51)) + 0.4 * noise(p * 40.0, who.salt(52)));
            albedo = albedo * (1.0 - 0.5 * (surface.stubble * dots * fine));
        }
    }
    let mut coarse = super::noise::noise3(p * 21.0, who.salt(61)) * 0.05;
    if who.lines > 0.05 && surface.depth > 0.0 && p.z > 0.5 && p.y > 6.9 {
        coarse += lines(p, who);
    }
    if fine < 0.03 {
        return (albedo, coarse * surface.grain);
    }
    if surface.depth > 0.0 {
        // Blood and melanin do not lie in the same places.
        let blood = noise(p * 15.0, who.salt(32)) * fine;
        albedo = albedo * (V3::ONE + v3(0.02, -0.10, -0.09) * blood);
        let pore = smooth(0.14, 0.42, noise(p * 125.0, who.salt(33)));
        albedo = albedo * (1.0 - 0.10 * pore * fine);
    }
    let mut pores = super::noise::noise3(p * 68.0, who.salt(62)) * (0.13 * fine);
    if fine > 0.6 {
        pores += super::noise::noise3(p * 140.0, who.salt(64)) * (0.10 * fine);
    }
    (albedo, (coarse + pores) * surface.grain)
}
