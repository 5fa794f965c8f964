//! Copies as people keep them: parts of a set, other roots, other spellings, too much, too little.

use std::fs;

use metafas::data::dataset::{Found, inspect, open, sources};
use metafas::data::protocol::{Protocol, Whole};
use metafas::data::{Part, SetName};

use crate::trees::{self, paths, put, tree};

/// Paths of the clips, as published.
fn keys(found: &Found) -> Vec<&str> {
    found.clips.iter().map(|c| c.info.path.as_str()).collect()
}

fn every(set: &str, nth: usize) -> Vec<&'static str> {
    let mut all: Vec<&str> = paths(set).iter().step_by(nth).map(String::as_str).collect();
    all.sort_unstable();
    all
}

#[test]
fn a_part_of_a_set_is_legal_and_says_that_it_is_one() {
    for set in trees::SETS {
        let kept: Vec<&str> = every(set, 7);
        let folder = tree(&kept);
        let report = inspect(folder.path(), None).unwrap();
        let found = &report.found;
        assert_eq!(keys(found), kept, "{set}");
        let scored = |p: &&&str| !p.starts_with("enroll");
        let (here, all) =
            (kept.iter().filter(scored).count(), paths(set).iter().filter(|p| !p.starts_with("enroll")).count());
        let banner = format!("Partial copy of {}: {here} of {all} clips.", found.title());
        assert_eq!(found.banner(), Some(banner), "{set}");
        assert_eq!((found.missing.len(), found.extra.len()), (all - here, 0), "{set}");
        assert!(found.missing.iter().all(|p| !kept.contains(&p.as_str())) && found.missing.is_sorted());
    }
}

#[test]
fn what_a_run_uses_carries_the_banner() {
    let folder = tree(paths("msu_mfsd").iter().filter(|p| !p.contains("ipad")));
    let found = open(folder.path(), None).unwrap();
    let protocol = Protocol::parse("msu_mfsd/1", 1, Whole::EveryVideo).unwrap();
    let problems = sources(&[found], &protocol).unwrap().problems;
    assert_eq!(problems[0], "Partial copy of MSU-MFSD: 210 of 280 clips.");
}

#[test]
fn roots_may_be_too_high_nested_or_without_their_scene() {
    let every = every("msu_mfsd", 3);
    let expected: Vec<&str> = every.clone();
    let msu = |change: &dyn Fn(&str) -> String| every.iter().map(|p| change(p)).collect::<Vec<String>>();
    for files in [
        msu(&|p| format!("x/MSU/{p}")),
        msu(&|p| p.replacen("scene01/", "", 1)),
        msu(&|p| format!("scene01/{p}")),
        msu(&|p| p.to_uppercase()),
        msu(&|p| p.replace(".mp4", ".avi").replace(".mov", ".mp4")),
        msu(&|p| format!("any/{}", p.rsplit_once('/').unwrap().1)),
    ] {
        let folder = tree(&files);
        assert_eq!(keys(&open(folder.path(), None).unwrap()), expected, "{}", files[0]);
    }
    let oulu: Vec<String> = paths("oulu_npu").iter().step_by(11).cloned().collect();
    let double = |p: &String| format!("OULU/{}/{p}", p.split('/').next().unwrap());
    let short = |p: &String| p.replace("_0", "_").replace("Train_files", "train").replace("Dev_files", "DEV");
    for files in [oulu.iter().map(double).collect::<Vec<_>>(), oulu.iter().map(short).collect()] {
        let folder = tree(&files);
        let found = open(folder.path(), None).unwrap();
        let mut expected: Vec<&str> = oulu.iter().map(String::as_str).collect();
        expected.sort_unstable();
        assert_eq!(keys(&found), expected, "{}", files[0]);
    }
    let replay: Vec<String> =
        paths("replay_attack").iter().step_by(5).filter(|p| !p.starts_with("enroll")).cloned().collect();
    let unpacked =
        |p: &String| format!("replayattack-{}/{}", p.split('/').next().unwrap(), p.replace("/attack/", "/attk/"));
    let folder = tree(replay.iter().map(unpacked));
    let found = open(folder.path(), None).unwrap();
    assert_eq!(found.clips.len(), replay.len());
    assert!(replay.iter().all(|p| keys(&found).contains(&p.as_str())) && found.problems.is_empty());
}

#[test]
fn a_folder_of_a_set_opens_the_set_around_it() {
    for (set, low) in [
        ("oulu_npu", "Dev_files"),
        ("casia_fasd", "train_release"),
        ("replay_attack", "devel"),
        ("msu_mfsd", "scene01/real"),
        ("rose_youtu", "12"),
        ("siw_m", "Live"),
    ] {
        let root = trees::whole(set);
        let report = inspect(&root.join(low), None).unwrap();
        let found = &report.found;
        assert!(found.is_whole(), "{set}: {:?}", found.banner());
        // Of MSU-MFSD all clips lie in the folder of the scene.
        assert_eq!(found.root.canonicalize().unwrap(), root.join(low).parent().unwrap().canonicalize().unwrap());
        assert!(found.problems[0].contains("is a part of"), "{:?}", found.problems);
        assert_eq!(report.marks, inspect(&root, None).unwrap().marks, "{set}");
    }
    for set in trees::SETS {
        let found = open(&trees::whole(set), None).unwrap();
        assert_eq!((found.root, found.problems.len()), (trees::whole(set), 0), "a set's own folder stays what it is");
    }
    // A folder that is named like one of a set's but is not of it stays what it is.
    let folder = tree(paths("replay_attack").iter().take(40).map(String::as_str).chain(["test/holiday.mp4"]));
    let error = open(&folder.path().join("test"), None).unwrap_err().to_string();
    assert!(error.contains("holiday.mp4"), "{error}");
}

