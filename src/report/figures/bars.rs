//! Rates of methods beside each other, a group of bars a protocol: `RFMetaFAS` Fig. 5, Meta Pattern Figs. 6 to 8, or any other
//! runs. A bar is the mean over seeds, with the 95 % interval of that mean.

use serde_json::{Map, Value, json};

use super::Drawn;
use crate::eval::Spread;
use crate::report::figure::{Axis, COLOURS, Figure, Panel, Plot, Series, Style, Ticks};
use crate::report::runs::{Run, Seeds, distinct, listed, rule_of, score_notes, seeds_apart, titles};
use crate::report::{FigureRequest, ReportError};

/// What is drawn: key of results.json and its name.
const METRICS: [(&str, &str); 2] = [("hter", "HTER (%)"), ("auc", "AUC (%)")];
/// What makes a group of bars, not a bar.
const OF_GROUPS: [&str; 4] = ["data.protocol", "data.fold", "seed", "compute.threads"];

/// A method: runs that differ in protocol, fold and seed alone.
struct Method {
    title: String,
    /// Places in the runs.
    members: Vec<usize>,
}

fn methods(runs: &[Run]) -> Vec<Method> {
    let bare = |run: &Run| {
        let mut table = run.settings.table.clone();
        table.retain(|key, _| !OF_GROUPS.contains(&key.as_str()));
        table
    };
    let mut groups: Vec<(_, Vec<usize>)> = vec![];
    for (at, run) in runs.iter().enumerate() {
        let own = bare(run);
        match groups.iter_mut().find(|(other, _)| *other == own) {
            Some((_, members)) => members.push(at),
            None => groups.push((own, vec![at])),
        }
    }
    // What tells methods apart is asked of one run each, under one protocol and seed where all have it.
    let like = |members: &[usize]| {
        let first = &runs[groups[0].1[0]];
        let same = |&at: &usize| {
            OF_GROUPS.iter().all(|key| runs[at].settings.table.get(*key) == first.settings.table.get(*key))
        };
        members.iter().copied().find(same).unwrap_or(members[0])
    };
    let told: Vec<Run> = groups.iter().map(|(_, members)| runs[like(members)].clone()).collect();
    let named = groups.iter().zip(titles(&told));
    named.map(|((_, members), title)| Method { title, members: members.clone() }).collect()
}

pub(super) fn build(request: &FigureRequest, runs: &[Run]) -> Result<Drawn, ReportError> {
    let Seeds { groups, notes: of_seeds } = seeds_apart(runs);
    let mut counted: Vec<usize> = groups.into_iter().flatten().collect();
    counted.sort_unstable();
    let runs: &[Run] = &counted.into_iter().map(|at| runs[at].clone()).collect::<Vec<_>>();
    let results: Vec<Value> = runs.iter().map(Run::results).collect::<Result<_, _>>()?;
    let methods = methods(runs);
    if methods.len() > usize::from(u8::MAX) {
        return Err(ReportError::wrong("these are too many methods for bars; choose fewer runs"));
    }
    let protocol_of = |run: &Run| run.config.protocol().map_or_else(|| run.provenance.data.clone(), str::to_owned);
    let all: Vec<String> = runs.iter().map(protocol_of).collect();
    let protocols = distinct(all.iter().map(String::as_str));
    let mut plots = vec![];
    let mut told = vec![];
    for (key, title) in METRICS {
        let mut series = vec![];
        for (at, method) in methods.iter().enumerate() {
            let mut means = vec![];
            let mut bars = vec![];
            for (place, protocol) in protocols.iter().enumerate() {
                let here = method.members.iter().filter(|&&m| all[m] == *protocol);
                let values: Vec<f64> = here.filter_map(|&m| Some(100.0 * results[m][key].as_f64()?)).collect();
                let Some(spread) = Spread::of(&values) else { continue };
                let x = place as f64 + Style::beside(at, methods.len());
                means.push((x, spread.mean));
                bars.extend(spread.interval.map(|[low, high]| (x, low.clamp(0.0, 100.0), high.clamp(0.0, 100.0))));
                told.push(json!({
                    "metric": key, "protocol": protocol, "method": method.title, "n": spread.n, "mean": spread.mean,
                    "std_sample": spread.std_sample, "ci95": spread.interval,
                }));
            }
            series.push(Series {
                style: Style::Bars(methods.len() as u8),
                bars,
                ..Series::line(method.title.clone(), COLOURS[at % COLOURS.len()], means)
            });
        }
        let values =
            series.iter().flat_map(|s| s.points.iter().map(|p| p.1).chain(s.bars.iter().map(|b| b.2))).chain([0.0]);
        let y = Axis::around("", values.collect::<Vec<_>>());
        let names = protocols.iter().enumerate().map(|(at, name)| (at as f64, (*name).to_owned())).collect();
        let x =
            Axis { title: String::new(), low: -0.5, high: protocols.len() as f64 - 0.5, ticks: Ticks::Named(names) };
        plots.push(Plot { title: title.to_owned(), x, y, aspect: 0.8, series, begins: vec![] });
    }
    let most = methods.iter().map(|m| m.members.len()).max().unwrap_or(0);
    let mut notes = vec![format!(
        "A bar is the mean over seeds, its line the 95 % interval of the mean by Student's t; {} runs in all, {most} of a method at most. \
         Threshold: {}.",
        runs.len(),
        listed(results.iter().map(rule_of))
    )];
    notes.extend(of_seeds);
    notes.extend(score_notes(runs, &results.iter().collect::<Vec<_>>()));
    let limits: Map<_, _> = plots.iter().map(|p| (p.title.clone(), json!([p.y.low, p.y.high]))).collect();
    let figure = Figure {
        width: request.width.points(),
        title: "Rates of methods".to_owned(),
        panels: vec![Panel::Plots(plots)],
        notes,
    };
    let mut facts = Map::new();
    facts.insert("iteration".to_owned(), json!(results.iter().map(|r| &r["checkpoint"]).collect::<Vec<_>>()));
    facts.insert("colormap".to_owned(), json!(null));
    facts.insert("limits".to_owned(), json!(limits));
    facts.insert("bars".to_owned(), json!(told));
    facts.insert("n".to_owned(), json!(runs.len()));
    facts.insert("threshold".to_owned(), json!(results.iter().map(rule_of).collect::<Vec<_>>()));
    Ok(Drawn { figure, facts, warnings: vec![] })
}
