//! What is behind the person, out of focus: a wall of light worked out once a clip. Which backdrop a session has is
//! decided elsewhere; the person is drawn before it elsewhere.

use crate::rng::{self, Stream};

use super::light::Lighting;
use super::math::{V3, bell, mix, smooth, v3};
use super::noise::{fbm, floor, hash, hash01, noise};
use super::scene::Shake;

/// Places of one session.
const PLACES: usize = 3;

/// Kinds of backdrops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenery {
    /// The blurred surroundings themselves.
    Surroundings,
    /// A bare wall that light falls off along, with the person's soft shadow.
    Plain,
    /// A wall with a darker lower part and a corner.
    Room,
    /// A curtain in folds.
    Curtain,
    /// Shelves of books.
    Shelf,
    /// A window with the surroundings behind its panes.
    Window,
    /// A door in its frame.
    Door,
    /// A striped cloth.
    Stripes,
    /// A cloth or paper with a repeated figure.
    Pattern,
    /// A framed picture on the wall.
    Poster,
}

/// One backdrop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backdrop {
    pub scenery: Scenery,
    /// Seeds its colours and where its parts are: the same seed gives the same place.
    pub seed: u32,
    /// How far out of focus: standard deviation of the blur as a part of the picture's side.
    pub blur: f32,
}

impl Backdrop {
    /// The surroundings alone.
    pub const SURROUNDINGS: Self = Self { scenery: Scenery::Surroundings, seed: 0, blur: 0.0 };

    /// One of the few places of a session: `kind` is what its table says stands behind people (`surroundings`, `wall`
    /// or `room`), `name` tells sessions apart.
    pub fn of(kind: &str, name: &str, rng: &mut Stream) -> Self {
        const WALL: [Scenery; 6] =
            [Scenery::Plain, Scenery::Plain, Scenery::Poster, Scenery::Stripes, Scenery::Curtain, Scenery::Pattern];
        const ROOM: [Scenery; 6] =
            [Scenery::Room, Scenery::Shelf, Scenery::Window, Scenery::Door, Scenery::Poster, Scenery::Curtain];
        let place = rng::index(rng, PLACES) as u32;
        let blur = rng::between(rng, 0.003, 0.016) as f32;
        let kinds = match kind {
            "wall" => WALL,
            "room" => ROOM,
            _ => return Self::SURROUNDINGS,
        };
        let letters = name.bytes().fold(17_u32, |h, b| h.wrapping_mul(31).wrapping_add(u32::from(b)));
        let seed = hash(place as i32, 0, 0, letters);
        // Neighbouring places are of different kinds.
        let scenery = kinds[(letters.wrapping_add(place * 5) % 6) as usize];
        Self { scenery, seed, blur }
    }

    /// A number in [0, 1) that belongs to this place.
    fn random(&self, n: i32) -> f32 {
        hash01(n, 0, 0, self.seed)
    }

    /// A muted colour between `low` and `high` reflectance.
    fn paint(&self, n: i32, low: f32, high: f32, strength: f32) -> V3 {
        let tint = v3(self.random(n), self.random(n + 1), self.random(n + 2));
        let grey = tint.luminance().max(0.05);
        (V3::ONE.mix(tint * (1.0 / grey), strength) * mix(low, high, self.random(n + 3))).map(|a| a.min(0.85))
    }

