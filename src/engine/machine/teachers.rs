//! The teachers judged on the test part beside the detector: by the means of their maps, as scores, and by where their maps lie, where the
//! faces bring masks of the attack's material. What pretraining left is judged too, so that it can be seen what bi-level training did.

use tch::{Kind, Tensor};

use super::{EngineError, Machine, Watcher};
use crate::config::{Deployed, Supervision, Teaching};
use crate::data::{Label, Split};
use crate::engine::batches::{Batches, Draw, MapOf};
use crate::eval::{HALF, Lies, Polarity, Score, ScoreSet, pixel_auc, pixel_precision};
use crate::methods::detector::StudentState;
use crate::nets::{BnMode, BnStats};

/// Faces at once.
const CHUNK: usize = 32;

/// One kind of maps on the test part.
#[derive(Debug, Clone)]
pub struct Judged {
    /// `pretrained`, `teacher`, `momentum_teacher`, `detector` or `mean_map`.
    pub name: &'static str,
    /// Means of the maps, a row a face; empty for maps that are no scores.
    pub scores: ScoreSet,
    /// How far the mean over attacks lies above the mean over live faces.
    pub separation: Option<f64>,
    /// Mean over attacks of the standard deviation within a map.
    pub spread: Option<f64>,
    /// Where the maps lie, an attack with a mask each.
    pub lies: Vec<Lies>,
}

/// What makes maps.
enum Maker<'a> {
    Teacher(&'a [Tensor], BnStats),
    Detector(&'a StudentState, Option<&'a BnStats>),
}

/// Sums over the maps of one maker.
#[derive(Default)]
struct Sums {
    scores: Vec<Score>,
    of: [(f64, f64); 2],
    spread: (f64, f64),
    lies: Vec<Lies>,
    /// Sum of the attacks' maps.
    maps: Vec<f64>,
}

impl Machine {
    /// All kinds of maps that the run has, judged on the test part; empty where there is no meta-teacher and no mask.
    pub(super) fn judge_maps(
        &self,
        student: &StudentState,
        stats: Option<&BnStats>,
        watcher: Watcher<'_>,
    ) -> Result<Vec<Judged>, EngineError> {
        let meta = self.teaching() == Teaching::Meta;
        let has_masks = self.batches.faces.mask.is_some();
        if !meta && !has_masks {
            return Ok(vec![]);
        }
        let mut makers: Vec<(&'static str, Maker<'_>)> = vec![];
        if meta {
            let mt = &self.state.mt;
            let deployed = self.state.deployed_stats.as_ref();
            let (of_teacher, of_momentum) = match self.config.bilevel.deploy {
                Deployed::Teacher => (deployed, None),
                Deployed::Momentum => (None, deployed),
            };
            let all = [
                ("pretrained", mt.pretrained.as_ref(), None),
                ("teacher", Some(&mt.omega), of_teacher),
                ("momentum_teacher", Some(&mt.omega_hat), of_momentum),
            ];
            for (name, params, known) in all {
                let Some(params) = params else { continue };
                let stats = if let Some(known) = known {
                    known.clone()
                } else {
                    let what = format!("calibrating the {}", name.replace('_', " "));
                    let graph = &self.nets.meta.teacher;
                    self.calibrate(graph, &params.0, Draw::TeacherCalibrate, &Tensor::shallow_clone, &what, watcher)?
                };
                makers.push((name, Maker::Teacher(&params.0, stats)));
            }
        }
        makers.push(("detector", Maker::Detector(student, stats)));
        let faces = &self.batches.faces.faces;
        let test: Vec<usize> = (0..faces.len()).filter(|&i| faces[i].split == Split::Test).collect();
        let mut sums: Vec<Sums> = makers.iter().map(|_| Sums::default()).collect();
        let mut side = 0;
        for (done, chunk) in test.chunks(CHUNK).enumerate() {
            if !watcher("judging maps", (done * CHUNK) as u64, test.len() as u64) {
                return Err(EngineError::Stopped);
            }
            let x = self.batches.pictures(chunk)?;
            for ((_, maker), sums) in makers.iter().zip(&mut sums) {
                let maps = self.made(maker, &x);
                side = *maps.size().last().unwrap_or(&0);
                self.add(chunk, &maps, sums)?;
            }
        }
        let mut all: Vec<Judged> = makers.iter().zip(&mut sums).map(|((name, _), sums)| sums.judged(name)).collect();
        // What is always the same map: how far the place alone goes.
        let at = makers.iter().position(|(name, _)| *name == "teacher").unwrap_or(0);
        let first = sums.get(at).filter(|s| !s.maps.is_empty() && side > 1);
        if let Some(mean) = first.map(|s| s.maps.clone()).filter(|_| has_masks) {
            let mean: Vec<f32> = mean.iter().map(|v| *v as f32).collect();
            let mut sums = Sums::default();
            for chunk in test.chunks(CHUNK) {
                let map = Tensor::from_slice(&mean).reshape([1, 1, side, side]);
                self.add(chunk, &map.expand([chunk.len() as i64, 1, side, side], true), &mut sums)?;
            }
            sums.scores.clear();
            all.push(Judged { separation: None, spread: None, ..sums.judged("mean_map") });
        }
        Ok(all)
    }

