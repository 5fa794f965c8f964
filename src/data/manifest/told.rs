//! Many things of one kind as one sentence: how many, and the first few by name.

/// Collects what is wrong in one way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::data) struct Told {
    count: usize,
    first: Vec<String>,
}

/// How many are named.
const NAMED: usize = 3;

impl Told {
    /// All of these.
    pub fn of(all: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut told = Self::default();
        all.into_iter().for_each(|what| told.add(what.as_ref()));
        told
    }

    /// One more.
    pub fn add(&mut self, what: impl Into<String>) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(what.into());
        }
    }

    pub fn count(&self) -> usize {
        self.count
    }

    /// Appends to `problems` what `sentence` makes of the count, and the names; nothing if there is none.
    pub fn tell(&self, problems: &mut Vec<String>, sentence: impl Fn(usize) -> String) {
        if self.count == 0 {
            return;
        }
        let more = if self.count > self.first.len() { ", …" } else { "" };
        problems.push(format!("{} ({}{more}).", sentence(self.count), self.first.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_named_and_the_rest_is_counted() {
        let mut told = Told::default();
        let mut problems = vec![];
        told.tell(&mut problems, |n| format!("{n} lost"));
        assert!(problems.is_empty());
        for name in ["a", "b", "c", "d"] {
            told.add(name);
            problems.clear();
            told.tell(&mut problems, |n| format!("{n} lost"));
        }
        assert_eq!(problems, ["4 lost (a, b, c, …)."]);
    }
}
