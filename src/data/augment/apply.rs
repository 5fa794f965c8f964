//! Carrying a plan out, on pictures and on the maps that belong to them.

use super::plan::{Patch, Plan};

/// Weights of the crop's interpolation have so many bits.
const BITS: u32 = 11;

impl Plan {
    /// An sRGB picture of `side` x `side` pixels with all that happens to it.
    pub fn picture(&self, rgb: &[u8], side: usize) -> Vec<u8> {
        let mut out = self.moved::<3>(rgb, side);
        self.colour(&mut out);
        for patch in &self.erased {
            // Erased before the picture is mirrored; it has been by now.
            blacken(&mut out, side, if self.flip { mirrored(*patch) } else { *patch });
        }
        if let Some(patch) = self.cutout {
            blacken(&mut out, side, patch);
        }
        out
    }

    /// A map of `side` x `side` bytes that goes with the picture: it is cropped and mirrored alike. Colours and black
    /// patches change what a camera saw, not where the face is.
    pub fn map(&self, map: &[u8], side: usize) -> Vec<u8> {
        self.moved::<1>(map, side)
    }

    /// Cropped and mirrored.
    fn moved<const C: usize>(&self, pixels: &[u8], side: usize) -> Vec<u8> {
        let mut out = if self.crop == 1.0 { pixels.to_vec() } else { crop::<C>(pixels, side, self.crop) };
        if self.flip {
            for row in out.chunks_exact_mut(side * C) {
                let (pixels, _) = row.as_chunks_mut::<C>();
                pixels.reverse();
            }
        }
        out
    }

    fn colour(&self, rgb: &mut [u8]) {
        if self.add == [0; 3] && self.gamma == 1.0 {
            return;
        }
        let table = self.add.map(|add| {
            let value = |v: usize| {
                let v = (v as i16 + add).clamp(0, 255);
                (255.0 * (f64::from(v) / 255.0).powf(self.gamma) + 0.5) as u8
            };
            std::array::from_fn::<u8, 256, _>(value)
        });
        let (pixels, _) = rgb.as_chunks_mut::<3>();
        for pixel in pixels {
            *pixel = std::array::from_fn(|c| table[c][usize::from(pixel[c])]);
        }
    }
}

fn mirrored(patch: Patch) -> Patch {
    Patch { left: 1.0 - patch.left - patch.width, ..patch }
}

/// Pixels whose middles lie in `patch` become 0, at least one of them each way if it is inside at all.
fn blacken(rgb: &mut [u8], side: usize, patch: Patch) {
    let span = |start: f64, length: f64| {
        let place = |v: f64| (v * side as f64).round().clamp(0.0, side as f64) as usize;
        let first = place(start).min(side - 1);
        first..place(start + length).max(first + 1)
    };
    let columns = span(patch.left, patch.width);
    for row in
        rgb.chunks_exact_mut(side * 3).take(span(patch.top, patch.height).end).skip(span(patch.top, patch.height).start)
    {
        row[columns.start * 3..columns.end * 3].fill(0);
    }
}

