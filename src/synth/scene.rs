//! Draws one live face: shape, paint, hair and light come together in a picture of linear light with exact depth. The
//! camera that takes it, and attacks, are elsewhere. Scene units are decimetres, picture units samples.

use super::eyes;
use super::figure::{Anatomy, Eye, Figure, Moment, Pose};
use super::hair::{self, Strands};
use super::head::HeadModel;
use super::identity::Identity;
use super::light::{Lighting, ShadowMap};
use super::math::{V3, mix, smooth, v3};
use super::noise::{floor, hash01};
use super::raster::{ribbon, triangle};
use super::skin::{self, Surface};
use super::subdivide::normals;

/// Linear light on a square grid, row by row from the top.
#[derive(Debug, Clone)]
pub struct Picture {
    pub side: usize,
    pub light: Vec<V3>,
}

impl Picture {
    /// Light at a place in samples, straight between the four nearest; outside, that of the border.
    pub fn at(&self, x: f32, y: f32) -> V3 {
        let (x, y) = (x - 0.5, y - 0.5);
        let (ix, iy) = (floor(x), floor(y));
        let last = self.side as i32 - 1;
        let texel = |dx: i32, dy: i32| {
            let (px, py) = ((ix + dx).clamp(0, last), (iy + dy).clamp(0, last));
            self.light[(py * (last + 1) + px) as usize]
        };
        let (u, v) = (x - ix as f32, y - iy as f32);
        texel(0, 0).mix(texel(1, 0), u).mix(texel(0, 1).mix(texel(1, 1), u), v)
    }
}

/// How the camera frames the face.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Samples a side.
    pub side: usize,
    /// Samples (a side) that share one shading.
    pub block: usize,
    /// Where the point between the eyes falls, as parts of the side.
    pub eyes: [f32; 2],
    /// From the eyes to the chin as a part of the side.
    pub face: f32,
    /// From the camera to the eyes in decimetres.
    pub distance: f32,
}

/// A drawn face.
#[derive(Debug, Clone)]
pub struct Shot {
    pub picture: Picture,
    /// Distance behind the nearest point of the head in decimetres; infinite where no head is.
    pub depth: Vec<f32>,
    /// Right eye, left eye, nose tip, right and left mouth corner (the person's), in samples.
    pub landmarks: [[f32; 2]; 5],
}

/// The parts of the renderer that a scene is made of.
#[derive(Debug, Clone, Copy)]
pub struct Cast<'a> {
    pub model: &'a HeadModel,
    pub anatomy: &'a Anatomy,
    pub who: &'a Identity,
    pub moment: &'a Moment,
    pub light: &'a Lighting<'a>,
}

/// A pinhole camera that looks along -z.
#[derive(Debug, Clone, Copy)]
struct Pinhole {
    at: V3,
    focal: f32,
    centre: [f32; 2],
}

impl Pinhole {
    /// Picture place, and distance from the camera.
    fn project(&self, p: V3) -> V3 {
        let z = (self.at.z - p.z).max(0.1);
        v3(self.centre[0] + self.focal * (p.x - self.at.x) / z, self.centre[1] - self.focal * (p.y - self.at.y) / z, z)
    }
}

/// Wrap of diffuse light round skin by channel: red travels farthest.
const SCATTER: V3 = v3(0.34, 0.16, 0.09);
/// Side of a key light's shadow map: this for pictures of 256 pixels, less for coarser ones.
const KEY_SHADOW: f32 = 224.0;
const FILL_SHADOW: usize = 56;

/// Everything posed and lit at its points.
struct Stage<'a> {
    cast: Cast<'a>,
    camera: Pinhole,
    points: Vec<V3>,
    normals: Vec<V3>,
    surface: Vec<Surface>,
    /// Fill light and openness at fine points.
    fill: Vec<V3>,
    open: Vec<V3>,
    eyes: [Eye; 2],
    eye_fill: [Vec<V3>; 2],
    with_hair: Vec<ShadowMap>,
    pupil: f32,
    /// Shadow map cells against those that softness is given in.
    shadow_cells: f32,
    /// 0 where samples are too coarse for pores.
    fine: f32,
    mean_light: V3,
}

