//! commands.jsonl: what a person changed while a run went on, by iteration and phase, so that a replay obeys it.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{SessionError, close_last_line, cut_sentence, files};
use crate::disk;

/// One setting changed while the run went on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Counted iteration before whose phase the change was made.
    pub iteration: u64,
    /// Position of that phase in its iteration.
    pub phase: usize,
    /// Dotted key, as `bilevel.gamma`.
    pub key: String,
    /// The new value, as TOML text.
    pub value: String,
}

impl Change {
    /// The changes in `path` as far as they can be read, for those who only look; none where there is no such file.
    pub fn all_in(path: &Path) -> Vec<Self> {
        let bytes = std::fs::read(path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

/// All changes of a run, in order, in memory and on disk.
#[derive(Debug)]
pub struct ChangeLog {
    path: PathBuf,
    changes: Vec<Change>,
    problems: Vec<String>,
}

impl ChangeLog {
    /// Reads `path` to go on with it; an absent file is an empty log. Half a last line is cut, other lines that cannot be read are
    /// passed over; [`ChangeLog::problems`] says so.
    pub fn open(path: &Path) -> Result<Self, SessionError> {
        let mut problems = vec![];
        if close_last_line(path)? {
            problems.push(cut_sentence(path));
        }
        let bytes = match disk::read(path, disk::LARGEST_LOG) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => vec![],
            read => read.map_err(SessionError::io("read", path))?,
        };
        let mut changes = vec![];
        for (i, line) in String::from_utf8_lossy(&bytes).lines().enumerate() {
            match serde_json::from_str(line) {
                Ok(change) => changes.push(change),
                Err(e) => problems.push(format!(
                    "line {} of commands.jsonl is damaged, its change of a setting is not obeyed ({e}): {}",
                    i + 1,
                    path.display()
                )),
            }
        }
        Ok(Self { path: path.to_owned(), changes, problems })
    }

    /// What was wrong with the file when it was opened, a sentence each.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Drops changes that cannot be obeyed, in memory alone, and says why: `why` gives the reason.
    pub fn refuse(&mut self, mut why: impl FnMut(&Change) -> Option<String>) -> Vec<String> {
        let mut refused = vec![];
        self.changes.retain(|change| {
            let Some(reason) = why(change) else { return true };
            refused.push(format!(
                "commands.jsonl changes {} to {} at iteration {}, which is ignored: {reason}",
                change.key, change.value, change.iteration
            ));
            false
        });
        refused
    }

    /// All changes, oldest first.
    pub fn all(&self) -> &[Change] {
        &self.changes
    }

    /// Adds one change.
    pub fn push(&mut self, change: Change) -> Result<(), SessionError> {
        let line = line(&change);
        let mut file = files::append(&self.path)?;
        file.write_all(line.as_bytes()).map_err(SessionError::io("append to", &self.path))?;
        self.changes.push(change);
        Ok(())
    }
}

fn line(change: &Change) -> String {
    #[expect(clippy::expect_used, reason = "two numbers and two strings always have a JSON form")]
    let mut text = serde_json::to_string(change).expect("serialisable change");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_lines_are_told_and_the_rest_is_obeyed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("commands.jsonl");
        let good = |i: u64| Change { iteration: i, phase: 0, key: "bilevel.gamma".to_owned(), value: "0.9".to_owned() };
        std::fs::write(&path, format!("{}{{rubbish}}\n{}{{\"iteration\":9,", line(&good(3)), line(&good(5)))).unwrap();
        let mut log = ChangeLog::open(&path).unwrap();
        assert_eq!(log.all(), [good(3), good(5)]);
        assert_eq!(log.problems().len(), 2);
        assert!(log.problems()[0].contains("half a line") && log.problems()[1].contains("line 2"));
        log.push(good(7)).unwrap();
        let refused = log.refuse(|c| (c.iteration == 5).then(|| "it is the fifth".to_owned()));
        assert!(refused.len() == 1 && refused[0].contains("iteration 5"), "{refused:?}");
        let again = ChangeLog::open(&path).unwrap();
        assert_eq!(
            again.all(),
            [good(3), good(5), good(7)],
            "the file keeps them, and nothing is glued to half a line"
        );
    }
}
