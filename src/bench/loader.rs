//! How fast faces come: cut out of videos, read from pictures, handed out of a pack as bytes, and made into batches of
//! numbers. Beside them stands what this machine's memory does, since a batch of numbers is little else than moving
//! them: every rate is measured in the same run, with the same threads.

mod measure;
mod source;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::data::pack::{self, PackError};
use crate::data::{CutFace, Cutter, FolderError, PixelsError, SourceClip, load_folder};

use measure::{Clock, HALF, as_numbers, augmented, handed_out, memory};
use source::{FILL, cut_for_a_while, face, filled, from_pack, from_pictures};

/// Side of the faces, unless what is given has its own.
pub const SIDE: usize = 256;
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
    /// Faces that cannot be read any more.
    #[error(transparent)]
    Pixels(#[from] PixelsError),
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
            let cut = |i: usize| Ok(face(set.rgb_of(i)?.into_owned()));
            let faces: Vec<CutFace> = (0..set.faces.len().min(FILL)).map(cut).collect::<Result<_, LoaderError>>()?;
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
