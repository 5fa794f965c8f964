//! The built-in faces as a [`FaceSet`]: rendered in parallel on first use, then kept in one file. How a face is drawn
//! is in `synth`; here is only which faces a set has, their cache, and its safety against damage and second builders.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use rayon::prelude::*;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::synth::{self, ClipSpec, Frame, GENERATOR_VERSION, Part, Renderer, SynthConfig, SynthError};

use super::{FaceInfo, FaceSet, Label, Origin, Split};

/// How far the making of a set has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Frames that are ready.
    pub done: usize,
    /// Frames of the whole set.
    pub total: usize,
}

/// What the listener of [`Progress`] wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continue {
    /// Go on.
    Yes,
    /// Stop as soon as possible.
    Stop,
}

/// Why there is no set.
#[derive(Debug, Error)]
pub enum BuiltinError {
    /// The configuration asks for something that cannot be.
    #[error("the built-in faces cannot be made: {0}")]
    Config(String),
    /// The listener said stop. Nothing was kept.
    #[error("the making of the built-in faces was stopped")]
    Stopped,
    /// The renderer cannot start.
    #[error(transparent)]
    Synth(#[from] SynthError),
    /// The worker threads cannot be started.
    #[error("the threads for the built-in faces cannot be started")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// The set of `config`: from the cache folder where it lies ready, else rendered on `threads` threads (at least one).
///
/// The result does not depend on `threads`. The cache is `<cache>/synth/<key>.safetensors`; a file that is damaged is
/// made anew, a folder that cannot be written does no harm, and both are told in the set's `problems`. `progress` is
/// called from worker threads after every frame.
pub fn load(
    config: &SynthConfig,
    cache: &Path,
    threads: usize,
    progress: &(dyn Fn(Progress) -> Continue + Sync),
) -> Result<FaceSet, BuiltinError> {
    if let Some(problem) = config.problem() {
        return Err(BuiltinError::Config(problem));
    }
    let path = cache.join("synth").join(format!("{}.safetensors", key(config)));
    let mut problems = Vec::new();
    match fs::read(&path) {
        Ok(bytes) => match parse(&bytes, config) {
            Ok(set) => return Ok(set),
            Err(reason) => {
                problems
                    .push(format!("the cached faces {} were damaged ({reason}) and were made anew", path.display()));
            }
        },
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => problems.push(format!("the cached faces {} cannot be read: {e}", path.display())),
    }
    let mut set = render(config, threads, progress)?;
    if let Err(e) = store(&set, &path) {
        problems.push(format!("the faces could not be kept in {}: {e}", path.display()));
    }
    set.problems = problems;
    Ok(set)
}

/// What the cached file is called: a hash of all that shapes its content.
fn key(config: &SynthConfig) -> String {
    let SynthConfig { seed, size, identities, live_clips, print_clips, replay_clips, frames } = config;
    let text =
        format!("{GENERATOR_VERSION} {seed} {size} {identities} {live_clips} {print_clips} {replay_clips} {frames}");
    hex(&Sha256::digest(text.as_bytes()))[..24].to_owned()
}

fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

fn render(
    config: &SynthConfig,
    threads: usize,
    progress: &(dyn Fn(Progress) -> Continue + Sync),
) -> Result<FaceSet, BuiltinError> {
    let renderer = Renderer::new()?;
    let clips = synth::plan(config);
    let jobs: Vec<(&ClipSpec, u32)> = clips.iter().flat_map(|c| (0..config.frames).map(move |f| (c, f))).collect();
    let total = jobs.len();
    let (done, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build()?;
    let frames: Option<Vec<Frame>> = pool.install(|| {
        let one = |(clip, frame): &(&ClipSpec, u32)| {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let take = renderer.open(config.seed, &clip.clip(), config.size as usize);
            let made = take.frame(*frame as f32 * 0.4, *frame);
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if progress(Progress { done, total }) == Continue::Stop {
                stop.store(true, Ordering::Relaxed);
            }
            Some(made)
        };
        // One frame a task: they are long, and their lengths differ.
        jobs.par_iter().with_max_len(1).map(one).collect()
    });
    if stop.load(Ordering::Relaxed) {
        return Err(BuiltinError::Stopped);
    }
    let frames = frames.ok_or(BuiltinError::Stopped)?;
    let join = |f: fn(&Frame) -> &[u8]| frames.iter().flat_map(|x| f(x).iter().copied()).collect::<Vec<u8>>();
    let faces = jobs.iter().map(|(clip, frame)| info(clip, *frame)).collect();
    let (rgb, depth, mask) = (join(|f| &f.rgb), join(|f| &f.depth), join(|f| &f.mask));
    Ok(assemble(config, faces, rgb, depth, mask))
}

fn info(clip: &ClipSpec, frame: u32) -> FaceInfo {
    let name = clip.name();
    FaceInfo {
        key: format!("{name}/{frame:04}"),
        clip: name,
        label: if clip.presentation.is_live() { Label::Live } else { Label::Spoof },
        species: clip.presentation.species().to_owned(),
        subject: clip.subject(),
        camera: clip.camera_name().to_owned(),
        session: clip.session_name().to_owned(),
        split: match clip.split {
            Part::Train => Split::Train,
            Part::Dev => Split::Dev,
            Part::Test => Split::Test,
        },
    }
}

fn assemble(config: &SynthConfig, faces: Vec<FaceInfo>, rgb: Vec<u8>, depth: Vec<u8>, mask: Vec<u8>) -> FaceSet {
    let fingerprint = fingerprint(config.size, &faces, &rgb, &depth, &mask);
    FaceSet {
        name: "built-in faces".to_owned(),
        origin: Origin::Synthetic,
        size: config.size as usize,
        faces,
        rgb,
        depth: Some(depth),
        mask: Some(mask),
        fingerprint,
        problems: Vec::new(),
    }
}

/// SHA-256 over size, names, labels and all pixels.
fn fingerprint(size: u32, faces: &[FaceInfo], rgb: &[u8], depth: &[u8], mask: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(size.to_le_bytes());
    for face in faces {
        for part in [&face.key, &face.clip, &face.species, &face.subject, &face.camera, &face.session] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.update([face.label.value() as u8, face.split as u8]);
    }
    for pixels in [rgb, depth, mask] {
        hash.update((pixels.len() as u64).to_le_bytes());
        hash.update(pixels);
    }
    hex(&hash.finalize())
}

/// What stands beside the pixels in the file.
#[derive(serde::Serialize, serde::Deserialize)]
struct Beside {
    faces: Vec<FaceInfo>,
    fingerprint: String,
}

/// The set in a cached file, or in words what is wrong with the file.
fn parse(bytes: &[u8], config: &SynthConfig) -> Result<FaceSet, String> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| e.to_string())?;
    let json = header.metadata().as_ref().and_then(|m| m.get("json")).ok_or("it has no face list")?;
    let beside: Beside = serde_json::from_str(json).map_err(|e| e.to_string())?;
    let file = SafeTensors::deserialize(bytes).map_err(|e| e.to_string())?;
    let (n, s) = (beside.faces.len(), config.size as usize);
    let tensor = |name: &str, shape: &[usize]| -> Result<Vec<u8>, String> {
        let view = file.tensor(name).map_err(|e| e.to_string())?;
        if view.dtype() != Dtype::U8 || view.shape() != shape {
            return Err(format!("{name} has the wrong shape"));
        }
        Ok(view.data().to_vec())
    };
    let rgb = tensor("rgb", &[n, s, s, 3])?;
    let (depth, mask) = (tensor("depth", &[n, s, s])?, tensor("mask", &[n, s, s])?);
    let set = assemble(config, beside.faces, rgb, depth, mask);
    if set.fingerprint != beside.fingerprint {
        return Err("its pixels do not match their checksum".to_owned());
    }
    Ok(set)
}

/// Writes the set aside under a name of its own, then puts it in place: readers see the old file, none, or the whole
/// new one, whoever else is writing.
fn store(set: &FaceSet, path: &Path) -> io::Result<()> {
    let json = serde_json::to_string(&Beside { faces: set.faces.clone(), fingerprint: set.fingerprint.clone() })?;
    let (n, s) = (set.faces.len(), set.size);
    let view = |shape: Vec<usize>, data| TensorView::new(Dtype::U8, shape, data).map_err(io::Error::other);
    let empty = Vec::new();
    let views = [
        ("rgb", view(vec![n, s, s, 3], &set.rgb)?),
        ("depth", view(vec![n, s, s], set.depth.as_ref().unwrap_or(&empty))?),
        ("mask", view(vec![n, s, s], set.mask.as_ref().unwrap_or(&empty))?),
    ];
    let metadata = HashMap::from([("json".to_owned(), json)]);
    let bytes = safetensors::serialize(views, Some(metadata)).map_err(io::Error::other)?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let aside = aside(path);
    let written = fs::write(&aside, bytes).and_then(|()| fs::rename(&aside, path));
    if written.is_err() {
        // Whatever was written is of no use; that it cannot be removed either changes nothing.
        let _ignored = fs::remove_file(&aside);
    }
    written
}

/// A name beside `path` that no other process or thread uses.
fn aside(path: &Path) -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    path.with_extension(format!("{}-{number}.part", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiny() -> SynthConfig {
        SynthConfig { seed: 4, size: 32, identities: 3, live_clips: 1, print_clips: 1, replay_clips: 1, frames: 1 }
    }

    fn go(_: Progress) -> Continue {
        Continue::Yes
    }

    #[test]
    fn a_set_comes_back_from_its_cache_and_a_damaged_cache_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let seen = AtomicUsize::new(0);
        let count = |p: Progress| {
            assert_eq!(p.total, 9);
            seen.fetch_max(p.done, Ordering::Relaxed);
            Continue::Yes
        };
        let first = load(&tiny(), folder.path(), 1, &count).unwrap();
        assert_eq!(seen.load(Ordering::Relaxed), 9);
        assert_eq!((first.faces.len(), first.rgb.len()), (9, 9 * 32 * 32 * 3));
        assert!(first.problems.is_empty());
        let live: Vec<usize> = (0..9).filter(|i| first.faces[*i].label == Label::Live).collect();
        assert_eq!(live.len(), 3);
        // From the cache: nothing is rendered.
        let again = load(&tiny(), folder.path(), 1, &|_| panic!("rendered again")).unwrap();
        assert_eq!(first, again);

        let path = folder.path().join("synth").join(format!("{}.safetensors", key(&tiny())));
        let good = fs::read(&path).unwrap();
        let mut flipped = good.clone();
        let last = flipped.len() - 5;
        flipped[last] ^= 1;
        for (bad, reason) in [(flipped, "checksum"), (good[..good.len() / 2].to_vec(), ""), (b"no".to_vec(), "")] {
            fs::write(&path, bad).unwrap();
            let repaired = load(&tiny(), folder.path(), 2, &go).unwrap();
            assert!(repaired.problems.len() == 1 && repaired.problems[0].contains(reason), "{:?}", repaired.problems);
            assert_eq!((&repaired.rgb, &repaired.fingerprint), (&first.rgb, &first.fingerprint));
            assert_eq!(fs::read(&path).unwrap(), good);
        }
        let left: Vec<_> = fs::read_dir(folder.path().join("synth")).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn two_builders_at_once_both_get_the_set() {
        let folder = tempfile::tempdir().unwrap();
        let build = || load(&tiny(), folder.path(), 1, &go).unwrap();
        let (a, b) = std::thread::scope(|s| {
            let other = s.spawn(build);
            (build(), other.join().unwrap())
        });
        assert_eq!((a.fingerprint, a.rgb), (b.fingerprint, b.rgb));
        assert!(load(&tiny(), folder.path(), 1, &|_| panic!("not cached")).is_ok());
    }

    #[test]
    fn making_a_set_can_be_stopped_and_bad_values_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let stop = |p: Progress| if p.done >= 2 { Continue::Stop } else { Continue::Yes };
        assert!(matches!(load(&tiny(), folder.path(), 1, &stop), Err(BuiltinError::Stopped)));
        assert!(!folder.path().join("synth").exists());
        let odd = SynthConfig { size: 33, ..tiny() };
        assert!(matches!(load(&odd, folder.path(), 1, &go), Err(BuiltinError::Config(_))));
    }

    #[test]
    fn every_value_of_the_configuration_changes_the_key() {
        let base = tiny();
        let keys = [
            key(&base),
            key(&SynthConfig { seed: 5, ..base.clone() }),
            key(&SynthConfig { size: 40, ..base.clone() }),
            key(&SynthConfig { identities: 4, ..base.clone() }),
            key(&SynthConfig { live_clips: 2, ..base.clone() }),
            key(&SynthConfig { print_clips: 2, ..base.clone() }),
            key(&SynthConfig { replay_clips: 2, ..base.clone() }),
            key(&SynthConfig { frames: 2, ..base }),
        ];
        let different: std::collections::BTreeSet<&String> = keys.iter().collect();
        assert_eq!(different.len(), keys.len());
    }
}
