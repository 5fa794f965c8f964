//! Hand-made maps of a picture of 256 x 256 on one thread against numpy and scikit-image (`peer_features.py`), in one run:
//! rounds in which each takes its turn, the best of each side; both must come to the same bytes. And batches on all
//! threads. `cargo xtask bench features`.
//!
//! The peer runs where `METAFAS_PEER_PYTHON`, or else `python3`, has numpy; scikit-image is compared with if it is there.
#![expect(clippy::print_stdout, reason = "a bench's result is what it prints")]
#![expect(clippy::expect_used, reason = "a bench that cannot go on ends with the reason")]

use std::env;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use metafas::features::{ColorLbp, HandMade, Interpolation, shading};
use serde_json::Value;

const SIDE: usize = 256;
const ROUNDS: usize = 3;
/// Repetitions in a round, of which the best counts.
const TIMES: usize = 20;
const PEER_TIMES: usize = 5;
/// Pictures of a batch.
const BATCH: usize = 64;

/// Waves with grain; `peer_features.py` makes the same.
fn picture() -> Vec<u8> {
    let mut rgb = Vec::with_capacity(SIDE * SIDE * 3);
    for y in 0..SIDE as i64 {
        for x in 0..SIDE as i64 {
            for c in 0..3 {
                let wave = ((x * (3 + c) + y * 2) % 256 - 128).abs() + ((y * (5 - c) + x) % 200 - 100).abs() / 2;
                let grain = ((x * 73_856_093) ^ (y * 19_349_663) ^ (c * 83_492_791)) % 17;
                rgb.push((wave + grain).clamp(0, 255) as u8);
            }
        }
    }
    rgb
}

/// Least seconds of one call.
fn best<T>(times: usize, mut what: impl FnMut() -> T) -> f64 {
    let one = |_| {
        let begin = Instant::now();
        black_box(what());
        begin.elapsed().as_secs_f64()
    };
    (0..times).map(one).fold(f64::INFINITY, f64::min)
}

fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().map(|&b| u64::from(b)).sum()
}

/// The Python that has numpy, if there is one.
fn peer_python() -> Option<String> {
    let named = env::var("METAFAS_PEER_PYTHON").ok().filter(|name| !name.is_empty());
    let has = |python: &String, what: &str| {
        let mut probe = Command::new(python);
        probe.args(["-c", what]).stdout(Stdio::null()).stderr(Stdio::null());
        probe.status().is_ok_and(|s| s.success())
    };
    let all: Vec<String> = named.into_iter().chain(["python3".to_owned()]).collect();
    let whole = all.iter().find(|p| has(p, "import numpy, skimage")).cloned();
    whole.or_else(|| all.into_iter().find(|p| has(p, "import numpy")))
}

fn peer(python: &str) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peer_features.py");
    let mut command = Command::new(python);
    command.args(["-B".into(), script.into_os_string()]).args([SIDE.to_string(), PEER_TIMES.to_string()]);
    // One thread, whatever numpy was built with.
    for variable in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
        command.env(variable, "1");
    }
    let output = command.stderr(Stdio::inherit()).output().expect("it ran a moment ago");
    serde_json::from_slice(&output.stdout).expect("the peer prints one JSON object")
}

fn main() {
    let (rgb, size) = (picture(), (SIDE, SIDE));
    let lbp = |interpolation| ColorLbp { interpolation, uniform: false };
    let made = |map: HandMade, lbp| map.map(&rgb, size, lbp).expect("the picture has its size");
    let bilinear = lbp(Interpolation::Bilinear);
    let mut ours = [f64::INFINITY; 6];
    let mut theirs = vec![];
    let python = peer_python();
    for _ in 0..ROUNDS {
        let kinds: [(HandMade, ColorLbp); 5] = [
            (HandMade::ColorLbp, ColorLbp::default()),
            (HandMade::ColorLbp, bilinear),
            (HandMade::Albedo, ColorLbp::default()),
            (HandMade::Depth, ColorLbp::default()),
            (HandMade::Reflectance, ColorLbp::default()),
        ];
        for (least, (map, lbp)) in ours.iter_mut().zip(kinds) {
            *least = least.min(best(TIMES, || made(map, lbp)));
        }
        ours[5] = ours[5].min(best(TIMES, || shading(&rgb, size)));
        theirs.extend(python.as_deref().map(peer));
    }
    println!("one picture of {SIDE} x {SIDE}, three channels, one thread, best of {ROUNDS} rounds");
    let names = ["ColorLBP, nearest", "ColorLBP, bilinear", "albedo", "depth", "reflectance", "all three of shading"];
    for (name, seconds) in names.iter().zip(ours) {
        println!("  {name:<22} {:>9.3} ms", seconds * 1e3);
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let pictures = vec![rgb.as_slice(); BATCH];
    for map in [HandMade::ColorLbp, HandMade::Reflectance] {
        let seconds = best(3, || map.maps(&pictures, size, ColorLbp::default()));
        println!("  {map}, {BATCH} at once on {threads} threads: {:.0} pictures a second", BATCH as f64 / seconds);
    }
    if theirs.is_empty() {
        println!("no Python with numpy: nothing to compare with");
        return;
    }
    let least = |key: &str| theirs.iter().filter_map(|v| v[key].as_f64()).reduce(f64::min);
    let same = |key: &str, ours: u64| assert_eq!(theirs[0][key].as_u64(), Some(ours), "{key}: the same bytes");
    same("nearest_sum", sum(&made(HandMade::ColorLbp, ColorLbp::default())));
    if least("bilinear_s").is_some() {
        same("bilinear_sum", sum(&made(HandMade::ColorLbp, bilinear)));
    }
    let maps = shading(&rgb, size).expect("the picture has its size");
    let sums = [maps.albedo, maps.depth, maps.reflectance].map(|map| sum(&map));
    assert_eq!(theirs[0]["shading_sums"], serde_json::json!(sums), "the same bytes");
    let rows = [
        ("numpy, ColorLBP nearest", "nearest_s", ours[0]),
        ("numpy, all three of shading", "shading_s", ours[5]),
        ("scikit-image, ColorLBP bilinear", "bilinear_s", ours[1]),
        ("scikit-image against our nearest", "bilinear_s", ours[0]),
    ];
    for (name, key, mine) in rows {
        match least(key) {
            Some(seconds) => println!("{name}: {:.3} ms, {:.1} times ours", seconds * 1e3, seconds / mine),
            None => println!("{name}: not there"),
        }
    }
}
