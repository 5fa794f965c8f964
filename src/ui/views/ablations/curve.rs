//! A rate against the one setting that varies (MT-FAS Fig. 7): mean and 95 % interval over seeds at evenly spaced values, as
//! the paper draws it, and what the paper's text gives of its own curve.

use eframe::egui::{ComboBox, RichText, Ui, vec2};
use egui_plot::{HoverPosition, Legend, Line, MarkerShape, Plot, PlotPoints, Points};

use super::send;
use crate::papers::FigureValue;
use crate::ui::ablations::{AblationCommand, Curve, CurvePoint, SweepLook};
use crate::ui::command::CommandQueue;
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::{empty, name_plot};

/// Rates that can be drawn.
const RATES: [(&str, &str); 4] =
    [("acer_max", "ACER (worst)"), ("acer_pooled", "ACER (pooled)"), ("hter", "HTER"), ("auc", "AUC")];

/// The menu of rates; gives the title of the one that is drawn.
pub fn choose_rate(ui: &mut Ui, state: &AppState, queue: &CommandQueue) -> &'static str {
    let metric = state.ablations.metric;
    let title = RATES.iter().find(|r| r.0 == metric).map_or(metric, |r| r.1);
    ui.name_inputs("Rate that is drawn", |ui| {
        ComboBox::from_id_salt("rate that is drawn").selected_text(title).width(140.0).show_ui(ui, |ui| {
            for (key, title) in RATES {
                if ui.selectable_label(key == metric, title).clicked() {
                    send(queue, AblationCommand::Metric(key));
                }
            }
        });
    });
    title
}

/// Shows the page.
pub fn show(ui: &mut Ui, state: &AppState, look: &SweepLook, queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    let metric = state.ablations.metric;
    let title = ui
        .horizontal_wrapped(|ui| {
            let title = choose_rate(ui, state, queue);
            if !look.figure.is_empty() {
                let text = "The paper's text gives the points that are marked as reported (real faces); the rest of its curve is \
                            not in the text";
                ui.label(RichText::new(text).small().color(tokens.weak));
            }
            title
        })
        .inner;
    let known = |curve: &&Curve| curve.lines.iter().flat_map(|l| &l.1).any(|p| of(p, metric).is_some());
    let Some(curve) = look.curve.as_ref().filter(known) else {
        return empty(ui, "The curve appears here as runs are finished");
    };
    let first = curve.lines.first().map_or(&[][..], |(_, points)| points);
    let values: Vec<String> = first.iter().map(|p| p.x.to_string()).collect();
    let reported: Vec<[f64; 2]> = look
        .figure
        .iter()
        .filter(|v| metric.starts_with(v.metric.as_str()))
        .filter_map(|v| Some([place(v, &values)? as f64, v.value.parse().ok()?]))
        .collect();
    let (names, hover) = (values.clone(), values);
    let at = move |x: f64, names: &[String]| {
        let whole = (x - x.round()).abs() < 1e-6 && x >= 0.0;
        if whole { names.get(x.round() as usize).cloned().unwrap_or_default() } else { String::new() }
    };
    let drawn = Plot::new(("curve of a sweep", metric, look.name.as_str()))
        .legend(Legend::default())
        .x_axis_label(curve.key.as_str())
        .y_axis_label(format!("{title} %"))
        .x_axis_formatter(move |mark, _| at(mark.value, &names))
        .x_grid_spacer(move |_| {
            (0..hover.len()).map(|i| egui_plot::GridMark { value: i as f64, step_size: 1.0 }).collect()
        })
        .include_x(-0.3)
        .include_x(first.len() as f64 - 0.7)
        .grid_color(tokens.outline)
        .allow_scroll(false)
        .set_margin_fraction(vec2(0.06, 0.1))
        .label_formatter(|at| match at {
            HoverPosition::NearDataPoint { plot_name, position, .. } => {
                Some(format!("{plot_name}\n{:.2} %", position.y))
            }
            HoverPosition::Elsewhere { .. } => None,
        })
        .show(ui, |plot| {
            for (number, (protocol, points)) in curve.lines.iter().enumerate() {
                // Series 1 is the paper's.
                let colour = tokens.series[(number + usize::from(number > 0)) % tokens.series.len()];
                let runs: usize = points.iter().filter_map(|p| of(p, metric)).map(|s| s.n).sum();
                let whose = if protocol.is_empty() { "this program" } else { protocol };
                let ours = format!("{whose}, {runs} runs on rendered faces");
                // Lines stand beside each other, so that no interval hides another.
                let x = |i: usize| i as f64 + 0.06 * (number as f64 - (curve.lines.len() - 1) as f64 / 2.0);
                let spreads = points.iter().enumerate().filter_map(|(i, p)| Some((x(i), of(p, metric)?)));
                let means: Vec<[f64; 2]> = spreads.clone().map(|(x, s)| [x, 100.0 * s.mean]).collect();
                for (x, [low, high]) in spreads.filter_map(|(x, s)| Some((x, s.interval?))) {
                    let bar = Line::new(&*ours, PlotPoints::from_iter([[x, 100.0 * low], [x, 100.0 * high]]));
                    plot.line(bar.color(colour).width(1.2).allow_hover(false));
                }
                plot.line(Line::new(&*ours, PlotPoints::from_iter(means.clone())).color(colour).width(1.8));
                plot.points(Points::new(&*ours, PlotPoints::from_iter(means)).color(colour).radius(3.5));
            }
            if !reported.is_empty() {
                let points = Points::new("reported in the paper's text", PlotPoints::from_iter(reported));
                plot.points(points.color(tokens.series[1]).shape(MarkerShape::Diamond).radius(6.0));
            }
        });
    name_plot(&drawn.response, format!("{title} over {}", curve.key));
}

/// The rate `metric` of a point.
fn of(point: &CurvePoint, metric: &str) -> Option<crate::eval::Spread> {
    point.spreads.iter().find(|(key, _)| *key == metric).and_then(|(_, spread)| *spread)
}

/// Which of `values` a value of the paper's text belongs to: its sentence names the setting as `gamma = 0.9`.
fn place(value: &FigureValue, values: &[String]) -> Option<usize> {
    let (_, rest) = value.what.split_once("= ")?;
    let number: f64 = rest.split([',', ' ']).next()?.parse().ok()?;
    values.iter().position(|v| v.parse() == Ok(number))
}
