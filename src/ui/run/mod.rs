//! A run as the window knows it: append-only data built from an engine's events or by reading a session folder, so that
//! views cannot tell the difference.

mod metrics;
mod reader;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use metrics::{Metrics, Series};
pub use reader::{SessionReader, SessionUpdate};

use crate::config::{DetectorConfig, RunConfig, set_key};
use crate::engine::{
    BatchView, Cost, Cursor, PhaseInfo, PhaseReport, Progress, Stage, Started, TensorNote, phases, source_domains,
};
use crate::session::{MapSet, Outlook, Provenance, STALE_SECS, State, WatchedFaces};

/// Names a run within one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub u32);

/// What the last phases did.
#[derive(Debug, Clone, PartialEq)]
pub struct StepReport {
    /// The stage.
    pub stage: Stage,
    /// Position of the phase that was just done; `None` before the first.
    pub done: Option<usize>,
    /// Position of the next phase.
    pub next: usize,
    /// All phases of this kind of iteration.
    pub phases: Vec<PhaseInfo>,
    /// Named numbers that the phase gave.
    pub numbers: Vec<(String, f64)>,
    /// What stands in its equation.
    pub tensors: Vec<TensorNote>,
    /// Seconds the phase took.
    pub seconds: f64,
}

/// Everything that is known of a run.
#[derive(Debug, Clone)]
pub struct RunStore {
    /// Name for people: the folder's.
    pub name: String,
    /// The session folder.
    pub folder: PathBuf,
    /// Its configuration.
    pub config: Option<RunConfig>,
    /// What it costs, as counted from its layers.
    pub cost: Option<Cost>,
    /// Pace, memory and time left, as its engine told last.
    pub outlook: Option<Outlook>,
    /// Where its numbers come from.
    pub provenance: Option<Provenance>,
    /// The faces whose maps come.
    pub watched: Option<Arc<WatchedFaces>>,
    /// What it is doing; `None` while it starts.
    pub state: Option<State>,
    /// Where it stands.
    pub cursor: Cursor,
    /// The stage; `None` while the run starts.
    pub stage: Option<Stage>,
    /// Iterations done within the stage.
    pub stage_iteration: u64,
    /// Losses and norms.
    pub metrics: Metrics,
    /// Counted iterations that have maps on disk, as far as is known, ascending.
    pub map_iterations: Vec<u64>,
    /// Maps in memory by iteration.
    pub maps: MapShelf,
    /// What the last phase did.
    pub step: Option<StepReport>,
    /// The batch of an iteration that was stepped through.
    pub batch: Option<Arc<BatchView>>,
    /// The counted iteration that it is of.
    pub batch_of: u64,
    /// What takes a while just now.
    pub progress: Option<Progress>,
    /// Summary of the last evaluation.
    pub results: Option<serde_json::Value>,
    /// What went wrong.
    pub error: Option<String>,
    /// Seconds since another process last gave a sign of life.
    pub heartbeat_age_secs: Option<u64>,
    /// Whether rows before the engine's first one are still being read; rows wait here meanwhile.
    pub waiting_rows: Option<Vec<crate::session::Row>>,
}

/// Maps in memory, the newest ones of a run and those that were looked at; old ones make room.
#[derive(Debug, Clone, Default)]
pub struct MapShelf {
    sets: BTreeMap<u64, Arc<MapSet>>,
    newest: Option<Arc<MapSet>>,
    used: Vec<u64>,
}

impl MapShelf {
    /// How many sets are kept besides the newest.
    const KEPT: usize = 96;

    /// Puts a set in. A preview becomes the newest and nothing else: it may be from within an iteration, and what is
    /// shown for a stored iteration is what is stored.
    pub fn put(&mut self, set: MapSet, preview: bool) {
        let set = Arc::new(set);
        let iteration = set.iteration;
        if preview {
            self.newest = Some(set);
            return;
        }
        if self.newest.as_ref().is_none_or(|n| n.iteration <= iteration) {
            self.newest = Some(Arc::clone(&set));
        }
        self.sets.insert(iteration, set);
        self.used.retain(|&i| i != iteration);
        self.used.push(iteration);
        if self.used.len() > Self::KEPT {
            let old = self.used.remove(0);
            self.sets.remove(&old);
        }
    }

    /// The set of `iteration`.
    pub fn get(&self, iteration: u64) -> Option<&Arc<MapSet>> {
        self.sets.get(&iteration)
    }

