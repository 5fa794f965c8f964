//! Pictures in rows and columns with words beside them, as one picture for people to look at; words on a picture; and a
//! picture as a small PNG file.

use embedded_graphics::Drawable as _;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::iso_8859_1::FONT_6X10;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor as _};
use embedded_graphics::text::{Baseline, Text};
use image::codecs::png::{self, CompressionType, PngEncoder};
use image::imageops::{self, FilterType};
use image::{ImageResult, Rgb, RgbImage};

/// Width and height of a letter, and the gap between pictures, in pixels.
const LETTER: (u32, u32) = (6, 10);
const GAP: u32 = 4;
/// Letters of a row's name that are shown.
const NAME: usize = 24;
/// Where the largest picture is smaller than this, it is shown several times as large, pixels as squares; so are others
/// as far as they fit into its place.
const SMALLEST: u32 = 128;

/// One row of a [`sheet`].
#[derive(Debug, Clone, PartialEq)]
pub struct SheetRow {
    /// Lines of words at its left.
    pub words: Vec<String>,
    /// A picture a column; `None` leaves its place free.
    pub pictures: Vec<Option<RgbImage>>,
}

/// Rows of pictures under the names of their columns, black on white; `notes` are lines at the foot. The same bytes
/// for the same pictures.
pub fn sheet(columns: &[&str], rows: &[SheetRow], notes: &[String]) -> RgbImage {
    let all = || rows.iter().flat_map(|row| row.pictures.iter().flatten());
    let (w, h) = (all().map(RgbImage::width).max().unwrap_or(1), all().map(RgbImage::height).max().unwrap_or(1));
    let times = SMALLEST.div_ceil(w.max(h)).max(1);
    let longest = rows.iter().flat_map(|row| &row.words).map(|words| words.chars().count().min(NAME)).max();
    let names = longest.unwrap_or(0) as u32 * LETTER.0 + 2 * GAP;
    let (wide, high) = (w * times, h * times);
    let (across, down) = (wide + GAP, high + GAP);
    let head = LETTER.1 + 2 * GAP;
    let grid = (names + columns.len() as u32 * across, head + rows.len() as u32 * down);
    let widest = notes.iter().map(|note| note.chars().count() as u32 * LETTER.0 + 2 * GAP).max().unwrap_or(0);
    let foot = notes.len() as u32 * (LETTER.1 + 2) + if notes.is_empty() { 0 } else { GAP };
    let mut sheet = RgbImage::from_pixel(grid.0.max(widest), grid.1 + foot, Rgb([255; 3]));
    for (c, name) in columns.iter().enumerate() {
        let fits: String = name.chars().take((wide / LETTER.0) as usize).collect();
        write(&mut sheet, names + c as u32 * across, GAP, &fits);
    }
    for (r, row) in rows.iter().enumerate() {
        let top = head + r as u32 * down;
        for (line, words) in row.words.iter().enumerate() {
            // Paths differ at their ends.
            let words: String = words.chars().skip(words.chars().count().saturating_sub(NAME)).collect();
            write(&mut sheet, GAP, top + line as u32 * (LETTER.1 + 2), &words);
        }
        for (c, picture) in row.pictures.iter().enumerate() {
            let Some(picture) = picture else { continue };
            let (w, h) = picture.dimensions();
            let times = (wide / w.max(1)).min(high / h.max(1)).max(1);
            let large = imageops::resize(picture, w * times, h * times, FilterType::Nearest);
            imageops::replace(&mut sheet, &large, i64::from(names + c as u32 * across), i64::from(top));
        }
    }
    for (line, note) in notes.iter().enumerate() {
        write(&mut sheet, GAP, grid.1 + GAP + line as u32 * (LETTER.1 + 2), note);
    }
    sheet
}

/// The bytes of a PNG file, as small as they get.
pub fn png(picture: &RgbImage) -> ImageResult<Vec<u8>> {
    let mut bytes = vec![];
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, png::FilterType::Adaptive);
    picture.write_with_encoder(encoder)?;
    Ok(bytes)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_stand_whole_in_their_places_with_words_outside() {
        let picture = |n: u8| RgbImage::from_fn(64, 50, |x, y| Rgb([n, x as u8, y as u8]));
        let small = |n: u8| RgbImage::from_pixel(20, 10, Rgb([n, 7, 7]));
        let row = |n: u8| SheetRow {
            words: vec!["live".to_owned(), "face".to_owned()],
            pictures: vec![Some(picture(n)), None, Some(small(n))],
        };
        let notes = ["at the foot".to_owned()];
        let sheet = sheet(&["RGB", "Albedo", "Depth"], &[row(1), row(2)], &notes);
        // Twice as large, behind names of four letters.
        let (left, top) = (4 * 6 + 8, 18);
        assert_eq!(sheet.dimensions(), (left + 3 * 132, top + 2 * 104 + 16));
        for (n, y0) in [(1, top), (2, top + 104)] {
            for (x, y) in [(0, 0), (63, 49), (10, 20)] {
                assert_eq!(*sheet.get_pixel(left + 2 * x + 1, y0 + 2 * y), Rgb([n, x as u8, y as u8]));
            }
            // A smaller one is as large as fits into its place in whole pixels: six times.
            assert_eq!(*sheet.get_pixel(left + 264 + 119, y0 + 59), Rgb([n, 7, 7]));
            assert_eq!(*sheet.get_pixel(left + 264 + 120, y0 + 59), Rgb([255; 3]));
        }
        let dark = |x0: u32, y0: u32, w: u32, h: u32| {
            (0..w * h).filter(|i| *sheet.get_pixel(x0 + i % w, y0 + i / w) == Rgb([0; 3])).count()
        };
        assert!(dark(0, top, left, 24) > 40 && dark(left, 0, 132, top) > 20 && dark(0, top + 208, 100, 16) > 40);
        assert_eq!(dark(left + 132, top, 132, 208), 0, "a place without a picture is free");
    }
}
