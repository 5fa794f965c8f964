//! A sweep as a person writes it: a TOML file with a preset, settings common to all runs, a grid, and variants.

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::SweepError;
use crate::config::Preset;

/// The key of `[[exclude]]` that stands for a variant's name, not for a setting.
pub(super) const VARIANT: &str = "variant";

/// A change of settings with a name, for what a grid cannot say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// How it is called in tables, as "w/o MTv".
    pub name: String,
    /// Its settings by dotted key.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub set: Table,
    /// As [`SweepSpec::small`], for this variant.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub small: Table,
}

/// A sweep as it is written down. Tables are flat after reading: `"bilevel.gamma"` is one key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepSpec {
    /// Its name, for tables and so that a folder knows whose it is.
    pub name: String,
    /// A sentence for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// Where settings start from: demo, laptop or paper.
    pub preset: String,
    /// Keys over which results are summed up, where they vary; the first is the innermost.
    #[serde(default = "seeds_and_folds")]
    pub average: Vec<String>,
    /// Settings of all runs.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub set: Table,
    /// Settings of all runs where the preset is smaller than the paper's: they take the place of `set`'s.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub small: Table,
    /// Lists of values; the runs are their product, the last key varying fastest.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub grid: Table,
    /// Named changes; each goes through the whole grid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variant: Vec<Variant>,
    /// Settings (and `variant`, by name) of runs to leave out; a run goes when all of an entry hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<Table>,
}

fn seeds_and_folds() -> Vec<String> {
    vec!["seed".to_owned(), "data.fold".to_owned()]
}

impl SweepSpec {
    /// Reads a sweep; `origin` names it in errors.
    pub fn parse(text: &str, origin: &str) -> Result<Self, SweepError> {
        let invalid = |message: String| SweepError::Invalid { origin: origin.to_owned(), message };
        let wrong = |e: toml::de::Error| {
            let whole = e.to_string();
            invalid(whole.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" "))
        };
        let mut spec: Self = toml::from_str(text).map_err(wrong)?;
        if spec.name.trim().is_empty() {
            return Err(invalid("name: a sweep needs a name".to_owned()));
        }
        Preset::parse(&spec.preset).map_err(|e| invalid(e.to_string().replace("--preset", "preset")))?;
        let variants = spec.variant.iter_mut().flat_map(|v| [&mut v.set, &mut v.small]);
        let own = [&mut spec.set, &mut spec.small, &mut spec.grid];
        for table in own.into_iter().chain(variants).chain(&mut spec.exclude) {
            *table = flat(std::mem::take(table));
        }
        for (key, values) in &spec.grid {
            if values.as_array().is_none_or(Vec::is_empty) {
                return Err(invalid(format!("grid: {key} must be a list of values, as [0.99, 0.999]; it is {values}")));
            }
        }
        for (i, variant) in spec.variant.iter().enumerate() {
            if variant.name.trim().is_empty() || spec.variant[..i].iter().any(|v| v.name == variant.name) {
                return Err(invalid(format!(
                    "variant: every variant needs a name of its own, '{}' is none",
                    variant.name
                )));
            }
        }
        Ok(spec)
    }

    /// The sweep at the size of `preset`: what it says for small sizes holds or is dropped.
    #[must_use]
    pub fn at(mut self, preset: Preset) -> Self {
        preset.name().clone_into(&mut self.preset);
        let variants = self.variant.iter_mut().map(|v| (&mut v.set, &mut v.small));
        for (set, small) in std::iter::once((&mut self.set, &mut self.small)).chain(variants) {
            let small = std::mem::take(small);
            if preset != Preset::Paper {
                set.extend(small);
            }
        }
        self
    }

    /// The sweep as TOML that reads back to itself.
    pub fn to_toml(&self) -> String {
        #[expect(clippy::expect_used, reason = "strings and TOML tables always have a TOML form")]
        toml::to_string(self).expect("serialisable sweep")
    }
}

/// `[bilevel] gamma = 1` as `"bilevel.gamma" = 1`. No setting is a table itself.
fn flat(table: Table) -> Table {
    let mut out = Table::new();
    for (key, value) in table {
        match value {
            Value::Table(inner) => out.extend(flat(inner).into_iter().map(|(k, v)| (format!("{key}.{k}"), v))),
            value => {
                out.insert(key, value);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_same_quoted_or_not_and_a_written_sweep_reads_back() {
        let quoted =
            "name = 'a'\npreset = 'demo'\n[set]\n'data.size' = 64\n[grid]\n'bilevel.gamma' = [0.9, 1]\nseed = [0]";
        let plain = "name = 'a'\npreset = 'demo'\n[set]\ndata.size = 64\n[grid]\nbilevel.gamma = [0.9, 1]\nseed = [0]";
        let spec = SweepSpec::parse(quoted, "a").unwrap();
        assert_eq!(spec, SweepSpec::parse(plain, "b").unwrap());
        assert_eq!(SweepSpec::parse(&spec.to_toml(), "c").unwrap(), spec);
        assert_eq!(spec.average, ["seed", "data.fold"]);
    }

    #[test]
    fn mistakes_are_named_in_one_line() {
        for (text, words) in [
            ("preset = 'demo'", "name"),
            ("name = ' '\npreset = 'demo'", "needs a name"),
            ("name = 'a'", "preset"),
            ("name = 'a'\npreset = 'huge'", "there is no preset 'huge'"),
            ("name = 'a'\npreset = 'demo'\ngird = 1", "gird"),
            ("name = 'a'\npreset = 'demo'\n[grid]\nseed = 3", "grid: seed must be a list"),
            ("name = 'a'\npreset = 'demo'\n[grid]\nseed = []", "grid: seed must be a list"),
            ("name = 'a'\npreset = 'demo'\n[[variant]]\nname = 'x'\n[[variant]]\nname = 'x'", "'x'"),
            ("name = ", "s.toml"),
        ] {
            let error = SweepSpec::parse(text, "s.toml").unwrap_err().to_string();
            assert!(error.contains(words) && error.starts_with("s.toml: ") && !error.contains('\n'), "{text}: {error}");
        }
    }
}
