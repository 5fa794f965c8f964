//! Detector training by `RFMetaFAS` and what it is compared with: which domains an iteration learns from and is judged by,
//! and one of its phases at a time.

use tch::Tensor;

use super::{EngineError, Labels, Machine, Stepped};
use crate::config::RfAlgorithm;
use crate::engine::batches::{Draw, Drawn};
use crate::methods::rf_meta::{self, Iteration, Judge, Lesson, Step};
use crate::rng::Streams;

/// An iteration under way, with its faces.
#[derive(Debug)]
pub(super) struct Work {
    pub iteration: Iteration,
    /// Faces of every meta-train domain, with what D's map should be.
    pub train: Vec<(Drawn, Option<Tensor>)>,
    /// Those of the meta-test domain, where there is one.
    pub test: Option<(Drawn, Option<Tensor>)>,
}

impl Machine {
    /// The phases of an iteration.
    pub(super) fn rf_meta_steps(&self) -> Vec<Step> {
        rf_meta::steps(&self.config.rf_meta, self.batches.domains().len())
    }

    pub(super) fn rf_meta_phase(&mut self) -> Result<Stepped, EngineError> {
        let step = self.rf_meta_steps().get(self.phase).copied().unwrap_or(Step::Sample);
        if step == Step::Sample {
            return self.rf_meta_sample();
        }
        let task = self.task();
        let missing = || EngineError::Checkpoint("there is no detector yet".to_owned());
        let student = self.state.student.as_mut().ok_or_else(missing)?;
        let (super::Work::RfMeta(work), Some(nets)) = (&mut self.work, &self.nets.rf_meta) else {
            return Err(missing());
        };
        let map_loss = |map: &Tensor, target: &Tensor, known: Option<&Tensor>| task.map_error(map, target, known);
        let judge = Judge { nets, config: &self.config.rf_meta, map_loss: &map_loss };
        let adam = task.adam(student.adam.steps);
        let due = self.config.rf_meta.audit_every;
        let audited = step == Step::MetaOptimise
            && self.config.rf_meta.algorithm == RfAlgorithm::RfMeta
            && due > 0
            && self.stage_iteration.is_multiple_of(due);
        let found = if audited { rf_meta::audit(&work.iteration, judge, student) } else { vec![] };
        let mut numbers = work.iteration.step(step, judge, student, adam);
        numbers.extend(found);
        Ok(Stepped { numbers, ..Stepped::default() })
    }

    /// Lines 2, 3 and 9: domains are split, and a batch is drawn from each.
    fn rf_meta_sample(&mut self) -> Result<Stepped, EngineError> {
        let missing = || EngineError::Checkpoint("there is no detector yet".to_owned());
        let (half, domains) = (self.config.detector.batch / 2, self.batches.domains().len());
        let order = rf_meta::split(Streams::new(self.config.seed), self.stage_iteration, domains);
        let (mut faces, mut lessons) = (vec![], vec![]);
        for &domain in &order {
            let draw = Draw::Domain(domain);
            let drawn = self.batches.draw(draw, self.stage_iteration, half, half)?;
            self.batches.look_ahead(draw, self.stage_iteration + 1, half, half);
            let batch = self.batches.batch(&drawn)?;
            let labels = self.config.rf_meta.trains_depth().then(|| self.labels(&batch, &drawn)).transpose()?;
            let (target, known) = match labels {
                Some(Labels { target, known, .. }) => (Some(target), known),
                None => (None, None),
            };
            let shown = target.as_ref().map(Tensor::shallow_clone);
            faces.push((drawn, shown));
            lessons.push(Lesson { x: self.nets.student.sees(&batch.x), y: batch.y, target, known });
        }
        let (batches, judged) = rf_meta::batches(&self.config.rf_meta, domains);
        let test = if judged { lessons.pop().zip(faces.pop()) } else { None };
        let (test_lesson, test) = test.unzip();
        let train = if batches < lessons.len() { vec![Lesson::pooled(&lessons)] } else { lessons };
        let student = self.state.student.as_ref().ok_or_else(missing)?;
        let iteration = Iteration::new(student, train, test_lesson);
        self.work = super::Work::RfMeta(Box::new(Work { iteration, train: faces, test }));
        let number = order.last().filter(|_| judged).map(|&d| ("meta_test_domain".to_owned(), d as f64));
        Ok(Stepped { numbers: number.into_iter().collect(), ..Stepped::default() })
    }
}
