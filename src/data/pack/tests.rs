//! What a user relies on: nothing is lost or mixed up by kills, stops, other builders and changed files, and the faces
//! do not depend on how they were packed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::data::{
    Continue, CutFace, Cuts, Cutter, DEPTH_SIDE, DepthOrigin, FaceSet, Footage, Label, Origin, SourceClip, Split, Turn,
};

const SIDE: usize = 8;

/// A set on disk: every clip is a file whose bytes say how many faces there are and what they look like.
struct Disk(TempDir);

impl Disk {
    fn new(clips: usize) -> Self {
        let disk = Self(tempfile::tempdir().unwrap());
        fs::create_dir(disk.root()).unwrap();
        (0..clips).for_each(|i| disk.write(i, &[i as u8, 3, (i % 4) as u8]));
        disk
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("set")
    }

    fn pack(&self) -> PathBuf {
        self.0.path().join("pack")
    }

    fn file(&self, i: usize) -> PathBuf {
        self.root().join(format!("{i}.clip"))
    }

    /// Clip `i`: a seed of its colours, how many frames, how many of them show a face.
    fn write(&self, i: usize, bytes: &[u8]) {
        fs::write(self.file(i), bytes).unwrap();
    }

    fn clips(&self) -> Vec<SourceClip> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.root()).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        let clip = |path: PathBuf| SourceClip {
            domain: "test".to_owned(),
            path: path.file_name().unwrap().to_string_lossy().into_owned(),
            label: if path.to_string_lossy().contains("1.clip") { Label::Spoof } else { Label::Live },
            species: "s".to_owned(),
            subject: String::new(),
            camera: "c".to_owned(),
            session: String::new(),
            footage: Footage::Video(path),
            marks: None,
            turn_if_unmarked: Turn::None,
            cropped: false,
            depth: Vec::new(),
        };
        files.into_iter().map(clip).collect()
    }
}

#[derive(Default)]
struct TestCutter {
    version: u32,
    cuts: AtomicUsize,
}

impl Cutter for TestCutter {
    fn side(&self) -> usize {
        SIDE
    }

    fn identity(&self) -> String {
        format!("test cutter {}", self.version)
    }

    fn cut(&self, clip: &SourceClip) -> Result<Cuts, String> {
        self.cuts.fetch_add(1, Ordering::Relaxed);
        let Footage::Video(path) = &clip.footage else { return Err("no video".to_owned()) };
        let bytes = fs::read(path).map_err(|e| e.to_string())?;
        let [seed, frames, shown] = bytes[..] else { return Err(format!("{} is broken", clip.path)) };
        assert!(seed != 99, "libtorch: as it fails\nwith a trace");
        let face = |frame: u32| CutFace {
            frame,
            rgb: (0..SIDE * SIDE * 3).map(|i| (i as u32 * 7 + u32::from(seed) * 31 + frame) as u8).collect(),
            depth: (frame != 1).then(|| vec![seed + frame as u8; DEPTH_SIDE * DEPTH_SIDE]),
            at: [1.0, 2.0, 3.0, frame as f32],
            confidence: 0.5,
        };
        let (frames, shown) = (u32::from(frames), u32::from(shown));
        Ok(Cuts {
            faces: (0..shown).map(face).collect(),
            without_face: (shown..frames).collect(),
            frames: Some(frames),
            remarks: vec![],
        })
    }
}

fn go(_: &PackProgress) -> Continue {
    Continue::Yes
}

fn wanted<'a>(folder: &'a Path, root: &'a Path, clips: &'a [SourceClip], cutter: &'a TestCutter) -> Wanted<'a> {
    Wanted { folder, root, clips, cutter, rebuild: false, threads: 2 }
}

fn faces_of(pack: &Pack, clips: &[SourceClip], size: usize) -> FaceSet {
    let clips: Vec<(SourceClip, Split)> = clips.iter().map(|c| (c.clone(), Split::Train)).collect();
    let parts = [Part { pack, clips: &clips }];
    face_set("test".to_owned(), Origin::Real, &parts, size, 2, &go).unwrap().set
}

fn packed(disk: &Disk) -> FaceSet {
    let clips = disk.clips();
    let pack = build(&wanted(&disk.pack(), &disk.root(), &clips, &TestCutter::default()), &go).unwrap();
    faces_of(&pack, &clips, SIDE)
}

