//! The text files that go with the sets: protocol lists, eye positions, face boxes and subject lists, each in the very
//! form of the original.

use crate::data::clip::{ClipInfo, Part, SetName};
use crate::data::protocol::{Protocol, Whole};
use crate::data::{Label, Split};

use super::truth::Truth;
use super::{Planned, Scale, synth_i, synth_m};

/// A text file: its path relative to the set's root, and its content.
pub type Text = (String, String);

/// Lines, each ended.
fn text(lines: impl Iterator<Item = String>) -> String {
    lines.flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// Lists of the whole set.
pub fn of_set(set: SetName, scale: Scale, clips: &[Planned]) -> Vec<Text> {
    match set {
        SetName::OuluNpu => oulu(clips),
        SetName::ReplayAttack => replay(scale, clips),
        SetName::MsuMfsd => msu(scale),
        SetName::CasiaFasd | SetName::RoseYoutu | SetName::SiwM | SetName::SiwMv2 => Vec::new(),
    }
}

/// The file that tells where the face is in one clip, where the set ships such files.
pub fn of_clip(info: &ClipInfo, truth: &Truth) -> Option<Text> {
    let whole = |v: f32| v.round() as i32;
    let stem = info.path.rsplit_once('.').map_or(info.path.as_str(), |s| s.0);
    match info.set {
        SetName::OuluNpu => {
            // Frame, then both eyes from left to right in the picture.
            let line = |(i, f): (usize, &super::FrameTruth)| {
                let [right, left, ..] = f.landmarks.map(|p| p.map(whole));
                format!("{i},{},{},{},{}\n", right[0], right[1], left[0], left[1])
            };
            Some((format!("{stem}.txt"), truth.frames.iter().enumerate().map(line).collect()))
        }
        SetName::ReplayAttack => {
            let line = |(i, f): (usize, &super::FrameTruth)| {
                let [x, y, w, h] = f.face_box.map(whole);
                format!("{i} {} {} {w} {h}\n", x.max(0), y.max(0))
            };
            Some((format!("face-locations/{stem}.face"), truth.frames.iter().enumerate().map(line).collect()))
        }
        SetName::MsuMfsd => {
            let line = |(i, f): (usize, &super::FrameTruth)| {
                let [x, y, w, h] = f.face_box.map(whole);
                let [right, left, ..] = f.landmarks.map(|p| p.map(whole));
                format!("{i},{x},{y},{},{},{},{},{},{}\n", x + w, y + h, right[0], right[1], left[0], left[1])
            };
            Some((format!("{stem}.face"), truth.frames.iter().enumerate().map(line).collect()))
        }
        SetName::CasiaFasd | SetName::RoseYoutu | SetName::SiwM | SetName::SiwMv2 => None,
    }
}

/// `LABEL,name` by protocol, part and fold; only test lists tell prints from replays.
fn oulu(clips: &[Planned]) -> Vec<Text> {
    let infos: Vec<ClipInfo> = clips.iter().map(|c| c.info.clone()).collect();
    let mut out = Vec::new();
    for number in 1..=4 {
        for fold in 1..=6 {
            let protocol = Protocol::parse(&format!("oulu_npu/{number}"), fold, Whole::EveryVideo);
            let Ok(members) = protocol.and_then(|p| p.members(&infos)) else { continue };
            for (split, name) in [(Split::Train, "Train"), (Split::Dev, "Dev"), (Split::Test, "Test")] {
                let line = |(info, place): (&ClipInfo, &Option<Split>)| {
                    let label = match (info.label, split, info.species.as_str()) {
                        (Label::Live, ..) => "+1",
                        (Label::Spoof, Split::Test, "replay") => "-2",
                        (Label::Spoof, ..) => "-1",
                    };
                    let stem = info.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".avi");
                    (*place == Some(split)).then(|| format!("{label},{stem}\n"))
                };
                let text = infos.iter().zip(&members.split).filter_map(line).collect();
                let fold = if number >= 3 { format!("_{fold}") } else { String::new() };
                out.push((format!("Protocols/Protocol_{number}/{name}{fold}.txt"), text));
            }
        }
    }
    out
}

/// Clients by part, and the files of real accesses and of each attack protocol by part.
fn replay(scale: Scale, clips: &[Planned]) -> Vec<Text> {
    let of_part = |(part, people): (Part, &[u32])| -> Vec<String> {
        people.iter().map(|person| format!("{person:03} {}", synth_i::folder(part))).collect()
    };
    let clients = text(synth_i::clients(scale).into_iter().flat_map(of_part));
    let mut out = vec![("protocols/clients.txt".to_owned(), clients)];
    let lines = |keep: &dyn Fn(&ClipInfo) -> bool| -> String {
        text(clips.iter().filter(|c| keep(&c.info)).map(|c| c.info.path.clone()))
    };
    for part in [Part::Train, Part::Dev, Part::Test] {
        let folder = synth_i::folder(part);
        let real = lines(&|i| i.part == part && i.label == Label::Live);
        out.push((format!("protocols/real-{folder}.txt"), real));
        for name in ["grandtest", "print", "mobile", "highdef", "photo", "digitalphoto", "video"] {
            let Ok(protocol) = Protocol::parse(&format!("replay_attack/{name}"), 1, Whole::EveryVideo) else {
                continue;
            };
            let attacks = lines(&|i| i.part == part && i.label == Label::Spoof && protocol.keeps(i));
            out.push((format!("protocols/attack-{name}-allsupports-{folder}.txt"), attacks));
        }
    }
    out
}

/// Two-digit clients, lines ended as on Windows, none after the last.
fn msu(scale: Scale) -> Vec<Text> {
    synth_m::clients(scale)
        .into_iter()
        .map(|(part, people)| {
            let name = if part == Part::Train { "train_sub_list.txt" } else { "test_sub_list.txt" };
            let mut people = people.to_vec();
            people.sort_unstable();
            let lines: Vec<String> = people.iter().map(|p| format!("{p:02}")).collect();
            (name.to_owned(), lines.join("\r\n"))
        })
        .collect()
}
