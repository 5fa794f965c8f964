//! What the cases of a sweep came to, read from their sessions. A case that is not finished has no numbers: it is missing,
//! which is something else than zero.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::case::{dotted, shown};
use super::work::stray;
use super::{Case, CaseState, HEADLINES, OF_MAPS, SweepError, SweepFolder, SweepSpec};
use crate::config::RunConfig;
use crate::engine::{OneSeed, check_scores, checkpoint_note, repeats};
use crate::session::{Session, Settings};

/// Name of the last bi-level validation loss among the metrics.
pub(super) const L_V: &str = "l_v";

/// One case with what it came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The case.
    pub case: Case,
    /// Where it stands.
    pub state: CaseState,
    /// Bi-level iterations done.
    pub iteration: u64,
    /// Values of the keys that vary, as tables show them, in the order of [`Collected::varying`].
    pub settings: Vec<String>,
    /// Metrics by name: [`HEADLINES`] from 0 to 1, `l_v`, and [`OF_MAPS`]. Empty for a case that is missing; `None` where undefined.
    pub metrics: BTreeMap<&'static str, Option<f64>>,
    /// results.json of a finished case, else null.
    pub results: Value,
    /// Why a case is missing though its session is finished, or what else a reader must know.
    pub note: String,
}

impl Finding {
    /// Whether it has no numbers.
    pub fn is_missing(&self) -> bool {
        self.metrics.is_empty()
    }

    /// A fact of results.json as text; empty where there is none.
    pub(super) fn fact(&self, key: &str) -> String {
        self.results.get(key).filter(|v| !v.is_null()).map(shown).unwrap_or_default()
    }
}

/// All cases with what they came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Collected {
    /// The sweep's name.
    pub name: String,
    /// Keys of settings that differ between cases; `variant` first where there are any.
    pub varying: Vec<String>,
    /// Keys that are averaged over.
    pub average: Vec<String>,
    /// Keys of the sweep's grid.
    pub grid: Vec<String>,
    /// The cases in their order.
    pub findings: Vec<Finding>,
}

/// The cases of a sweep that is not planned yet: all of them missing.
pub fn ahead(spec: &SweepSpec, cases: &[Case]) -> Result<Collected, SweepError> {
    let Apart { varying, settings, .. } = apart(cases)?;
    let finding = |(case, settings): (&Case, Vec<String>)| Finding {
        case: case.clone(),
        state: CaseState::Planned,
        iteration: 0,
        settings,
        metrics: BTreeMap::new(),
        results: Value::Null,
        note: String::new(),
    };
    let findings = cases.iter().zip(settings).map(finding).collect();
    Ok(Collected { name: spec.name.clone(), varying, average: spec.average.clone(), grid: keys(spec), findings })
}

fn keys(spec: &SweepSpec) -> Vec<String> {
    spec.grid.keys().cloned().collect()
}

/// What tells cases apart.
struct Apart {
    /// Keys that vary over them.
    varying: Vec<String>,
    /// The configuration of each.
    configs: Vec<RunConfig>,
    /// Its values of these keys.
    settings: Vec<Vec<String>>,
}

fn apart(cases: &[Case]) -> Result<Apart, SweepError> {
    let configs: Vec<_> = cases.iter().map(Case::config).collect::<Result<_, _>>()?;
    let tables: Vec<BTreeMap<String, Value>> = configs.iter().map(dotted).collect();
    let differs = |key: &String| tables.iter().any(|t| t.get(key) != tables[0].get(key));
    let keys: Vec<String> =
        tables.first().into_iter().flat_map(BTreeMap::keys).filter(|k| differs(k)).cloned().collect();
    let variants = cases.iter().any(|c| c.variant.is_some());
    let varying = variants.then(|| "variant".to_owned()).into_iter().chain(keys.iter().cloned()).collect();
    let of = |(case, table): (&Case, &BTreeMap<String, Value>)| {
        let own = keys.iter().map(|k| table.get(k).map(shown).unwrap_or_default());
        let variant = variants.then(|| case.variant.clone().unwrap_or_default());
        variant.into_iter().chain(own).collect()
    };
    let settings = cases.iter().zip(&tables).map(of).collect();
    Ok(Apart { varying, configs, settings })
}

