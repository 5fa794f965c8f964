//! Convolutions: forward, and the two halves of their gradients. A central difference convolution is a plain one with
//! another kernel, W' = W - theta (sum of W) at the centre, which is linear in W: tangents of W' are W' of tangents, and
//! gradients go back through the same map turned round.

use tch::{Kind, Tensor};

use super::graph::ConvMath;
use super::native;
use super::op::ConvShape;

/// W'.
pub(super) fn kernel(weight: &Tensor, shape: ConvShape) -> Tensor {
    if shape.theta == 0.0 {
        return weight.shallow_clone();
    }
    let sums = weight.sum_dim_intlist([2_i64, 3].as_slice(), true, None::<Kind>);
    weight - sums.constant_pad_nd([1, 1, 1, 1]) * shape.theta
}

/// The gradient of W from that of W'.
fn kernel_backward(gradient: Tensor, shape: ConvShape) -> Tensor {
    if shape.theta == 0.0 {
        return gradient;
    }
    let centre = gradient.narrow(2, 1, 1).narrow(3, 1, 1);
    &gradient - centre * shape.theta
}

fn half(t: &Tensor) -> Tensor {
    t.to_kind(Kind::BFloat16)
}

/// The convolution of `x`.
pub(super) fn forward(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>, shape: ConvShape, math: ConvMath) -> Tensor {
    let weight = kernel(weight, shape);
    let (stride, before, after) = (shape.stride, shape.before, shape.after);
    // Zeros of unequal width are put round the picture first.
    let wider = (before != after).then(|| x.constant_pad_nd([before, after, before, after]));
    let padding = if before == after { before } else { 0 };
    let input = wider.as_ref().unwrap_or(x);
    match math {
        ConvMath::Native => input.conv2d(&weight, bias, [stride, stride], [padding, padding], [1, 1], 1),
        ConvMath::Bf16 => {
            let bias = bias.map(half);
            let y = half(input).conv2d(&half(&weight), bias.as_ref(), [stride, stride], [padding, padding], [1, 1], 1);
            y.to_kind(x.kind())
        }
    }
}

/// Gradients of one simple convolution for cotangent `c`.
pub(super) fn backward(
    c: &Tensor,
    x: &Tensor,
    weight: &Tensor,
    shape: ConvShape,
    want_input: bool,
    bias: bool,
    math: ConvMath,
) -> native::ConvGradients {
    let w = kernel(weight, shape);
    let g = match math {
        ConvMath::Native => native::convolution_backward(c, x, &w, shape.before, want_input, bias),
        ConvMath::Bf16 => {
            let wide = |t: Tensor| t.to_kind(weight.kind());
            let g = native::convolution_backward(&half(c), &half(x), &half(&w), shape.before, want_input, bias);
            native::ConvGradients { input: g.input.map(wide), weight: wide(g.weight), bias: g.bias.map(wide) }
        }
    };
    native::ConvGradients { weight: kernel_backward(g.weight, shape), ..g }
}

/// Transposed convolution: gradient of the input alone.
pub(super) fn backward_input(c: &Tensor, x: &Tensor, weight: &Tensor, shape: ConvShape, math: ConvMath) -> Tensor {
    let weight = kernel(weight, shape);
    match math {
        ConvMath::Native => native::convolution_backward_input(c, x, &weight, shape.before),
        ConvMath::Bf16 => {
            native::convolution_backward_input(&half(c), &half(x), &half(&weight), shape.before).to_kind(c.kind())
        }
    }
}
