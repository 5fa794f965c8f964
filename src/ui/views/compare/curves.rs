//! One number of all picked sessions over the iterations. Sessions that differ in their seeds alone are one line, their
//! mean, within a band from the least to the greatest of them; or each is a line of its own.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{Color32, ComboBox, Ui, vec2};
use egui_plot::{FilledArea, HoverPosition, Legend, Plot};

use super::{picked, send};
use crate::sweep::{Shelved, alike, counted, differences};
use crate::ui::command::CommandQueue;
use crate::ui::compare::{CompareCommand, group_title};
use crate::ui::decimate::{Drawn, Smoother, decimate};
use crate::ui::run::RunStore;
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::views::curves::draw;
use crate::ui::views::names::title_of;
use crate::ui::widgets::{empty, name_plot, short_text, value_text};

/// What drawn lines depend on.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    sessions: u64,
    rows: Vec<(PathBuf, u64, usize)>,
    metric: String,
    bands: bool,
    log: bool,
    smoothing: f64,
}

/// Lines as they were put together last.
#[derive(Default)]
pub struct CompareCurves {
    key: Option<Key>,
    lines: Vec<Band>,
}

/// The mean of several sessions, or one of them.
struct Band {
    title: String,
    mean: Drawn,
    /// Iterations, least and greatest values; empty for one session.
    edges: [Vec<f64>; 3],
}

/// Columns that lines are thinned to: more than a screen has.
const COLUMNS: usize = 2400;

/// Shows the page.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut CompareCurves, queue: &CommandQueue) {
    let runs: Vec<&RunStore> =
        state.compare.picked.iter().filter_map(|f| Some(&state.runs.iter().find(|(_, r)| r.folder == *f)?.1)).collect();
    let names: BTreeSet<&str> = runs.iter().flat_map(|run| run.metrics.names()).collect();
    let metric = if names.contains(state.compare.metric.as_str()) {
        state.compare.metric.as_str()
    } else {
        let first = ["l_v", "detector_loss"].into_iter().find(|name| names.contains(name));
        first.or_else(|| names.first().copied()).unwrap_or_default()
    };
    if metric.is_empty() {
        return empty(ui, "These sessions have no rows yet");
    }
    ui.horizontal(|ui| {
        ui.name_inputs("Number that is drawn", |ui| {
            ComboBox::from_id_salt("compared number").selected_text(title_of(metric)).width(220.0).show_ui(ui, |ui| {
                for name in &names {
                    if ui.selectable_label(*name == metric, title_of(name)).clicked() {
                        send(queue, CompareCommand::Metric((*name).to_owned()));
                    }
                }
            });
        });
        let mut bands = !state.compare.single_lines;
        let help = "Sessions that differ in their seeds alone: their mean, and a band from the least to the greatest";
        if ui.checkbox(&mut bands, "Bands over seeds").on_hover_text(help).changed() {
            send(queue, CompareCommand::Bands(bands));
        }
        ui.weak("Smoothing and log axis are those of the Curves pane");
    });
    let log = state.workspace.log_axis;
    let key = Key {
        sessions: state.shelf.generation,
        rows: runs
            .iter()
            .map(|r| (r.folder.clone(), r.metrics.generation(), r.metrics.get(metric).map_or(0, |s| s.y.len())))
            .collect(),
        metric: metric.to_owned(),
        bands: !state.compare.single_lines,
        log,
        smoothing: state.workspace.smoothing,
    };
    if cache.key.as_ref() != Some(&key) {
        cache.lines = lines(state, &runs, &key);
        cache.key = Some(key);
    }
    plot(ui, metric, log, cache);
}

