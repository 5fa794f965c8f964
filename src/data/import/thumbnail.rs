//! Faces of a layout to look at: where each is, and its pixels once they are asked for.

use std::fs::File;
use std::io::{BufReader, Cursor, Read as _};
use std::path::{Path, PathBuf};

use image::imageops::{self, FilterType};
use image::{ImageReader, RgbImage};
use serde::Serialize;

use crate::data::footage::{Reader, upright};
use crate::data::{Footage, Marks};

use super::boxes::{self, Bounds, BoxFile};
use super::entry::{Entry, Faces};

/// One picture on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Picture {
    /// A file of its own.
    #[serde(serialize_with = "crate::paths::serialize")]
    File(PathBuf),
    /// In a zip archive.
    Entry {
        /// The archive.
        #[serde(serialize_with = "crate::paths::serialize")]
        archive: PathBuf,
        /// The name in it.
        name: String,
    },
    /// The first frame of a video.
    #[serde(serialize_with = "crate::paths::serialize")]
    Video(PathBuf),
}

/// Where the face is in the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Face {
    /// The picture is the face.
    Whole,
    Box(Bounds),
    File(BoxFile, PathBuf),
}

/// A face of a clip, not yet opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thumbnail {
    /// The clip, as its path from the root.
    pub clip: String,
    /// The attack species where it is known; empty for live clips.
    pub species: String,
    /// The picture.
    pub picture: Picture,
    #[serde(skip)]
    face: Face,
}

/// Files above this size are not opened for a thumbnail, in bytes.
const LARGEST: u64 = 1 << 28;

/// How much of a frame is shown around a face's box.
const AROUND: f32 = 1.3;

impl Thumbnail {
    /// The middle picture of a clip.
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        let middle = entry.frames().unwrap_or(1).checked_sub(1)? / 2;
        let picture = match &entry.footage {
            Footage::Video(path) => Picture::Video(path.clone()),
            Footage::Pictures(paths) => Picture::File(paths.get(middle)?.clone()),
            Footage::Zip { archive, entries } => {
                Picture::Entry { archive: archive.clone(), name: entries.get(middle)?.clone() }
            }
        };
        let face = match &entry.faces {
            Faces::Files(kind, files) => {
                files.get(middle).cloned().flatten().map_or(Face::Whole, |path| Face::File(*kind, path))
            }
            Faces::Marks(Marks::Boxes(boxes)) => boxes.get(middle).copied().flatten().map_or(Face::Whole, Face::Box),
            Faces::Unsaid | Faces::Marks(_) => Face::Whole,
        };
        Some(Self { clip: entry.path.clone(), species: entry.species.clone(), picture, face })
    }

    /// The face as `side * side * 3` sRGB bytes; videos are read by `reader`. The error is half a sentence.
    pub fn load(&self, side: u32, reader: &Reader) -> Result<Vec<u8>, String> {
        let picture = open(&self.picture, reader)?;
        let bounds = match &self.face {
            Face::Whole => None,
            Face::Box(bounds) => Some(*bounds),
            Face::File(kind, path) => {
                std::fs::read(path).ok().and_then(|b| boxes::parse(*kind, &String::from_utf8_lossy(&b)))
            }
        };
        Ok(square(&picture, bounds, side).into_raw())
    }
}

fn open(picture: &Picture, reader: &Reader) -> Result<RgbImage, String> {
    let small_enough = |path: &Path| match std::fs::metadata(path) {
        Ok(m) if m.len() > LARGEST => Err(format!("{} bytes are too many", m.len())),
        Ok(_) => Ok(()),
        Err(e) => Err(e.to_string()),
    };
    let decode = |bytes: Vec<u8>| Ok(upright(Cursor::new(bytes))?.rgb);
    match picture {
        Picture::File(path) => {
            small_enough(path)?;
            decode(std::fs::read(path).map_err(|e| e.to_string())?)
        }
        Picture::Entry { archive, name } => {
            let file = File::open(archive).map_err(|e| e.to_string())?;
            let mut zip = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| e.to_string())?;
            let entry = zip.by_name(name).map_err(|e| e.to_string())?;
            let mut bytes = vec![];
            // The size in the archive may be a lie.
            entry.take(LARGEST).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
            decode(bytes)
        }
        Picture::Video(path) => reader.first_frame(path).map_err(|e| e.to_string()),
    }
}

