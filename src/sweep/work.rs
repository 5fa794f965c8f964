//! Doing one case: an ordinary run of the engine in the case's folder, begun or gone on with, under the case's lock.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Case, CaseState, SweepError, SweepFolder};
use crate::config::RunConfig;
use crate::disk;
use crate::engine::{self, Command, EngineError, Event, Job, NewLengths, SpawnOptions, Start};
use crate::session::{Lock, Look, Session, Settings, State, replace_file};

/// How an attempt at a case ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "reason", rename_all = "snake_case")]
pub enum Outcome {
    /// It is done now.
    Finished,
    /// It had been done before.
    Already,
    /// Asked to stop; it can be resumed.
    Stopped,
    /// Another process is at it.
    Busy(String),
    /// It failed, for this reason.
    Failed(String),
}

/// Does case `index` with so many `threads` unless it sets them itself, until it ends or `stop` is set. `tell` hears the
/// engine's events.
pub fn run_case(
    folder: &SweepFolder,
    index: usize,
    threads: usize,
    cache: &Path,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(&Event),
) -> Result<Outcome, SweepError> {
    let case = folder.case(index)?;
    let mut config = case.config()?;
    if config.compute.threads == 0 {
        config.compute.threads = threads;
    }
    folder.make_work()?;
    if disk::below(folder.path(), Path::new(&case.folder)).is_err() {
        return Err(SweepError::Linked(folder.session_path(case)));
    }
    let Ok(lock) = Lock::take(&folder.lock_file(case), "trains a case")? else {
        return Ok(Outcome::Busy("another process of this sweep is at it".to_owned()));
    };
    let before = lock.before.as_ref().map(|holder| holder.pid);
    if let Look::Held(holder) = Lock::look_at_session(&folder.session_path(case)) {
        let who = holder.map_or_else(|| "another process".to_owned(), |holder| holder.to_string());
        return Ok(Outcome::Busy(format!("{who} is writing it")));
    }
    if folder.judge(case, false, before).state == CaseState::Finished {
        return Ok(Outcome::Already);
    }
    if let Some(who) = folder.at_it(case, before) {
        return Ok(Outcome::Busy(who));
    }
    let error_file = folder.error_file(case);
    match fs::remove_file(&error_file) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(SweepError::io("delete", &error_file)(e)),
        _ => {}
    }
    let outcome = match job(folder, case, config)? {
        Ok(job) => drive(job, cache, stop, tell),
        Err(reason) => Outcome::Failed(reason),
    };
    if let Outcome::Failed(reason) = &outcome {
        replace_file(&error_file, format!("{reason}\n").as_bytes())?;
    }
    Ok(outcome)
}

/// What the engine is to do: go on from the last checkpoint, or begin. The inner error is why neither is possible.
fn job(folder: &SweepFolder, case: &Case, config: RunConfig) -> Result<Result<Job, String>, SweepError> {
    let path = folder.session_path(case);
    if let Ok(session) = Session::open(&path)
        && !session.checkpoint_iterations().is_empty()
    {
        let iterations = Some(config.bilevel.iterations);
        return Ok(match stray(&session, &config, true) {
            Some(reason) => Err(reason),
            None => Ok(Job::Resume { folder: path, lengths: NewLengths::bilevel(iterations) }),
        });
    }
    // Begun and cut off before anything was learnt: what is there is made again.
    if is_bare(&path) {
        Session::discard(&path)?;
    }
    Ok(Ok(Job::New { config, folder: path }))
}

/// Whether `path` is a folder that holds nothing but what a session without a checkpoint holds.
fn is_bare(path: &Path) -> bool {
    const NAMES: [&str; 11] = [
        "maps",
        "checkpoints",
        "scores",
        "figures",
        ".writable",
        "metrics.jsonl",
        "timing.jsonl",
        "commands.jsonl",
        "run.toml",
        "settings.jsonl",
        "trained_on.txt",
    ];
    let Ok(entries) = fs::read_dir(path) else { return false };
    entries.filter_map(Result::ok).all(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        NAMES.contains(&name.trim_end_matches(".new")) || name.starts_with("status.") || disk::is_unfinished(&name)
    })
}

/// Why `session` is no run of `config`, if it is none: settings other than device and threads, which depend on the
/// machine. While it can still be `resumed`, its number of bi-level iterations may be another one.
pub(super) fn stray(session: &Session, config: &RunConfig, resumed: bool) -> Option<String> {
    let theirs = match session.config() {
        Ok(theirs) => theirs,
        Err(error) => return Some(error.to_string()),
    };
    let mut ours = config.clone();
    ours.compute.device.clone_from(&theirs.compute.device);
    ours.compute.threads = theirs.compute.threads;
    if resumed {
        ours.bilevel.iterations = theirs.bilevel.iterations;
    }
    // run.toml may have been edited since: what counts is what the run was trained with. A setting that changed on the way is told of
    // the numbers, and makes no other run.
    let trained = Settings::of_run(session, &theirs);
    let changed = |key: &str| trained.changes.iter().any(|change| change.key == key);
    let (ours, theirs) = (super::case::dotted(&ours), super::case::dotted(&theirs));
    let same = |key: &String, value: &Value| {
        theirs.get(key) == Some(value) && (changed(key) || trained.table.get(key).is_none_or(|then| then == value))
    };
    let other: Vec<&str> = ours.iter().filter(|(k, v)| !same(k, v)).map(|(k, _)| k.as_str()).collect();
    let what = other.join(", ");
    (!other.is_empty()).then(|| format!("the session in the case's folder has other settings ({what}); move it away"))
}

fn drive(job: Job, cache: &Path, stop: &AtomicBool, tell: &mut dyn FnMut(&Event)) -> Outcome {
    let folder = match &job {
        Job::New { folder, .. } | Job::Resume { folder, .. } => folder.clone(),
    };
    let handle = engine::spawn(SpawnOptions { job, start: Start::Play, cache: cache.to_owned(), waker: None });
    let (mut asked, mut failed, mut warning, mut stuck) = (false, None, None, false);
    loop {
        if stop.load(Ordering::Relaxed) && !asked {
            asked = handle.commands.try_send(Command::Stop).is_ok();
        }
        let event = match handle.events.recv_timeout(Duration::from_millis(100)) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        tell(&event);
        match event {
            // Without a person nothing waits: done, or stuck on a number or on memory.
            Event::State(now @ (State::Finished | State::Paused | State::PausedNan)) => {
                stuck |= now == State::Paused && !asked;
                handle.commands.try_send(Command::Stop).ok();
            }
            Event::Warning(sentence) => warning = Some(sentence),
            Event::Failed { error, .. } => failed = Some(error),
            Event::Finished => break,
            _ => {}
        }
    }
    if let Some(thread) = handle.thread {
        thread.join().ok();
    }
    let status = Session::open(&folder).and_then(|s| s.status());
    match (failed, status) {
        // While faces are being made, a wish to stop ends the engine with these words.
        (Some(error), _) if asked && error == EngineError::Stopped.to_string() => Outcome::Stopped,
        (Some(error), _) => Outcome::Failed(error),
        (None, Ok(status)) => match status.state {
            State::Finished => Outcome::Finished,
            State::PausedNan | State::Failed => {
                Outcome::Failed(status.error.unwrap_or_else(|| "the run did not finish".to_owned()))
            }
            _ if stuck => Outcome::Failed(warning.unwrap_or_else(|| "the run waits for a person".to_owned())),
            _ => Outcome::Stopped,
        },
        (None, Err(error)) => Outcome::Failed(error.to_string()),
    }
}
