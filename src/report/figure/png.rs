//! PNG of a scene, at a resolution that the file tells.

use resvg::{tiny_skia, usvg};

use super::tree_of;
use crate::report::ReportError;

/// SVG pixels of an inch.
const CSS_DPI: f32 = 96.0;
/// Pixels that are drawn at most: four bytes each stand in memory at once.
const MOST: f32 = 150e6;

/// The scene as a PNG file of `dpi` pixels an inch, told in its pHYs chunk.
pub fn png_of(svg: &str, dpi: u32) -> Result<Vec<u8>, ReportError> {
    let tree = tree_of(svg)?;
    let scale = dpi as f32 / CSS_DPI;
    let [width, height] = [tree.size().width(), tree.size().height()].map(|v| (v * scale).round());
    if width * height > MOST {
        return Err(ReportError::Wrong(format!(
            "{width} x {height} pixels are more than a picture may have; take fewer dots an inch, or PDF"
        )));
    }
    let canvas = tiny_skia::Pixmap::new(width as u32, height as u32);
    let mut canvas = canvas.ok_or_else(|| ReportError::Drawing("the picture has no size".to_owned()))?;
    canvas.fill(tiny_skia::Color::WHITE);
    let (across, down) = (width / tree.size().width(), height / tree.size().height());
    resvg::render(&tree, usvg::Transform::from_scale(across, down), &mut canvas.as_mut());
    // White lies under everything, so nothing is transparent.
    let rgb: Vec<u8> = canvas.data().chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();

    let mut bytes = vec![];
    let mut encoder = png::Encoder::new(&mut bytes, canvas.width(), canvas.height());
    encoder.set_color(png::ColorType::Rgb);
    let per_metre = (f64::from(dpi) / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter }));
    let failed = |e: png::EncodingError| ReportError::Drawing(e.to_string());
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&rgb).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}