#[test]
fn faces_are_cut_once_and_read_back_as_they_were() {
    let disk = Disk::new(6);
    let clips = disk.clips();
    let cutter = TestCutter::default();
    let pack = build(&wanted(&disk.pack(), &disk.root(), &clips, &cutter), &go).unwrap();
    let set = faces_of(&pack, &clips, SIDE);
    // Clips with 0, 1, 2, 3, 0 and 1 faces.
    let keys: Vec<&str> = set.faces.iter().map(|f| f.key.as_str()).collect();
    let expected =
        ["1.clip/0000", "2.clip/0000", "2.clip/0001", "3.clip/0000", "3.clip/0001", "3.clip/0002", "5.clip/0000"];
    assert_eq!(keys, expected.map(|k| format!("test/{k}")));
    for (i, face) in set.faces.iter().enumerate() {
        let source = clips.iter().find(|c| face.clip.ends_with(&c.path)).unwrap();
        let cuts = cutter.cut(source).unwrap();
        let frame: usize = face.key[face.key.len() - 4..].parse().unwrap();
        assert_eq!(*set.rgb_of(i).unwrap(), cuts.faces[frame].rgb);
        assert_eq!(set.depth_of(i).unwrap().as_deref(), cuts.faces[frame].depth.as_deref());
        assert_eq!((face.label, face.camera.as_str()), (source.label, "c"));
    }
    assert_eq!(set.depth_origin, DepthOrigin::Mesh);
    assert!(set.problems.iter().any(|p| p.starts_with("2 clips showed no face") && p.contains("test/0.clip")));
    assert!(set.problems.iter().any(|p| p == "2 live faces have no depth map"), "{:?}", set.problems);
    let parted: Vec<(SourceClip, Split)> = clips.iter().map(|c| (c.clone(), Split::Dev)).collect();
    let parts = [Part { pack: &pack, clips: &parted }];
    let lost = face_set("test".to_owned(), Origin::Real, &parts, SIDE, 2, &go).unwrap().without_face;
    for (lost, at) in lost.iter().zip([0, 4]) {
        let name = format!("test/{at}.clip");
        assert_eq!((&lost.clip, lost.label, &lost.subject), (&name, clips[at].label, &clips[at].subject));
        assert_eq!((&lost.species, lost.split), (&clips[at].species, Split::Dev));
    }
    assert_eq!(lost.len(), 2);

    let before = cutter.cuts.load(Ordering::Relaxed);
    let again = build(&wanted(&disk.pack(), &disk.root(), &clips, &cutter), &go).unwrap();
    assert_eq!((faces_of(&again, &clips, SIDE), &again.key), (set, &pack.key));
    assert_eq!(cutter.cuts.load(Ordering::Relaxed), before);
    // Without its sources.
    let open = open(&disk.pack()).unwrap();
    assert_eq!(open.clips().map(|(_, s)| s.faces.len()).sum::<usize>(), 7);
    assert_eq!(open.clips().next().unwrap().0.path, "0.clip");
    assert_eq!(open.outcome("test/4.clip").unwrap().unwrap().without_face, [0, 1, 2]);
}

#[test]
fn the_faces_are_the_same_for_any_number_of_threads_and_order_of_building() {
    let disk = Disk::new(40);
    let clips = disk.clips();
    let with = |name: &str, threads: usize| {
        let folder = disk.0.path().join(name);
        let cutter = TestCutter::default();
        let pack = build(&Wanted { threads, ..wanted(&folder, &disk.root(), &clips, &cutter) }, &go).unwrap();
        faces_of(&pack, &clips, SIDE)
    };
    let one = with("one", 1);
    assert_eq!(one, with("seven", 7));
    // A part first, and backwards.
    let folder = disk.0.path().join("parts");
    let backwards: Vec<SourceClip> = clips.iter().skip(13).rev().cloned().collect();
    let cutter = TestCutter::default();
    build(&wanted(&folder, &disk.root(), &backwards, &cutter), &go).unwrap();
    let pack = build(&wanted(&folder, &disk.root(), &clips, &cutter), &go).unwrap();
    assert_eq!((faces_of(&pack, &clips, SIDE), cutter.cuts.load(Ordering::Relaxed)), (one.clone(), 40));
    // The order that is asked for is the order of the faces.
    let turned: Vec<SourceClip> = clips.iter().rev().cloned().collect();
    assert_ne!(faces_of(&pack, &turned, SIDE).fingerprint, one.fingerprint);
}

