//! Curves, Step, Run, Results and Log.

use eframe::egui::OutputCommand;
use eframe::egui::accesskit::{Role, Toggled};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use metafas::config::{
    DetectorConfig, Network, OptimizerKind, PatternLearning, Preset, RfAlgorithm, RfMetaConfig, RunConfig, Supervision,
    WholeSet,
};
use metafas::engine::{Command, Evaluated, Event, Progress, Stage, phases};
use metafas::session::{MapKind, Memory, Outlook, State};
use metafas::ui::{Layout, Level, Pane, UiCommand};

use crate::script::{Bench, maps, phase, row};

#[test]
fn three_hundred_rows_with_nan_among_them_are_drawn() {
    let mut bench = Bench::playing();
    let value = |i: u64| match i % 50 {
        7 => f64::NAN,
        8 => f64::INFINITY,
        9 => 0.0,
        _ => 1.0 / (i + 1) as f64,
    };
    bench.script(|s| (0..300).for_each(|i| s.tell(Event::Metrics(row(300 + i, value(i))))));
    let state = bench.harness.state().state();
    assert_eq!(state.run().unwrap().metrics.get("l_v").unwrap().y.len(), 300);
    assert!(bench.harness.query_by_label_contains("values are not finite").is_some());
    assert!(state.log.iter().any(|e| e.level == Level::Warning && e.text.contains("l_v")));
    for command in [UiCommand::SetLogAxis(true), UiCommand::SetSmoothing(0.0), UiCommand::ShowCurves(2, true)] {
        bench.harness.state().send(command);
        bench.settle();
    }
    assert!(bench.harness.query_by_label_contains("cannot be drawn on a log axis").is_some());
}

#[test]
fn a_row_of_a_papers_table_is_chosen_from_a_menu_and_can_be_started() {
    let mut bench = Bench::new();
    for label in ["Row of a paper …", "MT-FAS Table 6, OULU-NPU", "FAS-DR(MT w/o pre)"] {
        bench.harness.get_by_label(label).click();
        bench.settle();
    }
    let form = &bench.harness.state().state().form;
    assert_eq!((form.config.pretrain.iterations, form.config.data.protocol.as_str()), (0, "oulu_npu/1"));
    assert!(bench.harness.state().state().can_start().is_ok());
    assert!(bench.harness.query_by_label("mt_fas/6 FAS-DR(MT w/o pre)").is_some(), "the form says which row it is");
    // What learns across sets is given sets to learn across.
    for label in ["mt_fas/6 FAS-DR(MT w/o pre)", "RFMetaFAS Table 1, MICO", "Ours"] {
        bench.harness.get_by_label(label).click();
        bench.settle();
    }
    let state = bench.harness.state().state();
    assert_eq!(state.form.config.data.protocol, "mico/OCI-M");
    assert!(state.can_start().is_ok());
}

#[test]
fn the_protocol_is_chosen_with_its_fold_and_its_clips_are_counted() {
    let mut bench = Bench::new();
    assert!(bench.harness.query_by_label_contains("test 45 + 135").is_some());
    bench.harness.get_by_label("tiny").click();
    bench.settle();
    for (key, text) in [("data.protocol", "oulu_npu/4"), ("data.fold", "6")] {
        bench.harness.state().send(UiCommand::Set { key, text: text.to_owned() });
    }
    bench.settle();
    assert!(bench.harness.query_by_label_contains("train 10 + 20, dev 10 + 20, test 1 + 2").is_some());
    bench.harness.state().send(UiCommand::Set { key: "data.protocol", text: "oulu_npu/9".to_owned() });
    bench.settle();
    let reason = bench.harness.state().state().can_start().unwrap_err();
    assert!(reason.contains("there is no protocol oulu_npu/9"), "{reason}");
    for (key, text) in [("data.fold", "1"), ("data.protocol", "mico/OCI-M")] {
        bench.harness.state().send(UiCommand::Set { key, text: text.to_owned() });
    }
    bench.settle();
    assert!(bench.harness.query_by_label_contains("held out from training subjects").is_some());
    bench.harness.get_by_label("train and test").click();
    bench.settle();
    assert_eq!(bench.harness.state().state().form.config.data.whole_set, WholeSet::NoDev);
    assert!(bench.harness.state().state().can_start().is_ok());
    // With nobody held out there is nothing to choose a threshold on, until it comes from elsewhere.
    bench.harness.get_by_label("hold subjects out for thresholds").click();
    bench.settle();
    assert!(bench.harness.query_by_label_contains("held out from training subjects").is_none());
    let reason = bench.harness.state().state().can_start().unwrap_err();
    assert!(reason.contains("evaluate.threshold: dev_eer chooses"), "{reason}");
    bench.harness.state().send(UiCommand::Set { key: "evaluate.threshold", text: "test_eer".to_owned() });
    bench.settle();
    assert!(bench.harness.state().state().can_start().is_ok());
}

