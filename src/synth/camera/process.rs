//! What a camera's own processor does to developed light: tone, smoothing of colour noise, sharpening, JPEG.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageFormat};

use super::super::math::{V3, mix, smooth, srgb, v3};

/// Film-like shoulder, then sRGB, then an S-curve of strength `contrast`: for light in parts of white.
fn tone(x: f32, contrast: f32) -> f32 {
    let shoulder = x * (1.0 + x * 0.12) / (1.0 + x * 0.45) * 1.22;
    let y = srgb(shoulder.min(1.0));
    mix(y, smooth(-0.04, 1.04, y), contrast)
}

/// The tone curve as a table.
pub struct Tone(Vec<f32>);

impl Tone {
    const STEPS: usize = 1024;
    const MOST: f32 = 2.0;

    /// A curve with an S of strength `contrast`.
    pub fn new(contrast: f32) -> Self {
        // Even in the root of light, where the curve bends least.
        let at = |i: usize| (i as f32 / Self::STEPS as f32).powi(2) * Self::MOST;
        Self((0..Self::STEPS + 2).map(|i| tone(at(i), contrast)).collect())
    }

    /// The signal for light `x`.
    pub fn at(&self, x: f32) -> f32 {
        let t = (x.clamp(0.0, Self::MOST) * (1.0 / Self::MOST)).sqrt() * Self::STEPS as f32;
        let i = t as usize;
        mix(self.0[i], self.0[i + 1], t - i as f32)
    }
}

/// A picture as brightness and two colour differences (BT.601), and back.
pub fn to_ycc(c: V3) -> V3 {
    let y = 0.299 * c.x + 0.587 * c.y + 0.114 * c.z;
    v3(y, (c.z - y) / 1.772, (c.x - y) / 1.402)
}

/// The inverse of [`to_ycc`].
pub fn from_ycc(c: V3) -> V3 {
    let (r, b) = (c.x + 1.402 * c.z, c.x + 1.772 * c.y);
    v3(r, (c.x - 0.299 * r - 0.114 * b) / 0.587, b)
}

/// Replaces `part` of the colour differences by their mean over five by five pixels.
pub fn smooth_colour(ycc: &mut [V3], width: usize, part: f32) {
    if part <= 0.0 {
        return;
    }
    let mean = boxed(ycc, width, 2);
    for (c, m) in ycc.iter_mut().zip(mean) {
        *c = v3(c.x, mix(c.y, m.y, part), mix(c.z, m.z, part));
    }
}

/// Keeps colour differences once in two by two pixels.
pub fn halve_colour(ycc: &mut [V3], width: usize) {
    let rows = ycc.len() / width;
    for y in (0..rows - 1).step_by(2) {
        for x in (0..width - 1).step_by(2) {
            let at = [y * width + x, y * width + x + 1, (y + 1) * width + x, (y + 1) * width + x + 1];
            let mean = at.iter().fold(V3::ZERO, |s, i| s + ycc[*i]) * 0.25;
            for i in at {
                ycc[i] = v3(ycc[i].x, mean.y, mean.z);
            }
        }
    }
}

/// Adds `amount` of the difference to a blurred copy to the brightness; `halo` is the blur's reach in pixels.
pub fn sharpen(ycc: &mut [V3], width: usize, amount: f32, halo: f32) {
    if amount <= 0.0 {
        return;
    }
    let near = boxed(ycc, width, 1);
    let far = if halo > 1.0 { boxed(ycc, width, 2) } else { Vec::new() };
    for (i, c) in ycc.iter_mut().enumerate() {
        let soft = if far.is_empty() { near[i].x } else { mix(near[i].x, far[i].x, (halo - 1.0).min(1.0)) };
        c.x += amount * (c.x - soft);
    }
}

