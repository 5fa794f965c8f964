//! Data sets on disk: named, looked at, browsed, laid under a protocol, cut and chosen for a run. The sets are miniatures
//! of the built-in benchmark in the layouts of the real ones.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use eframe::egui::Key;
use egui_kittest::kittest::Queryable as _;
use metafas::config::DataSource;
use metafas::data::builtin::{Maps, Scale, Tree, write};
use metafas::data::protocol::Whole;
use metafas::data::{Continue, Label, SetName};
use metafas::engine::{Evaluated, Event, Job};
use metafas::session::ClipSources;
use metafas::synth::GENERATOR_VERSION;
use metafas::ui::{Choice, DataCommand, Filter, KnownRoot, Page, Pane, RootState, Shown, UiCommand, Workspace};

use crate::script::{Bench, Dropped, provenance};

/// Two sets, made once and kept, as other tests keep them.
pub fn miniature(set: SetName) -> PathBuf {
    static TREE: OnceLock<PathBuf> = OnceLock::new();
    let root = TREE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("miniatures-{GENERATOR_VERSION}"));
        let tree = Tree::new(folder.clone(), Scale::Tiny, 0, Maps::Labels);
        write(&tree, &[SetName::MsuMfsd, SetName::CasiaFasd], 2, &|_| Continue::Yes).unwrap();
        folder
    });
    root.join(set.synthetic())
}

pub fn send(bench: &mut Bench, command: DataCommand) {
    bench.harness.state().send(UiCommand::Data(command));
    bench.settle();
}

/// A window whose data pane shows `path`.
pub fn showing(path: &Path) -> Bench {
    let mut bench = Bench::new();
    bench.harness.state().send(UiCommand::Focus(Pane::Data));
    send(&mut bench, DataCommand::Add(path.to_owned()));
    bench
}

/// Whether something with such a label is shown.
pub fn there(bench: &Bench, label: &str) -> bool {
    bench.harness.query_all_by_label_contains(label).next().is_some()
}

/// Presses what is called `label`, wherever its pane is scrolled to.
pub fn press(bench: &mut Bench, label: &str) {
    bench.harness.get_by_label(label).scroll_to_me();
    bench.settle();
    bench.harness.get_by_label(label).click();
    bench.settle();
}

#[test]
fn a_data_set_is_named_recognised_and_remembered() {
    let mut bench = Bench::new();
    press(&mut bench, "Open your own data");
    let set = miniature(SetName::MsuMfsd);
    // A slip first: one sentence, and what was typed stays.
    let wrong = set.with_file_name("no such set").display().to_string();
    bench.harness.get_by_label("Path of data").focus();
    bench.settle();
    bench.harness.get_by_label("Path of data").type_text(&wrong);
    bench.settle();
    bench.harness.key_press(Key::Enter);
    bench.settle();
    let data = &bench.harness.state().state().data;
    assert!(data.trouble.as_ref().is_some_and(|t| t.contains("no such set cannot be read")), "{:?}", data.trouble);
    assert_eq!((data.typed.as_str(), data.shown, data.roots.len()), (wrong.as_str(), Shown::Builtin, 0));
    send(&mut bench, DataCommand::Type(set.display().to_string()));
    press(&mut bench, "Add");
    assert!(there(&bench, "Partial copy of MSU-MFSD: 24 of 280 clips."));
    assert!(there(&bench, "Missing: 256") && there(&bench, "These are rendered faces in MSU-MFSD's layout"));
    assert!(bench.harness.query_by_label("train ipad clips").is_some(), "the table by part and species");
    let state = bench.harness.state().state();
    assert!(state.data.typed.is_empty() && state.data.trouble.is_none());
    assert_eq!(state.workspace.roots, [KnownRoot { path: set.clone(), used: true, pictures: None }]);
    // Another day.
    let mut workspace = Workspace::default();
    workspace.roots.clone_from(&state.workspace.roots);
    let mut bench = Bench::arranged(workspace, |_| vec![]);
    bench.settle();
    let data = &bench.harness.state().state().data;
    assert!(matches!(&data.roots[0].state, RootState::Sets(sets) if sets[0].report.found.set == SetName::MsuMfsd));
    let id = data.roots[0].id;
    bench.harness.state().send(UiCommand::Focus(Pane::Data));
    send(&mut bench, DataCommand::Show(Shown::Root(id, 0)));
    press(&mut bench, "Take off the list");
    assert!(bench.harness.state().state().workspace.roots.is_empty() && set.join("scene01").exists());
}

