//! Several runs of one thing (folds, left-out attacks, seeds) in one line: mean and both standard deviations. Papers write
//! "mean±std" and rarely say which: MT-FAS prints the population's in some rows of one table and the sample's in others.

use serde::{Deserialize, Serialize};

use super::beta::regularised;
use super::intervals::Interval;

/// Mean and spread of `n` values, in the unit of the values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// How many values.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Standard deviation with `n` below the root: numpy's default.
    pub sd_population: f64,
    /// Standard deviation with `n - 1` below the root; `None` for one value.
    pub sd_sample: Option<f64>,
    /// Student's 95 % interval of the mean, for independent values that are roughly normal; `None` for one value.
    pub t_interval: Option<Interval>,
}

/// Mean and spread of `values`, which are finite; `None` when there is none.
pub fn spread(values: &[f64]) -> Option<Spread> {
    if values.is_empty() {
        return None;
    }
    let n = values.len();
    let mean = mean(values);
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    let sd_sample = (n > 1).then(|| (squares / (n - 1) as f64).sqrt());
    let t_interval = sd_sample.map(|sd| {
        let half = t_quantile_975(n - 1) * sd / (n as f64).sqrt();
        [mean - half, mean + half]
    });
    Some(Spread { n, mean, sd_population: (squares / n as f64).sqrt(), sd_sample, t_interval })
}

/// [`spread`] over the runs in which a value is defined, and the number of runs in which it is not.
pub fn spread_of_defined(values: &[Option<f64>]) -> (Option<Spread>, usize) {
    let defined: Vec<f64> = values.iter().copied().flatten().collect();
    (spread(&defined), values.len() - defined.len())
}

/// The mean, corrected once for what rounding lost, so that equal values have no spread.
fn mean(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let first = values.iter().sum::<f64>() / n;
    first + values.iter().map(|v| v - first).sum::<f64>() / n
}

/// The 97.5 % quantile of Student's distribution with `freedom` degrees of freedom, at least 1.
pub fn t_quantile_975(freedom: usize) -> f64 {
    let nu = freedom.max(1) as f64;
    // P(|T| > t) = I_x(nu/2, 1/2) with x = nu / (nu + t^2), which falls as t grows. Bisected over t, where it is smooth.
    let beyond = |t: f64| regularised(nu / (nu + t * t), nu / 2.0, 0.5);
    let (mut low, mut high) = (1.9, 13.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if beyond(middle) > 0.05 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn students_quantiles_are_those_of_tables() {
        // scipy.stats.t.ppf(0.975, nu) of SciPy 1.17.1; the first two have closed forms too.
        let published = [
            (1, 12.706_204_736_174_694),
            (2, 4.302_652_729_749_462),
            (3, 3.182_446_305_283_708),
            (5, 2.570_581_835_636_315),
            (12, 2.178_812_829_667_228),
            (30, 2.042_272_456_301_238),
            (1000, 1.962_339_080_826_408_3),
        ];
        for (freedom, expected) in published {
            let value = t_quantile_975(freedom);
            assert!((value - expected).abs() < 1e-9, "{freedom}: {value}");
        }
        assert!((t_quantile_975(1) - (std::f64::consts::PI * 0.475).tan()).abs() < 1e-9);
    }

    #[test]
    fn one_table_of_mt_fas_has_both_deviations() {
        // APCER of SiW-M's 13 protocols, MT-FAS Table 2: FAS-DR(MT) is printed as 9.5±9.7, SVM+LBP as 32.8±29.8.
        let ours = [4.1, 4.3, 6.5, 3.7, 9.2, 5.9, 5.0, 36.4, 0.0, 10.0, 20.3, 17.5, 0.0];
        let rival = [19.1, 15.4, 40.8, 20.3, 70.3, 0.0, 4.6, 96.9, 35.3, 11.3, 53.3, 58.5, 0.6];
        let (ours, rival) = (spread(&ours).unwrap(), spread(&rival).unwrap());
        let shown = |x: f64| format!("{x:.1}");
        assert_eq!(
            (shown(ours.mean), shown(ours.sd_population), shown(ours.sd_sample.unwrap())),
            ("9.5".into(), "9.7".into(), "10.1".into())
        );
        assert_eq!(
            (shown(rival.mean), shown(rival.sd_population), shown(rival.sd_sample.unwrap())),
            ("32.8".into(), "28.7".into(), "29.8".into())
        );
    }

    #[test]
    fn hand_computed_values() {
        let s = spread(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
        assert_eq!((s.n, s.mean, s.sd_population), (8, 5.0, 2.0));
        assert!((s.sd_sample.unwrap() - (32.0_f64 / 7.0).sqrt()).abs() < 1e-15);
        // t(0.975, 7) = 2.364624251592785.
        let half = 2.364_624_251_592_785 * (32.0_f64 / 7.0 / 8.0).sqrt();
        let [low, high] = s.t_interval.unwrap();
        assert!((low - (5.0 - half)).abs() < 1e-9 && (high - (5.0 + half)).abs() < 1e-9);
        let one = spread(&[0.3]).unwrap();
        assert_eq!((one.mean, one.sd_population, one.sd_sample, one.t_interval), (0.3, 0.0, None, None));
        assert_eq!(spread(&[]), None);
        assert_eq!(spread_of_defined(&[Some(1.0), None, Some(3.0)]).1, 1);
        assert_eq!(spread_of_defined(&[Some(1.0), None, Some(3.0)]).0.unwrap().mean, 2.0);
        assert_eq!(spread_of_defined(&[None]), (None, 1));
    }

    proptest! {
        #[test]
        fn shifting_changes_the_mean_alone(values in prop::collection::vec(-100.0_f64..100.0, 2..20), by in -1e3_f64..1e3) {
            let a = spread(&values).unwrap();
            let b = spread(&values.iter().map(|v| v + by).collect::<Vec<_>>()).unwrap();
            prop_assert!((a.mean + by - b.mean).abs() < 1e-9);
            prop_assert!((a.sd_population - b.sd_population).abs() < 1e-9);
            let ratio = ((values.len() - 1) as f64 / values.len() as f64).sqrt();
            prop_assert!((a.sd_sample.unwrap() * ratio - a.sd_population).abs() < 1e-9);
        }

        #[test]
        fn equal_values_have_no_spread(value in -1e6_f64..1e6, n in 2_usize..30) {
            let s = spread(&vec![value; n]).unwrap();
            prop_assert_eq!((s.mean, s.sd_population), (value, 0.0));
        }
    }
}
