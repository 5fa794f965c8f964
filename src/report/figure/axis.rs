//! The scales of a plot's axes: equal steps, equal ratios, equal quantiles of the normal distribution, or names. Limits
//! are given or found once; ticks are round.

use super::probit;

/// How an axis is divided.
#[derive(Debug, Clone, PartialEq)]
pub enum Ticks {
    /// Equal steps.
    Linear,
    /// Equal ratios.
    Log,
    /// Rates from 0 to 1, spaced by normal quantiles and shown in per cent.
    Probit,
    /// Places with names, equal steps between.
    Named(Vec<(f64, String)>),
}

/// An axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What it measures.
    pub title: String,
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// How it is divided.
    pub ticks: Ticks,
}

/// Rates that a probit axis shows, those of the DET curves of speaker recognition.
const RATES: [f64; 15] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99, 0.999];

/// Digits behind the point that steps of this size need.
pub(super) fn digits(step: f64) -> usize {
    if step > 0.0 { (-(step * 1.000_001).log10().floor()).clamp(0.0, 12.0) as usize } else { 0 }
}

/// From here on numbers are written as powers of ten, so that no label is wider than eight signs.
const LARGE: f64 = 1e6;

/// A value with so many digits, no more zeros than it needs, and a real minus sign; far from 1 as a power of ten.
pub(super) fn shown(value: f64, digits: usize) -> String {
    let text = if value != 0.0 && value.abs() < 1e-3 && digits > 4 {
        format!("{value:.1e}")
    } else if value.abs() >= LARGE {
        // Marks of one axis differ by a part in a hundred at least, see `around`.
        let text = format!("{value:.3e}");
        match text.split_once('e') {
            Some((mantissa, power)) => format!("{}e{power}", mantissa.trim_end_matches('0').trim_end_matches('.')),
            None => text,
        }
    } else {
        let text = format!("{value:.digits$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    };
    if text == "-0" { "0".to_owned() } else { text.replace('-', "−") }
}

impl Axis {
    /// Equal steps between given limits.
    pub fn linear(title: &str, low: f64, high: f64) -> Self {
        Self { title: title.to_owned(), low, high, ticks: Ticks::Linear }
    }

    /// Equal steps around all `values`, its ends round.
    pub fn around(title: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = ends(values);
        // Nothing but zeros has no size of its own.
        let (low, high) = if low == 0.0 && high == 0.0 { (0.0, 1.0) } else { (low, high) };
        // Values that hardly differ do not fill an axis with their last digits.
        let least = 0.02 * low.abs().max(high.abs());
        let spare = (least - (high - low)).max(0.0) / 2.0;
        let (low, high) = (low - spare, high + spare);
        let step = step(high - low, 5.0);
        let (low, high) = ((low / step + 1e-9).floor() * step, (high / step - 1e-9).ceil() * step);
        Self::linear(title, low, if high > low { high } else { low + step })
    }

    /// For losses: equal ratios where the largest positive value is ten times the smallest or more, else equal steps
    /// from 0.
    pub fn losses(title: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let finite: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
        let mut positive: Vec<f64> = finite.iter().copied().filter(|v| *v > 0.0).collect();
        let (low, high) = ends(positive.iter().copied());
        if !positive.is_empty() && high >= 10.0 * low {
            // A single value near nothing must not stretch the axis over many decades, but a run that diverges may: many
            // of its values are far below the last.
            positive.sort_unstable_by(f64::total_cmp);
            let small = positive[positive.len() / 20];
            let low = low.max(small.min(high * 1e-5));
            return Self { title: title.to_owned(), low: low * 0.9, high: high * 1.1, ticks: Ticks::Log };
        }
        // Losses below zero are shown too.
        Self::around(title, finite.into_iter().chain([0.0]))
    }

    /// Rates between `low` and `high`, 0 to 1 exclusive.
    pub fn probit(title: &str, low: f64, high: f64) -> Self {
        Self { title: title.to_owned(), low, high, ticks: Ticks::Probit }
    }

    /// Where a value lies between the ends, 0 to 1; beyond the ends, the ends.
    pub fn share(&self, value: f64) -> f64 {
        let place = |v: f64| match self.ticks {
            Ticks::Linear | Ticks::Named(_) => v,
            Ticks::Log => v.max(f64::MIN_POSITIVE).ln(),
            Ticks::Probit => probit(v.clamp(1e-12, 1.0 - 1e-12)),
        };
        let (low, high) = (place(self.low), place(self.high));
        ((place(value) - low) / (high - low)).clamp(0.0, 1.0)
    }

    /// Values with their names, `most` of them or a few more, ascending.
    pub fn marks(&self, most: f64) -> Vec<(f64, String)> {
        let inside = |v: &f64| (self.low..=self.high).contains(v);
        match &self.ticks {
            Ticks::Named(names) => names.clone(),
            Ticks::Linear => {
                let step = step(self.high - self.low, most);
                let (first, last) = ((self.low / step - 1e-9).ceil() as i64, (self.high / step + 1e-9).floor() as i64);
                (first..=last).map(|i| i as f64 * step).map(|v| (v, shown(v, digits(step)))).collect()
            }
            Ticks::Log => {
                let decades = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
                let of = |within: &[f64]| -> Vec<f64> {
                    let all = decades.clone().flat_map(|d| within.iter().map(move |m| m * 10.0_f64.powi(d)));
                    all.filter(inside).collect()
                };
                let choices = [of(&[1.0, 2.0, 5.0]), of(&[1.0, 3.0]), of(&[1.0])];
                let fit = choices.iter().find(|c| c.len() as f64 <= most + 2.0).unwrap_or(&choices[2]);
                // Over very many decades not every one has its mark.
                let every = (fit.len() as f64 / (most + 2.0)).ceil().max(1.0) as usize;
                fit.iter().step_by(every).map(|&v| (v, shown(v, digits(v)))).collect()
            }
            Ticks::Probit => {
                let name = |v: f64| shown(100.0 * v, 1);
                RATES.into_iter().filter(inside).map(|v| (v, name(v))).collect()
            }
        }
    }
}

fn ends(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let finite = values.into_iter().filter(|v| v.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    // No sum or difference of ends may overflow.
    let most = 1e307;
    if low > high { (0.0, 1.0) } else { (low.clamp(-most, most), high.clamp(-most, most)) }
}

/// The round step that divides `span` into `most` parts or fewer.
fn step(span: f64, most: f64) -> f64 {
    let span = span.max(1e-290);
    let power = 10_f64.powf((span / most).log10().floor());
    [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|s| span / s <= most + 1e-9).unwrap_or(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(axis: &Axis) -> Vec<String> {
        axis.marks(6.0).into_iter().map(|m| m.1).collect()
    }

    #[test]
    fn ticks_are_round_and_values_lie_where_they_should() {
        let linear = Axis::around("", [0.3, 9.7]);
        assert_eq!(
            (names(&linear), linear.share(5.0)),
            (["0", "2", "4", "6", "8", "10"].map(str::to_owned).into(), 0.5)
        );
        assert_eq!(names(&Axis::linear("", -0.2, 0.2)), ["−0.2", "−0.1", "0", "0.1", "0.2"]);
        let losses = Axis::losses("", [0.08, 0.4, 1.2, 0.0, f64::NAN]);
        assert_eq!(names(&losses), ["0.1", "0.2", "0.5", "1"]);
        assert!((losses.share(0.2) - losses.share(0.1) - (losses.share(0.4) - losses.share(0.2))).abs() < 1e-12);
        assert_eq!(Axis::losses("", [0.08, 0.4]).ticks, Ticks::Linear);
        let rates = Axis::probit("", 0.001, 0.999);
        assert_eq!((names(&rates)[0].as_str(), rates.share(0.5)), ("0.1", 0.5));
        assert_eq!([rates.share(0.0), rates.share(1.0)], [0.0, 1.0]);
    }

    #[test]
    fn labels_of_very_large_values_stay_short() {
        let all = [
            Axis::around("", [0.0, 1e30]),
            Axis::around("", [1e300, 1e300]),
            Axis::around("", [-1e308, 1e308]),
            Axis::losses("", [0.5, 0.7, 0.9, 1e30]),
            Axis::losses("", [1e-300, 1e300, f64::INFINITY]),
            Axis::losses("", [-1.0, -40.0]),
            Axis::around("", [2e9, 2.01e9]),
        ];
        for axis in all {
            let names = names(&axis);
            assert!(names.len() > 1 && names.len() < 14, "{axis:?} {names:?}");
            assert!(names.iter().all(|n| n.chars().count() <= 9), "{names:?}");
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
            assert!(axis.share(axis.low) == 0.0 && axis.share(axis.high) == 1.0, "{axis:?}");
        }
        assert_eq!(names(&Axis::around("", [0.0, 1e30]))[1], "2e29");
        // A run that diverges keeps the part before it does.
        assert!(Axis::losses("", [0.5, 0.7, 0.9, 1e30]).low < 0.5);
        assert!(Axis::losses("", [-1.0, -40.0]).low <= -40.0);
    }

    #[test]
    fn zeros_alone_have_an_axis_to_one() {
        for axis in [Axis::around("", [0.0, 0.0]), Axis::losses("", [0.0])] {
            assert_eq!((axis.low, axis.high), (0.0, 1.0));
        }
    }

    #[test]
    fn equal_values_and_none_have_an_axis_too() {
        for axis in [Axis::around("", [0.3, 0.3]), Axis::around("", []), Axis::losses("", [])] {
            assert!(axis.high > axis.low && axis.share(0.3).is_finite() && !names(&axis).is_empty(), "{axis:?}");
        }
    }
}
