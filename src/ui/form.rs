//! The configuration of the next run as a person edits it: settings in groups, each with the preset's and the paper's
//! value to compare with. A value that cannot be read stays as it was typed until it is mended.

use std::collections::BTreeMap;
use std::path::PathBuf;

use toml::{Table, Value};

use crate::config::{
    AugmentSet, AugmentStages, Balance, BnTest, BnTraining, Colour, DataConfig, DataSource, Deployed, Disjoint,
    Extractor, Fact, Fusion, HyperMode, Level, MapLoss, MissingFaces, MuScope, Network, OptimizerKind, Pattern,
    PatternLearning, Precision, Preset, Problem, Reduction, RfAlgorithm, RunConfig, ScaleInit, ScoredBy, Standardise,
    Supervision, TeacherProtocol, Teaching, VideoRule, WatchChoice, from_table, paper_facts, set_key,
};
use crate::data::Split;
use crate::data::builtin::{Summary, summary};
use crate::engine::{Cost, cost, protocol_of, scale_of, source_domains};
use crate::papers::{self, Runnable};

/// How a setting is edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Whole,
    /// Any number.
    Number,
    /// On or off.
    Switch,
    /// One of some names.
    Choice(Vec<&'static str>),
    /// A rule for the threshold: a name, or a value of one's own.
    Threshold,
    /// Free text.
    Text,
}

/// Rules for a threshold by name.
pub const THRESHOLDS: [&str; 4] = ["dev_eer", "train_eer", "test_eer", "min_hter"];
/// What stands in front of a threshold of one's own.
pub const FIXED: &str = "fixed:";

/// Whether a threshold rule looks at the labels of the test part.
pub fn is_oracle(rule: &str) -> bool {
    matches!(rule, "test_eer" | "min_hter")
}

/// One setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Dotted key.
    pub key: &'static str,
    /// Name for people.
    pub label: &'static str,
    /// How it is edited.
    pub kind: Kind,
    /// What the paper says.
    pub fact: Option<Fact>,
}

/// Settings that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Name for people.
    pub title: &'static str,
    /// The detector that alone has a use for them; `None` where all have.
    pub only: Option<Network>,
    /// Its settings, in order.
    pub settings: Vec<Setting>,
}

impl Group {
    /// Whether its settings bear on a run with `config`.
    pub fn is_for(&self, config: &RunConfig) -> bool {
        self.only.is_none_or(|network| network == config.detector.network)
    }
}

/// The first protocol under which the paper prints the row `name`, as `rfmetafas/1 Ours`.
fn first_protocol(name: &str) -> Option<String> {
    let (table, method) = name.split_once(' ')?;
    let (paper, table) = papers::table(table).ok()?;
    let row = table.rows.iter().find(|row| row.method == method)?;
    paper.runnable(table, row)?.protocols.first().cloned()
}

