//! What stands between clips on disk and packs of faces: whoever cuts faces out of a clip's pictures is a [`Cutter`].
//! How faces are found and aligned is in `face`; how cut faces are kept is in `pack`.

use super::SourceClip;

/// A face, cut out of one picture of a clip.
#[derive(Debug, Clone, PartialEq)]
pub struct CutFace {
    /// The picture's number in its clip, from 0.
    pub frame: u32,
    /// `side * side * 3` sRGB bytes, row by row.
    pub rgb: Vec<u8>,
    /// Facial depth, 255 nearest, `DEPTH_SIDE * DEPTH_SIDE`: zero on attacks; `None` where neither supplied nor found.
    pub depth: Option<Vec<u8>>,
    /// Where it was in the upright picture: left, top, width, height in pixels.
    pub at: [f32; 4],
    /// How sure the finder was, 0 to 1; 1 for boxes that came with the set.
    pub confidence: f32,
}

/// Side of packed depth maps.
pub const DEPTH_SIDE: usize = 64;

/// What became of a clip.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cuts {
    /// The faces, in order of their frames.
    pub faces: Vec<CutFace>,
    /// Frames that were looked at and showed no face.
    pub without_face: Vec<u32>,
    /// How many frames the clip has, as far as that is known.
    pub frames: Option<u32>,
    /// What a person should know, in plain sentences (a box file that was ignored, a clip that had to be turned).
    pub remarks: Vec<String>,
}

/// Cuts faces out of clips. The same clip and cutter always give the same bytes, whatever thread does it.
pub trait Cutter: Sync {
    /// Side of the faces in pixels.
    fn side(&self) -> usize;

    /// Everything besides the clip that shapes the bytes, as one line: preset, finder, versions of their weights, frames
    /// chosen. A pack is keyed by it.
    fn identity(&self) -> String;

    /// The faces of `clip`; an error, one plain sentence, if it cannot be read at all.
    fn cut(&self, clip: &SourceClip) -> Result<Cuts, String>;
}
