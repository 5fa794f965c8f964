//! The engine: one thread that owns every tensor. Commands go in, events come out, both over bounded channels; the
//! window and the command line start it with the same configuration and get the same numbers. What a phase computes
//! stands in `methods`, where a run is kept in `session`.

mod command;
mod event;
mod phase;

pub use command::{Command, Cursor};
pub use event::{BatchFace, BatchView, Evaluated, Event, PhaseReport, Progress, Started};
pub use phase::{PhaseInfo, Stage, phases};

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use crate::config::RunConfig;

/// What an engine is started on.
#[derive(Debug, Clone, PartialEq)]
pub enum Job {
    /// A new run.
    New {
        /// Its configuration, checked.
        config: RunConfig,
        /// Its folder, absent or empty.
        folder: PathBuf,
    },
    /// An existing session, to go on.
    Resume {
        /// The session folder.
        folder: PathBuf,
        /// Another number of bi-level iterations than the run's own.
        iterations: Option<u64>,
    },
}

/// What an engine does first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Goes on at once.
    Play,
    /// Waits before the first phase.
    Paused,
}

/// How an engine is started.
#[derive(Clone)]
pub struct SpawnOptions {
    /// What it works on.
    pub job: Job,
    /// What it does first.
    pub start: Start,
    /// Folder for data that can be made again.
    pub cache: PathBuf,
    /// Called when there are new events, so that a window need not look for them.
    pub waker: Option<Arc<dyn Fn() + Send + Sync>>,
}

/// A running engine. Dropping it asks the engine to stop.
#[derive(Debug)]
pub struct EngineHandle {
    /// Where commands go.
    pub commands: Sender<Command>,
    /// Where events come from.
    pub events: Receiver<Event>,
}
