//! The files: the same bytes each time, their resolution, what stands beside them.

use std::fs;
use std::path::Path;

use metafas::report::{FigureKind, write};
use serde_json::Value;

use crate::runs::{demo, request};
use crate::scene::Scene;

/// The side-car of the first figure of its stem, or of one beside it.
fn beside_of(out: &Path) -> std::path::PathBuf {
    let own = out.with_file_name(format!("{}.json", out.file_name().unwrap().to_str().unwrap()));
    if own.is_file() { own } else { out.with_extension("json") }
}

fn written(kind: FigureKind, out: &Path, dpi: u32) -> Vec<u8> {
    let mut request = request(kind, &[demo()], out);
    request.dpi = dpi;
    write(&request).unwrap();
    fs::read(out).unwrap()
}

#[test]
fn every_format_has_the_same_bytes_each_time_and_its_side_car() {
    let dir = tempfile::tempdir().unwrap();
    for kind in [FigureKind::Maps, FigureKind::Det, FigureKind::Curves] {
        let mut beside = None;
        for ending in ["svg", "pdf", "png"] {
            let out = dir.path().join(format!("{}.{ending}", kind.name()));
            let first = written(kind, &out, 150);
            assert_eq!(written(kind, &out, 150), first, "{}", out.display());
            let text = fs::read(beside_of(&out)).unwrap();
            let mut said: Value = serde_json::from_slice(&text).unwrap();
            let own = ["figure", "sha256"].map(|key| said.as_object_mut().unwrap().remove(key).unwrap());
            assert_eq!(own[0], out.file_name().unwrap().to_str().unwrap());
            assert_eq!(own[1].as_str().unwrap().len(), 64);
            assert_eq!(beside.get_or_insert(said.clone()), &said, "{}", out.display());
        }
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3 * 6, "nothing else is left");
}

#[test]
fn a_png_tells_its_resolution_and_has_the_pixels_of_it() {
    let dir = tempfile::tempdir().unwrap();
    for (dpi, per_metre) in [(300, 11_811), (600, 23_622)] {
        let bytes = written(FigureKind::Roc, &dir.path().join("roc.png"), dpi);
        let reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let dims = reader.info().pixel_dims.unwrap();
        assert_eq!((dims.xppu, dims.yppu, dims.unit), (per_metre, per_metre, png::Unit::Meter));
        assert_eq!(reader.info().width, 7 * dpi / 2);
    }
    let mut large = request(FigureKind::Maps, &[demo()], &dir.path().join("large.png"));
    (large.dpi, large.width) = (2400, metafas::report::figure::Width::Mm(400.0));
    let error = write(&large).unwrap_err();
    assert!(error.is_input() && error.to_string().contains("fewer dots an inch"), "{error}");
    assert!(!large.out.exists() && !beside_of(&large.out).exists());
}

#[test]
fn a_png_shows_the_squares_of_a_map_with_hard_edges() {
    let dir = tempfile::tempdir().unwrap();
    let mut request = request(FigureKind::Maps, &[demo()], &dir.path().join("maps.png"));
    request.faces = Some(vec![0]);
    request.colormap = metafas::report::Colormap::Grey;
    write(&request).unwrap();
    let picture = image::open(&request.out).unwrap().into_rgb8();
    let set = metafas::session::Session::open(&demo()).unwrap().map_set(1050).unwrap();
    let values = set.samples[0].get(metafas::session::MapKind::Teacher).unwrap();
    let scale = metafas::report::Scale::sequential(request.colormap, 0.0, 1.0);
    let colours: Vec<[u8; 3]> = values.iter().map(|&v| scale.rgb(v)).collect();
    // Enlarged smoothly, a map of 64 values would have thousands of greys of its own.
    let greys = |p: &&image::Rgb<u8>| p.0 == colours[0];
    assert!(picture.pixels().filter(greys).count() > 200, "whole squares have the colour of the first value");
}

#[test]
fn a_pdf_keeps_small_maps_and_text() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = written(FigureKind::Maps, &dir.path().join("maps.pdf"), 300);
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.starts_with("%PDF-"));
    assert!(text.contains("/Width 8") && text.contains("/Height 8") && text.contains("/Width 64"));
    assert!(text.contains("/ToUnicode") && text.contains("DejaVuSans"), "words stay words, in the embedded typeface");
    assert!(bytes.len() < 300_000, "{}", bytes.len());
}

#[test]
fn an_svg_carries_its_letters_and_is_the_same_scene() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("maps.svg");
    let svg = String::from_utf8(written(FigureKind::Maps, &out, 300)).unwrap();
    assert!(svg.contains("@font-face") && svg.contains("<title>Maps of watched faces, FAS-DR(MT)</title>"));
    let scene = Scene::of(&svg);
    let bare = Scene::of(&metafas::report::draw(&request(FigureKind::Maps, &[demo()], &out)).unwrap().figure.svg());
    assert_eq!((scene.words.len(), &scene.pictures), (bare.words.len(), &bare.pictures));
    assert!(!svg.contains(env!("CARGO_MANIFEST_DIR")), "no path but those that were given");
}

#[test]
fn the_side_car_says_where_everything_comes_from() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("f.pdf");
    written(FigureKind::Faces, &out, 300);
    let said: Value = serde_json::from_slice(&fs::read(beside_of(&out)).unwrap()).unwrap();
    for (key, value) in [
        ("kind", "\"faces\""),
        ("sessions", "[\"sessions/demo\"]"),
        ("iteration", "1050"),
        ("seeds", "[0]"),
        ("data", "[\"SynthC (mini), casia_fasd/7\"]"),
        ("origin", "[\"synthetic\"]"),
        ("version", "[\"0.1.0\"]"),
        ("colormap", "\"viridis\""),
        ("limits", "{\"maps\":[0.0,1.0]}"),
        ("n", "180"),
    ] {
        assert_eq!(said[key].to_string(), value, "{key}");
    }
    assert_eq!(said["threshold"]["threshold_source"], "dev");
    assert_eq!(said["runs"][0]["fingerprint"].as_str().unwrap().len(), 64);
}
