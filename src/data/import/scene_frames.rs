//! CDCN, FAS-SGTD and kin: whole frames `<video>_<number>_scene.jpg`, beside each a `.dat` with the face's box, and depth
//! maps `<video>_<number>_depth1D.jpg` in the same folders or in a root of their own. Labels are in OULU-NPU's protocol
//! lists (`label,video`, 1 is live), or in the videos' names. Some boxes and maps are missing wherever this is met.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use crate::data::manifest::{LiveIs, RawLabel, Told, natural};
use crate::data::{Footage, Label, Split};

use super::boxes::BoxFile;
use super::entry::{Entry, Faces, Found, counted, share};
use super::lines::{self, lines};
use super::tree::{Tree, parent};
use super::words::split_word;
use super::{Layout, Sight};

/// The video of a scene picture.
fn scene(file: &str) -> Option<&str> {
    let (stem, extension) = file.rsplit_once('.')?;
    let known = ["jpg", "jpeg", "png"].iter().any(|k| extension.eq_ignore_ascii_case(k));
    let (video, frame) = stem.strip_suffix("_scene").filter(|_| known)?.rsplit_once('_')?;
    let digits = !frame.is_empty() && frame.bytes().all(|b| b.is_ascii_digit());
    (digits && !video.is_empty()).then_some(video)
}

/// A line of a protocol list: label, video.
fn parse(line: &str) -> Option<(i64, &str)> {
    let (label, video) = line.split_once(',')?;
    let RawLabel::Number(label) = RawLabel::read(label.trim())? else { return None };
    let video = video.trim();
    let video = video.strip_suffix(".avi").unwrap_or(video);
    (!video.is_empty() && !video.contains([',', ' '])).then_some((label, video))
}

/// Labels and parts of videos from protocol lists; lists that contradict each other say nothing.
#[derive(Debug, Default)]
struct Protocols {
    labels: HashMap<String, Option<bool>>,
    splits: HashMap<String, Option<Split>>,
    lists: usize,
}

impl Protocols {
    fn read(tree: &Tree, videos: &HashSet<String>, problems: &mut Vec<String>) -> Self {
        let mut out = Self::default();
        for name in tree.names().filter(|n| n.to_lowercase().ends_with(".txt")) {
            let file = name.rsplit('/').next().unwrap_or(name);
            let Some(text) = lines::read(&tree.path(name), name, &mut vec![]) else { continue };
            let mut found = false;
            for (_, line) in lines(&text) {
                let Some((label, video)) = parse(line) else { continue };
                if !videos.contains(video) {
                    continue;
                }
                found = true;
                let live = LiveIs::One.label(label) == Label::Live;
                let known = out.labels.entry(video.to_owned()).or_insert(Some(live));
                *known = known.filter(|k| *k == live);
                if let Some(split) = split_word(file) {
                    let known = out.splits.entry(video.to_owned()).or_insert(Some(split));
                    *known = known.filter(|k| *k == split);
                }
            }
            out.lists += usize::from(found);
        }
        let torn: Vec<&String> = out.labels.iter().filter(|(_, l)| l.is_none()).map(|(v, _)| v).collect();
        let mut torn: Vec<&str> = torn.into_iter().map(String::as_str).collect();
        torn.sort_unstable();
        Told::of(torn)
            .tell(problems, |n| format!("Videos that lists contradict each other about go by their names: {n}"));
        out
    }
}

