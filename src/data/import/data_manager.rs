//! FAS_DataManager: native frames `<path of the video>/<number>.png`, counted from 1, beside each a
//! `<number>_bbox_mtccnn.txt` (corners and score, then five landmarks), and headerless lists `path of a frame,label`
//! with 0 live, 1 print, 2 replay, 3 mask. Without lists the original videos' names say what they are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::data::manifest::{LiveIs, RawLabel, Told};

use super::boxes::BoxFile;
use super::entry::{Faces, Found, counted, share, species_of};
use super::finder::{Finder, Spot};
use super::gather::{Gather, Gathered};
use super::lines::{self, lines, path_and_label};
use super::origin;
use super::tree::{Tree, parent};
use super::words::split_word;
use super::{Layout, Sight};

const BOX: &str = "_bbox_mtccnn.txt";

fn box_of(tree: &Tree, picture: &str) -> Option<PathBuf> {
    let name = format!("{}{BOX}", picture.rsplit_once('.')?.0);
    tree.files.has(&name).then(|| tree.path(&name))
}

/// A line of a list: a picture and its label. A name that is nothing but the ending is a hidden file's, no picture's.
fn parse(line: &str) -> Option<(&str, i64)> {
    let (path, label) = path_and_label(line)?;
    match RawLabel::read(label)? {
        RawLabel::Number(n) if Path::new(path).extension()?.eq_ignore_ascii_case("png") => Some((path, n)),
        _ => None,
    }
}

/// Reads the layout.
pub fn read(sight: &Sight) -> Option<Found> {
    let tree = sight.pictures();
    if !tree.names().any(|n| n.ends_with(BOX)) {
        return None;
    }
    let mut problems = vec![];
    let mut gather = Gather::default();
    let mut finder = Finder::files(tree);
    let mut lists = 0;
    for name in sight.lists.names().filter(|n| n.to_lowercase().ends_with(".csv")) {
        let Some(text) = lines::read(&sight.lists.path(name), name, &mut problems) else { continue };
        if lines(&text).next().is_none_or(|(_, line)| parse(line).is_none()) {
            continue;
        }
        lists += 1;
        let split = split_word(name.rsplit('/').next().unwrap_or(name));
        let mut wrong = Told::default();
        for (number, line) in lines(&text) {
            match parse(line) {
                Some((path, label)) => {
                    let raw = RawLabel::Number(label);
                    gather.picture(path, finder.find(path), |n| parent(n).to_owned(), raw, split);
                }
                None => wrong.add(format!("line {number}")),
            }
        }
        wrong.tell(&mut problems, |n| format!("Lines of {name} that do not read path,label were passed over: {n}"));
    }
    let mut unnamed = Told::default();
    if lists == 0 {
        let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        tree.pictures().for_each(|p| folders.entry(parent(p)).or_default().push(p));
        for (folder, pictures) in folders {
            let Some(label) = origin::say(folder).label else {
                unnamed.add(folder);
                continue;
            };
            for picture in pictures {
                let spot = Spot { name: picture.to_owned(), path: tree.path(picture) };
                gather.picture(picture, Some(spot), |n| parent(n).to_owned(), RawLabel::Word(label), None);
            }
        }
        unnamed.tell(&mut problems, |n| {
            format!("Put the lists below the root; videos whose names do not say what they are were left out: {n}")
        });
    }
    let (listed, there) = gather.counts();
    let mut no_box = Told::default();
    let entries = gather.clips(&mut problems, |Gathered { entry, names, .. }| {
        entry.cropped = false;
        let boxes: Vec<Option<PathBuf>> = names.iter().map(|n| box_of(tree, n)).collect();
        boxes.iter().zip(names).filter(|(b, _)| b.is_none()).for_each(|(_, n)| no_box.add(n));
        if boxes.iter().any(Option::is_some) {
            entry.faces = Faces::Files(BoxFile::Mtcnn, boxes);
        }
        if entry.species.is_empty() {
            entry.species = species_of(entry.raw, ["print", "replay", "mask"]);
        }
    });
    no_box.tell(&mut problems, |n| format!("Frames without a face box, where no face was found: {n}"));
    let missing = unnamed.count() * there / entries.len().max(1);
    Some(Found {
        layout: Layout::DataManager,
        confidence: share(there, listed + missing).max(0.05),
        because: format!("frames with {BOX}, {}: {there} of {listed} entries lead to pictures", counted(lists, "list")),
        fixed: Some((LiveIs::Zero, "FAS_DataManager's lists")),
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
    fn lines_hold_a_picture_and_a_label() {
        assert_eq!(
            parse("/home/x/ROSE-YOUTU/train/2/G_NT_5s_wg_E_2_1.mp4/1.png,0"),
            Some(("/home/x/ROSE-YOUTU/train/2/G_NT_5s_wg_E_2_1.mp4/1.png", 0))
        );
        assert_eq!((parse("a.png,x"), parse("a.zip,0"), parse("a.png"), parse(",0")), (None, None, None, None));
        assert_eq!((parse(".png,0"), parse("/x/.png,0")), (None, None));
    }

    proptest! {
        #[test]
        fn damaged_lists_give_pictures_or_nothing(bytes in mutated("/x/ROSE/train/2/G.mp4/1.png,0\r\n/x/b.mov/2.png,3")) {
            let text = lines::decode(&bytes, "x", &mut vec![]);
            for (_, line) in lines(&text) {
                if let Some((path, _)) = parse(line) {
                    prop_assert!(path.len() > 4 && line.contains(path));
                }
            }
        }
    }
}
