//! A sheet of pictures of one set: each kind of presentation by each camera, with words below. For people to look at.

use std::collections::BTreeMap;
use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{ImageFormat, Rgb, RgbImage};

use crate::data::clip::SetName;
use crate::data::sheet::write;

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
