//! Ranges, and settings that cannot go together. All problems are found at once, so that a person can mend them in one go.

use std::fmt;

use super::{
    AugmentConfig, AugmentSet, Colour, DataConfig, DataSource, DetectorConfig, K_MOST, Network, RfAlgorithm,
    RfMetaConfig, RivalConfig, RunConfig, ScoredBy, Supervision, TeacherProtocol,
};

/// One setting that cannot be used, by its dotted key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key, as `bilevel.gamma`.
    pub key: &'static str,
    /// What is wrong and what would do.
    pub sentence: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.sentence)
    }
}

struct Checker(Vec<Problem>);

impl Checker {
    fn demand(&mut self, holds: bool, key: &'static str, sentence: String) {
        if !holds {
            self.0.push(Problem { key, sentence });
        }
    }

    fn within(&mut self, key: &'static str, value: f64, low: f64, high: f64) {
        let fine = value >= low && value <= high;
        self.demand(fine, key, format!("{value} is out of range; it goes from {low} to {high}"));
    }

    fn positive(&mut self, key: &'static str, value: f64) {
        self.demand(value > 0.0 && value.is_finite(), key, format!("{value} must be above 0"));
    }
}

/// Each source needs its own settings; those of others are not looked at, so that a person may switch back and forth.
fn check_data(data: &DataConfig, c: &mut Checker) {
    let names_a_protocol = matches!(data.source, DataSource::Builtin | DataSource::Datasets);
    if names_a_protocol {
        c.demand(!data.protocol.trim().is_empty(), "data.protocol", "name a protocol, as oulu_npu/1".to_owned());
        c.within("data.fold", f64::from(data.fold), 1.0, 6.0);
    }
    if data.source != DataSource::Folder {
        c.within("data.frames", f64::from(data.frames), 0.0, 1000.0);
    }
    let root = data.root.trim().is_empty();
    match data.source {
        DataSource::Builtin => {}
        DataSource::Folder => {
            c.demand(!root, "data.root", "name the folder that holds live/ and spoof/".to_owned());
        }
        DataSource::Manifest => c.demand(!root, "data.root", "name the CSV file that lists the clips".to_owned()),
        DataSource::Datasets => {
            let named = data.roots.iter().filter(|r| !r.trim().is_empty()).count();
            let sentence = "name the folders of the protocol's data sets, as [\"/data/OULU-NPU\"]".to_owned();
            c.demand(named > 0 && named == data.roots.len(), "data.roots", sentence);
        }
    }
    if matches!(data.source, DataSource::Datasets | DataSource::Manifest) {
        c.demand(!data.crop.trim().is_empty(), "data.crop", "name a preset for cutting faces, as cdcn".to_owned());
    }
}

fn check_sampling(config: &RunConfig, c: &mut Checker) {
    let n = config.sampling.consecutive;
    c.within("sampling.consecutive", n as f64, 1.0, 1000.0);
    let (m, v, half) = (config.bilevel.m, config.bilevel.n, config.detector.batch / 2);
    let uneven = [("bilevel.m", m), ("bilevel.n", v), ("half of detector.batch", half)];
    if let Some((key, value)) = uneven.into_iter().find(|(_, value)| !value.is_multiple_of(n.max(1))) {
        let sentence = format!("{n} frames in a row do not go into {key}, which is {value}");
        c.demand(false, "sampling.consecutive", sentence);
    }
}

fn check_augment(augment: &AugmentConfig, c: &mut Checker) {
    for part in &augment.crops {
        c.within("augment.crops", *part, 0.25, 1.5);
    }
    let [low, high] = augment.gamma;
    let fine = low > 0.0 && low <= high && high <= 10.0;
    c.demand(fine, "augment.gamma", format!("[{low}, {high}] is no range above 0 and up to 10"));
    c.within("augment.erase", augment.erase, 0.0, 1.0);
    c.within("augment.flip", augment.flip, 0.0, 1.0);
    c.within("augment.cutout", augment.cutout, 0.0, 1.0);
    let AugmentConfig { crops, add, gamma, erase, flip, cutout, .. } = AugmentConfig::default();
    let plain = AugmentConfig { crops, add, gamma, erase, flip, cutout, ..augment.clone() };
    let sentence = format!(
        "strengths are set by hand, but {} comes with its own; set it to custom, or leave augment.crops, add, gamma, \
         erase, flip and cutout alone",
        augment.set
    );
    c.demand(augment.set == AugmentSet::Custom || *augment == plain, "augment.set", sentence);
}

