//! From the light of a scene to the light on a sensor's photosites: averaging over their areas, the lens's blur, motion
//! during the exposure. No colours and no bytes.

use super::super::math::V3;
use super::super::scene::Picture;

/// Averages (or interpolates) a picture to `side` samples.
pub fn resize(picture: &Picture, side: usize) -> Vec<V3> {
    if picture.side == side {
        return picture.light.clone();
    }
    if picture.side.is_multiple_of(side) {
        return shrink(picture, side);
    }
    let ratio = picture.side as f32 / side as f32;
    // Weights of the source samples under each target sample, the same for rows and columns.
    let spans: Vec<(usize, Vec<f32>)> = (0..side)
        .map(|i| {
            let (low, high) = (i as f32 * ratio, (i as f32 + 1.0) * ratio);
            let first = low.floor() as usize;
            let end = (high.ceil() as usize).min(picture.side);
            let part = |s: usize| ((high.min(s as f32 + 1.0) - low.max(s as f32)) / ratio).max(0.0);
            (first, (first..end).map(part).collect())
        })
        .collect();
    let mut rows = vec![V3::ZERO; picture.side * side];
    for y in 0..picture.side {
        for (x, (first, weights)) in spans.iter().enumerate() {
            let source = &picture.light[y * picture.side + first..];
            rows[y * side + x] = weights.iter().zip(source).fold(V3::ZERO, |s, (w, l)| s + *l * *w);
        }
    }
    let mut out = vec![V3::ZERO; side * side];
    for (y, (first, weights)) in spans.iter().enumerate() {
        for (k, w) in weights.iter().enumerate() {
            let row = &rows[(first + k) * side..(first + k + 1) * side];
            out[y * side..(y + 1) * side].iter_mut().zip(row).for_each(|(o, l)| *o += *l * *w);
        }
    }
    out
}

/// Averages blocks of whole samples.
fn shrink(picture: &Picture, side: usize) -> Vec<V3> {
    let block = picture.side / side;
    let part = 1.0 / (block * block) as f32;
    let mut out = vec![V3::ZERO; side * side];
    for (y, row) in picture.light.chunks_exact(picture.side).enumerate() {
        let to = &mut out[y / block * side..][..side];
        for (o, samples) in to.iter_mut().zip(row.chunks_exact(block)) {
            *o += samples.iter().fold(V3::ZERO, |s, l| s + *l) * part;
        }
    }
    out
}

/// Gaussian blur with standard deviation `sigma` in samples of light `width` samples wide.
pub fn blur(light: &mut [V3], width: usize, sigma: f32) {
    if sigma < 0.15 {
        return;
    }
    let radius = (sigma * 2.6).ceil() as usize;
    let kernel: Vec<f32> =
        (0..=2 * radius).map(|i| (-0.5 * ((i as f32 - radius as f32) / sigma).powi(2)).exp()).collect();
    let total: f32 = kernel.iter().sum();
    let kernel: Vec<f32> = kernel.iter().map(|k| k / total).collect();
    let height = light.len() / width;
    let mut rows = vec![V3::ZERO; light.len()];
    let mut wide = vec![V3::ZERO; width + 2 * radius];
    for (row, out) in light.chunks_exact(width).zip(rows.chunks_exact_mut(width)) {
        wide[..radius].fill(row[0]);
        wide[radius..radius + width].copy_from_slice(row);
        wide[radius + width..].fill(row[width - 1]);
        for (k, w) in kernel.iter().enumerate() {
            out.iter_mut().zip(&wide[k..]).for_each(|(o, l)| *o += *l * *w);
        }
    }
    for (y, out) in light.chunks_exact_mut(width).enumerate() {
        out.fill(V3::ZERO);
        for (k, w) in kernel.iter().enumerate() {
            let row = &rows[(y + k).saturating_sub(radius).min(height - 1) * width..][..width];
            out.iter_mut().zip(row).for_each(|(o, l)| *o += *l * *w);
        }
    }
}

/// Smears light along `way` (samples across and down).
pub fn smear(light: &mut [V3], width: usize, way: [f32; 2]) {
    let steps = way[0].abs().max(way[1].abs()).ceil() as i32;
    if steps < 1 {
        return;
    }
    let height = light.len() / width;
    let source = light.to_vec();
    light.fill(V3::ZERO);
    let part = 1.0 / (steps + 1) as f32;
    for k in 0..=steps {
        let t = k as f32 * part - 0.5;
        let (dx, dy) = ((way[0] * t).round() as isize, (way[1] * t).round() as isize);
        for y in 0..height {
            let row = &source[y.saturating_add_signed(dy).min(height - 1) * width..][..width];
            let out = &mut light[y * width..][..width];
            for (x, o) in out.iter_mut().enumerate() {
                *o += row[x.saturating_add_signed(dx).min(width - 1)] * part;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resize_blur_and_smear_keep_the_mean() {
        let picture = Picture { side: 30, light: (0..900).map(|i| V3::splat((i * 7 % 31) as f32)).collect() };
        let mean = |p: &[V3]| p.iter().map(|l| l.x).sum::<f32>() / p.len() as f32;
        for side in [15, 8, 20, 30, 10] {
            let small = resize(&picture, side);
            assert!((mean(&small) - mean(&picture.light)).abs() < 1e-3, "{side}");
        }
        let mut blurred = picture.light.clone();
        blur(&mut blurred, 30, 2.0);
        let spread = |p: &[V3]| p.iter().map(|l| (l.x - 15.0).powi(2)).sum::<f32>();
        assert!(spread(&blurred) < 0.2 * spread(&picture.light));
        let mut smeared = picture.light.clone();
        smear(&mut smeared, 30, [3.0, -1.0]);
        assert!(spread(&smeared) < 0.7 * spread(&picture.light));
        assert!((mean(&smeared) - mean(&picture.light)).abs() < 0.4);
    }
}