#[test]
fn too_few_faces_for_a_batch_are_told_before_any_is_made() {
    let mut bench = Bench::new();
    assert!(bench.harness.state().state().can_start().is_ok());
    bench.harness.get_by_label("tiny").click();
    bench.settle();
    let reason = bench.harness.state().state().can_start().unwrap_err();
    assert!(reason.contains("tiny has 3 live faces to learn from in this protocol, and a batch takes 8"), "{reason}");
    bench.harness.state().send(UiCommand::Set { key: "data.protocol", text: "oulu_npu/1".to_owned() });
    bench.settle();
    assert!(bench.harness.state().state().can_start().is_ok());
}

#[test]
fn the_gallery_shows_one_face_under_everything_and_one_picture_closely() {
    let mut bench = Bench::new();
    bench.harness.get_by_label("Look at the built-in benchmark").click();
    bench.harness.run_steps(4);
    let rows = bench.harness.state().state().gallery.table.rows.len();
    assert!(rows >= 20, "{rows} kinds of presentation");
    // Every frame asks for a picture, which tests make at once.
    assert!((2..=5).contains(&bench.harness.state().state().gallery.progress().0));
    bench.harness.get_by_label("Live, taken with o_phone1").click();
    bench.harness.run_steps(4);
    assert!(bench.harness.query_by_label("Attack material").is_some());
    bench.harness.get_by_label("Close the close look").click();
    bench.harness.run_steps(4);
    assert!(bench.harness.query_by_label("Attack material").is_none());
    bench.harness.get_by_label("All places").click();
    bench.harness.run_steps(4);
    assert!(bench.harness.query_by_label("Live, taken at o_session1").is_some());
    bench.harness.get_by_label("Back").click();
    bench.harness.run_steps(4);
    assert!(bench.harness.query_by_label("Play demo").is_some());
}

#[test]
fn what_is_being_made_is_told_until_the_next_iteration_is_done() {
    let mut bench = Bench::playing();
    let calibrating = Progress { what: "calibrating the teacher".to_owned(), done: 0, total: 50, seconds_left: None };
    bench.script(|s| s.tell(Event::Progress(calibrating)));
    assert!(bench.harness.query_by_label_contains("calibrating the teacher 0 of 50").is_some());
    bench.script(|s| s.tell(Event::Metrics(row(500, 0.1))));
    assert!(bench.harness.query_by_label_contains("calibrating the teacher").is_none());
}

#[test]
fn going_back_takes_rows_away() {
    let mut bench = Bench::playing();
    bench.script(|s| (0..40).for_each(|i| s.tell(Event::Metrics(row(i, 0.5)))));
    bench.script(|s| s.begin(12));
    assert_eq!(bench.harness.state().state().run().unwrap().metrics.last().unwrap().iteration, 11);
}

#[test]
fn the_phase_just_done_is_lit_and_the_next_marked() {
    let mut bench = Bench::paused_in_bilevel(5);
    bench.harness.state().send(UiCommand::SetLayout(Layout::Step));
    bench.script(|s| s.tell(phase(305, 6, Some(5))));
    assert!(bench.harness.query_by_label("Hypergradient, current").is_some());
    assert!(bench.harness.query_by_label("Update the teacher, next").is_some());
    assert!(bench.harness.query_by_label("0.06250").is_some(), "the number it gave");
    assert!(bench.harness.query_by_label("not a number").is_some());
    // A pause reports where the run stands, and takes nothing away.
    bench.script(|s| {
        s.tell(phase(305, 6, None));
        s.tell(Event::State(State::Paused));
    });
    assert!(bench.harness.query_by_label("Hypergradient, current").is_some());
    assert!(bench.harness.query_by_label("Cotangent, inner face 2").is_some());
    bench.harness.get_by_label("Sample Φₜ and Φᵥ").click();
    bench.settle();
    assert_eq!(bench.harness.state().state().shown_phase, Some(0));
}

