//! The way without ffmpeg: motion JPEG in one piece, as the built-in benchmark writes it. Whether a clip goes this way
//! is read off its bytes alone, so that a clip gives the same pixels on every machine.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use image::{ImageFormat, RgbImage};

use crate::data::{Turn, video};

use super::{FootageError, FrameChoice, Reading, Stored, turn};

/// Larger files are left to ffmpeg, which need not hold them in memory.
const LARGEST: u64 = 1 << 28;
/// So much of a file shows what it is.
const HEAD: usize = 4096;

/// The clip in `path` if it can be read here: in one piece, its first frame a whole picture of the size that the
/// container tells (of interlaced clips each field is a picture of half the height).
pub fn open(path: &Path) -> Option<video::Clip> {
    let mut head = [0; HEAD];
    let mut file = File::open(path).ok()?;
    if file.metadata().ok()?.len() > LARGEST {
        return None;
    }
    let mut filled = 0;
    while filled < HEAD {
        match file.read(&mut head[filled..]).ok()? {
            0 => break,
            n => filled += n,
        }
    }
    if !promising(&head[..filled]) {
        return None;
    }
    let clip = video::read(&fs::read(path).ok()?).ok()?;
    let first = decode(clip.frames.first()?).ok()?;
    (first.dimensions() == (clip.width, clip.height)).then_some(clip)
}

/// Whether a file that begins like this may be such a clip.
fn promising(head: &[u8]) -> bool {
    let avi = head.starts_with(b"RIFF") && head.windows(4).any(|w| w.eq_ignore_ascii_case(b"mjpg"));
    // After the file type come the frames, the first of them a JPEG.
    let frames = |length: &[u8; 4]| {
        let at = u32::from_be_bytes(*length) as usize;
        head.get(at + 4..at + 10).is_some_and(|next| next == b"mdat\xff\xd8")
    };
    avi || (head.get(4..8) == Some(b"ftyp") && head.first_chunk().is_some_and(frames))
}

fn decode(jpeg: &[u8]) -> Result<RgbImage, image::ImageError> {
    Ok(image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg)?.into_rgb8())
}

/// Gives the chosen frames to `each`.
pub fn frames(
    path: &Path,
    clip: &video::Clip,
    choice: &FrameChoice,
    each: &mut dyn FnMut(Stored),
) -> Result<Reading, FootageError> {
    let count = clip.frames.len() as u32;
    let mut reading = Reading { frames: Some(count), remarks: Vec::new() };
    let turned = if clip.turned { Turn::Half } else { Turn::None };
    let (wanted, mut failed) = (choice.of(count), Vec::new());
    for number in &wanted {
        match decode(&clip.frames[*number as usize]) {
            Ok(picture) => {
                let picture = turn::picture(picture, turned);
                each(Stored { number: *number, picture, marked: clip.turned, turned });
            }
            Err(e) => failed.push((*number, e.to_string())),
        }
    }
    if let Some((number, words)) = failed.first() {
        let words = format!("frame {number}: {words}");
        if failed.len() == wanted.len() {
            return Err(FootageError::Damaged { path: path.to_owned(), words });
        }
        reading.remarks.push(format!("{} of {} frames cannot be decoded; {words}", failed.len(), wanted.len()));
    }
    Ok(reading)
}
