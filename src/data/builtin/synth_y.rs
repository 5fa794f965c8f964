//! SynthY, after ROSE-YOUTU: five devices, with and without glasses, silent and talking; still and moving prints, two
//! displays, three kinds of paper mask. Names are `kind_speech_device_glasses_E_person_number.mp4`.

use crate::data::clip::Part;
use crate::synth::{Presentation, PrintForm};

use super::plan::{Entry, Pen, print, replay};
use super::scale::Scale;

/// The people of the original.
const PEOPLE: [u32; 20] = [2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23];
/// Some of each part of both published splits.
const SOME: [u32; 4] = [2, 3, 11, 14];
const DEVICES: [(&str, &str); 5] =
    [("HS", "y_hasee"), ("HW", "y_huawei"), ("IP", "y_ipad"), ("5s", "y_5s"), ("ZTE", "y_zte")];
const PLACES: [&str; 5] = ["y_office", "y_lamp", "y_window", "y_hall", "y_street"];

pub fn plan(scale: Scale, pen: &mut Pen) {
    let people = if scale == Scale::Tiny { &SOME[..] } else { &PEOPLE[..] };
    // Clips of each kind a person and device.
    let live = scale.of(1, 2, 9);
    let counts = scale.of([1, 0, 1, 0, 0, 0, 0], [1; 7], [4, 4, 4, 4, 4, 2, 4]);
    for &person in people {
        let mut number = 0;
        for (d, (camera, device)) in DEVICES.into_iter().enumerate() {
            if !scale.keeps(d + person as usize, 3) {
                continue;
            }
            let kinds = [
                ("Ps", print("y_still", PrintForm::Flat), false),
                ("Pq", print("y_quivering", PrintForm::Flat), true),
                ("Vl", replay("y_lenovo", true), false),
                ("Vm", replay("y_mac", true), false),
                ("Mc", print("y_still", PrintForm::CutEyesMouth), true),
                ("Mf", print("y_still", PrintForm::FullMask), true),
                ("Mu", print("y_still", PrintForm::LowerMask), true),
            ];
            let all = [("G", Presentation::Live, true)].into_iter().zip([live]).chain(kinds.into_iter().zip(counts));
            for ((kind, presentation, hand), count) in all {
                for k in 0..count {
                    number += 1;
                    let glasses = (k + d) % 2 == 0;
                    let talking = kind == "G" && (k + d / 2) % 2 == 1;
                    let (speech, worn) = (if talking { "T" } else { "NT" }, if glasses { "g" } else { "wg" });
                    pen.add(Entry {
                        path: format!("{person}/{kind}_{speech}_{camera}_{worn}_E_{person}_{number}.mp4"),
                        part: Part::Whole,
                        species: if kind == "G" { "live" } else { kind },
                        instrument: String::new(),
                        person,
                        camera,
                        session: "E",
                        device,
                        place: PLACES[(number + person) as usize % PLACES.len()],
                        presentation,
                        hand,
                        talking,
                        glasses: Some(glasses),
                        upside_down: false,
                    });
                }
            }
        }
    }
}
