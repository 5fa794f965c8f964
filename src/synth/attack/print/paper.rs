//! Papers with their inks: what the 16 overprints of cyan, magenta, yellow and black measured on each, and which amounts
//! of them come nearest to a colour. No dots and no light.

use serde::Deserialize;

use super::super::super::SynthError;
use super::super::super::math::{V3, v3};

/// Steps of the table from colour to ink along each channel.
const STEPS: usize = 13;

#[derive(Deserialize)]
struct Measured {
    paper: Vec<MeasuredPaper>,
}

#[derive(Deserialize)]
struct MeasuredPaper {
    name: String,
    xyz: Vec<[f32; 3]>,
}

/// A paper with its inks.
#[derive(Debug, Clone)]
pub struct Paper {
    /// The measurement's name.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests name it; a paper is otherwise chosen by number"))]
    name: String,
    /// Linear sRGB reflectance of the 16 overprints; bit 8, 4, 2, 1 for cyan, magenta, yellow, black.
    pub overprints: [V3; 16],
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
pub fn mean_colour(overprints: &[V3; 16], a: [f32; 4]) -> V3 {
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
    /// The ink amounts that come nearest to the linear colour `colour`.
    pub fn inks_for(&self, colour: V3) -> [f32; 4] {
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
    fn full_inks_give_the_sixteen_measured_colours() {
        for paper in papers(assets::PAPERS).unwrap() {
            for (k, measured) in paper.overprints.iter().enumerate() {
                let full = [8, 4, 2, 1].map(|bit| if k & bit == 0 { 0.0 } else { 1.0 });
                let mixed = mean_colour(&paper.overprints, full);
                assert!((mixed - *measured).length() < 1e-6, "{} {k}", paper.name);
            }
        }
    }

    #[test]
    fn tints_are_weighted_as_demichel_says() {
        let paper = &papers(assets::PAPERS).unwrap()[3];
        let a = [0.2_f32, 0.7, 0.4, 0.1];
        let mut wanted = V3::ZERO;
        for (k, measured) in paper.overprints.iter().enumerate() {
            let share: f32 = (0..4).map(|i| if k & (8 >> i) == 0 { 1.0 - a[i] } else { a[i] }).product();
            wanted += *measured * share;
        }
        assert!((mean_colour(&paper.overprints, a) - wanted).length() < 1e-5);
    }

    #[test]
    fn a_table_without_all_overprints_is_refused() {
        let short = "[[paper]]\nname = \"x\"\nxyz = [[1.0, 1.0, 1.0]]\n";
        assert!(papers(short).unwrap_err().to_string().contains("1 overprints"));
        assert!(papers("paper = 3").is_err());
    }
}
