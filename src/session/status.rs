//! status.json: where a run stands, replaced by rename, with a heartbeat. Clocks and process ids live here and nowhere
//! in the files that are compared.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::config::Stage;

use super::{Lock, Look, Outlook, SessionError, files};

/// A run whose process gave no sign of life for so many seconds is taken for dead.
pub const STALE_SECS: u64 = 30;

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Training, or about to.
    Running,
    /// Waiting for a person.
    Paused,
    /// Stopped by a number that is not one.
    PausedNan,
    /// Stopped, can be resumed.
    Stopped,
    /// Stopped by an error.
    Failed,
    /// Everything asked for is done.
    Finished,
}

/// The contents of status.json.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// What the run is doing.
    pub state: State,
    /// The stage it is in.
    pub stage: Stage,
    /// Bi-level iterations done.
    pub iteration: u64,
    /// Counted iterations done, over all stages: the NNNNNN of maps and checkpoints.
    pub global_iteration: u64,
    /// Position of the next phase within its iteration.
    pub phase: usize,
    /// Seconds since 1970 of the last sign of life.
    pub heartbeat: u64,
    /// Process that writes.
    pub pid: u32,
    /// What went wrong, for `failed` and `paused_nan`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Pace, memory and time left, while it is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlook: Option<Outlook>,
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

impl Status {
    /// Replaces `path`.
    pub fn write(&self, path: &Path) -> Result<(), SessionError> {
        let text = serde_json::to_vec_pretty(self).map_err(|e| SessionError::corrupt(path, e.to_string()))?;
        files::replace(path, &text)
    }

    /// Reads `path`.
    pub fn read(path: &Path) -> Result<Self, SessionError> {
        let bytes = files::read(path)?;
        serde_json::from_slice(&bytes).map_err(|e| SessionError::corrupt(path, format!("not a status file ({e})")))
    }

    /// Seconds since the last sign of life, by this machine's clock.
    pub fn age_secs(&self) -> u64 {
        now().saturating_sub(self.heartbeat)
    }

    /// Whether a process writes the session in `folder`. The lock decides where it can: it is free as soon as its process
    /// has ended. A heartbeat alone decides for versions and file systems without locks, and one that lies in the future
    /// is none.
    pub fn is_written(&self, folder: &Path) -> bool {
        match Lock::look_at_session(folder) {
            Look::Held(_) => true,
            Look::Free(Some(holder)) if holder.is_here() && holder.pid == self.pid => false,
            Look::Free(_) | Look::Missing => self.heartbeat.abs_diff(now()) <= STALE_SECS,
        }
    }

    /// Seconds since the last sign of life; more than [`STALE_SECS`] wherever nobody writes the session.
    pub fn silent_secs(&self, folder: &Path) -> u64 {
        if self.is_written(folder) { self.age_secs().min(STALE_SECS) } else { self.age_secs().max(STALE_SECS + 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(heartbeat: u64, pid: u32) -> Status {
        let (state, error, outlook) = (State::Running, None, None);
        Status {
            state,
            stage: Stage::Bilevel,
            iteration: 1,
            global_iteration: 1,
            phase: 0,
            heartbeat,
            pid,
            error,
            outlook,
        }
    }

    #[test]
    fn life_is_judged_by_lock_then_heartbeat() {
        let dir = tempfile::tempdir().unwrap();
        let own = std::process::id();
        assert!(running(now(), 1).is_written(dir.path()), "a version without locks");
        assert!(!running(now() + 3600, 1).is_written(dir.path()), "a clock that is ahead");
        assert!(!running(now() - 3600, 1).is_written(dir.path()));
        let lock = Lock::of_session(dir.path(), "trains").unwrap();
        assert!(running(now() - 3600, own).is_written(dir.path()), "a long phase");
        drop(lock);
        assert!(!running(now(), own).is_written(dir.path()), "dead at once");
        assert!(running(now(), own).silent_secs(dir.path()) > STALE_SECS);
    }
}
