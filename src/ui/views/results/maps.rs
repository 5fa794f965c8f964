//! What every kind of map is worth on the test part: a row a kind, a column a number. What a run does not know is
//! left empty.

use eframe::egui::{Grid, RichText, ScrollArea, Ui};
use serde_json::Value;

use crate::eval::{MapMaker, MapNumber};
use crate::ui::theme;

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
    let line = |maker: MapMaker| {
        let known = results.get("maps")?.get(maker.key())?;
        let cell = |number: &MapNumber| {
            let value = known.get(number.key)?.as_f64()?;
            Some(if number.is_share { format!("{:.1} %", 100.0 * value) } else { format!("{value:.3}") })
        };
        let cells: Vec<Option<String>> = MapNumber::ALL.iter().map(cell).collect();
        let interval = known.get("pixel_auc_ci").and_then(super::rates::interval_text);
        let (name, help) = (maker.title(), maker.about());
        cells.iter().any(Option::is_some).then_some(Line { name, help, cells, interval })
    };
    MapMaker::ALL.into_iter().filter_map(line).collect()
}

/// Draws the lines.
pub fn table(ui: &mut Ui, lines: &[Line]) {
    let tokens = theme::tokens(ui);
    // Columns that no line fills would be heads over nothing: data without masks have no pixel AUC.
    let filled = |at: &usize| lines.iter().any(|line| line.cells[*at].is_some());
    let shown: Vec<usize> = (0..MapNumber::ALL.len()).filter(filled).collect();
    ScrollArea::horizontal().id_salt("maps' worth").show(ui, |ui| {
        Grid::new("maps").spacing([10.0, 4.0]).striped(true).show(ui, |ui| {
            ui.label("");
            for &at in &shown {
                let number = MapNumber::ALL[at];
                ui.label(RichText::new(number.title).small().color(tokens.weak)).on_hover_text(number.about);
            }
            ui.end_row();
            for line in lines {
                ui.label(line.name).on_hover_text(line.help);
                for &at in &shown {
                    let text = line.cells[at].as_deref().unwrap_or("–");
                    let response = ui.label(RichText::new(text).monospace().color(tokens.strong));
                    match line.interval.as_ref().filter(|_| MapNumber::ALL[at].key == "pixel_auc") {
                        Some(interval) => response.on_hover_text(format!("95 % by person: {interval}")),
                        None => response.on_hover_text(MapNumber::ALL[at].about),
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
