//! Cases put together: all that differ in nothing but the seed, or the fold, are one group with a mean and a spread.

use std::collections::BTreeMap;

use super::collect::{Collected, Finding, L_V};
use super::{HEADLINES, OF_MAPS};
use crate::engine::MUST_AGREE;
use crate::eval::Spread;

/// Cases that differ in one key alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// What was averaged over, in words: `seed`, `data.fold`, or `data.fold (each the mean over seed)`.
    pub over: String,
    /// The other keys that vary, with their values.
    pub settings: Vec<(String, String)>,
    /// Cases in the group.
    pub cases: usize,
    /// Cases among them that have no numbers.
    pub missing: usize,
    /// Metrics by name; `None` where no case has one.
    pub spreads: Vec<(&'static str, Option<Spread>)>,
    /// `synthetic` or `real`; empty where nothing is finished.
    pub origin: String,
    /// Facts that are not the same in all its cases, as sentences.
    pub warnings: Vec<String>,
}

/// All groups: over each key of `average` that varies, and over each but the first again with every value being the mean
/// over the first.
pub fn group(collected: &Collected) -> Vec<Group> {
    let place = |key: &String| collected.varying.iter().position(|k| k == key);
    let keys: Vec<(usize, &str)> = collected.average.iter().filter_map(|k| Some((place(k)?, k.as_str()))).collect();
    let Some(&(inner, first)) = keys.first() else {
        let first = collected.average.first().map_or("nothing", String::as_str);
        return groups_over(collected, first, &[], None);
    };
    let mut all = vec![];
    for &(at, key) in &keys {
        all.extend(groups_over(collected, key, &[at], None));
        if at != inner {
            let over = format!("{key} (each the mean over {first})");
            all.extend(groups_over(collected, &over, &[at, inner], Some(at)));
        }
    }
    all
}

/// Groups of cases that are equal in all settings but those at `free`. With `outer`, cases that are equal there are
/// averaged first.
fn groups_over(collected: &Collected, over: &str, free: &[usize], outer: Option<usize>) -> Vec<Group> {
    let mut all: Vec<(Vec<usize>, Vec<&Finding>)> = vec![];
    let fixed: Vec<usize> = (0..collected.varying.len()).filter(|i| !free.contains(i)).collect();
    for finding in &collected.findings {
        let same = |other: &&Finding| fixed.iter().all(|&i| other.settings[i] == finding.settings[i]);
        match all.iter_mut().find(|(_, members)| members.first().is_some_and(same)) {
            Some((_, members)) => members.push(finding),
            None => all.push((fixed.clone(), vec![finding])),
        }
    }
    let folds = free.iter().any(|&i| collected.varying[i].starts_with("data."));
    let make = |(fixed, members): (Vec<usize>, Vec<&Finding>)| {
        let there: Vec<&Finding> = members.iter().copied().filter(|f| !f.is_missing()).collect();
        let spread = |name: &'static str| (name, Spread::of(&values(&there, name, outer)));
        Group {
            over: over.to_owned(),
            settings: fixed.iter().map(|&i| (collected.varying[i].clone(), members[0].settings[i].clone())).collect(),
            cases: members.len(),
            missing: members.len() - there.len(),
            spreads: HEADLINES.into_iter().chain([L_V]).chain(OF_MAPS).map(spread).collect(),
            origin: distinct(&there, "origin").join(" and "),
            warnings: warnings(&there, folds),
        }
    };
    all.into_iter().map(make).collect()
}

fn values(findings: &[&Finding], name: &'static str, outer: Option<usize>) -> Vec<f64> {
    let value = |f: &Finding| f.metrics.get(name).copied().flatten();
    let Some(outer) = outer else { return findings.iter().filter_map(|f| value(f)).collect() };
    let mut parts: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for finding in findings {
        parts.entry(&finding.settings[outer]).or_default().extend(value(finding));
    }
    parts.values().filter_map(|v| Spread::of(v)).map(|s| s.mean).collect()
}

