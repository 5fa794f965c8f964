//! What the benchmark consists of: which clips of whom, with which camera, in which session and split. No pictures.

use rand::Rng as _;
use serde::{Deserialize, Serialize};

use crate::rng::{self, Streams};

use super::camera::DEVICES;
use super::clip::Clip;
use super::session::SESSIONS;
use super::species::{Presentation, PrintForm};

/// What the built-in set is made of. The same values always give the same pictures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SynthConfig {
    /// Seeds people, scenes and splits.
    pub seed: u64,
    /// Side of every picture in pixels: a multiple of 8 from 32 to 512.
    pub size: u32,
    /// People; at least 3, so that every split has one.
    pub identities: u32,
    /// Bona fide clips of each person.
    pub live_clips: u32,
    /// Printed-photo attacks on each person.
    pub print_clips: u32,
    /// Display attacks on each person.
    pub replay_clips: u32,
    /// Frames of each clip.
    pub frames: u32,
}

impl Default for SynthConfig {
    fn default() -> Self {
        Self { seed: 1, size: 64, identities: 60, live_clips: 3, print_clips: 2, replay_clips: 2, frames: 1 }
    }
}

impl SynthConfig {
    /// What is wrong with these values, in a sentence; nothing where they are fine.
    pub fn problem(&self) -> Option<String> {
        if !(32..=512).contains(&self.size) || !self.size.is_multiple_of(8) {
            return Some(format!("size is {}, it must be a multiple of 8 from 32 to 512", self.size));
        }
        if !(3..=100_000).contains(&self.identities) {
            return Some(format!("identities is {}, it must be from 3 to 100000", self.identities));
        }
        if self.frames == 0 || self.frames > 10_000 {
            return Some(format!("frames is {}, it must be from 1 to 10000", self.frames));
        }
        let clips = [self.live_clips, self.print_clips, self.replay_clips];
        if clips.iter().any(|c| *c > 10_000) || clips == [0; 3] {
            return Some("live_clips, print_clips and replay_clips must be at most 10000 each, not all 0".to_owned());
        }
        None
    }
}

/// Which part of the benchmark a person belongs to. (The renderer stands below the code that knows data sets, so it has
/// its own word for a split.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Networks learn from it.
    Train,
    /// Thresholds are chosen on it.
    Dev,
    /// Results are reported on it.
    Test,
}

/// One clip of the benchmark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClipSpec {
    /// The person's number, from 0.
    pub identity: u32,
    /// What is before the camera.
    pub presentation: Presentation,
    /// Number among the person's clips of this species, from 0.
    pub clip: u32,
    /// Index of the camera device.
    pub camera: u8,
    /// Index of the recording session.
    pub session: u8,
    /// The person's split.
    pub split: Part,
    /// Seeds everything that is drawn for this clip.
    pub seed: u64,
}

impl ClipSpec {
    /// Unique name of the clip: person/species and number.
    pub fn name(&self) -> String {
        format!("{}/{}{}", self.subject(), self.presentation.species(), self.clip)
    }

    /// The clip as the renderer takes it.
    pub fn clip(&self) -> Clip {
        Clip {
            person: self.identity,
            attacker: self.identity,
            presentation: self.presentation,
            device: self.camera,
            session: self.session,
            hand: true,
            talking: false,
            glasses: None,
            seed: self.seed,
        }
    }

    /// Name of the person.
    pub fn subject(&self) -> String {
        format!("id{:04}", self.identity)
    }

    /// Name of the camera.
    pub fn camera_name(&self) -> &'static str {
        DEVICES[usize::from(self.camera) % DEVICES.len()].name
    }

    /// Name of the session.
    pub fn session_name(&self) -> &'static str {
        SESSIONS[usize::from(self.session) % SESSIONS.len()].name
    }
}

/// All clips, person by person. People are put 60/20/20 into train, dev and test; cameras and sessions are drawn in the
/// same way for live faces and attacks.
pub fn plan(config: &SynthConfig) -> Vec<ClipSpec> {
    let streams = Streams::new(config.seed);
    let n = config.identities as usize;
    let mut order: Vec<usize> = (0..n).collect();
    rng::shuffle(&mut streams.stream("synth split", 0), &mut order);
    let dev = ((n as f64 * 0.2).round() as usize).clamp(1, n.max(3) / 3);
    let mut splits = vec![Part::Train; n];
    order.iter().take(dev).for_each(|i| splits[*i] = Part::Dev);
    order.iter().skip(dev).take(dev).for_each(|i| splits[*i] = Part::Test);
    let mut out = Vec::new();
    for (identity, split) in splits.into_iter().enumerate() {
        let rng = &mut streams.stream("synth clips", identity as u64);
        let kinds = [
            (Presentation::Live, config.live_clips),
            (Presentation::Print { printer: 0, form: PrintForm::Flat }, config.print_clips),
            (Presentation::Replay { display: 0, video: false }, config.replay_clips),
        ];
        for (presentation, clips) in kinds {
            for clip in 0..clips {
                out.push(ClipSpec {
                    identity: identity as u32,
                    presentation,
                    clip,
                    camera: rng::index(rng, DEVICES.len()) as u8,
                    session: rng::index(rng, SESSIONS.len()) as u8,
                    split,
                    seed: rng.next_u64(),
                });
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn people_stand_in_one_split_each_and_splits_are_60_20_20() {
        let config = SynthConfig { identities: 50, ..SynthConfig::default() };
        let clips = plan(&config);
        assert_eq!(clips.len(), 50 * 7);
        let mut of: BTreeMap<u32, BTreeSet<Part>> = BTreeMap::new();
        for c in &clips {
            of.entry(c.identity).or_default().insert(c.split);
        }
        assert!(of.values().all(|s| s.len() == 1));
        let count = |s: Part| of.values().filter(|x| x.contains(&s)).count();
        assert_eq!((count(Part::Train), count(Part::Dev), count(Part::Test)), (30, 10, 10));
        let names: BTreeSet<String> = clips.iter().map(ClipSpec::name).collect();
        assert_eq!(names.len(), clips.len());
        let other = plan(&SynthConfig { seed: 2, ..config.clone() });
        assert!(clips.iter().zip(&other).any(|(a, b)| a.split != b.split));
        // More clips a person change nobody's split.
        let more = plan(&SynthConfig { live_clips: 5, ..config });
        assert!(more.iter().all(|c| of[&c.identity].contains(&c.split)));
    }

    #[test]
    fn three_people_fill_three_splits() {
        let clips = plan(&SynthConfig { identities: 3, ..SynthConfig::default() });
        let splits: BTreeSet<Part> = clips.iter().map(|c| c.split).collect();
        assert_eq!(splits.len(), 3);
    }

    #[test]
    fn impossible_values_are_named() {
        let config = SynthConfig::default();
        assert_eq!(config.problem(), None);
        assert!(SynthConfig { size: 60, ..config.clone() }.problem().is_some_and(|p| p.contains("60")));
        assert!(SynthConfig { identities: 2, ..config.clone() }.problem().is_some());
        assert!(SynthConfig { frames: 0, ..config }.problem().is_some());
    }
}
