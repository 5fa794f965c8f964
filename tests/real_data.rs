//! From videos on disk to results: built-in clips, written as real videos in each set's layout, are opened like the real
//! sets, packed, trained on and scored with a protocol, by the program that a user runs.
#![expect(clippy::unwrap_used, reason = "helpers of a test fail loudly")]

#[path = "support/same_bytes.rs"]
mod same_bytes;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use metafas::config::{AugmentSet, AugmentStages, Balance, DataSource, MissingFaces, Preset, RunConfig, WholeSet};
use metafas::data::builtin::{Maps, Scale, Tree, write};
use metafas::data::dataset::{open_all, sources};
use metafas::data::protocol::{Protocol, Whole};
use metafas::data::{Continue, Footage, Label, SetName, Split};
use metafas::engine::{self, Event, Job, SpawnOptions, Start};
use metafas::session::{Session, State};
use metafas::synth::GENERATOR_VERSION;
use same_bytes::{assert_same, contents};
use serde_json::Value;

/// All sets, made once and kept, as other tests keep them.
fn miniatures() -> &'static Path {
    static TREE: OnceLock<PathBuf> = OnceLock::new();
    TREE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("miniatures-{GENERATOR_VERSION}"));
        let tree = Tree::new(folder.clone(), Scale::Tiny, 0, Maps::Labels);
        write(&tree, &SetName::BUILT_IN, 2, &|_| Continue::Yes).unwrap();
        folder
    })
}

fn root_of(set: SetName) -> PathBuf {
    miniatures().join(set.synthetic())
}

/// A run of a few iterations on `sets` under `protocol`.
fn config(sets: &[SetName], protocol: &str) -> RunConfig {
    let mut c = Preset::Demo.config();
    "cpu".clone_into(&mut c.compute.device);
    c.compute.threads = 1;
    c.data.source = DataSource::Datasets;
    c.data.roots = sets.iter().map(|s| root_of(*s).display().to_string()).collect();
    protocol.clone_into(&mut c.data.protocol);
    c.data.size = 32;
    c.teacher.width = 4;
    c.surrogate.width = 4;
    c.detector.width = 2;
    c.pretrain.iterations = 3;
    c.bilevel.iterations = 3;
    c.bilevel.m = 1;
    c.bilevel.n = 1;
    c.detector.iterations = 4;
    c.detector.batch = 2;
    c.calibrate.batches = 2;
    c.watch.samples = 2;
    c.checkpoint.every = 2;
    c
}

/// Drives an engine until it has nothing more to do; what it says of a failure.
fn drive(job: Job, cache: &Path, stop_at: Option<u64>) -> Result<PathBuf, String> {
    let folder = match &job {
        Job::New { folder, .. } | Job::Resume { folder, .. } => folder.clone(),
    };
    let start = if stop_at.is_some() { Start::Paused } else { Start::Play };
    let handle = engine::spawn(SpawnOptions { job, start, cache: cache.to_owned(), waker: None });
    let mut aim = stop_at;
    loop {
        match handle.events.recv_timeout(Duration::from_mins(5)).unwrap() {
            Event::State(State::Paused) if let Some(iteration) = aim.take() => {
                handle.commands.send(engine::Command::RunTo(iteration)).unwrap();
            }
            // Said twice at times; whoever has stopped already need not hear it.
            Event::State(State::Paused | State::Finished) => drop(handle.commands.send(engine::Command::Stop)),
            Event::Failed { error, .. } => return Err(error),
            Event::Finished => break,
            _ => {}
        }
    }
    handle.thread.unwrap().join().unwrap();
    Ok(folder)
}

fn run(config: &RunConfig, folder: &Path, cache: &Path) -> Result<PathBuf, String> {
    drive(Job::New { config: config.clone(), folder: folder.to_owned() }, cache, None)
}

/// Names of the scored presentations.
fn scored(folder: &Path, part: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(folder.join(format!("scores/{part}.csv"))).unwrap();
    text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().to_owned()).collect()
}

