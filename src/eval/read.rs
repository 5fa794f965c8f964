//! Reading score files. Three forms are recognised by their first line: bob's PAD table (CSV with a header), four
//! columns `claimed_id real_id test_label score` (bona fide when both identities agree, else `real_id` is the
//! species) and two columns `label score` with label 1 for bona fide and -1 for attacks. A byte order mark, CRLF, blank
//! lines and a missing final newline are fine; in the column forms lines that start with `#` are comments.

use std::path::Path;

use super::EvalError;
use super::missing::MissingScores;
use super::scores::{Polarity, Score, ScoreSet};

const FORMS: &str = "a score file is bob's CSV with the header \
     claimed_id,test_label,is_bonafide,attack_type,sample_n,score, or has 4 columns (claimed_id real_id test_label \
     score) or 2 columns (1 or -1, score) separated by blanks";

impl ScoreSet {
    /// Reads the score file `path`, whose scores are in `polarity`.
    pub fn read(path: &Path, polarity: Polarity) -> Result<Self, EvalError> {
        Self::read_with(path, polarity, MissingScores::Refuse).map(|(set, _)| set)
    }

    /// [`Self::read`] for files whose rows may lack a score, with a sentence where some do.
    pub fn read_with(
        path: &Path,
        polarity: Polarity,
        missing: MissingScores,
    ) -> Result<(Self, Option<String>), EvalError> {
        let name = path.display().to_string();
        match crate::disk::read(path, crate::disk::LARGEST_LIST) {
            Ok(bytes) => Self::parse_with(&name, &bytes, polarity, missing),
            Err(source) => Err(EvalError::Io { file: name, source }),
        }
    }

    /// Reads a score file that is already in memory; `name` stands in messages.
    pub fn parse(name: &str, bytes: &[u8], polarity: Polarity) -> Result<Self, EvalError> {
        Self::parse_with(name, bytes, polarity, MissingScores::Refuse).map(|(set, _)| set)
    }

    /// [`Self::parse`] for files whose rows may lack a score, with a sentence where some do.
    pub fn parse_with(
        name: &str,
        bytes: &[u8],
        polarity: Polarity,
        missing: MissingScores,
    ) -> Result<(Self, Option<String>), EvalError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let line = bytes[..e.valid_up_to()].split(|&b| b == b'\n').count();
            at(name, line as u64, "this is not UTF-8 text; save the scores as plain UTF-8 text")
        })?;
        let mut lines = text.lines().enumerate().map(|(i, l)| (i as u64 + 1, l.trim()));
        let first = lines.find(|(_, l)| !l.is_empty() && !l.starts_with('#'));
        let Some((number, first)) = first else {
            return Err(EvalError::set(name, format!("there are no scores in it; {FORMS}")));
        };
        let fields: Vec<&str> = first.split_whitespace().collect();
        let ends_in_number = fields.last().is_some_and(|f| f.parse::<f64>().is_ok());
        let scores = match fields.len() {
            _ if first.contains(',') && !ends_in_number => read_csv(name, text, missing)?,
            4 => read_columns(name, text, |fields| four_columns(fields, missing))?,
            2 => read_columns(name, text, |fields| two_columns(fields, missing))?,
            n => return Err(at(name, number, &format!("{n} columns are not a form that is known; {FORMS}"))),
        };
        if scores.is_empty() {
            return Err(EvalError::set(
                name,
                "there is a header but no scores; check that the run that wrote it finished",
            ));
        }
        let mut set = Self { name: name.to_owned(), polarity, scores, rejected: vec![] };
        let told = missing.apply(&mut set);
        if set.scores.is_empty() {
            return Err(EvalError::set(name, "there are no scores in it: every row lacks one; check the detector"));
        }
        Ok((set, told))
    }
}

fn at(file: &str, line: u64, what: &str) -> EvalError {
    EvalError::Line { file: file.to_owned(), line, what: what.to_owned() }
}

