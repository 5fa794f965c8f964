//! Where the skin of the head lies in every direction from the middle of the skull: what hair keeps outside of.

use super::figure::{Anatomy, Figure};
use super::math::{V3, mix, v3};
use super::noise::floor;
use super::skin::EYE;

/// Middle of the skull, for directions away from it.
pub const SKULL: V3 = v3(0.0, 7.42, 0.5);

/// Where the skin lies in every direction from the middle of the skull.
#[derive(Debug)]
pub struct Hull {
    pub centre: V3,
    radius: Vec<f32>,
}

impl Hull {
    const W: usize = 64;
    const H: usize = 32;

    pub fn new(figure: &Figure, anatomy: &Anatomy) -> Self {
        let shift = figure.between_eyes() - v3(0.0, EYE[1], 1.24);
        let centre = SKULL + shift;
        let mut radius = vec![0.0_f32; Self::W * Self::H];
        for ((p, rest), ear) in figure.fine.iter().zip(&anatomy.rest).zip(&anatomy.ears) {
            if rest.y > 6.1 && *ear < 0.08 {
                let d = *p - centre;
                let r = d.length();
                let (x, y) = Self::cell(d * (1.0 / r.max(1e-6)));
                let cell = &mut radius[y * Self::W + x];
                *cell = cell.max(r);
            }
        }
        // Gaps between points take the mean of what is beside them, until none is left.
        while radius.contains(&0.0) && radius.iter().any(|r| *r > 0.0) {
            let old = radius.clone();
            for (i, r) in radius.iter_mut().enumerate().filter(|(_, r)| **r == 0.0) {
                let (x, y) = (i % Self::W, i / Self::W);
                let beside = [
                    old[y * Self::W + (x + Self::W - 1) % Self::W],
                    old[y * Self::W + (x + 1) % Self::W],
                    old[y.saturating_sub(1) * Self::W + x],
                    old[(y + 1).min(Self::H - 1) * Self::W + x],
                ];
                let known = beside.iter().filter(|b| **b > 0.0).count();
                *r = if known > 0 { beside.iter().sum::<f32>() / known as f32 } else { 0.0 };
            }
        }
        // Hair lies over small bumps.
        for _ in 0..2 {
            let old = radius.clone();
            for (i, r) in radius.iter_mut().enumerate() {
                let (x, y) = (i % Self::W, i / Self::W);
                let column = |x: usize| {
                    let at = |y: usize| old[y * Self::W + x % Self::W];
                    at(y.saturating_sub(1)) + at(y) + at((y + 1).min(Self::H - 1))
                };
                *r = (column(x + Self::W - 1) + column(x) + column(x + 1)) * (1.0 / 9.0);
            }
        }
        Self { centre, radius }
    }

    fn cell(d: V3) -> (usize, usize) {
        let u = (d.x.atan2(d.z) / std::f32::consts::TAU + 0.5) * Self::W as f32;
        let v = (0.5 - 0.5 * d.y) * Self::H as f32;
        ((u as usize).min(Self::W - 1), (v as usize).min(Self::H - 1))
    }

    /// Distance of the skin from the middle in direction `d`, straight between the four nearest cells.
    fn radius(&self, d: V3) -> f32 {
        let u = (d.x.atan2(d.z) / std::f32::consts::TAU + 0.5) * Self::W as f32 - 0.5;
        let v = ((0.5 - 0.5 * d.y) * Self::H as f32 - 0.5).clamp(0.0, (Self::H - 1) as f32);
        let (x, y) = (floor(u), v as usize);
        let at = |x: i32, y: usize| self.radius[y.min(Self::H - 1) * Self::W + x.rem_euclid(Self::W as i32) as usize];
        let (a, b) = (u - x as f32, v - y as f32);
        mix(mix(at(x, y), at(x + 1, y), a), mix(at(x, y + 1), at(x + 1, y + 1), a), b)
    }

    /// `p`, moved out until it stands `over` above the skin, and in by `part` of what it stands higher than that and a
    /// little.
    pub fn keep(&self, p: V3, over: f32, part: f32) -> V3 {
        let d = p - self.centre;
        let r = d.length().max(1e-6);
        let unit = d * (1.0 / r);
        let least = self.radius(unit) + over;
        let most = least + 0.03;
        if r < least {
            self.centre + unit * least
        } else if r > most && part > 0.0 {
            self.centre + unit * (r - (r - most) * part)
        } else {
            p
        }
    }
}