/// Which networks can stand where.
fn check_networks(config: &RunConfig, c: &mut Checker) {
    let teachers: Vec<&str> = Network::ALL.iter().filter(|n| n.can_teach()).map(|n| n.name()).collect();
    for (key, network) in [("teacher.network", config.teacher.network), ("surrogate.network", config.surrogate.network)]
    {
        let sentence = format!(
            "{network} has no derivatives of second order here, which bi-level training takes; those that have: {}",
            teachers.join(", ")
        );
        c.demand(network.can_teach(), key, sentence);
    }
    let (network, size) = (config.detector.network, config.data.size);
    let fits = size >= 64 && size.is_multiple_of(32);
    let sentence = format!("dtn needs pictures of 64, 96, 128 or more times 32 pixels, and data.size is {size}");
    c.demand(network != Network::Dtn || fits, "detector.network", sentence);
    let supervision = config.detector.supervision;
    let sentence = format!(
        "{network} gives one value a picture and no map, so that it learns from binary_label alone, not from {supervision}"
    );
    c.demand(network.has_map() || network.learns_from(supervision), "detector.supervision", sentence);
    if network == Network::RfMetaFas {
        check_rf_meta(&config.rf_meta, supervision, c);
    }
    let sentence = format!("{network} makes its channels of red, green and blue itself; set it to rgb");
    let plain = config.detector.colour == Colour::Rgb;
    c.demand(network != Network::ColorTexture || plain, "detector.colour", sentence);
    let data = &config.data;
    let p1 = data.teacher_protocol == TeacherProtocol::P1;
    let oulu = data.protocol.trim().starts_with("oulu_npu/");
    let has_protocols = matches!(data.source, DataSource::Builtin | DataSource::Datasets);
    let sentence = "p1 is OULU-NPU's first protocol, for runs of an oulu_npu protocol alone; set it to same".to_owned();
    c.demand(!p1 || (oulu && has_protocols), "data.teacher_protocol", sentence);
}

/// The label alone teaches where D does not learn, a map where it does.
fn check_rf_meta(rf: &RfMetaConfig, supervision: Supervision, c: &mut Checker) {
    let label = supervision == Supervision::BinaryLabel;
    let able = Network::RfMetaFas.learns_from(supervision);
    let sentence =
        format!("rf_meta_fas has no place for what {supervision} adds; choose depth, meta_teacher or another map");
    c.demand(able, "detector.supervision", sentence);
    let sentence = format!(
        "{} learns from the label alone, without the depth estimator; set it to binary_label, not {supervision}",
        if rf.algorithm.has_depth() { "rf_meta.depth_weight = 0" } else { rf.algorithm.name() }
    );
    c.demand(label || rf.trains_depth(), "detector.supervision", sentence);
    let sentence = "the depth estimator learns a map, and binary_label has none; choose depth or meta_teacher, or set \
                    rf_meta.depth_weight to 0"
        .to_owned();
    c.demand(!label || !rf.trains_depth(), "detector.supervision", sentence);
    let pairs = matches!(rf.algorithm, RfAlgorithm::RfMeta | RfAlgorithm::Joint);
    let sentence = format!("{} does not tell domains of a batch apart; set it to false", rf.algorithm);
    c.demand(!rf.aggregate || pairs, "rf_meta.aggregate", sentence);
    let second = matches!(rf.algorithm, RfAlgorithm::RfMeta | RfAlgorithm::Mldg);
    let sentence = format!("{} has no derivative of second order to leave out; set it to false", rf.algorithm);
    c.demand(!rf.first_order || second, "rf_meta.first_order", sentence);
    let sentence = format!("{} has no meta-learning to compare with joint training; set it to 0", rf.algorithm);
    c.demand(rf.audit_every == 0 || rf.algorithm == RfAlgorithm::RfMeta, "rf_meta.audit_every", sentence);
}

fn check_rival(rival: &RivalConfig, c: &mut Checker) {
    c.within("rival.width", rival.width as f64, 1.0, 512.0);
    c.positive("rival.learning_rate", rival.learning_rate);
    c.within("rival.batch", rival.batch as f64, 2.0, 10_000.0);
    let even = rival.batch.is_multiple_of(2);
    c.demand(even, "rival.batch", format!("{} is odd; half of a batch is live", rival.batch));
    c.within("rival.hint_weight", rival.hint_weight, 0.0, 1e6);
    c.within("rival.ramp", rival.ramp, 0.0, 1.0);
}

/// What HFN needs, and the ranges of its settings.
fn check_meta_pattern(config: &RunConfig, c: &mut Checker) {
    let mp = &config.meta_pattern;
    c.within("meta_pattern.k", mp.k as f64, 1.0, K_MOST as f64);
    c.within("meta_pattern.inner_rate", mp.inner_rate, 0.0, 1e3);
    c.within("meta_pattern.momentum", mp.momentum, 0.0, 0.999_999);
    let DetectorConfig { network, supervision, colour, .. } = config.detector;
    if network != Network::Hfn {
        return;
    }
    let size = config.data.size;
    let sentence = format!("hfn needs pictures whose side is a multiple of 32, and data.size is {size}");
    c.demand(size.is_multiple_of(32), "detector.network", sentence);
    let able: Vec<&str> = Supervision::ALL.iter().filter(|s| network.learns_from(**s)).map(|s| s.name()).collect();
    let sentence = format!("hfn cannot learn from {supervision}; it can from {}", able.join(", "));
    c.demand(network.learns_from(supervision), "detector.supervision", sentence);
    let sentence = "hfn sees red, green and blue beside a pattern; set it to rgb".to_owned();
    c.demand(colour == Colour::Rgb, "detector.colour", sentence);
}