/// All files of a pack and its smaller copies, the lock left out.
fn pack_files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(pack_files(&path));
        } else if path.file_name().unwrap() != "lock" {
            all.push(path);
        }
    }
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever a kill or a power cut leaves of the files that grow, nothing wrong is read from it, and the next build
    /// ends with the same faces.
    #[test]
    fn a_pack_cut_off_at_any_byte_is_made_whole_again(wounds in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>()), 1..4), size in prop::sample::select(vec![SIDE, 4])) {
        let disk = Disk::new(9);
        let clips = disk.clips();
        let cutter = TestCutter::default();
        let again = || build(&wanted(&disk.pack(), &disk.root(), &clips, &cutter), &go).unwrap();
        let whole = faces_of(&again(), &clips, size);
        for (which, cut, remove) in wounds {
            let growing: Vec<PathBuf> =
                pack_files(&disk.pack()).into_iter().filter(|p| p.file_name().unwrap() != "pack.json").collect();
            if growing.is_empty() {
                break;
            }
            let path = &growing[which.index(growing.len())];
            if remove {
                fs::remove_file(path).unwrap();
            } else {
                let bytes = fs::read(path).unwrap();
                // Another file in its place: `whole` still reads the old one.
                let aside = path.with_extension("short");
                fs::write(&aside, &bytes[..cut.index(bytes.len() + 1)]).unwrap();
                fs::rename(&aside, path).unwrap();
            }
            // As it lies there: fewer faces perhaps, but each with its own bytes.
            let pack = open(&disk.pack()).unwrap();
            for (about, stored) in pack.clips() {
                let Ok(segments) = build::open_segments(&disk.pack(), [stored].into_iter()) else { continue };
                let cuts = cutter.cut(clips.iter().find(|c| c.path == about.path).unwrap()).unwrap();
                for (k, face) in cuts.faces.iter().enumerate() {
                    let mut there = vec![0; face.rgb.len()];
                    segments[&stored.segment].read(stored.at + (k * face.rgb.len()) as u64, &mut there).unwrap();
                    prop_assert_eq!(&there, &face.rgb);
                }
            }
            prop_assert_eq!(&faces_of(&again(), &clips, size), &whole);
        }
    }
}

#[test]
fn two_builders_at_once_both_end_with_the_whole_pack_and_cut_each_clip_once() {
    let disk = Disk::new(60);
    let clips = disk.clips();
    let cutter = TestCutter::default();
    let build = || {
        let pack = build(&wanted(&disk.pack(), &disk.root(), &clips, &cutter), &go).unwrap();
        faces_of(&pack, &clips, 4)
    };
    let all = std::thread::scope(|s| {
        let others = [s.spawn(build), s.spawn(build)];
        let mut all = vec![build()];
        all.extend(others.map(|o| o.join().unwrap()));
        all
    });
    assert!(all.iter().all(|set| *set == all[0]));
    assert_eq!(cutter.cuts.load(Ordering::Relaxed), 60);
}

#[test]
fn one_who_waits_for_another_builder_is_told_and_can_be_stopped() {
    let disk = Disk::new(3);
    let clips = disk.clips();
    let folder = disk.pack();
    let lock = files::Lock::open(&folder).unwrap();
    assert!(lock.try_take(&folder).unwrap());
    let heard = std::sync::Mutex::new(Vec::new());
    let tell = |p: &PackProgress| {
        heard.lock().unwrap().push(*p);
        Continue::Stop
    };
    let cutter = TestCutter::default();
    let stopped = build(&wanted(&folder, &disk.root(), &clips, &cutter), &tell).unwrap_err();
    assert!(matches!(stopped, PackError::Stopped));
    assert_eq!(heard.into_inner().unwrap(), [PackProgress { total: 3, waiting: true, ..PackProgress::default() }]);
    drop(lock);
    build(&wanted(&folder, &disk.root(), &clips, &cutter), &go).unwrap();
}

#[test]
fn what_is_finished_before_a_stop_stays() {
    let disk = Disk::new(30);
    let clips = disk.clips();
    let cutter = TestCutter::default();
    let stop = |p: &PackProgress| if p.done >= 11 { Continue::Stop } else { Continue::Yes };
    let (folder, root) = (disk.pack(), disk.root());
    let once = Wanted { threads: 1, ..wanted(&folder, &root, &clips, &cutter) };
    assert!(matches!(build(&once, &stop), Err(PackError::Stopped)));
    assert_eq!(cutter.cuts.swap(0, Ordering::Relaxed), 11);
    let most = AtomicUsize::new(0);
    let watch = |p: &PackProgress| {
        most.fetch_max(p.found, Ordering::Relaxed);
        assert_eq!(p.total, 30);
        Continue::Yes
    };
    build(&once, &watch).unwrap();
    assert_eq!((most.into_inner(), cutter.cuts.into_inner()), (11, 19));
}

