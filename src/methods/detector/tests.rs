use tch::{Device, Kind, Tensor};

use super::learn::{self, Lesson, Task, learn};
use super::*;

const SIZE: usize = 64;

fn lesson_pictures() -> (Tensor, Tensor) {
    let mut rng = Streams::new(3).stream("pictures", 0);
    let count = 8 * 3 * SIZE * SIZE;
    let noise: Vec<f32> = (0..count).map(|_| 0.3 * crate::rng::normal(&mut rng) as f32).collect();
    let x = Tensor::from_slice(&noise).reshape([8, 3, SIZE as i64, SIZE as i64]);
    let y = Tensor::from_slice(&[0.0_f32, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]).reshape([8, 1, 1, 1]);
    // Spoofs carry stripes.
    let stripes = (Tensor::arange(SIZE as i64, (Kind::Float, Device::Cpu)) * 1.5).sin().reshape([1, 1, 1, SIZE as i64]);
    (x + stripes * &y, y)
}

fn config(network: Network, supervision: Supervision) -> DetectorConfig {
    let routes_after = 3;
    DetectorConfig { network, supervision, width: 2, learning_rate: 1e-2, routes_after, ..DetectorConfig::default() }
}

struct Run {
    net: DetectorNet,
    aids: Aids,
    state: StudentState,
    task: Task,
    hint: Option<Tensor>,
}

fn run(config: &DetectorConfig, x: &Tensor) -> Run {
    let rival_config = RivalConfig { width: 2, ..RivalConfig::default() };
    let net = DetectorNet::student(config, SIZE, ConvMath::Native);
    let rival = DetectorNet::rival(config, &rival_config, 2, SIZE, ConvMath::Native);
    let aids = Aids::new(config, &net, rival.as_ref(), SIZE, ConvMath::Native);
    let state = StudentState::new(&net, &aids, "init/student", 1, Device::Cpu);
    let hint = rival.filter(|_| config.supervision == Supervision::Fitnet).map(|net| {
        let teacher = StudentState::new(&net, &Aids::default(), "init/rival", 1, Device::Cpu);
        net.map_and_features(&teacher.theta.0, &teacher.stats, x).1
    });
    Run { net, aids, state, task: Task::student(config, &rival_config), hint }
}

fn target_of(supervision: Supervision, y: &Tensor) -> Tensor {
    let map = binary_map(y, SIZE as i64 / 8);
    if supervision.live_is_high() { 1.0 - map } else { map }
}

#[test]
fn eq_13_stretches_every_picture_alone_and_guards_flat_ones() {
    let sigma = Tensor::from_slice(&[0.2_f32, 0.4, 0.6, 0.3, 0.5, 0.5, 0.5, 0.5]).reshape([2, 1, 2, 2]);
    let values: Vec<f32> = Vec::try_from(stretch(&sigma).flatten(0, -1)).unwrap();
    for (got, want) in values.iter().zip([0.0, 0.5, 1.0, 0.25, 1.0, 1.0, 1.0, 1.0]) {
        assert!((got - want).abs() < 1e-6, "{values:?}");
    }
    // Eq. 14 stretches raw values, whatever their range, and leaves live faces at zero.
    let y = Tensor::from_slice(&[1.0_f32, 0.0]).reshape([2, 1, 1, 1]);
    let values: Vec<f32> = Vec::try_from(eq_14(&(sigma * 40.0 - 9.0), &y).flatten(0, -1)).unwrap();
    for (got, want) in values.iter().zip([0.0, 0.5, 1.0, 0.25, 0.0, 0.0, 0.0, 0.0]) {
        assert!((got - want).abs() < 1e-5, "{values:?}");
    }
}

