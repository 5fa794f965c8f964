//! Where a session goes on: the newest checkpoint that is whole, and what another number of iterations would cut. What is finished is
//! never cut unasked.

use std::path::{Path, PathBuf};

use super::machine::Machine;
use super::store::RunState;
use super::{EngineError, NewLengths};
use crate::config::Stage;
use crate::config::{RunConfig, Teaching};
use crate::session::{Session, SessionError, State, kept_checkpoints, map_stride};

/// A checkpoint that could not be used, and why.
#[derive(Debug)]
pub(super) struct Damaged {
    /// Its counted iteration, by its name.
    pub iteration: u64,
    /// The reason, with the file.
    pub why: String,
}

/// The newest checkpoint that is whole.
#[derive(Debug)]
pub(super) struct Whole {
    /// Its counted iteration.
    pub iteration: u64,
    /// What is in it.
    pub state: RunState,
    /// Newer ones that were skipped.
    pub damaged: Vec<Damaged>,
}

impl Whole {
    /// What was skipped, a sentence each.
    pub fn sentences(&self) -> Vec<String> {
        let used = self.iteration;
        let sentence = |d: &Damaged| {
            format!(
                "checkpoint {:06}.safetensors is skipped, checkpoint {used} is used instead: {}",
                d.iteration, d.why
            )
        };
        self.damaged.iter().map(sentence).collect()
    }
}