/// All settings the window offers, in groups.
pub fn groups() -> Vec<Group> {
    let facts = paper_facts();
    let networks = || Kind::Choice(Network::ALL.iter().filter(|n| n.can_teach()).map(|c| c.name()).collect());
    macro_rules! names {
        ($type:ident) => {
            Kind::Choice($type::ALL.iter().map(|c| c.name()).collect())
        };
    }
    let group = |title, list: Vec<(&'static str, &'static str, Kind)>| Group {
        title,
        only: None,
        settings: list
            .into_iter()
            .map(|(key, label, kind)| Setting { key, label, kind, fact: facts.iter().find(|f| f.key == key).cloned() })
            .collect(),
    };
    vec![
        group(
            "Bi-level training",
            vec![
                ("bilevel.iterations", "Iterations", Kind::Whole),
                ("bilevel.m", "M, inner faces", Kind::Whole),
                ("bilevel.n", "N, validation faces", Kind::Whole),
                ("bilevel.k", "K, inner steps", Kind::Whole),
                ("bilevel.alpha", "α, inner step size", Kind::Number),
                ("bilevel.beta", "β, outer step size", Kind::Number),
                ("bilevel.outer", "Outer optimiser", names!(OptimizerKind)),
                ("bilevel.mu", "μ, keeps maps alive", Kind::Number),
                ("bilevel.mu_scope", "μ averages over", names!(MuScope)),
                ("bilevel.gamma", "γ, momentum", Kind::Number),
                ("bilevel.adapt_interval", "T, adapt every", Kind::Whole),
                ("bilevel.adapt", "Detector adapts", Kind::Switch),
                ("bilevel.reduction", "Losses average over", names!(Reduction)),
                ("bilevel.hypergradient", "Hypergradient", names!(HyperMode)),
                ("bilevel.fd_eps", "Differences: step", Kind::Number),
                ("bilevel.audit_every", "Compare with exact every", Kind::Whole),
                ("bilevel.deploy", "Deployed teacher", names!(Deployed)),
                ("bilevel.reset_moments", "Outer optimiser starts anew", Kind::Switch),
                ("bilevel.reset_first_moments", "First moments anew", Kind::Switch),
                ("bilevel.shrink", "M and N shrink to fit", Kind::Switch),
                ("bilevel.accumulate", "Iterations a teacher's step", Kind::Whole),
                ("bilevel.disjoint", "Halves share no", names!(Disjoint)),
                ("bilevel.gamma_span", "γ is meant for iterations", Kind::Whole),
                ("bilevel.bn", "Batch norm", names!(BnTraining)),
            ],
        ),
        group(
            "Detector",
            vec![
                ("detector.iterations", "Iterations", Kind::Whole),
                ("detector.batch", "Batch", Kind::Whole),
                ("detector.learning_rate", "Step size", Kind::Number),
                ("detector.network", "Network", names!(Network)),
                ("detector.width", "Width", Kind::Whole),
                ("detector.supervision", "Learns from", names!(Supervision)),
                ("detector.map_loss", "Map's loss", names!(MapLoss)),
                ("detector.branch_weight", "Branch counts", Kind::Number),
                ("detector.colour", "Sees", names!(Colour)),
                ("detector.halve_every", "Halve step every", Kind::Whole),
                ("detector.beta1", "β₁ of Adam", Kind::Number),
                ("detector.weight_decay", "Weight decay", Kind::Number),
                ("detector.routes_after", "DTN: routes after", Kind::Whole),
                ("detector.final_relu", "Map ends in ReLU", Kind::Switch),
            ],
        ),
        Group {
            only: Some(Network::Hfn),
            ..group(
                "Meta Pattern",
                vec![
                    ("meta_pattern.pattern", "Pattern", names!(Pattern)),
                    ("meta_pattern.learning", "Learning", names!(PatternLearning)),
                    ("meta_pattern.extractor", "Extractor", names!(Extractor)),
                    ("meta_pattern.k", "K, inner steps", Kind::Whole),
                    ("meta_pattern.inner_rate", "Inner step size, 0: K times outer", Kind::Number),
                    ("meta_pattern.momentum", "Momentum", Kind::Number),
                    ("meta_pattern.fusion", "Fusion", names!(Fusion)),
                    ("meta_pattern.halve_outer", "Halve HFN's loss", Kind::Switch),
                    ("meta_pattern.standardise", "Standardised", names!(Standardise)),
                    ("meta_pattern.weights", "Trunks' weights, a file", Kind::Text),
                ],
            )
        },
        Group {
            only: Some(Network::RfMetaFas),
            ..group(
                "RFMetaFAS",
                vec![
                    ("rf_meta.algorithm", "Algorithm", names!(RfAlgorithm)),
                    ("rf_meta.inner_rate", "α, inner step size", Kind::Number),
                    ("rf_meta.depth_weight", "Depth counts", Kind::Number),
                    ("rf_meta.aggregate", "Pool meta-train domains", Kind::Switch),
                    ("rf_meta.first_order", "First order alone", Kind::Switch),
                    ("rf_meta.bn_momentum", "M's running statistics", Kind::Number),
                    ("rf_meta.scale_init", "Scales start at", names!(ScaleInit)),
                    ("rf_meta.audit_every", "Compare with joint every", Kind::Whole),
                ],
            )
        },
        group(
            "Pretraining",
            vec![
                ("pretrain.iterations", "Iterations", Kind::Whole),
                ("pretrain.learning_rate", "Step size", Kind::Number),
                ("pretrain.optimizer", "Optimiser", names!(OptimizerKind)),
                ("pretrain.batch", "Faces of a class (0: M)", Kind::Whole),
                ("pretrain.mask_live", "Live maps are masked", Kind::Switch),
            ],
        ),
        group(
            "Rival teachers",
            vec![
                ("rival.iterations", "Iterations", Kind::Whole),
                ("rival.width", "Big teacher's width", Kind::Whole),
                ("rival.batch", "Batch", Kind::Whole),
                ("rival.learning_rate", "Step size", Kind::Number),
                ("rival.hint_weight", "FitNet: hint counts", Kind::Number),
                ("rival.ramp", "OKDDip: ramp", Kind::Number),
                ("rival.detach", "OKDDip: constant targets", Kind::Switch),
            ],
        ),
        group(
            "Teacher and surrogate",
            vec![
                ("teacher.network", "Teacher network", networks()),
                ("teacher.width", "Teacher width", Kind::Whole),
                ("surrogate.network", "Surrogate network", networks()),
                ("surrogate.width", "Surrogate width", Kind::Whole),
                ("data.teacher_protocol", "Teachers learn from", names!(TeacherProtocol)),
            ],
        ),
        group(
            "Batches and augmentation",
            vec![
                ("sampling.balance", "Balanced over", names!(Balance)),
                ("sampling.consecutive", "Frames in a row", Kind::Whole),
                ("augment.stages", "Augmented stages", names!(AugmentStages)),
                ("augment.set", "Augmentation", names!(AugmentSet)),
                ("augment.crops", "Custom: crops", Kind::Text),
                ("augment.add", "Custom: added colour", Kind::Whole),
                ("augment.gamma", "Custom: gamma", Kind::Text),
                ("augment.erase", "Custom: erasing", Kind::Number),
                ("augment.flip", "Custom: mirroring", Kind::Number),
                ("augment.cutout", "Custom: cutout", Kind::Number),
            ],
        ),
        group(
            "Evaluation",
            vec![
                ("calibrate.batches", "Calibration batches", Kind::Whole),
                ("evaluate.threshold", "Threshold rule", Kind::Threshold),
                ("evaluate.level", "Scores per", names!(Level)),
                ("evaluate.video", "Frames of a video", names!(VideoRule)),
                ("evaluate.missing_faces", "Clips without a face", names!(MissingFaces)),
                ("evaluate.bn_test", "Batch norm at test", names!(BnTest)),
                ("evaluate.scored_by", "Score made of", names!(ScoredBy)),
            ],
        ),
        group(
            "Compute and files",
            vec![
                ("compute.precision", "Precision", names!(Precision)),
                ("compute.threads", "Threads, 0 for all", Kind::Whole),
                ("watch.samples", "Watched faces", Kind::Whole),
                ("watch.choose", "Watched faces are", names!(WatchChoice)),
                ("watch.every", "Store maps every", Kind::Whole),
                ("checkpoint.every", "Checkpoint every", Kind::Whole),
                ("checkpoint.keep", "Checkpoints kept", Kind::Whole),
            ],
        ),
    ]
}

