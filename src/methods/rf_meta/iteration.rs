//! Algorithm 1 as phases, exact to second order: the inner gradient stays in libtorch's graph, so that one backward pass
//! over the sum of all losses gives Eqs. 5 to 7 together, F's mixed terms included. Joint training is the same without
//! inner steps; what other methods do at a phase stands in `rivals`.

use tch::{Kind, Reduction, Tensor};

use super::nets::{Pass, RfNets, followed};
use super::steps::Step;
use super::{Lesson, rivals};
use crate::config::{RfAlgorithm, RfMetaConfig};
use crate::methods::Standing;
use crate::methods::detector::StudentState;
use crate::methods::optim::{Adam, dot, norm};
use crate::nets::{BnStats, ParamList};

/// Named numbers of a phase.
pub type Numbers = Vec<(String, f64)>;

/// What does not change within a run's iteration: parts of the network, settings, and how far a map is from its target.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    /// The network.
    pub nets: &'a RfNets,
    /// How it learns.
    pub config: &'a RfMetaConfig,
    /// Error of a map (batch, 1, h, w): map, target, who has one.
    pub map_loss: &'a dyn Fn(&Tensor, &Tensor, Option<&Tensor>) -> Tensor,
}

/// An iteration under way.
#[derive(Debug)]
pub struct Iteration {
    /// Batches to learn from, one a meta-train domain.
    pub train: Vec<Lesson>,
    /// The batch that judges, where there is one.
    pub test: Option<Lesson>,
    /// Parameters that losses are differentiated by.
    pub(super) theta: ParamList,
    /// Running statistics as they will be.
    pub(super) stats: BnStats,
    /// Losses whose sum is minimised.
    pub(super) losses: Vec<Tensor>,
    pub(super) passes: Vec<Pass>,
    /// What inner steps made of the parameters they move: M's for the paper, F's and M's for MLDG and Reptile.
    pub(super) adapted: Vec<ParamList>,
    /// Gradients of the inner steps, as constants.
    gradients: Vec<ParamList>,
    tested: Option<Pass>,
    /// The meta-test loss's gradient by M as it stands, for Eqs. 9 and 10.
    test_gradient: ParamList,
    /// Of `MetaReg`'s weights.
    pub(super) beside_gradient: ParamList,
    sums: Sums,
}

/// What the iteration's row will say, added up over pairs.
#[derive(Debug, Default)]
struct Sums {
    named: Vec<(&'static str, f64, f64)>,
}

impl Sums {
    fn add(&mut self, name: &'static str, value: f64) {
        match self.named.iter_mut().find(|(n, ..)| *n == name) {
            Some((_, sum, count)) => {
                *sum += value;
                *count += 1.0;
            }
            None => self.named.push((name, value, 1.0)),
        }
    }

    fn mean(&self, name: &str) -> f64 {
        self.named.iter().find(|(n, ..)| *n == name).map_or(0.0, |(_, sum, count)| sum / count)
    }

    fn means(&self) -> impl Iterator<Item = (String, f64)> + '_ {
        self.named.iter().map(|(name, sum, count)| ((*name).to_owned(), sum / count))
    }
}

/// Cross-entropy of M's value before the sigmoid with labels (Eqs. 1 and 3, with the minus that they lack; D-RF2).
pub(super) fn classify(logit: &Tensor, y: &Tensor) -> Tensor {
    logit.binary_cross_entropy_with_logits::<Tensor>(y, None, None, Reduction::Mean)
}

pub(super) fn value(loss: &Tensor) -> f64 {
    loss.to_kind(Kind::Double).double_value(&[])
}

/// Gradients of `loss`, zero by what it does not depend on.
pub(super) fn gradients(loss: &Tensor, by: &[&Tensor], keep: bool, create: bool) -> ParamList {
    let all = Tensor::run_backward(&[loss], by, keep, create);
    all.into_iter().zip(by).map(|(g, p)| if g.defined() { g } else { p.zeros_like() }).collect()
}

/// `by` one step of size `rate` down the gradient of `loss`, and that gradient as a constant. Unless `first_order`, the step
/// depends on everything that the gradient does.
pub(super) fn stepped(loss: &Tensor, by: &[&Tensor], rate: f64, first_order: bool) -> (ParamList, ParamList) {
    let gradient = gradients(loss, by, true, !first_order);
    let after = by.iter().zip(&gradient).map(|(p, g)| *p - g * rate).collect();
    (after, gradient.iter().map(Tensor::detach).collect())
}

impl Iteration {
    /// An iteration from `state` over `train` and `test`.
    pub fn new(state: &StudentState, train: Vec<Lesson>, test: Option<Lesson>) -> Self {
        Self {
            train,
            test,
            theta: followed(&state.theta.0),
            stats: state.stats.clone(),
            losses: vec![],
            passes: vec![],
            adapted: vec![],
            gradients: vec![],
            tested: None,
            test_gradient: vec![],
            beside_gradient: vec![],
            sums: Sums::default(),
        }
    }

