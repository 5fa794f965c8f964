//! How a run goes and how long it will take, as its engine measured it: plain numbers for status.json, events and views.
//! What is not known is absent, never zero.

use serde::{Deserialize, Serialize};

use crate::config::Stage;

/// A run's pace, memory and time left. Seconds are those of work: while a run is paused none pass.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outlook {
    /// The stage that the pace is of.
    pub stage: Stage,
    /// Iterations that the pace was measured over.
    pub measured: usize,
    /// Seconds an iteration of the stage takes; absent until a few are done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iteration_seconds: Option<f64>,
    /// 10^9 floating-point operations of one, as counted from the layers; absent where nobody counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gflop: Option<f64>,
    /// Seconds until the stage ends, about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage_seconds: Option<f64>,
    /// Seconds until the run ends, about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_seconds: Option<f64>,
    /// Memory of the process, where the system tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Memory>,
}

/// Memory of a whole process, in MiB.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// In memory now.
    pub resident_mib: f64,
    /// The most that was, since the process began.
    pub peak_mib: f64,
    /// The most that libtorch had of a card; absent where none is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_peak_mib: Option<f64>,
}

impl Outlook {
    /// 10^9 operations a second that the present stage comes to.
    pub fn gflop_per_second(&self) -> Option<f64> {
        Some(self.gflop? / self.iteration_seconds.filter(|s| *s > 0.0)?)
    }
}

/// An estimate in words, no finer than it deserves: "about 1 min 20 s".
pub fn about(seconds: f64) -> String {
    let to = |step: f64| ((seconds.max(0.0) / step).round() * step) as u64;
    match seconds {
        s if s < 5.0 => "a few seconds".to_owned(),
        s if s < 57.5 => format!("about {} s", to(5.0)),
        s if s < 595.0 => {
            let s = to(10.0);
            if s.is_multiple_of(60) {
                format!("about {} min", s / 60)
            } else {
                format!("about {} min {} s", s / 60, s % 60)
            }
        }
        s if s < 3570.0 => format!("about {} min", to(60.0) / 60),
        s if s < 48.0 * 3600.0 => {
            let m = to(600.0) / 60;
            if m.is_multiple_of(60) {
                format!("about {} h", m / 60)
            } else {
                format!("about {} h {} min", m / 60, m % 60)
            }
        }
        s => format!("about {:.0} days", s / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_told_no_finer_than_they_are() {
        let words = [2.0, 7.0, 33.0, 58.0, 79.0, 594.0, 600.0, 3569.0, 3580.0, 4900.0, 200_000.0].map(about);
        assert_eq!(
            words,
            [
                "a few seconds",
                "about 5 s",
                "about 35 s",
                "about 1 min",
                "about 1 min 20 s",
                "about 9 min 50 s",
                "about 10 min",
                "about 59 min",
                "about 1 h",
                "about 1 h 20 min",
                "about 2 days"
            ]
        );
    }

    #[test]
    fn what_is_not_known_is_not_written() {
        let text = serde_json::to_string(&Outlook { stage: Stage::Bilevel, ..Outlook::default() }).unwrap();
        assert_eq!(text, r#"{"stage":"bilevel","measured":0}"#);
        let known = Outlook { gflop: Some(3.0), iteration_seconds: Some(0.1), ..serde_json::from_str(&text).unwrap() };
        assert!((known.gflop_per_second().unwrap() - 30.0).abs() < 1e-12);
        assert_eq!(Outlook { iteration_seconds: None, ..known }.gflop_per_second(), None);
    }
}
