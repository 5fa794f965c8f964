use tch::{Device, Kind, Tensor};

use super::*;
use crate::config::{Extractor, Fusion, Network, Pattern, RunConfig, ScoredBy, Supervision};
use crate::methods::detector::{Aids, DetectorNet, Lesson, StudentState, binary_map, scores};
use crate::nets::hfn::{LOGITS, PATTERN, PHI, TRUNKS};
use crate::nets::{BnMode, ConvMath, copy_all};
use crate::rng::Streams;

const SIZE: i64 = 32;

/// Four live faces of noise and four spoofs that carry stripes.
fn pictures(index: u64) -> (Tensor, Tensor) {
    let mut rng = Streams::new(3).stream("pictures", index);
    let noise: Vec<f32> = (0..8 * 3 * SIZE * SIZE).map(|_| 0.2 * crate::rng::normal(&mut rng) as f32).collect();
    let x = Tensor::from_slice(&noise).reshape([8, 3, SIZE, SIZE]);
    let y = Tensor::from_slice(&[0.0_f32, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]).reshape([8, 1, 1, 1]);
    let stripes = (Tensor::arange(SIZE, (Kind::Float, Device::Cpu)) * 1.5).sin().reshape([1, 1, 1, SIZE]);
    // Bytes, as pictures of a run are.
    let bytes = (((x + stripes * 0.5 * &y) * 128.0 + 127.5) as Tensor).round().clamp(0.0, 255.0);
    ((bytes - 127.5) / 128.0, y)
}

fn config() -> RunConfig {
    let mut c = RunConfig::default();
    (c.detector.network, c.detector.supervision, c.detector.width) = (Network::Hfn, Supervision::BinaryMap, 2);
    c.detector.learning_rate = 0.01;
    c.meta_pattern.k = 2;
    c
}

struct Run {
    net: DetectorNet,
    state: StudentState,
    task: Task,
}

impl Run {
    fn new(config: &RunConfig) -> Self {
        let net = DetectorNet::hfn(&config.detector, &config.meta_pattern, ConvMath::Native);
        let state = StudentState::new(&net, &Aids::default(), "init/student", 1, Device::Cpu);
        Self { net, state, task: Task::new(config) }
    }

    /// One step of `how` on the pictures of number `index`.
    fn step<T>(&mut self, how: impl Fn(&DetectorNet, &mut StudentState, &Task, &Lesson<'_>) -> T, index: u64) -> T {
        let (x, y) = pictures(index);
        let target = binary_map(&y, SIZE / 8);
        let lesson = Lesson { x: &x, y: &y, target: &target, known: None, hint: None };
        how(&self.net, &mut self.state, &self.task, &lesson)
    }

    fn extractor(&self) -> usize {
        self.net.graph.params().iter().filter(|p| p.name.starts_with(PHI)).count()
    }
}

fn same(a: &[Tensor], b: &[Tensor]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equal(b))
}

/// Algorithm 1 written down again, in another way: every parameter is followed, gradients of what does not learn are thrown
/// away, momentum is kept in lists, logits go through their logarithms.
fn plain_iteration(run: &Run, theta: &mut [Tensor], velocity: &mut [Tensor], k: usize, first: u64) {
    let graph = &run.net.graph;
    let phi = run.extractor();
    let nodes = [graph.outputs()[0], graph.find(LOGITS).unwrap()];
    let mut descend = |index: u64, learns: &dyn Fn(usize) -> bool, rate: f64, factor: f64| {
        let (x, y) = pictures(index);
        let followed: Vec<Tensor> = theta.iter().map(|p| p.detach().copy().set_requires_grad(true)).collect();
        let values = graph.forward_at(&followed, &((&x * 128.0 + 127.5) / 255.0), BnMode::Batch, &nodes);
        let mse = (&values[0] - &y).square().mean(Kind::Float);
        let log_shares = values[1].flatten(1, -1).log_softmax(1, Kind::Float);
        let spoof = y.flatten(0, -1);
        let right: Tensor = log_shares.select(1, 1) * &spoof + log_shares.select(1, 0) * (1.0 - &spoof);
        let loss = (mse - right.mean(Kind::Float)) * factor;
        loss.backward();
        for (i, p) in followed.iter().enumerate().filter(|(i, _)| learns(*i)) {
            velocity[i] = &velocity[i] * 0.9 + p.grad();
            theta[i] = &theta[i] - &velocity[i] * rate;
        }
    };
    for step in 0..k {
        descend(first + step as u64, &|i| i < phi, 0.01 * k as f64, 1.0);
    }
    descend(first + k as u64, &|i| i >= phi, 0.01, 0.5);
}

