//! Frames and videos. A video's score is the mean over the frames of one `test_label`, or their median, or that of the
//! frame most like an attack; everything after this works on one row a presentation, whichever level was chosen.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::EvalError;
use super::scores::{Polarity, Score, ScoreSet};

/// What one presentation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The frames of one `test_label` are averaged.
    Video,
    /// Every row counts by itself.
    Frame,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Video => "video",
            Self::Frame => "frame",
        })
    }
}

impl FromStr for Level {
    type Err = EvalError;

    fn from_str(text: &str) -> Result<Self, EvalError> {
        match text {
            "video" => Ok(Self::Video),
            "frame" => Ok(Self::Frame),
            _ => Err(EvalError::Request(format!("level '{text}' is neither video nor frame"))),
        }
    }
}

/// How the scores of a video's frames become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fusion {
    /// Their mean, as the papers have it.
    #[default]
    Mean,
    /// Their median; half way between the two in the middle where their number is even.
    Median,
    /// The score of the frame most like an attack: the highest where high means spoof, the lowest where it means live.
    Max,
}

impl fmt::Display for Fusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mean => "mean",
            Self::Median => "median",
            Self::Max => "max",
        })
    }
}

impl FromStr for Fusion {
    type Err = EvalError;

    fn from_str(text: &str) -> Result<Self, EvalError> {
        match text {
            "mean" => Ok(Self::Mean),
            "median" => Ok(Self::Median),
            "max" => Ok(Self::Max),
            _ => Err(EvalError::Request(format!("the rule for videos '{text}' is none of mean, median, max"))),
        }
    }
}

