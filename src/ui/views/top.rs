//! The menu, and which of the open runs is in view.

use eframe::egui::{Align, Button, ComboBox, Layout as Arrange, MenuBar, RichText, Ui};

use crate::ui::command::{CommandQueue, Dialog, UiCommand};
use crate::ui::jobs::FolderFor;
use crate::ui::shortcuts;
use crate::ui::state::AppState;
use crate::ui::workspace::{Layout, Pane, ThemeChoice};

/// Shows the bar.
pub fn show(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    MenuBar::new().ui(ui, |ui| {
        ui.menu_button("File", |ui| file(ui, state, queue));
        ui.menu_button("Edit", |ui| edit(ui, state, queue));
        ui.menu_button("View", |ui| view(ui, state, queue));
        ui.menu_button("Help", |ui| {
            item(ui, queue, "Guided tour of one iteration", None, UiCommand::Tour(true));
            item(ui, queue, "Keys", Some("Show the keys"), UiCommand::Show(Dialog::Shortcuts));
            item(ui, queue, "About", None, UiCommand::Show(Dialog::About));
        });
        ui.with_layout(Arrange::right_to_left(Align::Center), |ui| runs(ui, state, queue));
    });
}

fn item(ui: &mut Ui, queue: &CommandQueue, text: &str, key: Option<&str>, command: UiCommand) {
    let mut button = Button::new(text);
    if let Some(key) = key.and_then(|title| shortcuts::text_of(ui.ctx(), title)) {
        button = button.shortcut_text(key);
    }
    if ui.add(button).clicked() {
        queue.send(command);
        ui.close();
    }
}

fn file(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    ui.set_min_width(230.0);
    if ui.add_enabled(state.asking.is_none(), Button::new("Open session…")).clicked() {
        queue.send(UiCommand::Browse(FolderFor::Session));
        ui.close();
    }
    item(ui, queue, "Open session by path…", Some("Open a session"), UiCommand::Show(Dialog::OpenPath(String::new())));
    ui.menu_button("Recent", |ui| {
        if state.workspace.recent.is_empty() {
            ui.weak("Nothing yet");
        }
        for folder in &state.workspace.recent {
            if ui.button(folder.display().to_string()).clicked() {
                queue.send(UiCommand::Open(folder.clone()));
                ui.close();
            }
        }
    });
    if let Some(run) = state.run() {
        let close = ui.add_enabled(!state.is_attached(run.0), Button::new("Close this run"));
        if close.on_disabled_hover_text("Stop it first").clicked() {
            queue.send(UiCommand::Close(run.0));
            ui.close();
        }
    }
    ui.separator();
    item(ui, queue, "Quit", Some("Quit"), UiCommand::Quit);
}

fn edit(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    ui.set_min_width(230.0);
    let (undo, redo) = state.history.can();
    for (there, title, command) in
        [(undo, "Undo a change of view", UiCommand::Undo), (redo, "Redo a change of view", UiCommand::Redo)]
    {
        ui.add_enabled_ui(there, |ui| item(ui, queue, title, Some(title), command));
    }
    ui.separator();
    let palette = UiCommand::Show(Dialog::Palette(String::new(), 0));
    item(ui, queue, "Command palette…", Some("Command palette"), palette);
}

fn view(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    ui.set_min_width(190.0);
    for layout in Layout::ALL {
        let key = format!("{} layout", layout.title());
        item(ui, queue, &key, Some(&key), UiCommand::SetLayout(layout));
    }
    item(ui, queue, "Reset layout", None, UiCommand::SetLayout(state.workspace.layout));
    ui.menu_button("Scenes", |ui| {
        item(ui, queue, "Save as a scene…", None, UiCommand::Show(Dialog::NameScene(String::new())));
        ui.separator();
        if state.workspace.scenes.is_empty() {
            ui.weak("None is kept yet");
        }
        for (i, scene) in state.workspace.scenes.iter().enumerate() {
            ui.horizontal(|ui| {
                item(ui, queue, &scene.name, None, UiCommand::ShowScene(i));
                let drop = ui.small_button("✕").on_hover_text("Forget this scene");
                if drop.clicked() {
                    queue.send(UiCommand::DropScene(i));
                }
            });
        }
    });
    item(ui, queue, "Present", Some("Present, or end presenting"), UiCommand::Present(true));
    if state.filled.is_some() {
        item(ui, queue, "Back to all panes", None, UiCommand::Fill(None));
    }
    ui.menu_button("Show pane", |ui| {
        for pane in Pane::ALL {
            item(ui, queue, pane.title(), None, UiCommand::Focus(pane));
        }
    });
    ui.separator();
    ui.menu_button("Theme", |ui| {
        for theme in ThemeChoice::ALL {
            if ui.radio(state.workspace.theme == theme, theme.title()).clicked() {
                queue.send(UiCommand::SetTheme(theme));
                ui.close();
            }
        }
    });
    ui.menu_button("Zoom", |ui| {
        for percent in [75_u16, 100, 125, 150, 200, 300] {
            let zoom = f32::from(percent) / 100.0;
            let now = (state.workspace.zoom - zoom).abs() < 0.01;
            if ui.radio(now, format!("{percent} %")).clicked() {
                queue.send(UiCommand::SetZoom(zoom));
                ui.close();
            }
        }
    });
}

fn runs(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let Some(now) = state.run() else { return };
    if state.runs.len() == 1 {
        ui.label(RichText::new(&now.name).strong());
    } else {
        ui.name_inputs("Run in view", |ui| {
            ComboBox::from_id_salt("run in view").selected_text(&now.name).width(180.0).show_ui(ui, |ui| {
                for (id, run) in &state.runs {
                    let training = if state.is_attached(*id) { " · here" } else { "" };
                    if ui.selectable_label(*id == now.0, format!("{}{training}", run.name)).clicked() {
                        queue.send(UiCommand::Select(*id));
                    }
                }
            });
        });
    }
    crate::ui::widgets::provenance_badges(ui, now.1);
}
