//! 95 % intervals. Rates that are counts get Clopper and Pearson's exact binomial interval; ACER, HTER, EER and AUC get
//! a percentile bootstrap over subjects, since presentations of one person are not independent (over presentations
//! where subjects are unknown). Subjects with live faces only, with attacks only and with both are drawn separately,
//! so no draw loses a class. The bootstrap of an error-free set is [0, 0], as if nobody else could be wrong: there
//! `edges` widens it.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::beta::regularised;
use super::ranked::{Ranked, Weights};
use super::rates::{Count, Rates};
use crate::rng::{Streams, index};

/// Lower and upper end.
pub type Interval = [f64; 2];

/// Clopper and Pearson's 95 % interval of `count`; `None` when nothing was counted.
pub fn clopper_pearson(count: Count) -> Option<Interval> {
    let (k, n) = (count.errors as f64, count.total as f64);
    (count.total > 0).then(|| {
        let low = if count.errors == 0 { 0.0 } else { beta_quantile(0.025, k, n - k + 1.0) };
        let high = if count.errors >= count.total { 1.0 } else { beta_quantile(0.975, k + 1.0, n - k) };
        [low, high]
    })
}

fn beta_quantile(level: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if regularised(middle, a, b) < level {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Where the threshold stands in each draw of the bootstrap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum DrawThreshold {
    /// At this live-high value: it comes from elsewhere.
    Fixed(f64),
    /// At the draw's own EER, as an oracle takes it.
    Eer,
    /// At the draw's own least HTER.
    MinHter,
}

/// Bootstrap intervals; `None` for what is undefined.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Bootstrap {
    pub acer_max: Option<Interval>,
    pub acer_pooled: Option<Interval>,
    pub eer: Option<Interval>,
    pub auc: Option<Interval>,
}

/// Told how many draws are done, and of how many; from any thread, in no order.
pub type Drawn<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// The bootstrap with `draws` draws (0: no intervals); a pure function of its other arguments for any number of threads.
pub(super) fn bootstrap(
    ranked: &Ranked,
    threshold: DrawThreshold,
    draws: usize,
    seed: u64,
    tell: Drawn<'_>,
) -> Bootstrap {
    let (live, attacks) = ranked.counts();
    if live == 0 || attacks == 0 || draws == 0 {
        return Bootstrap::default();
    }
    let strata = strata(ranked);
    let streams = Streams::new(seed);
    let done = AtomicUsize::new(0);
    let draw = |number: usize| {
        let mut rng = streams.stream("bootstrap", number as u64);
        let mut counts = vec![0_u32; ranked.units];
        for stratum in &strata {
            for _ in stratum {
                counts[stratum[index(&mut rng, stratum.len())] as usize] += 1;
            }
        }
        let weights = Weights::By(&counts);
        let eer = ranked.weighted_eer_point(weights);
        let threshold = match threshold {
            DrawThreshold::Fixed(t) => Some(t),
            DrawThreshold::Eer => eer.map(|p| p.threshold),
            DrawThreshold::MinHter => ranked.weighted_min_hter_point(weights).map(|p| p.threshold),
        };
        let rates = threshold.map(|t| ranked.weighted_rates_at(t, weights));
        tell(done.fetch_add(1, Ordering::Relaxed) + 1, draws);
        [
            rates.as_ref().and_then(Rates::acer_max),
            rates.as_ref().and_then(Rates::acer_pooled),
            eer.map(|p| p.half_total()),
            ranked.weighted_auc(weights),
        ]
    };
    let all: Vec<[Option<f64>; 4]> = (0..draws).into_par_iter().map(draw).collect();
    let middle = |statistic: usize| percentiles(all.iter().filter_map(|d| d[statistic]).collect());
    widened(ranked, threshold, [0, 1, 2, 3].map(middle))
}

/// The drawn intervals, widened where the bootstrap knows nothing.
fn widened(ranked: &Ranked, threshold: DrawThreshold, drawn: [Option<Interval>; 4]) -> Bootstrap {
    let [acer_max, acer_pooled, eer, auc] = drawn;
    let eer_point = ranked.eer_point().map(|p| p.threshold);
    let at = match threshold {
        DrawThreshold::Fixed(t) => Some(t),
        DrawThreshold::Eer => eer_point,
        DrawThreshold::MinHter => ranked.min_hter_point().map(|p| p.threshold),
    };
    let half_sum = |at: Option<f64>, worst: bool, drawn| {
        let rates = ranked.rates_at(at?);
        let species = rates.worst().filter(|_| worst).map(|i| i as u32);
        let attacks = if worst { rates.apcer_max() } else { rates.apcer_pooled() };
        ranked.half_sum_interval(drawn, (attacks, species), rates.bpcer)
    };
    Bootstrap {
        acer_max: half_sum(at, true, acer_max),
        acer_pooled: half_sum(at, false, acer_pooled),
        eer: half_sum(eer_point, false, eer),
        auc: ranked.auc_interval(auc),
    }
}

/// Units with live presentations only, with attacks only, with both.
fn strata(ranked: &Ranked) -> [Vec<u32>; 3] {
    let mut has = vec![(false, false); ranked.units];
    for item in &ranked.items {
        let (live, attacks) = &mut has[item.unit as usize];
        *(if item.species.is_none() { live } else { attacks }) = true;
    }
    let of = |kind| (0..has.len()).filter(|&i| has[i] == kind).map(|i| i as u32).collect();
    [of((true, false)), of((false, true)), of((true, true))]
}

/// The 2.5 % and 97.5 % quantiles, interpolated linearly.
pub(super) fn percentiles(mut values: Vec<f64>) -> Option<Interval> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let at = |level: f64| {
        let place = level * last as f64;
        let (below, part) = (place.floor() as usize, place.fract());
        values[below] + part * (values[(below + 1).min(last)] - values[below])
    };
    Some([at(0.025), at(0.975)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::scores::{Score, ScoreSet};
    use crate::eval::testing::ranked;

    #[test]
    fn exact_intervals_have_their_published_ends() {
        let published = [
            ((9856, 10_000), [0.983_068, 0.987_843]),
            ((5, 120), [0.013_665, 0.094_559]),
            ((8, 480), [0.007_222, 0.032_575]),
            ((0, 120), [0.0, 0.030_273]),
        ];
        for ((errors, total), [low, high]) in published {
            let ends = clopper_pearson(Count { errors, total }).unwrap();
            assert!((ends[0] - low).abs() < 6e-7 && (ends[1] - high).abs() < 6e-7, "{errors}/{total}: {ends:?}");
        }
        assert_eq!(clopper_pearson(Count { errors: 0, total: 0 }), None);
        let closed_form = 1.0 - 0.025_f64.powf(1.0 / 120.0);
        assert!((clopper_pearson(Count { errors: 0, total: 120 }).unwrap()[1] - closed_form).abs() < 1e-13);
        let all = clopper_pearson(Count { errors: 120, total: 120 }).unwrap();
        assert!(all[1] == 1.0 && (all[0] - (1.0 - closed_form)).abs() < 1e-13);
        let [low, high] = clopper_pearson(Count { errors: 500_000, total: 1_000_000 }).unwrap();
        assert!((0.4990..0.4991).contains(&low) && (0.5009..0.5010).contains(&high), "{low} {high}");
    }

    #[test]
    fn the_bootstrap_is_a_pure_function_and_holds_the_estimate() {
        let live: Vec<f64> = (0..40).map(|i| f64::from(i) / 40.0).collect();
        let attacks: Vec<(&str, f64)> = (0..60).map(|i| ("a", f64::from(i) / 60.0 - 0.6)).collect();
        let set = ranked(&live, &attacks);
        let told = AtomicUsize::new(0);
        let count = |_, _| {
            told.fetch_add(1, Ordering::Relaxed);
        };
        let run = |seed| bootstrap(&set, DrawThreshold::Fixed(0.1), 300, seed, &count);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(run(1), pool.install(|| run(1)));
        assert_ne!(run(1), run(2));
        assert_eq!(told.load(Ordering::Relaxed), 4 * 300);
        let holds =
            |[low, high]: Interval, x: f64| assert!(low < x && x < high && high - low < 0.3, "{low} {x} {high}");
        let rates = set.rates_at(0.1);
        holds(run(1).acer_pooled.unwrap(), rates.acer_pooled().unwrap());
        holds(run(1).acer_max.unwrap(), rates.acer_max().unwrap());
        holds(run(1).eer.unwrap(), set.eer_point().unwrap().half_total());
        holds(run(1).auc.unwrap(), set.auc().unwrap());
        assert_eq!(bootstrap(&set, DrawThreshold::Eer, 300, 1, &|_, _| ()).acer_pooled, run(1).eer);
        let least = bootstrap(&set, DrawThreshold::MinHter, 300, 1, &|_, _| ()).acer_pooled.unwrap();
        assert!(least[1] <= run(1).eer.unwrap()[1]);
        assert_eq!(bootstrap(&set, DrawThreshold::Eer, 0, 1, &|_, _| ()), Bootstrap::default());
        assert_eq!(bootstrap(&ranked(&[1.0], &[]), DrawThreshold::Eer, 9, 1, &|_, _| ()), Bootstrap::default());
    }

    #[test]
    fn no_interval_claims_certainty() {
        for (live, attacks) in [
            (vec![0.9, 0.8, 0.7], vec![("a", 0.1), ("b", 0.2)]),
            (vec![0.1], vec![("a", 0.9)]),
            (vec![0.5; 4], vec![("a", 0.5); 4]),
            (vec![0.9; 30], vec![("a", 0.1); 40]),
            (vec![0.9, 0.9, 0.1], vec![("a", 0.2), ("a", 0.3)]),
        ] {
            let set = ranked(&live, &attacks);
            for at in [DrawThreshold::Fixed(0.5), DrawThreshold::Eer, DrawThreshold::MinHter] {
                let Bootstrap { acer_max, acer_pooled, eer, auc } = bootstrap(&set, at, 200, 0, &|_, _| ());
                let values = [set.auc().unwrap(), set.eer_point().unwrap().half_total()];
                for ([low, high], value) in [auc, eer].map(Option::unwrap).into_iter().zip(values) {
                    assert!(low <= value && value <= high, "{live:?} {value} [{low}, {high}]");
                }
                for [low, high] in [acer_max, acer_pooled, eer, auc].map(Option::unwrap) {
                    assert!(0.0 <= low && high - low > 0.05 && high <= 1.0, "{live:?} {at:?} [{low}, {high}]");
                }
            }
        }
        // One live face of 30 rejected, no attack of 2 accepted: how many attacks were seen must be felt.
        let live: Vec<f64> = (0..30).map(|i| if i == 0 { 0.0 } else { 1.0 }).collect();
        let upper = |attacks: usize| {
            let set = ranked(&live, &vec![("a", 0.1); attacks]);
            bootstrap(&set, DrawThreshold::Fixed(0.5), 200, 0, &|_, _| ()).acer_pooled.unwrap()[1]
        };
        assert!(upper(2) > 0.4 && upper(200) < 0.12, "{} {}", upper(2), upper(200));
    }

    #[test]
    fn an_error_free_subject_counts_once() {
        let row = |i: usize, bonafide: bool| Score {
            claimed_id: (i % 5).to_string(),
            is_bonafide: bonafide,
            score: if bonafide { 1.0 } else { 0.0 },
            ..Score::default()
        };
        let rows = (0..100).flat_map(|i| [row(i, true), row(i, false)]).collect();
        let set = Ranked::new(&ScoreSet { scores: rows, ..ScoreSet::default() });
        let drawn = bootstrap(&set, DrawThreshold::Fixed(0.5), 50, 0, &|_, _| ());
        let of_five = 1.0 - 0.025_f64.powf(0.2);
        let [low, high] = drawn.acer_pooled.unwrap();
        assert!(low == 0.0 && (high - of_five / 2.0_f64.sqrt()).abs() < 1e-12, "{low} {high}");
        assert!(drawn.auc.unwrap()[0] < 0.8, "{:?}", drawn.auc);
    }

    #[test]
    fn intervals_widen_when_presentations_share_subjects() {
        // Ten subjects, thirty equal presentations each: only ten independent observations.
        let row = |subject: usize, bonafide: bool, wrong: bool, named: bool| Score {
            claimed_id: if named { subject.to_string() } else { String::new() },
            is_bonafide: bonafide,
            score: if bonafide == wrong { -1.0 } else { 1.0 },
            ..Score::default()
        };
        let width = |named: bool| {
            let rows = (0..300).flat_map(|i| [row(i % 10, true, i % 10 < 3, named), row(i % 10, false, false, named)]);
            let set = Ranked::new(&ScoreSet { scores: rows.collect(), ..ScoreSet::default() });
            let [low, high] = bootstrap(&set, DrawThreshold::Fixed(0.0), 400, 0, &|_, _| ()).acer_pooled.unwrap();
            high - low
        };
        assert!(width(true) > 3.0 * width(false), "{} {}", width(true), width(false));
    }

    #[test]
    fn quantiles_are_interpolated() {
        assert_eq!(percentiles((0..=1000).map(f64::from).collect()), Some([25.0, 975.0]));
        assert_eq!(percentiles(vec![2.0]), Some([2.0, 2.0]));
        assert_eq!(percentiles(vec![]), None);
    }
}
