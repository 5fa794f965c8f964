//! Something to import, before anything comes of it: what it is and how sure that is, how many there are of each class,
//! which label means live and why, some of their faces; and the manifest that runs train on.

use std::sync::Arc;

use eframe::egui::{
    Align, Button, ColorImage, Frame, Grid, Image, Label, Layout, Margin, RichText, Role, ScrollArea, Sense, Stroke,
    StrokeKind, TextEdit, TextureHandle, TextureOptions, Ui, WidgetInfo, vec2,
};

use super::overview::{end_row, headings, number};
use super::{forget, lists, pack, send};
use crate::data::import::{Polarity, Preview, Reading};
use crate::data::manifest::LiveIs;
use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::data::{DataCommand, FACE, Imported, Page, Root, RootId, for_window};
use crate::ui::jobs::FolderFor;
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::section;

/// Side of a face on the screen, in points.
const SIDE: f32 = 92.0;

/// Textures of a preview's faces.
#[derive(Default)]
pub struct ImportCache {
    of: Option<(RootId, u64)>,
    faces: Vec<Option<TextureHandle>>,
}

/// Shows the page.
pub fn show(
    ui: &mut Ui,
    state: &AppState,
    root: &Root,
    imported: &Imported,
    cache: &mut ImportCache,
    queue: &CommandQueue,
) {
    let preview = &*imported.preview;
    let tokens = theme::tokens(ui);
    ScrollArea::vertical().auto_shrink(false).id_salt("import").show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(capital(&preview.title)).strong().color(tokens.strong));
            let sure = format!("recognised with confidence {:.2}", preview.confidence);
            ui.label(RichText::new(sure).color(if preview.confidence < 0.5 { tokens.warn } else { tokens.weak }));
        });
        ui.add(Label::new(RichText::new(&preview.because).color(tokens.weak)).wrap());
        ui.weak(root.path.display().to_string());
        ui.add_space(6.0);
        polarity(ui, root.id, preview, queue);
        ui.add_space(6.0);
        table(ui, preview);
        ui.add_space(6.0);
        faces(ui, root.id, imported, cache);
        about(ui, preview);
        let problems: Vec<String> = preview.problems.iter().map(|p| for_window(p)).filter(|p| !p.is_empty()).collect();
        lists::sentences(ui, "To know", &problems);
        ui.add_space(8.0);
        manifest(ui, state, root, imported, queue);
        if imported.is_ready() {
            ui.add_space(8.0);
            pack::show(ui, state, root, queue);
        }
        ui.add_space(8.0);
        buttons(ui, state, root, imported, queue);
    });
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Which label means live: the most dangerous thing to get wrong, so it stands first and is asked where it is not known.
fn polarity(ui: &mut Ui, root: RootId, preview: &Preview, queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    let color = if preview.ask { tokens.warn } else { tokens.outline };
    let frame = Frame::new().stroke(Stroke::new(1.0, color)).corner_radius(4).inner_margin(Margin::symmetric(10, 6));
    frame.show(ui, |ui| {
        let (sure, reading) = match &preview.polarity {
            Polarity::Known { reading, .. } => ("Known", Some(*reading)),
            Polarity::Likely { reading, .. } => ("Likely, to be confirmed", Some(*reading)),
            Polarity::Unknown { .. } => ("Not known: say it", None),
        };
        let guess = match reading {
            Some(Reading::Numbers(LiveIs::Zero)) => ": 0 is live",
            Some(Reading::Numbers(LiveIs::One)) => ": 1 is live",
            Some(Reading::Words) | None => "",
        };
        ui.label(RichText::new("Which label means live").strong().color(tokens.strong));
        ui.add(Label::new(format!("{sure}{guess}. {}", capital(preview.polarity.why()))).wrap());
        if !matches!(reading, Some(Reading::Words)) {
            ui.horizontal_wrapped(|ui| {
                for (choice, name) in [(LiveIs::Zero, "0 is live"), (LiveIs::One, "1 is live")] {
                    if ui.radio(preview.choice == Some(choice), name).clicked() {
                        send(queue, DataCommand::Polarity(root, choice));
                    }
                }
                if preview.ask {
                    ui.label(RichText::new("Look at the faces below, then choose").color(tokens.warn));
                }
            });
        }
    });
}

