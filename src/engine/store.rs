//! The whole state of a run between two iterations, and how it goes into a checkpoint and comes back. Random streams
//! are functions of seed and iteration, so the iteration number is all there is to store of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tch::{Device, Tensor};

use super::nets::RunNets;
use super::{EngineError, plain};
use crate::methods::detector::{Aids, DetectorNet, StudentState};
use crate::methods::mt_fas::{MtFasState, Params, Signals};
use crate::methods::optim::OptimizerState;
use crate::nets::{BnStats, Graph};
use crate::session::{Checkpoint, PlainTensor};

/// Everything that training changes.
#[derive(Debug, Clone)]
pub struct RunState {
    /// Teachers and surrogate.
    pub mt: MtFasState,
    /// The rival teacher, from its first iteration on.
    pub rival: Option<StudentState>,
    /// Calibrated statistics of the deployed teacher, from calibration on.
    pub deployed_stats: Option<BnStats>,
    /// The deployed detector, from its first iteration on.
    pub student: Option<StudentState>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Meta {
    iteration: u64,
    teacher_steps: u64,
    surrogate_steps: u64,
    outer_steps: u64,
    /// Of the hypergradients that are remembered: how many, and the bits of the mean of their squared lengths, since a number that is written in
    /// digits may come back as its neighbour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hypergradients: Option<(u64, u64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rival_steps: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    student_steps: Option<u64>,
}

type Tensors = BTreeMap<String, PlainTensor>;

fn put(all: &mut Tensors, name: &str, tensors: &[Tensor]) {
    for (i, t) in tensors.iter().enumerate() {
        all.insert(format!("{name}.{i:02}"), plain::to_plain(t));
    }
}

fn put_stats(all: &mut Tensors, name: &str, stats: &BnStats) {
    put(all, &format!("{name}.mean"), &stats.mean);
    put(all, &format!("{name}.var"), &stats.var);
}

fn put_moments(all: &mut Tensors, name: &str, state: &OptimizerState) {
    put(all, &format!("{name}.first"), &state.first);
    put(all, &format!("{name}.second"), &state.second);
}

struct Taker<'a> {
    all: &'a Tensors,
    device: Device,
}

impl Taker<'_> {
    fn has(&self, name: &str) -> bool {
        self.all.contains_key(&format!("{name}.00"))
    }

    fn list(&self, name: &str, shapes: &[Vec<i64>]) -> Result<Vec<Tensor>, EngineError> {
        let one = |(i, shape): (usize, &Vec<i64>)| {
            let key = format!("{name}.{i:02}");
            let plain = self.all.get(&key).ok_or_else(|| {
                EngineError::Checkpoint(format!("the checkpoint is of another network: it has no {key}"))
            })?;
            if plain.shape.iter().map(|&d| d as i64).ne(shape.iter().copied()) {
                return Err(EngineError::Checkpoint(format!(
                    "the checkpoint is of another network: {key} has shape {:?}, not {shape:?}",
                    plain.shape
                )));
            }
            Ok(plain::from_plain(plain, self.device))
        };
        shapes.iter().enumerate().map(one).collect()
    }

    fn params(&self, name: &str, graph: &Graph) -> Result<Params, EngineError> {
        Ok(Params(self.list(name, &shapes(graph))?))
    }

    fn stats(&self, name: &str, graph: &Graph) -> Result<BnStats, EngineError> {
        let shapes: Vec<Vec<i64>> = graph.norms().iter().map(|&c| vec![c]).collect();
        Ok(BnStats {
            mean: self.list(&format!("{name}.mean"), &shapes)?,
            var: self.list(&format!("{name}.var"), &shapes)?,
        })
    }

    fn moments(&self, name: &str, graph: &Graph, steps: u64) -> Result<OptimizerState, EngineError> {
        self.moments_of(name, &shapes(graph), steps)
    }

    fn moments_of(&self, name: &str, shapes: &[Vec<i64>], steps: u64) -> Result<OptimizerState, EngineError> {
        if !self.has(&format!("{name}.first")) {
            return Ok(OptimizerState { steps, ..OptimizerState::default() });
        }
        // Descent with momentum has first moments alone.
        let second = format!("{name}.second");
        let second = if self.has(&second) { self.list(&second, shapes)? } else { vec![] };
        Ok(OptimizerState { steps, first: self.list(&format!("{name}.first"), shapes)?, second })
    }

    fn student(&self, name: &str, net: &DetectorNet, aids: &Aids, steps: u64) -> Result<StudentState, EngineError> {
        let beside = aids.shapes();
        Ok(StudentState {
            theta: self.params(name, &net.graph)?,
            adam: self.moments(&format!("{name}_adam"), &net.graph, steps)?,
            stats: self.stats(&format!("{name}_stats"), &net.graph)?,
            mu: Params(self.list(&format!("{name}_mu"), &StudentState::mu_shapes(net))?),
            aids: Params(self.list(&format!("{name}_aids"), &beside)?),
            aids_adam: self.moments_of(&format!("{name}_aids_adam"), &beside, steps)?,
        })
    }
}

