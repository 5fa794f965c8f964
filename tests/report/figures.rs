//! What every kind of figure shows.

use std::fs;
use std::path::Path;

use metafas::eval::{Fusion, Polarity, Ranked, ScoreSet, Spread, fuse_frames};
use metafas::report::figure::{Panel, Plot, Width};
use metafas::report::{Colormap, Drawn, FigureKind, Scale, draw};
use metafas::session::{MapKind, MapSet, Session};

use crate::runs::{copy, demo, request, seeded};
use crate::scene::Scene;

fn plots(drawn: &Drawn) -> &[Plot] {
    drawn
        .figure
        .panels
        .iter()
        .find_map(|p| if let Panel::Plots(all) = p { Some(all.as_slice()) } else { None })
        .unwrap()
}

#[test]
fn maps_keep_their_resolution_and_their_colours_are_those_of_their_values() {
    let mut request = request(FigureKind::Maps, &[demo()], Path::new("maps.svg"));
    request.colormap = Colormap::PaperBlueRed;
    let drawn = draw(&request).unwrap();
    let scene = Scene::of(&drawn.figure.svg());
    assert_eq!((scene.count(64, 64), scene.count(8, 8), scene.count(256, 1)), (8, 32, 1));
    let set = Session::open(&demo()).unwrap().map_set(1050).unwrap();
    let scale = Scale::sequential(Colormap::PaperBlueRed, 0.0, 1.0);
    let maps: Vec<_> = scene.pictures.iter().filter(|p| p.width() == 8).collect();
    for (at, sample) in set.samples.iter().enumerate() {
        for (column, kind) in
            [MapKind::Teacher, MapKind::Momentum, MapKind::Target, MapKind::Detector].into_iter().enumerate()
        {
            let values = sample.get(kind).unwrap();
            let colours: Vec<u8> = values.iter().flat_map(|&v| scale.rgb(v)).collect();
            assert_eq!(maps[4 * at + column].as_raw(), &colours, "face {at}, {}", kind.name());
        }
    }
    for words in
        ["Teacher", "Momentum", "Detector", "warped", "live", "Synthetic data: SynthC", "Iteration 1050", "0.25"]
    {
        assert!(scene.has(words), "{words}");
    }
    assert_eq!(
        (drawn.facts["iteration"].as_u64(), drawn.facts["colormap"].as_str()),
        (Some(1050), Some("paper_blue_red"))
    );
}

#[test]
fn faces_and_moments_are_those_that_are_asked_for() {
    let mut request = request(FigureKind::Maps, &[demo()], Path::new("maps.svg"));
    request.faces = Some(vec![7, 0]);
    request.iteration = Some(310);
    let drawn = draw(&request).unwrap();
    let scene = Scene::of(&drawn.figure.svg());
    // The cotangent of the bi-level stage has a bar of its own, around 0.
    assert_eq!((scene.count(64, 64), scene.count(8, 8), scene.count(256, 1)), (2, 10, 2));
    let limits = drawn.facts["limits"]["cotangent"].as_array().unwrap();
    assert!(limits[1].as_f64().unwrap() > 0.0 && limits[0].as_f64() == limits[1].as_f64().map(|v| -v));
    assert_eq!(drawn.facts["faces"][0], "SynthC/test_release/8/2.avi/0001");
    request.faces = Some(vec![8]);
    assert!(draw(&request).unwrap_err().to_string().contains("there are 8, from 0 to 7"));
    request.iteration = Some(312);
    assert!(draw(&request).unwrap_err().to_string().contains("the nearest are those of 310"));
}