/// Draws the face in `cast` as framed by `view`.
pub fn draw(cast: Cast<'_>, view: &View) -> Shot {
    let figure = Figure::new(cast.model, cast.anatomy, cast.who, cast.moment);
    let pose = Pose::new(cast.moment.pose, figure.between_eyes());
    let posed: Vec<V3> = figure.coarse.iter().map(|p| pose.point(*p)).collect();
    let points: Vec<V3> = figure.fine.iter().map(|p| pose.point(*p)).collect();
    let fine_normals: Vec<V3> = figure.normals.iter().zip(&figure.fine).map(|(n, p)| pose.direction(*n, *p)).collect();
    let eyes = figure.eyes.map(|e| Eye { centre: pose.point(e.centre), gaze: pose.direction(e.gaze, e.centre), ..e });
    let between = (eyes[0].centre + eyes[1].centre) * 0.5;
    let chin = lowest_chin(cast.anatomy, &points, between);
    // Long faces fill the frame by their length, wide ones by the distance of their eyes.
    let length = (0.7 * (between.y - chin) + 0.3 * 1.75 * (eyes[1].centre - eyes[0].centre).length()).max(0.5);
    let scale = view.face * view.side as f32 / length;
    let camera = Pinhole {
        at: between + v3(0.0, 0.0, view.distance),
        focal: scale * view.distance,
        centre: view.eyes.map(|e| e * view.side as f32),
    };
    let mut strands = hair::grow(cast.anatomy, &figure, cast.who, scale / view.block as f32 * 1.5);
    strands.points.iter_mut().for_each(|p| *p = pose.point(*p));

    let stage = Stage::new(cast, camera, &posed, points, fine_normals, eyes, &strands, scale / view.block as f32);
    let mut canvas = Canvas::new(view.side);
    canvas.fill(&stage, &posed);
    let head_depth = canvas.z.clone();
    let mut light = stage.shade(&canvas, view.block);
    stage.lashes(&mut light, &mut canvas, &posed);
    let hair_light = stage.light_hair(&strands);
    stage.draw_hair(&mut light, &mut canvas, &strands, &hair_light, scale);
    stage.glasses(&mut light, &mut canvas, &figure, &pose, scale);

    let (mut near, mut depth) = (f32::MAX, vec![f32::INFINITY; canvas.z.len()]);
    for (d, (z, hair)) in depth.iter_mut().zip(head_depth.iter().zip(&canvas.z)) {
        *d = z.min(*hair);
        near = near.min(*z);
    }
    for d in &mut depth {
        *d = (*d - near).max(0.0);
    }
    let nearest_rest = |target: V3| {
        let all = cast.anatomy.rest.iter().enumerate();
        let far = |p: &V3| (*p - target).dot(*p - target);
        all.min_by(|a, b| far(a.1).total_cmp(&far(b.1))).map_or(0, |(i, _)| i)
    };
    let place = |p: V3| {
        let q = camera.project(p);
        [q.x, q.y]
    };
    let front = |e: &Eye| place(e.centre + v3(0.0, 0.0, e.radius));
    let landmarks = [
        front(&stage.eyes[0]),
        front(&stage.eyes[1]),
        place(stage.points[nearest_rest(v3(0.0, 6.909, 1.68))]),
        place(stage.points[nearest_rest(v3(-0.27, 6.63, 1.4))]),
        place(stage.points[nearest_rest(v3(0.27, 6.63, 1.4))]),
    ];
    Shot { picture: Picture { side: view.side, light }, depth, landmarks }
}

