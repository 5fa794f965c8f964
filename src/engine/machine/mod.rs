//! A run as a machine that does one phase at a time: which phase is next, what it needs, what numbers it gave. It owns
//! the tensors and knows nothing of threads, folders or people; the runner drives it. This file knows where the run is;
//! what the phases of training do stands in `training`, those of HFN in `meta_pattern`, scoring in `evaluation`, what people see of it in `view`.

mod evaluation;
mod meta_pattern;
mod rf_meta;
mod teachers;
mod tensors;
mod training;
mod view;

pub use evaluation::Scored;
pub use teachers::Judged;

use tch::{Device, Tensor};

use super::EngineError;
use super::batches::{Batches, Drawn};
use super::cost::{StageCost, whole};
use super::event::TensorNote;
use super::nets::RunNets;
use super::phase::{Learning, PhaseInfo, phases};
use super::store::RunState;
use crate::config::{RunConfig, Stage, Teaching, WatchChoice, WatchConfig};
use crate::data::{FaceSet, Label, Split};
use crate::methods;
use crate::methods::detector::{Aids, StudentState, Task};
use crate::methods::meta_pattern::{DomainSplit, Trunk};
use crate::methods::mt_fas::hypergradient::Batch;
use crate::methods::mt_fas::{Iteration, MtFasState};
use crate::nets::BnStats;
use crate::rng::{Streams, shuffle};
use crate::session::WatchedFaces;
use crate::session::{Row, map_stride};

/// What the iteration under way has made so far.
#[derive(Debug)]
enum Work {
    Nothing,
    Pretrain { batch: Batch, drawn: Drawn },
    Bilevel { iteration: Box<Iteration>, train: Drawn, validation: Drawn },
    Rival { batch: Batch, drawn: Drawn },
    Detector { batch: Batch, drawn: Drawn, labels: Option<Labels> },
    RfMeta(Box<rf_meta::Work>),
    MetaPattern { split: DomainSplit, batch: Batch, drawn: Drawn },
    Evaluate { stats: Option<BnStats>, scored: Option<Scored> },
}

/// What a detector is to learn of its batch.
#[derive(Debug)]
struct Labels {
    target: Tensor,
    /// 0 for pictures without a target.
    known: Option<Tensor>,
    /// A `FitNet` teacher's features.
    hint: Option<Tensor>,
}

/// What one phase gave.
#[derive(Debug, Default)]
pub struct Stepped {
    /// Named numbers of the phase.
    pub numbers: Vec<(String, f64)>,
    /// What stands in the phase's equation, if that was wanted.
    pub tensors: Vec<TensorNote>,
    /// The finished iteration's row, after its last phase in a counted stage.
    pub row: Option<Row>,
    /// Scores, after the last phase of evaluation.
    pub scores: Option<Scored>,
}

/// Asked between the parts of long phases: told how far it is, answers whether to go on.
pub type Watcher<'a> = &'a mut dyn FnMut(&str, u64, u64) -> bool;

/// A run between two phases.
#[derive(Debug)]
pub struct Machine {
    /// Settings in force now, with what a person changed on the way.
    pub config: RunConfig,
    /// The networks.
    pub nets: RunNets,
    /// The data.
    pub batches: Batches,
    /// Everything that training changes.
    pub state: RunState,
    /// Weights that HFN's trunks start from, where they are given.
    trunk: Option<Trunk>,
    device: Device,
    global: u64,
    stage: Stage,
    stage_iteration: u64,
    phase: usize,
    work: Work,
    row: Vec<(String, f64)>,
    watched: WatchedFaces,
    watched_x: Tensor,
    /// Faces that nothing is learnt from, for a validation loss that runs can be compared by.
    held_out: Option<Batch>,
    cotangent: Option<(Tensor, f64)>,
    /// Whether the next hypergradient phase shall also give the watched faces' cotangents.
    pub want_cotangent: bool,
    /// Whether phases shall tell what stands in their equations.
    pub want_tensors: bool,
}

/// Whether HFN's trunks are to start from given weights.
pub(super) fn wants_trunk(config: &RunConfig) -> bool {
    Learning::of(&config.detector) == Learning::MetaPattern && !config.meta_pattern.weights.trim().is_empty()
}

/// The part that watched faces are of: the test part, or where it has no faces the dev or the training part.
fn watched_part(faces: &FaceSet) -> Split {
    let parts = [Split::Test, Split::Dev, Split::Train];
    parts.into_iter().find(|part| faces.faces.iter().any(|f| f.split == *part)).unwrap_or(Split::Test)
}

