//! One stage of a pyramid, conv -> `ReLU` -> BN -> 2x2 max pool, as a single operator on the CPU: nearly all the time and
//! memory of these networks goes into values of full size between these four, and none of them is stored here. The
//! loops over pixels are in `native/kernels.cpp`; this file has the stage's four rules (forward, tangent, reverse,
//! second order), which are the operators' rules put together.
//!
//! With y = ReLU(conv), m the extreme of each 2x2, mean and variance over all of y, r = 1/s, g and b scale and shift:
//! z = g r (m - mean) + b, since batch norm is monotonous a channel (falling where g < 0: m is the smallest there).
//! What reaches y on the way back is an affine map a channel of the scattered cotangent, of y and, in second order, of
//! their tangents; letters are those of `second_order`.

use tch::{Kind, Tensor};

use super::evaluate::{BnMode, Norm};
use super::native::{self, Consumed, StageConv, StageMoved};
use super::tangent::NormTangent;

/// A stage's place in its graph. Numbers such as `weight` are positions in the parameter list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stage {
    /// Node that is read.
    pub input: usize,
    /// Node of the pooled values.
    pub output: usize,
    pub weight: usize,
    pub bias: Option<usize>,
    pub scale: usize,
    pub shift: usize,
    /// Index of the batch norm.
    pub norm: usize,
}

/// What a stage's derivatives read back, besides its input.
#[derive(Debug)]
pub(super) struct StageTape {
    /// m.
    pub extreme: Tensor,
    /// Its place in each 2x2.
    pub which: Tensor,
}

/// A stage's tangents.
#[derive(Debug)]
pub(super) struct StageTangent {
    /// z'.
    pub value: Tensor,
    /// m', where second order wants it.
    pub extreme: Option<Tensor>,
    /// mean(y') and mean(xh y') over all pixels.
    pub sums: NormTangent,
}

/// A stage's gradients (or their tangents).
pub(super) struct StageGradients {
    pub input: Option<Tensor>,
    pub weight: Tensor,
    pub bias: Option<Tensor>,
    pub scale: Tensor,
    pub shift: Tensor,
}

fn double(t: &Tensor) -> Tensor {
    t.to_kind(Kind::Double)
}

/// Elements a channel of the full-size values over `x`.
fn count(x: &Tensor) -> f64 {
    x.numel() as f64 / x.size()[1] as f64
}

fn rows(all: &[&Tensor]) -> Tensor {
    Tensor::stack(all, 0)
}

/// Sums of a cotangent that its batch norm needs: mean(u) and mean(u xh), with the gradients of scale and shift.
struct CotangentSums {
    mean: Tensor,
    product: Tensor,
    scale: Tensor,
    shift: Tensor,
}

