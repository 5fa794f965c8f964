//! Which number means live, and how sure that is. Layouts disagree (SSDG writes 1, MetaPattern 0), and a reader that
//! guesses wrong trains a detector that lets attacks in. So what the layout fixes, what names say and how many there are
//! of each must agree; where they do not, a person is asked.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::data::Label;
use crate::data::manifest::{LiveIs, RawLabel};

/// How labels are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// They are words, or folders with words for names.
    Words,
    /// They are numbers, of which one means live.
    Numbers(LiveIs),
}

/// How sure it is which labels mean live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "sure", rename_all = "snake_case")]
pub enum Polarity {
    /// Nothing speaks against it; no one needs to be asked.
    Known {
        /// How labels are read.
        reading: Reading,
        /// From what, in a sentence.
        why: String,
    },
    /// Something speaks for it; it must be confirmed.
    Likely {
        /// How labels would be read.
        reading: Reading,
        /// From what, in a sentence.
        why: String,
    },
    /// It must be said.
    Unknown {
        /// Why nothing follows, in a sentence.
        why: String,
    },
}

impl Polarity {
    /// The best reading there is.
    pub fn reading(&self) -> Option<Reading> {
        match self {
            Self::Known { reading, .. } | Self::Likely { reading, .. } => Some(*reading),
            Self::Unknown { .. } => None,
        }
    }

    /// The reason.
    pub fn why(&self) -> &str {
        match self {
            Self::Known { why, .. } | Self::Likely { why, .. } | Self::Unknown { why } => why,
        }
    }

    /// Whether it can be gone by without asking.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known { .. })
    }
}

/// Share of names that must agree for a likely answer where some do not.
const MOST: f64 = 0.95;

/// Weighs the labels of clips, each with what its names say by themselves, against what the layout fixes (and in what).
pub fn judge(clips: &[(RawLabel, Option<Label>)], fixed: Option<(LiveIs, &str)>) -> Polarity {
    if clips.is_empty() {
        return Polarity::Unknown { why: "there are no clips".to_owned() };
    }
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for (label, _) in clips {
        if let RawLabel::Number(n) = label {
            *counts.entry(*n).or_default() += 1;
        }
    }
    if counts.is_empty() {
        return Polarity::Known { reading: Reading::Words, why: "labels are words".to_owned() };
    }
    let total: usize = counts.values().sum();
    let lives = |l: LiveIs| counts.iter().filter(|(n, _)| l.label(**n) == Label::Live).map(|(_, c)| c).sum::<usize>();
    let attacks = |l: LiveIs| total - lives(l);
    let named: Vec<(i64, Label)> = clips
        .iter()
        .filter_map(|(label, said)| match (label, said) {
            (RawLabel::Number(n), Some(said)) => Some((*n, *said)),
            _ => None,
        })
        .collect();
    let agree = |l: LiveIs| named.iter().filter(|(n, said)| l.label(*n) == *said).count();
    let known = |l: LiveIs, why: String| Polarity::Known { reading: Reading::Numbers(l), why };
    let likely = |l: LiveIs, why: String| Polarity::Likely { reading: Reading::Numbers(l), why };

    if named.is_empty() {
        return match fixed {
            Some((l, place)) if attacks(l) >= lives(l) => known(l, format!("in {place} {} means live", digit(l))),
            Some((l, place)) => Polarity::Unknown {
                why: format!(
                    "in {place} {} means live, but then there are {} live and only {} attack clips; in every known \
                     set attacks outnumber live",
                    digit(l),
                    lives(l),
                    attacks(l)
                ),
            },
            None => by_number(lives, attacks),
        };
    }
    let best = if agree(LiveIs::Zero) > agree(LiveIs::One) { LiveIs::Zero } else { LiveIs::One };
    let (right, all) = (agree(best), named.len());
    let of = if right == all { format!("all {all}") } else { format!("{right} of {all}") };
    let of_names = format!("the names of {of} clips that say what they are");
    // Names of one class alone fit either reading as soon as there are three numbers; both classes must be seen.
    let both = [Label::Live, Label::Spoof].iter().all(|l| named.iter().any(|(_, said)| said == l));
    match fixed {
        Some((l, place)) if l == best && right == all => {
            known(l, format!("in {place} {} means live, and {of_names} agree", digit(l)))
        }
        Some((l, place)) if l == best && right as f64 >= MOST * all as f64 => {
            likely(l, format!("in {place} {} means live, and {of_names} agree; the others contradict", digit(l)))
        }
        Some((l, place)) => Polarity::Unknown {
            why: format!(
                "in {place} {} means live, but that fits only {} of {all} clips whose names say what they are",
                digit(l),
                agree(l)
            ),
        },
        None if right == all && both => known(best, format!("{of_names} agree that {} is live", digit(best))),
        None if right as f64 >= MOST * all as f64 => {
            likely(best, format!("{of_names} suggest that {} is live", digit(best)))
        }
        None => {
            Polarity::Unknown { why: format!("names contradict the labels either way: {of_names} fit the better one") }
        }
    }
}

