//! What jobs answered, taken in.

use crate::ui::ablations::SweepDone;
use crate::ui::command::{Dialog, TimeCursor};
use crate::ui::compare::CompareCommand;
use crate::ui::data::DataCommand;
use crate::ui::export::ExportCommand;
use crate::ui::jobs::{Done, FolderFor, Job};
use crate::ui::patterns::PatternsCommand;
use crate::ui::run::{RunId, RunStore};
use crate::ui::state::{AppState, Level};

/// Every how many seconds a folder that another process writes is looked at.
const POLL_SECS: f64 = 1.0;
/// The same where nothing comes by itself: such a folder may still be deleted, scored again or gone on with.
const POLL_OVER_SECS: f64 = 2.0;

impl AppState {
    pub(super) fn done(&mut self, done: Done) {
        match done {
            Done::Polled(id, answer) => {
                self.polling = false;
                match *answer {
                    Ok(update) => self.polled(id, update),
                    Err(error) => {
                        let known = self.run_mut(id).is_some_and(|r| r.config.is_some());
                        let folder = self.run_mut(id).map(|run| run.folder.clone());
                        // What was typed can be put right.
                        if !known && folder.is_some() && self.typed == folder && self.dialog.is_none() {
                            self.dialog = self.typed.take().map(|path| Dialog::OpenPath(path.display().to_string()));
                        }
                        if !known && !self.is_attached(id) {
                            self.close(id);
                        }
                        if known
                            && !self.is_attached(id)
                            && let Some(run) = self.run_mut(id)
                        {
                            run.heartbeat_age_secs = Some(crate::session::STALE_SECS + 1);
                            // What was said of it once is not said every second.
                            if run.error.replace(error.clone()).as_ref() == Some(&error) {
                                return;
                            }
                        }
                        self.say(Level::Error, error);
                    }
                }
            }
            Done::Maps(id, iteration, answer) => {
                self.loading_maps = None;
                match answer {
                    Ok(set) => {
                        if let Some(run) = self.run_mut(id) {
                            run.maps.put(*set, false);
                        }
                        self.want_maps();
                    }
                    Err(error) => {
                        if let Some(run) = self.run_mut(id) {
                            run.map_iterations.retain(|&i| i != iteration);
                        }
                        if self.time == TimeCursor::At(iteration) {
                            self.time = TimeCursor::Live;
                        }
                        self.say(Level::Warning, error);
                    }
                }
            }
            Done::Rows(id, answer) => {
                let rows = answer.unwrap_or_else(|error| {
                    self.say(Level::Warning, error);
                    vec![]
                });
                if let Some(run) = self.run_mut(id) {
                    run.backfill(&rows);
                }
                self.poll(id);
            }
            Done::FreeFolder(folder) => {
                if let Some(wish) = self.wish.take() {
                    self.start_in(folder, wish);
                }
            }
            Done::Sample(folder) => self.sample = folder,
            Done::Data(done) => self.data_done(*done),
            Done::Sweep(done) => match *done {
                SweepDone::Looked(answer) => self.sweep_looked(answer),
                SweepDone::Told(progress) => self.sweep_told(progress),
                SweepDone::Ended(answer) => self.sweep_ended(answer),
            },
            Done::Judged(folder, answer) => self.judged(folder, *answer),
            Done::NotesRead(folder, answer) => self.notes_read(folder, answer),
            Done::NotesKept(answer) => self.notes_kept(answer),
            Done::Pixel(job, points) => self.pixel_read(job, points),
            Done::Export(done) => self.export_done(*done),
            Done::Shelf(found) => self.shelf_looked(found),
            Done::Patterns(rows) => self.patterns_made(rows),
            Done::PatternSheet(answer) => self.patterns_written(answer),
            Done::Kept(error) => {
                if let Some(error) = error {
                    self.say(Level::Warning, error);
                }
            }
            Done::NoDialog(problem) => {
                self.asking = None;
                self.say(Level::Info, problem);
            }
            Done::Picture(generation, index, answer) => self.gallery.take(generation, index, answer),
            Done::Asked(what, folder) => {
                self.asking = None;
                match (what, folder) {
                    (_, None) => {}
                    (FolderFor::Session, Some(folder)) => self.open(&folder),
                    (FolderFor::Data, Some(folder)) => self.form.set("data.root", &folder.display().to_string()),
                    (FolderFor::Manifest, Some(file)) => self.form.set("data.root", &file.display().to_string()),
                    (FolderFor::Out, Some(folder)) => self.form.out = Some(folder),
                    (FolderFor::Root | FolderFor::RootFile, Some(path)) => self.handle_data(DataCommand::Add(path)),
                    (FolderFor::Shelf, Some(path)) => self.handle_compare(CompareCommand::AddShelf(path)),
                    (FolderFor::ExportOut, Some(path)) => {
                        self.handle_export(ExportCommand::ChooseOut(path));
                    }
                    (FolderFor::Picture, Some(path)) => self.handle_patterns(PatternsCommand::Add(path)),
                    (FolderFor::PatternsOut, Some(path)) => self.handle_patterns(PatternsCommand::ChooseOut(path)),
                    (FolderFor::Pictures(id), Some(path)) => self.handle_data(DataCommand::Pictures(id, path)),
                    (FolderFor::ManifestOut(id), Some(path)) => {
                        self.handle_data(DataCommand::ManifestPath(id, path.display().to_string()));
                    }
                }
            }
        }
    }

    fn polled(&mut self, id: RunId, update: crate::ui::run::SessionUpdate) {
        let attached = self.is_attached(id);
        let Some(run) = self.run_mut(id) else { return };
        if attached {
            // The engine tells the rest, and sooner.
            run.map_iterations = update.map_iterations;
            return;
        }
        // What turned out to be no session is not offered again.
        let opened = update.opened.is_some().then(|| run.folder.clone());
        run.read(update);
        if let Some(folder) = opened {
            self.workspace.remember(&folder);
        }
        self.want_maps();
    }

    pub(super) fn poll(&mut self, id: RunId) {
        let Some(folder) = self.run_mut(id).map(|r| r.folder.clone()) else { return };
        self.polling = self.jobs.submit(Job::Poll { run: id, folder });
    }

    /// Looks at the folders in view that another process may be writing, one after the other.
    pub(super) fn poll_folders(&mut self) {
        let all = self.watched_folders();
        let after = all.iter().position(|id| Some(*id) == self.polled_last).map_or(0, |at| at + 1);
        let Some(&id) = all.get(after).or(all.first()) else { return };
        if !self.polling && self.now >= self.next_poll {
            self.polled_last = Some(id);
            self.next_poll = self.now + self.poll_secs();
            self.poll(id);
        }
    }

    /// Seconds between two looks into folders.
    pub(in crate::ui) fn poll_secs(&self) -> f64 {
        let watched = self.watched_folders();
        let changes = |(id, run): &(RunId, RunStore)| watched.contains(id) && !run.is_over();
        if self.runs.iter().any(changes) { POLL_SECS } else { POLL_OVER_SECS }
    }

    /// Runs in view, or picked to be compared, that no engine of this window writes.
    pub(in crate::ui) fn watched_folders(&self) -> Vec<RunId> {
        let shown =
            |id: &RunId, run: &RunStore| self.selected == Some(*id) || self.compare.picked.contains(&run.folder);
        let changes = |id: &RunId, run: &RunStore| !self.is_attached(*id) && run.config.is_some();
        self.runs.iter().filter(|(id, run)| shown(id, run) && changes(id, run)).map(|(id, _)| *id).collect()
    }
}
