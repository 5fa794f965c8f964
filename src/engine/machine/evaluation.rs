//! Statistics after training, scores of dev and test.

use std::collections::HashSet;

use image::RgbImage;
use image::imageops::{FilterType, resize};
use tch::Tensor;

use super::teachers::Judged;
use super::{EngineError, Machine, Stepped, Watcher, Work};
use crate::config::{BnTest, HoldOut, Stage};
use crate::data::{Label, Split};
use crate::engine::batches::{Batches, Draw, MapOf};
use crate::eval::{Polarity, Score, ScoreSet};
use crate::methods::detector::{self, StudentState};
use crate::nets::{BnMode, BnStats, Graph};
use crate::session::{MapKind, MapSet, WatchedFace, WatchedFaces};

/// Longest side of a face of the gallery, in pixels.
const THUMBNAIL: usize = 64;

/// Bytes that pictures and maps of the gallery may take.
const GALLERY_BYTES: usize = 24 << 20;

/// What an evaluation gives.
#[derive(Debug)]
pub struct Scored {
    /// Scores, a set a part of the data.
    pub sets: Vec<ScoreSet>,
    /// A face of every clip of the test part; keys are clips.
    pub faces: WatchedFaces,
    /// Their maps.
    pub maps: MapSet,
    /// What teachers and maps are worth on the test part.
    pub judged: Vec<Judged>,
}

