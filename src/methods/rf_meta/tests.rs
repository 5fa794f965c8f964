//! Exactness in double precision on tiny networks: against central differences, against a second way of writing the same
//! derivative, against closed forms.

use tch::{Device, Kind, Tensor};

use super::iteration::{classify, gradients, stepped};
use super::nets::followed;
use super::*;
use crate::config::{Colour, DetectorConfig, MapLoss, Network, RivalConfig, Supervision};
use crate::methods::detector::{Aids, DetectorNet, Task};
use crate::methods::optim::{Adam, dot, norm};
use crate::nets::{BnMode, BnStats, ConvMath, ParamList};
use crate::rng::normal;

const SIDE: i64 = 32;
const EACH: i64 = 6;

struct Case {
    net: DetectorNet,
    nets: RfNets,
    state: StudentState,
    config: RfMetaConfig,
}

fn noise(seed: u64, shape: &[i64], scale: f64) -> Tensor {
    let mut rng = Streams::new(seed).stream("noise", 0);
    let values: Vec<f64> = (0..shape.iter().product::<i64>()).map(|_| scale * normal(&mut rng)).collect();
    Tensor::from_slice(&values).reshape(shape)
}

fn double(tensors: &[Tensor]) -> ParamList {
    tensors.iter().map(|t| t.to_kind(Kind::Double)).collect()
}

/// A network of width 2 in double precision; inner steps are large enough to matter.
fn case(algorithm: RfAlgorithm) -> Case {
    let detector = DetectorConfig {
        network: Network::RfMetaFas,
        width: 2,
        colour: Colour::RgbHsv,
        supervision: Supervision::Depth,
        ..DetectorConfig::default()
    };
    let config = RfMetaConfig { algorithm, inner_rate: 0.3, depth_weight: 2.0, ..RfMetaConfig::default() };
    let net = DetectorNet::student(&detector, SIDE as usize, ConvMath::Native);
    let nets = RfNets::new(&net.graph, 2, ConvMath::Native);
    let mut state = StudentState::new(&net, &Aids::default(), "init/student", 5, Device::Cpu);
    begin(&mut state, &nets, &config, 5, Device::Cpu);
    state.theta.0 = double(&state.theta.0);
    state.adam = OptimizerState::new(OptimizerKind::Adam, &state.theta.0);
    state.stats = BnStats::identity(&net.graph, Kind::Double, Device::Cpu);
    state.aids.0 = double(&state.aids.0);
    state.aids_adam = OptimizerState::new(OptimizerKind::Adam, &state.aids.0);
    Case { net, nets, state, config }
}

/// Half live, half spoof; spoofs are brighter, a domain has its own tint, live faces have depth.
fn lesson(domain: u64) -> Lesson {
    let y = Tensor::from_slice(&[0.0_f64, 0.0, 0.0, 1.0, 1.0, 1.0]).reshape([EACH, 1, 1, 1]);
    let x = (noise(domain, &[EACH, 6, SIDE, SIDE], 0.15) + 0.4 + &y * 0.2 + 0.05 * domain as f64).clamp(0.0, 1.0);
    let target = (noise(domain + 10, &[EACH, 1, SIDE / 8, SIDE / 8], 0.2) + 0.5) * (1.0 - &y);
    Lesson { x, y, target: Some(target), known: None }
}

fn map_loss(map: &Tensor, target: &Tensor, known: Option<&Tensor>) -> Tensor {
    let detector = DetectorConfig { map_loss: MapLoss::Paper, ..DetectorConfig::default() };
    Task::student(&detector, &RivalConfig::default()).map_error(map, target, known)
}

