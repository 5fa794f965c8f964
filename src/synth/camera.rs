//! The camera: what happens to light between the lens and the bytes of a JPEG. Live faces, attackers' photographs and
//! presented attacks all pass through it; nothing here knows which it is.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageFormat};
use rand::Rng as _;

use crate::rng::{self, Stream};

use super::math::{V3, linear, mix, smooth, srgb, v3};
use super::scene::Picture;
use super::tuning::Range;

/// What a device is like. All lengths in pixels of the finished picture.
#[derive(Debug, Clone, Copy)]
pub struct Device {
    /// Name in file lists.
    pub name: &'static str,
    /// Standard deviation of the lens blur.
    pub blur: Range,
    /// Noise at mid grey, as a part of white.
    pub noise: Range,
    /// Strength of sharpening.
    pub sharpen: Range,
    /// Colour strength.
    pub saturation: Range,
    /// JPEG quality.
    pub quality: (u8, u8),
    /// Light lost in the corners, as a part.
    pub vignette: Range,
}

/// The cameras, by their number in a clip.
pub const DEVICES: &[Device] = &[
    Device {
        name: "phone",
        blur: (0.30, 0.70),
        noise: (0.004, 0.014),
        sharpen: (0.2, 0.8),
        saturation: (1.0, 1.25),
        quality: (82, 95),
        vignette: (0.0, 0.15),
    },
    Device {
        name: "webcam",
        blur: (0.40, 0.95),
        noise: (0.007, 0.021),
        sharpen: (0.0, 0.9),
        saturation: (0.8, 1.1),
        quality: (68, 90),
        vignette: (0.0, 0.25),
    },
    Device {
        name: "tablet",
        blur: (0.35, 0.80),
        noise: (0.006, 0.020),
        sharpen: (0.0, 0.6),
        saturation: (0.9, 1.2),
        quality: (75, 93),
        vignette: (0.0, 0.2),
    },
];

/// One exposure's settings.
#[derive(Debug, Clone, Copy)]
pub struct Exposure {
    blur: f32,
    noise: f32,
    sharpen: f32,
    saturation: f32,
    quality: u8,
    vignette: f32,
    /// Mean luminance after exposure.
    target: f32,
    /// How far the white balance follows the scene, and its error by channel.
    balance: f32,
    cast: V3,
    contrast: f32,
    /// Stray light as a part of the mean.
    veil: f32,
}

impl Exposure {
    /// Draws the settings of one clip on `device`.
    pub fn draw(device: &Device, rng: &mut Stream) -> Self {
        let mut pick = |r: Range| rng::between(rng, f64::from(r.0), f64::from(r.1)) as f32;
        Self {
            blur: pick(device.blur),
            noise: pick(device.noise),
            sharpen: pick(device.sharpen),
            saturation: pick(device.saturation),
            quality: pick((f32::from(device.quality.0), f32::from(device.quality.1) + 0.999)) as u8,
            vignette: pick(device.vignette),
            target: pick((0.15, 0.27)),
            balance: pick((0.50, 0.88)),
            cast: v3(pick((0.94, 1.06)), pick((0.985, 1.015)), pick((0.93, 1.07))),
            contrast: pick((0.0, 0.6)),
            veil: pick((0.0, 0.06)),
        }
    }

    /// The same with a careful photographer who later wants a good copy: `blur` times the blur, little noise, no stray
    /// light, colours as they are, a good JPEG.
    pub fn careful(self, blur: f32) -> Self {
        Self {
            blur: self.blur * blur,
            noise: self.noise * 0.35,
            quality: self.quality.max(90),
            balance: self.balance * 0.35,
            contrast: 0.35 + 0.65 * self.contrast,
            saturation: self.saturation * 1.08,
            veil: 0.0,
            ..self
        }
    }
}

/// What a camera leaves behind.
#[derive(Debug, Clone)]
pub struct Taken {
    /// sRGB bytes, `size * size * 3`: what the file decodes to.
    pub rgb: Vec<u8>,
    /// The JPEG file.
    pub jpeg: Vec<u8>,
}