/// Height of the chin: the lowest front point of the neutral chin's middle.
fn lowest_chin(anatomy: &Anatomy, points: &[V3], eyes: V3) -> f32 {
    let chin = |r: &V3| r.x.abs() < 0.12 && r.z > 1.1 && r.y > 6.1 && r.y < 6.4;
    let low = anatomy.rest.iter().zip(points).filter(|(r, _)| chin(r)).map(|(_, p)| p.y).fold(f32::MAX, f32::min);
    if low < eyes.y { low } else { eyes.y - 1.1 }
}

/// What each sample shows.
struct Canvas {
    side: usize,
    z: Vec<f32>,
    id: Vec<u32>,
    b: Vec<[f32; 2]>,
}

const NOTHING: u32 = u32::MAX;

impl Canvas {
    fn new(side: usize) -> Self {
        let n = side * side;
        Self { side, z: vec![f32::INFINITY; n], id: vec![NOTHING; n], b: vec![[0.0; 2]; n] }
    }

    fn fill(&mut self, stage: &Stage<'_>, coarse: &[V3]) {
        let mut id = 0;
        let place = |p: &V3| stage.camera.project(*p);
        let skin: Vec<V3> = stage.points.iter().map(place).collect();
        self.quads(&skin, stage.cast.anatomy.skin.quads.iter().copied(), &mut id);
        for eye in &stage.eyes {
            let ball = &stage.cast.anatomy.ball;
            let points: Vec<V3> = ball.iter().map(|d| place(&(eye.centre + eye_axes(eye, *d) * eye.radius))).collect();
            self.quads(&points, stage.cast.anatomy.ball_quads.iter().copied(), &mut id);
        }
        let points: Vec<V3> = coarse.iter().map(place).collect();
        self.quads(&points, stage.cast.anatomy.inner.iter().map(|q| q.0), &mut id);
    }

    fn quads(&mut self, points: &[V3], quads: impl Iterator<Item = [u32; 4]>, id: &mut u32) {
        let side = self.side;
        for q in quads {
            let p = q.map(|v| points[v as usize]);
            for (b, c) in [(1, 2), (2, 3)] {
                let now = *id;
                *id += 1;
                // Seen from behind: turned the other way round on the picture, whose y runs down.
                if (p[b].x - p[0].x) * (p[c].y - p[0].y) - (p[b].y - p[0].y) * (p[c].x - p[0].x) > 0.0 {
                    continue;
                }
                let (zs, ids, bs) = (&mut self.z, &mut self.id, &mut self.b);
                triangle(p[0], p[b], p[c], side, side, |i, b1, b2, z| {
                    if z < zs[i] {
                        zs[i] = z;
                        ids[i] = now;
                        bs[i] = [b1, b2];
                    }
                });
            }
        }
    }
}

/// A direction of the unit ball, whose pole is z, turned so that the pole looks along the gaze.
fn eye_axes(eye: &Eye, d: V3) -> V3 {
    let side = v3(0.0, 1.0, 0.0).cross(eye.gaze).unit();
    let up = eye.gaze.cross(side);
    side * d.x + up * d.y + eye.gaze * d.z
}

