//! What a user relies on in a run: the same bytes again, after a break, after going back; every command's effect; and
//! nothing lost when something is wrong.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of a test fail loudly")]

mod domains;
mod harness;
mod keeping;
mod meta_pattern;
#[path = "../support/same_bytes.rs"]
mod same_bytes;
mod teachers;

use std::fs;
use std::path::Path;

use harness::{Run, reference, tiny};
use metafas::config::{HyperMode, Stage};
use metafas::data::Label;
use metafas::engine::{Command, Cursor, Event, PhaseReport, Start};
use metafas::session::{Checkpoint, Session, State, WatchedFaces};
use same_bytes::{assert_same, contents};

#[test]
fn one_seed_gives_the_same_bytes_and_another_gives_others() {
    let dir = tempfile::tempdir().unwrap();
    let again = Run::new(&tiny(), &dir.path().join("again"), Start::Play).finish();
    assert_same(&reference(), &again);
    let files = contents(&again);
    for name in ["run.toml", "metrics.jsonl", "scores/dev.csv", "scores/test.csv", "scores/results.json"] {
        assert!(files.contains_key(name), "{name} is there");
    }
    assert!(files.keys().filter(|k| k.starts_with("maps/")).count() > 10);
    let mut other = tiny();
    other.seed = 1;
    let other = Run::new(&other, &dir.path().join("other"), Start::Play).finish();
    assert_ne!(contents(&other)["metrics.jsonl"], files["metrics.jsonl"]);
}

#[test]
fn watched_faces_are_kept_with_the_facial_depth_of_their_data() {
    let session = Session::open(&reference()).unwrap();
    let watched = WatchedFaces::read(&session.watched_file()).unwrap();
    assert_eq!(watched.depth_side, tiny().data.size);
    assert!([Label::Live, Label::Spoof].iter().all(|&label| watched.faces.iter().any(|f| f.label == label)));
    for face in &watched.faces {
        let shaped = face.depth.as_ref().unwrap().iter().any(|&d| d > 0);
        assert_eq!(shaped, face.label == Label::Live, "{}: attacks have no depth", face.key);
    }
}

#[test]
fn a_resumed_run_ends_with_the_bytes_of_an_unbroken_one() {
    let dir = tempfile::tempdir().unwrap();
    // A shorter run that was finished, detector and all, and then goes on to more bi-level iterations.
    let mut short = tiny();
    short.bilevel.iterations = 12;
    let folder = Run::new(&short, &dir.path().join("short"), Start::Play).finish();
    Run::resume(&folder, Some(24), Start::Play).finish();
    assert_same(&reference(), &folder);
    // And back: a longer run cut to a shorter one.
    let long = dir.path().join("long");
    Run::new(&tiny(), &long, Start::Play).finish();
    Run::cut(&long, 12).finish();
    let folder = Run::new(&short, &dir.path().join("short again"), Start::Play).finish();
    assert_same(&folder, &long);
}

#[test]
fn a_run_stopped_in_the_middle_of_an_iteration_goes_on_as_if_nothing_had_happened() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("run");
    let mut run = Run::new(&tiny(), &folder, Start::Paused);
    run.until_paused();
    run.send(Command::RunTo(17));
    assert_eq!(run.until_paused().cursor, Cursor { iteration: 17, phase: 0 });
    for _ in 0..4 {
        run.send(Command::StepPhase);
        run.until_paused();
    }
    run.stop();
    let status = Session::open(&folder).unwrap().status().unwrap();
    assert_eq!((status.state, status.global_iteration, status.phase), (State::Stopped, 17, 0));
    Run::resume(&folder, None, Start::Play).finish();
    assert_same(&reference(), &folder);
}

#[test]
fn rewinding_and_playing_again_gives_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("run");
    let mut run = Run::new(&tiny(), &folder, Start::Paused);
    run.until_paused();
    run.send(Command::RunTo(30));
    run.until_paused();
    // From memory, in the middle of an iteration; from a checkpoint with replay; to the very beginning.
    for to in [Cursor { iteration: 28, phase: 5 }, Cursor { iteration: 7, phase: 0 }, Cursor { iteration: 0, phase: 0 }]
    {
        run.send(Command::Rewind(to));
        let report = run.until_paused();
        assert_eq!(report.cursor, to);
        let rows = Session::open(&folder).unwrap().rows().unwrap();
        assert_eq!(rows.len() as u64, to.iteration, "rows after the place are cut");
    }
    run.send(Command::Play);
    run.finish();
    assert_same(&reference(), &folder);
    // Also after the end, back into Algorithm 1.
    let mut run = Run::resume(&folder, None, Start::Paused);
    run.until(|e| matches!(e, Event::Started(_)).then_some(()));
    run.send(Command::Rewind(Cursor { iteration: 20, phase: 3 }));
    run.until(|e| matches!(e, Event::Phase(p) if p.cursor == Cursor { iteration: 20, phase: 3 }).then_some(()));
    run.send(Command::Play);
    run.finish();
    assert_same(&reference(), &folder);
}

