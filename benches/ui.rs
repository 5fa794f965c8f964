//! What a frame of the window costs: carrying out commands, laying out, tessellating; 99 of 100 frames are to stay below
//! 8 ms with twenty runs of a million points, 256 maps and fifty thousand scored faces, while rows and maps of a run under
//! way come in. No graphics card is asked: what drawing costs depends on it. Before that an hour of a run goes through a
//! window, and what memory it leaves taken is told. `cargo xtask bench ui`; `-- MINUTES` takes a shorter hour.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench's result is what it prints")]
#![expect(clippy::expect_used, reason = "a bench that cannot go on ends with the reason")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded};
use eframe::egui::{Event as Input, Modifiers, MouseWheelSource, MouseWheelUnit, TouchPhase, pos2, vec2};
use egui_kittest::Harness;
use metafas::config::{Preset, RunConfig};
use metafas::data::Label;
use metafas::engine::{
    BatchFace, BatchView, Command, Cursor, EngineHandle, Event, PhaseReport, SpawnOptions, Stage, Started, phases,
};
use metafas::session::{
    MapSet, MetricsLog, Provenance, Row, SampleMaps, Session, State, Status, WatchedFace, WatchedFaces, now,
};
use metafas::ui::{
    CompareCommand, ComparePage, FaceFilter, FacesCommand, Layout, Pane, ScorePlot, Setup, UiCommand, Workbench,
    Workspace,
};

const RUNS: usize = 20;
/// Eight numbers a row: a million points a run.
const ROWS: u64 = 125_000;
const NAMES: [&str; 8] =
    ["l_v", "l_t_1", "l_t_2", "teacher_loss", "detector_loss", "hypergradient_norm", "mu_norm", "v_norm"];
/// Four maps each: 256.
const WATCHED: usize = 64;
const SIDE: usize = 32;
const SCORED: usize = 50_000;
/// Pictures that are kept of them: 24 MB.
const KEPT: usize = 2000;
const FRAMES: usize = 300;
/// A frame at 120 Hz.
const BUDGET_MS: f64 = 8.0;

/// A number that looks like chance and is the same every time.
fn noise(i: u64) -> f64 {
    let mixed = i.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f64 / f64::from(1 << 24)
}

fn config() -> RunConfig {
    let mut config = Preset::Demo.config();
    (config.pretrain.iterations, config.bilevel.iterations) = (1000, ROWS);
    config
}

fn provenance() -> Provenance {
    Provenance { origin: "synthetic".to_owned(), ..Provenance::default() }
}

fn row(i: u64, run: u64) -> Row {
    let value = |k: usize| noise(i * 8 + k as u64 + run * 7_777_777) + 1000.0 / (1000.0 + i as f64);
    Row {
        iteration: i,
        stage: if i < 1000 { Stage::Pretrain } else { Stage::Bilevel },
        stage_iteration: if i < 1000 { i } else { i - 1000 },
        values: NAMES.iter().enumerate().map(|(k, name)| ((*name).to_owned(), value(k))).collect(),
    }
}

fn faces(n: usize, size: usize) -> WatchedFaces {
    let face = |i: usize| WatchedFace {
        key: format!("clip-{i}"),
        label: if i.is_multiple_of(4) { Label::Live } else { Label::Spoof },
        species: if i.is_multiple_of(4) { "live" } else { ["print", "replay", "mask"][i % 3] }.to_owned(),
        rgb: (0..size * size * 3).map(|p| (noise((i * 31 + p) as u64) * 255.0) as u8).collect(),
        depth: None,
    };
    WatchedFaces { size, depth_side: 0, faces: (0..n).map(face).collect() }
}

fn maps(iteration: u64) -> MapSet {
    let map =
        |f: u64, k: u64| (0..SIDE * SIDE).map(|p| noise(iteration + f * 5000 + k * 99 + p as u64) as f32).collect();
    let sample = |f: usize| {
        let f = f as u64;
        // All but attention, as a meta-teacher's runs have them, and the mask of scored faces.
        let maps = [0, 1, 2, 3, 4].map(|kind| Some(map(f, kind)));
        let [teacher, momentum, target, detector, pull] = maps;
        SampleMaps { maps: [teacher, momentum, target, detector, pull, None, None] }
    };
    MapSet {
        iteration,
        stage: Stage::Bilevel,
        stage_iteration: iteration,
        side: SIDE,
        factor: 1.0,
        pattern: None,
        samples: (0..WATCHED).map(sample).collect(),
    }
}

