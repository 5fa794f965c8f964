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

/// A value with so many digits, no more zeros than it needs, and a real minus sign; far from 1 as a power of ten.
pub(super) fn shown(value: f64, digits: usize) -> String {
    let text = if value != 0.0 && value.abs() < 1e-3 && digits > 4 {
        format!("{value:.1e}")
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
        let positive: Vec<f64> = values.into_iter().filter(|v| *v > 0.0 && v.is_finite()).collect();
        let (low, high) = ends(positive.iter().copied());
        if !positive.is_empty() && high >= 10.0 * low {
            // A single value near nothing must not stretch the axis over many decades.
            let low = low.max(high * 1e-5);
            return Self { title: title.to_owned(), low: low * 0.9, high: high * 1.1, ticks: Ticks::Log };
        }
        Self::around(title, positive.into_iter().chain([0.0]))
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
                fit.iter().map(|&v| (v, shown(v, digits(v)))).collect()
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
    if low > high { (0.0, 1.0) } else { (low, high) }
}

/// The round step that divides `span` into `most` parts or fewer.
fn step(span: f64, most: f64) -> f64 {
    let span = span.max(1e-9);
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
    fn equal_values_and_none_have_an_axis_too() {
        for axis in [Axis::around("", [0.3, 0.3]), Axis::around("", []), Axis::losses("", [])] {
            assert!(axis.high > axis.low && axis.share(0.3).is_finite() && !names(&axis).is_empty(), "{axis:?}");
        }
    }
}
