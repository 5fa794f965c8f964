//! Runs without a meta-teacher: every supervision and every network from the first face to the last score, stopped and
//! resumed on the way.

use metafas::config::{
    BnTraining, Disjoint, Network, OptimizerKind, RunConfig, Stage, Supervision, TeacherProtocol, Teaching,
};
use metafas::data::Label;
use metafas::engine::{Command, Event, Start};
use metafas::session::{MapKind, MapSet, Session, WatchedFaces};

use crate::harness::{Run, tiny};
use crate::same_bytes::assert_same;

fn with(network: Network, supervision: Supervision) -> RunConfig {
    let mut c = tiny();
    (c.detector.network, c.detector.supervision) = (network, supervision);
    (c.rival.iterations, c.rival.batch, c.rival.width) = (7, 4, 2);
    c.pretrain.iterations = 3;
    c.bilevel.iterations = 4;
    c.detector.routes_after = 5;
    if network == Network::Dtn {
        c.data.size = 64;
    }
    c
}

/// Goes through `config` at a stretch, and again with a stop in the middle; gives the session.
pub fn twice(config: &RunConfig, folder: &std::path::Path) -> Session {
    let whole = Run::new(config, &folder.join("whole"), Start::Play).finish();
    let parts = folder.join("parts");
    let total = config.total_iterations();
    for stop in [total / 3, 2 * total / 3] {
        let mut run = if parts.exists() {
            Run::resume(&parts, None, Start::Paused)
        } else {
            Run::new(config, &parts, Start::Paused)
        };
        run.until_paused();
        run.send(Command::RunTo(stop));
        run.until_paused();
        run.stop();
    }
    Run::resume(&parts, None, Start::Play).finish();
    assert_same(&whole, &parts);
    Session::open(&whole).unwrap()
}

pub fn results_of(session: &Session) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(session.results_file()).unwrap()).unwrap()
}

#[test]
fn every_supervision_is_trained_resumed_and_scored() {
    let folder = tempfile::tempdir().unwrap();
    for &supervision in Supervision::ALL {
        let config = with(Network::FasDr, supervision);
        let session = twice(&config, &folder.path().join(supervision.name()));
        let rows = session.rows().unwrap();
        assert_eq!(rows.len() as u64, config.total_iterations(), "{supervision}");
        let has = |stage: Stage| rows.iter().any(|r| r.stage == stage);
        let teaching = supervision.teaching();
        assert_eq!(has(Stage::Bilevel), teaching == Teaching::Meta, "{supervision}");
        assert_eq!(has(Stage::Rival), matches!(teaching, Teaching::Rival(_)), "{supervision}");
        let parts = ["hint_loss", "peers_loss"].map(|name| rows.iter().any(|r| r.get(name).is_some()));
        assert_eq!(parts, [supervision == Supervision::Fitnet, supervision == Supervision::Okddip]);
        // Maps that nobody trains are not shown.
        let last = *session.map_iterations().last().unwrap();
        let maps = MapSet::read(&session.map_file(last)).unwrap();
        let shown = |kind: MapKind| maps.samples[0].maps[kind as usize].is_some();
        let taught = matches!(teaching, Teaching::Meta | Teaching::Rival(_));
        assert_eq!((shown(MapKind::Teacher), shown(MapKind::Detector)), (taught, true), "{supervision}");
        assert_eq!(shown(MapKind::Momentum), teaching == Teaching::Meta);
        assert_eq!(shown(MapKind::Target), taught, "{supervision}");
        // Eqs. 13 and 14: from 0 to 1 in every attack, nothing on live faces; of the scored faces too.
        let scored = [session.scored_faces_file(), session.scored_maps_file()];
        let scored = (WatchedFaces::read(&scored[0]).unwrap(), MapSet::read(&scored[1]).unwrap());
        let watched = (WatchedFaces::read(&session.watched_file()).unwrap(), maps);
        for (faces, set) in [&watched, &scored] {
            for (face, sample) in faces.faces.iter().zip(&set.samples).filter(|_| taught) {
                let (raw, target) = (sample.get(MapKind::Teacher).unwrap(), sample.get(MapKind::Target).unwrap());
                let [low, high] = [f32::min, f32::max].map(|f| raw.iter().copied().reduce(f).unwrap());
                for (raw, target) in raw.iter().zip(target) {
                    let want = if face.label == Label::Live { 0.0 } else { (raw - low) / (high - low) };
                    assert!((target - want).abs() < 1e-4, "{supervision} {}: {target} {want}", face.key);
                }
            }
        }
        let results = results_of(&session);
        assert!(results["auc"].as_f64().is_some_and(|auc| (0.0..=1.0).contains(&auc)));
        assert_eq!(results["detector"], config.title());
        let exact = (supervision == Supervision::Depth).then_some("exact");
        assert_eq!(results["depth"].as_str(), exact);
        let pretrained = results["maps"]["pretrained"].is_object();
        assert_eq!(pretrained, teaching == Teaching::Meta, "{supervision}");
    }
}