fn session(folder: &Path, run: u64) {
    let mut own = config();
    own.seed = run;
    let session = Session::create(folder, &own, &provenance()).expect("a free folder");
    let mut log = MetricsLog::open_at(&session.metrics_file(), 0).expect("a new log");
    (0..ROWS).for_each(|i| log.append(&row(i, run)).expect("room on the disk"));
    let status = Status {
        state: State::Stopped,
        stage: Stage::Bilevel,
        iteration: ROWS - 1000,
        global_iteration: ROWS,
        phase: 0,
        heartbeat: now(),
        pid: 1,
        error: None,
        outlook: None,
    };
    status.write(&session.status_file()).expect("room on the disk");
    faces(WATCHED, 64).write(&session.watched_file()).expect("room on the disk");
    maps(ROWS).write(&session.map_file(ROWS)).expect("room on the disk");
}

fn scored(folder: &Path) {
    let session = Session::open(folder).expect("it was just made");
    fs::create_dir_all(session.scores()).expect("room on the disk");
    let mut csv = "claimed_id,test_label,is_bonafide,attack_type,sample_n,score\n".to_owned();
    for i in 0..SCORED {
        let (live, kind) = if i % 4 == 0 { ("True", "") } else { ("False", ["print", "replay", "mask"][i % 3]) };
        let score = noise(i as u64) - if i % 4 == 0 { 0.0 } else { 0.4 };
        writeln!(csv, "{},clip-{i},{live},{kind},,{score}", i % 500).expect("a string takes all");
    }
    fs::write(session.scores().join("test.csv"), csv).expect("room on the disk");
    let results = r#"{"threshold":0.0,"threshold_rule":"dev_eer","polarity":"spoof_high","level":"video","video_rule":"mean","oracle":false}"#;
    fs::write(session.results_file(), results).expect("room on the disk");
    faces(KEPT, 64).write(&session.scored_faces_file()).expect("room on the disk");
}

struct Script {
    options: SpawnOptions,
    _commands: Receiver<Command>,
    events: Sender<Event>,
}

struct Bench {
    harness: Harness<'static, Workbench>,
    scripts: Arc<Mutex<Vec<Script>>>,
    at: u64,
}

impl Bench {
    fn new(root: &Path) -> (Self, f64) {
        let scripts: Arc<Mutex<Vec<Script>>> = Arc::default();
        let spawned = Arc::clone(&scripts);
        let spawn = move |options: SpawnOptions| {
            let (command_in, commands) = bounded(16);
            let (events, event_out) = bounded(4096);
            if let Ok(mut all) = spawned.lock() {
                all.push(Script { options, _commands: commands, events });
            }
            EngineHandle { commands: command_in, events: event_out, thread: None }
        };
        let setup = Setup {
            workspace: Workspace::default(),
            workspace_file: None,
            told: None,
            device: "bench".to_owned(),
            sessions: root.join("sessions"),
            cache: root.join("cache"),
            open: vec![],
            spawn: Arc::new(spawn),
            inline_jobs: true,
        };
        let begin = Instant::now();
        let harness = Harness::builder()
            .with_size([1600.0, 1000.0])
            .build_eframe(|cc| Workbench::new(&cc.egui_ctx, setup).expect("threads"));
        let first = begin.elapsed().as_secs_f64();
        (Self { harness, scripts, at: 1000 }, first)
    }

    fn send(&mut self, command: UiCommand) {
        self.harness.state().send(command);
        self.harness.run_steps(3);
    }

    fn tell(&self, event: Event) {
        if let Ok(scripts) = self.scripts.lock()
            && let Some(script) = scripts.last()
        {
            script.events.try_send(event).expect("the window takes events in");
        }
    }

    /// Starts a run that the bench itself tells events of.
    fn play(&mut self) {
        self.send(UiCommand::PlayDemo);
        let folder = self.scripts.lock().ok().and_then(|s| Some(s.last()?.options.job.clone()));
        let Some(metafas::engine::Job::New { folder, .. }) = folder else { return };
        self.tell(Event::Started(Box::new(Started {
            session: folder,
            config: config(),
            provenance: provenance(),
            watched: faces(WATCHED, 64),
            problems: vec![],
            cursor: Cursor { iteration: 1000, phase: 0 },
        })));
        self.tell(Event::State(State::Running));
        self.harness.run_steps(3);
    }

