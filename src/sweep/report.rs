//! The files that `metafas sweep collect` writes: results.csv, a row a case; summary.csv, a row a group and metric;
//! paired.csv, a row a variant and metric against the first variant; summary.md, the same for people.

use std::fmt::Write as _;

use super::collect::L_V;
use super::paired::{HEADS, paired, rows, section};
use super::{Collected, Group, HEADLINES, OF_MAPS, SweepError, SweepFolder, group};
use crate::eval::Spread;
use crate::session::replace_file;

/// Columns of results.csv that come from results.json as they are.
const TAKEN: [&str; 14] = [
    "n_live",
    "n_attack",
    "threshold",
    "threshold_rule",
    "threshold_source",
    "oracle",
    "level",
    "data",
    "origin",
    "fingerprint",
    "run_fingerprint",
    "checkpoint",
    "checkpoint_selection",
    "version",
];

/// Columns of summary.md: heading, metric.
const SHOWN: [(&str, &str); 7] = [
    ("APCER worst", "apcer_max"),
    ("BPCER", "bpcer"),
    ("ACER worst", "acer_max"),
    ("HTER", "hter"),
    ("EER", "eer"),
    ("AUC", "auc"),
    ("L_v", L_V),
];

/// Columns of its tables of maps: heading, metric.
const OF_MAPS_SHOWN: [(&str, &str); OF_MAPS.len()] = [
    ("Teacher's AUC", OF_MAPS[0]),
    ("Gain of bi-level training", OF_MAPS[1]),
    ("Pixel AUC", OF_MAPS[2]),
    ("Over the mean map", OF_MAPS[3]),
];

impl Collected {
    /// results.csv, summary.csv, paired.csv and summary.md into the sweep's folder.
    pub fn write(&self, folder: &SweepFolder) -> Result<(), SweepError> {
        let groups = group(self);
        for (name, text) in [
            ("results.csv", self.results_csv()),
            ("summary.csv", self.summary_csv(&groups)),
            ("summary.md", self.summary_md(&groups)),
            ("paired.csv", csv(HEADS.map(str::to_owned).to_vec(), rows(&paired(self)))),
        ] {
            replace_file(&folder.path().join(name), text.as_bytes())?;
        }
        Ok(())
    }

    /// A row a case. Cells of missing cases and undefined values are empty; `state` says which it is.
    pub fn results_csv(&self) -> String {
        let mut head = vec!["id".to_owned(), "title".to_owned()];
        head.extend(self.varying.iter().cloned());
        head.extend(["state", "iteration"].map(str::to_owned));
        head.extend(HEADLINES.iter().chain(&[L_V]).chain(&OF_MAPS).chain(&TAKEN).map(|&s| s.to_owned()));
        head.extend(["note", "session"].map(str::to_owned));
        let rows = self.findings.iter().map(|f| {
            let mut row = vec![f.case.id.clone(), f.case.title.clone()];
            row.extend(f.settings.iter().cloned());
            row.extend([f.state.name().to_owned(), f.iteration.to_string()]);
            let metrics = HEADLINES.iter().chain(&[L_V]).chain(&OF_MAPS);
            row.extend(metrics.map(|key| number(f.metrics.get(key).copied().flatten())));
            row.extend(TAKEN.iter().map(|key| f.fact(key)));
            row.extend([f.note.clone(), f.case.folder.clone()]);
            row
        });
        csv(head, rows)
    }

    /// A row a group and metric.
    pub fn summary_csv(&self, groups: &[Group]) -> String {
        let keys = self.varying.iter().cloned();
        let mut head = vec!["over".to_owned()];
        head.extend(keys);
        head.extend(
            [
                "metric",
                "cases",
                "missing",
                "n",
                "mean",
                "std_population",
                "std_sample",
                "ci95_low",
                "ci95_high",
                "origin",
                "note",
            ]
            .map(str::to_owned),
        );
        let rows = groups.iter().flat_map(|g| {
            g.spreads.iter().map(move |(metric, spread)| {
                let setting =
                    |key: &String| g.settings.iter().find(|(k, _)| k == key).map_or("", |(_, v)| v).to_owned();
                let mut row = vec![g.over.clone()];
                row.extend(self.varying.iter().map(setting));
                row.extend([(*metric).to_owned(), g.cases.to_string(), g.missing.to_string()]);
                row.push(spread.map_or(0, |s| s.n).to_string());
                row.extend([spread.map(|s| s.mean), spread.map(|s| s.std_population)].map(number));
                row.push(number(spread.and_then(|s| s.std_sample)));
                let interval = spread.and_then(|s| s.interval);
                row.extend([interval.map(|i| i[0]), interval.map(|i| i[1])].map(number));
                row.extend([g.origin.clone(), g.warnings.join("; ")]);
                row
            })
        });
        csv(head, rows)
    }

