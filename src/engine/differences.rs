//! What of a run is not as it began: the machine, the faces, the settings; each as a sentence that says what follows from it.

use serde_json::Value;

use super::EngineError;
use super::setup::RANDOM_TRUNK;
use crate::config::Stage;
use crate::config::{RunConfig, shown};
use crate::data::{FaceSet, Split};
use crate::session::{Edited, Provenance, Row, Trained, TrainedClip};
use sha2::{Digest as _, Sha256};

/// Clips that a sentence names.
const NAMED: usize = 3;

/// What the run is taken up again for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// To train on.
    Training,
    /// To score faces.
    Scoring,
}

/// What of the machine `now` is not as it was `before`, as sentences.
pub fn of_machine(before: &Provenance, now: &Provenance, what_for: For) -> Vec<String> {
    // Rounding alone: it stays in the last digits of a score, but grows with every iteration of training.
    let rounding = match what_for {
        For::Training => "rounding differs, and numbers move apart as training goes on",
        For::Scoring => "scores may differ in the last digits",
    };
    let pairs = [
        ("the program's version", &before.version, &now.version),
        ("libtorch", &before.libtorch, &now.libtorch),
        ("the device", &before.device, &now.device),
        ("the processor's instruction set", &before.instruction_set, &now.instruction_set),
        ("the memory format", &before.memory_format, &now.memory_format),
    ];
    let mut all: Vec<String> = pairs
        .into_iter()
        .filter(|(_, then, now)| then != now)
        .map(|(name, then, now)| format!("{name} is not what the run began with ({now} now, {then} then): {rounding}"))
        .collect();
    if before.threads != now.threads {
        let (then, now) = (before.threads, now.threads);
        all.push(match what_for {
            For::Training => format!(
                "the number of threads is {now}, the run began with {then}: its numbers will differ visibly; only runs with \
                 the same number of threads can be compared byte for byte"
            ),
            For::Scoring => {
                format!("the number of threads is {now}, the run began with {then}: scores may differ in the last digits")
            }
        });
    }
    // Once HFN has begun its weights are in checkpoints, and the file may be gone.
    if what_for == For::Training && before.trunk != now.trunk && now.trunk != RANDOM_TRUNK {
        all.push(format!(
            "the weights that HFN starts from are others ({} now, {} then): they count only if HFN has not begun to learn",
            now.trunk, before.trunk
        ));
    }
    all
}

/// Live and attack faces of train, dev and test, in words.
fn counted(faces: &[usize]) -> String {
    let of = |(name, pair): (&str, &[usize])| format!("{name} {} + {}", pair[0], pair[1]);
    ["train", "dev", "test"].into_iter().zip(faces.chunks_exact(2)).map(of).collect::<Vec<_>>().join(", ")
}

/// That the faces are not those of the run, as a sentence; `None` where they are.
pub fn of_faces(before: &Provenance, now: &Provenance, what_for: For) -> Option<String> {
    if before.fingerprint == now.fingerprint {
        return None;
    }
    let short = |p: &Provenance| p.fingerprint.get(..12).unwrap_or(&p.fingerprint).to_owned();
    let follows = match what_for {
        For::Training => "from here on it learns from these, and its results are of these",
        For::Scoring => "the scores are of these faces, not of the run's",
    };
    let counts = if before.faces == now.faces {
        format!("as many as then ({})", counted(&now.faces))
    } else {
        format!("live + attack now: {}; then: {}", counted(&now.faces), counted(&before.faces))
    };
    Some(format!(
        "other faces: the data are not those of the run (fingerprint {} now, {} then; {counts}); {follows}",
        short(now),
        short(before)
    ))
}

