//! Errors over the momentum gamma (MT-FAS Fig. 7): the mean over seeds with its 95 % interval, and the values that the
//! paper gives in digits.

use serde_json::{Map, Value, json};

use super::Drawn;
use crate::eval::Spread;
use crate::papers;
use crate::report::figure::{Axis, COLOURS, Dash, Figure, Panel, Plot, Series, Shape, Style, Ticks};
use crate::report::runs::{Run, Seeds, differences, listed, names, rule_of, score_notes, seeds_apart};
use crate::report::{FigureRequest, ReportError};

const KEY: &str = "bilevel.gamma";

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

pub(super) fn build(request: &FigureRequest, runs: &[Run]) -> Result<Drawn, ReportError> {
    let other = differences(runs).into_iter().map(|d| d.0).find(|key| key != KEY && key != "seed");
    if let Some(other) = other {
        let what = format!(
            "these runs differ in {other} too; a curve over gamma needs runs that differ in {KEY} and seed alone"
        );
        return Err(ReportError::wrong(what));
    }
    let Seeds { groups, notes: of_seeds } = seeds_apart(runs);
    let mut counted: Vec<usize> = groups.into_iter().flatten().collect();
    counted.sort_unstable();
    let runs: &[Run] = &counted.into_iter().map(|at| runs[at].clone()).collect::<Vec<_>>();
    let results: Vec<Value> = runs.iter().map(Run::results).collect::<Result<_, _>>()?;
    let gamma_of = |run: &Run| run.settings.table.get(KEY).and_then(Value::as_f64);
    if let Some(at) = runs.iter().position(|r| gamma_of(r).is_none()) {
        let what = format!("{KEY} changed while {} was trained, so it belongs to no value of it", names(runs)[at]);
        return Err(ReportError::wrong(what));
    }
    let mut gammas: Vec<f64> = runs.iter().filter_map(gamma_of).collect();
    gammas.sort_by(f64::total_cmp);
    gammas.dedup();
    let of = |gamma: f64, key: &str| -> Vec<f64> {
        let here = runs.iter().zip(&results).filter(|(r, _)| gamma_of(r) == Some(gamma));
        here.filter_map(|(_, r)| Some(100.0 * r[key].as_f64()?)).collect()
    };
    let synthetic = runs.iter().any(Run::is_synthetic);
    let own = if synthetic { "here, synthetic data: mean, 95 % interval" } else { "here: mean, 95 % interval" };
    let mut places = gammas.clone();
    places.extend(METRICS.iter().flat_map(|m| printed(m.2)).map(|p| p.0));
    places.sort_by(f64::total_cmp);
    places.dedup();
    let place = |gamma: f64| places.iter().position(|g| *g == gamma).unwrap_or(0) as f64;
    let mut plots = vec![];
    let (mut points, mut from_paper) = (vec![], vec![]);
    for (key, title, metric) in METRICS {
        let spreads: Vec<(f64, Spread)> = gammas.iter().filter_map(|&g| Some((g, Spread::of(&of(g, key))?))).collect();
        for (gamma, s) in &spreads {
            points.push(json!({
                "metric": key, "gamma": gamma, "n": s.n, "mean": s.mean, "std_sample": s.std_sample, "ci95": s.interval,
            }));
        }
        let within = |v: f64| v.clamp(0.0, 100.0);
        let bars = spreads.iter().filter_map(|(g, s)| s.interval.map(|[l, h]| (place(*g), within(l), within(h))));
        let mut series = vec![Series {
            style: Style::Both(Shape::Disc),
            bars: bars.collect(),
            ..Series::line(own, COLOURS[0], spreads.iter().map(|(g, s)| (place(*g), s.mean)).collect())
        }];
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
        let names = places.iter().map(|g| (place(*g), g.to_string())).collect();
        let (low, high) = (-0.4, places.len() as f64 - 0.6);
        let x = Axis { title: "γ".to_owned(), low, high, ticks: Ticks::Named(names) };
        plots.push(Plot { title: title.to_owned(), x, y, aspect: 0.8, series, begins: vec![] });
    }
    let counts: Vec<String> = gammas.iter().map(|&g| of(g, "auc").len().to_string()).collect();
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
        title: "Errors over gamma".to_owned(),
        panels: vec![Panel::Plots(plots)],
        notes,
    };
    let mut facts = Map::new();
    facts.insert("iteration".to_owned(), json!(results.iter().map(|r| &r["checkpoint"]).collect::<Vec<_>>()));
    facts.insert("colormap".to_owned(), json!(null));
    facts.insert("limits".to_owned(), json!(limits));
    facts.insert("points".to_owned(), json!(points));
    facts.insert("as_printed".to_owned(), json!(from_paper));
    facts.insert("n".to_owned(), json!(runs.len()));
    facts.insert("threshold".to_owned(), json!(results.iter().map(rule_of).collect::<Vec<_>>()));
    Ok(Drawn { figure, facts, warnings: vec![] })
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
