//! Numbers and named boxes in byte order, for both containers.

use super::VideoError;

/// `bytes[at..at + n]`, or that the file ends early.
pub fn part(bytes: &[u8], at: usize, n: usize) -> Result<&[u8], VideoError> {
    at.checked_add(n).and_then(|end| bytes.get(at..end)).ok_or(VideoError::Damaged("it ends early"))
}

fn four(bytes: &[u8], at: usize) -> Result<[u8; 4], VideoError> {
    part(bytes, at, 4)?.try_into().map_err(|_short| VideoError::Damaged("it ends early"))
}

/// A number with its lowest byte first.
pub fn little(bytes: &[u8], at: usize) -> Result<u32, VideoError> {
    Ok(u32::from_le_bytes(four(bytes, at)?))
}

/// A number with its highest byte first.
pub fn big(bytes: &[u8], at: usize) -> Result<u32, VideoError> {
    Ok(u32::from_be_bytes(four(bytes, at)?))
}
