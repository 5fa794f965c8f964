//! Replay-Attack: `train/real/client001_….mov`, `train/attack/fixed/attack_print_client001_….mov`, `enroll/train/….mov`.
//! The same file names occur under both supports, so the support's folder is part of the name.

use crate::data::Label;
use crate::data::clip::{ClipInfo, Part, SetName};
use crate::data::facts::REPLAY;

use super::name::{Name, Reading, fields, number};

const LIGHTS: [&str; 2] = ["controlled", "adverse"];
const SUPPORTS: [&str; 2] = ["fixed", "hand"];
/// Device shown, sample's camera and kind.
const ATTACKS: [(&str, &str, &str); 5] = [
    ("print", "highdef", "photo"),
    ("mobile", "mobile", "photo"),
    ("mobile", "mobile", "video"),
    ("highdef", "highdef", "photo"),
    ("highdef", "highdef", "video"),
];

/// The part of a client.
pub fn part(client: u32) -> Option<Part> {
    let parts = [(Part::Train, &REPLAY.train), (Part::Dev, &REPLAY.devel), (Part::Test, &REPLAY.test)];
    parts.into_iter().find(|p| p.1.contains(&client)).map(|p| p.0)
}

/// The folder of a part, which is also its name in lists.
pub fn folder(part: Part) -> &'static str {
    match part {
        Part::Train => "train",
        Part::Dev => "devel",
        Part::Test | Part::Enroll | Part::Whole => "test",
    }
}

/// What a stem says, before the folder is looked at.
enum Kind<'a> {
    Real { take: u32 },
    Enroll,
    Attack { device: &'a str, sample: &'a str, kind: &'a str },
}

fn info(client: u32, session: u32, light: &str, kind: &Kind, support: &str) -> Option<ClipInfo> {
    let part = part(client)?;
    let (top, who) = (folder(part), format!("client{client:03}_session{session:02}"));
    let clip = |path: String, part, species: &str, instrument: String| ClipInfo {
        set: SetName::ReplayAttack,
        path,
        label: if species == "live" { Label::Live } else { Label::Spoof },
        species: species.to_owned(),
        instrument,
        subject: format!("I{client:02}"),
        camera: "webcam".to_owned(),
        session: light.to_owned(),
        part,
        lists: Vec::new(),
    };
    Some(match kind {
        Kind::Real { take } => {
            clip(format!("{top}/real/{who}_webcam_authenticate_{light}_{take}.mov"), part, "live", String::new())
        }
        Kind::Enroll => {
            clip(format!("enroll/{top}/{who}_webcam_enroll_{light}.mov"), Part::Enroll, "live", String::new())
        }
        Kind::Attack { device, sample, kind } => clip(
            format!("{top}/attack/{support}/attack_{device}_{who}_{sample}_{kind}_{light}.mov"),
            part,
            device,
            format!("{device} {kind} {support}"),
        ),
    })
}

/// The word among `known`, in its own letters.
fn known<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    known.iter().copied().find(|k| *k == word)
}

fn client_and_session(client: &str, session: &str) -> Option<(u32, u32)> {
    let client = number(client.strip_prefix("client")?, 1..=3)?;
    Some((client, number(session.strip_prefix("session")?, 1..=2)?))
}

fn stem(stem: &str) -> Option<(u32, u32, &'static str, Kind<'static>)> {
    if let Some([attack, device, client, session, sample, kind, light]) = fields(stem) {
        let (client, session) = client_and_session(client, session).filter(|_| attack == "attack")?;
        let device = known(device, &["print", "mobile", "highdef"])?;
        let (sample, kind) = (known(sample, &["highdef", "mobile"])?, known(kind, &["photo", "video"])?);
        return Some((client, session, known(light, &LIGHTS)?, Kind::Attack { device, sample, kind }));
    }
    if let Some([client, session, "webcam", "authenticate", light, take]) = fields(stem) {
        let (client, session) = client_and_session(client, session)?;
        let take = number(take, 1..=1).filter(|t| (1..=2).contains(t))?;
        return Some((client, session, known(light, &LIGHTS)?, Kind::Real { take }));
    }
    let [client, session, "webcam", "enroll", light] = fields(stem)? else { return None };
    let (client, session) = client_and_session(client, session)?;
    Some((client, session, known(light, &LIGHTS)?, Kind::Enroll))
}

/// The part that a folder's name stands for; archives unpack to folders with a word before it.
fn part_of(folder: &str) -> Option<Part> {
    match folder.strip_prefix("replayattack-").unwrap_or(folder) {
        "train" => Some(Part::Train),
        "devel" | "dev" => Some(Part::Dev),
        "test" => Some(Part::Test),
        _ => None,
    }
}

pub fn own(folder: &str) -> bool {
    let word = folder.strip_prefix("replayattack-").unwrap_or(folder);
    part_of(folder).is_some() || matches!(word, "enroll" | "real" | "attack" | "attk" | "fixed" | "hand")
}

pub fn read(name: &Name) -> Option<Reading> {
    if name.folders.iter().any(|f| f.contains("competition")) {
        // Another edition, made for a contest of 2013, which no protocol speaks of.
        return None;
    }
    let (client, session, light, kind) = stem(name.stem)?;
    let own = name.run(own);
    let support = match kind {
        Kind::Attack { .. } => name.folder(|f| known(f, &SUPPORTS))?,
        Kind::Real { .. } | Kind::Enroll => "",
    };
    let told = name.folders.iter().rev().take(own).find_map(|f| part_of(f));
    Some(Reading { info: info(client, session, light, &kind, support)?, told, own })
}

/// Every clip there is, enrolment too.
pub fn published() -> Vec<ClipInfo> {
    let mut out = Vec::with_capacity(1300);
    for client in REPLAY.train.iter().chain(&REPLAY.devel).chain(&REPLAY.test) {
        let mut add = |light, kind: &Kind, support| out.extend(info(*client, 1, light, kind, support));
        for light in LIGHTS {
            add(light, &Kind::Real { take: 1 }, "");
            add(light, &Kind::Real { take: 2 }, "");
            add(light, &Kind::Enroll, "");
            for support in SUPPORTS {
                for (device, sample, kind) in ATTACKS {
                    add(light, &Kind::Attack { device, sample, kind }, support);
                }
            }
        }
    }
    out
}
