//! One picture file to the very bytes it stores, for maps that are defined on them: nothing is rounded or laid over a
//! ground. The camera's orientation mark is obeyed, as everywhere.

use std::io::{self, BufReader, Cursor, Read as _};
use std::path::Path;

use image::{ColorType, DynamicImage, ImageDecoder as _, ImageError, ImageReader, RgbImage};
use thiserror::Error;

use super::jpeg;
use crate::paths::open_file;

/// Decoded size above which a file is refused, in bytes: broken headers promise anything.
const LARGEST: u64 = 1 << 29;

/// Why a file is no picture to make maps of.
#[derive(Debug, Error)]
pub enum PictureError {
    /// The file cannot be opened.
    #[error("{file}: the picture cannot be read: {source}")]
    Io {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// It holds no picture, or a broken one.
    #[error("{file}: this cannot be read as a picture ({source})")]
    Broken {
        /// The file.
        file: String,
        /// Why.
        source: ImageError,
    },
    /// A JPEG file that breaks off or is damaged.
    #[error("{file}: this cannot be read as a picture ({why})")]
    Damaged {
        /// The file.
        file: String,
        /// Half a sentence.
        why: String,
    },
    /// Too many pixels.
    #[error("{file}: {width} x {height} pixels are too many; cut the face out first")]
    TooLarge {
        /// The file.
        file: String,
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// More or less than 8 bits a channel.
    #[error("{0}: this picture has not 8 bits a channel, which the maps are defined on; convert it first")]
    Bits(String),
    /// Some of it is transparent.
    #[error("{0}: this picture is transparent in places; put it on a ground first")]
    Transparent(String),
}

/// The picture in a file of any name, of 8 bits a channel and nowhere transparent, at most `longest` pixels a side; grey
/// is copied to three channels.
pub fn stored_rgb(path: &Path, longest: u32) -> Result<RgbImage, PictureError> {
    let name = || path.display().to_string();
    let broken = |source: ImageError| PictureError::Broken { file: name(), source };
    let file = open_file(path).map_err(|source| PictureError::Io { file: name(), source })?;
    let mut bytes = vec![];
    let read = BufReader::new(file).read_to_end(&mut bytes);
    read.map_err(|source| PictureError::Io { file: name(), source })?;
    let reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format();
    let mut decoder = reader.map_err(ImageError::IoError).and_then(ImageReader::into_decoder).map_err(broken)?;
    let (width, height) = decoder.dimensions();
    if decoder.total_bytes() > LARGEST || width.max(height) > longest {
        return Err(PictureError::TooLarge { file: name(), width, height });
    }
    if !matches!(decoder.color_type(), ColorType::L8 | ColorType::La8 | ColorType::Rgb8 | ColorType::Rgba8) {
        return Err(PictureError::Bits(name()));
    }
    let (mut picture, orientation) = if jpeg::is_jpeg(&bytes) {
        jpeg::decode(&bytes, LARGEST).map_err(|why| PictureError::Damaged { file: name(), why })?
    } else {
        let orientation = decoder.orientation().map_err(broken)?;
        (DynamicImage::from_decoder(decoder).map_err(broken)?, orientation)
    };
    picture.apply_orientation(orientation);
    let clear = match &picture {
        DynamicImage::ImageLumaA8(p) => p.pixels().any(|p| p.0[1] < 255),
        DynamicImage::ImageRgba8(p) => p.pixels().any(|p| p.0[3] < 255),
        _ => false,
    };
    if clear { Err(PictureError::Transparent(name())) } else { Ok(picture.into_rgb8()) }
}
