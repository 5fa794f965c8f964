//! The configuration of the next run, with the paper's values beside and problems before a start; while a run is in
//! view, its own configuration, whose bi-level settings can be changed under way.

use eframe::egui::{
    Align, Button, CentralPanel, CollapsingHeader, ComboBox, Frame, Grid, Layout, Margin, Panel, RichText, ScrollArea,
    TextEdit, Ui, vec2,
};

use crate::config::{Preset, RunConfig};
use crate::engine::LIVE_SETTINGS;
use crate::papers::papers;
use crate::session::State;
use crate::ui::command::{CommandQueue, Transport, UiCommand};
use crate::ui::form::{FIXED, Kind, Setting, THRESHOLDS, Texts, is_oracle, number_text, same_value};
use crate::ui::jobs::FolderFor;
use crate::ui::state::{AppState, Viewed};
use crate::ui::theme;
use crate::ui::widgets::number::number;
use crate::ui::widgets::{provenance_badges, section};

/// What the pane edits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The next run: everything.
    Next,
    /// The run under way: what it takes while it goes on.
    Live,
    /// A run that is only looked at.
    Fixed,
}

/// Shows the pane.
pub fn show(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let run = state.run().filter(|_| !state.edit_next);
    let mode = match run {
        None => Mode::Next,
        Some(run) if state.is_attached(run.0) && run.state != Some(State::Finished) => Mode::Live,
        Some(_) => Mode::Fixed,
    };
    let frame = Frame::new().inner_margin(Margin::symmetric(12, 8));
    Panel::bottom("start").frame(frame).show(ui, |ui| foot(ui, state, run, mode, queue));
    CentralPanel::no_frame().frame(frame).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).id_salt("settings").show(ui, |ui| {
            match run {
                None => {
                    preset(ui, state, queue);
                    super::data_source::show(ui, state, queue);
                    device(ui, state, queue);
                }
                Some(run) => about(ui, run, mode),
            }
            let config = run.and_then(|r| r.1.config.as_ref()).unwrap_or(&state.form.config);
            let now = Texts::of(config);
            let preset = (mode == Mode::Next).then(|| Texts::of(&state.form.preset.config()));
            // A field and the paper's value come first: a value that is cut off is another value. Names wrap.
            let room = (ui.available_width() - 16.0 - 122.0 - 56.0 - 16.0).clamp(96.0, 260.0);
            for (i, group) in state.groups.iter().enumerate().filter(|(_, g)| g.is_for(config)) {
                let header = CollapsingHeader::new(group.title).id_salt(group.title).default_open(i < 2);
                let shown = header.show(ui, |ui| {
                    Grid::new(group.title).num_columns(3).spacing([8.0, 5.0]).show(ui, |ui| {
                        headings(ui);
                        for setting in &group.settings {
                            row(ui, state, (&now, preset.as_ref()), setting, (mode, room), queue);
                        }
                    });
                    if mode == Mode::Next && group.settings.iter().any(|s| s.key == "bilevel.outer") {
                        line_9(ui, config, queue);
                    }
                });
                // What is opened at the lower edge comes into view.
                if shown.openness > 0.0 && shown.openness < 1.0 {
                    shown.header_response.scroll_to_me(Some(Align::TOP));
                }
            }
        });
    });
}

/// Line 9 of Algorithm 1 as it is printed: plain descent with the paper's step.
fn line_9(ui: &mut Ui, config: &RunConfig, queue: &CommandQueue) {
    let as_printed = [("bilevel.outer", "sgd"), ("bilevel.beta", "1e-3")];
    let texts = Texts::of(config);
    let there = as_printed.iter().all(|(key, value)| texts.get(key).is_some_and(|now| same_value(&now, value)));
    let button = Button::new("Take line 9 as printed");
    let help = "Plain descent with β 1e-3, as Algorithm 1 shows it, in place of Adam: the teacher then hardly moves";
    if ui.add_enabled(!there, button).on_hover_text(help).clicked() {
        for (key, value) in as_printed {
            queue.send(UiCommand::Set { key, text: value.to_owned() });
        }
    }
}

fn headings(ui: &mut Ui) {
    let color = theme::tokens(ui).weak;
    for title in ["Setting", "Value", "Paper"] {
        ui.label(RichText::new(title).small().color(color));
    }
    ui.end_row();
}

