//! From a clip of the plan to the bytes of a frame: draws what the clip leaves open (surroundings, framing, expression,
//! exposure), then has the scene drawn, attacked and taken.

use std::sync::Arc;

use crate::rng::{self, Stream, Streams};

use super::attack::disguise::Disguise;
use super::attack::flat::{Flat, Medium};
use super::attack::guise::Workshop;
use super::attack::print::Press;
use super::attack::{Behind, Place, Presented, Source};
use super::backdrop::{Backdrop, Wall};
use super::camera::{DEVICES, Device, Exposure, Framing, Instant, take};
use super::clip::Clip;
use super::figure::Anatomy;
use super::head::HeadModel;
use super::identity::Identity;
use super::light::{Environment, Lighting};
use super::math::{V3, srgb, v3};
use super::motion::Motion;
use super::scene::{Cast, Picture, Shake, Shot, View};
use super::session::{SESSIONS, Session};
use super::sitter::Sitter;
use super::skin::skin_colour;
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
    /// sRGB bytes, `width * height * 3`: what `jpeg` decodes to, upright.
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
    press: Press,
}

impl Renderer {
    /// Loads the embedded assets. Takes some tenths of a second.
    pub fn new() -> Result<Self, SynthError> {
        let model = HeadModel::read(assets::HEAD_MODEL)?;
        let anatomy = Anatomy::new(&model)?;
        let read = |(name, bytes): &(&'static str, &[u8])| Environment::read(name, bytes);
        let environments = assets::ENVIRONMENTS.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { model, anatomy, environments, press: Press::new(assets::PAPERS)? })
    }

    /// Where the head model comes from: package, version and hash.
    pub fn source(&self) -> &str {
        &self.model.source
    }

    /// Sets `clip` up in the world of `world` (the seed of its people) in pictures of `size` pixels, a multiple of 8
    /// from 32 to 512: everything that its frames share.
    pub fn open(&self, world: u64, clip: &Clip, size: usize) -> Take<'_> {
        let people = Streams::new(world);
        let who = Identity::draw(&self.model, people, u64::from(clip.person)).wearing(clip.glasses);
        let streams = Streams::new(clip.seed);
        let (device, session) = (device(clip.device), session(clip.session));
        let exposure = Exposure::draw(device, session.dark, session.flicker, &mut streams.stream("synth exposure", 0));
        let exposure = exposure.upside_down(clip.upside_down);
        // Coarse pictures need more samples a pixel for the same fine structures.
        let (samples, attack_samples) = match size {
            ..=96 => (4, 6),
            97..=160 => (3, 4),
            _ => (2, 3),
        };
        let scene = &mut streams.stream("synth scene", 0);
        let light = self.surroundings(session, scene, KEYS);
        let framing = Framing::draw(device, scene);
        let mut take = Take {
            renderer: self,
            clip: clip.clone(),
            who,
            streams,
            exposure,
            framing,
            backdrop: Backdrop::of(session.backdrop, session.name, &mut streams.stream("synth backdrop", 0)),
            light,
            size,
            samples,
            attack_samples,
            sitting: None,
            flat: None,
            disguise: None,
        };
        let people = |n: u32| Identity::draw(&self.model, people, u64::from(n));
        match clip.presentation {
            Presentation::Live => take.sitting = Some(take.seat(None)),
            Presentation::Mask(_) | Presentation::Makeup(_) | Presentation::Partial(_) => {
                let wearer = people(clip.attacker);
                take.disguise = self.disguise(clip, size, &take.who, &wearer).map(Arc::new);
                take.sitting = Some(take.seat(None));
            }
            Presentation::Print { .. } | Presentation::Replay { .. } => {
                let attacker = people(clip.attacker);
                let flat = take.flat(&attacker);
                if flat.medium.worn() {
                    take.sitting = Some(take.seat(Some(&attacker)));
                }
                take.flat = Some(flat);
            }
        }
        take
    }

    /// What the attacker of `clip` wears to look like (or unlike) `shown`.
    fn disguise(&self, clip: &Clip, size: usize, shown: &Identity, wearer: &Identity) -> Option<Disguise> {
        let rng = &mut Streams::new(clip.seed).stream("synth disguise", 0);
        let place = &SESSIONS[rng::index(rng, SESSIONS.len())];
        let light = &self.surroundings(place, rng, KEYS);
        let (model, anatomy) = (&self.model, &self.anatomy);
        Disguise::make(&Workshop { model, anatomy, shown, wearer, light, size }, clip.presentation, rng)
    }

    /// One of the session's surroundings, turned so that light falls as the session says.
    fn surroundings(&self, session: &Session, rng: &mut Stream, keys: usize) -> Lighting<'_> {
        let name = session.environments[rng::index(rng, session.environments.len())];
        let found = self.environments.iter().find(|e| e.name == name).unwrap_or(&self.environments[0]);
        let mut turned = || {
            let angle = (rng::uniform(rng) * std::f64::consts::TAU) as f32;
            let light = Lighting::new(found, angle, keys);
            let front = light.open(v3(0.0, 0.2, 1.0).unit()).luminance();
            let off = (session.front.0 - front).max(front - session.front.1).max(0.0);
            (off, light)
        };
        let mut best = turned();
        for _ in 0..2 {
            if best.0 > 0.0 {
                let other = turned();
                if other.0 < best.0 {
                    best = other;
                }
            }
        }
        let mut light = best.1;
        light.add_lamp(rng::between(rng, f64::from(session.lamp.0), f64::from(session.lamp.1)) as f32);
        light
    }
}

