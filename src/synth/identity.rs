//! Who a person is: skin, hair, eyes and clothes, drawn from a seed; the shape of the face is in [`super::features`]. How
//! it is drawn is decided elsewhere.

use crate::rng::{self, Streams};

use super::cloth::{Collar, Weave};
use super::features::shape;
use super::head::HeadModel;
use super::math::{V3, mix, smooth, v3};

/// How the hair on the head is worn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HairStyle {
    /// Shaved or bald; at most stubble.
    Bald,
    /// A few millimetres all over.
    Buzz,
    /// A ring round a bald crown.
    Ring,
    /// Short, forward.
    Crop,
    /// Short sides, parted and swept to one side.
    SidePart,
    /// Combed back.
    Back,
    /// Short tight curls.
    ShortCurls,
    /// Round and full.
    Afro,
    /// Chin-long with a fringe.
    Bob,
    /// Long and straight, parted.
    Long,
    /// Long and wavy, parted.
    Wavy,
    /// Tied back.
    Tied,
    /// Tied up in a knot on the crown.
    Bun,
    /// Long curls.
    Curls,
    /// Ropes to the jaw or the shoulders.
    Locs,
    /// Long, with a fringe over the forehead.
    Fringe,
}

/// Where a beard is worn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeardStyle {
    /// Cheeks, jaw and chin.
    Full,
    /// Round the mouth.
    Goatee,
    /// Along the jaw and the chin.
    Chin,
}

/// Linear albedo of grey hair.
pub const GREY_HAIR: V3 = v3(0.36, 0.345, 0.33);

/// One person.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Target names and weights; every name is in the model.
    pub weights: Vec<(String, f32)>,
    pub female: bool,
    /// Years.
    pub age: f32,
    /// African, Asian, European part; sums to 1.
    #[cfg_attr(not(test), expect(dead_code, reason = "what it leads to is drawn with it; kept for the tests"))]
    pub ancestry: [f32; 3],
    /// 0 very fair to 1 very dark.
    pub melanin: f32,
    /// 0 pale to 1 ruddy.
    pub redness: f32,
    /// 0 even to 1 blotchy.
    pub blotches: f32,
    pub freckles: f32,
    /// 0 dry to 1 oily.
    pub shine: f32,
    /// Dark under the eyes, 0 to 1.
    pub tired: f32,
    pub lip_colour: V3,
    pub hair: HairStyle,
    /// Linear albedo of a strand, grey ones counted in.
    pub hair_colour: V3,
    /// The same before any turned grey, and how many have.
    pub natural_hair: V3,
    pub grey: f32,
    /// Brows by their own colour: they keep it longer than the head, and are darker than fair hair.
    pub brow_colour: V3,
    /// Shape of the brows: height of the arch, slope and thickness, each about 1.
    pub brow_shape: [f32; 3],
    /// Hairline: 0 low and full to 1 far back at the temples.
    pub receding: f32,
    /// -1 or 1: the side the hair is parted on.
    pub parting: f32,
    /// 0 none to 1 thick.
    pub brow: f32,
    /// Shaved beard's shadow, 0 to 1.
    pub stubble: f32,
    /// Length of a worn beard in decimetres; 0 none.
    pub beard: f32,
    pub moustache: bool,
    pub beard_style: BeardStyle,
    /// How hard lines of age are drawn, 0 to 1.
    pub lines: f32,
    pub iris: V3,
    pub cloth: V3,
    pub second_cloth: V3,
    pub collar: Collar,
    pub weave: Weave,
    /// Height of the neckline in decimetres, and how far it dips at the front.
    pub neckline: [f32; 2],
    /// What is worn.
    pub glasses: Option<Glasses>,
    /// What this person wears when they wear any.
    own_glasses: Glasses,
    /// Seeds all noise on this person; see [`Self::salt`].
    noise: u32,
}

/// Worn glasses: frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glasses {
    pub colour: V3,
    /// Half the thickness of the rim in decimetres.
    pub rim: f32,
    /// Half width and half height of a lens in decimetres.
    pub half: [f32; 2],
    /// 2 round to 5 nearly square.
    pub corner: f32,
}

