//! The window as a person uses it, found by the names of its controls: an engine that follows a script stands behind
//! the seam, so that every command that goes out and everything that comes back is known.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod script;

mod controls;
mod data;
mod imports;
mod keys_and_buttons;
mod live;
mod pace;
mod pairs;
mod panes;
mod patterns;
mod sessions;
mod views;