/// The faces to watch, from one part of the data: a face of each clip that is named, and then three quarters spoofs and one quarter
/// live, at even distances or by the run's seed.
fn choose_watched(faces: &FaceSet, config: &RunConfig) -> Vec<usize> {
    let WatchConfig { samples, choose, ref clips, .. } = config.watch;
    let part = watched_part(faces);
    let of_part = |i: &usize| faces.faces[*i].split == part;
    let named = clips.iter().filter_map(|name| {
        let mut all = (0..faces.faces.len()).filter(of_part);
        all.find(|&i| faces.faces[i].key == *name || faces.faces[i].clip == *name)
    });
    let mut chosen: Vec<usize> = vec![];
    for i in named {
        if chosen.len() < samples && !chosen.contains(&i) {
            chosen.push(i);
        }
    }
    let rest = samples - chosen.len();
    let spread = |label: Label, count: usize| {
        let mut all = faces.indices(part, label);
        if choose == WatchChoice::Random {
            let purpose = if label == Label::Live { "watched live faces" } else { "watched attacks" };
            shuffle(&mut Streams::new(config.seed).stream(purpose, 0), &mut all);
        }
        let step = (all.len() as f64 / count.max(1) as f64).max(1.0);
        (0..count).filter_map(move |i| all.get((i as f64 * step) as usize).copied()).collect::<Vec<_>>()
    };
    let live = (rest / 4).max(usize::from(rest > 1));
    for i in spread(Label::Spoof, rest - live).into_iter().chain(spread(Label::Live, live)) {
        if !chosen.contains(&i) {
            chosen.push(i);
        }
    }
    chosen
}

impl Machine {
    /// A run at its very beginning; an error where the pictures of watched faces cannot be read. Teachers learn from `for_teachers`, where that is given, and otherwise from the
    /// training part of `faces` too. HFN starts from `trunk`, where that is given.
    pub fn new(
        config: RunConfig,
        faces: FaceSet,
        for_teachers: Option<FaceSet>,
        trunk: Option<Trunk>,
        device: Device,
    ) -> Result<Self, EngineError> {
        let nets = RunNets::new(&config);
        let chosen = choose_watched(&faces, &config);
        if chosen.is_empty() {
            return Err(EngineError::Refused(format!("{} has no faces; there is nothing to train on", faces.name)));
        }
        let watched = view::watched(&faces, &chosen)?;
        let batches = Batches::new(faces, for_teachers, &config, device);
        let watched_x = batches.pictures(&chosen)?;
        let meta = config.detector.supervision.teaching() == Teaching::Meta;
        let held_out = if meta { batches.held_out()? } else { None };
        let mt = MtFasState::new(&nets.meta, &config, device);
        let mut machine = Self {
            state: RunState { mt, rival: None, deployed_stats: None, student: None },
            config,
            nets,
            batches,
            trunk,
            device,
            global: 0,
            stage: Stage::Pretrain,
            stage_iteration: 0,
            phase: 0,
            work: Work::Nothing,
            row: vec![],
            watched,
            watched_x,
            held_out,
            cotangent: None,
            want_cotangent: false,
            want_tensors: false,
        };
        machine.settle();
        Ok(machine)
    }

    /// Goes to the place after `global` counted iterations, with `state`.
    pub fn restore(&mut self, state: RunState, global: u64) {
        let lengths = self.config.lengths();
        let trains = |s: &Stage| global < s.first(lengths) + s.length(lengths);
        let stage = Stage::COUNTED.into_iter().find(trains).unwrap_or(Stage::Evaluate);
        // Between a teacher's last iteration and its detector's first one lies calibration.
        self.stage = if stage >= Stage::Detector && state.student.is_none() { Stage::Calibrate } else { stage };
        self.stage_iteration = match self.stage {
            Stage::Calibrate | Stage::Evaluate => 0,
            counted => global - counted.first(lengths),
        };
        self.state = state;
        // What later stages add must not linger when a run goes back, or goes on with more iterations than it had.
        if self.stage <= Stage::Calibrate {
            self.state.deployed_stats = None;
            self.state.student = None;
        }
        if self.stage < Stage::Rival {
            self.state.rival = None;
        }
        self.global = global;
        self.phase = 0;
        self.work = Work::Nothing;
        self.row.clear();
        self.cotangent = None;
        self.settle();
    }

