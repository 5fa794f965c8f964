//! Which clips the benchmark has: the sets' files add theirs through a [`Pen`]. Nothing is rendered or written here.

use rand::Rng as _;

use crate::data::Label;
use crate::data::clip::{ClipInfo, Part, SetName};
use crate::rng::{self, Streams};
use crate::synth::{self, DEVICES, DISPLAYS, PRINTERS, Presentation, PrintForm, SESSIONS};

use super::scale::Scale;
use super::{synth_c, synth_i, synth_m, synth_o, synth_w, synth_y};

/// People who hold media and wear disguises; they are never shown themselves.
const ATTACKERS: usize = 12;
/// Their numbers in the world begin here.
const FIRST_ATTACKER: u32 = 1_000_000;

/// A clip of the benchmark: what its names say, and how it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What a reader of the set knows.
    pub info: ClipInfo,
    /// What the renderer is told.
    pub clip: synth::Clip,
}

/// All clips of `set`, in the order of their paths' making.
pub fn clips_of(set: SetName, scale: Scale, seed: u64) -> Vec<Planned> {
    let mut pen = Pen { set, streams: Streams::new(seed), out: Vec::new() };
    match set {
        SetName::OuluNpu => synth_o::plan(scale, &mut pen),
        SetName::CasiaFasd => synth_c::plan(scale, &mut pen),
        SetName::ReplayAttack => synth_i::plan(scale, &mut pen),
        SetName::MsuMfsd => synth_m::plan(scale, &mut pen),
        SetName::RoseYoutu => synth_y::plan(scale, &mut pen),
        SetName::SiwM => synth_w::plan(scale, &mut pen),
    }
    pen.out
}

/// Writes clips down.
pub struct Pen {
    set: SetName,
    streams: Streams,
    out: Vec<Planned>,
}

/// What one clip differs by.
pub struct Entry {
    pub path: String,
    pub part: Part,
    /// The set's own words.
    pub species: &'static str,
    pub instrument: String,
    /// The person within the set.
    pub person: u32,
    pub camera: &'static str,
    pub session: &'static str,
    /// Names in the renderer's tables.
    pub device: &'static str,
    pub place: &'static str,
    pub presentation: Presentation,
    pub hand: bool,
    pub talking: bool,
    pub glasses: Option<bool>,
}

impl Pen {
    pub fn add(&mut self, entry: Entry) {
        let rng = &mut self.streams.stream(&format!("benchmark {}/{}", self.set.name(), entry.path), 0);
        let live = entry.presentation.is_live();
        // Numbers of different sets lie apart, so that nobody is in two sets.
        let set = SetName::ALL.iter().position(|s| *s == self.set).unwrap_or(0) as u32;
        let person = set * 10_000 + entry.person;
        let attacker = FIRST_ATTACKER + rng::index(rng, ATTACKERS) as u32;
        let letter = self.set.letter().unwrap_or('W');
        let label = if live { Label::Live } else { Label::Spoof };
        self.out.push(Planned {
            info: ClipInfo {
                set: self.set,
                path: entry.path,
                label,
                species: entry.species.to_owned(),
                instrument: entry.instrument,
                subject: format!("{letter}{:02}", entry.person),
                camera: entry.camera.to_owned(),
                session: entry.session.to_owned(),
                part: entry.part,
            },
            clip: synth::Clip {
                person,
                attacker: if live { person } else { attacker },
                presentation: entry.presentation,
                device: place_of(entry.device, DEVICES.iter().map(|d| d.name)),
                session: place_of(entry.place, SESSIONS.iter().map(|s| s.name)),
                hand: entry.hand,
                talking: entry.talking,
                glasses: entry.glasses,
                seed: rng.next_u64(),
            },
        });
    }
}

/// A print by the name of its printer.
pub fn print(printer: &str, form: PrintForm) -> Presentation {
    Presentation::Print { printer: place_of(printer, PRINTERS.iter().map(|p| p.name)), form }
}

/// A replay by the name of its display.
pub fn replay(display: &str, video: bool) -> Presentation {
    Presentation::Replay { display: place_of(display, DISPLAYS.iter().map(|d| d.name)), video }
}

/// Index of `name`; the tests show that every name that is used is there.
fn place_of(name: &str, mut all: impl Iterator<Item = &'static str>) -> u8 {
    all.position(|n| n == name).unwrap_or(0) as u8
}
