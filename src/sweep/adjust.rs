//! What a person changes of a sweep without writing a file: its size, its seeds, some settings, or which of its cases.

use toml::Value;

use super::expand::same;
use super::spec::VARIANT;
use super::{SweepError, SweepSpec};
use crate::config::typed;

/// The changes. All of them end up in the sweep.toml of the planned folder.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Adjust {
    /// Seeds 0 to this, instead of the sweep's own.
    pub seeds: Option<u32>,
    /// Settings of all runs by dotted key, over those of `[set]`; what a variant sets itself stays.
    pub set: Vec<(String, String)>,
    /// Cases to keep by dotted key of the grid, or `variant`; several values of one key keep the cases of any of them.
    pub only: Vec<(String, String)>,
}

impl Adjust {
    /// Changes `spec`; the error says which change is about nothing.
    pub fn apply(&self, spec: &mut SweepSpec) -> Result<(), SweepError> {
        let origin = spec.name.clone();
        let wrong = |message: String| Err(SweepError::Invalid { origin: origin.clone(), message });
        if let Some(seeds) = self.seeds {
            let all = (0..i64::from(seeds.max(1))).map(Value::Integer).collect();
            spec.grid.insert("seed".to_owned(), Value::Array(all));
        }
        let mut keys: Vec<&str> = self.only.iter().map(|(k, _)| k.as_str()).collect();
        keys.dedup();
        for key in keys {
            let wanted: Vec<&str> = self.only.iter().filter(|(k, _)| k == key).map(|(_, v)| v.as_str()).collect();
            if key == VARIANT {
                let names: Vec<String> = spec.variant.iter().map(|v| v.name.clone()).collect();
                if let Some(unknown) = wanted.iter().find(|w| names.iter().all(|n| n != *w)) {
                    return wrong(format!("there is no variant '{unknown}'; there are {}", names.join(", ")));
                }
                spec.variant.retain(|v| wanted.contains(&v.name.as_str()));
                continue;
            }
            let Some(Value::Array(all)) = spec.grid.get_mut(key) else {
                let keys: Vec<&str> = spec.grid.keys().map(String::as_str).collect();
                return wrong(format!("{key} is no key of its grid; there are {}", keys.join(", ")));
            };
            if let Some(unknown) = wanted.iter().find(|w| all.iter().all(|v| !same(v, &typed(w)))) {
                let values: Vec<String> = all.iter().map(Value::to_string).collect();
                return wrong(format!("{key} = {unknown} is no value of its grid; there are {}", values.join(", ")));
            }
            all.retain(|v| wanted.iter().any(|w| same(v, &typed(w))));
        }
        if !self.only.is_empty() {
            drop_idle_excludes(spec);
        }
        for (key, text) in &self.set {
            if spec.grid.contains_key(key) {
                return wrong(format!("{key} is what this sweep varies; --only {key}=… keeps some of its cases"));
            }
            if !spec.variant.is_empty() && spec.variant.iter().all(|v| v.set.contains_key(key)) {
                return wrong(format!("all its variants have a {key} of their own; --set would change nothing"));
            }
            spec.set.insert(key.clone(), typed(text));
        }
        Ok(())
    }
}

/// Leaves out entries of `[[exclude]]` about values that are no longer there: an exclude that is about nothing is a mistake.
fn drop_idle_excludes(spec: &mut SweepSpec) {
    let SweepSpec { grid, variant, exclude, .. } = spec;
    exclude.retain(|entry| {
        entry.iter().all(|(key, wanted)| {
            if key == VARIANT {
                return variant.iter().any(|v| wanted.as_str() == Some(&v.name));
            }
            grid.get(key).and_then(Value::as_array).is_none_or(|all| all.iter().any(|v| same(v, wanted)))
        })
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Preset;
    use crate::sweep::{expand, find_spec};

    fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn a_part_of_a_table_is_a_sweep_of_its_own_and_more_seeds_belong_to_it() {
        let mut spec = find_spec("mt_fas_table1", Preset::Demo).unwrap();
        let only = pairs(&[("variant", "FAS-DR(MT)"), ("variant", "CDCN(MT)"), ("data.protocol", "oulu_npu/2")]);
        let set = pairs(&[("data.size", "32"), ("data.benchmark", "tiny")]);
        Adjust { seeds: Some(3), set, only }.apply(&mut spec).unwrap();
        let cases = expand(&spec, "").unwrap();
        assert_eq!(cases.len(), 2 * 3);
        for case in &cases {
            let config = case.config().unwrap();
            assert_eq!((config.data.protocol.as_str(), config.data.fold, config.data.size), ("oulu_npu/2", 1, 32));
        }
        // What is kept of a larger plan are the same runs.
        let mut part = find_spec("mt_fas_table1", Preset::Demo).unwrap();
        let whole = expand(&part, "").unwrap();
        Adjust { only: pairs(&[("data.fold", "6")]), ..Adjust::default() }.apply(&mut part).unwrap();
        let last = expand(&part, "").unwrap();
        assert_eq!(last.len(), 4 * 2);
        assert!(last.iter().all(|c| whole.iter().any(|w| w.set == c.set && w.variant == c.variant)));
    }

    #[test]
    fn a_change_that_is_about_nothing_is_told() {
        let told = |set: &[(&str, &str)], only: &[(&str, &str)]| {
            let mut spec = find_spec("mt_fas_table6", Preset::Demo).unwrap();
            let adjust = Adjust { seeds: None, set: pairs(set), only: pairs(only) };
            adjust.apply(&mut spec).unwrap_err().to_string()
        };
        assert!(told(&[("seed", "3")], &[]).contains("--only seed="));
        assert!(told(&[("detector.supervision", "mask")], &[]).contains("all its variants"));
        assert!(told(&[], &[("variant", "FAS-DR(M)")]).contains("there are FAS-DR(MT w/o MTv), "));
        assert!(told(&[], &[("seed", "9")]).contains("there are 0, 1"));
        assert!(told(&[], &[("bilevel.k", "2")]).contains("no key of its grid; there are seed"));
    }
}