#[test]
fn what_is_dropped_onto_the_window_is_looked_at() {
    let mut bench = Bench::new();
    let strange = bench.dir.path().join("letters");
    std::fs::create_dir(&strange).unwrap();
    std::fs::write(strange.join("letter.txt"), "Dear reader").unwrap();
    for path in [miniature(SetName::MsuMfsd), strange] {
        bench.harness.input_mut().dropped_files.push(Arc::new(Dropped(path)));
        bench.settle();
    }
    let data = &bench.harness.state().state().data;
    assert!(matches!(data.roots[0].state, RootState::Sets(_)));
    // Nothing that is known: kept, with the reason and a way out.
    let RootState::Nothing(why) = &data.roots[1].state else { panic!("{:?}", data.roots[1].state) };
    assert!(why.contains("letters") && !why.contains("--"), "{why}");
    assert!(there(&bench, why) && bench.harness.query_by_label("Look again").is_some());
}

#[test]
fn a_session_that_is_named_as_data_is_opened() {
    let mut bench = Bench::playing();
    let folder = bench.dir.path().join("session");
    metafas::session::Session::create(&folder, &metafas::config::Preset::Demo.config(), &provenance()).unwrap();
    send(&mut bench, DataCommand::Add(folder.clone()));
    let state = bench.harness.state().state();
    assert_eq!(state.run().unwrap().folder, folder);
    assert!(state.data.roots.is_empty() && state.workspace.roots.is_empty());
}

#[test]
fn clips_are_narrowed_and_gone_through_with_keys() {
    let mut bench = showing(&miniature(SetName::MsuMfsd));
    press(&mut bench, "train ipad clips");
    let browse = |bench: &Bench| {
        let data = &bench.harness.state().state().data;
        (data.page, data.browse.hits.len(), data.browse.picked)
    };
    assert_eq!(browse(&bench), (Page::Clips, 4, None));
    assert!(there(&bench, "4 of 24 clips"));
    press(&mut bench, "Show all");
    assert_eq!(browse(&bench).1, 24);
    bench.harness.get_by_label("Find clips").focus();
    bench.settle();
    bench.harness.get_by_label("Find clips").type_text("REAL client");
    bench.settle();
    assert_eq!(browse(&bench).1, 6, "six live clips have such names");
    // Arrows belong to the field while it is being typed into.
    bench.harness.key_press(Key::ArrowDown);
    bench.settle();
    assert_eq!(browse(&bench).2, None);
    bench.harness.get_by_label("Find clips").focus();
    bench.harness.key_press(Key::Escape);
    bench.settle();
    send(&mut bench, DataCommand::Narrow(Filter { label: Some(Label::Spoof), ..Filter::default() }));
    let hits = bench.harness.state().state().data.browse.hits.clone();
    bench.harness.key_press(Key::ArrowDown);
    bench.settle();
    assert_eq!(browse(&bench).2, Some(hits[0] as usize));
    press(&mut bench, "Next ›");
    bench.harness.key_press(Key::ArrowDown);
    bench.settle();
    bench.harness.key_press(Key::ArrowUp);
    bench.settle();
    assert_eq!(browse(&bench).2, Some(hits[1] as usize));
    assert!(there(&bench, "2 of 18"));
    send(&mut bench, DataCommand::Narrow(Filter { label: Some(Label::Live), ..Filter::default() }));
    assert_eq!(browse(&bench).2, None, "what is not listed is not looked at");
}

#[test]
fn a_clip_is_seen_with_boxes_and_as_a_run_gets_it() {
    let mut bench = showing(&miniature(SetName::MsuMfsd));
    send(&mut bench, DataCommand::Turn(Page::Clips));
    let clips = Arc::clone(bench.harness.state().state().data.clips().unwrap());
    let clip = &clips.rows[0];
    let row = format!("{}, {}", clip.path, clip.species);
    press(&mut bench, &row);
    assert!(there(&bench, "Frame 0, with the set's box, with the set's eyes"));
    assert!(bench.harness.query_by_label("The face that is cut out").is_some());
    assert!(there(&bench, &clip.subject) && there(&bench, "scene01") && there(&bench, ".face"));
    let look = |bench: &Bench| {
        let data = &bench.harness.state().state().data;
        data.browse.look.as_ref().unwrap().1.clone().unwrap()
    };
    let first = look(&bench);
    let (side, cdcn) = first.frames[0].face.clone().unwrap();
    assert_eq!((side, cdcn.len()), (256, 256 * 256 * 3));
    assert_eq!(first.frames[0].detected, None, "the detector is asked only if somebody wants to see it");
    press(&mut bench, "Detector's box");
    let (_, sure) = look(&bench).frames[0].detected.unwrap();
    assert!(sure > 0.5 && there(&bench, "% sure"));
    bench.harness.state().send(UiCommand::Set { key: "data.crop", text: "ssdg".to_owned() });
    bench.settle();
    let aligned = look(&bench);
    assert_ne!(aligned.frames[0].face.as_ref().unwrap().1, cdcn, "another preset cuts another face");
    assert_ne!(aligned.frames[0].region, first.frames[0].region);
}

