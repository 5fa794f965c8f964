//! Pretraining (MT-FAS section 3.4.1): teacher and surrogate each regress 1 on spoofs and 0 on live faces. Unless that is
//! wanted the teacher is not masked here, or it would never learn what live faces look like.

use tch::{Kind, Tensor};

use super::hypergradient::{Batch, Reduction};
use super::state::{MtFasState, Nets};
use crate::config::PretrainConfig;
use crate::nets::BnMode;

/// Rate of the running statistics kept for previews.
pub(crate) const RUNNING_RATE: f64 = 0.1;

/// One step of the teacher on mean (2 sigma(g) - y)^2; returns the loss before it, and how far the mean of its maps on spoofs lies above
/// that on live faces.
pub fn pretrain_teacher(nets: &Nets, state: &mut MtFasState, batch: &Batch, config: &PretrainConfig) -> (f64, f64) {
    tch::no_grad(|| {
        let net = &nets.teacher;
        let tape = net.record(&state.omega.0, &batch.x, BnMode::Batch);
        let sigma = tape.output().sigmoid();
        let target = batch.y.expand_as(&sigma);
        let separation = separation(&sigma, &batch.y);
        let maps = if config.mask_live { &sigma * 2.0 * &batch.y } else { &sigma * 2.0 };
        let (loss, c) = Reduction::Mean.loss(&maps, &target);
        let c = if config.mask_live { c * &batch.y } else { c };
        let c = c * &sigma * (1.0 - &sigma) * 2.0;
        let gradient = net.vjp(&state.omega.0, &tape, &c);
        state.omega_stats.blend(&tape.statistics(net), RUNNING_RATE);
        state.teacher_adam.step(config.optimizer, config.learning_rate, &mut state.omega.0, &gradient);
        (loss, separation)
    })
}

/// How far the mean of `sigma` over spoofs lies above that over live faces: 1 for maps that tell them apart, 0 for maps that say nothing.
pub(super) fn separation(sigma: &Tensor, y: &Tensor) -> f64 {
    let mean = |mask: &Tensor| {
        let pixels = sigma.numel() as f64 / y.numel() as f64;
        (sigma * mask).sum(Kind::Double).double_value(&[])
            / (mask.sum(Kind::Double).double_value(&[]) * pixels).max(1.0)
    };
    tch::no_grad(|| mean(y) - mean(&(1.0 - y)))
}

/// One step of the surrogate on mean (f - y)^2; returns the loss before it.
pub fn pretrain_surrogate(nets: &Nets, state: &mut MtFasState, batch: &Batch, config: &PretrainConfig) -> f64 {
    tch::no_grad(|| {
        let net = &nets.surrogate;
        let tape = net.record(&state.theta.0, &batch.x, BnMode::Batch);
        let (loss, c) = Reduction::Mean.loss(tape.output(), &batch.y.expand_as(tape.output()));
        let gradient = net.vjp(&state.theta.0, &tape, &c);
        state.theta_stats.blend(&tape.statistics(net), RUNNING_RATE);
        state.surrogate_adam.step(config.optimizer, config.learning_rate, &mut state.theta.0, &gradient);
        loss
    })
}
