//! From clips back to a manifest. Files are named where they lie, relative to the manifest if they lie below its folder;
//! a clip that is a whole video, archive or folder takes one row, any other a row a picture.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use thiserror::Error;

use crate::data::{Footage, Label, Marks, SourceClip, Split};

use super::columns::COLUMNS;
use super::places::{list_pictures, list_zip};
use super::words::degrees;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Rows below the header.
    pub rows: usize,
    /// Clips.
    pub clips: usize,
    /// What could not be kept, in plain sentences.
    pub problems: Vec<String>,
}

/// Why nothing was written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// There is a file already.
    #[error("{0} exists already; give another name or remove it")]
    Exists(String),
    /// The file system refused.
    #[error("{path} cannot be written ({source}); check the folder and its permissions")]
    Io {
        /// The manifest.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A name that cannot stand in a CSV file and be found again.
    #[error("{0} has a name that is not UTF-8 or begins or ends with a space, which a manifest cannot hold; rename it")]
    Name(String),
}

/// Columns that are written even where no row has anything in them.
const ALWAYS: usize = 7;

/// Writes `clips` to `path`, which must not exist yet; `about` goes on top as a comment.
pub fn write(path: &Path, about: &str, clips: &[(SourceClip, Option<Split>)]) -> Result<Written, WriteError> {
    let name = path.display().to_string();
    let io = |source| WriteError::Io { path: name.clone(), source };
    let folder = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    let folder = folder.canonicalize().map_err(io)?;
    let rows: Vec<Vec<Cells>> =
        clips.par_iter().map(|(clip, split)| rows(&folder, clip, *split)).collect::<Result<_, _>>()?;
    let foreign = clips.iter().filter(|(clip, _)| foreign_marks(clip)).count();
    let mut problems = vec![];
    if foreign > 0 {
        problems.push(format!("Face files of {foreign} clips cannot stand in a manifest and were left out."));
    }
    let used: Vec<bool> =
        (0..COLUMNS.len()).map(|c| c < ALWAYS || rows.iter().flatten().any(|cells| !cells[c].is_empty())).collect();
    let keep = |cells: &Cells| -> Vec<String> {
        cells.iter().zip(&used).filter(|(_, used)| **used).map(|(c, _)| c.clone()).collect()
    };
    let mut text = Vec::new();
    for line in about.lines() {
        text.extend(format!("# {line}\n").bytes());
    }
    let mut csv = csv::WriterBuilder::new().comment(Some(b'#')).from_writer(text);
    let csv_io = |e: csv::Error| io(e.into());
    csv.write_record(keep(&COLUMNS.map(str::to_owned))).map_err(csv_io)?;
    let mut count = 0;
    for cells in rows.iter().flatten() {
        csv.write_record(keep(cells)).map_err(csv_io)?;
        count += 1;
    }
    let text = csv.into_inner().map_err(|e| io(e.into_error()))?;
    let mut file = match std::fs::OpenOptions::new().write(true).create_new(true).open(path) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => return Err(WriteError::Exists(name)),
        other => other.map_err(io)?,
    };
    file.write_all(&text).map_err(io)?;
    Ok(Written { rows: count, clips: clips.len(), problems })
}

/// The cells of a row, in the order of [`COLUMNS`].
type Cells = [String; COLUMNS.len()];

fn foreign_marks(clip: &SourceClip) -> bool {
    !matches!(clip.marks, None | Some(Marks::Boxes(_)))
}

fn rows(folder: &Path, clip: &SourceClip, split: Option<Split>) -> Result<Vec<Cells>, WriteError> {
    let one = |path: String, frame: String, depth: String, bounds: String| -> Cells {
        [
            path,
            if clip.label == Label::Live { "live" } else { "spoof" }.to_owned(),
            clip.species.clone(),
            clip.subject.clone(),
            split.map_or(String::new(), |s| s.to_string()),
            clip.domain.clone(),
            clip.path.clone(),
            frame,
            clip.camera.clone(),
            clip.session.clone(),
            depth,
            bounds,
            if clip.cropped { "yes" } else { "" }.to_owned(),
            degrees(clip.turn_if_unmarked).to_owned(),
        ]
    };
    let whole = |path: String| vec![one(path, String::new(), String::new(), String::new())];
    let boxes: &[Option<[i32; 4]>] = match &clip.marks {
        Some(Marks::Boxes(boxes)) => boxes,
        _ => &[],
    };
    let plain = clip.depth.is_empty() && boxes.is_empty();
    let names: Vec<String> = match &clip.footage {
        Footage::Video(path) => return Ok(whole(short(folder, path)?)),
        Footage::Zip { archive, entries } => {
            let name = short(folder, archive)?;
            if plain && list_zip(archive).is_ok_and(|all| all == *entries) {
                return Ok(whole(name));
            }
            entries.iter().map(|e| format!("{name}!/{e}")).collect()
        }
        Footage::Pictures(pictures) => {
            if plain && let Some(all) = whole_folder(pictures) {
                return Ok(whole(short(folder, all)? + "/"));
            }
            pictures.iter().map(|p| short(folder, p)).collect::<Result<_, _>>()?
        }
    };
    let cells = |(i, name): (usize, String)| {
        let depth = match clip.depth.get(i) {
            Some(Some(depth)) => short(folder, depth)?,
            _ => String::new(),
        };
        let bounds = boxes.get(i).copied().flatten().map_or(String::new(), |b| b.map(|v| v.to_string()).join(","));
        Ok(one(name, i.to_string(), depth, bounds))
    };
    names.into_iter().enumerate().map(cells).collect()
}

/// The folder whose pictures, in natural order, are exactly these.
fn whole_folder(pictures: &[PathBuf]) -> Option<&Path> {
    let folder = pictures.first()?.parent()?;
    let all = list_pictures(folder).ok()?;
    (all.len() == pictures.len() && all.iter().zip(pictures).all(|(name, p)| folder.join(name) == *p)).then_some(folder)
}

/// The path as it is written, with `/`. Where a path on the way is a link, the file keeps the name it was given.
fn short(folder: &Path, path: &Path) -> Result<String, WriteError> {
    let wrong = || WriteError::Name(path.display().to_string());
    let parent = path.parent().unwrap_or(Path::new(""));
    let absolute = match (parent.canonicalize(), path.file_name()) {
        (Ok(parent), Some(name)) => parent.join(name),
        _ => std::path::absolute(path).map_err(|_empty| wrong())?,
    };
    let name = absolute.strip_prefix(folder).unwrap_or(&absolute);
    let text = name.to_str().ok_or_else(wrong)?;
    // Reading takes spaces off the ends of cells.
    if text.trim() != text || text.is_empty() {
        return Err(wrong());
    }
    Ok(text.replace(std::path::MAIN_SEPARATOR, "/"))
}
