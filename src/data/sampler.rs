//! Batches: which faces an iteration trains on. A draw is a pure function of the faces, the seed, the purpose and the
//! iteration; nothing is carried over, so pausing, resuming and rewinding change no batch.

use thiserror::Error;

use super::{FaceSet, Label, Split};
use crate::rng::{Streams, index};

/// A draw asks for more faces of a class than there are.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "the {split} part of {set} has {there} {class} faces, but {purpose} draws {needed} at once without repeats; lower \
     {setting} or add faces"
)]
pub struct TooFewFaces {
    /// Name of the set.
    pub set: String,
    /// Which part of it.
    pub split: Split,
    /// "live" or "spoof".
    pub class: &'static str,
    /// What the draw is for.
    pub purpose: String,
    /// Faces there are.
    pub there: usize,
    /// Faces the draw needs.
    pub needed: usize,
    /// The setting that asks for them.
    pub setting: String,
}

/// Draws batches from one part of a set.
#[derive(Debug, Clone)]
pub struct Sampler {
    live: Vec<usize>,
    spoof: Vec<usize>,
    split: Split,
    set: String,
    streams: Streams,
    purpose: String,
    setting: String,
}

impl Sampler {
    /// Draws from the faces of `set` in `split`. Samplers with different seeds or purposes draw independently.
    pub fn new(set: &FaceSet, split: Split, seed: u64, purpose: &str) -> Self {
        Self {
            live: set.indices(split, Label::Live),
            spoof: set.indices(split, Label::Spoof),
            split,
            set: set.name.clone(),
            streams: Streams::new(seed),
            purpose: purpose.to_owned(),
            setting: "the batch size".to_owned(),
        }
    }

    /// Names the setting (`bilevel.m`, …) that a message about too few faces should point to.
    pub fn with_setting(self, setting: &str) -> Self {
        Self { setting: setting.to_owned(), ..self }
    }

    /// Whether draws of so many faces are possible; ask before a run starts.
    pub fn check(&self, live: usize, spoof: usize) -> Result<(), TooFewFaces> {
        for (class, there, needed) in [("live", self.live.len(), live), ("spoof", self.spoof.len(), spoof)] {
            if needed > there {
                return Err(TooFewFaces {
                    set: self.set.clone(),
                    split: self.split,
                    class,
                    purpose: self.purpose.clone(),
                    there,
                    needed,
                    setting: self.setting.clone(),
                });
            }
        }
        Ok(())
    }

    /// Indices into the set of `live` live faces, then `spoof` spoofs, no face twice. The spoofs do not depend on how
    /// many live faces are drawn, nor the other way round; drawing more of a class only adds to it at the end.
    pub fn draw(&self, iteration: u64, live: usize, spoof: usize) -> Result<Vec<usize>, TooFewFaces> {
        self.check(live, spoof)?;
        let mut batch = self.some_of(&self.live, live, "live", iteration);
        batch.extend(self.some_of(&self.spoof, spoof, "spoof", iteration));
        Ok(batch)
    }

