//! Writing score files in the three forms that are read: bob's PAD table, four columns, two columns. What is written is
//! always live-high, numbers with as many digits as give the same f64 back.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;
use std::path::Path;
use std::str::FromStr;

use super::EvalError;
use super::scores::{Score, ScoreSet};

/// A form of score files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreForm {
    /// bob's PAD table: everything is kept.
    Bob,
    /// `claimed_id real_id test_label score`: the frame is lost.
    FourColumns,
    /// `1 score` and `-1 score`: only class and score are kept.
    TwoColumns,
}

impl fmt::Display for ScoreForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bob => "bob",
            Self::FourColumns => "4col",
            Self::TwoColumns => "2col",
        })
    }
}

impl FromStr for ScoreForm {
    type Err = EvalError;

    fn from_str(text: &str) -> Result<Self, EvalError> {
        match text {
            "bob" => Ok(Self::Bob),
            "4col" => Ok(Self::FourColumns),
            "2col" => Ok(Self::TwoColumns),
            _ => Err(EvalError::Request(format!("the form '{text}' is none of bob, 4col, 2col"))),
        }
    }
}

impl ScoreSet {
    /// Writes `form` into the file `path`, replacing what stands there. Nothing is written where a row does not fit the
    /// form: four columns need a subject and a video in every row, without blanks. Tells what the form cannot hold.
    pub fn save_as(&self, form: ScoreForm, path: &Path) -> Result<Vec<String>, EvalError> {
        let mut bytes = vec![];
        let lost = self.write_as(form, &mut bytes)?;
        crate::disk::replace_named(path, &bytes)
            .map_err(|source| EvalError::Io { file: path.display().to_string(), source })?;
        Ok(lost)
    }

    /// [`Self::save_as`] into `out`.
    pub fn write_as(&self, form: ScoreForm, mut out: impl Write) -> Result<Vec<String>, EvalError> {
        if form == ScoreForm::Bob {
            return self.write_bob(out).map(|()| vec![]);
        }
        for (at, row) in self.scores.iter().enumerate() {
            let fields = match form {
                ScoreForm::FourColumns => self.four(at, row)?,
                _ => (if row.is_bonafide { "1" } else { "-1" }).to_owned(),
            };
            if !row.score.is_finite() {
                return Err(self.row(at, row, &format!("has the score {}; only finite scores are kept", row.score)));
            }
            let line = writeln!(out, "{fields} {:?}", self.polarity.to_live_high(row.score));
            line.map_err(|source| EvalError::Io { file: self.name.clone(), source })?;
        }
        Ok(self.lost(form))
    }

    fn row(&self, at: usize, row: &Score, what: &str) -> EvalError {
        EvalError::set(&self.name, format!("row {} ('{}') {what}", at + 1, row.test_label))
    }

    fn four(&self, at: usize, row: &Score) -> Result<String, EvalError> {
        let real = if row.is_bonafide { row.claimed_id.as_str() } else { row.species() };
        for (name, text) in
            [("subject", row.claimed_id.as_str()), ("species", real), ("video", row.test_label.as_str())]
        {
            let wrong = if text.is_empty() {
                format!("names no {name}; four columns need one in every row: write bob or 2col")
            } else if text.contains(char::is_whitespace) || text.contains('\u{feff}') {
                format!("has the {name} '{text}' with a blank in it, which parts columns; rename it, or write bob")
            } else {
                continue;
            };
            return Err(self.row(at, row, &wrong));
        }
        if row.claimed_id.starts_with('#') {
            return Err(self.row(at, row, "has a subject that starts with #, which starts a comment; rename it"));
        }
        if !row.is_bonafide && real == row.claimed_id {
            let what =
                format!("has the subject and the species '{real}', which means bona fide in four columns; rename one");
            return Err(self.row(at, row, &what));
        }
        Ok(format!("{} {real} {}", row.claimed_id, row.test_label))
    }

    /// What `form` cannot hold of these rows, in words.
    fn lost(&self, form: ScoreForm) -> Vec<String> {
        let has = |of: fn(&Score) -> &str| self.scores.iter().any(|s| !of(s).is_empty());
        let mut lost: BTreeSet<&str> = BTreeSet::new();
        let mut note = |there: bool, what: &'static str| {
            if there {
                lost.insert(what);
            }
        };
        note(has(|s| &s.frame), "frame numbers");
        if form == ScoreForm::TwoColumns {
            note(has(|s| &s.claimed_id), "subjects");
            note(has(|s| &s.attack_type), "species");
            note(has(|s| &s.test_label), "videos");
        }
        note(!self.rejected.is_empty(), "what was rejected unseen");
        lost.into_iter().map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::eval::Polarity;

