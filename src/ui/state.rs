//! The state of the window: owned plain data. Views read it; `handle` alone changes it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::ablations::Ablations;
use super::command::{Dialog, Probe, TimeCursor, Transport, UiCommand};
use super::compare::Compare;
use super::data::DataView;
use super::export::Export;
use super::faces::FacesView;
use super::form::{Group, RunForm, groups};
use super::gallery::Gallery;
use super::history::History;
use super::jobs::{FolderFor, Job, Jobs};
use super::link::{EngineLink, Spawn};
use super::notes::Notes;
use super::patterns::Patterns;
use super::pixel::PixelView;
use super::run::{RunId, RunStore};
use super::shelf::ShelfView;
use super::slow::SlowMotion;
use super::workspace::{Pane, Workspace};
use crate::config::{DataSource, Preset};
use crate::data::builtin;
use crate::data::protocol::{Offer, Protocol};
use crate::engine::{Command, Stage, time_ahead};
use crate::session::{MapSet, State};

/// How grave a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Good to know.
    Info,
    /// Worth a look; things go on.
    Warning,
    /// Something cannot go on.
    Error,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct LogEntry {
    /// Number of the entry.
    pub id: u64,
    /// How grave it is.
    pub level: Level,
    /// One sentence.
    pub text: String,
    /// Counted iteration of the run it is about.
    pub iteration: Option<u64>,
}

/// What was asked of the engine and is not done yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// The engine has been made and has not said anything.
    Starting,
    /// It was asked to go on.
    Playing,
    /// It was asked to pause.
    Pausing,
    /// It was asked for one phase or iteration.
    Stepping,
    /// It was asked to go back.
    Rewinding,
    /// It was asked to end.
    Stopping,
}

impl Pending {
    /// As the state label says it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Starting => "starting…",
            Self::Playing => "resuming…",
            Self::Pausing => "pausing…",
            Self::Stepping => "stepping…",
            Self::Rewinding => "rewinding…",
            Self::Stopping => "stopping…",
        }
    }
}

/// A message that lies over the window for a while.
#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    /// Number of the log entry it shows.
    pub id: u64,
    /// How grave it is.
    pub level: Level,
    /// One sentence.
    pub text: String,
    /// When it goes away, in the window's seconds; errors stay until they are taken away.
    pub until: Option<f64>,
}

/// How fast parts of something are made, by the last ones.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    marks: std::collections::VecDeque<(Instant, u64)>,
}

impl Pace {
    /// Notes that `done` parts are made now.
    pub fn mark(&mut self, done: u64) {
        if self.marks.back().is_some_and(|&(_, last)| done <= last) {
            self.marks.clear();
        }
        self.marks.push_back((Instant::now(), done));
        if self.marks.len() > 64 {
            self.marks.pop_front();
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.marks.clear();
    }

    /// Parts a second, once it can be told.
    pub fn per_second(&self) -> Option<f64> {
        let (&(from, first), &(to, last)) = (self.marks.front()?, self.marks.back()?);
        let seconds = to.duration_since(from).as_secs_f64();
        (self.marks.len() > 4 && seconds > 0.2).then(|| (last - first) as f64 / seconds)
    }
}

/// What is done once a free folder is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct StartWish {
    /// Configuration of the run to be.
    pub config: crate::config::RunConfig,
    /// What the engine is told first; nothing lets it play.
    pub first: Option<Command>,
}