impl Case {
    fn judge(&self) -> Judge<'_> {
        Judge { nets: &self.nets, config: &self.config, map_loss: &map_loss }
    }

    /// An iteration over three domains with all phases but the last done.
    fn before_the_last(&self) -> Iteration {
        let mut lessons: Vec<Lesson> = (0..3).map(lesson).collect();
        let (n, judged) = batches(&self.config, 3);
        let test = if judged { lessons.pop() } else { None };
        let train = if n < lessons.len() { vec![Lesson::pooled(&lessons)] } else { lessons };
        let mut it = Iteration::new(&self.state, train, test);
        let mut state = self.state.clone();
        let all = steps(&self.config, 3);
        for step in &all[..all.len() - 1] {
            it.step(*step, self.judge(), &mut state, Adam::plain(1e-3));
        }
        it
    }

    /// The gradient that an iteration would follow.
    fn gradient(&self) -> ParamList {
        self.before_the_last().total().1
    }

    /// A whole iteration.
    fn iterate(&mut self, rate: f64) -> Vec<(String, f64)> {
        let mut it = self.before_the_last();
        let judge = Judge { nets: &self.nets, config: &self.config, map_loss: &map_loss };
        it.step(Step::MetaOptimise, judge, &mut self.state, Adam::plain(rate))
    }
}

/// Total classification and depth loss of a pass, written apart from the code under test.
fn joint(case: &Case, theta: &[Tensor], lesson: &Lesson) -> Tensor {
    let pass = case.nets.pass(theta, &lesson.x);
    let depth = (pass.map - lesson.target.as_ref().unwrap()).square().mean(None::<Kind>);
    classify(&pass.logit, &lesson.y) + depth * case.config.depth_weight
}

/// What Algorithm 1 minimises, as a number, by first derivatives alone.
fn objective(case: &Case, theta: &[Tensor]) -> f64 {
    let theta = followed(theta);
    let test = lesson(2);
    let mut total = joint(case, &theta, &test).double_value(&[]);
    total -= classify(&case.nets.pass(&theta, &test.x).logit, &test.y).double_value(&[]);
    let features = case.nets.pass(&theta, &test.x).features;
    for i in 0..2 {
        let lesson = lesson(i);
        total += joint(case, &theta, &lesson).double_value(&[]);
        let loss = classify(&case.nets.pass(&theta, &lesson.x).logit, &lesson.y);
        let m: Vec<&Tensor> = case.nets.of_m(&theta).iter().collect();
        let g = gradients(&loss, &m, false, false);
        let moved: ParamList = m.iter().zip(&g).map(|(p, g)| *p - g * case.config.inner_rate).collect();
        total += classify(&case.nets.judge(&moved, &features), &test.y).double_value(&[]);
    }
    total
}

/// What MLDG minimises.
fn mldg_objective(case: &Case, theta: &[Tensor]) -> f64 {
    let theta = followed(theta);
    let (train, test) = (Lesson::pooled(&[lesson(0), lesson(1)]), lesson(2));
    let loss = classify(&case.nets.pass(&theta, &train.x).logit, &train.y);
    let g = gradients(&loss, &theta.iter().collect::<Vec<_>>(), false, false);
    let moved: ParamList = theta.iter().zip(&g).map(|(p, g)| p - g * case.config.inner_rate).collect();
    (loss + classify(&case.nets.pass(&moved, &test.x).logit, &test.y)).double_value(&[])
}

/// Slope of `f` along `direction` by central differences, the step far below where a kink might lie.
fn slope(theta: &[Tensor], direction: &[Tensor], f: impl Fn(&[Tensor]) -> f64) -> f64 {
    let eps = 1e-6;
    let at = |sign: f64| {
        let moved: ParamList = theta.iter().zip(direction).map(|(p, d)| p + d * (sign * eps)).collect();
        f(&moved)
    };
    (at(1.0) - at(-1.0)) / (2.0 * eps)
}

#[test]
fn the_meta_gradient_is_the_slope_of_the_objective() {
    let case = case(RfAlgorithm::RfMeta);
    let gradient = case.gradient();
    // F, D and M apart, so that none hides behind another.
    for (part, range) in case.nets.params.clone().into_iter().enumerate() {
        let direction: ParamList = (case.state.theta.0.iter().enumerate())
            .map(|(i, p)| if range.contains(&i) { noise(i as u64 + 100, &p.size(), 1.0) } else { p.zeros_like() })
            .collect();
        let size = norm(&direction);
        let direction: ParamList = direction.iter().map(|d| d / size).collect();
        let (expected, got) =
            (slope(&case.state.theta.0, &direction, |theta| objective(&case, theta)), dot(&gradient, &direction));
        assert!((expected - got).abs() < 1e-7 * expected.abs().max(0.1), "part {part}: {expected} against {got}");
    }
}

