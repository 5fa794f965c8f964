//! The sensor: photosites under a red-green-blue mosaic (green twice), photon and read-out noise, and the ways back to
//! three colours a pixel. No tone and no bytes.

use rand::Rng as _;

use crate::rng::Stream;

use super::super::math::{V3, v3};
use super::devices::Mosaic;

/// Light that no photosite can tell from more light.
const FULL: f32 = 2.2;

/// Noise of a sensor, in parts of white: the variance is `shot`^2 light + `read`^2.
#[derive(Debug, Clone, Copy)]
pub struct Noise {
    pub shot: f32,
    pub read: f32,
}

/// Which colour the photosite in column `x`, row `y` measures.
fn colour(x: usize, y: usize) -> usize {
    [[0, 1], [1, 2]][y % 2][x % 2]
}

/// What the photosites read of `light`, `width` photosites wide, one colour each.
pub fn expose(light: &[V3], width: usize, noise: Noise, rng: &mut Stream) -> Vec<f32> {
    let (shot, read) = (noise.shot * noise.shot, noise.read * noise.read);
    light
        .iter()
        .enumerate()
        .map(|(i, l)| {
            let l = match colour(i % width, i / width) {
                0 => l.x,
                1 => l.y,
                _ => l.z,
            };
            (l + unit(rng) * (shot * l.max(0.0) + read).sqrt()).min(FULL)
        })
        .collect()
}

/// Nearly a bell of variance 1.
fn unit(rng: &mut Stream) -> f32 {
    // Four 16-bit numbers add up to nearly a bell of variance 1/3.
    let bits = rng.next_u64();
    let sum: u64 = (0..4).map(|k| (bits >> (16 * k)) & 0xffff).sum();
    (sum as f32 / 65_536.0 - 2.0) * 1.732
}

/// Three colours a pixel from `raw`, `width` photosites wide.
pub fn develop(raw: &[f32], width: usize, mosaic: Mosaic) -> Vec<V3> {
    match mosaic {
        Mosaic::Binned => bin(raw, width),
        Mosaic::Straight => demosaic(raw, width, 0.0),
        Mosaic::Gradient => demosaic(raw, width, 1.0),
    }
}

/// Each two by two photosites are a pixel.
fn bin(raw: &[f32], width: usize) -> Vec<V3> {
    raw.chunks_exact(2 * width)
        .flat_map(|rows| {
            let (a, b) = rows.split_at(width);
            a.chunks_exact(2).zip(b.chunks_exact(2)).map(|(a, b)| v3(a[0], (a[1] + b[0]) * 0.5, b[1]))
        })
        .collect()
}

/// Straight averages of neighbours, with `correction` times what the colour known at the photosite itself says about
/// them (Malvar, He and Cutler's filters at 1).
fn demosaic(raw: &[f32], width: usize, correction: f32) -> Vec<V3> {
    // Two photosites more on every side, mirrored so that colours stay in step.
    let height = raw.len() / width;
    let wide = width + 4;
    let mirror = |i: usize, n: usize| {
        if i < 2 {
            2 - i
        } else if i < n + 2 {
            i - 2
        } else {
            2 * n - i
        }
    };
    let mut padded = Vec::with_capacity(wide * (height + 4));
    for y in 0..height + 4 {
        let row = &raw[mirror(y, height) * width..][..width];
        padded.extend([row[2], row[1]]);
        padded.extend_from_slice(row);
        padded.extend([row[width - 2], row[width - 3]]);
    }
    let mut out = Vec::with_capacity(raw.len());
    for y in 0..height {
        for x in 0..width {
            let i = (y + 2) * wide + x + 2;
            let here = padded[i];
            let (left, right, up, down) = (padded[i - 1], padded[i + 1], padded[i - wide], padded[i + wide]);
            let across2 = padded[i - 2] + padded[i + 2];
            let along2 = padded[i - 2 * wide] + padded[i + 2 * wide];
            let corners = padded[i - wide - 1] + padded[i - wide + 1] + padded[i + wide - 1] + padded[i + wide + 1];
            let kind = colour(x, y);
            out.push(if kind == 1 {
                // Green: one of red and blue lies to the sides, the other above and below.
                let sides =
                    (left + right) * 0.5 + correction * (here * 0.625 - (corners + across2) * 0.125 + along2 * 0.0625);
                let above =
                    (up + down) * 0.5 + correction * (here * 0.625 - (corners + along2) * 0.125 + across2 * 0.0625);
                if y % 2 == 0 { v3(sides, here, above) } else { v3(above, here, sides) }
            } else {
                let around = 4.0 * here - across2 - along2;
                let green = (left + right + up + down) * 0.25 + correction * around * 0.125;
                let other = corners * 0.25 + correction * around * 0.1875;
                if kind == 0 { v3(here, green, other) } else { v3(other, green, here) }
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;

    const QUIET: Noise = Noise { shot: 0.0, read: 0.0 };

    #[test]
    fn flat_fields_stay_flat_and_keep_their_colour() {
        let field = v3(0.3, 0.5, 0.2);
        for mosaic in [Mosaic::Straight, Mosaic::Gradient, Mosaic::Binned] {
            let raw = expose(&vec![field; 16 * 12], 16, QUIET, &mut Streams::new(1).stream("n", 0));
            let seen = develop(&raw, 16, mosaic);
            assert_eq!(seen.len(), if mosaic == Mosaic::Binned { 48 } else { 192 });
            assert!(seen.iter().all(|c| (*c - field).length() < 1e-5), "{mosaic:?}");
        }
    }

    #[test]
    fn noise_does_not_shift_the_mean_and_its_variance_rises_straight_with_light() {
        let noise = Noise { shot: 0.1, read: 0.03 };
        let spread = |light: f32| {
            let rng = &mut Streams::new(2).stream("n", 0);
            let raw = expose(&vec![V3::splat(light); 200 * 200], 200, noise, rng);
            let mean = raw.iter().sum::<f32>() / 40_000.0;
            assert!((mean - light).abs() < 0.003, "{mean} {light}");
            raw.iter().map(|r| (r - mean).powi(2)).sum::<f32>() / 40_000.0
        };
        for light in [0.05_f32, 0.2, 0.4, 0.8] {
            let wanted = 0.01 * light + 0.0009;
            assert!((spread(light) / wanted - 1.0).abs() < 0.05, "{light}");
        }
    }

    #[test]
    fn fine_grey_texture_gets_less_false_colour_by_the_gradient() {
        let wave = |i: usize| (i as f32 * std::f32::consts::TAU / 5.0).sin() * 0.2;
        let light: Vec<V3> = (0..40 * 40).map(|i| V3::splat(0.5 + wave(i % 40 + i / 40))).collect();
        let raw = expose(&light, 40, QUIET, &mut Streams::new(3).stream("n", 0));
        let false_colour =
            |m: Mosaic| develop(&raw, 40, m).iter().map(|c| (c.x - c.y).abs() + (c.z - c.y).abs()).sum::<f32>();
        assert!(false_colour(Mosaic::Gradient) < 0.7 * false_colour(Mosaic::Straight));
    }
}
