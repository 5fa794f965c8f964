//! What a run is told to do, as plain data: every setting with its range and its place in the papers. A configuration
//! is made of a preset, a file and single changes, in this order, all over the same dotted keys; unknown keys and
//! values out of range are refused with a sentence. Nothing here computes or knows what a tensor is.

mod choices;
mod dotted;
mod explain;
mod facts;
mod load;
mod meta_pattern;
mod seed;
mod stage;
mod validate;

use serde::{Deserialize, Serialize};

pub use choices::{
    AugmentSet, AugmentStages, Balance, Benchmark, BnTest, BnTraining, Colour, DataSource, Deployed, Disjoint,
    Extractor, FaceFinder, Fusion, HoldOut, HyperMode, Level, MapLoss, MissingFaces, MuScope, Network, OptimizerKind,
    Pattern, PatternLearning, Precision, Reduction, RfAlgorithm, RivalNetwork, ScaleInit, ScoredBy, Standardise,
    Supervision, TeacherProtocol, Teaching, VideoRule, WatchChoice, WholeSet,
};
pub use dotted::{dotted, shown};
pub use facts::{Fact, paper_facts};
pub use load::{ConfigError, FORMAT, Preset, from_table, load, parse, set_key, to_toml, typed};
pub use meta_pattern::{K_MOST, MetaPatternConfig};
pub use stage::Stage;
pub use validate::Problem;

/// The protocol of `teacher_protocol = "p1"`.
pub const TEACHERS_P1: &str = "oulu_npu/1";

/// Everything that decides a run's numbers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunConfig {
    /// Seed of every random stream.
    #[serde(with = "seed")]
    pub seed: u64,
    /// Where the faces come from.
    pub data: DataConfig,
    /// How batches are drawn.
    pub sampling: SamplingConfig,
    /// What happens to pictures before networks see them.
    pub augment: AugmentConfig,
    /// Device, precision, threads.
    pub compute: ComputeConfig,
    /// The network of both teachers, MT_t and MT_v.
    pub teacher: NetConfig,
    /// The network of the detector while the teacher learns.
    pub surrogate: NetConfig,
    /// First stage: teacher and surrogate regress the binary label.
    pub pretrain: PretrainConfig,
    /// Second stage: Algorithm 1.
    pub bilevel: BilevelConfig,
    /// Third stage: statistics of the deployed teacher's batch norms.
    pub calibrate: CalibrateConfig,
    /// In place of the first two, where a rival of the meta-teacher teaches.
    pub rival: RivalConfig,
    /// Fourth stage: the detector that is deployed learns.
    pub detector: DetectorConfig,
    /// How it learns, where it is `RFMetaFAS`.
    pub rf_meta: RfMetaConfig,
    /// How that stage goes where the detector is HFN.
    pub meta_pattern: MetaPatternConfig,
    /// Last stage: scores and their summary.
    pub evaluate: EvaluateConfig,
    /// Faces whose maps are kept over time.
    pub watch: WatchConfig,
    /// How often a run can be resumed from.
    pub checkpoint: CheckpointConfig,
}