impl Identity {
    /// Person number `index` of `seed`.
    pub fn draw(model: &HeadModel, streams: Streams, index: u64) -> Self {
        let rng = &mut streams.stream("synth identity", index);
        let mut unit = || rng::uniform(rng) as f32;
        let female = unit() < 0.5;
        let age = 19.0 + 56.0 * unit().powf(1.8);
        let ancestry = draw_ancestry(&mut unit);
        let melanin = ancestry[0] * 0.80 + ancestry[1] * 0.36 + ancestry[2] * 0.17 + 0.14 * (unit() - 0.5);
        let melanin = melanin.clamp(0.04, 0.95);
        let weights = shape(model, &mut streams.stream("synth shape", index), female, age, ancestry);
        let rng = &mut streams.stream("synth looks", index);
        let mut unit = || rng::uniform(rng) as f32;
        let natural_hair = natural_hair(&mut unit, ancestry);
        let grey = smooth(38.0, 76.0, age + 18.0 * (unit() - 0.5));
        // Some women colour their hair.
        let grey = if female && unit() < 0.5 { 0.0 } else { grey };
        let hair_colour = natural_hair.mix(GREY_HAIR, grey * 0.92);
        let (hair, receding) = hair_style(&mut unit, female, age, ancestry);
        let beard_kind = unit();
        let stubble = if female { 0.0 } else { (0.15 + 0.85 * unit()) * (1.0 - 0.4 * ancestry[1]) };
        let beard = if female || beard_kind > 0.30 { 0.0 } else { mix(0.04, 0.28, unit() * unit()) };
        let moustache = beard > 0.0 || (!female && beard_kind < 0.38);
        let made_up = female && unit() < 0.4;
        let fair = smooth(0.5, 0.15, melanin);
        let brow_base = natural_hair.mix(v3(0.05, 0.03, 0.018), 0.6 * smooth(0.05, 0.25, natural_hair.luminance()));
        let lip_colour = v3(0.86, 0.50, 0.50)
            .mix(v3(0.80, 0.62, 0.62), melanin)
            .mix(v3(0.85, 0.25, 0.30), if made_up { unit() } else { 0.0 });
        let light_eyes = ancestry[2] > 0.6 && unit() < 0.55;
        let iris = if light_eyes {
            [v3(0.11, 0.165, 0.23), v3(0.11, 0.145, 0.09), v3(0.15, 0.165, 0.17)][(unit() * 2.999) as usize]
        } else {
            v3(0.085, 0.042, 0.02) * mix(0.5, 1.5, unit() * (1.0 - 0.7 * melanin))
        };
        let shade = unit();
        let tint = v3(unit(), unit(), unit());
        let cloth =
            V3::splat(0.02 + 0.55 * shade * shade).mix(tint * tint * 0.5 + V3::splat(0.02), 0.6 * unit() * unit());
        let other = v3(unit(), unit(), unit());
        let second_cloth = if unit() < 0.4 { V3::splat(0.5) } else { other * other * 0.5 + V3::splat(0.02) };
        let second_cloth = second_cloth.mix(cloth, mix(0.1, 0.6, unit()));
        let collar = match unit() {
            x if x < 0.36 => Collar::Crew,
            x if x < 0.52 => Collar::Vee,
            x if x < 0.76 => Collar::Shirt,
            x if x < 0.90 => Collar::Hood,
            _ => Collar::Roll,
        };
        let weave = match unit() {
            x if x < 0.70 => Weave::Plain,
            x if x < 0.78 => Weave::Stripes,
            x if x < 0.84 => Weave::Pinstripes,
            x if x < 0.93 => Weave::Checks,
            _ => Weave::Yoke,
        };
        let wears_glasses = unit() < 0.16;
        let own_glasses = Glasses {
            colour: [v3(0.02, 0.02, 0.022), v3(0.09, 0.045, 0.02), v3(0.28, 0.27, 0.25)][(unit() * 2.999) as usize],
            rim: mix(0.008, 0.02, unit()),
            half: [mix(0.24, 0.28, unit()), mix(0.16, 0.23, unit())],
            corner: mix(2.0, 5.0, unit()),
        };
        Self {
            weights,
            female,
            age,
            ancestry,
            melanin,
            redness: mix(0.1, 1.0, unit()) * mix(0.55, 1.0, fair),
            blotches: mix(0.3, 1.0, unit()),
            freckles: if unit() < 0.22 { fair * unit() } else { 0.0 },
            shine: mix(0.35, 1.05, unit()),
            tired: (0.25 + 0.5 * unit() + 0.4 * smooth(30.0, 70.0, age)).min(1.0),
            lip_colour,
            hair,
            hair_colour,
            natural_hair,
            grey,
            brow_colour: brow_base.mix(GREY_HAIR * 0.6, 0.5 * grey * grey),
            brow_shape: [unit() * 2.0, mix(0.4, 1.6, unit()), mix(0.75, 1.3, unit())],
            receding,
            parting: if unit() < 0.5 { -1.0 } else { 1.0 },
            brow: if female { mix(0.2, 0.6, unit()) } else { mix(0.45, 1.0, unit()) },
            stubble,
            beard,
            moustache,
            beard_style: match unit() {
                x if x < 0.5 => BeardStyle::Full,
                x if x < 0.8 => BeardStyle::Goatee,
                _ => BeardStyle::Chin,
            },
            lines: smooth(32.0, 72.0, age) * mix(0.6, 1.0, unit()),
            iris,
            cloth,
            second_cloth,
            collar,
            weave,
            neckline: match collar {
                Collar::Crew => [mix(5.80, 6.02, unit()), mix(0.0, 0.2, unit())],
                Collar::Vee => [mix(5.86, 6.0, unit()), mix(0.5, 0.85, unit())],
                Collar::Shirt => [mix(6.0, 6.06, unit()), mix(0.35, 0.65, unit())],
                Collar::Hood => [mix(5.84, 5.98, unit()), mix(0.1, 0.25, unit())],
                Collar::Roll => [mix(6.0, 6.06, unit()), 0.0],
            },
            glasses: wears_glasses.then_some(own_glasses),
            own_glasses,
            noise: (unit() * 16_777_215.0) as u32,
        }
    }
}

