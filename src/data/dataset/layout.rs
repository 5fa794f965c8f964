//! The grammars side by side, and the question which of them a tree follows. Folder names above the set's own play no
//! part in it.

use std::path::PathBuf;

use crate::data::clip::{ClipInfo, SetName};

use super::name::{Name, Reading};
use super::tree::{File, Tree, shown};
use super::{DatasetError, casia, msu, oulu, replay, rose, siw_m};

/// Part of a tree's videos that must follow a grammar for it to count.
const LEAST_SHARE: f64 = 0.5;
/// Part of a grammar's clips that the set's folder must hold; a copy that lies elsewhere does not move it up.
const CORE_SHARE: f64 = 0.95;
/// A second set among the first one's clips counts from one in this many.
const SECOND: usize = 20;

/// What a file of a set defines.
#[derive(Clone, Copy)]
pub struct Layout {
    pub set: SetName,
    pub read: fn(&Name) -> Option<Reading>,
    /// Whether a folder's name, in lower case, is one of the set's own.
    pub own: fn(&str) -> bool,
    /// Every clip of the published set; empty where numbers are not known.
    pub published: fn() -> Vec<ClipInfo>,
}

/// All sets; SiW-M's second version is decided on after the first has been recognised.
pub fn layouts() -> [Layout; 7] {
    let layout = |set, read, own, published| Layout { set, read, own, published };
    [
        layout(SetName::OuluNpu, oulu::read, oulu::own, oulu::published),
        layout(SetName::CasiaFasd, casia::read, casia::own, casia::published),
        layout(SetName::ReplayAttack, replay::read, replay::own, replay::published),
        layout(SetName::MsuMfsd, msu::read, msu::own, msu::published),
        layout(SetName::RoseYoutu, rose::read, rose::own, rose::published),
        layout(SetName::SiwM, siw_m::read, siw_m::own, siw_m::published),
        layout(SetName::SiwMv2, siw_m::read_v2, siw_m::own, Vec::new),
    ]
}

/// The layout of `set`.
pub fn layout_of(set: SetName) -> Option<Layout> {
    layouts().into_iter().find(|l| l.set == set)
}

/// A set in a tree.
pub struct Candidate {
    pub layout: Layout,
    /// The set's folder, from the tree's base, as its files' paths have it; empty for the base itself.
    pub root: PathBuf,
    /// How many clips follow the grammar there.
    pub clips: usize,
    /// How many videos there are in that folder.
    pub videos: usize,
}

impl Candidate {
    /// Whether a file lies in the set's folder.
    pub fn holds(&self, file: &File) -> bool {
        file.path.starts_with(&self.root)
    }
}

/// The set that `tree` holds; of several, the one that is asked for.
pub fn recognise(tree: &Tree, as_: Option<SetName>) -> Result<Candidate, DatasetError> {
    let mut found = recognise_all(tree, as_)?;
    if found.len() > 1 {
        let of = |c: &Candidate| format!("{} in {}", c.layout.set, tree.folder(&c.root).display());
        let sets = found.iter().map(of).collect::<Vec<_>>().join(", ");
        let (root, first) = (tree.base.display().to_string(), found[0].layout.set.name());
        return Err(DatasetError::Several { root, sets, first });
    }
    found.pop().ok_or_else(|| nothing(tree, as_))
}

