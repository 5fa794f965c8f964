//! Starting an engine: a new run, or an existing session that goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::bounded;

use super::batches::one_domain;
use super::differences::{For, clips_of, kept_up_to, of_faces, of_machine, of_settings, trained_on};
use super::going_on::{NewLength, common_part, keep_copy, kept_sentence, new_length, newest_whole, set_aside};
use super::machine::Machine;
use super::runner::{Ends, Runner, Waker, from_panic, thin_maps};
use super::{EngineError, EngineHandle, Event, Job, NewLengths, Progress, setup};
use crate::config::RunConfig;
use crate::data::Split;
use crate::session::{Change, Lock, Provenance, Session, SessionError, SettingsLog, State, Trained};

/// Room for events and commands. Events beyond it wait (rows) or are dropped (previews).
const EVENTS: usize = 1024;
const COMMANDS: usize = 64;

/// Whether a run begins at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Goes on until the end.
    Play,
    /// Waits before its first phase.
    Paused,
}

/// What an engine is started with.
#[derive(Clone)]
pub struct SpawnOptions {
    /// A new run or an existing session.
    pub job: Job,
    /// Whether it begins at once.
    pub start: Start,
    /// Where rendered faces are kept.
    pub cache: PathBuf,
    /// Called after every event, from the engine's thread.
    pub waker: Option<Waker>,
}

impl std::fmt::Debug for SpawnOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { job, start, cache, waker } = self;
        let mut out = f.debug_struct("SpawnOptions");
        out.field("job", job).field("start", start).field("cache", cache);
        out.field("waker", &waker.is_some()).finish()
    }
}

/// Starts an engine on a thread of its own. What goes wrong arrives as [`Event::Failed`].
pub fn spawn(options: SpawnOptions) -> EngineHandle {
    let (command_in, commands) = bounded(COMMANDS);
    let (events, event_out) = bounded(EVENTS);
    let ends = Ends { commands, events: events.clone(), waker: options.waker.clone(), stopped: AtomicBool::new(false) };
    let waker = options.waker.clone();
    let body = move || {
        let folder = match &options.job {
            Job::New { folder, .. } | Job::Resume { folder, .. } => folder.clone(),
        };
        let began = AtomicBool::new(false);
        let outcome = catch_unwind(AssertUnwindSafe(|| run(options, ends, &began)))
            .unwrap_or_else(|payload| Err(from_panic(payload.as_ref())));
        if let Err(error) = outcome {
            let session = Session::open(&folder).ok();
            // A start that was refused says nothing of a run that this process may already have in that folder.
            if let Some(session) = session.as_ref().filter(|_| began.load(Ordering::Relaxed)) {
                leave_no_running(session, &error);
            }
            let session = session.map(|s| s.path().to_owned());
            // What fails once the work has begun is no fault of what was asked for.
            let input = error.is_input() && !began.load(Ordering::Relaxed);
            // Nobody listening is no error: the window was closed.
            events.send(Event::Failed { error: error.to_string(), session, input }).ok();
            if let Some(waker) = waker {
                waker();
            }
        }
    };
    let thread = std::thread::Builder::new().name("engine".to_owned()).spawn(body);
    EngineHandle { commands: command_in, events: event_out, thread: thread.ok() }
}

/// Writes `failed` to status.json where it still says `running`. The disk may be full or gone: then readers see by the
/// free lock that no process is running.
fn leave_no_running(session: &Session, error: &EngineError) {
    if let Ok(mut status) = session.status()
        && status.pid == std::process::id()
        && status.state == State::Running
    {
        (status.state, status.error) = (State::Failed, Some(error.to_string()));
        if let Err(second) = status.write(&session.status_file()) {
            tracing::warn!("status.json still says `running`: {second}");
        }
    }
}

/// Takes the lock of a session that is to be written, in a folder that may not be there yet.
fn own(folder: &Path) -> Result<Lock, EngineError> {
    std::fs::create_dir_all(folder).map_err(|error| SessionError::Io {
        what: "make the folder",
        error,
        path: folder.to_owned(),
    })?;
    Ok(Lock::of_session(folder, "trains")?)
}

/// A new run's folder, deleted again unless the run begins: a refused start leaves nothing behind.
struct Birth<'a>(Option<&'a Path>);

impl Drop for Birth<'_> {
    fn drop(&mut self) {
        if let Some(folder) = self.0 {
            // A folder that holds anything else stays; then it was not ours alone.
            std::fs::remove_file(folder.join("status.lock")).and_then(|()| std::fs::remove_dir(folder)).ok();
        }
    }
}

