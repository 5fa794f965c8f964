//! The scripted engine, and a window in front of it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crossbeam_channel::{Receiver, Sender, bounded};
use eframe::egui::DroppedFile;
use egui_kittest::Harness;
use metafas::config::{Preset, RunConfig};
use metafas::data::Label;
use metafas::engine::{
    BatchFace, BatchView, Command, Cursor, EngineHandle, Event, Job, PhaseReport, SpawnOptions, Stage, Start, Started,
    TensorNote, phases,
};
use metafas::session::{MapSet, Provenance, Row, SampleMaps, State, WatchedFace, WatchedFaces};
use metafas::ui::{Setup, Workbench, Workspace};

/// The other end of one engine.
pub struct Script {
    pub options: SpawnOptions,
    pub commands: Receiver<Command>,
    pub events: Sender<Event>,
}

impl Script {
    pub fn tell(&self, event: Event) {
        self.events.send(event).unwrap();
    }

    /// The run's configuration, of a length that the tests know.
    pub fn config(&self) -> RunConfig {
        let mut config = match &self.options.job {
            Job::New { config, .. } => config.clone(),
            Job::Resume { .. } => Preset::Demo.config(),
        };
        (config.pretrain.iterations, config.bilevel.iterations, config.detector.iterations) = (300, 200, 400);
        config
    }

    pub fn folder(&self) -> PathBuf {
        match &self.options.job {
            Job::New { folder, .. } | Job::Resume { folder, .. } => folder.clone(),
        }
    }

    /// Says that the run has begun at `iteration`.
    pub fn begin(&self, iteration: u64) {
        self.tell(Event::Started(Box::new(Started {
            session: self.folder(),
            config: self.config(),
            provenance: provenance(),
            watched: faces(),
            problems: vec![],
            cursor: Cursor { iteration, phase: 0 },
        })));
        let state = if self.options.start == Start::Play { State::Running } else { State::Paused };
        self.tell(Event::State(state));
    }

    /// All commands that came.
    pub fn heard(&self) -> Vec<Command> {
        self.commands.try_iter().collect()
    }
}

/// A window and the engines it started.
pub struct Bench {
    pub harness: Harness<'static, Workbench>,
    pub scripts: Arc<Mutex<Vec<Script>>>,
    pub dir: tempfile::TempDir,
}

impl Bench {
    /// A window that was never opened before.
    pub fn new() -> Self {
        Self::with(|_| vec![])
    }

    /// A window that opens sessions which `make` puts into a folder.
    pub fn with(make: impl FnOnce(&Path) -> Vec<PathBuf>) -> Self {
        Self::arranged(Workspace::default(), make)
    }

    /// The same as a person arranged it the last time.
    pub fn arranged(workspace: Workspace, make: impl FnOnce(&Path) -> Vec<PathBuf>) -> Self {
        Self::placed(workspace, [1400.0, 880.0], None, make)
    }

    /// The same in a window of that many points, whose runs are kept in `sessions`.
    pub fn placed(
        workspace: Workspace,
        size: [f32; 2],
        sessions: Option<&Path>,
        make: impl FnOnce(&Path) -> Vec<PathBuf>,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let open = make(dir.path());
        let scripts = Arc::new(Mutex::new(vec![]));
        let spawned: Arc<Mutex<Vec<Script>>> = Arc::clone(&scripts);
        let spawn = move |options: SpawnOptions| {
            let (command_in, commands) = bounded(16);
            let (events, event_out) = bounded(4096);
            spawned.lock().unwrap().push(Script { options, commands, events });
            EngineHandle { commands: command_in, events: event_out, thread: None }
        };
        let setup = Setup {
            workspace,
            workspace_file: None,
            told: None,
            device: "CPU, 2 threads; no NVIDIA driver found".to_owned(),
            sessions: sessions.map_or_else(|| dir.path().join("sessions"), Path::to_owned),
            cache: dir.path().join("cache"),
            open,
            spawn: Arc::new(spawn),
            inline_jobs: true,
        };
        let mut harness = Harness::builder()
            .with_size(size)
            .with_theme(egui_kittest_theme())
            .build_eframe(|cc| Workbench::new(&cc.egui_ctx, setup).unwrap());
        harness.run();
        Self { harness, scripts, dir }
    }

    /// A window whose demo run has begun and plays.
    pub fn playing() -> Self {
        use egui_kittest::kittest::Queryable as _;
        let mut bench = Self::new();
        bench.harness.get_by_label("Play demo").click();
        bench.settle();
        bench.script(|s| s.begin(0));
        bench
    }

    /// The same, paused after `iterations` iterations of Algorithm 1.
    pub fn paused_in_bilevel(iterations: u64) -> Self {
        let mut bench = Self::playing();
        bench.script(|s| {
            s.tell(phase(300 + iterations, 0, None));
            s.tell(Event::State(State::Paused));
        });
        bench
    }

