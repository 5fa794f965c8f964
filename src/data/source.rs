//! A clip that lies on disk before any picture of it is read: who and what it shows, and where its pictures, face boxes
//! and depth maps are. Data sets, manifests and imported layouts all end here; cutting faces out and packing them begins
//! here. Paths only: nothing is opened.

use std::path::PathBuf;

use super::Label;

/// Where the pictures of a clip are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Footage {
    /// A video file of any container and codec that ffmpeg reads.
    Video(PathBuf),
    /// Pictures, one a frame, in order.
    Pictures(Vec<PathBuf>),
    /// Pictures in a zip archive, one a frame, in order.
    Zip {
        /// The archive.
        archive: PathBuf,
        /// Names within it.
        entries: Vec<String>,
    },
}

/// A file that came with the clip and says where the face is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marks {
    /// OULU-NPU: `frame,x_left,y_left,x_right,y_right`, eyes alone.
    OuluEyes(PathBuf),
    /// CASIA-FASD in Idiap's edition: a line a frame, `.face`.
    CasiaBoxes(PathBuf),
    /// Replay-Attack: `frame x y w h`.
    ReplayBoxes(PathBuf),
    /// MSU-MFSD: `frame, left, top, right, bottom, leftEyeX, …`.
    MsuBoxes(PathBuf),
    /// CDCN's frames: a `.dat` a picture, in the order of the pictures; `None` where it is missing.
    CdcnBoxes(Vec<Option<PathBuf>>),
    /// A box a picture (left, top, width, height in pixels), in the order of the pictures.
    Boxes(Vec<Option<[i32; 4]>>),
}

/// How far a stored picture must be turned clockwise to stand upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Turn {
    /// Not at all.
    #[default]
    None,
    /// 90 degrees.
    Right,
    /// 180 degrees.
    Half,
    /// 270 degrees.
    Left,
}

/// A clip on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceClip {
    /// The data set's or the user's name for where it comes from; with `path` it is unique.
    pub domain: String,
    /// Path relative to the set's root, with `/`.
    pub path: String,
    /// Bona fide or attack.
    pub label: Label,
    /// Attack species in the set's own words; `live` for bona fide.
    pub species: String,
    /// The person, unique over all sets; empty where unknown.
    pub subject: String,
    /// The camera; empty where unknown.
    pub camera: String,
    /// The recording session; empty where unknown.
    pub session: String,
    /// Its pictures.
    pub footage: Footage,
    /// Where faces are, if the set says so.
    pub marks: Option<Marks>,
    /// How it must be turned where its container does not say so (MSU-MFSD's list of upside-down clips). Never applied
    /// together with a container's own mark.
    pub turn_if_unmarked: Turn,
    /// Whether its pictures are cut to the face already.
    pub cropped: bool,
    /// Depth maps that came with it, in the order of the pictures; empty if none did.
    pub depth: Vec<Option<PathBuf>>,
}
