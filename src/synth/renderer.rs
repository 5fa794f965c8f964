//! From a clip of the plan to the bytes of a frame: draws what the clip leaves open (surroundings, framing, expression,
//! exposure), then has the scene drawn, attacked and taken.

use std::sync::Arc;

use crate::rng::{self, Stream, Streams};

use super::attack::disguise::Disguise;
use super::attack::guise::Workshop;
use super::attack::{Presented, print, replay};
use super::backdrop::Backdrop;
use super::camera::{DEVICES, Exposure, light_of, take};
use super::clip::Clip;
use super::figure::Anatomy;
use super::head::HeadModel;
use super::identity::Identity;
use super::light::{Environment, Lighting};
use super::math::{V3, srgb, v3};
use super::motion::Motion;
use super::scene::{Cast, Picture, Shot, View};
use super::session::SESSIONS;
use super::sitter::Sitter;
use super::species::Presentation;
use super::tuning;
use super::{SynthError, assets};

/// Key lights of a live scene; each costs a shadow map.
const KEYS: usize = 2;
/// Depth from the nearest point that still counts, in decimetres: nose to the back of the head.
const DEEPEST: f32 = 2.0;

/// One rendered frame; all buffers row by row from the top.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// sRGB bytes, `width * height * 3`: what `jpeg` decodes to.
    pub rgb: Vec<u8>,
    /// The file the camera wrote.
    pub jpeg: Vec<u8>,
    /// Facial depth, `width * height`: 255 nearest, at least 8 on the head, 0 in the background and on attacks. Loose
    /// hair and glasses are not in it.
    pub depth: Vec<u8>,
    /// `width * height`: 255 where the attack's material is, 0 elsewhere and on live faces.
    pub mask: Vec<u8>,
    /// Normals towards the picture's right, up and the camera as `127.5 (n + 1)`, three bytes a pixel; 0 where no
    /// surface is known.
    pub normals: Vec<u8>,
    /// Albedo as sRGB, three bytes a pixel; 0 where no surface is known.
    pub albedo: Vec<u8>,
    /// Right eye, left eye, tip of the nose, right and left corner of the mouth (the person's own right), each x and y
    /// in pixels from the top left corner; on attacks those of the face that is shown.
    pub landmarks: [[f32; 2]; 5],
    /// The face as a detector would box it, brows to chin and cheek to cheek: left, top, width, height in pixels.
    pub face_box: [f32; 4],
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

    /// Sets `clip` up in the world of `world` (the seed of its people) in pictures of `size` pixels, a multiple of 8
    /// from 32 to 512: everything that its frames share.
    pub fn open(&self, world: u64, clip: &Clip, size: usize) -> Take<'_> {
        let people = Streams::new(world);
        let who = Identity::draw(&self.model, people, u64::from(clip.person));
        let streams = Streams::new(clip.seed);
        let exposure = Exposure::draw(
            &DEVICES[usize::from(clip.device) % DEVICES.len()],
            &mut streams.stream("synth exposure", 0),
        );
        // Coarse pictures need more samples a pixel for the same fine structures.
        let (samples, attack_samples) = match size {
            ..=96 => (4, 6),
            97..=160 => (3, 4),
            _ => (2, 3),
        };
        let mut take = Take {
            renderer: self,
            clip: clip.clone(),
            who,
            streams,
            exposure,
            size,
            samples,
            attack_samples,
            sitting: None,
            source: None,
            disguise: None,
        };
        let worn =
            matches!(clip.presentation, Presentation::Mask(_) | Presentation::Makeup(_) | Presentation::Partial(_));
        if worn || clip.presentation.is_live() {
            if worn {
                take.disguise = self.disguise(people, clip, size, &take.who).map(Arc::new);
            }
            let session = SESSIONS[usize::from(clip.session) % SESSIONS.len()].environments;
            take.sitting = Some(take.seat(session, 1.0, (size * samples, samples)));
        } else {
            take.source = Some(take.photograph());
        }
        take
    }

    /// What the attacker of `clip` wears to look like (or unlike) `shown`.
    fn disguise(&self, people: Streams, clip: &Clip, size: usize, shown: &Identity) -> Option<Disguise> {
        let rng = &mut Streams::new(clip.seed).stream("synth disguise", 0);
        let wearer = Identity::draw(&self.model, people, u64::from(clip.attacker));
        let place = SESSIONS[rng::index(rng, SESSIONS.len())].environments;
        let light = &self.surroundings(place, rng, KEYS);
        let (model, anatomy) = (&self.model, &self.anatomy);
        Disguise::make(&Workshop { model, anatomy, shown, wearer: &wearer, light, size }, clip.presentation, rng)
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
}

