//! The one place where the state changes: commands of a person, events of the engine, answers of jobs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::command::{Dialog, TimeCursor, Transport, UiCommand};
use super::form::RunForm;
use super::jobs::{Done, FolderFor, Job};
use super::link::{EngineLink, Sent};
use super::run::{RunId, RunStore};
use super::state::{AppState, Level, Pending, StartWish};
use super::workspace::Pane;
use crate::config::{Preset, RunConfig};
use crate::engine::{Command, Cursor, Event, PhaseReport, SpawnOptions, Start};
use crate::session::State;

/// How long events may be taken in before a frame is due.
const BUDGET: Duration = Duration::from_millis(8);
/// Every how many seconds a folder that another process writes is looked at.
const POLL_SECS: f64 = 1.0;

impl AppState {
    /// Carries out one command.
    pub(super) fn handle(&mut self, command: UiCommand) {
        match command {
            UiCommand::Transport(action) => self.transport(action),
            UiCommand::RunTo(iteration) => {
                self.dialog = None;
                self.drive(Command::RunTo(iteration), Pending::Playing);
            }
            UiCommand::RewindTo(iteration) => {
                self.dialog = None;
                self.rewind(Cursor { iteration, phase: 0 });
            }
            UiCommand::ForkAndRewind(iteration) => {
                self.dialog = None;
                self.fork(iteration);
            }
            UiCommand::Snapshot => self.send(Command::Snapshot),
            UiCommand::Evaluate => self.send(Command::Evaluate),
            UiCommand::StartRun => self.start(None),
            UiCommand::PlayDemo => {
                self.form = RunForm::new(Preset::Demo);
                self.start(None);
            }
            UiCommand::ShowGallery(open) => {
                self.gallery.open = open;
                if open && !self.runs.is_empty() {
                    self.focus = Some(Pane::Gallery);
                }
            }
            UiCommand::ShowPeople { person, across } => self.gallery.show(person, across),
            UiCommand::NextPicture => {
                // The thread's queue may be full; the view asks again.
                if let Some(job) = self.gallery.next_job()
                    && self.jobs.submit(job)
                {
                    self.gallery.asked_one();
                }
            }
            UiCommand::PickPicture(index) => self.gallery.picked = index,
            UiCommand::SetHyper { key, value } => self.set_hyper(key, &value),
            UiCommand::Set { key, text } => self.form.set(key, &text),
            UiCommand::Reset(key) => self.form.reset(key),
            UiCommand::Choose(preset) => {
                let out = self.form.out.take();
                self.form = RunForm { out, ..RunForm::new(preset) };
            }
            UiCommand::SetOut(out) => self.form.out = out,
            UiCommand::EditNext(edit) => self.edit_next = edit,
            UiCommand::Browse(what) => {
                if self.asking.is_none() && self.submit(Job::Ask(what)) {
                    self.asking = Some(what);
                }
            }
            UiCommand::Open(folder) => self.open(&folder),
            UiCommand::Select(id) => self.select(id),
            UiCommand::Close(id) => self.close(id),
            UiCommand::SetTime(time) => {
                self.time = time;
                self.want_maps();
            }
            UiCommand::Point { probe, pin } => {
                if pin || !self.probe_pinned {
                    self.probe = probe;
                    self.probe_pinned = pin && probe.is_some();
                }
            }
            UiCommand::ShowPhase(phase) => self.shown_phase = phase,
            UiCommand::SetColormap(map) => self.workspace.colormap = map,
            UiCommand::ShowDifference(show) => self.workspace.show_difference = show,
            UiCommand::SetLogAxis(log) => self.workspace.log_axis = log,
            UiCommand::SetSmoothing(factor) => self.workspace.smoothing = factor.clamp(0.0, 0.99),
            UiCommand::FollowCurves(follow) => self.workspace.follow_curves = follow,
            UiCommand::ShowCurves(group, show) => {
                if let Some(shown) = self.workspace.curve_groups.get_mut(group) {
                    *shown = show;
                }
            }
            UiCommand::SetLayout(layout) => {
                self.workspace.layout = layout;
                self.workspace.tree = None;
                self.rearrange = true;
            }
            UiCommand::Focus(Pane::Gallery) if self.runs.is_empty() => self.gallery.open = true,
            UiCommand::Focus(pane) => self.focus = Some(pane),
            UiCommand::SetTheme(theme) => self.workspace.theme = theme,
            UiCommand::SetZoom(zoom) => self.workspace.zoom = zoom.clamp(0.5, 3.0),
            UiCommand::Show(dialog) => self.dialog = Some(dialog),
            UiCommand::CloseDialog => self.dialog = None,
            UiCommand::Dismiss(id) => self.toasts.retain(|t| t.id != id),
            UiCommand::Quit if self.is_busy() => self.dialog = Some(Dialog::Quit),
            UiCommand::Quit | UiCommand::StopAndQuit => self.closing = true,
        }
    }

