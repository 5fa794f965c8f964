//! What a detector looks at: class activation maps (Zhou et al., CVPR 2016), as `RFMetaFAS` Fig. 6 shows them of its meta
//! learner and of Binary CNN.

use tch::{Kind, Tensor};

use super::DetectorNet;
use crate::nets::BnMode;

impl DetectorNet {
    /// The last features weighted as the linear layer weighs their means, for normalised RGB pictures, brought to `side` x
    /// `side` bilinearly, (batch, 1, side, side): positive where a picture looks like an attack. The map's mean and the
    /// layer's bias add up to the value before the sigmoid, but for the bilinear step. Nothing for networks that do not end in
    /// a mean and a linear layer.
    pub fn attention(&self, theta: &[Tensor], x: &Tensor, mode: BnMode<'_>, side: i64) -> Option<Tensor> {
        let (last, linear) = self.network.mean_head()?;
        let weight = &theta[self.graph.param(&format!("{linear}.weight"))?];
        let last = self.graph.find(last)?;
        Some(tch::no_grad(|| {
            let features = self.graph.forward_at(theta, &self.sees(x), mode, &[last]).swap_remove(0).relu();
            let map = (features * weight.view([1, -1, 1, 1])).sum_dim_intlist([1_i64].as_slice(), true, None::<Kind>);
            map.upsample_bilinear2d([side, side], false, None, None)
        }))
    }

    /// Side of what is shown of pictures of `size` pixels: that of the maps, an eighth of the picture's where attention is
    /// all there is to show, as if it were a map, and 1 where there is neither.
    pub fn shown_side(&self, size: usize) -> usize {
        if !self.network.has_map() && self.network.has_attention() {
            return size / 8;
        }
        self.graph.map_side(size as i64).max(1) as usize
    }
}
