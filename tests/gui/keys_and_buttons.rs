//! Every transport button and every key: the command that goes out, and what the window says.

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use metafas::engine::{Command, Cursor, Event, Job, Start};
use metafas::session::State;
use metafas::ui::{Dialog, Pane, state_text};

use crate::script::{Bench, phase};

#[test]
fn one_click_starts_the_demo_on_built_in_faces() {
    let mut bench = Bench::new();
    bench.harness.get_by_label("Play").click();
    bench.settle();
    assert_eq!(bench.engines(), 1);
    bench.script(|s| {
        let Job::New { config, folder } = &s.options.job else { panic!("not a new run") };
        assert_eq!(*config, metafas::config::Preset::Demo.config());
        assert!(folder.ends_with("sessions/demo-1"), "{}", folder.display());
        assert_eq!(s.options.start, Start::Play);
    });
    assert_eq!(state_text(bench.harness.state().state()), "starting…");
    bench.script(|s| s.begin(0));
    assert_eq!(state_text(bench.harness.state().state()), "running");
    assert!(bench.heard().is_empty(), "it plays by itself");
}

#[test]
fn pausing_shows_at_once_and_ends_when_the_engine_says_so() {
    let mut bench = Bench::playing();
    bench.harness.get_by_label("Pause").click();
    bench.settle();
    assert_eq!(bench.heard(), [Command::Pause]);
    assert_eq!(state_text(bench.harness.state().state()), "pausing…");
    bench.script(|s| s.tell(Event::State(State::Paused)));
    assert_eq!(state_text(bench.harness.state().state()), "paused");
    bench.harness.key_press(Key::Space);
    bench.settle();
    assert_eq!(bench.heard(), [Command::Play]);
    bench.script(|s| s.tell(Event::State(State::Running)));
    bench.harness.key_press(Key::Space);
    bench.settle();
    assert_eq!(bench.heard(), [Command::Pause]);
}

#[test]
fn every_button_sends_its_command() {
    for (label, command) in [
        ("Step one phase", Command::StepPhase),
        ("Step one iteration", Command::StepIteration),
        ("Play", Command::Play),
        ("Stop", Command::Stop),
        ("Back one phase", Command::Rewind(Cursor { iteration: 304, phase: 8 })),
        ("Back one iteration", Command::Rewind(Cursor { iteration: 304, phase: 0 })),
    ] {
        let mut bench = Bench::paused_in_bilevel(5);
        bench.harness.get_by_label(label).click();
        bench.settle();
        assert_eq!(bench.heard(), [command], "{label}");
    }
}

#[test]
fn every_key_sends_its_command() {
    for (key, command) in [
        (Key::Period, Command::StepPhase),
        (Key::N, Command::StepIteration),
        (Key::Space, Command::Play),
        (Key::Comma, Command::Rewind(Cursor { iteration: 305, phase: 2 })),
        (Key::B, Command::Rewind(Cursor { iteration: 305, phase: 0 })),
    ] {
        let mut bench = Bench::paused_in_bilevel(5);
        bench.script(|s| s.tell(phase(305, 3, Some(2))));
        bench.harness.key_press(key);
        bench.settle();
        assert_eq!(bench.heard(), [command], "{key:?}");
    }
}

#[test]
fn keys_that_open_dialogs_or_arrange_panes() {
    let mut bench = Bench::paused_in_bilevel(5);
    let open = |bench: &Bench| bench.harness.state().state().dialog.clone();
    for (modifiers, key, dialog) in [
        (Modifiers::NONE, Key::G, Dialog::RunTo(350)),
        (Modifiers::NONE, Key::R, Dialog::RewindTo(305)),
        (Modifiers::COMMAND, Key::O, Dialog::OpenPath(String::new())),
        (Modifiers::NONE, Key::F1, Dialog::Shortcuts),
    ] {
        bench.harness.key_press_modifiers(modifiers, key);
        bench.settle();
        assert_eq!(open(&bench), Some(dialog));
        bench.harness.key_press(Key::Escape);
        bench.settle();
        assert_eq!(open(&bench), None);
    }
    assert!(!bench.harness.state().shows(Pane::Step));
    bench.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    bench.settle();
    assert!(bench.harness.state().shows(Pane::Step));
    bench.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    bench.settle();
    assert!(!bench.harness.state().shows(Pane::Step) && bench.harness.state().shows(Pane::Live));
    bench.script(|s| s.tell(Event::State(State::Running)));
    bench.harness.key_press_modifiers(Modifiers::COMMAND, Key::Q);
    bench.settle();
    assert_eq!(open(&bench), Some(Dialog::Quit), "a run is under way");
}

