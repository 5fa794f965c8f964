//! Variants of a sweep against its first one, seed by seed: what two rows of a table cannot say, as both vary with the
//! seed. And before anything runs, how large a difference so many seeds can find.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::collect::{Collected, Finding};
use super::{Case, SweepError, SweepSpec};
use crate::eval::{Spread, detectable};

/// Key of settings that pairs runs.
const SEED: &str = "seed";
/// Rates that are compared, with their names for people.
const METRICS: [(&str, &str); 5] =
    [("auc", "AUC"), ("hter", "HTER"), ("acer_max", "ACER worst"), ("eer", "EER"), ("pixel_auc", "Pixel AUC")];

/// One variant less the reference, in one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Paired {
    /// The variant.
    pub variant: String,
    /// What it is compared with: the first variant.
    pub reference: String,
    /// Key of results.json.
    pub metric: &'static str,
    /// Differences, a seed each, -1 to 1: the mean over all protocols and folds that both have.
    pub differences: Vec<f64>,
    /// Runs of the one, as many of the other.
    pub runs: usize,
}

impl Paired {
    /// Mean and 95 % interval; `None` without any pair.
    pub fn spread(&self) -> Option<Spread> {
        Spread::of(&self.differences)
    }

    /// The smallest mean that so many seeds, as far apart as these are, find with a chance of 80 %.
    pub fn detectable(&self) -> Option<f64> {
        Some(detectable(self.differences.len())? * self.spread()?.std_sample?)
    }
}

/// Every variant but the first against the first; empty for sweeps without variants.
pub fn paired(collected: &Collected) -> Vec<Paired> {
    let mut names: Vec<&str> = vec![];
    for finding in &collected.findings {
        if let Some(name) = finding.case.variant.as_deref().filter(|name| !names.contains(name)) {
            names.push(name);
        }
    }
    let Some((reference, others)) = names.split_first() else { return vec![] };
    let of = |variant: &str, metric: &'static str| {
        let (own, base) = (values(collected, variant, metric), values(collected, reference, metric));
        let mut by_seed: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (place, value) in &own {
            if let Some(other) = base.get(place) {
                by_seed.entry(&place.0).or_default().push(value - other);
            }
        }
        // A seed that lacks a protocol would be the mean of other protocols than its neighbour.
        let most = by_seed.values().map(Vec::len).max().unwrap_or(0);
        let whole: Vec<&Vec<f64>> = by_seed.values().filter(|v| v.len() == most).collect();
        Paired {
            variant: variant.to_owned(),
            reference: (*reference).to_owned(),
            metric,
            differences: whole.iter().map(|v| v.iter().sum::<f64>() / v.len() as f64).collect(),
            runs: whole.iter().map(|v| v.len()).sum(),
        }
    };
    others.iter().flat_map(|variant| METRICS.iter().map(move |(metric, _)| of(variant, metric))).collect()
}

/// Values of a variant's runs, by seed and by all else that the grid varies.
fn values(collected: &Collected, variant: &str, metric: &str) -> BTreeMap<(String, Vec<String>), f64> {
    let place = |finding: &Finding| {
        let of = |key: &str| {
            let at = collected.varying.iter().position(|k| k == key);
            at.map(|at| finding.settings[at].clone()).unwrap_or_default()
        };
        let others = collected.grid.iter().filter(|key| *key != SEED).map(|key| of(key)).collect();
        (of(SEED), others)
    };
    let own = collected.findings.iter().filter(|f| f.case.variant.as_deref() == Some(variant));
    own.filter_map(|f| Some((place(f), f.metrics.get(metric).copied().flatten()?))).collect()
}

/// The section of summary.md; empty where nothing is paired.
pub(super) fn section(all: &[Paired]) -> String {
    let known: Vec<&Paired> = all.iter().filter(|p| !p.differences.is_empty()).collect();
    let Some(first) = known.first() else { return String::new() };
    let mut out = format!(
        "\n## Each variant less {}\n\nOn the same seeds, the mean over protocols and folds first; percentage points, mean \
         [95 % interval, Student's t]. The last column is the mean difference that so many seeds, this far apart, find \
         with a chance of 80 % (two-sided, 5 %).\n\n\
         | variant | metric | seeds | runs | difference | detectable |\n|---|---|---|---|---|---|\n",
        first.reference
    );
    let signed = |value: f64| format!("{:+.2}", 100.0 * value);
    for one in known {
        let Some(spread) = one.spread() else { continue };
        let name = METRICS.iter().find(|(key, _)| *key == one.metric).map_or(one.metric, |m| m.1);
        let interval = spread.interval.map(|[l, h]| format!(" [{}, {}]", signed(l), signed(h))).unwrap_or_default();
        let least = one.detectable().map_or_else(|| "one seed".to_owned(), |d| format!("{:.2}", 100.0 * d));
        let (n, runs, mean) = (one.differences.len(), one.runs, signed(spread.mean));
        let variant = one.variant.replace('|', "\\|");
        // Writing into a string cannot fail.
        writeln!(out, "| {variant} | {name} | {n} | {runs} | {mean}{interval} | {least} |").unwrap_or_default();
    }
    out
}

