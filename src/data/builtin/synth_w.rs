//! SynthW, after SiW-M: thirteen kinds of attack, for protocols that hold one out. File names do not say who is shown;
//! every clip here is of another person.

use crate::data::clip::Part;
use crate::synth::{Makeup, Mask, Partial, Presentation, PrintForm};

use super::plan::{Entry, Pen, print, replay};
use super::scale::Scale;

/// Folder and stem, what is shown, and clips of the original.
const ATTACKS: [(&str, &str, Kind, u32); 14] = [
    ("Replay", "Replay", Kind::Replay, 98),
    ("Paper", "Paper", Kind::Print, 117),
    ("Mask/HalfMask", "Mask_Half", Kind::Other(Presentation::Mask(Mask::Half)), 72),
    ("Mask/SiliconeMask", "Mask_Silicone", Kind::Other(Presentation::Mask(Mask::Silicone)), 27),
    ("Mask/TransparentMask", "Mask_Trans", Kind::Other(Presentation::Mask(Mask::Transparent)), 88),
    ("Mask/PaperMask", "Mask_Paper", Kind::Other(Presentation::Mask(Mask::Paper)), 17),
    ("Mask/MannequinHead", "Mask_Mann", Kind::Other(Presentation::Mask(Mask::Mannequin)), 40),
    ("Makeup/Obfuscation", "Makeup_Ob", Kind::Other(Presentation::Makeup(Makeup::Obfuscation)), 23),
    ("Makeup/Impersonation", "Makeup_Im", Kind::Other(Presentation::Makeup(Makeup::Impersonation)), 61),
    ("Makeup/Cosmetic", "Makeup_Co", Kind::Other(Presentation::Makeup(Makeup::Cosmetic)), 51),
    ("Partial/FunnyeyeGlasses", "Partial_Funnyeye", Kind::Other(Presentation::Partial(Partial::FunnyEye)), 160),
    ("Partial/PaperGlasses", "Partial_Paperglass", Kind::Other(Presentation::Partial(Partial::PaperGlasses)), 127),
    ("Partial/PaperCut", "Partial_Eye", Kind::Other(Presentation::Partial(Partial::PaperEye)), 57),
    ("Partial/PaperCut", "Partial_Mouth", Kind::Other(Presentation::Partial(Partial::PaperMouth)), 29),
];
/// Live clips of the original.
const LIVE: u32 = 659;
/// One live clip in this many is for the test.
const TEST_EVERY: u32 = 5;
const PLACES: [&str; 4] = ["w_frontal", "w_side", "w_outdoors", "w_evening"];
const DISPLAYS: [&str; 3] = ["w_phone", "w_oled", "w_monitor"];

const PRINTERS: [&str; 2] = ["w_poster", "w_inkjet"];

#[derive(Debug, Clone, Copy)]
enum Kind {
    Replay,
    Print,
    Other(Presentation),
}

pub fn plan(scale: Scale, pen: &mut Pen) {
    let share = |n: u32| scale.of(2, (n / 7).max(4), n);
    let mut person = 0;
    let mut add = |folder: &str, stem: &str, n: u32, part, presentation: Presentation| {
        let i = person as usize;
        let (camera, device) = [("dslr", "w_dslr"), ("phone", "w_phone")][i % 2];
        pen.add(Entry {
            path: format!("{folder}/{stem}_{n}.mov"),
            part,
            species: presentation.species(),
            instrument: String::new(),
            person,
            camera,
            session: "",
            device,
            place: PLACES[(i / 2 + i / 9) % PLACES.len()],
            presentation,
            hand: i.is_multiple_of(3),
            talking: i % 4 == 1,
            glasses: None,
            upside_down: false,
        });
        person += 1;
    };
    for n in 1..=scale.of(5, share(LIVE), LIVE) {
        let test = n % TEST_EVERY == 0;
        let (part, folder) = if test { (Part::Test, "Live/Test") } else { (Part::Train, "Live/Train") };
        add(folder, "Live", n, part, Presentation::Live);
    }
    for (folder, stem, kind, count) in ATTACKS {
        for n in 1..=share(count) {
            let i = n as usize;
            let presentation = match kind {
                Kind::Replay => replay(DISPLAYS[i % DISPLAYS.len()], true),
                Kind::Print => print(
                    PRINTERS[i % PRINTERS.len()],
                    if i.is_multiple_of(4) { PrintForm::Warped } else { PrintForm::Flat },
                ),
                Kind::Other(presentation) => presentation,
            };
            // Attacks are not divided; a protocol decides.
            add(folder, stem, n, Part::Whole, presentation);
        }
    }
}
