//! What an attacker wears: a mask, make-up, novelty glasses or a piece of paper before part of the face. A disguise is
//! made once a clip: whose head is drawn, how it is reshaped, what its skin is painted with, and rigid things that move
//! with it. How each kind is made stands in its own file; how worn things are lit and drawn is in `worn`.

use std::fmt::Debug;

use super::super::figure::Moment;
use super::super::identity::Identity;
use super::super::math::{V3, v3};
use super::super::skin::Surface;
use super::super::subdivide::normals;

/// What the eyeballs are made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Eyeballs {
    /// The wearer's own.
    Real,
    /// Painted on, without the wet gloss.
    Painted,
    /// Left in one colour.
    Blank(V3),
}

/// A place on the skin, as paint knows it.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    /// On the neutral head.
    pub rest: V3,
    /// How much of a lip it is, 0 to 1.
    pub lips: f32,
    /// How far inside the mouth it is, 0 to 1.
    pub mouth: f32,
}

/// The surface of a worn thing at one place.
#[derive(Debug, Clone, Copy)]
pub struct Coat {
    pub albedo: V3,
    /// Strength of the reflection; 1 is that of bare plastic.
    pub gloss: f32,
    /// 0 a mirror to 1 as blunt as skin.
    pub rough: f32,
    /// Added to the normal.
    pub bend: V3,
    /// Light that comes through from behind, as a part: paper and thin latex.
    pub through: f32,
}

impl Coat {
    /// A coat of one colour.
    pub fn new(albedo: V3, gloss: f32, rough: f32) -> Self {
        Self { albedo, gloss, rough, bend: V3::ZERO, through: 0.0 }
    }
}

/// A rigid part over the face, in the space of the unposed head.
#[derive(Debug, Clone, Default)]
pub struct Mesh {
    pub points: Vec<V3>,
    pub normals: Vec<V3>,
    /// Coordinates for its maker: where on the thing a point is.
    pub places: Vec<V3>,
    pub quads: Vec<[u32; 4]>,
    /// Clear: what lies behind shows through, and no shadow is cast.
    pub clear: bool,
}

impl Mesh {
    /// A smooth surface.
    pub fn smooth(points: Vec<V3>, places: Vec<V3>, quads: Vec<[u32; 4]>) -> Self {
        let normals = normals(&points, &quads);
        Self { points, normals, places, quads, clear: false }
    }

    /// A grid of `columns` by `rows` cells; `at` gives point and place for parts (0 to 1) of its width and height.
    pub fn grid(columns: usize, rows: usize, at: impl Fn(f32, f32) -> (V3, V3)) -> Self {
        let (mut points, mut places, mut quads) = (Vec::new(), Vec::new(), Vec::new());
        for j in 0..=rows {
            for i in 0..=columns {
                let (point, place) = at(i as f32 / columns as f32, j as f32 / rows as f32);
                points.push(point);
                places.push(place);
            }
        }
        let row = columns as u32 + 1;
        for j in 0..rows as u32 {
            for i in 0..columns as u32 {
                let a = j * row + i;
                quads.push([a, a + 1, a + row + 1, a + row]);
            }
        }
        Self::smooth(points, places, quads)
    }

    /// The same with every quad flat and hard-edged, split into two triangles.
    pub fn faceted(&self) -> Self {
        let mut out = Self { clear: self.clear, ..Self::default() };
        for q in &self.quads {
            for corners in [[0, 1, 2], [0, 2, 3]] {
                let p = corners.map(|k| self.points[q[k] as usize]);
                let n = (p[1] - p[0]).cross(p[2] - p[0]).unit();
                let first = out.points.len() as u32;
                for k in corners {
                    out.points.push(self.points[q[k] as usize]);
                    out.places.push(self.places[q[k] as usize]);
                    out.normals.push(n);
                }
                out.quads.push([first, first + 1, first + 2, first + 2]);
            }
        }
        out
    }
}

/// What one kind of disguise knows about its surfaces.
pub trait Craft: Debug + Send + Sync {
    /// Paints the skin at `spot`; gives how much of it is the disguise's, 0 to 1.
    fn paint(&self, _spot: &Spot, _surface: &mut Surface) -> f32 {
        0.0
    }

    /// Surface of part number `mesh` at a place of its own.
    fn coat(&self, _mesh: usize, _place: V3) -> Coat {
        Coat::new(V3::splat(0.5), 0.0, 1.0)
    }

    /// Distance in decimetres from the edge that part `mesh` is cut out along; negative where it is cut away.
    fn edge(&self, _mesh: usize, _place: V3) -> f32 {
        1.0
    }
}

/// Bare skin.
#[derive(Debug)]
struct Nothing;

impl Craft for Nothing {}

/// A disguise and who is under it.
#[derive(Debug)]
pub struct Disguise {
    /// The head that is drawn: the wearer's, or the head of the mask.
    pub who: Identity,
    /// Part of the wearer's expressions that shows; 0 for a rigid head.
    pub damping: f32,
    /// Nothing moves by itself: no blinks, no gaze.
    pub still: bool,
    /// Added to the coarse points of the head; empty for none.
    pub offsets: Vec<V3>,
    /// How far the eyes lie back, in decimetres.
    pub recess: f32,
    pub eyeballs: Eyeballs,
    /// The hair is part of it.
    pub wig: bool,
    pub meshes: Vec<Mesh>,
    pub craft: Box<dyn Craft>,
}

impl Disguise {
    /// `who` as they are.
    pub fn bare(who: Identity) -> Self {
        Self {
            who,
            damping: 1.0,
            still: false,
            offsets: Vec::new(),
            recess: 0.0,
            eyeballs: Eyeballs::Real,
            wig: false,
            meshes: Vec::new(),
            craft: Box::new(Nothing),
        }
    }

    /// Takes from `moment` what the disguise hinders.
    pub fn restrain(&self, moment: &mut Moment) {
        if self.still {
            moment.units.clear();
            moment.gaze = [0.0, 0.0];
            return;
        }
        // Eyes blink behind every mask.
        let blinks = |name: &str| name.starts_with("eyeBlink");
        moment.units.iter_mut().filter(|u| !blinks(u.0)).for_each(|u| u.1 *= self.damping);
    }

    /// Whether anything is drawn over the head.
    pub fn has_parts(&self) -> bool {
        !self.meshes.is_empty()
    }

    /// The eyeball's centre moved back.
    pub fn set_back(&self, centre: V3) -> V3 {
        centre - v3(0.0, 0.0, self.recess)
    }
}