#[test]
fn a_protocol_is_a_table_of_what_is_here_and_what_was_published() {
    let mut bench = showing(&miniature(SetName::MsuMfsd));
    press(&mut bench, "Protocols");
    for cell in [
        "MSU-MFSD live, train: 4 of 30",
        "MSU-MFSD live, dev: –",
        "MSU-MFSD print, test: 2 of 40",
        "all live, train: 4 of 30",
        "all attacks, train: 12 of 90",
        "all attacks, test: 6 of 120",
        "MSU-MFSD live, held out: 2",
        "subjects, train: 2",
        "subjects, test: 1",
        "subjects, held out: 1",
    ] {
        assert!(bench.harness.query_by_label(cell).is_some(), "{cell}");
    }
    assert!(there(&bench, "Nobody stands in two parts"));
    assert!(there(&bench, "A run holds 2 live clips and 6 attacks out of train for that"));
    // One that needs another set says which, and the menu knows it before.
    let wanted = Choice { name: "mico/OCI-M".to_owned(), fold: 1, whole: Whole::EveryVideo };
    send(&mut bench, DataCommand::Protocol(wanted));
    assert!(there(&bench, "mico/OCI-M needs OULU-NPU"));
    let data = &bench.harness.state().state().data;
    let unusable = &data.unusable[&data.over()];
    assert!(unusable.contains_key("casia_fasd/1") && !unusable.contains_key("msu_mfsd/1"), "{unusable:?}");
    assert!(unusable["msu_mfsd/bob"].contains("msu_mfsd/bob"), "too few people for it: {unusable:?}");
    assert!(unusable["siw_mv2/1"].contains("SiW-Mv2"));
}

#[test]
fn the_pane_is_never_empty() {
    let mut bench = Bench::new();
    bench.harness.state().send(UiCommand::Focus(Pane::Data));
    send(
        &mut bench,
        DataCommand::Protocol(Choice { name: "oulu_npu/1".to_owned(), fold: 1, whole: Whole::EveryVideo }),
    );
    assert!(there(&bench, "Six miniature data sets") && bench.harness.query_by_label("SynthO").is_some());
    press(&mut bench, "See its protocols");
    for cell in ["SynthO live, train: 48", "SynthO replay, test: 48", "all attacks, dev: 144", "subjects, train: 20"] {
        assert!(bench.harness.query_by_label(cell).is_some(), "{cell}");
    }
    bench.harness.get_all_by_label("tiny").last().unwrap().click();
    bench.settle();
    assert!(bench.harness.query_by_label("SynthO live, train: 12").is_some());
    // A built-in clip is made when it is looked at.
    send(&mut bench, DataCommand::Turn(Page::Clips));
    send(&mut bench, DataCommand::Step(1));
    assert!(there(&bench, "Frame 0, with the set's box, with the set's eyes"));
    assert!(bench.harness.query_by_label("The face that is cut out").is_some());
    press(&mut bench, "Back");
    assert!(bench.harness.query_by_label("Play demo").is_some());
}

#[test]
fn a_protocol_on_disk_is_chosen_for_a_run_and_started() {
    let mut bench = showing(&miniature(SetName::MsuMfsd));
    send(&mut bench, DataCommand::Add(miniature(SetName::CasiaFasd)));
    send(&mut bench, DataCommand::Turn(Page::Protocol));
    let set = |name: &str| Choice { name: name.to_owned(), fold: 1, whole: Whole::EveryVideo };
    send(&mut bench, DataCommand::Protocol(set("msu_mfsd/1")));
    press(&mut bench, "Use msu_mfsd/1 for the next run");
    let state = bench.harness.state().state();
    let fit = state.fit().expect("the data were looked at");
    assert_eq!((fit.clips, fit.held_out, fit.synthetic), ([[2, 6], [2, 6], [2, 6]], true, true));
    assert_eq!(fit.partial, ["Partial copy of MSU-MFSD: 24 of 280 clips."]);
    assert_eq!(fit.packed, Some(0));
    assert!(state.can_start().is_ok(), "{:?}", state.can_start());
    assert!(there(&bench, "Live + attack clips: train 2 + 6, dev 2 + 6 (held out from training subjects), test 2 + 6"));
    // A protocol whose sets are not all here cannot be started, and says so before.
    bench.harness.state().send(UiCommand::Set { key: "data.protocol", text: "oulu_npu/2".to_owned() });
    bench.settle();
    let reason = bench.harness.state().state().can_start().unwrap_err();
    assert_eq!(reason, "data.roots: oulu_npu/2 needs OULU-NPU; add its folder in the Data pane");
    assert!(there(&bench, &reason), "told at the foot of the form");
    bench.harness.state().send(UiCommand::Set { key: "data.protocol", text: "msu_mfsd/1".to_owned() });
    bench.settle();
    // Another preset keeps the data.
    press(&mut bench, "Laptop");
    press(&mut bench, "Start training");
    bench.script(|s| {
        let Job::New { config, .. } = &s.options.job else { panic!("a new run") };
        assert_eq!((config.data.source, config.data.protocol.as_str()), (DataSource::Datasets, "msu_mfsd/1"));
        assert_eq!(config.data.roots, [miniature(SetName::MsuMfsd).display().to_string()], "and no root too many");
        assert_eq!(config.data.size, metafas::config::Preset::Laptop.config().data.size);
    });
}

