//! Trims the base mesh to head and shoulders and packs it with its targets and masks into one compressed file. The
//! format is documented at its reader, `src/synth/head.rs` of the main crate.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::ZlibEncoder;
use sha2::{Digest as _, Sha256};

const MAGIC: &[u8; 8] = b"MFASHEAD";
const VERSION: u32 = 1;
/// Body faces whose centre lies above this height (decimetres) are kept: head, neck and shoulders.
const CUT_HEIGHT: f32 = 4.6;
/// Deltas shorter than this (decimetres) are dropped.
const SMALLEST_DELTA: f32 = 1e-4;
const GROUPS: [&str; 10] = [
    "body",
    "helper-l-eye",
    "helper-r-eye",
    "helper-upper-teeth",
    "helper-lower-teeth",
    "helper-tongue",
    "helper-l-eyelashes-1",
    "helper-l-eyelashes-2",
    "helper-r-eyelashes-1",
    "helper-r-eyelashes-2",
];
const TARGET_FOLDERS: [&str; 10] =
    ["head", "nose", "mouth", "eyes", "cheek", "chin", "forehead", "eyebrows", "ears", "neck"];
const MASKS: [&str; 4] = ["lips", "eyelids", "ears", "inside-mouth"];

/// Corners of a quad as (point, uv).
type Corners = [(usize, usize); 4];

struct Mesh {
    points: Vec<[f32; 3]>,
    uv: Vec<[f32; 2]>,
    /// By group.
    faces: BTreeMap<String, Vec<Corners>>,
}

/// The packed head model, made from the unpacked package's data folder.
pub fn pack(data: &Path, source: &str) -> Result<Vec<u8>> {
    let mesh = read_obj(&data.join("mpfb2/3dobjs/base.obj"))?;
    let mut kept: Vec<(&str, Vec<Corners>)> = Vec::new();
    for group in GROUPS {
        let faces = mesh.faces.get(group).with_context(|| format!("the mesh has no group {group}"))?;
        let height = |f: &Corners| f.iter().map(|c| mesh.points[c.0][1]).sum::<f32>() / 4.0;
        let faces = faces.iter().filter(|f| group != "body" || height(f) > CUT_HEIGHT).copied().collect();
        kept.push((group, faces));
    }
    let corners = || kept.iter().flat_map(|(_, faces)| faces.iter().flatten());
    let (points, point_of) = renumber(corners().map(|c| c.0), mesh.points.len());
    let (uvs, uv_of) = renumber(corners().map(|c| c.1), mesh.uv.len());
    ensure!(points.len() < 65_536 && uvs.len() < 65_536, "too many points for 16-bit indices");

    let mut raw = Vec::new();
    put_u32(&mut raw, points.len());
    raw.extend(points.iter().flat_map(|i| mesh.points[*i]).flat_map(f32::to_le_bytes));
    put_u32(&mut raw, uvs.len());
    raw.extend(uvs.iter().flat_map(|i| mesh.uv[*i]).flat_map(f32::to_le_bytes));
    put_u32(&mut raw, kept.len());
    for (name, faces) in &kept {
        put_name(&mut raw, name)?;
        put_u32(&mut raw, faces.len());
        raw.extend(faces.iter().flatten().flat_map(|c| point_of[c.0].to_le_bytes()));
        raw.extend(faces.iter().flatten().flat_map(|c| uv_of[c.1].to_le_bytes()));
    }
    let targets = list_targets(data)?;
    put_u32(&mut raw, targets.len());
    let inside: Vec<bool> = {
        let mut inside = vec![false; mesh.points.len()];
        for i in &points {
            inside[*i] = true;
        }
        inside
    };
    for (name, path) in &targets {
        put_name(&mut raw, name)?;
        put_target(&mut raw, &read_target(path)?, &inside, &point_of)?;
    }
    put_u32(&mut raw, MASKS.len());
    for name in MASKS {
        put_mask(&mut raw, name, &data.join(format!("mpfb2/textures/mpfb_{name}.jpg")))?;
    }

    let mut out = Vec::new();
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    put_name(&mut out, source)?;
    put_u32(&mut out, raw.len());
    out.extend(Sha256::digest(&raw));
    let mut encoder = ZlibEncoder::new(out, Compression::best());
    encoder.write_all(&raw)?;
    Ok(encoder.finish()?)
}

fn put_u32(out: &mut Vec<u8>, n: usize) {
    out.extend((n as u32).to_le_bytes());
}

fn put_name(out: &mut Vec<u8>, name: &str) -> Result<()> {
    out.extend(u16::try_from(name.len())?.to_le_bytes());
    out.extend(name.as_bytes());
    Ok(())
}

/// The used indices in rising order, and each one's new number.
fn renumber(used: impl Iterator<Item = usize>, total: usize) -> (Vec<usize>, Vec<u16>) {
    let mut wanted = vec![false; total];
    used.for_each(|i| wanted[i] = true);
    let kept: Vec<usize> = (0..total).filter(|i| wanted[*i]).collect();
    let mut number = vec![u16::MAX; total];
    kept.iter().enumerate().for_each(|(new, old)| number[*old] = new as u16);
    (kept, number)
}

