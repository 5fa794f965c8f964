//! What a newcomer sees first: what this is, and the ways in.

use eframe::egui::{Align, Button, Layout, RichText, ScrollArea, Ui, vec2};

use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::workspace::Pane;

/// Shows the welcome in place of the panes.
pub fn show(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let width = (ui.available_width() - 24.0).min(560.0);
    let above = (ui.available_height() * 0.22 - 40.0).max(16.0);
    ScrollArea::vertical().auto_shrink(false).id_salt("welcome").show(ui, |ui| {
        ui.vertical_centered(|ui| ways_in(ui, state, (above, width), queue));
    });
}

fn ways_in(ui: &mut Ui, state: &AppState, (above, width): (f32, f32), queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    ui.add_space(above);
    ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Center), |ui| {
            ui.label(RichText::new("MetaFAS Workbench").size(28.0).color(tokens.strong));
            ui.add_space(10.0);
            let text = "A teacher network learns to tell a face anti-spoofing detector, pixel by pixel, what is wrong with \
                        an attack. You see its maps, losses and gradients while it learns, and can stop, step and go back \
                        anywhere.";
            ui.label(RichText::new(text).size(15.0));
            ui.add_space(18.0);
            let play = Button::new(RichText::new("Play demo").size(16.0).color(tokens.on_accent)).fill(tokens.accent);
            let help = "Trains the demo preset on built-in synthetic faces; a teacher to look at within minutes";
            if ui.add(play.min_size(vec2(260.0, 40.0))).on_hover_text(help).clicked() {
                queue.send(UiCommand::PlayDemo);
            }
            ui.add_space(4.0);
            let tour = Button::new(RichText::new("Guided tour of one iteration").size(15.0)).min_size(vec2(260.0, 36.0));
            let help = "Starts a small run, stops it at its first iterations of Algorithm 1 and takes one phase by phase";
            if ui.add(tour).on_hover_text(help).clicked() {
                queue.send(UiCommand::Tour(true));
            }
            if let Some(sample) = &state.sample {
                ui.add_space(4.0);
                let open = Button::new(RichText::new("Open the sample session").size(15.0)).min_size(vec2(260.0, 36.0));
                if ui.add(open).on_hover_text("A small finished run to look around in").clicked() {
                    queue.send(UiCommand::Open(sample.clone()));
                }
            }
            ui.add_space(4.0);
            let look = Button::new(RichText::new("Look at the built-in benchmark").size(15.0)).min_size(vec2(260.0, 36.0));
            let help = "One synthetic face under every attack, by every camera and in every place";
            if ui.add(look).on_hover_text(help).clicked() {
                queue.send(UiCommand::Focus(Pane::Gallery));
            }
            ui.add_space(4.0);
            let own = Button::new(RichText::new("Open your own data").size(15.0)).min_size(vec2(260.0, 36.0));
            let help = "Data sets, cropped frames with lists, videos or pictures of your own; nothing is copied or changed";
            if ui.add(own).on_hover_text(help).clicked() {
                queue.send(UiCommand::Focus(Pane::Data));
            }
            ui.add_space(14.0);
            let hint = "Or configure a run on the left, or open a session folder from the File menu";
            ui.label(RichText::new(hint).color(tokens.weak));
            if !state.workspace.recent.is_empty() {
                ui.add_space(18.0);
                ui.label(RichText::new("Recent").color(tokens.weak));
                for folder in state.workspace.recent.iter().take(4) {
                    if ui.link(folder.display().to_string()).clicked() {
                        queue.send(UiCommand::Open(folder.clone()));
                    }
                }
            }
        });
}