#[test]
fn mldgs_gradient_is_the_slope_of_its_objective() {
    let case = case(RfAlgorithm::Mldg);
    let gradient = case.gradient();
    let direction: ParamList =
        case.state.theta.0.iter().enumerate().map(|(i, p)| noise(i as u64 + 100, &p.size(), 0.05)).collect();
    let (expected, got) =
        (slope(&case.state.theta.0, &direction, |theta| mldg_objective(&case, theta)), dot(&gradient, &direction));
    assert!((expected - got).abs() < 1e-7 * expected.abs().max(0.1), "{expected} against {got}");
    let d = case.nets.params[1].clone();
    assert_eq!(norm(&gradient[d]), 0.0, "MLDG has no depth estimator");
}

/// The exact gradient is the first-order one less alpha times the gradient of g_i v_i, with v_i the slope of the meta-test loss at
/// M_i' as a constant: what first order leaves out, written as one Hessian-vector product a pair.
#[test]
fn second_order_adds_the_gradient_of_inner_products() {
    let mut case = case(RfAlgorithm::RfMeta);
    let exact = case.gradient();
    case.config.first_order = true;
    let first = case.gradient();
    let theta = followed(&case.state.theta.0);
    let all: Vec<&Tensor> = theta.iter().collect();
    let test = lesson(2);
    let features = case.nets.pass(&theta, &test.x).features.detach();
    let mut expected: ParamList = first.iter().map(Tensor::shallow_clone).collect();
    for i in 0..2 {
        let lesson = lesson(i);
        let loss = classify(&case.nets.pass(&theta, &lesson.x).logit, &lesson.y);
        let m: Vec<&Tensor> = case.nets.of_m(&theta).iter().collect();
        let g = gradients(&loss, &m, true, true);
        let moved = followed(&m.iter().zip(&g).map(|(p, g)| *p - g * case.config.inner_rate).collect::<Vec<_>>());
        let judged = classify(&case.nets.judge(&moved, &features), &test.y);
        let v = gradients(&judged, &moved.iter().collect::<Vec<_>>(), false, false);
        let product = g.iter().zip(&v).map(|(g, v)| (g * v).sum(None::<Kind>)).reduce(|a, b| a + b).unwrap();
        let correction = gradients(&product, &all, false, false);
        expected = expected.iter().zip(&correction).map(|(e, c)| e - c * case.config.inner_rate).collect();
    }
    let distance = |a: &[Tensor], b: &[Tensor]| {
        let apart: ParamList = a.iter().zip(b).map(|(a, b)| a - b).collect();
        norm(&apart) / norm(b)
    };
    assert!(distance(&exact, &expected) < 1e-9, "{}", distance(&exact, &expected));
    // It matters to the features and to the meta learner, and D knows nothing of it.
    let [f, d, m] = case.nets.params.clone();
    assert!(distance(&first[f.clone()], &exact[f]) > 1e-4 && distance(&first[m.clone()], &exact[m]) > 1e-3);
    assert!(distance(&first[d.clone()], &exact[d]) < 1e-12);
}

