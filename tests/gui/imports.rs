//! What other programs made of data sets: previewed, asked for what nobody can know, and written as a manifest.

use std::path::Path;

use egui_kittest::kittest::{NodeT as _, Queryable as _};
use metafas::config::DataSource;
use metafas::data::import::Layout;
use metafas::ui::{DataCommand, Pane, RootState, UiCommand};

use crate::data::{press, send, showing, there};
use crate::script::Bench;

/// Lists whose labels are numbers, as many of the one as of the other, and names that say nothing.
fn undecided(folder: &Path) {
    for i in 0..12 {
        let clip = folder.join(format!("faces/v{i}"));
        std::fs::create_dir_all(&clip).unwrap();
        let grey = image::RgbImage::from_pixel(32, 32, image::Rgb([20 * i as u8; 3]));
        grey.save(clip.join("1.png")).unwrap();
    }
    for (name, range) in [("train.txt", 0..8), ("test.txt", 8..12)] {
        let lines: Vec<String> = range.map(|i| format!("faces/v{i}/1.png {}", i % 2)).collect();
        std::fs::write(folder.join(name), lines.join("\n")).unwrap();
    }
}

#[test]
fn which_label_means_live_is_asked_and_a_manifest_is_written() {
    let dir = tempfile::tempdir().unwrap();
    undecided(dir.path());
    let mut bench = showing(dir.path());
    assert!(there(&bench, "Lists of paths and labels"));
    assert!(there(&bench, "Not known: say it. Neither the names nor the numbers of clips tell"));
    // Four faces a class, while nobody knows which are live.
    assert_eq!(bench.harness.query_all_by_label_contains("label 0: faces/v").count(), 4);
    assert_eq!(bench.harness.query_all_by_label_contains("other labels: faces/v").count(), 4);
    let state = bench.harness.state().state();
    let RootState::Import(imported) = &state.data.roots[0].state else { panic!("an import") };
    assert!(imported.faces.iter().all(|f| matches!(f, Some(Ok(rgb)) if rgb.len() == 128 * 128 * 3)));
    assert!(imported.clips.is_none(), "no clip has a class yet");
    let out = imported.out.clone();
    assert_eq!(Path::new(&out).parent(), state.sessions.parent(), "beside the folder of sessions");
    assert!(bench.harness.get_by_label("Write manifest").accesskit_node().is_disabled());
    press(&mut bench, "1 is live");
    assert_eq!(bench.harness.query_all_by_label_contains("live: faces/v").count(), 4);
    assert!(there(&bench, "Clips (12)"));
    press(&mut bench, "Write manifest");
    assert!(there(&bench, &format!("Written: 12 clips in {out}")));
    let text = std::fs::read_to_string(&out).unwrap();
    let odd = text.lines().find(|l| l.contains("faces/v1/") || l.ends_with("faces/v1")).unwrap();
    assert!(odd.contains(",live,") && odd.contains("train"), "{odd}");
    // The manifest is known from now on, and a run can have it.
    press(&mut bench, "Use for the next run");
    let state = bench.harness.state().state();
    let config = &state.form.config.data;
    assert_eq!((config.source, config.root.as_str()), (DataSource::Manifest, out.as_str()));
    let fit = state.fit().unwrap();
    assert_eq!(fit.clips[2], [2, 2], "four clips of the test list");
    assert!(state.can_start().is_ok(), "{:?}", state.can_start());
    let written = state.data.roots.iter().find(|r| r.path == Path::new(&out)).unwrap();
    let RootState::Import(manifest) = &written.state else { panic!("the manifest is a root of its own") };
    assert_eq!((manifest.preview.layout, manifest.is_ready()), (Layout::Manifest, true));
    // It is not written over.
    let id = state.data.roots[0].id;
    send(&mut bench, DataCommand::WriteManifest(id));
    assert!(there(&bench, "exists already; give another name"));
    assert_eq!(std::fs::read_to_string(&out).unwrap(), text);
}

#[test]
fn a_manifest_that_cannot_be_read_stops_a_start_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let list = dir.path().join("list.csv");
    std::fs::write(&list, "path,label\na.png,perhaps\n").unwrap();
    let mut bench = Bench::new();
    bench.harness.state().send(UiCommand::Focus(Pane::Run));
    for (key, text) in [("data.source", "manifest".to_owned()), ("data.root", list.display().to_string())] {
        bench.harness.state().send(UiCommand::Set { key, text });
    }
    bench.settle();
    let reason = bench.harness.state().state().can_start().unwrap_err();
    assert!(reason.contains("list.csv") && reason.contains("perhaps"), "{reason}");
    bench.harness.state().send(UiCommand::Set { key: "data.root", text: "nowhere.csv".to_owned() });
    bench.settle();
    assert!(bench.harness.state().state().can_start().unwrap_err().contains("nowhere.csv cannot be read"));
    // Live and spoof folders are looked for before a start, too.
    bench.harness.state().send(UiCommand::Set { key: "data.source", text: "folder".to_owned() });
    bench.settle();
    assert!(bench.harness.state().state().can_start().unwrap_err().contains("there is no folder nowhere.csv"));
    assert!(there(&bench, "there is no folder nowhere.csv"));
}
