//! Clear masks: thin plastic drawn over the form of a face, with holes for the eyes and a slot for the mouth. The face
//! shows through; what gives it away is what it mirrors.

use crate::rng::{self, Stream};

use super::super::math::{V3, bell, smooth, v3};
use super::super::noise::noise;
use super::disguise::{Coat, Craft, Disguise};
use super::guise::{Workshop, bare_faced};
use super::wrap::{APART, Wrap, oval};
use super::{chance, pick};

#[derive(Debug)]
struct Transparent {
    wide: f32,
    top: f32,
    chin: f32,
    eyes: bool,
    mouth: bool,
    haze: f32,
    tint: V3,
    gloss: f32,
    rough: f32,
    ripples: f32,
    seed: u32,
}

/// Makes one.
pub fn make(shop: &Workshop<'_>, rng: &mut Stream) -> Disguise {
    let mask = Transparent {
        wide: pick(rng, (0.68, 0.86)),
        top: pick(rng, (0.48, 0.72)),
        chin: pick(rng, (-1.25, -1.08)),
        eyes: chance(rng, 0.7),
        mouth: chance(rng, 0.75),
        haze: pick(rng, (0.01, 0.05)),
        tint: v3(pick(rng, (0.86, 0.95)), pick(rng, (0.88, 0.95)), pick(rng, (0.88, 0.96))),
        gloss: pick(rng, (0.8, 1.2)),
        rough: pick(rng, (0.02, 0.18)),
        ripples: pick(rng, (0.05, 0.16)),
        seed: rng::index(rng, 1 << 24) as u32,
    };
    let wrap = Wrap::new(shop.model, shop.anatomy, shop.wearer);
    let form = wrap.form(2);
    let over = pick(rng, (0.04, 0.075));
    let mut shell = wrap.shell(&form, ((-0.92, 0.92), (-1.32, 0.78)), (56, 64), |_, _| over);
    shell.clear = true;
    let mut who = shop.wearer.clone();
    who.glasses = None;
    if who.beard > 0.1 {
        bare_faced(&mut who);
    }
    Disguise { damping: 0.4, meshes: vec![shell], craft: Box::new(mask), ..Disguise::bare(who) }
}

impl Craft for Transparent {
    fn edge(&self, _mesh: usize, place: V3) -> f32 {
        let (u, v) = (place.x, place.y);
        let a = u.abs();
        let middle = (self.top + self.chin) * 0.5;
        let half = (self.top - self.chin) * 0.5;
        // Egg-shaped, narrower at the chin.
        let wide = self.wide * (1.0 - 0.22 * smooth(-0.4, -1.2, v));
        let outline = (1.0 - ((a / wide).powi(3) + ((v - middle).abs() / half).powi(3)).cbrt()) * 0.75;
        let mut edge = outline;
        if self.eyes {
            let x = a - APART;
            edge = edge.min(oval(x, v - 0.005, 0.17, 0.085));
        }
        if self.mouth {
            edge = edge.min(oval(u, v + 0.66, 0.2, 0.022));
        }
        edge.min(oval(a - 0.06, v + 0.46, 0.028, 0.018))
    }

    fn coat(&self, mesh: usize, place: V3) -> Coat {
        let edge = self.edge(mesh, place);
        let mut coat = Coat::new(self.tint, self.gloss, self.rough);
        coat.through = self.haze;
        let p = v3(place.x, place.y, 0.0);
        let wave = |k: u32| noise(p * 7.0, self.seed ^ k) + 0.5 * noise(p * 17.0, self.seed ^ k);
        coat.bend = v3(wave(1), wave(2), 0.0) * self.ripples;
        // Cut edges catch light along their thickness.
        let rim = smooth(0.02, 0.006, edge);
        coat.through += 0.30 * rim;
        coat.albedo = coat.albedo * (1.0 - 0.35 * bell((edge - 0.024) / 0.008));
        coat
    }
}
