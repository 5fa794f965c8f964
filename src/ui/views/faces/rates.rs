//! Rates at the threshold as it stands, with Clopper-Pearson intervals over presentations.

use eframe::egui::{Grid, RichText, ScrollArea, Ui};

use crate::eval::{Count, Rates, clopper_pearson};
use crate::ui::faces::Judged;
use crate::ui::theme;

/// Shows the table.
pub fn show(ui: &mut Ui, judged: &Judged, rates: &Rates) {
    let tokens = theme::tokens(ui);
    let height = (ui.available_height() * 0.5).max(80.0);
    ScrollArea::vertical().max_height(height).auto_shrink([false, true]).id_salt("rates of faces").show(ui, |ui| {
        Grid::new("rates of faces").striped(true).num_columns(3).spacing([10.0, 3.0]).show(ui, |ui| {
            let line = |ui: &mut Ui, name: &str, value: Option<f64>, more: String| {
                ui.label(name);
                let text = value.map_or_else(|| "undefined".to_owned(), |v| format!("{:.2} %", 100.0 * v));
                ui.label(RichText::new(text).monospace().color(tokens.strong));
                ui.label(RichText::new(more).small().color(tokens.weak));
                ui.end_row();
            };
            let counted = |ui: &mut Ui, name: &str, count: Count| {
                let interval = clopper_pearson(count);
                let text =
                    interval.map_or_else(String::new, |[a, b]| format!("{:.0} to {:.0} %", 100.0 * a, 100.0 * b));
                line(ui, name, count.rate(), format!("{} of {}, {text}", count.errors, count.total));
            };
            counted(ui, "BPCER", rates.bpcer);
            counted(ui, "APCER, worst", rates.apcer_max());
            counted(ui, "APCER, pooled", rates.apcer_pooled());
            line(ui, "ACER, worst", rates.acer_max(), String::new());
            line(ui, "HTER", rates.acer_pooled(), "= ACER, pooled".to_owned());
            line(ui, "EER", judged.ranked.eer_point().map(|p| p.half_total()), "any threshold".to_owned());
            line(ui, "AUC", judged.ranked.auc(), "any threshold".to_owned());
            for (species, count) in judged.ranked.species().iter().zip(&rates.apcer) {
                counted(ui, &format!("APCER, {species}"), *count);
            }
        });
        let help = "Intervals are Clopper-Pearson's over presentations, 95 %; the Results pane has those over subjects";
        ui.label(RichText::new(format!("95 % intervals over {}s", judged.level)).small().color(tokens.weak))
            .on_hover_text(help);
        if judged.unseen > 0 {
            let text = format!("{} clips showed no face and count as rejected", judged.unseen);
            ui.label(RichText::new(text).small().color(tokens.warn));
        }
    });
}