    /// Does the phase `step`; the last one moves `state` by `adam`.
    pub fn step(&mut self, step: Step, judge: Judge<'_>, state: &mut StudentState, adam: Adam) -> Numbers {
        let algorithm = judge.config.algorithm;
        match (step, algorithm) {
            (Step::Sample, _) => vec![],
            (Step::MetaTrain(i), _) => self.meta_train(i, judge),
            (Step::InnerUpdate(i), RfAlgorithm::Reptile) => rivals::reptile_step(self, i, judge),
            (Step::InnerUpdate(_), RfAlgorithm::Mldg) => rivals::mldg_inner(self, judge),
            (Step::InnerUpdate(_), RfAlgorithm::MetaReg) => rivals::meta_reg_inner(self, judge, state),
            (Step::InnerUpdate(i), _) => self.inner_update(i, judge),
            (Step::MetaTest(_), RfAlgorithm::Mldg) => rivals::mldg_test(self, judge),
            (Step::MetaTest(_), RfAlgorithm::MetaReg) => rivals::meta_reg_test(self, judge),
            (Step::MetaTest(i), _) => self.meta_test(i, judge),
            (Step::MetaTestDepth, _) => self.meta_test_depth(judge),
            (Step::MetaOptimise, RfAlgorithm::Reptile) => rivals::reptile_optimise(self, judge, state, adam),
            (Step::MetaOptimise, RfAlgorithm::MetaReg) => rivals::meta_reg_optimise(self, judge, state, adam),
            (Step::MetaOptimise, _) => self.meta_optimise(state, adam),
        }
    }

    /// A phase of the paper's algorithm before the last, which moves nothing.
    pub(super) fn meta(&mut self, step: Step, judge: Judge<'_>) {
        match step {
            Step::Sample | Step::MetaOptimise => vec![],
            Step::MetaTrain(i) => self.meta_train(i, judge),
            Step::InnerUpdate(i) => self.inner_update(i, judge),
            Step::MetaTest(i) => self.meta_test(i, judge),
            Step::MetaTestDepth => self.meta_test_depth(judge),
        };
    }

    /// What stands in the equation of the phase `step` that was just done. What it changed for good is told by the states
    /// before and after.
    pub fn standing(&self, step: Step) -> Vec<Standing> {
        let lesson = |lesson: &Lesson, domain: &str| {
            let mut all = vec![
                Standing::one("x", &format!("faces of {domain}"), &lesson.x),
                Standing::one("y", &format!("labels of {domain}, 1 on spoofs"), &lesson.y),
            ];
            all.extend(lesson.target.as_ref().map(|t| Standing::one("I", &format!("depth maps of {domain}"), t)));
            all
        };
        let test = || self.test.as_ref().map(|l| lesson(l, "the meta-test domain")).unwrap_or_default();
        let train = |i: usize| {
            self.train.get(i).map(|l| lesson(l, &format!("meta-train domain {}", i + 1))).unwrap_or_default()
        };
        match step {
            Step::Sample => (0..self.train.len()).flat_map(train).chain(test()).collect(),
            Step::MetaTrain(i) => train(i),
            Step::InnerUpdate(i) => {
                let what = format!("parameters after an inner step on domain {}", i + 1);
                let by = self.gradients.get(i).map(|g| Standing::all("∇", &format!("gradient on domain {}", i + 1), g));
                by.into_iter().chain(self.adapted.get(i).map(|a| Standing::all("θ_M′", &what, a))).collect()
            }
            Step::MetaTest(_) | Step::MetaTestDepth => test(),
            Step::MetaOptimise => vec![],
        }
    }

    /// Notes a loss, under its own name and in the mean of the iteration.
    pub(super) fn note(&mut self, name: &'static str, i: usize, value: f64) -> (String, f64) {
        self.sums.add(name, value);
        (format!("{name}_{}", i + 1), value)
    }

    /// The mean so far of what was noted as `name`.
    pub(super) fn mean(&self, name: &str) -> f64 {
        self.sums.mean(name)
    }

    /// The batch `i`; the meta-test batch stands behind the others.
    pub(super) fn lesson(&self, i: usize) -> Option<&Lesson> {
        self.train.get(i).or(self.test.as_ref())
    }

    /// Lines 5 and 7: what M says of domain `i` and, where D learns, what D says (Eqs. 1 and 2).
    fn meta_train(&mut self, i: usize, judge: Judge<'_>) -> Numbers {
        let Some(lesson) = self.lesson(i) else { return vec![] };
        let pass = judge.nets.pass(&self.theta, &lesson.x);
        let classified = classify(&pass.logit, &lesson.y);
        let depth = judge.depth(&pass.map, lesson);
        judge.nets.blend(&mut self.stats, &pass.stats, judge.config.bn_momentum);
        let mut numbers = vec![self.note("l_cls", i, value(&classified))];
        self.losses.push(classified);
        if let Some(depth) = depth {
            numbers.push(self.note("l_dep", i, value(&depth)));
            self.losses.push(depth * judge.config.depth_weight);
        }
        self.passes.push(pass);
        numbers
    }

