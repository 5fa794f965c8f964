//! One clip: who, what, by which camera, where. The renderer makes its frames from it; which clips a benchmark has is
//! decided in `benchmark`.

use serde::{Deserialize, Serialize};

use super::species::Presentation;

/// One clip. The same values always give the same frames.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clip {
    /// Whose face is shown: a person's number in the world, from 0.
    pub person: u32,
    /// Who holds the medium or wears the disguise; the person on live clips.
    pub attacker: u32,
    /// What is before the camera.
    pub presentation: Presentation,
    /// Index of the camera among [`DEVICES`](super::DEVICES).
    pub device: u8,
    /// Index of the place among [`SESSIONS`](super::SESSIONS).
    pub session: u8,
    /// Whether the camera or the medium is held by hand, or stands fixed.
    pub hand: bool,
    /// Whether the person talks.
    pub talking: bool,
    /// With or without glasses; as the person is where nothing is said.
    pub glasses: Option<bool>,
    /// Whether the camera was held upside down: its file is stored so, and the video says it.
    pub upside_down: bool,
    /// Seeds everything that is drawn for this clip.
    pub seed: u64,
}
