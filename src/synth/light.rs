//! Light from environment maps: a few key lights, the rest as a ring of small lights on the sphere, glossy and sharp
//! reflections, and the blurred background. Directions: x to the picture's right, y up, z towards the camera.

use std::f32::consts::{PI, TAU};
use std::io::Cursor;
use std::sync::LazyLock;

use image::ImageReader;

use super::SynthError;
use super::math::{V3, v3};
use super::noise::floor;

/// Cells a side of the table of nearest fill lights.
const FILL_TABLE: usize = 96;
const WIDTH: usize = 128;
const HEIGHT: usize = 64;

/// A picture on the sphere, rows from the top.
#[derive(Debug, Clone)]
struct Sphere {
    width: usize,
    height: usize,
    texels: Vec<V3>,
}

impl Sphere {
    fn at(&self, d: V3) -> V3 {
        let u = (d.x.atan2(d.z) / TAU + 0.5) * self.width as f32 - 0.5;
        let v = d.y.clamp(-1.0, 1.0).acos() / PI * self.height as f32 - 0.5;
        let (x, y) = (floor(u), floor(v));
        let (tu, tv) = (u - x as f32, v - y as f32);
        let w = self.width as i32;
        let texel = |x: i32, y: i32| {
            let row = y.clamp(0, self.height as i32 - 1);
            self.texels[(row * w + x.rem_euclid(w)) as usize]
        };
        let top = texel(x, y).mix(texel(x + 1, y), tu);
        top.mix(texel(x, y + 1).mix(texel(x + 1, y + 1), tu), tv)
    }

    fn direction(&self, x: usize, y: usize) -> V3 {
        let theta = (y as f32 + 0.5) / self.height as f32 * PI;
        let phi = ((x as f32 + 0.5) / self.width as f32 - 0.5) * TAU;
        v3(theta.sin() * phi.sin(), theta.cos(), theta.sin() * phi.cos())
    }

    /// Solid angle of a texel in row `y`.
    fn solid_angle(&self, y: usize) -> f32 {
        let theta = (y as f32 + 0.5) / self.height as f32 * PI;
        theta.sin() * (PI / self.height as f32) * (TAU / self.width as f32)
    }

    /// A smaller copy in which every texel is the average around its direction, weighted by cos^`sharpness`.
    fn convolved(&self, width: usize, height: usize, sharpness: i32) -> Self {
        // Below this cosine the weight is under a thousandth.
        let least = 0.001_f32.powf(1.0 / sharpness as f32);
        let reach = (least.acos() / PI * self.height as f32).ceil() as usize + 1;
        let mut out = Self { width, height, texels: Vec::with_capacity(width * height) };
        let all: Vec<(V3, V3, f32)> = (0..self.texels.len())
            .map(|i| (self.direction(i % self.width, i / self.width), self.texels[i], self.solid_angle(i / self.width)))
            .collect();
        for y in 0..height {
            // Rows that are too far up or down have no weight.
            let middle = y * self.height / height;
            let rows = middle.saturating_sub(reach)..(middle + reach + self.height / height).min(self.height);
            let near = &all[rows.start * self.width..rows.end * self.width];
            for x in 0..width {
                let d = out.direction(x, y);
                let (mut sum, mut weight) = (V3::ZERO, 0.0);
                for (e, light, area) in near {
                    let c = d.dot(*e);
                    if c > least {
                        let w = c.powi(sharpness) * area;
                        sum += *light * w;
                        weight += w;
                    }
                }
                out.texels.push(sum * (1.0 / weight.max(1e-9)));
            }
        }
        out
    }
}

/// One environment map, scaled to an average radiance of 1.
#[derive(Debug, Clone)]
pub struct Environment {
    pub name: &'static str,
    sharp: Sphere,
    soft: Sphere,
    glossy: Sphere,
}

