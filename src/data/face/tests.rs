//! Cutting as a person relies on it, on clips of the built-in benchmark, whose faces are known exactly.

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::OnceLock;

use image::{GrayImage, ImageFormat, Luma, RgbImage};
use rayon::prelude::*;
use tempfile::TempDir;

use super::crop::{Crop, clipped, widened};
use super::*;
use crate::data::builtin::{Planned, Scale, Stored, Tree, clips_of};
use crate::data::footage::FrameChoice;
use crate::data::{Cutter as _, DEPTH_SIDE, Footage, Label, Marks, SetName, SourceClip, Turn, resample, video};

/// A tree that all tests of this module share; it lies in the system's folder for passing files until they end.
struct World {
    folder: TempDir,
    tiny: Tree,
    mini: Tree,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let tree = |scale| Tree::cached(folder.path(), scale, 0);
        World { tiny: tree(Scale::Tiny), mini: tree(Scale::Mini), folder }
    })
}

fn source(tree: &Tree, planned: &Planned) -> SourceClip {
    SourceClip {
        domain: planned.info.set.synthetic().to_owned(),
        path: planned.info.path.clone(),
        label: planned.info.label,
        species: planned.info.species.clone(),
        subject: String::new(),
        camera: String::new(),
        session: String::new(),
        footage: Footage::Video(tree.video_path(planned)),
        marks: None,
        turn_if_unmarked: Turn::None,
        cropped: false,
        depth: Vec::new(),
    }
}

/// A bona fide clip of two frames with a face of some size.
fn live() -> (SourceClip, Stored) {
    let tree = &world().mini;
    let planned = clips_of(SetName::OuluNpu, Scale::Mini, 0).into_iter().find(|c| c.clip.presentation.is_live());
    let planned = planned.unwrap();
    let (stored, _) = tree.ensure(&planned).unwrap();
    (source(tree, &planned), stored)
}

fn cutter(settings: CutSettings) -> FaceCutter {
    FaceCutter::new(settings, world().folder.path()).unwrap()
}

fn small(preset: Preset) -> CutSettings {
    CutSettings { side: 64, frames: FrameChoice::All, ..preset.into() }
}

fn overlap(a: [f32; 4], b: [f32; 4]) -> f32 {
    blaze::overlap(a, b)
}

/// Pearson's correlation over the places where `here` holds.
fn correlation(a: &[u8], b: &[u8], here: impl Fn(usize) -> bool) -> f64 {
    let pairs: Vec<[f64; 2]> = (0..a.len()).filter(|i| here(*i)).map(|i| [a[i], b[i]].map(f64::from)).collect();
    let mean = |k: usize| pairs.iter().map(|p| p[k]).sum::<f64>() / pairs.len() as f64;
    let m = [mean(0), mean(1)];
    let product = |i: usize, j: usize| pairs.iter().map(|p| (p[i] - m[i]) * (p[j] - m[j])).sum::<f64>();
    product(0, 1) / (product(0, 0) * product(1, 1)).sqrt()
}

#[test]
fn faces_of_the_tiny_benchmark_are_found_where_they_are_with_their_depth() {
    let tree = &world().tiny;
    let cutter = cutter(small(Preset::Cdcn));
    let sets = [SetName::OuluNpu, SetName::CasiaFasd, SetName::MsuMfsd, SetName::SiwM];
    let clips: Vec<Planned> = sets.into_iter().flat_map(|s| clips_of(s, Scale::Tiny, 0)).step_by(2).collect();
    let look = |planned: &Planned| {
        let (stored, _) = tree.ensure(planned).unwrap();
        (cutter.cut(&source(tree, planned)).unwrap(), stored)
    };
    let looked: Vec<_> = clips.par_iter().map(look).collect();
    let (mut found, mut all) = ([0_usize; 2], [0_usize; 2]);
    let (mut overlaps, mut inside, mut whole) = (vec![], vec![], vec![]);
    for (planned, (cuts, stored)) in clips.iter().zip(&looked) {
        let kind = usize::from(planned.info.label == Label::Spoof);
        all[kind] += 1;
        found[kind] += usize::from(!cuts.faces.is_empty());
        for face in &cuts.faces {
            overlaps.push(overlap(face.at, stored.truth.frames[face.frame as usize].face_box));
            let depth = face.depth.as_deref();
            if planned.info.label == Label::Spoof {
                assert!(depth.is_some_and(|d| d.iter().all(|v| *v == 0)), "{}", planned.info.path);
            } else if let Some(depth) = depth {
                let n = (stored.video.width * stored.video.height) as usize;
                let true_map = &stored.depth[face.frame as usize * n..][..n];
                let size = (stored.video.width, stored.video.height);
                let rect = clipped(widened(face.at, 1.3), size).unwrap();
                let shape = (size.0 as usize, size.1 as usize);
                let exact = resample::cut(true_map, shape, 1, rect, (DEPTH_SIDE, DEPTH_SIDE));
                inside.push(correlation(depth, &exact, |i| depth[i] > 0 && exact[i] > 0));
                whole.push(correlation(depth, &exact, |_| true));
            }
        }
    }
    let share = |kind: usize| found[kind] as f64 / all[kind] as f64;
    overlaps.sort_by(f32::total_cmp);
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let text = format!(
        "found {found:?} of {all:?}, box IoU median {:.3}, least {:.3}; depth maps {}, correlation within the mesh {:.3}, \
         over the crop {:.3}",
        overlaps[overlaps.len() / 2],
        overlaps[0],
        inside.len(),
        mean(&inside),
        mean(&whole)
    );
    assert!(all[0] > 20 && share(0) >= 0.99 && share(1) >= 0.98, "{text}");
    assert!(overlaps[overlaps.len() / 2] > 0.8 && overlaps[overlaps.len() / 20] > 0.6, "{text}");
    assert!(inside.len() as f64 >= 0.9 * all[0] as f64 && mean(&inside) > 0.7 && mean(&whole) > 0.75, "{text}");
}

