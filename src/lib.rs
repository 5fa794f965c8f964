//! The metafas library.
pub mod data;
pub mod eval;
pub mod methods;
pub mod nets;
pub mod rng;