fn read_columns(
    name: &str,
    text: &str,
    parse: impl Fn(&[&str]) -> Result<Score, String>,
) -> Result<Vec<Score>, EvalError> {
    let mut scores = vec![];
    for (i, line) in text.lines().enumerate() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        if fields.first().is_some_and(|f| !f.starts_with('#')) {
            scores.push(parse(&fields).map_err(|what| at(name, i as u64 + 1, &what))?);
        }
    }
    Ok(scores)
}

fn four_columns(fields: &[&str], missing: MissingScores) -> Result<Score, String> {
    let &[claimed, real, label, score] = fields else {
        return Err(format!("{} columns where the first row has 4; names must not hold blanks", fields.len()));
    };
    Ok(Score {
        claimed_id: claimed.to_owned(),
        test_label: label.to_owned(),
        frame: String::new(),
        attack_type: if claimed == real { String::new() } else { real.to_owned() },
        is_bonafide: claimed == real,
        score: missing.number(score)?,
    })
}

fn two_columns(fields: &[&str], missing: MissingScores) -> Result<Score, String> {
    let &[label, score] = fields else {
        return Err(format!("{} columns where the first row has 2", fields.len()));
    };
    let is_bonafide = match label.parse::<f64>() {
        Ok(1.0) => true,
        Ok(-1.0) => false,
        _ => return Err(format!("the label is '{label}'; write 1 for bona fide and -1 for attacks, then the score")),
    };
    Ok(Score { is_bonafide, score: missing.number(score)?, ..Score::default() })
}

