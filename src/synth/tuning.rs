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
pub const SOURCE_BLUR: f32 = 0.45;
/// How much more the attacker's photograph shows than the crop.
pub const SOURCE_MARGIN: f32 = 1.14;

/// Period of cosine screens in pixels (drawn evenly by octave).
pub const SCREEN_PERIOD: Range = (0.75, 2.3);
/// Size of stochastic dots in pixels.
pub const DOT_SIZE: Range = (0.28, 0.80);
/// Part of prints with stochastic dots.
pub const STOCHASTIC: f32 = 0.4;
/// Error of ink amounts, as a part.
pub const INK_ERROR: f32 = 0.07;
/// Bend of the sheet in radians from one side to the other.
pub const BEND: Range = (0.0, 0.7);
/// Gloss of the sheet: reflectance at the normal.
pub const PAPER_GLOSS: Range = (0.0, 0.035);
/// Paper fibre, as a part of reflectance.
pub const FIBRE: Range = (0.004, 0.02);

/// Period of a display's pixels in pixels (drawn evenly by octave).
pub const DISPLAY_PERIOD: Range = (0.65, 2.0);
/// Light of a black display pixel against a white one.
pub const BLACK_LEVEL: Range = (0.002, 0.02);
/// Reflectance of the display's glass.
pub const GLASS: Range = (0.01, 0.05);
/// Surroundings' light against the display's white.
pub const SURROUNDINGS: Range = (0.15, 0.9);
/// Share of each colour's light that leaves through its neighbours.
pub const CROSSTALK: Range = (0.02, 0.12);
/// Blue cast of the backlight.
pub const BACKLIGHT: Range = (0.95, 1.22);
/// Brightness bands of a display against the camera's rolling shutter, as a part.
pub const BANDING: Range = (0.0, 0.03);

/// Turn of the medium in the picture (radians) and perspective (part of the side), standard deviations.
pub const TILT: f32 = 0.035;
pub const PERSPECTIVE: f32 = 0.05;
