//! The window as eframe sees it: takes in what came, paints panes, carries out what was asked.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use eframe::egui::{self, CentralPanel, Context, Frame, Margin, Panel, Ui, ViewportCommand, ViewportId};
use egui_tiles::{SimplificationOptions, Tile, TileId, Tiles, Tree, UiResponse};

use super::ablations::AblationCommand;
use super::command::{CommandQueue, UiCommand};
use super::data::DataCommand;
use super::drawing::Drawing;
use super::export::{ExportCommand, What};
use super::jobs::{Job, Jobs};
use super::link::Spawn;
use super::pacer::{AT_ONCE, Cause, Pacer};
use super::state::{AppState, Level};
use super::views::{self, Caches};
use super::widgets::number;
use super::workspace::{Pane, Scene, Workspace};
use super::{fonts, shortcuts, theme};

/// How long the end of the program waits for the engine to save what it has.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the window needs from outside.
pub struct Setup {
    /// What the person arranged the last time.
    pub workspace: Workspace,
    /// Where to keep it; `None` forgets it.
    pub workspace_file: Option<PathBuf>,
    /// A sentence to begin with, where the arrangement could not be read or kept.
    pub told: Option<String>,
    /// A sentence about the devices of this machine.
    pub device: String,
    /// Where runs are kept by default.
    pub sessions: PathBuf,
    /// Folder for data that can be made again.
    pub cache: PathBuf,
    /// Session folders to open.
    pub open: Vec<PathBuf>,
    /// Starts an engine.
    pub spawn: Spawn,
    /// Whether files are read on the window's own thread: for tests, which must not depend on timing.
    pub inline_jobs: bool,
}

/// The workbench.
pub struct Workbench {
    state: AppState,
    tree: Tree<Pane>,
    caches: Caches,
    queue: CommandQueue,
    workspace_file: Option<PathBuf>,
    theme: Option<super::workspace::ThemeChoice>,
    zoom: f32,
    /// The zoom from before the presentation, while there is one.
    presenting: Option<f32>,
    pacer: Pacer,
}

/// How much larger everything is before an audience.
const PRESENTED: f32 = 1.35;

impl Workbench {
    /// Makes the window's contents; fails if the system gives no threads.
    pub fn new(ctx: &Context, setup: Setup) -> std::io::Result<Self> {
        fonts::install(ctx);
        theme::install(ctx);
        let pacer = Pacer::new(Drawing::default());
        let waker = waker(ctx, &pacer);
        let jobs = if setup.inline_jobs { Jobs::inline() } else { Jobs::threads(&waker)? };
        let Setup { workspace, workspace_file, told, device, sessions, cache, open, spawn, .. } = setup;
        let tree = workspace.tree.clone().unwrap_or_else(|| workspace.layout.tree());
        let zoom = workspace.zoom;
        ctx.set_zoom_factor(zoom);
        let mut state = AppState::new(workspace, device, (sessions, cache), jobs, spawn, waker);
        state.begin(&open);
        if let Some(sentence) = told {
            state.say(Level::Warning, sentence);
        }
        Ok(Self {
            state,
            tree,
            caches: Caches::default(),
            queue: CommandQueue::default(),
            workspace_file,
            theme: None,
            zoom,
            presenting: None,
            pacer,
        })
    }

    /// Says what draws the window; until then it is taken to be the processors.
    pub fn set_drawing(&mut self, drawing: Drawing) {
        self.pacer.set_drawing(drawing);
    }

    /// What the window knows, to look at.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Puts a command in, as a view would; it is carried out in the next frame.
    pub fn send(&self, command: UiCommand) {
        self.queue.send(command);
    }

    /// Whether `pane` can be seen.
    pub fn shows(&self, pane: Pane) -> bool {
        if let Some(filled) = self.state.filled {
            return pane == filled;
        }
        let active = self.tree.active_tiles();
        self.tree.tiles.find_pane(&pane).is_some_and(|id| active.contains(&id))
    }

