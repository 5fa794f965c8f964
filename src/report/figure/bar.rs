//! Colour bars: what a colour of the maps above means, in numbers.

use super::canvas::Anchor;
use super::{Canvas, LINE, Raster, SMALL, axis, font};
use crate::report::Scale;

/// Colours along a bar.
const STEPS: usize = 256;
/// How high the bar itself is, and how wide at most.
const HIGH: f64 = 7.0;
const WIDE: f64 = 170.0;
/// Between bars.
const GAP: f64 = 24.0;

/// A colour bar.
#[derive(Debug, Clone, PartialEq)]
pub struct ColourBar {
    /// What is measured.
    pub title: String,
    /// Limits and colours.
    pub scale: Scale,
}

/// Bars side by side where their titles fit, else below each other; how high they are together.
pub(super) fn draw_all(bars: &[ColourBar], canvas: &mut Canvas, (left, top): (f64, f64), width: f64) -> f64 {
    let count = bars.len().max(1) as f64;
    let side_by_side = (width - GAP * (count - 1.0)) / count;
    let fits = bars.iter().all(|b| font::text_width(&b.title, SMALL) <= side_by_side);
    let (columns, each) = if fits { (bars.len().max(1), side_by_side) } else { (1, width) };
    let mut high: f64 = 0.0;
    for (at, bar) in bars.iter().enumerate() {
        let x = left + (each + GAP) * (at % columns) as f64;
        let y = top + (2.0 * LINE + HIGH + 4.0) * (at / columns) as f64;
        high = high.max(y - top + bar.draw(canvas, (x, y), each));
    }
    high
}

impl ColourBar {
    fn draw(&self, canvas: &mut Canvas, (x, y): (f64, f64), room: f64) -> f64 {
        let title = font::wrapped(&self.title, SMALL, room);
        for (i, line) in title.iter().enumerate() {
            canvas.text((x, y + SMALL + LINE * i as f64), SMALL, Anchor::Start, "#000000", line);
        }
        let (low, high) = (f64::from(self.scale.low), f64::from(self.scale.high));
        // The outer numbers stand under the ends of the bar and reach beyond them.
        let half = |label: &(f64, String)| font::text_width(&label.1, SMALL) / 2.0;
        let wide = |labels: &[(f64, String)]| {
            WIDE.min(room - labels.first().map_or(0.0, half) - labels.last().map_or(0.0, half))
        };
        let fits = |labels: &[(f64, String)]| {
            let step = wide(labels) / (labels.len() as f64 - 1.0);
            labels.windows(2).all(|pair| half(&pair[0]) + half(&pair[1]) + 3.0 <= step)
        };
        let labels = [4, 2].map(|parts| ticks(low, high, parts)).into_iter().find(|l| fits(l));
        let labels = labels.unwrap_or_else(|| ticks(low, high, 1));
        let wide = wide(&labels);
        let left = x + labels.first().map_or(0.0, half);
        let at = y + LINE * title.len() as f64 + 2.0;
        let value = |i: usize| {
            let part = (i as f32 + 0.5) / STEPS as f32;
            // Limits may be so far apart that their difference is no number.
            self.scale.low * (1.0 - part) + self.scale.high * part
        };
        let rgb = (0..STEPS).flat_map(|i| self.scale.rgb(value(i))).collect();
        canvas.image((left, at), (wide, HIGH), &Raster { width: STEPS, height: 1, rgb, smooth: false, gaps: 0 });
        canvas.frame((left, at), (wide, HIGH), "#000000", 0.4);
        for (tick, label) in labels {
            let across = left + wide * (tick - low) / (high - low);
            canvas.line(&[(across, at + HIGH), (across, at + HIGH + 2.0)], "#000000", 0.4, super::Dash::Solid);
            canvas.text((across, at + HIGH + 2.5 + SMALL), SMALL, Anchor::Middle, "#000000", &label);
        }
        at - y + HIGH + 3.0 + LINE
    }
}

/// The ends of equal parts.
fn ticks(low: f64, high: f64, parts: u32) -> Vec<(f64, String)> {
    let digits = axis::digits((high - low) / 4.0) + 1;
    let value = |i: u32| low + (high - low) * f64::from(i) / f64::from(parts);
    (0..=parts).map(value).map(|v| (v, axis::shown(v, digits))).collect()
}
