//! The clips of one set or import as lines of a table, and which of them a person wants to see.

use std::collections::BTreeSet;

use crate::data::builtin::{Planned, Scale, clips_of};
use crate::data::dataset::{Found, part_name};
use crate::data::{ClipInfo, Label, Part, SetName, SourceClip, Split};

/// Where a clip's pictures come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whence {
    /// Files on disk.
    Disk(Box<SourceClip>),
    /// The built-in benchmark: made when it is first looked at.
    Builtin(Box<Planned>),
}

/// One clip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClipRow {
    /// Path in the set.
    pub path: String,
    /// Bona fide or attack.
    pub label: Label,
    /// The species; `live` for bona fide.
    pub species: String,
    /// The person; empty where unknown.
    pub subject: String,
    /// The camera; empty where unknown.
    pub camera: String,
    /// The session; empty where unknown.
    pub session: String,
    /// What the attack was made with; empty where unknown.
    pub instrument: String,
    /// The part, in the set's own word.
    pub part: String,
    /// Its pictures.
    pub whence: Whence,
    /// All of the above in small letters, to be searched.
    needle: String,
}

impl ClipRow {
    fn new(info: &ClipInfo, part: String, whence: Whence) -> Self {
        let needle = [&info.path, &info.species, &info.subject, &info.camera, &info.session, &info.instrument, &part];
        let needle = needle.map(|s| s.to_lowercase()).join("\n");
        Self {
            path: info.path.clone(),
            label: info.label,
            species: info.species.clone(),
            subject: info.subject.clone(),
            camera: info.camera.clone(),
            session: info.session.clone(),
            instrument: info.instrument.clone(),
            part,
            whence,
            needle,
        }
    }
}

/// All clips of a set or an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clips {
    /// The clips, in the order of their paths or of their list.
    pub rows: Vec<ClipRow>,
    /// Parts that occur, in their own order.
    pub parts: Vec<String>,
    /// Species that occur.
    pub species: Vec<String>,
    /// People that occur.
    pub subjects: Vec<String>,
    /// Of the built-in benchmark: each set, its live clips and attacks, and its people.
    pub sets: Vec<(SetName, [usize; 2], usize)>,
}

impl Clips {
    fn new(rows: Vec<ClipRow>, parts: Vec<String>) -> Self {
        let all = |of: fn(&ClipRow) -> &String| {
            let mut all: Vec<String> = rows.iter().map(of).filter(|s| !s.is_empty()).cloned().collect();
            all.sort();
            all.dedup();
            all
        };
        let (species, subjects) = (all(|r| &r.species), all(|r| &r.subject));
        let parts = parts.into_iter().filter(|p| rows.iter().any(|r| r.part == *p)).collect();
        Self { rows, parts, species, subjects, sets: vec![] }
    }

    /// Of an opened set.
    pub fn of_set(found: &Found) -> Self {
        let row = |c: &crate::data::dataset::FoundClip| {
            let part = part_name(found.set, c.info.part).to_owned();
            ClipRow::new(&c.info, part, Whence::Disk(Box::new(c.source.clone())))
        };
        Self::new(found.clips.iter().map(row).collect(), own_parts(found.set))
    }

    /// Of an import or a manifest. Where no part is said, it is split when a run reads it.
    pub fn of_import(clips: &[(SourceClip, Option<Split>)]) -> Self {
        let word = |split: Option<Split>| split.map_or_else(|| "not said".to_owned(), |s| s.to_string());
        let row = |(clip, split): &(SourceClip, Option<Split>)| {
            let info = ClipInfo {
                // Not shown; an import may hold clips of any sets.
                set: SetName::OuluNpu,
                path: clip.path.clone(),
                label: clip.label,
                species: clip.species.clone(),
                instrument: String::new(),
                subject: clip.subject.clone(),
                camera: clip.camera.clone(),
                session: clip.session.clone(),
                part: Part::Whole,
                lists: vec![],
            };
            ClipRow::new(&info, word(*split), Whence::Disk(Box::new(clip.clone())))
        };
        let parts = [Some(Split::Train), Some(Split::Dev), Some(Split::Test), None].map(word).to_vec();
        Self::new(clips.iter().map(row).collect(), parts)
    }

