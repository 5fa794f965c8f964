//! `inspect` on whole copies: every count of the published sets.

use metafas::data::dataset::{Report, inspect};
use metafas::data::{Footage, Origin, SetName, Turn};
use serde_json::Value;

use crate::trees::{self, whole};

fn expected() -> Value {
    serde_json::from_str(include_str!("../data/datasets/expected_counts.json")).unwrap()
}

fn report(set: &str) -> Report {
    let report = inspect(&whole(set), None).unwrap();
    assert_eq!(report.found.set, SetName::parse(set).unwrap());
    report
}

/// Live clips and attacks of a part, those found and those published, which must be the same.
fn part(report: &Report, name: &str) -> [usize; 2] {
    let (_, found, expected) = report.parts().into_iter().find(|p| p.0 == name).unwrap();
    assert_eq!(found, expected, "{name}");
    [found.live, found.attack]
}

fn of(value: &Value) -> [usize; 2] {
    ["live", "attack"].map(|k| value[k].as_u64().unwrap() as usize)
}

#[test]
fn whole_copies_have_nothing_missing_nothing_more_and_no_problems() {
    for set in trees::SETS {
        let report = report(set);
        let found = &report.found;
        assert_eq!(found.problems, Vec::<String>::new(), "{set}");
        assert_eq!(found.origin, Origin::Real);
        assert_eq!((found.missing.len(), found.extra.len(), report.empty.len()), (0, 0, 0), "{set}");
        assert!(found.is_whole() && found.banner().is_none() && found.overlaps.is_empty(), "{set}");
        assert_eq!(found.clips.len(), trees::paths(set).len(), "{set}");
        let mut keys: Vec<&str> = found.clips.iter().map(|c| c.source.path.as_str()).collect();
        keys.dedup();
        let mut names: Vec<&str> = trees::paths(set).iter().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(keys, names, "{set}: the key of a clip is its published path");
        for clip in &found.clips {
            let Footage::Video(file) = &clip.source.footage else { panic!("a video") };
            assert_eq!(*file, whole(set).join(&clip.info.path), "read in place");
            assert!(clip.listed);
        }
    }
}

#[test]
fn parts_and_species_have_the_published_counts() {
    let all = expected();
    for (set, key) in [
        ("oulu_npu", "OULU-NPU/all"),
        ("casia_fasd", "CASIA-FASD"),
        ("replay_attack", "Replay-Attack"),
        ("msu_mfsd", "MSU-MFSD"),
    ] {
        let report = report(set);
        let parts = all[key].as_object().unwrap();
        assert_eq!(report.parts().len(), parts.len(), "{set}");
        for (name, count) in parts {
            assert_eq!(part(&report, name), of(count), "{set} {name}");
        }
    }
    let rose = report("rose_youtu");
    assert_eq!(part(&rose, "whole"), [897, 2600]);
    for row in &rose.rows {
        let label = if row.species == "live" { "G" } else { &row.species };
        assert_eq!(row.found as u64, all["ROSE-YOUTU/label"][label].as_u64().unwrap(), "{label}");
    }
    assert_eq!(rose.rows.len(), 8);
    let siw = report("siw_m");
    let names = [
        ("cosmetic", "Cosmetic"),
        ("impersonation", "Impersonation"),
        ("obfuscation", "Obfuscation"),
        ("half_mask", "HalfMask"),
        ("mannequin", "Mannequin"),
        ("paper_mask", "PaperMask"),
        ("silicone_mask", "Silicone"),
        ("transparent_mask", "Transparent"),
        ("print", "Print"),
        ("funny_eye", "FunnyEye"),
        ("partial_paper", "PartialPaper"),
        ("paper_glasses", "PaperGlasses"),
        ("replay", "Replay"),
    ];
    for (species, name) in names {
        let row = siw.rows.iter().find(|r| r.species == species).unwrap();
        let count = all["SiW-M v1"][name].as_u64().unwrap() as usize;
        assert_eq!((row.part, row.found, row.expected), ("whole", count, count), "{species}");
    }
    assert_eq!((part(&siw, "train"), part(&siw, "test"), part(&siw, "whole")), ([528, 0], [131, 0], [0, 967]));
}

#[test]
fn what_comes_with_the_clips_is_found_too() {
    let clips = |set: &str| report(set).marks.map(|m| m.1);
    assert_eq!(trees::SETS.map(clips), [Some(4950), Some(600), Some(1200), Some(280), None, None]);
    assert_eq!(report("replay_attack").enrolment, Some((100, 100)));
    let lists = |set: &str| report(set).found.lists.len();
    assert_eq!([lists("oulu_npu"), lists("replay_attack"), lists("msu_mfsd")], [42, 13, 2]);
    let msu = report("msu_mfsd").found;
    let turned: Vec<&str> = msu
        .clips
        .iter()
        .filter(|c| c.source.turn_if_unmarked == Turn::Half)
        .map(|c| c.info.path.trim_start_matches("scene01/real/real_client"))
        .collect();
    assert_eq!(turned, ["003", "005", "006", "007", "008", "009"].map(|c| format!("{c}_android_SD_scene01.mp4")));
}