/// The square around the box, else the central square, scaled.
fn square(picture: &RgbImage, bounds: Option<Bounds>, side: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let largest = width.min(height).max(1);
    let (x, y, size) = match bounds {
        None => ((width - largest.min(width)) / 2, (height - largest.min(height)) / 2, largest),
        Some([left, top, w, h]) => {
            let size = ((w.max(h) as f32 * AROUND) as u32).clamp(1, largest);
            // The square stays inside the picture, so that it stays square.
            let place = |from: i32, length: i32, most: u32| {
                let start = from as f32 + length as f32 / 2.0 - size as f32 / 2.0;
                (start.max(0.0) as u32).min(most.saturating_sub(size))
            };
            (place(left, w, width), place(top, h, height), size)
        }
    };
    let cut = imageops::crop_imm(picture, x, y, size, size).to_image();
    imageops::resize(&cut, side, side, FilterType::Triangle)
}

/// Clips that are looked at to learn whether pictures are cut to the face.
const LOOKED_AT: usize = 16;

/// Where nothing says whether pictures are cut to the face: square pictures are, others are not. Videos never are.
pub(super) fn look_cropped(entries: &mut [Entry], problems: &mut Vec<String>) {
    let mut sizes = vec![];
    let with_files: Vec<&PathBuf> =
        entries.iter().filter_map(|e| if let Footage::Pictures(p) = &e.footage { p.first() } else { None }).collect();
    let step = with_files.len().div_ceil(LOOKED_AT).max(1);
    for path in with_files.into_iter().step_by(step) {
        // By content: frames are often called .png whatever they are.
        let reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format).ok();
        if let Some(Ok((w, h))) = reader.map(ImageReader::into_dimensions) {
            sizes.push(w == h);
        }
    }
    let cropped = !sizes.is_empty() && sizes.iter().all(|square| *square);
    if !sizes.is_empty() {
        let sentence = if cropped {
            "Pictures are square, so they are taken as cut to the face already; if they are not, take the yes out of the \
             manifest's column cropped."
        } else {
            "Pictures are not square, so faces are looked for in them; if they are cut to the face already, write yes in \
             the manifest's column cropped."
        };
        problems.push(sentence.to_owned());
    }
    for entry in entries {
        entry.cropped = cropped && !matches!(entry.footage, Footage::Video(_));
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn a_box_is_shown_with_what_is_around_it_and_stays_inside() {
        // 40 x 30, red from 20 to 30 in both directions.
        let inside = |x: u32, y: u32| (20..30).contains(&x) && (20..30).contains(&y);
        let picture = RgbImage::from_fn(40, 30, |x, y| if inside(x, y) { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) });
        let share = |bounds| {
            let cut = square(&picture, bounds, 26);
            assert_eq!(cut.dimensions(), (26, 26));
            let red = cut.pixels().filter(|p| p.0[0] > 127).count();
            red as f32 / (26.0 * 26.0)
        };
        // 13 of 13 pixels of height would pass the edge, so the square moves up: all red is in it.
        assert!((share(Some([20, 20, 10, 10])) - 100.0 / 169.0).abs() < 0.03, "{}", share(Some([20, 20, 10, 10])));
        assert!((share(None) - 100.0 / 900.0).abs() < 0.02);
        assert!((share(Some([-100, -100, 5000, 5000])) - 50.0 / 900.0).abs() < 0.07);
    }
}