impl RunConfig {
    /// Every setting that cannot be used; `Ok` when there is none.
    pub fn check(&self) -> Result<(), Vec<Problem>> {
        let mut c = Checker(vec![]);
        let Self { data, compute, teacher, surrogate, pretrain, bilevel, calibrate, detector, evaluate, .. } = self;
        c.within("data.size", data.size as f64, 32.0, 512.0);
        c.demand(data.size.is_multiple_of(8), "data.size", format!("{} is not a multiple of 8", data.size));
        check_data(data, &mut c);
        check_sampling(self, &mut c);
        check_augment(&self.augment, &mut c);
        let device = compute.device.as_str();
        let named = device == "auto" || device == "cpu" || device == "cuda" || device.starts_with("cuda:");
        c.demand(named, "compute.device", format!("'{device}' is none of auto, cpu, cuda:0"));
        c.within("compute.threads", compute.threads as f64, 0.0, 1024.0);
        check_networks(self, &mut c);
        c.within("teacher.width", teacher.width as f64, 1.0, 512.0);
        c.within("surrogate.width", surrogate.width as f64, 1.0, 512.0);
        c.within("detector.width", detector.width as f64, 1.0, 512.0);
        c.positive("pretrain.learning_rate", pretrain.learning_rate);
        c.within("pretrain.batch", pretrain.batch as f64, 0.0, 10_000.0);
        c.within("bilevel.accumulate", bilevel.accumulate as f64, 1.0, 10_000.0);
        c.within("bilevel.m", bilevel.m as f64, 1.0, 10_000.0);
        c.within("bilevel.n", bilevel.n as f64, 1.0, 10_000.0);
        c.within("bilevel.k", bilevel.k as f64, 1.0, 8.0);
        c.positive("bilevel.alpha", bilevel.alpha);
        c.positive("bilevel.beta", bilevel.beta);
        c.within("bilevel.mu", bilevel.mu, 0.0, 1e6);
        c.within("bilevel.gamma", bilevel.gamma, 0.0, 1.0);
        c.within("bilevel.adapt_interval", bilevel.adapt_interval as f64, 1.0, 1e12);
        c.positive("bilevel.fd_eps", bilevel.fd_eps);
        c.within("calibrate.batches", calibrate.batches as f64, 1.0, 1e6);
        c.within("detector.batch", detector.batch as f64, 2.0, 10_000.0);
        let even = detector.batch.is_multiple_of(2);
        c.demand(even, "detector.batch", format!("{} is odd; half of a batch is live", detector.batch));
        c.positive("detector.learning_rate", detector.learning_rate);
        c.within("detector.beta1", detector.beta1, 0.0, 0.999_999);
        c.within("detector.weight_decay", detector.weight_decay, 0.0, 1e3);
        c.within("detector.branch_weight", detector.branch_weight, 0.0, 1e6);
        c.positive("rf_meta.inner_rate", self.rf_meta.inner_rate);
        c.within("rf_meta.depth_weight", self.rf_meta.depth_weight, 0.0, 1e6);
        c.within("rf_meta.bn_momentum", self.rf_meta.bn_momentum, 0.0, 1.0);
        check_rival(&self.rival, &mut c);
        check_meta_pattern(self, &mut c);
        c.within("watch.samples", self.watch.samples as f64, 1.0, 256.0);
        c.within("watch.every", self.watch.every as f64, 1.0, 1e12);
        c.within("checkpoint.every", self.checkpoint.every as f64, 1.0, 1e12);
        c.within("checkpoint.keep", self.checkpoint.keep as f64, 4.0, 10_000.0);
        let (by, network) = (evaluate.scored_by, detector.network);
        let sentence = format!(
            "{network} has a map or a class, not both: its score has nothing to choose from; set it to authors"
        );
        c.demand(by == ScoredBy::Authors || network.classifies_too(), "evaluate.scored_by", sentence);
        let untrained = network == Network::RfMetaFas && !self.rf_meta.trains_depth();
        let sentence =
            "the depth estimator does not learn in this run, so its map says nothing; set it to class".to_owned();
        let asked = matches!(by, ScoredBy::Map | ScoredBy::Both);
        c.demand(!(asked && untrained), "evaluate.scored_by", sentence);
        let known = ["dev_eer", "train_eer", "test_eer", "min_hter"].contains(&evaluate.threshold.as_str());
        let fixed =
            evaluate.threshold.strip_prefix("fixed:").is_some_and(|x| x.parse::<f64>().is_ok_and(f64::is_finite));
        c.demand(
            known || fixed,
            "evaluate.threshold",
            format!("'{}' is none of dev_eer, train_eer, test_eer, min_hter, fixed:X", evaluate.threshold),
        );
        if c.0.is_empty() { Ok(()) } else { Err(c.0) }
    }
}
