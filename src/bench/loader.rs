//! How fast faces come: cut out of videos, read from pictures, handed out of a pack as bytes, and made into batches of
//! numbers. Beside them stands what this machine's memory does, since a batch of numbers is little else than moving
//! them: every rate is measured in the same run, with the same threads.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use image::{ExtendedColorType, ImageEncoder as _, codecs::png::PngEncoder};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tch::Tensor;
use thiserror::Error;

use crate::data::augment::Recipe;
use crate::data::pack::{self, Pack, PackError, Part};
use crate::data::{
    Continue, CutFace, Cuts, Cutter, FaceSet, FolderError, Footage, Label, Origin, Sampler, SourceClip, Split, Turn,
    load_folder,
};
use crate::nets::native;
use crate::rng::Streams;

/// Side of the faces, unless what is given has its own.
pub const SIDE: usize = 256;
/// Live faces, and as many spoofs, of a batch.
const HALF: usize = 16;
/// A pack is filled up with copies to so many faces, so that it lies in memory and not in the processor's cache.
const FILL: usize = 2048;
/// Faces of a clip of copies.
const EACH: usize = 16;
/// Clips are cut for so many times as long as another rate is measured.
const CUTTING: f64 = 12.0;

/// Why nothing could be measured.
#[derive(Debug, Error)]
pub enum LoaderError {
    /// The pack of the measurement.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The pictures of the measurement.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// No clip gave a face.
    #[error("none of the {clips} clips gave a face; the first one: {first}")]
    NoFaces {
        /// Clips that were tried.
        clips: usize,
        /// What became of the first.
        first: String,
    },
    /// A file of the measurement cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What is measured.
#[derive(Clone, Copy)]
pub enum Given<'a> {
    /// A pack.
    Pack(&'a Path),
    /// Clips and who cuts their faces out.
    Clips(&'a [SourceClip], &'a dyn Cutter),
    /// A folder of live and spoof pictures.
    Pictures(&'a Path),
}

/// Faces a second; absent where there is nothing to measure it on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FacesPerSecond {
    /// Cut out of videos: decoded, found, aligned, scaled.
    pub video: Option<f64>,
    /// Read from pictures of single faces, PNG.
    pub pictures: Option<f64>,
    /// Drawn from the pack by the sampler and handed out as bytes without a copy, every byte read once.
    pub pack_u8: f64,
    /// The same without reading them: the sampler's own cost.
    pub pack_u8_handed: f64,
    /// Drawn and augmented as CDCN does it, as bytes.
    pub augmented: f64,
    /// Drawn and made into normalised batches of single precision, a new tensor each, as a run does.
    pub pack_f32: f64,
    /// The same, always into the same tensor.
    pub pack_f32_in_place: f64,
}

/// What memory does, in 10^9 bytes a second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// Reading blocks that no cache holds.
    pub read: f64,
    /// Copying such blocks, bytes read and bytes written counted each.
    pub copy: f64,
    /// Writing over a batch of single precision again and again.
    pub write: f64,
}

/// A measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoaderReport {
    /// Faces a second.
    pub faces_per_second: FacesPerSecond,
    /// Memory's speed beside them.
    pub memory_gb_per_second: Memory,
    /// Batches of single precision that writing alone would allow, in faces a second.
    pub f32_bound: f64,
    /// Side of the faces in pixels.
    pub side: usize,
    /// Faces of a batch.
    pub batch: usize,
    /// Faces in the measured pack, copies included.
    pub faces: usize,
    /// Faces that were cut out of videos.
    pub cut: usize,
    /// Threads.
    pub threads: usize,
}

/// How it is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoaderOptions {
    /// Threads, at least one.
    pub threads: usize,
    /// Seconds that each rate is measured for.
    pub seconds: f64,
}