impl Stage {
    fn conv<'a>(&self, params: &'a [Tensor]) -> StageConv<'a> {
        StageConv { weight: &params[self.weight], bias: self.bias.map(|b| &params[b]) }
    }

    /// Puts the parameters' gradients in their slots; what is left is the input's.
    pub fn give(&self, g: StageGradients, slots: &mut [Option<Tensor>]) -> Option<Tensor> {
        slots[self.weight] = Some(g.weight);
        slots[self.scale] = Some(g.scale);
        slots[self.shift] = Some(g.shift);
        if let Some(b) = self.bias {
            slots[b] = g.bias;
        }
        g.input
    }

    /// z, and what is kept of the pass.
    pub fn forward(&self, params: &[Tensor], x: &Tensor, mode: BnMode<'_>, eps: f64) -> (Tensor, StageTape, Norm) {
        let (scale, shift) = (&params[self.scale], &params[self.shift]);
        let found = native::stage_forward(x, self.conv(params), scale);
        let norm = match mode {
            BnMode::Batch => {
                let invstd = (&found.var + eps).rsqrt();
                Norm { mean: found.mean.to_kind(x.kind()), invstd: invstd.to_kind(x.kind()), batch: true }
            }
            BnMode::Running(stats) => {
                let (mean, var) = (&stats.mean[self.norm], &stats.var[self.norm]);
                Norm { mean: mean.shallow_clone(), invstd: (var + eps).rsqrt(), batch: false }
            }
        };
        let slope = double(scale) * double(&norm.invstd);
        let offset = double(shift) - &slope * double(&norm.mean);
        let coefficients = rows(&[&slope, &slope, &offset]);
        let z = native::channel_affine(Consumed::No(&found.extreme), None, &coefficients);
        (z, StageTape { extreme: found.extreme, which: found.which }, norm)
    }

    /// z' = g r (m' - mean' - xh p) + g' xh + b' with xh = r (m - mean).
    pub fn tangent(
        &self,
        params: &[Tensor],
        (x, tape, norm): (&Tensor, &StageTape, &Norm),
        v: &[Tensor],
        x_t: Option<&Tensor>,
        for_second_order: bool,
    ) -> StageTangent {
        let (extreme, sum, product) =
            native::stage_tangent(x, x_t, self.conv(params), self.conv(v), &tape.which, &norm.mean);
        let (mean, r, slope) = self.point(params, norm);
        let weight = if norm.batch { 1.0 / count(x) } else { 0.0 };
        let sums = NormTangent { mean: sum * weight, product: product * &r * weight };
        let by_m = &r * (double(&v[self.scale]) - &slope * &sums.product);
        let base = double(&v[self.shift]) - &slope * &sums.mean - &by_m * mean;
        let moved = if for_second_order { Consumed::No(&extreme) } else { Consumed::Yes(extreme.shallow_clone()) };
        let value = native::channel_affine(moved, Some(&tape.extreme), &rows(&[&slope, &by_m, &base]));
        StageTangent { value, extreme: for_second_order.then_some(extreme), sums }
    }

    /// Mean, r and g r in double precision.
    fn point(&self, params: &[Tensor], norm: &Norm) -> (Tensor, Tensor, Tensor) {
        let r = double(&norm.invstd);
        let slope = double(&params[self.scale]) * &r;
        (double(&norm.mean), r, slope)
    }

    fn sums(u: &Tensor, x: &Tensor, tape: &StageTape, norm: &Norm) -> CotangentSums {
        let (shift, product) = native::centred_sums(u, &tape.extreme, &norm.mean);
        let scale = product * double(&norm.invstd);
        let weight = if norm.batch { 1.0 / count(x) } else { 0.0 };
        CotangentSums { mean: &shift * weight, product: &scale * weight, scale, shift }
    }

    /// dy = [y > 0] g r (U - mean(U) - xh mean(U xh)), and what follows for the convolution. The input's gradient is added
    /// to `before`, what its other readers gave.
    pub fn reverse(
        &self,
        params: &[Tensor],
        (x, tape, norm): (&Tensor, &StageTape, &Norm),
        u: &Tensor,
        before: Option<Tensor>,
    ) -> StageGradients {
        let sums = Self::sums(u, x, tape, norm);
        let first = self.first_order(params, norm, &sums);
        let g = native::stage_reverse(x, self.conv(params), u, &tape.which, &first, self.input != 0, before);
        let narrow = |t: Tensor| t.to_kind(x.kind());
        StageGradients {
            input: g.input,
            weight: g.weight,
            bias: g.bias,
            scale: narrow(sums.scale),
            shift: narrow(sums.shift),
        }
    }

    /// dy as c0 U + c1 y + c2.
    fn first_order(&self, params: &[Tensor], norm: &Norm, sums: &CotangentSums) -> Tensor {
        let (mean, r, slope) = self.point(params, norm);
        let by_y = -(&slope * &r * &sums.product);
        let base = -(&slope * &sums.mean) - &by_y * mean;
        rows(&[&slope, &by_y, &base])
    }

    /// The gradient of the input, and the tangents of all gradients: `second_order`'s rules, with dy' as
    /// c0 U' + d0 U + d1 y' + d2 y + d3.
    pub fn second(
        &self,
        params: &[Tensor],
        (x, tape, norm): (&Tensor, &StageTape, &Norm),
        v: &[Tensor],
        (x_t, extreme_t, tangent): (Option<&Tensor>, &Tensor, &NormTangent),
        (u, u_t): (&Tensor, &Tensor),
        before: [Option<Tensor>; 2],
    ) -> (Option<Tensor>, StageGradients) {
        let (mean, r, slope) = self.point(params, norm);
        let scale_t = double(&v[self.scale]);
        let sums = Self::sums(u, x, tape, norm);
        let sums_t = Self::sums(u_t, x, tape, norm);
        let n = count(x);
        let mean_ux = native::centred_sums(u, extreme_t, &mean.zeros_like()).1 / n;
        let (q, p) = (&sums.product, &tangent.product);
        let e = &r * (&mean_ux - &sums.mean * &tangent.mean - q * p);
        let (a, b, k, d) = if norm.batch {
            let gr2 = &slope * &r;
            let a = &scale_t * &r - &gr2 * p;
            let k = -(&a * q) + &gr2 * p * q - &slope * &e;
            let d = -(&a * &sums.mean) + &gr2 * q * &tangent.mean;
            (a, -(gr2 * q), k, d)
        } else {
            let zero = || mean.zeros_like();
            (&scale_t * &r, zero(), zero(), zero())
        };
        let by_y = (k - &slope * &sums_t.product) * &r;
        let base = d - &slope * &sums_t.mean - &by_y * &mean;
        let coefficients = rows(&[&a, &b, &by_y, &base]);
        let moved = StageMoved { x: x_t, conv: self.conv(v), u: u_t, coefficients: &coefficients };
        let first = self.first_order(params, norm, &sums);
        let (input, g) =
            native::stage_second(x, self.conv(params), u, &tape.which, &first, moved, self.input != 0, before);
        let narrow = |t: Tensor| t.to_kind(x.kind());
        let tangents = StageGradients {
            input: g.input,
            weight: g.weight,
            bias: g.bias,
            scale: narrow(sums_t.scale + e * n),
            shift: narrow(sums_t.shift),
        };
        (input, tangents)
    }
}
