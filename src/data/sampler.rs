//! Batches: which faces an iteration trains on. A draw is a pure function of the faces, the seed, the purpose and the
//! iteration; nothing is carried over, so pausing, resuming and rewinding change no batch.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use thiserror::Error;

use super::{FaceSet, Label, Split};
use crate::rng::{Stream, Streams, index, shuffle};

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

/// What batches are balanced over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Balance {
    /// Live faces and attacks, whatever domain they come from.
    #[default]
    Label,
    /// Live faces and attacks, each in equal numbers from every domain.
    LabelAndDomain,
}

/// Draws batches from one part of a set.
#[derive(Debug, Clone)]
pub struct Sampler {
    live: Class,
    spoof: Class,
    split: Split,
    set: String,
    streams: Streams,
    purpose: String,
    setting: String,
    consecutive: usize,
}

/// The faces of one class.
#[derive(Debug, Clone)]
struct Class {
    name: &'static str,
    /// One where domains do not matter.
    domains: Vec<Domain>,
}

/// Faces that are drawn from together.
#[derive(Debug, Clone, Default)]
struct Domain {
    /// Empty where domains do not matter.
    name: String,
    faces: Vec<usize>,
    /// Where consecutive frames are drawn together: the clips' faces in order of their frames, and how many pieces each
    /// clip falls into, one entry a piece.
    clips: Vec<Vec<usize>>,
    pieces: Vec<usize>,
}

impl Domain {
    /// Faces that can be drawn at once without repeats, in runs of `consecutive`.
    fn room(&self, consecutive: usize) -> usize {
        if consecutive > 1 { self.pieces.len() * consecutive } else { self.faces.len() }
    }
}

impl Sampler {
    /// Draws from the faces of `set` in `split`. Samplers with different seeds or purposes draw independently.
    pub fn new(set: &FaceSet, split: Split, seed: u64, purpose: &str) -> Self {
        let class = |name, label| {
            let faces = set.indices(split, label);
            Class { name, domains: vec![Domain { faces, ..Domain::default() }] }
        };
        Self {
            live: class("live", Label::Live),
            spoof: class("spoof", Label::Spoof),
            split,
            set: set.name.clone(),
            streams: Streams::new(seed),
            purpose: purpose.to_owned(),
            setting: "the batch size".to_owned(),
            consecutive: 1,
        }
    }

    /// Names the setting (`bilevel.m`, …) that a message about too few faces should point to.
    pub fn with_setting(self, setting: &str) -> Self {
        Self { setting: setting.to_owned(), ..self }
    }

    /// Balances over `balance`, and draws `consecutive` frames of a clip in a row (1: single frames of any clip). Clips
    /// with fewer frames are never drawn then. `set` is the set that the sampler was made for.
    pub fn spread(mut self, set: &FaceSet, balance: Balance, consecutive: usize) -> Self {
        self.consecutive = consecutive.max(1);
        for class in [&mut self.live, &mut self.spoof] {
            let all: Vec<usize> = class.domains.iter().flat_map(|d| d.faces.iter().copied()).collect();
            let mut domains: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for i in all {
                let domain = match balance {
                    Balance::Label => "",
                    Balance::LabelAndDomain => set.faces[i].domain.as_str(),
                };
                domains.entry(domain).or_default().push(i);
            }
            let domain = |(name, faces): (&str, Vec<usize>)| {
                let mut clips: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
                for &i in faces.iter().filter(|_| consecutive > 1) {
                    clips.entry(&set.faces[i].clip).or_default().push(i);
                }
                let clips: Vec<Vec<usize>> = clips.into_values().collect();
                let pieces =
                    clips.iter().enumerate().flat_map(|(c, f)| vec![c; f.len() / consecutive.max(1)]).collect();
                Domain { name: name.to_owned(), faces, clips, pieces }
            };
            class.domains = domains.into_iter().map(domain).collect();
        }
        self
    }

