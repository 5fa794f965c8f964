//! Tables of rates: a name, a value, that it is synthetic where it is, and an interval. What is undefined says so and why,
//! and is never shown as 0.

use eframe::egui::{Grid, RichText, ScrollArea, Ui};
use serde_json::Value;

use super::terms::{ANY_THRESHOLD, AT_THRESHOLD, BPCER_AT, SPECIES, TPR, Term};
use crate::ui::theme;
use crate::ui::widgets::value_text;

/// One line of a table.
#[derive(Debug, PartialEq)]
pub struct Rate {
    /// What it is the rate of.
    pub name: String,
    /// A word in a warning's colour behind the name.
    pub mark: Option<&'static str>,
    /// What the name means.
    pub help: String,
    /// As per cent; `None` is undefined.
    pub value: Option<String>,
    /// Why it is undefined.
    pub why: &'static str,
    /// Its interval.
    pub interval: Option<String>,
    /// How the interval comes about.
    pub how: &'static str,
}

impl Rate {
    fn new(term: &Term, value: Option<&Value>, interval: Option<&Value>) -> Self {
        Self {
            name: term.name.to_owned(),
            mark: None,
            help: term.help.to_owned(),
            value: value.and_then(percent),
            why: term.undefined,
            interval: interval.and_then(interval_text),
            how: term.interval,
        }
    }
}

/// A rate as per cent.
pub fn percent(value: &Value) -> Option<String> {
    value.as_f64().map(|v| format!("{:.2} %", 100.0 * v))
}

/// An interval as per cent.
pub fn interval_text(pair: &Value) -> Option<String> {
    let at = |i: usize| pair.get(i).and_then(Value::as_f64).map(|v| 100.0 * v);
    Some(format!("{:.1} to {:.1} %", at(0)?, at(1)?))
}

fn of_terms(results: &Value, terms: &[Term]) -> Vec<Rate> {
    let there = terms.iter().filter(|t| results.get(t.key).is_some());
    there.map(|t| Rate::new(t, results.get(t.key), results.get("ci").and_then(|ci| ci.get(t.key)))).collect()
}

/// Rates at the threshold.
pub fn at_threshold(results: &Value) -> Vec<Rate> {
    of_terms(results, &AT_THRESHOLD)
}

/// What the threshold has no part in.
pub fn any_threshold(results: &Value) -> Vec<Rate> {
    of_terms(results, &ANY_THRESHOLD)
}

/// APCER of each species, the worst one marked.
pub fn species(results: &Value) -> Vec<Rate> {
    let worst = results.get("worst_species").and_then(Value::as_str);
    let of = |(species, value): (&String, &Value)| {
        let interval = results.get("ci").and_then(|ci| ci.get("apcer")?.get(species));
        let mark = (worst == Some(species.as_str())).then_some("worst");
        Rate { name: species.clone(), mark, ..Rate::new(&SPECIES, Some(value), interval) }
    };
    results.get("apcer").and_then(Value::as_object).into_iter().flatten().map(of).collect()
}

/// Points of the test part's own curve.
pub fn points(results: &Value) -> Vec<Rate> {
    let list = |key: &str| results.get(key).and_then(Value::as_array).into_iter().flatten();
    let share = |p: &Value, key: &str| {
        p.get(key).and_then(Value::as_f64).map_or_else(String::new, |v| format!("{}", 100.0 * v))
    };
    let at = |p: &Value, term: &Term, name: String, value: &str| {
        let threshold = p.get("threshold").and_then(Value::as_f64);
        let threshold = threshold.map_or_else(
            || "where everything is rejected or everything passes".to_owned(),
            |t| format!("at threshold {}", value_text(t)),
        );
        let help = format!("{}. Here {threshold}", term.help);
        Rate { name, help, ..Rate::new(term, p.get(value), p.get("ci")) }
    };
    let tpr = list("tpr_at_fpr").map(|p| at(p, &TPR, format!("TPR at FPR ≤ {} %", share(p, "fpr_at_most")), "tpr"));
    let bpcer = list("bpcer_at_apcer").map(|p| {
        let name = p.get("name").and_then(Value::as_str).unwrap_or("BPCER");
        let rate = at(p, &BPCER_AT, name.to_owned(), "bpcer");
        Rate { help: format!("At APCER ≤ {} %. {}", share(p, "apcer_at_most"), rate.help), ..rate }
    });
    tpr.chain(bpcer).collect()
}

