//! The data pane: roots at the left (above, where there is little room), what is in view at the right on pages of its
//! own. Reads the state and sends commands.

mod builtin;
mod clip;
mod clips;
mod import;
mod lists;
mod matrix;
mod overview;
pub mod pack;
mod picture;
mod roots;

use eframe::egui::{Align, Button, Frame, Label, Layout, Margin, Panel, RichText, Ui};

use crate::data::Origin;
use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::data::{DataCommand, DataView, Page, RootState, Shown};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::badge;

/// Below this width roots are chosen from a menu instead of a column.
const NARROW: f32 = 620.0;

/// Textures of what is shown.
#[derive(Default)]
pub struct DataCache {
    clip: clip::ClipCache,
    import: import::ImportCache,
}

/// Shows the pane; `lone` where it stands in for the welcome and can be left.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut DataCache, lone: bool, queue: &CommandQueue) {
    let frame = Frame::new().inner_margin(Margin::symmetric(12, 8));
    let narrow = ui.available_width() < NARROW;
    if !narrow {
        let column = Panel::left("roots").frame(frame).default_size(224.0).size_range(170.0..=420.0);
        column.show(ui, |ui| roots::column(ui, state, queue));
    }
    frame.show(ui, |ui| {
        ui.expand_to_include_rect(ui.max_rect());
        if narrow {
            roots::menu(ui, state, queue);
            ui.separator();
        }
        head(ui, state, lone, queue);
        ui.add_space(4.0);
        page(ui, state, cache, queue);
    });
}

fn send(queue: &CommandQueue, command: DataCommand) {
    queue.send(UiCommand::Data(command));
}

/// Title, what must stand beside every number, and the pages.
fn head(ui: &mut Ui, state: &AppState, lone: bool, queue: &CommandQueue) {
    let (data, tokens) = (&state.data, theme::tokens(ui));
    ui.horizontal(|ui| {
        let (title, synthetic) = match (data.shown, data.shown_set()) {
            (Shown::Builtin, _) => ("The built-in benchmark".to_owned(), true),
            (_, Some(opened)) => {
                let found = &opened.report.found;
                (found.title(), found.origin == Origin::Synthetic)
            }
            (_, None) => (data.shown_root().map_or_else(String::new, crate::ui::data::Root::name), false),
        };
        ui.add(Label::new(RichText::new(title).heading().color(tokens.strong)).truncate());
        if synthetic {
            badge(ui, "synthetic", tokens.warn);
        }
        if data.shown_set().is_some_and(|s| !s.report.found.is_whole()) {
            badge(ui, "partial copy", tokens.warn);
        }
        if lone {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.button("Back").clicked() {
                    queue.send(UiCommand::Leave);
                }
            });
        }
    });
    ui.add_space(2.0);
    ui.horizontal(|ui| {
        for (page, name) in pages(data) {
            if ui.selectable_label(data.page == page, name).clicked() {
                send(queue, DataCommand::Turn(page));
            }
        }
    });
    ui.separator();
}

/// The pages that what is in view has.
fn pages(data: &DataView) -> Vec<(Page, String)> {
    let clips = data.clips().map_or_else(|| "Clips".to_owned(), |c| format!("Clips ({})", c.rows.len()));
    let mut pages = vec![(Page::Overview, "Overview".to_owned())];
    let root = data.shown_root().map(|r| &r.state);
    match root {
        Some(RootState::Waiting | RootState::Nothing(_)) => {}
        Some(RootState::Import(_)) => pages.push((Page::Clips, clips)),
        Some(RootState::Sets(_)) | None => {
            pages.extend([(Page::Clips, clips), (Page::Protocol, "Protocols".to_owned())]);
        }
    }
    pages
}

fn page(ui: &mut Ui, state: &AppState, cache: &mut DataCache, queue: &CommandQueue) {
    let data = &state.data;
    let page = pages(data).into_iter().map(|p| p.0).find(|p| *p == data.page).unwrap_or_default();
    match (page, data.shown_root().map(|r| (r, &r.state))) {
        (Page::Protocol, _) => matrix::show(ui, state, queue),
        (Page::Clips, _) => clips::show(ui, state, &mut cache.clip, queue),
        (Page::Overview, None) => builtin::show(ui, state, queue),
        (Page::Overview, Some((_, RootState::Waiting))) => {
            ui.label("Looking what this is… Names and lists are read, no videos");
        }
        (Page::Overview, Some((root, RootState::Nothing(why)))) => {
            ui.add(Label::new(why).wrap());
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                if ui.button("Look again").clicked() {
                    send(queue, DataCommand::LookAgain(root.id));
                }
                forget(ui, root.id, queue);
            });
        }
        (Page::Overview, Some((root, RootState::Import(imported)))) => {
            import::show(ui, state, root, imported, &mut cache.import, queue);
        }
        (Page::Overview, Some((root, RootState::Sets(_)))) => {
            if let Some(opened) = data.shown_set() {
                overview::show(ui, state, root, opened, queue);
            }
        }
    }
}

/// The button that takes a root off the list.
fn forget(ui: &mut Ui, root: crate::ui::data::RootId, queue: &CommandQueue) {
    let help = "Takes it off this list; nothing on disk changes";
    if ui.add(Button::new("Take off the list")).on_hover_text(help).clicked() {
        send(queue, DataCommand::Forget(root));
    }
}
