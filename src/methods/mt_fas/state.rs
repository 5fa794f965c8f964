//! What MT-FAS learns, and how it starts. Tensors in here are never changed in place: a step makes new ones, so that a
//! copy of the state is a handful of references and stepping back is free.

use tch::{Device, Kind, Tensor};

use crate::config::{NetConfig, Precision, RunConfig};
use crate::methods::optim::{OptimizerKind, OptimizerState, dot};
use crate::nets::{BnStats, ConvMath, Graph, NetShape, ParamList};
use crate::rng::Streams;

/// The networks of bi-level training.
#[derive(Debug, Clone)]
pub struct Nets {
    /// Both teachers'.
    pub teacher: Graph,
    /// The detector's while the teacher learns.
    pub surrogate: Graph,
}

impl Nets {
    /// The networks that `config` asks for.
    pub fn new(config: &RunConfig) -> Self {
        let math = math_of(config);
        let net = |n: &NetConfig| {
            let shape = NetShape { width: n.width, channels: 3, size: config.data.size as i64, final_relu: false };
            n.network.graph(shape).with_math(math)
        };
        Self { teacher: net(&config.teacher), surrogate: net(&config.surrogate) }
    }
}

/// The arithmetic of convolutions that `config` asks for.
pub fn math_of(config: &RunConfig) -> ConvMath {
    match config.compute.precision {
        Precision::Bf16 => ConvMath::Bf16,
        Precision::Fp32 | Precision::Tf32 => ConvMath::Native,
    }
}

/// References to the same tensors.
pub fn share(params: &[Tensor]) -> ParamList {
    params.iter().map(Tensor::shallow_clone).collect()
}

/// Everything that pretraining and Algorithm 1 change.
#[derive(Debug, Clone)]
pub struct MtFasState {
    /// w: MT_t.
    pub omega: Params,
    /// w^: MT_v.
    pub omega_hat: Params,
    /// theta: the surrogate detector.
    pub theta: Params,
    /// Adam of the teacher's pretraining.
    pub teacher_adam: OptimizerState,
    /// Adam of the surrogate's pretraining.
    pub surrogate_adam: OptimizerState,
    /// The outer optimiser.
    pub outer: OptimizerState,
    /// w as pretraining left it: what bi-level training is compared with. `None` before Algorithm 1 begins, and in runs of earlier versions.
    pub pretrained: Option<Params>,
    /// Sum of the gradients that wait for a step of the teacher, where it takes several iterations' together.
    pub gathered: Option<Params>,
    /// What is remembered of earlier hypergradients.
    pub signals: Signals,
    /// Running statistics of w, for previews.
    pub omega_stats: BnStats,
    /// Running statistics of w^.
    pub omega_hat_stats: BnStats,
    /// Running statistics of theta.
    pub theta_stats: BnStats,
}

/// What is remembered of the hypergradients of earlier iterations, to tell how much of one is noise.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    /// The one of the iteration before.
    pub last: Option<Params>,
    /// Their running mean, which forgets a tenth an iteration.
    pub mean: Option<Params>,
    /// The running mean of their squared lengths, which forgets as fast.
    pub square: f64,
    /// Iterations that the means are over.
    pub count: u64,
}

impl Signals {
    /// Share that the means forget an iteration.
    const FORGETS: f64 = 0.1;

    /// Takes note of the next hypergradient. Its cosine with the one before; and the signal-to-noise ratio |E h|² / (E |h|² − |E h|²) over the
    /// last ten or so, with the share of |E h|² that noise alone would give taken off. NaN where there is nothing to compare with.
    pub fn note(&mut self, h: &[Tensor]) -> (f64, f64) {
        // Sums depend on the order in memory, and tensors that come back from a checkpoint are contiguous.
        let h: ParamList = h.iter().map(Tensor::contiguous).collect();
        let h = h.as_slice();
        let length = dot(h, h);
        let cosine =
            self.last.as_ref().map_or(f64::NAN, |last| dot(h, &last.0) / (length * dot(&last.0, &last.0)).sqrt());
        let keep = 1.0 - Self::FORGETS;
        let zeros = || h.iter().map(Tensor::zeros_like).collect();
        let mean = self.mean.take().map_or_else(zeros, |mean| mean.0);
        let mean: ParamList = tch::no_grad(|| mean.iter().zip(h).map(|(m, h)| m * keep + h * Self::FORGETS).collect());
        self.square = self.square * keep + length * Self::FORGETS;
        self.count += 1;
        // Sums of the weights of a mean that begins at 0, and of their squares.
        let seen = 1.0 - keep.powf(self.count as f64);
        let squares = Self::FORGETS / (1.0 + keep) * (1.0 - keep.powf(2.0 * self.count as f64)) / (seen * seen);
        let (of_mean, of_all) = (dot(&mean, &mean) / (seen * seen), self.square / seen);
        // E |mean|² is |E h|² + squares · variance, so both follow from the two.
        let variance = ((of_all - of_mean) / (1.0 - squares)).max(0.0);
        let snr = if self.count < 2 { f64::NAN } else { (of_mean - squares * variance) / variance };
        self.mean = Some(Params(mean));
        self.last = Some(Params(share(h)));
        (cosine, snr)
    }
}

