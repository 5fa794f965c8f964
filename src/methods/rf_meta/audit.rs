//! What meta-learning adds to an iteration of `RFMetaFAS`: its gradient beside the first-order one and beside that of
//! joint training, on the same faces. At a small alpha the three are nearly the same, and runs that differ in nothing
//! else differ by their seeds.

use super::iteration::{Iteration, Judge, Numbers};
use super::steps::{Step, steps};
use crate::config::RfMetaConfig;
use crate::methods::detector::StudentState;
use crate::methods::optim::norm;
use crate::nets::ParamList;

/// Relative distances of the exact gradient (Eqs. 5 to 7) from the first-order one and from that of joint training,
/// the same sum of losses with alpha = 0; over F's and D's parameters and over M's: `audit_first_order_fd`,
/// `audit_first_order_m`, `audit_joint_fd`,
/// `audit_joint_m`. `iteration` is asked for its batches alone.
pub fn audit(iteration: &Iteration, judge: Judge<'_>, state: &StudentState) -> Numbers {
    let gradient = |change: &dyn Fn(&mut RfMetaConfig)| -> ParamList {
        let mut config = judge.config.clone();
        change(&mut config);
        let judge = Judge { config: &config, ..judge };
        let train: Vec<_> = iteration.train.iter().map(super::Lesson::share).collect();
        let domains = train.len() + usize::from(iteration.test.is_some());
        let mut again = Iteration::new(state, train, iteration.test.as_ref().map(super::Lesson::share));
        for step in steps(&config, domains).into_iter().filter(|step| *step != Step::MetaOptimise) {
            again.meta(step, judge);
        }
        again.total().1
    };
    let exact = gradient(&|c| c.first_order = false);
    let others = [
        ("first_order", gradient(&|c| c.first_order = true)),
        ("joint", gradient(&|c| (c.first_order, c.inner_rate) = (true, 0.0))),
    ];
    let [f, d, m] = judge.nets.params.clone();
    let mut numbers = vec![];
    for (name, other) in &others {
        for (part, of) in [("fd", f.start.min(d.start)..f.end.max(d.end)), ("m", m.clone())] {
            let apart: ParamList = exact[of.clone()].iter().zip(&other[of.clone()]).map(|(a, b)| a - b).collect();
            let size = norm(&exact[of]).max(f64::MIN_POSITIVE);
            numbers.push((format!("audit_{name}_{part}"), norm(&apart) / size));
        }
    }
    numbers
}
