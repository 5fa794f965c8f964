//! `metafas metrics` against numpy, scipy and scikit-learn: `tests/data/metrics/golden.py` drew the score files (random,
//! tied, of one class, perfectly separated) and computed what is expected of them.
#![expect(clippy::unwrap_used, reason = "helpers of a test fail loudly")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/metrics")
}

fn metafas(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_metafas")).args(args).output().unwrap()
}

fn metrics(args: &[&str]) -> Value {
    let output = metafas(&[&["metrics", "--json"], args].concat());
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Both undefined, or within 1e-12 of each other; intervals and maps by their parts.
fn same(ours: &Value, theirs: &Value, what: &str) {
    match (ours, theirs) {
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{what}");
            a.iter().zip(b).for_each(|(a, b)| same(a, b, what));
        }
        (Value::Object(a), Value::Object(b)) => {
            assert!(a.keys().eq(b.keys()) || a.len() == b.len(), "{what}: {a:?} {b:?}");
            b.iter().for_each(|(key, b)| same(&a[key], b, &format!("{what} {key}")));
        }
        _ => match (ours.as_f64(), theirs.as_f64()) {
            (Some(a), Some(b)) => assert!((a - b).abs() < 1e-12, "{what}: {a} is not {b}"),
            _ => assert!(ours.is_null() && theirs.is_null(), "{what}: {ours} is not {theirs}"),
        },
    }
}

#[test]
fn numbers_are_those_of_numpy_scipy_and_scikit_learn() {
    let text = std::fs::read_to_string(data().join("golden.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let file = |name: &str| data().join(format!("{name}.csv")).display().to_string();
    for case in &cases {
        let (rule, test) = (case["rule"].as_str().unwrap(), case["test"].as_str().unwrap());
        let (test_file, other) = (file(test), file("dev"));
        let mut args = vec!["--test", &test_file, "--threshold", rule];
        match rule {
            "dev_eer" => args.extend(["--dev", &other]),
            "train_eer" => args.extend(["--train", &other]),
            _ => {}
        }
        let ours = metrics(&args);
        let keys = ["threshold", "apcer", "apcer_max", "apcer_pooled", "bpcer", "acer_max", "acer_pooled", "hter"];
        for key in keys.into_iter().chain(["eer", "auc", "n_live", "n_attack"]) {
            same(&ours[key], &case[key], &format!("{test} {rule} {key}"));
        }
        for (key, theirs) in case["ci"].as_object().unwrap() {
            same(&ours["ci"][key], theirs, &format!("{test} {rule} interval of {key}"));
        }
        for (points, at, key) in [("tpr_at_fpr", "fpr_at_most", "tpr"), ("bpcer_at_apcer", "apcer_at_most", "bpcer")] {
            let ours = ours[points].as_array().unwrap();
            match case.get(points).and_then(Value::as_array) {
                Some(theirs) => {
                    // A rate below one attack in all is one that so few attacks cannot show.
                    let attacks = case["n_attack"].as_f64().unwrap();
                    let shown = |p: &Value| key == "bpcer" || p[0].as_f64().unwrap() * attacks >= 1.0;
                    let theirs: Vec<Value> = theirs
                        .iter()
                        .map(|p| if shown(p) { p.clone() } else { Value::from(vec![p[0].clone(), Value::Null]) })
                        .collect();
                    let pairs = ours.iter().map(|p| Value::from(vec![p[at].clone(), p[key].clone()]));
                    same(&pairs.collect(), &Value::from(theirs), &format!("{test} {rule} {points}"));
                }
                None => assert!(ours.iter().all(|p| p[key].is_null()), "{test} {rule} {points}"),
            }
            assert!(ours.iter().all(|p| p["oracle"] == true), "{test} {rule} {points}");
        }
        // Dev chosen for its own threshold is an oracle too.
        let oracle =
            ["test_eer", "min_hter"].contains(&rule) || (test == "dev" && ["dev_eer", "train_eer"].contains(&rule));
        assert_eq!(ours["oracle"], oracle, "{test} {rule}");
        if test == "dev" && ["dev_eer", "train_eer"].contains(&rule) {
            assert!(ours["warnings"][0].as_str().unwrap().contains("holds the same rows"), "{}", ours["warnings"]);
        }
    }
    assert_eq!(cases.len(), 26);
}

#[test]
fn a_set_of_one_class_has_no_threshold_of_its_own() {
    for (name, missing) in [("only_live", "no attacks"), ("only_attacks", "no bona fide")] {
        let file = data().join(format!("{name}.csv")).display().to_string();
        for rule in ["test_eer", "min_hter"] {
            let output = metafas(&["metrics", "--test", &file, "--threshold", rule]);
            assert_eq!(output.status.code(), Some(2));
            let sentence = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(sentence.contains(missing) && sentence.lines().count() == 1, "{sentence}");
        }
    }
}

/// bob's documentation of DeepPixBiS on OULU-NPU, protocol 1: 2, 5, 0 and 1 of 120 attacks of four species accepted, no
/// bona fide of 120 rejected. By hand: APCER 5/120, ACER half of it, pooled 8/480, HTER half of that.
#[test]
fn the_worst_species_and_the_pool_of_all_differ_as_computed_by_hand() {
    let mut text = "claimed_id,test_label,is_bonafide,attack_type,sample_n,score\n".to_owned();
    let species = [("print/1", 2), ("print/2", 5), ("video/1", 0), ("video/2", 1)];
    for i in 0..120 {
        writeln!(text, "{i},live{i},True,,0,0.9").unwrap();
        for (name, accepted) in species {
            writeln!(text, "{i},{name}/{i},False,{name},0,{}", if i < accepted { 0.8 } else { 0.1 }).unwrap();
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("oulu.csv");
    std::fs::write(&file, text).unwrap();
    let ours = metrics(&["--test", &file.display().to_string(), "--threshold", "fixed:0.5"]);
    let near = |key: &str, value: f64| assert!((ours[key].as_f64().unwrap() - value).abs() < 1e-15, "{key}");
    near("apcer_max", 5.0 / 120.0);
    near("apcer_pooled", 8.0 / 480.0);
    near("bpcer", 0.0);
    near("acer_max", 2.5 / 120.0);
    near("hter", 4.0 / 480.0);
    assert_eq!(ours["worst_species"], "print/2");
    // Published ends of Clopper and Pearson's intervals, bob's and scipy's.
    for (key, [low, high]) in [("apcer_max", [0.013_665, 0.094_559]), ("apcer_pooled", [0.007_222, 0.032_575])] {
        let end = |i: usize| ours["ci"][key][i].as_f64().unwrap();
        assert!((end(0) - low).abs() < 6e-7 && (end(1) - high).abs() < 6e-7, "{key}");
    }
}
