//! Faces beside their hand-made maps, their facial depth and the learned Meta Pattern: a row a face, a column a kind of
//! map, and the raw values of one pixel in all of them. What is shown is written as a picture from here.

mod runs;

use std::collections::BTreeMap;
use std::sync::Arc;

use eframe::egui::{
    Align, Align2, Button, CentralPanel, Color32, ColorImage, ComboBox, FontId, Frame, Key, Label as Words, Layout,
    Margin, Panel, Rect, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind, TextEdit, TextureHandle,
    TextureOptions, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::data::Label;
use crate::features::{ColorLbp, Interpolation};
use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::jobs::FolderFor;
use crate::ui::patterns::{
    LearnedPatterns, MadeRow, PatternColumn, PatternProbe, PatternRow, PatternsCommand, Trained, kind_of, pattern_text,
    trained,
};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::{badge, empty, picture};

/// Room for a row's name, between cells, and for the columns' names, in points.
const NAMES: f32 = 104.0;
const GAP: f32 = 8.0;
const HEAD: f32 = 22.0;
/// Height of the values below: two lines.
const READOUT: f32 = 36.0;

/// Textures of what is shown.
#[derive(Default)]
pub struct PatternsCache {
    generation: u64,
    stretch: bool,
    learned: Option<Arc<LearnedPatterns>>,
    cells: BTreeMap<(usize, PatternColumn), Option<TextureHandle>>,
    trained: Option<(u64, Vec<Trained>)>,
}

impl PatternsCache {
    fn prepare(&mut self, state: &AppState) {
        let (patterns, learned) = (&state.patterns, learned(state));
        let same_learned = match (&self.learned, learned) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        if (self.generation, self.stretch, same_learned) != (patterns.generation, patterns.stretch, true) {
            let (generation, stretch) = (patterns.generation, patterns.stretch);
            let trained = self.trained.take();
            *self = Self { generation, stretch, learned: learned.cloned(), cells: BTreeMap::new(), trained };
        }
    }

    /// What detectors trained on each map came to, put together again when sessions change.
    fn trained(&mut self, state: &AppState) -> &[Trained] {
        let generation = state.shelf.generation;
        if self.trained.as_ref().is_none_or(|(of, _)| *of != generation) {
            self.trained = Some((generation, trained(&state.shelf.sessions)));
        }
        self.trained.as_ref().map_or(&[], |(_, all)| all)
    }

    fn texture(&mut self, ui: &Ui, at: usize, row: &PatternRow, column: PatternColumn) -> Option<&TextureHandle> {
        let (learned, stretch) = (self.learned.clone(), self.stretch);
        let load = || {
            let ((w, h), bytes) = row.pixels(column, learned.as_deref(), stretch)?;
            let name = format!("patterns {at} {}", column.title());
            Some(ui.ctx().load_texture(name, ColorImage::from_rgb([w, h], &bytes), TextureOptions::NEAREST))
        };
        self.cells.entry((at, column)).or_insert_with(load).as_ref()
    }
}

/// Learned patterns of the run in view.
fn learned(state: &AppState) -> Option<&Arc<LearnedPatterns>> {
    state.shown_maps().and_then(|maps| maps.pattern.as_ref())
}

fn send(queue: &CommandQueue, command: PatternsCommand) {
    queue.send(UiCommand::Patterns(command));
}

/// Shows the pane; `lone` where it stands in for the welcome and can be left.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut PatternsCache, lone: bool, queue: &CommandQueue) {
    let patterns = &state.patterns;
    if patterns.wants(state.run().and_then(|run| run.1.watched.as_ref())) {
        send(queue, PatternsCommand::Make);
    }
    cache.prepare(state);
    if state.shelf.wants(state.now) {
        queue.send(UiCommand::LookAtShelf);
    }
    let frame = Frame::new().inner_margin(Margin::symmetric(10, 6));
    Panel::top("patterns options").frame(frame).show_separator_line(false).show(ui, |ui| {
        options(ui, state, lone, queue);
        add(ui, state, queue);
    });
    let columns = patterns.columns(learned(state).is_some());
    Panel::bottom("patterns foot").frame(frame).show(ui, |ui| {
        readout(ui, state, &columns);
        export(ui, state, queue);
    });
    let trained = cache.trained(state);
    if !trained.is_empty() {
        let panel = Panel::bottom("patterns runs").frame(frame).resizable(true).default_size(150.0);
        panel.show(ui, |ui| runs::show(ui, trained, queue));
    }
    CentralPanel::no_frame().frame(Frame::new().inner_margin(Margin::symmetric(10, 0))).show(ui, |ui| {
        if patterns.rows.is_empty() {
            let text = if patterns.is_making() {
                "Maps are being made…"
            } else {
                "The watched faces of the run in view appear here; open or drop pictures of faces to see theirs"
            };
            empty(ui, text);
        } else {
            grid(ui, state, cache, &columns, queue);
        }
    });
}

