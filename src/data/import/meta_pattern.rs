//! MetaPattern: each video's frames in an archive `+<SET>/<path of the video>.zip` (with info.txt: faces, frames), or in
//! a folder of that name, and headerless lists `path,pa[,faces,frames]` where pa is 0 live, 1 paper, 2 video, 3 mask.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use crate::data::manifest::{LiveIs, RawLabel, Told, is_zip, list_zip};
use crate::data::{Footage, SetName, Split};

use super::entry::{Found, counted, share, species_of};
use super::finder::{Finder, Spot};
use super::gather::Gather;
use super::lines::{self, lines};
use super::origin;
use super::tree::Tree;
use super::words::split_word;
use super::{Layout, Sight};

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Video<'t> {
    path: &'t str,
    kind: i64,
    /// Frames in which a face was found, if written.
    faces: Option<usize>,
}

fn parse(line: &str) -> Option<Video<'_>> {
    let mut cells = line.split(',').map(str::trim);
    let path = cells.next()?;
    let kind = cells.next()?.parse().ok()?;
    let faces = cells.next().and_then(|c| c.parse().ok());
    (path.contains('/') && cells.count() <= 1).then_some(Video { path, kind, faces })
}

/// Whether a line is of such a list: the set's folder begins with a plus, or the path ends in .zip.
fn fits(line: &str) -> bool {
    parse(line).is_some_and(|v| is_zip(v.path) || v.path.split('/').any(|p| p.starts_with('+') && p.len() > 1))
}

/// Reads the layout.
pub fn read(sight: &Sight) -> Option<Found> {
    let mut problems = vec![];
    let lists = lines::lists(&sight.lists, &["csv"], (0.5, fits), &mut problems);
    if lists.is_empty() {
        return None;
    }
    let tree = sight.pictures();
    let (mut files, mut folders) = (Finder::files(tree), Finder::folders(tree));
    let mut wrong = Told::default();
    // Each archive is opened once, whatever lists name it.
    let mut spots: BTreeMap<&str, Option<Spot>> = BTreeMap::new();
    let mut rows = vec![];
    for (name, text) in &lists {
        let file = name.rsplit('/').next().unwrap_or(name);
        let split = part(file);
        for (number, line) in lines(text) {
            match parse(line) {
                Some(video) => {
                    spots.entry(video.path).or_insert_with(|| {
                        let bare = video.path.strip_suffix(".zip").unwrap_or(video.path);
                        files
                            .find(video.path)
                            .or_else(|| folders.find(video.path))
                            .or_else(|| folders.find(bare))
                            .or_else(|| files.find(&format!("{bare}.zip")))
                    });
                    rows.push((name.as_str(), split, video));
                }
                None => wrong.add(format!("{name} line {number}")),
            }
        }
    }
    wrong.tell(&mut problems, |n| format!("Lines that do not read path,pa,faces,frames were passed over: {n}"));
    let footage: HashMap<&str, Result<(String, Footage), String>> = spots
        .into_par_iter()
        .filter_map(|(path, spot)| {
            let spot = spot?;
            Some((path, footage(tree, spot)))
        })
        .collect();
    let (mut damaged, mut empty, mut fewer) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut swapped: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut gather = Gather::default();
    for (list, split, video) in &rows {
        let raw = RawLabel::Number(video.kind);
        let said = origin::say(video.path);
        if let (Some(SetName::MsuMfsd), Some(by_name), Some(by_list)) = (said.set, said.split, *split) {
            let (against, all) = swapped.entry(list).or_default();
            (*against, *all) = (*against + usize::from(by_name != by_list), *all + 1);
        }
        let clip = match footage.get(video.path) {
            Some(Ok((name, footage))) => {
                let there = match footage {
                    Footage::Zip { entries, .. } => entries.len(),
                    Footage::Pictures(p) => p.len(),
                    Footage::Video(_) => 0,
                };
                if video.faces.is_some_and(|n| there < n) {
                    fewer.insert(name.clone());
                }
                if there == 0 {
                    empty.insert(name.clone());
                    continue;
                }
                Some((name.clone(), footage.clone()))
            }
            Some(Err(e)) => {
                damaged.insert(format!("{}: {e}", video.path));
                continue;
            }
            None => None,
        };
        // What the path says of the part goes before the list: see the note on MSU-MFSD.
        gather.whole(video.path, clip, raw, split.filter(|_| said.split.is_none()));
    }
    Told::of(&damaged).tell(&mut problems, |n| format!("Archives that cannot be read were left out: {n}"));
    Told::of(&empty).tell(&mut problems, |n| format!("Videos without a single picture were left out: {n}"));
    Told::of(&fewer).tell(&mut problems, |n| format!("Videos with fewer pictures than their list says: {n}"));
    for (list, (against, all)) in swapped {
        if against > 0 {
            problems.push(format!(
                "{list}: {against} of {all} videos of MSU-MFSD are of people whom the set's own lists have in the other \
                 part (MetaPattern's train and test lists are swapped); the set's own parts are used."
            ));
        }
    }
    let (listed, there) = gather.counts();
    let entries = gather.clips(&mut problems, |g| {
        if g.entry.species.is_empty() {
            g.entry.species = species_of(g.entry.raw, ["paper", "video", "mask"]);
        }
    });
    Some(Found {
        layout: Layout::MetaPattern,
        confidence: share(there, listed).max(0.05),
        because: format!("{}: {there} of {listed} entries lead to videos", counted(lists.len(), "list")),
        fixed: Some((LiveIs::Zero, "MetaPattern's lists")),
        entries,
        problems,
    })
}

