//! Protocols within one set, as the sets' authors and the papers have them.

use std::fmt;

use crate::data::Split;
use crate::data::clip::{ClipInfo, Part, SetName};
use crate::data::facts::{MSU, SIW};

use super::replay::Replay;
use super::siw_mv2;

/// The held-out species of SiW-M's protocols, in the order of MT-FAS Table 2: the species' name and the column's.
pub const SIW_M: [(&str, &str); 13] = [
    ("replay", "Replay"),
    ("print", "Print"),
    ("half_mask", "Half mask"),
    ("silicone_mask", "Silicone mask"),
    ("transparent_mask", "Transparent mask"),
    ("paper_mask", "Paper mask"),
    ("mannequin", "Mannequin"),
    ("obfuscation", "Obfuscation"),
    ("impersonation", "Impersonation"),
    ("cosmetic", "Cosmetic"),
    ("funny_eye", "Funny eye"),
    ("paper_glasses", "Paper glasses"),
    ("partial_paper", "Partial paper"),
];

/// CASIA-FASD's seven tests: which camera, or which attack.
const CASIA: [&str; 7] = ["camera A", "camera B", "camera HR", "warped photo", "cut photo", "video", "overall"];

/// People of ROSE-YOUTU who are for learning, by split; the other split also has people for thresholds.
const ROSE_METAPATTERN: [u32; 10] = [2, 3, 5, 9, 12, 13, 15, 16, 20, 22];

/// A protocol within one set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// OULU-NPU's 1 to 4.
    Oulu(u8),
    /// SiW-M with one species held out, from 1.
    SiwM(u8),
    /// CASIA-FASD's scenarios, from 1.
    Casia(u8),
    /// Replay-Attack's attack protocols.
    Replay(Replay),
    /// MSU-MFSD's only one.
    Msu,
    /// MSU-MFSD in Idiap's five divisions, which have a part for thresholds.
    MsuBob,
    /// SiW-Mv2's I to III.
    SiwMv2(u8),
    /// ROSE-YOUTU split as by Meta Pattern's authors, or by Gradiant.
    Rose { metapattern: bool },
}

impl Within {
    pub fn parse(name: &str) -> Option<Self> {
        let (set, rule) = name.split_once('/')?;
        let number = |most: u8| rule.parse::<u8>().ok().filter(|n| (1..=most).contains(n) && *rule == n.to_string());
        Some(match set {
            "oulu_npu" => Self::Oulu(number(4)?),
            "siw_m" => Self::SiwM(number(13)?),
            "casia_fasd" => Self::Casia(number(7)?),
            "replay_attack" => Self::Replay(Replay::parse(rule)?),
            "msu_mfsd" if rule == "bob" => Self::MsuBob,
            "msu_mfsd" => number(1).map(|_one| Self::Msu)?,
            "siw_mv2" => Self::SiwMv2(number(3)?),
            "rose_youtu" if rule == "metapattern" => Self::Rose { metapattern: true },
            "rose_youtu" if rule == "gradiant" => Self::Rose { metapattern: false },
            _ => return None,
        })
    }

    pub fn names() -> Vec<String> {
        let numbered = |set: &'static str, most: u8| (1..=most).map(move |n| format!("{set}/{n}"));
        numbered("oulu_npu", 4)
            .chain(numbered("siw_m", 13))
            .chain(numbered("casia_fasd", 7))
            .chain(Replay::names().map(|name| format!("replay_attack/{name}")))
            .chain(["msu_mfsd/1", "msu_mfsd/bob", "rose_youtu/metapattern", "rose_youtu/gradiant"].map(str::to_owned))
            .chain(numbered("siw_mv2", 3))
            .collect()
    }

    pub fn set(self) -> SetName {
        match self {
            Self::Oulu(_) => SetName::OuluNpu,
            Self::SiwM(_) => SetName::SiwM,
            Self::Casia(_) => SetName::CasiaFasd,
            Self::Replay(_) => SetName::ReplayAttack,
            Self::Msu | Self::MsuBob => SetName::MsuMfsd,
            Self::SiwMv2(_) => SetName::SiwMv2,
            Self::Rose { .. } => SetName::RoseYoutu,
        }
    }

    pub fn folds(self) -> u32 {
        match self {
            Self::Oulu(3 | 4) => 6,
            Self::MsuBob => MSU.folds.train.len() as u32,
            // The live clips are no species.
            Self::SiwMv2(2) => SIW.v2.len() as u32 - 1,
            _ => 1,
        }
    }