/// The newest whole checkpoint at or before `limit`; `None` where there is no checkpoint at all. Damaged ones are skipped. One of
/// another network is no damage: an older one would hide that run.toml was edited.
pub(super) fn newest_whole(session: &Session, limit: u64, machine: &Machine) -> Result<Option<Whole>, EngineError> {
    let mut damaged = vec![];
    let mut first = None;
    for iteration in session.checkpoint_iterations().into_iter().rev().filter(|&i| i <= limit) {
        match load_checkpoint(session, iteration, machine) {
            Ok((iteration, state)) => return Ok(Some(Whole { iteration, state, damaged })),
            Err(EngineError::Session(error)) if is_damage(&error) => {
                damaged.push(Damaged { iteration, why: error.to_string() });
                first.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    first.map_or(Ok(None), |error| Err(error.into()))
}

/// Whether `error` means the file, not the right to read it.
fn is_damage(error: &SessionError) -> bool {
    match error {
        SessionError::Corrupt { .. } => true,
        SessionError::Io { error, .. } => error.kind() != std::io::ErrorKind::PermissionDenied,
        _ => false,
    }
}

/// The state in checkpoint `iteration` of `session`.
pub(super) fn load_checkpoint(
    session: &Session,
    iteration: u64,
    machine: &Machine,
) -> Result<(u64, RunState), EngineError> {
    let checkpoint = session.checkpoint(iteration)?;
    let path = session.checkpoint_file(iteration);
    let (state, global) = RunState::from_checkpoint(&checkpoint, &machine.nets, machine.device())
        .map_err(|e| EngineError::Checkpoint(format!("{e}: {}", path.display())))?;
    if global != iteration {
        return Err(EngineError::Session(SessionError::Corrupt {
            message: format!("the checkpoint says that it is of iteration {global}, its name says {iteration}"),
            path,
        }));
    }
    Ok((global, state))
}

/// What a resume with another number of iterations means for what is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NewLength {
    /// The run's own number, or one that it has not reached.
    Same,
    /// A run that ended, or whose detector has begun, goes on to more: the detector is trained anew.
    Longer,
    /// The detector of a run that ended goes on to more.
    LongerDetector,
    /// Bi-level iterations of a run that is not finished are cut: a copy is kept.
    Shorter,
    /// Finished work is cut, which was agreed to.
    Discarded,
}

/// Looks at what other lengths would cut, before anything is loaded or changed. Refuses to cut what is finished unless that is agreed to,
/// and to cut a detector at all.
pub(super) fn new_length(session: &Session, config: &RunConfig, lengths: NewLengths) -> Result<NewLength, EngineError> {
    let ended = session.status().is_ok_and(|s| s.state == State::Finished);
    let mut same = NewLength::Same;
    if let Some(wanted) = lengths.detector.filter(|&n| n != config.detector.iterations) {
        let before = config.detector.iterations;
        if wanted < before {
            return Err(EngineError::Refused(format!(
                "--detector-iterations is {wanted}, and the run has {before}: a detector can be trained longer, not shorter; \
                 `metafas evaluate --checkpoint` scores an earlier one"
            )));
        }
        if ended {
            same = NewLength::LongerDetector;
        }
    }
    let before = config.bilevel.iterations;
    let Some(wanted) = lengths.bilevel.filter(|&n| n != before) else { return Ok(same) };
    if config.detector.supervision.teaching() != Teaching::Meta {
        return Err(EngineError::Refused(format!(
            "--iterations is the number of bi-level iterations, and a detector that learns from {} has none",
            config.detector.supervision
        )));
    }
    let first = config.lengths().pretrain;
    let checkpoints = session.checkpoint_iterations();
    let saved = checkpoints.last().copied().unwrap_or(0);
    let reached = saved.max(session.status().map_or(0, |s| s.global_iteration));
    let finished = reached > first + before || ended;
    if wanted > before {
        return Ok(if finished { NewLength::Longer } else { NewLength::Same });
    }
    if reached <= first + wanted {
        return Ok(NewLength::Same);
    }
    if lengths.discard_later {
        return Ok(NewLength::Discarded);
    }
    if !finished {
        return Ok(NewLength::Shorter);
    }
    let later = checkpoints.iter().filter(|&&i| i > first + wanted).count();
    let scores = if session.results_file().exists() { ", its scores are replaced" } else { "" };
    Err(EngineError::Refused(format!(
        "the run has {} bi-level iterations; going back to {wanted} deletes {later} checkpoints and the rows and maps after bi-level \
         iteration {wanted}, the trained detector with them{scores}: copy the folder to keep them, then add --discard-later: {}",
        before.min(reached.saturating_sub(first)),
        session.path().display()
    )))
}

/// Copies the session beside itself before iterations are cut that no other file holds.
pub(super) fn keep_copy(session: &Session) -> Result<PathBuf, EngineError> {
    let path = session.path().canonicalize();
    let path = path.map_err(|error| SessionError::Io { what: "find", error, path: session.path().to_owned() })?;
    let reached = session.checkpoint_iterations().last().copied().unwrap_or(0);
    let name = path.file_name().unwrap_or_default().to_owned();
    let mut number = 0;
    let folder = loop {
        number += 1;
        let mut name = name.clone();
        name.push(format!("-at-{reached}-{number}"));
        let folder = path.with_file_name(name);
        if folder.symlink_metadata().is_err() {
            break folder;
        }
    };
    let copy = session.copy_to(&folder)?;
    if let Ok(status) = session.status() {
        crate::session::Status { state: State::Stopped, outlook: None, ..status }.write(&copy.status_file())?;
    }
    Ok(folder)
}

/// The counted iteration after which nothing of a run of `before` is as in one of `config`, which may have other numbers of bi-level
/// iterations and of the detector's: where the shorter of both ends. `keep` sees to the checkpoints that the other length would have.
pub(super) fn common_part(session: &Session, config: &RunConfig, before: &RunConfig) -> u64 {
    let (now, then) = (config.bilevel.iterations, before.bilevel.iterations);
    if config.lengths() == before.lengths() {
        return u64::MAX;
    }
    let end = if now == then {
        before.total_iterations().min(config.total_iterations())
    } else {
        config.lengths().pretrain + now.min(then)
    };
    let every = map_stride(config.watch.every, config.total_iterations());
    // Maps at the end of a stage are those of the next one and have no cotangent, so that one iteration is done again.
    let redone = end > 0 && end.is_multiple_of(every) && session.map_file(end).exists();
    let limit = if redone { end - 1 } else { end };
    if now >= then { limit } else { limit.min(thinned_otherwise(session, config)) }
}

/// The last checkpoint before which every checkpoint is there that a run of `config` keeps to its end: a longer run has dropped some.
fn thinned_otherwise(session: &Session, config: &RunConfig) -> u64 {
    let there = session.checkpoint_iterations();
    let mut wanted = kept_checkpoints(config.checkpoint.every, config.total_iterations(), config.checkpoint.keep);
    wanted.extend(Stage::ends(config.lengths()));
    let lacking = wanted.into_iter().filter(|i| !there.contains(i)).min();
    lacking.map_or(u64::MAX, |i| i.saturating_sub(1))
}

/// Sets damaged checkpoints aside and gives the sentences that say so.
pub(super) fn set_aside(session: &Session, whole: &Whole) -> Result<Vec<String>, EngineError> {
    for damaged in &whole.damaged {
        session.set_checkpoint_aside(damaged.iteration)?;
    }
    Ok(whole.sentences())
}

/// What is said where a folder was kept.
pub(super) fn kept_sentence(folder: &Path) -> String {
    format!(
        "later bi-level iterations are cut from this session; a copy of it as it was is kept in {}",
        folder.display()
    )
}
