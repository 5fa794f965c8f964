//! From a clip of the plan to the bytes of a frame: draws what the clip leaves open (surroundings, framing, expression,
//! exposure), then has the scene drawn, attacked and taken.

use crate::rng::{self, Stream, Streams};

use super::attack::{Presented, Species, print, replay};
use super::camera::{DEVICES, Exposure, light_of, take};
use super::figure::{Anatomy, Moment};
use super::head::HeadModel;
use super::identity::Identity;
use super::light::{Environment, Lighting};
use super::math::v3;
use super::plan::{ClipSpec, SESSIONS, SynthConfig};
use super::scene::{Cast, Shot, View, draw};
use super::tuning;
use super::{SynthError, assets};

/// Key lights of a live scene; each costs a shadow map.
const KEYS: usize = 2;
/// Depth from the nearest point that still counts, in decimetres: nose to the back of the head.
const DEEPEST: f32 = 2.0;

/// One rendered frame; all buffers row by row from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// sRGB bytes, `size * size * 3`.
    pub rgb: Vec<u8>,
    /// Facial depth, `size * size`: 255 nearest, at least 8 on the head, 0 in the background and on attacks. Loose
    /// hair and glasses are not in it.
    pub depth: Vec<u8>,
    /// `size * size`: 255 where the attack's paper or display is, 0 elsewhere and on live faces.
    pub mask: Vec<u8>,
    /// Right eye, left eye, tip of the nose, right and left corner of the mouth (the person's own right), each x and y
    /// in pixels from the top left corner; those of the face before the camera, absent on attacks.
    pub landmarks: Option<[[i32; 2]; 5]>,
}

/// Renders frames. Holds all assets; sharing it between threads is cheap.
#[derive(Debug)]
pub struct Renderer {
    model: HeadModel,
    anatomy: Anatomy,
    environments: Vec<Environment>,
    papers: Vec<print::Paper>,
}

impl Renderer {
    /// Loads the embedded assets. Takes some tenths of a second.
    pub fn new() -> Result<Self, SynthError> {
        let model = HeadModel::read(assets::HEAD_MODEL)?;
        let anatomy = Anatomy::new(&model)?;
        let read = |(name, bytes): &(&'static str, &[u8])| Environment::read(name, bytes);
        let environments = assets::ENVIRONMENTS.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { model, anatomy, environments, papers: print::papers(assets::PAPERS)? })
    }

    /// Where the head model comes from: package, version and hash.
    pub fn source(&self) -> &str {
        &self.model.source
    }

    /// Frame number `frame` of `clip`: a pure function of its arguments. `config` must have no
    /// [problem](SynthConfig::problem).
    pub fn render(&self, config: &SynthConfig, clip: &ClipSpec, frame: u32) -> Frame {
        let size = config.size as usize;
        let who = Identity::draw(&self.model, Streams::new(config.seed), u64::from(clip.identity));
        let streams = Streams::new(clip.seed);
        let frame = u64::from(frame);
        let exposure = Exposure::draw(
            &DEVICES[usize::from(clip.camera) % DEVICES.len()],
            &mut streams.stream("synth exposure", 0),
        );
        let noise = &mut streams.stream("synth noise", frame);
        // Coarse pictures need more samples a pixel for the same fine structures.
        let (samples, attack_samples) = match size {
            ..=96 => (4, 6),
            97..=160 => (3, 4),
            _ => (2, 3),
        };
        let session = SESSIONS[usize::from(clip.session) % SESSIONS.len()].environments;
        if clip.species == Species::Live {
            let shot = self.face(&who, session, streams, frame, 1.0, (size * samples, samples));
            let rgb = take(&shot.picture, size, &exposure, noise);
            let landmarks = Some(shot.landmarks.map(|p| p.map(|c| (c / samples as f32).round() as i32)));
            return Frame { rgb, depth: depth(&shot, size, samples), mask: vec![0; size * size], landmarks };
        }
        // The attacker took a photograph of a live face, some other time and place, with a good camera.
        let own = &mut streams.stream("synth attacker", 0);
        let place = SESSIONS[rng::index(own, SESSIONS.len())].environments;
        let device = &DEVICES[rng::index(own, DEVICES.len())];
        let photo_exposure = Exposure::draw(device, own).careful(tuning::SOURCE_BLUR);
        let photo_side = ((size * samples) as f32 * tuning::SOURCE_MARGIN) as usize;
        // A photograph does not move from frame to frame.
        let shot = self.face(&who, place, streams, 0, tuning::SOURCE_MARGIN, (photo_side, samples));
        let photo_size = if samples > 2 { photo_side / 2 } else { photo_side * 2 / 3 };
        let photo = take(&shot.picture, photo_size, &photo_exposure, &mut streams.stream("synth photo noise", 0));
        let photo = light_of(&photo, photo_size);

        let scene = &mut streams.stream("synth presentation", 0);
        let light = self.surroundings(session, scene, KEYS);
        let sides = (size * attack_samples, size);
        let shown = match clip.species {
            Species::Replay => replay::present(&photo, &light, sides, scene),
            Species::Print | Species::Live => print::present(&photo, &self.papers, &light, sides, scene),
        };
        let rgb = take(&shown.picture, size, &exposure, noise);
        Frame { rgb, depth: vec![0; size * size], mask: mask(&shown, size, attack_samples), landmarks: None }
    }

