//! What a person sees of a layout before anything comes of it. Plain data for a window or a command line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::data::manifest::{LiveIs, RawLabel};
use crate::data::{Label, Split};

use super::entry::{Entry, Faces, Found};
use super::{Layout, Polarity, Reading, Thumbnail};

/// Thumbnails a class.
const SHOWN: usize = 4;

/// How many clips there are in a part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SplitCount {
    /// The part; none where the layout does not say.
    pub split: Option<Split>,
    /// Clips of each class, in the order of [`Preview::classes`].
    pub clips: [usize; 2],
    /// Attacks for each live clip; `None` while it is not known which are live, or without live clips.
    pub ratio: Option<f64>,
}

/// One of the two classes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Class {
    /// `live` and `attack`; `label 0` and `other labels` (or `label 1` and `other labels`) while that is not known.
    pub name: String,
    /// Clips.
    pub clips: usize,
    /// Pictures, not counting those in videos.
    pub pictures: usize,
    /// Up to four faces, of clips that lie far apart.
    pub thumbnails: Vec<Thumbnail>,
}

/// A layout at a glance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preview {
    /// What was looked at.
    #[serde(serialize_with = "crate::paths::serialize")]
    pub root: PathBuf,
    /// The layout.
    pub layout: Layout,
    /// Its name for people.
    pub title: String,
    /// Share of what it should be that is there, 0 to 1.
    pub confidence: f32,
    /// What was recognised.
    pub because: String,
    /// Which labels mean live, how sure that is, and why.
    pub polarity: Polarity,
    /// What a person chose.
    pub choice: Option<LiveIs>,
    /// Whether a person must still say, or confirm, which labels mean live.
    pub ask: bool,
    /// Clips by part.
    pub splits: Vec<SplitCount>,
    /// The classes.
    pub classes: [Class; 2],
    /// Clips by where they come from.
    pub domains: BTreeMap<String, usize>,
    /// Attack clips by species; empty while it is not known which are live.
    pub species: BTreeMap<String, usize>,
    /// People that are named.
    pub subjects: usize,
    /// Clips whose pictures are cut to the face.
    pub cropped: usize,
    /// Clips with face boxes.
    pub boxes: usize,
    /// Clips with depth maps.
    pub depth: usize,
    /// What a person should know, in plain sentences.
    pub problems: Vec<String>,
}

/// Says so where a choice goes against what is known.
pub(super) fn against(polarity: &Polarity, choice: Option<LiveIs>) -> Option<String> {
    match (polarity, choice?) {
        (Polarity::Known { reading: Reading::Numbers(known), why }, chosen) if *known != chosen => {
            Some(format!("{chosen} was chosen against what is known ({known}: {why}); it is obeyed."))
        }
        (Polarity::Known { reading: Reading::Words, .. }, chosen) => {
            Some(format!("{chosen} was chosen, but labels are no numbers here; it changes nothing."))
        }
        _ => None,
    }
}

pub(super) fn preview(
    root: &Path,
    found: &Found,
    polarity: &Polarity,
    choice: Option<LiveIs>,
    problems: &[String],
) -> Preview {
    let entries = &found.entries;
    let words = matches!(polarity.reading(), Some(Reading::Words));
    let reading = if words { Some(Reading::Words) } else { choice.map(Reading::Numbers).or(polarity.reading()) };
    // While nobody knows, clips are told apart by the one number that could mean live.
    let zero = entries.iter().any(|e| e.raw == RawLabel::Number(0));
    let pivot = if zero { LiveIs::Zero } else { LiveIs::One };
    let live_is = match reading {
        Some(Reading::Numbers(l)) => l,
        Some(Reading::Words) | None => pivot,
    };
    let class = |e: &Entry| usize::from(e.raw.settle(Some(live_is)) == Some(Label::Spoof));
    let names = match (reading, pivot) {
        (Some(_), _) => ["live", "attack"],
        (None, LiveIs::Zero) => ["label 0", "other labels"],
        (None, LiveIs::One) => ["label 1", "other labels"],
    };
    let mut splits: BTreeMap<Option<Split>, [usize; 2]> = BTreeMap::new();
    for entry in entries {
        splits.entry(entry.split).or_default()[class(entry)] += 1;
    }
    let ratio = |clips: [usize; 2]| (reading.is_some() && clips[0] > 0).then(|| clips[1] as f64 / clips[0] as f64);
    let mut splits: Vec<SplitCount> =
        splits.into_iter().map(|(split, clips)| SplitCount { split, clips, ratio: ratio(clips) }).collect();
    // Clips without a part come last.
    splits.sort_by_key(|s| (s.split.is_none(), s.split));
    let classes = [0, 1].map(|c| {
        let of: Vec<&Entry> = entries.iter().filter(|e| class(e) == c).collect();
        Class {
            name: names[c].to_owned(),
            clips: of.len(),
            pictures: of.iter().filter_map(|e| e.frames()).sum(),
            thumbnails: shown(&of).into_iter().filter_map(Thumbnail::of).collect(),
        }
    });
    let mut domains: BTreeMap<String, usize> = BTreeMap::new();
    let mut species: BTreeMap<String, usize> = BTreeMap::new();
    let mut subjects = BTreeSet::new();
    for entry in entries {
        *domains.entry(entry.domain.clone()).or_default() += 1;
        if reading.is_some() && class(entry) == 1 {
            let name = if entry.species.is_empty() { "spoof" } else { &entry.species };
            *species.entry(name.to_owned()).or_default() += 1;
        }
        if !entry.subject.is_empty() {
            subjects.insert(&entry.subject);
        }
    }
    let mut problems = problems.to_vec();
    problems.extend(against(polarity, choice));
    // As the manifest's reader does it.
    match entries.iter().filter(|e| e.split.is_none()).count() {
        0 => {}
        n if n == entries.len() => problems.push(
            "Clips without a part are split 70/15/15 by a hash of their subjects once the manifest is read.".to_owned(),
        ),
        n => problems.push(format!("Clips without a split where others have one: {n}; a run takes them for training.")),
    }
    Preview {
        root: root.to_path_buf(),
        layout: found.layout,
        title: found.layout.title().to_owned(),
        confidence: found.confidence,
        because: found.because.clone(),
        polarity: polarity.clone(),
        choice,
        ask: !polarity.is_known() && choice.is_none(),
        splits,
        classes,
        domains,
        species,
        subjects: subjects.len(),
        cropped: entries.iter().filter(|e| e.cropped).count(),
        boxes: entries.iter().filter(|e| e.faces != Faces::Unsaid).count(),
        depth: entries.iter().filter(|e| !e.depth.is_empty()).count(),
        problems,
    }
}

