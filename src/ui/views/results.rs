//! Rates after an evaluation, each with its interval, the threshold it was taken at and where the data came from.

use eframe::egui::{Frame, Grid, Margin, RichText, ScrollArea, Ui};
use serde_json::Value;

use crate::ui::command::CommandQueue;
use crate::ui::state::{AppState, Viewed};
use crate::ui::theme;
use crate::ui::widgets::{badge, empty, section, value_text};

/// One line of the table.
struct Rate {
    key: &'static str,
    name: &'static str,
    help: &'static str,
}

const RATES: [Rate; 8] = [
    Rate {
        key: "auc",
        name: "AUC",
        help: "Area under the ROC curve: how often an attack scores higher than a bona fide face",
    },
    Rate { key: "eer", name: "EER", help: "Equal error rate, at the threshold where both errors meet on these data" },
    Rate {
        key: "apcer_max",
        name: "APCER, worst species",
        help: "Attacks taken for bona fide, for the species that fares worst",
    },
    Rate { key: "apcer_pooled", name: "APCER, pooled", help: "Attacks taken for bona fide, all species together" },
    Rate { key: "bpcer", name: "BPCER", help: "Bona fide faces taken for attacks" },
    Rate { key: "acer_max", name: "ACER, worst species", help: "Mean of the worst APCER and BPCER" },
    Rate { key: "acer_pooled", name: "ACER, pooled", help: "Mean of the pooled APCER and BPCER" },
    Rate { key: "hter", name: "HTER", help: "Half total error rate" },
];

/// Shows the pane.
pub fn show(ui: &mut Ui, state: &AppState, _queue: &CommandQueue) {
    let Some(run) = state.run() else { return empty(ui, "Rates appear here after an evaluation") };
    let Some(results) = run.1.results.as_ref() else {
        return empty(ui, "Rates appear here once the detector has been scored");
    };
    Frame::new().inner_margin(Margin::same(12)).show(ui, |ui| {
        ScrollArea::both().auto_shrink(false).id_salt("results").show(ui, |ui| content(ui, run, results));
    });
}

/// Sets of rates in a result: named parts that have rates, else the whole.
fn parts(results: &Value) -> Vec<(String, &Value)> {
    let has_rates = |v: &Value| RATES.iter().any(|r| v.get(r.key).is_some());
    let named: Vec<(String, &Value)> = ["test", "dev", "train"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), results.get(name)?)))
        .filter(|(_, v)| has_rates(v))
        .collect();
    if named.is_empty() && has_rates(results) { vec![("test".to_owned(), results)] } else { named }
}

fn content(ui: &mut Ui, run: Viewed<'_>, results: &Value) {
    let tokens = theme::tokens(ui);
    let synthetic = run.is_synthetic();
    ui.horizontal(|ui| {
        ui.label(RichText::new("Detector").heading().color(tokens.strong));
        if synthetic {
            badge(ui, "synthetic", tokens.warn);
        }
    });
    let parts = parts(results);
    if parts.is_empty() {
        ui.weak("The evaluation gave no rates");
    }
    for (name, part) in parts {
        ui.add_space(6.0);
        section(ui, &part_title(&name, part));
        table(ui, &name, part, synthetic);
        species(ui, &name, part, synthetic);
    }
    ui.add_space(8.0);
    provenance(ui, run, results);
}

fn part_title(name: &str, part: &Value) -> String {
    let count = |key: &str| part.get(key).and_then(Value::as_u64);
    match (count("n_live"), count("n_attack")) {
        (Some(live), Some(attack)) => format!("On {name}: {live} bona fide, {attack} attacks"),
        _ => format!("On {name}"),
    }
}

