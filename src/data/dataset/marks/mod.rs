//! The box and eye files that come with the sets, as boxes and eyes by frame. Coordinates are those of the files; where
//! these may be upside down against the picture, [`Located::upside_down`] tells. Cutting is done elsewhere.

mod rows;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::data::Marks;

use super::lists::lines;

/// A larger file is none of these.
const LARGEST: u64 = 16 << 20;

/// Where faces are, by the number of the frame, from 0. Frames that are not in the file, or without a face there, are
/// not here either.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Located {
    /// Left, top, width, height in pixels; sides are above 0.
    pub boxes: BTreeMap<u32, [f32; 4]>,
    /// Both eyes (x, y) in pixels, the one further left in the file's coordinates first: whose left it is the sets do
    /// not agree on.
    pub eyes: BTreeMap<u32, [[f32; 2]; 2]>,
    /// What a person should know, in plain sentences.
    pub remarks: Vec<String>,
}

impl Located {
    /// Whether most faces have their eyes below the middle of their box: then the coordinates were taken in the picture
    /// as it is stored, upside down. `false` where boxes or eyes are missing.
    pub fn upside_down(&self) -> bool {
        let pairs = self.boxes.iter().filter_map(|(frame, at)| Some((at, self.eyes.get(frame)?)));
        let below = pairs.map(|(at, eyes)| f32::midpoint(eyes[0][1], eyes[1][1]) > at[1] + at[3] / 2.0);
        let (below, all) = below.fold((0, 0), |(n, all), b| (n + usize::from(b), all + 1));
        below * 2 > all
    }

    /// The same faces in the picture of `width` and `height` pixels turned by 180 degrees.
    #[must_use]
    pub fn half_turn(&self, width: f32, height: f32) -> Self {
        let turn = |[x, y]: [f32; 2]| [width - x, height - y];
        let turned_box = |[x, y, w, h]: [f32; 4]| [width - x - w, height - y - h, w, h];
        Self {
            boxes: self.boxes.iter().map(|(frame, at)| (*frame, turned_box(*at))).collect(),
            eyes: self.eyes.iter().map(|(frame, [a, b])| (*frame, [turn(*b), turn(*a)])).collect(),
            remarks: self.remarks.clone(),
        }
    }
}

/// Reads the files of `marks`; an error, one plain sentence, where there is nothing to read.
pub fn read(marks: &Marks) -> Result<Located, String> {
    match marks {
        Marks::OuluEyes(path) => Ok(oulu_eyes(&text(path)?)),
        Marks::CasiaBoxes(path) | Marks::ReplayBoxes(path) => Ok(boxes(&text(path)?)),
        Marks::MsuBoxes(path) => Ok(msu_boxes(&text(path)?)),
        Marks::CdcnBoxes(paths) => Ok(cdcn(paths)),
        Marks::Boxes(all) => {
            let whole = |[x, y, w, h]: [i32; 4]| [x as f32, y as f32, w as f32, h as f32];
            let kept = |(frame, at): (usize, &Option<[i32; 4]>)| {
                at.filter(|[_, _, w, h]| *w > 0 && *h > 0).map(|at| (frame as u32, whole(at)))
            };
            Ok(Located { boxes: all.iter().enumerate().filter_map(kept).collect(), ..Located::default() })
        }
    }
}

fn text(path: &Path) -> Result<String, String> {
    let told = |e: std::io::Error| format!("{} cannot be read ({e})", path.display());
    if fs::metadata(path).map_err(told)?.len() > LARGEST {
        return Err(format!("{} is too large for a file of boxes", path.display()));
    }
    Ok(String::from_utf8_lossy(&crate::disk::read(path, crate::disk::LARGEST_LIST).map_err(told)?).into_owned())
}

/// OULU-NPU's `.txt`: `frame,x_left,y_left,x_right,y_right`; zeros where no eyes were found.
pub fn oulu_eyes(text: &str) -> Located {
    rows::by_frame(text, |[x1, y1, x2, y2]: [f32; 4]| (None, eyes([x1, y1], [x2, y2])))
}

/// `.face` of Replay-Attack, and Idiap's for CASIA-FASD: `frame x y w h`; not all frames need be there.
pub fn boxes(text: &str) -> Located {
    rows::by_frame(text, |at: [f32; 4]| (face(at), None))
}

/// MSU-MFSD's `.face`: `frame, left, top, right, bottom, leftEyeX, leftEyeY, rightEyeX, rightEyeY`, corners rather than
/// a size.
pub fn msu_boxes(text: &str) -> Located {
    rows::by_frame(text, |[left, top, right, bottom, x1, y1, x2, y2]: [f32; 8]| {
        (face([left, top, right - left, bottom - top]), eyes([x1, y1], [x2, y2]))
    })
}

/// CDCN's `.dat`: the first four lines are left, top, width and height, whatever its code calls them.
pub fn cdcn_box(text: &str) -> Option<[f32; 4]> {
    let mut numbers = lines(text).map(rows::coordinate);
    let mut next = || numbers.next()?;
    face([next()?, next()?, next()?, next()?])
}

fn cdcn(paths: &[Option<std::path::PathBuf>]) -> Located {
    let mut out = Located::default();
    let mut without = 0;
    for (frame, path) in paths.iter().enumerate() {
        match path.as_deref().map(text) {
            Some(Ok(text)) => match cdcn_box(&text) {
                Some(at) => drop(out.boxes.insert(frame as u32, at)),
                None => without += 1,
            },
            Some(Err(why)) => out.remarks.push(format!("{why}.")),
            None => without += 1,
        }
    }
    if without > 0 {
        out.remarks.push(format!("{without} of {} pictures have no box.", paths.len()));
    }
    out
}

/// A box that holds something.
fn face(at: [f32; 4]) -> Option<[f32; 4]> {
    (at[2] > 0.0 && at[3] > 0.0).then_some(at)
}

/// Two eyes that were found, from left to right.
fn eyes(a: [f32; 2], b: [f32; 2]) -> Option<[[f32; 2]; 2]> {
    let found = a != [0.0; 2] && b != [0.0; 2] && a != b;
    found.then_some(if b[0] < a[0] { [b, a] } else { [a, b] })
}

#[cfg(test)]
mod tests;
