//! Figures and tables for a paper: what, of which runs, how wide and in which colours, as they will be; written as SVG, PDF,
//! PNG, LaTeX, CSV or Markdown.

use std::sync::Arc;

use eframe::egui::{
    Align, Button, CentralPanel, ColorImage, ComboBox, Frame, Image, Key, Label, Layout, Margin, Panel, RichText,
    ScrollArea, TextEdit, TextureHandle, TextureOptions, Ui, vec2,
};

use crate::report::figure::Width;
use crate::report::{Colormap, TableFormat};
use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::export::{ExportCommand, Preview, What, Whose};
use crate::ui::jobs::FolderFor;
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::empty;
use crate::ui::widgets::number::number;

/// The preview's texture.
#[derive(Default)]
pub struct ExportCache {
    shown: Option<(Arc<Preview>, TextureHandle)>,
}

fn send(queue: &CommandQueue, command: ExportCommand) {
    queue.send(UiCommand::Export(command));
}

/// Shows the pane.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut ExportCache, queue: &CommandQueue) {
    if state.run().is_none() {
        return empty(ui, "Figures and tables of runs are made here once a session is open");
    }
    let sessions = state.exported();
    let frame = Frame::new().inner_margin(Margin::symmetric(10, 6));
    Panel::top("export options").frame(frame).show(ui, |ui| options(ui, state, sessions.len(), queue));
    Panel::bottom("export file").frame(frame).show(ui, |ui| file(ui, state, &sessions, queue));
    CentralPanel::no_frame().frame(Frame::new().inner_margin(Margin::symmetric(10, 6))).show(ui, |ui| {
        if sessions.is_empty() {
            let text = match state.export.whose {
                Whose::Picked => "Tick sessions in the Compare pane; what is exported is of them",
                Whose::Sweep => "Choose a sweep in the Ablations pane; what is exported is of its finished runs",
                Whose::InView => "Open a session first",
            };
            return empty(ui, text);
        }
        let wanted = state.export_wanted();
        if state.export.wants(&wanted) {
            send(queue, ExportCommand::Preview);
        }
        match &state.export.shown {
            Some((_, Err(why))) if !state.export.is_drawing() => empty(ui, why),
            Some((_, Ok(preview))) => picture(ui, preview, cache),
            _ => empty(ui, "It is being drawn…"),
        }
    });
}

fn options(ui: &mut Ui, state: &AppState, sessions: usize, queue: &CommandQueue) {
    let (export, tokens) = (&state.export, theme::tokens(ui));
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new("Export").strong().color(tokens.strong));
        ui.name_inputs("What is exported", |ui| {
            ComboBox::from_id_salt("what is exported").selected_text(export.what.title()).width(300.0).show_ui(
                ui,
                |ui| {
                    for what in What::all() {
                        if ui.selectable_label(export.what == what, what.title()).clicked() {
                            send(queue, ExportCommand::What(what));
                        }
                    }
                },
            );
        });
        if export.what.of_one() {
            ui.label("of the run in view");
        } else {
            ui.label("of");
            for whose in Whose::ALL {
                if ui.selectable_label(export.whose == whose, whose.title()).clicked() {
                    send(queue, ExportCommand::Whose(whose));
                }
            }
            ui.weak(format!("{sessions} sessions"));
        }
    });
    ui.horizontal_wrapped(|ui| match export.what {
        What::Figure(_) => figure_options(ui, state, queue),
        What::Table(_) => {
            for (format, name) in
                [(TableFormat::Latex, "LaTeX"), (TableFormat::Csv, "CSV"), (TableFormat::Markdown, "Markdown")]
            {
                if ui.radio(export.table == format, name).clicked() {
                    send(queue, ExportCommand::TableFormat(format));
                }
            }
            let mut paper = export.paper;
            let help = "Rows that the papers report for the same method and protocol, marked as printed";
            if ui.checkbox(&mut paper, "with the papers' rows").on_hover_text(help).changed() {
                send(queue, ExportCommand::Paper(paper));
            }
        }
    });
}

