//! SiW-M, both versions: `Mask/HalfMask/Mask_Half_7.mov`. The stem says the species, the live clips' folder their part;
//! nothing says who is shown. Version 2 keeps its attacks below `Spoof` and has other clips under the same names.

use crate::data::Label;
use crate::data::clip::{ClipInfo, Part, SetName};
use crate::data::facts::{SIW, SiwKind};

use super::name::{Name, Reading};

/// Live clips of version 1 have no higher number.
const LAST_LIVE: u32 = 660;

/// A stem: its kind's place in a version's table, its number, and what stands behind that.
struct Stem<'a> {
    kind: &'static SiwKind,
    number: u32,
    tail: &'a str,
}

impl<'a> Stem<'a> {
    /// In lower case.
    fn parse(stem: &'a str, table: &'static [SiwKind]) -> Option<Self> {
        table.iter().find_map(|kind| {
            let start = stem.get(..kind.stem.len()).filter(|s| s.eq_ignore_ascii_case(&kind.stem))?;
            let rest = stem[start.len()..].strip_prefix('_')?;
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number = rest[..digits].parse().ok().filter(|_| digits <= 5)?;
            Some(Self { kind, number, tail: &rest[digits..] })
        })
    }

    /// As published: without leading zeros, odd names in their own letters.
    fn written(&self) -> String {
        let stem = format!("{}_{}{}", self.kind.stem, self.number, self.tail);
        self.kind.odd.iter().find(|o| o.eq_ignore_ascii_case(&stem)).cloned().unwrap_or(stem)
    }
}

fn info(set: SetName, folder: &str, stem: &str, species: &str, part: Part) -> ClipInfo {
    ClipInfo {
        set,
        path: format!("{folder}/{stem}.mov"),
        label: if species == "live" { Label::Live } else { Label::Spoof },
        species: species.to_owned(),
        instrument: String::new(),
        subject: String::new(),
        camera: String::new(),
        session: String::new(),
        part,
        lists: Vec::new(),
    }
}

fn part_of(folder: &str) -> Option<Part> {
    match folder {
        "train" => Some(Part::Train),
        "test" => Some(Part::Test),
        _ => None,
    }
}

pub fn own(folder: &str) -> bool {
    let of = |kind: &SiwKind| kind.folder.split('/').any(|f| f.eq_ignore_ascii_case(folder));
    // Names of earlier editions and of the authors' page.
    let other = matches!(folder, "spoof" | "print" | "mask_mannequinhead" | "mask_siliconemask");
    other || part_of(folder).is_some() || SIW.v1.iter().chain(&SIW.v2).any(of)
}

/// Version 1.
pub fn read(name: &Name) -> Option<Reading> {
    let stem = Stem::parse(name.stem, &SIW.v1)?;
    let own = name.run(own);
    if stem.kind.species != "live" {
        let info = info(SetName::SiwM, &stem.kind.folder, &stem.written(), &stem.kind.species, Part::Whole);
        return Some(Reading { info, told: None, own });
    }
    let told = name.folders.last().and_then(|f| part_of(f));
    // A clip outside both folders is where the published tree has it.
    let listed = || SIW.v1.iter().find(|k| k.species == "live" && k.numbers().any(|n| n == stem.number));
    let part = told.or_else(|| part_of(&listed()?.folder.rsplit_once('/')?.1.to_ascii_lowercase()));
    let (folder, part) = match part {
        Some(Part::Train) => ("Live/Train", Part::Train),
        Some(Part::Test) => ("Live/Test", Part::Test),
        _ => ("Live", Part::Whole),
    };
    Some(Reading { info: info(SetName::SiwM, folder, &stem.written(), "live", part), told, own })
}

/// Version 2.
pub fn read_v2(name: &Name) -> Option<Reading> {
    let stem = Stem::parse(name.stem, &SIW.v2)?;
    let info = info(SetName::SiwMv2, &stem.kind.folder, &stem.written(), &stem.kind.species, Part::Whole);
    Some(Reading { info, told: None, own: name.run(own) })
}

/// Whether these are clips of version 2: attacks below `Spoof`; where there are none, live clips without parts or with
/// numbers that version 1 does not have.
pub fn second<'a>(names: impl Iterator<Item = Name<'a>>) -> bool {
    let (mut attacks, mut below_spoof, mut flat_or_late) = (0, 0, 0);
    for name in names {
        match Stem::parse(name.stem, &SIW.v1) {
            Some(stem) if stem.kind.species == "live" => {
                let flat = name.folders.last().and_then(|f| part_of(f)).is_none();
                flat_or_late += usize::from(flat || stem.number > LAST_LIVE);
            }
            Some(_) => {
                attacks += 1;
                let own = name.run(own);
                below_spoof += usize::from(name.folders.iter().rev().take(own).any(|f| *f == "spoof"));
            }
            None => {}
        }
    }
    if attacks > 0 { below_spoof * 2 > attacks } else { flat_or_late > 0 }
}

/// Every clip of version 1. Of version 2 numbers are not known.
pub fn published() -> Vec<ClipInfo> {
    let mut out = Vec::with_capacity(1626);
    for kind in &SIW.v1 {
        let part = kind.folder.rsplit_once('/').and_then(|f| part_of(&f.1.to_ascii_lowercase()));
        let part = part.filter(|_| kind.species == "live").unwrap_or(Part::Whole);
        let mut add = |stem: &str| out.push(info(SetName::SiwM, &kind.folder, stem, &kind.species, part));
        kind.numbers().for_each(|n| add(&format!("{}_{n}", kind.stem)));
        kind.odd.iter().for_each(|stem| add(stem));
    }
    out
}

/// The stem of a version 2 list's line as the clip's path has it.
pub fn listed_stem(line: &str) -> Option<String> {
    let lower = line.to_ascii_lowercase();
    Stem::parse(&lower, &SIW.v2).map(|s| s.written())
}
