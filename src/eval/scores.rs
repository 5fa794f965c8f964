//! Scores of face presentations and the polarity they are in. Inside the program a high score means spoof; score
//! files follow bob's convention, where a high score means bona fide. The conversion happens here and nowhere else.

use std::collections::HashMap;
use std::fmt;
use std::io::Write;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::EvalError;

/// Which end of the scale means bona fide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Polarity {
    /// High means bona fide: a face is accepted when score >= threshold. bob's files.
    #[default]
    LiveHigh,
    /// High means spoof: a face is accepted when score <= threshold. The program's own scores.
    SpoofHigh,
}

impl Polarity {
    /// Turns a score or threshold of this polarity into live-high, or back: the same operation both ways. Never gives
    /// minus zero.
    pub fn to_live_high(self, value: f64) -> f64 {
        match self {
            Self::LiveHigh => value + 0.0,
            Self::SpoofHigh => 0.0 - value,
        }
    }
}

impl fmt::Display for Polarity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LiveHigh => "live_high",
            Self::SpoofHigh => "spoof_high",
        })
    }
}

impl FromStr for Polarity {
    type Err = EvalError;

    fn from_str(text: &str) -> Result<Self, EvalError> {
        match text {
            "live_high" => Ok(Self::LiveHigh),
            "spoof_high" => Ok(Self::SpoofHigh),
            _ => Err(EvalError::Request(format!("polarity '{text}' is neither live_high nor spoof_high"))),
        }
    }
}

/// The score of one frame or one video.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Score {
    /// Subject; empty where unknown.
    pub claimed_id: String,
    /// Key of the video or clip; empty where unknown. Rows with the same key are frames of one video.
    pub test_label: String,
    /// Frame within the video, bob's `sample_n`; empty where unknown.
    pub frame: String,
    /// Attack species; empty for bona fide and where unknown.
    pub attack_type: String,
    /// Bona fide, not an attack.
    pub is_bonafide: bool,
    /// The score, finite, in the polarity of its set.
    pub score: f64,
}

/// Frames of the videos of a set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FramesPerVideo {
    /// Of the shortest.
    pub min: u64,
    /// Half way between the two in the middle where their number is even.
    pub median: f64,
    /// Of the longest.
    pub max: u64,
}

/// The name under which attacks are counted whose species is not known.
pub const UNNAMED_SPECIES: &str = "attack";

impl Score {
    /// The species to count an attack under: its `attack_type`, or [`UNNAMED_SPECIES`].
    pub fn species(&self) -> &str {
        if self.attack_type.is_empty() { UNNAMED_SPECIES } else { &self.attack_type }
    }
}

/// Scores of one part of the data (dev, test, …).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ScoreSet {
    /// Path or name, for messages and reports.
    pub name: String,
    /// Which end means bona fide.
    pub polarity: Polarity,
    /// The rows in file order.
    pub scores: Vec<Score>,
    /// Presentations that a detector never saw because no face was found in them, and that count as rejected under any
    /// threshold: an error where they are bona fide, a success where they are attacks. Their `score` is not looked at,
    /// and score files do not hold them.
    pub rejected: Vec<Score>,
}

impl ScoreSet {
    /// Whether every row says which video it belongs to.
    pub fn names_clips(&self) -> bool {
        self.scores.iter().all(|s| !s.test_label.is_empty())
    }

    /// How many frames the videos have that are named; `None` where no row names one.
    pub fn frames_per_video(&self) -> Option<FramesPerVideo> {
        let mut counts: HashMap<&str, u64> = HashMap::new();
        for s in self.scores.iter().filter(|s| !s.test_label.is_empty()) {
            *counts.entry(&s.test_label).or_default() += 1;
        }
        let mut counts: Vec<u64> = counts.into_values().collect();
        counts.sort_unstable();
        let (min, max) = (*counts.first()?, *counts.last()?);
        let middle = [(counts.len() - 1) / 2, counts.len() / 2].map(|at| counts[at] as f64);
        Some(FramesPerVideo { min, median: f64::midpoint(middle[0], middle[1]), max })
    }

