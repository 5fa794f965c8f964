//! One iteration of Algorithm 1, phase by phase. An [`Iteration`] holds what the phases hand on to each other; the
//! learnt state changes in the last three alone, so an iteration that is given up half-way has changed nothing.

use tch::{Kind, Tensor};

use super::hypergradient::{
    self, Batch, BnModes, Inner, InnerStep, Mode, Outcome, Problem, PullBack, Taught, Validation, mu_gradient,
    pull_back, teach, teacher_gradient, validate,
};
use super::pretrain::{RUNNING_RATE, separation};
use super::state::{MtFasState, Nets, Params, share};
use crate::config::{BilevelConfig, BnTraining};
use crate::methods::Standing;
use crate::methods::optim::{dot, norm};
use crate::nets::{BnMode, BnStats, Graph, ParamList, Tape};

/// What the phases of one iteration hand on to each other.
#[derive(Debug)]
pub struct Iteration {
    /// Phi_t.
    pub train: Batch,
    /// Phi_v.
    pub validation: Batch,
    /// The teacher's pass over Phi_t, after `teach`.
    pub taught: Option<Taught>,
    thetas: Vec<ParamList>,
    last: Option<Tape>,
    /// L_t before each inner step.
    pub l_t: Vec<f64>,
    /// The momentum teacher's maps for Phi_v, after `validate`.
    pub validation_target: Option<Tensor>,
    /// L_v, after `validate`.
    pub l_v: f64,
    v: Option<ParamList>,
    /// The validation gradient in map space, after `hypergradient`.
    pub pulled: Option<PullBack>,
    gradient: Option<ParamList>,
    /// The hypergradient without the mu term.
    pure: Option<ParamList>,
    teacher_stats: Option<BnStats>,
    momentum_stats: Option<BnStats>,
    theta_stats: Option<BnStats>,
}

/// Beta of the paper's section 4.1: `line9_step` is the length of the step that Algorithm 1, line 9, would take as it is printed.
const PRINTED_BETA: f64 = 1e-3;

/// Named numbers for the metrics row and the step view.
type Numbers = Vec<(String, f64)>;

fn named(name: &str, value: f64) -> (String, f64) {
    (name.to_owned(), value)
}

impl Iteration {
    /// Lines 4-5: an iteration over two batches.
    pub fn new(state: &MtFasState, train: Batch, validation: Batch) -> Self {
        Self {
            train,
            validation,
            taught: None,
            thetas: vec![share(&state.theta.0)],
            last: None,
            l_t: vec![],
            validation_target: None,
            l_v: f64::NAN,
            v: None,
            pulled: None,
            gradient: None,
            pure: None,
            teacher_stats: None,
            momentum_stats: None,
            theta_stats: None,
        }
    }

    /// Line 6: the teacher's maps for Phi_t.
    pub fn teach(&mut self, nets: &Nets, state: &MtFasState, config: &BilevelConfig) -> Numbers {
        let taught = teach(&nets.teacher, &state.omega.0, &self.train, modes(state, config).teacher);
        let spoofs = self.train.y.sum(Kind::Double).double_value(&[]).max(1.0);
        let pixels = taught.target.numel() as f64 / self.train.y.numel() as f64;
        let mean = taught.target.sum(Kind::Double).double_value(&[]) / (spoofs * pixels);
        let separation = separation(&taught.sigma, &self.train.y);
        self.teacher_stats = Some(statistics(&nets.teacher, &state.omega.0, &self.train.x, &taught.tape, config));
        self.taught = Some(taught);
        vec![named("teacher_mean", mean), named("teacher_separation", separation)]
    }

    /// Lines 6-7: the next inner step.
    pub fn step_detector(&mut self, nets: &Nets, state: &MtFasState, config: &BilevelConfig) -> Numbers {
        let (taught, k) = (self.taught(), self.l_t.len());
        let target = taught.target.shallow_clone();
        // The pass of the step before is given up first: memory must not grow with K.
        drop(self.last.take());
        let InnerStep { loss, next, tape } = hypergradient::inner_step(
            &nets.surrogate,
            &self.thetas[k],
            &self.train.x,
            &target,
            config.alpha,
            config.reduction,
            modes(state, config).surrogate,
        );
        if k == 0 {
            self.theta_stats = Some(statistics(&nets.surrogate, &self.thetas[0], &self.train.x, &tape, config));
        }
        self.thetas.push(next);
        self.last = Some(tape);
        self.l_t.push(loss);
        vec![(format!("l_t_{k}"), loss)]
    }

