//! Forward passes. [`Graph::forward`] gives the output alone (and is differentiable by libtorch where the parameters
//! ask for gradients); [`Graph::record`] also keeps, in a [`Tape`], just the values that the hand-written reverse,
//! tangent and second-order passes read. Values are dropped at their last use.

use std::ops::Range;

use tch::{Device, Kind, Tensor};

use super::conv;
use super::graph::{ConvMath, Graph, Node, NodeId, ParamList, Step};
use super::native;
use super::op::Op;
use super::stage::{Stage, StageTape};
use super::texture;

/// Mean and variance of every batch norm of a network, for inference.
#[derive(Debug)]
pub struct BnStats {
    /// One (channels) tensor a batch norm.
    pub mean: Vec<Tensor>,
    /// One (channels) tensor a batch norm, biased variance.
    pub var: Vec<Tensor>,
}

/// Copies share their tensors, which are never changed in place.
impl Clone for BnStats {
    fn clone(&self) -> Self {
        let share = |ts: &[Tensor]| ts.iter().map(Tensor::shallow_clone).collect();
        Self { mean: share(&self.mean), var: share(&self.var) }
    }
}

/// Deep copies of `tensors`, outside of any gradient tape.
pub fn copy_all(tensors: &[Tensor]) -> ParamList {
    tensors.iter().map(|t| t.detach().copy()).collect()
}

impl BnStats {
    /// Mean 0 and variance 1 everywhere.
    pub fn identity(graph: &Graph, kind: Kind, device: Device) -> Self {
        let make =
            |value: f64| graph.norms.iter().map(|&c| Tensor::full([c], value, (kind, device))).collect::<Vec<_>>();
        Self { mean: make(0.0), var: make(1.0) }
    }

    /// Moves the statistics towards `batch`'s by `rate`: 0.1 for a running average, 1/n for the n-th of a cumulative one.
    pub fn blend(&mut self, batch: &Self, rate: f64) {
        self.blend_some(batch, 0..self.mean.len(), rate);
    }

    /// The same of the batch norms `which` alone.
    pub fn blend_some(&mut self, batch: &Self, which: Range<usize>, rate: f64) {
        let blend = |mine: &mut [Tensor], theirs: &[Tensor]| {
            for (a, b) in mine[which.clone()].iter_mut().zip(&theirs[which.clone()]) {
                *a = &*a * (1.0 - rate) + b.to_kind(a.kind()) * rate;
            }
        };
        tch::no_grad(|| {
            blend(&mut self.mean, &batch.mean);
            blend(&mut self.var, &batch.var);
        });
    }
}

/// Where batch norm takes its statistics from.
#[derive(Debug, Clone, Copy)]
pub enum BnMode<'a> {
    /// The batch itself, as in training.
    Batch,
    /// Given statistics, so that an output depends on its own picture alone.
    Running(&'a BnStats),
}

/// What a batch norm needs to be differentiated.
#[derive(Debug)]
pub(super) struct Norm {
    pub mean: Tensor,
    pub invstd: Tensor,
    pub batch: bool,
}

/// Kept values of one forward pass.
#[derive(Debug)]
pub struct Tape {
    pub(super) values: Vec<Option<Tensor>>,
    /// A batch norm's statistics, by its index.
    pub(super) norms: Vec<Norm>,
    /// Positions of the maxima, by node.
    pub(super) maxima: Vec<Option<Tensor>>,
    /// What the fused stages keep, by their output node.
    pub(super) stages: Vec<Option<StageTape>>,
    /// Whether this pass took the fused steps; its derivatives then take them too.
    pub(super) fused: bool,
    /// Shape of every node's value.
    pub(super) shapes: Vec<Vec<i64>>,
    output: Tensor,
}

impl Tape {
    /// The network's output, (batch, channels, side, side).
    pub fn output(&self) -> &Tensor {
        &self.output
    }

