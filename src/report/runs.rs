//! Sessions as reports read them: settings, provenance, maps, results; what tells runs apart, and what every figure must
//! say of their data.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde_json::{Value, json};

use super::ReportError;
use crate::config::{RunConfig, shown};
use crate::engine::{OneSeed, check_scores, checkpoint_note, disagreements, repeats};
use crate::paths;
use crate::session::{MapSet, Provenance, Session, Settings, WatchedFaces};

/// A run with what is asked of it most.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// The folder as it was given.
    pub path: PathBuf,
    /// The folder.
    pub session: Session,
    /// The settings in run.toml.
    pub config: RunConfig,
    /// The settings that it was trained with.
    pub settings: Settings,
    /// Where its numbers come from.
    pub provenance: Provenance,
}

/// Settings that shape no result: they never tell runs apart.
const ASIDE: [&str; 3] = ["compute.", "watch.", "checkpoint."];
/// Settings that [`RunConfig::title`] tells of.
const IN_TITLE: [&str; 4] = ["detector.network", "detector.supervision", "rf_meta.algorithm", "meta_pattern.pattern"];
/// Differences that a title tells before it becomes a list.
const TOLD: usize = 3;

impl Run {
    pub fn open(path: &Path) -> Result<Self, ReportError> {
        let session = Session::open(path)?;
        let (config, provenance) = (session.config()?, session.provenance()?);
        let settings = Settings::of_run(&session, &config);
        Ok(Self { path: path.to_owned(), session, config, settings, provenance })
    }

    pub fn open_all(paths: &[PathBuf]) -> Result<Vec<Self>, ReportError> {
        paths.iter().map(|p| Self::open(p)).collect()
    }

    pub fn is_synthetic(&self) -> bool {
        self.provenance.origin == "synthetic"
    }

    /// The watched faces.
    pub fn watched(&self) -> Result<WatchedFaces, ReportError> {
        if !self.session.watched_file().is_file() {
            return Err(ReportError::lacks(
                &self.path,
                "the session holds no watched faces; it stopped before its first maps",
            ));
        }
        Ok(self.session.watched()?)
    }

    /// The maps of counted iteration `iteration`, or the last ones.
    pub fn maps(&self, iteration: Option<u64>) -> Result<MapSet, ReportError> {
        let all = self.session.map_iterations();
        let Some(&last) = all.last() else {
            return Err(ReportError::lacks(&self.path, "the session holds no maps yet"));
        };
        let wanted = iteration.unwrap_or(last);
        if !all.contains(&wanted) {
            let nearest = all.iter().min_by_key(|&&i| i.abs_diff(wanted)).unwrap_or(&last);
            let what =
                format!("there are no maps of iteration {wanted}, the nearest are those of {nearest} (of 0 to {last})");
            return Err(ReportError::lacks(&self.path, &what));
        }
        Ok(self.session.map_set(wanted)?)
    }

    /// results.json, which belongs to the scores beside it.
    pub fn results(&self) -> Result<Value, ReportError> {
        let results = self.session.results()?.ok_or_else(|| {
            let what = "the session holds no results; finish the run, or score it with `metafas evaluate`";
            ReportError::lacks(&self.path, what)
        })?;
        check_scores(&self.session, &self.provenance, &results)
            .map_err(|e| ReportError::lacks(&self.path, &e.to_string()))?;
        Ok(results)
    }

    /// What a side-car says of the run.
    pub fn facts(&self) -> Value {
        let changes = self
            .settings
            .changes
            .iter()
            .map(|c| (format!("{} from iteration {}", c.key, c.iteration), c.value.clone()));
        json!({
            "changed_settings": changes.collect::<serde_json::Map<_, _>>(),
            "session": paths::text(&self.path),
            "detector": self.config.title(),
            "seed": self.config.seed,
            "data": self.provenance.data,
            "origin": self.provenance.origin,
            "fingerprint": self.provenance.fingerprint,
            "version": self.provenance.version,
        })
    }
}

