//! Whether a folder is one of the six original sets as it is distributed, or holds several of them: videos under the
//! original names.

use std::collections::BTreeMap;

use crate::data::SetName;

use super::origin;
use super::tree::Tree;

/// Share of the videos that must have original names.
const MOST: f64 = 0.5;

/// The sets, with the number of videos of each; `None` if videos have other names or there are none.
pub fn sets(tree: &Tree) -> Option<Vec<(SetName, usize)>> {
    let mut counts: BTreeMap<SetName, usize> = BTreeMap::new();
    let mut all = 0;
    for video in tree.videos() {
        all += 1;
        if let Some(set) = origin::say(video).set {
            *counts.entry(set).or_default() += 1;
        }
    }
    let named: usize = counts.values().sum();
    // A few videos of another set that happen to fit are not worth a word.
    let sets: Vec<_> = counts.into_iter().filter(|(_, n)| n * 50 >= named).collect();
    (named > 0 && named as f64 >= MOST * f64::from(all)).then_some(sets)
}
