//! Writing a network down, operator by operator.

use super::graph::{ConvMath, Graph, Initial, Node, NodeId, ParamRole, ParamSpec};
use super::op::{ConvShape, Op, PoolShape, Side};
use super::texture;

/// Builds a [`Graph`] operator by operator; the last value added is the map, unless [`GraphBuilder::outputs`] says
/// which are wanted.
#[derive(Debug)]
pub struct GraphBuilder {
    graph: Graph,
    initial: Initial,
}

impl Graph {
    /// Starts a network that takes pictures of `channels` channels.
    pub fn builder(name: &str, source: &str, channels: i64) -> GraphBuilder {
        let input = Node { op: Op::Input, inputs: vec![], channels, side: Side::Halved(0) };
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
                initial: vec![],
                twins: vec![],
                names: vec!["input".to_owned()],
                outputs: vec![],
                kept: vec![],
                last_use: vec![],
                plain: vec![],
                fused: vec![],
            },
            initial: Initial::Xavier,
        }
    }
}

impl GraphBuilder {
    /// Batch norms divide by sqrt(variance + `eps`); 1e-3 if never told.
    pub fn eps(&mut self, eps: f64) {
        self.graph.eps = eps;
    }

    /// How kernels and biases that come from here on start; Xavier-uniform if never told.
    pub fn initial(&mut self, initial: Initial) {
        self.initial = initial;
    }

    /// Has every parameter whose name begins with `twin` start as the one that begins with `first` instead, and is there
    /// already.
    pub fn twins(&mut self, first: &str, twin: &str) {
        let find = |name: &str| self.graph.params.iter().position(|p| p.name == name);
        let pair = |(i, p): (usize, &ParamSpec)| {
            let rest = p.name.strip_prefix(twin)?;
            find(&format!("{first}{rest}")).filter(|&j| j < i).map(|j| (i, j))
        };
        let pairs: Vec<(usize, usize)> = self.graph.params.iter().enumerate().filter_map(pair).collect();
        self.graph.twins.extend(pairs);
    }

    /// The picture itself.
    pub fn input(&self) -> NodeId {
        NodeId(0)
    }

    fn push(&mut self, name: &str, op: Op, inputs: &[NodeId], channels: i64, side: Side) -> NodeId {
        let inputs = inputs.iter().map(|n| n.0).collect();
        self.graph.nodes.push(Node { op, inputs, channels, side });
        self.graph.names.push(name.to_owned());
        NodeId(self.graph.nodes.len() - 1)
    }

    fn param(&mut self, name: String, shape: Vec<i64>, role: ParamRole) -> usize {
        self.graph.params.push(ParamSpec { name, shape, role });
        self.graph.initial.push(self.initial);
        self.graph.params.len() - 1
    }

    fn shape(&self, x: NodeId) -> (i64, Side) {
        let node = &self.graph.nodes[x.0];
        (node.channels, node.side)
    }

    fn halved(side: Side, times: u32) -> Side {
        match side {
            Side::Halved(before) => Side::Halved(before + times),
            Side::HalvedUp(before) => Side::HalvedUp(before + times),
            Side::One => Side::One,
        }
    }

    /// A value of as many channels as `x` and the same side.
    fn same(&mut self, name: &str, op: Op, x: NodeId) -> NodeId {
        let (channels, side) = self.shape(x);
        self.push(name, op, &[x], channels, side)
    }

    fn any_conv(&mut self, name: &str, x: NodeId, (out, k, bias): (i64, i64, bool), conv: (ConvShape, Side)) -> NodeId {
        let (channels, _) = self.shape(x);
        let (shape, side) = conv;
        let weight = self.param(format!("{name}.weight"), vec![out, channels, k, k], ParamRole::Weight);
        let bias = bias.then(|| self.param(format!("{name}.bias"), vec![out], ParamRole::Bias));
        self.push(name, Op::Conv { weight, bias, shape }, &[x], out, side)
    }

    /// Convolution with an odd kernel of side `k`; the side stays.
    pub fn conv(&mut self, name: &str, x: NodeId, out: i64, k: i64, bias: bool) -> NodeId {
        let shape = ConvShape { stride: 1, before: k / 2, after: k / 2, theta: 0.0 };
        let side = self.shape(x).1;
        self.any_conv(name, x, (out, k, bias), (shape, side))
    }

    /// Central difference convolution, 3x3, no bias: `theta` of the kernel's sum is taken from its centre (CDCN, Eq. 5).
    pub fn cdc(&mut self, name: &str, x: NodeId, out: i64, theta: f64) -> NodeId {
        let shape = ConvShape { stride: 1, before: 1, after: 1, theta };
        let side = self.shape(x).1;
        self.any_conv(name, x, (out, 3, false), (shape, side))
    }

