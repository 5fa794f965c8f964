//! What is known of a built-in clip beside its pictures, kept in a file of its own: how it was made, where the face is
//! in every frame, and the hash of the video it belongs to.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::data::clip::ClipInfo;
use crate::synth::{self, DEVICES, Frame, SESSIONS};

/// One frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrameTruth {
    /// Seconds from the clip's beginning.
    pub seconds: f32,
    /// Right eye, left eye, nose, right and left corner of the mouth (the person's own right), in pixels.
    pub landmarks: [[f32; 2]; 5],
    /// Left, top, width, height of the face in pixels.
    pub face_box: [f32; 4],
}

/// One clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// SHA-256 of the video file.
    pub video: String,
    /// What the set's names say.
    pub info: ClipInfo,
    /// What the renderer was told.
    pub clip: synth::Clip,
    /// Name of the camera in the renderer's table.
    pub device: String,
    /// Name of the place in the renderer's table.
    pub place: String,
    /// The frames.
    pub frames: Vec<FrameTruth>,
}

impl Truth {
    /// Of a clip whose frames are `frames`, taken at `seconds`, and whose video file is `video`.
    pub fn new(info: &ClipInfo, clip: &synth::Clip, frames: &[Frame], seconds: &[f32], video: &[u8]) -> Self {
        let frame = |(f, s): (&Frame, &f32)| FrameTruth { seconds: *s, landmarks: f.landmarks, face_box: f.face_box };
        Self {
            video: hex(video),
            info: info.clone(),
            clip: clip.clone(),
            device: DEVICES[usize::from(clip.device) % DEVICES.len()].name.to_owned(),
            place: SESSIONS[usize::from(clip.session) % SESSIONS.len()].name.to_owned(),
            frames: frames.iter().zip(seconds).map(frame).collect(),
        }
    }
}

/// SHA-256 in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
    Sha256::digest(bytes).iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}
