//! Networks as data: a [`Graph`] is a list of operators over explicit parameters, with no state of its own. This file
//! holds its form, its builder and its layer table; how it is evaluated and differentiated stands in `evaluate`,
//! `reverse`, `tangent` and `second_order`, one rule for each operator in each.

use serde::Serialize;
use tch::{Device, Kind, Tensor};

use super::stage::Stage;
use crate::rng::{Stream, between};

/// All parameters of a network in the order of [`Graph::params`].
pub type ParamList = Vec<Tensor>;

/// Position of a value in the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) usize);

/// One operator. Numbers such as `weight` are positions in the parameter list.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Op {
    /// The picture.
    Input,
    /// Convolution of odd kernel size, stride 1, as much padding as keeps the size.
    Conv { weight: usize, bias: Option<usize>, padding: i64 },
    /// max(x, 0).
    Relu,
    /// tanh(x); smooth, for checks against finite differences.
    Tanh,
    /// Normalisation a channel, then scale and shift. `index` counts the batch norms of the graph.
    BatchNorm { scale: usize, shift: usize, index: usize },
    /// Largest of each 2x2.
    MaxPool2,
    /// Mean of each k x k.
    AvgPool(i64),
    /// Channels one behind the other.
    Concat,
    /// Sum of two values.
    Add,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub op: Op,
    pub inputs: Vec<usize>,
    pub channels: i64,
    /// How often the side has been halved: the value has side `input >> halvings`.
    pub halvings: u32,
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
    names: Vec<String>,
    /// For every node: must its value be kept for the reverse pass?
    pub(super) kept: Vec<bool>,
    /// For every node: the last node that reads it (itself for the output).
    pub(super) last_use: Vec<usize>,
    /// Operator by operator, for every device, kind and for libtorch's own gradients.
    plain: Vec<Step>,
    /// With fused stages, for the CPU.
    fused: Vec<Step>,
}

impl Graph {
    /// Starts a network that takes pictures of `channels` channels.
    pub fn builder(name: &str, source: &str, channels: i64) -> GraphBuilder {
        let input = Node { op: Op::Input, inputs: vec![], channels, halvings: 0 };
        GraphBuilder {
            graph: Self {
                name: name.to_owned(),
                source: source.to_owned(),
                nodes: vec![input],
                params: vec![],
                norms: vec![],
                eps: 1e-3,
                math: ConvMath::Native,
                fuse: true,
                names: vec!["input".to_owned()],
                kept: vec![],
                last_use: vec![],
                plain: vec![],
                fused: vec![],
            },
        }
    }

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

    /// By how much the output is smaller than the picture: 8 for 256 -> 32.
    pub fn reduction(&self) -> i64 {
        self.nodes.last().map_or(1, |n| 1 << n.halvings)
    }

    /// Fresh parameters: Xavier-uniform kernels, biases and shifts 0, scales 1.
    pub fn init(&self, rng: &mut Stream, kind: Kind, device: Device) -> ParamList {
        let start = |spec: &ParamSpec| {
            let count: i64 = spec.shape.iter().product();
            let values: Vec<f64> = match spec.role {
                ParamRole::Weight => {
                    let area: i64 = spec.shape[2..].iter().product();
                    let bound = (6.0 / (area * (spec.shape[0] + spec.shape[1])) as f64).sqrt();
                    (0..count).map(|_| between(rng, -bound, bound)).collect()
                }
                ParamRole::Scale => vec![1.0; count as usize],
                ParamRole::Bias | ParamRole::Shift => vec![0.0; count as usize],
            };
            Tensor::from_slice(&values).reshape(&spec.shape).to_kind(kind).to_device(device)
        };
        self.params.iter().map(start).collect()
    }

    /// The layer table for pictures of side `size`: one row a convolution (with its batch norm) or pooling.
    pub fn layers(&self, size: i64) -> Vec<LayerRow> {
        let mut rows: Vec<LayerRow> = vec![];
        for (node, name) in self.nodes.iter().zip(&self.names) {
            let side = size >> node.halvings;
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
                Op::Conv { weight, bias, .. } => {
                    let shape = &self.params[weight].shape;
                    let macs = shape.iter().product::<i64>() * side * side;
                    let params = count(weight) + bias.map_or(0, count);
                    let kind = format!("conv {}x{} {} -> {}", shape[2], shape[3], shape[1], shape[0]);
                    rows.push(row(kind, params, 2.0 * macs as f64 / 1e9));
                }
                Op::BatchNorm { scale, shift, .. } => {
                    if let Some(last) = rows.last_mut() {
                        last.params += count(scale) + count(shift);
                        last.kind.push_str(", BN");
                    }
                }
                Op::Relu | Op::Tanh => {
                    if let Some(last) = rows.last_mut() {
                        last.kind.push_str(if node.op == Op::Relu { ", ReLU" } else { ", tanh" });
                    }
                }
                Op::MaxPool2 => rows.push(row("max pool 2x2".to_owned(), 0, 0.0)),
                Op::AvgPool(k) => rows.push(row(format!("average pool {k}x{k}"), 0, 0.0)),
                Op::Concat => rows.push(row("concatenate".to_owned(), 0, 0.0)),
                Op::Add => rows.push(row("add".to_owned(), 0, 0.0)),
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
        let first: f64 = self
            .nodes
            .iter()
            .filter(|n| n.inputs == [0])
            .filter_map(|n| match n.op {
                Op::Conv { weight, .. } => {
                    Some(2.0 * (self.params[weight].shape.iter().product::<i64>() * size * size) as f64 / 1e9)
                }
                _ => None,
            })
            .sum();
        3.0 * self.gflop_per_image(size) - first
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
            [&Op::Conv { weight, bias, .. }, Op::Relu, &Op::BatchNorm { scale, shift, index }, Op::MaxPool2]
                if chain =>
            {
                let input = self.nodes[i].inputs[0];
                Some(Stage { input, output: i + 3, weight, bias, scale, shift, norm: index })
            }
            _ => None,
        }
    }