/// The next run's configuration under edit.
#[derive(Debug, Clone, PartialEq)]
pub struct RunForm {
    /// Where it started from.
    pub preset: Preset,
    /// The row of a paper's table that it is, as `mt_fas/6 FAS-DR(MT)`; `None` once a setting was changed.
    pub row: Option<String>,
    /// As it stands.
    pub config: RunConfig,
    /// What was typed and cannot be read, with the reason.
    pub unreadable: BTreeMap<String, (String, String)>,
    /// The folder for the run; `None` lets the program choose one.
    pub out: Option<PathBuf>,
    /// What the chosen protocol has of the built-in sets, or why it cannot be used. Kept, since it takes a while.
    pub members: Result<Summary, String>,
    /// What the run will cost; `None` while settings are out of range.
    pub cost: Option<Cost>,
}

impl RunForm {
    /// The preset as it is.
    pub fn new(preset: Preset) -> Self {
        let config = preset.config();
        let (members, cost) = (members(&config.data), cost_of(&config));
        Self { preset, row: None, config, unreadable: BTreeMap::new(), out: None, members, cost }
    }

    /// The preset with the settings of the row `name` at the preset's size; where faces come from stays, but for built-in faces
    /// from which its method cannot learn: then they are those of its table's first protocol.
    pub fn take_row(&mut self, name: &str, row: &Runnable) {
        let before = std::mem::replace(self, Self::new(self.preset));
        self.out = before.out;
        self.keep_data(&before.config.data);
        for set in row.at(self.config.detector.width).sets() {
            if let Some((key, text)) = set.split_once('=') {
                self.set(key, text);
            }
        }
        if self.config.data.source == DataSource::Builtin
            && self.one_domain().is_some()
            && let Some(protocol) = first_protocol(name)
        {
            self.set("data.protocol", &protocol);
        }
        self.row = Some(name.to_owned());
    }

