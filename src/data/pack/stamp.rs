//! What a clip's faces were cut from: sizes and times of its files, and what was asked of it. Two stamps that differ
//! mean that packed faces are stale; the difference says which file it was.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{digest, hex};
use crate::data::{Footage, Marks, SourceClip};

/// The state of a clip's files, in the order of [`files`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Hash over everything else that shapes the faces: names, label, boxes, turn.
    pub asked: String,
    /// Size in bytes and time of the last change in nanoseconds, a file.
    pub files: Vec<(u64, i64)>,
}

/// Every file that shapes the faces of `clip`.
pub fn files(clip: &SourceClip) -> Vec<&Path> {
    let mut all: Vec<&Path> = match &clip.footage {
        Footage::Video(path) => vec![path],
        Footage::Pictures(paths) => paths.iter().map(PathBuf::as_path).collect(),
        Footage::Zip { archive, .. } => vec![archive],
    };
    match &clip.marks {
        Some(Marks::OuluEyes(p) | Marks::CasiaBoxes(p) | Marks::ReplayBoxes(p) | Marks::MsuBoxes(p)) => all.push(p),
        Some(Marks::CdcnBoxes(paths)) => all.extend(paths.iter().flatten().map(PathBuf::as_path)),
        Some(Marks::Boxes(_)) | None => {}
    }
    all.extend(clip.depth.iter().flatten().map(PathBuf::as_path));
    all
}

/// The first file of a clip; `None` for one without files.
pub fn first_file(clip: &SourceClip) -> Option<&Path> {
    files(clip).into_iter().next()
}

impl Stamp {
    /// The stamp of `clip` as its files are now; names count relative to `root`, so that a set may be moved. A sentence
    /// where a file cannot be looked at.
    pub fn of(clip: &SourceClip, root: &Path) -> Result<Self, String> {
        let look = |path: &&Path| -> Result<(u64, i64), String> {
            let cannot = |e: std::io::Error| format!("{} cannot be read: {e}", path.display());
            let data = fs::metadata(path).map_err(cannot)?;
            let time = data.modified().map_err(cannot)?;
            let nanos = match time.duration_since(UNIX_EPOCH) {
                Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
                Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |n| -n),
            };
            Ok((data.len(), nanos))
        };
        let files = files(clip).iter().map(look).collect::<Result<_, _>>()?;
        Ok(Self { asked: asked(clip, root), files })
    }

    /// The stamp of something that was made from bytes with checksum `sha`.
    pub fn of_content(sha: &str) -> Self {
        Self { asked: sha.to_owned(), files: Vec::new() }
    }

    /// How `now`, the stamp of `clip` today, differs from this one; `None` where it does not.
    pub fn difference(&self, now: &Self, clip: &SourceClip) -> Option<String> {
        if self.asked != now.asked || self.files.len() != now.files.len() {
            let name = format!("{}/{}", clip.domain, clip.path);
            return Some(format!("{name} has another list of files, label or marks than when it was packed"));
        }
        let pairs = self.files.iter().zip(&now.files).zip(files(clip));
        let ((then, now), path) = pairs.into_iter().find(|((then, now), _)| then != now)?;
        let how = if then.0 == now.0 {
            "was written again".to_owned()
        } else {
            format!("had {} bytes and has {} now", then.0, now.0)
        };
        Some(format!("{} {how} after it was packed", path.display()))
    }
}

/// Hash over what is asked of a clip besides its files' content.
fn asked(clip: &SourceClip, root: &Path) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    // A list that is given by a relative name and holds absolute ones is the list that is given by its absolute name.
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let base = absolute(if root.as_os_str().is_empty() { Path::new(".") } else { root });
    let name = |path: &Path| {
        let full = absolute(path);
        full.strip_prefix(&base).unwrap_or(path).to_string_lossy().replace('\\', "/")
    };
    part(format!("{:?} {:?} {}", clip.label, clip.turn_if_unmarked, clip.cropped).as_bytes());
    let kind = match &clip.footage {
        Footage::Video(_) => "video",
        Footage::Pictures(_) => "pictures",
        Footage::Zip { .. } => "zip",
    };
    part(kind.as_bytes());
    if let Footage::Zip { entries, .. } = &clip.footage {
        for entry in entries {
            part(entry.as_bytes());
        }
    }
    let marks = match &clip.marks {
        None => "none".to_owned(),
        Some(Marks::OuluEyes(_)) => "oulu eyes".to_owned(),
        Some(Marks::CasiaBoxes(_)) => "casia boxes".to_owned(),
        Some(Marks::ReplayBoxes(_)) => "replay boxes".to_owned(),
        Some(Marks::MsuBoxes(_)) => "msu boxes".to_owned(),
        Some(Marks::CdcnBoxes(all)) => format!("cdcn boxes {:?}", all.iter().map(Option::is_some).collect::<Vec<_>>()),
        Some(Marks::Boxes(all)) => format!("boxes {all:?}"),
    };
    part(marks.as_bytes());
    part(format!("{:?}", clip.depth.iter().map(Option::is_some).collect::<Vec<_>>()).as_bytes());
    for path in files(clip) {
        part(name(path).as_bytes());
    }
    hex(&hash.finalize())[..16].to_owned()
}

/// The content key of `clips` cut by `identity`: a hash over the format, the cutter and every clip with the state of its
/// files.
pub fn content_key<'a>(identity: &str, clips: impl Iterator<Item = (&'a str, &'a Stamp)>) -> String {
    let mut lines = vec![format!("metafas pack {}", super::FORMAT), identity.to_owned()];
    for (clip, stamp) in clips {
        lines.extend([clip.to_owned(), stamp.asked.clone()]);
        lines.extend(stamp.files.iter().map(|(size, time)| format!("{size} {time}")));
    }
    digest(lines.join("\n").as_bytes())
}