impl Environment {
    /// Decodes an EXR map of any size.
    pub fn read(name: &'static str, bytes: &[u8]) -> Result<Self, SynthError> {
        let failed = |reason: String| SynthError::Environment { name, reason };
        let mut reader = ImageReader::new(Cursor::new(bytes));
        reader.set_format(image::ImageFormat::OpenExr);
        let picture = reader.decode().map_err(|e| failed(e.to_string()))?.into_rgb32f();
        let (w, h) = (picture.width() as usize, picture.height() as usize);
        let (sx, sy) = (w / WIDTH, h / HEIGHT);
        if sx == 0 || sy == 0 {
            return Err(failed(format!("{w}x{h} is too small")));
        }
        let pixels = picture.as_raw();
        let mut sharp = Sphere { width: WIDTH, height: HEIGHT, texels: Vec::with_capacity(WIDTH * HEIGHT) };
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let mut sum = V3::ZERO;
                for (dy, dx) in (0..sy).flat_map(|dy| (0..sx).map(move |dx| (dy, dx))) {
                    let i = ((y * sy + dy) * w + x * sx + dx) * 3;
                    let clean = |v: f32| if v.is_finite() { v.max(0.0) } else { 0.0 };
                    sum += v3(clean(pixels[i]), clean(pixels[i + 1]), clean(pixels[i + 2]));
                }
                sharp.texels.push(sum * (1.0 / (sx * sy) as f32));
            }
        }
        let average = |s: &Sphere| {
            let texels = s.texels.iter().enumerate();
            texels.map(|(i, t)| t.luminance() * s.solid_angle(i / s.width)).sum::<f32>() / (2.0 * TAU)
        };
        // The sun itself: bounded, or it would leave no other light in the scene after exposure.
        let mean = average(&sharp).max(1e-6);
        for t in &mut sharp.texels {
            let most = 160.0 * mean;
            *t = *t * (most / t.luminance().max(most));
        }
        let scale = 1.0 / average(&sharp).max(1e-6);
        // Rooms' coloured walls tint less here than there: a camera balances a real room better than these few texels.
        let calm = |t: V3| t.mix(V3::splat(t.luminance()), 0.3);
        sharp.texels.iter_mut().for_each(|t| *t = calm(*t) * scale);
        let small = {
            let mut s = Sphere { width: 64, height: 32, texels: Vec::new() };
            for y in 0..32 {
                for x in 0..64 {
                    let at = |dx: usize, dy: usize| sharp.texels[(2 * y + dy) * WIDTH + 2 * x + dx];
                    s.texels.push((at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) * 0.25);
                }
            }
            s
        };
        let soft = small.convolved(64, 32, 220);
        let glossy = soft.convolved(24, 12, 26);
        Ok(Self { name, sharp, soft, glossy })
    }
}

/// A light that casts its own shadow.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Towards the light.
    pub to: V3,
    /// Irradiance on a surface that faces it, over pi: times albedo it is radiance.
    pub power: V3,
}

/// An environment turned about the vertical and split into lights.
#[derive(Debug, Clone)]
pub struct Lighting<'a> {
    environment: &'a Environment,
    turn: (f32, f32),
    pub keys: Vec<Key>,
    pub fill: Vec<Key>,
}

impl<'a> Lighting<'a> {
    /// Lights on the sphere beside the key lights.
    pub const FILLS: usize = 32;

