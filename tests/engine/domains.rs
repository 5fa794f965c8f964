//! Runs that learn across domains: RFMetaFAS and what it is compared with, from the first face to the last score, stopped and
//! resumed on the way; what is refused; what is shown.

use metafas::config::{BnTest, Colour, Network, RfAlgorithm, RfMetaConfig, RunConfig, Stage, Supervision};
use metafas::engine::{Command, Cursor, Event, Start};
use metafas::session::{MapKind, MapSet};

use crate::harness::{Run, tiny};
use crate::same_bytes::assert_same;
use crate::teachers::{results_of, twice};

/// Six iterations over three sets.
fn across(algorithm: RfAlgorithm) -> RunConfig {
    let mut c = tiny();
    "mico/OCI-M".clone_into(&mut c.data.protocol);
    let d = &mut c.detector;
    (d.network, d.width, d.iterations, d.batch) = (Network::RfMetaFas, 2, 6, 4);
    d.colour = Colour::RgbHsv;
    d.supervision = if algorithm.has_depth() { Supervision::Depth } else { Supervision::BinaryLabel };
    (c.pretrain.iterations, c.bilevel.iterations) = (3, 2);
    c.checkpoint.every = 2;
    c.rf_meta.algorithm = algorithm;
    c
}

#[test]
fn every_algorithm_is_trained_resumed_and_scored() {
    let folder = tempfile::tempdir().unwrap();
    for &algorithm in RfAlgorithm::ALL {
        let config = across(algorithm);
        let session = twice(&config, &folder.path().join(algorithm.name()));
        let rows = session.rows().unwrap();
        assert_eq!(rows.len(), 6, "{algorithm}");
        assert!(rows.iter().all(|r| r.get("loss").is_some_and(f64::is_finite)), "{algorithm}");
        let results = results_of(&session);
        assert!(results["auc"].as_f64().is_some_and(|auc| (0.0..=1.0).contains(&auc)), "{algorithm}");
        assert_eq!(results["detector"], config.title());
        let last = *session.map_iterations().last().unwrap();
        let maps = MapSet::read(&session.map_file(last)).unwrap();
        let shown = |kind: MapKind| maps.samples[0].get(kind).is_some();
        assert_eq!((shown(MapKind::Detector), shown(MapKind::Attention)), (algorithm.has_depth(), true), "{algorithm}");
    }
}

#[test]
fn a_meta_teacher_gives_the_depth_estimator_its_maps() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = across(RfAlgorithm::RfMeta);
    config.detector.supervision = Supervision::MetaTeacher;
    config.evaluate.bn_test = BnTest::Trained;
    let session = twice(&config, &folder.path().join("mt"));
    let stages: Vec<Stage> = session.rows().unwrap().into_iter().map(|r| r.stage).collect();
    assert_eq!(stages.iter().filter(|s| **s == Stage::Bilevel).count(), 2);
    assert_eq!(results_of(&session)["detector"], "RFMetaFAS(MT)");
}