    /// SHA-256 over every row in live-high form, so that two results can be told to be of the same scores. The form of
    /// the file and its polarity do not matter, the order of its rows does.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let mut bytes: Vec<u8> = vec![];
        for (kind, rows) in [(0_u8, &self.scores), (1, &self.rejected)] {
            for s in rows {
                let score = if kind == 0 { self.polarity.to_live_high(s.score) } else { 0.0 };
                bytes.extend([kind, u8::from(s.is_bonafide)]);
                bytes.extend(score.to_le_bytes());
                // Each led by its length, so that no two rows run together to the same bytes.
                for text in [&s.claimed_id, &s.test_label, &s.attack_type] {
                    bytes.extend((text.len() as u64).to_le_bytes());
                    bytes.extend(text.as_bytes());
                }
                if bytes.len() > 1 << 16 {
                    hash.update(&bytes);
                    bytes.clear();
                }
            }
        }
        hash.update(&bytes);
        hash.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }

    /// Writes bob's PAD table: columns `claimed_id,test_label,is_bonafide,attack_type,sample_n,score`, high = bona
    /// fide whatever the polarity of the set, numbers with as many digits as give the same f64 back. Fails when a
    /// score is not finite or `out` fails.
    pub fn write_bob(&self, out: impl Write) -> Result<(), EvalError> {
        let io = |e: csv::Error| EvalError::Io { file: self.name.clone(), source: e.into() };
        let mut table = csv::Writer::from_writer(out);
        table
            .write_record(["claimed_id", "test_label", "is_bonafide", "attack_type", "sample_n", "score"])
            .map_err(io)?;
        for (row, s) in self.scores.iter().enumerate() {
            if !s.score.is_finite() {
                let what =
                    format!("the score of row {row} ('{}') is {}; only finite scores are kept", s.test_label, s.score);
                return Err(EvalError::set(&self.name, what));
            }
            let bonafide = if s.is_bonafide { "True" } else { "False" };
            let score = format!("{:?}", self.polarity.to_live_high(s.score));
            let fields = [&s.claimed_id, &s.test_label, bonafide, &s.attack_type, &s.frame, score.as_str()];
            table.write_record(fields).map_err(io)?;
        }
        table.flush().map_err(|source| EvalError::Io { file: self.name.clone(), source })
    }

    /// [`Self::write_bob`] into the file `path`, replacing what stands there.
    pub fn save_bob(&self, path: &Path) -> Result<(), EvalError> {
        let io = |source| EvalError::Io { file: path.display().to_string(), source };
        self.write_bob(std::io::BufWriter::new(std::fs::File::create(path).map_err(io)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_score() -> impl Strategy<Value = Score> {
        let finite = any::<f64>().prop_filter("finite", |x| x.is_finite());
        (".*", ".*", "[0-9]{0,3}", ".*", any::<bool>(), finite).prop_map(|(id, label, frame, kind, live, score)| {
            Score {
                claimed_id: id,
                test_label: label,
                frame,
                attack_type: if live { String::new() } else { kind },
                is_bonafide: live,
                score: score + 0.0,
            }
        })
    }

    proptest! {
        #[test]
        fn writing_then_reading_gives_the_same_rows(scores in prop::collection::vec(any_score(), 1..20), flip: bool) {
            let polarity = if flip { Polarity::SpoofHigh } else { Polarity::LiveHigh };
            let set = ScoreSet { name: "memory".into(), polarity, scores, ..ScoreSet::default() };
            let mut bytes = vec![];
            set.write_bob(&mut bytes).unwrap();
            let back = ScoreSet::parse("memory", &bytes, Polarity::LiveHigh).unwrap();
            prop_assert_eq!(back.scores.len(), set.scores.len());
            for (a, b) in set.scores.iter().zip(&back.scores) {
                prop_assert_eq!(polarity.to_live_high(a.score).to_bits(), b.score.to_bits());
                prop_assert_eq!(Score { score: 0.0, ..a.clone() }, Score { score: 0.0, ..b.clone() });
            }
        }
    }

    #[test]
    fn frames_of_videos_and_what_a_fingerprint_tells_apart() {
        let row = |label: &str, score: f64| Score { test_label: label.into(), score, ..Score::default() };
        let set = |scores: Vec<Score>, polarity| ScoreSet { polarity, scores, ..ScoreSet::default() };
        let first = set(vec![row("a", 1.0), row("b", 2.0), row("a", 3.0), row("", 9.0)], Polarity::LiveHigh);
        assert_eq!(first.frames_per_video(), Some(FramesPerVideo { min: 1, median: 1.5, max: 2 }));
        assert_eq!(set(vec![row("", 1.0)], Polarity::LiveHigh).frames_per_video(), None);
        let mirrored = first.scores.iter().map(|s| Score { score: -s.score, ..s.clone() }).collect();
        assert_eq!(set(mirrored, Polarity::SpoofHigh).fingerprint(), first.fingerprint());
        let other = set(vec![row("ab", 1.0)], Polarity::LiveHigh);
        let parted = Score { claimed_id: "a".into(), ..row("b", 1.0) };
        assert_ne!(other.fingerprint(), set(vec![parted], Polarity::LiveHigh).fingerprint());
        assert_ne!(other.fingerprint(), set(vec![row("ab", 1.5)], Polarity::LiveHigh).fingerprint());
    }

    #[test]
    fn the_table_is_bobs() {
        let spoof = Score { attack_type: "print".into(), frame: "3".into(), score: 0.75, ..Score::default() };
        let live = Score { claimed_id: "7".into(), test_label: "a,b".into(), is_bonafide: true, ..Score::default() };
        let set =
            ScoreSet { name: "t".into(), polarity: Polarity::SpoofHigh, scores: vec![spoof, live], rejected: vec![] };
        let mut bytes = vec![];
        set.write_bob(&mut bytes).unwrap();
        let expected = "claimed_id,test_label,is_bonafide,attack_type,sample_n,score\n,,False,print,3,-0.75\n7,\"a,b\",True,,,0.0\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn a_nan_is_not_written() {
        let scores = vec![Score { score: f64::NAN, test_label: "x".into(), ..Score::default() }];
        let set = ScoreSet { name: "dev".into(), polarity: Polarity::SpoofHigh, scores, rejected: vec![] };
        let message = set.write_bob(vec![]).unwrap_err().to_string();
        assert!(message.contains("dev") && message.contains("NaN") && message.contains('x'), "{message}");
    }

    #[test]
    fn saving_where_nothing_can_be_written_names_the_file() {
        let message = ScoreSet::default().save_bob(Path::new("/nowhere/at/all.csv")).unwrap_err().to_string();
        assert!(message.starts_with("/nowhere/at/all.csv"), "{message}");
    }
}
