//! The hypergradient of MT-FAS: the derivative of the detector's validation loss, after K inner gradient steps on the
//! teacher's maps, with respect to the teacher's parameters (Eqs. 8-12). The pieces are separate functions, one a
//! phase of Algorithm 1, so that the engine can stop between them; [`hypergradient`] runs them all.
//!
//! The teacher enters the inner loss L_t only through the target t, and d(grad L_t)/dt = -(2/n) J^T exactly for every
//! network. With v_K = grad L_v(theta_K) and v_k = (I - alpha H_k) v_{k+1}, therefore
//! dL_v/dt = (2 alpha / n) sum_k J(theta_k) v_{k+1}: one tangent a step, and Hessian-vector products for K > 1 alone.
//! What is left is one reverse pass through the teacher. The modes differ in H_k v and in how J v is had.

use tch::{Kind, Tensor};

pub use crate::config::{HyperMode as Mode, MuScope, Reduction};
use crate::methods::optim::norm;
use crate::nets::{BnMode, Graph, ParamList, Tape};

impl Reduction {
    /// The divisor n of the squared error of maps like `t`.
    pub fn divisor(self, t: &Tensor) -> f64 {
        match self {
            Self::Mean => t.numel() as f64,
            Self::SumPixels => t.size()[0] as f64,
        }
    }

    /// The loss |f - t|^2 / n and its gradient (2/n)(f - t).
    pub fn loss(self, f: &Tensor, t: &Tensor) -> (f64, Tensor) {
        let n = self.divisor(t);
        let residual = f - t;
        let loss = (&residual * &residual).sum(Kind::Double).double_value(&[]) / n;
        (loss, residual * (2.0 / n))
    }
}

/// Where the batch norms of each network take their statistics from in one iteration.
#[derive(Debug, Clone, Copy)]
pub struct BnModes<'a> {
    /// The teacher's, w.
    pub teacher: BnMode<'a>,
    /// The momentum teacher's, w^.
    pub momentum: BnMode<'a>,
    /// The detector's, theta.
    pub surrogate: BnMode<'a>,
}

impl BnModes<'_> {
    /// Every network from its batch, as in training.
    pub const BATCH: Self = Self { teacher: BnMode::Batch, momentum: BnMode::Batch, surrogate: BnMode::Batch };
}

/// Images of one batch with their labels as a (batch, 1, 1, 1) column: 1 = spoof.
#[derive(Debug)]
pub struct Batch {
    /// (batch, 3, side, side).
    pub x: Tensor,
    /// (batch, 1, 1, 1), 1 for spoof and 0 for live.
    pub y: Tensor,
}

/// The teacher's pass over a batch: its targets and what its own derivative needs.
#[derive(Debug)]
pub struct Taught {
    /// The recorded pass of g_w.
    pub tape: Tape,
    /// sigma(g), before doubling and masking.
    pub sigma: Tensor,
    /// P_w(x) = 2 sigma(g) on spoofs, 0 on live faces (Eq. 2).
    pub target: Tensor,
}

/// Algorithm 1, line 6, first half: the teacher's maps for `batch`.
pub fn teach(teacher: &Graph, omega: &[Tensor], batch: &Batch, mode: BnMode<'_>) -> Taught {
    tch::no_grad(|| {
        let tape = teacher.record(omega, &batch.x, mode);
        let sigma = tape.output().sigmoid();
        let target = &sigma * 2.0 * &batch.y;
        Taught { tape, sigma, target }
    })
}

/// One inner step: where it led, what it cost, and its recorded pass for the way back.
#[derive(Debug)]
pub struct InnerStep {
    /// L_t before the step.
    pub loss: f64,
    /// theta_{k+1}.
    pub next: ParamList,
    /// The pass at theta_k.
    pub tape: Tape,
}

/// Algorithm 1, lines 6-7: theta_{k+1} = theta_k - alpha grad L_t(theta_k; t).
pub fn inner_step(
    surrogate: &Graph,
    theta: &[Tensor],
    x: &Tensor,
    target: &Tensor,
    alpha: f64,
    reduction: Reduction,
    mode: BnMode<'_>,
) -> InnerStep {
    tch::no_grad(|| {
        let tape = surrogate.record(theta, x, mode);
        let (loss, c) = reduction.loss(tape.output(), target);
        let gradient = surrogate.vjp(theta, &tape, &c);
        let next = theta.iter().zip(&gradient).map(|(p, g)| p - g * alpha).collect();
        InnerStep { loss, next, tape }
    })
}

