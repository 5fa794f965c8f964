//! Which part of a picture becomes the square of a face, as plain geometry, and its pixels.

use image::RgbImage;

use crate::data::resample::{self, Border, Map, Rect};

/// Samples a pixel each way, at most, where a turned square shrinks.
const MOST_SAMPLES: usize = 8;

/// A region of a picture that is read as a square.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Crop {
    /// An upright rectangle, stretched to a square; beyond the border the nearest pixel counts.
    Upright(Rect),
    /// A parallelogram (`Map` with the whole crop as one pixel); black beyond the border.
    Free(Map),
}

impl Crop {
    /// `size * size * 3` bytes.
    pub fn rgb(&self, picture: &RgbImage, size: usize) -> Vec<u8> {
        match self {
            Self::Upright(rect) => {
                let shape = (picture.width() as usize, picture.height() as usize);
                resample::cut(picture.as_raw(), shape, 3, *rect, (size, size))
            }
            Self::Free(whole) => {
                let by = |v: [f32; 2]| v.map(|c| c / size as f32);
                let map = Map { origin: whole.origin, across: by(whole.across), down: by(whole.down) };
                let values = resample::sample(picture, &map, (size, size), Border::Black, MOST_SAMPLES);
                values.into_iter().map(|v| (v + 0.5) as u8).collect()
            }
        }
    }

    /// Where a place of the picture lies in the crop, as fractions of its side.
    pub fn place(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        match self {
            Self::Upright(r) => [(x - r.left) / r.width, (y - r.top) / r.height],
            // A crop without area shows nothing; its places are nowhere.
            Self::Free(whole) => whole.new_place([x, y]).unwrap_or([f32::NAN; 2]),
        }
    }

    /// Its corners in the picture, clockwise from the crop's upper left.
    pub fn corners(&self) -> [[f32; 2]; 4] {
        match self {
            Self::Upright(r) => {
                let (right, bottom) = (r.left + r.width, r.top + r.height);
                [[r.left, r.top], [right, r.top], [right, bottom], [r.left, bottom]]
            }
            Self::Free(whole) => [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]].map(|p| whole.old(p)),
        }
    }

    /// The same region of a picture that shows the same at another size.
    pub fn scaled(&self, x: f32, y: f32) -> Self {
        let by = |v: [f32; 2]| [v[0] * x, v[1] * y];
        match *self {
            Self::Upright(Rect { left, top, width, height }) => {
                Self::Upright(Rect { left: left * x, top: top * y, width: width * x, height: height * y })
            }
            Self::Free(Map { origin, across, down }) => {
                Self::Free(Map { origin: by(origin), across: by(across), down: by(down) })
            }
        }
    }
}

/// `at` (left, top, width, height) made `factor` as large about its middle.
pub fn widened(at: [f32; 4], factor: f32) -> Rect {
    let [x, y, w, h] = at;
    let (width, height) = (w * factor, h * factor);
    Rect { left: x + (w - width) / 2.0, top: y + (h - height) / 2.0, width, height }
}

/// The part of `rect` within a picture; `None` if less than two pixels are left of either side.
pub fn clipped(rect: Rect, (width, height): (u32, u32)) -> Option<Rect> {
    let (left, top) = (rect.left.max(0.0), rect.top.max(0.0));
    let right = (rect.left + rect.width).min(width as f32);
    let bottom = (rect.top + rect.height).min(height as f32);
    let rect = Rect { left, top, width: right - left, height: bottom - top };
    (rect.width >= 2.0 && rect.height >= 2.0).then_some(rect)
}

/// The largest square about the middle of a picture.
pub fn central((width, height): (u32, u32)) -> Rect {
    let side = width.min(height) as f32;
    Rect { left: (width as f32 - side) / 2.0, top: (height as f32 - side) / 2.0, width: side, height: side }
}

