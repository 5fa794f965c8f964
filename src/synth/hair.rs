//! How each strand of hair runs: styles, combing, gravity, brows, beard. Strands are lines in the unposed head's space;
//! where they begin is in [`super::hairline`], light and drawing are elsewhere.

use super::figure::{Anatomy, Figure, Pose};
use super::hairline::{beard_density, brow_density, scalp_density, worn_beard};
use super::identity::{GREY_HAIR, HairStyle, Identity};
use super::math::{V3, mix, smooth, v3};
use super::noise::{floor, hash01, noise, noise3};
use super::skin::{EYE, MOUTH};

/// Middle of a knot of hair on the crown.
const KNOT: V3 = v3(0.0, 8.30, -0.22);
/// Middle of the skull, for directions away from it.
const SKULL: V3 = v3(0.0, 7.42, 0.5);

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
    anchors: Vec<Anchor>,
}

/// A place on the fine mesh.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    quad: [u32; 4],
    weights: [f32; 4],
    /// Where it is on the face without expression.
    at: V3,
}

impl Strands {
    fn begin(&mut self, colour: V3, half: f32) {
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

    fn end(&mut self) {
        self.starts.push(self.points.len() as u32);
    }
}

/// How one style grows.
struct Growth {
    /// Decimetres.
    length: f32,
    steps: usize,
    /// 0 along the comb's direction to 1 straight out of the skin.
    lift: f32,
    gravity: f32,
    curl: f32,
    /// Curls a decimetre.
    frequency: f32,
    /// Height of the outermost layer over the skin.
    volume: f32,
    /// How much of its distance a strand that stands off the head loses a step.
    cling: f32,
    /// How many of the usual number of strands, and how wide they are against the usual width.
    count: f32,
    width: f32,
    rough: f32,
}

impl Growth {
    fn of(style: HairStyle) -> Option<Self> {
        use HairStyle::{
            Afro, Back, Bald, Bob, Bun, Buzz, Crop, Curls, Fringe, Locs, Long, Ring, ShortCurls, SidePart, Tied, Wavy,
        };
        let base = Self {
            length: 0.3,
            steps: 6,
            lift: 0.35,
            gravity: 0.3,
            curl: 0.0,
            frequency: 0.0,
            volume: 0.10,
            cling: 0.0,
            count: 1.0,
            width: 1.0,
            rough: 0.35,
        };
        Some(match style {
            Bald => return None,
            Buzz => Self {
                length: 0.05,
                steps: 2,
                lift: 0.45,
                gravity: 0.0,
                volume: 0.03,
                count: 1.8,
                width: 0.8,
                rough: 0.2,
                ..base
            },
            Ring => Self {
                length: 0.14,
                steps: 4,
                lift: 0.06,
                gravity: 2.0,
                volume: 0.035,
                cling: 0.6,
                count: 1.1,
                rough: 0.25,
                ..base
            },
            Crop => Self {
                length: 0.26,
                steps: 5,
                lift: 0.10,
                gravity: 1.5,
                volume: 0.085,
                cling: 0.5,
                count: 1.4,
                rough: 0.3,
                ..base
            },
            SidePart => Self {
                length: 0.46,
                steps: 7,
                lift: 0.12,
                gravity: 1.6,
                volume: 0.12,
                cling: 0.45,
                count: 1.3,
                rough: 0.2,
                ..base
            },
            Back => Self {
                length: 0.55,
                steps: 7,
                lift: 0.12,
                gravity: 0.6,
                volume: 0.10,
                cling: 0.5,
                count: 1.3,
                rough: 0.18,
                ..base
            },
            ShortCurls => Self {
                length: 0.22,
                steps: 8,
                lift: 0.9,
                gravity: 0.0,
                curl: 0.05,
                frequency: 9.0,
                volume: 0.16,
                count: 0.9,
                ..base
            },
            Afro => Self {
                length: 0.55,
                steps: 14,
                lift: 0.92,
                gravity: 0.1,
                curl: 0.05,
                frequency: 9.0,
                volume: 0.4,
                count: 1.5,
                rough: 0.8,
                ..base
            },
            Bob => Self {
                length: 1.35,
                steps: 13,
                lift: 0.12,
                gravity: 5.0,
                volume: 0.13,
                count: 1.1,
                rough: 0.14,
                ..base
            },
            Long | Fringe => {
                Self { length: 2.7, steps: 18, lift: 0.12, gravity: 4.0, volume: 0.11, count: 1.0, rough: 0.14, ..base }
            }
            Wavy => Self {
                length: 2.5,
                steps: 20,
                lift: 0.2,
                gravity: 3.0,
                curl: 0.055,
                frequency: 1.5,
                volume: 0.18,
                count: 0.8,
                rough: 0.22,
                ..base
            },
            Curls => Self {
                length: 1.7,
                steps: 26,
                lift: 0.35,
                gravity: 2.6,
                curl: 0.075,
                frequency: 3.2,
                volume: 0.28,
                count: 0.75,
                rough: 0.4,
                ..base
            },
            Locs => Self {
                length: 1.6,
                steps: 15,
                lift: 0.25,
                gravity: 3.6,
                volume: 0.16,
                count: 0.10,
                width: 4.5,
                rough: 0.35,
                ..base
            },
            Tied | Bun => Self {
                length: 0.9,
                steps: 9,
                lift: 0.04,
                gravity: 0.0,
                volume: 0.035,
                cling: 0.6,
                count: 0.9,
                rough: 0.06,
                ..base
            },
        })
    }
}

/// Where the skin lies in every direction from the middle of the skull.
struct Hull {
    centre: V3,
    radius: Vec<f32>,
}

impl Hull {
    const W: usize = 64;
    const H: usize = 32;

