//! Which data are in view, and how to name more.

use eframe::egui::{
    Align, Button, ComboBox, CornerRadius, FontId, Key, Label, Layout, RichText, Role, ScrollArea, Sense, TextEdit, Ui,
    WidgetInfo, vec2,
};

use super::send;
use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::data::{DataCommand, RootState, Shown, short};
use crate::ui::jobs::FolderFor;
use crate::ui::state::AppState;
use crate::ui::theme;

/// All of it as a column.
pub fn column(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    add(ui, state, queue);
    ui.add_space(6.0);
    ScrollArea::vertical().auto_shrink(false).id_salt("roots").show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for line in lines(state) {
            entry(ui, &line, line.shown == state.data.shown, queue);
        }
        if state.data.roots.is_empty() {
            ui.add_space(8.0);
            ui.add(Label::new(RichText::new(HINT).small().color(theme::tokens(ui).weak)).wrap());
        }
    });
}

const HINT: &str = "Name the folder of a data set, of cropped frames with their lists, of pictures or videos of your own, \
                    or a CSV list; or drop it onto the window. It is read in place: nothing is copied, moved or written \
                    there.";

/// The same as a menu, for where there is little room.
pub fn menu(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let lines = lines(state);
    let now = lines.iter().find(|l| l.shown == state.data.shown).map_or("", |l| l.title.as_str());
    ui.name_inputs("Data in view", |ui| {
        let combo = ComboBox::from_id_salt("data in view").selected_text(now).width(ui.available_width() - 8.0);
        combo.show_ui(ui, |ui| {
            for line in &lines {
                let text = format!("{}  ({})", line.title, line.below);
                if ui.selectable_label(line.shown == state.data.shown, text).clicked() {
                    send(queue, DataCommand::Show(line.shown));
                }
            }
        });
    });
    add(ui, state, queue);
}

/// The field for a path and the buttons beside it.
fn add(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let data = &state.data;
    let mut typed = data.typed.clone();
    let mut wanted = false;
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = ui.add_enabled(!typed.trim().is_empty(), Button::new("Add"));
            wanted |= button.on_hover_text("Look what it is").clicked();
            let edit = TextEdit::singleline(&mut typed).hint_text("path of data").desired_width(f32::INFINITY);
            let field = ui.add(edit).accessible_name("Path of data");
            if field.changed() {
                send(queue, DataCommand::Type(typed.clone()));
            }
            wanted |= field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        });
    });
    if wanted && !typed.trim().is_empty() {
        send(queue, DataCommand::Add(typed.trim().into()));
    }
    ui.horizontal(|ui| {
        let free = state.asking.is_none();
        for (name, what) in [("Folder…", FolderFor::Root), ("CSV list…", FolderFor::RootFile)] {
            if ui.add_enabled(free, Button::new(name)).clicked() {
                queue.send(UiCommand::Browse(what));
            }
        }
    });
    if let Some(trouble) = &data.trouble {
        ui.add(Label::new(RichText::new(format!("▲ {trouble}")).color(theme::tokens(ui).error)).wrap());
    }
}

struct Line {
    shown: Shown,
    title: String,
    below: String,
    path: String,
    warn: bool,
    unused: bool,
}

fn lines(state: &AppState) -> Vec<Line> {
    let builtin = Line {
        shown: Shown::Builtin,
        title: "Built-in benchmark".to_owned(),
        below: "synthetic, always here".to_owned(),
        path: String::new(),
        warn: false,
        unused: false,
    };
    let mut lines = vec![builtin];
    for root in &state.data.roots {
        for entry in 0..root.entries().max(1) {
            let (title, below, warn) = root.told(entry);
            let path = root.sets().get(entry).map_or(&root.path, |s| &s.report.found.root);
            let unused = !root.used && matches!(root.state, RootState::Sets(_));
            let path = path.display().to_string();
            lines.push(Line { shown: Shown::Root(root.id, entry), title, below, path, warn, unused });
        }
    }
    lines
}

/// One line of the column: a title, what is known, and where it is.
fn entry(ui: &mut Ui, line: &Line, chosen: bool, queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    let height = if line.path.is_empty() { 40.0 } else { 56.0 };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    let name = format!("{}, {}", line.title, line.below);
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, chosen, &name));
    let fill = match (chosen, response.hovered()) {
        (true, _) => tokens.accent_soft,
        (false, true) => tokens.raised,
        _ => eframe::egui::Color32::TRANSPARENT,
    };
    let focus = if response.has_focus() { tokens.accent } else { eframe::egui::Color32::TRANSPARENT };
    ui.painter().rect(
        rect,
        CornerRadius::same(4),
        fill,
        eframe::egui::Stroke::new(1.0, focus),
        eframe::egui::StrokeKind::Inside,
    );
    let painter = ui.painter().with_clip_rect(rect.shrink2(vec2(6.0, 0.0)));
    let text = |y: f32, text: &str, size: f32, color| {
        let at = rect.min + vec2(8.0, y);
        painter.text(at, eframe::egui::Align2::LEFT_TOP, text, FontId::proportional(size), color);
    };
    text(5.0, &line.title, 13.5, if line.unused { tokens.weak } else { tokens.strong });
    let below = if line.unused { "left out of runs".to_owned() } else { line.below.clone() };
    text(23.0, &below, 11.5, if line.warn && !line.unused { tokens.warn } else { tokens.weak });
    if !line.path.is_empty() {
        let letters = ((rect.width() - 16.0) / 5.6).max(6.0) as usize;
        text(38.0, &short(std::path::Path::new(&line.path), letters), 11.5, tokens.weak);
    }
    if response.on_hover_text(format!("{}\n{}\n{}", line.title, line.below, line.path)).clicked() {
        send(queue, DataCommand::Show(line.shown));
    }
}
