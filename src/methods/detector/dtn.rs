//! DTN's routes (Liu et al., CVPR 2019, section 3.2): at every node a picture's features x go left where
//! (x - mu) v / |v| >= 0, else right, until one of eight leaves is reached. v is learnt, mu is a running mean of the
//! spoofs that come by. Live faces count at every leaf.

use tch::{Device, Kind, Tensor};

use super::loss::{MapTask, map_loss};
use crate::nets::dtn::{LEAVES, ROUTES};
use crate::nets::{Graph, ParamList};

/// Rate of the running means.
const MEAN_RATE: f64 = 1e-3;
/// Weights of the two parts of a route's loss, and of its uniqueness.
const ALPHA: f64 = 1e-3;
const BETA: f64 = 1e-2;
const ROUTE_WEIGHT: f64 = 2.0;
const UNIQUE_WEIGHT: f64 = 1e-3;
/// Weight of the class branches beside the maps.
const CLASS_WEIGHT: f64 = 1e-3;

/// Positions of the routes' directions among the parameters; empty for other networks.
fn directions(graph: &Graph) -> Vec<usize> {
    (0..ROUTES).filter_map(|i| graph.param(&format!("route{i}.direction"))).collect()
}

/// Shapes of the means.
pub fn mean_shapes(graph: &Graph) -> Vec<Vec<i64>> {
    directions(graph).into_iter().map(|i| graph.params()[i].shape.clone()).collect()
}

/// Means before the first batch: zero.
pub fn means(graph: &Graph, device: Device) -> ParamList {
    mean_shapes(graph).iter().map(|shape| Tensor::zeros(shape.as_slice(), (Kind::Float, device))).collect()
}

/// (x - mu) v / |v| at every node, (batch) each, and x - mu.
fn projections(graph: &Graph, theta: &[Tensor], mu: &[Tensor], values: &[Tensor]) -> (Vec<Tensor>, Vec<Tensor>) {
    let features = &values[2 * LEAVES..];
    let one = |((feature, mu), at): ((&Tensor, &Tensor), usize)| {
        let v = &theta[at];
        let centred = feature.flatten(1, -1) - mu;
        let phi = (&centred * (v / v.norm().clamp_min(1e-12))).sum_dim_intlist([1_i64].as_slice(), false, None::<Kind>);
        (phi, centred)
    };
    features.iter().zip(mu).zip(directions(graph)).map(one).unzip()
}

/// For every node and then every leaf, 1 where a picture comes by, (batch): nodes 0..7, leaves 0..8.
fn visits(phi: &[Tensor], starts: &Tensor) -> (Vec<Tensor>, Vec<Tensor>) {
    let mut nodes = vec![starts.shallow_clone()];
    let mut leaves = vec![];
    for i in 0..ROUTES {
        let left = phi[i].detach().ge(0.0).to_kind(starts.kind());
        let here = nodes[i].shallow_clone();
        let sides = [&here * &left, &here * (1.0 - &left)];
        // Children of node i are nodes 2i+1 and 2i+2; those of the last four are leaves.
        if nodes.len() < ROUTES { nodes.extend(sides) } else { leaves.extend(sides) }
    }
    (nodes, leaves)
}

/// The map of the leaf that each picture reaches, (batch, 1, h, w).
pub fn reached(graph: &Graph, theta: &[Tensor], mu: &[Tensor], values: &[Tensor]) -> Tensor {
    let (phi, _) = projections(graph, theta, mu, values);
    let (_, leaves) = visits(&phi, &phi[0].ones_like());
    let parts = leaves.iter().zip(values).map(|(visit, map)| map * visit.view([-1, 1, 1, 1]));
    parts.reduce(|a, b| a + b).unwrap_or_else(|| values[0].shallow_clone())
}

/// A tree's loss and its new means.
pub struct TreeLoss {
    /// To be minimised.
    pub loss: Tensor,
    /// The part that judges maps.
    pub maps: f64,
    /// Means after the batch.
    pub mu: ParamList,
}

/// Mean of `errors` (batch) over those where `who` is 1; 0 where there are none.
fn mean_over(errors: &Tensor, who: &Tensor) -> Tensor {
    (errors * who).sum(None::<Kind>) / who.sum(None::<Kind>).clamp_min(1.0)
}

