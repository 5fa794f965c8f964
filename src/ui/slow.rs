//! Slow motion: a run that goes on by itself, a phase at a time, with a pause after each that is long enough to look. The
//! window's clock drives it; the engine knows of single steps alone.

use super::command::Transport;
use super::state::{AppState, Pending};
use crate::engine::Command;
use crate::session::State;

/// Seconds that a phase may stay in view.
pub const SECONDS: std::ops::RangeInclusive<f64> = 0.25..=8.0;

/// Whether and how slowly a run goes on by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct SlowMotion {
    /// Whether it does.
    pub on: bool,
    /// Seconds that each phase stays in view.
    pub seconds: f64,
    /// When the next phase is due, in the window's seconds; `None` while one is being done.
    pub(super) due: Option<f64>,
}

impl Default for SlowMotion {
    fn default() -> Self {
        Self { on: false, seconds: 1.5, due: None }
    }
}

impl SlowMotion {
    /// Ends it; whether there was something to end.
    pub(super) fn end(&mut self) -> bool {
        self.due = None;
        std::mem::take(&mut self.on)
    }
}

impl AppState {
    /// Begins or ends slow motion. A run that plays is paused first; without one, one is started.
    pub(super) fn slow_motion(&mut self, on: bool) {
        self.slow.end();
        if !on {
            return;
        }
        if self.run().is_some() && self.is_playing() {
            self.send(Command::Pause);
            self.pending = Some(Pending::Pausing);
        } else if let Err(reason) = self.allowed(Transport::StepPhase) {
            self.say(super::state::Level::Info, reason);
            return;
        } else {
            self.drive(Command::StepPhase, Pending::Stepping);
        }
        self.slow.on = true;
    }

    /// Does the next phase when it is due, and ends where nothing can follow.
    pub(super) fn go_slowly(&mut self) {
        if !self.slow.on || self.pending.is_some() || self.wish.is_some() {
            return;
        }
        let run = self.run().filter(|run| self.is_attached(run.0));
        match run.and_then(|run| run.state) {
            Some(State::Paused) => {}
            // It is on its way.
            Some(State::Running) => return,
            None if run.is_some() => return,
            _ => {
                self.slow.end();
                return;
            }
        }
        let due = *self.slow.due.get_or_insert(self.now + self.slow.seconds);
        if self.now >= due {
            self.slow.due = None;
            self.drive(Command::StepPhase, Pending::Stepping);
        }
    }
}
