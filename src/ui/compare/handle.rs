//! Commands of the compare pane, carried out.

use std::path::{Path, PathBuf};

use super::{CompareCommand, ComparePage};
use crate::ui::jobs::Job;
use crate::ui::run::{RunId, RunStore};
use crate::ui::state::{AppState, Level};
use crate::ui::workspace::Pane;

impl AppState {
    /// Carries out one command.
    pub(in crate::ui) fn handle_compare(&mut self, command: CompareCommand) {
        let compare = &mut self.compare;
        match command {
            CompareCommand::Filter(text) => compare.filter = text,
            CompareCommand::Sort(by) if compare.sort == by => compare.reversed = !compare.reversed,
            CompareCommand::Sort(by) => (compare.sort, compare.reversed) = (by, by.falls()),
            CompareCommand::Pick(folder, true) => self.pick(&folder),
            CompareCommand::Pick(folder, false) => self.unpick(&folder),
            CompareCommand::Clear => {
                for folder in std::mem::take(&mut self.compare.picked) {
                    self.unpick(&folder);
                }
            }
            CompareCommand::Turn(page) => compare.page = page,
            CompareCommand::Metric(name) => compare.metric = name,
            CompareCommand::Bands(bands) => compare.single_lines = !bands,
            CompareCommand::Kind(kind) => compare.kind = Some(kind),
            CompareCommand::Together(how) => compare.together = how,
            CompareCommand::Swipe(at) => compare.swipe = at.clamp(0.0, 1.0),
            CompareCommand::Side(which, side) => compare.sides[which.min(1)] = side,
            CompareCommand::Type(text) => compare.typed = text,
            CompareCommand::AddShelf(folder) => self.add_shelf(folder),
        }
        self.want_maps();
    }

    fn pick(&mut self, folder: &Path) {
        if self.compare.picked.iter().any(|p| p == folder) {
            return;
        }
        self.compare.picked.push(folder.to_owned());
        if self.runs.iter().all(|(_, run)| run.folder != folder) {
            self.open_beside(folder);
            self.compare.opened.push(folder.to_owned());
        }
    }

    /// What was opened for this pane alone goes with its pick, unless it came into view meanwhile.
    fn unpick(&mut self, folder: &Path) {
        self.compare.picked.retain(|p| p != folder);
        if let Some(at) = self.compare.opened.iter().position(|p| p == folder) {
            self.compare.opened.remove(at);
            let run = self.runs.iter().find(|(_, run)| run.folder == folder).map(|(id, _)| *id);
            if let Some(id) = run.filter(|id| self.selected != Some(*id) && !self.is_attached(*id)) {
                self.runs.retain(|(i, _)| *i != id);
            }
        }
    }

    fn add_shelf(&mut self, folder: PathBuf) {
        if !folder.is_dir() {
            self.say(Level::Warning, format!("There is no such folder: {}", folder.display()));
            return;
        }
        if !self.workspace.shelves.contains(&folder) {
            self.workspace.shelves.push(folder);
        }
        self.compare.typed.clear();
        self.look_at_shelf();
    }

    /// Opens a session without bringing it into view, unless nothing is.
    fn open_beside(&mut self, folder: &Path) {
        let id = RunId(self.next_run);
        self.next_run += 1;
        self.runs.push((id, RunStore::new(folder)));
        if self.selected.is_none() {
            self.selected = Some(id);
            self.focus = Some(Pane::Compare);
        }
        self.submit(Job::Poll { run: id, folder: folder.to_owned() });
    }

    /// The maps that the two sides show: which run's, and of which iteration.
    pub(in crate::ui) fn compared_maps(&self) -> Vec<(RunId, u64)> {
        if self.compare.page != ComparePage::Maps {
            return vec![];
        }
        [0, 1].into_iter().filter_map(|side| self.compared_map(side)).collect()
    }

    /// The run and stored iteration of one side.
    pub(in crate::ui) fn compared_map(&self, side: usize) -> Option<(RunId, u64)> {
        let folder = self.compare.side_folder(side)?;
        let (id, run) = self.runs.iter().find(|(_, run)| run.folder == *folder)?;
        let wanted = self.compare.sides[side].iteration.filter(|i| run.map_iterations.contains(i));
        Some((*id, wanted.or_else(|| run.map_iterations.last().copied())?))
    }
}
