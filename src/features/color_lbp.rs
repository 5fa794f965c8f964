//! Local binary patterns of every colour channel, P = 8 neighbours at R = 1, kept in two dimensions: raw codes, or uniform
//! ones in order of value.

use std::fmt;
use std::str::FromStr;

/// How a neighbour on the circle of radius 1 is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Interpolation {
    /// The nearest pixel. Bit n is the neighbour at n/8 of a turn from below towards the right; the border has code 0.
    #[default]
    Nearest,
    /// Between four pixels, as scikit-image's `local_binary_pattern(channel, 8, 1)` reads it, to the byte: bit n is the
    /// neighbour at n/8 of a turn from the right upwards, outside the picture all is 0, and the border has codes too.
    Bilinear,
}

impl Interpolation {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Nearest, Self::Bilinear];

    /// Name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::Bilinear => "bilinear",
        }
    }
}

impl fmt::Display for Interpolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Interpolation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::name).join(" and ");
        Self::ALL.into_iter().find(|m| m.name() == text).ok_or_else(|| format!("{text}: there are {}", known()))
    }
}

/// What kind of ColorLBP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ColorLbp {
    /// How neighbours are read.
    pub interpolation: Interpolation,
    /// Whether codes are those of uniform patterns: 0 to 57 for the 58 codes with at most two changes around the circle,
    /// in order of their value, and 58 for all others. Otherwise all 256 codes stay as they are.
    pub uniform: bool,
}

/// The code of all patterns that are not uniform.
const OTHERS: u8 = 58;

/// ColorLBP of a picture whose size was checked.
pub(super) fn map(rgb: &[u8], size: (usize, usize), kind: ColorLbp) -> Vec<u8> {
    let mut codes = match kind.interpolation {
        Interpolation::Nearest => nearest(rgb, size),
        Interpolation::Bilinear => bilinear(rgb, size),
    };
    if kind.uniform {
        let table = uniform();
        for code in &mut codes {
            *code = table[usize::from(*code)];
        }
    }
    codes
}

/// The uniform code of every raw one.
fn uniform() -> [u8; 256] {
    let mut next = 0;
    std::array::from_fn(|code| {
        let code = code as u8;
        if (code ^ code.rotate_left(1)).count_ones() > 2 {
            return OTHERS;
        }
        next += 1;
        next - 1
    })
}

/// Bytes of one pixel: a neighbour in a row is this far away.
const PIXEL: usize = 3;

fn nearest(rgb: &[u8], (width, height): (usize, usize)) -> Vec<u8> {
    let mut out = vec![0; rgb.len()];
    if width < 3 || height < 3 {
        return out;
    }
    let (row, inner) = (PIXEL * width, PIXEL * (width - 2));
    for y in 1..height - 1 {
        // Rows of the same length, one a neighbour, so that the loop has no bounds to check and becomes vectors of bytes.
        let at = |dy: usize, dx: usize| &rgb[(y + dy - 1) * row + dx * PIXEL..][..inner];
        let middle = at(1, 1);
        let around = [at(2, 1), at(2, 2), at(1, 2), at(0, 2), at(0, 1), at(0, 0), at(1, 0), at(2, 0)];
        let codes = &mut out[y * row + PIXEL..][..inner];
        for i in 0..inner {
            let mut code = 0;
            for (bit, neighbours) in around.iter().enumerate() {
                code |= u8::from(neighbours[i] >= middle[i]) << bit;
            }
            codes[i] = code;
        }
    }
    out
}

/// sin 45°, as scikit-image rounds it.
#[expect(clippy::approx_constant, reason = "the rounded value decides where neighbours balance")]
const DIAGONAL: f64 = 0.707_11;

/// How far `at + by` lies beyond the whole number below it. That many digits are lost in the sum depends on `at`, and
/// whether a pattern's bit is set where neighbours balance depends on the last digit.
fn beyond(at: usize, by: f64) -> f64 {
    let place = at as f64 + by;
    place - place.floor()
}

