//! Algorithm 1 phase by phase: the list with the line that was just done lit and the next one marked, the equation large and
//! what it gave. `tensors` are what stands in the equation, `faces` those in work, `audit` how good the hypergradient is.

mod audit;
mod faces;
mod tensors;

use eframe::egui::{
    Align2, Button, CentralPanel, Color32, FontId, Frame, Grid, Margin, Panel, Rect, Response, RichText, Role,
    ScrollArea, Sense, Slider, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

use crate::engine::{Cursor, PhaseInfo, Stage};
use crate::session::State;
use crate::ui::command::{CommandQueue, Transport, UiCommand};
use crate::ui::run::StepReport;
use crate::ui::slow::SECONDS;
use crate::ui::state::{AppState, Viewed};
use crate::ui::theme;
use crate::ui::views::names::{source_of, title_of};
use crate::ui::widgets::{duration, empty, maths, section, value_text};

/// What the pane keeps between frames.
#[derive(Default)]
pub struct StepCache {
    faces: faces::BatchCache,
}

/// Where a list of phases stands.
#[derive(Clone, Copy)]
struct Place {
    /// The phase that was just done, or that comes first; none of a stage that is not under way.
    lit: Option<usize>,
    next: Option<usize>,
    shown: usize,
}

/// Shows the pane.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut StepCache, queue: &CommandQueue) {
    let Some(run) = state.run() else { return empty(ui, "Step through Algorithm 1 here once a run has begun") };
    let here = run.stage;
    let stage = state.shown_stage.or(here);
    let elsewhere = stage.filter(|s| Some(*s) != here);
    let phases = elsewhere.map_or_else(|| run.phases(), |stage| run.phases_of(stage));
    if phases.is_empty() {
        return empty(ui, "This run has not begun");
    }
    let step = run.1.step.as_ref().filter(|s| Some(s.stage) == run.stage && elsewhere.is_none());
    let (done, next) = match step {
        _ if elsewhere.is_some() => (None, None),
        _ if run.state == Some(State::Finished) => (Some(phases.len() - 1), None),
        // Who pauses a run that plays is told where it stands, not what was done last.
        Some(step) => (step.done.or(step.next.checked_sub(1)), Some(step.next)),
        None => (None, Some(run.cursor.phase)),
    };
    let lit = done.or(next).map(|at| at.min(phases.len() - 1));
    let shown = state.shown_phase.filter(|&p| p < phases.len()).or(lit).unwrap_or(0);
    let place = Place { lit, next, shown };
    let list_width = (ui.available_width() * 0.36).clamp(190.0, 330.0);
    Panel::left("phases")
        .exact_size(list_width)
        .resizable(false)
        .frame(Frame::new().inner_margin(Margin::same(10)))
        .show(ui, |ui| {
            stages(ui, run, stage, queue);
            list(ui, run, &phases, place, elsewhere, queue);
        });
    let frame = Frame::new().inner_margin(Margin::symmetric(12, 6));
    Panel::top("pace").frame(frame).show_separator_line(false).show(ui, |ui| slow_motion(ui, state, queue));
    CentralPanel::no_frame().frame(Frame::new().inner_margin(Margin::symmetric(12, 4))).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).id_salt("phase").show(ui, |ui| {
            explain(ui, &phases[shown]);
            if let Some(step) = step.filter(|s| s.done == Some(shown)) {
                numbers(ui, step);
                tensors::show(ui, step);
            } else if let Some(step) = step.filter(|s| s.next == shown) {
                ui.add_space(6.0);
                ui.weak(if step.next > 0 || step.done.is_some() {
                    "This phase comes next"
                } else {
                    "This phase begins the iteration"
                });
            }
            if phases[shown].id == "hypergradient" {
                audit::show(ui, state, run, queue);
            }
            if let Some(batch) = run.1.batch.as_ref().filter(|_| elsewhere.is_none()) {
                ui.add_space(10.0);
                // That of an iteration that has just ended stays until the next begins.
                let ended = Cursor { iteration: run.1.batch_of + 1, phase: 0 };
                let fresh = run.cursor == ended || run.cursor.iteration == run.1.batch_of;
                ui.weak(if fresh {
                    "Faces of this iteration".to_owned()
                } else {
                    format!("Faces of iteration {}, the last that was stepped through", run.1.batch_of)
                });
                faces::show(ui, state, batch, &mut cache.faces);
            } else if elsewhere.is_none() {
                ui.add_space(10.0);
                ui.weak(if run.state == Some(State::Finished) {
                    "The run is finished: go back, in a copy, to step through it again"
                } else if run.state == Some(State::Running) {
                    "Pause and step to see the faces of the batch here"
                } else {
                    "Step to see the faces of the batch here"
                });
            }
        });
    });
}

