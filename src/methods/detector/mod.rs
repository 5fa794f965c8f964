//! The deployed detector, whatever its network and whatever it learns from: its output, one step of its training and
//! its scores. `targets` says what its map should be, `loss` how far it is from that, `learn` takes the step; `dtn`
//! holds what a tree of routes needs besides, `peers` what learns beside the detector and is thrown away, `colour` and
//! `pattern` what of a picture it sees, `attention` what it looks at. Detectors that learn across domains take their steps in `meta_pattern`. A rival teacher is a detector too, one that learns the binary map.

mod attention;
mod colour;
mod dtn;
mod learn;
mod loss;
mod pattern;
mod peers;
mod targets;

use tch::{Device, Kind, Tensor};

use super::mt_fas::Params;
use super::optim::{OptimizerKind, OptimizerState};
use crate::config::{
    Colour, DetectorConfig, MapLoss, MetaPatternConfig, Network, Pattern, RivalConfig, RivalNetwork, ScoredBy,
    Supervision, Teaching,
};
use crate::nets::hfn::{self, HfnShape, Second};
use crate::nets::{BnMode, BnStats, ConvMath, Graph, NetShape, NodeId, ParamList, binary_cnn};
use crate::rng::Streams;

pub use learn::{Lesson, Task, learn};
pub(super) use loss::{MapTask, map_loss};
pub use targets::{binary_map, eq_14, stretch};

/// A detector's network with what reads it.
#[derive(Debug, Clone)]
pub struct DetectorNet {
    /// Its architecture.
    pub network: Network,
    /// Its operators.
    pub graph: Graph,
    /// What of a picture it sees.
    pub colour: Colour,
    /// What HFN sees beside it.
    pub pattern: Option<Pattern>,
    /// Features halfway down, at a quarter of the picture's side, that a `FitNet` compares.
    hints: Vec<NodeId>,
}

/// What a detector says of pictures.
#[derive(Debug)]
pub struct Output {
    /// Maps, (batch, 1, side/8, side/8); one value a picture, (batch, 1, 1, 1), of networks without a map.
    pub map: Tensor,
    /// P(spoof) of FAS-DR-BC's branch, HFN's classifier or `RFMetaFAS`'s meta learner, (batch, 1, 1, 1).
    pub branch: Option<Tensor>,
    /// Whether the map is part of the score; `RFMetaFAS`'s only regularises.
    pub map_counts: bool,
}

impl DetectorNet {
    fn new(network: Network, shape: NetShape, colour: Colour, math: ConvMath) -> Self {
        let channels = match colour {
            Colour::Rgb => 3,
            Colour::RgbHsv => 6,
        };
        let graph = network.graph(NetShape { channels, ..shape }).with_math(math);
        // DTN has two nodes of that size, side by side.
        let hints = ["pool2", "node1.pool", "node2.pool"].iter().filter_map(|name| graph.find(name)).collect();
        Self { network, graph, colour, pattern: None, hints }
    }

    /// HFN, and what makes its pattern.
    pub fn hfn(config: &DetectorConfig, meta: &MetaPatternConfig, math: ConvMath) -> Self {
        let MetaPatternConfig { pattern, extractor, fusion, standardise, .. } = *meta;
        let second = match pattern {
            Pattern::Mp => Second::Learnt,
            Pattern::Nothing => Second::Nothing,
            Pattern::ColorLbp | Pattern::Albedo | Pattern::Depth | Pattern::Reflectance => Second::Given,
        };
        let shape = HfnShape { width: config.width, second, extractor, fusion, standardise };
        let graph = hfn::graph(shape).with_math(math);
        Self { network: Network::Hfn, graph, colour: Colour::Rgb, pattern: Some(pattern), hints: vec![] }
    }

    /// The detector of a run with pictures of `size` pixels.
    pub fn student(config: &DetectorConfig, size: usize, math: ConvMath) -> Self {
        let shape = NetShape { width: config.width, channels: 3, size: size as i64, final_relu: config.final_relu };
        Self::new(config.network, shape, config.colour, math)
    }

    /// The rival teacher of a run, where its supervision has one. A teacher's map ends linear.
    pub fn rival(
        config: &DetectorConfig,
        rival: &RivalConfig,
        light: i64,
        size: usize,
        math: ConvMath,
    ) -> Option<Self> {
        let Teaching::Rival(kind) = config.supervision.teaching() else { return None };
        let (network, width, colour) = match kind {
            RivalNetwork::Big => (Network::FasDrBig, rival.width, Colour::Rgb),
            RivalNetwork::Light => (Network::Light, light, Colour::Rgb),
            RivalNetwork::Same => (config.network, config.width, config.colour),
        };
        let shape = NetShape { width, channels: 3, size: size as i64, final_relu: false };
        Some(Self::new(network, shape, colour, math))
    }