/// The clips of a part of the data, each with a hash over its faces' pixels.
pub fn clips_of(faces: &FaceSet, split: Split) -> Result<Vec<TrainedClip>, EngineError> {
    let mut all: Vec<(&str, Sha256)> = vec![];
    for (i, face) in faces.faces.iter().enumerate().filter(|(_, f)| f.split == split) {
        // Faces of a clip stand together.
        if all.last().is_none_or(|(clip, _)| *clip != face.clip) {
            all.push((&face.clip, Sha256::new()));
        }
        if let Some((_, hash)) = all.last_mut() {
            hash.update(faces.rgb_of(i)?);
        }
    }
    let hex =
        |hash: Sha256| hash.finalize().iter().take(16).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    Ok(all.into_iter().map(|(clip, hash)| TrainedClip { pixels: hex(hash), name: clip.to_owned() }).collect())
}

/// That clips which are scored now were trained on, as a sentence; `trained` is what the session knows of that.
pub fn trained_on(faces: &FaceSet, trained: Option<&Trained>) -> Result<Option<String>, EngineError> {
    let Some(trained) = trained else {
        return Ok(Some(
            "the session was made by an earlier version and does not list the clips it was trained on: whether faces that \
             are scored now were trained on cannot be checked"
                .to_owned(),
        ));
    };
    let mut parts = vec![];
    for split in [Split::Dev, Split::Test] {
        let clips = clips_of(faces, split)?;
        let among = trained.among(&clips);
        if among.is_empty() {
            continue;
        }
        let named = among
            .iter()
            .take(NAMED)
            .map(|(now, then)| if now == then { (*now).to_owned() } else { format!("{now}, then {then}") });
        let more = if among.len() > NAMED { "; …" } else { "" };
        let named = named.collect::<Vec<_>>().join("; ");
        parts.push(format!("{} of {} clips of the {split} part ({named}{more})", among.len(), clips.len()));
    }
    let parts = parts.join(" and ");
    Ok((!parts.is_empty()).then(|| format!("the run was trained on faces that are scored now: {parts}")))
}

/// Settings that were edited in run.toml, a sentence each; they hold from counted iteration `from` on. `live` says which settings
/// were changed while the run went on, which overrides run.toml.
pub fn of_settings(edited: &[Edited], from: u64, what_for: For, live: impl Fn(&str) -> bool) -> Vec<String> {
    let sentence = |Edited { key, before, now }: &Edited| {
        let (before, now) = (said(before), said(now));
        match what_for {
            For::Scoring => format!("{key} is {now} in run.toml, but the run was trained with {before}"),
            For::Training if live(key) => format!(
                "{key} is {now} in run.toml and was {before}, but it was changed while the run went on: that change holds, not run.toml"
            ),
            For::Training if key == "seed" => format!(
                "seed is {now} in run.toml, the run was trained with {before}: from iteration {from} on it is another run, and \
                 its results are of neither seed"
            ),
            For::Training => format!(
                "{key} is {now} in run.toml, the run was trained with {before}: {now} holds from iteration {from} on"
            ),
        }
    };
    edited.iter().map(sentence).collect()
}

fn said(value: &Value) -> String {
    let text = shown(value);
    if text.is_empty() { "empty".to_owned() } else { text }
}

/// How many iterations of each counted stage were done, by the run's rows.
fn done(rows: &[Row], stage: Stage) -> u64 {
    rows.iter().filter(|r| r.stage == stage).map(|r| r.stage_iteration + 1).max().unwrap_or(0)
}

