//! Quarter turns of pictures and of places in them. Clockwise, as [`Turn`] is.

use image::{RgbImage, imageops};

use crate::data::Turn;

const ALL: [Turn; 4] = [Turn::None, Turn::Right, Turn::Half, Turn::Left];

fn quarters(turn: Turn) -> usize {
    match turn {
        Turn::None => 0,
        Turn::Right => 1,
        Turn::Half => 2,
        Turn::Left => 3,
    }
}

/// One turn after the other.
pub(in crate::data) fn sum(a: Turn, b: Turn) -> Turn {
    ALL[(quarters(a) + quarters(b)) % 4]
}

/// The turn of a matrix that turns counter-clockwise by `degrees`, as ffmpeg prints it; `None` for turns that are no
/// quarters.
pub(super) fn of_matrix(degrees: f32) -> Option<Turn> {
    let quarters = -degrees / 90.0;
    let whole = quarters.round();
    ((quarters - whole).abs() < 0.01).then(|| ALL[(whole as i32).rem_euclid(4) as usize])
}

/// `picture` turned.
pub(in crate::data) fn picture(picture: RgbImage, turn: Turn) -> RgbImage {
    match turn {
        Turn::None => picture,
        Turn::Right => imageops::rotate90(&picture),
        Turn::Half => imageops::rotate180(&picture),
        Turn::Left => imageops::rotate270(&picture),
    }
}

/// For sentences.
pub(in crate::data) fn words(turn: Turn) -> &'static str {
    match turn {
        Turn::None => "not turned",
        Turn::Right => "turned clockwise by 90 degrees",
        Turn::Half => "turned by 180 degrees",
        Turn::Left => "turned clockwise by 270 degrees",
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn turns_are_clockwise_and_add_up() {
        let mut stored = RgbImage::new(5, 3);
        stored.put_pixel(0, 0, Rgb([9, 9, 9]));
        // The upper left corner goes round with the clock.
        for (turn, at) in [(Turn::Right, (2, 0)), (Turn::Half, (4, 2)), (Turn::Left, (0, 4)), (Turn::None, (0, 0))] {
            assert_eq!(picture(stored.clone(), turn)[at], Rgb([9, 9, 9]), "{turn:?}");
            let twice = picture(picture(stored.clone(), turn), Turn::Right);
            assert_eq!(picture(stored.clone(), sum(turn, Turn::Right)), twice);
        }
    }

    #[test]
    fn a_matrix_is_read_the_other_way_round() {
        // A phone that was held upright: stored lying on its left side, and a matrix of -90.
        assert_eq!(of_matrix(-90.0), Some(Turn::Right));
        assert_eq!(of_matrix(90.0), Some(Turn::Left));
        assert_eq!((of_matrix(-180.0), of_matrix(180.0)), (Some(Turn::Half), Some(Turn::Half)));
        assert_eq!((of_matrix(0.0), of_matrix(-270.0), of_matrix(45.0)), (Some(Turn::None), Some(Turn::Left), None));
    }
}
