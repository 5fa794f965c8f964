//! Checkpoints: named tensors as bytes, and one JSON value with everything else. Written aside, flushed and renamed.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use safetensors::serialize;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;

use super::{SessionError, files, maps};

/// A tensor without a library: kind, shape and little-endian bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainTensor {
    /// `F32` or `F64`.
    pub double: bool,
    /// Sizes, outermost first.
    pub shape: Vec<usize>,
    /// Values, row by row.
    pub bytes: Vec<u8>,
}

/// Everything a run needs to go on from a moment between two iterations.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Position, optimiser steps and the like.
    pub meta: Value,
    /// Weights, moments and statistics by name.
    pub tensors: BTreeMap<String, PlainTensor>,
}

impl Checkpoint {
    /// Writes the checkpoint to `path`.
    pub fn write(&self, path: &Path) -> Result<(), SessionError> {
        let bad = |e: String| SessionError::corrupt(path, e);
        let mut views = vec![];
        for (name, t) in &self.tensors {
            let dtype = if t.double { Dtype::F64 } else { Dtype::F32 };
            views.push((name, TensorView::new(dtype, t.shape.clone(), &t.bytes).map_err(|e| bad(e.to_string()))?));
        }
        let metadata = HashMap::from([("json".to_owned(), self.meta.to_string())]);
        let bytes = serialize(views, Some(metadata)).map_err(|e| bad(e.to_string()))?;
        files::replace(path, &bytes)
    }

    /// Reads a checkpoint from `path`.
    pub fn read(path: &Path) -> Result<Self, SessionError> {
        let bytes = files::read(path)?;
        let (tensors, meta) = maps::open(&bytes, path)?;
        let plain = |(name, t): (String, TensorView<'_>)| {
            let double = match t.dtype() {
                Dtype::F32 => false,
                Dtype::F64 => true,
                other => return Err(SessionError::corrupt(path, format!("{name} holds {other:?} values"))),
            };
            Ok((name, PlainTensor { double, shape: t.shape().to_vec(), bytes: t.data().to_vec() }))
        };
        let tensors = tensors.tensors().into_iter().map(plain).collect::<Result<_, _>>()?;
        Ok(Self { meta, tensors })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_comes_back_and_damage_is_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("000050.safetensors");
        let tensor =
            |x: f32| PlainTensor { double: false, shape: vec![2], bytes: [x, -x].map(f32::to_le_bytes).concat() };
        let checkpoint = Checkpoint {
            meta: serde_json::json!({"iteration": 50, "note": "a"}),
            tensors: BTreeMap::from([("omega.00".to_owned(), tensor(1.5)), ("theta.00".to_owned(), tensor(0.1))]),
        };
        checkpoint.write(&path).unwrap();
        assert_eq!(Checkpoint::read(&path).unwrap(), checkpoint);
        let good = std::fs::read(&path).unwrap();
        for broken in [&good[..good.len() - 3], &good[..20], b"" as &[u8], b"not a checkpoint at all"] {
            std::fs::write(&path, broken).unwrap();
            let error = Checkpoint::read(&path).unwrap_err().to_string();
            assert!(error.contains("damaged") && error.contains("000050"), "{error}");
        }
    }
}