#[test]
fn every_set_is_opened_packed_trained_on_and_scored_with_its_protocols() {
    use SetName::{CasiaFasd, MsuMfsd, OuluNpu, ReplayAttack, RoseYoutu, SiwM};
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    for (i, (sets, protocol)) in [
        (vec![OuluNpu], "oulu_npu/1"),
        (vec![CasiaFasd], "casia_fasd/7"),
        (vec![ReplayAttack], "replay_attack/grandtest"),
        (vec![MsuMfsd], "msu_mfsd/1"),
        (vec![RoseYoutu], "rose_youtu/metapattern"),
        (vec![SiwM], "siw_m/1"),
        (vec![OuluNpu, CasiaFasd, ReplayAttack, MsuMfsd], "mico/OCI-M"),
    ]
    .into_iter()
    .enumerate()
    {
        let config = config(&sets, protocol);
        let folder = run(&config, &dir.path().join(i.to_string()), &cache).unwrap();
        let session = Session::open(&folder).unwrap();
        assert_eq!(session.status().unwrap().state, State::Finished);

        // Whoever was to be judged was, and nobody else.
        let found: Vec<_> = sets.iter().flat_map(|s| open_all(&root_of(*s)).unwrap()).collect();
        let members = sources(&found, &Protocol::parse(protocol, 1, Whole::EveryVideo).unwrap()).unwrap();
        let names = |split: Split| -> BTreeSet<String> {
            let of = members.clips.iter().filter(|(_, s)| *s == split);
            of.map(|(clip, _)| format!("{}/{}", clip.domain, clip.path)).collect()
        };
        let p = session.provenance().unwrap();
        assert_eq!(p.clips.asked, members.clips.len());
        let lost = p.clips.without_face + p.clips.unreadable;
        let (test, dev) = (scored(&folder, "test"), scored(&folder, "dev"));
        assert!(test.is_subset(&names(Split::Test)) && dev.is_subset(&names(Split::Dev)), "{protocol}");
        let wanted = names(Split::Test).len() + names(Split::Dev).len();
        assert!(test.len() + dev.len() + lost >= wanted && lost * 10 < p.clips.asked, "{protocol}: {lost} lost");

        // Every number says what it is of.
        assert_eq!(p.origin, "synthetic");
        assert_eq!(p.depth, "mesh pseudo-depth");
        assert!(p.clips.cutter.contains("preset cdcn"), "{}", p.clips.cutter);
        assert_eq!((p.clips.sets.len(), p.clips.partial.len()), (sets.len(), sets.len()));
        let results: Value = serde_json::from_slice(&fs::read(session.results_file()).unwrap()).unwrap();
        assert!(results["auc"].is_f64() && results["partial"][0].as_str().unwrap().starts_with("Partial copy of"));
        assert_eq!(results["clips_left_out"]["unreadable"], 0);
    }
    // One pack a set, whatever ran on it.
    assert_eq!(fs::read_dir(cache.join("pack")).unwrap().count(), 6);
}

#[test]
fn augmented_runs_over_domains_repeat_and_resume_to_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    let mut config = config(&[SetName::CasiaFasd, SetName::MsuMfsd, SetName::ReplayAttack], "limited/MI-C");
    config.data.whole_set = WholeSet::NoDev;
    config.sampling.balance = Balance::LabelAndDomain;
    config.augment.stages = AugmentStages::All;
    config.augment.set = AugmentSet::Cdcn;
    let one = run(&config, &dir.path().join("one"), &cache).unwrap();
    // Packed anew, by other threads, and stopped on the way in every stage.
    let other = dir.path().join("other cache");
    let two = dir.path().join("two");
    drive(Job::New { config: config.clone(), folder: two.clone() }, &other, Some(2)).unwrap();
    for at in [4, 8] {
        drive(Job::Resume { folder: two.clone(), lengths: engine::NewLengths::default() }, &other, Some(at)).unwrap();
    }
    drive(Job::Resume { folder: two.clone(), lengths: engine::NewLengths::default() }, &other, None).unwrap();
    assert_same(&one, &two);
    config.augment.stages = AugmentStages::None;
    let plain = run(&config, &dir.path().join("plain"), &cache).unwrap();
    assert_ne!(contents(&plain)["metrics.jsonl"], contents(&one)["metrics.jsonl"]);
}

/// Copies a set so that it can be changed.
fn copied(set: SetName, to: &Path) -> PathBuf {
    let from = root_of(set);
    let mut folders = vec![from.clone()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            let copy = to.join(path.strip_prefix(&from).unwrap());
            if path.is_dir() {
                folders.push(path);
            } else {
                fs::create_dir_all(copy.parent().unwrap()).unwrap();
                fs::copy(path, copy).unwrap();
            }
        }
    }
    to.to_owned()
}

