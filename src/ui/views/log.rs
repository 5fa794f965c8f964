//! Everything that was said, oldest first.

use eframe::egui::{Frame, Label, Margin, RichText, ScrollArea, Ui};

use crate::ui::state::{AppState, Level};
use crate::ui::theme;
use crate::ui::widgets::{copyable, empty};

/// Shows the pane.
pub fn show(ui: &mut Ui, state: &AppState) {
    copyable(ui);
    if state.log.is_empty() {
        return empty(ui, "Warnings, errors and what was done appear here");
    }
    let tokens = theme::tokens(ui);
    Frame::new().inner_margin(Margin::same(10)).show(ui, |ui| {
        let height = ui.text_style_height(&eframe::egui::TextStyle::Body);
        let area = ScrollArea::vertical().auto_shrink(false).stick_to_bottom(true).id_salt("log");
        area.show_rows(ui, height, state.log.len(), |ui, rows| {
            for entry in &state.log[rows] {
                let (word, color) = match entry.level {
                    Level::Info => ("", tokens.text),
                    Level::Warning => ("Warning  ", tokens.warn),
                    Level::Error => ("Error  ", tokens.error),
                };
                ui.horizontal(|ui| {
                    let at = entry.iteration.map_or_else(String::new, |i| i.to_string());
                    ui.label(RichText::new(format!("{at:>7}")).monospace().color(tokens.weak));
                    let text = RichText::new(format!("{word}{}", entry.text)).color(color);
                    ui.add(Label::new(text).truncate()).on_hover_text(&entry.text);
                });
            }
        });
    });
}
