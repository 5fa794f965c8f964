//! SSDG: frames cut by MTCNN as `<set>/…/<video>/<number>.png`, and `data_label/<set>/{train,valid,test,all,real,fake}_
//! label.json`, lists of `{"photo_path": absolute, "photo_label": 1 for live}`. Samples of them (`choose_*_label.json`)
//! also say which video a picture belongs to. The paths are those of the machine that wrote them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Deserialize;

use crate::data::Split;
use crate::data::manifest::{LiveIs, RawLabel, Told};

use super::entry::{Found, share};
use super::finder::Finder;
use super::gather::Gather;
use super::tree::{Tree, parent};
use super::{Layout, Sight};

/// Frames of a video that SSDG's own sampling needs at least.
const NEEDED: usize = 7;

/// One picture.
#[derive(Debug, Deserialize)]
struct Photo {
    photo_path: String,
    photo_label: Number,
}

/// A label as programs write it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Number {
    Whole(i64),
    Fraction(f64),
    Truth(bool),
}

impl Number {
    fn raw(self) -> RawLabel {
        RawLabel::Number(match self {
            Self::Whole(n) => n,
            Self::Fraction(x) => x.round() as i64,
            Self::Truth(t) => i64::from(t),
        })
    }
}

/// The files of one folder, and what each is for.
fn label_files(tree: &Tree) -> BTreeMap<&str, Vec<(&str, &str)>> {
    let mut folders: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for name in tree.names() {
        let file = name.rsplit('/').next().unwrap_or(name);
        let Some(kind) = file.strip_suffix("_label.json") else { continue };
        let known = ["train", "valid", "test", "all", "real", "fake"];
        if known.contains(&kind.strip_prefix("choose_").unwrap_or(kind)) {
            folders.entry(parent(name)).or_default().push((kind, name));
        }
    }
    // Samples say nothing that the whole lists beside them do not.
    for files in folders.values_mut() {
        if files.iter().any(|(kind, _)| !kind.starts_with("choose_")) {
            files.retain(|(kind, _)| !kind.starts_with("choose_"));
        }
    }
    folders
}

fn parse(bytes: &[u8]) -> Result<Vec<Photo>, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|e| e.to_string())
}

/// Reads the layout.
pub fn read(sight: &Sight) -> Option<Found> {
    let folders = label_files(&sight.lists);
    if folders.is_empty() {
        return None;
    }
    let mut finder = Finder::files(sight.pictures());
    let (mut problems, mut entries) = (vec![], vec![]);
    let (mut listed, mut there) = (0, 0);
    let mut names = vec![];
    for (folder, files) in folders {
        let set = folder.rsplit('/').next().unwrap_or(folder);
        names.push(set.to_owned());
        let mut gather = Gather::default();
        let mut torn: BTreeSet<String> = BTreeSet::new();
        for (kind, name) in files {
            let photos = match std::fs::read(sight.lists.path(name)).map_err(|e| e.to_string()).and_then(|b| parse(&b))
            {
                Ok(photos) => photos,
                Err(e) => {
                    problems.push(format!("{name} could not be read ({e}); it was left out."));
                    continue;
                }
            };
            let split = match kind.trim_start_matches("choose_") {
                "train" => Some(Split::Train),
                "valid" => Some(Split::Dev),
                "test" => Some(Split::Test),
                _ => None,
            };
            let mut seen: HashSet<&str> = HashSet::new();
            let mut last = None;
            for photo in &photos {
                let video = parent(&photo.photo_path);
                if last != Some(video) && !seen.insert(video) {
                    torn.insert(video.to_owned());
                }
                last = Some(video);
                let spot = finder.find(&photo.photo_path);
                gather.picture(&photo.photo_path, spot, |n| parent(n).to_owned(), photo.photo_label.raw(), split);
            }
        }
        Told::of(&torn).tell(&mut problems, |n| {
            format!(
                "Videos of {set} whose pictures do not follow each other in a label file, so that SSDG's own code takes \
                 each for several: {n}"
            )
        });
        let (of_set, found) = gather.counts();
        (listed, there) = (listed + of_set, there + found);
        let mut short = Told::default();
        let mut clips = gather.clips(&mut problems, |g| {
            if g.entry.domain.is_empty() {
                set.clone_into(&mut g.entry.domain);
            }
            if g.names.len() < NEEDED {
                short.add(&g.entry.path);
            }
        });
        short.tell(&mut problems, |n| {
            format!("Videos of {set} with fewer than {NEEDED} pictures, on which SSDG's own sampling stops: {n}")
        });
        entries.append(&mut clips);
    }
    Some(Found {
        layout: Layout::Ssdg,
        confidence: share(there, listed).max(0.05),
        because: format!("label files of {}: {there} of {listed} entries lead to pictures", names.join(", ")),
        fixed: Some((LiveIs::One, "SSDG's label files")),
        entries,
        problems,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::manifest::testing::mutated;

    #[test]
    fn labels_are_read_as_programs_write_them() {
        let text = "\u{feff}[\r\n {\"photo_path\": \"/a/1.png\", \"photo_label\": 1},{\"photo_label\":0.0,\"photo_path\":\"b\",\
                    \"photo_belong_to_video_ID\":3},{\"photo_path\":\"c\",\"photo_label\":true}]";
        let photos = parse(text.as_bytes()).unwrap();
        let read: Vec<_> = photos.iter().map(|p| (p.photo_path.as_str(), p.photo_label.raw())).collect();
        assert_eq!(read, [("/a/1.png", RawLabel::Number(1)), ("b", RawLabel::Number(0)), ("c", RawLabel::Number(1))]);
        assert!(parse(b"[{\"photo_path\": \"a\"}]").unwrap_err().contains("photo_label"));
        assert!(parse(b"[{\n").unwrap_err().contains("line 2"));
    }

    proptest! {
        #[test]
        fn damaged_label_files_give_pictures_or_an_error(bytes in mutated(
            "[\n    {\n        \"photo_path\": \"/d/msu_256/scene01/real/a/1.png\",\n        \"photo_label\": 1\n    },\n \
             {\"photo_path\": \"b/2.png\", \"photo_label\": 0, \"photo_belong_to_video_ID\": 7}\n]"
        )) {
            match parse(&bytes) {
                Ok(photos) => prop_assert!(photos.len() <= 2),
                Err(e) => prop_assert!(!e.is_empty()),
            }
        }
    }
}
