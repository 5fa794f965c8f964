//! What every kind of map is worth on the test part: a row a kind, a column a number. What a run does not know is
//! left empty.

use eframe::egui::{Grid, RichText, ScrollArea, Ui};
use serde_json::Value;

use crate::ui::theme;

/// Kinds of map as results.json has them, with what they are called and what they are.
const KINDS: [(&str, &str, &str); 5] = [
    ("pretrained", "Pretrained teacher", "The teacher as pretraining left it, before bi-level training"),
    (
        "teacher",
        "Teacher",
        "The teacher after bi-level training. Stretching its maps as Eq. 13 does changes no order within a face",
    ),
    ("momentum_teacher", "Momentum teacher", "The slow average of the teacher"),
    ("detector", "Detector", "The detector that is scored"),
    ("mean_map", "Mean map", "The mean of the teacher's maps over all attacks: how far the place alone goes"),
];

/// Numbers of a kind: their key, head, meaning, and whether they are shares.
const NUMBERS: [(&str, &str, &str, bool); 5] = [
    ("auc", "AUC of means", "Area under the ROC curve of the maps' means as scores of presentations", true),
    ("separation", "Separation", "Mean over attacks less mean over live faces", false),
    ("spread", "Spread", "Mean over attacks of the standard deviation within a map; 0 is a constant map", false),
    (
        "pixel_auc",
        "Pixel AUC",
        "How likely a pixel on the attack's material is higher than one beside it, mean over attacks; 50 % is chance",
        true,
    ),
    ("pixel_precision", "Pixel precision", "Average precision of the same pixels, mean over attacks", true),
];

/// One kind's line.
#[derive(Debug, PartialEq)]
pub struct Line {
    name: &'static str,
    help: &'static str,
    /// A text a number, in their order.
    cells: Vec<Option<String>>,
    /// Interval of the pixel AUC by person.
    interval: Option<String>,
}

/// The lines that `results` have something for.
pub fn lines(results: &Value) -> Vec<Line> {
    let line = |&(key, name, help): &(&str, &'static str, &'static str)| {
        let known = results.get("maps")?.get(key)?;
        let cell = |&(key, _, _, share): &(&str, &str, &str, bool)| {
            let value = known.get(key)?.as_f64()?;
            Some(if share { format!("{:.1} %", 100.0 * value) } else { format!("{value:.3}") })
        };
        let cells: Vec<Option<String>> = NUMBERS.iter().map(cell).collect();
        let interval = known.get("pixel_auc_ci").and_then(super::rates::interval_text);
        cells.iter().any(Option::is_some).then_some(Line { name, help, cells, interval })
    };
    KINDS.iter().filter_map(line).collect()
}

/// Draws the lines.
pub fn table(ui: &mut Ui, lines: &[Line]) {
    let tokens = theme::tokens(ui);
    // Columns that no line fills would be heads over nothing: data without masks have no pixel AUC.
    let filled = |at: &usize| lines.iter().any(|line| line.cells[*at].is_some());
    let shown: Vec<usize> = (0..NUMBERS.len()).filter(filled).collect();
    ScrollArea::horizontal().id_salt("maps' worth").show(ui, |ui| {
        Grid::new("maps").spacing([10.0, 4.0]).striped(true).show(ui, |ui| {
            ui.label("");
            for &at in &shown {
                ui.label(RichText::new(NUMBERS[at].1).small().color(tokens.weak)).on_hover_text(NUMBERS[at].2);
            }
            ui.end_row();
            for line in lines {
                ui.label(line.name).on_hover_text(line.help);
                for &at in &shown {
                    let text = line.cells[at].as_deref().unwrap_or("–");
                    let response = ui.label(RichText::new(text).monospace().color(tokens.strong));
                    match line.interval.as_ref().filter(|_| NUMBERS[at].0 == "pixel_auc") {
                        Some(interval) => response.on_hover_text(format!("95 % by person: {interval}")),
                        None => response.on_hover_text(NUMBERS[at].2),
                    };
                }
                ui.end_row();
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_kind_has_what_is_known_of_it() {
        let results = json!({"maps": {
            "teacher": {"auc": 0.875, "separation": 0.25, "spread": 0.0625},
            "mean_map": {"pixel_auc": 0.5, "pixel_auc_ci": [0.4, 0.6]},
            "detector": {"pixel_faces": 0},
        }});
        let lines = lines(&results);
        assert_eq!(lines.iter().map(|l| l.name).collect::<Vec<_>>(), ["Teacher", "Mean map"]);
        let cells = |i: usize| lines[i].cells.iter().map(Option::as_deref).collect::<Vec<_>>();
        assert_eq!(cells(0), [Some("87.5 %"), Some("0.250"), Some("0.062"), None, None]);
        assert_eq!(cells(1)[3], Some("50.0 %"));
        assert_eq!(lines[1].interval.as_deref(), Some("40.0 to 60.0 %"));
        assert!(super::lines(&json!({})).is_empty());
    }
}
