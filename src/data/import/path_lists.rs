//! Lists of a path and a label a line, of pictures, of folders of pictures, of videos or archives: liuajian's
//! (`MSU_MFSD/real/<video>/crop/103.png 0`, 0 is live) and many others, which agree on nothing but that.

use std::collections::BTreeSet;

use crate::data::Footage;
use crate::data::folder::{Modality, modality_of};
use crate::data::manifest::{LiveIs, RawLabel, Told, is_picture, is_video, is_zip, list_zip};

use super::entry::{Found, counted, share};
use super::finder::{Finder, Spot};
use super::gather::{Gather, clip_by_folder};
use super::lines::{self, lines, path_and_label};
use super::thumbnail::look_cropped;
use super::tree::parent;
use super::words::split_word;
use super::{Layout, Sight};

/// The columns of a line that name several pictures, as of colour, depth and infrared.
fn pictures_of(line: &str) -> Vec<&str> {
    let columns = line.split([',', ';', '\t', ' ']).map(|c| c.trim().trim_matches('"'));
    let named: Vec<&str> = columns.filter(|c| is_picture(c) || is_video(c)).collect();
    if named.len() > 1 { named } else { vec![] }
}

/// A line whose path can be one and whose label can be read. Of several pictures the path is that of the one in colour,
/// or empty where none or several are called so.
fn parse(line: &str) -> Option<(&str, RawLabel)> {
    let (path, label) = path_and_label(line)?;
    let several = pictures_of(line);
    if !several.is_empty() {
        let mut colour = several.iter().filter(|p| modality_of(p) == Some(Modality::Colour));
        let path = match (colour.next(), colour.next()) {
            (Some(path), None) => path,
            _ => "",
        };
        return Some((path, RawLabel::read(label)?));
    }
    let raw = RawLabel::read(label)?;
    let like_a_path = path.contains(['/', '\\']) || is_picture(path) || is_video(path) || is_zip(path);
    (like_a_path && !path.contains(',')).then_some((path, raw))
}

/// Folders of colour pictures beside those of depth and infrared: CASIA-SURF CeFA's and CASIA-SURF's.
const COLOUR: [&str; 4] = ["profile", "color", "colour", "rgb"];

