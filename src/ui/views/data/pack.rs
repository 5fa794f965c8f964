//! Faces cut ahead of runs: how, how many are there already, and how far it is.

use eframe::egui::{Button, ComboBox, Label, RichText, Ui};

use super::{lists, send};
use crate::config::{DataConfig, FaceFinder};
use crate::data::SetName;
use crate::data::face::Preset;
use crate::data::footage::FrameChoice;
use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::data::{DataCommand, PackTrouble, Packing, Root, for_window};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::number::{number, read_or_note};
use crate::ui::widgets::{duration, progress, section};

/// What a preset does, in a few words.
fn help(preset: Preset) -> &'static str {
    match preset {
        Preset::Cdcn => "CDCN: the face's box 1.3 as large, not aligned; eight frames",
        Preset::Ssdg => "SSDG, few-shot FAS, FLIP: five points on a mean face; two frames",
        Preset::MetaPattern => "Meta Pattern: SSDG's alignment; two frames",
        Preset::RfMeta => "RFMetaFAS, MADDG: the detector's box as it is; every frame",
        Preset::DeepPixBis => "DeepPixBiS in bob: eyes in fixed places; twenty frames",
        Preset::SiwMv2 => "SiW-Mv2's preprocessing: about the outer corners of the eyes; every frame",
        Preset::Plain => "Pictures that are cut already: the square in the middle; every frame",
    }
}

/// How faces are cut: one choice for runs, packs and clips that are looked at.
pub fn how(ui: &mut Ui, data: &DataConfig, queue: &CommandQueue) {
    let now = Preset::parse(&data.crop).ok();
    ui.name_inputs("Crop", |ui| {
        let combo = ComboBox::from_id_salt("crop").selected_text(&data.crop).width(110.0);
        let response = combo.show_ui(ui, |ui| {
            for preset in Preset::ALL {
                let line = format!("{}  ({})", preset.name(), help(preset));
                if ui.selectable_label(now == Some(preset), line).clicked() {
                    queue.send(UiCommand::Set { key: "data.crop", text: preset.name().to_owned() });
                }
            }
        });
        response.response.on_hover_text(now.map_or("", help));
    });
}

/// Who finds faces where a set's own files do not tell.
pub fn finder(ui: &mut Ui, data: &DataConfig, queue: &CommandQueue) {
    ui.name_inputs("Face finder", |ui| {
        let combo = ComboBox::from_id_salt("finder").selected_text(data.finder.name()).width(96.0);
        let response = combo.show_ui(ui, |ui| {
            for (finder, help) in [
                (FaceFinder::MediaPipe, "MediaPipe's detector and mesh, which come with the program"),
                (FaceFinder::Mtcnn, "MTCNN, with weights that you put in place; docs/faces.md says where"),
            ] {
                let line = format!("{}  ({help})", finder.name());
                if ui.selectable_label(data.finder == finder, line).clicked() {
                    queue.send(UiCommand::Set { key: "data.finder", text: finder.name().to_owned() });
                }
            }
        });
        response.response.on_hover_text("Who finds faces where a set's own files do not tell");
    });
}

/// The frames that a preset looks at by itself.
fn own_frames(preset: Preset) -> String {
    match preset.frames() {
        FrameChoice::All => "preset's: every".to_owned(),
        FrameChoice::Even(n) | FrameChoice::Cdcn(n) | FrameChoice::Ssdg(n) | FrameChoice::Ends(n) => {
            format!("preset's: {n}")
        }
        other @ FrameChoice::Given(_) => format!("preset's: {other}"),
    }
}

/// Frames a clip; none means the preset's.
pub fn frames(ui: &mut Ui, data: &DataConfig, queue: &CommandQueue) {
    let mut frames = data.frames;
    let own = Preset::parse(&data.crop).map_or_else(|_| "preset's".to_owned(), own_frames);
    let id = ui.label("Frames").id;
    let ctx = ui.ctx().clone();
    let field = number(ui, &mut frames)
        .range(0..=1000)
        .speed(0.1)
        .custom_formatter(move |n, _| if n < 1.0 { own.clone() } else { format!("{n:.0}") })
        .custom_parser(move |text| if text.trim().is_empty() { Some(0.0) } else { read_or_note(&ctx, text) });
    let help = "Frames of each clip, spread evenly; 0 for those that the preset looks at";
    if ui.add(field).labelled_by(id).on_hover_text(help).changed() {
        queue.send(UiCommand::Set { key: "data.frames", text: frames.to_string() });
    }
}

