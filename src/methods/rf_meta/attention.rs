//! What the meta learner looks at (Fig. 6): class activation maps.

use tch::{Kind, Tensor};

use super::nets::RfNets;
use crate::nets::BnMode;

/// M's last features weighted as its linear layer weighs their means, brought to `side` x `side` bilinearly, (batch, 1, side,
/// side): positive where a picture looks like an attack. The map's mean and the layer's bias add up to M's value before the
/// sigmoid, but for the bilinear step.
pub fn attention(nets: &RfNets, theta: &[Tensor], x: &Tensor, mode: BnMode<'_>, side: i64) -> Tensor {
    tch::no_grad(|| {
        let weight = nets.linear(theta).view([1, -1, 1, 1]);
        let features = nets.whole.forward_at(theta, x, mode, &[nets.last]).swap_remove(0).relu();
        let map = (features * weight).sum_dim_intlist([1_i64].as_slice(), true, None::<Kind>);
        map.upsample_bilinear2d([side, side], false, None, None)
    })
}
