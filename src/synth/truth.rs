//! Tests of what is told beside the picture: depth, landmarks, box and normals against the geometry they come from.

use super::assets;
use super::backdrop::{Backdrop, Scenery};
use super::figure::{Anatomy, Moment};
use super::head::HeadModel;
use super::identity::{HairStyle, Identity};
use super::light::{Environment, Lighting};
use super::math::{V3, v3};
use super::scene::{Cast, Shake, Shot, View};
use super::sitter::Sitter;
use crate::rng::Streams;

struct World {
    model: HeadModel,
    anatomy: Anatomy,
    environment: Environment,
}

const VIEW: View = View { side: 192, block: 2, eyes: [0.5, 0.45], face: 0.3, distance: 7.0 };

impl World {
    fn new() -> Self {
        let model = HeadModel::read(assets::HEAD_MODEL).unwrap();
        let anatomy = Anatomy::new(&model).unwrap();
        let (name, bytes) = assets::ENVIRONMENTS[0];
        Self { model, anatomy, environment: Environment::read(name, bytes).unwrap() }
    }

    fn who(&self, n: u64) -> Identity {
        Identity::draw(&self.model, Streams::new(4), n).wearing(Some(false))
    }

    fn seat(&self, who: &Identity) -> Sitter<'_> {
        let light = Lighting::new(&self.environment, 0.4, 2);
        let moment = &Moment::default();
        let backdrop = Backdrop { scenery: Scenery::Shelf, seed: 2, blur: 0.01 };
        let (model, anatomy) = (&self.model, &self.anatomy);
        Sitter::new(&Cast { model, anatomy, who, moment, light: &light, backdrop, disguise: None }, &VIEW)
    }
}

fn turned(yaw: f32, pitch: f32, roll: f32) -> Moment {
    Moment { pose: [yaw, pitch, roll], ..Moment::default() }
}

fn still(sitter: &Sitter<'_>, moment: &Moment) -> Shot {
    sitter.draw(moment, &Shake::NONE)
}

#[test]
fn landmarks_move_with_a_known_turn_as_a_pinhole_sees_them() {
    let world = World::new();
    let sitter = world.seat(&world.who(0));
    // Places of eyes and nose on the unturned head, from the mesh itself.
    let fine = world.anatomy.skin.smooth(&sitter.neutral);
    let nose = fine[world.anatomy.nose as usize];
    let pivot = v3(0.0, sitter.between.y - 0.75, sitter.between.z - 0.95);
    let camera = sitter.between + v3(0.0, 0.0, VIEW.distance);
    let pinhole = |p: V3| {
        let f = sitter.scale * VIEW.distance / (camera.z - p.z);
        [VIEW.eyes[0] * 192.0 + f * (p.x - camera.x), VIEW.eyes[1] * 192.0 - f * (p.y - camera.y)]
    };
    for (yaw, pitch) in [(0.0_f32, 0.0_f32), (0.35, 0.0), (-0.5, 0.0), (0.0, 0.3)] {
        let shot = still(&sitter, &turned(yaw, pitch, 0.0));
        let d = nose - pivot;
        // Yaw turns the nose to the picture's right, pitch downwards.
        let moved = if pitch == 0.0 {
            v3(d.x * yaw.cos() + d.z * yaw.sin(), d.y, d.z * yaw.cos() - d.x * yaw.sin())
        } else {
            v3(d.x, d.y * pitch.cos() - d.z * pitch.sin(), d.z * pitch.cos() + d.y * pitch.sin())
        };
        let expected = pinhole(moved + pivot);
        let found = shot.landmarks[2];
        let error = (found[0] - expected[0]).hypot(found[1] - expected[1]);
        assert!(error < 0.05, "yaw {yaw} pitch {pitch}: {found:?} for {expected:?}");
    }
    // The camera's own turn and shift act on the picture.
    let shake = Shake { shift: [0.1, -0.05], zoom: 1.2, roll: 0.0 };
    let (a, b) = (still(&sitter, &turned(0.0, 0.0, 0.0)), sitter.draw(&turned(0.0, 0.0, 0.0), &shake));
    for (a, b) in a.landmarks.iter().zip(&b.landmarks) {
        for k in 0..2 {
            let expected = (a[k] - 96.0) * 1.2 + 96.0 + shake.shift[k] * 192.0;
            assert!((b[k] - expected).abs() < 0.02, "{} {expected}", b[k]);
        }
    }
}

