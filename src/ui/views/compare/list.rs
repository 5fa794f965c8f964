//! The list of sessions, with a field for words that must be in them and one for more folders.

use eframe::egui::{Align, Button, Key, Layout, RichText, TextEdit, Ui};
use egui_extras::{Column, TableBuilder};

use super::send;
use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::compare::{CompareCommand, Listed, SortBy, listed};
use crate::ui::jobs::FolderFor;
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::{badge, synthetic};

/// The list as it was sorted last.
#[derive(Default)]
pub struct ListCache {
    key: Option<(u64, String, SortBy, bool)>,
    lines: Vec<Listed>,
}

impl ListCache {
    fn prepare(&mut self, state: &AppState) {
        let compare = &state.compare;
        let key = (state.shelf.generation, compare.filter.clone(), compare.sort, compare.reversed);
        if self.key.as_ref() != Some(&key) {
            self.lines = listed(&state.shelf.sessions, &key.1, key.2, key.3);
            self.key = Some(key);
        }
    }
}

/// Shows the part.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut ListCache, lone: bool, queue: &CommandQueue) {
    cache.prepare(state);
    head(ui, state, cache, lone, queue);
    let row = ui.text_style_height(&eframe::egui::TextStyle::Body) + 6.0;
    let table = TableBuilder::new(ui)
        .striped(true)
        .auto_shrink([false, false])
        .min_scrolled_height(40.0)
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::exact(24.0))
        .column(Column::remainder().at_least(160.0).clip(true))
        .column(Column::initial(170.0).at_least(80.0).clip(true).resizable(true))
        .column(Column::initial(100.0).at_least(60.0).clip(true).resizable(true))
        .column(Column::exact(48.0))
        .column(Column::exact(70.0))
        .columns(Column::exact(64.0), 3);
    let table = table.header(row, |mut header| {
        header.col(|_| {});
        for by in SortBy::ALL {
            header.col(|ui| {
                let arrow = match (state.compare.sort == by, state.compare.reversed) {
                    (false, _) => "",
                    (true, false) => " ▲",
                    (true, true) => " ▼",
                };
                let text = RichText::new(format!("{}{arrow}", by.title())).strong();
                let button = ui.add(Button::new(text).frame(false)).on_hover_text(by.help());
                if button.clicked() {
                    send(queue, CompareCommand::Sort(by));
                }
            });
        }
    });
    table.body(|body| {
        body.rows(row, cache.lines.len(), |mut line| {
            let listed = &cache.lines[line.index()];
            line.col(|ui| {
                let mut on = state.compare.picked.contains(listed.folder());
                let name = format!("Compare {}", listed.session.name);
                let tick = ui.checkbox(&mut on, "");
                tick.widget_info(|| eframe::egui::WidgetInfo::selected(eframe::egui::Role::CheckBox, true, on, &name));
                if tick.changed() {
                    send(queue, CompareCommand::Pick(listed.folder().clone(), on));
                }
            });
            for (by, cell) in SortBy::ALL.into_iter().zip(&listed.cells) {
                line.col(|ui| {
                    if by == SortBy::Name {
                        if listed.session.is_synthetic() {
                            synthetic(ui);
                        }
                        if listed.session.is_oracle() {
                            badge(ui, "oracle", theme::tokens(ui).error);
                        }
                        if let Some(note) = &listed.session.note {
                            badge(ui, "note", theme::tokens(ui).warn).on_hover_text(note);
                        }
                        let open = ui.link(cell).on_hover_text(format!("{cell}: brings it into view"));
                        if open.clicked() {
                            queue.send(UiCommand::Open(listed.folder().clone()));
                        }
                    } else {
                        ui.label(cell).on_hover_text(cell);
                    }
                });
            }
        });
    });
}

fn head(ui: &mut Ui, state: &AppState, cache: &ListCache, lone: bool, queue: &CommandQueue) {
    let (compare, tokens) = (&state.compare, theme::tokens(ui));
    ui.horizontal(|ui| {
        ui.label(RichText::new("Compare").strong().color(tokens.strong));
        let mut filter = compare.filter.clone();
        let edit = TextEdit::singleline(&mut filter).hint_text("words, or setting=value").desired_width(190.0);
        let edit = ui
            .add(edit)
            .accessible_name("Sessions with these words")
            .on_hover_text("Sessions with all these words in their columns; bilevel.gamma=0.9 for a setting");
        if edit.changed() {
            send(queue, CompareCommand::Filter(filter));
        }
        let all = state.shelf.sessions.len();
        ui.weak(format!("{} of {all} session{}", cache.lines.len(), if all == 1 { "" } else { "s" }));
        if !state.shelf.unreadable.is_empty() {
            let all: Vec<&str> = state.shelf.unreadable.iter().map(|(_, why)| why.as_str()).collect();
            let text = RichText::new(format!("{} cannot be read", all.len())).color(tokens.warn);
            ui.label(text).on_hover_text(all.join("\n"));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if lone && ui.button("Back").clicked() {
                queue.send(UiCommand::Leave);
            }
            if ui.small_button("Look again").clicked() {
                queue.send(UiCommand::LookAtShelf);
            }
            let browse = ui.add_enabled(state.asking.is_none(), Button::new("Browse…").small());
            if browse.accessible_name("Browse for a folder with sessions").clicked() {
                queue.send(UiCommand::Browse(FolderFor::Shelf));
            }
            let mut typed = compare.typed.clone();
            let edit = TextEdit::singleline(&mut typed).hint_text("look in another folder").desired_width(170.0);
            let edit = ui.add(edit).accessible_name("Folder with sessions");
            if edit.changed() {
                send(queue, CompareCommand::Type(typed.clone()));
            }
            if edit.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) && !typed.trim().is_empty() {
                send(queue, CompareCommand::AddShelf(typed.trim().into()));
            }
        });
    });
}
