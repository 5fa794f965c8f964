//! What several runs of the same thing say together: their mean, how far they lie apart, and how well the mean is known.
//! Papers seldom say whether they divide by n or by n - 1, so both standard deviations are given.

use super::Interval;

/// Mean and spread of a handful of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// How many values there are.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Standard deviation of these values, divided by n.
    pub std_population: f64,
    /// Estimate for all values there could be, divided by n - 1; `None` for one value.
    pub std_sample: Option<f64>,
    /// 95 % interval of the mean by Student's t with n - 1 degrees of freedom; `None` for one value.
    pub interval: Option<Interval>,
}

impl Spread {
    /// The spread of `values`; `None` where there is none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let n = values.len();
        let first = *values.first()?;
        // About the first value, so that equal values have no spread at all.
        let mean = first + values.iter().map(|v| v - first).sum::<f64>() / n as f64;
        let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
        let several = n > 1;
        let std_sample = several.then(|| (squares / (n as f64 - 1.0)).sqrt());
        let interval = std_sample.map(|s| {
            let half = t_975(n as u64 - 1) * s / (n as f64).sqrt();
            [mean - half, mean + half]
        });
        Some(Self { n, mean, std_population: (squares / n as f64).sqrt(), std_sample, interval })
    }
}

/// The smallest mean of paired differences that `n` pairs find with a chance of 80 % (two-sided, 5 %), in standard
/// deviations of one difference: (t_0.975 + t_0.8) / sqrt(n), Student's t with n - 1 degrees of freedom. Within 2 % of
/// what the noncentral t gives from 5 pairs on. `None` for fewer than two pairs.
pub fn detectable(n: usize) -> Option<f64> {
    let df = n.checked_sub(1).filter(|df| *df > 0)? as u64;
    Some((quantile(0.975, df) + quantile(0.8, df)) / (n as f64).sqrt())
}

/// The 97.5 % quantile of Student's t with `df` degrees of freedom, 1 or more.
fn t_975(df: u64) -> f64 {
    quantile(0.975, df)
}

/// The quantile `p`, above a half, of Student's t with `df` degrees of freedom, 1 or more.
fn quantile(p: f64, df: u64) -> f64 {
    let inside = 2.0 * p - 1.0;
    // In the angle atan(t / sqrt(df)) the quantile lies in 0 to pi / 2, and the probability rises with it.
    let (mut low, mut high) = (0.0, std::f64::consts::FRAC_PI_2);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if within(middle, df) < inside {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high).tan() * (df as f64).sqrt()
}

/// The probability that |t| is at most `tan(angle) * sqrt(df)` (Abramowitz and Stegun 26.7.3 and 26.7.4).
fn within(angle: f64, df: u64) -> f64 {
    let (sine, cosine) = angle.sin_cos();
    let odd = df % 2 == 1;
    let (mut term, mut sum) = if odd { (cosine, 0.0) } else { (1.0, 0.0) };
    let mut k = u64::from(odd);
    // Terms run over the powers of the cosine up to df - 2.
    while k + 2 <= df {
        sum += term;
        term *= (k + 1) as f64 / (k + 2) as f64 * cosine * cosine;
        k += 2;
    }
    if odd { (angle + sine * sum) * std::f64::consts::FRAC_2_PI } else { sine * sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_is_that_of_the_noncentral_t() {
        // The noncentral t's: n pairs, alpha 0.05 two-sided, power 0.8.
        for (n, value) in [(5, 1.682), (10, 0.996), (20, 0.660), (34, 0.495)] {
            let ours = detectable(n).unwrap();
            assert!((ours - value).abs() < 0.02 * value, "{n}: {ours} against {value}");
        }
        assert_eq!((detectable(0), detectable(1)), (None, None));
        // scipy.stats.t.ppf(0.8, 9).
        assert!((quantile(0.8, 9) - 0.883_403_859_685_537).abs() < 1e-9);
    }

    #[test]
    fn quantiles_are_those_of_scipy() {
        // scipy.stats.t.ppf(0.975, df), SciPy 1.17.
        for (df, value) in [
            (1, 12.706_204_736_174_69),
            (2, 4.302_652_729_749_464),
            (3, 3.182_446_305_283_71),
            (4, 2.776_445_105_197_793),
            (5, 2.570_581_835_636_314),
            (9, 2.262_157_162_798_205),
            (12, 2.178_812_829_667_229),
            (29, 2.045_229_642_132_703),
            (100, 1.983_971_518_523_552),
        ] {
            assert!((t_975(df) - value).abs() < 1e-8 * value, "{df}: {}", t_975(df));
        }
    }

    #[test]
    fn a_spread_by_hand() {
        // Squares about the mean 0.24: 0.0196, 0.0001, 0.0256, 0.0081, 0.0036, in all 0.057.
        let s = Spread::of(&[0.1, 0.25, 0.4, 0.15, 0.3]).unwrap();
        assert_eq!(s.n, 5);
        assert!((s.mean - 0.24).abs() < 1e-15);
        assert!((s.std_population - 0.0114_f64.sqrt()).abs() < 1e-15);
        assert!((s.std_sample.unwrap() - 0.01425_f64.sqrt()).abs() < 1e-15);
        let half = 2.776_445_105 * (0.01425_f64 / 5.0).sqrt();
        let [low, high] = s.interval.unwrap();
        assert!((low - (0.24 - half)).abs() < 1e-9 && (high - (0.24 + half)).abs() < 1e-9);
    }

    #[test]
    fn one_value_has_no_interval_and_equal_values_no_spread() {
        let one = Spread::of(&[0.3]).unwrap();
        assert_eq!((one.mean, one.std_population, one.std_sample, one.interval), (0.3, 0.0, None, None));
        let same = Spread::of(&[0.1; 7]).unwrap();
        assert_eq!((same.mean, same.std_population, same.interval), (0.1, 0.0, Some([0.1, 0.1])));
        assert_eq!(Spread::of(&[]), None);
    }
}
