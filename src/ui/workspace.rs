//! What a person arranged: panes, colours, switches, recent sessions. Plain data, kept in one versioned file; a file
//! that cannot be read, or was written by another version, is as good as none.

use std::path::{Path, PathBuf};

use eframe::egui;
use egui_tiles::{Container, Linear, LinearDir, Tile, TileId, Tiles, Tree};
use serde::{Deserialize, Serialize};

use super::colormap::Colormap;
use crate::engine::Timed;

/// One pane. What it shows lives in the state, not here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pane {
    /// Maps of the watched faces.
    Live,
    /// Losses and norms.
    Curves,
    /// Algorithm 1, phase by phase.
    Step,
    /// Configuration of the next run, settings of this one.
    Run,
    /// Rates after an evaluation.
    Results,
    /// Warnings and errors.
    Log,
    /// The built-in benchmark, to look at.
    Gallery,
    /// Data sets, imports and protocols.
    Data,
    /// Faces beside their hand-made maps.
    Patterns,
    /// Sessions side by side.
    Compare,
    /// Sweeps and what they came to.
    Ablations,
    /// Scored faces, one by one.
    Faces,
    /// What a person notes of a run.
    Notes,
    /// Figures and tables for a paper.
    Export,
}

impl Pane {
    /// All panes.
    pub const ALL: [Self; 14] = [
        Self::Live,
        Self::Curves,
        Self::Step,
        Self::Run,
        Self::Results,
        Self::Log,
        Self::Gallery,
        Self::Data,
        Self::Patterns,
        Self::Compare,
        Self::Ablations,
        Self::Faces,
        Self::Notes,
        Self::Export,
    ];

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Live => "Live maps",
            Self::Curves => "Curves",
            Self::Step => "Step",
            Self::Run => "Run",
            Self::Results => "Results",
            Self::Log => "Log",
            Self::Gallery => "Gallery",
            Self::Data => "Data",
            Self::Patterns => "Patterns",
            Self::Compare => "Compare",
            Self::Ablations => "Ablations",
            Self::Faces => "Faces",
            Self::Notes => "Notes",
            Self::Export => "Export",
        }
    }
}

/// A ready-made arrangement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Maps large, curves below.
    #[default]
    Inspect,
    /// Algorithm 1 large, maps beside it.
    Step,
    /// Data large, the next run beside it.
    Data,
    /// Runs side by side over the whole window.
    Compare,
    /// Maps over curves and nothing beside them, for a talk.
    Present,
}

impl Layout {
    /// All arrangements.
    pub const ALL: [Self; 5] = [Self::Inspect, Self::Step, Self::Data, Self::Compare, Self::Present];

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Inspect => "Inspect",
            Self::Step => "Step",
            Self::Data => "Data",
            Self::Compare => "Compare",
            Self::Present => "Present",
        }
    }

    /// The arrangement as it is delivered.
    pub fn tree(self) -> Tree<Pane> {
        let mut tiles = Tiles::default();
        let [live, curves, step, run, results, log, gallery, data, patterns, compare, ablations, faces, notes, export] =
            Pane::ALL.map(|pane| tiles.insert_pane(pane));
        let split = |tiles: &mut Tiles<Pane>, dir, a: TileId, b: TileId, share: f32| {
            let linear = Linear::new_binary(dir, [a, b], share);
            tiles.insert_new(Tile::Container(Container::Linear(linear)))
        };
        let root = match self {
            Self::Inspect => {
                let side = tiles.insert_tab_tile(vec![run, results, notes]);
                let main =
                    tiles.insert_tab_tile(vec![live, step, faces, ablations, compare, patterns, export, gallery, data]);
                let below = tiles.insert_tab_tile(vec![curves, log]);
                let centre = split(&mut tiles, LinearDir::Vertical, main, below, 0.66);
                split(&mut tiles, LinearDir::Horizontal, side, centre, 0.27)
            }
            Self::Step => {
                let right = tiles.insert_tab_tile(vec![
                    live, curves, faces, ablations, compare, patterns, run, results, notes, export, log, gallery, data,
                ]);
                split(&mut tiles, LinearDir::Horizontal, step, right, 0.56)
            }
            Self::Data => {
                let side = tiles.insert_tab_tile(vec![run, results, notes, log]);
                let main = tiles.insert_tab_tile(vec![
                    data, gallery, live, faces, ablations, compare, patterns, export, step, curves,
                ]);
                split(&mut tiles, LinearDir::Horizontal, side, main, 0.27)
            }
            Self::Compare => {
                let main =
                    tiles.insert_tab_tile(vec![compare, ablations, faces, patterns, export, live, step, gallery, data]);
                let side = tiles.insert_tab_tile(vec![results, run, notes, curves, log]);
                split(&mut tiles, LinearDir::Horizontal, main, side, 0.74)
            }
            Self::Present => {
                let rest = [step, faces, ablations, compare, patterns, gallery, data, run, results, notes, export, log];
                let main = tiles.insert_tab_tile(std::iter::once(live).chain(rest).collect());
                let below = tiles.insert_tab_tile(vec![curves]);
                split(&mut tiles, LinearDir::Vertical, main, below, 0.7)
            }
        };
        Tree::new(egui::Id::unique("workbench panes"), root, tiles)
    }
}

