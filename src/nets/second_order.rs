//! Second derivatives, forward over reverse: while one sweep carries a cotangent c backwards, a second one carries its
//! change c' when the parameters move along v. With c the loss's gradient at the output and c' = (d2 loss)(J v), the
//! result is the exact Hessian-vector product, for one extra reverse sweep and no graph of a graph.
//!
//! Batch norm with batch statistics, cotangent u, tangents marked ', r = 1/s, n elements a channel, means over them:
//! q = mean(u xh), p = mean(xh x'), r' = -r^2 p, E = mean(u xh') = r (mean(u x') - mean(u) mean(x') - q p). Then
//! dx' = BN*(u') + A u + B x' + K xh + D with BN* the fused gradient, A = g' r + g r', B = -g r^2 q,
//! K = -A q + g r^2 p q - g r E, D = -A mean(u) + g r^2 q mean(x'), and dg' = sum(u' xh) + n E, db' = sum(u').

use tch::Tensor;

use super::conv;
use super::evaluate::{Norm, Tape, per_channel, value_of};
use super::graph::{Graph, ParamList, Step};
use super::native;
use super::op::{Op, without_rules};
use super::reverse::{accumulate, avg_backward, norm_backward, pool_backward, relu_backward, shrink_backward};
use super::tangent::{NormTangent, Tangents, count_per_channel};

/// Everything a batch norm's second-order rule reads.
struct NormPoint<'a> {
    x: &'a Tensor,
    x_t: Option<&'a Tensor>,
    scale: &'a Tensor,
    scale_t: &'a Tensor,
    norm: &'a Norm,
    sums: &'a NormTangent,
    eps: f64,
}

/// Gradients of one batch norm and their tangents; scale and shift as tangents alone.
struct NormBack {
    dx: Tensor,
    dx_t: Tensor,
    scale_t: Tensor,
    shift_t: Tensor,
}

fn norm_second(at: &NormPoint<'_>, u: &Tensor, u_t: &Tensor) -> NormBack {
    let NormPoint { x, x_t, scale, scale_t, norm, sums, eps } = *at;
    let (dx, sum_uxh, sum_u) = norm_backward(u, x, scale, norm, eps);
    let (mut moved, sum_utxh, shift_t) = norm_backward(u_t, x, scale, norm, eps);
    let n = count_per_channel(x);
    let r = &norm.invstd;
    // With no tangent coming in (batch norm right behind the picture) x' = 0 and only scale' moves anything.
    let mean_ux = x_t.map_or_else(|| sum_u.zeros_like(), |t| native::channel_dot(u, t) / n);
    if !norm.batch {
        let moved = moved.addcmul_(u, &per_channel(&(scale_t * r)));
        return NormBack { dx, dx_t: moved, scale_t: sum_utxh + mean_ux * n * r, shift_t };
    }
    let (q, mean_u) = (sum_uxh / n, sum_u / n);
    let (p, mean_x) = (&sums.product, &sums.mean);
    let r2 = r * r;
    let g = scale;
    let e = r * (&mean_ux - &mean_u * mean_x - &q * p);
    let a = scale_t * r - g * &r2 * p;
    let b = -(g * &r2 * &q);
    let k = -(&a * &q) + g * &r2 * p * &q - g * r * &e;
    let slope = &k * r;
    let d = -(&a * &mean_u) + g * &r2 * &q * mean_x - &slope * &norm.mean;
    let mut moved = moved.addcmul_(u, &per_channel(&a)).addcmul_(x, &per_channel(&slope)).g_add_(&per_channel(&d));
    if let Some(t) = x_t {
        moved = moved.addcmul_(t, &per_channel(&b));
    }
    NormBack { dx, dx_t: moved, scale_t: sum_utxh + e * n, shift_t }
}