#[test]
fn the_same_clip_gives_the_same_bytes_whatever_thread_cuts_it() {
    let (clip, _) = live();
    let cutter = cutter(small(Preset::Ssdg));
    let first = cutter.cut(&clip).unwrap();
    assert_eq!((first.faces.len(), first.faces[0].rgb.len(), first.frames), (2, 64 * 64 * 3, Some(2)));
    let threads = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
    let all: Vec<_> = threads.install(|| (0..8).into_par_iter().map(|_| cutter.cut(&clip).unwrap()).collect());
    assert!(all.iter().all(|cuts| *cuts == first));
}

#[test]
fn everything_that_shapes_the_bytes_is_in_the_identity() {
    let base = small(Preset::Cdcn);
    let others = [
        CutSettings { side: 65, ..base.clone() },
        CutSettings { frames: FrameChoice::Even(2), ..base.clone() },
        CutSettings { depth: false, ..base.clone() },
        CutSettings { preset: Preset::Ssdg, ..base.clone() },
        CutSettings { preset: Preset::MetaPattern, ..base.clone() },
    ];
    let mut names: Vec<String> = others.into_iter().chain([base]).map(|s| cutter(s).identity()).collect();
    assert!(names.iter().all(|n| !n.contains('\n')), "one line");
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 6, "{names:?}");
    assert!(FaceCutter::new(CutSettings { side: 0, ..small(Preset::Cdcn) }, world().folder.path()).is_err());
}

#[test]
fn the_set_s_own_boxes_count_and_attacks_are_cut_like_bona_fide_faces() {
    let (clip, stored) = live();
    let at = stored.truth.frames[0].face_box.map(|v| v.round() as i32);
    let with = |marks: Option<Marks>, label: Label| {
        let clip = SourceClip { label, marks, ..clip.clone() };
        cutter(small(Preset::Cdcn)).cut(&clip).unwrap()
    };
    // A box for the first frame, none for the second.
    let boxes = with(Some(Marks::Boxes(vec![Some(at), None])), Label::Live);
    assert_eq!((boxes.faces[0].at, boxes.faces[0].confidence), (at.map(|v| v as f32), 1.0));
    assert!(boxes.faces[1].confidence < 1.0 && overlap(boxes.faces[1].at, stored.truth.frames[1].face_box) > 0.6);
    let free = with(None, Label::Live);
    assert_ne!(free.faces[0].rgb, boxes.faces[0].rgb);
    assert_eq!(free.faces[1].rgb, boxes.faces[1].rgb);
    for marks in [None, Some(Marks::Boxes(vec![Some(at), None]))] {
        let (live, spoof) = (with(marks.clone(), Label::Live), with(marks, Label::Spoof));
        let pixels = |cuts: &crate::data::Cuts| cuts.faces.iter().map(|f| (f.at, f.rgb.clone())).collect::<Vec<_>>();
        assert_eq!(pixels(&live), pixels(&spoof), "the label must not shape the pixels");
        assert!(live.faces[0].depth.as_ref().unwrap().iter().any(|v| *v > 100));
        assert!(spoof.faces[0].depth.as_ref().unwrap().iter().all(|v| *v == 0));
    }
    // A file that cannot be read is told of, and faces are looked for.
    let gone = with(Some(Marks::ReplayBoxes(PathBuf::from("/nowhere/a.face"))), Label::Live);
    assert_eq!(gone.faces, free.faces);
    assert!(
        gone.remarks[0].contains("/nowhere/a.face") && gone.remarks[0].contains("looked for"),
        "{:?}",
        gone.remarks
    );
}

