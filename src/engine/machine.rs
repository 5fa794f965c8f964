//! A run as a machine that does one phase at a time: which phase is next, what it needs, what numbers it gave. It owns
//! the tensors and knows nothing of threads, folders or people; the runner drives it.

use tch::{Device, Tensor};

use super::batches::{Batches, Draw, Drawn};
use super::event::{BatchFace, BatchView};
use super::phase::{PhaseInfo, Stage, phases};
use super::store::RunState;
use super::{EngineError, plain};
use crate::config::{BnTest, Deployed, RunConfig};
use crate::data::{FaceSet, Label, Split};
use crate::eval::{Polarity, Score, ScoreSet};
use crate::methods::detector::{self, StudentState};
use crate::methods::mt_fas::hypergradient::Batch;
use crate::methods::mt_fas::{self, Iteration, MtFasState, Nets};
use crate::nets::{BnMode, BnStats, Graph};
use crate::session::{MapSet, Row, SampleMaps, WatchedFace, WatchedFaces, map_stride};

/// Faces scored at once.
const SCORE_CHUNK: usize = 32;

/// What the iteration under way has made so far.
#[derive(Debug)]
enum Work {
    Nothing,
    Pretrain { batch: Batch, drawn: Drawn },
    Bilevel { iteration: Box<Iteration>, train: Drawn, validation: Drawn },
    Detector { batch: Batch, drawn: Drawn, labels: Option<Tensor> },
    Evaluate { stats: Option<BnStats>, sets: Vec<ScoreSet> },
}

/// What one phase gave.
#[derive(Debug, Default)]
pub struct Stepped {
    /// Named numbers of the phase.
    pub numbers: Vec<(String, f64)>,
    /// The finished iteration's row, after its last phase in a counted stage.
    pub row: Option<Row>,
    /// Scores, after the last phase of evaluation.
    pub scores: Option<Vec<ScoreSet>>,
}

/// Asked between the parts of long phases: told how far it is, answers whether to go on.
pub type Watcher<'a> = &'a mut dyn FnMut(&str, u64, u64) -> bool;

/// A run between two phases.
#[derive(Debug)]
pub struct Machine {
    /// Settings in force now, with what a person changed on the way.
    pub config: RunConfig,
    /// The networks.
    pub nets: Nets,
    /// The data.
    pub batches: Batches,
    /// Everything that training changes.
    pub state: RunState,
    device: Device,
    global: u64,
    stage: Stage,
    stage_iteration: u64,
    phase: usize,
    work: Work,
    row: Vec<(String, f64)>,
    watched: Vec<usize>,
    watched_x: Tensor,
    cotangent: Option<(Tensor, f64)>,
    /// Whether the next hypergradient phase shall also give the watched faces' cotangents.
    pub want_cotangent: bool,
}

/// The faces to watch: the first live and spoof ones of as many people as possible, from the test part.
fn choose_watched(faces: &FaceSet, samples: usize) -> Vec<usize> {
    let spread = |label: Label, count: usize| {
        let all = faces.indices(Split::Test, label);
        let step = (all.len() as f64 / count.max(1) as f64).max(1.0);
        (0..count).filter_map(move |i| all.get((i as f64 * step) as usize).copied()).collect::<Vec<_>>()
    };
    let live = (samples / 4).max(usize::from(samples > 1));
    let mut chosen = spread(Label::Spoof, samples - live);
    chosen.extend(spread(Label::Live, live));
    chosen.dedup();
    chosen
}

impl Machine {
    /// A run at its very beginning.
    pub fn new(config: RunConfig, faces: FaceSet, device: Device) -> Self {
        let nets = Nets::new(&config);
        let watched = choose_watched(&faces, config.watch.samples);
        let batches = Batches::new(faces, &config, device);
        let watched_x = batches.pictures(&watched);
        let mt = MtFasState::new(&nets, config.bilevel.outer, config.seed, device);
        let mut machine = Self {
            state: RunState { mt, deployed_stats: None, student: None },
            config,
            nets,
            batches,
            device,
            global: 0,
            stage: Stage::Pretrain,
            stage_iteration: 0,
            phase: 0,
            work: Work::Nothing,
            row: vec![],
            watched,
            watched_x,
            cotangent: None,
            want_cotangent: false,
        };
        machine.settle();
        machine
    }

