//! The command line as scripts rely on it: exit codes, JSON keys on stdout and nothing else there, one clear sentence
//! for what is wrong.
#![expect(clippy::unwrap_used, reason = "helpers of a test fail loudly")]

#[path = "support/program.rs"]
mod program;

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use program::{metafas, run};
use serde_json::Value;

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Arguments of a run that takes a second or two.
fn tiny(out: &Path) -> Vec<String> {
    let sets = [
        "data.size=32",
        "data.benchmark=tiny",
        "data.protocol=oulu_npu/4",
        "teacher.width=4",
        "surrogate.width=4",
        "detector.width=2",
        "detector.iterations=6",
        "detector.batch=4",
        "pretrain.iterations=5",
        "bilevel.m=3",
        "bilevel.n=2",
        "calibrate.batches=2",
        "watch.samples=4",
    ];
    let mut args: Vec<String> = ["train", "--preset", "demo", "--threads", "1", "--json"].map(str::to_owned).to_vec();
    args.extend(sets.iter().flat_map(|s| ["--set".to_owned(), (*s).to_owned()]));
    args.extend(["--out".to_owned(), out.display().to_string()]);
    args
}

fn train(out: &Path, more: &[&str]) -> Output {
    let args = tiny(out);
    metafas(&args.iter().map(String::as_str).chain(more.iter().copied()).collect::<Vec<_>>()).output().unwrap()
}

#[test]
fn train_resume_and_evaluate_give_the_promised_keys() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    let done = json(&train(&out, &["--iterations", "4"]));
    assert_eq!((done["state"].as_str(), done["iteration"].as_u64()), (Some("finished"), Some(4)));
    assert!(done["l_v"].is_f64() && done["seconds"].is_f64() && done["session"].is_string());
    let session = out.display().to_string();
    let more = json(&run(&["resume", &session, "--iterations", "6", "--json"]));
    assert_eq!((more["state"].as_str(), more["iteration"].as_u64()), (Some("finished"), Some(6)));
    let scores = std::fs::read(out.join("scores/test.csv")).unwrap();
    let results = json(&run(&["evaluate", &session, "--json"]));
    for key in ["threshold", "apcer_max", "apcer_pooled", "bpcer", "acer_max", "hter", "eer", "auc", "ci", "n_live"] {
        assert!(results.get(key).is_some(), "{key}");
    }
    assert_eq!((results["origin"].as_str(), results["threshold_rule"].as_str()), (Some("synthetic"), Some("dev_eer")));
    assert_eq!(std::fs::read(out.join("scores/test.csv")).unwrap(), scores, "evaluating again gives the same scores");
    let oracle = json(&run(&["evaluate", &session, "--threshold", "test_eer", "--json"]));
    assert_eq!(oracle["oracle"].as_bool(), Some(true));
    assert_eq!(oracle["overridden"]["evaluate.threshold"]["run"], "dev_eer");
    assert!(results["overridden"].is_null());
    let worst = json(&run(&["evaluate", &session, "--video", "max", "--missing-faces", "reject", "--json"]));
    let rules = ["video_rule", "threshold_rule"].map(|k| worst[k].as_str());
    assert_eq!((rules, worst["missing_faces"]["policy"].as_str()), ([Some("max"), Some("dev_eer")], Some("reject")));
    // The score files feed `metrics`, which comes to the same numbers.
    let file = |name: &str| out.join("scores").join(name).display().to_string();
    let metrics = json(&run(&[
        "metrics",
        "--test",
        &file("test.csv"),
        "--dev",
        &file("dev.csv"),
        "--threshold",
        "dev_eer",
        "--json",
    ]));
    for key in ["auc", "eer", "apcer_max", "bpcer"] {
        assert_eq!(metrics[key], results[key], "{key}");
    }
    let early = run(&["evaluate", &session, "--checkpoint", "0"]);
    assert_eq!(early.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&early.stderr).contains("before the detector"));
}