/// Where the faces come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DataConfig {
    /// Built-in faces, a folder, data sets or a list.
    pub source: DataSource,
    /// The folder with live/ and spoof/, for `source = "folder"`; the CSV file, for `source = "manifest"`.
    pub root: String,
    /// The folders of the data sets, for `source = "datasets"`; which set each holds is seen from its structure.
    pub roots: Vec<String>,
    /// Side of the pictures in pixels, a multiple of 8.
    pub size: usize,
    /// Built-in faces: size of the benchmark.
    pub benchmark: Benchmark,
    /// Built-in faces and data sets: the protocol, as `oulu_npu/1` or `mico/OCI-M`; of built-in faces each stands for the
    /// miniatures of its sets.
    pub protocol: String,
    /// The protocol's fold, from 1.
    pub fold: u32,
    /// Which faces teachers learn from.
    pub teacher_protocol: TeacherProtocol,
    /// Cross-set protocols: what counts as a whole set.
    pub whole_set: WholeSet,
    /// Protocols without a dev part: who is held out of training for thresholds.
    pub hold_out: HoldOut,
    /// Data sets and lists: how faces are found, aligned and cut, by the name of a preset.
    pub crop: String,
    /// Data sets and lists: who finds faces where a set's own files do not tell.
    pub finder: FaceFinder,
    /// Frames used of each clip, spread evenly; 0 for all of built-in clips, and for the preset's number otherwise.
    pub frames: u32,
    /// Data sets and lists: the folder of a pack that was made ahead with `metafas data pack`, or shall be made there;
    /// empty: packs are kept in the cache folder.
    pub pack: String,
    /// Built-in faces: seed of the people and their pictures.
    #[serde(with = "seed")]
    pub seed: u64,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self {
            source: DataSource::Builtin,
            root: String::new(),
            roots: Vec::new(),
            size: 64,
            benchmark: Benchmark::Mini,
            protocol: "oulu_npu/1".to_owned(),
            fold: 1,
            teacher_protocol: TeacherProtocol::Same,
            whole_set: WholeSet::EveryVideo,
            hold_out: HoldOut::Fifth,
            crop: "cdcn".to_owned(),
            finder: FaceFinder::MediaPipe,
            frames: 0,
            pack: String::new(),
            seed: 0,
        }
    }
}

/// How batches are drawn; half of each is live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SamplingConfig {
    /// What batches are balanced over.
    pub balance: Balance,
    /// How many frames of a clip are drawn in a row, in their order; 1: single frames of any clip.
    pub consecutive: usize,
}

impl Default for SamplingConfig {
    fn default() -> Self {
        Self { balance: Balance::Label, consecutive: 1 }
    }
}

/// What happens to pictures before networks see them in training (`methods.md` 2.2 to 2.4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AugmentConfig {
    /// Which stages see augmented pictures.
    pub stages: AugmentStages,
    /// What may happen.
    pub set: AugmentSet,
    /// Custom: parts of a picture's side that are seen about its middle, one chosen at random; above 1 the border goes
    /// on outside.
    pub crops: Vec<f64>,
    /// Custom: up to how much is added to each colour channel or taken from it, of 255.
    pub add: u8,
    /// Custom: range of the exponent that brightness is raised to.
    pub gamma: [f64; 2],
    /// Custom: probability that one or two patches of 1 to 5 % of the area are blackened.
    pub erase: f64,
    /// Custom: probability of a mirror image.
    pub flip: f64,
    /// Custom: largest side of a blackened square, as a part of the picture's side; 0: none.
    pub cutout: f64,
}

impl Default for AugmentConfig {
    fn default() -> Self {
        Self {
            stages: AugmentStages::None,
            set: AugmentSet::Flips,
            crops: vec![1.0],
            add: 0,
            gamma: [1.0, 1.0],
            erase: 0.0,
            flip: 0.5,
            cutout: 0.0,
        }
    }
}

/// Device, precision, threads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ComputeConfig {
    /// `auto`, `cpu` or `cuda:N`.
    pub device: String,
    /// Arithmetic of matrix products and convolutions.
    pub precision: Precision,
    /// Threads of libtorch and the renderer; 0 = all cores. run.toml holds the number used.
    pub threads: usize,
}

impl Default for ComputeConfig {
    fn default() -> Self {
        Self { device: "auto".to_owned(), precision: Precision::Fp32, threads: 0 }
    }
}

/// A network by name and base width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetConfig {
    /// Its architecture.
    pub network: Network,
    /// Filters of its first layer.
    pub width: i64,
}

impl Default for NetConfig {
    fn default() -> Self {
        Self { network: Network::Light, width: 16 }
    }
}

/// Pretraining (MT-FAS section 3.4.1): teacher and surrogate regress 1 on spoofs and 0 on live faces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PretrainConfig {
    /// Number of iterations; 0 leaves pretraining out (ablation "w/o pre").
    pub iterations: u64,
    /// Step size.
    pub learning_rate: f64,
    /// Optimiser of both networks.
    pub optimizer: OptimizerKind,
    /// Live faces, and as many spoofs, of a batch; 0: M.
    pub batch: usize,
    /// Whether Eq. 2's mask holds for the teacher: live faces then teach it nothing, and it starts near 1 on all faces.
    pub mask_live: bool,
}