    /// 3x3 convolution at every other pixel; `before` zeros above and to the left, one below and to the right.
    pub fn conv_half(&mut self, name: &str, x: NodeId, out: i64, before: i64, bias: bool) -> NodeId {
        let shape = ConvShape { stride: 2, before, after: 1, theta: 0.0 };
        let side = Self::halved(self.shape(x).1, 1);
        let side = if before == 1 { Self::up(side) } else { side };
        self.any_conv(name, x, (out, 3, bias), (shape, side))
    }

    /// Convolution with an odd kernel of side `k` at every other pixel, k/2 zeros on all sides; no bias.
    pub fn conv_every_other(&mut self, name: &str, x: NodeId, out: i64, k: i64) -> NodeId {
        let shape = ConvShape { stride: 2, before: k / 2, after: k / 2, theta: 0.0 };
        let side = Self::up(Self::halved(self.shape(x).1, 1));
        self.any_conv(name, x, (out, k, false), (shape, side))
    }

    /// Rounded up, where a window for every other pixel, the first included, fits.
    fn up(side: Side) -> Side {
        match side {
            Side::Halved(times) => Side::HalvedUp(times),
            other => other,
        }
    }

    /// Convolution whose kernel of side `k` covers all of its input: one pixel is left.
    pub fn conv_whole(&mut self, name: &str, x: NodeId, out: i64, k: i64, bias: bool) -> NodeId {
        let shape = ConvShape { stride: 1, before: 0, after: 0, theta: 0.0 };
        self.any_conv(name, x, (out, k, bias), (shape, Side::One))
    }

    /// A vector of `n` values that no operator reads: whoever trains the network knows what it is for.
    pub fn direction(&mut self, name: &str, n: i64) {
        self.param(name.to_owned(), vec![n], ParamRole::Direction);
    }

    /// max(x, 0).
    pub fn relu(&mut self, x: NodeId) -> NodeId {
        self.same("relu", Op::Relu, x)
    }

    /// x where positive, 0.2 x elsewhere.
    pub fn leaky_relu(&mut self, x: NodeId) -> NodeId {
        self.same("leaky_relu", Op::LeakyRelu, x)
    }

    /// 1 / (1 + exp(-x)).
    pub fn sigmoid(&mut self, name: &str, x: NodeId) -> NodeId {
        self.same(name, Op::Sigmoid, x)
    }

    /// tanh(x).
    pub fn tanh(&mut self, x: NodeId) -> NodeId {
        self.same("tanh", Op::Tanh, x)
    }

    /// Batch norm with scale and shift.
    pub fn batch_norm(&mut self, name: &str, x: NodeId) -> NodeId {
        let (channels, side) = self.shape(x);
        let scale = self.param(format!("{name}.scale"), vec![channels], ParamRole::Scale);
        let shift = self.param(format!("{name}.shift"), vec![channels], ParamRole::Shift);
        let index = self.norm(x);
        self.push(name, Op::BatchNorm { scale, shift, index }, &[x], channels, side)
    }

    /// Largest of each 2x2.
    pub fn max_pool2(&mut self, name: &str, x: NodeId) -> NodeId {
        self.max_pool(name, x, PoolShape::Two)
    }

    fn max_pool(&mut self, name: &str, x: NodeId, shape: PoolShape) -> NodeId {
        let (channels, side) = self.shape(x);
        self.push(name, Op::MaxPool(shape), &[x], channels, Self::halved(side, 1))
    }

    /// Largest of overlapping 3x3, the first window hanging over the border.
    pub fn max_pool3(&mut self, name: &str, x: NodeId) -> NodeId {
        self.max_pool(name, x, PoolShape::Three)
    }

    /// Largest of overlapping 3x3, the last window hanging over the border.
    pub fn max_pool3_same(&mut self, name: &str, x: NodeId) -> NodeId {
        self.max_pool(name, x, PoolShape::ThreeSame)
    }

    /// Mean of overlapping 3x3, the last window hanging over the border.
    pub fn avg_pool3_same(&mut self, name: &str, x: NodeId) -> NodeId {
        let (channels, side) = self.shape(x);
        self.push(name, Op::AvgPoolSame, &[x], channels, Self::halved(side, 1))
    }

    /// Bilinear reduction by `k`, a power of two.
    pub fn shrink(&mut self, name: &str, x: NodeId, k: i64) -> NodeId {
        let (channels, side) = self.shape(x);
        self.push(name, Op::Shrink(k), &[x], channels, Self::halved(side, k.ilog2()))
    }

