//! A protocol as a table: species by part, with what is here of what was published, and whose clips they are.

use std::collections::BTreeSet;

use eframe::egui::{
    Align2, Color32, FontId, Grid, Label, Rect, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2,
};

use super::{builtin, lists, send};
use crate::data::Label as Class;
use crate::data::protocol::{Cell, Matrix, MatrixRow};
use crate::ui::command::CommandQueue;
use crate::ui::data::{Choice, DataCommand, Shown, for_window};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::views::protocol::{self, Offered};

/// Size of a cell, in points.
const CELL: (f32, f32) = (104.0, 22.0);
const PARTS: [&str; 3] = ["train", "dev", "test"];

/// Shows the page.
pub fn show(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    choose(ui, state, queue);
    ui.add_space(4.0);
    ScrollArea::vertical().auto_shrink(false).id_salt("protocol").show(ui, |ui| match state.data.shown_matrix() {
        None => {
            ui.weak("Counting…");
        }
        Some(Err(why)) => {
            let text = RichText::new(format!("▲ {}", for_window(why))).color(theme::tokens(ui).warn);
            ui.add(Label::new(text).wrap());
            ui.add_space(4.0);
            ui.weak("Add the folder that is missing at the left, or choose another protocol");
        }
        Some(Ok(matrix)) => whole(ui, state, matrix, queue),
    });
}

/// Which protocol.
fn choose(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let data = &state.data;
    let choice = &data.choice;
    if data.shown == Shown::Builtin {
        builtin::scales(ui, state, queue);
    }
    let offered = Offered {
        offers: if data.shown == Shown::Builtin { &state.offers } else { &state.disk_offers },
        unusable: data.unusable.get(&data.over()).map(|u| &**u),
        built_in: data.shown == Shown::Builtin,
    };
    let mut changed = choice.clone();
    ui.horizontal(|ui| {
        if let Some(name) = protocol::menu(ui, "protocol in view", &offered, &choice.name) {
            changed = Choice { name, fold: 1, whole: choice.whole };
        }
        if let Some(fold) = protocol::fold(ui, &offered, &choice.name, choice.fold) {
            changed.fold = fold;
        }
    });
    if protocol::is_across(&choice.name)
        && let Some(whole) = protocol::whole(ui, choice.whole)
    {
        changed.whole = whole;
    }
    if changed != *choice {
        send(queue, DataCommand::Protocol(changed));
    }
}

fn whole(ui: &mut Ui, state: &AppState, matrix: &Matrix, queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    table(ui, matrix);
    ui.add_space(6.0);
    people(ui, matrix);
    if matrix.holds_out {
        let [live, attacks] = [Class::Live, Class::Spoof].map(|c| matrix.total_held_out(Some(c)));
        let whose = if matrix.held_out.is_empty() {
            "a fifth of its clips, as their names tell no subjects".to_owned()
        } else {
            format!("a fifth of its subjects: {}", some(&matrix.held_out))
        };
        let text = format!(
            "The protocol has no part to choose thresholds on. A run holds {live} live clips and {attacks} attacks out of \
             train for that, {whose}."
        );
        ui.add(Label::new(RichText::new(text).color(tokens.text)).wrap());
    }
    if let Some(why) = &matrix.blocked {
        let text = format!("▲ No run is possible with what is here: {why}");
        ui.add(Label::new(RichText::new(text).color(tokens.error)).wrap());
    }
    ui.add_space(6.0);
    let name = &state.data.choice.name;
    let button = eframe::egui::Button::new(format!("Use {name} for the next run"));
    let button = ui.add_enabled(matrix.blocked.is_none(), button);
    if button.on_hover_text("Sets the data of the next run; nothing starts yet").clicked() {
        send(queue, DataCommand::TakeProtocol);
    }
    let problems: Vec<String> = matrix.problems.iter().map(|p| for_window(p)).collect();
    lists::sentences(ui, "To know", &problems);
}

fn table(ui: &mut Ui, matrix: &Matrix) {
    let tokens = theme::tokens(ui);
    let columns = 4 + usize::from(matrix.holds_out);
    let sets: BTreeSet<&str> = matrix.rows.iter().map(|r| r.set.as_str()).collect();
    ScrollArea::horizontal().id_salt("matrix").show(ui, |ui| {
        Grid::new("protocol matrix").num_columns(columns).spacing([4.0, 3.0]).show(ui, |ui| {
            ui.label("");
            for part in PARTS {
                head(ui, part);
            }
            if matrix.holds_out {
                head(ui, "held out of train");
            }
            ui.end_row();
            let mut last = "";
            for row in &matrix.rows {
                if sets.len() > 1 && row.set != last {
                    ui.label(RichText::new(&row.set).strong().color(tokens.strong));
                    ui.end_row();
                }
                last = &row.set;
                line(ui, row, matrix.holds_out);
            }
            for (class, name) in [(Class::Live, "all live"), (Class::Spoof, "all attacks")] {
                ui.label(RichText::new(name).strong().color(tokens.strong));
                for (part, total) in PARTS.into_iter().zip(matrix.total(Some(class))) {
                    cell(ui, &format!("{name}, {part}"), total, None);
                }
                if matrix.holds_out {
                    let held = Cell { found: matrix.total_held_out(Some(class)), published: None };
                    cell(ui, &format!("{name}, held out"), held, None);
                }
                ui.end_row();
            }
            ui.label(RichText::new("subjects").strong().color(tokens.strong));
            for (i, part) in PARTS.into_iter().enumerate() {
                subjects(ui, part, &matrix.subjects[i], matrix.unnamed[i]);
            }
            if matrix.holds_out {
                subjects(ui, "held out", &matrix.held_out, 0);
            }
            ui.end_row();
        });
    });
}

