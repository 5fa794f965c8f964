//! Reading a region of a picture at another size: upright rectangles by the area of the pixels under them, and turned
//! ones by many samples a pixel. Shared by the built-in benchmark and by the crops of real faces.

use image::RgbImage;

/// An upright rectangle of a picture in pixels; it may reach outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// Left border.
    pub left: f32,
    /// Upper border.
    pub top: f32,
    /// Pixels across, more than 0.
    pub width: f32,
    /// Pixels down, more than 0.
    pub height: f32,
}

/// Reads `rect` out of a picture with `channels` bytes a pixel and scales it to `columns` x `rows` pixels. Every pixel
/// under a new one counts by its area; beyond the border its nearest pixel counts.
pub fn cut(
    pixels: &[u8],
    (width, height): (usize, usize),
    channels: usize,
    rect: Rect,
    (columns, rows): (usize, usize),
) -> Vec<u8> {
    let spans = |start: f32, length: f32, count: usize, limit: usize| -> Vec<Vec<(usize, f32)>> {
        let step = length / count as f32;
        (0..count)
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
    let across = spans(rect.left, rect.width, columns, width);
    let down = spans(rect.top, rect.height, rows, height);
    let mut out = Vec::with_capacity(columns * rows * channels);
    for row in &down {
        for column in &across {
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

/// Where the pixels of a new picture lie in an old one: the new place (u, v), counted in pixels from the upper left
/// corner, is the old place `origin + u across + v down`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Map {
    /// The upper left corner.
    pub origin: [f32; 2],
    /// One new pixel to the right.
    pub across: [f32; 2],
    /// One new pixel down.
    pub down: [f32; 2],
}

impl Map {
    /// Of a square of `side` old pixels about `middle`, turned clockwise by `angle` (radians), read as `size` pixels a
    /// side.
    pub fn square(middle: [f32; 2], side: f32, angle: f32, size: usize) -> Self {
        let step = side / size as f32;
        let across = [step * angle.cos(), step * angle.sin()];
        let down = [-across[1], across[0]];
        let half = size as f32 * 0.5;
        let origin = [0, 1].map(|i| middle[i] - half * (across[i] + down[i]));
        Self { origin, across, down }
    }

    /// The old place of a new one.
    pub fn old(&self, [u, v]: [f32; 2]) -> [f32; 2] {
        [0, 1].map(|i| self.origin[i] + u * self.across[i] + v * self.down[i])
    }

    /// The new place of an old one; `None` if the map squeezes everything to a line.
    pub fn new_place(&self, old: [f32; 2]) -> Option<[f32; 2]> {
        let [[a, c], [b, d]] = [self.across, self.down];
        let (x, y) = (old[0] - self.origin[0], old[1] - self.origin[1]);
        let area = a * d - b * c;
        (area.abs() > f32::MIN_POSITIVE).then(|| [(x * d - y * b) / area, (y * a - x * c) / area])
    }
}

/// What lies beyond the border of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Border {
    /// Black.
    Black,
    /// Its nearest pixel.
    Nearest,
}

/// Reads the region of `map` as `columns` x `rows` x 3 values from 0 to 255. Where it shrinks, so many samples a pixel
/// are taken that none is left out, at most `most` each way; each goes straight between its four neighbours.
pub fn sample(picture: &RgbImage, map: &Map, (columns, rows): (usize, usize), border: Border, most: usize) -> Vec<f32> {
    let (width, height) = (i64::from(picture.width()), i64::from(picture.height()));
    let pixels = picture.as_raw();
    let length = |v: [f32; 2]| v[0].hypot(v[1]);
    let n = (length(map.across).max(length(map.down)).ceil() as usize).clamp(1, most.max(1));
    let share = 1.0 / (n * n) as f32;
    let mut out = vec![0.0; columns * rows * 3];
    for (i, value) in out.chunks_exact_mut(3).enumerate() {
        let mut sum = [0.0_f32; 3];
        for k in 0..n * n {
            let u = (i % columns) as f32 + ((k % n) as f32 + 0.5) / n as f32;
            let v = (i / columns) as f32 + ((k / n) as f32 + 0.5) / n as f32;
            let [x, y] = map.old([u, v]);
            let (x, y) = (x - 0.5, y - 0.5);
            let (left, top) = (x.floor(), y.floor());
            let (fx, fy) = (x - left, y - top);
            for (dx, dy, part) in
                [(0, 0, (1.0 - fx) * (1.0 - fy)), (1, 0, fx * (1.0 - fy)), (0, 1, (1.0 - fx) * fy), (1, 1, fx * fy)]
            {
                let (mut px, mut py) = (left as i64 + dx, top as i64 + dy);
                if border == Border::Nearest {
                    (px, py) = (px.clamp(0, width - 1), py.clamp(0, height - 1));
                } else if px < 0 || py < 0 || px >= width || py >= height {
                    continue;
                }
                let at = (py * width + px) as usize * 3;
                for (s, p) in sum.iter_mut().zip(&pixels[at..at + 3]) {
                    *s += part * f32::from(*p);
                }
            }
        }
        for (value, s) in value.iter_mut().zip(sum) {
            *value = s * share;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use image::Rgb;
    use proptest::prelude::*;

    use super::*;

    fn square(left: f32, top: f32, side: f32) -> Rect {
        Rect { left, top, width: side, height: side }
    }

    #[test]
    fn cutting_without_scaling_copies_and_shrinking_averages() {
        let pixels: Vec<u8> = (0..64).collect();
        assert_eq!(cut(&pixels, (8, 8), 1, square(0.0, 0.0, 8.0), (8, 8)), pixels);
        // A quarter of the side: the mean of 2 x 2 pixels, 4.5 above the first one.
        let half = cut(&pixels, (8, 8), 1, square(0.0, 0.0, 8.0), (4, 4));
        assert_eq!((half[0], half[15]), (5, 59));
        // Outside the picture its border goes on.
        let beyond = cut(&pixels, (8, 8), 1, square(-4.0, 0.0, 4.0), (4, 4));
        assert_eq!(&beyond[..4], &[0; 4]);
        let colours = cut(&[10, 20, 30, 10, 20, 30], (2, 1), 3, square(0.0, 0.0, 2.0), (3, 3));
        assert!(colours.chunks(3).all(|c| c == [10, 20, 30]));
        // A flat rectangle becomes a square.
        let tall = cut(&pixels, (8, 8), 1, Rect { left: 0.0, top: 0.0, width: 8.0, height: 4.0 }, (4, 4));
        assert_eq!((tall[0], tall[3], tall[12]), (1, 7, 25));
    }

    #[test]
    fn samples_of_a_turned_square_are_where_the_map_says() {
        let mut picture = RgbImage::new(9, 9);
        picture.put_pixel(6, 4, Rgb([200, 100, 50]));
        // A quarter turn clockwise of the reading frame: what was at the right is up.
        let map = Map::square([4.5, 4.5], 9.0, std::f32::consts::FRAC_PI_2, 9);
        let turned = sample(&picture, &map, (9, 9), Border::Black, 4);
        let at = |x: usize, y: usize| turned[(y * 9 + x) * 3];
        assert!((at(4, 2) - 200.0).abs() < 0.01, "{}", at(4, 2));
        let [u, v] = map.new_place([6.5, 4.5]).unwrap();
        assert!((u - 4.5).abs() < 1e-4 && (v - 2.5).abs() < 1e-4, "{u} {v}");
    }

    #[test]
    fn beyond_the_border_it_is_black_or_goes_on() {
        let picture = RgbImage::from_pixel(4, 4, Rgb([80, 80, 80]));
        let map = Map::square([-4.0, 2.0], 4.0, 0.0, 4);
        assert!(sample(&picture, &map, (4, 4), Border::Black, 1).iter().all(|v| *v == 0.0));
        assert!(sample(&picture, &map, (4, 4), Border::Nearest, 1).iter().all(|v| *v == 80.0));
    }

    proptest! {
        #[test]
        fn places_go_there_and_back(x in -50.0..50.0_f32, y in -50.0..50.0_f32, side in 1.0..99.0_f32, angle in -3.0..3.0_f32) {
            let map = Map::square([x, y], side, angle, 64);
            let back = map.new_place(map.old([10.0, 20.0])).unwrap();
            prop_assert!((back[0] - 10.0).abs() < 0.01 && (back[1] - 20.0).abs() < 0.01);
            // The middle of the new picture is the middle of the square.
            let middle = map.old([32.0, 32.0]);
            prop_assert!((middle[0] - x).abs() < 1e-3 && (middle[1] - y).abs() < 1e-3);
        }

        #[test]
        fn shrinking_keeps_the_mean(seed: [u8; 12]) {
            let picture = RgbImage::from_fn(64, 64, |x, y| Rgb([seed[((x / 7 + 3 * (y / 9)) % 12) as usize]; 3]));
            let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
            let whole: Vec<f32> = picture.as_raw().iter().map(|v| f32::from(*v)).collect();
            let small = sample(&picture, &Map::square([32.0, 32.0], 64.0, 0.0, 16), (16, 16), Border::Nearest, 4);
            prop_assert!((mean(&whole) - mean(&small)).abs() < 0.01);
        }
    }
}
