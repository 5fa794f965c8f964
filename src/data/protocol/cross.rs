//! Protocols across sets: learn from some whole sets, be judged by another that was never seen. Two families of them hold back a
//! medium too: who learns from prints alone is judged by replays, and the other way round, so that cues change and not thresholds
//! alone.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::data::clip::{ClipInfo, Part, SetName};
use crate::data::{Label, Split};

/// Families of cross-set protocols: name, sources and target.
const FAMILIES: [(&str, &[&str]); 5] = [
    ("mico", &MICO),
    ("micy", &["ICY-M", "IMY-C", "MCY-I", "ICM-Y"]),
    ("limited", &["MI-C", "MI-O"]),
    ("print_to_replay", &MICO),
    ("replay_to_print", &MICO),
];

/// The four ways in which one of four sets is held back.
const MICO: [&str; 4] = ["OCI-M", "OMI-C", "OCM-I", "ICM-O"];

/// What shows a face that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Medium {
    /// Paper.
    Print,
    /// A display.
    Replay,
}

impl Medium {
    /// The medium of an attack of one of the four sets, by its species; `None` for anything else.
    fn of(species: &str) -> Option<Self> {
        match species {
            "print" | "warped" | "cut" => Some(Self::Print),
            "replay" | "video" | "mobile" | "highdef" | "ipad" | "iphone" => Some(Self::Replay),
            _ => None,
        }
    }
}

/// What counts as a whole set; published work differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whole {
    /// Every video but enrolment, as Meta Pattern has it.
    #[default]
    EveryVideo,
    /// Train and test parts without dev and devel, as SSDG and its followers have it.
    NoDev,
}

/// One protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cross {
    family: &'static str,
    rule: &'static str,
    sources: Vec<SetName>,
    target: SetName,
    whole: Whole,
    /// The medium that is learnt from and the one that is judged by; `None`: all of them.
    media: Option<(Medium, Medium)>,
}

impl Cross {
    pub fn parse(name: &str, whole: Whole) -> Option<Self> {
        let (family, rule) = name.split_once('/')?;
        let (family, rules) = FAMILIES.iter().find(|f| f.0 == family)?;
        let set = |letter: char| SetName::ALL.into_iter().find(|s| s.letter() == Some(letter));
        let (sources, target) = rule.split_once('-')?;
        let sources: Vec<SetName> = sources.chars().map(set).collect::<Option<_>>()?;
        let target = set(target.chars().next()?)?;
        // The order of the sources does not matter.
        let same = |known: &&&str| {
            let letters = |s: &str| {
                let mut all: Vec<char> = s.chars().collect();
                all.sort_unstable();
                all
            };
            known
                .split_once('-')
                .zip(rule.split_once('-'))
                .is_some_and(|(k, r)| k.1 == r.1 && letters(k.0) == letters(r.0))
        };
        let rule = rules.iter().find(same)?;
        let media = match *family {
            "print_to_replay" => Some((Medium::Print, Medium::Replay)),
            "replay_to_print" => Some((Medium::Replay, Medium::Print)),
            _ => None,
        };
        Some(Self { family, rule, sources, target, whole, media })
    }

    pub fn names() -> Vec<String> {
        FAMILIES.iter().flat_map(|(family, rules)| rules.iter().map(move |r| format!("{family}/{r}"))).collect()
    }

    pub fn sets(&self) -> Vec<SetName> {
        self.sources.iter().copied().chain([self.target]).collect()
    }

    pub fn title(&self) -> String {
        let sources: Vec<&str> = self.sources.iter().map(|s| s.title()).collect();
        let sets = format!("{} to {}", sources.join(", "), self.target);
        match self.media {
            None => sets,
            Some((Medium::Print, _)) => format!("{sets}; prints to learn from, replays to be judged by"),
            Some((Medium::Replay, _)) => format!("{sets}; replays to learn from, prints to be judged by"),
        }
    }

    pub fn place(&self, clip: &ClipInfo) -> Option<Split> {
        let counts = match (clip.part, self.whole) {
            (Part::Enroll, _) | (Part::Dev, Whole::NoDev) => false,
            (Part::Train | Part::Dev | Part::Test | Part::Whole, _) => true,
        };
        if !counts {
            return None;
        }
        let split = if clip.set == self.target {
            Split::Test
        } else {
            self.sources.contains(&clip.set).then_some(Split::Train)?
        };
        let Some((learnt, judged)) = self.media.filter(|_| clip.label == Label::Spoof) else { return Some(split) };
        let wanted = if split == Split::Train { learnt } else { judged };
        (Medium::of(&clip.species) == Some(wanted)).then_some(split)
    }
}

impl fmt::Display for Cross {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.family, self.rule)
    }
}