/// Measures; files that are needed for it go to `scratch`, a folder that is there and empty.
pub fn loader(given: Given<'_>, options: LoaderOptions, scratch: &Path) -> Result<LoaderReport, LoaderError> {
    let LoaderOptions { threads, seconds } = options;
    let threads = threads.max(1);
    let clock = Clock(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::from_secs(1)));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(PackError::from)?;
    tch::set_num_threads(threads as i32);
    let (mut video, mut pictures, mut cut) = (None, None, 0);
    let set = match given {
        Given::Pack(folder) => from_pack(&pack::open(folder)?, threads)?,
        Given::Clips(clips, cutter) => {
            let (faces, rate) = pool.install(|| cut_for_a_while(clips, cutter, clock.0.mul_f64(CUTTING)))?;
            (video, cut) = (Some(rate), faces.len());
            filled(&scratch.join("pack"), faces, cutter.side(), threads)?
        }
        Given::Pictures(folder) => {
            let began = Instant::now();
            let set = pool.install(|| load_folder(folder, SIDE, &|_, _| std::ops::ControlFlow::Continue(())))?;
            pictures = Some(set.faces.len() as f64 / began.elapsed().as_secs_f64());
            let faces: Vec<CutFace> = (0..set.faces.len().min(FILL)).map(|i| face(set.rgb_of(i).to_vec())).collect();
            filled(&scratch.join("pack"), faces, SIDE, threads)?
        }
    };
    if pictures.is_none() {
        pictures = Some(pool.install(|| from_pictures(&set, &scratch.join("pictures")))?);
    }
    let memory = memory(clock, threads, set.size);
    let f32_bytes = set.size * set.size * 3 * 4;
    Ok(LoaderReport {
        faces_per_second: FacesPerSecond {
            video,
            pictures,
            pack_u8: handed_out(clock, &set, threads, true),
            pack_u8_handed: handed_out(clock, &set, threads, false),
            augmented: augmented(clock, &set, threads),
            pack_f32: as_numbers(clock, &set, false),
            pack_f32_in_place: as_numbers(clock, &set, true),
        },
        f32_bound: memory.write * 1e9 / f32_bytes as f64,
        memory_gb_per_second: memory,
        side: set.size,
        batch: 2 * HALF,
        faces: set.faces.len(),
        cut,
        threads,
    })
}

/// Cuts clips until time is up; the faces, and how many a second.
fn cut_for_a_while(
    clips: &[SourceClip],
    cutter: &dyn Cutter,
    time: Duration,
) -> Result<(Vec<CutFace>, f64), LoaderError> {
    let began = Instant::now();
    let one = |clip: &SourceClip| (began.elapsed() < time).then(|| cutter.cut(clip));
    let all: Vec<Result<Cuts, String>> = clips.par_iter().with_max_len(1).filter_map(one).collect();
    let seconds = began.elapsed().as_secs_f64();
    let first = all.first().map(|r| r.as_ref().err().cloned().unwrap_or_else(|| "no face was found in it".to_owned()));
    let clips = all.len();
    let faces: Vec<CutFace> = all.into_iter().filter_map(Result::ok).flat_map(|c| c.faces).collect();
    if faces.is_empty() {
        return Err(LoaderError::NoFaces { clips, first: first.unwrap_or_else(|| "there are none".to_owned()) });
    }
    let rate = faces.len() as f64 / seconds;
    Ok((faces, rate))
}

fn face(rgb: Vec<u8>) -> CutFace {
    CutFace { frame: 0, rgb, depth: None, at: [0.0; 4], confidence: 1.0 }
}

/// Gives faces over and over.
struct Copies {
    faces: Vec<CutFace>,
    side: usize,
}

impl Cutter for Copies {
    fn side(&self) -> usize {
        self.side
    }

    fn identity(&self) -> String {
        "copies for a measurement".to_owned()
    }

    fn cut(&self, clip: &SourceClip) -> Result<Cuts, String> {
        let first: usize = clip.path.parse().map_err(|_not_a_number| "no number".to_owned())?;
        let copy = |i: usize| {
            let CutFace { rgb, at, confidence, .. } = self.faces[(first + i) % self.faces.len()].clone();
            CutFace { frame: i as u32, rgb, depth: None, at, confidence }
        };
        Ok(Cuts { faces: (0..EACH).map(copy).collect(), ..Cuts::default() })
    }
}

