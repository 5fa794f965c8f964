//! The network's parts: which parameters and batch norms are F's, D's and M's, and passes through the whole and through M
//! alone.

use std::ops::Range;

use tch::Tensor;

use crate::methods::mt_fas::RUNNING_RATE;
use crate::nets::rf_meta_fas::{FEATURES, LOGIT, PARTS, meta_learner};
use crate::nets::{BnMode, BnStats, ConvMath, Graph, NodeId, ParamList, ParamRole};

/// The whole network and M alone.
#[derive(Debug, Clone)]
pub struct RfNets {
    /// F, D and M.
    pub whole: Graph,
    /// M on F's features.
    pub m: Graph,
    /// Positions of F's, D's and M's parameters.
    pub params: [Range<usize>; 3],
    /// Positions of their batch norms.
    pub norms: [Range<usize>; 3],
    /// D's map, M's value before the sigmoid, F's features.
    wanted: [NodeId; 3],
    /// M's value before the sigmoid, in M alone.
    logit: NodeId,
}

/// One pass over a batch in batch mode.
#[derive(Debug)]
pub struct Pass {
    /// D's map, (batch, 1, side/8, side/8).
    pub map: Tensor,
    /// M's value before the sigmoid, (batch, 1, 1, 1).
    pub logit: Tensor,
    /// What M read, (batch, 2n, side/8, side/8).
    pub features: Tensor,
    /// The batch's statistics.
    pub stats: BnStats,
}

impl RfNets {
    /// The parts of `whole`, a network of `width`.
    pub fn new(whole: &Graph, width: i64, math: ConvMath) -> Self {
        let m = meta_learner(width).with_math(math);
        let named = |part: &str| {
            let here = |name: &str| name.starts_with(part);
            let first = whole.params().iter().position(|p| here(&p.name)).unwrap_or_default();
            first..first + whole.params().iter().filter(|p| here(&p.name)).count()
        };
        let params = PARTS.map(named);
        // A batch norm has one shift.
        let norms_before = |end: usize| whole.params()[..end].iter().filter(|p| p.role == ParamRole::Shift).count();
        let norms = params.clone().map(|r| norms_before(r.start)..norms_before(r.end));
        let node = |graph: &Graph, name: &str| {
            #[expect(clippy::expect_used, reason = "nets::rf_meta_fas tests that its nodes have their names")]
            graph.find(name).expect("a node of this network")
        };
        let map = whole.outputs()[0];
        let wanted = [map, node(whole, LOGIT), node(whole, FEATURES)];
        let logit = node(&m, LOGIT);
        Self { whole: whole.clone(), m, params, norms, wanted, logit }
    }

    /// M's part of the parameters `theta`.
    pub fn of_m<'a>(&self, theta: &'a [Tensor]) -> &'a [Tensor] {
        &theta[self.params[2].clone()]
    }

    /// Positions of F's and M's parameters.
    pub fn f_and_m(&self) -> impl Iterator<Item = usize> + Clone + use<> {
        self.params[0].clone().chain(self.params[2].clone())
    }

    /// The whole network on `x`, differentiable by libtorch.
    pub fn pass(&self, theta: &[Tensor], x: &Tensor) -> Pass {
        let (mut values, stats) = self.whole.observe_at(theta, x, &self.wanted);
        let (features, logit, map) = (values.pop(), values.pop(), values.pop());
        let or = |t: Option<Tensor>| t.unwrap_or_default();
        Pass { map: or(map), logit: or(logit), features: or(features), stats }
    }

    /// M with parameters of its own on `features`, by statistics of the batch, which it keeps to itself (D-RF5).
    pub fn judge(&self, m: &[Tensor], features: &Tensor) -> Tensor {
        self.m.forward_at(m, features, BnMode::Batch, &[self.logit]).swap_remove(0)
    }

    /// Moves running statistics towards a batch's: F's and D's at the usual rate, M's at `of_m`, 0 where the pass was not M's own.
    pub fn blend(&self, stats: &mut BnStats, batch: &BnStats, of_m: f64) {
        let [f, d, m] = self.norms.clone();
        for (which, rate) in [(f, RUNNING_RATE), (d, RUNNING_RATE), (m, of_m)] {
            stats.blend_some(batch, which, rate);
        }
    }
}

/// Parameters that libtorch follows.
pub fn followed(params: &[Tensor]) -> ParamList {
    params.iter().map(|p| p.detach().set_requires_grad(true)).collect()
}