/// Device number `n`.
fn device(n: u8) -> &'static Device {
    &DEVICES[usize::from(n) % DEVICES.len()]
}

/// Session number `n`.
fn session(n: u8) -> &'static Session {
    &SESSIONS[usize::from(n) % SESSIONS.len()]
}

/// A clip that is set up: gives its frames.
#[derive(Debug)]
pub struct Take<'r> {
    renderer: &'r Renderer,
    clip: Clip,
    who: Identity,
    streams: Streams,
    exposure: Exposure,
    framing: Framing,
    backdrop: Backdrop,
    light: Lighting<'r>,
    size: usize,
    samples: usize,
    attack_samples: usize,
    /// The live person, or the attacker where they are seen.
    sitting: Option<Sitting<'r>>,
    /// The flat medium with what it shows.
    flat: Option<FlatAttack<'r>>,
    /// What the attacker wears.
    disguise: Option<Arc<Disguise>>,
}

/// A flat medium and the attacker's photograph or video.
#[derive(Debug)]
struct FlatAttack<'r> {
    medium: Flat,
    source: Source,
    /// Who is filmed, and with which camera, where a video is shown.
    film: Option<(Sitting<'r>, Exposure)>,
    /// What is behind the medium where no attacker is.
    behind: Behind,
}

impl<'r> Take<'r> {
    /// The frame at `seconds` from the clip's beginning; `number` seeds its noise. A pure function of the clip and its
    /// arguments.
    pub fn frame(&self, seconds: f32, number: u32) -> Frame {
        let (size, n) = (self.size, self.size * self.size);
        let noise = &mut self.streams.stream("synth noise", u64::from(number));
        let side = size as f32;
        if let Some(flat) = &self.flat {
            let shown = self.present(flat, seconds);
            let at = Instant { seconds, face: shown.face };
            let taken = take(&shown.picture, size, &self.exposure, at, noise);
            let surface =
                |k: fn((V3, V3)) -> V3| shown.surface.iter().map(|s| s.map_or(V3::ZERO, k)).collect::<Vec<V3>>();
            return self.keep(Frame {
                width: size,
                height: size,
                rgb: taken.rgb,
                jpeg: taken.jpeg,
                depth: vec![0; n],
                mask: mask(&shown, size, self.attack_samples),
                normals: normals(&surface(|s| s.0)),
                albedo: albedo(&surface(|s| s.1)),
                landmarks: shown.landmarks.map(|p| p.map(|c| c * side)),
                face_box: shown.face.map(|c| c * side),
            });
        }
        let shot = match &self.sitting {
            Some(sitting) => sitting.at(seconds),
            None => self.seat(None).at(seconds),
        };
        let samples = self.samples as f32;
        let at = Instant { seconds, face: shot.face_box.map(|c| c / samples / side) };
        let taken = take(&shot.picture, size, &self.exposure, at, noise);
        self.keep(Frame {
            width: size,
            height: size,
            rgb: taken.rgb,
            jpeg: taken.jpeg,
            depth: if self.disguise.is_some() { vec![0; n] } else { depth(&shot, size, self.samples) },
            mask: material(&shot, size, self.samples),
            normals: normals(&shot.normals),
            albedo: albedo(&shot.albedo),
            landmarks: shot.landmarks.map(|p| p.map(|c| c / samples)),
            face_box: shot.face_box.map(|c| c / samples),
        })
    }