    /// Splits `environment`, turned by `angle` radians, into at most `keys` key lights and the fill lights.
    pub fn new(environment: &'a Environment, angle: f32, keys: usize) -> Self {
        let turn = angle.sin_cos();
        let mut out = Self { environment, turn, keys: Vec::new(), fill: Vec::new() };
        let map = &environment.sharp;
        let mut texels: Vec<(V3, V3)> = (0..map.texels.len())
            .map(|i| {
                let d = map.direction(i % map.width, i / map.width);
                (out.to_scene(d), map.texels[i] * (map.solid_angle(i / map.width) / PI))
            })
            .collect();
        for _ in 0..keys {
            // What reaches a face comes from the front half.
            let weight = |t: &(V3, V3)| t.1.luminance() * (t.0.z + 0.45).clamp(0.0, 1.0);
            let Some(peak) = texels.iter().max_by(|a, b| weight(a).total_cmp(&weight(b))).map(|t| t.0) else { break };
            let (mut power, mut to, mut part) = (V3::ZERO, V3::ZERO, 0.0);
            for (d, light) in &mut texels {
                let near = ((d.dot(peak) - 0.88) / 0.08).clamp(0.0, 1.0);
                power += *light * near;
                to += *d * (light.luminance() * near);
                part += near;
                *light = *light * (1.0 - near);
            }
            if part > 0.0 {
                out.keys.push(Key { to: to.unit(), power });
            }
        }
        let golden = PI * (3.0 - 5.0_f32.sqrt());
        out.fill = (0..Self::FILLS).map(|i| Key { to: fill_direction(i, golden), power: V3::ZERO }).collect();
        for (d, light) in &texels {
            let place = nearest_fill(*d);
            out.fill[place].power += *light;
        }
        out
    }

    /// Adds a broad white lamp about the camera that lights what faces it with irradiance `power` (over pi).
    pub fn add_lamp(&mut self, power: f32) {
        let weight = |k: &Key| k.to.z.max(0.0).powi(2);
        let total: f32 = self.fill.iter().map(|k| weight(k) * k.to.z).sum();
        for k in &mut self.fill {
            k.power += V3::splat(power * weight(k) / total.max(1e-6));
        }
    }

    fn to_scene(&self, d: V3) -> V3 {
        let (s, c) = self.turn;
        v3(c * d.x + s * d.z, d.y, c * d.z - s * d.x)
    }

    fn to_map(&self, d: V3) -> V3 {
        let (s, c) = self.turn;
        v3(c * d.x - s * d.z, d.y, c * d.z + s * d.x)
    }

    /// What a mirror sees in direction `d`.
    pub fn sharp(&self, d: V3) -> V3 {
        self.environment.sharp.at(self.to_map(d))
    }

    /// What a skin-like gloss sees in direction `d`.
    pub fn glossy(&self, d: V3) -> V3 {
        self.environment.glossy.at(self.to_map(d))
    }

    /// The out-of-focus surroundings in direction `d`.
    pub fn soft(&self, d: V3) -> V3 {
        self.environment.soft.at(self.to_map(d))
    }

    /// Unshadowed irradiance over pi at normal `n`.
    pub fn open(&self, n: V3) -> V3 {
        self.keys.iter().chain(&self.fill).fold(V3::ZERO, |sum, k| sum + k.power * n.dot(k.to).max(0.0))
    }
}

/// Number of the fill light nearest to direction `d`, by a table over height and angle: directions never change.
fn nearest_fill(d: V3) -> usize {
    static TABLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let golden = PI * (3.0 - 5.0_f32.sqrt());
        let fills: Vec<V3> = (0..Lighting::FILLS).map(|i| fill_direction(i, golden)).collect();
        (0..FILL_TABLE * FILL_TABLE)
            .map(|i| {
                let y = 1.0 - ((i / FILL_TABLE) as f32 + 0.5) * 2.0 / FILL_TABLE as f32;
                let (s, c) = ((((i % FILL_TABLE) as f32 + 0.5) / FILL_TABLE as f32 - 0.5) * TAU).sin_cos();
                let r = (1.0 - y * y).sqrt();
                let d = v3(r * s, y, r * c);
                let near = |k: &usize| fills[*k].dot(d);
                (0..fills.len()).max_by(|a, b| near(a).total_cmp(&near(b))).unwrap_or(0) as u8
            })
            .collect()
    });
    let cell = |t: f32| ((t * FILL_TABLE as f32) as usize).min(FILL_TABLE - 1);
    usize::from(TABLE[cell((1.0 - d.y) * 0.5) * FILL_TABLE + cell(d.x.atan2(d.z) / TAU + 0.5)])
}

