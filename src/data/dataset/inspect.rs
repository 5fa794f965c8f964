//! What is there against what was published: the table that people and scripts read.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;

use crate::data::clip::{ClipInfo, Part, SetName};
use crate::data::facts::SIW;
use crate::data::{Footage, Label};

use super::layout::layout_of;
use super::{DatasetError, Found, open, part_name};

/// Live clips and attacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Bona fide clips.
    pub live: usize,
    /// Attacks of all species.
    pub attack: usize,
}

impl Count {
    /// Both together.
    pub fn total(self) -> usize {
        self.live + self.attack
    }
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The part, in the set's own word.
    pub part: &'static str,
    /// The species; `live` for bona fide clips.
    pub species: String,
    /// Bona fide or attack.
    pub label: Label,
    /// Clips that are there.
    pub found: usize,
    /// Clips that were published.
    pub expected: usize,
}

/// A set, compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The opened set.
    pub found: Found,
    /// By part and species; enrolment is not among them.
    pub rows: Vec<Row>,
    /// Clips for enrolment, there and published; nothing where the set has none.
    pub enrolment: Option<(usize, usize)>,
    /// Clips with a file of boxes or eyes, and what such a file holds; nothing for sets that ship none.
    pub marks: Option<(&'static str, usize)>,
    /// Published paths of clips whose files hold no bytes.
    pub empty: Vec<String>,
}

/// Opens the set in `root` and compares it with what was published; `as_` as in [`open`].
pub fn inspect(root: &Path, as_: Option<SetName>) -> Result<Report, DatasetError> {
    Ok(Report::new(open(root, as_)?))
}

impl Found {
    /// How many clips there are of how many that were published. Enrolment and clips that were never published are not
    /// counted.
    pub fn share(&self) -> (usize, usize) {
        let here = self.clips.iter().filter(|c| c.listed && c.info.part != Part::Enroll).count();
        let all = match self.set {
            SetName::SiwMv2 => SIW.v2.iter().map(|k| k.count).sum(),
            _ => here + self.missing.len(),
        };
        (here, all)
    }

    /// Whether everything that was published is there.
    pub fn is_whole(&self) -> bool {
        match self.set {
            SetName::SiwMv2 => rows(self).iter().all(|r| r.found >= r.expected),
            _ => self.missing.is_empty(),
        }
    }

    /// What every report on a partial copy must say; nothing if the copy is whole.
    pub fn banner(&self) -> Option<String> {
        let (here, all) = self.share();
        let title = self.title();
        (!self.is_whole()).then(|| format!("Partial copy of {title}: {here} of {all} clips."))
    }
}

/// Counts by part and species, in the order of parts, live first.
fn rows(found: &Found) -> Vec<Row> {
    let mut of: BTreeMap<(Part, bool, String), (usize, usize)> = BTreeMap::new();
    let key = |i: &ClipInfo| (i.part, i.label == Label::Spoof, i.species.clone());
    for clip in &found.clips {
        of.entry(key(&clip.info)).or_default().0 += 1;
    }
    if found.set == SetName::SiwMv2 {
        for kind in &SIW.v2 {
            of.entry((Part::Whole, kind.species != "live", kind.species.clone())).or_default().1 += kind.count;
        }
    } else if let Some(layout) = layout_of(found.set) {
        for info in (layout.published)() {
            of.entry(key(&info)).or_default().1 += 1;
        }
    }
    let row = |((part, attack, species), (here, expected)): ((Part, bool, String), (usize, usize))| Row {
        part: part_name(found.set, part),
        species,
        label: if attack { Label::Spoof } else { Label::Live },
        found: here,
        expected,
    };
    of.into_iter().filter(|(key, _)| key.0 != Part::Enroll).map(row).collect()
}

impl Report {
    /// Compares `found`; asks every clip's file for its size.
    pub fn new(mut found: Found) -> Self {
        let rows = rows(&found);
        let enrolment = (found.set == SetName::ReplayAttack).then(|| {
            let count = |all: &mut dyn Iterator<Item = Part>| all.filter(|p| *p == Part::Enroll).count();
            let published = layout_of(found.set).map(|l| (l.published)()).unwrap_or_default();
            (count(&mut found.clips.iter().map(|c| c.info.part)), count(&mut published.iter().map(|i| i.part)))
        });
        let marks = match found.set {
            SetName::OuluNpu => Some("eye positions"),
            SetName::CasiaFasd | SetName::ReplayAttack | SetName::MsuMfsd => Some("face boxes"),
            SetName::RoseYoutu | SetName::SiwM | SetName::SiwMv2 => None,
        };
        let marks = marks.map(|kind| (kind, found.clips.iter().filter(|c| c.source.marks.is_some()).count()));
        // In parallel, because a disk across a network answers slowly.
        let is_empty = |path: &Path| std::fs::metadata(path).is_ok_and(|m| m.len() == 0);
        let empty = found
            .clips
            .par_iter()
            .filter(|c| matches!(&c.source.footage, Footage::Video(path) if is_empty(path)))
            .map(|c| c.info.path.clone())
            .collect();
        if found.set == SetName::SiwMv2 {
            let other = rows.iter().filter(|r| r.found != r.expected);
            let tell = |r: &Row| format!("{} {} clips were published, {} are here.", r.expected, r.species, r.found);
            found.problems.extend(other.map(tell));
        }
        Self { found, rows, enrolment, marks, empty }
    }

    /// Counts by part, in the order of parts: the part, what is there, what was published.
    pub fn parts(&self) -> Vec<(&'static str, Count, Count)> {
        let mut out: Vec<(&'static str, Count, Count)> = Vec::new();
        for row in &self.rows {
            if out.last().is_none_or(|l| l.0 != row.part) {
                out.push((row.part, Count::default(), Count::default()));
            }
            if let Some((_, found, expected)) = out.last_mut() {
                for (count, n) in [(found, row.found), (expected, row.expected)] {
                    *if row.label == Label::Live { &mut count.live } else { &mut count.attack } += n;
                }
            }
        }
        out
    }
}
