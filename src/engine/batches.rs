//! From bytes to tensors: batches of faces by index, normalised as (x - 127.5) / 128, with their labels.

use tch::{Device, Kind, Tensor};

use super::EngineError;
use crate::config::RunConfig;
use crate::data::{FaceSet, Sampler, Split};
use crate::methods::mt_fas::hypergradient::Batch;

/// The faces of a run and the streams that draw from them.
#[derive(Debug)]
pub struct Batches {
    /// All faces.
    pub faces: FaceSet,
    device: Device,
    pretrain: Sampler,
    bilevel: Sampler,
    calibrate: Sampler,
    detector: Sampler,
}

/// Which stream of draws.
#[derive(Debug, Clone, Copy)]
pub enum Draw {
    /// Pretraining's batches.
    Pretrain,
    /// Algorithm 1's.
    Bilevel,
    /// The fixed batches that statistics are averaged over.
    Calibrate,
    /// The detector's.
    Detector,
}

impl Batches {
    /// Draws for a run with `seed`, from the training part.
    pub fn new(faces: FaceSet, seed: u64, device: Device) -> Self {
        let sampler =
            |purpose: &str, setting: &str| Sampler::new(&faces, Split::Train, seed, purpose).with_setting(setting);
        Self {
            pretrain: sampler("pretraining", "bilevel.m"),
            bilevel: sampler("bi-level training", "bilevel.m and bilevel.n"),
            calibrate: sampler("calibration", "bilevel.m"),
            detector: sampler("detector training", "detector.batch"),
            faces,
            device,
        }
    }

    /// Whether every stage's batches can be drawn; asked before a run starts.
    pub fn check(&self, config: &RunConfig) -> Result<(), EngineError> {
        let (m, n, half) = (config.bilevel.m, config.bilevel.n, config.detector.batch / 2);
        self.pretrain.check(m, m)?;
        self.bilevel.check(m + n, m + n)?;
        self.detector.check(half, half)?;
        Ok(())
    }

    /// Indices of draw number `iteration`: `live` live faces, then `spoof` spoofs.
    pub fn draw(&self, draw: Draw, iteration: u64, live: usize, spoof: usize) -> Result<Vec<usize>, EngineError> {
        let sampler = match draw {
            Draw::Pretrain => &self.pretrain,
            Draw::Bilevel => &self.bilevel,
            Draw::Calibrate => &self.calibrate,
            Draw::Detector => &self.detector,
        };
        Ok(sampler.draw(iteration, live, spoof)?)
    }

    /// Pictures `indices` as (n, 3, size, size), about -1..1.
    pub fn pictures(&self, indices: &[usize]) -> Tensor {
        let size = self.faces.size as i64;
        let bytes: Vec<u8> = indices.iter().flat_map(|&i| self.faces.rgb_of(i).iter().copied()).collect();
        let x = Tensor::from_slice(&bytes).reshape([indices.len() as i64, size, size, 3]).to_device(self.device);
        ((x.to_kind(Kind::Float) - 127.5) / 128.0).permute([0, 3, 1, 2]).contiguous()
    }

    /// Pictures and labels of `indices`.
    pub fn batch(&self, indices: &[usize]) -> Batch {
        let labels: Vec<f32> = indices.iter().map(|&i| self.faces.faces[i].label.value()).collect();
        let y = Tensor::from_slice(&labels).reshape([indices.len() as i64, 1, 1, 1]).to_device(self.device);
        Batch { x: self.pictures(indices), y }
    }
}