/// What the data are, as every figure says it: `Synthetic data: SynthC (mini), casia_fasd/7.`
pub(super) fn data_note(runs: &[Run]) -> String {
    let names = listed(runs.iter().map(|r| r.provenance.data.clone()));
    let synthetic = runs.iter().filter(|r| r.is_synthetic()).count();
    match synthetic {
        0 => format!("Data: {names}."),
        n if n == runs.len() => format!("Synthetic data: {names}."),
        _ => format!("Data, some of them synthetic: {names}."),
    }
}

/// Each once, in order.
pub(super) fn distinct<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut out: Vec<&str> = vec![];
    for one in all {
        if !out.contains(&one) {
            out.push(one);
        }
    }
    out
}

/// Each once, in order, as a list in words.
pub(super) fn listed(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    distinct(all.iter().map(String::as_str)).join(", ")
}

/// Where the threshold of results.json comes from: `dev_eer`, or `test_eer (oracle)`.
pub(super) fn rule_of(results: &Value) -> String {
    let oracle = if results["oracle"] == json!(true) { " (oracle)" } else { "" };
    format!("{}{oracle}", results["threshold_rule"].as_str().unwrap_or("unknown"))
}

/// Keys in which the settings that runs were trained with differ, those that shape results alone, with a value a run; `–` where a run has
/// none.
pub(super) fn differences(runs: &[Run]) -> Vec<(String, Vec<String>)> {
    let tables: Vec<&BTreeMap<String, Value>> = runs.iter().map(|r| &r.settings.table).collect();
    let mut keys: Vec<&String> = tables.iter().flat_map(|t| t.keys()).collect();
    keys.sort();
    keys.dedup();
    let counts = |key: &&String| !ASIDE.iter().any(|a| key.starts_with(a));
    let differs = |key: &&String| tables.iter().any(|t| t.get(*key) != tables[0].get(*key));
    let value = |t: &BTreeMap<String, Value>, key: &String| t.get(key).map_or_else(|| "–".to_owned(), shown);
    let of = |key: &String| (key.clone(), tables.iter().map(|t| value(t, key)).collect());
    keys.into_iter().filter(counts).filter(differs).map(of).collect()
}

/// A short name of each folder: as much of its end as tells it from the others, the whole path where that is not enough.
pub(super) fn names(runs: &[Run]) -> Vec<String> {
    let parts = |run: &Run| -> Vec<String> {
        let path = run.path.canonicalize().unwrap_or_else(|_| run.path.clone());
        let named = path.components().filter(|c| matches!(c, Component::Normal(_)));
        named.map(|c| c.as_os_str().to_string_lossy().into_owned()).collect()
    };
    let all: Vec<Vec<String>> = runs.iter().map(parts).collect();
    let end = |of: &[String], length: usize| of[of.len().saturating_sub(length)..].join("/");
    let name = |of: &Vec<String>| {
        let alone = |length: &usize| {
            let same = all.iter().filter(|other| end(other, *length) == end(of, *length));
            same.fold(vec![], |mut met: Vec<&Vec<String>>, other| {
                if !met.contains(&other) {
                    met.push(other);
                }
                met
            })
            .len()
                == 1
        };
        let length = (1..of.len()).find(alone).unwrap_or(of.len());
        end(of, length)
    };
    all.iter().map(name).collect()
}