#[test]
fn phases_follow_the_pairs_and_going_back_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let config = across(RfAlgorithm::RfMeta);
    let whole = Run::new(&config, &folder.path().join("whole"), Start::Play).finish();
    let back = folder.path().join("back");
    let mut run = Run::new(&config, &back, Start::Paused);
    run.until_paused();
    run.send(Command::RunTo(3));
    run.until_paused();
    for _ in 0..9 {
        run.send(Command::StepPhase);
        let report = run.until_paused();
        let ids: Vec<&str> = report.phases.iter().map(|p| p.id.as_str()).collect();
        let all = [
            "sample",
            "meta_train_0",
            "inner_update_0",
            "meta_train_1",
            "inner_update_1",
            "meta_test_0",
            "meta_test_1",
            "meta_test_depth",
            "meta_optimise",
        ];
        assert_eq!(ids, all);
        if let Some(batch) = report.batch {
            assert_eq!((batch.train.len(), batch.validation.len()), (8, 4));
            assert!(
                batch.train.iter().chain(&batch.validation).all(|f| f.target.as_ref().is_some_and(|t| t.len() == 16))
            );
        }
    }
    let of = |e: &Event| if let Event::Phase(p) = e { p.numbers.clone() } else { vec![] };
    let numbers: Vec<String> = run.events.iter().flat_map(of).map(|(name, _)| name).collect();
    let wanted =
        ["meta_test_domain", "l_cls_1", "l_dep_2", "l_cls_test_1", "inner_product_2", "cosine_1", "l_dep_test", "loss"];
    assert!(wanted.iter().all(|w| numbers.iter().any(|n| n == w)), "{numbers:?}");
    for to in [Cursor { iteration: 3, phase: 5 }, Cursor { iteration: 1, phase: 0 }, Cursor { iteration: 0, phase: 8 }]
    {
        run.send(Command::Rewind(to));
        assert_eq!(run.until_paused().cursor, to);
    }
    // Somebody who does not know how many phases there are gets the last.
    run.send(Command::RunTo(2));
    run.until_paused();
    run.send(Command::Rewind(Cursor { iteration: 1, phase: 99 }));
    assert_eq!(run.until_paused().cursor, Cursor { iteration: 1, phase: 8 });
    run.send(Command::Play);
    run.finish();
    assert_same(&whole, &back);
}

#[test]
fn one_domain_is_no_ground_to_learn_across() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = across(RfAlgorithm::RfMeta);
    "oulu_npu/4".clone_into(&mut config.data.protocol);
    let mut run = Run::new(&config, &folder.path().join("one"), Start::Play);
    let error = run.until(|e| if let Event::Failed { error, .. } = e { Some(error.clone()) } else { None });
    assert!(error.contains("one domain") && error.contains("mico/OCI-M"), "{error}");
    assert!(!folder.path().join("one").exists(), "nothing is left behind");
}

#[test]
fn settings_that_contradict_each_other_are_refused_with_a_sentence() {
    let refused = |change: &dyn Fn(&mut RunConfig)| {
        let mut config = across(RfAlgorithm::RfMeta);
        change(&mut config);
        config.check().err().map(|p| p[0].to_string()).unwrap_or_default()
    };
    assert_eq!(refused(&|_| {}), "");
    let supervision = |s| move |c: &mut RunConfig| c.detector.supervision = s;
    assert!(refused(&supervision(Supervision::Okddip)).contains("no place for what okddip adds"));
    assert!(refused(&supervision(Supervision::Fitnet)).contains("no place for what fitnet adds"));
    assert!(refused(&supervision(Supervision::BinaryLabel)).contains("depth estimator learns a map"));
    let of = |rf_meta: RfMetaConfig| move |c: &mut RunConfig| c.rf_meta = rf_meta.clone();
    let mldg = RfMetaConfig { algorithm: RfAlgorithm::Mldg, ..RfMetaConfig::default() };
    assert!(refused(&of(mldg)).contains("mldg learns from the label alone"));
    let reptile = RfMetaConfig { algorithm: RfAlgorithm::Joint, first_order: true, ..RfMetaConfig::default() };
    assert!(refused(&of(reptile)).contains("no derivative of second order"));
    assert!(refused(&of(RfMetaConfig { inner_rate: 0.0, ..RfMetaConfig::default() })).contains("rf_meta.inner_rate"));
    assert!(refused(&of(RfMetaConfig { bn_momentum: 1.5, ..RfMetaConfig::default() })).contains("rf_meta.bn_momentum"));
    let mut last = across(RfAlgorithm::RfMeta);
    (last.rf_meta.bn_momentum, last.evaluate.bn_test) = (1.0, BnTest::Trained);
    assert!(last.caution().unwrap().contains("bn_momentum"));
    let run = tempfile::tempdir().unwrap();
    let mut run = Run::new(&last, &run.path().join("warned"), Start::Paused);
    run.until(|e| matches!(e, Event::Warning(w) if w.contains("bn_momentum")).then_some(()));
    run.until_paused();
    run.stop();
}