#[test]
fn changed_sources_make_a_pack_stale_until_it_is_packed_anew_on_demand() {
    let disk = Disk::new(8);
    let first = packed(&disk);
    let cutter = TestCutter::default();
    let clips = disk.clips();
    let plain = |clips: &[SourceClip], rebuild: bool| {
        build(&Wanted { rebuild, ..wanted(&disk.pack(), &disk.root(), clips, &cutter) }, &go)
    };
    disk.write(3, &[3, 3, 2, 0]);
    disk.write(5, &[50, 3, 2]);
    let error = plain(&clips, false).unwrap_err();
    let said = error.to_string();
    assert!(error.is_input() && said.contains("3.clip had 3 bytes and has 4 now after it was packed"), "{said}");
    assert!(said.contains("and another clip with it") && said.contains("--rebuild"), "{said}");
    // Clips that did not change can still be had.
    let unchanged: Vec<SourceClip> = clips.iter().take(3).cloned().collect();
    plain(&unchanged, false).unwrap();
    disk.write(3, &[3, 3, 3]);
    let said = plain(&clips, false).unwrap_err().to_string();
    assert!(said.contains("3.clip was written again after it was packed"), "{said}");

    assert_eq!(cutter.cuts.load(Ordering::Relaxed), 0);
    let pack = plain(&clips, true).unwrap();
    assert_eq!(cutter.cuts.load(Ordering::Relaxed), 2);
    let now = faces_of(&pack, &clips, SIDE);
    assert_ne!(now.fingerprint, first.fingerprint);
    let place = now.faces.iter().position(|f| f.key == "test/5.clip/0001").unwrap();
    assert_eq!(now.rgb_of(place).unwrap()[0], (50_u32 * 31 + 1) as u8);
    // Smaller copies follow.
    let small = faces_of(&pack, &clips, 4);
    assert_eq!(*small.rgb_of(place).unwrap(), shrink::shrink(&now.rgb_of(place).unwrap(), SIDE, 4, 3));

    let mut other_label = clips.clone();
    other_label[2].label = Label::Spoof;
    let said = plain(&other_label, false).unwrap_err().to_string();
    assert!(said.contains("test/2.clip has another list of files, label or marks"), "{said}");
}

#[test]
fn another_cutter_format_or_folder_is_refused_in_a_sentence() {
    let disk = Disk::new(4);
    let first = packed(&disk);
    let (clips, root, folder) = (disk.clips(), disk.root(), disk.pack());
    let other = TestCutter { version: 2, ..TestCutter::default() };
    let say = |cutter: &TestCutter| build(&wanted(&folder, &root, &clips, cutter), &go).unwrap_err().to_string();
    let said = say(&other);
    assert!(said.contains("[test cutter 0]") && said.contains("[test cutter 2] is asked for"), "{said}");
    let header = fs::read_to_string(folder.join("pack.json")).unwrap();
    let with = |text: String| {
        fs::write(folder.join("pack.json"), text).unwrap();
        say(&TestCutter::default())
    };
    let said = with(header.replace("\"format\": 1", "\"format\": 7"));
    assert!(said.contains("has format 7, this program reads format 1"), "{said}");
    let said = with(header[..header.len() / 2].to_owned());
    assert!(said.contains("is damaged: pack.json is not readable"), "{said}");
    // All of this is mended on demand, and by nothing else.
    let again = Wanted { rebuild: true, ..wanted(&folder, &root, &clips, &other) };
    let pack = build(&again, &go).unwrap();
    assert_eq!((faces_of(&pack, &clips, SIDE), other.cuts.load(Ordering::Relaxed)), (first, 4));

    let said = build(&Wanted { folder: &root, ..again }, &go).unwrap_err().to_string();
    assert!(said.contains("set is not empty and holds no pack of faces"), "{said}");
    assert_eq!(fs::read_dir(&root).unwrap().count(), 4);
}

