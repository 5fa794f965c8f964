//! Brows and beard: strands that stand on the face and move with it. How long hair runs is in [`super::hair`].

use super::figure::{Anatomy, Figure};
use super::hair::{Strands, scatter, strand_colour};
use super::hairline::{beard_density, brow_density, worn_beard};
use super::identity::Identity;
use super::math::{V3, mix, smooth, v3};
use super::noise::{hash01, noise3};
use super::skin::MOUTH;

/// Brows.
pub fn brows(out: &mut Strands, anatomy: &Anatomy, figure: &Figure, who: &Identity, width: f32, many: f32) {
    let n = (7_000.0 * many) as usize;
    let area = (v3(-0.65, 7.4, 0.8), v3(0.65, 7.7, 1.7));
    let keep =
        |i: usize, rest: V3, _| hash01(i as i32, 0, 2, who.salt(112)) <= brow_density(rest, who) * who.brow * 0.9;
    scatter(anatomy, figure, (area, n, who.salt(111)), keep, |i, root| {
        let random = |k: i32| hash01(i as i32, k, 2, who.salt(112));
        let t = smooth(0.12, 0.5, root.rest.x.abs());
        let side = root.rest.x.signum();
        out.begin(who.brow_colour * mix(0.7, 1.2, random(1)), width * mix(0.22, 0.4, random(2)));
        let direction = v3(side * mix(0.8, 1.0, t), mix(0.45, -0.28, t), 0.0);
        let direction = (direction - root.normal * direction.dot(root.normal)
            + root.normal * 0.06
            + v3(random(3) - 0.5, random(4) - 0.5, 0.0) * 0.22)
            .unit();
        let length = mix(0.04, 0.075, random(5)) * mix(0.7, 1.0, t);
        for s in 0..3 {
            out.points.push(root.at + root.normal * 0.006 + direction * (length * 0.5 * s as f32));
            out.outside.push(0.75);
        }
        out.anchors.push(root.anchor);
        out.end();
    });
}

/// Beard and moustache.
pub fn beard(out: &mut Strands, anatomy: &Anatomy, figure: &Figure, who: &Identity, width: f32, many: f32) {
    let n = (7_500.0 * many) as usize;
    let area = (v3(-0.9, 5.9, 0.2), v3(0.9, 7.25, 1.75));
    let over_lip = |p: V3| p.y > MOUTH.y + 0.03 && p.x.abs() < 0.34 && p.z > 1.2;
    let keep = |i: usize, p: V3, ear: f32| {
        let upper = over_lip(p);
        let wanted = if upper { f32::from(u8::from(who.moustache)) } else { worn_beard(p, who) };
        let wanted = if !upper && who.beard <= 0.0 { 0.0 } else { wanted };
        ear <= 0.2 && wanted > 0.0 && hash01(i as i32, 0, 3, who.salt(122)) <= wanted * beard_density(p, who, 0.0)
    };
    scatter(anatomy, figure, (area, n, who.salt(121)), keep, |i, root| {
        let random = |k: i32| hash01(i as i32, k, 3, who.salt(122));
        let p = root.rest;
        let upper = over_lip(p);
        let colour = strand_colour(who, p, random(7)).mix(v3(0.05, 0.025, 0.012), 0.15);
        out.begin(colour * mix(0.65, 1.3, random(1)), width * mix(0.35, 0.65, random(2)));
        let side = p.x.signum();
        let comb = if upper { v3(side * 0.7, -0.7, 0.1) } else { v3(0.15 * side, -1.0, 0.15) };
        let mut direction =
            (comb + root.normal * 0.55 + v3(random(3) - 0.5, random(4) - 0.5, random(5) - 0.5) * 0.8).unit();
        let limit = if upper { 0.09 } else { 0.35 };
        let length = who.beard.max(0.06).min(limit) * mix(0.5, 1.1, random(6)) * mix(0.5, 1.0, smooth(6.9, 6.5, p.y));
        let mut at = root.at - root.normal * 0.004;
        for s in 0..5 {
            out.points.push(at);
            out.outside.push(0.3 + 0.15 * s as f32);
            direction = (direction + v3(0.0, -0.25, 0.0) + (noise3(at * 8.0, who.salt(123)) * 0.7)).unit();
            at += direction * (length * 0.25);
        }
        out.anchors.push(root.anchor);
        out.end();
    });
}