    /// Sets in memory.
    #[cfg(test)]
    pub(in crate::ui) fn len(&self) -> usize {
        self.sets.len() + usize::from(self.newest.is_some())
    }

    /// The newest set.
    pub fn newest(&self) -> Option<&Arc<MapSet>> {
        self.newest.as_ref()
    }

    /// Forgets sets after `iteration`.
    pub fn cut_after(&mut self, iteration: u64) {
        self.sets.retain(|&i, _| i <= iteration);
        self.used.retain(|&i| i <= iteration);
        if self.newest.as_ref().is_some_and(|n| n.iteration > iteration) {
            self.newest = self.sets.values().next_back().cloned();
        }
    }
}

impl RunStore {
    /// A run of which no more is known than its folder.
    pub fn new(folder: &Path) -> Self {
        let name =
            folder.file_name().map_or_else(|| folder.display().to_string(), |n| n.to_string_lossy().into_owned());
        Self {
            name,
            folder: folder.to_owned(),
            config: None,
            cost: None,
            outlook: None,
            provenance: None,
            watched: None,
            state: None,
            cursor: Cursor::default(),
            stage: None,
            stage_iteration: 0,
            metrics: Metrics::default(),
            map_iterations: vec![],
            maps: MapShelf::default(),
            step: None,
            batch: None,
            batch_of: 0,
            progress: None,
            results: None,
            error: None,
            heartbeat_age_secs: None,
            waiting_rows: None,
        }
    }

    /// What every report on it must say of copies of data sets that are not whole.
    pub fn partial(&self) -> &[String] {
        self.provenance.as_ref().map_or(&[], |p| &p.clips.partial)
    }

    /// Takes an engine's report that it has begun, or has gone to another place. Tells whether earlier rows must be
    /// read from the folder.
    pub fn started(&mut self, started: Started) -> bool {
        let Started { session, config, provenance, watched, cursor, .. } = started;
        let fresh = Self::new(&session);
        let same_place = self.folder == session;
        if !same_place {
            *self = Self { state: self.state, ..fresh };
        }
        self.set_config(config);
        self.provenance = Some(provenance);
        self.watched = Some(Arc::new(watched));
        self.metrics.cut(cursor.iteration);
        self.maps.cut_after(cursor.iteration);
        self.map_iterations.retain(|&i| i <= cursor.iteration);
        self.set_cursor(cursor);
        (self.step, self.batch, self.error, self.heartbeat_age_secs) = (None, None, None, None);
        if self.metrics.last().is_none_or(|row| row.iteration + 1 < cursor.iteration) && cursor.iteration > 0 {
            self.waiting_rows = Some(vec![]);
        }
        if self.metrics.last().is_none() || self.results_are_void() {
            self.results = None;
        }
        self.waiting_rows.is_some()
    }

    fn results_are_void(&self) -> bool {
        self.config.as_ref().is_some_and(|c| self.cursor.iteration < c.total_iterations())
    }

    /// Moves to `cursor`, with the stage that its iteration belongs to.
    fn set_cursor(&mut self, cursor: Cursor) {
        self.cursor = cursor;
        if let Some((stage, first)) = self.stage_at(cursor.iteration) {
            self.stage = Some(stage);
            self.stage_iteration = cursor.iteration - first;
        }
    }

    /// Takes an engine's report of a phase.
    pub fn phase(&mut self, report: PhaseReport) {
        let PhaseReport { cursor, stage, stage_iteration, mut done, next, phases, batch, .. } = report;
        let PhaseReport { mut numbers, mut tensors, mut seconds, .. } = report;
        self.metrics.cut(cursor.iteration + 1);
        match &self.step {
            // The report of a pause: where the run stands, after a report of what it did.
            Some(before) if done.is_none() && cursor == self.cursor && before.stage == stage => {
                (done, seconds) = (before.done, before.seconds);
                numbers.clone_from(&before.numbers);
                tensors.clone_from(&before.tensors);
            }
            // The last phase of a stage is none of the next stage's.
            Some(before) if before.stage != stage && next == 0 => done = None,
            _ => {}
        }
        self.cursor = cursor;
        self.stage = Some(stage);
        self.stage_iteration = stage_iteration;
        self.step = Some(StepReport { stage, done, next, phases, numbers, tensors, seconds });
        if batch.is_some() {
            self.batch_of = cursor.iteration;
            self.batch = batch.map(Arc::new);
        }
    }

