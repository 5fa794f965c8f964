//! Scoring a session again, without a thread: another checkpoint, or other rules than the run's own for this once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;

use serde_json::Value;

use super::EngineError;
use super::differences::{For, of_faces, of_machine, of_settings, trained_on};
use super::going_on::{load_checkpoint, newest_whole};
use super::launch::{Opened, open};
use super::machine::Machine;
use super::results::{self, CHOSEN, LAST, Origin};
use super::runner::{from_panic, has_detector};
use crate::config::{BnTest, EvaluateConfig, Level, MissingFaces, ScoredBy, VideoRule};
use crate::session::{Lock, Provenance, Session, SettingsLog, Trained};

/// What is scored and how; what is `None` is as the run has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rescore {
    /// Counted iterations of the checkpoint; the last one for `None`.
    pub checkpoint: Option<u64>,
    /// Threshold rule.
    pub threshold: Option<String>,
    /// How a video's frames become one score.
    pub video: Option<VideoRule>,
    /// What becomes of clips without a face.
    pub missing_faces: Option<MissingFaces>,
    /// Whether videos or frames are scored.
    pub level: Option<Level>,
    /// Statistics of the detector's batch norms.
    pub bn_test: Option<BnTest>,
    /// Which of its outputs make the score.
    pub scored_by: Option<ScoredBy>,
}

impl Rescore {
    /// The run's settings with what is asked for in their place.
    fn over(&self, own: &EvaluateConfig) -> Result<EvaluateConfig, EngineError> {
        let level = self.level.unwrap_or(own.level);
        if let Some(rule) = self.video.filter(|_| level == Level::Frame) {
            return Err(EngineError::Refused(format!(
                "frames are scored (evaluate.level is frame): {rule} of a video's frames would change nothing"
            )));
        }
        Ok(EvaluateConfig {
            threshold: self.threshold.clone().unwrap_or_else(|| own.threshold.clone()),
            video: self.video.unwrap_or(own.video),
            missing_faces: self.missing_faces.unwrap_or(own.missing_faces),
            level,
            bn_test: self.bn_test.unwrap_or(own.bn_test),
            scored_by: self.scored_by.unwrap_or(own.scored_by),
        })
    }
}

/// Scores dev and test with a checkpoint of the session in `folder`, writes scores/ and returns the results. The session's
/// settings stay; results say which were others.
pub fn evaluate(
    folder: &Path,
    how: &Rescore,
    cache: &Path,
    progress: &mut (dyn FnMut(&str, u64, u64) -> bool + Send),
    warn: &dyn Fn(String),
) -> Result<Value, EngineError> {
    let session = Session::open_to_write(folder)?;
    let _lock = Lock::of_session(folder, "scores")?;
    let Opened { config, provenance, now, mut machine } = open(&session, cache, &|_, _, _| true)?;
    machine.config.evaluate = how.over(&config.evaluate)?;
    machine.config.check().map_err(crate::config::ConfigError::Problems)?;
    machine.check_threshold()?;
    let all = session.checkpoint_iterations();
    let wanted = how.checkpoint.or_else(|| all.last().copied()).unwrap_or(0);
    if !all.contains(&wanted) {
        let list: Vec<String> = all.iter().map(ToString::to_string).collect();
        return Err(EngineError::Refused(format!(
            "the session has no checkpoint {wanted}; it has {}",
            if list.is_empty() { "none".to_owned() } else { list.join(", ") }
        )));
    }
    let (global, state, skipped) = if how.checkpoint.is_some() {
        // A checkpoint that was asked for is the one that is scored.
        let (global, state) = load_checkpoint(&session, wanted, &machine)?;
        (global, state, vec![])
    } else {
        let whole = newest_whole(&session, wanted, &machine)?.ok_or_else(|| {
            EngineError::Refused(format!("the session has no checkpoint yet: {}", session.path().display()))
        })?;
        let skipped = whole.sentences();
        (whole.iteration, whole.state, skipped)
    };
    machine.restore(state, global);
    if !has_detector(machine.stage()) {
        let before = skipped.iter().fold(String::new(), |all, sentence| format!("{all}{sentence}; "));
        return Err(EngineError::Refused(format!(
            "{before}checkpoint {global} is from before the detector was trained, there is nothing to score with; `metafas resume` \
             trains it again"
        )));
    }
    for sentence in &skipped {
        warn(sentence.clone());
    }
    let scored = catch_unwind(AssertUnwindSafe(|| machine.evaluate_now(progress)))
        .unwrap_or_else(|payload| Err(from_panic(payload.as_ref())))?;
    let selection = match how.checkpoint {
        // The last checkpoint is the run's own, whoever names it.
        Some(_) if all.last() != Some(&global) => CHOSEN,
        _ if skipped.is_empty() => LAST,
        _ => "newest that is whole",
    };
    let warnings = warnings(&session, &machine, &provenance, &now, global)?;
    let origin = Origin {
        config: &machine.config,
        own: &config.evaluate,
        run: &provenance,
        now: &now,
        checkpoint: global,
        selection,
        warnings: &warnings,
    };
    let progress = Mutex::new(progress);
    results::write(&session, &scored, origin, &|done, all| {
        // Whoever holds it is telling something newer.
        if let Ok(mut progress) = progress.try_lock() {
            progress("intervals", done as u64, all as u64);
        }
    })
}

/// What a reader of the scores must know: which of machine, faces and settings are not those that the run was trained with.
fn warnings(
    session: &Session,
    machine: &Machine,
    run: &Provenance,
    now: &Provenance,
    checkpoint: u64,
) -> Result<Vec<String>, EngineError> {
    let mut all = vec![];
    if let Some(sentence) = of_faces(run, now, For::Scoring) {
        all.push(sentence);
        let trained = Trained::read(&session.trained_file())?;
        all.extend(trained_on(&machine.batches.faces, trained.as_ref())?);
    }
    let edited = SettingsLog::read(&session.settings_file())?.edited(checkpoint, &machine.config);
    all.extend(of_settings(&edited, checkpoint, For::Scoring, |_| false));
    all.extend(of_machine(run, now, For::Scoring));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_replaces_what_the_run_has_and_the_rest_stays() {
        let own = EvaluateConfig { threshold: "fixed:0.5".to_owned(), ..EvaluateConfig::default() };
        assert_eq!(Rescore::default().over(&own).unwrap(), own);
        let how =
            Rescore { video: Some(VideoRule::Max), missing_faces: Some(MissingFaces::Reject), ..Rescore::default() };
        let expected = EvaluateConfig { video: VideoRule::Max, missing_faces: MissingFaces::Reject, ..own.clone() };
        assert_eq!(how.over(&own).unwrap(), expected);
        let frames = EvaluateConfig { level: Level::Frame, ..own };
        assert!(how.over(&frames).unwrap_err().to_string().contains("evaluate.level"));
    }
}
