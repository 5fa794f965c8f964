//! QuickTime (.mov, .mp4): one track of JPEG pictures, and the matrix that says whether they are upside down.

use super::riff::{big, part};
use super::{Clip, VideoError};

/// Time steps a second.
const CLOCK: u32 = 600;
/// One in the matrices' fixed-point numbers.
const ONE: u32 = 1 << 16;

fn atom(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    let mut out = (content.len() as u32 + 8).to_be_bytes().to_vec();
    out.extend(name);
    out.extend(content);
    out
}

fn numbers(all: &[u32]) -> Vec<u8> {
    all.iter().flat_map(|n| n.to_be_bytes()).collect()
}

/// Rows of the matrix that places the picture: as it is, or turned by 180 degrees about its middle.
fn matrix(clip: &Clip) -> [u32; 9] {
    if clip.turned {
        let minus = 0_u32.wrapping_sub(ONE);
        [minus, 0, 0, 0, minus, 0, clip.width << 16, clip.height << 16, 1 << 30]
    } else {
        [ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30]
    }
}

pub fn write(clip: &Clip) -> Vec<u8> {
    let count = clip.frames.len() as u32;
    let step = (CLOCK as f32 / clip.rate).round().max(1.0) as u32;
    let duration = step * count;
    let plain = [ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30];
    let kind = atom(*b"ftyp", b"qt  \0\0\0\0qt  ");
    let data = atom(*b"mdat", &clip.frames.concat());

    let movie = atom(
        *b"mvhd",
        &[
            numbers(&[0, 0, 0, CLOCK, duration, ONE]),
            vec![1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            numbers(&plain),
            numbers(&[0, 0, 0, 0, 0, 0, 2]),
        ]
        .concat(),
    );
    let head = atom(
        *b"tkhd",
        &[
            // Enabled and used.
            numbers(&[3, 0, 0, 1, 0, duration, 0, 0, 0, 0]),
            numbers(&matrix(clip)),
            numbers(&[clip.width << 16, clip.height << 16]),
        ]
        .concat(),
    );
    let media = atom(*b"mdhd", &[numbers(&[0, 0, 0, CLOCK, duration]), vec![0; 4]].concat());
    let handler = atom(*b"hdlr", &[numbers(&[0]), b"mhlrvide".to_vec(), vec![0; 13]].concat());
    let look = atom(*b"vmhd", &numbers(&[1, 0, 0]));
    let here = atom(*b"dref", &[numbers(&[0, 1]), atom(*b"url ", &numbers(&[1]))].concat());
    let mut name = vec![0_u8; 32];
    name[..5].copy_from_slice(b"\x04JPEG");
    let sample = atom(
        *b"jpeg",
        &[
            vec![0, 0, 0, 0, 0, 0, 0, 1],
            vec![0; 16],
            [clip.width as u16, clip.height as u16].iter().flat_map(|n| n.to_be_bytes()).collect(),
            // 72 dots an inch both ways.
            numbers(&[72 << 16, 72 << 16, 0]),
            vec![0, 1],
            name,
            vec![0, 24, 0xff, 0xff],
        ]
        .concat(),
    );
    let sizes: Vec<u32> = clip.frames.iter().map(|f| f.len() as u32).collect();
    let table = atom(
        *b"stbl",
        &[
            atom(*b"stsd", &[numbers(&[0, 1]), sample].concat()),
            atom(*b"stts", &numbers(&[0, 1, count, step])),
            // All frames in one chunk, which begins after the two headers before it.
            atom(*b"stsc", &numbers(&[0, 1, 1, count, 1])),
            atom(*b"stsz", &[numbers(&[0, 0, count]), numbers(&sizes)].concat()),
            atom(*b"stco", &numbers(&[0, 1, kind.len() as u32 + 8])),
        ]
        .concat(),
    );
    let info = atom(*b"minf", &[look, atom(*b"dinf", &here), table].concat());
    let track = atom(*b"trak", &[head, atom(*b"mdia", &[media, handler, info].concat())].concat());
    [kind, data, atom(*b"moov", &[movie, track].concat())].concat()
}

/// Content of the atom at `path` within `bytes`.
fn find<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Result<&'a [u8], VideoError> {
    let Some((name, rest)) = path.split_first() else { return Ok(bytes) };
    let mut at = 0;
    while at < bytes.len() {
        let length = big(bytes, at)? as usize;
        if length < 8 {
            return Err(VideoError::Damaged("a part has an impossible length"));
        }
        let content = part(bytes, at + 8, length - 8)?;
        if part(bytes, at + 4, 4)? == *name {
            return find(content, rest);
        }
        at += length;
    }
    Err(VideoError::Damaged("a part is missing"))
}

pub fn read(bytes: &[u8]) -> Result<Clip, VideoError> {
    let track = find(bytes, &[b"moov", b"trak"])?;
    let table = find(track, &[b"mdia", b"minf", b"stbl"])?;
    let sample = find(table, &[b"stsd"])?;
    if part(sample, 12, 4)? != b"jpeg" {
        return Err(VideoError::Codec);
    }
    let head = find(track, &[b"tkhd"])?;
    let (width, height) = (big(head, 76)? >> 16, big(head, 80)? >> 16);
    let entry = |at: usize| big(head, at).map(u32::cast_signed);
    let turned = match (entry(40)?.signum(), entry(44)?, entry(52)?, entry(56)?.signum()) {
        (1, 0, 0, 1) => false,
        (-1, 0, 0, -1) => true,
        _ => return Err(VideoError::Turned),
    };
    let times = find(table, &[b"stts"])?;
    let clock = big(find(track, &[b"mdia", b"mdhd"])?, 12)?;
    let rate = clock as f32 / big(times, 12)?.max(1) as f32;
    let sizes = find(table, &[b"stsz"])?;
    let count = big(sizes, 8)? as usize;
    let chunks = find(table, &[b"stco"])?;
    let spread = find(table, &[b"stsc"])?;
    if big(chunks, 4)? != 1 || big(spread, 12)? as usize != count {
        return Err(VideoError::Damaged("its frames do not lie in one piece"));
    }
    let mut at = big(chunks, 8)? as usize;
    let mut frames = Vec::new();
    for i in 0..count {
        let length = big(sizes, 12 + 4 * i)? as usize;
        frames.push(part(bytes, at, length)?.to_vec());
        at += length;
    }
    Ok(Clip { width, height, rate, turned, frames })
}
