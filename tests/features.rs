//! Hand-made maps against what numpy and scikit-image make of the same pictures (tests/data/features), and the command
//! that makes them.
#![expect(clippy::unwrap_used, reason = "helpers of a test fail loudly")]

#[path = "support/program.rs"]
mod program;

use std::path::{Path, PathBuf};

use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use metafas::features::{ColorLbp, HandMade, Interpolation, shading};
use program::run;
use proptest::prelude::{ProptestConfig, any, prop, proptest};

/// Each golden file holds the picture and these below it.
const GOLDEN: usize = 8;

struct Golden {
    name: String,
    size: (usize, usize),
    parts: Vec<Vec<u8>>,
}

fn goldens() -> Vec<Golden> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/features");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "png"));
    paths.sort();
    let golden = |path: PathBuf| {
        let whole = image::open(&path).unwrap().into_rgb8();
        let size = (whole.width() as usize, whole.height() as usize / GOLDEN);
        let parts = whole.as_raw().chunks_exact(size.0 * size.1 * 3).map(<[u8]>::to_vec).collect();
        Golden { name: path.file_stem().unwrap().to_string_lossy().into_owned(), size, parts }
    };
    paths.into_iter().map(golden).collect()
}

#[test]
fn maps_are_those_of_numpy_and_scikit_image_to_the_byte() {
    let all = goldens();
    assert_eq!(all.len(), 12);
    let lbp = |interpolation, uniform| ColorLbp { interpolation, uniform };
    let (nearest, bilinear) = (Interpolation::Nearest, Interpolation::Bilinear);
    let kinds = [
        (HandMade::ColorLbp, lbp(nearest, false)),
        (HandMade::ColorLbp, lbp(bilinear, false)),
        (HandMade::ColorLbp, lbp(nearest, true)),
        (HandMade::ColorLbp, lbp(bilinear, true)),
        (HandMade::Albedo, ColorLbp::default()),
        (HandMade::Depth, ColorLbp::default()),
        (HandMade::Reflectance, ColorLbp::default()),
    ];
    for Golden { name, size, parts } in all {
        for (at, (map, lbp)) in kinds.into_iter().enumerate() {
            let made = map.map(&parts[0], size, lbp).unwrap();
            let apart = made.iter().zip(&parts[at + 1]).filter(|(a, b)| a != b).count();
            assert_eq!((made.len(), apart), (parts[at + 1].len(), 0), "{name}: {map} {lbp:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Channels know nothing of each other, and codes of brightness order alone: a brighter picture of the same order
    /// has the same codes.
    #[test]
    fn channels_are_apart_and_codes_are_of_order_alone(
        (width, height) in (1_usize..12, 1_usize..12), bytes in prop::collection::vec(any::<u8>(), 3 * 11 * 11)
    ) {
        let rgb = &bytes[..width * height * 3];
        let of = |rgb: &[u8], map: HandMade| map.map(rgb, (width, height), ColorLbp::default()).unwrap();
        let turned: Vec<u8> = rgb.chunks_exact(3).flat_map(|p| [p[2], p[0], p[1]]).collect();
        for map in HandMade::ALL {
            let (one, other) = (of(rgb, map), of(&turned, map));
            let back: Vec<u8> = other.chunks_exact(3).flat_map(|p| [p[1], p[2], p[0]]).collect();
            assert_eq!(one, back, "{map}");
        }
        let squeezed: Vec<u8> = rgb.iter().map(|v| v / 2).collect();
        let shifted: Vec<u8> = squeezed.iter().map(|v| v + 100).collect();
        assert_eq!(of(&squeezed, HandMade::ColorLbp), of(&shifted, HandMade::ColorLbp));
        let maps = shading(rgb, (width, height)).unwrap();
        for channel in 0..3 {
            let of = |map: &[u8]| map.iter().skip(channel).step_by(3).copied().collect::<Vec<u8>>();
            let (bytes, depth, albedo) = (of(rgb), of(&maps.depth), of(&maps.albedo));
            let flat = bytes.iter().all(|b| *b == bytes[0]);
            let stretched = depth.contains(&0) && depth.contains(&255);
            assert!(stretched || flat, "depth reaches both ends: {bytes:?} {depth:?}");
            assert!(albedo.iter().all(|&a| a > 0) || bytes.iter().all(|&b| b == 0));
        }
    }
}

fn sentence(args: &[&str]) -> String {
    let output = run(args);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
    assert!(output.stdout.is_empty());
    assert_eq!(stderr.trim().lines().count(), 1, "{stderr}");
    stderr
}

#[test]
fn the_command_writes_maps_of_the_same_size() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name).display().to_string();
    let rgb = RgbImage::from_fn(31, 20, |x, y| Rgb([(x * 8) as u8, (y * 11 % 200) as u8, (x * y % 251) as u8]));
    rgb.save(file("in.png")).unwrap();
    for map in HandMade::ALL {
        let out = file(&format!("{map}.png"));
        std::fs::write(&out, "somebody else's text").unwrap();
        assert!(sentence(&["features", map.name(), &file("in.png"), &out]).contains(&out), "a file of another kind");
        assert_eq!(std::fs::read_to_string(&out).unwrap(), "somebody else's text");
        std::fs::copy(file("in.png"), &out).unwrap();
        let output = run(&["features", map.name(), &file("in.png"), &out]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let DynamicImage::ImageRgb8(made) = image::open(&out).unwrap() else {
            panic!("8 bits a channel, three of them")
        };
        let expected = map.map(rgb.as_raw(), (31, 20), ColorLbp::default()).unwrap();
        assert_eq!((made.dimensions(), made.into_raw()), (rgb.dimensions(), expected), "{map}");
    }
    let options = ["--interpolation", "bilinear", "--uniform"];
    let mut args = vec!["features", "color_lbp"];
    let (from, out) = (file("in.png"), file("uniform.png"));
    args.extend([from.as_str(), out.as_str()]);
    args.extend(options);
    assert!(run(&args).status.success());
    let lbp = ColorLbp { interpolation: Interpolation::Bilinear, uniform: true };
    let expected = HandMade::ColorLbp.map(rgb.as_raw(), (31, 20), lbp).unwrap();
    assert_eq!(image::open(&out).unwrap().into_rgb8().into_raw(), expected);
    // Grey is copied to three channels, and an alpha channel that hides nothing is no matter.
    let grey = GrayImage::from_fn(31, 20, |x, y| Luma([rgb.get_pixel(x, y)[2]]));
    grey.save(file("grey.png")).unwrap();
    RgbaImage::from_fn(31, 20, |x, y| {
        Rgba([grey.get_pixel(x, y)[0], grey.get_pixel(x, y)[0], grey.get_pixel(x, y)[0], 255])
    })
    .save(file("rgba.png"))
    .unwrap();
    let thrice: Vec<u8> = grey.as_raw().iter().flat_map(|&v| [v; 3]).collect();
    let expected = HandMade::Depth.map(&thrice, (31, 20), ColorLbp::default()).unwrap();
    for from in ["grey.png", "rgba.png"] {
        assert!(run(&["features", "depth", &file(from), &file("out.png")]).status.success());
        assert_eq!(image::open(file("out.png")).unwrap().into_rgb8().into_raw(), expected, "{from}");
    }
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".new")), "nothing is left aside: {left:?}");
}

