//! The settings that are not the same in all picked sessions.

use eframe::egui::{Grid, RichText, ScrollArea, Ui};

use super::{Picked, key, picked};
use crate::sweep::{Shelved, differences};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::{copyable, empty};

/// What differs, by setting.
#[derive(Default)]
pub struct SettingsCache {
    key: Option<Picked>,
    names: Vec<String>,
    all: Vec<(String, Vec<String>)>,
}

/// Shows the page.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut SettingsCache) {
    copyable(ui);
    let now = key(state);
    if cache.key.as_ref() != Some(&now) {
        let sessions: Vec<&Shelved> = picked(state).into_iter().map(|s| &**s).collect();
        cache.names = sessions.iter().map(|s| s.name.clone()).collect();
        cache.all = differences(&sessions);
        cache.key = Some(now);
    }
    if cache.names.len() < 2 {
        return empty(ui, "Tick a second session to see what is set otherwise");
    }
    if cache.all.is_empty() {
        return empty(ui, "These sessions have the same settings");
    }
    let tokens = theme::tokens(ui);
    ScrollArea::both().auto_shrink(false).id_salt("settings that differ").show(ui, |ui| {
        Grid::new("settings that differ").striped(true).spacing([18.0, 4.0]).show(ui, |ui| {
            ui.label(RichText::new("Setting").small().color(tokens.weak));
            for name in &cache.names {
                ui.label(RichText::new(name).strong());
            }
            ui.end_row();
            for (setting, values) in &cache.all {
                ui.label(setting);
                for value in values {
                    let same = *value == values[0];
                    ui.label(RichText::new(value).color(if same { tokens.text } else { tokens.accent }));
                }
                ui.end_row();
            }
        });
    });
}
