//! Plots: axes, lines, points, bands and error bars, with a legend that stands outside the data.

use super::canvas::Anchor;
use super::{Axis, Canvas, Dash, LINE, SMALL, Shape, TYPE, Ticks, font};

/// Least width of a plot that stands beside others.
const LEAST: f64 = 115.0;
/// Least room for a legend beside a plot.
const ASIDE: f64 = 140.0;
/// Between plots.
const GAP: f64 = 10.0;
/// Highest frame of a single plot.
const HIGHEST: f64 = 215.0;
/// Highest frame of a plot among several.
const HIGH_AMONG: f64 = 110.0;
/// A line or point in the legend.
const SAMPLE: f64 = 16.0;

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A line.
    Line,
    /// Points alone.
    Points(Shape),
    /// A line through points.
    Both(Shape),
    /// Bars from the axis's lower end, one of so many beside each other.
    Bars(u8),
}

impl Style {
    /// The part of the distance between two places that bars fill together.
    const FILLED: f64 = 0.8;

    /// How far from its place the middle of bar number `at` of `count` is.
    pub fn beside(at: usize, count: usize) -> f64 {
        Self::FILLED * ((at as f64 + 0.5) / count.max(1) as f64 - 0.5)
    }
}

/// One series.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name in the legend; empty leaves it out there.
    pub name: String,
    /// Its colour as SVG has it.
    pub colour: &'static str,
    /// How its line is broken.
    pub dash: Dash,
    /// How it is drawn.
    pub style: Style,
    /// Its points by x; a value that is no number breaks the line.
    pub points: Vec<(f64, f64)>,
    /// Lowest and highest value at x, drawn as an area.
    pub band: Vec<(f64, f64, f64)>,
    /// Lowest and highest value at x, drawn as error bars.
    pub bars: Vec<(f64, f64, f64)>,
}

impl Series {
    /// A solid line.
    pub fn line(name: impl Into<String>, colour: &'static str, points: Vec<(f64, f64)>) -> Self {
        let (dash, style) = (Dash::Solid, Style::Line);
        Self { name: name.into(), colour, dash, style, points, band: vec![], bars: vec![] }
    }

    /// Whether any of it can be drawn.
    fn has_finite(&self) -> bool {
        self.points.iter().any(|p| p.0.is_finite() && p.1.is_finite()) || !self.bars.is_empty()
    }
}

/// A plot.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// Stands above it; may be empty.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// Height of the frame over its width.
    pub aspect: f64,
    /// The series; later ones are drawn over earlier ones.
    pub series: Vec<Series>,
    /// Upright lines with a name above the frame: where something begins.
    pub begins: Vec<(f64, String)>,
}

/// Everything around a plot's frame.
struct Around {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Plot {
    fn around(&self) -> Around {
        let marks = self.y.marks(6.0);
        let widest = marks.iter().map(|m| font::text_width(&m.1, SMALL)).fold(0.0, f64::max);
        let title = if self.y.title.is_empty() { 0.0 } else { TYPE + 4.0 };
        let last = self.x.marks(6.0).last().map_or(0.0, |m| font::text_width(&m.1, SMALL) / 2.0);
        let above = [&self.title].iter().filter(|t| !t.is_empty()).count() as f64 * (LINE + 2.0);
        let begins = if self.begins.is_empty() { 0.0 } else { LINE };
        let below = if self.x.title.is_empty() { 0.0 } else { LINE + 2.0 };
        Around {
            left: title + widest + 4.0,
            top: above + begins + 4.0,
            right: last.max(2.0),
            bottom: LINE + 4.5 + below,
        }
    }

    /// The width that it needs beside others: names on its axis must all be there.
    fn least(&self) -> f64 {
        let Ticks::Named(names) = &self.x.ticks else { return LEAST };
        let widest = names.iter().map(|n| font::text_width(&n.1, SMALL)).fold(0.0, f64::max);
        let around = self.around();
        LEAST.max(around.left + around.right + (widest + 3.5) * (self.x.high - self.x.low))
    }