fn read_obj(path: &Path) -> Result<Mesh> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut mesh = Mesh { points: Vec::new(), uv: Vec::new(), faces: BTreeMap::new() };
    let mut group = String::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("v") => mesh.points.push(numbers(&mut words)?),
            Some("vt") => mesh.uv.push(numbers(&mut words)?),
            Some("g") => words.next().unwrap_or_default().clone_into(&mut group),
            Some("f") => {
                let mut corners = [(0, 0); 4];
                for corner in &mut corners {
                    let word = words.next().context("a face with fewer than four corners")?;
                    let mut parts = word.split('/').map(str::parse::<usize>);
                    let mut part = || anyhow::Ok(parts.next().context("a corner without uv")?? - 1);
                    *corner = (part()?, part()?);
                }
                mesh.faces.entry(group.clone()).or_default().push(corners);
            }
            _ => {}
        }
    }
    Ok(mesh)
}

fn numbers<'a, const N: usize>(words: &mut impl Iterator<Item = &'a str>) -> Result<[f32; N]> {
    let mut out = [0.0; N];
    for value in &mut out {
        *value = words.next().context("a short line")?.parse()?;
    }
    Ok(out)
}

/// Names and files of all targets that adults' heads are made of.
fn list_targets(data: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let mut add = |class: &str, folder: PathBuf, wanted: &dyn Fn(&str) -> bool| -> Result<()> {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(stem) = file.strip_suffix(".target.gz").or_else(|| file.strip_suffix(".target")) else { continue };
            if wanted(stem) {
                found.push((format!("{class}/{stem}"), path));
            }
        }
        Ok(())
    };
    let targets = data.join("mpfb2/targets");
    for folder in TARGET_FOLDERS {
        add(folder, targets.join(folder), &|_| true)?;
    }
    add("asym", targets.join("asym"), &|stem| !stem.starts_with("asymm-"))?;
    add("macro", targets.join("macrodetails"), &|stem| {
        !stem.contains("baby")
            && !stem.contains("child")
            && (!stem.starts_with("universal") || stem.contains("averagemuscle"))
    })?;
    add("expression", data.join("faceunits01/targets/faceunits"), &|_| true)?;
    found.sort();
    Ok(found)
}

fn read_target(path: &Path) -> Result<Vec<(usize, [f32; 3])>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut text = String::new();
    if path.extension().is_some_and(|e| e == "gz") {
        GzDecoder::new(bytes.as_slice()).read_to_string(&mut text)?;
    } else {
        text = String::from_utf8(bytes)?;
    }
    let mut deltas = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let mut words = line.split_whitespace();
        let index = words.next().context("an empty line")?.parse()?;
        deltas.push((index, numbers(&mut words)?));
    }
    deltas.sort_by_key(|d| d.0);
    Ok(deltas)
}

/// Count, scale, steps between point numbers, then x, y and z as 16-bit fractions of the scale.
fn put_target(out: &mut Vec<u8>, deltas: &[(usize, [f32; 3])], inside: &[bool], point_of: &[u16]) -> Result<()> {
    let size = |d: &[f32; 3]| d.iter().fold(0.0_f32, |a, x| a.max(x.abs()));
    let kept: Vec<(u16, [f32; 3])> = deltas
        .iter()
        .filter(|(i, d)| inside.get(*i).copied().unwrap_or(false) && size(d) > SMALLEST_DELTA)
        .map(|(i, d)| (point_of[*i], *d))
        .collect();
    let scale = kept.iter().map(|(_, d)| size(d)).fold(1e-6_f32, f32::max);
    put_u32(out, kept.len());
    out.extend(scale.to_le_bytes());
    let mut last = 0;
    for (i, _) in &kept {
        ensure!(*i >= last, "point numbers must rise");
        out.extend((i - last).to_le_bytes());
        last = *i;
    }
    for axis in 0..3 {
        let short = |d: &[f32; 3]| ((d[axis] / scale * 32_767.0).round() as i16).to_le_bytes();
        out.extend(kept.iter().flat_map(|(_, d)| short(d)));
    }
    Ok(())
}

/// Name, full side, crop corner and size, then the crop's bytes as differences along each row.
fn put_mask(out: &mut Vec<u8>, name: &str, path: &Path) -> Result<()> {
    let picture = image::open(path).with_context(|| format!("cannot read {}", path.display()))?.to_luma8();
    // Half size: the lips are 30 by 40 there, and bilinear look-up keeps their edge soft.
    let (w, h) = (picture.width() / 2, picture.height() / 2);
    let half = image::imageops::resize(&picture, w, h, image::imageops::FilterType::Triangle);
    let (mut x0, mut y0, mut x1, mut y1) = (w, h, 0, 0);
    for (x, y, p) in half.enumerate_pixels() {
        // JPEG noise reaches about 10; half tone marks the shape.
        if p.0[0] > 127 {
            (x0, y0, x1, y1) = (x0.min(x), y0.min(y), x1.max(x), y1.max(y));
        }
    }
    ensure!(x1 >= x0, "mask {name} is empty");
    let (x0, y0) = (x0.saturating_sub(6), y0.saturating_sub(6));
    let (x1, y1) = ((x1 + 6).min(w - 1), (y1 + 6).min(h - 1));
    put_name(out, name)?;
    for n in [w, h, x0, y0, x1 - x0 + 1, y1 - y0 + 1] {
        put_u32(out, n as usize);
    }
    for y in y0..=y1 {
        let mut last = 0_u8;
        for x in x0..=x1 {
            let value = half.get_pixel(x, y).0[0];
            let value = if value < 16 { 0 } else { value };
            out.push(value.wrapping_sub(last));
            last = value;
        }
    }
    Ok(())
}
