//! What a run keeps of its past, and going back to it: the last iterations in memory, checkpoints and maps on disk, a copy
//! that goes on elsewhere.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::super::EngineError;
use super::super::command::{Command, Cursor};
use super::super::event::Event;
use super::super::machine::Machine;
use super::super::phase::Stage;
use super::super::store::RunState;
use super::{Mode, Runner, with_change};
use crate::session::{MetricsLog, Session, SessionError, State, Status, kept_checkpoints};

/// Iterations one can step back through without a checkpoint.
const RING: usize = 20;

impl Runner {
    /// Remembers the state between two iterations.
    pub(super) fn boundary(&mut self) {
        self.ring.push_back((self.machine.global(), self.machine.state.clone()));
        if self.ring.len() > RING {
            self.ring.pop_front();
        }
    }

    /// Gives up the iteration under way.
    pub(super) fn back_to_boundary(&mut self) {
        if let Some((global, state)) = self.ring.back()
            && !self.machine.finished()
        {
            self.machine.restore(state.clone(), *global);
            // What was done of it is no part of a whole iteration's time.
            self.clock.lap(Instant::now());
        }
    }

    /// Goes to an earlier place and cuts what was saved after it.
    pub(super) fn rewind(&mut self, to: Cursor) -> Result<(), EngineError> {
        if to >= self.cursor() && !self.machine.finished() {
            return Err(EngineError::Refused(format!("iteration {} lies ahead, not behind", to.iteration)));
        }
        let (global, state) = match self.ring.iter().rfind(|(g, _)| *g == to.iteration) {
            Some((global, state)) => (*global, state.clone()),
            None => self.nearest_checkpoint(to.iteration)?,
        };
        self.ring.retain(|(g, _)| *g < global);
        self.session.cut_after(global)?;
        self.log = MetricsLog::open_at(&self.session.metrics_file(), global)?;
        self.machine.restore(state, global);
        self.clock.lap(Instant::now());
        self.apply_changes_before(global, 0)?;
        self.boundary();
        self.state = State::Running;
        self.announce();
        if self.cursor() < to {
            self.set_state(State::Running)?;
        }
        // What is left of the way is done again, and written again as it was.
        let last = |m: &Machine| m.phase() + 1 == m.phase_count();
        while self.cursor() < to && !(self.cursor().iteration == to.iteration && last(&self.machine)) {
            self.mode = Mode::Playing;
            self.advance()?;
            while let Ok(command) = self.ends.commands.try_recv() {
                self.pending.push_back(command);
            }
            if self.state == State::PausedNan || self.pending.contains(&Command::Stop) {
                return Ok(());
            }
        }
        self.pause()
    }

    fn nearest_checkpoint(&self, iteration: u64) -> Result<(u64, RunState), EngineError> {
        let before = self.session.checkpoint_iterations().into_iter().rfind(|&i| i <= iteration);
        let before = before.ok_or_else(|| {
            EngineError::Refused(format!("there is no checkpoint at or before iteration {iteration} to go back to"))
        })?;
        load_checkpoint(&self.session, before, &self.machine)
    }

    /// Counted iterations at which stages end: their checkpoints are always kept.
    pub(super) fn boundaries(&self) -> [u64; 4] {
        let lengths = self.base.lengths();
        Stage::COUNTED.map(|s| s.first(lengths) + s.length(lengths))
    }

    /// Writes the state between two iterations, and drops checkpoints that the rules no longer keep.
    pub(super) fn save_checkpoint(&mut self) -> Result<(), EngineError> {
        let now = self.machine.global();
        let path = self.session.checkpoint_file(now);
        if !path.exists() {
            let checkpoint = self.machine.state.to_checkpoint(now);
            checkpoint.write(&path)?;
        }
        let kept = kept_checkpoints(self.base.checkpoint.every, now, self.base.checkpoint.keep);
        let fixed = self.boundaries();
        let superfluous: Vec<u64> = self
            .session
            .checkpoint_iterations()
            .into_iter()
            .filter(|i| *i != now && !kept.contains(i) && !fixed.contains(i))
            .collect();
        Ok(self.session.remove_checkpoints(&superfluous)?)
    }

    pub(super) fn store_maps(&mut self) -> Result<(), EngineError> {
        let maps = self.machine.preview();
        maps.write(&self.session.map_file(self.machine.global()))?;
        self.ends.hint(Event::Maps(maps));
        Ok(())
    }

    pub(super) fn fork(&mut self, folder: &Path, overrides: &[(String, String)]) -> Result<(), EngineError> {
        let mut config = self.machine.config.clone();
        for (key, value) in overrides {
            config = with_change(&config, key, value).map_err(EngineError::Refused)?;
        }
        let Some((global, state)) = self.ring.back().cloned() else {
            return Err(EngineError::Refused("the run has not begun".to_owned()));
        };
        let other = Session::create(folder, &config, &self.provenance)?;
        let copy = |from: PathBuf, to: PathBuf| -> Result<(), SessionError> {
            let error = |error| SessionError::Io { what: "copy", error, path: from.clone() };
            std::fs::copy(&from, &to).map(|_| ()).map_err(error)
        };
        copy(self.session.watched_file(), other.watched_file())?;
        copy(self.session.metrics_file(), other.metrics_file())?;
        MetricsLog::open_at(&other.metrics_file(), global)?;
        for i in self.session.map_iterations().into_iter().filter(|&i| i <= global) {
            copy(self.session.map_file(i), other.map_file(i))?;
        }
        for i in self.session.checkpoint_iterations().into_iter().filter(|&i| i < global) {
            copy(self.session.checkpoint_file(i), other.checkpoint_file(i))?;
        }
        state.to_checkpoint(global).write(&other.checkpoint_file(global))?;
        let status =
            Status { state: State::Stopped, global_iteration: global, ..self.status(State::Stopped, None, None) };
        status.write(&other.status_file())?;
        self.ends.tell(Event::Forked(folder.to_owned()));
        Ok(())
    }
}

/// The state in checkpoint `iteration` of `session`.
pub(in crate::engine) fn load_checkpoint(
    session: &Session,
    iteration: u64,
    machine: &Machine,
) -> Result<(u64, RunState), EngineError> {
    let checkpoint = session.checkpoint(iteration)?;
    let path = session.checkpoint_file(iteration);
    let (state, global) = RunState::from_checkpoint(&checkpoint, &machine.nets, machine.device())
        .map_err(|e| EngineError::Checkpoint(format!("{e}: {}", path.display())))?;
    if global != iteration {
        return Err(EngineError::Checkpoint(format!(
            "the checkpoint says it is of iteration {global}, its name says {iteration}: {}",
            path.display()
        )));
    }
    Ok((global, state))
}
