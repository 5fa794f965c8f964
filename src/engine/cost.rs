//! What a run will cost, counted before it starts from the layers of its networks: floating-point operations of an
//! iteration of every stage, and the values that a step keeps for its way back. Convolutions alone, two operations a
//! multiply-add, as the layer tables count.

use super::nets::RunNets;
use super::phase::Learning;
use super::setup::source_domains;
use crate::config::{
    BilevelConfig, BnTest, BnTraining, HyperMode, RfAlgorithm, RunConfig, Stage, Supervision, Teaching,
};
use crate::nets::{Graph, hfn};

/// One counted stage's cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageCost {
    /// Which stage.
    pub stage: Stage,
    /// Its iterations.
    pub iterations: u64,
    /// 10^9 operations of one of them; absent for `exact_db`, whose graph of a graph nobody counts.
    pub gflop: Option<f64>,
    /// MiB of values kept by its largest step, in single precision. Fused stages keep less.
    pub mib: f64,
}

/// A run's cost, stage by stage; stages without iterations are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost(pub Vec<StageCost>);

impl Cost {
    /// 10^9 operations of all iterations.
    pub fn gflop(&self) -> Option<f64> {
        self.0.iter().map(|s| s.gflop.map(|g| g * s.iterations as f64)).sum()
    }

    /// MiB kept by the largest step of all.
    pub fn mib(&self) -> f64 {
        self.0.iter().map(|s| s.mib).fold(0.0, f64::max)
    }

    /// A sentence: operations an iteration of every stage, of all together, and memory.
    pub fn words(&self) -> String {
        let one = |s: &StageCost| {
            let gflop = s.gflop.map_or_else(|| "uncounted".to_owned(), |g| format!("{} GFLOP", number(g)));
            format!("{} {gflop}", s.stage.name())
        };
        let stages: Vec<String> = self.0.iter().map(one).collect();
        let all = self.gflop().map_or_else(String::new, |g| format!("; {} TFLOP in all", number(g / 1000.0)));
        format!("an iteration: {}{all}; about {:.0} MiB kept for the way back", stages.join(", "), self.mib())
    }
}

