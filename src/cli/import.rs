//! `metafas data import`: what a folder is, shown before anything comes of it, and a manifest of it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use metafas::data::SetName;
use metafas::data::footage::Reader;
use metafas::data::import::{self, Import, Layout, Options, Picture, Polarity, Preview, Reading, Sighted};
use metafas::data::manifest::{LiveIs, Written};
use metafas::{cache_folder, paths};
use serde_json::{Value, json};

use super::Failure;
use super::out::{note, say, say_json};

/// Arguments of `metafas data import`.
#[derive(Args)]
pub struct ImportArgs {
    /// A folder with pictures, label files or both, or a manifest.
    root: PathBuf,
    /// The layout, if it is not to be recognised: manifest, ssdg, metapattern, few_shot, image_lists, cdcn,
    /// data_manager, safas, path_lists, frames or class_folders.
    #[arg(long = "as", value_name = "LAYOUT")]
    layout: Option<Layout>,
    /// Where the pictures are, if the label files lie elsewhere.
    #[arg(long, value_name = "FOLDER")]
    pictures: Option<PathBuf>,
    /// Which number means live where labels are numbers: live=0 or live=1.
    #[arg(long)]
    polarity: Option<LiveIs>,
    /// Writes a manifest that names the files where they lie, for runs with data.source = "manifest".
    #[arg(long, value_name = "MANIFEST.csv")]
    out: Option<PathBuf>,
    /// Writes the faces of the preview as one picture.
    #[arg(long, value_name = "SHEET.png")]
    sheet: Option<PathBuf>,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// `metafas data import`.
pub fn import(args: &ImportArgs) -> Result<ExitCode, Failure> {
    let input = |e: import::ImportError| Failure::Input(e.to_string());
    let options = Options { layout: args.layout, pictures: args.pictures.clone() };
    let found = match import::look(&args.root, &options).map_err(input)? {
        Sighted::Import(found) => found,
        Sighted::Originals(sets) => return originals(args, &sets),
    };
    let preview = found.preview(args.polarity);
    if let Some(path) = &args.sheet {
        write_sheet(&preview, path)?;
    }
    let written = args.out.as_ref().map(|out| found.write_manifest(out, args.polarity)).transpose();
    let written = written.map_err(|e| match e {
        import::ImportError::Write(metafas::data::manifest::WriteError::Io { .. }) => Failure::Work(e.to_string()),
        e => Failure::Input(e.to_string()),
    })?;
    if args.json {
        return say_json(&as_json(&preview, args.out.as_deref(), written.as_ref())?);
    }
    let next = match (&args.out, &written) {
        (Some(out), Some(written)) => {
            let new = written.problems.iter().filter(|p| !preview.problems.contains(p));
            let problems = new.fold(String::new(), |all, p| all + &format!("- {p}\n"));
            format!(
                "{problems}\n{} names {} clips in {} rows, where they lie; a run with data.source = \"manifest\" trains on it.\n",
                out.display(),
                written.clips,
                written.rows
            )
        }
        _ if preview.classes.iter().all(|c| c.clips == 0) => String::new(),
        _ if preview.ask => "\nLook at the faces, then say --polarity live=0 or --polarity live=1.\n".to_owned(),
        _ if preview.layout != Layout::Manifest => {
            format!("\nmetafas data import {} --out manifest.csv makes a manifest of it.\n", args.root.display())
        }
        _ => String::new(),
    };
    say(&(text(&preview, &found) + &next))
}

fn originals(args: &ImportArgs, sets: &[(SetName, usize)]) -> Result<ExitCode, Failure> {
    let root = args.root.display();
    let names: Vec<String> = sets.iter().map(|(set, n)| format!("{set} ({n} videos)")).collect();
    let sentence = format!(
        "{root} holds {} as distributed, which needs no import; metafas data inspect {root} checks it",
        names.join(", ")
    );
    if args.out.is_some() || args.sheet.is_some() {
        return Err(Failure::Input(sentence));
    }
    if args.json {
        let sets: Vec<Value> = sets.iter().map(|(set, n)| json!({ "set": set.name(), "videos": n })).collect();
        say_json(&json!({ "root": paths::text(&args.root), "originals": sets }))
    } else {
        say(&(sentence + "\n"))
    }
}

fn write_sheet(preview: &Preview, path: &Path) -> Result<(), Failure> {
    let (sheet, problems) = import::sheet(preview, &Reader::new(&cache_folder()));
    for problem in problems {
        note(format_args!("note: {problem}"));
    }
    sheet
        .save_with_format(path, image::ImageFormat::Png)
        .map_err(|e| Failure::Work(format!("{} cannot be written ({e}); check the folder", path.display())))
}

fn as_json(preview: &Preview, out: Option<&Path>, written: Option<&Written>) -> Result<Value, Failure> {
    let mut value = serde_json::to_value(preview).map_err(|e| Failure::Work(e.to_string()))?;
    if let Some(written) = written {
        value["written"] = json!({ "path": out.map(paths::text), "rows": written.rows, "clips": written.clips });
        value["problems"] = json!(written.problems);
    }
    Ok(value)
}

/// The preview in lines.
fn text(p: &Preview, found: &Import) -> String {
    let mut out = format!("{}: {} (confidence {:.2})\n{}\n\n", p.root.display(), p.title, p.confidence, p.because);
    let [first, second] = &p.classes;
    let mut line = |text: String| {
        out += text.trim_end();
        out.push('\n');
    };
    line(format!("{:10}{:>14}{:>14}   attacks for each live", "part", first.name, second.name));
    for s in &p.splits {
        let part = s.split.map_or("not said".to_owned(), |s| s.to_string());
        let ratio = s.ratio.map_or(String::new(), |r| format!("   {r:.2}"));
        line(format!("{part:10}{:>14}{:>14}{ratio}", s.clips[0], s.clips[1]));
    }
    line(format!("{:10}{:>14}{:>14}   clips", "all", first.clips, second.clips));
    line(format!("{:10}{:>14}{:>14}   pictures", "", first.pictures, second.pictures));
    line(String::new());
    let sure = match found.polarity() {
        Polarity::Known { .. } => "known",
        Polarity::Likely { .. } => "likely, to be confirmed",
        Polarity::Unknown { .. } => "not known, to be said",
    };
    let reading = match found.polarity().reading() {
        Some(Reading::Numbers(l)) => format!(" {l}"),
        Some(Reading::Words) | None => String::new(),
    };
    line(format!("live is    {sure}{reading}: {}", found.polarity().why()));
    if let Some(choice) = p.choice {
        line(format!("chosen     {choice}"));
    }
    let counts = |all: &std::collections::BTreeMap<String, usize>| {
        let named = all.iter().map(|(name, n)| format!("{} {n}", if name.is_empty() { "no name" } else { name }));
        named.collect::<Vec<_>>().join(", ")
    };
    line(format!("domains    {}", counts(&p.domains)));
    if !p.species.is_empty() {
        line(format!("species    {}", counts(&p.species)));
    }
    line(format!("subjects   {}", if p.subjects == 0 { "not named".to_owned() } else { p.subjects.to_string() }));
    line(format!("clips with faces cut out {}, face boxes {}, depth maps {}", p.cropped, p.boxes, p.depth));
    for class in &p.classes {
        for thumbnail in &class.thumbnails {
            let place = match &thumbnail.picture {
                Picture::File(path) | Picture::Video(path) => path.display().to_string(),
                Picture::Entry { archive, name } => format!("{}!/{name}", archive.display()),
            };
            line(format!("{:10} {place}", class.name));
        }
    }
    for problem in &p.problems {
        let Ok(()) = writeln!(out, "note: {problem}") else { continue };
    }
    out
}
