//! Statistics after training, scores of dev and test.

use tch::Tensor;

use super::{EngineError, Machine, Stage, Stepped, Watcher, Work};
use crate::config::BnTest;
use crate::data::{Label, Split};
use crate::engine::batches::Draw;
use crate::eval::{Polarity, Score, ScoreSet};
use crate::methods::detector::{self, StudentState};
use crate::nets::{BnMode, BnStats, Graph};

/// Faces scored at once.
const SCORE_CHUNK: usize = 32;

impl Machine {
    /// Cumulative statistics of `graph`, which `sees` pictures its own way, over the fixed batches of `draw`.
    pub(super) fn calibrate(
        &self,
        graph: &Graph,
        params: &[Tensor],
        draw: Draw,
        sees: &dyn Fn(&Tensor) -> Tensor,
        what: &str,
        watcher: Watcher<'_>,
    ) -> Result<BnStats, EngineError> {
        let (batches, m) = (self.config.calibrate.batches, self.config.bilevel.m);
        let mut stats = BnStats::identity(graph, tch::Kind::Float, self.device);
        for i in 0..batches {
            if !watcher(what, i, batches) {
                return Err(EngineError::Stopped);
            }
            let drawn = self.batches.draw(draw, i, m, m)?;
            let (_, batch) = graph.observe(params, &sees(&self.batches.batch(&drawn).x));
            stats.blend(&batch, 1.0 / (i + 1) as f64);
        }
        Ok(stats)
    }

    pub(super) fn evaluate_phase(&mut self, watcher: Watcher<'_>) -> Result<Stepped, EngineError> {
        let student = self.state.student.as_ref();
        let student = student.ok_or_else(|| {
            EngineError::Refused("there is no detector to evaluate before the detector stage has begun".to_owned())
        })?;
        match self.phase {
            0 => {
                let stats = match self.config.evaluate.bn_test {
                    BnTest::Batch => None,
                    BnTest::Trained => Some(student.stats.clone()),
                    BnTest::Running => {
                        let (net, params) = (&self.nets.student, &student.theta.0);
                        let what = "calibrating the detector";
                        Some(self.calibrate(&net.graph, params, Draw::Calibrate, &|x| net.sees(x), what, watcher)?)
                    }
                };
                self.work = Work::Evaluate { stats, sets: vec![] };
                Ok(Stepped::default())
            }
            1 => {
                let Work::Evaluate { stats, .. } = &self.work else { return Ok(Stepped::default()) };
                let mut sets = vec![];
                for split in self.scored_splits() {
                    sets.push(self.score(split, student, stats.as_ref(), watcher)?);
                }
                if let Work::Evaluate { sets: slot, .. } = &mut self.work {
                    *slot = sets;
                }
                Ok(Stepped::default())
            }
            _ => {
                let Work::Evaluate { sets, .. } = &mut self.work else { return Ok(Stepped::default()) };
                Ok(Stepped { scores: Some(std::mem::take(sets)), ..Stepped::default() })
            }
        }
    }

    /// The parts of the data that are scored: the training part only for a threshold that is chosen on it.
    pub(super) fn scored_splits(&self) -> Vec<Split> {
        let train = self.config.evaluate.threshold == "train_eer";
        train.then_some(Split::Train).into_iter().chain([Split::Dev, Split::Test]).collect()
    }

    fn score(
        &self,
        split: Split,
        student: &StudentState,
        stats: Option<&BnStats>,
        watcher: Watcher<'_>,
    ) -> Result<ScoreSet, EngineError> {
        let faces = &self.batches.faces;
        let all: Vec<usize> = (0..faces.faces.len()).filter(|&i| faces.faces[i].split == split).collect();
        let mut scores = Vec::with_capacity(all.len());
        for (done, chunk) in all.chunks(SCORE_CHUNK).enumerate() {
            let what = format!("scoring {split}");
            if !watcher(&what, (done * SCORE_CHUNK) as u64, all.len() as u64) {
                return Err(EngineError::Stopped);
            }
            let x = self.batches.pictures(chunk);
            let mode = stats.map_or(BnMode::Batch, BnMode::Running);
            let output = self.nets.student.output(&student.theta.0, &student.mu.0, &x, mode);
            let values = detector::scores(&output, self.config.detector.supervision);
            for (&i, score) in chunk.iter().zip(values) {
                let face = &faces.faces[i];
                let live = face.label == Label::Live;
                scores.push(Score {
                    claimed_id: face.subject.clone(),
                    test_label: face.clip.clone(),
                    frame: face.key.clone(),
                    attack_type: if live { String::new() } else { face.species.clone() },
                    is_bonafide: live,
                    score,
                });
            }
        }
        Ok(ScoreSet { name: split.to_string(), polarity: Polarity::SpoofHigh, scores, rejected: vec![] })
    }

    /// Evaluates with the detector as it stands, wherever the run is; the run's place does not change.
    pub fn evaluate_now(&mut self, watcher: Watcher<'_>) -> Result<Vec<ScoreSet>, EngineError> {
        let place = (self.stage, self.stage_iteration, self.phase);
        let work = std::mem::replace(&mut self.work, Work::Nothing);
        self.stage = Stage::Evaluate;
        let mut scores = Ok(vec![]);
        for phase in 0..3 {
            self.phase = phase;
            match self.evaluate_phase(watcher) {
                Ok(step) => {
                    if let Some(sets) = step.scores {
                        scores = Ok(sets);
                    }
                }
                Err(e) => {
                    scores = Err(e);
                    break;
                }
            }
        }
        (self.stage, self.stage_iteration, self.phase) = place;
        self.work = work;
        scores
    }
}
