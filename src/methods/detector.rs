//! The deployed detector: what it regresses (Eq. 13 or the binary label), one step of its training, its statistics and
//! its scores.

use tch::{Device, Kind, Tensor};

use super::mt_fas::hypergradient::{Batch, Reduction};
use super::mt_fas::{Nets, Params, RUNNING_RATE, share};
use super::optim::{OptimizerKind, OptimizerState};
use crate::config::{DetectorConfig, Supervision};
use crate::nets::{BnMode, BnStats, Graph};
use crate::rng::Streams;

/// What detector training changes.
#[derive(Debug, Clone)]
pub struct StudentState {
    /// The detector's parameters.
    pub theta: Params,
    /// Its optimiser.
    pub adam: OptimizerState,
    /// Running statistics, for previews.
    pub stats: BnStats,
}

impl StudentState {
    /// A fresh detector from `seed`.
    pub fn new(nets: &Nets, seed: u64, device: Device) -> Self {
        let theta = nets.student.init(&mut Streams::new(seed).stream("init/student", 0), Kind::Float, device);
        Self {
            adam: OptimizerState::new(OptimizerKind::Adam, &theta),
            stats: BnStats::identity(&nets.student, Kind::Float, device),
            theta: Params(theta),
        }
    }

    /// One Adam step on mean (f - b)^2; returns the loss before it.
    pub fn step(&mut self, nets: &Nets, config: &DetectorConfig, x: &Tensor, labels: &Tensor) -> f64 {
        tch::no_grad(|| {
            let net = &nets.student;
            let tape = net.record(&self.theta.0, x, BnMode::Batch);
            let (loss, c) = Reduction::Mean.loss(tape.output(), labels);
            let gradient = net.vjp(&self.theta.0, &tape, &c);
            self.stats.blend(&tape.statistics(net), RUNNING_RATE);
            self.adam.step(OptimizerKind::Adam, config.learning_rate, &mut self.theta.0, &gradient);
            loss
        })
    }

    /// The same parameters under new names, for readers that keep them.
    pub fn parameters(&self) -> Vec<Tensor> {
        share(&self.theta.0)
    }
}

/// Eq. 13: sigma(g) stretched to 0..1 in every picture of (batch, 1, h, w); ones where it is flat (max - min < 1e-6).
pub fn stretch(sigma: &Tensor) -> Tensor {
    tch::no_grad(|| {
        let over: &[i64] = &[1, 2, 3];
        let (low, high) = (sigma.amin(over, true), sigma.amax(over, true));
        let range = &high - &low;
        let flat = range.lt(1e-6);
        let stretched = (sigma - &low) / range.clamp_min(1e-12);
        stretched.where_self(&flat.logical_not(), &Tensor::ones_like(&stretched))
    })
}

/// The labels of a batch: the deployed teacher's maps by Eq. 13, or ones, on spoofs; zero on live faces.
pub fn supervise(
    teacher: &Graph,
    omega: &[Tensor],
    stats: &BnStats,
    supervision: Supervision,
    batch: &Batch,
) -> Tensor {
    tch::no_grad(|| {
        let g = teacher.forward(omega, &batch.x, BnMode::Running(stats));
        match supervision {
            Supervision::MetaTeacher => stretch(&g.sigmoid()) * &batch.y,
            Supervision::Binary => g.ones_like() * &batch.y,
        }
    })
}

/// Scores of pictures: the mean of each map, high = spoof. `None` for `stats` takes the batch's own.
pub fn score(net: &Graph, theta: &[Tensor], stats: Option<&BnStats>, x: &Tensor) -> Vec<f64> {
    let mode = stats.map_or(BnMode::Batch, BnMode::Running);
    let maps = tch::no_grad(|| net.forward(theta, x, mode));
    let means = maps.flatten(1, -1).mean_dim([1_i64].as_slice(), false, Kind::Double);
    Vec::try_from(means.to_device(Device::Cpu)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eq_13_stretches_every_picture_alone_and_guards_flat_ones() {
        let sigma = Tensor::from_slice(&[0.2_f32, 0.4, 0.6, 0.3, 0.5, 0.5, 0.5, 0.5]).reshape([2, 1, 2, 2]);
        let values: Vec<f32> = Vec::try_from(stretch(&sigma).flatten(0, -1)).unwrap();
        for (got, want) in values.iter().zip([0.0, 0.5, 1.0, 0.25, 1.0, 1.0, 1.0, 1.0]) {
            assert!((got - want).abs() < 1e-6, "{values:?}");
        }
    }
}
