//! What people see of a run: watched faces, their maps, and the batch in work.

use std::borrow::Cow;
use std::sync::Arc;

use tch::Tensor;

use super::{Machine, Work};
use crate::config::{Deployed, Stage, Teaching};
use crate::data::{FaceSet, Label, PixelsError};
use crate::engine::batches::Drawn;
use crate::engine::event::{BatchFace, BatchView};
use crate::engine::plain;
use crate::methods::detector::{self, StudentState};
use crate::nets::{BnMode, BnStats};
use crate::session::{MapSet, Pictures, SampleMaps, WatchedFace, WatchedFaces};

/// Pictures and names of the faces `chosen`.
pub(super) fn watched(faces: &FaceSet, chosen: &[usize]) -> Result<WatchedFaces, PixelsError> {
    let face = |&i: &usize| -> Result<WatchedFace, PixelsError> {
        Ok(WatchedFace {
            key: faces.faces[i].key.clone(),
            label: faces.faces[i].label,
            species: faces.faces[i].species.clone(),
            rgb: faces.rgb_of(i)?.into_owned(),
            depth: faces.depth_of(i)?.map(Cow::into_owned),
        })
    };
    let watched = chosen.iter().map(face).collect::<Result<Vec<_>, _>>()?;
    let known = watched.iter().any(|f| f.depth.is_some());
    let depth_side = faces.depth.as_ref().filter(|_| known).map_or(0, |maps| maps.side);
    Ok(WatchedFaces { size: faces.size, depth_side, faces: watched })
}

impl Machine {
    /// The watched faces' pictures, with their facial depth where the data bring it.
    pub fn watched(&self) -> WatchedFaces {
        self.watched.clone()
    }

    /// Whether a preview would have every map that its stage has.
    pub fn has_its_maps(&self) -> bool {
        self.stage != Stage::Bilevel || self.cotangent.is_some() || self.stage_iteration == 0
    }

    pub(super) fn map_side(&self) -> usize {
        self.nets.student.shown_side(self.config.data.size)
    }

    /// Maps of the watched faces as the networks stand, with running statistics. Kinds that the run does not train are
    /// left out.
    pub fn preview(&self) -> MapSet {
        let student = self.state.student.as_ref().map(|student| (student, BnMode::Running(&student.stats)));
        let pull = self.cotangent.as_ref().map(|(c, _)| c);
        let labels: Vec<Label> = self.watched.faces.iter().map(|f| f.label).collect();
        let (samples, pattern) = self.maps_of((&self.watched_x, &labels), student, pull, None);
        MapSet {
            iteration: self.global,
            stage: self.stage,
            stage_iteration: self.stage_iteration,
            side: self.map_side(),
            factor: self.cotangent.as_ref().map_or(0.0, |(_, factor)| *factor),
            pattern,
            samples,
        }
    }

