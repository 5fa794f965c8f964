//! Networks as data: a [`Graph`] is a list of operators over explicit parameters, with no state of its own. This file
//! holds its form and its layer table; `builder` writes one down, and how it is evaluated and differentiated stands in
//! `evaluate`, `reverse`, `tangent` and `second_order`, one rule for each operator in each.

use serde::Serialize;
use tch::{Device, Kind, Tensor};

use super::op::{ConvShape, Op, PoolShape, Side};
use super::stage::Stage;
use crate::rng::{Stream, between, normal};

/// All parameters of a network in the order of [`Graph::params`].
pub type ParamList = Vec<Tensor>;

/// Position of a value in the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) usize);

/// One operator's place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub op: Op,
    pub inputs: Vec<usize>,
    pub channels: i64,
    pub side: Side,
}

/// What an evaluation does next.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// One operator.
    Node(usize),
    /// Four operators as one.
    Stage(Stage),
}

impl Step {
    /// The node whose value the step gives.
    pub fn output(&self) -> usize {
        match self {
            Self::Node(i) => *i,
            Self::Stage(stage) => stage.output,
        }
    }
}

/// What a parameter is, which decides how it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamRole {
    /// Kernel (out, in, k, k): Xavier-uniform.
    Weight,
    /// Bias (out): zero.
    Bias,
    /// Batch norm's scale (channels): one.
    Scale,
    /// Batch norm's shift (channels): zero.
    Shift,
    /// A vector (n) of its own, whatever reads it: standard normal.
    Direction,
}

/// How kernels and biases start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initial {
    /// Kernels Xavier-uniform, biases zero.
    Xavier,
    /// Kernels Xavier-normal, biases zero.
    XavierNormal,
    /// Kernels and biases uniform within 1/sqrt(inputs), `PyTorch`'s own start.
    Uniform,
    /// Kernels normal with deviation 0.02, biases zero.
    Normal,
    /// Kernels normal with deviation 0.01, biases zero.
    Narrow,
    /// Kernels normal with variance 2 / (k k outputs), He et al.'s for what goes back, as torchvision starts a ResNet.
    He,
    /// All zero: where the loss is convex, and a start anywhere else would only add noise.
    Zero,
}

/// Name, shape and role of one parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamSpec {
    /// Unique in the network, as `block1.conv2.weight`.
    pub name: String,
    /// Shape of the tensor.
    pub shape: Vec<i64>,
    /// What it is.
    pub role: ParamRole,
}

/// One row of a network's layer table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerRow {
    /// The layer's name.
    pub name: String,
    /// The operator in words.
    pub kind: String,
    /// Channels of its output.
    pub channels: i64,
    /// Side of its output in pixels.
    pub side: i64,
    /// Parameters of the layer with its batch norm.
    pub params: i64,
    /// 10^9 floating-point operations a picture: 2 a multiply-add, convolutions alone.
    pub gflop: f64,
}

/// In what arithmetic convolutions run; everything else stays in the parameters' own kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConvMath {
    /// The kind of the parameters.
    #[default]
    Native,
    /// Operands rounded to bfloat16, results widened again.
    Bf16,
}

/// A network: operators, parameters and names, no values.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// Name with its size, as `light16`.
    pub name: String,
    /// Where its definition stands, as a sentence for people.
    pub source: String,
    pub(super) nodes: Vec<Node>,
    pub(super) params: Vec<ParamSpec>,
    pub(super) norms: Vec<i64>,
    pub(super) eps: f64,
    pub(super) math: ConvMath,
    /// Whether the CPU may take the fused steps.
    pub(super) fuse: bool,
    /// How every parameter starts.
    pub(super) initial: Vec<Initial>,
    /// Parameters that start as an earlier one does: (which, as which).
    pub(super) twins: Vec<(usize, usize)>,
    pub(super) names: Vec<String>,
    /// Its outputs, the map first.
    pub(super) outputs: Vec<usize>,
    /// For every node: must its value be kept for the reverse pass?
    pub(super) kept: Vec<bool>,
    /// For every node: the last node that reads it (itself for the output).
    pub(super) last_use: Vec<usize>,
    /// Operator by operator, for every device, kind and for libtorch's own gradients.
    pub(super) plain: Vec<Step>,
    /// With fused stages, for the CPU.
    pub(super) fused: Vec<Step>,
}

fn append(rows: &mut [LayerRow], what: &str) {
    if let Some(last) = rows.last_mut() {
        last.kind.push_str(what);
    }
}