    /// Lets a few frames pass.
    pub fn settle(&mut self) {
        self.harness.run_steps(4);
    }

    /// Does something with the newest engine, then lets a few frames pass.
    pub fn script<T>(&mut self, act: impl FnOnce(&Script) -> T) -> T {
        let answer = {
            let scripts = self.scripts.lock().unwrap();
            act(scripts.last().expect("an engine was started"))
        };
        self.settle();
        answer
    }

    pub fn heard(&mut self) -> Vec<Command> {
        self.script(Script::heard)
    }

    pub fn engines(&self) -> usize {
        self.scripts.lock().unwrap().len()
    }
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// A file that somebody drops onto the window.
#[derive(Debug)]
pub struct Dropped(pub PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|e| e.to_string())
    }
}

fn egui_kittest_theme() -> eframe::egui::Theme {
    eframe::egui::Theme::Dark
}

pub fn provenance() -> Provenance {
    Provenance {
        version: "0.1.0".to_owned(),
        libtorch: "2.11.0".to_owned(),
        device: "CPU".to_owned(),
        instruction_set: "avx2".to_owned(),
        threads: 2,
        data: "built-in faces".to_owned(),
        origin: "synthetic".to_owned(),
        faces: vec![144, 144, 48, 48, 48, 48],
        depth: "exact".to_owned(),
        ..Provenance::default()
    }
}

/// The first has facial depth, 3 p at pixel p of 8 x 8, the second is known to have none, of the third nothing is known.
pub fn faces() -> WatchedFaces {
    let face = |i: usize| WatchedFace {
        key: format!("person-{i}/clip-0/0"),
        label: if i == 0 { Label::Live } else { Label::Spoof },
        species: ["live", "print", "replay"][i].to_owned(),
        rgb: (0..16 * 16 * 3).map(|p| (p * (i + 1) % 251) as u8).collect(),
        depth: (i < 2).then(|| (0..64).map(|p| if i == 0 { 3 * p } else { 0 }).collect()),
    };
    WatchedFaces { size: 16, depth_side: 8, faces: (0..3).map(face).collect() }
}

/// Side 4: pixel p of face i holds (16 i + p) / 100; the cotangent minus that.
pub fn maps(iteration: u64) -> MapSet {
    let map = |i: usize, sign: f32| Some((0..16).map(|p| sign * (16 * i + p) as f32 / 100.0).collect());
    let sample =
        |i| SampleMaps { maps: [map(i, 1.0), map(i, 0.5), map(i, 0.75), map(i, 0.25), map(i, -1.0), None, None] };
    MapSet {
        pattern: None,
        iteration,
        stage: Stage::Bilevel,
        stage_iteration: iteration.saturating_sub(300),
        side: 4,
        factor: 0.25,
        samples: (0..3).map(sample).collect(),
    }
}

/// The report of a bi-level phase, with a batch.
pub fn phase(iteration: u64, next: usize, done: Option<usize>) -> Event {
    let face = |i: usize, label| BatchFace {
        key: format!("batch-{i}"),
        label,
        species: if label == Label::Live { "live" } else { "print" }.to_owned(),
        rgb: vec![90; 16 * 16 * 3],
        target: Some(vec![0.5; 16]),
        cotangent: (label == Label::Spoof).then(|| vec![-0.1; 16]),
    };
    let half = || vec![face(0, Label::Live), face(1, Label::Spoof)];
    let batch = BatchView { size: 16, side: 4, train: half(), validation: half() };
    Event::Phase(Box::new(PhaseReport {
        cursor: Cursor { iteration, phase: next },
        stage: Stage::Bilevel,
        stage_iteration: iteration - 300,
        done,
        next,
        phases: phases(Stage::Bilevel, &RunConfig::default(), 1),
        tensors: vec![tensor("P_ω(x)", vec![4, 1, 4, 4], None), tensor("ω", vec![1234], Some((0.5, 0.25)))],
        numbers: vec![("l_v".to_owned(), 0.0625), ("v_norm".to_owned(), f64::NAN)],
        batch: Some(batch),
        seconds: 0.012,
    }))
}

fn tensor(symbol: &str, shape: Vec<usize>, moved: Option<(f64, f64)>) -> TensorNote {
    let what = format!("what {symbol} is");
    let bars = (0..32).map(|i| (i * 7 % 13) as u32).collect();
    TensorNote { symbol: symbol.to_owned(), what, shape, low: -0.25, high: 2.0, mean: 0.75, not_finite: 0, bars, moved }
}

pub fn row(iteration: u64, l_v: f64) -> Row {
    Row {
        iteration,
        stage: Stage::Bilevel,
        stage_iteration: iteration.saturating_sub(300),
        values: vec![("l_t_0".to_owned(), 0.5), ("l_v".to_owned(), l_v), ("v_norm".to_owned(), 1e-6)],
    }
}
