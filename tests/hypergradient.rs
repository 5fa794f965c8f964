//! The hypergradient against closed forms, a second engine's numbers, libtorch's double backward and finite
//! differences. Every tolerance is the one the reference numbers were given with.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use metafas::methods::mt_fas::hypergradient::{
    Batch, BnModes, Mode, MuScope, Outcome, Problem, Reduction, hypergradient, mu_gradient, teach,
};
use metafas::methods::optim::{OptimizerKind, OptimizerState, norm};
use metafas::nets::{BnMode, Graph, NetShape, ParamList, ParamRole, cdcn, fas_dr, light, resnet8};
use metafas::rng::{Streams, normal};
use tch::{Device, Kind, Tensor};

/// A narrow FAS-DR.
fn dr(big: bool, final_relu: bool) -> Graph {
    fas_dr(NetShape { final_relu, ..NetShape::new(2) }, big)
}

const ANALYTIC: [Mode; 4] = [Mode::ExactDb, Mode::JvpExactHvp, Mode::JvpGn, Mode::Truncated];

fn tensor(values: &[f64], shape: &[i64]) -> Tensor {
    Tensor::from_slice(values).reshape(shape)
}

fn column(labels: &[f64]) -> Tensor {
    tensor(labels, &[labels.len() as i64, 1, 1, 1])
}

fn flat(tensors: &[Tensor]) -> Vec<f64> {
    tensors.iter().flat_map(|t| Vec::<f64>::try_from(t.to_kind(Kind::Double).flatten(0, -1)).unwrap()).collect()
}

fn relative(a: &[Tensor], b: &[Tensor]) -> f64 {
    let (a, b) = (flat(a), flat(b));
    let square = |xs: &mut dyn Iterator<Item = f64>| xs.map(|x| x * x).sum::<f64>().sqrt();
    square(&mut a.iter().zip(&b).map(|(x, y)| x - y)) / square(&mut b.iter().copied())
}

/// A network of one number: f(x) = theta x.
fn scalar() -> Graph {
    let mut b = Graph::builder("scalar", "closed form", 1);
    let x = b.input();
    b.conv("c", x, 1, 1, false);
    b.build()
}

fn scalar_case(k: usize, mode: Mode) -> Outcome {
    let net = scalar();
    let param = |v: f64| vec![tensor(&[v], &[1, 1, 1, 1])];
    let (theta, omega, omega_hat) = (param(0.3), param(0.7), param(0.6));
    let train = Batch { x: column(&[1.0, -0.5, 2.0, 0.25]), y: column(&[1.0, 1.0, 0.0, 0.0]) };
    let validation = Batch { x: column(&[0.5, -1.0]), y: column(&[1.0, 0.0]) };
    let problem = Problem {
        surrogate: &net,
        teacher: &net,
        theta: &theta,
        omega: &omega,
        omega_hat: &omega_hat,
        train: &train,
        validation: &validation,
        alpha: 0.1,
        k,
        reduction: Reduction::Mean,
        fd_eps: 1e-3,
        modes: BnModes::BATCH,
    };
    hypergradient(problem, mode)
}

/// For f(x) = theta x everything has a closed form, for any number of inner steps. The network is linear in theta, so
/// Gauss-Newton is exact too, and central differences are exact up to rounding.
#[test]
fn scalar_network_equals_its_closed_form() {
    for (k, theta_k, l_v, h) in [
        (1, 0.266_462_156_162_683, 0.551_277_519_037_465, -0.006_814_627_323_318),
        (2, 0.241_832_802_094_654, 0.557_601_306_864_553, -0.013_326_677_776_252),
        (5, 0.200_708_308_692_282, 0.569_850_414_987_943, -0.027_045_616_360_959),
    ] {
        for mode in [Mode::ExactDb, Mode::JvpExactHvp, Mode::JvpGn] {
            let got = scalar_case(k, mode);
            assert!((flat(&got.theta_k)[0] - theta_k).abs() < 1e-12, "theta_{k}, {mode:?}");
            assert!((got.l_v - l_v).abs() < 1e-12, "L_v at K = {k}, {mode:?}");
            assert!((flat(&got.gradient)[0] - h).abs() < 1e-12, "K = {k}, {mode:?}: {:?}", flat(&got.gradient));
        }
        let differences = flat(&scalar_case(k, Mode::Fd).gradient)[0];
        assert!((differences - h).abs() < 1e-10, "K = {k}, differences: {differences}");
        let truncated = flat(&scalar_case(k, Mode::Truncated).gradient)[0];
        assert_eq!((truncated - h).abs() < 1e-9, k == 1, "dropping H must show at K = {k}: {truncated}");
    }
}

