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

/// Smooth value noise in [-0.5, 0.5] with one bump per unit length.
pub fn noise(p: V3, seed: u32) -> f32 {
    let (x, y, z) = (floor(p.x), floor(p.y), floor(p.z));
    let (fx, fy, fz) = (x as f32, y as f32, z as f32);
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (u, v, w) = (ease(p.x - fx), ease(p.y - fy), ease(p.z - fz));
    let line = |dy: i32, dz: i32| {
        let a = hash01(x, y + dy, z + dz, seed);
        a + (hash01(x + 1, y + dy, z + dz, seed) - a) * u
    };
    let sheet = |dz: i32| {
        let a = line(0, dz);
        a + (line(1, dz) - a) * v
    };
    let a = sheet(0);
    a + (sheet(1) - a) * w - 0.5
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

/// Three independent noises as a vector.
pub fn noise3(p: V3, seed: u32) -> V3 {
    v3(noise(p, seed), noise(p, seed ^ 0x5bd1_e995), noise(p, seed ^ 0x1b87_3593))
}
