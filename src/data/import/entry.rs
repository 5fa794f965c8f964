//! Clips as a layout's files describe them, before it is settled which numbers mean live.

use std::path::PathBuf;

use crate::data::manifest::{LiveIs, RawLabel, Told};
use crate::data::{Footage, Label, Marks, SourceClip, Split, Turn};

use super::boxes::{self, BoxFile};
use super::origin::{self, Said};
use super::tree::parent;
use super::words::{class_word, set_word};
use super::{Layout, Reading};

/// A clip in a derived layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it comes from: the original set's title, or the name of a folder.
    pub domain: String,
    /// Path from the root.
    pub path: String,
    /// Its label, as written.
    pub raw: RawLabel,
    /// What its names say of it by themselves.
    pub said: Option<Label>,
    /// Attack species where known.
    pub species: String,
    /// The person where known.
    pub subject: String,
    /// The camera where known.
    pub camera: String,
    /// The session where known.
    pub session: String,
    /// Its part where the layout or its names say so.
    pub split: Option<Split>,
    /// Its pictures.
    pub footage: Footage,
    /// Where its faces are.
    pub faces: Faces,
    /// Whether its pictures are cut to the face.
    pub cropped: bool,
    /// Depth maps, in the order of the pictures; empty if none came with it.
    pub depth: Vec<Option<PathBuf>>,
    /// How far it must be turned.
    pub turn: Turn,
}

/// Where the layout says that faces are. Small files, a picture each, are opened only when clips are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Faces {
    /// It does not say.
    Unsaid,
    /// Boxes in files, in the order of the pictures.
    Files(BoxFile, Vec<Option<PathBuf>>),
    /// Whatever a clip can hold.
    Marks(Marks),
}

impl Entry {
    /// A clip of pictures that are cut to the face, with what its path says.
    pub fn new(path: &str, raw: RawLabel, footage: Footage) -> (Self, Said) {
        let said = origin::say(path);
        let set = said.set.map(|s| s.title().to_owned());
        let entry = Self {
            domain: set.or_else(|| domain_of(path)).unwrap_or_default(),
            path: path.to_owned(),
            raw,
            said: said.label,
            species: if said.label == Some(Label::Spoof) { said.species.clone() } else { String::new() },
            subject: said.subject.clone(),
            camera: said.camera.clone(),
            session: said.session.clone(),
            split: said.split,
            footage,
            faces: Faces::Unsaid,
            cropped: true,
            depth: vec![],
            turn: Turn::None,
        };
        (entry, said)
    }

    /// Pictures, or videos.
    pub fn frames(&self) -> Option<usize> {
        match &self.footage {
            Footage::Video(_) => None,
            Footage::Pictures(p) => Some(p.len()),
            Footage::Zip { entries, .. } => Some(entries.len()),
        }
    }

    /// The clip under `reading`; box files that cannot be read go to `unread`.
    pub fn settle(&self, reading: Reading, unread: &mut Told) -> SourceClip {
        let live_is = match reading {
            Reading::Words => None,
            Reading::Numbers(l) => Some(l),
        };
        let label = self.raw.settle(live_is).unwrap_or(Label::Spoof);
        let species = match label {
            Label::Live => "live",
            Label::Spoof if self.species.is_empty() => "spoof",
            Label::Spoof => &self.species,
        };
        let marks = match &self.faces {
            Faces::Unsaid => None,
            Faces::Files(BoxFile::Cdcn, files) => Some(Marks::CdcnBoxes(files.clone())),
            Faces::Files(kind, files) => Some(Marks::Boxes(boxes::read_all(*kind, files, unread))),
            Faces::Marks(marks) => Some(marks.clone()),
        };
        SourceClip {
            domain: self.domain.clone(),
            path: self.path.clone(),
            label,
            species: species.to_owned(),
            subject: self.subject.clone(),
            camera: self.camera.clone(),
            session: self.session.clone(),
            footage: self.footage.clone(),
            marks,
            turn_if_unmarked: self.turn,
            cropped: self.cropped,
            depth: self.depth.clone(),
        }
    }
}

/// The title of the set that one of the folders names. Below a folder for attacks, `replay` is a species.
fn domain_of(path: &str) -> Option<String> {
    let folders: Vec<&str> = parent(path).split('/').take_while(|f| class_word(f).is_none()).collect();
    folders.into_iter().rev().find_map(set_word).map(|s| s.title().to_owned())
}

/// What a layout's reader found.
#[derive(Debug)]
pub struct Found {
    /// The layout.
    pub layout: Layout,
    /// Share of what it should be that is there, 0 to 1.
    pub confidence: f32,
    /// What was recognised, in a few words.
    pub because: String,
    /// Which number it uses for live, if it fixes that, and in what.
    pub fixed: Option<(LiveIs, &'static str)>,
    /// Its clips, sorted by path.
    pub entries: Vec<Entry>,
    /// What a person should know.
    pub problems: Vec<String>,
}

/// The attack species that 1, 2 and 3 stand for in lists of MetaPattern's author.
pub fn species_of(raw: RawLabel, words: [&str; 3]) -> String {
    match raw {
        RawLabel::Number(n @ 1..=3) => words[n as usize - 1].to_owned(),
        RawLabel::Number(_) | RawLabel::Word(_) => String::new(),
    }
}

/// A number with its noun: 1 list, 2 lists.
pub fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// The share of `part` in `whole`.
pub fn share(part: usize, whole: usize) -> f32 {
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}