fn options(ui: &mut Ui, state: &AppState, lone: bool, queue: &CommandQueue) {
    let (patterns, tokens) = (&state.patterns, theme::tokens(ui));
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new("Patterns").strong().color(tokens.strong));
        if patterns.shown().any(|(_, row)| row.watched.is_some())
            && let Some(run) = state.run()
        {
            crate::ui::widgets::provenance_badges(ui, run.1);
        }
        let all: Vec<&Arc<PatternRow>> = patterns.rows.iter().filter_map(|row| row.as_ref().ok()).collect();
        if !all.is_empty() {
            let text = format!("Faces ({} of {})", patterns.shown().count(), all.len());
            ui.menu_button(text, |ui| {
                ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
                    for row in all {
                        let mut shown = !patterns.hidden.contains(&row.name);
                        if ui.checkbox(&mut shown, format!("{}: {}", kind_of(row), row.name)).changed() {
                            send(queue, PatternsCommand::Pick(row.name.clone(), shown));
                        }
                    }
                });
            });
        }
        ui.separator();
        ui.label("ColorLBP");
        let lbp = patterns.lbp;
        ui.name_inputs("ColorLBP's neighbours", |ui| {
            let menu = ComboBox::from_id_salt("lbp neighbours").selected_text(lbp.interpolation.name()).width(90.0);
            menu.show_ui(ui, |ui| {
                for interpolation in Interpolation::ALL {
                    if ui.selectable_label(lbp.interpolation == interpolation, interpolation.name()).clicked() {
                        send(queue, PatternsCommand::Lbp(ColorLbp { interpolation, ..lbp }));
                    }
                }
            })
            .response
            .on_hover_text("Neighbours at the nearest pixel, or between pixels as scikit-image reads them");
        });
        let mut uniform = lbp.uniform;
        let help = "58 codes with at most two changes around the circle, and one for all others";
        if ui.checkbox(&mut uniform, "uniform codes").on_hover_text(help).changed() {
            send(queue, PatternsCommand::Lbp(ColorLbp { uniform, ..lbp }));
        }
        ui.separator();
        for (stretch, name, help) in [
            (false, "As stored", "0 to 255 in every map"),
            (true, "Stretched", "Each map from its least to its greatest value; the values below stay raw"),
        ] {
            if ui.radio(patterns.stretch == stretch, name).on_hover_text(help).clicked() {
                send(queue, PatternsCommand::Stretch(stretch));
            }
        }
        if patterns.is_making() {
            ui.weak("Making…");
        }
        if lone && ui.button("Back").clicked() {
            queue.send(UiCommand::Leave);
        }
    });
}

/// A line with a field and two buttons at its right, the last one first. Gives the field's text where it changed, whether
/// Enter was pressed in it, and whether `main` and `Browse…` were pressed.
fn line(
    ui: &mut Ui,
    (name, hint, text): (&str, &str, &str),
    (main, free): (&str, bool),
    browse: (&str, bool),
) -> (Option<String>, bool, bool) {
    let (mut text, mut changed, mut done, mut look) = (text.to_owned(), false, false, false);
    ui.allocate_ui_with_layout(vec2(ui.available_width(), 24.0), Layout::right_to_left(Align::Center), |ui| {
        done = ui.add_enabled(free, Button::new(main)).clicked();
        look = ui.add_enabled(browse.1, Button::new("Browse…")).accessible_name(browse.0).clicked();
        let edit = ui.add(TextEdit::singleline(&mut text).hint_text(hint).desired_width(f32::INFINITY));
        let edit = edit.accessible_name(name);
        changed = edit.changed();
        done |= free && edit.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    });
    (changed.then_some(text), done, look)
}

fn add(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let typed = &state.patterns.typed;
    let free = !typed.trim().is_empty();
    let field = ("Picture to show", "path of a picture of a face", typed.as_str());
    let browse = ("Browse for a picture", state.asking.is_none());
    let (text, done, look) = line(ui, field, ("Show picture", free), browse);
    if let Some(text) = text {
        send(queue, PatternsCommand::Type(text));
    }
    if done {
        send(queue, PatternsCommand::Add(typed.trim().into()));
    }
    if look {
        queue.send(UiCommand::Browse(FolderFor::Picture));
    }
}

