//! What every pane looks like, in the dark and in the light, on the smallest window: pictures that were looked at, kept in
//! `tests/snapshots`. After a change that is meant, look at the new ones and keep them: UPDATE_SNAPSHOTS=1. A program of its own,
//! for it works in a folder of its own: what somebody keeps in `sessions` and `sweeps` here is in no picture.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

#[path = "../gui/script.rs"]
#[allow(dead_code, reason = "the other tests of the window use the rest")]
mod script;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use egui_kittest::kittest::Queryable as _;
use egui_kittest::{SnapshotOptions, SnapshotResults};
use metafas::engine::Event;
use metafas::session::State;
use metafas::ui::{AblationCommand, CompareCommand, Pane, ThemeChoice, UiCommand, Workspace};

use script::{Bench, copy, maps, phase, row};

/// The least size that the window can have.
const SIZE: [f32; 2] = [760.0, 480.0];

/// Goes into a folder that has the sample session and nothing else, so that no picture has a path of the machine it was made
/// on, or more in it than every machine has.
fn settle_down() {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/demo"), &dir.path().join("sessions/demo"));
        std::env::set_current_dir(dir.path()).unwrap();
        dir
    });
}

/// A window in `theme` that knows folders by their short names.
fn window(theme: ThemeChoice, open: &[&str]) -> Bench {
    settle_down();
    let mut workspace = Workspace::default();
    workspace.theme = theme;
    Bench::placed(workspace, SIZE, Some(Path::new("sessions")), |_| open.iter().map(PathBuf::from).collect())
}

fn send(bench: &mut Bench, command: UiCommand) {
    bench.harness.state().send(command);
    bench.settle();
}

/// Lets `pane` fill the window.
fn show(bench: &mut Bench, pane: Pane) {
    send(bench, UiCommand::Fill(Some(pane)));
    bench.harness.run_steps(12);
}

fn looked_at(theme: ThemeChoice, name: &str) {
    let mut results = SnapshotResults::new();
    let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let options = SnapshotOptions::new().output_path(pictures);
    let mut keep = |bench: &mut Bench, what: &str| {
        bench.harness.run_steps(4);
        let name = format!("{name}/{}", what.to_lowercase().replace(' ', "-"));
        results.add(bench.harness.try_snapshot_options(name, &options));
    };
    keep(&mut window(theme, &[]), "welcome");

    let mut bench = window(theme, &["sessions/demo"]);
    keep(&mut bench, "all panes");
    for pane in [Pane::Live, Pane::Run, Pane::Results, Pane::Notes, Pane::Faces, Pane::Patterns, Pane::Export] {
        show(&mut bench, pane);
        keep(&mut bench, pane.title());
    }
    show(&mut bench, Pane::Compare);
    send(&mut bench, UiCommand::Compare(CompareCommand::Pick(PathBuf::from("sessions/demo"), true)));
    keep(&mut bench, Pane::Compare.title());
    show(&mut bench, Pane::Ablations);
    send(&mut bench, UiCommand::Ablations(AblationCommand::Choose("mt_fas_table6".to_owned())));
    keep(&mut bench, Pane::Ablations.title());
    for pane in [Pane::Data, Pane::Gallery] {
        show(&mut bench, pane);
        keep(&mut bench, pane.title());
    }
    let mut bench = window(theme, &[]);
    send(&mut bench, UiCommand::SetOut(Some(PathBuf::from("sessions/scripted"))));
    bench.harness.get_by_label("Start training").click();
    bench.settle();
    bench.script(|s| {
        s.begin(0);
        (0..330).for_each(|i| s.tell(Event::Metrics(row(i, if i == 310 { f64::NAN } else { 1.0 / (i + 1) as f64 }))));
        s.tell(Event::Maps(maps(330)));
        s.tell(phase(330, 6, Some(5)));
        s.tell(Event::State(State::Paused));
    });
    for pane in [Pane::Step, Pane::Curves, Pane::Log] {
        show(&mut bench, pane);
        keep(&mut bench, pane.title());
    }
    results.unwrap();
}

#[test]
fn every_pane_in_the_dark() {
    looked_at(ThemeChoice::Dark, "dark");
}

#[test]
fn every_pane_in_the_light() {
    looked_at(ThemeChoice::Light, "light");
}
