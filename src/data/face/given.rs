//! Faces whose place the set's own files tell, in the coordinates of the upright picture.

use std::sync::OnceLock;

use crate::data::Turn;
use crate::data::dataset::marks::Located;
use crate::data::footage::Frame;

use super::finder::{Face, Hint};

/// The detector's box in distances between the eyes: its width and height, and how far its middle lies below theirs.
/// Medians over the built-in benchmark (`cargo xtask bench faces`).
const SIDE: f32 = 2.35;
const BELOW: f32 = 0.52;

/// What the files say of one clip.
#[derive(Debug, Default)]
pub struct Given {
    as_written: Located,
    /// The same turned by 180 degrees, once it is known how large the picture is.
    half_turned: OnceLock<Located>,
}

impl Given {
    /// Of what a reader of these files found.
    pub fn new(as_written: Located) -> Self {
        Self { as_written, half_turned: OnceLock::new() }
    }

    /// What a person should know of the files.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = self.as_written.remarks.clone();
        if self.half_turned.get().is_some() {
            remarks
                .push("the box file speaks of the clip as it is stored, upside down; it was turned with it".to_owned());
        }
        remarks
    }

    /// The face of a frame, if the files tell of one. A file whose eyes lie below the middles of their boxes speaks of
    /// the picture as it is stored; it is turned where the picture was.
    pub fn face(&self, frame: &Frame) -> Option<Face> {
        let located = if frame.turned == Turn::Half && self.as_written.upside_down() {
            let (width, height) = (frame.picture.width() as f32, frame.picture.height() as f32);
            self.half_turned.get_or_init(|| self.as_written.half_turn(width, height))
        } else {
            &self.as_written
        };
        let eyes = located.eyes.get(&frame.number).copied();
        let at = located.boxes.get(&frame.number).copied();
        if at.is_none() && eyes.is_none() {
            return None;
        }
        Some(Face { at: at.unwrap_or([0.0; 4]), confidence: 1.0, eyes, five: None, corners: None, mesh: None })
    }
}

impl Face {
    /// Whether it has a box; a face of eyes alone has none until it was looked at.
    pub(super) fn has_box(&self) -> bool {
        self.at[2] > 0.0 && self.at[3] > 0.0
    }

    /// Where to look for it.
    pub(super) fn hint(&self) -> Hint {
        match self.eyes {
            _ if self.has_box() => Hint::Box(self.at),
            Some(eyes) => Hint::Eyes(eyes),
            None => Hint::Nothing,
        }
    }

    /// A face of the set's files with what the finder adds: the set's box counts, the finder's eyes do.
    pub(super) fn with(self, found: Self) -> Self {
        if self.has_box() { Self { at: self.at, confidence: self.confidence, ..found } } else { found }
    }

    /// A face of which only the eyes are known gets the box that the detector would have given it.
    pub(super) fn boxed(mut self) -> Self {
        if let (false, Some([a, b])) = (self.has_box(), self.eyes) {
            let apart = (b[0] - a[0]).hypot(b[1] - a[1]);
            let (x, y) = (f32::midpoint(a[0], b[0]), f32::midpoint(a[1], b[1]) + BELOW * apart);
            let side = SIDE * apart;
            self.at = [x - side / 2.0, y - side / 2.0, side, side];
        }
        self
    }
}
