//! A protocol as a table: how many clips of each species stand in each part, of how many that were published, and whose
//! they are. Counting alone; which clip stands where is decided by the protocol.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::clip::ClipInfo;
use crate::data::{Label, Split};

/// Clips of one species in one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// Clips that are there.
    pub found: usize,
    /// Clips that were published; nothing where that is not known.
    pub published: Option<usize>,
}

impl Cell {
    /// Both cells together; what is not known of one is not known of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let published = self.published.zip(other.published).map(|(a, b)| a + b);
        Self { found: self.found + other.found, published }
    }
}

/// One species of one set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixRow {
    /// The set's name for people.
    pub set: String,
    /// Bona fide or attack.
    pub label: Label,
    /// The species; `live` for bona fide.
    pub species: String,
    /// Clips in train, dev and test, as published.
    pub cells: [Cell; 3],
    /// Clips of train that a run holds out for thresholds.
    pub held_out: usize,
}

/// A clip with its part.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// The set's name for people.
    pub set: &'a str,
    /// The clip.
    pub info: &'a ClipInfo,
    /// Its part, as published.
    pub split: Split,
    /// Whether a run holds it out for thresholds.
    pub held_out: bool,
}

/// The table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matrix {
    /// Set by set, live clips first, then attacks by species.
    pub rows: Vec<MatrixRow>,
    /// The people in train, dev and test, where names tell them.
    pub subjects: [BTreeSet<String>; 3],
    /// Clips in train, dev and test whose names tell no person.
    pub unnamed: [usize; 3],
    /// The people who are held out of train for thresholds.
    pub held_out: BTreeSet<String>,
    /// Whether a run chooses thresholds on clips that are held out of train, because the protocol has no part for them.
    pub holds_out: bool,
    /// Why no run is possible with what is there; nothing where one is.
    pub blocked: Option<String>,
    /// What a person should know, in plain sentences.
    pub problems: Vec<String>,
}

