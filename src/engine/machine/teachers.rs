//! All that makes maps judged on the test part, the teachers beside the detector: by the means of the maps, as scores, and by where the
//! maps lie, where the faces bring masks of the attack's material. What pretraining left is judged too, so that it can be seen what
//! bi-level training did.

use tch::{Kind, Tensor};

use super::{EngineError, Machine, Watcher};
use crate::config::{Deployed, Supervision, Teaching};
use crate::data::{Label, Split};
use crate::engine::batches::{Batches, Draw, MapOf};
use crate::eval::{HALF, Lies, MapMaker, Polarity, Score, ScoreSet, pixel_auc, pixel_precision};
use crate::methods::detector::{DetectorNet, StudentState};
use crate::nets::{BnMode, BnStats};

/// Faces at once.
const CHUNK: usize = 32;

/// The maps of one maker on the test part.
#[derive(Debug, Clone)]
pub struct Judged {
    /// What made them.
    pub maker: MapMaker,
    /// Means of the maps, a row a face; empty for maps that are no scores.
    pub scores: ScoreSet,
    /// How far the mean over attacks lies above the mean over live faces.
    pub separation: Option<f64>,
    /// Mean over attacks of the standard deviation within a map.
    pub spread: Option<f64>,
    /// Where the maps lie, an attack with a mask each.
    pub lies: Vec<Lies>,
}

/// The network behind a maker, with what it needs.
enum Network<'a> {
    Meta(&'a [Tensor], BnStats),
    Rival(&'a DetectorNet, &'a StudentState, BnStats),
    Detector(&'a StudentState, Option<&'a BnStats>),
    Attention(&'a StudentState, Option<&'a BnStats>),
}

/// Sums over the maps of one maker.
#[derive(Default)]
struct Sums {
    scores: Vec<Score>,
    of: [(f64, f64); 2],
    spread: (f64, f64),
    lies: Vec<Lies>,
    /// Sum of the attacks' maps, and their side.
    maps: Vec<f64>,
    side: i64,
}

impl Machine {
    /// All maps that the run has, judged on the test part; empty where no teacher makes maps and no face has a mask.
    pub(super) fn judge_maps(
        &self,
        student: &StudentState,
        stats: Option<&BnStats>,
        watcher: Watcher<'_>,
    ) -> Result<Vec<Judged>, EngineError> {
        let has_masks = self.batches.faces.mask.is_some();
        let mut makers = self.teaching_maps(watcher)?;
        if makers.is_empty() && !has_masks {
            return Ok(vec![]);
        }
        makers.push((MapMaker::Detector, Network::Detector(student, stats)));
        if self.config.detector.network.mean_head().is_some() {
            makers.push((MapMaker::Attention, Network::Attention(student, stats)));
        }
        let faces = &self.batches.faces.faces;
        let test: Vec<usize> = (0..faces.len()).filter(|&i| faces[i].split == Split::Test).collect();
        let mut sums: Vec<Sums> = makers.iter().map(|_| Sums::default()).collect();
        for (done, chunk) in test.chunks(CHUNK).enumerate() {
            if !watcher("judging maps", (done * CHUNK) as u64, test.len() as u64) {
                return Err(EngineError::Stopped);
            }
            let x = self.batches.pictures(chunk)?;
            for ((_, network), sums) in makers.iter().zip(&mut sums) {
                if let Some(maps) = self.made(network, &x) {
                    self.add(chunk, &maps, sums)?;
                }
            }
        }
        let places = MapMaker::LOCALISERS.iter().filter_map(|l| makers.iter().position(|(maker, _)| maker == l));
        let first = places.map(|at| &sums[at]).find(|s| !s.maps.is_empty() && s.side > 1);
        let mean = first.filter(|_| has_masks).map(|s| (s.maps.clone(), s.side));
        let mut all: Vec<Judged> = makers.iter().zip(&mut sums).map(|((maker, _), sums)| sums.judged(*maker)).collect();
        if let Some((mean, side)) = mean {
            let mean: Vec<f32> = mean.iter().map(|v| *v as f32).collect();
            let mut sums = Sums::default();
            for chunk in test.chunks(CHUNK) {
                let map = Tensor::from_slice(&mean).reshape([1, 1, side, side]);
                self.add(chunk, &map.expand([chunk.len() as i64, 1, side, side], true), &mut sums)?;
            }
            // What is always the same map is no score.
            sums.scores.clear();
            all.push(Judged { separation: None, spread: None, ..sums.judged(MapMaker::MeanMap) });
        }
        Ok(all)
    }