    fn any_row() -> impl Strategy<Value = Score> {
        let finite = any::<f64>().prop_filter("finite", |x| x.is_finite());
        let name = || "[a-zé0-9/,_.-]{1,6}";
        (name(), name(), "[A-Z]{1,4}", any::<bool>(), finite).prop_map(|(id, label, kind, live, score)| Score {
            claimed_id: id,
            test_label: label,
            frame: String::new(),
            attack_type: if live { String::new() } else { kind },
            is_bonafide: live,
            score: score + 0.0,
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(rows in prop::collection::vec(any_row(), 1..20), flip: bool) {
            let polarity = if flip { Polarity::SpoofHigh } else { Polarity::LiveHigh };
            let set = ScoreSet { name: "m".into(), polarity, scores: rows, ..ScoreSet::default() };
            for form in [ScoreForm::Bob, ScoreForm::FourColumns, ScoreForm::TwoColumns] {
                let mut bytes = vec![];
                let lost = set.write_as(form, &mut bytes).unwrap();
                let back = ScoreSet::parse("m", &bytes, Polarity::LiveHigh).unwrap();
                prop_assert_eq!(back.scores.len(), set.scores.len());
                for (a, b) in set.scores.iter().zip(&back.scores) {
                    prop_assert_eq!(polarity.to_live_high(a.score).to_bits(), b.score.to_bits());
                    prop_assert_eq!(a.is_bonafide, b.is_bonafide);
                    if form != ScoreForm::TwoColumns {
                        prop_assert_eq!(Score { score: 0.0, ..a.clone() }, Score { score: 0.0, ..b.clone() });
                    }
                }
                prop_assert_eq!(lost.is_empty(), form != ScoreForm::TwoColumns);
                // And once more, to the same bytes.
                let mut again = vec![];
                back.write_as(form, &mut again).unwrap();
                prop_assert_eq!(again, bytes);
            }
        }
    }

    fn one(row: Score) -> ScoreSet {
        ScoreSet { name: "dev".into(), scores: vec![row], ..ScoreSet::default() }
    }

    #[test]
    fn what_does_not_fit_four_columns_is_told_with_its_row() {
        let fine =
            Score { claimed_id: "7".into(), test_label: "v".into(), attack_type: "print".into(), ..Score::default() };
        let text = |row: &Score| {
            let mut bytes = vec![];
            one(row.clone())
                .write_as(ScoreForm::FourColumns, &mut bytes)
                .map(|lost| (String::from_utf8(bytes).unwrap(), lost))
        };
        assert_eq!(text(&fine).unwrap(), ("7 print v 0.0\n".to_owned(), vec![]));
        let frames = Score { frame: "3".into(), attack_type: String::new(), is_bonafide: true, ..fine.clone() };
        assert_eq!(text(&frames).unwrap(), ("7 7 v 0.0\n".to_owned(), vec!["frame numbers".to_owned()]));
        for (row, words) in [
            (Score { claimed_id: String::new(), ..fine.clone() }, "row 1 ('v') names no subject"),
            (Score { test_label: "a b".into(), ..fine.clone() }, "the video 'a b' with a blank"),
            (Score { attack_type: "7".into(), ..fine.clone() }, "means bona fide"),
            (Score { claimed_id: "#1".into(), ..fine.clone() }, "starts a comment"),
            (Score { score: f64::NAN, ..fine.clone() }, "NaN"),
        ] {
            let message = text(&row).unwrap_err().to_string();
            assert!(message.starts_with("dev: ") && message.contains(words), "{message}");
        }
    }

    #[test]
    fn two_columns_say_what_they_lose() {
        let row = Score {
            claimed_id: "7".into(),
            test_label: "v".into(),
            attack_type: "print".into(),
            score: 0.5,
            ..Score::default()
        };
        let mut bytes = vec![];
        let lost = one(row).write_as(ScoreForm::TwoColumns, &mut bytes).unwrap();
        assert_eq!(
            (bytes.as_slice(), lost),
            (&b"-1 0.5\n"[..], ["species", "subjects", "videos"].map(str::to_owned).to_vec())
        );
        assert!("csv".parse::<ScoreForm>().unwrap_err().to_string().contains("bob, 4col, 2col"));
    }
}