    /// Line 8: L_v of theta_K on the momentum teacher's maps, and its gradient.
    pub fn validate(&mut self, nets: &Nets, state: &MtFasState, config: &BilevelConfig) -> Numbers {
        let modes = modes(state, config);
        let (g, stats) = nets.teacher.observe(&state.omega_hat.0, &self.validation.x);
        let g = match modes.momentum {
            BnMode::Batch => g,
            running @ BnMode::Running(_) => {
                tch::no_grad(|| nets.teacher.forward(&state.omega_hat.0, &self.validation.x, running))
            }
        };
        let target = tch::no_grad(|| g.sigmoid() * 2.0 * &self.validation.y);
        self.momentum_stats = Some(stats);
        let theta_k = &self.thetas[self.l_t.len()];
        let Validation { loss, v, tape } =
            validate(&nets.surrogate, theta_k, &self.validation.x, &target, config.reduction, modes.surrogate);
        // Against a target that no teacher has a hand in: the one L_v by which runs may be compared.
        let f = tape.output();
        let (common, _) = tch::no_grad(|| config.reduction.loss(f, &self.validation.y.expand_as(f)));
        let v_norm = norm(&v);
        self.validation_target = Some(target);
        self.l_v = loss;
        self.v = Some(v);
        vec![named("l_v", loss), named("l_v_binary", common), named("v_norm", v_norm)]
    }

    /// Line 9, first half: grad_w L_v and the gradient of the mu term.
    pub fn hypergradient(&mut self, nets: &Nets, state: &MtFasState, config: &BilevelConfig) -> Numbers {
        let (pulled, gradient) = if config.hypergradient == Mode::ExactDb {
            let Outcome { gradient, cotangent, factor, .. } =
                hypergradient::hypergradient(self.problem(nets, state, config), Mode::ExactDb);
            (PullBack { direction: -cotangent, factor, curvature: 0.0, vs: vec![] }, gradient)
        } else {
            let last = self.last.take();
            let pulled = self.pull_back(config.hypergradient, nets, state, config, last);
            let gradient = teacher_gradient(&nets.teacher, &state.omega.0, self.taught(), &pulled, &self.train.y);
            (pulled, gradient)
        };
        let (mu, scope) = (config.mu, config.mu_scope);
        let mu = mu_gradient(&nets.teacher, &state.omega.0, self.taught(), &self.train.y, mu, scope);
        let numbers = vec![
            named("hypergradient_norm", norm(&gradient)),
            named("mu_norm", norm(&mu)),
            named("curvature", pulled.curvature),
        ];
        self.gradient = Some(tch::no_grad(|| gradient.iter().zip(&mu).map(|(h, m)| h + m).collect()));
        self.pure = Some(gradient);
        self.pulled = Some(pulled);
        numbers
    }

    /// Line 9, second half: the outer optimiser's step on both gradients together, or where several iterations make one step on their mean.
    /// `iteration` counts from 0.
    pub fn update_teacher(&mut self, state: &mut MtFasState, config: &BilevelConfig, iteration: u64) -> Numbers {
        let before = share(&state.omega.0);
        let mut numbers = vec![];
        if let Some(gradient) = self.gradient.take() {
            numbers.push(named("line9_step", PRINTED_BETA * norm(&gradient)));
            if config.accumulate <= 1 {
                state.outer.step(config.outer, config.beta, &mut state.omega.0, &gradient);
            } else {
                let sum = match state.gathered.take() {
                    Some(sum) => tch::no_grad(|| sum.0.iter().zip(&gradient).map(|(s, g)| s + g).collect()),
                    None => gradient,
                };
                if (iteration + 1).is_multiple_of(config.accumulate) {
                    let mean: ParamList = tch::no_grad(|| sum.iter().map(|s| s / config.accumulate as f64).collect());
                    state.outer.step(config.outer, config.beta, &mut state.omega.0, &mean);
                } else {
                    state.gathered = Some(Params(sum));
                }
            }
        }
        if let Some(pure) = self.pure.take() {
            let (cosine, snr) = state.signals.note(&pure);
            let known = [named("hypergradient_cosine", cosine), named("hypergradient_snr", snr)];
            // The first ones have nothing to be compared with.
            numbers.extend(known.into_iter().filter(|(_, value)| value.is_finite()));
        }
        numbers.push(named("teacher_step", difference(&state.omega.0, &before)));
        numbers
    }

