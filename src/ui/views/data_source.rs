//! Where the faces of the next run come from: the built-in benchmark, data sets on disk, a list of clips, or a folder of
//! pictures; what that gives, and what every result on it will say.

use eframe::egui::{Button, ComboBox, Label, RichText, TextEdit, Ui};

use super::data::pack;
use super::protocol::{self, Offered};
use crate::config::{Benchmark, DataSource, HoldOut, WholeSet};
use crate::data::dataset::Found;
use crate::data::protocol::Whole;
use crate::engine::protocol_of;
use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::data::{DataCommand, Fit, Over, Page, RootState, Shown, whole_set};
use crate::ui::jobs::FolderFor;
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::number::number;
use crate::ui::widgets::{badge, section, synthetic};
use crate::ui::workspace::Pane;

/// Shows the part of the form.
pub fn show(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let config = &state.form.config.data;
    let set = |key: &'static str, text: String| queue.send(UiCommand::Set { key, text });
    section(ui, "Faces");
    ui.horizontal_wrapped(|ui| {
        for (source, name, help) in [
            (DataSource::Builtin, "Built-in", "Synthetic: rendered by this program, always here"),
            (DataSource::Datasets, "Data sets on disk", "Published sets and their protocols, from the Data pane"),
            (DataSource::Manifest, "CSV list", "A manifest; the Data pane makes one of cropped frames and folders"),
            (DataSource::Folder, "Folder", "Folders live and spoof with faces that are cut out already"),
        ] {
            if ui.radio(config.source == source, name).on_hover_text(help).clicked() {
                set("data.source", source.name().to_owned());
            }
        }
    });
    match config.source {
        DataSource::Builtin => built_in(ui, state, queue),
        DataSource::Datasets => sets(ui, state, queue),
        DataSource::Manifest => manifest(ui, state, queue),
        DataSource::Folder => {
            path(ui, state, "Folder of faces", "folder with live/ and spoof/", FolderFor::Data, queue);
        }
    }
    if matches!(config.source, DataSource::Datasets | DataSource::Manifest) {
        ui.horizontal_wrapped(|ui| {
            ui.label("Cut as");
            pack::how(ui, config, queue);
            pack::finder(ui, config, queue);
            pack::frames(ui, config, queue);
        });
        if let Some(fit) = state.fit() {
            told(ui, fit);
        }
    }
    ui.horizontal(|ui| {
        let field = |ui: &mut Ui, key: &'static str, label: &str, mut value: u64| {
            let id = ui.label(label).id;
            if ui.add(number(ui, &mut value)).labelled_by(id).changed() {
                set(key, value.to_string());
            }
        };
        field(ui, "data.size", "Pixels", config.size as u64);
        if config.source == DataSource::Builtin {
            field(ui, "data.seed", "People's seed", config.seed);
        }
        field(ui, "seed", "Seed", state.form.config.seed);
    });
    ui.add_space(4.0);
}