/// A parameter list whose copy shares its tensors.
#[derive(Debug, Default)]
pub struct Params(pub ParamList);

impl Clone for Params {
    fn clone(&self) -> Self {
        Self(share(&self.0))
    }
}

impl MtFasState {
    /// Fresh networks from the run's seed; w^ starts as w.
    pub fn new(nets: &Nets, config: &RunConfig, device: Device) -> Self {
        let (seed, outer, pretrain) = (config.seed, config.bilevel.outer, config.pretrain.optimizer);
        let streams = Streams::new(seed);
        let init = |graph: &Graph, name: &str| graph.init(&mut streams.stream(name, 0), Kind::Float, device);
        let (omega, theta) = (init(&nets.teacher, "init/teacher"), init(&nets.surrogate, "init/surrogate"));
        let stats = |graph: &Graph| BnStats::identity(graph, Kind::Float, device);
        Self {
            teacher_adam: OptimizerState::new(pretrain, &omega),
            surrogate_adam: OptimizerState::new(pretrain, &theta),
            outer: OptimizerState::new(outer, &omega),
            pretrained: None,
            gathered: None,
            signals: Signals::default(),
            omega_stats: stats(&nets.teacher),
            omega_hat_stats: stats(&nets.teacher),
            theta_stats: stats(&nets.surrogate),
            omega_hat: Params(share(&omega)),
            omega: Params(omega),
            theta: Params(theta),
        }
    }

    /// The step from pretraining to Algorithm 1: w^ := w, and the outer optimiser starts anew, or where both are Adam and
    /// that is wanted with the moments of pretraining, all of them or the second ones alone.
    pub fn begin_bilevel(&mut self, config: &RunConfig) {
        self.omega_hat = self.omega.clone();
        self.omega_hat_stats = self.omega_stats.clone();
        self.pretrained = Some(self.omega.clone());
        (self.gathered, self.signals) = (None, Signals::default());
        let adam = |kind| kind == OptimizerKind::Adam;
        let kept = !config.bilevel.reset_moments && adam(config.bilevel.outer) && adam(config.pretrain.optimizer);
        let anew = OptimizerState::new(config.bilevel.outer, &self.omega.0);
        self.outer = match (kept, config.bilevel.reset_first_moments) {
            (false, _) => anew,
            (true, false) => self.teacher_adam.clone(),
            (true, true) => OptimizerState { first: anew.first, ..self.teacher_adam.clone() },
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_no_signal_and_a_constant_has_no_noise() {
        let mut signals = Signals::default();
        let constant = [Tensor::from_slice(&[3.0_f64, -4.0])];
        assert!(signals.note(&constant).0.is_nan());
        let (cosine, snr) = signals.note(&constant);
        assert!((cosine - 1.0).abs() < 1e-12 && (snr > 1e12 || snr.is_infinite() || snr.is_nan()), "{cosine} {snr}");
        // Plus and minus in turn: the cosine is −1, and over many the mean is near nothing.
        let mut signals = Signals::default();
        let mut last = (0.0, 0.0);
        for i in 0..200 {
            let sign = if i % 2 == 0 { 1.0 } else { -1.0 };
            last = signals.note(&[Tensor::from_slice(&[sign * 3.0, sign * -4.0])]);
        }
        assert!((last.0 + 1.0).abs() < 1e-12 && last.1.abs() < 0.1, "{last:?}");
        // A mean of 1 with noise of variance 1 on a second coordinate: a ratio of 1.
        let (mut signals, mut rng) = (Signals::default(), Streams::new(1).stream("test", 0));
        let mut sum = 0.0;
        for i in 0..4000 {
            let (_, snr) = signals.note(&[Tensor::from_slice(&[1.0, crate::rng::normal(&mut rng)])]);
            sum += if i >= 1000 { snr / 3000.0 } else { 0.0 };
        }
        assert!((sum - 1.0).abs() < 0.5, "{sum}");
    }
}