    /// Reflectance at a place in parts of the picture's side from its middle, y up, and light that shines through.
    fn at(&self, u: f32, v: f32) -> (V3, f32) {
        let wall = self.paint(0, 0.28, 0.72, 0.14);
        let side = if self.random(90) < 0.5 { -1.0 } else { 1.0 };
        match self.scenery {
            Scenery::Surroundings | Scenery::Plain => (wall, 0.0),
            Scenery::Room => {
                let corner = mix(0.2, 0.5, self.random(10)) * side;
                let beyond = smooth(-0.004, 0.004, (u - corner) * side);
                let rail = mix(-0.25, -0.02, self.random(11));
                let lower = self.paint(12, 0.08, 0.5, 0.35);
                let edge = bell((v - rail) / 0.012);
                let albedo = if v < rail { lower } else { wall };
                (albedo * (mix(1.0, 0.72, beyond) * (1.0 - 0.35 * edge)), 0.0)
            }
            Scenery::Curtain => {
                let cloth = self.paint(16, 0.06, 0.55, 0.3);
                let x = u * mix(5.0, 11.0, self.random(20)) + 0.5 * fbm(v3(u * 4.0, v * 0.6, 0.0), 2, self.seed);
                let fold = 0.5 + 0.5 * (x * std::f32::consts::TAU).sin();
                (cloth * mix(0.35, 1.1, fold.sqrt()), 0.0)
            }
            Scenery::Shelf => self.shelf(u, v),
            Scenery::Window => {
                let x = (u - side * mix(0.15, 0.42, self.random(21))) / mix(0.22, 0.34, self.random(22));
                let y = (v - 0.12) / 0.42;
                let inside = x.abs() < 1.0 && y.abs() < 1.0;
                let bar = x.abs() < 0.06 || (y - 0.2).abs() < 0.05;
                if inside && !bar {
                    return (V3::ZERO, 1.0);
                }
                let frame = inside || (x.abs() < 1.12 && y.abs() < 1.08);
                (if frame { V3::splat(0.7) } else { wall }, 0.0)
            }
            Scenery::Door => {
                let x = u - side * mix(0.2, 0.4, self.random(23));
                let wood = self.paint(24, 0.05, 0.5, 0.4);
                let panel = ((x.abs() - 0.13).abs() < 0.008 && v < 0.36) || ((v - 0.02).abs() < 0.01 && x.abs() < 0.13);
                let grain = 1.0 + 0.25 * noise(v3(x * 60.0, v * 6.0, 1.0), self.seed);
                match x.abs() {
                    a if a < 0.21 && v < 0.46 => (wood * grain * if panel { 0.55 } else { 1.0 }, 0.0),
                    a if a < 0.245 && v < 0.495 => (V3::splat(0.62), 0.0),
                    _ => (wall, 0.0),
                }
            }
            Scenery::Stripes => {
                let (a, b) = (self.paint(28, 0.05, 0.6, 0.22), self.paint(32, 0.2, 0.75, 0.15));
                let along = if self.random(36) < 0.6 { u } else { v };
                let x = along * mix(4.0, 14.0, self.random(37)) + 0.06 * noise(v3(u * 5.0, v * 5.0, 0.0), self.seed);
                (a.mix(b, smooth(0.45, 0.55, (x - floor(x) as f32 - 0.5).abs() * 2.0)), 0.0)
            }
            Scenery::Pattern => {
                let (a, b) = (self.paint(28, 0.1, 0.7, 0.18), self.paint(32, 0.05, 0.7, 0.28));
                let scale = mix(4.0, 9.0, self.random(38));
                let (x, y) = (u * scale, v * scale + 0.5 * f32::from(floor(u * scale).rem_euclid(2) == 1));
                let (dx, dy) = (x - floor(x) as f32 - 0.5, y - floor(y) as f32 - 0.5);
                let round = dx.hypot(dy) + 0.08 * (dy.atan2(dx) * 5.0).sin() * self.random(39);
                (a.mix(b, smooth(0.30, 0.24, round)), 0.0)
            }
            Scenery::Poster => {
                let (x, y) = (u - side * mix(0.2, 0.38, self.random(40)), v - 0.18);
                let (w, h) = (mix(0.12, 0.2, self.random(41)), mix(0.14, 0.24, self.random(42)));
                if x.abs() > w || y.abs() > h {
                    return (wall, 0.0);
                }
                if x.abs() > w - 0.014 || y.abs() > h - 0.014 {
                    return (V3::splat(mix(0.03, 0.5, self.random(43))), 0.0);
                }
                let (a, b, c) =
                    (self.paint(44, 0.1, 0.7, 0.4), self.paint(48, 0.05, 0.6, 0.4), self.paint(52, 0.1, 0.8, 0.4));
                let f = fbm(v3(x * 9.0, y * 9.0, 2.0), 3, self.seed);
                (a.mix(b, smooth(-0.1, 0.1, f)).mix(c, smooth(0.02, -0.02, y + 0.25 * h + 0.1 * f)), 0.0)
            }
        }
    }

