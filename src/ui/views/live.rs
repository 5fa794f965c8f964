//! Maps of the watched faces: a row a face, a column a kind of map, one shared scale a kind of quantity, and the raw
//! values of one pixel in all of them. The slider below moves through the iterations whose maps are stored.

use std::sync::Arc;

use eframe::egui::{
    Align, Button, CentralPanel, ComboBox, Frame, Layout, Margin, Panel, Rect, RichText, ScrollArea, Slider, Ui, vec2,
};

use crate::config::{DetectorConfig, Teaching};
use crate::engine::Stage;
use crate::session::{MapKind, MapSet, SampleMaps, WatchedFaces};
use crate::ui::atlas::{Atlas, Kept, Same, fill_maps, fill_rgb};
use crate::ui::colormap::{self, Colormap, Scale, reach};
use crate::ui::command::{CommandQueue, Probe, TimeCursor, UiCommand};
use crate::ui::state::{AppState, Viewed};
use crate::ui::theme;
use crate::ui::views::transport::progress_text;
use crate::ui::widgets::colour_bar::ColourBar;
use crate::ui::widgets::{empty, face_word, maths, picture, progress, value_text};
use crate::ui::workspace::Pane;

/// What a column shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Face,
    Map(MapKind),
    /// Teacher minus momentum teacher.
    Difference,
}

impl Column {
    const ALL: [Self; 8] = [
        Self::Face,
        Self::Map(MapKind::Teacher),
        Self::Map(MapKind::Momentum),
        Self::Map(MapKind::Target),
        Self::Map(MapKind::Detector),
        Self::Difference,
        Self::Map(MapKind::Cotangent),
        Self::Map(MapKind::Attention),
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Face => "Face",
            Self::Map(MapKind::Teacher) => "Teacher",
            Self::Map(MapKind::Momentum) => "Momentum teacher",
            Self::Map(MapKind::Target) => "Target",
            Self::Map(MapKind::Detector) => "Detector",
            Self::Map(MapKind::Cotangent) => "Cotangent",
            Self::Map(MapKind::Attention) => "Attention",
            Self::Map(MapKind::Mask) => "Mask",
            Self::Difference => "Difference",
        }
    }

    /// The title where there is no room for it.
    fn short(self) -> &'static str {
        match self {
            Self::Map(MapKind::Momentum) => "Momentum",
            other => other.title(),
        }
    }

    fn short_symbol(self, rival: bool) -> &'static str {
        match self {
            Self::Difference => "Δσ(g)",
            other => other.symbol(rival),
        }
    }

    /// `rival`: whether a rival of the meta-teacher teaches.
    fn symbol(self, rival: bool) -> &'static str {
        match self {
            Self::Face => "x",
            Self::Map(MapKind::Teacher) if rival => "g_w(x)",
            Self::Map(MapKind::Teacher) => "σ(g_ω(x))",
            Self::Map(MapKind::Momentum) => "σ(g_ω̂(x))",
            Self::Map(MapKind::Target) => "0 … 1",
            Self::Map(MapKind::Detector) => "f_θ(x)",
            Self::Map(MapKind::Cotangent) => "−J v",
            Self::Map(MapKind::Attention) => "Σ w h(x)",
            Self::Map(MapKind::Mask) => "m",
            Self::Difference => "σ(g_ω) − σ(g_ω̂)",
        }
    }

    fn help(self, rival: bool) -> &'static str {
        match self {
            Self::Face => "The watched face; its people are not trained on",
            Self::Map(MapKind::Teacher) if rival => {
                "What the rival teacher says; stretched to 0 to 1 a picture before the detector learns it"
            }
            Self::Map(MapKind::Teacher) => {
                "What the teacher would have the detector say, 0 to 1 a pixel (MT-FAS Eq. 2, half of P)"
            }
            Self::Map(MapKind::Momentum) => {
                "The slow average of the teacher, which sets the validation targets (MT-FAS Eqs. 3, 4 and 11)"
            }
            Self::Map(MapKind::Target) if rival => {
                "What the detector learns from: the rival teacher's map stretched to 0 to 1 in every attack, 0 on live faces \
                 (MT-FAS Eq. 14)"
            }
            Self::Map(MapKind::Target) => {
                "What the detector learns from: the deployed teacher's map stretched to 0 to 1 in every attack, 0 on live faces \
                 (MT-FAS Eq. 13)"
            }
            Self::Map(MapKind::Detector) => "What the detector in training says (MT-FAS Eq. 1)",
            Self::Map(MapKind::Cotangent) => {
                "Where the validation loss would have the target rise (red) or fall (blue): what the teacher is told (MT-FAS \
                 Eqs. 8-10)"
            }
            Self::Map(MapKind::Attention) => {
                "What the detector looks at: the last features h of its classifier, weighted as its linear layer w weighs \
                 their means; red speaks for an attack, blue for a live face"
            }
            Self::Map(MapKind::Mask) => "Where the attack's material is, as the data tell it",
            Self::Difference => "How far the teacher is ahead of its average",
        }
    }

    /// The values of one face.
    fn values(self, maps: &SampleMaps) -> Option<Vec<f32>> {
        match self {
            Self::Face => None,
            Self::Map(kind) => maps.get(kind).map(<[f32]>::to_vec),
            Self::Difference => {
                let (a, b) = (maps.get(MapKind::Teacher)?, maps.get(MapKind::Momentum)?);
                Some(a.iter().zip(b).map(|(a, b)| a - b).collect())
            }
        }
    }

    /// One value of one face.
    fn value(self, maps: &SampleMaps, at: usize) -> Option<f32> {
        match self {
            Self::Face => None,
            Self::Map(kind) => maps.get(kind)?.get(at).copied(),
            Self::Difference => Some(maps.get(MapKind::Teacher)?.get(at)? - maps.get(MapKind::Momentum)?.get(at)?),
        }
    }
}