/// A square picture of three bytes a pixel, `size` wide, made `side` wide.
fn smaller(rgb: &[u8], size: usize, side: usize) -> Vec<u8> {
    let picture = RgbImage::from_raw(size as u32, size as u32, rgb.to_vec()).filter(|_| side < size);
    picture.map_or_else(|| rgb.to_vec(), |p| resize(&p, side as u32, side as u32, FilterType::Triangle).into_raw())
}

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
            let (_, batch) = graph.observe(params, &sees(&self.batches.batch(&drawn)?.x));
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
                self.work = Work::Evaluate { stats, scored: None };
                Ok(Stepped::default())
            }
            1 => {
                let Work::Evaluate { stats, .. } = &self.work else { return Ok(Stepped::default()) };
                let mut sets = vec![];
                for split in self.scored_splits() {
                    sets.push(self.score(split, student, stats.as_ref(), watcher)?);
                }
                let (faces, maps) = self.gallery(student, stats.as_ref(), watcher)?;
                let judged = self.judge_maps(student, stats.as_ref(), watcher)?;
                if let Work::Evaluate { scored, .. } = &mut self.work {
                    *scored = Some(Scored { sets, faces, maps, judged });
                }
                Ok(Stepped::default())
            }
            _ => {
                let Work::Evaluate { scored, .. } = &mut self.work else { return Ok(Stepped::default()) };
                Ok(Stepped { scores: scored.take(), ..Stepped::default() })
            }
        }
    }

    /// The parts of the data that are scored: the training part only for a threshold that is chosen on it.
    pub(super) fn scored_splits(&self) -> Vec<Split> {
        let train = self.config.evaluate.threshold == "train_eer";
        train.then_some(Split::Train).into_iter().chain([Split::Dev, Split::Test]).collect()
    }

    /// An error unless the part that the threshold is chosen on has faces of both classes: asked before any work, since it
    /// would otherwise come after all of it.
    pub fn check_threshold(&self) -> Result<(), EngineError> {
        let rule = self.config.evaluate.threshold.as_str();
        let split = match rule {
            "dev_eer" => Split::Dev,
            "train_eer" => Split::Train,
            "test_eer" | "min_hter" => Split::Test,
            _ => return Ok(()),
        };
        let (live, spoof) = self.batches.faces.count(split);
        if live > 0 && spoof > 0 {
            return Ok(());
        }
        let lacks = match (live, spoof) {
            (0, 0) => format!("no {split} part"),
            (0, _) => format!("no live faces in the {split} part"),
            _ => format!("no attacks in the {split} part"),
        };
        let remedy = match (split, self.config.data.hold_out) {
            (Split::Dev, HoldOut::Nobody) if self.config.protocol().is_some() => {
                "set data.hold_out to fifth".to_owned()
            }
            _ => format!("give the data a {split} part"),
        };
        Err(EngineError::Refused(format!(
            "evaluate.threshold: {rule} chooses the threshold on the {split} part, and {} has {lacks}; {remedy}, or set \
             evaluate.threshold to another of dev_eer, train_eer, test_eer (oracle) or fixed:X",
            self.batches.faces.name
        )))
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
            let x = self.batches.pictures(chunk)?;
            let mode = stats.map_or(BnMode::Batch, BnMode::Running);
            let output = self.nets.student.output(&student.theta.0, &student.mu.0, &x, mode);
            let values = detector::scores(&output, self.config.detector.supervision, self.config.evaluate.scored_by);
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

    /// A face of every clip of the test part, small, with its maps as the detector is scored: what a person looks through
    /// to see what was judged wrongly. Of more clips than fit, every so many.
    fn gallery(
        &self,
        student: &StudentState,
        stats: Option<&BnStats>,
        watcher: Watcher<'_>,
    ) -> Result<(WatchedFaces, MapSet), EngineError> {
        let faces = &self.batches.faces;
        let mut seen = HashSet::new();
        let test = (0..faces.faces.len()).filter(|&i| faces.faces[i].split == Split::Test);
        let clips: Vec<usize> = test.filter(|&i| seen.insert(faces.faces[i].clip.as_str())).collect();
        let side = faces.size.min(THUMBNAIL);
        let each = 3 * side * side + MapKind::ALL.len() * 4 * self.map_side().pow(2);
        let every = clips.len().div_ceil((GALLERY_BYTES / each).max(1)).max(1);
        let chosen: Vec<usize> = clips.into_iter().step_by(every).collect();
        let mut samples = Vec::with_capacity(chosen.len());
        for (done, chunk) in chosen.chunks(SCORE_CHUNK).enumerate() {
            if !watcher("maps of test faces", (done * SCORE_CHUNK) as u64, chosen.len() as u64) {
                return Err(EngineError::Stopped);
            }
            let mode = stats.map_or(BnMode::Batch, BnMode::Running);
            let (x, labels): (_, Vec<Label>) =
                (self.batches.pictures(chunk)?, chunk.iter().map(|&i| faces.faces[i].label).collect());
            let masks = self.masks_of(chunk)?;
            samples.extend(self.maps_of((&x, &labels), Some((student, mode)), None, masks.as_ref()).0);
        }
        let face = |&i: &usize| -> Result<WatchedFace, EngineError> {
            let face = &faces.faces[i];
            Ok(WatchedFace {
                key: face.clip.clone(),
                label: face.label,
                species: face.species.clone(),
                rgb: smaller(&faces.rgb_of(i)?, faces.size, side),
                depth: None,
            })
        };
        let shown = chosen.iter().map(face).collect::<Result<_, _>>()?;
        let maps = MapSet {
            iteration: self.global,
            stage: Stage::Evaluate,
            stage_iteration: 0,
            side: self.map_side(),
            factor: 0.0,
            pattern: None,
            samples,
        };
        Ok((WatchedFaces { size: side, depth_side: 0, faces: shown }, maps))
    }

    /// Where the attack's material is on `faces`, (n, 1, side, side), NaN where it is not known; `None` of data that
    /// do not tell.
    fn masks_of(&self, faces: &[usize]) -> Result<Option<Tensor>, EngineError> {
        if self.batches.faces.mask.is_none() {
            return Ok(None);
        }
        let (masks, known) = self.batches.maps(&Batches::undrawn(faces), MapOf::Mask, self.map_side() as i64)?;
        Ok(Some(match known {
            // 0 / 0 where nothing is known.
            Some(known) => tch::no_grad(|| masks / &known),
            None => masks,
        }))
    }

    /// Evaluates with the detector as it stands, wherever the run is; the run's place does not change.
    pub fn evaluate_now(&mut self, watcher: Watcher<'_>) -> Result<Scored, EngineError> {
        let place = (self.stage, self.stage_iteration, self.phase);
        let work = std::mem::replace(&mut self.work, Work::Nothing);
        self.stage = Stage::Evaluate;
        let mut scores = Err(EngineError::Stopped);
        for phase in 0..3 {
            self.phase = phase;
            match self.evaluate_phase(watcher) {
                Ok(step) => {
                    if let Some(scored) = step.scores {
                        scores = Ok(scored);
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
