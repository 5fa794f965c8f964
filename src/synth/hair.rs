//! How each strand of hair on the head runs: combing, gravity, curls. Strands are lines in the unposed head's space;
//! where they begin is in [`super::hairline`], styles in [`super::hairstyle`], light and drawing are elsewhere.

use super::facial_hair::{beard, brows};
use super::figure::{Anatomy, Figure, Pose};
use super::hairline::scalp_density;
use super::hairstyle::{Growth, comb, comb_side, fringe, strand_length, volume};
use super::hull::{Hull, SKULL};
use super::identity::{GREY_HAIR, HairStyle, Identity};
use super::math::{V3, mix, smooth, v3};
use super::noise::{hash01, noise, noise3};
use super::skin::EYE;

/// Middle of a knot of hair on the crown.
const KNOT: V3 = v3(0.0, 8.30, -0.22);

/// All strands of a head.
#[derive(Debug, Default)]
pub struct Strands {
    /// Points of all strands in turn.
    pub points: Vec<V3>,
    /// First point of each strand; one more entry than strands.
    pub starts: Vec<u32>,
    /// Albedo by strand.
    pub colours: Vec<V3>,
    /// Half width by strand in decimetres.
    pub half: Vec<f32>,
    /// Strength of the gloss; tight curls scatter it.
    pub gloss: f32,
    /// By point: 0 deep in the hair to 1 on its outside.
    pub outside: Vec<f32>,
    /// Where the last strands stand on the skin, one for each: those of brows and beard, which move with it. All
    /// strands before them keep to the skull.
    pub anchors: Vec<Anchor>,
}

/// A place on the fine mesh.
#[derive(Debug, Clone, Copy)]
pub struct Anchor {
    quad: [u32; 4],
    weights: [f32; 4],
    /// Where it is on the face without expression.
    at: V3,
}

impl Strands {
    /// Begins a strand.
    pub fn begin(&mut self, colour: V3, half: f32) {
        self.colours.push(colour);
        self.half.push(half);
    }

    /// All points on the turned head of `figure`.
    pub fn posed(&self, figure: &Figure, pose: &Pose) -> Vec<V3> {
        let skull = self.colours.len() - self.anchors.len();
        let first = self.starts.get(skull).map_or(0, |i| *i as usize);
        let mut out = Vec::with_capacity(self.points.len());
        out.extend(self.points[..first].iter().map(|p| pose.point(*p)));
        for (anchor, span) in self.anchors.iter().zip(self.starts[skull..].windows(2)) {
            let now = (0..4).fold(V3::ZERO, |s, k| s + figure.fine[anchor.quad[k] as usize] * anchor.weights[k]);
            let moved = now - anchor.at;
            out.extend(self.points[span[0] as usize..span[1] as usize].iter().map(|p| pose.point(*p + moved)));
        }
        out
    }

    /// Ends it.
    pub fn end(&mut self) {
        self.starts.push(self.points.len() as u32);
    }
}

/// A place hair grows from.
pub struct Root {
    pub at: V3,
    pub rest: V3,
    pub normal: V3,
    pub anchor: Anchor,
}

/// Random places on the fine mesh within the box `area`, evenly by area. `take` gets those that `keep` wants by their
/// number, place on the neutral head and part of an ear.
pub fn scatter(
    anatomy: &Anatomy,
    figure: &Figure,
    (area, n, seed): ((V3, V3), usize, u32),
    keep: impl Fn(usize, V3, f32) -> bool,
    mut take: impl FnMut(usize, Root),
) {
    let quads = &anatomy.skin.quads;
    let inside = |p: V3| {
        p.x >= area.0.x && p.x <= area.1.x && p.y >= area.0.y && p.y <= area.1.y && p.z >= area.0.z && p.z <= area.1.z
    };
    let mut sums = Vec::new();
    let mut chosen = Vec::new();
    let mut total = 0.0;
    for q in quads {
        let p = |k: usize| anatomy.rest[q[k] as usize];
        if inside(p(0)) {
            total += (p(2) - p(0)).cross(p(3) - p(1)).length() * 0.5;
            sums.push(total);
            chosen.push(q);
        }
    }
    if chosen.is_empty() {
        return;
    }
    for i in 0..n {
        let random = |k: i32| hash01(i as i32, k, 0, seed);
        let at = (i as f32 + random(0)) / n as f32 * total;
        let q = chosen[sums.partition_point(|s| *s < at).min(chosen.len() - 1)];
        let (u, v) = (random(1), random(2));
        let w = [(1.0 - u) * (1.0 - v), u * (1.0 - v), u * v, (1.0 - u) * v];
        let blend = |all: &[V3]| (0..4).fold(V3::ZERO, |sum, k| sum + all[q[k] as usize] * w[k]);
        let ear = (0..4).map(|k| anatomy.ears[q[k] as usize] * w[k]).sum();
        let rest = blend(&anatomy.rest);
        if !keep(i, rest, ear) {
            continue;
        }
        let at = blend(&figure.fine);
        let anchor = Anchor { quad: *q, weights: w, at };
        take(i, Root { at, rest, normal: blend(&figure.normals).unit(), anchor });
    }
}