/// Every network with every supervision it can learn from takes steps that lower its loss; all but the tree then score spoofs above live faces.
#[test]
fn every_detector_learns_from_every_supervision() {
    let (x, y) = lesson_pictures();
    for &network in Network::ALL.iter().filter(|n| !n.learns_across_domains()) {
        for &supervision in Supervision::ALL.iter().filter(|s| network.learns_from(**s)) {
            let config = config(network, supervision);
            let Run { net, aids, mut state, task, hint } = run(&config, &x);
            let target = target_of(supervision, &y);
            // As in a run: one value where there is no map.
            let target = if network.has_map() { target } else { y.shallow_clone() };
            let lesson = Lesson { x: &x, y: &y, target: &target, known: None, hint: hint.as_ref() };
            // The map's part where there are others: routes and peers join later and have their own scale.
            let loss = |numbers: &[(String, f64)]| {
                let named = |name: &str| numbers.iter().find(|(n, _)| n == name).map(|(_, v)| *v);
                named("map_loss").or(named("loss")).unwrap()
            };
            let first = learn(&net, &aids, &mut state, &task, &lesson);
            assert!(first.iter().all(|(_, v)| v.is_finite()), "{network} {supervision}: {first:?}");
            let mut last = loss(&first);
            // A tree is slow, and twenty of its steps show no more than six.
            let steps = if network == Network::Dtn { 6 } else { 20 };
            for _ in 1..steps {
                last = loss(&learn(&net, &aids, &mut state, &task, &lesson));
            }
            assert!(last < loss(&first), "{network}({supervision}): {} -> {last}", loss(&first));
            assert_eq!(state.adam.steps, steps);
            let output = net.output(&state.theta.0, &state.mu.0, &x, BnMode::Batch);
            let scores = scores(&output, supervision, ScoredBy::Authors);
            let mean = |s: &[f64]| s.iter().sum::<f64>() / s.len() as f64;
            // A tree's routes do not settle so soon.
            let apart = mean(&scores[4..]) > mean(&scores[..4]) || network == Network::Dtn;
            assert!(apart, "{network}({supervision}): {scores:?}");
        }
    }
}

/// The same step by hand and by libtorch.
#[test]
fn both_ways_of_differentiating_take_the_same_step() {
    let (x, y) = lesson_pictures();
    for network in [Network::Light, Network::FasDr, Network::Resnet8, Network::Cdcn] {
        for supervision in [Supervision::BinaryMap, Supervision::BinaryLabel, Supervision::Depth] {
            let config = config(network, supervision);
            let Run { net, aids, mut state, task, .. } = run(&config, &x);
            let mut other = state.clone();
            let target = target_of(supervision, &y);
            let known = Tensor::from_slice(&[1.0_f32, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]).reshape([8, 1, 1, 1]);
            let lesson = Lesson { x: &x, y: &y, target: &target, known: Some(&known), hint: None };
            let by_hand = learn::by_hand(&net, &mut state, &task, &lesson);
            let by_libtorch = learn::by_libtorch(&net, &aids, &mut other, &task, &lesson);
            assert!((by_hand[0].1 - by_libtorch[0].1).abs() < 1e-5 * by_hand[0].1.abs(), "{network}");
            // Moments are the gradient: parameters after one step of Adam show its sign alone.
            for ((a, b), spec) in state.adam.first.iter().zip(&other.adam.first).zip(net.graph.params()) {
                let scale = b.abs().max().double_value(&[]).max(1e-6);
                let distance = (a - b).abs().max().double_value(&[]) / scale;
                assert!(distance < 2e-3, "{network} {supervision} {}: {distance}", spec.name);
            }
        }
    }
}

