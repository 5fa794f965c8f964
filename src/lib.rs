//! The metafas library.
pub mod data;
pub mod device;
pub mod rng;
