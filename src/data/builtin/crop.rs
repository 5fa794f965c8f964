//! From a frame to the square that a network sees: the face's box, a margin, and a scaling that covers every pixel.

use crate::data::resample::{self, Rect};

/// The face's box is widened by this before it is cut out, as CDCN does for its tests.
pub const MARGIN: f32 = 1.3;

/// A square of a picture: its corner and side in pixels, which may lie outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Square {
    left: f32,
    top: f32,
    side: f32,
}

/// The square about `face_box` (left, top, width, height), as long as its longer side times the margin.
pub fn square(face_box: [f32; 4]) -> Square {
    let [x, y, w, h] = face_box;
    let side = (w.max(h) * MARGIN).max(1.0);
    Square { left: x + (w - side) * 0.5, top: y + (h - side) * 0.5, side }
}

/// Reads `square` out of a picture with `channels` bytes a pixel and scales it to `size` pixels a side.
pub fn cut(pixels: &[u8], shape: (usize, usize), channels: usize, square: Square, size: usize) -> Vec<u8> {
    let Square { left, top, side } = square;
    resample::cut(pixels, shape, channels, Rect { left, top, width: side, height: side }, (size, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_widened_about_its_middle() {
        let s = square([10.0, 20.0, 40.0, 50.0]);
        assert_eq!((s.left + s.side / 2.0, s.top + s.side / 2.0, s.side), (30.0, 45.0, 65.0));
    }
}
