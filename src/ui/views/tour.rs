//! The guided tour, a small window over the others.

use eframe::egui::{Align2, Button, Context, Label, RichText, Window, vec2};

use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::maths;

/// Shows where the tour stands, while there is one.
pub fn show(ctx: &Context, state: &AppState, queue: &CommandQueue) {
    let Some(stop) = state.tour_stop() else { return };
    let window = Window::new("Guided tour").title_bar(false).resizable(false).default_width(420.0);
    let corner = ctx.content_rect().right_bottom() + vec2(-16.0, -40.0);
    window.pivot(Align2::RIGHT_BOTTOM).default_pos(corner).show(ctx, |ui| {
        let tokens = theme::tokens(ui);
        ui.set_width(420.0);
        ui.horizontal(|ui| {
            ui.weak("Guided tour");
            if let Some((done, all)) = stop.place {
                ui.weak(format!("Phase {done} of {all}"));
            }
        });
        ui.label(RichText::new(&stop.title).heading().color(tokens.strong));
        if !stop.equation.is_empty() {
            maths::show(ui, &stop.equation, &theme::equation_font(), tokens.text);
        }
        ui.add(Label::new(&stop.text).wrap());
        if !stop.source.is_empty() {
            ui.label(RichText::new(&stop.source).small().color(tokens.weak));
        }
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            match &stop.next {
                Some((word, command)) => {
                    let button = Button::new(RichText::new(*word).color(tokens.on_accent)).fill(tokens.accent);
                    if ui.add(button).clicked() {
                        queue.send(command.clone());
                    }
                }
                // Nothing that turns: it would have the window drawn all the time, at the expense of the training.
                None => {
                    ui.weak("under way…");
                }
            }
            if ui.button("End the tour").clicked() {
                queue.send(UiCommand::Tour(false));
            }
        });
    });
}