/// Means over squares of `2 reach + 1` pixels.
fn boxed(pixels: &[V3], width: usize, reach: usize) -> Vec<V3> {
    let height = pixels.len() / width;
    let part = 1.0 / (2 * reach + 1) as f32;
    let near = |i: usize, k: usize, n: usize| (i + k).saturating_sub(reach).min(n - 1);
    let mut rows = vec![V3::ZERO; pixels.len()];
    for (row, out) in pixels.chunks_exact(width).zip(rows.chunks_exact_mut(width)) {
        for (x, o) in out.iter_mut().enumerate() {
            *o = (0..=2 * reach).fold(V3::ZERO, |s, k| s + row[near(x, k, width)]) * part;
        }
    }
    let mut out = vec![V3::ZERO; pixels.len()];
    for (y, out) in out.chunks_exact_mut(width).enumerate() {
        for k in 0..=2 * reach {
            let row = &rows[near(y, k, height) * width..][..width];
            out.iter_mut().zip(row).for_each(|(o, l)| *o += *l * part);
        }
    }
    out
}

/// The JPEG file of `rgb`, and what it decodes to; with `turned` the file is upside down, what it decodes to is not.
pub fn jpeg(mut rgb: Vec<u8>, width: usize, quality: u8, turned: bool) -> (Vec<u8>, Vec<u8>) {
    if turned {
        turn(&mut rgb);
    }
    let mut file = Vec::new();
    let (w, h) = (width as u32, (rgb.len() / 3 / width) as u32);
    let written = JpegEncoder::new_with_quality(&mut file, quality).encode(&rgb, w, h, ExtendedColorType::Rgb8);
    // Neither can fail in memory; if it did, the picture without JPEG traces is the better answer.
    let read = written.and_then(|()| image::load(Cursor::new(&file), ImageFormat::Jpeg));
    let mut seen = read.map_or(rgb, |picture| picture.into_rgb8().into_raw());
    if turned {
        turn(&mut seen);
    }
    (file, seen)
}

/// Turns a picture of three bytes a pixel by 180 degrees.
fn turn(rgb: &mut [u8]) {
    rgb.reverse();
    rgb.chunks_exact_mut(3).for_each(<[u8]>::reverse);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tone_table_follows_its_curve_and_rises() {
        for contrast in [0.0, 0.5, 1.0] {
            let table = Tone::new(contrast);
            let mut last = -1.0;
            for i in 0..400 {
                let x = (i as f32 / 400.0).powi(3) * 1.9;
                let y = table.at(x);
                assert!((y - tone(x, contrast)).abs() < 2e-3 && y >= last, "{x}");
                last = y;
            }
        }
    }

    #[test]
    fn colour_differences_come_back_and_smoothing_leaves_brightness_alone() {
        let picture: Vec<V3> = (0..64).map(|i| v3((i % 7) as f32, (i % 5) as f32, (i % 3) as f32) * 0.1).collect();
        let mut ycc: Vec<V3> = picture.iter().map(|c| to_ycc(*c)).collect();
        for (c, y) in picture.iter().zip(&ycc) {
            assert!((from_ycc(*y) - *c).length() < 1e-5);
        }
        let before: Vec<f32> = ycc.iter().map(|c| c.x).collect();
        let rough = |p: &[V3]| p.windows(2).map(|w| (w[0].y - w[1].y).abs()).sum::<f32>();
        let was = rough(&ycc);
        smooth_colour(&mut ycc, 8, 0.8);
        halve_colour(&mut ycc, 8);
        assert!(rough(&ycc) < 0.5 * was);
        assert!(ycc.iter().zip(before).all(|(c, b)| c.x == b));
    }

    #[test]
    fn sharpening_overshoots_at_edges_alone() {
        let mut edge: Vec<V3> = (0..256).map(|i| V3::splat(if i % 16 < 8 { 0.3 } else { 0.6 })).collect();
        sharpen(&mut edge, 16, 1.0, 1.5);
        let row: Vec<f32> = edge[128..144].iter().map(|c| c.x).collect();
        assert!(row[7] < 0.25 && row[8] > 0.65, "{row:?}");
        assert!((row[2] - 0.3).abs() < 1e-5 && (row[13] - 0.6).abs() < 1e-5);
    }

    #[test]
    fn the_file_decodes_to_the_picture() {
        let rgb: Vec<u8> = (0..24 * 16 * 3).map(|i| (i * 37 % 251) as u8).collect();
        let (file, seen) = jpeg(rgb, 24, 80, false);
        let decoded = image::load_from_memory(&file).unwrap().into_rgb8();
        assert_eq!((decoded.width(), decoded.height()), (24, 16));
        assert_eq!(decoded.into_raw(), seen);
    }
}
