//! Algorithm 1 phase by phase: the list with the line that was just done lit and the next one marked, the equation
//! large, the numbers the phase gave, and the pictures of the batch with what the teacher said and is told.

use std::sync::Arc;

use eframe::egui::{
    Align, CentralPanel, Color32, Frame, Grid, Label, Layout, Margin, Panel, Response, RichText, Role, ScrollArea,
    Sense, Stroke, Ui, WidgetInfo, vec2,
};

use crate::data::Label as Truth;
use crate::engine::{BatchFace, BatchView, PhaseInfo, Stage};
use crate::session::State;
use crate::ui::atlas::{Kept, Same, fill_maps, fill_rgb};
use crate::ui::colormap::{Colormap, Scale, reach};
use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::run::StepReport;
use crate::ui::state::{AppState, Viewed};
use crate::ui::theme;
use crate::ui::widgets::colour_bar::ColourBar;
use crate::ui::widgets::{duration, empty, picture, section, value_text};

/// Textures of the batch in view.
#[derive(Default)]
pub struct StepCache {
    rgb: Kept<Same<BatchView>>,
    targets: Kept<(Same<BatchView>, Colormap)>,
    cotangents: Kept<Same<BatchView>>,
    scales: (Option<Scale>, Option<Scale>),
    bars: [ColourBar; 2],
}

/// Shows the pane.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut StepCache, queue: &CommandQueue) {
    let Some(run) = state.run() else { return empty(ui, "Step through Algorithm 1 here once a run has begun") };
    let phases = run.phases();
    if phases.is_empty() {
        return empty(ui, "This run has not begun");
    }
    let step = run.1.step.as_ref().filter(|s| s.stage == run.stage);
    let (done, next) = match step {
        _ if run.state == Some(State::Finished) => (Some(phases.len() - 1), None),
        Some(step) => (step.done, Some(step.next)),
        None => (None, Some(run.cursor.phase)),
    };
    let lit = done.or(next).unwrap_or(0).min(phases.len() - 1);
    let shown = state.shown_phase.filter(|&p| p < phases.len()).unwrap_or(lit);
    let list_width = (ui.available_width() * 0.36).clamp(190.0, 330.0);
    Panel::left("phases")
        .exact_size(list_width)
        .resizable(false)
        .frame(Frame::new().inner_margin(Margin::same(10)))
        .show(ui, |ui| list(ui, run, &phases, (lit, next, shown), queue));
    CentralPanel::no_frame().frame(Frame::new().inner_margin(Margin::same(12))).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).id_salt("phase").show(ui, |ui| {
            explain(ui, &phases[shown]);
            if let Some(step) = step.filter(|s| s.done == Some(shown)) {
                numbers(ui, step);
            } else if let Some(step) = step.filter(|s| s.next == shown) {
                ui.add_space(6.0);
                ui.weak(if step.done.is_some() { "This phase comes next" } else { "This phase begins the iteration" });
            }
            if let Some(batch) = &run.1.batch {
                pictures(ui, state, batch, cache);
            } else {
                ui.add_space(10.0);
                ui.weak("Step to see the faces of the batch here");
            }
        });
    });
}

fn list(
    ui: &mut Ui,
    run: Viewed<'_>,
    phases: &[PhaseInfo],
    (lit, next, shown): (usize, Option<usize>, usize),
    queue: &CommandQueue,
) {
    let tokens = theme::tokens(ui);
    let title = Stage::parse(&run.stage).map_or_else(|| run.stage.clone(), |s| s.title().to_owned());
    ui.label(RichText::new(title).heading().color(tokens.strong));
    let counted = Stage::parse(&run.stage).is_some_and(|s| run.span(s).is_some());
    let within = if counted { format!("{} iterations of the stage, ", run.stage_iteration) } else { String::new() };
    ui.weak(format!("{within}{} in all are done", run.cursor.iteration));
    ui.add_space(6.0);
    ScrollArea::vertical().auto_shrink(false).id_salt("list").show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for (i, phase) in phases.iter().enumerate() {
            if entry(ui, phase, i == lit, next == Some(i), i == shown).clicked() {
                queue.send(UiCommand::ShowPhase((i != lit).then_some(i)));
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
        let edge = eframe::egui::Rect::from_min_size(rect.min, vec2(3.0, rect.height()));
        painter.rect_filled(edge, 1.5, tokens.accent);
    }
    let font = eframe::egui::TextStyle::Body.resolve(ui.style());
    let mono = eframe::egui::TextStyle::Monospace.resolve(ui.style());
    let color = if lit { tokens.strong } else { tokens.text };
    let y = rect.center().y;
    let at = |x: f32| eframe::egui::pos2(rect.left() + x, y);
    painter.text(at(42.0), eframe::egui::Align2::RIGHT_CENTER, &phase.line, mono, tokens.weak);
    let room = rect.width() - 52.0 - if next { 44.0 } else { 4.0 };
    let mut job = eframe::egui::text::LayoutJob::simple_singleline(phase.title.clone(), font, color);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(room.max(20.0));
    let galley = painter.layout_job(job);
    painter.galley(at(52.0) - vec2(0.0, galley.size().y / 2.0), galley, color);
    if next {
        let small = eframe::egui::TextStyle::Small.resolve(ui.style());
        let end = eframe::egui::pos2(rect.right() - 8.0, y);
        painter.text(end, eframe::egui::Align2::RIGHT_CENTER, "next", small, tokens.accent);
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
            let font = theme::equation_font();
            let size = equation_size(ui, &phase.equation, font.size);
            ui.label(RichText::new(&phase.equation).font(font).size(size).color(tokens.strong));
        });
    ui.add_space(2.0);
    ui.label(&phase.help);
    ui.label(RichText::new(&phase.source).small().color(tokens.weak));
}

