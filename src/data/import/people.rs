//! People whom folders name by a number alone, as CelebA-Spoof does: `Data/train/4980/live/000123.jpg`.

use std::collections::BTreeMap;

use super::entry::Entry;
use super::words::class_word;
use crate::data::Split;
use crate::data::folder::split_word;

/// The number between the folder of a part and that of a class.
fn person(path: &str) -> Option<&str> {
    let folders: Vec<&str> = path.split('/').collect();
    let at = folders.iter().position(|folder| class_word(folder).is_some())?;
    let [.., part, number] = folders[..at] else { return None };
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (is_number && split_word(part).is_some()).then_some(number)
}

/// Names the subjects of `entries` by such folders, where all of them lie in one and no number stands in two parts: then it is one of a
/// camera or a session.
pub fn name(entries: &mut [Entry]) {
    if entries.iter().any(|e| !e.subject.is_empty() || person(&e.path).is_none()) {
        return;
    }
    let mut parts: BTreeMap<&str, Option<Split>> = BTreeMap::new();
    for entry in entries.iter() {
        let Some(number) = person(&entry.path) else { return };
        if *parts.entry(number).or_insert(entry.split) != entry.split {
            return;
        }
    }
    for entry in entries {
        entry.subject = person(&entry.path).unwrap_or_default().to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_between_part_and_class_is_a_person() {
        for (path, expected) in [
            ("Data/train/4980/live/000123", Some("4980")),
            ("test/7001/spoof/1", Some("7001")),
            ("train/live/4980/1", None),
            ("4980/live/1", None),
            ("train/anna/live/1", None),
        ] {
            assert_eq!(person(path), expected, "{path}");
        }
    }
}
