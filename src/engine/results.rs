//! From scores to results: the files in scores/ and their summary with its provenance.

use serde_json::{Value, json};

use super::EngineError;
use crate::config::{Level as ConfigLevel, RunConfig, Supervision};
use crate::eval::{Level, Metrics, MetricsRequest, Rule, ScoreSet, Source, measure};
use crate::session::{Provenance, Session};

/// What a result is the result of.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The run's settings.
    pub config: &'a RunConfig,
    /// Where its data comes from.
    pub provenance: &'a Provenance,
    /// Counted iterations of the scored weights.
    pub checkpoint: u64,
    /// How that checkpoint was chosen.
    pub selection: &'a str,
}

/// Writes one CSV a part of the data, measures the test part, and writes and returns results.json.
pub fn write(session: &Session, sets: &[ScoreSet], origin: Origin<'_>) -> Result<Value, EngineError> {
    for set in sets {
        set.save_bob(&session.scores().join(format!("{}.csv", set.name)))?;
    }
    let results = summarise(sets, origin)?;
    let text = serde_json::to_vec_pretty(&results).map_err(|e| EngineError::Checkpoint(e.to_string()))?;
    let path = session.results_file();
    std::fs::write(&path, text).map_err(|error| crate::session::SessionError::Io { what: "write", error, path })?;
    Ok(results)
}

fn summarise(sets: &[ScoreSet], origin: Origin<'_>) -> Result<Value, EngineError> {
    let Origin { config, provenance, checkpoint, selection } = origin;
    let find = |name: &str| sets.iter().find(|s| s.name == name);
    let Some(test) = find("test") else {
        return Err(EngineError::Refused("there are no test scores".to_owned()));
    };
    let rule: Rule = config.evaluate.threshold.parse()?;
    let mut request = MetricsRequest::new(Source::Set(test), rule);
    request.dev = find("dev").map(Source::Set);
    request.train = find("train").map(Source::Set);
    request.level = Some(match config.evaluate.level {
        ConfigLevel::Video => Level::Video,
        ConfigLevel::Frame => Level::Frame,
    });
    request.seed = config.seed;
    let metrics: Metrics = measure(&request)?;
    let mut results = serde_json::to_value(&metrics).map_err(|e| EngineError::Checkpoint(e.to_string()))?;
    if let Value::Object(map) = &mut results {
        map.insert("data".to_owned(), json!(provenance.data));
        map.insert("origin".to_owned(), json!(provenance.origin));
        map.insert("fingerprint".to_owned(), json!(provenance.fingerprint));
        let clips = &provenance.clips;
        if !clips.is_none() {
            map.insert("sets".to_owned(), json!(clips.sets));
            map.insert("partial".to_owned(), json!(clips.partial));
            let left_out = json!({ "unreadable": clips.unreadable, "without_face": clips.without_face });
            map.insert("clips_left_out".to_owned(), left_out);
        }
        map.insert("detector".to_owned(), json!(config.title()));
        if config.detector.supervision == Supervision::Depth {
            map.insert("depth".to_owned(), json!(provenance.depth));
        }
        if let Some(protocol) = config.teachers_protocol() {
            map.insert("teacher_protocol".to_owned(), json!(protocol));
        }
        map.insert("checkpoint".to_owned(), json!(checkpoint));
        map.insert("checkpoint_selection".to_owned(), json!(selection));
        map.insert("seed".to_owned(), json!(config.seed));
        map.insert("version".to_owned(), json!(provenance.version));
    }
    Ok(results)
}