/// paired.csv: a row a variant and metric, differences from -1 to 1.
pub(super) fn rows(all: &[Paired]) -> impl Iterator<Item = Vec<String>> + '_ {
    all.iter().map(|one| {
        let spread = one.spread();
        let interval = spread.and_then(|s| s.interval);
        let numbers = [
            spread.map(|s| s.mean),
            spread.and_then(|s| s.std_sample),
            interval.map(|i| i[0]),
            interval.map(|i| i[1]),
            one.detectable(),
        ];
        let mut row = vec![one.variant.clone(), one.reference.clone(), one.metric.to_owned()];
        row.extend([one.differences.len().to_string(), one.runs.to_string()]);
        row.extend(numbers.map(|n| n.map(|v| v.to_string()).unwrap_or_default()));
        row
    })
}

/// Heads of [`rows`].
pub(super) const HEADS: [&str; 10] = [
    "variant",
    "reference",
    "metric",
    "seeds",
    "runs",
    "mean_difference",
    "std_sample",
    "ci95_low",
    "ci95_high",
    "detectable",
];

/// What a sweep can find, told before it runs; `None` for a sweep without variants to compare.
pub fn power(spec: &SweepSpec, cases: &[Case]) -> Result<Option<String>, SweepError> {
    if spec.variant.len() < 2 {
        return Ok(None);
    }
    let ahead = super::ahead(spec, cases)?;
    let seed = ahead.varying.iter().position(|k| k == SEED);
    let mut seeds: Vec<&str> = ahead.findings.iter().filter_map(|f| Some(f.settings[seed?].as_str())).collect();
    seeds.sort_unstable();
    seeds.dedup();
    let n = seeds.len().max(1);
    let Some(least) = detectable(n) else {
        return Ok(Some("power: one seed a variant tells no difference from chance; --seeds 10 pairs ten".to_owned()));
    };
    let ten = if n < 10 { "; ten seeds find 1.0 of them" } else { "" };
    Ok(Some(format!(
        "power: {n} paired seeds find, with a chance of 80 % (two-sided, 5 %), a difference of {least:.1} standard deviations \
         of one paired difference{ten}; summary.md says how many points that is once runs are finished"
    )))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::sweep::CaseState;

    fn finding(variant: &str, seed: &str, protocol: &str, auc: Option<f64>) -> Finding {
        let case = Case {
            id: String::new(),
            title: String::new(),
            folder: String::new(),
            preset: "demo".to_owned(),
            variant: Some(variant.to_owned()),
            set: BTreeMap::new(),
        };
        Finding {
            case,
            state: CaseState::Finished,
            iteration: 0,
            settings: [variant, protocol, seed].map(str::to_owned).to_vec(),
            metrics: auc.map(|auc| ("auc", Some(auc))).into_iter().collect(),
            results: serde_json::Value::Null,
            note: String::new(),
        }
    }

    #[test]
    fn differences_are_of_the_same_seed_and_protocol() {
        let mut findings = vec![];
        for (seed, base, gains) in [("0", 0.5, [0.1, 0.3]), ("1", 0.9, [0.0, 0.2]), ("2", 0.7, [0.1, 0.1])] {
            for (protocol, gain) in [("a", gains[0]), ("b", gains[1])] {
                findings.push(finding("plain", seed, protocol, Some(base)));
                // The last run of the third seed is missing.
                let there = (seed, protocol) != ("2", "b");
                findings.push(finding("ours", seed, protocol, there.then_some(base + gain)));
            }
        }
        let names = |all: &[&str]| all.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let collected = Collected {
            name: "s".to_owned(),
            varying: names(&["variant", "data.protocol", "seed"]),
            average: names(&["seed"]),
            grid: names(&["data.protocol", "seed"]),
            findings,
        };
        let all = paired(&collected);
        assert_eq!(all.len(), METRICS.len());
        let auc = &all[0];
        assert_eq!((auc.variant.as_str(), auc.reference.as_str(), auc.runs), ("ours", "plain", 4));
        assert!(auc.differences.iter().zip([0.2, 0.1]).all(|(d, want)| (d - want).abs() < 1e-12), "{auc:?}");
        assert_eq!(auc.differences.len(), 2);
        let text = section(&all);
        assert!(
            text.contains("## Each variant less plain") && text.contains("| ours | AUC | 2 | 4 | +15.00 ["),
            "{text}"
        );
        assert!(!text.contains("HTER |"), "what nobody has is not shown: {text}");
        assert_eq!(rows(&all).next().unwrap().len(), HEADS.len());
    }
}