#[test]
fn wrong_input_is_exit_code_2_and_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run").display().to_string();
    let file = dir.path().join("file");
    std::fs::write(&file, "not a session").unwrap();
    let file = file.display().to_string();
    let inside = format!("{file}/run");
    for (args, words) in [
        (vec!["train", "--out", &out, "--set", "bilevel.gama=1"], "gama"),
        (vec!["train", "--out", &out, "--set", "bilevel.gamma"], "KEY=VALUE"),
        (vec!["train", "--out", &out, "--set", "bilevel.gamma=2"], "bilevel.gamma"),
        (vec!["train", "--out", &out, "--preset", "huge"], "huge"),
        (vec!["train", "--out", &out, "--config", "/nowhere.toml"], "nowhere.toml"),
        (vec!["train", "--out", &inside], "cannot"),
        (vec!["train", "--out", &out, "--set", "data.protocol=oulu/1"], "there is no protocol oulu/1"),
        (vec!["train", "--out", &out, "--set", "data.fold=2"], "folds go from 1 to 1"),
        (vec!["resume", &out], "run.toml"),
        (vec!["evaluate", &file], "run.toml"),
        (vec!["evaluate", &file, "--video", "best"], "none of mean, median, max"),
        (vec!["evaluate", &file, "--missing-faces", "keep"], "none of drop, reject"),
        (vec!["hypergradient", &file, "--mode", "jvp_gn"], "safetensors"),
        (vec!["hypergradient", &file, "--mode", "magic"], "magic"),
        (vec!["nets", "vgg"], "vgg"),
        (vec!["nets", "--size", "100"], "100"),
        (vec!["metrics", "--test", &file, "--threshold", "dev_eer"], "score file"),
        (vec!["bench", "bilevel", "--size", "12"], "12"),
        (vec!["gui", &file], "run.toml"),
        (vec!["frobnicate"], "frobnicate"),
    ] {
        let output = run(&args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(words), "{args:?}: {said}");
        assert!(!said.contains("panicked") && !said.contains("backtrace"), "{args:?}: {said}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn not_a_number_is_exit_code_1_with_the_session_kept() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    let output = train(&out, &["--set", "pretrain.learning_rate=1e30"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["state"].as_str(), Some("paused_nan"));
    assert!(out.join("checkpoints/000000.safetensors").exists());
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_a_session_that_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    let args = tiny(&out);
    let child = metafas(&args.iter().map(String::as_str).chain(["--iterations", "100000"]).collect::<Vec<_>>())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !std::fs::read(out.join("metrics.jsonl")).is_ok_and(|b| b.len() > 2000) {
        assert!(begun.elapsed() < Duration::from_mins(4), "the run begins");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(130));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["state"].as_str(), Some("stopped"));
    let done = summary["iteration"].as_u64().unwrap() + 2;
    let session = out.display().to_string();
    let more = json(&run(&["resume", &session, "--iterations", &done.to_string(), "--json"]));
    assert_eq!((more["state"].as_str(), more["iteration"].as_u64()), (Some("finished"), Some(done)));
}

#[test]
fn nets_bench_and_hypergradient_give_the_promised_keys() {
    let nets = json(&run(&["nets", "--json"]));
    let light = nets.as_array().unwrap().iter().find(|n| n["name"] == "light16").unwrap();
    assert_eq!(light["params"].as_i64(), Some(12_289));
    assert!((light["gflop_per_image"].as_f64().unwrap() - 0.165_446).abs() < 1e-6);
    assert!(light["layers"].as_array().unwrap().len() > 8);
    let bench = json(&run(&[
        "bench", "bilevel", "--size", "16", "--m", "1", "--n", "1", "--k", "2", "--mode", "jvp_gn", "--iters", "1",
        "--json",
    ]));
    for key in ["seconds_per_iteration", "peak_rss_mib", "peak_gpu_mib", "mode", "precision", "size", "m", "n", "k"] {
        assert!(bench.get(key).is_some(), "{key}");
    }
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/hypergradient");
    let case = std::fs::read_dir(cases).unwrap().filter_map(Result::ok).map(|e| e.path());
    let case = case.filter(|p| p.extension().is_some_and(|e| e == "safetensors")).min().unwrap();
    let report = json(&run(&[
        "hypergradient",
        &case.display().to_string(),
        "--mode",
        "jvp_exact_hvp",
        "--precision",
        "fp64",
        "--json",
    ]));
    assert!(
        report["relative_error"].as_f64().unwrap() < 1e-4 && report["cosine"].as_f64().unwrap() > 0.9999,
        "{report}"
    );
    assert!(report["l_v"].is_f64() && report["norm"].is_f64());
}

