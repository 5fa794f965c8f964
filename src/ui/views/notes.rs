//! What a person notes of the run in view, kept in its folder.

use eframe::egui::{Frame, Margin, RichText, ScrollArea, TextEdit, Ui};

use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::notes::Written;
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::empty;

/// Shows the pane.
pub fn show(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let Some(run) = state.run() else { return empty(ui, "Notes of a run are written here once one is open") };
    if state.notes.wants(&run.folder) {
        queue.send(UiCommand::ReadNotes);
    }
    if state.notes.folder.as_deref() != Some(&*run.folder) {
        return empty(ui, "Notes are being read…");
    }
    let tokens = theme::tokens(ui);
    Frame::new().inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
        let mut notes: Written = state.notes.now.clone();
        let mut changed = false;
        ui.horizontal(|ui| {
            let label = ui.label("Tags").id;
            let width = ui.available_width().min(400.0);
            let edit =
                TextEdit::singleline(&mut notes.tags).hint_text("words, for finding it again").desired_width(width);
            changed |= ui.add(edit).labelled_by(label).changed();
        });
        let text = if state.notes.is_dirty() { "not kept yet" } else { "kept in notes.md and tags of its folder" };
        ui.label(RichText::new(text).small().color(tokens.weak));
        ScrollArea::vertical().auto_shrink(false).id_salt("notes").show(ui, |ui| {
            let rows = (ui.available_height() / 20.0).max(4.0) as usize;
            let edit = TextEdit::multiline(&mut notes.text).desired_rows(rows).desired_width(f32::INFINITY);
            let edit = edit.hint_text("What was tried, what came of it");
            changed |= ui.add(edit).accessible_name("Notes of this run").changed();
        });
        if changed {
            queue.send(UiCommand::TypeNotes(notes));
        }
    });
    if state.notes.is_dirty() {
        ui.ctx().request_repaint_after(std::time::Duration::from_secs(2));
    }
}
