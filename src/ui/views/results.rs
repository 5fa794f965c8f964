//! Rates after an evaluation, each with its interval, the threshold it was taken at and where the data came from.

use eframe::egui::{Frame, Grid, Label, Margin, RichText, ScrollArea, Ui};
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
        ScrollArea::vertical().auto_shrink(false).id_salt("results").show(ui, |ui| content(ui, run, results));
    });
}

fn content(ui: &mut Ui, run: Viewed<'_>, results: &Value) {
    let tokens = theme::tokens(ui);
    let synthetic = is_synthetic(run, results);
    let text = |key: &str| results.get(key).and_then(Value::as_str);
    ui.horizontal(|ui| {
        ui.label(RichText::new("Detector").heading().color(tokens.strong));
        if synthetic {
            badge(ui, "synthetic", tokens.warn);
        }
        if results.get("oracle").and_then(Value::as_bool) == Some(true) {
            badge(ui, "oracle threshold", tokens.error)
                .on_hover_text("The threshold was chosen on the test part itself");
        }
    });
    ui.add(Label::new(heading(results)).wrap());
    for banner in partial(run, results) {
        ui.add(Label::new(RichText::new(format!("▲ {banner}")).color(tokens.warn)).wrap());
    }
    if !RATES.iter().any(|r| results.get(r.key).is_some()) {
        ui.weak("The evaluation gave no rates");
        return;
    }
    ui.add_space(4.0);
    table(ui, results, synthetic);
    species(ui, results, synthetic);
    let left_out = |key: &str| results.get("clips_left_out").and_then(|l| l.get(key)?.as_u64()).unwrap_or(0);
    let (unreadable, without_face) = (left_out("unreadable"), left_out("without_face"));
    if unreadable + without_face > 0 {
        let rejected = results.get("missing_faces").and_then(|m| m.get("policy")?.as_str()) == Some("reject");
        let text = if rejected {
            format!("▲ Clips: {unreadable} could not be read; {without_face} showed no face and count as rejected")
        } else {
            format!("▲ Clips left out: {unreadable} could not be read, {without_face} showed no face")
        };
        ui.label(RichText::new(text).color(tokens.warn));
    }
    for warning in results.get("warnings").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        ui.label(RichText::new(format!("▲ {warning}")).color(tokens.warn));
    }
    ui.add_space(8.0);
    section(ui, "Threshold");
    let value = results.get("threshold").and_then(Value::as_f64).map(value_text);
    let value =
        value.or_else(|| text("threshold_infinite").map(str::to_owned)).unwrap_or_else(|| "undefined".to_owned());
    let side = if text("polarity") == Some("spoof_high") { "at or below" } else { "at or above" };
    ui.label(format!("{value}: a face {side} it passes as bona fide"));
    let rule = text("threshold_rule").unwrap_or("unknown");
    let chosen = text("threshold_set").map_or_else(String::new, |set| format!(", chosen on {set}"));
    let oracle = if results.get("oracle").and_then(Value::as_bool) == Some(true) { " (oracle)" } else { "" };
    ui.label(format!("Rule {rule}{oracle}{chosen}"));
    ui.add_space(8.0);
    provenance(ui, run, results);
}

/// Synthetic if the run or the result itself says so.
fn is_synthetic(run: Viewed<'_>, results: &Value) -> bool {
    results.get("origin").and_then(Value::as_str).map_or_else(|| run.is_synthetic(), |o| o == "synthetic")
}

