//! Folders called live and spoof, real and attack, and the like, wherever they stand, with parts above or below: the
//! layout that `folder` trains on, and that of DeepPixBiS and bob (`{train,devel,test}/{real,attack}/…`). Videos are
//! taken as well.

use std::collections::BTreeMap;

use crate::data::folder::{beside_colour, place};
use crate::data::manifest::{RawLabel, Told, is_picture, is_video};
use crate::data::{Footage, Label};

use super::entry::{Found, share};
use super::finder::Spot;
use super::gather::Gather;
use super::thumbnail::look_cropped;
use super::{Layout, Sight};

/// Nothing here but folders' names, so anything that knows more goes first.
const MODEST: f32 = 0.9;

/// Reads the layout.
pub fn read(sight: &Sight) -> Option<Found> {
    let tree = sight.pictures();
    let mut gather = Gather::default();
    let mut species: BTreeMap<String, String> = BTreeMap::new();
    let (mut outside, mut all) = (Told::default(), 0);
    let beside = beside_colour(tree.names().filter(|n| is_picture(n) || is_video(n)));
    let mut maps = Told::default();
    for (name, video) in tree.pictures().map(|n| (n, false)).chain(tree.videos().map(|n| (n, true))) {
        if beside.contains(name) {
            maps.add(name);
            continue;
        }
        all += 1;
        let parts: Vec<&str> = name.split('/').collect();
        let Some((file, folders)) = parts.split_last() else { continue };
        let stem = file.rsplit_once('.').map_or(*file, |s| s.0);
        let Some(place) = place(folders, stem) else {
            outside.add(name);
            continue;
        };
        let raw = RawLabel::Word(place.label);
        if video {
            let clip = (name.to_owned(), Footage::Video(tree.path(name)));
            species.insert(name.to_owned(), place.species);
            gather.whole(name, Some(clip), raw, place.split);
        } else {
            let spot = Spot { name: name.to_owned(), path: tree.path(name) };
            gather.picture(name, Some(spot), |_| place.clip.clone(), raw, place.split);
            species.insert(place.clip, place.species);
        }
    }
    let (fitting, _) = gather.counts();
    if fitting == 0 {
        return None;
    }
    let mut problems = vec![];
    outside.tell(&mut problems, |n| format!("Files below neither live nor spoof were left out: {n}"));
    maps.tell(&mut problems, |n| format!("Depth maps and infrared pictures by their names were left out: {n}"));
    let mut entries = gather.clips(&mut problems, |g| {
        if g.entry.species.is_empty()
            && g.entry.raw == RawLabel::Word(Label::Spoof)
            && let Some(species) = species.get(&g.entry.path)
        {
            g.entry.species.clone_from(species);
        }
    });
    look_cropped(&mut entries, &mut problems);
    Some(Found {
        layout: Layout::ClassFolders,
        confidence: MODEST * share(fitting, all),
        because: format!(
            "{fitting} of {all} pictures and videos lie below folders named live or spoof, real or attack"
        ),
        fixed: None,
        entries,
        problems,
    })
}
