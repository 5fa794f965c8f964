//! Which of the scored faces are shown, in which order.

use super::{FaceFilter, Judged, JudgedFace};

/// How a face was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Live, judged an attack.
    LiveAsSpoof,
    /// An attack, judged live.
    SpoofAsLive,
    /// Live, judged live.
    LiveAsLive,
    /// An attack, judged an attack.
    SpoofAsSpoof,
}

impl Verdict {
    /// All of them, in the order of MT-FAS Fig. 11.
    pub const ALL: [Self; 4] = [Self::LiveAsSpoof, Self::SpoofAsLive, Self::LiveAsLive, Self::SpoofAsSpoof];

    /// As Fig. 11 writes it.
    pub fn title(self) -> &'static str {
        match self {
            Self::LiveAsSpoof => "L→S",
            Self::SpoofAsLive => "S→L",
            Self::LiveAsLive => "L→L",
            Self::SpoofAsSpoof => "S→S",
        }
    }

    /// What that means.
    pub fn help(self) -> &'static str {
        match self {
            Self::LiveAsSpoof => "Live faces that are taken for attacks: what BPCER counts",
            Self::SpoofAsLive => "Attacks that pass as live: what APCER counts",
            Self::LiveAsLive => "Live faces that pass",
            Self::SpoofAsSpoof => "Attacks that are detected",
        }
    }

    /// Whether it is an error.
    pub fn is_wrong(self) -> bool {
        matches!(self, Self::LiveAsSpoof | Self::SpoofAsLive)
    }

    /// How `face` is judged at `threshold`, high = spoof.
    pub fn of(face: &JudgedFace, threshold: f64) -> Self {
        match (face.live, Judged::accepts(face.score, threshold)) {
            (true, false) => Self::LiveAsSpoof,
            (false, true) => Self::SpoofAsLive,
            (true, true) => Self::LiveAsLive,
            (false, false) => Self::SpoofAsSpoof,
        }
    }
}

/// What faces are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FaceSort {
    /// Most like an attack first.
    #[default]
    Score,
    /// Worst error first: how far on the wrong side of the threshold.
    Error,
    /// Attack species.
    Species,
    /// Subject.
    Subject,
    /// Clip.
    Name,
}

impl FaceSort {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Score, Self::Error, Self::Species, Self::Subject, Self::Name];

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Error => "worst error",
            Self::Species => "species",
            Self::Subject => "subject",
            Self::Name => "clip",
        }
    }
}

/// Faces to show and how many there are of each verdict.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listing {
    /// Places among all faces, in order.
    pub shown: Vec<usize>,
    /// How many of all faces have each verdict, in the order of [`Verdict::ALL`].
    pub counts: [usize; 4],
    /// How many the moved threshold judges otherwise than the run's own.
    pub flipped: usize,
}

