//! `metafas features`: hand-made maps of picture files, one map or a sheet of all.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use image::RgbImage;
use metafas::data::builtin::gallery::{Across, Studio, table};
use metafas::data::picture::stored_rgb;
use metafas::data::sheet::{SheetRow, png, sheet};
use metafas::features::{ColorLbp, HandMade, Interpolation};
use metafas::{may_replace, replace_named};

use super::Failure;
use super::out::say;

/// The maps take some fifty bytes a pixel.
const MOST_PIXELS: u64 = 40_000_000;
/// What stands for all maps.
const SHEET: &str = "sheet";
/// Side of a built-in face, and the kinds that are shown, all by one camera.
const SIDE: usize = 80;
const BUILT_IN: [&str; 2] = ["Live", "Print, laser"];

/// Arguments of `metafas features`.
#[derive(Args)]
pub struct FeaturesArgs {
    /// `color_lbp`, albedo, depth (from shading) or reflectance; or sheet: all of them beside each picture, with words.
    map: String,
    /// The picture to read (8 bits a channel; grey is copied to three channels) and the PNG file to write. A sheet takes
    /// any number of pictures before its own file; without any it shows a live and an attacked built-in face.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// How ColorLBP reads its neighbours: nearest or bilinear, the latter as scikit-image's `local_binary_pattern`.
    #[arg(long, default_value = "nearest")]
    interpolation: String,
    /// ColorLBP in 58 uniform codes and one for all others.
    #[arg(long)]
    uniform: bool,
}

/// `metafas features`.
pub fn features(args: &FeaturesArgs) -> Result<ExitCode, Failure> {
    let input = |sentence: String| Failure::Input(sentence);
    let map = match args.map.as_str() {
        SHEET => None,
        name => {
            Some(name.parse::<HandMade>().map_err(|e| input(format!("features {e}, and {SHEET} for all of them")))?)
        }
    };
    let interpolation = args.interpolation.parse().map_err(|e| input(format!("--interpolation {e}")))?;
    let lbp = ColorLbp { interpolation, uniform: args.uniform };
    if map.is_some_and(|m| m != HandMade::ColorLbp) && lbp != ColorLbp::default() {
        return Err(input(format!("--interpolation and --uniform are for color_lbp, not for {}", args.map)));
    }
    let (Some((out, from)), single) = (args.files.split_last(), map.is_some()) else {
        return Err(input("features needs a file to write".to_owned()));
    };
    if single && from.len() != 1 {
        return Err(input(format!("features {} takes IN.png OUT.png, not {} files", args.map, args.files.len())));
    }
    writable(out)?;
    let picture = match map {
        Some(map) => {
            let picture = read(&from[0])?;
            let made = map.map(picture.as_raw(), size_of(&picture), lbp).map_err(|e| input(e.to_string()))?;
            of_bytes(picture.dimensions(), made)?
        }
        None => whole_sheet(from, lbp)?,
    };
    let bytes = png(&picture).map_err(|e| Failure::Work(e.to_string()))?;
    replace_named(out, &bytes).map_err(|e| Failure::Work(format!("cannot write: {e}: {}", out.display())))?;
    say(&format!("{} ({} x {}) in {}\n", args.map, picture.width(), picture.height(), out.display()))
}

/// Whether the result can be written there, as far as its name tells.
fn writable(out: &Path) -> Result<(), Failure> {
    let told = |why: &str| Err(Failure::Input(format!("{}: {why}", out.display())));
    if out.extension().is_none_or(|e| !e.eq_ignore_ascii_case("png")) {
        return told("the result is a PNG file; give it a name that ends in .png");
    }
    if out.is_dir() {
        return told("this is a folder; give a file's name");
    }
    if !may_replace(out, &[b"\x89PNG"]) {
        return told("there is a file that is no PNG picture, which is left alone; choose another name");
    }
    match out.parent().filter(|p| !p.as_os_str().is_empty()) {
        Some(folder) if !folder.is_dir() => told("there is no such folder; make it first"),
        _ => Ok(()),
    }
}

fn read(path: &Path) -> Result<RgbImage, Failure> {
    let picture = stored_rgb(path, u32::MAX).map_err(|e| Failure::Input(e.to_string()))?;
    let pixels = u64::from(picture.width()) * u64::from(picture.height());
    if pixels > MOST_PIXELS {
        let what = format!("has {} million pixels; give at most {}", pixels / 1_000_000, MOST_PIXELS / 1_000_000);
        return Err(Failure::Input(format!("the picture {what}: {}", path.display())));
    }
    Ok(picture)
}

fn size_of(picture: &RgbImage) -> (usize, usize) {
    (picture.width() as usize, picture.height() as usize)
}

fn of_bytes((width, height): (u32, u32), bytes: Vec<u8>) -> Result<RgbImage, Failure> {
    RgbImage::from_raw(width, height, bytes).ok_or_else(|| Failure::Work("the map lost its size".to_owned()))
}

/// All maps of all pictures; of two built-in faces if there are none.
fn whole_sheet(from: &[PathBuf], lbp: ColorLbp) -> Result<RgbImage, Failure> {
    let mut faces = vec![];
    for path in from {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        faces.push((vec![name], read(path)?));
    }
    let mut notes = vec![];
    if faces.is_empty() {
        faces = built_in()?;
        notes.push("Built-in faces, synthetic. Depth is from shading; it is no facial depth.".to_owned());
    }
    let mut rows = vec![];
    for (words, picture) in faces {
        let maps =
            HandMade::all(picture.as_raw(), size_of(&picture), lbp).map_err(|e| Failure::Input(e.to_string()))?;
        let size = picture.dimensions();
        let maps = maps.into_iter().map(|map| of_bytes(size, map).map(Some)).collect::<Result<Vec<_>, _>>()?;
        rows.push(SheetRow { words, pictures: std::iter::once(Some(picture)).chain(maps).collect() });
    }
    let columns: Vec<&str> = std::iter::once("RGB").chain(HandMade::ALL.map(HandMade::title)).collect();
    if lbp != ColorLbp::default() {
        let codes = if lbp.uniform { ", uniform codes" } else { "" };
        let read = if lbp.interpolation == Interpolation::Bilinear { "between pixels" } else { "at the nearest pixel" };
        notes.push(format!("ColorLBP: neighbours {read}{codes}"));
    }
    Ok(sheet(&columns, &rows, &notes))
}

/// One person live and attacked, each with the words beside it.
fn built_in() -> Result<Vec<(Vec<String>, RgbImage)>, Failure> {
    let studio = Studio::new().map_err(|e| Failure::Work(e.to_string()))?;
    let table = table(0, Across::Cameras, 0);
    let mut faces = vec![];
    for kind in BUILT_IN {
        let row = table.rows.iter().position(|name| name == kind);
        let Some(clip) = row.and_then(|row| table.clips.get(row * table.columns.len())) else { continue };
        let face = of_bytes((SIDE as u32, SIDE as u32), studio.face(0, clip, SIDE))?;
        let words = kind.split(", ").map(str::to_owned).collect();
        faces.push((words, face));
    }
    Ok(faces)
}
