//! Shape from shading after Tsai and Shah with one constant light, a colour channel at a time: albedo, depth and
//! reflectance, as the program that Meta Pattern's authors publish computes them, to the byte. That program mixes single
//! and double precision, and so does this: the rounding of its first iteration and of its last lines shows in the maps.

use std::f64::consts::PI;

/// Colour channels, which know nothing of each other.
const CHANNELS: usize = 3;
/// Iterations, the first of which is the same for all pixels of one brightness.
const ITERATIONS: usize = 5;
/// The light's direction, down the rows, along them, and towards the viewer.
const LIGHT: [f64; 3] = [0.1, 0.1, 1.0];
/// The light's slant p_s = q_s, in single precision.
const SLANT: f32 = 0.1;
/// W_n, the variance of the measurement.
const NOISE: f64 = 1e-3;

/// The three maps of one picture: three bytes a pixel, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shading {
    /// The picture over the light that falls on the shape, 1 to 255.
    pub albedo: Vec<u8>,
    /// The shape, each channel stretched to 0 to 255.
    pub depth: Vec<u8>,
    /// What the shape reflects, each channel stretched to 0 to 255.
    pub reflectance: Vec<u8>,
}

/// All three maps of a picture of `(width, height)` pixels, in little more time than one.
///
/// A channel that is black everywhere gives black maps. A channel of one brightness has a shape without slopes: its depth
/// and reflectance are not stretched but rounded as they are, to 0, and its albedo is itself. Along an axis of one pixel
/// there is no slope.
pub fn shading(rgb: &[u8], size: (usize, usize)) -> Result<Shading, super::FeatureError> {
    super::check(rgb, size)?;
    let mut out = [vec![0; rgb.len()], vec![0; rgb.len()], vec![0; rgb.len()]];
    for channel in 0..CHANNELS {
        let Some(mut shape) = Shape::before_last(rgb, channel, size) else { continue };
        put(&mut out[0], channel, &shape.albedo());
        put(&mut out[2], channel, &shape.reflectance());
        shape.iterate();
        put(&mut out[1], channel, &stretched(&shape.z));
    }
    let [albedo, depth, reflectance] = out;
    Ok(Shading { albedo, depth, reflectance })
}

/// Albedo of a picture whose size was checked.
pub(super) fn albedo(rgb: &[u8], size: (usize, usize)) -> Vec<u8> {
    each(rgb, size, Shape::albedo)
}

/// Depth of a picture whose size was checked.
pub(super) fn depth(rgb: &[u8], size: (usize, usize)) -> Vec<u8> {
    each(rgb, size, |shape| {
        shape.iterate();
        stretched(&shape.z)
    })
}

/// Reflectance of a picture whose size was checked.
pub(super) fn reflectance(rgb: &[u8], size: (usize, usize)) -> Vec<u8> {
    each(rgb, size, Shape::reflectance)
}

fn each(rgb: &[u8], size: (usize, usize), map: impl Fn(&mut Shape) -> Vec<u8>) -> Vec<u8> {
    let mut out = vec![0; rgb.len()];
    for channel in 0..CHANNELS {
        if let Some(mut shape) = Shape::before_last(rgb, channel, size) {
            put(&mut out, channel, &map(&mut shape));
        }
    }
    out
}

fn put(out: &mut [u8], channel: usize, map: &[u8]) {
    out.iter_mut().skip(channel).step_by(CHANNELS).zip(map).for_each(|(place, &value)| *place = value);
}

/// The shape of one channel as it is being found.
struct Shape {
    width: usize,
    height: usize,
    /// The channel's bytes.
    bytes: Vec<u8>,
    /// Brightness E, its greatest being 1, by byte.
    brightness: [f64; 256],
    /// Depth Z.
    z: Vec<f64>,
    /// Variance S of the depth.
    s: Vec<f64>,
    /// The next Z.
    next: Vec<f64>,
    /// Slopes and brightness of one row.
    p: Vec<f64>,
    q: Vec<f64>,
    e: Vec<f64>,
}

/// What the light gives to every pixel: p_s + q_s and the length of (p_s, q_s, 1), rounded to single precision.
fn light() -> (f64, f64) {
    let length = (1.0 + SLANT * SLANT + SLANT * SLANT).sqrt();
    (f64::from(SLANT + SLANT), f64::from(length))
}

/// How much of the light a surface of slopes p and q meets, before it is divided by both lengths.
fn met(p: f64, q: f64) -> f64 {
    let slant = f64::from(SLANT);
    1.0 + p * slant + q * slant
}

/// R, what a surface of slopes p and q reflects.
fn reflected(p: f64, q: f64, length: f64) -> f64 {
    let a = 1.0 + p * p + q * q;
    (met(p, q) / (a.sqrt() * length)).max(0.0)
}