/// All sets that `tree` holds, the one with the most clips first; an error if there is none. With `as_`, that set alone,
/// however few of the videos are its.
pub fn recognise_all(tree: &Tree, as_: Option<SetName>) -> Result<Vec<Candidate>, DatasetError> {
    let asked = |l: &Layout| match as_ {
        None | Some(SetName::SiwMv2) => true,
        Some(set) => l.set == set,
    };
    let family = layouts().into_iter().filter(|l| l.set != SetName::SiwMv2).filter(asked);
    let mut found: Vec<Candidate> = family.filter_map(|l| candidate(tree, l)).collect();
    for candidate in &mut found {
        version(tree, candidate);
    }
    match as_ {
        Some(SetName::SiwMv2) => found.retain(|c| c.layout.set == SetName::SiwMv2),
        Some(_) => {}
        None => found.retain(|c| c.clips as f64 >= c.videos as f64 * LEAST_SHARE),
    }
    // Stable: of equals the first in the list of sets.
    found.sort_by_key(|c| std::cmp::Reverse(c.clips));
    let most = found.first().map_or(0, |c| c.clips);
    found.retain(|c| c.clips * SECOND >= most);
    refuse_hashed(tree, &found)?;
    if found.is_empty() { Err(nothing(tree, as_)) } else { Ok(found) }
}

fn nothing(tree: &Tree, as_: Option<SetName>) -> DatasetError {
    let root = tree.base.display().to_string();
    let Some(first) = tree.videos.first() else {
        return match tree.pictures {
            0 => DatasetError::NoVideos { root },
            pictures => DatasetError::Pictures { root, pictures },
        };
    };
    let (videos, example) = (tree.videos.len(), first.shown());
    match as_ {
        Some(set) => DatasetError::NotThat { root, set, videos, example },
        None => DatasetError::Unknown { root, videos, example },
    }
}

/// The folder that holds nearly all clips of a grammar, and what else is in it.
fn candidate(tree: &Tree, layout: Layout) -> Option<Candidate> {
    // Where each clip's set would begin, as the number of leading folders.
    let begins: Vec<(&File, usize)> = tree
        .videos
        .iter()
        .filter_map(|file| {
            let name = file.name()?;
            let reading = (layout.read)(&name)?;
            Some((file, name.folders.len() - reading.own))
        })
        .collect();
    let root = core(&begins)?;
    let clips = begins.iter().filter(|(file, _)| file.path.starts_with(&root)).count();
    let videos = tree.videos.iter().filter(|f| f.path.starts_with(&root)).count();
    Some(Candidate { layout, root, clips, videos })
}

/// Goes down from the top while one folder holds nearly all.
fn core(begins: &[(&File, usize)]) -> Option<PathBuf> {
    let needed = (begins.len() as f64 * CORE_SHARE).ceil() as usize;
    let mut root = PathBuf::new();
    if begins.is_empty() {
        return None;
    }
    for depth in 0.. {
        let within = |(file, begin): &&(&File, usize)| file.path.starts_with(&root) && *begin > depth;
        // Files are sorted, so those of one folder stand together.
        let mut next: Option<(&std::ffi::OsStr, usize)> = None;
        let mut best: Option<(&std::ffi::OsStr, usize)> = None;
        for (file, _) in begins.iter().filter(within) {
            let Some(folder) = file.path.components().nth(depth) else { continue };
            next = match next {
                Some((last, n)) if last == folder.as_os_str() => Some((last, n + 1)),
                _ => Some((folder.as_os_str(), 1)),
            };
            if best.is_none_or(|b| next.is_some_and(|n| n.1 > b.1)) {
                best = next;
            }
        }
        match best {
            Some((folder, n)) if n >= needed => root.push(folder),
            _ => break,
        }
    }
    Some(root)
}

/// Tells SiW-M's versions apart.
fn version(tree: &Tree, candidate: &mut Candidate) {
    if candidate.layout.set == SetName::SiwM {
        let names = tree.videos.iter().filter(|f| f.path.starts_with(&candidate.root)).filter_map(File::name);
        if siw_m::second(names)
            && let Some(second) = layout_of(SetName::SiwMv2)
        {
            candidate.layout = second;
        }
    }
}