/// A pack of at least [`FILL`] faces, as a set.
fn filled(folder: &Path, faces: Vec<CutFace>, side: usize, threads: usize) -> Result<FaceSet, LoaderError> {
    let clip = |i: usize| SourceClip {
        domain: "copies".to_owned(),
        path: (i * EACH).to_string(),
        label: if i.is_multiple_of(2) { Label::Live } else { Label::Spoof },
        species: String::new(),
        subject: String::new(),
        camera: String::new(),
        session: String::new(),
        footage: Footage::Pictures(Vec::new()),
        marks: None,
        turn_if_unmarked: Turn::None,
        cropped: true,
        depth: Vec::new(),
    };
    let clips: Vec<SourceClip> = (0..FILL.max(faces.len()).div_ceil(EACH)).map(clip).collect();
    let cutter = Copies { faces, side };
    let wanted = pack::Wanted { folder, root: folder, clips: &clips, cutter: &cutter, rebuild: true, threads };
    let pack = pack::build(&wanted, &|_| Continue::Yes)?;
    set_of(&pack, clips, threads)
}

/// All faces of a pack, live ones and attacks in turn, so that both can be drawn.
fn from_pack(pack: &Pack, threads: usize) -> Result<FaceSet, LoaderError> {
    let clip = |(about, _): (&pack::About, &pack::Stored)| SourceClip {
        domain: about.domain.clone(),
        path: about.path.clone(),
        label: about.label,
        species: about.species.clone(),
        subject: about.subject.clone(),
        camera: about.camera.clone(),
        session: about.session.clone(),
        footage: Footage::Pictures(Vec::new()),
        marks: None,
        turn_if_unmarked: Turn::None,
        cropped: true,
        depth: Vec::new(),
    };
    set_of(pack, pack.clips().map(clip).collect(), threads)
}

fn set_of(pack: &Pack, clips: Vec<SourceClip>, threads: usize) -> Result<FaceSet, LoaderError> {
    let clips: Vec<(SourceClip, Split)> = clips.into_iter().map(|c| (c, Split::Train)).collect();
    let parts = [Part { pack, clips: &clips }];
    let loaded = pack::face_set("measured".to_owned(), Origin::Real, &parts, pack.side, threads, &|_| Continue::Yes)?;
    Ok(loaded.set)
}

/// Some of the faces as pictures in a folder, read back as a run reads such a folder.
fn from_pictures(set: &FaceSet, folder: &Path) -> Result<f64, LoaderError> {
    let count = set.faces.len().min(256);
    let side = set.size as u32;
    let write = |i: usize| -> Result<(), LoaderError> {
        let class = if i.is_multiple_of(2) { "live" } else { "spoof" };
        let path = folder.join("train").join(class).join(format!("{i}.png"));
        let put = || -> std::io::Result<()> {
            std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
            let mut bytes = Vec::new();
            PngEncoder::new(&mut bytes)
                .write_image(set.rgb_of(i), side, side, ExtendedColorType::Rgb8)
                .map_err(std::io::Error::other)?;
            std::fs::write(&path, bytes)
        };
        put().map_err(|source| LoaderError::File { path: path.clone(), source })
    };
    (0..count).into_par_iter().map(write).collect::<Result<(), _>>()?;
    let began = Instant::now();
    let read = load_folder(folder, set.size, &|_, _| std::ops::ControlFlow::Continue(()))?;
    Ok(read.faces.len() as f64 / began.elapsed().as_secs_f64())
}

/// As many faces of each class as a batch has and the set allows.
fn halves(set: &FaceSet) -> (usize, usize) {
    let (live, spoof) = set.count(Split::Train);
    (live.min(HALF), spoof.min(HALF))
}

/// Draws, and reads what is handed out if `read` says so; faces a second over all threads.
fn handed_out(clock: Clock, set: &FaceSet, threads: usize, read: bool) -> f64 {
    let sampler = Sampler::new(set, Split::Train, 0, "measurement");
    let (live, spoof) = halves(set);
    // Each thread draws other batches, as if each were a run's.
    clock.rate(threads, &|iteration| {
        let Ok(batch) = sampler.draw(iteration, live, spoof) else { return 0 };
        for &i in &batch {
            let face = set.rgb_of(i);
            if read {
                black_box(sum(face));
            } else {
                black_box(face);
            }
        }
        batch.len()
    })
}

