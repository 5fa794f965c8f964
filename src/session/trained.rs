//! trained_on.txt: the clips that a run was trained on, a line each: a hash over the pixels of the clip's faces, and its name. Data change
//! after a run; with this list an evaluation can say that clips which are scored now were trained on, under whatever name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{SessionError, files};

/// A clip.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrainedClip {
    /// First half of the SHA-256 over the pixels of its faces.
    pub pixels: String,
    /// Its name, as score files have it.
    pub name: String,
}

/// The list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trained(BTreeSet<TrainedClip>);

impl Trained {
    /// Reads `path`; `None` for a session of an earlier version, which has no such file.
    pub fn read(path: &Path) -> Result<Option<Self>, SessionError> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(SessionError::io("read", path)(e)),
        };
        let clip = |line: &str| {
            let (pixels, name) = line.split_once(' ')?;
            // Names with line breaks are kept as JSON has them.
            Some(TrainedClip { pixels: pixels.to_owned(), name: serde_json::from_str(name).ok()? })
        };
        Ok(Some(Self(String::from_utf8_lossy(&bytes).lines().filter_map(clip).collect())))
    }

    /// Adds `clips` and writes the list to `path`.
    pub fn add(&mut self, clips: impl IntoIterator<Item = TrainedClip>, path: &Path) -> Result<(), SessionError> {
        self.0.extend(clips);
        let line = |clip: &TrainedClip| format!("{} {}\n", clip.pixels, serde_json::Value::from(clip.name.as_str()));
        files::replace(path, self.0.iter().map(line).collect::<String>().as_bytes())
    }

    /// Those of `clips` that were trained on, by name or by pixels, each with the name it had then.
    pub fn among<'a>(&'a self, clips: &'a [TrainedClip]) -> Vec<(&'a str, &'a str)> {
        let by = |key: fn(&TrainedClip) -> &str| -> BTreeMap<&str, &str> {
            self.0.iter().map(|clip| (key(clip), clip.name.as_str())).collect()
        };
        let (names, pixels) = (by(|c| &c.name), by(|c| &c.pixels));
        let known = |clip: &'a TrainedClip| {
            let then = names.get(clip.name.as_str()).or_else(|| pixels.get(clip.pixels.as_str()))?;
            Some((clip.name.as_str(), *then))
        };
        clips.iter().filter_map(known).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clip(pixels: &str, name: &str) -> TrainedClip {
        TrainedClip { pixels: pixels.to_owned(), name: name.to_owned() }
    }

    #[test]
    fn clips_are_known_again_by_name_and_by_pixels() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("trained_on.txt");
        assert_eq!(Trained::read(&path).unwrap(), None);
        let mut list = Trained::default();
        list.add([clip("aa", "train/live/a b\n.png"), clip("bb", "zoe")], &path).unwrap();
        let list = Trained::read(&path).unwrap().unwrap();
        let now = [clip("aa", "test/live/a.png"), clip("cc", "zoe"), clip("dd", "new")];
        assert_eq!(list.among(&now), [("test/live/a.png", "train/live/a b\n.png"), ("zoe", "zoe")]);
    }
}
