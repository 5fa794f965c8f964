//! Printed photographs: the picture becomes ink amounts, the inks dots, the dots one of 16 measured overprints of a
//! real paper, and the sheet is bent, lit and glossy.

use serde::Deserialize;

use crate::rng::{self, Stream};

use super::super::SynthError;
use super::super::light::Lighting;
use super::super::math::{V3, mix, smooth, v3};
use super::super::noise::{floor, hash01, noise};
use super::super::scene::Picture;
use super::super::tuning::{BEND, DOT_SIZE, FIBRE, INK_ERROR, PAPER_GLOSS, Range, SCREEN_PERIOD, STOCHASTIC};
use super::{Field, Presented, Sheet, octave, pick, to_camera};

/// Steps of the table from colour to ink along each channel.
const STEPS: usize = 13;
/// Angles of the cyan, magenta, yellow and black screens in degrees.
const ANGLES: [f32; 4] = [15.0, 75.0, 0.0, 45.0];

#[derive(Deserialize)]
struct Measured {
    paper: Vec<MeasuredPaper>,
}

#[derive(Deserialize)]
struct MeasuredPaper {
    name: String,
    xyz: Vec<[f32; 3]>,
}

/// A printer that the benchmark's domains name.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    /// Name in face lists.
    pub name: &'static str,
}

/// The printers, by their number in a presentation.
pub const PRINTERS: &[Printer] = &[Printer { name: "any" }];

/// A paper with its inks.
#[derive(Debug, Clone)]
pub struct Paper {
    /// The measurement's name.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests name it; a paper is otherwise chosen by number"))]
    name: String,
    /// Linear sRGB reflectance of the 16 overprints; bit 8, 4, 2, 1 for cyan, magenta, yellow, black.
    overprints: [V3; 16],
    /// Ink amounts for colours on a grid, red slowest.
    inks: Vec<[f32; 4]>,
}

/// Reads all papers of the table.
pub fn papers(table: &str) -> Result<Vec<Paper>, SynthError> {
    let damaged = |reason: String| SynthError::Papers { reason };
    let measured: Measured = toml::from_str(table).map_err(|e| damaged(e.to_string()))?;
    let mut out = Vec::new();
    for paper in measured.paper {
        let xyz: [[f32; 3]; 16] = paper
            .xyz
            .try_into()
            .map_err(|rows: Vec<_>| damaged(format!("{} has {} overprints, not 16", paper.name, rows.len())))?;
        let overprints = xyz.map(|c| {
            let c = c.map(|v| v / 100.0);
            // CIE XYZ under D50 to linear sRGB (Bradford).
            v3(
                3.133_856 * c[0] - 1.616_867 * c[1] - 0.490_615 * c[2],
                -0.978_768 * c[0] + 1.916_142 * c[1] + 0.033_454 * c[2],
                0.071_945 * c[0] - 0.228_991 * c[1] + 1.405_243 * c[2],
            )
            .map(|v| v.clamp(0.002, 1.0))
        });
        let inks = invert(&overprints);
        out.push(Paper { name: paper.name, overprints, inks });
    }
    if out.is_empty() {
        return Err(damaged("it holds no paper".to_owned()));
    }
    Ok(out)
}

/// Mean colour of an area with ink parts `a` laid independently (Demichel, Neugebauer).
fn mean_colour(overprints: &[V3; 16], a: [f32; 4]) -> V3 {
    // Ink by ink, halving the overprints: cyan is the highest bit.
    let mut left = *overprints;
    let mut n = 8;
    for part in a {
        for i in 0..n {
            left[i] = left[i].mix(left[i + n], part);
        }
        n /= 2;
    }
    left[0]
}

