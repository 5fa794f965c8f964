//! The views over finished runs, as a person uses them: sessions compared, faces judged, notes kept, and the habits of the
//! window around them.

use std::path::{Path, PathBuf};

use eframe::egui::{Event, Key, Modifiers, PointerButton};
use egui_kittest::kittest::Queryable as _;
use metafas::ui::{
    AblationCommand, Colormap, CompareCommand, ComparePage, Dialog, ExportCommand, FacesCommand, Layout, Pane,
    UiCommand, Verdict,
};

use crate::script::{Bench, copy};

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/demo")
}

/// The sample session twice, the second with another seed, where runs are kept.
fn two(dir: &Path) -> Vec<PathBuf> {
    let [a, b] = ["a", "b"].map(|name| dir.join("sessions").join(name));
    copy(&demo(), &a);
    copy(&demo(), &b);
    let run = std::fs::read_to_string(b.join("run.toml")).unwrap();
    std::fs::write(b.join("run.toml"), run.replacen("seed = 0", "seed = 7", 1)).unwrap();
    // Settings are those that were trained with, where a session says so.
    std::fs::remove_file(b.join("settings.jsonl")).unwrap();
    vec![a, b]
}

fn send(bench: &mut Bench, command: UiCommand) {
    bench.harness.state().send(command);
    bench.settle();
    bench.settle();
}

fn there(bench: &Bench, label: &str) -> bool {
    bench.harness.query_all_by_label(label).next().is_some()
}

#[test]
fn sessions_on_disk_are_compared_without_being_opened_first() {
    let mut bench = Bench::with(|dir| {
        two(dir);
        vec![]
    });
    send(&mut bench, UiCommand::Focus(Pane::Compare));
    assert!(there(&bench, "2 of 2 sessions"));
    bench.harness.get_by_label("Compare a").click();
    bench.settle();
    assert!(bench.harness.state().shows(Pane::Compare), "the first tick leads nowhere else");
    bench.harness.get_by_label("Compare b").click();
    bench.settle();
    bench.settle();
    let state = bench.harness.state().state();
    assert_eq!((state.compare.picked.len(), state.runs.len()), (2, 2));
    // They differ in their seeds alone: one line. The scores are the same bit by bit, so it is one run, and a note says so.
    assert!(there(&bench, "FAS-DR(MT) on casia_fasd/7"));
    assert!(there(&bench, "20.7") && !there(&bench, "20.7 [20.7, 20.7]"), "HTER of one run");
    assert!(there(&bench, "1 note"));

    send(&mut bench, UiCommand::Compare(CompareCommand::Turn(ComparePage::Settings)));
    assert!(there(&bench, "seed") && there(&bench, "7"));
    send(&mut bench, UiCommand::SetLayout(Layout::Compare));
    send(&mut bench, UiCommand::Compare(CompareCommand::Turn(ComparePage::Maps)));
    bench.settle();
    let cell = bench.harness.get_by_label("A − B, warped face 1").rect();
    bench.harness.hover_at(cell.center());
    bench.settle();
    let told = bench.harness.query_all_by_label_contains("A − B 0").next().is_some();
    assert!(told, "the same run differs from itself nowhere");
    send(&mut bench, UiCommand::Compare(CompareCommand::Turn(ComparePage::Curves)));
    assert!(there(&bench, "Bands over seeds"));

    send(&mut bench, UiCommand::Compare(CompareCommand::Filter("seed=7".to_owned())));
    assert!(there(&bench, "1 of 2 sessions") && there(&bench, "Compare b") && !there(&bench, "Compare a"));
    send(&mut bench, UiCommand::Compare(CompareCommand::Clear));
    let state = bench.harness.state().state();
    // The one that came into view stays.
    assert_eq!((state.compare.picked.len(), state.runs.len()), (0, 1));
}