    /// Sets dotted key `key` to what was typed.
    pub fn set(&mut self, key: &str, text: &str) {
        self.row = None;
        match with_key(&self.config, key, text) {
            Ok(config) => {
                if config.data != self.config.data {
                    self.members = members(&config.data);
                }
                self.cost = cost_of(&config);
                self.config = config;
                self.unreadable.remove(key);
            }
            Err(reason) => {
                self.unreadable.insert(key.to_owned(), (text.to_owned(), reason));
            }
        }
    }

    /// Takes over where `data` says faces come from, if a person chose that; sizes stay the preset's.
    pub fn keep_data(&mut self, data: &DataConfig) {
        if data.source == DataSource::Builtin {
            return;
        }
        let DataConfig { size, benchmark, seed, .. } = self.config.data;
        self.config.data = DataConfig { size, benchmark, seed, ..data.clone() };
        self.members = members(&self.config.data);
        self.cost = cost_of(&self.config);
    }

    /// Puts `key` back to the preset's value.
    pub fn reset(&mut self, key: &str) {
        self.unreadable.remove(key);
        if let Some(value) = value_text(&self.preset.config(), key) {
            self.set(key, &value);
        }
    }

    /// Whether `key` differs from the preset.
    pub fn is_changed(&self, key: &str) -> bool {
        self.differs(key, &Texts::of(&self.config), &Texts::of(&self.preset.config()))
    }

    /// The same where the values of both are put together already.
    pub fn differs(&self, key: &str, now: &Texts, preset: &Texts) -> bool {
        self.unreadable.contains_key(key) || now.get(key) != preset.get(key)
    }

    /// Everything that stands in the way of a start.
    pub fn problems(&self) -> Vec<String> {
        let unreadable = self.unreadable.iter().map(|(key, (text, reason))| format!("{key}: '{text}': {reason}"));
        let wrong = self.config.check().err().unwrap_or_default();
        let builtin = self.config.data.source == DataSource::Builtin;
        let members = self.members.as_ref().err().filter(|_| builtin).map(|e| format!("data.protocol: {e}"));
        let all = unreadable.chain(wrong.iter().map(Problem::to_string)).chain(members);
        all.chain(self.one_domain()).chain(self.no_dev()).chain(self.too_few()).collect()
    }

    /// Why the protocol does not do for a detector that learns across domains.
    fn one_domain(&self) -> Option<String> {
        let network = self.config.detector.network;
        (self.config.needs_other_domains() && source_domains(&self.config) < 2).then(|| {
            format!("data.protocol: {network} learns across sets; choose a protocol with several to learn from, as mico/OCI-M")
        })
    }

    /// Why there is nothing to choose the threshold on, before any face is made.
    fn no_dev(&self) -> Option<String> {
        let config = &self.config;
        let summary = self.members.as_ref().ok().filter(|_| config.data.source == DataSource::Builtin)?;
        let nobody = summary.clips[Split::Dev as usize] == [0, 0] && config.evaluate.threshold == "dev_eer";
        nobody.then(|| {
            format!(
                "evaluate.threshold: dev_eer chooses the threshold on the dev part, and nobody is held out of {} for one; \
                 hold subjects out, or choose test_eer (oracle) or fixed:X",
                config.data.protocol
            )
        })
    }

