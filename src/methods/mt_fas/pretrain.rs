//! Pretraining (MT-FAS section 3.4.2): teacher and surrogate each regress 1 on spoofs and 0 on live faces. The teacher
//! is not masked here, or it would never learn what live faces look like.

use super::hypergradient::{Batch, Reduction};
use super::state::{MtFasState, Nets};
use crate::methods::optim::OptimizerKind;
use crate::nets::BnMode;

/// Rate of the running statistics kept for previews.
pub(crate) const RUNNING_RATE: f64 = 0.1;

/// One Adam step of the teacher on mean (2 sigma(g) - y)^2; returns the loss before it.
pub fn pretrain_teacher(nets: &Nets, state: &mut MtFasState, batch: &Batch, rate: f64) -> f64 {
    tch::no_grad(|| {
        let net = &nets.teacher;
        let tape = net.record(&state.omega.0, &batch.x, BnMode::Batch);
        let sigma = tape.output().sigmoid();
        let target = batch.y.expand_as(&sigma);
        let (loss, c) = Reduction::Mean.loss(&(&sigma * 2.0), &target);
        let c = c * &sigma * (1.0 - &sigma) * 2.0;
        let gradient = net.vjp(&state.omega.0, &tape, &c);
        state.omega_stats.blend(&tape.statistics(net), RUNNING_RATE);
        state.teacher_adam.step(OptimizerKind::Adam, rate, &mut state.omega.0, &gradient);
        loss
    })
}

/// One Adam step of the surrogate on mean (f - y)^2; returns the loss before it.
pub fn pretrain_surrogate(nets: &Nets, state: &mut MtFasState, batch: &Batch, rate: f64) -> f64 {
    tch::no_grad(|| {
        let net = &nets.surrogate;
        let tape = net.record(&state.theta.0, &batch.x, BnMode::Batch);
        let (loss, c) = Reduction::Mean.loss(tape.output(), &batch.y.expand_as(tape.output()));
        let gradient = net.vjp(&state.theta.0, &tape, &c);
        state.theta_stats.blend(&tape.statistics(net), RUNNING_RATE);
        state.surrogate_adam.step(OptimizerKind::Adam, rate, &mut state.theta.0, &gradient);
        loss
    })
}