    /// Frames in which the run goes on and `input` happens: 50th, 99th of 100 and the longest, in ms.
    fn frames(&mut self, input: impl Fn(&mut Harness<'static, Workbench>, usize)) -> [f64; 3] {
        let mut times = vec![];
        for frame in 0..FRAMES {
            self.at += 1;
            self.tell(Event::Metrics(row(self.at, 99)));
            if frame % 6 == 0 {
                self.tell(Event::Maps(maps(self.at)));
            }
            input(&mut self.harness, frame);
            times.push(self.frame());
        }
        spread(times)
    }

    /// Milliseconds that one frame takes. The harness puts together what a screen reader is told, and reads it, each time.
    fn frame(&mut self) -> f64 {
        let begin = Instant::now();
        self.harness.step();
        let output = self.harness.output();
        let (shapes, scale) = (output.shapes.clone(), output.pixels_per_point);
        let triangles = self.harness.ctx.tessellate(shapes, scale);
        let taken = 1000.0 * begin.elapsed().as_secs_f64();
        std::hint::black_box(triangles);
        taken
    }

    /// Has the run under way come to counted iteration `to`.
    fn go_on(&mut self, to: u64) {
        while self.at < to {
            for _ in 0..1000 {
                self.at += 1;
                self.tell(Event::Metrics(row(self.at, 99)));
            }
            self.harness.step();
        }
    }

    /// `minutes` of a run at the pace of the demo preset's fastest stage: 40 rows a second, and five times a second maps
    /// and a phase with its batch, as the engine sends them; ten frames a second. Tells what memory is taken on the way.
    fn hour(&mut self, minutes: u64) {
        let batch = || {
            let face = |i: usize| BatchFace {
                key: format!("batch-{i}"),
                label: if i.is_multiple_of(2) { Label::Live } else { Label::Spoof },
                species: if i.is_multiple_of(2) { "live" } else { "print" }.to_owned(),
                rgb: vec![90; 64 * 64 * 3],
                target: Some(vec![0.5; SIDE * SIDE]),
                cotangent: None,
            };
            BatchView { size: 64, side: SIDE, train: (0..8).map(face).collect(), validation: vec![] }
        };
        let list = phases(Stage::Bilevel, &config(), 1);
        let (first, begin) = (self.at, Instant::now());
        let mut known: Option<(f64, u64)> = None;
        let mut times = vec![];
        for frame in 0..minutes * 600 {
            for _ in 0..4 {
                self.at += 1;
                self.tell(Event::Metrics(row(self.at, 99)));
            }
            if frame % 2 == 0 {
                self.tell(Event::Maps(maps(self.at)));
                let next = (frame / 2) as usize % list.len();
                self.tell(Event::Phase(Box::new(PhaseReport {
                    cursor: Cursor { iteration: self.at + 1, phase: next },
                    stage: Stage::Bilevel,
                    stage_iteration: self.at + 1,
                    done: next.checked_sub(1),
                    next,
                    phases: list.clone(),
                    numbers: vec![("l_v".to_owned(), noise(frame))],
                    tensors: vec![],
                    batch: (next > 0).then(batch),
                    seconds: 0.01,
                })));
            }
            if frame % 600 == 300 {
                self.tell(Event::Warning(format!("something to know in minute {}", frame / 600)));
            }
            times.push(self.frame());
            if (frame + 1) % (600 * (minutes / 6).max(1)) == 0 {
                let at = (frame + 1) / 600;
                let [median, p99, _] = spread(std::mem::take(&mut times));
                let rows = self.at - first;
                let Some(mib) = resident_mib() else {
                    println!("after {at:>2} min: memory is not known here; {median:.2} ms a frame, p99 {p99:.2}");
                    continue;
                };
                let since = known.map_or_else(String::new, |(before, then)| {
                    format!(", {:.0} bytes a new row", (mib - before) * 1_048_576.0 / (rows - then) as f64)
                });
                println!("after {at:>2} min: {mib:.1} MiB, {rows} rows{since}; {median:.2} ms a frame, p99 {p99:.2}");
                known = Some((mib, rows));
            }
        }
        let seconds = begin.elapsed().as_secs_f64();
        println!("that were {minutes} minutes of a run in {seconds:.0} s; a row has {} numbers", NAMES.len());
    }
}

/// 50th, 99th of 100 and the longest.
fn spread(mut times: Vec<f64>) -> [f64; 3] {
    times.sort_unstable_by(f64::total_cmp);
    let n = times.len();
    [times[n / 2], times[n * 99 / 100], times[n - 1]]
}

/// Memory that the process has, where the system tells.
fn resident_mib() -> Option<f64> {
    let pages: f64 = fs::read_to_string("/proc/self/statm").ok()?.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096.0 / 1_048_576.0)
}

fn report(name: &str, [median, p99, longest]: [f64; 3]) {
    let ratio = p99 / BUDGET_MS;
    println!("{name:<54} {median:>7.2} {p99:>7.2} {longest:>8.2}   {ratio:>5.2}");
}