fn shapes(graph: &Graph) -> Vec<Vec<i64>> {
    graph.params().iter().map(|p| p.shape.clone()).collect()
}

impl RunState {
    /// The state as a checkpoint after `iteration` counted iterations.
    pub fn to_checkpoint(&self, iteration: u64) -> Checkpoint {
        let mut all = Tensors::new();
        let mt = &self.mt;
        put(&mut all, "omega", &mt.omega.0);
        put(&mut all, "omega_hat", &mt.omega_hat.0);
        put(&mut all, "theta", &mt.theta.0);
        put_moments(&mut all, "teacher_adam", &mt.teacher_adam);
        put_moments(&mut all, "surrogate_adam", &mt.surrogate_adam);
        put_moments(&mut all, "outer", &mt.outer);
        let kept = [
            ("omega_pretrained", &mt.pretrained),
            ("gathered", &mt.gathered),
            ("hypergradient_last", &mt.signals.last),
            ("hypergradient_mean", &mt.signals.mean),
        ];
        for (name, params) in kept {
            if let Some(params) = params {
                put(&mut all, name, &params.0);
            }
        }
        put_stats(&mut all, "omega_stats", &mt.omega_stats);
        put_stats(&mut all, "omega_hat_stats", &mt.omega_hat_stats);
        put_stats(&mut all, "theta_stats", &mt.theta_stats);
        if let Some(stats) = &self.deployed_stats {
            put_stats(&mut all, "deployed_stats", stats);
        }
        for (name, state) in [("rival", &self.rival), ("student", &self.student)] {
            let Some(state) = state else { continue };
            put(&mut all, name, &state.theta.0);
            put_moments(&mut all, &format!("{name}_adam"), &state.adam);
            put_stats(&mut all, &format!("{name}_stats"), &state.stats);
            put(&mut all, &format!("{name}_mu"), &state.mu.0);
            put(&mut all, &format!("{name}_aids"), &state.aids.0);
            put_moments(&mut all, &format!("{name}_aids_adam"), &state.aids_adam);
        }
        let meta = Meta {
            iteration,
            teacher_steps: mt.teacher_adam.steps,
            surrogate_steps: mt.surrogate_adam.steps,
            outer_steps: mt.outer.steps,
            hypergradients: (mt.signals.count > 0).then_some((mt.signals.count, mt.signals.square.to_bits())),
            rival_steps: self.rival.as_ref().map(|s| s.adam.steps),
            student_steps: self.student.as_ref().map(|s| s.adam.steps),
        };
        Checkpoint { meta: serde_json::json!(meta), tensors: all }
    }

    /// The state in `checkpoint`, and the counted iterations it stands for.
    pub fn from_checkpoint(checkpoint: &Checkpoint, run: &RunNets, device: Device) -> Result<(Self, u64), EngineError> {
        let meta: Meta = serde_json::from_value(checkpoint.meta.clone())
            .map_err(|e| EngineError::Checkpoint(format!("the checkpoint's metadata cannot be read ({e})")))?;
        let from = Taker { all: &checkpoint.tensors, device };
        let nets = &run.meta;
        let kept = |name: &str| from.has(name).then(|| from.params(name, &nets.teacher)).transpose();
        let (count, square) = meta.hypergradients.unwrap_or_default();
        let mt = MtFasState {
            omega: from.params("omega", &nets.teacher)?,
            omega_hat: from.params("omega_hat", &nets.teacher)?,
            theta: from.params("theta", &nets.surrogate)?,
            teacher_adam: from.moments("teacher_adam", &nets.teacher, meta.teacher_steps)?,
            surrogate_adam: from.moments("surrogate_adam", &nets.surrogate, meta.surrogate_steps)?,
            outer: from.moments("outer", &nets.teacher, meta.outer_steps)?,
            pretrained: kept("omega_pretrained")?,
            gathered: kept("gathered")?,
            signals: Signals {
                last: kept("hypergradient_last")?,
                mean: kept("hypergradient_mean")?,
                square: f64::from_bits(square),
                count,
            },
            omega_stats: from.stats("omega_stats", &nets.teacher)?,
            omega_hat_stats: from.stats("omega_hat_stats", &nets.teacher)?,
            theta_stats: from.stats("theta_stats", &nets.surrogate)?,
        };
        let calibrated = from.has("deployed_stats.mean");
        let deployed_stats = calibrated.then(|| from.stats("deployed_stats", run.teacher())).transpose()?;
        let rival = match (meta.rival_steps, &run.rival) {
            (Some(steps), Some(net)) => Some(from.student("rival", net, &Aids::default(), steps)?),
            _ => None,
        };
        let student =
            meta.student_steps.map(|steps| from.student("student", &run.student, &run.aids, steps)).transpose()?;
        Ok((Self { mt, rival, deployed_stats, student }, meta.iteration))
    }
}
