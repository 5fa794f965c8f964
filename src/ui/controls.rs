//! What the window tells of its controls in a file, for a program that drives it by mouse and keys: name, role, state and
//! place of each, as a screen reader gets them. Nothing of it runs unless a file is asked for.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use eframe::egui::accesskit::{Action, Node, NodeId, Role, Toggled, TreeUpdate};
use eframe::egui::{Context, FullOutput, Plugin, RawInput};
use serde::Serialize;

/// One control, or one text.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Control {
    /// What it is, in AccessKit's words.
    role: String,
    /// What it is called; of a text, the text.
    name: String,
    /// What is typed or chosen in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// Of a slider or a field for a number: where it stands, and between which limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<(f64, f64)>,
    /// Of what can be chosen or ticked: whether it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<bool>,
    /// Whether it does something when it is pressed or dragged.
    pressable: bool,
    disabled: bool,
    focused: bool,
    /// Left, top, right and bottom in pixels of the window.
    place: [i32; 4],
}

/// Has `ctx` keep `file` up to date.
pub fn tell(ctx: &Context, file: PathBuf) -> io::Result<()> {
    let (sender, news) = channel();
    thread::Builder::new().name("controls".to_owned()).spawn(move || write_all(&file, &news))?;
    ctx.add_plugin(Teller { sender, told: vec![] });
    Ok(())
}

/// Sees every frame that leaves egui.
struct Teller {
    sender: Sender<Vec<Control>>,
    told: Vec<Control>,
}

impl Plugin for Teller {
    fn debug_name(&self) -> &'static str {
        "controls"
    }

    fn input_hook(&mut self, ctx: &Context, _input: &mut RawInput) {
        // A screen reader that leaves has it turned off.
        ctx.enable_accesskit();
    }

    fn output_hook(&mut self, _ctx: &Context, output: &mut FullOutput) {
        let Some(update) = &output.platform_output.accesskit_update else { return };
        let controls = controls(update);
        if controls != self.told {
            self.told.clone_from(&controls);
            // Without the thread there is nobody to tell, and it said why.
            self.sender.send(controls).ok();
        }
    }
}

/// All that has a place and either a name or something to do, in the order in which a screen reader comes to them.
/// egui tells the whole tree each time.
fn controls(update: &TreeUpdate) -> Vec<Control> {
    let nodes: HashMap<NodeId, &Node> = update.nodes.iter().map(|(id, node)| (*id, node)).collect();
    let Some(root) = update.tree.as_ref().map(|tree| tree.root) else { return vec![] };
    // Places are in points; the window's own transform makes pixels of them.
    let scale = nodes.get(&root).and_then(|n| n.transform()).map_or(1.0, |t| t.as_coeffs()[0]);
    let mut found = vec![];
    let mut ahead = vec![root];
    while let Some(id) = ahead.pop() {
        let Some(node) = nodes.get(&id) else { continue };
        ahead.extend(node.children().iter().rev());
        if let Some(control) = control(node, &nodes, scale) {
            found.push(Control { focused: update.focus == id, ..control });
        }
    }
    found
}

fn control(node: &Node, nodes: &HashMap<NodeId, &Node>, scale: f64) -> Option<Control> {
    let bounds = node.bounds()?;
    let text = node.role() == Role::Label;
    let own = if text { node.value() } else { node.label() }.map(str::to_owned);
    let name = own.unwrap_or_else(|| {
        let labels = node.labelled_by().iter().filter_map(|id| nodes.get(id));
        labels.filter_map(|n| n.value().or(n.label())).collect::<Vec<_>>().join(" ")
    });
    // Texts can be pressed too, to mark and copy their words.
    let pressable = !text && (node.supports_action(Action::Click) || node.supports_action(Action::Focus));
    if node.role() == Role::TextRun || (name.is_empty() && !pressable) {
        return None;
    }
    Some(Control {
        role: format!("{:?}", node.role()),
        name,
        value: node.value().filter(|_| !text).map(str::to_owned),
        number: node.numeric_value(),
        limits: node.min_numeric_value().zip(node.max_numeric_value()),
        on: node.toggled().map(|t| t == Toggled::True),
        pressable,
        disabled: node.is_disabled(),
        focused: false,
        place: [bounds.x0, bounds.y0, bounds.x1, bounds.y1].map(|at| (at * scale).round() as i32),
    })
}

