//! The metafas library: everything that trains, evaluates and shows, as modules whose arrows go one way.
//! ARCHITECTURE.md is their map.

pub mod bench;
mod cache;
pub mod config;
pub mod data;
pub mod device;
mod disk;
pub mod engine;
pub mod eval;
pub mod features;
pub mod methods;
pub mod nets;
pub mod panics;
pub mod papers;
pub mod paths;
pub mod report;
pub mod rng;
pub mod session;
pub mod sweep;
pub mod synth;
pub mod ui;

pub use cache::{cache_folder, config_folder};
pub use disk::{may_replace, replace_named};