impl Default for PretrainConfig {
    fn default() -> Self {
        Self { iterations: 300, learning_rate: 1e-3, optimizer: OptimizerKind::Adam, batch: 0, mask_live: false }
    }
}

/// Bi-level training, Algorithm 1 of MT-FAS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BilevelConfig {
    /// Number of iterations.
    pub iterations: u64,
    /// M: live faces, and as many spoofs, in the training half of a batch.
    pub m: usize,
    /// N: live faces, and as many spoofs, in the validation half.
    pub n: usize,
    /// Whether M and N shrink in proportion if the train split has too few faces for them. run.toml then has the smaller
    /// numbers.
    pub shrink: bool,
    /// K: inner gradient steps.
    pub k: usize,
    /// Inner step size.
    pub alpha: f64,
    /// Outer step size.
    pub beta: f64,
    /// Weight of the term that keeps maps from fading.
    pub mu: f64,
    /// Which faces that term averages over.
    pub mu_scope: MuScope,
    /// Momentum of MT_v: w^ <- gamma w^ + (1 - gamma) w; 0 copies (ablation "w/o MTv"), 1 freezes.
    pub gamma: f64,
    /// Number of iterations that `gamma` is meant for, as 10000 for the paper's; 0 takes it as it is. See
    /// [`Self::momentum`].
    pub gamma_span: u64,
    /// T: the surrogate takes its inner result every T iterations.
    pub adapt_interval: u64,
    /// Whether the surrogate adapts at all (false: ablation "w/o adapt").
    pub adapt: bool,
    /// Outer optimiser.
    pub outer: OptimizerKind,
    /// Whether the outer optimiser starts anew, or goes on with the moments of the teacher's pretraining.
    pub reset_moments: bool,
    /// Whether Adam's first moments start at 0 if its moments are kept: the teacher keeps the scale of its steps, not the
    /// direction of pretraining. The paper does not say.
    pub reset_first_moments: bool,
    /// Number of iterations for one step of the teacher: it takes the mean of their hypergradients.
    pub accumulate: u64,
    /// Of what the training and the validation half of a batch may not share any.
    pub disjoint: Disjoint,
    /// Where batch norms take their statistics from.
    pub bn: BnTraining,
    /// What map losses average over.
    pub reduction: Reduction,
    /// How the hypergradient is computed.
    pub hypergradient: HyperMode,
    /// 2-norm of the perturbation of mode `fd`.
    pub fd_eps: f64,
    /// Every how many iterations the chosen hypergradient is compared with the exact one; 0 = never.
    pub audit_every: u64,
    /// Which of the two teachers is deployed.
    pub deploy: Deployed,
}

impl Default for BilevelConfig {
    fn default() -> Self {
        Self {
            iterations: 200,
            m: 8,
            n: 4,
            shrink: false,
            k: 2,
            alpha: 1e-3,
            beta: 1e-3,
            mu: 1e-3,
            mu_scope: MuScope::All,
            gamma: 0.999,
            gamma_span: 0,
            adapt_interval: 10,
            adapt: true,
            outer: OptimizerKind::Adam,
            reset_moments: true,
            reset_first_moments: false,
            accumulate: 1,
            disjoint: Disjoint::Face,
            bn: BnTraining::Batch,
            reduction: Reduction::Mean,
            hypergradient: HyperMode::JvpExactHvp,
            fd_eps: 1e-3,
            audit_every: 0,
            deploy: Deployed::Teacher,
        }
    }
}

impl BilevelConfig {
    /// The momentum of MT_v an iteration. With `gamma_span` it is gamma^(span / iterations): over the whole run MT_v
    /// then forgets as much as it would over `gamma_span` iterations of gamma. 0 and 1 stay what they are.
    pub fn momentum(&self) -> f64 {
        match self.gamma_span {
            0 => self.gamma,
            span => self.gamma.powf(span as f64 / self.iterations.max(1) as f64),
        }
    }
}

