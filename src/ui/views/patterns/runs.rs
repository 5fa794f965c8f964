//! Which runs were trained on each of the maps above and what they came to (Meta Pattern Table I), beside what the paper
//! reports.

use eframe::egui::{Grid, RichText, ScrollArea, Ui};

use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::patterns::Trained;
use crate::ui::theme;
use crate::ui::views::names::spread_text;
use crate::ui::widgets::{badge, synthetic};

/// Shows the table.
pub fn show(ui: &mut Ui, all: &[Trained], queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    ScrollArea::both().auto_shrink([false, true]).id_salt("trained").show(ui, |ui| {
        Grid::new("trained").striped(true).spacing([18.0, 4.0]).show(ui, |ui| {
            for head in ["HFN trained on", "Protocol", "Runs", "HTER %", "AUC %", "The paper's HTER, AUC %", "Apart by"]
            {
                ui.label(RichText::new(head).small().color(tokens.weak));
            }
            ui.end_row();
            for line in all {
                ui.horizontal(|ui| {
                    let name = line.pattern.title();
                    let help = "Brings one of its runs into view";
                    let link = ui.link(name).on_hover_text(help);
                    if let Some(folder) = line.folders.first().filter(|_| link.clicked()) {
                        queue.send(UiCommand::Open(folder.clone()));
                    }
                    if line.synthetic {
                        synthetic(ui);
                    }
                    if line.oracle {
                        badge(ui, "oracle threshold", tokens.error);
                    }
                });
                ui.label(&line.protocol);
                ui.label(line.folders.len().to_string());
                for spread in [&line.hter, &line.auc] {
                    ui.label(spread.as_ref().map_or_else(|| "undefined".to_owned(), spread_text))
                        .on_hover_text("Mean over seeds; in brackets its 95 % interval by Student's t");
                }
                let paper = line.paper.as_ref().map_or_else(|| "–".to_owned(), |(hter, auc)| format!("{hter}, {auc}"));
                let help = "On real faces, at the paper's size, with its threshold chosen on the test part";
                ui.label(RichText::new(paper).color(tokens.weak)).on_hover_text(help);
                ui.label(RichText::new(line.apart.join(", ")).small().color(tokens.weak));
                ui.end_row();
            }
        });
    });
}