fn run(options: SpawnOptions, ends: Ends, began: &AtomicBool) -> Result<(), EngineError> {
    let SpawnOptions { job, start, cache, .. } = options;
    let _lock;
    let (session, machine, base, provenance, now) = {
        let report = |what: &str, done: u64, total: u64| {
            ends.hint(Event::Progress(Progress { what: what.to_owned(), done, total, seconds_left: None }));
            !ends.stop_waits()
        };
        match job {
            Job::New { config, folder } => {
                let (lock, ready) = begin(config, &folder, &cache, &report, &ends)?;
                _lock = lock;
                ready
            }
            Job::Resume { folder, lengths } => {
                Session::open(&folder)?;
                _lock = own(&folder)?;
                go_on(&folder, lengths, &cache, &report, &ends)?
            }
        }
    };
    began.store(true, Ordering::Relaxed);
    Runner::new(ends, session, machine, base, provenance, now)?.run(start == Start::Play)
}

/// The session, a machine where the run stands, its settings, where its numbers come from by run.toml, and where they come from now.
type Ready = (Session, Machine, RunConfig, Provenance, Provenance);

fn begin(
    mut config: RunConfig,
    folder: &Path,
    cache: &Path,
    report: setup::Report<'_>,
    ends: &Ends,
) -> Result<(Lock, Ready), EngineError> {
    config.check().map_err(crate::config::ConfigError::Problems)?;
    if let Some(sentence) = config.caution() {
        ends.tell(Event::Warning(sentence.to_owned()));
    }
    let device = setup::prepare(&mut config)?;
    if config.needs_other_domains() && setup::source_domains(&config) < 2 {
        return Err(one_domain(config.detector.network, &config.data.protocol));
    }
    let trunk = setup::load_trunk(&config)?;
    // Before minutes are spent on faces: is the folder usable at all?
    let there = folder.exists();
    let lock = own(folder)?;
    let mut birth = Birth((!there).then_some(folder));
    Session::check_free(folder)?;
    let (faces, clips) = setup::load_faces(&config, cache, report)?;
    let provenance = setup::provenance(&config, &faces, clips, trunk.as_ref());
    let for_teachers = setup::load_teachers_faces(&config, cache, report)?;
    let mut machine = Machine::new(config.clone(), faces, for_teachers, trunk, device)?;
    if let Some((m, n)) = machine.batches.shrunk(&config) {
        let (wanted_m, wanted_n) = (config.bilevel.m, config.bilevel.n);
        ends.tell(Event::Warning(format!(
            "the train split has too few faces for M {wanted_m} and N {wanted_n}; this run uses M {m} and N {n}"
        )));
        (config.bilevel.m, config.bilevel.n) = (m, n);
        machine.config = config.clone();
    }
    let mut problems = machine.batches.problems(&config);
    problems.extend(machine.check_threshold().err());
    EngineError::none_of(problems)?;
    let session = Session::create(folder, &config, &provenance)?;
    birth.0 = None;
    Trained::default().add(clips_of(&machine.batches.faces, Split::Train)?, &session.trained_file())?;
    Ok((lock, (session, machine, config, provenance.clone(), provenance)))
}

