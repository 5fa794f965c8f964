//! Everything a person can ask of the window, as one enum, and the queue it goes through: views read the state and put
//! commands in; they are carried out in one place, `handle`.

use std::cell::RefCell;
use std::path::PathBuf;

use super::ablations::AblationCommand;
use super::colormap::Colormap;
use super::compare::CompareCommand;
use super::data::DataCommand;
use super::export::ExportCommand;
use super::faces::FacesCommand;
use super::jobs::FolderFor;
use super::notes::Written;
use super::patterns::PatternsCommand;
use super::run::RunId;
use super::workspace::{Layout, Pane, ThemeChoice};
use crate::config::Preset;
use crate::data::builtin::gallery::Across;
use crate::engine::Stage;

/// One of the transport's buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// Goes on, or starts or resumes a run.
    Play,
    /// Stops after the current phase.
    Pause,
    /// One phase back.
    BackPhase,
    /// One iteration back.
    BackIteration,
    /// One phase.
    StepPhase,
    /// To the end of the iteration.
    StepIteration,
    /// Ends the run, to be resumed another day.
    Stop,
}

/// Which maps are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeCursor {
    /// The newest.
    #[default]
    Live,
    /// Those of one stored iteration.
    At(u64),
}

/// One pixel of one watched face, shown in all its maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Which face.
    pub face: usize,
    /// Row of the map, from the top.
    pub row: usize,
    /// Column of the map, from the left.
    pub column: usize,
}

/// A window within the window.
#[derive(Debug, Clone, PartialEq)]
pub enum Dialog {
    /// Asks how far to run.
    RunTo(u64),
    /// Asks how far to go back.
    RewindTo(u64),
    /// Asks for a session's path.
    OpenPath(String),
    /// What this program is.
    About,
    /// Keys.
    Shortcuts,
    /// Asks whether to stop the training and quit.
    Quit,
    /// The command palette: what is typed, and which entry is lit.
    Palette(String, usize),
    /// Asks for the name of a scene.
    NameScene(String),
}

