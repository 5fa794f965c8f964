//! Sessions on disk as the window knows them: looked for below the folders where runs lie, on a thread of its own, and again
//! every few seconds while a pane shows them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::jobs::Job;
use super::state::AppState;
use crate::sweep::{Found, Shelved};

/// Seconds between looks while somebody looks.
const AGAIN: f64 = 10.0;

/// What is known.
#[derive(Debug, Default)]
pub struct ShelfView {
    /// Sessions by folder.
    pub sessions: Vec<Arc<Shelved>>,
    /// Session folders that cannot be read, with the reason.
    pub unreadable: Vec<(PathBuf, String)>,
    /// Raised when sessions come, go or change.
    pub generation: u64,
    looking: bool,
    looked: Option<f64>,
}

impl ShelfView {
    /// Whether it is time to look, at the window's second `now`.
    pub fn wants(&self, now: f64) -> bool {
        !self.looking && self.looked.is_none_or(|then| now - then > AGAIN)
    }

    /// Whether it was looked at all.
    pub fn is_known(&self) -> bool {
        self.looked.is_some()
    }

    /// The session in `folder`.
    pub fn get(&self, folder: &Path) -> Option<&Arc<Shelved>> {
        self.sessions.iter().find(|s| s.folder == folder)
    }

    fn take(&mut self, found: Found, now: f64) {
        let Found { sessions, unreadable } = found;
        let same = |(a, b): (&Arc<Shelved>, &Arc<Shelved>)| Arc::ptr_eq(a, b);
        let unchanged = sessions.len() == self.sessions.len() && sessions.iter().zip(&self.sessions).all(same);
        if !unchanged || unreadable != self.unreadable {
            (self.sessions, self.unreadable) = (sessions, unreadable);
            self.generation += 1;
        }
        (self.looking, self.looked) = (false, Some(now));
    }
}

impl AppState {
    /// Has the folders looked through.
    pub(super) fn look_at_shelf(&mut self) {
        if !self.shelf.looking && self.jobs.submit(Job::Shelf(self.shelf_roots())) {
            self.shelf.looking = true;
        }
    }

    pub(super) fn shelf_looked(&mut self, found: Found) {
        let now = self.now;
        self.shelf.take(found, now);
    }

    /// Where sessions lie: the folder that runs go to, sweeps beside it, folders that a person named, and where the open
    /// runs are; a case of a sweep brings the others along.
    fn shelf_roots(&self) -> Vec<PathBuf> {
        let sweeps = self.sessions.parent().map(|p| p.join("sweeps"));
        let sweep = |run: &Path| {
            let cases = run.parent()?;
            cases.file_name().filter(|n| *n == "cases").and_then(|_| Some(cases.parent()?.to_owned()))
        };
        let open = self.runs.iter().map(|(_, run)| sweep(&run.folder).unwrap_or_else(|| run.folder.clone()));
        let mut roots: Vec<PathBuf> = std::iter::once(self.sessions.clone()).chain(sweeps).collect();
        roots.extend(self.workspace.shelves.iter().cloned());
        for root in open {
            if !roots.iter().any(|r| root.starts_with(r)) {
                roots.push(root);
            }
        }
        roots
    }
}