/// The faces that `filter` lets through at `threshold`, in order.
pub fn listed(judged: &Judged, filter: &FaceFilter, (by, reversed): (FaceSort, bool), threshold: f64) -> Listing {
    let own = judged.threshold.unwrap_or(threshold);
    let words: Vec<String> = filter.words.split_whitespace().map(str::to_lowercase).collect();
    let mut listing = Listing::default();
    // In the order of the file, which is that of memory.
    let mut wanted = vec![false; judged.faces.len()];
    for (face, wanted) in judged.faces.iter().zip(&mut wanted) {
        let verdict = Verdict::of(face, threshold);
        let flips = Judged::accepts(face.score, threshold) != Judged::accepts(face.score, own);
        if let Some(place) = Verdict::ALL.iter().position(|v| *v == verdict) {
            listing.counts[place] += 1;
        }
        listing.flipped += usize::from(flips);
        let said = |word: &String| face.words.contains(word);
        let inside = filter.scores.is_none_or(|(low, high)| face.score >= low && face.score <= high);
        let shown = filter.verdict.is_none_or(|v| v == verdict) && (!filter.flipped || flips) && inside;
        *wanted = shown && words.iter().all(said);
    }
    // The order that most look at is known already.
    listing.shown = judged.by_score.iter().copied().filter(|&at| wanted[at]).collect();
    let faces = &judged.faces;
    let error = |f: &JudgedFace| if f.live { f.score - threshold } else { threshold - f.score };
    let by_text = |text: fn(&JudgedFace) -> &str, shown: &mut Vec<usize>| {
        shown.sort_by(|&a, &b| text(&faces[a]).cmp(text(&faces[b])));
    };
    match by {
        FaceSort::Score => {}
        FaceSort::Error => listing.shown.sort_by(|&a, &b| error(&faces[b]).total_cmp(&error(&faces[a]))),
        FaceSort::Species => by_text(|f| &f.species, &mut listing.shown),
        FaceSort::Subject => by_text(|f| &f.subject, &mut listing.shown),
        FaceSort::Name => by_text(|f| &f.name, &mut listing.shown),
    }
    if reversed {
        listing.shown.reverse();
    }
    listing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Ranked, ScoreSet};

    fn judged() -> Judged {
        let face = |name: &str, species: &str, score: f64| JudgedFace {
            name: name.to_owned(),
            subject: format!("s{name}"),
            species: species.to_owned(),
            live: species == "live",
            score,
            picture: None,
            words: format!("{name} s{name} {species}"),
        };
        let faces = vec![
            face("a", "live", 0.1),
            face("b", "live", 0.7),
            face("c", "print", 0.2),
            face("d", "replay", 0.9),
            face("e", "print", 0.5),
        ];
        Judged {
            by_score: crate::ui::faces::judged::by_score(&faces),
            faces,
            ranked: Ranked::new(&ScoreSet::default()),
            points: vec![],
            eer: None,
            auc: None,
            threshold: Some(0.6),
            rule: String::new(),
            oracle: false,
            level: "video".to_owned(),
            range: (0.1, 0.9),
            unseen: 0,
            pictures: None,
            maps: None,
        }
    }

    fn names(filter: &FaceFilter, by: FaceSort, threshold: f64) -> String {
        let judged = judged();
        let listing = listed(&judged, filter, (by, false), threshold);
        listing.shown.iter().map(|&i| judged.faces[i].name.as_str()).collect()
    }

    #[test]
    fn faces_are_filtered_by_verdict_words_scores_and_what_a_moved_threshold_flips() {
        let all = FaceFilter::default();
        assert_eq!(names(&all, FaceSort::Score, 0.6), "dbeca");
        assert_eq!(listed(&judged(), &all, (FaceSort::Score, true), 0.6).counts, [1, 2, 1, 1]);
        let errors = FaceFilter { verdict: Some(Verdict::SpoofAsLive), ..FaceFilter::default() };
        assert_eq!(
            (names(&errors, FaceSort::Error, 0.6), names(&errors, FaceSort::Error, 0.3)),
            ("ce".to_owned(), "c".to_owned())
        );
        let flips = FaceFilter { flipped: true, ..FaceFilter::default() };
        assert_eq!(
            (names(&flips, FaceSort::Score, 0.6), names(&flips, FaceSort::Score, 0.3)),
            (String::new(), "e".to_owned())
        );
        assert_eq!(listed(&judged(), &flips, (FaceSort::Score, false), 0.95).flipped, 2);
        let print = FaceFilter { words: "PRINT sc".to_owned(), ..FaceFilter::default() };
        assert_eq!(names(&print, FaceSort::Name, 0.6), "c");
        let bin = FaceFilter { scores: Some((0.15, 0.55)), ..FaceFilter::default() };
        assert_eq!(names(&bin, FaceSort::Species, 0.6), "ec");
    }

    #[test]
    fn a_score_at_the_threshold_passes_as_live() {
        let judged = judged();
        assert_eq!(Verdict::of(&judged.faces[4], 0.5), Verdict::SpoofAsLive);
        assert_eq!(Verdict::of(&judged.faces[4], 0.499), Verdict::SpoofAsSpoof);
    }
}
