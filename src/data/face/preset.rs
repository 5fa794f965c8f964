//! How the literature cuts faces out, by name: which region of the picture, at which size, which frames. A preset's
//! rules never change under its version; packs carry both.

use image::RgbImage;

use crate::data::footage::FrameChoice;

use super::crop::{Crop, aligned, central, clipped, similarity, widened};
use super::finder::Face;

/// A way of cutting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Preset {
    /// CDCN's tests, and the default here, as MT-FAS does not state its own: the face's box made 1.3 as large, clipped to
    /// the picture, stretched to a square; eight frames. No alignment.
    #[default]
    Cdcn,
    /// SSDG (and few-shot FAS, FLIP): five points aligned to a mean face with 0.37 around it, eyes level at 0.4 of the
    /// height; two frames.
    Ssdg,
    /// Meta Pattern: SSDG's alignment; two frames.
    MetaPattern,
    /// RFMetaFAS and MADDG: the detector's box as it is, stretched to a square; every frame. (HSV is made of it later.)
    RfMeta,
    /// DeepPixBiS in bob: both eyes to fixed places, a quarter from above and half the width apart; twenty frames.
    DeepPixBis,
    /// SiW-Mv2's preprocessing: about the middle between the outer corners of the eyes, of half their distance d:
    /// 2.3 d to the left and right, 1.6 d up, 3 d down; every frame.
    SiwMv2,
    /// Pictures that are cut already: the square in the middle; every frame. Clips that say so of themselves are always
    /// cut like this.
    Plain,
}

/// Eyes, nose and corners of the mouth of the mean face of the MXNet port of MTCNN, left in the picture first, as
/// fractions of a square about them; checked in five public copies of its code.
const MEAN_FACE: [[f32; 2]; 5] = [
    [0.224_152, 0.211_946_5],
    [0.756_101_25, 0.211_946_5],
    [0.490_127, 0.628_106],
    [0.254_149, 0.780_233],
    [0.726_104, 0.780_233],
];
/// What is added on every side of the mean face.
const PADDING: f32 = 0.37;
/// CDCN's factor in its tests.
const CDCN: f32 = 1.3;

impl Preset {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Cdcn, Self::Ssdg, Self::MetaPattern, Self::RfMeta, Self::DeepPixBis, Self::SiwMv2, Self::Plain];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cdcn => "cdcn",
            Self::Ssdg => "ssdg",
            Self::MetaPattern => "metapattern",
            Self::RfMeta => "rf_meta",
            Self::DeepPixBis => "deep_pix_bis",
            Self::SiwMv2 => "siw_mv2",
            Self::Plain => "plain",
        }
    }

    /// The preset called `name`; the error lists all names.
    pub fn parse(name: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name).join(", ");
        let found = Self::ALL.into_iter().find(|p| p.name() == name);
        found.ok_or_else(|| format!("there is no preset `{name}`; there are {names}"))
    }

    /// The version of its rules.
    pub fn version(self) -> u32 {
        1
    }

    /// Side of its faces in pixels, unless another is asked for.
    pub fn side(self) -> usize {
        if self == Self::DeepPixBis { 224 } else { 256 }
    }

    /// The frames that it looks at, unless others are asked for.
    pub fn frames(self) -> FrameChoice {
        match self {
            Self::Cdcn => FrameChoice::Cdcn(8),
            Self::Ssdg => FrameChoice::Ssdg(2),
            Self::MetaPattern => FrameChoice::Ends(2),
            Self::DeepPixBis => FrameChoice::Even(20),
            Self::RfMeta | Self::SiwMv2 | Self::Plain => FrameChoice::All,
        }
    }

    /// `count` frames, spread as it spreads its own.
    pub fn so_many(self, count: u32) -> FrameChoice {
        if self == Self::MetaPattern { FrameChoice::Ends(count) } else { FrameChoice::Even(count) }
    }

    /// Whether it needs to know more of a face than its box.
    pub fn aligns(self) -> bool {
        matches!(self, Self::Ssdg | Self::MetaPattern | Self::DeepPixBis | Self::SiwMv2)
    }

    /// The region to cut out for `face` as `side` pixels; `None` if the face is of no size or lies outside.
    pub fn crop(self, face: &Face, picture: &RgbImage, side: usize) -> Option<Crop> {
        match self {
            Self::Cdcn => clipped(widened(face.at, CDCN), picture.dimensions()).map(Crop::Upright),
            Self::RfMeta => clipped(widened(face.at, 1.0), picture.dimensions()).map(Crop::Upright),
            Self::Ssdg | Self::MetaPattern => mean_face(face),
            Self::DeepPixBis => eyes(face, side),
            Self::SiwMv2 => outer_corners(face),
            Self::Plain => Some(whole(picture)),
        }
    }
}

/// The square in the middle of a picture that is cut already.
pub fn whole(picture: &RgbImage) -> Crop {
    Crop::Upright(central(picture.dimensions()))
}

/// Turn and scale from all five points, then the middle between the eyes to (0.5, 0.4), as the MXNet port does.
fn mean_face(face: &Face) -> Option<Crop> {
    let to = MEAN_FACE.map(|p| p.map(|c| (PADDING + c) / (2.0 * PADDING + 1.0)));
    let eyes = face.eyes?;
    let column = match &face.five {
        Some(five) => similarity(five, &to)?,
        None => similarity(&eyes, &to[..2])?,
    };
    Some(aligned(column, middle(eyes), [0.5, 0.4]))
}