    /// Cuts everything to the device's part of the square, as its camera has cut the picture.
    fn keep(&self, frame: Frame) -> Frame {
        let size = self.size;
        let [left, top, width, height] = self.exposure.cut(size);
        if (width, height) == (size, size) {
            return frame;
        }
        let cut = |all: &[u8], bytes: usize| -> Vec<u8> {
            let rows = all.chunks_exact(size * bytes).skip(top).take(height);
            rows.flat_map(|row| &row[left * bytes..(left + width) * bytes]).copied().collect()
        };
        let [x, y, w, h] = frame.face_box;
        let (dx, dy) = (left as f32, top as f32);
        Frame {
            width,
            height,
            depth: cut(&frame.depth, 1),
            mask: cut(&frame.mask, 1),
            normals: cut(&frame.normals, 3),
            albedo: cut(&frame.albedo, 3),
            landmarks: frame.landmarks.map(|[x, y]| [x - dx, y - dy]),
            face_box: [x - dx, y - dy, w, h],
            ..frame
        }
    }

    /// The medium before the camera.
    fn present(&self, flat: &FlatAttack<'_>, seconds: f32) -> Presented {
        let attacker = self.sitting.as_ref().map(|sitting| {
            let shot = sitting.at(seconds);
            let part = 1.0 / shot.picture.side as f32;
            let landmarks = shot.landmarks.map(|p| p.map(|c| c * part));
            {
                let solid = shot.depth.iter().map(|d| d.is_finite()).collect();
                Behind { landmarks, face: shot.face_box.map(|c| c * part), picture: shot.picture, solid }
            }
        });
        let film = flat.film.as_ref().map(|(sitting, exposure)| {
            // A video has pictures of its own rhythm.
            let shown = (seconds * 25.0).floor() / 25.0;
            self.photograph(sitting, exposure, flat.source.side, shown)
        });
        let place = Place {
            light: &self.light,
            framing: &self.framing,
            behind: attacker.as_ref().unwrap_or(&flat.behind),
            side: self.size * self.attack_samples,
            size: self.size,
            seconds,
        };
        flat.medium.present(&self.renderer.press, film.as_ref().unwrap_or(&flat.source), &place)
    }

