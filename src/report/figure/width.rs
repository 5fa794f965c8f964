//! How wide a figure is: the columns of IEEE's journals, or millimetres.

use std::fmt;
use std::str::FromStr;

/// Points of an inch, and millimetres of one.
const INCH: f64 = 72.0;
const MM: f64 = 25.4;

/// A figure's width.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Width {
    /// One column, 3.5 inches.
    #[default]
    Ieee1,
    /// Two columns, 7.16 inches.
    Ieee2,
    /// So many millimetres, 40 to 400.
    Mm(f64),
}

impl Width {
    /// In points.
    pub fn points(self) -> f64 {
        match self {
            Self::Ieee1 => 3.5 * INCH,
            Self::Ieee2 => 7.16 * INCH,
            Self::Mm(mm) => mm / MM * INCH,
        }
    }
}

impl fmt::Display for Width {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ieee1 => f.write_str("ieee1"),
            Self::Ieee2 => f.write_str("ieee2"),
            Self::Mm(mm) => write!(f, "{mm}"),
        }
    }
}

impl FromStr for Width {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "ieee1" => Ok(Self::Ieee1),
            "ieee2" => Ok(Self::Ieee2),
            _ => match text.trim_end_matches("mm").parse() {
                Ok(mm) if (40.0..=400.0).contains(&mm) => Ok(Self::Mm(mm)),
                _ => Err(format!("'{text}' is neither ieee1, ieee2 nor 40 to 400 millimetres")),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_those_of_ieee_and_others_are_millimetres() {
        let points = |text: &str| text.parse::<Width>().map(Width::points);
        assert_eq!(points("ieee1"), Ok(252.0));
        assert_eq!(points("ieee2"), Ok(7.16 * 72.0));
        assert!((points("88.9").unwrap() - 252.0).abs() < 1e-9 && points("88.9mm") == points("88.9"));
        for text in ["", "ieee3", "39", "401", "NaN", "-88"] {
            assert!(points(text).unwrap_err().contains("neither ieee1"), "{text}");
        }
    }
}
