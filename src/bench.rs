//! What the program costs: time and peak memory of one bi-level iteration on random input, measured the way the
//! reference script in plain PyTorch measures itself, so that the two numbers can stand side by side. An iteration is
//! the targets, the K inner steps, the validation gradient and the hypergradient, on Light-16; no optimiser, no moving
//! average, no mu term. Peak memory is the whole process's, so a fresh process is needed for every measurement.

mod loader;

use std::time::Instant;

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use crate::device::{CudaStatus, load_cuda_if_present};
use crate::methods::mt_fas::hypergradient::{Batch, BnModes, Mode, Outcome, Problem, Reduction, hypergradient};
use crate::nets::{ConvMath, Graph, ParamList, ParamRole, light, native};

pub use loader::{FacesPerSecond, Given, LoaderError, LoaderOptions, LoaderReport, Memory, SIDE, loader};

/// The arithmetic of a measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Single precision throughout.
    #[default]
    Fp32,
    /// Single precision, products on CUDA rounded to TF32; the same as `fp32` elsewhere.
    Tf32,
    /// Single precision, convolutions in bfloat16.
    Bf16,
    /// Double precision throughout.
    Fp64,
}

impl Precision {
    /// All precisions, in the order they are listed.
    pub const ALL: [Self; 4] = [Self::Fp32, Self::Tf32, Self::Bf16, Self::Fp64];

    /// The name used by the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fp32 => "fp32",
            Self::Tf32 => "tf32",
            Self::Bf16 => "bf16",
            Self::Fp64 => "fp64",
        }
    }
}

/// What to measure.
#[derive(Debug, Clone, PartialEq)]
pub struct BilevelOptions {
    /// Side of the pictures in pixels, a multiple of 8.
    pub size: i64,
    /// Live faces, and as many spoofs, of the inner batch.
    pub m: i64,
    /// Live faces, and as many spoofs, of the validation batch.
    pub n: i64,
    /// Inner steps.
    pub k: usize,
    /// How the hypergradient is computed.
    pub mode: Mode,
    /// The arithmetic.
    pub precision: Precision,
    /// Threads of libtorch; its own choice where `None`.
    pub threads: Option<usize>,
    /// Timed iterations, after one that is not timed.
    pub iters: usize,
    /// Where to compute.
    pub device: Device,
    /// Seed of pictures and parameters.
    pub seed: i64,
    /// Inner step size.
    pub alpha: f64,
}

