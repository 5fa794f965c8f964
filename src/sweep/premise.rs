//! MT-FAS's premise over the runs of sweeps: does a meta-teacher with a lower validation loss make a better student?
//! Every finished run with a bi-level stage is a point, L_v against the error on the test part. Points are compared under
//! one protocol and for one detector only: another test part or a wider student would be a second difference.

use std::fmt::Write as _;

use serde_json::json;

use super::collect::collect;
use super::{SweepError, SweepFolder};
use crate::eval::{Correlation, Spread};
use crate::session::Session;

/// Name among the metrics of the validation loss against the binary map.
const COMMON: &str = "l_v_binary";

/// Bi-level iterations at the end over which L_v is averaged: a single batch says little.
const LAST: usize = 50;

/// One run.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The row it belongs to: the case's title without its seed and protocol.
    pub row: String,
    /// Its seed.
    pub seed: u64,
    /// Mean of the last 50 validation losses of the bi-level stage, against the binary map.
    pub l_v: f64,
    /// The worst species' ACER on the test part, 0 to 1.
    pub acer_max: f64,
    /// HTER on the test part, 0 to 1.
    pub hter: f64,
    /// Area under the ROC curve on the test part, 0 to 1.
    pub auc: f64,
}

/// Runs that differ in their teachers alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Their protocol and data, and the detector: `FAS-DR 4 wide`.
    pub title: String,
    /// The points, by row and seed.
    pub points: Vec<Point>,
}

/// An error of a point, 0 to 1.
type Measure = fn(&Point) -> f64;

/// What a correlation is with.
const AGAINST: [(&str, Measure); 3] =
    [("ACER (worst)", |p| p.acer_max), ("HTER", |p| p.hter), ("1 - AUC", |p| 1.0 - p.auc)];

impl Comparison {
    /// Over single runs: L_v against the worst species' ACER, HTER, and 1 - AUC.
    pub fn over_runs(&self) -> Vec<Option<Correlation>> {
        let of = |(_, value): &(_, Measure)| {
            Correlation::of(&self.points.iter().map(|p| (p.l_v, value(p))).collect::<Vec<_>>())
        };
        AGAINST.iter().map(of).collect()
    }

    /// The same over the means of rows: what is left when seeds are averaged away.
    pub fn over_rows(&self) -> Vec<Option<Correlation>> {
        let rows: Vec<&[Point]> = self.points.chunk_by(|a, b| a.row == b.row).collect();
        let mean = |row: &[Point], value: Measure| {
            Spread::of(&row.iter().map(value).collect::<Vec<_>>()).map_or(f64::NAN, |s| s.mean)
        };
        let of = |(_, value): &(_, Measure)| {
            Correlation::of(&rows.iter().map(|row| (mean(row, |p| p.l_v), mean(row, *value))).collect::<Vec<_>>())
        };
        AGAINST.iter().map(of).collect()
    }

    /// Rows in the order of their points.
    pub fn rows(&self) -> Vec<&str> {
        self.points.chunk_by(|a, b| a.row == b.row).map(|row| row[0].row.as_str()).collect()
    }
}

/// Reads the runs of all `folders` that have numbers. The same run in two sweeps is one point.
pub fn premise(folders: &[SweepFolder]) -> Result<Vec<Comparison>, SweepError> {
    let mut all: Vec<Comparison> = vec![];
    let mut configs = vec![];
    for folder in folders {
        for finding in collect(folder)?.findings.into_iter().filter(|f| !f.is_missing()) {
            let (case, results) = (finding.case, finding.results);
            let config = case.config()?;
            if configs.contains(&config) {
                continue;
            }
            let session = Session::open(&folder.session_path(&case))?;
            // Its own momentum teacher sets the target of L_v, so a teacher of zeros would win: only a common target can be compared.
            let losses: Vec<f64> = session.rows()?.iter().filter_map(|row| row.get(COMMON)).collect();
            let last = Spread::of(&losses[losses.len().saturating_sub(LAST)..]).map(|s| s.mean);
            let number = |key: &str| results[key].as_f64();
            let (Some(l_v), Some(acer_max), Some(hter), Some(auc)) =
                (last.filter(|v| v.is_finite()), number("acer_max"), number("hter"), number("auc"))
            else {
                continue;
            };
            let data = results["data"].as_str().unwrap_or_default();
            let network = config.detector.network.name();
            let title = format!("{data}: {network}, {} wide", config.detector.width);
            // What all points of a comparison share, and the seed, are no part of a teacher's name.
            let shared = [format!("seed {}", config.seed), format!("protocol {}", config.data.protocol)];
            let row =
                case.title.split(", ").filter(|part| shared.iter().all(|s| s != part)).collect::<Vec<_>>().join(", ");
            let point = Point { row, seed: config.seed, l_v, acer_max, hter, auc };
            configs.push(config);
            match all.iter_mut().find(|c| c.title == title) {
                Some(comparison) => comparison.points.push(point),
                None => all.push(Comparison { title, points: vec![point] }),
            }
        }
    }
    for comparison in &mut all {
        comparison.points.sort_by(|a, b| (&a.row, a.seed).cmp(&(&b.row, b.seed)));
    }
    Ok(all)
}