    /// The networks that teach with maps, with statistics for a test; none where nobody teaches, or peers do.
    fn teaching_maps(&self, watcher: Watcher<'_>) -> Result<Vec<(MapMaker, Network<'_>)>, EngineError> {
        let deployed = self.state.deployed_stats.as_ref();
        match (self.teaching(), &self.nets.rival, &self.state.rival) {
            (Teaching::Meta, ..) => {
                let mt = &self.state.mt;
                let (of_teacher, of_momentum) = match self.config.bilevel.deploy {
                    Deployed::Teacher => (deployed, None),
                    Deployed::Momentum => (None, deployed),
                };
                let all = [
                    (MapMaker::Pretrained, mt.pretrained.as_ref(), None),
                    (MapMaker::Teacher, Some(&mt.omega), of_teacher),
                    (MapMaker::Momentum, Some(&mt.omega_hat), of_momentum),
                ];
                let mut makers = vec![];
                for (maker, params, known) in all {
                    let Some(params) = params else { continue };
                    let stats = if let Some(known) = known {
                        known.clone()
                    } else {
                        let what = format!("calibrating the {}", maker.title().to_lowercase());
                        let graph = &self.nets.meta.teacher;
                        self.calibrate(
                            graph,
                            &params.0,
                            Draw::TeacherCalibrate,
                            &Tensor::shallow_clone,
                            &what,
                            watcher,
                        )?
                    };
                    makers.push((maker, Network::Meta(&params.0, stats)));
                }
                Ok(makers)
            }
            (Teaching::Rival(_), Some(net), Some(rival)) => {
                let stats = deployed.unwrap_or(&rival.stats).clone();
                Ok(vec![(MapMaker::Teacher, Network::Rival(net, rival, stats))])
            }
            _ => Ok(vec![]),
        }
    }

    /// Maps that are high on attacks, (n, 1, h, w), on the processor; `None` of a network that has none of the kind.
    fn made(&self, network: &Network<'_>, x: &Tensor) -> Option<Tensor> {
        let maps = match network {
            Network::Meta(params, stats) => {
                let graph = &self.nets.meta.teacher;
                tch::no_grad(|| graph.forward(params, x, BnMode::Running(stats)).sigmoid())
            }
            Network::Rival(net, rival, stats) => net.output(&rival.theta.0, &rival.mu.0, x, BnMode::Running(stats)).map,
            Network::Detector(student, stats) => {
                let map = self.nets.student.output(&student.theta.0, &student.mu.0, x, mode_of(*stats)).map;
                // A depth map is high on live faces.
                if self.config.detector.supervision == Supervision::Depth { tch::no_grad(|| 1.0 - map) } else { map }
            }
            Network::Attention(student, stats) => {
                let side = self.map_side() as i64;
                self.nets.student.attention(&student.theta.0, x, mode_of(*stats), side)?
            }
        };
        Some(maps.to_kind(Kind::Float).to_device(tch::Device::Cpu).contiguous())
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
            sums.side = side;
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

fn mode_of(stats: Option<&BnStats>) -> BnMode<'_> {
    stats.map_or(BnMode::Batch, BnMode::Running)
}

impl Sums {
    fn judged(&mut self, maker: MapMaker) -> Judged {
        let mean = |(sum, count): (f64, f64)| (count > 0.0).then(|| sum / count);
        let [live, attacks] = self.of.map(mean);
        Judged {
            maker,
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