#[test]
fn roc_and_det_are_the_points_of_the_evaluation() {
    let scores = ScoreSet::read(&demo().join("scores/test.csv"), Polarity::LiveHigh).unwrap();
    let ranked = Ranked::new(&fuse_frames(&scores, Fusion::Mean, &mut vec![]).unwrap());
    let points = ranked.operating_points();
    let results: serde_json::Value =
        serde_json::from_slice(&fs::read(demo().join("scores/results.json")).unwrap()).unwrap();
    let rate = |key: &str| results[key].as_f64().unwrap();

    let drawn = draw(&request(FigureKind::Roc, &[demo()], Path::new("roc.svg"))).unwrap();
    let series = &plots(&drawn)[0].series;
    let expected: Vec<(f64, f64)> = points.iter().map(|p| (100.0 * p.far, 100.0 * (1.0 - p.frr))).collect();
    assert_eq!(series[1].points, expected);
    assert!(series[1].name.contains("AUC 91.8 %"), "{}", series[1].name);
    assert_eq!(series[2].points, [(100.0 * rate("apcer_pooled"), 100.0 * (1.0 - rate("bpcer")))]);

    let drawn = draw(&request(FigureKind::Det, &[demo()], Path::new("det.svg"))).unwrap();
    let series = &plots(&drawn)[0].series;
    assert_eq!(series[1].points, points.iter().map(|p| (p.far, p.frr)).collect::<Vec<_>>());
    assert_eq!(series[2].points, [(rate("apcer_pooled"), rate("bpcer"))]);
    assert_eq!(
        (drawn.facts["n"][0]["n_live"].as_u64(), drawn.facts["n"][0]["n_attack"].as_u64()),
        (Some(45), Some(135))
    );
    assert_eq!(drawn.facts["threshold"][0]["threshold_rule"], "dev_eer");
}

#[test]
fn curves_are_the_losses_and_seeds_become_a_band() {
    let dir = tempfile::tempdir().unwrap();
    let one = draw(&request(FigureKind::Curves, &[demo()], Path::new("c.svg"))).unwrap();
    let names: Vec<&str> = plots(&one)[0].series.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "teacher loss",
            "detector loss",
            "L_t_0",
            "L_t_1",
            "L_v",
            "L_v, binary map",
            "L_v of held-out faces, binary map",
            "loss (detector stage)"
        ]
    );
    assert!(plots(&one)[0].series.iter().all(|s| s.band.is_empty()));
    let begins: Vec<(f64, &str)> = plots(&one)[0].begins.iter().map(|(at, name)| (*at, name.as_str())).collect();
    assert_eq!(begins, [(0.0, "pretraining"), (300.0, "bi-level"), (450.0, "detector")]);

    let other = seeded(dir.path(), 1, "0.999", 0.3);
    let text = fs::read_to_string(other.join("metrics.jsonl")).unwrap();
    let doubled = |line: &str| {
        let mut row: serde_json::Value = serde_json::from_str(line).unwrap();
        if let Some(l_v) = row["l_v"].as_f64() {
            row["l_v"] = (2.0 * l_v).into();
        }
        row.to_string() + "\n"
    };
    fs::write(other.join("metrics.jsonl"), text.lines().map(doubled).collect::<String>()).unwrap();
    let both = draw(&request(FigureKind::Curves, &[demo(), other], Path::new("c.svg"))).unwrap();
    let of = |drawn: &Drawn| plots(drawn)[0].series.iter().find(|s| s.name == "L_v").unwrap().clone();
    let (single, banded) = (of(&one), of(&both));
    for ((point, mean), band) in single.points.iter().zip(&banded.points).zip(&banded.band) {
        assert!((mean.1 - 1.5 * point.1).abs() < 1e-12 && (band.1, band.2) == (point.1, 2.0 * point.1));
    }
    assert!(both.figure.notes[1].contains("means over seeds (n = 2)"), "{:?}", both.figure.notes);
}

#[test]
fn ablation_has_a_column_a_run_named_by_what_differs() {
    let dir = tempfile::tempdir().unwrap();
    let other = copy(dir.path(), "other", &[("gamma = 0.999", "gamma = 0.9")]);
    let drawn = draw(&request(FigureKind::Ablation, &[demo(), other], Path::new("a.svg"))).unwrap();
    let scene = Scene::of(&drawn.figure.svg());
    assert_eq!((scene.count(64, 64), scene.count(8, 8), scene.count(256, 1)), (8, 16, 1));
    assert_eq!(drawn.facts["columns"], serde_json::json!(["gamma 0.999", "gamma 0.9"]));
    assert_eq!(drawn.facts["maps"], serde_json::json!(["eq13", "eq13"]));
}

#[test]
fn patterns_are_the_hand_made_maps() {
    let mut request = request(FigureKind::Patterns, &[demo()], Path::new("p.svg"));
    request.faces = Some(vec![0, 6]);
    let drawn = draw(&request).unwrap();
    let scene = Scene::of(&drawn.figure.svg());
    assert_eq!(scene.count(64, 64), 10);
    let watched = Session::open(&demo()).unwrap().watched().unwrap();
    let made =
        metafas::features::HandMade::all(&watched.faces[6].rgb, (64, 64), metafas::features::ColorLbp::default());
    for (at, map) in made.unwrap().iter().enumerate() {
        assert_eq!(scene.pictures[6 + at].as_raw(), map);
    }
    assert!(scene.has("ColorLBP") && drawn.figure.notes.iter().any(|n| n.contains("it is no facial depth")));
}