#[test]
fn alternation_is_algorithm_1_step_by_step() {
    let config = config();
    let mut run = Run::new(&config);
    let k = config.meta_pattern.k;
    let mut theta = copy_all(&run.state.theta.0);
    let mut velocity: Vec<Tensor> = theta.iter().map(Tensor::zeros_like).collect();
    for iteration in 0..2 {
        let first = 10 * iteration;
        plain_iteration(&run, &mut theta, &mut velocity, k, first);
        for step in 0..k as u64 {
            run.step(inner_step, first + step);
        }
        run.step(outer_step, first + k as u64);
        assert_eq!(run.state.adam.steps, iteration + 1);
        let sides = [(&run.state.theta.0, &theta), (&run.state.adam.first, &velocity)];
        for (ours, plain) in sides {
            for ((a, b), spec) in ours.iter().zip(plain.iter()).zip(run.net.graph.params()) {
                let scale = b.abs().max().double_value(&[]).max(1e-3);
                let distance = (a - b).abs().max().double_value(&[]) / scale;
                // Sums in another order, in single precision.
                assert!(distance < 1e-4, "{}: {distance}", spec.name);
            }
        }
    }
}

#[test]
fn what_does_not_learn_keeps_every_bit_and_its_momentum() {
    let mut run = Run::new(&config());
    let phi = run.extractor();
    assert_eq!(phi, 8, "two convolutions with biases and two norms");
    // A scale of 1 may move by less than its last bit.
    let names: Vec<String> = run.net.graph.params().iter().map(|p| p.name.clone()).collect();
    let kernels = |which: std::ops::Range<usize>| which.filter(|&i| names[i].ends_with(".weight"));
    for index in 0..3 {
        let (before, gathered) = (copy_all(&run.state.theta.0), copy_all(&run.state.adam.first));
        let statistics = copy_all(&run.state.stats.mean);
        run.step(inner_step, index);
        let now = &run.state.theta.0;
        assert!(same(&now[phi..], &before[phi..]) && same(&run.state.adam.first[phi..], &gathered[phi..]));
        assert!(kernels(0..phi).all(|i| !now[i].equal(&before[i])));
        // Batch norms of both are in training all the same.
        assert!(run.state.stats.mean.iter().zip(&statistics).all(|(a, b)| !a.equal(b)));
        let (before, gathered) = (copy_all(now), copy_all(&run.state.adam.first));
        run.step(outer_step, 50 + index);
        let now = &run.state.theta.0;
        assert!(same(&now[..phi], &before[..phi]) && same(&run.state.adam.first[..phi], &gathered[..phi]));
        assert!(kernels(phi..now.len()).all(|i| !now[i].equal(&before[i])));
    }
    // What was gathered in one iteration is there in the next.
    assert!(kernels(0..names.len()).all(|i| run.state.adam.first[i].abs().max().double_value(&[]) > 0.0));
}

/// At once: the gradients of both, each as if it were learning alone from the same place.
#[test]
fn end_to_end_is_one_step_of_everything() {
    let mut config = config();
    config.meta_pattern.halve_outer = false;
    config.meta_pattern.inner_rate = config.detector.learning_rate;
    let (mut joint, mut inner, mut outer) = (Run::new(&config), Run::new(&config), Run::new(&config));
    let phi = joint.extractor();
    let numbers = joint.step(joint_step, 7);
    let alone = inner.step(inner_step, 7);
    outer.step(outer_step, 7);
    let expected = [&inner.state.theta.0[..phi], &outer.state.theta.0[phi..]].concat_shared();
    for ((a, b), spec) in joint.state.theta.0.iter().zip(&expected).zip(joint.net.graph.params()) {
        assert!((a - b).abs().max().double_value(&[]) < 1e-6, "{}", spec.name);
    }
    assert_eq!(numbers[0].0, "loss");
    assert!((numbers[0].1 - alone).abs() < 1e-6 && (numbers[1].1 + numbers[2].1 - alone).abs() < 1e-6);
    // Halved, HFN moves half as far, and says the same loss.
    config.meta_pattern.halve_outer = true;
    let mut halved = Run::new(&config);
    let start = copy_all(&halved.state.theta.0);
    let said = halved.step(outer_step, 7);
    assert!((said[0].1 - alone).abs() < 1e-6);
    let last = start.len() - 1;
    let moved = |run: &Run| (&run.state.theta.0[last] - &start[last]).double_value(&[0]);
    assert!((moved(&halved) * 2.0 - moved(&outer)).abs() < 1e-7 && moved(&outer) != 0.0);
}

