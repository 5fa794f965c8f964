//! How far a map is from its target. All losses average over pictures and pixels and are differentiable by libtorch.

use tch::{Kind, Tensor};

use super::{classifies, contrasts, hinges};
use crate::config::{MapLoss, Network, Supervision};

/// Mean of `values` over the pictures that count; `known` is (batch, 1, 1, 1), 0 where a picture has no target.
fn mean(values: &Tensor, known: Option<&Tensor>) -> Tensor {
    match known {
        None => values.mean(None::<Kind>),
        Some(known) => {
            let share = known.mean(None::<Kind>).clamp_min(1e-12);
            (values * known).mean(None::<Kind>) / share
        }
    }
}

/// Differences of every pixel to its eight neighbours, (batch, 8, h - 2, w - 2) of (batch, 1, h, w).
pub fn contrasts_of(map: &Tensor) -> Tensor {
    let (h, w) = (map.size()[2] - 2, map.size()[3] - 2);
    let at = |row: i64, column: i64| map.narrow(2, row, h).narrow(3, column, w);
    let centre = at(1, 1);
    let around = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (2, 2)];
    let differences: Vec<Tensor> = around.iter().map(|&(row, column)| at(row, column) - &centre).collect();
    Tensor::cat(&differences, 1)
}

/// What a map's loss depends on besides map and target.
#[derive(Debug, Clone, Copy)]
pub struct MapTask {
    /// The network, whose authors may want contrast.
    pub network: Network,
    /// What was asked for.
    pub loss: MapLoss,
    /// What it learns from.
    pub supervision: Supervision,
}

/// The map's error: squares of differences to `target`, with contrast where it is wanted; under binary labels that of
/// the map's mean, or the squared hinge of its margin, or cross-entropy, where `map` is what stands before a sigmoid.
pub fn map_loss(map: &Tensor, target: &Tensor, known: Option<&Tensor>, task: MapTask) -> Tensor {
    let over: &[i64] = &[1, 2, 3];
    if task.supervision == Supervision::BinaryLabel {
        let (said, label) = (map.mean_dim(over, true, None::<Kind>), target.mean_dim(over, true, None::<Kind>));
        if classifies(task.network, task.loss) {
            let each = said.binary_cross_entropy_with_logits::<Tensor>(&label, None, None, tch::Reduction::None);
            return mean(&each, known);
        }
        let residual = if hinges(task.network, task.loss) {
            // Live faces are to lie at 0 or below, spoofs at 1 or above: the margin's sides in units of labels.
            let lacking: Tensor = 1.0 - (said * 2.0 - 1.0) * (label * 2.0 - 1.0);
            lacking.clamp_min(0.0)
        } else {
            said - label
        };
        return mean(&residual.square(), known);
    }
    let plain = mean(&(map - target).square(), known);
    if !contrasts(task.network, task.loss) {
        return plain;
    }
    plain + mean(&(contrasts_of(map) - contrasts_of(target)).square(), known)
}