/// How many faces each outcome has, after every face that is told was found to belong there.
fn outcomes(drawn: &Drawn, clip_of: fn(&str) -> &str) -> Vec<(String, u64)> {
    let threshold = -drawn.facts["threshold"]["threshold"].as_f64().unwrap();
    let scores = fs::read_to_string(demo().join("scores/test.csv")).unwrap();
    let mut counts = vec![];
    for outcome in drawn.facts["outcomes"].as_array().unwrap() {
        for face in outcome["faces"].as_array().unwrap() {
            let clip = clip_of(face["key"].as_str().unwrap());
            let rows: Vec<&str> = scores.lines().filter(|l| l.split(',').nth(1) == Some(clip)).collect();
            let score = |l: &&str| l.rsplit(',').next().unwrap().parse::<f64>().unwrap();
            let mean = rows.iter().map(score).sum::<f64>() / rows.len() as f64;
            let name = match (rows[0].contains(",True,"), mean >= threshold) {
                (true, true) => "Live, accepted",
                (false, false) => "Spoof, rejected",
                (true, false) => "Live, rejected (counts in BPCER)",
                (false, true) => "Spoof, accepted (counts in APCER)",
            };
            assert_eq!(outcome["outcome"], name, "{clip}");
        }
        counts.push((outcome["outcome"].as_str().unwrap().to_owned(), outcome["n"].as_u64().unwrap()));
    }
    counts
}

#[test]
fn faces_stand_where_their_scores_put_them() {
    // The whole test part: 45 live and 135 attack videos, of which results.json counts 1 and 53 as errors.
    let drawn = draw(&request(FigureKind::Faces, &[demo()], Path::new("f.svg"))).unwrap();
    let counts: Vec<u64> = outcomes(&drawn, |key| key).into_iter().map(|o| o.1).collect();
    assert_eq!(counts, [44, 82, 1, 53]);
    let errors = ["bpcer", "apcer_pooled"].map(|key| {
        let results: serde_json::Value =
            serde_json::from_slice(&fs::read(demo().join("scores/results.json")).unwrap()).unwrap();
        results[key].as_f64().unwrap()
    });
    assert!((errors[0] - 1.0 / 45.0).abs() < 1e-12 && (errors[1] - 53.0 / 135.0).abs() < 1e-12);
    assert_eq!(drawn.facts["only_watched_faces"], false);

    // A session that keeps no faces of the test part.
    let dir = tempfile::tempdir().unwrap();
    let drawn = draw(&request(FigureKind::Faces, &[copy(dir.path(), "run", &[])], Path::new("f.svg"))).unwrap();
    let counts = outcomes(&drawn, |key| key.rsplit_once('/').unwrap().0);
    assert_eq!(counts.iter().map(|o| o.1).sum::<u64>(), 8);
    assert_eq!(drawn.facts["only_watched_faces"], true);
    assert!(drawn.figure.notes.iter().any(|n| n.starts_with("Watched faces only")));
}

#[test]
fn gamma_is_the_mean_over_seeds_with_what_the_paper_prints() {
    let dir = tempfile::tempdir().unwrap();
    let runs = [(0, "0.9", 0.4), (1, "0.9", 0.5), (0, "0.999", 0.1), (1, "0.999", 0.3)];
    let sessions: Vec<_> = runs.iter().map(|(seed, gamma, acer)| seeded(dir.path(), *seed, gamma, *acer)).collect();
    let drawn = draw(&request(FigureKind::Gamma, &sessions, Path::new("g.svg"))).unwrap();
    let acer = &plots(&drawn)[0];
    let means: Vec<f64> = acer.series[0].points.iter().map(|p| p.1).collect();
    assert!((means[0] - 45.0).abs() < 1e-9 && (means[1] - 20.0).abs() < 1e-9, "{means:?}");
    let [low, high] = Spread::of(&[40.0, 50.0]).unwrap().interval.unwrap();
    let bar = acer.series[0].bars[0];
    // Drawn as far as rates go.
    assert!((bar.1 - low.max(0.0)).abs() < 1e-9 && (bar.2 - high.min(100.0)).abs() < 1e-9, "{bar:?}");
    assert_eq!(acer.series[1].points, [(1.0, 0.6), (0.0, 5.3)]);
    assert!(acer.series[0].name.contains("synthetic") && acer.series[1].name.contains("as printed"));
    let scene = Scene::of(&drawn.figure.svg());
    assert!(
        ["0.9", "0.999"].iter().all(|g| scene.words.iter().filter(|w| w.0 == *g).count() == 3),
        "no point without name"
    );
    let odd = copy(dir.path(), "odd", &[("alpha = 0.001", "alpha = 0.02")]);
    let error = draw(&request(FigureKind::Gamma, &[demo(), odd], Path::new("g.svg"))).unwrap_err().to_string();
    assert!(error.contains("differ in bilevel.alpha too"), "{error}");
}

