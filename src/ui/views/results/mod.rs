//! What an evaluation gave, whole: rates with their intervals, the threshold they were taken at, how presentations
//! were scored and where the data came from. `rates` has the tables of numbers, `maps` those of maps, `origin` what
//! they are of, `terms` what their names mean.

mod maps;
mod origin;
mod rates;
mod terms;

use eframe::egui::{Frame, Label, Margin, RichText, ScrollArea, Ui};
use serde_json::Value;

use crate::ui::command::CommandQueue;
use crate::ui::state::{AppState, Viewed};
use crate::ui::theme;
use crate::ui::widgets::{self, badge, copyable, empty};

const ORACLE: &str = "Chosen with the labels of the test part itself: nothing that is deployed could know it";

/// Shows the pane.
pub fn show(ui: &mut Ui, state: &AppState, _queue: &CommandQueue) {
    copyable(ui);
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
    let oracle = results.get("oracle").and_then(Value::as_bool) == Some(true);
    ui.horizontal(|ui| {
        let title = results.get("detector").and_then(Value::as_str).unwrap_or("Detector");
        ui.label(RichText::new(title).heading().color(tokens.strong));
        if synthetic {
            widgets::synthetic(ui);
        }
        if oracle {
            badge(ui, "oracle threshold", tokens.error).on_hover_text(ORACLE);
        }
    });
    ui.add(Label::new(heading(results)).wrap());
    let warn = |ui: &mut Ui, text: String| {
        ui.add(Label::new(RichText::new(format!("▲ {text}")).color(tokens.warn)).wrap());
    };
    let told = results.get("warnings").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let sentences = partial(run, results).into_iter().chain(lost(results)).chain(overrides(results));
    for sentence in sentences.chain(told.map(str::to_owned)) {
        warn(ui, sentence);
    }
    let (at, any) = (rates::at_threshold(results), rates::any_threshold(results));
    if at.is_empty() && any.is_empty() {
        ui.weak("The evaluation gave no rates");
        return;
    }
    if !any.is_empty() {
        part(ui, "Whatever the threshold", None);
        rates::table(ui, "any threshold", &any, synthetic);
    }
    if !at.is_empty() {
        part(ui, "At the threshold", oracle.then_some("oracle"));
        ui.add(Label::new(origin::threshold(results)).wrap());
        ui.add(Label::new(origin::rule(results)).wrap());
        rates::table(ui, "rates", &at, synthetic);
    }
    let species = rates::species(results);
    if !species.is_empty() {
        part(ui, "APCER by attack species", oracle.then_some("oracle"));
        rates::table(ui, "species", &species, synthetic);
    }
    let lines = maps::lines(results);
    if !lines.is_empty() {
        part(ui, "Maps on the test part", None);
        maps::table(ui, &lines);
    }
    let points = rates::points(results);
    if !points.is_empty() {
        part(ui, "Points of the test part's own curve", Some("oracle"));
        rates::table(ui, "points", &points, synthetic);
    }
    let scoring = origin::scoring(results);
    if !scoring.is_empty() {
        part(ui, "What was scored", None);
        origin::table(ui, "scoring", &scoring);
    }
    part(ui, "Where these numbers come from", None);
    origin::table(ui, "where from", &origin::provenance(results, run.1));
}

/// A heading, with a word that holds for all below it.
fn part(ui: &mut Ui, title: &str, word: Option<&str>) {
    ui.add_space(6.0);
    ui.horizontal(|ui| {
        ui.label(RichText::new(title).strong().color(theme::tokens(ui).strong));
        if let Some(word) = word {
            badge(ui, word, theme::tokens(ui).error).on_hover_text(ORACLE);
        }
    });
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

/// What became of clips that gave no face.
fn lost(results: &Value) -> Option<String> {
    let count = |key: &str| results.get("clips_left_out").and_then(|l| l.get(key)?.as_u64()).unwrap_or(0);
    let (unreadable, without_face) = (count("unreadable"), count("without_face"));
    let rejected = results.get("missing_faces").and_then(|m| m.get("policy")?.as_str()) == Some("reject");
    (unreadable + without_face > 0).then(|| {
        if rejected {
            format!("Clips: {unreadable} could not be read; {without_face} showed no face and count as rejected")
        } else {
            format!("Clips left out: {unreadable} could not be read, {without_face} showed no face")
        }
    })
}

/// Settings that were others for this evaluation than for the run.
fn overrides(results: &Value) -> Option<String> {
    let all = results.get("overridden").and_then(Value::as_object)?;
    let word = |v: &Value| v.as_str().unwrap_or("?").to_owned();
    let one = |(key, v): (&String, &Value)| {
        let [here, run] = ["here", "run"].map(|k| v.get(k).map_or_else(|| "?".to_owned(), word));
        format!("{key} = {here} instead of {run}")
    };
    let all: Vec<String> = all.iter().map(one).collect();
    (!all.is_empty()).then(|| format!("Set for this evaluation alone: {}", all.join(", ")))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn headings_and_warnings_read_well() {
        let mut results = json!({"n_live": 3, "n_attack": 4, "test_set": "test", "level": "video"});
        assert_eq!(heading(&results), "On test: 3 bona fide, 4 attacks, one score a video");
        assert_eq!((lost(&results), overrides(&results)), (None, None));
        results["clips_left_out"] = json!({"unreadable": 0, "without_face": 2});
        results["missing_faces"] = json!({"policy": "reject"});
        assert!(lost(&results).unwrap().ends_with("2 showed no face and count as rejected"));
        results["overridden"] = json!({"evaluate.video": {"run": "mean", "here": "max"}});
        assert_eq!(overrides(&results).unwrap(), "Set for this evaluation alone: evaluate.video = max instead of mean");
    }
}