    /// theta_K, once the inner steps are done.
    pub fn adapted(&self) -> Option<&[Tensor]> {
        self.thetas.get(self.l_t.len()).map(Vec::as_slice)
    }

    /// Line 10: w^ <- gamma w^ + (1 - gamma) w. Statistics for previews follow their batches.
    pub fn momentum(&mut self, state: &mut MtFasState, config: &BilevelConfig) -> Numbers {
        let gamma = config.momentum();
        // At 0 and 1 the average is a plain copy, so that "w/o MTv" is gamma = 0 to the last bit.
        let follow = |hat: &Tensor, w: &Tensor| match gamma {
            0.0 => w.shallow_clone(),
            1.0 => hat.shallow_clone(),
            _ => hat * gamma + w * (1.0 - gamma),
        };
        let hat =
            tch::no_grad(|| state.omega_hat.0.iter().zip(&state.omega.0).map(|(hat, w)| follow(hat, w)).collect());
        state.omega_hat = Params(hat);
        if let Some(taught) = self.teacher_stats.take() {
            state.omega_stats.blend(&taught, RUNNING_RATE);
        }
        if let Some(stats) = &self.momentum_stats {
            state.omega_hat_stats.blend(stats, RUNNING_RATE);
        }
        if let Some(stats) = &self.theta_stats {
            state.theta_stats.blend(stats, RUNNING_RATE);
        }
        vec![named("distance", difference(&state.omega.0, &state.omega_hat.0))]
    }

    /// Lines 11-12: every T iterations the surrogate takes theta_K. `iteration` counts from 0, where it fires too.
    pub fn adapt(&mut self, state: &mut MtFasState, config: &BilevelConfig, iteration: u64) -> Numbers {
        let fires = config.adapt && iteration.is_multiple_of(config.adapt_interval);
        if fires && let Some(theta_k) = self.thetas.get(self.l_t.len()) {
            state.theta = Params(share(theta_k));
        }
        vec![named("adapted", f64::from(u8::from(fires)))]
    }

    /// What stands in the equation of the phase that was just done, the `phase`-th of an iteration with `k` inner steps.
    /// What it changed for good is told by the states before and after.
    pub fn standing(&self, phase: usize, k: usize) -> Vec<Standing> {
        let one = |symbol: &str, what: &str, tensor: &Tensor| Some(Standing::one(symbol, what, tensor));
        let target = || self.taught.as_ref().map(|t| Standing::one("P_ω(x)", "the teacher's maps for Φₜ", &t.target));
        let theta = |i: usize| {
            let (symbol, last) =
                if i == k { ("θ*".to_owned(), ", the last of the inner steps") } else { (format!("θ_{i}"), "") };
            let what = format!("parameters of the detector after {i} inner steps{last}");
            self.thetas.get(i).map(|theta| Standing::all(&symbol, &what, theta))
        };
        let all = match phase {
            0 => vec![
                one("x_t", "faces of the inner batch Φₜ", &self.train.x),
                one("y_t", "their labels, 1 on spoofs", &self.train.y),
                one("x_v", "faces of the validation batch Φᵥ", &self.validation.x),
            ],
            1 => vec![one("x_t", "faces of the inner batch Φₜ", &self.train.x), target()],
            p if p < 2 + k => {
                let i = p - 2;
                let moved = theta(i + 1).zip(self.thetas.get(i)).map(|(after, before)| after.was(before));
                vec![target(), theta(i), moved]
            }
            p if p == 2 + k => vec![
                theta(k),
                self.validation_target.as_ref().and_then(|t| one("P_ω̂(x)", "the momentum teacher's maps for Φᵥ", t)),
                self.v.as_ref().map(|v| Standing::all("v", "gradient of L_v by the detector's parameters", v)),
            ],
            p if p == 3 + k => {
                let pulled = self.pulled.as_ref().map(|p| -&p.direction * &self.train.y);
                vec![
                    self.v.as_ref().map(|v| Standing::all("v", "gradient of L_v by the detector's parameters", v)),
                    pulled.and_then(|c| {
                        one("−Σ J v", "how the target would have to change on spoofs: the cotangent", &c)
                    }),
                    self.gradient.as_ref().map(|g| {
                        Standing::all("∇_ω", "gradient of L_v and of the μ term by the teacher's parameters", g)
                    }),
                ]
            }
            _ => vec![],
        };
        all.into_iter().flatten().collect()
    }