#[test]
fn what_is_wrong_is_one_sentence_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name).display().to_string();
    RgbImage::from_pixel(4, 4, Rgb([9; 3])).save(file("in.png")).unwrap();
    std::fs::write(file("text.png"), "no picture").unwrap();
    image::ImageBuffer::<Rgb<u16>, Vec<u16>>::from_pixel(4, 4, Rgb([900; 3])).save(file("deep.png")).unwrap();
    RgbaImage::from_pixel(4, 4, Rgba([9, 9, 9, 100])).save(file("clear.png")).unwrap();
    let whole = std::fs::read(file("in.png")).unwrap();
    std::fs::write(file("half.png"), &whole[..whole.len() / 2]).unwrap();
    let (from, out) = (file("in.png"), file("out.png"));
    let with = |from: &str| sentence(&["features", "albedo", &file(from), &out]);
    assert!(with("absent.png").contains("absent.png: the picture cannot be read"));
    assert!(with("text.png").contains("text.png: this cannot be read as a picture"));
    assert!(with("half.png").contains("half.png: this cannot be read as a picture"));
    assert!(with("deep.png").contains("deep.png: this picture has not 8 bits a channel"));
    assert!(with("clear.png").contains("clear.png: this picture is transparent in places"));
    let unknown = sentence(&["features", "lbp", &from, &out]);
    assert!(unknown.contains("lbp: there are color_lbp, albedo, depth, reflectance, and sheet"), "{unknown}");
    assert!(sentence(&["features", "albedo", &from]).contains("takes IN.png OUT.png, not 1 files"));
    assert!(sentence(&["features", "albedo", &from, &from, &out]).contains("not 3 files"));
    assert!(sentence(&["features", "albedo", &from, &file("out.jpg")]).contains("ends in .png"));
    assert!(sentence(&["features", "albedo", &from, &file("no/out.png")]).contains("there is no such folder"));
    assert!(sentence(&["features", "albedo", &from, &out, "--uniform"]).contains("are for color_lbp"));
    let cubic = sentence(&["features", "color_lbp", &from, &out, "--interpolation", "cubic"]);
    assert!(cubic.contains("--interpolation cubic: there are nearest and bilinear"), "{cubic}");
    assert!(!Path::new(&out).exists());
}

#[test]
fn a_sheet_holds_every_map_of_every_picture() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name).display().to_string();
    let picture = |n: u32| RgbImage::from_fn(128, 128, move |x, y| Rgb([(x * n) as u8, (y + n) as u8, (x ^ y) as u8]));
    picture(1).save(file("a.png")).unwrap();
    picture(2).save(file("b.png")).unwrap();
    let out = file("sheet.png");
    assert!(run(&["features", "sheet", &file("a.png"), &file("b.png"), &out]).status.success());
    let sheet = image::open(&out).unwrap().into_rgb8();
    // A name of one letter, five columns, two rows under a line of words.
    let (left, top, step) = (6 + 8, 18, 132);
    assert_eq!(sheet.dimensions(), (left + 5 * step, top + 2 * step));
    for n in [1, 2] {
        let rgb = picture(n);
        let mut shown = vec![rgb.as_raw().clone()];
        shown.extend(HandMade::all(rgb.as_raw(), (128, 128), ColorLbp::default()).unwrap());
        for (column, expected) in shown.into_iter().enumerate() {
            let at = (left + column as u32 * step, top + (n - 1) * step);
            let part = image::imageops::crop_imm(&sheet, at.0, at.1, 128, 128).to_image();
            assert_eq!(part.into_raw(), expected, "row {n}, column {column}");
        }
    }
    assert!(run(&["features", "sheet", &out]).status.success(), "built-in faces without a picture");
    assert_eq!(image::open(&out).unwrap().height(), top + 2 * (160 + 4) + 16);
}