/// For every colour of a grid the inks that come nearest on this paper.
fn invert(overprints: &[V3; 16]) -> Vec<[f32; 4]> {
    let mut out = Vec::with_capacity(STEPS.pow(3));
    let white = overprints[0];
    let darkest = overprints[15].luminance();
    for i in 0..STEPS.pow(3) {
        // The grid is even in the square root of light, as eyes are.
        let level = |k: usize| (k as f32 / (STEPS - 1) as f32).powi(2);
        let wanted = v3(level(i / (STEPS * STEPS)), level(i / STEPS % STEPS), level(i % STEPS));
        // Paper white stands for white, the darkest overprint for black.
        let wanted = wanted * white * (1.0 - darkest) + V3::splat(darkest);
        let grey = wanted.x.max(wanted.y).max(wanted.z);
        let black = ((0.42 - grey) / 0.42).clamp(0.0, 1.0) * 0.9;
        let mut a = [0.3, 0.3, 0.3, black];
        // Each ink mostly takes one channel: correct each by its own error, a few times.
        let reach = [
            (white.x - overprints[8].x).max(0.2),
            (white.y - overprints[4].y).max(0.2),
            (white.z - overprints[2].z).max(0.2),
        ];
        for _ in 0..14 {
            let error = mean_colour(overprints, a) - wanted;
            for (ink, e) in [error.x, error.y, error.z].into_iter().enumerate() {
                a[ink] = (a[ink] + 0.8 * e / (reach[ink] * (1.0 - 0.9 * black))).clamp(0.0, 1.0);
            }
        }
        out.push(a);
    }
    out
}

impl Paper {
    fn inks_for(&self, colour: V3) -> [f32; 4] {
        let at = |c: f32| c.clamp(0.0, 1.0).sqrt() * (STEPS - 1) as f32;
        let (x, y, z) = (at(colour.x), at(colour.y), at(colour.z));
        let cell = |v: f32| (v as usize).min(STEPS - 2);
        let (i, j, k) = (cell(x), cell(y), cell(z));
        let (u, v, w) = (x - i as f32, y - j as f32, z - k as f32);
        let mut out = [0.0; 4];
        for corner in 0..8 {
            let (a, b, c) = (corner >> 2 & 1, corner >> 1 & 1, corner & 1);
            let part = |on: usize, t: f32| if on == 1 { t } else { 1.0 - t };
            let weight = part(a, u) * part(b, v) * part(c, w);
            let inks = &self.inks[((i + a) * STEPS + j + b) * STEPS + k + c];
            out.iter_mut().zip(inks).for_each(|(o, ink)| *o += ink * weight);
        }
        out
    }
}

/// How ink is broken into dots.
#[derive(Debug, Clone, Copy)]
enum Screen {
    /// A cosine screen an ink: frequency vectors in periods a pixel.
    Cosine([[f32; 2]; 4]),
    /// Dots of one size at random places: its inverse in pixels.
    Stochastic(f32),
}

/// Thresholds so that a cosine screen covers the area it is asked for: the screen's values in rising order.
fn coverage() -> Vec<f32> {
    const N: usize = 64;
    let phase = |i: usize| (i as f32 + 0.5) / N as f32;
    let mut all: Vec<f32> = (0..N * N).map(|i| wave(phase(i % N)) + wave(phase(i / N))).collect();
    all.sort_by(f32::total_cmp);
    all.into_iter().step_by(N).chain([2.1]).collect()
}

/// Near enough a cosine of `t` periods.
fn wave(t: f32) -> f32 {
    let s = (2.0 * (t - t.floor()) - 1.0).abs();
    2.0 * s * s * (3.0 - 2.0 * s) - 1.0
}

