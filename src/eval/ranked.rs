//! Presentations in order of their score, high = bona fide: the form on which every metric is one pass. A weight per
//! unit (a subject, or a presentation) makes the same pass serve the bootstrap, where a unit is drawn several times
//! or not at all.

use std::collections::{BTreeSet, HashMap};

use super::scores::{Score, ScoreSet};

/// One presentation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    /// Live-high; minus infinity for what is rejected under any threshold.
    pub score: f64,
    /// Index into [`Ranked::species`]; `None` for bona fide.
    pub species: Option<u32>,
    /// What the bootstrap draws, from 0.
    pub unit: u32,
}

/// How often each unit counts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Weights<'a> {
    /// Every presentation once.
    One,
    /// By unit.
    By(&'a [u32]),
}

impl Item {
    /// Whether a face is accepted at a live-high threshold; what was rejected unseen never is.
    pub(super) fn accepted(&self, threshold: f64) -> bool {
        self.score >= threshold && self.score > f64::NEG_INFINITY
    }
}

impl Weights<'_> {
    pub(super) fn of(self, item: &Item) -> u64 {
        match self {
            Self::One => 1,
            Self::By(counts) => u64::from(counts[item.unit as usize]),
        }
    }
}

/// All presentations with one and the same score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    pub score: f64,
    pub live: u64,
    pub attacks: u64,
}

/// Presentations sorted by score, ascending, live-high.
#[derive(Debug, Clone)]
pub struct Ranked {
    pub(super) items: Vec<Item>,
    pub(super) species: Vec<String>,
    pub(super) units: usize,
    pub(super) by_subject: bool,
}

impl Ranked {
    /// Sorts the rows of `set`, each as one presentation (average frames before, where videos are meant). Units are
    /// the subjects where at least two of them have live faces and two have attacks; rows without a subject are units
    /// of their own, and so is every row where there are fewer subjects than that. All scores must be finite. What is
    /// rejected unseen lies below every threshold.
    pub fn new(set: &ScoreSet) -> Self {
        let all = || set.scores.iter().chain(&set.rejected);
        let species: BTreeSet<&str> = all().filter(|s| !s.is_bonafide).map(Score::species).collect();
        let species: Vec<String> = species.into_iter().map(str::to_owned).collect();
        let place: HashMap<&str, u32> = species.iter().enumerate().map(|(i, s)| (s.as_str(), i as u32)).collect();
        let several_known = |live: bool| {
            let rows = all().filter(|s| s.is_bonafide == live && !s.claimed_id.is_empty());
            let mut ids = rows.map(|s| s.claimed_id.as_str());
            ids.next().is_some_and(|first| ids.any(|id| id != first))
        };
        let by_subject = several_known(true) && several_known(false);
        let mut units: HashMap<&str, u32> = HashMap::new();
        let mut next = 0_u32;
        let mut items: Vec<Item> = Vec::with_capacity(set.scores.len() + set.rejected.len());
        for (at, s) in all().enumerate() {
            let mut fresh = || {
                next += 1;
                next - 1
            };
            let alone = !by_subject || s.claimed_id.is_empty();
            let unit = if alone { fresh() } else { *units.entry(&s.claimed_id).or_insert_with(fresh) };
            let species = (!s.is_bonafide).then(|| place[s.species()]);
            let scored = at < set.scores.len();
            let score = if scored { set.polarity.to_live_high(s.score) } else { f64::NEG_INFINITY };
            items.push(Item { score, species, unit });
        }
        items.sort_unstable_by(|a, b| a.score.total_cmp(&b.score));
        Self { items, species, units: next as usize, by_subject }
    }

    /// Number of live and attack presentations.
    pub fn counts(&self) -> (u64, u64) {
        self.weighted_counts(Weights::One)
    }

    /// Names of the attack species, sorted.
    pub fn species(&self) -> &[String] {
        &self.species
    }

    pub(super) fn weighted_counts(&self, weights: Weights) -> (u64, u64) {
        self.items.iter().fold((0, 0), |(live, attacks), item| match item.species {
            None => (live + weights.of(item), attacks),
            Some(_) => (live, attacks + weights.of(item)),
        })
    }

    /// The distinct scores, ascending; the first is minus infinity where presentations were rejected unseen.
    pub(super) fn steps(&self, weights: Weights) -> impl Iterator<Item = Step> {
        self.items.chunk_by(|a, b| a.score == b.score).map(move |equal| {
            let mut step = Step { score: equal[0].score, live: 0, attacks: 0 };
            for item in equal {
                let count = if item.species.is_none() { &mut step.live } else { &mut step.attacks };
                *count += weights.of(item);
            }
            step
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::scores::Polarity;

    fn set(rows: &[(&str, &str, f64)]) -> ScoreSet {
        let row = |&(id, kind, score): &(&str, &str, f64)| Score {
            claimed_id: id.into(),
            attack_type: kind.into(),
            is_bonafide: kind.is_empty(),
            score,
            ..Score::default()
        };
        ScoreSet { scores: rows.iter().map(row).collect(), polarity: Polarity::SpoofHigh, ..ScoreSet::default() }
    }

    #[test]
    fn equal_scores_are_one_step_and_minus_zero_is_zero() {
        let ranked = Ranked::new(&set(&[("", "", 0.0), ("", "b", -0.0), ("", "a", 2.0), ("", "b", 2.0)]));
        let steps: Vec<Step> = ranked.steps(Weights::One).collect();
        assert_eq!(steps, [Step { score: -2.0, live: 0, attacks: 2 }, Step { score: 0.0, live: 1, attacks: 1 }]);
        assert_eq!((ranked.species(), ranked.counts()), (&["a".to_owned(), "b".to_owned()][..], (1, 3)));
    }

    #[test]
    fn units_are_subjects_where_there_are_enough_of_them() {
        let subjects =
            Ranked::new(&set(&[("1", "", 0.), ("2", "", 0.), ("1", "p", 1.), ("2", "p", 1.), ("", "p", 1.)]));
        assert_eq!((subjects.by_subject, subjects.units), (true, 3));
        let one_subject = Ranked::new(&set(&[("1", "", 0.), ("1", "", 0.), ("1", "p", 1.), ("2", "p", 1.)]));
        assert_eq!((one_subject.by_subject, one_subject.units), (false, 4));
    }
}
