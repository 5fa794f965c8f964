//! `metafas bench loader`: how fast faces come from videos, from pictures and out of a pack.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use metafas::bench::{Given, LoaderError, LoaderOptions, LoaderReport, SIDE, loader};
use metafas::cache_folder;
use metafas::data::builtin::{Maps, Scale, Tree, write};
use metafas::data::{BuiltinError, Continue, SetName, SourceClip};
use metafas::engine::{self, EngineError};

use super::Failure;
use super::out::{note, say, say_json};

/// Arguments of `metafas bench loader`.
#[derive(Args)]
pub struct LoaderArgs {
    /// A data set, a manifest, a folder with live/ and spoof/, or a pack; `synthetic`: built-in clips.
    dir: PathBuf,
    /// How faces are cut out of clips.
    #[arg(long, default_value = "cdcn", value_name = "NAME")]
    preset: String,
    /// Who finds faces: mediapipe or mtcnn.
    #[arg(long, default_value = "mediapipe", value_name = "NAME")]
    finder: String,
    /// Threads; 0 = all cores.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Seconds that each rate is measured for.
    #[arg(long, default_value_t = 1.5)]
    seconds: f64,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// `metafas bench loader`.
pub fn bench(args: &LoaderArgs) -> Result<ExitCode, Failure> {
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = if args.threads == 0 { cores() } else { args.threads };
    if !(0.01..=600.0).contains(&args.seconds) {
        return Err(Failure::Input(format!("--seconds {}: give 0.01 to 600", args.seconds)));
    }
    let options = LoaderOptions { threads, seconds: args.seconds };
    let cache = cache_folder();
    // Beside the packs of runs, on the disk that those are read from.
    let scratch = Scratch::new(&cache)?;
    let built_in = || -> Result<PathBuf, Failure> {
        note("built-in clips are made where they are missing");
        let tree = Tree::new(cache.join("synth").join("bench"), Scale::Tiny, 0, Maps::Labels);
        let wrong = |e: BuiltinError| Failure::Work(e.to_string());
        write(&tree, &[SetName::MsuMfsd], threads, &|_| Continue::Yes).map_err(wrong)?;
        Ok(tree.set_root(SetName::MsuMfsd))
    };
    let root = if args.dir == Path::new("synthetic") { built_in()? } else { args.dir.clone() };
    if !root.exists() {
        return Err(Failure::Input(format!("{} does not exist; give a folder or the word synthetic", root.display())));
    }
    let failed = |e: LoaderError| Failure::Input(e.to_string());
    let report = if root.join("pack.json").is_file() {
        loader(Given::Pack(&root), options, &scratch.0).map_err(failed)?
    } else {
        match engine::clips_in(&root) {
            Ok((sets, _)) => {
                let cutter = engine::cutter(&args.preset, super::finder_of(&args.finder)?, 0, &cache)?;
                let clips: Vec<SourceClip> = sets.into_iter().flat_map(|(_, _, clips)| clips).collect();
                loader(Given::Clips(&clips, &*cutter), options, &scratch.0).map_err(failed)?
            }
            Err(not_clips) => loader(Given::Pictures(&root), options, &scratch.0).map_err(|e| told(&not_clips, &e))?,
        }
    };
    if args.json {
        return say_json(&report);
    }
    say(&as_text(&report))
}

fn told(as_clips: &EngineError, as_pictures: &LoaderError) -> Failure {
    Failure::Input(format!("{as_clips}; and as a folder of pictures: {as_pictures}"))
}

/// A folder of its own in the cache, removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(cache: &Path) -> Result<Self, Failure> {
        let folder = cache.join("pack").join(format!("bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|e| Failure::Work(format!("cannot make the folder {}: {e}", folder.display())))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays behind is told by nobody, and lies in a folder that may be emptied.
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn as_text(r: &LoaderReport) -> String {
    let rates = &r.faces_per_second;
    let memory = &r.memory_gb_per_second;
    let (side, threads) = (r.side, r.threads);
    let bytes = side * side * 3;
    let line = |what: &str, rate: Option<f64>| match rate {
        Some(rate) => format!("{what:58} {rate:10.0} faces a second"),
        None => format!("{what:58}          - nothing to measure it on"),
    };
    let copies =
        if r.cut > 0 && r.cut < r.faces { format!(", copies of {} that were cut", r.cut) } else { String::new() };
    let new_tensors = format!("out of the pack as f32, a new tensor for every {}", r.batch);
    let mut lines = vec![
        format!(
            "{side} x {side} pixels, {threads} threads, {} faces ({:.2} GB){copies}",
            r.faces,
            (r.faces * bytes) as f64 / 1e9
        ),
        line("cut out of videos (decoded, found, aligned, scaled)", rates.video),
        line("read from pictures (PNG)", rates.pictures),
        line("out of the pack as u8, every byte looked at once", Some(rates.pack_u8)),
        line("out of the pack as u8, read and handed out", Some(rates.pack_u8_handed)),
        line("out of the pack, augmented as CDCN does it", Some(rates.augmented)),
        line(&new_tensors, Some(rates.pack_f32)),
        line("out of the pack as f32, always into the same tensor", Some(rates.pack_f32_in_place)),
        format!(
            "memory: reads {:.1}, copies {:.1} (bytes read and bytes written), writes {:.1} GB/s",
            memory.read, memory.copy, memory.write
        ),
        format!(
            "A face is {:.2} MB as f32: writing such a batch, and doing nothing else, allows {:.0} faces a second here; \
             batches reach {:.0} % of that.",
            (bytes * 4) as f64 / 1e6,
            r.f32_bound,
            100.0 * rates.pack_f32_in_place / r.f32_bound
        ),
    ];
    if side != SIDE {
        lines.push(format!("Rates at {side} pixels do not compare with those at {SIDE}."));
    }
    lines.into_iter().map(|line| line + "\n").collect()
}
