//! Protocols: which clips a detector learns from, which its threshold is chosen on and which it is judged by. Each is a
//! rule over what is known of a clip, so it needs no list files and is the same for a real set and the built-in
//! miniature of it. Reading list files, and clips themselves, happens elsewhere.

mod cross;
mod matrix;
mod replay;
mod siw_mv2;
mod within;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::clip::{ClipInfo, SetName};
use super::{Label, Split};

use cross::Cross;
pub use cross::Whole;
pub use matrix::{Cell, Matrix, MatrixRow, Member};
pub(crate) use siw_mv2::all_lists;
use within::Within;

/// Every how many training subjects one is held out where a protocol has no dev part.
const HOLD_OUT: usize = 5;

/// A protocol with its fold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protocol {
    rule: Rule,
    fold: u32,
    /// Whether subjects are held out where there is no dev part.
    holds_out: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    Within(Within),
    Cross(Cross),
}

/// Why there is no such protocol.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProtocolError {
    /// The name is not known.
    #[error("there is no protocol {0}; names are like oulu_npu/1, siw_m/7 or mico/OCI-M")]
    Unknown(String),
    /// The fold does not exist.
    #[error("protocol {name} has no fold {fold}; its folds go from 1 to {folds}")]
    Fold {
        /// The protocol.
        name: String,
        /// What was asked for.
        fold: u32,
        /// How many there are.
        folds: u32,
    },
    /// A person stands in two parts, so results would be worthless.
    #[error("{subject} stands in both {first} and {second} of {name}; results would be worthless")]
    Overlap {
        /// The protocol.
        name: String,
        /// The person.
        subject: String,
        /// One part.
        first: Split,
        /// The other part.
        second: Split,
    },
    /// A part that every run needs has no clips.
    #[error("{name} has no {class} clips to {purpose}")]
    Empty {
        /// The protocol.
        name: String,
        /// "live" or "attack".
        class: &'static str,
        /// "learn from", "choose the threshold on" or "be judged by".
        purpose: &'static str,
    },
}

/// Who is where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// For each clip that was asked about: its part, or nothing where the protocol leaves it out.
    pub split: Vec<Option<Split>>,
    /// Whether the dev part was held out from the training subjects because the protocol has none of its own.
    pub held_out: bool,
}

/// A protocol as it is offered to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Its name, as `oulu_npu/1`.
    pub name: String,
    /// Its name in the literature and what it tests, in a few words.
    pub title: String,
    /// How many folds it has.
    pub folds: u32,
}

impl Protocol {
    /// The protocol called `name`; `whole` is the convention for cross-set protocols.
    pub fn parse(name: &str, fold: u32, whole: Whole) -> Result<Self, ProtocolError> {
        let within = Within::parse(name).map(Rule::Within);
        let rule = within.or_else(|| Cross::parse(name, whole).map(Rule::Cross));
        let protocol =
            Self { rule: rule.ok_or_else(|| ProtocolError::Unknown(name.to_owned()))?, fold, holds_out: true };
        let folds = protocol.folds();
        if (1..=folds).contains(&fold) {
            Ok(protocol)
        } else {
            Err(ProtocolError::Fold { name: name.to_owned(), fold, folds })
        }
    }

    /// Everything that can be chosen, set by set, then across sets.
    pub fn offers() -> Vec<Offer> {
        let names = Within::names().into_iter().chain(Cross::names());
        names
            .filter_map(|name| {
                let protocol = Self::parse(&name, 1, Whole::EveryVideo).ok()?;
                Some(Offer { title: protocol.title(), folds: protocol.folds(), name })
            })
            .collect()
    }

    /// Its name, as `oulu_npu/3`; the fold apart.
    pub fn name(&self) -> String {
        match &self.rule {
            Rule::Within(rule) => rule.to_string(),
            Rule::Cross(rule) => rule.to_string(),
        }
    }

    /// What it tests, in a few words.
    pub fn title(&self) -> String {
        match &self.rule {
            Rule::Within(rule) => rule.title(),
            Rule::Cross(rule) => rule.title(),
        }
    }

    /// How many folds it has; 1 where it is not folded.
    pub fn folds(&self) -> u32 {
        match &self.rule {
            Rule::Within(rule) => rule.folds(),
            Rule::Cross(_) => 1,
        }
    }