#[test]
fn phases_come_in_the_order_of_algorithm_1_with_their_numbers_and_pictures() {
    let dir = tempfile::tempdir().unwrap();
    let mut run = Run::new(&tiny(), &dir.path().join("run"), Start::Paused);
    run.until_paused();
    run.send(Command::RunTo(13));
    let report = run.until_paused();
    assert_eq!(report.stage, Stage::Bilevel);
    let mut seen = vec![];
    for _ in 0..9 {
        run.send(Command::StepPhase);
        let report = run.until_paused();
        let done = report.done.or_else(|| {
            let with = |e: &Event| if let Event::Phase(p) = e { p.done } else { None };
            run.events.iter().rev().find_map(with)
        });
        seen.push(report.phases[done.unwrap()].id.clone());
        let batch = report.batch;
        match seen.last().map(String::as_str) {
            Some("sample") => assert!(batch.unwrap().train.iter().all(|f| f.target.is_none())),
            Some("teach") => {
                let batch = batch.unwrap();
                assert_eq!((batch.train.len(), batch.validation.len(), batch.side), (6, 4, 4));
                for face in &batch.train {
                    let live = face.label == Label::Live;
                    let map = face.target.as_ref().unwrap();
                    assert_eq!(map.len(), 16);
                    assert!(map.iter().all(|&v| if live { v == 0.0 } else { (0.0..=2.0).contains(&v) }));
                }
            }
            Some("hypergradient") => {
                let batch = batch.unwrap();
                let spoof = batch.train.iter().rfind(|f| f.target.is_some()).unwrap();
                assert!(spoof.cotangent.as_ref().unwrap().iter().any(|v| *v != 0.0));
            }
            _ => {}
        }
    }
    assert_eq!(
        seen,
        [
            "sample",
            "teach",
            "step_detector_0",
            "step_detector_1",
            "validate",
            "hypergradient",
            "update_teacher",
            "momentum",
            "adapt"
        ]
    );
    run.send(Command::StepIteration);
    assert_eq!(run.until_paused().cursor, Cursor { iteration: 15, phase: 0 });
    let folder = run.stop();
    let rows = Session::open(&folder).unwrap().rows().unwrap();
    let last = rows.last().unwrap();
    for name in ["l_t_0", "l_t_1", "l_v", "hypergradient_norm", "mu_norm", "teacher_mean", "distance"] {
        assert!(last.get(name).is_some_and(f64::is_finite), "{name}");
    }
    assert!(last.get("l_t_1") < last.get("l_t_0"), "an inner step lowers its loss");
}