fn distinct(findings: &[&Finding], fact: &str) -> Vec<String> {
    let mut all: Vec<String> = vec![];
    for text in findings.iter().map(|f| f.fact(fact)) {
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all
}

/// Other folds have other data; everything else should be equal.
fn warnings(findings: &[&Finding], folds: bool) -> Vec<String> {
    let looked_at = MUST_AGREE.iter().filter(|f| !(folds && ["data", "fingerprint", "run_fingerprint"].contains(f)));
    let differ = looked_at.map(|f| (f, distinct(findings, f))).filter(|(_, all)| all.len() > 1);
    let told = differ.map(|(fact, all)| format!("its cases differ in {fact}: {}", all.join(", ")));
    let noted = findings.iter().filter(|f| !f.note.is_empty()).map(|f| format!("case {}: {}", f.case.id, f.note));
    told.chain(noted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::{Case, CaseState};

    fn finding(settings: [&str; 3], acer: Option<f64>, origin: &str) -> Finding {
        let case = Case {
            id: settings.concat(),
            title: String::new(),
            folder: String::new(),
            preset: "demo".to_owned(),
            variant: None,
            set: BTreeMap::new(),
        };
        Finding {
            case,
            state: if acer.is_some() { CaseState::Finished } else { CaseState::Running },
            iteration: 0,
            settings: settings.map(str::to_owned).to_vec(),
            metrics: acer.into_iter().map(|v| ("acer_max", Some(v))).collect(),
            results: serde_json::json!({ "origin": origin, "fingerprint": settings[1] }),
            note: String::new(),
        }
    }

    fn of<'a>(groups: &'a [Group], over: &str, settings: &[&str]) -> &'a Group {
        groups.iter().find(|g| g.over == over && g.settings.iter().map(|s| &s.1).eq(settings)).unwrap()
    }

    fn acer(group: &Group) -> Option<Spread> {
        group.spreads.iter().find(|s| s.0 == "acer_max").unwrap().1
    }

    #[test]
    fn seeds_and_folds_are_averaged_apart_and_missing_cases_are_not_zero() {
        let findings = vec![
            finding(["0.9", "1", "0"], Some(0.1), "synthetic"),
            finding(["0.9", "1", "1"], Some(0.3), "synthetic"),
            finding(["0.9", "2", "0"], Some(0.5), "synthetic"),
            finding(["0.9", "2", "1"], None, ""),
            finding(["1.0", "1", "0"], None, ""),
        ];
        let varying = ["bilevel.gamma", "data.fold", "seed"].map(str::to_owned).to_vec();
        let average = vec!["seed".to_owned(), "data.fold".to_owned()];
        let groups = group(&Collected { name: "s".to_owned(), varying, average, grid: vec![], findings });

        let seeds = of(&groups, "seed", &["0.9", "1"]);
        let spread = acer(seeds).unwrap();
        assert_eq!((seeds.cases, seeds.missing, spread.n), (2, 0, 2));
        assert!((spread.mean - 0.2).abs() < 1e-15 && (spread.std_population - 0.1).abs() < 1e-15);
        let seeds = of(&groups, "seed", &["0.9", "2"]);
        assert_eq!((seeds.cases, seeds.missing), (2, 1));
        assert_eq!(acer(seeds).unwrap().mean, 0.5, "the one that is there, not half of it");
        let none = of(&groups, "seed", &["1.0", "1"]);
        assert_eq!((none.missing, acer(none), none.origin.as_str()), (1, None, ""));

        assert!((acer(of(&groups, "data.fold", &["0.9", "0"])).unwrap().mean - 0.3).abs() < 1e-15);
        // Folds 0.2 (of two seeds) and 0.5 (of one).
        let folds = of(&groups, "data.fold (each the mean over seed)", &["0.9"]);
        let spread = acer(folds).unwrap();
        assert_eq!((folds.cases, folds.missing, spread.n), (4, 1, 2));
        assert!((spread.mean - 0.35).abs() < 1e-15);
        assert!(folds.warnings.is_empty(), "folds have other data: {:?}", folds.warnings);
    }

    #[test]
    fn what_does_not_belong_together_is_told() {
        let findings =
            vec![finding(["0.9", "1", "0"], Some(0.1), "synthetic"), finding(["0.9", "1", "1"], Some(0.3), "real")];
        let varying = ["bilevel.gamma", "x", "seed"].map(str::to_owned).to_vec();
        let groups = group(&Collected {
            name: "s".to_owned(),
            varying,
            average: vec!["seed".to_owned()],
            grid: vec![],
            findings,
        });
        assert_eq!(groups[0].warnings, ["its cases differ in origin: synthetic, real"]);
        assert_eq!(groups[0].origin, "synthetic and real");
    }
}
