//! The command palette: words typed, what can be done that has them, done by Enter or a press.

use eframe::egui::{Align, Button, Key, Layout, Modifiers, RichText, ScrollArea, TextEdit, Ui};

use crate::ui::command::{CommandQueue, Dialog, UiCommand};
use crate::ui::palette::{entries, matching};
use crate::ui::state::AppState;
use crate::ui::theme;

/// Shows the dialog's contents: `text` is typed, entry `at` is lit.
pub fn show(ui: &mut Ui, state: &AppState, text: &str, at: usize, queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    let found = matching(entries(ui.ctx(), state), text);
    let at = at.min(found.len().saturating_sub(1));
    // Taken before the field sees them.
    let press = |ui: &Ui, key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
    let (down, up) = (press(ui, Key::ArrowDown), press(ui, Key::ArrowUp));
    let enter = ui.input(|i| i.key_pressed(Key::Enter));
    let mut typed = text.to_owned();
    let edit = ui.add(TextEdit::singleline(&mut typed).hint_text("what to do").desired_width(f32::INFINITY));
    let edit = edit.accessible_name("What to do");
    if !edit.has_focus() && !enter {
        edit.request_focus();
    }
    if edit.changed() {
        queue.send(UiCommand::Show(Dialog::Palette(typed, 0)));
    } else if down || up {
        let last = found.len().saturating_sub(1);
        let to = if down { (at + 1).min(last) } else { at.saturating_sub(1) };
        queue.send(UiCommand::Show(Dialog::Palette(typed, to)));
    }
    ui.add_space(4.0);
    let mut chosen = enter.then_some(at);
    ScrollArea::vertical().max_height(340.0).auto_shrink([false, true]).show(ui, |ui| {
        if found.is_empty() {
            ui.weak("Nothing has these words");
        }
        for (i, entry) in found.iter().enumerate() {
            ui.horizontal(|ui| {
                let color = if entry.refused.is_some() { tokens.weak } else { tokens.text };
                let title = RichText::new(&entry.title).color(color);
                let button = Button::selectable(i == at, title);
                let response = ui.add_enabled(entry.refused.is_none(), button);
                let response = match &entry.refused {
                    Some(why) => response.on_disabled_hover_text(why),
                    None => response,
                };
                if i == at && (down || up) {
                    response.scroll_to_me(None);
                }
                if response.clicked() {
                    chosen = Some(i);
                }
                if let Some(key) = &entry.key {
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        ui.label(RichText::new(key).small().monospace().color(tokens.weak));
                    });
                }
            });
        }
    });
    if let Some(entry) = chosen.and_then(|i| found.get(i)).filter(|e| e.refused.is_none()) {
        queue.send(UiCommand::CloseDialog);
        for command in &entry.commands {
            queue.send(command.clone());
        }
    }
}
