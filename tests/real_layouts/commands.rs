//! `metafas data inspect` and `metafas data protocol` as scripts call them.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::trees::{self, paths, put, tree, whole};

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_metafas")).arg("data").args(args).output().unwrap()
}

fn json(args: &[&str]) -> Value {
    let output = run(&[args, &["--json"]].concat());
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn inspect_gives_the_promised_keys() {
    let expected: Value = serde_json::from_str(include_str!("../data/datasets/expected_counts.json")).unwrap();
    for (set, key) in [
        ("oulu_npu", "OULU-NPU/all"),
        ("casia_fasd", "CASIA-FASD"),
        ("replay_attack", "Replay-Attack"),
        ("msu_mfsd", "MSU-MFSD"),
    ] {
        let report = json(&["inspect", &text(&whole(set))]);
        assert_eq!((&report["found"], &report["expected"]), (&expected[key], &expected[key]), "{set}");
        assert_eq!((report["dataset"].as_str(), report["version"].as_str()), (Some(set), None));
        assert_eq!((report["complete"].as_bool(), report["banner"].as_str()), (Some(true), None));
        for list in ["missing", "extra", "problems"] {
            assert_eq!(report[list].as_array().map(Vec::len), Some(0), "{set} {list}");
        }
    }
    let siw = json(&["inspect", &text(&whole("siw_m")), "--as", "siw_m"]);
    assert_eq!((siw["dataset"].as_str(), siw["version"].as_str()), (Some("siw_m"), Some("v1")));
    assert_eq!(siw["found"]["train"]["live"].as_u64(), Some(528));
    assert_eq!(siw["species"]["whole"]["replay"]["found"].as_u64(), Some(98));
    let second = tree(["Live/Live_1.mov", "Spoof/Replay/Replay_1.mov"]);
    let second = json(&["inspect", &text(second.path())]);
    assert_eq!((second["dataset"].as_str(), second["version"].as_str()), (Some("siw_m"), Some("v2")));
}

#[test]
fn a_partial_copy_is_no_failure_and_its_gaps_are_listed() {
    let folder = tree(paths("casia_fasd").iter().filter(|p| **p != "train_release/7/HR_2.avi"));
    put(folder.path(), "train_release/7/notes.mov", "x");
    let report = json(&["inspect", &text(folder.path())]);
    assert_eq!(report["missing"][0].as_str(), Some("train_release/7/HR_2.avi"));
    assert_eq!(report["extra"][0].as_str(), Some("train_release/7/notes.mov"));
    assert_eq!(report["banner"].as_str(), Some("Partial copy of CASIA-FASD: 599 of 600 clips."));
    assert_eq!(report["found"]["train"]["attack"].as_u64(), Some(179));
    let table = run(&["inspect", &text(folder.path())]);
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.starts_with("CASIA-FASD, a partial copy: 599 of 600 clips in "), "{table}");
    assert!(table.contains("       warped       59        60  *\n"), "{table}");
    assert!(table.contains("missing: 1\n    train_release/7/HR_2.avi\n"), "{table}");
}

#[test]
fn protocol_lists_members_part_by_part() {
    let report = json(&["protocol", &text(&whole("oulu_npu")), "oulu_npu/4", "--fold", "6"]);
    let count = |part: &str| report[part].as_array().unwrap().len();
    assert_eq!([count("train"), count("dev"), count("test"), count("held_out")], [600, 450, 60, 0]);
    assert_eq!((report["protocol"].as_str(), report["fold"].as_u64()), (Some("oulu_npu/4"), Some(6)));
    let first = &report["test"][0];
    let of = |key: &str| first[key].as_str().unwrap();
    assert_eq!(
        [of("path"), of("label"), of("species"), of("subject")],
        ["Test_files/6_3_36_1.avi", "live", "live", "O36"]
    );
    assert_eq!(of("file"), text(&whole("oulu_npu").join(of("path"))));
    let hand = json(&["protocol", &text(&whole("replay_attack")), "replay_attack/print", "--support", "hand"]);
    assert_eq!(
        (hand["protocol"].as_str(), hand["test"].as_array().unwrap().len()),
        (Some("replay_attack/print-hand"), 120)
    );
}

#[test]
fn protocols_across_sets_take_several_roots_or_the_folder_above_them() {
    let roots: Vec<String> = ["oulu_npu", "casia_fasd", "replay_attack", "msu_mfsd"].map(|s| text(&whole(s))).to_vec();
    let mut args: Vec<&str> = ["protocol"].into_iter().chain(roots.iter().map(String::as_str)).collect();
    args.extend(["mico/OCM-I", "--whole-set", "no_dev"]);
    let several = json(&args);
    let all = text(trees::all());
    let one = json(&["protocol", &all, "mico/OCM-I", "--whole-set", "no_dev"]);
    assert_eq!(several["train"], one["train"]);
    assert_eq!((several["test"].as_array().unwrap().len(), several["sets"].as_array().unwrap().len()), (840, 4));
    let every = json(&["protocol", &all, "mico/OCM-I"]);
    assert_eq!(every["test"].as_array().unwrap().len(), 1200);
    assert_eq!(every["held_out"].as_array().unwrap().len() % 2, 0);
}

#[test]
fn wrong_input_is_one_sentence_and_two() {
    let (msu, gone) = (text(&whole("msu_mfsd")), "/nowhere/at/all");
    for (args, part) in [
        (vec!["inspect", gone], "check the path"),
        (vec!["inspect", &msu, "--as", "oulu_npu"], "is named like OULU-NPU's"),
        (vec!["inspect", &msu, "--as", "oulu"], "--as oulu: there are"),
        (vec!["protocol", &msu, "msu_mfsd/2"], "no protocol msu_mfsd/2"),
        (vec!["protocol", &msu, "msu_mfsd/bob", "--fold", "6"], "from 1 to 5"),
        (vec!["protocol", &msu, "mico/OCI-M"], "needs OULU-NPU"),
        (vec!["protocol", &msu, "msu_mfsd/1", "--support", "hand"], "no protocol msu_mfsd/1-hand"),
    ] {
        let output = run(&args);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && error.lines().count() == 1 && error.contains(part), "{args:?}: {error}");
    }
}

#[test]
fn an_empty_part_is_told_and_no_failure() {
    let folder = tree(paths("oulu_npu").iter().filter(|p| p.starts_with("Train")));
    let report = json(&["protocol", &text(folder.path()), "oulu_npu/1"]);
    assert_eq!(report["train"].as_array().unwrap().len(), 1200);
    assert!(report["problems"][1].as_str().unwrap().starts_with("No run is possible with what is here:"), "{report}");
    let table = String::from_utf8(run(&["protocol", &text(folder.path()), "oulu_npu/1"]).stdout).unwrap();
    assert!(table.contains("train      240     960        20  480 print, 480 replay\n"), "{table}");
}
