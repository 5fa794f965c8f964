//! Losses and norms over the iterations. Lines are smoothed over all data and then thinned so that every spike stays;
//! numbers that are not finite are marked on the axis.

use std::collections::{BTreeMap, BTreeSet};

use eframe::egui::{
    Align, Button, Color32, Frame, Id, Layout, Margin, Panel, RichText, Sense, Shape, Slider, Stroke, Ui, pos2, vec2,
};
use egui_plot::{HoverPosition, Line, Plot, PlotBounds, PlotPoint, PlotPoints, Points, VLine};

use crate::ui::command::{CommandQueue, TimeCursor, UiCommand};
use crate::ui::decimate::{Blocks, Drawn, Smoother, decimate_with};
use crate::ui::run::{Metrics, RunId, Series};
use crate::ui::state::{AppState, Viewed};
use crate::ui::theme;
use crate::ui::views::names::{GROUPS, color_of, group_of, source_of, title_of};
use crate::ui::widgets::{empty, name_plot, short_text, value_text};

fn members(metrics: &Metrics, group: usize) -> Vec<&str> {
    metrics.names().filter(|name| group_of(name) == group).collect()
}

/// What a thinned series depends on.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    run: RunId,
    generation: u64,
    rows: usize,
    range: (f64, f64),
    columns: usize,
    log: bool,
    factor: f64,
}

/// What is gone on with as rows come in, and thinned series, made again when the view or the rows change.
#[derive(Default)]
pub struct CurveCache {
    grown: BTreeMap<String, Grown>,
    grown_for: Option<(RunId, u64, f64)>,
    drawn: BTreeMap<String, (Key, Curve)>,
}

/// What grows with a series.
struct Grown {
    log: bool,
    raw: Blocks,
    smoother: Smoother,
    smooth: Blocks,
}

impl CurveCache {
    /// Brings the series called `name` up to date.
    fn prepare(&mut self, name: &str, series: &Series, key: Key) {
        if self.drawn.get(name).is_some_and(|(k, _)| *k == key) {
            return;
        }
        let Key { run, generation, range, columns, log, factor, .. } = key;
        if self.grown_for != Some((run, generation, factor)) {
            self.grown.clear();
            self.grown_for = Some((run, generation, factor));
        }
        if self.grown.get(name).is_none_or(|grown| grown.log != log) {
            let (raw, smoother, smooth) = (Blocks::default(), Smoother::new(factor), Blocks::default());
            self.grown.insert(name.to_owned(), Grown { log, raw, smoother, smooth });
        }
        let Some(grown) = self.grown.get_mut(name) else { return };
        let of = |v: f64| if log { v.log10() } else { v };
        grown.raw.extend(&series.y, of);
        let raw = decimate_with(&grown.raw, &series.x, &series.y, range, columns, of);
        let smooth = (factor > 0.0).then(|| {
            grown.smoother.extend(&series.y);
            let values = &grown.smoother.values;
            grown.smooth.extend(values, of);
            decimate_with(&grown.smooth, &series.x, values, range, columns, of)
        });
        let curve = Curve { title: title_of(name), raw, smooth };
        self.drawn.insert(name.to_owned(), (key, curve));
    }
}

/// A series as it is drawn.
struct Curve {
    title: String,
    raw: Drawn,
    smooth: Option<Drawn>,
}

/// Width of the legend beside a plot.
const LEGEND: f32 = 236.0;

/// Shows the pane.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut CurveCache, queue: &CommandQueue) {
    let Some(run) = state.run() else { return empty(ui, "Losses and norms appear here once a run has begun") };
    let frame = Frame::new().inner_margin(Margin::symmetric(10, 6));
    Panel::top("curve options").frame(frame).show_separator_line(false).show(ui, |ui| options(ui, state, queue));
    if run.metrics.last().is_none() {
        return empty(ui, "No iteration is done yet");
    }
    let shown: Vec<usize> = (0..GROUPS.len())
        .filter(|&g| state.workspace.curve_groups[g] && !members(&run.1.metrics, g).is_empty())
        .collect();
    if shown.is_empty() {
        return empty(ui, "Choose what to show above");
    }
    let height = (ui.available_height() - 6.0 * (shown.len() - 1) as f32) / shown.len() as f32;
    for (i, &group) in shown.iter().enumerate() {
        plot(ui, state, run, group, (height, i + 1 == shown.len()), cache, queue);
    }
}

