//! Error rates at a threshold and the area under the curve. APCER of a species is the share of its attacks that are
//! accepted, BPCER the share of bona fide presentations that are rejected. Names follow bob's and the challenges'
//! reading of ISO/IEC 30107-3 ("ISO-style"). An undefined rate is `None`.

use std::cmp::Ordering;

use super::ranked::{Ranked, Weights};

/// Errors out of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Wrong decisions.
    pub errors: u64,
    /// All decisions.
    pub total: u64,
}

impl Count {
    /// `errors / total`, 0 to 1; `None` without any decision.
    pub fn rate(self) -> Option<f64> {
        (self.total > 0).then(|| self.errors as f64 / self.total as f64)
    }

    /// Compares rates exactly.
    fn cmp_rate(self, other: Self) -> Ordering {
        (u128::from(self.errors) * u128::from(other.total)).cmp(&(u128::from(other.errors) * u128::from(self.total)))
    }
}

/// All decisions at one threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates {
    /// Accepted attacks by species, in the order of [`Ranked::species`].
    pub apcer: Vec<Count>,
    /// Rejected bona fide.
    pub bpcer: Count,
}

impl Rates {
    /// Index of the species with the highest APCER; among equals the one with more attacks, then the first.
    pub fn worst(&self) -> Option<usize> {
        let present = (0..self.apcer.len()).filter(|&i| self.apcer[i].total > 0);
        present.reduce(|best, i| {
            let (a, b) = (self.apcer[best], self.apcer[i]);
            if b.cmp_rate(a).then(b.total.cmp(&a.total)).is_gt() { i } else { best }
        })
    }

    /// Accepted attacks of the worst species.
    pub fn apcer_max(&self) -> Count {
        self.worst().map_or_else(Count::default, |i| self.apcer[i])
    }

    /// Accepted attacks of all species together.
    pub fn apcer_pooled(&self) -> Count {
        let add = |a: Count, b: &Count| Count { errors: a.errors + b.errors, total: a.total + b.total };
        self.apcer.iter().fold(Count::default(), add)
    }

    /// (APCER of the worst species + BPCER) / 2.
    pub fn acer_max(&self) -> Option<f64> {
        Some(f64::midpoint(self.apcer_max().rate()?, self.bpcer.rate()?))
    }

    /// (pooled APCER + BPCER) / 2, which is the HTER.
    pub fn acer_pooled(&self) -> Option<f64> {
        Some(f64::midpoint(self.apcer_pooled().rate()?, self.bpcer.rate()?))
    }
}

impl Ranked {
    /// Decisions when everything with a live-high score of at least `threshold` is accepted.
    pub fn rates_at(&self, threshold: f64) -> Rates {
        self.weighted_rates_at(threshold, Weights::One)
    }

    /// Probability that a live presentation scores above an attack, ties as a half; 0 to 1. `None` when a class is
    /// missing. What was rejected unseen ties with its like and lies below all else.
    pub fn auc(&self) -> Option<f64> {
        self.weighted_auc(Weights::One)
    }

    pub(super) fn weighted_rates_at(&self, threshold: f64, weights: Weights) -> Rates {
        let mut rates = Rates { apcer: vec![Count::default(); self.species.len()], bpcer: Count::default() };
        for item in &self.items {
            let weight = weights.of(item);
            let accepted = item.accepted(threshold);
            let (count, wrong) = match item.species {
                Some(species) => (&mut rates.apcer[species as usize], accepted),
                None => (&mut rates.bpcer, !accepted),
            };
            count.total += weight;
            count.errors += if wrong { weight } else { 0 };
        }
        rates
    }

    pub(super) fn weighted_auc(&self, weights: Weights) -> Option<f64> {
        let (mut below, mut live, mut halves) = (0_u64, 0_u64, 0_u128);
        for step in self.steps(weights) {
            halves += u128::from(step.live) * u128::from(2 * below + step.attacks);
            below += step.attacks;
            live += step.live;
        }
        let pairs = 2 * u128::from(live) * u128::from(below);
        (pairs > 0).then(|| halves as f64 / pairs as f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::eval::testing::{labelled, ranked};

    /// `errors` attacks of `total` accepted at threshold 0.
    fn attacks(species: &'static str, errors: usize, total: usize) -> Vec<(&'static str, f64)> {
        (0..total).map(|i| (species, if i < errors { 1.0 } else { -1.0 })).collect()
    }

    #[test]
    fn worst_species_and_pooled_rates_differ() {
        let all = [("p1", 2), ("p2", 5), ("v1", 0), ("v2", 1)].map(|(s, e)| attacks(s, e, 120)).concat();
        let rates = ranked(&[1.0; 120], &all).rates_at(0.0);
        assert_eq!(rates.apcer_max(), Count { errors: 5, total: 120 });
        assert_eq!(rates.apcer_pooled(), Count { errors: 8, total: 480 });
        assert_eq!((rates.worst(), rates.bpcer.rate()), (Some(1), Some(0.0)));
        assert!((rates.acer_max().unwrap() - 0.020_833).abs() < 1e-6);
        assert!((rates.acer_pooled().unwrap() - 0.008_333).abs() < 1e-6);
    }

    #[test]
    fn half_total_error_of_the_replay_attack_baseline() {
        let live: Vec<f64> = (0..80).map(|i| if i < 11 { -1.0 } else { 1.0 }).collect();
        let rates = ranked(&live, &attacks("a", 78, 400)).rates_at(0.0);
        assert!((rates.acer_pooled().unwrap() - 0.166_25).abs() < 1e-12);
    }

    #[test]
    fn a_score_at_the_threshold_is_accepted() {
        let rates = ranked(&[0.5, 0.4], &[("a", 0.5), ("a", 0.4)]).rates_at(0.5);
        assert_eq!((rates.bpcer.errors, rates.apcer_pooled().errors), (1, 1));
    }

    #[test]
    fn the_worst_of_equal_species_is_the_larger_one() {
        let all = [attacks("a", 1, 2), attacks("b", 3, 6), attacks("c", 0, 9)].concat();
        assert_eq!(ranked(&[], &all).rates_at(0.0).worst(), Some(1));
    }

    #[test]
    fn what_a_missing_class_leaves_undefined() {
        let no_attacks = ranked(&[1.0], &[]);
        let rates = no_attacks.rates_at(0.0);
        assert_eq!(
            (rates.apcer_max().rate(), rates.apcer_pooled().rate(), rates.bpcer.rate()),
            (None, None, Some(0.0))
        );
        assert_eq!((rates.acer_max(), rates.acer_pooled(), no_attacks.auc()), (None, None, None));
        assert_eq!(ranked(&[], &[("a", 1.0)]).auc(), None);
    }

    proptest! {
        #[test]
        fn the_area_is_that_of_its_definition((live, attacks) in labelled()) {
            let half = |l: f64, a: f64| if l > a { 1.0 } else if l == a { 0.5 } else { 0.0 };
            let wins: f64 = live.iter().flat_map(|&l| attacks.iter().map(move |&(_, a)| half(l, a))).sum();
            prop_assert_eq!(ranked(&live, &attacks).auc(), Some(wins / (live.len() * attacks.len()) as f64));
        }
    }
}