/// The pictures of an archive or a folder. The name is without .zip, so that both are the same clip.
fn footage(tree: &Tree, spot: Spot) -> Result<(String, Footage), String> {
    let name = spot.name.strip_suffix(".zip").unwrap_or(&spot.name).to_owned();
    if spot.path.is_dir() {
        let pictures = tree.pictures_in(&spot.name).into_iter().map(|p| tree.path(p)).collect();
        return Ok((name, Footage::Pictures(pictures)));
    }
    let entries = list_zip(&spot.path)?;
    Ok((name, Footage::Zip { archive: spot.path, entries }))
}

/// The part that a list's name says. Lists of several sets, as C+M+I-TRAIN, are parts of a benchmark, not of a set.
fn part(name: &str) -> Option<Split> {
    if name.contains('+') { None } else { split_word(name) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::manifest::testing::mutated;

    #[test]
    fn lines_hold_a_path_the_kind_of_attack_and_counts() {
        let line = "/+CASIA-FASD/test_release/11/1.avi.zip,0,107,108";
        assert_eq!(
            parse(line),
            Some(Video { path: "/+CASIA-FASD/test_release/11/1.avi.zip", kind: 0, faces: Some(107) })
        );
        assert_eq!(parse("a/b.zip , 2").map(|v| (v.kind, v.faces)), Some((2, None)));
        for line in ["a.zip,1", "a/b,x", "a/b", "a/b,1,2,3,4", ""] {
            assert_eq!(parse(line), None, "{line}");
        }
        assert!(fits(line) && fits("+OULU-NPU/Train_files/1_1_01_1.avi,1") && !fits("casia/1/1.png,0"));
        assert_eq!(
            ["CASIA-TRAIN.csv", "C+M+I-TRAIN.csv", "OULU-NPU.csv", "REPLAY-DEV-S.csv"].map(part),
            [Some(Split::Train), None, None, Some(Split::Dev)]
        );
    }

    proptest! {
        #[test]
        fn damaged_lists_give_videos_or_nothing(bytes in mutated("/+MSU-MFSD/scene01/real/a.mov.zip,0,301,301\r\n/+X/b.zip,2\n")) {
            let text = lines::decode(&bytes, "x", &mut vec![]);
            for (_, line) in lines(&text) {
                if let Some(video) = parse(line) {
                    prop_assert!(video.path.contains('/') && line.contains(video.path));
                }
            }
        }
    }
}