/// What must be said of copies of data sets that are not whole: by the results themselves, else by the run.
fn partial(run: Viewed<'_>, results: &Value) -> Vec<String> {
    let own = results.get("partial").and_then(Value::as_array);
    let own = own.map(|all| all.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    own.unwrap_or_else(|| run.partial().to_vec())
}

fn heading(results: &Value) -> String {
    let set = results.get("test_set").and_then(Value::as_str).unwrap_or("test");
    let count = |key: &str| results.get(key).and_then(Value::as_u64);
    let unit = results.get("level").and_then(Value::as_str).unwrap_or("video");
    match (count("n_live"), count("n_attack")) {
        (Some(live), Some(attack)) => format!("On {set}: {live} bona fide, {attack} attacks, one score a {unit}"),
        _ => format!("On {set}"),
    }
}

fn table(ui: &mut Ui, results: &Value, synthetic: bool) {
    let tokens = theme::tokens(ui);
    Grid::new("rates").num_columns(4).spacing([12.0, 5.0]).striped(true).show(ui, |ui| {
        for rate in &RATES {
            let Some(value) = results.get(rate.key) else { continue };
            ui.label(rate.name).on_hover_text(rate.help);
            ui.label(RichText::new(percent(value)).monospace().color(tokens.strong));
            let interval = results.get("ci").and_then(|ci| ci.get(rate.key)).and_then(interval_text);
            note(ui, &interval.unwrap_or_default(), synthetic);
            ui.end_row();
        }
    });
}

/// What stands beside a number: that it is synthetic, and its interval.
fn note(ui: &mut Ui, interval: &str, synthetic: bool) {
    ui.weak(if synthetic { "synthetic" } else { "" });
    ui.weak(interval).on_hover_text("95 % interval, by bootstrap");
}

fn species(ui: &mut Ui, results: &Value, synthetic: bool) {
    let Some(species) = results.get("apcer").and_then(Value::as_object) else { return };
    ui.add_space(6.0);
    section(ui, "APCER by attack species");
    Grid::new("species").num_columns(4).spacing([12.0, 5.0]).striped(true).show(ui, |ui| {
        for (species, value) in species {
            ui.label(species);
            ui.label(RichText::new(percent(value)).monospace());
            let interval = results.get("ci").and_then(|ci| ci.get("apcer")?.get(species)).and_then(interval_text);
            note(ui, &interval.unwrap_or_default(), synthetic);
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
    Some(format!("{:.1} to {:.1} %", at(0)?, at(1)?))
}

fn provenance(ui: &mut Ui, run: Viewed<'_>, results: &Value) {
    section(ui, "Where these numbers come from");
    let text = |key: &str| match results.get(key)? {
        Value::Null => None,
        Value::String(s) => Some(s.clone()),
        other => Some(other.to_string()),
    };
    let mut lines = vec![];
    if let (Some(data), Some(origin)) = (text("data"), text("origin")) {
        lines.push(("Data", format!("{data} ({origin})")));
    }
    let sets = results.get("sets").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let sets: Vec<&str> = sets.collect();
    if !sets.is_empty() {
        lines.push(("Clips", sets.join("; ")));
    }

    if let Some(checkpoint) = text("checkpoint") {
        let how = text("checkpoint_selection").map_or_else(String::new, |s| format!(", {s}"));
        lines.push(("Checkpoint", format!("iteration {checkpoint}{how}")));
    }
    if let (Some(units), Some(unit), Some(draws)) = (text("ci_units"), text("ci_unit"), text("ci_draws")) {
        lines.push(("Intervals", format!("95 %, bootstrap of {draws} draws over {units} {unit}s")));
    }
    for (name, key) in [("Seed", "seed"), ("Fingerprint", "fingerprint"), ("Version", "version")] {
        lines.extend(text(key).map(|value| (name, value.chars().take(16).collect())));
    }
    if let Some(p) = &run.1.provenance {
        lines.push(("Device", format!("{}, libtorch {}", p.device, p.libtorch)));
    }
    Grid::new("where from").num_columns(2).spacing([18.0, 3.0]).show(ui, |ui| {
        for (name, value) in &lines {
            ui.weak(*name);
            ui.add(Label::new(value).wrap());
            ui.end_row();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_their_intervals_read_well() {
        let results = serde_json::json!({"auc": 0.9, "n_live": 3, "n_attack": 4, "test_set": "test", "level": "video"});
        assert_eq!(heading(&results), "On test: 3 bona fide, 4 attacks, one score a video");
        assert_eq!((percent(&Value::Null).as_str(), percent(&0.1234.into()).as_str()), ("undefined", "12.34 %"));
        assert_eq!(interval_text(&serde_json::json!([0.1, 0.2])).as_deref(), Some("10.0 to 20.0 %"));
        assert_eq!(interval_text(&Value::Null), None);
    }
}
