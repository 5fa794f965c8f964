//! The cameras of the benchmark: one entry a device, everything that makes its pictures its own. How these numbers act
//! is in the files beside this one.

use super::super::tuning::Range;

/// Which part of the square picture a device keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Three by four, held upright.
    Portrait,
    /// Four by three.
    Landscape,
    /// All of it.
    Square,
}

/// How a device gets three colours from a mosaic of one colour a photosite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mosaic {
    /// One photosite a pixel, the missing colours straight between neighbours.
    Straight,
    /// One photosite a pixel, the missing colours corrected by the gradient of the known one.
    Gradient,
    /// Four photosites a pixel, put together.
    Binned,
}

/// What a device is like. All lengths in pixels of the finished picture; light in parts of white.
#[derive(Debug, Clone, Copy)]
pub struct Device {
    /// Name in file lists.
    pub name: &'static str,
    /// The part of the picture it keeps.
    pub shape: Shape,
    /// Size of faces against those of the nearest camera: its resolution.
    pub face: f32,
    /// How it sees colours.
    pub mosaic: Mosaic,
    /// Standard deviation of the lens blur with everything in focus.
    pub blur: Range,
    /// The most that missed focus adds to it.
    pub defocus: f32,
    /// How much larger red is drawn than blue, as a part.
    pub aberration: f32,
    /// Light lost in the corners, as a part.
    pub vignette: Range,
    /// Noise of a white pixel.
    pub shot: Range,
    /// Noise of a black pixel.
    pub read: Range,
    /// Weight of the face against the whole picture in metering.
    pub priority: f32,
    /// The level that what is metered is brought to.
    pub target: Range,
    /// How far the white balance follows the scene.
    pub balance: Range,
    /// The device's own taste in red and blue.
    pub cast: [f32; 2],
    /// Strength of the S-curve.
    pub contrast: Range,
    /// Strength of colours.
    pub saturation: Range,
    /// Strength of sharpening.
    pub sharpen: Range,
    /// Reach of its halos.
    pub halo: f32,
    /// How much of the colour noise is smoothed away.
    pub smooth: f32,
    /// JPEG quality.
    pub quality: (u8, u8),
    /// Whether it keeps colour at half the resolution.
    pub halved: bool,
}

/// A phone of good make that the others are told apart from.
const PHONE: Device = Device {
    name: "",
    shape: Shape::Portrait,
    face: 1.0,
    mosaic: Mosaic::Binned,
    blur: (0.38, 0.62),
    defocus: 0.6,
    aberration: 0.001,
    vignette: (0.0, 0.12),
    shot: (0.0095, 0.0258),
    read: (0.0014, 0.0041),
    priority: 0.8,
    target: (0.17, 0.28),
    balance: (0.65, 0.9),
    cast: [1.0, 1.0],
    contrast: (0.1, 0.6),
    saturation: (1.0, 1.2),
    sharpen: (0.3, 0.9),
    halo: 1.0,
    smooth: 0.6,
    quality: (80, 94),
    halved: true,
};

/// A webcam likewise.
const WEBCAM: Device = Device {
    shape: Shape::Landscape,
    face: 0.76,
    mosaic: Mosaic::Straight,
    blur: (0.40, 0.70),
    defocus: 0.5,
    aberration: 0.003,
    vignette: (0.05, 0.25),
    shot: (0.0122, 0.0306),
    read: (0.002, 0.0048),
    priority: 0.6,
    target: (0.14, 0.27),
    balance: (0.45, 0.85),
    contrast: (0.0, 0.4),
    saturation: (0.8, 1.1),
    sharpen: (0.2, 1.2),
    smooth: 0.3,
    quality: (66, 88),
    ..PHONE
};

/// A phone that takes clips indoors without much light.
const O_PHONE: Device = Device { shot: (0.02, 0.045), read: (0.003, 0.008), ..PHONE };

