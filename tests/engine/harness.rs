//! A run of a few seconds, driven and watched, and what its folder holds.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use metafas::config::{Benchmark, Preset, RunConfig};
use metafas::engine::{self, Command, EngineHandle, Event, Job, NewLengths, PhaseReport, SpawnOptions, Start};
use metafas::session::State;

pub const PATIENCE: Duration = Duration::from_mins(5);

/// Rendered once for all tests, in the build's own folder for such things.
pub fn cache() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cache")
}

/// A whole run in a second or two.
pub fn tiny() -> RunConfig {
    let mut c = Preset::Demo.config();
    "cpu".clone_into(&mut c.compute.device);
    // One thread: these networks are too small to share out.
    c.compute.threads = 1;
    c.data.size = 32;
    c.data.benchmark = Benchmark::Tiny;
    // The smallest of all: 63 clips of three people.
    "oulu_npu/4".clone_into(&mut c.data.protocol);
    c.teacher.width = 4;
    c.surrogate.width = 4;
    c.detector.width = 2;
    c.pretrain.iterations = 13;
    c.bilevel.iterations = 24;
    c.bilevel.m = 3;
    c.bilevel.n = 2;
    c.detector.iterations = 11;
    c.detector.batch = 4;
    c.calibrate.batches = 3;
    c.watch.samples = 4;
    c.watch.every = 4;
    c.checkpoint.every = 5;
    c
}

pub struct Run {
    pub handle: EngineHandle,
    pub folder: PathBuf,
    pub events: Vec<Event>,
}

impl Run {
    pub fn start(job: Job, start: Start) -> Self {
        let folder = match &job {
            Job::New { folder, .. } | Job::Resume { folder, .. } => folder.clone(),
        };
        let handle = engine::spawn(SpawnOptions { job, start, cache: cache(), waker: None });
        Self { handle, folder, events: vec![] }
    }

    pub fn new(config: &RunConfig, folder: &Path, start: Start) -> Self {
        Self::start(Job::New { config: config.clone(), folder: folder.to_owned() }, start)
    }

    pub fn resume(folder: &Path, iterations: Option<u64>, start: Start) -> Self {
        Self::start(Job::Resume { folder: folder.to_owned(), lengths: NewLengths::bilevel(iterations) }, start)
    }

    /// Goes back to fewer bi-level iterations, finished work or not.
    pub fn cut(folder: &Path, iterations: u64) -> Self {
        let lengths = NewLengths { discard_later: true, ..NewLengths::bilevel(Some(iterations)) };
        let job = Job::Resume { folder: folder.to_owned(), lengths };
        Self::start(job, Start::Play)
    }

    /// Goes on to `iterations` of the detector.
    pub fn longer(folder: &Path, iterations: u64) -> Self {
        let lengths = NewLengths { detector: Some(iterations), ..NewLengths::default() };
        Self::start(Job::Resume { folder: folder.to_owned(), lengths }, Start::Play)
    }

    pub fn send(&self, command: Command) {
        self.handle.commands.send(command).unwrap();
    }

    /// Events up to the first that `wanted` picks, which is returned.
    pub fn until<T>(&mut self, wanted: impl Fn(&Event) -> Option<T>) -> T {
        loop {
            let event = self.handle.events.recv_timeout(PATIENCE).expect("the engine says something");
            if let Event::Failed { error, .. } = &event {
                assert!(wanted(&event).is_some(), "the run failed: {error}");
            }
            let found = wanted(&event);
            self.events.push(event);
            if let Some(found) = found {
                return found;
            }
        }
    }

    pub fn until_state(&mut self, state: State) {
        self.until(|e| (*e == Event::State(state)).then_some(()));
    }

    /// Waits until the run is paused, and gives the report that came with it.
    pub fn until_paused(&mut self) -> PhaseReport {
        self.until_state(State::Paused);
        let report = |e: &Event| if let Event::Phase(p) = e { Some((**p).clone()) } else { None };
        self.events.iter().rev().find_map(report).expect("a report")
    }

    pub fn stop(mut self) -> PathBuf {
        self.send(Command::Stop);
        self.until(|e| matches!(e, Event::Finished).then_some(()));
        self.handle.thread.take().unwrap().join().unwrap();
        self.folder
    }

    pub fn finish(mut self) -> PathBuf {
        self.until_state(State::Finished);
        self.stop()
    }
}

/// One finished run that several tests compare with.
pub fn unbroken() -> &'static Path {
    static RUN: OnceLock<tempfile::TempDir> = OnceLock::new();
    RUN.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        Run::new(&tiny(), &dir.path().join("run"), Start::Play).finish();
        dir
    })
    .path()
}

pub fn reference() -> PathBuf {
    unbroken().join("run")
}
