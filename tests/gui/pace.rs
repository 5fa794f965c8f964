//! How many frames a window asks for that nobody touches: time is counted, not measured, and frames come when the context
//! has been asked for them, as they do in a window.

use std::sync::{Arc, Mutex};

use metafas::engine::{Event, Progress};
use metafas::session::State;
use metafas::ui::{Drawing, Pane, UiCommand};

use crate::script::{Bench, maps, phase, row};

/// When the next frame is due, by the clock that counts.
#[derive(Default)]
struct Clock {
    now: f64,
    due: Option<f64>,
}

/// A window whose frames come when they are asked for.
struct Paced {
    bench: Bench,
    clock: Arc<Mutex<Clock>>,
}

impl Paced {
    fn new(mut bench: Bench) -> Self {
        let now = bench.harness.ctx.input(|i| i.time);
        let clock = Arc::new(Mutex::new(Clock { now, due: Some(now) }));
        let asked = Arc::clone(&clock);
        let ctx = bench.harness.ctx.clone();
        // What fades or slides takes its time, as it does in a window.
        ctx.all_styles_mut(|style| style.animation_time = eframe::egui::Style::default().animation_time);
        ctx.set_request_repaint_callback(move |info| {
            let mut clock = asked.lock().unwrap();
            let at = clock.now + info.delay.as_secs_f64();
            clock.due = Some(clock.due.map_or(at, |due| due.min(at)));
        });
        bench.harness.input_mut().time = Some(now);
        Self { bench, clock }
    }

    /// The times of all frames within `seconds`, while `each` happens a hundred times a second.
    fn frames(&mut self, seconds: u32, mut each: impl FnMut(&Bench, u64)) -> Vec<f64> {
        let mut frames = vec![];
        for tick in 0..u64::from(seconds) * 1000 {
            let (now, is_due) = {
                let mut clock = self.clock.lock().unwrap();
                clock.now += 0.001;
                let is_due = clock.due.is_some_and(|due| due <= clock.now);
                if is_due {
                    clock.due = None;
                }
                (clock.now, is_due)
            };
            if tick.is_multiple_of(10) {
                each(&self.bench, tick / 10);
            }
            if is_due {
                self.bench.harness.input_mut().time = Some(now);
                self.bench.harness.step();
                frames.push(now);
            }
        }
        frames
    }

    /// Brings `pane` to the front and lets what a person began come to rest.
    fn look_at(&mut self, pane: Pane) {
        self.bench.harness.state().send(UiCommand::Focus(pane));
        self.clock.lock().unwrap().due = Some(0.0);
        self.frames(1, |_, _| {});
        assert!(self.bench.harness.state().shows(pane), "{pane:?}");
    }
}

/// The most frames within any one second.
fn most(frames: &[f64]) -> usize {
    let within = |from: f64| frames.iter().filter(|&&t| (from..from + 1.0 - 1e-6).contains(&t)).count();
    frames.iter().map(|&t| within(t)).max().unwrap_or(0)
}

/// What an engine says when it is fast: rows, now and then maps, phases, progress and warnings.
fn say(bench: &Bench, i: u64) {
    let scripts = bench.scripts.lock().unwrap();
    let script = scripts.last().unwrap();
    match i % 10 {
        3 => script.tell(Event::Maps(maps(300 + i))),
        5 => script.tell(phase(300 + i, 0, Some(8))),
        7 if i % 50 == 7 => script.tell(Event::Warning(format!("Something to know, number {i}"))),
        9 => script.tell(Event::Progress(Progress {
            what: "faces".to_owned(),
            done: i % 100,
            total: 100,
            seconds_left: None,
        })),
        _ => script.tell(Event::Metrics(row(300 + i, 0.5))),
    }
    script.options.waker.as_ref().unwrap()();
}

#[test]
fn while_a_run_goes_on_processors_draw_ten_frames_a_second_in_every_pane() {
    let mut paced = Paced::new(Bench::playing());
    // Steps of the harness count as slow frames; what a frame takes is measured again every other second.
    paced.frames(10, |_, _| {});
    let mut at = 0;
    for pane in Pane::ALL {
        paced.look_at(pane);
        let frames = paced.frames(2, |bench, _| {
            at += 1;
            say(bench, at);
        });
        assert!(most(&frames) <= 10, "{pane:?}: {} frames in a second: {frames:?}", most(&frames));
        assert!(frames.len() >= 12, "{pane:?} stands still: {frames:?}");
    }
}

#[test]
fn a_graphics_card_may_draw_thirty() {
    let mut bench = Bench::playing();
    bench.harness.state_mut().set_drawing(Drawing::Gpu);
    let mut paced = Paced::new(bench);
    paced.look_at(Pane::Curves);
    let frames = paced.frames(3, say);
    assert!((25..=31).contains(&most(&frames)), "{} frames in a second: {frames:?}", most(&frames));
}

#[test]
fn a_window_in_which_nothing_happens_asks_for_no_frame() {
    let mut bench = Bench::playing();
    bench.script(|s| {
        s.tell(Event::Maps(maps(310)));
        s.tell(phase(310, 0, None));
        s.tell(Event::State(State::Paused));
    });
    let mut paced = Paced::new(bench);
    // The gallery makes pictures while it is looked at, and here nobody else does.
    for pane in Pane::ALL.into_iter().filter(|p| *p != Pane::Gallery) {
        paced.look_at(pane);
        // Messages go away, pictures that were asked for come.
        paced.frames(10, |_, _| {});
        let frames = paced.frames(30, |_, _| {});
        assert!(frames.is_empty(), "{pane:?}: {frames:?}");
    }
}

#[test]
fn a_folder_that_another_process_writes_is_looked_at_once_a_second() {
    let mut paced = Paced::new(crate::sessions::trained_elsewhere());
    paced.frames(10, |_, _| {});
    let frames = paced.frames(10, |_, _| {});
    assert!((5..=20).contains(&frames.len()) && most(&frames) <= 2, "{frames:?}");
}