fn table(ui: &mut Ui, name: &str, part: &Value, synthetic: bool) {
    let tokens = theme::tokens(ui);
    Grid::new(("rates", name)).num_columns(3).spacing([18.0, 5.0]).striped(true).show(ui, |ui| {
        for rate in &RATES {
            let Some(value) = part.get(rate.key) else { continue };
            ui.label(rate.name).on_hover_text(rate.help);
            ui.label(RichText::new(percent(value)).monospace().color(tokens.strong));
            let interval = part.get("ci").and_then(|ci| ci.get(rate.key)).and_then(interval_text);
            let mut note = interval.unwrap_or_default();
            if synthetic {
                note = if note.is_empty() { "synthetic".to_owned() } else { format!("{note} synthetic") };
            }
            ui.weak(note);
            ui.end_row();
        }
        if let Some(threshold) = part.get("threshold").and_then(Value::as_f64) {
            ui.label("Threshold").on_hover_text("Scores on the far side of it are taken for attacks");
            ui.label(RichText::new(value_text(threshold)).monospace());
            let rule = part.get("threshold_rule").or_else(|| part.get("rule")).and_then(Value::as_str);
            ui.weak(rule.map_or_else(String::new, |r| format!("rule {r}")));
            ui.end_row();
        }
    });
}

fn species(ui: &mut Ui, name: &str, part: &Value, synthetic: bool) {
    let Some(species) = part.get("apcer").and_then(Value::as_object) else { return };
    ui.add_space(4.0);
    ui.weak("APCER by attack species");
    Grid::new(("species", name)).num_columns(3).spacing([18.0, 5.0]).show(ui, |ui| {
        for (species, value) in species {
            ui.label(species);
            ui.label(RichText::new(percent(value)).monospace());
            ui.weak(if synthetic { "synthetic" } else { "" });
            ui.end_row();
        }
    });
}

/// A rate as per cent; what is undefined says so.
fn percent(value: &Value) -> String {
    value.as_f64().map_or_else(|| "undefined".to_owned(), |v| format!("{:.2} %", 100.0 * v))
}

fn interval_text(pair: &Value) -> Option<String> {
    let at = |i: usize| pair.get(i).and_then(Value::as_f64).map(|v| 100.0 * v);
    Some(format!("95 %: {:.2} to {:.2} %", at(0)?, at(1)?))
}

fn provenance(ui: &mut Ui, run: Viewed<'_>, results: &Value) {
    let tokens = theme::tokens(ui);
    section(ui, "Where these numbers come from");
    let mut lines = vec![];
    if let Some(c) = &run.1.config {
        lines.push(("Threshold", format!("rule {}", c.evaluate.threshold)));
        lines.push(("Scores", format!("one a {}", c.evaluate.level)));
        lines.push(("Seed", c.seed.to_string()));
    }
    if let Some(p) = &run.1.provenance {
        lines.push(("Data", format!("{} ({})", p.data, p.origin)));
        lines.push(("Version", format!("{}, libtorch {}, {}", p.version, p.libtorch, p.device)));
    }
    let extra = results.get("provenance").and_then(Value::as_object);
    Grid::new("where from").num_columns(2).spacing([18.0, 3.0]).show(ui, |ui| {
        for (name, value) in &lines {
            ui.weak(*name);
            ui.label(value);
            ui.end_row();
        }
        for (name, value) in extra.into_iter().flatten() {
            ui.label(RichText::new(name.replace('_', " ")).color(tokens.weak));
            ui.label(value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            ui.end_row();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_found_at_the_top_or_in_parts() {
        let flat = serde_json::json!({"auc": 0.9, "n_live": 3, "n_attack": 4});
        assert_eq!(parts(&flat)[0].0, "test");
        assert_eq!(part_title("test", &flat), "On test: 3 bona fide, 4 attacks");
        let nested = serde_json::json!({"dev": {"eer": 0.1}, "test": {"eer": 0.2}, "other": {"eer": 0.2}});
        assert_eq!(parts(&nested).iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["test", "dev"]);
        assert!(parts(&serde_json::json!({"a": 1})).is_empty());
        assert_eq!((percent(&Value::Null).as_str(), percent(&0.1234.into()).as_str()), ("undefined", "12.34 %"));
    }
}
