//! Faces in: where pictures come from, how they are cropped and split, and how batches are drawn. Everything ends as a
//! [`FaceSet`]; nothing here trains or shows.

mod faces;
mod folder;
mod sampler;

pub use faces::{FaceInfo, FaceSet, Label, Origin, Split};
pub use folder::{FolderError, load_folder};
pub use sampler::{Sampler, TooFewFaces};