fn preset(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    section(ui, "Preset");
    ui.horizontal_wrapped(|ui| {
        for (preset, name, help) in [
            (Preset::Demo, "Demo", "64 × 64 pixels; a teacher to look at within minutes on two cores"),
            (Preset::Laptop, "Laptop", "128 × 128 pixels; a teacher worth looking at in an hour or so"),
            (Preset::Paper, "Paper", "The sizes and iterations of MT-FAS section 4.1; wants a GPU"),
        ] {
            let chosen = state.form.preset == preset;
            if ui.selectable_label(chosen, name).on_hover_text(help).clicked() && !chosen {
                queue.send(UiCommand::Choose(preset));
            }
        }
        rows_of_papers(ui, state, queue);
    });
    ui.add_space(4.0);
}

/// Rows of the papers' tables that can be run, a menu a table.
fn rows_of_papers(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let title = state.form.row.as_deref().unwrap_or("Row of a paper …");
    let menu = ui.menu_button(title, |ui| {
        for paper in papers() {
            for table in &paper.tables {
                let row = |method: &&str| table.rows.iter().find(|r| r.method == **method);
                let here = |method: &&str| row(method).is_some_and(|r| paper.runnable(table, r).is_some());
                let methods: Vec<&str> = table.methods().into_iter().filter(here).collect();
                if methods.is_empty() {
                    continue;
                }
                ui.menu_button(format!("{} Table {}, {}", paper.name, table.number, table.benchmark), |ui| {
                    for method in methods {
                        if ui.button(method).clicked() {
                            queue.send(UiCommand::ChooseRow(format!("{} {method}", paper.table_name(table))));
                            ui.close();
                        }
                    }
                });
            }
        }
    });
    menu.response
        .on_hover_text("The settings of a row that a paper reports, at the preset's size; ablations among them");
}

fn device(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    section(ui, "Device");
    ui.horizontal(|ui| {
        let now = state.form.config.compute.device.as_str();
        for (value, name) in [("auto", "Automatic"), ("cpu", "CPU"), ("cuda:0", "GPU 0")] {
            if ui.radio(now == value, name).clicked() {
                queue.send(UiCommand::Set { key: "compute.device", text: value.to_owned() });
            }
        }
    });
    ui.label(RichText::new(&state.device).small().color(theme::tokens(ui).weak));
    ui.add_space(4.0);
}

fn about(ui: &mut Ui, run: Viewed<'_>, mode: Mode) {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(&run.name).heading().color(tokens.strong));
        provenance_badges(ui, run.1);
    });
    for banner in run.partial() {
        ui.label(RichText::new(banner).small().color(tokens.warn));
    }
    ui.label(RichText::new(run.folder.display().to_string()).small().color(tokens.weak));
    if let Some(p) = &run.1.provenance {
        Grid::new("provenance").num_columns(2).spacing([12.0, 3.0]).show(ui, |ui| {
            let faces = p.faces.chunks_exact(2).map(|c| format!("{} + {}", c[0], c[1])).collect::<Vec<_>>().join(", ");
            let seed = run.1.config.as_ref().map_or(0, |c| c.seed);
            let title = run.1.config.as_ref().map_or_else(String::new, RunConfig::title);
            for (name, value) in [
                ("Detector", title),
                ("Data", format!("{} ({})", p.data, p.origin)),
                ("Train, dev, test", format!("{faces} live + attack faces")),
                ("Seed", seed.to_string()),
                ("Device", format!("{}, {} threads, {}", p.device, p.threads, p.instruction_set)),
                ("Version", format!("{}, libtorch {}", p.version, p.libtorch)),
            ] {
                ui.weak(name);
                ui.add(eframe::egui::Label::new(value).wrap());
                ui.end_row();
            }
        });
    }
    ui.add_space(4.0);
    super::cost::show(ui, run.1);
    ui.weak(match mode {
        Mode::Live => "Settings with a field can be changed while it runs; changes are recorded with their iteration",
        _ => "The settings of this run, as it was made",
    });
    ui.add_space(4.0);
}

