//! The engine: one thread that owns every tensor. Commands go in, events come out, both over bounded channels; the
//! window and the command line start it with the same configuration and get the same numbers. What a phase computes
//! stands in `methods`, where a run is kept in `session`.

mod apart;
mod batches;
mod clips;
mod command;
mod cost;
mod differences;
mod error;
mod event;
mod going_on;
mod launch;
mod machine;
mod memory;
mod nets;
mod own_results;
mod pace;
mod phase;
mod plain;
mod rescore;
mod results;
mod runner;
mod setup;
mod store;
mod timed;

pub use crate::config::Stage;
pub use apart::{
    Again, MUST_AGREE, OneSeed, StoredScores, check_scores, checkpoint_note, disagreements, repeats, stored_scores,
};
pub use clips::{PackJob, Packed, clips_in, cutter, pace, pack_ahead};
pub use command::{Command, Cursor};
pub use cost::{Cost, StageCost, cost};
pub use error::EngineError;
pub use event::{BatchFace, BatchView, Evaluated, Event, PhaseReport, Progress, Started, TensorNote};
pub use launch::{SpawnOptions, Start, spawn};
pub use phase::{PhaseInfo, phases};
pub use rescore::{Rescore, evaluate};
pub use results::{AS_IT_IS, CHOSEN, LAST, unseen};
pub use runner::{LIVE_SETTINGS, Waker};
pub use setup::{protocol_of, scale_of, source_domains};
pub use timed::{Timed, time_ahead};

use std::path::PathBuf;

use crossbeam_channel::{Receiver, Sender};

use crate::config::RunConfig;

/// What an engine is started on.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one job an engine, so its size does not matter")]
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
        /// Other lengths than the run's own.
        lengths: NewLengths,
    },
}

/// Other lengths that a session goes on to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NewLengths {
    /// Bi-level iterations.
    pub bilevel: Option<u64>,
    /// Iterations of the detector, no fewer than the run's own.
    pub detector: Option<u64>,
    /// Whether finished work after fewer bi-level iterations may be deleted.
    pub discard_later: bool,
}

impl NewLengths {
    /// So many bi-level iterations; the run's own without a number.
    pub fn bilevel(iterations: Option<u64>) -> Self {
        Self { bilevel: iterations, ..Self::default() }
    }
}

/// A running engine. Dropping it asks the engine to stop.
#[derive(Debug)]
pub struct EngineHandle {
    /// Where commands go.
    pub commands: Sender<Command>,
    /// Where events come from.
    pub events: Receiver<Event>,
    /// The engine's thread; waits for the last file to be written when joined. `None` where there is none.
    pub thread: Option<std::thread::JoinHandle<()>>,
}