/// Up to [`SHOWN`] clips, of as many species as there are, far apart.
fn shown<'e>(of: &[&'e Entry]) -> Vec<&'e Entry> {
    let mut species: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in of {
        species.entry(&entry.species).or_default().push(entry);
    }
    let groups: Vec<Vec<&Entry>> = species.into_values().collect();
    let groups: Vec<&Vec<&Entry>> = spread(groups.len()).into_iter().map(|g| &groups[g]).collect();
    let mut out = vec![];
    for (g, group) in groups.iter().enumerate() {
        // The first species share what does not divide.
        let places = SHOWN / groups.len() + usize::from(g < SHOWN % groups.len());
        // A species with one place shows a clip where the others are not.
        let at = if places == 1 { vec![g * (group.len() - 1) / (SHOWN - 1)] } else { among(group.len(), places) };
        out.extend(at.into_iter().map(|i| group[i]));
    }
    out
}

/// Up to [`SHOWN`] indices below `n`, far apart.
fn spread(n: usize) -> Vec<usize> {
    among(n, SHOWN)
}

/// Up to `places` (at least two) indices below `n`, far apart.
fn among(n: usize, places: usize) -> Vec<usize> {
    if n <= places {
        return (0..n).collect();
    }
    (0..places).map(|k| k * (n - 1) / (places - 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Footage;

    #[test]
    fn every_species_is_shown_if_there_is_room() {
        let clip = |species: &str, i: usize| {
            let raw = RawLabel::Word(Label::Spoof);
            let (mut entry, _) = Entry::new(&format!("{species}{i}"), raw, Footage::Pictures(vec![]));
            species.clone_into(&mut entry.species);
            entry
        };
        let shown = |counts: &[(&str, usize)]| {
            let clips: Vec<Entry> = counts.iter().flat_map(|(s, n)| (0..*n).map(|i| clip(s, i))).collect();
            let refs: Vec<&Entry> = clips.iter().collect();
            shown(&refs).iter().map(|e| e.path.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown(&[]), "");
        assert_eq!(shown(&[("a", 10)]), "a0 a3 a6 a9");
        assert_eq!(shown(&[("a", 10), ("b", 2)]), "a0 a9 b0 b1");
        assert_eq!(shown(&[("a", 10), ("b", 10), ("c", 10)]), "a0 a9 b3 c6");
        assert_eq!(shown(&[("a", 10), ("b", 10), ("c", 10), ("d", 10)]), "a0 b3 c6 d9");
        assert_eq!(shown(&[("a", 1), ("b", 1), ("c", 1), ("d", 1), ("e", 1)]), "a0 b0 c0 e0");
    }

    #[test]
    fn shown_clips_lie_far_apart() {
        assert_eq!(spread(0), [0; 0]);
        assert_eq!((spread(3), spread(4)), (vec![0, 1, 2], vec![0, 1, 2, 3]));
        assert_eq!((spread(5), spread(100)), (vec![0, 1, 2, 4], vec![0, 33, 66, 99]));
    }
}
