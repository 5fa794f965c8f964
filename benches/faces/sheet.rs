//! A picture for the eye: what was found in some clips, and what each preset cuts out of them.

use std::path::Path;

use image::{Rgb, RgbImage, imageops};
use metafas::data::builtin::{Stored, Tree, clips_of};
use metafas::data::face::{CutSettings, Face, FaceCutter, Finder, FinderKind, Hint, Preset};
use metafas::data::footage::{FrameChoice, Reader};
use metafas::data::{Cutter as _, DEPTH_SIDE, Label, SetName, SourceClip};

use crate::source;

/// Side of a cell.
const CELL: u32 = 192;

/// Writes a sheet of `rows` clips of the set to `path`: the frame with box and landmarks, each preset's crop, the mesh's
/// depth and the true one.
pub fn write(path: &Path, tree: &Tree, set: SetName, rows: usize) {
    let cache = metafas::cache_folder();
    let (reader, finder) = (
        Reader::new(&cache),
        Finder::new(FinderKind::default(), &metafas::cache_folder()).expect("the networks are embedded"),
    );
    let clips = clips_of(set, tree.scale(), tree.seed());
    let chosen: Vec<_> = clips.iter().step_by((clips.len() / rows).max(1)).take(rows).collect();
    let presets = [Preset::Cdcn, Preset::Ssdg, Preset::DeepPixBis, Preset::SiwMv2, Preset::RfMeta];
    let mut sheet = RgbImage::new(CELL * (presets.len() as u32 + 3), CELL * chosen.len() as u32);
    for (row, planned) in chosen.into_iter().enumerate() {
        let (stored, _) = tree.ensure(planned).expect("the clip can be made");
        let clip = source(tree, set, planned);
        let mut frames = vec![];
        let first = FrameChoice::Given(vec![0]);
        reader.read(&clip, &first, &mut |f| frames.push(f.picture)).expect("readable");
        let mut put = |column: u32, picture: &RgbImage| {
            let cell = imageops::resize(picture, CELL, CELL, imageops::FilterType::Triangle);
            imageops::replace(&mut sheet, &cell, i64::from(column * CELL), row as i64 * i64::from(CELL));
        };
        let face = finder.find(&[(&frames[0], Hint::Nothing)]).expect("the networks run").remove(0);
        let mut shown = square(&frames[0]);
        if let Some(mut face) = face {
            finder.look_closely(&mut [(&frames[0], &mut face)]).expect("the networks run");
            let scale = CELL as f32 * 2.0 / frames[0].width().max(frames[0].height()) as f32;
            shown = imageops::resize(&shown, CELL * 2, CELL * 2, imageops::FilterType::Triangle);
            draw(&mut shown, &face, scale);
        }
        put(0, &shown);
        for (i, preset) in presets.into_iter().enumerate() {
            let settings = CutSettings { frames: first.clone(), ..preset.into() };
            let cuts = FaceCutter::new(settings, &cache).expect("the settings are good").cut(&clip).expect("cut");
            let Some(face) = cuts.faces.first() else { continue };
            let side = preset.side() as u32;
            put(i as u32 + 1, &RgbImage::from_raw(side, side, face.rgb.clone()).expect("a square"));
            if preset == Preset::Cdcn {
                if let Some(depth) = &face.depth {
                    put(presets.len() as u32 + 1, &grey(depth));
                }
                put(presets.len() as u32 + 2, &grey(&true_depth(&stored, &clip, face.at)));
            }
        }
    }
    sheet.save(path).expect("the sheet can be written");
}

/// The exact depth of the first frame in the crop of preset cdcn.
pub fn true_depth(stored: &Stored, clip: &SourceClip, at: [f32; 4]) -> Vec<u8> {
    let (w, h) = (stored.video.width, stored.video.height);
    let part = stored.depth[..(w * h) as usize].to_vec();
    let map = image::GrayImage::from_raw(w, h, part).expect("one frame");
    let folder = std::env::temp_dir().join(format!("metafas-depth-{}.png", std::process::id()));
    map.save(&folder).expect("the map can be written");
    let with = SourceClip {
        depth: vec![Some(folder.clone())],
        label: Label::Live,
        marks: Some(metafas::data::Marks::Boxes(vec![Some(at.map(|v| v.round() as i32))])),
        ..clip.clone()
    };
    let settings = CutSettings { frames: FrameChoice::Given(vec![0]), ..Preset::Cdcn.into() };
    let cuts = FaceCutter::new(settings, &metafas::cache_folder()).expect("good settings").cut(&with).expect("cut");
    std::fs::remove_file(folder).expect("it was just written");
    cuts.faces.into_iter().next().and_then(|f| f.depth).unwrap_or_else(|| vec![0; DEPTH_SIDE * DEPTH_SIDE])
}

fn grey(depth: &[u8]) -> RgbImage {
    RgbImage::from_fn(
        DEPTH_SIDE as u32,
        DEPTH_SIDE as u32,
        |x, y| Rgb([depth[y as usize * DEPTH_SIDE + x as usize]; 3]),
    )
}

/// The picture on a black square, at its upper left.
fn square(picture: &RgbImage) -> RgbImage {
    let side = picture.width().max(picture.height());
    let mut out = RgbImage::new(side, side);
    imageops::replace(&mut out, picture, 0, 0);
    out
}

fn draw(picture: &mut RgbImage, face: &Face, scale: f32) {
    let mut dot = |x: f32, y: f32, colour: [u8; 3]| {
        let (x, y) = ((x * scale) as u32, (y * scale) as u32);
        if x < picture.width() && y < picture.height() {
            picture.put_pixel(x, y, Rgb(colour));
        }
    };
    let [x, y, w, h] = face.at;
    for i in 0..400 {
        let t = i as f32 / 400.0;
        for (px, py) in [(x + t * w, y), (x + t * w, y + h), (x, y + t * h), (x + w, y + t * h)] {
            dot(px, py, [255, 220, 0]);
        }
    }
    for p in face.mesh.iter().flat_map(|m| &m.points) {
        dot(p[0], p[1], [0, 255, 120]);
    }
    for p in face.five.iter().flatten() {
        for (dx, dy) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
            dot(p[0] + dx / scale, p[1] + dy / scale, [255, 40, 40]);
        }
    }
}
