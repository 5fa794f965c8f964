//! What may happen to a picture, and drawing what does. Lengths are parts of the picture's side, so that one plan serves
//! a picture and its maps, whatever their sizes.

use crate::rng::{Stream, Streams, between, index, uniform};

/// What may happen to a picture. Of one picture everything is drawn anew, in the order of the fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// How much of the picture is seen, as parts of its side about its middle, one chosen at random: 0.9 looks nearer;
    /// above 1 the border goes on outside. Empty or [1]: the whole picture.
    pub crops: Vec<f64>,
    /// Up to how much is added to each colour channel, each by itself, of 255; negative amounts too.
    pub add: u8,
    /// Range of the exponent that brightness is raised to.
    pub gamma: [f64; 2],
    /// Probability that one or two patches are blackened: 1 to 5 % of the area each, height to width 1:2 to 2:1.
    pub erase: f64,
    /// Probability of a mirror image.
    pub flip: f64,
    /// Largest side of a square that is blackened, as a part of the picture's side; 0: none.
    pub cutout: f64,
}

impl Recipe {
    /// Nothing happens.
    pub fn none() -> Self {
        Self { crops: vec![], add: 0, gamma: [1.0, 1.0], erase: 0.0, flip: 0.0, cutout: 0.0 }
    }

    /// Meta Pattern's, and SSDG's: every other picture is mirrored (`methods.md` 2.4).
    pub fn flips() -> Self {
        Self { flip: 0.5, ..Self::none() }
    }

    /// CDCN's (`methods.md` 2.2): faces widened by 1.2, 1.3 or 1.4, of pictures that were cut at 1.3; -40 to 40 added to
    /// each channel; gamma 0.5 to 1.5; erasing and mirroring every other time; a square of up to 49 pixels of 256.
    pub fn cdcn() -> Self {
        Self {
            crops: vec![1.2 / 1.3, 1.0, 1.4 / 1.3],
            add: 40,
            gamma: [0.5, 1.5],
            erase: 0.5,
            flip: 0.5,
            cutout: 49.0 / 256.0,
        }
    }

    /// Whether pictures stay as they are.
    pub fn is_none(&self) -> bool {
        let whole = self.crops.iter().all(|c| *c == 1.0);
        whole && Self { crops: vec![], ..self.clone() } == Self::none()
    }

    /// What happens to the picture at `place` of batch `iteration`: a pure function of seed, purpose and both numbers.
    pub fn plan(&self, streams: &Streams, purpose: &str, iteration: u64, place: usize) -> Plan {
        self.draw(&mut streams.stream(&format!("augment/{purpose}/{iteration}"), place as u64))
    }

    /// Draws a plan. What is switched off is drawn all the same, so that the rest stays what it was.
    pub fn draw(&self, rng: &mut Stream) -> Plan {
        let choice = index(rng, self.crops.len().max(1));
        let range = 2 * usize::from(self.add) + 1;
        let add = [(); 3].map(|()| index(rng, range) as i16 - i16::from(self.add));
        let gamma = between(rng, self.gamma[0], self.gamma[1]);
        let erased = uniform(rng) < self.erase;
        let count = 1 + index(rng, 2);
        let patches = [(); 2].map(|()| {
            let area = between(rng, 0.01, 0.05);
            // As likely narrow as wide by the same measure as CDCN's code: the ratio itself is uniform.
            let ratio = between(rng, 0.5, 2.0);
            let (height, width) = ((area * ratio).sqrt(), (area / ratio).sqrt());
            Patch { left: between(rng, 0.0, 1.0 - width), top: between(rng, 0.0, 1.0 - height), width, height }
        });
        let flip = uniform(rng) < self.flip;
        // A side of 1 pixel of 256 up to the largest, about a point anywhere: what is outside falls away.
        let side = between(rng, (1.0_f64 / 256.0).min(self.cutout), self.cutout);
        let (x, y) = (uniform(rng), uniform(rng));
        let cutout = Patch { left: x - side / 2.0, top: y - side / 2.0, width: side, height: side };
        Plan {
            crop: self.crops.get(choice).copied().unwrap_or(1.0),
            add,
            gamma,
            erased: patches.into_iter().take(if erased { count } else { 0 }).collect(),
            flip,
            cutout: (self.cutout > 0.0).then_some(cutout),
        }
    }
}

