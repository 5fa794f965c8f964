//! Hair styles in numbers: how long each is, how it is combed and how it falls, by where on the neutral head a strand
//! grows. The strands themselves are grown in [`super::hair`].

use super::identity::{HairStyle, Identity};
use super::math::{V3, mix, smooth, v3};
use super::noise::noise;

/// How one style grows.
pub struct Growth {
    /// Decimetres.
    pub length: f32,
    pub steps: usize,
    /// 0 along the comb's direction to 1 straight out of the skin.
    pub lift: f32,
    pub gravity: f32,
    pub curl: f32,
    /// Curls a decimetre.
    pub frequency: f32,
    /// Height of the outermost layer over the skin.
    pub volume: f32,
    /// How much of its distance a strand that stands off the head loses a step.
    pub cling: f32,
    /// How many of the usual number of strands, and how wide they are against the usual width.
    pub count: f32,
    pub width: f32,
    pub rough: f32,
}

impl Growth {
    pub fn of(style: HairStyle) -> Option<Self> {
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

/// The side a lock falls to: that of its root, counted from the parting.
pub fn comb_side(p: V3, who: &Identity) -> f32 {
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
pub fn comb(p: V3, who: &Identity, side: f32) -> V3 {
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
pub fn fringe(p: V3) -> bool {
    p.z > 0.92 && p.x.abs() < 0.52
}

/// Length of a strand against the style's, by where it grows.
pub fn strand_length(p: V3, who: &Identity) -> f32 {
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
pub fn volume(p: V3, who: &Identity) -> f32 {
    use HairStyle::{Back, Crop, ShortCurls, SidePart};
    match who.hair {
        ShortCurls => mix(0.35, 1.0, smooth(7.2, 7.9, p.y)),
        Crop | SidePart | Back => mix(0.3, 1.0, smooth(7.5, 8.0, p.y)),
        _ => 1.0,
    }
}