    fn new(figure: &Figure, anatomy: &Anatomy) -> Self {
        let shift = figure.between_eyes() - v3(0.0, EYE[1], 1.24);
        let centre = SKULL + shift;
        let mut radius = vec![0.0_f32; Self::W * Self::H];
        for ((p, rest), ear) in figure.fine.iter().zip(&anatomy.rest).zip(&anatomy.ears) {
            if rest.y > 6.1 && *ear < 0.3 {
                let d = *p - centre;
                let r = d.length();
                let (x, y) = Self::cell(d * (1.0 / r.max(1e-6)));
                let cell = &mut radius[y * Self::W + x];
                *cell = cell.max(r);
            }
        }
        // Gaps between points take the mean of what is beside them, until none is left.
        while radius.contains(&0.0) && radius.iter().any(|r| *r > 0.0) {
            let old = radius.clone();
            for (i, r) in radius.iter_mut().enumerate().filter(|(_, r)| **r == 0.0) {
                let (x, y) = (i % Self::W, i / Self::W);
                let beside = [
                    old[y * Self::W + (x + Self::W - 1) % Self::W],
                    old[y * Self::W + (x + 1) % Self::W],
                    old[y.saturating_sub(1) * Self::W + x],
                    old[(y + 1).min(Self::H - 1) * Self::W + x],
                ];
                let known = beside.iter().filter(|b| **b > 0.0).count();
                *r = if known > 0 { beside.iter().sum::<f32>() / known as f32 } else { 0.0 };
            }
        }
        Self { centre, radius }
    }

    fn cell(d: V3) -> (usize, usize) {
        let u = (d.x.atan2(d.z) / std::f32::consts::TAU + 0.5) * Self::W as f32;
        let v = (0.5 - 0.5 * d.y) * Self::H as f32;
        ((u as usize).min(Self::W - 1), (v as usize).min(Self::H - 1))
    }

    /// Distance of the skin from the middle in direction `d`, straight between the four nearest cells.
    fn radius(&self, d: V3) -> f32 {
        let u = (d.x.atan2(d.z) / std::f32::consts::TAU + 0.5) * Self::W as f32 - 0.5;
        let v = ((0.5 - 0.5 * d.y) * Self::H as f32 - 0.5).clamp(0.0, (Self::H - 1) as f32);
        let (x, y) = (floor(u), v as usize);
        let at = |x: i32, y: usize| self.radius[y.min(Self::H - 1) * Self::W + x.rem_euclid(Self::W as i32) as usize];
        let (a, b) = (u - x as f32, v - y as f32);
        mix(mix(at(x, y), at(x + 1, y), a), mix(at(x, y + 1), at(x + 1, y + 1), a), b)
    }