#[test]
fn every_text_of_every_phase_has_its_glyphs() {
    // The harness panics on a glyph that no font has.
    let mut bench = Bench::paused_in_bilevel(1);
    bench.harness.state().send(UiCommand::SetLayout(Layout::Step));
    bench.settle();
    let with = |detector| RunConfig { detector, ..RunConfig::default() };
    let of = |network, supervision| with(DetectorConfig { network, supervision, ..DetectorConfig::default() });
    let across = RfAlgorithm::ALL.iter().map(|&algorithm| {
        let rf_meta = RfMetaConfig { algorithm, ..RfMetaConfig::default() };
        (Stage::Detector, RunConfig { rf_meta, ..of(Network::RfMetaFas, Supervision::Depth) })
    });
    let others = Supervision::ALL.iter().map(|&s| (Stage::Detector, of(Network::FasDr, s)));
    let svm = [Network::ColorTexture, Network::BinaryCnn]
        .into_iter()
        .flat_map(|network| [Stage::Detector, Stage::Evaluate].map(|s| (s, of(network, Supervision::BinaryLabel))));
    let first = Stage::ALL.map(|s| (s, RunConfig::default()));
    let hfn = [Stage::Detector, Stage::Evaluate].map(|s| (s, of(Network::Hfn, Supervision::BinaryMap)));
    let mut at_once = of(Network::Hfn, Supervision::BinaryMap);
    at_once.meta_pattern.learning = PatternLearning::EndToEnd;
    let hfn = hfn.into_iter().chain([(Stage::Detector, at_once)]);
    for (stage, config) in first.into_iter().chain(others).chain(svm).chain(across).chain(hfn) {
        for (i, info) in phases(stage, &config, 3).into_iter().enumerate() {
            bench.script(|s| {
                let Event::Phase(mut report) = phase(300, 0, None) else { unreachable!() };
                (report.stage, report.next, report.phases) = (stage, i, phases(stage, &config, 3));
                s.tell(Event::Phase(report));
            });
            bench.harness.state().send(UiCommand::ShowPhase(Some(i)));
            bench.settle();
            assert!(bench.harness.query_by_label(&info.equation).is_some(), "{}", info.equation);
        }
    }
}

#[test]
fn what_was_chosen_is_named_as_papers_do_with_what_it_costs() {
    let mut bench = Bench::new();
    assert!(bench.harness.query_by_label_contains("FAS-DR(MT): an iteration: pretrain ").is_some());
    for (key, text) in [("detector.network", "cdcn"), ("detector.supervision", "depth")] {
        bench.harness.state().send(UiCommand::Set { key, text: text.to_owned() });
        bench.settle();
    }
    assert!(bench.harness.query_by_label_contains("CDCN(Depth): an iteration: detector ").is_some());
    bench.harness.state().send(UiCommand::Set { key: "detector.supervision", text: "bans".to_owned() });
    bench.settle();
    assert!(bench.harness.query_by_label_contains("CDCN(BANs): an iteration: rival ").is_some());
}

#[test]
fn a_detector_without_maps_says_what_it_learns_from_and_shows_faces_alone() {
    let mut bench = Bench::new();
    bench.harness.state().send(UiCommand::Set { key: "detector.network", text: "color_texture".to_owned() });
    bench.settle();
    assert!(bench.harness.query_by_label_contains("▲ detector.supervision: color_texture gives one value").is_some());
    assert!(bench.harness.get_by_label("Start training").accesskit_node().is_disabled());
    bench.harness.state().send(UiCommand::Set { key: "detector.supervision", text: "binary_label".to_owned() });
    bench.settle();
    assert!(bench.harness.query_by_label_contains("Color Texture: an iteration: detector ").is_some());
    bench.harness.get_by_label("Start training").click();
    bench.settle();
    bench.script(|s| {
        s.begin(0);
        let mut none = maps(0);
        (none.side, none.stage) = (1, Stage::Detector);
        none.samples.iter_mut().for_each(|sample| sample.maps = [const { None }; MapKind::ALL.len()]);
        s.tell(Event::Maps(none));
    });
    assert!(bench.harness.query_by_label("Color Texture gives one value a picture and no map").is_some());
    assert!(bench.harness.query_by_label("Face, print face 2").is_some());
    for column in ["Teacher", "Momentum teacher", "Target", "Detector", "Difference", "Cotangent"] {
        assert!(bench.harness.query_by_label(&format!("{column}, print face 2")).is_none(), "{column}");
    }
}

