//! Between tensors and plain values: what leaves the engine thread goes through here.

use tch::{Device, Kind, Tensor};

use crate::session::PlainTensor;

/// Maps (n, 1, h, w) as n vectors of h * w values.
pub fn maps(t: &Tensor) -> Vec<Vec<f32>> {
    let n = t.size().first().copied().unwrap_or(0).max(0) as usize;
    let values = floats(t);
    let each = values.len().checked_div(n).unwrap_or(0);
    if each == 0 { vec![vec![]; n] } else { values.chunks_exact(each).map(<[f32]>::to_vec).collect() }
}

/// All values, row by row.
pub fn floats(t: &Tensor) -> Vec<f32> {
    let t = t.to_kind(Kind::Float).to_device(Device::Cpu).contiguous().flatten(0, -1);
    let mut values = vec![0.0; t.numel()];
    t.copy_data(&mut values, t.numel());
    values
}

/// A tensor as bytes.
pub fn to_plain(t: &Tensor) -> PlainTensor {
    let shape = t.size().iter().map(|&d| d.max(0) as usize).collect();
    let double = t.kind() == Kind::Double;
    let flat = t.to_device(Device::Cpu).contiguous().flatten(0, -1);
    let bytes = if double {
        let mut values = vec![0.0_f64; flat.numel()];
        flat.copy_data(&mut values, flat.numel());
        values.iter().flat_map(|v| v.to_le_bytes()).collect()
    } else {
        floats(&flat).iter().flat_map(|v| v.to_le_bytes()).collect()
    };
    PlainTensor { double, shape, bytes }
}

/// Bytes as a tensor on `device`.
pub fn from_plain(plain: &PlainTensor, device: Device) -> Tensor {
    let shape: Vec<i64> = plain.shape.iter().map(|&d| d as i64).collect();
    let kind = if plain.double { Kind::Double } else { Kind::Float };
    Tensor::from_data_size(&plain.bytes, &shape, kind).to_device(device)
}