/// Draws, and does to every picture all that CDCN may do; faces a second over all threads.
fn augmented(clock: Clock, set: &FaceSet, threads: usize) -> f64 {
    let sampler = Sampler::new(set, Split::Train, 0, "measurement");
    let (live, spoof) = halves(set);
    let (recipe, streams) = (Recipe::cdcn(), Streams::new(0));
    clock.rate(threads, &|iteration| {
        let Ok(batch) = sampler.draw(iteration, live, spoof) else { return 0 };
        for (place, &i) in batch.iter().enumerate() {
            let plan = recipe.plan(&streams, "measurement", iteration, place);
            black_box(plan.picture(set.rgb_of(i), set.size));
        }
        batch.len()
    })
}

/// Draws and makes batches of numbers, with libtorch's threads; faces a second.
fn as_numbers(clock: Clock, set: &FaceSet, in_place: bool) -> f64 {
    let sampler = Sampler::new(set, Split::Train, 0, "measurement");
    let (live, spoof) = halves(set);
    let kept: Mutex<Option<Tensor>> = Mutex::new(None);
    clock.rate(1, &|iteration| {
        let Ok(batch) = sampler.draw(iteration, live, spoof) else { return 0 };
        let faces: Vec<&[u8]> = batch.iter().map(|&i| set.rgb_of(i)).collect();
        let Ok(mut kept) = kept.lock() else { return 0 };
        let made = black_box(native::pictures(&faces, set.size, kept.take()));
        *kept = in_place.then_some(made);
        batch.len()
    })
}

/// How long rates are measured.
#[derive(Clone, Copy)]
struct Clock(Duration);

impl Clock {
    /// Things a second that `work` does on `threads` threads; it is told a number of its own each time and says how many
    /// it did. What it does in the first third is not counted: memory and files are warm then.
    fn rate(self, threads: usize, work: &(dyn Fn(u64) -> usize + Sync)) -> f64 {
        let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
        let during = |time: Duration| {
            let until = Instant::now() + time;
            std::thread::scope(|s| {
                for _ in 0..threads {
                    s.spawn(|| {
                        loop {
                            done.fetch_add(work(next.fetch_add(1, Ordering::Relaxed)) as u64, Ordering::Relaxed);
                            if Instant::now() >= until {
                                break;
                            }
                        }
                    });
                }
            });
        };
        during(self.0 / 3);
        done.store(0, Ordering::Relaxed);
        let began = Instant::now();
        during(self.0);
        done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64()
    }
}

/// Every byte, read as words.
fn sum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let words = words.iter().fold(0_u64, |sum, word| sum.wrapping_add(u64::from_le_bytes(*word)));
    rest.iter().fold(words, |sum, b| sum.wrapping_add(u64::from(*b)))
}

fn memory(clock: Clock, threads: usize, side: usize) -> Memory {
    const BLOCK: usize = 128 << 20;
    let gb = |bytes: usize, rate: f64| bytes as f64 * rate / 1e9;
    let blocks: Vec<Vec<u8>> = (0..threads).map(|i| vec![i as u8 + 1; BLOCK]).collect();
    let block = |i: u64| &blocks[i as usize % threads];
    let read = clock.rate(threads, &|i| {
        black_box(sum(block(i)));
        1
    });
    let targets: Vec<Mutex<Vec<u8>>> = blocks.iter().map(|b| b.clone().into()).collect();
    let copy = clock.rate(threads, &|i| {
        if let Ok(mut to) = targets[(i as usize + 1) % threads].lock() {
            to.copy_from_slice(block(i));
            black_box(&mut *to);
        }
        1
    });
    drop((blocks, targets));
    // A batch is shared by all threads, as libtorch shares it.
    let values = 2 * HALF * 3 * side * side;
    let part = (values / threads).max(1);
    let fill = |batch: &mut [f32], value: f32| {
        std::thread::scope(|s| batch.chunks_mut(part).for_each(|c| drop(s.spawn(move || c.fill(value)))));
    };
    let batch = Mutex::new(vec![1.0_f32; values]);
    let write = clock.rate(1, &|i| {
        if let Ok(mut batch) = batch.lock() {
            fill(&mut batch, i as f32);
            black_box(&mut *batch);
        }
        1
    });
    Memory { read: gb(BLOCK, read), copy: gb(2 * BLOCK, copy), write: gb(values * 4, write) }
}