/// conv -> tanh -> conv with values from a sine, as two other engines computed it.
fn sine(shape: &[i64], a: f64, f: f64, phase: f64) -> Tensor {
    let n: i64 = shape.iter().product();
    tensor(&(0..n).map(|i| a * (f * i as f64 + phase).sin()).collect::<Vec<_>>(), shape)
}

struct TanhCase {
    net: Graph,
    theta: ParamList,
    omega: ParamList,
    omega_hat: ParamList,
    train: Batch,
    validation: Batch,
}

impl TanhCase {
    fn new() -> Self {
        let mut b = Graph::builder("tanh", "golden", 1);
        let x = b.input();
        let y = b.conv("a", x, 2, 3, true);
        let y = b.tanh(y);
        b.conv("b", y, 1, 3, true);
        let net = b.build();
        let fill = |a: f64, f: f64, phase: f64| -> ParamList {
            let one = |(j, p): (usize, &metafas::nets::ParamSpec)| sine(&p.shape, a, f, phase + 0.5 * j as f64);
            net.params().iter().enumerate().map(one).collect()
        };
        let (theta, omega, omega_hat) = (fill(0.3, 1.7, 0.1), fill(0.3, 1.3, 0.7), fill(0.28, 1.3, 0.72));
        let train = Batch { x: sine(&[4, 1, 6, 6], 1.0, 0.37, 0.2), y: column(&[0.0, 0.0, 1.0, 1.0]) };
        let validation = Batch { x: sine(&[2, 1, 6, 6], 1.0, 0.53, 0.4), y: column(&[0.0, 1.0]) };
        Self { net, theta, omega, omega_hat, train, validation }
    }

    fn problem(&self, k: usize) -> Problem<'_> {
        Problem {
            surrogate: &self.net,
            teacher: &self.net,
            theta: &self.theta,
            omega: &self.omega,
            omega_hat: &self.omega_hat,
            train: &self.train,
            validation: &self.validation,
            alpha: 0.01,
            k,
            reduction: Reduction::SumPixels,
            fd_eps: 1e-4,
            modes: BnModes::BATCH,
        }
    }
}

#[test]
fn tanh_network_equals_two_other_engines() {
    let case = TanhCase::new();
    for (k, l_v, norm, sum, entries) in [
        (
            1,
            11.945_059_765_598,
            2.149_623_082_344,
            5.991_556_371_911,
            [3.501_841_463_866e-2, -9.633_935_677_713e-2, 3.125_101_061_410e-1, 1.811_252_653_326],
        ),
        (
            2,
            11.591_889_832_016,
            4.577_629_603_667e-1,
            1.084_496_561_666,
            [-2.384_033_892_911e-3, -1.556_961_799_592e-2, 2.438_733_738_317e-2, 3.291_957_582_652e-1],
        ),
        (
            3,
            11.562_019_029_605,
            7.050_095_230_203e-1,
            1.786_936_257_964,
            [-6.196_080_677_908e-3, -2.265_778_093_829e-2, 5.575_844_413_760e-2, 5.446_470_650_100e-1],
        ),
    ] {
        for mode in [Mode::ExactDb, Mode::JvpExactHvp] {
            let got = hypergradient(case.problem(k), mode);
            let h = flat(&got.gradient);
            assert!((got.l_t[0] - 15.726_571_649_995).abs() < 1e-10);
            assert!((got.l_v - l_v).abs() < 1e-10, "{mode:?} K = {k}: L_v {}", got.l_v);
            assert!((h.iter().map(|x| x * x).sum::<f64>().sqrt() - norm).abs() < 1e-10, "{mode:?} K = {k}");
            assert!((h.iter().sum::<f64>() - sum).abs() < 1e-10, "{mode:?} K = {k}");
            for (i, want) in [0, 18, 20, 38].into_iter().zip(entries) {
                assert!((h[i] - want).abs() < 1e-10, "{mode:?} K = {k}, entry {i}: {} against {want}", h[i]);
            }
        }
        let differences = hypergradient(case.problem(k), Mode::Fd);
        let exact = hypergradient(case.problem(k), Mode::ExactDb);
        assert!(relative(&differences.gradient, &exact.gradient) < 1e-6, "differences on a smooth network, K = {k}");
        assert!(relative(&[differences.cotangent], &[exact.cotangent]) < 1e-6, "cotangent, K = {k}");
    }
}

