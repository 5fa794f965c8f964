//! First derivatives forwards: the product of the Jacobian with a direction in parameter space, J v, by hand-written
//! tangents over a recorded [`Tape`]. The picture's own tangent is zero, so the first layers cost half.
//!
//! Batch norm: its Jacobian in its input is symmetric, so libtorch's fused *gradient*, given the tangent in place of a
//! cotangent, is the tangent, and its gradients of scale and shift are the two sums that second order needs.

use tch::Tensor;

use super::conv;
use super::evaluate::{Norm, Tape, per_channel, shrink, value_of};
use super::graph::{Graph, Step};
use super::native;
use super::op::{Op, without_rules};
use super::reverse::relu_backward;

/// What second order reads back of a batch norm's tangent: means over batch and pixels, a channel.
#[derive(Debug)]
pub(super) struct NormTangent {
    /// mean(x').
    pub mean: Tensor,
    /// mean(xh * x'), with xh the normalised input.
    pub product: Tensor,
}

/// Tangents of one forward pass in one direction.
#[derive(Debug)]
pub struct Tangents {
    pub(super) values: Vec<Option<Tensor>>,
    pub(super) norms: Vec<Option<NormTangent>>,
    /// m' of the fused stages, by their output node.
    pub(super) extremes: Vec<Option<Tensor>>,
    output: Tensor,
}

impl Tangents {
    /// J v: how the output moves when the parameters move along v.
    pub fn output(&self) -> &Tensor {
        &self.output
    }
}

/// Elements a channel of (batch, channels, side, side).
pub(super) fn count_per_channel(t: &Tensor) -> f64 {
    t.numel() as f64 / t.size()[1] as f64
}

fn norm_tangent(
    x: &Tensor,
    tangent: Option<&Tensor>,
    (scale, scale_t): (&Tensor, &Tensor),
    shift_t: &Tensor,
    norm: &Norm,
    eps: f64,
) -> (Tensor, NormTangent) {
    // y' = (moved input) + scale' * xh + shift', and xh is affine in x.
    let slope = scale_t * &norm.invstd;
    let offset = shift_t - &slope * &norm.mean;
    let zero = || scale.zeros_like();
    let Some(tangent) = tangent else {
        return (x * per_channel(&slope) + per_channel(&offset), NormTangent { mean: zero(), product: zero() });
    };
    let (mut moved, sums) = if norm.batch {
        let (moved, product, sum) = native::batch_norm_backward(tangent, x, scale, &norm.mean, &norm.invstd, eps);
        let n = count_per_channel(x);
        (moved, NormTangent { mean: sum / n, product: product / n })
    } else {
        (tangent * per_channel(&(scale * &norm.invstd)), NormTangent { mean: zero(), product: zero() })
    };
    let moved = moved.addcmul_(x, &per_channel(&slope)).g_add_(&per_channel(&offset));
    (moved, sums)
}

impl Graph {
    /// J v along direction `v` (one tensor a parameter). With `for_second_order` the tangents that
    /// [`Graph::vjp_tangent`] reads are kept.
    pub fn jvp(&self, params: &[Tensor], tape: &Tape, v: &[Tensor], for_second_order: bool) -> Tangents {
        tch::no_grad(|| {
            let mut values: Vec<Option<Tensor>> = self.nodes.iter().map(|_| None).collect();
            let mut extremes: Vec<Option<Tensor>> = self.nodes.iter().map(|_| None).collect();
            let mut norms: Vec<Option<NormTangent>> = self.norms.iter().map(|_| None).collect();
            for step in self.plan(tape.fused) {
                let i = step.output();
                let node = &self.nodes[i];
                let primal = |k: usize| value_of(&tape.values, node.inputs[k]);
                let tangent = |k: usize| values[node.inputs[k]].as_ref();
                let value = match node.op {
                    _ if let Step::Stage(stage) = step => {
                        let x_t = values[stage.input].as_ref();
                        let moved = stage.tangent(params, tape.stage(stage), v, x_t, for_second_order);
                        norms[stage.norm] = Some(moved.sums);
                        extremes[i] = moved.extreme;
                        Some(moved.value)
                    }
                    Op::Input => None,
                    Op::Conv { weight, bias, shape } => {
                        let by_weight = conv::forward(primal(0), &v[weight], bias.map(|b| &v[b]), shape, self.math);
                        Some(match tangent(0) {
                            None => by_weight,
                            Some(t) => {
                                let by_input = conv::forward(t, &params[weight], None, shape, self.math);
                                { by_input }.g_add_(&by_weight)
                            }
                        })
                    }
                    Op::Relu => tangent(0).map(|t| relu_backward(t, value_of(&tape.values, i))),
                    Op::Tanh => tangent(0).map(|t| Tensor::tanh_backward(t, value_of(&tape.values, i))),
                    Op::BatchNorm { scale, shift, index } => {
                        let norm = &tape.norms[index];
                        let scales = (&params[scale], &v[scale]);
                        let (moved, sums) = norm_tangent(primal(0), tangent(0), scales, &v[shift], norm, self.eps);
                        norms[index] = Some(sums);
                        Some(moved)
                    }
                    Op::MaxPool(_) => tangent(0).map(|t| native::max_pool_gather(t, value_of(&tape.maxima, i))),
                    Op::AvgPool(k) => tangent(0).map(|t| t.avg_pool2d([k, k], [k, k], [0, 0], false, true, None)),
                    Op::Shrink(k) => tangent(0).map(|t| shrink(t, k)),
                    Op::Concat => {
                        let part =
                            |k: usize| tangent(k).map_or_else(|| Tensor::zeros_like(primal(k)), Tensor::shallow_clone);
                        let parts: Vec<Tensor> = (0..node.inputs.len()).map(part).collect();
                        Some(Tensor::cat(&parts, 1))
                    }
                    Op::Add => match (tangent(0), tangent(1)) {
                        (Some(a), Some(b)) => Some(a + b),
                        (a, b) => a.or(b).map(Tensor::shallow_clone),
                    },
                    without_rules!() => unreachable!("{} has no rule by hand", self.name),
                };
                values[i] = value;
                for &input in self.inputs(step) {
                    if self.last_use[input] <= i && !(for_second_order && self.kept[input]) {
                        values[input] = None;
                    }
                }
            }
            let output = values
                .last()
                .and_then(Option::as_ref)
                .map_or_else(|| tape.output().zeros_like(), Tensor::shallow_clone);
            Tangents { values, norms, extremes, output }
        })
    }
}
