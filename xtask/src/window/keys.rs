//! Which keys make which signs: the server's own keymap, and the names by which keys are called here.

use anyhow::{Context, Result, bail};

/// Keysyms of keys that make no sign.
const NAMED: [(&str, u32); 6] =
    [("Ctrl", 0xffe3), ("Shift", 0xffe1), ("Escape", 0xff1b), ("Enter", 0xff0d), ("F11", 0xffc8), ("Space", 0x20)];

/// A key, and whether Shift has to be held with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stroke {
    pub(super) key: u8,
    pub(super) shift: bool,
}

/// The keysym of a sign: Latin-1 are their own, others have Unicode's number.
fn keysym(sign: char) -> u32 {
    match u32::from(sign) {
        latin @ (0x20..=0x7e | 0xa0..=0xff) => latin,
        other => 0x0100_0000 | other,
    }
}

/// What the server's keys make: a row of keysyms a key, without and with Shift first.
pub(super) struct Keymap {
    /// The keycode of the first row.
    pub(super) first: u8,
    /// Keysyms a row.
    pub(super) width: usize,
    pub(super) keysyms: Vec<u32>,
}

impl Keymap {
    fn find(&self, keysym: u32) -> Option<Stroke> {
        let rows = || self.keysyms.chunks_exact(self.width.max(1)).zip(self.first..=u8::MAX);
        [false, true].into_iter().find_map(|shift| {
            let made = |row: &[u32]| row.get(usize::from(shift)) == Some(&keysym);
            rows().find(|(row, _)| made(row)).map(|(_, key)| Stroke { key, shift })
        })
    }

    /// What types `sign`.
    pub(super) fn typing(&self, sign: char) -> Result<Stroke> {
        self.find(keysym(sign)).with_context(|| format!("no key of the private screen types `{sign}`"))
    }

    /// The keys of a chord as "Ctrl+P", the one that does it last.
    pub(super) fn chord(&self, text: &str) -> Result<Vec<u8>> {
        text.split('+').map(|name| self.key(name)).collect()
    }

    fn key(&self, name: &str) -> Result<u8> {
        let named = NAMED.iter().find(|(known, _)| *known == name).map(|(_, keysym)| *keysym);
        let mut signs = name.chars();
        let keysym = match (named, signs.next(), signs.next()) {
            (Some(keysym), ..) => keysym,
            (None, Some(sign), None) => keysym(sign.to_ascii_lowercase()),
            _ => bail!("no key is called `{name}`"),
        };
        Ok(self.find(keysym).with_context(|| format!("the private screen has no key `{name}`"))?.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keycode 8 and on: a A, 1 !, Control, p P, and one that makes nothing.
    fn keymap() -> Keymap {
        let keysyms = vec![0x61, 0x41, 0, 0x31, 0x21, 0, 0xffe3, 0, 0, 0x70, 0x50, 0, 0, 0, 0];
        Keymap { first: 8, width: 3, keysyms }
    }

    #[test]
    fn signs_are_typed_with_shift_where_they_need_it() {
        let typing = |sign| keymap().typing(sign).unwrap();
        assert_eq!(typing('a'), Stroke { key: 8, shift: false });
        assert_eq!(typing('A'), Stroke { key: 8, shift: true });
        assert_eq!(typing('!'), Stroke { key: 9, shift: true });
        let error = keymap().typing('ω').unwrap_err().to_string();
        assert!(error.contains('ω'), "{error}");
        assert_eq!((keysym('ä'), keysym('ω')), (0xe4, 0x0100_03c9));
    }

    #[test]
    fn chords_are_called_by_the_names_of_their_keys() {
        assert_eq!(keymap().chord("Ctrl+P").unwrap(), [10, 11]);
        assert_eq!(keymap().chord("1").unwrap(), [9]);
        for wrong in ["Ctrl+Space", "Hyper+A", ""] {
            assert!(keymap().chord(wrong).is_err(), "{wrong}");
        }
    }
}