/// A clip that is set up: gives its frames.
#[derive(Debug)]
pub struct Take<'r> {
    renderer: &'r Renderer,
    clip: Clip,
    who: Identity,
    streams: Streams,
    exposure: Exposure,
    size: usize,
    samples: usize,
    attack_samples: usize,
    /// The live person.
    sitting: Option<Sitting<'r>>,
    /// The attacker's photograph.
    source: Option<Source>,
    /// What the attacker wears.
    disguise: Option<Arc<Disguise>>,
}

/// A photograph of a live face, and where its face is in parts of its side.
#[derive(Debug)]
struct Source {
    photo: Picture,
    landmarks: [[f32; 2]; 5],
}

impl<'r> Take<'r> {
    /// The frame at `seconds` from the clip's beginning; `number` seeds its noise. A pure function of the clip and its
    /// arguments.
    pub fn frame(&self, seconds: f32, number: u32) -> Frame {
        let size = self.size;
        let session = SESSIONS[usize::from(self.clip.session) % SESSIONS.len()].environments;
        let noise = &mut self.streams.stream("synth noise", u64::from(number));
        let n = size * size;
        let Some(source) = &self.source else {
            let shot = match &self.sitting {
                Some(sitting) => sitting.at(seconds),
                None => self.seat(session, 1.0, (size * self.samples, self.samples)).at(seconds),
            };
            let taken = take(&shot.picture, size, &self.exposure, noise);
            let landmarks = shot.landmarks.map(|p| p.map(|c| c / self.samples as f32));
            return Frame {
                width: size,
                height: size,
                rgb: taken.rgb,
                jpeg: taken.jpeg,
                depth: if self.disguise.is_some() { vec![0; n] } else { depth(&shot, size, self.samples) },
                mask: material(&shot, size, self.samples),
                normals: normals(&shot),
                albedo: albedo(&shot),
                landmarks,
                face_box: shot.face_box.map(|c| c / self.samples as f32),
            };
        };
        let scene = &mut self.streams.stream("synth presentation", 0);
        let light = self.renderer.surroundings(session, scene, KEYS);
        let sides = (size * self.attack_samples, size);
        let shown = match self.clip.presentation {
            Presentation::Replay { .. } => replay::present(&source.photo, &light, sides, scene),
            _ => print::present(&source.photo, &self.renderer.papers, &light, sides, scene),
        };
        let taken = take(&shown.picture, size, &self.exposure, noise);
        let middle = |c: f32| ((c - 0.5) * tuning::SOURCE_MARGIN + 0.5) * size as f32;
        let landmarks = source.landmarks.map(|p| p.map(middle));
        Frame {
            width: size,
            height: size,
            rgb: taken.rgb,
            jpeg: taken.jpeg,
            depth: vec![0; n],
            mask: mask(&shown, size, self.attack_samples),
            normals: vec![0; n * 3],
            albedo: vec![0; n * 3],
            landmarks,
            face_box: box_round(&landmarks),
        }
    }

    /// The attacker took a photograph of a live face, some other time and place, with a good camera.
    fn photograph(&self) -> Source {
        let own = &mut self.streams.stream("synth attacker", 0);
        let place = SESSIONS[rng::index(own, SESSIONS.len())].environments;
        let device = &DEVICES[rng::index(own, DEVICES.len())];
        let exposure = Exposure::draw(device, own).careful(tuning::SOURCE_BLUR);
        let side = ((self.size * self.samples) as f32 * tuning::SOURCE_MARGIN) as usize;
        let shot = self.seat(place, tuning::SOURCE_MARGIN, (side, self.samples)).at(0.0);
        let pixels = if self.samples > 2 { side / 2 } else { side * 2 / 3 };
        let photo = take(&shot.picture, pixels, &exposure, &mut self.streams.stream("synth photo noise", 0));
        Source { photo: light_of(&photo.rgb, pixels), landmarks: shot.landmarks.map(|p| p.map(|c| c / side as f32)) }
    }

