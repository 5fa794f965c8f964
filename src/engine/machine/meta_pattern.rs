//! What the phases of HFN's training do: Algorithm 1 of Meta Pattern, or one step of all.

use super::{EngineError, Machine, Stepped, Work};
use crate::config::K_MOST;
use crate::engine::batches::{Draw, Drawn};
use crate::methods::detector::{DetectorNet, Lesson, StudentState};
use crate::methods::meta_pattern::{self, DomainSplit, Task};
use crate::rng::Streams;

/// The number of a domain's draw for HFN; those for the extractor follow.
const OUTER: usize = 0;

impl Machine {
    /// How many phases an iteration has.
    pub(super) fn meta_pattern_phases(&self) -> usize {
        if self.config.meta_pattern.alternates() { 2 + self.config.meta_pattern.k } else { 2 }
    }

    pub(super) fn meta_pattern_phase(&mut self) -> Result<Stepped, EngineError> {
        if self.config.meta_pattern.alternates() { self.alternating_phase() } else { self.joint_phase() }
    }

    fn alternating_phase(&mut self) -> Result<Stepped, EngineError> {
        let (phase, k) = (self.phase, self.config.meta_pattern.k);
        let split = match &self.work {
            Work::MetaPattern { split, .. } if phase > 0 => split.clone(),
            _ => {
                let domains = self.batches.domains().len();
                let split = meta_pattern::split(domains, &Streams::new(self.config.seed), self.stage_iteration);
                // The first batch is there to be looked at before anything learns from it.
                let drawn = self.draw_of(&[split.phi], 1)?;
                self.look_ahead(&split, k);
                self.take(split, drawn)?;
                return Ok(Stepped::default());
            }
        };
        if phase <= k {
            if phase > 1 {
                let drawn = self.draw_of(&[split.phi], phase)?;
                self.take(split, drawn)?;
            }
            let loss = self.learn(meta_pattern::inner_step)?;
            let numbers = vec![(format!("l_phi_{}", phase - 1), loss)];
            return Ok(Stepped { numbers, ..Stepped::default() });
        }
        let drawn = self.draw_of(&split.theta, OUTER)?;
        self.take(split, drawn)?;
        let numbers = self.learn(meta_pattern::outer_step)?;
        Ok(Stepped { numbers, ..Stepped::default() })
    }

    fn joint_phase(&mut self) -> Result<Stepped, EngineError> {
        let mut numbers = vec![];
        if self.phase == 1 && matches!(self.work, Work::MetaPattern { .. }) {
            numbers = self.learn(meta_pattern::joint_step)?;
        } else {
            let all: Vec<usize> = (0..self.batches.domains().len()).collect();
            let drawn = self.draw_of(&all, OUTER)?;
            self.take(DomainSplit { phi: 0, theta: all }, drawn)?;
        }
        Ok(Stepped { numbers, ..Stepped::default() })
    }

    fn take(&mut self, split: DomainSplit, drawn: Drawn) -> Result<(), EngineError> {
        self.work = Work::MetaPattern { split, batch: self.batches.batch(&drawn)?, drawn };
        Ok(())
    }

    /// The number of draw `slot` of the iteration under way. It does not depend on K, so that runs with other K see the same
    /// faces for as long as they go together.
    fn number(&self, slot: usize) -> u64 {
        self.stage_iteration * (K_MOST as u64 + 1) + slot as u64
    }

    /// Has the pixels of the iteration's later batches read from disk meanwhile, where they lie there.
    fn look_ahead(&self, split: &DomainSplit, k: usize) {
        let half = self.config.detector.batch / 2;
        let inner = (2..=k).map(|slot| (split.phi, slot));
        for (domain, slot) in inner.chain(split.theta.iter().map(|&d| (d, OUTER))) {
            self.batches.look_ahead(Draw::Domain(domain), self.number(slot), half, half);
        }
    }

    /// Draw `slot` of the iteration under way, `detector.batch` faces of each of `domains`.
    fn draw_of(&self, domains: &[usize], slot: usize) -> Result<Drawn, EngineError> {
        let half = self.config.detector.batch / 2;
        let number = self.number(slot);
        let one = |&d: &usize| self.batches.draw(Draw::Domain(d), number, half, half);
        let parts: Vec<Drawn> = domains.iter().map(one).collect::<Result<_, _>>()?;
        Drawn::join(&parts).ok_or_else(|| EngineError::Refused("there is no domain to learn from".to_owned()))
    }

    /// Has `step` learn from the batch in work.
    fn learn<T>(
        &mut self,
        step: impl Fn(&DetectorNet, &mut StudentState, &Task, &Lesson<'_>) -> T,
    ) -> Result<T, EngineError> {
        let Work::MetaPattern { batch, drawn, .. } = &self.work else {
            return Err(EngineError::Refused("there is no batch to learn from".to_owned()));
        };
        let labels = self.labels(batch, drawn)?;
        let lesson =
            Lesson { x: &batch.x, y: &batch.y, target: &labels.target, known: labels.known.as_ref(), hint: None };
        let task = Task::new(&self.config);
        let student = self.state.student.as_mut().ok_or_else(|| {
            EngineError::Refused(format!(
                "meta_pattern.weights: HFN was to start from {}, which could not be read when the session was opened",
                self.config.meta_pattern.weights
            ))
        })?;
        Ok(step(&self.nets.student, student, &task, &lesson))
    }
}
