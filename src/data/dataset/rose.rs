//! ROSE-YOUTU: `2/G_NT_5s_g_E_2_1.mp4`. The name says everything; folders may be the person's number, or numbers of
//! their own below train and test.

use std::collections::BTreeSet;

use crate::data::Label;
use crate::data::clip::{ClipInfo, Part, SetName};
use crate::data::facts::ROSE;

use super::name::{Name, Reading, fields, number};

const LABELS: [&str; 9] = ["G", "Ps", "Pq", "Vl", "Vm", "Mc", "Mf", "Mu", "Ml"];
const SPEECH: [&str; 2] = ["T", "NT"];
const DEVICES: [&str; 5] = ["HS", "HW", "IP", "5s", "ZTE"];
const GLASSES: [&str; 2] = ["g", "wg"];

/// A clip by the fields of its name.
struct Clip<'a> {
    label: &'a str,
    speech: &'a str,
    device: &'a str,
    glasses: &'a str,
    place: char,
    person: u32,
    number: u32,
}

impl Clip<'_> {
    fn info(&self) -> ClipInfo {
        let Self { label, speech, device, glasses, place, person, number } = self;
        let live = *label == "G";
        ClipInfo {
            set: SetName::RoseYoutu,
            path: format!("{person}/{label}_{speech}_{device}_{glasses}_{place}_{person}_{number}.mp4"),
            label: if live { Label::Live } else { Label::Spoof },
            species: if live { "live" } else { label }.to_owned(),
            instrument: String::new(),
            subject: format!("Y{person:02}"),
            camera: (*device).to_owned(),
            session: place.to_string(),
            part: Part::Whole,
            lists: Vec::new(),
        }
    }
}

/// The part that a folder above the persons' claims.
fn part_of(folder: &str) -> Option<Part> {
    match folder {
        "train" => Some(Part::Train),
        "test" => Some(Part::Test),
        _ => None,
    }
}

/// The number of a person's folder, with or without an underscore before it.
fn numbered(folder: &str) -> Option<u32> {
    number(folder.strip_prefix('_').unwrap_or(folder), 1..=2)
}

pub fn own(folder: &str) -> bool {
    numbered(folder).is_some() || part_of(folder).is_some()
}

pub fn read(name: &Name) -> Option<Reading> {
    let [label, speech, device, glasses, place, person, index] = fields(name.stem)?;
    let known = |word: &str, all: &[&'static str]| all.iter().copied().find(|k| k.eq_ignore_ascii_case(word));
    let mut letters = place.chars();
    let place = letters.next().filter(char::is_ascii_alphabetic)?.to_ascii_uppercase();
    let clip = Clip {
        label: known(label, &LABELS)?,
        speech: known(speech, &SPEECH)?,
        device: known(device, &DEVICES)?,
        glasses: known(glasses, &GLASSES)?,
        place: letters.next().is_none().then_some(place)?,
        person: number(person, 1..=2)?,
        number: number(index, 1..=4)?,
    };
    let own = name.run(own);
    let told = name.folders.iter().rev().take(own).find_map(|f| part_of(f));
    Some(Reading { info: clip.info(), told, own })
}

/// Whether the folder of a clip's file is its person's in one of the two editions; folders of other names say nothing.
pub fn folder_fits(name: &Name) -> bool {
    let Some(folder) = name.folders.last().and_then(|f| numbered(f)) else { return true };
    let person = fields::<7>(name.stem).and_then(|f| number(f[5], 1..=2));
    let renumbered = ROSE.folders.values().any(|part| part.get(&folder.to_string()).copied() == person);
    Some(folder) == person || renumbered
}

/// Every clip there is.
pub fn published() -> Vec<ClipInfo> {
    let mut out = Vec::with_capacity(3497);
    for (layout, people) in &ROSE.people {
        for person in people {
            let of_person = person.to_string();
            let absent: BTreeSet<u32> = ROSE.absent.get(&of_person).into_iter().flatten().copied().collect();
            let mut next = 1;
            for group in ROSE.layouts.get(layout).into_iter().flatten() {
                let mut words = group.split(' ');
                let (label, speech) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
                let worn: Vec<(&str, u32)> = words.filter_map(worn).collect();
                for device in &ROSE.devices {
                    for (glasses, usual) in &worn {
                        let other = ROSE.other.get(&of_person);
                        let count = other.and_then(|o| o.get(&format!("{label} {speech} {device} {glasses}")));
                        let last = next + count.unwrap_or(usual);
                        for number in (next..last).filter(|n| !absent.contains(n)) {
                            let (person, place) = (*person, 'E');
                            out.push(Clip { label, speech, device, glasses, place, person, number }.info());
                        }
                        next = last;
                    }
                }
            }
        }
    }
    out
}

/// Glasses and a count, as `wg5`.
fn worn(word: &str) -> Option<(&str, u32)> {
    let (glasses, count) = word.split_at(word.find(|c: char| c.is_ascii_digit())?);
    Some((glasses, count.parse().ok()?))
}
