//! The displays that the benchmark's replay attacks are shown on. How panels and glass act is in `attack::replay`.
//!
//! The first letter of a name is its data set's. What shows in one set's replays (bands, moiré, glare, mesh) is weak in the
//! others', here as among printers and cameras: real sets differ like that, which is what makes learning across them hard.

use super::tuning::Range;

/// How a display's pixel is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Three upright stripes, red to blue.
    Stripes,
    /// Three upright stripes, blue to red.
    Reversed,
    /// Three lying stripes (a display on its side).
    Lying,
    /// Green in every pixel, red and blue in turn, as small diamonds.
    Diamond,
}

/// What a display is like.
#[derive(Debug, Clone, Copy)]
pub struct Display {
    /// Name in face lists.
    pub name: &'static str,
    /// Its subpixels.
    pub layout: Layout,
    /// Pixels across the width of a face in pictures of 128 pixels; larger pictures are of finer displays.
    pub resolution: Range,
    /// Exponent from signal to light.
    pub gamma: Range,
    /// Light of a black pixel against a white one.
    pub black: Range,
    /// Red and blue of its white against green.
    pub white: [f32; 2],
    /// How much brightness changes from one side to the other, seen at an angle.
    pub falloff: f32,
    /// Reflectance of its glass.
    pub glass: Range,
    /// Whether the glass is matte.
    pub matte: bool,
    /// Brightness bands against the camera's shutter, as a part: refresh or dimming by pulses.
    pub banding: Range,
    /// How many of these bands a picture has, down it or, on a panel that lies on its side, across it.
    pub bands: Range,
    /// Reflectance of the frame.
    pub bezel: [f32; 3],
    /// The frame's width against the display's.
    pub frame: f32,
    /// The display's width against the shown photograph's.
    pub width: Range,
    /// Its height against its width.
    pub height: f32,
    /// The room's light against the display's white.
    pub room: Range,
}

/// A liquid-crystal tablet that the others are told apart from.
const TABLET: Display = Display {
    name: "",
    layout: Layout::Stripes,
    resolution: (30.0, 72.0),
    gamma: (2.0, 2.4),
    black: (0.002, 0.012),
    white: [0.98, 1.06],
    falloff: 0.2,
    glass: (0.02, 0.075),
    matte: false,
    banding: (0.0, 0.05),
    bands: (1.0, 7.0),
    bezel: [0.02, 0.02, 0.022],
    frame: 0.07,
    width: (0.75, 1.1),
    height: 1.33,
    room: (0.15, 0.9),
};

/// The displays, by their number in a presentation.
pub const DISPLAYS: &[Display] = &[
    Display {
        name: "o_display1",
        resolution: (48.0, 120.0),
        matte: true,
        glass: (0.02, 0.04),
        width: (1.1, 1.8),
        height: 0.6,
        frame: 0.03,
        black: (0.004, 0.02),
        gamma: (2.0, 2.4),
        banding: (0.09, 0.12),
        bands: (4.0, 5.0),
        ..TABLET
    },
    Display {
        name: "o_display2",
        resolution: (100.0, 140.0),
        layout: Layout::Reversed,
        glass: (0.02, 0.06),
        width: (1.0, 1.5),
        height: 0.625,
        frame: 0.025,
        white: [1.03, 0.94],
        banding: (0.08, 0.11),
        bands: (4.5, 6.0),
        ..TABLET
    },
    Display {
        name: "c_tablet",
        resolution: (26.0, 29.0),
        falloff: 0.5,
        glass: (0.0, 0.01),
        bezel: [0.75, 0.75, 0.74],
        black: (0.02, 0.03),
        gamma: (1.7, 1.85),
        white: [0.98, 1.06],
        ..TABLET
    },
    Display {
        name: "i_mobile",
        layout: Layout::Lying,
        resolution: (50.0, 56.0),
        width: (0.7, 0.95),
        height: 1.5,
        frame: 0.08,
        gamma: (1.75, 1.95),
        black: (0.02, 0.035),
        falloff: 0.35,
        banding: (0.13, 0.18),
        white: [1.0, 1.03],
        ..TABLET
    },
    Display {
        name: "i_highdef",
        resolution: (80.0, 110.0),
        gamma: (2.35, 2.55),
        white: [1.07, 0.90],
        glass: (0.02, 0.04),
        layout: Layout::Lying,
        black: (0.002, 0.008),
        banding: (0.12, 0.16),
        ..TABLET
    },
    Display {
        name: "m_ipad",
        resolution: (84.0, 96.0),
        white: [0.88, 1.2],
        glass: (0.14, 0.18),
        room: (0.8, 1.0),
        bezel: [0.8, 0.8, 0.8],
        frame: 0.06,
        ..TABLET
    },
    Display {
        name: "m_iphone",
        resolution: (30.0, 33.0),
        layout: Layout::Diamond,
        black: (0.0, 0.001),
        width: (0.72, 0.95),
        height: 1.6,
        frame: 0.05,
        banding: (0.0, 0.03),
        ..TABLET
    },
    Display {
        name: "y_lenovo",
        matte: true,
        resolution: (28.0, 62.0),
        glass: (0.015, 0.04),
        width: (1.1, 1.7),
        height: 0.5625,
        frame: 0.03,
        white: [0.94, 1.12],
        gamma: (1.9, 2.6),
        black: (0.006, 0.025),
        falloff: 0.4,
        ..TABLET
    },
    Display {
        name: "y_mac",
        resolution: (51.0, 128.0),
        width: (1.0, 1.6),
        height: 0.625,
        frame: 0.03,
        bezel: [0.03, 0.03, 0.03],
        white: [1.01, 1.0],
        ..TABLET
    },
    Display {
        name: "w_oled",
        layout: Layout::Diamond,
        resolution: (46.0, 120.0),
        black: (0.0, 0.001),
        width: (0.75, 1.0),
        height: 1.8,
        frame: 0.03,
        white: [1.02, 1.08],
        falloff: 0.08,
        banding: (0.02, 0.12),
        ..TABLET
    },
    Display { name: "w_monitor", matte: true, width: (1.2, 1.8), height: 0.5625, frame: 0.02, falloff: 0.3, ..TABLET },
    Display {
        name: "w_phone",
        layout: Layout::Diamond,
        resolution: (51.0, 128.0),
        black: (0.0, 0.002),
        width: (0.7, 0.95),
        height: 1.9,
        frame: 0.03,
        banding: (0.01, 0.09),
        ..TABLET
    },
];
