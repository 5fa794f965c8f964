//! The steps: of the extractor alone (Algorithm 1, line 11), of HFN alone (line 16), of both at once. Each is one descent
//! with momentum on L = BCE + MSE (Eq. 10); what does not learn gets no gradient, but its batch norms are in training too,
//! and their running statistics move.

use std::ops::Range;

use tch::{Kind, Tensor};

use crate::config::RunConfig;
use crate::methods::detector::{DetectorNet, Lesson, MapTask, StudentState, map_loss};
use crate::methods::mt_fas::RUNNING_RATE;
use crate::methods::optim::Momentum;
use crate::nets::hfn;
use crate::nets::{Graph, ParamList};

type Numbers = Vec<(String, f64)>;

/// How both learn, settled before their first step.
#[derive(Debug, Clone)]
pub struct Task {
    map: MapTask,
    outer: Momentum,
    inner_rate: f64,
    halve_every: u64,
    halve_outer: bool,
}

impl Task {
    /// A run's.
    pub fn new(config: &RunConfig) -> Self {
        let (d, mp) = (&config.detector, &config.meta_pattern);
        let outer = Momentum { rate: d.learning_rate, momentum: mp.momentum, weight_decay: d.weight_decay };
        let inner_rate = if mp.inner_rate == 0.0 { d.learning_rate * mp.k as f64 } else { mp.inner_rate };
        Self {
            map: MapTask { network: d.network, loss: d.map_loss, supervision: d.supervision },
            outer,
            inner_rate,
            halve_every: d.halve_every,
            halve_outer: mp.halve_outer,
        }
    }

    /// Settings of a step of size `rate` at first, after `steps` iterations.
    fn descent(&self, rate: f64, steps: u64) -> Momentum {
        let halvings = steps.checked_div(self.halve_every).unwrap_or(0).min(1000);
        Momentum { rate: rate * 0.5_f64.powi(halvings as i32), ..self.outer }
    }
}

/// Where the extractor's parameters stand; HFN's follow.
fn phi(graph: &Graph) -> Range<usize> {
    0..graph.params().iter().take_while(|p| p.name.starts_with(hfn::PHI)).count()
}

/// Line 11: one step of the extractor on a batch of D_phi; HFN stays. Gives the loss before it.
pub fn inner_step(net: &DetectorNet, state: &mut StudentState, task: &Task, lesson: &Lesson<'_>) -> f64 {
    let how = task.descent(task.inner_rate, state.adam.steps);
    let [loss, ..] = step(net, state, phi(&net.graph), how, 1.0, task, lesson);
    loss
}

/// Line 16: one step of HFN on a batch of D_theta, with the extractor as the inner steps left it. Gives the loss before it,
/// and its parts; the loss is not halved, whatever the step is made of.
pub fn outer_step(net: &DetectorNet, state: &mut StudentState, task: &Task, lesson: &Lesson<'_>) -> Numbers {
    let which = phi(&net.graph).end..net.graph.params().len();
    let factor = if task.halve_outer { 0.5 } else { 1.0 };
    counted(net, state, which, factor, task, lesson)
}

/// Empirical risk minimisation: one step of everything that can learn, on a batch of every domain.
pub fn joint_step(net: &DetectorNet, state: &mut StudentState, task: &Task, lesson: &Lesson<'_>) -> Numbers {
    counted(net, state, 0..net.graph.params().len(), 1.0, task, lesson)
}

/// A step that ends an iteration.
fn counted(
    net: &DetectorNet,
    state: &mut StudentState,
    which: Range<usize>,
    factor: f64,
    task: &Task,
    lesson: &Lesson<'_>,
) -> Numbers {
    let how = task.descent(task.outer.rate, state.adam.steps);
    let values = step(net, state, which, how, factor, task, lesson);
    state.adam.steps += 1;
    ["loss", "map_loss", "class_loss"].map(str::to_owned).into_iter().zip(values).collect()
}

/// One descent of the parameters at `which` on `factor` times the loss; gives the loss, the map's part and the classes'.
fn step(
    net: &DetectorNet,
    state: &mut StudentState,
    which: Range<usize>,
    how: Momentum,
    factor: f64,
    task: &Task,
    lesson: &Lesson<'_>,
) -> [f64; 3] {
    let graph = &net.graph;
    let follow = |(i, p): (usize, &Tensor)| {
        let p = p.detach();
        if which.contains(&i) { p.set_requires_grad(true) } else { p }
    };
    let params: ParamList = state.theta.0.iter().enumerate().map(follow).collect();
    let nodes: Vec<_> = graph.outputs().into_iter().take(1).chain(graph.find(hfn::LOGITS)).collect();
    let (values, stats) = graph.observe_at(&params, &net.sees(lesson.x), &nodes);
    let map = map_loss(&values[0], lesson.target, lesson.known, task.map);
    let class = cross_entropy(&values[1], lesson.y);
    let loss = &map + &class;
    let learning: Vec<&Tensor> = params[which.clone()].iter().collect();
    let gradients = Tensor::run_backward(&[&loss * factor], &learning, false, false);
    // A depth map learnt of attacks alone, say, moves no class: what the loss does not depend on has no gradient.
    let gradients: ParamList =
        gradients.into_iter().zip(&learning).map(|(g, p)| if g.defined() { g } else { p.zeros_like() }).collect();
    state.adam.descend(how, &mut state.theta.0, which, &gradients);
    state.stats.blend(&stats, RUNNING_RATE);
    [&loss, &map, &class].map(|t| t.to_kind(Kind::Double).double_value(&[]))
}

/// Softmax cross-entropy of two logits (batch, 2, 1, 1), of live and of spoof, with labels (batch, 1, 1, 1): the paper's
/// BCE on a binary vector (D-MP5).
fn cross_entropy(logits: &Tensor, y: &Tensor) -> Tensor {
    logits.flatten(1, -1).cross_entropy_for_logits(&y.flatten(0, -1).to_kind(Kind::Int64))
}
