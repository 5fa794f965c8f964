//! Whether the set a threshold was chosen on holds rows of the test set, told by what the rows say and not by where
//! they are stored: in another order, a copy under another name, a part of them, or numbers written with fewer digits. A
//! threshold that was chosen on test rows is an oracle, whatever its rule is called.
//!
//! Rows that name their video are the same where video, class and score agree. Where no named row agrees (a file of two
//! columns, or one whose videos were renamed) class and score alone decide, and only where chance cannot explain it:
//! scores that occur once in each set, or whole sets.

use std::collections::HashMap;

use super::scores::ScoreSet;

/// Scores that differ by less than this share of the test set's range may be one score written with fewer digits.
const ROUNDED: f64 = 1e-3;

/// Fewest rows for which agreement of nothing but class and score means something.
const FEWEST: usize = 4;

/// What two sets have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shared {
    /// Rows of the set the threshold was chosen on that are rows of the test set.
    pub rows: usize,
    /// Rows of that set.
    pub of: usize,
    /// Whether all rows of the test set are among them.
    pub whole_test: bool,
}

impl Shared {
    /// Whether the threshold counts as chosen on the test set: half of the rows it was chosen on, or all test rows.
    pub fn is_oracle(self) -> bool {
        self.whole_test || 2 * self.rows >= self.of
    }

    /// What to say of it.
    pub fn sentence(self, chosen_on: &str, test: &str) -> String {
        let Self { rows, of, whole_test } = self;
        let instead = "choose it on a separate development set";
        let percent = 100.0 * rows as f64 / of as f64;
        match (rows == of, whole_test) {
            (true, true) => format!(
                "{chosen_on} holds the same rows as {test}: the threshold was chosen with the test labels (oracle); {instead}"
            ),
            (true, false) => format!(
                "every row of {chosen_on} is a row of {test}: the threshold was chosen with test labels (oracle); {instead}"
            ),
            (false, true) => format!(
                "{chosen_on} holds every row of {test}, {rows} of its {of} rows ({percent:.0} %): the threshold was chosen \
                 with the test labels (oracle); {instead}"
            ),
            (false, false) if self.is_oracle() => format!(
                "{rows} of {of} rows of {chosen_on} ({percent:.0} %) are rows of {test}: the threshold was chosen with test \
                 labels (oracle); {instead}"
            ),
            (false, false) => format!(
                "{rows} of {of} rows of {chosen_on} ({percent:.1} %) are rows of {test}: the threshold was chosen partly \
                 with test labels; {instead}"
            ),
        }
    }
}

/// Live-high scores by video (or none) and class, each list ascending.
type Bags<'a> = HashMap<(&'a str, bool), Vec<f64>>;

fn bags(set: &ScoreSet, by_video: bool) -> Bags<'_> {
    let mut bags = Bags::new();
    for s in &set.scores {
        let video = if by_video { s.test_label.as_str() } else { "" };
        bags.entry((video, s.is_bonafide)).or_default().push(set.polarity.to_live_high(s.score));
    }
    for bag in bags.values_mut() {
        bag.sort_unstable_by(f64::total_cmp);
    }
    bags
}

/// How many pairs of ascending `a` and `b` lie within `tolerance` of each other, each value in one pair at most.
fn pairs(a: &[f64], b: &[f64], tolerance: f64) -> usize {
    let (mut i, mut j, mut count) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        if (x - y).abs() <= tolerance {
            count += 1;
            i += 1;
            j += 1;
        } else if x < y {
            i += 1;
        } else {
            j += 1;
        }
    }
    count
}

fn all_pairs(a: &Bags, b: &Bags, tolerance: f64) -> usize {
    a.iter().filter_map(|(key, bag)| b.get(key).map(|other| pairs(bag, other, tolerance))).sum()
}

/// Rows that `chosen_on` has in common with `test`; `None` where there are none.
pub(super) fn shared(chosen_on: &ScoreSet, test: &ScoreSet) -> Option<Shared> {
    let of = chosen_on.scores.len();
    let told = |rows: usize| Shared { rows, of, whole_test: rows == test.scores.len() };
    if chosen_on.names_clips() && test.names_clips() {
        let (a, b) = (bags(chosen_on, true), bags(test, true));
        let same_names: usize = a.iter().filter(|(key, _)| b.contains_key(*key)).map(|(_, bag)| bag.len()).sum();
        let rounded = all_pairs(&a, &b, ROUNDED * range(test));
        let exact = all_pairs(&a, &b, 0.0);
        // Sets that number their videos alike meet by chance now and then, above all in scores of few digits; copies
        // agree in most rows of the same name, copies with fewer digits in nearly all.
        let rows = if rounded >= FEWEST && 10 * rounded >= 9 * same_names {
            rounded
        } else if 2 * exact >= same_names {
            exact
        } else {
            all_pairs(&telling(a), &telling(b), 0.0)
        };
        if rows > 0 {
            return Some(told(rows));
        }
    }
    let (a, b) = (bags(chosen_on, false), bags(test, false));
    let rows = all_pairs(&a, &b, 0.0);
    let fewest = of.min(test.scores.len());
    if rows == of && rows == test.scores.len() && rows >= FEWEST {
        return Some(told(rows));
    }
    let mostly_distinct = |bags: &Bags, rows: usize| 2 * bags.values().map(|bag| distinct(bag)).sum::<usize>() >= rows;
    if rows == fewest && rows >= FEWEST && mostly_distinct(&a, of) && mostly_distinct(&b, test.scores.len()) {
        return Some(told(rows));
    }
    let rows = all_pairs(&telling(single(a)), &telling(single(b)), 0.0);
    (rows >= FEWEST && 20 * rows >= fewest).then(|| told(rows))
}

