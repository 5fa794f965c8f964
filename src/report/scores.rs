//! A run's scores on the test part as its results were made of them: the same level, the same way from frames to videos,
//! clips without a face as they were counted, and the threshold with its origin.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::ReportError;
use super::runs::Run;
use crate::engine::{StoredScores, stored_scores};
use crate::eval::{Fusion, Level, Polarity, Ranked, ScoreSet, fuse_frames};

/// Scores with the threshold they were decided at.
#[derive(Debug, Clone)]
pub struct Scored {
    /// The rows as the file has them, a frame each.
    pub frames: ScoreSet,
    /// The presentations that were decided on: videos, or frames.
    pub presentations: ScoreSet,
    /// The same, ranked.
    pub ranked: Ranked,
    /// What a presentation is.
    pub level: Level,
    /// Live-high; may be infinite.
    pub threshold: f64,
    /// The run's own threshold, where the one above was moved.
    pub own_threshold: f64,
    /// results.json, with a moved threshold in the place of the run's own.
    pub results: Value,
}

impl Scored {
    /// Those of the session in `folder`.
    pub fn open(folder: &Path) -> Result<Self, ReportError> {
        Self::of(&Run::open(folder)?)
    }

    pub(super) fn of(run: &Run) -> Result<Self, ReportError> {
        let path = run.session.scores().join("test.csv");
        if !path.is_file() {
            let what =
                "the session holds no scores of the test part; finish the run, or score it with `metafas evaluate`";
            return Err(ReportError::lacks(&run.path, what));
        }
        let results = run.session.results()?.ok_or_else(|| {
            ReportError::lacks(&run.path, "the session holds no results; score it with `metafas evaluate`")
        })?;
        let frames = stored_scores(&run.session, &run.provenance, &results).map_err(|e| match e {
            StoredScores::Unreadable(e) => ReportError::Scores(e),
            StoredScores::Apart => ReportError::lacks(&run.path, &e.to_string()),
        })?;
        let level = fact(run, &results, "level")?;
        let presentations = match level {
            Level::Frame => frames.clone(),
            Level::Video => fuse_frames(&frames, fact::<Fusion>(run, &results, "video_rule")?, &mut vec![])?,
        };
        let polarity: Polarity = fact(run, &results, "polarity")?;
        let given = match results["threshold_infinite"].as_str() {
            Some("inf") => f64::INFINITY,
            Some(_) => f64::NEG_INFINITY,
            None => fact(run, &results, "threshold")?,
        };
        let ranked = Ranked::new(&presentations);
        if ranked.eer_point().is_none() {
            return Err(ReportError::lacks(&run.path, "the scores of the test part lack live faces or attacks"));
        }
        let threshold = polarity.to_live_high(given);
        Ok(Self { frames, presentations, ranked, level, threshold, own_threshold: threshold, results })
    }

    /// The run's scores judged at another threshold, in the polarity of its results, where one is given. It counts as an
    /// oracle: whoever moves it looks at the test part.
    pub(super) fn at(run: &Run, moved: Option<f64>) -> Result<Self, ReportError> {
        let mut scored = Self::of(run)?;
        let Some(threshold) = moved else { return Ok(scored) };
        if !threshold.is_finite() {
            return Err(ReportError::wrong(format!(
                "the threshold {threshold} is not a finite number; give one as 0.5"
            )));
        }
        let polarity: Polarity = fact(run, &scored.results, "polarity")?;
        scored.threshold = polarity.to_live_high(threshold);
        if let Some(results) = scored.results.as_object_mut() {
            results.remove("threshold_infinite");
            results.insert("threshold".to_owned(), json!(threshold));
            results.insert("threshold_rule".to_owned(), json!(format!("{threshold}, set by hand")));
            results.insert("threshold_source".to_owned(), json!("given"));
            results.insert("oracle".to_owned(), json!(true));
        }
        Ok(scored)
    }

    /// What side-cars say of the threshold.
    pub(super) fn threshold_facts(&self) -> Value {
        let keys =
            ["threshold", "threshold_infinite", "threshold_rule", "threshold_source", "oracle", "polarity", "level"];
        let known = keys.into_iter().filter(|k| !self.results[*k].is_null());
        Value::Object(known.map(|k| (k.to_owned(), self.results[k].clone())).collect())
    }

    /// What side-cars say of the number of presentations.
    pub(super) fn count_facts(&self) -> Value {
        let (live, attacks) = self.ranked.counts();
        json!({ "n_live": live, "n_attack": attacks })
    }
}

fn fact<T: DeserializeOwned>(run: &Run, results: &Value, key: &str) -> Result<T, ReportError> {
    serde_json::from_value(results[key].clone()).map_err(|e| {
        let what = format!("scores/results.json has no usable {key} ({e}); score the run with `metafas evaluate`");
        ReportError::lacks(&run.path, &what)
    })
}
