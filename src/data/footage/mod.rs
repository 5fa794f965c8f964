//! Frames out of clips on disk: videos through ffmpeg or the built-in motion-JPEG reader, pictures, and pictures in zip
//! archives; which frames are looked at; and how they are turned so that they stand upright, exactly once. What is in
//! the frames is no business of this module.
//!
//! One clip always takes one way, whatever the machine has: motion JPEG in one piece, as the built-in benchmark writes
//! it, is read here; every other video goes through ffmpeg, which turns pictures as the container asks. A person or a
//! list may know better than a container that says nothing ([`SourceClip::turn_if_unmarked`]); never do both apply.

mod child;
mod choice;
mod ffmpeg;
mod mjpeg;
mod picture;
mod still;
mod turn;
mod words;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use image::RgbImage;
use thiserror::Error;

use super::{Footage, SourceClip, Turn};

pub use choice::FrameChoice;
pub use ffmpeg::Ffmpeg;
pub use picture::{Picture, upright};
pub(in crate::data) use turn::{picture as turned, words as turn_words};

/// Version of what shapes a frame's bytes, for identities of packs. Which ffmpeg decodes is no part of it: decoders of
/// these codecs agree to the bit or nearly so, and a pack should outlive an update of the system.
pub const VERSION: u32 = 1;

/// A frame that stands upright.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Its number in the clip, from 0.
    pub number: u32,
    /// Its pixels.
    pub picture: RgbImage,
    /// How the stored picture was turned to become this one.
    pub turned: Turn,
}

impl Frame {
    /// The frame turned further.
    pub(in crate::data) fn turned_by(self, turn: Turn) -> Self {
        let turned = turn::sum(self.turned, turn);
        Self { number: self.number, picture: turn::picture(self.picture, turn), turned }
    }
}

/// What became of a clip's frames.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// How many frames the clip has, as far as that is known.
    pub frames: Option<u32>,
    /// What a person should know, in plain sentences.
    pub remarks: Vec<String>,
}

/// Why a clip gives no frames.
#[derive(Debug, Error)]
pub enum FootageError {
    /// There is no ffmpeg, and the clip is one that needs it.
    #[error(
        "{path} can only be read with ffmpeg, and there is none: run `cargo xtask setup`, or install the package \
         ffmpeg, or set METAFAS_FFMPEG to the program"
    )]
    NoFfmpeg {
        /// The clip.
        path: PathBuf,
    },
    /// There is a program, and it does not work.
    #[error("{program} does not work as ffmpeg: {words}; repair it, or set METAFAS_FFMPEG to one that does")]
    BadFfmpeg {
        /// The program.
        program: PathBuf,
        /// What went wrong.
        words: String,
    },
    /// The file is not there or may not be read.
    #[error("{path} cannot be read: {words}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        words: String,
    },
    /// The file is there, and no frame can be got out of it.
    #[error("{path} cannot be decoded: {words}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        words: String,
    },
    /// ffmpeg was silent for so long that it was stopped.
    #[error("{path}: ffmpeg gave nothing for {seconds} s and was stopped; is the disk still there?")]
    Silent {
        /// The clip.
        path: PathBuf,
        /// How long that was.
        seconds: u64,
    },
    /// There is nothing to look at.
    #[error("{path} has none of the frames that were asked for")]
    Empty {
        /// The clip's path in its set.
        path: String,
    },
}

/// Reads clips; looks for ffmpeg when the first clip needs it.
#[derive(Debug)]
pub struct Reader {
    cache: PathBuf,
    ffmpeg: OnceLock<Option<Ffmpeg>>,
}

impl Reader {
    /// A reader that finds an ffmpeg of `cargo xtask setup` in the cache folder `cache`.
    pub fn new(cache: &Path) -> Self {
        Self { cache: cache.to_owned(), ffmpeg: OnceLock::new() }
    }

    /// A reader that calls this ffmpeg.
    pub fn with(ffmpeg: Ffmpeg) -> Self {
        Self { cache: PathBuf::new(), ffmpeg: OnceLock::from(Some(ffmpeg)) }
    }

    /// Gives the chosen frames of `clip` to `each`, in order, upright. Frames that cannot be decoded are left out and told
    /// of in the remarks; an error if not one can be.
    pub fn read(
        &self,
        clip: &SourceClip,
        choice: &FrameChoice,
        each: &mut dyn FnMut(Frame),
    ) -> Result<Reading, FootageError> {
        let (mut count, mut by_list) = (0_u32, false);
        let mut counting = |stored: Stored| {
            count += 1;
            // What a container says is done already; the list is for those that say nothing.
            let list = if stored.marked { Turn::None } else { clip.turn_if_unmarked };
            by_list |= list != Turn::None;
            let frame = Frame { number: stored.number, picture: stored.picture, turned: stored.turned };
            each(frame.turned_by(list));
        };
        let mut reading = match &clip.footage {
            Footage::Video(path) => self.video(path, choice, &mut counting)?,
            Footage::Pictures(paths) => still::pictures(paths, choice, &mut counting)?,
            Footage::Zip { archive, entries } => still::zip(archive, entries, choice, &mut counting)?,
        };
        if count == 0 {
            return Err(FootageError::Empty { path: format!("{}/{}", clip.domain, clip.path) });
        }
        if by_list {
            let how = turn::words(clip.turn_if_unmarked);
            reading.remarks.push(format!("{how}, as the set's list has it: the container says nothing"));
        }
        Ok(reading)
    }

    /// The first frame of a video, upright as far as its container tells.
    pub fn first_frame(&self, path: &Path) -> Result<RgbImage, FootageError> {
        let mut first = None;
        self.video(path, &FrameChoice::Given(vec![0]), &mut |stored| first = Some(stored.picture))?;
        first.ok_or_else(|| FootageError::Empty { path: path.display().to_string() })
    }

    fn video(&self, path: &Path, choice: &FrameChoice, each: &mut dyn FnMut(Stored)) -> Result<Reading, FootageError> {
        // A missing file is no matter of ffmpeg's.
        std::fs::metadata(path)
            .map_err(|e| FootageError::Unreadable { path: path.to_owned(), words: e.to_string() })?;
        if let Some(video) = mjpeg::open(path) {
            return mjpeg::frames(path, &video, choice, each);
        }
        let ffmpeg = if let Some(known) = self.ffmpeg.get() {
            known
        } else {
            let found = Ffmpeg::find(&self.cache)?;
            self.ffmpeg.get_or_init(|| found)
        };
        let ffmpeg = ffmpeg.as_ref().ok_or_else(|| FootageError::NoFfmpeg { path: path.to_owned() })?;
        ffmpeg.read(path, choice, each)
    }
}

/// A frame as a decoder gave it.
struct Stored {
    number: u32,
    picture: RgbImage,
    /// Whether the file itself says how it is to be turned; the decoder has done so.
    marked: bool,
    /// How the decoder turned it.
    turned: Turn,
}

#[cfg(test)]
mod tests;