/// An arrangement that a person kept, for a talk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// Its name.
    pub name: String,
    /// The panes.
    pub tree: Tree<Pane>,
}

/// Dark, light, or as the system has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl ThemeChoice {
    /// All choices.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::System => "As the system",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// As egui has it.
    pub fn preference(self) -> egui::ThemePreference {
        match self {
            Self::System => egui::ThemePreference::System,
            Self::Light => egui::ThemePreference::Light,
            Self::Dark => egui::ThemePreference::Dark,
        }
    }
}

/// A folder or file with data that a person named.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KnownRoot {
    /// The folder or file.
    pub path: PathBuf,
    /// Whether runs and protocols may use it.
    pub used: bool,
    /// Where the pictures of its lists are, if a person said so.
    pub pictures: Option<PathBuf>,
}

/// Everything a person arranged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Workspace {
    /// Version of this file.
    version: u32,
    /// Arrangement that "reset" goes back to.
    pub layout: Layout,
    /// Panes as they stand; `None` for the arrangement as delivered.
    pub tree: Option<Tree<Pane>>,
    /// Dark or light.
    pub theme: ThemeChoice,
    /// Size of everything, 1 as delivered.
    pub zoom: f32,
    /// Colours of maps.
    pub colormap: Colormap,
    /// Curves over a logarithmic axis.
    pub log_axis: bool,
    /// Smoothing of curves, 0 to below 1.
    pub smoothing: f64,
    /// Curves stay on all of the run as it grows.
    pub follow_curves: bool,
    /// Groups of curves that are shown.
    pub curve_groups: [bool; 3],
    /// Whether the difference of the teachers is shown.
    pub show_difference: bool,
    /// Sessions opened lately, newest first.
    pub recent: Vec<PathBuf>,
    /// Data that was named, in order.
    pub roots: Vec<KnownRoot>,
    /// Folders with sessions that were named, besides those that are always looked at.
    pub shelves: Vec<PathBuf>,
    /// Arrangements that were kept, in the order of a talk.
    pub scenes: Vec<Scene>,
    /// The one that was shown last.
    #[serde(skip)]
    pub scene_shown: Option<usize>,
    /// What stages of runs took in this window, newest last.
    pub timed: Vec<Timed>,
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            layout: Layout::default(),
            tree: None,
            theme: ThemeChoice::default(),
            zoom: 1.0,
            colormap: Colormap::default(),
            log_axis: false,
            smoothing: 0.6,
            follow_curves: true,
            curve_groups: [true, true, false],
            show_difference: true,
            recent: vec![],
            roots: vec![],
            shelves: vec![],
            scenes: vec![],
            scene_shown: None,
            timed: vec![],
        }
    }
}

/// Containers in containers, at most: drawing them takes stack.
const DEEPEST: usize = 32;

impl Workspace {
    const VERSION: u32 = 1;
    const RECENT: usize = 8;

    /// Name of the file within the user's folder for settings.
    pub const FILE: &str = "window.json";

    /// Reads `path`, or the file of before in `old` where there is none; what cannot be used becomes the default. A file
    /// that this program cannot use is moved aside, so that it is not overwritten, and the sentence says so.
    pub fn open(path: &Path, old: &Path) -> (Self, Option<String>) {
        let (file, bytes) = match crate::disk::read(path, crate::disk::LARGEST_TEXT) {
            Ok(bytes) => (path, bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                match crate::disk::read(old, crate::disk::LARGEST_TEXT) {
                    Ok(bytes) => (old, bytes),
                    Err(_) => return (Self::default(), None),
                }
            }
            Err(error) => {
                return (
                    Self::default(),
                    Some(format!("The window's layout cannot be read: {error}: {}", path.display())),
                );
            }
        };
        let problem = match serde_json::from_slice::<Header>(&bytes) {
            Ok(header) if header.version > Self::VERSION => "was written by a newer version of the program",
            Ok(_) => match serde_json::from_slice::<Self>(&bytes) {
                Ok(workspace) => return (workspace.usable(), None),
                Err(_) => "is damaged",
            },
            Err(_) => "is damaged",
        };
        let kept = match move_aside(file) {
            Ok(kept) => format!("it is kept as {}", kept.display()),
            Err(error) => format!("it cannot be moved aside ({error}) and will be overwritten"),
        };
        let told =
            format!("The window's layout in {} {problem}: {kept}; the window starts as delivered", file.display());
        (Self::default(), Some(told))
    }

    /// Without what would mislead or break the window.
    fn usable(mut self) -> Self {
        let workspace = &mut self;
        if workspace.tree.as_ref().is_some_and(|tree| !is_whole(tree)) {
            workspace.tree = None;
        }
        workspace.scenes.retain(|scene| is_whole(&scene.tree));
        workspace.zoom = if workspace.zoom.is_finite() { workspace.zoom.clamp(0.5, 3.0) } else { 1.0 };
        workspace.smoothing = if workspace.smoothing.is_finite() { workspace.smoothing.clamp(0.0, 0.99) } else { 0.0 };
        workspace.version = Self::VERSION;
        self
    }

