//! Pictures as footage: files of their own, or entries of a zip archive.

use std::io::{BufReader, Cursor, Read as _};
use std::path::{Path, PathBuf};

use crate::data::Turn;
use crate::paths::open_file;

use super::picture::{Picture, upright};
use super::{FootageError, FrameChoice, Reading, Stored};

/// An entry that unpacks to more bytes than this is no picture.
const LARGEST_ENTRY: u64 = 1 << 28;
/// So many pictures that cannot be read are named one by one.
const NAMED: usize = 3;

/// The chosen ones of `paths`.
pub fn pictures(
    paths: &[PathBuf],
    choice: &FrameChoice,
    each: &mut dyn FnMut(Stored),
) -> Result<Reading, FootageError> {
    let open = |i: usize| -> Result<Picture, String> {
        let file = open_file(&paths[i]).map_err(|e| e.to_string())?;
        upright(BufReader::new(file))
    };
    let first = paths.first().map_or(Path::new(""), PathBuf::as_path);
    chosen(paths.len(), choice, first, open, |i| paths[i].display().to_string(), each)
}

/// The chosen ones of `entries` in `archive`.
pub fn zip(
    archive: &Path,
    entries: &[String],
    choice: &FrameChoice,
    each: &mut dyn FnMut(Stored),
) -> Result<Reading, FootageError> {
    let unreadable = |words: String| FootageError::Unreadable { path: archive.to_owned(), words };
    let file = open_file(archive).map_err(|e| unreadable(e.to_string()))?;
    let mut zip = ::zip::ZipArchive::new(BufReader::new(file))
        .map_err(|e| unreadable(format!("it is no whole zip archive ({e})")))?;
    let open = |i: usize| -> Result<Picture, String> {
        let entry = zip.by_name(&entries[i]).map_err(|e| e.to_string())?;
        let mut bytes = Vec::new();
        entry.take(LARGEST_ENTRY + 1).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
        if bytes.len() as u64 > LARGEST_ENTRY {
            return Err("it is too large for a picture".to_owned());
        }
        upright(Cursor::new(bytes))
    };
    chosen(entries.len(), choice, archive, open, |i| format!("{} in {}", entries[i], archive.display()), each)
}

/// Gives the chosen ones of `count` pictures to `each`; an error if not one can be opened.
fn chosen(
    count: usize,
    choice: &FrameChoice,
    path: &Path,
    mut open: impl FnMut(usize) -> Result<Picture, String>,
    name: impl Fn(usize) -> String,
    each: &mut dyn FnMut(Stored),
) -> Result<Reading, FootageError> {
    let mut reading = Reading { frames: Some(count as u32), remarks: Vec::new() };
    let mut failed = Vec::new();
    let wanted = choice.of(count as u32);
    for number in &wanted {
        match open(*number as usize) {
            Ok(Picture { rgb, marked }) => {
                // An orientation mark may also mirror; nothing that came with the picture speaks of stored pixels.
                each(Stored { number: *number, picture: rgb, marked, turned: Turn::None });
            }
            Err(words) => failed.push(format!("{} cannot be read: {words}", name(*number as usize))),
        }
    }
    if !wanted.is_empty() && failed.len() == wanted.len() {
        let words = format!("not one of its {} pictures can be; {}", wanted.len(), failed[0]);
        return Err(FootageError::Damaged { path: path.to_owned(), words });
    }
    let more = failed.len().saturating_sub(NAMED);
    reading.remarks.extend(failed.into_iter().take(NAMED));
    if more > 0 {
        reading.remarks.push(format!("{more} more pictures cannot be read"));
    }
    Ok(reading)
}
