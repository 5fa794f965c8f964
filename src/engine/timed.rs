//! What stages took on this machine, and how long a run will take before it starts: only where runs like it were timed.

use serde::{Deserialize, Serialize};

use super::cost::{Cost, StageCost};
use crate::config::Stage;
use crate::config::{ComputeConfig, RunConfig};
use crate::device;
use crate::session::Outlook;

/// How many stages are remembered.
const KEPT: usize = 64;
/// Iterations that must have been timed before a stage is remembered.
const ENOUGH: usize = 10;
/// A stage is like another one where neither has more than so many times the operations of the other: the operations that
/// a second holds differ with the size of the work.
const LIKE: f64 = 2.0;

/// What an iteration of a stage took, and of what run it was one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timed {
    /// The stage.
    pub stage: Stage,
    /// The detector, as FAS-DR(MT).
    pub title: String,
    /// `cpu` or `cuda:N`.
    pub device: String,
    /// Threads of libtorch.
    pub threads: usize,
    /// Arithmetic.
    pub precision: String,
    /// 10^9 operations of an iteration.
    pub gflop: f64,
    /// Seconds it took.
    pub seconds: f64,
}

/// The device and the threads that a run with these settings gets on this machine.
fn settled(compute: &ComputeConfig) -> Option<(String, usize)> {
    let device = device::parse(&compute.device).ok()?;
    let threads = match compute.threads {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        n => n,
    };
    Some((device::name(device), threads))
}

impl Timed {
    /// What a running run's outlook tells for later ones; `None` before it is worth remembering.
    pub fn of(config: &RunConfig, outlook: &Outlook) -> Option<Self> {
        let (device, threads) = settled(&config.compute)?;
        let (gflop, seconds) = (outlook.gflop.filter(|g| *g > 0.0)?, outlook.iteration_seconds?);
        (outlook.measured >= ENOUGH).then(|| Self {
            stage: outlook.stage,
            title: config.title(),
            device,
            threads,
            precision: config.compute.precision.name().to_owned(),
            gflop,
            seconds,
        })
    }

    fn is_of_the_same(&self, other: &Self) -> bool {
        let key = |t: &Self| (t.stage, t.title.clone(), t.device.clone(), t.threads, t.precision.clone());
        key(self) == key(other)
    }

    /// Puts it last into `known`, in the place of one that is as good as the same.
    pub fn remember(self, known: &mut Vec<Self>) {
        known.retain(|t| !(t.is_of_the_same(&self) && (t.gflop / self.gflop - 1.0).abs() < 0.01));
        known.push(self);
        let surplus = known.len().saturating_sub(KEPT);
        known.drain(..surplus);
    }
}

/// Seconds that the iterations of a run will take, if every stage of it is like one that was timed here: on the same
/// device, with the same threads and arithmetic, under the same detector, with about as many operations an iteration.
/// The newest counts. Making faces, calibration and scoring come on top.
pub fn time_ahead(config: &RunConfig, cost: &Cost, known: &[Timed]) -> Option<f64> {
    let (device, threads) = settled(&config.compute)?;
    let (precision, title) = (config.compute.precision.name(), config.title());
    let stage = |s: &StageCost| {
        let gflop = s.gflop.filter(|g| *g > 0.0)?;
        let like = known.iter().rev().find(|t| {
            t.stage == s.stage
                && (t.device == device && t.threads == threads && t.precision == precision && t.title == title)
                && (1.0 / LIKE..=LIKE).contains(&(gflop / t.gflop))
        })?;
        Some(s.iterations as f64 * like.seconds * gflop / like.gflop)
    };
    if cost.0.is_empty() {
        return None;
    }
    cost.0.iter().map(stage).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Preset, Supervision};
    use crate::engine::cost;

    fn cpu() -> RunConfig {
        let mut config = Preset::Demo.config();
        "cpu".clone_into(&mut config.compute.device);
        config.compute.threads = 2;
        config
    }

    /// Every stage of `config`, an iteration of which took a second for 10^9 operations.
    fn all(config: &RunConfig) -> Vec<Timed> {
        let mut known = vec![];
        for s in &cost(config).0 {
            let outlook = Outlook {
                stage: s.stage,
                measured: 10,
                gflop: s.gflop,
                iteration_seconds: s.gflop,
                ..Outlook::default()
            };
            Timed::of(config, &outlook).unwrap().remember(&mut known);
        }
        known
    }

    #[test]
    fn a_run_like_one_that_was_timed_takes_as_long() {
        let config = cpu();
        let known = all(&config);
        let ahead = |config: &RunConfig| time_ahead(config, &cost(config), &known);
        assert!((ahead(&config).unwrap() - cost(&config).gflop().unwrap()).abs() < 1e-9);
        let mut longer = config.clone();
        longer.bilevel.iterations *= 3;
        longer.bilevel.m += 2;
        assert!((ahead(&longer).unwrap() - cost(&longer).gflop().unwrap()).abs() < 1e-9);
        // By default all threads of this machine are taken, which were not timed unless they are two.
        let change = |edit: fn(&mut RunConfig)| {
            let mut other = cpu();
            edit(&mut other);
            ahead(&other)
        };
        assert_eq!(change(|c| c.compute.threads = 3), None);
        assert_eq!(change(|c| c.compute.precision = crate::config::Precision::Bf16), None);
        assert_eq!(change(|c| c.data.size = 256), None, "sixteen times the operations are another case");
        assert_eq!(change(|c| c.detector.supervision = Supervision::Depth), None);
        assert_eq!(change(|c| c.bilevel.hypergradient = crate::config::HyperMode::ExactDb), None);
        assert_eq!(time_ahead(&config, &cost(&config), &known[1..]), None, "one stage was never timed");
    }

    #[test]
    fn the_newest_counts_and_few_iterations_do_not() {
        let config = cpu();
        let mut known = all(&config);
        let before = known.len();
        let again = Timed { seconds: 7.0 * known[0].seconds, ..known[0].clone() };
        again.remember(&mut known);
        assert_eq!((known.len(), known.last().unwrap().stage), (before, Stage::Pretrain));
        assert!(time_ahead(&config, &cost(&config), &known).unwrap() > cost(&config).gflop().unwrap());
        let hasty = Outlook { measured: 9, gflop: Some(1.0), iteration_seconds: Some(1.0), ..Outlook::default() };
        assert_eq!(Timed::of(&config, &hasty), None);
    }
}