fn row(
    ui: &mut Ui,
    state: &AppState,
    (now, preset): (&Texts, Option<&Texts>),
    setting: &Setting,
    (mode, room): (Mode, f32),
    queue: &CommandQueue,
) {
    let tokens = theme::tokens(ui);
    let key = setting.key;
    let changed = preset.is_some_and(|preset| state.form.differs(key, now, preset));
    let label = ui
        .horizontal(|ui| {
            let color = if changed { tokens.strong } else { tokens.text };
            ui.set_max_width(room);
            let response = ui.add(eframe::egui::Label::new(RichText::new(setting.label).color(color)).wrap());
            if changed {
                let dot = Button::new(RichText::new("●").small().color(tokens.accent)).frame(false);
                let preset = preset.and_then(|texts| texts.get(key)).unwrap_or_default();
                let hover = format!("Changed; the preset has {preset}. Press to put it back");
                let name = format!("Put back {}", setting.label);
                if ui.add(dot).accessible_name(name).on_hover_text(hover).clicked() {
                    queue.send(UiCommand::Reset(key));
                }
            }
            response
        })
        .inner;
    let id = label.id;
    let hover = setting.fact.as_ref().map_or_else(|| key.to_owned(), |f| format!("{}\n{}\n{key}", f.help, f.source));
    label.on_hover_text(hover);
    let now = now.get(key).unwrap_or_default();
    ui.label_inputs_by(id, |ui| match mode {
        Mode::Next => {
            if let Some(text) = editor(ui, setting, &now) {
                queue.send(UiCommand::Set { key, text });
            }
        }
        Mode::Live if LIVE_SETTINGS.iter().any(|(live, _)| *live == key) => {
            if let Some(value) = editor(ui, setting, &now) {
                queue.send(UiCommand::SetHyper { key, value });
            }
        }
        _ => {
            ui.label(RichText::new(&now).monospace());
        }
    });
    let paper = setting.fact.as_ref().map_or("", |f| f.value.as_str());
    match &setting.fact {
        Some(fact) => {
            let differs = !paper.is_empty() && !same_value(paper, &now);
            let color = if differs { tokens.warn } else { tokens.weak };
            let text = if paper.is_empty() { "not said" } else { paper };
            let note = if differs { "This run differs from the paper" } else { "As in the paper" };
            let note = if paper.is_empty() { "The paper does not say" } else { note };
            ui.label(RichText::new(text).small().color(color)).on_hover_text(format!("{note}\n{}", fact.source));
        }
        None => {
            ui.label("");
        }
    }
    ui.end_row();
}

/// A field for one setting; what was entered, once it was.
fn editor(ui: &mut Ui, setting: &Setting, now: &str) -> Option<String> {
    match &setting.kind {
        Kind::Whole => {
            let mut value: u64 = now.parse().unwrap_or_default();
            let speed = (value as f64 * 0.02).max(0.1);
            let field = number(ui, &mut value).speed(speed).update_while_editing(false);
            ui.add(field).changed().then(|| value.to_string())
        }
        Kind::Number => {
            let mut value: f64 = now.parse().unwrap_or_default();
            let speed = (value.abs() * 0.01).max(1e-6);
            let field = number(ui, &mut value)
                .speed(speed)
                .update_while_editing(false)
                .custom_formatter(|v, _| number_text((v * 1e12).round() / 1e12));
            ui.add(field).changed().then(|| number_text((value * 1e12).round() / 1e12))
        }
        Kind::Switch => {
            let mut on = now == "true";
            ui.checkbox(&mut on, "").changed().then(|| on.to_string())
        }
        Kind::Choice(names) => {
            let mut chosen = None;
            ComboBox::from_id_salt(setting.key).selected_text(now).width(100.0).show_ui(ui, |ui| {
                for name in names {
                    if ui.selectable_label(*name == now, *name).clicked() {
                        chosen = Some((*name).to_owned());
                    }
                }
            });
            chosen.filter(|c| c != now)
        }
        Kind::Threshold => threshold(ui, now),
        Kind::Text => {
            let mut text = now.to_owned();
            ui.add(TextEdit::singleline(&mut text).desired_width(118.0)).changed().then_some(text)
        }
    }
}

