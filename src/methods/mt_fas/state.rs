//! What MT-FAS learns, and how it starts. Tensors in here are never changed in place: a step makes new ones, so that a
//! copy of the state is a handful of references and stepping back is free.

use tch::{Device, Kind, Tensor};

use crate::config::{NetConfig, Precision, RunConfig};
use crate::methods::optim::{OptimizerKind, OptimizerState};
use crate::nets::{BnStats, ConvMath, Graph, NetShape, ParamList};
use crate::rng::Streams;

/// The networks of bi-level training.
#[derive(Debug, Clone)]
pub struct Nets {
    /// Both teachers'.
    pub teacher: Graph,
    /// The detector's while the teacher learns.
    pub surrogate: Graph,
}

impl Nets {
    /// The networks that `config` asks for.
    pub fn new(config: &RunConfig) -> Self {
        let math = math_of(config);
        let net = |n: &NetConfig| {
            let shape = NetShape { width: n.width, channels: 3, size: config.data.size as i64, final_relu: false };
            n.network.graph(shape).with_math(math)
        };
        Self { teacher: net(&config.teacher), surrogate: net(&config.surrogate) }
    }
}

/// The arithmetic of convolutions that `config` asks for.
pub fn math_of(config: &RunConfig) -> ConvMath {
    match config.compute.precision {
        Precision::Bf16 => ConvMath::Bf16,
        Precision::Fp32 | Precision::Tf32 => ConvMath::Native,
    }
}

/// References to the same tensors.
pub fn share(params: &[Tensor]) -> ParamList {
    params.iter().map(Tensor::shallow_clone).collect()
}

/// Everything that pretraining and Algorithm 1 change.
#[derive(Debug, Clone)]
pub struct MtFasState {
    /// w: MT_t.
    pub omega: Params,
    /// w^: MT_v.
    pub omega_hat: Params,
    /// theta: the surrogate detector.
    pub theta: Params,
    /// Adam of the teacher's pretraining.
    pub teacher_adam: OptimizerState,
    /// Adam of the surrogate's pretraining.
    pub surrogate_adam: OptimizerState,
    /// The outer optimiser.
    pub outer: OptimizerState,
    /// Running statistics of w, for previews.
    pub omega_stats: BnStats,
    /// Running statistics of w^.
    pub omega_hat_stats: BnStats,
    /// Running statistics of theta.
    pub theta_stats: BnStats,
}

/// A parameter list whose copy shares its tensors.
#[derive(Debug, Default)]
pub struct Params(pub ParamList);

impl Clone for Params {
    fn clone(&self) -> Self {
        Self(share(&self.0))
    }
}

impl MtFasState {
    /// Fresh networks from `seed`; w^ starts as w.
    pub fn new(nets: &Nets, outer: OptimizerKind, seed: u64, device: Device) -> Self {
        let streams = Streams::new(seed);
        let init = |graph: &Graph, name: &str| graph.init(&mut streams.stream(name, 0), Kind::Float, device);
        let (omega, theta) = (init(&nets.teacher, "init/teacher"), init(&nets.surrogate, "init/surrogate"));
        let stats = |graph: &Graph| BnStats::identity(graph, Kind::Float, device);
        Self {
            teacher_adam: OptimizerState::new(OptimizerKind::Adam, &omega),
            surrogate_adam: OptimizerState::new(OptimizerKind::Adam, &theta),
            outer: OptimizerState::new(outer, &omega),
            omega_stats: stats(&nets.teacher),
            omega_hat_stats: stats(&nets.teacher),
            theta_stats: stats(&nets.surrogate),
            omega_hat: Params(share(&omega)),
            omega: Params(omega),
            theta: Params(theta),
        }
    }

    /// The step from pretraining to Algorithm 1: w^ := w, and the outer optimiser starts anew.
    pub fn begin_bilevel(&mut self, outer: OptimizerKind) {
        self.omega_hat = self.omega.clone();
        self.omega_hat_stats = self.omega_stats.clone();
        self.outer = OptimizerState::new(outer, &self.omega.0);
    }
}
