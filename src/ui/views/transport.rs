//! The bar that drives a run: play, pause, step, back; what it is doing, how far it is and how long it will take.

use eframe::egui::{Align, Label, Layout, RichText, Ui};

use crate::engine::{Progress, Stage};
use crate::session::{STALE_SECS, State, about};
use crate::ui::command::{CommandQueue, Dialog, Transport, UiCommand};
use crate::ui::shortcuts;
use crate::ui::state::{AppState, Pending, Viewed};
use crate::ui::theme::{self, Tokens};
use crate::ui::widgets::icon::{self, Icon};
use crate::ui::widgets::{duration, progress, provenance_badges, rough_text};

/// Shows the bar.
pub fn show(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        buttons(ui, state, queue);
        ui.add_space(10.0);
        label(ui, state);
        // Before an audience there is no menu bar that has them.
        if let Some(run) = state.run().filter(|_| state.presenting) {
            provenance_badges(ui, run.1);
        }
        if let Some(run) = state.run() {
            ui.add_space(10.0);
            stages(ui, state, run);
        }
    });
}

fn buttons(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let press = |ui: &mut Ui, icon: Icon, name: &'static str, help: &str, action: Transport, strong: bool| {
        let key = shortcuts::text_of(ui.ctx(), name).or_else(|| {
            matches!(action, Transport::Play | Transport::Pause)
                .then(|| shortcuts::text_of(ui.ctx(), "Play or pause"))
                .flatten()
        });
        let hover = key.map_or_else(|| help.to_owned(), |k| format!("{help} ({k})"));
        if icon::button(ui, icon, name, &hover, &state.allowed(action), strong).clicked() {
            queue.send(UiCommand::Transport(action));
        }
    };
    let asks = |ui: &mut Ui, icon: Icon, name: &str, help: &str, allowed: &Result<(), String>, dialog: Dialog| {
        let key = shortcuts::text_of(ui.ctx(), name.trim_end_matches('…')).unwrap_or_default();
        if icon::button(ui, icon, name, &format!("{help} ({key})"), allowed, false).clicked() {
            queue.send(UiCommand::Show(dialog));
        }
    };
    let cursor = state.run().map_or(0, |r| r.cursor.iteration);
    let back = state.allowed(Transport::BackIteration);
    asks(
        ui,
        Icon::RewindTo,
        "Rewind to an iteration…",
        "Go back to an earlier iteration",
        &back,
        Dialog::RewindTo(cursor),
    );
    press(
        ui,
        Icon::BackIteration,
        "Back one iteration",
        "Go back to the start of the iteration",
        Transport::BackIteration,
        false,
    );
    press(ui, Icon::BackPhase, "Back one phase", "Undo the last phase", Transport::BackPhase, false);
    if state.is_playing() {
        press(ui, Icon::Pause, "Pause", "Stop after the current phase", Transport::Pause, true);
    } else {
        press(ui, Icon::Play, "Play", "Go on until the end", Transport::Play, true);
    }
    press(ui, Icon::StepPhase, "Step one phase", "Do one phase of Algorithm 1", Transport::StepPhase, false);
    press(
        ui,
        Icon::StepIteration,
        "Step one iteration",
        "Go on to the end of the iteration",
        Transport::StepIteration,
        false,
    );
    let on = state.allowed(Transport::StepIteration);
    let target = state.suggested_target();
    asks(ui, Icon::RunTo, "Run to an iteration…", "Go on until an iteration, then pause", &on, Dialog::RunTo(target));
    ui.add_space(4.0);
    press(ui, Icon::Stop, "Stop", "End the run; it can be resumed another day", Transport::Stop, false);
}

/// What the run in view is doing, in a word.
pub fn state_text(state: &AppState) -> String {
    if state.slow.on && state.run().is_some_and(|r| state.is_attached(r.0)) {
        return "slow motion".to_owned();
    }
    if let Some(pending) = state.pending.filter(|_| state.run().is_some_and(|r| state.is_attached(r.0))) {
        return pending.title().to_owned();
    }
    if state.wish.is_some() {
        return Pending::Starting.title().to_owned();
    }
    let Some(run) = state.run() else { return "ready".to_owned() };
    match run.state {
        None if run.1.config.is_none() => "opening…",
        None => "starting…",
        Some(State::Running) if is_silent(state) => "no sign of life",
        Some(State::Running) => "running",
        Some(State::Paused) => "paused",
        Some(State::PausedNan) => "paused: not a number",
        Some(State::Stopped) => "stopped",
        Some(State::Failed) => "failed",
        Some(State::Finished) => "finished",
    }
    .to_owned()
}