fn options(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let workspace = &state.workspace;
    ui.horizontal(|ui| {
        for (i, group) in GROUPS.iter().enumerate() {
            let mut shown = workspace.curve_groups[i];
            if ui.toggle_value(&mut shown, group.title).changed() {
                queue.send(UiCommand::ShowCurves(i, shown));
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let mut follow = workspace.follow_curves;
            if ui
                .checkbox(&mut follow, "All of the run")
                .on_hover_text("Keep all iterations in view as they come")
                .changed()
            {
                queue.send(UiCommand::FollowCurves(follow));
            }
            let mut log = workspace.log_axis;
            if ui.checkbox(&mut log, "Log axis").changed() {
                queue.send(UiCommand::SetLogAxis(log));
            }
            let mut factor = workspace.smoothing;
            ui.spacing_mut().slider_width = 80.0;
            let slider = Slider::new(&mut factor, 0.0..=0.99).show_value(false);
            if ui
                .add(slider)
                .accessible_name("Smoothing")
                .on_hover_text(format!("Smoothing {factor:.2}; raw values stay behind, faint"))
                .changed()
            {
                queue.send(UiCommand::SetSmoothing(factor));
            }
            ui.weak("Smoothing");
        });
    });
}

fn plot(
    ui: &mut Ui,
    state: &AppState,
    run: Viewed<'_>,
    group: usize,
    (height, last): (f32, bool),
    cache: &mut CurveCache,
    queue: &CommandQueue,
) {
    let workspace = &state.workspace;
    let tokens = theme::tokens(ui);
    let log = workspace.log_axis || GROUPS[group].always_log;
    let id = Id::unique(("curves", run.0, group, log));
    let metrics = &run.1.metrics;
    let end = metrics.last().map_or(1.0, |r| r.iteration as f64).max(1.0);
    let view_id = id.with("view");
    let kept: Option<(f64, f64)> = ui.data(|d| d.get_temp(view_id));
    let range = match kept {
        Some(range) if !workspace.follow_curves => range,
        _ => (0.0, end),
    };
    let width = (ui.available_width() - LEGEND).max(120.0);
    let columns = (width * ui.pixels_per_point()) as usize;
    let (generation, factor) = (metrics.generation(), workspace.smoothing);
    let names = members(metrics, group);
    for name in &names {
        if let Some(series) = metrics.get(name) {
            let key = Key { run: run.0, generation, rows: series.y.len(), range, columns, log, factor };
            cache.prepare(name, series, key);
        }
    }
    let hidden_id = Id::unique("hidden curves");
    let hidden: BTreeSet<String> = ui.data(|d| d.get_temp(hidden_id)).unwrap_or_default();
    let color = |name: &str| tokens.series[color_of(name) % tokens.series.len()];
    let curves: Vec<(&Curve, Color32)> = names
        .iter()
        .filter(|name| !hidden.contains(**name))
        .filter_map(|name| Some((&cache.drawn.get(*name)?.1, color(name))))
        .collect();
    let not_finite: usize = curves.iter().map(|(c, _)| c.raw.gap_count).sum();
    let gaps: Vec<(f64, Color32)> =
        curves.iter().flat_map(|(c, color)| c.raw.gaps.iter().map(move |&x| (x, *color))).collect();

    let number = move |v: f64| value_text(if log { 10f64.powf(v) } else { v });
    let plot = Plot::new(id)
        .height(height.max(60.0))
        .link_axis(Id::unique(("curve axes", run.0)), [true, false])
        .link_cursor(Id::unique(("curve cursors", run.0)), [true, false])
        .width(width)
        .show_axes([last, true])
        .y_axis_min_width(58.0)
        .y_axis_formatter(move |mark, _| short_text(if log { 10f64.powf(mark.value) } else { mark.value }))
        .grid_color(tokens.outline)
        .cursor_color(tokens.weak)
        .x_axis_formatter(|mark, _| {
            let whole = mark.value >= 0.0 && mark.value.fract() == 0.0;
            if whole { format!("{}", mark.value) } else { String::new() }
        })
        .set_margin_fraction(vec2(0.0, 0.08))
        .allow_scroll(false)
        .auto_bounds([false, true])
        .label_formatter(move |at| match at {
            HoverPosition::NearDataPoint { plot_name, position, .. } if !plot_name.is_empty() => {
                Some(format!("{plot_name}\niteration {:.0}: {}", position.x, number(position.y)))
            }
            HoverPosition::NearDataPoint { position, .. } | HoverPosition::Elsewhere { position } => {
                Some(format!("iteration {:.0}", position.x))
            }
        });
    let follow = workspace.follow_curves;
    let cursor = match state.time {
        TimeCursor::At(iteration) => Some(iteration as f64),
        TimeCursor::Live => None,
    };
    let stages = metrics.stages();
    let entries: Vec<Entry> = names
        .iter()
        .filter_map(|name| {
            let value = value_at(metrics.get(name)?, cursor);
            Some(Entry { name, color: color(name), value, hidden: hidden.contains(*name) })
        })
        .collect();
    let response = ui
        .horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let response = plot.show(ui, |plot_ui| {
                if follow {
                    plot_ui.set_plot_bounds_x(-0.01 * end..=end * 1.01);
                }
                for (_, start) in stages.iter().skip(1) {
                    plot_ui.vline(VLine::new("", *start as f64).color(tokens.outline).width(1.0).allow_hover(false));
                }
                if let Some(x) = cursor {
                    plot_ui.vline(VLine::new("", x).color(tokens.accent).width(1.5).allow_hover(false));
                }
                for (curve, color) in curves {
                    let Curve { title, raw, smooth } = curve;
                    match smooth {
                        None => draw(plot_ui, raw, title, color),
                        Some(smooth) => {
                            draw(plot_ui, raw, "", color.gamma_multiply(0.28));
                            draw(plot_ui, smooth, title, color);
                        }
                    }
                }
                plot_ui.plot_bounds()
            });
            let title = if GROUPS[group].always_log {
                format!("{}, log axis", GROUPS[group].title)
            } else {
                GROUPS[group].title.to_owned()
            };
            if let Some(pressed) = legend(ui, &title, &entries, height) {
                let mut hidden = hidden.clone();
                if !hidden.remove(pressed) {
                    hidden.insert(pressed.to_owned());
                }
                ui.data_mut(|d| d.insert_temp(hidden_id, hidden));
            }
            response
        })
        .inner;
    name_plot(&response.response, format!("{} over iterations", GROUPS[group].title));
    let bounds: PlotBounds = response.inner;
    let moved = response.response.dragged() || (response.response.hovered() && ui.input(|i| i.zoom_delta() != 1.0));
    if follow && moved {
        queue.send(UiCommand::FollowCurves(false));
    }
    if !follow && response.response.double_clicked() {
        queue.send(UiCommand::FollowCurves(true));
    }
    ui.data_mut(|d| d.insert_temp(view_id, (bounds.min()[0], bounds.max()[0])));
    let area = *response.transform.frame();
    let x_of = |x: f64| response.transform.position_from_point_x(x);
    let painter = ui.painter_at(area);
    mark_gaps(&painter, area, &gaps, x_of);
    let font = eframe::egui::FontId::proportional(11.0);
    if group_is_first(state, run, group) {
        for (stage, start) in stages {
            let title = stage.short().to_owned();
            let at = pos2(x_of(*start as f64).max(area.left()) + 5.0, area.top() + 3.0);
            painter.text(at, eframe::egui::Align2::LEFT_TOP, title, font.clone(), tokens.weak);
        }
    }
    if not_finite > 0 {
        let place =
            eframe::egui::Rect::from_min_size(pos2(area.left(), area.top() + 2.0), vec2(area.width() - 6.0, 18.0));
        let text = match (not_finite, log) {
            (1, true) => "1 value cannot be drawn on a log axis or is not finite".to_owned(),
            (1, false) => "1 value is not finite".to_owned(),
            (n, true) => format!("{n} values cannot be drawn on a log axis or are not finite"),
            (n, false) => format!("{n} values are not finite"),
        };
        let text = RichText::new(text).small().color(tokens.error);
        let over = eframe::egui::UiBuilder::new().max_rect(place).layout(Layout::right_to_left(Align::Min));
        // It lies over the plot and takes no room of its own.
        ui.new_child(over).label(text);
    }
}

