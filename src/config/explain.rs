//! Why a table is no configuration, in the user's words: which key has which value, and what stands there instead. serde's
//! own message is kept for what is not found here.

use toml::{Table, Value};

/// The first key of `table` whose value is of another kind than in `like`, or that `like` does not know, in a sentence.
/// Keys that a default leaves out are not known here and must not be taken for wrong: only those of which `lacks` says so.
pub(super) fn explain(table: &Table, like: &Table, lacks: impl Fn(&str) -> bool + Copy) -> Option<String> {
    in_section(table, like, "", like, lacks)
}

fn in_section(
    table: &Table,
    like: &Table,
    section: &str,
    whole: &Table,
    lacks: impl Fn(&str) -> bool + Copy,
) -> Option<String> {
    table.iter().find_map(|(name, value)| {
        let key = if section.is_empty() { name.clone() } else { format!("{section}.{name}") };
        match (value, like.get(name)) {
            (Value::Table(inner), Some(Value::Table(known))) => in_section(inner, known, &key, whole, lacks),
            (value, Some(known)) => mismatch(&key, value, known),
            (_, None) if lacks(name) => Some(unknown(&key, like, section, whole)),
            (_, None) => None,
        }
    })
}

#[expect(clippy::match_same_arms, reason = "values that fit and values without advice are told apart")]
fn mismatch(key: &str, value: &Value, like: &Value) -> Option<String> {
    let shown = match value {
        Value::String(text) => format!("'{text}'"),
        other => other.to_string(),
    };
    let seed = key == "seed" || key.rsplit_once('.').is_some_and(|(_, last)| last == "seed");
    let wanted = match (value, like) {
        (Value::Integer(i), Value::Integer(_)) if *i < 0 && seed => return Some(of_seed(key, &shown)),
        (Value::Integer(i), Value::Integer(_)) if *i < 0 => {
            return Some(format!("{key}: {shown} is less than 0; write a whole number from 0"));
        }
        (Value::Float(_) | Value::Integer(_), Value::Float(_))
        | (Value::Integer(_), Value::Integer(_))
        | (Value::Boolean(_), Value::Boolean(_))
        | (Value::String(_), Value::String(_))
        | (Value::Array(_), Value::Array(_)) => return None,
        (Value::String(text), Value::Integer(_)) if seed => {
            let fine = text.parse::<u64>().is_ok();
            return (!fine).then(|| of_seed(key, &shown));
        }
        (_, Value::Integer(_)) if seed => return Some(of_seed(key, &shown)),
        (Value::String(text), Value::Float(_)) if text.contains(',') => {
            "is not a number; write it with a decimal point, as 0.5"
        }
        (_, Value::Float(_)) => "is not a number; write it as 0.5",
        (_, Value::Integer(_)) => "is not a whole number; write it as 4",
        (_, Value::Boolean(_)) => "is neither true nor false",
        (_, Value::String(_)) => "is not text; write it in quotation marks",
        (_, Value::Array(_)) => "is not a list; write it as [1, 2]",
        (_, Value::Table(_)) => "stands where a section is; give one of its keys, as bilevel.gamma",
        (_, Value::Datetime(_)) => return None,
    };
    Some(format!("{key}: {shown} {wanted}"))
}

fn of_seed(key: &str, shown: &str) -> String {
    format!("{key}: {shown} is not a seed; write a whole number from 0 to {}", u64::MAX)
}

fn unknown(key: &str, here: &Table, section: &str, whole: &Table) -> String {
    let name = key.rsplit('.').next().unwrap_or(key);
    let prefix = if section.is_empty() { String::new() } else { format!("{section}.") };
    let near = here.keys().map(|k| (distance(name, k), format!("{prefix}{k}"))).min();
    if let Some((steps, near)) = near.filter(|(steps, _)| *steps <= 1 + name.len() / 4) {
        debug_assert!(steps > 0, "a key that is known is not unknown");
        return format!("there is no key {key}; did you mean {near}?");
    }
    // The right key of another section.
    let elsewhere: Vec<String> = whole
        .iter()
        .filter(|(_, v)| v.as_table().is_some_and(|t| t.contains_key(name)))
        .map(|(k, _)| format!("{k}.{name}"))
        .collect();
    if !elsewhere.is_empty() {
        return format!("there is no key {key}; did you mean {}?", elsewhere.join(" or "));
    }
    let known: Vec<&str> = here.keys().map(String::as_str).collect();
    let place = if section.is_empty() { "there are".to_owned() } else { format!("{section} has") };
    format!("there is no key {key}; {place} {}", known.join(", "))
}

/// How many letters must be put in, taken out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = before + usize::from(x != *y);
            before = row[j + 1];
            row[j + 1] = changed.min(before + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_between_words() {
        assert_eq!(distance("gama", "gamma"), 1);
        assert_eq!(distance("", "ab"), 2);
        assert_eq!(distance("iterations", "iteratoins"), 2);
        assert_eq!(distance("größe", "große"), 1);
    }
}