#[test]
fn eyes_of_the_set_s_files_point_to_the_face() {
    let (clip, stored) = live();
    let path = world().folder.path().join("eyes.txt");
    let [a, b, ..] = stored.truth.frames[0].landmarks.map(|p| p.map(f32::round));
    // The second frame's eyes were not found by whoever wrote the file.
    fs::write(&path, format!("0,{},{},{},{}\n1,0,0,0,0\n", a[0], a[1], b[0], b[1])).unwrap();
    let with = SourceClip { marks: Some(Marks::OuluEyes(path.clone())), ..clip.clone() };
    let (marked, free) =
        (cutter(small(Preset::Cdcn)).cut(&with).unwrap(), cutter(small(Preset::Cdcn)).cut(&clip).unwrap());
    assert_eq!(marked.faces, free.faces);
    // Eyes where the finder sees no face: the box that it would have drawn about them.
    fs::write(&path, "0,20,20,30,20\n1,0,0,0,0\n").unwrap();
    let marked = cutter(small(Preset::Cdcn)).cut(&with).unwrap();
    let [x, y, w, h] = marked.faces[0].at;
    assert!((w, h) == (23.5, 23.5) && (x + w / 2.0 - 25.0).abs() < 0.01 && (y + h / 2.0 - 25.2).abs() < 0.01);
    assert_eq!(marked.faces[0].confidence, 1.0);
}

#[test]
fn depth_that_came_with_a_clip_wins_over_the_mesh() {
    let (clip, stored) = live();
    let path = world().folder.path().join("depth.png");
    GrayImage::from_pixel(stored.video.width, stored.video.height, Luma([77])).save(&path).unwrap();
    let depth = vec![Some(path.clone()), None];
    let cut = |clip: &SourceClip, settings: CutSettings| cutter(settings).cut(clip).unwrap();
    let with = SourceClip { depth, ..clip.clone() };
    for preset in [Preset::Cdcn, Preset::Ssdg] {
        let cuts = cut(&with, small(preset));
        let middle = |i: usize| cuts.faces[i].depth.as_ref().unwrap()[DEPTH_SIDE * DEPTH_SIDE / 2 + DEPTH_SIDE / 2];
        assert_eq!(middle(0), 77);
        assert_ne!(middle(1), 77);
    }
    let attack = SourceClip { label: Label::Spoof, ..with.clone() };
    assert!(cut(&attack, small(Preset::Cdcn)).faces[0].depth.as_ref().unwrap().iter().all(|v| *v == 0));
    assert_eq!(cut(&with, CutSettings { depth: false, ..small(Preset::Cdcn) }).faces[0].depth, None);
    fs::write(&path, "no picture").unwrap();
    let cuts = cut(&with, small(Preset::Cdcn));
    assert!(cuts.remarks[0].contains("depth.png cannot be read"), "{:?}", cuts.remarks);
    assert!(cuts.faces[0].depth.as_ref().unwrap().iter().any(|v| *v > 100), "the mesh's then");
}

#[test]
fn pictures_that_are_cut_already_are_only_scaled() {
    let (clip, stored) = live();
    let folder = world().folder.path().join("cut");
    fs::create_dir_all(&folder).unwrap();
    let picture = image::load_from_memory(&stored.video.frames[0]).unwrap().into_rgb8();
    let path = folder.join("0.png");
    picture.save(&path).unwrap();
    let footage = Footage::Pictures(vec![path]);
    let cropped = SourceClip { footage: footage.clone(), cropped: true, ..clip.clone() };
    let (w, h) = picture.dimensions();
    // Whatever the preset says.
    let all: Vec<_> = [Preset::Plain, Preset::Ssdg].map(|p| cutter(small(p)).cut(&cropped).unwrap()).into();
    assert_eq!(all[0], all[1]);
    assert_eq!((all[0].faces[0].at, all[0].faces[0].confidence), ([0.0, 0.0, w as f32, h as f32], 1.0));
    let expected = Crop::Upright(crop::central((w, h))).rgb(&picture, 64);
    assert_eq!(all[0].faces[0].rgb, expected);
    let plain = cutter(small(Preset::Plain)).cut(&SourceClip { footage, ..clip }).unwrap();
    assert_eq!(plain.faces[0].rgb, expected);
}

type Turning = fn(&RgbImage) -> RgbImage;

