//! Ablations and other sweeps, each a click: what a sweep is, how far its runs are, what they came to beside what the paper
//! reports, the same faces' maps a column a variant, and a curve where one setting varies.

mod bars;
mod curve;
mod maps;
mod runs;
mod table;

use eframe::egui::{Button, CentralPanel, ComboBox, Frame, Label, Margin, Panel, RichText, Ui};

use crate::config::Preset;
use crate::sweep::{CaseState, names};
use crate::ui::ablations::{AblationCommand, AblationPage, SweepLook};
use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::number::number;
use crate::ui::widgets::{duration, empty, progress, synthetic};

/// Textures of the maps.
#[derive(Default)]
pub struct AblationCache {
    maps: maps::VariantCache,
}

fn send(queue: &CommandQueue, command: AblationCommand) {
    queue.send(UiCommand::Ablations(command));
}

/// Sweeps that are offered as one press each.
const SHORT: [(&str, &str); 6] = [
    ("mt_fas_table6", "MT-FAS Table 6"),
    ("mt_fas_fig7", "γ: MT-FAS Fig. 7"),
    ("rf_fig5", "RFMetaFAS Fig. 5"),
    ("rf_table3", "RFMetaFAS Table 3"),
    ("mp_fig6", "Meta Pattern Fig. 6"),
    ("mp_table1", "Meta Pattern Table I"),
];

/// Shows the pane; `lone` where it stands in for the welcome and can be left.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut AblationCache, lone: bool, queue: &CommandQueue) {
    let ablations = &state.ablations;
    if ablations.wants(state.now) {
        send(queue, AblationCommand::Look);
    }
    let frame = Frame::new().inner_margin(Margin::symmetric(10, 6));
    Panel::top("ablation options").frame(frame).show(ui, |ui| {
        choose(ui, state, lone, queue);
        if let Some(look) = &ablations.look {
            standing(ui, state, look, queue);
        }
    });
    CentralPanel::no_frame().frame(Frame::new().inner_margin(Margin::symmetric(10, 6))).show(ui, |ui| {
        let Some(look) = &ablations.look else {
            let text = if ablations.chosen.is_empty() {
                "Choose one of the papers' ablations, tables or curves above; its runs start when you press Run"
            } else {
                "It is being looked at…"
            };
            return empty(ui, text);
        };
        match ablations.page {
            AblationPage::Table => table::show(ui, look),
            AblationPage::Maps => maps::show(ui, state, look, &mut cache.maps, queue),
            AblationPage::Curve => curve::show(ui, state, look, queue),
            AblationPage::Bars => bars::show(ui, state, look, queue),
            AblationPage::Runs => runs::show(ui, look, queue),
        }
    });
}

fn choose(ui: &mut Ui, state: &AppState, lone: bool, queue: &CommandQueue) {
    let (ablations, tokens) = (&state.ablations, theme::tokens(ui));
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new("Ablations").strong().color(tokens.strong));
        for (name, title) in SHORT {
            if ui.selectable_label(ablations.chosen == name, title).clicked() {
                send(queue, AblationCommand::Choose(name.to_owned()));
            }
        }
        ui.name_inputs("All sweeps", |ui| {
            let other = !ablations.chosen.is_empty() && SHORT.iter().all(|(name, _)| *name != ablations.chosen);
            let text = if other { ablations.chosen.as_str() } else { "Others" };
            ComboBox::from_id_salt("all sweeps").selected_text(text).width(150.0).show_ui(ui, |ui| {
                for name in names() {
                    if ui.selectable_label(ablations.chosen == name, name).clicked() {
                        send(queue, AblationCommand::Choose(name.to_owned()));
                    }
                }
            });
        });
        if lone && ui.button("Back").clicked() {
            queue.send(UiCommand::Leave);
        }
    });
}

fn standing(ui: &mut Ui, state: &AppState, look: &SweepLook, queue: &CommandQueue) {
    let (ablations, tokens) = (&state.ablations, theme::tokens(ui));
    ui.add(Label::new(&look.about).wrap());
    let (total, finished) = (look.cases.len(), look.count(CaseState::Finished));
    let here = ablations.running.as_ref().filter(|running| running.folder == look.folder);
    ui.horizontal_wrapped(|ui| {
        let part = finished as f32 / total.max(1) as f32;
        let text = format!("{finished} of {total} runs");
        progress::bar(ui, "Sweep", part, &text, (160.0, 20.0), tokens.accent.gamma_multiply(0.55));
        if here.is_some() {
            if ui.button("Stop").on_hover_text("Runs are kept and go on the next time").clicked() {
                send(queue, AblationCommand::Stop);
            }
        } else {
            let word = if finished == total {
                "All is done"
            } else if look.planned {
                "Go on"
            } else {
                "Run"
            };
            let free = ablations.running.is_none() && finished < total;
            let run = ui.add_enabled(free, Button::new(word));
            let why = if finished == total {
                "Every run is finished"
            } else {
                "This window runs another sweep; stop it first"
            };
            if run.on_disabled_hover_text(why).on_hover_text(format!("Into {}", look.folder.display())).clicked() {
                send(queue, AblationCommand::Run);
            }
            let mut jobs = ablations.jobs;
            let label = ui.label("at a time").id;
            if ui.add(number(ui, &mut jobs).range(1..=64)).labelled_by(label).changed() {
                send(queue, AblationCommand::Jobs(jobs));
            }
            if look.planned {
                ui.weak(format!("planned at {} size, {} seeds", look.preset, look.seeds));
            } else {
                let mut seeds = look.seeds;
                let label = ui.label("seeds").id;
                let field = number(ui, &mut seeds).range(1..=99).speed(0.05);
                if ui.add(field).labelled_by(label).on_hover_text("Runs of every row, each with another seed").changed()
                {
                    send(queue, AblationCommand::Seeds(seeds));
                }
                for preset in Preset::ALL {
                    if ui.radio(ablations.preset == preset, preset.name()).clicked() {
                        send(queue, AblationCommand::Preset(preset));
                    }
                }
            }
        }
        if look.groups.iter().any(|g| g.origin == "synthetic") {
            synthetic(ui);
        }
        if let Some(running) = here {
            let p = running.progress;
            let left = p.seconds_left.map_or_else(String::new, |s| format!(" · about {} left", duration(s)));
            ui.weak(format!("{} running, {} waiting, {} failed{left}", p.running, p.waiting, p.failed));
        }
    });
    ui.horizontal(|ui| {
        for page in AblationPage::ALL {
            let there = match page {
                AblationPage::Curve => look.curve.is_some(),
                AblationPage::Bars => look.curve.is_none(),
                AblationPage::Table | AblationPage::Maps | AblationPage::Runs => true,
            };
            if there && ui.selectable_label(ablations.page == page, page.title()).clicked() {
                send(queue, AblationCommand::Turn(page));
            }
        }
    });
}
