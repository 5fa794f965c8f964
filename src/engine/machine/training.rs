//! What the phases of training do, stage by stage.

use tch::Tensor;

use super::{EngineError, Labels, Machine, Stepped, Watcher, Work};
use crate::config::{Deployed, Supervision};
use crate::engine::batches::{Draw, Drawn, MapOf};
use crate::methods::detector::{self, Lesson, Task};
use crate::methods::mt_fas::hypergradient::Batch;
use crate::methods::mt_fas::{self, Iteration};
use crate::nets::{BnMode, BnStats};
use crate::session::map_stride;

/// Iterations between two looks at the held-out batch.
const HELD_OUT_EVERY: u64 = 10;

fn named(numbers: &[(&str, f64)]) -> Vec<(String, f64)> {
    numbers.iter().map(|(n, v)| ((*n).to_owned(), *v)).collect()
}

impl Machine {
    pub(super) fn pretrain_phase(&mut self) -> Result<Stepped, EngineError> {
        let config = &self.config.pretrain;
        let nets = &self.nets.meta;
        let numbers = match (self.phase, &self.work) {
            (1, Work::Pretrain { batch, .. }) => {
                let (loss, separation) = mt_fas::pretrain_teacher(nets, &mut self.state.mt, batch, config);
                vec![("teacher_loss", loss), ("teacher_separation", separation)]
            }
            (2, Work::Pretrain { batch, .. }) => {
                vec![("detector_loss", mt_fas::pretrain_surrogate(nets, &mut self.state.mt, batch, config))]
            }
            _ => {
                let m = self.config.pretrain_batch();
                let drawn = self.batches.draw(Draw::Pretrain, self.stage_iteration, m, m)?;
                self.batches.look_ahead(Draw::Pretrain, self.stage_iteration + 1, m, m);
                self.work = Work::Pretrain { batch: self.batches.batch(&drawn)?, drawn };
                vec![]
            }
        };
        Ok(Stepped { numbers: named(&numbers), ..Stepped::default() })
    }

    pub(super) fn bilevel_phase(&mut self) -> Result<Stepped, EngineError> {
        let config = &self.config.bilevel;
        let (nets, state) = (&self.nets.meta, &mut self.state.mt);
        let k = config.k;
        let Work::Bilevel { iteration, .. } = &mut self.work else {
            let (m, n) = (config.m, config.n);
            let (train, validation) = self.batches.halves(self.stage_iteration, m, n, config.disjoint)?;
            self.batches.look_ahead(Draw::Bilevel, self.stage_iteration + 1, m + n, m + n);
            let iteration =
                Box::new(Iteration::new(&self.state.mt, self.batches.batch(&train)?, self.batches.batch(&validation)?));
            self.work = Work::Bilevel { iteration, train, validation };
            return Ok(Stepped::default());
        };
        let mut cotangent = None;
        let numbers = match self.phase {
            1 => iteration.teach(nets, state, config),
            p if p < 2 + k => iteration.step_detector(nets, state, config),
            p if p == 2 + k => {
                let mut numbers = iteration.validate(nets, state, config);
                if (self.stage_iteration + 1).is_multiple_of(HELD_OUT_EVERY)
                    && let (Some(batch), Some(theta)) = (&self.held_out, iteration.adapted())
                {
                    let mode = mt_fas::modes(state, config).surrogate;
                    let (loss, _) = tch::no_grad(|| {
                        let f = nets.surrogate.forward(theta, &batch.x, mode);
                        config.reduction.loss(&f, &batch.y.expand_as(&f))
                    });
                    numbers.push(("l_v_held_out".to_owned(), loss));
                }
                numbers
            }
            p if p == 3 + k => {
                let mut numbers = iteration.hypergradient(nets, state, config);
                if config.audit_every > 0 && self.stage_iteration.is_multiple_of(config.audit_every) {
                    numbers.extend(mt_fas::audit(iteration, nets, state, config));
                }
                let due = (self.global + 1)
                    .is_multiple_of(map_stride(self.config.watch.every, self.config.total_iterations()));
                if due || self.want_cotangent {
                    let factor = iteration.pulled.as_ref().map_or(0.0, |p| p.factor);
                    cotangent = iteration.cotangent_for(&self.watched_x, nets, state, config).map(|c| (c, factor));
                }
                numbers
            }
            p if p == 4 + k => iteration.update_teacher(state, config, self.stage_iteration),
            p if p == 5 + k => iteration.momentum(state, config),
            _ => iteration.adapt(state, config, self.stage_iteration),
        };
        if cotangent.is_some() {
            self.cotangent = cotangent;
            self.want_cotangent = false;
        } else if self.phase == 3 + k {
            self.cotangent = None;
        }
        Ok(Stepped { numbers, ..Stepped::default() })
    }

