//! One moment of a sitter with its light gathered at the points of its mesh: the ground on which samples are shaded and
//! hair is drawn. Soft light from all around and the broad part of shadows are gathered here once; the sharp part of
//! key lights is left to every sample.

use super::canvas::{Pinhole, eye_axes};
use super::figure::{Eye, Figure, Pose};
use super::hair::Strands;
use super::light::{Lighting, ShadowMap};
use super::math::{V3, smooth, v3};
use super::raster::{ribbon, triangle};
use super::sitter::Sitter;
use super::subdivide::normals;
use super::worn::Worn;

/// Wrap of diffuse light round skin by channel: red travels farthest.
pub const SCATTER: V3 = v3(0.36, 0.16, 0.09);
/// Side of a key light's shadow map: this for pictures of 256 pixels, less for coarser ones.
const KEY_SHADOW: f32 = 224.0;

/// Everything posed and lit at its points.
pub struct Stage<'a> {
    pub sitter: &'a Sitter<'a>,
    pub camera: Pinhole,
    /// Coarse points, posed.
    pub coarse: Vec<V3>,
    pub points: Vec<V3>,
    pub normals: Vec<V3>,
    /// Fill light at fine points.
    pub fill: Vec<V3>,
    /// By key light and fine point: how much light passes the broad edge of shadows.
    pub soft: Vec<Vec<f32>>,
    pub eyes: [Eye; 2],
    pub eye_fill: [Vec<V3>; 2],
    /// Points of all strands, posed.
    pub hair: Vec<V3>,
    pub with_hair: Vec<ShadowMap>,
    pub pupil: f32,
    /// Shadow map cells against those that softness is given in.
    pub shadow_cells: f32,
    /// 0 where samples are too coarse for pores.
    pub fine: f32,
}

impl<'a> Stage<'a> {
    /// Gathers everything for `figure` and what is `worn` in `pose`.
    pub fn new(sitter: &'a Sitter<'a>, camera: Pinhole, figure: &Figure, pose: &Pose, worn: &Worn<'_>) -> Self {
        let anatomy = sitter.anatomy;
        let light = &sitter.light;
        let pixels = sitter.scale / sitter.view.block as f32;
        let coarse: Vec<V3> = figure.coarse.iter().map(|p| pose.point(*p)).collect();
        let points: Vec<V3> = figure.fine.iter().map(|p| pose.point(*p)).collect();
        let fine_normals: Vec<V3> =
            figure.normals.iter().zip(&figure.fine).map(|(n, p)| pose.direction(*n, *p)).collect();
        let eyes = figure.eyes.map(|e| pose.eye(e));
        let hair = sitter.strands.posed(figure, pose);
        let centre = (eyes[0].centre + eyes[1].centre) * 0.5 - v3(0.0, 0.1, 0.55);
        let key_side = (KEY_SHADOW * (pixels / 105.0).sqrt()).clamp(96.0, 320.0) as usize;
        let shadow_cells = key_side as f32 / KEY_SHADOW;
        let with_hair: Vec<ShadowMap> = light
            .keys
            .iter()
            .map(|k| {
                let mut map = ShadowMap::new(k.to, centre, 1.75, key_side);
                cast_quads(&mut map, &coarse, &anatomy.casters);
                worn.cast(&mut map);
                cast_strands(&mut map, &sitter.strands, &hair);
                map
            })
            .collect();
        let coarse_normals = normals(&coarse, &anatomy.skin.coarse);
        let lamps = Lamps::new(light, SCATTER);
        let mut fill = vec![V3::ZERO; coarse.len()];
        let mut soft = vec![vec![V3::ZERO; coarse.len()]; light.keys.len()];
        for i in anatomy.used.iter().map(|i| *i as usize) {
            let n = coarse_normals[i];
            // What looks away from the camera is not drawn.
            if n.z < -0.35 {
                continue;
            }
            fill[i] = lamps.light(n, &sitter.reach[i]);
            let off = coarse[i] + n * 0.03;
            for ((soft, key), map) in soft.iter_mut().zip(&light.keys).zip(&with_hair) {
                if n.dot(key.to) > -0.5 {
                    soft[i] = V3::splat(map.lit_soft(off, 0.04, 4.5 * shadow_cells));
                }
            }
        }
        let ball_lamps = Lamps::new(light, V3::splat(0.1));
        let eye_fill = [0, 1].map(|k| {
            let balls = anatomy.ball.iter().zip(&sitter.eye_reach[k]);
            balls.map(|(d, reach)| ball_lamps.light(eye_axes(&eyes[k], *d), reach)).collect()
        });
        let spread = |s: &Vec<V3>| anatomy.skin.spread(s).into_iter().map(|s| s.x).collect();
        Self {
            sitter,
            camera,
            normals: fine_normals,
            fill: anatomy.skin.spread(&fill),
            soft: soft.iter().map(spread).collect(),
            coarse,
            points,
            eyes,
            eye_fill,
            hair,
            with_hair,
            pupil: 0.19,
            shadow_cells,
            fine: smooth(45.0, 95.0, pixels),
        }
    }
}

