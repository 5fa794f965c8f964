//! A published set: what is there against what was published, what is missing, what a person should know.

use eframe::egui::{
    Align, Align2, Color32, FontId, Frame, Grid, Label, Layout, Margin, RichText, ScrollArea, Sense, Stroke, Ui, vec2,
};

use super::{forget, lists, pack, send};
use crate::data::Label as Class;
use crate::data::dataset::{Report, Row};
use crate::ui::command::CommandQueue;
use crate::ui::data::{DataCommand, Opened, Page, Root, label_word};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::section;

/// Shows the page.
pub fn show(ui: &mut Ui, state: &AppState, root: &Root, opened: &Opened, queue: &CommandQueue) {
    let report = &*opened.report;
    ScrollArea::vertical().auto_shrink(false).id_salt("overview").show(ui, |ui| {
        if let Some(banner) = report.found.banner() {
            notice(ui, &format!("{banner} Every result from it will say so."));
        }
        facts(ui, report);
        ui.add_space(6.0);
        table(ui, report, queue);
        ui.add_space(6.0);
        lists::show(ui, "Missing", "Published clips that are not here", &report.found.missing);
        let help = "Videos here that the published set does not have under such a name";
        lists::show(ui, "Too many", help, &report.found.extra);
        lists::show(ui, "Without a byte", "Clips whose files are empty", &report.empty);
        lists::sentences(ui, "To know", &report.found.problems);
        ui.add_space(8.0);
        pack::show(ui, state, root, queue);
        ui.add_space(8.0);
        buttons(ui, root, queue);
    });
}

/// A sentence in a frame, which must not be overlooked.
pub fn notice(ui: &mut Ui, sentence: &str) {
    let tokens = theme::tokens(ui);
    let frame =
        Frame::new().stroke(Stroke::new(1.0, tokens.warn)).corner_radius(4).inner_margin(Margin::symmetric(10, 6));
    frame.show(ui, |ui| ui.add(Label::new(RichText::new(sentence).color(tokens.warn)).wrap()));
    ui.add_space(4.0);
}

fn facts(ui: &mut Ui, report: &Report) {
    let found = &report.found;
    let (here, all) = found.share();
    let mut lines = vec![
        ("Folder", found.root.display().to_string()),
        ("Clips", if found.is_whole() { format!("all {all}") } else { format!("{here} of {all}") }),
    ];
    if let Some((kind, clips)) = report.marks {
        lines.push(("Came with it", format!("{kind} for {clips} of {} clips", found.clips.len())));
    }
    if let Some((here, all)) = report.enrolment {
        lines.push(("Enrolment", format!("{here} of {all} clips, never scored")));
    }
    if !found.lists.is_empty() {
        lines.push(("Lists read", found.lists.len().to_string()));
    }
    Grid::new("facts of a set").num_columns(2).spacing([14.0, 3.0]).show(ui, |ui| {
        for (name, value) in lines {
            ui.weak(name);
            ui.add(Label::new(value).wrap());
            ui.end_row();
        }
    });
}

fn table(ui: &mut Ui, report: &Report, queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    Grid::new("found and published").num_columns(5).spacing([16.0, 4.0]).striped(true).show(ui, |ui| {
        headings(ui, &[("Part", false), ("Species", false), ("Found", true), ("Published", true), ("", false)]);
        let mut last = "";
        for row in &report.rows {
            ui.label(if row.part == last { "" } else { row.part });
            last = row.part;
            species(ui, row, queue);
            number(ui, row.found, if row.found == row.expected { tokens.text } else { tokens.warn });
            number(ui, row.expected, tokens.text);
            share(ui, row.found, row.expected);
            ui.end_row();
        }
        for (class, name) in [(Class::Live, "live"), (Class::Spoof, "attacks")] {
            let of_class = report.rows.iter().filter(|r| r.label == class);
            let (here, all) = of_class.fold((0, 0), |(a, b), r| (a + r.found, b + r.expected));
            ui.label(RichText::new(if class == Class::Live { "all" } else { "" }).strong());
            ui.label(RichText::new(name).strong());
            number(ui, here, tokens.strong);
            number(ui, all, tokens.strong);
            share(ui, here, all);
            ui.end_row();
        }
    });
}

/// The species, which leads to its clips.
fn species(ui: &mut Ui, row: &Row, queue: &CommandQueue) {
    let help = format!("Show these {} clips", label_word(row.label));
    let link = ui.add_enabled(row.found > 0, eframe::egui::Link::new(row.species.as_str()));
    let name = format!("{} {} clips", row.part, row.species);
    if link.accessible_name(name).on_hover_text(help).clicked() {
        for command in AppState::narrow_to(row.part, &row.species) {
            send(queue, command);
        }
    }
}

/// A number, to the right.
pub fn number(ui: &mut Ui, n: usize, color: Color32) {
    let text = RichText::new(n.to_string()).monospace().color(color);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(text));
}

/// The first row of a table: titles, and whether numbers stand below them.
pub fn headings(ui: &mut Ui, titles: &[(&str, bool)]) {
    let color = theme::tokens(ui).weak;
    for (title, numbers) in titles {
        let text = RichText::new(*title).small().color(color);
        if *numbers {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(text));
        } else {
            ui.label(text);
        }
    }
    ui.end_row();
}

/// Ends a row of numbers with an empty cell: a grid's last column gets what width is left, which would tear the last
/// number off the others.
pub fn end_row(ui: &mut Ui) {
    ui.label("");
    ui.end_row();
}

/// How much of it is here, as a bar.
fn share(ui: &mut Ui, here: usize, all: usize) {
    let tokens = theme::tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(90.0, 14.0), Sense::hover());
    let bar = eframe::egui::Rect::from_center_size(rect.center(), vec2(90.0, 6.0));
    if all == 0 {
        let font = FontId::proportional(11.0);
        ui.painter().text(rect.left_center(), Align2::LEFT_CENTER, "not published", font, tokens.warn);
        return;
    }
    ui.painter().rect_filled(bar, 3.0, tokens.raised);
    let part = (here as f32 / all as f32).clamp(0.0, 1.0);
    let color = if here == all { tokens.good } else { tokens.warn };
    let filled = eframe::egui::Rect::from_min_size(bar.min, vec2(bar.width() * part, bar.height()));
    ui.painter().rect_filled(filled, 3.0, color);
}

fn buttons(ui: &mut Ui, root: &Root, queue: &CommandQueue) {
    section(ui, "This copy");
    let mut used = root.used;
    let help = "Where a set is here twice, one of the two copies must be left out";
    if ui.checkbox(&mut used, "Runs and protocols may use it").on_hover_text(help).changed() {
        send(queue, DataCommand::Use(root.id, used));
    }
    ui.horizontal_wrapped(|ui| {
        if ui.button("Browse its clips").clicked() {
            send(queue, DataCommand::Turn(Page::Clips));
        }
        if ui.button("See its protocols").clicked() {
            send(queue, DataCommand::Turn(Page::Protocol));
        }
        if ui.button("Look again").on_hover_text("Reads names and lists anew").clicked() {
            send(queue, DataCommand::LookAgain(root.id));
        }
        forget(ui, root.id, queue);
    });
}
