//! The phases of an iteration as the step view shows them: a name, its line of the algorithm, its equation and a
//! sentence. What they compute stands in `machine`; the texts of a method stand beside it, in `assets/papers/`.

use serde::Deserialize;

use crate::config::{DetectorConfig, Lengths, MapLoss, Network, Supervision};

/// What a phase is, for people.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseInfo {
    /// Name in code and files, as `hypergradient`; inner steps end in their number.
    pub id: String,
    /// Line or lines of the algorithm, as "6-7"; empty outside of one.
    pub line: String,
    /// A few words.
    pub title: String,
    /// The equation, in Unicode mathematics.
    pub equation: String,
    /// A sentence or two: what happens and why.
    pub help: String,
    /// Paper and section.
    pub source: String,
}

/// The stages of a run. None has them all: a meta-teacher's run has no rival, and one that learns from labels no teacher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Teacher and surrogate regress the label.
    Pretrain,
    /// Algorithm 1.
    Bilevel,
    /// A rival teacher regresses the binary map.
    Rival,
    /// Statistics of the deployed teacher.
    Calibrate,
    /// The deployed detector learns.
    Detector,
    /// Scores and their summary.
    Evaluate,
}

impl Stage {
    /// All stages, in order.
    pub const ALL: [Self; 6] =
        [Self::Pretrain, Self::Bilevel, Self::Rival, Self::Calibrate, Self::Detector, Self::Evaluate];
    /// Those whose iterations are counted, in order.
    pub const COUNTED: [Self; 4] = [Self::Pretrain, Self::Bilevel, Self::Rival, Self::Detector];

    /// How many counted iterations it has.
    pub fn length(self, lengths: Lengths) -> u64 {
        match self {
            Self::Pretrain => lengths.pretrain,
            Self::Bilevel => lengths.bilevel,
            Self::Rival => lengths.rival,
            Self::Detector => lengths.detector,
            Self::Calibrate | Self::Evaluate => 0,
        }
    }

    /// Counted iterations before its first one.
    pub fn first(self, lengths: Lengths) -> u64 {
        Self::COUNTED.iter().take_while(|s| **s < self).map(|s| s.length(lengths)).sum()
    }

    /// Name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pretrain => "pretrain",
            Self::Bilevel => "bilevel",
            Self::Rival => "rival",
            Self::Calibrate => "calibrate",
            Self::Detector => "detector",
            Self::Evaluate => "evaluate",
        }
    }

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Pretrain => "Pretraining",
            Self::Bilevel => "Bi-level training (Algorithm 1)",
            Self::Rival => "Rival teacher",
            Self::Calibrate => "Calibration",
            Self::Detector => "Detector training",
            Self::Evaluate => "Evaluation",
        }
    }

    /// The stage called `name`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

#[derive(Deserialize)]
struct Texts {
    pretrain: Vec<PhaseInfo>,
    bilevel: Vec<PhaseInfo>,
    rival: Vec<PhaseInfo>,
    calibrate: Vec<PhaseInfo>,
    detector: Vec<PhaseInfo>,
    evaluate: Vec<PhaseInfo>,
    /// What the detector's second phase is under each supervision.
    supervise: Vec<Supervised>,
    /// Phases of detectors that go about them in their own way.
    own: Vec<Own>,
}

#[derive(Deserialize)]
struct Supervised {
    supervision: Supervision,
    phase: PhaseInfo,
}

#[derive(Deserialize)]
struct Own {
    network: Network,
    /// Only with this loss; entries for all losses stand behind.
    #[serde(default)]
    map_loss: Option<MapLoss>,
    phase: PhaseInfo,
}

