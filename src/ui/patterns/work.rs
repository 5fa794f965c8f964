//! Making maps of faces and writing them side by side, on a thread of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::RgbImage;

use super::{LearnedPatterns, MadeRow, PatternColumn, kind_of};
use crate::data::Label;
use crate::data::picture::stored_rgb;
use crate::data::sheet::{SheetRow, png, sheet};
use crate::features::{ColorLbp, HandMade};
use crate::session::{WatchedFaces, replace_file};

/// Longest side of a picture that is shown, in pixels.
const LONGEST: u32 = 2048;

/// One face and its maps.
#[derive(Debug, Clone, PartialEq)]
pub struct PatternRow {
    /// The face's key, or the file's path.
    pub name: String,
    /// Live or attack, where it is known.
    pub label: Option<Label>,
    /// Attack species, or "live"; empty where unknown.
    pub species: String,
    /// Number among the watched faces; `None` for files.
    pub watched: Option<usize>,
    /// The file it was read from.
    pub file: Option<PathBuf>,
    /// Pixels across and down.
    pub size: (usize, usize),
    /// sRGB bytes.
    pub rgb: Vec<u8>,
    /// Maps in the order of [`HandMade::ALL`], three bytes a pixel.
    pub maps: [Vec<u8>; 4],
    /// Side and bytes of the facial depth, where the data bring it.
    pub depth: Option<(usize, Vec<u8>)>,
}

impl PatternRow {
    fn new(name: String, size: (usize, usize), rgb: Vec<u8>, lbp: ColorLbp) -> Result<Self, String> {
        let maps = HandMade::all(&rgb, size, lbp).map_err(|e| e.to_string())?;
        Ok(Self { name, label: None, species: String::new(), watched: None, file: None, size, rgb, maps, depth: None })
    }

    /// What `column` shows as bytes a screen can show, three a pixel, and its pixels across and down. `stretch` spreads
    /// a map's values over all there are.
    pub(in crate::ui) fn pixels(
        &self,
        column: PatternColumn,
        learned: Option<&LearnedPatterns>,
        stretch: bool,
    ) -> Option<((usize, usize), Vec<u8>)> {
        let (size, bytes) = match column {
            PatternColumn::Rgb => return Some((self.size, self.rgb.clone())),
            PatternColumn::Made(map) => (self.size, self.made(map)?.to_vec()),
            PatternColumn::FacialDepth => {
                let (side, depth) = self.depth.as_ref()?;
                ((*side, *side), depth.iter().flat_map(|&v| [v; 3]).collect())
            }
            PatternColumn::Learned => {
                let learned = learned?;
                let values = learned.faces.get(self.watched?)?;
                let (least, range) = if stretch { limits(values) } else { (0.0, 1.0) };
                let byte = |v: &f32| (255.0 * (v - least) / range).round().clamp(0.0, 255.0) as u8;
                return Some(((learned.side, learned.side), values.iter().map(byte).collect()));
            }
        };
        Some((size, if stretch { stretched(bytes) } else { bytes }))
    }

    fn made(&self, map: HandMade) -> Option<&[u8]> {
        let at = HandMade::ALL.iter().position(|&m| m == map)?;
        Some(&self.maps[at])
    }

    /// Raw values of `column` at row `y` and column `x` of the picture; maps of another size have the pixel at that place.
    pub(super) fn values(
        &self,
        column: PatternColumn,
        learned: Option<&LearnedPatterns>,
        (y, x): (usize, usize),
    ) -> Option<Vec<String>> {
        let place = |side: usize| {
            let (w, h) = self.size;
            y * side / h.max(1) * side + x * side / w.max(1)
        };
        let here = y * self.size.0 + x;
        let bytes = |bytes: &[u8]| Some(bytes.get(3 * here..3 * here + 3)?.iter().map(ToString::to_string).collect());
        match column {
            PatternColumn::Rgb => bytes(&self.rgb),
            PatternColumn::Made(map) => bytes(self.made(map)?),
            PatternColumn::FacialDepth => {
                let (side, depth) = self.depth.as_ref()?;
                Some(vec![depth.get(place(*side))?.to_string()])
            }
            PatternColumn::Learned => {
                let learned = learned?;
                let at = 3 * place(learned.side);
                let values = learned.faces.get(self.watched?)?.get(at..at + 3)?;
                Some(values.iter().map(|&v| crate::ui::widgets::value_text(f64::from(v))).collect())
            }
        }
    }
}

/// Least value and range; a range of 1 where all are the same.
fn limits(values: &[f32]) -> (f32, f32) {
    let (least, most) = values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), &v| (a.min(v), b.max(v)));
    if most > least { (least, most - least) } else { (if least.is_finite() { least } else { 0.0 }, 1.0) }
}

/// Spreads bytes over 0 to 255; bytes that are all the same stay.
fn stretched(mut bytes: Vec<u8>) -> Vec<u8> {
    let (least, most) = (bytes.iter().copied().min().unwrap_or(0), bytes.iter().copied().max().unwrap_or(0));
    if most > least {
        let range = u32::from(most - least);
        // To the nearest.
        for b in &mut bytes {
            *b = ((u32::from(*b - least) * 255 + range / 2) / range) as u8;
        }
    }
    bytes
}

/// Faces to make maps of.
#[derive(Debug, Clone)]
pub struct PatternJob {
    /// Watched faces of the run in view.
    pub watched: Option<Arc<WatchedFaces>>,
    /// Picture files.
    pub files: Vec<PathBuf>,
    /// Which ColorLBP.
    pub lbp: ColorLbp,
}