impl Graph {
    /// The same network with its convolutions in `math`.
    pub fn with_math(mut self, math: ConvMath) -> Self {
        self.math = math;
        self
    }

    /// The same network with or without fused stages on the CPU (with them by default): the same values, two ways.
    pub fn with_fusion(mut self, fused: bool) -> Self {
        self.fuse = fused;
        self
    }

    /// Name, shape and role of every parameter, in order.
    pub fn params(&self) -> &[ParamSpec] {
        &self.params
    }

    /// Channels of every batch norm, in order.
    pub fn norms(&self) -> &[i64] {
        &self.norms
    }

    /// Number of trainable values.
    pub fn param_count(&self) -> i64 {
        self.params.iter().map(|p| p.shape.iter().product::<i64>()).sum()
    }

    /// By how much the map is smaller than the picture: 8 for 256 -> 32.
    pub fn reduction(&self) -> i64 {
        match self.nodes[self.map()].side {
            Side::Halved(times) | Side::HalvedUp(times) => 1 << times,
            Side::One => 1,
        }
    }

    /// Side of the map of pictures of side `size`; 1 where a network gives one value a picture.
    pub fn map_side(&self, size: i64) -> i64 {
        self.nodes[self.map()].side.of(size)
    }

    /// The node that gives the map.
    pub(super) fn map(&self) -> usize {
        self.outputs.first().copied().unwrap_or(self.nodes.len() - 1)
    }

