//! Faces in: where pictures come from, how they are cropped and split, and how batches are drawn. Everything ends as a
//! [`FaceSet`]; nothing here trains or shows.

pub mod augment;
pub mod builtin;
mod clip;
mod cut;
pub mod dataset;
pub mod face;
mod faces;
mod facts;
mod folder;
pub mod footage;
pub mod import;
mod jpeg;
pub mod manifest;
pub mod pack;
pub mod picture;
mod pixels;
pub mod protocol;
mod resample;
mod sampler;
pub mod sheet;
mod source;
pub mod video;

pub use builtin::{BuiltinError, Continue, Progress as LoadProgress, load as load_builtin};
pub use clip::{ClipInfo, Part, SetName};
pub use cut::{CutFace, Cuts, Cutter, DEPTH_SIDE};
pub use faces::{DepthOrigin, FaceInfo, FaceSet, Label, Maps, Origin, PixelsError, Split};
pub use folder::{FolderError, load_folder};
pub use manifest::{PICTURE_FORMATS, PICTURES};
pub use pixels::{Pixels, Place};
pub use sampler::{Balance, Sampler, TooFewFaces};
pub use source::{Footage, Marks, SourceClip, Turn};