fn export(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let patterns = &state.patterns;
    let free = !patterns.out.trim().is_empty() && !patterns.writing && patterns.shown().next().is_some();
    let field = ("Picture to write", "path of the PNG file to write what is shown to", patterns.out.as_str());
    let browse = ("Browse for a place", state.asking.is_none());
    let (text, done, look) = line(ui, field, ("Export PNG", free), browse);
    if let Some(text) = text {
        send(queue, PatternsCommand::TypeOut(text));
    }
    if done {
        send(queue, PatternsCommand::Export);
    }
    if look {
        queue.send(UiCommand::Browse(FolderFor::PatternsOut));
    }
}

fn readout(ui: &mut Ui, state: &AppState, columns: &[PatternColumn]) {
    let (patterns, tokens) = (&state.patterns, theme::tokens(ui));
    let row = |probe: PatternProbe| patterns.rows.get(probe.row).and_then(|row| row.as_ref().ok());
    let text = patterns.probe.and_then(|probe| {
        let learned = learned(state).map(Arc::as_ref);
        Some(pattern_text(row(probe)?, probe, columns, learned))
    });
    let hint = "Point at a picture for raw values of that pixel in all maps; click to keep it";
    let pinned = if patterns.pinned { "kept · " } else { "" };
    let (text, color) = text.map_or((hint.to_owned(), tokens.weak), |t| (format!("{pinned}{t}"), tokens.text));
    // Always as high: what is pointed at must not move because it is told.
    ui.allocate_ui_with_layout(vec2(ui.available_width(), READOUT), Layout::top_down(Align::Min), |ui| {
        ui.set_min_height(READOUT);
        ui.set_max_height(READOUT);
        ui.add(Words::new(RichText::new(&text).color(color)).wrap()).on_hover_text(text);
    });
}

fn grid(ui: &mut Ui, state: &AppState, cache: &mut PatternsCache, columns: &[PatternColumn], queue: &CommandQueue) {
    let patterns = &state.patterns;
    let by_width = (ui.available_width() - NAMES - 14.0) / columns.len() as f32 - GAP;
    let by_height = ((ui.available_height() - HEAD) / 2.2 - GAP).max(72.0);
    let cell = by_width.min(by_height).clamp(48.0, 280.0).floor();
    ui.spacing_mut().item_spacing = vec2(GAP, GAP);
    header(ui, state, columns, cell);
    let mut hovered = None;
    let shown: Vec<(usize, &MadeRow)> =
        patterns.rows.iter().enumerate().filter(|(_, row)| !is_hidden(state, row)).collect();
    ScrollArea::vertical().auto_shrink(false).id_salt("patterns").show_rows(ui, cell, shown.len(), |ui, range| {
        for (at, row) in shown[range].iter().copied() {
            ui.horizontal(|ui| {
                ui.set_height(cell);
                match row {
                    Ok(row) => {
                        label(ui, row, cell, queue);
                        for &column in columns {
                            cell_ui(ui, state, cache, (at, row), column, cell, &mut hovered, queue);
                        }
                    }
                    Err((name, why)) => failed(ui, state, name, why, queue),
                }
            });
        }
    });
    if !patterns.pinned && hovered != patterns.probe && (hovered.is_some() || !patterns.pointed_elsewhere) {
        send(queue, PatternsCommand::Point { probe: hovered, pin: false });
    }
}

fn is_hidden(state: &AppState, row: &MadeRow) -> bool {
    row.as_ref().is_ok_and(|row| state.patterns.hidden.contains(&row.name))
}

fn header(ui: &mut Ui, state: &AppState, columns: &[PatternColumn], cell: f32) {
    let at = ui.cursor().min;
    for (i, &column) in columns.iter().enumerate() {
        let left = at.x + NAMES + GAP + i as f32 * (cell + GAP);
        let place = Rect::from_min_size(pos2(left, at.y), vec2(cell, HEAD));
        ui.scope_builder(UiBuilder::new().max_rect(place).layout(Layout::top_down(Align::Center)), |ui| {
            let title = state.pattern_title(column);
            let text = RichText::new(&title).color(theme::tokens(ui).strong);
            let text = if cell >= 110.0 { text } else { text.small() };
            ui.add(Words::new(text).truncate()).on_hover_text(format!("{title}: {}", column.help()));
        });
    }
    ui.advance_cursor_after_rect(Rect::from_min_size(at, vec2(1.0, HEAD)));
}