/// bob's places for "pad": eyes (side + 1) / 2 apart, their middle at ((side - 0.5) / 2, side / 4) counted between the
/// middles of pixels.
fn eyes(face: &Face, side: usize) -> Option<Crop> {
    let side = side as f32;
    let (apart, y) = (f32::midpoint(side, 1.0), side / 4.0);
    let x = (side - 0.5) / 2.0;
    let there = |x: f32| [(x + 0.5) / side, (y + 0.5) / side];
    let eyes = face.eyes?;
    let column = similarity(&eyes, &[there(x - apart / 2.0), there(x + apart / 2.0)])?;
    Some(aligned(column, middle(eyes), there(x)))
}

/// An upright square about the eyes.
fn outer_corners(face: &Face) -> Option<Crop> {
    let [a, b] = face.corners?;
    let d = (b[0] - a[0]).hypot(b[1] - a[1]) / 2.0;
    let scale = 1.0 / (4.6 * d);
    (d > 0.0 && scale.is_finite()).then(|| aligned([scale, 0.0], middle([a, b]), [0.5, 1.6 / 4.6]))
}

fn middle([a, b]: [[f32; 2]; 2]) -> [f32; 2] {
    [f32::midpoint(a[0], b[0]), f32::midpoint(a[1], b[1])]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face() -> Face {
        // The mean face at 100 pixels a unit, turned by 0.3 about its upper left corner.
        let (s, c) = 0.3_f32.sin_cos();
        let turned = |[x, y]: [f32; 2]| [300.0 + 100.0 * (c * x - s * y), 200.0 + 100.0 * (s * x + c * y)];
        let five = MEAN_FACE.map(turned);
        let eyes = [five[0], five[1]];
        Face {
            at: [300.0, 200.0, 100.0, 120.0],
            confidence: 1.0,
            eyes: Some(eyes),
            five: Some(five),
            corners: Some(eyes),
            mesh: None,
        }
    }

    fn near(a: [f32; 2], b: [f32; 2]) {
        assert!((a[0] - b[0]).abs() < 1e-4 && (a[1] - b[1]).abs() < 1e-4, "{a:?} {b:?}");
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for preset in Preset::ALL {
            assert_eq!(Preset::parse(preset.name()), Ok(preset));
        }
        assert!(Preset::parse("mtcnn").unwrap_err().contains("deep_pix_bis"));
        assert_eq!(Preset::default().name(), "cdcn");
    }

    #[test]
    fn the_mean_face_stands_level_with_its_eyes_at_two_fifths() {
        let picture = RgbImage::new(640, 480);
        let crop = Preset::Ssdg.crop(&face(), &picture, 256).unwrap();
        let [a, b, nose, ..] = face().five.unwrap().map(|p| crop.place(p));
        near([f32::midpoint(a[0], b[0]), a[1]], [0.5, 0.4]);
        assert!((a[1] - b[1]).abs() < 1e-5);
        // Its own size within 1.74 sides, and the nose below by as much as in the mean face.
        assert!((b[0] - a[0] - 0.531_949_2 / 1.74).abs() < 1e-4);
        near(nose, [0.5 + (0.490_127 - 0.490_126_6) / 1.74, 0.4 + (0.628_106 - 0.211_946_5) / 1.74]);
        // Without five points the eyes alone give nearly the same.
        let two = Preset::MetaPattern.crop(&Face { five: None, ..face() }, &picture, 256).unwrap();
        near(two.place(face().five.unwrap()[3]), crop.place(face().five.unwrap()[3]));
    }

    #[test]
    fn boxes_eyes_and_corners_go_where_their_papers_have_them() {
        let picture = RgbImage::new(640, 480);
        let Some(Crop::Upright(rect)) = Preset::Cdcn.crop(&face(), &picture, 256) else { panic!("upright") };
        assert_eq!((rect.left, rect.top, rect.width, rect.height), (285.0, 182.0, 130.0, 156.0));
        // Clipped at the picture's border.
        let Some(Crop::Upright(rect)) = Preset::Cdcn.crop(&face(), &RgbImage::new(400, 300), 256) else {
            panic!("upright")
        };
        assert_eq!((rect.width, rect.height), (115.0, 118.0));
        let crop = Preset::DeepPixBis.crop(&face(), &picture, 224).unwrap();
        let [a, b] = face().eyes.unwrap().map(|p| crop.place(p));
        near(a, [(111.75 - 56.25 + 0.5) / 224.0, 56.5 / 224.0]);
        near(b, [(111.75 + 56.25 + 0.5) / 224.0, 56.5 / 224.0]);
        let crop = Preset::SiwMv2.crop(&face(), &picture, 256).unwrap();
        let [a, b] = face().corners.unwrap();
        let d = (b[0] - a[0]).hypot(b[1] - a[1]) / 2.0;
        let m = middle([a, b]);
        near(crop.place([m[0] - 2.3 * d, m[1] - 1.6 * d]), [0.0, 0.0]);
        near(crop.place([m[0] + 2.3 * d, m[1] + 3.0 * d]), [1.0, 1.0]);
    }

    #[test]
    fn a_face_without_what_a_preset_needs_is_none() {
        let picture = RgbImage::new(64, 48);
        let bare = Face { eyes: None, five: None, corners: None, ..face() };
        for preset in Preset::ALL {
            let inside = Face { at: [1.0, 1.0, 20.0, 20.0], ..bare.clone() };
            assert_eq!(preset.crop(&inside, &picture, 64).is_none(), preset.aligns(), "{}", preset.name());
        }
        assert_eq!(Preset::Cdcn.crop(&bare, &picture, 64), None);
        let flat = Face { eyes: Some([[5.0; 2]; 2]), corners: Some([[5.0; 2]; 2]), five: None, ..face() };
        for preset in [Preset::Ssdg, Preset::DeepPixBis, Preset::SiwMv2] {
            assert_eq!(preset.crop(&flat, &picture, 64), None);
        }
    }
}