/// Grows everything. `detail` is the picture's scale in samples a decimetre: finer pictures get more and thinner hair.
pub fn grow(anatomy: &Anatomy, figure: &Figure, who: &Identity, detail: f32) -> Strands {
    let curly = matches!(who.hair, HairStyle::Afro | HairStyle::ShortCurls | HairStyle::Buzz);
    let mut out = Strands { starts: vec![0], gloss: if curly { 0.25 } else { 1.0 }, ..Strands::default() };
    let width = (0.70 / detail).clamp(0.0025, 0.0125);
    let many = (0.0055 / width).clamp(0.4, 2.0);
    if let Some(growth) = Growth::of(who.hair) {
        scalp(&mut out, anatomy, figure, who, &growth, width, many);
    }
    if who.hair == HairStyle::Bun {
        knot(&mut out, figure, who, width, many);
    }
    brows(&mut out, anatomy, figure, who, width, many);
    if who.beard > 0.0 || who.moustache {
        beard(&mut out, anatomy, figure, who, width, many);
    }
    out
}

fn scalp(
    out: &mut Strands,
    anatomy: &Anatomy,
    figure: &Figure,
    who: &Identity,
    growth: &Growth,
    width: f32,
    many: f32,
) {
    let hull = Hull::new(figure, anatomy);
    let shift = hull.centre - SKULL;
    let n = (12_000.0 * growth.count * many) as usize;
    let area = (v3(-0.95, 6.5, -1.0), v3(0.95, 9.0, 1.6));
    let keep = |i: usize, rest: V3, ear: f32| {
        hash01(i as i32, 0, 1, who.salt(102)) <= scalp_density(rest, who) * (1.0 - smooth(0.1, 0.5, ear))
    };
    scatter(anatomy, figure, (area, n, who.salt(101)), keep, |i, root| {
        let random = |k: i32| hash01(i as i32, k, 1, who.salt(102));
        let dense = scalp_density(root.rest, who);
        let colour = strand_colour(who, root.rest, random(10));
        let tone = mix(0.75, 1.25, random(1)) * (1.0 + 0.45 * noise(root.rest * 9.0, who.salt(103)));
        out.begin(colour * tone, width * growth.width * mix(0.8, 1.25, random(2)) * mix(0.6, 1.0, dense));
        let side = comb_side(root.rest, who);
        let comb = comb(root.rest, who, side);
        let comb = (comb - root.normal * comb.dot(root.normal)).unit();
        let jitter = noise3(root.rest * 17.0, who.salt(104)) * growth.rough
            + v3(random(3) - 0.5, random(4) - 0.5, random(5) - 0.5) * (0.5 * growth.rough);
        let mut direction = (comb * (1.0 - growth.lift) + root.normal * growth.lift + jitter).unit();
        // Hair thins out and stays short towards its line.
        let young = if growth.length > 0.7 { mix(0.55, 1.0, dense) } else { mix(0.3, 1.0, dense * dense) };
        let length = growth.length * strand_length(root.rest, who) * mix(0.8, 1.1, random(6)) * young;
        let step = length / growth.steps as f32;
        let stand = growth.volume * random(7).sqrt() * volume(root.rest, who);
        let phase = std::f32::consts::TAU * (0.25 * random(8) + 1.3 * noise(root.rest * 3.0, who.salt(105)));
        let mut p = root.at - root.normal * 0.01;
        let axis = root.normal.cross(direction).unit();
        out.points.push(p);
        out.outside.push(0.15 + 0.5 * stand / growth.volume.max(1e-6));
        for s in 1..=growth.steps {
            let t = s as f32 / growth.steps as f32;
            let rest = p - shift;
            direction.y -= growth.gravity * step * mix(0.6, 1.6, t) * mix(0.9, 1.1, random(9));
            direction += noise3(rest * 4.0 + V3::splat(t), who.salt(106)) * (growth.rough * 0.35 * step.min(0.2) * 5.0);
            // Loose hair stays out of the face and behind the cheeks.
            let face = smooth(0.62, 0.85, rest.z) * smooth(7.75, 7.5, rest.y) * smooth(0.9, 0.5, rest.x.abs());
            if growth.length > 0.7 {
                let fringe = matches!(who.hair, HairStyle::Bob | HairStyle::Fringe) && fringe(root.rest);
                if !fringe {
                    direction += v3(side * 1.1, 0.0, -1.0) * face;
                }
                match who.hair {
                    HairStyle::Tied => direction += (v3(0.0, 7.5, -0.75) - rest).unit() * 0.8,
                    HairStyle::Bun => {
                        let to = KNOT - v3(0.0, 0.12, 0.0) - rest;
                        // What has come to the knot ends in it.
                        direction += to.unit() * if to.length() < 0.2 { 8.0 } else { 0.8 };
                    }
                    _ => {}
                }
            }
            direction = direction.unit();
            let over = 0.012 + stand * smooth(0.0, 0.35, t);
            let next = hull.keep(p + direction * step, over, growth.cling);
            if growth.curl == 0.0 {
                // Hair that lies on the head goes on along it.
                direction = (direction + (next - p).unit() * 1.5).unit();
            }
            p = next;
            let mut drawn = p;
            if growth.curl > 0.0 {
                let angle = phase + growth.frequency * length * t * std::f32::consts::TAU;
                let (sin, cos) = angle.sin_cos();
                let amount = growth.curl * smooth(0.0, 0.3, t);
                drawn += axis * (sin * amount) + direction.cross(axis) * (cos * amount);
            }
            out.points.push(drawn);
            let high = if growth.lift > 0.7 { t } else { 0.25 * t + 0.75 * stand / growth.volume.max(1e-6) };
            out.outside.push((0.15 + 0.85 * high).min(1.0));
        }
        out.end();
    });
}