    /// -sum_k J(theta_k) v_{k+1} for other pictures than the batch's, with running statistics: how this iteration's
    /// validation gradient pulls at them. (pictures, 1, h, w).
    pub fn cotangent_for(&self, x: &Tensor, nets: &Nets, state: &MtFasState, config: &BilevelConfig) -> Option<Tensor> {
        let pulled = self.pulled.as_ref()?;
        let again;
        let vs = if pulled.vs.is_empty() {
            again = self.pull_back(Mode::JvpExactHvp, nets, state, config, None);
            &again.vs
        } else {
            &pulled.vs
        };
        let net = &nets.surrogate;
        let mut sum: Option<Tensor> = None;
        for (theta, v) in self.thetas.iter().zip(vs) {
            let tape = net.record(theta, x, BnMode::Running(&state.theta_stats));
            let j = net.jvp(theta, &tape, v, false).output().shallow_clone();
            sum = Some(sum.map_or_else(|| j.shallow_clone(), |s| s + &j));
        }
        sum.map(|s| -s)
    }

    fn pull_back(
        &self,
        mode: Mode,
        nets: &Nets,
        state: &MtFasState,
        config: &BilevelConfig,
        last: Option<Tape>,
    ) -> PullBack {
        let inner = Inner {
            surrogate: &nets.surrogate,
            thetas: &self.thetas[..self.l_t.len()],
            x: &self.train.x,
            target: &self.taught().target,
            alpha: config.alpha,
            reduction: config.reduction,
            fd_eps: config.fd_eps,
            bn: modes(state, config).surrogate,
        };
        pull_back(mode, inner, last, self.v.as_deref().unwrap_or_default())
    }

    fn problem<'a>(&'a self, nets: &'a Nets, state: &'a MtFasState, config: &BilevelConfig) -> Problem<'a> {
        Problem {
            surrogate: &nets.surrogate,
            teacher: &nets.teacher,
            theta: &state.theta.0,
            omega: &state.omega.0,
            omega_hat: &state.omega_hat.0,
            train: &self.train,
            validation: &self.validation,
            alpha: config.alpha,
            k: self.l_t.len(),
            reduction: config.reduction,
            fd_eps: config.fd_eps,
            modes: modes(state, config),
        }
    }

    #[expect(clippy::expect_used, reason = "phases run in the order of Algorithm 1, `teach` before all that need it")]
    fn taught(&self) -> &Taught {
        self.taught.as_ref().expect("teach comes first")
    }
}

/// Where the batch norms of this iteration take their statistics from.
pub fn modes<'a>(state: &'a MtFasState, config: &BilevelConfig) -> BnModes<'a> {
    match config.bn {
        BnTraining::Batch => BnModes::BATCH,
        BnTraining::Running => BnModes {
            teacher: BnMode::Running(&state.omega_stats),
            momentum: BnMode::Running(&state.omega_hat_stats),
            surrogate: BnMode::Running(&state.theta_stats),
        },
    }
}

/// Batch statistics of `net` at `x`: of its recorded pass, or of one more where that used running ones.
fn statistics(net: &Graph, params: &[Tensor], x: &Tensor, tape: &Tape, config: &BilevelConfig) -> BnStats {
    match config.bn {
        BnTraining::Batch => tape.statistics(net),
        BnTraining::Running => net.observe(params, x).1,
    }
}

fn difference(a: &[Tensor], b: &[Tensor]) -> f64 {
    norm(&tch::no_grad(|| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>()))
}

/// How far the chosen hypergradient is from the exact one at the iteration's start: relative error and cosine.
pub fn audit(iteration: &Iteration, nets: &Nets, state: &MtFasState, config: &BilevelConfig) -> Numbers {
    let problem = iteration.problem(nets, state, config);
    let exact = hypergradient::hypergradient(problem, Mode::ExactDb).gradient;
    let chosen = hypergradient::hypergradient(problem, config.hypergradient).gradient;
    let (n, m) = (norm(&exact).max(f64::MIN_POSITIVE), norm(&chosen).max(f64::MIN_POSITIVE));
    vec![named("audit_error", difference(&chosen, &exact) / n), named("audit_cosine", dot(&chosen, &exact) / (n * m))]
}