/// Something to carry out.
#[derive(Debug, Clone, PartialEq)]
pub enum UiCommand {
    /// A transport button.
    Transport(Transport),
    /// Runs until this many counted iterations are done.
    RunTo(u64),
    /// Goes back to the start of this counted iteration.
    RewindTo(u64),
    /// Leaves this session as it is and goes back in a copy of it.
    ForkAndRewind(u64),
    /// Writes a checkpoint now.
    Snapshot,
    /// Scores dev and test now.
    Evaluate,
    /// Starts the next run as it is configured.
    StartRun,
    /// Starts the demo preset on the built-in faces, whatever is configured.
    PlayDemo,
    /// Changes a setting of the run under way.
    SetHyper {
        /// Dotted key.
        key: &'static str,
        /// TOML value.
        value: String,
    },
    /// Changes a setting of the next run.
    Set {
        /// Dotted key.
        key: &'static str,
        /// What was typed.
        text: String,
    },
    /// Puts a setting of the next run back to the preset's value.
    Reset(&'static str),
    /// Something to do with data.
    Data(DataCommand),
    /// Something to do with hand-made maps.
    Patterns(PatternsCommand),
    /// Clips that the next run watches by name.
    WatchNext(Vec<String>),
    /// Begins or ends slow motion.
    SlowMotion(bool),
    /// How long a phase stays in view in slow motion, in seconds.
    SlowSeconds(f64),
    /// Keeps the session as it is in a copy and goes on in this one.
    Fork,
    /// Begins or ends the guided tour.
    Tour(bool),
    /// Shows the kept pixel's values over time.
    ShowPixel(bool),
    /// Reads them.
    FollowPixel,
    /// Looks at things as before the last change.
    Undo,
    /// Takes an undo back.
    Redo,
    /// Reads the notes of the run in view.
    ReadNotes,
    /// Notes and tags as they are typed.
    TypeNotes(Written),
    /// Begins or ends the presentation.
    Present(bool),
    /// Keeps the arrangement as a scene of this name.
    SaveScene(String),
    /// Brings a scene back, by its place.
    ShowScene(usize),
    /// Forgets a scene.
    DropScene(usize),
    /// The next scene, or the one before; the layouts where no scene was kept.
    NextScene(bool),
    /// Something to do with figures and tables.
    Export(ExportCommand),
    /// Something to do with scored faces.
    Faces(FacesCommand),
    /// Something to do with sweeps.
    Ablations(AblationCommand),
    /// Something to do with sessions side by side.
    Compare(CompareCommand),
    /// Looks for sessions on disk.
    LookAtShelf,
    /// Goes back to the welcome, where no run is open.
    Leave,
    /// Whose pictures the gallery shows.
    ShowPeople {
        /// The person.
        person: u32,
        /// What differs from column to column.
        across: Across,
    },
    /// Asks for the gallery's next picture.
    NextPicture,
    /// Looks at one of its pictures closely.
    PickPicture(Option<usize>),
    /// Starts the next run's configuration from a preset.
    Choose(Preset),
    /// Starts it from a row of a paper's table at the preset's size: `mt_fas/6 FAS-DR(MT w/o pre)`.
    ChooseRow(String),
    /// Chooses the next run's folder; `None` lets the program choose.
    SetOut(Option<PathBuf>),
    /// Shows the configuration of the next run, or that of the run in view.
    EditNext(bool),
    /// Asks for a folder.
    Browse(FolderFor),
    /// Opens a session folder.
    Open(PathBuf),
    /// Brings a run into view.
    Select(RunId),
    /// Takes a run out of the window; its folder stays.
    Close(RunId),
    /// Moves the time cursor.
    SetTime(TimeCursor),
    /// Points at a pixel; `pin` keeps it when the pointer leaves.
    Point {
        /// The pixel.
        probe: Option<Probe>,
        /// Whether it stays.
        pin: bool,
        /// Where it was pointed at: no other pane takes it away when the pointer is not over its own pictures.
        from: Pane,
    },
    /// Shows the phases of a stage; `None` for the one under way.
    ShowStage(Option<Stage>),
    /// Shows a phase's text; `None` for the one just done.
    ShowPhase(Option<usize>),
    /// Colours of maps.
    SetColormap(Colormap),
    /// Whether the difference of the teachers is shown.
    ShowDifference(bool),
    /// Logarithmic axis of curves.
    SetLogAxis(bool),
    /// Smoothing of curves.
    SetSmoothing(f64),
    /// Whether curves stay on all of the run.
    FollowCurves(bool),
    /// Whether a group of curves is shown.
    ShowCurves(usize, bool),
    /// A ready-made arrangement of panes.
    SetLayout(Layout),
    /// Lets a pane stand in place of all, or no longer.
    Fill(Option<Pane>),
    /// Brings a pane to the front.
    Focus(Pane),
    /// Dark or light.
    SetTheme(ThemeChoice),
    /// Size of everything.
    SetZoom(f32),
    /// Opens a dialog, or changes the one that is open.
    Show(Dialog),
    /// Closes the dialog.
    CloseDialog,
    /// Takes a message away.
    Dismiss(u64),
    /// Closes the window; asks first if a run is under way.
    Quit,
    /// Stops the run under way and closes the window.
    StopAndQuit,
}

/// Where views put commands. They are carried out after the frame.
#[derive(Debug, Default)]
pub struct CommandQueue(RefCell<Vec<UiCommand>>);

impl CommandQueue {
    /// Puts a command in.
    pub fn send(&self, command: UiCommand) {
        self.0.borrow_mut().push(command);
    }

    /// Takes all commands out.
    pub fn take(&self) -> Vec<UiCommand> {
        self.0.take()
    }
}