/// Textures of the maps in view.
#[derive(Default)]
pub struct LiveCache {
    faces: Kept<Same<WatchedFaces>>,
    maps: [Kept<(Same<MapSet>, Colormap)>; Column::ALL.len()],
    /// Limits of the columns, computed with their textures.
    scales: [Option<Scale>; Column::ALL.len()],
    bars: [ColourBar; 4],
}

impl LiveCache {
    fn prepare(&mut self, ui: &Ui, faces: &Arc<WatchedFaces>, maps: Option<&Arc<MapSet>>, colormap: Colormap) {
        self.faces.get(Same(Arc::clone(faces)), |atlas| {
            let pictures: Vec<&[u8]> = faces.faces.iter().map(|f| f.rgb.as_slice()).collect();
            fill_rgb(atlas, ui.ctx(), "watched faces", faces.size, &pictures);
        });
        let Some(set) = maps else { return };
        for (i, column) in Column::ALL.into_iter().enumerate().skip(1) {
            let Self { maps, scales, .. } = self;
            maps[i].get((Same(Arc::clone(set)), colormap), |atlas| {
                let values: Vec<Option<Vec<f32>>> = set.samples.iter().map(|s| column.values(s)).collect();
                let scale = scale_of(column, &values, colormap);
                scales[i] = values.iter().any(Option::is_some).then_some(scale);
                let slices: Vec<Option<&[f32]>> = values.iter().map(Option::as_deref).collect();
                fill_maps(atlas, ui.ctx(), column.title(), set.side, scale, &slices);
            });
        }
    }

    fn atlas(&self, column: usize) -> &Atlas {
        if column == 0 { self.faces.filled() } else { self.maps[column].filled() }
    }
}

/// The four kinds of quantity have a scale each, shared by all faces and all maps of the kind.
fn scale_of(column: Column, values: &[Option<Vec<f32>>], colormap: Colormap) -> Scale {
    let all = values.iter().flatten().flatten();
    match column {
        Column::Map(kind) => colormap::scale_of(kind, all, colormap),
        Column::Difference => Scale::diverging(reach(all)),
        Column::Face => Scale::sequential(colormap, 0.0, 1.0),
    }
}