impl Default for BilevelOptions {
    fn default() -> Self {
        Self {
            size: 256,
            m: 20,
            n: 10,
            k: 2,
            mode: Mode::JvpExactHvp,
            precision: Precision::default(),
            threads: None,
            iters: 3,
            device: Device::Cpu,
            seed: 0,
            alpha: 1e-3,
        }
    }
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BilevelReport {
    /// Median over the timed iterations.
    pub seconds_per_iteration: f64,
    /// Highest resident memory of the whole process so far, MiB.
    pub peak_rss_mib: f64,
    /// Highest memory allocated on the CUDA device, MiB; 0 on a CPU.
    pub peak_gpu_mib: f64,
    /// How the hypergradient was computed.
    pub mode: Mode,
    /// The arithmetic.
    pub precision: Precision,
    /// Side of the pictures in pixels.
    pub size: i64,
    /// Live faces, and as many spoofs, of the inner batch.
    pub m: i64,
    /// Live faces, and as many spoofs, of the validation batch.
    pub n: i64,
    /// Inner steps.
    pub k: usize,
    /// Threads of libtorch.
    pub threads: usize,
    /// Timed iterations.
    pub iterations: usize,
    /// The network.
    pub network: String,
    /// Where it was computed, as `cpu` or `cuda:0`.
    pub device: String,
    /// Processor time of the whole process (user mode, all threads), seconds.
    pub cpu_seconds: f64,
    /// L_v of the last iteration, as a sign of life.
    pub l_v: f64,
    /// 2-norm of the last hypergradient.
    pub hypergradient_norm: f64,
}

/// Why nothing could be measured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BenchError {
    /// The networks halve the side three times.
    #[error("--size {0}: the side must be a positive multiple of 8")]
    Size(i64),
    /// Nothing to average over.
    #[error("--{0} must be at least 1")]
    Zero(&'static str),
    /// CUDA must be there where it is asked for.
    #[error("device {0}: no CUDA on this machine (or a libtorch without it); use --device cpu")]
    NoCuda(String),
}

fn device_name(device: Device) -> String {
    match device {
        Device::Cuda(index) => format!("cuda:{index}"),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn check(options: &BilevelOptions) -> Result<(), BenchError> {
    if options.size <= 0 || options.size % 8 != 0 {
        return Err(BenchError::Size(options.size));
    }
    for (name, zero) in [
        ("m", options.m < 1),
        ("n", options.n < 1),
        ("k", options.k < 1),
        ("iters", options.iters < 1),
        ("threads", options.threads == Some(0)),
    ] {
        if zero {
            return Err(BenchError::Zero(name));
        }
    }
    if let Device::Cuda(index) = options.device
        && !matches!(load_cuda_if_present(), CudaStatus::Ready(count) if index < count)
    {
        return Err(BenchError::NoCuda(device_name(options.device)));
    }
    Ok(())
}

/// Parameters as the reference draws them: Xavier-uniform kernels, all else 0.05 normal around its start value.
fn parameters(net: &Graph, options: (Kind, Device)) -> ParamList {
    let draw = |spec: &crate::nets::ParamSpec| {
        let noise = || Tensor::randn(&spec.shape, options) * 0.05;
        match spec.role {
            ParamRole::Weight => {
                let area: i64 = spec.shape[2..].iter().product();
                let bound = (6.0 / (area * (spec.shape[0] + spec.shape[1])) as f64).sqrt();
                Tensor::rand(&spec.shape, options) * (2.0 * bound) - bound
            }
            ParamRole::Scale => noise() + 1.0,
            ParamRole::Bias | ParamRole::Shift | ParamRole::Direction => noise(),
        }
    };
    net.params().iter().map(draw).collect()
}

/// `half` live pictures, then `half` spoofs.
fn batch(half: i64, size: i64, (kind, device): (Kind, Device)) -> Batch {
    let x = Tensor::randn([2 * half, 3, size, size], (kind, device));
    let y = Tensor::arange(2 * half, (Kind::Int64, device)).ge(half).to_kind(kind).view([-1, 1, 1, 1]);
    Batch { x, y }
}

/// Runs and times `options.iters` bi-level iterations.
pub fn bilevel(options: &BilevelOptions) -> Result<BilevelReport, BenchError> {
    check(options)?;
    let &BilevelOptions { size, m, n, k, mode, precision, device, seed, alpha, iters, .. } = options;
    if let Some(threads) = options.threads {
        tch::set_num_threads(threads as i32);
    }
    native::set_tf32(precision == Precision::Tf32);
    let kind = if precision == Precision::Fp64 { Kind::Double } else { Kind::Float };
    let math = if precision == Precision::Bf16 { ConvMath::Bf16 } else { ConvMath::Native };
    let net = light(3, 16).with_math(math);
    tch::manual_seed(seed);
    let [theta, omega, omega_hat] = [(); 3].map(|()| parameters(&net, (kind, device)));
    let (train, validation) = (batch(m, size, (kind, device)), batch(n, size, (kind, device)));
    let problem = Problem {
        surrogate: &net,
        teacher: &net,
        theta: &theta,
        omega: &omega,
        omega_hat: &omega_hat,
        train: &train,
        validation: &validation,
        alpha,
        k,
        reduction: Reduction::Mean,
        fd_eps: 1e-3,
        modes: BnModes::BATCH,
    };
    let gpu = if let Device::Cuda(index) = device { Some(index) } else { None };
    let run = || -> Outcome {
        let outcome = hypergradient(problem, mode);
        if let Some(index) = gpu {
            tch::Cuda::synchronize(index as i64);
        }
        outcome
    };
    if let Some(index) = gpu {
        native::cuda_peak_bytes(index, true);
    }
    let mut last = run();
    let mut seconds = Vec::with_capacity(iters);
    for _ in 0..iters {
        let start = Instant::now();
        last = run();
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let usage = native::process_usage();
    Ok(BilevelReport {
        seconds_per_iteration: seconds[seconds.len() / 2],
        peak_rss_mib: mib(usage.peak_rss_bytes),
        peak_gpu_mib: gpu.and_then(|index| native::cuda_peak_bytes(index, false)).map_or(0.0, mib),
        mode,
        precision,
        size,
        m,
        n,
        k,
        threads: tch::get_num_threads() as usize,
        iterations: iters,
        network: net.name.clone(),
        device: device_name(device),
        cpu_seconds: usage.user_seconds,
        l_v: last.l_v,
        hypergradient_norm: crate::methods::optim::norm(&last.gradient),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_measurement_fills_every_key() {
        let options = BilevelOptions { size: 16, m: 1, n: 1, iters: 1, ..BilevelOptions::default() };
        let report = serde_json::to_value(bilevel(&options).unwrap()).unwrap();
        for key in ["seconds_per_iteration", "peak_rss_mib", "hypergradient_norm", "cpu_seconds"] {
            assert!(report[key].as_f64().unwrap() > 0.0, "{key}");
        }
        assert_eq!(report["mode"], "jvp_exact_hvp");
        assert_eq!(report["precision"], "fp32");
        assert_eq!(
            (&report["size"], &report["m"], &report["n"], &report["k"]),
            (&16.into(), &1.into(), &1.into(), &2.into())
        );
        assert_eq!(report["peak_gpu_mib"], 0.0);
    }

    #[test]
    fn what_cannot_be_measured_is_said() {
        let refuse = |options: BilevelOptions| bilevel(&options).unwrap_err().to_string();
        let base = BilevelOptions { size: 16, m: 1, n: 1, iters: 1, ..BilevelOptions::default() };
        assert!(refuse(BilevelOptions { size: 20, ..base.clone() }).contains("multiple of 8"));
        assert!(refuse(BilevelOptions { n: 0, ..base.clone() }).contains("--n"));
        assert!(refuse(BilevelOptions { device: Device::Cuda(99), ..base }).contains("cuda:99"));
    }
}
