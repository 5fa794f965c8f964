//! Which disguise belongs to which presentation: the one door through which the renderer asks for them.

use crate::rng::Stream;

use super::super::figure::Anatomy;
use super::super::head::HeadModel;
use super::super::identity::Identity;
use super::super::light::Lighting;
use super::super::species::Presentation;
use super::disguise::Disguise;

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
    pub fn make(shop: &Workshop<'_>, presentation: Presentation, _rng: &mut Stream) -> Option<Self> {
        match presentation {
            Presentation::Mask(_) | Presentation::Makeup(_) | Presentation::Partial(_) => {
                Some(Self::bare(shop.wearer.clone()))
            }
            _ => None,
        }
    }
}
