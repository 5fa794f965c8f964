//! Session folders: finished ones, and ones that another process writes.

use std::path::{Path, PathBuf};

use egui_kittest::kittest::Queryable as _;
use metafas::config::{Preset, Stage};
use metafas::engine::{Command, Cursor, Job, Start};
use metafas::session::{MetricsLog, Session, State, Status, now};
use metafas::ui::state_text;

use crate::script::{Bench, faces, maps, provenance, row};

fn status(state: State, iteration: u64, heartbeat: u64) -> Status {
    Status {
        state,
        stage: Stage::Bilevel,
        iteration: iteration.saturating_sub(300),
        global_iteration: iteration,
        phase: 0,
        heartbeat,
        pid: 1,
        error: None,
        outlook: None,
    }
}

fn session(dir: &Path, status: &Status) -> PathBuf {
    let folder = dir.join("elsewhere");
    let session = Session::create(&folder, &Preset::Demo.config(), &provenance()).unwrap();
    faces().write(&session.watched_file()).unwrap();
    maps(0).write(&session.map_file(0)).unwrap();
    let mut log = MetricsLog::open_at(&session.metrics_file(), 0).unwrap();
    (300..310).for_each(|i| log.append(&row(i, 0.5)).unwrap());
    status.write(&session.status_file()).unwrap();
    folder
}

/// A window that shows a run which another process trains.
pub fn trained_elsewhere() -> Bench {
    Bench::with(|dir| vec![session(dir, &status(State::Running, 310, now()))])
}

#[test]
fn a_run_of_another_process_is_followed_and_left_alone() {
    let mut bench = trained_elsewhere();
    bench.settle();
    let rows = |bench: &Bench| bench.harness.state().state().run().unwrap().metrics.get("l_v").unwrap().y.len();
    assert_eq!(rows(&bench), 10);
    assert!(bench.harness.query_by_label_contains("trained by another process").is_some());
    bench.harness.get_by_label("Play").click();
    bench.settle();
    assert_eq!(bench.engines(), 0);
    let session = Session::open(&bench.dir.path().join("elsewhere")).unwrap();
    let mut log = MetricsLog::open_at(&session.metrics_file(), 310).unwrap();
    (310..315).for_each(|i| log.append(&row(i, 0.5)).unwrap());
    std::io::Write::write_all(
        &mut std::fs::OpenOptions::new().append(true).open(session.metrics_file()).unwrap(),
        b"{\"iteration\":315,\"sta",
    )
    .unwrap();
    bench.harness.run_steps(8);
    assert_eq!(rows(&bench), 15, "a torn line waits");
    status(State::Finished, 900, now()).write(&session.status_file()).unwrap();
    std::fs::write(session.results_file(), "{\"auc\": 0.75}").unwrap();
    bench.harness.run_steps(8);
    assert_eq!(state_text(bench.harness.state().state()), "finished");
    assert!(bench.harness.state().state().run().unwrap().results.is_some());
    bench.harness.run();
}

#[test]
fn a_process_that_died_is_told_and_its_run_resumed() {
    let mut bench = Bench::with(|dir| vec![session(dir, &status(State::Running, 310, now() - 500))]);
    bench.settle();
    assert!(bench.harness.query_by_label_contains("the process that trained this run has ended").is_some());
    assert_eq!(state_text(bench.harness.state().state()), "no sign of life");
    bench.harness.get_by_label("Back one iteration").click();
    bench.settle();
    assert_eq!(bench.engines(), 0, "it is asked first: rows and maps would be cut");
    bench.harness.get_by_label("Rewind").click();
    bench.settle();
    bench.script(|s| {
        assert!(matches!(&s.options.job, Job::Resume { folder, .. } if folder.ends_with("elsewhere")));
        assert_eq!(s.options.start, Start::Paused);
        s.begin(310);
    });
    assert_eq!(bench.heard(), [Command::Rewind(Cursor { iteration: 309, phase: 0 })]);
    let state = bench.harness.state().state();
    assert_eq!(state.run().unwrap().metrics.get("l_v").unwrap().y.len(), 10, "earlier rows stay");
}

#[test]
fn a_folder_that_is_no_session_is_a_sentence() {
    let mut bench = Bench::with(|dir| vec![dir.join("nothing")]);
    bench.settle();
    assert!(bench.harness.query_by_label_contains("no session folder").is_some());
    assert!(bench.harness.query_by_label("Play demo").is_some(), "the welcome is still there");
    assert!(bench.harness.state().state().workspace.recent.is_empty(), "it is not offered again");
}

#[test]
fn the_sample_session_is_offered_where_it_is() {
    let bench = Bench::new();
    assert!(bench.harness.query_by_label("Open the sample session").is_none());
    let mut bench = Bench::with(|dir| {
        let folder = session(dir, &status(State::Finished, 900, now()));
        std::fs::create_dir(dir.join("sessions")).unwrap();
        std::fs::rename(folder, dir.join("sessions/demo")).unwrap();
        vec![]
    });
    bench.settle();
    bench.harness.get_by_label("Open the sample session").click();
    bench.settle();
    assert_eq!(bench.harness.state().state().run().unwrap().name, "demo");
    assert_eq!(state_text(bench.harness.state().state()), "finished");
}
