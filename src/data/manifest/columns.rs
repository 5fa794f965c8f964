//! The columns of a manifest, and what a row has in them.

use std::collections::BTreeSet;

use crate::data::{Split, Turn};

use super::words::{self, RawLabel};

/// The columns, in the order in which they are written. The first two must be there.
pub(super) const COLUMNS: [&str; 14] = [
    "path", "label", "species", "subject", "split", "domain", "clip", "frame", "camera", "session", "depth", "box",
    "cropped", "turn",
];

/// One row: a video, a picture, a zip archive or a folder of pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its line in the file, from 1.
    pub line: u64,
    /// The file or folder, as written, with `/`; `archive.zip!/name` for a picture in an archive.
    pub path: String,
    /// Bona fide or attack.
    pub label: RawLabel,
    /// Attack species; may be empty.
    pub species: String,
    /// The person; may be empty.
    pub subject: String,
    /// The part, if given.
    pub split: Option<Split>,
    /// Where it comes from; may be empty.
    pub domain: String,
    /// Rows with the same clip are pictures of one clip; empty where a row is a clip.
    pub clip: String,
    /// The picture's number in its clip.
    pub frame: Option<u64>,
    /// The camera; may be empty.
    pub camera: String,
    /// The recording session; may be empty.
    pub session: String,
    /// The depth map of the picture; may be empty.
    pub depth: String,
    /// Where the face is: left, top, width, height in pixels.
    pub bounds: Option<[i32; 4]>,
    /// Whether the pictures are cut to the face already.
    pub cropped: bool,
    /// How far it must be turned to stand upright.
    pub turn: Turn,
}

/// Which column stands where.
pub(super) struct Columns {
    /// For each of [`COLUMNS`], its place.
    place: [Option<usize>; COLUMNS.len()],
    count: usize,
}

impl Columns {
    pub fn of(cells: &[&str], line: u64, remarks: &mut Vec<String>) -> Result<Self, String> {
        let mut place = [None; COLUMNS.len()];
        let mut unknown = BTreeSet::new();
        for (i, cell) in cells.iter().enumerate() {
            let name = cell.to_lowercase();
            match COLUMNS.iter().position(|c| *c == name) {
                Some(known) if place[known].is_some() => {
                    return Err(format!("line {line}: two columns are named {name}; rename one"));
                }
                Some(known) => place[known] = Some(i),
                None if name.is_empty() => {}
                None => {
                    unknown.insert(*cell);
                }
            }
        }
        if place[0].is_none() || place[1].is_none() {
            return Err(format!(
                "line {line}: the header must name the columns path and label; it reads {}",
                cells.join(", ")
            ));
        }
        if !unknown.is_empty() {
            let unknown: Vec<&str> = unknown.into_iter().collect();
            remarks.push(format!(
                "Columns that are not known here are passed over: {}. Known are {}.",
                unknown.join(", "),
                COLUMNS.join(", ")
            ));
        }
        Ok(Self { place, count: cells.len() })
    }

    pub fn row(&self, cells: &[&str], line: u64) -> Result<Row, Vec<String>> {
        if cells.len() > self.count {
            return Err(vec![format!(
                "line {line}: {} cells where the header names {} columns; put quotes around cells that hold the \
                 delimiter",
                cells.len(),
                self.count
            )]);
        }
        let mut faults = vec![];
        let mut at = 0;
        let mut cell = || {
            let place = self.place[at];
            at += 1;
            place.and_then(|p| cells.get(p)).copied().unwrap_or_default()
        };
        let mut fault = |what: String| faults.push(format!("line {line}: {what}"));
        // In the order of COLUMNS.
        let path = cell().replace('\\', "/");
        if path.is_empty() {
            fault("the path is empty; name a video, a picture, a zip archive or a folder of pictures".to_owned());
        }
        let label = cell();
        let label = RawLabel::read(label).unwrap_or_else(|| {
            let words = "write live or spoof (or bona_fide, real, genuine, attack, fake), or a number";
            fault(if label.is_empty() {
                format!("the label is empty; {words}")
            } else {
                format!("label {label}; {words}")
            });
            RawLabel::Number(0)
        });
        let species = cell().to_owned();
        let subject = cell().to_owned();
        let split = cell();
        let split = (!split.is_empty()).then(|| words::split(split).ok_or(split)).transpose().unwrap_or_else(|split| {
            fault(format!("split {split}; there are train, dev and test"));
            None
        });
        let domain = cell().to_owned();
        let clip = cell().to_owned();
        let frame = cell();
        let number = frame.parse::<u64>().ok();
        if number.is_none() && !frame.is_empty() {
            fault(format!("frame {frame}; write a whole number from 0"));
        }
        let camera = cell().to_owned();
        let session = cell().to_owned();
        let depth = cell().replace('\\', "/");
        let bounds = cell();
        let box_read = words::bounds(bounds);
        if box_read.is_none() && !bounds.is_empty() {
            fault(format!("box {bounds}; write left,top,width,height in pixels, in quotes"));
        }
        let cropped = cell();
        let cropped = words::yes(cropped).unwrap_or_else(|| {
            fault(format!("cropped {cropped}; write yes or no"));
            false
        });
        let turn = cell();
        let turn = words::turn(turn).unwrap_or_else(|| {
            fault(format!("turn {turn}; write 0, 90, 180 or 270, clockwise"));
            Turn::None
        });
        let row = Row {
            line,
            path,
            label,
            species,
            subject,
            split,
            domain,
            clip,
            frame: number,
            camera,
            session,
            depth,
            bounds: box_read,
            cropped,
            turn,
        };
        if faults.is_empty() { Ok(row) } else { Err(faults) }
    }
}
