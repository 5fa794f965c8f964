//! What a run costs: operations and memory, as counted before it starts and measured while it goes; and how long it will
//! take.

use eframe::egui::{Grid, Label, RichText, Ui};

use crate::engine::{Cost, Stage};
use crate::session::{Memory, State, about};
use crate::ui::run::RunStore;
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::{rough_text, section};

const COUNTED: &str = "Counted from the layers: two operations a multiply-add of every convolution";

/// What the next run will cost, at the foot of its form.
pub fn ahead(ui: &mut Ui, state: &AppState) {
    let tokens = theme::tokens(ui);
    let Some(cost) = &state.form.cost else { return };
    let small = |text: String| RichText::new(text).small().color(tokens.weak);
    ui.label(small(format!("{}: {}", state.form.config.title(), cost.words()))).on_hover_text(COUNTED);
    let (text, help) = match state.time_ahead() {
        Some(seconds) => (
            format!("As fast as the last such run here: {} of training", about(seconds)),
            "By what stages like these took in this window, on the same device with as many threads. Making faces, \
             calibration and scoring come on top",
        ),
        None => (
            "How long it will take is not known: no run like it was timed here yet".to_owned(),
            "A run is like another one with the same detector, device, threads and precision, where every stage has at \
             most twice or at least half the operations an iteration",
        ),
    };
    ui.label(small(text)).on_hover_text(help);
}

/// What the run in view costs and how long it will take.
pub fn show(ui: &mut Ui, run: &RunStore) {
    let lines = lines(run);
    if lines.is_empty() {
        return;
    }
    section(ui, "Cost");
    Grid::new("cost").num_columns(2).spacing([12.0, 3.0]).show(ui, |ui| {
        for Line { name, value, help } in lines {
            ui.weak(name).on_hover_text(help);
            ui.add(Label::new(value).wrap()).on_hover_text(help);
            ui.end_row();
        }
    });
    ui.add_space(4.0);
}

/// One line of the table.
#[derive(Debug, PartialEq)]
struct Line {
    name: &'static str,
    value: String,
    help: &'static str,
}

fn lines(run: &RunStore) -> Vec<Line> {
    let mut all = vec![];
    let mut put = |name, value: Option<String>, help| all.extend(value.map(|value| Line { name, value, help }));
    let outlook = run.outlook_now();
    if let Some(o) = outlook {
        let paused = if run.state == Some(State::Paused) { ", once it goes on" } else { "" };
        let left = match (o.run_seconds, o.stage_seconds) {
            (Some(all), _) => format!("{}{paused}", about(all)),
            (None, Some(_)) => "cannot be told for the whole run yet".to_owned(),
            (None, None) => "is being measured".to_owned(),
        };
        let help = "By the pace of the last iterations; stages still to come by their operations, at the speed of this \
                    one. Pauses do not count";
        put("Time left", Some(left), help);
        put("This stage", o.stage_seconds.map(about), help);
        let speed = o.iteration_seconds.map(|s| {
            let rate = o.gflop_per_second().map_or_else(String::new, |r| format!(", {} GFLOP/s", rough_text(r)));
            format!("{}{rate}", milliseconds(s))
        });
        put("Pace", speed, "Mean of the last iterations of this stage, and how many operations a second that comes to");
    }
    let cost = run.cost.as_ref();
    let now = run.stage.filter(|_| outlook.is_some());
    put("An iteration", cost.map(|c| stages(c, now)), COUNTED);
    put("In all", cost.and_then(Cost::gflop).map(|g| format!("{} TFLOP", rough_text(g / 1000.0))), COUNTED);
    put(
        "Kept for derivatives",
        cost.map(|c| format!("about {:.0} MiB", c.mib())),
        "Values that the largest step keeps for its way back, in single precision, as counted from the layers",
    );
    let memory = outlook.and_then(|o| o.memory);
    put(
        "Memory",
        memory.map(memory_words),
        "Resident memory of the whole program that trains, and its peak since it began, as the system tells it",
    );
    all
}

/// Operations of every stage; the one under way is marked.
fn stages(cost: &Cost, now: Option<Stage>) -> String {
    let words = |g: Option<f64>| g.map_or_else(|| "uncounted".to_owned(), |g| format!("{} GFLOP", rough_text(g)));
    let all = cost.0.iter().map(|s| {
        let here = if now == Some(s.stage) { " (now)" } else { "" };
        format!("{} {}{here}", s.stage.name(), words(s.gflop))
    });
    all.collect::<Vec<_>>().join("\n")
}

fn milliseconds(seconds: f64) -> String {
    if seconds < 1.0 { format!("{} ms", rough_text(1000.0 * seconds)) } else { format!("{} s", rough_text(seconds)) }
}

fn memory_words(m: Memory) -> String {
    let gpu = m.gpu_peak_mib.map_or_else(String::new, |mib| format!("; at most {mib:.0} MiB of the card"));
    format!("{:.0} MiB, at most {:.0}{gpu}", m.resident_mib, m.peak_mib)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Preset;
    use crate::session::Outlook;

    fn value(run: &RunStore, name: &str) -> Option<String> {
        lines(run).into_iter().find(|l| l.name == name).map(|l| l.value)
    }

    #[test]
    fn what_is_measured_shows_while_a_run_is_under_way_and_what_is_counted_always() {
        let mut run = RunStore::new(Path::new("sessions/a"));
        assert!(lines(&run).is_empty());
        run.set_config(Preset::Demo.config());
        run.stage = Some(Stage::Bilevel);
        assert!(value(&run, "An iteration").unwrap().contains("GFLOP\nbilevel") && value(&run, "Time left").is_none());
        let memory = Memory { resident_mib: 300.4, peak_mib: 512.0, gpu_peak_mib: None };
        let outlook = Outlook { stage: Stage::Bilevel, memory: Some(memory), ..Outlook::default() };
        (run.outlook, run.state) = (Some(outlook.clone()), Some(State::Running));
        assert_eq!(value(&run, "Time left").unwrap(), "is being measured");
        assert!(value(&run, "An iteration").unwrap().contains("GFLOP (now)\ndetector"));
        assert_eq!(value(&run, "Memory").unwrap(), "300 MiB, at most 512");
        let gpu = Memory { gpu_peak_mib: Some(2048.0), ..memory };
        run.outlook = Some(Outlook {
            iteration_seconds: Some(0.05),
            gflop: Some(2.0),
            stage_seconds: Some(30.0),
            run_seconds: Some(140.0),
            memory: Some(gpu),
            ..outlook
        });
        run.state = Some(State::Paused);
        assert_eq!(value(&run, "Time left").unwrap(), "about 2 min 20 s, once it goes on");
        assert_eq!(value(&run, "This stage").unwrap(), "about 30 s");
        assert_eq!(value(&run, "Pace").unwrap(), "50.0 ms, 40.0 GFLOP/s");
        assert!(value(&run, "Memory").unwrap().ends_with("; at most 2048 MiB of the card"));
        run.state = Some(State::Finished);
        assert!(value(&run, "Pace").is_none() && value(&run, "In all").is_some());
    }
}