    /// Draws from the faces of `domain` alone; ask for this before [`Self::spread`].
    pub fn within(mut self, set: &FaceSet, domain: &str) -> Self {
        for class in [&mut self.live, &mut self.spoof] {
            for faces in class.domains.iter_mut().map(|d| &mut d.faces) {
                faces.retain(|&i| set.faces[i].domain == domain);
            }
        }
        self.set = format!("{domain} in {}", self.set);
        self
    }

    /// Whether draws of so many faces are possible; ask before a run starts.
    pub fn check(&self, live: usize, spoof: usize) -> Result<(), TooFewFaces> {
        for (class, wanted) in [(&self.live, live), (&self.spoof, spoof)] {
            // Whichever domain comes first in an iteration gives the most.
            let runs = wanted.div_ceil(self.consecutive).div_ceil(class.domains.len().max(1));
            let needed = if class.domains.len() > 1 { runs * self.consecutive } else { wanted };
            let rooms = class.domains.iter().map(|d| (d.room(self.consecutive), d.name.as_str()));
            let (there, domain) = rooms.min().unwrap_or((0, ""));
            if needed > there {
                let of = if domain.is_empty() { String::new() } else { format!("{domain} in ") };
                return Err(TooFewFaces {
                    set: format!("{of}{}", self.set),
                    split: self.split,
                    class: class.name,
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
    /// many live faces are drawn, nor the other way round; drawing more of a class only adds to it at the end. Domains
    /// take turns, so that every beginning of a class is balanced too.
    pub fn draw(&self, iteration: u64, live: usize, spoof: usize) -> Result<Vec<usize>, TooFewFaces> {
        self.check(live, spoof)?;
        let mut batch = self.some_of(&self.live, live, iteration);
        batch.extend(self.some_of(&self.spoof, spoof, iteration));
        Ok(batch)
    }

    /// The same for two batches of `first` and `second` faces of each class, no clip of which stands in both: `first` and then `second` live
    /// faces, then the spoofs. `clip_of` names the clip of a face of the set.
    pub fn draw_apart<'a>(
        &self,
        iteration: u64,
        first: usize,
        second: usize,
        clip_of: impl Fn(usize) -> &'a str,
    ) -> Result<Vec<usize>, TooFewFaces> {
        self.check(first + second, first + second)?;
        let mut batch = vec![];
        for class in [&self.live, &self.spoof] {
            let there = class.domains.iter().map(|d| d.room(self.consecutive)).sum();
            let all = self.some_of(class, there, iteration);
            let (one, rest) = all.split_at(first.min(all.len()));
            let taken: BTreeSet<&str> = one.iter().map(|&i| clip_of(i)).collect();
            let other: Vec<usize> =
                rest.iter().copied().filter(|&i| !taken.contains(clip_of(i))).take(second).collect();
            if other.len() < second {
                return Err(TooFewFaces {
                    set: self.set.clone(),
                    split: self.split,
                    class: class.name,
                    purpose: format!("{} from clips of their own", self.purpose),
                    there: first + other.len(),
                    needed: first + second,
                    setting: self.setting.clone(),
                });
            }
            batch.extend_from_slice(one);
            batch.extend(other);
        }
        Ok(batch)
    }

    fn some_of(&self, class: &Class, count: usize, iteration: u64) -> Vec<usize> {
        let name = format!("sampler/{}/{}", class.name, self.purpose);
        if let [domain] = &class.domains[..] {
            return self.run_of(domain, count, &name, iteration);
        }
        let mut order: Vec<usize> = (0..class.domains.len()).collect();
        shuffle(&mut self.streams.stream(&format!("{name}/order of domains"), iteration), &mut order);
        let runs = count.div_ceil(self.consecutive);
        let share = |k: usize| runs.saturating_sub(k).div_ceil(order.len());
        let of = |(k, &d): (usize, &usize)| {
            let domain = &class.domains[d];
            self.run_of(domain, share(k) * self.consecutive, &format!("{name}/domain {}", domain.name), iteration)
        };
        let drawn: Vec<Vec<usize>> = order.iter().enumerate().map(of).collect();
        let turn = |r: usize| {
            let (domain, run) = (r % drawn.len(), r / drawn.len());
            drawn[domain].iter().skip(run * self.consecutive).take(self.consecutive).copied()
        };
        let mut all: Vec<usize> = (0..runs).flat_map(turn).collect();
        all.truncate(count);
        all
    }

    /// `count` faces of one domain, in runs of consecutive frames.
    fn run_of(&self, domain: &Domain, count: usize, stream: &str, iteration: u64) -> Vec<usize> {
        let mut rng = self.streams.stream(stream, iteration);
        let n = self.consecutive;
        if n == 1 {
            return order(&mut rng, domain.faces.len(), count).into_iter().map(|i| domain.faces[i]).collect();
        }
        // A clip's pieces begin at a random place, the same one for all of them, so that no frame comes twice.
        let mut starts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut places = self.streams.stream(&format!("{stream}/places"), iteration);
        let mut all = Vec::with_capacity(count + n);
        for piece in order(&mut rng, domain.pieces.len(), count.div_ceil(n)) {
            let clip = domain.pieces[piece];
            let frames = &domain.clips[clip];
            let left = starts.entry(clip).or_insert_with(|| {
                let first = index(&mut places, frames.len() % n + 1);
                let mut all: Vec<usize> = (0..frames.len() / n).map(|k| first + k * n).collect();
                shuffle(&mut places, &mut all);
                all
            });
            if let Some(start) = left.pop() {
                all.extend_from_slice(&frames[start..start + n]);
            }
        }
        all.truncate(count);
        all
    }
}

/// The first `count` places of a random order of 0..`n` (Fisher and Yates, stopped early; what was moved is kept aside, so
/// that a draw costs what it gives and not what there is).
fn order(rng: &mut Stream, n: usize, count: usize) -> Vec<usize> {
    let mut moved: HashMap<usize, usize> = HashMap::new();
    let mut at = Vec::with_capacity(count);
    for i in 0..count.min(n) {
        let j = i + index(rng, n - i);
        let here = moved.get(&i).copied().unwrap_or(i);
        at.push(moved.insert(j, here).unwrap_or(j));
    }
    at
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::data::{DepthOrigin, FaceInfo, Origin, Pixels};

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
            rgb: Pixels::owned(vec![0; faces * 3], 3),
            depth: None,
            depth_origin: DepthOrigin::None,
            mask: None,
            fingerprint: String::new(),
            problems: vec![],
        }
    }

    /// What this program has always drawn, so that old runs can be resumed: a whole list, shuffled from its beginning.
    #[test]
    fn halves_that_share_no_clip_do_not() {
        let mut set = set(400);
        for (i, face) in set.faces.iter_mut().enumerate() {
            face.clip = format!("{:?} {}", face.label, i / 16);
        }
        let sampler = Sampler::new(&set, Split::Train, 7, "bi-level training");
        let clip = |i: usize| set.faces[i].clip.as_str();
        for iteration in 0..20 {
            let all = sampler.draw_apart(iteration, 8, 4, clip).unwrap();
            assert_eq!(all.len(), 24);
            for class in all.chunks(12) {
                let (first, second) = class.split_at(8);
                assert!(first.iter().all(|&a| second.iter().all(|&b| clip(a) != clip(b))));
                assert!(class.iter().all(|&i| set.faces[i].label == set.faces[class[0]].label));
            }
            assert_eq!(all, sampler.draw_apart(iteration, 8, 4, clip).unwrap());
        }
        // One clip cannot be on both sides.
        assert!(sampler.draw_apart(0, 8, 4, |_| "one").unwrap_err().to_string().contains("clips of their own"));
    }

    #[test]
    fn draws_are_those_of_a_shuffle_stopped_early() {
        let set = set(400);
        for (label, class) in [(Label::Live, "live"), (Label::Spoof, "spoof")] {
            for iteration in [0, 1, 12_345] {
                let mut rng = Streams::new(7).stream(&format!("sampler/{class}/bi-level training"), iteration);
                let mut all = set.indices(Split::Train, label);
                for i in 0..60 {
                    let j = i + index(&mut rng, all.len() - i);
                    all.swap(i, j);
                }
                let sampler = Sampler::new(&set, Split::Train, 7, "bi-level training");
                let (live, spoof) = if label == Label::Live { (60, 0) } else { (0, 60) };
                assert_eq!(sampler.draw(iteration, live, spoof).unwrap(), all[..60]);
                let spread = sampler.spread(&set, Balance::Label, 1);
                assert_eq!(spread.draw(iteration, live, spoof).unwrap(), all[..60]);
            }
        }
    }

    /// Three domains of different sizes; clips of 7 frames.
    fn domains() -> FaceSet {
        let mut set = set(0);
        for (domain, clips) in [("C", 4), ("I", 12), ("M", 6)] {
            for clip in 0..clips {
                for frame in 0..7 {
                    let mut face = self::set(1).faces.remove(0);
                    face.domain = domain.to_owned();
                    face.label = if clip % 2 == 0 { Label::Live } else { Label::Spoof };
                    face.clip = format!("{domain}/{clip}");
                    face.key = format!("{domain}/{clip}/{frame:04}");
                    set.faces.push(face);
                }
            }
        }
        set
    }

    proptest! {
        #[test]
        fn domains_share_every_beginning_of_a_class_and_frames_run_on(seed: u64, iteration: u64, live in 0_usize..=12, spoof in 0_usize..=12, consecutive in 1_usize..=4, by_domain: bool) {
            let set = domains();
            let balance = if by_domain { Balance::LabelAndDomain } else { Balance::Label };
            let sampler = Sampler::new(&set, Split::Train, seed, "x").spread(&set, balance, consecutive);
            let batch = sampler.draw(iteration, live, spoof);
            // The smallest domain has two clips a class, each with 7 / consecutive pieces.
            let room = if by_domain { 2 * (7 / consecutive) * consecutive } else { 12 };
            let most = live.max(spoof).div_ceil(consecutive).div_ceil(if by_domain { 3 } else { 1 }) * consecutive;
            if most > room {
                prop_assert!(batch.is_err() || !by_domain);
            }
            let Ok(batch) = batch else { return Ok(()) };
            prop_assert_eq!(batch.len(), live + spoof);
            prop_assert_eq!(batch.iter().collect::<BTreeSet<_>>().len(), live + spoof);
            for (part, label) in [(&batch[..live], Label::Live), (&batch[live..], Label::Spoof)] {
                let mut count: BTreeMap<&str, usize> = BTreeMap::new();
                for run in part.chunks(consecutive) {
                    let first = &set.faces[run[0]];
                    *count.entry(&first.domain).or_default() += 1;
                    for (k, &i) in run.iter().enumerate() {
                        prop_assert_eq!(set.faces[i].label, label);
                        prop_assert_eq!((&set.faces[i].clip, i), (&first.clip, run[0] + k));
                    }
                    if by_domain {
                        let all = ["C", "I", "M"].map(|d| count.get(d).copied().unwrap_or(0));
                        prop_assert!(all.iter().max().unwrap() - all.iter().min().unwrap() <= 1, "{:?}", all);
                    }
                }
            }
            let all = sampler.draw(iteration, 12, 12);
            if let Ok(all) = all {
                prop_assert_eq!((&batch[..live], &batch[live..]), (&all[..live], &all[12..12 + spoof]));
            }
        }
    }

    #[test]
    fn a_domain_with_too_few_faces_is_named() {
        let set = domains();
        let sampler = Sampler::new(&set, Split::Train, 0, "training").spread(&set, Balance::LabelAndDomain, 3);
        let message = sampler.draw(0, 3, 48).unwrap_err().to_string();
        assert!(
            message.starts_with("the train part of C in faces has 12 spoof faces, but training draws 18 at once"),
            "{message}"
        );
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
        for i in set.indices(Split::Train, Label::Live) {
            assert!((f64::from(first[i]) - 1000.0).abs() < 155.0, "{i}: {}", first[i]);
            assert!((f64::from(any[i]) - 4000.0).abs() < 285.0, "{i}: {}", any[i]);
        }
        let spoof = set.indices(Split::Train, Label::Spoof);
        assert!(spoof.iter().all(|&i| (f64::from(any[i]) - 4000.0).abs() < 285.0));
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
