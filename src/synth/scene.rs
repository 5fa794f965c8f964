//! Draws one live face: shape, paint, hair and light come together in a picture of linear light with exact depth. The
//! camera that takes it, and attacks, are elsewhere. Scene units are decimetres, picture units samples.

use std::sync::Arc;

use super::attack::disguise::Disguise;
use super::backdrop::Backdrop;
use super::canvas::{Canvas, Pinhole};
use super::figure::{Anatomy, Eye, Figure, Moment, Pose};
use super::head::HeadModel;
use super::identity::Identity;
use super::light::Lighting;
use super::math::{V3, v3};
use super::noise::floor;
use super::sitter::Sitter;
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

/// How far a camera held by hand is off its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shake {
    /// To the right and down, as parts of the picture's side.
    pub shift: [f32; 2],
    /// Magnification.
    pub zoom: f32,
    /// Turn about the camera's axis in radians.
    pub roll: f32,
}

impl Shake {
    /// A camera that stands fixed.
    pub const NONE: Self = Self { shift: [0.0; 2], zoom: 1.0, roll: 0.0 };
}

/// A drawn face.
#[derive(Debug, Clone)]
pub struct Shot {
    pub picture: Picture,
    /// By sample: distance behind the nearest point of the face in decimetres; infinite where no one is.
    pub depth: Vec<f32>,
    /// By block of samples that share one shading: the surface's normal towards the picture's right, up and the camera;
    /// zero where no skin, cloth or eye is in the block's middle.
    pub normals: Vec<V3>,
    /// By block: the surface's linear albedo; zero likewise.
    pub albedo: Vec<V3>,
    /// Right eye, left eye, nose tip, right and left mouth corner (the person's), in samples.
    pub landmarks: [[f32; 2]; 5],
    /// By sample, 255 where a disguise is seen; empty without one.
    pub material: Vec<u8>,
    /// The face as a detector would box it, brows to chin and cheek to cheek, without hair and ears: left, top, width
    /// and height in samples.
    pub face_box: [f32; 4],
}

/// What a scene is made of. Assets outlive it.
#[derive(Debug, Clone)]
pub struct Cast<'a, 'b> {
    pub model: &'a HeadModel,
    pub anatomy: &'a Anatomy,
    pub who: &'b Identity,
    /// What the person does when the clip begins; the picture is framed by it.
    pub moment: &'b Moment,
    pub light: &'b Lighting<'a>,
    pub backdrop: Backdrop,
    /// What the attacker wears; `who` is then its head.
    pub disguise: Option<Arc<Disguise>>,
}

/// Draws the face in `cast` as framed by `view`. Clips do better to keep their [`Sitter`].
pub fn draw(cast: &Cast<'_, '_>, view: &View) -> Shot {
    Sitter::new(cast, view).draw(cast.moment, &Shake::NONE)
}

impl Sitter<'_> {
    /// Draws this person at `moment` with a camera off its place by `shake`.
    pub fn draw(&self, moment: &Moment, shake: &Shake) -> Shot {
        let (anatomy, side) = (self.anatomy, self.view.side);
        let mut figure = Figure::new(self.model, anatomy, &self.neutral, moment, &self.drape);
        if let Some(disguise) = &self.disguise {
            figure.eyes.iter_mut().for_each(|e| e.centre = disguise.set_back(e.centre));
        }
        let pose = Pose::new(moment.pose, self.between);
        let [x, y, z] = moment.sway;
        let held = |k: usize| {
            let middle = side as f32 * 0.5;
            (self.camera.centre[k] - middle) * shake.zoom + middle + shake.shift[k] * side as f32
        };
        let camera = Pinhole {
            at: self.camera.at - v3(x, y, z),
            focal: self.camera.focal * shake.zoom,
            centre: [held(0), held(1)],
            roll: shake.roll.sin_cos(),
        };
        let worn = Worn::new(self.disguise.as_deref(), &pose, &self.light);
        let stage = Stage::new(self, camera, &figure, &pose, &worn);
        let mut canvas = Canvas::new(side);
        canvas.fill(&camera, anatomy, &stage.points, &stage.eyes, &stage.coarse);
        // Depth is that of the head itself: single hairs and glasses are no shape a network should learn.
        let face = anatomy.face.iter().map(|i| camera.at.z - stage.points[*i as usize].z);
        let near = face.fold(f32::MAX, f32::min);
        let depth = canvas.z.iter().map(|d| (d - near).max(0.0)).collect();
        stage.place_worn(&mut canvas, &worn);
        let mut material = stage.material(&canvas, self.view.block);
        let bare = self.disguise.as_ref().map(|_| canvas.z.clone());
        let mut shaded = stage.shade(&canvas, self.view.block, shake);
        stage.shade_worn(&mut shaded, &canvas, &worn, self.view.block);
        stage.lashes(&mut shaded.light, &canvas);
        stage.draw_hair(&mut shaded.light, &mut canvas);
        stage.glasses(&mut shaded.light, &mut canvas, &figure, &pose);
        if let Some(bare) = bare {
            stage.hair_over(&bare, &canvas, &mut material);
        }
        stage.lay_clear(&mut shaded.light, &canvas, &worn, &mut material);

        let place = |p: V3| {
            let q = camera.project(p);
            [q.x, q.y]
        };
        let front = |e: &Eye| place(e.centre + v3(0.0, 0.0, e.radius));
        let at = |i: u32| place(stage.points[i as usize]);
        let [right, left] = anatomy.mouth_corners;
        let landmarks = [front(&stage.eyes[0]), front(&stage.eyes[1]), at(anatomy.nose), at(right), at(left)];
        let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
        for p in anatomy.face.iter().map(|i| at(*i)) {
            for k in 0..2 {
                low[k] = low[k].min(p[k]);
                high[k] = high[k].max(p[k]);
            }
        }
        Shot {
            picture: Picture { side, light: shaded.light },
            depth,
            normals: shaded.normals,
            albedo: shaded.albedo,
            landmarks,
            material,
            face_box: [low[0], low[1], high[0] - low[0], high[1] - low[1]],
        }
    }
}
