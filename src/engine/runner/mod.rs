//! Driving a run: commands in, phases done, events out, files kept. Everything about *when*; what is computed stands in
//! `machine`, and nothing here touches a tensor but to share or store it. Going back is in `history`.

mod ends;
mod history;

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crossbeam_channel::TryRecvError;

use super::EngineError;
use super::command::{Command, Cursor};
use super::cost::StageCost;
use super::differences::{For, of_faces, trained_on};
use super::event::{Evaluated, Event, PhaseReport, Progress, Started};
use super::machine::{Machine, Stepped};
use super::memory::memory;
use super::pace::{Clock, Pace};
use super::results::{self, AS_IT_IS, LAST, Origin};
use super::setup::RANDOM_TRUNK;
use super::store::RunState;
use crate::config::{self, RunConfig, Stage};
use crate::panics::{self, Cause};
use crate::session::{
    Change, ChangeLog, MetricsLog, Outlook, Provenance, Session, SessionError, State, Status, Trained, append_file,
    close_last_line, cut_sentence, map_stride,
};
pub(super) use ends::Ends;
pub use ends::Waker;

/// Shortest time between two previews, status files or progress events while playing.
const OFTEN: Duration = Duration::from_millis(200);

/// Settings that may change while a run goes on, and whether they wait for the next iteration to begin.
pub const LIVE_SETTINGS: [(&str, bool); 16] = [
    ("bilevel.alpha", false),
    ("bilevel.beta", false),
    ("bilevel.mu", false),
    ("bilevel.mu_scope", false),
    ("bilevel.gamma", false),
    ("bilevel.adapt_interval", false),
    ("bilevel.adapt", false),
    ("bilevel.k", true),
    ("bilevel.hypergradient", true),
    ("bilevel.fd_eps", true),
    ("bilevel.audit_every", false),
    ("pretrain.learning_rate", false),
    ("detector.learning_rate", false),
    ("meta_pattern.inner_rate", false),
    ("meta_pattern.momentum", false),
    ("rf_meta.inner_rate", false),
];

/// Until when phases are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Paused,
    Playing,
    OnePhase,
    OneIteration,
    To(u64),
}

/// A run with its folder and its ends.
pub(super) struct Runner {
    ends: Ends,
    session: Session,
    machine: Machine,
    base: RunConfig,
    /// Where the run's numbers come from: the faces it was begun on.
    provenance: Provenance,
    /// Where they come from now; other faces than then where the data were changed in between.
    now: Provenance,
    problems: Vec<String>,
    log: MetricsLog,
    timing: File,
    changes: ChangeLog,
    ring: VecDeque<(u64, RunState)>,
    pending: VecDeque<Command>,
    mode: Mode,
    state: State,
    last_status: Instant,
    last_hint: Instant,
    last_maps: Instant,
    last_outlook: Instant,
    clock: Clock,
    pace: Pace,
    /// What is to be done, counted for the settings beside it: those in force may change.
    work: (RunConfig, Vec<StageCost>),
}

impl Runner {
    /// A run whose folder is there and whose machine stands where the run goes on.
    pub fn new(
        ends: Ends,
        session: Session,
        machine: Machine,
        base: RunConfig,
        provenance: Provenance,
        now: Provenance,
    ) -> Result<Self, EngineError> {
        let began = Instant::now();
        let mut problems = machine.batches.faces.problems.clone();
        if provenance.trunk == RANDOM_TRUNK {
            let sentence = "HFN's trunks start at random; the authors' code starts from ImageNet, the paper does not say (meta_pattern.weights)";
            problems.push(sentence.to_owned());
        }
        if close_last_line(&session.timing_file())? {
            ends.tell(Event::Warning(cut_sentence(&session.timing_file())));
        }
        let mut changes = ChangeLog::open(&session.changes_file())?;
        let mut replayed = base.clone();
        let refused = changes.refuse(|change| {
            if let Some(why) = cannot_change(&change.key) {
                return Some(why);
            }
            match with_change(&replayed, &change.key, &change.value) {
                Ok(config) => {
                    replayed = config;
                    None
                }
                Err(why) => Some(why),
            }
        });
        for sentence in changes.problems().iter().cloned().chain(refused) {
            ends.tell(Event::Warning(sentence));
        }
        Ok(Self {
            log: MetricsLog::open_at(&session.metrics_file(), machine.global())?,
            timing: append_file(&session.timing_file())?,
            changes,
            ring: VecDeque::new(),
            pending: VecDeque::new(),
            mode: Mode::Paused,
            state: State::Paused,
            last_status: began,
            last_hint: began,
            last_maps: began,
            last_outlook: began,
            clock: Clock::default(),
            pace: Pace::default(),
            work: (machine.config.clone(), machine.work()),
            ends,
            session,
            machine,
            base,
            provenance,
            now,
            problems,
        })
    }