    /// What the network reads of normalised RGB pictures `x`. `RFMetaFAS`'s authors do not normalise: every channel goes from
    /// 0 to 1.
    pub fn sees(&self, x: &Tensor) -> Tensor {
        if let Some(pattern) = self.pattern {
            return pattern::beside(x, pattern);
        }
        match (self.network, self.colour) {
            (Network::RfMetaFas, Colour::Rgb) => colour::plain(x),
            (Network::RfMetaFas, Colour::RgbHsv) => colour::plain_with_hsv(x),
            (_, Colour::Rgb) => x.shallow_clone(),
            (_, Colour::RgbHsv) => colour::with_hsv(x),
        }
    }

    /// The Meta Pattern of normalised RGB pictures, (batch, 3, side, side), 0 to 1, and their maps, in one pass; no pattern
    /// where none is learnt.
    pub fn map_and_pattern(
        &self,
        (theta, mu): (&[Tensor], &[Tensor]),
        x: &Tensor,
        mode: BnMode<'_>,
    ) -> (Tensor, Option<Tensor>) {
        match (self.pattern, self.graph.find(hfn::PATTERN)) {
            (Some(Pattern::Mp), Some(node)) => {
                let nodes = [self.graph.outputs()[0], node];
                let mut values = tch::no_grad(|| self.graph.forward_at(theta, &self.sees(x), mode, &nodes));
                let pattern = values.pop();
                (values.swap_remove(0), pattern)
            }
            _ => (self.output(theta, mu, x, mode).map, None),
        }
    }

    /// Map and branch for normalised RGB pictures, without gradients. `mu` are a tree's means, empty elsewhere.
    pub fn output(&self, theta: &[Tensor], mu: &[Tensor], x: &Tensor, mode: BnMode<'_>) -> Output {
        tch::no_grad(|| {
            let x = self.sees(x);
            if self.network != Network::Dtn && self.graph.outputs().len() == 1 {
                return Output { map: self.graph.forward(theta, &x, mode), branch: None, map_counts: true };
            }
            let mut values = self.graph.forward_at(theta, &x, mode, &self.graph.outputs());
            if self.network == Network::Dtn {
                return Output { map: dtn::reached(&self.graph, theta, mu, &values), branch: None, map_counts: true };
            }
            let branch = values.pop();
            Output { map: values.swap_remove(0), branch, map_counts: self.network != Network::RfMetaFas }
        })
    }

    /// What a loss is taken of: all outputs, or what stands before the sigmoid where cross-entropy judges it.
    fn judged(&self, loss: MapLoss) -> Vec<NodeId> {
        let logit = self.graph.find(binary_cnn::LOGIT).filter(|_| classifies(self.network, loss));
        logit.map_or_else(|| self.graph.outputs(), |node| vec![node])
    }

    /// The features that a `FitNet` compares, of one pass's values.
    fn hint(values: &[Tensor]) -> Tensor {
        Tensor::cat(values, 1)
    }

    /// A `FitNet` teacher's map and features for normalised RGB pictures, in one pass.
    pub fn map_and_features(&self, theta: &[Tensor], stats: &BnStats, x: &Tensor) -> (Tensor, Tensor) {
        let x = self.sees(x);
        let nodes = [&self.graph.outputs()[..1], &self.hints].concat();
        let values = tch::no_grad(|| self.graph.forward_at(theta, &x, BnMode::Running(stats), &nodes));
        (values[0].shallow_clone(), Self::hint(&values[1..]))
    }

    fn hint_channels(&self) -> i64 {
        self.hints.iter().map(|&n| self.graph.channels(n)).sum()
    }
}

/// What detector training changes.
#[derive(Debug, Clone)]
pub struct StudentState {
    /// The detector's parameters.
    pub theta: Params,
    /// Their optimiser.
    pub adam: OptimizerState,
    /// Running statistics, for previews.
    pub stats: BnStats,
    /// A tree's means, one a route; empty elsewhere.
    pub mu: Params,
    /// What learns beside the detector and is thrown away: a regressor of features, or peers.
    pub aids: Params,
    /// Their optimiser.
    pub aids_adam: OptimizerState,
}

/// The networks that learn beside a detector.
#[derive(Debug, Clone, Default)]
pub struct Aids {
    /// `OKDDip`'s peers, all of one form.
    pub peer: Option<DetectorNet>,
    /// Shapes of the other parameters: a `FitNet`'s regressor, or the peers' attention.
    pub extra: Vec<Vec<i64>>,
}

impl Aids {
    /// What `supervision` needs beside `student`; `rival` is its teacher, where it has one.
    pub fn new(
        config: &DetectorConfig,
        student: &DetectorNet,
        rival: Option<&DetectorNet>,
        size: usize,
        math: ConvMath,
    ) -> Self {
        match (config.supervision, rival) {
            (Supervision::Okddip, _) => {
                let peer = peers::network(config, size, math);
                let extra = peers::attention_shapes(&peer.graph);
                Self { peer: Some(peer), extra }
            }
            (Supervision::Fitnet, Some(rival)) => {
                let (from, to) = (student.hint_channels(), rival.hint_channels());
                Self { peer: None, extra: vec![vec![to, from, 3, 3], vec![to]] }
            }
            _ => Self::default(),
        }
    }