/// The upper level's loss and its gradient in the detector's parameters.
#[derive(Debug)]
pub struct Validation {
    /// L_v(theta_K; w^).
    pub loss: f64,
    /// v_K = grad L_v at theta_K.
    pub v: ParamList,
    /// The detector's pass over the validation batch.
    pub tape: Tape,
}

/// Algorithm 1, line 8: the validation loss of theta_K on the momentum teacher's maps.
pub fn validate(
    surrogate: &Graph,
    theta_k: &[Tensor],
    x: &Tensor,
    target: &Tensor,
    reduction: Reduction,
    mode: BnMode<'_>,
) -> Validation {
    tch::no_grad(|| {
        let tape = surrogate.record(theta_k, x, mode);
        let (loss, c) = reduction.loss(tape.output(), target);
        let v = surrogate.vjp(theta_k, &tape, &c);
        Validation { loss, v, tape }
    })
}

/// What the way back through the inner steps needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Inner<'a> {
    /// The detector's network.
    pub surrogate: &'a Graph,
    /// theta_0 .. theta_{K-1}.
    pub thetas: &'a [ParamList],
    /// The inner batch's pictures.
    pub x: &'a Tensor,
    /// The teacher's maps for them.
    pub target: &'a Tensor,
    /// Inner step size.
    pub alpha: f64,
    /// The inner loss's reduction.
    pub reduction: Reduction,
    /// 2-norm of the perturbation of mode `fd`.
    pub fd_eps: f64,
    /// Where the detector's batch norms take their statistics from.
    pub bn: BnMode<'a>,
}

/// The validation gradient carried back to the target.
#[derive(Debug)]
pub struct PullBack {
    /// sum_k J(theta_k) v_{k+1}, (batch, 1, h, w): dL_v/dt = (2 alpha / n) times it.
    pub direction: Tensor,
    /// 2 alpha / n.
    pub factor: f64,
    /// alpha |H v| / |v| at the last step, the size of the second-order part; 0 where K = 1 or it is dropped.
    pub curvature: f64,
    /// v_1 .. v_K: what was multiplied with J(theta_0) .. J(theta_{K-1}).
    pub vs: Vec<ParamList>,
}

/// dL_v/dt by the recursion of the module's head, in any mode but [`Mode::ExactDb`]. `last` is the recorded pass at
/// theta_{K-1}; earlier ones are run again, so that memory does not grow with K.
pub fn pull_back(mode: Mode, inner: Inner<'_>, last: Option<Tape>, v: &[Tensor]) -> PullBack {
    let Inner { surrogate, thetas, x, target, alpha, reduction, fd_eps, bn } = inner;
    tch::no_grad(|| {
        let n = reduction.divisor(target);
        let mut v: ParamList = v.iter().map(Tensor::shallow_clone).collect();
        let mut direction: Option<Tensor> = None;
        let mut curvature = 0.0;
        let mut tape = last;
        let mut vs = vec![];
        for (k, theta) in thetas.iter().enumerate().rev() {
            let (j, h) = if mode == Mode::Fd {
                differences(inner, theta, &v, fd_eps, k > 0)
            } else {
                let tape = tape.take().unwrap_or_else(|| surrogate.record(theta, x, bn));
                analytic(mode, inner, theta, &tape, &v, k > 0)
            };
            vs.push(v.iter().map(Tensor::shallow_clone).collect());
            if let Some(h) = h {
                if k + 1 == thetas.len() {
                    curvature = alpha * norm(&h) / norm(&v).max(f64::MIN_POSITIVE);
                }
                v = v.iter().zip(&h).map(|(v, h)| v - h * alpha).collect();
            }
            direction = Some(match direction {
                None => j,
                Some(sum) => sum + j,
            });
        }
        let direction = direction.unwrap_or_else(|| target.zeros_like());
        vs.reverse();
        PullBack { direction, factor: 2.0 * alpha / n, curvature, vs }
    })
}

