//! The clips of what is in view: a list of any length, narrowed as one types, and one clip closely beside it.

use eframe::egui::{
    Align, ComboBox, Frame, Key, Label, Layout, Margin, Modifiers, Panel, RichText, Role, Sense, TextEdit, Ui,
    WidgetInfo,
};
use egui_extras::{Column, TableBuilder};

use super::clip::{self, ClipCache};
use super::send;
use crate::data::Label as Class;
use crate::ui::command::CommandQueue;
use crate::ui::data::{Clips, DataCommand, Filter, RootState, label_word, short};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::empty;

/// Room that the list keeps when the clip takes the rest, in points.
const LIST: f32 = 230.0;

/// Shows the page.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut ClipCache, queue: &CommandQueue) {
    let data = &state.data;
    let Some(clips) = data.clips() else {
        let asks = matches!(data.shown_root().map(|r| &r.state), Some(RootState::Import(i)) if i.preview.ask);
        empty(ui, if asks { "Say on the Overview page which label means live" } else { "There are no clips to show" });
        return;
    };
    keys(ui, state, queue);
    if data.picked().is_some() {
        let width = ui.available_width();
        let frame = Frame::new().inner_margin(Margin { left: 10, ..Margin::ZERO });
        let panel =
            Panel::right("clip").frame(frame).default_size(width * 0.56).size_range(240.0..=(width - LIST).max(241.0));
        panel.show(ui, |ui| clip::show(ui, state, cache, queue));
    }
    filters(ui, clips, &data.browse.filter, queue);
    ui.horizontal(|ui| {
        let (n, all) = (data.browse.hits.len(), clips.rows.len());
        ui.weak(if n == all { format!("{all} clips") } else { format!("{n} of {all} clips") });
        if !data.browse.filter.is_open() && ui.small_button("Show all").clicked() {
            send(queue, DataCommand::Narrow(Filter::default()));
        }
    });
    table(ui, state, clips, queue);
}

/// The arrows go through the list, unless something is being typed.
fn keys(ui: &Ui, state: &AppState, queue: &CommandQueue) {
    if ui.ctx().text_edit_focused() || state.dialog.is_some() || eframe::egui::Popup::is_any_open(ui.ctx()) {
        return;
    }
    for (key, by) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1), (Key::PageDown, 10), (Key::PageUp, -10)] {
        if ui.input_mut(|i| i.consume_key(Modifiers::NONE, key)) {
            send(queue, DataCommand::Step(by));
        }
    }
}

fn filters(ui: &mut Ui, clips: &Clips, now: &Filter, queue: &CommandQueue) {
    let mut filter = now.clone();
    let edit = TextEdit::singleline(&mut filter.text).hint_text("find in names").desired_width(f32::INFINITY);
    ui.add(edit).accessible_name("Find clips");
    ui.horizontal_wrapped(|ui| {
        one_of(ui, "Part", "All parts", &clips.parts, &mut filter.part);
        one_of(ui, "Species", "All species", &clips.species, &mut filter.species);
        let mut class = filter.label.map(|l| label_word(l).to_owned());
        let classes = [Class::Live, Class::Spoof].map(|l| label_word(l).to_owned());
        one_of(ui, "Class", "Live and attack", &classes, &mut class);
        filter.label = [Class::Live, Class::Spoof].into_iter().find(|l| class.as_deref() == Some(label_word(*l)));
        one_of(ui, "Subject", "All subjects", &clips.subjects, &mut filter.subject);
    });
    if filter != *now {
        send(queue, DataCommand::Narrow(filter));
    }
}

/// A menu of values; nothing chosen lets all through.
fn one_of(ui: &mut Ui, name: &str, all: &str, values: &[String], chosen: &mut Option<String>) {
    if values.len() < 2 {
        return;
    }
    ui.name_inputs(name, |ui| {
        let text = chosen.as_deref().unwrap_or(all);
        ComboBox::from_id_salt(name).selected_text(text).width(84.0).height(320.0).show_ui(ui, |ui| {
            if ui.selectable_label(chosen.is_none(), all).clicked() {
                *chosen = None;
            }
            for value in values {
                if ui.selectable_label(chosen.as_ref() == Some(value), value).clicked() {
                    *chosen = Some(value.clone());
                }
            }
        });
    });
}

fn table(ui: &mut Ui, state: &AppState, clips: &Clips, queue: &CommandQueue) {
    let (browse, tokens) = (&state.data.browse, theme::tokens(ui));
    if browse.hits.is_empty() {
        ui.add_space(8.0);
        ui.weak("No clip is so; take a condition away");
        return;
    }
    // What there is room for, most telling first.
    let width = ui.available_width();
    let room = |least: f32| width >= least;
    let columns = [(true, 96.0), (room(330.0), 62.0), (room(400.0), 56.0), (room(520.0), 80.0)];
    let others: f32 = columns.iter().filter(|c| c.0).map(|c| c.1 + 8.0).sum();
    let letters = ((width - others - 16.0) / 6.4).max(8.0) as usize;
    let mut table = TableBuilder::new(ui)
        .id_salt("clips")
        .sense(Sense::click())
        .striped(true)
        .auto_shrink(false)
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::remainder().clip(true));
    for (_, width) in columns.iter().filter(|c| c.0) {
        table = table.column(Column::exact(*width).clip(true));
    }
    let place = browse.picked.and_then(|p| browse.hits.binary_search(&(p as u32)).ok());
    if let Some(place) = place.filter(|_| browse.reveal) {
        table = table.scroll_to_row(place, None).animate_scrolling(false);
    }
    let table = table.header(18.0, |mut header| {
        for (name, shown) in ["Clip", "Species", "Subject", "Part", "Camera"]
            .into_iter()
            .zip([true].into_iter().chain(columns.iter().map(|c| c.0)))
        {
            if shown {
                header.col(|ui| {
                    ui.label(RichText::new(name).small().color(tokens.weak));
                });
            }
        }
    });
    table.body(|body| {
        body.rows(20.0, browse.hits.len(), |mut row| {
            let number = browse.hits[row.index()] as usize;
            let clip = &clips.rows[number];
            let chosen = browse.picked == Some(number);
            row.set_selected(chosen);
            row.col(|ui| {
                ui.add(Label::new(short(std::path::Path::new(&clip.path), letters)).truncate().selectable(false));
            });
            let cells = [&clip.species, &clip.subject, &clip.part, &clip.camera];
            for (text, _) in cells.into_iter().zip(&columns).filter(|(_, c)| c.0) {
                row.col(|ui| {
                    let live = std::ptr::eq(text, &raw const clip.species) && clip.label == Class::Live;
                    let color = if live { tokens.good } else { tokens.text };
                    ui.add(Label::new(RichText::new(text).color(color)).truncate().selectable(false));
                });
            }
            let response = row.response();
            let name = format!("{}, {}", clip.path, clip.species);
            response.widget_info(|| WidgetInfo::selected(Role::Row, true, chosen, &name));
            if response.clicked() {
                send(queue, DataCommand::Pick(Some(number)));
            }
        });
    });
}
