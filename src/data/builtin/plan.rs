//! Which clips the benchmark has: the sets' files add theirs through a [`Pen`]. Nothing is rendered or written here.

use rand::Rng as _;

use crate::data::Label;
use crate::data::clip::{ClipInfo, Part, SetName};
use crate::data::protocol::{Offer, Protocol, ProtocolError, Whole};
use crate::rng::{self, Streams};
use crate::synth::{self, DEVICES, DISPLAYS, PRINTERS, Presentation, PrintForm, SESSIONS};

use super::scale::Scale;
use super::{synth_c, synth_i, synth_m, synth_o, synth_w, synth_y};

/// People who hold media and wear disguises have numbers from here on. Everyone who is shown has some of their own, so
/// that no attacker is met in two parts of a set and nobody can be known for one.
const FIRST_ATTACKER: u32 = 1_000_000;
const ATTACKERS_EACH: u32 = 4;

/// A clip of the benchmark: what its names say, and how it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What a reader of the set knows.
    pub info: ClipInfo,
    /// What the renderer is told.
    pub clip: synth::Clip,
}

/// All clips of `set`, in the order of their paths' making; none of a set that has no miniature.
pub fn clips_of(set: SetName, scale: Scale, seed: u64) -> Vec<Planned> {
    let mut pen = Pen { set, streams: Streams::new(seed), out: Vec::new() };
    match set {
        SetName::OuluNpu => synth_o::plan(scale, &mut pen),
        SetName::CasiaFasd => synth_c::plan(scale, &mut pen),
        SetName::ReplayAttack => synth_i::plan(scale, &mut pen),
        SetName::MsuMfsd => synth_m::plan(scale, &mut pen),
        SetName::RoseYoutu => synth_y::plan(scale, &mut pen),
        SetName::SiwM => synth_w::plan(scale, &mut pen),
        SetName::SiwMv2 => {}
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
    pub upside_down: bool,
}

impl Pen {
    pub fn add(&mut self, entry: Entry) {
        let rng = &mut self.streams.stream(&format!("benchmark {}/{}", self.set.name(), entry.path), 0);
        let live = entry.presentation.is_live();
        // Numbers of different sets lie apart, so that nobody is in two sets.
        let set = SetName::BUILT_IN.iter().position(|s| *s == self.set).unwrap_or(0) as u32;
        let person = set * 10_000 + entry.person;
        let attacker = FIRST_ATTACKER + person * ATTACKERS_EACH + rng::index(rng, ATTACKERS_EACH as usize) as u32;
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
                lists: Vec::new(),
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
                upside_down: entry.upside_down,
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
pub fn place_of(name: &str, mut all: impl Iterator<Item = &'static str>) -> u8 {
    all.position(|n| n == name).unwrap_or(0) as u8
}

/// The protocols over sets that have miniatures. A small scale may have nobody for a part of one; [`summary`] tells.
pub fn offers() -> Vec<Offer> {
    let built_in = |offer: &Offer| {
        Protocol::parse(&offer.name, 1, Whole::EveryVideo)
            .is_ok_and(|p| p.sets().iter().all(|s| SetName::BUILT_IN.contains(s)))
    };
    Protocol::offers().into_iter().filter(built_in).collect()
}

/// How many clips a protocol has of the built-in sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Live clips and attacks in train, dev and test.
    pub clips: [[usize; 2]; 3],
    /// Whether dev is held out from training subjects.
    pub held_out: bool,
}

impl Summary {
    /// All clips.
    pub fn total(&self) -> usize {
        self.clips.iter().flatten().sum()
    }
}

/// Counts what `protocol` has at `scale`. The seed changes no count.
pub fn summary(scale: Scale, protocol: &Protocol) -> Result<Summary, ProtocolError> {
    let sets = protocol.sets().into_iter();
    let clips: Vec<ClipInfo> = sets.flat_map(|s| clips_of(s, scale, 0)).map(|p| p.info).collect();
    let members = protocol.members(&clips)?;
    let mut out = Summary { clips: [[0; 2]; 3], held_out: members.held_out };
    for (clip, split) in clips.iter().zip(members.split) {
        if let Some(split) = split {
            out.clips[split as usize][usize::from(clip.label == Label::Spoof)] += 1;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    fn all(scale: Scale) -> Vec<Planned> {
        SetName::BUILT_IN.into_iter().flat_map(|s| clips_of(s, scale, 0)).collect()
    }

    #[test]
    fn every_name_in_the_sets_is_in_the_renderers_tables() {
        // What is not found would silently be the first entry; so the first entries' names must be used just as often as
        // they are meant: count what is used of each table.
        let names =
            |of: &dyn Fn(&Planned) -> Option<u8>| -> BTreeSet<u8> { all(Scale::Full).iter().filter_map(of).collect() };
        assert_eq!(names(&|p| Some(p.clip.device)).len(), DEVICES.len());
        assert_eq!(names(&|p| Some(p.clip.session)).len(), SESSIONS.len());
        let printer = |p: &Planned| {
            if let Presentation::Print { printer, .. } = p.clip.presentation { Some(printer) } else { None }
        };
        assert_eq!(names(&printer).len(), PRINTERS.len());
        let display = |p: &Planned| {
            if let Presentation::Replay { display, .. } = p.clip.presentation { Some(display) } else { None }
        };
        assert_eq!(names(&display).len(), DISPLAYS.len());
    }

    #[test]
    fn the_full_sets_have_the_originals_counts() {
        let count = |set: SetName| {
            let clips = clips_of(set, Scale::Full, 0);
            let paths: BTreeSet<&str> = clips.iter().map(|c| c.info.path.as_str()).collect();
            assert_eq!(paths.len(), clips.len(), "{set}");
            let scored: Vec<_> = clips.iter().filter(|c| c.info.part != Part::Enroll).collect();
            let live = scored.iter().filter(|c| c.clip.presentation.is_live()).count();
            (live, scored.len() - live)
        };
        assert_eq!(count(SetName::OuluNpu), (990, 3960));
        assert_eq!(count(SetName::CasiaFasd), (150, 450));
        assert_eq!(count(SetName::ReplayAttack), (200, 1000));
        assert_eq!(count(SetName::MsuMfsd), (70, 210));
        assert_eq!(count(SetName::RoseYoutu), (900, 2600));
        assert_eq!(count(SetName::SiwM), (659, 967));
    }

    #[test]
    fn every_protocol_has_its_parts_at_every_scale_and_the_full_ones_the_published_sizes() {
        for scale in Scale::ALL {
            let clips: Vec<ClipInfo> = all(scale).into_iter().map(|p| p.info).collect();
            for offer in offers() {
                for fold in 1..=offer.folds {
                    let protocol = Protocol::parse(&offer.name, fold, Whole::EveryVideo).unwrap();
                    let members = protocol.members(&clips);
                    // Three people cannot be divided by lists of thirty-five.
                    let none = (scale, offer.name.as_str()) == (Scale::Tiny, "msu_mfsd/bob");
                    assert_eq!(members.is_err(), none, "{scale:?} {members:?}");
                }
            }
        }
        let clips: Vec<ClipInfo> = all(Scale::Full).into_iter().map(|p| p.info).collect();
        let sizes = |name: &str, fold: u32, whole: Whole| {
            let members = Protocol::parse(name, fold, whole).unwrap().members(&clips).unwrap();
            let mut count: BTreeMap<crate::data::Split, [usize; 2]> = BTreeMap::new();
            for (clip, split) in clips.iter().zip(&members.split) {
                if let Some(split) = split {
                    count.entry(*split).or_default()[usize::from(clip.label == Label::Spoof)] += 1;
                }
            }
            count.into_values().collect::<Vec<_>>()
        };
        let every = |name: &str, fold: u32| sizes(name, fold, Whole::EveryVideo);
        assert_eq!(every("oulu_npu/1", 1), [[240, 960], [180, 720], [120, 480]]);
        assert_eq!(every("oulu_npu/2", 1), [[360, 720], [270, 540], [360, 720]]);
        for fold in 1..=6 {
            assert_eq!(every("oulu_npu/3", fold), [[300, 1200], [225, 900], [60, 240]]);
            assert_eq!(every("oulu_npu/4", fold), [[200, 400], [150, 300], [20, 40]]);
        }
        assert_eq!(every("replay_attack/grandtest", 1), [[60, 300], [60, 300], [80, 400]]);
        assert_eq!(every("replay_attack/digitalphoto", 1), [[60, 120], [60, 120], [80, 160]]);
        assert_eq!(every("replay_attack/print-hand", 1), [[60, 30], [60, 30], [80, 40]]);
        assert_eq!(every("replay_attack/smalltest", 1), [[4, 4]; 3]);
        for fold in 1..=5 {
            assert_eq!(every("msu_mfsd/bob", fold), [[20, 60], [20, 60], [30, 90]]);
        }
        let whole = |parts: Vec<[usize; 2]>| (parts[0][0] + parts[1][0] + parts[0][1] + parts[1][1], parts[2]);
        assert_eq!(whole(every("mico/OCI-M", 1)), (6750, [70, 210]));
        assert_eq!(whole(every("mico/ICM-O", 1)), (2080, [990, 3960]));
        assert_eq!(whole(every("limited/MI-C", 1)), (1480, [150, 450]));
        assert_eq!(whole(sizes("mico/ICM-O", 1, Whole::NoDev)).1, [720, 2880]);
        // Sources that mislead have half of their phones and lights, and two or one of three cameras; the target has all.
        assert_eq!(whole(every("misled/OCI-M", 1)), (495 + 1980 + 100 + 150 + 100 + 500, [70, 210]));
        assert_eq!(whole(every("misled/ICM-O", 1)).1, [990, 3960]);
        assert_eq!(whole(every("siw_m/7", 1)).1, [131, 40]);
        assert_eq!(whole(every("casia_fasd/4", 1)).1, [90, 90]);
        assert_eq!(whole(every("msu_mfsd/1", 1)).1, [40, 120]);
    }

    #[test]
    fn names_are_those_of_the_originals() {
        let has = |set: SetName, path: &str| {
            let clips = clips_of(set, Scale::Mini, 0);
            assert!(clips.iter().any(|c| c.info.path == path), "{set}: {path}, not {}", clips[0].info.path);
        };
        for path in ["Train_files/1_3_01_1.avi", "Dev_files/6_3_21_5.avi", "Test_files/3_2_41_4.avi"] {
            has(SetName::OuluNpu, path);
        }
        for path in ["train_release/1/HR_1.avi", "train_release/4/8.avi", "test_release/1/1.avi"] {
            has(SetName::CasiaFasd, path);
        }
        for path in [
            "train/real/client001_session01_webcam_authenticate_adverse_2.mov",
            "devel/attack/hand/attack_print_client003_session01_highdef_photo_controlled.mov",
            "test/attack/fixed/attack_mobile_client009_session01_mobile_video_adverse.mov",
            "enroll/train/client001_session01_webcam_enroll_adverse.mov",
        ] {
            has(SetName::ReplayAttack, path);
        }
        has(SetName::MsuMfsd, "scene01/real/real_client003_android_SD_scene01.mp4");
        has(SetName::MsuMfsd, "scene01/attack/attack_client002_laptop_SD_printed_photo_scene01.mov");
        has(SetName::RoseYoutu, "2/G_NT_HW_wg_E_2_1.mp4");
        for path in ["Live/Train/Live_1.mov", "Live/Test/Live_5.mov", "Partial/PaperCut/Partial_Eye_1.mov"] {
            has(SetName::SiwM, path);
        }
    }

    #[test]
    fn mini_has_its_documented_size_and_every_seed_its_own_clips() {
        let count = |set| clips_of(set, Scale::Mini, 0).len();
        assert_eq!(SetName::BUILT_IN.map(count), [990, 420, 560, 280, 306, 230]);
        let [a, b] = [0, 1].map(|seed| clips_of(SetName::MsuMfsd, Scale::Mini, seed));
        assert!(a.iter().zip(&b).all(|(a, b)| a.info == b.info && a.clip.seed != b.clip.seed));
    }
}
