//! Procedural noise: a pure function of place and seed, for skin, hair, paper and iris. No state.

use super::math::{V3, v3};

/// Mixes a lattice point and a seed to 32 well-spread bits.
pub fn hash(x: i32, y: i32, z: i32, seed: u32) -> u32 {
    let mut h = seed
        ^ (x as u32).wrapping_mul(0x8da6_b343)
        ^ (y as u32).wrapping_mul(0xd816_3841)
        ^ (z as u32).wrapping_mul(0xcb1a_b31f);
    h ^= h >> 15;
    h = h.wrapping_mul(0x2c1b_3c6d);
    h ^= h >> 12;
    h = h.wrapping_mul(0x297a_2d39);
    h ^ (h >> 15)
}

/// The hash as a number in [0, 1).
pub fn hash01(x: i32, y: i32, z: i32, seed: u32) -> f32 {
    (hash(x, y, z, seed) >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// The whole number below `x`; for the small numbers that places are, and faster than asking the mathematics library.
pub fn floor(x: f32) -> i32 {
    let i = x as i32;
    i - i32::from(x < i as f32)
}

/// The lattice cell of a place: hashes of its eight corners (x fastest, then y, then z) and how far into it the place
/// lies, eased.
fn cell(p: V3, seed: u32) -> ([u32; 8], [f32; 3]) {
    let (x, y, z) = (floor(p.x), floor(p.y), floor(p.z));
    let spread = |i: i32, by: u32| [(i as u32).wrapping_mul(by), (i as u32).wrapping_add(1).wrapping_mul(by)];
    let xs = spread(x, 0x8da6_b343);
    let ys = spread(y, 0xd816_3841);
    let zs = spread(z, 0xcb1a_b31f);
    let mut corners = [0; 8];
    for (k, corner) in corners.iter_mut().enumerate() {
        let mut h = seed ^ xs[k & 1] ^ ys[k >> 1 & 1] ^ zs[k >> 2];
        h = (h ^ h >> 15).wrapping_mul(0x2c1b_3c6d);
        h = (h ^ h >> 13).wrapping_mul(0x297a_2d39);
        *corner = h ^ h >> 15;
    }
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    (corners, [ease(p.x - x as f32), ease(p.y - y as f32), ease(p.z - z as f32)])
}

/// Values at the corners of a cell, read at a place in it.
fn blend(corners: [f32; 8], [u, v, w]: [f32; 3]) -> f32 {
    let line = |k: usize| corners[k] + (corners[k + 1] - corners[k]) * u;
    let sheet = |k: usize| {
        let a = line(k);
        a + (line(k + 2) - a) * v
    };
    let a = sheet(0);
    a + (sheet(4) - a) * w
}

/// Smooth value noise in [-0.5, 0.5] with one bump per unit length.
pub fn noise(p: V3, seed: u32) -> f32 {
    let (corners, at) = cell(p, seed);
    blend(corners.map(|h| (h >> 8) as f32), at) * (1.0 / 16_777_216.0) - 0.5
}

/// `octaves` of noise, each at twice the frequency and half the height of the last.
pub fn fbm(mut p: V3, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut height) = (0.0, 1.0);
    for k in 0..octaves {
        sum += height * noise(p, seed.wrapping_add(k.wrapping_mul(0x9e37_79b9)));
        height *= 0.5;
        p = p * 2.0;
    }
    sum
}

/// Three independent noises as a vector, for little more than the price of one.
pub fn noise3(p: V3, seed: u32) -> V3 {
    let (corners, at) = cell(p, seed);
    // Ten bits each are more than a bump needs.
    let part = |shift: u32| blend(corners.map(|h| (h >> shift & 1023) as f32), at) * (1.0 / 1024.0) - 0.5;
    v3(part(2), part(12), part(22))
}
