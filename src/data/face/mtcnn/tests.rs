//! The networks against a plain computation with weights from a formula (`tests/data/faces/golden.py`), and the
//! arithmetic of boxes. With the true weights the whole was compared once with two other implementations; docs/faces.md
//! has the numbers.

use std::fs;

use safetensors::tensor::{Dtype, TensorView};
use tempfile::TempDir;

use super::*;
use crate::data::face::network::Array;

/// A file of weights from the formula.
fn file(folder: &TempDir, change: impl Fn(&str, &mut Vec<usize>)) -> std::path::PathBuf {
    let tensor = |(name, mut shape): (String, Vec<usize>)| {
        change(&name, &mut shape);
        let n: usize = shape.iter().product();
        let seed = f64::from(name.bytes().map(u32::from).sum::<u32>() % 97);
        let fan = shape[1..].iter().product::<usize>().max(1) as f64;
        let less = if name.ends_with("bias") || name.contains("prelu") { 0.1 } else { 1.0 };
        let value = |i: usize| less * (i as f64 * 0.7 + seed).sin() * (2.0 / fan).sqrt();
        let bytes: Vec<u8> = (0..n).flat_map(|i| (value(i) as f32).to_le_bytes()).collect();
        (name, shape, bytes)
    };
    let tensors: Vec<_> = weights::all().into_iter().map(tensor).collect();
    let views = tensors
        .iter()
        .map(|(name, shape, bytes)| (name.clone(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()));
    let path = folder.path().join("mtcnn.safetensors");
    fs::write(&path, safetensors::serialize(views, None).unwrap()).unwrap();
    path
}

fn pattern(side: usize) -> Vec<f32> {
    let at = |i: usize| {
        let (c, y, x) = (i / (side * side), i / side % side, i % side);
        ((x * x * 3 + y * y * 5 + x * y * 7 + c * 31) % 251) as f32 / 125.0 - 1.0
    };
    (0..3 * side * side).map(at).collect()
}

fn near(found: &[f32], expected: &[f32]) {
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() < 1e-4, "{found:?} is not {expected:?}");
    }
}

#[test]
fn the_three_networks_compute_what_they_should() {
    let folder = tempfile::tempdir().unwrap();
    let mtcnn = Weights::read(&file(&folder, |_, _| {})).unwrap().load().unwrap();
    let run = |i: usize, side: usize| -> Vec<Array> { mtcnn.0[i].run(&pattern(side), [1, 3, side, side]).unwrap() };
    let p = run(0, 17);
    assert_eq!((p[0].shape.as_slice(), p[1].shape.as_slice()), (&[1, 2, 4, 4][..], &[1, 4, 4, 4][..]));
    near(&p[0].values[16..20], &[0.867_046_3, 0.999_604_05, 0.999_156_63, 0.949_013_38]);
    near(&p[1].values, &[-1.831_932_3, -3.364_496, -0.999_880_84, -0.276_771_7, -1.357_081_9, -0.121_011_97]);
    let r = run(1, 24);
    near(&r[0].values, &[0.478_352_72, 0.521_647_3]);
    near(&r[1].values, &[-0.691_315_1, 0.155_115_35, 0.572_906_7, -0.167_141_18]);
    let o = run(2, 48);
    near(&o[0].values, &[0.222_624_66, 0.777_375_34]);
    near(&o[1].values, &[-0.788_937_74, 0.657_361_8, -0.838_232_4, 0.514_812]);
    let points = [-0.338_274_92, -0.025_833_05, -0.102_577_45, -0.103_046_66, 0.290_689_1];
    near(&o[2].values[..5], &points);
    near(&o[2].values[5..], &[-0.166_038_25, 0.525_178, -0.438_725_13, 0.526_618_39, -0.764_681_5]);
    // Whatever such weights see, it runs through.
    let picture = RgbImage::from_fn(120, 90, |x, y| image::Rgb([(x * 7 % 251) as u8, (y * 5 % 251) as u8, 90]));
    for face in mtcnn.faces(&picture).unwrap() {
        assert!(face.confidence > 0.7 && face.five.is_some());
    }
}

#[test]
fn without_weights_or_with_wrong_ones_there_is_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let none = Weights::read(&folder.path().join("none.safetensors")).unwrap_err();
    for part in ["none.safetensors", "not shipped", "docs/faces.md", "METAFAS_MTCNN", "without MTCNN"] {
        assert!(none.contains(part), "{none}");
    }
    let path = file(&folder, |name, shape| {
        if name == "rnet.dense4.weight" {
            *shape = vec![128, 64];
        }
    });
    let wrong = Weights::read(&path).unwrap_err();
    assert!(wrong.contains("rnet.dense4.weight has the shape [128, 64], not [128, 576]"), "{wrong}");
    fs::write(&path, "weights").unwrap();
    assert!(Weights::read(&path).unwrap_err().contains("holds no weights of MTCNN"));
}

#[test]
fn other_weights_are_another_finder() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = Weights::read(&file(&a, |_, _| {})).unwrap();
    let path = file(&b, |_, _| {});
    assert_eq!(Weights::read(&path).unwrap().name, first.name);
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_ne!(Weights::read(&path).unwrap().name, first.name);
}

#[test]
fn boxes_are_corrected_squared_and_merged() {
    let one = |at: [f32; 4], sure: f32| Candidate { at, sure };
    let box_ = one([10.0, 20.0, 30.0, 60.0], 0.9);
    assert_eq!(box_.corrected([0.1, -0.1, 0.5, 0.25]).at, [12.0, 16.0, 40.0, 70.0]);
    assert_eq!(box_.squared().at, [0.0, 20.0, 40.0, 60.0]);
    let all = [
        one([0.0, 0.0, 10.0, 10.0], 0.8),
        one([1.0, 0.0, 11.0, 10.0], 0.95),
        one([2.0, 2.0, 6.0, 6.0], 0.7),
        one([40.0, 0.0, 50.0, 10.0], 0.6),
        one([f32::NAN, 0.0, 50.0, 10.0], 0.99),
        one([5.0, 5.0, 5.0, 5.0], 0.99),
    ];
    // Against the union a small box within a large one stays, against the smaller one it goes.
    assert_eq!(kept(&all, 0.5, false), [1, 2, 3]);
    assert_eq!(kept(&all, 0.5, true), [1, 3]);
}
