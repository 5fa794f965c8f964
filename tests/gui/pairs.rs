//! Every detector with everything that it can learn from, chosen in the window, started there, and trained by the real
//! engine to its last score.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use metafas::config::{Network, Stage, Supervision, Teaching};
use metafas::engine;
use metafas::session::{Session, State};
use metafas::ui::{Pane, Setup, UiCommand, Workbench, Workspace};

const PATIENCE: Duration = Duration::from_mins(5);

/// The smallest runs there are, in settings that a person can type.
const SMALL: [(&str, &str); 16] = [
    ("compute.device", "cpu"),
    ("compute.threads", "1"),
    ("data.benchmark", "tiny"),
    ("data.protocol", "oulu_npu/4"),
    ("data.size", "64"),
    ("pretrain.iterations", "2"),
    ("bilevel.iterations", "2"),
    ("bilevel.m", "2"),
    ("bilevel.n", "2"),
    ("rival.iterations", "2"),
    ("rival.batch", "4"),
    ("rival.width", "2"),
    ("calibrate.batches", "1"),
    ("detector.iterations", "3"),
    ("detector.batch", "4"),
    ("detector.width", "2"),
];

fn window(sessions: PathBuf) -> Harness<'static, Workbench> {
    let setup = Setup {
        workspace: Workspace::default(),
        workspace_file: None,
        told: None,
        device: "CPU".to_owned(),
        sessions,
        cache: PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cache"),
        open: vec![],
        spawn: Arc::new(engine::spawn),
        inline_jobs: true,
    };
    Harness::builder()
        .with_size([1400.0, 880.0])
        .build_eframe(|cc| Workbench::new(&cc.egui_ctx, setup).expect("a window"))
}

fn set(harness: &mut Harness<'_, Workbench>, key: &'static str, text: &str) {
    harness.state().send(UiCommand::Set { key, text: text.to_owned() });
    harness.run_steps(2);
}

/// Brings the form back after `runs` runs, whose results stand before it.
fn form_again(harness: &mut Harness<'_, Workbench>, runs: usize) {
    if runs > 0 {
        harness.state().send(UiCommand::Focus(Pane::Run));
        harness.run_steps(2);
        harness.query_by_label("New run…").into_iter().for_each(|again| again.click());
        harness.run_steps(2);
    }
}

/// The run that was started, once it has come to its end.
fn to_the_end(harness: &mut Harness<'_, Workbench>, runs: usize) -> PathBuf {
    let started = Instant::now();
    loop {
        harness.run_steps(1);
        let state = harness.state().state();
        let ended = state.run().filter(|run| state.runs.len() == runs && run.is_over() && run.results.is_some());
        if let Some(run) = ended {
            assert_eq!(run.state, Some(State::Finished), "{:?}", state.log.last());
            return run.folder.clone();
        }
        assert!(started.elapsed() < PATIENCE, "the run goes on and on: {:?}", state.log.last());
        sleep(Duration::from_millis(5));
    }
}

#[test]
fn every_detector_learns_from_everything_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path().to_owned());
    harness.run_steps(4);
    for (key, text) in SMALL {
        set(&mut harness, key, text);
    }
    let mut runs = 0;
    for &network in Network::ALL.iter().filter(|n| !n.learns_across_domains()) {
        for &supervision in Supervision::ALL {
            form_again(&mut harness, runs);
            set(&mut harness, "detector.network", network.name());
            set(&mut harness, "detector.supervision", supervision.name());
            let can = harness.state().state().can_start();
            assert_eq!(can.is_ok(), network.learns_from(supervision), "{network} from {supervision}: {can:?}");
            if can.is_err() {
                continue;
            }
            harness.get_by_label("Start training").click();
            runs += 1;
            let session = Session::open(&to_the_end(&mut harness, runs)).unwrap();
            let config = session.config().unwrap();
            assert_eq!((config.detector.network, config.detector.supervision), (network, supervision));
            let rows = session.rows().unwrap();
            assert_eq!(rows.len() as u64, config.total_iterations(), "{}", config.title());
            let taught = matches!(supervision.teaching(), Teaching::Meta | Teaching::Rival(_));
            assert_eq!(rows.len() > 3, taught, "{}", config.title());
            let losses = rows.iter().filter(|r| r.stage == Stage::Detector).filter_map(|r| r.get("loss"));
            assert_eq!(losses.filter(|l| l.is_finite()).count(), 3, "{}", config.title());
            let auc = harness.state().state().run().and_then(|r| r.results.as_ref()?["auc"].as_f64());
            assert!(auc.is_some_and(|auc| (0.0..=1.0).contains(&auc)), "{}: {auc:?}", config.title());
        }
    }
    assert!(runs > 90, "{runs} pairs");
}

#[test]
fn what_learns_across_domains_is_started_there_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path().to_owned());
    harness.run_steps(4);
    for (key, text) in SMALL.iter().copied().chain([("data.protocol", "limited/MI-C")]) {
        set(&mut harness, key, text);
    }
    let rf = |supervision| vec![("detector.network", "rf_meta_fas"), ("detector.supervision", supervision)];
    let hfn = |pattern| {
        let binary = ("detector.supervision", "binary_map");
        vec![("detector.network", "hfn"), binary, ("meta_pattern.k", "2"), ("meta_pattern.pattern", pattern)]
    };
    let all = [
        ("RFMetaFAS(Depth)", rf("depth")),
        ("RFMetaFAS(MT)", rf("meta_teacher")),
        ("HFN+MP", hfn("mp")),
        ("HFN+ColorLBP", hfn("color_lbp")),
        ("HFN+Reflectance", hfn("reflectance")),
    ];
    for (runs, (title, settings)) in all.into_iter().enumerate() {
        form_again(&mut harness, runs);
        for (key, text) in settings {
            set(&mut harness, key, text);
        }
        harness.get_by_label("Start training").click();
        let session = Session::open(&to_the_end(&mut harness, runs + 1)).unwrap();
        let config = session.config().unwrap();
        assert_eq!(config.title(), title);
        assert_eq!(session.rows().unwrap().len() as u64, config.total_iterations(), "{title}");
        let auc = harness.state().state().run().and_then(|r| r.results.as_ref()?["auc"].as_f64());
        assert!(auc.is_some_and(|auc| (0.0..=1.0).contains(&auc)), "{title}: {auc:?}");
    }
}