/// Reads all cases of a sweep.
pub fn collect(folder: &SweepFolder) -> Result<Collected, SweepError> {
    let Apart { varying, configs, settings } = apart(&folder.cases)?;
    let mut findings = vec![];
    for ((case, config), settings) in folder.cases.iter().zip(&configs).zip(settings) {
        let standing = folder.standing(case);
        let mut finding = Finding {
            case: case.clone(),
            state: standing.state,
            iteration: standing.iteration,
            settings,
            metrics: BTreeMap::new(),
            results: Value::Null,
            note: standing.reason.unwrap_or_default(),
        };
        if standing.state == CaseState::Finished {
            let session = Session::open(&folder.session_path(case))?;
            let apart = standing.results.as_ref().and_then(|results| unfit(&session, results));
            match (stray(&session, config, false).or(apart), standing.results) {
                (Some(reason), _) => finding.note = reason,
                (None, None) => {
                    "scores/results.json cannot be read; make it with `metafas evaluate`".clone_into(&mut finding.note);
                }
                (None, Some(results)) => {
                    let rates = HEADLINES.iter().chain(&OF_MAPS).map(|&key| (key, results[key].as_f64()));
                    let l_v = session.rows()?.iter().rev().find_map(|row| row.get(L_V)).filter(|v| v.is_finite());
                    finding.metrics = rates.chain([(L_V, l_v)]).collect();
                    finding.note = notes(&session, config, &results);
                    finding.results = results;
                }
            }
        }
        findings.push(finding);
    }
    drop_copies(folder, &configs, &mut findings);
    let spec = &folder.spec;
    Ok(Collected { name: spec.name.clone(), varying, average: spec.average.clone(), grid: keys(spec), findings })
}

/// Why the numbers in `results` cannot be taken as those of the session, if so.
fn unfit(session: &Session, results: &Value) -> Option<String> {
    let checked = session.provenance().map(|run| check_scores(session, &run, results));
    match checked {
        Ok(Ok(())) => None,
        Ok(Err(e)) => Some(e.to_string()),
        Err(e) => Some(e.to_string()),
    }
}

/// What a reader must know of a case that has numbers.
fn notes(session: &Session, config: &RunConfig, results: &Value) -> String {
    let mut all: Vec<String> = checkpoint_note(results).into_iter().collect();
    let changes = Settings::of_run(session, config).changes;
    if !changes.is_empty() {
        let told = changes.iter().map(|c| format!("{} {} from iteration {}", c.key, shown(&c.value), c.iteration));
        all.push(format!("settings were changed while it was trained ({})", told.collect::<Vec<_>>().join(", ")));
    }
    all.join("; ")
}

/// Takes the numbers from cases that are another seed by name alone, a copy of a case with its very scores: they would count as two.
fn drop_copies(folder: &SweepFolder, configs: &[RunConfig], findings: &mut [Finding]) {
    let bare = |config: &RunConfig| RunConfig { seed: 0, ..config.clone() };
    let there: Vec<usize> = (0..findings.len()).filter(|&at| !findings[at].is_missing()).collect();
    let mut groups: Vec<(RunConfig, Vec<usize>)> = vec![];
    for at in there {
        let own = bare(&configs[at]);
        match groups.iter_mut().find(|(other, _)| *other == own) {
            Some((_, members)) => members.push(at),
            None => groups.push((own, vec![at])),
        }
    }
    for (_, members) in groups {
        let places: Vec<(usize, PathBuf)> =
            members.iter().map(|&at| (at, folder.session_path(&findings[at].case))).collect();
        let runs: Vec<OneSeed<'_>> = places
            .iter()
            .map(|(at, path)| OneSeed { folder: path, seed: configs[*at].seed, results: Some(&findings[*at].results) })
            .collect();
        let again = repeats(&runs);
        for (&at, found) in members.iter().zip(again) {
            let Some((earlier, why)) = found else { continue };
            let named = |at: usize| format!("case {}", findings[at].case.id);
            let note = why.sentence(&named(at), &named(members[earlier]));
            let finding = &mut findings[at];
            finding.metrics.clear();
            finding.note = note;
        }
    }
}
