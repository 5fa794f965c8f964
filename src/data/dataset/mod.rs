//! The published data sets as they lie on researchers' disks: recognised by the names of their files, whatever the root
//! is called; read in place, never copied or written to. A set becomes clips, each with what its name says
//! ([`ClipInfo`]) and where its files are ([`SourceClip`]), and a comparison with what was published. No video is
//! opened here; cutting faces out of them begins elsewhere.

mod casia;
mod error;
mod inspect;
mod layout;
mod lists;
pub mod marks;
mod msu;
mod name;
mod naming;
mod open;
mod oulu;
mod replay;
mod rose;
mod siw_m;
mod sources;
mod tree;
mod verify;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use super::clip::{ClipInfo, Part, SetName};
use super::{Origin, SourceClip};

pub use error::DatasetError;
pub use inspect::{Count, Report, Row, inspect};
pub use open::{open, open_all};
pub use sources::{Membership, Sources, membership, sources};

/// A clip of an opened set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundClip {
    /// In the words of protocols. Its path is the one of the published tree, whatever the folders on this disk are
    /// called, so it is the same on every disk.
    pub info: ClipInfo,
    /// With its files.
    pub source: SourceClip,
    /// Whether the published set has a clip of this name; always so where its list is not known.
    pub listed: bool,
}

/// Two clips that show a subject (or are one clip) in folders of two parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The subject, or the clip's name where subjects are not known.
    pub who: String,
    /// A part and a file in its folder.
    pub first: (Part, String),
    /// Another part and a file in its folder.
    pub second: (Part, String),
}

impl Overlap {
    /// Who, in which parts, and a file in each.
    fn told(&self, set: SetName) -> String {
        let [first, second] = [self.first.0, self.second.0].map(|part| part_name(set, part));
        let (who, a, b) = (&self.who, &self.first.1, &self.second.1);
        format!("{who} in both its {first} and its {second} part ({a} and {b})")
    }
}

/// A set on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which one.
    pub set: SetName,
    /// Its folder, which may be above or below the one that was asked for.
    pub root: PathBuf,
    /// Photographed people, or the built-in miniature of the set: no number from that may pass for the set's.
    pub origin: Origin,
    /// Its clips, in the order of their published paths.
    pub clips: Vec<FoundClip>,
    /// Published paths of clips that are not there, in order; enrolment, which no protocol scores, is not counted. Empty
    /// for SiW-Mv2, whose names are not published: see `problems`.
    pub missing: Vec<String>,
    /// Videos in the set's folder that are not the published set's, by their paths on this disk: those of other names,
    /// second copies, and clips that are named like the set's but not listed (which are used).
    pub extra: Vec<String>,
    /// Subjects in two parts: no protocol can be laid over the set before that is mended.
    pub overlaps: Vec<Overlap>,
    /// List files of the set that were read, by name without ending; for sets whose protocols are lists.
    pub lists: Vec<String>,
    /// What a person should know, in plain sentences.
    pub problems: Vec<String>,
}

impl Found {
    /// The name in the literature, with the version where there are several.
    pub fn title(&self) -> String {
        match self.set {
            SetName::SiwM => "SiW-M v1".to_owned(),
            set => set.title().to_owned(),
        }
    }

    /// Which version of the set it is, where there are several.
    pub fn version(&self) -> Option<&'static str> {
        match self.set {
            SetName::SiwM => Some("v1"),
            SetName::SiwMv2 => Some("v2"),
            _ => None,
        }
    }
}

/// A part in the set's own word.
pub fn part_name(set: SetName, part: Part) -> &'static str {
    match part {
        Part::Train => "train",
        Part::Dev if set == SetName::ReplayAttack => "devel",
        Part::Dev => "dev",
        Part::Test => "test",
        Part::Enroll => "enroll",
        Part::Whole => "whole",
    }
}
