//! A clip of a data set before any frame of it is read: what its name, folder and lists say of it, in the same words for
//! every set. Protocols are rules over these words. Reading names and pictures happens elsewhere.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Label;

/// A data set that protocols speak of. The built-in benchmark has a miniature of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetName {
    /// OULU-NPU.
    OuluNpu,
    /// CASIA-FASD.
    CasiaFasd,
    /// Idiap Replay-Attack.
    ReplayAttack,
    /// MSU-MFSD.
    MsuMfsd,
    /// ROSE-YOUTU.
    RoseYoutu,
    /// SiW-M, first version.
    SiwM,
    /// SiW-M, second version: other clips, so its results cannot be compared with the first one's.
    SiwMv2,
}

impl SetName {
    /// All sets.
    pub const ALL: [Self; 7] =
        [Self::OuluNpu, Self::CasiaFasd, Self::ReplayAttack, Self::MsuMfsd, Self::RoseYoutu, Self::SiwM, Self::SiwMv2];

    /// The sets that the built-in benchmark has miniatures of.
    pub const BUILT_IN: [Self; 6] =
        [Self::OuluNpu, Self::CasiaFasd, Self::ReplayAttack, Self::MsuMfsd, Self::RoseYoutu, Self::SiwM];

    /// The name in protocols and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::OuluNpu => "oulu_npu",
            Self::CasiaFasd => "casia_fasd",
            Self::ReplayAttack => "replay_attack",
            Self::MsuMfsd => "msu_mfsd",
            Self::RoseYoutu => "rose_youtu",
            Self::SiwM => "siw_m",
            Self::SiwMv2 => "siw_mv2",
        }
    }

    /// The set called `name` in protocols and on the command line.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// The name in the literature.
    pub fn title(self) -> &'static str {
        match self {
            Self::OuluNpu => "OULU-NPU",
            Self::CasiaFasd => "CASIA-FASD",
            Self::ReplayAttack => "Replay-Attack",
            Self::MsuMfsd => "MSU-MFSD",
            Self::RoseYoutu => "ROSE-YOUTU",
            Self::SiwM => "SiW-M",
            Self::SiwMv2 => "SiW-Mv2",
        }
    }

    /// The letter in cross-set protocols; SiW-M stands in none.
    pub fn letter(self) -> Option<char> {
        match self {
            Self::OuluNpu => Some('O'),
            Self::CasiaFasd => Some('C'),
            Self::ReplayAttack => Some('I'),
            Self::MsuMfsd => Some('M'),
            Self::RoseYoutu => Some('Y'),
            Self::SiwM | Self::SiwMv2 => None,
        }
    }

    /// The built-in miniature's name, which is also its folder; empty where there is none.
    pub fn synthetic(self) -> &'static str {
        match self {
            Self::OuluNpu => "SynthO",
            Self::CasiaFasd => "SynthC",
            Self::ReplayAttack => "SynthI",
            Self::MsuMfsd => "SynthM",
            Self::RoseYoutu => "SynthY",
            Self::SiwM => "SynthW",
            Self::SiwMv2 => "",
        }
    }
}

impl fmt::Display for SetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// The part of its own set that a clip lies in, by the set's folders and lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// For learning.
    Train,
    /// For thresholds ("dev", "devel").
    Dev,
    /// For results.
    Test,
    /// For enrolment, never scored.
    Enroll,
    /// The set is not divided.
    Whole,
}

/// One clip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClipInfo {
    /// Its set.
    pub set: SetName,
    /// Path relative to the set's root, with `/`: the only unique name.
    pub path: String,
    /// Bona fide or attack.
    pub label: Label,
    /// Attack species in the set's own words; `live` for bona fide.
    pub species: String,
    /// What the attack was made with, where the name says so (`printer 1`, `mobile`, `photo`); several words at times.
    pub instrument: String,
    /// The person, unique over all sets; empty where names do not say.
    pub subject: String,
    /// The camera, as the name has it.
    pub camera: String,
    /// The session, light or place, as the name has it.
    pub session: String,
    /// Its part of the set.
    pub part: Part,
    /// The set's list files that name it, without ending, once for every line; for sets whose protocols are lists and
    /// nothing else (SiW-Mv2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<String>,
}
