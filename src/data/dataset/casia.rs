//! CASIA-FASD: `train_release/1/HR_1.avi`. The clip's name says what it shows and by which camera; folder numbers begin
//! anew in the test part, where they are other people.

use crate::data::Label;
use crate::data::clip::{ClipInfo, Part, SetName};

use super::name::{Name, Reading, number};

/// Clips of one subject by what they show; the cameras are A, B and HR.
const KINDS: [(&str, [&str; 3]); 4] = [
    ("live", ["1", "2", "HR_1"]),
    ("warped", ["3", "4", "HR_2"]),
    ("cut", ["5", "6", "HR_3"]),
    ("video", ["7", "8", "HR_4"]),
];
const CAMERAS: [&str; 3] = ["A", "B", "HR"];
/// People of the training part.
const TRAIN: u32 = 20;
/// People of the test part.
const TEST: u32 = 30;

fn info(part: Part, folder: u32, clip: &str) -> Option<ClipInfo> {
    let (top, most) = if part == Part::Train { ("train_release", TRAIN) } else { ("test_release", TEST) };
    let known = KINDS.iter().find_map(|(species, clips)| {
        clips.iter().position(|c| c.eq_ignore_ascii_case(clip)).map(|k| (*species, clips[k], CAMERAS[k]))
    });
    let (species, clip, camera) = known.filter(|_| (1..=most).contains(&folder))?;
    let person = if part == Part::Train { folder } else { folder + TRAIN };
    Some(ClipInfo {
        set: SetName::CasiaFasd,
        path: format!("{top}/{folder}/{clip}.avi"),
        label: if species == "live" { Label::Live } else { Label::Spoof },
        species: species.to_owned(),
        instrument: String::new(),
        subject: format!("C{person:02}"),
        camera: camera.to_owned(),
        session: String::new(),
        part,
        lists: Vec::new(),
    })
}

fn part_of(folder: &str) -> Option<Part> {
    match folder {
        "train_release" | "train" => Some(Part::Train),
        "test_release" | "test" => Some(Part::Test),
        _ => None,
    }
}

pub fn own(folder: &str) -> bool {
    part_of(folder).is_some()
}

pub fn read(name: &Name) -> Option<Reading> {
    let (person, above) = name.folders.split_last()?;
    let part = part_of(above.last()?)?;
    let info = info(part, number(person, 1..=2)?, name.stem)?;
    let own = 1 + above.iter().rev().take_while(|f| own(f)).count();
    Some(Reading { info, told: Some(part), own })
}

/// Every clip there is.
pub fn published() -> Vec<ClipInfo> {
    let mut out = Vec::with_capacity(600);
    for (part, people) in [(Part::Train, TRAIN), (Part::Test, TEST)] {
        for person in 1..=people {
            out.extend(KINDS.iter().flat_map(|k| k.1).filter_map(|clip| info(part, person, clip)));
        }
    }
    out
}