/// Takes `picture` as `size` by `size` pixels. `rng` is the noise.
pub fn take(picture: &Picture, size: usize, exposure: &Exposure, rng: &mut Stream) -> Taken {
    // Light falls on a grid of at most two by two cells a pixel, is blurred there, then gathered in pixels.
    let fine = if picture.side >= 2 * size { 2 * size } else { size };
    let mut light = resize(picture, fine);
    blur(&mut light, fine, exposure.blur * (fine / size) as f32);
    let light = resize(&Picture { side: fine, light }, size).into_iter();

    let n = size * size;
    let centre = (size as f32 - 1.0) * 0.5;
    let light: Vec<V3> = light.collect();
    let weight = |i: usize| {
        let (x, y) = ((i % size) as f32 - centre, (i / size) as f32 - centre);
        0.12 + (-(x * x + y * y) / (0.09 * (size * size) as f32)).exp()
    };
    let total: f32 = (0..n).map(weight).sum();
    let rough = light.iter().enumerate().map(|(i, l)| l.luminance() * weight(i)).sum::<f32>() / total;
    // Windows and lamps must not darken the face: metering stops at 2.5 times the mean.
    let metered = |l: V3| l * (1.0 / (l.luminance() / (2.5 * rough.max(1e-9))).max(1.0));
    let mean = light.iter().enumerate().fold(V3::ZERO, |s, (i, l)| s + metered(*l) * weight(i)) * (1.0 / total);
    let gain = exposure.target / mean.luminance().max(1e-9);
    let grey = mean.luminance().max(1e-9);
    // Skin is not grey: the camera expects a warm picture.
    let expected = v3(1.18, 0.96, 0.80);
    let follow = |m: f32, e: f32| (e * grey / m.max(1e-9)).clamp(0.4, 2.5).powf(exposure.balance);
    let balance =
        v3(follow(mean.x, expected.x), follow(mean.y, expected.y), follow(mean.z, expected.z)) * exposure.cast * gain;

    let mut bytes = vec![0.0_f32; n * 3];
    let stray = V3::splat(exposure.veil * exposure.target);
    let noise = sensor_noise(size, rng);
    for (i, l) in light.iter().enumerate() {
        let (x, y) = ((i % size) as f32 - centre, (i / size) as f32 - centre);
        let fall = 1.0 - exposure.vignette * (x * x + y * y) / (2.0 * centre * centre).max(1.0);
        let lit = (*l * balance + stray) * fall;
        // Shot noise grows with the root of light; noise is given at 0.2.
        let grain = exposure.noise * (lit.luminance().max(0.0) / 0.2 + 0.15).sqrt();
        let lit = lit + noise[i] * (grain * 0.6);
        let grey = lit.luminance();
        let lit = V3::splat(grey).mix(lit, exposure.saturation);
        for (k, c) in [lit.x, lit.y, lit.z].into_iter().enumerate() {
            bytes[i * 3 + k] = tone(c.max(0.0), exposure.contrast);
        }
    }
    sharpen(&mut bytes, size, exposure.sharpen);
    let bytes: Vec<u8> = bytes.iter().map(|x| (x.clamp(0.0, 1.0) * 255.0 + 0.5) as u8).collect();
    jpeg(bytes, size, exposure.quality)
}

/// sRGB bytes as linear light.
pub fn light_of(bytes: &[u8], side: usize) -> Picture {
    let table: Vec<f32> = (0..256).map(|i| linear(i as f32 / 255.0)).collect();
    let of = |b: u8| table[usize::from(b)];
    Picture { side, light: bytes.chunks_exact(3).map(|p| v3(of(p[0]), of(p[1]), of(p[2]))).collect() }
}

/// Film-like shoulder, then sRGB, then an S-curve.
fn tone(x: f32, contrast: f32) -> f32 {
    let shoulder = x * (1.0 + x * 0.12) / (1.0 + x * 0.45) * 1.22;
    let y = srgb(shoulder.min(1.0));
    mix(y, smooth(-0.04, 1.04, y), contrast)
}

/// Averages (or interpolates) a picture to `side` samples.
pub fn resize(picture: &Picture, side: usize) -> Vec<V3> {
    if picture.side == side {
        return picture.light.clone();
    }
    let ratio = picture.side as f32 / side as f32;
    // Weights of the source samples under each target sample, the same for rows and columns.
    let spans: Vec<(usize, Vec<f32>)> = (0..side)
        .map(|i| {
            let (low, high) = (i as f32 * ratio, (i as f32 + 1.0) * ratio);
            let first = low.floor() as usize;
            let end = (high.ceil() as usize).min(picture.side);
            let part = |s: usize| ((high.min(s as f32 + 1.0) - low.max(s as f32)) / ratio).max(0.0);
            (first, (first..end).map(part).collect())
        })
        .collect();
    let mut rows = vec![V3::ZERO; picture.side * side];
    for y in 0..picture.side {
        for (x, (first, weights)) in spans.iter().enumerate() {
            let source = &picture.light[y * picture.side + first..];
            rows[y * side + x] = weights.iter().zip(source).fold(V3::ZERO, |s, (w, l)| s + *l * *w);
        }
    }
    let mut out = vec![V3::ZERO; side * side];
    for (y, (first, weights)) in spans.iter().enumerate() {
        for (k, w) in weights.iter().enumerate() {
            let row = &rows[(first + k) * side..(first + k + 1) * side];
            out[y * side..(y + 1) * side].iter_mut().zip(row).for_each(|(o, l)| *o += *l * *w);
        }
    }
    out
}

