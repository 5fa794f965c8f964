//! Paper masks: the shown face printed, folded from flat pieces to the rough form of a face, and worn.

use crate::rng::{self, Stream};

use super::super::math::{V3, smooth, v3};
use super::super::noise::{hash01, noise};
use super::disguise::{Coat, Craft, Disguise, Mesh};
use super::guise::{Workshop, bare_faced};
use super::photo::{PAPER, Photo};
use super::wrap::{APART, Wrap, oval};
use super::{chance, pick};

#[derive(Debug)]
struct PaperMask {
    photo: Photo,
    /// Lines of the folds across and up.
    us: Vec<f32>,
    vs: Vec<f32>,
    wide: f32,
    top: f32,
    holes: Option<[f32; 2]>,
    border: f32,
    /// How far ink has come off the folds.
    wear: f32,
    gloss: f32,
    seed: u32,
}

/// Where sheets are folded: along the features.
const ACROSS: [f32; 9] = [-0.95, -0.66, -0.42, -0.17, 0.0, 0.17, 0.42, 0.66, 0.95];
const UP: [f32; 11] = [-1.30, -1.08, -0.86, -0.66, -0.50, -0.36, -0.14, 0.06, 0.24, 0.46, 0.80];

/// Makes one.
pub fn make(shop: &Workshop<'_>, rng: &mut Stream) -> Disguise {
    let photo = Photo::new(shop, rng);
    let seed = rng::index(rng, 1 << 24) as u32;
    let near = |k: usize, along: i32| 0.05 * (hash01(k as i32, along, 0, seed) - 0.5);
    // Simple masks have few folds.
    let coarse = chance(rng, 0.4);
    let keep = |k: usize, n: usize| !coarse || k.is_multiple_of(2) || k + 1 == n;
    let us: Vec<f32> =
        (0..9).filter(|k| keep(*k, 9)).map(|k| ACROSS[k] + if k == 4 { 0.0 } else { near(k, 1) }).collect();
    let vs: Vec<f32> = (0..11).filter(|k| keep(*k, 11)).map(|k| UP[k] + near(k, 2)).collect();
    let wrap = Wrap::new(shop.model, shop.anatomy, shop.wearer);
    let form = wrap.form(2);
    let over = pick(rng, (0.05, 0.09));
    let crumple = pick(rng, (0.01, 0.035));
    let mut mesh = Mesh::grid(us.len() - 1, vs.len() - 1, |s, t| {
        let (i, j) =
            ((s * (us.len() - 1) as f32).round() as usize, ((1.0 - t) * (vs.len() - 1) as f32).round() as usize);
        let (u, v) = (us[i], vs[j]);
        // A fold spans from ridge to ridge, so it stands off the hollows between.
        let reach = [(-0.07, 0.0), (0.07, 0.0), (0.0, -0.06), (0.0, 0.06), (0.0, 0.0)];
        let radius = |p: V3| (p.x - wrap.middle.x).hypot(p.z - wrap.middle.z + 0.72);
        let here = wrap.point(&form, u, v, over);
        let most = reach.iter().map(|d| radius(wrap.point(&form, u + d.0, v + d.1, over))).fold(0.0, f32::max);
        let more = (most - radius(here)).max(0.0) * 0.8 + crumple * hash01(i as i32, j as i32, 5, seed);
        (wrap.point(&form, u, v, over + more), v3(u, v, 0.0))
    });
    mesh = mesh.faceted();
    let mask = PaperMask {
        photo,
        us,
        vs,
        wide: pick(rng, (0.68, 0.80)),
        top: pick(rng, (0.42, 0.70)),
        holes: chance(rng, 0.45).then(|| [pick(rng, (0.10, 0.15)), pick(rng, (0.055, 0.085))]),
        border: pick(rng, (0.0, 0.035)),
        wear: pick(rng, (0.0, 0.5)),
        gloss: pick(rng, (0.0, 0.5)),
        seed,
    };
    let mut who = shop.wearer.clone();
    who.glasses = None;
    bare_faced(&mut who);
    Disguise { damping: 0.1, meshes: vec![mesh], craft: Box::new(mask), ..Disguise::bare(who) }
}

impl Craft for PaperMask {
    fn edge(&self, _mesh: usize, place: V3) -> f32 {
        let (u, v) = (place.x, place.y);
        let (top, chin) = (self.top, -1.16);
        let (middle, half) = ((top + chin) * 0.5, (top - chin) * 0.5);
        let wide = self.wide * (1.0 - 0.28 * smooth(-0.35, -1.15, v));
        let rough = 0.012 * noise(v3(u * 9.0, v * 9.0, 0.0), self.seed);
        let mut edge =
            (1.0 - ((u.abs() / wide).powi(4) + ((v - middle).abs() / half).powi(4)).powf(0.25)) * 0.7 + rough;
        if let Some(hole) = self.holes {
            let x = u.abs() - APART;
            edge = edge.min(oval(x, v, hole[0], hole[1]) + 0.5 * rough);
        }
        edge
    }

    fn coat(&self, mesh: usize, place: V3) -> Coat {
        let (u, v) = (place.x, place.y);
        let edge = self.edge(mesh, place);
        // The print was laid out flat: the sides of the face are drawn out.
        let mut albedo = self.photo.at(0.84 * (u / 0.84).sin(), v);
        if edge < self.border {
            albedo = PAPER;
        }
        // Ink breaks along folds, and the bare edge of the paper is white.
        let near = |all: &[f32], x: f32| all.iter().map(|f| (f - x).abs()).fold(1.0, f32::min);
        let fold = near(&self.us, u).min(near(&self.vs, v));
        let broken = smooth(0.007, 0.002, fold) * smooth(0.05, 0.35, noise(v3(u * 23.0, v * 23.0, 2.0), self.seed));
        albedo = albedo.mix(PAPER, self.wear * broken);
        albedo = albedo * (1.0 - 0.10 * smooth(0.014, 0.0, fold));
        albedo = albedo.mix(PAPER * 0.95, smooth(0.012, 0.006, edge));
        let fibre = 1.0 + 0.06 * noise(v3(u * 60.0, v * 60.0, 1.0), self.seed);
        Coat { through: 0.10, ..Coat::new(albedo * fibre, self.gloss, 0.6) }
    }
}