#[test]
fn faces_are_judged_one_by_one_and_a_moved_threshold_says_what_it_flips() {
    let mut bench = Bench::with(|_| vec![demo()]);
    send(&mut bench, UiCommand::Focus(Pane::Faces));
    for label in ["All 180", "L→S 1", "S→L 53", "L→L 44", "S→S 82", "flipped 0", "by dev_eer"] {
        assert!(there(&bench, label), "{label}");
    }
    bench.harness.get_by_label("L→S 1").click();
    bench.settle();
    let shown = bench.harness.query_all_by_label_contains("L→S live, SynthC").count();
    assert_eq!(shown, 1);
    assert!(bench.harness.query_all_by_label_contains("S→S warped").next().is_none());
    bench.harness.query_all_by_label_contains("L→S live, SynthC").next().unwrap().click();
    bench.settle();
    assert!(there(&bench, "Face looked at closely") && there(&bench, "Teacher σ(g) of the face looked at closely"));
    assert!(there(&bench, "Mask of the attack of the face looked at closely"));
    bench.harness.get_by_label("Watch next (0)").click();
    bench.settle();
    bench.harness.get_by_label("The 8 worst errors").click();
    bench.settle();
    let clips = bench.harness.state().state().form.config.watch.clips.clone();
    assert_eq!(clips.len(), 8);
    assert!(there(&bench, "Watch next (8)"));
    bench.harness.get_by_label("Close").click();
    bench.settle();

    send(&mut bench, UiCommand::Faces(FacesCommand::Threshold(Some(10.0))));
    // Everything passes as live: all attacks that were detected and all live faces that were rejected are flipped.
    for label in ["L→S 0", "S→L 135", "L→L 45", "S→S 0", "flipped 83", "moved: an oracle"] {
        assert!(there(&bench, label), "{label}");
    }
    bench.harness.get_by_label("The run's own").click();
    bench.settle();
    assert!(there(&bench, "S→L 53"));
    let filter = bench.harness.state().state().faces.filter.clone();
    assert_eq!(filter.verdict, Some(Verdict::LiveAsSpoof), "what is shown stays chosen");
}

#[test]
fn what_maps_are_worth_stands_in_the_results() {
    let mut bench = Bench::with(|_| vec![demo()]);
    send(&mut bench, UiCommand::Focus(Pane::Results));
    for label in
        ["Maps on the test part", "Pretrained teacher", "Teacher", "Mean map", "AUC of means", "Spread", "Pixel AUC"]
    {
        assert!(there(&bench, label), "{label}");
    }
}

#[test]
fn a_run_without_scores_says_what_would_fill_the_pane() {
    let mut bench = Bench::playing();
    send(&mut bench, UiCommand::Focus(Pane::Faces));
    assert!(there(&bench, "Scored faces appear here once the detector has been scored"));
}

#[test]
fn a_sweep_is_chosen_and_says_what_it_would_do() {
    let mut bench = Bench::with(|_| vec![demo()]);
    send(&mut bench, UiCommand::Focus(Pane::Ablations));
    bench.harness.get_by_label("γ: MT-FAS Fig. 7").click();
    bench.settle();
    bench.settle();
    let look = bench.harness.state().state().ablations.look.clone().unwrap();
    assert_eq!((look.cases.len(), look.planned), (35, false));
    assert!(there(&bench, "Run") && there(&bench, "Rates appear here as runs are finished"));
    assert!(!bench.dir.path().join("sweeps").exists(), "nothing is planned before it is run");
    assert!(!there(&bench, "Bars"), "what varies is a number: there is a curve");
    send(&mut bench, UiCommand::Ablations(AblationCommand::Choose("mt_fas_table6".to_owned())));
    assert_eq!(bench.harness.state().state().ablations.look.as_ref().unwrap().cases.len(), 40);
    bench.harness.get_by_label("Bars").click();
    bench.settle();
    assert!(there(&bench, "Bars appear here as runs are finished"));
}

