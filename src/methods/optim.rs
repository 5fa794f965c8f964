//! Optimisers over explicit parameters: a step is a function of (state, parameters, gradients), the state can be
//! stored and restored, and nothing else is remembered.

use std::ops::Range;

use tch::Tensor;

pub use crate::config::OptimizerKind;
use crate::nets::ParamList;

/// Running moments of Adam; what descent with momentum has gathered stands in the first ones. Empty for plain gradient
/// descent.
#[derive(Debug, Default)]
pub struct OptimizerState {
    /// Steps taken.
    pub steps: u64,
    /// First moments, one a parameter.
    pub first: ParamList,
    /// Second moments, one a parameter.
    pub second: ParamList,
}

/// Copies share their tensors, which are never changed in place.
impl Clone for OptimizerState {
    fn clone(&self) -> Self {
        let share = |ts: &[Tensor]| ts.iter().map(Tensor::shallow_clone).collect();
        Self { steps: self.steps, first: share(&self.first), second: share(&self.second) }
    }
}

impl OptimizerState {
    /// The state before the first step.
    pub fn new(kind: OptimizerKind, params: &[Tensor]) -> Self {
        let zeros = || match kind {
            OptimizerKind::Sgd => vec![],
            OptimizerKind::Adam => params.iter().map(Tensor::zeros_like).collect(),
        };
        Self { steps: 0, first: zeros(), second: zeros() }
    }

    /// Moves `params` one step of size `rate` against `grads`.
    pub fn step(&mut self, kind: OptimizerKind, rate: f64, params: &mut ParamList, grads: &[Tensor]) {
        match kind {
            OptimizerKind::Adam => self.adam(Adam::plain(rate), params, grads),
            OptimizerKind::Sgd => tch::no_grad(|| {
                self.steps += 1;
                for (p, g) in params.iter_mut().zip(grads) {
                    *p = &*p - g * rate;
                }
            }),
        }
    }

    /// The state before the first step of [`Self::descend`].
    pub fn with_momentum(params: &[Tensor]) -> Self {
        Self { steps: 0, first: params.iter().map(Tensor::zeros_like).collect(), second: vec![] }
    }

    /// Moves the parameters at `which` against `grads`, theirs alone, by gradient descent with momentum as `PyTorch` has it:
    /// v <- momentum v + g, p <- p - rate v. Whether that is a step of its own, whoever calls counts.
    pub fn descend(&mut self, how: Momentum, params: &mut [Tensor], which: Range<usize>, grads: &[Tensor]) {
        let Momentum { rate, momentum, weight_decay } = how;
        tch::no_grad(|| {
            let moved = params[which.clone()].iter_mut().zip(&mut self.first[which]).zip(grads);
            for ((p, v), g) in moved {
                let decayed = (weight_decay != 0.0).then(|| g + &*p * weight_decay);
                *v = &*v * momentum + decayed.as_ref().unwrap_or(g);
                *p = &*p - &*v * rate;
            }
        });
    }

    /// One step of Adam.
    pub fn adam(&mut self, adam: Adam, params: &mut ParamList, grads: &[Tensor]) {
        const BETA2: f64 = 0.999;
        const EPS: f64 = 1e-8;
        let Adam { rate, beta1, weight_decay } = adam;
        tch::no_grad(|| {
            self.steps += 1;
            let t = self.steps as f64;
            let (c1, c2) = (1.0 - beta1.powf(t), 1.0 - BETA2.powf(t));
            let moments = self.first.iter_mut().zip(self.second.iter_mut());
            for ((p, g), (m, v)) in params.iter_mut().zip(grads).zip(moments) {
                let decayed = (weight_decay != 0.0).then(|| g + &*p * weight_decay);
                let g = decayed.as_ref().unwrap_or(g);
                *m = &*m * beta1 + g * (1.0 - beta1);
                *v = &*v * BETA2 + g * g * (1.0 - BETA2);
                let denominator = (&*v / c2).sqrt() + EPS;
                *p = &*p - (&*m / c1) / denominator * rate;
            }
        });
    }
}

