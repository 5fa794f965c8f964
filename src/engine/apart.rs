//! What must be known before results are shown or put together: whether scores and summary are of one evaluation, which weights and faces
//! they are of, whether runs are other seeds or one run twice, and in which facts they must agree. Reads session folders, trains nothing.

use std::io;
use std::path::Path;

use serde_json::Value;
use thiserror::Error;

use super::results::{AS_IT_IS, CHOSEN, unseen};
use crate::config::shown;
use crate::eval::{EvalError, Polarity, Score, ScoreSet};
use crate::session::{EARLIER_END, FacelessClip, Provenance, Session};

/// Facts of results.json that must be equal where numbers are put together.
pub const MUST_AGREE: [&str; 10] = [
    "threshold_rule",
    "threshold_source",
    "oracle",
    "level",
    "data",
    "origin",
    "fingerprint",
    "run_fingerprint",
    "checkpoint_selection",
    "version",
];

/// Scores that cannot be used.
#[derive(Debug, Error)]
pub enum StoredScores {
    /// They cannot be read.
    #[error(transparent)]
    Unreadable(#[from] EvalError),
    /// A write was interrupted, or someone replaced a file.
    #[error(
        "scores/test.csv and scores/results.json do not belong together; score the run again with `metafas evaluate`"
    )]
    Apart,
}

/// The rows of the session's test part as its `results` count them, live-high: clips without a face as rejected ones where the results
/// count those, and one name for a species. Fails where `results` are of other scores; results of an early version name none.
pub fn stored_scores(session: &Session, run: &Provenance, results: &Value) -> Result<ScoreSet, StoredScores> {
    let mut set = ScoreSet::read(&session.scores().join("test.csv"), Polarity::LiveHigh)?;
    if results["missing_faces"]["policy"] == "reject" {
        // Faces that are not the run's own have clips without a face of their own.
        let own = serde_json::from_value::<Vec<FacelessClip>>(results["faceless"].clone()).ok();
        set.rejected = match own {
            Some(faceless) => rows_of(&faceless, "test"),
            None => unseen(run, "test"),
        };
    }
    let as_written = set.fingerprint();
    set.unify_species();
    match results["scores_fingerprint"].as_str() {
        // Early versions took the names of species as they were written.
        Some(noted) if noted != as_written && noted != set.fingerprint() => Err(StoredScores::Apart),
        _ => Ok(set),
    }
}

/// Checks what [`stored_scores`] checks. A session without a score file, which someone may have left out of a copy, passes.
pub fn check_scores(session: &Session, run: &Provenance, results: &Value) -> Result<(), StoredScores> {
    match stored_scores(session, run, results) {
        Err(StoredScores::Unreadable(EvalError::Io { source, .. })) if source.kind() == io::ErrorKind::NotFound => {
            Ok(())
        }
        other => other.map(|_| ()),
    }
}

/// Clips without a face of a part of the data, as rows of score sets.
pub(super) fn rows_of(faceless: &[FacelessClip], part: &str) -> Vec<Score> {
    let row = |f: &FacelessClip| Score {
        claimed_id: f.subject.clone(),
        test_label: f.clip.clone(),
        attack_type: f.species.clone(),
        is_bonafide: f.live,
        ..Score::default()
    };
    faceless.iter().filter(|f| f.split == part).map(row).collect()
}

/// What must be said of `results` wherever their numbers are shown: that they are not of the run's last checkpoint, or not of the run's
/// own faces. `None` where they are.
pub fn checkpoint_note(results: &Value) -> Option<String> {
    let checkpoint = &results["checkpoint"];
    let choice = match results["checkpoint_selection"].as_str()? {
        CHOSEN => format!("checkpoint {checkpoint}, chosen by hand"),
        AS_IT_IS => format!("the run as it was at iteration {checkpoint}"),
        EARLIER_END => format!("the run as it ended at iteration {checkpoint}, before it went on"),
        _ => String::new(),
    };
    let faces = if results["run_fingerprint"].is_null() { "" } else { "other faces than those of the run" };
    let parts: Vec<&str> = [choice.as_str(), faces].into_iter().filter(|p| !p.is_empty()).collect();
    (!parts.is_empty()).then(|| format!("scored: {}", parts.join("; ")))
}

/// The facts in which results that are put together differ, a sentence part each: `level: frame, video`.
pub fn disagreements(results: &[&Value]) -> Vec<String> {
    let differ = MUST_AGREE.iter().filter_map(|key| {
        let mut all: Vec<String> = vec![];
        for value in results {
            let text = value.get(*key).filter(|v| !v.is_null()).map_or_else(|| "none".to_owned(), shown);
            let text =
                if key.ends_with("fingerprint") { text.get(..12).map_or(text.clone(), str::to_owned) } else { text };
            if !all.contains(&text) {
                all.push(text);
            }
        }
        (all.len() > 1).then(|| format!("{key}: {}", all.join(", ")))
    });
    differ.collect()
}