#[test]
fn curves_over_any_number_have_a_line_a_protocol() {
    let dir = tempfile::tempdir().unwrap();
    let run = |name: &str, edits: &[(&str, &str)]| copy(dir.path(), name, edits);
    let sessions = [
        demo(),
        run("more", &[("k = 2", "k = 3")]),
        run("other", &[("casia_fasd/7", "casia_fasd/6")]),
        run("other-more", &[("casia_fasd/7", "casia_fasd/6"), ("k = 2", "k = 3")]),
    ];
    let drawn = draw(&request(FigureKind::Over, &sessions, Path::new("o.svg"))).unwrap();
    assert_eq!(drawn.facts["over"], "bilevel.k");
    let plots = plots(&drawn);
    let xs = |line: usize| plots[0].series[line].points.iter().map(|p| p.0).collect::<Vec<_>>();
    assert_eq!((plots[0].series.len(), plots[0].x.title.as_str()), (2, "K"));
    assert!(xs(0).iter().zip(xs(1)).all(|(a, b)| a < &b && b - a < 0.5), "lines stand beside each other");
    let told = |sessions: &[std::path::PathBuf]| {
        draw(&request(FigureKind::Over, sessions, Path::new("o.svg"))).unwrap_err().to_string()
    };
    let twice = run("twice", &[("k = 2", "k = 3"), ("alpha = 0.001", "alpha = 0.02")]);
    assert!(told(&[demo(), twice]).contains("differ in bilevel.alpha and in bilevel.k"));
    let word = run("word", &[("mu_scope = \"all\"", "mu_scope = \"spoof\"")]);
    assert!(told(&[demo(), word]).contains("which is no number; bars show them"));
}

#[test]
fn bars_are_means_of_methods_in_groups_of_protocols() {
    let dir = tempfile::tempdir().unwrap();
    let mut sessions: Vec<_> =
        [(0, "0.9"), (1, "0.9"), (0, "0.999")].map(|(s, g)| seeded(dir.path(), s, g, 0.1)).into();
    sessions.push(copy(dir.path(), "elsewhere", &[("casia_fasd/7", "casia_fasd/6"), ("gamma = 0.999", "gamma = 0.9")]));
    let drawn = draw(&request(FigureKind::Bars, &sessions, Path::new("b.svg"))).unwrap();
    let hter = &plots(&drawn)[0];
    let results: serde_json::Value =
        serde_json::from_slice(&fs::read(demo().join("scores/results.json")).unwrap()).unwrap();
    let own = 100.0 * results["hter"].as_f64().unwrap();
    let series: Vec<(&str, usize)> = hter.series.iter().map(|s| (s.name.as_str(), s.points.len())).collect();
    assert_eq!(series, [("gamma 0.9", 2), ("gamma 0.999", 1)]);
    assert!(hter.series.iter().flat_map(|s| &s.points).all(|p| (p.1 - own).abs() < 1e-9));
    assert_eq!((hter.series[0].bars.len(), hter.series[1].bars.len()), (1, 0), "an interval needs two seeds");
    // Bars of one place stand beside each other, around it.
    let at = |series: usize| hter.series[series].points[0].0;
    assert!((at(0) + at(1)).abs() < 1e-9 && at(0) < 0.0, "{} {}", at(0), at(1));
    assert_eq!(hter.y.low, 0.0, "bars begin at nothing");
    assert_eq!(drawn.facts["bars"].as_array().unwrap().len(), 2 * 3);
}