    /// The list files it needs, without ending, in lower case: it is lists and nothing else. Empty for rules.
    pub fn lists(&self) -> Vec<&'static str> {
        match &self.rule {
            Rule::Within(Within::SiwMv2(n)) => siw_mv2::lists(*n),
            Rule::Within(_) | Rule::Cross(_) => Vec::new(),
        }
    }

    /// Whether it learns from some sets and is judged by another.
    pub fn is_across(&self) -> bool {
        matches!(self.rule, Rule::Cross(_))
    }

    /// The sets it needs.
    pub fn sets(&self) -> Vec<SetName> {
        match &self.rule {
            Rule::Within(rule) => vec![rule.set()],
            Rule::Cross(rule) => rule.sets(),
        }
    }

    /// The same protocol with nobody held out where it has no dev part: the part stays empty.
    #[must_use]
    pub fn holding_nobody_out(self) -> Self {
        Self { holds_out: false, ..self }
    }

    /// Where a clip stands, before anything is held out.
    fn place(&self, clip: &ClipInfo) -> Option<Split> {
        match &self.rule {
            Rule::Within(rule) => rule.place(clip, self.fold),
            Rule::Cross(rule) => rule.place(clip),
        }
    }

    /// Whether the protocol uses `clip` at all.
    pub fn keeps(&self, clip: &ClipInfo) -> bool {
        self.place(clip).is_some()
    }

    /// The parts of `clips` as published: nothing is held out, and parts may be empty, as they are where a set is not
    /// whole. An error where a person stands in two parts.
    pub fn published(&self, clips: &[ClipInfo]) -> Result<Vec<Option<Split>>, ProtocolError> {
        let split: Vec<Option<Split>> = clips.iter().map(|c| self.place(c)).collect();
        self.check_subjects(clips, &split)?;
        Ok(split)
    }

    /// The parts of `clips`. Where the protocol has no dev part, every fifth training subject of each set and class is
    /// held out for it, unless it is to be left empty: a threshold is never chosen on the test part unasked.
    pub fn members(&self, clips: &[ClipInfo]) -> Result<Members, ProtocolError> {
        let mut split: Vec<Option<Split>> = clips.iter().map(|c| self.place(c)).collect();
        let held_out = self.holds_out && !split.contains(&Some(Split::Dev));
        if held_out {
            let chosen = held_out_subjects(clips, &split);
            for (clip, place) in clips.iter().zip(&mut split) {
                if *place == Some(Split::Train) && chosen.contains(who(clip)) {
                    *place = Some(Split::Dev);
                }
            }
        }
        self.check_subjects(clips, &split)?;
        self.check_classes(clips, &split)?;
        Ok(Members { split, held_out })
    }

    /// Nobody stands in two parts.
    fn check_subjects(&self, clips: &[ClipInfo], split: &[Option<Split>]) -> Result<(), ProtocolError> {
        let mut of: BTreeMap<&str, Split> = BTreeMap::new();
        for (clip, split) in clips.iter().zip(split) {
            let Some(split) = *split else { continue };
            if clip.subject.is_empty() {
                continue;
            }
            let first = *of.entry(&clip.subject).or_insert(split);
            if first != split {
                let (name, subject) = (self.to_string(), clip.subject.clone());
                return Err(ProtocolError::Overlap { name, subject, first, second: split });
            }
        }
        Ok(())
    }

    /// Every part that a run has must have clips of both classes.
    fn check_classes(&self, clips: &[ClipInfo], split: &[Option<Split>]) -> Result<(), ProtocolError> {
        let pairs = clips.iter().zip(split).filter_map(|(clip, split)| split.map(|s| (s, clip.label)));
        let seen: BTreeSet<(Split, Label)> = pairs.collect();
        let needed =
            [(Split::Train, "learn from"), (Split::Dev, "choose the threshold on"), (Split::Test, "be judged by")];
        let no_dev = !self.holds_out && !split.contains(&Some(Split::Dev));
        for (split, purpose) in needed.into_iter().filter(|(split, _)| !(no_dev && *split == Split::Dev)) {
            for (label, class) in [(Label::Live, "live"), (Label::Spoof, "attack")] {
                if !seen.contains(&(split, label)) {
                    return Err(ProtocolError::Empty { name: self.to_string(), class, purpose });
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())?;
        if self.folds() > 1 { write!(f, " fold {}", self.fold) } else { Ok(()) }
    }
}

/// Whose clips stay together: the subject's, or where it is not known the clip alone.
fn who(clip: &ClipInfo) -> &str {
    if clip.subject.is_empty() { &clip.path } else { &clip.subject }
}

/// Every fifth of the training subjects, by set and by whether they are ever seen live, in the order of their names.
fn held_out_subjects<'a>(clips: &'a [ClipInfo], split: &[Option<Split>]) -> BTreeSet<&'a str> {
    let mut groups: BTreeMap<&str, (SetName, bool, &str)> = BTreeMap::new();
    for (clip, _) in clips.iter().zip(split).filter(|(_, s)| **s == Some(Split::Train)) {
        let live = clip.label == Label::Live;
        let species = clip.species.as_str();
        let group = groups.entry(who(clip)).or_insert((clip.set, live, species));
        // One who is seen live counts with the live ones.
        if live {
            *group = (clip.set, true, species);
        }
    }
    let mut of: BTreeMap<(SetName, bool, &str), Vec<&str>> = BTreeMap::new();
    for (subject, group) in groups {
        of.entry(group).or_default().push(subject);
    }
    of.into_values()
        .flat_map(|subjects| {
            // Of two or three subjects the last is held out; one alone stays for learning.
            let first = if subjects.len() < 2 { 1 } else { (HOLD_OUT / 2).min(subjects.len() - 1) };
            subjects.into_iter().skip(first).step_by(HOLD_OUT).collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::clip::Part;

    fn clip(path: &str, label: Label, subject: &str, part: Part) -> ClipInfo {
        ClipInfo {
            set: SetName::MsuMfsd,
            path: path.to_owned(),
            label,
            species: if label == Label::Live { "live" } else { "print" }.to_owned(),
            instrument: String::new(),
            subject: subject.to_owned(),
            camera: String::new(),
            session: String::new(),
            part,
            lists: Vec::new(),
        }
    }

    #[test]
    fn a_fifth_of_the_subjects_is_held_out_where_there_is_no_dev_part() {
        let mut clips = Vec::new();
        for s in 0..15 {
            let part = if s < 10 { Part::Train } else { Part::Test };
            for (k, label) in [Label::Live, Label::Spoof, Label::Spoof].into_iter().enumerate() {
                clips.push(clip(&format!("{s}/{k}"), label, &format!("m{s:02}"), part));
            }
        }
        let protocol = Protocol::parse("msu_mfsd/1", 1, Whole::EveryVideo).unwrap();
        let members = protocol.members(&clips).unwrap();
        assert!(members.held_out);
        let count = |s| members.split.iter().filter(|x| **x == Some(s)).count();
        assert_eq!((count(Split::Train), count(Split::Dev), count(Split::Test)), (24, 6, 15));
        // With nobody held out all of them are learnt from, and a dev part that is there stays.
        let nobody = protocol.holding_nobody_out();
        let members = nobody.members(&clips).unwrap();
        let count = |s| members.split.iter().filter(|x| **x == Some(s)).count();
        assert_eq!((count(Split::Train), count(Split::Dev), members.held_out), (30, 0, false));
        assert!(nobody.members(&clips[..30]).is_err(), "a test part is needed all the same");
    }

    #[test]
    fn a_person_in_two_parts_is_an_error() {
        let clips = [
            clip("1", Label::Live, "a", Part::Train),
            clip("2", Label::Spoof, "a", Part::Train),
            clip("3", Label::Live, "a", Part::Test),
        ];
        let protocol = Protocol::parse("msu_mfsd/1", 1, Whole::EveryVideo).unwrap();
        let error = protocol.members(&clips).unwrap_err();
        assert!(matches!(&error, ProtocolError::Overlap { subject, .. } if subject == "a"), "{error}");
    }

    #[test]
    fn missing_classes_and_wrong_names_are_told() {
        let protocol = Protocol::parse("msu_mfsd/1", 1, Whole::EveryVideo).unwrap();
        let error = protocol.members(&[]).unwrap_err().to_string();
        assert_eq!(error, "msu_mfsd/1 has no live clips to learn from");
        let wrong = |name, fold| Protocol::parse(name, fold, Whole::EveryVideo).unwrap_err().to_string();
        assert!(wrong("oulu/1", 1).contains("oulu/1"));
        assert!(wrong("oulu_npu/3", 7).contains("from 1 to 6"));
        assert!(wrong("siw_m/14", 1).contains("siw_m/14"));
    }

    #[test]
    fn every_offer_can_be_taken() {
        let offers = Protocol::offers();
        assert_eq!(offers.len(), 4 + 7 + 8 + 2 + 2 + 13 + 3 + 3 * 4 + 2);
        for offer in offers {
            for fold in 1..=offer.folds {
                let protocol = Protocol::parse(&offer.name, fold, Whole::EveryVideo).unwrap();
                assert!(protocol.to_string().starts_with(&offer.name) && !offer.title.is_empty());
            }
        }
    }
}