/// J v and, where wanted, H v by hand-written rules at one theta.
fn analytic(
    mode: Mode,
    inner: Inner<'_>,
    theta: &[Tensor],
    tape: &Tape,
    v: &[Tensor],
    want_h: bool,
) -> (Tensor, Option<ParamList>) {
    let Inner { surrogate, target, reduction, .. } = inner;
    let n = reduction.divisor(target);
    let second_order = want_h && mode == Mode::JvpExactHvp;
    let tangents = surrogate.jvp(theta, tape, v, second_order);
    let j = tangents.output().shallow_clone();
    let h = match mode {
        _ if !want_h => None,
        Mode::JvpExactHvp => {
            let c = (tape.output() - target) * (2.0 / n);
            let c_t = &j * (2.0 / n);
            Some(surrogate.vjp_tangent(theta, tape, v, &tangents, &c, &c_t))
        }
        Mode::JvpGn => Some(surrogate.vjp(theta, tape, &(&j * (2.0 / n)))),
        Mode::ExactDb | Mode::Fd | Mode::Truncated => None,
    };
    (j, h)
}

/// J v and, where wanted, H v by central differences; both share the two passes.
fn differences(
    inner: Inner<'_>,
    theta: &[Tensor],
    v: &[Tensor],
    eps: f64,
    want_h: bool,
) -> (Tensor, Option<ParamList>) {
    let Inner { surrogate, x, target, reduction, bn, .. } = inner;
    let e = eps / norm(v).max(f64::MIN_POSITIVE);
    let at = |sign: f64| {
        let moved: ParamList = theta.iter().zip(v).map(|(p, d)| p + d * (sign * e)).collect();
        if !want_h {
            return (surrogate.forward(&moved, x, bn), None);
        }
        let tape = surrogate.record(&moved, x, bn);
        let (_, c) = reduction.loss(tape.output(), target);
        let gradient = surrogate.vjp(&moved, &tape, &c);
        (tape.output().shallow_clone(), Some(gradient))
    };
    let (f_plus, g_plus) = at(1.0);
    let (f_minus, g_minus) = at(-1.0);
    let h = g_plus.zip(g_minus).map(|(p, m)| p.iter().zip(&m).map(|(p, m)| (p - m) / (2.0 * e)).collect());
    ((f_plus - f_minus) / (2.0 * e), h)
}

/// Algorithm 1, line 9, first half: grad_w L_v from dL_v/dt by one reverse pass through the teacher. Live rows of the
/// target are constants, so their cotangent is zeroed.
pub fn teacher_gradient(
    teacher: &Graph,
    omega: &[Tensor],
    taught: &Taught,
    pulled: &PullBack,
    y: &Tensor,
) -> ParamList {
    tch::no_grad(|| {
        let slope = &taught.sigma * (1.0 - &taught.sigma);
        let c = &pulled.direction * y * slope * (2.0 * pulled.factor);
        teacher.vjp(omega, &taught.tape, &c)
    })
}

/// Gradient of -(mu / 2M) sum_i mean_pixels sigma(g(x_i)), the term of line 9 that keeps the maps from fading: to be
/// *added* to the hypergradient, since both are minimised.
pub fn mu_gradient(
    teacher: &Graph,
    omega: &[Tensor],
    taught: &Taught,
    y: &Tensor,
    mu: f64,
    scope: MuScope,
) -> ParamList {
    tch::no_grad(|| {
        let batch = taught.sigma.size()[0] as f64;
        let pixels = taught.sigma.numel() as f64 / batch;
        let mut c = &taught.sigma * (1.0 - &taught.sigma) * (-mu / (batch * pixels));
        if scope == MuScope::Spoof {
            c *= y;
        }
        teacher.vjp(omega, &taught.tape, &c)
    })
}

/// A whole bi-level problem, everything but the mode.
#[derive(Debug, Clone, Copy)]
pub struct Problem<'a> {
    /// The detector's network.
    pub surrogate: &'a Graph,
    /// The teacher's network (both teachers have the same).
    pub teacher: &'a Graph,
    /// theta_0.
    pub theta: &'a [Tensor],
    /// w, the teacher.
    pub omega: &'a [Tensor],
    /// w^, the momentum teacher.
    pub omega_hat: &'a [Tensor],
    /// Phi_t.
    pub train: &'a Batch,
    /// Phi_v.
    pub validation: &'a Batch,
    /// Inner step size.
    pub alpha: f64,
    /// Number of inner steps.
    pub k: usize,
    /// Reduction of both losses.
    pub reduction: Reduction,
    /// 2-norm of the perturbation of mode `fd`.
    pub fd_eps: f64,
    /// Where batch norms take their statistics from.
    pub modes: BnModes<'a>,
}

