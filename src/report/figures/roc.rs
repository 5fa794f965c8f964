//! ROC and DET curves on the test part: every threshold there is, the operating point of the run's own threshold, and the
//! line of equal errors.

use serde_json::{Map, json};

use super::Drawn;
use crate::report::figure::{Axis, COLOURS, Dash, Figure, Panel, Plot, Series, Shape, Style};
use crate::report::runs::{Run, listed, rule_of, score_notes, titles};
use crate::report::scores::Scored;
use crate::report::{FigureKind, FigureRequest, ReportError};

/// Rates at the ends of DET axes; what is rarer or more frequent lies on the frame.
const DET_LIMITS: [f64; 2] = [0.001, 0.95];

pub(super) fn build(request: &FigureRequest, runs: &[Run]) -> Result<Drawn, ReportError> {
    let det = request.kind == FigureKind::Det;
    let all: Vec<Scored> =
        runs.iter().map(|run| Scored::at(run, request.choice.threshold)).collect::<Result<_, _>>()?;
    let place = |far: f64, frr: f64| if det { (far, frr) } else { (100.0 * far, 100.0 * (1.0 - frr)) };
    let mut series = vec![];
    let equal = if det { DET_LIMITS.map(|v| (v, v)).to_vec() } else { vec![(0.0, 100.0), (100.0, 0.0)] };
    series.push(Series { dash: Dash::Dotted, ..Series::line("equal errors", "#777777", equal) });
    for (at, (scored, title)) in all.iter().zip(titles(runs)).enumerate() {
        let percent =
            |key: &str| scored.results[key].as_f64().map_or_else(|| "–".to_owned(), |v| format!("{:.1}", 100.0 * v));
        let name = if det {
            format!("{title}, EER {} %", percent("eer"))
        } else {
            format!("{title}, AUC {} %", percent("auc"))
        };
        let curve = scored.ranked.operating_points().iter().map(|p| place(p.far, p.frr)).collect();
        let dash = if at < COLOURS.len() { Dash::Solid } else { Dash::Dashed };
        series.push(Series { dash, ..Series::line(name, COLOURS[at % COLOURS.len()], curve) });
    }
    for (at, scored) in all.iter().enumerate() {
        let rates = scored.ranked.rates_at(scored.threshold);
        let (Some(far), Some(frr)) = (rates.apcer_pooled().rate(), rates.bpcer.rate()) else { continue };
        let name = if at == 0 { "operating point".to_owned() } else { String::new() };
        let style = Style::Points(Shape::Disc);
        series.push(Series { style, ..Series::line(name, COLOURS[at % COLOURS.len()], vec![place(far, frr)]) });
    }
    let (x, y) = if det {
        let [low, high] = DET_LIMITS;
        (Axis::probit("APCER, all attacks (%)", low, high), Axis::probit("BPCER (%)", low, high))
    } else {
        (Axis::linear("APCER, all attacks (%)", 0.0, 100.0), Axis::linear("1 − BPCER (%)", 0.0, 100.0))
    };
    let limits = json!({ "x": [x.low, x.high], "y": [y.low, y.high] });
    let rules = listed(all.iter().map(|s| rule_of(&s.results)));
    let counts = listed(all.iter().map(|s| {
        let (live, attacks) = s.ranked.counts();
        format!("{live} live and {attacks} attack {}s", s.level)
    }));
    let mut notes = vec![format!("Test part: {counts}. Threshold of the operating point: {rules}.")];
    notes.extend(score_notes(runs, &all.iter().map(|s| &s.results).collect::<Vec<_>>()));
    let what = if det { "DET" } else { "ROC" };
    let figure = Figure {
        width: request.width.points(),
        title: format!("{what} curve on the test part"),
        panels: vec![Panel::Plots(vec![Plot { title: String::new(), x, y, aspect: 1.0, series, begins: vec![] }])],
        notes,
    };
    let mut facts = Map::new();
    facts.insert("iteration".to_owned(), json!(all.iter().map(|s| &s.results["checkpoint"]).collect::<Vec<_>>()));
    facts.insert("colormap".to_owned(), json!(null));
    facts.insert("limits".to_owned(), limits);
    facts.insert("n".to_owned(), json!(all.iter().map(Scored::count_facts).collect::<Vec<_>>()));
    facts.insert("threshold".to_owned(), json!(all.iter().map(Scored::threshold_facts).collect::<Vec<_>>()));
    Ok(Drawn { figure, facts, warnings: vec![] })
}