/// Everything the window knows.
pub struct AppState {
    /// What a person arranged.
    pub workspace: Workspace,
    /// A sentence about the devices of this machine.
    pub device: String,
    /// Where runs are kept by default.
    pub sessions: PathBuf,
    /// Folder for data that can be made again.
    pub cache: PathBuf,
    /// This program, which does the runs of sweeps.
    pub(super) program: PathBuf,
    /// The sample session, once it was found.
    pub sample: Option<PathBuf>,
    /// Settings the run pane offers.
    pub groups: Vec<Group>,
    /// Protocols that can be chosen for built-in faces.
    pub offers: Vec<Offer>,
    /// Protocols that can be chosen for data sets.
    pub disk_offers: Vec<Offer>,
    /// The next run's configuration.
    pub form: RunForm,
    /// Whether the run pane shows the next run although one is in view.
    pub edit_next: bool,
    /// All runs in the window, oldest first.
    pub runs: Vec<(RunId, RunStore)>,
    /// The run in view.
    pub selected: Option<RunId>,
    /// The engine, if one is under way.
    pub link: Option<EngineLink>,
    /// What was asked of it and is not done yet.
    pub pending: Option<Pending>,
    /// How fast it makes what it needs before.
    pub making: Pace,
    /// Which maps are shown.
    pub time: TimeCursor,
    /// The pixel that is pointed at.
    pub probe: Option<Probe>,
    /// Whether the pixel stays when the pointer leaves.
    pub probe_pinned: bool,
    /// The pane whose picture is pointed at.
    pub(super) probe_from: Option<Pane>,
    /// The stage whose phases are listed; `None` for the one under way.
    pub shown_stage: Option<Stage>,
    /// The phase whose text is shown; `None` for the one just done.
    pub shown_phase: Option<usize>,
    /// The built-in benchmark to look at.
    pub gallery: Gallery,
    /// Data sets, imports and protocols.
    pub data: DataView,
    /// What was looked at before.
    pub history: History,
    /// A person's notes of the run in view.
    pub notes: Notes,
    /// A run that goes on by itself, a phase at a time.
    pub slow: SlowMotion,
    /// Whether the guided tour is on.
    pub tour: bool,
    /// The kept pixel over time.
    pub pixel: PixelView,
    /// The pane that stands in place of all.
    pub filled: Option<Pane>,
    /// Whether the window is shown to an audience: full screen, large, without menus.
    pub presenting: bool,
    /// Figures and tables to be written.
    pub export: Export,
    /// Scored faces, one by one.
    pub faces: FacesView,
    /// Sweeps and what they came to.
    pub ablations: Ablations,
    /// Sessions side by side.
    pub compare: Compare,
    /// Sessions on disk.
    pub shelf: ShelfView,
    /// Faces beside their hand-made maps.
    pub patterns: Patterns,
    /// What stands in for the welcome while no run is open.
    pub front: Option<Pane>,
    /// The path that was typed to be opened, until it is known to be a session.
    pub(super) typed: Option<PathBuf>,
    /// The dialog that is open.
    pub dialog: Option<Dialog>,
    /// The newest messages, oldest first: [`AppState::LOGGED`] at most.
    pub log: Vec<LogEntry>,
    /// Messages that lie over the window.
    pub toasts: Vec<Toast>,
    /// The window's clock in seconds.
    pub now: f64,
    /// How long after this frame the next may come that no person asks for.
    pub wait: Duration,
    /// The folder dialog that is open.
    pub asking: Option<FolderFor>,
    /// A pane to bring to the front in the next frame.
    pub(super) focus: Option<Pane>,
    /// Whether the window is to close in the next frame.
    pub(super) closing: bool,
    /// Whether the arrangement was changed and the tree must be made anew.
    pub(super) rearrange: bool,
    /// The scene to bring back in the next frame, by its place.
    pub(super) scene: Option<usize>,
    /// The name of the scene to keep in the next frame.
    pub(super) scene_to_keep: Option<String>,
    /// Whether the arrangement shall be written to disk now.
    pub(super) keep: bool,
    pub(super) jobs: Jobs,
    pub(super) spawn: Spawn,
    pub(super) waker: std::sync::Arc<dyn Fn() + Send + Sync>,
    pub(super) wish: Option<StartWish>,
    pub(super) next_run: u32,
    pub(super) next_message: u64,
    /// The maps that are being read: at most one set at a time, so that moving the time cursor fast costs little.
    pub(super) loading_maps: Option<(RunId, u64)>,
    /// When each run without an engine is looked at next.
    pub(super) next_poll: f64,
    pub(super) polling: bool,
    pub(super) polled_last: Option<RunId>,
}

impl AppState {
    /// Most messages that the log keeps.
    pub const LOGGED: usize = 10_000;

    /// A window without runs.
    pub(super) fn new(
        workspace: Workspace,
        device: String,
        (sessions, cache): (PathBuf, PathBuf),
        jobs: Jobs,
        spawn: Spawn,
        waker: std::sync::Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        Self {
            workspace,
            device,
            sessions,
            cache,
            program: std::env::current_exe().unwrap_or_else(|_| PathBuf::from("metafas")),
            sample: None,
            groups: groups(),
            offers: builtin::offers(),
            disk_offers: Protocol::offers(),
            form: RunForm::new(Preset::Demo),
            edit_next: false,
            runs: vec![],
            selected: None,
            link: None,
            pending: None,
            making: Pace::default(),
            time: TimeCursor::Live,
            probe: None,
            probe_pinned: false,
            probe_from: None,
            shown_stage: None,
            shown_phase: None,
            gallery: Gallery::default(),
            data: DataView::default(),
            history: History::default(),
            notes: Notes::default(),
            slow: SlowMotion::default(),
            tour: false,
            pixel: PixelView::default(),
            filled: None,
            presenting: false,
            export: Export::default(),
            faces: FacesView::default(),
            ablations: Ablations::default(),
            compare: Compare::default(),
            shelf: ShelfView::default(),
            patterns: Patterns::default(),
            front: None,
            typed: None,
            dialog: None,
            log: vec![],
            toasts: vec![],
            now: 0.0,
            wait: Duration::ZERO,
            asking: None,
            focus: None,
            closing: false,
            rearrange: false,
            scene: None,
            scene_to_keep: None,
            keep: false,
            jobs,
            spawn,
            waker,
            wish: None,
            next_run: 1,
            next_message: 1,
            loading_maps: None,
            next_poll: 0.0,
            polling: false,
            polled_last: None,
        }
    }

