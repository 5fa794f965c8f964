//! From a sweep to the list of its runs, every one checked. Problems are told all at once, each with the cases it is
//! about, so that a person can mend them in one go.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::case::{dotted, shown, slug};
use super::spec::{VARIANT, Variant};
use super::{Case, SweepError, SweepSpec};
use crate::config::{self, DataSource, Preset, RunConfig};
use crate::engine;

/// A run before it is checked.
struct Draft<'a> {
    variant: Option<&'a Variant>,
    /// Its values of the grid, in the grid's order.
    point: Vec<(&'a str, &'a Value)>,
    title: String,
}

impl Draft<'_> {
    fn holds(&self, exclude: &Table, common: &Table) -> bool {
        exclude.iter().all(|(key, wanted)| {
            if key == VARIANT {
                return self.variant.is_some_and(|v| wanted.as_str() == Some(&v.name));
            }
            let own = self.variant.and_then(|v| v.set.get(key));
            let point = || self.point.iter().find(|(k, _)| k == key).map(|(_, v)| *v);
            point().or(own).or_else(|| common.get(key)).is_some_and(|v| same(v, wanted))
        })
    }
}

/// 1 and 1.0 are the same value of a setting.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    let number = |v: &Value| v.as_float().or_else(|| v.as_integer().map(|i| i as f64));
    a == b || number(a).zip(number(b)).is_some_and(|(a, b)| a == b)
}

/// Sentences, each with the titles of the cases it is about.
#[derive(Default)]
struct Problems(Vec<(String, Vec<String>)>);

impl Problems {
    fn add(&mut self, sentence: String, title: &str) {
        match self.0.iter_mut().find(|(s, _)| *s == sentence) {
            Some((_, titles)) => titles.push(title.to_owned()),
            None => self.0.push((sentence, vec![title.to_owned()])),
        }
    }

    fn told(self, count: usize) -> Vec<String> {
        let tell = |(sentence, titles): (String, Vec<String>)| match titles.as_slice() {
            [] => sentence,
            all if all.len() == count => format!("all cases: {sentence}"),
            [a, b, c, rest @ ..] if rest.len() > 1 => {
                format!("case ({a}), ({b}), ({c}) and {} more: {sentence}", rest.len())
            }
            some => format!("case ({}): {sentence}", some.join("), (")),
        };
        self.0.into_iter().map(tell).collect()
    }
}

/// All cases of a sweep in their order: variants, then the grid with its last key varying fastest. Settings go preset,
/// `[set]`, variant, grid; a key may stand in a variant or in the grid, not in both.
pub fn expand(spec: &SweepSpec, origin: &str) -> Result<Vec<Case>, SweepError> {
    let failed = |problems: Vec<String>| SweepError::Problems { origin: origin.to_owned(), problems };
    let preset = Preset::parse(&spec.preset)
        .map_err(|e| SweepError::Invalid { origin: origin.to_owned(), message: e.to_string() })?;
    let drafts = drafts(spec);
    let mut general = vec![];
    for variant in &spec.variant {
        for key in variant.set.keys().filter(|k| spec.grid.contains_key(k.as_str())) {
            general.push(format!(
                "variant '{}': {key} stands in the grid too; it can only come from one of them",
                variant.name
            ));
        }
    }
    let kept: Vec<&Draft> = drafts.iter().filter(|d| !spec.exclude.iter().any(|e| d.holds(e, &spec.set))).collect();
    for exclude in &spec.exclude {
        if !drafts.iter().any(|d| d.holds(exclude, &spec.set)) {
            general.push(format!("exclude: no case is {exclude}", exclude = inline(exclude)));
        }
    }
    if kept.is_empty() {
        general.push("exclude: no case is left".to_owned());
    }

    let base = Table::try_from(preset.config()).unwrap_or_default();
    let mut problems = Problems::default();
    let mut configs: Vec<(RunConfig, &str)> = vec![];
    let mut cases: Vec<Case> = vec![];
    for draft in &kept {
        let own = draft.variant.iter().flat_map(|v| &v.set).map(|(k, v)| (k.as_str(), v));
        let all: Vec<(&str, &Value)> =
            spec.set.iter().map(|(k, v)| (k.as_str(), v)).chain(own).chain(draft.point.iter().copied()).collect();
        let Some(config) = checked(&base, &all, &draft.title, &mut problems) else { continue };
        if let Some((_, twin)) = configs.iter().find(|(c, _)| *c == config) {
            problems.add(format!("its settings come to the same as those of case ({twin})"), &draft.title);
        }
        let values = dotted(&config);
        let set: BTreeMap<String, serde_json::Value> =
            all.iter().filter_map(|(k, _)| Some(((*k).to_owned(), values.get(*k)?.clone()))).collect();
        cases.push(numbered(cases.len(), draft, spec, set));
        configs.push((config, &draft.title));
    }
    general.extend(problems.told(kept.len()));
    if general.is_empty() { Ok(cases) } else { Err(failed(general)) }
}