/// A rule for the threshold; oracles are called so before they are chosen.
fn threshold(ui: &mut Ui, now: &str) -> Option<String> {
    let fixed = now.strip_prefix(FIXED);
    let title = |rule: &str| if is_oracle(rule) { format!("{rule} (oracle)") } else { rule.to_owned() };
    let mut chosen = None;
    ui.vertical(|ui| {
        let shown = if fixed.is_some() { "fixed".to_owned() } else { title(now) };
        ComboBox::from_id_salt("evaluate.threshold").selected_text(shown).width(118.0).show_ui(ui, |ui| {
            for rule in THRESHOLDS {
                let help = if is_oracle(rule) {
                    "An oracle: chosen with the labels of the test part"
                } else {
                    "Where both errors are equal on that part of the data"
                };
                if ui.selectable_label(rule == now, title(rule)).on_hover_text(help).clicked() {
                    chosen = Some(rule.to_owned());
                }
            }
            let help = "A value of one's own, on the scale of the detector's scores: high is spoof";
            if ui.selectable_label(fixed.is_some(), "fixed").on_hover_text(help).clicked() && fixed.is_none() {
                chosen = Some(format!("{FIXED}0.5"));
            }
        });
        if let Some(text) = fixed {
            let mut value: f64 = text.parse().unwrap_or_default();
            let field = number(ui, &mut value).speed(0.01).update_while_editing(false);
            if ui.add(field).accessible_name("Fixed threshold").changed() {
                chosen = Some(format!("{FIXED}{}", number_text(value)));
            }
        }
    });
    chosen.filter(|c| c != now)
}

fn foot(ui: &mut Ui, state: &AppState, run: Option<Viewed<'_>>, mode: Mode, queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    if let Some(run) = run {
        ui.horizontal_wrapped(|ui| {
            if ui.button("New run…").on_hover_text("Configure another run; this one stays open").clicked() {
                queue.send(UiCommand::EditNext(true));
            }
            if mode == Mode::Live {
                if ui.button("Checkpoint").on_hover_text("Write a checkpoint now").clicked() {
                    queue.send(UiCommand::Snapshot);
                }
                let help =
                    "Keeps the session as it is now in a copy and goes on in this one: change a setting, and compare";
                if ui.button("Fork here").on_hover_text(help).clicked() {
                    queue.send(UiCommand::Fork);
                }
                let scored = run.state == Some(State::Paused);
                let evaluate = ui
                    .add_enabled(scored, Button::new("Evaluate"))
                    .on_hover_text("Score dev and test with the detector as it stands");
                if evaluate.on_disabled_hover_text("Pause first").clicked() {
                    queue.send(UiCommand::Evaluate);
                }
            }
        });
        return;
    }
    let problems = state.problems();
    for problem in &problems {
        ui.label(RichText::new(format!("▲ {problem}")).color(tokens.error));
    }
    super::cost::ahead(ui, state);
    ui.horizontal(|ui| {
        let id = ui.label("Keep it in").id;
        let mut out = state.form.out.as_ref().map_or_else(String::new, |p| p.display().to_string());
        let hint = state.sessions.join(format!("{}-…", state.form.preset.name())).display().to_string();
        let edit =
            TextEdit::singleline(&mut out).hint_text(hint).desired_width((ui.available_width() - 92.0).max(60.0));
        if ui.add(edit).labelled_by(id).changed() {
            queue.send(UiCommand::SetOut((!out.trim().is_empty()).then(|| out.trim().into())));
        }
        if ui.add_enabled(state.asking.is_none(), Button::new("Browse…")).clicked() {
            queue.send(UiCommand::Browse(FolderFor::Out));
        }
    });
    let startable = state.can_start();
    ui.with_layout(Layout::top_down_justified(Align::Center), |ui| {
        let text = RichText::new("Start training").size(15.0).color(if startable.is_ok() {
            tokens.on_accent
        } else {
            tokens.weak
        });
        let button = Button::new(text).fill(if startable.is_ok() { tokens.accent } else { tokens.raised });
        let response = ui.add_enabled(startable.is_ok(), button.min_size(vec2(0.0, 34.0)));
        let response = match &startable {
            Ok(()) => response.on_hover_text("All stages of the run, one after the other, and evaluation"),
            Err(reason) => response.on_disabled_hover_text(reason),
        };
        if response.clicked() {
            queue.send(UiCommand::StartRun);
        }
    });
    if state.run().is_some() && ui.button("Back to the run in view").clicked() {
        queue.send(UiCommand::EditNext(false));
    }
    // The key that plays is worth knowing from the first day.
    if state.run().is_none() && state.allowed(Transport::Play).is_ok() {
        ui.label(RichText::new("Space plays and pauses; . steps one phase").small().color(tokens.weak));
    }
}