    /// The attacker took a photograph or a video of a live face, some other time and place, with a good camera, and
    /// puts it on the clip's medium.
    fn flat(&self, attacker: &Identity) -> FlatAttack<'r> {
        let own = &mut self.streams.stream("synth attacker", 0);
        let place = &SESSIONS[rng::index(own, SESSIONS.len())];
        let camera = &DEVICES[rng::index(own, DEVICES.len())];
        let exposure = Exposure::draw(camera, place.dark, 0.0, own).careful(tuning::SOURCE_BLUR);
        let (medium, own) = (self.clip.presentation, &mut self.streams.stream("synth medium", 0));
        let margin = Medium::margin(medium, own);
        // As many pixels on the face as the clip's camera sees, and some more.
        let near = device(self.clip.device).face;
        let pixels = ((self.size as f32 * near * margin * tuning::SOURCE_PIXELS) as usize / 2).max(16) * 2;
        let light = self.renderer.surroundings(place, own, KEYS);
        let backdrop = Backdrop::of(place.backdrop, place.name, &mut self.streams.stream("synth film backdrop", 0));
        let mut framing = Framing::draw(&DEVICES[0], own);
        framing.eyes = framing.eyes.map(|e| 0.5 + (e - 0.5) / margin);
        framing.face /= margin;
        let sitting = self.sit(&self.who, &light, (&framing, backdrop), (2 * pixels, 2), "synth film");
        let source = self.photograph(&sitting, &exposure, pixels, 0.0);
        let video = matches!(medium, Presentation::Replay { video: true, .. });
        let skin = skin_colour(attacker.melanin, attacker.redness);
        let shown = Medium { presentation: medium, hand: self.clip.hand, skin };
        let sides = (self.size * self.attack_samples, self.size);
        let medium = Flat::new(&self.renderer.press, &shown, &source, &self.framing, sides, own);
        let wall = Wall::new(&self.backdrop, &self.light, self.size);
        let wall = (0..self.size * self.size)
            .map(|i| wall.at(i % self.size, i / self.size, self.size, &Shake::NONE))
            .collect();
        let picture = Picture { side: self.size, light: wall };
        let behind = Behind { picture, solid: Vec::new(), landmarks: source.landmarks, face: source.face };
        FlatAttack { medium, source, film: video.then_some((sitting, exposure)), behind }
    }

    /// A photograph of `pixels` pixels a side.
    fn photograph(&self, sitting: &Sitting<'_>, exposure: &Exposure, pixels: usize, seconds: f32) -> Source {
        let shot = sitting.at(seconds);
        let part = 1.0 / shot.picture.side as f32;
        let face = shot.face_box.map(|c| c * part);
        let noise = &mut self.streams.stream("synth photo noise", (seconds * 25.0).round() as u64);
        let taken = take(&shot.picture, pixels, exposure, Instant { seconds, face }, noise);
        Source { side: pixels, rgb: taken.rgb, landmarks: shot.landmarks.map(|p| p.map(|c| c * part)), face }
    }

    /// Seats the clip's person (or `other`, who stands behind a medium) before its camera.
    fn seat(&self, other: Option<&Identity>) -> Sitting<'r> {
        let who = other.unwrap_or_else(|| self.disguise.as_ref().map_or(&self.who, |d| &d.who));
        self.sit(
            who,
            &self.light,
            (&self.framing, self.backdrop),
            (self.size * self.samples, self.samples),
            "synth motion",
        )
    }

    /// Seats `who` in `light` before a backdrop and a camera with its framing; `motion` names the stream of their motion.
    fn sit(
        &self,
        who: &Identity,
        light: &Lighting<'r>,
        (framing, backdrop): (&Framing, Backdrop),
        (side, block): (usize, usize),
        motion: &str,
    ) -> Sitting<'r> {
        let view = View { side, block, eyes: framing.eyes, face: framing.face, distance: framing.distance };
        let motion = Motion::draw(&mut self.streams.stream(motion, 0), self.clip.talking, self.clip.hand);
        let (model, anatomy) = (&self.renderer.model, &self.renderer.anatomy);
        let disguise = self.disguise.clone();
        let moment = &motion.at(0.0);
        let sitter = Sitter::new(&Cast { model, anatomy, who, moment, light, backdrop, disguise }, &view);
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

fn depth(shot: &Shot, size: usize, samples: usize) -> Vec<u8> {
    let side = shot.picture.side;
    let at = |i: usize| (i % size * samples + samples / 2) + (i / size * samples + samples / 2) * side;
    let byte = |d: f32| if d.is_finite() { (255.0 - 247.0 * (d / DEEPEST).min(1.0)).round() as u8 } else { 0 };
    (0..size * size).map(|i| byte(shot.depth[at(i)])).collect()
}

fn normals(all: &[V3]) -> Vec<u8> {
    let bytes = |n: &V3| {
        let byte = |c: f32| if *n == V3::ZERO { 0 } else { (127.5 * (c + 1.0)).round().clamp(0.0, 255.0) as u8 };
        [byte(n.x), byte(n.y), byte(n.z)]
    };
    all.iter().flat_map(bytes).collect()
}

fn albedo(all: &[V3]) -> Vec<u8> {
    let byte = |c: f32| (255.0 * srgb(c.min(1.0))).round() as u8;
    all.iter().flat_map(|a| [byte(a.x), byte(a.y), byte(a.z)]).collect()
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
