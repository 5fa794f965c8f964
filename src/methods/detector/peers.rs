//! `OKDDip` (Chen et al., AAAI 2020) for maps: two peers learn the binary map, each also what the peers together say,
//! weighed by attention; the leader, which is kept, learns it from their mean (MT-FAS section 4.3, m = 3).

use tch::{Kind, Tensor};

use super::DetectorNet;
use super::loss::{MapTask, map_loss};
use crate::config::{DetectorConfig, MapLoss, Network};
use crate::nets::{BnMode, ConvMath, Graph, NetShape, NodeId};

/// How many peers there are.
pub const PEERS: usize = 2;
/// By how much attention's queries and keys are narrower than features.
const NARROWER: i64 = 8;

/// The peers' network: the detector's own, but FAS-DR beside those that give more than one map (MT-FAS section 4.3.2).
pub fn network(config: &DetectorConfig, size: usize, math: ConvMath) -> DetectorNet {
    let network = match config.network {
        Network::FasDrBc | Network::Dtn => Network::FasDr,
        other => other,
    };
    let shape = NetShape { width: config.width, channels: 3, size: size as i64, final_relu: config.final_relu };
    DetectorNet::new(network, shape, config.colour, math)
}

/// The features that peers are told apart by.
fn features(graph: &Graph) -> Option<NodeId> {
    graph.find("concat").or_else(|| graph.find("pool3"))
}

/// Shapes of the linear maps that make queries and keys of features.
pub fn attention_shapes(graph: &Graph) -> Vec<Vec<i64>> {
    let channels = features(graph).map_or(1, |node| graph.channels(node));
    let narrow = (channels / NARROWER).max(1);
    vec![vec![narrow, channels], vec![narrow, channels]]
}

/// What the peers say of one batch.
pub struct Told {
    /// Their own loss.
    pub loss: Tensor,
    /// Mean of their maps, the leader's second target.
    pub mean: Tensor,
}

/// One pass of the peers over what they see of a batch. `aids` are both peers' parameters and then the attention's;
/// `target` is the binary map; what they learn from each other counts `weight`.
pub fn tell(
    peer: &DetectorNet,
    aids: &[Tensor],
    x: &Tensor,
    target: &Tensor,
    task: MapTask,
    (weight, detach): (f64, bool),
) -> Told {
    let graph = &peer.graph;
    let count = graph.params().len();
    let mut nodes = graph.outputs();
    nodes.extend(features(graph));
    let (mut maps, mut means) = (vec![], vec![]);
    for k in 0..PEERS {
        let values = graph.forward_at(&aids[k * count..(k + 1) * count], x, BnMode::Batch, &nodes);
        means.push(values[values.len() - 1].mean_dim([2_i64, 3].as_slice(), false, None::<Kind>));
        maps.push(values[0].shallow_clone());
    }
    let [query, key] = [&aids[PEERS * count], &aids[PEERS * count + 1]];
    let attention = |w: &Tensor| Tensor::stack(&means.iter().map(|h| h.matmul(&w.tr())).collect::<Vec<_>>(), 1);
    // (batch, peers, peers): whom peer a listens to.
    let listens = attention(query).matmul(&attention(key).transpose(1, 2)).softmax(-1, None::<Kind>);
    let constant = |t: Tensor| if detach { t.detach() } else { t };
    // A peer is judged as its own network would be: contrast where its authors want it.
    let own = MapTask { network: peer.network, ..task };
    let squares = MapTask { loss: MapLoss::Mse, ..own };
    let mut loss = Tensor::zeros([] as [i64; 0], (Kind::Float, x.device()));
    for a in 0..PEERS {
        let heard = (0..PEERS).map(|b| {
            let share = listens.select(1, a as i64).select(1, b as i64).view([-1, 1, 1, 1]);
            &maps[b] * share
        });
        let heard = heard.reduce(|x, y| x + y).unwrap_or_else(|| maps[a].shallow_clone());
        loss =
            loss + map_loss(&maps[a], target, None, own) + map_loss(&maps[a], &constant(heard), None, squares) * weight;
    }
    let mean = maps.iter().map(Tensor::shallow_clone).reduce(|a, b| a + b).map(|sum| sum / PEERS as f64);
    Told { loss, mean: constant(mean.unwrap_or_else(|| target.shallow_clone())) }
}

/// How much peers count at `part` (0..1) of the training, when they count fully from `ramp` on (`OKDDip` section 3.4).
pub fn ramp(part: f64, ramp: f64) -> f64 {
    if part >= ramp {
        return 1.0;
    }
    (-5.0 * (1.0 - part / ramp).powi(2)).exp()
}
