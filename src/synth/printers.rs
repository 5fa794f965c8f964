//! The printers that the benchmark's print attacks come from. How dots and papers act is in `attack::print`.

use super::tuning::Range;

/// How a printer breaks tints into dots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dots {
    /// Round dots on four turned screens.
    Round,
    /// Lines on four turned screens, as office lasers draw them.
    Lines,
    /// Dots of one size, scattered.
    Scattered,
}

/// What a printer is like.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    /// Name in face lists.
    pub name: &'static str,
    /// The measured papers that it prints on, by their number in the table.
    pub papers: &'static [usize],
    /// How it makes tints.
    pub dots: Dots,
    /// Dots (or screen lines) across the width of a face in pictures of 128 pixels; larger pictures are of finer
    /// prints.
    pub resolution: Range,
    /// Error of ink amounts, as a part.
    pub error: f32,
    /// Lines of more and less ink across the sheet, as a part of the ink.
    pub banding: Range,
    /// How many of these lines across a face.
    pub bands: Range,
    /// Reflectance of the sheet's surface at the normal.
    pub gloss: Range,
}

/// The printers, by their number in a presentation.
pub const PRINTERS: &[Printer] = &[
    Printer {
        name: "o_printer1",
        papers: &[0],
        dots: Dots::Scattered,
        resolution: (340.0, 400.0),
        error: 0.05,
        banding: (0.08, 0.11),
        bands: (1.5, 2.2),
        gloss: (0.02, 0.035),
    },
    Printer {
        name: "o_printer2",
        papers: &[4],
        dots: Dots::Scattered,
        resolution: (340.0, 400.0),
        error: 0.08,
        banding: (0.08, 0.10),
        bands: (1.8, 2.6),
        gloss: (0.002, 0.012),
    },
    Printer {
        name: "c_photo",
        papers: &[0],
        dots: Dots::Scattered,
        resolution: (340.0, 400.0),
        error: 0.05,
        banding: (0.0, 0.01),
        bands: (10.0, 24.0),
        gloss: (0.09, 0.12),
    },
    Printer {
        name: "i_laser",
        papers: &[1],
        dots: Dots::Lines,
        resolution: (14.0, 16.0),
        error: 0.08,
        banding: (0.0, 0.01),
        bands: (3.0, 8.0),
        gloss: (0.01, 0.02),
    },
    Printer {
        name: "m_a3",
        papers: &[5],
        dots: Dots::Scattered,
        resolution: (80.0, 92.0),
        error: 0.07,
        banding: (0.0, 0.02),
        bands: (9.0, 11.0),
        gloss: (0.002, 0.015),
    },
    Printer {
        name: "y_still",
        papers: &[0, 7, 8],
        dots: Dots::Round,
        resolution: (42.0, 100.0),
        error: 0.08,
        banding: (0.0, 0.03),
        bands: (4.0, 10.0),
        gloss: (0.004, 0.03),
    },
    Printer {
        name: "y_quivering",
        papers: &[1, 6, 8],
        dots: Dots::Lines,
        resolution: (40.0, 95.0),
        error: 0.09,
        banding: (0.0, 0.06),
        bands: (5.0, 16.0),
        gloss: (0.002, 0.02),
    },
    Printer {
        name: "w_poster",
        papers: &[3, 5, 7],
        dots: Dots::Round,
        resolution: (38.0, 110.0),
        error: 0.07,
        banding: (0.0, 0.04),
        bands: (4.0, 14.0),
        gloss: (0.004, 0.04),
    },
    Printer {
        name: "w_inkjet",
        papers: &[1, 4, 2],
        dots: Dots::Scattered,
        resolution: (140.0, 390.0),
        error: 0.09,
        banding: (0.01, 0.10),
        bands: (6.0, 26.0),
        gloss: (0.002, 0.02),
    },
];
