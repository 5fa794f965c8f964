//! Rates over the one number in which runs differ: the momentum gamma (MT-FAS Fig. 7), the extractor's steps K (Meta Pattern
//! Fig. 9) or any other. The mean over seeds with its 95 % interval, a line a protocol, and the values that the paper gives in
//! digits.

use serde_json::{Map, Value, json};

use super::Drawn;
use crate::eval::Spread;
use crate::papers;
use crate::report::figure::{Axis, COLOURS, Dash, Figure, Panel, Plot, Series, Shape, Style, Ticks};
use crate::report::runs::{Run, Seeds, differences, distinct, listed, names, rule_of, score_notes, seeds_apart};
use crate::report::{FigureRequest, ReportError};

/// The momentum.
pub(super) const GAMMA: &str = "bilevel.gamma";
/// What gives a line of its own.
const PROTOCOL: &str = "data.protocol";

/// What is drawn: key of results.json, its name, and as the papers' figure values call it.
const METRICS: [(&str, &str, &str); 3] =
    [("acer_max", "ACER (%)", "acer"), ("hter", "HTER (%)", "hter"), ("auc", "AUC (%)", "auc")];

/// A printed value of MT-FAS's Fig. 7: gamma, per cent, and which protocol it is of.
fn printed(metric: &str) -> Vec<(f64, f64, String)> {
    let mt_fas = papers::papers().iter().filter(|p| p.key == "mt_fas");
    let values = mt_fas.flat_map(|p| &p.figure_values).filter(|v| v.figure == "7" && v.metric == metric);
    values
        .filter_map(|v| {
            let (_, rest) = v.what.split_once("gamma = ")?;
            let (gamma, of) = rest.split_once(", ")?;
            Some((gamma.parse().ok()?, v.value.parse().ok()?, of.to_owned()))
        })
        .collect()
}

/// The setting that is a number and differs over `runs`: `asked`, or the only one besides protocol, fold and seed. Of runs
/// that differ in none it is the momentum.
fn key_of(runs: &[Run], asked: Option<&str>) -> Result<String, ReportError> {
    let mut free = differences(runs);
    free.retain(|(key, _)| key != "seed" && (asked.is_some() || ![PROTOCOL, "data.fold"].contains(&key.as_str())));
    if let Some(key) = asked {
        let other = free.iter().find(|(other, _)| other != key);
        return match other {
            Some((other, _)) => Err(ReportError::wrong(format!(
                "these runs differ in {other} too; a curve over gamma needs runs that differ in {key} and seed alone"
            ))),
            None => Ok(key.to_owned()),
        };
    }
    match free.as_slice() {
        [] => Ok(GAMMA.to_owned()),
        [(key, values)] if values.iter().all(|v| v.parse::<f64>().is_ok()) => Ok(key.clone()),
        [(key, _)] => {
            Err(ReportError::wrong(format!("these runs differ in {key}, which is no number; bars show them")))
        }
        [(first, _), (second, _), ..] => Err(ReportError::wrong(format!(
            "these runs differ in {first} and in {second}; a curve needs runs that differ in one number besides protocol and seed"
        ))),
    }
}

/// How the axis names a setting.
fn axis_of(key: &str) -> String {
    match key {
        GAMMA => "γ".to_owned(),
        "bilevel.k" | "meta_pattern.k" => "K".to_owned(),
        other => other.to_owned(),
    }
}