/// Two classifiers, which have no map but what they look at.
#[test]
fn what_networks_look_at_stands_side_by_side_each_on_its_own_scale() {
    let dir = tempfile::tempdir().unwrap();
    let looking = |name: &str, factor: f32| {
        let path =
            copy(dir.path(), name, &[("alpha = 0.001", if factor > 1.0 { "alpha = 0.02" } else { "alpha = 0.001" })]);
        let file = path.join("maps/001050.safetensors");
        let mut set = MapSet::read(&file).unwrap();
        for sample in &mut set.samples {
            let detector = sample.get(MapKind::Detector).unwrap().iter().map(|v| factor * (v - 0.5)).collect();
            sample.maps = std::array::from_fn(|_| None);
            sample.maps[MapKind::Attention as usize] = Some(detector);
        }
        set.write(&file).unwrap();
        path
    };
    let sessions = [looking("one", 1.0), looking("two", 8.0)];
    let drawn = draw(&request(FigureKind::Ablation, &sessions, Path::new("a.svg"))).unwrap();
    assert_eq!(drawn.facts["maps"], serde_json::json!(["attention", "attention"]));
    let limits = drawn.facts["limits"].as_object().unwrap();
    let reach: Vec<f64> = limits.values().map(|l| l[1].as_f64().unwrap()).collect();
    assert!(reach.len() == 2 && (reach[1] / reach[0] - 8.0).abs() < 1e-4, "{limits:?}");
    assert!(Scene::of(&drawn.figure.svg()).has("Attention of alpha 0.02"));
}

#[test]
fn type_is_large_enough_and_nothing_overlaps_or_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let mut several: Vec<_> = ["0.5", "0.9", "0.99", "0.999", "0.9999"].map(|g| seeded(dir.path(), 0, g, 0.2)).into();
    several.push(seeded(dir.path(), 1, "0.999", 0.3));
    for kind in FigureKind::ALL {
        let sessions = if kind.of_one() { vec![demo()] } else { several.clone() };
        for sessions in [vec![sessions[0].clone()], sessions] {
            for width in [Width::Ieee1, Width::Ieee2, Width::Mm(120.0)] {
                let mut request = request(kind, &sessions, Path::new("f.svg"));
                request.width = width;
                if kind == FigureKind::Maps {
                    request.iteration = Some(310);
                }
                let drawn = draw(&request).unwrap();
                let scene = Scene::of(&drawn.figure.svg());
                let what = format!("{} of {} at {width}", kind.name(), sessions.len());
                assert_eq!(scene.faults(), Vec::<String>::new(), "{what}");
                let points = scene.tree.size().width() * 0.75;
                assert!((f64::from(points) - width.points()).abs() < 0.02, "{what}: {points}");
                assert!(scene.has("ynthetic"), "{what}");
                assert!(
                    scene.tree.size().height() * 0.75 < 650.0,
                    "{what} fits a page: {}",
                    scene.tree.size().height()
                );
            }
        }
    }
}

#[test]
fn localisation_shows_a_face_of_each_species_with_its_mask() {
    let drawn = draw(&request(FigureKind::Localise, &[demo()], Path::new("l.svg"))).unwrap();
    let scene = Scene::of(&drawn.figure.svg());
    let species = drawn.facts["species"].as_array().unwrap();
    assert!(!species.is_empty());
    // A face, its mask, the teacher's map and the detector's.
    let faces = species.len();
    assert_eq!((scene.count(64, 64), scene.count(8, 8)), (faces, 3 * faces));
    let results: serde_json::Value =
        serde_json::from_slice(&fs::read(demo().join("scores/results.json")).unwrap()).unwrap();
    // Stretching keeps the order within a face: the mean is that of the results over the faces that are kept, one a
    // clip.
    let mean = drawn.facts["mean_pixel_auc"].as_f64().unwrap();
    let all = results["maps"]["teacher"]["pixel_auc"].as_f64().unwrap();
    assert!((mean - all).abs() < 0.1, "{mean} {all}");
    for one in species {
        let name = format!("{}, {:.2}", one["species"].as_str().unwrap(), one["pixel_auc"].as_f64().unwrap());
        assert!(scene.has(&name), "{name}");
    }
    // A session that keeps no faces of the test part.
    let dir = tempfile::tempdir().unwrap();
    let bare = copy(dir.path(), "run", &[]);
    let error = draw(&request(FigureKind::Localise, &[bare], Path::new("l.svg"))).unwrap_err().to_string();
    assert!(error.contains("metafas evaluate"), "{error}");
}