    /// Batch statistics of this pass; variances are biased. Meant for passes in batch mode.
    pub fn statistics(&self, graph: &Graph) -> BnStats {
        let var = |n: &Norm| n.invstd.to_kind(Kind::Double).pow_tensor_scalar(-2.0) - graph.eps;
        tch::no_grad(|| BnStats {
            mean: self.norms.iter().map(|n| n.mean.detach().copy()).collect(),
            var: self.norms.iter().map(|n| var(n).to_kind(n.invstd.kind())).collect(),
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep<'a> {
    Nothing,
    ForDerivatives,
    /// The values of these nodes.
    Values(&'a [NodeId]),
}

/// Bilinear reduction by `k` without smoothing, `PyTorch`'s `interpolate` with corners not aligned.
pub(super) fn shrink(x: &Tensor, k: i64) -> Tensor {
    let side = |i: usize| x.size()[i] / k;
    x.upsample_bilinear2d([side(2), side(3)], false, None, None)
}

pub(super) fn per_channel(t: &Tensor) -> Tensor {
    t.view([1, -1, 1, 1])
}

impl Graph {
    /// Output for pictures `x` (batch, channels, side, side), any side divisible by [`Graph::reduction`].
    pub fn forward(&self, params: &[Tensor], x: &Tensor, mode: BnMode<'_>) -> Tensor {
        self.run(params, x, mode, Keep::Nothing).0.output
    }

    /// The values of `nodes` in one pass, differentiable by libtorch: outputs beside the map, or features on the way.
    pub fn forward_at(&self, params: &[Tensor], x: &Tensor, mode: BnMode<'_>, nodes: &[NodeId]) -> Vec<Tensor> {
        self.run(params, x, mode, Keep::Values(nodes)).1
    }

    /// Like [`Graph::forward_at`], with the pass's batch statistics.
    pub fn observe_at(&self, params: &[Tensor], x: &Tensor, nodes: &[NodeId]) -> (Vec<Tensor>, BnStats) {
        let (tape, values) = self.run(params, x, BnMode::Batch, Keep::Values(nodes));
        let stats = tape.statistics(self);
        (values, stats)
    }

    /// The network's outputs, the map first.
    pub fn outputs(&self) -> Vec<NodeId> {
        self.outputs.iter().copied().map(NodeId).collect()
    }

    /// Like [`Graph::forward`], without gradients by libtorch, keeping what the hand-written derivatives need.
    pub fn record(&self, params: &[Tensor], x: &Tensor, mode: BnMode<'_>) -> Tape {
        tch::no_grad(|| self.run(params, x, mode, Keep::ForDerivatives).0)
    }

    /// Output and batch statistics of a pass in batch mode, keeping nothing else.
    pub fn observe(&self, params: &[Tensor], x: &Tensor) -> (Tensor, BnStats) {
        tch::no_grad(|| {
            let (tape, _) = self.run(params, x, BnMode::Batch, Keep::Nothing);
            (tape.output.shallow_clone(), tape.statistics(self))
        })
    }

    /// Whether the fused loops can do it: plain CPU numbers, and no gradients wanted of libtorch.
    fn can_fuse(&self, params: &[Tensor], x: &Tensor, keep: Keep<'_>) -> bool {
        let kind = x.kind();
        let differentiated = || params.iter().chain([x]).any(Tensor::requires_grad);
        self.fuse
            && x.device() == Device::Cpu
            && matches!(kind, Kind::Float | Kind::Double)
            && params.iter().all(|p| p.kind() == kind)
            && self.math == ConvMath::Native
            && x.size()[2..].iter().all(|side| side % self.reduction() == 0)
            // A fused stage has no values in between to give away.
            && !matches!(keep, Keep::Values(_))
            && (keep == Keep::ForDerivatives || !differentiated())
    }

    fn run(&self, params: &[Tensor], x: &Tensor, mode: BnMode<'_>, keep: Keep<'_>) -> (Tape, Vec<Tensor>) {
        let n = self.nodes.len();
        let fused = self.can_fuse(params, x, keep);
        let mut values: Vec<Option<Tensor>> = (0..n).map(|_| None).collect();
        let mut maxima: Vec<Option<Tensor>> = (0..n).map(|_| None).collect();
        let mut stages: Vec<Option<StageTape>> = (0..n).map(|_| None).collect();
        let mut shapes = vec![vec![]; n];
        let asked: &[NodeId] = if let Keep::Values(nodes) = keep { nodes } else { &[] };
        let mut given: Vec<Option<Tensor>> = asked.iter().map(|_| None).collect();
        let mut norms = Vec::with_capacity(self.norms.len());
        for step in self.plan(fused) {
            let i = step.output();
            let value = match step {
                Step::Node(_) => {
                    let (value, maximum) = self.apply(&self.nodes[i], &values, params, x, mode, &mut norms);
                    maxima[i] = maximum.filter(|_| keep == Keep::ForDerivatives);
                    value
                }
                Step::Stage(stage) => {
                    let (value, tape, norm) = stage.forward(params, value_of(&values, stage.input), mode, self.eps);
                    norms.push(norm);
                    stages[i] = Some(tape).filter(|_| keep == Keep::ForDerivatives);
                    value
                }
            };
            shapes[i] = value.size();
            for (slot, _) in given.iter_mut().zip(asked).filter(|(_, node)| node.0 == i) {
                *slot = Some(value.shallow_clone());
            }
            values[i] = Some(value);
            for &input in self.inputs(step) {
                let wanted = keep == Keep::ForDerivatives && self.kept[input];
                if self.last_use[input] <= i && !wanted {
                    values[input] = None;
                }
            }
        }
        let output = value_of(&values, self.map()).shallow_clone();
        if keep != Keep::ForDerivatives {
            values.clear();
        }
        let given = given.into_iter().flatten().collect();
        (Tape { values, norms, maxima, stages, fused, shapes, output }, given)
    }

    fn apply(
        &self,
        node: &Node,
        values: &[Option<Tensor>],
        params: &[Tensor],
        x: &Tensor,
        mode: BnMode<'_>,
        norms: &mut Vec<Norm>,
    ) -> (Tensor, Option<Tensor>) {
        let input = |k: usize| value_of(values, node.inputs[k]);
        let value = match node.op {
            Op::Input => x.shallow_clone(),
            Op::Conv { weight, bias, shape } => {
                conv::forward(input(0), &params[weight], bias.map(|b| &params[b]), shape, self.math)
            }
            // In place: a convolution's raw output is read by nobody else.
            Op::Relu if self.only_reader_of_conv(node) => input(0).shallow_clone().relu_(),
            Op::Relu => input(0).relu(),
            Op::Tanh => input(0).tanh(),
            Op::LeakyRelu => input(0).where_self(&input(0).gt(0.0), &(input(0) * 0.2)),
            Op::Sigmoid => input(0).sigmoid(),
            Op::BatchNorm { scale, shift, index } => {
                self.normalise(input(0), Some([&params[scale], &params[shift]]), index, mode, norms)
            }
            Op::Standardise { index } => self.normalise(input(0), None, index, mode, norms),
            Op::Texture => texture::shares(input(0)),
            Op::MaxPool(shape) => {
                let (kernel, stride, padding, over) = shape.parts();
                let (y, indices) = input(0).max_pool2d_with_indices(kernel, stride, padding, [1, 1], over);
                return (y, Some(indices));
            }
            Op::AvgPoolSame => input(0).avg_pool2d([3, 3], [2, 2], [0, 0], true, false, None),
            Op::Shrink(k) => shrink(input(0), k),
            Op::GlobalMean => input(0).mean_dim([2_i64, 3].as_slice(), true, None::<Kind>),
            Op::ChannelStats => {
                let mean = input(0).mean_dim([1_i64].as_slice(), true, None::<Kind>);
                Tensor::cat(&[&mean, &input(0).amax([1_i64].as_slice(), true)], 1)
            }
            Op::Scale => input(0) * input(1),
            Op::Slice { first } => input(0).narrow(1, first, node.channels),
            Op::Fixed { mean, deviation } => {
                let constant = |values: [f64; 3]| {
                    per_channel(&Tensor::from_slice(&values).to_kind(input(0).kind()).to_device(input(0).device()))
                };
                (input(0) - constant(mean)) / constant(deviation)
            }
            Op::Double => {
                let (h, w) = (input(0).size()[2], input(0).size()[3]);
                input(0).upsample_nearest2d([2 * h, 2 * w], None, None)
            }
            Op::Mean => (input(0) + input(1)) * 0.5,
            Op::Softmax => input(0).softmax(1, None::<Kind>),
            Op::AvgPool(k) => input(0).avg_pool2d([k, k], [k, k], [0, 0], false, true, None),
            Op::Concat => {
                let all: Vec<&Tensor> = (0..node.inputs.len()).map(input).collect();
                Tensor::cat(&all, 1)
            }
            Op::Add => input(0) + input(1),
        };
        (value, None)
    }

    /// One batch norm, whose statistics go behind `norms`; with scale and shift where there are some.
    fn normalise(
        &self,
        x: &Tensor,
        affine: Option<[&Tensor; 2]>,
        index: usize,
        mode: BnMode<'_>,
        norms: &mut Vec<Norm>,
    ) -> Tensor {
        let (scale, shift) = affine.map_or((None, None), |[scale, shift]| (Some(scale), Some(shift)));
        let (y, norm) = match mode {
            BnMode::Batch => {
                let nothing = None::<&Tensor>;
                let x = native::summable(x);
                let (y, mean, invstd) = x.native_batch_norm(scale, shift, nothing, nothing, true, 0.0, self.eps);
                (y, Norm { mean: mean.detach(), invstd: invstd.detach(), batch: true })
            }
            BnMode::Running(stats) => {
                let (mean, var) = (&stats.mean[index], &stats.var[index]);
                let y = x.batch_norm(scale, shift, Some(mean), Some(var), false, 0.0, self.eps, true);
                let invstd = (var + self.eps).rsqrt();
                (y, Norm { mean: mean.shallow_clone(), invstd, batch: false })
            }
        };
        norms.push(norm);
        y
    }

    fn only_reader_of_conv(&self, node: &Node) -> bool {
        let input = node.inputs[0];
        let readers = self.nodes.iter().filter(|n| n.inputs.contains(&input)).count();
        readers == 1 && matches!(self.nodes[input].op, Op::Conv { .. })
    }
}

impl Tape {
    /// A fused stage's kept values: its input, its own, its batch norm's.
    #[expect(clippy::expect_used, reason = "a fused pass for derivatives fills every stage's slot")]
    pub(super) fn stage(&self, stage: &Stage) -> (&Tensor, &StageTape, &Norm) {
        let own = self.stages[stage.output].as_ref().expect("stage kept");
        (value_of(&self.values, stage.input), own, &self.norms[stage.norm])
    }
}

#[expect(clippy::expect_used, reason = "finish() marks as kept every value that an operator reads back")]
pub(super) fn value_of(values: &[Option<Tensor>], i: usize) -> &Tensor {
    values[i].as_ref().expect("value kept")
}