#[test]
fn the_loader_is_measured_on_a_pack_and_on_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    for (i, class) in ["live", "spoof", "live", "spoof"].iter().enumerate() {
        let place = folder.path().join("faces").join(class);
        std::fs::create_dir_all(&place).unwrap();
        let picture = image::RgbImage::from_fn(64, 64, |x, y| image::Rgb([x as u8, y as u8, i as u8]));
        picture.save(place.join(format!("{i}.png"))).unwrap();
    }
    let report = json(&run(&["bench", "loader", &path("faces"), "--seconds", "0.02", "--threads", "1", "--json"]));
    let rates = &report["faces_per_second"];
    assert!(rates["video"].is_null(), "no videos were given");
    for key in ["pictures", "pack_u8", "pack_u8_handed", "augmented", "pack_f32", "pack_f32_in_place"] {
        assert!(rates[key].as_f64().is_some_and(|r| r > 0.0), "{key}: {report}");
    }
    assert_eq!((report["side"].as_u64(), report["threads"].as_u64()), (Some(256), Some(1)));
    for args in
        [vec!["bench", "loader", "nowhere"], vec!["data", "pack", "nowhere"], vec!["data", "pack", &path("faces")]]
    {
        let output = run(&args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.lines().count() == 1, "{args:?}: {said}");
    }
}

/// What a newcomer opens first is a finished run that learnt what the README says.
#[test]
fn the_sample_session_is_whole() {
    let session =
        metafas::session::Session::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/demo")).unwrap();
    assert_eq!(session.status().unwrap().state, metafas::session::State::Finished);
    let now = metafas::config::Preset::Demo.config();
    assert_eq!(session.config().unwrap().data, now.data, "`cargo xtask sample` makes it anew");
    let results: Value = serde_json::from_slice(&std::fs::read(session.results_file()).unwrap()).unwrap();
    // More than a shortcut may reach on the benchmark.
    assert!(results["auc"].as_f64().unwrap() > 0.8, "AUC on people never trained on");
    // Bi-level training moves the teacher, and it keeps what it knows.
    let config = session.config().unwrap();
    assert_eq!(config.bilevel, now.bilevel, "the preset's own training");
    assert!(results["teacher_auc"].as_f64().unwrap() > 0.9, "teacher's AUC");
    assert!(results["teacher_auc_gain"].as_f64().unwrap() > -0.01, "teacher's AUC after less before");
    assert!(results["teacher_spread"].as_f64().unwrap() > 0.05, "maps are not constant");
    let rows = session.rows().unwrap();
    let sum_of = |key: &str| rows.iter().filter_map(|row| row.get(key)).sum::<f64>();
    assert!(sum_of("teacher_step") > 10.0 * sum_of("line9_step"), "the way against that of line 9 as printed");
    let (faces, last) = (session.watched().unwrap(), *session.map_iterations().last().unwrap());
    let maps = session.map_set(last).unwrap();
    let (mut ranges, mut sum, mut count) = (vec![], 0.0, 0);
    for (face, sample) in faces.faces.iter().zip(&maps.samples) {
        let map = sample.get(metafas::session::MapKind::Teacher).unwrap();
        if face.label == metafas::data::Label::Spoof {
            let low = map.iter().copied().fold(f32::INFINITY, f32::min);
            let high = map.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            ranges.push(high - low);
            sum += map.iter().sum::<f32>();
            count += map.len();
        }
    }
    ranges.sort_by(f32::total_cmp);
    let mean = sum / count as f32;
    assert!(ranges[ranges.len() / 2] > 0.05 && (0.02..0.98).contains(&mean), "teacher maps: {ranges:?}, mean {mean}");
}