/// Reads the layout.
pub fn read(sight: &Sight) -> Option<Found> {
    let mut problems = vec![];
    let like_lists = (0.8, |line: &str| parse(line).is_some());
    let lists = lines::lists(&sight.lists, &["txt", "csv", "lst", "list"], like_lists, &mut problems);
    if lists.is_empty() {
        return None;
    }
    let tree = sight.pictures();
    let (mut files, mut folders) = (Finder::files(tree), Finder::folders(tree));
    let mut gather = Gather::loose();
    let (mut wrong, mut damaged, mut crops) = (Told::default(), BTreeSet::new(), false);
    let (mut several, mut barren, mut columns) = (Told::default(), Told::default(), false);
    for (name, text) in &lists {
        let split = split_word(name.rsplit('/').next().unwrap_or(name));
        for (number, line) in lines(text) {
            let Some((path, raw)) = parse(line) else {
                wrong.add(format!("{name} line {number}"));
                continue;
            };
            if path.is_empty() {
                several.add(format!("{name} line {number}"));
                continue;
            }
            columns |= !pictures_of(line).is_empty();
            crops |= path.contains("/crop/");
            if is_picture(path) {
                gather.picture(path, files.find(path), clip_by_folder, raw, split);
                continue;
            }
            if is_video(path)
                && let Some(spot) = files.find(path)
            {
                gather.whole(path, Some((spot.name, Footage::Video(spot.path))), raw, split);
                continue;
            }
            if let Some(spot) = files.find(path).filter(|_| is_zip(path)) {
                match list_zip(&spot.path) {
                    Ok(entries) if !entries.is_empty() => {
                        let footage = Footage::Zip { archive: spot.path, entries };
                        gather.whole(path, Some((spot.name, footage)), raw, split);
                    }
                    Ok(_) => {
                        damaged.insert(format!("{path}: no pictures"));
                    }
                    Err(e) => {
                        damaged.insert(format!("{path}: {e}"));
                    }
                }
                continue;
            }
            // A folder of pictures, or the folder above one called crop.
            let pictures = folders.find(path).map(|spot| {
                let own = tree.pictures_in(&spot.name);
                let cut = tree.pictures_in(&format!("{}/crop", spot.name));
                crops |= !cut.is_empty();
                let below = |colour: &&str| tree.pictures_in(&format!("{}/{colour}", spot.name));
                let colour = || COLOUR.iter().map(below).find(|p| !p.is_empty()).unwrap_or_default();
                if !cut.is_empty() {
                    cut
                } else if own.is_empty() {
                    colour()
                } else {
                    own
                }
            });
            match pictures {
                Some(pictures) if !pictures.is_empty() => {
                    for picture in pictures {
                        let spot = Spot { name: picture.to_owned(), path: tree.path(picture) };
                        gather.picture(picture, Some(spot), clip_by_folder, raw, split);
                    }
                }
                Some(_) => barren.add(path),
                None => gather.whole(path, None, raw, split),
            }
        }
    }
    several.tell(&mut problems, |n| {
        format!("Lines that name several pictures, of which not exactly one is called color, rgb or profile, were passed over: {n}")
    });
    barren.tell(&mut problems, |n| format!("Folders that hold no pictures of their own were left out: {n}"));
    if columns {
        problems.push("Lines name several pictures; the colour one is taken, depth and infrared are not.".to_owned());
    }
    wrong.tell(&mut problems, |n| format!("Lines that do not read path label were passed over: {n}"));
    Told::of(&damaged).tell(&mut problems, |n| format!("Archives that cannot be used were left out: {n}"));
    let (listed, there) = gather.counts();
    let mut entries = gather.clips(&mut problems, |g| {
        if g.entry.domain.is_empty() && !parent(&g.entry.path).is_empty() {
            g.entry.path.split('/').next().unwrap_or_default().clone_into(&mut g.entry.domain);
        }
    });
    if crops {
        for entry in &mut entries {
            entry.cropped = !matches!(entry.footage, Footage::Video(_));
        }
    } else {
        look_cropped(&mut entries, &mut problems);
    }
    Some(Found {
        layout: Layout::PathLists,
        confidence: share(there, listed).max(0.01),
        because: format!("{}: {there} of {listed} entries lead to files", counted(lists.len(), "list")),
        // Liuajian's lists, known by their folders of faces.
        fixed: crops.then_some((LiveIs::Zero, "liuajian's lists")),
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
    fn lines_hold_a_path_and_a_label_of_any_kind() {
        assert_eq!(
            parse("MSU_MFSD/real/a/crop/103.png 0"),
            Some(("MSU_MFSD/real/a/crop/103.png", RawLabel::Number(0)))
        );
        assert_eq!(parse("D:\\x\\live1.jpg,1").map(|p| p.1), Some(RawLabel::Number(1)));
        assert!(matches!(parse("a.avi spoof"), Some((_, RawLabel::Word(_)))));
        let several = "T/color/1.jpg T/depth/1.jpg T/ir/1.jpg 1";
        assert_eq!(parse(several), Some(("T/color/1.jpg", RawLabel::Number(1))));
        assert_eq!(parse("a,0-depth.jpg,0-ir.jpg,0"), Some(("", RawLabel::Number(0))));
        assert_eq!(parse("T/color/1.jpg T/depth/1.jpg T/ir/1.jpg"), None);
        for line in ["alice 1", "a/b.png", "a/b.png maybe", "0,12,13,14,15", "+1,1_1_01_1"] {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn damaged_lists_give_paths_or_nothing(bytes in mutated("MSU_MFSD/real/a/crop/103.png 0\r\nx\\y.avi,live\n/z/w.zip -1\n")) {
            let text = lines::decode(&bytes, "x", &mut vec![]);
            for (_, line) in lines(&text) {
                if let Some((path, _)) = parse(line) {
                    // Empty where several pictures stand in the line and none is called the one in colour.
                    prop_assert!(line.contains(path) && (!path.is_empty() || !pictures_of(line).is_empty()));
                }
            }
        }
    }
}
