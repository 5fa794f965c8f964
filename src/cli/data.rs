//! Data sets: writing the built-in one; opening the published ones is in `inspect` and `protocol`, other layouts in
//! `import`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use metafas::data::builtin::{Maps, Scale, Tree, write};
use metafas::data::{BuiltinError, LoadProgress, SetName};

use super::import::{ImportArgs, import};
use super::out::note;
use super::teller::Teller;
use super::{Failure, inspect, pack, protocol};

/// Arguments of `metafas data`.
#[derive(Args)]
pub struct DataArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Writes the built-in data as videos, maps and protocol files, laid out like the real sets. Goes on where it was
    /// stopped.
    #[command(after_help = "Example: metafas data synth --out synthetic --benchmark mini")]
    Synth(SynthArgs),
    /// Tells which data set a folder holds, what is there of it and what is missing. Reads no video and changes nothing.
    #[command(after_help = "Example: metafas data inspect /data/OULU-NPU")]
    Inspect(inspect::InspectArgs),
    /// Lists a protocol's clips in folders of data sets, as train, dev and test.
    #[command(after_help = "Examples: metafas data protocol /data/OULU-NPU oulu_npu/3 --fold 2
          metafas data protocol /data/OULU /data/CASIA /data/Replay /data/MSU mico/OCI-M --whole-set no_dev")]
    Protocol(protocol::ProtocolArgs),
    /// Cuts the faces out of data sets or lists of clips, ahead of runs. Goes on where it was stopped.
    #[command(after_help = "Example: metafas data pack /data/OULU-NPU --preset cdcn --out /scratch/oulu")]
    Pack(pack::PackArgs),
    /// Says what a folder is, shows it, and makes a manifest of it: cropped frames with label files, frames with boxes,
    /// archives with lists, live and spoof folders, manifests. Nothing is copied.
    #[command(after_help = "Example: metafas data import ~/faces --sheet faces.png, then with --out faces.csv")]
    Import(ImportArgs),
}

#[derive(Args)]
struct SynthArgs {
    /// The folder to write; it may hold an earlier part of the same.
    #[arg(long)]
    out: PathBuf,
    /// tiny, mini or full.
    #[arg(long, default_value = "mini")]
    benchmark: String,
    /// Some sets alone, as oulu_npu,msu_mfsd; all if absent.
    #[arg(long, value_delimiter = ',', value_name = "SETS")]
    only: Vec<String>,
    /// Seed of its people and clips.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Threads; 0 = all cores. The result does not depend on it.
    #[arg(long, default_value_t = 0)]
    threads: usize,
}

/// `metafas data`.
pub fn data(args: &DataArgs) -> Result<ExitCode, Failure> {
    match &args.what {
        What::Synth(args) => synth(args),
        What::Inspect(args) => inspect::inspect(args),
        What::Protocol(args) => protocol::protocol(args),
        What::Pack(args) => pack::pack(args),
        What::Import(args) => import(args),
    }
}

fn synth(args: &SynthArgs) -> Result<ExitCode, Failure> {
    let scale = Scale::parse(&args.benchmark)
        .ok_or_else(|| Failure::Input(format!("--benchmark {}: there are tiny, mini and full", args.benchmark)))?;
    let set = |name: &String| {
        let known = SetName::BUILT_IN.map(SetName::name).join(", ");
        let found = SetName::BUILT_IN.into_iter().find(|s| s.name() == name);
        found.ok_or_else(|| Failure::Input(format!("--only {name}: there are {known}")))
    };
    let some = args.only.iter().map(set).collect::<Result<Vec<_>, _>>()?;
    let sets = if some.is_empty() { SetName::BUILT_IN.to_vec() } else { some };
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = if args.threads == 0 { cores() } else { args.threads };
    let teller = Teller::new()?;
    let began = Instant::now();
    let progress = |p: LoadProgress| {
        teller.tell(p.done == p.total, || format!("frame {} of {}{}", p.done, p.total, left(&p, began.elapsed())))
    };
    let tree = Tree::new(args.out.clone(), scale, args.seed, Maps::All);
    let outcome = write(&tree, &sets, threads, &progress);
    teller.end();
    match outcome {
        Ok(()) => {
            note(format_args!("{} is complete, {:.0} s", args.out.display(), began.elapsed().as_secs_f64()));
            Ok(ExitCode::SUCCESS)
        }
        Err(BuiltinError::Stopped) => Err(Failure::Stopped("stopped; the same command goes on from here".to_owned())),
        Err(e @ BuiltinError::Taken { .. }) => Err(Failure::Input(e.to_string())),
        Err(e) => Err(Failure::Work(e.to_string())),
    }
}

/// How long the rest will take, in words, going by the frames that had to be made.
fn left(p: &LoadProgress, so_far: Duration) -> String {
    let made = p.done - p.found.min(p.done);
    if made == 0 || p.done == p.total {
        return String::new();
    }
    let seconds = so_far.as_secs_f64() / made as f64 * (p.total - p.done) as f64;
    let pace = made as f64 / so_far.as_secs_f64();
    let rest = if seconds < 90.0 { format!("{seconds:.0} s") } else { format!("{:.0} min", seconds / 60.0) };
    format!(", {pace:.0} frames a second, about {rest} left")
}
