//! What the papers say about a setting: value, symbol and place, read from `assets/papers/`, so that nothing of a paper
//! is typed into code.

use serde::Deserialize;

/// One hyper-parameter as its paper gives it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Dotted key of the setting.
    pub key: String,
    /// The paper's symbol, empty where it has none.
    #[serde(default)]
    pub symbol: String,
    /// The paper's value as TOML text would have it; empty where the paper does not say.
    #[serde(default)]
    pub value: String,
    /// Paper and section.
    pub source: String,
    /// What the setting does, in a sentence for hover help.
    pub help: String,
}

#[derive(Deserialize)]
struct Facts {
    setting: Vec<Fact>,
}

/// Every documented setting, in the order of the file.
pub fn paper_facts() -> Vec<Fact> {
    #[expect(clippy::expect_used, reason = "an embedded file that a test reads")]
    let read = |text: &str| toml::from_str::<Facts>(text).expect("embedded facts").setting;
    let files = [
        include_str!("../../assets/papers/mt_fas_settings.toml"),
        include_str!("../../assets/papers/rf_meta_settings.toml"),
    ];
    files.into_iter().flat_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{RunConfig, set_key};

    #[test]
    fn every_fact_names_a_setting_and_a_value_it_takes() {
        let facts = paper_facts();
        assert!(facts.len() > 10);
        for fact in facts {
            let mut table = toml::Table::try_from(RunConfig::default()).unwrap();
            let text = if fact.value.is_empty() { continue } else { fact.value.as_str() };
            set_key(&mut table, &fact.key, text).unwrap();
            crate::config::from_table(table, &fact.key).unwrap();
        }
    }
}