    /// Rows of books, some leaning, some missing.
    fn shelf(&self, u: f32, v: f32) -> (V3, f32) {
        let wood = self.paint(56, 0.06, 0.4, 0.3);
        let height = 0.21;
        let row = floor((v + 0.6) / height);
        let y = (v + 0.6) / height - row as f32;
        if y < 0.09 {
            return (wood * 1.1, 0.0);
        }
        // Books of uneven width: every place belongs to the nearer of its neighbours' edges.
        let x = u * 26.0;
        let jitter = |i: i32| i as f32 + 0.7 * hash01(i, row, 1, self.seed);
        let cell = floor(x);
        let book = if x < jitter(cell) { cell - 1 } else { cell };
        let r = |k: i32| hash01(book, row, k, self.seed);
        let tall = mix(0.55, 0.92, r(2));
        if y > tall || r(3) < 0.10 {
            return (wood * 0.25, 0.0);
        }
        let tint = v3(r(4), r(5), r(6));
        let label = if r(7) < 0.4 && (y - 0.45).abs() < 0.12 { 0.35 } else { 0.0 };
        let edge = 1.0 - 0.5 * smooth(0.12, 0.0, (x - jitter(book)).min(jitter(book + 1) - x));
        let cover = tint.mix(V3::splat(tint.luminance()), 0.55) * 0.32;
        ((cover + V3::splat(0.02 + label)) * edge, 0.0)
    }
}

/// A backdrop as light, somewhat larger than the picture.
#[derive(Debug)]
pub struct Wall {
    side: usize,
    light: Vec<V3>,
}

/// How much more than the picture a wall shows to every side, as a part of the picture's side.
const MARGIN: f32 = 0.12;

impl Wall {
    /// The light of `backdrop` behind a picture of `pixels` pixels.
    pub fn new(backdrop: &Backdrop, light: &Lighting<'_>, pixels: usize) -> Self {
        let plain = backdrop.scenery == Scenery::Surroundings;
        let side = if plain { 48 } else { (pixels * 5 / 6).clamp(64, 288) };
        let place = |i: usize| ((i as f32 + 0.5) / side as f32 - 0.5) * (1.0 + 2.0 * MARGIN);
        let behind = |u: f32, v: f32| light.soft(v3(u * 1.1, v * 1.1 - 0.05, -1.0).unit());
        if plain {
            let texels = (0..side * side).map(|i| behind(place(i % side), -place(i / side)));
            return Self { side, light: texels.collect() };
        }
        // A wall behind the person gets the light that comes over their shoulders, more from its own side.
        let reaching = |x: f32| light.open(v3(x, 0.15, 1.0).unit()) + light.open(v3(x, 0.9, 0.4).unit()) * 0.25;
        let (left, right) = (reaching(-0.8), reaching(0.8));
        let shadow = v3(0.10 * (backdrop.random(95) - 0.5), -0.1, 0.0);
        let mut texels: Vec<V3> = (0..side * side)
            .map(|i| {
                let (u, v) = (place(i % side), -place(i / side));
                let (albedo, through) = backdrop.at(u, v);
                if through > 0.0 {
                    return behind(u, v) * 1.6;
                }
                let dark = 0.22 * bell((u - shadow.x) / 0.42) * bell((v - shadow.y) / 0.5);
                albedo * left.mix(right, smooth(-0.7, 0.7, u)) * (mix(0.78, 1.05, smooth(-0.6, 0.6, v)) - dark)
            })
            .collect();
        soften(&mut texels, side, backdrop.blur * side as f32 / (1.0 + 2.0 * MARGIN));
        Self { side, light: texels }
    }

