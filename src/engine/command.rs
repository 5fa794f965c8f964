//! What a person may ask of a running engine. Commands are looked at between phases and between the network passes
//! inside one.

use std::path::PathBuf;

/// A place in a run: between two phases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cursor {
    /// Counted iterations done, over all stages.
    pub iteration: u64,
    /// Phases done within the iteration under way.
    pub phase: usize,
}

/// One request to the engine.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Goes on until the end, or until told otherwise.
    Play,
    /// Stops after the current phase and waits.
    Pause,
    /// Does one phase and waits.
    StepPhase,
    /// Goes on to the end of the iteration under way and waits.
    StepIteration,
    /// Goes on until this many counted iterations are done and waits; asks for less than is done are ignored.
    RunTo(u64),
    /// Goes back to an earlier place: from memory where it is recent, else from a checkpoint and by replay. What was
    /// saved after it is cut.
    Rewind(Cursor),
    /// Stops for good and leaves a session that can be resumed.
    Stop,
    /// Changes a hyper-parameter from the next phase on; recorded in commands.jsonl. `value` is TOML text.
    SetHyper {
        /// Dotted key, as `bilevel.gamma`.
        key: String,
        /// The new value.
        value: String,
    },
    /// Writes a checkpoint now.
    Snapshot,
    /// Starts a new session in `folder` from here, with other settings; this one waits.
    Fork {
        /// Where the new session goes.
        folder: PathBuf,
        /// Dotted keys and TOML values.
        overrides: Vec<(String, String)>,
    },
    /// Scores dev and test with the detector as it stands.
    Evaluate,
}
