//! From a frame to the square that a network sees: the face's box, a margin, and a scaling that covers every pixel.

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

/// Reads `square` out of a picture with `channels` bytes a pixel and scales it to `size` pixels a side. Every pixel
/// under a new one counts by its area; beyond the border its nearest pixel counts.
pub fn cut(pixels: &[u8], (width, height): (usize, usize), channels: usize, square: Square, size: usize) -> Vec<u8> {
    let spans = |start: f32, limit: usize| -> Vec<Vec<(usize, f32)>> {
        let step = square.side / size as f32;
        (0..size)
            .map(|i| {
                // At least a pixel wide, so that enlarging goes straight between neighbours.
                let middle = start + (i as f32 + 0.5) * step;
                let half = step.max(1.0) * 0.5;
                let (low, high) = (middle - half, middle + half);
                let (first, last) = (low.floor() as i64, (high.ceil() as i64 - 1).max(low.floor() as i64));
                let part = |p: i64| ((high.min(p as f32 + 1.0) - low.max(p as f32)) / (high - low)).max(0.0);
                (first..=last).map(|p| (p.clamp(0, limit as i64 - 1) as usize, part(p))).collect()
            })
            .collect()
    };
    let (columns, rows) = (spans(square.left, width), spans(square.top, height));
    let mut out = Vec::with_capacity(size * size * channels);
    for row in &rows {
        for column in &columns {
            for c in 0..channels {
                let mut sum = 0.0;
                for (y, v) in row {
                    for (x, u) in column {
                        sum += f32::from(pixels[(y * width + x) * channels + c]) * u * v;
                    }
                }
                out.push((sum + 0.5) as u8);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_widened_about_its_middle() {
        let s = square([10.0, 20.0, 40.0, 50.0]);
        assert_eq!((s.left + s.side / 2.0, s.top + s.side / 2.0, s.side), (30.0, 45.0, 65.0));
    }

    #[test]
    fn cutting_without_scaling_copies_and_shrinking_averages() {
        let pixels: Vec<u8> = (0..64).collect();
        let whole = Square { left: 0.0, top: 0.0, side: 8.0 };
        assert_eq!(cut(&pixels, (8, 8), 1, whole, 8), pixels);
        // A quarter of the side: the mean of 2 x 2 pixels, 4.5 above the first one.
        let half = cut(&pixels, (8, 8), 1, whole, 4);
        assert_eq!((half[0], half[15]), (5, 59));
        // Outside the picture its border goes on.
        let beyond = cut(&pixels, (8, 8), 1, Square { left: -4.0, top: 0.0, side: 4.0 }, 4);
        assert_eq!(&beyond[..4], &[0; 4]);
        let colours = cut(&[10, 20, 30, 10, 20, 30], (2, 1), 3, Square { left: 0.0, top: 0.0, side: 2.0 }, 3);
        assert!(colours.chunks(3).all(|c| c == [10, 20, 30]));
    }
}
