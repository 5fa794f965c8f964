//! MSU-MFSD: `scene01/real/real_client001_android_SD_scene01.mp4`. The sub lists say who is for testing; the folder of
//! the scene is often left out.

use crate::data::Label;
use crate::data::clip::{ClipInfo, Part, SetName};
use crate::data::facts::MSU;

use super::name::{Name, Reading, number};

/// Cameras and the ending of their clips.
const CAMERAS: [(&str, &str); 2] = [("laptop", "mov"), ("android", "mp4")];
/// Words in names, and the species they stand for.
const ATTACKS: [(&str, &str); 3] = [("ipad_video", "ipad"), ("iphone_video", "iphone"), ("printed_photo", "print")];

/// The part of a client.
pub fn part(client: u32) -> Option<Part> {
    [(Part::Train, &MSU.train), (Part::Test, &MSU.test)].into_iter().find(|p| p.1.contains(&client)).map(|p| p.0)
}

/// `attack` is a place in the list, or nothing for a live clip.
fn info(client: u32, camera: usize, attack: Option<usize>) -> Option<ClipInfo> {
    let part = part(client)?;
    let (camera, ending) = CAMERAS[camera];
    let kind = if attack.is_some() { "attack" } else { "real" };
    let (word, species) = attack.map_or(("", "live"), |k| ATTACKS[k]);
    let gap = if word.is_empty() { "" } else { "_" };
    Some(ClipInfo {
        set: SetName::MsuMfsd,
        path: format!("scene01/{kind}/{kind}_client{client:03}_{camera}_SD_{word}{gap}scene01.{ending}"),
        label: if attack.is_some() { Label::Spoof } else { Label::Live },
        species: species.to_owned(),
        instrument: String::new(),
        subject: format!("M{client:02}"),
        camera: camera.to_owned(),
        session: "scene01".to_owned(),
        part,
        lists: Vec::new(),
    })
}

pub fn own(folder: &str) -> bool {
    matches!(folder, "scene01" | "real" | "attack")
}

pub fn read(name: &Name) -> Option<Reading> {
    let (kind, rest) = name.stem.split_once("_client")?;
    let (client, rest) = rest.split_once('_')?;
    let (camera, rest) = rest.split_once("_sd_")?;
    let camera = CAMERAS.iter().position(|c| c.0 == camera)?;
    let attack = match kind {
        "real" if rest == "scene01" => None,
        "attack" => {
            let word = rest.strip_suffix("_scene01")?;
            Some(ATTACKS.iter().position(|a| a.0 == word)?)
        }
        _ => return None,
    };
    Some(Reading { info: info(number(client, 1..=3)?, camera, attack)?, told: None, own: name.run(own) })
}

/// Whether a clip is stored upside down: its container says so, but a reader that ignores the mark needs to know.
pub fn upside_down(clip: &ClipInfo) -> bool {
    let client = clip.subject.trim_start_matches('M').parse().unwrap_or(0);
    clip.label == Label::Live && clip.camera == "android" && MSU.upside_down.contains(&client)
}

/// Every clip there is.
pub fn published() -> Vec<ClipInfo> {
    let mut out = Vec::with_capacity(280);
    for client in MSU.train.iter().chain(&MSU.test) {
        for camera in 0..CAMERAS.len() {
            let attacks = (0..ATTACKS.len()).map(Some);
            out.extend([None].into_iter().chain(attacks).filter_map(|attack| info(*client, camera, attack)));
        }
    }
    out
}
