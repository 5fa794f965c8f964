//! Runs a [`Network`] with libtorch: the one file of `data` that knows tensors. Always on the processor and with one
//! thread, whoever calls: faces are cut by many worker threads at once, each with a clip of its own, and libtorch's own
//! threads would only stand in their way. One thread also makes the numbers the same wherever a clip is looked at.

use std::collections::BTreeMap;

use tch::{Device, Kind, TchError, Tensor};

use super::network::{Array, Network, Op};

/// A network whose weights are tensors. To be used by one thread at a time.
#[derive(Debug)]
pub struct Runner {
    ops: Vec<Op>,
    weights: BTreeMap<String, Tensor>,
    input: usize,
    outputs: Vec<usize>,
}

/// libtorch's number of threads is one as long as this lives. What is set here holds for the calling thread (and as the
/// default of threads that have not met libtorch yet; the engine sets its own).
struct OneThread(i32);

impl OneThread {
    fn begin() -> Self {
        let before = tch::get_num_threads();
        if before != 1 {
            tch::set_num_threads(1);
        }
        Self(before)
    }
}

impl Drop for OneThread {
    fn drop(&mut self) {
        if self.0 != 1 {
            tch::set_num_threads(self.0);
        }
    }
}

impl Runner {
    /// Loads the weights.
    pub fn new(network: &Network) -> Result<Self, String> {
        let load = |(name, array): (&String, &Array)| {
            let shape: Vec<i64> = array.shape.iter().map(|n| *n as i64).collect();
            Ok((name.clone(), Tensor::f_from_slice(&array.values)?.f_reshape(shape)?))
        };
        let weights: Result<_, TchError> = network.weights.iter().map(load).collect();
        Ok(Self {
            ops: network.ops.clone(),
            weights: weights.map_err(|e| e.to_string())?,
            input: network.input,
            outputs: network.outputs.clone(),
        })
    }

    /// The outputs for `input` of shape batch x channels x rows x columns.
    pub fn run(&self, input: &[f32], shape: [usize; 4]) -> Result<Vec<Array>, String> {
        self.tensors(input, shape).map_err(|e| e.to_string())
    }

    fn tensors(&self, input: &[f32], shape: [usize; 4]) -> Result<Vec<Array>, TchError> {
        let _one = OneThread::begin();
        let _no_gradients = tch::no_grad_guard();
        let x = Tensor::f_from_slice(input)?.f_reshape(shape.map(|n| n as i64))?;
        let mut slots: BTreeMap<usize, Tensor> = BTreeMap::from([(self.input, x)]);
        for op in &self.ops {
            let (to, result) = self.apply(op, &slots)?;
            slots.insert(to, result);
        }
        self.outputs.iter().map(|slot| array(get(&slots, slot)?)).collect()
    }

    fn apply(&self, op: &Op, slots: &BTreeMap<usize, Tensor>) -> Result<(usize, Tensor), TchError> {
        let weight = |name: &String| get(&self.weights, name);
        Ok(match op {
            Op::Conv { from, to, weight: w, bias, stride, pads, depthwise } => {
                let (x, w, b) = (get(slots, from)?, weight(w)?, weight(bias)?);
                let groups = if *depthwise { w.size().first().copied().unwrap_or(1) } else { 1 };
                let [top, left, bottom, right] = *pads;
                let even = top == bottom && left == right;
                let padded;
                let (x, pad) = if even {
                    (x, [top, left])
                } else {
                    padded = x.f_constant_pad_nd([left, right, top, bottom])?;
                    (&padded, [0, 0])
                };
                (*to, x.f_conv2d(w, Some(b), [*stride, *stride], pad, [1, 1], groups)?)
            }
            Op::Relu { from, to } => (*to, get(slots, from)?.f_relu()?),
            Op::Prelu { from, to, slope } => {
                let slope = weight(slope)?.f_reshape([-1])?;
                (*to, get(slots, from)?.f_prelu(&slope)?)
            }
            Op::Add { a, b, to } => (*to, get(slots, a)?.f_add(get(slots, b)?)?),
            Op::MaxPool { from, to, size, stride, ceil } => {
                let x = get(slots, from)?;
                (*to, x.f_max_pool2d([*size, *size], [*stride, *stride], [0, 0], [1, 1], *ceil)?)
            }
            Op::PadChannels { from, to, by } => (*to, get(slots, from)?.f_constant_pad_nd([0, 0, 0, 0, 0, *by])?),
            Op::Flatten { from, to } => {
                let x = get(slots, from)?;
                (*to, x.f_permute([0, 3, 2, 1])?.f_reshape([x.size().first().copied().unwrap_or(1), -1])?)
            }
            Op::Dense { from, to, weight: w, bias } => {
                (*to, get(slots, from)?.f_linear(weight(w)?, Some(weight(bias)?))?)
            }
            Op::Softmax { from, to } => (*to, get(slots, from)?.f_softmax(1, Kind::Float)?),
        })
    }
}

fn get<'a, K: Ord + std::fmt::Debug>(all: &'a BTreeMap<K, Tensor>, key: &K) -> Result<&'a Tensor, TchError> {
    all.get(key).ok_or_else(|| TchError::Torch(format!("the network has no {key:?}")))
}

fn array(tensor: &Tensor) -> Result<Array, TchError> {
    let tensor = tensor.f_to_device(Device::Cpu)?.f_to_kind(Kind::Float)?.f_contiguous()?;
    let mut values = vec![0.0; tensor.numel()];
    let count = values.len();
    tensor.f_copy_data(&mut values, count)?;
    Ok(Array { shape: tensor.size().iter().map(|n| *n as usize).collect(), values })
}
