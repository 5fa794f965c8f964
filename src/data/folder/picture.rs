//! One picture file to a square of sRGB bytes: upright, its central square, scaled.

use std::io::BufReader;
use std::path::Path;

use image::RgbImage;
use image::imageops::{self, FilterType};

use crate::data::footage::upright;
use crate::paths::open_file;

/// The picture in `path` as `size * size * 3` bytes. The camera's orientation mark is obeyed, transparency dropped,
/// the central square cut out and scaled by a triangle filter that covers every source pixel. Faces are expected to be
/// cropped already. The error is half a sentence.
pub(super) fn read_square(path: &Path, size: u32) -> Result<RgbImage, String> {
    let file = open_file(path).map_err(|e| e.to_string())?;
    let picture = upright(BufReader::new(file))?.rgb;
    let (width, height) = picture.dimensions();
    let side = width.min(height);
    let square = imageops::crop_imm(&picture, (width - side) / 2, (height - side) / 2, side, side).to_image();
    Ok(if side == size { square } else { imageops::resize(&square, size, size, FilterType::Triangle) })
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use image::{DynamicImage, ImageEncoder as _, Rgb};

    use super::*;

    #[test]
    fn every_format_that_is_named_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let picture =
            RgbImage::from_fn(32, 32, |x, y| if (x < 16) == (y < 16) { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) });
        for extension in crate::data::PICTURES.into_iter().filter(|e| *e != "jfif") {
            let path = folder.path().join(format!("face.{extension}"));
            picture.save(&path).unwrap();
            let read = read_square(&path, 32).unwrap();
            let [near, far] = [(3, 3), (28, 3)].map(|(x, y)| read.get_pixel(x, y).0);
            assert!(near[0] > 240 && near[2] < 15 && far[0] < 15 && far[2] > 240, "{extension}: {near:?} {far:?}");
        }
    }

    #[test]
    fn the_central_square_is_scaled_over_all_its_pixels() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wide.png");
        // 8 x 4: green margins, and in the middle a checkerboard that must average to grey.
        let pixel = |x: u32, y: u32| match x {
            2..6 if (x + y).is_multiple_of(2) => Rgb([255, 255, 255]),
            2..6 => Rgb([0, 0, 0]),
            _ => Rgb([0, 255, 0]),
        };
        RgbImage::from_fn(8, 4, pixel).save(&path).unwrap();
        let same = read_square(&path, 4).unwrap();
        assert_eq!(same, RgbImage::from_fn(4, 4, |x, y| pixel(x + 2, y)));
        for p in read_square(&path, 2).unwrap().pixels() {
            assert!(p.0.iter().all(|&v| (100..156).contains(&v)), "{p:?}");
        }
        assert_eq!(read_square(&path, 9).unwrap().dimensions(), (9, 9));
    }

    #[test]
    fn grey_deep_and_transparent_pictures_become_rgb_and_content_beats_extension() {
        let folder = tempfile::tempdir().unwrap();
        let pictures = [
            DynamicImage::ImageLuma8(image::GrayImage::from_pixel(3, 3, image::Luma([100]))),
            DynamicImage::ImageLuma16(image::ImageBuffer::from_pixel(3, 3, image::Luma([25_700]))),
            DynamicImage::ImageRgba8(image::RgbaImage::from_pixel(3, 3, image::Rgba([100, 100, 100, 7]))),
        ];
        for picture in pictures {
            let path = folder.path().join("a.jpg");
            picture.save_with_format(&path, image::ImageFormat::Png).unwrap();
            assert_eq!(read_square(&path, 3).unwrap(), RgbImage::from_pixel(3, 3, Rgb([100; 3])));
        }
    }

    #[test]
    fn the_orientation_mark_of_cameras_is_obeyed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("turned.jpg");
        // Upper half white; orientation 6 means: turn clockwise to show, so the right half is white then.
        let stored = RgbImage::from_fn(32, 32, |_, y| Rgb([if y < 16 { 255 } else { 0 }; 3]));
        let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        let mut encoder = JpegEncoder::new(std::fs::File::create(&path).unwrap());
        encoder.set_exif_metadata(exif).unwrap();
        encoder.write_image(&stored, 32, 32, image::ExtendedColorType::Rgb8).unwrap();
        let shown = read_square(&path, 32).unwrap();
        assert!(shown[(28, 4)].0[0] > 200 && shown[(28, 28)].0[0] > 200, "right half");
        assert!(shown[(4, 4)].0[0] < 50 && shown[(4, 28)].0[0] < 50, "left half");
    }

    #[test]
    fn broken_files_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        assert!(read_square(&path, 8).is_err());
        for bytes in [&b""[..], b"not a picture", b"\x89PNG\r\n\x1a\n"] {
            std::fs::write(&path, bytes).unwrap();
            assert!(read_square(&path, 8).is_err());
        }
        RgbImage::new(16, 16).save(&path).unwrap();
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(read_square(&path, 8).is_err());
        // A header that promises 60,000 x 60,000 pixels.
        let mut bmp = vec![b'B', b'M', 0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0];
        bmp.extend(60_000_u32.to_le_bytes());
        bmp.extend(60_000_u32.to_le_bytes());
        bmp.extend([1, 0, 24, 0]);
        bmp.extend([0; 24]);
        std::fs::write(&path, bmp).unwrap();
        assert!(read_square(&path, 8).unwrap_err().contains("60000"));
    }
}