    /// Maps that are high on attacks, (n, 1, h, w), on the processor.
    fn made(&self, maker: &Maker<'_>, x: &Tensor) -> Tensor {
        let maps = match maker {
            Maker::Teacher(params, stats) => {
                let graph = &self.nets.meta.teacher;
                tch::no_grad(|| graph.forward(params, x, BnMode::Running(stats)).sigmoid())
            }
            Maker::Detector(student, stats) => {
                let mode = stats.map_or(BnMode::Batch, BnMode::Running);
                let map = self.nets.student.output(&student.theta.0, &student.mu.0, x, mode).map;
                // A depth map is high on live faces.
                if self.config.detector.supervision == Supervision::Depth { tch::no_grad(|| 1.0 - map) } else { map }
            }
        };
        maps.to_kind(Kind::Float).to_device(tch::Device::Cpu).contiguous()
    }

    fn add(&self, chunk: &[usize], maps: &Tensor, sums: &mut Sums) -> Result<(), EngineError> {
        let faces = &self.batches.faces;
        let size = maps.size();
        let side = *size.last().unwrap_or(&1);
        let pixels = (side * side) as usize;
        let values: Vec<f32> = Vec::try_from(maps.reshape([-1])).unwrap_or_default();
        let masks = if faces.mask.is_some() && side > 1 {
            let (masks, known) = self.batches.maps(&Batches::undrawn(chunk), MapOf::Mask, side)?;
            let masks: Vec<f32> = Vec::try_from(masks.to_device(tch::Device::Cpu).reshape([-1])).unwrap_or_default();
            let known = known.map(|k| Vec::<f32>::try_from(k.reshape([-1])).unwrap_or_default());
            Some((masks, known))
        } else {
            None
        };
        for (place, &i) in chunk.iter().enumerate() {
            let face = &faces.faces[i];
            let Some(map) = values.get(place * pixels..(place + 1) * pixels) else { continue };
            let mean = map.iter().map(|v| f64::from(*v)).sum::<f64>() / pixels as f64;
            let live = face.label == Label::Live;
            let class = &mut sums.of[usize::from(!live)];
            *class = (class.0 + mean, class.1 + 1.0);
            sums.scores.push(Score {
                claimed_id: face.subject.clone(),
                test_label: face.clip.clone(),
                frame: face.key.clone(),
                attack_type: if live { String::new() } else { face.species.clone() },
                is_bonafide: live,
                score: mean,
            });
            if live {
                continue;
            }
            let variance = map.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / pixels as f64;
            sums.spread = (sums.spread.0 + variance.sqrt(), sums.spread.1 + 1.0);
            sums.maps.resize(pixels, 0.0);
            sums.maps.iter_mut().zip(map).for_each(|(sum, v)| *sum += f64::from(*v));
            let Some((masks, known)) = &masks else { continue };
            if known.as_ref().is_some_and(|k| k.get(place) == Some(&0.0)) {
                continue;
            }
            let inside: Vec<bool> = masks.iter().skip(place * pixels).take(pixels).map(|v| *v >= HALF).collect();
            if let (Some(auc), Some(precision)) = (pixel_auc(map, &inside), pixel_precision(map, &inside)) {
                let subject = if face.subject.is_empty() { face.clip.clone() } else { face.subject.clone() };
                sums.lies.push(Lies { subject, species: face.species.clone(), auc, precision });
            }
        }
        Ok(())
    }
}

impl Sums {
    fn judged(&mut self, name: &'static str) -> Judged {
        let mean = |(sum, count): (f64, f64)| (count > 0.0).then(|| sum / count);
        let [live, attacks] = self.of.map(mean);
        Judged {
            name,
            scores: ScoreSet {
                name: "test".to_owned(),
                polarity: Polarity::SpoofHigh,
                scores: std::mem::take(&mut self.scores),
                rejected: vec![],
            },
            separation: attacks.zip(live).map(|(a, l)| a - l),
            spread: mean(self.spread),
            lies: std::mem::take(&mut self.lies),
        }
    }
}