#[test]
fn a_changed_video_stops_a_run_until_it_is_packed_anew() {
    let dir = tempfile::tempdir().unwrap();
    let root = copied(SetName::MsuMfsd, &dir.path().join("MSU"));
    let pack = dir.path().join("pack");
    let mut config = config(&[], "msu_mfsd/1");
    config.data.roots = vec![root.display().to_string()];
    config.data.pack = pack.display().to_string();
    let first = run(&config, &dir.path().join("first"), dir.path()).unwrap();
    let video = root.join("scene01/real/real_client001_laptop_SD_scene01.mov");
    let other = fs::read(root.join("scene01/real/real_client002_laptop_SD_scene01.mov")).unwrap();
    let before = fs::read(&video).unwrap();
    fs::write(&video, &other).unwrap();
    let said = run(&config, &dir.path().join("second"), dir.path()).unwrap_err();
    assert!(said.contains("real_client001_laptop_SD_scene01.mov") && said.contains("is stale"), "{said}");
    assert!(said.contains(&format!("--out {} --rebuild", pack.display())), "{said}");
    let rebuild = ["data", "pack", root.to_str().unwrap(), "--out", pack.to_str().unwrap(), "--rebuild", "--json"];
    let output = metafas(dir.path()).args(rebuild).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((report["packs"][0]["clips"].as_u64(), report["packs"][0]["side"].as_u64()), (Some(24), Some(256)));
    let second = run(&config, &dir.path().join("third"), dir.path()).unwrap();
    let fingerprint = |folder: &Path| Session::open(folder).unwrap().provenance().unwrap().fingerprint;
    assert_ne!(fingerprint(&first), fingerprint(&second));
    assert_ne!(before, other);

    // What cannot be is one sentence, before anything is cut.
    config.data.size = 512;
    let said = run(&config, &dir.path().join("large"), dir.path()).unwrap_err();
    assert!(said.contains("512 x 512 pixels are asked for, and the crop gives 256 x 256"), "{said}");
    "wide".clone_into(&mut config.data.crop);
    let said = run(&config, &dir.path().join("crop"), dir.path()).unwrap_err();
    assert!(said.starts_with("data.crop: there is no preset `wide`"), "{said}");
    config.data.roots.clear();
    let said = run(&config, &dir.path().join("roots"), dir.path()).unwrap_err();
    assert!(said.contains("data.roots: name the folders"), "{said}");
}

#[test]
fn a_list_of_clips_is_trained_on_like_a_set() {
    let dir = tempfile::tempdir().unwrap();
    let found = open_all(&root_of(SetName::MsuMfsd)).unwrap();
    let members = sources(&found, &Protocol::parse("msu_mfsd/1", 1, Whole::EveryVideo).unwrap()).unwrap();
    let row = |(clip, split): &(metafas::data::SourceClip, Split)| {
        let Footage::Video(path) = &clip.footage else { panic!("a video") };
        let label = if clip.label == Label::Live { "live" } else { "spoof" };
        format!("{},{label},{},{},{split}\n", path.display(), clip.species, clip.subject)
    };
    let rows: String = members.clips.iter().map(row).collect();
    let list = dir.path().join("mine.csv");
    fs::write(&list, format!("path,label,species,subject,split\n{rows}")).unwrap();
    let mut config = config(&[], "");
    config.data.source = DataSource::Manifest;
    config.data.root = list.display().to_string();
    let folder = run(&config, &dir.path().join("run"), dir.path()).unwrap();
    let p = Session::open(&folder).unwrap().provenance().unwrap();
    assert_eq!((p.data.as_str(), p.origin.as_str(), p.clips.asked), ("mine", "synthetic", members.clips.len()));
    assert_eq!(scored(&folder, "test").len(), members.clips.iter().filter(|c| c.1 == Split::Test).count());
}

/// A clip of two grey pictures: nobody is in it.
fn nobody(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for i in 1..3 {
        image::RgbImage::from_pixel(128, 128, image::Rgb([120; 3])).save(folder.join(format!("{i}.png"))).unwrap();
    }
}

