//! Settings as a flat list: every one by its dotted key, as `--set` takes it.

use std::collections::BTreeMap;

use serde_json::Value;
use toml::Table;

use super::RunConfig;

/// A setting as titles and tables show it: text without quotes.
pub fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Every setting of `config` by its dotted key.
pub fn dotted(config: &RunConfig) -> BTreeMap<String, Value> {
    fn walk(prefix: &str, table: Table, into: &mut BTreeMap<String, Value>) {
        for (key, value) in table {
            let key = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
            match value {
                toml::Value::Table(inner) => walk(&key, inner, into),
                value => {
                    into.insert(key, serde_json::to_value(value).unwrap_or(Value::Null));
                }
            }
        }
    }
    let mut all = BTreeMap::new();
    walk("", Table::try_from(config).unwrap_or_default(), &mut all);
    all
}