fn bilinear(rgb: &[u8], (width, height): (usize, usize)) -> Vec<u8> {
    let mut out = vec![0; rgb.len()];
    let (row, wide) = (PIXEL * width, PIXEL * (width + 2));
    // A frame of zeros around the picture.
    let mut plane = vec![0.0; wide * (height + 2)];
    for (y, bytes) in rgb.chunks_exact(row).enumerate() {
        let places = &mut plane[(y + 1) * wide + PIXEL..][..row];
        places.iter_mut().zip(bytes).for_each(|(place, &byte)| *place = f64::from(byte));
    }
    let across = [DIAGONAL, -DIAGONAL].map(|by| (0..row).map(|i| beyond(i / PIXEL, by)).collect::<Vec<_>>());
    for y in 0..height {
        let at = |dy: usize, dx: usize| &plane[(y + dy) * wide + dx * PIXEL..][..row];
        let middle = at(1, 1);
        let codes = &mut out[y * row..][..row];
        for (bit, neighbours) in [(0, at(1, 2)), (2, at(0, 1)), (4, at(1, 0)), (6, at(2, 1))] {
            for i in 0..row {
                codes[i] |= u8::from(neighbours[i] >= middle[i]) << bit;
            }
        }
        // Upper right, upper left, lower left, lower right: the corner of its square of four that comes first.
        for (bit, up, left) in [(1, true, false), (3, true, true), (5, false, true), (7, false, false)] {
            let (dy, dx) = (usize::from(!up), usize::from(!left));
            let [top_left, top_right] = [at(dy, dx), at(dy, dx + 1)];
            let [bottom_left, bottom_right] = [at(dy + 1, dx), at(dy + 1, dx + 1)];
            let down = beyond(y, if up { -DIAGONAL } else { DIAGONAL });
            let across = &across[usize::from(left)][..row];
            for i in 0..row {
                let right = across[i];
                let top = (1.0 - right) * top_left[i] + right * top_right[i];
                let bottom = (1.0 - right) * bottom_left[i] + right * bottom_right[i];
                let value = (1.0 - down) * top + down * bottom;
                codes[i] |= u8::from(value - middle[i] >= 0.0) << bit;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The picture of the reference's test vector, grey as RGB.
    fn vector() -> Vec<u8> {
        (0..36).flat_map(|i| [(20 + 10 * (i / 6) + 5 * (i % 6) + 7 * ((i / 6 * (i % 6)) % 3)) as u8; 3]).collect()
    }

    fn rows(map: &[u8]) -> Vec<Vec<u8>> {
        map.chunks(18).map(|row| row.iter().step_by(3).copied().collect()).collect()
    }

    #[test]
    fn codes_are_those_of_the_reference_vector() {
        let rows = rows(&map(&vector(), (6, 6), ColorLbp::default()));
        assert_eq!(rows[1], [0, 7, 131, 199, 7, 0]);
        assert_eq!(rows[2], [0, 2, 67, 207, 2, 0]);
        assert_eq!(rows[3], [0, 159, 135, 143, 159, 0]);
        assert_eq!((rows[0].as_slice(), rows[5].as_slice()), ([0; 6].as_slice(), [0; 6].as_slice()));
    }

    #[test]
    fn every_bit_has_its_neighbour() {
        // One neighbour as bright as the middle, all others darker: (row, column) of bit 0, 1, ….
        let places = [(2, 1), (2, 2), (1, 2), (0, 2), (0, 1), (0, 0), (1, 0), (2, 0)];
        for (bit, (y, x)) in places.into_iter().enumerate() {
            let mut rgb = [10; 27];
            rgb[13] = 200;
            rgb[9 * y + 3 * x + 1] = 200;
            let codes = map(&rgb, (3, 3), ColorLbp::default());
            assert_eq!(codes[12..15], [255, 1 << bit, 255], "each channel by itself");
        }
    }

    #[test]
    fn uniform_codes_are_numbered_in_order_of_value() {
        let table = uniform();
        let kept: Vec<usize> = (0..256).filter(|&code| table[code] != OTHERS).collect();
        assert_eq!(kept.len(), 58);
        assert!(kept.iter().enumerate().all(|(n, &code)| usize::from(table[code]) == n));
        // By counting changes around the circle one at a time.
        for (code, &told) in table.iter().enumerate() {
            let changes = (0..8).filter(|&n| (code >> n & 1) != (code >> ((n + 1) % 8) & 1)).count();
            assert_eq!(told == OTHERS, changes > 2, "{code:08b}");
        }
    }

    #[test]
    fn pictures_without_an_inside_have_code_nought() {
        for size in [(1, 1), (2, 5), (5, 2), (1, 7)] {
            assert!(map(&vec![9; size.0 * size.1 * 3], size, ColorLbp::default()).iter().all(|&c| c == 0));
        }
    }
}