    /// Leaves stages that have no iterations, doing what their end and the next one's beginning do.
    fn settle(&mut self) {
        let lengths = self.config.lengths();
        if self.stage == Stage::Pretrain && self.stage_iteration >= lengths.pretrain {
            self.state.mt.begin_bilevel(&self.config);
            self.enter(Stage::Bilevel);
        }
        if self.stage == Stage::Bilevel && self.stage_iteration >= lengths.bilevel {
            self.enter(Stage::Rival);
        }
        if self.stage == Stage::Rival
            && self.state.rival.is_none()
            && let Some(net) = &self.nets.rival
        {
            let (seed, device) = (self.config.seed, self.device);
            self.state.rival = Some(StudentState::new(net, &Aids::default(), "init/rival", seed, device));
        }
        if self.stage == Stage::Rival && self.stage_iteration >= lengths.rival {
            self.enter(Stage::Calibrate);
        }
        let taught = matches!(self.teaching(), Teaching::Meta | Teaching::Rival(_));
        if self.stage == Stage::Calibrate && (self.stage_iteration >= 1 || !taught) {
            let (net, aids) = (&self.nets.student, &self.nets.aids);
            let mut student = StudentState::new(net, aids, "init/student", self.config.seed, self.device);
            if let Some(nets) = &self.nets.rf_meta {
                methods::rf_meta::begin(&mut student, nets, &self.config.rf_meta, self.config.seed, self.device);
            }
            if let Some(trunk) = &self.trunk {
                trunk.put(&net.graph, &mut student);
            }
            // Weights that are wanted and not there begin nothing else instead.
            self.state.student = Some(student).filter(|_| self.trunk.is_some() || !wants_trunk(&self.config));
            self.enter(Stage::Detector);
        }
        if self.stage == Stage::Detector && self.stage_iteration >= lengths.detector {
            self.enter(Stage::Evaluate);
        }
    }

    fn teaching(&self) -> Teaching {
        self.config.detector.supervision.teaching()
    }

    fn task(&self) -> Task {
        Task::student(&self.config.detector, &self.config.rival)
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.stage_iteration = 0;
        self.cotangent = None;
    }

    /// Where the tensors are.
    pub fn device(&self) -> Device {
        self.device
    }

    /// Counted iterations done.
    pub fn global(&self) -> u64 {
        self.global
    }

    /// The stage under way.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Iterations of the stage that are done.
    pub fn stage_iteration(&self) -> u64 {
        self.stage_iteration
    }

    /// Phases of the iteration under way that are done.
    pub fn phase(&self) -> usize {
        self.phase
    }

    /// Bi-level iterations done.
    pub fn bilevel_done(&self) -> u64 {
        let lengths = self.config.lengths();
        self.global.saturating_sub(lengths.pretrain).min(lengths.bilevel)
    }

    /// Takes the evaluation for done, where the session holds its results.
    pub fn take_as_evaluated(&mut self) {
        if self.stage == Stage::Evaluate {
            self.stage_iteration = 1;
            self.phase = 0;
        }
    }

    /// Whether everything is done.
    pub fn finished(&self) -> bool {
        self.stage == Stage::Evaluate && self.stage_iteration >= 1
    }

    /// The phases of the iteration under way.
    pub fn phases(&self) -> Vec<PhaseInfo> {
        phases(self.stage, &self.config, self.batches.domains().len())
    }

    /// All that the run is to do, as it is counted for the settings in force.
    pub fn work(&self) -> Vec<StageCost> {
        let of = |split: Split| self.batches.faces.faces.iter().filter(|f| f.split == split).count();
        let scored = self.scored_splits().into_iter().map(of).sum();
        whole(&self.config, scored)
    }

    /// Iterations after which maps are stored.
    pub fn map_stride(&self) -> u64 {
        map_stride(self.config.watch.every, self.config.total_iterations())
    }

    /// Does the next phase.
    pub fn step(&mut self, watcher: Watcher<'_>) -> Result<Stepped, EngineError> {
        let before = self.want_tensors.then(|| self.state.clone());
        let mut out = match self.stage {
            Stage::Pretrain => self.pretrain_phase()?,
            Stage::Bilevel => self.bilevel_phase()?,
            Stage::Rival => self.rival_phase()?,
            Stage::Calibrate => self.calibrate_phase(watcher)?,
            Stage::Detector => match self.learning() {
                Learning::Plain => self.detector_phase()?,
                Learning::RfMeta => self.rf_meta_phase()?,
                Learning::MetaPattern => self.meta_pattern_phase()?,
            },
            Stage::Evaluate => self.evaluate_phase(watcher)?,
        };
        if let Some(before) = before {
            out.tensors = self.tensors(&before);
        }
        self.row.extend(out.numbers.iter().cloned());
        self.phase += 1;
        if self.phase == self.phase_count() {
            out.row = self.finish_iteration();
        }
        Ok(out)
    }

