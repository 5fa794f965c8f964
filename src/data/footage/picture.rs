//! One picture file to upright sRGB bytes.

use std::io::{BufRead, Seek};

use image::{DynamicImage, ImageDecoder as _, ImageReader, RgbImage, metadata::Orientation};

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
pub fn upright(file: impl BufRead + Seek) -> Result<Picture, String> {
    let reader = ImageReader::new(file).with_guessed_format().map_err(|e| e.to_string())?;
    let mut decoder = reader.into_decoder().map_err(|e| e.to_string())?;
    if decoder.total_bytes() > LARGEST {
        let (width, height) = decoder.dimensions();
        return Err(format!("{width} x {height} pixels are too many"));
    }
    let orientation = decoder.orientation().map_err(|e| e.to_string())?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|e| e.to_string())?;
    picture.apply_orientation(orientation);
    let rgb = picture.into_rgb8();
    if rgb.width() == 0 || rgb.height() == 0 {
        return Err("the picture is empty".to_owned());
    }
    Ok(Picture { rgb, marked: orientation != Orientation::NoTransforms })
}
