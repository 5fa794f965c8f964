//! How strong everything is that decides whether the task is trivial or noise: ranges of camera faults and of attack
//! artefacts, in pixels of the finished picture, so that they mean the same at every size. Change them here alone, and
//! raise [`super::GENERATOR_VERSION`] with them.

/// A range that values are drawn from.
pub type Range = (f32, f32);

/// Head turn in radians: yaw, pitch, roll (standard deviations), cut at two of them.
pub const POSE: [f32; 3] = [0.16, 0.07, 0.045];
/// Distance of the camera from the face in decimetres.
pub const DISTANCE: Range = (4.5, 11.0);
/// Height of the eyes in the picture, and how far the face may stand off the middle.
pub const EYE_HEIGHT: Range = (0.40, 0.47);
pub const OFF_CENTRE: f32 = 0.05;
/// From the eyes to the chin as a part of the picture's side.
pub const FACE: Range = (0.25, 0.31);

/// Lens blur of the attacker's own photograph against the camera's (which is the same for live and attack).
pub const SOURCE_BLUR: f32 = 0.6;
/// Pixels of the attacker's photograph against those of the picture.
pub const SOURCE_PIXELS: f32 = 1.3;

/// Stray light in the lens, as a part of the mean.
pub const VEIL: Range = (0.0, 0.06);
/// The most that things move during an exposure, in pixels.
pub const MOTION: f32 = 1.6;

/// Bend of a flat sheet in radians over the photograph's side, of a bent one, and of one that is worn.
pub const BEND: Range = (0.0, 0.25);
pub const WARP: Range = (0.9, 1.9);
pub const CUT_BEND: Range = (0.5, 1.2);
/// Paper fibre, as a part of reflectance.
pub const FIBRE: Range = (0.005, 0.03);
/// Share of each display colour's light that leaves through its neighbours.
pub const CROSSTALK: Range = (0.02, 0.12);

/// Prints and displays in larger pictures are finer: this power of the size.
pub const HALFTONE_FINER: f32 = 0.5;

/// Tilt of a print and of a display in radians, standard deviations.
pub const TILT: f32 = 0.16;
pub const DISPLAY_TILT: f32 = 0.12;
