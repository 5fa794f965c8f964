//! What a run keeps of its past, and going back to it: the last iterations in memory, checkpoints and maps on disk, a copy
//! that goes on elsewhere.

use std::path::Path;
use std::time::Instant;

use super::super::EngineError;
use super::super::command::{Command, Cursor};
use super::super::event::Event;
use super::super::going_on::{newest_whole, set_aside};
use super::super::machine::Machine;
use super::super::store::RunState;
use super::{Mode, Runner, cannot_change, with_change};
use crate::config::Stage;
use crate::session::{Change, ChangeLog, MetricsLog, SettingsLog, State, Status, kept_checkpoints};

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
        self.session.drop_scores()?;
        self.log = MetricsLog::open_at(&self.session.metrics_file(), global)?;
        // Iterations that are done again are done with the settings of today.
        let mut held = SettingsLog::read(&self.session.settings_file())?;
        held.hold_from(global, &self.base, &self.now.fingerprint)?;
        self.machine.restore(state, global);
        self.clock.lap(Instant::now());
        self.tell_problems();
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
        let whole = newest_whole(&self.session, iteration, &self.machine)?.ok_or_else(|| {
            EngineError::Refused(format!("there is no checkpoint at or before iteration {iteration} to go back to"))
        })?;
        for sentence in set_aside(&self.session, &whole)? {
            self.ends.tell(Event::Warning(sentence));
        }
        Ok((whole.iteration, whole.state))
    }

    /// Counted iterations at which stages end: their checkpoints are always kept.
    pub(super) fn boundaries(&self) -> [u64; 4] {
        Stage::ends(self.base.lengths())
    }

    /// Writes the state between two iterations, and thins the checkpoints.
    pub(super) fn save_checkpoint(&mut self) -> Result<(), EngineError> {
        let now = self.machine.global();
        let path = self.session.checkpoint_file(now);
        if !path.exists() {
            let checkpoint = self.machine.state.to_checkpoint(now);
            checkpoint.write(&path)?;
        }
        self.thin_checkpoints()
    }

    /// Drops checkpoints that the rules no longer keep.
    pub(super) fn thin_checkpoints(&self) -> Result<(), EngineError> {
        let now = self.machine.global();
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

    /// Copies the session as it is. With `overrides` the copy goes on with other settings from here: they are recorded as changes at
    /// this iteration, since what was done so far was done with the run's own.
    pub(super) fn fork(&mut self, folder: &Path, overrides: &[(String, String)]) -> Result<(), EngineError> {
        let mut config = self.machine.config.clone();
        for (key, value) in overrides {
            if let Some(why) = cannot_change(key) {
                return Err(EngineError::Refused(why));
            }
            config = with_change(&config, key, value).map_err(EngineError::Refused)?;
        }
        let Some((global, state)) = self.ring.back().cloned() else {
            return Err(EngineError::Refused("the run has not begun".to_owned()));
        };
        let other = self.session.copy_to(folder)?;
        // The run may stand between two checkpoints.
        let path = other.checkpoint_file(global);
        if !path.exists() {
            state.to_checkpoint(global).write(&path)?;
        }
        let mut changes = ChangeLog::open(&other.changes_file())?;
        for (key, value) in overrides {
            changes.push(Change { iteration: global, phase: 0, key: key.clone(), value: value.clone() })?;
        }
        let state = if self.machine.finished() { State::Finished } else { State::Stopped };
        let status = Status { global_iteration: global, phase: 0, ..self.status(state, None, None) };
        status.write(&other.status_file())?;
        self.ends.tell(Event::Forked(folder.to_owned()));
        Ok(())
    }
}