    /// Adds a row, unless earlier ones are still awaited.
    pub fn push_row(&mut self, row: crate::session::Row) {
        match &mut self.waiting_rows {
            Some(waiting) => waiting.push(row),
            None => self.metrics.push(&row),
        }
    }

    /// Adds the rows that were on disk before the engine's first, and those that waited for them.
    pub fn backfill(&mut self, earlier: &[crate::session::Row]) {
        let waiting = self.waiting_rows.take().unwrap_or_default();
        let first = waiting.first().map_or(self.cursor.iteration, |r| r.iteration);
        if let Some(row) = earlier.first() {
            self.metrics.cut(row.iteration);
        }
        earlier.iter().filter(|r| r.iteration < first).chain(&waiting).for_each(|r| self.metrics.push(r));
    }

    /// Takes what was read from the session folder.
    pub fn read(&mut self, update: SessionUpdate) {
        let SessionUpdate { opened, restarted, rows, status, silent_secs, map_iterations, results, .. } = update;
        if let Some(opened) = opened {
            self.set_config(opened.config);
            self.provenance = Some(opened.provenance);
        }
        if let Some(faces) = update.watched {
            self.watched = Some(Arc::new(faces));
        }
        if restarted {
            self.metrics.cut(0);
            self.maps.cut_after(map_iterations.last().copied().unwrap_or(0));
        }
        for row in &rows {
            self.metrics.push(row);
        }
        if let Some(status) = status {
            self.state = Some(status.state);
            self.cursor = Cursor { iteration: status.global_iteration, phase: status.phase };
            self.heartbeat_age_secs = Some(silent_secs.unwrap_or_else(|| status.age_secs()));
            self.stage_iteration = self.stage_iteration_of(status.stage, status.global_iteration);
            self.stage = Some(status.stage);
            (self.error, self.outlook) = (status.error, status.outlook);
        }
        self.map_iterations = map_iterations;
        self.results = results;
    }

    fn stage_iteration_of(&self, stage: Stage, iteration: u64) -> u64 {
        let first = self.span(stage).map_or(iteration, |(first, _)| first);
        iteration.saturating_sub(first)
    }

    /// First counted iteration and number of iterations of a counted stage.
    pub fn span(&self, stage: Stage) -> Option<(u64, u64)> {
        let lengths = self.config.as_ref()?.lengths();
        Stage::COUNTED.contains(&stage).then(|| (stage.first(lengths), stage.length(lengths)))
    }

    /// The counted stage that iteration `iteration` belongs to, and that stage's first iteration.
    pub fn stage_at(&self, iteration: u64) -> Option<(Stage, u64)> {
        Stage::COUNTED.into_iter().find_map(|stage| {
            let (first, n) = self.span(stage)?;
            (iteration >= first && iteration < first + n).then_some((stage, first))
        })
    }

    /// The phases of the iteration under way: as reported, else as the stage has them.
    pub fn phases(&self) -> Vec<PhaseInfo> {
        match &self.step {
            Some(step) if Some(step.stage) == self.stage => step.phases.clone(),
            _ => self.stage.map_or_else(Vec::new, |stage| self.phases_of(stage)),
        }
    }

    /// The detector and what it learns from.
    pub fn detector(&self) -> DetectorConfig {
        self.config.as_ref().map(|c| c.detector.clone()).unwrap_or_default()
    }

    /// The phases of `stage`, as the settings tell before a step has been reported.
    pub fn phases_of(&self, stage: Stage) -> Vec<PhaseInfo> {
        let config = self.config.clone().unwrap_or_default();
        phases(stage, &config, source_domains(&config))
    }

    /// One phase back from where the run stands.
    pub fn phase_before(&self) -> Option<Cursor> {
        let Cursor { iteration, phase } = self.cursor;
        if phase > 0 {
            return Some(Cursor { iteration, phase: phase - 1 });
        }
        let before = iteration.checked_sub(1)?;
        let (stage, _) = self.stage_at(before)?;
        Some(Cursor { iteration: before, phase: self.phases_of(stage).len().saturating_sub(1) })
    }

    /// The start of the iteration under way, or of the one before.
    pub fn iteration_before(&self) -> Option<Cursor> {
        let Cursor { iteration, phase } = self.cursor;
        let iteration = if phase > 0 { iteration } else { iteration.checked_sub(1)? };
        Some(Cursor { iteration, phase: 0 })
    }