    /// Line 6: M one step down the gradient of its loss on domain `i`; the gradient stays differentiable unless `first_order`.
    fn inner_update(&mut self, i: usize, judge: Judge<'_>) -> Numbers {
        let (Some(pass), Some(lesson)) = (self.passes.get(i), self.lesson(i)) else { return vec![] };
        let loss = classify(&pass.logit, &lesson.y);
        let m: Vec<&Tensor> = judge.nets.of_m(&self.theta).iter().collect();
        let (adapted, constant) = stepped(&loss, &m, judge.config.inner_rate, judge.config.first_order);
        let numbers = vec![self.note("inner_norm", i, norm(&constant))];
        self.adapted.push(adapted);
        self.gradients.push(constant);
        numbers
    }

    /// F's features of the meta-test batch, made once, and the gradient that inner steps are compared with.
    fn look_at_test(&mut self, judge: Judge<'_>) {
        if self.tested.is_some() {
            return;
        }
        let Some(lesson) = &self.test else { return };
        let pass = judge.nets.pass(&self.theta, &lesson.x);
        // M's own pass is not part of the method: it is here for Eqs. 9 and 10 alone, and writes no statistics.
        judge.nets.blend(&mut self.stats, &pass.stats, 0.0);
        let m = followed(judge.nets.of_m(&self.theta));
        let loss = classify(&judge.nets.judge(&m, &pass.features.detach()), &lesson.y);
        self.test_gradient = gradients(&loss, &m.iter().collect::<Vec<_>>(), false, false);
        self.tested = Some(pass);
    }

    /// Line 10: what M_i' says of the meta-test domain (Eq. 3), and how far both domains want the same (Eq. 10).
    fn meta_test(&mut self, i: usize, judge: Judge<'_>) -> Numbers {
        self.look_at_test(judge);
        let (Some(pass), Some(lesson)) = (&self.tested, &self.test) else { return vec![] };
        let loss = classify(&judge.nets.judge(&self.adapted[i], &pass.features), &lesson.y);
        let (g, t) = (&self.gradients[i], &self.test_gradient);
        let product = dot(g, t);
        let cosine = product / (norm(g) * norm(t)).max(f64::MIN_POSITIVE);
        let numbers = vec![
            self.note("l_cls_test", i, value(&loss)),
            self.note("third_term", i, judge.config.inner_rate * product),
            self.note("inner_product", i, product),
            self.note("cosine", i, cosine),
        ];
        self.losses.push(loss);
        numbers
    }

    /// Line 11: what D says of the meta-test domain (Eq. 4).
    fn meta_test_depth(&mut self, judge: Judge<'_>) -> Numbers {
        self.look_at_test(judge);
        let (Some(pass), Some(lesson)) = (&self.tested, &self.test) else { return vec![] };
        let Some(loss) = judge.depth(&pass.map, lesson) else { return vec![] };
        let number = value(&loss);
        self.losses.push(loss * judge.config.depth_weight);
        self.sums.add("l_dep_test", number);
        vec![("l_dep_test".to_owned(), number)]
    }

    /// Lines 12 to 15: one Adam step down the sum of all losses (Eqs. 5 to 7; Adam by D-RF7).
    fn meta_optimise(&mut self, state: &mut StudentState, adam: Adam) -> Numbers {
        let (loss, gradient) = self.total();
        self.finish(state, adam, &gradient, loss)
    }

    /// The sum of all losses, and its gradient by every parameter.
    pub(super) fn total(&mut self) -> (f64, ParamList) {
        let losses = std::mem::take(&mut self.losses);
        let Some(total) = losses.into_iter().reduce(|a, b| a + b) else {
            return (0.0, self.theta.iter().map(Tensor::zeros_like).collect());
        };
        let gradient = gradients(&total, &self.theta.iter().collect::<Vec<_>>(), false, false);
        (value(&total), gradient)
    }

    /// Moves `state` and gives the iteration's means.
    pub(super) fn finish(&mut self, state: &mut StudentState, adam: Adam, gradient: &[Tensor], loss: f64) -> Numbers {
        state.adam.adam(adam, &mut state.theta.0, gradient);
        state.stats = self.stats.clone();
        let own = [("loss".to_owned(), loss), ("gradient_norm".to_owned(), norm(gradient))];
        own.into_iter().chain(self.sums.means()).collect()
    }
}

impl Judge<'_> {
    /// D's loss, where it learns.
    fn depth(self, map: &Tensor, lesson: &Lesson) -> Option<Tensor> {
        let target = lesson.target.as_ref().filter(|_| self.config.trains_depth())?;
        Some((self.map_loss)(map, target, lesson.known.as_ref()))
    }
}
