//! The scored test part of a run, read from its folder: a face a presentation with its score, the run's own threshold, and
//! pictures and maps of those that the run kept.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::eval::{Level, OperatingPoint, Polarity, Ranked, Score};
use crate::report::Scored;
use crate::session::{MapSet, Session, WatchedFaces};

/// One presentation of the test part.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedFace {
    /// The clip, or the frame where frames are scored.
    pub name: String,
    /// The subject; empty where unknown.
    pub subject: String,
    /// Attack species, or "live".
    pub species: String,
    /// Whether it is bona fide.
    pub live: bool,
    /// Its score, high = spoof.
    pub score: f64,
    /// Its place among the kept pictures.
    pub picture: Option<usize>,
    /// Clip, subject and species in small letters: where words are looked for.
    pub words: String,
}

/// The scored test part.
#[derive(Debug, Clone)]
pub struct Judged {
    /// All presentations, in the order of the file.
    pub faces: Vec<JudgedFace>,
    /// Their places, most like an attack first.
    pub by_score: Vec<usize>,
    /// The same as `eval` ranks them.
    pub ranked: Ranked,
    /// The points of the curves, ascending in the live-high threshold.
    pub points: Vec<OperatingPoint>,
    /// The point of the curves where both errors are equal.
    pub eer: Option<OperatingPoint>,
    /// The area under the curve.
    pub auc: Option<f64>,
    /// The run's own threshold, high = spoof.
    pub threshold: Option<f64>,
    /// Where it was chosen.
    pub rule: String,
    /// Whether with the labels of the test part.
    pub oracle: bool,
    /// "video" or "frame".
    pub level: String,
    /// Least and greatest score.
    pub range: (f64, f64),
    /// Presentations that showed no face and count as rejected.
    pub unseen: usize,
    /// Kept pictures.
    pub pictures: Option<Arc<WatchedFaces>>,
    /// Their maps.
    pub maps: Option<Arc<MapSet>>,
}

impl Judged {
    /// Whether a face with this score passes as live at `threshold`, both high = spoof.
    pub fn accepts(score: f64, threshold: f64) -> bool {
        score <= threshold
    }

    /// The threshold of the equal error rate on this very part, high = spoof: an oracle.
    pub fn eer_threshold(&self) -> Option<f64> {
        self.eer.as_ref().map(|p| -p.threshold).filter(|t| t.is_finite())
    }
}

/// Places of `faces`, most like an attack first; among equals the first of the file.
pub fn by_score(faces: &[JudgedFace]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..faces.len()).collect();
    order.sort_by(|&a, &b| faces[b].score.total_cmp(&faces[a].score));
    order
}

/// Reads the scored test part of the session in `folder`; the error is a sentence for people.
pub fn judge(folder: &Path) -> Result<Judged, String> {
    let scored = Scored::open(folder).map_err(|e| e.to_string())?;
    let session = Session::open(folder).map_err(|e| e.to_string())?;
    let Scored { presentations: set, ranked, results, .. } = scored;
    let pictures = WatchedFaces::read(&session.scored_faces_file()).ok().map(Arc::new);
    let maps = MapSet::read(&session.scored_maps_file()).ok().map(Arc::new);
    let place: HashMap<&str, usize> =
        pictures.iter().flat_map(|p| p.faces.iter().enumerate().map(|(i, f)| (f.key.as_str(), i))).collect();
    let of_frames = scored.level == Level::Frame;
    let face = |s: &Score| JudgedFace {
        name: if of_frames && !s.frame.is_empty() { s.frame.clone() } else { s.test_label.clone() },
        subject: s.claimed_id.clone(),
        species: if s.is_bonafide { "live".to_owned() } else { s.species().to_owned() },
        live: s.is_bonafide,
        score: Polarity::SpoofHigh.to_live_high(set.polarity.to_live_high(s.score)),
        picture: place.get(s.test_label.as_str()).copied(),
        words: format!("{} {} {}", s.test_label, s.claimed_id, if s.is_bonafide { "live" } else { s.species() })
            .to_lowercase(),
    };
    let faces: Vec<JudgedFace> = set.scores.iter().map(face).collect();
    let range = faces.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), f| (a.min(f.score), b.max(f.score)));
    Ok(Judged {
        by_score: by_score(&faces),
        points: ranked.operating_points(),
        eer: ranked.eer_point(),
        auc: ranked.auc(),
        ranked,
        threshold: Some(Polarity::SpoofHigh.to_live_high(scored.threshold)),
        rule: results["threshold_rule"].as_str().unwrap_or_default().to_owned(),
        oracle: results["oracle"] == true,
        level: if of_frames { "frame" } else { "video" }.to_owned(),
        range,
        unseen: set.rejected.len(),
        faces,
        pictures,
        maps,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn rates_at_the_runs_own_threshold_are_those_of_its_results() {
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/demo");
        let judged = judge(&demo).unwrap();
        let results: Value = serde_json::from_slice(&std::fs::read(demo.join("scores/results.json")).unwrap()).unwrap();
        let own = judged.threshold.unwrap();
        let rates = judged.ranked.rates_at(-own);
        let known = |key: &str| results[key].as_f64();
        assert_eq!((rates.apcer_max().rate(), rates.bpcer.rate()), (known("apcer_max"), known("bpcer")));
        assert_eq!((rates.acer_pooled(), judged.ranked.auc()), (known("hter"), known("auc")));
        // Verdicts one by one say the same.
        let wrong = |live: bool| {
            let wrong = |f: &&JudgedFace| f.live == live && Judged::accepts(f.score, own) != live;
            judged.faces.iter().filter(wrong).count() as u64
        };
        assert_eq!((wrong(true), wrong(false)), (rates.bpcer.errors, rates.apcer_pooled().errors));
        // Every clip has its picture.
        let pictures = judged.pictures.as_ref().unwrap();
        for face in &judged.faces {
            let kept = &pictures.faces[face.picture.unwrap()];
            assert_eq!((&kept.key, &kept.species), (&face.name, &face.species));
        }
        assert_eq!(judged.maps.unwrap().samples.len(), pictures.faces.len());
    }

    #[test]
    fn a_run_that_was_not_scored_says_so() {
        let dir = tempfile::tempdir().unwrap();
        assert!(judge(dir.path()).is_err_and(|why| why.contains("no session folder")));
    }
}