    fn finish(mut self) -> Self {
        let n = self.nodes.len();
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

/// Builds a [`Graph`] operator by operator; the last value added is the output.
#[derive(Debug)]
pub struct GraphBuilder {
    graph: Graph,
}

impl GraphBuilder {
    /// The picture itself.
    pub fn input(&self) -> NodeId {
        NodeId(0)
    }

    fn push(&mut self, name: &str, op: Op, inputs: &[NodeId], channels: i64, halvings: u32) -> NodeId {
        let inputs = inputs.iter().map(|n| n.0).collect();
        self.graph.nodes.push(Node { op, inputs, channels, halvings });
        self.graph.names.push(name.to_owned());
        NodeId(self.graph.nodes.len() - 1)
    }

    fn param(&mut self, name: String, shape: Vec<i64>, role: ParamRole) -> usize {
        self.graph.params.push(ParamSpec { name, shape, role });
        self.graph.params.len() - 1
    }

    fn shape(&self, x: NodeId) -> (i64, u32) {
        let node = &self.graph.nodes[x.0];
        (node.channels, node.halvings)
    }

    /// Convolution with an odd kernel of side `k`.
    pub fn conv(&mut self, name: &str, x: NodeId, out: i64, k: i64, bias: bool) -> NodeId {
        let (channels, halvings) = self.shape(x);
        let weight = self.param(format!("{name}.weight"), vec![out, channels, k, k], ParamRole::Weight);
        let bias = bias.then(|| self.param(format!("{name}.bias"), vec![out], ParamRole::Bias));
        self.push(name, Op::Conv { weight, bias, padding: k / 2 }, &[x], out, halvings)
    }

    /// max(x, 0).
    pub fn relu(&mut self, x: NodeId) -> NodeId {
        let (channels, halvings) = self.shape(x);
        self.push("relu", Op::Relu, &[x], channels, halvings)
    }

    /// tanh(x).
    pub fn tanh(&mut self, x: NodeId) -> NodeId {
        let (channels, halvings) = self.shape(x);
        self.push("tanh", Op::Tanh, &[x], channels, halvings)
    }

    /// Batch norm with scale and shift.
    pub fn batch_norm(&mut self, name: &str, x: NodeId) -> NodeId {
        let (channels, halvings) = self.shape(x);
        let scale = self.param(format!("{name}.scale"), vec![channels], ParamRole::Scale);
        let shift = self.param(format!("{name}.shift"), vec![channels], ParamRole::Shift);
        self.graph.norms.push(channels);
        let index = self.graph.norms.len() - 1;
        self.push(name, Op::BatchNorm { scale, shift, index }, &[x], channels, halvings)
    }

    /// Largest of each 2x2.
    pub fn max_pool2(&mut self, name: &str, x: NodeId) -> NodeId {
        let (channels, halvings) = self.shape(x);
        self.push(name, Op::MaxPool2, &[x], channels, halvings + 1)
    }

    /// Mean of each k x k; `k` is a power of two.
    pub fn avg_pool(&mut self, name: &str, x: NodeId, k: i64) -> NodeId {
        let (channels, halvings) = self.shape(x);
        self.push(name, Op::AvgPool(k), &[x], channels, halvings + k.ilog2())
    }

    /// Channels of all `xs` one behind the other.
    pub fn concat(&mut self, name: &str, xs: &[NodeId]) -> NodeId {
        let channels = xs.iter().map(|&x| self.shape(x).0).sum();
        let halvings = xs.first().map_or(0, |&x| self.shape(x).1);
        self.push(name, Op::Concat, xs, channels, halvings)
    }

    /// a + b.
    pub fn add(&mut self, name: &str, a: NodeId, b: NodeId) -> NodeId {
        let (channels, halvings) = self.shape(a);
        self.push(name, Op::Add, &[a, b], channels, halvings)
    }

    /// conv -> ReLU -> BN, the order of FAS-DR.
    pub fn conv_relu_bn(&mut self, name: &str, x: NodeId, out: i64) -> NodeId {
        let y = self.conv(name, x, out, 3, true);
        let y = self.relu(y);
        self.batch_norm(&format!("{name}.bn"), y)
    }

    /// The finished network.
    pub fn build(self) -> Graph {
        self.graph.finish()
    }
}
