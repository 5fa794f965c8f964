//! First derivatives backwards: the product of a cotangent with the Jacobian, J^T c, by one reverse sweep over a
//! [`Tape`]. One rule an operator; batch norm and convolution use libtorch's fused gradients.

use tch::{Kind, Tensor};

use super::conv;
use super::evaluate::{Norm, Tape, per_channel, value_of};
use super::graph::{Graph, ParamList, Step};
use super::native;
use super::op::{Op, PoolShape, without_rules};

/// Where the gradient of a value gathers from all its readers.
pub(super) fn accumulate(slots: &mut [Option<Tensor>], i: usize, more: Tensor) {
    slots[i] = Some(match slots[i].take() {
        None => more,
        // In place: the slot's tensor was made by this sweep and nobody else reads it.
        Some(mut sum) => sum.g_add_(&more),
    });
}

/// Gradients (input, scale, shift) of a batch norm for cotangent `c`.
pub(super) fn norm_backward(c: &Tensor, x: &Tensor, scale: &Tensor, norm: &Norm, eps: f64) -> (Tensor, Tensor, Tensor) {
    if norm.batch {
        return native::batch_norm_backward(c, x, scale, &norm.mean, &norm.invstd, eps);
    }
    let normalised = (x - per_channel(&norm.mean)) * per_channel(&norm.invstd);
    let over: &[i64] = &[0, 2, 3];
    (
        c * per_channel(&(scale * &norm.invstd)),
        (c * normalised).sum_dim_intlist(over, false, None::<Kind>),
        c.sum_dim_intlist(over, false, None::<Kind>),
    )
}

/// Gradient of a max pool's input; `like` has the input's shape and layout.
pub(super) fn pool_backward(c: &Tensor, like: &Tensor, maxima: &Tensor, shape: PoolShape) -> Tensor {
    let (kernel, stride, padding, over) = shape.parts();
    like.max_pool2d_with_indices_backward(c, kernel, stride, padding, [1, 1], over, maxima)
}

/// Gradient of a bilinear reduction's input of shape `like`.
pub(super) fn shrink_backward(c: &Tensor, like: &[i64]) -> Tensor {
    let out = [c.size()[2], c.size()[3]];
    Tensor::upsample_bilinear2d_backward(c, out, like, false, None, None)
}

/// Gradient of a k x k mean's input; `like` has the input's shape and layout.
pub(super) fn avg_backward(c: &Tensor, like: &Tensor, k: i64) -> Tensor {
    like.avg_pool2d_backward(c, [k, k], [k, k], [0, 0], false, true, None)
}

/// `c` where the `ReLU`'s output `y` is positive, 0 elsewhere.
pub(super) fn relu_backward(c: &Tensor, y: &Tensor) -> Tensor {
    y.threshold_backward(c, 0.0)
}

impl Graph {
    /// J^T c: gradients of all parameters for the cotangent `c` of the output of `tape`.
    pub fn vjp(&self, params: &[Tensor], tape: &Tape, c: &Tensor) -> ParamList {
        tch::no_grad(|| {
            let mut slots: Vec<Option<Tensor>> = self.nodes.iter().map(|_| None).collect();
            let mut grads: Vec<Option<Tensor>> = params.iter().map(|_| None).collect();
            slots[self.map()] = Some(c.shallow_clone());
            for step in self.plan(tape.fused).iter().rev() {
                let i = step.output();
                let Some(c) = slots[i].take() else { continue };
                if let Step::Stage(stage) = step {
                    let before = slots[stage.input].take();
                    let g = stage.reverse(params, tape.stage(stage), &c, before);
                    slots[stage.input] = stage.give(g, &mut grads);
                    continue;
                }
                let node = &self.nodes[i];
                let from = |k: usize| node.inputs[k];
                match node.op {
                    Op::Input => {}
                    Op::Conv { weight, bias, shape } => {
                        let x = value_of(&tape.values, from(0));
                        let g = conv::backward(&c, x, &params[weight], shape, from(0) != 0, bias.is_some(), self.math);
                        grads[weight] = Some(g.weight);
                        if let Some(b) = bias {
                            grads[b] = g.bias;
                        }
                        if let Some(dx) = g.input {
                            accumulate(&mut slots, from(0), dx);
                        }
                    }
                    Op::Relu => {
                        accumulate(&mut slots, from(0), relu_backward(&c, value_of(&tape.values, i)));
                    }
                    Op::Tanh => {
                        let y = value_of(&tape.values, i);
                        accumulate(&mut slots, from(0), Tensor::tanh_backward(&c, y));
                    }
                    Op::BatchNorm { scale, shift, index } => {
                        let x = value_of(&tape.values, from(0));
                        let (dx, ds, db) = norm_backward(&c, x, &params[scale], &tape.norms[index], self.eps);
                        grads[scale] = Some(ds);
                        grads[shift] = Some(db);
                        accumulate(&mut slots, from(0), dx);
                    }
                    Op::MaxPool(shape) => {
                        let dx = pool_backward(&c, &self.like(tape, from(0)), value_of(&tape.maxima, i), shape);
                        accumulate(&mut slots, from(0), dx);
                    }
                    Op::Shrink(_) => {
                        accumulate(&mut slots, from(0), shrink_backward(&c, &tape.shapes[from(0)]));
                    }
                    Op::AvgPool(k) => {
                        let dx = avg_backward(&c, &self.like(tape, from(0)), k);
                        accumulate(&mut slots, from(0), dx);
                    }
                    Op::Concat => {
                        for (k, part) in self.split(i, &c).into_iter().enumerate() {
                            accumulate(&mut slots, from(k), part);
                        }
                    }
                    Op::Add => {
                        accumulate(&mut slots, from(1), c.copy());
                        accumulate(&mut slots, from(0), c);
                    }
                    // Networks with these are not by hand, and nobody asks.
                    without_rules!() => unreachable!("{} has no rule by hand", self.name),
                }
            }
            let filled = grads.into_iter().zip(params);
            filled.map(|(g, p)| g.unwrap_or_else(|| p.zeros_like())).collect()
        })
    }

    /// A tensor with the shape and layout of node `i`'s value, for operators that ask for their input only to learn its
    /// sizes: the value itself where it was kept, else the nearest kept one before it of the same shape.
    pub(super) fn like(&self, tape: &Tape, i: usize) -> Tensor {
        let mut k = i;
        loop {
            if let Some(t) = tape.values[k].as_ref().filter(|t| t.size() == tape.shapes[i]) {
                return t.shallow_clone();
            }
            match self.nodes[k].inputs.first() {
                Some(&before) => k = before,
                None => return Tensor::empty(&tape.shapes[i], (tape.output().kind(), tape.output().device())),
            }
        }
    }

    /// Cuts a concatenation's cotangent into its inputs' parts (copies, as they are added to in place).
    pub(super) fn split(&self, i: usize, c: &Tensor) -> Vec<Tensor> {
        let mut start = 0;
        let mut parts = vec![];
        for &input in &self.nodes[i].inputs {
            let channels = self.nodes[input].channels;
            parts.push(c.narrow(1, start, channels).copy());
            start += channels;
        }
        parts
    }
}