fn table(ui: &mut Ui, preview: &Preview) {
    let tokens = theme::tokens(ui);
    let [first, second] = &preview.classes;
    Grid::new("clips of an import").num_columns(5).spacing([18.0, 4.0]).striped(true).show(ui, |ui| {
        headings(
            ui,
            &[("Part", false), (&first.name, true), (&second.name, true), ("Attacks for each live", true), ("", false)],
        );
        for split in &preview.splits {
            ui.label(split.split.map_or_else(|| "not said".to_owned(), |s| s.to_string()));
            number(ui, split.clips[0], tokens.text);
            number(ui, split.clips[1], tokens.text);
            ratio(ui, split.ratio);
            end_row(ui);
        }
        ui.label(RichText::new("all clips").strong());
        number(ui, first.clips, tokens.strong);
        number(ui, second.clips, tokens.strong);
        let known = first.name == "live" && first.clips > 0;
        ratio(ui, known.then(|| second.clips as f64 / first.clips as f64));
        end_row(ui);
        ui.label("pictures");
        number(ui, first.pictures, tokens.weak);
        number(ui, second.pictures, tokens.weak);
        ui.label("");
        end_row(ui);
    });
}

/// How many attacks there are for each live clip, where that is known.
fn ratio(ui: &mut Ui, ratio: Option<f64>) {
    let text = ratio.map_or_else(String::new, |r| format!("{r:.2}"));
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(RichText::new(text).monospace()));
}

fn faces(ui: &mut Ui, root: RootId, imported: &Imported, cache: &mut ImportCache) {
    let tokens = theme::tokens(ui);
    if cache.of != Some((root, imported.generation)) {
        *cache = ImportCache { of: Some((root, imported.generation)), faces: vec![None; imported.faces.len()] };
    }
    let mut place = 0;
    for class in &imported.preview.classes {
        if class.thumbnails.is_empty() {
            continue;
        }
        ui.label(RichText::new(&class.name).strong().color(tokens.strong));
        ui.horizontal_wrapped(|ui| {
            for thumbnail in &class.thumbnails {
                let name = format!("{}: {}", class.name, thumbnail.clip);
                let face = imported.faces.get(place).and_then(Option::as_ref);
                one_face(ui, &name, face, cache.faces.get_mut(place));
                place += 1;
            }
        });
    }
}

fn one_face(
    ui: &mut Ui,
    name: &str,
    face: Option<&Result<Arc<Vec<u8>>, String>>,
    texture: Option<&mut Option<TextureHandle>>,
) {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(SIDE, SIDE), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    ui.painter().rect_filled(rect, 3.0, tokens.raised);
    match (face, texture) {
        (Some(Ok(rgb)), Some(texture)) => {
            let texture = texture.get_or_insert_with(|| {
                let image = ColorImage::from_rgb([FACE as usize; 2], rgb);
                ui.ctx().load_texture("import", image, TextureOptions::LINEAR)
            });
            Image::new(&*texture).paint_at(ui, rect);
            response.on_hover_text(name);
        }
        (Some(Err(why)), _) => {
            ui.painter().rect_stroke(rect, 3.0, Stroke::new(1.0, tokens.warn), StrokeKind::Inside);
            let font = eframe::egui::FontId::proportional(11.0);
            let middle = eframe::egui::Align2::CENTER_CENTER;
            ui.painter().text(rect.center(), middle, "cannot be shown", font, tokens.warn);
            response.on_hover_text(format!("{name}\n{why}"));
        }
        _ => {
            response.on_hover_text(name);
        }
    }
}

