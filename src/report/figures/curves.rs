//! Losses over counted iterations. Runs that differ in the seed alone are one curve, their mean, within a band from the
//! least to the largest; long runs are drawn as means of neighbouring iterations.

use std::collections::BTreeMap;

use serde_json::{Map, json};

use super::Drawn;
use crate::report::figure::{Axis, COLOURS, Dash, Figure, Panel, Plot, Series};
use crate::report::runs::{Run, Seeds, distinct, seeds_apart, titles};
use crate::report::{FigureRequest, ReportError};
use crate::session::Row;

/// Points that a curve has at most.
const POINTS: usize = 400;

/// Whether a value of metrics.jsonl is a loss.
fn is_loss(name: &str) -> bool {
    name == "loss" || name.ends_with("_loss") || name.starts_with("l_")
}

/// A loss as figures name it: `L_v`, `teacher loss`.
fn title(name: &str) -> String {
    match name {
        "l_v_binary" => return "L_v, binary map".to_owned(),
        "l_v_held_out" => return "L_v of held-out faces, binary map".to_owned(),
        _ => {}
    }
    match name.strip_prefix("l_") {
        Some(rest) => format!("L_{rest}"),
        None if name == "loss" => "loss (detector stage)".to_owned(),
        None => name.replace('_', " "),
    }
}

/// One curve before it has a colour: iteration, mean, least and largest.
type Curve = Vec<(f64, f64, f64, f64)>;

/// The values of `name` over the runs of a group, `step` iterations a point.
fn curve(rows: &[&[Row]], name: &str, step: u64) -> Curve {
    // A run's own mean over the iterations of a point first, so that bands are about runs.
    let mut points: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for run in rows {
        let mut own: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
        let known = run.iter().filter_map(|r| Some((r.iteration / step, r.get(name).filter(|v| v.is_finite())?)));
        for (point, value) in known {
            let (sum, count) = own.entry(point).or_default();
            *sum += value;
            *count += 1.0;
        }
        for (point, (sum, count)) in own {
            points.entry(point).or_default().push(sum / count);
        }
    }
    let middle = |point: u64| (point * step) as f64 + (step - 1) as f64 / 2.0;
    let summed = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let [low, high] = [f64::min, f64::max].map(|pick| values.iter().copied().fold(mean, pick));
        (mean, low, high)
    };
    points
        .into_iter()
        .map(|(point, values)| {
            let (mean, low, high) = summed(&values);
            (middle(point), mean, low, high)
        })
        .collect()
}

fn series(name: String, colour: &'static str, dash: Dash, curve: &Curve, several: bool) -> Series {
    let band = if several { curve.iter().map(|&(x, _, low, high)| (x, low, high)).collect() } else { vec![] };
    let line = Series::line(name, colour, curve.iter().map(|&(x, mean, ..)| (x, mean)).collect());
    Series { dash, band, ..line }
}