/// All of it for people.
pub fn premise_text(all: &[Comparison]) -> String {
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    for comparison in all {
        let rows = comparison.rows();
        line(&format!("{} ({} runs, {} teachers)", comparison.title, comparison.points.len(), rows.len()));
        line(&format!("  {:<36} {:>2} {:>9} {:>7} {:>7} {:>7}", "teacher", "n", "L_v", "ACER %", "HTER %", "AUC %"));
        for row in comparison.points.chunk_by(|a, b| a.row == b.row) {
            let mean =
                |value: Measure| Spread::of(&row.iter().map(value).collect::<Vec<_>>()).map_or(f64::NAN, |s| s.mean);
            let rates = [|p: &Point| p.acer_max, |p: &Point| p.hter, |p: &Point| p.auc].map(|v| 100.0 * mean(v));
            let [acer, hter, auc] = rates;
            let (name, n) = (&row[0].row, row.len());
            line(&format!("  {name:<36} {n:>2} {:>9.5} {acer:>7.2} {hter:>7.2} {auc:>7.2}", mean(|p| p.l_v)));
        }
        for (what, found) in [("runs", comparison.over_runs()), ("teachers", comparison.over_rows())] {
            for ((name, _), correlation) in AGAINST.iter().zip(found) {
                line(&format!("  Spearman's rho over {what}, L_v against {name}: {}", shown(correlation)));
            }
        }
    }
    if all.is_empty() {
        line(
            "no finished run of these sweeps has a meta-teacher and its validation loss against the binary map (runs of earlier versions lack it)",
        );
    }
    out
}

fn shown(correlation: Option<Correlation>) -> String {
    let Some(Correlation { n, rho, interval }) = correlation else { return "undefined".to_owned() };
    let mut text = format!("{rho:.2}");
    if let Some([low, high]) = interval {
        write!(text, " [{low:.2}, {high:.2}]").ok();
    }
    format!("{text} (n = {n})")
}

/// All of it for scripts.
pub fn premise_json(all: &[Comparison]) -> serde_json::Value {
    let found = |list: Vec<Option<Correlation>>| {
        let pairs = AGAINST.iter().zip(list).map(|((name, _), c)| {
            let value = c.map(|c| json!({ "n": c.n, "rho": c.rho, "ci": c.interval }));
            ((*name).to_owned(), json!(value))
        });
        serde_json::Value::Object(pairs.collect())
    };
    let one = |c: &Comparison| {
        let points: Vec<_> = c
            .points
            .iter()
            .map(|p| {
                let Point { row, seed, l_v, acer_max, hter, auc } = p;
                json!({ "teacher": row, "seed": seed, "l_v": l_v, "acer_max": acer_max, "hter": hter, "auc": auc })
            })
            .collect();
        json!({ "title": c.title, "runs": found(c.over_runs()), "teachers": found(c.over_rows()), "points": points })
    };
    all.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(row: &str, seed: u64, l_v: f64, error: f64) -> Point {
        Point { row: row.to_owned(), seed, l_v, acer_max: error, hter: error, auc: 1.0 - error }
    }

    #[test]
    fn seeds_are_averaged_away_over_teachers() {
        // Within each row more loss goes with less error, between rows with more.
        let mut points = vec![];
        for (at, row) in ["a", "b", "c", "d"].iter().enumerate() {
            let at = at as f64;
            points.push(point(row, 0, at, 0.1 * at + 0.04));
            points.push(point(row, 1, at + 0.4, 0.1 * at));
        }
        let comparison = Comparison { title: "t".to_owned(), points };
        let rho = |found: Vec<Option<Correlation>>| found.iter().map(|c| c.unwrap().rho).collect::<Vec<_>>();
        assert!(rho(comparison.over_rows()).iter().all(|r| (r - 1.0).abs() < 1e-12));
        assert!(rho(comparison.over_runs()).iter().all(|r| *r > 0.5 && *r < 1.0));
        let text = premise_text(&[comparison]);
        assert!(
            text.contains("8 runs, 4 teachers") && text.contains("over teachers, L_v against HTER: 1.00"),
            "{text}"
        );
        assert!(premise_text(&[]).contains("no finished run"));
    }
}
