//! HFN from the first face to the last score: every way in which it learns, stopped and resumed on the way, gone back
//! through, and what stands in its session.

use metafas::config::{Network, Pattern, PatternLearning, RunConfig, Supervision};
use metafas::engine::{Command, Cursor, Event, Start};
use metafas::session::{MapKind, MapSet, Session};

use crate::harness::{Run, tiny};
use crate::same_bytes::assert_same;

fn hfn(edit: impl Fn(&mut RunConfig)) -> RunConfig {
    let mut c = tiny();
    (c.detector.network, c.detector.supervision) = (Network::Hfn, Supervision::BinaryMap);
    "mico/OMI-C".clone_into(&mut c.data.protocol);
    "test_eer".clone_into(&mut c.evaluate.threshold);
    c.data.frames = 2;
    c.detector.iterations = 9;
    c.meta_pattern.k = 2;
    edit(&mut c);
    c
}

fn in_parts(config: &RunConfig, parts: &std::path::Path) {
    let total = config.total_iterations();
    for stop in [total / 3, 2 * total / 3] {
        let mut run = if parts.exists() {
            Run::resume(parts, None, Start::Paused)
        } else {
            Run::new(config, parts, Start::Paused)
        };
        run.until_paused();
        run.send(Command::RunTo(stop));
        run.until_paused();
        // In the middle of an iteration.
        run.send(Command::StepPhase);
        run.until_paused();
        run.stop();
    }
    Run::resume(parts, None, Start::Play).finish();
}

#[test]
fn every_way_to_learn_is_trained_resumed_and_scored() {
    let folder = tempfile::tempdir().unwrap();
    let ways = [
        ("alternating", hfn(|_| ()), "HFN+MP"),
        ("at once", hfn(|c| c.meta_pattern.learning = PatternLearning::EndToEnd), "HFN+MP"),
        ("by hand", hfn(|c| c.meta_pattern.pattern = Pattern::ColorLbp), "HFN+ColorLBP"),
        ("taught", hfn(|c| c.detector.supervision = Supervision::MetaTeacher), "HFN+MP(MT)"),
        ("depth", hfn(|c| c.detector.supervision = Supervision::Depth), "HFN+MP(Depth)"),
    ];
    for (name, config, title) in ways {
        let whole = Run::new(&config, &folder.path().join(format!("{name}, whole")), Start::Play).finish();
        let parts = folder.path().join(format!("{name}, parts"));
        in_parts(&config, &parts);
        assert_same(&whole, &parts);
        let session = Session::open(&whole).unwrap();
        let rows = session.rows().unwrap();
        assert_eq!(rows.len() as u64, config.total_iterations(), "{name}");
        let last = rows.last().unwrap();
        let alternates = config.meta_pattern.alternates();
        for (number, there) in [("l_phi_0", alternates), ("l_phi_1", alternates), ("l_phi_2", false), ("loss", true)] {
            assert_eq!(last.get(number).is_some(), there, "{name} {number}");
        }
        let sum = last.get("map_loss").unwrap() + last.get("class_loss").unwrap();
        assert!((last.get("loss").unwrap() - sum).abs() < 1e-5, "{name}");
        let results: serde_json::Value =
            serde_json::from_slice(&std::fs::read(session.results_file()).unwrap()).unwrap();
        assert_eq!(results["detector"], title);
        assert_eq!(results["trunk"], "random");
        assert!(results["auc"].as_f64().is_some_and(|auc| (0.0..=1.0).contains(&auc)));
        // The pattern is kept over time, beside the map, where one is learnt.
        let maps = MapSet::read(&session.map_file(*session.map_iterations().last().unwrap())).unwrap();
        assert!(maps.samples[0].maps[MapKind::Detector as usize].is_some());
        assert_eq!(maps.pattern.is_some(), config.meta_pattern.pattern == Pattern::Mp, "{name}");
        if let Some(pattern) = maps.pattern {
            assert_eq!((pattern.side, pattern.faces.len()), (config.data.size, config.watch.samples));
            assert!(pattern.faces.iter().flatten().all(|v| (0.0..=1.0).contains(v)));
            let first = MapSet::read(&session.map_file(session.map_iterations()[0])).unwrap().pattern;
            // A teacher learns first, and HFN has no pattern while it does.
            assert!(first.is_none_or(|first| first.faces != pattern.faces), "{name}: it moves");
        }
    }
}

#[test]
fn phases_come_in_the_order_of_algorithm_1_and_going_back_leads_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let config = hfn(|_| ());
    let whole = Run::new(&config, &folder.path().join("whole"), Start::Play).finish();
    let again = folder.path().join("again");
    let mut run = Run::new(&config, &again, Start::Paused);
    run.until_paused();
    run.send(Command::RunTo(5));
    run.until_paused();
    let domain = |key: &str| key.split('/').next().unwrap().to_owned();
    let mut seen = vec![];
    for _ in 0..4 {
        run.send(Command::StepPhase);
        let report = run.until_paused();
        seen.push((report.phases[report.done.unwrap_or(report.next)].id.clone(), report.next));
    }
    assert_eq!(seen.iter().map(|(_, next)| *next).collect::<Vec<_>>(), [1, 2, 3, 0]);
    // Batches that came by: those of the extractor are of one domain, that of HFN of the others.
    let batches: Vec<Vec<String>> = run
        .events
        .iter()
        .filter_map(|e| match e {
            Event::Phase(p) if p.cursor.iteration == 5 && p.cursor.phase > 0 => p.batch.as_ref(),
            _ => None,
        })
        .map(|b| b.train.iter().map(|f| domain(&f.key)).collect())
        .collect();
    assert!(!batches.is_empty());
    for batch in &batches {
        assert_eq!(batch.len(), config.detector.batch);
        assert!(batch.iter().all(|d| *d == batches[0][0]), "{batch:?}");
    }
    run.send(Command::Rewind(Cursor { iteration: 3, phase: 2 }));
    assert_eq!(run.until_paused().cursor, Cursor { iteration: 3, phase: 2 });
    run.send(Command::Play);
    run.finish();
    assert_same(&whole, &again);
}

#[test]
fn one_domain_is_no_domain_to_generalise_to() {
    let folder = tempfile::tempdir().unwrap();
    let one = |c: &mut RunConfig| "oulu_npu/4".clone_into(&mut c.data.protocol);
    let config = hfn(one);
    let mut run = Run::new(&config, &folder.path().join("run"), Start::Play);
    let told = run.until(|e| if let Event::Failed { error, .. } = e { Some(error.clone()) } else { None });
    assert!(told.contains("detector.network: hfn learns from one domain what does well on another"), "{told}");
    // At once, one will do.
    let config = hfn(|c| {
        one(c);
        c.meta_pattern.learning = PatternLearning::EndToEnd;
        c.detector.iterations = 2;
    });
    Run::new(&config, &folder.path().join("run"), Start::Play).finish();
}

#[test]
fn weights_that_are_not_there_are_told_before_faces_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let config = hfn(|c| c.meta_pattern.weights = folder.path().join("none").to_string_lossy().into_owned());
    let mut run = Run::new(&config, &folder.path().join("run"), Start::Play);
    let told = run.until(|e| if let Event::Failed { error, .. } = e { Some(error.clone()) } else { None });
    assert!(told.starts_with("meta_pattern.weights: cannot read the file: "), "{told}");
    assert!(!folder.path().join("run").exists());
}