/// Shows the pane.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut LiveCache, queue: &CommandQueue) {
    let Some(run) = state.run() else { return empty(ui, "Maps appear here once a run has begun") };
    let Some(faces) = run.watched.clone() else {
        return beginning(ui, state, run);
    };
    let maps = state.shown_maps().filter(|m| !m.is_empty()).cloned();
    cache.prepare(ui, &faces, maps.as_ref(), state.workspace.colormap);
    let frame = Frame::new().inner_margin(Margin::symmetric(10, 6));
    Panel::top("live options").frame(frame).show_separator_line(false).show(ui, |ui| {
        options(ui, state, maps.as_deref(), queue);
        if let Some((then, now)) = run.metrics.forgets() {
            let tokens = theme::tokens(ui);
            let text = format!(
                "▲ The teacher forgets: its maps of attacks lie {now:.2} above those of live faces, after pretraining it was {then:.2}"
            );
            ui.label(RichText::new(text).color(tokens.warn)).on_hover_text(
                "Means over the last twenty batches of both stages. A smaller β, a larger α or T = 1 keep the teacher and the detector in step.",
            );
        }
    });
    Panel::bottom("live time").frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            over_time(ui, state, queue);
            readout(ui, state, &faces, maps.as_deref());
        });
        if state.pixel.shown && state.probe_pinned {
            super::pixel::show(ui, state, queue);
        }
        time_slider(ui, state, run, maps.as_deref(), queue);
    });
    CentralPanel::no_frame().frame(Frame::new().inner_margin(Margin::symmetric(10, 0))).show(ui, |ui| {
        grid(ui, state, &faces, maps.as_deref(), cache, queue);
    });
}

/// What stands here while the faces are made.
fn beginning(ui: &mut Ui, state: &AppState, run: Viewed<'_>) {
    let tokens = theme::tokens(ui);
    match (&run.1.progress, &run.1.error) {
        (_, Some(error)) => empty(ui, error),
        (None, None) => empty(ui, "The run is beginning…"),
        (Some(p), None) => {
            ui.vertical_centered(|ui| {
                ui.add_space((ui.available_height() * 0.4).max(10.0));
                let part = p.done as f32 / p.total.max(1) as f32;
                let text = progress_text(state, p);
                progress::bar(ui, "Faces", part, &text, (360.0, 24.0), tokens.accent.gamma_multiply(0.55));
                ui.add_space(6.0);
                ui.weak("Faces are made once and kept for later runs");
            });
        }
    }
}

fn options(ui: &mut Ui, state: &AppState, maps: Option<&MapSet>, queue: &CommandQueue) {
    ui.horizontal(|ui| {
        let what = match maps {
            // The detector that is scored has the statistics it is scored with.
            Some(m) if m.stage == Stage::Evaluate => format!("Maps of iteration {} (as scored)", m.iteration),
            Some(m) => {
                format!("Maps of iteration {} ({} {})", m.iteration, m.stage.noun(), m.stage_iteration)
            }
            None if has_maps(state) => "No maps yet".to_owned(),
            None => format!("{} gives one value a picture and no map", detector(state).network.title()),
        };
        if !has_maps(state) {
            ui.label(RichText::new(what).strong());
            return;
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let mut map = state.workspace.colormap;
            ui.name_inputs("Colours of maps", |ui| {
                ComboBox::from_id_salt("colours").selected_text(map.title()).width(120.0).show_ui(ui, |ui| {
                    for choice in Colormap::ALL {
                        if ui.selectable_value(&mut map, choice, choice.title()).clicked() {
                            queue.send(UiCommand::SetColormap(choice));
                        }
                    }
                });
            });
            let mut difference = state.workspace.show_difference;
            if ui.checkbox(&mut difference, "Difference of the teachers").changed() {
                queue.send(UiCommand::ShowDifference(difference));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(eframe::egui::Label::new(RichText::new(what).strong()).truncate());
            });
        });
    });
}

/// The detector of the run in view.
fn detector(state: &AppState) -> DetectorConfig {
    state.run().map(|run| run.detector()).unwrap_or_default()
}

