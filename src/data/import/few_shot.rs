//! Few-shot FAS and FLIP: two frames of each video, `<set>/{train,test}/{real,fake}/<video>_frame{0,1}.png`, and lists
//! `<set>_{real,fake}_{train,test,shot}.txt` that name the first of them. The lists called train name *all* videos of a
//! set, those called shot ten of them, those called test the others: the part of a video stands in its path alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::Label;
use crate::data::manifest::{RawLabel, Told, is_picture};

use super::entry::{Found, counted, share};
use super::finder::Finder;
use super::gather::Gather;
use super::lines::{self, lines};
use super::tree::parent;
use super::{Layout, Sight};

/// Set and class of a list by its name.
fn list(file: &str) -> Option<(&str, Label)> {
    let stem = file.strip_suffix(".txt")?;
    let stem = ["_train", "_test", "_shot"].iter().find_map(|s| stem.strip_suffix(s))?;
    let (set, class) = stem.rsplit_once('_')?;
    let label = match class {
        "real" => Label::Live,
        "fake" => Label::Spoof,
        _ => return None,
    };
    (!set.is_empty()).then_some((set, label))
}

/// The name of a picture's video: without `_frame0`, or `_07` as in the sets that FLIP took ten frames of.
fn video(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |s| s.0);
    let digits = stem.len() - stem.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let before = &stem[..stem.len() - digits];
    let cut = match before.strip_suffix("_frame") {
        Some(video) if digits > 0 => video,
        _ if digits == 2 => before.strip_suffix('_').unwrap_or(stem),
        _ => stem,
    };
    if cut.is_empty() || cut.ends_with('/') { stem.to_owned() } else { cut.to_owned() }
}

/// Reads the layout.
pub fn read(sight: &Sight) -> Option<Found> {
    let mut problems = vec![];
    let mut finder = Finder::files(sight.pictures());
    let mut gather = Gather::default();
    let mut sets: BTreeMap<String, String> = BTreeMap::new();
    let mut named = BTreeSet::new();
    let (mut alone, mut lists) = (BTreeSet::new(), 0);
    for name in sight.lists.names() {
        let Some((set, label)) = list(name.rsplit('/').next().unwrap_or(name)) else { continue };
        let Some(text) = lines::read(&sight.lists.path(name), name, &mut problems) else { continue };
        let mut all = lines(&text).map(|(_, line)| line).peekable();
        if all.peek().is_none_or(|first| !is_picture(first)) {
            continue;
        }
        lists += 1;
        for line in all {
            // Lists overlap; a picture counts once.
            if !named.insert(line.to_owned()) {
                continue;
            }
            let spot = finder.find(line);
            if let Some(spot) = &spot {
                sets.entry(video(&spot.name)).or_insert_with(|| set.to_owned());
            }
            let raw = RawLabel::Word(label);
            let there = spot.is_some();
            gather.picture(line, spot, video, raw, None);
            if line.contains("frame0") && there {
                let second = line.replace("frame0", "frame1");
                match finder.find(&second) {
                    Some(spot) => gather.picture(&second, Some(spot), video, raw, None),
                    None => {
                        alone.insert(line.to_owned());
                    }
                }
            }
        }
    }
    if lists == 0 {
        return None;
    }
    Told::of(&alone).tell(&mut problems, |n| format!("Videos whose second picture (frame1) is not there: {n}"));
    let (listed, there) = gather.counts();
    let entries = gather.clips(&mut problems, |g| {
        if g.entry.domain.is_empty()
            && let Some(set) = sets.get(&g.entry.path)
        {
            g.entry.domain.clone_from(set);
        }
    });
    let folders: BTreeSet<&str> = entries.iter().map(|e| parent(&e.path)).collect();
    Some(Found {
        layout: Layout::FewShot,
        confidence: share(there, listed).max(0.05),
        because: format!(
            "{}: {there} of {listed} pictures are there, in {}",
            counted(lists, "list"),
            counted(folders.len(), "folder")
        ),
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
    fn names_of_lists_and_of_videos() {
        assert_eq!(list("casia_fake_train.txt"), Some(("casia", Label::Spoof)));
        assert_eq!(list("my_set_real_shot.txt"), Some(("my_set", Label::Live)));
        for name in
            ["casia_train.txt", "_real_test.txt", "casia_real_train.csv", "image_list_real.txt", "casia_live_test.txt"]
        {
            assert_eq!(list(name), None, "{name}");
        }
        for (name, expected) in [
            ("casia/train/fake/19_7_frame0.png", "casia/train/fake/19_7"),
            ("casia/train/real/5_HR_1_frame1.png", "casia/train/real/5_HR_1"),
            ("cefa/test/fake/3_299_3_2_2_01.jpg", "cefa/test/fake/3_299_3_2_2"),
            ("celeb/real/167_live_096546.jpg", "celeb/real/167_live_096546"),
            ("a/_frame0.png", "a/_frame0"),
            ("a/12.png", "a/12"),
        ] {
            assert_eq!(video(name), expected);
        }
    }

    proptest! {
        #[test]
        fn frames_of_a_video_share_its_name(name in "[a-z0-9_]{1,12}[a-z]") {
            let of = |frame| video(&format!("s/{name}_frame{frame}.png"));
            prop_assert_eq!(of(0), of(1));
            prop_assert_eq!(of(0), format!("s/{name}"));
        }

        #[test]
        fn any_name_has_a_video(name in "[a-z0-9_./é]{0,20}") {
            let _named = (video(&name), list(&name));
        }
    }
}
