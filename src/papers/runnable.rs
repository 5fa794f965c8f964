//! Which rows can be run here, and with which settings: `assets/papers/runnable.toml`, read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{Paper, Row, Table};

/// The settings that stand for one row of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Runnable {
    /// The preset that the settings change.
    pub preset: String,
    /// What the method asks for, by dotted key.
    pub method: BTreeMap<String, toml::Value>,
    /// How the method's authors train it, by dotted key, where that is another way than the preset's. Holds at the
    /// paper's size alone.
    pub recipe: BTreeMap<String, toml::Value>,
    /// What takes the recipe's place at smaller sizes, where networks start from random weights and learn for a few hundred
    /// iterations.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub small: BTreeMap<String, toml::Value>,
    /// What is still another way than the authors', for people; empty where nothing is known to be.
    pub differs: String,
    /// What the protocol asks for besides its name, by dotted key.
    pub protocol: BTreeMap<String, toml::Value>,
    /// Values of `data.protocol`, each a run; the paper prints their mean where there are several.
    pub protocols: Vec<String>,
    /// Values of `data.fold` for each of them: 1 to this; the paper prints their mean where there are several.
    pub folds: u32,
}

impl Runnable {
    /// The whole as `key=value`, as `--set` takes them; `data.protocol` and `data.fold` where there is one run.
    pub fn sets(&self) -> Vec<String> {
        let mut sets = self.method_sets();
        sets.extend(self.protocol_sets());
        sets
    }

    /// The same for a preset whose detectors are `width` wide: rows keep their proportion to the base preset's.
    pub fn at(&self, width: i64) -> Self {
        let mut run = self.clone();
        if let Some(toml::Value::Integer(own)) = run.method.get_mut("detector.width") {
            *own = width_at(*own, width);
        }
        if width != FILE.width {
            run.recipe.clone_from(&run.small);
        }
        run
    }

    /// Whether its threshold is chosen with the labels of the test set.
    pub fn is_oracle(&self) -> bool {
        let rule = self.protocol.get("evaluate.threshold").and_then(toml::Value::as_str);
        rule.is_some_and(|r| ["test_eer", "min_hter"].contains(&r))
    }

    /// The method's part of [`Self::sets`], with its recipe.
    pub fn method_sets(&self) -> Vec<String> {
        self.trained().iter().map(pair).collect()
    }

    /// Settings of the method and its recipe together.
    pub fn trained(&self) -> BTreeMap<String, toml::Value> {
        self.method.iter().chain(&self.recipe).map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    /// The protocol's part of [`Self::sets`].
    pub fn protocol_sets(&self) -> Vec<String> {
        let single = self.protocols.first().filter(|_| self.protocols.len() == 1);
        single.map(|name| format!("data.protocol={name}")).into_iter().chain(self.protocol.iter().map(pair)).collect()
    }
}

fn pair((key, value): (&String, &toml::Value)) -> String {
    match value {
        toml::Value::String(text) => format!("{key}={text}"),
        other => format!("{key}={other}"),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    preset: String,
    width: i64,
    method: Vec<Method>,
    #[cfg_attr(not(test), expect(dead_code, reason = "a test reads that every method stands somewhere"))]
    literature: Vec<Literature>,
    protocol: Vec<Protocol>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Method {
    paper: String,
    tables: Vec<String>,
    names: Vec<String>,
    settings: BTreeMap<String, toml::Value>,
    #[serde(default)]
    recipe: BTreeMap<String, toml::Value>,
    #[serde(default)]
    small: BTreeMap<String, toml::Value>,
    #[serde(default)]
    differs: String,
}

/// Methods that are known from the literature alone; here so that none is forgotten.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(test), expect(dead_code, reason = "a test reads that every method stands somewhere"))]
struct Literature {
    paper: String,
    tables: Vec<String>,
    names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Protocol {
    benchmark: String,
    group: String,
    protocols: Vec<String>,
    #[serde(default = "one")]
    folds: u32,
    settings: BTreeMap<String, toml::Value>,
}

fn one() -> u32 {
    1
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "an embedded file that a test reads")]
    toml::from_str(include_str!("../../assets/papers/runnable.toml")).expect("embedded settings")
});

/// A width of the papers', `own`, at a size whose FAS-DR is `width` wide.
pub fn width_at(own: i64, width: i64) -> i64 {
    (own * width / FILE.width).max(1)
}

/// The preset that the settings of a runnable row change.
pub fn base_preset() -> &'static str {
    &FILE.preset
}

/// Every setting that some row asks for: where another row does not name it, that row has the preset's value.
pub fn method_keys() -> BTreeSet<&'static str> {
    FILE.method.iter().flat_map(|m| m.settings.keys().map(String::as_str)).collect()
}