/// Draws the curve over `asked`, or over the one number that differs.
pub(super) fn build(request: &FigureRequest, runs: &[Run], asked: Option<&str>) -> Result<Drawn, ReportError> {
    let key = key_of(runs, asked)?;
    let Seeds { groups, notes: of_seeds } = seeds_apart(runs);
    let mut counted: Vec<usize> = groups.into_iter().flatten().collect();
    counted.sort_unstable();
    let runs: &[Run] = &counted.into_iter().map(|at| runs[at].clone()).collect::<Vec<_>>();
    let results: Vec<Value> = runs.iter().map(Run::results).collect::<Result<_, _>>()?;
    let value_of = |run: &Run| run.settings.table.get(&key).and_then(Value::as_f64);
    if let Some(at) = runs.iter().position(|r| value_of(r).is_none()) {
        let what = format!("{key} changed while {} was trained, so it belongs to no value of it", names(runs)[at]);
        return Err(ReportError::wrong(what));
    }
    let mut values: Vec<f64> = runs.iter().filter_map(value_of).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let protocol_of = |run: &Run| run.config.protocol().unwrap_or_default().to_owned();
    let all: Vec<String> = runs.iter().map(protocol_of).collect();
    let protocols = distinct(all.iter().map(String::as_str));
    let of = |protocol: &str, value: f64, key: &str| -> Vec<f64> {
        let mut here = runs.iter().zip(&all).zip(&results);
        let here = here.by_ref().filter(|((r, of), _)| *of == protocol && value_of(r) == Some(value));
        here.filter_map(|(_, r)| Some(100.0 * r[key].as_f64()?)).collect()
    };
    let synthetic = runs.iter().any(Run::is_synthetic);
    let own = |protocol: &str| {
        let what = if protocols.len() > 1 { protocol } else { "here" };
        format!("{what}{}: mean, 95 % interval", if synthetic { ", synthetic data" } else { "" })
    };
    let printed = |metric: &str| if key == GAMMA { printed(metric) } else { vec![] };
    let mut places = values.clone();
    places.extend(METRICS.iter().flat_map(|m| printed(m.2)).map(|p| p.0));
    places.sort_by(f64::total_cmp);
    places.dedup();
    let place = |value: f64| places.iter().position(|p| *p == value).unwrap_or(0) as f64;
    let mut plots = vec![];
    let (mut points, mut from_paper) = (vec![], vec![]);
    for (metric_key, title, metric) in METRICS {
        let mut series = vec![];
        for (at, protocol) in protocols.iter().enumerate() {
            let spread = |&v: &f64| Some((v, Spread::of(&of(protocol, v, metric_key))?));
            let spreads: Vec<(f64, Spread)> = values.iter().filter_map(spread).collect();
            for (value, s) in &spreads {
                points.push(json!({
                    "metric": metric_key, "protocol": protocol, axis_name(&key): value, "n": s.n, "mean": s.mean,
                    "std_sample": s.std_sample, "ci95": s.interval,
                }));
            }
            let within = |v: f64| v.clamp(0.0, 100.0);
            // Lines of several protocols stand beside each other, so that no interval hides another.
            let beside = 0.12 * (at as f64 - (protocols.len() - 1) as f64 / 2.0);
            let x = |v: f64| place(v) + beside;
            let bars = spreads.iter().filter_map(|(v, s)| s.interval.map(|[l, h]| (x(*v), within(l), within(h))));
            series.push(Series {
                style: Style::Both(Shape::Disc),
                bars: bars.collect(),
                ..Series::line(
                    own(protocol),
                    COLOURS[(at + usize::from(at > 0 && key == GAMMA)) % COLOURS.len()],
                    spreads.iter().map(|(v, s)| (x(*v), s.mean)).collect(),
                )
            });
        }
        let known = printed(metric);
        if let Some((.., of)) = known.first() {
            let marks = known.iter().map(|&(g, v, _)| (place(g), v)).collect();
            let style = Style::Points(Shape::Diamond);
            series.push(Series {
                style,
                dash: Dash::Solid,
                ..Series::line(format!("MT-FAS as printed, {of}"), COLOURS[1], marks)
            });
        }
        from_paper.extend(known.iter().map(|(g, v, of)| json!({ "metric": metric, "gamma": g, "value": v, "of": of })));
        let all =
            series.iter().flat_map(|s| s.points.iter().map(|p| p.1).chain(s.bars.iter().flat_map(|b| [b.1, b.2])));
        let y = Axis::around("", all.collect::<Vec<_>>());
        let names = places.iter().map(|v| (place(*v), v.to_string())).collect();
        let (low, high) = (-0.4, places.len() as f64 - 0.6);
        let x = Axis { title: axis_of(&key), low, high, ticks: Ticks::Named(names) };
        plots.push(Plot { title: title.to_owned(), x, y, aspect: 0.8, series, begins: vec![] });
    }
    let count = |v: f64| protocols.iter().map(|p| of(p, v, "auc").len()).sum::<usize>().to_string();
    let counts: Vec<String> = values.iter().map(|&v| count(v)).collect();
    let limits: Map<_, _> = plots.iter().map(|p| (p.title.clone(), json!([p.y.low, p.y.high]))).collect();
    let mut notes = vec![format!(
        "ACER is that of the worst species. Runs a point: {}. Threshold: {}. Intervals of the mean over seeds by Student's t.",
        counts.join(", "),
        listed(results.iter().map(rule_of))
    )];
    notes.extend(of_seeds);
    notes.extend(score_notes(runs, &results.iter().collect::<Vec<_>>()));
    let figure = Figure {
        width: request.width.points(),
        title: format!("Errors over {}", axis_name(&key)),
        panels: vec![Panel::Plots(plots)],
        notes,
    };
    let mut facts = Map::new();
    facts.insert("iteration".to_owned(), json!(results.iter().map(|r| &r["checkpoint"]).collect::<Vec<_>>()));
    facts.insert("colormap".to_owned(), json!(null));
    facts.insert("limits".to_owned(), json!(limits));
    facts.insert("over".to_owned(), json!(key));
    facts.insert("points".to_owned(), json!(points));
    facts.insert("as_printed".to_owned(), json!(from_paper));
    facts.insert("n".to_owned(), json!(runs.len()));
    facts.insert("threshold".to_owned(), json!(results.iter().map(rule_of).collect::<Vec<_>>()));
    Ok(Drawn { figure, facts, warnings: vec![] })
}

/// The last part of a setting's name.
fn axis_name(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_values_are_those_of_the_papers_data() {
        let acer = printed("acer");
        assert_eq!(acer.iter().map(|p| (p.0, p.1)).collect::<Vec<_>>(), [(0.999, 0.6), (0.9, 5.3)]);
        assert!(acer.iter().all(|p| p.2 == "OULU-NPU protocol 1") && printed("auc").is_empty());
    }
}
