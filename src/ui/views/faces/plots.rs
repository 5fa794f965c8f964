//! Histogram of scores, ROC and DET. A press on a bar shows the faces that have such scores; a press on a curve moves the
//! threshold to the point nearest to it.

use eframe::egui::{RichText, Ui};
use egui_plot::{
    Bar, BarChart, GridMark, HoverPosition, Line, Plot, PlotPoint, PlotPoints, PlotTransform, Points, VLine,
};

use super::send;
use crate::eval::{OperatingPoint, Rates};
use crate::report::figure::{Axis, probit};
use crate::ui::command::CommandQueue;
use crate::ui::faces::{FaceFilter, FacesCommand, Judged, ScorePlot};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::name_plot;

/// Bars of the histogram.
const BINS: usize = 40;
/// Steps along an axis that a curve has at most.
const STEPS: f64 = 2000.0;
/// Rates are drawn no closer to 0 and 1 than this on normal deviate axes.
const EDGE: f64 = 5e-4;

/// Bars and curves, computed once for a scored part.
#[derive(Default)]
pub struct PlotCache {
    low: f64,
    width: f64,
    live: Vec<u32>,
    attacks: Vec<u32>,
    roc: Vec<PlotPoint>,
    det: Vec<PlotPoint>,
}

impl PlotCache {
    /// Those of `judged`.
    pub fn of(judged: &Judged) -> Self {
        let (low, high) = judged.range;
        let width = ((high - low) / BINS as f64).max(f64::MIN_POSITIVE);
        let (mut live, mut attacks) = (vec![0; BINS], vec![0; BINS]);
        for face in &judged.faces {
            let bin = (((face.score - low) / width) as usize).min(BINS - 1);
            let counts: &mut Vec<u32> = if face.live { &mut live } else { &mut attacks };
            counts[bin] += 1;
        }
        let roc = thinned(judged.points.iter().map(roc_of), 100.0 / STEPS);
        let det = thinned(judged.points.iter().map(det_of), 2.0 * deviate(1.0) / STEPS);
        Self { low, width, live, attacks, roc, det }
    }
}

/// Every point that is `step` or more from the one before it in either direction, and the last: no step is seen to be
/// missing, and thousands of scores make no thousands of lines.
fn thinned(points: impl Iterator<Item = PlotPoint>, step: f64) -> Vec<PlotPoint> {
    let mut kept: Vec<PlotPoint> = vec![];
    let mut last = None;
    for point in points {
        last = Some(point);
        if kept.last().is_none_or(|k| (k.x - point.x).abs() >= step || (k.y - point.y).abs() >= step) {
            kept.push(point);
            last = None;
        }
    }
    kept.extend(last);
    kept
}

fn roc_of(p: &OperatingPoint) -> PlotPoint {
    PlotPoint { x: 100.0 * p.far, y: 100.0 * (1.0 - p.frr) }
}

fn det_of(p: &OperatingPoint) -> PlotPoint {
    PlotPoint { x: deviate(p.far), y: deviate(p.frr) }
}

/// The place of a rate on a normal deviate axis.
fn deviate(rate: f64) -> f64 {
    probit(rate.clamp(EDGE, 1.0 - EDGE))
}

/// Rates that get a mark on normal deviate axes.
const MARKS: [f64; 9] = [0.001, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95];

/// Shows the part.
pub fn show(
    ui: &mut Ui,
    state: &AppState,
    cache: &PlotCache,
    (judged, rates): (&Judged, Option<&Rates>),
    threshold: f64,
    queue: &CommandQueue,
) {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        for plot in ScorePlot::ALL {
            if ui.selectable_label(state.faces.plot == plot, plot.title()).clicked() {
                send(queue, FacesCommand::Plot(plot));
            }
        }
    });
    let now = rates.and_then(|here| here.apcer_pooled().rate().zip(here.bpcer.rate()));
    let base = |name: &str| {
        Plot::new(("scores", name)).grid_color(tokens.outline).allow_scroll(false).allow_drag(false).allow_zoom(false)
    };
    match state.faces.plot {
        ScorePlot::Histogram => {
            let bars = |counts: &[u32]| {
                let middle = |i: usize| cache.low + (i as f64 + 0.5) * cache.width;
                let bar = |(i, &n): (usize, &u32)| Bar::new(middle(i), f64::from(n)).width(cache.width);
                counts.iter().enumerate().map(bar).collect::<Vec<_>>()
            };
            let (places, names, wide) = marks_of(judged.range);
            let named = places.clone();
            let name = move |at: f64| named.iter().position(|v| *v == at).map(|i| names[i].clone());
            let response = base("histogram")
                .x_grid_spacer(move |_| places.iter().map(|&value| GridMark { value, step_size: wide }).collect())
                .x_axis_formatter(move |mark, _| name(mark.value).unwrap_or_default())
                .x_axis_label("score, high = attack")
                .label_formatter(|_| None)
                .show(ui, |plot| {
                    for (name, counts, color) in
                        [("live", &cache.live, tokens.good), ("attacks", &cache.attacks, tokens.warn)]
                    {
                        let chart = BarChart::new(name, bars(counts)).color(color.gamma_multiply(0.6));
                        plot.bar_chart(chart.allow_hover(false));
                    }
                    plot.vline(VLine::new("threshold", threshold).color(tokens.strong).width(1.5).allow_hover(false));
                });
            name_plot(&response.response, "Histogram of scores");
            ui.horizontal(|ui| {
                for (name, color) in
                    [("■ live", tokens.good), ("■ attacks", tokens.warn), ("│ threshold", tokens.strong)]
                {
                    ui.label(RichText::new(name).small().color(color));
                }
            });
            if let Some(at) = pressed(&response.response, &response.transform) {
                let bin = ((at.x - cache.low) / cache.width).floor().clamp(0.0, BINS as f64 - 1.0);
                let from = cache.low + bin * cache.width;
                let filter = FaceFilter { scores: Some((from, from + cache.width)), ..state.faces.filter.clone() };
                send(queue, FacesCommand::Filter(filter));
            }
        }
        ScorePlot::Roc => {
            let mark = now.map(|(far, frr)| [100.0 * far, 100.0 * (1.0 - frr)]);
            let plot = base("roc").x_axis_label("attacks accepted (APCER, pooled) %").y_axis_label("live accepted %");
            let plot = plot.include_x(0.0).include_x(100.0).include_y(0.0).include_y(100.0);
            curve(ui, plot, &cache.roc, mark, (state, judged), roc_of, queue, tokens);
        }
        ScorePlot::Det => {
            let mark = now.map(|(far, frr)| [deviate(far), deviate(frr)]);
            let grid = |_| MARKS.iter().map(|&p| GridMark { value: deviate(p), step_size: 1.0 }).collect();
            let percent = |v: f64| {
                let near = MARKS.iter().find(|&&p| (deviate(p) - v).abs() < 1e-6);
                near.map_or_else(String::new, |p| format!("{}", 100.0 * p))
            };
            let plot = base("det")
                .x_axis_label("attacks accepted (APCER, pooled) %")
                .y_axis_label("live rejected (BPCER) %")
                .x_grid_spacer(grid)
                .y_grid_spacer(grid)
                .x_axis_formatter(move |mark, _| percent(mark.value))
                .y_axis_formatter(move |mark, _| percent(mark.value));
            curve(ui, plot, &cache.det, mark, (state, judged), det_of, queue, tokens);
        }
    }
    ui.label(
        RichText::new("Press a bar for the faces there, a curve to move the threshold").small().color(tokens.weak),
    );
}

