//! The one place where the state changes: commands of a person here, events of the engine in `events`, answers of jobs
//! in `answers`; what concerns data is with the data's own state.

mod answers;
mod events;

use std::path::{Path, PathBuf};

use super::command::{Dialog, TimeCursor, Transport, UiCommand};
use super::form::RunForm;
use super::jobs::Job;
use super::link::{EngineLink, Sent};
use super::run::{RunId, RunStore};
use super::slow::SECONDS;
use super::state::{AppState, Level, Pending, StartWish};
use super::workspace::{Layout, Pane};
use crate::config::{Preset, RunConfig};
use crate::engine::{Command, Cursor, SpawnOptions, Start};
use crate::papers;
use crate::session::State;

impl AppState {
    /// Carries out one command.
    pub(in crate::ui) fn handle(&mut self, command: UiCommand) {
        match command {
            UiCommand::Transport(action) => self.transport(action),
            UiCommand::RunTo(iteration) => {
                self.dialog = None;
                self.slow.end();
                self.drive(Command::RunTo(iteration), Pending::Playing);
            }
            UiCommand::RewindTo(iteration) => {
                self.dialog = None;
                self.slow.end();
                self.rewind(Cursor { iteration, phase: 0 });
            }
            UiCommand::ForkAndRewind(iteration) => {
                self.dialog = None;
                self.slow.end();
                self.fork(Some(iteration));
            }
            UiCommand::Snapshot => self.send(Command::Snapshot),
            UiCommand::Evaluate => self.send(Command::Evaluate),
            UiCommand::StartRun => self.start(None),
            UiCommand::PlayDemo => {
                self.form = RunForm::new(Preset::Demo);
                self.start(None);
            }
            UiCommand::Data(command) => self.handle_data(command),
            UiCommand::Patterns(command) => self.handle_patterns(command),
            UiCommand::Ablations(command) => self.handle_ablations(command),
            // Remembered looks are brought back where they are remembered, in `history`.
            UiCommand::Undo | UiCommand::Redo => {}
            UiCommand::WatchNext(clips) => self.form.config.watch.clips = clips,
            UiCommand::SlowMotion(on) => self.slow_motion(on),
            UiCommand::SlowSeconds(seconds) => self.slow.seconds = seconds.clamp(*SECONDS.start(), *SECONDS.end()),
            UiCommand::Fork => self.fork(None),
            UiCommand::Tour(true) => self.begin_tour(),
            UiCommand::Tour(false) => self.tour = false,
            UiCommand::ShowPixel(shown) => self.pixel.shown = shown,
            UiCommand::FollowPixel => self.follow_pixel(),
            UiCommand::ReadNotes => self.read_notes(),
            UiCommand::TypeNotes(notes) => self.type_notes(notes),
            UiCommand::Present(on) => self.presenting = on,
            UiCommand::SaveScene(name) => {
                self.dialog = None;
                self.scene_to_keep = Some(name);
            }
            UiCommand::ShowScene(i) => {
                self.filled = None;
                self.scene = Some(i).filter(|i| *i < self.workspace.scenes.len());
            }
            UiCommand::DropScene(i) => {
                if i < self.workspace.scenes.len() {
                    self.workspace.scenes.remove(i);
                    self.keep = true;
                }
            }
            UiCommand::NextScene(forward) => self.turn_scene(forward),
            UiCommand::Export(command) => self.handle_export(command),
            UiCommand::Faces(command) => self.handle_faces(command),
            UiCommand::Compare(command) => self.handle_compare(command),
            UiCommand::LookAtShelf => self.look_at_shelf(),
            UiCommand::Leave => self.front = None,
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
                let fresh = RunForm { out, ..RunForm::new(preset) };
                let before = std::mem::replace(&mut self.form, fresh);
                self.form.keep_data(&before.config.data);
            }
            UiCommand::ChooseRow(name) => match papers::runnable_row(&name) {
                Ok(row) => self.form.take_row(&name, &row),
                Err(reason) => self.say(Level::Warning, reason),
            },
            UiCommand::SetOut(out) => self.form.out = out,
            UiCommand::EditNext(edit) => self.edit_next = edit,
            UiCommand::Browse(what) => {
                if self.asking.is_none() && self.submit(Job::Ask(what)) {
                    self.asking = Some(what);
                }
            }
            UiCommand::Open(folder) => {
                self.typed = matches!(self.dialog, Some(Dialog::OpenPath(_))).then(|| folder.clone());
                self.open(&folder);
            }
            UiCommand::Select(id) => self.select(id),
            UiCommand::Close(id) => self.close(id),
            UiCommand::SetTime(time) => {
                self.time = time;
                self.want_maps();
            }
            UiCommand::Point { probe, pin, from } => {
                if pin || !self.probe_pinned {
                    self.probe = probe;
                    self.probe_pinned = pin && probe.is_some();
                    self.probe_from = probe.map(|_| from);
                    self.point_in_patterns();
                }
            }
            UiCommand::ShowStage(stage) => (self.shown_stage, self.shown_phase) = (stage, None),
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
                self.filled = None;
                self.workspace.layout = layout;
                self.workspace.tree = None;
                self.rearrange = true;
            }
            UiCommand::Focus(
                pane @ (Pane::Gallery | Pane::Data | Pane::Patterns | Pane::Compare | Pane::Ablations),
            ) if self.runs.is_empty() => {
                self.front = Some(pane);
            }
            UiCommand::Fill(pane) => {
                self.filled = pane;
                self.focus = self.focus.or(pane);
            }
            UiCommand::Focus(pane) => {
                self.focus = Some(pane);
                // A pane that was asked for is seen, whatever filled the window.
                self.filled = self.filled.map(|_| pane);
            }
            UiCommand::SetTheme(theme) => self.workspace.theme = theme,
            UiCommand::SetZoom(zoom) => self.workspace.zoom = zoom.clamp(0.5, 3.0),
            UiCommand::Show(dialog) => self.dialog = Some(dialog),
            UiCommand::CloseDialog => self.dialog = None,
            UiCommand::Dismiss(id) => self.toasts.retain(|t| t.id != id),
            UiCommand::Quit if self.has_work() => self.dialog = Some(Dialog::Quit),
            UiCommand::Quit | UiCommand::StopAndQuit => self.closing = true,
        }
    }

    /// The scene after or before the one shown last; layouts where no scene was kept.
    fn turn_scene(&mut self, forward: bool) {
        self.filled = None;
        let workspace = &mut self.workspace;
        let turn = |now: usize, n: usize| if forward { (now + 1) % n } else { (now + n - 1) % n };
        if workspace.scenes.is_empty() {
            let all = Layout::ALL;
            let now = all.iter().position(|l| *l == workspace.layout).unwrap_or(0);
            (workspace.layout, workspace.tree) = (all[turn(now, all.len())], None);
            self.rearrange = true;
        } else {
            let last = workspace.scenes.len() - 1;
            let now = workspace.scene_shown.unwrap_or(if forward { last } else { 0 }).min(last);
            self.scene = Some(turn(now, last + 1));
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
        // Whoever presses a button takes over.
        let slow = self.slow.end();
        match action {
            Transport::Pause if slow && self.run().is_some_and(|run| run.state == Some(State::Paused)) => {}
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
            // Scores and more would be cut: whoever goes back in a finished run, or in one that was left, is asked first.
            Transport::BackPhase | Transport::BackIteration if self.asks_before_going_back() => {
                let back = self.run().and_then(|r| r.phase_before().max(r.iteration_before()));
                self.dialog = back.map(|cursor| Dialog::RewindTo(cursor.iteration));
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

    fn asks_before_going_back(&self) -> bool {
        self.run().is_some_and(|run| run.state == Some(State::Finished) || !self.is_attached(run.0))
    }

    /// Sends `command` to the engine of the run in view; without one, a run is started or resumed for it.
    pub(super) fn drive(&mut self, command: Command, pending: Pending) {
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
        (self.shown_stage, self.shown_phase) = (None, None);
    }

    fn rewind(&mut self, cursor: Cursor) {
        self.drive(Command::Rewind(cursor), Pending::Rewinding);
    }

    /// Keeps a copy of the session as it is, and goes back in this one where it is told to.
    fn fork(&mut self, back_to: Option<u64>) {
        let Some(run) = self.run() else { return };
        let parent = run.folder.parent().map_or_else(|| self.sessions.clone(), Path::to_path_buf);
        let taken = |p: &PathBuf| self.runs.iter().any(|(_, r)| r.folder == *p);
        let folder = (1_u32..10_000)
            .map(|n| parent.join(format!("{}-at-{}-{n}", run.name, run.cursor.iteration)))
            .find(|p| !taken(p));
        let Some(folder) = folder else { return };
        let command = Command::Fork { folder, overrides: vec![] };
        match (back_to, self.selected.filter(|id| !self.is_attached(*id))) {
            (Some(iteration), _) => {
                self.drive(command, Pending::Rewinding);
                self.rewind(Cursor { iteration, phase: 0 });
            }
            (None, Some(id)) => self.resume(id, command),
            (None, None) => self.send(command),
        }
    }

    /// Sends a command to the engine, and says so if it does not take it.
    pub(super) fn send(&mut self, command: Command) {
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
    pub(super) fn start(&mut self, first: Option<Command>) {
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
        run.set_config(config.clone());
        let id = self.add(run);
        self.launch(id, crate::engine::Job::New { config, folder }, first);
    }

    fn resume(&mut self, id: RunId, command: Command) {
        // Whatever asks for it: one engine trains at a time, and nobody else's run is taken over.
        if let Some(why) = self.taken(id) {
            self.say(Level::Info, why);
            return;
        }
        let Some(folder) = self.run_mut(id).map(|r| r.folder.clone()) else { return };
        let first = Some(command).filter(|c| *c != Command::Play);
        self.launch(id, crate::engine::Job::Resume { folder, lengths: crate::engine::NewLengths::default() }, first);
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
        self.making.clear();
        self.time = TimeCursor::Live;
        if let Some(run) = self.run_mut(id) {
            (run.state, run.error, run.heartbeat_age_secs, run.outlook) = (None, None, None, None);
        }
    }

    fn add(&mut self, run: RunStore) -> RunId {
        let id = RunId(self.next_run);
        self.next_run += 1;
        self.runs.push((id, run));
        self.select(id);
        id
    }

    fn select(&mut self, id: RunId) {
        if self.selected != Some(id) && self.runs.iter().any(|(i, _)| *i == id) {
            self.selected = Some(id);
            (self.time, self.probe, self.probe_pinned) = (TimeCursor::Live, None, false);
            (self.shown_stage, self.shown_phase) = (None, None);
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

    /// Asks for the maps that the time cursor or the compare pane points at, unless they are in memory or others are being
    /// read.
    pub(super) fn want_maps(&mut self) {
        let there = |&(id, iteration): &(RunId, u64)| {
            self.runs.iter().any(|(i, run)| *i == id && run.maps.get(iteration).is_some())
        };
        let wanted = self.pointed_maps().into_iter().chain(self.compared_maps()).find(|wanted| !there(wanted));
        let Some((id, iteration)) = wanted.filter(|_| self.loading_maps.is_none()) else { return };
        let Some(folder) = self.run_mut(id).map(|run| run.folder.clone()) else { return };
        if self.submit(Job::Maps { run: id, folder, iteration }) {
            self.loading_maps = Some((id, iteration));
        }
    }

    /// The maps that the time cursor points at, where they are to be read.
    fn pointed_maps(&self) -> Option<(RunId, u64)> {
        let run = self.run()?;
        match self.time {
            TimeCursor::At(iteration) => Some((run.0, iteration)),
            TimeCursor::Live if self.is_attached(run.0) => None,
            TimeCursor::Live => Some((run.0, run.map_iterations.last().copied()?)),
        }
    }

    /// Takes in what came since the last time; true if more waits.
    pub(super) fn take_in(&mut self, now: f64) -> bool {
        self.now = now;
        self.toasts.retain(|t| t.until.is_none_or(|until| until > now));
        loop {
            while let Some(done) = self.jobs.answer() {
                self.done(done);
            }
            if !self.settle_data() {
                break;
            }
        }
        self.keep_notes(false);
        let more = self.take_events();
        self.go_slowly();
        self.poll_folders();
        more
    }

    /// What is needed of the configuration in view, or of the next run's.
    pub fn shown_config(&self) -> &RunConfig {
        self.run().and_then(|r| r.1.config.as_ref()).unwrap_or(&self.form.config)
    }

    /// Looks for the sample session and opens what was asked for.
    pub(super) fn begin(&mut self, open: &[PathBuf]) {
        let sample = self.sessions.join("demo");
        self.submit(Job::FindSample(sample));
        self.begin_data();
        for folder in open {
            self.open(folder);
        }
    }
}
