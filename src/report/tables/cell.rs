//! What a cell holds: words, or a number with how far it is known.

use crate::eval::{Interval, Spread};

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Words; empty where there is nothing to say.
    Text(String),
    /// A number as shown, with its parts for programs.
    Number(Number),
}

/// A number and its spread, in the unit of its column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Number {
    /// As people read it; `–` where it is undefined.
    pub shown: String,
    /// The number, or the mean.
    pub mean: Option<f64>,
    /// Standard deviation over runs.
    pub deviation: Option<f64>,
    /// 95 % interval.
    pub interval: Option<Interval>,
}

impl Cell {
    /// Words.
    pub fn text(words: impl Into<String>) -> Self {
        Self::Text(words.into())
    }

    /// Rates from 0 to 1, a run each, in per cent: of one run with `interval`, that of its own faces; of several the mean
    /// with sample standard deviation and the interval of the mean.
    pub fn rates(values: &[f64], interval: Option<Interval>) -> Self {
        let percent: Vec<f64> = values.iter().map(|v| 100.0 * v).collect();
        let Some(spread) = Spread::of(&percent) else { return Self::undefined() };
        let own = interval.map(|i| i.map(|v| 100.0 * v)).filter(|_| spread.n == 1);
        let interval = spread.interval.or(own);
        let deviation = spread.std_sample.map(|s| format!(" ± {s:.2}")).unwrap_or_default();
        let known = interval.map(|[low, high]| format!(" [{low:.2}, {high:.2}]")).unwrap_or_default();
        Self::Number(Number {
            shown: format!("{:.2}{deviation}{known}", spread.mean).replace('-', "−"),
            mean: Some(spread.mean),
            deviation: spread.std_sample,
            interval,
        })
    }

    /// A count or a measure without spread.
    pub fn number(value: Option<f64>, digits: usize) -> Self {
        let shown = value.map_or_else(|| "–".to_owned(), |v| format!("{v:.digits$}"));
        Self::Number(Number { shown, mean: value, ..Number::default() })
    }

    /// A cell of a paper exactly as printed, as `3.7±2.9`, `/` or `280G`.
    pub fn printed(text: &str) -> Self {
        let mut parts = text.split('±');
        let mut number = || parts.next().and_then(|p| p.trim().parse().ok());
        let (mean, deviation) = (number(), number());
        let shown = if text.is_empty() { "–" } else { text };
        Self::Number(Number { shown: shown.replace('±', " ± "), mean, deviation, interval: None })
    }

    /// Nothing that could be known.
    pub fn undefined() -> Self {
        Self::Number(Number { shown: "–".to_owned(), ..Number::default() })
    }

    /// As people read it.
    pub fn shown(&self) -> &str {
        match self {
            Self::Text(words) => words,
            Self::Number(number) => &number.shown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_show_what_is_known() {
        assert_eq!(Cell::rates(&[0.125], Some([0.1, 0.2])).shown(), "12.50 [10.00, 20.00]");
        let several = Cell::rates(&[0.1, 0.2], Some([0.0, 1.0]));
        assert_eq!(several.shown(), "15.00 ± 7.07 [−48.53, 78.53]");
        assert_eq!(Cell::rates(&[], None), Cell::undefined());
        let Cell::Number(printed) = Cell::printed("3.7±2.9") else { panic!() };
        assert_eq!((printed.shown.as_str(), printed.mean, printed.deviation), ("3.7 ± 2.9", Some(3.7), Some(2.9)));
        let Cell::Number(none) = Cell::printed("/") else { panic!() };
        assert_eq!((none.shown.as_str(), none.mean), ("/", None));
    }
}
