//! From scores to results: the files in scores/ and their summary with its provenance. What became of clips without a
//! face is decided here: scores know nothing of them.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::EngineError;
use super::apart::rows_of;
use super::machine::{Judged, Scored};
use super::own_results::make_way;
use crate::config::{EvaluateConfig, Level as ConfigLevel, MissingFaces, RunConfig, Supervision, VideoRule};
use crate::eval::{
    Fusion, Level, Localisation, MapMaker, Metrics, MetricsRequest, Ranked, Rule, Score, ScoreSet, Source, fuse_frames,
    measure_telling,
};
use crate::session::{Provenance, Session, replace_file};

/// How the weights were chosen that gave the scores, as results.json says it: the run's last checkpoint.
pub const LAST: &str = "last iteration";
/// Another checkpoint, which someone asked for.
pub const CHOSEN: &str = "chosen by hand";
/// The weights of a run that is under way.
pub const AS_IT_IS: &str = "as it stands";

/// What a result is the result of.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The settings that were scored with.
    pub config: &'a RunConfig,
    /// How the run itself would be scored; results tell what of `config` is not so.
    pub own: &'a EvaluateConfig,
    /// Where the run's numbers come from: the faces it was begun on.
    pub run: &'a Provenance,
    /// Where these scores come from: the faces that were scored.
    pub now: &'a Provenance,
    /// Counted iterations of the scored weights.
    pub checkpoint: u64,
    /// How that checkpoint was chosen.
    pub selection: &'a str,
    /// What else a reader must know, a sentence each.
    pub warnings: &'a [String],
}

/// Writes one CSV a part of the data and the faces of the test part, measures the test part, and writes and returns results.json; all of it takes the place of older scores at once. `tell` hears how far
/// the intervals are, from any thread.
pub fn write(
    session: &Session,
    scored: &Scored,
    origin: Origin<'_>,
    tell: &(dyn Fn(usize, usize) + Sync),
) -> Result<Value, EngineError> {
    let Scored { sets, faces, maps, judged } = scored;
    let mut warnings = origin.warnings.to_vec();
    if let Some(own) = make_way(session, origin.selection)? {
        warnings.push(format!(
            "these are the results of checkpoint {}, not of the run's last one; those are kept in {}, and `metafas evaluate` without \
             --checkpoint puts them back",
            origin.checkpoint,
            own.strip_prefix(session.path()).unwrap_or(&own).display()
        ));
    }
    let origin = Origin { warnings: &warnings, ..origin };
    let files = session.begin_scores()?;
    for set in sets {
        set.save_bob(&files.file(&format!("{}.csv", set.name)))?;
    }
    // Without a test part there is nothing to look through.
    if !faces.faces.is_empty() {
        faces.write(&files.file("faces.safetensors"))?;
        maps.write(&files.file("maps.safetensors"))?;
    }
    let mut results = summarise(sets, origin, tell)?;
    if let Value::Object(all) = &mut results {
        all.extend(of_maps(judged, origin.config)?);
    }
    let text = serde_json::to_vec_pretty(&results).map_err(|e| EngineError::Checkpoint(e.to_string()))?;
    replace_file(&files.file("results.json"), &text)?;
    files.finish()?;
    if origin.selection == LAST {
        session.drop_own_scores()?;
    }
    Ok(results)
}

/// The clips of a part of the data in which no face was found, as rows of score sets: what counts as rejected unseen.
pub fn unseen(provenance: &Provenance, part: &str) -> Vec<Score> {
    rows_of(&provenance.clips.faceless, part)
}

/// The scores with those clips as rejected ones that showed no face, where the settings want that.
fn with_missing<'a>(set: &'a ScoreSet, config: &RunConfig, provenance: &Provenance) -> Cow<'a, ScoreSet> {
    let rejected = unseen(provenance, &set.name);
    match config.evaluate.missing_faces {
        MissingFaces::Reject if !rejected.is_empty() => Cow::Owned(ScoreSet { rejected, ..set.clone() }),
        MissingFaces::Reject | MissingFaces::Drop => Cow::Borrowed(set),
    }
}

/// What became of clips without a face, and how many there are of each part and class.
fn missing(config: &RunConfig, provenance: &Provenance) -> Value {
    let count = |split: &str, live: bool| {
        provenance.clips.faceless.iter().filter(|f| f.split == split && f.live == live).count()
    };
    let part = |split: &str| json!({ "live": count(split, true), "attack": count(split, false) });
    json!({
        "policy": config.evaluate.missing_faces.name(),
        "train": part("train"),
        "dev": part("dev"),
        "test": part("test"),
    })
}