impl Identity {
    /// The same person with glasses, without, or (where nothing is said) as they are.
    pub fn wearing(mut self, glasses: Option<bool>) -> Self {
        if let Some(worn) = glasses {
            self.glasses = worn.then_some(self.own_glasses);
        }
        self
    }

    /// The coarse points of this person's face without expression.
    pub fn shape(&self, model: &HeadModel) -> Vec<V3> {
        let mut points = model.points.clone();
        for (name, weight) in &self.weights {
            model.apply(name, *weight, &mut points);
        }
        points
    }

    /// The seed of this person's noise number `n`.
    pub fn salt(&self, n: u32) -> u32 {
        self.noise.wrapping_add(n.wrapping_mul(0x9e37_79b9))
    }
}

/// Mostly one ancestry, sometimes two or three mixed.
fn draw_ancestry(unit: &mut impl FnMut() -> f32) -> [f32; 3] {
    let mut parts = [0.0; 3];
    parts[(unit() * 2.999) as usize] = 1.0;
    let blend = if unit() < 0.55 { 0.12 * unit() } else { 0.5 * unit() };
    let other = (unit() * 2.999) as usize;
    for part in &mut parts {
        *part *= 1.0 - blend;
    }
    parts[other] += blend;
    parts
}

fn natural_hair(unit: &mut impl FnMut() -> f32, ancestry: [f32; 3]) -> V3 {
    let black = v3(0.012, 0.010, 0.009) * mix(0.7, 1.8, unit());
    let fair = ancestry[2] > 0.55 && unit() < 0.8;
    if fair {
        // Dark brown, brown, dark blond, blond, red.
        let kinds = [
            v3(0.035, 0.020, 0.012),
            v3(0.075, 0.042, 0.022),
            v3(0.15, 0.095, 0.05),
            v3(0.30, 0.205, 0.11),
            v3(0.19, 0.065, 0.022),
        ];
        kinds[(unit() * unit() * 4.999) as usize] * mix(0.75, 1.25, unit())
    } else {
        black.mix(v3(0.035, 0.02, 0.012), unit() * 0.6)
    }
}

