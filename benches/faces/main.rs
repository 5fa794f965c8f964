//! What the face finder makes of the built-in benchmark, set by set: how many clips' faces it finds, how its boxes and
//! landmarks lie against the true ones, and what it costs a frame on one core.
//! `cargo xtask bench faces [tiny|mini|full] [mtcnn] [SET…] [--every N]`; clips that are not in the cache yet are rendered.
//! `--depth` compares depth maps, too; `--canvas N` puts the pictures on grey ones N times as large.
//! `--clip FILE` cuts one video by the default preset instead and says how long that took.
//! With `--sheet FOLDER` it writes pictures to look at instead, one a set.
#![expect(clippy::print_stdout, reason = "a bench's result is what it prints")]
#![expect(clippy::expect_used, reason = "a bench that cannot go on ends with the reason")]

mod sheet;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use image::RgbImage;
use metafas::data::builtin::{Planned, Scale, Tree, clips_of};
use metafas::data::face::{CutSettings, FaceCutter, Finder, FinderKind, Hint, Preset};
use metafas::data::footage::{FrameChoice, Reader};
use metafas::data::{Cutter as _, Footage, Label, SetName, SourceClip, Turn};

/// Sums over frames.
#[derive(Default)]
struct Tally {
    clips: usize,
    seen: usize,
    frames: usize,
    found: usize,
    present: usize,
    /// Intersection over union with the true box: the detector's and the mesh's.
    boxes: Vec<f32>,
    bounds: Vec<f32>,
    /// Largest error of the five points, as a part of the distance between the eyes: mesh; and of the detector's eyes.
    points: Vec<f32>,
    eyes: Vec<f32>,
    /// Box against eyes: width and height, and the middle's place below the eyes' middle, in eye distances.
    shape: Vec<[f32; 3]>,
    /// Correlation of depth maps: where both are, and over the crop.
    inside: Vec<f64>,
    whole: Vec<f64>,
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let scale = args.iter().find_map(|a| Scale::parse(a)).unwrap_or(Scale::Mini);
    let named = |s: &SetName| args.iter().any(|a| a == s.name());
    let some: Vec<SetName> = SetName::ALL.into_iter().filter(named).collect();
    let sets = if some.is_empty() { SetName::ALL.to_vec() } else { some };
    let number = |flag: &str| {
        args.iter().position(|a| a == flag).and_then(|i| args.get(i + 1)).and_then(|n| n.parse::<usize>().ok())
    };
    let depth = args.iter().any(|a| a == "--depth");
    let every = number("--every").unwrap_or(1).max(1);
    let tree = Tree::cached(&metafas::cache_folder(), scale, 0);
    if let Some(file) = args.iter().position(|a| a == "--clip").and_then(|i| args.get(i + 1)) {
        return one(Path::new(file));
    }
    let sets: Vec<SetName> = sets.into_iter().filter(|s| !clips_of(*s, scale, 0).is_empty()).collect();
    if let Some(folder) = args.iter().position(|a| a == "--sheet").and_then(|i| args.get(i + 1)) {
        for set in sets {
            let path = Path::new(folder).join(format!("{}.png", set.synthetic()));
            sheet::write(&path, &tree, set, 10);
            println!("{}", path.display());
        }
        return;
    }
    let reader = Reader::new(&metafas::cache_folder());
    let kind = FinderKind::ALL.into_iter().find(|k| args.iter().any(|a| a == k.name())).unwrap_or_default();
    let finder = Finder::new(kind, &metafas::cache_folder()).unwrap_or_else(|e| panic!("{e}"));
    let (mut seconds, mut count) = ([0.0; 3], 0);
    // Faces of real clips are often smaller than those of the benchmark.
    let canvas = number("--canvas").unwrap_or(1).max(1) as u32;
    println!("scale {}, every {every}. clip of it, on a canvas {canvas} times as large", scale.name());
    println!(
        "{:>8} {:>28} {:>6} {:>7} {:>7} {:>8} {:>8} {:>9} {:>9} {:>9}",
        "set", "species", "clips", "seen %", "found %", "mesh %", "box IoU", "mesh IoU", "5 points", "2 eyes"
    );
    let mut all = Tally::default();
    for set in sets {
        let mut by_species: BTreeMap<String, Tally> = BTreeMap::new();
        for planned in clips_of(set, scale, 0).iter().step_by(every) {
            let (stored, _) = tree.ensure(planned).expect("the clip can be made");
            let clip = source(&tree, set, planned);
            let mut pictures: Vec<RgbImage> = vec![];
            let begin = on_processor();
            reader.read(&clip, &FrameChoice::All, &mut |f| pictures.push(f.picture)).expect("readable");
            let shift = enlarge(&mut pictures, canvas);
            seconds[0] += on_processor() - begin;
            let asked: Vec<(&RgbImage, Hint)> = pictures.iter().map(|p| (p, Hint::Nothing)).collect();
            let begin = on_processor();
            let coarse = finder.find(&asked).expect("the networks run");
            seconds[1] += on_processor() - begin;
            if depth && planned.info.label == Label::Live {
                let settings = CutSettings { frames: FrameChoice::Given(vec![0]), ..Preset::Cdcn.into() };
                let cutter = FaceCutter::new(settings, &metafas::cache_folder()).expect("good settings");
                let face = cutter.cut(&clip).expect("the clip is whole").faces.into_iter().next();
                if let Some((at, map)) = face.and_then(|f| Some((f.at, f.depth?))) {
                    let exact = sheet::true_depth(&stored, &clip, at);
                    all.inside.push(correlation(&map, &exact, |i| map[i] > 0 && exact[i] > 0));
                    all.whole.push(correlation(&map, &exact, |_| true));
                }
            }
            let mut fine = coarse.clone();
            let begin = on_processor();
            let mut looks: Vec<_> =
                pictures.iter().zip(&mut fine).filter_map(|(p, f)| Some((p, f.as_mut()?))).collect();
            finder.look_closely(&mut looks).expect("the networks run");
            seconds[2] += on_processor() - begin;
            count += pictures.len();
            let tally = by_species.entry(planned.info.species.clone()).or_default();
            for tally in [tally, &mut all] {
                tally.clips += 1;
                tally.seen += usize::from(coarse.iter().any(Option::is_some));
                tally.frames += pictures.len();
                for ((coarse, fine), truth) in coarse.iter().zip(&fine).zip(&stored.truth.frames) {
                    let (Some(coarse), Some(fine)) = (coarse, fine) else { continue };
                    tally.found += 1;
                    let [x, y, w, h] = truth.face_box;
                    let true_box = [x + shift[0], y + shift[1], w, h];
                    let true_points = truth.landmarks.map(|p| [p[0] + shift[0], p[1] + shift[1]]);
                    tally.boxes.push(overlap(coarse.at, true_box));
                    let apart = distance(true_points[0], true_points[1]);
                    let eyes = coarse.eyes.expect("a detection has eyes");
                    let error = |found: &[[f32; 2]]| {
                        let far = found.iter().zip(&true_points).map(|(a, b)| distance(*a, *b));
                        far.fold(0.0, f32::max) / apart
                    };
                    tally.eyes.push(error(&eyes));
                    let between = [f32::midpoint(eyes[0][0], eyes[1][0]), f32::midpoint(eyes[0][1], eyes[1][1])];
                    let wide = distance(eyes[0], eyes[1]);
                    let below = (coarse.at[1] + coarse.at[3] / 2.0 - between[1]) / wide;
                    tally.shape.push([coarse.at[2] / wide, coarse.at[3] / wide, below]);
                    if let (Some(mesh), Some(five)) = (&fine.mesh, &fine.five) {
                        tally.present += 1;
                        tally.bounds.push(overlap(mesh.bounds(), true_box));
                        tally.points.push(error(five));
                    }
                }
            }
        }
        for (species, tally) in &mut by_species {
            tally.print(set.synthetic(), species);
        }
    }
    all.print("all", "");
    if !all.inside.is_empty() {
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let (n, inside, whole) = (all.inside.len(), mean(&all.inside), mean(&all.whole));
        println!(
            "mesh pseudo-depth of {n} live clips' first frames against the exact one: correlation {inside:.3} where both \
             are, {whole:.3} over the whole crop"
        );
    }
    let shape: Vec<f32> = (0..3).map(|i| median(&mut all.shape.iter().map(|s| s[i]).collect::<Vec<_>>())).collect();
    println!(
        "detector's box in eye distances: {:.3} wide, {:.3} high, middle {:.3} below the eyes",
        shape[0], shape[1], shape[2]
    );
    let per = seconds.map(|s| s / count as f64 * 1e3);
    println!("ms a frame on one core: reading {:.2}, detector {:.2}, mesh {:.2}", per[0], per[1], per[2]);
}