fn label(ui: &mut Ui, row: &PatternRow, cell: f32, queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    let color = match row.label {
        Some(Label::Live) => tokens.good,
        Some(Label::Spoof) => tokens.warn,
        None => tokens.text,
    };
    ui.allocate_ui_with_layout(vec2(NAMES, cell), Layout::top_down(Align::Min), |ui| {
        ui.set_width(NAMES);
        // Live and attacks are told apart from afar too.
        let bar = Rect::from_min_size(ui.min_rect().min, vec2(3.0, cell));
        ui.painter().rect_filled(bar, 1.0, color);
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.add_space((cell / 2.0 - 24.0).max(0.0));
        let line = |ui: &mut Ui, text: RichText| {
            ui.horizontal(|ui| {
                ui.add_space(8.0);
                ui.add(Words::new(text).truncate())
            })
            .inner
        };
        line(ui, RichText::new(kind_of(row)).strong().color(color));
        let name =
            row.file.as_ref().and_then(|f| f.file_name()).map_or(row.name.clone(), |n| n.to_string_lossy().into());
        line(ui, RichText::new(name).small().color(tokens.weak)).on_hover_text(&row.name);
        if let Some(file) = &row.file {
            ui.horizontal(|ui| {
                ui.add_space(8.0);
                let close = ui.add(Button::new("✕").small()).on_hover_text("Take this picture away");
                if close.accessible_name(format!("Take away {}", row.name)).clicked() {
                    send(queue, PatternsCommand::Remove(file.clone()));
                }
            });
        }
    });
}

/// A face whose maps could not be made.
fn failed(ui: &mut Ui, state: &AppState, name: &str, why: &str, queue: &CommandQueue) {
    badge(ui, "not shown", theme::tokens(ui).error);
    ui.add(Words::new(why).wrap());
    if let Some(file) = state.patterns.files.iter().find(|f| f.display().to_string() == name) {
        let close = ui.add(Button::new("✕").small()).accessible_name(format!("Take away {name}"));
        if close.clicked() {
            send(queue, PatternsCommand::Remove(file.clone()));
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "what a cell shows, where, and where its signals go")]
fn cell_ui(
    ui: &mut Ui,
    state: &AppState,
    cache: &mut PatternsCache,
    (at, row): (usize, &PatternRow),
    column: PatternColumn,
    cell: f32,
    hovered: &mut Option<PatternProbe>,
    queue: &CommandQueue,
) {
    let patterns = &state.patterns;
    let (area, response) = ui.allocate_exact_size(vec2(cell, cell), Sense::click());
    let name = format!("{}, {} {}", column.title(), kind_of(row), row.name);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    if !ui.is_rect_visible(area) {
        return;
    }
    let (w, h) = row.size;
    let scale = cell / w.max(h).max(1) as f32;
    let place = Rect::from_center_size(area.center(), vec2(w as f32 * scale, h as f32 * scale));
    let Some(texture) = cache.texture(ui, at, row, column) else {
        let tokens = theme::tokens(ui);
        ui.painter().rect_stroke(place, 2.0, Stroke::new(1.0, tokens.outline), StrokeKind::Inside);
        let text = if cell < 96.0 { "–" } else { "not known" };
        ui.painter().text(place.center(), Align2::CENTER_CENTER, text, FontId::proportional(11.0), tokens.weak);
        return;
    };
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    ui.painter().image(texture.id(), place, whole, Color32::WHITE);
    if let Some(probe) = patterns.probe
        && let Some(Ok(of)) = patterns.rows.get(probe.row)
    {
        // In rows of another size the pixel at the same place.
        let (y, x) = (probe.y * h / of.size.1.max(1), probe.x * w / of.size.0.max(1));
        mark(ui, place, (y, x), row.size, probe.row == at);
    }
    let part = |pos: eframe::egui::Pos2| {
        let inside = (pos - place.min) / scale;
        let (x, y) = ((inside.x.max(0.0) as usize).min(w - 1), (inside.y.max(0.0) as usize).min(h - 1));
        place.contains(pos).then_some(PatternProbe { row: at, y, x })
    };
    if let Some(probe) = response.hover_pos().and_then(part) {
        *hovered = Some(probe);
        if response.clicked() {
            let again = patterns.pinned && patterns.probe == Some(probe);
            send(queue, PatternsCommand::Point { probe: (!again).then_some(probe), pin: true });
        }
    }
}

/// Frames one pixel of a picture of `(width, height)` pixels; pixels too small to see get a frame around them.
fn mark(ui: &Ui, place: Rect, (y, x): (usize, usize), (w, _): (usize, usize), strong: bool) {
    let each = place.width() / w.max(1) as f32;
    let wide = each.max(5.0);
    let middle = place.min + vec2((x as f32 + 0.5) * each, (y as f32 + 0.5) * each);
    picture::mark_texel(ui, Rect::from_center_size(middle, vec2(wide, wide)), (0, 0), 1, strong);
}