#[test]
fn notes_are_kept_in_the_sessions_folder() {
    let mut bench = Bench::with(|dir| two(dir)[..1].to_vec());
    send(&mut bench, UiCommand::Focus(Pane::Notes));
    bench.harness.get_by_label("Notes of this run").focus();
    bench.settle();
    bench.harness.get_by_label("Notes of this run").type_text("Maps die at 200.");
    bench.settle();
    bench.harness.get_by_label("Tags").focus();
    bench.settle();
    bench.harness.get_by_label("Tags").type_text("good");
    bench.harness.run_steps(12);
    let folder = bench.dir.path().join("sessions/a");
    assert_eq!(std::fs::read_to_string(folder.join("notes.md")).unwrap(), "Maps die at 200.");
    assert_eq!(std::fs::read_to_string(folder.join("tags")).unwrap(), "good\n");
    assert!(there(&bench, "kept in notes.md and tags of its folder"));
}

#[test]
fn the_palette_finds_what_can_be_done_and_does_it() {
    let mut bench = Bench::with(|_| vec![demo()]);
    bench.harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    bench.settle();
    assert!(matches!(bench.harness.state().state().dialog, Some(Dialog::Palette(..))));
    bench.harness.get_by_label("What to do").type_text("show notes");
    bench.settle();
    assert!(there(&bench, "Show Notes") && !there(&bench, "Show Data"));
    bench.harness.key_press(Key::Enter);
    bench.settle();
    assert!(bench.harness.state().state().dialog.is_none() && bench.harness.state().shows(Pane::Notes));
}

#[test]
fn changes_of_view_are_undone_and_done_again() {
    let mut bench = Bench::with(|_| vec![demo()]);
    let colours = |bench: &Bench| bench.harness.state().state().workspace.colormap;
    send(&mut bench, UiCommand::SetColormap(Colormap::Grey));
    bench.harness.run_steps(6);
    send(&mut bench, UiCommand::Faces(FacesCommand::Threshold(Some(0.25))));
    bench.harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    bench.settle();
    assert_eq!((colours(&bench), bench.harness.state().state().faces.threshold), (Colormap::Grey, None));
    bench.harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    bench.settle();
    assert_eq!(colours(&bench), Colormap::Viridis);
    bench.harness.key_press_modifiers(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);
    bench.settle();
    assert_eq!((colours(&bench), bench.harness.state().state().faces.threshold), (Colormap::Grey, None));
    send(&mut bench, UiCommand::SetColormap(Colormap::PaperBlueRed));
    assert!(!bench.harness.state().state().history.can().1, "what was undone is forgotten after another change");
}

#[test]
fn scenes_are_kept_and_gone_through_in_a_talk() {
    let mut bench = Bench::with(|_| vec![demo()]);
    send(&mut bench, UiCommand::Focus(Pane::Faces));
    send(&mut bench, UiCommand::SaveScene("faces".to_owned()));
    send(&mut bench, UiCommand::SetLayout(Layout::Step));
    send(&mut bench, UiCommand::SaveScene("steps".to_owned()));
    let zoom = bench.harness.state().state().workspace.zoom;
    bench.harness.key_press(Key::F11);
    bench.settle();
    assert!(bench.harness.state().state().presenting && bench.harness.state().state().workspace.zoom > zoom);
    assert!(!there(&bench, "File"), "no menu before an audience");
    bench.harness.key_press(Key::PageDown);
    bench.settle();
    assert!(bench.harness.state().shows(Pane::Faces) && !bench.harness.state().shows(Pane::Step));
    bench.harness.key_press(Key::PageDown);
    bench.settle();
    assert!(bench.harness.state().shows(Pane::Step));
    bench.harness.key_press(Key::Escape);
    bench.settle();
    assert!(there(&bench, "File"));
    assert_eq!(bench.harness.state().state().workspace.zoom, zoom);
    // What was as large as it can be comes back as it was too.
    send(&mut bench, UiCommand::SetZoom(3.0));
    send(&mut bench, UiCommand::Present(true));
    send(&mut bench, UiCommand::Present(false));
    assert_eq!(bench.harness.state().state().workspace.zoom, 3.0);
}

