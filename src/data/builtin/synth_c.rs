//! SynthC, after CASIA-FASD: three cameras, warped photographs, photographs with cut eyes, videos; twelve clips a person.
//! Folder numbers begin anew in the test part, where they are other people.

use crate::data::clip::Part;
use crate::synth::{Presentation, PrintForm};

use super::plan::{Entry, Pen, print, replay};
use super::scale::Scale;

const PLACES: [&str; 2] = ["c_natural", "c_corridor"];

pub fn plan(scale: Scale, pen: &mut Pen) {
    let (train, test) = scale.of((2, 1), (20, 15), (20, 30));
    for (part, folder, people) in [(Part::Train, "train_release", train), (Part::Test, "test_release", test)] {
        for id in 1..=people {
            let person: u32 = if part == Part::Train { id } else { id + 20 };
            for (kind, clips) in ["1 2 HR_1", "3 4 HR_2", "5 6 HR_3", "7 8 HR_4"].into_iter().enumerate() {
                let (species, presentation) = match kind {
                    0 => ("live", Presentation::Live),
                    1 => ("warped", print("c_photo", PrintForm::Warped)),
                    2 => ("cut", print("c_photo", PrintForm::CutEyes)),
                    _ => ("video", replay("c_tablet", true)),
                };
                let cameras = [("A", "c_a"), ("B", "c_b"), ("HR", "c_hr")];
                for (clip, (camera, device)) in clips.split(' ').zip(cameras) {
                    pen.add(Entry {
                        path: format!("{folder}/{id}/{clip}.avi"),
                        part,
                        species,
                        instrument: String::new(),
                        person,
                        camera,
                        session: "",
                        device,
                        // Places are not told: each person was taken in one or another.
                        place: PLACES[(person as usize + kind) % PLACES.len()],
                        presentation,
                        hand: true,
                        talking: false,
                        glasses: None,
                        upside_down: false,
                    });
                }
            }
        }
    }
}
