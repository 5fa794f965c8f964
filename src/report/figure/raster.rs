//! Pictures within a figure, at the resolution they have: a map of 32 x 32 values stays an image of 32 x 32 pixels, which
//! viewers enlarge.

use base64::Engine as _;

use crate::report::Scale;

/// A picture of RGB bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// sRGB, `width * height * 3` bytes.
    pub rgb: Vec<u8>,
    /// Photographs are enlarged smoothly; maps keep their pixels as squares.
    pub smooth: bool,
    /// Values of a map that are no finite numbers and are drawn magenta.
    pub gaps: usize,
}

impl Raster {
    /// A photograph of `side * side` pixels.
    pub fn photo(side: usize, rgb: Vec<u8>) -> Self {
        Self { width: side, height: side, rgb, smooth: true, gaps: 0 }
    }

    /// A map of `side * side` values, row by row.
    pub fn map(side: usize, values: &[f32], scale: &Scale) -> Self {
        let rgb = values.iter().flat_map(|&v| scale.rgb(v)).collect();
        let gaps = values.iter().filter(|v| !v.is_finite()).count();
        Self { width: side, height: side, rgb, smooth: false, gaps }
    }

    /// As PNG within a URI. The pixels are checked to be there before.
    pub(super) fn uri(&self) -> String {
        let mut bytes = vec![];
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::Balanced);
        let whole = self.rgb.len() == self.width * self.height * 3;
        let written = encoder.write_header().and_then(|mut w| w.write_image_data(&self.rgb));
        debug_assert!(whole && written.is_ok(), "a raster has all its pixels");
        format!("data:image/png;base64,{}", base64::engine::general_purpose::STANDARD.encode(bytes))
    }
}
