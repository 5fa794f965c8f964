//! Frames and videos. A video's score is the mean over the frames of one `test_label`; everything after this works on
//! one row a presentation, whichever level was chosen.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::EvalError;
use super::scores::{Score, ScoreSet};

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

/// One row a video, in order of first appearance, each with the mean score and no frame number. Fails when a row has
/// no `test_label`, or when one `test_label` stands for both classes or for two species. A `test_label` with two
/// subjects is averaged all the same, with a sentence in `warnings`: it is the sign of file names that were cut short.
pub fn average_frames(set: &ScoreSet, warnings: &mut Vec<String>) -> Result<ScoreSet, EvalError> {
    if !set.names_clips() {
        let what = "not every row names its video (test_label), so frames cannot be averaged; use the level frame";
        return Err(EvalError::set(&set.name, what));
    }
    let mut place: HashMap<&str, usize> = HashMap::new();
    let mut clips: Vec<(Score, f64)> = vec![];
    let mut reported = false;
    for s in &set.scores {
        let at = *place.entry(&s.test_label).or_insert(clips.len());
        let Some((clip, frames)) = clips.get_mut(at) else {
            clips.push((Score { frame: String::new(), ..s.clone() }, 1.0));
            continue;
        };
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
                "{}: video '{}' has frames of '{}' and of '{}'; they were averaged, but two videos may share one name",
                set.name, s.test_label, clip.claimed_id, s.claimed_id
            ));
        }
        let sum = clip.score + s.score;
        clip.score = sum;
        *frames += 1.0;
        if !sum.is_finite() {
            let what = format!("the scores of video '{}' are too large to average; scale them down", s.test_label);
            return Err(EvalError::set(&set.name, what));
        }
    }
    let scores = clips.into_iter().map(|(s, frames)| Score { score: s.score / frames, ..s }).collect();
    Ok(ScoreSet { name: set.name.clone(), polarity: set.polarity, scores })
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
        average_frames(&set, &mut warnings).map(|s| (s.scores, warnings)).map_err(|e| e.to_string())
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