/// The middle `part` of a picture, scaled to its old size: straight between neighbours, in whole numbers; outside, the
/// border goes on.
fn crop<const C: usize>(pixels: &[u8], side: usize, part: f64) -> Vec<u8> {
    let last = side as i64 - 1;
    let tap = |i: usize| {
        let at = (i as f64 + 0.5 - side as f64 / 2.0) * part + side as f64 / 2.0 - 0.5;
        let low = at.floor();
        let weight = ((at - low) * f64::from(1 << BITS)).round() as u32;
        ((low as i64).clamp(0, last) as usize, (low as i64 + 1).clamp(0, last) as usize, weight)
    };
    let taps: Vec<(usize, usize, u32)> = (0..side).map(tap).collect();
    let one = 1_u32 << BITS;
    // A row of the picture, stretched; two of them are kept, as the next row down mostly needs the same.
    let stretch = |row: usize, out: &mut Vec<u32>| {
        let row = &pixels[row * side * C..(row + 1) * side * C];
        out.clear();
        for &(a, b, w) in &taps {
            let (a, b) = (&row[a * C..(a + 1) * C], &row[b * C..(b + 1) * C]);
            out.extend(a.iter().zip(b).map(|(a, b)| u32::from(*a) * (one - w) + u32::from(*b) * w));
        }
    };
    let mut kept: [(usize, Vec<u32>); 2] = [(usize::MAX, Vec::new()), (usize::MAX, Vec::new())];
    let mut out = Vec::with_capacity(pixels.len());
    for &(a, b, w) in &taps {
        if kept[1].0 == a {
            kept.swap(0, 1);
        }
        for (slot, row) in kept.iter_mut().zip([a, b]) {
            if slot.0 != row {
                stretch(row, &mut slot.1);
                slot.0 = row;
            }
        }
        let rows = kept[0].1.iter().zip(&kept[1].1);
        out.extend(rows.map(|(a, b)| ((a * (one - w) + b * w + (1 << (2 * BITS - 1))) >> (2 * BITS)) as u8));
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Recipe;
    use super::*;
    use crate::rng::Streams;

    fn still() -> Plan {
        Plan { crop: 1.0, add: [0; 3], gamma: 1.0, erased: vec![], flip: false, cutout: None }
    }

    fn noise(side: usize, channels: usize, seed: u64) -> Vec<u8> {
        let mut rng = Streams::new(seed).stream("noise", 0);
        (0..side * side * channels).map(|_| crate::rng::index(&mut rng, 256) as u8).collect()
    }

    proptest! {
        #[test]
        fn maps_move_with_the_picture(seed: u64, side in 8_usize..40) {
            // A grey picture moves exactly like a map of the same size.
            let map = noise(side, 1, seed);
            let rgb: Vec<u8> = map.iter().flat_map(|v| [*v; 3]).collect();
            let recipe = Recipe { add: 0, gamma: [1.0, 1.0], erase: 0.0, cutout: 0.0, ..Recipe::cdcn() };
            let plan = recipe.plan(&Streams::new(seed), "x", 0, 0);
            let moved = plan.picture(&rgb, side);
            prop_assert_eq!(moved.chunks_exact(3).map(|p| p[0]).collect::<Vec<_>>(), plan.map(&map, side));
            // And one that is mirrored twice is what it was.
            let flip = Plan { flip: true, ..still() };
            prop_assert_eq!(flip.picture(&flip.picture(&moved, side), side), moved);
        }

        #[test]
        fn black_patches_and_colours_change_no_map_and_keep_sizes(seed: u64, side in 8_usize..40) {
            let recipe = Recipe { crops: vec![], flip: 0.0, ..Recipe::cdcn() };
            let plan = recipe.plan(&Streams::new(seed), "x", 0, 0);
            let (rgb, map) = (noise(side, 3, seed), noise(8, 1, seed));
            prop_assert_eq!(plan.map(&map, 8), map);
            prop_assert_eq!(plan.picture(&rgb, side).len(), rgb.len());
        }
    }

    #[test]
    fn cropping_is_straight_between_neighbours() {
        // A ramp stays a ramp: nearer it is flatter, farther it is steeper and its ends go on.
        let side = 32;
        let ramp: Vec<u8> = (0..side * side).map(|i| (i % side * 8) as u8).collect();
        let near = Plan { crop: 0.5, ..still() }.map(&ramp, side);
        for (x, v) in near[..side].iter().enumerate() {
            let at = (x as f64 + 0.5 - 16.0) * 0.5 + 15.5;
            assert!((f64::from(*v) - at * 8.0).abs() <= 0.51, "{x}: {v}");
        }
        let far = Plan { crop: 1.25, ..still() }.map(&ramp, side);
        assert_eq!((far[0], far[3], far[4], far[side - 1]), (0, 0, 9, 248));
        assert_eq!(crop::<1>(&ramp, side, 1.0), ramp);
        let flat = vec![77; 3 * side * side];
        assert_eq!(Plan { crop: 0.77, ..still() }.picture(&flat, side), flat);
    }

    #[test]
    fn colours_follow_their_formula_and_patches_lie_where_they_should() {
        let grey = vec![100; 16 * 16 * 3];
        let plan = Plan { add: [28, -40, 0], gamma: 0.5, ..still() };
        // 255 (128/255)^0.5 = 180.66, 255 (60/255)^0.5 = 123.69, 255 (100/255)^0.5 = 159.69.
        assert_eq!(plan.picture(&grey, 16)[..3], [181, 124, 160]);
        let clipped = Plan { add: [40; 3], ..still() };
        assert_eq!(clipped.picture(&[250; 3], 1), [255; 3]);

        let patch = Patch { left: 0.25, top: 0.5, width: 0.5, height: 0.25 };
        let black = |plan: &Plan| -> Vec<usize> {
            let out = plan.picture(&grey, 16);
            (0..256).filter(|i| out[i * 3] == 0).collect()
        };
        let rectangle = |x: std::ops::Range<usize>, y: std::ops::Range<usize>| -> Vec<usize> {
            y.flat_map(|y| x.clone().map(move |x| y * 16 + x)).collect()
        };
        assert_eq!(black(&Plan { erased: vec![patch], ..still() }), rectangle(4..12, 8..12));
        let left = Patch { left: 0.0, ..patch };
        // Erased patches are mirrored with the picture, the square comes after.
        assert_eq!(black(&Plan { erased: vec![left], flip: true, ..still() }), rectangle(8..16, 8..12));
        assert_eq!(black(&Plan { cutout: Some(left), flip: true, ..still() }), rectangle(0..8, 8..12));
        let outside = Patch { left: 0.9, top: -0.1, width: 0.4, height: 0.2 };
        assert_eq!(black(&Plan { cutout: Some(outside), ..still() }), rectangle(14..16, 0..2));
    }
}
