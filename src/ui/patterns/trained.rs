//! What detectors came to that were trained on each of the maps: Meta Pattern Table I, filled by the sessions there are.

use std::path::PathBuf;
use std::sync::Arc;

use crate::config::{Network, Pattern};
use crate::eval::Spread;
use crate::sweep::{Shelved, alike, counted, differences, rate_over, reported};

/// Runs of HFN that saw the same pattern under one protocol, and differ in their seeds alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// The protocol, as settings name it; the data's name where they are the user's own.
    pub protocol: String,
    /// What the second stream saw.
    pub pattern: Pattern,
    /// HTER over the runs, 0 to 1.
    pub hter: Option<Spread>,
    /// Area under the ROC curve over the runs, 0 to 1.
    pub auc: Option<Spread>,
    /// Whether any of them was on rendered faces.
    pub synthetic: bool,
    /// Whether any threshold was chosen with the labels of the test part.
    pub oracle: bool,
    /// Settings that tell it from other runs of this pattern and protocol, as `key value`.
    pub apart: Vec<String>,
    /// What the paper reports in its place: HTER and AUC as printed, in per cent.
    pub paper: Option<(String, String)>,
    /// The sessions.
    pub folders: Vec<PathBuf>,
}

/// All of them, by protocol and then as Table I lists the patterns.
pub fn trained(sessions: &[Arc<Shelved>]) -> Vec<Trained> {
    let scored = sessions.iter().filter(|s| s.config.detector.network == Network::Hfn && s.results.is_some());
    let groups = alike(scored, &["seed"]);
    let place = |s: &Shelved| (s.data_name(), order(s.config.meta_pattern.pattern));
    let mut all: Vec<Trained> = groups
        .iter()
        .map(|members| {
            let first = members[0];
            let members = &counted(members).runs;
            let beside: Vec<&Shelved> = groups.iter().map(|g| &**g[0]).filter(|s| place(s) == place(first)).collect();
            let own =
                |(key, _): (String, Vec<String>)| (key != "seed").then(|| format!("{key} {}", first.setting(&key)));
            let paper = reported(first).into_iter().find(|r| r.paper.key == "meta_pattern");
            Trained {
                protocol: first.data_name(),
                pattern: first.config.meta_pattern.pattern,
                hter: rate_over(members, "hter"),
                auc: rate_over(members, "auc"),
                synthetic: members.iter().any(|s| s.is_synthetic()),
                oracle: members.iter().any(|s| s.is_oracle()),
                apart: differences(&beside).into_iter().filter_map(own).collect(),
                paper: paper.and_then(|r| Some((r.cell("hter")?.to_owned(), r.cell("auc")?.to_owned()))),
                folders: members.iter().map(|s| s.folder.clone()).collect(),
            }
        })
        .collect();
    all.sort_by_key(|t| (t.protocol.clone(), order(t.pattern)));
    all
}

/// As Table I lists them: made by hand first.
fn order(pattern: Pattern) -> usize {
    Pattern::ALL.iter().position(|&p| p == pattern).map_or(0, |at| if pattern == Pattern::Mp { usize::MAX } else { at })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;
    use crate::config::{Preset, load};
    use crate::session::{Provenance, Session};
    use crate::sweep::Shelf;

    fn session(root: &Path, name: &str, sets: &[(&str, &str)], hter: f64) {
        let base =
            [("detector.network", "hfn"), ("detector.supervision", "binary_map"), ("data.protocol", "mico/OMI-C")];
        let sets: Vec<(String, String)> =
            base.iter().chain(sets).map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let config = load(Preset::Demo, None, &sets).unwrap();
        let provenance = Provenance { origin: "synthetic".to_owned(), ..Provenance::default() };
        let session = Session::create(&root.join(name), &config, &provenance).unwrap();
        std::fs::create_dir_all(session.scores()).unwrap();
        let results = json!({ "hter": hter, "auc": 1.0 - hter, "oracle": false });
        std::fs::write(session.results_file(), results.to_string()).unwrap();
    }

    #[test]
    fn runs_of_one_pattern_are_averaged_over_seeds_and_stand_beside_the_papers() {
        let dir = tempfile::tempdir().unwrap();
        session(dir.path(), "mp", &[], 0.5);
        session(dir.path(), "a", &[("meta_pattern.pattern", "color_lbp"), ("seed", "0")], 0.2);
        session(dir.path(), "b", &[("meta_pattern.pattern", "color_lbp"), ("seed", "1")], 0.4);
        session(dir.path(), "c", &[("meta_pattern.pattern", "color_lbp"), ("detector.iterations", "7")], 0.1);
        session(dir.path(), "other", &[("detector.network", "fas_dr"), ("detector.supervision", "depth")], 0.0);
        let all = trained(&Shelf::default().look(&[dir.path().to_owned()]).sessions);
        let told: Vec<(Pattern, usize)> = all.iter().map(|t| (t.pattern, t.folders.len())).collect();
        assert_eq!(told, [(Pattern::ColorLbp, 2), (Pattern::ColorLbp, 1), (Pattern::Mp, 1)]);
        assert!((all[0].hter.unwrap().mean - 0.3).abs() < 1e-12 && all[0].hter.unwrap().interval.is_some());
        assert!(all[0].synthetic && !all[0].oracle);
        assert_eq!(all[0].paper, Some(("18.44".to_owned(), "88.72".to_owned())));
        assert_eq!(all[1].apart, ["detector.iterations 7"]);
        assert_eq!(all[2].paper, Some(("9.11".to_owned(), "96.09".to_owned())));
        assert!(all[2].apart.is_empty());
    }
}
