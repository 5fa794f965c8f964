//! Filling triangles and thin ribbons on a grid of samples. Knows nothing of light or material.

use super::math::V3;

/// Calls `put(sample, b1, b2, z)` for every sample centre inside the triangle: `b1` and `b2` weigh its second and third
/// corner, `z` is interpolated straight. Corners are in samples; samples lie at whole numbers plus one half.
pub fn triangle(a: V3, b: V3, c: V3, width: usize, height: usize, mut put: impl FnMut(usize, f32, f32, f32)) {
    let area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    if area.abs() < 1e-9 || !area.is_finite() {
        return;
    }
    let (x0, x1) = span(a.x.min(b.x).min(c.x), a.x.max(b.x).max(c.x), width);
    let (y0, y1) = span(a.y.min(b.y).min(c.y), a.y.max(b.y).max(c.y), height);
    let inverse = 1.0 / area;
    for y in y0..y1 {
        let py = y as f32 + 0.5;
        for x in x0..x1 {
            let px = x as f32 + 0.5;
            let b1 = ((px - a.x) * (c.y - a.y) - (py - a.y) * (c.x - a.x)) * inverse;
            let b2 = ((b.x - a.x) * (py - a.y) - (b.y - a.y) * (px - a.x)) * inverse;
            if b1 >= 0.0 && b2 >= 0.0 && b1 + b2 <= 1.0 {
                put(y * width + x, b1, b2, a.z + (b.z - a.z) * b1 + (c.z - a.z) * b2);
            }
        }
    }
}

/// Calls `put(sample, t, z)` for the samples of a ribbon from `a` to `b`, `half` samples to either side; `t` runs from 0
/// to 1 along it. Every ribbon touches at least one sample a step of its longer side, so thin hair does not fall apart.
pub fn ribbon(a: V3, b: V3, half: f32, width: usize, height: usize, put: impl FnMut(usize, f32, f32)) {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    if !(dx * dx + dy * dy).is_finite() {
        return;
    }
    if dx.abs() > dy.abs() {
        steps([a.x, a.y, a.z], [b.x, b.y, b.z], half, [width, height], [1, width], put);
    } else {
        steps([a.y, a.x, a.z], [b.y, b.x, b.z], half, [height, width], [width, 1], put);
    }
}

/// A ribbon whose first coordinate is its longer one: at every whole step along it, a short line across.
fn steps(
    a: [f32; 3],
    b: [f32; 3],
    half: f32,
    limits: [usize; 2],
    strides: [usize; 2],
    mut put: impl FnMut(usize, f32, f32),
) {
    let (a, b, turned) = if a[0] <= b[0] { (a, b, false) } else { (b, a, true) };
    let run = (b[0] - a[0]).max(1e-6);
    let slope = (b[1] - a[1]) / run;
    // Across is measured along the other axis, which a slanted ribbon meets at an angle.
    let half = half.max(0.5) * (1.0 + slope * slope).sqrt();
    let (mut first, mut end) = span(a[0], b[0], limits[0]);
    if first >= end {
        // Shorter than a step: it still touches the sample it is in.
        let middle = (a[0] + b[0]) * 0.5;
        if !(0.0..limits[0] as f32).contains(&middle) {
            return;
        }
        (first, end) = (middle as usize, middle as usize + 1);
    }
    let inverse = 1.0 / run;
    for i in first..end {
        let t = ((i as f32 + 0.5 - a[0]) * inverse).clamp(0.0, 1.0);
        let middle = a[1] + (b[1] - a[1]) * t;
        let (low, high) = span(middle - half, middle + half, limits[1]);
        let z = a[2] + (b[2] - a[2]) * t;
        let along = if turned { 1.0 - t } else { t };
        for j in low..high {
            put(i * strides[0] + j * strides[1], along, z);
        }
    }
}

/// The whole samples whose centres lie between `low` and `high`, inside the grid.
fn span(low: f32, high: f32, limit: usize) -> (usize, usize) {
    // Casts cut towards zero: low + 0.5 rounds up to the first centre past `low`, and what is negative becomes 0.
    let first = (low - 0.5).max(0.0);
    let cut = first as usize;
    let first = cut + usize::from((cut as f32) < first);
    let end = (high + 0.5).clamp(0.0, limit as f32) as usize;
    (first, end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::math::v3;

    #[test]
    fn two_triangles_fill_a_square_once() {
        let mut hits = vec![0; 64];
        let p = [v3(1.0, 1.0, 0.0), v3(7.0, 1.0, 0.0), v3(7.0, 7.0, 6.0), v3(1.0, 7.0, 6.0)];
        let mut far = 0.0_f32;
        for (a, b, c) in [(0, 1, 2), (0, 2, 3)] {
            triangle(p[a], p[b], p[c], 8, 8, |i, _, _, z| {
                hits[i] += 1;
                far = far.max((z - ((i / 8) as f32 - 0.5)).abs());
            });
        }
        // Samples on the shared diagonal belong to both; every other inner one is hit once, outer ones never.
        for (i, n) in hits.iter().enumerate() {
            let (x, y) = (i % 8, i / 8);
            let inside = (1..7).contains(&x) && (1..7).contains(&y);
            assert!(
                if !inside {
                    *n == 0
                } else if x == y {
                    *n >= 1
                } else {
                    *n == 1
                },
                "{x} {y}: {n}"
            );
        }
        assert!(far < 1e-4);
    }

    #[test]
    fn a_ribbon_has_its_width_and_stays_in_the_grid() {
        let mut n = 0;
        ribbon(v3(-5.0, 4.0, 0.0), v3(20.0, 4.0, 0.0), 1.0, 10, 8, |_, _, _| n += 1);
        assert_eq!(n, 20);
        let mut n = 0;
        ribbon(v3(f32::NAN, 0.0, 0.0), v3(1.0, 1.0, 0.0), 1.0, 10, 8, |_, _, _| n += 1);
        assert_eq!(n, 0);
    }
}
