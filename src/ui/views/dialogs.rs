//! The windows within the window: each asks one thing or tells one thing.

use eframe::egui::{Align, Button, Context, Grid, Id, Key, Layout, Modal, RichText, TextEdit, Ui};

use crate::ui::command::{CommandQueue, Dialog, UiCommand};
use crate::ui::jobs::FolderFor;
use crate::ui::shortcuts;
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::number::number;

/// Shows the dialog that is open.
pub fn show(ctx: &Context, state: &AppState, queue: &CommandQueue) {
    let Some(dialog) = &state.dialog else { return };
    let modal = Modal::new(Id::unique("dialog")).show(ctx, |ui| {
        ui.set_width(430.0);
        match dialog {
            Dialog::RunTo(to) => run_to(ui, state, *to, queue),
            Dialog::RewindTo(to) => rewind_to(ui, state, *to, queue),
            Dialog::OpenPath(path) => open_path(ui, state, path, queue),
            Dialog::About => about(ui, state),
            Dialog::Shortcuts => keys(ui),
            Dialog::Quit => quit(ui, queue),
            Dialog::Palette(text, at) => super::palette::show(ui, state, text, *at, queue),
            Dialog::NameScene(name) => name_scene(ui, name, queue),
        }
    });
    if modal.should_close() {
        queue.send(UiCommand::CloseDialog);
    }
}

fn title(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).heading().color(theme::tokens(ui).strong));
    ui.add_space(6.0);
}

/// The buttons at the foot: the main one right, Cancel beside it. True when the main one was pressed.
fn foot(ui: &mut Ui, main: &str, queue: &CommandQueue) -> bool {
    ui.add_space(10.0);
    let mut pressed = false;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let tokens = theme::tokens(ui);
        let button = Button::new(RichText::new(main).color(tokens.on_accent)).fill(tokens.accent);
        pressed = ui.add(button).clicked();
        if ui.button("Cancel").clicked() {
            queue.send(UiCommand::CloseDialog);
        }
    });
    pressed
}

fn iteration_field(ui: &mut Ui, value: u64, range: std::ops::RangeInclusive<u64>, total: u64) -> (u64, bool) {
    let mut value = value.clamp(*range.start(), *range.end());
    let before = value;
    ui.horizontal(|ui| {
        let id = ui.label("Iteration").id;
        ui.add(number(ui, &mut value).range(range)).labelled_by(id);
        ui.weak(format!("of {total}, counted over all stages"));
    });
    (value, value != before)
}

fn total(state: &AppState) -> u64 {
    state.shown_config().total_iterations()
}

fn run_to(ui: &mut Ui, state: &AppState, to: u64, queue: &CommandQueue) {
    title(ui, "Run to an iteration");
    let (total, now) = (total(state), state.run().map_or(0, |r| r.cursor.iteration));
    let (value, changed) = iteration_field(ui, to, (now + 1).min(total)..=total, total);
    if changed {
        queue.send(UiCommand::Show(Dialog::RunTo(value)));
    }
    let enter = ui.input(|i| i.key_pressed(Key::Enter)) && !ui.ctx().text_edit_focused();
    if foot(ui, "Run there", queue) || enter {
        queue.send(UiCommand::RunTo(value));
    }
}

fn rewind_to(ui: &mut Ui, state: &AppState, to: u64, queue: &CommandQueue) {
    title(ui, "Rewind to an iteration");
    let now = state.run().map_or(0, |r| r.cursor.iteration);
    let (value, changed) = iteration_field(ui, to, 0..=now, total(state));
    if changed {
        queue.send(UiCommand::Show(Dialog::RewindTo(value)));
    }
    ui.add_space(4.0);
    ui.label(format!(
        "Rewinding deletes rows, maps and checkpoints after iteration {value} and all scores from this session. A \
         copy of the folder keeps them."
    ));
    ui.add_space(6.0);
    if ui.button("Rewind").on_hover_text("Deletes them without a copy").clicked() {
        queue.send(UiCommand::RewindTo(value));
    }
    // The main button is the one that loses nothing.
    if foot(ui, "Keep a copy and rewind", queue) {
        queue.send(UiCommand::ForkAndRewind(value));
    }
}

