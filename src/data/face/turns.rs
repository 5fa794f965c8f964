//! Clips that show no face the way they lie: looked at from the other three sides, and what was found remembered by
//! file, so that the next pack of the same clips need not ask again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use image::RgbImage;
use sha2::{Digest as _, Sha256};

use crate::data::footage::turned;
use crate::data::{Footage, SourceClip, Turn};

use super::finder::{self, Finder};

/// A clip is searched when less than one frame in so many shows a face.
pub const ONE_IN: usize = 5;

const NAMES: [(Turn, &str); 4] =
    [(Turn::None, "none"), (Turn::Right, "right"), (Turn::Half, "half"), (Turn::Left, "left")];

/// The turn, other than none, with which most of these small pictures show a face, if they are enough; and how many do.
/// `found` faces of `tried` were found without a turn; `small` are the pictures without.
pub fn search(finder: &Finder, small: &[RgbImage], found: usize, tried: usize) -> Result<Option<(Turn, usize)>, String> {
    let mut best = None;
    for turn in [Turn::Half, Turn::Right, Turn::Left] {
        let pictures: Vec<RgbImage> = small.iter().map(|p| turned(p.clone(), turn)).collect();
        let count = finder.count(&pictures)?;
        if best.is_none_or(|(_, most)| count > most) {
            best = Some((turn, count));
        }
    }
    Ok(best.filter(|(_, count)| *count > found && count * ONE_IN >= tried))
}

/// Turns of clips, a small file each in the cache folder.
#[derive(Debug)]
pub struct Memory {
    folder: PathBuf,
}

impl Memory {
    /// In the cache folder `cache`.
    pub fn new(cache: &Path) -> Self {
        Self { folder: cache.join("turns") }
    }

    /// What was found for this very file.
    pub fn recall(&self, clip: &SourceClip) -> Option<Turn> {
        let text = fs::read_to_string(self.folder.join(key(clip)?)).ok()?;
        NAMES.iter().find(|(_, name)| *name == text.trim()).map(|(turn, _)| *turn)
    }

    /// Keeps it, written aside and put in place.
    pub fn keep(&self, clip: &SourceClip, turn: Turn) -> io::Result<()> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let Some(key) = key(clip) else { return Ok(()) };
        let name = NAMES.iter().find(|(t, _)| *t == turn).map_or("none", |(_, name)| name);
        fs::create_dir_all(&self.folder)?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let aside = self.folder.join(format!("{key}.{}-{number}.part", std::process::id()));
        fs::write(&aside, name)?;
        fs::rename(aside, self.folder.join(key))
    }
}

/// The file by place, size and time of its last change, and the finder that looked; `None` if it cannot be asked.
fn key(clip: &SourceClip) -> Option<String> {
    let path = match &clip.footage {
        Footage::Video(path) | Footage::Zip { archive: path, .. } => path,
        Footage::Pictures(paths) => paths.first()?,
    };
    let path = fs::canonicalize(path).ok()?;
    let data = fs::metadata(&path).ok()?;
    let changed = data.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    // The turn found comes on top of what the list says.
    let text = format!("{}\n{}\n{changed}\n{:?}\n{}", path.display(), data.len(), clip.turn_if_unmarked, finder::VERSION);
    let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
    Some(Sha256::digest(text).iter().take(16).flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect())
}