/// The phases of one iteration of `stage`, with `k` inner steps, in a run with `detector`.
pub fn phases(stage: Stage, k: usize, detector: &DetectorConfig) -> Vec<PhaseInfo> {
    #[expect(clippy::expect_used, reason = "an embedded file that a test reads")]
    let texts: Texts = toml::from_str(include_str!("../../assets/papers/mt_fas_phases.toml")).expect("embedded phases");
    let list = match stage {
        Stage::Pretrain => texts.pretrain,
        Stage::Bilevel => texts.bilevel,
        Stage::Rival => texts.rival,
        Stage::Calibrate => texts.calibrate,
        Stage::Detector => texts.detector,
        Stage::Evaluate => texts.evaluate,
    };
    let supervised = texts.supervise.into_iter().filter(|s| s.supervision == detector.supervision).map(|s| s.phase);
    let is_its = |o: &Own| o.network == detector.network && o.map_loss.is_none_or(|l| l == detector.map_loss);
    let own = texts.own.into_iter().filter(is_its).map(|o| o.phase);
    let told: Vec<PhaseInfo> = own.chain(supervised).filter(|_| stage >= Stage::Detector).collect();
    list.into_iter()
        .map(|info| told.iter().find(|t| t.id == info.id).cloned().unwrap_or(info))
        .flat_map(|info| if info.id == "step_detector" { inner_steps(&info, k) } else { vec![info] })
        .collect()
}

/// One entry an inner step, with its number in the equation's place holders {k} and {k+1}.
fn inner_steps(info: &PhaseInfo, k: usize) -> Vec<PhaseInfo> {
    let numbered = |text: &str, i: usize| text.replace("{k+1}", &subscript(i + 1)).replace("{k}", &subscript(i));
    (0..k)
        .map(|i| PhaseInfo {
            id: format!("{}_{i}", info.id),
            title: format!("{} {} of {k}", info.title, i + 1),
            equation: numbered(&info.equation, i),
            ..info.clone()
        })
        .collect()
}

fn subscript(n: usize) -> String {
    n.to_string().chars().filter_map(|c| char::from_u32('₀' as u32 + c.to_digit(10)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithm_1_has_its_phases_in_order() {
        let mt = DetectorConfig::default();
        let ids: Vec<String> = phases(Stage::Bilevel, 2, &mt).into_iter().map(|p| p.id).collect();
        assert_eq!(
            ids,
            [
                "sample",
                "teach",
                "step_detector_0",
                "step_detector_1",
                "validate",
                "hypergradient",
                "update_teacher",
                "momentum",
                "adapt"
            ]
        );
        let steps = phases(Stage::Bilevel, 3, &mt);
        assert!(steps[3].equation.contains('₂') && !steps[3].equation.contains('{'), "{}", steps[3].equation);
        for stage in Stage::ALL {
            assert!(!phases(stage, 1, &mt).is_empty());
        }
    }

    #[test]
    fn every_supervision_says_where_its_labels_come_from() {
        let of = |supervision| DetectorConfig { supervision, ..DetectorConfig::default() };
        let texts: Vec<PhaseInfo> =
            Supervision::ALL.iter().map(|&s| phases(Stage::Detector, 1, &of(s)).swap_remove(1)).collect();
        for (i, text) in texts.iter().enumerate() {
            assert!(text.id == "supervise" && !text.help.is_empty() && !text.source.is_empty());
            assert!(!texts[i + 1..].contains(text), "{} twice", text.title);
        }
    }

    #[test]
    fn a_support_vector_machine_is_told_of_as_one() {
        let (network, supervision) = (Network::ColorTexture, Supervision::BinaryLabel);
        let svm = DetectorConfig { network, supervision, ..DetectorConfig::default() };
        let other = DetectorConfig { supervision, ..DetectorConfig::default() };
        for (stage, same) in [(Stage::Detector, [true, false, false]), (Stage::Evaluate, [false, false, true])] {
            let pairs = phases(stage, 1, &svm).into_iter().zip(phases(stage, 1, &other));
            assert_eq!(pairs.map(|(a, b)| a == b).collect::<Vec<_>>(), same, "{}", stage.name());
        }
        let step = |map_loss| phases(Stage::Detector, 1, &DetectorConfig { map_loss, ..svm.clone() }).swap_remove(2);
        assert!(step(MapLoss::Paper).equation.contains("max(0"), "the hinge");
        for squares in [MapLoss::Mse, MapLoss::MseCdl] {
            assert!(!step(squares).equation.contains("max(0"), "{squares}: no hinge");
        }
    }

    #[test]
    fn counted_stages_follow_each_other() {
        let lengths = Lengths { pretrain: 3, bilevel: 5, rival: 7, detector: 11 };
        assert_eq!(Stage::COUNTED.map(|s| s.first(lengths)), [0, 3, 8, 15]);
        assert_eq!(Stage::Evaluate.first(lengths), lengths.total());
    }
}
