//! Intervals where a bootstrap knows nothing. A rate of 0 or 1 is 0 or 1 in every draw, so the bootstrap of an
//! error-free set claims certainty from five faces. Where a rate that enters stands at 0 or 1 (or every draw gave the
//! same), the interval is widened to hold a closed form as well:
//!
//! - ACER, HTER and EER, half the sum of two independent rates: from the exact limits of each by the method of variance
//!   estimates recovery (Zou and Donner, Statistics in Medicine 27, 2008, 1693-1702; Newcombe's hybrid interval);
//! - AUC: Newcombe's score interval of the Mann-Whitney statistic (Statistics in Medicine 25, 2006, 559-573, method 5).
//!
//! Where subjects are drawn, a rate at 0 or 1 counts subjects: ten error-free frames of one person are one observation.

use std::collections::HashSet;

use super::intervals::{Interval, clopper_pearson};
use super::ranked::{Item, Ranked};
use super::rates::Count;

/// The 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The interval of (a + b) / 2 from the exact intervals of both rates; `None` where one is undefined.
fn half_sum(a: Count, b: Count) -> Option<Interval> {
    let (p, q) = (a.rate()?, b.rate()?);
    let ([p_low, p_high], [q_low, q_high]) = (clopper_pearson(a)?, clopper_pearson(b)?);
    let middle = f64::midpoint(p, q);
    let low = middle - (p - p_low).hypot(q - q_low) / 2.0;
    let high = middle + (p_high - p).hypot(q_high - q) / 2.0;
    Some([low.max(0.0), high.min(1.0)])
}

/// Newcombe's method 5 for an AUC of `live` and `attacks` observations.
fn newcombe(auc: f64, live: u64, attacks: u64) -> Interval {
    let (m, n) = (live as f64, attacks as f64);
    let both = f64::midpoint(m, n) - 1.0;
    let variance = |t: f64| t * (1.0 - t) * (1.0 + both * ((1.0 - t) / (2.0 - t) + t / (1.0 + t))) / (m * n);
    // The variance is the same at t and 1 - t, so the upper end is the lower one seen from the other side.
    let lower = |estimate: f64| {
        let (mut low, mut high) = (0.0, estimate);
        for _ in 0..100 {
            let t = f64::midpoint(low, high);
            if (estimate - t).powi(2) > Z * Z * variance(t) {
                low = t;
            } else {
                high = t;
            }
        }
        f64::midpoint(low, high)
    };
    let upper = 1.0 - lower(1.0 - auc);
    [if auc > 0.0 { lower(auc) } else { 0.0 }, if auc < 1.0 { upper } else { 1.0 }]
}

fn at_edge(count: Count) -> bool {
    count.errors == 0 || count.errors == count.total
}

fn zero_width(interval: Option<Interval>) -> bool {
    interval.is_none_or(|[low, high]| high - low <= 0.0)
}

fn union(a: Option<Interval>, b: Option<Interval>) -> Option<Interval> {
    match (a, b) {
        (Some([a, b]), Some([c, d])) => Some([a.min(c), b.max(d)]),
        (one, other) => one.or(other),
    }
}

impl Ranked {
    /// Independent observations among the presentations `of`: subjects where those are drawn.
    fn observations(&self, of: impl Fn(&Item) -> bool) -> u64 {
        self.items.iter().filter(|item| of(item)).map(|item| item.unit).collect::<HashSet<u32>>().len() as u64
    }

    /// The interval of half the sum of the APCER `attacks` (of one species, or pooled) and the BPCER `live`: `drawn`
    /// where it can be trusted.
    pub(super) fn half_sum_interval(
        &self,
        drawn: Option<Interval>,
        (attacks, species): (Count, Option<u32>),
        live: Count,
    ) -> Option<Interval> {
        if !at_edge(attacks) && !at_edge(live) && !zero_width(drawn) {
            return drawn;
        }
        let observed = |count: Count, total: u64| match count {
            Count { errors: 0, .. } => Count { errors: 0, total },
            _ if at_edge(count) => Count { errors: total, total },
            _ => count,
        };
        let of_species = |item: &Item| item.species.is_some() && species.is_none_or(|s| item.species == Some(s));
        let attacks = observed(attacks, self.observations(of_species));
        let live = observed(live, self.observations(|item| item.species.is_none()));
        union(drawn, half_sum(attacks, live))
    }

    /// The interval of the AUC: `drawn` where it can be trusted.
    pub(super) fn auc_interval(&self, drawn: Option<Interval>) -> Option<Interval> {
        let auc = self.auc()?;
        let live = self.observations(|item| item.species.is_none());
        let attacks = self.observations(|item| item.species.is_some());
        let trusted = auc > 0.0 && auc < 1.0 && live > 1 && attacks > 1 && !zero_width(drawn);
        if trusted { drawn } else { union(drawn, Some(newcombe(auc, live, attacks))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_sums_by_closed_form() {
        // No error among 3 and 2: upper ends 1 - 0.025^(1/3) and 1 - 0.025^(1/2).
        let ends = half_sum(Count { errors: 0, total: 2 }, Count { errors: 0, total: 3 }).unwrap();
        let high = (1.0 - 0.025_f64.sqrt()).hypot(1.0 - 0.025_f64.cbrt()) / 2.0;
        assert!(ends[0] == 0.0 && (ends[1] - high).abs() < 1e-12, "{ends:?} {high}");
        let all = half_sum(Count { errors: 2, total: 2 }, Count { errors: 3, total: 3 }).unwrap();
        assert!(all[1] == 1.0 && (all[0] - (1.0 - high)).abs() < 1e-12, "{all:?}");
        assert_eq!(half_sum(Count::default(), Count { errors: 0, total: 3 }), None);
    }

    #[test]
    fn areas_by_closed_form() {
        // One of each is one Bernoulli observation: Wilson's interval of 1 in 1.
        let [low, high] = newcombe(1.0, 1, 1);
        assert!(high == 1.0 && (low - 1.0 / (1.0 + Z * Z)).abs() < 1e-12, "{low}");
        // At the lower end of an AUC of 1 the score equation is (1 - t)^2 = z^2 V(t).
        let [low, _] = newcombe(1.0, 3, 2);
        let t = low;
        let variance = t * (1.0 - t) * (1.0 + 1.5 * ((1.0 - t) / (2.0 - t) + t / (1.0 + t))) / 6.0;
        assert!(((1.0 - t).powi(2) - Z * Z * variance).abs() < 1e-12 && (0.4..0.5).contains(&t), "{t}");
        let [mirrored, one] = newcombe(0.0, 3, 2).map(|x| 1.0 - x);
        assert!(mirrored == 1.0 && (one - low).abs() < 1e-12);
        let [low, high] = newcombe(0.8, 40, 60);
        let [below, above] = newcombe(0.2, 40, 60);
        assert!(low < 0.8 && 0.8 < high && (low + above - 1.0).abs() < 1e-12 && (high + below - 1.0).abs() < 1e-12);
    }
}
