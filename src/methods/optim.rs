//! Optimisers over explicit parameters: a step is a function of (state, parameters, gradients), the state can be
//! stored and restored, and nothing else is remembered.

use tch::Tensor;

pub use crate::config::OptimizerKind;
use crate::nets::ParamList;

/// Running moments of Adam, empty for plain gradient descent.
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
}
