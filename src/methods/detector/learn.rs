//! One step of a detector's training: what it says, how far that is from the lesson, and an Adam step. Networks whose
//! derivatives are written by hand take them, the others libtorch's.

use tch::{Kind, Tensor};

use super::loss::{MapTask, cross_entropy, map_loss};
use super::{Aids, DetectorNet, StudentState, dtn, peers};
use crate::config::{DetectorConfig, MapLoss, Network, RivalConfig, Supervision};
use crate::methods::mt_fas::RUNNING_RATE;
use crate::methods::optim::{Adam, OptimizerState};
use crate::nets::{BnMode, ParamList};

/// A batch with what is to be learnt of it.
#[derive(Debug)]
pub struct Lesson<'a> {
    /// Normalised RGB pictures, (batch, 3, side, side).
    pub x: &'a Tensor,
    /// (batch, 1, 1, 1), 1 for spoof and 0 for live.
    pub y: &'a Tensor,
    /// What the map should be, (batch, 1, side/8, side/8).
    pub target: &'a Tensor,
    /// (batch, 1, 1, 1), 0 for pictures that have no target.
    pub known: Option<&'a Tensor>,
    /// A `FitNet` teacher's features.
    pub hint: Option<&'a Tensor>,
}

/// How a detector learns, settled before its first step.
#[derive(Debug, Clone)]
pub struct Task {
    map: MapTask,
    adam: Adam,
    halve_every: u64,
    iterations: u64,
    branch_weight: f64,
    routes_after: u64,
    rival: RivalConfig,
}

impl Task {
    /// A run's detector.
    pub fn student(config: &DetectorConfig, rival: &RivalConfig) -> Self {
        let DetectorConfig { network, map_loss, supervision, .. } = *config;
        Self {
            map: MapTask { network, loss: map_loss, supervision },
            adam: Adam { rate: config.learning_rate, beta1: config.beta1, weight_decay: config.weight_decay },
            halve_every: config.halve_every,
            iterations: config.iterations,
            branch_weight: config.branch_weight,
            routes_after: config.routes_after,
            rival: rival.clone(),
        }
    }

    /// A rival teacher of `network`: it learns the binary map.
    pub fn rival(network: Network, config: &DetectorConfig, rival: &RivalConfig) -> Self {
        Self {
            map: MapTask { network, loss: MapLoss::Mse, supervision: Supervision::BinaryMap },
            adam: Adam { rate: rival.learning_rate, beta1: 0.9, weight_decay: 0.0 },
            halve_every: 0,
            iterations: rival.iterations,
            branch_weight: config.branch_weight,
            routes_after: config.routes_after,
            rival: rival.clone(),
        }
    }

    /// A map's error as the task has it; see [`Lesson`] for the shapes.
    pub fn map_error(&self, map: &Tensor, target: &Tensor, known: Option<&Tensor>) -> Tensor {
        map_loss(map, target, known, self.map)
    }

    /// Adam's settings after `steps` steps.
    pub fn adam(&self, steps: u64) -> Adam {
        let halvings = steps.checked_div(self.halve_every).unwrap_or(0).min(1000);
        Adam { rate: self.adam.rate * 0.5_f64.powi(halvings as i32), ..self.adam }
    }
}

type Numbers = Vec<(String, f64)>;

fn number(name: &str, value: &Tensor) -> (String, f64) {
    (name.to_owned(), value.to_kind(Kind::Double).double_value(&[]))
}

/// Tensors that libtorch follows.
fn followed(params: &[Tensor]) -> ParamList {
    params.iter().map(|p| p.detach().set_requires_grad(true)).collect()
}

/// One step; gives the loss before it, and its parts.
pub fn learn(net: &DetectorNet, aids: &Aids, state: &mut StudentState, task: &Task, lesson: &Lesson<'_>) -> Numbers {
    let plain = net.graph.is_by_hand() && lesson.hint.is_none() && aids.peer.is_none();
    if plain { by_hand(net, state, task, lesson) } else { by_libtorch(net, aids, state, task, lesson) }
}

