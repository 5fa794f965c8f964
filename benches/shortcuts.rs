//! How far shortcuts get on the built-in benchmark: features that know nothing of faces, each alone with a linear
//! classifier that learns on a protocol's train part and is judged on its test part; beside them detectors. Prints the
//! table of docs/benchmark.md.
//!
//! `cargo xtask bench shortcuts` measures everything, about half an hour on two cores; `-- --no-training` leaves the
//! detectors out, `-- --detectors NAME` measures those of one protocol alone; `-- --scale tiny|mini|full` chooses the
//! benchmark.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench's result is what it prints")]
#![expect(clippy::expect_used, reason = "a bench that cannot go on ends with the reason")]

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use metafas::cache_folder;
use metafas::config::{AugmentSet, AugmentStages, Benchmark, Network, Preset, RunConfig, Supervision};
use metafas::data::builtin::{Planned, Scale, Tree, clips_of, face};
use metafas::data::protocol::{Protocol, Whole};
use metafas::data::{ClipInfo, Label, SetName, Split};
use metafas::engine::{self, Command, Event, Job, SpawnOptions, Start};
use metafas::session::State;
use rayon::prelude::*;

/// Side of the faces in pixels.
const SIZE: usize = 64;
/// Protocols of the table, with their folds.
const PROTOCOLS: [(&str, u32); 36] = [
    ("oulu_npu/1", 1),
    ("oulu_npu/2", 1),
    ("oulu_npu/3", 1),
    ("oulu_npu/3", 2),
    ("oulu_npu/3", 3),
    ("oulu_npu/3", 4),
    ("oulu_npu/3", 5),
    ("oulu_npu/3", 6),
    ("oulu_npu/4", 1),
    ("casia_fasd/7", 1),
    ("replay_attack/grandtest", 1),
    ("msu_mfsd/1", 1),
    ("rose_youtu/metapattern", 1),
    ("siw_m/1", 1),
    ("siw_m/2", 1),
    ("siw_m/3", 1),
    ("siw_m/4", 1),
    ("siw_m/5", 1),
    ("siw_m/6", 1),
    ("siw_m/7", 1),
    ("siw_m/8", 1),
    ("siw_m/9", 1),
    ("siw_m/10", 1),
    ("siw_m/11", 1),
    ("siw_m/12", 1),
    ("siw_m/13", 1),
    ("mico/OCI-M", 1),
    ("mico/OMI-C", 1),
    ("mico/OCM-I", 1),
    ("mico/ICM-O", 1),
    ("micy/ICY-M", 1),
    ("micy/IMY-C", 1),
    ("micy/MCY-I", 1),
    ("micy/ICM-Y", 1),
    ("limited/MI-C", 1),
    ("limited/MI-O", 1),
];
/// Those that detectors are trained on: each of four sets alone, then from the three others.
const TRAINED: [&str; 9] = [
    "msu_mfsd/1",
    "mico/OCI-M",
    "casia_fasd/7",
    "mico/OMI-C",
    "replay_attack/grandtest",
    "mico/OCM-I",
    "oulu_npu/1",
    "oulu_npu/3",
    "mico/ICM-O",
];

/// Features of one frame, shortcut by shortcut.
struct Row {
    features: [Vec<f64>; 4],
}

const SHORTCUTS: [(&str, Loss); 4] = [
    ("mean colour", Loss::Logistic),
    ("file size", Loss::Logistic),
    ("high frequencies", Loss::Logistic),
    ("colour LBP", Loss::Hinge),
];

fn main() {
    let args: Vec<String> = env::args().collect();
    let value = |name: &str| args.iter().position(|a| a == name).and_then(|i| args.get(i + 1));
    let scale = value("--scale").map_or(Scale::Mini, |name| Scale::parse(name).expect("a scale is tiny, mini or full"));
    let cache = cache_folder();
    if let Some(name) = value("--detectors") {
        return detectors(&[name], scale, &cache);
    }
    let tree = Tree::cached(&cache, scale, 0);
    let mut clips: Vec<(ClipInfo, Vec<Row>)> = Vec::new();
    for set in SetName::ALL {
        let plan = clips_of(set, scale, 0);
        eprintln!("{}: {} clips", set.synthetic(), plan.len());
        clips.par_extend(plan.par_iter().map(|planned| (planned.info.clone(), measure(&tree, planned))));
    }
    let infos: Vec<ClipInfo> = clips.iter().map(|c| c.0.clone()).collect();
    println!("Benchmark {}, seed 0; AUC on the test part, in brackets the worst species.\n", scale.name());
    println!("| protocol | {} |", SHORTCUTS.map(|s| s.0).join(" | "));
    println!("|---|---|---|---|---|");
    for (name, fold) in PROTOCOLS {
        let protocol = Protocol::parse(name, fold, Whole::EveryVideo).expect("the list above names protocols");
        let members = protocol.members(&infos).expect("the benchmark has every protocol's parts");
        let cells: Vec<String> = (0..SHORTCUTS.len()).map(|k| shortcut(&clips, &members.split, k)).collect();
        println!("| {protocol} | {} |", cells.join(" | "));
    }
    if args.iter().any(|a| a == "--no-training") {
        return;
    }
    detectors(&TRAINED, scale, &cache);
}