/// Large, but small enough for one line where that is still readable.
fn equation_size(ui: &Ui, text: &str, largest: f32) -> f32 {
    let font = theme::equation_font();
    let width = ui.painter().layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER).size().x;
    (largest * (ui.available_width() / width.max(1.0))).clamp(14.0, largest).floor()
}

fn numbers(ui: &mut Ui, step: &StepReport) {
    ui.add_space(8.0);
    section(ui, "What it gave");
    Grid::new("phase numbers").num_columns(2).spacing([24.0, 4.0]).show(ui, |ui| {
        for (name, value) in &step.numbers {
            ui.label(super::names::title_of(name));
            ui.label(RichText::new(value_text(*value)).monospace()).on_hover_text(format!("{name} = {value}"));
            ui.end_row();
        }
        ui.weak("Time");
        let time = if step.seconds < 1.0 { format!("{:.0} ms", step.seconds * 1e3) } else { duration(step.seconds) };
        ui.label(RichText::new(time).monospace().weak());
        ui.end_row();
    });
}

fn pictures(ui: &mut Ui, state: &AppState, batch: &Arc<BatchView>, cache: &mut StepCache) {
    let colormap = state.workspace.colormap;
    let all: Vec<&BatchFace> = batch.train.iter().chain(&batch.validation).collect();
    cache.rgb.get(Same(Arc::clone(batch)), |atlas| {
        let pictures: Vec<&[u8]> = all.iter().map(|f| f.rgb.as_slice()).collect();
        fill_rgb(atlas, ui.ctx(), "batch faces", batch.size, &pictures);
    });
    let StepCache { targets, scales, .. } = cache;
    targets.get((Same(Arc::clone(batch)), colormap), |atlas| {
        let maps: Vec<Option<&[f32]>> = all.iter().map(|f| f.target.as_deref()).collect();
        // Targets are 2 sigma in Algorithm 1 and reach 2; labels reach 1.
        let top = if reach(maps.iter().flatten().copied().flatten()) > 1.0 { 2.0 } else { 1.0 };
        let scale = Scale::sequential(colormap, 0.0, top);
        scales.0 = maps.iter().any(Option::is_some).then_some(scale);
        fill_maps(atlas, ui.ctx(), "batch targets", batch.side, scale, &maps);
    });
    let StepCache { cotangents, scales, .. } = cache;
    cotangents.get(Same(Arc::clone(batch)), |atlas| {
        let maps: Vec<Option<&[f32]>> = all.iter().map(|f| f.cotangent.as_deref()).collect();
        let scale = Scale::diverging(reach(maps.iter().flatten().copied().flatten()));
        scales.1 = maps.iter().any(Option::is_some).then_some(scale);
        fill_maps(atlas, ui.ctx(), "batch cotangents", batch.side, scale, &maps);
    });
    ui.add_space(10.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 20.0;
        for (i, (name, scale)) in
            [("Target", cache.scales.0), ("Cotangent −J v", cache.scales.1)].into_iter().enumerate()
        {
            if let Some(scale) = scale {
                ui.weak(name);
                cache.bars[i].show(ui, name, scale, 150.0);
            }
        }
    });
    let split = batch.train.len();
    let both = !batch.validation.is_empty();
    let first = if both { "Inner batch Φₜ: the detector learns from these" } else { "The batch of this iteration" };
    strip(ui, cache, batch, (first, "inner"), 0..split);
    strip(ui, cache, batch, ("Validation batch Φᵥ: what it learnt is judged on these", "validation"), split..all.len());
}

fn strip(
    ui: &mut Ui,
    cache: &StepCache,
    batch: &BatchView,
    (title, short): (&str, &str),
    range: std::ops::Range<usize>,
) {
    if range.is_empty() {
        return;
    }
    let side = picture::whole_texels(ui, 66.0, batch.side);
    let cell = side.max(60.0);
    section(ui, title);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 8.0);
        for i in range.clone() {
            let Some(face) = batch.train.iter().chain(&batch.validation).nth(i) else { continue };
            let height =
                cell * (1 + usize::from(cache.scales.0.is_some()) + usize::from(cache.scales.1.is_some())) as f32;
            ui.allocate_ui_with_layout(vec2(cell, height + 26.0), Layout::top_down(Align::Center), |ui| {
                card(ui, cache, face, (i, i - range.start + 1), (cell, side), short);
            });
        }
    });
}

fn card(
    ui: &mut Ui,
    cache: &StepCache,
    face: &BatchFace,
    (i, number): (usize, usize),
    (cell, side): (f32, f32),
    short: &str,
) {
    let tokens = theme::tokens(ui);
    ui.spacing_mut().item_spacing.y = 3.0;
    let size = (cell, side);
    let name = |what: &str| format!("{what}, {short} face {number}");
    picture::show(ui, cache.rgb.filled(), i, size, &name("Face"), "").on_hover_text(&face.key);
    if cache.scales.0.is_some() {
        let absent = if face.target.is_some() { "" } else { "–" };
        picture::show(ui, cache.targets.filled(), i, size, &name("Target"), absent);
    }
    if cache.scales.1.is_some() {
        let absent = if face.cotangent.is_some() { "" } else { "–" };
        picture::show(ui, cache.cotangents.filled(), i, size, &name("Cotangent"), absent);
    }
    let color = if face.label == Truth::Live { tokens.good } else { tokens.warn };
    ui.add(Label::new(RichText::new(&face.species).small().color(color)).truncate());
}