/// The loss over one batch. At every leaf half the mean error of the spoofs that reach it and half that of all live
/// faces, nothing where no spoof does, averaged over leaves; a thousandth of the same for class values; with `routes`
/// also what makes routes split spoofs along their greatest variance, apart from everybody else.
pub fn loss(
    graph: &Graph,
    (theta, mu): (&[Tensor], &[Tensor]),
    values: &[Tensor],
    (y, target, known): (&Tensor, &Tensor, Option<&Tensor>),
    task: MapTask,
    routes: bool,
) -> TreeLoss {
    let spoof = y.flatten(0, -1);
    let live = 1.0 - &spoof;
    let (phi, centred) = projections(graph, theta, mu, values);
    let (nodes, leaves) = visits(&phi, &spoof);
    let over: &[i64] = &[1, 2, 3];
    let (mut maps, mut classes) = (vec![], vec![]);
    for (i, visit) in leaves.iter().enumerate() {
        let somebody = visit.sum(None::<Kind>).gt(0.0).to_kind(Kind::Float);
        let counts = known.map_or_else(|| spoof.ones_like(), |k| k.flatten(0, -1));
        let errors = tree_errors(&values[i], target, task);
        let (here, others) = (visit * &counts, &live * &counts);
        maps.push((mean_over(&errors, &here) + mean_over(&errors, &others)) * 0.5 * &somebody);
        let wrong = (values[LEAVES + i].mean_dim(over, false, None::<Kind>) - &spoof).abs();
        classes.push((mean_over(&wrong, visit) + mean_over(&wrong, &live)) * 0.5 * somebody);
    }
    let map = Tensor::stack(&maps, 0).mean(None::<Kind>);
    let mut total = &map + Tensor::stack(&classes, 0).mean(None::<Kind>) * CLASS_WEIGHT;
    if routes {
        for (i, phi) in phi.iter().enumerate() {
            // One root, two halves, four quarters.
            let weight = 1.0 / f64::from(1_u32 << (i + 1).ilog2()) / ROUTES as f64;
            let here = &nodes[i];
            let squares = phi.square();
            let spread = mean_over(&squares, here);
            let trace = mean_over(&centred[i].square().sum_dim_intlist([1_i64].as_slice(), false, None::<Kind>), here);
            let route = (&spread * -ALPHA).exp() + trace * BETA;
            let unique = mean_over(&squares, &(1.0 - here)) - spread;
            total = total + route * (ROUTE_WEIGHT * weight) + unique * (UNIQUE_WEIGHT * weight);
        }
    }
    let mu = tch::no_grad(|| moved(mu, &values[2 * LEAVES..], &nodes));
    TreeLoss { maps: map.double_value(&[]), loss: total, mu }
}

/// A leaf's errors a picture: absolute differences, as DTN has it, or the mean's under binary labels.
fn tree_errors(map: &Tensor, target: &Tensor, task: MapTask) -> Tensor {
    let over: &[i64] = &[1, 2, 3];
    match (task.loss, task.supervision) {
        (_, crate::config::Supervision::BinaryLabel) => {
            (map.mean_dim(over, false, None::<Kind>) - target.mean_dim(over, false, None::<Kind>)).abs()
        }
        (crate::config::MapLoss::Paper, _) => (map - target).abs().mean_dim(over, false, None::<Kind>),
        _ => {
            let one = |i: i64| map_loss(&map.narrow(0, i, 1), &target.narrow(0, i, 1), None, task);
            Tensor::stack(&(0..map.size()[0]).map(one).collect::<Vec<_>>(), 0)
        }
    }
}

/// Means moved towards those of the spoofs that came by. The first batch's are taken whole: from zero they would need a
/// thousand batches to get anywhere.
fn moved(mu: &[Tensor], features: &[Tensor], nodes: &[Tensor]) -> ParamList {
    let one = |((mu, feature), here): ((&Tensor, &Tensor), &Tensor)| {
        let count = here.sum(Kind::Float).double_value(&[]);
        if count == 0.0 {
            return mu.shallow_clone();
        }
        let mean =
            (feature.flatten(1, -1) * here.view([-1, 1])).sum_dim_intlist([0_i64].as_slice(), false, None::<Kind>)
                / count;
        let fresh = mu.abs().max().double_value(&[]) == 0.0;
        if fresh { mean } else { mu * (1.0 - MEAN_RATE) + mean * MEAN_RATE }
    };
    mu.iter().zip(features).zip(nodes).map(one).collect()
}