#[test]
fn every_network_is_trained_resumed_and_scored() {
    let folder = tempfile::tempdir().unwrap();
    for &network in Network::ALL.iter().filter(|n| !n.learns_across_domains()) {
        let all = [Supervision::Fitnet, Supervision::BinaryLabel];
        let mut config = with(network, all.into_iter().find(|s| network.learns_from(*s)).unwrap());
        config.rival.iterations = 2;
        let session = twice(&config, &folder.path().join(network.name()));
        assert_eq!(results_of(&session)["detector"], config.title());
        let last = *session.map_iterations().last().unwrap();
        let maps = MapSet::read(&session.map_file(last)).unwrap();
        assert_eq!(maps.is_empty(), !network.has_map() && !network.has_attention(), "{network}");
        // An eighth of 32 pixels, of every watched face.
        let sides: Vec<Option<usize>> =
            maps.samples.iter().map(|s| s.get(MapKind::Attention).map(<[f32]>::len)).collect();
        assert!(sides.iter().all(|s| *s == network.has_attention().then_some(16)), "{network}: {sides:?}");
        // A classifier's score and the mean of what it looks at tell faces apart in the same order, but for the bilinear step.
        let results = results_of(&session);
        let [own, attention] = ["detector", "attention"].map(|kind| results["maps"][kind]["auc"].as_f64());
        assert_eq!(attention.is_some(), network.has_attention(), "{network}");
        if let (Some(own), Some(attention)) = (own, attention) {
            assert!((own - attention).abs() < 0.25, "{network}: {own} {attention}");
        }
    }
}

#[test]
fn where_maps_lie_is_told_of_what_teaches_or_of_the_detector_itself() {
    let folder = tempfile::tempdir().unwrap();
    for (network, supervision, of) in [
        (Network::FasDr, Supervision::MetaTeacher, "teacher"),
        (Network::FasDr, Supervision::DistillLight, "teacher"),
        (Network::FasDr, Supervision::Depth, "detector"),
        (Network::BinaryCnn, Supervision::BinaryLabel, "attention"),
    ] {
        let mut config = with(network, supervision);
        // Paper glasses cover a part of a face; the set has three live ones to learn from.
        (config.bilevel.m, config.bilevel.n) = (2, 1);
        "siw_m/12".clone_into(&mut config.data.protocol);
        let path = folder.path().join(supervision.name());
        let results = results_of(&Session::open(&Run::new(&config, &path, Start::Play).finish()).unwrap());
        assert_eq!(results["pixel_auc_of"], of, "{supervision}: {results}");
        let pixel_auc = |kind: &str| results["maps"][kind]["pixel_auc"].as_f64().unwrap();
        let over = results["pixel_auc_over_mean_map"].as_f64().unwrap();
        assert_eq!(results["pixel_auc"].as_f64(), Some(pixel_auc(of)));
        assert!((pixel_auc(of) - pixel_auc("mean_map") - over).abs() < 1e-12, "{supervision}");
    }
}

#[test]
fn teachers_may_learn_from_the_first_protocol() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = with(Network::Light, Supervision::DistillLight);
    let own = twice(&config, &folder.path().join("same"));
    config.data.teacher_protocol = TeacherProtocol::P1;
    let p1 = twice(&config, &folder.path().join("p1"));
    let losses =
        |session: &Session| session.rows().unwrap().iter().filter_map(|r| r.get("teacher_loss")).collect::<Vec<f64>>();
    assert_eq!(losses(&own).len(), losses(&p1).len());
    assert_ne!(losses(&own), losses(&p1), "the teacher has seen other faces");
    assert_eq!(results_of(&p1)["teacher_protocol"], "oulu_npu/1");
    assert_eq!(results_of(&own)["teacher_protocol"], serde_json::Value::Null);
    // The detector's own protocol is no other one.
    config.data.protocol = "oulu_npu/1".to_owned();
    assert_eq!(config.teachers_protocol(), None);
}

