//! A list of any length that can be opened and copied: clips that are missing, or too many.

use eframe::egui::{CollapsingHeader, Label, RichText, ScrollArea, TextStyle, Ui};

use crate::ui::theme;

/// Lines that are seen at once.
const SEEN: f32 = 10.0;

/// Shows `lines` under a heading that tells how many there are; nothing where there are none.
pub fn show(ui: &mut Ui, title: &str, help: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let heading = CollapsingHeader::new(format!("{title}: {}", lines.len())).id_salt(title);
    let response = heading.show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.add(Label::new(RichText::new(help).small().color(theme::tokens(ui).weak)).wrap());
            if ui.small_button("Copy").on_hover_text("Copies all of them, a line each").clicked() {
                ui.copy_text(lines.join("\n"));
            }
        });
        let height = ui.text_style_height(&TextStyle::Monospace);
        let area =
            ScrollArea::both().id_salt((title, "lines")).max_height(SEEN * (height + 4.0)).auto_shrink([false, true]);
        area.show_rows(ui, height, lines.len(), |ui, rows| {
            for line in &lines[rows] {
                ui.add(Label::new(RichText::new(line).monospace()).extend());
            }
        });
    });
    response.header_response.on_hover_text(help);
}

/// Sentences that a person should know, each with a mark.
pub fn sentences(ui: &mut Ui, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    ui.add_space(6.0);
    crate::ui::widgets::section(ui, title);
    for line in lines {
        ui.horizontal_top(|ui| {
            ui.label(RichText::new("•").color(theme::tokens(ui).warn));
            ui.add(Label::new(line).wrap());
        });
    }
}