    fn carry_out(&mut self, ctx: &Context) {
        let commands = self.queue.take();
        if !commands.is_empty() {
            self.draw_what_changed(ctx);
        }
        for command in commands {
            self.state.handle_and_remember(command);
        }
        if std::mem::take(&mut self.state.rearrange) {
            self.tree = self.state.workspace.layout.tree();
        }
        self.change_scene(ctx);
        self.keep_arrangement();
        if let Some(pane) = self.state.focus.take() {
            self.tree.make_active(|_, tile| matches!(tile, Tile::Pane(p) if *p == pane));
        }
        let workspace = &mut self.state.workspace;
        if self.theme != Some(workspace.theme) {
            self.theme = Some(workspace.theme);
            ctx.set_theme(workspace.theme.preference());
        }
        // The zoom keys are egui's own; a choice from the menu is ours.
        if (self.zoom - workspace.zoom).abs() > f32::EPSILON {
            ctx.set_zoom_factor(workspace.zoom);
        } else if (ctx.zoom_factor() - workspace.zoom).abs() > f32::EPSILON {
            workspace.zoom = ctx.zoom_factor();
        }
        self.zoom = workspace.zoom;
        if self.state.closing {
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
    }

    /// Has the next frame show what a command changed: at once where a person gave it, in time where a view did.
    fn draw_what_changed(&self, ctx: &Context) {
        if is_touched(ctx) || !self.is_training() {
            #[expect(clippy::disallowed_methods, reason = "nobody waits for what was just pressed")]
            ctx.request_repaint();
        } else {
            ctx.request_repaint_after(self.pacer.wait());
        }
    }

    /// Whether anything trains that frames would slow.
    fn is_training(&self) -> bool {
        self.state.has_work() || self.state.pending.is_some()
    }

    /// Keeps or brings back a scene, and begins or ends the presentation.
    fn change_scene(&mut self, ctx: &Context) {
        let state = &mut self.state;
        if let Some(name) = state.scene_to_keep.take() {
            let scene = Scene { name, tree: self.tree.clone() };
            match state.workspace.scenes.iter_mut().find(|s| s.name == scene.name) {
                Some(known) => *known = scene,
                None => state.workspace.scenes.push(scene),
            }
            state.keep = true;
        }
        if let Some(i) = state.scene.take()
            && let Some(scene) = state.workspace.scenes.get(i)
        {
            self.tree = scene.tree.clone();
            state.workspace.scene_shown = Some(i);
        }
        if self.presenting.is_some() != state.presenting {
            ctx.send_viewport_cmd(ViewportCommand::Fullscreen(state.presenting));
            let zoom = state.workspace.zoom;
            if let Some(before) = self.presenting.take() {
                state.workspace.zoom = before;
            } else {
                self.presenting = Some(zoom);
                state.workspace.zoom = (zoom * PRESENTED).clamp(0.5, 3.0);
            }
        }
    }

    /// Has the arrangement written where something in it must not be lost.
    fn keep_arrangement(&mut self) {
        let wanted = std::mem::take(&mut self.state.keep);
        if let Some(file) = self.workspace_file.clone().filter(|_| wanted) {
            let mut workspace = Box::new(self.state.workspace.clone());
            workspace.zoom = self.presenting.unwrap_or(workspace.zoom);
            workspace.tree = Some(self.tree.clone());
            self.state.submit(Job::Keep(file, workspace));
        }
    }

    fn panes(&mut self, ui: &mut Ui) {
        let Self { state, tree, caches, queue, .. } = self;
        let mut behavior = Panes { state, caches, queue };
        if let Some(pane) = state.filled {
            behavior.filled(ui, pane);
            return;
        }
        tree.ui(&mut behavior, ui);
    }
}

/// Whether a person did something since the last frame.
fn is_touched(ctx: &Context) -> bool {
    ctx.input(|i| !i.raw.events.is_empty() || !i.raw.dropped_files.is_empty())
}

/// Wakes the window from any thread, no sooner than a frame is due.
fn waker(ctx: &Context, pacer: &Pacer) -> Arc<dyn Fn() + Send + Sync> {
    let (ctx, due) = (ctx.clone(), pacer.after_event());
    Arc::new(move || ctx.request_repaint_after_for(due(), ViewportId::ROOT))
}

impl eframe::App for Workbench {
    fn logic(&mut self, ctx: &Context, frame: &mut eframe::Frame) {
        self.state.data.visible =
            if self.state.runs.is_empty() { self.state.front == Some(Pane::Data) } else { self.shows(Pane::Data) };
        let more = self.state.take_in(ctx.input(|i| i.time));
        if let Some(sentence) = number::rejected(ctx) {
            self.state.say(Level::Warning, sentence);
        }
        self.carry_out(ctx);
        let cause = Cause { training: self.is_training(), person: is_touched(ctx) };
        if self.pacer.begin(self.state.now, cause, frame.info().cpu_usage) {
            ctx.request_repaint_after(AT_ONCE);
        }
        let wait = self.pacer.wait();
        self.state.wait = wait;
        if more {
            ctx.request_repaint_after(wait);
        }
        if self.state.is_busy() || self.state.pending.is_some() {
            ctx.request_repaint_after(self.pacer.clocks());
        }
        if let Some(due) = self.state.slow.due {
            ctx.request_repaint_after(Duration::from_secs_f64((due - self.state.now).max(0.0)));
        }
        if !self.state.watched_folders().is_empty() {
            ctx.request_repaint_after(Duration::from_secs_f64(self.state.poll_secs()));
        }
        tracing::trace!(clocks = ?self.pacer.clocks(), causes = ?ctx.repaint_causes(), "frame");
        if let Some(until) = self.state.toasts.iter().filter_map(|t| t.until).reduce(f64::min) {
            ctx.request_repaint_after(Duration::from_secs_f64((until - self.state.now).max(0.0)).max(wait));
        }
        if ctx.input(|i| i.viewport().close_requested()) && !self.state.closing && self.state.has_work() {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.queue.send(UiCommand::Quit);
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        shortcuts::listen(&ctx, &self.state, &self.queue);
        let tokens = theme::tokens(ui);
        let bar = |x: i8, y: i8| Frame::new().fill(tokens.panel).inner_margin(Margin::symmetric(x, y));
        if !self.state.presenting {
            Panel::top("menu").frame(bar(8, 3)).show(ui, |ui| views::top::show(ui, &self.state, &self.queue));
        }
        Panel::top("transport").frame(bar(10, 7)).show(ui, |ui| views::transport::show(ui, &self.state, &self.queue));
        if !self.state.presenting {
            Panel::bottom("status").frame(bar(10, 3)).show(ui, |ui| views::status::show(ui, &self.state));
        }
        let lone = self.state.runs.is_empty() && self.state.front.is_some();
        let ground = Frame::new().fill(if lone { tokens.panel } else { tokens.ground });
        if self.state.runs.is_empty() {
            let panel = Panel::left("first run").frame(bar(0, 0)).resizable(false);
            panel.exact_size(400.0).show(ui, |ui| views::run::show(ui, &self.state, &self.queue));
            let Self { state, caches, queue, .. } = &mut *self;
            CentralPanel::default().frame(ground).show(ui, |ui| match state.front {
                Some(Pane::Gallery) => views::gallery::show(ui, state, &mut caches.gallery, true, queue),
                Some(Pane::Data) => views::data::show(ui, state, &mut caches.data, true, queue),
                Some(Pane::Ablations) => views::ablations::show(ui, state, &mut caches.ablations, true, queue),
                Some(Pane::Compare) => views::compare::show(ui, state, &mut caches.compare, true, queue),
                Some(Pane::Patterns) => views::patterns::show(ui, state, &mut caches.patterns, true, queue),
                _ => views::welcome::show(ui, state, queue),
            });
        } else {
            CentralPanel::default().frame(ground).show(ui, |ui| self.panes(ui));
        }
        views::drop::show(&ctx, &self.queue);
        views::dialogs::show(&ctx, &self.state, &self.queue);
        views::tour::show(&ctx, &self.state, &self.queue);
        views::toasts::show(&ctx, &self.state, &self.queue);
        self.carry_out(&ctx);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.state.handle(UiCommand::Data(DataCommand::StopPacking));
        self.state.handle(UiCommand::Ablations(AblationCommand::Stop));
        self.state.close_notes();
        if let Some(link) = self.state.link.take() {
            link.stop_and_wait(PATIENCE);
        }
        if let Some(file) = &self.workspace_file {
            let workspace = &mut self.state.workspace;
            workspace.tree = Some(self.tree.clone());
            workspace.zoom = self.presenting.unwrap_or(workspace.zoom);
            if let Err(error) = self.state.workspace.write(file) {
                tracing::warn!("the arrangement of the window was not kept: {error}: {}", file.display());
            }
        }
    }
}

/// Shows one pane.
fn show_pane(ui: &mut Ui, pane: Pane, state: &AppState, caches: &mut Caches, queue: &CommandQueue) {
    match pane {
        Pane::Live => views::live::show(ui, state, &mut caches.live, queue),
        Pane::Curves => views::curves::show(ui, state, &mut caches.curves, queue),
        Pane::Step => views::step::show(ui, state, &mut caches.step, queue),
        Pane::Run => views::run::show(ui, state, queue),
        Pane::Results => views::results::show(ui, state, queue),
        Pane::Log => views::log::show(ui, state),
        Pane::Gallery => views::gallery::show(ui, state, &mut caches.gallery, false, queue),
        Pane::Data => views::data::show(ui, state, &mut caches.data, false, queue),
        Pane::Ablations => views::ablations::show(ui, state, &mut caches.ablations, false, queue),
        Pane::Export => views::export::show(ui, state, &mut caches.export, queue),
        Pane::Notes => views::notes::show(ui, state, queue),
        Pane::Faces => views::faces::show(ui, state, &mut caches.faces, queue),
        Pane::Compare => views::compare::show(ui, state, &mut caches.compare, false, queue),
        Pane::Patterns => views::patterns::show(ui, state, &mut caches.patterns, false, queue),
    }
}

/// What the tiles are told about panes.
struct Panes<'a> {
    state: &'a AppState,
    caches: &'a mut Caches,
    queue: &'a CommandQueue,
}

impl Panes<'_> {
    /// A way from a pane to the figure or table of what it shows.
    fn export_button(&self, ui: &mut Ui, pane: Pane) {
        let Some((what, whose)) = What::of_pane(pane, self.state).filter(|_| self.state.run().is_some()) else {
            return;
        };
        let button = ui.add(egui::Button::new("Export…").small());
        let name = format!("Export {}", pane.title());
        if button.accessible_name(&name).on_hover_text(what.title()).clicked() {
            self.queue.send(UiCommand::Export(ExportCommand::From(what, whose)));
        }
    }