    /// The run in view.
    pub fn run(&self) -> Option<Viewed<'_>> {
        let id = self.selected?;
        self.runs.iter().find(|(i, _)| *i == id).map(|(id, run)| Viewed(*id, run))
    }

    pub(super) fn run_mut(&mut self, id: RunId) -> Option<&mut RunStore> {
        self.runs.iter_mut().find(|(i, _)| *i == id).map(|(_, run)| run)
    }

    /// Whether the engine works on this run.
    pub fn is_attached(&self, id: RunId) -> bool {
        self.link.as_ref().is_some_and(|link| link.run == id)
    }

    /// Whether the run in view is training in this window, or is about to.
    pub fn is_playing(&self) -> bool {
        let Some(run) = self.run().filter(|r| self.is_attached(r.0)) else { return self.wish.is_some() };
        if self.slow.on {
            return true;
        }
        match self.pending {
            Some(Pending::Playing | Pending::Starting) => true,
            _ => run.state == Some(State::Running),
        }
    }

    /// Whether any run is training in this window.
    pub fn is_busy(&self) -> bool {
        let run = self.link.as_ref().and_then(|l| self.runs.iter().find(|(id, _)| *id == l.run));
        run.is_some_and(|(_, run)| matches!(run.state, None | Some(State::Running)))
    }

    /// Whether closing the window would stop anything: a run, or a sweep.
    pub fn has_work(&self) -> bool {
        self.is_busy() || self.ablations.running.is_some()
    }

    /// The name of a run that keeps this one from being trained.
    pub fn busy_elsewhere(&self, id: RunId) -> Option<&str> {
        let other = self.link.as_ref().filter(|l| l.run != id).map(|l| l.run)?;
        self.runs.iter().find(|(i, run)| *i == other && !run.is_over()).map(|(_, run)| run.name.as_str())
    }

    /// Why no engine can be started for this run, where that is so; it may have one already.
    pub fn taken(&self, id: RunId) -> Option<String> {
        if let Some(other) = self.busy_elsewhere(id) {
            return Some(format!("{other} is training in this window; one engine trains at a time"));
        }
        let run = self.runs.iter().find(|(i, _)| *i == id).map(|(_, run)| run)?;
        let elsewhere = !self.is_attached(id) && run.is_written_elsewhere();
        elsewhere.then(|| "Another process trains this run; it is only watched here".to_owned())
    }

    /// Whether the next run can be started as it is configured.
    pub fn can_start(&self) -> Result<(), String> {
        if self.wish.is_some() {
            return Err("A run is starting".to_owned());
        }
        let training = self.link.as_ref().and_then(|l| self.runs.iter().find(|(id, _)| *id == l.run));
        if let Some((_, run)) = training.filter(|(_, run)| !run.is_over()) {
            return Err(format!("{} is under way; stop it first", run.name));
        }
        match self.problems().as_slice() {
            [] if self.form.config.data.source != DataSource::Builtin && self.fit().is_none() => {
                Err("The data are being looked at".to_owned())
            }
            [] => Ok(()),
            [one] => Err(one.clone()),
            [first, rest @ ..] => Err(format!("{first} (and {} more in the Run pane)", rest.len())),
        }
    }

    /// Seconds that the iterations of the next run will take, where runs like it were timed on this machine.
    pub fn time_ahead(&self) -> Option<f64> {
        time_ahead(&self.form.config, self.form.cost.as_ref()?, &self.workspace.timed)
    }

    /// Whether a transport button can be pressed; the error is the reason.
    pub fn allowed(&self, action: Transport) -> Result<(), String> {
        super::transport::allowed(self, action)
    }

    /// What a pane asks for whose pictures are pointed at at `hovered`, where anything changes: the pixel that another pane
    /// points at stays.
    pub fn pointed(&self, hovered: Option<Probe>, from: Pane) -> Option<UiCommand> {
        let mine = hovered.is_some() || self.probe_from == Some(from);
        let changed = !self.probe_pinned && hovered != self.probe && mine;
        changed.then_some(UiCommand::Point { probe: hovered, pin: false, from })
    }

    /// The maps that the time cursor points at, if they are in memory.
    pub fn shown_maps(&self) -> Option<&std::sync::Arc<MapSet>> {
        let run = self.run()?;
        match self.time {
            TimeCursor::Live => run.1.maps.newest(),
            TimeCursor::At(iteration) => run.1.maps.get(iteration),
        }
    }

    /// A good number to offer for "run to".
    pub fn suggested_target(&self) -> u64 {
        self.run().map_or(100, |run| {
            let total = run.config.as_ref().map_or(u64::MAX, crate::config::RunConfig::total_iterations);
            (run.cursor.iteration / 50 * 50 + 50).min(total)
        })
    }

    /// Hands a job over, and says so if it cannot be.
    pub(super) fn submit(&mut self, job: Job) -> bool {
        let taken = self.jobs.submit(job);
        if !taken {
            self.say(Level::Warning, "Too much is being read at once; try again in a moment");
        }
        taken
    }

    /// Writes a line into the log, and over the window if a person should see it now.
    pub(super) fn say(&mut self, level: Level, text: impl Into<String>) {
        let (id, text) = (self.next_message, text.into());
        self.next_message += 1;
        let iteration = self.run().map(|run| run.cursor.iteration);
        if self.toasts.iter().all(|t| t.text != text) {
            let until = (level < Level::Error).then_some(self.now + 6.0);
            self.toasts.push(Toast { id, level, text: text.clone(), until });
            let surplus = self.toasts.len().saturating_sub(4);
            self.toasts.drain(..surplus);
        }
        self.log_entry(LogEntry { id, level, text, iteration });
    }

    /// Adds to the log; the oldest tenth makes room, so that not every message moves all others.
    fn log_entry(&mut self, entry: LogEntry) {
        if self.log.len() >= Self::LOGGED {
            self.log.drain(..Self::LOGGED / 10);
        }
        self.log.push(entry);
    }

    /// Writes a line into the log alone.
    pub(super) fn note(&mut self, text: impl Into<String>) {
        let id = self.next_message;
        self.next_message += 1;
        let iteration = self.run().map(|run| run.cursor.iteration);
        self.log_entry(LogEntry { id, level: Level::Info, text: text.into(), iteration });
    }
}

