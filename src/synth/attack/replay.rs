//! Photographs on a display: the picture becomes light of coloured subpixels behind glass that mirrors the room.

use crate::rng::{self, Stream};

use super::super::light::Lighting;
use super::super::math::{V3, mix, smooth, v3};
use super::super::scene::Picture;
use super::super::tuning::{BACKLIGHT, BANDING, BLACK_LEVEL, CROSSTALK, DISPLAY_PERIOD, GLASS, SURROUNDINGS};
use super::{Field, Presented, Sheet, octave, pick, to_camera};

/// A display that the benchmark's domains name.
#[derive(Debug, Clone, Copy)]
pub struct Display {
    /// Name in face lists.
    pub name: &'static str,
}

/// The displays, by their number in a presentation.
pub const DISPLAYS: &[Display] = &[Display { name: "any" }];

/// How a display's pixel is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Three upright stripes, red to blue.
    Stripes,
    /// Three upright stripes, blue to red.
    Reversed,
    /// Three lying stripes (a display on its side).
    Lying,
    /// Green in every pixel, red and blue in turn, as small diamonds.
    Diamond,
}

impl Layout {
    /// Light of red, green and blue at a place in a pixel (0 to 1 each way), with a mean of about 1 each.
    fn at(self, x: f32, y: f32, column: i32, row: i32) -> V3 {
        let stripe = |t: f32, across: f32, reversed: bool| {
            let k = (t * 3.0) as usize;
            let inside = t * 3.0 - k as f32;
            // The black matrix between subpixels.
            let on =
                if inside > 0.1 && inside < 0.9 && across > 0.06 && across < 0.94 { 3.0 / (0.8 * 0.88) } else { 0.0 };
            let k = if reversed { 2 - k.min(2) } else { k.min(2) };
            [v3(on, 0.0, 0.0), v3(0.0, on, 0.0), v3(0.0, 0.0, on)][k]
        };
        match self {
            Self::Stripes => stripe(x, y, false),
            Self::Reversed => stripe(x, y, true),
            Self::Lying => stripe(y, x, false),
            Self::Diamond => {
                let inside = |cx: f32, cy: f32, r: f32| if (x - cx).abs() + (y - cy).abs() < r { 1.0 } else { 0.0 };
                let green = inside(0.25, 0.5, 0.22) / (2.0 * 0.22 * 0.22);
                let other = inside(0.75, 0.5, 0.28) / (2.0 * 0.28 * 0.28) * 2.0;
                if (column + row) % 2 == 0 { v3(other, green, 0.0) } else { v3(0.0, green, other) }
            }
        }
    }
}

/// The attacker's photograph `source` on a display held before the camera: `side` samples for `size` pixels.
pub fn present(source: &Picture, light: &Lighting<'_>, (side, size): (usize, usize), rng: &mut Stream) -> Presented {
    let sheet = Sheet::draw(rng);
    let layout =
        [Layout::Stripes, Layout::Stripes, Layout::Reversed, Layout::Lying, Layout::Diamond][rng::index(rng, 5)];
    let period = octave(rng, DISPLAY_PERIOD);
    let black = pick(rng, BLACK_LEVEL);
    let glass = pick(rng, GLASS);
    let surroundings = pick(rng, SURROUNDINGS);
    let leak = pick(rng, CROSSTALK);
    let blue = pick(rng, BACKLIGHT);
    let bands = pick(rng, BANDING);
    let band_period = pick(rng, (0.08, 0.6));
    let band_phase = pick(rng, (0.0, 1.0));
    let view = [pick(rng, (-0.22, 0.22)), pick(rng, (-0.22, 0.22))];
    let lean = [pick(rng, (-0.3, 0.3)), pick(rng, (-0.3, 0.3))];

    // The room's light, measured against the display's white.
    let room = light.open(v3(0.0, 0.0, 1.0)).luminance().max(1e-6);
    let level = surroundings / room;
    let normal = v3(lean[0], lean[1], 1.0).unit();
    let mirrored = Field::new(|u, v| {
        let r = to_camera(u, v).reflect((normal + v3(0.5 * u, -0.5 * v, 0.0)).unit());
        light.soft(r) * (glass * level)
    });
    let behind = Field::new(|u, v| light.soft(v3(u * 1.1, -v * 1.1, -1.0).unit()) * level);
    // Brightness falls towards where the display is seen at an angle.
    let fall = Field::new(|u, v| V3::splat(1.0 + view[0] * u + view[1] * v));
    let white = v3(1.0 / blue.sqrt(), 1.0, blue);
    // Where a subpixel is smaller than a sample, only its mean is seen.
    let cells = period * side as f32 / size as f32;
    let contrast = smooth(2.4, 7.0, cells);

    let n = source.side as f32;
    let pixels = 1.0 / period;
    let mut picture = Picture { side, light: vec![V3::ZERO; side * side] };
    let mut medium = vec![false; side * side];
    for y in 0..side {
        let band = 1.0 + bands * (std::f32::consts::TAU * (y as f32 / side as f32 / band_period + band_phase)).sin();
        for x in 0..side {
            let i = y * side + x;
            let u = (x as f32 + 0.5) / side as f32 - 0.5;
            let v = (y as f32 + 0.5) / side as f32 - 0.5;
            let [a, b] = sheet.place(u, v);
            let (s, t) = (a / sheet.zoom + 0.5, b / sheet.zoom + 0.5);
            if !(-0.04..=1.04).contains(&s) || !(-0.04..=1.04).contains(&t) {
                picture.light[i] = behind.at(u, v);
                continue;
            }
            medium[i] = true;
            if !(0.0..1.0).contains(&s) || !(0.0..1.0).contains(&t) {
                // The display's dark frame.
                picture.light[i] = V3::splat(0.01) + mirrored.at(u, v);
                continue;
            }
            let (px, py) = (a * size as f32 * pixels, b * size as f32 * pixels);
            let (column, row) = (px.floor(), py.floor());
            let cell = layout.at(px - column, py - row, column as i32, row as i32);
            // One colour a display pixel: what the photograph has at its middle.
            let (cx, cy) = ((column + 0.5) * period / size as f32, (row + 0.5) * period / size as f32);
            let shown = source.at((cx / sheet.zoom + 0.5) * n, (cy / sheet.zoom + 0.5) * n);
            let shown = shown * (1.0 - black) + V3::splat(black);
            let pure = shown * V3::ONE.mix(cell, contrast);
            let grey = (pure.x + pure.y + pure.z) / 3.0;
            let mixed = v3(mix(pure.x, grey, leak), mix(pure.y, grey, leak), mix(pure.z, grey, leak));
            picture.light[i] = mixed * white * fall.at(u, v) * band + mirrored.at(u, v);
        }
    }
    Presented { picture, medium }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: usize = 200;

    #[test]
    fn every_layout_gives_white_for_white() {
        for layout in [Layout::Stripes, Layout::Reversed, Layout::Lying, Layout::Diamond] {
            let mut sum = V3::ZERO;
            for i in 0..2 * N * N {
                let (x, y) = (i % (2 * N), i / (2 * N));
                let place = |k: usize| (k % N) as f32 / N as f32 + 0.5 / N as f32;
                sum += layout.at(place(x), place(y), (x / N) as i32, 0);
            }
            let mean = sum * (1.0 / (2 * N * N) as f32);
            assert!((mean - V3::ONE).length() < 0.06, "{layout:?} {mean:?}");
        }
    }
}
