//! Pictures in rows and columns: heads above, a name before each row. Where a figure is wide and rows are many, they stand
//! in blocks side by side.

use super::canvas::Anchor;
use super::{Canvas, LINE, Raster, SMALL, font};

/// Widest name of a row, share of the width.
const LABEL: f64 = 0.24;
/// Between pictures, and between blocks.
const GAP: f64 = 2.0;
const BLOCK_GAP: f64 = 10.0;
/// Sides of a picture: with more blocks none gets smaller than the first, none is larger than the second.
const LEAST: f64 = 42.0;
const MOST: f64 = 72.0;
/// The same where one block would be higher than this.
const SMALLEST: f64 = 30.0;
const HIGHEST: f64 = 500.0;
/// Longest line of an upright head.
const TALLEST: f64 = 80.0;

/// A row of pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct GridRow {
    /// What the row is.
    pub label: String,
    /// A picture a column; `None` where there is none.
    pub cells: Vec<Option<Raster>>,
}

/// Pictures in rows and columns.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageGrid {
    /// What the columns are.
    pub heads: Vec<String>,
    /// The rows.
    pub rows: Vec<GridRow>,
    /// Whether rows may stand in blocks side by side.
    pub split: bool,
}

/// Where everything goes.
struct Layout {
    blocks: usize,
    label: f64,
    cell: f64,
}

impl ImageGrid {
    fn layout(&self, width: f64) -> Layout {
        let widest = self.rows.iter().map(|r| font::text_width(&r.label, SMALL)).fold(0.0, f64::max);
        // A blank line's room, so that a name that just fits is not broken by rounding.
        let label = (widest + 0.5).min(LABEL * width);
        let label = if widest > 0.0 { label + 4.0 } else { 0.0 };
        let columns = self.heads.len().max(1) as f64;
        let side = |blocks: usize| {
            let block = (width - BLOCK_GAP * (blocks as f64 - 1.0)) / blocks as f64;
            (block - label - GAP * (columns - 1.0)) / columns
        };
        let most = if self.split { 4.min(self.rows.len()) } else { 1 };
        let blocks = (2..=most).rev().find(|&b| side(b) >= LEAST);
        // One block of many rows may be higher than a page; smaller pictures are better than that.
        let high = self.rows.len() as f64 * (side(1).min(MOST) + GAP) > HIGHEST;
        let small = || (2..=most).find(|&b| high && side(b) >= SMALLEST);
        let blocks = blocks.or_else(small).unwrap_or(1);
        Layout { blocks, label, cell: side(blocks).min(MOST) }
    }

    /// Draws the grid from its upper left corner; how high it is.
    pub(super) fn draw(&self, canvas: &mut Canvas, (left, top): (f64, f64), width: f64) -> f64 {
        let Layout { blocks, label, cell } = self.layout(width);
        let step = cell + GAP;
        // Heads stand upright where a word of them is wider than its column.
        let words = self.heads.iter().flat_map(|h| h.split_whitespace());
        let upright = words.map(|w| font::text_width(w, SMALL)).any(|w| w > step - 1.0);
        let room = if upright { TALLEST } else { step - 1.0 };
        let heads: Vec<Vec<String>> = self.heads.iter().map(|h| font::wrapped(h, SMALL, room)).collect();
        let tallest = heads.iter().flatten().map(|l| font::text_width(l, SMALL)).fold(0.0, f64::max);
        let lines = heads.iter().map(Vec::len).max().unwrap_or(0);
        let head = if upright { tallest + 3.0 } else { LINE * lines as f64 + 1.0 };
        let block = label + step * self.heads.len() as f64 - GAP + BLOCK_GAP;
        let per_block = self.rows.len().div_ceil(blocks);
        for (at, rows) in self.rows.chunks(per_block.max(1)).enumerate() {
            let x = left + block * at as f64;
            let middle = |column: usize| x + label + step * column as f64 + cell / 2.0;
            for (column, lines) in heads.iter().enumerate() {
                for (i, line) in lines.iter().enumerate() {
                    if upright {
                        let first = middle(column) + SMALL * 0.36 - LINE * (lines.len() as f64 - 1.0) / 2.0;
                        let at = (first + LINE * i as f64, top + head - 2.0);
                        canvas.text_up(at, SMALL, Anchor::Start, line);
                    } else {
                        let y = top + head - 3.0 - LINE * (lines.len() - 1 - i) as f64;
                        canvas.text((middle(column), y), SMALL, Anchor::Middle, "#000000", line);
                    }
                }
            }
            for (row, of_row) in rows.iter().enumerate() {
                let y = top + head + step * row as f64;
                let lines = font::wrapped(&of_row.label, SMALL, (label - 3.0).max(1.0));
                let first = y + cell / 2.0 + SMALL * 0.35 - LINE * (lines.len() as f64 - 1.0) / 2.0;
                for (i, line) in lines.iter().enumerate() {
                    canvas.text((x, first + LINE * i as f64), SMALL, Anchor::Start, "#000000", line);
                }
                for (column, picture) in of_row.cells.iter().enumerate() {
                    let corner = (x + label + step * column as f64, y);
                    if let Some(picture) = picture {
                        canvas.image(corner, (cell, cell), picture);
                    } else {
                        canvas.rect(corner, (cell, cell), "#f0f0f0");
                        let at = (middle(column), y + cell / 2.0 + SMALL * 0.35);
                        canvas.text(at, SMALL, Anchor::Middle, "#777777", "none");
                    }
                }
            }
        }
        head + step * per_block as f64 - GAP
    }
}
