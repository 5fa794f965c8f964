//! Faces beside their hand-made maps: what is shown, one pixel in all maps, pictures that are dropped, and the picture that
//! is written.

use std::sync::Arc;

use egui_kittest::kittest::Queryable as _;
use image::{Rgb, RgbImage};
use metafas::engine::Event;
use metafas::features::{ColorLbp, HandMade, Interpolation};
use metafas::session::{MapSet, Pictures};
use metafas::ui::{Level, Pane, PatternProbe, PatternsCommand, UiCommand};

use crate::script::{Bench, Dropped, faces, maps};

fn send(bench: &mut Bench, command: PatternsCommand) {
    bench.harness.state().send(UiCommand::Patterns(command));
    bench.settle();
}

/// A window with a run under way that shows patterns.
fn showing() -> Bench {
    let mut bench = Bench::playing();
    bench.harness.state().send(UiCommand::Focus(Pane::Patterns));
    bench.settle();
    bench.settle();
    assert!(bench.harness.state().shows(Pane::Patterns));
    bench
}

fn there(bench: &Bench, label: &str) -> bool {
    bench.harness.query_all_by_label(label).next().is_some()
}

fn said(bench: &Bench, level: Level, part: &str) -> bool {
    bench.harness.state().state().log.iter().any(|e| e.level == level && e.text.contains(part))
}

#[test]
fn watched_faces_stand_beside_their_maps_and_nothing_is_promised() {
    let bench = showing();
    let state = bench.harness.state().state();
    assert_eq!(state.patterns.rows.len(), 3);
    for (i, face) in faces().faces.iter().enumerate() {
        let row = state.patterns.rows[i].as_ref().unwrap();
        assert_eq!(row.rgb, face.rgb);
        assert_eq!(row.maps, HandMade::all(&face.rgb, (16, 16), ColorLbp::default()).unwrap());
        assert_eq!(row.depth, face.depth.clone().map(|depth| (8, depth)));
    }
    for name in ["RGB", "ColorLBP", "Albedo", "Depth (shading)", "Reflectance", "Facial depth"] {
        assert!(there(&bench, &format!("{name}, live person-0/clip-0/0")), "{name}");
        assert!(there(&bench, &format!("{name}, print person-1/clip-0/0")), "{name}");
    }
    assert!(there(&bench, "Facial depth (exact)"), "the column says where facial depth comes from");
    assert!(bench.harness.query_all_by_label_contains("Meta Pattern").next().is_none(), "no run has learned one");
}

#[test]
fn a_learned_pattern_stands_beside_the_made_ones() {
    let mut bench = showing();
    let faces = (0..3).map(|i| vec![0.25 * i as f32; 16 * 16 * 3]).collect();
    let set = MapSet { pattern: Some(Arc::new(Pictures { side: 16, faces })), ..maps(301) };
    bench.script(|s| s.tell(Event::Maps(set.clone())));
    bench.settle();
    bench.settle();
    for name in ["live person-0/clip-0/0", "print person-1/clip-0/0"] {
        assert!(there(&bench, &format!("Meta Pattern, {name}")), "{name}");
    }
    let state = bench.harness.state().state();
    assert_eq!(state.shown_maps().and_then(|m| m.pattern.as_ref()).map(|p| p.faces[1][0]), Some(0.25));
}

#[test]
fn one_pixel_is_told_in_all_maps_and_can_be_kept() {
    let mut bench = showing();
    let cell = bench.harness.get_by_label("Albedo, print person-1/clip-0/0").rect();
    bench.harness.hover_at(cell.min + cell.size() * eframe::egui::vec2(5.5 / 16.0, 9.5 / 16.0));
    bench.settle();
    let probe = PatternProbe { row: 1, y: 9, x: 5 };
    assert_eq!(bench.harness.state().state().patterns.probe, Some(probe));
    let rgb = &faces().faces[1].rgb;
    let at = 3 * (9 * 16 + 5);
    let three = |bytes: &[u8]| format!("{} {} {}", bytes[at], bytes[at + 1], bytes[at + 2]);
    let maps = HandMade::all(rgb, (16, 16), ColorLbp::default()).unwrap();
    let made = HandMade::ALL.iter().zip(&maps).map(|(map, bytes)| format!(" · {} {}", map.title(), three(bytes)));
    let made: String = made.collect();
    let text = format!("person-1/clip-0/0 · row 9, column 5 · RGB {}{made} · Facial depth 0", three(rgb));
    assert!(there(&bench, &text), "{text}");
    bench.harness.get_by_label("Albedo, print person-1/clip-0/0").click();
    bench.settle();
    let kept = bench.harness.state().state().patterns.probe;
    bench.harness.hover_at(eframe::egui::pos2(5.0, 5.0));
    bench.settle();
    let patterns = &bench.harness.state().state().patterns;
    assert!(patterns.pinned && patterns.probe == kept && kept.is_some());
}

