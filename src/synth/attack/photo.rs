//! A printed portrait for things that are cut from paper: the shown face in some light, as a plain printer puts it on
//! paper. Its places are those by which faces are compared (see `wrap`).

use crate::rng::Stream;

use super::super::backdrop::Backdrop;
use super::super::figure::Moment;
use super::super::math::{V3, curve, v3};
use super::super::noise::{floor, hash01};
use super::super::scene::{Cast, Picture, View, draw};
use super::super::skin::skin_colour;
use super::guise::Workshop;
use super::pick;
use super::wrap::{APART, HEIGHTS};

/// Reflectance of bare paper.
pub const PAPER: V3 = v3(0.80, 0.80, 0.79);

/// A portrait on paper.
#[derive(Debug)]
pub struct Photo {
    /// Reflectances.
    picture: Picture,
    middle: f32,
    /// Samples a unit of u.
    across: f32,
    /// Rows of chin, mouth, nose and eyes by height.
    rows: [(f32, f32); 4],
    /// Samples a unit of v above the eyes.
    up: f32,
    /// Size of printed dots in decimetres, and how deep they are.
    dot: f32,
    depth: f32,
    seed: u32,
}

impl Photo {
    /// Photographs and prints the shown face of `shop`.
    pub fn new(shop: &Workshop<'_>, rng: &mut Stream) -> Self {
        let side = (shop.size as f32 * 0.72).clamp(72.0, 288.0) as usize;
        let mut who = shop.shown.clone();
        who.glasses = None;
        let units = vec![("mouthSmileLeft", 0.15), ("mouthSmileRight", 0.15)];
        let view = View { side, block: 1, eyes: [0.5, 0.42], face: 0.44, distance: 12.0 };
        let cast = Cast {
            model: shop.model,
            anatomy: shop.anatomy,
            who: &who,
            moment: &Moment { units, ..Moment::default() },
            light: shop.light,
            backdrop: Backdrop::SURROUNDINGS,
            disguise: None,
        };
        let shot = draw(&cast, &view);
        let marks = shot.landmarks;
        let mean = |a: usize, b: usize, k: usize| (marks[a][k] + marks[b][k]) * 0.5;
        let (middle, eyes) = (mean(0, 1, 0), mean(0, 1, 1));
        let across = (marks[1][0] - marks[0][0]) * 0.5 / APART;
        let mouth = mean(3, 4, 1);
        let slope = (mouth - eyes) / HEIGHTS[2];
        let chin = mouth + (HEIGHTS[3] - HEIGHTS[2]) * slope;
        let rows = [(HEIGHTS[3], chin), (HEIGHTS[2], mouth), (HEIGHTS[1], marks[2][1]), (0.0, eyes)];
        let mut picture = shot.picture;
        develop(&mut picture, [middle, (eyes + mouth) * 0.5], across, who.melanin, rng);
        Self {
            picture,
            middle,
            across,
            rows,
            up: slope,
            dot: pick(rng, (0.008, 0.022)),
            depth: pick(rng, (0.0, 0.16)),
            seed: pick(rng, (0.0, 9e5)) as u32,
        }
    }

    /// Reflectance of the print at a place of the face.
    pub fn at(&self, u: f32, v: f32) -> V3 {
        let y = if v > 0.0 {
            self.rows[3].1 + v * self.up
        } else if v < HEIGHTS[3] {
            self.rows[0].1 + (v - HEIGHTS[3]) * self.up
        } else {
            curve(&self.rows, v)
        };
        let colour = self.picture.at(self.middle + u * self.across, y);
        // Dots of ink beside bare paper.
        let per = 1.0 / self.dot;
        let t = hash01(floor(u * per), floor(v * per), 0, self.seed) - 0.5;
        colour.map(|c| (c + self.depth * t * (c * (0.9 - c)).max(0.0).sqrt()).clamp(0.02, 0.85))
    }
}

/// From light to what ink on paper reflects.
fn develop(picture: &mut Picture, middle: [f32; 2], across: f32, melanin: f32, rng: &mut Stream) {
    let reach = 0.5 * across;
    let (mut sum, mut n) = (V3::ZERO, 0.0);
    for (i, l) in picture.light.iter().enumerate() {
        let (x, y) = ((i % picture.side) as f32 - middle[0], (i / picture.side) as f32 - middle[1]);
        if x * x + y * y < reach * reach {
            sum += *l;
            n += 1.0;
        }
    }
    let mean = sum * (1.0 / f32::max(n, 1.0));
    // The camera balanced most of the light away, and printers are seldom neutral.
    let skin = skin_colour(melanin, 0.8) * v3(1.12, 0.98, 0.94);
    let grey = mean.luminance().max(1e-6);
    let balance = skin * (grey / skin.luminance());
    let fix = |m: f32, want: f32| (want / m.max(1e-6)).clamp(0.4, 2.5).powf(0.8);
    let cast = v3(pick(rng, (0.90, 1.14)), pick(rng, (0.93, 1.05)), pick(rng, (0.85, 1.10)));
    let gain = v3(fix(mean.x, balance.x), fix(mean.y, balance.y), fix(mean.z, balance.z)) * cast;
    let level = (0.05 + 0.85 * skin.luminance()) * pick(rng, (0.85, 1.2)) / grey;
    let saturation = if pick(rng, (0.0, 1.0)) < 0.12 { 0.0 } else { pick(rng, (0.85, 1.25)) };
    let black = pick(rng, (0.02, 0.06));
    for l in &mut picture.light {
        let c = *l * gain * level;
        let c = V3::splat(c.luminance()).mix(c, saturation).map(|x| x.max(0.0));
        // The shoulder of a photograph: nothing is whiter than paper.
        let c = c.map(|x| (x * (1.0 + 0.2 * x) / (1.0 + 0.9 * x) * 1.35).min(1.0));
        *l = V3::splat(black) + c * (PAPER + V3::splat(-black));
    }
}