    /// Seats the person at one of `session`'s places; `margin` is how much more than the picture is seen.
    fn seat(&self, session: &[&str], margin: f32, (side, block): (usize, usize)) -> Sitting<'r> {
        let rng = &mut self.streams.stream("synth scene", 0);
        let light = self.renderer.surroundings(session, rng, KEYS);
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
        let motion = Motion::draw(&mut self.streams.stream("synth motion", 0), self.clip.talking, self.clip.hand);
        let (model, anatomy) = (&self.renderer.model, &self.renderer.anatomy);
        let backdrop = Backdrop::SURROUNDINGS;
        let disguise = self.disguise.clone();
        let who = self.disguise.as_ref().map_or(&self.who, |d| &d.who);
        let moment = &motion.at(0.0);
        let sitter = Sitter::new(&Cast { model, anatomy, who, moment, light: &light, backdrop, disguise }, &view);
        Sitting { sitter, motion }
    }
}

/// A seated person and how they move.
#[derive(Debug)]
struct Sitting<'r> {
    sitter: Sitter<'r>,
    motion: Motion,
}

impl Sitting<'_> {
    fn at(&self, seconds: f32) -> Shot {
        let disguise = self.sitter.disguise.as_ref();
        let mut moment = self.motion.at(if disguise.is_some_and(|d| d.still) { 0.0 } else { seconds });
        if let Some(disguise) = disguise {
            disguise.restrain(&mut moment);
        }
        self.sitter.draw(&moment, &self.motion.shake(seconds))
    }
}

/// The face's box from its eyes and mouth: half as wide again as the eyes are apart to either side, down to the chin.
fn box_round(landmarks: &[[f32; 2]; 5]) -> [f32; 4] {
    let middle = |a: usize, b: usize, k: usize| (landmarks[a][k] + landmarks[b][k]) * 0.5;
    let (ex, ey) = (middle(0, 1, 0), middle(0, 1, 1));
    let (mx, my) = (middle(3, 4, 0), middle(3, 4, 1));
    let length = (mx - ex).hypot(my - ey);
    let (width, height) = (2.1 * length, 2.5 * length);
    [(ex + mx) * 0.5 - width * 0.5, ey - 0.75 * length, width, height]
}

fn depth(shot: &Shot, size: usize, samples: usize) -> Vec<u8> {
    let side = shot.picture.side;
    let at = |i: usize| (i % size * samples + samples / 2) + (i / size * samples + samples / 2) * side;
    let byte = |d: f32| if d.is_finite() { (255.0 - 247.0 * (d / DEEPEST).min(1.0)).round() as u8 } else { 0 };
    (0..size * size).map(|i| byte(shot.depth[at(i)])).collect()
}

fn normals(shot: &Shot) -> Vec<u8> {
    let bytes = |n: &V3| {
        let byte = |c: f32| if *n == V3::ZERO { 0 } else { (127.5 * (c + 1.0)).round().clamp(0.0, 255.0) as u8 };
        [byte(n.x), byte(n.y), byte(n.z)]
    };
    shot.normals.iter().flat_map(bytes).collect()
}

fn albedo(shot: &Shot) -> Vec<u8> {
    let byte = |c: f32| (255.0 * srgb(c.min(1.0))).round() as u8;
    shot.albedo.iter().flat_map(|a| [byte(a.x), byte(a.y), byte(a.z)]).collect()
}

fn material(shot: &Shot, size: usize, samples: usize) -> Vec<u8> {
    let side = shot.picture.side;
    let at = |i: usize| (i % size * samples + samples / 2) + (i / size * samples + samples / 2) * side;
    (0..size * size).map(|i| shot.material.get(at(i)).copied().unwrap_or(0)).collect()
}

fn mask(shown: &Presented, size: usize, samples: usize) -> Vec<u8> {
    let side = shown.picture.side;
    let at = |i: usize| (i % size * samples + samples / 2) + (i / size * samples + samples / 2) * side;
    (0..size * size).map(|i| if shown.medium[at(i)] { 255 } else { 0 }).collect()
}
