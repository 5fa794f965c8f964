//! A calm, flat progress bar with its text in the middle.

use eframe::egui::{Align2, Color32, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use crate::ui::theme;

/// Draws a bar, `part` of it filled with `fill`; `name` is what it is the progress of.
pub fn bar(ui: &mut Ui, name: &str, part: f32, text: &str, (width, height): (f32, f32), fill: Color32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    let label = format!("{name}: {text}");
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &label));
    let tokens = theme::tokens(ui);
    let painter = ui.painter();
    painter.rect(rect, 3.0, tokens.sunken, Stroke::new(1.0, tokens.outline), StrokeKind::Inside);
    let inner = rect.shrink(1.0);
    let part = if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 };
    let filled = Rect::from_min_size(inner.min, vec2(inner.width() * part, inner.height()));
    if part > 0.0 {
        painter.rect_filled(filled, 2.0, fill);
    }
    painter.text(rect.center(), Align2::CENTER_CENTER, text, FontId::proportional(11.5), tokens.strong);
    response
}