/// The attacker's photograph `source`, printed and held before the camera: `side` samples for `size` pixels.
pub fn present(
    source: &Picture,
    papers: &[Paper],
    light: &Lighting<'_>,
    (side, size): (usize, usize),
    rng: &mut Stream,
) -> Presented {
    let paper = &papers[rng::index(rng, papers.len())];
    let sheet = Sheet::draw(rng);
    let error: [f32; 4] = [(); 4].map(|()| 1.0 + INK_ERROR * rng::normal(rng) as f32);
    let stochastic = rng::uniform(rng) < f64::from(STOCHASTIC);
    let period = octave(rng, SCREEN_PERIOD);
    let dot = octave(rng, DOT_SIZE);
    let turn = pick(rng, (-0.2, 0.2));
    let gloss = pick(rng, PAPER_GLOSS);
    let fibre = pick(rng, FIBRE);
    let bend = pick(rng, BEND) * if rng::uniform(rng) < 0.5 { -1.0 } else { 1.0 };
    let upright = rng::uniform(rng) < 0.7;
    let lean: Range = (-0.25, 0.25);
    let tilt = [pick(rng, lean), pick(rng, lean)];
    let seed = rng::index(rng, 1 << 24) as u32;

    let screen = if stochastic {
        Screen::Stochastic(1.0 / dot)
    } else {
        Screen::Cosine(ANGLES.map(|a| {
            let (s, c) = (a.to_radians() + turn).sin_cos();
            [c / period, s / period]
        }))
    };
    // A screen that is finer than the samples shows its mean alone.
    let samples = side as f32 / size as f32 * if stochastic { dot } else { period };
    let contrast = if stochastic { smooth(0.4, 1.6, samples) } else { smooth(1.4, 3.2, samples) };
    let steepness = samples / 7.0;
    let thresholds = coverage();
    let n = source.side;
    let inks: Vec<[f32; 4]> = source
        .light
        .iter()
        .map(|l| {
            let mut a = paper.inks_for(*l);
            a.iter_mut().zip(error).for_each(|(a, e)| *a = (*a * e).clamp(0.0, 1.0));
            a
        })
        .collect();

    // A sheet bent like part of a cylinder: its normal turns along one axis.
    let normal = |u: f32, v: f32| {
        let angle = bend * if upright { u } else { v };
        if upright { v3(angle + tilt[0], tilt[1], 1.0).unit() } else { v3(tilt[0], -angle + tilt[1], 1.0).unit() }
    };
    let diffuse = Field::new(|u, v| light.open(normal(u, v)));
    let shine = Field::new(|u, v| light.glossy(to_camera(u, v).reflect(normal(u, v))) * gloss);
    let behind = Field::new(|u, v| light.soft(v3(u * 1.1, -v * 1.1, -1.0).unit()));

    let mut picture = Picture { side, light: vec![V3::ZERO; side * side] };
    let mut medium = vec![false; side * side];
    for y in 0..side {
        for x in 0..side {
            let i = y * side + x;
            let u = (x as f32 + 0.5) / side as f32 - 0.5;
            let v = (y as f32 + 0.5) / side as f32 - 0.5;
            let [mut a, mut b] = sheet.place(u, v);
            // Bent paper is foreshortened towards its edges.
            if upright {
                a *= 1.0 + 0.10 * bend * bend * a * a;
            } else {
                b *= 1.0 + 0.10 * bend * bend * b * b;
            }
            let (s, t) = (a / sheet.zoom + 0.5, b / sheet.zoom + 0.5);
            if !(-0.03..=1.03).contains(&s) || !(-0.03..=1.03).contains(&t) {
                picture.light[i] = behind.at(u, v);
                continue;
            }
            medium[i] = true;
            let (px, py) = (a * size as f32, b * size as f32);
            let mut colour = paper.overprints[0];
            if (0.0..1.0).contains(&s) && (0.0..1.0).contains(&t) {
                let amounts = interpolate(&inks, n, s * n as f32, t * n as f32);
                // The part of the sample that each ink covers: its edge is as soft as the sample is wide.
                let mut covered = [0.0; 4];
                for (ink, amount) in amounts.into_iter().enumerate() {
                    covered[ink] = match screen {
                        Screen::Cosine(f) => {
                            let w = f[ink];
                            let value = wave(px * w[0] + py * w[1]) + wave(py * w[0] - px * w[1]);
                            let at = amount * (thresholds.len() - 1) as f32;
                            let k = (at as usize).min(thresholds.len() - 2);
                            let limit = thresholds[k] + (thresholds[k + 1] - thresholds[k]) * (at - k as f32);
                            mix(amount, ((limit - value) * steepness + 0.5).clamp(0.0, 1.0), contrast)
                        }
                        Screen::Stochastic(per) => {
                            let (cx, cy) = (floor(px * per), floor(py * per));
                            let on = if amount > scattered(cx, cy, ink as i32, seed) { 1.0 } else { 0.0 };
                            mix(amount, on, contrast)
                        }
                    };
                }
                colour = mean_colour(&paper.overprints, covered);
            }
            let grain = 1.0 + fibre * 4.0 * noise(v3(px * 1.1, py * 1.1, 0.5), seed);
            picture.light[i] = colour * diffuse.at(u, v) * grain + shine.at(u, v);
        }
    }
    Presented { picture, medium }
}