    /// `p`, moved out until it stands `over` above the skin, and in by `part` of what it stands higher than that and a
    /// little.
    fn keep(&self, p: V3, over: f32, part: f32) -> V3 {
        let d = p - self.centre;
        let r = d.length().max(1e-6);
        let unit = d * (1.0 / r);
        let least = self.radius(unit) + over;
        let most = least + 0.03;
        if r < least {
            self.centre + unit * least
        } else if r > most && part > 0.0 {
            self.centre + unit * (r - (r - most) * part)
        } else {
            p
        }
    }
}

/// A place hair grows from.
struct Root {
    at: V3,
    rest: V3,
    normal: V3,
    anchor: Anchor,
}

/// Random places on the fine mesh within the box `area`, evenly by area. `take` gets those that `keep` wants by their
/// number, place on the neutral head and part of an ear.
fn scatter(
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
fn strand_colour(who: &Identity, p: V3, random: f32) -> V3 {
    let temple = 1.0 + 0.4 * smooth(7.8, 7.3, p.y);
    let share = who.grey * temple + 0.7 * (random - 0.5) * smooth(0.0, 0.15, who.grey);
    who.natural_hair.mix(GREY_HAIR, share.clamp(0.0, 0.95))
}

/// The side a lock falls to: that of its root, counted from the parting.
fn comb_side(p: V3, who: &Identity) -> f32 {
    let parting = match who.hair {
        HairStyle::SidePart => 0.34 * who.parting,
        HairStyle::Long | HairStyle::Wavy | HairStyle::Curls => 0.16 * who.parting,
        _ => 0.0,
    };
    let rough = if who.hair == HairStyle::SidePart { 0.16 } else { 0.04 };
    let x = p.x - parting + rough * noise(p * 14.0, who.salt(107));
    if x < 0.0 { -1.0 } else { 1.0 }
}

/// The direction hair is combed in at a root.
fn comb(p: V3, who: &Identity, side: f32) -> V3 {
    use HairStyle::{Back, Bob, Bun, Crop, Curls, Fringe, Locs, Long, SidePart, Tied, Wavy};
    let top = smooth(7.7, 8.1, p.y);
    let down = v3(0.15 * p.x.signum(), -1.0, -0.25);
    match who.hair {
        Crop => down.mix(v3(0.35 * who.parting + 0.3 * p.x, -0.1, 1.0), top),
        SidePart => {
            let sweep = if side == who.parting { v3(side * 0.6, -0.4, -0.7) } else { v3(side, 0.1, 0.15) };
            down.mix(sweep, top)
        }
        Back => v3(0.25 * p.x, -0.6, -0.8).mix(v3(0.2 * p.x, 0.5, -1.0), top),
        Bob | Fringe if fringe(p) => v3(0.25 * p.x + 0.12 * who.parting, -0.75, 1.0),
        Bob => v3(p.x.signum(), -0.5, 0.05),
        Long | Wavy | Fringe | Curls | Locs => v3(side, -0.25, -0.12),
        Bun => v3(0.1 * p.x.signum(), 0.55, -1.0),
        Tied => v3(0.25 * p.x.signum(), -0.1, -1.0),
        _ => v3(0.2 * p.x, -0.6, 0.3 * top),
    }
}

/// Whether hair that grows at `p` falls over the forehead.
fn fringe(p: V3) -> bool {
    p.z > 0.92 && p.x.abs() < 0.52
}

/// Length of a strand against the style's, by where it grows.
fn strand_length(p: V3, who: &Identity) -> f32 {
    use HairStyle::{Afro, Back, Bob, Crop, Fringe, ShortCurls, SidePart};
    let top = smooth(7.55, 8.0, p.y);
    match who.hair {
        Crop | SidePart | Back => mix(0.30, 1.0, top),
        ShortCurls => mix(0.40, 1.0, top),
        Afro => mix(0.75, 1.0, smooth(7.2, 7.9, p.y)),
        // The fringe ends above the eyes.
        Bob if fringe(p) => 0.36 + 0.45 * (p.y - 7.9).max(0.0),
        Fringe if fringe(p) => 0.18 + 0.22 * (p.y - 7.9).max(0.0),
        _ => 1.0,
    }
}

/// Height of the hair against the style's, by where it grows.
fn volume(p: V3, who: &Identity) -> f32 {
    use HairStyle::{Back, Crop, ShortCurls, SidePart};
    match who.hair {
        ShortCurls => mix(0.35, 1.0, smooth(7.2, 7.9, p.y)),
        Crop | SidePart | Back => mix(0.3, 1.0, smooth(7.5, 8.0, p.y)),
        _ => 1.0,
    }
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

fn brows(out: &mut Strands, anatomy: &Anatomy, figure: &Figure, who: &Identity, width: f32, many: f32) {
    let n = (7_000.0 * many) as usize;
    let area = (v3(-0.65, 7.4, 0.8), v3(0.65, 7.7, 1.7));
    let keep =
        |i: usize, rest: V3, _| hash01(i as i32, 0, 2, who.salt(112)) <= brow_density(rest, who) * who.brow * 0.9;
    scatter(anatomy, figure, (area, n, who.salt(111)), keep, |i, root| {
        let random = |k: i32| hash01(i as i32, k, 2, who.salt(112));
        let t = smooth(0.12, 0.5, root.rest.x.abs());
        let side = root.rest.x.signum();
        out.begin(who.brow_colour * mix(0.7, 1.2, random(1)), width * mix(0.22, 0.4, random(2)));
        let direction = v3(side * mix(0.8, 1.0, t), mix(0.45, -0.28, t), 0.0);
        let direction = (direction - root.normal * direction.dot(root.normal)
            + root.normal * 0.06
            + v3(random(3) - 0.5, random(4) - 0.5, 0.0) * 0.22)
            .unit();
        let length = mix(0.04, 0.075, random(5)) * mix(0.7, 1.0, t);
        for s in 0..3 {
            out.points.push(root.at + root.normal * 0.006 + direction * (length * 0.5 * s as f32));
            out.outside.push(0.75);
        }
        out.anchors.push(root.anchor);
        out.end();
    });
}

fn beard(out: &mut Strands, anatomy: &Anatomy, figure: &Figure, who: &Identity, width: f32, many: f32) {
    let n = (7_500.0 * many) as usize;
    let area = (v3(-0.9, 5.9, 0.2), v3(0.9, 7.25, 1.75));
    let over_lip = |p: V3| p.y > MOUTH.y + 0.03 && p.x.abs() < 0.34 && p.z > 1.2;
    let keep = |i: usize, p: V3, ear: f32| {
        let upper = over_lip(p);
        let wanted = if upper { f32::from(u8::from(who.moustache)) } else { worn_beard(p, who) };
        let wanted = if !upper && who.beard <= 0.0 { 0.0 } else { wanted };
        ear <= 0.2 && wanted > 0.0 && hash01(i as i32, 0, 3, who.salt(122)) <= wanted * beard_density(p, who, 0.0)
    };
    scatter(anatomy, figure, (area, n, who.salt(121)), keep, |i, root| {
        let random = |k: i32| hash01(i as i32, k, 3, who.salt(122));
        let p = root.rest;
        let upper = over_lip(p);
        let colour = strand_colour(who, p, random(7)).mix(v3(0.05, 0.025, 0.012), 0.15);
        out.begin(colour * mix(0.65, 1.3, random(1)), width * mix(0.35, 0.65, random(2)));
        let side = p.x.signum();
        let comb = if upper { v3(side * 0.7, -0.7, 0.1) } else { v3(0.15 * side, -1.0, 0.15) };
        let mut direction =
            (comb + root.normal * 0.55 + v3(random(3) - 0.5, random(4) - 0.5, random(5) - 0.5) * 0.8).unit();
        let limit = if upper { 0.09 } else { 0.35 };
        let length = who.beard.max(0.06).min(limit) * mix(0.5, 1.1, random(6)) * mix(0.5, 1.0, smooth(6.9, 6.5, p.y));
        let mut at = root.at - root.normal * 0.004;
        for s in 0..5 {
            out.points.push(at);
            out.outside.push(0.3 + 0.15 * s as f32);
            direction = (direction + v3(0.0, -0.25, 0.0) + (noise3(at * 8.0, who.salt(123)) * 0.7)).unit();
            at += direction * (length * 0.25);
        }
        out.anchors.push(root.anchor);
        out.end();
    });
}