#[test]
fn several_sets_in_one_folder_are_told_apart() {
    let error = open(trees::all(), None).unwrap_err().to_string();
    for title in ["OULU-NPU", "CASIA-FASD", "Replay-Attack", "MSU-MFSD", "ROSE-YOUTU", "SiW-M"] {
        assert!(error.contains(title), "{title}: {error}");
    }
    let found = metafas::data::dataset::open_all(trees::all()).unwrap();
    assert_eq!(found.len(), 6);
    assert!(found.iter().all(|f| f.is_whole() && f.problems.is_empty()));
    let casia = open(trees::all(), Some(SetName::CasiaFasd)).unwrap();
    assert!(casia.is_whole() && casia.root.ends_with("second"));
    let error = open(&trees::whole("casia_fasd"), Some(SetName::MsuMfsd)).unwrap_err().to_string();
    assert!(error.contains("is named like MSU-MFSD's"), "{error}");
}

#[test]
fn what_systems_leave_behind_is_passed_over_and_strangers_are_told() {
    let folder = tree(paths("casia_fasd"));
    for other in ["train_release/1/._1.avi", "train_release/1/Thumbs.db", "test_release/.DS_Store", "notes.txt"] {
        put(folder.path(), other, "x");
    }
    assert_eq!(open(folder.path(), None).unwrap().problems, Vec::<String>::new());
    for other in
        ["train_release/1/9.avi", "train_release/21/1.avi", "test_release/2/holiday.mp4", "old/train_release/3/1.AVI"]
    {
        put(folder.path(), other, "x");
    }
    let found = open(folder.path(), None).unwrap();
    assert!(found.is_whole() && found.clips.len() == 600);
    assert_eq!(
        found.extra,
        ["old/train_release/3/1.AVI", "test_release/2/holiday.mp4", "train_release/1/9.avi", "train_release/21/1.avi"]
    );
    assert_eq!(
        found.problems,
        [
            "3 videos are not named like clips of CASIA-FASD; they are left out. The first is test_release/2/holiday.mp4.",
            "old/train_release/3/1.AVI is a second copy of a clip; it is left out.",
        ]
    );
}

#[test]
fn names_that_meet_again_are_other_clips() {
    let replay = open(&trees::whole("replay_attack"), None).unwrap();
    let names: std::collections::BTreeSet<&str> = replay
        .clips
        .iter()
        .filter(|c| c.info.part != Part::Enroll)
        .map(|c| c.info.path.rsplit('/').next().unwrap())
        .collect();
    assert_eq!(names.len(), 700, "of 1200 clips");
    let casia = open(&trees::whole("casia_fasd"), None).unwrap();
    let subject = |path: &str| casia.clips.iter().find(|c| c.info.path == path).unwrap().info.subject.clone();
    assert_eq!([subject("train_release/1/1.avi"), subject("test_release/1/1.avi")], ["C01", "C21"]);
    let subjects: std::collections::BTreeSet<&str> = casia.clips.iter().map(|c| c.info.subject.as_str()).collect();
    assert_eq!(subjects.len(), 50);
    // An attack of Replay-Attack without its support's folder could be either; it is left out.
    let mut files: Vec<String> = paths("replay_attack").to_vec();
    let at = files.iter().position(|p| p.contains("/fixed/")).unwrap();
    files[at] = files[at].replace("/fixed/", "/");
    let found = open(tree(&files).path(), None).unwrap();
    assert_eq!((found.missing.len(), found.extra.len()), (1, 1));
}

#[test]
fn rose_has_a_second_edition_with_other_folders() {
    let map = [2, 3, 5, 9, 12, 13, 15, 16, 20, 22].into_iter().zip([2, 3, 4, 5, 6, 7, 9, 10, 11, 12]);
    let test = [4, 6, 7, 10, 11, 14, 17, 18, 21, 23].into_iter().zip([13, 14, 15, 16, 17, 18, 20, 21, 22, 23]);
    let folders: std::collections::BTreeMap<u32, String> =
        map.map(|(p, f)| (p, format!("train/{f}"))).chain(test.map(|(p, f)| (p, format!("test/_{f}")))).collect();
    let moved = |p: &String| {
        let (person, name) = p.split_once('/').unwrap();
        format!("ROSE/{}/{name}", folders[&person.parse().unwrap()])
    };
    let folder = tree(paths("rose_youtu").iter().map(moved));
    let found = open(folder.path(), None).unwrap();
    assert!(found.is_whole() && found.problems.is_empty(), "{:?}", found.problems);
    assert_eq!(keys(&found), every("rose_youtu", 1));
    // A clip among another person's is told, and counted by its name.
    fs::rename(
        folder.path().join("ROSE/train/2/G_NT_5s_g_E_2_1.mp4"),
        folder.path().join("ROSE/train/3/G_NT_5s_g_E_2_1.mp4"),
    )
    .unwrap();
    let found = open(folder.path(), None).unwrap();
    assert!(found.is_whole() && found.problems.len() == 1 && found.problems[0].contains("another person's folder"));
}