    /// The value called `name`, for [`Graph::forward_at`].
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.names.iter().position(|n| n == name).map(NodeId)
    }

    /// Channels of a value.
    pub fn channels(&self, node: NodeId) -> i64 {
        self.nodes[node.0].channels
    }

    /// Position, among batch norms, of the one whose parameters are `name`.scale and `name`.shift.
    pub fn norm(&self, name: &str) -> Option<usize> {
        let at = self.param(&format!("{name}.scale"))?;
        self.nodes.iter().find_map(|n| match n.op {
            Op::BatchNorm { scale, index, .. } if scale == at => Some(index),
            _ => None,
        })
    }

    /// Position of the parameter called `name`.
    pub fn param(&self, name: &str) -> Option<usize> {
        self.params.iter().position(|p| p.name == name)
    }

    /// Whether all derivatives are written by hand, as a teacher and a surrogate need them; others are differentiated
    /// once, by libtorch.
    pub fn is_by_hand(&self) -> bool {
        self.outputs.len() == 1 && self.map() + 1 == self.nodes.len() && self.nodes.iter().all(|n| n.op.is_by_hand())
    }

    /// Fresh parameters: kernels and biases as the network's definition has it, shifts 0, scales 1.
    pub fn init(&self, rng: &mut Stream, kind: Kind, device: Device) -> ParamList {
        let mut fan_in = 1;
        let mut start = |(spec, &initial): (&ParamSpec, &Initial)| {
            let count: i64 = spec.shape.iter().product();
            let mut uniform = |bound: f64| (0..count).map(|_| between(rng, -bound, bound)).collect::<Vec<f64>>();
            let values: Vec<f64> = match (spec.role, initial) {
                (ParamRole::Weight, initial) => {
                    let area: i64 = spec.shape[2..].iter().product();
                    fan_in = area * spec.shape[1];
                    match initial {
                        Initial::Xavier => uniform((6.0 / (area * (spec.shape[0] + spec.shape[1])) as f64).sqrt()),
                        Initial::Uniform => uniform(1.0 / (fan_in as f64).sqrt()),
                        Initial::Zero => vec![0.0; count as usize],
                        Initial::XavierNormal => {
                            let deviation = (2.0 / (area * (spec.shape[0] + spec.shape[1])) as f64).sqrt();
                            (0..count).map(|_| deviation * normal(rng)).collect()
                        }
                        Initial::Normal => (0..count).map(|_| 0.02 * normal(rng)).collect(),
                        Initial::Narrow => (0..count).map(|_| 0.01 * normal(rng)).collect(),
                        Initial::He => {
                            let deviation = (2.0 / (area * spec.shape[0]) as f64).sqrt();
                            (0..count).map(|_| deviation * normal(rng)).collect()
                        }
                    }
                }
                // A bias stands behind its kernel.
                (ParamRole::Bias, Initial::Uniform) => uniform(1.0 / (fan_in as f64).sqrt()),
                (ParamRole::Direction, _) => (0..count).map(|_| normal(rng)).collect(),
                (ParamRole::Scale, _) => vec![1.0; count as usize],
                (ParamRole::Bias | ParamRole::Shift, _) => vec![0.0; count as usize],
            };
            Tensor::from_slice(&values).reshape(&spec.shape).to_kind(kind).to_device(device)
        };
        let mut params: ParamList = self.params.iter().zip(&self.initial).map(&mut start).collect();
        for &(twin, first) in &self.twins {
            params[twin] = params[first].copy();
        }
        params
    }

    /// The layer table for pictures of side `size`: one row a convolution (with its batch norm) or pooling.
    pub fn layers(&self, size: i64) -> Vec<LayerRow> {
        let mut rows: Vec<LayerRow> = vec![];
        for (node, name) in self.nodes.iter().zip(&self.names) {
            let side = node.side.of(size);
            let row = |kind: String, params, gflop| LayerRow {
                name: name.clone(),
                kind,
                channels: node.channels,
                side,
                params,
                gflop,
            };
            let count = |i: usize| self.params[i].shape.iter().product::<i64>();
            match node.op {
                Op::Conv { weight, bias, shape: ConvShape { stride, theta, .. } } => {
                    let shape = &self.params[weight].shape;
                    let macs = shape.iter().product::<i64>() * side * side;
                    let params = count(weight) + bias.map_or(0, count);
                    let what = if theta == 0.0 { "conv" } else { "central difference conv" };
                    let mut kind = format!("{what} {}x{} {} -> {}", shape[2], shape[3], shape[1], shape[0]);
                    if stride > 1 {
                        kind.push_str(" every other pixel");
                    }
                    rows.push(row(kind, params, 2.0 * macs as f64 / 1e9));
                }
                Op::BatchNorm { scale, shift, .. } => {
                    if let Some(last) = rows.last_mut() {
                        last.params += count(scale) + count(shift);
                        last.kind.push_str(", BN");
                    }
                }
                Op::Relu => append(&mut rows, ", ReLU"),
                Op::LeakyRelu => append(&mut rows, ", leaky ReLU"),
                Op::Tanh => append(&mut rows, ", tanh"),
                Op::Sigmoid => append(&mut rows, ", sigmoid"),
                Op::MaxPool(PoolShape::Two) => rows.push(row("max pool 2x2".to_owned(), 0, 0.0)),
                Op::MaxPool(_) => rows.push(row("max pool 3x3, every other pixel".to_owned(), 0, 0.0)),
                Op::AvgPool(k) => rows.push(row(format!("average pool {k}x{k}"), 0, 0.0)),
                Op::AvgPoolSame => rows.push(row("average pool 3x3, every other pixel".to_owned(), 0, 0.0)),
                Op::Shrink(k) => rows.push(row(format!("bilinear 1/{k}"), 0, 0.0)),
                Op::Texture => rows.push(row("LBP in HSV, YCbCr".to_owned(), 0, 0.0)),
                Op::Standardise { .. } => append(&mut rows, ", standardised"),
                Op::GlobalMean => rows.push(row("global average".to_owned(), 0, 0.0)),
                Op::ChannelStats => rows.push(row("mean and maximum over channels".to_owned(), 0, 0.0)),
                Op::Concat => rows.push(row("concatenate".to_owned(), 0, 0.0)),
                Op::Add => rows.push(row("add".to_owned(), 0, 0.0)),
                Op::Scale => rows.push(row("multiply".to_owned(), 0, 0.0)),
                Op::Slice { .. } => rows.push(row("some channels".to_owned(), 0, 0.0)),
                Op::Fixed { .. } => rows.push(row("constant mean and deviation".to_owned(), 0, 0.0)),
                Op::Double => rows.push(row("nearest, twice the side".to_owned(), 0, 0.0)),
                Op::Mean => rows.push(row("mean of two".to_owned(), 0, 0.0)),
                Op::Softmax => append(&mut rows, ", softmax"),
                Op::Input => {}
            }
        }
        rows
    }

    /// 10^9 floating-point operations of one forward pass over one picture of side `size`.
    pub fn gflop_per_image(&self, size: i64) -> f64 {
        self.layers(size).iter().map(|row| row.gflop).sum()
    }

    /// 10^9 floating-point operations of a forward and backward pass over one picture: three forward passes less the
    /// first layers' input gradient.
    pub fn train_gflop_per_image(&self, size: i64) -> f64 {
        self.partly_trained_gflop_per_image(size, |_| true)
    }

    /// The same where only parameters whose names `learns` picks get gradients: those of all others are not computed, nor
    /// are those of values that none of them bears on.
    pub fn partly_trained_gflop_per_image(&self, size: i64, learns: impl Fn(&str) -> bool) -> f64 {
        let active: Vec<bool> = self.params.iter().map(|p| learns(&p.name)).collect();
        let mut moved = vec![false; self.nodes.len()];
        let mut gflop = 0.0;
        for (i, node) in self.nodes.iter().enumerate() {
            let input = node.inputs.iter().any(|&k| moved[k]);
            moved[i] = input;
            match node.op {
                Op::Conv { weight, bias, .. } => {
                    let own = active[weight] || bias.is_some_and(|b| active[b]);
                    let macs = self.params[weight].shape.iter().product::<i64>() * node.side.of(size).pow(2);
                    let passes = 1.0 + f64::from(u8::from(active[weight])) + f64::from(u8::from(input));
                    gflop += passes * 2.0 * macs as f64 / 1e9;
                    moved[i] |= own;
                }
                Op::BatchNorm { scale, shift, .. } => moved[i] |= active[scale] || active[shift],
                _ => {}
            }
        }
        gflop
    }

    /// MiB of values that one picture of side `size` leaves for the way back, in single precision.
    pub fn kept_mib_per_image(&self, size: i64) -> f64 {
        let by_hand = self.is_by_hand();
        let kept = self.nodes.iter().zip(&self.kept).filter(|(_, kept)| !by_hand || **kept);
        let values: i64 = kept.map(|(node, _)| node.channels * node.side.of(size).pow(2)).sum();
        4.0 * values as f64 / f64::from(1 << 20)
    }

    /// 10^9 floating-point operations of the convolutions that read the picture itself.
    pub fn first_gflop_per_image(&self, size: i64) -> f64 {
        self.nodes
            .iter()
            .filter(|n| n.inputs == [0])
            .filter_map(|n| match n.op {
                Op::Conv { weight, .. } => {
                    Some(2.0 * (self.params[weight].shape.iter().product::<i64>() * size * size) as f64 / 1e9)
                }
                _ => None,
            })
            .sum()
    }

    /// The steps of an evaluation, in order.
    pub(super) fn plan(&self, fused: bool) -> &[Step] {
        if fused { &self.fused } else { &self.plain }
    }

    /// Nodes whose values a step reads.
    pub(super) fn inputs<'a>(&'a self, step: &'a Step) -> &'a [usize] {
        match step {
            Step::Node(i) => &self.nodes[*i].inputs,
            Step::Stage(stage) => std::slice::from_ref(&stage.input),
        }
    }

    /// The stage that starts at node `i`: conv -> `ReLU` -> BN -> max pool, nobody else reading what lies between.
    fn stage_at(&self, i: usize) -> Option<Stage> {
        let alone = |k: usize| self.nodes.iter().filter(|n| n.inputs.contains(&k)).count() == 1;
        let chain = (i + 1..i + 4).all(|k| self.nodes.get(k).is_some_and(|n| n.inputs == [k - 1]) && alone(k - 1));
        match self.nodes.get(i..i + 4)?.iter().map(|n| &n.op).collect::<Vec<_>>()[..] {
            [
                &Op::Conv { weight, bias, shape: ConvShape { stride: 1, before: 1, after: 1, theta: 0.0 } },
                Op::Relu,
                &Op::BatchNorm { scale, shift, index },
                Op::MaxPool(PoolShape::Two),
            ] if chain && self.params[weight].shape[2] == 3 => {
                let input = self.nodes[i].inputs[0];
                Some(Stage { input, output: i + 3, weight, bias, scale, shift, norm: index })
            }
            _ => None,
        }
    }

    pub(super) fn finish(mut self) -> Self {
        let n = self.nodes.len();
        if self.outputs.is_empty() {
            self.outputs = vec![n - 1];
        }
        self.kept = vec![false; n];
        self.last_use = (0..n).collect();
        for i in 0..n {
            let node = &self.nodes[i];
            if matches!(node.op, Op::Relu | Op::Tanh) {
                self.kept[i] = true;
            }
            for &input in &node.inputs {
                self.last_use[input] = i;
                if matches!(node.op, Op::Conv { .. } | Op::BatchNorm { .. }) {
                    self.kept[input] = true;
                }
            }
        }
        for &output in &self.outputs {
            self.last_use[output] = n;
        }
        self.plain = (0..n).map(Step::Node).collect();
        let mut i = 0;
        while i < n {
            let step = self.stage_at(i).map_or(Step::Node(i), Step::Stage);
            i = step.output() + 1;
            self.fused.push(step);
        }
        self
    }
}