    /// Runs until stopped. On errors the session is left in the state that says so.
    pub fn run(mut self, playing: bool) -> Result<(), EngineError> {
        let done = self.take_results();
        self.session.cut_after(self.machine.global())?;
        self.thin_checkpoints()?;
        if self.machine.stage() != Stage::Evaluate {
            self.session.mark_results_as_earlier()?;
        }
        self.tell_problems();
        self.apply_changes_before(self.machine.global(), 0)?;
        if !self.session.watched_file().exists() {
            self.machine.watched().write(&self.session.watched_file())?;
        }
        self.boundary();
        if self.machine.global() == 0 {
            self.store_maps()?;
            self.save_checkpoint()?;
        }
        self.announce();
        self.mode = if playing && done.is_none() { Mode::Playing } else { Mode::Paused };
        let state = match (&done, playing) {
            (Some(_), _) => State::Finished,
            (None, true) => State::Running,
            (None, false) => State::Paused,
        };
        if let Some(results) = done.filter(|_| playing) {
            self.ends.tell(Event::Evaluated(Evaluated { results }));
        }
        self.set_state(state)?;
        loop {
            if !self.obey()? {
                break;
            }
            if self.mode == Mode::Paused {
                continue;
            }
            match self.advance() {
                Ok(()) => {}
                Err(EngineError::Stopped) => break,
                Err(error @ EngineError::OutOfMemory(_)) => {
                    self.back_to_boundary();
                    self.save_checkpoint()?;
                    self.mode = Mode::Paused;
                    self.ends.tell(Event::Warning(error.to_string()));
                    self.set_state_with(State::Paused, Some(error.to_string()))?;
                }
                Err(error) => {
                    self.back_to_boundary();
                    let kept = self.save_checkpoint();
                    self.set_state_with(State::Failed, Some(error.to_string()))?;
                    kept?;
                    return Err(error);
                }
            }
        }
        self.leave()
    }

    /// The results of a session that is finished: nothing is left to do, and its scores stay as they are.
    fn take_results(&mut self) -> Option<serde_json::Value> {
        let finished = self.session.status().is_ok_and(|s| s.state == State::Finished);
        if !finished || self.machine.stage() != Stage::Evaluate || !self.session.scores().join("test.csv").is_file() {
            return None;
        }
        let results = self.session.results().ok().flatten()?;
        self.machine.take_as_evaluated();
        Some(results)
    }

    /// Tells what was found wrong with the files of the run.
    fn tell_problems(&mut self) {
        for sentence in self.log.take_problems() {
            self.ends.tell(Event::Warning(sentence));
        }
    }

    /// Ends well: a checkpoint between two iterations, and a state that says whether anything is left.
    fn leave(&mut self) -> Result<(), EngineError> {
        self.back_to_boundary();
        self.save_checkpoint()?;
        let done = self.machine.finished();
        let end = match self.state {
            State::PausedNan | State::Failed => self.state,
            _ if done => State::Finished,
            _ => State::Stopped,
        };
        let error = self.session.status().ok().and_then(|s| s.error).filter(|_| end != State::Finished);
        self.set_state_with(end, error)?;
        self.ends.tell(Event::Finished);
        Ok(())
    }

    fn cursor(&self) -> Cursor {
        Cursor { iteration: self.machine.global(), phase: self.machine.phase() }
    }

