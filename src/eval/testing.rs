//! Small score sets for tests.

use proptest::prelude::*;

use super::ranked::Ranked;
use super::scores::{Score, ScoreSet};

/// Live-high scores as a set: `live`, then attacks by species.
pub(super) fn set(live: &[f64], attacks: &[(&str, f64)]) -> ScoreSet {
    let live = live.iter().map(|&score| Score { is_bonafide: true, score, ..Score::default() });
    let attacks = attacks.iter().map(|&(kind, score)| Score { attack_type: kind.into(), score, ..Score::default() });
    ScoreSet { name: "set".into(), scores: live.chain(attacks).collect(), ..ScoreSet::default() }
}

/// [`set`], sorted.
pub(super) fn ranked(live: &[f64], attacks: &[(&str, f64)]) -> Ranked {
    Ranked::new(&set(live, attacks))
}

/// Live scores and attack scores of up to three species, with many ties.
pub(super) fn labelled() -> impl Strategy<Value = (Vec<f64>, Vec<(&'static str, f64)>)> {
    let score = || (-6..6_i32).prop_map(|x| f64::from(x) / 4.0);
    let kind = prop::sample::select(vec!["a", "b", "c"]);
    (prop::collection::vec(score(), 1..12), prop::collection::vec((kind, score()), 1..12))
}