#[test]
fn a_classifier_without_maps_shows_its_attention() {
    let mut bench = Bench::new();
    for (key, text) in [("detector.network", "binary_cnn"), ("detector.supervision", "depth")] {
        bench.harness.state().send(UiCommand::Set { key, text: text.to_owned() });
        bench.settle();
    }
    assert!(bench.harness.query_by_label_contains("▲ detector.supervision: binary_cnn gives one value").is_some());
    bench.harness.state().send(UiCommand::Set { key: "detector.supervision", text: "binary_label".to_owned() });
    bench.settle();
    assert!(bench.harness.query_by_label_contains("Binary CNN: an iteration: detector ").is_some());
    bench.harness.get_by_label("Start training").click();
    bench.settle();
    bench.script(|s| s.begin(0));
    assert!(bench.harness.query_by_label("No maps yet").is_some());
    bench.script(|s| {
        let mut seen = maps(0);
        seen.stage = Stage::Detector;
        let values = vec![0.5; seen.side * seen.side];
        seen.samples
            .iter_mut()
            .for_each(|sample| sample.maps = [None, None, None, None, None, Some(values.clone()), None]);
        s.tell(Event::Maps(seen));
    });
    for column in ["Face", "Attention"] {
        assert!(bench.harness.query_by_label(&format!("{column}, print face 2")).is_some(), "{column}");
    }
    for column in ["Teacher", "Momentum teacher", "Target", "Detector", "Difference", "Cotangent"] {
        assert!(bench.harness.query_by_label(&format!("{column}, print face 2")).is_none(), "{column}");
    }
}

#[test]
fn a_bad_value_is_a_problem_and_a_changed_one_is_marked() {
    let mut bench = Bench::new();
    // A protocol with a dev part has a shorter summary: all of the settings below stay in view.
    bench.harness.state().send(UiCommand::Set { key: "data.protocol", text: "oulu_npu/1".to_owned() });
    assert!(bench.harness.query_by_label("Put back γ, momentum").is_none());
    bench.harness.state().send(UiCommand::Set { key: "bilevel.gamma", text: "1.5".to_owned() });
    bench.settle();
    assert!(bench.harness.query_by_label_contains("▲ bilevel.gamma").is_some());
    assert!(bench.harness.get_by_label("Start training").accesskit_node().is_disabled());
    bench.harness.get_by_label("Play").click();
    bench.settle();
    assert_eq!(bench.engines(), 0);
    bench.harness.get_by_label("Put back γ, momentum").click();
    bench.settle();
    assert!(bench.harness.query_by_label_contains("▲ bilevel.gamma").is_none());
    bench.harness.get_by_label("K, inner steps").set_value_accesskit(3.0);
    bench.settle();
    assert_eq!(bench.harness.state().state().form.config.bilevel.k, 3);
    bench.harness.get_by_label("Take line 9 as printed").click_accesskit();
    bench.settle();
    let bilevel = &bench.harness.state().state().form.config.bilevel;
    assert_eq!((bilevel.outer, bilevel.beta), (OptimizerKind::Sgd, 1e-3));
    assert!(bench.harness.get_by_label("Take line 9 as printed").accesskit_node().is_disabled());
    bench.harness.get_by_label("Folder").click();
    bench.settle();
    assert!(bench.harness.query_by_label_contains("▲ data.root").is_some());
    assert_eq!(bench.harness.get_by_label("Folder").accesskit_node().toggled(), Some(Toggled::True));
}