/// Reads the layout.
pub fn read(sight: &Sight) -> Option<Found> {
    let tree = sight.pictures();
    let mut clips: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    let mut maps: HashMap<&str, Vec<&str>> = HashMap::new();
    let (mut scenes, mut others) = (0, 0);
    for name in tree.pictures() {
        let file = name.rsplit('/').next().unwrap_or(name);
        let stem = file.rsplit_once('.').map_or(file, |s| s.0);
        if let Some(video) = scene(file) {
            clips.entry((parent(name), video)).or_default().push(name);
            scenes += 1;
        } else if let Some(frame) = stem.strip_suffix("_depth1D") {
            maps.entry(frame).or_default().push(name);
        } else {
            others += 1;
        }
    }
    if clips.is_empty() {
        return None;
    }
    let mut problems = vec![];
    let videos: HashSet<String> = clips.keys().map(|(_, video)| (*video).to_owned()).collect();
    let protocols = Protocols::read(&sight.lists, &videos, &mut problems);
    let (mut no_box, mut no_map, mut no_label) = (Told::default(), Told::default(), Told::default());
    let mut entries = vec![];
    for ((folder, video), mut pictures) in clips {
        pictures.sort_by(|a, b| natural(a, b));
        let paths = pictures.iter().map(|p| tree.path(p)).collect();
        // A folder of the video's name adds nothing to the clip's.
        let last = folder.rsplit('/').next().unwrap_or(folder);
        let name = if last == video || folder.is_empty() { folder.to_owned() } else { format!("{folder}/{video}") };
        let name = if name.is_empty() { video.to_owned() } else { name };
        let (mut entry, said) = Entry::new(&name, RawLabel::Number(0), Footage::Pictures(paths));
        entry.raw = match (protocols.labels.get(video).copied().flatten(), said.label) {
            (Some(live), _) => RawLabel::Number(if live { 1 } else { -1 }),
            (None, Some(label)) => RawLabel::Word(label),
            (None, None) => {
                no_label.add(&name);
                continue;
            }
        };
        if let Some(split) = protocols.splits.get(video).copied().flatten() {
            entry.split = Some(split);
        }
        entry.cropped = false;
        let boxes: Vec<Option<PathBuf>> = pictures.iter().map(|p| dat(tree, p)).collect();
        boxes.iter().zip(&pictures).filter(|(b, _)| b.is_none()).for_each(|(_, p)| no_box.add(*p));
        if boxes.iter().any(Option::is_some) {
            entry.faces = Faces::Files(BoxFile::Cdcn, boxes);
        }
        // Attacks have no depth, whatever maps lie there.
        if entry.raw.settle(Some(LiveIs::One)) == Some(Label::Live) {
            let depth: Vec<Option<PathBuf>> = pictures.iter().map(|p| depth(tree, &maps, p)).collect();
            if depth.iter().any(Option::is_some) {
                depth.iter().zip(&pictures).filter(|(d, _)| d.is_none()).for_each(|(_, p)| no_map.add(*p));
                entry.depth = depth;
            }
        }
        entries.push(entry);
    }
    no_label.tell(&mut problems, |n| {
        format!(
            "Put the protocol lists below the root; videos that no list and no name gives a label were left out: {n}"
        )
    });
    no_box.tell(&mut problems, |n| format!("Frames without a .dat with the face's box: {n}"));
    no_map.tell(&mut problems, |n| format!("Frames of live videos without a depth map: {n}"));
    Some(Found {
        layout: Layout::SceneFrames,
        confidence: share(scenes, scenes + others),
        because: format!(
            "{} of {}, {}",
            counted(scenes, "scene frame"),
            counted(entries.len(), "video"),
            counted(protocols.lists, "protocol list")
        ),
        fixed: Some((LiveIs::One, "OULU-NPU's protocol lists")),
        entries,
        problems,
    })
}

/// The box file beside a scene picture.
fn dat(tree: &Tree, picture: &str) -> Option<PathBuf> {
    let (stem, _) = picture.rsplit_once('.')?;
    let name = format!("{stem}.dat");
    tree.files.has(&name).then(|| tree.path(&name))
}

/// The depth map of a scene picture: below the same folder names if there are several.
fn depth(tree: &Tree, maps: &HashMap<&str, Vec<&str>>, picture: &str) -> Option<PathBuf> {
    let file = picture.rsplit('/').next()?;
    let frame = file.rsplit_once('.')?.0.strip_suffix("_scene")?;
    let found = maps.get(frame)?;
    let alike = |map: &&&str| {
        let (a, b) = (parent(picture).rsplit('/'), parent(map).rsplit('/'));
        a.zip(b).take_while(|(a, b)| a == b).count()
    };
    // The last of equals would come first; the names are sorted, so the first is taken.
    let best = found.iter().rev().max_by_key(alike)?;
    Some(tree.path(best))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::manifest::testing::mutated;

    #[test]
    fn names_and_lines_are_read() {
        assert_eq!(scene("6_3_20_5_121_scene.jpg"), Some("6_3_20_5"));
        assert_eq!(scene("video_1234_scene.JPG"), Some("video"));
        for name in ["6_3_20_5_121_depth1D.jpg", "scene.jpg", "_1_scene.jpg", "a_b_scene.jpg", "a_1_scene.dat"] {
            assert_eq!(scene(name), None, "{name}");
        }
        assert_eq!(parse("+1,6_3_20_1"), Some((1, "6_3_20_1")));
        assert_eq!(parse("-2 , 6_3_20_5.avi"), Some((-2, "6_3_20_5")));
        for line in ["6_3_20_1", "+1", "+1,", "live,a", "+1,a,b", "0,12,13,14,15"] {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn damaged_protocols_give_videos_or_nothing(bytes in mutated("+1,1_1_01_1\r\n-1,1_1_01_2\n-2,1_1_36_4.avi")) {
            let text = lines::decode(&bytes, "x", &mut vec![]);
            for (_, line) in lines(&text) {
                if let Some((_, video)) = parse(line) {
                    prop_assert!(!video.is_empty() && line.contains(video));
                }
            }
        }

        #[test]
        fn scene_names_give_their_video(video in "[a-zA-Z0-9_.]{1,16}", frame in 0..99_999_u32) {
            let file = format!("{video}_{frame:03}_scene.jpg");
            prop_assert_eq!(scene(&file), Some(video.as_str()));
        }
    }
}