#[test]
fn a_subject_in_two_parts_stops_every_protocol() {
    let mut files: Vec<String> = paths("oulu_npu").iter().step_by(4).cloned().collect();
    files.push("Test_files/1_1_01_1.avi".to_owned());
    let folder = tree(&files);
    let found = open(folder.path(), None).unwrap();
    assert_eq!(found.overlaps.len(), 1);
    assert!(
        found.problems.iter().any(|p| p.contains("O01") && p.contains("in both its test and its train part")),
        "{:?}",
        found.problems
    );
    let protocol = |name: &str| Protocol::parse(name, 1, Whole::EveryVideo).unwrap();
    let error = sources(&[found], &protocol("oulu_npu/1")).unwrap_err().to_string();
    assert!(error.contains("O01") && error.contains("worthless"), "{error}");
    // Without subjects a clip must not be in two parts.
    let mut files: Vec<String> = paths("siw_m").to_vec();
    files.push("Live/Test/Live_1.mov".to_owned());
    let found = open(tree(&files).path(), None).unwrap();
    let error = sources(&[found], &protocol("siw_m/1")).unwrap_err().to_string();
    assert!(error.contains("Live_1 in both its test and its train part"), "{error}");
    // All of a person's clips in another part's folder is a finding alone.
    let swap = |p: &String| if p.contains("_01_") { p.replace("Train_", "Dev_") } else { p.clone() };
    let some = paths("oulu_npu").iter().filter(|p| p.contains("_01_") || p.contains("_21_"));
    let found = open(tree(some.map(swap)).path(), None).unwrap();
    assert!(found.overlaps.is_empty() && found.clips.len() == 180);
    assert!(found.problems[0].contains("another part") && found.problems[0].contains("90"), "{:?}", found.problems);
}

#[test]
fn the_competitions_oulu_is_refused_in_plain_words() {
    let hashed = (0..90).map(|i| format!("Test_files/{:020x}.avi", 7_919_u128.pow(3) * (i + 1) + (1 << 78)));
    let train = paths("oulu_npu").iter().filter(|p| p.starts_with("Train")).step_by(9).cloned();
    for root in ["", "Oulu/"] {
        let folder = tree(train.clone().chain(hashed.clone()).map(|p| format!("{root}{p}")));
        let error = open(folder.path(), None).unwrap_err().to_string();
        assert!(error.contains("IJCB 2017") && error.contains("original release"), "{error}");
    }
}

#[test]
fn the_odd_clip_of_siw_m_is_an_attack() {
    let siw = open(&trees::whole("siw_m"), None).unwrap();
    let odd = siw.clips.iter().find(|c| c.info.path.contains("noLive")).unwrap();
    assert_eq!(
        (odd.info.path.as_str(), odd.info.species.as_str()),
        ("Makeup/Cosmetic/Makeup_Co_55_noLive_546.mov", "cosmetic")
    );
    assert!(odd.listed && odd.info.subject.is_empty());
}

#[test]
fn live_clips_of_siw_m_outside_their_two_folders_are_where_they_were_published() {
    let flat = |p: &String| p.replace("Live/Train", "Live").replace("Live/Test", "Live");
    let folder = tree(paths("siw_m").iter().map(flat));
    let found = open(folder.path(), None).unwrap();
    assert!(found.is_whole() && found.version() == Some("v1"));
    assert_eq!(keys(&found), every("siw_m", 1));
}

#[test]
fn files_without_a_byte_are_told() {
    let folder = tree(paths("msu_mfsd"));
    put(folder.path(), "scene01/real/real_client001_laptop_SD_scene01.mov", "");
    let report = inspect(folder.path(), None).unwrap();
    assert_eq!(report.empty, ["scene01/real/real_client001_laptop_SD_scene01.mov"]);
    assert!(report.found.is_whole());
}

#[test]
fn folders_without_a_set_say_what_to_do() {
    let error = |files: &[&str]| open(tree(files).path(), None).unwrap_err().to_string();
    assert!(error(&["notes.txt"]).contains("holds no videos"));
    assert!(error(&["a/1.png", "a/2.jpg"]).contains("only 2 pictures"));
    assert!(error(&["a/holiday.mp4"]).contains("holiday.mp4"));
    assert!(open(std::path::Path::new("/nowhere/at/all"), None).unwrap_err().to_string().contains("check the path"));
}
