//! JPEG files that are whole. The image crate's decoder fills what is missing with grey and says nothing, so a file that
//! breaks off, or is damaged inside, would be learnt from as half a face. Here the same decoder runs strictly.

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Bytes between two headers, which harm no pixel. The decoder's strict mode refuses them as well.
const HARMLESS: &str = "Extra bytes between headers";

/// Whether the bytes begin like a JPEG file.
pub(in crate::data) fn is_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xd8, 0xff])
}

/// The stored pixels, of one or three channels, and how a viewer turns them. More than `largest` decoded bytes are
/// refused. The error is half a sentence.
pub(in crate::data) fn decode(bytes: &[u8], largest: u64) -> Result<(DynamicImage, Orientation), String> {
    match decode_as(bytes, largest, true) {
        Err(e) if e.contains(HARMLESS) => decode_as(bytes, largest, false),
        outcome => outcome,
    }
}

fn decode_as(bytes: &[u8], largest: u64, strict: bool) -> Result<(DynamicImage, Orientation), String> {
    let options =
        DecoderOptions::default().set_strict_mode(strict).set_max_width(usize::MAX).set_max_height(usize::MAX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let broken = |e: &dyn std::fmt::Display| format!("the JPEG file is damaged or incomplete: {e}");
    decoder.decode_headers().map_err(|e| broken(&e))?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    if width as u64 * height as u64 * 3 > largest {
        return Err(format!("{width} x {height} pixels are too many"));
    }
    let grey = decoder.input_colorspace() == Some(ColorSpace::Luma);
    let space = if grey { ColorSpace::Luma } else { ColorSpace::RGB };
    decoder.set_options(decoder.options().jpeg_set_out_colorspace(space));
    let pixels = decoder.decode().map_err(|e| broken(&e))?;
    let orientation = decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif));
    let (w, h) = (width as u32, height as u32);
    let picture = if grey {
        GrayImage::from_raw(w, h, pixels).map(DynamicImage::ImageLuma8)
    } else {
        RgbImage::from_raw(w, h, pixels).map(DynamicImage::ImageRgb8)
    };
    let picture = picture.ok_or_else(|| broken(&"pixels are missing"))?;
    Ok((picture, orientation.unwrap_or(Orientation::NoTransforms)))
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use image::{ImageFormat, Rgb};

    use super::*;

    fn busy() -> RgbImage {
        RgbImage::from_fn(64, 64, |x, y| Rgb([(x * 37 + y * 11) as u8, (x * y) as u8, (y * 91) as u8]))
    }

    fn encoded(picture: &DynamicImage) -> Vec<u8> {
        let mut bytes = vec![];
        picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90)).unwrap();
        bytes
    }

    #[test]
    fn a_whole_file_gives_the_pixels_that_the_image_crate_gives() {
        let grey = DynamicImage::ImageRgb8(busy()).into_luma8();
        for picture in [DynamicImage::ImageRgb8(busy()), DynamicImage::ImageLuma8(grey)] {
            let mut bytes = encoded(&picture);
            let expected = image::load_from_memory_with_format(&bytes, ImageFormat::Jpeg).unwrap();
            assert_eq!(decode(&bytes, 1 << 29).unwrap().0, expected);
            // Padding behind the end harms nothing.
            bytes.extend([0; 100]);
            assert_eq!(decode(&bytes, 1 << 29).unwrap().0, expected);
        }
    }

    #[test]
    fn a_file_that_breaks_off_is_refused() {
        let whole = encoded(&DynamicImage::ImageRgb8(busy()));
        for share in [35, 60, 90] {
            let cut = whole[..whole.len() * share / 100].to_vec();
            assert!(decode(&cut, 1 << 29).is_err(), "{share} %");
        }
        assert!(decode(&whole, 64 * 64).unwrap_err().contains("too many"));
    }
}