    /// Writes `path`, aside first.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let text = serde_json::to_vec_pretty(self)?;
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let aside = path.with_extension("new");
        std::fs::write(&aside, text)?;
        std::fs::rename(aside, path)
    }

    /// Puts `folder` first among the recent ones.
    pub fn remember(&mut self, folder: &Path) {
        self.recent.retain(|p| p != folder);
        self.recent.insert(0, folder.to_owned());
        self.recent.truncate(Self::RECENT);
    }
}

/// What is asked of a file before the rest of it is understood.
#[derive(serde::Deserialize)]
struct Header {
    version: u32,
}

/// Gives `file` a name beside it that is free; the new name.
fn move_aside(file: &Path) -> std::io::Result<PathBuf> {
    let name = |n: u32| file.with_file_name(format!("window-kept-{n}.json"));
    let free = (1..1000).map(name).find(|kept| kept.symlink_metadata().is_err());
    let kept = free.unwrap_or_else(|| name(0));
    std::fs::rename(file, &kept)?;
    Ok(kept)
}

/// Whether the tiles are a tree in which every pane stands exactly once. A container that holds itself, or one that two
/// others hold, would be drawn without end.
fn is_whole(tree: &Tree<Pane>) -> bool {
    let mut met = std::collections::HashSet::new();
    let mut reached = vec![];
    let mut ahead: Vec<_> = tree.root().into_iter().map(|id| (id, 0)).collect();
    while let Some((id, depth)) = ahead.pop() {
        let Some(tile) = tree.tiles.get(id) else { return false };
        if depth > DEEPEST || !met.insert(id) {
            return false;
        }
        match tile {
            Tile::Container(container) => ahead.extend(container.children().map(|&child| (child, depth + 1))),
            Tile::Pane(pane) => reached.push(*pane),
        }
    }
    reached.sort_unstable();
    let mut panes: Vec<Pane> =
        tree.tiles.tiles().filter_map(|t| if let Tile::Pane(p) = t { Some(*p) } else { None }).collect();
    panes.sort_unstable();
    let mut all = Pane::ALL.to_vec();
    all.sort_unstable();
    panes == all && reached == all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let (path, old) = (dir.path().join("deep/window.json"), dir.path().join("old.json"));
        assert_eq!(Workspace::open(&path, &old), (Workspace::default(), None));
        let mut workspace = Workspace { tree: Some(Layout::Step.tree()), log_axis: true, ..Workspace::default() };
        (0..20).for_each(|i| workspace.remember(Path::new(&format!("run-{i}"))));
        workspace.remember(Path::new("run-15"));
        workspace.write(&path).unwrap();
        let (again, told) = Workspace::open(&path, &old);
        assert_eq!(again, workspace);
        assert_eq!(told, None);
        assert_eq!(again.recent.len(), Workspace::RECENT);
        assert_eq!(again.recent[0].as_path(), Path::new("run-15"));
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replacen("\"curves\"", "\"live\"", 1)).unwrap();
        assert_eq!(Workspace::open(&path, &old).0.tree, None, "a pane twice");
    }

    #[test]
    fn layout_of_an_older_place_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let (path, old) = (dir.path().join("new/window.json"), dir.path().join("window.json"));
        let workspace = Workspace { log_axis: true, ..Workspace::default() };
        workspace.write(&old).unwrap();
        assert_eq!(Workspace::open(&path, &old), (workspace, None));
    }

    #[test]
    fn unusable_layouts_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let (path, old) = (dir.path().join("window.json"), dir.path().join("old.json"));
        let newer = "{\"version\": 99, \"from_the_future\": 1}";
        for (n, text) in [newer, "no json", "", &"[".repeat(200_000)].into_iter().enumerate() {
            std::fs::write(&path, text).unwrap();
            let (workspace, told) = Workspace::open(&path, &old);
            assert_eq!(workspace, Workspace::default());
            let kept = dir.path().join(format!("window-kept-{}.json", n + 1));
            assert!(told.unwrap().contains(&kept.display().to_string()));
            assert_eq!(std::fs::read_to_string(&kept).unwrap(), text);
            assert!(!path.exists());
        }
    }

    #[test]
    fn a_container_that_holds_itself_is_no_arrangement() {
        let tree = Layout::Step.tree();
        let mut value = serde_json::to_value(&tree).unwrap();
        let root = value["root"].clone();
        let text = serde_json::to_string(&tree).unwrap();
        let list = value.pointer_mut(&format!("/tiles/tiles/{root}/Container/Linear/children")).unwrap();
        list.as_array_mut().unwrap().push(root);
        let cycle: Tree<Pane> = serde_json::from_value(value).unwrap();
        assert!(!is_whole(&cycle));
        assert!(is_whole(&serde_json::from_str(&text).unwrap()));
    }

    #[test]
    fn delivered_arrangements_hold_every_pane_once() {
        assert!(Layout::ALL.into_iter().all(|l| is_whole(&l.tree())));
    }
}