/// Lines 9 and 10 of Algorithm 1 after two inner steps: the mu term over all four pictures, a plain outer step, and the
/// momentum teacher behind it, against the same two engines.
#[test]
fn the_mu_term_and_the_two_teachers_steps_equal_two_other_engines() {
    let case = TanhCase::new();
    let (mu, beta, gamma) = (0.001, 0.001, 0.999);
    let h = hypergradient(case.problem(2), Mode::JvpExactHvp).gradient;
    let taught = teach(&case.net, &case.omega, &case.train, BnMode::Batch);
    let m = mu_gradient(&case.net, &case.omega, &taught, &case.train.y, mu, MuScope::All);
    assert!((norm(&m) - 2.980_863_928_231e-4).abs() < 1e-10, "{}", norm(&m));
    let gradient: ParamList = h.iter().zip(&m).map(|(h, m)| h + m).collect();
    let mut omega = metafas::nets::copy_all(&case.omega);
    OptimizerState::new(OptimizerKind::Sgd, &omega).step(OptimizerKind::Sgd, beta, &mut omega, &gradient);
    assert!((norm(&omega) - 1.352_568_589_069).abs() < 1e-10, "{}", norm(&omega));
    let hat: ParamList = case.omega_hat.iter().zip(&omega).map(|(a, w)| a * gamma + w * (1.0 - gamma)).collect();
    assert!((norm(&hat) - 1.262_096_308_058).abs() < 1e-10, "{}", norm(&hat));
}

/// dL_v/dw by moving w itself: no derivative of ours or libtorch's takes part.
#[test]
fn tanh_network_equals_differences_of_the_whole_upper_level() {
    let case = TanhCase::new();
    for k in [1, 2, 3] {
        let exact = flat(&hypergradient(case.problem(k), Mode::JvpExactHvp).gradient);
        let mut position = 0;
        for j in 0..case.omega.len() {
            for i in 0..case.omega[j].numel() {
                let l_v = |e: f64| {
                    let mut omega = metafas::nets::copy_all(&case.omega);
                    omega[j] = {
                        let mut values = flat(&[omega[j].shallow_clone()]);
                        values[i] += e;
                        tensor(&values, &omega[j].size())
                    };
                    hypergradient(Problem { omega: &omega, ..case.problem(k) }, Mode::Truncated).l_v
                };
                let slope = (l_v(1e-4) - l_v(-1e-4)) / 2e-4;
                assert!((slope - exact[position]).abs() < 1e-8, "K = {k}, parameter {position}");
                position += 1;
            }
        }
    }
}

/// Random parameters the way the PyTorch reference draws them: biases and batch norm away from their start values.
fn random_params(net: &Graph, seed: u64, which: &str, kind: Kind) -> ParamList {
    let mut rng = Streams::new(seed).stream(which, 0);
    let start = net.init(&mut rng, Kind::Double, Device::Cpu);
    let shake = |t: &Tensor| {
        let noise: Vec<f64> = (0..t.numel()).map(|_| 0.05 * normal(&mut rng)).collect();
        (t + tensor(&noise, &t.size())).to_kind(kind)
    };
    start.iter().map(shake).collect()
}

struct Random {
    theta: ParamList,
    omega: ParamList,
    omega_hat: ParamList,
    train: Batch,
    validation: Batch,
}