    fn transport(&mut self, action: Transport) {
        if let Err(reason) = self.allowed(action) {
            self.say(Level::Info, reason);
            if self.selected.is_none() && !self.form.problems().is_empty() {
                self.focus = Some(Pane::Run);
            }
            return;
        }
        match action {
            Transport::Play => self.drive(Command::Play, Pending::Playing),
            Transport::StepPhase => self.drive(Command::StepPhase, Pending::Stepping),
            Transport::StepIteration => self.drive(Command::StepIteration, Pending::Stepping),
            Transport::Pause => {
                self.send(Command::Pause);
                self.pending = Some(Pending::Pausing);
            }
            Transport::Stop => {
                self.send(Command::Stop);
                self.pending = Some(Pending::Stopping);
            }
            Transport::BackPhase => {
                if let Some(cursor) = self.run().and_then(|r| r.phase_before()) {
                    self.rewind(cursor);
                }
            }
            Transport::BackIteration => {
                if let Some(cursor) = self.run().and_then(|r| r.iteration_before()) {
                    self.rewind(cursor);
                }
            }
        }
    }

    /// Sends `command` to the engine of the run in view; without one, a run is started or resumed for it.
    fn drive(&mut self, command: Command, pending: Pending) {
        let Some(id) = self.selected.filter(|_| self.run().is_some()) else {
            self.start(Some(command));
            return;
        };
        if self.is_attached(id) {
            self.send(command);
            self.pending = Some(pending);
        } else {
            self.resume(id, command);
        }
        self.time = TimeCursor::Live;
        self.shown_phase = None;
    }

    fn rewind(&mut self, cursor: Cursor) {
        self.drive(Command::Rewind(cursor), Pending::Rewinding);
        self.pace.clear();
    }

    /// Keeps a copy of the session as it is and goes back in this one.
    fn fork(&mut self, iteration: u64) {
        let Some(run) = self.run() else { return };
        let parent = run.folder.parent().map_or_else(|| self.sessions.clone(), Path::to_path_buf);
        let taken = |p: &PathBuf| self.runs.iter().any(|(_, r)| r.folder == *p);
        let folder = (1_u32..10_000)
            .map(|n| parent.join(format!("{}-at-{}-{n}", run.name, run.cursor.iteration)))
            .find(|p| !taken(p));
        let Some(folder) = folder else { return };
        self.drive(Command::Fork { folder, overrides: vec![] }, Pending::Rewinding);
        self.rewind(Cursor { iteration, phase: 0 });
    }

    /// Sends a command to the engine, and says so if it does not take it.
    fn send(&mut self, command: Command) {
        match self.link.as_mut().map(|link| link.send(command)) {
            Some(Sent::Taken) => {}
            Some(Sent::Full) => self.say(Level::Warning, "The engine is busy and did not take this; try again"),
            Some(Sent::Gone) | None => self.say(Level::Warning, "No engine is running for this"),
        }
    }