fn numbered(index: usize, draft: &Draft, spec: &SweepSpec, set: BTreeMap<String, serde_json::Value>) -> Case {
    let mut case = Case {
        id: String::new(),
        title: draft.title.clone(),
        folder: String::new(),
        preset: spec.preset.clone(),
        variant: draft.variant.map(|v| v.name.clone()),
        set,
    };
    case.number(index);
    case
}

impl Case {
    /// Gives the case its place in the list, and the id and folder that go with it.
    pub(super) fn number(&mut self, index: usize) {
        self.id = format!("{index:04}");
        let slug = slug(&self.title);
        self.folder = format!("cases/{}{}{slug}", self.id, if slug.is_empty() { "" } else { "-" });
    }
}

fn drafts(spec: &SweepSpec) -> Vec<Draft<'_>> {
    let mut points: Vec<Vec<(&str, &Value)>> = vec![vec![]];
    for (key, values) in &spec.grid {
        let values = values.as_array().map_or(&[][..], Vec::as_slice);
        points = points
            .iter()
            .flat_map(|point| values.iter().map(move |v| point.iter().copied().chain([(key.as_str(), v)]).collect()))
            .collect();
    }
    let variants: Vec<Option<&Variant>> =
        if spec.variant.is_empty() { vec![None] } else { spec.variant.iter().map(Some).collect() };
    let name = |key: &str| {
        let last = |k: &str| k.rsplit('.').next().unwrap_or_default().to_owned();
        let alone = spec.grid.keys().filter(|k| last(k) == last(key)).count() == 1;
        if alone { last(key) } else { key.to_owned() }
    };
    let title = |variant: Option<&Variant>, point: &[(&str, &Value)]| {
        let value = |v: &Value| serde_json::to_value(v).map_or_else(|_| v.to_string(), |v| shown(&v));
        let own = point.iter().map(|(k, v)| format!("{} {}", name(k), value(v)));
        let parts: Vec<String> = variant.map(|v| v.name.clone()).into_iter().chain(own).collect();
        if parts.is_empty() { spec.name.clone() } else { parts.join(", ") }
    };
    let make = |&variant: &Option<_>| {
        let title = &title;
        points.iter().map(move |point| Draft { variant, point: point.clone(), title: title(variant, point) })
    };
    variants.iter().flat_map(make).collect()
}

/// The settings of a case, or `None` after its problems were added.
fn checked(base: &Table, all: &[(&str, &Value)], title: &str, problems: &mut Problems) -> Option<RunConfig> {
    let mut table = base.clone();
    let mut fine = true;
    for (key, value) in all {
        let origin = format!("{key} = {value}");
        let mut alone = base.clone();
        let tried = config::set_key(&mut alone, key, &value.to_string())
            .and_then(|()| config::from_table(alone, &origin))
            .and_then(|_| config::set_key(&mut table, key, &value.to_string()));
        if let Err(error) = tried {
            fine = false;
            problems.add(error.to_string().replace("--set ", ""), title);
        }
    }
    if !fine {
        return None;
    }
    let config = match config::from_table(table, "the settings together") {
        Ok(config) => config,
        Err(error) => {
            problems.add(error.to_string(), title);
            return None;
        }
    };
    if let Err(found) = config.check() {
        fine = false;
        for problem in found {
            problems.add(problem.to_string(), title);
        }
    }
    let named = matches!(config.data.source, DataSource::Builtin | DataSource::Datasets);
    if named
        && !config.data.protocol.trim().is_empty()
        && let Err(error) = engine::protocol_of(&config.data)
    {
        fine = false;
        problems.add(format!("data.protocol: {error}"), title);
    }
    fine.then_some(config)
}

