//! The words that stand in cells: labels, splits, boxes, turns.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::data::folder::{class_of, split_word};
use crate::data::{Label, Split, Turn};

/// Which number means live where labels are numbers. Every other number is an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LiveIs {
    /// 0 is live, as in MetaPattern's lists.
    #[serde(rename = "live=0")]
    Zero,
    /// 1 is live, as in SSDG's.
    #[serde(rename = "live=1")]
    One,
}

impl LiveIs {
    /// The label that `number` stands for.
    pub fn label(self, number: i64) -> Label {
        let live = match self {
            Self::Zero => number == 0,
            Self::One => number == 1,
        };
        if live { Label::Live } else { Label::Spoof }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Zero => Self::One,
            Self::One => Self::Zero,
        }
    }
}

impl fmt::Display for LiveIs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zero => "live=0",
            Self::One => "live=1",
        })
    }
}

impl FromStr for LiveIs {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
        match plain.as_str() {
            "live=0" => Ok(Self::Zero),
            "live=1" => Ok(Self::One),
            _ => Err(format!("{text}: a polarity is live=0 or live=1")),
        }
    }
}

/// A label as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RawLabel {
    /// A word.
    Word(Label),
    /// A number, which means nothing until someone says what.
    Number(i64),
}

impl RawLabel {
    /// The label; `None` for a number while nobody has said what numbers mean.
    pub fn settle(self, live_is: Option<LiveIs>) -> Option<Label> {
        match self {
            Self::Word(label) => Some(label),
            Self::Number(number) => live_is.map(|l| l.label(number)),
        }
    }

    /// Reads a cell: a word of either class, or a whole number (`1`, `+1`, `1.0`).
    pub fn read(text: &str) -> Option<Self> {
        class_of(text).map(Self::Word).or_else(|| number(text).map(Self::Number))
    }
}

/// A whole number as people and programs write labels: a sign before it and `.0` behind it say nothing.
fn number(text: &str) -> Option<i64> {
    let digits = text.split_once('.').map_or(text, |(whole, rest)| {
        let zeros = !rest.is_empty() && rest.bytes().all(|b| b == b'0');
        if zeros { whole } else { text }
    });
    digits.strip_prefix('+').unwrap_or(digits).parse().ok()
}

/// A split by its usual names.
pub(super) fn split(text: &str) -> Option<Split> {
    split_word(text)
}

/// `left,top,width,height` in pixels, with commas, semicolons or spaces; fractions are rounded.
pub(super) fn bounds(text: &str) -> Option<[i32; 4]> {
    let parts: Vec<&str> = text
        .trim_matches(|c| matches!(c, '[' | ']' | '(' | ')'))
        .split([',', ';', ' '])
        .filter(|p| !p.is_empty())
        .collect();
    let mut out = [0; 4];
    if parts.len() != out.len() {
        return None;
    }
    for (value, part) in out.iter_mut().zip(parts) {
        let number: f64 = part.parse().ok()?;
        let sane = number.is_finite() && number.abs() < 1e6;
        *value = sane.then(|| number.round() as i32)?;
    }
    (out[2] > 0 && out[3] > 0).then_some(out)
}

/// Clockwise degrees.
pub(super) fn turn(text: &str) -> Option<Turn> {
    match text {
        "" | "0" => Some(Turn::None),
        "90" => Some(Turn::Right),
        "180" => Some(Turn::Half),
        "270" | "-90" => Some(Turn::Left),
        _ => None,
    }
}

/// The cell of a turn; empty for none.
pub(super) fn degrees(turn: Turn) -> &'static str {
    match turn {
        Turn::None => "",
        Turn::Right => "90",
        Turn::Half => "180",
        Turn::Left => "270",
    }
}

/// Yes or no.
pub(super) fn yes(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "true" | "1" | "y" => Some(true),
        "" | "no" | "false" | "0" | "n" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_both_polarities_are_words_or_numbers_that_mean_nothing_yet() {
        for word in ["live", "Real", "bona_fide", "bona fide", "bonafide", "GENUINE"] {
            assert_eq!(RawLabel::read(word), Some(RawLabel::Word(Label::Live)), "{word}");
        }
        for word in ["spoof", "Attack", "fake", "attacks"] {
            assert_eq!(RawLabel::read(word), Some(RawLabel::Word(Label::Spoof)), "{word}");
        }
        for (text, number) in [("1", 1), ("+1", 1), ("-2", -2), ("0", 0), ("1.0", 1), ("3.000", 3)] {
            assert_eq!(RawLabel::read(text), Some(RawLabel::Number(number)), "{text}");
        }
        for text in ["", "maybe", "1.5", "1.", "one", "nan", "1e0"] {
            assert_eq!(RawLabel::read(text), None, "{text}");
        }
        assert_eq!(RawLabel::Number(1).settle(None), None);
        let both = |n| [LiveIs::Zero, LiveIs::One].map(|l| l.label(n));
        assert_eq!(both(0), [Label::Live, Label::Spoof]);
        assert_eq!(both(1), [Label::Spoof, Label::Live]);
        assert_eq!(both(-1), [Label::Spoof, Label::Spoof]);
        assert_eq!(both(3), [Label::Spoof, Label::Spoof]);
    }

    #[test]
    fn polarities_are_written_one_way() {
        assert_eq!("live=0".parse(), Ok(LiveIs::Zero));
        assert_eq!("Live = 1".parse(), Ok(LiveIs::One));
        assert!("1".parse::<LiveIs>().unwrap_err().contains("live=0 or live=1"));
        assert_eq!(LiveIs::Zero.other().to_string(), "live=1");
    }

    #[test]
    fn boxes_turns_and_yeses() {
        assert_eq!(bounds("1,2,3,4"), Some([1, 2, 3, 4]));
        assert_eq!(bounds("[ -1.4 2.6; 30,40 ]"), Some([-1, 3, 30, 40]));
        for text in ["", "1,2,3", "1,2,0,4", "1,2,3,-4", "1,2,3,x", "1,2,3,4,5", "1,2,inf,4", "9e9,1,1,1"] {
            assert_eq!(bounds(text), None, "{text}");
        }
        for of in [Turn::None, Turn::Right, Turn::Half, Turn::Left] {
            assert_eq!(turn(degrees(of)), Some(of));
        }
        assert_eq!((turn("45"), yes("Yes"), yes("0"), yes("")), (None, Some(true), Some(false), Some(false)));
        assert_eq!(yes("perhaps"), None);
    }
}
