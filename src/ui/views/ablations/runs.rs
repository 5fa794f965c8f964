//! All runs of a sweep and how far each is.

use eframe::egui::{Label, RichText, ScrollArea, Ui};

use crate::sweep::CaseState;
use crate::ui::ablations::SweepLook;
use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::theme;

/// Shows the page.
pub fn show(ui: &mut Ui, look: &SweepLook, queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    let row = ui.text_style_height(&eframe::egui::TextStyle::Body) + 4.0;
    ScrollArea::vertical().auto_shrink(false).id_salt("sweep runs").show_rows(ui, row, look.cases.len(), |ui, rows| {
        for case in &look.cases[rows] {
            ui.horizontal(|ui| {
                ui.set_height(row);
                let color = match case.state {
                    CaseState::Finished => tokens.good,
                    CaseState::Running => tokens.accent,
                    state if state.is_failure() => tokens.error,
                    _ => tokens.weak,
                };
                ui.add_sized([90.0, row], Label::new(RichText::new(case.state.name()).color(color)));
                if case.state == CaseState::Planned {
                    ui.label(&case.title);
                } else if ui.link(&case.title).on_hover_text("Brings it into view").clicked() {
                    queue.send(UiCommand::Open(case.session.clone()));
                }
                if !case.note.is_empty() {
                    ui.add(Label::new(RichText::new(&case.note).small().color(tokens.warn)).truncate())
                        .on_hover_text(&case.note);
                }
            });
        }
    });
}
