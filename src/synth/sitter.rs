//! A person who sits for one clip: everything that all frames of the clip share. The shape without expression, the
//! painted surface, the hair as it grows, what of the soft light each place sees, the backdrop. Drawing a moment of it
//! is in [`super::scene`].

use std::sync::Arc;

use super::attack::disguise::Disguise;
use super::backdrop::Wall;
use super::canvas::{Pinhole, eye_axes};
use super::cloth;
use super::figure::{Anatomy, Figure, Moment, Pose};
use super::hair::{self, Strands};
use super::head::HeadModel;
use super::identity::Identity;
use super::light::{Lighting, ShadowMap};
use super::math::{V3, v3};
use super::noise::floor;
use super::scene::{Cast, View};
use super::skin::{self, Surface};
use super::stage::cast_quads;
use super::subdivide::normals;
use super::worn::Worn;

/// Cells a side of a fill light's shadow map.
const FILL_SHADOW: usize = 48;
/// Directions a side of the table of hair's soft light.
const HAIR_TABLE: usize = 32;

/// One person, clothed and lit, before one camera.
#[derive(Debug)]
pub struct Sitter<'a> {
    pub model: &'a HeadModel,
    pub anatomy: &'a Anatomy,
    pub who: Identity,
    pub light: Lighting<'a>,
    pub wall: Wall,
    pub view: View,
    /// What the person wears over the face.
    pub disguise: Option<Arc<Disguise>>,
    /// Coarse points of the shape without expression.
    pub neutral: Vec<V3>,
    /// How far clothes lift fine points.
    pub drape: Vec<(u32, V3)>,
    /// The eyes' middle without expression or turn: what the head's pivot is reckoned from.
    pub between: V3,
    pub surface: Vec<Surface>,
    /// As they grow on the unturned head.
    pub strands: Strands,
    /// Samples a decimetre at the eyes.
    pub scale: f32,
    /// The camera when it is held still.
    pub camera: Pinhole,
    /// What part of each fill light reaches each coarse point.
    pub reach: Vec<[f32; Lighting::FILLS]>,
    /// Openness at fine points.
    pub open: Vec<f32>,
    pub eye_reach: [Vec<[f32; Lighting::FILLS]>; 2],
    pub mean_light: V3,
    hair_light: Vec<V3>,
}

