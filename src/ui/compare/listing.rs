//! The list of sessions: what of each is shown in which column, sorted and filtered.

use std::path::PathBuf;
use std::sync::Arc;

use crate::sweep::Shelved;

/// A column of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum SortBy {
    /// The folder's name.
    #[default]
    Name,
    /// Detector and what it learns from.
    Method,
    /// Protocol.
    Protocol,
    /// Seed.
    Seed,
    /// What it is doing.
    State,
    /// Area under the ROC curve.
    Auc,
    /// Half total error rate.
    Hter,
    /// ACER of the worst species.
    Acer,
}

impl SortBy {
    /// All columns, in order.
    pub const ALL: [Self; 8] =
        [Self::Name, Self::Method, Self::Protocol, Self::Seed, Self::State, Self::Auc, Self::Hter, Self::Acer];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Name => "Session",
            Self::Method => "Method",
            Self::Protocol => "Protocol",
            Self::Seed => "Seed",
            Self::State => "State",
            Self::Auc => "AUC %",
            Self::Hter => "HTER %",
            Self::Acer => "ACER %",
        }
    }

    /// What it is, in a sentence.
    pub fn help(self) -> &'static str {
        match self {
            Self::Name => "The session's folder, as seen from where it was found",
            Self::Method => "The detector and what it learns from",
            Self::Protocol => "Who is trained, developed and tested on",
            Self::Seed => "What the run's random numbers begin with",
            Self::State => "What the run is doing",
            Self::Auc => "Area under the ROC curve of the test part",
            Self::Hter => "Half the sum of false acceptances and false rejections at the threshold",
            Self::Acer => "Half the sum of the worst species' APCER and BPCER at the threshold",
        }
    }

    /// The rate that it shows.
    fn rate(self) -> Option<&'static str> {
        match self {
            Self::Auc => Some("auc"),
            Self::Hter => Some("hter"),
            Self::Acer => Some("acer_max"),
            _ => None,
        }
    }

    /// Whether the best stands first when it falls.
    pub(super) fn falls(self) -> bool {
        self == Self::Auc
    }

    /// What stands in this column for `session`; empty where a rate is not known.
    pub fn text(self, session: &Shelved) -> String {
        match self {
            Self::Name => session.name.clone(),
            Self::Method => session.config.title(),
            Self::Protocol => session.data_name(),
            Self::Seed => session.config.seed.to_string(),
            Self::State => session.state().to_owned(),
            Self::Auc | Self::Hter | Self::Acer => {
                let rate = self.rate().and_then(|key| session.rate(key));
                rate.map_or_else(String::new, |v| format!("{:.1}", 100.0 * v))
            }
        }
    }
}

/// What a group of sessions is called beside others: method, protocol, and settings that are not those of all.
pub fn group_title(first: &Shelved, apart: &[(String, Vec<String>)], at: usize) -> String {
    let named = ["seed", "data.protocol", "detector.network", "detector.supervision"];
    let own = apart.iter().filter(|(key, _)| !named.contains(&key.as_str()));
    let own: Vec<String> = own.map(|(key, values)| format!("{key} {}", values[at])).collect();
    let more = if own.len() > 2 { ", …" } else { "" };
    let own: Vec<String> = own.into_iter().take(2).collect();
    let base = format!("{} on {}", first.config.title(), first.data_name());
    if own.is_empty() { base } else { format!("{base}, {}{more}", own.join(", ")) }
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The session.
    pub session: Arc<Shelved>,
    /// What stands in the columns, in the order of [`SortBy::ALL`].
    pub cells: [String; 8],
}

impl Listed {
    /// Its folder.
    pub fn folder(&self) -> &PathBuf {
        &self.session.folder
    }
}

/// The sessions that have every word of `filter` in a column or as a setting (`bilevel.gamma=0.9`), sorted; sessions
/// without a rate come last whichever way it is sorted.
pub fn listed(sessions: &[Arc<Shelved>], filter: &str, by: SortBy, reversed: bool) -> Vec<Listed> {
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    let of = |session: &Arc<Shelved>| Listed {
        session: Arc::clone(session),
        cells: SortBy::ALL.map(|column| column.text(session)),
    };
    let wanted = |line: &Listed| {
        words.iter().all(|word| match word.split_once('=') {
            Some((key, value)) => line.session.setting(key) == value,
            None => line.cells.iter().any(|cell| cell.to_lowercase().contains(word)),
        })
    };
    let mut all: Vec<Listed> = sessions.iter().map(of).filter(wanted).collect();
    if let Some(key) = by.rate() {
        let rate = |line: &Listed| line.session.rate(key);
        all.sort_by(|a, b| match (rate(a), rate(b)) {
            (Some(a), Some(b)) if reversed => b.total_cmp(&a),
            (Some(a), Some(b)) => a.total_cmp(&b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        });
        return all;
    }
    match by {
        SortBy::Seed => all.sort_by_key(|line| line.session.config.seed),
        _ => all.sort_by_key(|line| by.text(&line.session)),
    }
    if reversed {
        all.reverse();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::Shelf;

    #[test]
    fn sessions_are_found_by_words_and_settings_and_those_without_rates_come_last() {
        let dir = tempfile::tempdir().unwrap();
        let demo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/demo");
        for (name, seed, auc) in [("b", 3, Some("0.5")), ("a", 12, None), ("c", 1, Some("0.9"))] {
            let to = dir.path().join(name);
            std::fs::create_dir_all(to.join("scores")).unwrap();
            let run = std::fs::read_to_string(demo.join("run.toml")).unwrap();
            std::fs::write(to.join("run.toml"), run.replacen("seed = 0", &format!("seed = {seed}"), 1)).unwrap();
            if let Some(auc) = auc {
                std::fs::write(to.join("scores/results.json"), format!("{{\"auc\": {auc}}}")).unwrap();
            }
        }
        let all = Shelf::default().look(&[dir.path().to_owned()]).sessions;
        let names = |filter: &str, by, reversed| -> String {
            listed(&all, filter, by, reversed).iter().map(|l| l.session.name.clone()).collect()
        };
        assert_eq!(names("", SortBy::Name, false), "abc");
        assert_eq!(names("", SortBy::Seed, false), "cba", "as numbers");
        assert_eq!((names("", SortBy::Auc, true), names("", SortBy::Auc, false)), ("cba".to_owned(), "bca".to_owned()));
        assert_eq!(names("seed=12", SortBy::Name, false), "a");
        assert_eq!(names("casia FAS-DR", SortBy::Name, true), "cba");
        assert_eq!(names("nothing of the kind", SortBy::Name, false), "");
    }
}