/// Colour of one strand: some are grey, more of them at the temples.
pub fn strand_colour(who: &Identity, p: V3, random: f32) -> V3 {
    let temple = 1.0 + 0.4 * smooth(7.8, 7.3, p.y);
    let share = who.grey * temple + 0.6 * (random - 0.5) * smooth(0.02, 0.4, who.grey);
    who.natural_hair.mix(GREY_HAIR, share.clamp(0.0, 0.95))
}

/// Strands wound round a ball on the crown.
fn knot(out: &mut Strands, figure: &Figure, who: &Identity, width: f32, many: f32) {
    let middle = KNOT + figure.between_eyes() - v3(0.0, EYE[1], 1.24);
    for i in 0..(1_500.0 * many) as i32 {
        let random = |k: i32| hash01(i, k, 4, who.salt(131));
        let colour = strand_colour(who, KNOT, random(0)) * mix(0.75, 1.25, random(1));
        out.begin(colour, width * mix(0.8, 1.25, random(2)));
        // A tilted great circle, some way along.
        let axis = (v3(random(3) - 0.5, 0.9, random(4) - 0.5) * 1.0).unit();
        let side = axis.cross(v3(0.3, 0.1, 1.0)).unit();
        let up = side.cross(axis);
        let (begin, height) = (std::f32::consts::TAU * random(5), mix(-0.9, 0.9, random(6)));
        let radius = 0.25 * mix(0.9, 1.05, random(7));
        let ring = (1.0 - height * height).sqrt();
        for s in 0..7 {
            let (sin, cos) = (begin + s as f32 * 0.28).sin_cos();
            let d = (side * cos + up * sin) * ring + axis * height;
            out.points.push(middle + d * v3(radius, radius * 0.8, radius));
            out.outside.push(0.8);
        }
        out.end();
    }
}