/// Who teaches in the run in view.
fn teaching(state: &AppState) -> Teaching {
    detector(state).supervision.teaching()
}

/// Whether anything in the run in view makes maps.
fn has_maps(state: &AppState) -> bool {
    let DetectorConfig { network, supervision, .. } = detector(state);
    network.has_map() || network.has_attention() || supervision.teaching() != Teaching::Nobody
}

/// The columns that the run in view can ever fill: a rival has no momentum, labels have no teacher,
/// and some detectors have no map.
fn columns(state: &AppState, cache: &LiveCache) -> Vec<usize> {
    let config = state.run().and_then(|run| run.config.clone()).unwrap_or_default();
    let (network, teaching) = (config.detector.network, config.detector.supervision.teaching());
    let meta = teaching == Teaching::Meta;
    let wanted = |&i: &usize| match Column::ALL[i] {
        Column::Difference => state.workspace.show_difference && cache.scales[i].is_some(),
        Column::Map(MapKind::Momentum | MapKind::Cotangent) => meta,
        Column::Map(MapKind::Teacher | MapKind::Target) => meta || matches!(teaching, Teaching::Rival(_)),
        Column::Map(MapKind::Detector) => config.shows_map(),
        Column::Map(MapKind::Attention) => network.has_attention(),
        Column::Map(MapKind::Mask) => false,
        Column::Face => true,
    };
    (0..Column::ALL.len()).filter(wanted).collect()
}

const LABEL_WIDTH: f32 = 84.0;
const GAP: f32 = 8.0;
const HEADER: f32 = 68.0;

fn grid(
    ui: &mut Ui,
    state: &AppState,
    faces: &WatchedFaces,
    maps: Option<&MapSet>,
    cache: &mut LiveCache,
    queue: &CommandQueue,
) {
    let shown = columns(state, cache);
    let side = maps.map_or(8, |m| m.side);
    let room = ui.available_size();
    let by_width = (room.x - LABEL_WIDTH - 14.0) / shown.len() as f32 - GAP;
    let by_height = ((room.y - HEADER) / 3.3 - GAP).max(64.0);
    let cell = by_width.min(by_height).clamp(36.0, 260.0).floor();
    let picture_side = picture::whole_texels(ui, cell, side);
    ui.spacing_mut().item_spacing = vec2(GAP, GAP);
    let rival = matches!(teaching(state), Teaching::Rival(_));
    header(ui, &shown, cell, rival, cache);
    let mut hovered = None;
    ScrollArea::vertical().auto_shrink(false).id_salt("faces").show_rows(ui, cell, faces.faces.len(), |ui, rows| {
        for face in rows {
            ui.horizontal(|ui| {
                label(ui, faces, face, cell);
                for &column in &shown {
                    cell_ui(ui, state, (faces, maps), (face, column), (cell, picture_side), cache, &mut hovered, queue);
                }
            });
        }
    });
    if let Some(command) = state.pointed(hovered, Pane::Live) {
        queue.send(command);
    }
}

