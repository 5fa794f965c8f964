//! The embedded networks against numbers that LiteRT computed from the original files.

use std::path::Path;

use super::network::Array;
use super::tensors::Runner;
use super::{Finder, FinderKind, Hint, blaze, mesh};

/// The pattern of `tests/data/faces/golden.py`: three planes of values from 0 to 1.
fn pattern(side: usize, value: fn(f32) -> f32) -> Vec<f32> {
    let at = |i: usize| {
        let (c, y, x) = (i / (side * side), i / side % side, i % side);
        value(((x * x * 3 + y * y * 5 + x * y * 7 + c * 31) % 251) as f32 / 250.0)
    };
    (0..3 * side * side).map(at).collect()
}

fn near(found: &[f32], expected: &[f32], within: f32) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() < within, "{found:?} is not {expected:?}");
    }
}

/// Values of one anchor: numbers `first..` of anchor `k` in a cell.
fn anchor(array: &Array, cell: usize, from: usize, count: usize) -> Vec<f32> {
    let area = array.shape[2] * array.shape[3];
    (from..from + count).map(|n| array.values[n * area + cell]).collect()
}

#[test]
fn the_detector_computes_what_litert_does() {
    let runner = Runner::new(&blaze::network().unwrap()).unwrap();
    let out = runner.run(&pattern(blaze::SIDE, |v| v * 2.0 - 1.0), [1, 3, blaze::SIDE, blaze::SIDE]).unwrap();
    let shapes: Vec<&[usize]> = out.iter().map(|a| a.shape.as_slice()).collect();
    assert_eq!(shapes, [[1, 2, 16, 16], [1, 6, 8, 8], [1, 32, 16, 16], [1, 96, 8, 8]]);
    near(&anchor(&out[0], 0, 0, 2), &[-4.547_544_5, -3.998_304_8], 1e-3);
    near(
        &anchor(&out[1], 63, 0, 6),
        &[-6.897_532_5, -9.168_9, -17.612_543, -32.396_816, -47.345_203, -57.856_556],
        1e-3,
    );
    near(&anchor(&out[2], 0, 0, 3), &[0.909_509_9, -1.070_571_2, 24.230_095], 1e-3);
    near(
        &anchor(&out[3], 63, 90, 6),
        &[4.114_077, 37.123_257, -20.030_626, -34.630_505, 48.753_525, -7.215_952_4],
        2e-3,
    );
}

#[test]
fn the_mesh_computes_what_litert_does() {
    let runner = Runner::new(&mesh::network().unwrap()).unwrap();
    let out = runner.run(&pattern(mesh::SIDE, |v| v), [1, 3, mesh::SIDE, mesh::SIDE]).unwrap();
    near(&out[0].values, &[-9.086_677], 1e-3);
    let numbers = &out[1].values;
    assert_eq!(numbers.len(), 3 * mesh::POINTS);
    near(&numbers[..6], &[99.186_714, 117.819_11, -11.852_485, 102.907_83, 103.015_12, -24.048_03], 3e-3);
    near(&numbers[1398..], &[135.059_05, 72.505_94, 10.549_132, 137.742_43, 68.313_91, 11.265_268], 3e-3);
}

#[test]
fn pictures_of_a_batch_do_not_touch_each_other() {
    let runner = Runner::new(&blaze::network().unwrap()).unwrap();
    let one = pattern(blaze::SIDE, |v| v * 2.0 - 1.0);
    let alone = runner.run(&one, [1, 3, blaze::SIDE, blaze::SIDE]).unwrap();
    let both = [one.clone(), vec![0.0; one.len()]].concat();
    let batch = runner.run(&both, [2, 3, blaze::SIDE, blaze::SIDE]).unwrap();
    for (a, b) in alone.iter().zip(&batch) {
        near(&b.values[..a.values.len()], &a.values, 1e-3);
    }
}

#[test]
fn a_picture_becomes_the_landmarks_that_another_program_finds() {
    let picture = image::load_from_memory(include_bytes!("../../../tests/data/faces/face.jpg")).unwrap().into_rgb8();
    let finder = Finder::new(FinderKind::MediaPipe, Path::new("")).unwrap();
    let mut face = finder.find(&[(&picture, Hint::Nothing)]).unwrap().remove(0).unwrap();
    assert!((face.confidence - 0.941).abs() < 0.02, "{}", face.confidence);
    near(&face.at, &[40.9, 128.3, 147.4, 147.4], 2.0);
    near(face.eyes.unwrap().as_flattened(), &[101.1, 168.1, 159.4, 168.9], 2.0);
    finder.look_closely(&mut [(&picture, &mut face)]).unwrap();
    let mesh = face.mesh.unwrap();
    assert!(mesh.presence > 0.999);
    for (i, expected) in [
        (1, [141.3, 209.6, -29.5]),
        (10, [134.3, 115.8, -11.0]),
        (33, [86.3, 167.9, -3.5]),
        (61, [106.9, 237.1, -2.8]),
        (152, [129.7, 272.0, 7.5]),
        (263, [169.5, 168.4, 19.2]),
        (291, [154.7, 235.7, 10.8]),
    ] {
        near(&mesh.points[i], &expected, 2.0);
    }
    assert_eq!(face.five.unwrap()[2], [mesh.points[1][0], mesh.points[1][1]]);
}
