//! JPEG files that are whole. The image crate's decoder fills what is missing with grey and says nothing, so a file that
//! breaks off, or is damaged inside, would be learnt from as half a face. Here the same decoder runs strictly.

use image::metadata::Orientation;
use image::{DynamicImage, GenericImageView as _, GrayImage, RgbImage};
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
    let decoded = match decode_as(bytes, largest, true) {
        Err(e) if e.contains(HARMLESS) => decode_as(bytes, largest, false),
        outcome => outcome,
    }?;
    if may_be_cut(bytes, &decoded.0) && needs_more(bytes, largest, &decoded.0) {
        return Err("the JPEG file is incomplete: it ends before its last row".to_owned());
    }
    Ok(decoded)
}

/// Side of a block of pixels.
const BLOCK: u32 = 8;
/// How far colours of blocks with the same content lie apart in the mean: those of neighbours reach in.
const ALIKE: u64 = 4;

/// Whether the picture may be one that was cut off and given an end mark, which the strict decoder takes for whole: the decoder repeats
/// the last block that it has, so the last one is the one before it. The last scan of a progressive file adds detail alone, so there the
/// pixels do not tell.
fn may_be_cut(bytes: &[u8], picture: &DynamicImage) -> bool {
    let (w, h) = (picture.width(), picture.height());
    let left = (w - 1) / BLOCK * BLOCK;
    // Blocks that are stored together span one or two of them.
    let repeats = |back: u32| {
        let pixels = ((h - 1) / BLOCK * BLOCK..h).flat_map(|y| (left..w).map(move |x| (x, y)));
        let (mut sum, mut count) = (0, 0);
        for (x, y) in pixels {
            let (one, other) = (picture.get_pixel(x, y).0, picture.get_pixel(x - back, y).0);
            sum += (0..3).map(|c| u64::from(one[c].abs_diff(other[c]))).sum::<u64>();
            count += 3;
        }
        sum <= ALIKE * count
    };
    scan_end(bytes).is_some_and(|end| end.progressive) || left < 2 * BLOCK || repeats(BLOCK) || repeats(2 * BLOCK)
}

/// Whether bytes that are put before the end mark change the picture: then the decoder had not come to the end of its pixels.
fn needs_more(bytes: &[u8], largest: u64, picture: &DynamicImage) -> bool {
    /// Enough for many blocks.
    const MORE: usize = 512;
    let Some(end) = scan_end(bytes) else { return false };
    let mut longer = bytes[..end.at].to_vec();
    // Any bytes that are no marks.
    longer.extend((0..MORE).map(|i| (i * 89 % 251) as u8));
    longer.extend_from_slice(&bytes[end.at..]);
    !decode_as(&longer, largest, false).is_ok_and(|(other, _)| other == *picture)
}

/// Where the last scan of a file ends.
struct ScanEnd {
    /// Place of the end mark.
    at: usize,
    progressive: bool,
}

/// Walks over the segments of the first picture in `bytes`; `None` where it has no end mark.
fn scan_end(bytes: &[u8]) -> Option<ScanEnd> {
    const START: u8 = 0xd8;
    const PROGRESSIVE: u8 = 0xc2;
    const END: u8 = 0xd9;
    let is_within = |mark: u8| mark == 0 || (0xd0..=0xd7).contains(&mark);
    let (mut at, mut progressive) = (0, false);
    loop {
        // Bytes between segments are passed over, and so is what a scan holds.
        at += bytes.get(at..)?.windows(2).position(|pair| pair[0] == 0xff && pair[1] != 0xff && !is_within(pair[1]))?;
        let mark = bytes[at + 1];
        match mark {
            END => return Some(ScanEnd { at, progressive }),
            START => at += 2,
            _ => {
                progressive |= mark == PROGRESSIVE;
                let length = bytes.get(at + 2..at + 4)?;
                at += 2 + usize::from(u16::from_be_bytes([length[0], length[1]]));
            }
        }
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
    fn a_picture_with_flat_corners_is_whole() {
        for (width, height) in [(64, 64), (61, 35), (8, 8), (1, 1), (17, 100)] {
            let flat = RgbImage::from_pixel(width, height, Rgb([9, 9, 9]));
            for picture in [DynamicImage::ImageRgb8(flat.clone()), DynamicImage::ImageRgb8(flat).into_luma8().into()] {
                decode(&encoded(&picture), 1 << 29).unwrap();
            }
        }
    }

    #[test]
    fn a_file_that_breaks_off_is_refused() {
        let whole = encoded(&DynamicImage::ImageRgb8(busy()));
        for share in [35, 60, 90] {
            let cut = whole[..whole.len() * share / 100].to_vec();
            assert!(decode(&cut, 1 << 29).is_err(), "{share} %");
        }
        // An end mark does not make it whole, as far as its last block shows.
        for share in [35, 60, 90] {
            let mut cut = whole[..whole.len() * share / 100].to_vec();
            cut.extend([0xff, 0xd9]);
            assert!(decode(&cut, 1 << 29).is_err_and(|e| e.contains("incomplete")), "{share} %");
        }
        assert!(decode(&whole, 64 * 64).unwrap_err().contains("too many"));
    }
}
