//! The tensors that stand in the equation of the phase that was just done: shape, range, how their values are spread, and how
//! far the phase moved them.

use eframe::egui::{FontId, Grid, Rect, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::engine::TensorNote;
use crate::ui::run::StepReport;
use crate::ui::theme;
use crate::ui::widgets::copyable;
use crate::ui::widgets::{maths, rounded_text, section, value_text};

/// Shows the part.
pub fn show(ui: &mut Ui, step: &StepReport) {
    copyable(ui);
    if step.tensors.is_empty() {
        return;
    }
    ui.add_space(8.0);
    section(ui, "What stands in the equation");
    ScrollArea::horizontal().id_salt("tensors").show(ui, |ui| rows(ui, step));
    if step.tensors.iter().all(|t| t.moved.is_none()) {
        ui.weak("This phase changed no parameters");
    }
}

fn rows(ui: &mut Ui, step: &StepReport) {
    let tokens = theme::tokens(ui);
    let few = |v: f64| rounded_text(v, 3);
    Grid::new("tensors").num_columns(5).spacing([9.0, 5.0]).show(ui, |ui| {
        for title in ["Symbol", "Shape", "Values", "Range", "Moved by"] {
            ui.label(RichText::new(title).small().color(tokens.weak));
        }
        ui.end_row();
        for note in &step.tensors {
            maths::show(ui, &note.symbol, &FontId::new(15.0, theme::equation_font().family), tokens.strong)
                .on_hover_text(&note.what);
            ui.label(shape_text(&note.shape)).on_hover_text(&note.what);
            bars(ui, note);
            let whole =
                format!("{} to {}, mean {}", value_text(note.low), value_text(note.high), value_text(note.mean));
            ui.label(RichText::new(format!("{} … {}", few(note.low), few(note.high))).monospace()).on_hover_text(whole);
            match note.moved {
                Some((step, part)) => {
                    let text = format!("{} ({} %)", rounded_text(step, 2), rounded_text(100.0 * part, 2));
                    let help = "2-norm of what the phase changed, and that as a part of the length before";
                    ui.label(RichText::new(text).monospace().color(tokens.accent)).on_hover_text(help);
                }
                None => {
                    ui.weak("–");
                }
            }
            ui.end_row();
        }
    });
}

fn shape_text(shape: &[usize]) -> String {
    match shape {
        [count] => format!("{count} values"),
        all => all.iter().map(usize::to_string).collect::<Vec<_>>().join("×"),
    }
}

/// How the values of a tensor are spread over its range.
fn bars(ui: &mut Ui, note: &TensorNote) {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(60.0, 20.0), Sense::hover());
    let name = format!("Values of {}, {} to {}", note.what, value_text(note.low), value_text(note.high));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    ui.painter().rect_filled(rect, 2.0, tokens.sunken);
    let most = f64::from(note.bars.iter().copied().max().unwrap_or(0)).max(1.0);
    let wide = rect.width() / note.bars.len().max(1) as f32;
    for (i, &count) in note.bars.iter().enumerate().filter(|(_, c)| **c > 0) {
        // By the root, so that a few values far from the others are seen at all.
        let high = (f64::from(count) / most).sqrt() as f32 * (rect.height() - 2.0);
        let low = pos2(rect.left() + i as f32 * wide, rect.bottom());
        let bar = Rect::from_min_max(low - vec2(0.0, high.max(1.0)), low + vec2(wide - 0.5, 0.0));
        ui.painter().rect_filled(bar, 0.0, tokens.accent);
    }
    let bad = if note.not_finite > 0 { format!("\n{} values are not finite", note.not_finite) } else { String::new() };
    response.on_hover_text(format!("{}\nHow its values are spread, by the root of their number{bad}", note.what));
}