/// One line of a legend.
struct Entry<'a> {
    name: &'a str,
    color: Color32,
    value: Option<f64>,
    hidden: bool,
}

/// The value at the time cursor, else the newest.
fn value_at(series: &Series, cursor: Option<f64>) -> Option<f64> {
    match cursor {
        None => series.y.last().copied(),
        Some(x) => series.y.get(series.x.partition_point(|&v| v <= x).checked_sub(1)?).copied(),
    }
}

/// Names, colours and values beside a plot; the name that was pressed.
fn legend<'a>(ui: &mut Ui, title: &str, entries: &[Entry<'a>], height: f32) -> Option<&'a str> {
    let tokens = theme::tokens(ui);
    let mut pressed = None;
    ui.allocate_ui_with_layout(vec2(LEGEND, height), Layout::top_down(Align::Min), |ui| {
        let frame = Frame::new().inner_margin(Margin { left: 10, right: 8, top: 2, bottom: 0 });
        frame.show(ui, |ui| {
            ui.set_width(LEGEND - 18.0);
            ui.spacing_mut().item_spacing = vec2(6.0, 1.0);
            ui.spacing_mut().interact_size.y = 16.0;
            ui.weak(RichText::new(title).small());
            eframe::egui::ScrollArea::vertical().id_salt(title).show(ui, |ui| {
                for entry in entries {
                    let color = if entry.hidden { tokens.outline } else { entry.color };
                    ui.horizontal(|ui| {
                        let (dot, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
                        ui.painter().circle_filled(dot.center(), 4.0, color);
                        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                            let value = entry.value.map_or_else(String::new, value_text);
                            ui.label(RichText::new(value).small().monospace().color(tokens.text));
                            let text = RichText::new(title_of(entry.name)).small();
                            let text = text.color(if entry.hidden { tokens.weak } else { tokens.text });
                            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                                let button = Button::new(text).frame(false).truncate();
                                let source = source_of(entry.name);
                                let hover = format!("{}: press to show or hide\n{source}", title_of(entry.name));
                                if ui.add(button).on_hover_text(hover.trim_end()).clicked() {
                                    pressed = Some(entry.name);
                                }
                            });
                        });
                    });
                }
            });
        });
    });
    pressed
}