fn header(ui: &mut Ui, shown: &[usize], cell: f32, rival: bool, cache: &mut LiveCache) {
    let at = ui.cursor().min;
    let x = |i: usize| at.x + LABEL_WIDTH + GAP + i as f32 * (cell + GAP);
    let wide = cell >= 92.0;
    for (i, &column) in shown.iter().enumerate() {
        let what = Column::ALL[column];
        let place = Rect::from_min_size(eframe::egui::pos2(x(i), at.y), vec2(cell, 34.0));
        ui.scope_builder(
            eframe::egui::UiBuilder::new().max_rect(place).layout(Layout::top_down(Align::Center)),
            |ui| {
                ui.spacing_mut().item_spacing.y = 1.0;
                let title = if wide { what.title() } else { what.short() };
                let title = RichText::new(title).color(theme::tokens(ui).strong);
                let title = if wide { title } else { title.small() };
                ui.add(eframe::egui::Label::new(title).truncate()).on_hover_text(what.help(rival));
                let mut font = theme::small_equation_font();
                font.size = if wide { 12.0 } else { 10.0 };
                maths::show(
                    ui,
                    if wide { what.symbol(rival) } else { what.short_symbol(rival) },
                    &font,
                    theme::tokens(ui).weak,
                );
            },
        );
    }
    // One bar a kind of quantity, under the columns that share it.
    let kind = |c: usize| match Column::ALL[c] {
        Column::Face => None,
        Column::Map(MapKind::Cotangent) => Some(2),
        Column::Map(MapKind::Attention) => Some(3),
        Column::Difference => Some(1),
        Column::Map(_) => Some(0),
    };
    for (bar, name) in
        ["Teacher, momentum teacher and detector", "Difference of the teachers", "Cotangent", "Attention"]
            .iter()
            .enumerate()
    {
        let group: Vec<usize> = (0..shown.len()).filter(|&i| kind(shown[i]) == Some(bar)).collect();
        let (Some(&first), Some(&last)) = (group.first(), group.last()) else { continue };
        let Some(scale) = group.iter().find_map(|&i| cache.scales[shown[i]]) else { continue };
        let width = x(last) + cell - x(first);
        let place = Rect::from_min_size(eframe::egui::pos2(x(first), at.y + 40.0), vec2(width, 28.0));
        ui.scope_builder(eframe::egui::UiBuilder::new().max_rect(place), |ui| {
            cache.bars[bar].show(ui, name, scale, width);
        });
    }
    ui.advance_cursor_after_rect(Rect::from_min_size(at, vec2(1.0, HEADER)));
}

fn label(ui: &mut Ui, faces: &WatchedFaces, face: usize, cell: f32) {
    let tokens = theme::tokens(ui);
    let Some(f) = faces.faces.get(face) else { return };
    let (word, color) = face_word(ui, f);
    ui.allocate_ui_with_layout(vec2(LABEL_WIDTH, cell), Layout::top_down(Align::Min), |ui| {
        ui.set_width(LABEL_WIDTH);
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.add_space((cell / 2.0 - 18.0).max(0.0));
        ui.label(RichText::new(word).strong().color(color));
        let key = RichText::new(&f.key).small().color(tokens.weak);
        ui.add(eframe::egui::Label::new(key).truncate()).on_hover_text(&f.key);
    });
}

#[expect(clippy::too_many_arguments, reason = "what a cell shows, where, and where its signals go")]
fn cell_ui(
    ui: &mut Ui,
    state: &AppState,
    (faces, maps): (&WatchedFaces, Option<&MapSet>),
    (face, column): (usize, usize),
    (cell, side): (f32, f32),
    cache: &LiveCache,
    hovered: &mut Option<Probe>,
    queue: &CommandQueue,
) {
    let what = Column::ALL[column];
    let texels = maps.map_or(8, |m| m.side);
    let absent = match what {
        Column::Face => "",
        _ if maps.is_none() => "…",
        _ if cache.scales[column].is_none() && cell < 96.0 => "–",
        _ if cache.scales[column].is_none() => "not in this stage",
        _ => "",
    };
    let species = faces.faces.get(face).map_or("", |f| f.species.as_str());
    let name = format!("{}, {species} face {}", what.title(), face + 1);
    let response = picture::show(ui, cache.atlas(column), face, (cell, side), &name, absent);
    let square = response.rect;
    if let Some(probe) = state.probe.filter(|_| absent.is_empty()) {
        picture::mark_texel(ui, square, (probe.row, probe.column), texels, probe.face == face);
    }
    if maps.is_none() {
        return;
    }
    let at = response.hover_pos().and_then(|pos| picture::texel_at(square, pos, texels));
    let probe = at.map(|(row, column)| Probe { face, row, column });
    if let Some(probe) = probe {
        *hovered = Some(probe);
        if response.clicked() {
            let again = state.probe_pinned && state.probe == Some(probe);
            queue.send(UiCommand::Point { probe: (!again).then_some(probe), pin: true, from: Pane::Live });
        }
    }
}