#[test]
fn what_a_pane_shows_becomes_a_figure_or_a_table() {
    let mut bench = Bench::with(|dir| two(dir)[..1].to_vec());
    let folder = bench.dir.path().join("sessions/a");
    bench.harness.get_by_label("Export Live maps").click();
    bench.settle();
    bench.settle();
    assert!(bench.harness.state().shows(Pane::Export) && there(&bench, "The figure as it will be"));
    bench.harness.get_by_label("SVG").click();
    bench.settle();
    bench.harness.get_by_label("Write").click();
    bench.settle();
    let svg = std::fs::read_to_string(folder.join("figures/maps.svg")).unwrap();
    assert!(svg.contains("<svg") && svg.contains("<image"));
    let said = std::fs::read_to_string(folder.join("figures/maps.json")).unwrap();
    assert!(said.contains("synthetic"), "{said}");

    bench.harness.get_by_label("Export Curves").click();
    bench.settle();
    bench.settle();
    // The ending that is typed says which kind it is, and what stands there is left alone until another name is given.
    std::fs::write(folder.join("mine.png"), "mine").unwrap();
    for name in ["mine.png", "loss.png"] {
        send(&mut bench, UiCommand::Export(ExportCommand::Type(folder.join(name).display().to_string())));
        bench.harness.get_by_label("Write").click();
        bench.settle();
    }
    let said = |part: &str| bench.harness.state().state().log.iter().any(|e| e.text.contains(part));
    assert!(said("mine.png: there is such a file already"));
    assert_eq!(std::fs::read_to_string(folder.join("mine.png")).unwrap(), "mine");
    assert!(std::fs::read(folder.join("loss.png")).unwrap().starts_with(b"\x89PNG"));

    send(&mut bench, UiCommand::Export(ExportCommand::Type(String::new())));
    send(&mut bench, UiCommand::Focus(Pane::Results));
    bench.harness.get_by_label("Export Results").click();
    bench.settle();
    bench.settle();
    let shown = bench.harness.query_all_by_label_contains("\\toprule").next().is_some();
    assert!(shown, "the table's text is shown");
    bench.harness.get_by_label("Write").click();
    bench.settle();
    assert!(std::fs::read_to_string(folder.join("figures/results.tex")).unwrap().contains("\\bottomrule"));
}

#[test]
fn what_cannot_be_drawn_says_why() {
    let mut bench = Bench::playing();
    send(&mut bench, UiCommand::Focus(Pane::Export));
    bench.settle();
    let state = bench.harness.state().state();
    let why = state.export.shown.as_ref().and_then(|(_, shown)| shown.as_ref().err()).unwrap();
    assert!(why.contains("no session folder"), "{why}");
    assert!(there(&bench, why) && !state.export.writing);
}

#[test]
fn a_kept_pixel_is_followed_through_all_stored_iterations() {
    let mut bench = Bench::with(|_| vec![demo()]);
    let probe = metafas::ui::Probe { face: 1, row: 2, column: 3 };
    send(&mut bench, UiCommand::Point { probe: Some(probe), pin: true, from: Pane::Live });
    bench.harness.get_by_label("Over time").click();
    bench.settle();
    bench.settle();
    let (_, points) = bench.harness.state().state().pixel.course.clone().unwrap();
    assert_eq!(points.len(), 106);
    let session = metafas::session::Session::open(&demo()).unwrap();
    let maps = session.map_set(300).unwrap();
    let expected = maps.samples[1].maps.clone().map(|map| map.map(|m| m[2 * maps.side + 3]));
    assert_eq!(points.iter().find(|(i, _)| *i == 300).unwrap().1, expected);
}