/// All files below `folder` by their relative paths.
fn tree(folder: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut all = std::collections::BTreeMap::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                all.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    all
}

#[test]
fn the_built_in_data_is_written_in_the_originals_layout_with_the_same_bytes_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, seed: &str, threads: &str| {
        let out = folder.path().join(name);
        let args = ["--benchmark", "tiny", "--only", "msu_mfsd", "--seed", seed, "--threads", threads];
        let output = run(&[&["data", "synth", "--out", out.to_str().unwrap()][..], &args].concat());
        assert!(output.status.success() && output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        tree(&out)
    };
    let one = write("one", "3", "1");
    assert_eq!(one, write("two", "3", "2"));
    // Again into the same folder: everything is there, nothing changes.
    assert_eq!(one, write("one", "3", "2"));
    let other = write("other", "4", "2");
    assert!(one.keys().eq(other.keys()) && one != other);
    assert_eq!(one["SynthM/train_sub_list.txt"], b"02\r\n03");
    assert_eq!(one["SynthM/test_sub_list.txt"], b"01");
    let videos: Vec<&String> = one.keys().filter(|k| k.starts_with("SynthM/scene01") && !k.ends_with("face")).collect();
    assert_eq!(videos.len(), 24);
    let clip = "scene01/attack/attack_client003_android_SD_ipad_video_scene01";
    for name in [
        format!("SynthM/{clip}.mp4"),
        format!("SynthM/{clip}.face"),
        format!("truth/SynthM/{clip}.json"),
        format!("truth/SynthM/{clip}.depth.png"),
        format!("truth/SynthM/{clip}.mask.png"),
        format!("truth/SynthM/{clip}.normals.png"),
        format!("truth/SynthM/{clip}.albedo.png"),
        "SynthM.jpg".to_owned(),
        "README.txt".to_owned(),
    ] {
        assert!(one.contains_key(&name), "{name}");
    }
    // Frame, box by its corners, two eyes: nine numbers.
    let face = String::from_utf8(one[&format!("SynthM/{clip}.face")].clone()).unwrap();
    let numbers: Vec<i32> = face.lines().next().unwrap().split(',').map(|n| n.parse().unwrap()).collect();
    let [frame, left, top, right, bottom, a, b, c, d] = numbers[..] else { panic!("{face}") };
    assert!(frame == 0 && left < a && a < c && c < right && top < b.min(d) && b.max(d) < bottom, "{face}");

    // A folder that holds another benchmark is left as it is.
    let taken = folder.path().join("one").display().to_string();
    let refused = run(&["data", "synth", "--out", &taken, "--benchmark", "tiny", "--only", "msu_mfsd", "--seed", "4"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("holds benchmark tiny, seed 3"));
    assert_eq!(tree(&folder.path().join("one")), one);

    let wrong = run(&["data", "synth", "--out", "x", "--benchmark", "huge"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("tiny, mini and full"));
}

/// Four small pictures a class, and a list of them in which `live` is live.
fn listed_pictures(root: &Path, live: u8) {
    let mut list = String::new();
    for i in 0..7 {
        let class = if i < 3 { live } else { 1 - live };
        let path = root.join(format!("clips/{i}/1.png"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        image::RgbImage::from_pixel(8, 8, image::Rgb([i * 30, 100, 200])).save(&path).unwrap();
        writeln!(list, "clips/{i}/1.png {class}").unwrap();
    }
    std::fs::write(root.join("list.txt"), list).unwrap();
}

#[test]
fn import_shows_asks_and_writes_a_manifest() {
    let dir = tempfile::tempdir().unwrap();
    listed_pictures(dir.path(), 1);
    let root = dir.path().to_str().unwrap();
    let (out, sheet) = (dir.path().join("faces.csv"), dir.path().join("faces.png"));
    let (out, sheet) = (out.to_str().unwrap(), sheet.to_str().unwrap());

    let preview = json(&run(&["data", "import", root, "--json", "--sheet", sheet]));
    assert_eq!((preview["layout"].as_str(), preview["ask"].as_bool()), (Some("path_lists"), Some(true)));
    assert_eq!(preview["polarity"]["sure"].as_str(), Some("likely"));
    assert_eq!(preview["polarity"]["reading"]["numbers"].as_str(), Some("live=1"));
    let class =
        |i: usize| (preview["classes"][i]["name"].as_str().unwrap(), preview["classes"][i]["clips"].as_u64().unwrap());
    assert_eq!((class(0), class(1)), (("live", 3), ("attack", 4)));
    assert_eq!(preview["classes"][1]["thumbnails"].as_array().unwrap().len(), 4);
    assert!(image::open(sheet).unwrap().width() > 600);
    for key in ["root", "title", "confidence", "because", "splits", "domains", "species", "subjects", "problems"] {
        assert!(!preview[key].is_null(), "{key}");
    }

    let unasked = run(&["data", "import", root, "--out", out]);
    assert_eq!((unasked.status.code(), Path::new(out).exists()), (Some(2), false));
    assert!(String::from_utf8_lossy(&unasked.stderr).contains("--polarity live=0 or live=1"));
    let done = json(&run(&["data", "import", root, "--out", out, "--polarity", "live=1", "--json"]));
    assert_eq!((done["written"]["clips"].as_u64(), done["written"]["rows"].as_u64()), (Some(7), Some(7)));
    let manifest = std::fs::read_to_string(out).unwrap();
    assert!(manifest.contains("\nclips/0/,live,live,") && manifest.contains("\nclips/6/,spoof,spoof,"), "{manifest}");
    let again = run(&["data", "import", root, "--out", out, "--polarity", "live=1"]);
    assert!(again.status.code() == Some(2) && String::from_utf8_lossy(&again.stderr).contains("exists already"));

    // The manifest is recognised in turn, and the text says the same as the JSON.
    let text = run(&["data", "import", out]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(
        text.contains("a manifest (confidence 1.00)") && text.contains("live is    known: labels are words"),
        "{text}"
    );
}

#[test]
fn import_knows_originals_and_says_what_else_it_needs() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().to_str().unwrap();
    let nothing = run(&["data", "import", root]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("is in no layout that is known here (0 files"));
    std::fs::create_dir(dir.path().join("Train_files")).unwrap();
    std::fs::write(dir.path().join("Train_files/1_1_01_1.avi"), b"film").unwrap();
    let told = json(&run(&["data", "import", root, "--json"]));
    assert_eq!(told["originals"][0]["set"].as_str(), Some("oulu_npu"));
    let text = run(&["data", "import", root]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("metafas data inspect"));
    assert_eq!(run(&["data", "import", root, "--out", "x.csv"]).status.code(), Some(2));
    let odd = run(&["data", "import", root, "--as", "ssgd"]);
    assert!(odd.status.code() == Some(2) && String::from_utf8_lossy(&odd.stderr).contains("there are manifest, ssdg"));
}

#[test]
fn paper_lists_tables_and_prints_rows_as_printed() {
    let all = json(&run(&["paper", "--json"]));
    let tables = all["papers"].as_array().unwrap().iter().map(|p| p["tables"].as_array().unwrap().len());
    assert_eq!(tables.collect::<Vec<_>>(), [6, 3, 4]);
    let list = String::from_utf8(run(&["paper"]).stdout).unwrap();
    assert!(list.contains("mt_fas/1") && list.contains("meta_pattern/IV"), "{list}");

    let six = json(&run(&["paper", "mt_fas/6", "--json"]));
    let row = six["rows"].as_array().unwrap().iter().find(|r| r["method"] == "FAS-DR(MT w/o MTv)").unwrap();
    assert_eq!((&row["status"], &row["values"]["acer"]), (&"runnable".into(), &"7.1".into()));
    assert_eq!((&row["run"]["method"]["bilevel.gamma"], &row["oracle"]), (&0.0.into(), &false.into()));
    assert_eq!((&row["source"]["table"], row["source"]["row"].is_u64()), (&"6".into(), true));
    let text = String::from_utf8(run(&["paper", "mt_fas/3"]).stdout).unwrap();
    assert!(text.contains("AUC 66.61 here, 77.61 in RFMetaFAS, Table 1"), "{text}");
    assert!(text.contains("evaluate.threshold=test_eer (an oracle rule)"), "{text}");
    let wrong = run(&["paper", "mt_fas/9"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("mt_fas/6"));
}

#[test]
fn scores_go_from_form_to_form_and_back_with_the_same_metrics() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let bob = "claimed_id,test_label,is_bonafide,attack_type,sample_n,score\n\
        1,1/a,True,,0,0.9\n1,1/a,True,,1,0.5\n2,2/a,True,,0,0.75\n1,1/p,False,print,0,0.1\n\
        2,2/p,False,print,0,0.6\n2,2/r,False,replay,0,-0.25\n";
    std::fs::write(at("bob.csv"), bob).unwrap();
    let metrics = |file: &str, more: &[&str]| {
        let all = [&["metrics", "--test", file, "--threshold", "fixed:0.55", "--draws", "20", "--json"], more].concat();
        json(&run(&all))
    };
    let first = metrics(&at("bob.csv"), &[]);
    // Videos 0.7 and 0.75 live, 0.1, 0.6 and -0.25 attacks.
    assert_eq!((first["bpcer"].as_f64(), first["apcer"]["print"].as_f64()), (Some(0.0), Some(0.5)));
    assert_eq!((&first["level"], &first["video_rule"]), (&"video".into(), &"mean".into()));
    assert_eq!(first["frames_per_video"], serde_json::json!({"min": 1, "median": 1.0, "max": 2}));
    let worst = metrics(&at("bob.csv"), &["--video", "max"]);
    assert_eq!(worst["bpcer"].as_f64(), Some(0.5), "the frame most like an attack of 1/a has 0.5");
    let told = metrics(&at("bob.csv"), &["--selection", "last iteration"]);
    assert_eq!(told["checkpoint_selection"], "last iteration");
    assert!(first["checkpoint_selection"].as_str().unwrap().contains("unknown"));

    for (form, name) in [("4col", "four.txt"), ("2col", "two.txt"), ("bob", "again.csv")] {
        let done = json(&run(&["scores", "convert", &at("bob.csv"), &at(name), "--to", form, "--json"]));
        assert_eq!((done["rows"].as_u64(), done["form"].as_str()), (Some(6), Some(form)));
    }
    assert_eq!(std::fs::read_to_string(at("again.csv")).unwrap(), bob);
    let four = std::fs::read_to_string(at("four.txt")).unwrap();
    assert_eq!(four.lines().next(), Some("1 1 1/a 0.9"));
    let frames = metrics(&at("bob.csv"), &["--level", "frame"]);
    assert_eq!(metrics(&at("four.txt"), &[])["apcer"], first["apcer"]);
    for key in ["auc", "eer", "bpcer", "apcer_pooled"] {
        assert_eq!(metrics(&at("two.txt"), &[])[key], frames[key], "{key}");
    }
    let lost = run(&["scores", "convert", &at("two.txt"), &at("no.txt"), "--to", "4col"]);
    assert_eq!(lost.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&lost.stderr).contains("names no subject"));
    assert!(!dir.path().join("no.txt").exists());
    let words =
        String::from_utf8(run(&["metrics", "--test", &at("bob.csv"), "--threshold", "test_eer"]).stdout).unwrap();
    let oracles = words.lines().filter(|l| l.contains("oracle")).count();
    assert_eq!(oracles, 1 + 5 + 3, "{words}");
}