/// Settings that are others `here` than in the `run`, with both values.
fn overridden(run: &EvaluateConfig, here: &EvaluateConfig) -> Map<String, Value> {
    let pairs = [
        ("evaluate.threshold", run.threshold.as_str(), here.threshold.as_str()),
        ("evaluate.video", run.video.name(), here.video.name()),
        ("evaluate.missing_faces", run.missing_faces.name(), here.missing_faces.name()),
        ("evaluate.level", run.level.name(), here.level.name()),
        ("evaluate.bn_test", run.bn_test.name(), here.bn_test.name()),
        ("evaluate.scored_by", run.scored_by.name(), here.scored_by.name()),
    ];
    let others = pairs.into_iter().filter(|(_, run, here)| run != here);
    others.map(|(key, run, here)| (key.to_owned(), json!({ "run": run, "here": here }))).collect()
}

fn summarise(
    sets: &[ScoreSet],
    origin: Origin<'_>,
    tell: &(dyn Fn(usize, usize) + Sync),
) -> Result<Value, EngineError> {
    let Origin { config, now: provenance, selection, .. } = origin;
    let find = |name: &str| sets.iter().find(|s| s.name == name).map(|s| with_missing(s, config, provenance));
    let Some(test) = find("test") else {
        return Err(EngineError::Refused("there are no test scores".to_owned()));
    };
    let (dev, train) = (find("dev"), find("train"));
    let clips = &provenance.clips;
    if config.evaluate.missing_faces == MissingFaces::Reject && clips.without_face != clips.faceless.len() {
        return Err(EngineError::Refused(format!(
            "the session says that {} clips showed no face, but not which, as it is of an earlier version; train anew, or \
             set evaluate.missing_faces to drop",
            clips.without_face
        )));
    }
    let rule: Rule = config.evaluate.threshold.parse()?;
    if test.scores.is_empty() && test.rejected.is_empty() {
        return Ok(Value::Object(with_origin(without_test(config, selection), origin)));
    }
    let mut request = MetricsRequest::new(Source::Set(&test), rule);
    request.dev = dev.as_deref().map(Source::Set);
    request.train = train.as_deref().map(Source::Set);
    request.video = fusion(config.evaluate.video);
    request.level = Some(match config.evaluate.level {
        ConfigLevel::Video => Level::Video,
        ConfigLevel::Frame => Level::Frame,
    });
    request.seed = config.seed;
    let mut metrics = Metrics { checkpoint_selection: selection.to_owned(), ..measure_telling(&request, tell)? };
    metrics.warnings.extend(origin.warnings.iter().cloned());
    let results = serde_json::to_value(&metrics).map_err(|e| EngineError::Checkpoint(e.to_string()))?;
    let Value::Object(map) = results else { return Ok(results) };
    Ok(Value::Object(with_origin(map, origin)))
}

/// What teachers and maps are worth, as results.json has it: `maps` by kind, and beside it the numbers that runs are compared by.
fn of_maps(judged: &[Judged], config: &RunConfig) -> Result<Map<String, Value>, EngineError> {
    let mut all = Map::new();
    let mut headlines = Map::new();
    for one in judged {
        let auc = if one.scores.scores.is_empty() { None } else { Ranked::new(&fused(&one.scores, config)?).auc() };
        let lies = Localisation::over(&one.lies, config.seed);
        let mut known = Map::new();
        known.insert("auc".to_owned(), json!(auc));
        known.insert("separation".to_owned(), json!(one.separation));
        known.insert("spread".to_owned(), json!(one.spread));
        known.insert("pixel_auc".to_owned(), json!(lies.as_ref().map(|l| l.auc)));
        known.insert("pixel_auc_ci".to_owned(), json!(lies.as_ref().and_then(|l| l.interval)));
        known.insert("pixel_precision".to_owned(), json!(lies.as_ref().map(|l| l.precision)));
        known.insert("pixel_faces".to_owned(), json!(lies.as_ref().map_or(0, |l| l.faces)));
        known.insert("pixel_auc_species".to_owned(), json!(lies.as_ref().map(|l| &l.species)));
        known.retain(|_, value| !value.is_null());
        let number = |key: &str| known.get(key).and_then(Value::as_f64);
        for (key, value) in [("auc", number("auc")), ("pixel_auc", number("pixel_auc"))] {
            headlines.insert(format!("{}_{key}", one.maker.key()), json!(value));
        }
        all.insert(one.maker.key().to_owned(), Value::Object(known));
    }
    let number = |key: &str| headlines.get(key).and_then(Value::as_f64);
    let gain = number("teacher_auc").zip(number("pretrained_auc")).map(|(after, before)| after - before);
    let spread = all.get("teacher").and_then(|t| t["spread"].as_f64());
    let kept = ["pretrained_auc", "teacher_auc", "momentum_teacher_auc", "teacher_pixel_auc", "detector_pixel_auc"];
    let mut out: Map<String, Value> =
        kept.iter().filter_map(|key| Some(((*key).to_owned(), json!(number(key)?)))).collect();
    out.extend(gain.map(|gain| ("teacher_auc_gain".to_owned(), json!(gain))));
    out.extend(spread.map(|spread| ("teacher_spread".to_owned(), json!(spread))));
    let pixel_auc = |maker: MapMaker| number(&format!("{}_pixel_auc", maker.key()));
    if let Some((maker, auc)) = MapMaker::LOCALISERS.into_iter().find_map(|maker| Some((maker, pixel_auc(maker)?))) {
        out.insert("pixel_auc".to_owned(), json!(auc));
        out.insert("pixel_auc_of".to_owned(), json!(maker.key()));
        let over = pixel_auc(MapMaker::MeanMap).map(|place| auc - place);
        out.extend(over.map(|over| ("pixel_auc_over_mean_map".to_owned(), json!(over))));
    }
    if !all.is_empty() {
        out.insert("maps".to_owned(), Value::Object(all));
    }
    Ok(out)
}