/// Shows the part of the page.
pub fn show(ui: &mut Ui, state: &AppState, root: &Root, queue: &CommandQueue) {
    let (data, config, tokens) = (&state.data, &state.form.config.data, theme::tokens(ui));
    section(ui, "Faces for runs");
    ui.horizontal_wrapped(|ui| {
        ui.label("Cut as");
        how(ui, config, queue);
        finder(ui, config, queue);
        frames(ui, config, queue);
    });
    if let Some(packing) = data.packing.as_ref() {
        under_way(ui, packing, queue);
        return;
    }
    let known = state.packed_key().and_then(|key| data.packed.as_ref().filter(|(k, _)| *k == key));
    let (text, left) = match known.map(|(_, counted)| counted) {
        None => ("Looking what is cut already".to_owned(), false),
        Some(Err(why)) => (for_window(why), false),
        Some(Ok((done, all))) if done >= all => {
            (format!("Faces of all {all} clips are cut; runs begin at once"), false)
        }
        Some(Ok((0, all))) => (format!("No faces are cut yet, of {all} clips. A run cuts what it needs first"), true),
        Some(Ok((done, all))) => {
            (format!("Faces of {done} of {all} clips are cut. A run cuts what it still needs"), true)
        }
    };
    ui.add(Label::new(RichText::new(text).color(tokens.weak)).wrap());
    let end = data.pack_ends.get(&root.id);
    let anew = matches!(end, Some(Err(PackTrouble::Failed(_, true))));
    let row = |ui: &mut Ui| {
        let name = if matches!(end, Some(Err(PackTrouble::Stopped))) { "Go on cutting" } else { "Cut the faces now" };
        let help =
            "Once, for all protocols, folds and seeds; kept in the cache folder. It can be stopped and goes on later";
        if left && ui.button(name).on_hover_text(help).clicked() {
            send(queue, DataCommand::Pack { root: root.id, rebuild: false });
        }
        if anew && ui.button("Cut anew").on_hover_text("What changed since it was cut is cut again").clicked() {
            send(queue, DataCommand::Pack { root: root.id, rebuild: true });
        }
    };
    if left || anew {
        ui.horizontal(row);
    }
    match end {
        None | Some(Err(PackTrouble::Stopped)) => {}
        Some(Err(PackTrouble::Failed(why, _))) => {
            ui.add(Label::new(RichText::new(format!("▲ {}", for_window(why))).color(tokens.error)).wrap());
        }
        Some(Ok(told)) => {
            ui.label(format!("{} faces out of {} clips", told.faces, told.clips));
            lists::show(
                ui,
                "No face found",
                "Clips in which no face was found; runs leave them out",
                &told.without_face,
            );
            let unreadable: Vec<String> = told.unreadable.iter().map(|(clip, why)| format!("{clip}: {why}")).collect();
            lists::show(ui, "Not readable", "Clips that could not be read; tried again the next time", &unreadable);
            lists::show(ui, "Notes", "What was passed over when the list of clips was read", &told.problems);
        }
    }
}

fn under_way(ui: &mut Ui, packing: &Packing, queue: &CommandQueue) {
    let (p, tokens) = (&packing.progress, theme::tokens(ui));
    let part = p.done as f32 / p.total.max(1) as f32;
    let text = if p.total == 0 { "looking for clips".to_owned() } else { format!("{} of {} clips", p.done, p.total) };
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 80.0).clamp(120.0, 420.0);
        progress::bar(ui, "Cutting faces", part, &text, (width, 20.0), tokens.accent.gamma_multiply(0.55));
        if ui.add_enabled(!packing.stopping, Button::new("Stop")).on_hover_text("What is cut is kept").clicked() {
            send(queue, DataCommand::StopPacking);
        }
    });
    ui.label(RichText::new(pace(packing)).small().color(tokens.weak));
}

/// How fast it goes and how long it will take.
fn pace(packing: &Packing) -> String {
    let p = &packing.progress;
    if packing.stopping {
        return "stopping…".to_owned();
    }
    if p.waiting {
        return "Another program is cutting the same; waiting for it".to_owned();
    }
    let left = p.seconds_left.map_or_else(String::new, |s| format!(", {} left", duration(s)));
    let failed = if p.failed > 0 { format!(", {} clips could not be read", p.failed) } else { String::new() };
    let title = SetName::parse(&packing.title).map_or(packing.title.as_str(), |set| set.title());
    format!("{title}: {:.0} faces a second{left}{failed}", p.faces_per_second)
}