impl Shape {
    /// The shape before the last iteration, whose slopes albedo and reflectance are made of; `None` for a black channel.
    fn before_last(rgb: &[u8], channel: usize, (width, height): (usize, usize)) -> Option<Self> {
        let bytes: Vec<u8> = rgb.iter().skip(channel).step_by(CHANNELS).copied().collect();
        let most = f32::from(bytes.iter().copied().max().filter(|&most| most > 0)?);
        let brightness: [f64; 256] = std::array::from_fn(|byte| f64::from(byte as f32 / most));
        // The first iteration: no slopes yet, S = 1, all in single precision but for the difference R - E.
        let length = (1.0 + SLANT * SLANT + SLANT * SLANT).sqrt();
        let r = f64::from(1.0 / length);
        let d = -((SLANT + SLANT) / length);
        let k = d / (NOISE as f32 + d * d);
        let s = f64::from(1.0 - k * d);
        let first = brightness.map(|e| f64::from(k) * -(e - r));
        let z: Vec<f64> = bytes.iter().map(|&byte| first[usize::from(byte)]).collect();
        let row = vec![0.0; width];
        let (s, next) = (vec![s; z.len()], z.clone());
        let mut shape = Self { width, height, bytes, brightness, z, s, next, p: row.clone(), q: row.clone(), e: row };
        for _ in 2..ITERATIONS {
            shape.iterate();
        }
        Some(shape)
    }

    /// Slopes of row `y` into `p` (down the rows) and `q` (along them): central differences, one-sided at the border.
    fn slopes(&mut self, y: usize) {
        let (w, z) = (self.width, &self.z);
        let row = |y: usize| &z[y * w..][..w];
        let (above, below) = (y.saturating_sub(1), (y + 1).min(self.height - 1));
        let part = if below - above == 2 { 0.5 } else { 1.0 };
        let (up, down, at) = (row(above), row(below), row(y));
        for (p, (up, down)) in self.p.iter_mut().zip(up.iter().zip(down)) {
            *p = (down - up) * part;
        }
        if w > 1 {
            self.q[0] = at[1] - at[0];
            self.q[w - 1] = at[w - 1] - at[w - 2];
            for (q, three) in self.q[1..].iter_mut().zip(at.windows(3)) {
                *q = (three[2] - three[0]) * 0.5;
            }
        }
    }

    /// One iteration: a step of Newton's on f(Z) = R - E, weighed by how certain Z is (a Kalman filter).
    fn iterate(&mut self) {
        let (w, (slants, length)) = (self.width, light());
        for y in 0..self.height {
            self.slopes(y);
            let bytes = &self.bytes[y * w..][..w];
            self.e.iter_mut().zip(bytes).for_each(|(e, &byte)| *e = self.brightness[usize::from(byte)]);
            let (p, q, e, z) = (&self.p[..w], &self.q[..w], &self.e[..w], &self.z[y * w..][..w]);
            let (s, next) = (&mut self.s[y * w..][..w], &mut self.next[y * w..][..w]);
            for i in 0..w {
                let (p, q) = (p[i], q[i]);
                let a = 1.0 + p * p + q * q;
                let met = met(p, q);
                let both = a.sqrt() * length;
                let f = (met / both).max(0.0) - e[i];
                let d = (p + q) * met / ((a * a * a).sqrt() * length) - slants / both;
                let k = s[i] * d / (NOISE + s[i] * d * d);
                // In the filter's own words: Z + K (Y - d Z) with Y = f + d Z.
                next[i] = z[i] + k * (f + d * z[i] - d * z[i]);
                s[i] *= 1.0 - k * d;
            }
        }
        std::mem::swap(&mut self.z, &mut self.next);
    }

    fn reflectance(&mut self) -> Vec<u8> {
        let (w, (_, length)) = (self.width, light());
        let mut values = vec![0.0; self.z.len()];
        for (y, row) in values.chunks_exact_mut(w).enumerate() {
            self.slopes(y);
            for (value, (&p, &q)) in row.iter_mut().zip(self.p.iter().zip(&self.q)) {
                *value = reflected(p, q, length) / PI;
            }
        }
        stretched(&values)
    }

    fn albedo(&mut self) -> Vec<u8> {
        let w = self.width;
        let mut map = vec![0; self.z.len()];
        for (y, row) in map.chunks_exact_mut(w).enumerate() {
            self.slopes(y);
            let bytes = &self.bytes[y * w..][..w];
            let (p, q) = (&self.p[..w], &self.q[..w]);
            for i in 0..w {
                let length = (p[i] * p[i] + q[i] * q[i] + 1.0).sqrt();
                let light = (-p[i] / length * LIGHT[0] - q[i] / length * LIGHT[1] + LIGHT[2] / length).abs();
                let light = if light == 0.0 { 1.0 } else { light };
                let value = (f64::from(bytes[i]) / light).clamp(1.0, 255.0);
                row[i] = rounded(value);
            }
        }
        map
    }
}