    /// Maps of the pictures `x`, (n, 3, size, size), with their labels, as the networks stand: those of the teachers
    /// with deployed statistics where there are any, those of the detector with the given ones. `pull` is the
    /// cotangent of the same pictures, `masks` says where on them the attack's material is.
    pub(super) fn maps_of(
        &self,
        (x, labels): (&Tensor, &[Label]),
        student: Option<(&StudentState, BnMode<'_>)>,
        pull: Option<&Tensor>,
        masks: Option<&Tensor>,
    ) -> (Vec<SampleMaps>, Option<Arc<Pictures>>) {
        let mt = &self.state.mt;
        let some = |t: &Tensor| plain::maps(t).into_iter().map(Some).collect::<Vec<_>>();
        let none = || vec![None; x.size()[0] as usize];
        let deployed = self.state.deployed_stats.as_ref();
        let has_map = self.config.shows_map();
        let (mut teacher, mut momentum, mut target) = (none(), none(), none());
        let taught = |map: &Tensor| -> Vec<Option<Vec<f32>>> {
            let stretched = plain::maps(&detector::stretch(map));
            let masked = |(map, label): (Vec<f32>, &Label)| match label {
                Label::Spoof => map,
                Label::Live => vec![0.0; map.len()],
            };
            stretched.into_iter().zip(labels).map(masked).map(Some).collect()
        };
        match (self.teaching(), &self.nets.rival, &self.state.rival) {
            (Teaching::Meta, ..) => {
                let stats_of = |which: Deployed, running| {
                    deployed.filter(|_| self.config.bilevel.deploy == which).unwrap_or(running)
                };
                let sigma = |params: &[Tensor], stats: &BnStats| {
                    let net = &self.nets.meta.teacher;
                    tch::no_grad(|| net.forward(params, x, BnMode::Running(stats)).sigmoid())
                };
                let of_teacher = sigma(&mt.omega.0, stats_of(Deployed::Teacher, &mt.omega_stats));
                let of_momentum = sigma(&mt.omega_hat.0, stats_of(Deployed::Momentum, &mt.omega_hat_stats));
                target = taught(match self.config.bilevel.deploy {
                    Deployed::Teacher => &of_teacher,
                    Deployed::Momentum => &of_momentum,
                });
                (teacher, momentum) = (some(&of_teacher), some(&of_momentum));
            }
            (Teaching::Rival(_), Some(net), Some(rival)) => {
                let mode = BnMode::Running(deployed.unwrap_or(&rival.stats));
                let raw = net.output(&rival.theta.0, &rival.mu.0, x, mode).map;
                (teacher, target) = (some(&raw), taught(&raw));
            }
            _ => {}
        }
        let mut pattern = None;
        let output = match (student, self.teaching()) {
            (Some((student, mode)), _) if has_map => {
                let (map, seen) = self.nets.student.map_and_pattern((&student.theta.0[..], &student.mu.0[..]), x, mode);
                let side = self.config.data.size;
                pattern = seen.map(|p| Arc::new(Pictures { side, faces: plain::maps(&p.permute([0, 2, 3, 1])) }));
                Some(map)
            }
            (None, Teaching::Meta) => {
                let mode = BnMode::Running(&mt.theta_stats);
                Some(tch::no_grad(|| self.nets.meta.surrogate.forward(&mt.theta.0, x, mode)))
            }
            _ => None,
        };
        let detected = output.as_ref().map_or_else(none, some);
        let pull = pull.map_or_else(none, some);
        let attends = |(student, mode): (&StudentState, BnMode<'_>)| {
            self.nets.student.attention(&student.theta.0, x, mode, self.map_side() as i64)
        };
        let attention = student.and_then(attends).as_ref().map_or_else(none, some);
        let masks = masks.map_or_else(none, some);
        let kinds = [teacher, momentum, target, detected, pull, attention, masks];
        let mut kinds = kinds.map(Vec::into_iter);
        let of_face = |_| SampleMaps { maps: kinds.each_mut().map(|maps| maps.next().flatten()) };
        let samples = (0..x.size()[0]).map(of_face).collect();
        (samples, pattern)
    }

    /// The batch of the iteration under way, as far as its phases have come; `None` where its pictures cannot be read any
    /// more, which the next iteration says.
    pub fn batch_view(&self) -> Option<BatchView> {
        let view = |drawn: &Drawn, targets: Option<&Tensor>, pull: Option<&Tensor>| -> Option<Vec<BatchFace>> {
            let faces = self.batches.faces_of(drawn);
            let targets = targets.map(plain::maps);
            let pull = pull.map(plain::maps);
            let face = |(k, &i): (usize, &usize)| {
                Some(BatchFace {
                    key: faces.faces[i].key.clone(),
                    label: faces.faces[i].label,
                    species: faces.faces[i].species.clone(),
                    rgb: self.batches.picture(drawn, k).ok()?.into_owned(),
                    target: targets.as_ref().and_then(|t| t.get(k).cloned()),
                    cotangent: pull.as_ref().and_then(|t| t.get(k).cloned()),
                })
            };
            drawn.indices.iter().enumerate().map(face).collect()
        };
        let size = self.config.data.size;
        let side = self.map_side();
        let (train, validation) = match &self.work {
            Work::Pretrain { drawn, .. } | Work::Rival { drawn, .. } | Work::MetaPattern { drawn, .. } => {
                (view(drawn, None, None)?, vec![])
            }
            Work::Detector { drawn, labels, .. } => {
                let labels = labels.as_ref().filter(|_| self.config.shows_map());
                (view(drawn, labels.map(|l| &l.target), None)?, vec![])
            }
            Work::Bilevel { iteration, train, validation } => {
                let pull = iteration.pulled.as_ref().map(|p| -&p.direction * &iteration.train.y);
                let targets = iteration.taught.as_ref().map(|t| &t.target);
                (view(train, targets, pull.as_ref())?, view(validation, iteration.validation_target.as_ref(), None)?)
            }
            Work::RfMeta(work) => {
                let faces = |(drawn, targets): &(Drawn, Option<Tensor>)| view(drawn, targets.as_ref(), None);
                let train = work.train.iter().map(faces).collect::<Option<Vec<_>>>()?.concat();
                (train, work.test.as_ref().map_or(Some(vec![]), faces)?)
            }
            Work::Nothing | Work::Evaluate { .. } => return None,
        };
        Some(BatchView { size, side, train, validation })
    }
}
