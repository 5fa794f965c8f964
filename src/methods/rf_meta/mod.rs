//! `RFMetaFAS` (Shao, Lan and Yuen, AAAI 2020) and what it is compared with: one iteration over batches of several domains, as
//! phases over explicit state. `steps` lists the phases, `nets` holds the parts of the network, `iteration` is the paper's
//! Algorithm 1 and joint training, `rivals` are MLDG, Reptile and `MetaReg`, `audit` says what meta-learning adds.
//! Which faces make a batch and what D's map should be is not known here.

mod audit;
mod iteration;
mod nets;
mod rivals;
mod steps;

use tch::{Device, Kind, Tensor};

use super::detector::StudentState;
use super::mt_fas::Params;
use super::optim::{OptimizerKind, OptimizerState};
use crate::config::{RfAlgorithm, RfMetaConfig, ScaleInit};
use crate::nets::ParamRole;
use crate::rng::{Streams, between, shuffle};

pub use audit::audit;
pub use iteration::{Iteration, Judge};
pub use nets::RfNets;
pub use steps::{Step, batches, steps};

/// What is to be learnt of a batch of one domain, or of several pooled ones.
#[derive(Debug)]
pub struct Lesson {
    /// What the network reads, (batch, 3 or 6, side, side).
    pub x: Tensor,
    /// (batch, 1, 1, 1), 1 for spoof and 0 for live.
    pub y: Tensor,
    /// What D's map should be, (batch, 1, side/8, side/8); nothing where D does not learn.
    pub target: Option<Tensor>,
    /// (batch, 1, 1, 1), 0 for pictures without a target.
    pub known: Option<Tensor>,
}

impl Lesson {
    /// References to the same tensors.
    pub fn share(&self) -> Self {
        let of = |t: &Option<Tensor>| t.as_ref().map(Tensor::shallow_clone);
        Self { x: self.x.shallow_clone(), y: self.y.shallow_clone(), target: of(&self.target), known: of(&self.known) }
    }

    /// All of `lessons` as one batch, in their order.
    pub fn pooled(lessons: &[Self]) -> Self {
        let all = |of: &dyn Fn(&Self) -> Option<Tensor>| {
            let parts: Vec<Tensor> = lessons.iter().filter_map(of).collect();
            (parts.len() == lessons.len() && !parts.is_empty()).then(|| Tensor::cat(&parts, 0))
        };
        let some_known = lessons.iter().any(|l| l.known.is_some());
        let known = |l: &Self| Some(l.known.as_ref().map_or_else(|| l.y.ones_like(), Tensor::shallow_clone));
        Self {
            x: Tensor::cat(&lessons.iter().map(|l| &l.x).collect::<Vec<_>>(), 0),
            y: Tensor::cat(&lessons.iter().map(|l| &l.y).collect::<Vec<_>>(), 0),
            target: all(&|l| l.target.as_ref().map(Tensor::shallow_clone)),
            known: if some_known { all(&known) } else { None },
        }
    }
}

/// Which of `domains` domains are meta-train and which one is meta-test in an iteration: a random order, the last is meta-test
/// (Algorithm 1, line 2).
pub fn split(streams: Streams, iteration: u64, domains: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..domains).collect();
    shuffle(&mut streams.stream("rf_meta/split", iteration), &mut order);
    order
}

/// Shapes of what an algorithm learns beside the network: `MetaReg`'s weights, one a parameter of M.
pub fn beside(nets: &RfNets, algorithm: RfAlgorithm) -> Vec<Vec<i64>> {
    match algorithm {
        RfAlgorithm::MetaReg => nets.m.params().iter().map(|p| p.shape.clone()).collect(),
        _ => vec![],
    }
}

/// Brings a fresh `state` to where `config` has it start: scales of batch norms, and `MetaReg`'s weights at zero.
pub fn begin(state: &mut StudentState, nets: &RfNets, config: &RfMetaConfig, seed: u64, device: Device) {
    if config.scale_init == ScaleInit::Uniform {
        let mut rng = Streams::new(seed).stream("rf_meta/scales", 0);
        for (value, spec) in state.theta.0.iter_mut().zip(nets.whole.params()) {
            if spec.role == ParamRole::Scale {
                let drawn: Vec<f64> = (0..spec.shape[0]).map(|_| between(&mut rng, 0.02, 1.0)).collect();
                *value = Tensor::from_slice(&drawn).to_kind(value.kind()).to_device(device);
            }
        }
    }
    let zeros = beside(nets, config.algorithm);
    state.aids = Params(zeros.iter().map(|shape| Tensor::zeros(shape.as_slice(), (Kind::Float, device))).collect());
    state.aids_adam = OptimizerState::new(OptimizerKind::Adam, &state.aids.0);
}

#[cfg(test)]
mod tests;