#[test]
fn a_setting_can_be_changed_under_way() {
    let mut bench = Bench::paused_in_bilevel(1);
    bench.harness.get_by_label("T, adapt every").set_value_accesskit(5.0);
    bench.settle();
    assert_eq!(bench.heard(), [Command::SetHyper { key: "bilevel.adapt_interval".to_owned(), value: "5".to_owned() }]);
    assert_eq!(bench.harness.state().state().shown_config().bilevel.adapt_interval, 5);
    bench.harness.state().send(UiCommand::SetHyper { key: "bilevel.gamma", value: "7".to_owned() });
    bench.settle();
    assert!(bench.heard().is_empty(), "out of range, never sent");
    assert!(bench.harness.query_by_label_contains("bilevel.gamma was not changed").is_some());
}

/// What an engine tells of its pace.
fn outlook(stage: Stage) -> Outlook {
    Outlook {
        stage,
        measured: 20,
        iteration_seconds: Some(0.05),
        gflop: Some(2.0),
        stage_seconds: Some(30.0),
        run_seconds: Some(140.0),
        memory: Some(Memory { resident_mib: 300.0, peak_mib: 512.0, gpu_peak_mib: None }),
    }
}

#[test]
fn time_left_pace_and_memory_stand_beside_a_run_under_way() {
    let mut bench = Bench::playing();
    assert!(bench.harness.query_by_label_contains(" left").is_none(), "nothing is said before it is measured");
    bench.script(|s| s.tell(Event::Outlook(outlook(Stage::Bilevel))));
    assert!(bench.harness.query_by_label("about 2 min 20 s left · 20.0 iterations/s").is_some(), "in the bar");
    for text in ["about 2 min 20 s", "about 30 s", "50.0 ms, 40.0 GFLOP/s", "300 MiB, at most 512"] {
        assert!(bench.harness.query_by_label(text).is_some(), "{text}");
    }
    assert!(bench.harness.query_by_label_contains("GFLOP (now)\nbilevel").is_some(), "operations of every stage");
    bench.script(|s| s.tell(Event::State(State::Paused)));
    assert!(bench.harness.query_by_label("about 2 min 20 s, once it goes on").is_some());
    bench.script(|s| s.tell(Event::State(State::Finished)));
    assert!(bench.harness.query_by_label_contains("about 2 min 20 s").is_none());
    assert!(bench.harness.query_by_label_contains("GFLOP\nbilevel").is_some(), "what is counted stays");
}

#[test]
fn time_ahead_is_told_only_where_such_runs_were_timed() {
    let mut bench = Bench::new();
    assert!(bench.harness.query_by_label_contains("no run like it was timed here yet").is_some());
    let cost = metafas::engine::cost(&Preset::Demo.config());
    bench.harness.get_by_label("Play demo").click();
    bench.settle();
    bench.script(|s| s.begin(0));
    for stage in &cost.0 {
        // A hundredth of a second for 10^9 operations.
        let told =
            Outlook { gflop: stage.gflop, iteration_seconds: stage.gflop.map(|g| g / 100.0), ..outlook(stage.stage) };
        bench.script(|s| s.tell(Event::Outlook(told)));
    }
    bench.script(|s| s.tell(Event::State(State::Stopped)));
    bench.harness.state().send(UiCommand::EditNext(true));
    bench.settle();
    let expected = cost.gflop().unwrap() / 100.0;
    let ahead = bench.harness.state().state().time_ahead().unwrap();
    assert!((ahead / expected - 1.0).abs() < 1e-9, "{ahead}, not {expected}");
    assert!(bench.harness.query_by_label_contains("As fast as the last such run here: about").is_some());
    // Another detector was never timed.
    bench.harness.state().send(UiCommand::Set { key: "detector.network", text: "cdcn".to_owned() });
    bench.settle();
    assert!(bench.harness.query_by_label_contains("no run like it was timed here yet").is_some());
}