/// The table of detectors.
fn detectors(protocols: &[&str], scale: Scale, cache: &Path) {
    println!("\n| protocol | detector | AUC | EER | HTER at the dev threshold |\n|---|---|---|---|---|");
    for name in protocols {
        for (network, label) in [(Network::Light, "small CNN (Light, binary)"), (Network::FasDr, "FAS-DR (binary)")] {
            println!("| {name} | {label} | {} |", train(name, network, scale, cache));
        }
    }
}

/// The features of all frames of a clip.
fn measure(tree: &Tree, planned: &Planned) -> Vec<Row> {
    let (stored, _) = tree.ensure(planned).expect("the clip can be made and kept");
    let one = |i: usize| {
        let rgb = face(&stored, i, SIZE).expect("what was kept can be decoded");
        let bytes = stored.video.frames[i].len() as f64;
        let pixels = f64::from(stored.video.width * stored.video.height);
        Row {
            features: [mean_colour(&rgb), vec![(bytes / pixels).ln()], high_frequencies(&rgb), binary_patterns(&rgb)],
        }
    };
    (0..stored.video.frames.len()).map(one).collect()
}

/// Means of red, green and blue, and two ratios of them.
fn mean_colour(rgb: &[u8]) -> Vec<f64> {
    let n = (rgb.len() / 3) as f64;
    let mean = |k: usize| rgb.iter().skip(k).step_by(3).map(|b| f64::from(*b)).sum::<f64>() / n + 1.0;
    let [r, g, b] = [mean(0), mean(1), mean(2)];
    vec![r, g, b, (r / g).ln(), (b / g).ln()]
}