/// Statistics of batch norms after training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CalibrateConfig {
    /// Number of fixed seeded training batches averaged over.
    pub batches: u64,
}

impl Default for CalibrateConfig {
    fn default() -> Self {
        Self { batches: 50 }
    }
}

/// The rivals of MT-FAS section 4.3: Distill, Distill-Light, `BANs`, `FitNet` and `OKDDip`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RivalConfig {
    /// Iterations in which a rival teacher regresses the binary map.
    pub iterations: u64,
    /// Filters of the first layer of the big teacher, that of Distill and `FitNet`. A light one is as wide as the
    /// meta-teacher, `BANs`' as the detector.
    pub width: i64,
    /// Adam's step size.
    pub learning_rate: f64,
    /// Faces a batch, half live and half spoof; even.
    pub batch: usize,
    /// `FitNet`: weight of the features' squared error beside the map's.
    pub hint_weight: f64,
    /// `OKDDip`: which part of the detector's training it takes until peers count fully.
    pub ramp: f64,
    /// `OKDDip`: whether targets that peers make are constants to the one who learns from them.
    pub detach: bool,
}

impl Default for RivalConfig {
    fn default() -> Self {
        Self { iterations: 400, width: 16, learning_rate: 1e-3, batch: 16, hint_weight: 1.0, ramp: 0.27, detach: true }
    }
}

/// The detector that is deployed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DetectorConfig {
    /// Its architecture.
    pub network: Network,
    /// Filters of its first layer.
    pub width: i64,
    /// Whether its map ends in a `ReLU`.
    pub final_relu: bool,
    /// Number of iterations.
    pub iterations: u64,
    /// Faces a batch, half live and half spoof; even.
    pub batch: usize,
    /// Adam's step size.
    pub learning_rate: f64,
    /// Every how many iterations that is halved; 0: never.
    pub halve_every: u64,
    /// Adam's first moment keeps so much of itself.
    pub beta1: f64,
    /// Weight decay, as part of the gradient.
    pub weight_decay: f64,
    /// What it learns from.
    pub supervision: Supervision,
    /// How far its map is from its target.
    pub map_loss: MapLoss,
    /// FAS-DR-BC: weight of the branch's cross-entropy beside the map's error.
    pub branch_weight: f64,
    /// What of a picture it sees.
    pub colour: Colour,
    /// DTN: iterations before routes learn.
    pub routes_after: u64,
}

impl Default for DetectorConfig {
    fn default() -> Self {
        Self {
            network: Network::FasDr,
            width: 4,
            final_relu: true,
            iterations: 400,
            batch: 16,
            learning_rate: 1e-3,
            halve_every: 0,
            beta1: 0.9,
            weight_decay: 0.0,
            supervision: Supervision::MetaTeacher,
            map_loss: MapLoss::Paper,
            branch_weight: 1.0,
            colour: Colour::Rgb,
            routes_after: 10_000,
        }
    }
}

/// `RFMetaFAS` (Shao, Lan and Yuen, AAAI 2020): how its network learns across the domains of the training part. Its outer
/// step is `detector.learning_rate`, its batch `detector.batch` faces of every domain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RfMetaConfig {
    /// The paper's own way, or one that it is compared with.
    pub algorithm: RfAlgorithm,
    /// Whether all meta-train domains are pooled for one inner step (Table 3, "Aggregation").
    pub aggregate: bool,
    /// Whether the inner gradient counts as a constant (Table 3, "First-order").
    pub first_order: bool,
    /// Alpha: size of the inner step.
    pub inner_rate: f64,
    /// What depth losses count beside classification; 0: D does not learn ("wo/reg" of Fig. 5).
    pub depth_weight: f64,
    /// How far M's running statistics move towards a meta-train batch's; 1: they are the last batch's.
    pub bn_momentum: f64,
    /// How scales of batch norms start.
    pub scale_init: ScaleInit,
    /// Every how many iterations the gradient is compared with the first-order one and with joint training's; 0 =
    /// never.
    pub audit_every: u64,
}

