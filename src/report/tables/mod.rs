//! Tables of runs: what came out, per species, what they were set to, what they cost; as LaTeX (booktabs), CSV or Markdown.
//! Rates are in per cent. A builder a table fills [`Table`]; `print` writes it. With `--paper` the rows that the papers
//! report stand among ours, each with its source.

mod cell;
mod config;
mod cost;
mod maps;
mod paper;
mod print;
mod results;
mod species;

use std::path::PathBuf;
use std::str::FromStr;

use super::ReportError;
use super::runs::{Run, data_note};

use cell::Cell;

/// What a table tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TableKind {
    /// Error rates on the test part, a row a method.
    Results,
    /// APCER of every attack species.
    Species,
    /// What maps are worth: teachers' and detector's.
    Maps,
    /// Settings that differ; all settings of a single run.
    Config,
    /// Operations, iterations and seconds.
    Cost,
}

impl TableKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Results, Self::Species, Self::Maps, Self::Config, Self::Cost];

    /// Name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Results => "results",
            Self::Species => "species",
            Self::Maps => "maps",
            Self::Config => "config",
            Self::Cost => "cost",
        }
    }
}

impl FromStr for TableKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|k| k.name() == text).ok_or_else(|| format!("'{text}' is none of {names}"))
    }
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// A tabular with booktabs' rules.
    Latex,
    /// For programs: a number a cell, spreads in columns of their own.
    Csv,
    /// For people.
    Markdown,
}

impl FromStr for TableFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "latex" => Ok(Self::Latex),
            "csv" => Ok(Self::Csv),
            "md" => Ok(Self::Markdown),
            _ => Err(format!("'{text}' is none of latex, csv, md")),
        }
    }
}

/// One table, as `metafas table` and the window ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRequest {
    /// The session folders, in the order they are shown in.
    pub sessions: Vec<PathBuf>,
    /// What to tell.
    pub kind: TableKind,
    /// How to write it.
    pub format: TableFormat,
    /// Whether the papers' rows stand beside ours.
    pub paper: bool,
}

/// A table before it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    /// Heads: as programs name them, and as people read them.
    pub heads: Vec<(String, String)>,
    /// Rows of as many cells as there are heads.
    pub rows: Vec<Vec<Cell>>,
    /// Rows after which a rule stands.
    pub rules: Vec<usize>,
    /// What a reader must know, a sentence each.
    pub notes: Vec<String>,
}

impl Table {
    fn new(heads: &[(&str, &str)]) -> Self {
        let heads = heads.iter().map(|(key, head)| ((*key).to_owned(), (*head).to_owned())).collect();
        Self { heads, rows: vec![], rules: vec![], notes: vec![] }
    }

    /// The papers' rows, set off by a rule.
    fn append(&mut self, rows: Vec<Vec<Cell>>) {
        if !rows.is_empty() {
            self.rules.push(self.rows.len());
            self.rows.extend(rows);
        }
    }
}

/// The table that is asked for, as text that ends in a newline.
pub fn table(request: &TableRequest) -> Result<String, ReportError> {
    if request.sessions.is_empty() {
        return Err(ReportError::wrong("a table needs a session folder"));
    }
    let runs = Run::open_all(&request.sessions)?;
    let mut table = match request.kind {
        TableKind::Results => results::build(&runs, request.paper)?,
        TableKind::Species => species::build(&runs, request.paper)?,
        TableKind::Maps => maps::build(&runs, request.paper)?,
        TableKind::Config => config::build(&runs, request.paper)?,
        TableKind::Cost => cost::build(&runs, request.paper)?,
    };
    table.notes.insert(0, data_note(&runs));
    Ok(match request.format {
        TableFormat::Latex => print::latex(&table),
        TableFormat::Csv => print::csv(&table),
        TableFormat::Markdown => print::markdown(&table),
    })
}
