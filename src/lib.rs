//! The metafas library.
pub mod rng;
