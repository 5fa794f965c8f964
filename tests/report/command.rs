//! `metafas figure` and `metafas table` as scripts rely on them.

use std::fs;

use crate::program::run;
use crate::runs::copy;

#[test]
fn a_figure_and_what_stands_beside_it_are_written() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("maps.png").display().to_string();
    let done = run(&[
        "figure",
        "sessions/demo",
        "--kind",
        "maps",
        "--out",
        &out,
        "--dpi",
        "100",
        "--width",
        "ieee2",
        "--colormap",
        "grey",
        "--faces",
        "0,7",
    ]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(String::from_utf8_lossy(&done.stdout).starts_with("Synthetic data: SynthC"));
    assert_eq!(image::open(&out).unwrap().width(), 716);
    assert!(dir.path().join("maps.json").is_file());
}

#[test]
fn wrong_input_is_exit_code_2_one_sentence_and_nothing_left() {
    let dir = tempfile::tempdir().unwrap();
    let bare = copy(dir.path(), "bare", &[]);
    fs::remove_dir_all(bare.join("maps")).unwrap();
    fs::remove_dir_all(bare.join("scores")).unwrap();
    fs::write(bare.join("metrics.jsonl"), "").unwrap();
    let bare = bare.display().to_string();
    let outs = dir.path().join("outs");
    fs::create_dir(&outs).unwrap();
    let file = |name: &str| outs.join(name).display().to_string();
    let (out, demo) = (file("f.svg"), "sessions/demo");
    for name in ["taken.json", "taken.png.json"] {
        fs::write(outs.join(name), "{\"mine\": 1}").unwrap();
    }
    let figure = |session: &str, kind: &str, out: &str, more: &[&str]| {
        let all = ["figure", session, "--kind", kind, "--out", out];
        all.iter().chain(more).map(|s| (*s).to_owned()).collect::<Vec<_>>()
    };
    let folder = outs.display().to_string();
    for (args, words) in [
        (figure(demo, "heat", &out, &[]), "--kind 'heat' is none of maps, ablation"),
        (figure(demo, "maps", &file("f.gif"), &[]), "ends in .svg, .pdf or .png"),
        (figure(demo, "maps", &file("none/f.svg"), &[]), "no such folder"),
        (figure(demo, "maps", &format!("{folder}/../outs.svg/x"), &[]), "ends in"),
        (figure(demo, "maps", &file("taken.png"), &[]), "would be replaced"),
        (figure(demo, "maps", &out, &["--width", "3"]), "neither ieee1"),
        (figure(demo, "maps", &out, &["--dpi", "5"]), "30 to 2400"),
        (figure(demo, "maps", &out, &["--colormap", "jet"]), "none of viridis"),
        (figure(demo, "maps", &out, &["--iteration", "7"]), "nearest are those of 10"),
        (figure(demo, "maps", &out, &["--faces", "0,99"]), "no face 99"),
        (figure(demo, "maps", &out, &[demo]), "one session, not 2"),
        (figure(&bare, "maps", &out, &[]), "no watched faces"),
        (figure(&bare, "patterns", &out, &[]), "no watched faces"),
        (figure(&bare, "ablation", &out, &[]), "no maps yet"),
        (figure(&bare, "faces", &out, &[]), "no scores of the test part"),
        (figure(&bare, "roc", &out, &[]), "no scores of the test part"),
        (figure(&bare, "curves", &out, &[]), "no iterations yet"),
        (figure(&bare, "gamma", &out, &[]), "no results"),
        (figure(&folder, "maps", &out, &[]), "no session folder"),
    ] {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let done = run(&args);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(words) && said.lines().count() == 1, "{args:?}: {said}");
        assert!(done.stdout.is_empty(), "{args:?}");
    }
    for args in [
        vec!["table", demo, "--kind", "best"],
        vec!["table", demo, "--kind", "results", "--format", "html"],
        vec!["table", &bare, "--kind", "results"],
        vec!["table", demo, "--kind", "config", "--paper"],
        vec!["table", demo, "--kind", "results", "--out", &folder],
    ] {
        let done = run(&args);
        assert_eq!(done.status.code(), Some(2), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&done.stderr).lines().count(), 1, "{args:?}");
    }
    let mut left: Vec<_> = fs::read_dir(&outs).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["taken.json", "taken.png.json"]);
    assert_eq!(fs::read_to_string(outs.join("taken.png.json")).unwrap(), "{\"mine\": 1}");
}
