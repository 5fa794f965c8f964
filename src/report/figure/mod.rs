//! The figure model: what a publication figure is made of (grids of pictures, plots, colour bars, words), how it is laid
//! out, and how it becomes SVG, PNG and PDF. Knows no sessions: builders in `figures` fill it. Lengths are points, 1/72
//! inch; every figure has a white ground, one embedded typeface, and no type below 7 points.

mod axis;
mod bar;
mod canvas;
mod font;
mod grid;
mod letters;
mod pdf;
mod plot;
mod png;
mod probit;
mod raster;
mod subset;
mod svg;
mod width;

pub use self::png::png_of;
pub use axis::{Axis, Ticks};
pub use bar::ColourBar;
pub use canvas::{Canvas, Dash, Shape};
pub use font::text_width;
pub use grid::{GridRow, ImageGrid};
pub use letters::mark_missing;
pub use pdf::pdf_of;
pub use plot::{Plot, Series, Style};
pub use probit::probit;
pub use raster::Raster;
pub use svg::{standalone, tree_of};
pub use width::Width;

use canvas::Anchor;

/// Size of type: names and heads.
pub const TYPE: f64 = 8.0;
/// Size of type: ticks, notes, legends. Nothing is smaller.
pub const SMALL: f64 = 7.0;
/// Distance between lines of small type.
pub const LINE: f64 = 9.0;
/// White around the figure: enough that no glyph is cut.
const MARGIN: f64 = 3.0;
/// Between panels.
const GAP: f64 = 6.0;
/// Between columns.
const COLUMN_GAP: f64 = 12.0;

/// Colours that colour-blind people can tell apart (Okabe and Ito), yellow left out: it is too pale for lines on white.
pub const COLOURS: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/// One part of a figure; parts stand below each other.
#[derive(Debug, Clone, PartialEq)]
pub enum Panel {
    /// Pictures in rows and columns.
    Grid(ImageGrid),
    /// Plots side by side where there is room, with one legend below them all.
    Plots(Vec<Plot>),
    /// Colour bars side by side.
    Bars(Vec<ColourBar>),
    /// A line or more of type.
    Text(String),
    /// Columns of one width, parts below each other in each.
    Columns(Vec<Vec<Panel>>),
}

/// A whole figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Its width.
    pub width: f64,
    /// What it is, for readers of the file and of its metadata.
    pub title: String,
    /// Its parts, from the top.
    pub panels: Vec<Panel>,
    /// What a reader must know, in small type at the end: data, iteration, threshold.
    pub notes: Vec<String>,
}

impl Figure {
    /// The figure as an SVG scene of its width; its height follows from what is in it.
    pub fn svg(&self) -> String {
        let mut canvas = Canvas::new();
        let (left, width) = (MARGIN, self.width - 2.0 * MARGIN);
        let mut y = MARGIN + stack(&self.panels, &mut canvas, (left, MARGIN), width);
        y += 3.0;
        y += paragraph(&mut canvas, (left, y), width, &self.notes.join(" "), "#444444");
        canvas.svg(self.width, (y + MARGIN).ceil(), &self.title)
    }
}

impl Panel {
    /// Calls `visit` with every picture in it.
    pub fn each_picture(&self, visit: &mut dyn FnMut(&Raster)) {
        match self {
            Self::Grid(grid) => grid.rows.iter().flat_map(|r| &r.cells).flatten().for_each(visit),
            Self::Columns(columns) => columns.iter().flatten().for_each(|p| p.each_picture(visit)),
            Self::Plots(_) | Self::Bars(_) | Self::Text(_) => {}
        }
    }

    /// Calls `visit` with all words in it, in the order they are read.
    fn each_words(&mut self, visit: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Grid(grid) => {
                grid.heads.iter_mut().for_each(&mut *visit);
                grid.rows.iter_mut().map(|r| &mut r.label).for_each(visit);
            }
            Self::Plots(plots) => {
                for plot in plots {
                    visit(&mut plot.title);
                    for axis in [&mut plot.x, &mut plot.y] {
                        visit(&mut axis.title);
                        if let Ticks::Named(names) = &mut axis.ticks {
                            names.iter_mut().map(|n| &mut n.1).for_each(&mut *visit);
                        }
                    }
                    plot.series.iter_mut().map(|s| &mut s.name).for_each(&mut *visit);
                    plot.begins.iter_mut().map(|b| &mut b.1).for_each(&mut *visit);
                }
            }
            Self::Bars(bars) => bars.iter_mut().map(|b| &mut b.title).for_each(visit),
            Self::Text(words) => visit(words),
            Self::Columns(columns) => columns.iter_mut().flatten().for_each(|p| p.each_words(visit)),
        }
    }
}

/// Parts below each other; how high they are together.
fn stack(panels: &[Panel], canvas: &mut Canvas, (left, top): (f64, f64), width: f64) -> f64 {
    let mut y = top;
    for (at, panel) in panels.iter().enumerate() {
        y += if at == 0 { 0.0 } else { GAP };
        y += match panel {
            Panel::Grid(grid) => grid.draw(canvas, (left, y), width),
            Panel::Plots(plots) => plot::draw_all(plots, canvas, (left, y), width),
            Panel::Bars(bars) => bar::draw_all(bars, canvas, (left, y), width),
            Panel::Text(words) => paragraph(canvas, (left, y), width, words, "#000000"),
            Panel::Columns(columns) => {
                let step = (width + COLUMN_GAP) / columns.len().max(1) as f64;
                let each = columns
                    .iter()
                    .enumerate()
                    .map(|(at, column)| stack(column, canvas, (left + step * at as f64, y), step - COLUMN_GAP));
                each.fold(0.0, f64::max)
            }
        };
    }
    y - top
}

/// Small type in lines of at most `width`; how high they are together.
fn paragraph(canvas: &mut Canvas, (x, y): (f64, f64), width: f64, words: &str, colour: &str) -> f64 {
    let lines = font::wrapped(words, SMALL, width);
    for (i, line) in lines.iter().enumerate() {
        canvas.text((x, y + LINE * i as f64 + SMALL), SMALL, Anchor::Start, colour, line);
    }
    LINE * lines.len() as f64
}