/// The cameras, by their number in a clip. The letter before the stroke names the domain that they belong to.
pub const DEVICES: &[Device] = &[
    Device { name: "o_phone1", ..O_PHONE },
    Device { name: "o_phone2", mosaic: Mosaic::Gradient, sharpen: (0.6, 1.4), cast: [1.04, 0.96], ..O_PHONE },
    Device {
        name: "o_phone3",
        shot: (0.022, 0.045),
        smooth: 0.85,
        saturation: (1.1, 1.3),
        quality: (74, 88),
        ..O_PHONE
    },
    Device { name: "o_phone4", mosaic: Mosaic::Gradient, cast: [0.97, 1.05], contrast: (0.3, 0.8), ..O_PHONE },
    Device { name: "o_phone5", blur: (0.48, 0.75), halo: 1.6, target: (0.15, 0.24), quality: (84, 96), ..O_PHONE },
    Device {
        name: "o_phone6",
        mosaic: Mosaic::Straight,
        saturation: (0.9, 1.1),
        sharpen: (0.1, 0.6),
        halved: false,
        ..O_PHONE
    },
    Device {
        name: "c_a",
        blur: (0.75, 0.95),
        shot: (0.03, 0.04),
        read: (0.006, 0.008),
        saturation: (0.75, 0.85),
        sharpen: (0.2, 0.4),
        cast: [0.95, 1.08],
        quality: (60, 70),
        face: 0.62,
        ..WEBCAM
    },
    Device {
        name: "c_b",
        shape: Shape::Portrait,
        face: 0.92,
        saturation: (0.8, 0.9),
        sharpen: (1.1, 1.4),
        halo: 1.8,
        cast: [1.05, 0.97],
        ..WEBCAM
    },
    Device {
        name: "c_hr",
        mosaic: Mosaic::Gradient,
        blur: (0.30, 0.45),
        shot: (0.025, 0.035),
        sharpen: (0.2, 0.4),
        smooth: 0.2,
        saturation: (0.85, 0.95),
        quality: (88, 97),
        halved: false,
        ..PHONE
    },
    Device {
        name: "i_webcam",
        face: 0.66,
        saturation: (0.6, 0.72),
        contrast: (0.0, 0.1),
        sharpen: (0.9, 1.2),
        halo: 2.0,
        quality: (48, 86),
        balance: (0.3, 0.75),
        ..WEBCAM
    },
    Device {
        name: "m_laptop",
        mosaic: Mosaic::Gradient,
        contrast: (0.35, 0.5),
        saturation: (1.0, 1.15),
        sharpen: (0.0, 0.2),
        vignette: (0.0, 0.2),
        face: 0.62,
        quality: (40, 52),
        ..WEBCAM
    },
    Device {
        name: "m_android",
        blur: (0.42, 0.6),
        contrast: (0.4, 0.6),
        saturation: (1.15, 1.3),
        sharpen: (1.2, 1.5),
        quality: (76, 92),
        cast: [1.03, 1.02],
        halo: 1.6,
        ..PHONE
    },
    Device { name: "y_hasee", saturation: (0.85, 1.15), read: (0.002, 0.0054), halved: false, ..WEBCAM },
    Device { name: "y_huawei", sharpen: (0.6, 1.5), saturation: (1.05, 1.3), cast: [0.97, 1.0], ..PHONE },
    Device { name: "y_ipad", shape: Shape::Landscape, face: 0.78, contrast: (0.0, 0.5), sharpen: (0.1, 0.7), ..PHONE },
    Device { name: "y_5s", mosaic: Mosaic::Gradient, cast: [1.05, 0.95], quality: (84, 95), ..PHONE },
    Device {
        name: "y_zte",
        mosaic: Mosaic::Straight,
        shot: (0.015, 0.0374),
        smooth: 0.8,
        sharpen: (0.3, 1.3),
        halo: 1.5,
        quality: (68, 86),
        ..PHONE
    },
    Device {
        name: "w_dslr",
        shape: Shape::Square,
        blur: (0.28, 0.45),
        defocus: 1.0,
        shot: (0.0068, 0.0238),
        sharpen: (0.1, 0.6),
        smooth: 0.1,
        quality: (88, 97),
        halved: false,
        ..PHONE
    },
    Device { name: "w_phone", target: (0.16, 0.30), saturation: (1.0, 1.3), contrast: (0.2, 0.8), ..PHONE },
];

impl Device {
    /// The part of a square picture of `size` pixels that this device keeps: left, top, width and height.
    pub fn cut(&self, size: usize) -> [usize; 4] {
        let less = size * 3 / 4 / 2 * 2;
        let off = (size - less) / 2;
        match self.shape {
            Shape::Portrait => [off, 0, less, size],
            Shape::Landscape => [0, off, size, less],
            Shape::Square => [0, 0, size, size],
        }
    }
}