    /// The summary for people: a table for everything that was averaged over.
    pub fn summary_md(&self, groups: &[Group]) -> String {
        let mut out = String::new();
        let facts = |key: &str| {
            let mut all: Vec<String> = self.findings.iter().filter(|f| !f.is_missing()).map(|f| f.fact(key)).collect();
            all.sort();
            all.dedup();
            all
        };
        let origins = facts("origin");
        let origin = if origins.is_empty() {
            "nothing finished yet".to_owned()
        } else {
            format!("{} data", origins.join(" and "))
        };
        let missing = self.findings.iter().filter(|f| f.is_missing()).count();
        // Writing into a string cannot fail.
        let mut line = |text: &str| writeln!(out, "{text}").unwrap_or_default();
        line(&format!("# {}: {origin}\n", self.name));
        line(&format!("Cases: {}; missing: {missing}.", self.findings.len()));
        if origins.iter().any(|o| o == "synthetic") {
            line("These are numbers of synthetic (rendered) faces; they say nothing about real attacks.");
        }
        let said = |name: &str, key: &str| format!("{name}: {}.", facts(key).join(", "));
        if missing < self.findings.len() {
            line(&[said("Data", "data"), said("Threshold", "threshold_rule"), said("Level", "level")].join(" "));
        }
        if facts("oracle").iter().any(|o| o == "true") {
            line("Oracle thresholds: chosen with the labels of the test set.");
        }
        line(
            "\nCells: mean ± standard deviation of the sample (n - 1) / of the population (n) [95 % interval of the mean, \
             Student's t]; rates in %.",
        );
        let mut overs: Vec<&str> = vec![];
        for group in groups.iter().filter(|g| !overs.contains(&g.over.as_str())).collect::<Vec<_>>() {
            if overs.contains(&group.over.as_str()) {
                continue;
            }
            overs.push(&group.over);
            let these: Vec<&Group> = groups.iter().filter(|g| g.over == group.over).collect();
            line(&format!("\n## Over {}\n", group.over));
            line(&table_md(&these, &SHOWN));
            if these
                .iter()
                .any(|g| g.spreads.iter().any(|(metric, spread)| OF_MAPS.contains(metric) && spread.is_some()))
            {
                line(&format!("\nMaps, over {}:\n", group.over));
                line(&table_md(&these, &OF_MAPS_SHOWN));
            }
            for g in these.iter().filter(|g| !g.warnings.is_empty()) {
                let which: Vec<String> = g.settings.iter().map(|(k, v)| format!("{k} = {v}")).collect();
                line(&format!("\nNote on {}: {}.", which.join(", "), g.warnings.join("; ")));
            }
        }
        let differences = section(&paired(self));
        if !differences.is_empty() {
            line(&differences);
        }
        let unfinished: Vec<_> = self.findings.iter().filter(|f| f.is_missing()).collect();
        if !unfinished.is_empty() {
            line("\n## Missing\n");
            for f in unfinished {
                let why = if f.note.is_empty() { String::new() } else { format!(": {}", f.note) };
                line(&format!("- {} ({}), {}{why}", f.case.id, f.case.title, f.state.name()));
            }
        }
        out
    }
}

/// A row a group, a column a metric of `shown`.
fn table_md(groups: &[&Group], shown: &[(&str, &str)]) -> String {
    let Some(first) = groups.first() else { return String::new() };
    let keys = first.settings.iter().map(|(k, _)| k.as_str());
    let head: Vec<&str> = keys.chain(["cases", "missing"]).chain(shown.iter().map(|s| s.0)).collect();
    let mut lines = vec![format!("| {} |", head.join(" | ")), format!("|{}", "---|".repeat(head.len()))];
    for g in groups {
        let cells = shown.iter().map(|(_, metric)| {
            let spread = g.spreads.iter().find(|s| s.0 == *metric).and_then(|s| s.1);
            let none = if g.missing < g.cases { "–" } else { "missing" };
            spread.map_or_else(|| none.to_owned(), |s| cell(&s, *metric == L_V))
        });
        let values = g.settings.iter().map(|(_, v)| v.replace('|', "\\|"));
        let counts = [g.cases.to_string(), g.missing.to_string()];
        lines.push(format!("| {} |", values.chain(counts).chain(cells).collect::<Vec<_>>().join(" | ")));
    }
    lines.join("\n")
}

fn number(value: Option<f64>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

fn cell(s: &Spread, raw: bool) -> String {
    let show = |v: f64| if raw { format!("{v:.5}") } else { format!("{:.2}", 100.0 * v) };
    match (s.std_sample, s.interval) {
        (Some(sample), Some([low, high])) => {
            format!("{} ± {} / {} [{}, {}]", show(s.mean), show(sample), show(s.std_population), show(low), show(high))
        }
        _ => format!("{} (one value)", show(s.mean)),
    }
}

pub(super) fn csv(head: Vec<String>, rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(vec![]);
    for row in std::iter::once(head).chain(rows) {
        #[expect(clippy::expect_used, reason = "rows have the length of the head, and memory takes all bytes")]
        writer.write_record(&row).expect("a row in memory");
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