pub(super) fn find(paper: &Paper, table: &Table, row: &Row) -> Option<Runnable> {
    let here = |m: &&Method| m.paper == paper.key && m.tables.contains(&table.number) && m.names.contains(&row.method);
    let method = FILE.method.iter().find(here)?;
    let protocol = FILE.protocol.iter().find(|p| p.benchmark == table.benchmark && p.group == row.group)?;
    Some(Runnable {
        preset: FILE.preset.clone(),
        method: method.settings.clone(),
        recipe: method.recipe.clone(),
        small: method.small.clone(),
        differs: method.differs.clone(),
        protocol: protocol.settings.clone(),
        protocols: protocol.protocols.clone(),
        folds: protocol.folds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::papers::{papers, table};

    #[test]
    fn every_method_of_every_table_can_be_run_or_is_literature_and_never_both() {
        for paper in papers() {
            for table in &paper.tables {
                for name in table.methods() {
                    let entry = |p: &str, tables: &[String], names: &[String]| {
                        p == paper.key && tables.contains(&table.number) && names.iter().any(|n| n == name)
                    };
                    let run = FILE.method.iter().filter(|m| entry(&m.paper, &m.tables, &m.names)).count();
                    let read = FILE.literature.iter().filter(|l| entry(&l.paper, &l.tables, &l.names)).count();
                    assert_eq!(run + read, 1, "{}: {name}", paper.table_name(table));
                    let found = table.rows.iter().filter(|r| r.method == name);
                    // A method that can be run can be run under every protocol of its table.
                    assert!(found.clone().all(|r| find(paper, table, r).is_some() == (run == 1)), "{name}");
                }
            }
        }
    }

    #[test]
    fn proportions_of_widths_are_kept_at_another_size() {
        let (paper, ablations) = table("mt_fas/6").unwrap();
        let wide = find(paper, ablations, ablations.row("FAS-DR(MT)64", "1").unwrap()).unwrap();
        assert_eq!(wide.at(4).method["detector.width"], toml::Value::Integer(16));
        assert_eq!(wide.at(16), wide);
    }

    #[test]
    fn entries_name_methods_that_are_printed() {
        let entries = FILE.method.iter().map(|m| (&m.paper, &m.tables, &m.names));
        for (paper, tables, names) in entries.chain(FILE.literature.iter().map(|l| (&l.paper, &l.tables, &l.names))) {
            for number in tables {
                let (_, table) = table(&format!("{paper}/{number}")).unwrap();
                assert!(names.iter().all(|n| table.methods().contains(&n.as_str())), "{paper} {number} {names:?}");
            }
        }
    }

    #[test]
    fn a_rows_settings_are_those_of_method_and_protocol() {
        let settings = |name: &str, method: &str, group: &str| {
            let (paper, table) = table(name).unwrap();
            paper.runnable(table, table.row(method, group).unwrap())
        };
        let one = settings("mt_fas/6", "FAS-DR(MT)32", "1").unwrap();
        let sets = ["detector.network=fas_dr", "detector.supervision=meta_teacher", "detector.width=32"];
        assert_eq!(one.method_sets(), sets);
        assert_eq!(one.protocol_sets(), ["data.protocol=oulu_npu/1", "evaluate.threshold=dev_eer"]);
        let mean = settings("mt_fas/2", "DTN", "Average").unwrap();
        let oracle = ["data.hold_out=nobody", "evaluate.threshold=test_eer"];
        assert_eq!((mean.protocols.len(), mean.protocol_sets()), (13, oracle.map(str::to_owned).to_vec()));
        let cdcn = settings("mt_fas/1", "CDCN(MT)", "4").unwrap();
        assert_eq!(cdcn.folds, 6);
        // Its own way to be trained, at the size that it is meant for.
        let own = ["augment.set=cdcn", "detector.learning_rate=0.0001", "detector.weight_decay=0.00005"];
        assert!(own.iter().all(|set| cdcn.method_sets().contains(&(*set).to_owned())), "{:?}", cdcn.method_sets());
        assert!(cdcn.at(4).recipe.is_empty() && cdcn.differs.contains("1,400 epochs"));
        // Its rivals see 24 faces an iteration too, and learn from the whole loss.
        let mp = settings("meta_pattern/I", "HFN+MP (Ours)", "O&M&I to C").unwrap();
        let small = ["detector.batch=12", "detector.learning_rate=0.1", "meta_pattern.halve_outer=false"];
        assert!(small.iter().all(|set| mp.at(4).method_sets().contains(&(*set).to_owned())), "{:?}", mp.at(4));
        assert!(mp.method_sets().contains(&"detector.batch=8".to_owned()));
        assert_eq!(settings("mt_fas/1", "STASN", "4"), None);
    }
}