fn open_path(ui: &mut Ui, state: &AppState, path: &str, queue: &CommandQueue) {
    title(ui, "Open a session");
    ui.label("The folder of a finished run, or of one that another process is training");
    let mut text = path.to_owned();
    ui.horizontal(|ui| {
        let edit = TextEdit::singleline(&mut text).desired_width(ui.available_width() - 96.0);
        let response = ui.add(edit.hint_text("path of the session folder")).accessible_name("Session folder");
        if response.changed() {
            queue.send(UiCommand::Show(Dialog::OpenPath(text.clone())));
        }
        if path.is_empty() && !response.has_focus() {
            response.request_focus();
        }
        if response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) && !text.trim().is_empty() {
            queue.send(UiCommand::Open(text.trim().into()));
        }
        if ui.add_enabled(state.asking.is_none(), Button::new("Browse…")).clicked() {
            queue.send(UiCommand::Browse(FolderFor::Session));
        }
    });
    if foot(ui, "Open", queue) && !text.trim().is_empty() {
        queue.send(UiCommand::Open(text.trim().into()));
    }
}

fn name_scene(ui: &mut Ui, name: &str, queue: &CommandQueue) {
    title(ui, "Save the arrangement as a scene");
    ui.label("Panes as they stand now; PageDown and PageUp go through scenes in a talk");
    let mut text = name.to_owned();
    let edit = ui.add(TextEdit::singleline(&mut text).hint_text("name of the scene").desired_width(f32::INFINITY));
    let edit = edit.accessible_name("Name of the scene");
    if edit.changed() {
        queue.send(UiCommand::Show(Dialog::NameScene(text.clone())));
    }
    if name.is_empty() && !edit.has_focus() {
        edit.request_focus();
    }
    let enter = edit.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    if (foot(ui, "Save", queue) || enter) && !text.trim().is_empty() {
        queue.send(UiCommand::SaveScene(text.trim().to_owned()));
    }
}

fn about(ui: &mut Ui, state: &AppState) {
    title(ui, "MetaFAS Workbench");
    ui.label("Trains and shows MT-FAS, the bi-level meta-teacher for face anti-spoofing");
    ui.add_space(6.0);
    Grid::new("about").num_columns(2).spacing([16.0, 4.0]).show(ui, |ui| {
        let lines = [
            ("Version", env!("CARGO_PKG_VERSION").to_owned()),
            ("Device", state.device.clone()),
            ("Licence", env!("CARGO_PKG_LICENSE").to_owned()),
            ("Cache", state.cache.display().to_string()),
            ("Sessions", state.sessions.display().to_string()),
        ];
        for (name, value) in lines {
            ui.weak(name);
            ui.add(eframe::egui::Label::new(value).wrap());
            ui.end_row();
        }
    });
}

fn keys(ui: &mut Ui) {
    title(ui, "Keys");
    Grid::new("keys").num_columns(2).spacing([24.0, 5.0]).show(ui, |ui| {
        for shortcut in shortcuts::ALL {
            ui.label(RichText::new(ui.ctx().format_shortcut(&shortcut.keys)).monospace());
            ui.label(shortcut.title);
            ui.end_row();
        }
        ui.label(RichText::new("Ctrl + / −").monospace());
        ui.label("Zoom");
        ui.end_row();
    });
}

fn quit(ui: &mut Ui, queue: &CommandQueue) {
    title(ui, "Training is running");
    ui.label("Runs, and those of a sweep, are stopped and kept; they can be resumed from their session folders");
    if foot(ui, "Stop and quit", queue) {
        queue.send(UiCommand::StopAndQuit);
    }
}