/// The stages of the run: each can be read about, whichever is under way.
fn stages(ui: &mut Ui, run: Viewed<'_>, shown: Option<Stage>, queue: &CommandQueue) {
    let here = run.stage;
    let part = |stage: &Stage| match stage {
        Stage::Calibrate => false,
        stage => run.span(*stage).is_none_or(|(_, n)| n > 0),
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(2.0, 2.0);
        ui.spacing_mut().button_padding = vec2(6.0, 2.0);
        for stage in Stage::ALL.into_iter().filter(part) {
            let text = RichText::new(stage.short()).small();
            let help = format!("Phases of: {}", stage.title());
            let label = ui.selectable_label(shown == Some(stage), text);
            label.widget_info(|| WidgetInfo::selected(Role::Button, true, shown == Some(stage), &help));
            if label.on_hover_text(&help).clicked() {
                queue.send(UiCommand::ShowStage(Some(stage).filter(|s| Some(*s) != here)));
            }
        }
    });
    ui.add_space(4.0);
}

/// The switch of slow motion, and how slow it is.
fn slow_motion(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    ui.horizontal(|ui| {
        let on = state.slow.on;
        let can = on || state.is_playing() || state.allowed(Transport::StepPhase).is_ok();
        let help = "The run goes on by itself, a phase at a time, each in view for as long as is set here";
        let switch = ui.add_enabled(can, Button::new("Slow motion").selected(on)).on_hover_text(help);
        let switch = match state.allowed(Transport::StepPhase) {
            Err(reason) if !can => switch.on_disabled_hover_text(reason),
            _ => switch,
        };
        if switch.clicked() {
            queue.send(UiCommand::SlowMotion(!on));
        }
        let mut seconds = state.slow.seconds;
        let slider = Slider::new(&mut seconds, SECONDS).logarithmic(true).suffix(" s a phase").fixed_decimals(2);
        if ui.add(slider).accessible_name("Seconds a phase").changed() {
            queue.send(UiCommand::SlowSeconds(seconds));
        }
    });
}

fn list(
    ui: &mut Ui,
    run: Viewed<'_>,
    phases: &[PhaseInfo],
    place: Place,
    elsewhere: Option<Stage>,
    queue: &CommandQueue,
) {
    let tokens = theme::tokens(ui);
    let stage = elsewhere.or(run.stage);
    let title = stage.map_or("", Stage::title);
    ui.label(RichText::new(title).heading().color(tokens.strong));
    if elsewhere.is_some() {
        ui.weak("not under way");
    } else {
        let counted = stage.is_some_and(|s| run.span(s).is_some());
        let within = if counted { format!("{} iterations of the stage, ", run.stage_iteration) } else { String::new() };
        ui.weak(format!("{within}{} in all are done", run.cursor.iteration));
    }
    ui.add_space(6.0);
    ScrollArea::vertical().auto_shrink(false).id_salt("list").show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for (i, phase) in phases.iter().enumerate() {
            let lit = place.lit == Some(i);
            if entry(ui, phase, lit, place.next == Some(i), i == place.shown).clicked() {
                queue.send(UiCommand::ShowPhase((!lit).then_some(i)));
            }
        }
    });
}