#[test]
fn one_pixel_is_pointed_at_in_maps_and_patterns_alike() {
    use metafas::ui::{PatternProbe, PatternsCommand, Probe};
    let mut bench = Bench::with(|_| vec![demo()]);
    send(&mut bench, UiCommand::Focus(Pane::Patterns));
    bench.harness.run_steps(8);
    // Maps of 8 x 8 over pictures of 64 x 64.
    let probe = Probe { face: 1, row: 2, column: 7 };
    send(&mut bench, UiCommand::Point { probe: Some(probe), pin: false, from: Pane::Live });
    let state = bench.harness.state().state();
    assert_eq!(state.patterns.probe, Some(PatternProbe { row: 1, y: 20, x: 60 }));
    assert_eq!(state.probe, Some(probe), "panes that are not pointed at leave it alone");
    let there = PatternProbe { row: 3, y: 63, x: 0 };
    send(&mut bench, UiCommand::Patterns(PatternsCommand::Point { probe: Some(there), pin: true }));
    let state = bench.harness.state().state();
    assert_eq!((state.probe, state.probe_pinned), (Some(Probe { face: 3, row: 7, column: 0 }), true));
    send(&mut bench, UiCommand::Point { probe: None, pin: true, from: Pane::Live });
    let state = bench.harness.state().state();
    assert_eq!((state.probe, state.patterns.probe, state.patterns.pinned), (None, None, false));
}

#[test]
fn the_tour_takes_one_iteration_phase_by_phase() {
    use metafas::engine::{Command, Event as Told};
    use metafas::session::State;
    let mut bench = Bench::new();
    bench.harness.get_by_label("Guided tour of one iteration").click();
    bench.settle();
    bench.script(|s| s.begin(0));
    assert_eq!(bench.heard(), [Command::RunTo(110)]);
    assert!(there(&bench, "On the way to Algorithm 1"));
    bench.script(|s| {
        s.tell(crate::script::phase(310, 0, Some(8)));
        s.tell(Told::State(State::Paused));
    });
    assert!(there(&bench, "One iteration, phase by phase"));
    bench.harness.get_by_label("Next phase").click();
    bench.settle();
    assert_eq!(bench.heard(), [Command::StepPhase]);
    bench.script(|s| {
        s.tell(crate::script::phase(310, 1, Some(0)));
        s.tell(Told::State(State::Paused));
    });
    assert!(there(&bench, "Phase 1 of 9"));
    bench.script(|s| {
        s.tell(crate::script::phase(311, 0, Some(8)));
        s.tell(Told::State(State::Paused));
    });
    assert!(there(&bench, "Phase 9 of 9") && there(&bench, "Another iteration"), "it says where one iteration ends");
    bench.harness.get_by_label("End the tour").click();
    bench.settle();
    assert!(!there(&bench, "Guided tour"));
}

#[test]
fn one_pane_fills_the_window_until_it_is_put_back() {
    let mut bench = Bench::with(|_| vec![demo()]);
    bench.harness.get_by_label("Fill the window with Live maps").click();
    bench.settle();
    assert!(bench.harness.state().shows(Pane::Live) && !bench.harness.state().shows(Pane::Curves));
    assert!(!there(&bench, "Smoothing"), "nothing else is drawn");
    // Another pane that is asked for is seen.
    send(&mut bench, UiCommand::Focus(Pane::Faces));
    assert!(bench.harness.state().shows(Pane::Faces) && there(&bench, "All 180"));
    bench.harness.key_press(Key::Escape);
    bench.settle();
    assert!(bench.harness.state().shows(Pane::Faces) && bench.harness.state().shows(Pane::Curves));
    let at = bench.harness.get_by_label("Step").rect().center();
    let press =
        |pressed| Event::PointerButton { pos: at, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE };
    bench.harness.hover_at(at);
    bench.harness.run_steps(1);
    // All within one frame: the harness's frames are a quarter of a second apart.
    bench.harness.input_mut().events.extend([true, false, true, false].map(press));
    bench.settle();
    assert_eq!(bench.harness.state().state().filled, Some(Pane::Step), "a double press on its tab");
    send(&mut bench, UiCommand::SetLayout(Layout::Inspect));
    assert_eq!(bench.harness.state().state().filled, None);
}

