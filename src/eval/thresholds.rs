//! Thresholds and the rules that choose them. Candidates are the midpoints of neighbouring distinct scores and both
//! infinities. The equal error rate lies where |FAR - FRR| is smallest, then FAR + FRR, then the threshold; the least
//! half total error where FAR + FRR is smallest, then |FAR - FRR|, then the threshold. All comparisons are exact: they
//! are made on whole numbers, not on rounded rates. Thresholds are live-high in here (accepted when score >=
//! threshold), so that "lower" means the same candidate in either polarity of a file.

use std::fmt;
use std::str::FromStr;

use super::EvalError;
use super::ranked::{Ranked, Weights};
use super::rates::Count;

/// How the threshold is found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// Equal error rate on the dev set.
    DevEer,
    /// Equal error rate on the training set.
    TrainEer,
    /// Equal error rate on the very test set that is reported: an oracle.
    TestEer,
    /// Least half total error rate on the very test set that is reported: an oracle.
    MinHter,
    /// A given number in the polarity of the scores; may be infinite.
    Fixed(f64),
}

impl Rule {
    /// Whether the rule looks at the labels of the test set. Such numbers are called "oracle" wherever they show.
    pub fn is_oracle(self) -> bool {
        matches!(self, Self::TestEer | Self::MinHter)
    }

    /// Where the threshold comes from: `dev`, `train`, `test` or `given`.
    pub fn source(self) -> &'static str {
        match self {
            Self::DevEer => "dev",
            Self::TrainEer => "train",
            Self::TestEer | Self::MinHter => "test",
            Self::Fixed(_) => "given",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DevEer => f.write_str("dev_eer"),
            Self::TrainEer => f.write_str("train_eer"),
            Self::TestEer => f.write_str("test_eer"),
            Self::MinHter => f.write_str("min_hter"),
            Self::Fixed(x) => write!(f, "fixed:{x:?}"),
        }
    }
}

impl FromStr for Rule {
    type Err = EvalError;

    fn from_str(text: &str) -> Result<Self, EvalError> {
        let fixed = |x: &str| x.trim().parse().ok().filter(|x: &f64| !x.is_nan()).map(Self::Fixed);
        let rule = match text {
            "dev_eer" => Some(Self::DevEer),
            "train_eer" => Some(Self::TrainEer),
            "test_eer" => Some(Self::TestEer),
            "min_hter" => Some(Self::MinHter),
            _ => text.strip_prefix("fixed:").and_then(fixed),
        };
        let unknown = || {
            format!(
                "threshold rule '{text}' is none of dev_eer, train_eer, test_eer, min_hter, fixed:X with a number X"
            )
        };
        rule.ok_or_else(|| EvalError::Request(unknown()))
    }
}

/// A threshold and what it does on the set it was chosen on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatingPoint {
    /// Live-high; may be infinite.
    pub threshold: f64,
    /// Accepted attacks over attacks, pooled over species.
    pub far: f64,
    /// Rejected bona fide over bona fide.
    pub frr: f64,
}

impl OperatingPoint {
    /// The mean of both rates: the EER at the EER point, the HTER anywhere.
    pub fn half_total(&self) -> f64 {
        f64::midpoint(self.far, self.frr)
    }
}

/// A number t with `below` < t <= `above`, half way where rounding allows.
fn between(below: f64, above: f64) -> f64 {
    let middle = f64::midpoint(below, above);
    if middle > below { middle } else { above }
}

impl Ranked {
    /// Every candidate threshold, ascending, with its rates: the points of the ROC and DET curves. Empty when a class
    /// is missing.
    pub fn operating_points(&self) -> Vec<OperatingPoint> {
        let mut points = vec![];
        self.each_candidate(Weights::One, |point, _, _| points.push(point));
        points
    }

    /// The equal error point; `None` when a class is missing.
    pub fn eer_point(&self) -> Option<OperatingPoint> {
        self.weighted_eer_point(Weights::One)
    }

    /// The point of least half total error; `None` when a class is missing.
    pub fn min_hter_point(&self) -> Option<OperatingPoint> {
        self.weighted_min_hter_point(Weights::One)
    }