impl Fusion {
    /// One score of the scores of a video, of which there is at least one; the mean adds them in their order.
    fn fuse(self, frames: &mut [f64], polarity: Polarity) -> f64 {
        match (self, polarity) {
            (Self::Mean, _) => frames.iter().sum::<f64>() / frames.len() as f64,
            (Self::Median, _) => {
                frames.sort_unstable_by(f64::total_cmp);
                f64::midpoint(frames[(frames.len() - 1) / 2], frames[frames.len() / 2])
            }
            (Self::Max, Polarity::LiveHigh) => frames.iter().copied().fold(f64::INFINITY, f64::min),
            (Self::Max, Polarity::SpoofHigh) => frames.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

/// One row a video, in order of first appearance, each with the fused score and no frame number. Fails when a row has
/// no `test_label`, or when one `test_label` stands for both classes or for two species. A `test_label` with two
/// subjects is fused all the same, with a sentence in `warnings`: it is the sign of file names that were cut short.
pub fn fuse_frames(set: &ScoreSet, rule: Fusion, warnings: &mut Vec<String>) -> Result<ScoreSet, EvalError> {
    if !set.names_clips() {
        let what = "not every row names its video (test_label), so frames have no video to be summed up in; use the level frame";
        return Err(EvalError::set(&set.name, what));
    }
    let mut place: HashMap<&str, usize> = HashMap::new();
    // Frames of a video may stand anywhere, so each row learns its video first and the scores are sorted in after.
    let mut clips: Vec<(&Score, usize)> = vec![];
    let mut clip_of: Vec<usize> = Vec::with_capacity(set.scores.len());
    let mut reported = false;
    for s in &set.scores {
        let at = *place.entry(&s.test_label).or_insert(clips.len());
        clip_of.push(at);
        let Some((clip, frames)) = clips.get_mut(at) else {
            clips.push((s, 1));
            continue;
        };
        *frames += 1;
        if clip.is_bonafide != s.is_bonafide || clip.attack_type != s.attack_type {
            let kind = |s: &Score| if s.is_bonafide { "bona fide".to_owned() } else { format!("'{}'", s.species()) };
            let what = format!(
                "video '{}' has frames that are {} and frames that are {}; give every video its own test_label, or use \
                 the level frame",
                s.test_label,
                kind(clip),
                kind(s)
            );
            return Err(EvalError::set(&set.name, what));
        }
        if clip.claimed_id != s.claimed_id && !reported {
            reported = true;
            warnings.push(format!(
                "{}: video '{}' has frames of '{}' and of '{}'; they were summed up, but two videos may share one name",
                set.name, s.test_label, clip.claimed_id, s.claimed_id
            ));
        }
    }
    let mut begins = Vec::with_capacity(clips.len());
    let mut end = 0;
    for (_, frames) in &clips {
        begins.push(end);
        end += frames;
    }
    let mut grouped = vec![0.0; end];
    let mut free = begins.clone();
    for (&at, s) in clip_of.iter().zip(&set.scores) {
        grouped[free[at]] = s.score;
        free[at] += 1;
    }
    let fused = clips.iter().zip(begins).map(|(&(clip, frames), begin)| {
        let score = rule.fuse(&mut grouped[begin..begin + frames], set.polarity);
        if score.is_finite() {
            return Ok(Score { frame: String::new(), score, ..clip.clone() });
        }
        let what = format!("the scores of video '{}' are too large to average; scale them down", clip.test_label);
        Err(EvalError::set(&set.name, what))
    });
    let scores = fused.collect::<Result<_, _>>()?;
    let rejected = rejected_videos(&set.rejected, &place);
    Ok(ScoreSet { name: set.name.clone(), polarity: set.polarity, scores, rejected })
}

/// One row a video of which no frame has a score; rows that name no video count by themselves.
fn rejected_videos(rejected: &[Score], scored: &HashMap<&str, usize>) -> Vec<Score> {
    let mut seen: HashSet<&str> = HashSet::new();
    let mut videos = vec![];
    for row in rejected {
        let video = row.test_label.as_str();
        if video.is_empty() || (!scored.contains_key(video) && seen.insert(video)) {
            videos.push(row.clone());
        }
    }
    videos
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(label: &str, kind: &str, score: f64) -> Score {
        Score {
            claimed_id: "1".into(),
            test_label: label.into(),
            frame: "4".into(),
            attack_type: kind.into(),
            is_bonafide: kind.is_empty(),
            score,
        }
    }

    fn averaged(scores: Vec<Score>) -> Result<(Vec<Score>, Vec<String>), String> {
        let mut warnings = vec![];
        let set = ScoreSet { name: "dev".into(), scores, ..ScoreSet::default() };
        fuse_frames(&set, Fusion::Mean, &mut warnings).map(|s| (s.scores, warnings)).map_err(|e| e.to_string())
    }

    #[test]
    fn a_video_is_the_mean_of_its_frames_wherever_they_stand() {
        let rows = vec![row("b", "", 1.0), row("a", "print", 0.5), row("b", "", 2.0), row("b", "", 6.0)];
        let (scores, warnings) = averaged(rows).unwrap();
        let expected = [row("b", "", 3.0), row("a", "print", 0.5)].map(|s| Score { frame: String::new(), ..s });
        assert_eq!(scores, expected);
        assert!(warnings.is_empty());
    }

    #[test]
    fn median_and_max_of_a_video_in_either_polarity() {
        let fused = |rule, polarity, scores: &[f64]| {
            let scores = scores.iter().map(|&s| row("a", "", s)).collect();
            let set = ScoreSet { name: "dev".into(), polarity, scores, ..ScoreSet::default() };
            fuse_frames(&set, rule, &mut vec![]).unwrap().scores[0].score
        };
        assert_eq!(fused(Fusion::Median, Polarity::LiveHigh, &[9.0, 1.0, 2.0]), 2.0);
        assert_eq!(fused(Fusion::Median, Polarity::LiveHigh, &[9.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(fused(Fusion::Max, Polarity::LiveHigh, &[9.0, 1.0, 2.0]), 1.0);
        assert_eq!(fused(Fusion::Max, Polarity::SpoofHigh, &[-9.0, -1.0, -2.0]), -1.0);
        for rule in ["mean", "median", "max"] {
            assert_eq!(rule.parse::<Fusion>().unwrap().to_string(), rule);
        }
        assert!("sum".parse::<Fusion>().unwrap_err().to_string().contains("none of mean"));
    }

    #[test]
    fn one_name_for_two_things_is_refused() {
        let mixed = averaged(vec![row("a", "", 1.0), row("a", "print", 0.5)]).unwrap_err();
        assert!(mixed.contains("'a'") && mixed.contains("bona fide") && mixed.contains("'print'"), "{mixed}");
        assert!(averaged(vec![row("a", "mask", 1.0), row("a", "print", 0.5)]).is_err());
        let nameless = averaged(vec![row("", "", 1.0)]).unwrap_err();
        assert!(nameless.contains("test_label") && nameless.contains("level frame"), "{nameless}");
        assert!(averaged(vec![row("a", "", 1e308), row("a", "", 1e308)]).unwrap_err().contains("too large"));
    }

    #[test]
    fn two_subjects_under_one_name_are_reported_once() {
        let other = Score { claimed_id: "2".into(), ..row("a", "", 3.0) };
        let (scores, warnings) = averaged(vec![row("a", "", 1.0), other.clone(), other]).unwrap();
        assert_eq!((scores.len(), warnings.len()), (1, 1));
        assert!(warnings[0].contains("'1'") && warnings[0].contains("'2'"), "{}", warnings[0]);
    }
}