#[test]
fn whoever_steps_is_told_what_stands_in_each_equation_and_what_it_moved() {
    let dir = tempfile::tempdir().unwrap();
    let mut run = Run::new(&tiny(), &dir.path().join("run"), Start::Paused);
    run.until_paused();
    run.send(Command::RunTo(13));
    run.until_paused();
    let mut told: Vec<PhaseReport> = vec![];
    for _ in 0..9 {
        run.send(Command::StepPhase);
        run.until_paused();
        let done = |e: &Event| if let Event::Phase(p) = e { p.done.map(|_| (**p).clone()) } else { None };
        told.push(run.events.iter().rev().find_map(done).unwrap());
    }
    let of = |phase: usize, symbol: &str| {
        told[phase].tensors.iter().find(|t| t.symbol == symbol).unwrap_or_else(|| panic!("{symbol} in phase {phase}"))
    };
    let number = |phase: usize, name: &str| told[phase].numbers.iter().find(|(n, _)| n == name).unwrap().1;
    let moved = |phase: usize| {
        let all = told[phase].tensors.iter().filter(|t| t.moved.is_some());
        all.map(|t| t.symbol.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(of(0, "x_t").shape, [6, 3, 32, 32]);
    assert_eq!(of(0, "x_v").shape, [4, 3, 32, 32]);
    assert_eq!((of(0, "y_t").low, of(0, "y_t").high, of(0, "y_t").mean), (0.0, 1.0, 0.5));
    // Half of the faces are live and have zeros; `teacher_mean` is that of the others.
    let maps = of(1, "P_ω(x)");
    assert!(maps.shape == [6, 1, 4, 4] && (maps.mean - number(1, "teacher_mean") / 2.0).abs() < 1e-6);
    assert_eq!(maps.bars.iter().sum::<u32>(), 96);
    // Inner steps move a copy; the teacher, its average and the surrogate move in their own phases alone.
    assert_eq!([0, 1, 2, 3, 4, 5].map(moved), [vec![], vec![], vec!["θ_1"], vec!["θ*"], vec![], vec![]]);
    assert_eq!([6, 7].map(moved), [["ω"], ["ω̂"]]);
    let close = |a: f64, b: f64| (a - b).abs() < 1e-4 * b.abs();
    assert!(close(of(6, "ω").moved.unwrap().0, number(6, "teacher_step")));
    // |ω̂' − ω̂| = (1 − γ) |ω − ω̂|, and what is left of that distance is γ of it.
    let gamma = tiny().bilevel.gamma;
    let expected = number(7, "distance") * (1.0 - gamma) / gamma;
    assert!((of(7, "ω̂").moved.unwrap().0 - expected).abs() < 0.02 * expected);
    let adapted = number(8, "adapted") > 0.0;
    assert_eq!(moved(8), if adapted { vec!["θ"] } else { vec![] });
    assert!(close(of(4, "v").shape[0] as f64, of(2, "θ_1").shape[0] as f64));
    // A run that plays does not pay for it.
    run.send(Command::Play);
    run.until_state(State::Running);
    let before = run.events.len();
    run.until_state(State::Finished);
    let later = run.events[before..].iter().filter_map(|e| if let Event::Phase(p) = e { Some(p) } else { None });
    assert!(later.into_iter().all(|p| p.tensors.is_empty()));
    run.stop();
}

#[test]
fn pace_memory_and_time_left_are_told_and_stand_in_status_json() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("run");
    let mut run = Run::new(&tiny(), &folder, Start::Paused);
    run.until_paused();
    let told = |run: &Run| {
        let outlook = |e: &Event| if let Event::Outlook(o) = e { Some(o.clone()) } else { None };
        run.events.iter().rev().find_map(outlook).expect("an outlook")
    };
    let begin = told(&run);
    assert_eq!((begin.stage, begin.measured, begin.run_seconds), (Stage::Pretrain, 0, None));
    assert!(begin.gflop.is_some_and(|g| g > 0.0), "what is counted is known before");
    run.send(Command::RunTo(8));
    run.until_paused();
    let outlook = told(&run);
    // All but the first.
    assert_eq!((outlook.stage, outlook.measured), (Stage::Pretrain, 7));
    assert!(outlook.iteration_seconds.is_some_and(|s| s > 0.0));
    assert!(outlook.stage_seconds.unwrap() > 0.0 && outlook.run_seconds > outlook.stage_seconds);
    let memory = outlook.memory.expect("Linux tells");
    assert!(memory.peak_mib >= memory.resident_mib && memory.resident_mib > 1.0);
    let session = Session::open(&folder).unwrap();
    let kept = session.status().unwrap().outlook.expect("kept while it waits");
    assert_eq!((kept.measured, kept.gflop), (outlook.measured, outlook.gflop));
    run.send(Command::RunTo(15));
    run.until_paused();
    let outlook = told(&run);
    assert_eq!((outlook.stage, outlook.iteration_seconds), (Stage::Bilevel, None), "one is not enough");
    assert!(outlook.run_seconds.is_some(), "by its operations, at the speed of pretraining");
    run.send(Command::Play);
    run.finish();
    assert_eq!(session.status().unwrap().outlook, None, "nothing is left");
}

#[test]
fn a_changed_setting_is_recorded_and_obeyed_on_resume_and_replay() {
    let dir = tempfile::tempdir().unwrap();
    let change = |folder: &Path| {
        let mut run = Run::new(&tiny(), folder, Start::Paused);
        run.until_paused();
        run.send(Command::RunTo(20));
        run.until_paused();
        run.send(Command::SetHyper { key: "bilevel.gamma".to_owned(), value: "0.5".to_owned() });
        run.send(Command::SetHyper { key: "bilevel.k".to_owned(), value: "1".to_owned() });
        run
    };
    let (a, b) = (dir.path().join("a"), dir.path().join("b"));
    let run = change(&a);
    run.send(Command::Play);
    run.finish();
    let mut run = change(&b);
    run.send(Command::RunTo(25));
    run.until_paused();
    run.send(Command::Rewind(Cursor { iteration: 3, phase: 0 }));
    run.until_paused();
    run.stop();
    Run::resume(&b, None, Start::Play).finish();
    assert_same(&a, &b);
    assert_ne!(contents(&a)["metrics.jsonl"], contents(&reference())["metrics.jsonl"]);
    let rows = Session::open(&a).unwrap().rows().unwrap();
    assert!(rows[19].get("l_t_1").is_some() && rows[20].get("l_t_1").is_none(), "K = 1 from iteration 20 on");

    let mut run = Run::resume(&a, None, Start::Paused);
    run.until(|e| matches!(e, Event::Started(_)).then_some(()));
    run.send(Command::SetHyper { key: "data.size".to_owned(), value: "64".to_owned() });
    let said = run.until(|e| if let Event::Warning(s) = e { Some(s.clone()) } else { None });
    assert!(said.contains("data.size cannot change"), "{said}");
    run.stop();
}

#[test]
fn gamma_0_is_the_ablation_without_a_momentum_teacher() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = tiny();
    config.bilevel.gamma = 0.0;
    let folder = Run::new(&config, &dir.path().join("run"), Start::Play).finish();
    let checkpoint = Session::open(&folder).unwrap().checkpoint(37).unwrap();
    for (name, tensor) in checkpoint.tensors.iter().filter(|(n, _)| n.starts_with("omega.")) {
        assert_eq!(tensor, &checkpoint.tensors[&name.replace("omega.", "omega_hat.")], "{name}");
    }
}

