//! Motion JPEG in the two containers that the data sets use: AVI, and QuickTime for .mov and .mp4. Writing keeps the
//! camera's JPEG files as they are; reading gives them back without any other program. Other codecs are not read here.

mod avi;
mod quicktime;
mod riff;

use std::path::Path;

use thiserror::Error;

/// A short video as JPEG files.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// Pixels a row of every frame.
    pub width: u32,
    /// Rows of every frame.
    pub height: u32,
    /// Frames a second.
    pub rate: f32,
    /// Whether the frames are stored upside down and a player must turn them by 180 degrees.
    pub turned: bool,
    /// The frames' files in turn.
    pub frames: Vec<Vec<u8>>,
}

/// Why a file is no video that can be read here.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VideoError {
    /// The file ends early or contradicts itself.
    #[error("the video is damaged: {0}")]
    Damaged(&'static str),
    /// It is neither AVI nor QuickTime.
    #[error("the file is neither an AVI nor a QuickTime video")]
    Foreign,
    /// It is a video of another kind.
    #[error("the video's frames are no JPEG pictures; this codec is not read here")]
    Codec,
    /// A player must turn it by a quarter, or mirror it.
    #[error("the video's frames lie on their side or are mirrored, which is not read here")]
    Turned,
}

/// The file for `clip`: AVI where `path` ends in .avi, else QuickTime. An AVI cannot say that frames are turned.
pub fn write(clip: &Clip, path: &Path) -> Vec<u8> {
    let avi = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("avi"));
    if avi { avi::write(clip) } else { quicktime::write(clip) }
}

/// The video in the bytes of a file, whatever its name.
pub fn read(bytes: &[u8]) -> Result<Clip, VideoError> {
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"AVI ") {
        avi::read(bytes)
    } else if bytes.get(4..8) == Some(b"ftyp") {
        quicktime::read(bytes)
    } else {
        Err(VideoError::Foreign)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clip(frames: Vec<Vec<u8>>, turned: bool) -> Clip {
        Clip { width: 96, height: 128, rate: 2.5, turned, frames }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..50), 1..6), turned: bool) {
            let upright = clip(frames.clone(), false);
            prop_assert_eq!(read(&write(&upright, Path::new("a/1.AVI"))).unwrap(), upright);
            let other = clip(frames, turned);
            prop_assert_eq!(read(&write(&other, Path::new("a/1.mov"))).unwrap(), other);
        }

        #[test]
        fn damage_is_an_error_and_never_a_panic(place in 0..2000_usize, value: u8, cut in 0..2000_usize) {
            let good = clip(vec![vec![1, 2, 3], vec![4; 40]], true);
            for name in ["1.avi", "1.mp4"] {
                let mut bytes = write(&good, Path::new(name));
                let i = place % bytes.len();
                bytes[i] = value;
                // Whatever comes out, it comes out.
                let _either = read(&bytes);
                let short = &bytes[..cut % bytes.len()];
                prop_assert!(read(short).is_err() || short.len() + 64 > bytes.len());
            }
        }
    }

    #[test]
    fn other_files_are_told_apart() {
        assert_eq!(read(b"hello, I am text"), Err(VideoError::Foreign));
        let mut bytes = write(&clip(vec![vec![0; 9]], false), Path::new("1.mov"));
        let at = bytes.windows(4).position(|w| w == b"jpeg").unwrap();
        bytes[at..at + 4].copy_from_slice(b"avc1");
        assert_eq!(read(&bytes), Err(VideoError::Codec));
        // A matrix that turns by a quarter.
        let mut bytes = write(&clip(vec![vec![0; 9]], false), Path::new("1.mov"));
        let at = bytes.windows(4).position(|w| w == b"tkhd").unwrap() + 4 + 40;
        bytes[at..at + 20].fill(0);
        bytes[at + 5] = 1;
        bytes[at + 12..at + 14].fill(0xff);
        assert_eq!(read(&bytes), Err(VideoError::Turned));
    }
}
