//! A person's notes and tags of the run in view: two files of its folder, read when it comes into view and written when
//! typing rests.

use std::fs;
use std::path::{Path, PathBuf};

use super::jobs::Job;
use super::state::{AppState, Level};
use crate::session::replace_file;

/// Seconds after the last change at which notes are written.
const REST: f64 = 1.5;

/// Notes and tags as they stand in files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// notes.md.
    pub text: String,
    /// tags: words, one a line.
    pub tags: String,
}

impl Written {
    /// Those of a session's folder; files that are not there are empty.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let read = |name: &str| match fs::read_to_string(folder.join(name)) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            other => other.map_err(|e| format!("{}: {e}", folder.join(name).display())),
        };
        let tags = read("tags")?;
        Ok(Self { text: read("notes.md")?, tags: tags.split_whitespace().collect::<Vec<_>>().join(" ") })
    }

    /// Writes them; empty ones leave no file.
    pub fn write(&self, folder: &Path) -> Result<(), String> {
        let tags: String = self.tags.split_whitespace().flat_map(|tag| [tag, "\n"]).collect();
        for (name, text) in [("notes.md", &self.text), ("tags", &tags)] {
            let path = folder.join(name);
            let done = if text.is_empty() {
                match fs::remove_file(&path) {
                    Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.to_string()),
                    _ => Ok(()),
                }
            } else {
                replace_file(&path, text.as_bytes()).map_err(|e| e.to_string())
            };
            done.map_err(|e| format!("The notes were not kept: {e}"))?;
        }
        Ok(())
    }
}

/// The pane's state.
#[derive(Debug, Default)]
pub struct Notes {
    /// What is typed.
    pub now: Written,
    /// Whose notes they are; `None` before they were read.
    pub folder: Option<PathBuf>,
    asked: Option<PathBuf>,
    kept: Written,
    /// What could not be written; tried again once it is changed, or when the window closes.
    failed: Option<Written>,
    changed: f64,
}

impl Notes {
    /// Whether the notes of `folder` are still to be read.
    pub fn wants(&self, folder: &Path) -> bool {
        self.folder.as_deref() != Some(folder) && self.asked.as_deref() != Some(folder)
    }

    /// Whether something is not written yet.
    pub fn is_dirty(&self) -> bool {
        self.now != self.kept
    }
}

impl AppState {
    /// Has the notes of the run in view read.
    pub(super) fn read_notes(&mut self) {
        let Some(folder) = self.run().map(|run| run.folder.clone()) else { return };
        self.keep_notes(true);
        if self.notes.wants(&folder) && self.jobs.submit(Job::ReadNotes(folder.clone())) {
            self.notes.asked = Some(folder);
        }
    }

    pub(super) fn type_notes(&mut self, notes: Written) {
        (self.notes.now, self.notes.changed) = (notes, self.now);
    }

    /// Writes what was typed, once typing rests, or `at_once`.
    pub(super) fn keep_notes(&mut self, at_once: bool) {
        let notes = &self.notes;
        let rests = at_once || (self.now - notes.changed > REST && notes.failed.as_ref() != Some(&notes.now));
        if let Some(folder) = notes.folder.clone().filter(|_| notes.is_dirty() && rests) {
            let written = notes.now.clone();
            if self.submit(Job::WriteNotes(folder, written.clone())) {
                self.notes.kept = written;
            }
        }
    }

    /// What became of writing them: what could not be written is not kept.
    pub(super) fn notes_kept(&mut self, answer: Result<(), String>) {
        match answer {
            Ok(()) => self.notes.failed = None,
            Err(why) => {
                self.notes.failed = Some(std::mem::take(&mut self.notes.kept));
                self.say(Level::Warning, why);
            }
        }
    }

    /// Writes what was typed, on this thread: the window is closing.
    pub(super) fn close_notes(&mut self) {
        if let Some(folder) = self.notes.folder.clone().filter(|_| self.notes.is_dirty())
            && let Err(why) = self.notes.now.write(&folder)
        {
            tracing::warn!("{why}");
        }
    }

    pub(super) fn notes_read(&mut self, folder: PathBuf, answer: Result<Written, String>) {
        self.notes.asked = None;
        match answer {
            Ok(written) => {
                (self.notes.now, self.notes.kept, self.notes.folder) = (written.clone(), written, Some(folder));
            }
            Err(why) => self.say(Level::Warning, why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_come_back_and_empty_ones_leave_no_file() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Written::read(dir.path()).unwrap(), Written::default());
        let notes = Written { text: "Maps die at 200.\n".to_owned(), tags: "good  paper".to_owned() };
        notes.write(dir.path()).unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("tags")).unwrap(), "good\npaper\n");
        assert_eq!(Written::read(dir.path()).unwrap(), Written { tags: "good paper".to_owned(), ..notes });
        Written::default().write(dir.path()).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