trait Shared {
    fn concat_shared(&self) -> Vec<Tensor>;
}

impl Shared for [&[Tensor]; 2] {
    fn concat_shared(&self) -> Vec<Tensor> {
        self.iter().flat_map(|part| part.iter().map(Tensor::shallow_clone)).collect()
    }
}

#[test]
fn rates_are_those_of_the_settings() {
    let mut config = config();
    (config.meta_pattern.k, config.detector.learning_rate, config.detector.halve_every) = (4, 0.001, 2);
    let moved = |config: &RunConfig, steps: u64| {
        let mut run = Run::new(config);
        run.state.adam.steps = steps;
        let before = run.state.theta.0[0].copy();
        run.step(inner_step, 1);
        (&run.state.theta.0[0] - before).abs().max().double_value(&[])
    };
    let times_k = moved(&config, 0);
    assert!((moved(&config, 4) * 4.0 / times_k - 1.0).abs() < 1e-2, "halved twice");
    config.meta_pattern.inner_rate = 0.001;
    assert!((moved(&config, 0) * 4.0 / times_k - 1.0).abs() < 1e-2, "the paper's one alpha");
}

/// Every extractor, fusion and pattern there is, at a step that leads somewhere from random trunks.
fn variants() -> Vec<RunConfig> {
    let variant = |edit: &dyn Fn(&mut RunConfig)| {
        let mut c = config();
        c.detector.learning_rate = 0.1;
        edit(&mut c);
        c
    };
    let extractors = Extractor::ALL.iter().map(|&e| variant(&|c| c.meta_pattern.extractor = e));
    let fusions = Fusion::ALL.iter().map(|&f| variant(&|c| c.meta_pattern.fusion = f));
    let patterns = Pattern::ALL.iter().map(|&p| variant(&|c| c.meta_pattern.pattern = p));
    let both = variant(&|c| c.meta_pattern.standardise = crate::config::Standardise::Both);
    extractors.chain(fusions).chain(patterns).chain([both]).collect()
}

#[test]
fn every_variant_learns_and_says_something_between_live_and_spoof() {
    for config in variants() {
        let mp = &config.meta_pattern;
        let name = format!("{} {} {}", mp.pattern, mp.extractor, mp.fusion);
        let mut run = Run::new(&config);
        let before = copy_all(&run.state.theta.0);
        let numbers = if mp.alternates() {
            run.step(inner_step, 0);
            run.step(outer_step, 100)
        } else {
            run.step(joint_step, 100)
        };
        assert!(numbers.iter().all(|(_, v)| v.is_finite()), "{name}: {numbers:?}");
        let moved = run.state.theta.0.iter().zip(&before).filter(|(now, then)| !now.equal(then)).count();
        assert!(2 * moved > before.len(), "{name}: {moved} of {} parameters moved", before.len());
        let (x, _) = pictures(100);
        let output = run.net.output(&run.state.theta.0, &[], &x, BnMode::Batch);
        assert!(
            scores(&output, Supervision::BinaryMap, ScoredBy::Authors).iter().all(|s| (0.0..=1.0).contains(s)),
            "{name}"
        );
        let (map, pattern) = run.net.map_and_pattern((&run.state.theta.0, &[]), &x, BnMode::Batch);
        assert!(map.equal(&output.map));
        assert_eq!(pattern.is_some(), mp.pattern == Pattern::Mp, "{name}");
        if let Some(pattern) = pattern {
            assert_eq!(pattern.size(), [8, 3, SIZE, SIZE]);
            assert!(pattern.min().double_value(&[]) > 0.0 && pattern.max().double_value(&[]) < 1.0);
        }
    }
}

