//! What a person asks of the data pane, carried out; answers of jobs are taken in by `answers`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::jobs::{DataJob, protocol_config};
use super::root::{RootState, for_window, typed_path};
use super::{Browse, Choice, DataCommand, Filter, Over, Packing, Page, Root, RootId, Shown, benchmark, whole_set};
use crate::config::DataSource;
use crate::data::pack::PackProgress;
use crate::data::protocol::Protocol;
use crate::engine::{PackJob, protocol_of};
use crate::ui::jobs::Job;
use crate::ui::state::{AppState, Level};
use crate::ui::workspace::{KnownRoot, Pane};

impl AppState {
    /// Carries out one command.
    pub(in crate::ui) fn handle_data(&mut self, command: DataCommand) {
        match command {
            DataCommand::Type(text) => (self.data.typed, self.data.trouble) = (text, None),
            DataCommand::Add(path) => self.add_root(&path),
            DataCommand::Forget(id) => {
                self.data.roots.retain(|r| r.id != id);
                self.data.pack_ends.remove(&id);
                self.roots_changed();
            }
            DataCommand::LookAgain(id) => self.look_again(id, None),
            DataCommand::Pictures(id, folder) => self.look_again(id, Some(folder)),
            DataCommand::Use(id, used) => {
                if let Some(root) = self.data.root_mut(id) {
                    root.used = used;
                    self.roots_changed();
                }
            }
            DataCommand::Show(shown) => self.show_data(shown),
            DataCommand::Turn(page) => self.data.page = page,
            DataCommand::Scale(scale) => {
                self.data.builtin.scale = scale;
                self.data.browse = Browse { drawn: self.data.browse.drawn, ..Browse::default() };
            }
            DataCommand::Narrow(filter) => {
                self.data.browse.filter = filter;
                self.list_clips();
            }
            DataCommand::Pick(clip) => {
                (self.data.browse.picked, self.data.browse.frame) = (clip, 0);
            }
            DataCommand::Step(by) => self.step_clip(by),
            DataCommand::Frame(frame) => self.data.browse.frame = frame,
            DataCommand::Draw(drawn) => self.data.browse.drawn = drawn,
            DataCommand::Polarity(id, choice) => {
                if let Some(RootState::Import(imported)) = self.data.root(id).map(|r| &r.state) {
                    let import = Arc::clone(&imported.import);
                    self.submit(Job::Data(Box::new(DataJob::Preview { root: id, import, choice })));
                }
            }
            DataCommand::ManifestPath(id, out) => {
                if let Some(RootState::Import(imported)) = self.data.root_mut(id).map(|r| &mut r.state) {
                    (imported.out, imported.trouble) = (out, None);
                }
            }
            DataCommand::WriteManifest(id) => self.write_manifest(id),
            DataCommand::Protocol(choice) => self.data.choice = choice,
            DataCommand::TakeProtocol => self.take_protocol(),
            DataCommand::TakeManifest(path) => {
                self.form.set("data.source", DataSource::Manifest.name());
                self.form.set("data.root", &path.display().to_string());
                self.say_next_run("The next run trains on this manifest");
            }
            DataCommand::Pack { root, rebuild } => self.pack(root, rebuild),
            DataCommand::StopPacking => {
                if let Some(packing) = &mut self.data.packing {
                    packing.stop.store(true, Ordering::Relaxed);
                    packing.stopping = true;
                }
            }
        }
    }

    /// Puts the remembered roots in; each is looked at in turn.
    pub(in crate::ui) fn begin_data(&mut self) {
        for KnownRoot { path, used, pictures } in self.workspace.roots.clone() {
            let id = self.next_root();
            self.data.roots.push(Root { id, path, pictures, used, state: RootState::Waiting, fresh: false });
        }
        let data = &self.form.config.data;
        self.data.choice.name.clone_from(&data.protocol);
    }

    pub(super) fn next_root(&mut self) -> RootId {
        let id = RootId(self.data.next_root);
        self.data.next_root += 1;
        id
    }

    fn add_root(&mut self, path: &Path) {
        let path = typed_path(&path.display().to_string());
        if path.as_os_str().is_empty() {
            return;
        }
        self.data.trouble = None;
        if let Some(id) = self.data.roots.iter().find(|r| r.path == path).map(|r| r.id) {
            self.look_again(id, None);
            self.show_data(Shown::Root(id, 0));
            self.data.typed.clear();
            return;
        }
        // It comes into view once it is known to be something.
        let id = self.next_root();
        self.data.roots.push(Root { id, path, pictures: None, used: true, state: RootState::Waiting, fresh: true });
    }

    fn look_again(&mut self, id: RootId, pictures: Option<PathBuf>) {
        if let Some(root) = self.data.root_mut(id) {
            root.state = RootState::Waiting;
            root.pictures = pictures.or(root.pictures.take());
            self.roots_changed();
        }
    }

    /// Whatever was counted over roots is counted anew; the list is kept.
    pub(super) fn roots_changed(&mut self) {
        self.data.version += 1;
        self.data.unusable.retain(|over, _| matches!(over, Over::Builtin(_)));
        let known = |r: &Root| KnownRoot { path: r.path.clone(), used: r.used, pictures: r.pictures.clone() };
        self.workspace.roots = self.data.roots.iter().filter(|r| !r.fresh).map(known).collect();
        self.keep = true;
        let there = match self.data.shown {
            Shown::Builtin => true,
            Shown::Root(id, entry) => self.data.root(id).is_some_and(|r| entry < r.entries()),
        };
        if !there {
            let next = self.data.roots.first().map_or(Shown::Builtin, |r| Shown::Root(r.id, 0));
            self.show_data(next);
        }
        self.list_clips();
    }