    /// One of the session's surroundings, turned at random.
    fn surroundings(&self, session: &[&str], rng: &mut Stream, keys: usize) -> Lighting<'_> {
        let name = session[rng::index(rng, session.len())];
        let found = self.environments.iter().find(|e| e.name == name).unwrap_or(&self.environments[0]);
        // People turn to the light more often than away from it.
        let mut turned = || {
            let angle = (rng::uniform(rng) * std::f64::consts::TAU) as f32;
            let light = Lighting::new(found, angle, keys);
            let front = light.open(v3(0.0, 0.2, 1.0).unit()).luminance();
            (front, light)
        };
        let (first, second) = (turned(), turned());
        if first.0 > second.0 { first.1 } else { second.1 }
    }

    /// A live face of `who`; `margin` is how much more than the crop is seen.
    fn face(
        &self,
        who: &Identity,
        session: &[&str],
        streams: Streams,
        frame: u64,
        margin: f32,
        (side, block): (usize, usize),
    ) -> Shot {
        let rng = &mut streams.stream("synth scene", 0);
        let light = self.surroundings(session, rng, KEYS);
        let mut pick = |r: tuning::Range| rng::between(rng, f64::from(r.0), f64::from(r.1)) as f32;
        let off = tuning::OFF_CENTRE;
        let eyes = [0.5 + pick((-off, off)), pick(tuning::EYE_HEIGHT)];
        let view = View {
            side,
            block,
            eyes: [0.5 + (eyes[0] - 0.5) / margin, 0.5 + (eyes[1] - 0.5) / margin],
            face: pick(tuning::FACE) / margin,
            distance: pick(tuning::DISTANCE),
        };
        let moment = moment(rng, &mut streams.stream("synth frame", frame), frame);
        draw(Cast { model: &self.model, anatomy: &self.anatomy, who, moment: &moment, light: &light }, &view)
    }
}

/// What the face does: a clip has its pose and expression, its frames move a little about them.
fn moment(clip: &mut Stream, frame: &mut Stream, number: u64) -> Moment {
    let small = if number == 0 { 0.0 } else { 1.0 };
    let mut bell =
        |s: f32| (f64::from(s) * (rng::normal(clip) + small * 0.15 * rng::normal(frame)).clamp(-2.0, 2.0)) as f32;
    let pose = tuning::POSE.map(&mut bell);
    // Eyes look near the camera, whatever the head does.
    let gaze = [-0.8 * pose[0] + bell(0.07), 0.8 * pose[1] - 0.02 + bell(0.04)];
    let blink = 0.02 + bell(0.05).abs();
    let smile = bell(0.22).max(0.0);
    let uneven = 1.0 + bell(0.1);
    let units = vec![
        ("eyeBlinkLeft", blink),
        ("eyeBlinkRight", blink * (1.0 + bell(0.1))),
        ("mouthSmileLeft", smile * uneven),
        ("mouthSmileRight", smile / uneven.max(0.5)),
        ("cheekSquintLeft", smile * 0.5),
        ("cheekSquintRight", smile * 0.5),
        ("mouthFrownLeft", bell(0.07).max(0.0)),
        ("mouthFrownRight", bell(0.07).max(0.0)),
        ("jawOpen", bell(0.05).max(0.0)),
        ("browInnerUp", bell(0.14).max(0.0)),
        ("browDownLeft", bell(0.12).max(0.0)),
        ("browDownRight", bell(0.12).max(0.0)),
        ("eyeSquintLeft", bell(0.1).max(0.0)),
        ("eyeSquintRight", bell(0.1).max(0.0)),
        ("mouthPressLeft", bell(0.1).max(0.0)),
        ("mouthPressRight", bell(0.1).max(0.0)),
        ("eyeLookInLeft", 0.0),
    ];
    Moment { units: units.into_iter().filter(|u| u.1 != 0.0).collect(), pose, gaze }
}

fn depth(shot: &Shot, size: usize, samples: usize) -> Vec<u8> {
    let side = shot.picture.side;
    let at = |i: usize| (i % size * samples + samples / 2) + (i / size * samples + samples / 2) * side;
    let byte = |d: f32| if d.is_finite() { (255.0 - 247.0 * (d / DEEPEST).min(1.0)).round() as u8 } else { 0 };
    (0..size * size).map(|i| byte(shot.depth[at(i)])).collect()
}

fn mask(shown: &Presented, size: usize, samples: usize) -> Vec<u8> {
    let side = shown.picture.side;
    let at = |i: usize| (i % size * samples + samples / 2) + (i / size * samples + samples / 2) * side;
    (0..size * size).map(|i| if shown.medium[at(i)] { 255 } else { 0 }).collect()
}
