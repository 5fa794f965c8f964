//! Videos by their published names, and those that have none: strangers, second copies, files in folders that
//! contradict their names.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::data::clip::{ClipInfo, Part, SetName};

use super::Overlap;
use super::layout::Layout;
use super::name::{Name, Reading};
use super::rose;
use super::tree::File;

/// A clip and the file that it is.
#[derive(Debug)]
pub struct Video<'a> {
    pub info: ClipInfo,
    pub file: &'a File,
}

/// All videos of a set's folder.
#[derive(Debug, Default)]
pub struct Naming<'a> {
    /// By published path.
    pub clips: BTreeMap<String, Video<'a>>,
    /// Not named like the set's.
    pub strange: Vec<&'a File>,
    /// Second files of a clip.
    pub copies: Vec<&'a File>,
    /// In the folder of another part than the name says.
    pub misplaced: Vec<&'a File>,
    /// In the folder of another person than the name says.
    pub astray: Vec<&'a File>,
    /// Subjects, or clips where subjects are not known, in folders of two parts.
    pub overlaps: Vec<Overlap>,
}

impl<'a> Naming<'a> {
    /// Names `files`, which are sorted.
    pub fn of(files: impl Iterator<Item = &'a File>, layout: &Layout) -> Self {
        let mut naming = Self::default();
        let mut parts: BTreeMap<String, (Part, &File)> = BTreeMap::new();
        for file in files {
            let read = file.name().and_then(|name| (layout.read)(&name).map(|reading| (name, reading)));
            let Some((name, reading)) = read else {
                naming.strange.push(file);
                continue;
            };
            naming.check_folders(file, &name, &reading);
            if let Some(part) = reading.told {
                let (first, other) = *parts.entry(who(&reading.info)).or_insert((part, file));
                if first != part {
                    naming.overlap(who(&reading.info), (first, other), (part, file));
                }
            }
            naming.keep(file, reading.info);
        }
        naming
    }

    /// A clip has one file: the one that lies least deep, of those the first.
    fn keep(&mut self, file: &'a File, info: ClipInfo) {
        let depth = |f: &File| f.path.components().count();
        match self.clips.entry(info.path.clone()) {
            Entry::Vacant(slot) => {
                slot.insert(Video { info, file });
            }
            Entry::Occupied(mut slot) if depth(file) < depth(slot.get().file) => {
                self.copies.push(std::mem::replace(&mut slot.get_mut().file, file));
            }
            Entry::Occupied(_) => self.copies.push(file),
        }
    }

    fn check_folders(&mut self, file: &'a File, name: &Name, reading: &Reading) {
        let divided = matches!(reading.info.part, Part::Train | Part::Dev | Part::Test);
        if divided && reading.told.is_some_and(|told| told != reading.info.part) {
            self.misplaced.push(file);
        }
        if reading.info.set == SetName::RoseYoutu && !rose::folder_fits(name) {
            self.astray.push(file);
        }
    }

    /// Once for each subject is enough.
    fn overlap(&mut self, who: String, first: (Part, &File), second: (Part, &File)) {
        if self.overlaps.iter().all(|o| o.who != who) {
            let told = |(part, file): (Part, &File)| (part, file.shown());
            self.overlaps.push(Overlap { who, first: told(first), second: told(second) });
        }
    }
}

/// Whose clips must not be in two parts: the subject's; where names do not say, the clip itself.
fn who(info: &ClipInfo) -> String {
    if info.subject.is_empty() {
        info.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".mov").to_owned()
    } else {
        info.subject.clone()
    }
}
