//! Replay-Attack's attack protocols: which attacks count, optionally those under one support alone, and the small one
//! for trying programs out.

use std::fmt;

use crate::data::clip::{ClipInfo, Part};
use crate::data::facts::REPLAY;

use super::within::person;

/// Attack protocols and what an attack's instrument must hold; an exclamation mark forbids.
const ATTACKS: [(&str, &[&str]); 7] = [
    ("grandtest", &[]),
    ("print", &["print"]),
    ("mobile", &["mobile"]),
    ("highdef", &["highdef"]),
    ("photo", &["photo"]),
    ("digitalphoto", &["photo", "!print"]),
    ("video", &["video"]),
];

/// Twelve live clips and twelve attacks: of the first four clients of a part, the first has the first of these, and so on.
const SMALL: &str = "smalltest";
const SMALL_LIVE: [&str; 4] = ["adverse_1", "adverse_2", "controlled_1", "controlled_2"];
const SMALL_ATTACK: [&str; 4] = ["photo_adverse", "photo_controlled", "video_adverse", "video_controlled"];

/// How the shown thing was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// On a tripod.
    Fixed,
    /// By hand.
    Hand,
}

impl Support {
    fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Hand => "hand",
        }
    }
}

/// One protocol: its name's place in the list, the small one after the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replay {
    attacks: usize,
    support: Option<Support>,
}

impl Replay {
    /// As `print`, `print-fixed` or `print-hand`.
    pub fn parse(name: &str) -> Option<Self> {
        let support = [Support::Fixed, Support::Hand].into_iter().find(|s| name.ends_with(&format!("-{}", s.name())));
        let attacks = support.map_or(Some(name), |s| name.strip_suffix(s.name())?.strip_suffix('-'))?;
        Some(Self { attacks: Self::names().position(|n| n == attacks)?, support })
    }

    /// All, under both supports.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ATTACKS.into_iter().map(|a| a.0).chain([SMALL])
    }

    fn name(self) -> &'static str {
        ATTACKS.get(self.attacks).map_or(SMALL, |a| a.0)
    }

    pub fn title(self) -> String {
        match self.support {
            None => self.name().to_owned(),
            Some(Support::Fixed) => format!("{}, fixed support alone", self.name()),
            Some(Support::Hand) => format!("{}, held by hand alone", self.name()),
        }
    }

    /// Whether a clip of the set counts. Live clips are the same in all but the small one.
    pub fn keeps(self, clip: &ClipInfo) -> bool {
        let has = |word: &str| clip.instrument.split(' ').any(|w| w == word);
        let live = clip.species == "live";
        let held = live || self.support.is_none_or(|s| has(s.name()));
        let counts = match ATTACKS.get(self.attacks) {
            None => small(clip, &has),
            Some((_, asked)) => live || asked.iter().all(|w| w.strip_prefix('!').map_or_else(|| has(w), |w| !has(w))),
        };
        held && counts
    }
}

fn small(clip: &ClipInfo, has: &dyn Fn(&str) -> bool) -> bool {
    let clients = match clip.part {
        Part::Train => &REPLAY.train,
        Part::Dev => &REPLAY.devel,
        Part::Test => &REPLAY.test,
        Part::Enroll | Part::Whole => return false,
    };
    let place = person(clip).and_then(|p| clients.iter().take(SMALL_LIVE.len()).position(|c| *c == p));
    let stem = clip.path.rsplit_once('.').map_or(clip.path.as_str(), |s| s.0);
    place.is_some_and(|k| match clip.species.as_str() {
        "live" => stem.ends_with(SMALL_LIVE[k]),
        "highdef" => has("fixed") && stem.ends_with(SMALL_ATTACK[k]),
        _ => false,
    })
}

impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        self.support.map_or(Ok(()), |s| write!(f, "-{}", s.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_they_were_read() {
        for name in ["grandtest", "print-hand", "digitalphoto-fixed", "smalltest", "smalltest-hand"] {
            assert_eq!(Replay::parse(name).unwrap().to_string(), name);
        }
        for name in ["", "-hand", "hand", "print-", "print-hand-hand", "print-both", "Print"] {
            assert_eq!(Replay::parse(name), None, "{name}");
        }
    }
}