/// The counted iteration up to which a run with these rows can be kept where its settings are `config`: all of it, or as far as
/// the bi-level stage goes the same way. Stages that were done cannot get another length otherwise: they would come twice.
pub fn kept_up_to(rows: &[Row], config: &RunConfig) -> Result<u64, EngineError> {
    let lengths = config.lengths();
    let mut limit = u64::MAX;
    for (at, stage) in Stage::COUNTED.into_iter().enumerate() {
        let (done, length) = (done(rows, stage), stage.length(lengths));
        let went_on = Stage::COUNTED[at + 1..].iter().any(|later| rows.iter().any(|r| r.stage == *later));
        if done <= length && (done == length || !went_on) {
            continue;
        }
        if stage != Stage::Bilevel {
            let key = match stage {
                Stage::Pretrain => "pretrain.iterations",
                Stage::Rival => "rival.iterations",
                _ => "detector.iterations",
            };
            let then = if went_on { " and gone on to the next stage" } else { "" };
            return Err(EngineError::Refused(format!(
                "{key} is {length} in run.toml, but the run has done {done} iterations of that stage{then}; set it to {done} \
                 again, or start a new run"
            )));
        }
        limit = limit.min(stage.first(lengths) + done.min(length));
    }
    Ok(limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Preset;
    use serde_json::json;

    #[test]
    fn only_rounding_is_called_last_digits() {
        let before =
            Provenance { threads: 1, fingerprint: "aa".into(), faces: vec![1, 2, 3, 4, 5, 6], ..Provenance::default() };
        let now = Provenance { threads: 2, fingerprint: "bb".into(), faces: vec![1, 2, 3, 4, 5, 5], ..before.clone() };
        let threads = of_machine(&before, &now, For::Training);
        assert_eq!(threads.len(), 1);
        assert!(threads[0].contains("visibly") && !threads[0].contains("last digits"), "{}", threads[0]);
        for what_for in [For::Training, For::Scoring] {
            let faces = of_faces(&before, &now, what_for).unwrap();
            assert!(faces.starts_with("other faces") && faces.contains("test 5 + 5; then"), "{faces}");
            assert!(!faces.contains("last digits"), "{faces}");
        }
        assert_eq!(of_faces(&now, &now, For::Scoring), None);
        let seed = Edited { key: "seed".into(), before: json!(0), now: json!(7) };
        let told = of_settings(&[seed], 12, For::Training, |_| false);
        assert!(told[0].contains("another run") && told[0].contains("12"), "{told:?}");
    }

    fn rows(stages: &[(Stage, u64)]) -> Vec<Row> {
        let row = |stage: Stage, stage_iteration| Row { iteration: 0, stage, stage_iteration, values: vec![] };
        stages.iter().flat_map(|&(stage, count)| (0..count).map(move |i| row(stage, i))).collect()
    }

    #[test]
    fn stages_never_come_twice() {
        let mut config = Preset::Demo.config();
        config.pretrain.iterations = 10;
        config.bilevel.iterations = 4;
        config.detector.iterations = 10;
        let limit = |config: &RunConfig, stages: &[(Stage, u64)]| kept_up_to(&rows(stages), config);
        let whole = [(Stage::Pretrain, 10), (Stage::Bilevel, 4), (Stage::Detector, 10)];
        assert_eq!(limit(&config, &whole).unwrap(), u64::MAX);
        assert_eq!(limit(&config, &[(Stage::Pretrain, 10), (Stage::Bilevel, 2)]).unwrap(), u64::MAX);
        // More or fewer bi-level iterations: as far as both go the same way.
        config.bilevel.iterations = 6;
        assert_eq!(limit(&config, &whole).unwrap(), 14);
        config.bilevel.iterations = 3;
        assert_eq!(limit(&config, &whole).unwrap(), 13);
        config.bilevel.iterations = 4;
        // Pretraining gets no other length once the next stage has begun, and none that it has passed.
        config.pretrain.iterations = 20;
        for stages in [&whole[..], &[(Stage::Pretrain, 10), (Stage::Bilevel, 1)]] {
            let words = limit(&config, stages).unwrap_err().to_string();
            assert!(words.contains("pretrain.iterations is 20") && words.contains("10"), "{words}");
        }
        assert_eq!(limit(&config, &[(Stage::Pretrain, 10)]).unwrap(), u64::MAX, "before that it may be longer");
        config.pretrain.iterations = 5;
        assert!(limit(&config, &[(Stage::Pretrain, 8)]).is_err());
        config.pretrain.iterations = 10;
        config.detector.iterations = 20;
        assert_eq!(limit(&config, &whole).unwrap(), u64::MAX, "the last stage may be longer");
    }
}
