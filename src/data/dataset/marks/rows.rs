//! Rows of numbers, the first of them a frame: what all box and eye files are.

use super::Located;
use crate::data::dataset::lists::lines;

/// Pictures and clips are smaller and shorter than this.
const LARGEST: f32 = 1e5;
const LAST_FRAME: u32 = 10_000_000;

/// A coordinate, whole or not.
pub fn coordinate(text: &str) -> Option<f32> {
    text.parse().ok().filter(|v: &f32| v.abs() <= LARGEST)
}

fn frame(text: &str) -> Option<u32> {
    text.parse().ok().filter(|n| *n <= LAST_FRAME)
}

fn row<const N: usize>(line: &str) -> Option<(u32, [f32; N])> {
    let mut words = line.split([',', ' ', '\t', ';']).filter(|w| !w.is_empty());
    let frame = frame(words.next()?)?;
    let mut values = [0.0; N];
    for value in &mut values {
        *value = coordinate(words.next()?)?;
    }
    words.next().is_none().then_some((frame, values))
}

/// A face's box and eyes in one row.
pub type Face = (Option<[f32; 4]>, Option<[[f32; 2]; 2]>);

/// Rows of a frame and `N` coordinates, separated by commas or spaces; of two rows for a frame the first counts.
pub fn by_frame<const N: usize>(text: &str, face: impl Fn([f32; N]) -> Face) -> Located {
    let mut out = Located::default();
    let mut unread = 0;
    let mut first = None;
    for line in lines(text) {
        let Some((frame, values)) = row(line) else {
            unread += 1;
            first.get_or_insert(line);
            continue;
        };
        let (at, eyes) = face(values);
        if let Some(at) = at {
            out.boxes.entry(frame).or_insert(at);
        }
        if let Some(eyes) = eyes {
            out.eyes.entry(frame).or_insert(eyes);
        }
    }
    if let Some(first) = first {
        let first: String = first.chars().take(60).collect();
        out.remarks.push(format!("Lines of the box file that say nothing: {unread}, the first of them: {first}"));
    }
    out
}
