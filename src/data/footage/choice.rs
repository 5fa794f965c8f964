//! Which frames of a clip are looked at: the rules of the literature by name, and plain ones.

use std::fmt;

/// Frames of a clip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameChoice {
    /// Every frame.
    All,
    /// So many, spread evenly from the first on: frame `floor(k n / N)` for k = 0 … N - 1.
    Even(u32),
    /// CDCN's test rule: frame `1 + k floor(n / 10)` for k = 0 … N - 1 (its numbers are taken as counted from 0; its
    /// code does not say where they begin). CDCN looks at 8.
    Cdcn(u32),
    /// SSDG's rule: frame `6 + k floor(n / N)` for k = 0 … N - 1. SSDG counts frames with a detected face; here all
    /// frames count, so that nothing has to be decoded that is not looked at. It takes 1 to train and 2 to test.
    Ssdg(u32),
    /// So many, the first and the last among them: frame `floor(k (n - 1) / (N - 1))`, as numpy's `linspace(0, n - 1,
    /// N)` cut to whole numbers. Meta Pattern's code takes 2.
    Ends(u32),
    /// These, where the clip has them.
    Given(Vec<u32>),
}

impl FrameChoice {
    /// `all`, `8` (evenly spread), `cdcn:8`, `ssdg:2`, `ends:2`, or `frames:0,5,9`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` chooses no frames; write all, a number (spread evenly), cdcn:8, ssdg:2, ends:2, or frames:0,5,9 \
                 (counted from 0)"
            )
        };
        let count = |text: &str| text.parse().ok().filter(|n| *n > 0).ok_or_else(wrong);
        match text.split_once(':') {
            None if text == "all" => Ok(Self::All),
            None => count(text).map(Self::Even),
            Some(("cdcn", n)) => count(n).map(Self::Cdcn),
            Some(("ssdg", n)) => count(n).map(Self::Ssdg),
            Some(("ends", n)) => count(n).map(Self::Ends),
            Some(("frames", list)) => {
                let numbers: Result<Vec<u32>, _> = list.split(',').map(|n| n.trim().parse()).collect();
                Ok(Self::Given(numbers.map_err(|_not_a_number| wrong())?))
            }
            Some(_) => Err(wrong()),
        }
    }

    /// The numbers of the chosen frames of a clip with `n` frames, ascending, none twice. A clip that is too short for
    /// a paper's rule is looked at in evenly spread frames.
    pub fn of(&self, n: u32) -> Vec<u32> {
        let even = |wanted: u32| (0..wanted.min(n)).map(|k| spread(k, n, wanted.min(n))).collect();
        let rule = |first: u32, step: u32, wanted: u32| -> Vec<u32> {
            let last = u64::from(first) + u64::from(wanted.saturating_sub(1)) * u64::from(step);
            if step > 0 && last < u64::from(n) { (0..wanted).map(|k| first + k * step).collect() } else { even(wanted) }
        };
        match self {
            Self::All => (0..n).collect(),
            Self::Even(wanted) => even(*wanted),
            Self::Cdcn(wanted) => rule(1, n / 10, *wanted),
            Self::Ssdg(wanted) => rule(6, n / (*wanted).max(1), *wanted),
            Self::Ends(wanted) => {
                let (last, steps) = (u64::from(n.saturating_sub(1)), u64::from(wanted.saturating_sub(1)).max(1));
                let mut all: Vec<u32> = (0..(*wanted).min(n)).map(|k| (u64::from(k) * last / steps) as u32).collect();
                if *wanted > n {
                    all = (0..n).collect();
                }
                all
            }
            Self::Given(numbers) => {
                let mut numbers: Vec<u32> = numbers.iter().copied().filter(|k| *k < n).collect();
                numbers.sort_unstable();
                numbers.dedup();
                numbers
            }
        }
    }

    /// Whether the choice depends on how many frames there are.
    pub(super) fn needs_count(&self) -> bool {
        matches!(self, Self::Even(_) | Self::Cdcn(_) | Self::Ssdg(_) | Self::Ends(_))
    }
}

/// `floor(k n / wanted)`, which fits because `k < wanted`.
fn spread(k: u32, n: u32, wanted: u32) -> u32 {
    (u64::from(k) * u64::from(n) / u64::from(wanted)) as u32
}

impl fmt::Display for FrameChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Even(n) => write!(f, "{n}"),
            Self::Cdcn(n) => write!(f, "cdcn:{n}"),
            Self::Ssdg(n) => write!(f, "ssdg:{n}"),
            Self::Ends(n) => write!(f, "ends:{n}"),
            Self::Given(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
                write!(f, "frames:{}", numbers.join(","))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_rules_of_the_papers() {
        // CDCN: interval = n // 10, ids ii * interval + 1.
        assert_eq!(FrameChoice::Cdcn(8).of(151), [1, 16, 31, 46, 61, 76, 91, 106]);
        // SSDG: sorted[6 + j * (n // k)].
        assert_eq!(FrameChoice::Ssdg(2).of(146), [6, 79]);
        assert_eq!(FrameChoice::Ssdg(1).of(146), [6]);
        assert_eq!(FrameChoice::Even(8).of(16), [0, 2, 4, 6, 8, 10, 12, 14]);
        assert_eq!(FrameChoice::Given(vec![9, 3, 3, 200]).of(20), [3, 9]);
        // np.linspace(0, n - 1, k).astype(int).
        assert_eq!(FrameChoice::Ends(2).of(146), [0, 145]);
        assert_eq!(FrameChoice::Ends(4).of(10), [0, 3, 6, 9]);
        assert_eq!((FrameChoice::Ends(1).of(9), FrameChoice::Ends(2).of(1)), (vec![0], vec![0]));
        // Too short for the rule.
        assert_eq!(FrameChoice::Ssdg(2).of(6), [0, 3]);
        assert_eq!(FrameChoice::Cdcn(8).of(2), [0, 1]);
    }

    #[test]
    fn choices_are_read_as_they_are_written() {
        for text in ["all", "8", "cdcn:8", "ssdg:2", "ends:2", "frames:0,5,9"] {
            assert_eq!(FrameChoice::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "0", "ssdg", "ssdg:0", "cdcn:x", "frames:", "frames:1,b", "-3", "every:2"] {
            let error = FrameChoice::parse(text).unwrap_err();
            assert!(error.contains("cdcn:8"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn chosen_frames_are_there_ascending_and_as_many_as_can_be(n in 0..3_000_u32, wanted in 1..40_u32) {
            for choice in [FrameChoice::Even(wanted), FrameChoice::Cdcn(wanted), FrameChoice::Ssdg(wanted)] {
                let frames = choice.of(n);
                prop_assert_eq!(frames.len() as u32, wanted.min(n));
                prop_assert!(frames.windows(2).all(|p| p[0] < p[1]) && frames.iter().all(|k| *k < n));
            }
            prop_assert_eq!(FrameChoice::All.of(n).len() as u32, n);
        }
    }
}
