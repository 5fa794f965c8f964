//! Clothes: where they end at the neck, how far they stand off the body, their collars, patterns and weave. Places are in
//! coordinates of the neutral head; lengths in decimetres.

use super::figure::{Anatomy, Figure};
use super::identity::Identity;
use super::math::{V3, bell, mix, smooth, v3};
use super::noise::{fbm, floor, noise};
use super::skin::Surface;

/// What the collar is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collar {
    /// A round band.
    Crew,
    /// An open V.
    Vee,
    /// A shirt's two flaps over a row of buttons.
    Shirt,
    /// A thick rolled edge and cords.
    Hood,
    /// High round the neck.
    Roll,
}

/// What is woven into or printed on the cloth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weave {
    Plain,
    /// Level stripes.
    Stripes,
    /// Upright thin stripes.
    Pinstripes,
    Checks,
    /// Shoulders of the second colour.
    Yoke,
}

/// Height over the neckline: negative on cloth.
pub fn over_neckline(p: V3, who: &Identity) -> f32 {
    let front = smooth(0.2, 0.9, p.z);
    let dip = match who.collar {
        // Straight edges down to a point.
        Collar::Vee | Collar::Shirt => (1.0 - p.x.abs() / 0.55).max(0.0),
        _ => bell(p.x / 0.35),
    };
    p.y - who.neckline[0] + who.neckline[1] * dip * front
}

/// How far cloth stands off the body, by fine point that it covers.
pub fn drape(anatomy: &Anatomy, figure: &Figure, who: &Identity) -> Vec<(u32, V3)> {
    let mut out = Vec::new();
    for (i, p) in anatomy.rest.iter().enumerate().filter(|(_, p)| p.y < 6.3) {
        let below = -over_neckline(*p, who);
        if below < -0.06 {
            continue;
        }
        let cloth = 0.035 * smooth(-0.02, 0.06, below) + 0.05 * smooth(0.15, 0.9, below);
        let folds = 0.05 * smooth(0.2, 0.7, below) * fbm(*p * v3(1.6, 0.8, 1.6), 2, who.salt(23));
        let collar = match who.collar {
            Collar::Crew | Collar::Vee => 0.015 * bell((below - 0.04) / 0.05),
            Collar::Shirt => 0.06 * smooth(-0.04, 0.05, below) * smooth(0.30, 0.20, below),
            Collar::Hood => 0.13 * bell((below - 0.12) / 0.10),
            Collar::Roll => 0.05 * bell((below - 0.10) / 0.10),
        };
        out.push((i as u32, figure.normals[i] * (cloth + collar + folds).max(0.0)));
    }
    out
}

/// Clothes at a place below the neckline.
pub fn cloth(who: &Identity, p: V3) -> Surface {
    let below = -over_neckline(p, who);
    let front = smooth(0.5, 0.9, p.z);
    let pattern = match who.weave {
        Weave::Plain => who.cloth,
        Weave::Stripes => who.cloth.mix(who.second_cloth, wave(p.y * 4.6, 0.10)),
        Weave::Pinstripes => who.cloth.mix(who.second_cloth, 0.6 * smooth(0.80, 0.9, wave(p.x * 5.0, 0.5))),
        Weave::Checks => {
            let (a, b) = (wave(p.x * 3.0, 0.12), wave(p.y * 3.0 + 0.2, 0.12));
            who.cloth.mix(who.second_cloth, 0.5 * (a + b)) * (1.0 - 0.25 * a * b)
        }
        Weave::Yoke => who.second_cloth.mix(who.cloth, smooth(5.48, 5.46, p.y)),
    };
    // An edge's shadow, then each collar's own seams.
    let mut tone = 1.0 - 0.35 * smooth(0.02, 0.0, below);
    let mut albedo = pattern;
    match who.collar {
        Collar::Crew | Collar::Vee => {
            let band = smooth(0.115, 0.10, below);
            albedo = albedo.mix(who.cloth * 0.85, band);
            tone *= 1.0 - 0.4 * bell((below - 0.11) / 0.012) - 0.12 * band * wave(p.x.atan2(p.z) * 40.0, 0.5);
        }
        Collar::Shirt => {
            // Flaps end in points beside the middle.
            let edge = 0.24 + 0.14 * bell((p.x.abs() - 0.22) / 0.14) * front;
            let flap = smooth(edge + 0.012, edge - 0.012, below);
            tone *= 1.0 - 0.45 * bell((below - edge - 0.02) / 0.022);
            albedo = albedo.mix(who.cloth * 1.08, 0.5 * flap);
            let placket = front * (1.0 - flap);
            tone *= 1.0 - 0.3 * placket * bell((p.x.abs() - 0.075) / 0.009);
            let button = (p.y * 2.4 - floor(p.y * 2.4) as f32 - 0.5) / 2.4;
            let round = smooth(0.030, 0.022, p.x.hypot(button)) * placket;
            albedo = albedo.mix(V3::splat(0.45), 0.7 * round);
        }
        Collar::Hood => {
            tone *= 1.0 - 0.5 * bell((below - 0.27) / 0.03);
            let cord = bell((p.x.abs() - 0.20) / 0.014) * front * smooth(0.22, 0.26, below) * smooth(1.0, 0.95, below);
            albedo = albedo.mix(who.second_cloth.mix(V3::splat(0.5), 0.5), 0.85 * cord);
        }
        Collar::Roll => {
            tone *= 1.0 - 0.45 * bell((below - 0.22) / 0.02);
            tone *= 1.0 - 0.15 * smooth(0.3, 0.2, below) * wave(p.x.atan2(p.z) * 30.0, 0.5);
        }
    }
    let weave = tone + 0.20 * noise(p * v3(60.0, 30.0, 60.0), who.salt(21)) + 0.22 * fbm(p * 4.0, 2, who.salt(22));
    Surface { albedo: albedo * mix(0.4, 1.0, weave.max(0.0)), gloss: 0.0, depth: 0.0, grain: 1.6, stubble: 0.0 }
}

/// A square wave of period 1 between 0 and 1 with edges `soft` wide.
fn wave(x: f32, soft: f32) -> f32 {
    let t = (x - floor(x) as f32 - 0.5).abs() * 2.0;
    smooth(0.5 - soft * 0.5, 0.5 + soft * 0.5, t)
}
