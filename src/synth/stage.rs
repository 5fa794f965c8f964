//! A face with its paint and light gathered at the points of its mesh: the ground on which samples are shaded and hair
//! is drawn. Soft light from all around is gathered here once; key lights are left to every sample.

use super::canvas::{Pinhole, eye_axes};
use super::figure::Eye;
use super::hair::Strands;
use super::light::ShadowMap;
use super::math::{V3, smooth, v3};
use super::raster::{ribbon, triangle};
use super::scene::Cast;
use super::skin::{self, Surface};
use super::subdivide::normals;
use super::worn::Worn;

/// Wrap of diffuse light round skin by channel: red travels farthest.
pub const SCATTER: V3 = v3(0.34, 0.16, 0.09);
/// Side of a key light's shadow map: this for pictures of 256 pixels, less for coarser ones.
const KEY_SHADOW: f32 = 224.0;
const FILL_SHADOW: usize = 56;

/// Everything posed and lit at its points.
pub struct Stage<'a> {
    pub cast: Cast<'a>,
    pub camera: Pinhole,
    pub points: Vec<V3>,
    pub normals: Vec<V3>,
    pub surface: Vec<Surface>,
    /// Fill light and openness at fine points.
    pub fill: Vec<V3>,
    pub open: Vec<V3>,
    pub eyes: [Eye; 2],
    pub eye_fill: [Vec<V3>; 2],
    pub with_hair: Vec<ShadowMap>,
    pub pupil: f32,
    /// Shadow map cells against those that softness is given in.
    pub shadow_cells: f32,
    /// 0 where samples are too coarse for pores.
    pub fine: f32,
    pub mean_light: V3,
}

impl<'a> Stage<'a> {
    #[expect(clippy::too_many_arguments, reason = "the parts of one scene, each used once")]
    /// Gathers everything. `coarse`, `points`, `fine_normals` and the rest are posed; `pixels` is pixels a decimetre.
    pub fn new(
        cast: Cast<'a>,
        camera: Pinhole,
        coarse: &[V3],
        points: Vec<V3>,
        fine_normals: Vec<V3>,
        eyes: [Eye; 2],
        (strands, worn): (&Strands, &Worn<'_>),
        pixels: f32,
    ) -> Self {
        let anatomy = cast.anatomy;
        let surface = skin::paint(anatomy, cast.who);
        let centre = camera.at - v3(0.0, 0.1, camera.at.z - eyes[0].centre.z + 0.55);
        let map = |to: V3, side: usize| {
            let mut map = ShadowMap::new(to, centre, 1.75, side);
            cast_quads(&mut map, coarse, &anatomy.casters);
            worn.cast(&mut map);
            map
        };
        let key_side = (KEY_SHADOW * (pixels / 105.0).sqrt()).clamp(96.0, 320.0) as usize;
        let with_hair = cast.light.keys.iter().map(|k| with_strands(map(k.to, key_side), strands)).collect();
        let fill_maps: Vec<ShadowMap> = cast.light.fill.iter().map(|k| map(k.to, FILL_SHADOW)).collect();
        let mean_light = cast.light.fill.iter().fold(V3::ZERO, |s, k| s + k.power) * 0.25;
        let gather = |p: V3, n: V3, wrap: V3| {
            let place = p + n * 0.025;
            let (mut sum, mut open, mut all) = (V3::ZERO, 0.0, 0.0);
            for (k, m) in cast.light.fill.iter().zip(&fill_maps) {
                let c = n.dot(k.to);
                let w = (V3::splat(c) + wrap).map(|a| a.max(0.0));
                if w.x <= 0.0 {
                    continue;
                }
                let lit = m.lit(place, 0.03);
                let w = v3(w.x / (1.0 + wrap.x), w.y / (1.0 + wrap.y), w.z / (1.0 + wrap.z));
                sum += k.power * w * lit;
                open += lit * c.max(0.0);
                all += c.max(0.0);
            }
            (sum, open / all.max(1e-6))
        };
        let coarse_normals = normals(coarse, &anatomy.skin.coarse);
        let (mut fill, mut open) = (vec![V3::ZERO; coarse.len()], vec![V3::ZERO; coarse.len()]);
        let mut used = vec![false; coarse.len()];
        anatomy.skin.coarse.iter().flatten().for_each(|v| used[*v as usize] = true);
        for i in (0..coarse.len()).filter(|i| used[*i]) {
            // What looks away from the camera is not drawn.
            if coarse_normals[i].z > -0.35 {
                let (light, free) = gather(coarse[i], coarse_normals[i], SCATTER);
                (fill[i], open[i]) = (light, V3::splat(free));
            }
        }
        let eye_fill = [0, 1].map(|k| {
            let eye = &eyes[k];
            let gathered = anatomy.ball.iter().map(|d| {
                let n = eye_axes(eye, *d);
                if n.z < -0.1 { V3::ZERO } else { gather(eye.centre + n * eye.radius, n, V3::splat(0.1)).0 }
            });
            gathered.collect()
        });
        Self {
            cast,
            camera,
            normals: fine_normals,
            surface,
            fill: anatomy.skin.spread(&fill),
            open: anatomy.skin.spread(&open),
            points,
            eyes,
            eye_fill,
            with_hair,
            pupil: 0.19,
            shadow_cells: key_side as f32 / KEY_SHADOW,
            fine: smooth(35.0, 90.0, pixels),
            mean_light,
        }
    }
}

fn cast_quads(map: &mut ShadowMap, points: &[V3], quads: &[[u32; 4]]) {
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

fn with_strands(mut map: ShadowMap, strands: &Strands) -> ShadowMap {
    let side = map.side();
    let placed: Vec<V3> = strands.points.iter().map(|p| map.place(*p)).collect();
    let cells = map.cells();
    for s in 0..strands.colours.len() {
        let (first, end) = (strands.starts[s] as usize, strands.starts[s + 1] as usize);
        for i in first..end.saturating_sub(1) {
            ribbon(placed[i], placed[i + 1], 0.5, side, side, |k, _, z| cells[k] = cells[k].max(z));
        }
    }
    map
}