    /// Of the built-in benchmark: all its sets, one after the other.
    pub fn of_builtin(scale: Scale, seed: u64) -> Self {
        let row = |planned: Planned| {
            let mut info = planned.info.clone();
            info.path = format!("{}/{}", info.set.synthetic(), info.path);
            let part = part_name(info.set, info.part).to_owned();
            ClipRow::new(&info, part, Whence::Builtin(Box::new(planned)))
        };
        let mut sets = vec![];
        let mut rows = vec![];
        for set in SetName::BUILT_IN {
            let clips = clips_of(set, scale, seed);
            let live = clips.iter().filter(|c| c.info.label == Label::Live).count();
            let people: BTreeSet<&str> = clips.iter().map(|c| c.info.subject.as_str()).collect();
            sets.push((set, [live, clips.len() - live], people.len()));
            rows.extend(clips.into_iter().map(row));
        }
        let parts = ["train", "dev", "devel", "test", "enroll", "whole"].map(str::to_owned).to_vec();
        Self { sets, ..Self::new(rows, parts) }
    }

    /// Numbers of the clips that `filter` lets through.
    pub fn matching(&self, filter: &Filter) -> Vec<u32> {
        let text = filter.text.trim().to_lowercase();
        let is = |wanted: &Option<String>, value: &String| wanted.as_ref().is_none_or(|w| w == value);
        let fits = |row: &ClipRow| {
            filter.label.is_none_or(|l| l == row.label)
                && is(&filter.part, &row.part)
                && is(&filter.species, &row.species)
                && is(&filter.subject, &row.subject)
                && text.split_whitespace().all(|word| row.needle.contains(word))
        };
        self.rows.iter().zip(0..).filter(|(row, _)| fits(row)).map(|(_, i)| i).collect()
    }
}

fn own_parts(set: SetName) -> Vec<String> {
    [Part::Train, Part::Dev, Part::Test, Part::Enroll, Part::Whole].map(|p| part_name(set, p).to_owned()).to_vec()
}

/// Which clips are shown; what is not said lets everything through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// One part.
    pub part: Option<String>,
    /// One species.
    pub species: Option<String>,
    /// One class.
    pub label: Option<Label>,
    /// One person.
    pub subject: Option<String>,
    /// Words that must occur in what is known of the clip.
    pub text: String,
}

impl Filter {
    /// Whether it lets everything through.
    pub fn is_open(&self) -> bool {
        *self == Self { text: self.text.clone(), ..Self::default() } && self.text.trim().is_empty()
    }
}

/// The word for a class.
pub fn label_word(label: Label) -> &'static str {
    match label {
        Label::Live => "live",
        Label::Spoof => "attack",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_narrows_and_together_they_all_hold() {
        let clips = Clips::of_builtin(Scale::Full, 0);
        assert!(clips.rows.len() > 5_000, "{}", clips.rows.len());
        let all = clips.matching(&Filter::default());
        assert_eq!(all.len(), clips.rows.len());
        let someone = clips.rows.iter().find(|r| r.part == "dev" && r.species == "print" && r.path.contains("SynthO"));
        let filter = Filter {
            part: Some("dev".to_owned()),
            species: Some("print".to_owned()),
            label: Some(Label::Spoof),
            subject: someone.map(|r| r.subject.clone()),
            text: " SYNTHO  avi ".to_owned(),
        };
        let hits = clips.matching(&filter);
        let by_hand = clips.rows.iter().filter(|r| {
            r.part == "dev"
                && r.species == "print"
                && Some(&r.subject) == filter.subject.as_ref()
                && r.path.contains("SynthO")
        });
        assert_eq!(hits.len(), by_hand.count());
        assert!(!hits.is_empty() && hits.iter().all(|&i| clips.rows[i as usize].species == "print"));
        let none = Filter { label: Some(Label::Live), ..filter };
        assert!(clips.matching(&none).is_empty() && !none.is_open() && Filter::default().is_open());
        assert_eq!(clips.matching(&Filter { text: "no such clip".to_owned(), ..Filter::default() }), [0_u32; 0]);
    }
}