fn go_on(
    folder: &Path,
    lengths: NewLengths,
    cache: &Path,
    report: setup::Report<'_>,
    ends: &Ends,
) -> Result<Ready, EngineError> {
    let session = Session::open_to_write(folder)?;
    let length = new_length(&session, &session.config()?, lengths)?;
    let warn = |sentence: String| {
        ends.tell(Event::Warning(sentence));
    };
    let Opened { mut config, provenance, now, machine } = open(&session, cache, report)?;
    let mut machine = machine;
    machine.check_threshold()?;
    let before = config.clone();
    config.bilevel.iterations = lengths.bilevel.unwrap_or(before.bilevel.iterations);
    config.detector.iterations = lengths.detector.unwrap_or(before.detector.iterations);
    let limit = common_part(&session, &config, &before).min(kept_up_to(&session.rows()?, &config)?);
    let Some(whole) = newest_whole(&session, limit, &machine)? else {
        if session.checkpoint_iterations().is_empty() && session.rows().is_ok_and(|rows| rows.is_empty()) {
            // Killed before its first checkpoint: it stands at its beginning.
            session.write_run(&config, &provenance)?;
            hold_settings(&session, &config, 0, &now.fingerprint, warn)?;
            Trained::default().add(clips_of(&machine.batches.faces, Split::Train)?, &session.trained_file())?;
            machine.config = config.clone();
            return Ok((session, machine, config, provenance, now));
        }
        let path = session.path().display();
        return Err(EngineError::Checkpoint(format!("the session has no checkpoint to go on from: {path}")));
    };
    for sentence in of_machine(&provenance, &now, For::Training) {
        warn(sentence);
    }
    // From here on the session is written to.
    session.remove_debris()?;
    match length {
        NewLength::Longer => warn(format!(
            "the run goes on from {} to {} bi-level iterations, and its detector is trained anew; scores stay until then",
            before.bilevel.iterations, config.bilevel.iterations
        )),
        NewLength::LongerDetector => warn(format!(
            "the detector goes on from {} to {} iterations; scores stay until then",
            before.detector.iterations, config.detector.iterations
        )),
        NewLength::Shorter => warn(kept_sentence(&keep_copy(&session)?)),
        NewLength::Same | NewLength::Discarded => {}
    }
    for sentence in set_aside(&session, &whole)? {
        warn(sentence);
    }
    if config.lengths() != before.lengths() {
        session.write_run(&config, &provenance)?;
        if config.detector.iterations != before.detector.iterations {
            let mut log = SettingsLog::read(&session.settings_file())?;
            log.lengthen("detector.iterations", &config.detector.iterations.into())?;
        }
        thin_maps(&session, &config)?;
        machine.config = config.clone();
    }
    hold_settings(&session, &config, whole.iteration, &now.fingerprint, warn)?;
    hold_faces(&session, &machine, &provenance, &now, warn)?;
    machine.restore(whole.state, whole.iteration);
    Ok((session, machine, config, provenance, now))
}

/// Tells what of run.toml was edited since the run was trained up to `from`, and notes what holds from there.
fn hold_settings(
    session: &Session,
    config: &RunConfig,
    from: u64,
    data: &str,
    warn: impl Fn(String),
) -> Result<(), EngineError> {
    let mut log = SettingsLog::read(&session.settings_file())?;
    if from > 0 && !log.reaches(from) {
        warn(format!(
            "the session was made by an earlier version and does not hold the settings it was trained with up to iteration {from}: \
             whether run.toml was edited cannot be checked; from here on it is"
        ));
    }
    let changes = Change::all_in(&session.changes_file());
    let live = |key: &str| changes.iter().any(|c| c.key == key && c.iteration < from);
    for sentence in of_settings(&log.edited(from, config), from, For::Training, live) {
        warn(sentence);
    }
    Ok(log.hold_from(from, config, data)?)
}

/// Tells where the faces are not those of the run, and notes what it is trained on from now on.
fn hold_faces(
    session: &Session,
    machine: &Machine,
    before: &Provenance,
    now: &Provenance,
    warn: impl Fn(String),
) -> Result<(), EngineError> {
    let Some(sentence) = of_faces(before, now, For::Training) else { return Ok(()) };
    warn(sentence);
    let faces = &machine.batches.faces;
    let trained = Trained::read(&session.trained_file())?;
    if let Some(sentence) = trained_on(faces, trained.as_ref())? {
        warn(sentence);
    }
    // Without a list of what came before, a list from here on would say that nothing came before.
    if let Some(mut trained) = trained {
        trained.add(clips_of(faces, Split::Train)?, &session.trained_file())?;
    }
    Ok(())
}

/// A session taken up again.
pub(super) struct Opened {
    /// The settings in run.toml, with what they leave to this machine.
    pub config: RunConfig,
    /// Where the run's numbers come from.
    pub provenance: Provenance,
    /// Where numbers come from that are made now: this machine, the faces as they are now.
    pub now: Provenance,
    /// A machine at its beginning.
    pub machine: Machine,
}

/// Opens the session with its faces.
pub(super) fn open(session: &Session, cache: &Path, report: setup::Report<'_>) -> Result<Opened, EngineError> {
    let mut config = session.config()?;
    config.check().map_err(crate::config::ConfigError::Problems)?;
    let device = setup::prepare(&mut config)?;
    // Once HFN has begun its weights are in checkpoints, and the file may be gone.
    let trunk = setup::load_trunk(&config).unwrap_or_default();
    let (faces, clips) = setup::load_faces(&config, cache, report)?;
    let provenance = session.provenance()?;
    let now = setup::provenance(&config, &faces, clips, trunk.as_ref());
    let for_teachers = setup::load_teachers_faces(&config, cache, report)?;
    let machine = Machine::new(config.clone(), faces, for_teachers, trunk, device)?;
    Ok(Opened { config, provenance, now, machine })
}
