//! What a run keeps: nothing finished goes before what replaces it is there, and damage to one file costs no other.

use std::fs;
use std::path::Path;

use metafas::config::RunConfig;
use metafas::engine::{Command, Cursor, Event, Start};
use metafas::session::{Session, State};

use crate::harness::{Run, reference, tiny};
use crate::same_bytes::{assert_same, contents};

/// A copy of the finished run that is compared with.
fn finished(dir: &Path, name: &str) -> std::path::PathBuf {
    let session = Session::open(&reference()).unwrap();
    let copy = session.copy_to(&dir.join(name)).unwrap();
    fs::copy(session.status_file(), copy.status_file()).unwrap();
    copy.path().to_owned()
}

fn warnings(run: &Run) -> Vec<String> {
    run.events.iter().filter_map(|e| if let Event::Warning(s) = e { Some(s.clone()) } else { None }).collect()
}

/// A run whose stages end where maps are due, with few checkpoints.
fn aligned(bilevel: u64) -> RunConfig {
    let mut config = tiny();
    config.bilevel.iterations = bilevel;
    config.checkpoint.every = 2;
    config.checkpoint.keep = 6;
    config
}

#[test]
fn another_length_leaves_the_bytes_of_an_unbroken_run() {
    let dir = tempfile::tempdir().unwrap();
    let run = |bilevel: u64, name: &str| Run::new(&aligned(bilevel), &dir.path().join(name), Start::Play).finish();
    // 13 + 11 and 13 + 19 are multiples of 4.
    let (short, long) = (run(11, "short"), run(19, "long"));
    let (longer, shorter) = (run(11, "longer"), run(19, "shorter"));
    Run::resume(&longer, Some(19), Start::Play).finish();
    assert_same(&long, &longer);
    Run::cut(&shorter, 11).finish();
    assert_same(&short, &shorter);
}

#[test]
fn a_finished_detector_goes_on_to_the_bytes_of_an_unbroken_run() {
    let dir = tempfile::tempdir().unwrap();
    // Ends where maps are due, and where they are not.
    for (first, more) in [(5, 11), (6, 12)] {
        let run = |iterations: u64, name: &str| {
            let mut config = aligned(11);
            config.detector.iterations = iterations;
            Run::new(&config, &dir.path().join(format!("{name}-{first}")), Start::Play).finish()
        };
        let (long, longer) = (run(more, "long"), run(first, "longer"));
        let mut again = Run::longer(&longer, more);
        again.until_state(State::Finished);
        assert!(warnings(&again).iter().any(|w| w.contains(&format!("from {first} to {more} iterations"))));
        again.stop();
        assert_same(&long, &longer);
        // A detector is never cut.
        let mut shorter = Run::longer(&longer, first);
        let told = shorter.until(|e| if let Event::Failed { error, .. } = e { Some(error.clone()) } else { None });
        assert!(told.contains("longer, not shorter"), "{told}");
    }
}

#[test]
fn a_finished_run_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let folder = finished(dir.path(), "run");
    // Results of another rule are not replaced by the run's own.
    let session = Session::open(&folder).unwrap();
    let results = fs::read_to_string(session.results_file()).unwrap();
    fs::write(session.results_file(), results.replace("dev_eer", "test_eer")).unwrap();
    let before = contents(&folder);
    Run::resume(&folder, None, Start::Play).finish();
    assert!(contents(&folder) == before);
    assert_eq!(session.status().unwrap().state, State::Finished);
}

#[test]
fn scores_stay_until_there_are_others() {
    let dir = tempfile::tempdir().unwrap();
    let folder = finished(dir.path(), "run");
    let session = Session::open(&folder).unwrap();
    let test = fs::read(session.scores().join("test.csv")).unwrap();
    let mut run = Run::resume(&folder, Some(30), Start::Paused);
    run.until(|e| matches!(e, Event::Started(_)).then_some(()));
    assert!(warnings(&run).iter().any(|s| s.contains("trained anew")), "{:?}", warnings(&run));
    run.stop();
    assert_eq!(fs::read(session.scores().join("test.csv")).unwrap(), test);
    let results = session.results().unwrap().unwrap();
    assert_eq!(results["checkpoint_selection"], "last iteration before the run went on");
    Run::resume(&folder, None, Start::Play).finish();
    assert_eq!(session.results().unwrap().unwrap()["checkpoint_selection"], "last iteration");
}

