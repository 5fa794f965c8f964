//! What the export pane knows: which figure or table is asked for, how it would look, and where it goes. Figures are drawn by
//! `report` from session folders, off the UI thread; nothing of the window's own picture is in them.

mod handle;
mod work;

use std::path::PathBuf;
use std::sync::Arc;

pub(super) use work::do_export_job;
pub use work::{ExportDone, ExportJob, Preview};

use crate::report::figure::Width;
use crate::report::{Colormap, FigureKind, FigureRequest, Format, TableFormat, TableKind, TableRequest};

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A picture.
    Figure(FigureKind),
    /// Text.
    Table(TableKind),
}

impl What {
    /// Everything that can be exported, figures first.
    pub fn all() -> impl Iterator<Item = Self> {
        FigureKind::ALL.into_iter().map(Self::Figure).chain(TableKind::ALL.into_iter().map(Self::Table))
    }

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Figure(FigureKind::Maps) => "Maps of the watched faces",
            Self::Figure(FigureKind::Ablation) => "Maps of several runs (MT-FAS Fig. 10)",
            Self::Figure(FigureKind::Patterns) => "Patterns (Meta Pattern Fig. 5)",
            Self::Figure(FigureKind::Curves) => "Loss curves",
            Self::Figure(FigureKind::Roc) => "ROC",
            Self::Figure(FigureKind::Det) => "DET",
            Self::Figure(FigureKind::Faces) => "Faces judged rightly and wrongly (MT-FAS Fig. 11)",
            Self::Figure(FigureKind::Gamma) => "Errors over γ (MT-FAS Fig. 7)",
            Self::Figure(FigureKind::Over) => "Errors over one number (Meta Pattern Fig. 9)",
            Self::Figure(FigureKind::Bars) => "Bars of methods (RFMetaFAS Fig. 5)",
            Self::Figure(FigureKind::Localise) => "Where maps lie (MT-FAS Fig. 1)",
            Self::Table(TableKind::Results) => "Table: rates",
            Self::Table(TableKind::Species) => "Table: APCER of each species",
            Self::Table(TableKind::Maps) => "Table: what maps are worth",
            Self::Table(TableKind::Config) => "Table: settings",
            Self::Table(TableKind::Cost) => "Table: cost",
        }
    }

    /// Whether it is of one run alone.
    pub fn of_one(self) -> bool {
        matches!(self, Self::Figure(kind) if kind.of_one())
    }

    fn stem(self) -> &'static str {
        match self {
            Self::Figure(kind) => kind.name(),
            Self::Table(kind) => kind.name(),
        }
    }
}

/// Which runs are exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Whose {
    /// The run in view.
    #[default]
    InView,
    /// Those that are picked in the compare pane.
    Picked,
    /// The finished runs of the sweep in the ablations pane.
    Sweep,
}

impl Whose {
    /// All choices, in order.
    pub const ALL: [Self; 3] = [Self::InView, Self::Picked, Self::Sweep];

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::InView => "the run in view",
            Self::Picked => "those picked in Compare",
            Self::Sweep => "the sweep in Ablations",
        }
    }
}