    /// One pane in place of all.
    fn filled(&mut self, ui: &mut Ui, pane: Pane) {
        let tokens = theme::tokens(ui);
        let bar = Frame::new().fill(tokens.ground).inner_margin(Margin::symmetric(10, 3));
        Panel::top("filled").frame(bar).show_separator_line(false).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(egui::RichText::new(pane.title()).strong().color(tokens.strong));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let button = ui.add(egui::Button::new("Back to all panes").small());
                    if button.on_hover_text("Esc does so too").clicked() {
                        self.queue.send(UiCommand::Fill(None));
                    }
                    self.export_button(ui, pane);
                });
            });
        });
        let ground = Frame::new().fill(tokens.panel);
        CentralPanel::default().frame(ground).show(ui, |ui| {
            show_pane(ui, pane, self.state, self.caches, self.queue);
        });
    }
}

impl egui_tiles::Behavior<Pane> for Panes<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile_id: TileId, pane: &mut Pane) -> UiResponse {
        let Self { state, caches, queue } = self;
        let fill = theme::tokens(ui).panel;
        Frame::new().fill(fill).show(ui, |ui| {
            ui.expand_to_include_rect(ui.max_rect());
            show_pane(ui, *pane, state, caches, queue);
        });
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> egui::WidgetText {
        pane.title().into()
    }