/// The competition's edition of OULU-NPU has names that say nothing.
fn refuse_hashed(tree: &Tree, found: &[Candidate]) -> Result<(), DatasetError> {
    let other = found.first().is_some_and(|c| c.layout.set != SetName::OuluNpu);
    let hashed: Vec<&File> = tree.videos.iter().filter(|f| f.name().is_some_and(|n| oulu::hashed(&n))).collect();
    let named = found.first().map_or(0, |c| c.clips);
    match hashed.first() {
        Some(first) if !other && hashed.len() * SECOND >= named => {
            Err(DatasetError::Hashed { root: tree.base.display().to_string(), example: shown(&first.path) })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(paths: &[&str]) -> Tree {
        let file = |p: &&str| File { path: PathBuf::from(p), lower: p.to_ascii_lowercase() };
        let mut videos: Vec<File> = paths.iter().map(file).collect();
        videos.sort();
        Tree { base: PathBuf::from("/data"), videos, ..Tree::default() }
    }

    fn found(paths: &[&str]) -> (SetName, String) {
        let candidate = recognise(&tree(paths), None).unwrap_or_else(|e| panic!("{e}"));
        (candidate.layout.set, shown(&candidate.root))
    }

    #[test]
    fn the_sets_folder_is_found_whatever_stands_above_it() {
        let oulu = ["a/b/Train_files/1_1_01_1.avi", "a/b/Test_files/1_1_36_1.avi"];
        assert_eq!(found(&oulu), (SetName::OuluNpu, "a/b".to_owned()));
        let nested = ["x/Train_files/Train_files/1_1_01_1.avi", "x/Test_files/Test_files/1_1_36_1.avi"];
        assert_eq!(found(&nested), (SetName::OuluNpu, "x".to_owned()));
        let msu = ["m/real/real_client001_android_SD_scene01.mp4"];
        assert_eq!(found(&msu), (SetName::MsuMfsd, "m".to_owned()));
        let casia = ["train_release/1/1.avi", "test_release/1/HR_1.avi"];
        assert_eq!(found(&casia), (SetName::CasiaFasd, String::new()));
    }

    #[test]
    fn two_sets_are_told_apart_or_told() {
        let two = ["o/Train_files/1_1_01_1.avi", "c/train_release/1/1.avi"];
        let error = recognise(&tree(&two), None).err().unwrap().to_string();
        assert!(error.contains("OULU-NPU in /data/o") && error.contains("CASIA-FASD in /data/c"), "{error}");
        let one = recognise(&tree(&two), Some(SetName::CasiaFasd)).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((one.layout.set, shown(&one.root)), (SetName::CasiaFasd, "c".to_owned()));
        assert!(recognise(&tree(&two), Some(SetName::MsuMfsd)).is_err());
    }

    #[test]
    fn a_folder_of_other_videos_is_no_set() {
        let error = |paths: &[&str]| recognise(&tree(paths), None).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(error(&[]).contains("no videos"));
        assert!(error(&["holiday.mp4", "x/1_1_01_1.mkv.mp4"]).contains("holiday.mp4"));
        assert!(error(&["1_1_01_1.avi", "a.avi", "b.avi"]).contains("None of the"));
        let hashed = error(&["Test_files/0123456789abcdef0123.avi", "Train_files/1_1_01_1.avi"]);
        assert!(hashed.contains("IJCB"), "{hashed}");
    }

    #[test]
    fn versions_of_siw_m_are_told_apart() {
        let set = |paths: &[&str]| found(paths).0;
        assert_eq!(set(&["Live/Train/Live_1.mov", "Mask/HalfMask/Mask_Half_1.mov"]), SetName::SiwM);
        assert_eq!(set(&["Live/Live_1.mov", "Spoof/Mask_HalfMask/Mask_Half_1.mov"]), SetName::SiwMv2);
        assert_eq!(set(&["Live/Train/Live_1.mov", "Spoof/Replay/Replay_1.mov"]), SetName::SiwMv2);
        assert_eq!(set(&["Live/Train/Live_1.mov"]), SetName::SiwM);
        assert_eq!(set(&["Live/Train/Live_701.mov"]), SetName::SiwMv2);
        assert_eq!(set(&["Live/Live_1.mov"]), SetName::SiwMv2);
    }
}