fn plot(ui: &mut Ui, metric: &str, log: bool, cache: &CompareCurves) {
    let tokens = theme::tokens(ui);
    let number = move |v: f64| value_text(if log { 10f64.powf(v) } else { v });
    let title = title_of(metric);
    let plot = Plot::new(("compared", metric, log))
        .legend(Legend::default())
        .y_axis_min_width(58.0)
        .y_axis_formatter(move |mark, _| short_text(if log { 10f64.powf(mark.value) } else { mark.value }))
        .x_axis_label("iteration")
        .y_axis_label(title)
        .grid_color(tokens.outline)
        .allow_scroll(false)
        .set_margin_fraction(vec2(0.01, 0.06))
        .label_formatter(move |at| match at {
            HoverPosition::NearDataPoint { plot_name, position, .. } if !plot_name.is_empty() => {
                Some(format!("{plot_name}\niteration {:.0}: {}", position.x, number(position.y)))
            }
            HoverPosition::NearDataPoint { position, .. } | HoverPosition::Elsewhere { position } => {
                Some(format!("iteration {:.0}", position.x))
            }
        });
    let drawn = plot.show(ui, |plot_ui| {
        for (at, band) in cache.lines.iter().enumerate() {
            let color: Color32 = tokens.series[at % tokens.series.len()];
            if !band.edges[0].is_empty() {
                let [x, low, high] = &band.edges;
                plot_ui
                    .add(FilledArea::new("", x, low, high).fill_color(color.gamma_multiply(0.18)).allow_hover(false));
            }
            draw(plot_ui, &band.mean, &band.title, color);
        }
    });
    name_plot(&drawn.response, format!("{} of {} runs or bands over iterations", title_of(metric), cache.lines.len()));
}

fn lines(state: &AppState, runs: &[&RunStore], key: &Key) -> Vec<Band> {
    let sessions: Vec<_> = picked(state).into_iter().cloned().collect();
    let run_of = |folder: &PathBuf| runs.iter().copied().find(|r| r.folder == *folder);
    let groups: Vec<(String, Vec<&RunStore>)> = if key.bands {
        let groups: Vec<Vec<&Arc<Shelved>>> =
            alike(&sessions, &["seed"]).iter().map(|members| counted(members).runs).collect();
        let firsts: Vec<&Shelved> = groups.iter().map(|g| &**g[0]).collect();
        let apart = differences(&firsts);
        let named = |(at, g): (usize, &Vec<&Arc<Shelved>>)| {
            let seeds = if g.len() > 1 { format!(", {} seeds", g.len()) } else { String::new() };
            let title = format!("{}{seeds}", group_title(g[0], &apart, at));
            (title, g.iter().filter_map(|s| run_of(&s.folder)).collect())
        };
        groups.iter().enumerate().map(named).collect()
    } else {
        runs.iter().map(|run| (run.name.clone(), vec![*run])).collect()
    };
    groups.into_iter().filter_map(|(title, runs)| band(title, &runs, key)).collect()
}

fn band(title: String, runs: &[&RunStore], key: &Key) -> Option<Band> {
    let all: Vec<_> = runs.iter().filter_map(|run| run.metrics.get(&key.metric)).filter(|s| !s.y.is_empty()).collect();
    // As far as all of them go: a mean over fewer would jump.
    let rows = all.iter().map(|s| s.y.len()).min()?;
    let x = &all.first()?.x[..rows];
    let smooth = |y: &[f64]| -> Vec<f64> {
        if key.smoothing <= 0.0 {
            return y.to_vec();
        }
        let mut smoother = Smoother::new(key.smoothing);
        smoother.extend(y);
        smoother.values
    };
    let of = |v: f64| if key.log { v.log10() } else { v };
    let values: Vec<Vec<f64>> = all.iter().map(|s| smooth(&s.y[..rows])).collect();
    let mean: Vec<f64> = (0..rows).map(|i| values.iter().map(|v| v[i]).sum::<f64>() / values.len() as f64).collect();
    let (first, last) = (x.first().copied()?, x.last().copied()?);
    let mut edges = [vec![], vec![], vec![]];
    if values.len() > 1 {
        let every = rows.div_ceil(COLUMNS).max(1);
        for at in (0..rows).step_by(every) {
            let part = at..(at + every).min(rows);
            let inside = || values.iter().flat_map(|v| &v[part.clone()]).map(|&v| of(v)).filter(|v| v.is_finite());
            if let (Some(low), Some(high)) = (inside().reduce(f64::min), inside().reduce(f64::max)) {
                edges[0].push(x[at]);
                edges[1].push(low);
                edges[2].push(high);
            }
        }
    }
    Some(Band { title, mean: decimate(x, &mean, (first, last), COLUMNS, of), edges })
}