/// A run among runs that differ in the seed alone.
#[derive(Debug, Clone, Copy)]
pub struct OneSeed<'a> {
    /// Its folder.
    pub folder: &'a Path,
    /// Its seed.
    pub seed: u64,
    /// Its results, where it was scored.
    pub results: Option<&'a Value>,
}

/// Why a run does not count beside an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It has the earlier one's folder, or its seed and its scores.
    SameRun,
    /// It has the earlier one's seed and other scores: threads, device or version were others.
    SameSeed,
    /// Its seed is another, but its scores are exactly the earlier one's: someone edited the seed of a copy.
    SameScores,
}

impl Again {
    /// The sentence that says why the run `this` does not count beside the run `earlier`.
    pub fn sentence(self, this: &str, earlier: &str) -> String {
        match self {
            Self::SameRun => format!("{this} is the same run as {earlier}: it counts once"),
            Self::SameSeed => {
                format!("{this} has the seed of {earlier} and other scores: it is no further seed and does not count")
            }
            Self::SameScores => {
                format!(
                    "{this} has another seed than {earlier} but the same scores, bit by bit: it is a copy and does not count"
                )
            }
        }
    }
}

fn scores<'a>(run: &OneSeed<'a>) -> Option<&'a str> {
    run.results.and_then(|r| r["scores_fingerprint"].as_str())
}

/// For each of `runs`, which differ in the seed alone, the earlier one that it repeats; `None` where it counts.
pub fn repeats(runs: &[OneSeed<'_>]) -> Vec<Option<(usize, Again)>> {
    let folder = |run: &OneSeed<'_>| run.folder.canonicalize().unwrap_or_else(|_| run.folder.to_owned());
    let again = |now: &OneSeed<'_>, then: &OneSeed<'_>| {
        let same_scores = scores(now).is_some() && scores(now) == scores(then);
        if folder(now) == folder(then) {
            return Some(Again::SameRun);
        }
        match (now.seed == then.seed, same_scores) {
            (true, true) => Some(Again::SameRun),
            (true, false) if scores(now).is_none() && scores(then).is_none() => Some(Again::SameRun),
            (true, false) => Some(Again::SameSeed),
            (false, true) => Some(Again::SameScores),
            (false, false) => None,
        }
    };
    let mut all: Vec<Option<(usize, Again)>> = vec![];
    for (at, run) in runs.iter().enumerate() {
        let mut earlier = (0..at).filter(|&then| all[then].is_none());
        let found = earlier.find_map(|then| Some((then, again(run, &runs[then])?)));
        all.push(found);
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_copy_is_no_second_seed() {
        let results: Vec<Value> = ["a", "a", "b", "a", "c"].map(|f| json!({ "scores_fingerprint": f })).into();
        let run = |at: usize, folder: &'static str, seed| OneSeed {
            folder: Path::new(folder),
            seed,
            results: Some(&results[at]),
        };
        let runs = [run(0, "one", 0), run(1, "two", 0), run(2, "three", 0), run(3, "four", 9), run(4, "five", 1)];
        let told = repeats(&runs);
        let expected =
            [None, Some((0, Again::SameRun)), Some((0, Again::SameSeed)), Some((0, Again::SameScores)), None];
        assert_eq!(told, expected);
        assert_eq!(
            repeats(&[run(0, "one", 0), run(4, "one", 1)])[1],
            Some((0, Again::SameRun)),
            "one folder, given twice"
        );
        let unscored = |folder, seed| OneSeed { folder: Path::new(folder), seed, results: None };
        assert_eq!(
            repeats(&[unscored("a", 0), unscored("b", 0), unscored("c", 1)]),
            [None, Some((0, Again::SameRun)), None]
        );
    }

    #[test]
    fn what_was_scored_is_told() {
        let of = |selection: &str, other: Value| {
            checkpoint_note(&json!({ "checkpoint": 20, "checkpoint_selection": selection, "run_fingerprint": other }))
        };
        assert_eq!(of("last iteration", Value::Null), None);
        assert_eq!(of(CHOSEN, Value::Null).unwrap(), "scored: checkpoint 20, chosen by hand");
        assert!(
            of(EARLIER_END, json!("ab")).unwrap().ends_with("before it went on; other faces than those of the run")
        );
    }

    #[test]
    fn facts_that_differ_are_named() {
        let all = [json!({ "level": "video", "oracle": false }), json!({ "level": "frame", "oracle": false })];
        assert_eq!(disagreements(&all.iter().collect::<Vec<_>>()), ["level: video, frame"]);
        assert!(disagreements(&[&all[0]]).is_empty());
    }
}
