//! Maps of watched faces over time: one safetensors file an iteration, f32, raw values; the faces themselves once.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};
use serde::{Deserialize, Serialize};

use super::{SessionError, files};
use crate::config::Stage;
use crate::data::Label;

/// One watched face.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchedFace {
    /// Its key in the data.
    pub key: String,
    /// Bona fide or attack.
    pub label: Label,
    /// Attack species, or "live".
    pub species: String,
    /// sRGB bytes, `size * size * 3`.
    pub rgb: Vec<u8>,
    /// Facial depth as the data bring it, `depth_side * depth_side` bytes, 255 nearest, 0 background and attacks.
    pub depth: Option<Vec<u8>>,
}

/// The watched faces of a run, in the order of their maps.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchedFaces {
    /// Side of the pictures in pixels.
    pub size: usize,
    /// Side of their facial depth in pixels; 0 where no face has any.
    pub depth_side: usize,
    /// The faces.
    pub faces: Vec<WatchedFace>,
}

/// What a map shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MapKind {
    /// sigma(g_w(x)) of the teacher MT_t, 0..1.
    Teacher,
    /// sigma(g_w^(x)) of the momentum teacher MT_v, 0..1.
    Momentum,
    /// What the detector learns from: the deployed teacher's map stretched to 0..1 within each spoof (Eq. 13, of
    /// rivals Eq. 14), 0 on live faces.
    Target,
    /// f(x) of the detector in training: the surrogate, later the student.
    Detector,
    /// -sum_k J(theta_k) v_{k+1}: where the validation loss would have the target rise. Unscaled.
    Cotangent,
    /// What a detector looks at that ends in a mean and a linear layer, as `RFMetaFAS`'s meta learner and Binary CNN do:
    /// positive where a face looks like an attack.
    Attention,
    /// The attack's material as the data tell it, 0..1, averaged to the size of the maps: where a map should be high.
    /// 0 on live faces, NaN where it is not known. Of scored faces alone.
    Mask,
}

impl MapKind {
    /// All kinds, in the order they are shown.
    pub const ALL: [Self; 7] =
        [Self::Teacher, Self::Momentum, Self::Target, Self::Detector, Self::Cotangent, Self::Attention, Self::Mask];

    /// Name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Teacher => "teacher",
            Self::Momentum => "momentum_teacher",
            Self::Target => "eq13",
            Self::Detector => "detector",
            Self::Cotangent => "cotangent",
            Self::Attention => "attention",
            Self::Mask => "mask",
        }
    }

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Teacher => "Teacher σ(g)",
            Self::Momentum => "Momentum teacher σ(ĝ)",
            Self::Target => "Target 0…1",
            Self::Detector => "Detector f",
            Self::Cotangent => "Cotangent −Jv",
            Self::Attention => "Attention Σ w h",
            Self::Mask => "Mask of the attack",
        }
    }
}

/// The maps of one face, each `side * side` values row by row, in the order of [`MapKind::ALL`].
#[derive(Debug, Clone, PartialEq)]
pub struct SampleMaps {
    /// One entry a kind; `None` where the stage has no such map.
    pub maps: [Option<Vec<f32>>; MapKind::ALL.len()],
}

impl SampleMaps {
    /// The map of `kind`.
    pub fn get(&self, kind: MapKind) -> Option<&[f32]> {
        let i = MapKind::ALL.iter().position(|&k| k == kind)?;
        self.maps[i].as_deref()
    }
}

/// Pictures of the watched faces that a network made.
#[derive(Debug, Clone, PartialEq)]
pub struct Pictures {
    /// Side in pixels.
    pub side: usize,
    /// One entry a face: `side * side * 3` values, 0 to 1, pixel by pixel.
    pub faces: Vec<Vec<f32>>,
}

/// Maps of all watched faces at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct MapSet {
    /// Counted iterations done when they were made.
    pub iteration: u64,
    /// The stage.
    pub stage: Stage,
    /// Iterations done within the stage.
    pub stage_iteration: u64,
    /// Side of every map.
    pub side: usize,
    /// 2 alpha / n, with which the cotangent becomes -dL_v/dt; 0 where there is none.
    pub factor: f64,
    /// The Meta Pattern of every watched face, in runs that learn one.
    pub pattern: Option<Arc<Pictures>>,
    /// One entry a watched face.
    pub samples: Vec<SampleMaps>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    iteration: u64,
    stage: Stage,
    stage_iteration: u64,
    factor: f64,
}

#[derive(Serialize, Deserialize)]
struct FaceHeader {
    key: String,
    label: Label,
    species: String,
    /// Whether its facial depth is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    depth: bool,
}

/// Name of the pattern in files.
const PATTERN: &str = "pattern";

