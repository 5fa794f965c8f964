//! What a run is told to do, as plain data: every setting with its range and its place in the papers. A configuration
//! is made of a preset, a file and single changes, in this order, all over the same dotted keys; unknown keys and
//! values out of range are refused with a sentence. Nothing here computes or knows what a tensor is.

mod choices;
mod facts;
mod load;
mod validate;

use serde::{Deserialize, Serialize};

pub use choices::{
    AugmentSet, AugmentStages, Balance, Benchmark, BnTest, DataSource, Deployed, FaceFinder, HyperMode, Level,
    MissingFaces, MuScope, Network, OptimizerKind, Precision, Reduction, Supervision, VideoRule, WholeSet,
};
pub use facts::{Fact, paper_facts};
pub use load::{ConfigError, FORMAT, Preset, from_table, load, parse, set_key, to_toml};
pub use validate::Problem;

/// Everything that decides a run's numbers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunConfig {
    /// Seed of every random stream.
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
    /// Fourth stage: the detector that is deployed learns from the teacher.
    pub detector: DetectorConfig,
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
    /// Cross-set protocols: what counts as a whole set.
    pub whole_set: WholeSet,
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
            whole_set: WholeSet::EveryVideo,
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

/// Pretraining (MT-FAS section 3.4.2): teacher and surrogate regress 1 on spoofs and 0 on live faces, unmasked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PretrainConfig {
    /// Number of iterations; 0 leaves pretraining out (ablation "w/o pre").
    pub iterations: u64,
    /// Adam's step size.
    pub learning_rate: f64,
}

impl Default for PretrainConfig {
    fn default() -> Self {
        Self { iterations: 300, learning_rate: 1e-3 }
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
    /// T: the surrogate takes its inner result every T iterations.
    pub adapt_interval: u64,
    /// Whether the surrogate adapts at all (false: ablation "w/o adapt").
    pub adapt: bool,
    /// Outer optimiser.
    pub outer: OptimizerKind,
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
            k: 2,
            alpha: 1e-3,
            beta: 1e-3,
            mu: 1e-3,
            mu_scope: MuScope::All,
            gamma: 0.999,
            adapt_interval: 10,
            adapt: true,
            outer: OptimizerKind::Adam,
            reduction: Reduction::Mean,
            hypergradient: HyperMode::JvpExactHvp,
            fd_eps: 1e-3,
            audit_every: 0,
            deploy: Deployed::Teacher,
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

/// The detector that learns from the teacher.
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
    /// What it regresses on spoofs.
    pub supervision: Supervision,
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
            supervision: Supervision::MetaTeacher,
        }
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
}

impl Default for EvaluateConfig {
    fn default() -> Self {
        Self {
            threshold: "dev_eer".to_owned(),
            level: Level::Video,
            video: VideoRule::Mean,
            missing_faces: MissingFaces::Drop,
            bn_test: BnTest::Running,
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
}

impl Default for WatchConfig {
    fn default() -> Self {
        Self { samples: 8, every: 10 }
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

impl RunConfig {
    /// Iterations that are counted: pretraining, bi-level and detector training.
    pub fn total_iterations(&self) -> u64 {
        self.pretrain.iterations + self.bilevel.iterations + self.detector.iterations
    }
}
