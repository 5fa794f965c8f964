//! How far a case is, as its folder tells: nothing is asked of the process that trains it.

use std::fs;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::{Case, SweepFolder};
use crate::session::{Lock, Look, Session, State, Status};

/// Metrics that are shown of a finished case: keys of results.json, rates from 0 to 1.
pub const HEADLINES: [&str; 8] =
    ["apcer_max", "apcer_pooled", "bpcer", "acer_max", "acer_pooled", "hter", "eer", "auc"];

/// Numbers of a finished case's maps: keys of results.json, from 0 to 1 or differences of such; a case whose run makes no maps that are
/// judged has none.
pub const OF_MAPS: [&str; 4] = ["teacher_auc", "teacher_auc_gain", "pixel_auc", "pixel_auc_over_mean_map"];

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Nothing has happened yet.
    Planned,
    /// A process is at it.
    Running,
    /// The process that was at it is gone without a word; it can be resumed.
    Stale,
    /// Waiting for a person, in a window.
    Paused,
    /// A number became not-a-number.
    PausedNan,
    /// Stopped, can be resumed.
    Stopped,
    /// Stopped by an error.
    Failed,
    /// Done.
    Finished,
}

impl CaseState {
    /// The name in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Stale => "stale",
            Self::Paused => "paused",
            Self::PausedNan => "paused_nan",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Finished => "finished",
        }
    }

    /// Whether it will fail again unless something is changed.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::PausedNan)
    }
}

/// How far a case is.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Where it stands.
    pub state: CaseState,
    /// Bi-level iterations done.
    pub iteration: u64,
    /// Counted iterations done, over all stages.
    pub global_iteration: u64,
    /// Why it failed.
    pub reason: Option<String>,
    /// results.json of a finished case.
    pub results: Option<Value>,
}

impl SweepFolder {
    /// Where `case` stands now.
    pub fn standing(&self, case: &Case) -> Standing {
        let look = Lock::look(&self.lock_file(case));
        let (held, last) = match look {
            Look::Held(holder) => (true, holder),
            Look::Free(holder) => (false, holder),
            Look::Missing => (false, None),
        };
        self.judge(case, held, last.map(|holder| holder.pid))
    }

    /// Where `case` stands, given whether its lock is held and who had it last.
    pub(super) fn judge(&self, case: &Case, held: bool, last: Option<u32>) -> Standing {
        let path = self.session_path(case);
        let session = Session::open(&path);
        let status = session.as_ref().ok().and_then(|s| s.status().ok());
        let noted = fs::read_to_string(self.error_file(case)).ok().map(|text| text.trim().to_owned());
        let mut reason = None;
        let state = match &status {
            Some(s) if s.state == State::Finished => CaseState::Finished,
            _ if held => CaseState::Running,
            Some(s) if s.state == State::Running && has_its_writer(s, &path, last) => CaseState::Running,
            Some(s) if s.state == State::PausedNan => {
                reason.clone_from(&s.error);
                CaseState::PausedNan
            }
            _ if noted.is_some() => {
                reason = noted;
                CaseState::Failed
            }
            Some(s) => match s.state {
                State::Failed => {
                    reason.clone_from(&s.error);
                    CaseState::Failed
                }
                State::Paused => CaseState::Paused,
                State::Stopped => CaseState::Stopped,
                _ => CaseState::Stale,
            },
            None if path.join("run.toml").exists() => match &session {
                Ok(_) => CaseState::Stale,
                Err(error) => {
                    reason = Some(error.to_string());
                    CaseState::Failed
                }
            },
            None => CaseState::Planned,
        };
        let finished = session.ok().filter(|_| state == CaseState::Finished);
        Standing {
            state,
            iteration: status.as_ref().map_or(0, |s| s.iteration),
            global_iteration: status.as_ref().map_or(0, |s| s.global_iteration),
            reason,
            results: finished.and_then(|s| serde_json::from_slice(&fs::read(s.results_file()).ok()?).ok()),
        }
    }

    /// The process outside this sweep that is at `case` now, in words: a window, or a `metafas resume` by hand. `last` is
    /// the process that had the lock before it was ours.
    pub(super) fn at_it(&self, case: &Case, last: Option<u32>) -> Option<String> {
        let status = Session::open(&self.session_path(case)).ok()?.status().ok()?;
        let pid = status.pid;
        match status.state {
            State::Running if has_its_writer(&status, &self.session_path(case), last) => {
                Some(format!("process {pid} is writing it; its last sign of life is {} s old", status.age_secs()))
            }
            State::Paused if last != Some(pid) && is_metafas(pid) => {
                Some(format!("paused in a window (process {pid})"))
            }
            _ => None,
        }
    }
}

/// Whether whoever wrote `status` is still there. The lock is free: a process of this sweep would hold it, so if it was
/// the last to have it, it is gone; of others the heartbeat tells.
fn has_its_writer(status: &Status, path: &Path, last: Option<u32>) -> bool {
    last != Some(status.pid) && status.is_written(path)
}

fn is_metafas(pid: u32) -> bool {
    let name = Path::new("/proc").join(pid.to_string()).join("comm");
    fs::read_to_string(name).is_ok_and(|name| name.starts_with("metafas"))
}