#[test]
fn going_back_in_a_finished_run_wants_to_be_agreed_to() {
    let dir = tempfile::tempdir().unwrap();
    let folder = finished(dir.path(), "run");
    let before = contents(&folder);
    let mut run = Run::resume(&folder, Some(12), Start::Play);
    let (error, input) = run.until(|e| match e {
        Event::Failed { error, input, .. } => Some((error.clone(), *input)),
        _ => None,
    });
    assert!(input && error.contains("--discard-later") && error.contains("detector"), "{error}");
    assert!(contents(&folder) == before);
}

#[test]
fn a_copy_is_the_whole_session() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("run");
    let mut run = Run::new(&tiny(), &folder, Start::Paused);
    run.until_paused();
    run.send(Command::RunTo(18));
    run.until_paused();
    run.send(Command::SetHyper { key: "bilevel.gamma".to_owned(), value: "0.5".to_owned() });
    run.send(Command::Play);
    run.until_state(State::Finished);
    fs::write(folder.join("notes.md"), "a note").unwrap();
    let copy = dir.path().join("copy");
    run.send(Command::Fork { folder: copy.clone(), overrides: vec![] });
    run.until(|e| matches!(e, Event::Forked(_)).then_some(()));
    assert_same(&folder, &copy);
    assert_eq!(Session::open(&copy).unwrap().status().unwrap().state, State::Finished);
    // A replay of the copy gives the same bytes, the change at iteration 18 obeyed.
    run.send(Command::Rewind(Cursor { iteration: 16, phase: 0 }));
    run.until_paused();
    assert!(!folder.join("scores/results.json").exists());
    run.send(Command::Play);
    run.finish();
    assert_same(&folder, &copy);
    let mut run = Run::resume(&copy, None, Start::Paused);
    run.until(|e| matches!(e, Event::Started(_)).then_some(()));
    run.send(Command::Rewind(Cursor { iteration: 3, phase: 0 }));
    run.until_paused();
    run.send(Command::Play);
    run.finish();
    assert_same(&folder, &copy);
}

#[test]
fn damage_to_one_file_is_told_and_the_run_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let folder = finished(dir.path(), "run");
    let session = Session::open(&folder).unwrap();
    let status = fs::read_to_string(session.status_file()).unwrap();
    fs::write(session.status_file(), status.replace("finished", "running")).unwrap();
    // The two newest checkpoints, one of them a folder.
    let all = session.checkpoint_iterations();
    let (&last, &other) = (all.last().unwrap(), &all[all.len() - 2]);
    fs::remove_file(session.checkpoint_file(last)).unwrap();
    fs::create_dir(session.checkpoint_file(last)).unwrap();
    let mut bytes = fs::read(session.checkpoint_file(other)).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(session.checkpoint_file(other), bytes).unwrap();
    fs::write(session.checkpoints().join("000099.safetensors.new"), "half").unwrap();
    let change =
        |key: &str, value: &str| format!("{{\"iteration\":2,\"phase\":0,\"key\":\"{key}\",\"value\":\"{value}\"}}\n");
    let lines = change("data.size", "64") + &change("bilevel.gamma", "7") + "{\"iteration\":3,\"ph";
    fs::write(session.changes_file(), &lines).unwrap();
    let mut run = Run::resume(&folder, None, Start::Play);
    run.until_state(State::Finished);
    let said = warnings(&run);
    let folder = run.stop();
    for words in
        [&format!("{last:06}.safetensors"), &format!("{other:06}.safetensors"), "half a line", "data.size", "gamma"]
    {
        assert!(said.iter().any(|s| s.contains(words)), "{words}: {said:?}");
    }
    let (mut a, b) = (contents(&folder), contents(&reference()));
    assert!(a.remove("commands.jsonl").is_some());
    assert!(a.remove(&format!("checkpoints/{other:06}.safetensors.damaged")).is_some());
    assert!(a == b);
    assert!(session.checkpoints().join(format!("{last:06}.safetensors.damaged")).is_dir());
}
