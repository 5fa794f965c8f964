//! Where hair grows: scalp, brows and beard as densities over the neutral head, so that hairlines follow the face. How
//! strands run is elsewhere.

use super::identity::{BeardStyle, HairStyle, Identity};
use super::math::{V3, bell, curve, mix, smooth};
use super::noise::noise;
use super::skin::{EYE, MOUTH};

/// Height of the hairline over depth z on the neutral head, from the nape to the forehead.
const HAIRLINE: [(f32, f32); 12] = [
    (-0.60, 6.60),
    (-0.05, 6.68),
    (0.10, 6.90),
    (0.18, 7.36),
    (0.40, 7.42),
    (0.48, 7.16),
    (0.60, 7.14),
    (0.72, 7.46),
    (0.86, 7.72),
    (1.05, 7.90),
    (1.25, 7.965),
    (1.50, 7.98),
];

/// Hair on the head at a place of the neutral head, 0 to 1.
pub fn scalp_density(p: V3, who: &Identity) -> f32 {
    if p.y < 6.5 {
        return 0.0;
    }
    let temple = bell((p.x.abs() - 0.42) / 0.15) * smooth(0.85, 1.1, p.z);
    // Women's and full heads of hair begin lower on the forehead.
    let low = mix(0.07, 0.0, who.receding.min(1.0)) + if who.female { 0.03 } else { 0.0 };
    let line = curve(&HAIRLINE, p.z) - low * smooth(0.8, 1.1, p.z)
        + who.receding * (0.30 * temple + 0.10 * smooth(0.9, 1.2, p.z))
        - 0.05 * bell(p.x / 0.16) * smooth(1.0, 1.2, p.z) * (1.0 - who.receding);
    let rough = 0.09 * noise(p * 13.0, who.salt(81)) + 0.05 * noise(p * 37.0, who.salt(82));
    let density = smooth(-0.06, 0.10, p.y - line + rough);
    match who.hair {
        HairStyle::Ring => {
            let crown = p.y + 0.10 * (p.z - 0.3) + 0.12 * noise(p * 5.0, who.salt(83));
            density * smooth(7.92, 7.62, crown) * smooth(1.05, 0.8, p.z)
        }
        _ => density,
    }
}

/// Brow hair, 0 to 1.
pub fn brow_density(p: V3, who: &Identity) -> f32 {
    if p.z < 0.6 {
        return 0.0;
    }
    let x = p.x.abs();
    let t = (x - 0.10) / 0.50;
    let [arch, slope, thick] = who.brow_shape;
    let (base, arch) = if who.female { (0.205, 0.035 + 0.03 * arch) } else { (0.185, 0.012 + 0.025 * arch) };
    let y = EYE[1] + base + arch * (t * 1.25).clamp(0.0, 1.5).sin() - 0.06 * slope * smooth(0.5, 1.0, t);
    let half = mix(0.022, 0.040, who.brow)
        * thick
        * mix(1.0, 0.35, smooth(0.40, 1.0, t))
        * mix(0.75, 1.0, smooth(0.0, 0.2, t));
    bell((p.y - y) / half) * smooth(0.075, 0.16, x) * smooth(0.60, 0.50, x)
}

/// The part of [`beard_density`] that is let grow, 0 to 1.
pub fn worn_beard(p: V3, who: &Identity) -> f32 {
    let x = p.x.abs();
    let rough = 0.06 * noise(p * 11.0, who.salt(92));
    // Round the mouth and down over the chin.
    let goatee = smooth(0.34, 0.27, x + rough) * smooth(0.8, 1.1, p.z);
    match who.beard_style {
        BeardStyle::Full => 1.0,
        BeardStyle::Goatee => goatee,
        BeardStyle::Chin => {
            let edge = 6.36 + 0.45 * smooth(1.3, 0.5, p.z);
            smooth(0.05, -0.03, p.y - edge + rough).max(goatee * smooth(6.55, 6.45, p.y))
        }
    }
}

/// Beard hair, 0 to 1; `lip` is how far lips cover the place.
pub fn beard_density(p: V3, who: &Identity, lip: f32) -> f32 {
    if who.female || p.z < 0.2 {
        return 0.0;
    }
    let x = p.x.abs();
    // Upper edge: from the sideburn over the cheek to the corner of the mouth.
    let top =
        curve(&[(0.0, 6.86), (0.14, 6.84), (0.24, 6.76), (0.36, 6.66), (0.55, 6.78), (0.66, 7.05), (0.8, 7.2)], x);
    let rough = 0.10 * noise(p * 9.0, who.salt(91));
    let jaw = 6.16 + 0.42 * smooth(1.2, 0.4, p.z);
    let cheek = smooth(-0.04, 0.12, top - p.y + rough) * smooth(jaw - 0.16, jaw + 0.08, p.y + rough);
    let philtrum = 1.0 - 0.6 * bell(x / 0.03) * smooth(6.7, 6.75, p.y);
    let bare = bell(((x - 0.12) / 0.07).hypot((p.y - 6.42) / 0.06));
    let mouth = bell((x / 0.33).hypot((p.y - MOUTH.y) / 0.09)) * smooth(1.2, 1.4, p.z);
    (cheek * philtrum * (1.0 - 0.5 * bare) * (1.0 - mouth) * (1.0 - lip) * smooth(0.25, 0.6, p.z)).clamp(0.0, 1.0)
}
