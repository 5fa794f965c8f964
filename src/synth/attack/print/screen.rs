//! Halftone screens: how tints become dots. Tables of thresholds over one period (round dots, lines) or over a tile
//! of scattered dots, and the part of a sample that each ink covers. Knows no colours.

use super::super::super::math::smooth;
use super::super::super::noise::{floor, hash01};
use super::super::super::printers::Dots;

/// Cells of a period a side.
const PERIOD: usize = 32;
/// Dots of the scattered tile a side.
const TILE: usize = 64;
/// Angles of the cyan, magenta, yellow and black screens in degrees.
const ANGLES: [f32; 4] = [15.0, 75.0, 0.0, 45.0];
/// Where each ink's scattered dots begin in the tile, so that inks do not lie on each other.
const SHIFTS: [[i32; 2]; 4] = [[0, 0], [23, 41], [47, 11], [13, 29]];

/// Thresholds of all kinds of dots: an ink covers a place where its amount is above the threshold there.
#[derive(Debug, Clone)]
pub struct Thresholds {
    round: Vec<f32>,
    lines: Vec<f32>,
    scattered: Vec<f32>,
}

impl Thresholds {
    /// Works out all tables. Takes some tens of milliseconds.
    pub fn new() -> Self {
        let phase = |i: usize| (i as f32 + 0.5) / PERIOD as f32 * std::f32::consts::TAU;
        let cells = || (0..PERIOD * PERIOD).map(|i| (phase(i % PERIOD), phase(i / PERIOD)));
        Self {
            round: ranks(&cells().map(|(x, y)| -x.cos() - y.cos()).collect::<Vec<f32>>()),
            lines: ranks(&cells().map(|(x, y)| -x.cos() - 0.15 * (3.0 * y).cos()).collect::<Vec<f32>>()),
            scattered: scatter(),
        }
    }
}

/// Each value's place in rising order, as a part of all.
fn ranks(values: &[f32]) -> Vec<f32> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut out = vec![0.0; values.len()];
    for (rank, i) in order.into_iter().enumerate() {
        out[i] = (rank as f32 + 0.5) / values.len() as f32;
    }
    out
}

/// Scattered dots that keep away from each other at every tint: dots are set one by one where those already set are
/// farthest (the void of void and cluster).
fn scatter() -> Vec<f32> {
    const REACH: i32 = 6;
    let side = TILE as i32;
    let mut crowd: Vec<f32> = (0..side * side).map(|i| 1e-3 * hash01(i % side, i / side, 5, 11)).collect();
    let mut order = vec![0.0; TILE * TILE];
    for rank in 0..TILE * TILE {
        let free = crowd.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |f| f.0);
        order[free] = (rank as f32 + 0.5) / (TILE * TILE) as f32;
        crowd[free] = f32::INFINITY;
        let (x, y) = (free as i32 % side, free as i32 / side);
        for dy in -REACH..=REACH {
            for dx in -REACH..=REACH {
                let i = ((y + dy).rem_euclid(side) * side + (x + dx).rem_euclid(side)) as usize;
                crowd[i] += (-((dx * dx + dy * dy) as f32) / 3.4).exp();
            }
        }
    }
    order
}

/// The screens of one print.
#[derive(Debug, Clone)]
pub struct Screen {
    dots: Dots,
    /// Direction of each ink's screen.
    turns: [[f32; 2]; 4],
    shift: [i32; 2],
}

/// How sharply a screen is seen: samples a period decide.
#[derive(Debug, Clone, Copy)]
pub struct Focus {
    contrast: f32,
    steepness: f32,
}

impl Screen {
    /// Screens of `dots`, all turned by `turn` radians; scattered ones begin at `shift`.
    pub fn new(dots: Dots, turn: f32, shift: [i32; 2]) -> Self {
        let turn = if dots == Dots::Scattered { 0.0 } else { turn };
        let turns = ANGLES.map(|a| {
            let (s, c) = (if dots == Dots::Scattered { 0.0 } else { a.to_radians() } + turn).sin_cos();
            [c, s]
        });
        Self { dots, turns, shift }
    }

    /// How it is seen with `samples` samples a period (or dot).
    pub fn focus(&self, samples: f32) -> Focus {
        if self.dots == Dots::Scattered {
            Focus { contrast: smooth(0.25, 1.4, samples), steepness: 1e3 }
        } else {
            Focus { contrast: smooth(1.3, 3.0, samples), steepness: samples / 2.6 }
        }
    }

    /// The part of a sample at `x`, `y` (in periods or dots) that each ink covers, given their `amounts`.
    pub fn cover(&self, thresholds: &Thresholds, focus: Focus, amounts: [f32; 4], x: f32, y: f32) -> [f32; 4] {
        if focus.contrast <= 0.0 {
            return amounts;
        }
        let table = match self.dots {
            Dots::Round => &thresholds.round,
            Dots::Lines => &thresholds.lines,
            Dots::Scattered => {
                let (x, y) = (floor(x) + self.shift[0], floor(y) + self.shift[1]);
                let side = TILE as i32 - 1;
                let mut out = amounts;
                for (a, s) in out.iter_mut().zip(SHIFTS) {
                    let t = thresholds.scattered[(((y + s[1]) & side) * TILE as i32 + ((x + s[0]) & side)) as usize];
                    let on = if *a > t { 1.0 } else { 0.0 };
                    *a += (on - *a) * focus.contrast;
                }
                return out;
            }
        };
        let mut out = amounts;
        for (a, [c, s]) in out.iter_mut().zip(self.turns) {
            let cell = |t: f32| (((t - floor(t) as f32) * PERIOD as f32) as usize).min(PERIOD - 1);
            let t = table[cell(y * c - x * s) * PERIOD + cell(x * c + y * s)];
            let on = ((*a - t) * focus.steepness + 0.5).clamp(0.0, 1.0);
            *a += (on - *a) * focus.contrast;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_covers_the_area_it_is_asked_for() {
        let thresholds = Thresholds::new();
        for dots in [Dots::Round, Dots::Lines, Dots::Scattered] {
            let screen = Screen::new(dots, 0.1, [3, 5]);
            let focus = screen.focus(20.0);
            for amount in [0.1_f32, 0.35, 0.8] {
                let mut sum = [0.0; 4];
                let n = 256;
                for i in 0..n * n {
                    let (x, y) = ((i % n) as f32 / 4.0, (i / n) as f32 / 4.0);
                    let part = screen.cover(&thresholds, focus, [amount; 4], x, y);
                    sum.iter_mut().zip(part).for_each(|(s, p)| *s += p);
                }
                for s in sum {
                    assert!((s / (n * n) as f32 - amount).abs() < 0.02, "{dots:?} {amount} {s}");
                }
            }
            // Finer than the samples: the tint itself.
            let amounts = [0.3, 0.1, 0.9, 0.0];
            assert_eq!(screen.cover(&thresholds, screen.focus(0.1), amounts, 1.7, 2.9), amounts);
        }
    }

    #[test]
    fn scattered_dots_keep_away_from_each_other() {
        let tile = scatter();
        // In a light tint no dot has a dot beside it, which dots thrown at random would have.
        let on = |x: usize, y: usize| tile[y % TILE * TILE + x % TILE] < 0.1;
        let beside = (0..TILE * TILE)
            .filter(|i| on(i % TILE, i / TILE) && (on(i % TILE + 1, i / TILE) || on(i % TILE, i / TILE + 1)))
            .count();
        assert!(beside < 8, "{beside} of {}", TILE * TILE / 10);
    }
}