/// MAML on quadratics: the slope of 1/2 (t'-b)B(t'-b) at t' = t - 0.1 A(t - a) is (1 - 0.1 A) B (t'-b), by hand.
#[test]
fn inner_steps_on_quadratics_have_their_closed_form() {
    let of = |values: &[f64], shape: &[i64]| Tensor::from_slice(values).reshape(shape);
    let (a, b) = (of(&[2.0, 1.0, 1.0, 3.0], &[2, 2]), of(&[1.0, 0.0, 0.0, 4.0], &[2, 2]));
    let (low_a, low_b) = (of(&[1.0, -1.0], &[2, 1]), of(&[0.0, 2.0], &[2, 1]));
    let form = |matrix: &Tensor, t: &Tensor| t.transpose(0, 1).matmul(matrix).matmul(t).sum(None::<Kind>) * 0.5;
    for (first_order, expected) in [(false, [1.28, -4.56]), (true, [0.8, -6.4])] {
        let theta = of(&[1.0, 1.0], &[2, 1]).set_requires_grad(true);
        let train = form(&a, &(&theta - &low_a));
        let (after, g) = stepped(&train, &[&theta], 0.1, first_order);
        let test = form(&b, &(&after[0] - &low_b));
        assert!((train.double_value(&[]) - 6.0).abs() < 1e-12 && (test.double_value(&[]) - 5.44).abs() < 1e-12);
        let slope = gradients(&test, &[&theta], true, false).remove(0);
        let slope: Vec<f64> = Vec::try_from(slope.flatten(0, -1)).unwrap();
        assert!(slope.iter().zip(expected).all(|(s, e)| (s - e).abs() < 1e-12), "{slope:?}");
        if !first_order {
            let both: Vec<f64> =
                Vec::try_from(gradients(&(train + test), &[&theta], false, false)[0].flatten(0, -1)).unwrap();
            assert!(both.iter().zip([3.28, 1.44]).all(|(s, e)| (s - e).abs() < 1e-12), "MLDG: {both:?}");
        }
        assert!(!g[0].requires_grad());
    }
}

#[test]
fn without_meta_learning_it_is_plain_joint_training() {
    let mut case = case(RfAlgorithm::Joint);
    let theta = followed(&case.state.theta.0);
    let total = (0..3).map(|i| joint(&case, &theta, &lesson(i))).reduce(|a, b| a + b).unwrap();
    let gradient = gradients(&total, &theta.iter().collect::<Vec<_>>(), false, false);
    let (mut expected, mut adam) = (copies(&case.state.theta.0), case.state.adam.clone());
    adam.adam(Adam::plain(1e-2), &mut expected, &gradient);
    case.iterate(1e-2);
    let close = |(a, b): (&Tensor, &Tensor)| (a - b).abs().max().double_value(&[]) < 1e-12;
    assert!(case.state.theta.0.iter().zip(&expected).all(close));
}

fn copies(tensors: &[Tensor]) -> ParamList {
    tensors.iter().map(Tensor::copy).collect()
}

fn equal(a: &[Tensor], b: &[Tensor]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equal(b))
}

/// Until the last phase nothing of the state moves; looking at the network in between, and other iterations, change nothing.
#[test]
fn phases_leave_nothing_behind() {
    for &algorithm in RfAlgorithm::ALL {
        let mut case = case(algorithm);
        let before = copies(&case.state.theta.0);
        let means = copies(&case.state.stats.mean);
        let mut lessons: Vec<Lesson> = (0..3).map(lesson).collect();
        let (n, judged) = batches(&case.config, 3);
        let test = if judged { lessons.pop() } else { None };
        let train = if n < lessons.len() { vec![Lesson::pooled(&lessons)] } else { lessons };
        let mut it = Iteration::new(&case.state, train, test);
        let all = steps(&case.config, 3);
        let mut state = case.state.clone();
        for step in &all[..all.len() - 1] {
            it.step(*step, case.judge(), &mut state, Adam::plain(1e-3));
            let _seen = case.net.graph.forward(&case.state.theta.0, &lesson(7).x, BnMode::Running(&case.state.stats));
            drop(case.before_the_last());
            assert!(equal(&state.theta.0, &before) && equal(&state.stats.mean, &means), "{algorithm}: {step:?}");
        }
        it.step(Step::MetaOptimise, case.judge(), &mut state, Adam::plain(1e-3));
        case.iterate(1e-3);
        assert!(
            equal(&state.theta.0, &case.state.theta.0) && equal(&state.stats.var, &case.state.stats.var),
            "{algorithm}"
        );
        assert!(!equal(&state.theta.0, &before), "{algorithm} learns");
    }
}