    /// Goes to the place after `global` counted iterations, with `state`.
    pub fn restore(&mut self, state: RunState, global: u64) {
        let P { pretrain, bilevel, detector } = P::of(&self.config);
        (self.stage, self.stage_iteration) = if global < pretrain {
            (Stage::Pretrain, global)
        } else if global < pretrain + bilevel {
            (Stage::Bilevel, global - pretrain)
        } else if global < pretrain + bilevel + detector && state.student.is_some() {
            (Stage::Detector, global - pretrain - bilevel)
        } else if global >= pretrain + bilevel + detector && state.student.is_some() {
            (Stage::Evaluate, 0)
        } else {
            (Stage::Calibrate, 0)
        };
        self.state = state;
        // What later stages add must not linger when a run goes back, or goes on with more iterations than it had.
        if matches!(self.stage, Stage::Pretrain | Stage::Bilevel | Stage::Calibrate) {
            self.state.deployed_stats = None;
            self.state.student = None;
        }
        self.global = global;
        self.phase = 0;
        self.work = Work::Nothing;
        self.row.clear();
        self.cotangent = None;
        self.settle();
    }

    /// Leaves stages that have no iterations, doing what their end does.
    fn settle(&mut self) {
        if self.stage == Stage::Pretrain && self.stage_iteration >= self.config.pretrain.iterations {
            self.state.mt.begin_bilevel(self.config.bilevel.outer);
            self.enter(Stage::Bilevel);
        }
        if self.stage == Stage::Bilevel && self.stage_iteration >= self.config.bilevel.iterations {
            self.enter(Stage::Calibrate);
        }
        if self.stage == Stage::Calibrate && self.stage_iteration >= 1 {
            self.state.student = Some(StudentState::new(&self.nets, self.config.seed, self.device));
            self.enter(Stage::Detector);
        }
        if self.stage == Stage::Detector && self.stage_iteration >= self.config.detector.iterations {
            self.enter(Stage::Evaluate);
        }
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
        self.global.saturating_sub(self.config.pretrain.iterations).min(self.config.bilevel.iterations)
    }

    /// Whether everything is done.
    pub fn finished(&self) -> bool {
        self.stage == Stage::Evaluate && self.stage_iteration >= 1
    }

    /// The phases of the iteration under way.
    pub fn phases(&self) -> Vec<PhaseInfo> {
        phases(self.stage, self.config.bilevel.k)
    }

    /// Iterations after which maps are stored.
    pub fn map_stride(&self) -> u64 {
        map_stride(self.config.watch.every, self.config.total_iterations())
    }

    /// Does the next phase.
    pub fn step(&mut self, watcher: Watcher<'_>) -> Result<Stepped, EngineError> {
        let mut out = match self.stage {
            Stage::Pretrain => self.pretrain_phase()?,
            Stage::Bilevel => self.bilevel_phase()?,
            Stage::Calibrate => self.calibrate_phase(watcher)?,
            Stage::Detector => self.detector_phase()?,
            Stage::Evaluate => self.evaluate_phase(watcher)?,
        };
        self.row.extend(out.numbers.iter().cloned());
        self.phase += 1;
        if self.phase == self.phase_count() {
            out.row = self.finish_iteration();
        }
        Ok(out)
    }

    fn phase_count(&self) -> usize {
        match self.stage {
            Stage::Pretrain | Stage::Detector | Stage::Evaluate => 3,
            Stage::Bilevel => 7 + self.config.bilevel.k,
            Stage::Calibrate => 1,
        }
    }

