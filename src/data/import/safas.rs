//! SAFAS: a folder a video called `<set>_<split>_<live|spoof>_<name>`, in which `crop_NNNN.jpg` is the face and
//! `org_NNNN.jpg` the whole frame, every fifth one. What was measured of the face (`infov1_NNNN.npy`) is a Python pickle
//! and is not read.

use std::collections::BTreeMap;

use crate::data::manifest::{RawLabel, Told};
use crate::data::{Footage, Label, Split};

use super::entry::{Entry, Found, counted, share};
use super::origin;
use super::tree::parent;
use super::words::{set_word, split_word};
use super::{Layout, Sight};

/// Set, part, class and name.
fn folder(name: &str) -> Option<(&str, Split, Label, &str)> {
    [("_live_", Label::Live), ("_spoof_", Label::Spoof)].into_iter().find_map(|(word, label)| {
        let (before, after) = name.split_once(word)?;
        let (set, split) = before.rsplit_once('_')?;
        let split = split_word(split)?;
        (!set.is_empty() && !after.is_empty()).then_some((set, split, label, after))
    })
}

/// Reads the layout.
pub fn read(sight: &Sight) -> Option<Found> {
    let tree = sight.pictures();
    let mut folders: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut all = 0;
    for name in tree.pictures() {
        let file = name.rsplit('/').next().unwrap_or(name);
        all += 1;
        let counts = folders.entry(parent(name)).or_default();
        if file.starts_with("crop_") {
            counts.0 += 1;
        } else if file.starts_with("org_") {
            counts.1 += 1;
        }
    }
    let (mut problems, mut entries, mut uncut) = (vec![], vec![], Told::default());
    let mut fitting = 0;
    for (path, (crops, whole)) in folders {
        let last = path.rsplit('/').next().unwrap_or(path);
        let Some((set, split, label, name)) = folder(last).filter(|_| crops + whole > 0) else { continue };
        fitting += crops + whole;
        let prefix = if crops > 0 { "crop_" } else { "org_" };
        let pictures = tree
            .pictures_in(path)
            .into_iter()
            .filter(|p| p.rsplit('/').next().is_some_and(|f| f.starts_with(prefix)))
            .map(|p| tree.path(p))
            .collect();
        // What the name says it says once set and part stand in front of it, as in the original.
        let said = origin::say(&format!("{set}/{split}/{name}"));
        let (mut entry, _) = Entry::new(path, RawLabel::Word(label), Footage::Pictures(pictures));
        entry.domain = said.set.or_else(|| set_word(set)).map_or_else(|| set.to_owned(), |s| s.title().to_owned());
        entry.said = said.label;
        entry.species = if said.label == Some(Label::Spoof) { said.species } else { String::new() };
        (entry.subject, entry.camera, entry.session) = (said.subject, said.camera, said.session);
        entry.split = Some(split);
        entry.cropped = crops > 0;
        if crops == 0 {
            uncut.add(path);
        }
        entries.push(entry);
    }
    if entries.is_empty() {
        return None;
    }
    uncut.tell(&mut problems, |n| format!("Videos with whole frames only, in which faces must be found: {n}"));
    Some(Found {
        layout: Layout::Safas,
        confidence: share(fitting, all),
        because: format!("{} named set_split_class_video", counted(entries.len(), "folder")),
        fixed: None,
        entries,
        problems,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folders_say_set_part_class_and_video() {
        assert_eq!(folder("replay_test_live_9_NM_1"), Some(("replay", Split::Test, Label::Live, "9_NM_1")));
        assert_eq!(folder("casia_train_spoof_7_HR_3"), Some(("casia", Split::Train, Label::Spoof, "7_HR_3")));
        assert_eq!(folder("my_set_devel_live_x"), Some(("my_set", Split::Dev, Label::Live, "x")));
        for name in ["train_live_x", "casia_live_x", "casia_train_live_", "casia_train_x", "live", ""] {
            assert_eq!(folder(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_name_is_survived(name in "[a-z_é]{0,24}") {
            if let Some((set, _, _, video)) = folder(&name) {
                prop_assert!(!set.is_empty() && !video.is_empty());
            }
        }
    }
}