/// The clip with its frames turned, in a container that says nothing of it.
fn lying(stored: &Stored, name: &str, turn: Turning) -> PathBuf {
    let frame = |jpeg: &Vec<u8>| {
        let picture = turn(&image::load_from_memory(jpeg).unwrap().into_rgb8());
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, ImageFormat::Jpeg).unwrap();
        (picture.dimensions(), out.into_inner())
    };
    let frames: Vec<_> = stored.video.frames.iter().map(frame).collect();
    let (width, height) = frames[0].0;
    let frames = frames.into_iter().map(|f| f.1).collect();
    let clip = video::Clip { width, height, rate: 2.0, turned: false, frames };
    let path = world().folder.path().join(name);
    fs::write(&path, video::write(&clip, &path)).unwrap();
    path
}

#[test]
fn a_clip_on_its_side_is_turned_and_that_is_remembered() {
    let (clip, stored) = live();
    let cutter = cutter(small(Preset::Ssdg));
    let upright = cutter.cut(&clip).unwrap();
    let turns: [(&str, Turning, &str); 3] = [
        ("left.avi", image::imageops::rotate270, "clockwise by 90"),
        ("right.avi", image::imageops::rotate90, "clockwise by 270"),
        ("half.avi", image::imageops::rotate180, "by 180"),
    ];
    for (name, turn, words) in turns {
        let path = lying(&stored, name, turn);
        let with = SourceClip { footage: Footage::Video(path.clone()), ..clip.clone() };
        let first = cutter.cut(&with).unwrap();
        assert!(first.remarks[0].contains(words) && first.remarks[0].contains("stand upright"), "{:?}", first.remarks);
        assert_eq!(first.faces.len(), 2);
        for (a, b) in first.faces.iter().zip(&upright.faces) {
            assert!(overlap(a.at, b.at) > 0.8, "{:?} {:?}", a.at, b.at);
        }
        // The next time nobody needs to search.
        let again = cutter.cut(&with).unwrap();
        assert_eq!(again.faces, first.faces);
        assert!(again.remarks[0].contains("found before"), "{:?}", again.remarks);
        // A file that changed is another one.
        let upright_now = lying(&stored, name, RgbImage::clone);
        assert_eq!(upright_now, path);
        let changed = cutter.cut(&with).unwrap();
        assert!(changed.remarks.is_empty() && changed.faces.len() == 2, "{:?}", changed.remarks);
    }
}

#[test]
fn boxes_of_the_stored_picture_are_turned_with_it() {
    let (clip, stored) = live();
    let path = lying(&stored, "msu.avi", image::imageops::rotate180);
    let (w, h) = (stored.video.width as f32, stored.video.height as f32);
    let truth = &stored.truth.frames[0];
    let [x, y, bw, bh] = truth.face_box;
    let line = |[x, y, bw, bh]: [f32; 4], eyes: [[f32; 2]; 2]| {
        let [a, b] = eyes;
        format!("0,{x},{y},{},{},{},{},{},{}\n", x + bw, y + bh, a[0], a[1], b[0], b[1])
    };
    let eyes = [truth.landmarks[0], truth.landmarks[1]];
    let stored_line = line([w - x - bw, h - y - bh, bw, bh], eyes.map(|[x, y]| [w - x, h - y]));
    let marks = world().folder.path().join("msu.face");
    for (text, told) in [(line(truth.face_box, eyes), 1), (stored_line, 2)] {
        fs::write(&marks, text).unwrap();
        let with = SourceClip {
            footage: Footage::Video(path.clone()),
            marks: Some(Marks::MsuBoxes(marks.clone())),
            turn_if_unmarked: Turn::Half,
            ..clip.clone()
        };
        let settings = CutSettings { frames: FrameChoice::Given(vec![0]), ..small(Preset::Cdcn) };
        let cuts = cutter(settings).cut(&with).unwrap();
        assert!(overlap(cuts.faces[0].at, truth.face_box) > 0.99, "{:?} {:?}", cuts.faces[0].at, truth.face_box);
        assert_eq!(cuts.remarks.len(), told, "{:?}", cuts.remarks);
    }
}

#[test]
fn a_clip_without_a_face_lists_its_frames_and_a_broken_one_says_why() {
    let (clip, _) = live();
    let folder = world().folder.path();
    let path = folder.join("wall.png");
    RgbImage::from_fn(120, 90, |x, y| image::Rgb([(x % 50) as u8 + 80, (y % 40) as u8 + 90, 120])).save(&path).unwrap();
    let wall = SourceClip { footage: Footage::Pictures(vec![path.clone(), path]), ..clip.clone() };
    let cuts = cutter(small(Preset::Ssdg)).cut(&wall).unwrap();
    assert_eq!((cuts.faces.len(), cuts.without_face, cuts.frames), (0, vec![0, 1], Some(2)));
    let gone = SourceClip { footage: Footage::Video(folder.join("gone.mov")), ..clip };
    let error = cutter(small(Preset::Ssdg)).cut(&gone).unwrap_err();
    assert!(error.contains("gone.mov cannot be read"), "{error}");
}