fn number(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// Forward, and forward with backward, over `pictures` pictures.
fn passes(graph: &Graph, size: i64, pictures: usize) -> (f64, f64) {
    let n = pictures as f64;
    (n * graph.gflop_per_image(size), n * graph.train_gflop_per_image(size))
}

/// One iteration of Algorithm 1, as `methods::mt_fas` goes about it.
fn bilevel(nets: &RunNets, config: &BilevelConfig, size: i64) -> Option<f64> {
    let (inner, outer) = (2 * config.m, 2 * config.n);
    let (teacher, surrogate) = (&nets.meta.teacher, &nets.meta.surrogate);
    let (forward, step) = passes(surrogate, size, inner);
    let first = surrogate.first_gflop_per_image(size) * inner as f64;
    // A tangent costs two convolutions a layer, one at the first; second order five, one at the first.
    let (tangent, second) = (2.0 * forward - first, 5.0 * forward - 4.0 * first);
    let k = config.k as f64;
    let back = match config.hypergradient {
        HyperMode::ExactDb => return None,
        HyperMode::JvpExactHvp => k * tangent + (k - 1.0) * second,
        HyperMode::JvpGn => k * tangent + (k - 1.0) * (step - forward),
        HyperMode::Truncated => k * tangent,
        HyperMode::Fd => k * 2.0 * forward + (k - 1.0) * 2.0 * (step - forward),
    };
    // All passes but the last inner one are made again on the way back.
    let again = if config.hypergradient == HyperMode::Fd { 0.0 } else { (k - 1.0) * forward };
    let validation = passes(surrogate, size, outer).1 + passes(teacher, size, outer).0;
    // Running averages follow passes in batch mode of their own; the momentum teacher's is made in any case.
    let averages = match config.bn {
        BnTraining::Batch => 0.0,
        BnTraining::Running => passes(teacher, size, inner + outer).0 + forward,
    };
    Some(passes(teacher, size, inner).1 + k * step + validation + again + back + averages)
}

/// One iteration across domains: 10^9 operations and MiB. Everything is passed once a source domain; an inner step that is
/// differentiated through takes its gradient, the moved network's pass and, for the second order, four convolutions a layer.
fn across_domains(nets: &RunNets, config: &RunConfig, size: i64) -> (f64, f64) {
    let (rf, domains, batch) = (&config.rf_meta, source_domains(config), config.detector.batch);
    let whole = &nets.student.graph;
    let all = passes(whole, size, domains * batch).1;
    let kept = whole.kept_mib_per_image(size) * batch as f64;
    let second = if rf.first_order { 0.0 } else { 4.0 };
    let m = |pictures: usize| nets.rf_meta.as_ref().map_or(0.0, |n| passes(&n.m, size / 8, pictures).0);
    let (pairs, rest) = (if rf.aggregate { 1.0 } else { domains as f64 - 1.0 }, domains.saturating_sub(1));
    match rf.algorithm {
        RfAlgorithm::RfMeta => {
            let judged = pairs * 3.0 * m(batch) + 3.0 * m(batch);
            (all + (2.0 + second) * m(rest * batch) + judged, kept * domains as f64)
        }
        RfAlgorithm::Joint => (all, kept * domains as f64),
        RfAlgorithm::Reptile => (all, kept),
        RfAlgorithm::Mldg => {
            let inner = (2.0 + second) * passes(whole, size, rest * batch).0;
            (all + inner, kept * (domains as f64 + rest as f64))
        }
        RfAlgorithm::MetaReg => (all + 10.0 * m(batch), kept * domains as f64),
    }
}

/// One iteration of HFN's training, `labels` for every face besides, and how many faces its largest step takes.
fn meta_pattern(nets: &RunNets, config: &RunConfig, labels: f64) -> (f64, usize) {
    let (graph, size, each) = (&nets.student.graph, config.data.size as i64, config.detector.batch);
    let (domains, mp) = (source_domains(config), &config.meta_pattern);
    let cost = |faces: usize, learns: &dyn Fn(&str) -> bool| {
        faces as f64 * (graph.partly_trained_gflop_per_image(size, learns) + labels)
    };
    if !mp.alternates() {
        return (cost(domains * each, &|_| true), domains * each);
    }
    let others = domains.saturating_sub(1).max(1) * each;
    let inner = mp.k as f64 * cost(each, &|name| name.starts_with(hfn::PHI));
    (inner + cost(others, &|name| !name.starts_with(hfn::PHI)), others)
}

/// A whole run's work, stage by stage: what [`cost`] counts, and the passes over faces between and after them. `scored` is
/// how many faces are scored in the end.
pub fn whole(config: &RunConfig, scored: usize) -> Vec<StageCost> {
    let nets = RunNets::new(config);
    let size = config.data.size as i64;
    let forward = |graph: &Graph, pictures: usize| passes(graph, size, pictures).0;
    let calibration = 2 * config.bilevel.m * config.calibrate.batches as usize;
    let teacher = match (config.detector.supervision.teaching(), &nets.rival) {
        (Teaching::Meta, _) => Some(forward(&nets.meta.teacher, calibration)),
        (Teaching::Rival(_), Some(rival)) => Some(forward(&rival.graph, calibration)),
        _ => None,
    };
    let own = if config.evaluate.bn_test == BnTest::Running { calibration } else { 0 };
    let once = |stage: Stage, gflop: f64| StageCost { stage, iterations: 1, gflop: Some(gflop), mib: 0.0 };
    let mut all = cost(config).0;
    all.extend(teacher.map(|gflop| once(Stage::Calibrate, gflop)));
    all.push(once(Stage::Evaluate, forward(&nets.student.graph, own + scored)));
    all.sort_by_key(|s| s.stage);
    all
}

/// What `config` will cost.
pub fn cost(config: &RunConfig) -> Cost {
    let nets = RunNets::new(config);
    let size = config.data.size as i64;
    let lengths = config.lengths();
    let (b, d) = (&config.bilevel, &config.detector);
    let mib = |graph: &Graph, pictures: usize| graph.kept_mib_per_image(size) * pictures as f64;
    let both =
        |pictures: usize| passes(&nets.meta.teacher, size, pictures).1 + passes(&nets.meta.surrogate, size, pictures).1;
    let taught = match (d.supervision, &nets.rival) {
        (Supervision::MetaTeacher, _) => passes(&nets.meta.teacher, size, d.batch).0,
        (_, Some(rival)) => passes(&rival.graph, size, d.batch).0,
        _ => 0.0,
    };
    let domains = source_domains(config);
    let peers = nets.aids.peer.as_ref().map_or(0.0, |p| 2.0 * passes(&p.graph, size, d.batch).1);
    let of_peers = nets.aids.peer.as_ref().map_or(0.0, |p| 2.0 * mib(&p.graph, d.batch));
    let inner = mib(&nets.meta.teacher, 2 * b.m) + mib(&nets.meta.surrogate, 2 * b.m);
    let one = |stage: Stage| {
        let (gflop, mib) = match stage {
            Stage::Pretrain => (Some(both(2 * b.m)), inner / 2.0),
            Stage::Bilevel => (bilevel(&nets, b, size), inner),
            Stage::Rival => nets.rival.as_ref().map_or((Some(0.0), 0.0), |r| {
                (Some(passes(&r.graph, size, config.rival.batch).1), mib(&r.graph, config.rival.batch))
            }),
            _ if Learning::of(d) == Learning::RfMeta => {
                let (own, kept) = across_domains(&nets, config, size);
                (Some(own + taught * domains as f64), kept)
            }
            _ if Learning::of(d) == Learning::MetaPattern => {
                let labels = taught / d.batch as f64;
                let (gflop, faces) = meta_pattern(&nets, config, labels);
                (Some(gflop), mib(&nets.student.graph, faces))
            }
            _ => {
                let own = passes(&nets.student.graph, size, d.batch).1;
                (Some(own + taught + peers), mib(&nets.student.graph, d.batch) + of_peers)
            }
        };
        StageCost { stage, iterations: stage.length(lengths), gflop, mib }
    };
    Cost(Stage::COUNTED.into_iter().map(one).filter(|s| s.iterations > 0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Colour, Network, PatternLearning, Preset};

    fn gflop(config: &RunConfig, stage: Stage) -> f64 {
        cost(config).0.into_iter().find(|s| s.stage == stage).and_then(|s| s.gflop).unwrap()
    }

    /// Table 4's columns that the networks' sizes settle: 280, 283, 431 and 453 GFLOP a step of 16 pictures.
    #[test]
    fn students_and_teachers_cost_what_table_4_says() {
        let mut config = Preset::Paper.config();
        config.detector.batch = 16;
        config.rival.batch = 16;
        let mut student = |supervision| {
            config.detector.supervision = supervision;
            gflop(&config, Stage::Detector)
        };
        assert!((student(Supervision::Depth) - 280.41).abs() < 0.01);
        assert!((student(Supervision::MetaTeacher) - 283.06).abs() < 0.01);
        assert!((student(Supervision::DistillLight) - 283.06).abs() < 0.01);
        assert!((student(Supervision::Distill) - 431.3).abs() < 0.1);
        assert!((student(Supervision::Fitnet) - 431.3).abs() < 0.1);
        assert!((student(Supervision::Bans) - 374.2).abs() < 0.1);
        assert!((student(Supervision::Okddip) - 3.0 * 280.41).abs() < 0.03);
        config.detector.supervision = Supervision::Distill;
        let big = gflop(&config, Stage::Rival);
        assert!((big - 453.0).abs() < 0.005 * 453.0, "{big}");
    }

    /// The counts of Light-16 with M = 20, N = 10 at 256 pixels, term by term.
    #[test]
    fn an_iteration_of_algorithm_1_is_the_sum_of_its_passes() {
        let mut config = Preset::Paper.config();
        let (f, both, first) = (0.165_446, 0.439_7, 2.0 * 3.0 * 16.0 * 9.0 * 65_536.0 / 1e9);
        let fixed = 40.0 * both + 2.0 * 40.0 * both + 20.0 * (both + f) + 40.0 * f;
        let (tangent, second) = (2.0 * f - first, 5.0 * f - 4.0 * first);
        for (mode, back) in [
            (HyperMode::JvpExactHvp, 2.0 * tangent + second),
            (HyperMode::JvpGn, 2.0 * tangent + both - f),
            (HyperMode::Truncated, 2.0 * tangent),
        ] {
            config.bilevel.hypergradient = mode;
            let got = gflop(&config, Stage::Bilevel);
            assert!((got - fixed - 40.0 * back).abs() < 0.05, "{mode}: {got}");
        }
        config.bilevel.hypergradient = HyperMode::JvpExactHvp;
        let batch = cost(&config).gflop().unwrap();
        config.bilevel.bn = BnTraining::Running;
        assert!(cost(&config).gflop().unwrap() > batch, "averages cost passes of their own");
        config.bilevel.hypergradient = HyperMode::ExactDb;
        assert_eq!(cost(&config).gflop(), None);
        assert!(cost(&config).words().contains("bilevel uncounted"));
    }

    #[test]
    fn a_whole_run_has_its_passes_over_faces_too() {
        use Stage::{Bilevel, Calibrate, Detector, Evaluate, Pretrain, Rival};
        let mut config = Preset::Demo.config();
        let stages = |config: &RunConfig| whole(config, 100).into_iter().map(|s| s.stage).collect::<Vec<_>>();
        assert_eq!(stages(&config), [Pretrain, Bilevel, Calibrate, Detector, Evaluate]);
        let last = |config: &RunConfig, scored| whole(config, scored).pop().and_then(|s| s.gflop).unwrap();
        // 50 batches of 32 pictures for its statistics, and as many again: twice the work.
        let statistics = last(&config, 0);
        assert!(statistics > 0.0 && (last(&config, 1600) - 2.0 * statistics).abs() < 1e-9);
        config.evaluate.bn_test = BnTest::Batch;
        assert_eq!(last(&config, 0), 0.0);
        config.detector.supervision = Supervision::Distill;
        assert_eq!(stages(&config), [Rival, Calibrate, Detector, Evaluate]);
        config.detector.supervision = Supervision::Depth;
        assert_eq!(stages(&config), [Detector, Evaluate]);
    }

    /// 60 pictures a step: 17 TFLOP, nearly all of them F's; what makes it second order is less than three hundredths.
    #[test]
    fn the_second_order_of_rf_meta_fas_costs_next_to_nothing() {
        let mut config = Preset::Paper.config();
        config.data.protocol = "mico/OCI-M".to_owned();
        let d = &mut config.detector;
        (d.network, d.supervision, d.width, d.batch) = (Network::RfMetaFas, Supervision::Depth, 64, 20);
        d.colour = Colour::RgbHsv;
        let second = gflop(&config, Stage::Detector);
        assert!((second / 1e3 - 17.2).abs() < 0.3, "{second}");
        config.rf_meta.first_order = true;
        let first = gflop(&config, Stage::Detector);
        assert!(first < second && second < 1.03 * first);
    }

    /// Three forward passes for all 48 faces of K = 4 were 3.8 TFLOP; what is not needed is not computed.
    #[test]
    fn an_iteration_of_meta_pattern_is_its_inner_steps_and_one_of_hfn() {
        let mut config = Preset::Paper.config();
        (config.detector.network, config.detector.supervision) = (Network::Hfn, Supervision::BinaryMap);
        (config.detector.width, config.detector.batch) = (64, 8);
        "mico/OMI-C".clone_into(&mut config.data.protocol);
        let alternating = gflop(&config, Stage::Detector);
        assert!((2300.0..3800.0).contains(&alternating), "{alternating}");
        config.meta_pattern.k = 8;
        let more = gflop(&config, Stage::Detector) - alternating;
        config.meta_pattern.k = 1;
        let once = gflop(&config, Stage::Detector);
        assert!((more / 4.0 - (alternating - once) / 3.0).abs() < 1e-6, "every inner step costs the same");
        // At once: 24 faces, forward and backward.
        config.meta_pattern.learning = PatternLearning::EndToEnd;
        let joint = gflop(&config, Stage::Detector);
        assert!((joint / 24.0 - 3.0 * 26.2).abs() < 1.0, "{joint}");
        "limited/MI-C".clone_into(&mut config.data.protocol);
        assert!((gflop(&config, Stage::Detector) * 1.5 - joint).abs() < 1e-6, "two domains");
    }

    #[test]
    fn stages_that_are_not_there_cost_nothing() {
        let mut config = Preset::Demo.config();
        config.detector.supervision = Supervision::Mask;
        let stages: Vec<Stage> = cost(&config).0.iter().map(|s| s.stage).collect();
        assert_eq!(stages, [Stage::Detector]);
        assert!(cost(&config).words().starts_with("an iteration: detector "));
    }
}
