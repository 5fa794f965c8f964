//! Maps, their raw values and the time cursor.

use egui_kittest::kittest::Queryable as _;
use metafas::config::{Preset, Stage};
use metafas::engine::Event;
use metafas::session::{Session, State, Status};
use metafas::ui::{Probe, TimeCursor, UiCommand, probe_text};

use crate::script::{Bench, faces, maps, provenance, row};

#[test]
fn the_pixel_under_the_pointer_is_shown_in_all_maps_with_raw_values() {
    let mut bench = Bench::paused_in_bilevel(10);
    bench.script(|s| s.tell(Event::Maps(maps(310))));
    let cell = bench.harness.get_by_label("Teacher, print face 2").rect();
    // Texel (1, 2) of four by four.
    let at = cell.min + cell.size() * eframe::egui::vec2(2.5 / 4.0, 1.5 / 4.0);
    bench.harness.hover_at(at);
    bench.settle();
    let probe = Probe { face: 1, row: 1, column: 2 };
    assert_eq!(bench.harness.state().state().probe, Some(probe));
    // (16 + 6) / 100, halves and quarters of it.
    let text = probe_text(probe, &faces(), &maps(310)).unwrap();
    for part in
        ["row 1, column 2", "teacher 0.2200", "momentum teacher 0.1100", "detector 0.05500", "cotangent -0.2200"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(bench.harness.query_by_label(&text).is_some());
    bench.harness.get_by_label("Teacher, print face 2").click();
    bench.settle();
    assert!(bench.harness.state().state().probe_pinned);
    bench.harness.hover_at(eframe::egui::pos2(5.0, 5.0));
    bench.settle();
    assert!(bench.harness.state().state().probe.is_some(), "a kept pixel stays");
}

#[test]
fn the_time_cursor_reads_stored_maps_and_can_follow_again() {
    let mut bench = Bench::with(|dir| {
        let folder = dir.join("run");
        let session = Session::create(&folder, &Preset::Demo.config(), &provenance()).unwrap();
        faces().write(&session.watched_file()).unwrap();
        for i in [0, 10, 20, 30] {
            maps(i).write(&session.map_file(i)).unwrap();
        }
        let mut log = metafas::session::MetricsLog::open_at(&session.metrics_file(), 0).unwrap();
        (0..30).for_each(|i| log.append(&row(i, 0.5)).unwrap());
        let status = Status {
            state: State::Stopped,
            stage: Stage::Pretrain,
            iteration: 0,
            global_iteration: 30,
            phase: 0,
            heartbeat: metafas::session::now(),
            pid: 1,
            error: None,
            outlook: None,
        };
        status.write(&session.status_file()).unwrap();
        vec![folder]
    });
    bench.settle();
    let shown = |bench: &Bench| bench.harness.state().state().shown_maps().map(|m| m.iteration);
    assert_eq!(shown(&bench), Some(30));
    bench.harness.get_by_label("Earlier maps").click();
    bench.settle();
    assert_eq!((shown(&bench), bench.harness.state().state().time), (Some(20), TimeCursor::At(20)));
    assert!(bench.harness.query_by_label_contains("Maps of iteration 20").is_some());
    bench.harness.get_by_label("Newest").click();
    bench.settle();
    assert_eq!((shown(&bench), bench.harness.state().state().time), (Some(30), TimeCursor::Live));
    std::fs::remove_file(bench.dir.path().join("run/maps/000010.safetensors")).unwrap();
    bench.harness.state().send(UiCommand::SetTime(TimeCursor::At(10)));
    bench.settle();
    assert_eq!(bench.harness.state().state().time, TimeCursor::Live, "maps that are gone are a warning");
    assert!(bench.harness.query_by_label_contains("000010").is_some());
}
