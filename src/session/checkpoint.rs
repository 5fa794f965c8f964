//! Checkpoints: named tensors as bytes, and one JSON value with everything else. Written aside, flushed and renamed.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use safetensors::serialize;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{SessionError, files, maps};

/// Key of the sum in the metadata.
const SUM: &str = "sum";

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
        let mut meta = self.meta.clone();
        if let Value::Object(map) = &mut meta {
            map.insert(SUM.to_owned(), self.sum().into());
        }
        let metadata = HashMap::from([("json".to_owned(), meta.to_string())]);
        let bytes = serialize(views, Some(metadata)).map_err(|e| bad(e.to_string()))?;
        files::replace(path, &bytes)
    }

    /// Reads a checkpoint from `path`. One whose bytes are not those that were written, or that holds a weight that is not a number, is
    /// damaged; checkpoints of earlier versions have no sum to compare.
    pub fn read(path: &Path) -> Result<Self, SessionError> {
        let bytes = files::read(path)?;
        let (tensors, mut meta): (_, Value) = maps::open(&bytes, path)?;
        let plain = |(name, t): (String, TensorView<'_>)| {
            let double = match t.dtype() {
                Dtype::F32 => false,
                Dtype::F64 => true,
                other => return Err(SessionError::corrupt(path, format!("{name} holds {other:?} values"))),
            };
            Ok((name, PlainTensor { double, shape: t.shape().to_vec(), bytes: t.data().to_vec() }))
        };
        let tensors = tensors.tensors().into_iter().map(plain).collect::<Result<_, _>>()?;
        let sum = meta.as_object_mut().and_then(|map| map.remove(SUM));
        let checkpoint = Self { meta, tensors };
        if sum.is_some_and(|sum| sum != checkpoint.sum().as_str()) {
            return Err(SessionError::corrupt(path, "damaged: its values are not those that were written"));
        }
        if let Some(name) = checkpoint.not_a_number() {
            return Err(SessionError::corrupt(path, format!("damaged: {name} holds not-a-number values")));
        }
        Ok(checkpoint)
    }

    /// SHA-256 over metadata, names, shapes and values.
    fn sum(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.meta.to_string());
        for (name, t) in &self.tensors {
            hash.update(format!("\n{name} {} {:?} ", t.double, t.shape));
            hash.update(&t.bytes);
        }
        hash.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }

    /// The first tensor with a value that is not a number.
    fn not_a_number(&self) -> Option<&str> {
        let single = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]).is_nan();
        let double = |b: &[u8]| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]).is_nan();
        let lost = |t: &PlainTensor| {
            if t.double { t.bytes.chunks_exact(8).any(double) } else { t.bytes.chunks_exact(4).any(single) }
        };
        self.tensors.iter().find(|(_, t)| lost(t)).map(|(name, _)| name.as_str())
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
        // One bit of the last value.
        let mut flipped = good.clone();
        *flipped.last_mut().unwrap() ^= 1;
        std::fs::write(&path, flipped).unwrap();
        let error = Checkpoint::read(&path).unwrap_err().to_string();
        assert!(error.contains("not those that were written"), "{error}");
        let lost =
            Checkpoint { tensors: BTreeMap::from([("theta.00".to_owned(), tensor(f32::NAN))]), ..checkpoint.clone() };
        lost.write(&path).unwrap();
        let error = Checkpoint::read(&path).unwrap_err().to_string();
        assert!(error.contains("theta.00 holds not-a-number"), "{error}");
        // Checkpoints of earlier versions have no sum.
        let text = String::from_utf8_lossy(&good).into_owned();
        let at = text.find("sum").unwrap();
        let mut old = good;
        old[at..at + 3].copy_from_slice(b"was");
        std::fs::write(&path, old).unwrap();
        assert_eq!(Checkpoint::read(&path).unwrap().tensors, checkpoint.tensors);
    }
}
