//! What the engine says, taken in.

use std::time::Duration;

use crate::engine::{Cursor, Event, PhaseReport, Timed};
use crate::session::State;
use crate::ui::jobs::Job;
use crate::ui::link::Sent;
use crate::ui::run::RunId;
use crate::ui::state::{AppState, Level, Pending};
use crate::ui::workspace::Pane;

/// How long events may be taken in before a frame is due.
const BUDGET: Duration = Duration::from_millis(8);

impl AppState {
    pub(super) fn take_events(&mut self) -> bool {
        let Some(link) = &self.link else { return false };
        let id = link.run;
        let (events, more, ended) = link.drain(BUDGET);
        for event in events {
            self.event(id, event);
        }
        if ended {
            let silent = self.link.take().is_none_or(|link| !link.said_goodbye);
            self.pending = None;
            if let Some(run) = self.run_mut(id) {
                (run.progress, run.heartbeat_age_secs) = (None, None);
                if silent || matches!(run.state, None | Some(State::Running | State::Paused)) {
                    run.state = Some(if silent { State::Failed } else { State::Stopped });
                }
            }
            if silent {
                self.say(Level::Error, "The engine ended without a word; the session is kept and can be resumed");
            }
            // What it wrote last: scores, maps that were not sent.
            self.poll(id);
        }
        more
    }

    fn event(&mut self, id: RunId, event: Event) {
        match event {
            Event::Started(started) => {
                let problems = started.problems.clone();
                if self.link.as_mut().is_some_and(|link| link.begin() != Sent::Taken) {
                    self.say(Level::Warning, "The engine did not take the first command; press the button again");
                }
                // Faces that had to be cut for it are cut.
                self.data.packs += 1;
                let Some(run) = self.run_mut(id) else { return };
                let read_rows = run.started(*started);
                let folder = run.folder.clone();
                self.workspace.remember(&folder);
                if read_rows
                    && !self.submit(Job::Rows { run: id, folder })
                    && let Some(run) = self.run_mut(id)
                {
                    run.backfill(&[]);
                }
                if self.pending == Some(Pending::Starting) {
                    self.pending = None;
                }
                // They come again after every rewind.
                let known = |p: &String| self.log.iter().any(|entry| entry.text == *p);
                let new: Vec<String> = problems.into_iter().filter(|p| !known(p)).collect();
                for problem in new {
                    self.say(Level::Warning, problem);
                }
            }
            Event::State(state) => self.engine_state(id, state),
            Event::Phase(report) => self.phase(id, *report),
            Event::Metrics(row) => {
                let bad = row.not_finite().join(", ");
                if !bad.is_empty() {
                    self.say(Level::Warning, format!("Iteration {}: not a finite number: {bad}", row.iteration));
                }
                if let Some(run) = self.run_mut(id) {
                    run.cursor = run.cursor.max(Cursor { iteration: row.iteration + 1, phase: 0 });
                    run.stage = Some(row.stage);
                    run.stage_iteration = row.stage_iteration + 1;
                    // An iteration is done: what had to be made before it is made.
                    run.progress = None;
                    run.push_row(row);
                }
            }
            Event::Maps(set) => {
                if let Some(run) = self.run_mut(id) {
                    let every = run
                        .config
                        .as_ref()
                        .map_or(1, |c| crate::session::map_stride(c.watch.every, c.total_iterations()));
                    if set.iteration.is_multiple_of(every)
                        && run.map_iterations.last().is_none_or(|&l| l < set.iteration)
                    {
                        run.map_iterations.push(set.iteration);
                    }
                    run.maps.put(set, true);
                }
            }
            Event::Outlook(outlook) => {
                let Some(run) = self.run_mut(id) else { return };
                let timed = run.config.as_ref().and_then(|config| Timed::of(config, &outlook));
                run.outlook = Some(outlook);
                if let Some(timed) = timed {
                    timed.remember(&mut self.workspace.timed);
                }
            }
            Event::Progress(progress) => {
                self.making.mark(progress.done);
                if let Some(run) = self.run_mut(id) {
                    run.progress = Some(progress).filter(|p| p.done < p.total || p.total == 0);
                }
            }
            Event::Evaluated(evaluated) => {
                if let Some(run) = self.run_mut(id) {
                    run.results = Some(evaluated.results);
                    run.progress = None;
                }
                self.note("The detector was scored");
                self.focus = Some(Pane::Results);
            }
            Event::Forked(folder) => {
                let name = folder.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
                self.say(Level::Info, format!("The session as it was is kept as {name}"));
                let shown = self.selected;
                self.open(&folder);
                if let Some(id) = shown {
                    self.select(id);
                }
            }
            Event::Warning(text) => self.say(Level::Warning, text),
            Event::Failed { error, session, .. } => {
                if let Some(run) = self.run_mut(id) {
                    if let Some(session) = session {
                        run.folder = session;
                    }
                    run.state = Some(State::Failed);
                    run.error = Some(error.clone());
                    run.progress = None;
                }
                self.goodbye();
                self.say(Level::Error, error);
            }
            Event::Finished => {
                self.goodbye();
                if let Some(run) = self.run_mut(id) {
                    run.progress = None;
                }
            }
        }
    }

    fn goodbye(&mut self) {
        self.pending = None;
        if let Some(link) = &mut self.link {
            link.said_goodbye = true;
        }
    }

    fn engine_state(&mut self, id: RunId, state: State) {
        let Some(run) = self.run_mut(id) else { return };
        run.state = Some(state);
        let settled = match self.pending {
            Some(Pending::Pausing | Pending::Stepping | Pending::Rewinding) => state != State::Running,
            Some(Pending::Playing | Pending::Starting) => state == State::Running || state == State::Paused,
            Some(Pending::Stopping) => matches!(state, State::Stopped | State::Failed | State::Finished),
            None => false,
        };
        if settled {
            self.pending = None;
        }
        // What its stages took shall not be lost with the window.
        self.keep |= matches!(state, State::Finished | State::Stopped);
        match state {
            State::PausedNan => self.say(Level::Error, "Paused: a number is not finite; go back or change a setting"),
            State::Finished => self.say(Level::Info, "The run is finished"),
            _ => {}
        }
    }

    fn phase(&mut self, id: RunId, report: PhaseReport) {
        if matches!(self.pending, Some(Pending::Stepping | Pending::Rewinding)) {
            self.pending = None;
        }
        if let Some(run) = self.run_mut(id) {
            run.phase(report);
        }
    }
}