#[test]
fn depth_is_the_distance_along_the_view_in_decimetres() {
    let world = World::new();
    for n in 0..3 {
        let sitter = world.seat(&world.who(n));
        let fine = world.anatomy.skin.smooth(&sitter.neutral);
        let shot = still(&sitter, &Moment::default());
        let at = |p: [f32; 2]| shot.depth[p[1] as usize * 192 + p[0] as usize];
        let nearest = fine.iter().map(|p| p.z).fold(f32::MIN, f32::max);
        for (i, corner) in world.anatomy.mouth_corners.iter().enumerate() {
            let expected = nearest - fine[*corner as usize].z;
            let found = at(shot.landmarks[3 + i]);
            assert!((found - expected).abs() < 0.04, "{found} for {expected}");
        }
        assert!(at(shot.landmarks[2]) < 0.04, "the tip of the nose is nearest");
        // The eyes lie behind the nose by what the mesh says; lids stand a little before the balls.
        let eye = nearest - (sitter.between.z + 0.13);
        let found = at(shot.landmarks[0]);
        assert!((found - eye).abs() < 0.12 && (0.2..0.7).contains(&found), "{found} for {eye}");
        assert!(shot.depth[0].is_infinite());
    }
}

#[test]
fn the_box_holds_the_face_and_knows_no_hair() {
    let world = World::new();
    let who = world.who(1);
    let boxes: Vec<[f32; 4]> = [HairStyle::Bald, HairStyle::Afro]
        .map(|hair| {
            let mut other = who.clone();
            other.hair = hair;
            still(&world.seat(&other), &turned(0.2, 0.0, 0.1)).face_box
        })
        .to_vec();
    assert_eq!(boxes[0], boxes[1]);
    for yaw in [-0.5, 0.0, 0.5] {
        let shot = still(&world.seat(&who), &turned(yaw, 0.0, 0.0));
        let [x, y, w, h] = shot.face_box;
        for l in shot.landmarks {
            assert!(l[0] > x - 2.0 && l[0] < x + w + 2.0 && l[1] > y && l[1] < y + h, "{l:?} {:?}", shot.face_box);
        }
        // Eyes above the middle, and about as high as wide.
        assert!(shot.landmarks[0][1] < y + 0.5 * h && (0.8..1.7).contains(&(h / w)), "{w} {h}");
    }
}

#[test]
fn normals_point_out_of_the_face_and_albedo_is_without_light() {
    let world = World::new();
    let who = world.who(2);
    let sitter = world.seat(&who);
    let shot = still(&sitter, &Moment::default());
    let cell = |p: [f32; 2]| p[1] as usize / 2 * 96 + p[0] as usize / 2;
    let [right, left, nose, ..] = shot.landmarks;
    let between = [(right[0] + left[0]) * 0.5, right[1] - 0.25 * (left[0] - right[0])];
    let n = shot.normals[cell(between)];
    assert!(n.z > 0.75 && n.x.abs() < 0.3, "{n:?}");
    let spread = (left[0] - right[0]) * 0.75;
    let cheek = |side: f32| shot.normals[cell([nose[0] + side * spread, nose[1]])];
    assert!(cheek(-1.0).x < -0.2 && cheek(1.0).x > 0.2, "{:?} {:?}", cheek(-1.0), cheek(1.0));
    assert!(shot.normals.iter().all(|n| *n == V3::ZERO || (n.length() - 1.0).abs() < 1e-3));
    assert_eq!((shot.normals[0], shot.albedo[0]), (V3::ZERO, V3::ZERO));
    // Another light changes the picture, not the albedo.
    let light = Lighting::new(&world.environment, 2.5, 2);
    let (model, anatomy) = (&world.model, &world.anatomy);
    let (moment, backdrop) = (&Moment::default(), Backdrop::SURROUNDINGS);
    let cast = Cast { model, anatomy, who: &who, moment, light: &light, backdrop, disguise: None };
    let other = still(&Sitter::new(&cast, &VIEW), moment);
    assert_eq!(shot.albedo, other.albedo);
    assert!(shot.picture.light != other.picture.light);
}
