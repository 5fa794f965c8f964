//! The files of the built-in benchmark: a folder a set, laid out like the real one, and beside them `truth` with maps
//! and facts by the same paths. A clip is made when it is first wanted; one that is damaged is made anew.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use image::{ExtendedColorType, GrayImage, ImageEncoder as _, ImageFormat};

use crate::data::clip::SetName;
use crate::data::video;
use crate::synth::{Frame, GENERATOR_VERSION, Renderer, SynthError};

use super::keep::keep;
use super::truth::{Truth, hex};
use super::{BuiltinError, Planned, Scale};

/// The file that says which benchmark a folder holds.
const NOTE: &str = "benchmark.txt";

/// Which maps are kept beside depth and the attack's mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maps {
    /// No others.
    Labels,
    /// Normals and albedo too.
    All,
}

/// Whether `folder` lies in a benchmark that this program wrote, whose numbers must never pass for real ones.
pub fn is_synthetic(folder: &Path) -> bool {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    folder.ancestors().take(6).any(|f| Tree::noted(f).is_some())
}

/// A clip's files in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The video.
    pub video: video::Clip,
    /// What is known of it.
    pub truth: Truth,
    /// Facial depth of all frames, one under the other.
    pub depth: Vec<u8>,
    /// The attack's material in all frames, one under the other.
    pub mask: Vec<u8>,
}

/// The folder that holds all sets of one scale and seed.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
    scale: Scale,
    seed: u64,
    maps: Maps,
    renderer: OnceLock<Renderer>,
}

impl Tree {
    /// The tree in `root`, which need not exist yet.
    pub fn new(root: PathBuf, scale: Scale, seed: u64, maps: Maps) -> Self {
        Self { root, scale, seed, maps, renderer: OnceLock::new() }
    }

