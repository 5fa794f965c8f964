//! SynthO, after OULU-NPU: six phones, three sessions, two printers, two displays, at full size every combination of them
//! for every person. Names are `phone_session_user_file.avi`.

use crate::data::clip::Part;
use crate::synth::{Presentation, PrintForm};

use super::plan::{Entry, Pen, print, replay};
use super::scale::Scale;

const PHONES: [(&str, &str); 6] =
    [("1", "o_phone1"), ("2", "o_phone2"), ("3", "o_phone3"), ("4", "o_phone4"), ("5", "o_phone5"), ("6", "o_phone6")];
const SESSIONS: [(&str, &str); 3] = [("1", "o_session1"), ("2", "o_session2"), ("3", "o_session3")];

/// The folder of each part.
pub fn folder(part: Part) -> &'static str {
    match part {
        Part::Train => "Train_files",
        Part::Dev => "Dev_files",
        Part::Test | Part::Enroll | Part::Whole => "Test_files",
    }
}

/// Users 1 to 20 are for training, 21 to 35 for development, 36 to 55 for testing; the smallest scale has one of each.
fn users(scale: Scale) -> Vec<(u32, Part)> {
    let (train, dev, test) = if scale == Scale::Tiny { (1, 1, 1) } else { (20, 15, 20) };
    let some = |first: u32, n: u32, part: Part| (first..first + n).map(move |u| (u, part));
    some(1, train, Part::Train).chain(some(21, dev, Part::Dev)).chain(some(36, test, Part::Test)).collect()
}

pub fn plan(scale: Scale, pen: &mut Pen) {
    for (user, part) in users(scale) {
        for (p, (camera, device)) in PHONES.into_iter().enumerate() {
            for (s, (session, place)) in SESSIONS.into_iter().enumerate() {
                if !scale.keeps(p + 2 * s + user as usize, 5) {
                    continue;
                }
                for file in 1..=5 {
                    let (species, instrument, presentation) = match file {
                        1 => ("live", "", Presentation::Live),
                        2 => ("print", "printer 1", print("o_printer1", PrintForm::Flat)),
                        3 => ("print", "printer 2", print("o_printer2", PrintForm::Flat)),
                        4 => ("replay", "display 1", replay("o_display1", true)),
                        _ => ("replay", "display 2", replay("o_display2", true)),
                    };
                    pen.add(Entry {
                        path: format!("{}/{camera}_{session}_{user:02}_{file}.avi", folder(part)),
                        part,
                        species,
                        instrument: instrument.to_owned(),
                        person: user,
                        camera,
                        session,
                        device,
                        place,
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