/// The run in view, with its name within the window.
#[derive(Debug, Clone, Copy)]
pub struct Viewed<'a>(pub RunId, pub &'a RunStore);

impl std::ops::Deref for Viewed<'_> {
    type Target = RunStore;

    fn deref(&self) -> &RunStore {
        self.1
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::session::Row;
    use crate::ui::UiCommand;

    fn state() -> AppState {
        let spawn: Spawn = Arc::new(|_| unreachable!("nothing is started"));
        let folders = (PathBuf::from("sessions"), PathBuf::from("cache"));
        AppState::new(Workspace::default(), String::new(), folders, Jobs::inline(), spawn, Arc::new(|| {}))
    }

    #[test]
    fn what_is_not_a_row_of_the_run_stays_within_its_bounds_for_ever() {
        const MANY: u64 = 1_000_000;
        let mut state = state();
        let mut run = RunStore::new(std::path::Path::new("sessions/long"));
        run.set_config(Preset::Demo.config());
        state.runs.push((RunId(1), run));
        state.selected = Some(RunId(1));
        let maps = |iteration| MapSet {
            iteration,
            stage: Stage::Bilevel,
            stage_iteration: iteration,
            side: 1,
            factor: 1.0,
            pattern: None,
            samples: vec![],
        };
        for i in 0..MANY {
            state.note(format!("note {i}"));
            state.making.mark(i);
            if i % 10 == 0 {
                state.say(Level::Warning, format!("warning {i}"));
                state.now += 1.0;
                state.handle_and_remember(UiCommand::SetSmoothing((i % 7) as f64 / 10.0));
            }
            let Some(run) = state.run_mut(RunId(1)) else { unreachable!("it was just put there") };
            run.maps.put(maps(i), i % 50 > 0);
            let values = vec![("l_v".to_owned(), 0.5)];
            run.push_row(Row { iteration: i, stage: Stage::Bilevel, stage_iteration: i, values });
        }
        assert!(state.log.len() <= AppState::LOGGED && state.toasts.len() <= 4);
        assert_eq!(state.log.last().map(|entry| entry.id), Some(state.next_message - 1), "the newest stay");
        assert!(state.log.windows(2).all(|w| w[0].id + 1 == w[1].id));
        assert!(state.history.len() <= 100, "{}", state.history.len());
        let (_, run) = &state.runs[0];
        assert!(run.maps.len() <= 97, "{}", run.maps.len());
        // Rows alone are kept, all of them, and sixteen bytes a number.
        let series = run.metrics.get("l_v").unwrap();
        assert_eq!((series.x.len(), series.y.len()), (MANY as usize, MANY as usize));
        assert_eq!((run.metrics.stages().len(), state.runs.len()), (1, 1));
    }
}