impl<'a> Sitter<'a> {
    /// Seats the person of `cast`, who begins the clip as its moment says, before the camera of `view`.
    pub fn new(cast: &Cast<'a, '_>, view: &View) -> Self {
        let (model, anatomy, who) = (cast.model, cast.anatomy, cast.who);
        let mut neutral = who.shape(model);
        if let Some(disguise) = &cast.disguise {
            neutral.iter_mut().zip(&disguise.offsets).for_each(|(p, d)| *p += *d);
        }
        let shape = |moment: &Moment| {
            let mut figure = Figure::new(model, anatomy, &neutral, moment, &[]);
            if let Some(disguise) = &cast.disguise {
                figure.eyes.iter_mut().for_each(|e| e.centre = disguise.set_back(e.centre));
            }
            figure
        };
        let (calm, figure) = (shape(&Moment::default()), shape(cast.moment));
        let between = calm.between_eyes();
        let pose = Pose::new(cast.moment.pose, between);
        let coarse: Vec<V3> = figure.coarse.iter().map(|p| pose.point(*p)).collect();
        let eyes = figure.eyes.map(|e| pose.eye(e));

        let middle = (eyes[0].centre + eyes[1].centre) * 0.5;
        let chin = pose.point(figure.fine[anatomy.chin as usize]).y;
        // Long faces fill the frame by their length, wide ones by the distance of their eyes.
        let length = (0.7 * (middle.y - chin) + 0.3 * 1.75 * (eyes[1].centre - eyes[0].centre).length()).max(0.5);
        let scale = view.face * view.side as f32 / length;
        let camera = Pinhole {
            at: middle + v3(0.0, 0.0, view.distance),
            focal: scale * view.distance,
            centre: view.eyes.map(|e| e * view.side as f32),
            roll: (0.0, 1.0),
        };

        let light = cast.light.clone();
        let centre = v3(0.0, middle.y - 0.1, middle.z - 0.55);
        let worn = Worn::new(cast.disguise.as_deref(), &pose, &light);
        let maps: Vec<ShadowMap> = light
            .fill
            .iter()
            .map(|k| {
                let mut map = ShadowMap::new(k.to, centre, 1.75, FILL_SHADOW);
                cast_quads(&mut map, &coarse, &anatomy.casters);
                worn.cast(&mut map);
                map
            })
            .collect();
        let reach_at = |p: V3, n: V3| {
            let place = p + n * 0.025;
            let mut out = [0.0; Lighting::FILLS];
            for ((o, k), m) in out.iter_mut().zip(&light.fill).zip(&maps) {
                if n.dot(k.to) > -0.4 {
                    *o = m.lit(place, 0.03);
                }
            }
            out
        };
        let coarse_normals = normals(&coarse, &anatomy.skin.coarse);
        let mut reach = vec![[0.0; Lighting::FILLS]; coarse.len()];
        let mut open = vec![V3::ZERO; coarse.len()];
        for i in anatomy.used.iter().map(|i| *i as usize) {
            let n = coarse_normals[i];
            // What looks far away from the camera is never drawn.
            if n.z < -0.6 {
                continue;
            }
            reach[i] = reach_at(coarse[i], n);
            let (mut sum, mut all) = (0.0, 0.0);
            for (k, r) in light.fill.iter().zip(&reach[i]) {
                let c = n.dot(k.to).max(0.0);
                sum += r * c;
                all += c;
            }
            open[i] = V3::splat(sum / all.max(1e-6));
        }
        let eye_reach = [0, 1].map(|k| {
            let eye = &eyes[k];
            let at = |d: &V3| {
                let n = eye_axes(eye, *d);
                if n.z < -0.2 { [0.0; Lighting::FILLS] } else { reach_at(eye.centre + n * eye.radius, n) }
            };
            anatomy.ball.iter().map(at).collect()
        });
        let mean_light = light.fill.iter().fold(V3::ZERO, |s, k| s + k.power) * 0.25;
        let pixels = scale / view.block as f32;
        Self {
            surface: skin::paint(anatomy, who),
            strands: hair::grow(anatomy, &calm, who, pixels * 1.5),
            wall: Wall::new(&cast.backdrop, &light, view.side / view.block),
            drape: cloth::drape(anatomy, &calm, who),
            hair_light: hair_table(&light),
            open: anatomy.skin.spread(&open).into_iter().map(|o| o.x).collect(),
            who: who.clone(),
            view: *view,
            disguise: cast.disguise.clone(),
            model,
            anatomy,
            light,
            neutral,
            between,
            scale,
            camera,
            reach,
            eye_reach,
            mean_light,
        }
    }

    /// Soft light on hair that faces `n`.
    pub fn hair_light(&self, n: V3) -> V3 {
        let scale = 1.0 / (n.x.abs() + n.y.abs() + n.z.abs()).max(1e-6);
        let (x, y) = (n.x * scale, n.y * scale);
        // The octahedron's back is folded out over its corners.
        let (x, y) = if n.z >= 0.0 {
            (x, y)
        } else {
            ((1.0 - y.abs()) * if x < 0.0 { -1.0 } else { 1.0 }, (1.0 - x.abs()) * if y < 0.0 { -1.0 } else { 1.0 })
        };
        let cell = |a: f32| (floor((a * 0.5 + 0.5) * HAIR_TABLE as f32).max(0) as usize).min(HAIR_TABLE - 1);
        self.hair_light[cell(y) * HAIR_TABLE + cell(x)]
    }
}

/// [`Sitter::hair_light`] by octahedral direction.
fn hair_table(light: &Lighting<'_>) -> Vec<V3> {
    let place = |i: usize| (i as f32 + 0.5) * 2.0 / HAIR_TABLE as f32 - 1.0;
    (0..HAIR_TABLE * HAIR_TABLE)
        .map(|i| {
            let (x, y) = (place(i % HAIR_TABLE), place(i / HAIR_TABLE));
            let z = 1.0 - x.abs() - y.abs();
            let back = (-z).max(0.0);
            let n = v3(x - back.copysign(x), y - back.copysign(y), z).unit();
            light.fill.iter().fold(V3::ZERO, |s, k| s + k.power * (n.dot(k.to) + 0.35).max(0.0))
        })
        .collect()
}
