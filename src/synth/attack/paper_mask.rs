//! Paper masks: the shown face printed, folded from flat pieces to the rough form of a face, and worn.

use crate::rng::{self, Stream};

use super::super::math::{V3, smooth, v3};
use super::super::noise::{hash01, noise};
use super::disguise::{Coat, Craft, Disguise, Mesh};
use super::guise::{Workshop, bare_faced};
use super::photo::{PAPER, Photo};
use super::wrap::{APART, Form, Wrap, oval};
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
    let crumpled = |i: usize, j: usize| over + crumple * hash01(i as i32, j as i32, 5, seed);
    let mesh = fold(&wrap, &form, &us, &vs, crumpled);
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

/// Flat pieces between the folds `us` and `vs`, whose corners stand at least `over` above the form and as much higher as
/// it takes for no face to come through.
fn fold(wrap: &Wrap, form: &Form, us: &[f32], vs: &[f32], over: impl Fn(usize, usize) -> f32) -> Mesh {
    let (columns, rows) = (us.len() - 1, vs.len() - 1);
    let mut height: Vec<f32> = (0..us.len() * vs.len()).map(|k| over(k % us.len(), k / us.len())).collect();
    let build = |height: &[f32]| {
        Mesh::grid(columns, rows, |s, t| {
            let (i, j) = ((s * columns as f32).round() as usize, ((1.0 - t) * rows as f32).round() as usize);
            (wrap.point(form, us[i], vs[j], height[j * us.len() + i]), v3(us[i], vs[j], 0.0))
        })
    };
    for _ in 0..6 {
        let mesh = build(&height);
        let mut raise = vec![0.0_f32; height.len()];
        for (i, j) in (0..rows).flat_map(|j| (0..columns).map(move |i| (i, j))) {
            // The grid's rows run from the top.
            let at = |di: usize, dj: usize| mesh.points[(rows - j - dj) * (columns + 1) + i + di];
            for k in 0..64 {
                let (s, t) = (((k % 8) as f32 + 0.5) / 8.0, ((k / 8) as f32 + 0.5) / 8.0);
                // The corners of the flat half that the place is on; the fold runs from top left to bottom right.
                let corners = if s + t >= 1.0 { [(0, 1), (1, 1), (1, 0)] } else { [(0, 1), (1, 0), (0, 0)] };
                let p = corners.map(|c| at(c.0, c.1));
                let n = (p[1] - p[0]).cross(p[2] - p[0]);
                let (u, v) = (us[i] + (us[i + 1] - us[i]) * s, vs[j] + (vs[j + 1] - vs[j]) * t);
                let angle = wrap.angle(u);
                let out = v3(angle.sin(), 0.0, angle.cos());
                let skin = wrap.point(form, u, v, 0.025);
                let clear = n.dot(p[0] - skin) / n.dot(out);
                if clear.is_finite() && clear < 0.0 {
                    for c in corners {
                        let r = &mut raise[(j + c.1) * us.len() + i + c.0];
                        *r = r.max(-clear.max(-0.2));
                    }
                }
            }
        }
        height.iter_mut().zip(&raise).for_each(|(h, r)| *h += 0.9 * r);
    }
    build(&height).faceted()
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

#[cfg(test)]
mod tests {
    use super::super::super::assets;
    use super::super::super::figure::Anatomy;
    use super::super::super::head::HeadModel;
    use super::super::super::identity::Identity;
    use super::*;
    use crate::rng::Streams;

    #[test]
    fn no_face_comes_through_folded_paper() {
        let model = HeadModel::read(assets::HEAD_MODEL).unwrap();
        let anatomy = Anatomy::new(&model).unwrap();
        let (us, vs) = ([-0.95, -0.42, 0.0, 0.42, 0.95], [-1.3, -0.86, -0.5, -0.14, 0.24, 0.8]);
        for person in 0..4 {
            let wrap = Wrap::new(&model, &anatomy, &Identity::draw(&model, Streams::new(5), person));
            let mesh = fold(&wrap, &wrap.form(2), &us, &vs, |_, _| 0.05);
            let front = |i: &usize| anatomy.rest[*i].z > 0.8 && (6.35..7.7).contains(&anatomy.rest[*i].y);
            let outward = |p: V3| v3(p.x - wrap.middle.x, 0.0, p.z - wrap.middle.z + 0.72).unit();
            for skin in (0..anatomy.rest.len()).filter(front).map(|i| wrap.figure.fine[i]) {
                let out = outward(skin);
                // Where the way out from the skin meets a piece, it does so outside.
                for q in &mesh.quads {
                    let p = [0, 1, 2].map(|k| mesh.points[q[k] as usize]);
                    let (a, b, to) = (p[1] - p[0], p[2] - p[0], skin - p[0]);
                    let h = out.cross(b);
                    let f = 1.0 / a.dot(h);
                    let (x, y) = (f * to.dot(h), f * out.dot(to.cross(a)));
                    if x > 0.0 && y > 0.0 && x + y < 1.0 && p.iter().all(|p| outward(*p).dot(out) > 0.2) {
                        let clear = f * b.dot(to.cross(a));
                        assert!(clear > -0.01, "{person}: {clear} at {skin:?}");
                    }
                }
            }
        }
    }
}