impl Default for RfMetaConfig {
    fn default() -> Self {
        Self {
            algorithm: RfAlgorithm::RfMeta,
            aggregate: false,
            first_order: false,
            inner_rate: 1e-3,
            depth_weight: 10.0,
            bn_momentum: 0.1,
            scale_init: ScaleInit::Ones,
            audit_every: 0,
        }
    }
}

impl RfMetaConfig {
    /// Whether D learns.
    pub fn trains_depth(&self) -> bool {
        self.algorithm.has_depth() && self.depth_weight > 0.0
    }
}

/// How scores are made and summed up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EvaluateConfig {
    /// Threshold rule, as the command line writes it: `dev_eer`, `train_eer`, `test_eer`, `min_hter`, `fixed:X`.
    pub threshold: String,
    /// Whether the frames of a video are averaged.
    pub level: Level,
    /// How a video's frames become one score.
    pub video: VideoRule,
    /// What becomes of clips without a face.
    pub missing_faces: MissingFaces,
    /// Statistics of the detector's batch norms at test time.
    pub bn_test: BnTest,
    /// Which of its outputs make the score.
    pub scored_by: ScoredBy,
}

impl Default for EvaluateConfig {
    fn default() -> Self {
        Self {
            threshold: "dev_eer".to_owned(),
            level: Level::Video,
            video: VideoRule::Mean,
            missing_faces: MissingFaces::Drop,
            bn_test: BnTest::Running,
            scored_by: ScoredBy::Authors,
        }
    }
}

/// Faces whose maps are kept over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WatchConfig {
    /// How many faces of the test part are watched: three quarters spoofs, one quarter live.
    pub samples: usize,
    /// Every how many iterations their maps are stored.
    pub every: u64,
    /// How they are chosen where they are not named.
    pub choose: WatchChoice,
    /// Clips of the test part, or single faces, that are watched before all others.
    pub clips: Vec<String>,
}

impl Default for WatchConfig {
    fn default() -> Self {
        Self { samples: 8, every: 10, choose: WatchChoice::Spread, clips: vec![] }
    }
}

/// How often a run can be resumed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CheckpointConfig {
    /// Every how many iterations a checkpoint is written.
    pub every: u64,
    /// At most how many are kept; older ones are thinned by powers of two.
    pub keep: usize,
}

impl Default for CheckpointConfig {
    fn default() -> Self {
        Self { every: 50, keep: 20 }
    }
}

/// Iterations of the counted stages, in their order. A stage that the supervision has no use for has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lengths {
    /// Pretraining of the meta-teacher.
    pub pretrain: u64,
    /// Algorithm 1.
    pub bilevel: u64,
    /// A rival teacher.
    pub rival: u64,
    /// The detector.
    pub detector: u64,
}

impl Lengths {
    /// All of them.
    pub fn total(self) -> u64 {
        self.pretrain + self.bilevel + self.rival + self.detector
    }
}

impl RunConfig {
    /// Iterations of the counted stages.
    pub fn lengths(&self) -> Lengths {
        let teaching = self.detector.supervision.teaching();
        let when = |here: bool, iterations: u64| if here { iterations } else { 0 };
        let (meta, rival) = (teaching == Teaching::Meta, matches!(teaching, Teaching::Rival(_)));
        Lengths {
            pretrain: when(meta, self.pretrain.iterations),
            bilevel: when(meta, self.bilevel.iterations),
            rival: when(rival, self.rival.iterations),
            detector: self.detector.iterations,
        }
    }

    /// The protocol that divides the faces; `None` for a folder or a list of one's own, whatever `data.protocol` says.
    pub fn protocol(&self) -> Option<&str> {
        match self.data.source {
            DataSource::Builtin | DataSource::Datasets => Some(&self.data.protocol),
            DataSource::Folder | DataSource::Manifest => None,
        }
    }

    /// Live faces, and as many spoofs, of a batch in pretraining.
    pub fn pretrain_batch(&self) -> usize {
        if self.pretrain.batch == 0 { self.bilevel.m } else { self.pretrain.batch }
    }

    /// Iterations that are counted, of all stages.
    pub fn total_iterations(&self) -> u64 {
        self.lengths().total()
    }

