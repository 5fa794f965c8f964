//! A sheet of pictures of one set: each kind of presentation by each camera, with words below. For people to look at.

use std::collections::BTreeMap;
use std::io::Cursor;

use embedded_graphics::Drawable as _;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::ascii::FONT_6X10;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor as _};
use embedded_graphics::text::{Baseline, Text};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{ImageFormat, Rgb, RgbImage};

use crate::data::clip::SetName;

use super::{BuiltinError, Planned, Tree};

/// Side of a picture's place, and room for words below it, in pixels.
const CELL: u32 = 132;
const WORDS: u32 = 14;
/// Most pictures a row and rows.
const COLUMNS: usize = 9;

/// The sheet as a JPEG file; its clips must lie in the tree.
pub fn jpeg(tree: &Tree, set: SetName, clips: &[Planned]) -> Result<Vec<u8>, BuiltinError> {
    // A row a kind; in a row other cameras, places and people as far as there are any.
    let mut rows: BTreeMap<(usize, String), Vec<&Planned>> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for clip in clips {
        let kind = format!("{} {}", clip.info.species, clip.info.instrument);
        let at = order.iter().position(|k| *k == kind).unwrap_or_else(|| {
            order.push(kind.clone());
            order.len() - 1
        });
        rows.entry((at, kind)).or_default().push(clip);
    }
    let (width, height) = (COLUMNS as u32 * CELL, rows.len() as u32 * (CELL + WORDS));
    let mut sheet = RgbImage::from_pixel(width, height, Rgb([255; 3]));
    for (r, ((_, kind), of_kind)) in rows.iter().enumerate() {
        let count = of_kind.len().min(COLUMNS);
        for c in 0..count {
            // Golden steps meet all cameras and people alike, whatever order the set has.
            let golden = (c as f64 * 0.618_034).fract() * of_kind.len() as f64;
            let planned = of_kind[if of_kind.len() > COLUMNS { golden as usize } else { c }];
            let stored = tree
                .read(planned)
                .map_err(|reason| BuiltinError::Unreadable { path: tree.video_path(planned), reason })?;
            let frame = stored.video.frames.first().map(|f| image::load_from_memory_with_format(f, ImageFormat::Jpeg));
            let Some(Ok(frame)) = frame else { continue };
            let frame = if stored.video.turned { frame.rotate180() } else { frame }.into_rgb8();
            let longest = frame.width().max(frame.height());
            let scale = (CELL - 4) as f32 / longest as f32;
            let (w, h) = ((frame.width() as f32 * scale) as u32, (frame.height() as f32 * scale) as u32);
            let small = imageops::resize(&frame, w.max(1), h.max(1), FilterType::CatmullRom);
            let (x, y) = (c as u32 * CELL + (CELL - w) / 2, r as u32 * (CELL + WORDS) + (CELL - h) / 2);
            imageops::replace(&mut sheet, &small, i64::from(x), i64::from(y));
            let info = &planned.info;
            let words = format!("{} {} {}", kind.trim(), info.camera, info.session);
            let words: String = words.trim().chars().take(CELL as usize / 6).collect();
            write(&mut sheet, c as u32 * CELL + 2, r as u32 * (CELL + WORDS) + CELL, &words);
        }
    }
    let mut out = Cursor::new(Vec::new());
    JpegEncoder::new_with_quality(&mut out, 90)
        .encode_image(&sheet)
        .map_err(|e| BuiltinError::Unreadable { path: tree.set_root(set), reason: e.to_string() })?;
    Ok(out.into_inner())
}

/// Writes a line of letters 6 pixels wide and 10 high, black, with its upper left corner at (x, y).
pub fn write(sheet: &mut RgbImage, x: u32, y: u32, words: &str) {
    let style = MonoTextStyle::new(&FONT_6X10, Rgb888::BLACK);
    let place = Point::new(x as i32, y as i32);
    let Ok(_end) = Text::with_baseline(words, place, style, Baseline::Top).draw(&mut Paper(sheet));
}

/// The sheet as something that words can be drawn on.
struct Paper<'a>(&'a mut RgbImage);

impl OriginDimensions for Paper<'_> {
    fn size(&self) -> Size {
        Size::new(self.0.width(), self.0.height())
    }
}

impl DrawTarget for Paper<'_> {
    type Color = Rgb888;
    type Error = std::convert::Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Self::Error>
    where
        I: IntoIterator<Item = embedded_graphics::Pixel<Rgb888>>,
    {
        for embedded_graphics::Pixel(p, colour) in pixels {
            if let (Ok(x), Ok(y)) = (u32::try_from(p.x), u32::try_from(p.y))
                && x < self.0.width()
                && y < self.0.height()
            {
                self.0.put_pixel(x, y, Rgb([colour.r(), colour.g(), colour.b()]));
            }
        }
        Ok(())
    }
}
