//! Small vectors and curves for the renderer. Single precision; lengths in decimetres unless said otherwise.

use std::ops::{Add, AddAssign, Mul, Neg, Sub};

/// A point, a direction or a linear RGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct V3 {
    pub x: f32,
    pub y: f32,
    pub z: f32,
}

pub const fn v3(x: f32, y: f32, z: f32) -> V3 {
    V3 { x, y, z }
}

impl V3 {
    pub const ZERO: Self = v3(0.0, 0.0, 0.0);
    pub const ONE: Self = v3(1.0, 1.0, 1.0);

    pub const fn splat(a: f32) -> Self {
        v3(a, a, a)
    }

    pub fn dot(self, o: Self) -> f32 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }

    pub fn cross(self, o: Self) -> Self {
        v3(self.y * o.z - self.z * o.y, self.z * o.x - self.x * o.z, self.x * o.y - self.y * o.x)
    }

    pub fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    /// Unit length; the zero vector stays zero.
    pub fn unit(self) -> Self {
        self * (1.0 / self.length().max(1e-12))
    }

    pub fn mix(self, o: Self, t: f32) -> Self {
        self + (o - self) * t
    }

    pub fn map(self, f: impl Fn(f32) -> f32) -> Self {
        v3(f(self.x), f(self.y), f(self.z))
    }

    /// Rec. 709 luminance of a linear colour.
    pub fn luminance(self) -> f32 {
        0.2126 * self.x + 0.7152 * self.y + 0.0722 * self.z
    }

    pub fn reflect(self, n: Self) -> Self {
        n * (2.0 * self.dot(n)) - self
    }
}

impl Add for V3 {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        v3(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}

impl AddAssign for V3 {
    fn add_assign(&mut self, o: Self) {
        *self = *self + o;
    }
}

impl Sub for V3 {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        v3(self.x - o.x, self.y - o.y, self.z - o.z)
    }
}

impl Neg for V3 {
    type Output = Self;
    fn neg(self) -> Self {
        v3(-self.x, -self.y, -self.z)
    }
}

impl Mul<f32> for V3 {
    type Output = Self;
    fn mul(self, a: f32) -> Self {
        v3(self.x * a, self.y * a, self.z * a)
    }
}

impl Mul for V3 {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        v3(self.x * o.x, self.y * o.y, self.z * o.z)
    }
}

/// A rotation: its rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rotation([V3; 3]);

impl Rotation {
    /// Turns by yaw (about y), pitch (about x) and roll (about z), in radians.
    pub fn new(yaw: f32, pitch: f32, roll: f32) -> Self {
        let ((sy, cy), (sp, cp), (sr, cr)) = (yaw.sin_cos(), pitch.sin_cos(), roll.sin_cos());
        Self([
            v3(cy * cr + sy * sp * sr, -cy * sr + sy * sp * cr, sy * cp),
            v3(cp * sr, cp * cr, -sp),
            v3(-sy * cr + cy * sp * sr, sy * sr + cy * sp * cr, cy * cp),
        ])
    }

    pub fn apply(&self, p: V3) -> V3 {
        v3(self.0[0].dot(p), self.0[1].dot(p), self.0[2].dot(p))
    }
}

/// Smooth step from 0 at `a` to 1 at `b`; `a` may be the larger one.
pub fn smooth(a: f32, b: f32, x: f32) -> f32 {
    let t = ((x - a) / (b - a)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

pub fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// Bell of height 1 with `x` in units of its width: `exp(-x x)` within 0.02, by multiplications alone.
pub fn bell(x: f32) -> f32 {
    let t = (1.0 - x * x * (1.0 / 16.0)).max(0.0);
    let t = t * t;
    let t = t * t;
    let t = t * t;
    t * t
}

/// Value at `x` of the curve through `knots`, which rise in x; straight between them, flat outside.
pub fn curve(knots: &[(f32, f32)], x: f32) -> f32 {
    let at = knots.partition_point(|k| k.0 <= x);
    match (at.checked_sub(1).and_then(|i| knots.get(i)), knots.get(at)) {
        (Some(a), Some(b)) => mix(a.1, b.1, (x - a.0) / (b.0 - a.0)),
        (Some(a), None) => a.1,
        (None, Some(b)) => b.1,
        (None, None) => 0.0,
    }
}

/// Linear light to sRGB, both 0 to 1.
pub fn srgb(x: f32) -> f32 {
    if x <= 0.003_130_8 { 12.92 * x.max(0.0) } else { 1.055 * x.powf(1.0 / 2.4) - 0.055 }
}

/// sRGB to linear light, both 0 to 1.
pub fn linear(x: f32) -> f32 {
    if x <= 0.040_45 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) }
}
