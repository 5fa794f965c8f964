//! The shape of one person at one moment: what is precomputed once for all people (connections, masks at points), and
//! positions and normals after identity, expression and pose. No colours and no light.

use super::SynthError;
use super::head::HeadModel;
use super::math::{Rotation, V3, smooth, v3};
use super::subdivide::{Subdivision, normals};

/// Triangles across an eyeball's latitude and longitude.
const EYE_RINGS: usize = 16;
const EYE_SECTORS: usize = 28;
/// Height of the upper edge of the face's box on the neutral head: a finger above the brows.
const BROW_LINE: f32 = 7.68;

/// Everything about the mesh that no person changes.
#[derive(Debug)]
pub struct Anatomy {
    /// The skin's connections, coarse and fine.
    pub skin: Subdivision,
    /// Fine points of the neutral head: the coordinates that paint and hair are anchored on.
    pub rest: Vec<V3>,
    /// Masks at the fine points.
    pub lips: Vec<f32>,
    pub ears: Vec<f32>,
    pub mouth: Vec<f32>,
    /// Coarse points of each eyeball.
    eyes: [Vec<u32>; 2],
    /// Quads of teeth and tongue (coarse points), and whether each is tongue.
    pub inner: Vec<([u32; 4], bool)>,
    /// Quads of lashes (coarse points) and how far each corner is from root (0) to tip (1).
    pub lashes: Vec<([u32; 4], [f32; 4])>,
    /// Coarse skin quads of the head alone: what throws shadows on a face.
    pub casters: Vec<[u32; 4]>,
    /// Coarse points of the skin, in rising order.
    pub used: Vec<u32>,
    /// Fine points of the tip of the nose, the right and the left corner of the mouth, and the bottom of the chin.
    pub nose: u32,
    pub mouth_corners: [u32; 2],
    pub chin: u32,
    /// Fine points of the face as detectors know it: brows to chin, cheek to cheek, no ears.
    pub face: Vec<u32>,
    /// Unit sphere for eyeballs.
    pub ball: Vec<V3>,
    pub ball_quads: Vec<[u32; 4]>,
}

impl Anatomy {
    /// Works out everything from the model.
    pub fn new(model: &HeadModel) -> Result<Self, SynthError> {
        let body = model.group("body")?;
        let skin = Subdivision::new(body.quads.clone(), model.points.len());
        let rest = skin.smooth(&model.points);
        let at_points = |name: &str| -> Result<Vec<f32>, SynthError> {
            let mask = model.mask(name)?;
            let mut out = vec![0.0; rest.len()];
            // Texture points of the fine corners in the order the subdivision makes them.
            for (f, uv) in body.uv_quads.iter().enumerate() {
                let c: Vec<[f32; 2]> = uv.iter().map(|i| model.uv[*i as usize]).collect();
                let middle = |a: [f32; 2], b: [f32; 2]| [(a[0] + b[0]) * 0.5, (a[1] + b[1]) * 0.5];
                let centre = middle(middle(c[0], c[1]), middle(c[2], c[3]));
                for k in 0..4 {
                    let fine = skin.quads[f * 4 + k];
                    let places = [c[k], middle(c[k], c[(k + 1) % 4]), centre, middle(c[k], c[(k + 3) % 4])];
                    for (v, place) in fine.iter().zip(places) {
                        out[*v as usize] = mask.at(place);
                    }
                }
            }
            Ok(out)
        };
        let (lips, ears, mouth) = (at_points("lips")?, at_points("ears")?, at_points("inside-mouth")?);
        let points_of = |name: &str| -> Result<Vec<u32>, SynthError> {
            let mut all: Vec<u32> = model.group(name)?.quads.iter().flatten().copied().collect();
            all.sort_unstable();
            all.dedup();
            Ok(all)
        };
        let eyes = [points_of("helper-r-eye")?, points_of("helper-l-eye")?];
        let mut inner = Vec::new();
        for (name, tongue) in [("helper-upper-teeth", false), ("helper-lower-teeth", false), ("helper-tongue", true)] {
            inner.extend(model.group(name)?.quads.iter().map(|q| (*q, tongue)));
        }
        let mut lashes = Vec::new();
        for name in ["helper-l-eyelashes-1", "helper-l-eyelashes-2", "helper-r-eyelashes-1", "helper-r-eyelashes-2"] {
            let group = model.group(name)?;
            let v = |i: &u32| model.uv[*i as usize][1];
            let all = || group.uv_quads.iter().flatten().map(v);
            let (low, high) = all().fold((f32::MAX, f32::MIN), |(a, b), x| (a.min(x), b.max(x)));
            // Tips stand out from the face; which end of the texture they are at differs between lids.
            let forward = group.quads.iter().flatten().zip(all());
            let slope: f32 = forward.map(|(p, t)| (t - (low + high) * 0.5) * model.points[*p as usize].z).sum();
            for (quad, uv) in group.quads.iter().zip(&group.uv_quads) {
                let t = |i: &u32| (v(i) - low) / (high - low).max(1e-6);
                lashes.push((*quad, [0, 1, 2, 3].map(|k| if slope > 0.0 { t(&uv[k]) } else { 1.0 - t(&uv[k]) })));
            }
        }
        let high = |q: &&[u32; 4]| q.iter().all(|v| model.points[*v as usize].y > 5.7);
        let casters = body.quads.iter().filter(high).copied().collect();
        let (ball, ball_quads) = sphere();
        let mut used: Vec<u32> = body.quads.iter().flatten().copied().collect();
        used.sort_unstable();
        used.dedup();
        let nearest = |target: V3| {
            let far = |p: &V3| (*p - target).dot(*p - target);
            let all = rest.iter().enumerate();
            all.min_by(|a, b| far(a.1).total_cmp(&far(b.1))).map_or(0, |(i, _)| i as u32)
        };
        let front = |i: &u32| {
            let p = rest[*i as usize];
            // The jaw's lower edge rises towards the ears.
            let jaw = 6.18 + 0.5 * smooth(1.3, 0.45, p.z);
            p.z > 0.5 && p.y > jaw && p.y < BROW_LINE && ears[*i as usize] < 0.1
        };
        let face = (0..rest.len() as u32).filter(front).collect();
        let (nose, chin) = (nearest(v3(0.0, 6.909, 1.68)), nearest(v3(0.0, 6.2, 1.42)));
        let mouth_corners = [nearest(v3(-0.27, 6.63, 1.4)), nearest(v3(0.27, 6.63, 1.4))];
        Ok(Self {
            skin,
            rest,
            lips,
            ears,
            mouth,
            eyes,
            inner,
            lashes,
            casters,
            used,
            nose,
            mouth_corners,
            chin,
            face,
            ball,
            ball_quads,
        })
    }
}