fn choose_protocol(ui: &mut Ui, state: &AppState, (offered, held_out): (&Offered<'_>, bool), queue: &CommandQueue) {
    let config = &state.form.config.data;
    let set = |key: &'static str, text: String| queue.send(UiCommand::Set { key, text });
    ui.horizontal(|ui| {
        if let Some(name) = protocol::menu(ui, "protocol", offered, &config.protocol) {
            set("data.protocol", name);
            set("data.fold", "1".to_owned());
        }
        if let Some(fold) = protocol::fold(ui, offered, &config.protocol, config.fold) {
            set("data.fold", fold.to_string());
        }
    });
    if protocol::is_across(&config.protocol) {
        let now = if config.whole_set == WholeSet::NoDev { Whole::NoDev } else { Whole::EveryVideo };
        if let Some(whole) = protocol::whole(ui, now) {
            set("data.whole_set", whole_set(whole).name().to_owned());
        }
    }
    if held_out || config.hold_out == HoldOut::Nobody {
        let mut holds = config.hold_out == HoldOut::Fifth;
        let help = "The protocol has no part to choose thresholds on, so a run holds a fifth of its training subjects out for that. \
                    Without them the threshold must come from elsewhere, as test_eer does, an oracle";
        if ui.checkbox(&mut holds, "hold subjects out for thresholds").on_hover_text(help).changed() {
            set("data.hold_out", if holds { HoldOut::Fifth } else { HoldOut::Nobody }.name().to_owned());
        }
    }
}

fn built_in(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let (config, tokens) = (&state.form.config.data, theme::tokens(ui));
    ui.horizontal(|ui| {
        for (scale, help) in [
            (Benchmark::Tiny, "A person or two a part: to try things out in seconds"),
            (Benchmark::Mini, "A tenth to a fifth of the originals' clips; made in a minute or two"),
            (Benchmark::Full, "As many people and clips as the originals have; made in hours"),
        ] {
            if ui.radio(config.benchmark == scale, scale.name()).on_hover_text(help).clicked() {
                queue.send(UiCommand::Set { key: "data.benchmark", text: scale.name().to_owned() });
            }
        }
    });
    let held_out = state.form.members.as_ref().is_ok_and(|summary| summary.held_out);
    let offered = Offered { offers: &state.offers, unusable: None, built_in: true };
    choose_protocol(ui, state, (&offered, held_out), queue);
    if let Ok(summary) = &state.form.members {
        let held = if summary.held_out { " (held out from training subjects)" } else { "" };
        let text = format!(
            "{}. Rendered by this program; every number from them is marked as synthetic",
            counts(summary.clips, held)
        );
        ui.label(RichText::new(text).small().color(tokens.weak));
    }
}

/// "Live + attack clips: train 60 + 240, dev …".
fn counts(clips: [[usize; 2]; 3], held: &str) -> String {
    let [train, dev, test] = clips.map(|[live, attack]| format!("{live} + {attack}"));
    format!("Live + attack clips: train {train}, dev {dev}{held}, test {test}")
}

fn sets(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let (data, tokens) = (&state.data, theme::tokens(ui));
    if data.used_sets().next().is_none() {
        let text = if data.is_looking() { "Data sets are being looked at" } else { "No data set is known yet" };
        ui.horizontal(|ui| {
            ui.label(RichText::new(text).color(tokens.warn));
            if ui.button("Add data…").clicked() {
                queue.send(UiCommand::Focus(Pane::Data));
            }
        });
        return;
    }
    let unusable = data.unusable.get(&Over::Disk(data.version)).map(|u| &**u);
    let held_out = state.fit().is_some_and(|fit| fit.held_out);
    choose_protocol(ui, state, (&Offered { offers: &state.disk_offers, unusable, built_in: false }, held_out), queue);
    ui.horizontal_wrapped(|ui| {
        let needed = protocol_of(&state.form.config.data).map(|p| p.sets()).unwrap_or_default();
        let of = data.used_sets().map(|(_, opened)| &opened.report.found).filter(|f| needed.contains(&f.set));
        let titles: Vec<String> = of.map(Found::title).collect();
        let text = if titles.is_empty() { "none of the sets that it needs".to_owned() } else { titles.join(", ") };
        ui.weak(format!("From {text}"));
        if let Some(fit) = state.fit() {
            badges(ui, fit);
        }
        let help = "Who is in which part, and which data sets are known";
        if ui.small_button("See it in the Data pane").on_hover_text(help).clicked() {
            see(state, queue);
        }
    });
}

/// Turns the data pane to the protocol of the next run.
fn see(state: &AppState, queue: &CommandQueue) {
    let config = &state.form.config.data;
    let first = state.data.used_sets().next().map(|(root, _)| root.id);
    let whole = if config.whole_set == WholeSet::NoDev { Whole::NoDev } else { Whole::EveryVideo };
    let choice = crate::ui::data::Choice { name: config.protocol.clone(), fold: config.fold, whole };
    if let Some(id) = first.filter(|_| state.data.shown_set().is_none()) {
        queue.send(UiCommand::Data(DataCommand::Show(Shown::Root(id, 0))));
    }
    queue.send(UiCommand::Data(DataCommand::Turn(Page::Protocol)));
    queue.send(UiCommand::Data(DataCommand::Protocol(choice)));
    queue.send(UiCommand::Focus(Pane::Data));
}

fn manifest(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let config = &state.form.config.data;
    path(ui, state, "List of clips", "CSV file; the Data pane makes one", FolderFor::Manifest, queue);
    let known: Vec<String> = state.data.manifests().map(|r| r.path.display().to_string()).collect();
    ui.horizontal(|ui| {
        if !known.is_empty() {
            ui.name_inputs("Known lists", |ui| {
                let combo = ComboBox::from_id_salt("known lists").selected_text("Known lists").width(120.0);
                combo.show_ui(ui, |ui| {
                    for path in known {
                        if ui.selectable_label(config.root == path, &path).clicked() {
                            queue.send(UiCommand::Set { key: "data.root", text: path });
                        }
                    }
                });
            });
        }
        let open = state.data.roots.iter().any(|r| matches!(r.state, RootState::Import(_)));
        let name = if open { "Data pane" } else { "Make one in the Data pane" };
        if ui.small_button(name).clicked() {
            queue.send(UiCommand::Focus(Pane::Data));
        }
    });
}

/// A field for a path with a button beside it.
fn path(ui: &mut Ui, state: &AppState, name: &str, hint: &str, browse: FolderFor, queue: &CommandQueue) {
    ui.horizontal(|ui| {
        let mut path = state.form.config.data.root.clone();
        let edit = TextEdit::singleline(&mut path).desired_width(ui.available_width() - 92.0).hint_text(hint);
        if ui.add(edit).accessible_name(name).changed() {
            queue.send(UiCommand::Set { key: "data.root", text: path });
        }
        if ui.add_enabled(state.asking.is_none(), Button::new("Browse…")).clicked() {
            queue.send(UiCommand::Browse(browse));
        }
    });
}

/// The words that must stand beside every number from it.
fn badges(ui: &mut Ui, fit: &Fit) {
    let tokens = theme::tokens(ui);
    if fit.synthetic {
        synthetic(ui);
    }
    if !fit.partial.is_empty() {
        badge(ui, "partial copy", tokens.warn).on_hover_text(fit.partial.join("\n"));
    }
}

/// What there is, and what results on it will say.
fn told(ui: &mut Ui, fit: &Fit) {
    let tokens = theme::tokens(ui);
    if !fit.blocked.is_empty() || fit.total() == 0 {
        return;
    }
    let held = if fit.held_out { " (held out from training subjects)" } else { "" };
    ui.add(Label::new(RichText::new(counts(fit.clips, held)).small().color(tokens.weak)).wrap());
    for banner in &fit.partial {
        ui.add(Label::new(RichText::new(banner).small().color(tokens.warn)).wrap());
    }
    let all = fit.total();
    let faces = match fit.packed {
        None => return,
        Some(done) if done >= all => format!("Faces of all {all} clips are cut; the run begins at once"),
        Some(0) => format!("Faces of {all} clips are cut when the run starts, once for all runs"),
        Some(done) => format!("Faces of {done} of {all} clips are cut; the rest follows when the run starts"),
    };
    let line = ui.add(Label::new(RichText::new(faces).small().color(tokens.weak)).wrap());
    if !fit.notes.is_empty() {
        line.on_hover_text(fit.notes.join("\n"));
    }
}