/// Cross-entropy of P(spoof) with labels `y`, both (batch, 1, 1, 1).
pub fn cross_entropy(p: &Tensor, y: &Tensor) -> Tensor {
    p.binary_cross_entropy::<Tensor>(y, None, tch::Reduction::Mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(t: &Tensor) -> f64 {
        t.double_value(&[])
    }

    const CDCN: MapTask = MapTask { network: Network::Cdcn, loss: MapLoss::Paper, supervision: Supervision::Depth };

    #[test]
    fn contrast_of_a_flat_map_is_zero_and_of_one_pixel_sixteen_ones() {
        let flat = Tensor::full([2, 1, 6, 6], 0.7, (Kind::Double, tch::Device::Cpu));
        assert!(value(&contrasts_of(&flat).abs().max()) < 1e-15);
        let one = Tensor::zeros([1, 1, 7, 7], (Kind::Double, tch::Device::Cpu));
        let _filled = one.narrow(2, 3, 1).narrow(3, 3, 1).fill_(1.0);
        let responses = contrasts_of(&one);
        assert_eq!(value(&responses.abs().sum(Kind::Double)), 16.0);
        assert_eq!(value(&responses.sum(Kind::Double)), 0.0);
        // Against a zero map: the plain mean of squares is 1/49, that of contrasts 16 of 8 x 5 x 5.
        let loss = map_loss(&one, &one.zeros_like(), None, CDCN);
        assert!((value(&loss) - 1.0 / 49.0 - 16.0 / 200.0).abs() < 1e-12);
        let plain = MapTask { loss: MapLoss::Mse, ..CDCN };
        assert!((value(&map_loss(&one, &one.zeros_like(), None, plain)) - 1.0 / 49.0).abs() < 1e-12);
        let of_fas_dr = MapTask { network: Network::FasDr, ..CDCN };
        assert_eq!(
            value(&map_loss(&one, &one.zeros_like(), None, of_fas_dr)),
            value(&map_loss(&one, &one.zeros_like(), None, plain))
        );
    }

    #[test]
    fn pictures_without_a_target_do_not_count_and_labels_judge_the_mean() {
        let map = Tensor::from_slice(&[0.0_f64, 1.0, 5.0, 5.0]).reshape([2, 1, 1, 2]);
        let target = Tensor::from_slice(&[0.5_f64, 0.5, 0.0, 0.0]).reshape([2, 1, 1, 2]);
        let known = Tensor::from_slice(&[1.0_f64, 0.0]).reshape([2, 1, 1, 1]);
        let plain = MapTask { network: Network::FasDr, loss: MapLoss::Mse, supervision: Supervision::Depth };
        assert!((value(&map_loss(&map, &target, Some(&known), plain)) - 0.25).abs() < 1e-12);
        assert!((value(&map_loss(&map, &target, None, plain)) - (0.5 + 50.0) / 4.0).abs() < 1e-12);
        let label = MapTask { supervision: Supervision::BinaryLabel, ..plain };
        assert!((value(&map_loss(&map, &target, None, label)) - 12.5).abs() < 1e-12);
    }

    #[test]
    fn a_support_vector_machine_forgives_what_lies_beyond_its_margin() {
        let said = Tensor::from_slice(&[-3.0_f64, 0.0, 0.5, 0.25, 1.0, 4.0]).reshape([6, 1, 1, 1]);
        let label = Tensor::from_slice(&[0.0_f64, 0.0, 0.0, 1.0, 1.0, 1.0]).reshape([6, 1, 1, 1]);
        let (network, supervision) = (Network::ColorTexture, Supervision::BinaryLabel);
        let hinge = MapTask { network, loss: MapLoss::Paper, supervision };
        // In the middle the hinge is 1, half of it nearer to the wrong side 1.5; all else lies right.
        assert!((value(&map_loss(&said, &label, None, hinge)) - (1.0 + 2.25) / 6.0).abs() < 1e-12);
        let squares = MapTask { loss: MapLoss::Mse, ..hinge };
        assert!((value(&map_loss(&said, &label, None, squares)) - (9.0 + 0.25 + 0.5625 + 9.0) / 6.0).abs() < 1e-12);
    }

    #[test]
    fn a_classifier_is_judged_by_cross_entropy_before_its_sigmoid() {
        // Two of them so far out that a sigmoid in single precision is 0 or 1.
        let said = Tensor::from_slice(&[-2.0_f32, 0.5, 40.0, -300.0]).reshape([4, 1, 1, 1]).set_requires_grad(true);
        let label = Tensor::from_slice(&[0.0_f32, 1.0, 0.0, 1.0]).reshape([4, 1, 1, 1]);
        let (network, supervision) = (Network::BinaryCnn, Supervision::BinaryLabel);
        let judged = MapTask { network, loss: MapLoss::Paper, supervision };
        let loss = map_loss(&said, &label, None, judged);
        let by_hand = ((-2.0_f64).exp().ln_1p() + (-0.5_f64).exp().ln_1p() + 40.0 + 300.0) / 4.0;
        assert!((value(&loss) - by_hand).abs() < 1e-4, "{} against {by_hand}", value(&loss));
        let slope = Tensor::run_backward(&[&loss], &[&said], false, false).swap_remove(0);
        let slope = Vec::<f32>::try_from(slope.flatten(0, -1)).unwrap();
        let sigma = |v: f32| 1.0 / (1.0 + (-v).exp());
        for (got, want) in slope.iter().zip([sigma(-2.0), sigma(0.5) - 1.0, 1.0, -1.0]) {
            assert!((got - want / 4.0).abs() < 1e-6, "{slope:?}");
        }
        let known = Tensor::from_slice(&[1.0_f32, 1.0, 0.0, 0.0]).reshape([4, 1, 1, 1]);
        let some = map_loss(&said, &label, Some(&known), judged);
        assert!((value(&some) - (by_hand * 4.0 - 340.0) / 2.0).abs() < 1e-4);
        let squares = MapTask { loss: MapLoss::Mse, ..judged };
        let p = Tensor::from_slice(&[0.5_f32, 0.5, 0.0, 0.0]).reshape([4, 1, 1, 1]);
        assert!((value(&map_loss(&p, &label, None, squares)) - 1.5 / 4.0).abs() < 1e-6);
    }
}
