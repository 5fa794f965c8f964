//! What is shown against what is known: whatever is missing is asked for, each thing once at a time. Looked at in every
//! frame, so that no command has to think of what follows from it.

use std::sync::Arc;

use super::fit::needed_roots;
use super::jobs::DataJob;
use super::{Cutting, LookKey, Over, PackKey, Page, RootState, Shown};
use crate::config::DataSource;
use crate::data::dataset::Report;
use crate::ui::jobs::Job;
use crate::ui::state::AppState;

impl AppState {
    /// Asks for what is missing; whether anything was asked for.
    pub(in crate::ui) fn settle_data(&mut self) -> bool {
        let asked = [
            self.settle_roots(),
            self.settle_builtin(),
            self.settle_look(),
            self.settle_matrix(),
            self.settle_unusable(),
            self.settle_fit(),
            self.settle_packed(),
        ];
        asked.contains(&true)
    }

    /// Hands a job over; if too many wait, it is asked for again in the next frame.
    fn ask(&self, job: DataJob) -> bool {
        self.jobs.submit(Job::Data(Box::new(job)))
    }

    fn found(&self) -> Vec<Arc<Report>> {
        self.data.used_sets().map(|(_, opened)| Arc::clone(&opened.report)).collect()
    }

    fn settle_roots(&mut self) -> bool {
        if self.data.asked.root.is_some() {
            return false;
        }
        let Some(root) = self.data.roots.iter().find(|r| matches!(r.state, RootState::Waiting)) else { return false };
        let (id, path, pictures) = (root.id, root.path.clone(), root.pictures.clone());
        let asked = self.ask(DataJob::Open { root: id, path, pictures });
        self.data.asked.root = asked.then_some(id);
        asked
    }

    fn settle_builtin(&mut self) -> bool {
        let (scale, seed) = (self.data.builtin.scale, self.form.config.data.seed);
        let known = self.data.builtin.clips.as_ref().is_some_and(|c| (c.0, c.1) == (scale, seed));
        let wanted = self.data.shown == Shown::Builtin && self.data.visible && !known && !self.data.asked.builtin;
        self.data.asked.builtin |= wanted && self.ask(DataJob::Builtin { scale, seed });
        wanted && self.data.asked.builtin
    }

    /// The clip that should be seen, and how.
    fn wanted_look(&self) -> Option<LookKey> {
        let (row, _) = self.data.picked()?;
        let config = &self.form.config.data;
        let (version, cut) = match self.data.shown {
            Shown::Builtin => (config.seed, None),
            // As many frames as are shown, whatever a run looks at.
            Shown::Root(..) => (self.data.version, Some(Cutting { frames: 0, ..Cutting::of(config) })),
        };
        Some(LookKey { shown: self.data.shown, row, version, cut, detect: self.data.browse.drawn.detected })
    }

    fn settle_look(&mut self) -> bool {
        let Some(key) = self.wanted_look().filter(|_| self.data.page == Page::Clips) else { return false };
        let browse = &self.data.browse;
        if browse.looking.is_some() || browse.look.as_ref().is_some_and(|(k, _)| *k == key) {
            return false;
        }
        let Some((_, row)) = self.data.picked() else { return false };
        let builtin = (self.data.builtin.scale, self.form.config.data.seed);
        let whence = row.whence.clone();
        let cache = self.cache.clone();
        let asked = self.ask(DataJob::Look { key: key.clone(), whence, builtin, cache });
        self.data.browse.looking = asked.then_some(key);
        asked
    }

    fn settle_matrix(&mut self) -> bool {
        let wanted = self.data.page == Page::Protocol && self.data.visible && !self.data.is_looking();
        if !wanted || self.data.asked.matrix || self.data.shown_matrix().is_some() {
            return false;
        }
        let key = (self.data.over(), self.data.choice.clone());
        self.data.asked.matrix = self.ask(DataJob::Matrix { key, found: self.found() });
        self.data.asked.matrix
    }

    fn settle_unusable(&mut self) -> bool {
        let data = &self.data;
        if data.asked.unusable || data.is_looking() {
            return false;
        }
        let page = (data.page == Page::Protocol && data.visible).then(|| data.over());
        let form = (self.form.config.data.source == DataSource::Datasets).then_some(Over::Disk(data.version));
        let Some(over) = [page, form].into_iter().flatten().find(|o| !data.unusable.contains_key(o)) else {
            return false;
        };
        let offers = match over {
            Over::Builtin(_) => self.offers.clone(),
            Over::Disk(_) => self.disk_offers.clone(),
        };
        self.data.asked.unusable = self.ask(DataJob::Unusable { over, offers, found: self.found() });
        self.data.asked.unusable
    }

    fn settle_fit(&mut self) -> bool {
        if self.form.config.data.source == DataSource::Builtin || self.data.asked.fit || self.data.is_looking() {
            return false;
        }
        if self.form.config.data.source == DataSource::Datasets {
            let sets = self.data.used_sets().map(|(root, opened)| (root.path.as_path(), &opened.report.found));
            let roots = needed_roots(&self.form.config.data, sets);
            if roots != self.form.config.data.roots {
                self.form.config.data.roots = roots;
            }
        }
        if self.fit().is_some() {
            return false;
        }
        let (data, version) = (Box::new(self.form.config.data.clone()), self.data.version + self.data.packs);
        let job = DataJob::Fit { data, version, found: self.found(), cache: self.cache.clone() };
        self.data.asked.fit = self.ask(job);
        self.data.asked.fit
    }

    fn settle_packed(&mut self) -> bool {
        let Some(key) = self.packed_key() else { return false };
        if self.data.asked.packed || self.data.packed.as_ref().is_some_and(|(k, _)| *k == key) {
            return false;
        }
        let (Some(clips), Some(root)) = (self.data.clips().cloned(), self.data.shown_root()) else { return false };
        let of = if let Some(opened) = self.data.shown_set() {
            let found = &opened.report.found;
            (found.set.name().to_owned(), found.root.clone())
        } else {
            let title = root.path.file_stem().map_or_else(|| "list".to_owned(), |s| s.to_string_lossy().into());
            (title, root.path.parent().unwrap_or(&root.path).to_owned())
        };
        let cache = self.cache.clone();
        self.data.asked.packed = self.ask(DataJob::Packed { key, of, clips, cache });
        self.data.asked.packed
    }

    /// What packs are asked about for what is in view; nothing where faces cannot be cut ahead.
    pub(in crate::ui) fn packed_key(&self) -> Option<PackKey> {
        let data = &self.data;
        let root = data.shown_root()?;
        let packs = match &root.state {
            RootState::Sets(_) => true,
            RootState::Import(import) => import.is_ready(),
            _ => false,
        };
        let wanted = packs && data.visible && data.page == Page::Overview && data.packing.is_none();
        wanted.then(|| PackKey {
            shown: data.shown,
            version: data.version,
            packs: data.packs,
            cut: Cutting::of(&self.form.config.data),
        })
    }
}
