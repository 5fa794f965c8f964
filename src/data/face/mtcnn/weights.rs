//! MTCNN's weights: where the file is looked for, and what has to be in it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::data::face::network::{self, Network, Op};
use crate::data::face::tensors::Runner;

use super::Mtcnn;

const VARIABLE: &str = "METAFAS_MTCNN";
const FILE: &str = "mtcnn.safetensors";

/// The three networks' weights and lists.
#[derive(Debug, Clone)]
pub struct Weights {
    networks: [Network; 3],
    /// First digits of the file's SHA-256, for identities of packs.
    pub name: String,
}

impl Weights {
    /// From the file that METAFAS_MTCNN names, else from the cache folder. The error says how to get one.
    pub fn find(cache: &Path) -> Result<Self, String> {
        let named = env::var_os(VARIABLE).filter(|v| !v.is_empty()).map(PathBuf::from);
        let path = named.unwrap_or_else(|| cache.join(FILE));
        Self::read(&path)
    }

    /// From a file.
    pub fn read(path: &Path) -> Result<Self, String> {
        let bytes = fs::read(path).map_err(|e| {
            format!(
                "MTCNN's weights cannot be read from {} ({e}); they are not shipped, because their licence is disputed: \
                 make the file as docs/faces.md says, put it there or name it in {VARIABLE}, or cut without MTCNN",
                path.display()
            )
        })?;
        let networks = lists().map(|ops| (ops, network::weights(&bytes)));
        let mut read = Vec::new();
        for (ops, weights) in networks {
            let wrong = |words: String| format!("{} holds no weights of MTCNN: {words}", path.display());
            let weights = weights.map_err(wrong)?;
            for (name, shape) in ops.iter().flat_map(wanted) {
                let there = weights.get(&name).ok_or_else(|| wrong(format!("there is no {name}")))?;
                if there.shape != shape {
                    return Err(wrong(format!("{name} has the shape {:?}, not {shape:?}", there.shape)));
                }
            }
            read.push((ops, weights));
        }
        let outputs = [vec![20, 21], vec![20, 21], vec![20, 21, 22]];
        let mut networks =
            read.into_iter().zip(outputs).map(|((ops, weights), outputs)| Network { ops, weights, input: 0, outputs });
        let mut next = || networks.next().ok_or_else(|| "three networks were read".to_owned());
        let networks = [next()?, next()?, next()?];
        let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
        let name = Sha256::digest(&bytes).iter().take(6).flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect();
        Ok(Self { networks, name })
    }

    /// Networks for a thread.
    pub fn load(&self) -> Result<Mtcnn, String> {
        let [p, r, o] = &self.networks;
        Ok(Mtcnn([Runner::new(p)?, Runner::new(r)?, Runner::new(o)?]))
    }
}

/// Names and shapes of everything that has to be in the file.
#[cfg(test)]
pub(super) fn all() -> Vec<(String, Vec<usize>)> {
    lists().iter().flatten().flat_map(wanted).collect()
}