/// Values stretched to 0 to 255 in single precision; values that are all the same stay as they are.
fn stretched(values: &[f64]) -> Vec<u8> {
    let single = |v: &f64| *v as f32;
    let least = values.iter().map(single).fold(f32::INFINITY, f32::min);
    let most = values.iter().map(single).fold(f32::NEG_INFINITY, f32::max);
    if least == most {
        return values.iter().map(|v| rounded(f64::from(single(v)).clamp(0.0, 255.0))).collect();
    }
    let range = most - least;
    values.iter().map(|v| rounded(f64::from((single(v) - least) / range * 255.0))).collect()
}

/// The nearest whole number of a value from 0 to 255, halves to the even one. Above 2^52 there are whole numbers alone, so
/// adding it rounds; unlike `round_ties_even` that needs no instruction that old processors lack.
fn rounded(value: f64) -> u8 {
    const WHOLE: f64 = (1_u64 << 52) as f64;
    ((value + WHOLE) - WHOLE) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(w: usize, h: usize, value: impl Fn(usize, usize) -> u8) -> Vec<u8> {
        (0..w * h).flat_map(|i| [value(i / w, i % w); 3]).collect()
    }

    fn row(map: &[u8], y: usize) -> Vec<u8> {
        map.chunks(18).nth(y).unwrap().iter().step_by(3).copied().collect()
    }

    #[test]
    fn maps_are_those_of_the_reference_vector() {
        let rgb = grey(6, 6, |r, c| (20 + 10 * r + 5 * c + 7 * ((r * c) % 3)) as u8);
        let maps = shading(&rgb, (6, 6)).unwrap();
        assert_eq!(row(&maps.depth, 0), [47, 174, 86, 113, 175, 187]);
        assert_eq!(row(&maps.depth, 5), [209, 208, 172, 231, 231, 255]);
        assert_eq!(row(&maps.reflectance, 0), [28, 191, 192, 158, 189, 139]);
        assert_eq!(row(&maps.reflectance, 5), [231, 241, 174, 155, 254, 236]);
        assert_eq!(row(&maps.albedo, 0), [57, 34, 31, 37, 54, 60]);
        assert_eq!(row(&maps.albedo, 5), [83, 91, 94, 131, 111, 119]);
    }

    #[test]
    fn one_map_at_a_time_is_the_same() {
        let rgb: Vec<u8> = (0..9 * 4 * 3).map(|i| (i * 53 % 241) as u8).collect();
        let maps = shading(&rgb, (9, 4)).unwrap();
        let single = (albedo(&rgb, (9, 4)), depth(&rgb, (9, 4)), reflectance(&rgb, (9, 4)));
        assert_eq!((maps.albedo, maps.depth, maps.reflectance), single);
    }

    #[test]
    fn black_and_flat_channels_have_maps_too() {
        let mut rgb = grey(5, 4, |r, c| (40 * r + 9 * c) as u8);
        for pixel in rgb.chunks_exact_mut(3) {
            (pixel[0], pixel[1]) = (0, 77);
        }
        let maps = shading(&rgb, (5, 4)).unwrap();
        for (map, flat) in [(&maps.albedo, 77), (&maps.depth, 0), (&maps.reflectance, 0)] {
            assert!(map.chunks_exact(3).all(|pixel| pixel[..2] == [0, flat]), "{map:?}");
        }
        assert!(maps.depth.iter().skip(2).step_by(3).any(|&v| v == 255), "the third channel has a shape");
    }

    #[test]
    fn along_an_axis_of_one_pixel_there_is_no_slope() {
        let line: Vec<u8> = (0..8).map(|i| 30 + 25 * (i % 5)).collect();
        let (lying, standing) = (grey(8, 1, |_, c| line[c]), grey(1, 8, |r, _| line[r]));
        let maps = shading(&lying, (8, 1)).unwrap();
        // The light slants as much down the rows as along them.
        assert_eq!(maps, shading(&standing, (1, 8)).unwrap());
        assert!(maps.depth.contains(&0) && maps.depth.contains(&255));
        let point = shading(&[9, 0, 200], (1, 1)).unwrap();
        assert_eq!((point.albedo, point.depth, point.reflectance), (vec![9, 0, 200], vec![0; 3], vec![0; 3]));
    }

    #[test]
    fn halves_go_to_the_even_number() {
        let values = [0.0, 0.5, 1.5, 2.5, 254.5, 254.500_001, 255.0, 0.499_999_999];
        assert_eq!(values.map(rounded), [0, 0, 2, 2, 254, 255, 255, 0]);
    }
}