#[test]
fn run_to_and_rewind_ask_how_far() {
    let mut bench = Bench::paused_in_bilevel(5);
    bench.harness.get_by_label("Run to an iteration…").click();
    bench.settle();
    bench.harness.get_by_label("Run there").click();
    bench.settle();
    assert_eq!(bench.heard(), [Command::RunTo(350)]);
    bench.script(|s| s.tell(Event::State(State::Paused)));
    bench.harness.get_by_label("Rewind to an iteration…").click();
    bench.settle();
    bench.harness.get_by_label("Iteration").set_value_accesskit(120.0);
    bench.settle();
    bench.harness.get_by_label("Rewind").click();
    bench.settle();
    assert_eq!(bench.heard(), [Command::Rewind(Cursor { iteration: 120, phase: 0 })]);
    assert_eq!(state_text(bench.harness.state().state()), "rewinding…");
    bench.script(|s| s.begin(120));
    assert_eq!(bench.harness.state().state().run().unwrap().cursor.iteration, 120);
}

#[test]
fn a_copy_is_kept_before_going_back() {
    let mut bench = Bench::paused_in_bilevel(5);
    bench.harness.get_by_label("Rewind to an iteration…").click();
    bench.settle();
    bench.harness.get_by_label("Keep a copy and rewind").click();
    bench.settle();
    let heard = bench.heard();
    let [Command::Fork { folder, .. }, Command::Rewind(_)] = heard.as_slice() else { panic!("{heard:?}") };
    assert!(folder.ends_with("sessions/demo-1-at-305-1"), "{}", folder.display());
}

#[test]
fn disabled_buttons_do_nothing_and_say_why() {
    let mut bench = Bench::new();
    for label in ["Back one phase", "Back one iteration", "Stop", "Rewind to an iteration…"] {
        bench.harness.get_by_label(label).click();
        bench.settle();
    }
    assert_eq!(bench.engines(), 0);
    bench.harness.key_press(Key::Comma);
    bench.settle();
    assert!(bench.harness.query_by_label_contains("There is no run yet").is_some());
    let mut bench = Bench::playing();
    bench.harness.key_press(Key::Period);
    bench.settle();
    assert!(bench.heard().is_empty());
    assert!(bench.harness.query_by_label_contains("Pause first").is_some());
}

#[test]
fn stepping_first_starts_a_run_that_waits_and_then_steps() {
    let mut bench = Bench::new();
    bench.harness.key_press(Key::Period);
    bench.settle();
    assert!(bench.script(|s| s.options.start == Start::Paused));
    assert!(bench.heard().is_empty(), "before it has begun, an engine hears nothing but Stop");
    bench.script(|s| s.begin(0));
    assert_eq!(bench.heard(), [Command::StepPhase]);
}

#[test]
fn keys_rest_while_text_is_typed() {
    let mut bench = Bench::new();
    bench.harness.get_by_label("Keep it in").focus();
    bench.settle();
    bench.harness.key_press(Key::Space);
    bench.harness.key_press(Key::N);
    bench.settle();
    assert_eq!(bench.engines(), 0);
}

#[test]
fn an_engine_that_is_too_busy_is_reported() {
    let mut bench = Bench::paused_in_bilevel(1);
    for _ in 0..18 {
        bench.harness.state().send(metafas::ui::UiCommand::Snapshot);
    }
    bench.settle();
    assert!(bench.harness.query_by_label_contains("did not take this").is_some());
}

#[test]
fn an_engine_that_ends_without_a_word_is_an_error_and_the_window_lives() {
    let mut bench = Bench::playing();
    bench.scripts.lock().unwrap().clear();
    bench.settle();
    assert!(bench.harness.query_by_label_contains("ended without a word").is_some());
    assert_eq!(state_text(bench.harness.state().state()), "failed");
    bench.harness.get_by_label("Play").click();
    bench.settle();
    assert!(bench.script(|s| matches!(s.options.job, Job::Resume { .. })), "it can be resumed");
}

#[test]
fn an_idle_window_rests() {
    let mut bench = Bench::new();
    bench.harness.run();
    let mut bench = Bench::paused_in_bilevel(3);
    bench.harness.run();
    // With everything in view and the pointer over a map, a run is under way and nothing moves.
    bench.script(|s| {
        s.tell(Event::Maps(crate::script::maps(303)));
        (300..303).for_each(|i| s.tell(Event::Metrics(crate::script::row(i, 0.5))));
        s.tell(Event::State(State::Running));
    });
    let cell = bench.harness.get_by_label("Teacher, print face 2").rect();
    bench.harness.hover_at(cell.center());
    bench.settle();
    bench.harness.run();
    bench.harness.run();
}