    pub(super) fn show_data(&mut self, shown: Shown) {
        if self.data.shown == shown {
            return;
        }
        self.data.shown = shown;
        self.data.browse = Browse { drawn: self.data.browse.drawn, ..Browse::default() };
        if self.data.page == Page::Protocol && self.data.shown_set().is_none() && shown != Shown::Builtin {
            self.data.page = Page::Overview;
        }
        self.suit_protocol();
        self.list_clips();
    }

    /// A set that comes into view brings a protocol of its own, unless the one in view has to do with it.
    pub(super) fn suit_protocol(&mut self) {
        let set = match self.data.shown_set() {
            Some(opened) => opened.report.found.set,
            None if self.data.shown == Shown::Builtin => {
                if !self.offers.iter().any(|o| o.name == self.data.choice.name) {
                    self.data.choice = Choice { name: "oulu_npu/1".to_owned(), ..self.data.choice.clone() };
                }
                return;
            }
            None => return,
        };
        let choice = &self.data.choice;
        let known = protocol_of(&protocol_config(choice));
        if known.as_ref().map(Protocol::sets).is_ok_and(|sets| sets.contains(&set)) {
            return;
        }
        let own = format!("{}/", set.name());
        if let Some(offer) = self.disk_offers.iter().find(|o| o.name.starts_with(&own)) {
            self.data.choice = Choice { name: offer.name.clone(), fold: 1, whole: choice.whole };
        }
    }

    pub(super) fn list_clips(&mut self) {
        let hits = self.data.clips().map(|c| c.matching(&self.data.browse.filter)).unwrap_or_default();
        let browse = &mut self.data.browse;
        browse.hits = hits;
        if browse.picked.is_some_and(|p| browse.hits.binary_search(&(p as u32)).is_err()) {
            browse.picked = None;
        }
    }

    fn step_clip(&mut self, by: isize) {
        let browse = &mut self.data.browse;
        let here = browse.picked.and_then(|p| browse.hits.binary_search(&(p as u32)).ok());
        let next = match here {
            Some(place) => place.saturating_add_signed(by),
            None => 0,
        };
        if let Some(&clip) = browse.hits.get(next.min(browse.hits.len().saturating_sub(1))) {
            (browse.picked, browse.frame, browse.reveal) = (Some(clip as usize), 0, true);
        }
    }

    fn write_manifest(&mut self, id: RootId) {
        let Some(RootState::Import(imported)) = self.data.root(id).map(|r| &r.state) else { return };
        let mut out = typed_path(&imported.out);
        if out.extension().is_none() {
            out.set_extension("csv");
        }
        let (import, choice) = (Arc::clone(&imported.import), imported.choice());
        self.submit(Job::Data(Box::new(DataJob::Write { root: id, import, choice, out })));
    }

    fn take_protocol(&mut self) {
        let Choice { name, fold, whole } = self.data.choice.clone();
        match self.data.over() {
            Over::Builtin(scale) => {
                self.form.set("data.source", DataSource::Builtin.name());
                self.form.set("data.benchmark", benchmark(scale).name());
            }
            Over::Disk(_) => self.form.set("data.source", DataSource::Datasets.name()),
        }
        self.form.set("data.protocol", &name);
        self.form.set("data.fold", &fold.to_string());
        self.form.set("data.whole_set", whole_set(whole).name());
        self.say_next_run(&format!("The next run follows {name}"));
    }

    fn say_next_run(&mut self, said: &str) {
        self.edit_next = true;
        self.focus = Some(Pane::Run);
        self.say(Level::Info, said);
    }

    fn pack(&mut self, id: RootId, rebuild: bool) {
        let Some(root) = self.data.root(id).filter(|_| self.data.packing.is_none()) else { return };
        let (path, title) = (root.path.clone(), root.name());
        let data = &self.form.config.data;
        let job = PackJob {
            roots: vec![path],
            out: None,
            crop: data.crop.clone(),
            finder: data.finder,
            frames: data.frames,
            rebuild,
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        };
        let stop = Arc::new(AtomicBool::new(false));
        let cache = self.cache.clone();
        let packing =
            Packing { root: id, title, progress: PackProgress::default(), stop: Arc::clone(&stop), stopping: false };
        self.data.pack_ends.remove(&id);
        if self.submit(Job::Data(Box::new(DataJob::Pack { root: id, job, cache, stop }))) {
            self.data.packing = Some(packing);
        }
    }

    /// What the next run's configuration makes of its data, once that has been looked at.
    pub fn fit(&self) -> Option<&super::Fit> {
        let (data, version, fit) = self.data.fit.as_ref()?;
        (*data == self.form.config.data && *version == self.data.version + self.data.packs).then_some(fit)
    }

    /// Everything that stands in the way of a start, told before it.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = self.form.problems();
        let source = self.form.config.data.source;
        if source == DataSource::Builtin {
            return problems;
        }
        if source == DataSource::Datasets {
            // Roots come from the data pane; what is missing there is told with the set's name.
            problems.retain(|p| !p.starts_with("data.roots"));
        }
        problems.extend(self.fit().into_iter().flat_map(|f| f.blocked.iter().map(|b| for_window(b))));
        problems
    }

    /// Turns to all clips of a part and a species.
    pub(in crate::ui) fn narrow_to(part: &str, species: &str) -> [DataCommand; 2] {
        let filter = Filter { part: Some(part.to_owned()), species: Some(species.to_owned()), ..Filter::default() };
        [DataCommand::Narrow(filter), DataCommand::Turn(Page::Clips)]
    }
}
