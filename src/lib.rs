//! The metafas library.
pub mod config;
pub mod data;
pub mod engine;
pub mod methods;
pub mod nets;
pub mod rng;
pub mod session;
pub mod ui;