fn about(ui: &mut Ui, preview: &Preview) {
    let counted = |all: &std::collections::BTreeMap<String, usize>| {
        let named = all.iter().map(|(name, n)| format!("{} {n}", if name.is_empty() { "no name" } else { name }));
        named.collect::<Vec<_>>().join(", ")
    };
    let mut lines = vec![("From", counted(&preview.domains))];
    if !preview.species.is_empty() {
        lines.push(("Species", counted(&preview.species)));
    }
    let subjects = if preview.subjects == 0 { "not named".to_owned() } else { preview.subjects.to_string() };
    lines.push(("Subjects", subjects));
    let of =
        [("cut to the face", preview.cropped), ("with face boxes", preview.boxes), ("with depth maps", preview.depth)];
    let of: Vec<String> = of.iter().filter(|(_, n)| *n > 0).map(|(what, n)| format!("{n} {what}")).collect();
    if !of.is_empty() {
        lines.push(("Clips", of.join(", ")));
    }
    ui.add_space(4.0);
    Grid::new("about an import").num_columns(2).spacing([14.0, 3.0]).show(ui, |ui| {
        for (name, value) in lines {
            ui.weak(name);
            ui.add(Label::new(value).wrap());
            ui.end_row();
        }
    });
}

fn manifest(ui: &mut Ui, state: &AppState, root: &Root, imported: &Imported, queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    section(ui, "Train on it");
    if imported.is_ready() {
        ui.label("It is a manifest, and says everything that a run needs");
        if ui.button("Use for the next run").clicked() {
            send(queue, DataCommand::TakeManifest(root.path.clone()));
        }
        return;
    }
    let text =
        "A manifest is a CSV file that names the files where they lie; runs train on it. Nothing else is written";
    ui.add(Label::new(RichText::new(text).color(tokens.weak)).wrap());
    ui.allocate_ui_with_layout(vec2(ui.available_width(), 26.0), Layout::right_to_left(Align::Center), |ui| {
        let empty = imported.preview.classes.iter().all(|c| c.clips == 0);
        let free = !imported.preview.ask && !empty && !imported.out.trim().is_empty();
        let color = if free { tokens.on_accent } else { tokens.weak };
        let button = Button::new(RichText::new("Write manifest").color(color));
        let button = button.fill(if free { tokens.accent } else { tokens.raised });
        let why = if empty { "There are no clips to write" } else { "Say first which label means live" };
        if ui.add_enabled(free, button).on_disabled_hover_text(why).clicked() {
            send(queue, DataCommand::WriteManifest(root.id));
        }
        if ui.add_enabled(state.asking.is_none(), Button::new("Browse…")).clicked() {
            queue.send(UiCommand::Browse(FolderFor::ManifestOut(root.id)));
        }
        let mut out = imported.out.clone();
        let edit = ui.add(TextEdit::singleline(&mut out).desired_width(f32::INFINITY));
        if edit.accessible_name("Manifest to write").changed() {
            send(queue, DataCommand::ManifestPath(root.id, out));
        }
    });
    if let Some(trouble) = &imported.trouble {
        ui.add(Label::new(RichText::new(format!("▲ {trouble}")).color(tokens.error)).wrap());
    }
    if let Some((path, clips)) = &imported.written {
        let text = format!("Written: {clips} clips in {}", path.display());
        ui.add(Label::new(RichText::new(text).color(tokens.good)).wrap());
        if ui.button("Use for the next run").clicked() {
            send(queue, DataCommand::TakeManifest(path.clone()));
        }
    }
}

fn buttons(ui: &mut Ui, state: &AppState, root: &Root, imported: &Imported, queue: &CommandQueue) {
    ui.horizontal_wrapped(|ui| {
        if ui.add_enabled(imported.clips.is_some(), Button::new("Browse its clips")).clicked() {
            send(queue, DataCommand::Turn(Page::Clips));
        }
        if ui.button("Look again").on_hover_text("Reads names and lists anew").clicked() {
            send(queue, DataCommand::LookAgain(root.id));
        }
        let help = "Where the label files lie here and their pictures in another folder";
        let elsewhere = ui.add_enabled(state.asking.is_none(), Button::new("Pictures are elsewhere…"));
        if elsewhere.on_hover_text(help).clicked() {
            queue.send(UiCommand::Browse(FolderFor::Pictures(root.id)));
        }
        forget(ui, root.id, queue);
    });
}
