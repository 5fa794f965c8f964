//! What MT-FAS learns, and how it starts. Tensors in here are never changed in place: a step makes new ones, so that a
//! copy of the state is a handful of references and stepping back is free.

use tch::{Device, Kind, Tensor};

use crate::config::RunConfig;
use crate::methods::optim::{OptimizerKind, OptimizerState};
use crate::nets::{BnStats, ConvMath, Graph, ParamList};
use crate::rng::Streams;

/// The networks of a run.
#[derive(Debug, Clone)]
pub struct Nets {
    /// Both teachers'.
    pub teacher: Graph,
    /// The detector's while the teacher learns.
    pub surrogate: Graph,
    /// The deployed detector's.
    pub student: Graph,
}

impl Nets {
    /// The networks that `config` asks for.
    pub fn new(config: &RunConfig) -> Self {
        let math = match config.compute.precision {
            crate::config::Precision::Bf16 => ConvMath::Bf16,
            crate::config::Precision::Fp32 | crate::config::Precision::Tf32 => ConvMath::Native,
        };
        let net = |n: &crate::config::NetConfig| n.network.graph(n.width, false).with_math(math);
        let d = &config.detector;
        Self {
            teacher: net(&config.teacher),
            surrogate: net(&config.surrogate),
            student: d.network.graph(d.width, d.final_relu).with_math(math),
        }
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