/// The sentence with the raw values of the probed pixel.
pub fn probe_text(probe: Probe, faces: &WatchedFaces, maps: &MapSet) -> Option<String> {
    let sample = maps.samples.get(probe.face)?;
    let face = faces.faces.get(probe.face)?;
    let at = probe.row * maps.side + probe.column;
    let part = |column: Column| {
        Some(format!("{} {}", column.title().to_lowercase(), value_text(f64::from(column.value(sample, at)?))))
    };
    let parts: Vec<String> = Column::ALL.into_iter().filter_map(part).collect();
    let Probe { row, column, .. } = probe;
    Some(format!("{} · row {row}, column {column} · {}", face.key, parts.join(" · ")))
}

fn readout(ui: &mut Ui, state: &AppState, faces: &WatchedFaces, maps: Option<&MapSet>) {
    let text = state.probe.zip(maps).and_then(|(probe, maps)| probe_text(probe, faces, maps));
    let hint =
        if has_maps(state) { "Point at a map for raw values of that pixel in all maps; click to keep it" } else { "" };
    let tokens = theme::tokens(ui);
    let pinned = if state.probe_pinned { "kept · " } else { "" };
    let (text, color) = text.map_or((hint.to_owned(), tokens.weak), |t| (format!("{pinned}{t}"), tokens.text));
    ui.add(eframe::egui::Label::new(RichText::new(text).color(color)).truncate());
}

/// The switch for the kept pixel's course.
fn over_time(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    if state.probe_pinned {
        let shown = state.pixel.shown;
        let help = "The kept pixel's values in all maps, through all stored iterations";
        if ui.add(Button::new("Over time").selected(shown)).on_hover_text(help).clicked() {
            queue.send(UiCommand::ShowPixel(!shown));
        }
    }
}

fn time_slider(ui: &mut Ui, state: &AppState, run: Viewed<'_>, maps: Option<&MapSet>, queue: &CommandQueue) {
    let stored = &run.1.map_iterations;
    let mut live = state.time == TimeCursor::Live;
    ui.horizontal(|ui| {
        if ui.checkbox(&mut live, "Newest").on_hover_text("Always show the newest maps").changed() {
            let at = maps.map(|m| m.iteration).and_then(|i| stored.iter().rev().find(|&&s| s <= i)).copied();
            let time = if live { TimeCursor::Live } else { at.map_or(TimeCursor::Live, TimeCursor::At) };
            queue.send(UiCommand::SetTime(time));
        }
        let Some(last) = stored.len().checked_sub(1) else {
            ui.weak("No maps are stored yet");
            return;
        };
        let now = match state.time {
            TimeCursor::Live => last,
            TimeCursor::At(i) => stored.partition_point(|&s| s < i).min(last),
        };
        let step = |to: Option<usize>| to.and_then(|i| stored.get(i)).map(|&i| UiCommand::SetTime(TimeCursor::At(i)));
        for (text, name, to) in
            [("‹", "Earlier maps", now.checked_sub(1)), ("›", "Later maps", Some(now + 1).filter(|&i| i <= last))]
        {
            let response = ui.add_enabled(to.is_some(), Button::new(text)).accessible_name(name).on_hover_text(name);
            if let Some(command) = step(to).filter(|_| response.clicked()) {
                queue.send(command);
            }
        }
        let newer = maps.filter(|m| live && m.iteration > stored[now]).map(|m| m.iteration);
        let text = match newer {
            Some(iteration) => format!("iteration {iteration}, not stored ({} are)", last + 1),
            None => format!("iteration {} ({} of {} stored)", stored[now], now + 1, last + 1),
        };
        if last > 0 {
            let mut index = now;
            ui.spacing_mut().slider_width = (ui.available_width() - 240.0).max(60.0);
            let slider = Slider::new(&mut index, 0..=last).show_value(false);
            let moved = ui.add(slider).accessible_name("Time cursor").changed() && index != now;
            if let Some(command) = step(Some(index)).filter(|_| moved) {
                queue.send(command);
            }
        }
        ui.label(text);
    });
}
