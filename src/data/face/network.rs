//! Small networks as lists of operators with their weights, as plain data. Reading them is here; what an operator does
//! to a tensor is in `tensors`, the one file that knows them.

use std::collections::BTreeMap;

use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use serde_json::Value;

/// An array of f32, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// Pixels added at the top, left, bottom and right.
pub type Pads = [i64; 4];

/// One operator; numbers are slots that hold tensors of batch x channels x rows x columns.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    Conv {
        from: usize,
        to: usize,
        weight: String,
        bias: String,
        stride: i64,
        pads: Pads,
        depthwise: bool,
    },
    Relu {
        from: usize,
        to: usize,
    },
    /// One slope a channel (or a feature, after `Dense`).
    Prelu {
        from: usize,
        to: usize,
        slope: String,
    },
    Add {
        a: usize,
        b: usize,
        to: usize,
    },
    /// `ceil`: windows that hang over the border count too.
    MaxPool {
        from: usize,
        to: usize,
        size: i64,
        stride: i64,
        ceil: bool,
    },
    /// Zero channels after the last one.
    PadChannels {
        from: usize,
        to: usize,
        by: i64,
    },
    /// Columns, then rows, then channels, as one row of features: the order of Caffe's transposed pictures.
    Flatten {
        from: usize,
        to: usize,
    },
    Dense {
        from: usize,
        to: usize,
        weight: String,
        bias: String,
    },
    /// Over dimension 1.
    Softmax {
        from: usize,
        to: usize,
    },
}

/// A network.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    pub ops: Vec<Op>,
    pub weights: BTreeMap<String, Array>,
    /// The slot that is filled from outside.
    pub input: usize,
    /// The slots that are wanted, in order.
    pub outputs: Vec<usize>,
}

/// All tensors of a safetensors file of f16 or f32.
pub fn weights(bytes: &[u8]) -> Result<BTreeMap<String, Array>, String> {
    let file = SafeTensors::deserialize(bytes).map_err(|e| e.to_string())?;
    let read = |(name, view): (String, safetensors::tensor::TensorView<'_>)| {
        let data = view.data();
        let values = match view.dtype() {
            Dtype::F32 => data.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
            Dtype::F16 => data.as_chunks().0.iter().map(|b| half(u16::from_le_bytes(*b))).collect(),
            other => return Err(format!("{name} holds {other:?}, not f16 or f32")),
        };
        Ok((name, Array { shape: view.shape().to_vec(), values }))
    };
    file.tensors().into_iter().map(read).collect()
}

/// An IEEE half as f32; exact.
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    sign * match exponent {
        0 => fraction * 2_f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        e => (1024.0 + fraction) * 2_f32.powi(e - 25),
    }
}

/// A network from its weights and its list of operators, as `assets/face/convert.py` writes both: the k-th convolution
/// takes the k-th `w` and `b` by their numbers, the k-th PRELU the k-th `a`.
pub fn converted(tensors: &[u8], list: &str, outputs: &[usize]) -> Result<Network, String> {
    let weights = weights(tensors)?;
    let list: Vec<Vec<Value>> = serde_json::from_str(list).map_err(|e| e.to_string())?;
    let named = |kind: char| {
        let number = |name: &&String| name.strip_prefix(kind).and_then(|n| n.parse::<u32>().ok());
        let mut names: Vec<&String> = weights.keys().filter(|n| number(n).is_some()).collect();
        names.sort_by_key(|name| number(name));
        names.into_iter().cloned().collect::<Vec<_>>().into_iter()
    };
    let (mut w, mut b, mut a) = (named('w'), named('b'), named('a'));
    let mut ops = Vec::new();
    for line in &list {
        let kind = line.first().and_then(Value::as_str).unwrap_or_default();
        let wrong = || format!("the operator {kind} is not as it should be");
        let slot = |i: usize| line.get(i).and_then(Value::as_u64).map(|n| n as usize).ok_or_else(wrong);
        let whole = |i: usize| line.get(i).and_then(Value::as_i64).ok_or_else(wrong);
        let pads = |i: usize| -> Result<Pads, String> {
            let four = line.get(i).cloned().ok_or_else(wrong)?;
            serde_json::from_value(four).map_err(|_not_four| wrong())
        };
        let (from, to) = (slot(1)?, slot(2)?);
        ops.push(match kind {
            "CONV_2D" | "DEPTHWISE_CONV_2D" => {
                let (weight, bias) = (w.next().ok_or_else(wrong)?, b.next().ok_or_else(wrong)?);
                let depthwise = kind != "CONV_2D";
                Op::Conv { from, to, weight, bias, stride: whole(5)?, pads: pads(6)?, depthwise }
            }
            "RELU" => Op::Relu { from, to },
            "PRELU" => Op::Prelu { from, to, slope: a.next().ok_or_else(wrong)? },
            "ADD" if whole(4)? == 0 => Op::Add { a: from, b: to, to: slot(3)? },
            "MAX_POOL_2D" if pads(6)? == [0; 4] => {
                Op::MaxPool { from, to, size: whole(3)?, stride: whole(5)?, ceil: false }
            }
            "PAD" => {
                let all: [[i64; 2]; 4] =
                    serde_json::from_value(line.get(3).cloned().ok_or_else(wrong)?).map_err(|_not_pads| wrong())?;
                let [[0, 0], [0, by], [0, 0], [0, 0]] = all else { return Err(wrong()) };
                Op::PadChannels { from, to, by }
            }
            _ => return Err(wrong()),
        });
    }
    if w.next().or_else(|| b.next()).or_else(|| a.next()).is_some() {
        return Err("there are more weights than operators".to_owned());
    }
    Ok(Network { ops, weights, input: 0, outputs: outputs.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_exact() {
        for (bits, value) in [(0x3c00, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_95), (0x0001, 5.960_464_5e-8), (0, 0.0)]
        {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7e00).is_nan() && half(0xfc00) == f32::NEG_INFINITY);
    }

    #[test]
    fn lists_that_do_not_fit_their_weights_are_refused() {
        let none = safetensors::serialize(Vec::<(String, safetensors::tensor::TensorView<'_>)>::new(), None).unwrap();
        let say = |list: &str| converted(&none, list, &[]).unwrap_err();
        assert!(say("[[\"RELU\", 0]]").contains("RELU"));
        assert!(say("[[\"CONV_2D\", 0, 1, 3, 3, 1, [0, 0, 0, 0]]]").contains("CONV_2D"));
        assert!(say("[[\"SOFTPLUS\", 0, 1]]").contains("SOFTPLUS"));
        assert!(converted(&none, "[[\"RELU\", 0, 1]]", &[1]).is_ok());
    }
}
