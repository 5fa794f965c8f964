//! What the meta learner looks at (Fig. 6): class activation maps.

use tch::{Kind, Tensor};

use super::nets::RfNets;
use crate::nets::rf_meta_fas::{LAST, LOGIT};
use crate::nets::{BnMode, Graph};

/// M's last features weighted as its linear layer weighs their means, brought to `side` x `side` bilinearly, (batch, 1, side,
/// side): positive where a picture looks like an attack. The map's mean and the layer's bias add up to M's value before the
/// sigmoid, but for the bilinear step.
pub fn attention(nets: &RfNets, theta: &[Tensor], x: &Tensor, mode: BnMode<'_>, side: i64) -> Tensor {
    tch::no_grad(|| {
        let weight = nets.whole.param(&format!("{LOGIT}.weight")).map(|i| &theta[i]);
        let (Some(last), Some(weight)) = (nets.whole.find(LAST), weight) else {
            return Tensor::zeros([x.size()[0], 1, side, side], (Kind::Float, x.device()));
        };
        small(&nets.whole, theta, x, mode, last, weight).upsample_bilinear2d([side, side], false, None, None)
    })
}

/// The same at the size of M's last features.
fn small(
    graph: &Graph,
    theta: &[Tensor],
    x: &Tensor,
    mode: BnMode<'_>,
    last: crate::nets::NodeId,
    weight: &Tensor,
) -> Tensor {
    let features = graph.forward_at(theta, x, mode, &[last]).swap_remove(0).relu();
    (features * weight.view([1, -1, 1, 1])).sum_dim_intlist([1_i64].as_slice(), true, None::<Kind>)
}