    /// Light behind sample (`x`, `y`) of `samples` a side, seen from a camera off its place by `shake`.
    pub fn at(&self, x: usize, y: usize, samples: usize, shake: &Shake) -> V3 {
        let place = |i: usize, k: usize| ((i as f32 + 0.5) / samples as f32 - 0.5 - shake.shift[k]) / shake.zoom;
        let (u, v) = (place(x, 0), place(y, 1));
        let (u, v) = (u + shake.roll * v, v - shake.roll * u);
        let scale = self.side as f32 / (1.0 + 2.0 * MARGIN);
        let last = (self.side - 1) as f32;
        let texel = |t: f32| (t * scale + self.side as f32 * 0.5 - 0.5).clamp(0.0, last);
        let (x, y) = (texel(u), texel(v));
        let (i, j) = (floor(x) as usize, floor(y) as usize);
        let (i1, j1) = ((i + 1).min(self.side - 1), (j + 1).min(self.side - 1));
        let (a, b) = (x - i as f32, y - j as f32);
        let row = |j: usize| self.light[j * self.side + i].mix(self.light[j * self.side + i1], a);
        row(j).mix(row(j1), b)
    }
}

/// Three running means along rows and columns: near a bell of standard deviation `sigma` texels.
fn soften(texels: &mut [V3], side: usize, sigma: f32) {
    let radius = (sigma - 0.5).max(0.0).round() as usize;
    if radius == 0 {
        return;
    }
    let mut line = vec![V3::ZERO; side];
    let scale = 1.0 / (2 * radius + 1) as f32;
    for _ in 0..3 {
        for (start, step) in (0..side).map(|r| (r * side, 1)).chain((0..side).map(|c| (c, side))) {
            let at = |k: usize| start + k * step;
            line.iter_mut().enumerate().for_each(|(k, l)| *l = texels[at(k)]);
            let read = |k: usize| line[k.saturating_sub(radius).min(side - 1)];
            let mut sum = (0..=2 * radius).fold(V3::ZERO, |s, k| s + read(k));
            for k in 0..side {
                texels[at(k)] = sum * scale;
                sum += read(k + 2 * radius + 1) - read(k);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softening_keeps_light_and_flattens_edges() {
        let mut t: Vec<V3> = (0..32 * 32).map(|i| V3::splat(if i % 32 < 16 { 1.0 } else { 0.0 })).collect();
        soften(&mut t, 32, 3.0);
        let mean = t.iter().map(|l| l.x).sum::<f32>() / 1024.0;
        assert!((mean - 0.5).abs() < 1e-3, "{mean}");
        assert!(t[16 * 32 + 15].x < 0.7 && t[16 * 32].x > 0.99);
    }

    #[test]
    fn places_differ_by_seed_and_stay_within_paint() {
        for scenery in [
            Scenery::Surroundings,
            Scenery::Plain,
            Scenery::Room,
            Scenery::Curtain,
            Scenery::Shelf,
            Scenery::Window,
            Scenery::Door,
            Scenery::Stripes,
            Scenery::Pattern,
            Scenery::Poster,
        ] {
            let place = |seed| Backdrop { scenery, seed, blur: 0.01 };
            let look = |seed| {
                (0..400).map(move |i| place(seed).at((i % 20) as f32 * 0.06 - 0.6, (i / 20) as f32 * 0.06 - 0.6))
            };
            for (albedo, _) in look(1) {
                assert!(
                    [albedo.x, albedo.y, albedo.z].iter().all(|a| (0.0..=1.3).contains(a)),
                    "{scenery:?} {albedo:?}"
                );
            }
            assert!(look(1).eq(look(1)) && look(1).ne(look(2)), "{scenery:?}");
        }
    }
}