    /// The first `count` items of a random order of `faces` (Fisher and Yates, stopped early).
    fn some_of(&self, faces: &[usize], count: usize, class: &str, iteration: u64) -> Vec<usize> {
        let mut rng = self.streams.stream(&format!("sampler/{class}/{}", self.purpose), iteration);
        let mut order = faces.to_vec();
        for i in 0..count {
            let j = i + index(&mut rng, order.len() - i);
            order.swap(i, j);
        }
        order.truncate(count);
        order
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::data::{FaceInfo, Origin};

    /// Faces in turn: live train, spoof train, live dev, spoof dev.
    fn set(faces: usize) -> FaceSet {
        let face = |i: usize| FaceInfo {
            key: i.to_string(),
            clip: i.to_string(),
            domain: String::new(),
            label: if i.is_multiple_of(2) { Label::Live } else { Label::Spoof },
            species: String::new(),
            subject: String::new(),
            camera: String::new(),
            session: String::new(),
            split: if i % 4 < 2 { Split::Train } else { Split::Dev },
        };
        FaceSet {
            name: "faces".to_owned(),
            origin: Origin::Real,
            size: 1,
            faces: (0..faces).map(face).collect(),
            rgb: vec![0; faces * 3],
            depth: None,
            mask: None,
            fingerprint: String::new(),
            problems: vec![],
        }
    }

    proptest! {
        #[test]
        fn a_draw_has_the_right_faces_and_none_twice(seed: u64, iteration: u64, live in 0..=10_usize, spoof in 0..=10_usize) {
            let set = set(40);
            let sampler = Sampler::new(&set, Split::Dev, seed, "training half");
            let batch = sampler.draw(iteration, live, spoof).unwrap();
            prop_assert_eq!(batch.len(), live + spoof);
            prop_assert_eq!(batch.iter().collect::<BTreeSet<_>>().len(), live + spoof);
            for (place, &i) in batch.iter().enumerate() {
                prop_assert_eq!(set.faces[i].split, Split::Dev);
                prop_assert_eq!(set.faces[i].label, if place < live { Label::Live } else { Label::Spoof });
            }
            let all = sampler.draw(iteration, 10, 10).unwrap();
            prop_assert_eq!((&batch[..live], &batch[live..]), (&all[..live], &all[10..10 + spoof]));
        }
    }

    #[test]
    fn a_draw_depends_on_seed_purpose_and_iteration_alone() {
        let set = set(400);
        let draw = |seed, purpose: &str, iteration| {
            Sampler::new(&set, Split::Train, seed, purpose).draw(iteration, 8, 8).unwrap()
        };
        let sampler = Sampler::new(&set, Split::Train, 1, "a");
        let late = sampler.draw(1000, 8, 8).unwrap();
        sampler.draw(3, 8, 8).unwrap();
        assert_eq!(sampler.draw(1000, 8, 8).unwrap(), late);
        assert_eq!(draw(1, "a", 1000), late);
        let all = [late, draw(2, "a", 1000), draw(1, "b", 1000), draw(1, "a", 1001)];
        for (i, batch) in all.iter().enumerate() {
            assert!(!all[i + 1..].contains(batch));
        }
    }

    #[test]
    fn every_face_is_drawn_equally_often() {
        let set = set(80);
        let sampler = Sampler::new(&set, Split::Train, 5, "uniform");
        let mut first = vec![0_u32; 80];
        let mut any = vec![0_u32; 80];
        let draws = 20_000;
        for iteration in 0..draws {
            let batch = sampler.draw(iteration, 4, 4).unwrap();
            first[batch[0]] += 1;
            for i in batch {
                any[i] += 1;
            }
        }
        // 20 faces a class: expected 1,000 times first and 4,000 times at all; five standard deviations.
        for i in sampler.live {
            assert!((f64::from(first[i]) - 1000.0).abs() < 155.0, "{i}: {}", first[i]);
            assert!((f64::from(any[i]) - 4000.0).abs() < 285.0, "{i}: {}", any[i]);
        }
        assert!(sampler.spoof.iter().all(|&i| (f64::from(any[i]) - 4000.0).abs() < 285.0));
    }

    #[test]
    fn too_few_faces_are_told_with_the_setting_to_lower() {
        let sampler = Sampler::new(&set(40), Split::Train, 0, "the training half").with_setting("bilevel.m");
        assert_eq!(sampler.draw(0, 10, 10).unwrap().len(), 20);
        let message = sampler.draw(0, 11, 1).unwrap_err().to_string();
        let expected = "the train part of faces has 10 live faces, but the training half draws 11 at once without \
                        repeats; lower bilevel.m or add faces";
        assert_eq!(message, expected);
        assert_eq!(sampler.check(0, 12).unwrap_err().class, "spoof");
        assert!(Sampler::new(&set(40), Split::Test, 0, "x").draw(0, 0, 0).unwrap().is_empty());
    }
}