/// Points and quads of the unit sphere, its pole towards z.
fn sphere() -> (Vec<V3>, Vec<[u32; 4]>) {
    let mut points = Vec::new();
    for i in 0..=EYE_RINGS {
        let theta = i as f32 / EYE_RINGS as f32 * std::f32::consts::PI;
        for j in 0..=EYE_SECTORS {
            let phi = j as f32 / EYE_SECTORS as f32 * std::f32::consts::TAU;
            points.push(v3(theta.sin() * phi.cos(), theta.sin() * phi.sin(), theta.cos()));
        }
    }
    let row = EYE_SECTORS as u32 + 1;
    let quads = (0..EYE_RINGS as u32)
        .flat_map(|i| (0..EYE_SECTORS as u32).map(move |j| i * row + j))
        .map(|a| [a, a + row, a + row + 1, a + 1])
        .collect();
    (points, quads)
}

/// An eyeball: centre, radius in decimetres, and the direction it looks in.
#[derive(Debug, Clone, Copy)]
pub struct Eye {
    pub centre: V3,
    pub radius: f32,
    pub gaze: V3,
}

/// What a face does: expression units and their weights, head turn in radians, gaze (from the head), and how far the
/// whole person stands off their place in decimetres.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Moment {
    pub units: Vec<(&'static str, f32)>,
    pub pose: [f32; 3],
    pub gaze: [f32; 2],
    pub sway: [f32; 3],
}

/// One person's shape, before the pose.
#[derive(Debug)]
pub struct Figure {
    pub coarse: Vec<V3>,
    pub fine: Vec<V3>,
    pub normals: Vec<V3>,
    /// Right and left eye (the person's).
    pub eyes: [Eye; 2],
}

impl Figure {
    /// Puts an expression on a person's `neutral` coarse points; `drape` lifts fine points that clothes cover.
    pub fn new(model: &HeadModel, anatomy: &Anatomy, neutral: &[V3], moment: &Moment, drape: &[(u32, V3)]) -> Self {
        let mut coarse = neutral.to_vec();
        for (name, w) in &moment.units {
            model.apply(&format!("expression/{name}"), *w, &mut coarse);
        }
        let mut fine = anatomy.skin.smooth(&coarse);
        for (i, d) in drape {
            fine[*i as usize] += *d;
        }
        let normals = normals(&fine, &anatomy.skin.quads);
        let (yaw, pitch) = (moment.gaze[0], moment.gaze[1]);
        let eyes = [0, 1].map(|k| {
            let all = || anatomy.eyes[k].iter().map(|i| coarse[*i as usize]);
            let low = all().fold(V3::splat(f32::MAX), |a, p| v3(a.x.min(p.x), a.y.min(p.y), a.z.min(p.z)));
            let high = all().fold(V3::splat(f32::MIN), |a, p| v3(a.x.max(p.x), a.y.max(p.y), a.z.max(p.z)));
            let size = high - low;
            Eye {
                centre: (low + high) * 0.5,
                radius: (size.x + size.y) * 0.25,
                gaze: v3(yaw.sin() * pitch.cos(), pitch.sin(), yaw.cos() * pitch.cos()),
            }
        });
        Self { coarse, fine, normals, eyes }
    }

    /// Half way between the eyes.
    pub fn between_eyes(&self) -> V3 {
        (self.eyes[0].centre + self.eyes[1].centre) * 0.5
    }
}

/// Turns the head over the shoulders, which stay.
#[derive(Debug, Clone, Copy)]
pub struct Pose {
    rotation: Rotation,
    pivot: V3,
}

impl Pose {
    /// Yaw, pitch and roll about the top of the neck of a head whose eyes are at `eyes`.
    pub fn new(turn: [f32; 3], eyes: V3) -> Self {
        Self { rotation: Rotation::new(turn[0], turn[1], turn[2]), pivot: v3(0.0, eyes.y - 0.75, eyes.z - 0.95) }
    }

    pub fn point(&self, p: V3) -> V3 {
        let share = self.share(p);
        if share <= 0.0 { p } else { p.mix(self.rotation.apply(p - self.pivot) + self.pivot, share) }
    }

    pub fn eye(&self, e: Eye) -> Eye {
        Eye { centre: self.point(e.centre), gaze: self.direction(e.gaze, e.centre), ..e }
    }

    pub fn direction(&self, d: V3, at: V3) -> V3 {
        d.mix(self.rotation.apply(d), self.share(at)).unit()
    }

    fn share(&self, p: V3) -> f32 {
        smooth(self.pivot.y - 1.0, self.pivot.y - 0.15, p.y)
    }
}