    /// Shares of uniform local binary patterns in HSV and YCbCr of pictures `x`, RGB first.
    pub fn texture(&mut self, name: &str, x: NodeId) -> NodeId {
        self.push(name, Op::Texture, &[x], texture::FEATURES, Side::One)
    }

    /// Batch norm without scale and shift.
    pub fn standardise(&mut self, name: &str, x: NodeId) -> NodeId {
        let index = self.norm(x);
        self.same(name, Op::Standardise { index }, x)
    }

    /// Counts one more norm, of as many channels as `x`; gives its index.
    fn norm(&mut self, x: NodeId) -> usize {
        let channels = self.shape(x).0;
        self.graph.norms.push(channels);
        self.graph.norms.len() - 1
    }

    /// Mean of every channel.
    pub fn global_mean(&mut self, name: &str, x: NodeId) -> NodeId {
        let (channels, _) = self.shape(x);
        self.push(name, Op::GlobalMean, &[x], channels, Side::One)
    }

    /// Mean and maximum over channels.
    pub fn channel_stats(&mut self, name: &str, x: NodeId) -> NodeId {
        let (_, side) = self.shape(x);
        self.push(name, Op::ChannelStats, &[x], 2, side)
    }

    /// `x` times `weight`, whose one channel goes for all.
    pub fn scale(&mut self, name: &str, x: NodeId, weight: NodeId) -> NodeId {
        let (channels, side) = self.shape(x);
        self.push(name, Op::Scale, &[x, weight], channels, side)
    }

    /// Channels `first` to `first + count` of `x`.
    pub fn slice(&mut self, name: &str, x: NodeId, first: i64, count: i64) -> NodeId {
        let (_, side) = self.shape(x);
        self.push(name, Op::Slice { first }, &[x], count, side)
    }

    /// (x - mean) / deviation, three channels with constants of their own.
    pub fn fixed(&mut self, name: &str, x: NodeId, mean: [f64; 3], deviation: [f64; 3]) -> NodeId {
        self.same(name, Op::Fixed { mean, deviation }, x)
    }

    /// Twice the side by repeating pixels.
    pub fn double(&mut self, name: &str, x: NodeId) -> NodeId {
        let (channels, side) = self.shape(x);
        let side = match side {
            Side::Halved(times) => Side::Halved(times.saturating_sub(1)),
            Side::HalvedUp(times) => Side::HalvedUp(times.saturating_sub(1)),
            Side::One => Side::One,
        };
        self.push(name, Op::Double, &[x], channels, side)
    }

    /// (a + b) / 2.
    pub fn mean(&mut self, name: &str, a: NodeId, b: NodeId) -> NodeId {
        let (channels, side) = self.shape(a);
        self.push(name, Op::Mean, &[a, b], channels, side)
    }

    /// Shares of e^x over the channels of `x`.
    pub fn softmax(&mut self, name: &str, x: NodeId) -> NodeId {
        self.same(name, Op::Softmax, x)
    }

    /// Mean of each k x k; `k` is a power of two.
    pub fn avg_pool(&mut self, name: &str, x: NodeId, k: i64) -> NodeId {
        let (channels, side) = self.shape(x);
        self.push(name, Op::AvgPool(k), &[x], channels, Self::halved(side, k.ilog2()))
    }

    /// Channels of all `xs` one behind the other.
    pub fn concat(&mut self, name: &str, xs: &[NodeId]) -> NodeId {
        let channels = xs.iter().map(|&x| self.shape(x).0).sum();
        let side = xs.first().map_or(Side::Halved(0), |&x| self.shape(x).1);
        self.push(name, Op::Concat, xs, channels, side)
    }

    /// a + b.
    pub fn add(&mut self, name: &str, a: NodeId, b: NodeId) -> NodeId {
        let (channels, side) = self.shape(a);
        self.push(name, Op::Add, &[a, b], channels, side)
    }

    /// conv -> ReLU -> BN, the order of FAS-DR.
    pub fn conv_relu_bn(&mut self, name: &str, x: NodeId, out: i64) -> NodeId {
        let y = self.conv(name, x, out, 3, true);
        let y = self.relu(y);
        self.batch_norm(&format!("{name}.bn"), y)
    }

    /// The values that the network gives, the map first.
    pub fn outputs(&mut self, all: &[NodeId]) {
        self.graph.outputs = all.iter().map(|n| n.0).collect();
    }

    /// The finished network.
    pub fn build(self) -> Graph {
        self.graph.finish()
    }
}
