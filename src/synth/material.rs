//! Where in the picture a disguise is seen: its parts, and the skin that its paint covers. How they are drawn is in
//! `worn` and `shade`.

use super::attack::disguise::{Disguise, Eyeballs, Spot};
use super::canvas::{Canvas, NOTHING};
use super::cloth;
use super::math::V3;
use super::skin::Surface;
use super::stage::Stage;
use super::worn::WORN;

impl Stage<'_> {
    /// By sample, 255 where the disguise is seen: its parts, or the skin that its paint covers.
    pub fn material(&self, canvas: &Canvas, block: usize) -> Vec<u8> {
        let Some(disguise) = &self.sitter.disguise else { return Vec::new() };
        let side = canvas.side;
        let mut out = vec![0; side * side];
        let skin_end = self.sitter.anatomy.skin.quads.len() as u32 * 2;
        let blank = u8::from(disguise.eyeballs != Eyeballs::Real) * 255;
        for by in (0..side).step_by(block) {
            for bx in (0..side).step_by(block) {
                let mut painted = None;
                for y in by..(by + block).min(side) {
                    for x in bx..(bx + block).min(side) {
                        let i = y * side + x;
                        let id = canvas.id[i];
                        out[i] = if id == NOTHING {
                            0
                        } else if id >= WORN {
                            255
                        } else if id < skin_end {
                            // Paint is asked for once a block.
                            *painted.get_or_insert_with(|| self.painted(disguise, id, canvas.b[i]))
                        } else {
                            blank
                        };
                    }
                }
            }
        }
        out
    }

    /// Hair and glasses that lie before the disguise hide it, unless they are part of it. `bare` is the distance of what
    /// is under them.
    pub fn hair_over(&self, bare: &[f32], canvas: &Canvas, material: &mut [u8]) {
        let wig = self.sitter.disguise.as_ref().is_some_and(|d| d.wig);
        for ((m, z), bare) in material.iter_mut().zip(&canvas.z).zip(bare) {
            if z != bare {
                *m = u8::from(wig) * 255;
            }
        }
    }

    fn painted(&self, disguise: &Disguise, id: u32, b: [f32; 2]) -> u8 {
        let spot = self.spot(id, b);
        let clothed = spot.rest.y < 6.2 && cloth::over_neckline(spot.rest, &self.sitter.who) < 0.0;
        if !clothed && disguise.craft.paint(&spot, &mut BARE.clone()) > 0.5 { 255 } else { 0 }
    }

    /// The place on the skin that a sample of triangle `id` shows.
    pub fn spot(&self, id: u32, b: [f32; 2]) -> Spot {
        let anatomy = self.sitter.anatomy;
        let q = anatomy.skin.quads[id as usize / 2];
        let c = if id.is_multiple_of(2) { [q[0], q[1], q[2]] } else { [q[0], q[2], q[3]] };
        let w = [1.0 - b[0] - b[1], b[0], b[1]];
        let mean = |all: &[f32]| (0..3).map(|k| all[c[k] as usize] * w[k]).sum::<f32>();
        let rest = (0..3).fold(V3::ZERO, |s, k| s + anatomy.rest[c[k] as usize] * w[k]);
        Spot { rest, lips: mean(&anatomy.lips), mouth: mean(&anatomy.mouth) }
    }
}

/// Something for paint to cover when only its extent is asked for.
const BARE: Surface = Surface { albedo: V3::ONE, gloss: 1.0, depth: 1.0, grain: 1.0, stubble: 0.0 };