    /// The smallest score among attacks of `species` at which at most the share `ceiling` (0 to 1) of them is
    /// accepted; just above their largest score when that is too many already; minus infinity when all may be
    /// accepted; `None` when the species has no attacks. The threshold for "BPCER at an APCER of at most `ceiling`" is
    /// the largest over species: [`Self::bpcer_at_apcer`].
    pub fn far_threshold(&self, species: &str, ceiling: f64) -> Option<f64> {
        let which = self.species.iter().position(|s| s == species)? as u32;
        let of_it = self.items.iter().filter(|i| i.species == Some(which));
        let scores: Vec<f64> = of_it.map(|i| i.score).collect();
        let unseen = scores.partition_point(|&s| s == f64::NEG_INFINITY);
        if ceiling >= 1.0 {
            return Some(f64::NEG_INFINITY);
        }
        // Ascending, so the first entry of a run of equal scores has itself and all after it accepted.
        let accepted = |i: usize| (scores.len() - i) as f64 / scores.len() as f64;
        let first_of_run = |i: usize| i == 0 || scores[i - 1] < scores[i];
        let fits = (unseen..scores.len()).find(|&i| first_of_run(i) && accepted(i) <= ceiling);
        fits.map_or_else(|| scores.last().map(|s| s.next_up()), |i| Some(scores[i]))
    }

    /// BPCER at the threshold where no species has an APCER above `ceiling` (0.1, 0.05 and 0.01 give BPCER10, 20 and
    /// 100), and that threshold; `None` when a class is missing. Chosen on the set it is measured on: an oracle.
    pub fn bpcer_at_apcer(&self, ceiling: f64) -> Option<(f64, Count)> {
        let thresholds = self.species.iter().filter_map(|s| self.far_threshold(s, ceiling));
        let threshold = thresholds.reduce(f64::max)?;
        let bpcer = self.rates_at(threshold).bpcer;
        (bpcer.total > 0).then_some((threshold, bpcer))
    }

    /// The lowest candidate threshold at which at most the share `ceiling` (0 to 1) of all attacks is accepted, and
    /// the bona fide presentations that are rejected there; the true positive rate at that false positive rate is one
    /// minus theirs. No curve is drawn between the points that exist. `None` when a class is missing. Chosen on the
    /// set it is measured on: an oracle.
    pub fn bpcer_at_fpr(&self, ceiling: f64) -> Option<(f64, Count)> {
        let (live, _) = self.counts();
        let mut found = None;
        self.each_candidate(Weights::One, |point, _, _| {
            if found.is_none() && point.far <= ceiling {
                let errors = (point.frr * live as f64).round() as u64;
                found = Some((point.threshold, Count { errors, total: live }));
            }
        });
        found
    }

    pub(super) fn weighted_eer_point(&self, weights: Weights) -> Option<OperatingPoint> {
        self.best(weights, |far, frr| (far.abs_diff(frr), far + frr))
    }

    pub(super) fn weighted_min_hter_point(&self, weights: Weights) -> Option<OperatingPoint> {
        self.best(weights, |far, frr| (far + frr, far.abs_diff(frr)))
    }

    /// The first candidate with the smallest key; the key sees FAR and FRR times the product of both class sizes.
    fn best(&self, weights: Weights, key: impl Fn(u128, u128) -> (u128, u128)) -> Option<OperatingPoint> {
        let mut best: Option<((u128, u128), OperatingPoint)> = None;
        self.each_candidate(weights, |point, far, frr| {
            let key = key(far, frr);
            if best.is_none_or(|(least, _)| key < least) {
                best = Some((key, point));
            }
        });
        best.map(|(_, point)| point)
    }