    fn finish_iteration(&mut self) -> Option<Row> {
        let values = std::mem::take(&mut self.row);
        let row = Row {
            iteration: self.global,
            stage: self.stage.name().to_owned(),
            stage_iteration: self.stage_iteration,
            values,
        };
        let counted = matches!(self.stage, Stage::Pretrain | Stage::Bilevel | Stage::Detector);
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

    fn pretrain_phase(&mut self) -> Result<Stepped, EngineError> {
        let rate = self.config.pretrain.learning_rate;
        let numbers = match (self.phase, &self.work) {
            (1, Work::Pretrain { batch, .. }) => {
                vec![("teacher_loss", mt_fas::pretrain_teacher(&self.nets, &mut self.state.mt, batch, rate))]
            }
            (2, Work::Pretrain { batch, .. }) => {
                vec![("detector_loss", mt_fas::pretrain_surrogate(&self.nets, &mut self.state.mt, batch, rate))]
            }
            _ => {
                let m = self.config.bilevel.m;
                let drawn = self.batches.draw(Draw::Pretrain, self.stage_iteration, m, m)?;
                self.batches.look_ahead(Draw::Pretrain, self.stage_iteration + 1, m, m);
                self.work = Work::Pretrain { batch: self.batches.batch(&drawn), drawn };
                vec![]
            }
        };
        Ok(Stepped { numbers: named(&numbers), ..Stepped::default() })
    }

    fn bilevel_phase(&mut self) -> Result<Stepped, EngineError> {
        let config = &self.config.bilevel;
        let (nets, state) = (&self.nets, &mut self.state.mt);
        let k = config.k;
        let Work::Bilevel { iteration, .. } = &mut self.work else {
            let (m, n) = (config.m, config.n);
            let drawn = self.batches.draw(Draw::Bilevel, self.stage_iteration, m + n, m + n)?;
            self.batches.look_ahead(Draw::Bilevel, self.stage_iteration + 1, m + n, m + n);
            // Live faces come first, then as many spoofs.
            let train = drawn.pick((0..m).chain(m + n..m + n + m));
            let validation = drawn.pick((m..m + n).chain(m + n + m..2 * (m + n)));
            let iteration =
                Box::new(Iteration::new(&self.state.mt, self.batches.batch(&train), self.batches.batch(&validation)));
            self.work = Work::Bilevel { iteration, train, validation };
            return Ok(Stepped::default());
        };
        let mut cotangent = None;
        let numbers = match self.phase {
            1 => iteration.teach(nets, state),
            p if p < 2 + k => iteration.step_detector(nets, config),
            p if p == 2 + k => iteration.validate(nets, state, config),
            p if p == 3 + k => {
                let mut numbers = iteration.hypergradient(nets, state, config);
                if config.audit_every > 0 && self.stage_iteration.is_multiple_of(config.audit_every) {
                    numbers.extend(mt_fas::audit(iteration, nets, state, config));
                }
                let due = (self.global + 1)
                    .is_multiple_of(map_stride(self.config.watch.every, self.config.total_iterations()));
                if due || self.want_cotangent {
                    let factor = iteration.pulled.as_ref().map_or(0.0, |p| p.factor);
                    cotangent = iteration.cotangent_for(&self.watched_x, nets, state, config).map(|c| (c, factor));
                }
                numbers
            }
            p if p == 4 + k => iteration.update_teacher(state, config),
            p if p == 5 + k => iteration.momentum(nets, state, config),
            _ => iteration.adapt(state, config, self.stage_iteration),
        };
        if cotangent.is_some() {
            self.cotangent = cotangent;
            self.want_cotangent = false;
        } else if self.phase == 3 + k {
            self.cotangent = None;
        }
        Ok(Stepped { numbers, ..Stepped::default() })
    }

    /// Cumulative statistics of `graph` over the fixed batches.
    fn calibrate(
        &self,
        graph: &Graph,
        params: &[Tensor],
        what: &str,
        watcher: Watcher<'_>,
    ) -> Result<BnStats, EngineError> {
        let (batches, m) = (self.config.calibrate.batches, self.config.bilevel.m);
        let mut stats = BnStats::identity(graph, tch::Kind::Float, self.device);
        for i in 0..batches {
            if !watcher(what, i, batches) {
                return Err(EngineError::Stopped);
            }
            let drawn = self.batches.draw(Draw::Calibrate, i, m, m)?;
            let (_, batch) = graph.observe(params, &self.batches.pictures(&drawn.indices));
            stats.blend(&batch, 1.0 / (i + 1) as f64);
        }
        Ok(stats)
    }

    /// The deployed teacher's parameters.
    fn deployed(&self) -> &[Tensor] {
        match self.config.bilevel.deploy {
            Deployed::Teacher => &self.state.mt.omega.0,
            Deployed::Momentum => &self.state.mt.omega_hat.0,
        }
    }

    fn calibrate_phase(&mut self, watcher: Watcher<'_>) -> Result<Stepped, EngineError> {
        let stats = self.calibrate(&self.nets.teacher, self.deployed(), "calibrating the teacher", watcher)?;
        self.state.deployed_stats = Some(stats);
        Ok(Stepped::default())
    }

    fn detector_phase(&mut self) -> Result<Stepped, EngineError> {
        let half = self.config.detector.batch / 2;
        let mut numbers = vec![];
        match (self.phase, &mut self.work) {
            (1, Work::Detector { batch, labels, .. }) => {
                let stats = self.state.deployed_stats.as_ref();
                let stats = stats.ok_or_else(|| EngineError::Checkpoint("the teacher is not calibrated".to_owned()))?;
                let omega = match self.config.bilevel.deploy {
                    Deployed::Teacher => &self.state.mt.omega.0,
                    Deployed::Momentum => &self.state.mt.omega_hat.0,
                };
                let supervision = self.config.detector.supervision;
                *labels = Some(detector::supervise(&self.nets.teacher, omega, stats, supervision, batch));
            }
            (2, Work::Detector { batch, labels: Some(labels), .. }) => {
                let student = self.state.student.as_mut();
                let student = student.ok_or_else(|| EngineError::Checkpoint("there is no detector yet".to_owned()))?;
                numbers.push(("loss", student.step(&self.nets, &self.config.detector, &batch.x, labels)));
            }
            _ => {
                let drawn = self.batches.draw(Draw::Detector, self.stage_iteration, half, half)?;
                self.batches.look_ahead(Draw::Detector, self.stage_iteration + 1, half, half);
                self.work = Work::Detector { batch: self.batches.batch(&drawn), drawn, labels: None };
            }
        }
        Ok(Stepped { numbers: named(&numbers), ..Stepped::default() })
    }

    fn evaluate_phase(&mut self, watcher: Watcher<'_>) -> Result<Stepped, EngineError> {
        let student = self.state.student.as_ref();
        let student = student.ok_or_else(|| {
            EngineError::Refused("there is no detector to evaluate before the detector stage has begun".to_owned())
        })?;
        match self.phase {
            0 => {
                let stats = match self.config.evaluate.bn_test {
                    BnTest::Batch => None,
                    BnTest::Running => {
                        let (net, params) = (&self.nets.student, &student.theta.0);
                        Some(self.calibrate(net, params, "calibrating the detector", watcher)?)
                    }
                };
                self.work = Work::Evaluate { stats, sets: vec![] };
                Ok(Stepped::default())
            }
            1 => {
                let Work::Evaluate { stats, .. } = &self.work else { return Ok(Stepped::default()) };
                let mut splits = vec![Split::Dev, Split::Test];
                if self.config.evaluate.threshold == "train_eer" {
                    splits.insert(0, Split::Train);
                }
                let mut sets = vec![];
                for split in splits {
                    sets.push(self.score(split, student, stats.as_ref(), watcher)?);
                }
                if let Work::Evaluate { sets: slot, .. } = &mut self.work {
                    *slot = sets;
                }
                Ok(Stepped::default())
            }
            _ => {
                let Work::Evaluate { sets, .. } = &mut self.work else { return Ok(Stepped::default()) };
                Ok(Stepped { scores: Some(std::mem::take(sets)), ..Stepped::default() })
            }
        }
    }

    fn score(
        &self,
        split: Split,
        student: &StudentState,
        stats: Option<&BnStats>,
        watcher: Watcher<'_>,
    ) -> Result<ScoreSet, EngineError> {
        let faces = &self.batches.faces;
        let all: Vec<usize> = (0..faces.faces.len()).filter(|&i| faces.faces[i].split == split).collect();
        let mut scores = Vec::with_capacity(all.len());
        for (done, chunk) in all.chunks(SCORE_CHUNK).enumerate() {
            let what = format!("scoring {split}");
            if !watcher(&what, (done * SCORE_CHUNK) as u64, all.len() as u64) {
                return Err(EngineError::Stopped);
            }
            let x = self.batches.pictures(chunk);
            let values = detector::score(&self.nets.student, &student.theta.0, stats, &x);
            for (&i, score) in chunk.iter().zip(values) {
                let face = &faces.faces[i];
                let live = face.label == Label::Live;
                scores.push(Score {
                    claimed_id: face.subject.clone(),
                    test_label: face.clip.clone(),
                    frame: face.key.clone(),
                    attack_type: if live { String::new() } else { face.species.clone() },
                    is_bonafide: live,
                    score,
                });
            }
        }
        Ok(ScoreSet { name: split.to_string(), polarity: Polarity::SpoofHigh, scores, rejected: vec![] })
    }

    /// Evaluates with the detector as it stands, wherever the run is; the run's place does not change.
    pub fn evaluate_now(&mut self, watcher: Watcher<'_>) -> Result<Vec<ScoreSet>, EngineError> {
        let place = (self.stage, self.stage_iteration, self.phase);
        let work = std::mem::replace(&mut self.work, Work::Nothing);
        self.stage = Stage::Evaluate;
        let mut scores = Ok(vec![]);
        for phase in 0..3 {
            self.phase = phase;
            match self.evaluate_phase(watcher) {
                Ok(step) => {
                    if let Some(sets) = step.scores {
                        scores = Ok(sets);
                    }
                }
                Err(e) => {
                    scores = Err(e);
                    break;
                }
            }
        }
        (self.stage, self.stage_iteration, self.phase) = place;
        self.work = work;
        scores
    }

    /// The watched faces' pictures.
    pub fn watched(&self) -> WatchedFaces {
        let faces = &self.batches.faces;
        let face = |&i: &usize| WatchedFace {
            key: faces.faces[i].key.clone(),
            label: faces.faces[i].label,
            species: faces.faces[i].species.clone(),
            rgb: faces.rgb_of(i).to_vec(),
        };
        WatchedFaces { size: faces.size, faces: self.watched.iter().map(face).collect() }
    }

    /// Whether a preview would have every map that its stage has.
    pub fn has_its_maps(&self) -> bool {
        self.stage != Stage::Bilevel || self.cotangent.is_some() || self.stage_iteration == 0
    }

    /// Maps of the watched faces as the networks stand, with running statistics.
    pub fn preview(&self) -> MapSet {
        tch::no_grad(|| {
            let (x, mt) = (&self.watched_x, &self.state.mt);
            let teacher = |params: &[Tensor], stats: &BnStats| {
                plain::maps(&self.nets.teacher.forward(params, x, BnMode::Running(stats)).sigmoid())
            };
            let deployed = self.state.deployed_stats.as_ref();
            let stats_of =
                |which: Deployed, running| deployed.filter(|_| self.config.bilevel.deploy == which).unwrap_or(running);
            let omega = teacher(&mt.omega.0, stats_of(Deployed::Teacher, &mt.omega_stats));
            let hat = teacher(&mt.omega_hat.0, stats_of(Deployed::Momentum, &mt.omega_hat_stats));
            let (net, theta, stats) = match &self.state.student {
                Some(student) => (&self.nets.student, &student.theta.0, &student.stats),
                None => (&self.nets.surrogate, &mt.theta.0, &mt.theta_stats),
            };
            let output = net.forward(theta, x, BnMode::Running(stats));
            let side = output.size().last().copied().unwrap_or(0).max(0) as usize;
            let f = plain::maps(&output);
            let (pull, factor) = match &self.cotangent {
                Some((c, factor)) => (plain::maps(c).into_iter().map(Some).collect(), *factor),
                None => (vec![None; f.len()], 0.0),
            };
            let samples = omega.into_iter().zip(hat).zip(f).zip(pull);
            let sample = |(((t, m), d), c)| SampleMaps { maps: [Some(t), Some(m), Some(d), c] };
            MapSet {
                iteration: self.global,
                stage: self.stage.name().to_owned(),
                stage_iteration: self.stage_iteration,
                side,
                factor,
                samples: samples.map(sample).collect(),
            }
        })
    }

    /// The batch of the iteration under way, as far as its phases have come.
    pub fn batch_view(&self) -> Option<BatchView> {
        let faces = &self.batches.faces;
        let view = |drawn: &Drawn, targets: Option<&Tensor>, pull: Option<&Tensor>| -> Vec<BatchFace> {
            let targets = targets.map(plain::maps);
            let pull = pull.map(plain::maps);
            let face = |(k, &i): (usize, &usize)| BatchFace {
                key: faces.faces[i].key.clone(),
                label: faces.faces[i].label,
                species: faces.faces[i].species.clone(),
                rgb: self.batches.picture(drawn, k).into_owned(),
                target: targets.as_ref().and_then(|t| t.get(k).cloned()),
                cotangent: pull.as_ref().and_then(|t| t.get(k).cloned()),
            };
            drawn.indices.iter().enumerate().map(face).collect()
        };
        let side = faces.size / self.nets.teacher.reduction().max(1) as usize;
        let (train, validation) = match &self.work {
            Work::Pretrain { drawn, .. } => (view(drawn, None, None), vec![]),
            Work::Detector { drawn, labels, .. } => (view(drawn, labels.as_ref(), None), vec![]),
            Work::Bilevel { iteration, train, validation } => {
                let pull = iteration.pulled.as_ref().map(|p| -&p.direction * &iteration.train.y);
                let targets = iteration.taught.as_ref().map(|t| &t.target);
                (view(train, targets, pull.as_ref()), view(validation, iteration.validation_target.as_ref(), None))
            }
            Work::Nothing | Work::Evaluate { .. } => return None,
        };
        Some(BatchView { size: faces.size, side, train, validation })
    }
}

/// Lengths of the counted stages.
struct P {
    pretrain: u64,
    bilevel: u64,
    detector: u64,
}

impl P {
    fn of(config: &RunConfig) -> Self {
        Self {
            pretrain: config.pretrain.iterations,
            bilevel: config.bilevel.iterations,
            detector: config.detector.iterations,
        }
    }
}

fn named(numbers: &[(&str, f64)]) -> Vec<(String, f64)> {
    numbers.iter().map(|(n, v)| ((*n).to_owned(), *v)).collect()
}