pub(super) fn build(request: &FigureRequest, runs: &[Run]) -> Result<Drawn, ReportError> {
    let rows: Vec<Vec<Row>> = runs.iter().map(|r| r.session.rows()).collect::<Result<_, _>>()?;
    if let Some(at) = rows.iter().position(Vec::is_empty) {
        return Err(ReportError::lacks(&runs[at].path, "the session holds no iterations yet"));
    }
    let all = || rows.iter().flatten();
    let losses: Vec<&str> =
        distinct(all().flat_map(|r| r.values.iter().map(|v| v.0.as_str())).filter(|name| is_loss(name)));
    if losses.is_empty() {
        return Err(ReportError::lacks(&runs[0].path, "the session's metrics have no losses"));
    }
    let Seeds { groups, notes: of_seeds } = seeds_apart(runs);
    let last = all().map(|r| r.iteration).max().unwrap_or(0);
    let step = (last + 1).div_ceil(POINTS as u64);
    let of_group = |group: &Vec<usize>, loss: &str| {
        curve(&group.iter().map(|&at| rows[at].as_slice()).collect::<Vec<_>>(), loss, step)
    };
    let one: Vec<Run> = groups.iter().map(|g| runs[g[0]].clone()).collect();
    let names = titles(&one);
    let x = |wide: bool| Axis::linear(if wide { "iteration" } else { "" }, 0.0, (last + 1) as f64);
    let ends = |all: &[Series]| {
        let band = all.iter().flat_map(|s| &s.band).flat_map(|b| [b.1, b.2]);
        band.chain(all.iter().flat_map(|s| &s.points).map(|p| p.1)).collect::<Vec<f64>>()
    };
    let mut plots = vec![];
    if let [group] = groups.as_slice() {
        let named = losses.iter().enumerate().map(|(at, loss)| {
            let dash = if at < COLOURS.len() { Dash::Solid } else { Dash::Dashed };
            series(title(loss), COLOURS[at % COLOURS.len()], dash, &of_group(group, loss), group.len() > 1)
        });
        let series: Vec<Series> = named.collect();
        let y = Axis::losses("loss", ends(&series));
        plots.push(Plot { title: String::new(), x: x(true), y, aspect: 0.55, series, begins: begins(&rows[0]) });
    } else {
        for loss in &losses {
            let named = groups.iter().zip(&names).enumerate().map(|(at, (group, name))| {
                let dash = if at < COLOURS.len() { Dash::Solid } else { Dash::Dashed };
                series(name.clone(), COLOURS[at % COLOURS.len()], dash, &of_group(group, loss), group.len() > 1)
            });
            let series: Vec<Series> = named.collect();
            // A loss that one stage has is shown over that stage.
            let places: Vec<f64> = series.iter().flat_map(|s| &s.points).map(|p| p.0).collect();
            let x = Axis { title: "iteration".to_owned(), ..Axis::around("", places) };
            let y = Axis::losses("", ends(&series));
            plots.push(Plot { title: title(loss), x, y, aspect: 0.6, series, begins: vec![] });
        }
    }
    let limits: Map<_, _> = plots
        .iter()
        .map(|p| (p.title.clone(), json!({ "x": [p.x.low, p.x.high], "y": [p.y.low, p.y.high] })))
        .collect();
    let mut notes = of_seeds;
    if groups.iter().any(|g| g.len() > 1) {
        let counts: Vec<String> = groups.iter().map(|g| g.len().to_string()).collect();
        notes.push(format!(
            "Lines are means over seeds (n = {}), bands go from the least to the largest.",
            counts.join(", ")
        ));
    }
    notes.extend(left_out(&all(), &losses));
    if step > 1 {
        notes.push(format!("Every point is the mean of {step} iterations."));
    }
    let figure = Figure {
        width: request.width.points(),
        title: "Losses over iterations".to_owned(),
        panels: vec![Panel::Plots(plots)],
        notes,
    };
    let mut facts = Map::new();
    facts.insert(
        "iteration".to_owned(),
        json!(rows.iter().map(|r| r.last().map(|r| r.iteration + 1)).collect::<Vec<_>>()),
    );
    facts.insert("colormap".to_owned(), json!(null));
    facts.insert("limits".to_owned(), json!(limits));
    facts.insert("n".to_owned(), json!(groups.iter().map(Vec::len).collect::<Vec<_>>()));
    facts.insert("iterations_per_point".to_owned(), json!(step));
    facts.insert("losses".to_owned(), json!(losses));
    facts.insert("threshold".to_owned(), json!(null));
    Ok(Drawn { figure, facts, warnings: vec![] })
}

/// What is said of values that are no finite numbers.
fn left_out<'a>(rows: &(impl Iterator<Item = &'a Row> + Clone), losses: &[&str]) -> Option<String> {
    let lacking = losses.iter().filter_map(|loss| {
        let values = rows.clone().filter_map(|r| r.get(loss));
        let (all, finite) = values.fold((0, 0), |(all, finite), v| (all + 1, finite + usize::from(v.is_finite())));
        (finite < all).then(|| format!("{} ({} of {all})", title(loss), all - finite))
    });
    let lacking: Vec<String> = lacking.collect();
    (!lacking.is_empty()).then(|| format!("Values that are not finite numbers are left out: {}.", lacking.join(", ")))
}

/// Where each stage begins.
fn begins(rows: &[Row]) -> Vec<(f64, String)> {
    let starts = rows.chunk_by(|a, b| a.stage == b.stage).map(|stage| &stage[0]);
    starts.map(|r| (r.iteration as f64, r.stage.noun().to_owned())).collect()
}
