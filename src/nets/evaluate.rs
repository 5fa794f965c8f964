//! Forward passes. [`Graph::forward`] gives the output alone (and is differentiable by libtorch where the parameters
//! ask for gradients); [`Graph::record`] also keeps, in a [`Tape`], just the values that the hand-written reverse,
//! tangent and second-order passes read. Values are dropped at their last use.

use tch::{Device, Kind, Tensor};

use super::graph::{ConvMath, Graph, Node, Op, ParamList, Step};
use super::native;
use super::stage::{Stage, StageTape};

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
        let blend = |mine: &mut Vec<Tensor>, theirs: &[Tensor]| {
            for (a, b) in mine.iter_mut().zip(theirs) {
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
enum Keep {
    Nothing,
    ForDerivatives,
}

pub(super) fn per_channel(t: &Tensor) -> Tensor {
    t.view([1, -1, 1, 1])
}

pub(super) fn convolve(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>, padding: i64, math: ConvMath) -> Tensor {
    match math {
        ConvMath::Native => x.conv2d(weight, bias, [1, 1], [padding, padding], [1, 1], 1),
        ConvMath::Bf16 => {
            let half = |t: &Tensor| t.to_kind(Kind::BFloat16);
            let y = half(x).conv2d(&half(weight), bias.map(half).as_ref(), [1, 1], [padding, padding], [1, 1], 1);
            y.to_kind(x.kind())
        }
    }
}

impl Graph {
    /// Output for pictures `x` (batch, channels, side, side), any side divisible by [`Graph::reduction`].
    pub fn forward(&self, params: &[Tensor], x: &Tensor, mode: BnMode<'_>) -> Tensor {
        self.run(params, x, mode, Keep::Nothing).output
    }

    /// Like [`Graph::forward`], without gradients by libtorch, keeping what the hand-written derivatives need.
    pub fn record(&self, params: &[Tensor], x: &Tensor, mode: BnMode<'_>) -> Tape {
        tch::no_grad(|| self.run(params, x, mode, Keep::ForDerivatives))
    }

    /// Output and batch statistics of a pass in batch mode, keeping nothing else.
    pub fn observe(&self, params: &[Tensor], x: &Tensor) -> (Tensor, BnStats) {
        tch::no_grad(|| {
            let tape = self.run(params, x, BnMode::Batch, Keep::Nothing);
            (tape.output.shallow_clone(), tape.statistics(self))
        })
    }

    /// Whether the fused loops can do it: plain CPU numbers, and no gradients wanted of libtorch.
    fn can_fuse(&self, params: &[Tensor], x: &Tensor, keep: Keep) -> bool {
        let kind = x.kind();
        let differentiated = || params.iter().chain([x]).any(Tensor::requires_grad);
        self.fuse
            && x.device() == Device::Cpu
            && matches!(kind, Kind::Float | Kind::Double)
            && params.iter().all(|p| p.kind() == kind)
            && self.math == ConvMath::Native
            && x.size()[2..].iter().all(|side| side % self.reduction() == 0)
            && (keep == Keep::ForDerivatives || !differentiated())
    }

    fn run(&self, params: &[Tensor], x: &Tensor, mode: BnMode<'_>, keep: Keep) -> Tape {
        let n = self.nodes.len();
        let fused = self.can_fuse(params, x, keep);
        let mut values: Vec<Option<Tensor>> = (0..n).map(|_| None).collect();
        let mut maxima: Vec<Option<Tensor>> = (0..n).map(|_| None).collect();
        let mut stages: Vec<Option<StageTape>> = (0..n).map(|_| None).collect();
        let mut shapes = vec![vec![]; n];
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
            values[i] = Some(value);
            for &input in self.inputs(step) {
                let wanted = keep == Keep::ForDerivatives && self.kept[input];
                if self.last_use[input] <= i && !wanted {
                    values[input] = None;
                }
            }
        }
        #[expect(clippy::expect_used, reason = "a graph has at least its input, and the last value is never dropped")]
        let output = values.last().and_then(Option::as_ref).expect("output").shallow_clone();
        if keep == Keep::Nothing {
            values.clear();
        }
        Tape { values, norms, maxima, stages, fused, shapes, output }
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
            Op::Conv { weight, bias, padding } => {
                convolve(input(0), &params[weight], bias.map(|b| &params[b]), padding, self.math)
            }
            // In place: a convolution's raw output is read by nobody else.
            Op::Relu if self.only_reader_of_conv(node) => input(0).shallow_clone().relu_(),
            Op::Relu => input(0).relu(),
            Op::Tanh => input(0).tanh(),
            Op::BatchNorm { scale, shift, index } => {
                let (scale, shift) = (&params[scale], &params[shift]);
                let (y, norm) = match mode {
                    BnMode::Batch => {
                        let nothing = None::<&Tensor>;
                        let x = native::summable(input(0));
                        let (y, mean, invstd) =
                            x.native_batch_norm(Some(scale), Some(shift), nothing, nothing, true, 0.0, self.eps);
                        (y, Norm { mean: mean.detach(), invstd: invstd.detach(), batch: true })
                    }
                    BnMode::Running(stats) => {
                        let (mean, var) = (&stats.mean[index], &stats.var[index]);
                        let y = input(0).batch_norm(
                            Some(scale),
                            Some(shift),
                            Some(mean),
                            Some(var),
                            false,
                            0.0,
                            self.eps,
                            true,
                        );
                        let invstd = (var + self.eps).rsqrt();
                        (y, Norm { mean: mean.shallow_clone(), invstd, batch: false })
                    }
                };
                norms.push(norm);
                y
            }
            Op::MaxPool2 => {
                let (y, indices) = input(0).max_pool2d_with_indices([2, 2], [2, 2], [0, 0], [1, 1], false);
                return (y, Some(indices));
            }
            Op::AvgPool(k) => input(0).avg_pool2d([k, k], [k, k], [0, 0], false, true, None),
            Op::Concat => {
                let all: Vec<&Tensor> = (0..node.inputs.len()).map(input).collect();
                Tensor::cat(&all, 1)
            }
            Op::Add => input(0) + input(1),
        };
        (value, None)
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