fn entry(ui: &mut Ui, phase: &PhaseInfo, lit: bool, next: bool, shown: bool) -> Response {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 30.0), Sense::click());
    let state = match (lit, next) {
        (true, _) => ", current",
        (false, true) => ", next",
        _ => "",
    };
    let name = format!("{}{state}", phase.title);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, lit, &name));
    let fill = match (lit, response.hovered() || shown) {
        (true, _) => tokens.accent_soft,
        (false, true) => tokens.raised,
        _ => Color32::TRANSPARENT,
    };
    let painter = ui.painter();
    painter.rect_filled(rect, 4.0, fill);
    if lit {
        let edge = Rect::from_min_size(rect.min, vec2(3.0, rect.height()));
        painter.rect_filled(edge, 1.5, tokens.accent);
    }
    let font = TextStyle::Body.resolve(ui.style());
    let mono = TextStyle::Monospace.resolve(ui.style());
    let color = if lit { tokens.strong } else { tokens.text };
    let y = rect.center().y;
    let at = |x: f32| pos2(rect.left() + x, y);
    painter.text(at(42.0), Align2::RIGHT_CENTER, &phase.line, mono, tokens.weak);
    let room = rect.width() - 52.0 - if next { 44.0 } else { 4.0 };
    let mut job = eframe::egui::text::LayoutJob::simple_singleline(phase.title.clone(), font, color);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(room.max(20.0));
    let galley = painter.layout_job(job);
    painter.galley(at(52.0) - vec2(0.0, galley.size().y / 2.0), galley, color);
    if next {
        let small = TextStyle::Small.resolve(ui.style());
        let end = pos2(rect.right() - 8.0, y);
        painter.text(end, Align2::RIGHT_CENTER, "next", small, tokens.accent);
    }
    response.on_hover_text(&phase.help)
}

fn explain(ui: &mut Ui, phase: &PhaseInfo) {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(&phase.title).heading().color(tokens.strong));
        if !phase.line.is_empty() {
            ui.weak(format!("line {} of Algorithm 1", phase.line));
        }
    });
    Frame::new()
        .fill(tokens.sunken)
        .stroke(Stroke::new(1.0, tokens.outline))
        .corner_radius(6)
        .inner_margin(Margin::symmetric(16, 14))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            maths::show(ui, &phase.equation, &equation_font(ui, &phase.equation), tokens.strong);
        });
    ui.add_space(2.0);
    ui.label(&phase.help);
    ui.label(RichText::new(&phase.source).small().color(tokens.weak));
}

/// Large, but small enough for one line where that is still readable.
fn equation_font(ui: &Ui, text: &str) -> FontId {
    let mut font = theme::equation_font();
    let width = ui.painter().layout_job(maths::job(ui, text, &font, Color32::PLACEHOLDER)).size().x;
    font.size = (font.size * (ui.available_width() / width.max(1.0))).clamp(14.0, font.size).floor();
    font
}

fn numbers(ui: &mut Ui, step: &StepReport) {
    let tokens = theme::tokens(ui);
    ui.add_space(8.0);
    section(ui, "What it gave");
    Grid::new("phase numbers").num_columns(2).spacing([24.0, 4.0]).show(ui, |ui| {
        for (name, value) in &step.numbers {
            let title = maths::show(ui, &title_of(name), &TextStyle::Body.resolve(ui.style()), tokens.text);
            if !source_of(name).is_empty() {
                title.on_hover_text(source_of(name));
            }
            ui.label(RichText::new(value_text(*value)).monospace()).on_hover_text(format!("{name} = {value}"));
            ui.end_row();
        }
        ui.weak("Time");
        let time = if step.seconds < 1.0 { format!("{:.0} ms", step.seconds * 1e3) } else { duration(step.seconds) };
        ui.label(RichText::new(time).monospace().weak());
        ui.end_row();
    });
}