#[test]
fn running_statistics_are_those_of_meta_train_and_the_adapted_path_writes_none() {
    let mut case = case(RfAlgorithm::RfMeta);
    case.config.bn_momentum = 1.0;
    let of = |i: u64| case.nets.pass(&case.state.theta.0, &lesson(i).x).stats;
    let (batches, mut expected) = ([of(0), of(1), of(2)], case.state.stats.clone());
    for batch in &batches {
        expected.blend(batch, 0.1);
    }
    let [f, d, m] = case.nets.norms.clone();
    case.iterate(1e-3);
    let got = &case.state.stats;
    let close = |a: &Tensor, b: &Tensor| (a - b).abs().max().double_value(&[]) < 1e-12;
    assert!((f.start..d.end).all(|i| close(&got.mean[i], &expected.mean[i]) && close(&got.var[i], &expected.var[i])));
    // At rate 1 they are the last meta-train batch's, whatever the meta-test batch was.
    assert!(m.clone().all(|i| close(&got.mean[i], &batches[1].mean[i]) && close(&got.var[i], &batches[1].var[i])));
    assert!(!m.clone().any(|i| close(&got.mean[i], &batches[2].mean[i])));
    assert_eq!(f.len() + d.len() + m.len(), got.mean.len());
}

#[test]
fn pooled_domains_are_one_pair() {
    let mut case = case(RfAlgorithm::RfMeta);
    case.config.aggregate = true;
    let it = case.before_the_last();
    assert_eq!((it.train.len(), it.train[0].x.size()[0], it.adapted.len()), (1, 2 * EACH, 1));
    let pooled = Lesson::pooled(&[lesson(0), Lesson { known: Some(lesson(1).y), ..lesson(1) }]);
    let known: Vec<f64> = Vec::try_from(pooled.known.unwrap().flatten(0, -1)).unwrap();
    assert_eq!(known, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
    assert!(pooled.target.unwrap().narrow(0, EACH, EACH).equal(&lesson(1).target.unwrap()));
}

/// Each of them lowers the loss that its row tells, and tells of all it should.
#[test]
fn every_algorithm_lowers_its_loss() {
    for &algorithm in RfAlgorithm::ALL {
        let mut case = case(algorithm);
        case.config.inner_rate = 1e-3;
        let named = |numbers: &[(String, f64)], name: &str| numbers.iter().find(|(n, _)| n == name).map(|(_, v)| *v);
        let first = case.iterate(1e-2);
        let mut last = vec![];
        for _ in 0..25 {
            last = case.iterate(1e-2);
        }
        let loss = |numbers: &[(String, f64)]| named(numbers, "loss").unwrap();
        assert!(loss(&last) < 0.5 * loss(&first), "{algorithm}: {} to {}", loss(&first), loss(&last));
        let has = |name: &str| named(&first, name).is_some();
        let judged = !matches!(algorithm, RfAlgorithm::Joint | RfAlgorithm::Reptile);
        assert_eq!(
            [has("l_cls"), has("l_dep"), has("l_cls_test"), has("inner_product")],
            [true, algorithm.has_depth(), judged, algorithm == RfAlgorithm::RfMeta],
            "{algorithm}"
        );
    }
}

/// A plain step a domain, each from where the last one led; on one domain the direction is the loss's own gradient.
#[test]
fn reptile_follows_the_gradients_of_its_steps() {
    let mut case = case(RfAlgorithm::Reptile);
    case.config.inner_rate = 1e-2;
    let gradient = |theta: &[Tensor], i: u64| {
        let theta = followed(theta);
        let loss = classify(&case.nets.pass(&theta, &lesson(i).x).logit, &lesson(i).y);
        gradients(&loss, &theta.iter().collect::<Vec<_>>(), false, false)
    };
    let apart = |a: &[Tensor], b: &[Tensor]| norm(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>());
    let mut theta = copies(&case.state.theta.0);
    for i in 0..3 {
        theta = theta.iter().zip(&gradient(&theta, i)).map(|(p, g)| p - g * 1e-2).collect();
    }
    assert!(apart(&case.before_the_last().adapted[0], &theta) < 1e-12 * norm(&theta));
    let (mut alone, mut state) = (Iteration::new(&case.state, vec![lesson(1)], None), case.state.clone());
    alone.step(Step::InnerUpdate(0), case.judge(), &mut state, Adam::plain(1e-3));
    let way: ParamList = alone.theta.iter().zip(&alone.adapted[0]).map(|(p, e)| (p - e) / 1e-2).collect();
    let own = gradient(&case.state.theta.0, 1);
    assert!(apart(&way, &own) < 1e-12 * norm(&own), "{} of {}", apart(&way, &own), norm(&own));
}

/// The regulariser's slope: dL_b/dphi = -alpha sign(theta) dL_b/dtheta', entry by entry.
#[test]
fn meta_regs_weights_learn_what_the_step_did() {
    let case = case(RfAlgorithm::MetaReg);
    let it = case.before_the_last();
    let features = case.nets.pass(&case.state.theta.0, &lesson(2).x).features.detach();
    let moved = followed(&it.adapted[0]);
    let loss = classify(&case.nets.judge(&moved, &features), &lesson(2).y);
    let v = gradients(&loss, &moved.iter().collect::<Vec<_>>(), false, false);
    let m = case.nets.of_m(&case.state.theta.0);
    for ((got, v), p) in it.beside_gradient.iter().zip(&v).zip(m) {
        let expected = v * p.sign() * -case.config.inner_rate;
        assert!((got - expected).abs().max().double_value(&[]) < 1e-12);
    }
    assert!(norm(&it.beside_gradient) > 0.0 && case.state.aids.0.len() == m.len());
}

#[test]
fn scales_start_where_they_are_asked_to() {
    let mut case = case(RfAlgorithm::RfMeta);
    let before = copies(&case.state.theta.0);
    case.config.scale_init = ScaleInit::Uniform;
    begin(&mut case.state, &case.nets, &case.config, 5, Device::Cpu);
    for ((now, then), spec) in case.state.theta.0.iter().zip(&before).zip(case.nets.whole.params()) {
        if spec.role == ParamRole::Scale {
            let (low, high) = (now.min().double_value(&[]), now.max().double_value(&[]));
            assert!(low >= 0.02 && high <= 1.0 && !now.equal(then), "{}: {low} to {high}", spec.name);
        } else {
            assert!(now.equal(then), "{}", spec.name);
        }
    }
}

#[test]
fn every_domain_is_meta_test_equally_often() {
    let mut count = [0_u32; 3];
    for iteration in 0..3000 {
        let order = split(Streams::new(1), iteration, 3);
        count[order[2]] += 1;
        assert_eq!(order, split(Streams::new(1), iteration, 3));
    }
    // Expected 1,000 each; five standard deviations.
    assert!(count.iter().all(|&c| c.abs_diff(1000) < 130), "{count:?}");
}

#[test]
fn the_audit_tells_how_much_meta_learning_there_is() {
    let of = |rate: f64| {
        let mut case = case(RfAlgorithm::RfMeta);
        case.config.inner_rate = rate;
        let numbers = audit(&case.before_the_last(), case.judge(), &case.state);
        let value = |name: &str| numbers.iter().find(|(n, _)| n == name).unwrap().1;
        let all = ["audit_first_order_fd", "audit_first_order_m", "audit_joint_fd", "audit_joint_m"].map(value);
        let exact = case.gradient();
        (case.config.inner_rate, case.config.first_order) = (0.0, true);
        let joint = case.gradient();
        let m = case.nets.params[2].clone();
        let apart: ParamList = exact[m.clone()].iter().zip(&joint[m.clone()]).map(|(a, b)| a - b).collect();
        assert!((all[3] - norm(&apart) / norm(&exact[m])).abs() < 1e-12);
        all
    };
    // Where alpha is small the distances are in proportion to it.
    let (large, small) = (of(1e-4), of(1e-5));
    for (large, small) in large.iter().zip(small) {
        assert!(*large > 0.0 && (large / small - 10.0).abs() < 1.0, "{large} {small}");
    }
}
