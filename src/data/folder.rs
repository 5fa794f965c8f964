//! Faces from a folder of pictures: `live/` and `spoof/` (or real, `bona_fide`, fake, attack …), wherever they stand
//! below the root, optionally under train, dev and test. The first folder below `spoof/` names the attack species.
//! PNG, JPEG, BMP, WebP, TIFF and GIF of any size; the central square of each is scaled, so faces should be cropped already. The result
//! depends on names and pixels alone, not on the number of threads.

mod names;
mod picture;
pub(super) mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rayon::prelude::*;
use thiserror::Error;

use super::manifest::{
    HELD_OUT, PICTURE_FORMATS, PICTURES, a_fifth, is_other_picture, is_picture, is_video, shared_out,
};
use super::{DepthOrigin, FaceInfo, FaceSet, Label, Origin, Pixels, Split};

pub(in crate::data) use names::{Modality, Place, beside_colour, class_of, modality_of, modality_word};
pub(in crate::data) use names::{hash_share, place, split_of_share, split_word};
pub(in crate::data) use walk::files_below;

/// Why a folder gave no faces.
#[derive(Debug, Error)]
pub enum FolderError {
    /// The root is no folder or cannot be opened.
    #[error("{root} cannot be read as a folder ({source}); check the path")]
    Root {
        /// The path as given.
        root: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Nothing to read under any class folder.
    #[error(
        "{root} holds no pictures ({PICTURE_FORMATS}) under folders named live and spoof; put bona fide faces below live/ \
         and attacks below spoof/"
    )]
    NoPictures {
        /// The path as given.
        root: String,
    },
    /// Pictures of one class only, before or after leaving out unreadable ones.
    #[error("{root} holds no readable {missing} pictures, only {found} of the other class; put some below {missing}/")]
    OneClass {
        /// The path as given.
        root: String,
        /// "live" or "spoof".
        missing: &'static str,
        /// Readable pictures of the other class.
        found: usize,
    },
    /// Not one picture could be decoded.
    #[error("none of the {count} pictures in {root} could be read; the first: {first}")]
    NothingReadable {
        /// The path as given.
        root: String,
        /// How many were tried.
        count: usize,
        /// The first one's problem.
        first: String,
    },
    /// The wanted size is out of range or needs more memory than there is.
    #[error(
        "{count} pictures of {size} x {size} pixels need {mib} MiB of memory, which cannot be had; lower data.size"
    )]
    TooLarge {
        /// Pictures found.
        count: usize,
        /// Wanted side in pixels.
        size: usize,
        /// Memory that takes.
        mib: usize,
    },
    /// The wanted size makes no sense.
    #[error("pictures of {size} x {size} pixels are not possible; data.size goes from 1 to 8192")]
    Size {
        /// Wanted side in pixels.
        size: usize,
    },
    /// `progress` said so.
    #[error("reading {root} was stopped")]
    Stopped {
        /// The path as given.
        root: String,
    },
}

/// Problems of single files that are told one by one; the rest is counted.
const TOLD: usize = 20;

/// More species than this look like clips one level too high.
const MANY_SPECIES: usize = 30;