impl Random {
    fn new(surrogate: &Graph, teacher: &Graph, seed: u64, size: i64, (m, n): (i64, i64), kind: Kind) -> Self {
        let mut rng = Streams::new(seed).stream("pictures", 0);
        let mut batch = |half: i64| {
            let shape = [2 * half, 3, size, size];
            let values: Vec<f64> = (0..shape.iter().product::<i64>()).map(|_| normal(&mut rng)).collect();
            let labels: Vec<f64> = (0..2 * half).map(|i| f64::from(u8::from(i >= half))).collect();
            Batch { x: tensor(&values, &shape).to_kind(kind), y: column(&labels).to_kind(kind) }
        };
        Self {
            train: batch(m),
            validation: batch(n),
            theta: random_params(surrogate, seed, "theta", kind),
            omega: random_params(teacher, seed, "omega", kind),
            omega_hat: random_params(teacher, seed, "omega_hat", kind),
        }
    }

    fn problem<'a>(&'a self, surrogate: &'a Graph, teacher: &'a Graph, alpha: f64, k: usize) -> Problem<'a> {
        Problem {
            surrogate,
            teacher,
            theta: &self.theta,
            omega: &self.omega,
            omega_hat: &self.omega_hat,
            train: &self.train,
            validation: &self.validation,
            alpha,
            k,
            reduction: Reduction::Mean,
            fd_eps: 1e-3,
            modes: BnModes::BATCH,
        }
    }
}

/// Every network as surrogate and as teacher, with a step size that makes the second-order part large.
#[test]
fn hand_written_derivatives_equal_double_backward() {
    let nets = [
        light(3, 16),
        light(3, 4),
        dr(false, false),
        dr(true, true),
        resnet8(3, 2),
        cdcn(NetShape { final_relu: false, ..NetShape::new(2) }),
    ];
    for (i, surrogate) in nets.iter().enumerate() {
        let teacher = &nets[(i + 1) % nets.len()];
        let random = Random::new(surrogate, teacher, 7 + i as u64, 16, (3, 2), Kind::Double);
        for k in [1, 2, 3] {
            let problem = random.problem(surrogate, teacher, 0.02, k);
            let oracle = hypergradient(problem, Mode::ExactDb);
            let ours = hypergradient(problem, Mode::JvpExactHvp);
            let error = relative(&ours.gradient, &oracle.gradient);
            assert!(error < 1e-9, "{} under {}, K = {k}: {error:e}", surrogate.name, teacher.name);
            let error = relative(&[ours.cotangent], &[oracle.cotangent]);
            assert!(error < 1e-9, "{} cotangent, K = {k}: {error:e}", surrogate.name);
            assert!(relative(&ours.theta_k, &oracle.theta_k) < 1e-12);
            for mode in ANALYTIC {
                let error = relative(&hypergradient(problem, mode).gradient, &oracle.gradient);
                let inexact = k > 1 && matches!(mode, Mode::JvpGn | Mode::Truncated);
                assert_eq!(error > 1e-6, inexact, "{mode:?} at K = {k}, {}: {error:e}", surrogate.name);
            }
        }
    }
}

/// With running statistics nothing is differentiated through a mean or a variance, fused or not.
#[test]
fn running_statistics_are_constants() {
    let nets = [light(3, 16), dr(true, true), resnet8(3, 2)];
    for (i, surrogate) in nets.iter().enumerate() {
        let teacher = &nets[(i + 1) % nets.len()];
        let random = Random::new(surrogate, teacher, 17 + i as u64, 16, (3, 2), Kind::Double);
        // Statistics of other pictures than the batch's.
        let other = Random::new(surrogate, teacher, 99, 16, (5, 2), Kind::Double);
        let of = |net: &Graph, params: &[Tensor]| net.observe(params, &other.train.x).1;
        let (w, hat) = (of(teacher, &random.omega), of(teacher, &random.omega_hat));
        let theta = of(surrogate, &random.theta);
        let running = BnModes {
            teacher: BnMode::Running(&w),
            momentum: BnMode::Running(&hat),
            surrogate: BnMode::Running(&theta),
        };
        for k in [1, 3] {
            let batch = random.problem(surrogate, teacher, 0.02, k);
            // Differences this small meet no corner of a ReLU.
            let problem = Problem { modes: running, fd_eps: 1e-6, ..batch };
            let oracle = hypergradient(problem, Mode::ExactDb);
            for mode in [Mode::JvpExactHvp, Mode::Fd] {
                let ours = hypergradient(problem, mode);
                let error = relative(&ours.gradient, &oracle.gradient);
                let limit = if mode == Mode::Fd { 1e-4 } else { 1e-9 };
                assert!(error < limit, "{} under {}, {mode:?}, K = {k}: {error:e}", surrogate.name, teacher.name);
            }
            assert!(relative(&oracle.gradient, &hypergradient(batch, Mode::ExactDb).gradient) > 1e-3);
        }
    }
}