    /// Whether it needs a second domain to learn anything: what learns in turn is judged on another than it learnt from.
    pub fn needs_other_domains(&self) -> bool {
        match self.detector.network {
            Network::RfMetaFas => true,
            Network::Hfn => self.meta_pattern.alternates(),
            _ => false,
        }
    }

    /// Whether a detector's map says something, as one that learns does.
    pub fn shows_map(&self) -> bool {
        match self.detector.network {
            Network::RfMetaFas => self.rf_meta.trains_depth(),
            network => network.has_map(),
        }
    }

    /// What can be used and is seldom wanted, in a sentence.
    pub fn caution(&self) -> Option<&'static str> {
        let rf = self.detector.network == Network::RfMetaFas;
        let last = self.rf_meta.bn_momentum >= 1.0 && self.evaluate.bn_test == BnTest::Trained;
        (rf && last).then_some(
            "rf_meta.bn_momentum = 1 with evaluate.bn_test = trained scores by the statistics of the last meta-train batch \
             alone, as the published code does; a few faces of one domain then decide every score",
        )
    }

    /// The protocol that teachers learn from, where it is another than the detector's.
    pub fn teachers_protocol(&self) -> Option<&'static str> {
        let taught = matches!(self.detector.supervision.teaching(), Teaching::Meta | Teaching::Rival(_));
        let p1 = self.data.teacher_protocol == TeacherProtocol::P1;
        (taught && p1 && self.data.protocol.trim() != TEACHERS_P1).then_some(TEACHERS_P1)
    }

    /// What papers would call it, as FAS-DR(MT), CDCN(Depth) or HFN+MP; widths are not told, nor what a detector learns
    /// from that can learn from the label alone, or HFN from the binary map.
    pub fn title(&self) -> String {
        let (d, network) = (&self.detector, self.detector.network.title());
        if d.network == Network::RfMetaFas {
            let rf = &self.rf_meta;
            let without = if rf.algorithm.has_depth() && !rf.trains_depth() { " w/o reg" } else { "" };
            let taught = if rf.trains_depth() { format!("({})", d.supervision.title()) } else { String::new() };
            return format!("{}{without}{taught}", rf.algorithm.title());
        }
        if d.network == Network::Hfn {
            let name = match self.meta_pattern.pattern {
                Pattern::Nothing => format!("{network} with one stream"),
                pattern => format!("{network}+{}", pattern.title()),
            };
            let plain = d.supervision == Supervision::BinaryMap;
            return if plain { name } else { format!("{name}({})", d.supervision.title()) };
        }
        if d.network.has_map() { format!("{network}({})", d.supervision.title()) } else { network.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Eq. 11's average keeps gamma^n of where it began after n iterations, whatever the run's length.
    #[test]
    fn momentum_forgets_as_much_over_a_run_of_any_length() {
        let of = |gamma, iterations, gamma_span| {
            let config = BilevelConfig { iterations, gamma, gamma_span, ..BilevelConfig::default() };
            config.momentum().powf(iterations as f64)
        };
        for gamma in [0.9995, 0.9999] {
            let printed = of(gamma, 10_000, 0);
            for iterations in [200, 1_000, 10_000, 40_000] {
                assert!((of(gamma, iterations, 10_000) - printed).abs() < 1e-9, "{gamma} over {iterations}");
            }
        }
        let momentum = |gamma, span| BilevelConfig { gamma, gamma_span: span, ..BilevelConfig::default() }.momentum();
        assert_eq!((momentum(0.0, 10_000), momentum(1.0, 10_000), momentum(0.999, 0)), (0.0, 1.0, 0.999));
        // The values of Fig. 7 stay apart in a run of 200 iterations.
        let all: Vec<f64> = [0.9, 0.99, 0.995, 0.999, 0.9995, 0.9999, 1.0].map(|g| of(g, 200, 10_000)).to_vec();
        assert!(all.windows(2).all(|w| w[0] <= w[1]) && all[3] < 1e-4 && all[5] > 0.36 && all[5] < 0.37, "{all:?}");
    }
}