impl<'a> Stage<'a> {
    #[expect(clippy::too_many_arguments, reason = "the parts of one scene, each used once")]
    fn new(
        cast: Cast<'a>,
        camera: Pinhole,
        coarse: &[V3],
        points: Vec<V3>,
        fine_normals: Vec<V3>,
        eyes: [Eye; 2],
        strands: &Strands,
        pixels: f32,
    ) -> Self {
        let anatomy = cast.anatomy;
        let surface = skin::paint(anatomy, cast.who);
        let centre = camera.at - v3(0.0, 0.1, camera.at.z - eyes[0].centre.z + 0.55);
        let map = |to: V3, side: usize| {
            let mut map = ShadowMap::new(to, centre, 1.75, side);
            cast_quads(&mut map, coarse, &anatomy.casters);
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

    /// Light of all samples; those of a block that show the same part share one shading.
    fn shade(&self, canvas: &Canvas, block: usize) -> Vec<V3> {
        let side = canvas.side;
        let mut out = vec![V3::ZERO; side * side];
        let skin_end = self.cast.anatomy.skin.quads.len() as u32 * 2;
        let ball = self.cast.anatomy.ball_quads.len() as u32 * 2;
        for by in (0..side).step_by(block) {
            for bx in (0..side).step_by(block) {
                let mut known: [Option<(f32, V3)>; 2] = [None; 2];
                let mut ground = None;
                for y in by..(by + block).min(side) {
                    for x in bx..(bx + block).min(side) {
                        let i = y * side + x;
                        let id = canvas.id[i];
                        out[i] = if id == NOTHING {
                            *ground.get_or_insert_with(|| self.background(x, y, side))
                        } else if id < skin_end {
                            let z = canvas.z[i];
                            let seen = known.iter().flatten().find(|(at, _)| (at - z).abs() < 0.05);
                            if let Some((_, light)) = seen {
                                *light
                            } else {
                                let light = self.skin(id, canvas.b[i]);
                                known = [Some((z, light)), known[0]];
                                light
                            }
                        } else if id < skin_end + 2 * ball {
                            let eye = (id - skin_end) / ball;
                            self.eye(eye as usize, id - skin_end - eye * ball, canvas.b[i])
                        } else {
                            self.mouth(id - skin_end - 2 * ball)
                        };
                    }
                }
            }
        }
        out
    }

    fn background(&self, x: usize, y: usize, side: usize) -> V3 {
        let u = (x as f32 + 0.5) / side as f32 - 0.5;
        let v = 0.5 - (y as f32 + 0.5) / side as f32;
        self.cast.light.soft(v3(u * 1.1, v * 1.1 - 0.05, -1.0).unit())
    }

    fn skin(&self, id: u32, b: [f32; 2]) -> V3 {
        let q = self.cast.anatomy.skin.quads[id as usize / 2];
        let corners = if id.is_multiple_of(2) { [q[0], q[1], q[2]] } else { [q[0], q[2], q[3]] }.map(|v| v as usize);
        let w = [1.0 - b[0] - b[1], b[0], b[1]];
        let blend = |all: &[V3]| (0..3).fold(V3::ZERO, |s, k| s + all[corners[k]] * w[k]);
        let mean = |f: &dyn Fn(&Surface) -> f32| (0..3).map(|k| f(&self.surface[corners[k]]) * w[k]).sum::<f32>();
        let surface = Surface {
            albedo: (0..3).fold(V3::ZERO, |s, k| s + self.surface[corners[k]].albedo * w[k]),
            gloss: mean(&|s| s.gloss),
            depth: mean(&|s| s.depth),
            grain: mean(&|s| s.grain),
            stubble: mean(&|s| s.stubble),
        };
        let at = blend(&self.points);
        let smooth_normal = blend(&self.normals).unit();
        let rest = blend(&self.cast.anatomy.rest);
        let clothed = rest.y < 6.2 && skin::over_neckline(rest, self.cast.who) < 0.0;
        let surface = if clothed { skin::cloth(self.cast.who, rest) } else { surface };
        let (albedo, bend) = skin::grain(rest, &surface, self.cast.who, self.fine);
        let normal = (smooth_normal + bend).unit();
        let to_eye = (self.camera.at - at).unit();
        let open = blend(&self.open).x;
        let wrap = SCATTER * surface.depth;
        // Light that has been on the skin before comes back red.
        let bounce = self.mean_light * albedo * (0.55 * (1.0 - open));
        let mut light = albedo * (blend(&self.fill) + bounce);
        let off = at + smooth_normal * 0.03;
        let cells = self.shadow_cells;
        for (k, key) in self.cast.light.keys.iter().enumerate() {
            let c = normal.dot(key.to);
            let broad = smooth_normal.dot(key.to);
            if broad < -0.45 {
                continue;
            }
            let hard = self.with_hair[k].lit_soft(off, 0.03, 3, 1.6 * cells);
            let soft = if surface.depth > 0.0 { self.with_hair[k].lit_soft(off, 0.04, 3, 4.5 * cells) } else { hard };
            // Blood-red rim of shadows: red light reaches round corners.
            let lit = v3(mix(hard, soft, 0.55), mix(hard, soft, 0.3), mix(hard, soft, 0.2));
            // Red follows the broad shape, blue the pores.
            let facing = v3(mix(c, broad, 0.7), mix(c, broad, 0.35), c);
            let diffuse = facing + wrap;
            let diffuse = v3(
                diffuse.x.max(0.0) / (1.0 + wrap.x),
                diffuse.y.max(0.0) / (1.0 + wrap.y),
                diffuse.z.max(0.0) / (1.0 + wrap.z),
            );
            light += albedo * key.power * diffuse * lit;
            if surface.gloss > 0.0 && c > 0.0 {
                let shine =
                    0.65 * ggx(normal, to_eye, key.to, 0.46, 0.028) + 0.35 * ggx(normal, to_eye, key.to, 0.30, 0.028);
                light += key.power * (std::f32::consts::PI * shine * surface.gloss * hard);
            }
        }
        if surface.gloss > 0.0 {
            let facing = normal.dot(to_eye).max(0.0);
            let fresnel = 0.028 + 0.5 * (1.0 - facing).powi(5);
            light += self.cast.light.glossy(to_eye.reflect(normal)) * (fresnel * surface.gloss * open * open * 0.8);
        }
        light
    }

    fn eye(&self, which: usize, id: u32, b: [f32; 2]) -> V3 {
        let eye = &self.eyes[which];
        let q = self.cast.anatomy.ball_quads[id as usize / 2];
        let corners = if id.is_multiple_of(2) { [q[0], q[1], q[2]] } else { [q[0], q[2], q[3]] }.map(|v| v as usize);
        let w = [1.0 - b[0] - b[1], b[0], b[1]];
        let blend = |all: &[V3]| (0..3).fold(V3::ZERO, |s, k| s + all[corners[k]] * w[k]);
        let d = eye_axes(eye, blend(&self.cast.anatomy.ball).unit());
        let (albedo, normal) = eyes::look(d, eye.gaze, self.pupil, self.cast.who);
        let at = eye.centre + d * eye.radius;
        let to_eye = (self.camera.at - at).unit();
        let fill = blend(&self.eye_fill[which]);
        let open = (fill.luminance() / (self.mean_light.luminance() * 2.0).max(1e-6)).min(1.0);
        // Lids and lashes shade the ball's upper and lower edge more than the coarse shadows of the fill lights know.
        let shade = smooth(0.75, 0.15, (d.y - eye.gaze.y).abs()) * mix(0.55, 1.0, smooth(0.42, 0.1, d.y - eye.gaze.y));
        let mut light = albedo * fill * mix(0.45, 1.0, shade);
        for (k, key) in self.cast.light.keys.iter().enumerate() {
            let lit = shade * self.with_hair[k].lit_soft(at + d * 0.02, 0.03, 2, 2.0);
            light += albedo * key.power * ((d.dot(key.to) + 0.1).max(0.0) / 1.1 * lit);
        }
        let reflected = to_eye.reflect(normal);
        let fresnel = 0.05 + 0.6 * (1.0 - normal.dot(to_eye).max(0.0)).powi(5);
        // Light from below the lids' shade is what a cornea mirrors; lashes and brow take the top of it.
        let veil = smooth(0.97, 0.7, reflected.y) * mix(0.5, 1.0, open);
        light + self.cast.light.sharp(reflected).map(|a| a.min(30.0)) * (fresnel * veil)
    }

    fn mouth(&self, id: u32) -> V3 {
        let tongue = self.cast.anatomy.inner.get(id as usize / 2).is_some_and(|q| q.1);
        let albedo = if tongue { v3(0.25, 0.08, 0.07) } else { v3(0.52, 0.47, 0.38) };
        albedo * self.mean_light * 0.35
    }

    fn lashes(&self, light: &mut [V3], canvas: &mut Canvas, coarse: &[V3]) {
        let side = canvas.side;
        let strength = if self.cast.who.female { 0.85 } else { 0.6 };
        for (quad, along) in &self.cast.anatomy.lashes {
            let p = quad.map(|v| self.camera.project(coarse[v as usize]));
            for (b, c) in [(1, 2), (2, 3)] {
                triangle(p[0], p[b], p[c], side, side, |i, b1, b2, z| {
                    let t = along[0] * (1.0 - b1 - b2) + along[b] * b1 + along[c] * b2;
                    if z < canvas.z[i] + 0.02 {
                        light[i] = light[i] * (1.0 - strength * (1.0 - t) * (1.0 - 0.5 * t));
                    }
                });
            }
        }
    }

    /// Light that leaves each point of each strand.
    fn light_hair(&self, strands: &Strands) -> Vec<V3> {
        let mut out = vec![V3::ZERO; strands.points.len()];
        let skull = (self.eyes[0].centre + self.eyes[1].centre) * 0.5 - v3(0.0, -0.15, 0.75);
        for (s, colour) in strands.colours.iter().enumerate() {
            let (first, end) = (strands.starts[s] as usize, strands.starts[s + 1] as usize);
            for (i, leaving) in out.iter_mut().enumerate().take(end).skip(first) {
                let at = strands.points[i];
                let along = (strands.points[(i + 1).min(end - 1)] - strands.points[i.max(first + 1) - 1]).unit();
                let to_eye = (self.camera.at - at).unit();
                let out_of_head = (at - skull).unit();
                let outside = strands.outside[i];
                let normal = (out_of_head - along * out_of_head.dot(along)).unit();
                let mut sum = V3::ZERO;
                for key in &self.cast.light.fill {
                    sum += key.power * (normal.dot(key.to) + 0.35).max(0.0);
                }
                let mut light = *colour * sum * (0.55 * mix(0.25, 1.0, outside));
                for (k, key) in self.cast.light.keys.iter().enumerate() {
                    let deep = (self.with_hair[k].above(at) - 0.02).max(0.0);
                    let lit = (-deep * 9.0).exp();
                    let ta = along.dot(key.to);
                    let sine = (1.0 - ta * ta).max(0.0).sqrt();
                    let facing = smooth(-0.5, 0.6, normal.dot(key.to));
                    let shine = |shift: f32, power: i32| {
                        let t = (along + normal * shift).unit();
                        let h = (key.to + to_eye).unit();
                        let th = t.dot(h);
                        (1.0 - th * th).max(0.0).sqrt().powi(power)
                    };
                    // White gloss off the surface, and a broader one that has been through the hair.
                    let white = 0.035 * shine(-0.12, 90);
                    let tinted = 0.108 * colour.luminance().sqrt() * shine(0.1, 24);
                    let tint = *colour * (1.0 / colour.luminance().max(0.01));
                    let glow = (V3::splat(white) + tint * tinted) * (1.6 * strands.gloss);
                    light += (*colour * (0.75 * sine) + glow) * key.power * (lit * facing);
                }
                let rim = self.cast.light.glossy(to_eye.reflect(normal)) * (0.02 * outside);
                *leaving = light + rim;
            }
        }
        out
    }

    fn draw_hair(&self, light: &mut [V3], canvas: &mut Canvas, strands: &Strands, lit: &[V3], scale: f32) {
        let side = canvas.side;
        for s in 0..strands.colours.len() {
            let (first, end) = (strands.starts[s] as usize, strands.starts[s + 1] as usize);
            let points = (end - first).max(2) as f32 - 1.0;
            for i in first..end.saturating_sub(1) {
                let a = self.camera.project(strands.points[i]);
                let b = self.camera.project(strands.points[i + 1]);
                let t = (i - first) as f32 / points;
                // Thinner than a sample: some samples are left out instead.
                let half = strands.half[s] * scale * mix(1.0, 0.35, t * t);
                let cover = (half * 2.0).min(1.0);
                ribbon(a, b, half, side, side, |k, u, z| {
                    if z < canvas.z[k] + 0.004 && (cover >= 1.0 || hash01(k as i32, s as i32, 9, 77) < cover) {
                        canvas.z[k] = z;
                        light[k] = lit[i].mix(lit[i + 1], u);
                    }
                });
            }
        }
    }

    fn glasses(&self, light: &mut [V3], canvas: &mut Canvas, figure: &Figure, pose: &Pose, scale: f32) {
        let Some(g) = self.cast.who.glasses else { return };
        let side = canvas.side;
        let mut line = |a: V3, b: V3, half: f32| {
            let (pa, pb) = (pose.point(a), pose.point(b));
            let along = (pb - pa).unit();
            let to_eye = (self.camera.at - pa).unit();
            let normal = (to_eye - along * to_eye.dot(along)).unit();
            let mut sum = self.cast.light.open(normal) * g.colour;
            sum += self.cast.light.glossy(to_eye.reflect((normal + v3(0.0, 0.35, 0.0)).unit())) * 0.02;
            ribbon(self.camera.project(pa), self.camera.project(pb), half * scale, side, side, |k, _, z| {
                if z < canvas.z[k] {
                    canvas.z[k] = z;
                    light[k] = sum;
                }
            });
        };
        let front = figure.between_eyes().z + 0.36;
        let rim = |k: usize, angle: f32| {
            let e = figure.eyes[k].centre;
            let (s, c) = angle.sin_cos();
            let power = 2.0 / g.corner;
            let x = c.abs().powf(power) * c.signum() * g.half[0];
            let y = s.abs().powf(power) * s.signum() * g.half[1];
            v3(e.x + x, e.y - 0.03 + y, front - 0.35 * (e.x + x).powi(2))
        };
        for k in [0, 1] {
            for i in 0..40 {
                let angle = |i: i32| i as f32 / 40.0 * std::f32::consts::TAU;
                line(rim(k, angle(i)), rim(k, angle(i + 1)), g.rim);
            }
            let outward = if k == 0 { std::f32::consts::PI } else { 0.0 };
            let hinge = rim(k, outward + if k == 0 { -0.5 } else { 0.5 });
            let temple = v3(hinge.x.signum() * 0.80, hinge.y + 0.02, figure.between_eyes().z - 0.95);
            line(hinge, hinge.mix(temple, 0.5) + v3(hinge.x.signum() * 0.03, 0.0, 0.0), g.rim);
            line(hinge.mix(temple, 0.5) + v3(hinge.x.signum() * 0.03, 0.0, 0.0), temple, g.rim);
        }
        let inner = [rim(0, 0.35), rim(1, std::f32::consts::PI - 0.35)];
        let middle = inner[0].mix(inner[1], 0.5) + v3(0.0, 0.03, 0.03);
        line(inner[0], middle, g.rim);
        line(middle, inner[1], g.rim);
    }
}

/// Reflected part of light for a surface of roughness `rough` and normal reflectance `f0`, times the cosine.
fn ggx(n: V3, view: V3, light: V3, rough: f32, f0: f32) -> f32 {
    let h = (view + light).unit();
    let (nh, nl, nv) = (n.dot(h).max(0.0), n.dot(light).max(0.0), n.dot(view).max(0.05));
    let alpha2 = rough.powi(4);
    let d = nh * nh * (alpha2 - 1.0) + 1.0;
    let distribution = alpha2 / (std::f32::consts::PI * d * d);
    let k = (rough + 1.0).powi(2) / 8.0;
    let visible = 1.0 / ((nl * (1.0 - k) + k) * (nv * (1.0 - k) + k));
    let fresnel = f0 + (1.0 - f0) * (1.0 - view.dot(h).max(0.0)).powi(5);
    distribution * visible * fresnel * 0.25 * nl
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
