//! The methods that the paper's Table 2 compares with, on F and M; D has no part in them. The paper does not say how it
//! brought them to this task: what each does here is its own paper's update, on this network and these batches.

use tch::Tensor;

use super::iteration::{Iteration, Judge, Numbers, classify, gradients, stepped, value};
use super::nets::followed;
use crate::methods::detector::StudentState;
use crate::methods::optim::{Adam, norm};
use crate::nets::ParamList;

/// The parameters of F and M in `theta`.
fn f_and_m<'a>(judge: Judge<'_>, theta: &'a [Tensor]) -> Vec<&'a Tensor> {
    judge.nets.f_and_m().map(|i| &theta[i]).collect()
}

/// `theta` with `after` in place of F's and M's parameters.
fn replaced(judge: Judge<'_>, theta: &[Tensor], after: ParamList) -> ParamList {
    let mut all: ParamList = theta.iter().map(Tensor::shallow_clone).collect();
    for (i, p) in judge.nets.f_and_m().zip(after) {
        all[i] = p;
    }
    all
}

/// MLDG (Li et al., AAAI 2018, Algorithm 1): the meta-train domains are one batch with loss F(Θ); Θ' = Θ − α ∇F(Θ). Unlike
/// the paper's inner step, this one moves the features too.
pub fn mldg_inner(it: &mut Iteration, judge: Judge<'_>) -> Numbers {
    let (Some(pass), Some(lesson)) = (it.passes.first(), it.train.first()) else { return vec![] };
    let loss = classify(&pass.logit, &lesson.y);
    let (rate, first_order) = (judge.config.inner_rate, judge.config.first_order);
    let (after, gradient) = stepped(&loss, &f_and_m(judge, &it.theta), rate, first_order);
    let adapted = replaced(judge, &it.theta, after);
    it.adapted.push(adapted);
    vec![it.note("inner_norm", 0, norm(&gradient))]
}

/// MLDG's G(Θ'): the moved network on the meta-test domain, by statistics of the batch. F(Θ) + G(Θ') is minimised, its
/// beta 1.
pub fn mldg_test(it: &mut Iteration, judge: Judge<'_>) -> Numbers {
    let (Some(theta), Some(lesson)) = (it.adapted.first(), &it.test) else { return vec![] };
    let loss = classify(&judge.nets.pass(theta, &lesson.x).logit, &lesson.y);
    let number = it.note("l_cls_test", 0, value(&loss));
    it.losses.push(loss);
    vec![number]
}

/// Reptile (Nichol et al., 2018, Algorithm 1): one plain gradient step on domain `i` from where the last one led.
pub fn reptile_step(it: &mut Iteration, i: usize, judge: Judge<'_>) -> Numbers {
    let theta = followed(it.adapted.last().unwrap_or(&it.theta));
    let Some(lesson) = it.lesson(i) else { return vec![] };
    let pass = judge.nets.pass(&theta, &lesson.x);
    let loss = classify(&pass.logit, &lesson.y);
    let (after, _) = stepped(&loss, &f_and_m(judge, &theta), judge.config.inner_rate, true);
    let adapted = replaced(judge, &theta, after);
    judge.nets.blend(&mut it.stats, &pass.stats, judge.config.bn_momentum);
    it.adapted = vec![adapted.iter().map(Tensor::detach).collect()];
    vec![it.note("l_cls", i, value(&loss))]
}

/// Reptile's outer step: (Θ − Θ̃)/α as a gradient for Adam, as its section 2 has it; for one domain that is joint training.
pub fn reptile_optimise(it: &mut Iteration, judge: Judge<'_>, state: &mut StudentState, adam: Adam) -> Numbers {
    let gradient: ParamList = tch::no_grad(|| match it.adapted.last() {
        Some(end) => it.theta.iter().zip(end).map(|(p, e)| (p - e) / judge.config.inner_rate).collect(),
        None => it.theta.iter().map(Tensor::zeros_like).collect(),
    });
    let loss = it.mean("l_cls");
    it.finish(state, adam, &gradient, loss)
}

/// `MetaReg`'s regulariser (Balaji et al., NeurIPS 2018, section 4.3): sum of φ |θ_M| over M's parameters.
fn regulariser(phi: &[Tensor], m: &[Tensor]) -> Option<Tensor> {
    phi.iter().zip(m).map(|(phi, p)| (phi * p.abs()).sum(None::<tch::Kind>)).reduce(|a, b| a + b)
}

/// `MetaReg`, Algorithm 1, first half of the regulariser's update: M, adapted to one domain a under the regulariser. Its
/// paper has a head a domain and learns them and the regulariser first; here all domains share M, so that one run does both.
pub fn meta_reg_inner(it: &mut Iteration, judge: Judge<'_>, state: &StudentState) -> Numbers {
    let (Some(pass), Some(lesson)) = (it.passes.first(), it.train.first()) else { return vec![] };
    let phi = followed(&state.aids.0);
    let m = followed(judge.nets.of_m(&it.theta));
    let mut loss = classify(&judge.nets.judge(&m, &pass.features.detach()), &lesson.y);
    if let Some(penalty) = regulariser(&phi, &m) {
        loss += penalty;
    }
    let (adapted, gradient) = stepped(&loss, &m.iter().collect::<Vec<_>>(), judge.config.inner_rate, false);
    it.adapted = vec![adapted, phi];
    vec![it.note("inner_norm", 0, norm(&gradient))]
}

/// Second half: how that does on another domain b, and what the regulariser has to do with it.
pub fn meta_reg_test(it: &mut Iteration, judge: Judge<'_>) -> Numbers {
    // The last domain has been looked at with the others.
    let (Some(pass), Some(lesson)) = (it.passes.last(), &it.test) else { return vec![] };
    let [adapted, phi] = &it.adapted[..] else { return vec![] };
    let loss = classify(&judge.nets.judge(adapted, &pass.features.detach()), &lesson.y);
    it.beside_gradient = gradients(&loss, &phi.iter().collect::<Vec<_>>(), false, false);
    let size = norm(&it.beside_gradient);
    vec![it.note("l_cls_test", 0, value(&loss)), it.note("regulariser_norm", 0, size)]
}

/// F and M learn all domains under the regulariser as it stands; the regulariser moves towards what helped. Its weights stay
/// at or above zero: below, they would reward growth without bound.
pub fn meta_reg_optimise(it: &mut Iteration, judge: Judge<'_>, state: &mut StudentState, adam: Adam) -> Numbers {
    it.losses.extend(regulariser(&state.aids.0, judge.nets.of_m(&it.theta)));
    let (loss, gradient) = it.total();
    let beside = std::mem::take(&mut it.beside_gradient);
    state.aids_adam.adam(Adam::plain(adam.rate), &mut state.aids.0, &beside);
    tch::no_grad(|| state.aids.0.iter_mut().for_each(|phi| *phi = phi.clamp_min(0.0)));
    it.finish(state, adam, &gradient, loss)
}