fn floats(t: &TensorView<'_>) -> Vec<f32> {
    t.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

fn read_pictures(t: &TensorView<'_>, path: &Path) -> Result<Pictures, SessionError> {
    match (t.shape(), t.dtype()) {
        (&[_, h, w, 3], Dtype::F32) if h == w && h > 0 => {
            Ok(Pictures { side: h, faces: floats(t).chunks_exact(3 * h * h).map(<[f32]>::to_vec).collect() })
        }
        _ => Err(SessionError::corrupt(path, "the pattern has an unexpected shape")),
    }
}

fn single_key(json: String) -> HashMap<String, String> {
    HashMap::from([("json".to_owned(), json)])
}

/// Opens safetensors bytes and reads their one metadata key.
pub(super) fn open<'a, T: for<'de> Deserialize<'de>>(
    bytes: &'a [u8],
    path: &Path,
) -> Result<(SafeTensors<'a>, T), SessionError> {
    let bad = |e: String| SessionError::corrupt(path, format!("damaged or not a safetensors file ({e})"));
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| bad(e.to_string()))?;
    let json = header.metadata().as_ref().and_then(|m| m.get("json")).ok_or_else(|| bad("no metadata".to_owned()))?;
    let meta = serde_json::from_str(json).map_err(|e| bad(e.to_string()))?;
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| bad(e.to_string()))?;
    Ok((tensors, meta))
}

impl WatchedFaces {
    /// Writes the faces to `path`.
    pub fn write(&self, path: &Path) -> Result<(), SessionError> {
        let bad = |e: String| SessionError::corrupt(path, e);
        let heads: Vec<FaceHeader> = self
            .faces
            .iter()
            .map(|f| FaceHeader {
                key: f.key.clone(),
                label: f.label,
                species: f.species.clone(),
                depth: f.depth.is_some(),
            })
            .collect();
        let json = serde_json::to_string(&heads).map_err(|e| bad(e.to_string()))?;
        let pixels: Vec<u8> = self.faces.iter().flat_map(|f| f.rgb.iter().copied()).collect();
        let shape = vec![self.faces.len(), self.size, self.size, 3];
        let view = TensorView::new(Dtype::U8, shape, &pixels).map_err(|e| bad(e.to_string()))?;
        let mut views = vec![("rgb", view)];
        // Faces of unknown depth have zeros there.
        let none = vec![0; self.depth_side * self.depth_side];
        let depth: Vec<u8> = self.faces.iter().flat_map(|f| f.depth.as_ref().unwrap_or(&none)).copied().collect();
        if self.depth_side > 0 {
            let shape = vec![self.faces.len(), self.depth_side, self.depth_side];
            views.push(("depth", TensorView::new(Dtype::U8, shape, &depth).map_err(|e| bad(e.to_string()))?));
        }
        let bytes = serialize(views, Some(single_key(json))).map_err(|e| bad(e.to_string()))?;
        files::replace(path, &bytes)
    }

    /// Reads the faces from `path`.
    pub fn read(path: &Path) -> Result<Self, SessionError> {
        let bytes = files::read(path)?;
        let (tensors, heads): (_, Vec<FaceHeader>) = open(&bytes, path)?;
        let rgb = tensors.tensor("rgb").map_err(|e| SessionError::corrupt(path, e.to_string()))?;
        let (&[n, size, _, 3], true) = (rgb.shape(), rgb.dtype() == Dtype::U8) else {
            return Err(SessionError::corrupt(path, "the faces have an unexpected shape"));
        };
        if n != heads.len() || n * size * size * 3 != rgb.data().len() {
            return Err(SessionError::corrupt(path, "the faces and their list differ in number"));
        }
        let depth = tensors.tensor("depth").ok();
        let depth_side = match depth.as_ref().map(|t| (t.shape(), t.dtype(), t.data().len())) {
            None => 0,
            Some((&[of, side, _], Dtype::U8, bytes)) if of == n && of * side * side == bytes => side,
            Some(_) => return Err(SessionError::corrupt(path, "the faces' depth has an unexpected shape")),
        };
        let (each, map) = (size * size * 3, depth_side * depth_side);
        let depth_of = |i: usize| depth.as_ref().map(|t| t.data()[i * map..(i + 1) * map].to_vec());
        let face = |(i, h): (usize, FaceHeader)| WatchedFace {
            key: h.key,
            label: h.label,
            species: h.species,
            rgb: rgb.data()[i * each..(i + 1) * each].to_vec(),
            depth: depth_of(i).filter(|_| h.depth),
        };
        Ok(Self { size, depth_side, faces: heads.into_iter().enumerate().map(face).collect() })
    }
}

impl MapSet {
    /// Whether no face has any map, as with detectors that give one value a picture.
    pub fn is_empty(&self) -> bool {
        self.samples.iter().all(|s| s.maps.iter().all(Option::is_none))
    }