/// A rectangle of a picture, in parts of its side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patch {
    /// From the left border.
    pub left: f64,
    /// From the top.
    pub top: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// What happens to one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// How much of it is seen, as a part of its side.
    pub crop: f64,
    /// What is added to red, green and blue, of 255.
    pub add: [i16; 3],
    /// The exponent of its brightness, after that.
    pub gamma: f64,
    /// What is blackened before it is mirrored.
    pub erased: Vec<Patch>,
    /// Whether it is mirrored.
    pub flip: bool,
    /// What is blackened at last.
    pub cutout: Option<Patch>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plans(recipe: &Recipe, count: usize) -> Vec<Plan> {
        (0..count).map(|i| recipe.plan(&Streams::new(3), "detector", i as u64 / 8, i % 8)).collect()
    }

    #[test]
    fn cdcns_plans_have_the_papers_ranges() {
        let all = plans(&Recipe::cdcn(), 4000);
        let share = |of: &dyn Fn(&Plan) -> bool| all.iter().filter(|p| of(p)).count() as f64 / all.len() as f64;
        // Five standard deviations of a half and of a third.
        assert!((share(&|p| p.flip) - 0.5).abs() < 0.04 && (share(&|p| !p.erased.is_empty()) - 0.5).abs() < 0.04);
        for crop in [1.2 / 1.3, 1.0, 1.4 / 1.3] {
            assert!((share(&|p| p.crop == crop) - 1.0 / 3.0).abs() < 0.038);
        }
        assert!((share(&|p| p.erased.len() == 2) - 0.25).abs() < 0.035);
        for plan in &all {
            assert!(plan.add.iter().all(|a| a.abs() <= 40) && (0.5..1.5).contains(&plan.gamma));
            for p in &plan.erased {
                let (area, ratio) = (p.width * p.height, p.height / p.width);
                assert!((0.00999..0.05001).contains(&area) && (0.4999..2.0001).contains(&ratio), "{p:?}");
                assert!(p.left >= 0.0 && p.top >= 0.0 && p.left + p.width <= 1.0 && p.top + p.height <= 1.0, "{p:?}");
            }
            let square = plan.cutout.unwrap();
            assert!(square.width == square.height && (1.0 / 256.0..49.0 / 256.0).contains(&square.width));
        }
        // Channels by themselves, and both ends reached.
        assert!(all.iter().any(|p| p.add[0] == -40) && all.iter().any(|p| p.add[2] == 40));
        assert!(all.iter().any(|p| p.add[0] != p.add[1]));
    }

    #[test]
    fn a_plan_depends_on_seed_purpose_iteration_and_place_and_switches_do_not_move_the_rest() {
        let of =
            |seed, purpose: &str, iteration, place| Recipe::cdcn().plan(&Streams::new(seed), purpose, iteration, place);
        let one = of(1, "a", 5, 2);
        assert_eq!(of(1, "a", 5, 2), one);
        for other in [of(2, "a", 5, 2), of(1, "b", 5, 2), of(1, "a", 6, 2), of(1, "a", 5, 3)] {
            assert_ne!(other, one);
        }
        let part = Recipe { add: 0, erase: 0.0, ..Recipe::cdcn() };
        let (all, some) = (plans(&Recipe::cdcn(), 50), plans(&part, 50));
        for (a, b) in all.iter().zip(&some) {
            assert_eq!((a.crop, a.gamma, a.flip, a.cutout), (b.crop, b.gamma, b.flip, b.cutout));
            assert!(b.erased.is_empty() && b.add == [0; 3]);
        }
        assert!(Recipe::none().is_none() && Recipe { crops: vec![1.0], ..Recipe::none() }.is_none());
        assert!(!Recipe::flips().is_none() && !Recipe { crops: vec![0.9], ..Recipe::none() }.is_none());
        assert!(plans(&Recipe::flips(), 100).iter().all(|p| p.cutout.is_none() && p.gamma == 1.0 && p.crop == 1.0));
    }
}