/// Whether the run in view says that it is running, but nobody does it.
fn is_silent(state: &AppState) -> bool {
    state.run().is_some_and(|r| !state.is_attached(r.0) && r.heartbeat_age_secs.is_some_and(|age| age > STALE_SECS))
}

fn state_color(state: &AppState, tokens: &Tokens) -> eframe::egui::Color32 {
    match state.run().and_then(|r| r.state) {
        _ if state.pending.is_some() => tokens.warn,
        Some(State::Running) if is_silent(state) => tokens.error,
        Some(State::Running) => tokens.accent,
        Some(State::Finished) => tokens.good,
        Some(State::Failed | State::PausedNan) => tokens.error,
        _ => tokens.text,
    }
}

fn label(ui: &mut Ui, state: &AppState) {
    let tokens = theme::tokens(ui);
    let color = state_color(state, tokens);
    let (dot, _) = ui.allocate_exact_size(eframe::egui::vec2(10.0, 10.0), eframe::egui::Sense::hover());
    ui.painter().circle_filled(dot.center(), 4.5, color);
    ui.label(RichText::new(state_text(state)).strong().color(color));
}

fn stages(ui: &mut Ui, state: &AppState, run: Viewed<'_>) {
    let tokens = theme::tokens(ui);
    let current = run.stage;
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let there = Stage::COUNTED.into_iter().filter(|s| run.span(*s).is_some_and(|(_, n)| n > 0)).count();
        // Names stand beside the bars, and what follows them is worth a little room.
        let width = ((ui.available_width() - 110.0) / there.max(1) as f32 - 84.0).clamp(52.0, 112.0);
        for stage in Stage::COUNTED {
            let Some((first, n)) = run.span(stage).filter(|&(_, n)| n > 0) else { continue };
            let done = run.cursor.iteration.saturating_sub(first).min(n);
            let here = current == Some(stage);
            let color = if here { tokens.strong } else { tokens.weak };
            ui.label(RichText::new(stage.short()).small().color(color));
            let fill = if done == n { tokens.good.gamma_multiply(0.45) } else { tokens.accent.gamma_multiply(0.55) };
            let part = done as f32 / n as f32;
            let text = format!("{done} / {n}");
            let bar = progress::bar(ui, stage.short(), part, &text, (width, 18.0), fill);
            bar.on_hover_text(format!("{done} of {n} iterations of {}", stage.title()));
        }
        if let Some(stage) = current.filter(|s| matches!(s, Stage::Calibrate | Stage::Evaluate)) {
            ui.add(Label::new(RichText::new(stage.short()).small().color(tokens.strong)).truncate());
        }
        if let Some(p) = &run.1.progress {
            ui.label(progress_text(state, p));
        } else if let Some((left, help)) = time_left(run).filter(|_| !state.slow.on) {
            ui.label(RichText::new(left).small().color(tokens.weak)).on_hover_text(help);
        }
    });
}

/// What takes a while, how far it is, and how long it will take.
pub fn progress_text(state: &AppState, p: &Progress) -> String {
    let part = if p.total > 0 { format!(" {} of {}", p.done, p.total) } else { String::new() };
    let own = || Some(p.total.saturating_sub(p.done) as f64 / state.making.per_second().filter(|s| *s > 0.0)?);
    // Cutting faces says itself how long it will take.
    let told = p.what.ends_with(" left)");
    let left = p.seconds_left.or_else(own).filter(|_| !told);
    let left = left.map_or_else(String::new, |s| format!(", {} left", duration(s)));
    format!("{}{part}{left}", p.what)
}

/// How long the run will take from here, and how that is known.
fn time_left(run: Viewed<'_>) -> Option<(String, String)> {
    let outlook = run.1.outlook_now()?;
    let speed = outlook.iteration_seconds.filter(|s| *s > 0.0).map(|s| format!("{} iterations/s", rough_text(1.0 / s)));
    let left = outlook.run_seconds.map(|s| format!("{} left", about(s)));
    let text = [left, speed].into_iter().flatten().collect::<Vec<_>>();
    let stage = outlook.stage_seconds.map_or_else(String::new, |s| format!("{} for this stage. ", about(s)));
    let help = format!(
        "{stage}By the pace of its last iterations; stages still to come by their operations, at the speed of this one. \
         Pauses do not count"
    );
    (!text.is_empty()).then(|| (text.join(" · "), help))
}