/// In turn and at once; one batch again and again for HFN, others for an extractor that learns in turn.
#[test]
fn spoofs_are_told_from_live_faces_after_forty_iterations() {
    for pattern in [Pattern::Mp, Pattern::ColorLbp] {
        let mut config = config();
        config.detector.learning_rate = 0.1;
        config.meta_pattern.pattern = pattern;
        let mut run = Run::new(&config);
        let mut losses = vec![];
        for iteration in 0..40 {
            let numbers = if config.meta_pattern.alternates() {
                run.step(inner_step, iteration);
                run.step(outer_step, 100)
            } else {
                run.step(joint_step, 100)
            };
            losses.push(numbers[0].1);
        }
        // At such steps single losses jump.
        let least = losses[30..].iter().copied().fold(f64::INFINITY, f64::min);
        assert!(least < 0.75 * losses[0], "{pattern}: {losses:?}");
        let (x, _) = pictures(100);
        let said = scores(
            &run.net.output(&run.state.theta.0, &[], &x, BnMode::Batch),
            Supervision::BinaryMap,
            ScoredBy::Authors,
        );
        let mean = |s: &[f64]| s.iter().sum::<f64>() / s.len() as f64;
        assert!(mean(&said[4..]) > mean(&said[..4]), "{pattern}: {said:?}");
    }
}

/// Eq. 11 turned round: 1 - (P(live) + mean(1 - m)) / 2 = (P(spoof) + mean m) / 2.
#[test]
fn a_score_is_halfway_between_classifier_and_map() {
    let run = Run::new(&config());
    let graph = &run.net.graph;
    let (x, _) = pictures(2);
    let nodes = [graph.outputs()[0], graph.find(LOGITS).unwrap(), graph.find(PATTERN).unwrap()];
    let values = tch::no_grad(|| graph.forward_at(&run.state.theta.0, &run.net.sees(&x), BnMode::Batch, &nodes));
    let live = values[1].softmax(1, Kind::Double).select(1, 0).flatten(0, -1);
    let map: Tensor = 1.0 - &values[0];
    let ones = map.flatten(1, -1).mean_dim([1_i64].as_slice(), false, Kind::Double);
    let genuine: Vec<f64> = Vec::try_from((live + ones) / 2.0).unwrap();
    let output = run.net.output(&run.state.theta.0, &[], &x, BnMode::Batch);
    for (ours, paper) in scores(&output, Supervision::BinaryMap, ScoredBy::Authors).iter().zip(genuine) {
        assert!((ours - (1.0 - paper)).abs() < 1e-6, "{ours} {paper}");
    }
}

/// Names and sizes as torchvision's `resnet50` has them, in its order; only the last layer is not wanted.
fn torchvision(n: i64) -> Vec<(String, Vec<i64>)> {
    let mut all = vec![("conv1.weight".to_owned(), vec![n, 3, 7, 7])];
    let norm = |all: &mut Vec<(String, Vec<i64>)>, name: &str, c: i64| {
        for part in ["weight", "bias", "running_mean", "running_var"] {
            all.push((format!("{name}.{part}"), vec![c]));
        }
    };
    norm(&mut all, "bn1", n);
    let mut from = n;
    for (stage, blocks) in [3, 4, 6, 3].into_iter().enumerate() {
        let planes = n << stage;
        for block in 0..blocks {
            let layer = format!("layer{}.{block}", stage + 1);
            for (i, (out, inside, k)) in
                [(planes, from, 1), (planes, planes, 3), (4 * planes, planes, 1)].into_iter().enumerate()
            {
                all.push((format!("{layer}.conv{}.weight", i + 1), vec![out, inside, k, k]));
                norm(&mut all, &format!("{layer}.bn{}", i + 1), out);
            }
            if block == 0 {
                all.push((format!("{layer}.downsample.0.weight"), vec![4 * planes, from, 1, 1]));
                norm(&mut all, &format!("{layer}.downsample.1"), 4 * planes);
            }
            from = 4 * planes;
        }
    }
    all
}

