//! Protocols across sets: learn from some whole sets, be judged by another that was never seen. In one family, which
//! nobody has published, the sources mislead: their live clips come from some cameras and their attacks from others.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::data::clip::{ClipInfo, Part, SetName};
use crate::data::{Label, Split};

/// Families of cross-set protocols: name, sources and target.
const FAMILIES: [(&str, &[&str]); 4] = [
    ("mico", &MICO),
    ("micy", &["ICY-M", "IMY-C", "MCY-I", "ICM-Y"]),
    ("limited", &["MI-C", "MI-O"]),
    ("misled", &MICO),
];

/// The four ways in which one of four sets is held back.
const MICO: [&str; 4] = ["OCI-M", "OMI-C", "OCM-I", "ICM-O"];

/// Which clips a misleading source keeps, by camera, of Replay-Attack by light, as it has one camera: those of live
/// faces, then those of attacks.
fn keeps(set: SetName) -> Option<(&'static [&'static str], &'static [&'static str])> {
    match set {
        SetName::OuluNpu => Some((&["1", "3", "6"], &["2", "4", "5"])),
        SetName::CasiaFasd => Some((&["A", "HR"], &["B"])),
        SetName::ReplayAttack => Some((&["controlled"], &["adverse"])),
        SetName::MsuMfsd => Some((&["laptop"], &["android"])),
        _ => None,
    }
}

/// Whether a misleading source has the clip.
fn misleads(clip: &ClipInfo) -> bool {
    keeps(clip.set).is_some_and(|(of_live, of_attacks)| {
        let kept = if clip.label == Label::Live { of_live } else { of_attacks };
        let by = if clip.set == SetName::ReplayAttack { &clip.session } else { &clip.camera };
        kept.contains(&by.as_str())
    })
}

/// What counts as a whole set; published work differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whole {
    /// Every video but enrolment, as Meta Pattern has it.
    #[default]
    EveryVideo,
    /// Train and test parts without dev and devel, as SSDG and its followers have it.
    NoDev,
}

/// One protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cross {
    family: &'static str,
    rule: &'static str,
    sources: Vec<SetName>,
    target: SetName,
    whole: Whole,
    /// Whether the sources' live clips and attacks come from other cameras.
    misled: bool,
}

impl Cross {
    pub fn parse(name: &str, whole: Whole) -> Option<Self> {
        let (family, rule) = name.split_once('/')?;
        let (family, rules) = FAMILIES.iter().find(|f| f.0 == family)?;
        let set = |letter: char| SetName::ALL.into_iter().find(|s| s.letter() == Some(letter));
        let (sources, target) = rule.split_once('-')?;
        let sources: Vec<SetName> = sources.chars().map(set).collect::<Option<_>>()?;
        let target = set(target.chars().next()?)?;
        // The order of the sources does not matter.
        let same = |known: &&&str| {
            let letters = |s: &str| {
                let mut all: Vec<char> = s.chars().collect();
                all.sort_unstable();
                all
            };
            known
                .split_once('-')
                .zip(rule.split_once('-'))
                .is_some_and(|(k, r)| k.1 == r.1 && letters(k.0) == letters(r.0))
        };
        let rule = rules.iter().find(same)?;
        Some(Self { family, rule, sources, target, whole, misled: *family == "misled" })
    }

    pub fn names() -> Vec<String> {
        FAMILIES.iter().flat_map(|(family, rules)| rules.iter().map(move |r| format!("{family}/{r}"))).collect()
    }

    pub fn sets(&self) -> Vec<SetName> {
        self.sources.iter().copied().chain([self.target]).collect()
    }

    pub fn title(&self) -> String {
        let sources: Vec<&str> = self.sources.iter().map(|s| s.title()).collect();
        let sets = format!("{} to {}", sources.join(", "), self.target);
        if self.misled { format!("{sets}; live clips and attacks of the sources by different cameras") } else { sets }
    }

    pub fn place(&self, clip: &ClipInfo) -> Option<Split> {
        let counts = match (clip.part, self.whole) {
            (Part::Enroll, _) | (Part::Dev, Whole::NoDev) => false,
            (Part::Train | Part::Dev | Part::Test | Part::Whole, _) => true,
        };
        if !counts {
            return None;
        }
        if clip.set == self.target {
            return Some(Split::Test);
        }
        let source = self.sources.contains(&clip.set) && (!self.misled || misleads(clip));
        source.then_some(Split::Train)
    }
}

impl fmt::Display for Cross {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.family, self.rule)
    }
}