    fn set_hyper(&mut self, key: &'static str, value: &str) {
        let Some(id) = self.link.as_ref().map(|l| l.run) else { return };
        let Some(config) = self.run_mut(id).and_then(|r| r.config.clone()) else { return };
        let checked = super::form::with_key(&config, key, value).and_then(|c| match c.check() {
            Ok(()) => Ok(()),
            Err(problems) => Err(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
        });
        if let Err(reason) = checked {
            self.say(Level::Warning, format!("{key} was not changed: {reason}"));
            return;
        }
        self.send(Command::SetHyper { key: key.to_owned(), value: value.to_owned() });
        if let Some(run) = self.run_mut(id) {
            run.set_hyper(key, value);
        }
        self.note(format!("{key} is {value} from the next phase on"));
    }

    /// Starts the next run; `first` is what the engine is told to do, nothing lets it play.
    fn start(&mut self, first: Option<Command>) {
        if let Err(reason) = self.can_start() {
            self.say(Level::Warning, reason);
            self.focus = Some(Pane::Run);
            return;
        }
        let wish = StartWish { config: self.form.config.clone(), first: first.filter(|c| *c != Command::Play) };
        self.edit_next = false;
        if let Some(folder) = self.form.out.take() {
            self.start_in(folder, wish);
            return;
        }
        let stem = self.form.preset.name().to_owned();
        if self.submit(Job::FreeFolder { parent: self.sessions.clone(), stem }) {
            self.wish = Some(wish);
        }
    }

    fn start_in(&mut self, folder: PathBuf, wish: StartWish) {
        let StartWish { config, first } = wish;
        let mut run = RunStore::new(&folder);
        run.config = Some(config.clone());
        let id = self.add(run);
        self.launch(id, crate::engine::Job::New { config, folder }, first);
    }

    fn resume(&mut self, id: RunId, command: Command) {
        let Some(folder) = self.run_mut(id).map(|r| r.folder.clone()) else { return };
        let first = Some(command).filter(|c| *c != Command::Play);
        self.launch(id, crate::engine::Job::Resume { folder, iterations: None }, first);
    }

    fn launch(&mut self, id: RunId, job: crate::engine::Job, first: Option<Command>) {
        let start = if first.is_some() { Start::Paused } else { Start::Play };
        let options =
            SpawnOptions { job, start, cache: self.cache.clone(), waker: Some(std::sync::Arc::clone(&self.waker)) };
        let mut link = EngineLink::new((self.spawn)(options), id);
        if let Some(command) = first {
            link.send(command);
        }
        self.link = Some(link);
        self.pending = Some(Pending::Starting);
        self.pace.clear();
        self.making.clear();
        self.time = TimeCursor::Live;
        if let Some(run) = self.run_mut(id) {
            (run.state, run.error, run.heartbeat_age_secs) = (None, None, None);
        }
    }

    fn add(&mut self, run: RunStore) -> RunId {
        let id = RunId(self.next_run);
        self.next_run += 1;
        self.workspace.remember(&run.folder);
        self.runs.push((id, run));
        self.select(id);
        id
    }

    fn select(&mut self, id: RunId) {
        if self.selected != Some(id) && self.runs.iter().any(|(i, _)| *i == id) {
            self.selected = Some(id);
            (self.time, self.probe, self.probe_pinned, self.shown_phase) = (TimeCursor::Live, None, false, None);
            self.edit_next = false;
            self.want_maps();
        }
    }

    fn close(&mut self, id: RunId) {
        if self.is_attached(id) {
            self.say(Level::Info, "This run is under way; stop it before closing it");
            return;
        }
        self.runs.retain(|(i, _)| *i != id);
        if self.selected == Some(id) {
            self.selected = None;
            if let Some((last, _)) = self.runs.last() {
                self.select(*last);
            }
        }
    }

    /// Opens a session folder, or brings it into view if it is open.
    pub(super) fn open(&mut self, folder: &Path) {
        self.dialog = None;
        if let Some(id) = self.runs.iter().find(|(_, r)| r.folder == folder).map(|(id, _)| *id) {
            self.select(id);
            return;
        }
        let id = self.add(RunStore::new(folder));
        self.submit(Job::Poll { run: id, folder: folder.to_owned() });
    }

    /// Asks for the maps that the time cursor points at, unless they are in memory or others are being read.
    fn want_maps(&mut self) {
        let Some(run) = self.run() else { return };
        let (id, wanted) = match self.time {
            TimeCursor::At(iteration) => (run.0, Some(iteration)),
            TimeCursor::Live if self.is_attached(run.0) => return,
            TimeCursor::Live => (run.0, run.map_iterations.last().copied()),
        };
        let Some(iteration) = wanted.filter(|&i| run.maps.get(i).is_none()) else { return };
        let folder = run.folder.clone();
        if self.loading_maps.is_none() && self.submit(Job::Maps { run: id, folder, iteration }) {
            self.loading_maps = Some((id, iteration));
        }
    }

    /// Takes in what came since the last time; true if more waits.
    pub(super) fn take_in(&mut self, now: f64) -> bool {
        self.now = now;
        self.toasts.retain(|t| t.until.is_none_or(|until| until > now));
        while let Some(done) = self.jobs.answer() {
            self.done(done);
        }
        let more = self.take_events();
        self.poll_folders();
        more
    }

    fn take_events(&mut self) -> bool {
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
                run.progress = None;
                run.heartbeat_age_secs = None;
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
                self.pace.mark(row.iteration);
                let bad = row.not_finite().join(", ");
                if !bad.is_empty() {
                    self.say(Level::Warning, format!("Iteration {}: not a finite number: {bad}", row.iteration));
                }
                if let Some(run) = self.run_mut(id) {
                    run.cursor = run.cursor.max(Cursor { iteration: row.iteration + 1, phase: 0 });
                    row.stage.clone_into(&mut run.stage);
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
        if state != State::Running {
            self.pace.clear();
        }
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

    fn done(&mut self, done: Done) {
        match done {
            Done::Polled(id, answer) => {
                self.polling = false;
                match *answer {
                    Ok(update) => self.polled(id, update),
                    Err(error) => {
                        let known = self.run_mut(id).is_some_and(|r| r.config.is_some());
                        if !known && !self.is_attached(id) {
                            self.close(id);
                        }
                        self.say(Level::Error, error);
                    }
                }
            }
            Done::Maps(id, iteration, answer) => {
                self.loading_maps = None;
                match answer {
                    Ok(set) => {
                        if let Some(run) = self.run_mut(id) {
                            run.maps.put(*set, false);
                        }
                        self.want_maps();
                    }
                    Err(error) => {
                        if let Some(run) = self.run_mut(id) {
                            run.map_iterations.retain(|&i| i != iteration);
                        }
                        if self.time == TimeCursor::At(iteration) {
                            self.time = TimeCursor::Live;
                        }
                        self.say(Level::Warning, error);
                    }
                }
            }
            Done::Rows(id, answer) => {
                let rows = answer.unwrap_or_else(|error| {
                    self.say(Level::Warning, error);
                    vec![]
                });
                if let Some(run) = self.run_mut(id) {
                    run.backfill(&rows);
                }
                self.poll(id);
            }
            Done::FreeFolder(folder) => {
                if let Some(wish) = self.wish.take() {
                    self.start_in(folder, wish);
                }
            }
            Done::Sample(folder) => self.sample = folder,
            Done::Picture(generation, index, answer) => self.gallery.take(generation, index, answer),
            Done::Asked(what, folder) => {
                self.asking = None;
                match (what, folder) {
                    (_, None) => {}
                    (FolderFor::Session, Some(folder)) => self.open(&folder),
                    (FolderFor::Data, Some(folder)) => self.form.set("data.root", &folder.display().to_string()),
                    (FolderFor::Out, Some(folder)) => self.form.out = Some(folder),
                }
            }
        }
    }

    fn polled(&mut self, id: RunId, update: super::run::SessionUpdate) {
        let attached = self.is_attached(id);
        let Some(run) = self.run_mut(id) else { return };
        if attached {
            // The engine tells the rest, and sooner.
            run.map_iterations = update.map_iterations;
            return;
        }
        run.read(update);
        self.want_maps();
    }

    fn poll(&mut self, id: RunId) {
        let Some(folder) = self.run_mut(id).map(|r| r.folder.clone()) else { return };
        self.polling = self.jobs.submit(Job::Poll { run: id, folder });
    }

    /// Looks at the folder in view if another process may be writing it.
    fn poll_folders(&mut self) {
        let Some(id) = self.watched_folder() else { return };
        if !self.polling && self.now >= self.next_poll {
            self.next_poll = self.now + POLL_SECS;
            self.poll(id);
        }
    }

    /// The run in view, if it is read from a folder that may still change.
    pub(super) fn watched_folder(&self) -> Option<RunId> {
        let run = self.run().filter(|r| !self.is_attached(r.0) && r.config.is_some())?;
        (!run.is_over()).then_some(run.0)
    }

    /// What is needed of the configuration in view, or of the next run's.
    pub fn shown_config(&self) -> &RunConfig {
        self.run().and_then(|r| r.1.config.as_ref()).unwrap_or(&self.form.config)
    }

    /// Looks for the sample session and opens what was asked for.
    pub(super) fn begin(&mut self, open: &[PathBuf]) {
        let sample = self.sessions.join("demo");
        self.submit(Job::FindSample(sample));
        for folder in open {
            self.open(folder);
        }
    }
}
