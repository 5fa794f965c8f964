//! What stands before the camera: a live face or one of the presentation attacks, by medium and form. Names and kinds
//! alone; how each is made is in `attack`.

use serde::{Deserialize, Serialize};

/// What is before the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presentation {
    /// A bona fide face.
    Live,
    /// A printed photograph.
    Print {
        /// Index of the printer among [`PRINTERS`](super::PRINTERS).
        printer: u8,
        /// How the print is cut and held.
        form: PrintForm,
    },
    /// A photograph or a video on a display.
    Replay {
        /// Index of the display among [`DISPLAYS`](super::DISPLAYS).
        display: u8,
        /// Whether a video is shown or a photograph.
        video: bool,
    },
    /// A mask over the wearer's face, or a head that is none.
    Mask(Mask),
    /// Paint on the wearer's face.
    Makeup(Makeup),
    /// Something that covers a part of the wearer's face.
    Partial(Partial),
}

/// How a print is cut and held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrintForm {
    /// A whole sheet, flat or nearly.
    Flat,
    /// A whole sheet, bent.
    Warped,
    /// A whole sheet with holes through which the attacker's eyes look.
    CutEyes,
    /// Cut along the face, with holes for eyes and mouth, worn.
    CutEyesMouth,
    /// Cut along the face, worn.
    FullMask,
    /// Its upper part cut away, so that the attacker's eyes show.
    LowerMask,
}

/// Masks, in the order of SiW-M.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// A rigid shell over a part of the face.
    Half,
    /// A soft shell over the whole head.
    Silicone,
    /// A clear shell over the face.
    Transparent,
    /// Folded, printed paper over the face.
    Paper,
    /// A display head.
    Mannequin,
}

/// Make-up, in the order of SiW-M.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Makeup {
    /// Painted so as not to be known.
    Obfuscation,
    /// Painted to look like somebody else.
    Impersonation,
    /// Everyday cosmetics, from light to heavy.
    Cosmetic,
}

/// Attacks on a part of the face, in the order of SiW-M.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Partial {
    /// Novelty glasses with eyes on them.
    FunnyEye,
    /// Glasses cut from printed paper.
    PaperGlasses,
    /// A printed pair of eyes before the eyes.
    PaperEye,
    /// A printed mouth before the mouth.
    PaperMouth,
}

impl Presentation {
    /// Whether it is a bona fide face.
    pub fn is_live(self) -> bool {
        self == Self::Live
    }

    /// The attack species in reports; the thirteen columns of SiW-M's tables and `live`.
    pub fn species(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Print { .. } => "print",
            Self::Replay { .. } => "replay",
            Self::Mask(Mask::Half) => "half_mask",
            Self::Mask(Mask::Silicone) => "silicone_mask",
            Self::Mask(Mask::Transparent) => "transparent_mask",
            Self::Mask(Mask::Paper) => "paper_mask",
            Self::Mask(Mask::Mannequin) => "mannequin",
            Self::Makeup(Makeup::Obfuscation) => "obfuscation",
            Self::Makeup(Makeup::Impersonation) => "impersonation",
            Self::Makeup(Makeup::Cosmetic) => "cosmetic",
            Self::Partial(Partial::FunnyEye) => "funny_eye",
            Self::Partial(Partial::PaperGlasses) => "paper_glasses",
            Self::Partial(Partial::PaperEye | Partial::PaperMouth) => "partial_paper",
        }
    }
}
