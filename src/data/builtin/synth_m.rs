//! SynthM, after MSU-MFSD: a laptop's camera and a phone's, one scene; videos on a tablet and a phone, a large print.

use crate::data::clip::Part;
use crate::synth::{Presentation, PrintForm};

use super::plan::{Entry, Pen, print, replay};
use super::scale::Scale;

/// The clients of the original's lists.
const TRAIN: [u32; 15] = [2, 3, 5, 6, 7, 8, 9, 11, 12, 21, 22, 34, 53, 54, 55];
const TEST: [u32; 20] = [1, 13, 14, 23, 24, 26, 28, 29, 30, 32, 33, 35, 36, 37, 39, 42, 48, 49, 50, 51];

/// Clients whose live clip by the phone is stored upside down in the original, with a mark that says so.
const TURNED: [u32; 6] = [3, 5, 6, 7, 8, 9];

/// The clients for training and for testing at this scale.
pub fn clients(scale: Scale) -> [(Part, &'static [u32]); 2] {
    let (train, test) = scale.of((2, 1), (15, 20), (15, 20));
    [(Part::Train, &TRAIN[..train]), (Part::Test, &TEST[..test])]
}

pub fn plan(scale: Scale, pen: &mut Pen) {
    for (part, people) in clients(scale) {
        for &person in people {
            for (camera, device, extension) in [("laptop", "m_laptop", "mov"), ("android", "m_android", "mp4")] {
                let mut add = |path: String, species, presentation| {
                    pen.add(Entry {
                        path,
                        part,
                        species,
                        instrument: String::new(),
                        person,
                        camera,
                        session: "scene01",
                        device,
                        place: "m_office",
                        presentation,
                        hand: camera == "android",
                        talking: false,
                        glasses: None,
                        upside_down: camera == "android" && species == "live" && TURNED.contains(&person),
                    });
                };
                let name = |kind: &str, what: &str| {
                    format!("scene01/{kind}/{kind}_client{person:03}_{camera}_SD_{what}scene01.{extension}")
                };
                add(name("real", ""), "live", Presentation::Live);
                add(name("attack", "ipad_video_"), "ipad", replay("m_ipad", true));
                add(name("attack", "iphone_video_"), "iphone", replay("m_iphone", true));
                add(name("attack", "printed_photo_"), "print", print("m_a3", PrintForm::Flat));
            }
        }
    }
}
