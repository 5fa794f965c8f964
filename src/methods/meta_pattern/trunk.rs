//! Weights that both trunks of HFN start from: a ResNet-50 as torchvision names its parts, in a safetensors file. None comes
//! with the program; docs/meta_pattern.md says how to make one.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tch::{Kind, Tensor};
use thiserror::Error;

use crate::methods::detector::StudentState;
use crate::nets::Graph;
use crate::nets::hfn::TRUNKS;

/// Why weights cannot be used.
#[derive(Debug, Error)]
pub enum TrunkError {
    /// The file cannot be read.
    #[error("meta_pattern.weights: cannot read the file: {error}: {}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// It is no ResNet-50 of this width.
    #[error("meta_pattern.weights: this is no ResNet-50 for a trunk of width {width}: {what}: {}", path.display())]
    Other {
        /// Which file.
        path: PathBuf,
        /// Filters of the trunk's first layer.
        width: i64,
        /// What is missing or wrong.
        what: String,
    },
}

/// A ResNet-50's weights and statistics.
#[derive(Debug)]
pub struct Trunk {
    tensors: HashMap<String, Tensor>,
    /// SHA-256 of the file, in hexadecimal.
    pub hash: String,
}

/// Where a tensor of the file goes in a trunk.
enum Place {
    Param(usize),
    Mean(usize),
    Var(usize),
}

/// Every tensor that trunk `trunk` of `graph` takes from a file: its name there, its shape, its place.
fn places(graph: &Graph, trunk: &str) -> Vec<(String, Vec<i64>, Place)> {
    let mut all = vec![];
    for (i, p) in graph.params().iter().enumerate() {
        let Some(name) = p.name.strip_prefix(trunk).and_then(|n| n.strip_prefix('.')) else { continue };
        if !(name.starts_with("conv1.") || name.starts_with("bn1.") || name.starts_with("layer")) {
            continue;
        }
        if let Some(norm) = name.strip_suffix(".scale") {
            all.push((format!("{norm}.weight"), p.shape.clone(), Place::Param(i)));
            if let Some(k) = graph.norm(&format!("{trunk}.{norm}")) {
                all.push((format!("{norm}.running_mean"), p.shape.clone(), Place::Mean(k)));
                all.push((format!("{norm}.running_var"), p.shape.clone(), Place::Var(k)));
            }
        } else if let Some(norm) = name.strip_suffix(".shift") {
            all.push((format!("{norm}.bias"), p.shape.clone(), Place::Param(i)));
        } else {
            all.push((name.to_owned(), p.shape.clone(), Place::Param(i)));
        }
    }
    all
}

impl Trunk {
    /// Reads the weights for the trunks of `graph`.
    pub fn read(path: &Path, graph: &Graph) -> Result<Self, TrunkError> {
        let bytes = std::fs::read(path).map_err(|error| TrunkError::Unreadable { path: path.to_owned(), error })?;
        let places = places(graph, TRUNKS[0]);
        let width = places.first().map_or(0, |(_, shape, _)| shape[0]);
        let wrong = |what: String| TrunkError::Other { path: path.to_owned(), width, what };
        let read = Tensor::read_safetensors(path).map_err(|e| {
            let first = e.to_string().lines().next().unwrap_or_default().to_owned();
            wrong(format!("it is no safetensors file ({first})"))
        })?;
        let tensors: HashMap<String, Tensor> =
            read.into_iter().map(|(name, t)| (name, t.to_kind(Kind::Float))).collect();
        for (name, shape, _) in &places {
            let there = tensors.get(name).ok_or_else(|| wrong(format!("there is no {name}")))?;
            if there.size() != *shape {
                return Err(wrong(format!("{name} has the shape {:?}, not {shape:?}", there.size())));
            }
        }
        let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
        let hash = Sha256::digest(&bytes).iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect();
        Ok(Self { tensors, hash })
    }

    /// Puts the weights into both trunks of `state`, a state of the graph that they were read for.
    pub fn put(&self, graph: &Graph, state: &mut StudentState) {
        for trunk in TRUNKS {
            for (name, _, place) in places(graph, trunk) {
                let Some(tensor) = self.tensors.get(&name) else { continue };
                let slot = match place {
                    Place::Param(i) => &mut state.theta.0[i],
                    Place::Mean(k) => &mut state.stats.mean[k],
                    Place::Var(k) => &mut state.stats.var[k],
                };
                *slot = tensor.to_device(slot.device()).copy();
            }
        }
    }
}