/// In single precision a ReLU or pool may fall on the other side, so the median over seeds counts.
#[test]
fn single_precision_is_close_in_the_median() {
    let net = light(3, 16);
    for k in [1, 2, 3] {
        let mut errors: Vec<f64> = (0..20)
            .map(|seed| {
                let random = Random::new(&net, &net, seed, 32, (2, 1), Kind::Float);
                let problem = random.problem(&net, &net, 1e-3, k);
                let oracle = hypergradient(problem, Mode::ExactDb).gradient;
                relative(&hypergradient(problem, Mode::JvpExactHvp).gradient, &oracle)
            })
            .collect();
        errors.sort_by(f64::total_cmp);
        assert!(errors[10] < 1e-4, "K = {k}: {errors:?}");
    }
}

/// Fused stages and single operators are two implementations of the same rules: they must agree for every network, with
/// scales of both signs and zero (where the pool's largest is the smallest before batch norm) and in both modes of batch
/// norm.
#[test]
fn fused_stages_equal_single_operators() {
    for (i, net) in [light(3, 16), light(3, 4), light(3, 20), dr(false, true)].into_iter().enumerate() {
        let random = Random::new(&net, &net, 40 + i as u64, 32, (2, 1), Kind::Double);
        let mut params = random.theta;
        for (p, spec) in params.iter_mut().zip(net.params()) {
            if spec.role == ParamRole::Scale {
                let signs: Vec<f64> = (0..spec.shape[0]).map(|c| [1.0, -1.3, 0.7, 0.0][c as usize % 4]).collect();
                *p = &*p * tensor(&signs, &spec.shape);
            }
        }
        // Not a multiple of the last band, and of another height than width.
        let x = random.train.x.constant_pad_nd([0, 16, 0, 8]);
        let v = random_params(&net, 5, "direction", Kind::Double);
        let batch = net.record(&params, &x, BnMode::Batch).statistics(&net);
        for mode in [BnMode::Batch, BnMode::Running(&batch)] {
            let results = |fused: bool| {
                let net = net.clone().with_fusion(fused);
                let tape = net.record(&params, &x, mode);
                let f = tape.output().shallow_clone();
                let c = f.sin();
                let gradient = net.vjp(&params, &tape, &c);
                let tangents = net.jvp(&params, &tape, &v, true);
                let second = net.vjp_tangent(&params, &tape, &v, &tangents, &c, tangents.output());
                [
                    vec![f],
                    vec![net.forward(&params, &x, mode)],
                    gradient,
                    vec![tangents.output().shallow_clone()],
                    second,
                ]
            };
            for (what, (a, b)) in results(true).iter().zip(&results(false)).enumerate() {
                let error = relative(a, b);
                assert!(error < 1e-10, "{}, {mode:?}, result {what}: {error:e}", net.name);
            }
        }
    }
}

/// The same bits of two fused stages from one thread and from three, forwards, backwards, tangents and second order.
#[test]
fn fused_stages_do_not_depend_on_the_number_of_threads() {
    let mut b = Graph::builder("two stages", "test", 3);
    let mut x = b.input();
    for name in ["one", "two"] {
        let y = b.conv_relu_bn(name, x, 16);
        x = b.max_pool2(name, y);
    }
    let net = b.build();
    let random = Random::new(&net, &net, 3, 64, (3, 2), Kind::Float);
    let (params, v) = (random.theta, random.omega);
    let results = |threads| {
        tch::set_num_threads(threads);
        let tape = net.record(&params, &random.train.x, BnMode::Batch);
        let c = tape.output().sin();
        let tangents = net.jvp(&params, &tape, &v, true);
        let second = net.vjp_tangent(&params, &tape, &v, &tangents, &c, tangents.output());
        let first = net.vjp(&params, &tape, &c);
        let values = [tape.output(), tangents.output()].map(|t| flat(&[t.shallow_clone()]));
        [flat(&first), flat(&second), values.concat()]
    };
    assert!(results(1) == results(3));
}
