//! One run of a sweep, as a line of cases.jsonl: what it changes of the preset, and under which number and name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SweepError;
use crate::config::{self, Preset, RunConfig};

pub(super) use crate::config::{dotted, shown};

/// One run. Its place in the list is the INDEX of `metafas sweep case`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Its place in the list, as four digits or more: `0007`. A case keeps it when others are added.
    pub id: String,
    /// What differs from the other cases, for people.
    pub title: String,
    /// The session folder, seen from the sweep's.
    pub folder: String,
    /// Where settings start from.
    pub preset: String,
    /// The variant it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Every setting that the sweep names, by dotted key, with the value it comes to.
    pub set: BTreeMap<String, Value>,
}

impl Case {
    /// The case's settings: what `metafas train --preset P --set K=V …` with the same keys would use.
    pub fn config(&self) -> Result<RunConfig, SweepError> {
        let invalid = |message: String| SweepError::Invalid { origin: format!("case {}", self.id), message };
        let preset = Preset::parse(&self.preset).map_err(|e| invalid(e.to_string()))?;
        let pairs: Vec<(String, String)> = self
            .set
            .iter()
            .map(|(k, v)| Some((k.clone(), toml_text(v)?)))
            .collect::<Option<_>>()
            .ok_or_else(|| invalid("a setting has a value that TOML does not know".to_owned()))?;
        config::load(preset, None, &pairs).map_err(|e| invalid(e.to_string()))
    }
}

fn toml_text(value: &Value) -> Option<String> {
    Some(toml::Value::try_from(value).ok()?.to_string())
}

/// A name for a folder: letters, digits and dots of `text`, hyphens for the rest, 60 characters at most.
pub(super) fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    out.truncate(60);
    out.trim_matches(['-', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_plain() {
        assert_eq!(slug("w/o MTv, gamma 0.999, seed 3"), "w-o-mtv-gamma-0.999-seed-3");
        assert_eq!(slug("../é"), "");
        assert!(slug(&"ab ".repeat(100)).len() <= 60);
    }

    #[test]
    fn settings_of_every_kind_come_back() {
        let set: BTreeMap<String, Value> = serde_json::from_str(
            r#"{"bilevel.gamma": 1.0, "seed": 3, "bilevel.adapt": false, "data.roots": ["/a b", "c\"d"],
                "teacher.network": "resnet8"}"#,
        )
        .unwrap();
        let (id, title, folder) = ("0000".to_owned(), String::new(), String::new());
        let case = Case { id, title, folder, preset: "demo".to_owned(), variant: None, set: set.clone() };
        let all = dotted(&case.config().unwrap());
        for (key, value) in set {
            assert_eq!(all[&key], value, "{key}");
        }
    }
}