fn inline(table: &Table) -> String {
    table.iter().map(|(k, v)| format!("{k} = {v}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(rest: &str) -> Result<Vec<Case>, SweepError> {
        expand(&SweepSpec::parse(&format!("name = 's'\npreset = 'demo'\n{rest}"), "s.toml")?, "s.toml")
    }

    fn titles(rest: &str) -> Vec<String> {
        plan(rest).unwrap().into_iter().map(|c| c.title).collect()
    }

    #[test]
    fn the_grid_is_a_product_and_variants_go_through_it() {
        let grid = "[grid]\n'bilevel.gamma' = [0.9, 1]\nseed = [3, 4]\n";
        assert_eq!(titles(grid), ["gamma 0.9, seed 3", "gamma 0.9, seed 4", "gamma 1, seed 3", "gamma 1, seed 4"]);
        let variants = "[[variant]]\nname = 'full'\n[[variant]]\nname = 'w/o pre'\nset = { 'pretrain.iterations' = 0 }";
        assert_eq!(titles(&format!("[grid]\nseed = [0, 1]\n{variants}"))[2..], ["w/o pre, seed 0", "w/o pre, seed 1"]);
        assert_eq!(titles(""), ["s"], "a sweep of one run");
        assert_eq!(
            titles("[grid]\n'teacher.width' = [4]\n'surrogate.width' = [8]"),
            ["teacher.width 4, surrogate.width 8"],
            "names that would be the same are whole"
        );
    }

    #[test]
    fn a_case_holds_the_values_its_settings_come_to() {
        let cases =
            plan("[set]\n'data.size' = 32\n[grid]\n'bilevel.gamma' = [1]\n'teacher.network' = ['resnet8']").unwrap();
        let set = serde_json::to_string(&cases[0].set).unwrap();
        assert_eq!(set, r#"{"bilevel.gamma":1.0,"data.size":32,"teacher.network":"resnet8"}"#);
        assert_eq!((cases[0].id.as_str(), cases[0].folder.as_str()), ("0000", "cases/0000-gamma-1-network-resnet8"));
        assert_eq!(cases[0].config().unwrap().bilevel.gamma, 1.0);
    }

    #[test]
    fn excluded_cases_are_left_out() {
        let text = "[grid]\n'bilevel.gamma' = [0.9, 1.0]\nseed = [0, 1]\n[[exclude]]\n'bilevel.gamma' = 1\nseed = 1";
        assert_eq!(titles(text), ["gamma 0.9, seed 0", "gamma 0.9, seed 1", "gamma 1.0, seed 0"]);
        let text = "[grid]\nseed = [0, 1]\n[[variant]]\nname = 'a'\n[[variant]]\nname = 'b'\n\
                    set = { 'bilevel.k' = 1 }\n[[exclude]]\nvariant = 'b'\nseed = 0";
        assert_eq!(titles(text), ["a, seed 0", "a, seed 1", "b, seed 1"]);
    }

    #[test]
    fn all_problems_are_told_at_once_with_their_cases() {
        let error = plan(
            "[set]\n'bilevel.gama' = 1\n'data.protocol' = 'oulu/1'\n[grid]\n'bilevel.gamma' = [0.9, 2, 3]\n\
             'bilevel.k' = [1, 'two']\n[[exclude]]\nseed = 9",
        )
        .unwrap_err();
        let SweepError::Problems { problems, .. } = &error else { panic!("{error}") };
        let all = problems.join("\n");
        for words in ["exclude: no case is seed = 9", "all cases: ", "gama", "case (gamma 0.9, k two), ", "two"] {
            assert!(all.contains(words), "{words}: {all}");
        }
        let ranges = plan("[set]\n'data.protocol' = 'oulu/1'\n[grid]\n'bilevel.gamma' = [0.9, 2, 3]").unwrap_err();
        let all = ranges.to_string();
        for words in
            ["all cases: data.protocol: there is no protocol oulu/1", "case (gamma 2): bilevel.gamma", "(gamma 3)"]
        {
            assert!(all.contains(words), "{words}: {all}");
        }
    }

    #[test]
    fn the_same_run_twice_is_a_mistake() {
        let error = plan("[grid]\n'bilevel.gamma' = [1, 1.0]").unwrap_err().to_string();
        assert!(
            error.contains("case (gamma 1.0): its settings come to the same as those of case (gamma 1)"),
            "{error}"
        );
        let error = plan("[grid]\nseed = [1]\n[[variant]]\nname = 'a'\nset = { seed = 2 }").unwrap_err().to_string();
        assert!(error.contains("variant 'a': seed stands in the grid too"), "{error}");
    }
}
