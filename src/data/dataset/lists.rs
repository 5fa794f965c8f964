//! The list files that come with the sets, as text to values. Editors and archives have left their marks on them: a
//! byte order mark, lines ended in any way or not at all, spaces, endings of file names. Pure functions.

use std::collections::BTreeMap;
use std::path::Path;

use crate::data::clip::Part;

use super::name::{VIDEO, number};
use super::oulu;

/// Lists are small; a file larger than this is none.
const LARGEST: u64 = 8 << 20;

/// The text of a list file: UTF-8 or UTF-16 with a mark, other bytes replaced.
pub fn text(path: &Path) -> Result<String, String> {
    let told = |e: std::io::Error| format!("cannot be read ({e})");
    if std::fs::metadata(path).map_err(told)?.len() > LARGEST {
        return Err("is too large for a list".to_owned());
    }
    Ok(decode(&crate::disk::read(path, crate::disk::LARGEST_LIST).map_err(told)?))
}

fn decode(bytes: &[u8]) -> String {
    let wide = |unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].as_chunks().0.iter().map(|pair| unit(*pair)).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Lines with something in them, trimmed.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.trim_start_matches('\u{feff}').split(['\n', '\r']).map(str::trim).filter(|l| !l.is_empty())
}

/// A list as far as it could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T> {
    pub entries: Vec<T>,
    /// Lines that say nothing, the first of them as it stands.
    pub unread: usize,
    pub first_unread: Option<String>,
}

impl<T> Read<T> {
    fn of(text: &str, read: impl Fn(&str) -> Option<T>) -> Self {
        let mut out = Self { entries: Vec::new(), unread: 0, first_unread: None };
        for line in lines(text) {
            if let Some(entry) = read(line) {
                out.entries.push(entry);
            } else {
                out.unread += 1;
                out.first_unread.get_or_insert_with(|| line.chars().take(60).collect());
            }
        }
        out
    }
}

/// A stem without a video's ending.
fn without_ending(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, ending)) if VIDEO.iter().any(|v| v.eq_ignore_ascii_case(ending)) => stem,
        _ => name,
    }
}

/// OULU-NPU's `LABEL,name`: +1 live, -1 and -2 attacks. What kind of attack -1 is depends on the list, so it is never
/// learnt from here.
pub fn oulu(text: &str) -> Read<(i8, oulu::Clip)> {
    Read::of(text, |line| {
        let (label, name) = line.split_once(',')?;
        let label = match label.trim() {
            "+1" | "1" => 1,
            "-1" => -1,
            "-2" => -2,
            _ => return None,
        };
        Some((label, oulu::Clip::parse(without_ending(name.trim()))?))
    })
}

/// MSU-MFSD's two-digit clients.
pub fn clients(text: &str) -> Read<u32> {
    Read::of(text, |line| number(line, 1..=3))
}

/// Replay-Attack's `clients.txt`: `001 train`.
pub fn clients_by_part(text: &str) -> Read<(u32, Part)> {
    Read::of(text, |line| {
        let mut words = line.split_whitespace();
        let client = number(words.next()?, 1..=3)?;
        let part = match words.next()?.to_ascii_lowercase().as_str() {
            "train" => Part::Train,
            "devel" | "dev" => Part::Dev,
            "test" => Part::Test,
            _ => return None,
        };
        words.next().is_none().then_some((client, part))
    })
}

/// One path or stem a line, in lower case, with `/`, without a video's ending or `./` before it.
pub fn paths(text: &str) -> Read<String> {
    Read::of(text, |line| {
        let path = without_ending(line).to_ascii_lowercase().replace('\\', "/");
        Some(path.trim_start_matches("./").to_owned())
    })
}

/// How often each entry stands in a list: some lists repeat lines to balance classes.
pub fn counted<T: Ord>(entries: Vec<T>) -> BTreeMap<T, usize> {
    let mut out = BTreeMap::new();
    for entry in entries {
        *out.entry(entry).or_default() += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_way_to_end_a_line_reads_the_same() {
        let expected = [(1, "1_1_01_1"), (-1, "1_1_01_2"), (-2, "6_3_55_5")];
        for text in [
            "+1,1_1_01_1\n-1,1_1_01_2\n-2,6_3_55_5\n",
            "+1,1_1_01_1\r\n-1,1_1_01_2\r\n-2,6_3_55_5",
            "\u{feff}1,1_1_1_1.avi\r-1 , 1_1_01_2.AVI \r\r\n-2,6_3_55_5\n\n",
        ] {
            let read = oulu(text);
            let stems: Vec<(i8, String)> = read.entries.iter().map(|(l, c)| (*l, c.stem())).collect();
            assert_eq!(stems, expected.map(|(l, s)| (l, s.to_owned())), "{text:?}");
            assert_eq!(read.unread, 0);
        }
        let read = oulu("+1,1_1_01_1\n+2,1_1_01_1\n+1;1_1_01_1\n-1,7_1_01_1\n");
        assert_eq!((read.entries.len(), read.unread, read.first_unread.as_deref()), (1, 3, Some("+2,1_1_01_1")));
    }

    #[test]
    fn lists_of_wide_characters_are_read() {
        let wide: Vec<u8> = "\u{feff}02\r\n03".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(clients(&decode(&wide)).entries, [2, 3]);
        let wide: Vec<u8> = "\u{feff}02\r\n03".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(clients(&decode(&wide)).entries, [2, 3]);
        assert_eq!(clients(&decode(b"\xef\xbb\xbf02\r\n03")).entries, [2, 3]);
    }

    #[test]
    fn other_lists_are_read() {
        assert_eq!(clients("02\r\n03\r\n55").entries, [2, 3, 55]);
        assert_eq!(clients_by_part("001 train\n003  devel\n").entries, [(1, Part::Train), (3, Part::Dev)]);
        assert_eq!(clients_by_part("001\n1 2 3\nx train").unread, 3);
        assert_eq!(paths("./Train\\real\\a.mov\nLive_1\n").entries, ["train/real/a", "live_1"]);
        assert_eq!(counted(vec!["a", "b", "a"]), BTreeMap::from([("a", 2), ("b", 1)]));
    }

    proptest! {
        #[test]
        fn damaged_lists_never_stop_a_reader(text in "[+\\-0-9,_ a-z./\r\n\u{feff}]{0,200}", at in 0usize..200, byte: u8) {
            let mut bytes = text.into_bytes();
            if let Some(b) = bytes.get_mut(at) {
                *b = byte;
            }
            let text = decode(&bytes);
            let lines = lines(&text).count();
            prop_assert_eq!(oulu(&text).entries.len() + oulu(&text).unread, lines);
            prop_assert_eq!(clients(&text).entries.len() + clients(&text).unread, lines);
            prop_assert_eq!(clients_by_part(&text).entries.len() + clients_by_part(&text).unread, lines);
            prop_assert_eq!(paths(&text).entries.len(), lines);
        }
    }
}
