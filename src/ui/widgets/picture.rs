//! One picture out of an atlas, drawn so that its texels fall on whole pixels of the screen, with a mark on one of them.

use eframe::egui::{Color32, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use crate::ui::atlas::Atlas;
use crate::ui::theme;

/// The largest side of at most `wanted` points at which `texels` texels each take the same whole number of pixels.
pub fn whole_texels(ui: &Ui, wanted: f32, texels: usize) -> f32 {
    let per_point = ui.pixels_per_point();
    let each = (wanted * per_point / texels.max(1) as f32).floor().max(1.0);
    each * texels as f32 / per_point
}

/// Draws picture `i` of `atlas` into a square of side `cell`, itself `side` wide; says so where there is none.
pub fn show(ui: &mut Ui, atlas: &Atlas, i: usize, (cell, side): (f32, f32), name: &str, absent: &str) -> Response {
    let (area, response) = ui.allocate_exact_size(vec2(cell, cell), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    if !ui.is_rect_visible(area) {
        return response;
    }
    let tokens = theme::tokens(ui);
    let corner = ui.painter().round_to_pixel_center(area.center().x - side / 2.0);
    let top = ui.painter().round_to_pixel_center(area.center().y - side / 2.0);
    let half = 0.5 / ui.pixels_per_point();
    let square = Rect::from_min_size(Pos2::new(corner - half, top - half), vec2(side, side));
    if let Some((texture, uv)) = atlas.cell(i).filter(|_| absent.is_empty()) {
        ui.painter().image(texture, square, uv, Color32::WHITE);
    } else {
        ui.painter().rect_stroke(square, 2.0, Stroke::new(1.0, tokens.outline), StrokeKind::Inside);
        let font = eframe::egui::FontId::proportional(11.0);
        ui.painter().text(square.center(), eframe::egui::Align2::CENTER_CENTER, absent, font, tokens.weak);
    }
    response.with_new_rect(square)
}

/// The texel of a picture `texels` wide that `at` lies on.
pub fn texel_at(square: Rect, at: Pos2, texels: usize) -> Option<(usize, usize)> {
    if !square.contains(at) || texels == 0 {
        return None;
    }
    let part = (at - square.min) / square.width() * texels as f32;
    Some(((part.y as usize).min(texels - 1), (part.x as usize).min(texels - 1)))
}

/// Frames one texel.
pub fn mark_texel(ui: &Ui, square: Rect, (row, column): (usize, usize), texels: usize, strong: bool) {
    let each = square.width() / texels.max(1) as f32;
    let corner = square.min + vec2(column as f32, row as f32) * each;
    let texel = Rect::from_min_size(corner, vec2(each, each));
    let (inner, outer) = theme::marks();
    let width = if strong { 2.0 } else { 1.0 };
    ui.painter().rect_stroke(texel.expand(1.0), 0.0, Stroke::new(width + 1.0, outer), StrokeKind::Outside);
    ui.painter().rect_stroke(texel, 0.0, Stroke::new(width, inner), StrokeKind::Outside);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texels_are_found_by_place() {
        let square = Rect::from_min_size(Pos2::new(10.0, 20.0), vec2(80.0, 80.0));
        assert_eq!(texel_at(square, Pos2::new(10.0, 20.0), 8), Some((0, 0)));
        assert_eq!(texel_at(square, Pos2::new(89.9, 35.0), 8), Some((1, 7)));
        assert_eq!(texel_at(square, Pos2::new(90.0, 100.0), 8), Some((7, 7)));
        assert_eq!(texel_at(square, Pos2::new(5.0, 30.0), 8), None);
    }
}