/// Gaussian blur with standard deviation `sigma` in samples.
pub fn blur(light: &mut [V3], side: usize, sigma: f32) {
    if sigma < 0.15 {
        return;
    }
    let radius = (sigma * 2.6).ceil() as usize;
    let kernel: Vec<f32> =
        (0..=2 * radius).map(|i| (-0.5 * ((i as f32 - radius as f32) / sigma).powi(2)).exp()).collect();
    let total: f32 = kernel.iter().sum();
    let kernel: Vec<f32> = kernel.iter().map(|k| k / total).collect();
    let clamp = |i: usize| i.saturating_sub(radius).min(side - 1);
    let mut rows = vec![V3::ZERO; light.len()];
    for y in 0..side {
        for x in 0..side {
            let at = |k: usize| light[y * side + clamp(x + k)];
            rows[y * side + x] = kernel.iter().enumerate().fold(V3::ZERO, |s, (k, w)| s + at(k) * *w);
        }
    }
    for y in 0..side {
        let out = &mut light[y * side..(y + 1) * side];
        out.fill(V3::ZERO);
        for (k, w) in kernel.iter().enumerate() {
            let row = &rows[clamp(y + k) * side..][..side];
            out.iter_mut().zip(row).for_each(|(o, l)| *o += *l * *w);
        }
    }
}

/// Unit noise as a colour sensor leaves it: red and blue are measured at every fourth photosite and spread over their
/// neighbours, green at every second.
fn sensor_noise(size: usize, rng: &mut Stream) -> Vec<V3> {
    let mut unit = || {
        // Four 16-bit numbers add up to nearly a bell of variance 1/3.
        let bits = rng.next_u64();
        let sum: u64 = (0..4).map(|k| (bits >> (16 * k)) & 0xffff).sum();
        (sum as f32 / 65_536.0 - 2.0) * 1.732
    };
    let raw: Vec<V3> = (0..size * size).map(|_| v3(unit(), unit(), unit())).collect();
    let mut out = raw.clone();
    for y in 0..size {
        for x in 0..size {
            let at = |dx: usize, dy: usize| raw[((y + dy) % size) * size + (x + dx) % size];
            let around = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) * 0.5;
            out[y * size + x] = v3(around.x * 1.3, raw[y * size + x].y, around.z * 1.4);
        }
    }
    out
}

/// Adds `amount` of the difference to a three by three average.
fn sharpen(pixels: &mut [f32], size: usize, amount: f32) {
    if amount <= 0.0 {
        return;
    }
    let source = pixels.to_vec();
    let at = |x: usize, y: usize, k: usize| source[(y.min(size - 1) * size + x.min(size - 1)) * 3 + k];
    for y in 0..size {
        for x in 0..size {
            for k in 0..3 {
                let mut sum = 0.0;
                for yy in [y.saturating_sub(1), y, y + 1] {
                    for xx in [x.saturating_sub(1), x, x + 1] {
                        sum += at(xx, yy, k);
                    }
                }
                let i = (y * size + x) * 3 + k;
                pixels[i] += amount * (source[i] - sum / 9.0);
            }
        }
    }
}

/// There and back through a JPEG.
fn jpeg(rgb: Vec<u8>, size: usize, quality: u8) -> Taken {
    let mut jpeg = Vec::new();
    let side = size as u32;
    let written = JpegEncoder::new_with_quality(&mut jpeg, quality).encode(&rgb, side, side, ExtendedColorType::Rgb8);
    // Neither can fail in memory; if it did, the picture without JPEG traces is the better answer.
    let read = written.and_then(|()| image::load(Cursor::new(&jpeg), ImageFormat::Jpeg));
    Taken { rgb: read.map_or(rgb, |picture| picture.into_rgb8().into_raw()), jpeg }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;

    fn flat(side: usize, light: V3) -> Picture {
        Picture { side, light: vec![light; side * side] }
    }

    #[test]
    fn resize_keeps_the_mean() {
        let picture = Picture { side: 30, light: (0..900).map(|i| V3::splat((i * 7 % 31) as f32)).collect() };
        let mean = |p: &[V3]| p.iter().map(|l| l.x).sum::<f32>() / p.len() as f32;
        for side in [15, 8, 20, 30] {
            let small = resize(&picture, side);
            assert!((mean(&small) - mean(&picture.light)).abs() < 1e-3, "{side}");
        }
        let mut blurred = picture.light.clone();
        blur(&mut blurred, 30, 2.0);
        let spread = |p: &[V3]| p.iter().map(|l| (l.x - 15.0).powi(2)).sum::<f32>();
        assert!(spread(&blurred) < 0.2 * spread(&picture.light));
    }

    #[test]
    fn exposure_brings_dark_and_bright_scenes_to_the_same_level() {
        let streams = Streams::new(1);
        let exposure = Exposure::draw(&DEVICES[1], &mut streams.stream("a", 0));
        let level = |light: V3| {
            let bytes = take(&flat(64, light), 32, &exposure, &mut streams.stream("n", 0)).rgb;
            assert_eq!(bytes.len(), 32 * 32 * 3);
            bytes.iter().map(|b| f32::from(*b)).sum::<f32>() / bytes.len() as f32
        };
        let (dark, bright) = (level(V3::splat(0.01)), level(V3::splat(9.0)));
        assert!((dark - bright).abs() < 3.0 && dark > 60.0 && dark < 200.0, "{dark} {bright}");
    }
}