impl Graph {
    /// The change of J^T c when the parameters move along `v` and the cotangent along `c_t`: with `c` = dL/df and
    /// `c_t` = (d2L/df2) J v this is the Hessian-vector product H v of L(f(params)). `tangents` must have been made by
    /// [`Graph::jvp`] along the same `v`, keeping second order.
    pub fn vjp_tangent(
        &self,
        params: &[Tensor],
        tape: &Tape,
        v: &[Tensor],
        tangents: &Tangents,
        c: &Tensor,
        c_t: &Tensor,
    ) -> ParamList {
        tch::no_grad(|| {
            let n = self.nodes.len();
            let mut slots: Vec<Option<Tensor>> = (0..n).map(|_| None).collect();
            let mut slots_t: Vec<Option<Tensor>> = (0..n).map(|_| None).collect();
            let mut grads: Vec<Option<Tensor>> = params.iter().map(|_| None).collect();
            slots[self.map()] = Some(c.shallow_clone());
            slots_t[self.map()] = Some(c_t.shallow_clone());
            for step in self.plan(tape.fused).iter().rev() {
                let i = step.output();
                let (Some(u), Some(u_t)) = (slots[i].take(), slots_t[i].take()) else { continue };
                if let Step::Stage(stage) = step {
                    let (Some(extreme_t), Some(sums)) = (&tangents.extremes[i], &tangents.norms[stage.norm]) else {
                        continue;
                    };
                    let moved = (tangents.values[stage.input].as_ref(), extreme_t, sums);
                    let before = [slots[stage.input].take(), slots_t[stage.input].take()];
                    let (dx, g) = stage.second(params, tape.stage(stage), v, moved, (&u, &u_t), before);
                    slots[stage.input] = dx;
                    slots_t[stage.input] = stage.give(g, &mut grads);
                    continue;
                }
                let node = &self.nodes[i];
                let from = |k: usize| node.inputs[k];
                let (dx, dx_t) = match node.op {
                    Op::Input => continue,
                    Op::Conv { weight, bias, shape } => {
                        let x = value_of(&tape.values, from(0));
                        let inner = from(0) != 0;
                        let w = &params[weight];
                        let by_u_t = conv::backward(&u_t, x, w, shape, inner, bias.is_some(), self.math);
                        let mut dw = by_u_t.weight;
                        let mut sides = None;
                        if let Some(x_t) = tangents.values[from(0)].as_ref() {
                            let by_u = conv::backward(&u, x_t, w, shape, inner, false, self.math);
                            dw = dw.g_add_(&by_u.weight);
                            sides = by_u.input;
                        }
                        grads[weight] = Some(dw);
                        if let Some(b) = bias {
                            grads[b] = by_u_t.bias;
                        }
                        let (true, Some(dx_t)) = (inner, by_u_t.input) else { continue };
                        let dx = sides.unwrap_or_else(|| conv::backward_input(&u, x, w, shape, self.math));
                        let by_v = conv::backward_input(&u, x, &v[weight], shape, self.math);
                        (dx, { dx_t }.g_add_(&by_v))
                    }
                    Op::Relu => {
                        let y = value_of(&tape.values, i);
                        (relu_backward(&u, y), relu_backward(&u_t, y))
                    }
                    Op::Tanh => {
                        let y = value_of(&tape.values, i);
                        let mut dx_t = Tensor::tanh_backward(&u_t, y);
                        if let Some(y_t) = tangents.values[i].as_ref() {
                            dx_t -= (&u * y * y_t) * 2.0;
                        }
                        (Tensor::tanh_backward(&u, y), dx_t)
                    }
                    Op::BatchNorm { scale, shift, index } => {
                        let Some(sums) = tangents.norms[index].as_ref() else { continue };
                        let at = NormPoint {
                            x: value_of(&tape.values, from(0)),
                            x_t: tangents.values[from(0)].as_ref(),
                            scale: &params[scale],
                            scale_t: &v[scale],
                            norm: &tape.norms[index],
                            sums,
                            eps: self.eps,
                        };
                        let back = norm_second(&at, &u, &u_t);
                        grads[scale] = Some(back.scale_t);
                        grads[shift] = Some(back.shift_t);
                        (back.dx, back.dx_t)
                    }
                    Op::MaxPool(shape) => {
                        let (like, maxima) = (self.like(tape, from(0)), value_of(&tape.maxima, i));
                        (pool_backward(&u, &like, maxima, shape), pool_backward(&u_t, &like, maxima, shape))
                    }
                    Op::Shrink(_) => {
                        let like = &tape.shapes[from(0)];
                        (shrink_backward(&u, like), shrink_backward(&u_t, like))
                    }
                    Op::AvgPool(k) => {
                        let like = self.like(tape, from(0));
                        (avg_backward(&u, &like, k), avg_backward(&u_t, &like, k))
                    }
                    Op::Concat => {
                        let parts = self.split(i, &u).into_iter().zip(self.split(i, &u_t));
                        for (k, (part, part_t)) in parts.enumerate() {
                            accumulate(&mut slots, from(k), part);
                            accumulate(&mut slots_t, from(k), part_t);
                        }
                        continue;
                    }
                    Op::Add => {
                        accumulate(&mut slots, from(1), u.copy());
                        accumulate(&mut slots_t, from(1), u_t.copy());
                        (u, u_t)
                    }
                    without_rules!() => unreachable!("{} has no rule by hand", self.name),
                };
                accumulate(&mut slots, from(0), dx);
                accumulate(&mut slots_t, from(0), dx_t);
            }
            let filled = grads.into_iter().zip(params);
            filled.map(|(g, p)| g.unwrap_or_else(|| p.zeros_like())).collect()
        })
    }
}
