//! Sessions side by side: a list to pick from above, and of the picked ones their rates over seeds beside what papers
//! report, the settings that differ, one number over the iterations, or maps of two of them laid together.

mod curves;
mod list;
mod maps;
mod rates;
mod settings;

use eframe::egui::{CentralPanel, Frame, Margin, Panel, Ui};

use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::compare::{CompareCommand, ComparePage};
use crate::ui::state::AppState;
use crate::ui::widgets::empty;

/// What was put together of the sessions, and textures.
#[derive(Default)]
pub struct CompareCache {
    list: list::ListCache,
    rates: rates::RatesCache,
    settings: settings::SettingsCache,
    curves: curves::CompareCurves,
    maps: maps::MapsCache,
}

fn send(queue: &CommandQueue, command: CompareCommand) {
    queue.send(UiCommand::Compare(command));
}

/// Shows the pane; `lone` where it stands in for the welcome and can be left.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut CompareCache, lone: bool, queue: &CommandQueue) {
    if state.shelf.wants(state.now) {
        queue.send(UiCommand::LookAtShelf);
    }
    let frame = Frame::new().inner_margin(Margin::symmetric(10, 6));
    let height = ui.available_height();
    let panel = Panel::top("compare list").frame(frame).resizable(true);
    // No taller than its sessions are, and never more than leaves room for what is compared.
    let wanted = 84.0 + 28.0 * state.shelf.sessions.len().max(4) as f32;
    panel.default_size(wanted.min(height * 0.42).max(100.0)).size_range(90.0..=(height - 80.0).max(91.0)).show(
        ui,
        |ui| {
            list::show(ui, state, &mut cache.list, lone, queue);
        },
    );
    Panel::top("compare pages").frame(frame).show_separator_line(false).show(ui, |ui| pages(ui, state, queue));
    CentralPanel::no_frame().frame(Frame::new().inner_margin(Margin::symmetric(10, 0))).show(ui, |ui| {
        if state.compare.picked.is_empty() {
            let text = if state.shelf.sessions.is_empty() {
                "Sessions are found where runs are kept, in sweeps, and in folders that you add above"
            } else {
                "Tick sessions above to compare them"
            };
            return empty(ui, text);
        }
        match state.compare.page {
            ComparePage::Rates => rates::show(ui, state, &mut cache.rates),
            ComparePage::Settings => settings::show(ui, state, &mut cache.settings),
            ComparePage::Curves => curves::show(ui, state, &mut cache.curves, queue),
            ComparePage::Maps => maps::show(ui, state, &mut cache.maps, queue),
        }
    });
}

fn pages(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let compare = &state.compare;
    ui.horizontal(|ui| {
        for page in ComparePage::ALL {
            if ui.selectable_label(compare.page == page, page.title()).clicked() {
                send(queue, CompareCommand::Turn(page));
            }
        }
        ui.separator();
        ui.weak(format!("{} picked", compare.picked.len()));
        if !compare.picked.is_empty() && ui.small_button("Pick none").clicked() {
            send(queue, CompareCommand::Clear);
        }
    });
}

/// Picked sessions as they are known on disk, in the order they were picked.
fn picked(state: &AppState) -> Vec<&std::sync::Arc<crate::sweep::Shelved>> {
    state.compare.picked.iter().filter_map(|folder| state.shelf.get(folder)).collect()
}

/// What the picked sessions are as far as what is put together of them depends on it.
type Picked = (u64, Vec<std::path::PathBuf>);

fn key(state: &AppState) -> Picked {
    (state.shelf.generation, state.compare.picked.clone())
}