/// Cuts one video and tells what came of it.
fn one(path: &Path) {
    let clip = stranger(path.to_owned(), Label::Live);
    let cache = metafas::cache_folder();
    let reader = Reader::new(&cache);
    for choice in [Preset::Cdcn.frames(), FrameChoice::All] {
        let begin = Instant::now();
        let mut count = 0;
        let reading = reader.read(&clip, &choice, &mut |_| count += 1).expect("the clip can be read");
        println!("reading frames {choice}: {count} of {:?}, {:.2} s", reading.frames, begin.elapsed().as_secs_f64());
    }
    let cutter = FaceCutter::new(CutSettings::default(), &cache).expect("the default settings are good");
    for again in ["first", "second"] {
        let (begin, busy) = (Instant::now(), on_processor());
        let cuts = cutter.cut(&clip).expect("the clip can be cut");
        let seconds = [begin.elapsed().as_secs_f64(), on_processor() - busy];
        println!(
            "{again} cut: {} faces in {:.2} s, of these {:.2} s in this thread; {:?}",
            cuts.faces.len(),
            seconds[0],
            seconds[1],
            cuts.remarks
        );
    }
}

/// A clip of which nothing is known.
fn stranger(path: PathBuf, label: Label) -> SourceClip {
    SourceClip {
        domain: String::new(),
        path: String::new(),
        label,
        species: String::new(),
        subject: String::new(),
        camera: String::new(),
        session: String::new(),
        footage: Footage::Video(path),
        marks: None,
        turn_if_unmarked: Turn::None,
        cropped: false,
        depth: vec![],
    }
}

