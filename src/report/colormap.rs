//! From values to colours: the maps a person may choose for values between two limits, one for differences around 0, and
//! a colour of its own for numbers that are none. Window and figures share it.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A way to colour values from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colormap {
    /// Even steps for the eye, readable by everyone.
    #[default]
    Viridis,
    /// The blue to red of the papers' figures.
    PaperBlueRed,
    /// Black to white.
    Grey,
}

impl Colormap {
    /// All maps, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Viridis, Self::PaperBlueRed, Self::Grey];

    /// Name in settings and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viridis => "viridis",
            Self::PaperBlueRed => "paper_blue_red",
            Self::Grey => "grey",
        }
    }

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Viridis => "Viridis",
            Self::PaperBlueRed => "Paper blue-red",
            Self::Grey => "Grey",
        }
    }

    /// The colour of `t` in 0..1; beyond the ends, the ends.
    fn at(self, t: f32) -> [f32; 3] {
        match self {
            Self::Viridis => viridis(t),
            Self::PaperBlueRed => {
                [1.5 - (4.0 * t - 3.0).abs(), 1.5 - (4.0 * t - 2.0).abs(), 1.5 - (4.0 * t - 1.0).abs()]
            }
            Self::Grey => [t; 3],
        }
    }
}

impl FromStr for Colormap {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|m| m.name() == text).ok_or_else(|| format!("'{text}' is none of {names}"))
    }
}

/// How the values of a map become colours: the limits and the map between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Value of the first colour.
    pub low: f32,
    /// Value of the last colour.
    pub high: f32,
    /// `None` for differences: blue below 0, red above, pale at 0.
    pub map: Option<Colormap>,
}

impl Scale {
    /// From `low` to `high` in `map`.
    pub fn sequential(map: Colormap, low: f32, high: f32) -> Self {
        Self { low, high, map: Some(map) }
    }

    /// Differences around 0 that reach as far as `limit` on both sides.
    pub fn diverging(limit: f32) -> Self {
        let limit = if limit > 0.0 && limit.is_finite() { limit } else { 1.0 };
        Self { low: -limit, high: limit, map: None }
    }

    /// The colour of a value, as sRGB bytes.
    pub fn rgb(&self, value: f32) -> [u8; 3] {
        if !value.is_finite() {
            return NOT_A_NUMBER;
        }
        // Halves, where limits are so far apart that their difference is no number.
        let by = if (self.high - self.low).is_finite() { 1.0 } else { 0.5 };
        let t = ((value * by - self.low * by) / (self.high * by - self.low * by)).clamp(0.0, 1.0);
        let colour = self.map.map_or_else(|| diverging(t), |m| m.at(t));
        colour.map(|x| (x.clamp(0.0, 1.0) * 255.0).round() as u8)
    }
}

/// Shown where a value is not a number: in none of the maps.
const NOT_A_NUMBER: [u8; 3] = [255, 0, 255];

/// The largest finite absolute value, 0 if there is none.
pub fn reach<'a>(values: impl IntoIterator<Item = &'a f32>) -> f32 {
    values.into_iter().filter(|v| v.is_finite()).fold(0.0, |m, v| m.max(v.abs()))
}

/// Polynomial of degree six through matplotlib's viridis, good to about 1 %.
fn viridis(t: f32) -> [f32; 3] {
    const C: [[f32; 3]; 7] = [
        [0.277_727_3, 0.005_407_345, 0.334_099_8],
        [0.105_093_04, 1.404_613_5, 1.384_590_1],
        [-0.330_861_83, 0.214_847_56, 0.095_095_16],
        [-4.634_230_5, -5.799_101, -19.332_441],
        [6.228_27, 14.179_933, 56.690_55],
        [4.776_385, -13.745_145, -65.353_03],
        [-5.435_456, 4.645_852_6, 26.312_435],
    ];
    std::array::from_fn(|c| C.iter().rev().fold(0.0, |sum, row| sum * t + row[c]))
}

/// `ColorBrewer`'s `RdBu` from blue to red.
fn diverging(t: f32) -> [f32; 3] {
    const ANCHORS: [u32; 11] = [
        0x05_30_61, 0x21_66_AC, 0x43_93_C3, 0x92_C5_DE, 0xD1_E5_F0, 0xF7_F7_F7, 0xFD_DB_C7, 0xF4_A5_82, 0xD6_60_4D,
        0xB2_18_2B, 0x67_00_1F,
    ];
    let x = t * 10.0;
    let i = (x as usize).min(9);
    let f = x - i as f32;
    let part = |hex: u32, c: usize| ((hex >> (16 - 8 * c)) & 0xFF) as f32 / 255.0;
    std::array::from_fn(|c| part(ANCHORS[i], c) * (1.0 - f) + part(ANCHORS[i + 1], c) * f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_and_middle_are_where_they_belong() {
        let paper = Scale::sequential(Colormap::PaperBlueRed, 0.0, 1.0);
        let [blue, green, red] = [paper.rgb(0.0), paper.rgb(0.5), paper.rgb(1.0)];
        assert!(blue[2] > 100 && blue[0] == 0, "{blue:?}");
        assert!(green[1] == 255 && red[0] > 100 && red[2] == 0, "{green:?} {red:?}");
        let grey = Scale::sequential(Colormap::Grey, 0.0, 2.0);
        assert_eq!((grey.rgb(-1.0), grey.rgb(9.0)), ([0; 3], [255; 3]));
        let around = Scale::diverging(0.5);
        assert_eq!(around.rgb(0.0), [0xF7; 3]);
        let [above, below] = [around.rgb(0.4), around.rgb(-0.4)];
        assert!(above[0] > above[2] && below[2] > below[0]);
        let viridis = Scale::sequential(Colormap::Viridis, 0.0, 1.0);
        let luma = |v: f32| viridis.rgb(v)[1];
        assert!((0..20).all(|i| luma(i as f32 / 20.0) <= luma((i + 1) as f32 / 20.0) + 1), "brighter all the way");
    }

    #[test]
    fn what_is_no_number_has_its_own_colour() {
        let scale = Scale::diverging(f32::NAN);
        assert_eq!(scale.rgb(f32::NAN), NOT_A_NUMBER);
        assert_eq!(scale.rgb(f32::INFINITY), NOT_A_NUMBER);
        assert_eq!(reach(&[f32::NAN, -3.0, f32::INFINITY]), 3.0);
        assert_eq!(scale.high, 1.0, "a limit that is no limit becomes 1");
        let widest = Scale::diverging(f32::MAX);
        assert_eq!((widest.rgb(0.0), widest.rgb(f32::MAX)), ([0xF7; 3], Scale::diverging(1.0).rgb(1.0)));
    }

    #[test]
    fn names_are_read_as_settings_write_them() {
        for map in Colormap::ALL {
            assert_eq!(map.name().parse(), Ok(map));
            assert_eq!(serde_json::to_value(map).unwrap(), map.name());
        }
        assert_eq!("jet".parse::<Colormap>().unwrap_err(), "'jet' is none of viridis, paper_blue_red, grey");
    }
}
