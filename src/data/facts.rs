//! Facts of the published sets that no rule gives: who is in which part, which numbers exist, which clips are stored
//! upside down. They are data, in assets/datasets, with their origin; what follows from them is in `dataset` and
//! `protocol`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Replay-Attack's clients.
#[derive(Debug, Deserialize)]
pub struct ReplayFacts {
    pub train: Vec<u32>,
    pub devel: Vec<u32>,
    pub test: Vec<u32>,
}

/// MSU-MFSD's clients.
#[derive(Debug, Deserialize)]
pub struct MsuFacts {
    pub train: Vec<u32>,
    pub test: Vec<u32>,
    /// Whose live clip by the phone is stored upside down.
    pub upside_down: Vec<u32>,
    pub folds: MsuFolds,
}

/// Idiap's five divisions with a part for validation.
#[derive(Debug, Deserialize)]
pub struct MsuFolds {
    /// The same in all.
    pub test: Vec<u32>,
    /// A list a fold.
    pub train: Vec<Vec<u32>>,
}

/// Which clips of ROSE-YOUTU exist; the file says how to read it.
#[derive(Debug, Deserialize)]
pub struct RoseFacts {
    pub devices: Vec<String>,
    pub layouts: BTreeMap<String, Vec<String>>,
    pub people: BTreeMap<String, Vec<u32>>,
    pub other: BTreeMap<String, BTreeMap<String, u32>>,
    pub absent: BTreeMap<String, Vec<u32>>,
    /// The other edition's folders: part, folder number, person.
    pub folders: BTreeMap<String, BTreeMap<String, u32>>,
}

/// Which clips of SiW-M exist.
#[derive(Debug, Deserialize)]
pub struct SiwFacts {
    /// Version 1, by number.
    pub v1: Vec<SiwKind>,
    /// Version 2, by count; the live clips first, then the species in the order of protocol II.
    pub v2: Vec<SiwKind>,
}

/// Clips of one kind.
#[derive(Debug, Deserialize)]
pub struct SiwKind {
    pub folder: String,
    pub stem: String,
    pub species: String,
    /// Ranges, as `1-3 7`.
    #[serde(default)]
    pub numbers: String,
    /// Clips with names of their own.
    #[serde(default)]
    pub odd: Vec<String>,
    /// How many, where the numbers are not known.
    #[serde(default)]
    pub count: usize,
}

impl SiwKind {
    /// The numbers, in order.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.numbers.split_whitespace().flat_map(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            match (first.parse::<u32>(), last.parse::<u32>()) {
                (Ok(first), Ok(last)) => first..last + 1,
                _ => 0..0,
            }
        })
    }
}

/// Of Replay-Attack.
pub static REPLAY: LazyLock<ReplayFacts> =
    LazyLock::new(|| read(include_str!("../../assets/datasets/replay_attack.toml")));
/// Of MSU-MFSD.
pub static MSU: LazyLock<MsuFacts> = LazyLock::new(|| read(include_str!("../../assets/datasets/msu_mfsd.toml")));
/// Of ROSE-YOUTU.
pub static ROSE: LazyLock<RoseFacts> = LazyLock::new(|| read(include_str!("../../assets/datasets/rose_youtu.toml")));
/// Of SiW-M.
pub static SIW: LazyLock<SiwFacts> = LazyLock::new(|| read(include_str!("../../assets/datasets/siw_m.toml")));

#[expect(clippy::expect_used, reason = "the text is part of the program, and the tests below read all of it")]
fn read<T: DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).expect("the facts of the sets are well formed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_stand_in_one_part_each() {
        let of = |parts: [&Vec<u32>; 3]| {
            let mut all: Vec<u32> = parts.into_iter().flatten().copied().collect();
            all.sort_unstable();
            let n = all.len();
            all.dedup();
            assert_eq!(all.len(), n);
            n
        };
        assert_eq!(of([&REPLAY.train, &REPLAY.devel, &REPLAY.test]), 50);
        assert_eq!(of([&MSU.train, &MSU.test, &vec![]]), 35);
        assert_eq!(MSU.folds.train.len(), 5);
        for train in &MSU.folds.train {
            assert_eq!((train.len(), of([train, &MSU.folds.test, &vec![]])), (10, 25));
            assert!(train.iter().chain(&MSU.folds.test).all(|c| MSU.train.contains(c) || MSU.test.contains(c)));
        }
        assert!(MSU.upside_down.iter().all(|c| MSU.train.contains(c)));
    }

    #[test]
    fn kinds_of_siw_m_have_the_published_counts() {
        let count = |k: &SiwKind| k.numbers().count() + k.odd.len();
        assert_eq!(SIW.v1.iter().map(count).sum::<usize>(), 1626);
        assert_eq!(SIW.v1.iter().filter(|k| k.species == "live").map(count).collect::<Vec<_>>(), [528, 131]);
        assert_eq!(SIW.v2.iter().map(|k| k.count).sum::<usize>(), 1700);
        assert_eq!((SIW.v2[0].species.as_str(), SIW.v2[0].count, SIW.v2.len()), ("live", 785, 15));
    }

    #[test]
    fn rose_has_twenty_people_and_as_many_folders() {
        assert_eq!(ROSE.people.values().map(Vec::len).sum::<usize>(), 20);
        let mut folders: Vec<u32> = ROSE.folders.values().flat_map(BTreeMap::values).copied().collect();
        folders.sort_unstable();
        let mut people: Vec<u32> = ROSE.people.values().flatten().copied().collect();
        people.sort_unstable();
        assert_eq!(folders, people);
    }
}
