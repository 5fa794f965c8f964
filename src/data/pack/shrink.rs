//! Smaller pictures: every new pixel is the mean over its area, in whole numbers, so that the bytes are the same
//! everywhere.

/// One axis: which old pixels a new one covers, with weights that sum to `from`.
fn spans(from: usize, to: usize) -> Vec<(usize, Vec<u32>)> {
    // On a grid of `from * to` steps an old pixel is `to` steps long and a new one `from`.
    let span = |o: usize| {
        let (low, high) = (o * from, (o + 1) * from);
        let (first, last) = (low / to, (high - 1) / to);
        let weight = |p: usize| (high.min((p + 1) * to) - low.max(p * to)) as u32;
        (first, (first..=last).map(weight).collect())
    };
    (0..to).map(span).collect()
}

/// A square picture of `from` x `from` pixels with `channels` bytes each, as one of `to` x `to`, where 1 <= `to` <=
/// `from` <= 4096. Rounded to nearest, halves up.
pub fn shrink(pixels: &[u8], from: usize, to: usize, channels: usize) -> Vec<u8> {
    debug_assert!(to >= 1 && to <= from && from <= 4096 && pixels.len() == from * from * channels);
    if from == to {
        return pixels.to_vec();
    }
    let spans = spans(from, to);
    let area = (from * from) as u32;
    let mut out = Vec::with_capacity(to * to * channels);
    let mut column = vec![0_u32; from * channels];
    for (first, weights) in &spans {
        // Down first: whole rows, which processors add many values of at once.
        column.fill(0);
        for (row, weight) in pixels.chunks_exact(from * channels).skip(*first).zip(weights) {
            for (sum, v) in column.iter_mut().zip(row) {
                *sum += u32::from(*v) * weight;
            }
        }
        for (first, weights) in &spans {
            for c in 0..channels {
                let part = column.iter().skip(first * channels + c).step_by(channels);
                let sum: u64 = part.zip(weights).map(|(v, w)| u64::from(*v) * u64::from(*w)).sum();
                out.push(((sum + u64::from(area) / 2) / u64::from(area)) as u8);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn means_are_those_of_exact_areas(from in 1_usize..24, to in 1_usize..24, seed: u64) {
            prop_assume!(to <= from);
            let pixels: Vec<u8> = (0..from * from * 3).map(|i| ((i as u64 + 1).wrapping_mul(seed | 1) >> 32) as u8).collect();
            let small = shrink(&pixels, from, to, 3);
            prop_assert_eq!(small.len(), to * to * 3);
            // The same by definition: cut every pixel into to x to parts, and average from x from parts.
            for y in 0..to {
                for x in 0..to {
                    for c in 0..3 {
                        let mut sum = 0_usize;
                        for v in y * from..(y + 1) * from {
                            for u in x * from..(x + 1) * from {
                                sum += usize::from(pixels[((v / to) * from + u / to) * 3 + c]);
                            }
                        }
                        let mean = (sum + from * from / 2) / (from * from);
                        prop_assert_eq!(usize::from(small[(y * to + x) * 3 + c]), mean);
                    }
                }
            }
        }
    }
}
