//! Faces in: where pictures come from, how they are cropped and split, and how batches are drawn. Everything ends as a
//! [`FaceSet`]; nothing here trains or shows.

pub mod builtin;
mod faces;

pub use faces::{FaceInfo, FaceSet, Label, Origin, Split};