    /// The tree in the cache folder: its name tells everything that shapes its content.
    pub fn cached(cache: &Path, scale: Scale, seed: u64) -> Self {
        let name = format!("v{GENERATOR_VERSION}-{}-{seed}", scale.name());
        Self::new(cache.join("synth").join(name), scale, seed, Maps::Labels)
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Its scale.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The seed of its people and clips.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What is noted in `folder`: which benchmark it holds; nothing where it holds none.
    pub fn noted(folder: &Path) -> Option<String> {
        let note = fs::read_to_string(folder.join(NOTE)).ok()?;
        note.starts_with("benchmark ").then(|| note.trim().to_owned())
    }

    /// Notes in the folder which benchmark it holds; an error where it holds another one.
    pub fn claim(&self) -> Result<(), BuiltinError> {
        let wanted = format!("benchmark {}, seed {}, generator {GENERATOR_VERSION}", self.scale.name(), self.seed);
        let path = self.root.join(NOTE);
        match fs::read_to_string(&path) {
            Ok(there) if there.trim() == wanted => Ok(()),
            Ok(there) => {
                let (folder, there) = (self.root.clone(), there.trim().to_owned());
                Err(BuiltinError::Taken { folder, there, wanted })
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => keep(&path, wanted.as_bytes()),
            Err(source) => Err(BuiltinError::File { path, source }),
        }
    }

    /// The folder of `set`, as its loaders know it.
    pub fn set_root(&self, set: SetName) -> PathBuf {
        self.root.join(set.synthetic())
    }

    /// The video of a clip.
    pub fn video_path(&self, planned: &Planned) -> PathBuf {
        self.set_root(planned.info.set).join(&planned.info.path)
    }

    /// A file beside the video: `kind` is its ending, as `depth.png`.
    pub fn truth_path(&self, planned: &Planned, kind: &str) -> PathBuf {
        let clip = Path::new(&planned.info.path).with_extension("");
        let name = format!("{}.{kind}", clip.file_name().unwrap_or_default().to_string_lossy());
        self.root.join("truth").join(planned.info.set.synthetic()).join(clip.with_file_name(name))
    }

    /// The clip's files; made first where they are missing or damaged. The flag says whether they were found.
    pub fn ensure(&self, planned: &Planned) -> Result<(Stored, bool), BuiltinError> {
        if let Ok(stored) = self.read(planned) {
            return Ok((stored, true));
        }
        let made = self.make(planned)?;
        Ok((made, false))
    }

    /// The clip's files as they lie there, or in words why they cannot be used.
    pub fn read(&self, planned: &Planned) -> Result<Stored, String> {
        let read = |path: PathBuf| fs::read(&path).map_err(|e| format!("{}: {e}", path.display()));
        let truth = read(self.truth_path(planned, "json"))?;
        let truth: Truth = serde_json::from_slice(&truth).map_err(|e| e.to_string())?;
        if truth.clip != planned.clip {
            return Err("it was made by another plan".to_owned());
        }
        let bytes = read(self.video_path(planned))?;
        if hex(&bytes) != truth.video {
            return Err("the video does not match its checksum".to_owned());
        }
        let video = video::read(&bytes).map_err(|e| e.to_string())?;
        let rows = video.height * video.frames.len() as u32;
        let map = |kind: &str| -> Result<Vec<u8>, String> {
            let bytes = read(self.truth_path(planned, kind))?;
            let picture = image::load_from_memory_with_format(&bytes, ImageFormat::Png).map_err(|e| e.to_string())?;
            let picture: GrayImage = picture.into_luma8();
            if picture.dimensions() == (video.width, rows) {
                Ok(picture.into_raw())
            } else {
                Err(format!("{kind} has the wrong size"))
            }
        };
        let (depth, mask) = (map("depth.png")?, map("mask.png")?);
        if self.maps == Maps::All && !self.truth_path(planned, "normals.png").exists() {
            return Err("it has no normals".to_owned());
        }
        Ok(Stored { video, truth, depth, mask })
    }

    fn make(&self, planned: &Planned) -> Result<Stored, BuiltinError> {
        let take = self.renderer()?.open(self.seed, &planned.clip, self.scale.side());
        let seconds: Vec<f32> = (0..self.scale.frames()).map(|i| i as f32 / self.scale.rate()).collect();
        let frames: Vec<Frame> = seconds.iter().zip(0..).map(|(s, i)| take.frame(*s, i)).collect();
        let (width, height) = frames.first().map_or((0, 0), |f| (f.width, f.height));
        let stack = |of: fn(&Frame) -> &[u8]| frames.iter().flat_map(|f| of(f).iter().copied()).collect::<Vec<u8>>();
        let (depth, mask) = (stack(|f| &f.depth), stack(|f| &f.mask));
        let rows = (height * frames.len()) as u32;
        let keep_map = |kind: &str, pixels: &[u8], colour: ExtendedColorType| {
            let path = self.truth_path(planned, kind);
            let bytes = png(pixels, width as u32, rows, colour)
                .map_err(|e| BuiltinError::Unreadable { path: path.clone(), reason: e.to_string() })?;
            keep(&path, &bytes)
        };
        keep_map("depth.png", &depth, ExtendedColorType::L8)?;
        keep_map("mask.png", &mask, ExtendedColorType::L8)?;
        if self.maps == Maps::All {
            keep_map("normals.png", &stack(|f| &f.normals), ExtendedColorType::Rgb8)?;
            keep_map("albedo.png", &stack(|f| &f.albedo), ExtendedColorType::Rgb8)?;
        }
        let video = video::Clip {
            width: width as u32,
            height: height as u32,
            rate: self.scale.rate(),
            turned: planned.clip.upside_down,
            frames: frames.iter().map(|f| f.jpeg.clone()).collect(),
        };
        let path = self.video_path(planned);
        let bytes = video::write(&video, &path);
        keep(&path, &bytes)?;
        // The facts come last: a clip is whole when they are there.
        let truth = Truth::new(&planned.info, &planned.clip, &frames, &seconds, &bytes);
        let path = self.truth_path(planned, "json");
        let json = serde_json::to_vec(&truth)
            .map_err(|e| BuiltinError::Unreadable { path: path.clone(), reason: e.to_string() })?;
        keep(&path, &json)?;
        Ok(Stored { video, truth, depth, mask })
    }

    fn renderer(&self) -> Result<&Renderer, SynthError> {
        if let Some(renderer) = self.renderer.get() {
            return Ok(renderer);
        }
        // Two threads may both load one at the beginning; the first to finish is kept.
        let made = Renderer::new()?;
        Ok(self.renderer.get_or_init(|| made))
    }
}

fn png(pixels: &[u8], width: u32, height: u32, colour: ExtendedColorType) -> Result<Vec<u8>, image::ImageError> {
    let mut out = Cursor::new(Vec::new());
    image::codecs::png::PngEncoder::new(&mut out).write_image(pixels, width, height, colour)?;
    Ok(out.into_inner())
}
