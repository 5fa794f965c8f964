//! Depth maps that came with a clip: grey pictures of the whole scene or of the cut face, nearest brightest.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use image::RgbImage;

use crate::data::DEPTH_SIDE;
use crate::data::footage::upright;

use super::crop::Crop;

/// The map in a file. The error is a sentence.
pub fn open(path: &Path) -> Result<RgbImage, String> {
    let wrong = |words: String| format!("the depth map {} cannot be read: {words}", path.display());
    let file = File::open(path).map_err(|e| wrong(e.to_string()))?;
    Ok(upright(BufReader::new(file)).map_err(wrong)?.rgb)
}

/// The part of `map` that `crop` cuts out of `picture`, `DEPTH_SIDE * DEPTH_SIDE` bytes. A map of another size shows the
/// same as the picture, as PRNet's and MADDG's do.
pub fn cut(map: &RgbImage, crop: &Crop, picture: &RgbImage) -> Vec<u8> {
    let ratio = |a: u32, b: u32| a as f32 / b as f32;
    let crop = crop.scaled(ratio(map.width(), picture.width()), ratio(map.height(), picture.height()));
    // Grey: all three channels are the same.
    crop.rgb(map, DEPTH_SIDE).into_iter().step_by(3).collect()
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;
    use crate::data::resample::Rect;

    #[test]
    fn a_map_of_half_the_size_is_cut_at_the_same_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.png");
        // The right half is near.
        GrayImage::from_fn(64, 32, |x, _| Luma([if x < 32 { 0 } else { 200 }])).save(&path).unwrap();
        let crop = Crop::Upright(Rect { left: 32.0, top: 0.0, width: 64.0, height: 64.0 });
        let depth = cut(&open(&path).unwrap(), &crop, &RgbImage::new(128, 64));
        assert_eq!((depth.len(), depth[0], depth[63], depth[30], depth[33]), (64 * 64, 0, 200, 0, 200));
        let error = open(&folder.path().join("none.png")).unwrap_err();
        assert!(error.contains("none.png cannot be read"), "{error}");
    }
}