    /// Calls `visit` with every candidate, ascending, and with its FAR and FRR times the product of both class sizes.
    fn each_candidate(&self, weights: Weights, mut visit: impl FnMut(OperatingPoint, u128, u128)) {
        let (live, attacks) = self.weighted_counts(weights);
        if live == 0 || attacks == 0 {
            return;
        }
        let mut visit = |threshold: f64, accepted: u64, rejected: u64| {
            let point =
                OperatingPoint { threshold, far: accepted as f64 / attacks as f64, frr: rejected as f64 / live as f64 };
            visit(point, u128::from(accepted) * u128::from(live), u128::from(rejected) * u128::from(attacks));
        };
        let (mut accepted, mut rejected) = (attacks, 0);
        let mut steps = self.steps(weights).peekable();
        if let Some(unseen) = steps.next_if(|first| first.score == f64::NEG_INFINITY) {
            accepted -= unseen.attacks;
            rejected += unseen.live;
        }
        visit(f64::NEG_INFINITY, accepted, rejected);
        while let Some(step) = steps.next() {
            accepted -= step.attacks;
            rejected += step.live;
            let threshold = steps.peek().map_or(f64::INFINITY, |next| between(step.score, next.score));
            visit(threshold, accepted, rejected);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::eval::scores::{Score, ScoreSet};
    use crate::eval::testing::{labelled, ranked};

    #[test]
    fn rules_are_read_as_they_are_shown() {
        for text in ["dev_eer", "train_eer", "test_eer", "min_hter", "fixed:0.25", "fixed:-1e-9", "fixed:inf"] {
            assert_eq!(text.parse::<Rule>().unwrap().to_string(), text);
        }
        assert_eq!("fixed:3".parse::<Rule>().unwrap(), Rule::Fixed(3.0));
        for text in ["", "eer", "fixed", "fixed:", "fixed:x", "fixed:nan", "DEV_EER"] {
            let message = text.parse::<Rule>().unwrap_err().to_string();
            assert!(message.contains("fixed:X"), "{message}");
        }
        let oracles: Vec<bool> = ["dev_eer", "train_eer", "fixed:1", "test_eer", "min_hter"]
            .map(|r| r.parse::<Rule>().unwrap().is_oracle())
            .into();
        assert_eq!(oracles, [false, false, false, true, true]);
    }

    #[test]
    fn all_scores_equal_gives_a_half_and_the_lower_infinity() {
        let point = ranked(&[0.3; 4], &[("a", 0.3), ("a", 0.3)]).eer_point().unwrap();
        assert_eq!((point.half_total(), point.threshold), (0.5, f64::NEG_INFINITY));
    }

    #[test]
    fn separated_scores_give_zero_in_the_middle_of_the_gap() {
        let point = ranked(&[2.0, 3.0], &[("a", -1.0), ("a", 1.0)]).eer_point().unwrap();
        assert_eq!((point.half_total(), point.threshold), (0.0, 1.5));
        let close = 1.0_f64.next_up();
        let point = ranked(&[close], &[("a", 1.0)]).eer_point().unwrap();
        assert_eq!((point.half_total(), point.threshold), (0.0, close));
        let wide = ranked(&[f64::MAX], &[("a", f64::MIN)]).eer_point().unwrap();
        assert_eq!((wide.half_total(), wide.threshold), (0.0, 0.0));
        let reversed = ranked(&[0.0, 1.0], &[("a", 2.0), ("a", 3.0)]).eer_point().unwrap();
        assert_eq!(reversed.half_total(), 1.0);
    }

    #[test]
    fn ties_go_to_the_smaller_sum_then_to_the_lower_threshold() {
        // Candidates: (FAR, FRR) = (1, 0), (1, 1/2), (1/2, 1/2) ... all scores distinct.
        let point = ranked(&[0.0, 3.0], &[("a", 1.0), ("a", 2.0)]).eer_point().unwrap();
        assert_eq!((point.far, point.frr, point.threshold), (0.5, 0.5, 1.5));
        // |FAR - FRR| = 1/2 at (1/2, 0) and (0, 1/2), the same sum: the lower threshold.
        let point = ranked(&[1.0, 2.0], &[("a", 0.0), ("a", 1.0)]).eer_point().unwrap();
        assert_eq!((point.far, point.frr, point.threshold), (0.5, 0.0, 0.5));
        // |FAR - FRR| = 1/6 at (1/2, 2/3) and (1/2, 1/3), which rounded rates would not call equal.
        let point = ranked(&[0.0, 2.0, 4.0], &[("a", 1.0), ("a", 3.0)]).eer_point().unwrap();
        assert_eq!((point.far, point.threshold), (0.5, 1.5));
        assert!((point.frr - 1.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn a_missing_class_gives_no_point() {
        assert!(ranked(&[1.0], &[]).eer_point().is_none());
        assert!(ranked(&[], &[("a", 1.0)]).min_hter_point().is_none());
        assert!(ranked(&[1.0], &[]).operating_points().is_empty());
    }

    #[test]
    fn far_thresholds_at_the_edges() {
        let attacks = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.0, 1.0, 1.0].map(|s| ("a", s));
        let set = ranked(&[0.95, 2.0], &attacks);
        assert_eq!(set.far_threshold("a", 0.5), Some(1.0));
        let above = set.far_threshold("a", 0.4).unwrap();
        assert!(above > 1.0 && above < 1.0 + 1e-12);
        assert_eq!(set.far_threshold("a", 0.0), Some(above));
        assert_eq!(set.far_threshold("a", 1.0), Some(f64::NEG_INFINITY));
        assert_eq!(set.far_threshold("a", 0.99), Some(0.6));
        assert_eq!(set.far_threshold("b", 0.5), None);
        let bpcer = |set: &Ranked, ceiling| set.bpcer_at_apcer(ceiling).and_then(|(_, count)| count.rate());
        assert_eq!(bpcer(&set, 0.5), Some(0.5));
        assert_eq!(bpcer(&set, 1.0), Some(0.0));
        assert_eq!(bpcer(&ranked(&[1.0], &[]), 0.5), None);
        assert_eq!(bpcer(&ranked(&[], &[("a", 1.0)]), 0.5), None);
        let two = ranked(&[1.0, 3.0], &[("a", 0.0), ("b", 2.0)]);
        assert_eq!(bpcer(&two, 0.05), Some(0.5));
    }

    #[test]
    fn true_positives_at_a_rate_of_false_ones_are_those_of_the_last_point_that_keeps_it() {
        let set = ranked(&[0.0, 1.0, 2.0, 3.0], &[("a", 0.5), ("b", 1.5), ("b", 1.5), ("b", -1.0)]);
        // FAR at the candidates: 1, 3/4 (-0.5), 3/4 (0.25), 1/2 (0.75), 1/2 (1.25), 0 (1.75), ...
        let at = |ceiling| set.bpcer_at_fpr(ceiling).map(|(t, c)| (t, c.errors));
        assert_eq!(at(1.0), Some((f64::NEG_INFINITY, 0)));
        assert_eq!(at(0.75), Some((-0.5, 0)));
        assert_eq!(at(0.74), Some((0.75, 1)));
        assert_eq!(at(0.1), Some((1.75, 2)));
        assert_eq!(ranked(&[1.0], &[]).bpcer_at_fpr(0.1), None);
    }

    #[test]
    fn what_is_rejected_unseen_is_rejected_by_every_threshold() {
        let scored = crate::eval::testing::set(&[2.0, 3.0], &[("a", -1.0), ("a", 1.0)]);
        let unseen = |live: bool| Score {
            is_bonafide: live,
            attack_type: if live { String::new() } else { "b".into() },
            ..Score::default()
        };
        let rejected = vec![unseen(true), unseen(false), unseen(false)];
        let set = Ranked::new(&ScoreSet { rejected, ..scored });
        assert_eq!(set.counts(), (3, 4));
        for threshold in [f64::NEG_INFINITY, -1e300] {
            let rates = set.rates_at(threshold);
            let pooled = rates.apcer_pooled();
            assert_eq!((rates.bpcer.errors, pooled.errors, pooled.total, rates.apcer[1].errors), (1, 2, 4, 0));
        }
        // (FAR, FRR) goes from (1/2, 1/3) over (1/4, 1/3), which is the equal error point, to (0, 1/3).
        let points: Vec<f64> = set.operating_points().iter().map(|p| p.threshold).collect();
        assert_eq!(points, [f64::NEG_INFINITY, 0.0, 1.5, 2.5, f64::INFINITY]);
        let eer = set.eer_point().unwrap();
        assert_eq!((eer.threshold, eer.far), (0.0, 0.25));
        // Of 3 x 4 pairs live wins 2 x 4, and the unseen one ties twice.
        assert_eq!(set.auc(), Some(9.0 / 12.0));
        assert_eq!(set.far_threshold("b", 0.0), Some(f64::MIN));
        assert_eq!(set.bpcer_at_apcer(0.0).unwrap().1.errors, 1);
    }

    /// FAR and FRR by their definitions.
    fn rates(live: &[f64], attacks: &[f64], threshold: f64) -> (f64, f64) {
        let far = attacks.iter().filter(|&&s| s >= threshold).count() as f64 / attacks.len() as f64;
        let frr = live.iter().filter(|&&s| s < threshold).count() as f64 / live.len() as f64;
        (far, frr)
    }

    proptest! {
        #[test]
        fn the_points_chosen_are_those_of_brute_force((live, attacks) in labelled()) {
            let all: Vec<f64> = attacks.iter().map(|a| a.1).collect();
            let mut distinct: Vec<f64> = live.iter().chain(&all).copied().collect();
            distinct.sort_by(f64::total_cmp);
            distinct.dedup();
            let mut candidates = vec![f64::NEG_INFINITY];
            candidates.extend(distinct.windows(2).map(|w| f64::midpoint(w[0], w[1])));
            candidates.push(f64::INFINITY);
            let scaled = (live.len() * all.len()) as f64;
            let choose = |first: fn(f64, f64) -> f64, second: fn(f64, f64) -> f64| {
                let key = |t: f64| {
                    let (far, frr) = rates(&live, &all, t);
                    ((first(far, frr) * scaled).round(), (second(far, frr) * scaled).round())
                };
                candidates.iter().copied().reduce(|best, t| if key(t) < key(best) { t } else { best }).unwrap()
            };
            let ranked = ranked(&live, &attacks);
            let pairs = [
                (choose(|a, b| (a - b).abs(), |a, b| a + b), ranked.eer_point().unwrap()),
                (choose(|a, b| a + b, |a, b| (a - b).abs()), ranked.min_hter_point().unwrap()),
            ];
            for (threshold, point) in pairs {
                prop_assert_eq!(point.threshold, threshold);
                prop_assert_eq!((point.far, point.frr), rates(&live, &all, threshold));
            }
            let points = ranked.operating_points();
            prop_assert_eq!(points.iter().map(|p| p.threshold).collect::<Vec<_>>(), candidates);
            for p in points {
                prop_assert_eq!((p.far, p.frr), rates(&live, &all, p.threshold));
            }
        }
    }
}
