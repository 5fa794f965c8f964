//! What numbers are of: how presentations were scored, what became of clips without a face, which data, weights and program.

use eframe::egui::{Button, Grid, Label, RichText, Ui};
use serde_json::Value;

use crate::ui::run::RunStore;
use crate::ui::theme;
use crate::ui::widgets::value_text;

/// One line of the two tables.
#[derive(Debug, Default, PartialEq)]
pub struct Line {
    /// What is told.
    pub name: &'static str,
    /// As it is told.
    pub value: String,
    /// What it means; empty where the words are enough.
    pub help: String,
    /// Shown short; whole on hover and copied when pressed.
    pub whole: Option<String>,
}

impl Line {
    fn new(name: &'static str, value: String, help: &str) -> Self {
        Self { name, value, help: help.to_owned(), whole: None }
    }
}

fn text(results: &Value, key: &str) -> Option<String> {
    match results.get(key)? {
        Value::Null => None,
        Value::String(s) if s.is_empty() => None,
        Value::String(s) => Some(s.clone()),
        other => Some(other.to_string()),
    }
}

/// How presentations were scored.
pub fn scoring(results: &Value) -> Vec<Line> {
    let mut lines = vec![];
    let level = text(results, "level");
    let rule = match (level.as_deref(), text(results, "video_rule").as_deref()) {
        (Some("frame"), _) => "a frame".to_owned(),
        (_, Some("mean")) => "a video: mean of its frames".to_owned(),
        (_, Some("median")) => "a video: median of its frames".to_owned(),
        (_, Some("max")) => "a video: its frame most like an attack (max)".to_owned(),
        _ => "a video".to_owned(),
    };
    lines.extend(level.map(|_| {
        let help = "evaluate.level and evaluate.video: what one presentation is, and how its frames became one score";
        Line::new("One score", rule, help)
    }));
    if let Some(frames) = results.get("frames_per_video").filter(|f| f.is_object()) {
        let of = |key: &str| frames.get(key).and_then(Value::as_f64).map_or_else(|| "–".to_owned(), |v| format!("{v}"));
        let value = if of("min") == of("max") {
            of("min")
        } else {
            format!("{} to {}, median {}", of("min"), of("max"), of("median"))
        };
        lines.push(Line::new("Frames a video", value, "Scored frames of the test part's videos"));
    }
    lines.extend(faceless(results));
    lines
}

/// What became of clips without a face, and how many there are.
fn faceless(results: &Value) -> Option<Line> {
    let missing = results.get("missing_faces")?;
    let count = |part: &str, class: &str| missing.get(part).and_then(|p| p.get(class)?.as_u64()).unwrap_or(0);
    let parts = ["test", "dev", "train"].map(|part| (part, count(part, "live"), count(part, "attack")));
    let told: Vec<String> = parts
        .iter()
        .filter(|(_, live, attack)| live + attack > 0)
        .map(|(part, live, attack)| format!("{part} {live} live + {attack} attacks"))
        .collect();
    let reject = missing.get("policy").and_then(Value::as_str) == Some("reject");
    let fate = if reject { "count as rejected" } else { "are left out" };
    let value = if told.is_empty() {
        format!("none; they would {}", if reject { "count as rejected" } else { "be left out" })
    } else {
        let unseen = |key: &str| results.get(key).and_then(Value::as_u64).unwrap_or(0);
        let (live, attack) = (unseen("n_rejected_live"), unseen("n_rejected_attack"));
        let counted = if reject { format!(" ({live} errors, {attack} detected attacks)") } else { String::new() };
        format!("{fate}: {}{counted}", told.join(", "))
    };
    let help = "evaluate.missing_faces: clips in which no face was found are left out of the rates (drop), or each counts as \
                one presentation that every threshold rejects: an error where it is live, a detected attack where it is \
                one (reject). Published work differs";
    Some(Line::new("Clips without a face", value, help))
}

/// Where the numbers come from.
pub fn provenance(results: &Value, run: &RunStore) -> Vec<Line> {
    let text = |key: &str| text(results, key);
    let mut lines = vec![];
    let mut put = |name, value: Option<String>, help: &str| lines.extend(value.map(|v| Line::new(name, v, help)));
    put("Detector", text("detector"), "What papers would call it, and what it learnt from");
    put(
        "Data",
        text("data").zip(text("origin")).map(|(d, o)| format!("{d} ({o})")),
        "Synthetic: rendered by this program",
    );
    let sets = results.get("sets").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let sets: Vec<&str> = sets.collect();
    put(
        "Clips",
        (!sets.is_empty()).then(|| sets.join("; ")),
        "Of each data set, how many of its published clips are here",
    );
    put("Teachers learn from", text("teacher_protocol"), "Not the run's own protocol: data.teacher_protocol");
    put("Depth", text("depth"), "Where the depth maps come from that the detector learnt");
    let how = text("checkpoint_selection").map_or_else(String::new, |s| format!(", {s}"));
    let checkpoint = text("checkpoint").map(|c| format!("iteration {c}{how}"));
    put(
        "Checkpoint",
        checkpoint,
        "Which weights were scored, and how they were chosen. Nothing is chosen on the test part",
    );
    let drawn = (text("ci_draws"), text("ci_units"), text("ci_unit"));
    let intervals = match drawn {
        (Some(draws), Some(units), Some(unit)) => {
            Some(format!("95 %; exact for one class, else {draws} bootstrap draws over {units} {unit}s"))
        }
        _ => None,
    };
    put(
        "Intervals",
        intervals,
        "Rates of one class: Clopper and Pearson (1934). ACER, HTER, EER and AUC: percentile bootstrap",
    );
    put("Seed", text("seed"), "Of every random stream of the run");
    let short = |s: &String| s.chars().take(12).collect::<String>();
    for (name, key, help) in [
        ("Data's fingerprint", "fingerprint", "SHA-256 over names, labels and pixels of all faces"),
        ("Scores' fingerprint", "scores_fingerprint", "SHA-256 over the rows of the test part's score file"),
    ] {
        if let Some(whole) = results.get(key).and_then(Value::as_str).filter(|s| !s.is_empty()).map(str::to_owned) {
            lines.push(Line { value: short(&whole), whole: Some(whole), ..Line::new(name, String::new(), help) });
        }
    }
    let device = run.provenance.as_ref().map(|p| format!("{}, libtorch {}", p.device, p.libtorch));
    lines.extend(
        results.get("version").and_then(Value::as_str).map(|v| Line::new("Version", v.to_owned(), "Of this program")),
    );
    lines.extend(device.map(|d| Line::new("Device", d, "What the run was trained on")));
    lines
}