/// A clip of the benchmark as if it were a stranger's.
fn source(tree: &Tree, set: SetName, planned: &Planned) -> SourceClip {
    SourceClip {
        domain: set.synthetic().to_owned(),
        path: planned.info.path.clone(),
        species: planned.info.species.clone(),
        ..stranger(tree.video_path(planned), planned.info.label)
    }
}

impl Tally {
    fn print(&mut self, set: &str, species: &str) {
        let percent = |n: usize, of: usize| 100.0 * n as f64 / of.max(1) as f64;
        println!(
            "{set:>8} {species:>28} {:>6} {:>7.2} {:>7.2} {:>8.2} {:>8.3} {:>9.3} {:>9.3} {:>9.3}",
            self.clips,
            percent(self.seen, self.clips),
            percent(self.found, self.frames),
            percent(self.present, self.frames),
            median(&mut self.boxes),
            median(&mut self.bounds),
            median(&mut self.points),
            median(&mut self.eyes),
        );
    }
}

/// Pearson's correlation over the places where `here` holds.
fn correlation(a: &[u8], b: &[u8], here: impl Fn(usize) -> bool) -> f64 {
    let pairs: Vec<[f64; 2]> = (0..a.len()).filter(|i| here(*i)).map(|i| [a[i], b[i]].map(f64::from)).collect();
    let mean = |k: usize| pairs.iter().map(|p| p[k]).sum::<f64>() / pairs.len() as f64;
    let m = [mean(0), mean(1)];
    let product = |i: usize, j: usize| pairs.iter().map(|p| (p[i] - m[i]) * (p[j] - m[j])).sum::<f64>();
    product(0, 1) / (product(0, 0) * product(1, 1)).sqrt()
}

/// Seconds that this thread has been on a processor, whatever else the machine does.
fn on_processor() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells");
    let nanoseconds = text.split_whitespace().next().and_then(|n| n.parse::<f64>().ok());
    nanoseconds.expect("a number comes first") / 1e9
}

/// Puts every picture into the middle of a grey one that is `times` as large; where its corner comes to lie.
fn enlarge(pictures: &mut [RgbImage], times: u32) -> [f32; 2] {
    let mut corner = [0, 0];
    for picture in pictures {
        let (w, h) = picture.dimensions();
        corner = [w * (times - 1) / 2, h * (times - 1) / 2];
        let mut large = RgbImage::from_pixel(w * times, h * times, image::Rgb([110, 115, 120]));
        image::imageops::replace(&mut large, picture, i64::from(corner[0]), i64::from(corner[1]));
        *picture = large;
    }
    corner.map(|c| c as f32)
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn overlap(a: [f32; 4], b: [f32; 4]) -> f32 {
    let common = |i: usize| ((a[i] + a[i + 2]).min(b[i] + b[i + 2]) - a[i].max(b[i])).max(0.0);
    let both = common(0) * common(1);
    both / (a[2] * a[3] + b[2] * b[3] - both)
}

fn median(all: &mut [f32]) -> f32 {
    all.sort_by(f32::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f32::NAN)
}
