//! Faces in frames: found by MediaPipe's detector and mesh, or where the set's own files say, cut out as the literature
//! does it, with a pseudo depth for bona fide ones. Reading clips is in `footage`, keeping what was cut in `pack`.

mod blaze;
mod canonical;
mod crop;
mod cutter;
mod depth;
mod examine;
mod finder;
mod given;
mod looks;
mod mesh;
mod mtcnn;
mod network;
mod preset;
mod supplied;
mod tensors;
mod turns;

#[cfg(test)]
mod goldens;
#[cfg(test)]
mod tests;

pub use cutter::{CutSettings, FaceCutter};
pub use examine::{Examined, Seen};
pub use finder::{Face, Finder, FinderKind, Hint};
pub use mesh::Mesh;
pub use preset::Preset;
