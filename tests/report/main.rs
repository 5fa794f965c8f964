//! Figures and tables as a paper needs them: what is in them, the colours of maps, the same bytes each time, type that can
//! be read and does not overlap, and one clear sentence for what is wrong. The session in the repository is the input.
#![expect(clippy::unwrap_used, reason = "helpers of a test fail loudly")]

#[path = "../support/program.rs"]
mod program;
mod runs;
mod scene;

mod bytes;
mod command;
mod figures;
mod tables;
