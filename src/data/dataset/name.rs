//! Pieces of a path, and what a set's grammar reads out of them. Grammars themselves are in the files of the sets.

use crate::data::clip::{ClipInfo, Part};

/// What may stand for a video.
pub const VIDEO: [&str; 3] = ["avi", "mp4", "mov"];

/// A path in lower case, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name<'a> {
    /// The folders, outermost first.
    pub folders: Vec<&'a str>,
    /// The file's name without its ending.
    pub stem: &'a str,
    /// The ending, without the dot.
    pub ending: &'a str,
}

impl<'a> Name<'a> {
    /// Of a relative path in lower case with `/`; nothing where the file has no ending.
    pub fn new(lower: &'a str) -> Option<Self> {
        let mut folders: Vec<&str> = lower.split('/').collect();
        let (stem, ending) = folders.pop()?.rsplit_once('.')?;
        (!stem.is_empty()).then_some(Self { folders, stem, ending })
    }

    /// How many of the innermost folders in a row are the set's own, by `own`.
    pub fn run(&self, own: impl Fn(&str) -> bool) -> usize {
        self.folders.iter().rev().take_while(|f| own(f)).count()
    }

    /// The innermost folder that `of` knows.
    pub fn folder<T>(&self, of: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.folders.iter().rev().find_map(|f| of(f))
    }
}

/// What a grammar read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The clip; its path is the one it has in the published tree.
    pub info: ClipInfo,
    /// The part that its folder claims, where a folder claims one.
    pub told: Option<Part>,
    /// How many of the innermost folders are the set's own.
    pub own: usize,
}

/// A number of so many ASCII digits.
pub fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
    (digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Exactly `N` fields, divided by underscores.
pub fn fields<const N: usize>(text: &str) -> Option<[&str; N]> {
    let mut all = text.split('_');
    let mut out = [""; N];
    for field in &mut out {
        *field = all.next()?;
    }
    all.next().is_none().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_apart() {
        let name = Name::new("a/b/1.2.avi").unwrap();
        assert_eq!(name, Name { folders: vec!["a", "b"], stem: "1.2", ending: "avi" });
        assert_eq!((name.run(|f| f == "b"), name.run(|f| f == "a"), name.run(|_| true)), (1, 0, 2));
        assert_eq!(Name::new("x.mov").unwrap().folders, Vec::<&str>::new());
        assert!(Name::new("a/none").is_none() && Name::new("a/.avi").is_none() && Name::new("").is_none());
        assert_eq!(fields("a_b"), Some(["a", "b"]));
        assert_eq!((fields::<2>("a"), fields::<2>("a_b_c")), (None, None));
        assert_eq!(
            (number("007", 1..=3), number("+7", 1..=3), number("1234", 1..=3), number("", 0..=3)),
            (Some(7), None, None, None)
        );
    }
}