    /// Shapes of all their parameters, in order.
    pub fn shapes(&self) -> Vec<Vec<i64>> {
        let peer = |net: &DetectorNet| net.graph.params().iter().map(|p| p.shape.clone()).collect::<Vec<_>>();
        let one = self.peer.as_ref().map(peer).unwrap_or_default();
        let peers = std::iter::repeat_n(one, if self.peer.is_some() { peers::PEERS } else { 0 }).flatten();
        peers.chain(self.extra.iter().cloned()).collect()
    }

    fn init(&self, streams: Streams, device: Device) -> ParamList {
        let mut all = vec![];
        if let Some(peer) = &self.peer {
            for k in 0..peers::PEERS {
                all.extend(peer.graph.init(&mut streams.stream("init/peers", k as u64), Kind::Float, device));
            }
        }
        let mut rng = streams.stream("init/aids", 0);
        for shape in &self.extra {
            let count: i64 = shape.iter().product();
            // Biases start at zero, the rest as PyTorch starts it.
            let fan_in: i64 = shape[1..].iter().product();
            let bound = if shape.len() == 1 { 0.0 } else { 1.0 / (fan_in as f64).sqrt() };
            let values: Vec<f64> = (0..count).map(|_| crate::rng::between(&mut rng, -bound, bound)).collect();
            all.push(Tensor::from_slice(&values).reshape(shape).to_kind(Kind::Float).to_device(device));
        }
        all
    }
}

impl StudentState {
    /// A fresh network from `seed`, under the stream `name`.
    pub fn new(net: &DetectorNet, aids: &Aids, name: &str, seed: u64, device: Device) -> Self {
        let streams = Streams::new(seed);
        let theta = net.graph.init(&mut streams.stream(name, 0), Kind::Float, device);
        let aids = aids.init(streams, device);
        let adam = match net.network {
            Network::Hfn => OptimizerState::with_momentum(&theta),
            _ => OptimizerState::new(OptimizerKind::Adam, &theta),
        };
        Self {
            adam,
            stats: BnStats::identity(&net.graph, Kind::Float, device),
            mu: Params(dtn::means(&net.graph, device)),
            aids_adam: OptimizerState::new(OptimizerKind::Adam, &aids),
            aids: Params(aids),
            theta: Params(theta),
        }
    }

    /// Shapes of a tree's means.
    pub fn mu_shapes(net: &DetectorNet) -> Vec<Vec<i64>> {
        dtn::mean_shapes(&net.graph)
    }
}

/// Scores of what a detector said, high = spoof: the mean of each map (MT-FAS section 4.5.3), turned round where the map is
/// depth, and halfway between that and the branch where there is one (section 4.2.3); the branch alone where the map does not
/// count (`RFMetaFAS`, "Testing").
pub fn scores(output: &Output, supervision: Supervision, by: ScoredBy) -> Vec<f64> {
    let class_alone = match by {
        ScoredBy::Authors => !output.map_counts,
        ScoredBy::Class => true,
        ScoredBy::Map | ScoredBy::Both => false,
    };
    if let (true, Some(branch)) = (class_alone, &output.branch) {
        let score = branch.flatten(0, -1).to_kind(Kind::Double);
        return Vec::try_from(score.to_device(Device::Cpu)).unwrap_or_default();
    }
    let mean = output.map.flatten(1, -1).mean_dim([1_i64].as_slice(), false, Kind::Double);
    let spoof = if supervision.live_is_high() { 1.0 - mean } else { mean };
    let score = match output.branch.as_ref().filter(|_| by != ScoredBy::Map) {
        Some(branch) => (spoof + branch.flatten(0, -1).to_kind(Kind::Double)) * 0.5,
        None => spoof,
    };
    Vec::try_from(score.to_device(Device::Cpu)).unwrap_or_default()
}

/// Whether the network's authors compare neighbours' differences too.
fn contrasts(network: Network, loss: MapLoss) -> bool {
    match loss {
        MapLoss::Mse => false,
        MapLoss::MseCdl => true,
        MapLoss::Paper => matches!(network, Network::Cdcn | Network::CdcnPp),
    }
}

/// Whether the network's authors have a support vector machine judge.
fn hinges(network: Network, loss: MapLoss) -> bool {
    loss == MapLoss::Paper && network == Network::ColorTexture
}

/// Whether the network's authors have cross-entropy judge.
fn classifies(network: Network, loss: MapLoss) -> bool {
    loss == MapLoss::Paper && network == Network::BinaryCnn
}

#[cfg(test)]
mod tests;