/// What must be said of the results of `runs`, a sentence a run that needs one: which weights and faces were scored.
pub(super) fn score_notes(runs: &[Run], results: &[&Value]) -> Vec<String> {
    let names = names(runs);
    let told = results.iter().enumerate().filter_map(|(at, results)| {
        let note = checkpoint_note(results)?;
        Some(if runs.len() > 1 { format!("{}: {note}.", names[at]) } else { format!("{}.", capitalised(&note)) })
    });
    told.collect()
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What tells each run from the others, in words: the method where that differs, then settings, the seed last. Folders'
/// names where nothing else does.
pub(super) fn titles(runs: &[Run]) -> Vec<String> {
    let methods: Vec<String> = runs.iter().map(|r| r.config.title()).collect();
    if runs.len() < 2 {
        return methods;
    }
    let same_method = methods.iter().all(|m| *m == methods[0]);
    let mut keys = differences(runs);
    keys.retain(|(key, _)| same_method || !IN_TITLE.contains(&key.as_str()));
    keys.sort_by_key(|(key, _)| key == "seed");
    let title = |at: usize| {
        let mut parts: Vec<String> = (!same_method).then(|| methods[at].clone()).into_iter().collect();
        for (key, values) in keys.iter().take(TOLD) {
            parts.push(format!("{} {}", key.rsplit('.').next().unwrap_or(key), values[at]));
        }
        if keys.len() > TOLD {
            parts.push(format!("and {} more", keys.len() - TOLD));
        }
        parts.join(", ")
    };
    let told: Vec<String> = (0..runs.len()).map(title).collect();
    let names = names(runs);
    let unique = |at: usize| told.iter().filter(|t| **t == told[at]).count() == 1 && !told[at].is_empty();
    let full = |at: usize| match (unique(at), told[at].as_str()) {
        (true, text) => text.to_owned(),
        (false, "") => names[at].clone(),
        (false, text) => format!("{text} ({})", names[at]),
    };
    (0..runs.len()).map(full).collect()
}

/// Runs that differ in the seed alone.
#[derive(Debug, Default)]
pub(super) struct Seeds {
    /// Places in the runs, in their order: those of a group are other seeds of one run. A run that is there twice counts once.
    pub groups: Vec<Vec<usize>>,
    /// What does not count or does not agree, a sentence each.
    pub notes: Vec<String>,
}

/// Puts together `runs` that differ in the seed alone.
pub(super) fn seeds_apart(runs: &[Run]) -> Seeds {
    let bare = |run: &Run| {
        let mut table = run.settings.table.clone();
        table.retain(|key, _| key != "seed" && !ASIDE.iter().any(|a| key.starts_with(a)));
        (table, run.provenance.data.clone())
    };
    let mut groups: Vec<(_, Vec<usize>)> = vec![];
    for (at, run) in runs.iter().enumerate() {
        let own = bare(run);
        match groups.iter_mut().find(|(other, _)| *other == own) {
            Some((_, members)) => members.push(at),
            None => groups.push((own, vec![at])),
        }
    }
    // A broken results.json is told by whoever shows its numbers.
    let results: Vec<Option<Value>> = runs.iter().map(|r| r.session.results().ok().flatten()).collect();
    let mut seeds = Seeds::default();
    let mut notes = vec![];
    for (_, members) in groups {
        let one =
            |&at: &usize| OneSeed { folder: &runs[at].path, seed: runs[at].config.seed, results: results[at].as_ref() };
        let again = repeats(&members.iter().map(one).collect::<Vec<_>>());
        let names = names(&members.iter().map(|&at| runs[at].clone()).collect::<Vec<_>>());
        let told = again.iter().enumerate().filter_map(|(at, found)| {
            let (earlier, why) = (*found)?;
            Some(format!("{}.", why.sentence(&names[at], &names[earlier])))
        });
        notes.extend(told);
        let counted: Vec<usize> =
            members.iter().zip(&again).filter(|(_, found)| found.is_none()).map(|(&at, _)| at).collect();
        let differ = disagreements(&counted.iter().filter_map(|&at| results[at].as_ref()).collect::<Vec<_>>());
        if !differ.is_empty() {
            let name = runs[counted[0]].config.title();
            notes.push(format!("The runs of {name} that are put together differ in {}.", differ.join("; ")));
        }
        seeds.groups.push(counted);
    }
    seeds.notes = notes;
    seeds
}