pub(super) fn by_hand(net: &DetectorNet, state: &mut StudentState, task: &Task, lesson: &Lesson<'_>) -> Numbers {
    let (graph, x) = (&net.graph, net.sees(lesson.x));
    let tape = graph.record(&state.theta.0, &x, BnMode::Batch);
    // The loss's gradient at the map is libtorch's, the network's is by hand.
    let map = tape.output().detach().set_requires_grad(true);
    let loss = map_loss(&map, lesson.target, lesson.known, task.map);
    let c = Tensor::run_backward(&[&loss], &[&map], false, false).swap_remove(0);
    tch::no_grad(|| {
        let gradient = graph.vjp(&state.theta.0, &tape, &c);
        state.stats.blend(&tape.statistics(graph), RUNNING_RATE);
        let adam = task.adam(state.adam.steps);
        state.adam.adam(adam, &mut state.theta.0, &gradient);
    });
    vec![number("loss", &loss)]
}

pub(super) fn by_libtorch(
    net: &DetectorNet,
    aids: &Aids,
    state: &mut StudentState,
    task: &Task,
    lesson: &Lesson<'_>,
) -> Numbers {
    let (graph, x) = (&net.graph, net.sees(lesson.x));
    let theta = followed(&state.theta.0);
    let extra = followed(&state.aids.0);
    let outputs = net.judged(task.map.loss);
    let wanted: Vec<_> = outputs.iter().chain(lesson.hint.map_or(&[][..], |_| &net.hints)).copied().collect();
    let (values, stats) = graph.observe_at(&theta, &x, &wanted);
    let (values, hints) = values.split_at(outputs.len());
    let mut numbers = vec![];
    let steps = state.adam.steps;
    let judge = |target: &Tensor, loss: MapTask| {
        if net.network == Network::Dtn {
            let about = (lesson.y, target, lesson.known);
            let tree = dtn::loss(graph, (&theta, &state.mu.0), values, about, loss, steps >= task.routes_after);
            (tree.loss, Some((tree.maps, tree.mu)))
        } else {
            (map_loss(&values[0], target, lesson.known, loss), None)
        }
    };
    let (mut loss, tree) = judge(lesson.target, task.map);
    if net.network == Network::FasDrBc {
        let branch = cross_entropy(&values[1], lesson.y);
        numbers.push(number("map_loss", &loss));
        numbers.push(number("branch_loss", &branch));
        loss += branch * task.branch_weight;
    }
    if let Some((maps, _)) = &tree {
        numbers.push(("map_loss".to_owned(), *maps));
    }
    if let (Some(hint), [weight, bias]) = (lesson.hint, &extra[..]) {
        let regressed = DetectorNet::hint(hints).conv2d(weight, Some(bias), [1, 1], [1, 1], [1, 1], 1);
        let error = (regressed - hint).square().mean(None::<Kind>);
        numbers.push(number("hint_loss", &error));
        loss += error * task.rival.hint_weight;
    }
    if let Some(peer) = &aids.peer {
        let part = steps as f64 / task.iterations.max(1) as f64;
        let weight = peers::ramp(part, task.rival.ramp);
        let seen = (weight, task.rival.detach);
        let told = peers::tell(peer, &extra, &x, lesson.target, task.map, seen);
        numbers.push(number("peers_loss", &told.loss));
        let (from_peers, _) = judge(&told.mean, MapTask { loss: MapLoss::Mse, ..task.map });
        loss = loss + told.loss + from_peers * weight;
    }
    let all: Vec<&Tensor> = theta.iter().chain(&extra).collect();
    let gradients = Tensor::run_backward(&[&loss], &all, false, false);
    let mut gradients: ParamList =
        gradients.into_iter().zip(&all).map(|(g, p)| if g.defined() { g } else { p.zeros_like() }).collect();
    numbers.insert(0, number("loss", &loss));
    tch::no_grad(|| {
        let of_aids = gradients.split_off(theta.len());
        state.stats.blend(&stats, RUNNING_RATE);
        let adam = task.adam(steps);
        state.adam.adam(adam, &mut state.theta.0, &gradients);
        step_aids(&mut state.aids_adam, adam, &mut state.aids.0, &of_aids);
        if let Some((_, mu)) = tree {
            state.mu.0 = mu;
        }
    });
    numbers
}

fn step_aids(state: &mut OptimizerState, adam: Adam, params: &mut ParamList, gradients: &[Tensor]) {
    if !params.is_empty() {
        state.adam(adam, params, gradients);
    }
}
