//! What the engine tells: plain values alone, never a tensor. Rows and maps are on disk too; an event only makes them
//! sooner, so a full channel loses previews, never numbers.

use std::path::PathBuf;

use super::command::Cursor;
use super::phase::PhaseInfo;
use crate::config::{RunConfig, Stage};
use crate::data::Label;
use crate::session::{MapSet, Outlook, Provenance, Row, State, WatchedFaces};

/// A run has begun (or been resumed, rewound, forked): everything a view needs to show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Started {
    /// The session folder.
    pub session: PathBuf,
    /// Its configuration, resolved.
    pub config: RunConfig,
    /// Where its numbers come from.
    pub provenance: Provenance,
    /// The faces whose maps will come.
    pub watched: WatchedFaces,
    /// Things the user should know about the data.
    pub problems: Vec<String>,
    /// Where it stands.
    pub cursor: Cursor,
}

/// One picture of the batch that an iteration works on.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchFace {
    /// Key in the data.
    pub key: String,
    /// Bona fide or attack.
    pub label: Label,
    /// Attack species, or "live".
    pub species: String,
    /// sRGB bytes, `size * size * 3`.
    pub rgb: Vec<u8>,
    /// The teacher's target for it, once it is known.
    pub target: Option<Vec<f32>>,
    /// -sum_k J(theta_k) v_{k+1} for it, once it is known.
    pub cotangent: Option<Vec<f32>>,
}

/// The batch that an iteration works on, as far as its phases have come.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchView {
    /// Side of the pictures in pixels.
    pub size: usize,
    /// Side of the maps.
    pub side: usize,
    /// The inner batch: live faces, then spoofs.
    pub train: Vec<BatchFace>,
    /// The validation batch: live faces, then spoofs.
    pub validation: Vec<BatchFace>,
}

/// A tensor that stands in a phase's equation, in numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorNote {
    /// As in the equation, with `_` before what is set low.
    pub symbol: String,
    /// In words.
    pub what: String,
    /// Its shape; for the parameters of a network how many there are.
    pub shape: Vec<usize>,
    /// Its least value.
    pub low: f64,
    /// Its greatest value.
    pub high: f64,
    /// The mean of its values.
    pub mean: f64,
    /// Values that are not finite; the others alone are told of.
    pub not_finite: usize,
    /// How many values there are in each of as many equal parts between the least and the greatest.
    pub bars: Vec<u32>,
    /// How far the phase moved it: the 2-norm of the difference, and that as a part of its length before.
    pub moved: Option<(f64, f64)>,
}

/// What one phase did.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseReport {
    /// Place after the phase.
    pub cursor: Cursor,
    /// The stage.
    pub stage: Stage,
    /// Iterations done within the stage.
    pub stage_iteration: u64,
    /// Position of the phase that was just done in the iteration's list; `None` before the first.
    pub done: Option<usize>,
    /// Position of the next phase.
    pub next: usize,
    /// All phases of this kind of iteration.
    pub phases: Vec<PhaseInfo>,
    /// Named numbers that the phase gave: losses, norms.
    pub numbers: Vec<(String, f64)>,
    /// What stands in its equation; only while stepping.
    pub tensors: Vec<TensorNote>,
    /// The batch; only while stepping, so that playing costs nothing.
    pub batch: Option<BatchView>,
    /// Seconds the phase took.
    pub seconds: f64,
}

/// Something that takes a while.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// What is being done, as "rendering faces".
    pub what: String,
    /// Parts done.
    pub done: u64,
    /// Parts in all.
    pub total: u64,
    /// Seconds left by the speed so far, where it can be told.
    pub seconds_left: Option<f64>,
}

/// What an evaluation gave, as in scores/results.json.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// The JSON object of CLI.md's `metrics`, with provenance.
    pub results: serde_json::Value,
}

/// What the engine tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A run has begun or changed its place.
    Started(Box<Started>),
    /// Running, paused, …
    State(State),
    /// A phase was done (while stepping), or a new iteration reached (while playing, now and then).
    Phase(Box<PhaseReport>),
    /// An iteration's numbers. Never dropped while the receiver lives: the sender waits.
    Metrics(Row),
    /// Maps of the watched faces; a newer set makes an older one superfluous.
    Maps(MapSet),
    /// Pace, memory and time left; a newer one makes it superfluous.
    Outlook(Outlook),
    /// Something that takes a while.
    Progress(Progress),
    /// Scores are there.
    Evaluated(Evaluated),
    /// A new session was made from here, ready to be resumed.
    Forked(PathBuf),
    /// A sentence the user should see; the run goes on.
    Warning(String),
    /// The run cannot go on; the session is kept.
    Failed {
        /// One sentence.
        error: String,
        /// Where the session is, once there is one.
        session: Option<PathBuf>,
        /// Whether the user's input is at fault, not the work.
        input: bool,
    },
    /// Everything that was asked for is done, or the engine was stopped.
    Finished,
}
