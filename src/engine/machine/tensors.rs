//! The tensors that stand in the equation of the phase that was just done, as a few numbers each: for those who step
//! through a run. A run that plays does not pay for them.

use tch::Tensor;

use super::{Machine, Work};
use crate::engine::event::TensorNote;
use crate::engine::phase::Learning;
use crate::engine::plain;
use crate::engine::store::RunState;
use crate::methods::Standing;
use crate::nets::ParamList;

/// Bars of a tensor's little histogram.
const BARS: usize = 32;

impl Machine {
    /// Those of the phase that is just done, with what it changed of what the run has learnt: `before` is that before it.
    pub(super) fn tensors(&self, before: &RunState) -> Vec<TensorNote> {
        let mut all = self.of_the_iteration();
        all.extend(self.changed(before));
        all.iter().map(note).collect()
    }

    fn of_the_iteration(&self) -> Vec<Standing> {
        let batch = |x: &Tensor, y: &Tensor| {
            vec![Standing::one("x", "faces of the batch", x), Standing::one("y", "labels, 1 on spoofs", y)]
        };
        match &self.work {
            Work::Nothing | Work::Evaluate { .. } => vec![],
            Work::Pretrain { batch: b, .. } | Work::Rival { batch: b, .. } | Work::MetaPattern { batch: b, .. } => {
                batch(&b.x, &b.y)
            }
            Work::Detector { batch: b, labels, .. } => {
                let mut all = batch(&b.x, &b.y);
                all.extend(labels.as_ref().map(|l| Standing::one("b(x)", "what is to be learnt", &l.target)));
                all
            }
            Work::Bilevel { iteration, .. } => iteration.standing(self.phase, self.config.bilevel.k),
            Work::RfMeta(work) => {
                let steps = self.rf_meta_steps();
                steps.get(self.phase).map(|&step| work.iteration.standing(step)).unwrap_or_default()
            }
        }
    }

    /// What the phase made anew of everything that is learnt.
    fn changed(&self, before: &RunState) -> Vec<Standing> {
        let (now, was) = (&self.state.mt, &before.mt);
        let mut pairs: Vec<(&str, &str, &[Tensor], &[Tensor])> = vec![
            ("ω", "parameters of the teacher", &now.omega.0, &was.omega.0),
            ("ω̂", "parameters of the momentum teacher", &now.omega_hat.0, &was.omega_hat.0),
            ("θ", "parameters of the surrogate detector", &now.theta.0, &was.theta.0),
        ];
        if let (Some(now), Some(was)) = (&self.state.rival, &before.rival) {
            pairs.push(("w", "parameters of the rival teacher", &now.theta.0, &was.theta.0));
        }
        if let (Some(now), Some(was)) = (&self.state.student, &before.student) {
            // Meta Pattern has one list for HFN and its extractor.
            let symbol = if self.learning() == Learning::MetaPattern { "Θ, Φ" } else { "θ" };
            pairs.push((symbol, "parameters of the detector", &now.theta.0, &was.theta.0));
            pairs.push(("A", "what learns beside the detector", &now.aids.0, &was.aids.0));
        }
        let anew = |now: &[Tensor], was: &[Tensor]| now.iter().zip(was).any(|(a, b)| a.data_ptr() != b.data_ptr());
        let changed = pairs.into_iter().filter(|(_, _, now, was)| anew(now, was));
        changed.map(|(symbol, what, now, was)| Standing::all(symbol, what, now).was(was)).collect()
    }
}

fn flat(tensors: &[Tensor]) -> Vec<f32> {
    tensors.iter().flat_map(|t| plain::floats(&t.detach())).collect()
}

fn shape(tensors: &ParamList) -> Vec<usize> {
    match &tensors[..] {
        [one] => one.size().into_iter().map(|d| d.max(0) as usize).collect(),
        all => vec![all.iter().map(Tensor::numel).sum()],
    }
}

/// `standing` in numbers. Values that are none are counted and otherwise left out.
fn note(standing: &Standing) -> TensorNote {
    let values = flat(&standing.tensors);
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let count = finite().count();
    let (low, high) = finite().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    let mean = finite().map(f64::from).sum::<f64>() / count as f64;
    let mut bars = vec![0; BARS];
    let width = (f64::from(high) - f64::from(low)) / BARS as f64;
    for v in finite().filter(|_| width > 0.0) {
        let bar = ((f64::from(v) - f64::from(low)) / width) as usize;
        bars[bar.min(BARS - 1)] += 1;
    }
    let moved = standing.before.as_ref().map(|before| {
        let was = flat(before);
        let square = |v: f64| v * v;
        let step: f64 = values.iter().zip(&was).map(|(a, b)| square(f64::from(*a) - f64::from(*b))).sum();
        let size: f64 = was.iter().map(|v| square(f64::from(*v))).sum();
        (step.sqrt(), step.sqrt() / size.sqrt())
    });
    TensorNote {
        symbol: standing.symbol.clone(),
        what: standing.what.clone(),
        shape: shape(&standing.tensors),
        low: f64::from(low),
        high: f64::from(high),
        mean,
        not_finite: values.len() - count,
        bars,
        moved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tensor_in_numbers() {
        let now = Tensor::from_slice(&[0.0_f32, 1.0, 2.0, f32::NAN, 4.0]).reshape([1, 5]);
        let told = note(&Standing::one("x", "", &now));
        assert_eq!((told.shape.as_slice(), told.low, told.high, told.mean), (&[1, 5][..], 0.0, 4.0, 1.75));
        assert_eq!((told.not_finite, told.bars[0], told.bars[31], told.bars.iter().sum::<u32>()), (1, 1, 1, 4));
        assert_eq!(told.moved, None);
        // 3, 4 moved by 0.6, 0.8: one fifth of its length.
        let (was, now) = (Tensor::from_slice(&[3.0_f32, 4.0]), Tensor::from_slice(&[3.6_f32, 4.8]));
        let told = note(&Standing::all("θ", "", &[now.get(0), now.get(1)]).was(&[was.get(0), was.get(1)]));
        let (step, part) = told.moved.unwrap();
        assert!((step - 1.0).abs() < 1e-6 && (part - 0.2).abs() < 1e-6, "{step} {part}");
        assert_eq!(told.shape, [2]);
        // All the same: no width, no bars.
        let told = note(&Standing::one("x", "", &Tensor::from_slice(&[2.0_f32; 3])));
        assert_eq!((told.low, told.high, told.bars.iter().sum::<u32>()), (2.0, 2.0, 0));
    }
}