fn group_is_first(state: &AppState, run: Viewed<'_>, group: usize) -> bool {
    (0..group).all(|g| !state.workspace.curve_groups[g] || members(&run.1.metrics, g).is_empty())
}

/// Adds the stretches of one series; a stretch of one point is a dot.
pub fn draw<'a>(ui: &mut egui_plot::PlotUi<'a>, drawn: &'a Drawn, title: &str, color: Color32) {
    let hover = !title.is_empty();
    let mut dots: Vec<PlotPoint> = vec![];
    for line in &drawn.lines {
        match line.as_slice() {
            [] => {}
            [dot] => dots.push(*dot),
            points => {
                ui.line(Line::new(title, PlotPoints::Borrowed(points)).color(color).width(1.6).allow_hover(hover));
            }
        }
    }
    if !dots.is_empty() {
        ui.points(Points::new(title, PlotPoints::Owned(dots)).color(color).radius(2.0).allow_hover(hover));
    }
}

/// Little triangles on the lower edge where values are not finite.
fn mark_gaps(
    painter: &eframe::egui::Painter,
    area: eframe::egui::Rect,
    gaps: &[(f64, Color32)],
    x_of: impl Fn(f64) -> f32,
) {
    for &(x, color) in gaps {
        let x = x_of(x);
        if area.x_range().contains(x) {
            let y = area.bottom();
            let corners = vec![pos2(x - 4.0, y), pos2(x, y - 7.0), pos2(x + 4.0, y)];
            painter.add(Shape::convex_polygon(corners, color, Stroke::NONE));
        }
    }
}
