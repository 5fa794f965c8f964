//! Fingers that hold a medium at its border: rounded, skin-coloured, each with a nail. Nothing else of the attacker.

use crate::rng::{self, Stream};

use super::super::light::Lighting;
use super::super::math::{V3, mix, v3};
use super::sheet::Held;
use super::{Presented, pick};

/// A thumb on the medium, in places on it.
#[derive(Debug, Clone, Copy)]
struct Finger {
    tip: [f32; 2],
    root: [f32; 2],
    width: f32,
}

/// The fingers of one clip.
#[derive(Debug, Clone)]
pub struct Fingers {
    fingers: Vec<Finger>,
    skin: V3,
}

impl Fingers {
    /// One or two thumbs at the lower half of the borders `edges`, of an attacker with skin of reflectance `skin`;
    /// `size` is the face's width on the medium.
    pub fn draw(edges: [f32; 4], size: f32, skin: V3, rng: &mut Stream) -> Self {
        let mut fingers = Vec::new();
        let first = rng::index(rng, 2);
        for k in 0..=rng::index(rng, 2) {
            let left = (first + k).is_multiple_of(2);
            let width = size * pick(rng, (0.17, 0.23));
            let y = mix(edges[1], edges[3], pick(rng, (0.45, 0.95)));
            let (edge, inward) = if left { (edges[0], 1.0) } else { (edges[2], -1.0) };
            let reach = size * pick(rng, (0.14, 0.32));
            let tip = [edge + inward * reach, y - size * pick(rng, (-0.02, 0.16))];
            fingers.push(Finger {
                tip,
                root: [edge - inward * size * 0.35, y + size * pick(rng, (0.05, 0.35))],
                width,
            });
        }
        Self { fingers, skin }
    }

    /// Draws them over the medium; the room's light counts `level` times.
    pub fn draw_over(&self, shown: &mut Presented, held: &Held, light: &Lighting<'_>, level: f32) {
        let side = shown.picture.side;
        for finger in &self.fingers {
            let scale = |p: [f32; 2]| held.picture(p).map(|c| c * side as f32);
            let (tip, root) = (scale(finger.tip), scale(finger.root));
            let half = finger.width * held.zoom * side as f32 * 0.5;
            let (dx, dy) = (root[0] - tip[0], root[1] - tip[1]);
            let length = dx.hypot(dy).max(1e-3);
            let (dx, dy) = (dx / length, dy / length);
            // Light across the finger, from one side over the middle to the other.
            let across = |t: f32| v3(-dy * t, -dx * t, (1.0 - t * t).max(0.02).sqrt());
            let lit: Vec<V3> = (0..=16).map(|i| light.open(across(i as f32 / 8.0 - 1.0).unit())).collect();
            let span = |a: f32, b: f32| {
                let limit = side as f32;
                ((a.min(b) - half).clamp(0.0, limit) as usize, (a.max(b) + half + 1.0).clamp(0.0, limit) as usize)
            };
            let (x0, x1) = span(tip[0], root[0]);
            let (y0, y1) = span(tip[1], root[1]);
            for y in y0..y1 {
                for x in x0..x1 {
                    let (px, py) = (x as f32 + 0.5 - tip[0], y as f32 + 0.5 - tip[1]);
                    let along = px * dx + py * dy;
                    let off = -px * dy + py * dx;
                    // The tip is round, the joint a little thicker.
                    let wide = half * (0.92 + 0.1 * (along / half * 0.9).sin());
                    let back = (-along).max(0.0);
                    let t = off / wide;
                    let far = (off * off + back * back).sqrt() / wide;
                    let i = y * side + x;
                    if along > length || far > 1.0 {
                        // A soft shadow on the medium beside it.
                        if along < length && far < 1.25 && shown.medium[i] {
                            shown.picture.light[i] = shown.picture.light[i] * mix(0.62, 1.0, (far - 1.0) * 4.0);
                        }
                        continue;
                    }
                    let cell = ((t.clamp(-1.0, 1.0) + 1.0) * 8.0).min(15.99);
                    let k = cell as usize;
                    let light = lit[k].mix(lit[k + 1], cell - k as f32);
                    let nail = (along / half - 0.25) / 0.75;
                    let nail = nail * nail + (t / 0.62).powi(2) < 1.0;
                    let skin = if nail { self.skin.mix(v3(0.75, 0.58, 0.52), 0.5) } else { self.skin };
                    let edge = mix(1.0, 0.6, far.powi(4));
                    shown.picture.light[i] = skin * light * (edge * level);
                    shown.medium[i] = false;
                }
            }
        }
    }
}
