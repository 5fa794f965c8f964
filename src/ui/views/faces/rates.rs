//! Rates at the threshold as it stands, with Clopper-Pearson intervals over presentations.

use eframe::egui::{Grid, RichText, ScrollArea, Ui};

use crate::eval::{Count, OperatingPoint, Rates, clopper_pearson};
use crate::ui::faces::Judged;
use crate::ui::theme;
use crate::ui::widgets::copyable;

/// The lines of the table: what, how much, and of how many.
pub struct Table(Vec<(String, String, String)>);

impl Table {
    /// What stands there for `rates` of `judged`.
    pub fn of(judged: &Judged, rates: &Rates) -> Self {
        let line = |name: &str, value: Option<f64>, more: String| {
            let text = value.map_or_else(|| "undefined".to_owned(), |v| format!("{:.2} %", 100.0 * v));
            (name.to_owned(), text, more)
        };
        let counted = |name: &str, count: Count| {
            let interval = clopper_pearson(count);
            let text = interval.map_or_else(String::new, |[a, b]| format!("{:.0} to {:.0} %", 100.0 * a, 100.0 * b));
            line(name, count.rate(), format!("{} of {}, {text}", count.errors, count.total))
        };
        let mut lines = vec![
            counted("BPCER", rates.bpcer),
            counted("APCER, worst", rates.apcer_max()),
            counted("APCER, pooled", rates.apcer_pooled()),
            line("ACER, worst", rates.acer_max(), String::new()),
            line("HTER", rates.acer_pooled(), "= ACER, pooled".to_owned()),
            line("EER", judged.eer.as_ref().map(OperatingPoint::half_total), "any threshold".to_owned()),
            line("AUC", judged.auc, "any threshold".to_owned()),
        ];
        let species = judged.ranked.species().iter().zip(&rates.apcer);
        lines.extend(species.map(|(species, count)| counted(&format!("APCER, {species}"), *count)));
        Self(lines)
    }
}

/// Shows the table.
pub fn show(ui: &mut Ui, judged: &Judged, table: &Table) {
    copyable(ui);
    let tokens = theme::tokens(ui);
    let height = (ui.available_height() * 0.5).max(80.0);
    ScrollArea::vertical().max_height(height).auto_shrink([false, true]).id_salt("rates of faces").show(ui, |ui| {
        Grid::new("rates of faces").striped(true).num_columns(3).spacing([10.0, 3.0]).show(ui, |ui| {
            for (name, value, more) in &table.0 {
                ui.label(name);
                ui.label(RichText::new(value).monospace().color(tokens.strong));
                ui.label(RichText::new(more).small().color(tokens.weak));
                ui.end_row();
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