/// Reads all faces below `root` at `size` x `size` pixels (1 to 8192). `progress` hears (pictures done, pictures in
/// all) from several threads and in no order, and may stop the work. What is odd but not fatal (unreadable files, empty
/// splits, subjects that may overlap) stands in the set's `problems`.
pub fn load_folder(
    root: &Path,
    size: usize,
    progress: &(dyn Fn(usize, usize) -> ControlFlow<()> + Sync),
) -> Result<FaceSet, FolderError> {
    let name = root.display().to_string();
    if !(1..=8192).contains(&size) {
        return Err(FolderError::Size { size });
    }
    let mut problems = vec![];
    let files = files_below(root, &mut problems).map_err(|source| FolderError::Root { root: name.clone(), source })?;
    let found = sort_out(&files, &mut problems);
    if found.is_empty() {
        return Err(FolderError::NoPictures { root: name });
    }
    let faces = settle_splits(&found, &mut problems);

    let area = size * size * 3;
    let mut rgb = vec![];
    let too_large = || FolderError::TooLarge { count: found.len(), size, mib: found.len().saturating_mul(area) >> 20 };
    let bytes = found.len().checked_mul(area).ok_or_else(too_large)?;
    rgb.try_reserve_exact(bytes).map_err(|_no_memory| too_large())?;
    rgb.resize(bytes, 0_u8);
    let (done, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let read = |(target, (path, _)): (&mut [u8], &(PathBuf, Place))| {
        if stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        let outcome = picture::read_square(&root.join(path), size as u32).map(|p| target.copy_from_slice(p.as_raw()));
        if progress(done.fetch_add(1, Ordering::Relaxed) + 1, found.len()).is_break() {
            stop.store(true, Ordering::Relaxed);
        }
        outcome.map_err(|what| format!("{} could not be read ({what}); it was left out.", path.display()))
    };
    let outcomes: Vec<Result<(), String>> = rgb.par_chunks_mut(area).zip(&found).map(read).collect();
    if stop.into_inner() {
        return Err(FolderError::Stopped { root: name });
    }

    let (faces, unreadable) = keep_readable(faces, &mut rgb, area, outcomes);
    if faces.is_empty() {
        let first = unreadable.into_iter().next().unwrap_or_default();
        return Err(FolderError::NothingReadable { root: name, count: found.len(), first });
    }
    tell(unreadable, "pictures", &mut problems);
    for (label, missing) in [(Label::Live, "live"), (Label::Spoof, "spoof")] {
        if faces.iter().all(|f| f.label != label) {
            return Err(FolderError::OneClass { root: name, missing, found: faces.len() });
        }
    }
    look_at_splits(&faces, &mut problems);
    let short = root.canonicalize().ok().and_then(|p| Some(p.file_name()?.to_string_lossy().into_owned()));
    let mut set = FaceSet {
        name: short.unwrap_or(name),
        origin: Origin::Real,
        size,
        faces,
        rgb: Pixels::owned(rgb, area),
        depth: None,
        depth_origin: DepthOrigin::None,
        mask: None,
        fingerprint: String::new(),
        problems,
    };
    set.fingerprint = set.compute_fingerprint();
    Ok(set)
}

/// The pictures among `files` with what their paths say; what is left out becomes a sentence.
fn sort_out(files: &[PathBuf], problems: &mut Vec<String>) -> Vec<(PathBuf, Place)> {
    let mut found = vec![];
    let (mut outside, mut odd_names, mut other_media) = (vec![], vec![], vec![]);
    let mut maps = vec![];
    let names: Vec<String> = files.iter().map(|f| f.to_string_lossy().into_owned()).collect();
    let beside = beside_colour(names.iter().filter(|n| is_picture(n)).map(String::as_str));
    for (path, name) in files.iter().zip(&names) {
        if beside.contains(name.as_str()) {
            maps.push(format!("{name} is a depth map or infrared picture by its name and was left out."));
            continue;
        }
        let path = path.clone();
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        match extension.as_str() {
            known if PICTURES.contains(&known) => {}
            _ if is_other_picture(name) || is_video(name) => {
                other_media.push(format!("{} is in none of {PICTURE_FORMATS}; convert it first.", path.display()));
                continue;
            }
            _ => continue,
        }
        let Some(parts) = path.iter().map(|p| p.to_str()).collect::<Option<Vec<_>>>() else {
            odd_names.push(format!("{} has a name that is not UTF-8; rename it.", path.display()));
            continue;
        };
        let folders = &parts[..parts.len() - 1];
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        match place(folders, stem) {
            Some(place) => found.push((path, place)),
            None => outside.push(format!("{} is below neither live nor spoof and was left out.", path.display())),
        }
    }
    tell(outside, "pictures", problems);
    tell(maps, "pictures", problems);
    tell(odd_names, "pictures", problems);
    tell(other_media, "files", problems);
    found
}

/// Adds `sentences` to `problems`, the first few in full.
fn tell(mut sentences: Vec<String>, what: &str, problems: &mut Vec<String>) {
    let more = sentences.len().saturating_sub(TOLD);
    sentences.truncate(TOLD);
    problems.append(&mut sentences);
    if more > 0 {
        problems.push(format!("The same holds for {more} more {what}."));
    }
}

/// One entry a picture. Splits are those of the folders; without any, a hash of the clips' names.
fn settle_splits(found: &[(PathBuf, Place)], problems: &mut Vec<String>) -> Vec<FaceInfo> {
    let by_folder = found.iter().any(|(_, place)| place.split.is_some());
    if !by_folder {
        problems.push(
            "There are no train, dev and test folders: clips were split 70/15/15 by a hash of their names, so the same \
             subject may stand in several parts."
                .to_owned(),
        );
    }
    let stray = found.iter().filter(|(_, place)| by_folder && place.split.is_none()).count();
    if stray > 0 {
        problems.push(format!(
            "Pictures outside the train, dev and test folders that others are in: {stray}; they were taken for training."
        ));
    }
    let training = |place: &Place| by_folder && matches!(place.split, None | Some(Split::Train));
    let no_dev = by_folder && found.iter().all(|(_, place)| place.split != Some(Split::Dev));
    let held = if no_dev {
        let train = found.iter().map(|(_, p)| p).filter(|p| training(p));
        a_fifth(train.map(|p| (p.group.clone(), "", p.label == Label::Live)))
    } else {
        BTreeSet::new()
    };
    if !held.is_empty() {
        problems.push(HELD_OUT.to_owned());
    }
    let parts = shared_out(found.iter().map(|(_, place)| (place.group.clone(), place.label)));
    let species: BTreeSet<&str> = found.iter().map(|(_, place)| place.species.as_str()).collect();
    if species.len() > MANY_SPECIES {
        problems.push(format!(
            "The folders below spoof are taken for {} attack species; if they are clips, put them one level deeper, as \
             in spoof/print/clip.",
            species.len() - 1
        ));
    }
    let info = |(path, place): &(PathBuf, Place)| FaceInfo {
        key: path.iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>().join("/"),
        clip: place.clip.clone(),
        domain: String::new(),
        label: place.label,
        species: place.species.clone(),
        subject: String::new(),
        camera: String::new(),
        session: String::new(),
        split: match place.split {
            _ if training(place) && held.contains(&place.group) => Split::Dev,
            Some(split) => split,
            None if by_folder => Split::Train,
            None => parts.get(&place.group).copied().unwrap_or(Split::Train),
        },
    };
    found.iter().map(info).collect()
}

/// Drops the faces whose picture failed, closes the gaps in `rgb`, and gives the failures in order.
fn keep_readable(
    faces: Vec<FaceInfo>,
    rgb: &mut Vec<u8>,
    area: usize,
    outcomes: Vec<Result<(), String>>,
) -> (Vec<FaceInfo>, Vec<String>) {
    let (mut kept, mut failures) = (vec![], vec![]);
    for (i, (face, outcome)) in faces.into_iter().zip(outcomes).enumerate() {
        match outcome {
            Ok(()) => {
                rgb.copy_within(i * area..(i + 1) * area, kept.len() * area);
                kept.push(face);
            }
            Err(what) => failures.push(what),
        }
    }
    rgb.truncate(kept.len() * area);
    (kept, failures)
}

/// Says which parts lack faces of a class.
fn look_at_splits(faces: &[FaceInfo], problems: &mut Vec<String>) {
    let mut counts: BTreeMap<(Split, Label), usize> = BTreeMap::new();
    for face in faces {
        *counts.entry((face.split, face.label)).or_default() += 1;
    }
    for (split, use_) in [
        (Split::Train, "nothing can be learnt from it"),
        (Split::Dev, "no threshold can be chosen on it"),
        (Split::Test, "no results can be reported on it"),
    ] {
        let count = |label| counts.get(&(split, label)).copied().unwrap_or(0);
        let lacking = match (count(Label::Live), count(Label::Spoof)) {
            (0, 0) => "is empty".to_owned(),
            (0, n) => format!("has {n} spoof but no live faces"),
            (n, 0) => format!("has {n} live but no spoof faces"),
            _ => continue,
        };
        problems
            .push(format!("The {split} part {lacking}, so {use_}; put pictures below {split}/live and {split}/spoof."));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use image::{Rgb, RgbImage};
    use tempfile::TempDir;

    use super::*;

    /// A folder with one picture a path, each of its own colour and shape.
    fn tree(paths: &[&str]) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        for (i, path) in paths.iter().enumerate() {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let side = 8 + i as u32 % 5;
            RgbImage::from_pixel(side + 3, side, Rgb([i as u8, 100, 200])).save(path).unwrap();
        }
        root
    }

    fn load(root: &TempDir) -> Result<FaceSet, FolderError> {
        load_folder(root.path(), 8, &|_, _| ControlFlow::Continue(()))
    }

    fn says(set: &FaceSet, text: &str) -> bool {
        set.problems.iter().any(|p| p.contains(text))
    }

    const SPLIT: [&str; 7] = [
        "train/live/alice_1.png",
        "train/live/alice_2.png",
        "train/spoof/print/7.png",
        "val/Real/b.png",
        "val/ATTACK/replay/b.png",
        "test/bona_fide/c.bmp",
        "test/fake/c.png",
    ];

    #[test]
    fn a_tree_with_split_folders() {
        let set = load(&tree(&SPLIT)).unwrap();
        let row = |f: &FaceInfo| format!("{} {} {} {:?} {}", f.key, f.clip, f.species, f.label, f.split);
        let rows: Vec<String> = set.faces.iter().map(row).collect();
        let expected = [
            "test/bona_fide/c.bmp test/bona_fide/c live Live test",
            "test/fake/c.png test/fake/c spoof Spoof test",
            "train/live/alice_1.png train/live/alice live Live train",
            "train/live/alice_2.png train/live/alice live Live train",
            "train/spoof/print/7.png train/spoof/print/7 print Spoof train",
            "val/ATTACK/replay/b.png val/ATTACK/replay/b replay Spoof dev",
            "val/Real/b.png val/Real/b live Live dev",
        ];
        assert_eq!(rows, expected);
        assert_eq!((set.size, set.origin, set.rgb.len(), set.rgb.each()), (8, Origin::Real, 7, 8 * 8 * 3));
        let colours: Vec<u8> = (0..7).map(|i| set.rgb_of(i).unwrap()[0]).collect();
        assert_eq!(colours, [5, 6, 0, 1, 2, 4, 3]);
        assert!(set.problems.is_empty(), "{:?}", set.problems);
    }

    #[test]
    fn the_same_tree_gives_the_same_set_for_any_number_of_threads() {
        let root = tree(&SPLIT);
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| load(&root).unwrap())
        };
        let (one, four) = (with(1), with(4));
        assert_eq!(one, four);
        assert_eq!(one.fingerprint, one.compute_fingerprint());
        let other = root.path().join("train/live/alice_1.png");
        RgbImage::from_pixel(8, 8, Rgb([9, 9, 9])).save(other).unwrap();
        assert_ne!(load(&root).unwrap().fingerprint, one.fingerprint);
    }

    #[test]
    fn without_split_folders_clips_stay_together_and_the_user_is_warned() {
        let paths: Vec<String> = (0..60)
            .flat_map(|i| [format!("live/p{i}a/1.png"), format!("live/p{i}a/2.png"), format!("spoof/x/p{i}a_3.png")])
            .collect();
        let set = load(&tree(&paths.iter().map(String::as_str).collect::<Vec<_>>())).unwrap();
        assert!(says(&set, "70/15/15") && says(&set, "several parts") && set.problems.len() == 1, "{:?}", set.problems);
        let mut by_person: BTreeMap<&str, BTreeSet<Split>> = BTreeMap::new();
        for f in &set.faces {
            let person = f.clip.rsplit('/').next().unwrap();
            by_person.entry(person).or_default().insert(f.split);
        }
        assert_eq!(by_person.len(), 60);
        assert!(by_person.values().all(|splits| splits.len() == 1));
        for split in [Split::Train, Split::Dev, Split::Test] {
            assert!(set.count(split).0 > 0 && set.count(split).1 > 0);
        }
    }

    #[test]
    fn broken_pictures_are_listed_and_left_out() {
        let root = tree(&SPLIT);
        fs::write(root.path().join("train/live/alice_0.png"), b"no picture").unwrap();
        fs::write(root.path().join("train/live/notes.txt"), b"text").unwrap();
        fs::write(root.path().join("train/live/film.MP4"), b"film").unwrap();
        RgbImage::new(4, 4).save(root.path().join("stray.png")).unwrap();
        let set = load(&root).unwrap();
        assert_eq!(set.faces.len(), 7);
        assert_eq!(set.rgb_of(2).unwrap()[0], 0);
        assert!(says(&set, "alice_0.png could not be read") && says(&set, "stray.png is below neither"));
        assert!(says(&set, "film.MP4") && !says(&set, "notes.txt") && set.problems.len() == 3, "{:?}", set.problems);
        for i in 0..30 {
            fs::write(root.path().join(format!("train/live/broken_{i}.png")), b"").unwrap();
        }
        assert!(says(&load(&root).unwrap(), "11 more pictures"));
    }

    #[test]
    fn parts_that_lack_something_are_told() {
        let set = load(&tree(&["train/live/a.png", "train/spoof/b.png", "test/live/c.png", "live/d.png"])).unwrap();
        assert!(says(&set, "held out") && says(&set, "The test part has 1 live but no spoof faces"));
        assert!(says(&set, "others are in: 1;"), "{:?}", set.problems);
        let many: Vec<String> =
            (0..40).map(|i| format!("spoof/clip{i}/1.png")).chain(["live/a.png".to_owned()]).collect();
        let set = load(&tree(&many.iter().map(String::as_str).collect::<Vec<_>>())).unwrap();
        assert!(says(&set, "40 attack species"), "{:?}", set.problems);
    }

    #[test]
    fn what_cannot_be_used_is_an_error_in_one_sentence() {
        let message = |root: &TempDir| load(root).unwrap_err().to_string();
        let empty = tree(&[]);
        assert!(message(&empty).contains("holds no pictures (PNG") && message(&empty).contains("live/"));
        assert!(message(&tree(&["cats/a.png"])).contains("holds no pictures (PNG"));
        assert!(message(&tree(&["live/a.png", "live/b.png"])).contains("no readable spoof pictures, only 2"));
        let half = tree(&["live/a.png"]);
        fs::create_dir(half.path().join("spoof")).unwrap();
        fs::write(half.path().join("spoof/b.png"), b"").unwrap();
        assert!(message(&half).contains("no readable spoof pictures"));
        fs::write(half.path().join("live/a.png"), b"").unwrap();
        assert!(message(&half).contains("none of the 2 pictures") && message(&half).contains("live/a.png"));
        let go = |_, _| ControlFlow::Continue(());
        let gone = load_folder(Path::new("/nowhere/at/all"), 8, &go).unwrap_err().to_string();
        assert!(gone.starts_with("/nowhere/at/all cannot be read as a folder"), "{gone}");
        let zero = load_folder(half.path(), 0, &go).unwrap_err().to_string();
        assert!(zero.contains("data.size"), "{zero}");
    }

    #[test]
    fn progress_counts_up_and_can_stop_the_work() {
        let root = tree(&SPLIT);
        let heard = std::sync::Mutex::new(vec![]);
        load_folder(root.path(), 8, &|done, all| {
            heard.lock().unwrap().push((done, all));
            ControlFlow::Continue(())
        })
        .unwrap();
        let mut heard = heard.into_inner().unwrap();
        heard.sort_unstable();
        assert_eq!(heard, (1..=7).map(|i| (i, 7)).collect::<Vec<_>>());
        let stopped = load_folder(root.path(), 8, &|_, _| ControlFlow::Break(())).unwrap_err();
        assert!(matches!(stopped, FolderError::Stopped { .. }));
    }

    #[cfg(unix)]
    #[test]
    fn link_loops_end() {
        let root = tree(&SPLIT);
        std::os::unix::fs::symlink(root.path(), root.path().join("train/live/loop")).unwrap();
        let set = load(&root).unwrap();
        assert_eq!(set.faces.len(), 7);
        assert!(says(&set, "train/live/loop"));
    }
}
