//! What jobs of the data pane answered, taken in.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::jobs::{DataDone, DataJob, Opening, PackTrouble};
use super::root::{Imported, Root, RootId, RootState, for_window};
use super::{Clips, Page, Shown};
use crate::data::import::{Import, Preview};
use crate::ui::jobs::Job;
use crate::ui::state::{AppState, Level};

impl AppState {
    /// Takes an answer in.
    pub(in crate::ui) fn data_done(&mut self, done: DataDone) {
        match done {
            DataDone::Opened(id, opening) => self.opened(id, *opening),
            DataDone::Builtin(scale, seed, clips) => {
                self.data.asked.builtin = false;
                self.data.builtin.clips = Some((scale, seed, clips));
                if self.data.shown == Shown::Builtin {
                    self.list_clips();
                }
            }
            DataDone::Previewed(id, preview, clips) => {
                let cache = self.cache.clone();
                if let Some(RootState::Import(imported)) = self.data.root_mut(id).map(|r| &mut r.state) {
                    (imported.preview, imported.clips) = (preview, clips);
                    imported.generation += 1;
                    let jobs = face_jobs(id, imported, &cache);
                    self.load_faces(jobs);
                    self.list_clips();
                }
            }
            DataDone::Face(id, generation, place, face) => {
                if let Some(RootState::Import(imported)) = self.data.root_mut(id).map(|r| &mut r.state)
                    && imported.generation == generation
                    && let Some(slot) = imported.faces.get_mut(place)
                {
                    *slot = Some(face);
                }
            }
            DataDone::Written(id, answer) => self.manifest_written(id, answer),
            DataDone::Looked(key, look) => {
                self.data.browse.looking = None;
                self.data.browse.look = Some((key, look));
            }
            DataDone::Matrix(key, matrix) => {
                self.data.asked.matrix = false;
                self.data.matrix = Some((key, matrix));
            }
            DataDone::Unusable(over, reasons) => {
                self.data.asked.unusable = false;
                self.data.unusable.insert(over, Arc::new(reasons));
            }
            DataDone::Fit(data, version, fit) => {
                self.data.asked.fit = false;
                self.data.fit = Some((*data, version, *fit));
            }
            DataDone::Packed(key, counted) => {
                self.data.asked.packed = false;
                self.data.packed = Some((key, counted));
            }
            DataDone::Packing(title, progress) => {
                if let Some(packing) = &mut self.data.packing {
                    (packing.title, packing.progress) = (title, progress);
                }
            }
            DataDone::PackEnd(id, answer) => {
                self.data.packing = None;
                self.data.packs += 1;
                match &answer {
                    Ok(told) => self.note(format!("{} faces are cut, out of {} clips", told.faces, told.clips)),
                    Err(PackTrouble::Stopped) => self.note("Cutting faces was stopped; what is cut is kept"),
                    Err(PackTrouble::Failed(why, _)) => self.say(Level::Warning, for_window(why)),
                }
                self.data.pack_ends.insert(id, answer);
            }
        }
    }

    fn opened(&mut self, id: RootId, opening: Opening) {
        self.data.asked.root = None;
        let Some(root) = self.data.root_mut(id) else { return };
        let (fresh, path) = (root.fresh, root.path.clone());
        let mut jobs = vec![];
        match opening {
            Opening::Sets(sets) => root.state = RootState::Sets(sets),
            Opening::Import(import, preview, clips) => {
                let imported = self.imported(&path, import, preview, clips);
                let cache = self.cache.clone();
                let Some(root) = self.data.root_mut(id) else { return };
                root.state = RootState::Import(Box::new(imported));
                if let RootState::Import(imported) = &mut root.state {
                    jobs = face_jobs(id, imported, &cache);
                }
            }
            Opening::Gone(why) if fresh => {
                // A slip of the finger: what was typed stays, to be mended.
                self.data.roots.retain(|r| r.id != id);
                self.data.trouble = Some(for_window(&why));
                self.data.typed = path.display().to_string();
                self.roots_changed();
                return;
            }
            Opening::Nothing(why) | Opening::Gone(why) => root.state = RootState::Nothing(for_window(&why)),
            Opening::Session => {
                self.data.roots.retain(|r| r.id != id);
                self.data.typed.clear();
                self.roots_changed();
                self.open(&path);
                return;
            }
        }
        if let Some(root) = self.data.root_mut(id) {
            root.fresh = false;
        }
        self.roots_changed();
        if fresh {
            self.data.typed.clear();
            self.data.page = Page::Overview;
            self.show_data(Shown::Root(id, 0));
        }
        self.suit_protocol();
        self.load_faces(jobs);
    }

    fn imported(&self, path: &Path, import: Arc<Import>, preview: Arc<Preview>, clips: Option<Arc<Clips>>) -> Imported {
        // Beside the folder of sessions, under the root's name.
        let stem = path.file_stem().map_or_else(|| "faces".to_owned(), |s| s.to_string_lossy().into_owned());
        let sessions = std::path::absolute(&self.sessions).unwrap_or_else(|_| self.sessions.clone());
        let out = sessions.parent().unwrap_or(&sessions).join(format!("{stem}.csv"));
        let taken = |p: &PathBuf| self.data.roots.iter().any(|r| r.path == *p);
        let out = if taken(&out) || out == path { out.with_file_name(format!("{stem}-2.csv")) } else { out };
        Imported {
            import,
            preview,
            clips,
            faces: vec![],
            generation: 1,
            out: out.display().to_string(),
            written: None,
            trouble: None,
        }
    }

    fn load_faces(&mut self, jobs: Vec<DataJob>) {
        for job in jobs {
            self.submit(Job::Data(Box::new(job)));
        }
    }

    fn manifest_written(&mut self, id: RootId, answer: Result<(PathBuf, usize), String>) {
        let Some(RootState::Import(imported)) = self.data.root_mut(id).map(|r| &mut r.state) else { return };
        match answer {
            Ok((path, clips)) => {
                imported.written = Some((path.clone(), clips));
                self.note(format!("{} names {clips} clips, where they lie", path.display()));
                if !self.data.roots.iter().any(|r| r.path == path) {
                    let id = self.next_root();
                    let state = RootState::Waiting;
                    self.data.roots.push(Root { id, path, pictures: None, used: true, state, fresh: false });
                }
                self.roots_changed();
            }
            Err(why) => imported.trouble = Some(for_window(&why)),
        }
    }
}

/// Jobs that load the faces of a preview; places for them are made.
fn face_jobs(root: RootId, imported: &mut Imported, cache: &Path) -> Vec<DataJob> {
    let thumbnails = imported.preview.classes.iter().flat_map(|c| &c.thumbnails);
    let generation = imported.generation;
    let jobs: Vec<DataJob> = thumbnails
        .enumerate()
        .map(|(place, thumbnail)| DataJob::Face {
            root,
            generation,
            place,
            thumbnail: Box::new(thumbnail.clone()),
            cache: cache.to_owned(),
        })
        .collect();
    imported.faces = vec![None; jobs.len()];
    jobs
}