fn fusion(rule: VideoRule) -> Fusion {
    match rule {
        VideoRule::Mean => Fusion::Mean,
        VideoRule::Median => Fusion::Median,
        VideoRule::Max => Fusion::Max,
    }
}

/// Scores of presentations, as the run's own are made of its frames.
fn fused(set: &ScoreSet, config: &RunConfig) -> Result<ScoreSet, EngineError> {
    let rule = fusion(config.evaluate.video);
    Ok(match config.evaluate.level {
        ConfigLevel::Video => fuse_frames(set, rule, &mut vec![])?,
        ConfigLevel::Frame => set.clone(),
    })
}

/// Results of data without a test part: every number is undefined, and a warning says why.
fn without_test(config: &RunConfig, selection: &str) -> Map<String, Value> {
    let undefined =
        ["threshold", "apcer_max", "apcer_pooled", "bpcer", "acer_max", "acer_pooled", "hter", "eer", "auc"];
    let mut map: Map<String, Value> = undefined.iter().map(|key| ((*key).to_owned(), Value::Null)).collect();
    let known = json!({
        "apcer": {},
        "ci": {},
        "n_live": 0,
        "n_attack": 0,
        "n_rows": 0,
        "threshold_rule": config.evaluate.threshold,
        "oracle": false,
        "level": config.evaluate.level,
        "test_set": "test",
        "checkpoint_selection": selection,
        "warnings": ["the data have no test part, so no error rates can be given"],
    });
    map.extend(known.as_object().cloned().unwrap_or_default());
    map
}

