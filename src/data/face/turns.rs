//! Clips that lie on their side or upside down without their container saying so: looked at from all four sides, and what
//! was found remembered by file, so that the next pack of the same clips need not ask again.
//!
//! The detector finds faces that stand on their head, too, and takes them for upright ones (95 % of the built-in
//! benchmark's at 128 pixels), so that counting frames with a face tells little. It is surer of faces that do stand
//! upright, however: over two frames a clip that alone tells the four sides apart in all but 0.6 % of cases, and turns no
//! clip that should stay as it is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use image::RgbImage;
use sha2::{Digest as _, Sha256};

use crate::data::footage::turned;
use crate::data::{Footage, SourceClip, Turn};
use crate::disk;

use super::finder::Finder;
use super::looks;

/// So many frames of a clip are looked at from all sides, at most.
const LOOKS: usize = 4;
/// Where the mean score of upright faces is this high, nothing else is tried.
const SURE: f32 = 0.9;
/// Another side must be better by this much for one frame, and by less for more, as the mean's error goes.
const BETTER: f32 = 0.08;

const NAMES: [(Turn, &str); 4] =
    [(Turn::None, "none"), (Turn::Right, "right"), (Turn::Half, "half"), (Turn::Left, "left")];

/// A side from which a clip looks better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Better {
    /// How the clip must be turned.
    pub turn: Turn,
    /// Mean score of its faces then.
    pub score: f32,
    /// Mean score as it is.
    pub before: f32,
}

/// The turn that makes these frames of a clip stand upright, if they do not.
pub fn search(finder: &Finder, frames: &[&RgbImage]) -> Result<Option<Better>, String> {
    let count = frames.len().min(LOOKS);
    let small: Vec<RgbImage> = (0..count).map(|k| looks::small(frames[k * frames.len() / count])).collect();
    let mean = |turn: Turn| -> Result<f32, String> {
        let pictures: Vec<RgbImage> = small.iter().map(|p| turned(p.clone(), turn)).collect();
        Ok(finder.best(&pictures)?.iter().sum::<f32>() / count.max(1) as f32)
    };
    let before = mean(Turn::None)?;
    if count == 0 || before >= SURE {
        return Ok(None);
    }
    let mut best: Option<Better> = None;
    for turn in [Turn::Half, Turn::Right, Turn::Left] {
        let score = mean(turn)?;
        if best.is_none_or(|b| score > b.score) {
            best = Some(Better { turn, score, before });
        }
    }
    Ok(best.filter(|b| b.score > before + BETTER / (count as f32).sqrt()))
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
        let Some(key) = key(clip) else { return Ok(()) };
        let name = NAMES.iter().find(|(t, _)| *t == turn).map_or("none", |(_, name)| name);
        fs::create_dir_all(&self.folder)?;
        disk::replace(&self.folder.join(key), name.as_bytes())
    }
}

/// The file by place, size and time of its last change; `None` if it cannot be asked.
fn key(clip: &SourceClip) -> Option<String> {
    let path = match &clip.footage {
        Footage::Video(path) | Footage::Zip { archive: path, .. } => path,
        Footage::Pictures(paths) => paths.first()?,
    };
    let path = fs::canonicalize(path).ok()?;
    let data = fs::metadata(&path).ok()?;
    let changed = data.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    // The turn found comes on top of what the list says.
    let text = format!("turns 1\n{}\n{}\n{changed}\n{:?}", path.display(), data.len(), clip.turn_if_unmarked);
    let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
    Some(Sha256::digest(text).iter().take(16).flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect())
}
