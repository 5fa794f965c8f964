//! Rows that stand in a score file twice. A repeated row counts again, at level frame as a presentation and at level
//! video in the mean, so it is told; it is not dropped, since frame numbers that are all 0 look the same.

use std::collections::HashMap;

use super::scores::{Score, ScoreSet};

impl ScoreSet {
    /// A sentence where rows share subject, video and frame number with an earlier one; in files without frame numbers,
    /// where every row stands as often as every other and more than once.
    pub fn repeats(&self) -> Option<String> {
        type Key<'a> = (&'a str, &'a str, &'a str);
        let mut framed: HashMap<Key<'_>, usize> = HashMap::new();
        let mut unframed: HashMap<(Key<'_>, bool, u64), usize> = HashMap::new();
        for row in self.scores.iter().filter(|row| !row.test_label.is_empty()) {
            let Score { claimed_id, test_label, frame, attack_type, is_bonafide, score } = row;
            if frame.is_empty() {
                let whole = ((claimed_id.as_str(), test_label.as_str(), attack_type.as_str()), *is_bonafide);
                *unframed.entry((whole.0, whole.1, (score + 0.0).to_bits())).or_default() += 1;
            } else {
                *framed.entry((claimed_id, test_label, frame)).or_default() += 1;
            }
        }
        let again: usize = framed.values().map(|count| count - 1).sum();
        let what = "counted again; remove them if they are copies";
        if again > 0 {
            let rows = if again == 1 { "1 row repeats" } else { &format!("{again} rows repeat") };
            return Some(format!(
                "{}: {rows} the claimed_id, test_label and sample_n of another row and are {what}",
                self.name
            ));
        }
        // Frames without numbers may have equal scores; all of them doubled is a file that was joined to itself.
        let least = unframed.values().min().copied().unwrap_or(0);
        (least > 1)
            .then(|| format!("{}: every row stands {least} times or more; the repeated rows are {what}", self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(label: &str, frame: &str, score: f64) -> Score {
        Score { claimed_id: "1".into(), test_label: label.into(), frame: frame.into(), score, ..Score::default() }
    }

    fn told(scores: Vec<Score>) -> Option<String> {
        ScoreSet { name: "dev".into(), scores, ..ScoreSet::default() }.repeats()
    }

    #[test]
    fn rows_of_one_frame_are_told() {
        let told = told(vec![row("a", "0", 1.0), row("a", "1", 1.0), row("a", "0", 1.0), row("a", "0", 2.0)]).unwrap();
        assert!(told.starts_with("dev: 2 rows repeat"), "{told}");
    }

    #[test]
    fn frames_without_numbers_are_told_when_all_are_doubled() {
        let rows = vec![row("a", "", 1.0), row("a", "", 1.0), row("b", "", 0.5)];
        assert_eq!(told(rows.clone()), None);
        assert!(told([rows.clone(), rows].concat()).unwrap().contains("every row stands 2 times"));
        assert_eq!(told(vec![row("", "", 1.0), row("", "", 1.0)]), None);
    }
}