/// From the least to the greatest score.
fn range(set: &ScoreSet) -> f64 {
    let ends = set.scores.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), s| (a.min(s.score), b.max(s.score)));
    (ends.1 - ends.0).max(0.0)
}

fn distinct(ascending: &[f64]) -> usize {
    ascending.chunk_by(|a, b| a == b).count()
}

/// Scores that occur once in their bag.
fn single(bags: Bags) -> Bags {
    let once = |bag: Vec<f64>| bag.chunk_by(|a, b| a == b).filter(|run| run.len() == 1).map(|run| run[0]).collect();
    bags.into_iter().map(|(key, bag)| (key, once(bag))).collect()
}

/// Scores with four digits or more, which two sets do not share by chance.
fn telling(mut bags: Bags) -> Bags {
    let digits = |x: f64| format!("{x:e}").bytes().take_while(|&c| c != b'e').filter(u8::is_ascii_digit).count();
    for bag in bags.values_mut() {
        bag.retain(|&x| digits(x) >= 4);
    }
    bags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::scores::{Polarity, Score};

    /// Rows of `count` videos whose scores have many digits.
    fn rows(count: usize, seed: f64) -> Vec<Score> {
        let row = |i: usize| Score {
            claimed_id: (i % 7).to_string(),
            test_label: format!("clip{i}"),
            is_bonafide: i.is_multiple_of(2),
            score: ((i as f64 + 1.0) * seed).sin() + if i.is_multiple_of(2) { 1.0 } else { 0.0 },
            ..Score::default()
        };
        (0..count).map(row).collect()
    }

    fn set(scores: Vec<Score>) -> ScoreSet {
        ScoreSet { name: "set".into(), scores, ..ScoreSet::default() }
    }

    fn nameless(scores: Vec<Score>) -> ScoreSet {
        set(scores.into_iter().map(|s| Score { claimed_id: String::new(), test_label: String::new(), ..s }).collect())
    }

    fn with_digits(scores: Vec<Score>, digits: usize) -> Vec<Score> {
        scores.into_iter().map(|s| Score { score: format!("{:.digits$}", s.score).parse().unwrap(), ..s }).collect()
    }

    #[test]
    fn copies_in_any_form() {
        let test = set(rows(40, 1.3));
        let reversed: Vec<Score> = rows(40, 1.3).into_iter().rev().collect();
        let whole = Some(Shared { rows: 40, of: 40, whole_test: true });
        assert_eq!(shared(&test, &test), whole);
        assert_eq!(shared(&set(reversed.clone()), &test), whole);
        assert_eq!(shared(&set(with_digits(reversed.clone(), 4)), &test), whole, "fewer digits");
        assert_eq!(shared(&nameless(reversed.clone()), &test), whole, "two columns");
        let negated = reversed.iter().map(|s| Score { score: -s.score, ..s.clone() }).collect();
        let flipped = ScoreSet { polarity: Polarity::SpoofHigh, ..set(negated) };
        assert_eq!(shared(&flipped, &test), whole, "the other polarity");
        let renamed = reversed.into_iter().map(|s| Score { test_label: format!("x{}", s.test_label), ..s }).collect();
        assert_eq!(shared(&set(renamed), &test), whole, "other names");
        assert!(whole.is_some_and(|w| w.is_oracle() && w.sentence("dev", "test").contains("oracle")));
    }

    #[test]
    fn parts_are_told_with_their_share() {
        let test = set(rows(40, 1.3));
        let half = shared(&set(rows(20, 1.3)), &test).unwrap();
        assert_eq!(half, Shared { rows: 20, of: 20, whole_test: false });
        assert!(half.is_oracle() && half.sentence("dev", "test").starts_with("every row of dev"));
        let more = shared(&set([rows(40, 1.3), rows(90, 2.71)].concat()), &test).unwrap();
        assert!(more.is_oracle() && more.whole_test);
        for mixed in [set([rows(10, 1.3), rows(90, 2.71)].concat()), nameless([rows(10, 1.3), rows(90, 2.71)].concat())]
        {
            let some = shared(&mixed, &test).unwrap();
            assert_eq!((some.rows, some.of, some.is_oracle()), (10, 100, false));
            assert!(some.sentence("dev", "test").contains("10 of 100 rows of dev (10.0 %)"));
        }
    }

    #[test]
    fn chance_is_not_taken_for_a_copy() {
        // Videos that are numbered alike, with other scores.
        assert_eq!(shared(&set(rows(40, 2.71)), &set(rows(40, 1.3))), None);
        // Scores of one digit have many values in common.
        let coarse = |count, seed| nameless(with_digits(rows(count, seed), 1));
        assert_eq!(shared(&coarse(90, 2.71), &coarse(200, 1.3)), None);
        assert_eq!(shared(&coarse(20, 2.71), &coarse(400, 1.3)), None);
        assert!(shared(&coarse(200, 1.3), &coarse(200, 1.3)).is_some_and(|s| s.whole_test));
    }
}