fn still(_: &mut Harness<'static, Workbench>, _: usize) {}

/// The wheel over the middle of the right half. Both inputs come with one frame, as they do in a window; the harness's own
/// queue gives every input a frame of its own.
fn scroll(harness: &mut Harness<'static, Workbench>, frame: usize) {
    let wheel = Input::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, if frame % 40 < 30 { -240.0 } else { 400.0 }),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    };
    harness.input_mut().events.extend([Input::PointerMoved(pos2(900.0, 500.0)), wheel]);
}

fn main() {
    let minutes = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(60);
    let dir = tempfile::tempdir().expect("a folder for the bench");
    {
        // First, while the process has nothing that the next rows could take the place of.
        let (mut bench, _) = Bench::new(&dir.path().join("hour"));
        bench.play();
        bench.send(UiCommand::SetLayout(Layout::Inspect));
        bench.hour(minutes);
    }
    let sessions = dir.path().join("sessions");
    let folders: Vec<PathBuf> = (0..RUNS).map(|i| sessions.join(format!("run-{i:02}"))).collect();
    eprintln!("writing {RUNS} sessions of {} points", ROWS * NAMES.len() as u64);
    for (i, folder) in folders.iter().enumerate() {
        session(folder, i as u64);
    }
    scored(&folders[0]);
    let (mut bench, first) = Bench::new(dir.path());
    println!("first frame after {:.0} ms (to stay below 1000)", 1000.0 * first);
    for folder in &folders {
        bench.send(UiCommand::Compare(CompareCommand::Pick(folder.clone(), true)));
    }
    bench.send(UiCommand::LookAtShelf);
    bench.play();
    println!(
        "{:<54} {:>7} {:>7} {:>8}   p99 / {BUDGET_MS} ms",
        "ms a frame while a run is under way", "median", "p99", "longest"
    );
    bench.send(UiCommand::SetLayout(Layout::Inspect));
    let times = bench.frames(still);
    report("Inspect: 256 maps and curves of the run under way", times);
    let times = bench.frames(scroll);
    report("the same, scrolled", times);
    bench.send(UiCommand::SetLayout(Layout::Compare));
    bench.send(UiCommand::Compare(CompareCommand::Turn(ComparePage::Curves)));
    let times = bench.frames(still);
    report("Compare: 20 runs of 1,000,000 points, band over seeds", times);
    bench.send(UiCommand::Compare(CompareCommand::Bands(false)));
    let times = bench.frames(still);
    report("Compare: the same, a line a run", times);
    bench.send(UiCommand::Compare(CompareCommand::Turn(ComparePage::Rates)));
    let times = bench.frames(scroll);
    report("Compare: rates, the list scrolled", times);
    bench.send(UiCommand::Open(folders[0].clone()));
    bench.send(UiCommand::Focus(Pane::Faces));
    bench.harness.run_steps(3);
    let judged = bench.harness.state().state().faces.of(&folders[0]).cloned();
    let shown = judged.expect("scores are read").expect("scores are whole").faces.len();
    assert_eq!(shown, SCORED);
    let times = bench.frames(scroll);
    report("Faces: 50,000 scored faces, scrolled", times);
    let times = bench.frames(|harness, frame| {
        let at = if frame % 2 == 0 { 0.1 } else { 0.2 };
        harness.state().send(UiCommand::Faces(FacesCommand::Threshold(Some(at))));
    });
    report("Faces: the threshold moved in every frame", times);
    let times = bench.frames(|harness, frame| {
        let words = if frame % 2 == 0 { "print" } else { "mask" }.to_owned();
        let filter = FaceFilter { words, ..FaceFilter::default() };
        harness.state().send(UiCommand::Faces(FacesCommand::Filter(filter)));
    });
    report("Faces: filtered anew in every frame", times);
    bench.send(UiCommand::Faces(FacesCommand::Filter(FaceFilter::default())));
    for plot in [ScorePlot::Roc, ScorePlot::Det] {
        bench.send(UiCommand::Faces(FacesCommand::Plot(plot)));
        let times = bench.frames(still);
        report(&format!("Faces: {}", plot.title()), times);
    }
    let run = bench.harness.state().state().link.as_ref().map(|link| link.run).expect("the run is under way");
    bench.send(UiCommand::Select(run));
    bench.send(UiCommand::SetLayout(Layout::Inspect));
    bench.go_on(ROWS);
    let times = bench.frames(still);
    report("Inspect: the run under way has 1,000,000 points too", times);
}