    pub(super) fn rival_phase(&mut self) -> Result<Stepped, EngineError> {
        let half = self.config.rival.batch / 2;
        let mut numbers = vec![];
        if let (1, Work::Rival { batch, .. }, Some(net), Some(state)) =
            (self.phase, &self.work, &self.nets.rival, &mut self.state.rival)
        {
            let side = net.graph.map_side(self.config.data.size as i64);
            let target = detector::binary_map(&batch.y, side);
            let lesson = Lesson { x: &batch.x, y: &batch.y, target: &target, known: None, hint: None };
            let task = Task::rival(net.network, &self.config.detector, &self.config.rival);
            numbers = detector::learn(net, &detector::Aids::default(), state, &task, &lesson);
            // The same name as the meta-teacher's pretraining has.
            for (name, _) in &mut numbers {
                *name = format!("teacher_{name}");
            }
        } else {
            let drawn = self.batches.draw(Draw::Rival, self.stage_iteration, half, half)?;
            self.batches.look_ahead(Draw::Rival, self.stage_iteration + 1, half, half);
            self.work = Work::Rival { batch: self.batches.batch(&drawn)?, drawn };
        }
        Ok(Stepped { numbers, ..Stepped::default() })
    }

    pub(super) fn calibrate_phase(&mut self, watcher: Watcher<'_>) -> Result<Stepped, EngineError> {
        let what = "calibrating the teacher";
        let stats = if let (Some(net), Some(rival)) = (&self.nets.rival, &self.state.rival) {
            self.calibrate(&net.graph, &rival.theta.0, Draw::TeacherCalibrate, &|x| net.sees(x), what, watcher)?
        } else {
            let (graph, omega) = (&self.nets.meta.teacher, self.deployed());
            self.calibrate(graph, omega, Draw::TeacherCalibrate, &Tensor::shallow_clone, what, watcher)?
        };
        self.state.deployed_stats = Some(stats);
        Ok(Stepped::default())
    }

    /// The deployed meta-teacher's parameters.
    fn deployed(&self) -> &[Tensor] {
        match self.config.bilevel.deploy {
            Deployed::Teacher => &self.state.mt.omega.0,
            Deployed::Momentum => &self.state.mt.omega_hat.0,
        }
    }

    pub(super) fn detector_phase(&mut self) -> Result<Stepped, EngineError> {
        let half = self.config.detector.batch / 2;
        let mut numbers = vec![];
        match (self.phase, &self.work) {
            (1, Work::Detector { batch, drawn, .. }) => {
                let found = self.labels(batch, drawn)?;
                if let Work::Detector { labels, .. } = &mut self.work {
                    *labels = Some(found);
                }
            }
            (2, Work::Detector { batch, labels: Some(labels), .. }) => {
                let task = self.task();
                let student = self.state.student.as_mut();
                let student = student.ok_or_else(|| EngineError::Checkpoint("there is no detector yet".to_owned()))?;
                let lesson = Lesson {
                    x: &batch.x,
                    y: &batch.y,
                    target: &labels.target,
                    known: labels.known.as_ref(),
                    hint: labels.hint.as_ref(),
                };
                numbers = detector::learn(&self.nets.student, &self.nets.aids, student, &task, &lesson);
            }
            _ => {
                let drawn = self.batches.draw(Draw::Detector, self.stage_iteration, half, half)?;
                self.batches.look_ahead(Draw::Detector, self.stage_iteration + 1, half, half);
                self.work = Work::Detector { batch: self.batches.batch(&drawn)?, drawn, labels: None };
            }
        }
        Ok(Stepped { numbers, ..Stepped::default() })
    }

    /// What the detector is to learn of a batch.
    pub(super) fn labels(&self, batch: &Batch, drawn: &Drawn) -> Result<Labels, EngineError> {
        let side = self.nets.student.graph.map_side(self.config.data.size as i64);
        let supervision = self.config.detector.supervision;
        let plain = |target: Tensor| Labels { target, known: None, hint: None };
        let of_map = |which: MapOf| {
            let (target, known) = self.batches.maps(drawn, which, side)?;
            Ok(Labels { target, known, hint: None })
        };
        match supervision {
            Supervision::BinaryMap | Supervision::BinaryLabel | Supervision::Okddip => {
                Ok(plain(detector::binary_map(&batch.y, side)))
            }
            Supervision::Depth => of_map(MapOf::Depth),
            Supervision::Mask => of_map(MapOf::Mask),
            Supervision::MetaTeacher => {
                let stats = self.calibrated()?;
                let teacher = &self.nets.meta.teacher;
                let g = tch::no_grad(|| teacher.forward(self.deployed(), &batch.x, BnMode::Running(stats)));
                Ok(plain(detector::stretch(&g.sigmoid()) * &batch.y))
            }
            Supervision::Distill | Supervision::DistillLight | Supervision::Bans | Supervision::Fitnet => {
                let stats = self.calibrated()?;
                let (Some(net), Some(rival)) = (&self.nets.rival, &self.state.rival) else {
                    return Err(EngineError::Checkpoint("there is no teacher".to_owned()));
                };
                let (theta, mu) = (&rival.theta.0, &rival.mu.0);
                let (raw, hint) = if supervision == Supervision::Fitnet {
                    let (map, features) = net.map_and_features(theta, stats, &batch.x);
                    (map, Some(features))
                } else {
                    (net.output(theta, mu, &batch.x, BnMode::Running(stats)).map, None)
                };
                Ok(Labels { target: detector::eq_14(&raw, &batch.y), known: None, hint })
            }
        }
    }

    fn calibrated(&self) -> Result<&BnStats, EngineError> {
        let stats = self.state.deployed_stats.as_ref();
        stats.ok_or_else(|| EngineError::Checkpoint("the teacher is not calibrated".to_owned()))
    }
}