    /// Writes the maps to `path`: a tensor (faces, side, side) a kind, and the pattern, (faces, size, size, 3).
    pub fn write(&self, path: &Path) -> Result<(), SessionError> {
        let bad = |e: String| SessionError::corrupt(path, e);
        let header = Header {
            iteration: self.iteration,
            stage: self.stage,
            stage_iteration: self.stage_iteration,
            factor: self.factor,
        };
        let json = serde_json::to_string(&header).map_err(|e| bad(e.to_string()))?;
        let mut buffers = vec![];
        for (i, kind) in MapKind::ALL.iter().enumerate() {
            if self.samples.iter().all(|s| s.maps[i].is_some()) && !self.samples.is_empty() {
                let values = self.samples.iter().filter_map(|s| s.maps[i].as_ref()).flatten();
                buffers.push((kind.name(), values.flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>()));
            }
        }
        let shape = vec![self.samples.len(), self.side, self.side];
        let mut views = vec![];
        for (name, bytes) in &buffers {
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(|e| bad(e.to_string()))?;
            views.push((*name, view));
        }
        let pattern = self.pattern.as_ref().map(|p| {
            (vec![p.faces.len(), p.side, p.side, 3], p.faces.iter().flatten().flat_map(|v| v.to_le_bytes()).collect())
        });
        if let Some((shape, bytes)) = &pattern {
            let bytes: &Vec<u8> = bytes;
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(|e| bad(e.to_string()))?;
            views.push((PATTERN, view));
        }
        let bytes = serialize(views, Some(single_key(json))).map_err(|e| bad(e.to_string()))?;
        files::replace(path, &bytes)
    }

    /// Reads maps from `path`.
    pub fn read(path: &Path) -> Result<Self, SessionError> {
        let bytes = files::read(path)?;
        let (tensors, header): (_, Header) = open(&bytes, path)?;
        let (mut side, mut count) = (0, 0);
        for (_, t) in tensors.iter().filter(|(name, _)| *name != PATTERN) {
            let (&[n, h, w], true) = (t.shape(), t.dtype() == Dtype::F32) else {
                return Err(SessionError::corrupt(path, "a map has an unexpected shape"));
            };
            if h != w || (count != 0 && (count, side) != (n, h)) {
                return Err(SessionError::corrupt(path, "the maps differ in shape"));
            }
            (count, side) = (n, h);
        }
        let mut samples = vec![SampleMaps { maps: [const { None }; MapKind::ALL.len()] }; count];
        for (i, kind) in MapKind::ALL.iter().enumerate() {
            let Ok(t) = tensors.tensor(kind.name()) else { continue };
            let values = floats(&t);
            for (sample, map) in samples.iter_mut().zip(values.chunks_exact((side * side).max(1))) {
                sample.maps[i] = Some(map.to_vec());
            }
        }
        let pattern = tensors.tensor(PATTERN).ok().map(|t| read_pictures(&t, path).map(Arc::new)).transpose()?;
        let Header { iteration, stage, stage_iteration, factor } = header;
        Ok(Self { iteration, stage, stage_iteration, side, factor, pattern, samples })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_and_faces_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("000010.safetensors");
        let maps = |x: f32| {
            let first = Some(vec![x, 0.5, -1.0, f32::MIN_POSITIVE]);
            [first, Some(vec![x; 4]), Some(vec![x + 1.0; 4]), None, Some(vec![-x; 4]), None, None]
        };
        let set = MapSet {
            iteration: 10,
            stage: Stage::Bilevel,
            stage_iteration: 3,
            side: 2,
            factor: 0.25,
            pattern: None,
            samples: vec![SampleMaps { maps: maps(0.1) }, SampleMaps { maps: maps(0.9) }],
        };
        set.write(&path).unwrap();
        assert_eq!(MapSet::read(&path).unwrap(), set);
        // A picture a face, beside maps of another side.
        let faces = vec![(0..27).map(|i| i as f32 / 27.0).collect(), vec![0.5; 27]];
        let set = MapSet { pattern: Some(Arc::new(Pictures { side: 3, faces })), ..set };
        set.write(&path).unwrap();
        assert_eq!(MapSet::read(&path).unwrap(), set);
        let once = std::fs::read(&path).unwrap();
        set.write(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), once);

        let face = |depth: Option<Vec<u8>>| WatchedFace {
            key: "a/b".to_owned(),
            label: Label::Spoof,
            species: "print".to_owned(),
            rgb: (0..12).collect(),
            depth,
        };
        let path = dir.path().join("faces.safetensors");
        // Without depth; with the depth of one face alone, which is not that of zeros.
        for (depth_side, faces) in
            [(0, vec![face(None)]), (3, vec![face(Some((1..10).collect())), face(None), face(Some(vec![0; 9]))])]
        {
            let faces = WatchedFaces { size: 2, depth_side, faces };
            faces.write(&path).unwrap();
            assert_eq!(WatchedFaces::read(&path).unwrap(), faces);
        }
        std::fs::write(&path, &std::fs::read(&path).unwrap()[..50]).unwrap();
        let error = WatchedFaces::read(&path).unwrap_err().to_string();
        assert!(error.contains("damaged"), "{error}");
    }
}