/// The threshold, and which scores it lets pass.
pub fn threshold(results: &Value) -> String {
    let value = results.get("threshold").and_then(Value::as_f64).map(value_text);
    let side = if results.get("polarity").and_then(Value::as_str) == Some("spoof_high") {
        "at or below"
    } else {
        "at or above"
    };
    match (value, results.get("threshold_infinite").and_then(Value::as_str)) {
        (Some(value), _) => format!("{value}: a score {side} it passes as bona fide"),
        (None, Some(infinite)) => format!("{infinite}: everything passes, or nothing does"),
        (None, None) => "undefined".to_owned(),
    }
}

/// The rule that chose the threshold, where, and how well it did there.
pub fn rule(results: &Value) -> String {
    let oracle = if results.get("oracle").and_then(Value::as_bool) == Some(true) { " (oracle)" } else { "" };
    let chosen = text(results, "threshold_set").map_or_else(String::new, |set| format!(", chosen on {set}"));
    let error = results.get("threshold_set_error").and_then(Value::as_f64);
    let error = error.map_or_else(String::new, |e| format!(", where the half total error is {:.2} %", 100.0 * e));
    format!("Rule {}{oracle}{chosen}{error}", text(results, "threshold_rule").as_deref().unwrap_or("unknown"))
}

/// Draws the lines as a table.
pub fn table(ui: &mut Ui, salt: &str, lines: &[Line]) {
    let tokens = theme::tokens(ui);
    Grid::new(salt).num_columns(2).spacing([14.0, 3.0]).show(ui, |ui| {
        for line in lines {
            let name = ui.weak(line.name);
            if !line.help.is_empty() {
                name.on_hover_text(&line.help);
            }
            if let Some(whole) = &line.whole {
                let button =
                    Button::new(RichText::new(format!("{}…", line.value)).monospace().color(tokens.text)).small();
                let response = ui.add(button).accessible_name(format!("Copy {}", line.name.to_lowercase()));
                if response.on_hover_text(format!("{whole}\n{}. Press to copy", line.help)).clicked() {
                    ui.ctx().copy_text(whole.clone());
                }
            } else {
                ui.add(Label::new(&line.value).wrap());
            }
            ui.end_row();
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn value(lines: &[Line], name: &str) -> Option<String> {
        lines.iter().find(|l| l.name == name).map(|l| l.value.clone())
    }

    #[test]
    fn how_presentations_were_scored_is_told() {
        let part = |live: u64, attack: u64| json!({"live": live, "attack": attack});
        let mut results = json!({
            "level": "video", "video_rule": "max", "frames_per_video": {"min": 1, "median": 2.5, "max": 4},
            "missing_faces": {"policy": "reject", "train": part(0, 0), "dev": part(0, 1), "test": part(2, 3)},
            "n_rejected_live": 2, "n_rejected_attack": 3
        });
        let lines = scoring(&results);
        assert_eq!(value(&lines, "One score").unwrap(), "a video: its frame most like an attack (max)");
        assert_eq!(value(&lines, "Frames a video").unwrap(), "1 to 4, median 2.5");
        assert_eq!(
            value(&lines, "Clips without a face").unwrap(),
            "count as rejected: test 2 live + 3 attacks, dev 0 live + 1 attacks (2 errors, 3 detected attacks)"
        );
        results["frames_per_video"] = json!({"min": 2, "median": 2.0, "max": 2});
        assert_eq!(value(&scoring(&results), "Frames a video").unwrap(), "2");
        results["missing_faces"] = json!({"policy": "drop", "test": part(0, 0)});
        assert_eq!(value(&scoring(&results), "Clips without a face").unwrap(), "none; they would be left out");
        assert_eq!(scoring(&json!({})), []);
    }

    #[test]
    fn thresholds_say_their_rule_and_oracles_are_called_so() {
        let mut results = json!({
            "threshold": 0.5, "polarity": "spoof_high", "threshold_rule": "min_hter", "threshold_set": "test",
            "threshold_set_error": 0.125, "oracle": true
        });
        assert_eq!(threshold(&results), "0.5000: a score at or below it passes as bona fide");
        assert_eq!(rule(&results), "Rule min_hter (oracle), chosen on test, where the half total error is 12.50 %");
        results["threshold"] = Value::Null;
        assert_eq!(threshold(&results), "undefined");
        results["threshold_infinite"] = "inf".into();
        assert!(threshold(&results).starts_with("inf: "));
    }
}