/// Operators of the three networks; slot 20 holds how sure it is, 21 the corrections of the box, 22 the five points.
fn lists() -> [Vec<Op>; 3] {
    let conv = |net: &str, name: &str, from: usize, to: usize| Op::Conv {
        from,
        to,
        weight: format!("{net}.{name}.weight"),
        bias: format!("{net}.{name}.bias"),
        stride: 1,
        pads: [0; 4],
        depthwise: false,
    };
    let dense = |net: &str, name: &str, from: usize, to: usize| Op::Dense {
        from,
        to,
        weight: format!("{net}.{name}.weight"),
        bias: format!("{net}.{name}.bias"),
    };
    let prelu =
        |net: &str, k: usize, from: usize| Op::Prelu { from, to: from + 1, slope: format!("{net}.prelu{k}.weight") };
    let pool = |from: usize, size: i64| Op::MaxPool { from, to: from + 1, size, stride: 2, ceil: true };
    let sure = Op::Softmax { from: 19, to: 20 };
    let p = "pnet";
    let pnet = vec![
        conv(p, "conv1", 0, 1),
        prelu(p, 1, 1),
        pool(2, 2),
        conv(p, "conv2", 3, 4),
        prelu(p, 2, 4),
        conv(p, "conv3", 5, 6),
        prelu(p, 3, 6),
        conv(p, "conv4_1", 7, 19),
        conv(p, "conv4_2", 7, 21),
        sure.clone(),
    ];
    let r = "rnet";
    let rnet = vec![
        conv(r, "conv1", 0, 1),
        prelu(r, 1, 1),
        pool(2, 3),
        conv(r, "conv2", 3, 4),
        prelu(r, 2, 4),
        pool(5, 3),
        conv(r, "conv3", 6, 7),
        prelu(r, 3, 7),
        Op::Flatten { from: 8, to: 9 },
        dense(r, "dense4", 9, 10),
        prelu(r, 4, 10),
        dense(r, "dense5_1", 11, 19),
        dense(r, "dense5_2", 11, 21),
        sure.clone(),
    ];
    let o = "onet";
    let onet = vec![
        conv(o, "conv1", 0, 1),
        prelu(o, 1, 1),
        pool(2, 3),
        conv(o, "conv2", 3, 4),
        prelu(o, 2, 4),
        pool(5, 3),
        conv(o, "conv3", 6, 7),
        prelu(o, 3, 7),
        pool(8, 2),
        conv(o, "conv4", 9, 10),
        prelu(o, 4, 10),
        Op::Flatten { from: 11, to: 12 },
        dense(o, "dense5", 12, 13),
        prelu(o, 5, 13),
        dense(o, "dense6_1", 14, 19),
        dense(o, "dense6_2", 14, 21),
        dense(o, "dense6_3", 14, 22),
        sure,
    ];
    [pnet, rnet, onet]
}

/// Names and shapes of an operator's weights, by the layers' names.
fn wanted(op: &Op) -> Vec<(String, Vec<usize>)> {
    let shape = |name: &str| -> Vec<usize> {
        match name.trim_end_matches(".weight") {
            "pnet.conv1" => vec![10, 3, 3, 3],
            "pnet.conv2" => vec![16, 10, 3, 3],
            "pnet.conv3" => vec![32, 16, 3, 3],
            "pnet.conv4_1" => vec![2, 32, 1, 1],
            "pnet.conv4_2" => vec![4, 32, 1, 1],
            "rnet.conv1" => vec![28, 3, 3, 3],
            "rnet.conv2" => vec![48, 28, 3, 3],
            "rnet.conv3" => vec![64, 48, 2, 2],
            "rnet.dense4" => vec![128, 576],
            "rnet.dense5_1" => vec![2, 128],
            "rnet.dense5_2" => vec![4, 128],
            "onet.conv1" => vec![32, 3, 3, 3],
            "onet.conv2" => vec![64, 32, 3, 3],
            "onet.conv3" => vec![64, 64, 3, 3],
            "onet.conv4" => vec![128, 64, 2, 2],
            "onet.dense5" => vec![256, 1152],
            "onet.dense6_1" => vec![2, 256],
            "onet.dense6_2" => vec![4, 256],
            "onet.dense6_3" => vec![10, 256],
            "pnet.prelu1" => vec![10],
            "pnet.prelu2" => vec![16],
            "pnet.prelu3" | "onet.prelu1" => vec![32],
            "rnet.prelu1" => vec![28],
            "rnet.prelu2" => vec![48],
            "rnet.prelu3" | "onet.prelu2" | "onet.prelu3" => vec![64],
            "rnet.prelu4" | "onet.prelu4" => vec![128],
            "onet.prelu5" => vec![256],
            _ => vec![],
        }
    };
    match op {
        Op::Conv { weight, bias, .. } | Op::Dense { weight, bias, .. } => {
            let of = shape(weight);
            let outputs = of.first().copied().unwrap_or(0);
            vec![(weight.clone(), of), (bias.clone(), vec![outputs])]
        }
        Op::Prelu { slope, .. } => vec![(slope.clone(), shape(slope))],
        _ => vec![],
    }
}
