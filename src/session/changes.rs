//! commands.jsonl: what a person changed while a run went on, by iteration and phase, so that a replay obeys it.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{SessionError, files};

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

/// All changes of a run, in order, in memory and on disk.
#[derive(Debug)]
pub struct ChangeLog {
    path: PathBuf,
    changes: Vec<Change>,
}

impl ChangeLog {
    /// Reads `path`; an absent file is an empty log.
    pub fn open(path: &Path) -> Result<Self, SessionError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(SessionError::io("read", path)(e)),
        };
        let parse = |(i, line): (usize, &str)| {
            serde_json::from_str(line)
                .map_err(|e| SessionError::corrupt(path, format!("line {} is no recorded change ({e})", i + 1)))
        };
        let changes = text.lines().enumerate().map(parse).collect::<Result<_, _>>()?;
        Ok(Self { path: path.to_owned(), changes })
    }

    /// All changes, oldest first.
    pub fn all(&self) -> &[Change] {
        &self.changes
    }

    /// Adds one change.
    pub fn push(&mut self, change: Change) -> Result<(), SessionError> {
        let line = line(&change);
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)
            .and_then(|mut f| f.write_all(line.as_bytes()))
            .map_err(SessionError::io("append to", &self.path))?;
        self.changes.push(change);
        Ok(())
    }

    /// Forgets changes made at (`iteration`, `phase`) or later.
    pub fn cut(&mut self, iteration: u64, phase: usize) -> Result<(), SessionError> {
        let before = self.changes.len();
        self.changes.retain(|c| (c.iteration, c.phase) < (iteration, phase));
        if self.changes.len() == before {
            return Ok(());
        }
        files::replace(&self.path, self.changes.iter().map(line).collect::<String>().as_bytes())
    }
}

fn line(change: &Change) -> String {
    #[expect(clippy::expect_used, reason = "two numbers and two strings always have a JSON form")]
    let mut text = serde_json::to_string(change).expect("serialisable change");
    text.push('\n');
    text
}