/// |w| moves by the outer step alone when alpha is nearly zero: with L_v out of the way, the mu term must raise the maps.
#[test]
fn the_mu_term_raises_the_mean_of_the_maps() {
    let dir = tempfile::tempdir().unwrap();
    let mean_after = |mu: f64, name: &str| {
        let mut config = tiny();
        config.bilevel.alpha = 1e-12;
        config.bilevel.mu = mu;
        config.bilevel.outer = metafas::config::OptimizerKind::Sgd;
        config.bilevel.beta = 1.0;
        let folder = Run::new(&config, &dir.path().join(name), Start::Play).finish();
        let rows = Session::open(&folder).unwrap().rows().unwrap();
        let means: Vec<f64> = rows.iter().filter_map(|r| r.get("teacher_mean")).collect();
        means[means.len() - 8..].iter().sum::<f64>() - means[..8].iter().sum::<f64>()
    };
    let (with, without) = (mean_after(1.0, "with"), mean_after(0.0, "without"));
    assert!(with > without + 1.0, "mu = 1 raises sigma(g): {with} against {without}");
}

#[test]
fn every_hypergradient_mode_trains_and_exact_ones_agree() {
    let dir = tempfile::tempdir().unwrap();
    let first_step = |mode: HyperMode, name: &str| {
        let mut config = tiny();
        config.bilevel.hypergradient = mode;
        // The paper's, at which modes that leave terms out still point the same way.
        config.bilevel.alpha = 1e-3;
        config.bilevel.iterations = 2;
        config.detector.iterations = 1;
        config.bilevel.audit_every = 1;
        let folder = Run::new(&config, &dir.path().join(name), Start::Play).finish();
        let rows = Session::open(&folder).unwrap().rows().unwrap();
        let row = rows.iter().find(|r| r.stage == Stage::Bilevel).unwrap().clone();
        (row.get("hypergradient_norm").unwrap(), row.get("audit_cosine").unwrap())
    };
    let (exact, cosine) = first_step(HyperMode::ExactDb, "oracle");
    assert!(exact > 0.0 && (cosine - 1.0).abs() < 1e-9);
    for &mode in HyperMode::ALL {
        let (norm, cosine) = first_step(mode, mode.name());
        assert!(norm > 0.0 && norm.is_finite() && cosine.is_finite(), "{mode}");
        // Differences are no measure here: after thirteen steps of pretraining, kinks lie within their reach.
        if mode != HyperMode::Fd {
            let tolerance = if mode == HyperMode::JvpExactHvp { 1e-3 } else { 0.3 };
            assert!((norm / exact - 1.0).abs() < tolerance, "{mode}: {norm} against {exact}");
            assert!(cosine > 0.9, "{mode}: cosine {cosine}");
        }
    }
}

