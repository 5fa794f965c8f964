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

#[cfg(test)]
mod tests {
    use super::super::Source;
    use super::super::sheet::tests::{behind, framing, source, studio};
    use super::*;
    use crate::rng::Streams;
    use crate::synth::assets;
    use crate::synth::light::Lighting;

    /// A dark picture with a bright dot at each landmark.
    fn dots() -> Source {
        let side = 120;
        let mut dark = Source { side, rgb: vec![10; side * side * 3], ..source() };
        for [x, y] in dark.landmarks {
            for i in 0..side * side {
                let near = (i % side) as f32 + 0.5 - x * side as f32;
                if near.hypot((i / side) as f32 + 0.5 - y * side as f32) < 3.0 {
                    dark.rgb[i * 3..i * 3 + 3].fill(250);
                }
            }
        }
        dark
    }

    #[test]
    fn landmarks_are_where_the_shown_face_has_them() {
        let press = Press::new(assets::PAPERS).unwrap();
        let environment = studio();
        let light = Lighting::new(&environment, 0.3, 2);
        let (source, framing, behind) = (dots(), framing(), behind());
        let (side, size) = (240, 60);
        let print = |form| Presentation::Print { printer: 0, form };
        let all = [
            print(PrintForm::Flat),
            print(PrintForm::Warped),
            print(PrintForm::FullMask),
            Presentation::Replay { display: 4, video: true },
            Presentation::Replay { display: 0, video: false },
        ];
        for (k, presentation) in all.into_iter().enumerate() {
            let rng = &mut Streams::new(k as u64).stream("t", 0);
            let medium = Medium { presentation, hand: true, skin: V3::splat(0.3) };
            let flat = Flat::new(&press, &medium, &source, &framing, (side, size), rng);
            let place = Place { light: &light, framing: &framing, behind: &behind, side, size, seconds: 1.7 };
            let shown = flat.present(&press, &source, &place);
            for [x, y] in shown.landmarks {
                let (x, y) = (x * side as f32, y * side as f32);
                // The middle of what is bright around it.
                let level = |i: usize| shown.picture.light[i].luminance();
                let around = |i: &usize| ((i % side) as f32 + 0.5 - x).hypot((i / side) as f32 + 0.5 - y) < 14.0;
                let near: Vec<usize> = (0..side * side).filter(around).collect();
                let least = near.iter().map(|i| level(*i)).fold(f32::MAX, f32::min);
                let most = near.iter().map(|i| level(*i)).fold(0.0, f32::max);
                let weight = |i: usize| if level(i) > least + 0.6 * (most - least) { 1.0 } else { 0.0 };
                let total: f32 = near.iter().map(|i| weight(*i)).sum();
                let middle = |f: &dyn Fn(usize) -> f32| near.iter().map(|i| weight(*i) * f(*i)).sum::<f32>() / total;
                let (mx, my) = (middle(&|i| (i % side) as f32 + 0.5), middle(&|i| (i / side) as f32 + 0.5));
                assert!((mx - x).hypot(my - y) < 2.5, "{presentation:?}: {mx} {my} against {x} {y}");
            }
        }
    }
}
