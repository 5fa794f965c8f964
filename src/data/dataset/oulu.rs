//! OULU-NPU: `Train_files/phone_session_user_file.avi`. Users say the part, the file's number says live, print or replay.

use crate::data::Label;
use crate::data::clip::{ClipInfo, Part, SetName};

use super::name::{Name, Reading, fields, number};

/// A clip by the numbers of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clip {
    pub user: u32,
    pub phone: u32,
    pub session: u32,
    pub file: u32,
}

impl Clip {
    /// Of a stem in any case; users below ten may have lost their zero.
    pub fn parse(stem: &str) -> Option<Self> {
        let [phone, session, user, file] = fields(stem)?;
        let within = |text, digits, most| number(text, digits).filter(|n| (1..=most).contains(n));
        Some(Self {
            phone: within(phone, 1..=1, 6)?,
            session: within(session, 1..=1, 3)?,
            user: within(user, 1..=2, 55)?,
            file: within(file, 1..=1, 5)?,
        })
    }

    /// The name without ending, as published.
    pub fn stem(self) -> String {
        format!("{}_{}_{:02}_{}", self.phone, self.session, self.user, self.file)
    }

    pub fn part(self) -> Part {
        match self.user {
            ..=20 => Part::Train,
            21..=35 => Part::Dev,
            _ => Part::Test,
        }
    }

    pub fn info(self) -> ClipInfo {
        let (species, instrument) = match self.file {
            1 => ("live", ""),
            2 => ("print", "printer 1"),
            3 => ("print", "printer 2"),
            4 => ("replay", "display 1"),
            _ => ("replay", "display 2"),
        };
        ClipInfo {
            set: SetName::OuluNpu,
            path: format!("{}/{}.avi", folder(self.part()), self.stem()),
            label: if self.file == 1 { Label::Live } else { Label::Spoof },
            species: species.to_owned(),
            instrument: instrument.to_owned(),
            subject: format!("O{:02}", self.user),
            camera: self.phone.to_string(),
            session: self.session.to_string(),
            part: self.part(),
            lists: Vec::new(),
        }
    }
}

fn folder(part: Part) -> &'static str {
    match part {
        Part::Train => "Train_files",
        Part::Dev => "Dev_files",
        Part::Test | Part::Enroll | Part::Whole => "Test_files",
    }
}

/// The part that a folder's name stands for.
pub fn part_of(folder: &str) -> Option<Part> {
    let word = folder.strip_suffix("files").map_or(folder, |f| f.trim_end_matches(['_', '-', ' ']));
    match word {
        "train" => Some(Part::Train),
        "dev" | "devel" => Some(Part::Dev),
        "test" => Some(Part::Test),
        _ => None,
    }
}

pub fn own(folder: &str) -> bool {
    part_of(folder).is_some()
}

pub fn read(name: &Name) -> Option<Reading> {
    let clip = Clip::parse(name.stem)?;
    let own = name.run(own);
    let told = name.folders.last().filter(|_| own > 0).and_then(|f| part_of(f));
    Some(Reading { info: clip.info(), told, own })
}

/// Every clip there is.
pub fn published() -> Vec<ClipInfo> {
    let mut out = Vec::with_capacity(4950);
    for user in 1..=55 {
        for phone in 1..=6 {
            for session in 1..=3 {
                out.extend((1..=5).map(|file| Clip { user, phone, session, file }.info()));
            }
        }
    }
    out
}

/// Whether a name looks like those that the competition of IJCB 2017 gave to clips: a long number in base sixteen.
pub fn hashed(name: &Name) -> bool {
    let hex = name.stem.bytes().all(|b| b.is_ascii_hexdigit());
    hex && name.stem.len() >= 16 && name.folder(part_of).is_some()
}