/// Adds where results come from.
fn with_origin(mut map: Map<String, Value>, origin: Origin<'_>) -> Map<String, Value> {
    let Origin { config, own, run, now: provenance, checkpoint, .. } = origin;
    let clips = &provenance.clips;
    map.insert("data".to_owned(), json!(provenance.data));
    map.insert("origin".to_owned(), json!(provenance.origin));
    map.insert("fingerprint".to_owned(), json!(provenance.fingerprint));
    if provenance.fingerprint != run.fingerprint {
        map.insert("run_fingerprint".to_owned(), json!(run.fingerprint));
        map.insert("faces".to_owned(), json!(provenance.faces));
        map.insert("faceless".to_owned(), json!(clips.faceless));
    }
    if !clips.is_none() {
        map.insert("sets".to_owned(), json!(clips.sets));
        map.insert("partial".to_owned(), json!(clips.partial));
        let left_out = json!({ "unreadable": clips.unreadable, "without_face": clips.without_face });
        map.insert("clips_left_out".to_owned(), left_out);
    }
    map.insert("missing_faces".to_owned(), missing(config, provenance));
    let overridden = overridden(own, &config.evaluate);
    if !overridden.is_empty() {
        map.insert("overridden".to_owned(), Value::Object(overridden));
    }
    map.insert("detector".to_owned(), json!(config.title()));
    if config.detector.supervision == Supervision::Depth {
        map.insert("depth".to_owned(), json!(provenance.depth));
    }
    if !provenance.trunk.is_empty() {
        map.insert("trunk".to_owned(), json!(provenance.trunk));
    }
    if let Some(protocol) = config.teachers_protocol() {
        map.insert("teacher_protocol".to_owned(), json!(protocol));
    }
    map.insert("checkpoint".to_owned(), json!(checkpoint));
    map.insert("seed".to_owned(), json!(config.seed));
    map.insert("version".to_owned(), json!(provenance.version));
    map
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Polarity;
    use crate::session::{ClipSources, FacelessClip};

    fn set(name: &str, rows: &[(&str, bool, f64)]) -> ScoreSet {
        let row = |&(clip, live, score): &(&str, bool, f64)| Score {
            claimed_id: clip.into(),
            test_label: clip.into(),
            attack_type: if live { String::new() } else { "print".into() },
            is_bonafide: live,
            score,
            ..Score::default()
        };
        let scores = rows.iter().map(row).collect();
        ScoreSet { name: name.into(), polarity: Polarity::SpoofHigh, scores, ..ScoreSet::default() }
    }

    fn faceless(clip: &str, split: &str, live: bool) -> FacelessClip {
        let species = if live { "" } else { "mask" };
        FacelessClip { clip: clip.into(), split: split.into(), live, species: species.into(), subject: "9".into() }
    }

    fn provenance() -> Provenance {
        let faceless = vec![
            faceless("a", "test", true),
            faceless("b", "test", false),
            faceless("c", "dev", true),
            faceless("d", "train", true),
        ];
        let clips = ClipSources { asked: 20, without_face: faceless.len(), faceless, ..ClipSources::default() };
        Provenance { fingerprint: "f00d".into(), clips, ..Provenance::default() }
    }

    fn results(policy: MissingFaces, provenance: &Provenance) -> Result<Value, EngineError> {
        let mut config = RunConfig::default();
        config.evaluate.missing_faces = policy;
        // High means spoof; a frame each, but the first live clip has two.
        let dev = set("dev", &[("l1", true, 0.0), ("l2", true, 0.2), ("s1", false, 0.8), ("s2", false, 1.0)]);
        let test = set("test", &[("l3", true, 0.1), ("l3", true, 0.3), ("l4", true, 0.6), ("s3", false, 0.7)]);
        let own = EvaluateConfig::default();
        let (run, now) = (provenance, provenance);
        let origin = Origin { config: &config, own: &own, run, now, checkpoint: 7, selection: LAST, warnings: &[] };
        summarise(&[dev, test], origin, &|_, _| ())
    }

    #[test]
    fn clips_without_a_face_are_dropped_or_rejected_and_counted_either_way() {
        let provenance = provenance();
        let drop = results(MissingFaces::Drop, &provenance).unwrap();
        let reject = results(MissingFaces::Reject, &provenance).unwrap();
        // Dropped: dev is parted at 0.5; of the scored test clips one of two live ones is rejected, and the attack is.
        // Rejected: one live clip of three in dev is rejected whatever the threshold, so that |FAR - FRR| is smallest at
        // 0.9 with 1/2 and 1/3; of the test clips those without a face alone are rejected.
        let rates = |r: &Value| ["bpcer", "apcer_pooled", "n_live", "n_attack"].map(|key| r[key].as_f64().unwrap());
        assert_eq!(rates(&drop), [0.5, 0.0, 2.0, 1.0]);
        assert_eq!(rates(&reject), [1.0 / 3.0, 0.5, 3.0, 2.0]);
        assert_eq!(reject["apcer"], json!({ "mask": 0.0, "print": 1.0 }));
        assert_eq!((&reject["n_rejected_live"], &reject["n_rejected_attack"]), (&json!(1), &json!(1)));
        let part = |live: usize, attack: usize| json!({ "live": live, "attack": attack });
        for (results, policy) in [(&drop, "drop"), (&reject, "reject")] {
            let expected = json!({ "policy": policy, "train": part(1, 0), "dev": part(1, 0), "test": part(1, 1) });
            assert_eq!(results["missing_faces"], expected);
        }
        assert!(drop["overridden"].is_null(), "as the run has it");
        assert_eq!(reject["overridden"], json!({ "evaluate.missing_faces": { "run": "drop", "here": "reject" } }));
        let error = |r: &Value| r["threshold_set_error"].as_f64().unwrap();
        assert!(error(&drop) == 0.0 && (error(&reject) - 5.0 / 12.0).abs() < 1e-15);
    }

    #[test]
    fn a_result_says_what_it_is_the_result_of() {
        let results = results(MissingFaces::Drop, &provenance()).unwrap();
        for (key, value) in [
            ("threshold_rule", json!("dev_eer")),
            ("oracle", json!(false)),
            ("level", json!("video")),
            ("video_rule", json!("mean")),
            ("checkpoint_selection", json!("last iteration")),
            ("frames_per_video", json!({ "min": 1, "median": 1.0, "max": 2 })),
            ("fingerprint", json!("f00d")),
        ] {
            assert_eq!(results[key], value, "{key}");
        }
        assert_eq!(results["scores_fingerprint"].as_str().unwrap().len(), 64);
    }

    #[test]
    fn a_session_that_does_not_list_its_clips_without_a_face_cannot_reject_them() {
        let mut provenance = provenance();
        provenance.clips.faceless.clear();
        assert!(results(MissingFaces::Drop, &provenance).is_ok());
        let words = results(MissingFaces::Reject, &provenance).unwrap_err().to_string();
        assert!(words.contains("4 clips") && words.contains("evaluate.missing_faces"), "{words}");
    }
}
