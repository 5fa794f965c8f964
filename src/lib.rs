//! The metafas library.
pub mod data;
pub mod rng;
pub mod synth;