#[test]
fn maps_that_the_faces_do_not_bring_are_told_before_anything_is_trained() {
    let folder = tempfile::tempdir().unwrap();
    let faces = folder.path().join("faces");
    for (class, value) in [("live", 90), ("spoof", 180)] {
        std::fs::create_dir_all(faces.join(class)).unwrap();
        for i in 0..40 {
            let picture = image::RgbImage::from_pixel(32, 32, image::Rgb([value, i, 60]));
            picture.save(faces.join(class).join(format!("{i:02}.png"))).unwrap();
        }
    }
    let mut config = with(Network::FasDr, Supervision::Depth);
    config.data.source = metafas::config::DataSource::Folder;
    config.data.root = faces.to_string_lossy().into_owned();
    let mut run = Run::new(&config, &folder.path().join("run"), Start::Play);
    let told = run.until(|e| if let Event::Failed { error, .. } = e { Some(error.clone()) } else { None });
    assert!(told.contains("detector.supervision: depth needs depth maps, and faces brings none"), "{told}");
    config.detector.supervision = Supervision::Mask;
    let mut run = Run::new(&config, &folder.path().join("run"), Start::Play);
    let told = run.until(|e| if let Event::Failed { error, .. } = e { Some(error.clone()) } else { None });
    assert!(
        told.contains("mask needs masks of the attacks' material, and") && told.ends_with("alone have them"),
        "{told}"
    );
}

fn values(session: &Session, name: &str) -> Vec<f64> {
    session.rows().unwrap().iter().filter_map(|row| row.get(name)).collect()
}

#[test]
fn every_reading_of_bi_level_training_is_trained_resumed_and_scored() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, change: &dyn Fn(&mut RunConfig)| {
        let mut config = with(Network::FasDr, Supervision::MetaTeacher);
        change(&mut config);
        twice(&config, &folder.path().join(name))
    };
    // Line 9 as it is printed.
    let plain = run("plain", &|c| {
        (c.bilevel.outer, c.bilevel.beta, c.bilevel.disjoint) = (OptimizerKind::Sgd, 1e-3, Disjoint::Clip);
    });
    let (steps, line9) = (values(&plain, "teacher_step"), values(&plain, "line9_step"));
    assert_eq!((steps.len(), line9.len()), (4, 4));
    for (step, line9) in steps.iter().zip(&line9) {
        // A step in single precision: parameters near 1 are rounded to 6e-8.
        assert!((step - line9).abs() < 1e-2 * line9 + 1e-6, "{step} {line9}");
    }
    assert_eq!(values(&plain, "l_v_binary").len(), 4);
    assert_eq!(values(&plain, "hypergradient_cosine").len(), 3, "the first has none before it");
    assert_eq!(values(&plain, "teacher_separation").len(), 3 + 4, "in pretraining too");

    // Three iterations a step, two of them without one.
    let gathered = run("gathered", &|c| c.bilevel.accumulate = 3);
    let moved: Vec<bool> = values(&gathered, "teacher_step").iter().map(|s| *s > 0.0).collect();
    assert_eq!(moved, [false, false, true, false]);

    // Adam that goes on takes other steps than Adam that begins anew, whose first one has length beta a coordinate.
    let kept = run("kept", &|c| c.bilevel.reset_moments = false);
    let anew = run("anew", &|c| c.bilevel.reset_moments = true);
    assert!(values(&kept, "teacher_step")[0] < 0.9 * values(&anew, "teacher_step")[0]);
    // Without pretraining's direction it is another one still, on the scale of pretraining too.
    let scaled = run("scaled", &|c| (c.bilevel.reset_moments, c.bilevel.reset_first_moments) = (false, true));
    let first = |session: &Session| values(session, "teacher_step")[0];
    assert!(first(&scaled) != first(&kept) && first(&scaled) < 0.9 * first(&anew));

    // Batch norms with averages over earlier batches go another way from the first iteration on.
    let averaged = run("averaged", &|c| c.bilevel.bn = BnTraining::Running);
    assert_ne!(values(&averaged, "l_t_0")[0].to_bits(), values(&anew, "l_t_0")[0].to_bits());

    // Masked pretraining teaches the teacher nothing on live faces.
    let masked = run("masked", &|c| {
        (c.pretrain.mask_live, c.pretrain.batch, c.pretrain.optimizer) = (true, 3, OptimizerKind::Sgd);
    });
    assert_ne!(values(&masked, "teacher_loss"), values(&anew, "teacher_loss"));

    // Batches that the faces do not fill shrink, and the session keeps what it took.
    let small = run("small", &|c| (c.bilevel.m, c.bilevel.n) = (16, 40));
    let taken = small.config().unwrap().bilevel;
    assert!(taken.shrink && taken.m >= 1 && taken.n >= 2 * taken.m && taken.n < 40, "{} {}", taken.m, taken.n);

    let results = results_of(&anew);
    for kind in ["pretrained", "teacher", "momentum_teacher", "detector"] {
        assert!(results["maps"][kind]["auc"].as_f64().is_some_and(|v| (0.0..=1.0).contains(&v)), "{kind}: {results}");
    }
    let number = |key: &str| results[key].as_f64().unwrap();
    assert!((number("teacher_auc") - number("pretrained_auc") - number("teacher_auc_gain")).abs() < 1e-12);
    assert!(results["maps"]["teacher"]["spread"].as_f64().is_some_and(|v| v >= 0.0));
}
