//! The faces of a preview as one picture: a row a class, with words.

use image::{Rgb, RgbImage};

use crate::data::footage::Reader;
use crate::data::sheet::write as words;

use super::{Polarity, Preview, Reading};

/// Side of a face, and room between and for words, in pixels.
const SIDE: u32 = 160;
const GAP: u32 = 8;
const LINE: u32 = 14;
/// Faces a row.
const COLUMNS: u32 = 4;

/// The sheet, and what could not be shown, in plain sentences. Videos are read by `reader`.
pub fn sheet(preview: &Preview, reader: &Reader) -> (RgbImage, Vec<String>) {
    let width = COLUMNS * (SIDE + GAP) + GAP;
    let row = LINE + SIDE + LINE + GAP;
    let head = 3 * LINE + GAP;
    let mut sheet = RgbImage::from_pixel(width, head + preview.classes.len() as u32 * row, Rgb([255; 3]));
    let mut problems = vec![];
    let sure = match &preview.polarity {
        Polarity::Known { .. } => "known",
        Polarity::Likely { .. } => "likely, to be confirmed",
        Polarity::Unknown { .. } => "not known, must be said",
    };
    let reading = match preview.polarity.reading() {
        Some(Reading::Numbers(l)) => format!(", {l}"),
        Some(Reading::Words) | None => String::new(),
    };
    let chosen = preview.choice.map_or(String::new(), |c| format!("; chosen: {c}"));
    words(&mut sheet, GAP, GAP, &preview.title);
    words(&mut sheet, GAP, GAP + LINE, &preview.because);
    words(&mut sheet, GAP, GAP + 2 * LINE, &format!("which labels mean live: {sure}{reading}{chosen}"));
    for (r, class) in preview.classes.iter().enumerate() {
        let top = head + r as u32 * row;
        words(&mut sheet, GAP, top, &format!("{}: {} clips", class.name, class.clips));
        for (c, thumbnail) in class.thumbnails.iter().enumerate() {
            let left = GAP + c as u32 * (SIDE + GAP);
            match thumbnail.load(SIDE, reader) {
                Ok(rgb) => {
                    for (i, pixel) in rgb.as_chunks::<3>().0.iter().enumerate() {
                        let (x, y) = (i as u32 % SIDE, i as u32 / SIDE);
                        sheet.put_pixel(left + x, top + LINE + y, Rgb(*pixel));
                    }
                }
                Err(e) => {
                    words(&mut sheet, left, top + LINE + SIDE / 2, "cannot be shown");
                    problems.push(format!("{} cannot be shown ({e}).", thumbnail.clip));
                }
            }
            // The end of a name tells clips apart.
            let species = if thumbnail.species.is_empty() { String::new() } else { format!("{}: ", thumbnail.species) };
            let fits = ((SIDE / 6) as usize).saturating_sub(species.chars().count());
            let letters: Vec<char> = thumbnail.clip.chars().collect();
            let name: String = letters[letters.len().saturating_sub(fits)..].iter().collect();
            words(&mut sheet, left, top + LINE + SIDE + 2, &(species + &name));
        }
    }
    (sheet, problems)
}