fn hair_style(unit: &mut impl FnMut() -> f32, female: bool, age: f32, ancestry: [f32; 3]) -> (HairStyle, f32) {
    use HairStyle::{
        Afro, Back, Bald, Bob, Bun, Buzz, Crop, Curls, Fringe, Locs, Long, Ring, ShortCurls, SidePart, Tied, Wavy,
    };
    let african = ancestry[0] > 0.5;
    let styles: &[(HairStyle, f32)] = match (female, african) {
        (true, true) => &[
            (ShortCurls, 1.6),
            (Afro, 2.0),
            (Tied, 1.5),
            (Bun, 1.5),
            (Buzz, 0.6),
            (Locs, 1.6),
            (Curls, 1.2),
            (Long, 0.5),
            (Bob, 0.5),
        ],
        (true, false) => &[
            (Long, 2.0),
            (Wavy, 2.0),
            (Fringe, 0.9),
            (Bob, 1.4),
            (Tied, 1.6),
            (Bun, 1.4),
            (Curls, 1.2),
            (SidePart, 0.9),
            (Back, 0.4),
            (Crop, 0.7),
        ],
        (false, true) => &[(Buzz, 3.0), (ShortCurls, 3.0), (Bald, 1.0), (Afro, 0.6), (Locs, 0.8), (Ring, 0.4)],
        (false, false) => &[
            (Crop, 3.0),
            (SidePart, 3.0),
            (Back, 1.5),
            (Buzz, 1.2),
            (ShortCurls, 0.5),
            (Ring, 0.6),
            (Bald, 0.5),
            (Wavy, 0.25),
        ],
    };
    // Bald crowns come with age.
    let weight = |s: &(HairStyle, f32)| match s.0 {
        Ring | Bald => s.1 * smooth(25.0, 55.0, age) * 2.5,
        // Long hair is cut with age, more often than not.
        Long | Wavy | Fringe | Curls => s.1 * mix(1.0, 0.3, smooth(45.0, 65.0, age)),
        SidePart | Crop | Bob => s.1 * mix(1.0, 1.8, smooth(45.0, 65.0, age)),
        _ => s.1,
    };
    let mut at = unit() * styles.iter().map(weight).sum::<f32>();
    let mut style = styles[0].0;
    for s in styles {
        style = s.0;
        at -= weight(s);
        if at < 0.0 {
            break;
        }
    }
    let receding = if female { 0.3 * unit() } else { (unit() * mix(0.5, 1.3, smooth(25.0, 60.0, age))).min(1.0) };
    (style, receding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::assets;
    use crate::synth::features::{FORBIDDEN, MOST_TARGET};

    #[test]
    fn people_stay_human_and_differ() {
        let model = HeadModel::read(assets::HEAD_MODEL).unwrap();
        let people: Vec<Identity> = (0..60).map(|i| Identity::draw(&model, Streams::new(5), i)).collect();
        for p in &people {
            assert!((p.ancestry.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            assert!((18.0..=76.0).contains(&p.age) && (0.0..=1.0).contains(&p.melanin));
            assert!(p.weights.len() > 60);
            for (name, w) in &p.weights {
                let limit = if name.starts_with("macro/") { 1.0 } else { MOST_TARGET };
                assert!((0.0..=limit).contains(w), "{name} {w}");
                let child = name.contains("baby") || name.contains("child");
                assert!(!child && !FORBIDDEN.iter().any(|f| name.contains(f)), "{name}");
            }
        }
        let women = people.iter().filter(|p| p.female).count();
        assert!((15..=45).contains(&women), "{women} women of 60");
        let mut styles: Vec<HairStyle> = people.iter().map(|p| p.hair).collect();
        styles.dedup();
        assert!(styles.len() > 10);
        assert!(people[0].weights != people[1].weights && people[0].melanin != people[1].melanin);
    }
}