/// What a person can ask of the export pane.
#[derive(Debug, Clone, PartialEq)]
pub enum ExportCommand {
    /// Chooses what is exported, and brings the pane to the front.
    From(What, Whose),
    /// Chooses what is exported.
    What(What),
    /// Chooses whose.
    Whose(Whose),
    /// How wide a figure is.
    Width(Width),
    /// Colours of maps.
    Colormap(Colormap),
    /// Pixels an inch, for PNG.
    Dpi(u32),
    /// A figure's kind of file.
    Format(&'static str),
    /// How a table is written.
    TableFormat(TableFormat),
    /// Whether the papers' rows stand in tables.
    Paper(bool),
    /// The path as it is typed.
    Type(String),
    /// Draws it, to look at.
    Preview,
    /// Chooses the file in a dialog that asked before replacing one.
    ChooseOut(PathBuf),
    /// Writes it.
    Write,
}

/// The pane's state.
#[derive(Debug)]
pub struct Export {
    /// What is exported.
    pub what: What,
    /// Whose.
    pub whose: Whose,
    /// How wide figures are.
    pub width: Width,
    /// Colours of maps.
    pub colormap: Colormap,
    /// Pixels an inch, for PNG.
    pub dpi: u32,
    /// How tables are written.
    pub table: TableFormat,
    /// Whether the papers' rows stand in tables.
    pub paper: bool,
    /// Ending of a figure's file.
    pub format: &'static str,
    /// The path as it was typed; empty for the one that is offered.
    pub typed: String,
    /// How it looks, and what it was asked as; the error says why it cannot be made.
    pub shown: Option<(Wanted, Result<Arc<Preview>, String>)>,
    asked: Option<Wanted>,
    /// The file that may be replaced: chosen in a dialog that asked, or written by this pane before.
    agreed: Option<PathBuf>,
    /// A file that is there already and is replaced when Write is pressed again.
    pub replacing: Option<PathBuf>,
    /// Whether it is being written.
    pub writing: bool,
}

/// A figure or table as it is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// A figure; its path is not part of the question.
    Figure(FigureRequest),
    /// A table.
    Table(TableRequest),
}

impl Default for Export {
    fn default() -> Self {
        Self {
            what: What::Figure(FigureKind::Maps),
            whose: Whose::InView,
            width: Width::Ieee1,
            colormap: Colormap::default(),
            dpi: 300,
            table: TableFormat::Latex,
            paper: true,
            format: "pdf",
            typed: String::new(),
            shown: None,
            asked: None,
            agreed: None,
            replacing: None,
            writing: false,
        }
    }
}

impl Export {
    /// What is asked for of `sessions`, with maps of counted `iteration`.
    pub fn wanted(&self, sessions: Vec<PathBuf>, iteration: Option<u64>) -> Wanted {
        match self.what {
            What::Figure(kind) => {
                let request = FigureRequest::new(sessions, kind, std::path::Path::new("figure.svg"));
                let iteration = iteration.filter(|_| kind.of_one());
                let (width, colormap) = (self.width, self.colormap);
                Wanted::Figure(FigureRequest { width, colormap, iteration, ..request })
            }
            What::Table(kind) => Wanted::Table(TableRequest { sessions, kind, format: self.table, paper: self.paper }),
        }
    }

    /// Whether `wanted` is still to be drawn.
    pub fn wants(&self, wanted: &Wanted) -> bool {
        let shown = self.shown.as_ref().is_some_and(|(of, _)| of == wanted);
        !shown && self.asked.is_none()
    }

    /// Whether something is being drawn.
    pub fn is_drawing(&self) -> bool {
        self.asked.is_some()
    }

    /// Takes a path; an ending of a figure's file says which kind it is.
    fn take_path(&mut self, text: String) {
        let ending =
            std::path::Path::new(text.trim()).extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        if let Some(known) = ["pdf", "svg", "png"].into_iter().find(|e| ending.as_deref() == Some(e)) {
            self.format = known;
        }
        self.typed = text;
    }

    /// Ending of the file.
    pub fn ending(&self) -> &'static str {
        match (self.what, self.table) {
            (What::Figure(_), _) => self.format,
            (_, TableFormat::Latex) => "tex",
            (_, TableFormat::Csv) => "csv",
            (_, TableFormat::Markdown) => "md",
        }
    }

    /// The file that is written: as typed, else `figures/maps.pdf` of the first session.
    pub fn out(&self, sessions: &[PathBuf]) -> PathBuf {
        let typed = self.typed.trim();
        if !typed.is_empty() {
            let typed = PathBuf::from(typed);
            // The button chosen last says which kind of file it is.
            return if Format::of(&typed).is_ok() || typed.extension().is_none() {
                typed.with_extension(self.ending())
            } else {
                typed
            };
        }
        let folder = sessions.first().map(|s| s.join("figures")).unwrap_or_default();
        folder.join(self.what.stem()).with_extension(self.ending())
    }
}