fn read_csv(name: &str, text: &str, missing: MissingScores) -> Result<Vec<Score>, EvalError> {
    let mut table = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let broken = |e: csv::Error| {
        let line = e.position().map_or(1, csv::Position::line);
        at(name, line, &format!("{e}; write the table again"))
    };
    let header = table.headers().map_err(broken)?.clone();
    let column = |wanted: &str| header.iter().position(|h| h.trim().eq_ignore_ascii_case(wanted));
    let lacks = |wanted: &str| at(name, 1, &format!("the header has no column '{wanted}'; {FORMS}"));
    let score_at = column("score").ok_or_else(|| lacks("score"))?;
    let live_at = column("is_bonafide").ok_or_else(|| lacks("is_bonafide"))?;
    let [id_at, label_at, kind_at, frame_at] = ["claimed_id", "test_label", "attack_type", "sample_n"].map(column);
    let mut scores = vec![];
    for record in table.records() {
        let record = record.map_err(broken)?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != header.len() {
            let what = format!(
                "{} fields where the header has {}; put names with commas in quotes",
                record.len(),
                header.len()
            );
            return Err(at(name, line, &what));
        }
        let text_at = |i: Option<usize>| i.map_or_else(String::new, |i| record[i].to_owned());
        let is_bonafide = match record[live_at].trim().to_ascii_lowercase().as_str() {
            "true" | "1" => true,
            "false" | "0" => false,
            other => return Err(at(name, line, &format!("is_bonafide is '{other}'; write True or False"))),
        };
        scores.push(Score {
            claimed_id: text_at(id_at),
            test_label: text_at(label_at),
            frame: text_at(frame_at),
            attack_type: if is_bonafide { String::new() } else { text_at(kind_at) },
            is_bonafide,
            score: missing.number(&record[score_at]).map_err(|what| at(name, line, &what))?,
        });
    }
    Ok(scores)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOB: &str = "claimed_id,test_label,is_bonafide,attack_type,sample_n,score\n";

    fn parse(text: &str) -> Result<ScoreSet, EvalError> {
        ScoreSet::parse("f.csv", text.as_bytes(), Polarity::LiveHigh)
    }

    fn refusal(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn bobs_table_with_byte_order_mark_crlf_and_no_final_newline() {
        let text =
            format!("\u{feff}{BOB}5,5/real,True,,0,0.25\n5,\"5,print\",False,print,1,-1e-3").replace('\n', "\r\n");
        let set = parse(&text).unwrap();
        let live = Score {
            claimed_id: "5".into(),
            test_label: "5/real".into(),
            frame: "0".into(),
            attack_type: String::new(),
            is_bonafide: true,
            score: 0.25,
        };
        assert_eq!(set.scores[0], live);
        assert_eq!((set.scores[1].test_label.as_str(), set.scores[1].species()), ("5,print", "print"));
        assert_eq!((set.scores[1].score, set.names_clips()), (-0.001, true));
    }

    #[test]
    fn columns_are_found_by_name_and_unneeded_ones_may_be_missing() {
        let set = parse("score,extra,IS_BONAFIDE\n0.5,x,false\n1,y,1\n").unwrap();
        assert_eq!(set.scores.iter().map(|s| s.is_bonafide).collect::<Vec<_>>(), [false, true]);
        assert_eq!((set.scores[0].species(), set.names_clips()), ("attack", false));
    }

    #[test]
    fn four_columns_name_the_species_in_the_second() {
        let set = parse("# comment\n\n5 5 real,a 0.5\r\n5 print print/a -0.5").unwrap();
        assert!(set.scores[0].is_bonafide && set.scores[0].attack_type.is_empty());
        assert_eq!((set.scores[1].is_bonafide, set.scores[1].species()), (false, "print"));
        assert_eq!((set.scores[1].claimed_id.as_str(), set.scores[1].test_label.as_str()), ("5", "print/a"));
    }

    #[test]
    fn two_columns_are_label_and_score() {
        let set = parse("1 0.5\n-1\t0.25\n+1 3e-1\n-1.0 0\n").unwrap();
        assert_eq!(set.scores.iter().map(|s| s.is_bonafide).collect::<Vec<_>>(), [true, false, true, false]);
        assert_eq!(set.scores.iter().map(|s| s.score).collect::<Vec<_>>(), [0.5, 0.25, 0.3, 0.0]);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_file_and_line() {
        let rows = [
            (format!("{BOB}1,a,True,,0,nan\n"), "line 2: the score is NaN"),
            (format!("{BOB}1,a,True,,0,0.5\n1,b,True,,0,-inf\n"), "line 3: the score is -inf"),
            (format!("{BOB}1,a,True,,0,1e999\n"), "line 2: the score is inf"),
            (format!("{BOB}1,a,True,,0,\n"), "line 2: '' is not a number"),
            (format!("{BOB}1,a,maybe,,0,1\n"), "line 2: is_bonafide is 'maybe'"),
            (format!("{BOB}1,a,True,0,1\n"), "line 2: 5 fields where the header has 6"),
            (BOB.to_owned(), "no scores"),
            (String::new(), "no scores"),
            ("a,b,c\n1,2,3\n".to_owned(), "no column 'score'"),
            ("score,b\n1,2\n".to_owned(), "no column 'is_bonafide'"),
            ("1 2 3\n".to_owned(), "line 1: 3 columns"),
            ("1 0.5\n0 0.5\n".to_owned(), "line 2: the label is '0'"),
            ("1 0.5\n\n-1 NaN\n".to_owned(), "line 3: the score is NaN"),
            ("a a b 0.5\na a b\n".to_owned(), "line 2: 3 columns where the first row has 4"),
            ("a a b 0,5\n".to_owned(), "no column 'score'"),
        ];
        for (text, expected) in rows {
            let message = refusal(&text);
            assert!(message.starts_with("f.csv") && message.contains(expected), "{message:?} lacks {expected:?}");
        }
        let latin = ScoreSet::parse("f.csv", b"1 0.5\n\xe9 1\n", Polarity::LiveHigh).unwrap_err().to_string();
        assert!(latin.starts_with("f.csv, line 2: this is not UTF-8"), "{latin}");
        let gone = ScoreSet::read(Path::new("/nowhere/at/all.csv"), Polarity::LiveHigh).unwrap_err().to_string();
        assert!(gone.starts_with("/nowhere/at/all.csv"), "{gone}");
    }
}