    fn announce(&mut self) {
        self.ends.tell(Event::Started(Box::new(Started {
            session: self.session.path().to_owned(),
            config: self.machine.config.clone(),
            provenance: self.provenance.clone(),
            watched: self.machine.watched(),
            problems: self.problems.clone(),
            cursor: self.cursor(),
        })));
        self.ends.hint(Event::Maps(self.machine.preview()));
        let outlook = self.outlook();
        self.ends.hint(Event::Outlook(outlook));
        self.ends.tell(Event::Phase(Box::new(self.report(None, &Stepped::default(), 0.0, true))));
    }

    fn report(&self, done: Option<usize>, told: &Stepped, seconds: f64, batch: bool) -> PhaseReport {
        PhaseReport {
            cursor: self.cursor(),
            stage: self.machine.stage(),
            stage_iteration: self.machine.stage_iteration(),
            done,
            next: self.machine.phase(),
            phases: self.machine.phases(),
            numbers: told.numbers.clone(),
            tensors: told.tensors.clone(),
            batch: if batch { self.machine.batch_view() } else { None },
            seconds,
        }
    }

    // ---- commands

    /// Takes what commands there are; waits for one while paused. `false` ends the run.
    fn obey(&mut self) -> Result<bool, EngineError> {
        loop {
            let command = if let Some(command) = self.pending.pop_front() {
                command
            } else if self.mode == Mode::Paused {
                match self.ends.commands.recv() {
                    Ok(command) => command,
                    Err(_) => return Ok(false),
                }
            } else {
                match self.ends.commands.try_recv() {
                    Ok(command) => command,
                    Err(TryRecvError::Empty) => return Ok(true),
                    Err(TryRecvError::Disconnected) => return Ok(false),
                }
            };
            if command == Command::Stop {
                return Ok(false);
            }
            match self.carry_out(command) {
                Ok(()) => {}
                Err(EngineError::Refused(why)) => {
                    self.ends.tell(Event::Warning(why));
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn carry_out(&mut self, command: Command) -> Result<(), EngineError> {
        match command {
            Command::Play => self.go(Mode::Playing),
            Command::StepPhase => self.go(Mode::OnePhase),
            Command::StepIteration => self.go(Mode::OneIteration),
            Command::RunTo(n) if n > self.machine.global() => self.go(Mode::To(n)),
            Command::RunTo(_) | Command::Stop => Ok(()),
            Command::Pause => self.pause(),
            Command::Rewind(cursor) => self.rewind(cursor),
            Command::SetHyper { key, value } => self.change(key, value),
            Command::Snapshot => {
                if self.machine.phase() == 0 {
                    self.save_checkpoint()
                } else {
                    Err(EngineError::Refused("a checkpoint is taken between two iterations; step on first".to_owned()))
                }
            }
            Command::Fork { folder, overrides } => self.fork(&folder, &overrides),
            Command::Evaluate => {
                let scored = self.long(|machine, watcher| machine.evaluate_now(watcher))?;
                let warnings = self.warnings()?;
                let origin = Origin {
                    config: &self.machine.config,
                    own: &self.machine.config.evaluate,
                    run: &self.provenance,
                    now: &self.now,
                    checkpoint: self.machine.global(),
                    selection: AS_IT_IS,
                    warnings: &warnings,
                };
                let ends = &self.ends;
                let results = results::write(&self.session, &scored, origin, &|done, all| ends.draws(done, all))?;
                self.ends.tell(Event::Evaluated(Evaluated { results }));
                Ok(())
            }
        }
    }

    /// What readers of the run's results must know: that it was trained or scored on other faces than it was begun on.
    fn warnings(&self) -> Result<Vec<String>, EngineError> {
        let mut all = vec![];
        if let Some(sentence) = of_faces(&self.provenance, &self.now, For::Scoring) {
            all.push(sentence);
            let trained = Trained::read(&self.session.trained_file())?;
            all.extend(trained_on(&self.machine.batches.faces, trained.as_ref())?);
        }
        Ok(all)
    }

    fn go(&mut self, mode: Mode) -> Result<(), EngineError> {
        if self.machine.finished() {
            return Err(EngineError::Refused(
                "the run is finished; rewind it, or resume it with more iterations".to_owned(),
            ));
        }
        self.mode = mode;
        self.set_state(State::Running)
    }

    fn pause(&mut self) -> Result<(), EngineError> {
        self.mode = Mode::Paused;
        self.ends.tell(Event::Phase(Box::new(self.report(None, &Stepped::default(), 0.0, true))));
        let outlook = self.outlook();
        self.ends.hint(Event::Outlook(outlook));
        self.ends.hint(Event::Maps(self.machine.preview()));
        if matches!(self.state, State::PausedNan | State::Finished) {
            return Ok(());
        }
        self.set_state(if self.machine.finished() { State::Finished } else { State::Paused })
    }

    /// Records a change at the place where it takes effect, and forgets later ones of the same setting.
    fn change(&mut self, key: String, value: String) -> Result<(), EngineError> {
        if let Some(why) = cannot_change(&key) {
            return Err(EngineError::Refused(why));
        }
        let waits = LIVE_SETTINGS.contains(&(key.as_str(), true));
        let with = with_change(&self.machine.config, &key, &value).map_err(EngineError::Refused)?;
        let mut at = self.cursor();
        if waits && at.phase > 0 {
            at = Cursor { iteration: at.iteration + 1, phase: 0 };
        } else {
            self.machine.config = with;
        }
        self.changes.push(Change { iteration: at.iteration, phase: at.phase, key, value })?;
        Ok(())
    }

    /// Puts every recorded change before (iteration, phase), that place included, in force.
    fn apply_changes_before(&mut self, iteration: u64, phase: usize) -> Result<(), EngineError> {
        let mut config = self.base.clone();
        for c in self.changes.all().iter().filter(|c| (c.iteration, c.phase) <= (iteration, phase)) {
            config = with_change(&config, &c.key, &c.value).map_err(EngineError::Checkpoint)?;
        }
        self.machine.config = config;
        Ok(())
    }

    // ---- going on

    /// Does one phase, and everything that is due after it, by the clock.
    fn advance(&mut self) -> Result<(), EngineError> {
        self.clock.start(Instant::now());
        let advanced = self.advance_once();
        self.clock.stop(Instant::now());
        advanced
    }

    fn advance_once(&mut self) -> Result<(), EngineError> {
        let place = self.cursor();
        if self.changes.all().iter().any(|c| (c.iteration, c.phase) == (place.iteration, place.phase)) {
            self.apply_changes_before(place.iteration, place.phase)?;
        }
        let stepping = self.mode != Mode::Playing;
        let show = stepping || self.last_hint.elapsed() >= OFTEN;
        // Asked for once, it stays asked for until a hypergradient phase has given it.
        self.machine.want_cotangent |= show;
        // Whoever runs to an iteration far away does not look at each.
        self.machine.want_tensors = matches!(self.mode, Mode::OnePhase | Mode::OneIteration);
        let began = Instant::now();
        let done = self.machine.phase();
        let stepped = self.long(|machine, watcher| machine.step(watcher))?;
        let seconds = began.elapsed().as_secs_f64();
        let ended = self.machine.phase() == 0;
        if show {
            self.last_hint = Instant::now();
            // The batch of an iteration that has just ended is gone: its last view stays on the screen.
            let report = self.report(Some(done), &stepped, seconds, stepping && !ended);
            if stepping {
                self.ends.tell(Event::Phase(Box::new(report)));
            } else {
                self.ends.hint(Event::Phase(Box::new(report)));
            }
            if stepping {
                self.ends.hint(Event::Maps(self.machine.preview()));
            }
        }
        // While playing, maps are shown of whole iterations, with the cotangent that belongs to them.
        if !stepping && ended && self.last_maps.elapsed() >= OFTEN && self.machine.has_its_maps() {
            self.last_maps = Instant::now();
            self.ends.hint(Event::Maps(self.machine.preview()));
        }
        self.keep(stepped)?;
        if ended && !matches!(self.state, State::PausedNan) {
            self.boundary();
        }
        if ended && !stepping && self.last_outlook.elapsed() >= OFTEN {
            self.last_outlook = Instant::now();
            let outlook = self.outlook();
            self.ends.hint(Event::Outlook(outlook));
        }
        self.heartbeat()?;
        let there = match self.mode {
            Mode::OnePhase => true,
            Mode::OneIteration => ended,
            Mode::To(n) => self.machine.global() >= n && ended,
            Mode::Playing | Mode::Paused => false,
        };
        if self.machine.finished() {
            self.mode = Mode::Paused;
            self.state = State::Finished;
            self.save_checkpoint()?;
            self.pause()?;
            self.set_state(State::Finished)?;
        } else if there {
            self.pause()?;
        }
        Ok(())
    }

    /// Writes what a finished iteration or evaluation leaves.
    fn keep(&mut self, stepped: Stepped) -> Result<(), EngineError> {
        if let Some(scored) = stepped.scores {
            let warnings = self.warnings()?;
            let origin = Origin {
                config: &self.machine.config,
                own: &self.machine.config.evaluate,
                run: &self.provenance,
                now: &self.now,
                checkpoint: self.machine.global(),
                selection: LAST,
                warnings: &warnings,
            };
            let ends = &self.ends;
            let results = results::write(&self.session, &scored, origin, &|done, all| ends.draws(done, all))?;
            self.ends.tell(Event::Evaluated(Evaluated { results }));
        }
        let Some(row) = stepped.row else { return Ok(()) };
        self.log.append(&row)?;
        self.tell_problems();
        self.note_time(row.stage, row.iteration);
        let lost: Vec<String> = row.not_finite().into_iter().map(str::to_owned).collect();
        let (stage, at) = (row.stage, row.stage_iteration);
        self.ends.tell(Event::Metrics(row));
        if !lost.is_empty() {
            return self.pause_at_nan(&lost, stage, at);
        }
        let now = self.machine.global();
        if now.is_multiple_of(self.machine.map_stride()) {
            self.store_maps()?;
        }
        let boundary = self.boundaries().contains(&now);
        if boundary || now.is_multiple_of(self.base.checkpoint.every) {
            self.save_checkpoint()?;
        }
        Ok(())
    }

    /// A number that is not one: the state before the iteration is kept, and the run waits.
    fn pause_at_nan(&mut self, lost: &[String], stage: Stage, at: u64) -> Result<(), EngineError> {
        let error = format!(
            "{} became not-a-number in {} iteration {at}; the session is kept as it was before it: rewind, or \
             change a setting (a smaller bilevel.alpha, bilevel.beta or learning_rate) and play",
            lost.join(", "),
            stage.name(),
        );
        self.back_to_boundary();
        self.save_checkpoint()?;
        self.mode = Mode::Paused;
        self.ends.tell(Event::Warning(error.clone()));
        self.set_state_with(State::PausedNan, Some(error))
    }

    /// Runs something long with progress events; Stop ends it, other commands wait.
    fn long<T>(
        &mut self,
        work: impl FnOnce(&mut Machine, &mut dyn FnMut(&str, u64, u64) -> bool) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let (ends, pending) = (&self.ends, &mut self.pending);
        let mut last: Option<Instant> = None;
        let mut watcher = |what: &str, done: u64, total: u64| {
            while let Ok(command) = ends.commands.try_recv() {
                pending.push_back(command);
            }
            if pending.contains(&Command::Stop) {
                return false;
            }
            if last.is_none_or(|t| t.elapsed() >= OFTEN) {
                last = Some(Instant::now());
                ends.hint(Event::Progress(Progress { what: what.to_owned(), done, total, seconds_left: None }));
            }
            true
        };
        let machine = &mut self.machine;
        match catch_unwind(AssertUnwindSafe(|| work(machine, &mut watcher))) {
            Ok(result) => result,
            Err(payload) => Err(from_panic(payload.as_ref())),
        }
    }

    fn note_time(&mut self, stage: Stage, iteration: u64) {
        let seconds = self.clock.lap(Instant::now());
        self.pace.note(stage, seconds);
        let line = serde_json::json!({ "iteration": iteration, "stage": stage, "seconds": seconds });
        // Only the time is lost if this fails, and the next row's failure to be written is reported. One write call per line, so that a
        // kill does not tear it.
        self.timing.write_all(format!("{line}\n").as_bytes()).ok();
    }

    /// How it goes and how long it will take.
    fn outlook(&mut self) -> Outlook {
        if self.work.0 != self.machine.config {
            let work = self.machine.work();
            if work != self.work.1 {
                self.pace.clear();
            }
            self.work = (self.machine.config.clone(), work);
        }
        let outlook = self.pace.outlook(&self.work.1, self.machine.stage(), self.machine.stage_iteration());
        Outlook { memory: memory(self.machine.device()), ..outlook }
    }

    fn status(&self, state: State, error: Option<String>, outlook: Option<Outlook>) -> Status {
        Status {
            state,
            stage: self.machine.stage(),
            iteration: self.machine.bilevel_done(),
            global_iteration: self.machine.global(),
            phase: self.machine.phase(),
            heartbeat: crate::session::now(),
            pid: std::process::id(),
            error,
            outlook,
        }
    }

    fn set_state(&mut self, state: State) -> Result<(), EngineError> {
        self.set_state_with(state, None)
    }

    fn set_state_with(&mut self, state: State, error: Option<String>) -> Result<(), EngineError> {
        self.state = state;
        self.last_status = Instant::now();
        let outlook = matches!(state, State::Running | State::Paused).then(|| self.outlook());
        self.status(state, error, outlook).write(&self.session.status_file())?;
        self.ends.tell(Event::State(state));
        Ok(())
    }

    fn heartbeat(&mut self) -> Result<(), EngineError> {
        if self.last_status.elapsed() >= Duration::from_secs(1) && self.state == State::Running {
            self.last_status = Instant::now();
            let outlook = self.outlook();
            self.status(State::Running, None, Some(outlook)).write(&self.session.status_file())?;
        }
        Ok(())
    }
}

/// Why the setting `key` cannot change while a run goes on; `None` where it can.
fn cannot_change(key: &str) -> Option<String> {
    let all: Vec<&str> = LIVE_SETTINGS.iter().map(|(k, _)| *k).collect();
    (!all.contains(&key)).then(|| format!("{key} cannot change while a run goes on; what can: {}", all.join(", ")))
}

/// `config` with one more setting, checked.
fn with_change(config: &RunConfig, key: &str, value: &str) -> Result<RunConfig, String> {
    let mut table = toml::Table::try_from(config).map_err(|e| e.to_string())?;
    config::set_key(&mut table, key, value).map_err(|e| e.to_string())?;
    let changed = config::from_table(table, &format!("{key} = {value}")).map_err(|e| e.to_string())?;
    changed.check().map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    Ok(changed)
}

/// libtorch's errors arrive as panics of tch.
pub(super) fn from_panic(payload: &(dyn std::any::Any + Send)) -> EngineError {
    match panics::cause(payload) {
        Cause::Libtorch(reason) if means_memory(&reason) => EngineError::OutOfMemory(reason),
        Cause::Libtorch(reason) => EngineError::Torch(reason),
        Cause::Fault(sentence) => EngineError::Fault(sentence),
    }
}

/// Whether libtorch gave up for want of memory. oneDNN says of memory that it does not get that a primitive cannot be made.
fn means_memory(reason: &str) -> bool {
    ["out of memory", "allocate memory", "bad_alloc", "could not create a primitive", "could not create a memory"]
        .iter()
        .any(|words| reason.contains(words))
}

/// Maps are thinned when a run gets a new length.
pub(super) fn thin_maps(session: &Session, config: &RunConfig) -> Result<(), SessionError> {
    session.thin_maps(map_stride(config.watch.every, config.total_iterations()))
}

/// Whether `stage` has weights that can be scored.
pub(super) fn has_detector(stage: Stage) -> bool {
    matches!(stage, Stage::Detector | Stage::Evaluate)
}
