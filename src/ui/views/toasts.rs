//! New messages over the lower right corner; information goes away by itself, errors wait.

use eframe::egui::{Align2, Area, Button, Context, Frame, Id, Label, Margin, Order, RichText, Stroke, vec2};

use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::state::{AppState, Level};
use crate::ui::theme;

/// Shows the messages.
pub fn show(ctx: &Context, state: &AppState, queue: &CommandQueue) {
    if state.toasts.is_empty() {
        return;
    }
    let area =
        Area::new(Id::unique("messages")).order(Order::Foreground).anchor(Align2::RIGHT_BOTTOM, vec2(-14.0, -38.0));
    // They come by themselves: fading in would draw frame after frame that nobody asked for.
    area.fade_in(false).show(ctx, |ui| {
        let tokens = theme::tokens(ui);
        for toast in &state.toasts {
            let color = match toast.level {
                Level::Info => tokens.accent,
                Level::Warning => tokens.warn,
                Level::Error => tokens.error,
            };
            let frame = Frame::popup(ui.style()).stroke(Stroke::new(1.0, color)).inner_margin(Margin::symmetric(12, 8));
            frame.show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.set_max_width(380.0);
                    let close = Button::new("×").frame(false);
                    if ui.add(close).accessible_name("Dismiss").clicked() {
                        queue.send(UiCommand::Dismiss(toast.id));
                    }
                    ui.add(Label::new(RichText::new(&toast.text)).wrap());
                });
            });
        }
    });
}