fn write(path: &std::path::Path, list: &[(String, Vec<i64>)]) {
    let value = |(i, (_, shape)): (usize, &(String, Vec<i64>))| {
        let n: i64 = shape.iter().product();
        ((Tensor::arange(n, (Kind::Float, Device::Cpu)) + i as f64 * 0.5) * 1e-3 + 0.1).reshape(shape)
    };
    let tensors: Vec<Tensor> = list.iter().enumerate().map(value).collect();
    let named: Vec<(&str, &Tensor)> = list.iter().map(|(name, _)| name.as_str()).zip(&tensors).collect();
    Tensor::write_safetensors(&named, path).unwrap();
}

#[test]
fn weights_of_a_resnet_50_fill_both_trunks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("resnet50.safetensors");
    let mut list = torchvision(2);
    // What such files hold besides does not matter.
    list.push(("fc.weight".to_owned(), vec![5, 64]));
    list.push(("bn1.num_batches_tracked".to_owned(), vec![1]));
    write(&path, &list);
    let mut run = Run::new(&config());
    let before = copy_all(&run.state.theta.0);
    let trunk = Trunk::read(&path, &run.net.graph).unwrap();
    assert_eq!(trunk.hash.len(), 64);
    trunk.put(&run.net.graph, &mut run.state);
    let graph = &run.net.graph;
    let mut filled = 0;
    for (i, spec) in graph.params().iter().enumerate() {
        let trunks = TRUNKS.iter().any(|t| spec.name.starts_with(&format!("{t}.")));
        let other = ["lateral", "top", ".p6", ".p7"].iter().any(|part| spec.name.contains(part));
        let changed = !run.state.theta.0[i].equal(&before[i]);
        assert_eq!(changed, trunks && !other, "{}", spec.name);
        filled += usize::from(changed);
    }
    // 53 convolutions and as many norms, twice.
    assert_eq!(filled, 2 * 53 * 3);
    let at = |name: &str| &run.state.theta.0[graph.param(name).unwrap()];
    let number = |name: &str| list.iter().position(|(n, _)| n == name).unwrap();
    for (ours, theirs) in [
        ("layer3.0.downsample.0.weight", "layer3.0.downsample.0.weight"),
        ("layer4.2.bn3.scale", "layer4.2.bn3.weight"),
        ("bn1.shift", "bn1.bias"),
    ] {
        for trunk in TRUNKS {
            let first = at(&format!("{trunk}.{ours}")).flatten(0, -1).double_value(&[0]);
            assert!((first - (number(theirs) as f64 * 0.5e-3 + 0.1)).abs() < 1e-6, "{trunk} {ours}");
        }
    }
    let k = graph.norm(&format!("{}.layer2.1.bn2", TRUNKS[1])).unwrap();
    let mean = run.state.stats.mean[k].double_value(&[0]);
    assert!((mean - (number("layer2.1.bn2.running_mean") as f64 * 0.5e-3 + 0.1)).abs() < 1e-6);
}

#[test]
fn wrong_weights_are_told_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    let run = Run::new(&config());
    let told = |path: &std::path::Path| Trunk::read(path, &run.net.graph).unwrap_err().to_string();
    assert!(told(&path).starts_with("meta_pattern.weights: cannot read the file: "), "{}", told(&path));
    std::fs::write(&path, b"no tensors").unwrap();
    assert!(told(&path).contains("it is no safetensors file"), "{}", told(&path));
    write(&path, &torchvision(2)[..40]);
    assert!(told(&path).contains("there is no layer"), "{}", told(&path));
    // A ResNet-50 as it is, for a narrow trunk.
    write(&path, &torchvision(4));
    let words = told(&path);
    assert!(words.contains("trunk of width 2: conv1.weight has the shape [4, 3, 7, 7], not [2, 3, 7, 7]"), "{words}");
}

/// What torchvision's file holds is what the paper's trunks take.
#[test]
fn the_papers_trunk_is_torchvisions() {
    let count: i64 = torchvision(64)
        .iter()
        .filter(|(name, _)| !name.contains("running"))
        .map(|(_, shape)| shape.iter().product::<i64>())
        .sum();
    assert_eq!(count, 25_557_032 - 2_048 * 1000 - 1000, "ResNet-50 without its last layer");
    let graph = crate::nets::hfn::graph(crate::nets::hfn::HfnShape::new(64));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("resnet50.safetensors");
    write(&path, &torchvision(64));
    assert!(Trunk::read(&path, &graph).is_ok());
}