    /// Whether its data were made by a program; the word must stand beside its numbers then.
    pub fn is_synthetic(&self) -> bool {
        let by_provenance = self.provenance.as_ref().map(|p| p.origin == "synthetic");
        let by_config = || self.config.as_ref().is_some_and(|c| c.data.source == crate::config::DataSource::Builtin);
        by_provenance.unwrap_or_else(by_config)
    }

    /// Whether nothing more will come of it by itself.
    pub fn is_over(&self) -> bool {
        matches!(self.state, Some(State::Stopped | State::Failed | State::Finished | State::PausedNan))
    }

    /// Whether another process trains it, as far as its last sign of life tells.
    pub fn is_written_elsewhere(&self) -> bool {
        let alive = self.heartbeat_age_secs.is_some_and(|age| age <= STALE_SECS);
        alive && matches!(self.state, Some(State::Running | State::Paused))
    }

    /// Changes one setting of the configuration, as the engine was asked to.
    pub fn set_hyper(&mut self, key: &str, value: &str) {
        let Some(config) = &self.config else { return };
        let Ok(mut table) = toml::Table::try_from(config) else { return };
        if set_key(&mut table, key, value).is_ok()
            && let Ok(changed) = crate::config::from_table(table, key)
        {
            self.set_config(changed);
        }
    }

    /// Takes a configuration, and counts what it costs.
    pub fn set_config(&mut self, config: RunConfig) {
        self.cost = super::form::cost_of(&config);
        self.config = Some(config);
    }

    /// What its engine told of pace and time left, while there is any left and somebody to do it.
    pub fn outlook_now(&self) -> Option<&Outlook> {
        let alive = self.heartbeat_age_secs.is_none_or(|age| age <= STALE_SECS);
        let under_way = matches!(self.state, Some(State::Running | State::Paused));
        self.outlook.as_ref().filter(|_| under_way && alive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Preset;

    fn store() -> RunStore {
        let mut run = RunStore::new(Path::new("sessions/a"));
        let mut config = Preset::Demo.config();
        (config.pretrain.iterations, config.bilevel.iterations, config.detector.iterations) = (300, 200, 400);
        run.config = Some(config);
        run
    }

    #[test]
    fn going_back_crosses_iterations_and_stages() {
        let mut run = store();
        assert_eq!((run.phase_before(), run.iteration_before()), (None, None));
        run.cursor = Cursor { iteration: 300, phase: 0 };
        assert_eq!(run.phase_before(), Some(Cursor { iteration: 299, phase: 2 }), "pretraining has three phases");
        run.cursor = Cursor { iteration: 301, phase: 4 };
        assert_eq!(run.phase_before(), Some(Cursor { iteration: 301, phase: 3 }));
        assert_eq!(run.iteration_before(), Some(Cursor { iteration: 301, phase: 0 }));
        run.cursor = Cursor { iteration: 301, phase: 0 };
        assert_eq!(run.phase_before(), Some(Cursor { iteration: 300, phase: 8 }), "K = 2 gives nine phases");
        assert_eq!(run.stage_at(500), Some((Stage::Detector, 500)));
        let end = run.config.as_ref().unwrap().total_iterations();
        assert_eq!(run.stage_at(end), None);
    }

    #[test]
    fn earlier_rows_come_before_those_that_waited() {
        let row = |i: u64| crate::session::Row {
            iteration: i,
            stage: Stage::Pretrain,
            stage_iteration: i,
            values: vec![("teacher_loss".to_owned(), i as f64)],
        };
        let mut run = store();
        run.cursor.iteration = 5;
        run.waiting_rows = Some(vec![]);
        (5..8).for_each(|i| run.push_row(row(i)));
        run.backfill(&(0..7).map(row).collect::<Vec<_>>());
        assert_eq!(run.metrics.get("teacher_loss").unwrap().x, (0..8).map(f64::from).collect::<Vec<_>>());
    }

    #[test]
    fn a_changed_setting_is_shown_and_nonsense_is_not() {
        let mut run = store();
        run.set_hyper("bilevel.gamma", "0.5");
        run.set_hyper("bilevel.gama", "0.1");
        assert_eq!(run.config.unwrap().bilevel.gamma, 0.5);
    }
}