#[test]
fn not_a_number_pauses_and_keeps_the_session() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("run");
    let mut config = tiny();
    config.pretrain.learning_rate = 1e30;
    let mut run = Run::new(&config, &folder, Start::Play);
    run.until_state(State::PausedNan);
    run.stop();
    let session = Session::open(&folder).unwrap();
    let status = session.status().unwrap();
    assert_eq!(status.state, State::PausedNan);
    assert!(status.error.unwrap().contains("not-a-number"));
    assert!(!session.checkpoint_iterations().is_empty());
    let finite = |c: &Checkpoint| {
        c.tensors
            .values()
            .flat_map(|t| t.bytes.chunks_exact(4))
            .all(|b| f32::from_le_bytes(b.try_into().unwrap()).is_finite())
    };
    let last = *session.checkpoint_iterations().last().unwrap();
    assert!(finite(&session.checkpoint(last).unwrap()), "what is kept is from before the number was lost");
}

#[test]
fn a_fork_is_a_session_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, other) = (dir.path().join("run"), dir.path().join("fork"));
    let mut run = Run::new(&tiny(), &folder, Start::Paused);
    run.until_paused();
    run.send(Command::RunTo(22));
    run.until_paused();
    let overrides = vec![("bilevel.gamma".to_owned(), "0.9".to_owned())];
    run.send(Command::Fork { folder: other.clone(), overrides });
    run.until(|e| matches!(e, Event::Forked(_)).then_some(()));
    run.send(Command::Play);
    run.finish();
    assert_same(&reference(), &folder);
    Run::resume(&other, None, Start::Play).finish();
    let session = Session::open(&other).unwrap();
    assert_eq!(
        contents(&other)["run.toml"],
        contents(&folder)["run.toml"],
        "what was done was done with the run's own"
    );
    let changes = fs::read_to_string(session.changes_file()).unwrap();
    assert!(changes.contains("\"iteration\":22") && changes.contains("0.9"), "{changes}");
    let (a, b) = (session.rows().unwrap(), Session::open(&folder).unwrap().rows().unwrap());
    assert_eq!(a[..22], b[..22]);
    assert_ne!(a[23..], b[23..]);
}

#[test]
fn what_cannot_be_is_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let fails = |mut run: Run| {
        let (error, input) = run.until(|e| match e {
            Event::Failed { error, input, .. } => Some((error.clone(), *input)),
            _ => None,
        });
        assert!(input && !error.contains('\n'), "{error}");
        error
    };
    let used = reference();
    let error = fails(Run::new(&tiny(), &used, Start::Play));
    assert!(error.contains("not empty"), "{error}");
    let mut config = tiny();
    (config.bilevel.m, config.bilevel.shrink) = (5000, false);
    let error = fails(Run::new(&config, &dir.path().join("large"), Start::Play));
    assert!(error.contains("bilevel.m"), "{error}");
    config = tiny();
    "cuda:0".clone_into(&mut config.compute.device);
    if !tch::Cuda::is_available() {
        let error = fails(Run::new(&config, &dir.path().join("cuda"), Start::Play));
        assert!(error.contains("cuda:0") && error.contains("cpu"), "{error}");
    }
    let error = fails(Run::resume(&dir.path().join("nowhere"), None, Start::Play));
    assert!(error.contains("run.toml"), "{error}");

    let broken = dir.path().join("broken");
    let mut run = Run::new(&tiny(), &broken, Start::Paused);
    run.until_paused();
    run.send(Command::RunTo(6));
    run.until_paused();
    run.stop();
    let session = Session::open(&broken).unwrap();
    let last = session.checkpoint_file(*session.checkpoint_iterations().last().unwrap());
    let bytes = fs::read(&last).unwrap();
    fs::write(&last, &bytes[..bytes.len() / 2]).unwrap();
    let mut run = Run::resume(&broken, None, Start::Paused);
    let said = run.until(|e| if let Event::Warning(s) = e { Some(s.clone()) } else { None });
    assert!(said.contains("000006.safetensors") && said.contains("damaged") && said.contains("checkpoint 5"), "{said}");
    run.stop();
    assert_eq!(session.checkpoint_iterations(), [0, 5]);
    let text = fs::read_to_string(session.run_file()).unwrap();
    fs::write(session.run_file(), text.replace("format = 1", "format = 7")).unwrap();
    let error = fails(Run::resume(&broken, None, Start::Play));
    assert!(error.contains("format 7"), "{error}");
}
