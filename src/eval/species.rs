//! One species per attack type, however its name is spelt. Capitals and blanks (leading, trailing, doubled, no-break
//! spaces, tabs, characters of no width) do not tell two attack types apart: left as they are, "Print" and " print"
//! would be species of a few attacks each, and the APCER of the worst of them would be reported.

use std::collections::BTreeMap;

use super::scores::{Score, ScoreSet};

/// A name without leading, trailing, doubled and odd blanks.
fn tidy(name: &str) -> String {
    let invisible = |c: char| matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{ad}');
    let blank = |c: char| c.is_whitespace() || c.is_control();
    let visible: String = name.chars().filter(|&c| !invisible(c)).collect();
    visible.split(blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

impl ScoreSet {
    /// Gives spellings of one species that differ in capitals or blanks one name, the one that most rows have
    /// (the one in small letters among equals), and returns a sentence where spellings were joined.
    pub fn unify_species(&mut self) -> Option<String> {
        let mut spellings: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        for row in self.scores.iter().chain(&self.rejected).filter(|row| !row.is_bonafide) {
            *spellings.entry(key(row)).or_default().entry(row.attack_type.clone()).or_default() += 1;
        }
        let usual: BTreeMap<&str, String> = spellings.iter().map(|(key, all)| (key.as_str(), most_used(all))).collect();
        for row in self.scores.iter_mut().chain(&mut self.rejected).filter(|row| !row.is_bonafide) {
            if let Some(name) = usual.get(key(row).as_str()) {
                row.attack_type.clone_from(name);
            }
        }
        let joined = spellings.iter().filter(|(_, all)| all.len() > 1).map(|(key, all)| {
            let all: Vec<String> = all.keys().map(|name| format!("{name:?}")).collect();
            format!("{} as '{}'", all.join(", "), usual[key.as_str()])
        });
        let joined: Vec<String> = joined.collect();
        (!joined.is_empty()).then(|| {
            let joined = joined.join("; ");
            format!("{}: species that differ only in capitals or blanks are counted as one: {joined}", self.name)
        })
    }
}

/// What rows of one species have in common.
fn key(row: &Score) -> String {
    let name = tidy(&row.attack_type).to_lowercase();
    if name.is_empty() { super::scores::UNNAMED_SPECIES.to_owned() } else { name }
}

fn most_used(spellings: &BTreeMap<String, usize>) -> String {
    let mut tidied: BTreeMap<String, usize> = BTreeMap::new();
    for (name, rows) in spellings {
        *tidied.entry(tidy(name)).or_default() += rows;
    }
    let most = tidied.values().max().copied().unwrap_or(0);
    tidied.into_iter().rfind(|(_, rows)| *rows == most).map(|(name, _)| name).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::testing::set;

    #[test]
    fn spellings_of_one_species() {
        let names = ["print", " print", "Print", "print\u{a0}", "\tprint", "print", "replay\u{a0} 1", "Replay 1"];
        let attacks: Vec<(&str, f64)> = names.iter().map(|name| (*name, 0.0)).collect();
        let mut scores = set(&[1.0], &attacks);
        let told = scores.unify_species().unwrap();
        let unified: Vec<&str> = scores.scores.iter().filter(|s| !s.is_bonafide).map(Score::species).collect();
        assert_eq!(unified, ["print", "print", "print", "print", "print", "print", "replay 1", "replay 1"]);
        assert!(told.contains("\" print\"") && told.contains("as 'print'") && told.contains("as 'replay 1'"), "{told}");
        assert_eq!(scores.unify_species(), None);
    }

    #[test]
    fn species_that_differ_stay_apart() {
        let mut scores = set(&[1.0], &[("print_1", 0.0), ("print-1", 0.0), ("print1", 0.0), ("打印", 0.0), ("", 0.0)]);
        let before = scores.clone();
        assert_eq!(scores.unify_species(), None);
        assert_eq!(scores, before);
    }
}