/// Draws a table of `rates`.
pub fn table(ui: &mut Ui, salt: &str, rates: &[Rate], synthetic: bool) {
    let tokens = theme::tokens(ui);
    // Names of species may be longer than the pane is wide; the sentences around still wrap.
    ScrollArea::horizontal().id_salt(("rates", salt)).show(ui, |ui| rows(ui, salt, rates, synthetic, tokens));
}

fn rows(ui: &mut Ui, salt: &str, rates: &[Rate], synthetic: bool, tokens: &theme::Tokens) {
    Grid::new(salt).num_columns(4).spacing([6.0, 4.0]).striped(true).show(ui, |ui| {
        for rate in rates {
            ui.horizontal(|ui| {
                // As wide in every table, so that their columns lie below each other.
                ui.set_min_width(118.0);
                ui.label(&rate.name).on_hover_text(&rate.help);
                if let Some(mark) = rate.mark {
                    ui.label(RichText::new(mark).small().color(tokens.warn))
                        .on_hover_text("The species that fares worst");
                }
            });
            match &rate.value {
                Some(value) => {
                    ui.label(RichText::new(value).monospace().color(tokens.strong)).on_hover_text(&rate.help)
                }
                None => ui.label(RichText::new("undefined").color(tokens.warn)).on_hover_text(rate.why),
            };
            match &rate.interval {
                Some(interval) => ui.label(RichText::new(interval).small().color(tokens.weak)).on_hover_text(rate.how),
                None => ui.weak("–").on_hover_text("No interval: the rate is undefined, or no bootstrap was drawn"),
            };
            ui.label(RichText::new(if synthetic { "synthetic" } else { "" }).small().color(tokens.weak));
            ui.end_row();
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rates_and_their_intervals_read_well() {
        assert_eq!((percent(&Value::Null), percent(&0.1234.into()).as_deref()), (None, Some("12.34 %")));
        assert_eq!(interval_text(&json!([0.1, 0.2])).as_deref(), Some("10.0 to 20.0 %"));
        assert_eq!(interval_text(&Value::Null), None);
        let results = json!({"bpcer": null, "hter": 0.5, "ci": {"bpcer": null}});
        let rates = at_threshold(&results);
        assert_eq!(rates.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["BPCER", "HTER"]);
        assert!(rates[0].value.is_none() && rates[0].why.contains("no bona fide presentation"));
    }

    #[test]
    fn points_of_the_curve_say_where_they_are() {
        let results = json!({
            "tpr_at_fpr": [{"fpr_at_most": 0.0001, "tpr": 0.25, "threshold": null, "ci": [0.1, 0.4], "oracle": true}],
            "bpcer_at_apcer": [{"name": "BPCER20", "apcer_at_most": 0.05, "bpcer": null, "threshold": 0.5}],
            "apcer": {"print": 0.0, "mask": 0.5}, "worst_species": "mask",
        });
        let points = points(&results);
        assert_eq!((points[0].name.as_str(), points[0].value.as_deref()), ("TPR at FPR ≤ 0.01 %", Some("25.00 %")));
        assert!(points[0].help.ends_with("everything passes") && points[1].help.ends_with("at threshold 0.5000"));
        assert!(points[1].help.starts_with("At APCER ≤ 5 %. "));
        assert_eq!((points[1].name.as_str(), points[1].value.as_deref()), ("BPCER20", None));
        let marks: Vec<_> = species(&results).into_iter().map(|r| (r.name, r.mark)).collect();
        assert_eq!(marks, [("print".to_owned(), None), ("mask".to_owned(), Some("worst"))]);
    }
}