impl PatternJob {
    /// Makes them all, watched faces first.
    pub fn run(&self) -> Vec<MadeRow> {
        let told = |name: String, made: Result<PatternRow, String>| made.map(Arc::new).map_err(|why| (name, why));
        let mut rows = vec![];
        if let Some(watched) = &self.watched {
            for i in 0..watched.faces.len() {
                rows.push(told(watched.faces[i].key.clone(), self.watched(watched, i)));
            }
        }
        rows.extend(self.files.iter().map(|path| told(path.display().to_string(), self.file(path))));
        rows
    }

    fn watched(&self, watched: &WatchedFaces, i: usize) -> Result<PatternRow, String> {
        let face = &watched.faces[i];
        let row = PatternRow::new(face.key.clone(), (watched.size, watched.size), face.rgb.clone(), self.lbp)?;
        let depth = face.depth.clone().map(|depth| (watched.depth_side, depth));
        Ok(PatternRow { label: Some(face.label), species: face.species.clone(), watched: Some(i), depth, ..row })
    }

    fn file(&self, path: &Path) -> Result<PatternRow, String> {
        let rgb = stored_rgb(path, LONGEST).map_err(|e| e.to_string())?;
        let size = (rgb.width() as usize, rgb.height() as usize);
        let row = PatternRow::new(path.display().to_string(), size, rgb.into_raw(), self.lbp)?;
        Ok(PatternRow { file: Some(path.to_owned()), ..row })
    }
}

/// Rows to write side by side.
#[derive(Debug, Clone)]
pub struct PatternSheet {
    /// Where to.
    pub out: PathBuf,
    /// Whether a file that stands there is replaced.
    pub replace: bool,
    /// The columns, with their names.
    pub columns: Vec<(PatternColumn, String)>,
    /// The faces.
    pub rows: Vec<Arc<PatternRow>>,
    /// Learned patterns of the watched faces.
    pub learned: Option<Arc<LearnedPatterns>>,
    /// Whether each map is stretched.
    pub stretch: bool,
    /// Lines at the foot.
    pub notes: Vec<String>,
}

impl PatternSheet {
    /// Writes the file, aside first.
    pub fn write(&self) -> Result<PathBuf, String> {
        if !self.replace && self.out.exists() {
            return Err(format!("{}: there is such a file already; choose another name", self.out.display()));
        }
        let picture = |row: &PatternRow, column| {
            let ((w, h), bytes) = row.pixels(column, self.learned.as_deref(), self.stretch)?;
            RgbImage::from_raw(w as u32, h as u32, bytes)
        };
        let row = |row: &Arc<PatternRow>| {
            let name = Path::new(&row.name).file_name().filter(|_| row.file.is_some());
            let name = name.map_or_else(|| row.name.clone(), |name| name.to_string_lossy().into_owned());
            SheetRow {
                words: vec![kind_of(row).to_owned(), name],
                pictures: self.columns.iter().map(|(column, _)| picture(row, *column)).collect(),
            }
        };
        let rows: Vec<SheetRow> = self.rows.iter().map(row).collect();
        let names: Vec<&str> = self.columns.iter().map(|(_, name)| name.as_str()).collect();
        let whole =
            png(&sheet(&names, &rows, &self.notes)).map_err(|e| format!("The picture could not be made: {e}"))?;
        replace_file(&self.out, &whole).map_err(|e| e.to_string())?;
        Ok(self.out.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::patterns::{PatternProbe, pattern_text};

    fn row() -> PatternRow {
        let rgb: Vec<u8> = (0..4 * 4 * 3).map(|i| (i * 5) as u8).collect();
        let row = PatternRow::new("a".to_owned(), (4, 4), rgb, ColorLbp::default()).unwrap();
        PatternRow { watched: Some(1), depth: Some((2, vec![10, 20, 30, 40])), ..row }
    }

    #[test]
    fn values_of_maps_of_other_sizes_are_those_of_the_same_place() {
        let learned = LearnedPatterns { side: 2, faces: vec![vec![], (0..12).map(|v| v as f32 / 16.0).collect()] };
        let columns = [PatternColumn::Rgb, PatternColumn::FacialDepth, PatternColumn::Learned];
        let probe = PatternProbe { row: 0, y: 3, x: 1 };
        let text = pattern_text(&row(), probe, &columns, Some(&learned));
        assert_eq!(text, "a · row 3, column 1 · RGB 195 200 205 · Facial depth 30 · Meta Pattern 0.3750 0.4375 0.5000");
        let without =
            pattern_text(&PatternRow { watched: None, depth: None, ..row() }, probe, &columns, Some(&learned));
        assert_eq!(without, "a · row 3, column 1 · RGB 195 200 205");
    }

    #[test]
    fn maps_are_shown_as_stored_or_stretched() {
        let learned = LearnedPatterns { side: 1, faces: vec![vec![], vec![0.2, 0.4, 1.0]] };
        let pixels = |column, stretch| row().pixels(column, Some(&learned), stretch).unwrap();
        assert_eq!(pixels(PatternColumn::Learned, false), ((1, 1), vec![51, 102, 255]));
        assert_eq!(pixels(PatternColumn::Learned, true), ((1, 1), vec![0, 64, 255]));
        let depth = |values: [u8; 4]| ((2, 2), values.into_iter().flat_map(|v| [v; 3]).collect::<Vec<u8>>());
        assert_eq!(pixels(PatternColumn::FacialDepth, false), depth([10, 20, 30, 40]));
        assert_eq!(pixels(PatternColumn::FacialDepth, true), depth([0, 85, 170, 255]));
        // The picture itself is never changed, and maps are as they were made.
        assert_eq!(pixels(PatternColumn::Rgb, true).1, row().rgb);
        assert_eq!(pixels(PatternColumn::Made(HandMade::Albedo), false).1, row().maps[1]);
        assert_eq!((stretched(vec![7; 3]), stretched(vec![])), (vec![7; 3], vec![]));
    }
}