/// Places and names of a handful of marks on the axis of scores, and how far apart the outer ones are: as wide as egui wants
/// marks to be before it writes at them.
fn marks_of((low, high): (f64, f64)) -> (Vec<f64>, Vec<String>, f64) {
    let (places, names): (Vec<f64>, Vec<String>) = Axis::around("", [low, high]).marks(5.0).into_iter().unzip();
    let wide = places.last().zip(places.first()).map_or(1.0, |(last, first)| last - first);
    (places, names, wide)
}

/// Where the plot was pressed.
fn pressed(response: &eframe::egui::Response, transform: &PlotTransform) -> Option<PlotPoint> {
    let at = response.interact_pointer_pos().filter(|_| response.clicked())?;
    Some(transform.value_from_position(at))
}

#[expect(clippy::too_many_arguments, reason = "a curve, what marks it, and where a press on it goes")]
fn curve(
    ui: &mut Ui,
    plot: Plot<'_>,
    points: &[PlotPoint],
    mark: Option<[f64; 2]>,
    (state, judged): (&AppState, &Judged),
    of: fn(&OperatingPoint) -> PlotPoint,
    queue: &CommandQueue,
    tokens: &theme::Tokens,
) {
    let plot = plot.label_formatter(|at| match at {
        HoverPosition::NearDataPoint { .. } | HoverPosition::Elsewhere { .. } => None,
    });
    let response = plot.show(ui, |plot| {
        plot.line(
            Line::new("test part", PlotPoints::Borrowed(points)).color(tokens.accent).width(1.8).allow_hover(false),
        );
        if let Some(mark) = mark {
            let points = Points::new("threshold", PlotPoints::from_iter([mark])).color(tokens.strong).radius(5.0);
            plot.points(points.allow_hover(false));
        }
    });
    name_plot(&response.response, format!("{} of the test part", state.faces.plot.title()));
    if let Some(at) = pressed(&response.response, &response.transform) {
        let distance = |p: &&OperatingPoint| {
            let q = of(p);
            (q.x - at.x).powi(2) + (q.y - at.y).powi(2)
        };
        let finite = judged.points.iter().filter(|p| p.threshold.is_finite());
        let nearest = finite.min_by(|a, b| distance(a).total_cmp(&distance(b)));
        send(queue, FacesCommand::Threshold(nearest.map(|p| -p.threshold)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_that_are_all_the_same_have_an_axis_too() {
        for range in [[0.5, 0.5], [0.0, 0.0], [-3.0, 1e6]] {
            let (places, names, wide) = marks_of((range[0], range[1]));
            assert!((1..=12).contains(&places.len()) && wide > 0.0 && wide.is_finite(), "{range:?}: {places:?}");
            assert!(names.iter().all(|n| !n.is_empty()));
        }
        assert_eq!(marks_of((0.0, 0.75)).1, ["0", "0.2", "0.4", "0.6", "0.8"]);
    }

    #[test]
    fn thinned_curves_keep_their_ends_and_every_step_that_is_seen() {
        let stairs = (0..=50_000_u32).map(|i| {
            let i = f64::from(i);
            PlotPoint { x: (i / 7.0).floor() * 7.0 / 500.0, y: i / 500.0 }
        });
        let all: Vec<PlotPoint> = stairs.collect();
        let kept = thinned(all.iter().copied(), 0.05);
        assert!(kept.len() <= 4001, "{}", kept.len());
        assert_eq!((kept.first(), kept.last()), (all.first(), all.last()));
        let near = |p: &PlotPoint| kept.iter().any(|k| (k.x - p.x).abs() < 0.05 && (k.y - p.y).abs() < 0.05);
        assert!(all.iter().step_by(97).all(near));
        assert!(thinned(std::iter::empty(), 0.05).is_empty());
    }
}