#[test]
fn clips_that_cannot_be_read_are_listed_left_out_and_tried_again() {
    let disk = Disk::new(6);
    disk.write(2, b"?");
    disk.write(3, &[99, 3, 3]);
    let clips = disk.clips();
    fs::remove_file(disk.file(5)).unwrap();
    let cutter = TestCutter::default();
    let build = || build(&wanted(&disk.pack(), &disk.root(), &clips, &cutter), &go).unwrap();
    let pack = build();
    let failures: Vec<String> = pack.failures().into_iter().map(|(clip, why)| format!("{clip}: {why}")).collect();
    assert!(failures[0].contains("5.clip cannot be read"), "{failures:?}");
    assert_eq!(failures[1], "test/2.clip: 2.clip is broken");
    assert_eq!(failures[2], "test/3.clip: cutting faces out of test/3.clip failed: libtorch failed: as it fails");
    let set = faces_of(&pack, &clips, SIDE);
    let there: BTreeSet<&str> = set.faces.iter().map(|f| f.clip.as_str()).collect();
    assert_eq!(there, BTreeSet::from(["test/1.clip"]));
    assert!(set.problems[0].starts_with("3 clips could not be read"), "{:?}", set.problems);
    // Tried again, without another word in the index.
    let index = fs::read(disk.pack().join("index.jsonl")).unwrap();
    build();
    assert_eq!(fs::read(disk.pack().join("index.jsonl")).unwrap(), index);
    disk.write(2, &[2, 3, 2]);
    disk.write(5, &[5, 3, 1]);
    let mended = faces_of(&build(), &clips, SIDE);
    assert_eq!(mended.faces.len(), 1 + 2 + 1);
}

#[test]
fn smaller_faces_are_means_over_areas_made_once() {
    let disk = Disk::new(12);
    let clips = disk.clips();
    let cutter = TestCutter::default();
    let pack = build(&wanted(&disk.pack(), &disk.root(), &clips, &cutter), &go).unwrap();
    let (large, small) = (faces_of(&pack, &clips, SIDE), faces_of(&pack, &clips, 5));
    for i in 0..large.faces.len() {
        assert_eq!(*small.rgb_of(i).unwrap(), shrink::shrink(&large.rgb_of(i).unwrap(), SIDE, 5, 3));
        assert_eq!(small.depth_of(i).unwrap(), large.depth_of(i).unwrap());
    }
    assert_ne!(small.fingerprint, large.fingerprint);
    let made = pack_files(&disk.pack().join("at-5"));
    let before: Vec<Vec<u8>> = made.iter().map(|p| fs::read(p).unwrap()).collect();
    assert_eq!(faces_of(&pack, &clips, 5), small);
    assert_eq!(pack_files(&disk.pack().join("at-5")).iter().map(|p| fs::read(p).unwrap()).collect::<Vec<_>>(), before);
    let split: Vec<(SourceClip, Split)> = clips.iter().map(|c| (c.clone(), Split::Train)).collect();
    let parts = [Part { pack: &pack, clips: &split }];
    let said = face_set("t".to_owned(), Origin::Real, &parts, 16, 1, &go).unwrap_err().to_string();
    assert!(said.contains("16 x 16 pixels are asked for, and the crop gives 8 x 8; lower data.size"), "{said}");
}

#[test]
fn a_moved_set_fits_its_pack_and_every_set_and_cutter_has_its_own_in_the_cache() {
    let disk = Disk::new(5);
    let first = packed(&disk);
    let moved = disk.0.path().join("moved");
    fs::rename(disk.root(), &moved).unwrap();
    let mut clips = Vec::new();
    for mut clip in {
        fs::rename(&moved, disk.root()).unwrap();
        let c = disk.clips();
        fs::rename(disk.root(), &moved).unwrap();
        c
    } {
        clip.footage = Footage::Video(moved.join(&clip.path));
        clips.push(clip);
    }
    let cutter = TestCutter::default();
    let pack = build(&wanted(&disk.pack(), &moved, &clips, &cutter), &go).unwrap();
    assert_eq!((faces_of(&pack, &clips, SIDE), cutter.cuts.into_inner()), (first, 0));
    let at = |title: &str, root: &Path, identity: &str| cached(Path::new("cache"), title, root, identity);
    let one = at("oulu npu", &moved, "a");
    assert!(one.starts_with("cache/pack") && one.file_name().unwrap().to_string_lossy().starts_with("oulu_npu-"));
    assert!(one != at("oulu npu", &moved, "b") && one != at("oulu npu", disk.0.path(), "a"));
}
