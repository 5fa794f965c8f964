//! Rows without a score. bob writes NaN where a face could not be acquired, pandas an empty field; whether these count is
//! a choice that moves every rate, so files that have them are refused until it is made.

use std::str::FromStr;

use super::EvalError;
use super::scores::{Score, ScoreSet};

/// What happens to rows whose score is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingScores {
    /// The file is refused with the line of the first of them.
    #[default]
    Refuse,
    /// They are left out, infinite scores too.
    Drop,
    /// A presentation without any score counts as rejected under any threshold: an error if live, a detected attack if
    /// not. Infinite scores are refused: they are on one side or the other.
    Reject,
}

impl FromStr for MissingScores {
    type Err = EvalError;

    fn from_str(text: &str) -> Result<Self, EvalError> {
        match text {
            "drop" => Ok(Self::Drop),
            "reject" => Ok(Self::Reject),
            _ => Err(EvalError::Request(format!("unknown --missing-scores '{text}'; expected drop or reject"))),
        }
    }
}

impl MissingScores {
    /// A score from its text; NaN where there is none and rows without are let in.
    pub(super) fn number(self, text: &str) -> Result<f64, String> {
        let text = text.trim();
        let advice =
            "find out why the detector gave no number, or pass --missing-scores drop or reject to `metafas metrics`";
        match text.parse::<f64>() {
            Ok(x) if x.is_finite() => Ok(x),
            Ok(x) if x.is_nan() && self == Self::Refuse => Err(format!("the score is NaN; {advice}")),
            Ok(x) if x.is_nan() => Ok(f64::NAN),
            Ok(x) if self == Self::Drop => Ok(x),
            Ok(x) => Err(format!(
                "the score is {x}; write a finite number beyond all others, or find out why the detector gave no number"
            )),
            Err(_) if text.is_empty() && self != Self::Refuse => Ok(f64::NAN),
            Err(_) if text.is_empty() => Err(format!("'' is not a number; {advice}")),
            Err(_) => Err(format!("'{text}' is not a number; write the score like 0.5")),
        }
    }

    /// Takes rows without a score out of `set`, and returns a sentence where there were some.
    pub(super) fn apply(self, set: &mut ScoreSet) -> Option<String> {
        let rows = set.scores.len();
        let (scored, missing): (Vec<Score>, Vec<Score>) =
            std::mem::take(&mut set.scores).into_iter().partition(|s| s.score.is_finite());
        set.scores = scored;
        if missing.is_empty() {
            return None;
        }
        let infinite = missing.iter().filter(|s| s.score.is_infinite()).count();
        let live = missing.iter().filter(|s| s.is_bonafide).count();
        let what = if infinite > 0 { format!("no finite score ({infinite} infinite)") } else { "no score".to_owned() };
        let attacks = missing.len() - live;
        let so = match self {
            Self::Reject => "a presentation without any score counts as rejected",
            Self::Refuse | Self::Drop => "they are left out",
        };
        let told =
            format!("{}: {} of {rows} rows ({live} live, {attacks} attack) have {what}; {so}", set.name, missing.len());
        if self == Self::Reject {
            set.rejected.extend(missing.into_iter().map(|s| Score { score: 0.0, ..s }));
        }
        Some(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::scores::Polarity;
    use crate::eval::{Fusion, fuse_frames};

    const HEAD: &str = "claimed_id,test_label,is_bonafide,attack_type,sample_n,score\n";

    fn read(rows: &str, missing: MissingScores) -> Result<(ScoreSet, Option<String>), String> {
        let text = format!("{HEAD}{rows}");
        ScoreSet::parse_with("f.csv", text.as_bytes(), Polarity::LiveHigh, missing).map_err(|e| e.to_string())
    }

    #[test]
    fn rows_without_a_score_are_refused_dropped_or_rejected() {
        let rows = "1,a,True,,0,0.9\n2,b,True,,0,nan\n3,c,False,print,0,\n4,d,False,print,0,0.1\n";
        let refused = read(rows, MissingScores::Refuse).unwrap_err();
        assert!(refused.contains("line 3") && refused.contains("--missing-scores"), "{refused}");
        let (dropped, told) = read(rows, MissingScores::Drop).unwrap();
        assert_eq!((dropped.scores.len(), dropped.rejected.len()), (2, 0));
        assert_eq!(told.unwrap(), "f.csv: 2 of 4 rows (1 live, 1 attack) have no score; they are left out");
        let (rejected, told) = read(rows, MissingScores::Reject).unwrap();
        assert_eq!((rejected.scores.len(), rejected.rejected.len()), (2, 2));
        assert!(told.unwrap().contains("counts as rejected"));
        assert!(read("1,a,True,,0,nan\n", MissingScores::Drop).unwrap_err().contains("no scores"));
    }

    #[test]
    fn infinite_scores_are_no_missing_ones() {
        let rows = "1,a,True,,0,inf\n4,d,False,print,0,0.1\n";
        assert!(read(rows, MissingScores::Refuse).unwrap_err().contains("line 2: the score is inf"));
        assert!(read(rows, MissingScores::Reject).unwrap_err().contains("line 2: the score is inf"));
        let (dropped, told) = read(rows, MissingScores::Drop).unwrap();
        assert!(dropped.scores.len() == 1 && told.unwrap().contains("no finite score (1 infinite)"));
    }

    #[test]
    fn a_video_is_rejected_only_where_no_frame_has_a_score() {
        let rows = "1,a,True,,0,nan\n1,a,True,,1,0.5\n1,b,True,,0,nan\n1,b,True,,1,nan\n4,d,False,print,0,0.1\n";
        let (set, _) = read(rows, MissingScores::Reject).unwrap();
        let fused = fuse_frames(&set, Fusion::Mean, &mut vec![]).unwrap();
        let labels = |rows: &[Score]| rows.iter().map(|s| s.test_label.clone()).collect::<Vec<_>>();
        assert_eq!((labels(&fused.scores), labels(&fused.rejected)), (vec!["a".into(), "d".into()], vec!["b".into()]));
        assert_eq!(set.rejected.len(), 3);
    }
}
