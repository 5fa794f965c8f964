//! Lists as text: whatever encoding and line ends they come with, one thing a line, a path and a label.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::tree::Tree;
use crate::disk;

/// The text of a list. Marks of byte order are dropped; what is not UTF-8 becomes a replacement character and a problem.
pub fn read(path: &Path, name: &str, problems: &mut Vec<String>) -> Option<String> {
    match disk::read(path, disk::LARGEST_LIST) {
        Ok(bytes) => Some(decode(&bytes, name, problems)),
        Err(e) => {
            problems.push(format!("{name} could not be read ({e}); it was left out."));
            None
        }
    }
}

/// Whether at least the given share of a file's first lines fits; most files of a folder can be told by that.
fn begins_with(path: &Path, share: f64, fits: impl Fn(&str) -> bool) -> bool {
    let mut head = vec![];
    let read = File::open(path).and_then(|f| f.take(HEAD).read_to_end(&mut head));
    let text = decode(&head, "", &mut vec![]);
    let (mut right, mut all) = (0, 0);
    for (_, line) in lines(&text).take(LOOKED_AT) {
        (right, all) = (right + usize::from(fits(line)), all + 1);
    }
    read.is_ok() && right > 0 && right as f64 >= share * f64::from(all)
}

/// Names and texts of a tree's lists: files with one of these endings, of whose first lines at least this share fits.
pub fn lists(
    tree: &Tree,
    endings: &[&str],
    (share, fits): (f64, impl Fn(&str) -> bool),
    problems: &mut Vec<String>,
) -> Vec<(String, String)> {
    let named = |n: &&str| n.rsplit_once('.').is_some_and(|(_, e)| endings.iter().any(|w| e.eq_ignore_ascii_case(w)));
    tree.names()
        .filter(named)
        .filter_map(|name| {
            let path = tree.path(name);
            let text = if begins_with(&path, share, &fits) { read(&path, name, problems) } else { None };
            Some((name.to_owned(), text?))
        })
        .collect()
}

/// Bytes and lines that are looked at.
const HEAD: u64 = 1 << 14;
const LOOKED_AT: usize = 20;

/// As [`read`], from bytes.
pub fn decode(bytes: &[u8], name: &str, problems: &mut Vec<String>) -> String {
    let bytes = match bytes {
        [0xff, 0xfe, rest @ ..] => {
            let units = rest.as_chunks::<2>().0.iter().map(|b| u16::from_le_bytes(*b));
            return char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => rest,
        all => all,
    };
    let text = String::from_utf8_lossy(bytes);
    if text.contains(char::REPLACEMENT_CHARACTER) {
        problems.push(format!("{name} is not UTF-8; names with other letters in it will not be found."));
    }
    text.into_owned()
}

/// The lines that hold something, with their numbers from 1, without spaces at the ends.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.split('\n').enumerate().map(|(i, line)| (i + 1, line.trim()));
    lines.filter(|(_, line)| !line.is_empty())
}

/// A path, and the label behind the last comma, semicolon or space.
pub fn path_and_label(line: &str) -> Option<(&str, &str)> {
    let (path, label) = line.rsplit_once([',', ';', ' ', '\t'])?;
    let path = path.trim_end_matches([',', ';', ' ', '\t']).trim().trim_matches('"').trim();
    (!path.is_empty() && !label.is_empty()).then_some((path, label.trim_matches('"')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::manifest::testing::mutated;

    #[test]
    fn encodings_and_line_ends_do_not_matter() {
        let plain = "a/b 1.png 0\n\n ü,1 \nlast\t-1";
        let of = |bytes: &[u8]| {
            let mut problems = vec![];
            let text = decode(bytes, "list.txt", &mut problems);
            assert!(problems.is_empty(), "{problems:?}");
            let lines = lines(&text).map(|(n, l)| format!("{n} {:?}", path_and_label(l))).collect::<Vec<_>>();
            lines.join("; ")
        };
        let expected = r#"1 Some(("a/b 1.png", "0")); 3 Some(("ü", "1")); 4 Some(("last", "-1"))"#;
        assert_eq!(of(plain.as_bytes()), expected);
        assert_eq!(of(format!("\u{feff}{}\r\n", plain.replace('\n', "\r\n")).as_bytes()), expected);
        let mut wide = vec![0xff, 0xfe];
        wide.extend(plain.encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(of(&wide), expected);
        let mut problems = vec![];
        decode(b"na\xefve 1", "list.txt", &mut problems);
        assert!(problems[0].starts_with("list.txt is not UTF-8"), "{problems:?}");
        assert_eq!(
            (path_and_label("alone"), path_and_label(" ,1"), path_and_label("\"a,b\", 1")),
            (None, None, Some(("a,b", "1")))
        );
    }

    proptest! {
        #[test]
        fn damaged_lists_give_paths_or_nothing(bytes in mutated("\u{feff}a/b.png 0\r\nc d.png,1\r\n\"e.png\";-2")) {
            let text = decode(&bytes, "x", &mut vec![]);
            for (n, line) in lines(&text) {
                prop_assert!(n >= 1);
                if let Some((path, label)) = path_and_label(line) {
                    prop_assert!(!path.is_empty() && line.contains(path) && line.ends_with(label.trim_matches('"')) | line.ends_with('"'));
                }
            }
        }
    }
}
