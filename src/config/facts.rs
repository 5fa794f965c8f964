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

/// Every documented setting, paper by paper, in the order of the files.
pub fn paper_facts() -> Vec<Fact> {
    let texts = [
        include_str!("../../assets/papers/mt_fas_settings.toml"),
        include_str!("../../assets/papers/rf_meta_settings.toml"),
        include_str!("../../assets/papers/meta_pattern_settings.toml"),
    ];
    #[expect(clippy::expect_used, reason = "embedded files that a test reads")]
    let read = |text: &str| toml::from_str::<Facts>(text).expect("embedded facts").setting;
    texts.into_iter().flat_map(read).collect()
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

    /// Numbers of equations (`Eq. 3`, `Eqs. 8-10`, `Eqs. 3, 4 and 11`) and sections that `text` cites of MT-FAS.
    fn cited(text: &str) -> (Vec<u32>, Vec<String>) {
        let (mut equations, mut sections) = (vec![], vec![]);
        for after in text.split("MT-FAS").skip(1) {
            // Another paper's citation begins with its authors.
            let own = after.split("et al").next().unwrap_or(after);
            for list in own.split("Eq").skip(1) {
                let list = list.trim_start_matches(['s', '.', ' ']);
                let end = list.find(|c: char| !c.is_ascii_digit() && !" ,-and".contains(c)).unwrap_or(list.len());
                let numbers = list[..end].replace("and", ",");
                for part in numbers.split(',').map(str::trim).filter(|p| !p.is_empty()) {
                    let ends: Vec<u32> = part.split('-').filter_map(|n| n.trim().parse().ok()).collect();
                    if let (Some(first), Some(last)) = (ends.first(), ends.last()) {
                        equations.extend(*first..=*last);
                    }
                }
            }
            for section in own.split("section ").skip(1) {
                let end = section.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(section.len());
                sections.push(section[..end].trim_end_matches('.').to_owned());
            }
        }
        (equations, sections)
    }

    fn texts(folder: &std::path::Path, into: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                texts(&path, into);
            } else if path.extension().is_some_and(|e| e == "rs" || e == "toml" || e == "md")
                && !path.ends_with("facts.rs")
            {
                into.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }

    #[test]
    fn every_place_of_mt_fas_that_is_cited_is_there() {
        let numbers: toml::Table = include_str!("../../assets/papers/numbers.toml").parse().unwrap();
        let of = |kind: &str| numbers["mt_fas"][kind].as_table().unwrap().clone();
        let (equations, sections) = (of("equations"), of("sections"));
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut all = vec![];
        for folder in ["src", "assets/papers", "docs"] {
            texts(&root.join(folder), &mut all);
        }
        let mut count = 0;
        for (file, text) in all {
            // Comments are wrapped: a citation may go over a line's end.
            for line in text.replace("\n///", " ").replace("\n//!", " ").lines() {
                let (e, s) = cited(line);
                count += e.len() + s.len();
                for number in e {
                    assert!(equations.contains_key(&number.to_string()), "{file}: Eq. {number}: {line}");
                }
                for number in s {
                    assert!(sections.contains_key(&number), "{file}: section {number}: {line}");
                }
            }
        }
        assert!(count > 60, "{count}");
    }

    #[test]
    fn settings_and_phases_cite_the_equations_that_they_carry_out() {
        let phases: toml::Table = include_str!("../../assets/papers/mt_fas_phases.toml").parse().unwrap();
        let phase = |id: &str| {
            let all = phases["bilevel"].as_array().unwrap();
            all.iter().find(|p| p["id"].as_str() == Some(id)).unwrap()["source"].as_str().unwrap().to_owned()
        };
        for (id, expected) in [
            ("validate", vec![3]),
            ("hypergradient", vec![8, 9, 10]),
            ("update_teacher", vec![12]),
            ("momentum", vec![11]),
        ] {
            assert_eq!(cited(&phase(id)).0, expected, "{id}");
        }
        let facts = paper_facts();
        let source = |key: &str| facts.iter().find(|f| f.key == key).unwrap().source.clone();
        for (key, expected) in [("bilevel.gamma", 11), ("bilevel.mu", 12), ("bilevel.alpha", 6), ("bilevel.beta", 10)] {
            assert_eq!(cited(&source(key)).0, [expected], "{key}");
        }
        assert_eq!(cited("MT-FAS Eqs. 3, 4 and 11").0, [3, 4, 11]);
        assert_eq!(cited("MT-FAS section 4.1; Eq. 12, section 3.4.4").1, ["4.1", "3.4.4"]);
    }
}
