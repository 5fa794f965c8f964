//! Which disguise belongs to which presentation: the one door through which the renderer asks for them.

use crate::rng::Stream;

use super::super::figure::Anatomy;
use super::super::head::HeadModel;
use super::super::identity::Identity;
use super::super::light::Lighting;
use super::super::species::{Makeup, Mask, Partial, Presentation};
use super::disguise::Disguise;
use super::{
    cosmetics, funny_eye, half_mask, mannequin, obfuscation, paper_glasses, paper_mask, partial_paper, silicone,
    transparent,
};

/// What disguises are made from.
pub struct Workshop<'a> {
    pub model: &'a HeadModel,
    pub anatomy: &'a Anatomy,
    /// Whose face is shown.
    pub shown: &'a Identity,
    /// Who wears it.
    pub wearer: &'a Identity,
    /// The light that the shown face was photographed in, where a print of it is needed.
    pub light: &'a Lighting<'a>,
    /// Side of the pictures that it will be seen in, in pixels.
    pub size: usize,
}

impl Disguise {
    /// The disguise of `presentation`; nothing for what is not worn.
    pub fn make(shop: &Workshop<'_>, presentation: Presentation, rng: &mut Stream) -> Option<Self> {
        Some(match presentation {
            Presentation::Mask(Mask::Half) => half_mask::make(shop, rng),
            Presentation::Mask(Mask::Silicone) => silicone::make(shop, rng),
            Presentation::Mask(Mask::Transparent) => transparent::make(shop, rng),
            Presentation::Mask(Mask::Paper) => paper_mask::make(shop, rng),
            Presentation::Mask(Mask::Mannequin) => mannequin::make(shop, rng),
            Presentation::Makeup(Makeup::Obfuscation) => obfuscation::make(shop, rng),
            Presentation::Makeup(Makeup::Impersonation) => cosmetics::impersonation(shop, rng),
            Presentation::Makeup(Makeup::Cosmetic) => cosmetics::cosmetic(shop, rng),
            Presentation::Partial(Partial::FunnyEye) => funny_eye::make(shop, rng),
            Presentation::Partial(Partial::PaperGlasses) => paper_glasses::make(shop, rng),
            Presentation::Partial(Partial::PaperEye) => partial_paper::eyes(shop, rng),
            Presentation::Partial(Partial::PaperMouth) => partial_paper::mouth(shop, rng),
            Presentation::Live | Presentation::Print { .. } | Presentation::Replay { .. } => return None,
        })
    }
}

/// Takes off what a shell over the lower face would not fit over.
pub(super) fn bare_faced(who: &mut Identity) {
    (who.beard, who.moustache) = (0.0, false);
}