/// A turn, a scale and a shift that bring `from` to `to` as well as can be (least squares): the first column of the
/// matrix that maps `from`, whose second column is the first one turned by a quarter. `None` for points in one place.
pub fn similarity(from: &[[f32; 2]], to: &[[f32; 2]]) -> Option<[f32; 2]> {
    let mean = |all: &[[f32; 2]]| [0, 1].map(|i| all.iter().map(|p| p[i]).sum::<f32>() / all.len() as f32);
    let (a, b) = (mean(from), mean(to));
    let (mut same, mut cross, mut size) = (0.0, 0.0, 0.0);
    for (p, q) in from.iter().zip(to) {
        let (p, q) = ([p[0] - a[0], p[1] - a[1]], [q[0] - b[0], q[1] - b[1]]);
        same += p[0] * q[0] + p[1] * q[1];
        cross += p[0] * q[1] - p[1] * q[0];
        size += p[0] * p[0] + p[1] * p[1];
    }
    let column = [same / size, cross / size];
    (size > 0.0 && column[0].hypot(column[1]) > 1e-9 && column.iter().all(|c| c.is_finite())).then_some(column)
}

/// The crop that a similarity makes: its matrix has the first column `column`, and it brings the picture's point `here`
/// to the crop's point `there`; the crop's side is 1.
pub fn aligned(column: [f32; 2], here: [f32; 2], there: [f32; 2]) -> Crop {
    let [c, s] = column;
    let length = c * c + s * s;
    // The inverse of a similarity: its transpose over its squared scale.
    let (across, down) = ([c / length, -s / length], [s / length, c / length]);
    let origin = [0, 1].map(|i| here[i] - there[0] * across[i] - there[1] * down[i]);
    Crop::Free(Map { origin, across, down })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn boxes_are_widened_about_their_middle_and_end_at_the_border() {
        let rect = widened([10.0, 20.0, 40.0, 50.0], 1.3);
        assert_eq!((rect.width, rect.height), (52.0, 65.0));
        assert_eq!((rect.left + 26.0, rect.top + 32.5), (30.0, 45.0));
        let inside = clipped(rect, (50, 60)).unwrap();
        assert_eq!((inside.left, inside.top, inside.width, inside.height), (4.0, 12.5, 46.0, 47.5));
        assert_eq!(clipped(widened([90.0, 0.0, 10.0, 10.0], 1.0), (50, 50)), None);
        let square = central((30, 20));
        assert_eq!((square.left, square.top, square.width), (5.0, 0.0, 20.0));
    }

    #[test]
    fn a_crop_of_a_picture_of_half_the_size_shows_the_same() {
        let crop = aligned([0.01, 0.002], [50.0, 40.0], [0.5, 0.4]);
        let half = crop.scaled(0.5, 0.5);
        for p in [[3.0, 4.0], [70.0, 20.0]] {
            let (a, b) = (crop.place(p), half.place([p[0] / 2.0, p[1] / 2.0]));
            assert!((a[0] - b[0]).abs() < 1e-5 && (a[1] - b[1]).abs() < 1e-5);
        }
    }

    proptest! {
        #[test]
        fn a_similarity_is_found_from_its_points(
            angle in -3.0..3.0_f32, scale in 0.01..10.0_f32, shift in prop::array::uniform2(-9.0..9.0_f32),
            points in prop::collection::vec(prop::array::uniform2(-9.0..9.0_f32), 2..6),
        ) {
            let column = [scale * angle.cos(), scale * angle.sin()];
            let to: Vec<[f32; 2]> = points
                .iter()
                .map(|p| [column[0] * p[0] - column[1] * p[1] + shift[0], column[1] * p[0] + column[0] * p[1] + shift[1]])
                .collect();
            let spread = points.iter().map(|p| (p[0] - points[0][0]).hypot(p[1] - points[0][1])).fold(0.0, f32::max);
            prop_assume!(spread > 0.5);
            let found = similarity(&points, &to).unwrap();
            prop_assert!((found[0] - column[0]).abs() < 2e-3 * scale && (found[1] - column[1]).abs() < 2e-3 * scale);
            // The crop brings every point where it belongs.
            let crop = aligned(found, points[0], to[0]);
            for (corner, unit) in crop.corners().into_iter().zip([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0_f32]]) {
                let there = crop.place(corner);
                prop_assert!((there[0] - unit[0]).abs() < 1e-3 && (there[1] - unit[1]).abs() < 1e-3);
            }
            for (p, q) in points.iter().zip(&to) {
                let there = crop.place(*p);
                prop_assert!((there[0] - q[0]).abs() < 0.05 * scale && (there[1] - q[1]).abs() < 0.05 * scale);
            }
        }
    }

    #[test]
    fn points_in_one_place_give_no_similarity() {
        assert_eq!(similarity(&[[1.0, 1.0]; 5], &[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.2, 0.2]]), None);
    }
}
