//! SynthI, after Idiap's Replay-Attack: one webcam, controlled and adverse light; prints, a phone and a tablet, held by
//! hand or fixed. The same file names occur under both supports.

use crate::data::clip::Part;
use crate::synth::{Presentation, PrintForm};

use super::plan::{Entry, Pen, print, replay};
use super::scale::Scale;

/// The clients of the original, by part.
const TRAIN: [u32; 15] = [1, 2, 4, 6, 7, 8, 12, 16, 18, 25, 27, 103, 105, 108, 110];
const DEVEL: [u32; 15] = [3, 5, 10, 15, 17, 22, 29, 30, 101, 111, 113, 114, 116, 118, 119];
const TEST: [u32; 20] = [9, 11, 13, 14, 19, 20, 21, 23, 24, 26, 28, 31, 102, 104, 106, 107, 109, 112, 115, 117];
const LIGHTS: [(&str, &str); 2] = [("controlled", "i_controlled"), ("adverse", "i_adverse")];
/// Device shown, sample's camera and kind, and what is held up.
const ATTACKS: [(&str, &str, &str); 5] = [
    ("print", "highdef", "photo"),
    ("mobile", "mobile", "photo"),
    ("mobile", "mobile", "video"),
    ("highdef", "highdef", "photo"),
    ("highdef", "highdef", "video"),
];

/// Folder of each part.
pub fn folder(part: Part) -> &'static str {
    match part {
        Part::Train => "train",
        Part::Dev => "devel",
        Part::Test | Part::Enroll | Part::Whole => "test",
    }
}

/// The clients of each part at this scale.
pub fn clients(scale: Scale) -> [(Part, &'static [u32]); 3] {
    let (train, devel, test) = scale.of((1, 1, 1), (15, 10, 15), (15, 15, 20));
    [(Part::Train, &TRAIN[..train]), (Part::Dev, &DEVEL[..devel]), (Part::Test, &TEST[..test])]
}

pub fn plan(scale: Scale, pen: &mut Pen) {
    for (part, people) in clients(scale) {
        let folder = folder(part);
        for &person in people {
            let mut add = |path: String,
                           part,
                           species,
                           instrument: &str,
                           light: (&'static str, &'static str),
                           presentation,
                           hand| {
                pen.add(Entry {
                    path,
                    part,
                    species,
                    instrument: instrument.to_owned(),
                    person,
                    camera: "webcam",
                    session: light.0,
                    device: "i_webcam",
                    place: light.1,
                    presentation,
                    hand,
                    talking: false,
                    glasses: None,
                    upside_down: false,
                });
            };
            let client = format!("client{person:03}_session01");
            for (l, light) in LIGHTS.into_iter().enumerate() {
                let name = light.0;
                for take in [1, 2] {
                    if !scale.keeps(take + l + person as usize, 2) {
                        continue;
                    }
                    let path = format!("{folder}/real/{client}_webcam_authenticate_{name}_{take}.mov");
                    add(path, part, "live", "", light, Presentation::Live, false);
                }
                let path = format!("enroll/{folder}/{client}_webcam_enroll_{name}.mov");
                add(path, Part::Enroll, "live", "", light, Presentation::Live, false);
                for (h, support) in ["fixed", "hand"].into_iter().enumerate() {
                    for (a, (device, sample, kind)) in ATTACKS.into_iter().enumerate() {
                        if !scale.keeps(a + h + l + person as usize, 2) {
                            continue;
                        }
                        let file = format!("attack_{device}_{client}_{sample}_{kind}_{name}.mov");
                        let path = format!("{folder}/attack/{support}/{file}");
                        let presentation = match device {
                            "print" => print("i_laser", PrintForm::Flat),
                            "mobile" => replay("i_mobile", kind == "video"),
                            _ => replay("i_highdef", kind == "video"),
                        };
                        let instrument = format!("{device} {kind} {support}");
                        add(path, part, device, &instrument, light, presentation, support == "hand");
                    }
                }
            }
        }
    }
}