fn figure_options(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let export = &state.export;
    for (ending, name, help) in [
        ("pdf", "PDF", "Vectors with the typeface inside, for LaTeX"),
        ("svg", "SVG", "Vectors, to be edited"),
        ("png", "PNG", "Pixels, for slides"),
    ] {
        if ui.radio(export.format == ending, name).on_hover_text(help).clicked() {
            send(queue, ExportCommand::Format(ending));
        }
    }
    if export.format == "png" {
        let mut dpi = export.dpi;
        let label = ui.label("dpi").id;
        if ui.add(number(ui, &mut dpi).range(30..=2400)).labelled_by(label).changed() {
            send(queue, ExportCommand::Dpi(dpi));
        }
    }
    ui.separator();
    for (width, name) in [(Width::Ieee1, "one column"), (Width::Ieee2, "two columns")] {
        if ui.radio(export.width == width, name).on_hover_text("As IEEE's journals set them").clicked() {
            send(queue, ExportCommand::Width(width));
        }
    }
    let mut mm = export.width.points() / 72.0 * 25.4;
    let field = ui.add(number(ui, &mut mm).range(40.0..=400.0).suffix(" mm").max_decimals(1));
    if field.accessible_name("Width in millimetres").changed() {
        send(queue, ExportCommand::Width(Width::Mm(mm)));
    }
    ui.separator();
    ui.name_inputs("Colours of the figure's maps", |ui| {
        ComboBox::from_id_salt("figure colours").selected_text(export.colormap.title()).width(120.0).show_ui(
            ui,
            |ui| {
                for map in Colormap::ALL {
                    if ui.selectable_label(export.colormap == map, map.title()).clicked() {
                        send(queue, ExportCommand::Colormap(map));
                    }
                }
            },
        );
    });
}

fn file(ui: &mut Ui, state: &AppState, sessions: &[std::path::PathBuf], queue: &CommandQueue) {
    let export = &state.export;
    let out = export.out(sessions);
    let made = matches!(&export.shown, Some((of, Ok(_))) if *of == state.export_wanted());
    ui.allocate_ui_with_layout(vec2(ui.available_width(), 24.0), Layout::right_to_left(Align::Center), |ui| {
        let name = if export.replacing.as_ref() == Some(&out) { "Replace" } else { "Write" };
        let write = ui.add_enabled(made && !export.writing, Button::new(name));
        if write.on_hover_text(format!("Into {}", out.display())).clicked() {
            send(queue, ExportCommand::Write);
        }
        if let (true, Some((_, Ok(preview)))) = (made, &export.shown)
            && let Preview::Text(text) = &**preview
            && ui.button("Copy").clicked()
        {
            ui.ctx().copy_text(text.clone());
        }
        let browse = ui.add_enabled(state.asking.is_none(), Button::new("Browse…"));
        if browse.accessible_name("Browse for a place for the figure").clicked() {
            queue.send(UiCommand::Browse(FolderFor::ExportOut));
        }
        let mut typed = export.typed.clone();
        let hint = out.display().to_string();
        let edit = ui.add(TextEdit::singleline(&mut typed).hint_text(hint).desired_width(f32::INFINITY));
        let edit = edit.accessible_name("File of the figure or table");
        if edit.changed() {
            send(queue, ExportCommand::Type(typed));
        }
        if made && edit.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) {
            send(queue, ExportCommand::Write);
        }
    });
}

fn picture(ui: &mut Ui, preview: &Arc<Preview>, cache: &mut ExportCache) {
    match &**preview {
        Preview::Text(text) => {
            ScrollArea::both().auto_shrink(false).id_salt("table text").show(ui, |ui| {
                ui.add(Label::new(RichText::new(text).monospace()).extend().selectable(true));
            });
        }
        Preview::Picture(image, notes) => {
            if cache.shown.as_ref().is_none_or(|(of, _)| !Arc::ptr_eq(of, preview)) {
                let size = [image.width() as usize, image.height() as usize];
                let image = ColorImage::from_rgb(size, image.as_raw());
                let texture = ui.ctx().load_texture("figure", image, TextureOptions::LINEAR);
                cache.shown = Some((Arc::clone(preview), texture));
            }
            let Some((_, texture)) = &cache.shown else { return };
            ScrollArea::both().auto_shrink(false).id_salt("figure").show(ui, |ui| {
                let whole = texture.size_vec2();
                let scale = (ui.available_width() / whole.x).min(1.0);
                let picture = Image::new((texture.id(), whole * scale)).alt_text("The figure as it will be");
                ui.add(picture);
                for note in notes {
                    ui.add(Label::new(RichText::new(note).small().color(theme::tokens(ui).weak)).wrap());
                }
            });
        }
    }
}
