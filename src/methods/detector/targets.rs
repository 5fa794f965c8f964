//! What a detector's map should be: a teacher's map stretched to 0..1 (Eqs. 13 and 14), or what the data themselves say.

use tch::Tensor;

/// Eq. 13: values stretched to 0..1 in every picture of (batch, 1, h, w); ones where it is flat (max - min < 1e-6).
pub fn stretch(values: &Tensor) -> Tensor {
    tch::no_grad(|| {
        let over: &[i64] = &[1, 2, 3];
        let (low, high) = (values.amin(over, true), values.amax(over, true));
        let range = &high - &low;
        let flat = range.lt(1e-6);
        let stretched = (values - &low) / range.clamp_min(1e-12);
        stretched.where_self(&flat.logical_not(), &Tensor::ones_like(&stretched))
    })
}

/// Eq. 14: a rival teacher's raw map stretched to 0..1 on spoofs, zero on live faces. `y` is 1 for spoofs.
pub fn eq_14(raw: &Tensor, y: &Tensor) -> Tensor {
    stretch(raw) * y
}

/// One everywhere on spoofs, zero on live faces, in the shape of `like`.
pub fn mask_spoofs(y: &Tensor, side: i64) -> Tensor {
    y.expand([y.size()[0], 1, side, side], false).contiguous()
}