/// Settings of gradient descent with momentum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Momentum {
    /// Step size.
    pub rate: f64,
    /// What was gathered keeps so much of itself.
    pub momentum: f64,
    /// This much of the parameters is added to their gradient.
    pub weight_decay: f64,
}

/// Adam's settings; beta2 is 0.999 and eps 1e-8 everywhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adam {
    /// Step size.
    pub rate: f64,
    /// The first moment keeps so much of itself.
    pub beta1: f64,
    /// This much of the parameters is added to their gradient.
    pub weight_decay: f64,
}

impl Adam {
    /// Beta1 0.9, no weight decay.
    pub fn plain(rate: f64) -> Self {
        Self { rate, beta1: 0.9, weight_decay: 0.0 }
    }
}

/// 2-norm over all tensors together, summed in double.
pub fn norm(tensors: &[Tensor]) -> f64 {
    dot(tensors, tensors).sqrt()
}

/// Inner product over all tensors together, summed in double.
pub fn dot(a: &[Tensor], b: &[Tensor]) -> f64 {
    let one = |(a, b): (&Tensor, &Tensor)| {
        (a.to_kind(tch::Kind::Double) * b.to_kind(tch::Kind::Double)).sum(tch::Kind::Double).double_value(&[])
    };
    tch::no_grad(|| a.iter().zip(b).map(one).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adam's first step has length `rate` a coordinate, whatever the gradient's size; the second by hand.
    #[test]
    fn adam_follows_its_definition() {
        let mut params = vec![Tensor::from_slice(&[1.0_f64, -2.0])];
        let mut state = OptimizerState::new(OptimizerKind::Adam, &params);
        state.step(OptimizerKind::Adam, 0.1, &mut params, &[Tensor::from_slice(&[3.0_f64, -0.5])]);
        let after: Vec<f64> = Vec::try_from(&params[0]).unwrap();
        assert!((after[0] - 0.9).abs() < 1e-8 && (after[1] + 1.9).abs() < 1e-7, "{after:?}");
        state.step(OptimizerKind::Adam, 0.1, &mut params, &[Tensor::from_slice(&[1.0_f64, 0.5])]);
        let m = (0.9 * 0.1 * 3.0 + 0.1 * 1.0) / (1.0 - 0.81);
        let v: f64 = (0.999 * 0.001 * 9.0 + 0.001) / (1.0 - 0.998_001);
        let again: Vec<f64> = Vec::try_from(&params[0]).unwrap();
        assert!((again[0] - (after[0] - 0.1 * m / (v.sqrt() + 1e-8))).abs() < 1e-12);
        assert_eq!(state.steps, 2);
    }

    /// Two steps by hand, of the second parameter alone; the first keeps value and gathered gradient.
    #[test]
    fn momentum_follows_its_definition() {
        let mut params = vec![Tensor::from_slice(&[1.0_f64]), Tensor::from_slice(&[2.0_f64, -1.0])];
        let mut state = OptimizerState::with_momentum(&params);
        let how = Momentum { rate: 0.1, momentum: 0.9, weight_decay: 0.5 };
        state.descend(how, &mut params, 1..2, &[Tensor::from_slice(&[3.0_f64, 0.0])]);
        state.descend(how, &mut params, 1..2, &[Tensor::from_slice(&[1.0_f64, 0.0])]);
        // v1 = 3 + 0.5 * 2, p1 = 2 - 0.4; v2 = 0.9 * 4 + 1 + 0.5 * 1.6, p2 = 1.6 - 0.54; the other by decay alone.
        let after: Vec<f64> = Vec::try_from(&params[1]).unwrap();
        assert!((after[0] - 1.06).abs() < 1e-12, "{after:?}");
        assert!((after[1] - (-0.95 + 0.1 * (0.9 * 0.5 + 0.475))).abs() < 1e-12, "{after:?}");
        assert_eq!((params[0].double_value(&[0]), state.first[0].double_value(&[0])), (1.0, 0.0));
    }
}