    /// Why built-in faces do not fill the batches, before any is made. The engine judges all data once they are there.
    fn too_few(&self) -> Option<String> {
        let config = &self.config;
        let summary = self.members.as_ref().ok().filter(|_| config.data.source == DataSource::Builtin)?;
        let scale = scale_of(&config.data);
        let [live, attacks] = summary.clips[Split::Train as usize].map(|clips| clips * scale.frames() as usize);
        let taught = match config.detector.supervision.teaching() {
            _ if config.bilevel.shrink => 2 * config.sampling.consecutive,
            Teaching::Meta => config.bilevel.m + config.bilevel.n,
            // Statistics are averaged over batches of that size.
            _ => config.bilevel.m,
        };
        let needed = taught.max(config.detector.batch / 2);
        let (there, class) = if live <= attacks { (live, "live") } else { (attacks, "attack") };
        (there < needed).then(|| {
            format!(
                "data.benchmark: {} has {there} {class} faces to learn from in this protocol, and a batch takes {needed}; \
                 choose a larger one or another protocol, or lower bilevel.m, bilevel.n and detector.batch",
                scale.name()
            )
        })
    }
}

/// What a run will cost, where its networks can be made.
pub(super) fn cost_of(config: &RunConfig) -> Option<Cost> {
    config.check().is_ok().then(|| cost(config))
}

/// Clips of the chosen protocol by part, or why there are none.
fn members(data: &DataConfig) -> Result<Summary, String> {
    let protocol = protocol_of(data).map_err(|e| e.to_string())?;
    summary(scale_of(data), &protocol).map_err(|e| e.to_string())
}

/// `config` with `key` set to `text`, or why that cannot be.
pub fn with_key(config: &RunConfig, key: &str, text: &str) -> Result<RunConfig, String> {
    let mut table = Table::try_from(config).map_err(|e| e.to_string())?;
    let text = text.trim();
    if text.is_empty() && value_at(&table, key).is_some_and(|v| !v.is_str()) {
        return Err("a value is missing".to_owned());
    }
    let like = value_at(&table, key).cloned();
    let keeps_text = matches!(like, Some(Value::String(_)));
    let quoted = if keeps_text { Value::String(text.to_owned()).to_string() } else { text.to_owned() };
    set_key(&mut table, key, &quoted).map_err(|e| e.to_string())?;
    from_table(table, key).map_err(|e| e.to_string())
}

fn value_at<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    let mut parts = key.split('.');
    let first = table.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(part))
}

/// The values of a whole configuration, put together once for all its keys.
#[derive(Debug)]
pub struct Texts(Table);

impl Texts {
    /// Those of `config`.
    pub fn of(config: &RunConfig) -> Self {
        Self(Table::try_from(config).unwrap_or_default())
    }

    /// The value of `key` as a person writes it.
    pub fn get(&self, key: &str) -> Option<String> {
        Some(match value_at(&self.0, key)? {
            Value::String(s) => s.clone(),
            Value::Float(x) => number_text(*x),
            other => other.to_string(),
        })
    }
}

/// The value of `key` as a person writes it.
pub fn value_text(config: &RunConfig, key: &str) -> Option<String> {
    Texts::of(config).get(key)
}

/// A number as short as it can be without losing anything: 0.999, 1e-3.
pub fn number_text(x: f64) -> String {
    if x != 0.0 && (x.abs() < 1e-2 || x.abs() >= 1e6) { format!("{x:e}") } else { format!("{x}") }
}

