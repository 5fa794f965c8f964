//! The phases of an iteration as the step view shows them: a name, its line of the algorithm, its equation and a
//! sentence. What they compute stands in `machine`; the texts of a method stand beside it, in `assets/papers/`.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::config::{
    BilevelConfig, DetectorConfig, MapLoss, Network, OptimizerKind, RfAlgorithm, RunConfig, Stage, Supervision,
};
use crate::methods::rf_meta;

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

/// In which way a detector learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learning {
    /// From one batch at a time.
    Plain,
    /// Across domains, as `rf_meta` says.
    RfMeta,
    /// As `meta_pattern` says: an extractor and HFN, in turn or at once.
    MetaPattern,
}

impl Learning {
    /// The way of `detector`.
    pub fn of(detector: &DetectorConfig) -> Self {
        match detector.network {
            Network::RfMetaFas => Self::RfMeta,
            Network::Hfn => Self::MetaPattern,
            _ => Self::Plain,
        }
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

/// Texts of Meta Pattern: its algorithm, what that is compared with, and how HFN is scored.
#[derive(Deserialize)]
struct MetaPatternTexts {
    alternating: Vec<PhaseInfo>,
    end_to_end: Vec<PhaseInfo>,
    evaluate: Vec<PhaseInfo>,
}

/// Texts of phases across domains: those of the paper's algorithm, and what is other in the ones it is compared with.
#[derive(Deserialize)]
struct AcrossDomains {
    rf_meta: Vec<PhaseInfo>,
    other: Vec<Other>,
}

#[derive(Deserialize)]
struct Other {
    algorithm: RfAlgorithm,
    phase: PhaseInfo,
}

/// Read once: views ask for phases in every frame.
fn texts() -> &'static Texts {
    static TEXTS: OnceLock<Texts> = OnceLock::new();
    #[expect(clippy::expect_used, reason = "an embedded file that a test reads")]
    TEXTS.get_or_init(|| {
        toml::from_str(include_str!("../../assets/papers/mt_fas_phases.toml")).expect("embedded phases")
    })
}

/// The phases of one iteration of `stage` in a run with `config`, whose training part has `domains` domains.
pub fn phases(stage: Stage, config: &RunConfig, domains: usize) -> Vec<PhaseInfo> {
    let (k, detector) = (config.bilevel.k, &config.detector);
    if stage == Stage::Detector && Learning::of(detector) == Learning::RfMeta {
        return across_domains(config, domains);
    }
    if stage >= Stage::Detector && Learning::of(detector) == Learning::MetaPattern {
        return meta_pattern(stage, config);
    }
    let texts = texts();
    let list = match stage {
        Stage::Pretrain => &texts.pretrain,
        Stage::Bilevel => &texts.bilevel,
        Stage::Rival => &texts.rival,
        Stage::Calibrate => &texts.calibrate,
        Stage::Detector => &texts.detector,
        Stage::Evaluate => &texts.evaluate,
    };
    let supervised = texts.supervise.iter().filter(|s| s.supervision == detector.supervision).map(|s| &s.phase);
    let is_its = |o: &&Own| o.network == detector.network && o.map_loss.is_none_or(|l| l == detector.map_loss);
    let own = texts.own.iter().filter(is_its).map(|o| &o.phase);
    let told: Vec<&PhaseInfo> = own.chain(supervised).filter(|_| stage >= Stage::Detector).collect();
    list.iter()
        .map(|info| (*told.iter().find(|t| t.id == info.id).unwrap_or(&info)).clone())
        .flat_map(|info| match info.id.as_str() {
            "step_detector" => inner_steps(&info, k),
            "update_teacher" => vec![as_carried_out(info, &config.bilevel)],
            _ => vec![info],
        })
        .collect()
}

/// The teacher's update as it is carried out: the paper's equation is plain descent on one iteration's gradient.
fn as_carried_out(info: PhaseInfo, config: &BilevelConfig) -> PhaseInfo {
    let BilevelConfig { outer, accumulate, .. } = *config;
    if outer == OptimizerKind::Sgd && accumulate <= 1 {
        return info;
    }
    let of = if accumulate > 1 {
        format!("G, the mean of ∇_ω L_v − ∇_ω (μ/2M) Σ mean σ(g_ω) over {accumulate} iterations")
    } else {
        "∇_ω L_v − ∇_ω (μ/2M) Σ mean σ(g_ω)".to_owned()
    };
    let equation = match (outer, accumulate > 1) {
        (OptimizerKind::Adam, true) => format!("ω ← ω − β Adam(G),  {of}"),
        (OptimizerKind::Adam, false) => format!("ω ← ω − β Adam({of})"),
        (OptimizerKind::Sgd, _) => format!("ω ← ω − β G,  {of}"),
    };
    PhaseInfo { equation, ..info }
}

/// The phases of `RFMetaFAS` and what it is compared with, those of a pair or a domain with its number.
fn across_domains(config: &RunConfig, domains: usize) -> Vec<PhaseInfo> {
    #[expect(clippy::expect_used, reason = "an embedded file that a test reads")]
    let texts: AcrossDomains =
        toml::from_str(include_str!("../../assets/papers/rf_meta_phases.toml")).expect("embedded phases");
    let own = texts.other.into_iter().filter(|o| o.algorithm == config.rf_meta.algorithm).map(|o| o.phase);
    let told: Vec<PhaseInfo> = own.chain(texts.rf_meta).collect();
    let steps = rf_meta::steps(&config.rf_meta, domains);
    let numbered = |step: &rf_meta::Step| {
        let info = told.iter().find(|t| t.id == step.id())?.clone();
        let Some(i) = step.number() else { return Some(info) };
        let of = steps.iter().filter(|s| s.id() == step.id()).count();
        if of == 1 {
            return Some(PhaseInfo { equation: info.equation.replace("{i}", ""), ..info });
        }
        Some(PhaseInfo {
            id: format!("{}_{i}", info.id),
            title: format!("{} {} of {of}", info.title, i + 1),
            equation: info.equation.replace("{i}", &subscript(i + 1)),
            ..info
        })
    };
    steps.iter().filter_map(numbered).collect()
}

/// The same of HFN.
fn meta_pattern(stage: Stage, config: &RunConfig) -> Vec<PhaseInfo> {
    #[expect(clippy::expect_used, reason = "an embedded file that a test reads")]
    let texts: MetaPatternTexts =
        toml::from_str(include_str!("../../assets/papers/meta_pattern_phases.toml")).expect("embedded phases");
    let mp = &config.meta_pattern;
    let list = match stage {
        Stage::Evaluate => texts.evaluate,
        _ if mp.alternates() => texts.alternating,
        _ => texts.end_to_end,
    };
    list.into_iter()
        .map(|info| with_momentum(info, config))
        .flat_map(|info| if info.id == "step_extractor" { inner_steps(&info, mp.k) } else { vec![info] })
        .map(|info| PhaseInfo { equation: info.equation.replace("{K}", &subscript(mp.k)), ..info })
        .collect()
}

/// A step of HFN or its extractor as it is carried out: the paper's is plain descent on the whole loss; here it has
/// the velocity, the step and the part of the loss that the settings say.
fn with_momentum(info: PhaseInfo, config: &RunConfig) -> PhaseInfo {
    let (mp, decay) = (&config.meta_pattern, config.detector.weight_decay);
    let (place, loss, rate) = match info.id.as_str() {
        "step_extractor" => {
            let rate = if mp.inner_rate == 0.0 { format!("{} α", mp.k) } else { mp.inner_rate.to_string() };
            ("Φ{k+1} = Φ{k}", "∇_Φ L(x_φ, y_φ | Θ, Φ{k})", rate)
        }
        "step_hfn" => {
            let half = "½ ∇_Θ L(x_θ, y_θ | Θ, Φ{K})";
            let whole = "∇_Θ L(x_θ, y_θ | Θ, Φ{K})";
            ("Θ ← Θ", if mp.halve_outer { half } else { whole }, "α".to_owned())
        }
        "step" => ("[Θ, Φ] ← [Θ, Φ]", "∇ L(x, y | Θ, Φ)", "α".to_owned()),
        _ => return info,
    };
    let decay = if decay > 0.0 { format!(" + {decay} of the parameters") } else { String::new() };
    let tail = if info.id == "step_hfn" { ",  Φ ← Φ{K}" } else { ",  L = BCE + MSE" };
    let equation = if mp.momentum > 0.0 {
        format!("{place} − {rate} v,  v ← {} v + {loss}{decay}{tail}", mp.momentum)
    } else {
        format!("{place} − {rate} ({loss}{decay}){tail}")
    };
    PhaseInfo { equation, ..info }
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
    use crate::config::{Pattern, PatternLearning, RfMetaConfig};

    fn with(detector: DetectorConfig) -> RunConfig {
        RunConfig { detector, ..RunConfig::default() }
    }

    #[test]
    fn steps_of_hfn_are_shown_as_they_are_carried_out() {
        let mut config = with(DetectorConfig { network: Network::Hfn, ..DetectorConfig::default() });
        (config.meta_pattern.momentum, config.meta_pattern.k, config.detector.weight_decay) = (0.9, 2, 0.0);
        let told = |config: &RunConfig, id: &str| {
            phases(Stage::Detector, config, 3).into_iter().find(|p| p.id == id).unwrap().equation
        };
        let first = told(&config, "step_extractor_0");
        assert_eq!(first, "Φ₁ = Φ₀ − 2 α v,  v ← 0.9 v + ∇_Φ L(x_φ, y_φ | Θ, Φ₀),  L = BCE + MSE");
        assert!(told(&config, "step_hfn").contains("v ← 0.9 v + ½ ∇_Θ L("));
        (config.meta_pattern.inner_rate, config.meta_pattern.halve_outer, config.meta_pattern.momentum) =
            (0.1, false, 0.0);
        assert!(told(&config, "step_extractor_1").starts_with("Φ₂ = Φ₁ − 0.1 (∇_Φ L("));
        assert!(told(&config, "step_hfn").starts_with("Θ ← Θ − α (∇_Θ L("));
    }

    #[test]
    fn every_phase_across_domains_has_its_text_and_every_text_its_phase() {
        let mut config = with(DetectorConfig { network: Network::RfMetaFas, ..DetectorConfig::default() });
        let texts: AcrossDomains = toml::from_str(include_str!("../../assets/papers/rf_meta_phases.toml")).unwrap();
        for &algorithm in RfAlgorithm::ALL {
            config.rf_meta = RfMetaConfig { algorithm, ..RfMetaConfig::default() };
            for domains in [2, 3, 4] {
                let (told, steps) =
                    (phases(Stage::Detector, &config, domains), rf_meta::steps(&config.rf_meta, domains));
                assert_eq!(told.len(), steps.len(), "{algorithm}");
                let mut ids: Vec<&str> = told.iter().map(|p| p.id.as_str()).collect();
                assert!(told.iter().zip(&steps).all(|(p, s)| p.id.starts_with(s.id())), "{algorithm}: {ids:?}");
                assert!(told.iter().all(|p| !p.equation.contains('{')), "{algorithm}");
                ids.sort_unstable();
                ids.dedup();
                assert_eq!(ids.len(), steps.len(), "{algorithm}: a phase's name is its own");
            }
            let ids: Vec<&str> = rf_meta::steps(&config.rf_meta, 3).iter().map(|s| s.id()).collect();
            let own = texts.other.iter().filter(|o| o.algorithm == algorithm);
            assert!(own.clone().all(|o| ids.contains(&o.phase.id.as_str())), "{algorithm}");
        }
        let pairs: Vec<String> = phases(Stage::Detector, &with(config.detector.clone()), 3)
            .into_iter()
            .filter(|p| p.id.starts_with("meta_test_") && p.id != "meta_test_depth")
            .map(|p| p.title)
            .collect();
        assert_eq!(pairs, ["Meta-test by meta learner 1 of 2", "Meta-test by meta learner 2 of 2"]);
    }

    #[test]
    fn algorithm_1_has_its_phases_in_order() {
        let mut mt = RunConfig::default();
        let ids: Vec<String> = phases(Stage::Bilevel, &mt, 1).into_iter().map(|p| p.id).collect();
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
        mt.bilevel.k = 3;
        let steps = phases(Stage::Bilevel, &mt, 1);
        assert!(steps[3].equation.contains('₂') && !steps[3].equation.contains('{'), "{}", steps[3].equation);
        for stage in Stage::ALL {
            assert!(!phases(stage, &mt, 1).is_empty());
        }
    }

    #[test]
    fn every_supervision_says_where_its_labels_come_from() {
        let of = |supervision| with(DetectorConfig { supervision, ..DetectorConfig::default() });
        let texts: Vec<PhaseInfo> =
            Supervision::ALL.iter().map(|&s| phases(Stage::Detector, &of(s), 1).swap_remove(1)).collect();
        for (i, text) in texts.iter().enumerate() {
            assert!(text.id == "supervise" && !text.help.is_empty() && !text.source.is_empty());
            assert!(!texts[i + 1..].contains(text), "{} twice", text.title);
        }
    }

    #[test]
    fn a_support_vector_machine_is_told_of_as_one() {
        let mut svm = RunConfig::default();
        svm.detector.supervision = Supervision::BinaryLabel;
        let other = svm.clone();
        svm.detector.network = Network::ColorTexture;
        for (stage, same) in [(Stage::Detector, [true, false, false]), (Stage::Evaluate, [false, false, true])] {
            let pairs = phases(stage, &svm, 1).into_iter().zip(phases(stage, &other, 1));
            assert_eq!(pairs.map(|(a, b)| a == b).collect::<Vec<_>>(), same, "{}", stage.name());
        }
        let mut cnn = svm.clone();
        cnn.detector.network = Network::BinaryCnn;
        for (stage, same) in [(Stage::Detector, [true, false, false]), (Stage::Evaluate, [true, false, true])] {
            let pairs = phases(stage, &cnn, 1).into_iter().zip(phases(stage, &other, 1));
            assert_eq!(pairs.map(|(a, b)| a == b).collect::<Vec<_>>(), same, "Binary CNN, {}", stage.name());
        }
        let step = |map_loss| {
            let detector = DetectorConfig { map_loss, ..svm.detector.clone() };
            phases(Stage::Detector, &with(detector), 1).swap_remove(2)
        };
        assert!(step(MapLoss::Paper).equation.contains("max(0"), "the hinge");
        for squares in [MapLoss::Mse, MapLoss::MseCdl] {
            assert!(!step(squares).equation.contains("max(0"), "{squares}: no hinge");
        }
    }

    #[test]
    fn meta_pattern_has_the_phases_of_its_algorithm_or_one_step() {
        let mut config = RunConfig::default();
        config.detector.network = Network::Hfn;
        config.meta_pattern.k = 3;
        let ids = |config: &RunConfig| {
            let all = phases(Stage::Detector, config, 1);
            assert!(all.iter().all(|p| !p.help.is_empty() && !p.source.is_empty() && !p.equation.contains('{')));
            all.into_iter().map(|p| p.id).collect::<Vec<_>>()
        };
        let steps = ["split", "step_extractor_0", "step_extractor_1", "step_extractor_2", "step_hfn"];
        assert_eq!(ids(&config), steps);
        // A pattern made by hand has nothing to learn in turn.
        config.meta_pattern.pattern = Pattern::Albedo;
        assert_eq!(ids(&config), ["draw", "step"]);
        config.meta_pattern.pattern = Pattern::Mp;
        config.meta_pattern.learning = PatternLearning::EndToEnd;
        assert_eq!(ids(&config), ["draw", "step"]);
        assert_eq!(phases(Stage::Evaluate, &config, 1).len(), phases(Stage::Evaluate, &RunConfig::default(), 1).len());
    }
}
