//! AVI: one stream of JPEG pictures with an index.

use super::riff::{little, part};
use super::{Clip, VideoError};

const LIST: &[u8; 4] = b"LIST";
const FRAME: &[u8; 4] = b"00dc";
/// An index is there; every frame stands alone.
const HAS_INDEX: u32 = 0x10;
/// Microseconds a second.
const SECOND: f32 = 1e6;

fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    let mut out = name.to_vec();
    out.extend((content.len() as u32).to_le_bytes());
    out.extend(content);
    // Chunks begin at even places.
    out.extend(&[0_u8][..content.len() % 2]);
    out
}

fn list(name: [u8; 4], content: &[Vec<u8>]) -> Vec<u8> {
    chunk(*LIST, &[name.to_vec(), content.concat()].concat())
}

fn numbers(all: &[u32]) -> Vec<u8> {
    all.iter().flat_map(|n| n.to_le_bytes()).collect()
}

pub fn write(clip: &Clip) -> Vec<u8> {
    let count = clip.frames.len() as u32;
    let period = (SECOND / clip.rate).round() as u32;
    let largest = clip.frames.iter().map(Vec::len).max().unwrap_or(0) as u32;
    let main = numbers(&[period, 0, 0, HAS_INDEX, count, 0, 1, largest, clip.width, clip.height, 0, 0, 0, 0]);
    let stream = [
        b"vidsMJPG".to_vec(),
        numbers(&[0, 0, 0, period, SECOND as u32, 0, count, largest, u32::MAX, 0]),
        [0, 0, clip.width as u16, clip.height as u16].iter().flat_map(|n| n.to_le_bytes()).collect(),
    ]
    .concat();
    // BITMAPINFOHEADER: one plane of 24 bits.
    let format = [
        numbers(&[40, clip.width, clip.height, 1 | 24 << 16]),
        b"MJPG".to_vec(),
        numbers(&[clip.width * clip.height * 3, 0, 0, 0, 0]),
    ]
    .concat();
    let headers = list(
        *b"hdrl",
        &[chunk(*b"avih", &main), list(*b"strl", &[chunk(*b"strh", &stream), chunk(*b"strf", &format)])],
    );
    let frames: Vec<Vec<u8>> = clip.frames.iter().map(|f| chunk(*FRAME, f)).collect();
    let mut index = Vec::new();
    let mut at = 4;
    for (frame, stored) in clip.frames.iter().zip(&frames) {
        index.extend(FRAME);
        index.extend(numbers(&[HAS_INDEX, at, frame.len() as u32]));
        at += stored.len() as u32;
    }
    let body = [b"AVI ".to_vec(), headers, list(*b"movi", &frames), chunk(*b"idx1", &index)].concat();
    chunk(*b"RIFF", &body)
}

/// The chunks between `at` and `end`: name, first byte of the content, its length.
fn chunks(bytes: &[u8], mut at: usize, end: usize) -> Result<Vec<([u8; 4], usize, usize)>, VideoError> {
    let mut out = Vec::new();
    while at + 8 <= end {
        let name = part(bytes, at, 4)?.try_into().map_err(|_short| VideoError::Damaged("it ends early"))?;
        let length = little(bytes, at + 4)? as usize;
        part(bytes, at + 8, length)?;
        out.push((name, at + 8, length));
        at += 8 + length + length % 2;
    }
    Ok(out)
}

pub fn read(bytes: &[u8]) -> Result<Clip, VideoError> {
    let end = 8_usize.saturating_add(little(bytes, 4)? as usize);
    part(bytes, 0, end)?;
    let (mut main, mut codec, mut frames) = (None, None, Vec::new());
    for (name, at, length) in chunks(bytes, 12, end)? {
        if &name != LIST {
            continue;
        }
        let kind = part(bytes, at, 4)?;
        for (name, inner, n) in chunks(bytes, at + 4, at + length)? {
            match (kind, &name) {
                (b"hdrl", b"avih") => main = Some(inner),
                (b"hdrl", LIST) => {
                    let stream = chunks(bytes, inner + 4, inner + n)?;
                    let format = stream.iter().find(|c| &c.0 == b"strf");
                    codec = format.map(|f| part(bytes, f.1 + 16, 4)).transpose()?;
                }
                (b"movi", FRAME) => frames.push(part(bytes, inner, n)?.to_vec()),
                _ => {}
            }
        }
    }
    if codec.is_some_and(|c| !c.eq_ignore_ascii_case(b"mjpg")) {
        return Err(VideoError::Codec);
    }
    let main = main.ok_or(VideoError::Damaged("it has no header"))?;
    if little(bytes, main + 16)? as usize != frames.len() {
        return Err(VideoError::Damaged("frames are missing"));
    }
    let rate = SECOND / little(bytes, main)?.max(1) as f32;
    let (width, height) = (little(bytes, main + 32)?, little(bytes, main + 36)?);
    Ok(Clip { width, height, rate, turned: false, frames })
}