/// The fill lights, laid out so that all are added up at once, for one wrap of diffuse light.
struct Lamps {
    to: [[f32; Lighting::FILLS]; 3],
    power: [[f32; Lighting::FILLS]; 3],
    wrap: [f32; 3],
}

impl Lamps {
    fn new(light: &Lighting<'_>, wrap: V3) -> Self {
        let mut out = Self {
            to: [[0.0; Lighting::FILLS]; 3],
            power: [[0.0; Lighting::FILLS]; 3],
            wrap: [wrap.x, wrap.y, wrap.z],
        };
        for (i, k) in light.fill.iter().enumerate() {
            (out.to[0][i], out.to[1][i], out.to[2][i]) = (k.to.x, k.to.y, k.to.z);
            let p = k.power;
            out.power[0][i] = p.x / (1.0 + wrap.x);
            out.power[1][i] = p.y / (1.0 + wrap.y);
            out.power[2][i] = p.z / (1.0 + wrap.z);
        }
        out
    }

    /// Light at a place that faces `n` and that `reach` of each lamp's light comes to.
    fn light(&self, n: V3, reach: &[f32; Lighting::FILLS]) -> V3 {
        const LANES: usize = 8;
        let mut sum = [[0.0_f32; LANES]; 3];
        for at in (0..Lighting::FILLS).step_by(LANES) {
            let mut facing = [0.0_f32; LANES];
            for (l, f) in facing.iter_mut().enumerate() {
                let i = at + l;
                *f = n.x * self.to[0][i] + n.y * self.to[1][i] + n.z * self.to[2][i];
            }
            for ((lanes, wrap), power) in sum.iter_mut().zip(self.wrap).zip(&self.power) {
                for (l, s) in lanes.iter_mut().enumerate() {
                    *s += (facing[l] + wrap).max(0.0) * power[at + l] * reach[at + l];
                }
            }
        }
        let total = sum.map(|lanes| lanes.iter().sum::<f32>());
        v3(total[0], total[1], total[2])
    }
}

/// Puts the sides of `quads` that face the light on its map.
pub fn cast_quads(map: &mut ShadowMap, points: &[V3], quads: &[[u32; 4]]) {
    let side = map.side();
    let placed: Vec<V3> = points.iter().map(|p| map.place(*p)).collect();
    let cells = map.cells();
    for q in quads {
        let p = q.map(|v| placed[v as usize]);
        for (b, c) in [(1, 2), (2, 3)] {
            // The side that faces the light is the nearer one of a closed skin.
            if (p[b].x - p[0].x) * (p[c].y - p[0].y) - (p[b].y - p[0].y) * (p[c].x - p[0].x) < 0.0 {
                continue;
            }
            triangle(p[0], p[b], p[c], side, side, |i, _, _, z| cells[i] = cells[i].max(z));
        }
    }
}

fn cast_strands(map: &mut ShadowMap, strands: &Strands, points: &[V3]) {
    let side = map.side();
    let placed: Vec<V3> = points.iter().map(|p| map.place(*p)).collect();
    let cells = map.cells();
    for span in strands.starts.windows(2) {
        for i in span[0] as usize + 1..span[1] as usize {
            ribbon(placed[i - 1], placed[i], 0.5, side, side, |k, _, z| cells[k] = cells[k].max(z));
        }
    }
}