#[test]
fn every_number_from_synthetic_data_says_so() {
    let mut bench = Bench::playing();
    let results = serde_json::json!({
        "threshold": 0.31, "apcer_max": 0.2, "apcer_pooled": 0.1, "apcer": {"print": 0.2, "replay": null},
        "bpcer": 0.05, "acer_max": 0.125, "acer_pooled": 0.075, "hter": 0.075, "eer": 0.08, "auc": 0.96,
        "n_live": 48, "n_attack": 48, "ci": {"auc": [0.9, 0.99]}, "threshold_rule": "dev_eer", "threshold_set": "dev",
        "level": "video", "polarity": "live_high", "test_set": "test", "oracle": false, "warnings": [],
        "data": "built-in faces", "origin": "synthetic", "checkpoint": 900, "checkpoint_selection": "last iteration",
        "seed": 0, "version": "0.1.0"
    });
    bench.script(|s| s.tell(Event::Evaluated(Evaluated { results })));
    assert!(bench.harness.state().shows(Pane::Results), "it comes to the front");
    assert!(bench.harness.query_by_label("96.00 %").is_some());
    assert!(bench.harness.query_by_label("90.0 to 99.0 %").is_some());
    // Eight rates and two species, the title and the bar of the window.
    let beside = bench.harness.query_all_by_label_contains("synthetic").count();
    assert!(beside >= 12, "{beside}");
    assert!(bench.harness.query_by_label("undefined").is_some());
    assert!(bench.harness.query_by_label_contains("Rule dev_eer, chosen on dev").is_some());
}

/// Everything that a result of this program holds.
const WHOLE_RESULTS: &str = r#"{
    "threshold": null, "threshold_infinite": "inf", "apcer_max": 0.25, "apcer_pooled": 0.125,
    "apcer": {"mask": 0.25, "print": 0.0625}, "worst_species": "mask", "bpcer": null, "acer_max": null,
    "acer_pooled": null, "hter": null, "eer": 0.08, "auc": 0.96,
    "tpr_at_fpr": [{"fpr_at_most": 0.1, "tpr": 0.875, "threshold": 0.4, "ci": [0.75, 0.9375], "oracle": true}],
    "bpcer_at_apcer": [
        {"name": "BPCER10", "apcer_at_most": 0.1, "bpcer": 0.375, "threshold": 0.4, "ci": [0.3, 0.5], "oracle": true},
        {"name": "BPCER100", "apcer_at_most": 0.01, "bpcer": 1.0, "threshold": null, "ci": [0.9, 1.0], "oracle": true}
    ],
    "n_live": 40, "n_attack": 80, "n_rejected_live": 2, "n_rejected_attack": 3,
    "ci": {"apcer_max": [0.2, 0.3], "apcer": {"mask": [0.2, 0.3], "print": [0.05, 0.1]}, "auc": [0.9, 0.99]},
    "threshold_rule": "test_eer", "threshold_set": "test", "threshold_set_error": 0.08, "oracle": true,
    "level": "video", "video_rule": "median", "frames_per_video": {"min": 1, "median": 2.5, "max": 3},
    "missing_faces": {
        "policy": "reject", "train": {"live": 0, "attack": 0}, "dev": {"live": 1, "attack": 0},
        "test": {"live": 2, "attack": 3}
    },
    "overridden": {"evaluate.video": {"run": "mean", "here": "median"}},
    "polarity": "spoof_high", "test_set": "test", "ci_unit": "subject", "ci_units": 12, "ci_draws": 1000,
    "warnings": [], "data": "SynthC (mini), casia_fasd/7", "origin": "synthetic", "detector": "FAS-DR(MT)",
    "fingerprint": "0123456789abcdef0123", "scores_fingerprint": "fedcba98765432100123", "checkpoint": 900,
    "checkpoint_selection": "last iteration", "seed": 3, "version": "0.1.0"
}"#;

