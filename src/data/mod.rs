//! Faces in: where pictures come from, how they are cropped and split, and how batches are drawn. Everything ends as a
//! [`FaceSet`]; nothing here trains or shows.

pub mod builtin;
mod clip;
mod cut;
pub mod dataset;
pub mod face;
mod faces;
mod facts;
mod folder;
pub mod footage;
pub mod protocol;
mod resample;
mod sampler;
mod source;
pub mod video;

pub use builtin::{BuiltinError, Continue, Progress as LoadProgress, load as load_builtin};
pub use clip::{ClipInfo, Part, SetName};
pub use cut::{CutFace, Cuts, Cutter, DEPTH_SIDE};
pub use faces::{FaceInfo, FaceSet, Label, Origin, Split};
pub use folder::{FolderError, load_folder};
pub use sampler::{Sampler, TooFewFaces};
pub use source::{Footage, Marks, SourceClip, Turn};