/// Whether two values written by people are the same: 1e-3 and 0.001 are.
pub fn same_value(a: &str, b: &str) -> bool {
    a == b || matches!((a.parse::<f64>(), b.parse::<f64>()), (Ok(x), Ok(y)) if x == y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_a_paper_is_the_preset_with_its_settings_until_one_is_changed() {
        let mut form = RunForm::new(Preset::Demo);
        form.set("bilevel.k", "4");
        let name = "mt_fas/6 FAS-DR(MT)64";
        form.take_row(name, &papers::runnable_row(name).unwrap());
        let mut expected = Preset::Demo.config();
        expected.detector.width = 16;
        "oulu_npu/1".clone_into(&mut expected.data.protocol);
        assert_eq!((form.config.clone(), form.row.as_deref()), (expected, Some(name)));
        assert!(form.is_changed("detector.width") && !form.is_changed("bilevel.k"));
        form.set("bilevel.k", "4");
        assert_eq!(form.row, None);
    }

    #[test]
    fn every_setting_can_be_read_and_set_to_its_own_value() {
        let config = Preset::Demo.config();
        let mut keys = vec![];
        for setting in groups().into_iter().flat_map(|g| g.settings) {
            let text = value_text(&config, setting.key).unwrap_or_else(|| panic!("{}", setting.key));
            assert_eq!(with_key(&config, setting.key, &text).as_ref(), Ok(&config), "{}", setting.key);
            if let Kind::Choice(names) = &setting.kind {
                assert!(names.contains(&text.as_str()), "{}", setting.key);
                assert!(names.iter().all(|n| with_key(&config, setting.key, n).is_ok()), "{}", setting.key);
            }
            keys.push(setting.key);
        }
        for fact in paper_facts() {
            assert!(keys.contains(&fact.key.as_str()) || fact.key.starts_with("data."), "{} is offered", fact.key);
        }
    }

    /// Every leaf of `value` by its dotted key.
    fn leaves(prefix: &str, value: &Value, out: &mut Vec<String>) {
        match value {
            Value::Table(table) => table.iter().for_each(|(key, value)| {
                let dotted = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                leaves(&dotted, value, out);
            }),
            _ => out.push(prefix.to_owned()),
        }
    }

    #[test]
    fn no_setting_of_a_run_is_missing_in_the_window() {
        let mut all = vec![];
        leaves("", &Value::try_from(Preset::Demo.config()).unwrap(), &mut all);
        let offered: Vec<&str> = groups().into_iter().flat_map(|g| g.settings).map(|s| s.key).collect();
        // Seed, device and what concerns data stand above the groups and in the Data pane; clips are chosen in the Faces pane.
        let elsewhere =
            |key: &str| ["seed", "compute.device", "watch.clips"].contains(&key) || key.starts_with("data.");
        let missing: Vec<&String> = all.iter().filter(|k| !offered.contains(&k.as_str()) && !elsewhere(k)).collect();
        assert!(all.len() > 60 && missing.is_empty(), "{missing:?}");
        // The rules of the window are those that a run takes.
        let mut form = RunForm::new(Preset::Demo);
        for rule in THRESHOLDS.map(str::to_owned).into_iter().chain([format!("{FIXED}0.5")]) {
            form.set("evaluate.threshold", &rule);
            assert_eq!(
                (form.problems().len(), is_oracle(&rule)),
                (0, rule.starts_with("test") || rule.starts_with("min"))
            );
        }
    }

    #[test]
    fn changes_are_marked_and_nonsense_is_kept_as_a_problem() {
        let mut form = RunForm::new(Preset::Demo);
        assert!(form.problems().is_empty() && !form.is_changed("bilevel.gamma"));
        form.set("bilevel.gamma", "1.5");
        assert!(form.is_changed("bilevel.gamma") && form.problems()[0].contains("bilevel.gamma"));
        form.set("bilevel.k", "two");
        assert_eq!(form.problems().len(), 2);
        assert!(form.problems()[0].contains("two"));
        form.set("bilevel.alpha", "");
        assert!(form.problems().iter().any(|p| p.contains("missing")));
        for key in ["bilevel.gamma", "bilevel.k", "bilevel.alpha"] {
            form.reset(key);
        }
        assert_eq!(form, RunForm::new(Preset::Demo));
    }

    #[test]
    fn without_a_dev_part_a_threshold_must_come_from_elsewhere() {
        let mut form = RunForm::new(Preset::Demo);
        form.set("data.protocol", "siw_m/11");
        assert!(form.problems().is_empty());
        form.set("data.hold_out", "nobody");
        assert!(form.problems()[0].starts_with("evaluate.threshold: dev_eer"), "{:?}", form.problems());
        form.set("evaluate.threshold", "test_eer");
        assert!(form.problems().is_empty(), "{:?}", form.problems());
    }

    #[test]
    fn a_path_that_looks_like_a_number_stays_text() {
        let mut form = RunForm::new(Preset::Demo);
        form.set("data.root", "2024");
        assert_eq!(form.config.data.root, "2024");
        form.set("data.root", "a \"b\"\\c");
        assert_eq!(form.config.data.root, "a \"b\"\\c");
        assert!(same_value("1e-3", "0.001") && !same_value("1", "2"));
        assert_eq!(
            (number_text(0.001), number_text(0.999), number_text(0.0)),
            ("1e-3".into(), "0.999".into(), "0".into())
        );
    }
}
