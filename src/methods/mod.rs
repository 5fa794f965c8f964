//! Training methods, as pure steps over explicit state: what one phase computes, never when, on which thread or where
//! it is stored. The engine calls them; they know networks, data and evaluation, nothing of sessions or windows.

pub mod detector;
pub mod meta_pattern;
pub mod mt_fas;
pub mod optim;
pub mod rf_meta;
mod standing;

pub use standing::Standing;