#[test]
fn clips_without_a_face_count_as_rejected_in_a_whole_run_and_are_dropped_when_asked_to() {
    let dir = tempfile::tempdir().unwrap();
    let found = open_all(&root_of(SetName::MsuMfsd)).unwrap();
    let members = sources(&found, &Protocol::parse("msu_mfsd/1", 1, Whole::EveryVideo).unwrap()).unwrap();
    let mut rows = "path,label,species,subject,split\n".to_owned();
    for (clip, split) in &members.clips {
        let Footage::Video(path) = &clip.footage else { panic!("a video") };
        let label = if clip.label == Label::Live { "live" } else { "spoof" };
        writeln!(rows, "{},{label},{},{},{split}", path.display(), clip.species, clip.subject).unwrap();
    }
    for row in ["a/,live,live,91,test", "b/,spoof,mask,92,test", "c/,spoof,mask,92,test", "d/,live,live,93,dev"] {
        nobody(&dir.path().join(&row[..1]));
        writeln!(rows, "{row}").unwrap();
    }
    let list = dir.path().join("mine.csv");
    fs::write(&list, rows).unwrap();
    let mut config = config(&[], "");
    config.data.source = DataSource::Manifest;
    config.data.root = list.display().to_string();
    config.evaluate.missing_faces = MissingFaces::Reject;
    let folder = run(&config, &dir.path().join("run"), dir.path()).unwrap();
    let session = Session::open(&folder).unwrap();
    let settings = fs::read(session.run_file()).unwrap();
    let whole: Value = serde_json::from_slice(&fs::read(session.results_file()).unwrap()).unwrap();
    let seen =
        |label: Label| members.clips.iter().filter(|(c, s)| *s == Split::Test && c.label == label).count() as u64;
    let (live, attack) = (seen(Label::Live), seen(Label::Spoof));
    let numbers =
        |r: &Value| ["n_live", "n_attack", "n_rejected_live", "n_rejected_attack"].map(|k| r[k].as_u64().unwrap());
    assert_eq!(numbers(&whole), [live + 1, attack + 2, 1, 2]);
    let part = |live: u64, attack: u64| serde_json::json!({ "live": live, "attack": attack });
    let expected =
        serde_json::json!({ "policy": "reject", "train": part(0, 0), "dev": part(1, 0), "test": part(1, 2) });
    assert_eq!(whole["missing_faces"], expected);
    // Both masks are detected, whatever the detector learnt; the live clip is an error.
    assert_eq!(whole["apcer"]["mask"], 0.0);
    assert!(whole["bpcer"].as_f64().unwrap() * (live + 1) as f64 > 0.999, "{}", whole["bpcer"]);
    assert!(whole["overridden"].is_null());
    assert_eq!(scored(&folder, "test").len() as u64, live + attack, "score files hold what was scored");

    let evaluate = |more: &[&str]| {
        let output = metafas(dir.path()).arg("evaluate").arg(&folder).args(more).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let dropped: Value =
        serde_json::from_str(&evaluate(&["--missing-faces", "drop", "--video", "max", "--json"])).unwrap();
    assert_eq!(numbers(&dropped), [live, attack, 0, 0]);
    assert!(dropped["apcer"].get("mask").is_none());
    assert_eq!((&dropped["video_rule"], &dropped["missing_faces"]["policy"]), (&"max".into(), &"drop".into()));
    let told = serde_json::json!({
        "evaluate.video": { "run": "mean", "here": "max" }, "evaluate.missing_faces": { "run": "reject", "here": "drop" }
    });
    assert_eq!(dropped["overridden"], told);
    let words = evaluate(&["--missing-faces", "drop", "--video", "median"]);
    assert!(words.contains("one score a video: median of its frames"), "{words}");
    assert!(words.contains("evaluate.missing_faces is drop for this evaluation alone; the run has reject"), "{words}");
    assert!(words.contains("4 showed no face and are left out"), "{words}");
    // For that evaluation alone: the session is as it was, and so are its results when nothing is asked for.
    assert_eq!(fs::read(session.run_file()).unwrap(), settings);
    assert_eq!(serde_json::from_str::<Value>(&evaluate(&["--json"])).unwrap(), whole);
}

fn metafas(cache: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_metafas"));
    command.env("METAFAS_CACHE", cache);
    command
}

#[test]
fn packing_goes_on_after_a_kill_and_beside_another_builder() {
    let dir = tempfile::tempdir().unwrap();
    let root = root_of(SetName::OuluNpu);
    let pack = |out: &Path, threads: &str| {
        let mut command = metafas(dir.path());
        command.args(["data", "pack"]).arg(&root).arg("--out").arg(out);
        command.args(["--threads", threads, "--frames", "1", "--json"]);
        command
    };
    let (whole, killed) = (dir.path().join("whole"), dir.path().join("killed"));
    // Killed as soon as it has written anything.
    let mut first = pack(&killed, "1").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while first.try_wait().unwrap().is_none() && fs::read(killed.join("index.jsonl")).is_ok_and(|b| b.is_empty()) {
        std::thread::sleep(Duration::from_millis(5));
    }
    first.kill().unwrap();
    first.wait().unwrap();
    // Two programs at once on what is left.
    let beside = pack(&killed, "1").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let here = pack(&killed, "2").output().unwrap();
    let beside = beside.wait_with_output().unwrap();
    let clean = pack(&whole, "2").output().unwrap();
    let report = |output: &std::process::Output| -> Value {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut report: Value = serde_json::from_slice(&output.stdout).unwrap();
        report["packs"][0]["folder"].take();
        report["packs"].take()
    };
    let expected = report(&clean);
    assert_eq!(expected[0]["clips"], 270);
    assert_eq!((&report(&here), &report(&beside)), (&expected, &expected));
    // The same bytes, wherever they lie.
    let checksums = |folder: &Path| -> BTreeMap<String, String> {
        let pack = metafas::data::pack::open(folder).unwrap();
        pack.clips().map(|(about, stored)| (about.path.clone(), stored.sha256.clone())).collect()
    };
    assert_eq!(checksums(&killed), checksums(&whole));
}