/// Nothing but numbers of clips to go by.
fn by_number(lives: impl Fn(LiveIs) -> usize, attacks: impl Fn(LiveIs) -> usize) -> Polarity {
    let plausible = |l: &LiveIs| lives(*l) > 0 && attacks(*l) > lives(*l);
    let fitting: Vec<LiveIs> = [LiveIs::Zero, LiveIs::One].into_iter().filter(plausible).collect();
    match fitting[..] {
        [l] => Polarity::Likely {
            reading: Reading::Numbers(l),
            why: format!(
                "with {} for live there are {} live and {} attack clips, and in every known set attacks outnumber live",
                digit(l),
                lives(l),
                attacks(l)
            ),
        },
        _ => Polarity::Unknown {
            why: "neither the names nor the numbers of clips tell which label means live".to_owned(),
        },
    }
}

fn digit(l: LiveIs) -> u8 {
    match l {
        LiveIs::Zero => 0,
        LiveIs::One => 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    use Label::{Live, Spoof};

    /// `n` clips with that number, whose names say `said`.
    fn some(n: usize, number: i64, said: Option<Label>) -> Vec<(RawLabel, Option<Label>)> {
        vec![(RawLabel::Number(number), said); n]
    }

    fn judged(parts: &[Vec<(RawLabel, Option<Label>)>], fixed: Option<LiveIs>) -> String {
        let polarity = judge(&parts.concat(), fixed.map(|l| (l, "X")));
        assert!(!polarity.why().is_empty());
        let sure = match &polarity {
            Polarity::Known { .. } => "known",
            Polarity::Likely { .. } => "likely",
            Polarity::Unknown { .. } => "unknown",
        };
        match polarity.reading() {
            Some(Reading::Numbers(l)) => format!("{sure} {l}"),
            Some(Reading::Words) => format!("{sure} words"),
            None => sure.to_owned(),
        }
    }

    #[test]
    fn what_the_layout_fixes_holds_where_nothing_contradicts() {
        let zero = Some(LiveIs::Zero);
        assert_eq!(judged(&[some(10, 0, None), some(30, 1, None)], zero), "known live=0");
        assert_eq!(judged(&[some(10, 0, Some(Live)), some(30, 2, Some(Spoof))], zero), "known live=0");
        // More live than attacks, and nothing else to go by.
        assert_eq!(judged(&[some(30, 0, None), some(10, 1, None)], zero), "unknown");
        // More live than attacks, but the names say so too.
        assert_eq!(judged(&[some(30, 0, Some(Live)), some(10, 1, Some(Spoof))], zero), "known live=0");
        // The names say the opposite.
        assert_eq!(judged(&[some(30, 0, Some(Spoof)), some(10, 1, Some(Live))], zero), "unknown");
        // A few names contradict.
        let parts = [some(29, 1, Some(Spoof)), some(10, 0, Some(Live)), some(1, 1, Some(Live))];
        assert_eq!(judged(&parts, zero), "likely live=0");
        assert_eq!(judged(&[some(10, 1, Some(Spoof)), some(10, 1, Some(Live))], zero), "unknown");
    }

    #[test]
    fn where_the_layout_fixes_nothing_names_and_numbers_speak() {
        assert_eq!(judged(&[some(5, 1, Some(Live)), some(9, 0, Some(Spoof))], None), "known live=1");
        assert_eq!(judged(&[some(5, 1, Some(Live)), some(9, -1, Some(Spoof))], None), "known live=1");
        assert_eq!(judged(&[some(5, 0, Some(Live)), some(9, 1, None)], None), "likely live=0");
        assert_eq!(judged(&[some(5, 0, None), some(9, 1, None)], None), "likely live=0");
        assert_eq!(judged(&[some(9, 0, None), some(5, 1, None)], None), "likely live=1");
        assert_eq!(judged(&[some(5, 0, None), some(5, 1, None)], None), "unknown");
        assert_eq!(judged(&[some(5, 1, None)], None), "unknown");
        // Several kinds of attack: either of two numbers could be live.
        assert_eq!(judged(&[some(5, 0, None), some(4, 1, None), some(6, 2, None)], None), "unknown");
        assert_eq!(judged(&[some(5, 0, Some(Live)), some(5, 1, Some(Live))], None), "unknown");
        let words = vec![(RawLabel::Word(Live), None), (RawLabel::Word(Spoof), Some(Live))];
        assert_eq!(judged(&[words], None), "known words");
    }

    proptest! {
        #[test]
        fn a_known_polarity_contradicts_no_name(
            clips in prop::collection::vec((-2..4_i64, prop::option::of(any::<bool>())), 1..30),
            fixed in prop::option::of(any::<bool>()),
        ) {
            let label = |live: bool| if live { Live } else { Spoof };
            let clips: Vec<_> = clips.iter().map(|(n, said)| (RawLabel::Number(*n), said.map(label))).collect();
            let fixed = fixed.map(|one| if one { LiveIs::One } else { LiveIs::Zero });
            if let Polarity::Known { reading: Reading::Numbers(l), .. } = judge(&clips, fixed.map(|l| (l, "X"))) {
                prop_assert!(fixed.is_none_or(|f| f == l));
                for (raw, said) in clips {
                    prop_assert!(said.is_none_or(|s| raw.settle(Some(l)) == Some(s)));
                }
            }
        }
    }
}
