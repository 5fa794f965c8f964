//! Subpixels: where in a display's pixel each colour shines, seen through samples of some width. No picture and no
//! glass.

use super::super::super::displays::Layout;
use super::super::super::math::{V3, v3};
use super::super::super::noise::floor;

/// Cells of the tile a side; it holds two by two display pixels.
const TILE: usize = 64;

/// Light of red, green and blue at a place in a pixel (0 to 1 each way), with a mean of about 1 each over two pixels.
fn subpixel(layout: Layout, x: f32, y: f32, column: usize, row: usize) -> V3 {
    let stripe = |t: f32, across: f32, reversed: bool| {
        let k = ((t * 3.0) as usize).min(2);
        let inside = t * 3.0 - k as f32;
        // The black matrix between subpixels.
        let on = if inside > 0.1 && inside < 0.9 && across > 0.06 && across < 0.94 { 1.0 } else { 0.0 };
        let k = if reversed { 2 - k } else { k };
        [v3(on, 0.0, 0.0), v3(0.0, on, 0.0), v3(0.0, 0.0, on)][k]
    };
    match layout {
        Layout::Stripes => stripe(x, y, false),
        Layout::Reversed => stripe(x, y, true),
        Layout::Lying => stripe(y, x, false),
        Layout::Diamond => {
            let inside = |cx: f32, cy: f32, r: f32| if (x - cx).abs() + (y - cy).abs() < r { 1.0 } else { 0.0 };
            let (green, other) = (inside(0.25, 0.5, 0.22), inside(0.75, 0.5, 0.28));
            if (column + row).is_multiple_of(2) { v3(other, green, 0.0) } else { v3(0.0, green, other) }
        }
    }
}

/// A layout's light over two by two pixels, already averaged over the samples that see it.
#[derive(Debug, Clone)]
pub struct Panel {
    cells: Vec<V3>,
}

impl Panel {
    /// `layout` seen through square samples `width` display pixels wide.
    pub fn new(layout: Layout, width: f32) -> Self {
        const FINE: usize = 4;
        let place = |i: usize| (i as f32 + 0.5) / (TILE * FINE) as f32 * 2.0;
        let mut cells = vec![V3::ZERO; TILE * TILE];
        for y in 0..TILE * FINE {
            for x in 0..TILE * FINE {
                let (px, py) = (place(x), place(y));
                let light = subpixel(layout, px.fract(), py.fract(), px as usize, py as usize);
                cells[y / FINE * TILE + x / FINE] += light;
            }
        }
        let mean = cells.iter().fold(V3::ZERO, |s, c| s + *c) * (1.0 / cells.len() as f32);
        let white = v3(1.0 / mean.x, 1.0 / mean.y, 1.0 / mean.z);
        for c in &mut cells {
            *c = *c * white;
        }
        let half = width * TILE as f32 * 0.25;
        let across = averaged(&cells, half, 1);
        Self { cells: averaged(&across, half, TILE) }
    }

    /// At a place in display pixels.
    pub fn at(&self, x: f32, y: f32) -> V3 {
        let cell = |t: f32| (floor(t * (TILE as f32 * 0.5)) & (TILE as i32 - 1)) as usize;
        self.cells[cell(y) * TILE + cell(x)]
    }
}

/// Means over `half` cells to either side, along steps of `step`; the tile goes on beyond its edges.
fn averaged(cells: &[V3], half: f32, step: usize) -> Vec<V3> {
    let reach = (half + 0.5).ceil() as i32;
    let weights: Vec<f32> = (-reach..=reach).map(|k| (half + 0.5 - k.abs() as f32).clamp(0.0, 1.0)).collect();
    let total: f32 = weights.iter().sum();
    (0..cells.len())
        .map(|i| {
            let at = (i / step % TILE) as i32;
            let rest = i - at as usize * step;
            let near = |k: usize| (at + k as i32 - reach).rem_euclid(TILE as i32) as usize;
            weights.iter().enumerate().fold(V3::ZERO, |s, (k, w)| s + cells[rest + near(k) * step] * (*w / total))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Layout; 4] = [Layout::Stripes, Layout::Reversed, Layout::Lying, Layout::Diamond];

    #[test]
    fn every_layout_gives_white_for_white_at_every_distance() {
        for layout in ALL {
            for width in [0.02, 0.3, 1.0, 2.0, 3.1] {
                let panel = Panel::new(layout, width);
                let mean = panel.cells.iter().fold(V3::ZERO, |s, c| s + *c) * (1.0 / panel.cells.len() as f32);
                assert!((mean - V3::ONE).length() < 1e-3, "{layout:?} {width} {mean:?}");
            }
            // From afar every place is white.
            let far = Panel::new(layout, 2.0);
            assert!(far.cells.iter().all(|c| (*c - V3::ONE).length() < 0.06), "{layout:?}");
        }
    }

    #[test]
    fn stripes_stand_in_their_order_once_a_pixel() {
        let near = |layout: Layout| Panel::new(layout, 0.01);
        let (rgb, bgr, lying) = (near(Layout::Stripes), near(Layout::Reversed), near(Layout::Lying));
        for pixel in 0..4 {
            let at = |k: usize| pixel as f32 + (k as f32 + 0.5) / 3.0;
            for k in 0..3 {
                let lit = |c: V3| [c.x, c.y, c.z].map(|v| v > 0.5);
                let only = |k: usize| [k == 0, k == 1, k == 2];
                assert_eq!(lit(rgb.at(at(k), 0.5)), only(k));
                assert_eq!(lit(bgr.at(at(k), 0.5)), only(2 - k));
                assert_eq!(lit(lying.at(0.5, at(k))), only(k));
            }
        }
        // A red field lights red stripes alone: one third of the width less the matrix.
        let red = (0..300).filter(|i| rgb.at(*i as f32 / 100.0, 0.5).x > 0.5).count();
        assert!((60..=100).contains(&red), "{red}");
    }

    #[test]
    fn diamonds_have_twice_as_many_green_ones() {
        let panel = Panel::new(Layout::Diamond, 0.01);
        let lit = |x: f32, y: f32| panel.at(x, y);
        assert!(lit(0.25, 0.5).y > 1.0 && lit(1.25, 0.5).y > 1.0);
        assert!(lit(0.75, 0.5).x > 1.0 && lit(0.75, 0.5).z == 0.0);
        assert!(lit(1.75, 0.5).z > 1.0 && lit(1.75, 0.5).x == 0.0);
    }
}
