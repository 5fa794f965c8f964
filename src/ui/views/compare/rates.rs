//! Rates of the picked sessions: those that differ in their seeds alone as one line with the mean and its interval, and
//! below each what the papers report in its place, marked as theirs.

use eframe::egui::{Grid, RichText, ScrollArea, Ui};

use super::{Picked, key, picked};
use crate::sweep::{Alike, Shelved, alike, counted, differences, rate_over, reported};
use crate::ui::compare::group_title;
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::views::names::{RATES, spread_text};
use crate::ui::widgets::{badge, copyable, empty, synthetic};

/// One line.
struct Line {
    name: String,
    hover: String,
    /// What must be said of its numbers.
    notes: Vec<String>,
    runs: usize,
    cells: Vec<String>,
    threshold: String,
    synthetic: bool,
    oracle: bool,
    paper: bool,
}

/// The lines as they were put together last.
#[derive(Default)]
pub struct RatesCache {
    key: Option<Picked>,
    lines: Vec<Line>,
}

/// Shows the page.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut RatesCache) {
    copyable(ui);
    let now = key(state);
    if cache.key.as_ref() != Some(&now) {
        cache.lines = lines(state);
        cache.key = Some(now);
    }
    if cache.lines.is_empty() {
        return empty(
            ui,
            "None of these sessions was scored yet; play them to their end, or score them from the Run pane",
        );
    }
    let tokens = theme::tokens(ui);
    ScrollArea::both().auto_shrink(false).id_salt("rates side by side").show(ui, |ui| {
        Grid::new("rates side by side").striped(true).spacing([18.0, 4.0]).show(ui, |ui| {
            let heads = ["Runs", "n"].into_iter().chain(RATES.iter().map(|(_, head, _)| *head)).chain(["Threshold"]);
            for head in heads {
                ui.label(RichText::new(head).small().color(tokens.weak));
            }
            ui.end_row();
            for line in &cache.lines {
                ui.horizontal(|ui| {
                    let color = if line.paper { tokens.weak } else { tokens.strong };
                    let name = RichText::new(&line.name).color(color);
                    ui.label(if line.paper { name.italics() } else { name }).on_hover_text(&line.hover);
                    if line.paper {
                        badge(ui, "reported", tokens.weak)
                            .on_hover_text("Printed in the paper: real faces, its own size");
                    }
                    if line.synthetic {
                        synthetic(ui);
                    }
                    if line.oracle {
                        badge(ui, "oracle threshold", tokens.error);
                    }
                    if !line.notes.is_empty() {
                        let words = if line.notes.len() == 1 {
                            "1 note".to_owned()
                        } else {
                            format!("{} notes", line.notes.len())
                        };
                        badge(ui, &words, tokens.warn).on_hover_text(line.notes.join("\n"));
                    }
                });
                ui.label(if line.runs > 0 { line.runs.to_string() } else { String::new() });
                for cell in &line.cells {
                    let color = if line.paper { tokens.weak } else { tokens.text };
                    ui.label(RichText::new(cell).color(color));
                }
                ui.label(RichText::new(&line.threshold).small().color(tokens.weak));
                ui.end_row();
            }
        });
    });
}

fn lines(state: &AppState) -> Vec<Line> {
    let scored: Vec<_> = picked(state).into_iter().filter(|s| s.results.is_some()).cloned().collect();
    let groups = alike(&scored, &["seed"]);
    let firsts: Vec<&Shelved> = groups.iter().map(|g| &**g[0]).collect();
    let apart = differences(&firsts);
    let mut lines = vec![];
    for (at, members) in groups.iter().enumerate() {
        let first = members[0];
        let own = apart.iter().filter(|(key, _)| key != "seed" && key != "data.protocol");
        let own: Vec<String> = own.map(|(key, values)| format!("{key} {}", values[at])).collect();
        let Alike { runs, notes } = counted(members);
        let rules: Vec<String> = runs.iter().map(|s| s.setting("evaluate.threshold")).collect();
        lines.push(Line {
            name: group_title(first, &apart, at),
            hover: own.join("\n"),
            runs: runs.len(),
            notes,
            cells: RATES
                .iter()
                .map(|(key, ..)| rate_over(&runs, key).map_or_else(|| "undefined".to_owned(), |s| spread_text(&s)))
                .collect(),
            threshold: rules.first().cloned().unwrap_or_default(),
            synthetic: members.iter().any(|s| s.is_synthetic()),
            oracle: members.iter().any(|s| s.is_oracle()),
            paper: false,
        });
        for row in reported(first) {
            lines.push(Line {
                name: format!("{} Table {}: {}", row.paper.name, row.table.number, row.row.title()),
                notes: vec![],
                hover: [row.paper.citation.as_str(), &row.row.note].join("\n").trim().to_owned(),
                runs: 0,
                cells: RATES.iter().map(|(_, _, column)| row.cell(column).unwrap_or_default().to_owned()).collect(),
                threshold: String::new(),
                synthetic: false,
                oracle: false,
                paper: true,
            });
        }
    }
    lines
}