    /// Draws the plot `width` wide from its upper left corner, its frame `highest` at most; how high it is. `around` may be
    /// that of a neighbour.
    fn draw(&self, canvas: &mut Canvas, (x, y): (f64, f64), (width, highest): (f64, f64), around: &Around) -> f64 {
        let wide = width - around.left - around.right;
        let high = (wide * self.aspect).min(highest);
        let (left, top) = (x + around.left, y + around.top);
        let (right, bottom) = (left + wide, top + high);
        let across = |v: f64| left + wide * self.x.share(v);
        let up = |v: f64| bottom - high * self.y.share(v);
        let middle = f64::midpoint(left, right);
        if !self.title.is_empty() {
            canvas.text((middle, y + TYPE), TYPE, Anchor::Middle, "#000000", &self.title);
        }
        let most = if wide < 130.0 { 4.0 } else { 6.0 };
        let mut free = f64::NEG_INFINITY;
        for (value, name) in self.x.marks(most) {
            let at = across(value);
            canvas.line(&[(at, top), (at, bottom)], "#e2e2e2", 0.4, Dash::Solid);
            // A number that would touch its neighbour is left out; its line stays.
            let half = font::text_width(&name, SMALL) / 2.0;
            if at - half >= free {
                canvas.text((at, bottom + SMALL + 4.0), SMALL, Anchor::Middle, "#000000", &name);
                free = at + half + 3.0;
            }
        }
        let mut free = f64::INFINITY;
        for (value, name) in self.y.marks(6.0) {
            let at = up(value);
            canvas.line(&[(left, at), (right, at)], "#e2e2e2", 0.4, Dash::Solid);
            if at + SMALL / 2.0 <= free {
                canvas.text((left - 3.0, at + SMALL * 0.36), SMALL, Anchor::End, "#000000", &name);
                free = at - SMALL / 2.0;
            }
        }
        let mut free = f64::NEG_INFINITY;
        for (value, name) in &self.begins {
            let at = across(*value);
            canvas.line(&[(at, top), (at, bottom)], "#777777", 0.6, Dash::Dashed);
            if at >= free {
                let room = font::text_width(name, SMALL);
                let start = at.min(right - room);
                canvas.text((start, top - 3.0), SMALL, Anchor::Start, "#444444", name);
                free = start + room + 3.0;
            }
        }
        canvas.frame((left, top), (wide, high), "#333333", 0.6);
        if !self.series.iter().any(Series::has_finite) {
            let at = (middle, f64::midpoint(top, bottom) + SMALL * 0.36);
            canvas.text(at, SMALL, Anchor::Middle, "#444444", "no finite values");
        }
        for series in &self.series {
            let forward = series.band.iter().map(|&(x, _, high)| (across(x), up(high)));
            let back = series.band.iter().rev().map(|&(x, low, _)| (across(x), up(low)));
            canvas.area(&forward.chain(back).collect::<Vec<_>>(), series.colour);
        }
        for series in &self.series {
            let Style::Bars(count) = series.style else { continue };
            let half = Style::FILLED / f64::from(count.max(1)) / 2.0;
            for &(x, y) in series.points.iter().filter(|p| p.0.is_finite() && p.1.is_finite()) {
                let (from, to) = (across(x - half), across(x + half));
                canvas.rect((from, up(y)), ((to - from - 0.6).max(0.4), bottom - up(y)), series.colour);
            }
        }
        for series in &self.series {
            // A line over its own bar must be seen.
            let colour = if matches!(series.style, Style::Bars(_)) { "#000000" } else { series.colour };
            for &(x, low, high) in &series.bars {
                let (x, low, high) = (across(x), up(low), up(high));
                for stroke in
                    [[(x, low), (x, high)], [(x - 2.0, low), (x + 2.0, low)], [(x - 2.0, high), (x + 2.0, high)]]
                {
                    canvas.line(&stroke, colour, 0.8, Dash::Solid);
                }
            }
            let number = |p: &&(f64, f64)| p.0.is_finite() && p.1.is_finite();
            let place = |&(x, y): &(f64, f64)| (across(x), up(y));
            if matches!(series.style, Style::Line | Style::Both(_)) {
                for part in series.points.split(|p| !number(&p)) {
                    canvas.line(&part.iter().map(place).collect::<Vec<_>>(), series.colour, 0.9, series.dash);
                }
            }
            if let Style::Points(shape) | Style::Both(shape) = series.style {
                for point in series.points.iter().filter(number) {
                    canvas.point(place(point), shape, series.colour);
                }
            }
        }
        if !self.x.title.is_empty() {
            let at = (middle, bottom + LINE + TYPE + 5.5);
            canvas.text(at, TYPE, Anchor::Middle, "#000000", &self.x.title);
        }
        if !self.y.title.is_empty() {
            canvas.text_up((x + TYPE, f64::midpoint(top, bottom)), TYPE, Anchor::Middle, &self.y.title);
        }
        around.top + high + around.bottom
    }
}

/// Plots side by side where there is room, and one legend of all; how high they are together.
pub(super) fn draw_all(plots: &[Plot], canvas: &mut Canvas, (left, top): (f64, f64), width: f64) -> f64 {
    let legend = entries(plots);
    // A single plot that is as high as wide leaves room beside it on wide pages, where its legend goes.
    if let [plot] = plots {
        let around = plot.around();
        let own = around.left + around.right + HIGHEST / plot.aspect;
        let aside = width - own - 2.0 * GAP;
        if plot.aspect > 0.9 && aside >= ASIDE {
            let high = plot.draw(canvas, (left, top), (own, HIGHEST), &around);
            let beside = draw_legend(&legend, canvas, (left + own + 2.0 * GAP, top + around.top), aside, true);
            return high.max(around.top + beside);
        }
    }
    let least = plots.iter().map(Plot::least).fold(LEAST, f64::max);
    let most = plots.len().min(((width + GAP) / (least + GAP)) as usize).max(1);
    let highest = if plots.len() > 1 { HIGH_AMONG } else { HIGHEST };
    // Rows are as even as they can be.
    let columns = plots.len().div_ceil(plots.len().div_ceil(most).max(1)).max(1);
    let each = (width - GAP * (columns as f64 - 1.0)) / columns as f64;
    // All frames begin at the same place.
    let mut around = Around { left: 0.0, top: 0.0, right: 0.0, bottom: 0.0 };
    for one in plots.iter().map(Plot::around) {
        around.left = around.left.max(one.left);
        around.top = around.top.max(one.top);
        around.right = around.right.max(one.right);
        around.bottom = around.bottom.max(one.bottom);
    }
    let mut y = top;
    for row in plots.chunks(columns) {
        let place = |at: usize| (left + (each + GAP) * at as f64, y);
        let heights = row.iter().enumerate().map(|(at, plot)| plot.draw(canvas, place(at), (each, highest), &around));
        y += heights.fold(0.0, f64::max) + 4.0;
    }
    y - top + draw_legend(&legend, canvas, (left, y), width, false)
}

fn entries(plots: &[Plot]) -> Vec<&Series> {
    let mut all: Vec<&Series> = vec![];
    for series in plots.iter().flat_map(|p| &p.series).filter(|s| !s.name.is_empty()) {
        let same = |other: &&Series| {
            (&other.name, other.colour, other.dash, other.style)
                == (&series.name, series.colour, series.dash, series.style)
        };
        if !all.iter().any(same) {
            all.push(series);
        }
    }
    all
}

/// Names with samples, as many a line as fit, or one a line; how high it is.
fn draw_legend(entries: &[&Series], canvas: &mut Canvas, (left, top): (f64, f64), width: f64, column: bool) -> f64 {
    let mut line = 0;
    let mut x = left;
    for series in entries {
        let words = font::wrapped(&series.name, SMALL, width - SAMPLE - 4.0);
        let widest = words.iter().map(|w| font::text_width(w, SMALL)).fold(0.0, f64::max);
        let own = SAMPLE + 4.0 + widest + 10.0;
        if x > left && (column || x + own - 10.0 > left + width) {
            x = left;
            line += 1;
        }
        let y = top + LINE * f64::from(line) + LINE / 2.0;
        let middle = x + SAMPLE / 2.0;
        if matches!(series.style, Style::Bars(_)) {
            canvas.rect((x + SAMPLE / 4.0, y - 3.0), (SAMPLE / 2.0, 6.0), series.colour);
        }
        if matches!(series.style, Style::Line | Style::Both(_)) {
            canvas.line(&[(x, y), (x + SAMPLE, y)], series.colour, 1.2, series.dash);
        }
        if let Style::Points(shape) | Style::Both(shape) = series.style {
            canvas.point((middle, y), shape, series.colour);
        }
        for (i, word) in words.iter().enumerate() {
            let at = (x + SAMPLE + 4.0, y + LINE * i as f64 + SMALL * 0.36);
            canvas.text(at, SMALL, Anchor::Start, "#000000", word);
        }
        x += own;
        if words.len() > 1 {
            line += words.len() as i32 - 1;
            x = left + width;
        }
    }
    if entries.is_empty() { 0.0 } else { LINE * f64::from(line + 1) + 1.0 }
}