/// Writes what comes, the newest alone where several wait, until the window is gone.
fn write_all(file: &Path, news: &Receiver<Vec<Control>>) {
    while let Ok(mut controls) = news.recv() {
        while let Ok(newer) = news.try_recv() {
            controls = newer;
        }
        if let Err(error) = write(file, &controls) {
            tracing::warn!("the window's controls cannot be told: {error}: {}", file.display());
            return;
        }
    }
}

/// Aside, then renamed: whoever reads finds a whole list.
fn write(file: &Path, controls: &[Control]) -> io::Result<()> {
    let aside = file.with_extension("part");
    std::fs::write(&aside, serde_json::to_vec(controls)?)?;
    std::fs::rename(&aside, file)
}

#[cfg(test)]
mod tests {
    use eframe::egui::{Event, Modifiers, Pos2, Rect, Slider, ViewportId, vec2};
    use serde_json::Value;

    use super::*;

    /// The file after two frames of a small window at two pixels a point.
    fn told(ctx: &Context, file: &Path, typed: &str) -> Vec<Value> {
        let frame = |events: Vec<Event>| {
            let mut input = RawInput { events, ..RawInput::default() };
            input.screen_rect = Some(Rect::from_min_size(Pos2::ZERO, vec2(400.0, 300.0)));
            input.viewports.entry(ViewportId::ROOT).or_default().native_pixels_per_point = Some(2.0);
            let mut output = ctx.run_ui(input, |ui| {
                let mut at = 0.25;
                ui.label("Sooner or later");
                ui.add(Slider::new(&mut at, 0.0..=2.0).show_value(false)).accessible_name("Time");
                ui.add_enabled(false, eframe::egui::Button::new(typed)).clicked();
                ui.selectable_label(true, "Faces").clicked();
            });
            output.textures_delta.clear();
        };
        frame(vec![]);
        frame(vec![Event::Key {
            key: eframe::egui::Key::Tab,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::NONE,
        }]);
        // Written by another thread.
        loop {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            match serde_json::from_str::<Vec<Value>>(&text) {
                Ok(all) if all.iter().any(|c| c["name"] == typed) => return all,
                _ => thread::yield_now(),
            }
        }
    }

    #[test]
    fn names_states_and_places_are_told_when_they_change() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("controls.json");
        let ctx = Context::default();
        tell(&ctx, file.clone()).unwrap();
        let all = told(&ctx, &file, "Write");
        let named = |name: &str| all.iter().find(|c| c["name"] == name).unwrap_or_else(|| panic!("{name}: {all:?}"));
        let text = named("Sooner or later");
        assert_eq!((&text["role"], &text["pressable"]), (&"Label".into(), &false.into()));
        let slider = named("Time");
        assert_eq!(
            (&slider["role"], &slider["number"], &slider["limits"], &slider["pressable"]),
            (&"Slider".into(), &0.25.into(), &serde_json::json!([0.0, 2.0]), &true.into())
        );
        assert_eq!((&named("Write")["disabled"], &named("Faces")["on"]), (&true.into(), &true.into()));
        // In pixels, of which there are two a point: egui's sliders are 100 points wide.
        let place: Vec<i64> = slider["place"].as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect();
        assert_eq!(place[2] - place[0], 200, "{place:?}");
        assert!(told(&ctx, &file, "Copy").iter().all(|c| c["name"] != "Write"), "what is gone is not told");
    }

    #[test]
    fn a_file_that_cannot_be_written_stops_nothing() {
        let (sender, news) = channel();
        sender.send(vec![]).unwrap();
        sender.send(vec![]).unwrap();
        write_all(Path::new("/nowhere/at/all/controls.json"), &news);
    }
}
