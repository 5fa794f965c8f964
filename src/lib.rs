//! The metafas library.
pub mod config;
pub mod data;
pub mod methods;
pub mod nets;
pub mod rng;