#[test]
fn a_set_that_is_here_twice_is_told_and_one_can_be_left_out() {
    let mut bench = showing(&miniature(SetName::MsuMfsd));
    let above = bench.dir.path().join("copies");
    std::fs::create_dir(&above).unwrap();
    std::os::unix::fs::symlink(miniature(SetName::MsuMfsd), above.join("MSU")).unwrap();
    send(&mut bench, DataCommand::Add(above.join("MSU")));
    for (key, text) in [("data.source", "datasets"), ("data.protocol", "msu_mfsd/1")] {
        bench.harness.state().send(UiCommand::Set { key, text: text.to_owned() });
    }
    bench.settle();
    let reason = bench.harness.state().state().can_start().unwrap_err();
    assert!(reason.contains("MSU-MFSD is here twice") && reason.contains("leave one out"), "{reason}");
    press(&mut bench, "Runs and protocols may use it");
    let state = bench.harness.state().state();
    assert!(state.can_start().is_ok(), "{:?}", state.can_start());
    assert_eq!(state.form.config.data.roots, [miniature(SetName::MsuMfsd).display().to_string()]);
    assert!(!state.workspace.roots[1].used, "remembered");
}

#[test]
fn faces_are_cut_ahead_and_counted() {
    let mut bench = showing(&miniature(SetName::MsuMfsd));
    assert!(there(&bench, "No faces are cut yet, of 24 clips"));
    let id = bench.harness.state().state().data.roots[0].id;
    press(&mut bench, "Cut the faces now");
    let told = bench.harness.state().state().data.pack_ends[&id].clone().unwrap();
    assert_eq!((told.faces, told.clips, told.unreadable.len()), (24, 24, 0));
    assert!(there(&bench, "Faces of all 24 clips are cut"));
    assert!(bench.harness.query_by_label("Cut the faces now").is_none());
    // Another way of cutting is another pack.
    bench.harness.state().send(UiCommand::Set { key: "data.frames", text: "1".to_owned() });
    bench.settle();
    assert!(there(&bench, "No faces are cut yet, of 24 clips"));
}

#[test]
fn a_partial_copy_says_so_wherever_results_stand() {
    let mut bench = Bench::new();
    press(&mut bench, "Play");
    let banner = "Partial copy of OULU-NPU: 270 of 4950 clips.";
    bench.script(|s| {
        let mut provenance = provenance();
        provenance.origin = "real".to_owned();
        provenance.clips = ClipSources { partial: vec![banner.to_owned()], ..ClipSources::default() };
        let started = metafas::engine::Started {
            session: s.folder(),
            config: s.config(),
            provenance,
            watched: crate::script::faces(),
            problems: vec![],
            cursor: metafas::engine::Cursor::default(),
        };
        s.tell(Event::Started(Box::new(started)));
        let results = serde_json::json!({
            "auc": 0.96, "test_set": "test", "origin": "real", "data": "OULU-NPU, oulu_npu/1", "partial": [banner],
            "sets": ["OULU-NPU: 270 of 4950 clips"], "clips_left_out": {"unreadable": 1, "without_face": 2}
        });
        s.tell(Event::Evaluated(Evaluated { results }));
    });
    assert!(bench.harness.state().shows(Pane::Results));
    assert!(bench.harness.query_by_label(&format!("▲ {banner}")).is_some());
    assert!(bench.harness.query_all_by_label("partial copy").count() >= 1, "in the bar of the window");
    assert!(there(&bench, "Clips left out: 1 could not be read, 2 showed no face"));
    assert!(bench.harness.query_by_label_contains("synthetic").is_none());
    bench.harness.state().send(UiCommand::Focus(Pane::Run));
    bench.settle();
    assert!(bench.harness.query_by_label(banner).is_some());
}
