//! MADDG, RFMetaFAS and FedGPAD: a folder a set with `image_list_{real,fake,all,print,video}.txt`, lines `path label`
//! counted from that folder, and depth maps of live faces, `depth/<first folders of the path>/<picture>_depth.jpg`. All
//! attacks share one black map, which is the same as saying nothing: attacks have no depth here.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::data::manifest::{LiveIs, RawLabel, Told};
use crate::data::{Label, SetName};

use super::entry::{Found, share};
use super::finder::Finder;
use super::gather::{Gather, clip_by_folder};
use super::lines::{self, lines};
use super::tree::{Tree, parent};
use super::words::set_word;
use super::{Layout, Sight};

/// Which list a file is.
fn kind(file: &str) -> Option<&str> {
    let kind = file.strip_prefix("image_list_")?.strip_suffix(".txt")?;
    ["real", "fake", "all", "print", "video"].contains(&kind).then_some(kind)
}

/// Path and label: the first two words, of the second what stands before a comma.
fn parse(line: &str) -> Option<(&str, i64)> {
    let mut words = line.split_whitespace();
    let path = words.next()?;
    let label = words.next()?.split(',').next()?;
    match RawLabel::read(label)? {
        RawLabel::Number(n) => Some((path, n)),
        RawLabel::Word(_) => None,
    }
}

/// Reads the layout.
pub fn read(sight: &Sight) -> Option<Found> {
    let mut sets: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for name in sight.lists.names() {
        if let Some(kind) = kind(name.rsplit('/').next().unwrap_or(name)) {
            sets.entry(parent(name)).or_default().push((kind, name));
        }
    }
    if sets.is_empty() {
        return None;
    }
    let tree = sight.pictures();
    let mut finder = Finder::files(tree);
    let (mut problems, mut entries, mut titles) = (vec![], vec![], vec![]);
    let (mut listed, mut there) = (0, 0);
    let (mut wrong, mut against) = (Told::default(), Told::default());
    for (base, lists) in sets {
        let folder = match base.rsplit('/').next() {
            Some(last) if !last.is_empty() => last.to_owned(),
            _ => sight.lists.path("").file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
        };
        titles.push(folder.clone());
        let set = set_word(&folder);
        let of = |kinds: &[&str]| lists.iter().any(|(k, _)| kinds.contains(k));
        let by_class = of(&["real"]) && of(&["fake", "print", "video"]);
        let mut gather = Gather::loose();
        let mut species: BTreeMap<String, &str> = BTreeMap::new();
        for (kind, name) in &lists {
            // The list of all pictures says nothing that the lists of both classes do not.
            if *kind == "all" && by_class {
                continue;
            }
            let Some(text) = lines::read(&sight.lists.path(name), name, &mut problems) else { continue };
            for (number, line) in lines(&text) {
                let Some((path, label)) = parse(line) else {
                    wrong.add(format!("{name} line {number}"));
                    continue;
                };
                let raw = match *kind {
                    "all" => RawLabel::Number(label),
                    "real" => RawLabel::Word(Label::Live),
                    _ => RawLabel::Word(Label::Spoof),
                };
                if let RawLabel::Word(class) = raw
                    && LiveIs::One.label(label) != class
                {
                    against.add(format!("{name} line {number}"));
                }
                let whole = if base.is_empty() { path.to_owned() } else { format!("{base}/{path}") };
                let spot = finder.find(&whole).or_else(|| finder.find(&format!("{folder}/{path}")));
                if let Some(spot) = &spot
                    && ["print", "video"].contains(kind)
                {
                    species.insert(clip_by_folder(&spot.name), kind);
                }
                gather.picture(path, spot, clip_by_folder, raw, None);
            }
        }
        let (of_set, found) = gather.counts();
        (listed, there) = (listed + of_set, there + found);
        let (mut maps, mut mapless) = (0, Told::default());
        let mut clips = gather.clips(&mut problems, |g| {
            if g.said.set.is_none() {
                g.entry.domain = set.map_or_else(|| folder.clone(), |s| s.title().to_owned());
            }
            if g.entry.species.is_empty()
                && let Some(kind) = species.get(&g.entry.path)
            {
                (*kind).clone_into(&mut g.entry.species);
            }
            if g.entry.raw == RawLabel::Word(Label::Spoof) {
                return;
            }
            let depth: Vec<_> = g.names.iter().map(|n| depth_of(tree, n, set)).collect();
            if depth.iter().any(Option::is_some) {
                maps += 1;
                depth.iter().zip(g.names).filter(|(d, _)| d.is_none()).for_each(|(_, n)| mapless.add(n));
                g.entry.depth = depth;
            } else {
                g.names.first().into_iter().for_each(|n| mapless.add(n));
            }
        });
        if maps > 0 {
            mapless.tell(&mut problems, |n| format!("Live pictures of {folder} without a depth map: {n}"));
        }
        entries.append(&mut clips);
    }
    wrong.tell(&mut problems, |n| format!("Lines that do not read path label were passed over: {n}"));
    against.tell(&mut problems, |n| {
        format!("Lines whose number contradicts the name of their list (1 is live in this layout) go by the name: {n}")
    });
    Some(Found {
        layout: Layout::ImageLists,
        confidence: share(there, listed).max(0.05),
        because: format!("image lists of {}: {there} of {listed} entries lead to pictures", titles.join(", ")),
        fixed: Some((LiveIs::One, "image lists of MADDG and RFMetaFAS")),
        entries,
        problems,
    })
}

/// The depth map of the picture called `name`: below a folder `depth` beside the folders of the picture's path.
fn depth_of(tree: &Tree, name: &str, set: Option<SetName>) -> Option<PathBuf> {
    let parts: Vec<&str> = name.split('/').collect();
    let (file, folders) = parts.split_last()?;
    let stem = file.rsplit_once('.').map_or(*file, |s| s.0);
    // How many folders of the path are kept goes by the set; others are tried after that.
    let usual = match set {
        Some(SetName::OuluNpu) => 1,
        Some(SetName::MsuMfsd) => 2,
        _ => 3,
    };
    for base in (0..=folders.len()).rev() {
        let (above, below) = folders.split_at(base);
        for kept in [usual, 3, 2, 1, 0, below.len()] {
            for extension in ["jpg", "png"] {
                let kept = &below[..kept.min(below.len())];
                let map = [above, &["depth"], kept, &[&format!("{stem}_depth.{extension}")]].concat().join("/");
                if tree.files.has(&map) {
                    return Some(tree.path(&map));
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::manifest::testing::mutated;

    #[test]
    fn lines_hold_a_path_and_a_label() {
        assert_eq!(parse("real/a/1.png 1"), Some(("real/a/1.png", 1)));
        assert_eq!(parse("real/a/1.png\t0,3,4,5 extra"), Some(("real/a/1.png", 0)));
        assert_eq!((parse("alone"), parse("a/1.png live"), parse("")), (None, None, None));
        assert_eq!(
            (kind("image_list_real.txt"), kind("image_list_other.txt"), kind("list_real.txt")),
            (Some("real"), None, None)
        );
    }

    proptest! {
        #[test]
        fn damaged_lists_give_pictures_or_nothing(bytes in mutated("train/real/a/1.png 1\r\ntrain/real/a/2.png 1\n")) {
            let text = lines::decode(&bytes, "x", &mut vec![]);
            for (_, line) in lines(&text) {
                if let Some((path, _)) = parse(line) {
                    prop_assert!(!path.is_empty() && line.starts_with(path));
                }
            }
        }
    }
}