#[test]
fn a_result_is_shown_whole_with_what_it_is_the_result_of() {
    let mut bench = Bench::playing();
    let results = serde_json::from_str(WHOLE_RESULTS).unwrap();
    bench.script(|s| s.tell(Event::Evaluated(Evaluated { results })));
    for text in [
        "FAS-DR(MT)",
        "On test: 40 bona fide, 80 attacks, one score a video",
        "oracle threshold",
        "inf: everything passes, or nothing does",
        "Rule test_eer (oracle), chosen on test, where the half total error is 8.00 %",
        "APCER, worst",
        "mask",
        "worst",
        "6.25 %",
        "5.0 to 10.0 %",
        "TPR at FPR ≤ 10 %",
        "87.50 %",
        "75.0 to 93.8 %",
        "BPCER10",
        "37.50 %",
        "BPCER100",
        "100.00 %",
        "a video: median of its frames",
        "1 to 3, median 2.5",
        "count as rejected: test 2 live + 3 attacks, dev 1 live + 0 attacks (2 errors, 3 detected attacks)",
        "▲ Set for this evaluation alone: evaluate.video = median instead of mean",
        "SynthC (mini), casia_fasd/7 (synthetic)",
        "iteration 900, last iteration",
        "95 %; exact for one class, else 1000 bootstrap draws over 12 subjects",
        "3",
        "0.1.0",
    ] {
        assert!(bench.harness.query_all_by_label(text).next().is_some(), "{text}");
    }
    // Over the threshold, the species and the curve; what both classes are needed for is undefined and never 0.
    assert_eq!(bench.harness.query_all_by_label("oracle").count(), 3);
    assert_eq!(bench.harness.query_all_by_label("undefined").count(), 4);
    assert!(bench.harness.query_by_label("0.00 %").is_none());
    let copy = bench.harness.get_by_label("Copy data's fingerprint");
    copy.scroll_to_me();
    bench.settle();
    bench.harness.get_by_label("Copy data's fingerprint").click();
    bench.harness.step();
    let copied = |bench: &Bench| {
        let commands = &bench.harness.output().platform_output.commands;
        commands.iter().any(|c| matches!(c, OutputCommand::CopyText(text) if text == "0123456789abcdef0123"))
    };
    let mut seen = copied(&bench);
    for _ in 0..3 {
        bench.harness.step();
        seen |= copied(&bench);
    }
    assert!(seen, "the whole of it");
}

#[test]
fn the_threshold_rule_is_chosen_and_oracles_are_called_so() {
    let mut bench = Bench::new();
    bench.harness.get_by_label("Evaluation").scroll_to_me();
    bench.settle();
    bench.harness.get_by_label("Evaluation").click();
    bench.harness.run_steps(8);
    for label in ["Frames of a video", "Clips without a face", "Scores per", "Batch norm at test"] {
        assert!(bench.harness.query_all_by_label(label).next().is_some(), "{label}");
    }
    let menu = |bench: &mut Bench| {
        bench.harness.get_by_role_and_label(Role::ComboBox, "Threshold rule").scroll_to_me();
        bench.settle();
        bench.harness.get_by_role_and_label(Role::ComboBox, "Threshold rule").click();
        bench.settle();
    };
    menu(&mut bench);
    bench.harness.get_by_label("min_hter (oracle)").click();
    bench.settle();
    let rule = |bench: &Bench| bench.harness.state().state().form.config.evaluate.threshold.clone();
    assert_eq!(rule(&bench), "min_hter");
    menu(&mut bench);
    bench.harness.get_by_label("fixed").click();
    bench.settle();
    assert_eq!(rule(&bench), "fixed:0.5");
    bench.harness.get_by_label("Fixed threshold").set_value_accesskit(0.25);
    bench.settle();
    assert_eq!(rule(&bench), "fixed:0.25");
    assert!(bench.harness.query_by_label("Put back Threshold rule").is_some(), "a change is marked");
}

#[test]
fn warnings_and_failures_reach_the_log_and_the_window() {
    let mut bench = Bench::playing();
    bench.script(|s| {
        s.tell(Event::Warning("subjects may overlap".to_owned()));
        s.tell(Event::Failed { error: "the disk is full".to_owned(), session: None, input: false });
    });
    let state = bench.harness.state().state();
    assert_eq!(state.log.iter().filter(|e| e.level == Level::Error).count(), 1);
    assert_eq!(state.toasts.len(), 2);
    assert!(bench.harness.query_by_label("the disk is full").is_some());
    bench.harness.get_all_by_label("Dismiss").last().unwrap().click();
    bench.settle();
    assert!(bench.harness.query_by_label("the disk is full").is_none());
    bench.harness.state().send(UiCommand::Focus(Pane::Log));
    bench.settle();
    assert!(bench.harness.query_by_label_contains("Error  the disk is full").is_some());
}
