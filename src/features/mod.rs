//! Hand-made maps of a face: ColorLBP and the three of shape from shading (albedo, depth, reflectance), which Meta Pattern
//! is compared with. Bytes in, bytes of the same size out, the same on every machine; nothing here is learnt, and what
//! reads files, shows maps or trains on them is elsewhere.

mod color_lbp;
mod shading;

use std::fmt;
use std::str::FromStr;

use rayon::prelude::*;
use thiserror::Error;

pub use color_lbp::{ColorLbp, Interpolation};
pub use shading::{Shading, shading};

/// A hand-made map (Meta Pattern, Sec. IV-D and Fig. 5): RGB in, three channels out, each made of its own channel alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HandMade {
    /// Which neighbours are no darker than a pixel, as eight bits.
    ColorLbp,
    /// How bright the surface is, the light taken out.
    Albedo,
    /// How near the surface is, as its shading tells: the nearest is 255. It is no facial depth: a flat print of a face
    /// has one too.
    Depth,
    /// How much light the shape throws back, the surface's own brightness taken out.
    Reflectance,
}

/// Bytes that are no picture of the size they were said to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "{bytes} bytes are no RGB picture of {width} x {height} pixels; give width * height * 3 bytes, at least one pixel"
)]
pub struct FeatureError {
    bytes: usize,
    width: usize,
    height: usize,
}

impl HandMade {
    /// All maps, in the order they are shown.
    pub const ALL: [Self; 4] = [Self::ColorLbp, Self::Albedo, Self::Depth, Self::Reflectance];

    /// Name in settings and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::ColorLbp => "color_lbp",
            Self::Albedo => "albedo",
            Self::Depth => "depth",
            Self::Reflectance => "reflectance",
        }
    }

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::ColorLbp => "ColorLBP",
            Self::Albedo => "Albedo",
            Self::Depth => "Depth (shading)",
            Self::Reflectance => "Reflectance",
        }
    }

    /// The map of one picture, `(width, height)` pixels of three bytes row by row; `lbp` counts for ColorLBP alone.
    pub fn map(self, rgb: &[u8], size: (usize, usize), lbp: ColorLbp) -> Result<Vec<u8>, FeatureError> {
        check(rgb, size)?;
        Ok(match self {
            Self::ColorLbp => color_lbp::map(rgb, size, lbp),
            Self::Albedo => shading::albedo(rgb, size),
            Self::Depth => shading::depth(rgb, size),
            Self::Reflectance => shading::reflectance(rgb, size),
        })
    }

    /// All maps of one picture, in the order of [`HandMade::ALL`], each as [`HandMade::map`] gives it; those of shading
    /// share their work.
    pub fn all(rgb: &[u8], size: (usize, usize), lbp: ColorLbp) -> Result<[Vec<u8>; 4], FeatureError> {
        let Shading { albedo, depth, reflectance } = shading(rgb, size)?;
        Ok([color_lbp::map(rgb, size, lbp), albedo, depth, reflectance])
    }

    /// The maps of many pictures of one size, on all threads of rayon's pool; each is what [`HandMade::map`] gives.
    pub fn maps<P: AsRef<[u8]> + Sync>(
        self,
        pictures: &[P],
        size: (usize, usize),
        lbp: ColorLbp,
    ) -> Result<Vec<Vec<u8>>, FeatureError> {
        pictures.par_iter().map(|rgb| self.map(rgb.as_ref(), size, lbp)).collect()
    }
}

impl fmt::Display for HandMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for HandMade {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|m| m.name() == text).ok_or_else(|| format!("{text}: there are {}", known()))
    }
}

fn check(rgb: &[u8], (width, height): (usize, usize)) -> Result<(), FeatureError> {
    let bytes = width.checked_mul(height).and_then(|n| n.checked_mul(3)).filter(|&n| n > 0);
    if bytes == Some(rgb.len()) { Ok(()) } else { Err(FeatureError { bytes: rgb.len(), width, height }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_wrong_ones_are_told() {
        for map in HandMade::ALL {
            assert_eq!(map.name().parse(), Ok(map));
        }
        let error = "lbp".parse::<HandMade>().unwrap_err();
        assert_eq!(error, "lbp: there are color_lbp, albedo, depth, reflectance");
    }

    #[test]
    fn bytes_that_are_no_picture_are_refused() {
        for (bytes, size) in [(11, (2, 2)), (0, (0, 4)), (13, (2, 2)), (3, (usize::MAX, 2))] {
            let error = HandMade::Depth.map(&vec![0; bytes], size, ColorLbp::default()).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{bytes} bytes are no RGB picture of {} x", size.0)), "{error}");
        }
    }

    #[test]
    fn a_batch_gives_what_single_pictures_give() {
        let pictures: Vec<Vec<u8>> =
            (0..5_u8).map(|k| (0..7 * 5 * 3).map(|i| (i * 37 % 251) as u8 ^ k).collect()).collect();
        for map in HandMade::ALL {
            let single: Vec<_> = pictures.iter().map(|p| map.map(p, (7, 5), ColorLbp::default()).unwrap()).collect();
            let shared = HandMade::all(&pictures[1], (7, 5), ColorLbp::default()).unwrap();
            assert_eq!(shared[HandMade::ALL.iter().position(|&m| m == map).unwrap()], single[1]);
            assert_eq!(map.maps(&pictures, (7, 5), ColorLbp::default()).unwrap(), single);
        }
    }
}
