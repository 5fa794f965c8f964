//! Sessions to make figures of: the one in the repository, and copies of it with other settings or results.

use std::fs;
use std::path::{Path, PathBuf};

use metafas::eval::{Polarity, ScoreSet};
use metafas::report::{FigureKind, FigureRequest};

/// The session in the repository.
pub fn demo() -> PathBuf {
    PathBuf::from("sessions/demo")
}

pub fn request(kind: FigureKind, sessions: &[PathBuf], out: &Path) -> FigureRequest {
    FigureRequest::new(sessions.to_vec(), kind, out)
}

/// A copy of the session without its checkpoints and with its last maps alone, `edits` made in run.toml.
pub fn copy(into: &Path, name: &str, edits: &[(&str, &str)]) -> PathBuf {
    let path = into.join(name);
    for folder in ["maps", "scores"] {
        fs::create_dir_all(path.join(folder)).unwrap();
    }
    let files = [
        "metrics.jsonl",
        "status.json",
        "timing.jsonl",
        "maps/faces.safetensors",
        "maps/001050.safetensors",
        "scores/test.csv",
        "scores/dev.csv",
        "scores/results.json",
    ];
    for file in files {
        fs::copy(demo().join(file), path.join(file)).unwrap();
    }
    let mut text = fs::read_to_string(demo().join("run.toml")).unwrap();
    for (old, new) in edits {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    fs::write(path.join("run.toml"), text).unwrap();
    path
}

/// The same with a seed, a gamma, and every `acer_max` set to `acer`.
pub fn seeded(into: &Path, number: u32, gamma: &str, acer: f64) -> PathBuf {
    let name = format!("gamma-{gamma}-seed-{number}");
    let seed = format!("seed = {number}\n\n[data]");
    let path = copy(into, &name, &[("seed = 0\n\n[data]", &seed), ("gamma = 0.999", &format!("gamma = {gamma}"))]);
    let file = path.join("scores/results.json");
    let mut results: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    results["acer_max"] = acer.into();
    // Another seed has other scores.
    let scores = path.join("scores/test.csv");
    if scores.is_file() {
        let mut set = ScoreSet::read(&scores, Polarity::LiveHigh).unwrap();
        set.scores[0].score += 1e-9 * f64::from(number) + 1e-12 * gamma.len() as f64;
        set.save_bob(&scores).unwrap();
        results["scores_fingerprint"] = ScoreSet::read(&scores, Polarity::LiveHigh).unwrap().fingerprint().into();
    } else {
        results["scores_fingerprint"] = name.clone().into();
    }
    fs::write(&file, results.to_string()).unwrap();
    path
}