/// A threshold for stochastic dots: neighbours differ as much as they can (interleaved gradient), a little scattered.
fn scattered(x: i32, y: i32, ink: i32, seed: u32) -> f32 {
    let (x, y) = (x + 17 * ink, y + 41 * ink);
    let t = 52.982_918 * (0.067_110_56 * x as f32 + 0.005_837_15 * y as f32).fract();
    let t = t - t.floor() + 0.45 * (hash01(x, y, ink, seed) - 0.5);
    t - t.floor()
}

fn interpolate(inks: &[[f32; 4]], n: usize, x: f32, y: f32) -> [f32; 4] {
    let (x, y) = ((x - 0.5).clamp(0.0, n as f32 - 1.001), (y - 0.5).clamp(0.0, n as f32 - 1.001));
    let (i, j) = (x as usize, y as usize);
    let (u, v) = (x - i as f32, y - j as f32);
    let cell = |dx: usize, dy: usize| &inks[(j + dy) * n + i + dx];
    let (a, b, c, d) = (cell(0, 0), cell(1, 0), cell(0, 1), cell(1, 1));
    [0, 1, 2, 3].map(|k| (a[k] * (1.0 - u) + b[k] * u) * (1.0 - v) + (c[k] * (1.0 - u) + d[k] * u) * v)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::assets;

    #[test]
    fn inks_give_back_the_colours_that_a_paper_can_show() {
        let papers = papers(assets::PAPERS).unwrap();
        assert_eq!(papers.len(), 9);
        for paper in &papers {
            for wanted in [V3::splat(0.5), v3(0.55, 0.4, 0.3), v3(0.3, 0.2, 0.15), V3::splat(0.9)] {
                let got = mean_colour(&paper.overprints, paper.inks_for(wanted));
                let darkest = paper.overprints[15].luminance();
                let scaled = wanted * paper.overprints[0] * (1.0 - darkest) + V3::splat(darkest);
                assert!((got - scaled).length() < 0.07, "{}: {wanted:?} {got:?} {scaled:?}", paper.name);
            }
        }
    }

    #[test]
    fn a_cosine_screen_covers_the_area_it_is_asked_for() {
        let thresholds = coverage();
        for amount in [0.1_f32, 0.35, 0.8] {
            let at = amount * (thresholds.len() - 1) as f32;
            let limit = thresholds[at as usize];
            let n =
                (0..10_000).filter(|i| wave((i % 100) as f32 / 100.0) + wave((i / 100) as f32 / 100.0) < limit).count();
            assert!((n as f32 / 10_000.0 - amount).abs() < 0.03, "{amount}: {n}");
        }
        let (mut low, mut sum) = (0, 0.0);
        for i in 0..10_000 {
            let t = scattered(i % 100, i / 100, 0, 3);
            sum += t;
            low += i32::from(t < 0.25);
        }
        assert!((sum / 10_000.0 - 0.5).abs() < 0.03 && (low - 2_500).abs() < 300);
    }

    #[test]
    fn a_table_without_all_overprints_is_refused() {
        let short = "[[paper]]\nname = \"x\"\nxyz = [[1.0, 1.0, 1.0]]\n";
        assert!(papers(short).unwrap_err().to_string().contains("1 overprints"));
        assert!(papers("paper = 3").is_err());
    }
}