#[test]
fn faces_are_picked_and_maps_made_anew_when_asked_for_otherwise() {
    let mut bench = showing();
    bench.harness.get_by_label("Faces (3 of 3)").click();
    bench.settle();
    bench.harness.get_by_label("replay: person-2/clip-0/0").click();
    bench.settle();
    assert!(there(&bench, "Faces (2 of 3)") && !there(&bench, "RGB, replay person-2/clip-0/0"));
    bench.harness.get_by_label("uniform codes").click();
    bench.settle();
    bench.settle();
    let lbp = ColorLbp { interpolation: Interpolation::Nearest, uniform: true };
    let row = bench.harness.state().state().patterns.rows[0].clone().unwrap();
    assert_eq!(row.maps[0], HandMade::ColorLbp.map(&row.rgb, (16, 16), lbp).unwrap());
    bench.harness.get_by_label("Stretched").click();
    bench.settle();
    assert!(bench.harness.state().state().patterns.stretch);
    assert!(there(&bench, "Faces (2 of 3)"), "what was picked stays picked");
}

#[test]
fn a_dropped_picture_is_shown_and_a_broken_one_says_why() {
    let mut bench = Bench::new();
    let (good, bad) = (bench.dir.path().join("face.png"), bench.dir.path().join("broken.PNG"));
    RgbImage::from_fn(40, 24, |x, y| Rgb([(6 * x) as u8, (9 * y) as u8, 77])).save(&good).unwrap();
    std::fs::write(&bad, "no picture").unwrap();
    for path in [&good, &bad] {
        bench.harness.input_mut().dropped_files.push(Arc::new(Dropped(path.clone())));
        bench.settle();
        bench.settle();
    }
    assert_eq!(bench.harness.state().state().front, Some(Pane::Patterns), "it comes to the front");
    let name = format!("picture file {}", good.display());
    assert!(there(&bench, &format!("Reflectance, {name}")) && !there(&bench, &format!("Facial depth, {name}")));
    assert!(said(&bench, Level::Warning, "broken.PNG: this cannot be read as a picture"));
    assert!(bench.harness.query_all_by_label_contains("broken.PNG: this cannot be read").next().is_some());
    bench.harness.get_by_label(&format!("Take away {}", bad.display())).click();
    bench.settle();
    bench.settle();
    assert_eq!(bench.harness.state().state().patterns.rows.len(), 1);
    bench.harness.get_by_label("Back").click();
    bench.settle();
    assert!(there(&bench, "Play demo"));
}

#[test]
fn what_is_shown_is_written_as_a_picture() {
    let mut bench = showing();
    let out = bench.dir.path().join("patterns.png");
    for wrong in ["patterns.jpg", "no/such/folder/patterns.png"] {
        let path = bench.dir.path().join(wrong).display().to_string();
        send(&mut bench, PatternsCommand::TypeOut(path));
        bench.harness.get_by_label("Export PNG").click();
        bench.settle();
    }
    assert!(said(&bench, Level::Warning, "its name ends in .png") && said(&bench, Level::Warning, "no such folder"));
    send(&mut bench, PatternsCommand::Pick(faces().faces[0].key.clone(), false));
    send(&mut bench, PatternsCommand::TypeOut(out.display().to_string()));
    bench.harness.get_by_label("Export PNG").click();
    bench.settle();
    assert!(said(&bench, Level::Info, "Written: "));
    let sheet = image::open(&out).unwrap().into_rgb8();
    // The two faces left, pixels as squares of 8, below a line of words and behind names of 17 letters.
    let (left, top, step) = (17 * 6 + 8, 18, 16 * 8 + 4);
    assert!(sheet.width() >= left + 6 * step && sheet.height() > top + 2 * step);
    let face = &faces().faces[1].rgb;
    let maps = HandMade::all(face, (16, 16), ColorLbp::default()).unwrap();
    for (column, bytes) in std::iter::once(face).chain(&maps).enumerate() {
        for (x, y) in [(0, 0), (7, 3), (15, 15)] {
            let at = (left + column as u32 * step + 8 * x + 4, top + 8 * y + 4);
            let pixel = 3 * (16 * y + x) as usize;
            assert_eq!(sheet.get_pixel(at.0, at.1).0, bytes[pixel..pixel + 3], "column {column}, pixel {x} {y}");
        }
    }
    // Its own file may be written again; a stranger's may not.
    send(&mut bench, PatternsCommand::Stretch(true));
    bench.harness.get_by_label("Export PNG").click();
    bench.settle();
    assert_ne!(image::open(&out).unwrap().into_rgb8(), sheet);
    let other = bench.dir.path().join("other.png");
    std::fs::write(&other, "precious").unwrap();
    send(&mut bench, PatternsCommand::TypeOut(other.display().to_string()));
    bench.harness.get_by_label("Export PNG").click();
    bench.settle();
    assert!(said(&bench, Level::Warning, "there is such a file already"));
    assert_eq!(std::fs::read(&other).unwrap(), b"precious");
}
