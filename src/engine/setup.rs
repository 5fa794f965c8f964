//! What must be there before a run can begin: device, threads, faces, provenance.

use std::ops::ControlFlow;
use std::path::Path;

use tch::Device;

use super::machine::wants_trunk;
use super::nets::RunNets;
use super::phase::Learning;
use super::{EngineError, clips};
use crate::config::{Benchmark, DataConfig, DataSource, HoldOut, Precision, RunConfig, WholeSet};
use crate::data::builtin::{Scale, Wanted};
use crate::data::protocol::{Protocol, ProtocolError, Whole};
use crate::data::{BuiltinError, Continue, FaceSet, LoadProgress, Origin, Split, load_builtin, load_folder};
use crate::device;
use crate::methods::meta_pattern::Trunk;
use crate::nets::{MEMORY_FORMAT, native};
use crate::session::{ClipSources, Provenance};

/// The libtorch that tch 0.24 binds; its build script refuses any other.
const LIBTORCH: &str = "2.11.0";

/// Told (what, done, total); answers whether to go on.
pub type Report<'a> = &'a (dyn Fn(&str, u64, u64) -> bool + Sync);

/// Fills in what the configuration leaves to the machine, and sets libtorch up on this thread.
pub fn prepare(config: &mut RunConfig) -> Result<Device, EngineError> {
    let device = device::parse(&config.compute.device)?;
    config.compute.device = device::name(device);
    if config.compute.threads == 0 {
        config.compute.threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    }
    tch::set_num_threads(config.compute.threads as i32);
    native::set_tf32(config.compute.precision == Precision::Tf32);
    native::set_deterministic(true);
    Ok(device)
}

/// The faces that the configuration asks for, and, where they were cut from clips on disk, which clips those were.
pub fn load_faces(config: &RunConfig, cache: &Path, report: Report<'_>) -> Result<(FaceSet, ClipSources), EngineError> {
    let data = &config.data;
    match data.source {
        DataSource::Builtin => {
            let wanted = Wanted {
                scale: scale_of(data),
                seed: data.seed,
                protocol: protocol_of(data).map_err(BuiltinError::from)?,
                size: data.size,
                frames: data.frames,
            };
            let progress = |p: LoadProgress| {
                if report("rendering faces", p.done as u64, p.total as u64) { Continue::Yes } else { Continue::Stop }
            };
            let faces = load_builtin(&wanted, cache, config.compute.threads, &progress)?;
            Ok((faces, ClipSources::default()))
        }
        DataSource::Folder => {
            let progress = |done: usize, total: usize| {
                if report("reading pictures", done as u64, total as u64) {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            };
            let faces = load_folder(Path::new(&data.root), data.size, &progress)?;
            Ok((faces, ClipSources::default()))
        }
        DataSource::Datasets | DataSource::Manifest => {
            let cutter = clips::cutter(&data.crop, data.finder, data.frames, cache)?;
            clips::load(config, &*cutter, cache, report)
        }
    }
}

/// The faces that teachers learn from, where they are others than the detector's: those of OULU-NPU's first protocol.
pub fn load_teachers_faces(
    config: &RunConfig,
    cache: &Path,
    report: Report<'_>,
) -> Result<Option<FaceSet>, EngineError> {
    let Some(protocol) = config.teachers_protocol() else { return Ok(None) };
    let mut other = config.clone();
    protocol.clone_into(&mut other.data.protocol);
    other.data.fold = 1;
    Ok(Some(load_faces(&other, cache, report)?.0))
}

/// The weights that HFN's trunks start from, where the configuration names some.
pub fn load_trunk(config: &RunConfig) -> Result<Option<Trunk>, EngineError> {
    if !wants_trunk(config) {
        return Ok(None);
    }
    let net = RunNets::new(config).student;
    Ok(Some(Trunk::read(Path::new(config.meta_pattern.weights.trim()), &net.graph)?))
}

/// The size of the built-in benchmark that the configuration names.
pub fn scale_of(data: &DataConfig) -> Scale {
    match data.benchmark {
        Benchmark::Tiny => Scale::Tiny,
        Benchmark::Mini => Scale::Mini,
        Benchmark::Full => Scale::Full,
    }
}

/// The protocol that the configuration names.
pub fn protocol_of(data: &DataConfig) -> Result<Protocol, ProtocolError> {
    let whole = match data.whole_set {
        WholeSet::EveryVideo => Whole::EveryVideo,
        WholeSet::NoDev => Whole::NoDev,
    };
    let protocol = Protocol::parse(&data.protocol, data.fold, whole)?;
    Ok(match data.hold_out {
        HoldOut::Fifth => protocol,
        HoldOut::Nobody => protocol.holding_nobody_out(),
    })
}

/// How many domains the training part will have, as far as the configuration tells: the sets of its protocol but the
/// one that nobody learns from. A list tells when it is read; the papers' three stand for its own.
pub fn source_domains(config: &RunConfig) -> usize {
    match config.data.source {
        DataSource::Builtin | DataSource::Datasets => {
            protocol_of(&config.data).map_or(3, |p| p.sets().len().saturating_sub(1).max(1))
        }
        DataSource::Folder => 1,
        DataSource::Manifest => 3,
    }
}

/// What stands in a run's provenance where HFN starts from no given weights.
pub(super) const RANDOM_TRUNK: &str = "random";

/// Where the numbers of a run on `faces` come from.
pub fn provenance(config: &RunConfig, faces: &FaceSet, clips: ClipSources, trunk: Option<&Trunk>) -> Provenance {
    let counts = [Split::Train, Split::Dev, Split::Test].map(|s| faces.count(s));
    Provenance {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        libtorch: LIBTORCH.to_owned(),
        device: config.compute.device.clone(),
        instruction_set: instruction_set().to_owned(),
        memory_format: MEMORY_FORMAT.to_owned(),
        threads: config.compute.threads,
        data: faces.name.clone(),
        origin: match faces.origin {
            Origin::Synthetic => "synthetic".to_owned(),
            Origin::Real => "real".to_owned(),
        },
        fingerprint: faces.fingerprint.clone(),
        faces: counts.iter().flat_map(|&(live, spoof)| [live, spoof]).collect(),
        depth: faces.depth_origin.words().to_owned(),
        trunk: match (Learning::of(&config.detector), trunk) {
            (Learning::Plain | Learning::RfMeta, _) => String::new(),
            (Learning::MetaPattern, None) => RANDOM_TRUNK.to_owned(),
            (Learning::MetaPattern, Some(trunk)) => trunk.hash.clone(),
        },
        clips,
    }
}

/// The widest vector instructions that libtorch will find here.
fn instruction_set() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if std::is_x86_feature_detected!("avx512f") {
            return "avx512";
        }
        if std::is_x86_feature_detected!("avx2") {
            return "avx2";
        }
    }
    std::env::consts::ARCH
}