fn head(ui: &mut Ui, name: &str) {
    let (rect, response) = ui.allocate_exact_size(vec2(CELL.0, 18.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, name));
    let color = theme::tokens(ui).weak;
    ui.painter().text(rect.right_center(), Align2::RIGHT_CENTER, name, FontId::proportional(11.5), color);
}

fn line(ui: &mut Ui, row: &MatrixRow, holds_out: bool) {
    let tokens = theme::tokens(ui);
    let base = if row.label == Class::Live { tokens.good } else { tokens.accent };
    ui.label(RichText::new(&row.species).color(if row.label == Class::Live { tokens.good } else { tokens.text }));
    for (part, found) in PARTS.into_iter().zip(row.cells) {
        cell(ui, &format!("{} {}, {part}", row.set, row.species), found, Some(base));
    }
    if holds_out {
        let held = Cell { found: row.held_out, published: None };
        cell(ui, &format!("{} {}, held out", row.set, row.species), held, None);
    }
    ui.end_row();
}

/// "12 of 240", or "240" where all are here.
fn cell_text(cell: Cell) -> String {
    match cell.published {
        Some(all) if all != cell.found => format!("{} of {all}", cell.found),
        Some(0) => "–".to_owned(),
        None if cell.found == 0 => "–".to_owned(),
        _ => cell.found.to_string(),
    }
}

/// A cell, filled as far as what was published is here.
fn cell(ui: &mut Ui, name: &str, cell: Cell, fill: Option<Color32>) {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(CELL.0, CELL.1), Sense::hover());
    let text = cell_text(cell);
    let spoken = format!("{name}: {text}");
    response.widget_info(|| WidgetInfo::labeled(Role::Cell, true, &spoken));
    let partial = cell.published.is_some_and(|all| all > cell.found);
    if let Some(fill) = fill.filter(|_| partial || cell.found > 0) {
        ui.painter().rect_filled(rect, 3.0, tokens.raised);
        let all = cell.published.unwrap_or(cell.found).max(1);
        let part = (cell.found as f32 / all as f32).clamp(0.0, 1.0);
        let filled = Rect::from_min_size(rect.min, vec2(rect.width() * part, rect.height()));
        ui.painter().rect_filled(filled, 3.0, fill.gamma_multiply(0.36));
    }
    let color = match (partial, cell.found) {
        (true, _) => tokens.text,
        (false, 0) => tokens.weak,
        _ => tokens.strong,
    };
    let at = rect.right_center() - vec2(8.0, 0.0);
    ui.painter().text(at, Align2::RIGHT_CENTER, text, FontId::monospace(12.5), color);
    if partial {
        response.on_hover_text(format!("{spoken}; this copy is not whole"));
    }
}

fn subjects(ui: &mut Ui, part: &str, names: &BTreeSet<String>, unnamed: usize) {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(CELL.0, CELL.1), Sense::hover());
    let text = match (names.len(), unnamed) {
        (0, 0) => "–".to_owned(),
        (0, _) => "not told".to_owned(),
        (n, _) => n.to_string(),
    };
    let spoken = format!("subjects, {part}: {text}");
    response.widget_info(|| WidgetInfo::labeled(Role::Cell, true, &spoken));
    let at = rect.right_center() - vec2(8.0, 0.0);
    ui.painter().text(at, Align2::RIGHT_CENTER, text, FontId::monospace(12.5), tokens.strong);
    if !names.is_empty() {
        response.on_hover_text(names.iter().cloned().collect::<Vec<_>>().join(", "));
    }
}

/// Whether anybody stands in two parts.
fn people(ui: &mut Ui, matrix: &Matrix) {
    let tokens = theme::tokens(ui);
    let shared = matrix.in_two_parts();
    let named: usize = matrix.subjects.iter().map(BTreeSet::len).sum();
    let unnamed: usize = matrix.unnamed.iter().sum();
    let (mark, text, color) = if !shared.is_empty() {
        ("▲", format!("In two parts: {}", shared.join(", ")), tokens.error)
    } else if named == 0 && unnamed > 0 {
        let text =
            "Names of this set tell no subjects, so nobody can say whether someone stands in two parts; no clip does";
        ("▲", text.to_owned(), tokens.warn)
    } else if unnamed > 0 {
        ("✓", format!("Nobody stands in two parts; {unnamed} clips tell no subject"), tokens.good)
    } else {
        ("✓", "Nobody stands in two parts".to_owned(), tokens.good)
    };
    ui.add(Label::new(RichText::new(format!("{mark} {text}")).color(color)).wrap());
}

/// A few names, and how many more there are.
fn some(names: &BTreeSet<String>) -> String {
    let few: Vec<&str> = names.iter().take(8).map(String::as_str).collect();
    let more = names.len().saturating_sub(few.len());
    if more > 0 { format!("{} and {more} more", few.join(", ")) } else { few.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_say_what_is_missing_and_no_more() {
        let text = |found, published| cell_text(Cell { found, published });
        assert_eq!(text(12, Some(240)), "12 of 240");
        assert_eq!(text(0, Some(240)), "0 of 240");
        assert_eq!(text(240, Some(240)), "240");
        assert_eq!((text(0, Some(0)), text(0, None), text(7, None)), ("–".into(), "–".into(), "7".into()));
        assert_eq!(text(2, Some(0)), "2 of 0", "clips that were never published");
        let names: BTreeSet<String> = (0..10).map(|i| format!("s{i}")).collect();
        assert_eq!(some(&names), "s0, s1, s2, s3, s4, s5, s6, s7 and 2 more");
    }
}
