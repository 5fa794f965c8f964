//! Draws one live face: shape, paint, hair and light come together in a picture of linear light with exact depth. The
//! camera that takes it, and attacks, are elsewhere. Scene units are decimetres, picture units samples.

use super::attack::disguise::Disguise;
use super::canvas::{Canvas, Pinhole};
use super::figure::{Anatomy, Eye, Figure, Moment, Pose};
use super::hair;
use super::head::HeadModel;
use super::identity::Identity;
use super::light::Lighting;
use super::math::{V3, v3};
use super::noise::floor;
use super::stage::Stage;
use super::worn::Worn;

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
    /// By sample, 255 where a disguise is seen; empty without one.
    pub material: Vec<u8>,
}

/// The parts of the renderer that a scene is made of.
#[derive(Debug, Clone, Copy)]
pub struct Cast<'a> {
    pub model: &'a HeadModel,
    pub anatomy: &'a Anatomy,
    pub who: &'a Identity,
    pub moment: &'a Moment,
    pub light: &'a Lighting<'a>,
    /// What the attacker wears; `who` is then its head.
    pub disguise: Option<&'a Disguise>,
}

/// Draws the face in `cast` as framed by `view`.
pub fn draw(cast: Cast<'_>, view: &View) -> Shot {
    let offsets = cast.disguise.map_or(&[][..], |d| &d.offsets);
    let mut figure = Figure::new(cast.model, cast.anatomy, cast.who, cast.moment, offsets);
    if let Some(disguise) = cast.disguise {
        figure.eyes.iter_mut().for_each(|e| e.centre = disguise.set_back(e.centre));
    }
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

    let worn = Worn::new(cast.disguise, &pose, cast.light);
    let stage =
        Stage::new(cast, camera, &posed, points, fine_normals, eyes, (&strands, &worn), scale / view.block as f32);
    let mut canvas = Canvas::new(view.side);
    canvas.fill(&camera, cast.anatomy, &stage.points, &stage.eyes, &posed);
    let head_depth = canvas.z.clone();
    stage.place_worn(&mut canvas, &worn);
    let mut material = stage.material(&canvas, view.block);
    let mut light = stage.shade(&canvas, view.block);
    stage.shade_worn(&mut light, &canvas, &worn, view.block);
    stage.lashes(&mut light, &mut canvas, &posed);
    let hair_light = stage.light_hair(&strands);
    stage.draw_hair(&mut light, &mut canvas, &strands, &hair_light, scale);
    stage.glasses(&mut light, &mut canvas, &figure, &pose, scale);
    stage.lay_clear(&mut light, &canvas, &worn, &mut material);

    // Depth is that of the head itself: single hairs and glasses are no shape a network should learn.
    let mut depth = head_depth;
    let near = depth.iter().copied().fold(f32::MAX, f32::min);
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
    Shot { picture: Picture { side: view.side, light }, depth, landmarks, material }
}

/// Height of the chin: the lowest front point of the neutral chin's middle.
fn lowest_chin(anatomy: &Anatomy, points: &[V3], eyes: V3) -> f32 {
    let chin = |r: &V3| r.x.abs() < 0.12 && r.z > 1.1 && r.y > 6.1 && r.y < 6.4;
    let low = anatomy.rest.iter().zip(points).filter(|(r, _)| chin(r)).map(|(_, p)| p.y).fold(f32::MAX, f32::min);
    if low < eyes.y { low } else { eyes.y - 1.1 }
}