#[test]
fn slow_motion_takes_a_phase_after_each_pause_until_somebody_takes_over() {
    use metafas::engine::{Command, Event as Told};
    use metafas::session::State;
    let mut bench = Bench::paused_in_bilevel(5);
    bench.heard();
    send(&mut bench, UiCommand::SetLayout(Layout::Step));
    send(&mut bench, UiCommand::SlowSeconds(2.0));
    bench.harness.get_by_label("Slow motion").click();
    bench.settle();
    assert_eq!(bench.heard(), [Command::StepPhase], "the first at once");
    let stepped = |bench: &mut Bench, next: usize| {
        bench.script(|s| {
            s.tell(crate::script::phase(305, next, Some(next - 1)));
            s.tell(Told::State(State::Paused));
        });
    };
    stepped(&mut bench, 1);
    assert_eq!(bench.heard(), [], "the phase stays in view");
    assert!(there(&bench, "Pause"), "it goes on by itself");
    // A frame of the harness is a quarter of a second.
    bench.harness.run_steps(12);
    assert_eq!(bench.heard(), [Command::StepPhase]);
    stepped(&mut bench, 2);
    bench.harness.key_press(Key::Space);
    bench.harness.run_steps(40);
    assert_eq!(bench.heard(), [], "whoever presses a key takes over");
    assert!(!bench.harness.state().state().slow.on && there(&bench, "Play"));
    bench.harness.run();
    assert!(!bench.harness.ctx.has_requested_repaint(), "and then the window rests");
    bench.harness.get_by_label("Slow motion").click();
    bench.settle();
    bench.heard();
    stepped(&mut bench, 3);
    send(&mut bench, UiCommand::RunTo(400));
    assert!(!bench.harness.state().state().slow.on && bench.heard() == [Command::RunTo(400)]);
}

#[test]
fn a_step_shows_what_stands_in_its_equation_and_other_stages_can_be_read_about() {
    use metafas::engine::{Command, Event as Told};
    use metafas::session::State;
    let mut bench = Bench::paused_in_bilevel(5);
    bench.script(|s| {
        s.tell(crate::script::phase(305, 6, Some(5)));
        s.tell(Told::State(State::Paused));
    });
    send(&mut bench, UiCommand::SetLayout(Layout::Step));
    for label in ["What stands in the equation", "P_ω(x)", "4×1×4×4", "1234 values", "0.5 (25 %)"] {
        assert!(there(&bench, label), "{label}");
    }
    assert!(there(&bench, "∇_ω L_v = (∂P/∂ω)ᵀ (2α/n) Σₖ J(θₖ) vₖ₊₁"), "equations keep their plain text");
    assert!(there(&bench, "No comparison was made yet"));
    bench.heard();
    send(&mut bench, UiCommand::SetHyper { key: "bilevel.audit_every", value: "10".to_owned() });
    let told = Command::SetHyper { key: "bilevel.audit_every".to_owned(), value: "10".to_owned() };
    assert_eq!(bench.heard(), [told]);
    let mut row = crate::script::row(306, 0.5);
    row.values.extend([("audit_cosine".to_owned(), 0.75), ("audit_error".to_owned(), 0.5)]);
    bench.script(|s| s.tell(Told::Metrics(row)));
    assert!(there(&bench, "cosine 0.7500, relative error 0.5000 at iteration 306"));

    bench.harness.get_by_label("Phases of: Detector training").click();
    bench.settle();
    assert!(there(&bench, "not under way") && !there(&bench, "What stands in the equation"));
    // What the run does next is shown again.
    bench.harness.key_press(Key::Period);
    bench.settle();
    assert_eq!(bench.harness.state().state().shown_stage, None);
}

#[test]
fn going_back_in_a_finished_run_asks_first_and_offers_a_copy() {
    let mut bench = Bench::with(|dir| two(dir)[..1].to_vec());
    for key in [Key::Comma, Key::B] {
        bench.harness.key_press(key);
        bench.settle();
        assert!(matches!(bench.harness.state().state().dialog, Some(Dialog::RewindTo(_))), "{key:?}");
        assert!(there(&bench, "Keep a copy and rewind"));
        send(&mut bench, UiCommand::CloseDialog);
    }
    assert_eq!(bench.engines(), 0, "nothing was touched");
    send(&mut bench, UiCommand::SetLayout(Layout::Step));
    assert!(there(&bench, "The run is finished: go back, in a copy, to step through it again"));
}