/// Direction of fill light `i`: a spiral from pole to pole that covers the sphere evenly.
fn fill_direction(i: usize, golden: f32) -> V3 {
    let y = 1.0 - (i as f32 + 0.5) * 2.0 / Lighting::FILLS as f32;
    let (s, c) = (golden * i as f32).sin_cos();
    let r = (1.0 - y * y).sqrt();
    v3(r * s, y, r * c)
}

/// What a light sees: for each cell of a square across its direction, how near to it the nearest surface lies.
#[derive(Debug, Clone)]
pub struct ShadowMap {
    side: usize,
    scale: f32,
    centre: V3,
    axes: [V3; 3],
    nearest: Vec<f32>,
}

impl ShadowMap {
    /// An empty map of `side` cells over a ball of radius `radius` about `centre`, seen from direction `to`.
    pub fn new(to: V3, centre: V3, radius: f32, side: usize) -> Self {
        let up = if to.y.abs() > 0.9 { v3(1.0, 0.0, 0.0) } else { v3(0.0, 1.0, 0.0) };
        let x = up.cross(to).unit();
        let nearest = vec![f32::NEG_INFINITY; side * side];
        Self { side, scale: side as f32 / (2.0 * radius), centre, axes: [x, to.cross(x), to], nearest }
    }

    pub fn side(&self) -> usize {
        self.side
    }

    pub fn cells(&mut self) -> &mut [f32] {
        &mut self.nearest
    }

    /// Cell coordinates, and the nearness to the light.
    pub fn place(&self, p: V3) -> V3 {
        let q = p - self.centre;
        let half = self.side as f32 * 0.5;
        v3(q.dot(self.axes[0]) * self.scale + half, q.dot(self.axes[1]) * self.scale + half, q.dot(self.axes[2]))
    }

    /// How far a surface stands before `p` in its cell; negative where nothing does.
    pub fn above(&self, p: V3) -> f32 {
        let q = self.place(p);
        self.cell(floor(q.x), floor(q.y)) - q.z
    }

    fn cell(&self, x: i32, y: i32) -> f32 {
        let s = self.side as i32;
        if x < 0 || y < 0 || x >= s || y >= s { f32::NEG_INFINITY } else { self.nearest[(y * s + x) as usize] }
    }

    /// Part of the light that reaches `p`, filtered over the four nearest cells.
    pub fn lit(&self, p: V3, bias: f32) -> f32 {
        let q = self.place(p);
        self.lit_at(q.x, q.y, q.z + bias)
    }

    fn lit_at(&self, x: f32, y: f32, z: f32) -> f32 {
        let (x, y) = (x - 0.5, y - 0.5);
        let (ix, iy) = (floor(x), floor(y));
        let (u, v) = (x - ix as f32, y - iy as f32);
        let free = |dx: i32, dy: i32| if self.cell(ix + dx, iy + dy) > z { 0.0 } else { 1.0 };
        (free(0, 0) * (1.0 - u) + free(1, 0) * u) * (1.0 - v) + (free(0, 1) * (1.0 - u) + free(1, 1) * u) * v
    }

    /// As [`Self::lit`], averaged over three by three places `spread` cells apart: a soft edge.
    pub fn lit_soft(&self, p: V3, bias: f32, spread: f32) -> f32 {
        let q = self.place(p);
        let z = q.z + bias;
        // Most places are wholly in the light or wholly in the shade; their rim and middle say so.
        let r = spread + 0.6;
        let rim = [(0.0, 0.0), (-r, -r), (r, -r), (-r, r), (r, r), (0.0, -r), (0.0, r), (-r, 0.0), (r, 0.0)];
        let shaded = rim.iter().filter(|(x, y)| self.cell(floor(q.x + x), floor(q.y + y)) > z).count();
        if shaded == 0 || shaded == rim.len() {
            return if shaded == 0 { 1.0 } else { 0.0 };
        }
        let mut sum = 0.0;
        for j in -1..=1 {
            for i in -1..=1 {
                sum += self.lit_at(q.x + i as f32 * spread, q.y + j as f32 * spread, z);
            }
        }
        sum * (1.0 / 9.0)
    }
}