/// The hypergradient and what was met on the way.
#[derive(Debug)]
pub struct Outcome {
    /// grad_w L_v, one tensor a parameter of the teacher; no mu term.
    pub gradient: ParamList,
    /// -sum_k J(theta_k) v_{k+1} in map space: where the validation loss would have the target rise.
    pub cotangent: Tensor,
    /// 2 alpha / n: the cotangent times minus this is dL_v/dt.
    pub factor: f64,
    /// L_t at theta_0 .. theta_{K-1}.
    pub l_t: Vec<f64>,
    /// L_v at theta_K.
    pub l_v: f64,
    /// theta_K.
    pub theta_k: ParamList,
    /// alpha |H v| / |v|.
    pub curvature: f64,
}

/// The hypergradient of `problem` in `mode`.
pub fn hypergradient(problem: Problem<'_>, mode: Mode) -> Outcome {
    if mode == Mode::ExactDb {
        return double_backward(problem);
    }
    let Problem { surrogate, teacher, theta, omega, train, validation, alpha, k, reduction, fd_eps, modes, .. } =
        problem;
    tch::no_grad(|| {
        let taught = teach(teacher, omega, train, modes.teacher);
        let mut thetas: Vec<ParamList> = vec![theta.iter().map(Tensor::shallow_clone).collect()];
        let (mut l_t, mut last) = (vec![], None::<Tape>);
        for step in 0..k {
            drop(last.take());
            let (theta, target) = (&thetas[step], &taught.target);
            let taken = inner_step(surrogate, theta, &train.x, target, alpha, reduction, modes.surrogate);
            l_t.push(taken.loss);
            thetas.push(taken.next);
            last = Some(taken.tape);
        }
        let theta_k = thetas.split_off(k).remove(0);
        let validation_target = momentum_target(problem);
        let Validation { loss: l_v, v, tape } =
            validate(surrogate, &theta_k, &validation.x, &validation_target, reduction, modes.surrogate);
        drop(tape);
        let (x, target) = (&train.x, &taught.target);
        let (thetas, bn) = (&thetas, modes.surrogate);
        let inner = Inner { surrogate, thetas, x, target, alpha, reduction, fd_eps, bn };
        let pulled = pull_back(mode, inner, last, &v);
        let gradient = teacher_gradient(teacher, omega, &taught, &pulled, &train.y);
        let cotangent = -&pulled.direction;
        Outcome { gradient, cotangent, factor: pulled.factor, l_t, l_v, theta_k, curvature: pulled.curvature }
    })
}

fn momentum_target(problem: Problem<'_>) -> Tensor {
    let Problem { teacher, omega_hat, validation, modes, .. } = problem;
    tch::no_grad(|| teacher.forward(omega_hat, &validation.x, modes.momentum).sigmoid() * 2.0 * &validation.y)
}

/// The oracle: libtorch differentiates through the unrolled steps. Uses none of the hand-written derivatives.
fn double_backward(problem: Problem<'_>) -> Outcome {
    let Problem { surrogate, teacher, theta, omega, train, validation, alpha, k, reduction, modes, .. } = problem;
    let leaf = |ts: &[Tensor]| -> ParamList { ts.iter().map(|t| t.detach().set_requires_grad(true)).collect() };
    let loss_of = |f: &Tensor, t: &Tensor| (f - t).square().sum(None::<Kind>) / reduction.divisor(t);
    let validation_target = momentum_target(problem);
    tch::with_grad(|| {
        let omega = leaf(omega);
        let target = teacher.forward(&omega, &train.x, modes.teacher).sigmoid() * 2.0 * &train.y;
        let mut inner = leaf(theta);
        let mut l_t = vec![];
        for _ in 0..k {
            let loss = loss_of(&surrogate.forward(&inner, &train.x, modes.surrogate), &target);
            let gradient = Tensor::run_backward(&[&loss], &inner, true, true);
            l_t.push(loss.double_value(&[]));
            inner = inner.iter().zip(&gradient).map(|(p, g)| p - g * alpha).collect();
        }
        let loss = loss_of(&surrogate.forward(&inner, &validation.x, modes.surrogate), &validation_target);
        let mut wanted: Vec<Tensor> = omega.iter().map(Tensor::shallow_clone).collect();
        wanted.push(target.shallow_clone());
        let mut gradient = Tensor::run_backward(&[&loss], &wanted, false, false);
        let factor = 2.0 * alpha / reduction.divisor(&target);
        let cotangent = gradient.pop().map_or_else(|| target.zeros_like(), |d| d / -factor).detach();
        Outcome {
            gradient,
            cotangent,
            factor,
            l_t,
            l_v: loss.double_value(&[]),
            theta_k: inner.iter().map(Tensor::detach).collect(),
            curvature: 0.0,
        }
    })
}
