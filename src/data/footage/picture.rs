//! One picture file to upright sRGB bytes.

use std::io::{BufRead, Cursor, Seek};

use image::{DynamicImage, ImageDecoder as _, ImageReader, RgbImage, metadata::Orientation};

use crate::data::jpeg;

/// Decoded size above which a file is refused, in bytes: broken headers promise anything.
const LARGEST: u64 = 1 << 29;

/// A picture that stands upright.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Its pixels.
    pub rgb: RgbImage,
    /// Whether the camera's mark said how it has to be turned, which was obeyed.
    pub marked: bool,
}

/// The picture in a file of any name. The camera's orientation mark is obeyed, transparency dropped. The error is half a
/// sentence.
pub fn upright(mut file: impl BufRead + Seek) -> Result<Picture, String> {
    let mut bytes = vec![];
    file.read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    let (mut picture, orientation) = if jpeg::is_jpeg(&bytes) { jpeg::decode(&bytes, LARGEST) } else { other(&bytes) }?;
    picture.apply_orientation(orientation);
    let rgb = picture.into_rgb8();
    if rgb.width() == 0 || rgb.height() == 0 {
        return Err("the picture is empty".to_owned());
    }
    Ok(Picture { rgb, marked: orientation != Orientation::NoTransforms })
}

/// A picture of any other format that is read.
fn other(bytes: &[u8]) -> Result<(DynamicImage, Orientation), String> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|e| e.to_string())?;
    let mut decoder = reader.into_decoder().map_err(|e| e.to_string())?;
    if decoder.total_bytes() > LARGEST {
        let (width, height) = decoder.dimensions();
        return Err(format!("{width} x {height} pixels are too many"));
    }
    let orientation = decoder.orientation().map_err(|e| e.to_string())?;
    Ok((DynamicImage::from_decoder(decoder).map_err(|e| e.to_string())?, orientation))
}
