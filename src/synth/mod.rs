//! The built-in faces: people from a morphable head, drawn in real light with exact depth, and attacks made by the
//! physics of prints and displays, all taken by the same cameras. Everything is a pure function of a seed. Here lives
//! the renderer; sets of faces for training and their cache are in `data`. No tensors.

mod assets;
mod attack;
mod backdrop;
mod camera;
mod canvas;
mod clip;
mod cloth;
mod displays;
mod dress;
mod eyes;
mod facial_hair;
mod features;
mod figure;
mod hair;
mod hairline;
mod hairstyle;
mod head;
mod hull;
mod identity;
mod light;
mod material;
mod math;
mod motion;
mod noise;
mod printers;
mod raster;
mod renderer;
mod scene;
mod session;
mod shade;
mod sitter;
mod skin;
mod species;
mod stage;
mod subdivide;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod truth;
mod tuning;
mod worn;

use thiserror::Error;

pub use camera::{DEVICES, Device};
pub use clip::Clip;
pub use displays::{DISPLAYS, Display};
pub use printers::{PRINTERS, Printer};
pub use renderer::{Frame, Renderer, Take};
pub use session::{SESSIONS, Session};
pub use species::{Makeup, Mask, Partial, Presentation, PrintForm};

/// Version of the pictures: raised with every change that alters a byte of any frame, so that caches are not mixed.
pub const GENERATOR_VERSION: u32 = 3;

/// Why the renderer cannot start. Its assets are embedded, so each of these means a damaged build.
#[derive(Debug, Error)]
pub enum SynthError {
    /// The packed head model is damaged.
    #[error("the built-in head model is damaged: {reason}")]
    HeadModel {
        /// What was found.
        reason: String,
    },
    /// An environment map cannot be read.
    #[error("the built-in environment map {name} cannot be read: {reason}")]
    Environment {
        /// Its name.
        name: &'static str,
        /// What was found.
        reason: String,
    },
    /// The table of papers cannot be read.
    #[error("the built-in table of papers cannot be read: {reason}")]
    Papers {
        /// What was found.
        reason: String,
    },
}