/// What attention says, pixel by pixel, is where the value before the sigmoid comes from; networks that end otherwise have none.
#[test]
fn attention_adds_up_to_the_value_before_the_sigmoid() {
    let (x, _) = lesson_pictures();
    let x = x.to_kind(Kind::Double);
    for &network in Network::ALL {
        let net = DetectorNet::student(&config(network, Supervision::BinaryLabel), SIZE, ConvMath::Native);
        let mut rng = Streams::new(4).stream("theta", 0);
        let mut theta = net.graph.init(&mut rng, Kind::Double, Device::Cpu);
        let Some((last, linear)) = network.mean_head() else {
            assert!(net.attention(&theta, &x, BnMode::Batch, 8).is_none(), "{network}");
            continue;
        };
        // A bias that is not zero.
        let bias = net.graph.param(&format!("{linear}.bias")).unwrap();
        theta[bias] = &theta[bias] + 0.7;
        let [last, logit] = [last, linear].map(|name| net.graph.find(name).unwrap());
        let values = net.graph.forward_at(&theta, &net.sees(&x), BnMode::Batch, &[last, logit]);
        // At the size of the last features nothing is interpolated.
        let map = net.attention(&theta, &x, BnMode::Batch, values[0].size()[3]).unwrap();
        let sum = map.mean_dim([2_i64, 3].as_slice(), true, None::<Kind>) + theta[bias].view([1, -1, 1, 1]);
        let apart = (sum - &values[1]).abs().max().double_value(&[]);
        assert!(apart < 1e-12, "{network}: {apart}");
        assert!(map.std(false).double_value(&[]) > 1e-4, "{network}: one place counts as much as another");
        let side = net.shown_side(SIZE) as i64;
        assert_eq!(side, 8, "{network}: as large as maps are");
        let shown = net.attention(&theta, &x, BnMode::Batch, side).unwrap();
        assert_eq!(shown.size(), [8, 1, side, side], "{network}");
    }
}

#[test]
fn a_tree_sends_every_picture_to_one_leaf() {
    let (x, y) = lesson_pictures();
    let config = config(Network::Dtn, Supervision::Mask);
    let Run { net, aids, mut state, task, .. } = run(&config, &x);
    let target = target_of(Supervision::Mask, &y);
    let lesson = Lesson { x: &x, y: &y, target: &target, known: None, hint: None };
    for _ in 0..5 {
        learn(&net, &aids, &mut state, &task, &lesson);
    }
    assert_eq!(state.mu.0.len(), crate::nets::dtn::ROUTES);
    assert!(state.mu.0[0].abs().max().double_value(&[]) > 0.0, "the first mean follows the spoofs");
    let output = net.output(&state.theta.0, &state.mu.0, &x, BnMode::Batch).map;
    let values = tch::no_grad(|| net.graph.forward_at(&state.theta.0, &x, BnMode::Batch, &net.graph.outputs()));
    for i in 0..8 {
        let of = |map: &Tensor| map.narrow(0, i, 1);
        let same = values[..8].iter().filter(|leaf| of(leaf).equal(&of(&output))).count();
        assert!(same >= 1, "picture {i} has the map of no leaf");
    }
}

#[test]
fn scores_are_high_for_spoofs_whatever_the_map_means() {
    let map = Tensor::from_slice(&[0.25_f32, 0.75]).reshape([2, 1, 1, 1]);
    let plain = Output { map: map.shallow_clone(), branch: None, map_counts: true };
    assert_eq!(scores(&plain, Supervision::MetaTeacher, ScoredBy::Authors), [0.25, 0.75]);
    assert_eq!(scores(&plain, Supervision::Depth, ScoredBy::Authors), [0.75, 0.25]);
    let branch = Some(Tensor::from_slice(&[1.0_f32, 0.5]).reshape([2, 1, 1, 1]));
    let both = Output { map, branch, map_counts: true };
    assert_eq!(scores(&both, Supervision::BinaryMap, ScoredBy::Authors), [0.625, 0.625]);
    assert_eq!(scores(&both, Supervision::Depth, ScoredBy::Authors), [0.875, 0.375]);
    // Either alone: the mean of the map, the branch.
    assert_eq!(scores(&both, Supervision::BinaryMap, ScoredBy::Map), [0.25, 0.75]);
    assert_eq!(scores(&both, Supervision::BinaryMap, ScoredBy::Class), [1.0, 0.5]);
    let meta = Output { map_counts: false, ..both };
    assert_eq!(scores(&meta, Supervision::Depth, ScoredBy::Authors), [1.0, 0.5]);
    assert_eq!(scores(&meta, Supervision::Depth, ScoredBy::Both), [0.875, 0.375]);
}

#[test]
fn peers_count_more_and_more() {
    assert!((peers::ramp(0.0, 0.27) - (-5.0_f64).exp()).abs() < 1e-12);
    assert_eq!((peers::ramp(0.27, 0.27), peers::ramp(1.0, 0.27)), (1.0, 1.0));
    assert!((peers::ramp(0.135, 0.27) - (-1.25_f64).exp()).abs() < 1e-12);
}
