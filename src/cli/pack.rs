//! `metafas data pack`: faces cut out of clips ahead of a run, where it will find them.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use metafas::data::pack::{Pack, PackProgress};
use metafas::engine::{self, EngineError, PackJob, Packed};
use metafas::{cache_folder, paths};
use serde_json::json;

use super::Failure;
use super::out::{note, say, say_json};
use super::teller::Teller;

/// Clips that gave no face are told one by one up to so many.
const SHOWN: usize = 5;

/// Arguments of `metafas data pack`.
#[derive(Args)]
pub struct PackArgs {
    /// Folders of data sets, or manifests.
    #[arg(required = true, value_name = "ROOT")]
    roots: Vec<PathBuf>,
    /// The pack's folder: a run uses it with --set data.pack=DIR. Absent: the cache folder, where runs look by themselves.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How faces are found, aligned and cut.
    #[arg(long, default_value = "cdcn", value_name = "NAME")]
    preset: String,
    /// Who finds faces where a set's own files do not tell: mediapipe, or mtcnn with weights of your own.
    #[arg(long, default_value = "mediapipe", value_name = "NAME")]
    finder: String,
    /// Frames of each clip, spread evenly; 0: as many as the preset has.
    #[arg(long, default_value_t = 0)]
    frames: u32,
    /// Packs anew what is stale: clips whose files changed, or everything that was cut in another way.
    #[arg(long)]
    rebuild: bool,
    /// Threads; 0 = all cores. The faces do not depend on it.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// `metafas data pack`.
pub fn pack(args: &PackArgs) -> Result<ExitCode, Failure> {
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let job = PackJob {
        roots: args.roots.clone(),
        out: args.out.clone(),
        crop: args.preset.clone(),
        finder: super::finder_of(&args.finder)?,
        frames: args.frames,
        rebuild: args.rebuild,
        threads: if args.threads == 0 { cores() } else { args.threads },
    };
    let teller = Teller::new()?;
    let began = Instant::now();
    let tell = |title: &str, p: &PackProgress| teller.tell(p.done == p.total, || progress(title, p));
    let outcome = engine::pack_ahead(&job, &cache_folder(), &tell);
    teller.end();
    let Packed { packs, problems } = match outcome {
        Err(EngineError::Stopped) => {
            return Err(Failure::Stopped("stopped; the same command goes on from here".to_owned()));
        }
        other => other?,
    };
    for problem in &problems {
        note(format!("note: {problem}"));
    }
    let faces: usize = packs.iter().flat_map(Pack::clips).map(|(_, stored)| stored.faces.len()).sum();
    if faces == 0 {
        let failures = packs.iter().flat_map(Pack::failures).next();
        let first = failures.map_or_else(|| "no face was found in any".to_owned(), |(_, why)| why.to_owned());
        return Err(Failure::Input(format!("none of the clips gave a face; the first one: {first}")));
    }
    if args.json {
        return say_json(&as_json(&packs, began.elapsed().as_secs_f64()));
    }
    say(&packs.iter().map(as_text).collect::<String>())
}

fn progress(title: &str, p: &PackProgress) -> String {
    let PackProgress { done, total, found, failed, .. } = *p;
    if p.waiting {
        return format!("{title}: another program is packing, {done} of {total} clips are there");
    }
    let there = if found > 0 { format!(", {found} were there") } else { String::new() };
    let failed = if failed > 0 { format!(", {failed} could not be read") } else { String::new() };
    format!("{title}: clip {done} of {total}{there}{failed}{}", engine::pace(p))
}

fn as_text(pack: &Pack) -> String {
    let (mut clips, mut faces) = (0, 0);
    let mut empty = Vec::new();
    for (about, stored) in pack.clips() {
        clips += 1;
        faces += stored.faces.len();
        if stored.faces.is_empty() {
            empty.push(format!("{}/{}", about.domain, about.path));
        }
    }
    let mut lines = vec![
        format!(
            "{}: {faces} faces of {} x {} pixels out of {clips} clips",
            pack.folder.display(),
            pack.side,
            pack.side
        ),
        format!("cut by {}", pack.identity),
    ];
    let mut list = |what: &str, all: &[String]| {
        if !all.is_empty() {
            lines.push(format!("{what}: {}", all.len()));
            lines.extend(all.iter().take(SHOWN).map(|line| format!("  {line}")));
            if all.len() > SHOWN {
                lines.push(format!("  and {} more", all.len() - SHOWN));
            }
        }
    };
    list("clips in which no face was found", &empty);
    let failed: Vec<String> = pack.failures().into_iter().map(|(clip, why)| format!("{clip}: {why}")).collect();
    list("clips that could not be read, tried again next time", &failed);
    lines.into_iter().map(|line| line + "\n").collect()
}

fn as_json(packs: &[Pack], seconds: f64) -> serde_json::Value {
    let one = |pack: &Pack| {
        let clips: Vec<_> = pack.clips().collect();
        let name = |about: &metafas::data::pack::About| format!("{}/{}", about.domain, about.path);
        let empty = clips.iter().filter(|(_, s)| s.faces.is_empty()).map(|(about, _)| name(about));
        let unreadable = pack.failures().into_iter().map(|(clip, why)| json!({ "clip": clip, "why": why }));
        json!({
            "folder": paths::text(&pack.folder),
            "side": pack.side,
            "cutter": pack.identity,
            "key": pack.key,
            "clips": clips.len(),
            "faces": clips.iter().map(|(_, s)| s.faces.len()).sum::<usize>(),
            "without_face": empty.collect::<Vec<_>>(),
            "unreadable": unreadable.collect::<Vec<_>>(),
        })
    };
    json!({ "packs": packs.iter().map(one).collect::<Vec<_>>(), "seconds": seconds })
}
