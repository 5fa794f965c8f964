//! Glasses cut from paper, with the shown person's eyes printed where the lenses would be.

use crate::rng::{self, Stream};

use super::super::math::{V3, smooth, v3};
use super::super::noise::noise;
use super::disguise::{Coat, Craft, Disguise, Mesh};
use super::guise::Workshop;
use super::photo::{PAPER, Photo};
use super::pick;
use super::wrap::{APART, Wrap};

#[derive(Debug)]
struct PaperGlasses {
    photo: Photo,
    half: [f32; 2],
    /// 2 round to 6 square.
    corner: f32,
    rim: f32,
    frame: V3,
    zoom: f32,
    seed: u32,
}

/// Makes them.
pub fn make(shop: &Workshop<'_>, rng: &mut Stream) -> Disguise {
    let photo = Photo::new(shop, rng);
    let half = [pick(rng, (0.25, 0.31)), pick(rng, (0.17, 0.25))];
    let frames = [PAPER, PAPER, v3(0.03, 0.03, 0.035), v3(0.45, 0.05, 0.05), v3(0.06, 0.12, 0.40)];
    let glasses = PaperGlasses {
        photo,
        half,
        corner: pick(rng, (2.0, 5.5)),
        rim: pick(rng, (0.022, 0.055)),
        frame: frames[rng::index(rng, frames.len())],
        zoom: pick(rng, (0.82, 1.02)),
        seed: rng::index(rng, 1 << 24) as u32,
    };
    let wrap = Wrap::new(shop.model, shop.anatomy, shop.wearer);
    let bend = pick(rng, (0.10, 0.38));
    let front = wrap.sheet((0.0, pick(rng, (-0.01, 0.03))), [0.66, half[1] + 0.03], pick(rng, (-0.04, 0.04)), bend);
    let mut meshes = vec![front.clone()];
    for side in [-1.0_f32, 1.0] {
        // From the side of the sheet back to the ear.
        let hinge = front.points.iter().fold(wrap.middle, |a, p| if p.x * side > a.x * side { *p } else { a });
        let ear = v3(side * 0.86, wrap.middle.y + 0.02, wrap.middle.z - 1.15);
        let high = wrap.height(0.08);
        meshes.push(Mesh::grid(8, 1, |i, j| {
            let mut p = v3(hinge.x, high, hinge.z).mix(ear, i);
            p.x += side * 0.06 * (1.0 - (2.0 * i - 1.0).powi(2));
            p.y += (j - 0.5) * 0.11;
            (p, v3(i, j, 0.0))
        }));
    }
    let mut who = shop.wearer.clone();
    who.glasses = None;
    Disguise { meshes, craft: Box::new(glasses), ..Disguise::bare(who) }
}

impl PaperGlasses {
    /// Distance inside the outline of a lens.
    fn lens(&self, place: V3) -> f32 {
        let (x, y) = ((place.x.abs() - APART) / self.half[0], place.y / self.half[1]);
        (1.0 - (x.abs().powf(self.corner) + y.abs().powf(self.corner)).powf(1.0 / self.corner)) * self.half[1]
    }
}

impl Craft for PaperGlasses {
    fn edge(&self, mesh: usize, place: V3) -> f32 {
        if mesh > 0 {
            return 1.0;
        }
        let bridge = (0.045 - (place.y - 0.06).abs()).min(APART - place.x.abs());
        let hinge = (0.05 - (place.y - 0.08).abs()).min(place.x.abs() - APART);
        self.lens(place).max(bridge).max(hinge)
    }

    fn coat(&self, mesh: usize, place: V3) -> Coat {
        let p = v3(place.x, place.y, mesh as f32);
        let mut albedo = self.frame;
        if mesh == 0 {
            let side = if place.x < 0.0 { -1.0 } else { 1.0 };
            let inside = smooth(self.rim - 0.004, self.rim + 0.004, self.lens(place));
            let (u, v) = (side * APART + (place.x - side * APART) * self.zoom, place.y * self.zoom);
            albedo = albedo.mix(self.photo.at(u, v), inside);
            albedo = albedo.mix(PAPER, smooth(0.009, 0.004, self.edge(mesh, place)));
        }
        let fibre = 1.0 + 0.06 * noise(p * 60.0, self.seed);
        let wave = |k: u32| noise(p * 5.0, self.seed ^ k);
        Coat { through: 0.08, bend: v3(wave(1), wave(2), 0.0) * 0.10, ..Coat::new(albedo * fibre, 0.25, 0.6) }
    }
}