#[test]
fn every_number_says_that_it_is_synthetic_before_an_audience_too() {
    let mut bench = Bench::with(|_| vec![demo()]);
    send(&mut bench, UiCommand::Fill(Some(Pane::Live)));
    send(&mut bench, UiCommand::Present(true));
    assert!(!there(&bench, "File") && there(&bench, "synthetic"));
}

#[test]
fn no_second_engine_takes_the_place_of_one_that_trains() {
    use metafas::engine::Command;
    let mut bench = Bench::with(|dir| two(dir)[..1].to_vec());
    let finished = bench.harness.state().state().selected.unwrap();
    send(&mut bench, UiCommand::PlayDemo);
    bench.script(|s| s.begin(0));
    bench.heard();
    send(&mut bench, UiCommand::Select(finished));
    for command in [UiCommand::RewindTo(600), UiCommand::ForkAndRewind(600), UiCommand::Fork] {
        send(&mut bench, command);
        assert_eq!(bench.engines(), 1);
    }
    let said = |part: &str| bench.harness.state().state().log.iter().any(|e| e.text.contains(part));
    assert!(said("one engine trains at a time"));
    assert!(bench.heard().iter().all(|c| !matches!(c, Command::Rewind(_) | Command::Fork { .. } | Command::Stop)));
    assert!(bench.harness.state().state().is_busy(), "the first goes on");
}

#[test]
fn a_path_that_was_typed_wrong_can_be_put_right() {
    let mut bench = Bench::with(|dir| two(dir)[..1].to_vec());
    let wrong = bench.dir.path().join("sessions/aa");
    send(&mut bench, UiCommand::Show(Dialog::OpenPath(wrong.display().to_string())));
    bench.harness.get_by_label("Open").click();
    bench.settle();
    bench.settle();
    let state = bench.harness.state().state();
    assert_eq!(state.dialog, Some(Dialog::OpenPath(wrong.display().to_string())), "nothing typed is lost");
    assert!(state.log.iter().any(|e| e.text.contains("no session folder")));
}

#[test]
fn a_run_is_forked_where_it_stands() {
    use metafas::engine::{Command, Event as Told};
    let mut bench = Bench::paused_in_bilevel(5);
    bench.heard();
    bench.harness.get_by_label("Fork here").click();
    bench.settle();
    let heard = bench.heard();
    let [Command::Fork { folder, .. }] = heard.as_slice() else { panic!("{heard:?}") };
    copy(&demo(), folder);
    let folder = folder.clone();
    let shown = bench.harness.state().state().selected;
    bench.script(|s| s.tell(Told::Forked(folder)));
    let state = bench.harness.state().state();
    assert_eq!((state.runs.len(), state.selected), (2, shown), "this run stays in view");
}

#[test]
fn notes_that_cannot_be_written_are_not_called_kept() {
    let mut bench = Bench::with(|dir| two(dir)[..1].to_vec());
    send(&mut bench, UiCommand::Focus(Pane::Notes));
    let in_the_way = bench.dir.path().join("sessions/a/notes.md/folder");
    std::fs::create_dir_all(&in_the_way).unwrap();
    bench.harness.get_by_label("Notes of this run").focus();
    bench.settle();
    bench.harness.get_by_label("Notes of this run").type_text("Maps die.");
    bench.harness.run_steps(30);
    assert!(there(&bench, "not kept yet"));
    let log = &bench.harness.state().state().log;
    assert_eq!(log.iter().filter(|e| e.text.contains("The notes were not kept")).count(), 1, "told once");
    // With the next change they are tried again.
    std::fs::remove_dir_all(bench.dir.path().join("sessions/a/notes.md")).unwrap();
    bench.harness.get_by_label("Notes of this run").type_text(" Or not.");
    bench.harness.run_steps(12);
    assert!(there(&bench, "kept in notes.md and tags of its folder"));
}