/// Logarithms of the Laplacian's energy at full and half size, and of their ratio to the contrast.
fn high_frequencies(rgb: &[u8]) -> Vec<f64> {
    let grey: Vec<f64> =
        rgb.chunks(3).map(|p| 0.3 * f64::from(p[0]) + 0.59 * f64::from(p[1]) + 0.11 * f64::from(p[2])).collect();
    let half = SIZE / 2;
    let small: Vec<f64> = (0..half * half)
        .map(|i| {
            let at = |dx: usize, dy: usize| grey[(i / half * 2 + dy) * SIZE + i % half * 2 + dx];
            (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4.0
        })
        .collect();
    let energy = |g: &[f64], side: usize| {
        let mut sum = 0.0;
        for y in 1..side - 1 {
            for x in 1..side - 1 {
                let i = y * side + x;
                sum += (4.0 * g[i] - g[i - 1] - g[i + 1] - g[i - side] - g[i + side]).powi(2);
            }
        }
        (sum / ((side - 2) * (side - 2)) as f64 + 1e-3).ln()
    };
    let mean = grey.iter().sum::<f64>() / grey.len() as f64;
    let contrast = (grey.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / grey.len() as f64 + 1e-3).ln();
    let (fine, coarse) = (energy(&grey, SIZE), energy(&small, half));
    vec![fine, coarse, fine - contrast]
}

/// Square roots of the shares of the 256 local binary patterns (eight neighbours) in red, green and blue.
fn binary_patterns(rgb: &[u8]) -> Vec<f64> {
    const AROUND: [(isize, isize); 8] = [(1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1)];
    let mut counts = vec![0.0_f64; 3 * 256];
    for y in 1..SIZE - 1 {
        for x in 1..SIZE - 1 {
            for channel in 0..3 {
                let at = |dx: isize, dy: isize| {
                    rgb[(y.wrapping_add_signed(dy) * SIZE + x.wrapping_add_signed(dx)) * 3 + channel]
                };
                let middle = at(0, 0);
                let bits = AROUND.iter().enumerate().map(|(k, (dx, dy))| usize::from(at(*dx, *dy) >= middle) << k);
                counts[channel * 256 + bits.sum::<usize>()] += 1.0;
            }
        }
    }
    counts.into_iter().map(|c| (c / ((SIZE - 2) * (SIZE - 2)) as f64).sqrt()).collect()
}

/// AUC of shortcut `k` on the test part, and of the species that fares worst.
fn shortcut(clips: &[(ClipInfo, Vec<Row>)], split: &[Option<Split>], k: usize) -> String {
    let of = |wanted: Split| {
        clips.iter().zip(split).filter(move |(_, s)| **s == Some(wanted)).flat_map(move |((info, rows), _)| {
            rows.iter().map(move |r| (r.features[k].as_slice(), info.label == Label::Spoof, info.species.as_str()))
        })
    };
    let train: Vec<_> = of(Split::Train).collect();
    let rows: Vec<(&[f64], bool)> = train.iter().map(|r| (r.0, r.1)).collect();
    let model = Linear::learn(&rows, SHORTCUTS[k].1);
    let test: Vec<(f64, bool, &str)> = of(Split::Test).map(|(f, y, s)| (model.score(f), y, s)).collect();
    let live: Vec<f64> = test.iter().filter(|t| !t.1).map(|t| t.0).collect();
    let attacks: Vec<f64> = test.iter().filter(|t| t.1).map(|t| t.0).collect();
    let mut species: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (score, _, name) in test.iter().filter(|t| t.1) {
        species.entry(name).or_default().push(*score);
    }
    let worst =
        species.into_iter().map(|(name, scores)| (auc(&live, &scores), name)).max_by(|a, b| a.0.total_cmp(&b.0));
    let (most, name) = worst.unwrap_or((f64::NAN, "none"));
    format!("{:.2} ({name} {most:.2})", auc(&live, &attacks))
}

/// How often an attack scores higher than a live face; ties count half.
fn auc(live: &[f64], attacks: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> =
        live.iter().map(|v| (*v, false)).chain(attacks.iter().map(|v| (*v, true))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins, mut i) = (0.0, 0.0, 0);
    while i < all.len() {
        let same = all[i..].iter().take_while(|x| x.0 == all[i].0).count();
        let attacks_here = all[i..i + same].iter().filter(|x| x.1).count() as f64;
        let live_here = same as f64 - attacks_here;
        wins += attacks_here * (below + 0.5 * live_here);
        below += live_here;
        i += same;
    }
    wins / (live.len() * attacks.len()) as f64
}

/// What a linear classifier loses on a face whose margin is `m`, as its slope in `m`.
#[derive(Clone, Copy)]
enum Loss {
    /// Logistic regression.
    Logistic,
    /// A linear SVM's squared hinge.
    Hinge,
}

impl Loss {
    fn slope(self, m: f64) -> f64 {
        match self {
            Self::Logistic => -1.0 / (1.0 + m.exp()),
            Self::Hinge => -2.0 * (1.0 - m).max(0.0),
        }
    }

    /// The most that the slope changes with the margin.
    fn bend(self) -> f64 {
        match self {
            Self::Logistic => 0.25,
            Self::Hinge => 2.0,
        }
    }

    /// Weight of half the squared length of the weights against the mean loss.
    fn decay(self) -> f64 {
        match self {
            Self::Logistic => 1e-3,
            Self::Hinge => 1.0,
        }
    }
}

/// A face to learn from.
struct Sample {
    /// Standardised features and a one.
    x: Vec<f64>,
    /// 1 for an attack, −1 for a live face.
    sign: f64,
    /// Its weight; all together weigh 1.
    share: f64,
}

/// A linear classifier on standardised features, both classes weighing the same; the bias comes last and decays with the
/// weights.
struct Linear {
    mean: Vec<f64>,
    spread: Vec<f64>,
    weights: Vec<f64>,
}

impl Linear {
    const STEPS: usize = 400;

    fn learn(rows: &[(&[f64], bool)], loss: Loss) -> Self {
        let d = rows[0].0.len();
        let n = rows.len() as f64;
        let mean: Vec<f64> = (0..d).map(|j| rows.iter().map(|r| r.0[j]).sum::<f64>() / n).collect();
        let spread: Vec<f64> = (0..d)
            .map(|j| (rows.iter().map(|r| (r.0[j] - mean[j]).powi(2)).sum::<f64>() / n).sqrt().max(1e-9))
            .collect();
        let mut model = Self { mean, spread, weights: vec![0.0; d + 1] };
        let attacks = rows.iter().filter(|r| r.1).count() as f64;
        let inputs: Vec<Sample> = rows
            .iter()
            .map(|(features, attack)| {
                let (sign, of_class) = if *attack { (1.0, attacks) } else { (-1.0, n - attacks) };
                Sample { x: model.standard(features), sign, share: 0.5 / of_class }
            })
            .collect();
        // Sum over the faces of `of(face)` times its features.
        let sum = |of: &(dyn Fn(&Sample) -> f64 + Sync)| -> Vec<f64> {
            let zero = || vec![0.0; d + 1];
            let part = |faces: &[Sample]| {
                faces.iter().fold(zero(), |mut total, face| {
                    let e = of(face);
                    total.iter_mut().zip(&face.x).for_each(|(t, v)| *t += e * v);
                    total
                })
            };
            // Parts of one size, added in order: the same bytes on any number of threads.
            let parts: Vec<Vec<f64>> = inputs.par_chunks(256).map(part).collect();
            parts.into_iter().fold(zero(), |mut total, part| {
                total.iter_mut().zip(part).for_each(|(t, v)| *t += v);
                total
            })
        };
        let mut direction = vec![1.0; d + 1];
        let mut stretch = 1.0;
        for _ in 0..30 {
            let image = sum(&|s| s.share * dot(&s.x, &direction));
            stretch = dot(&image, &image).sqrt();
            direction = image.iter().map(|v| v / stretch).collect();
        }
        let rate = 1.0 / (1.05 * loss.bend() * stretch + loss.decay());
        // Nesterov's accelerated gradient.
        let mut ahead = model.weights.clone();
        for step in 0..Self::STEPS {
            let gradient = sum(&|s| loss.slope(s.sign * dot(&s.x, &ahead)) * s.sign * s.share);
            let next: Vec<f64> = ahead.iter().zip(&gradient).map(|(w, g)| w - rate * (g + loss.decay() * w)).collect();
            let push = step as f64 / (step as f64 + 3.0);
            ahead = next.iter().zip(&model.weights).map(|(now, before)| now + push * (now - before)).collect();
            model.weights = next;
        }
        model
    }

    /// The features about their means in units of their spread, and a one for the bias.
    fn standard(&self, features: &[f64]) -> Vec<f64> {
        let scaled = features.iter().zip(self.mean.iter().zip(&self.spread)).map(|(f, (m, s))| (f - m) / s);
        scaled.chain([1.0]).collect()
    }

    fn score(&self, features: &[f64]) -> f64 {
        dot(&self.standard(features), &self.weights)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A detector on binary labels, at the demo's size: its metrics as cells of the table.
fn train(protocol: &str, network: Network, scale: Scale, cache: &Path) -> String {
    let mut config: RunConfig = Preset::Demo.config();
    config.data.benchmark = match scale {
        Scale::Tiny => Benchmark::Tiny,
        Scale::Mini => Benchmark::Mini,
        Scale::Full => Benchmark::Full,
    };
    protocol.clone_into(&mut config.data.protocol);
    config.data.size = SIZE;
    config.pretrain.iterations = 0;
    config.bilevel.iterations = 0;
    config.calibrate.batches = 1;
    config.detector.supervision = Supervision::BinaryMap;
    config.detector.network = network;
    config.detector.width = 8;
    config.detector.iterations = 1_500;
    config.detector.learning_rate = 1e-3;
    // Mirrored and somewhat moved: the few people that there are would be learnt by heart.
    config.augment.stages = AugmentStages::Detector;
    config.augment.set = AugmentSet::Custom;
    config.augment.crops = vec![0.9, 0.95, 1.0, 1.05, 1.1];
    config.checkpoint.every = 1_000_000;
    let folder: PathBuf = env::temp_dir().join(format!("metafas-shortcuts-{}", std::process::id()));
    // Left by an earlier row of this very process.
    let _gone = std::fs::remove_dir_all(&folder);
    let job = Job::New { config, folder: folder.clone() };
    let handle = engine::spawn(SpawnOptions { job, start: Start::Play, cache: cache.to_owned(), waker: None });
    let mut cells = "failed | | ".to_owned();
    for event in &handle.events {
        match event {
            Event::Evaluated(e) => {
                let get = |key: &str| e.results.get(key).and_then(serde_json::Value::as_f64).unwrap_or(f64::NAN);
                let (auc, eer, hter) = (get("auc"), 100.0 * get("eer"), 100.0 * get("hter"));
                cells = format!("{auc:.3} | {eer:.1} % | {hter:.1} %");
            }
            // Nobody is there to look on: done, or stuck.
            Event::State(State::Finished | State::Paused | State::PausedNan) => {
                handle.commands.try_send(Command::Stop).ok();
            }
            Event::Finished => break,
            Event::Failed { error, .. } => cells = format!("failed: {error} | | "),
            _ => {}
        }
    }
    if let Some(thread) = handle.thread {
        thread.join().ok();
    }
    let _gone = std::fs::remove_dir_all(&folder);
    cells
}