impl Matrix {
    /// Counts `members` against `published`: every published clip with its set's name and part. Sets that are not in
    /// `published` at all have no known number.
    pub fn count<'a>(
        members: impl IntoIterator<Item = Member<'a>>,
        published: impl IntoIterator<Item = (&'a str, &'a ClipInfo, Split)>,
    ) -> Self {
        type Key<'a> = (usize, bool, &'a str);
        let mut out = Self::default();
        let mut sets: Vec<&str> = Vec::new();
        let mut place = |set: &'a str| {
            sets.iter().position(|s| *s == set).unwrap_or_else(|| {
                sets.push(set);
                sets.len() - 1
            })
        };
        let key = |set: usize, info: &'a ClipInfo| (set, info.label == Label::Spoof, info.species.as_str());
        let mut rows: BTreeMap<Key<'a>, ([usize; 3], [usize; 3], usize)> = BTreeMap::new();
        let mut known: BTreeSet<usize> = BTreeSet::new();
        for Member { set, info, split, held_out } in members {
            let row = rows.entry(key(place(set), info)).or_default();
            row.0[split as usize] += 1;
            row.2 += usize::from(held_out);
            if info.subject.is_empty() {
                out.unnamed[split as usize] += 1;
                continue;
            }
            out.subjects[split as usize].insert(info.subject.clone());
            if held_out {
                out.held_out.insert(info.subject.clone());
            }
        }
        for (set, info, split) in published {
            let set = place(set);
            known.insert(set);
            rows.entry(key(set, info)).or_default().1[split as usize] += 1;
        }
        for ((set, attack, species), (found, published, held_out)) in rows {
            let cell = |i: usize| Cell { found: found[i], published: known.contains(&set).then_some(published[i]) };
            out.rows.push(MatrixRow {
                set: sets[set].to_owned(),
                label: if attack { Label::Spoof } else { Label::Live },
                species: species.to_owned(),
                cells: [cell(0), cell(1), cell(2)],
                held_out,
            });
        }
        out
    }

    /// All clips of a class, or of both, by part.
    pub fn total(&self, label: Option<Label>) -> [Cell; 3] {
        let nothing = Cell { found: 0, published: Some(0) };
        let of = self.rows.iter().filter(|r| label.is_none_or(|l| r.label == l));
        of.fold([nothing; 3], |sum, row| [0, 1, 2].map(|i| sum[i].and(row.cells[i])))
    }

    /// Clips of a class, or of both, that a run holds out of train.
    pub fn total_held_out(&self, label: Option<Label>) -> usize {
        self.rows.iter().filter(|r| label.is_none_or(|l| r.label == l)).map(|r| r.held_out).sum()
    }

    /// People who stand in two parts. A protocol refuses such clips, so that there should be none.
    pub fn in_two_parts(&self) -> Vec<&str> {
        let [train, dev, test] = &self.subjects;
        let shared = |a: &'_ BTreeSet<String>, b: &'_ BTreeSet<String>| a.intersection(b).cloned().collect::<Vec<_>>();
        let all: BTreeSet<String> =
            [shared(train, dev), shared(train, test), shared(dev, test)].into_iter().flatten().collect();
        let named = self.subjects.iter().flatten().filter(|s| all.contains(*s));
        named.map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::clip::{Part, SetName};

    fn clip(label: Label, species: &str, subject: &str) -> ClipInfo {
        ClipInfo {
            set: SetName::MsuMfsd,
            path: String::new(),
            label,
            species: species.to_owned(),
            instrument: String::new(),
            subject: subject.to_owned(),
            camera: String::new(),
            session: String::new(),
            part: Part::Train,
            lists: Vec::new(),
        }
    }

    #[test]
    fn clips_are_counted_by_set_species_and_part() {
        let clips = [
            clip(Label::Spoof, "print", "a"),
            clip(Label::Live, "live", "a"),
            clip(Label::Live, "live", "b"),
            clip(Label::Live, "live", "c"),
            clip(Label::Spoof, "mask", ""),
        ];
        let member = |i: usize, set, split, held_out| Member { set, info: &clips[i], split, held_out };
        let members = [
            member(0, "M", Split::Train, false),
            member(1, "M", Split::Train, false),
            member(2, "M", Split::Train, true),
            member(3, "M", Split::Test, false),
            member(4, "W", Split::Test, false),
        ];
        // Of M's prints two were published, and a replay that is not here; nothing is known of W.
        let replay = clip(Label::Spoof, "replay", "z");
        let published = [("M", &clips[0], Split::Train), ("M", &clips[0], Split::Train), ("M", &replay, Split::Test)];
        let matrix = Matrix::count(members, published);
        let told: Vec<String> = matrix
            .rows
            .iter()
            .map(|r| {
                let cell = |c: Cell| c.published.map_or(c.found.to_string(), |p| format!("{}/{p}", c.found));
                format!("{} {} {} held {}", r.set, r.species, r.cells.map(cell).join(" "), r.held_out)
            })
            .collect();
        assert_eq!(
            told,
            [
                "M live 2/0 0/0 1/0 held 1",
                "M print 1/2 0/0 0/0 held 0",
                "M replay 0/0 0/0 0/1 held 0",
                "W mask 0 0 1 held 0"
            ]
        );
        let people = matrix.subjects.each_ref().map(|s| s.iter().cloned().collect::<String>());
        assert_eq!((people, matrix.unnamed), ([String::from("ab"), String::new(), String::from("c")], [0, 0, 1]));
        assert_eq!((matrix.held_out.len(), matrix.total_held_out(None)), (1, 1));
        assert_eq!(matrix.total(Some(Label::Live))[0], Cell { found: 2, published: Some(0) });
        assert_eq!(matrix.total(None)[2], Cell { found: 2, published: None }, "unknown stays unknown");
        assert!(matrix.in_two_parts().is_empty());
        let twice = [member(1, "M", Split::Train, false), member(1, "M", Split::Test, false)];
        assert_eq!(Matrix::count(twice, []).in_two_parts(), ["a"]);
    }
}
