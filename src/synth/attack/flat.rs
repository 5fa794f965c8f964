//! Prints and displays under one roof: what the renderer asks for and gets.

use crate::rng::Stream;

use super::super::camera::Framing;
use super::super::displays::DISPLAYS;
use super::super::math::V3;
use super::super::printers::PRINTERS;
use super::super::species::{Presentation, PrintForm};
use super::print::{self, Press, Print};
use super::replay::{self, Replay};
use super::{Place, Presented, Source};

/// Which flat medium, and how it is held.
#[derive(Debug, Clone, Copy)]
pub struct Medium {
    pub presentation: Presentation,
    /// Whether it is held by hand.
    pub hand: bool,
    /// Reflectance of the attacker's skin.
    pub skin: V3,
}

impl Medium {
    /// How much more than the picture the photograph for `presentation` shows.
    pub fn margin(presentation: Presentation, rng: &mut Stream) -> f32 {
        match presentation {
            Presentation::Print { form, .. } => print::margin(form, rng),
            _ => replay::margin(rng),
        }
    }
}

/// A flat medium: everything that the frames of its clip share.
#[derive(Debug)]
pub enum Flat {
    /// A print.
    Print(Box<Print>),
    /// A display.
    Replay(Box<Replay>),
}

impl Flat {
    /// Puts `source` on `medium` for pictures with `sides` samples and pixels; a face fills `framing`.
    pub fn new(
        press: &Press,
        medium: &Medium,
        source: &Source,
        framing: &Framing,
        sides: (usize, usize),
        rng: &mut Stream,
    ) -> Self {
        let held = (medium.hand, medium.skin);
        let (printer, form) = match medium.presentation {
            Presentation::Replay { display, .. } => {
                let display = &DISPLAYS[usize::from(display) % DISPLAYS.len()];
                let length = source.face[1] + source.face[3] - source.eyes()[1];
                let zoom = framing.face / length.max(0.05);
                return Self::Replay(Box::new(Replay::new(display, source, zoom, held, sides, rng)));
            }
            Presentation::Print { printer, form } => (printer, form),
            _ => (0, PrintForm::Flat),
        };
        let printer = &PRINTERS[usize::from(printer) % PRINTERS.len()];
        Self::Print(Box::new(Print::new(press, (printer, form), source, held, sides.1, rng)))
    }

    /// Whether the attacker's own face is seen round it or through it.
    pub fn worn(&self) -> bool {
        matches!(self, Self::Print(print) if print.worn())
    }

    /// The medium with `source` on it before the camera.
    pub fn present(&self, press: &Press, source: &Source, place: &Place<'_>) -> Presented {
        match self {
            Self::Print(print) => print.present(press, source, place),
            Self::Replay(replay) => replay.present(source, place),
        }
    }
}
