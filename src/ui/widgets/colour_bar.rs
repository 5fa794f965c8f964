//! A colour bar with its numbers: what a colour of a map stands for.

use eframe::egui::{
    Align2, ColorImage, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, TextureHandle, TextureOptions, Ui,
    WidgetInfo, pos2, vec2,
};

use super::{rounded_text, short_text};
use crate::ui::colormap::Scale;
use crate::ui::theme;

/// Colours of a bar.
const STEPS: usize = 128;

/// A bar whose texture is made again when its scale changes.
#[derive(Default)]
pub struct ColourBar {
    made_for: Option<Scale>,
    texture: Option<TextureHandle>,
}

impl ColourBar {
    /// Draws the bar, `width` wide, with numbers below.
    pub fn show(&mut self, ui: &mut Ui, name: &str, scale: Scale, width: f32) -> Response {
        if self.made_for != Some(scale) {
            let value = |i: usize| scale.low + (scale.high - scale.low) * (i as f32 + 0.5) / STEPS as f32;
            let image = ColorImage::new([STEPS, 1], (0..STEPS).map(|i| scale.color(value(i))).collect());
            match &mut self.texture {
                Some(texture) => texture.set(image, TextureOptions::LINEAR),
                None => self.texture = Some(ui.ctx().load_texture("colour bar", image, TextureOptions::LINEAR)),
            }
            self.made_for = Some(scale);
        }
        let (area, response) = ui.allocate_exact_size(vec2(width.max(60.0), 26.0), Sense::hover());
        let ends = [scale.low, f32::midpoint(scale.low, scale.high), scale.high].map(|v| short_text(f64::from(v)));
        let label = format!("{name}: colours from {} to {}, beyond them the same", ends[0], ends[2]);
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &label));
        let tokens = theme::tokens(ui);
        let bar = Rect::from_min_size(area.min, vec2(area.width(), 9.0));
        if let Some(texture) = &self.texture {
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            ui.painter().image(texture.id(), bar, whole, eframe::egui::Color32::WHITE);
        }
        ui.painter().rect_stroke(bar, 0.0, Stroke::new(1.0, tokens.outline), StrokeKind::Outside);
        let font = FontId::proportional(11.0);
        let places =
            [(bar.left(), Align2::LEFT_TOP), (bar.center().x, Align2::CENTER_TOP), (bar.right(), Align2::RIGHT_TOP)];
        let roomy = area.width() > 130.0;
        // Little room is for two numbers of few digits; the exact ones are told on hover.
        let drawn = if roomy { ends } else { [scale.low, 0.0, scale.high].map(|v| rounded_text(f64::from(v), 2)) };
        for (text, (x, align)) in
            drawn.iter().zip(places).filter(|(_, (_, align))| roomy || *align != Align2::CENTER_TOP)
        {
            ui.painter().text(pos2(x, bar.bottom() + 3.0), align, text, font.clone(), tokens.weak);
        }
        response.on_hover_text(label)
    }
}