    pub fn title(self) -> String {
        let what = match self {
            Self::Oulu(1) => "Protocol 1: unseen session".to_owned(),
            Self::Oulu(2) => "Protocol 2: unseen printer and display".to_owned(),
            Self::Oulu(3) => "Protocol 3: unseen camera".to_owned(),
            Self::Oulu(_) => "Protocol 4: unseen session, camera, printer and display".to_owned(),
            Self::SiwM(n) => format!("held out: {}", SIW_M[usize::from(n) - 1].1),
            Self::Casia(n) => format!("scenario {n}: {}", CASIA[usize::from(n) - 1]),
            Self::Replay(replay) => replay.title(),
            Self::Msu => "train and test lists".to_owned(),
            Self::MsuBob => "subjects divided as by Idiap's bob".to_owned(),
            Self::SiwMv2(n) => siw_mv2::title(n).to_owned(),
            Self::Rose { metapattern: true } => "subjects split as by Meta Pattern".to_owned(),
            Self::Rose { metapattern: false } => "subjects split as by Gradiant".to_owned(),
        };
        format!("{}, {what}", self.set())
    }

    /// The part of `clip`, which is of any set.
    pub fn place(self, clip: &ClipInfo, fold: u32) -> Option<Split> {
        if clip.set != self.set() {
            return None;
        }
        let split = match clip.part {
            Part::Train => Some(Split::Train),
            Part::Dev => Some(Split::Dev),
            Part::Test => Some(Split::Test),
            Part::Enroll | Part::Whole => None,
        };
        match self {
            Self::Oulu(n) => oulu(n, fold, clip, split?),
            Self::SiwM(n) => siw_m(SIW_M[usize::from(n) - 1].0, clip, split),
            Self::Casia(n) => {
                let live = clip.species == "live";
                let inside = match n {
                    1 => clip.camera == "A",
                    2 => clip.camera == "B",
                    3 => clip.camera == "HR",
                    4 => live || clip.species == "warped",
                    5 => live || clip.species == "cut",
                    6 => live || clip.species == "video",
                    _ => true,
                };
                split.filter(|_| inside)
            }
            Self::Replay(replay) => split.filter(|_| replay.keeps(clip)),
            Self::Msu => split,
            Self::MsuBob => {
                let client = person(clip)?;
                let train = MSU.folds.train.get((fold as usize).checked_sub(1)?)?;
                split.map(|_| match () {
                    () if train.contains(&client) => Split::Train,
                    () if MSU.folds.test.contains(&client) => Split::Test,
                    () => Split::Dev,
                })
            }
            Self::SiwMv2(n) => siw_mv2::place(n, fold, clip),
            Self::Rose { metapattern } => {
                let person = person(clip)?;
                Some(match (metapattern, person) {
                    (true, p) if ROSE_METAPATTERN.contains(&p) => Split::Train,
                    (false, ..=10) => Split::Train,
                    (false, 11..=12) => Split::Dev,
                    _ => Split::Test,
                })
            }
        }
    }
}

/// The number in a subject's name.
pub fn person(clip: &ClipInfo) -> Option<u32> {
    clip.subject.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().ok()
}

/// OULU-NPU's membership rules: what is for learning is held back from the test and the other way round.
fn oulu(protocol: u8, fold: u32, clip: &ClipInfo, split: Split) -> Option<Split> {
    let test = split == Split::Test;
    let unseen_session = clip.session == "3";
    let unseen_camera = clip.camera == fold.to_string();
    let second = clip.instrument.ends_with('2');
    let live = clip.species == "live";
    let session = unseen_session == test;
    let medium = live || second == test;
    let camera = unseen_camera == test;
    let inside = match protocol {
        1 => session,
        2 => medium,
        3 => camera,
        _ => session && medium && camera,
    };
    inside.then_some(split)
}

/// One species is for the test alone, with the test's live clips; the other species are for learning.
fn siw_m(held_out: &str, clip: &ClipInfo, split: Option<Split>) -> Option<Split> {
    match clip.species.as_str() {
        "live" => split,
        species if species == held_out => Some(Split::Test),
        _ => Some(Split::Train),
    }
}

impl fmt::Display for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = self.set().name();
        match self {
            Self::Oulu(n) | Self::SiwM(n) | Self::Casia(n) | Self::SiwMv2(n) => write!(f, "{set}/{n}"),
            Self::Replay(replay) => write!(f, "{set}/{replay}"),
            Self::Msu => write!(f, "{set}/1"),
            Self::MsuBob => write!(f, "{set}/bob"),
            Self::Rose { metapattern: true } => write!(f, "{set}/metapattern"),
            Self::Rose { metapattern: false } => write!(f, "{set}/gradiant"),
        }
    }
}
