//! The metafas library.
pub mod bench;
pub mod data;
pub mod methods;
pub mod nets;
pub mod rng;