    /// Panes that were parted within one tab are called by their names.
    fn tab_title_for_tile(&mut self, tiles: &Tiles<Pane>, tile_id: TileId) -> egui::WidgetText {
        fn titles(tiles: &Tiles<Pane>, id: TileId) -> Vec<&'static str> {
            match tiles.get(id) {
                Some(Tile::Pane(pane)) => vec![pane.title()],
                Some(Tile::Container(container)) => {
                    container.active_children(tiles).flat_map(|id| titles(tiles, id)).collect()
                }
                None => vec![],
            }
        }
        titles(tiles, tile_id).join(" + ").into()
    }

    /// A way from every pane to the figure or table of what it shows.
    fn top_bar_right_ui(
        &mut self,
        tiles: &Tiles<Pane>,
        ui: &mut Ui,
        _tile_id: TileId,
        tabs: &egui_tiles::Tabs,
        _scroll_offset: &mut f32,
    ) {
        let active = tabs.active.and_then(|id| tiles.get(id));
        let Some(Tile::Pane(pane)) = active else { return };
        ui.add_space(6.0);
        // Tabs come first where there is little room; a double press on one does the same.
        if ui.available_width() > 320.0 {
            let button = ui.add(egui::Button::new("▣").small());
            let name = format!("Fill the window with {}", pane.title());
            let help = format!("{name}; a double press on its tab does so too");
            if button.accessible_name(&name).on_hover_text(help).clicked() {
                self.queue.send(UiCommand::Fill(Some(*pane)));
            }
        }
        self.export_button(ui, *pane);
    }

    fn on_tab_button(&mut self, tiles: &mut Tiles<Pane>, tile_id: TileId, button: egui::Response) -> egui::Response {
        if let Some(Tile::Pane(pane)) = tiles.get(tile_id).filter(|_| button.double_clicked()) {
            self.queue.send(UiCommand::Fill(Some(*pane)));
        }
        button
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions { all_panes_must_have_tabs: true, ..SimplificationOptions::default() }
    }

    fn gap_width(&self, _style: &egui::Style) -> f32 {
        6.0
    }

    fn tab_bar_height(&self, _style: &egui::Style) -> f32 {
        28.0
    }

    fn tab_bar_color(&self, visuals: &egui::Visuals) -> egui::Color32 {
        theme::of(visuals.dark_mode).ground
    }
}
