//! Frames that someone cut out of the original sets and kept under the names of the videos, without lists: a folder a
//! video (`train_release/7/HR_1/12.png`, AIM-FAS's `CASIA_MFSD/train/id1/5.avi/frame0.jpg`) or the name in front of the
//! frame's number. The names say everything.

use std::collections::HashMap;

use crate::data::manifest::{RawLabel, Told};

use super::entry::{Found, share};
use super::finder::Spot;
use super::gather::{Gather, without_number};
use super::origin;
use super::thumbnail::look_cropped;
use super::tree::parent;
use super::{Layout, Sight};

/// Reads the layout.
pub fn read(sight: &Sight) -> Option<Found> {
    let tree = sight.pictures();
    let mut gather = Gather::default();
    // Most frames share a folder, and what a name says takes a while.
    let mut known: HashMap<&str, Option<RawLabel>> = HashMap::new();
    let mut label = move |name| {
        *known.entry(name).or_insert_with(|| {
            let said = origin::say(name);
            said.set.and(said.label).map(RawLabel::Word)
        })
    };
    let mut all = 0;
    let mut other = Told::default();
    for name in tree.pictures() {
        all += 1;
        let stem = name.rsplit_once('.').map_or(name, |s| s.0);
        let names = [Some(parent(name)), Some(stem), without_number(stem)];
        let found = names.into_iter().flatten().find_map(|clip| Some((clip, label(clip)?)));
        match found {
            Some((clip, raw)) => {
                let spot = Spot { name: name.to_owned(), path: tree.path(name) };
                gather.picture(name, Some(spot), |_| clip.to_owned(), raw, None);
            }
            None => other.add(name),
        }
    }
    let (fitting, _) = gather.counts();
    if fitting == 0 {
        return None;
    }
    let mut problems = vec![];
    other.tell(&mut problems, |n| format!("Pictures whose names are of no original set were left out: {n}"));
    let mut entries = gather.clips(&mut problems, |_| {});
    look_cropped(&mut entries, &mut problems);
    Some(Found {
        layout: Layout::Frames,
        confidence: share(fitting, all),
        because: format!("{fitting} of {all} pictures have names of original videos"),
        fixed: None,
        entries,
        problems,
    })
}