    fn learning(&self) -> Learning {
        Learning::of(&self.config.detector)
    }

    /// How many phases the iteration under way has.
    pub fn phase_count(&self) -> usize {
        match self.stage {
            Stage::Detector if self.learning() == Learning::RfMeta => self.rf_meta_steps().len(),
            Stage::Detector if self.learning() == Learning::MetaPattern => self.meta_pattern_phases(),
            Stage::Pretrain | Stage::Detector | Stage::Evaluate => 3,
            Stage::Bilevel => 7 + self.config.bilevel.k,
            Stage::Rival => 2,
            Stage::Calibrate => 1,
        }
    }

    fn finish_iteration(&mut self) -> Option<Row> {
        let values = std::mem::take(&mut self.row);
        let row = Row { iteration: self.global, stage: self.stage, stage_iteration: self.stage_iteration, values };
        let counted = Stage::COUNTED.contains(&self.stage);
        self.phase = 0;
        self.stage_iteration += 1;
        self.work = Work::Nothing;
        if counted {
            self.global += 1;
        }
        if self.stage != Stage::Evaluate {
            self.settle();
        }
        counted.then_some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{DepthOrigin, FaceInfo, Origin, Pixels};

    /// Two faces of each of twenty clips of the test part, every fourth clip live.
    fn faces() -> FaceSet {
        let face = |i: usize| FaceInfo {
            key: format!("clip-{}/{}", i / 2, i % 2),
            clip: format!("clip-{}", i / 2),
            domain: String::new(),
            label: if (i / 2).is_multiple_of(4) { Label::Live } else { Label::Spoof },
            species: String::new(),
            subject: String::new(),
            camera: String::new(),
            session: String::new(),
            split: Split::Test,
        };
        FaceSet {
            name: "faces".to_owned(),
            origin: Origin::Real,
            size: 1,
            faces: (0..40).map(face).collect(),
            rgb: Pixels::owned(vec![0; 120], 3),
            depth: None,
            depth_origin: DepthOrigin::None,
            mask: None,
            fingerprint: String::new(),
            problems: vec![],
        }
    }

    fn watched(change: impl FnOnce(&mut RunConfig)) -> Vec<String> {
        let (faces, mut config) = (faces(), RunConfig::default());
        change(&mut config);
        choose_watched(&faces, &config).into_iter().map(|i| faces.faces[i].key.clone()).collect()
    }

    #[test]
    fn named_clips_are_watched_first_and_the_rest_is_spread_or_drawn_by_the_seed() {
        let usual = watched(|_| ());
        assert_eq!((usual.len(), usual[0].as_str()), (8, "clip-1/0"));
        let named =
            watched(|c| c.watch.clips = ["clip-7", "no such clip", "clip-7", "clip-9/1"].map(str::to_owned).to_vec());
        assert_eq!(&named[..2], ["clip-7/0", "clip-9/1"]);
        assert_eq!(named.len(), 8);
        let drawn = |seed: u64| {
            watched(|c| {
                c.seed = seed;
                c.watch.choose = WatchChoice::Random;
            })
        };
        assert_eq!(drawn(1), drawn(1));
        assert!(drawn(1) != drawn(2) && drawn(1) != usual);
        let few = watched(|c| {
            c.watch.samples = 1;
            c.watch.clips = vec!["clip-8".to_owned(), "clip-7".to_owned()];
        });
        assert_eq!(few, ["clip-8/0"], "no more than are wanted");
    }

    #[test]
    fn data_without_a_test_part_are_watched_elsewhere() {
        let mut faces = faces();
        for (i, face) in faces.faces.iter_mut().enumerate() {
            face.split = if i < 20 { Split::Train } else { Split::Dev };
        }
        let chosen = choose_watched(&faces, &RunConfig::default());
        assert_eq!(chosen.len(), 8);
        assert!(chosen.iter().all(|&i| faces.faces[i].split == Split::Dev));
        faces.faces.truncate(20);
        assert_eq!(choose_watched(&faces, &RunConfig::default()).len(), 8);
        faces.faces.clear();
        assert!(choose_watched(&faces, &RunConfig::default()).is_empty());
    }
}
