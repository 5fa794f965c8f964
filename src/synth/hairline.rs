//! Where hair grows: scalp, brows and beard as densities over the neutral head, so that hairlines follow the face. How
//! strands run is elsewhere.

use super::identity::{HairStyle, Identity};
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
    let line = curve(&HAIRLINE, p.z) + who.receding * (0.30 * temple + 0.10 * smooth(0.9, 1.2, p.z))
        - 0.05 * bell(p.x / 0.16) * smooth(1.0, 1.2, p.z) * (1.0 - who.receding);
    let rough = 0.09 * noise(p * 13.0, who.salt(81)) + 0.05 * noise(p * 37.0, who.salt(82));
    let density = smooth(-0.05, 0.07, p.y - line + rough);
    match who.hair {
        HairStyle::Ring => {
            let crown = p.y + 0.10 * (p.z - 0.3) + 0.12 * noise(p * 5.0, who.salt(83));
            density * mix(1.0, 0.03, smooth(7.62, 7.92, crown)) * smooth(1.05, 0.8, p.z)
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
    let arch = if who.female { 0.06 } else { 0.035 };
    let y = EYE[1] + 0.215 + arch * (t * 1.25).clamp(0.0, 1.5).sin() - 0.075 * smooth(0.55, 1.0, t);
    let half = mix(0.024, 0.040, who.brow) * mix(1.0, 0.40, smooth(0.45, 1.0, t)) * mix(0.7, 1.0, smooth(0.0, 0.2, t));
    bell((p.y - y) / half) * smooth(0.075, 0.16, x) * smooth(0.62, 0.53, x)
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
