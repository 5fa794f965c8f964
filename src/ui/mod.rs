//! The window. An owned state of plain data, views that read it and send commands, one place that carries them out;
//! what a run is comes from the engine's events or its session folder alike. No file is touched in a frame, and no
//! tensor is known here.

mod ablations;
mod app;
mod atlas;
mod colormap;
mod command;
mod compare;
mod controls;
mod data;
mod decimate;
mod drawing;
mod export;
mod faces;
mod fonts;
mod form;
mod gallery;
mod handle;
mod history;
mod jobs;
mod link;
mod notes;
mod pacer;
mod palette;
mod patterns;
mod pixel;
mod portal;
mod run;
mod screen;
mod shelf;
mod shortcuts;
mod slow;
mod state;
mod theme;
mod tour;
mod transport;
mod views;
mod widgets;
mod workspace;

use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

pub use ablations::{AblationCommand, AblationPage, Ablations, SweepLook};
pub use app::{Setup, Workbench};
pub use colormap::{Colormap, Scale};
pub use command::{CommandQueue, Dialog, Probe, TimeCursor, Transport, UiCommand};
pub use compare::{Compare, CompareCommand, ComparePage, Side, SortBy, Together};
pub use data::{Choice, DataCommand, DataView, Filter, Page, RootId, RootState, Shown};
pub use drawing::Drawing;
pub use export::{Export, ExportCommand, What, Whose};
pub use faces::{FaceFilter, FaceSort, FacesCommand, FacesView, ScorePlot, Verdict};
pub use form::{Group, Kind, RunForm, Setting};
pub use jobs::FolderFor;
pub use link::{EngineLink, Spawn};
pub use patterns::{
    LearnedPatterns, PatternColumn, PatternProbe, PatternRow, Patterns, PatternsCommand, Trained, pattern_text,
};
pub use run::{MapShelf, Metrics, RunId, RunStore, Series, StepReport};
pub use shelf::ShelfView;
pub use slow::SlowMotion;
pub use state::{AppState, Level, LogEntry, Pending, Toast, Viewed};
pub use views::live::probe_text;
pub use views::transport::state_text;
pub use workspace::{KnownRoot, Layout, Pane, ThemeChoice, Workspace};

/// Which library draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Renderer {
    /// OpenGL: the fastest without a GPU.
    #[default]
    Glow,
    /// wgpu: Vulkan, Metal, DirectX.
    Wgpu,
}

/// How the window is opened.
#[derive(Clone)]
pub struct UiOptions {
    /// Which library draws.
    pub renderer: Renderer,
    /// Session folders to open.
    pub open: Vec<PathBuf>,
    /// Folder for data that can be made again.
    pub cache: PathBuf,
    /// Folder for what a user arranged; `None` keeps nothing.
    pub config: Option<PathBuf>,
    /// Where runs are kept by default.
    pub sessions: PathBuf,
    /// A sentence about the devices of this machine, as "No GPU is in use: training runs on 2 CPU cores".
    pub device: String,
    /// Starts an engine.
    pub spawn: Spawn,
    /// Where names, states and places of all controls are told, for a program that drives the window.
    pub controls: Option<PathBuf>,
}

/// Why there is no window.
#[derive(Debug, Error)]
pub enum UiError {
    /// No display, or none that can be drawn on.
    #[error("no window can be opened here ({0}); train without one: metafas train --preset demo --out DIR")]
    NoDisplay(String),
    /// A display on which neither OpenGL nor wgpu can draw.
    #[error(
        "no window can be opened here: neither OpenGL nor wgpu can draw ({0}); install a driver, or a software one \
         (Debian: libgl1-mesa-dri, mesa-vulkan-drivers), or train without a window: metafas train --preset demo --out DIR"
    )]
    NoDrawing(String),
}

/// Opens the window and comes back when it is closed. A machine that cannot draw in one way is tried in the other: one
/// without Vulkan may have OpenGL, a remote desktop without OpenGL may have a software Vulkan.
pub fn run(options: &UiOptions) -> Result<(), UiError> {
    let first = match open(options, options.renderer) {
        Err(error) if is_of_drawing(&error) => error,
        other => return other.map_err(|error| UiError::NoDisplay(reason(&error))),
    };
    let other = match options.renderer {
        Renderer::Glow => Renderer::Wgpu,
        Renderer::Wgpu => Renderer::Glow,
    };
    tracing::warn!("{:?} cannot draw here ({first}); trying {other:?}", options.renderer);
    open(options, other).map_err(|second| UiError::NoDrawing(format!("{}; {}", reason(&first), reason(&second))))
}

/// Whether the display is there and only drawing on it failed.
fn is_of_drawing(error: &eframe::Error) -> bool {
    use eframe::Error::{Glutin, NoGlutinConfigs, OpenGL, Wgpu};
    matches!(error, Glutin(_) | NoGlutinConfigs(..) | OpenGL(_) | Wgpu(_))
}

/// Why there is no window, in a few words: winit's own say where in its source it noticed.
fn reason(error: &eframe::Error) -> String {
    match error {
        eframe::Error::Winit(_) | eframe::Error::WinitEventLoop(_) => screen::problem(),
        other => other.to_string().split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

fn open(options: &UiOptions, renderer: Renderer) -> Result<(), eframe::Error> {
    let native = eframe::NativeOptions {
        viewport: eframe::egui::ViewportBuilder::default()
            .with_title("MetaFAS Workbench")
            .with_app_id("metafas")
            .with_inner_size([1360.0, 860.0])
            .with_min_inner_size([760.0, 480.0]),
        renderer: match renderer {
            Renderer::Glow => eframe::Renderer::Glow,
            Renderer::Wgpu => eframe::Renderer::Wgpu,
        },
        event_loop_builder: screen::x11_instead(),
        ..eframe::NativeOptions::default()
    };
    let file = options.config.as_ref().map(|folder| folder.join(Workspace::FILE));
    // Earlier versions kept it among what can be made again.
    let old = options.cache.join(Workspace::FILE);
    let (workspace, told) = match &file {
        Some(file) => Workspace::open(file, &old),
        None => (
            Workspace::default(),
            Some("There is no folder for settings, so the window's layout is not kept; set METAFAS_CONFIG".to_owned()),
        ),
    };
    let setup = Setup {
        workspace,
        workspace_file: file,
        told,
        device: options.device.clone(),
        sessions: options.sessions.clone(),
        cache: options.cache.clone(),
        open: options.open.clone(),
        spawn: Arc::clone(&options.spawn),
        inline_jobs: false,
    };
    let told = options.controls.clone();
    let begin = |cc: &eframe::CreationContext<'_>| -> std::io::Result<Box<dyn eframe::App>> {
        if let Some(file) = told {
            controls::tell(&cc.egui_ctx, file)?;
        }
        let mut workbench = Workbench::new(&cc.egui_ctx, setup)?;
        workbench.set_drawing(Drawing::of(cc));
        Ok(Box::new(workbench))
    };
    eframe::run_native("metafas", native, Box::new(|cc| Ok(begin(cc)?)))
}
